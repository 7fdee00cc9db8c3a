package phone

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"quandesk/channels"
	"quandesk/tickets"
)

// ErrNotFound is returned for a call that nobody has told of.
var ErrNotFound = errors.New("phone: no such call")

// Store keeps calls, and the tickets they lead to, in one transaction.
type Store interface {
	tickets.Store
	// AddCallEvent stores an event unless it is there, and returns the call as
	// it then stands. Until the transaction ends no other touches the call.
	AddCallEvent(ctx context.Context, e Event) (c Call, fresh bool, err error)
	// MissedTasks are the tickets that missed calls of a number have left since
	// a time, newest first. Until the transaction ends no other asks for the number.
	MissedTasks(ctx context.Context, number string, since time.Time) ([]string, error)
	// SetCallTask notes the ticket of a missed call; "" takes it back.
	SetCallTask(ctx context.Context, callID, no string) error
	// CallsOfTask counts the calls that left this ticket.
	CallsOfTask(ctx context.Context, no string) (int, error)
	CallHours(ctx context.Context, team string) (tickets.CallHours, error)
}

// Transactions run f in one transaction.
type Transactions interface {
	InCall(ctx context.Context, f func(Store) error) error
	// Unended are calls whose end nobody has told, and of which nothing was
	// heard since these times: those that ring, and those that were answered.
	Unended(ctx context.Context, ringing, talking time.Time, n int) ([]Call, error)
}

// Exchange is the actor of everything an exchange reports.
var Exchange = tickets.Actor{Kind: tickets.ByProgram, Name: "电话系统"}

const (
	// mostTasks is how many tasks the missed calls of one number make on a day;
	// further calls are added to the last of them (T52).
	mostTasks = 3
	// callBackIn is when a missed call is to be called back, where nothing was promised.
	callBackIn = 15 * time.Minute
	// mostLost is how many calls are given up at once.
	mostLost = 100
)

// Switchboard takes what an exchange reports.
type Switchboard struct {
	store Transactions
	desk  *tickets.Desk
}

// NewSwitchboard makes a switchboard.
func NewSwitchboard(s Transactions, d *tickets.Desk) *Switchboard { return &Switchboard{s, d} }

// Take stores an event and does what follows from it, all or nothing. A repeat
// changes nothing and returns the call as it stands.
func (b *Switchboard) Take(ctx context.Context, r Report) (c Call, fresh bool, err error) {
	now := b.desk.Now()
	e, err := r.Event(now)
	if err != nil {
		return Call{}, false, err
	}
	return b.take(ctx, e, now)
}

// Lose gives up the calls whose end was waited for long enough, and returns how
// many: one that rang is missed, and nobody is shown one that is over.
func (b *Switchboard) Lose(ctx context.Context) (int, error) {
	now := b.desk.Now().Truncate(time.Millisecond)
	list, err := b.store.Unended(ctx, now.Add(-RingsFor), now.Add(-TalksFor), mostLost)
	if err != nil {
		return 0, fmt.Errorf("find lost calls: %w", err)
	}
	for i, c := range list {
		e := Event{CallID: c.CallID, Kind: LostRinging, At: now}
		if !c.AnsweredAt.IsZero() {
			e.Kind = LostTalking
		}
		if _, _, err := b.take(ctx, e, now); err != nil {
			return i, err
		}
	}
	return len(list), nil
}

func (b *Switchboard) take(ctx context.Context, e Event, now time.Time) (c Call, fresh bool, err error) {
	err = b.store.InCall(ctx, func(s Store) error {
		if c, fresh, err = s.AddCallEvent(ctx, e); err != nil || !fresh {
			return err
		}
		desk := b.desk.On(s)
		switch {
		case c.Missed() && c.TaskNo == "" && c.Callable():
			c.TaskNo, err = miss(ctx, s, desk, c, now)
		case !c.Missed() && c.TaskNo != "":
			err = withdraw(ctx, s, desk, c)
			c.TaskNo = ""
		default:
			return nil
		}
		if err != nil {
			return err
		}
		return s.SetCallTask(ctx, c.CallID, c.TaskNo)
	})
	if err != nil {
		return Call{}, false, fmt.Errorf("take call event: %w", err)
	}
	return c, fresh, nil
}

// Promise opens a ticket for a call that somebody asks for and promises it, or
// does neither: a call without a place leaves no ticket behind.
func (b *Switchboard) Promise(ctx context.Context, by tickets.Actor, o tickets.Opening, c tickets.Call) (t *tickets.Ticket, err error) {
	err = b.store.InCall(ctx, func(s Store) error {
		desk := b.desk.On(s)
		opened, err := desk.Open(ctx, by, o)
		if err != nil {
			return err
		}
		change := tickets.Change{By: by, Scope: tickets.Everything, No: opened.No}
		t, err = desk.Make(ctx, change, func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
			return t.BookCall(by, c, at)
		})
		return err
	})
	return t, err
}

