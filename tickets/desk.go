package tickets

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Scope is what an actor may see. Every read, list, search and move carries
// it into the query.
type Scope struct {
	All            bool   // every ticket: hotline agents, leads, supervisors, auditors
	Department     string // tickets sent to this department
	UserID         int64  // for the handler's view of confidential tickets
	Secrets        bool   // may know whose any confidential ticket is (D06)
	ConversationID int64  // a resident: the tickets of this conversation and, once proven, of this person
}

// Everything is the scope of the desk's own clockwork.
var Everything = Scope{All: true, Secrets: true}

// Store keeps tickets. Open and Save write the ticket, its events, deadlines
// and audit rows in one transaction and tell the live topics after it.
type Store interface {
	// Ticket loads a ticket with its deadlines. ErrNotFound when it is not in scope.
	Ticket(ctx context.Context, sc Scope, no string) (*Ticket, error)
	// Open allocates No, ID and Version 1 and saves.
	Open(ctx context.Context, t *Ticket, events []Event) error
	// Save writes a changed ticket as Version+1, and with it the duplicates
	// that follow it: all or none. ErrStale when a Version is not what is
	// stored any more, or a duplicate was joined meanwhile.
	Save(ctx context.Context, t *Ticket, events []Event, followers ...Changed) error
	// Duplicates loads the tickets that are joined to a master and wait for
	// its reply.
	Duplicates(ctx context.Context, masterNo string) ([]*Ticket, error)
	// Sweep claims up to limit deadlines whose next step has come, lets fire
	// compute what that means and writes it, in one transaction. It returns
	// how many it claimed.
	Sweep(ctx context.Context, now time.Time, limit int, fire func(Overdue) Fired) (int, error)
	// StaffMessage reports whether the message was written by a person in the
	// ticket's conversation after it was received, and whether the resident
	// has written since.
	StaffMessage(ctx context.Context, conversationID, messageID int64, since time.Time) (written, answered bool, err error)
}

// Changed is a ticket with what has just happened to it.
type Changed struct {
	Ticket *Ticket
	Events []Event
}

// Desk is the one road by which tickets change: load, move, save, tell.
type Desk struct {
	store Store
	rules *Rules
	now   func() time.Time // the database clock
}

// NewDesk makes a desk. now must follow the database clock.
func NewDesk(s Store, r *Rules, now func() time.Time) *Desk {
	return &Desk{store: s, rules: r, now: now}
}

// On returns the same desk working inside another store: a transaction.
func (d *Desk) On(s Store) *Desk { return &Desk{store: s, rules: d.rules, now: d.now} }

// Rules returns the table the desk works by.
func (d *Desk) Rules() *Rules { return d.rules }

// Now is the time of the database clock.
func (d *Desk) Now() time.Time { return d.now() }

// Ticket loads a ticket with its deadlines. ErrNotFound when it is not in scope.
func (d *Desk) Ticket(ctx context.Context, sc Scope, no string) (*Ticket, error) {
	return d.store.Ticket(ctx, sc, no)
}

// Prepare makes a ticket with its clocks running, for those who store many at
// once.
func (d *Desk) Prepare(by Actor, o Opening) (*Ticket, []Event, error) {
	t, events, err := d.begin(by, o, d.now())
	if err != nil {
		return nil, nil, err
	}
	return t, events, d.rules.Run(t, events)
}

// begin makes a new ticket of this desk, at an outlet that there is.
func (d *Desk) begin(by Actor, o Opening, at time.Time) (*Ticket, []Event, error) {
	if err := d.rules.outlet(o.Outlet); err != nil {
		return nil, nil, err
	}
	return Open(by, o, at)
}

// Open opens a ticket and starts its clocks.
func (d *Desk) Open(ctx context.Context, by Actor, o Opening) (*Ticket, error) {
	t, events, err := d.Prepare(by, o)
	if err != nil {
		return nil, err
	}
	if err := d.store.Open(ctx, t, events); err != nil {
		return nil, err
	}
	return t, nil
}

