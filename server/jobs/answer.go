package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/riverqueue/river"

	"quandesk/bot"
	"quandesk/channels"
	"quandesk/server/store"
	"quandesk/tickets"
)

// historyLength is how many messages before the turn the bot sees.
const historyLength = 20

// Answerer answers residents: it reads the turn, asks the bot, and writes
// what the bot says and asks for in one transaction.
type Answerer struct {
	Store *store.Store
	Desk  *tickets.Desk
	Bot   bot.Answerer
	Log   *slog.Logger
	// Drafts shows a generated text on the web page while it grows; empty takes
	// it back. Nil shows nothing before it is whole.
	Drafts func(conversationID int64, text string)
	// Typing shows the resident that an answer is on its way; nil: nothing does.
	Typing func(ctx context.Context, c channels.Conversation)
	// Refresh brings what the bot knows up to date when its answer rests on an
	// article that residents may no longer be told; nil has no need of it.
	Refresh func(context.Context) error
}

type answerWorker struct {
	river.WorkerDefaults[AnswerArgs]
	answerer *Answerer
}

// Work implements river.Worker.
func (w *answerWorker) Work(ctx context.Context, job *river.Job[AnswerArgs]) error {
	hearing, err := w.answerer.Store.Hearing(ctx, job.Args.ConversationID)
	if err != nil {
		return err
	}
	if hearing {
		return river.JobSnooze(time.Second) // until its recording is in words
	}
	return w.answerer.Answer(ctx, job.Args.ConversationID)
}

// NextRetry implements river.Worker.
func (w *answerWorker) NextRetry(job *river.Job[AnswerArgs]) time.Time { return soon(job.Attempt) }

// Answer answers what is unanswered in a conversation. Running it twice, or
// in two processes at once, says nothing twice.
func (a *Answerer) Answer(ctx context.Context, conversationID int64) error {
	c, messages, err := a.Store.Unanswered(ctx, conversationID)
	if err != nil || len(messages) == 0 {
		return err
	}
	if resumed, err := a.Store.Resume(ctx, c, messages); err != nil || resumed {
		return err
	}
	turn, err := a.turn(ctx, c, messages)
	if err != nil {
		return err
	}
	if a.Typing != nil {
		defer a.typing(ctx, c)()
	}
	err = a.reply(ctx, turn)
	if errors.Is(err, errOutdated) && a.Refresh != nil {
		if err := a.Refresh(ctx); err != nil {
			return err
		}
		err = a.reply(ctx, turn)
	}
	return err
}

const (
	// typingAfter is how long an answer may take before the resident sees that
	// somebody writes; typingEvery is how often the sign is shown again.
	typingAfter = time.Second
	typingEvery = 15 * time.Second
)

// typing shows the sign while the answer takes its time, until stopped.
func (a *Answerer) typing(ctx context.Context, c channels.Conversation) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		wait := time.NewTimer(typingAfter)
		defer wait.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-wait.C:
			}
			a.Typing(ctx, c)
			wait.Reset(typingEvery)
		}
	})
	return func() {
		cancel()
		wg.Wait()
	}
}

// errOutdated is returned when an answer cites what may no longer be cited:
// another process has published or retired it since this one looked.
var errOutdated = errors.New("jobs: the answer rests on an article that is no longer in force")

func (a *Answerer) reply(ctx context.Context, turn bot.Turn) error {
	reply, err := a.Bot.Answer(ctx, turn)
	if err != nil {
		return fmt.Errorf("answer conversation: %w", err)
	}
	said := false
	err = a.Store.Atomically(ctx, func(s *store.Store) (err error) {
		said, err = a.write(ctx, s, turn, reply)
		return err
	})
	if turn.Draft != nil && (err != nil || !said) {
		turn.Draft("") // nothing takes its place
	}
	return err
}

