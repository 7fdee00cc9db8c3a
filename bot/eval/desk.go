package eval

import (
	"context"
	"fmt"
	"time"

	"quandesk/bot"
	"quandesk/channels"
	"quandesk/tickets"
)

// Desk is a desk in memory for scripted dialogues: it does what the bot asks
// for by the real moves and clocks, and remembers what was said.
type Desk struct {
	Now       time.Time
	Tickets   []*tickets.Ticket
	Called    map[string]time.Time // callbacks by ticket
	HandedOff int
	Urgent    int  // actions that had to be told at once
	Raised    int  // tickets to which a person was called unasked
	Fail      bool // the next action cannot be done
	Last      bot.Reply

	answerer bot.Answerer
	rules    *tickets.Rules
	state    channels.State
	history  []channels.Message
	told     map[string]string // what stands on a ticket in the resident's words
	memory   []byte
}

// NewDesk makes a desk that answers by a.
func NewDesk(a bot.Answerer, rules *tickets.Rules, now time.Time) *Desk {
	return &Desk{Now: now, Called: map[string]time.Time{}, told: map[string]string{}, answerer: a, rules: rules, state: channels.WithBot}
}

// Say takes a burst of messages for one turn and returns what was answered.
func (d *Desk) Say(ctx context.Context, texts ...string) (string, error) {
	var messages []channels.Message
	for _, text := range texts {
		messages = append(messages, d.message(channels.Text, text))
	}
	return d.turn(ctx, messages)
}

// Show takes a message without words.
func (d *Desk) Show(ctx context.Context, kind channels.Kind, place *channels.Place) (string, error) {
	m := d.message(kind, "")
	m.Place = place
	return d.turn(ctx, []channels.Message{m})
}

func (d *Desk) message(kind channels.Kind, text string) channels.Message {
	return channels.Message{Author: channels.FromCustomer, Kind: kind, Text: text, CreatedAt: d.Now}
}

func (d *Desk) turn(ctx context.Context, messages []channels.Message) (string, error) {
	turn := bot.Turn{
		Now: d.Now, Conversation: channels.Conversation{ID: 1, State: d.state},
		Messages: messages, History: d.history, Tickets: d.matters(), Memory: d.memory,
	}
	r, err := d.answerer.Answer(ctx, turn)
	if err != nil {
		return "", err
	}
	text := r.Text
	if r.Action != nil {
		result, err := d.do(*r.Action)
		for _, also := range r.Action.Also {
			more, _ := d.do(also)
			result.Also = append(result.Also, more)
		}
		if err == nil {
			text = r.Words(result)
		}
	}
	d.Last, d.memory = r, r.Memory
	d.history = append(d.history, messages...)
	d.history = append(d.history, channels.Message{Author: channels.FromBot, Kind: channels.Text, Text: text, CreatedAt: d.Now})
	d.Now = d.Now.Add(20 * time.Second)
	return text, nil
}

func (d *Desk) do(a bot.Action) (bot.Result, error) {
	if d.Fail {
		d.Fail = false
		return bot.Result{}, fmt.Errorf("%s: %w", a.Type, tickets.ErrState)
	}
	if a.Urgent {
		d.Urgent++
	}
	switch a.Type {
	case bot.OpenTicket:
		t, err := d.open(a.Opening)
		if err == nil && a.Person {
			d.HandedOff++
		}
		if err == nil && (a.Person || a.Raised) {
			d.state = channels.Waiting
		}
		if err == nil && a.Raised {
			d.Raised++
		}
		return bot.Result{Ticket: t}, err
	case bot.HandOff:
		if a.Raised {
			d.Raised++
		} else {
			d.HandedOff++
		}
		d.state = channels.Waiting
		return bot.Result{}, nil
	case bot.BookCallback:
		return d.book(a)
	}
	t := d.Ticket(a.TicketNo)
	if t == nil {
		return bot.Result{}, tickets.ErrNotFound
	}
	d.told[t.No] += "\n" + a.Note
	switch a.Type {
	case bot.CancelCallback:
		delete(d.Called, a.TicketNo)
		return bot.Result{Ticket: t}, nil
	case bot.WithdrawTicket:
		return d.move(t, func() ([]tickets.Event, error) { return t.Withdraw(tickets.Bot, a.Note, d.Now) })
	case bot.UrgeTicket:
		return d.move(t, func() ([]tickets.Event, error) { return t.Urge(tickets.Bot, a.Note, d.Now) })
	}
	if a.Correction != nil {
		if r, err := d.move(t, func() ([]tickets.Event, error) { return t.Correct(tickets.Bot, *a.Correction, d.Now) }); err != nil {
			return r, err
		}
	}
	return d.move(t, func() ([]tickets.Event, error) { return t.Supplement(tickets.Bot, a.Note, d.Now) })
}

func (d *Desk) book(a bot.Action) (bot.Result, error) {
	t := d.Ticket(a.TicketNo)
	if t == nil {
		var err error
		if t, err = d.open(a.Opening); err != nil {
			return bot.Result{}, err
		}
	}
	d.Called[t.No] = a.At
	d.told[t.No] += "\n" + a.Note
	return bot.Result{Ticket: t, At: a.At}, nil
}

func (d *Desk) open(o tickets.Opening) (*tickets.Ticket, error) {
	o.Source, o.Channel, o.ConversationID = tickets.FromNetwork, "web", 1
	t, events, err := tickets.Open(tickets.Bot, o, d.Now)
	if err != nil {
		return nil, err
	}
	if err := d.rules.Run(t, events); err != nil {
		return nil, err
	}
	t.No = fmt.Sprintf("TS-%s-%04d", d.Now.In(tickets.Beijing).Format("20060102"), len(d.Tickets)+1)
	d.Tickets = append(d.Tickets, t)
	d.told[t.No] = t.Description
	return t, nil
}

func (d *Desk) move(t *tickets.Ticket, move func() ([]tickets.Event, error)) (bot.Result, error) {
	events, err := move()
	if err != nil {
		return bot.Result{}, err
	}
	return bot.Result{Ticket: t}, d.rules.Run(t, events)
}

// Ticket returns the ticket of a number, or nil.
func (d *Desk) Ticket(no string) *tickets.Ticket {
	for _, t := range d.Tickets {
		if t.No == no {
			return t
		}
	}
	return nil
}

// matters is what the bot sees of the tickets, newest first.
func (d *Desk) matters() []bot.Matter {
	var out []bot.Matter
	for i := len(d.Tickets) - 1; i >= 0; i-- {
		t := d.Tickets[i]
		m := bot.Matter{
			No: t.No, Kind: t.Kind, Category: t.Category, State: t.State, Phone: t.ContactPhone,
			Address: t.Address.Text, Description: t.Description, Department: t.Department, Urgent: t.Urgent,
			ReceivedAt: t.ReceivedAt, ContactedAt: t.ContactedAt, SettledAt: t.SettledAt,
			ClosedAt: t.ClosedAt, Reply: t.Settlement.Reply, CallbackAt: d.Called[t.No],
			Application: t.Application,
		}
		if due := t.Running("R01"); due != nil {
			m.ContactBy = due.Due()
		}
		if due := t.Running("R12"); due != nil {
			m.ArriveBy = due.Due()
		}
		for _, rule := range []string{"R08", "R02"} {
			if due := t.Running(rule); due != nil {
				m.FinishBy = due.Due()
				break
			}
		}
		out = append(out, m)
	}
	return out
}

// Move makes a move of the staff on a ticket.
func (d *Desk) Move(move func() ([]tickets.Event, error), t *tickets.Ticket) error {
	_, err := d.move(t, move)
	return err
}