// OpenSpoken opens a ticket that the resident has told a person, on the
// telephone or at a counter, and records that as the contact (R01): the agent
// says so, the desk does not guess. The receipt is then no later than the call.
func (d *Desk) OpenSpoken(ctx context.Context, by Actor, o Opening, spoken Contact) (*Ticket, error) {
	if spoken.Line != nil && o.ReceivedAt.IsZero() {
		o.ReceivedAt = spoken.Line.AnsweredAt
	}
	at := d.now()
	t, events, err := d.begin(by, o, at)
	if err != nil {
		return nil, err
	}
	told, err := t.spoke(by, spoken, at)
	if err != nil {
		return nil, err
	}
	events = append(events, told...)
	if err := d.rules.Run(t, events); err != nil {
		return nil, err
	}
	if err := d.store.Open(ctx, t, events); err != nil {
		return nil, err
	}
	return t, nil
}

// Change is one move on one ticket: who asks, which ticket, and the version
// the person was looking at (0 when the caller did not look at one).
type Change struct {
	By      Actor
	Scope   Scope
	No      string
	Version int64
}

// Make loads the ticket, makes the move and saves. The move is one of the
// methods of Ticket; it gets the time of the database clock.
// Errors: ErrNotFound, ErrStale (the fresh ticket comes with it), and those of the move.
// A caller who did not look at a version is not told that somebody else was
// faster: the move is made on what is there now, where it is still allowed.
func (d *Desk) Make(ctx context.Context, c Change, move func(*Ticket, time.Time) ([]Event, error)) (*Ticket, error) {
	for try := 1; ; try++ {
		t, err := d.make(ctx, c, move)
		if c.Version != 0 || try == collisions || !errors.Is(err, ErrStale) {
			return t, err
		}
	}
}

// collisions is how often a move is made anew because the ticket was saved at
// the same moment.
const collisions = 5

func (d *Desk) make(ctx context.Context, c Change, move func(*Ticket, time.Time) ([]Event, error)) (*Ticket, error) {
	t, err := d.store.Ticket(ctx, c.Scope, c.No)
	if err != nil {
		return nil, err
	}
	if c.Version != 0 && c.Version != t.Version {
		return t, ErrStale
	}
	at := d.now()
	events, err := move(t, at)
	if err != nil {
		return nil, err
	}
	if err := d.rules.Run(t, events); err != nil {
		return nil, err
	}
	followers, err := d.followers(ctx, t, c.By, events, at)
	if err != nil {
		return nil, err
	}
	if err := d.store.Save(ctx, t, events, followers...); err != nil {
		return nil, err
	}
	return t, nil
}

// followers are the duplicates of a master that follow what happened to it.
func (d *Desk) followers(ctx context.Context, master *Ticket, by Actor, events []Event, at time.Time) ([]Changed, error) {
	if !slices.ContainsFunc(events, Event.Leads) {
		return nil, nil
	}
	list, err := d.store.Duplicates(ctx, master.No)
	if err != nil {
		return nil, err
	}
	var out []Changed
	for _, t := range list {
		followed, err := t.follow(master, by, events, at)
		if err != nil {
			return nil, fmt.Errorf("duplicate %s: %w", t.No, err)
		}
		if len(followed) == 0 {
			continue
		}
		if err := d.rules.Run(t, followed); err != nil {
			return nil, fmt.Errorf("duplicate %s: %w", t.No, err)
		}
		out = append(out, Changed{t, followed})
	}
	return out, nil
}

// Contact records an attempt to reach the resident. A message counts only
// when a person wrote it and the resident has answered (R01, I9).
func (d *Desk) Contact(ctx context.Context, c Change, contact Contact) (*Ticket, error) {
	return d.Make(ctx, c, func(t *Ticket, at time.Time) ([]Event, error) {
		if contact.Via == "message" {
			written, answered, err := d.store.StaffMessage(ctx, t.ConversationID, contact.MessageID, t.ReceivedAt)
			if err != nil {
				return nil, err
			}
			if !written || contact.Result == Reached && !answered && !t.Anonymous {
				return nil, ErrNoPersonContact
			}
		}
		return t.Contact(c.By, contact, at)
	})
}