func (a *Answerer) turn(ctx context.Context, c channels.Conversation, messages []channels.Message) (bot.Turn, error) {
	t := bot.Turn{CanCall: a.Store.CanCall, Now: a.Store.Now(), Conversation: c, Messages: messages, Memory: c.Memory}
	if a.Drafts != nil && c.Channel == "webchat" {
		t.Draft = func(text string) { a.Drafts(c.ID, text) }
	}
	recent, err := a.Store.Messages(ctx, c.ID, 0, historyLength+len(messages), false)
	if err != nil {
		return t, err
	}
	for _, m := range recent {
		if m.ID < messages[0].ID {
			t.History = append(t.History, m)
		}
	}
	if t.Outages, err = a.Store.ToldOutages(ctx); err != nil {
		return t, err
	}
	page, err := a.Store.List(ctx, tickets.Scope{ConversationID: c.ID}, tickets.Filter{Limit: 20})
	if err != nil {
		return t, err
	}
	for _, ticket := range page.Tickets {
		t.Tickets = append(t.Tickets, matter(ticket))
	}
	return t, nil
}

func matter(t *tickets.Ticket) bot.Matter {
	m := bot.Matter{
		No: t.No, Kind: t.Kind, Category: t.Category, State: t.State, Phone: t.ContactPhone,
		Address: t.Address.Text, Description: t.Description, Department: t.Department,
		Urgent: t.Urgent, ReceivedAt: t.ReceivedAt, ContactedAt: t.ContactedAt, SettledAt: t.SettledAt,
		ClosedAt: t.ClosedAt, Reply: t.Settlement.Reply, Confidential: t.Confidential,
		Application: t.Application,
	}
	if d := t.Running("R01"); d != nil {
		m.ContactBy = d.Due()
	}
	if d := t.Running("R12"); d != nil {
		m.ArriveBy = d.Due()
	}
	if t.State.Open() {
		m.CallbackAt = t.CallAt
	}
	for _, rule := range []string{"R08", "R02"} {
		if d := t.Running(rule); d != nil {
			m.FinishBy = d.Due()
			break
		}
	}
	return m
}

// write says the reply and does its action, or nothing at all when somebody
// else has answered or taken the conversation meanwhile. What it cites is
// looked up once more: the index may know what has been taken back since. said
// is whether there is a message now.
func (a *Answerer) write(ctx context.Context, s *store.Store, t bot.Turn, r bot.Reply) (said bool, err error) {
	c := t.Conversation
	ours, err := s.Claim(ctx, c, t.Messages[len(t.Messages)-1].ID, r.Memory)
	if err != nil || !ours {
		return false, err
	}
	citable, err := s.Citable(ctx, r.Citations)
	if err != nil {
		return false, err
	}
	if !citable {
		return false, errOutdated
	}
	text, done := r.Text, (*channels.Done)(nil)
	if r.Action != nil {
		result, did, err := a.act(ctx, s, c, *r.Action)
		if err == nil && r.Action.Raised {
			err = s.CallPerson(ctx, c.ID, r.Action.Urgent)
		}
		switch {
		case refused(err):
			a.Log.Warn("action of the bot refused", "action", r.Action.Type, "error", err)
		case err != nil:
			return false, err
		default:
			done = did
			if r.Words != nil {
				text, r.Origin = r.Words(result), ""
			}
		}
	}
	if text == "" {
		return false, nil
	}
	m, err := s.Say(ctx, c, channels.Message{
		Author: channels.FromBot, Text: text, AI: true, Citations: r.Citations, Action: done, Origin: r.Origin,
	})
	if err == nil {
		err = s.Asked(ctx, m.ID, r.Calls)
	}
	if err == nil {
		err = s.Withheld(ctx, m, r.Incidents)
	}
	if err == nil && r.Unknown {
		err = s.Unknown(ctx, m, asked(t.Messages))
	}
	return err == nil, err
}

// asked is what the resident wrote in this turn.
func asked(messages []channels.Message) string {
	lines := make([]string, len(messages))
	for i, m := range messages {
		lines[i] = m.Text
	}
	return strings.Join(lines, "\n")
}

// refused reports whether the desk said no: the resident then gets the words
// that claim nothing. Any other error runs the job again.
func refused(err error) bool {
	var input *tickets.InputError
	return errors.As(err, &input) || errors.Is(err, tickets.ErrState) ||
		errors.Is(err, tickets.ErrNotFound) || errors.Is(err, tickets.ErrForbidden) ||
		errors.Is(err, tickets.ErrSlot) || errors.Is(err, tickets.ErrCalledOften)
}