// miss makes a missed call a task to call back: a ticket with a call that is
// due. What the same number missed today and is still open is one task.
func miss(ctx context.Context, s Store, desk *tickets.Desk, c Call, now time.Time) (string, error) {
	y, m, d := now.In(tickets.Beijing).Date()
	tasks, err := s.MissedTasks(ctx, c.Number, time.Date(y, m, d, 0, 0, 0, 0, tickets.Beijing))
	if err != nil {
		return "", err
	}
	words := "未接来电：" + c.EndedAt.In(tickets.Beijing).Format("1月2日 15:04") + "来电，无人接听。"
	if c.Lost {
		words = "未接来电：" + c.RingingAt.In(tickets.Beijing).Format("1月2日 15:04") + "来电，电话系统没有报来接通或挂断，按未接处理。"
	}
	for _, no := range tasks {
		t, err := desk.Ticket(ctx, tickets.Everything, no)
		if err != nil {
			return "", err
		}
		if t.State.Open() || len(tasks) >= mostTasks {
			return no, again(ctx, desk, no, words)
		}
	}
	received := c.EndedAt
	if now.Sub(received) > 24*time.Hour {
		received = now // told of days later: the clocks run from when we knew
	}
	t, err := desk.Open(ctx, Exchange, tickets.Opening{
		Kind: tickets.Inquiry, Category: tickets.Other, Source: tickets.FromHotline, Channel: "phone",
		ContactPhone: c.Number, Description: words + "请回电。", ReceivedAt: received,
	})
	if err != nil {
		return "", err
	}
	hours, err := s.CallHours(ctx, "")
	if err != nil {
		return "", err
	}
	call := tickets.Call{
		At: hours.Next(now.Add(callBackIn), desk.Rules().Calendar()), Note: "未接来电",
		Booking: tickets.Booking{Unplaced: true, Override: true}, // mostTasks is the limit
	}
	change := tickets.Change{By: Exchange, Scope: tickets.Everything, No: t.No}
	_, err = desk.Make(ctx, change, func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
		return t.BookCall(Exchange, call, at)
	})
	return t.No, err
}

func again(ctx context.Context, desk *tickets.Desk, no, words string) error {
	change := tickets.Change{By: Exchange, Scope: tickets.Everything, No: no}
	_, err := desk.Add(ctx, change, "再次"+words, nil)
	return err
}

// withdraw takes a task back whose call, as a late report says, was answered
// after all. A ticket that somebody works on, or that other calls left as
// well, stays and is told.
func withdraw(ctx context.Context, s Store, desk *tickets.Desk, c Call) error {
	t, err := desk.Ticket(ctx, tickets.Everything, c.TaskNo)
	if err != nil {
		return err
	}
	calls, err := s.CallsOfTask(ctx, c.TaskNo)
	if err != nil {
		return err
	}
	const words = "话务记录迟到：这次来电其实已由工作人员接听。"
	change := tickets.Change{By: Exchange, Scope: tickets.Everything, No: c.TaskNo}
	untouched := slices.Contains([]tickets.State{tickets.New}, t.State) && calls == 1 && t.ContactedAt.IsZero()
	_, err = desk.Make(ctx, change, func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
		if untouched {
			return t.Void(Exchange, words, at)
		}
		return t.Supplement(Exchange, words, at)
	})
	return err
}

// Views are the reading side of the telephone.
type Views interface {
	// Call is one call by the exchange's name of it. ErrNotFound.
	Call(ctx context.Context, callID string) (Call, error)
	// CallsOf are the latest calls that rang at a person or were answered by
	// them, newest first.
	CallsOf(ctx context.Context, userID int64, since time.Time) ([]Call, error)
	// CallsFrom are the latest calls of a number, newest first.
	CallsFrom(ctx context.Context, number string, n int) ([]Call, error)
	// TalksOf are the conversations of the person who is proven to have a number.
	TalksOf(ctx context.Context, sc channels.Scope, number string, n int) ([]channels.Conversation, error)
	// LinkCall notes which ticket a call was about.
	LinkCall(ctx context.Context, callID, no string) error
	// CallHours are the hours of a team.
	CallHours(ctx context.Context, team string) (tickets.CallHours, error)
	// PutCallHours changes them; who did is in the audit trail.
	PutCallHours(ctx context.Context, by tickets.Actor, h tickets.CallHours) error
	// FreeCalls are the nearest slots of a team with a place left.
	FreeCalls(ctx context.Context, team string, at time.Time, n int) ([]time.Time, error)
	// CanCall reports whether a ticket's call could be booked now: nil, or
	// what booking it would be refused with.
	CanCall(ctx context.Context, no, team, phone string, at time.Time) error
	// Appointments are calls that were promised, in the order of the promises.
	Appointments(ctx context.Context, sc tickets.Scope, f tickets.AppointmentFilter) ([]tickets.Appointment, error)
}