// Sign takes a dispatched ticket in and, when begin is set, starts on it:
// two steps of the loop, both recorded.
func (d *Desk) Sign(ctx context.Context, c Change, begin bool) (*Ticket, error) {
	return d.Make(ctx, c, func(t *Ticket, at time.Time) ([]Event, error) {
		events, err := t.Sign(c.By, at)
		if err != nil || !begin {
			return events, err
		}
		started, err := t.Start(c.By, at)
		return append(events, started...), err
	})
}

// Callback records a callback; when it was not started yet, it starts it first.
func (d *Desk) Callback(ctx context.Context, c Change, r CallbackResult) (*Ticket, error) {
	return d.Make(ctx, c, func(t *Ticket, at time.Time) ([]Event, error) {
		var events []Event
		if t.State != Calling {
			started, err := t.StartCallback(c.By, at)
			if err != nil {
				return nil, err
			}
			events = started
		}
		recorded, err := t.RecordCallback(c.By, r, at)
		return append(events, recorded...), err
	})
}

// Survey records the resident's own answer to a survey as the callback.
func (d *Desk) Survey(ctx context.Context, c Change, way string, r CallbackResult) (*Ticket, error) {
	return d.Make(ctx, c, func(t *Ticket, at time.Time) ([]Event, error) { return t.Survey(c.By, way, r, at) })
}

// Merge joins a duplicate to a master that is being handled and in scope:
// joined to one that has its reply, or to each other, nobody would handle either.
func (d *Desk) Merge(ctx context.Context, c Change, masterNo string) (*Ticket, error) {
	master, err := d.store.Ticket(ctx, c.Scope, masterNo)
	if err != nil {
		return nil, err
	}
	if !master.State.Leads() {
		return nil, &InputError{"master_no", Invalid}
	}
	return d.Make(ctx, c, func(t *Ticket, at time.Time) ([]Event, error) {
		return t.Merge(c.By, masterNo, at)
	})
}

// sweepBatch is how many deadlines one transaction of the sweep takes.
const sweepBatch = 500

// Sweep fires every step that has come, in batches, until none is left.
// It returns how many deadlines it took.
func (d *Desk) Sweep(ctx context.Context) (int, error) {
	total := 0
	for {
		now := d.now().Add(-Grace)
		n, err := d.store.Sweep(ctx, now, sweepBatch, func(o Overdue) Fired { return d.rules.Fire(o, now) })
		total += n
		if err != nil || n < sweepBatch {
			return total, err
		}
	}
}

// Add adds what the resident says later: words, a correction, or both.
func (d *Desk) Add(ctx context.Context, c Change, words string, x *Correction) (*Ticket, error) {
	return d.Make(ctx, c, func(t *Ticket, at time.Time) ([]Event, error) {
		var events []Event
		if words != "" {
			added, err := t.Supplement(c.By, words, at)
			if err != nil {
				return nil, err
			}
			events = added
		}
		if x == nil {
			return events, nil
		}
		corrected, err := t.Correct(c.By, *x, at)
		return append(events, corrected...), err
	})
}

// Urge counts a chaser on a ticket.
func (d *Desk) Urge(ctx context.Context, c Change, words string) (*Ticket, error) {
	return d.Make(ctx, c, func(t *Ticket, at time.Time) ([]Event, error) { return t.Urge(c.By, words, at) })
}

// Alarm is what people are told at once of an urgent ticket (R04): the desk,
// the lead on duty and the supervisors, without waiting for a clock.
func (d *Desk) Alarm(t *Ticket) []Notice {
	var out []Notice
	for _, audience := range []string{"role:agent", "role:lead", "role:supervisor"} {
		out = append(out, Notice{
			Audience: audience, TicketID: t.ID, TicketNo: t.No, Rule: "R04", Clause: "11.2",
			Kind: EventWarned, DueAt: t.ReceivedAt, At: d.now(),
			Key: fmt.Sprintf("%d/R04/%s", t.ID, audience),
		})
	}
	return out
}