// act does an action and what belongs to it. What belongs to it may be refused
// by itself: its result is empty then, and the bot tries again.
func (a *Answerer) act(ctx context.Context, s *store.Store, c channels.Conversation, x bot.Action) (bot.Result, *channels.Done, error) {
	result, done, err := a.actOne(ctx, s, c, x)
	if err != nil {
		return result, done, err
	}
	for _, also := range x.Also {
		more, _, err := a.actOne(ctx, s, c, also)
		if err != nil && !refused(err) {
			return result, nil, err
		}
		if err != nil {
			a.Log.Warn("action of the bot refused", "action", also.Type, "error", err)
			more = bot.Result{}
		}
		result.Also = append(result.Also, more)
	}
	return result, done, nil
}

func (a *Answerer) actOne(ctx context.Context, s *store.Store, c channels.Conversation, x bot.Action) (bot.Result, *channels.Done, error) {
	desk := a.Desk.On(s)
	done := &channels.Done{Type: string(x.Type), TicketNo: x.TicketNo}
	change := tickets.Change{By: tickets.Actor{Kind: tickets.ByCustomer}, No: x.TicketNo,
		Scope: tickets.Scope{ConversationID: c.ID}}
	switch x.Type {
	case bot.OpenTicket:
		t, err := a.open(ctx, s, desk, c, x)
		if err != nil {
			return bot.Result{}, nil, err
		}
		done.TicketNo = t.No
		if x.Person {
			err = s.CallPerson(ctx, c.ID, x.Urgent)
		}
		return bot.Result{Ticket: t}, done, err
	case bot.SupplementTicket:
		t, err := desk.Add(ctx, change, x.Note, x.Correction)
		return bot.Result{Ticket: t}, done, err
	case bot.UrgeTicket:
		t, err := desk.Urge(ctx, change, x.Note)
		return bot.Result{Ticket: t}, done, err
	case bot.WithdrawTicket:
		t, err := desk.Make(ctx, change, func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
			return t.Withdraw(change.By, x.Note, at)
		})
		return bot.Result{Ticket: t}, done, err
	case bot.HandOff:
		return bot.Result{}, done, s.CallPerson(ctx, c.ID, x.Urgent)
	case bot.BookCallback:
		return a.book(ctx, s, desk, c, change, x, done)
	case bot.CancelCallback:
		t, err := desk.Make(ctx, change, func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
			return t.CancelCall(change.By, x.Note, at)
		})
		return bot.Result{Ticket: t}, done, err
	}
	return bot.Result{}, nil, fmt.Errorf("jobs: unknown action %q", x.Type)
}

// book promises a call on a ticket, so that somebody owes it.
func (a *Answerer) book(ctx context.Context, s *store.Store, desk *tickets.Desk, c channels.Conversation, change tickets.Change, x bot.Action, done *channels.Done) (bot.Result, *channels.Done, error) {
	result := bot.Result{At: x.At}
	if change.No == "" {
		// A call without a place leaves no ticket behind that nobody spoke of.
		if err := s.CanCall(ctx, "", "", x.Opening.ContactPhone, x.At); err != nil {
			return result, nil, err
		}
		t, err := a.open(ctx, s, desk, c, x)
		if err != nil {
			return result, nil, err
		}
		change.No = t.No
	}
	call := tickets.Call{At: x.At, Phone: x.Opening.ContactPhone, Note: x.Note}
	t, err := desk.Make(ctx, change, func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
		return t.BookCall(change.By, call, at)
	})
	if err != nil {
		return result, nil, err
	}
	if x.TicketNo == "" {
		result.Ticket = t
	}
	done.TicketNo, done.CallbackAt = change.No, &x.At
	return result, done, s.CallPerson(ctx, c.ID, false)
}

func (a *Answerer) open(ctx context.Context, s *store.Store, desk *tickets.Desk, c channels.Conversation, x bot.Action) (*tickets.Ticket, error) {
	o := x.Opening
	o.Source, o.Channel, o.ConversationID = tickets.FromNetwork, c.Channel, c.ID
	o.Urgent = o.Urgent || x.Urgent
	t, err := desk.Open(ctx, tickets.Bot, o)
	if err != nil || !t.Urgent {
		return t, err
	}
	return t, s.Alarm(ctx, desk.Alarm(t))
}
