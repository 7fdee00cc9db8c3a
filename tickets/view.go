package tickets

import (
	"context"
	"encoding/json"
	"slices"
	"time"
)

// Views are the reading side of the desk. Every method applies the scope in
// the query.
type Views interface {
	// List returns one keyset page of tickets, latest change first.
	List(ctx context.Context, sc Scope, f Filter) (Page, error)
	// Events returns the history of a ticket in order.
	Events(ctx context.Context, ticketID int64) ([]Event, error)
	// Ledger calls row for every ledger row that matches, oldest receipt
	// first, without holding them in memory. An error of row ends it.
	Ledger(ctx context.Context, sc Scope, f Filter, row func(LedgerRow) error) error
	// LedgerCursor is where the ledger goes on after a row, for Filter.Cursor.
	LedgerCursor(r LedgerRow) string
	// Notices returns the newest notices for these audiences.
	Notices(ctx context.Context, audiences []string, f NoticeFilter) ([]Notice, error)
}

// Filter narrows a list of tickets; zero fields do not.
type Filter struct {
	States       []State
	OpenOnly     bool
	Kinds        []Kind
	Categories   []Category
	Sources      []Source
	Channel      string
	Department   string
	AssigneeID   int64
	District     string
	Community    string
	From, To     time.Time // received at, half open
	Overdue      bool      // something is running late
	DueFirst     bool      // order by the next deadline instead of the latest change
	Phone        string    // of the contact, normalised
	Query        string    // ticket number, order number, phone or words of the description
	Cursor       string    // from Page.Next
	Limit        int       // 1 to 200; 0 means 50
	Conversation int64
	CustomerID   int64 // tickets of one proven person
}

// Page is one keyset page.
type Page struct {
	Tickets []*Ticket // with their deadlines
	Next    string    // empty on the last page
}

// NoticeFilter pages through notices, newest first.
type NoticeFilter struct {
	Before int64 // id; 0 starts at the newest
	Since  time.Time
	Limit  int
}

// LedgerRow is one complaint in the ledger (投诉台账, clause 11.4-4), built
// from the ticket, its deadlines and its events.
type LedgerRow struct {
	Ticket       *Ticket
	Response     time.Duration // receipt to first contact reached; negative when none yet
	ContactMet   Verdict       // 20 minutes
	FinishMet    Verdict       // 2 days
	Extensions   int
	Callbacks    []Called    // that reached the resident, in order; the second follows an escalation
	SupervisedAt time.Time   // first 督办
	Supervised   []ActorKind // who pressed: 12345, our own people, or a callback (ByCustomer)
	Returns      int         // how often it was to be given back
	ReturnedAs   EventKind   // what became of the latest: asked, returned or refused
	Redone       int         // how often 12345 or the resident wanted it done again
}

// Called is one callback that reached the resident.
type Called struct {
	At     time.Time
	By     string
	Result CallbackResult
}

// Verdict is whether a deadline was kept.
type Verdict string

// The verdicts a ledger row shows.
const (
	VerdictNone    Verdict = ""        // the duty does not apply
	VerdictPending Verdict = "pending" // still running, not due
	VerdictMet     Verdict = "met"
	VerdictMissed  Verdict = "missed"
	VerdictTried   Verdict = "tried" // three tries five minutes apart reached nobody; reported apart
	VerdictEnded   Verdict = "ended" // stopped without evidence: void, merged, returned
)

// NewLedgerRow builds the row of a ticket from its events (those about
// extensions, callbacks, supervision, returns and redoing, in order) at a time of the database clock.
func NewLedgerRow(t *Ticket, history []Event, now time.Time) LedgerRow {
	r := LedgerRow{Ticket: t, Response: -1}
	if !t.ContactedAt.IsZero() {
		r.Response = t.ContactedAt.Sub(t.ReceivedAt)
	}
	r.ContactMet, r.FinishMet = t.verdict("R01", now), t.verdict("R02", now)
	if r.ContactMet == VerdictMissed && t.ContactedAt.IsZero() && t.Attempts >= 3 {
		r.ContactMet = VerdictTried
	}
	for _, e := range history {
		r.add(e)
	}
	return r
}

func (r *LedgerRow) add(e Event) {
	switch e.Kind {
	case EventExtended:
		r.Extensions++
	case EventEscalated, EventSupervised:
		if r.SupervisedAt.IsZero() {
			r.SupervisedAt = e.At
		}
		who := e.Actor.Kind
		if e.Kind == EventEscalated {
			who = ByCustomer
		}
		if !slices.Contains(r.Supervised, who) {
			r.Supervised = append(r.Supervised, who)
		}
	case EventReturnAsked:
		r.Returns++
		r.ReturnedAs = e.Kind
	case EventReturned, EventReturnRefused:
		r.ReturnedAs = e.Kind
	case EventReopened:
		var said struct {
			From State `json:"from"`
		}
		if json.Unmarshal(e.Data, &said) == nil && said.From != Returned {
			r.Redone++
		}
	case EventSatisfied, EventDissatisfied:
		c := Called{At: e.At, By: e.Actor.Name}
		if json.Unmarshal(e.Data, &c.Result) == nil {
			r.Callbacks = append(r.Callbacks, c)
		}
	}
}

// OrderDue is when an order of 12345 was due at first and when it is now; zero
// for other tickets.
func (r LedgerRow) OrderDue() (first, now time.Time) {
	for _, d := range r.Ticket.Deadlines {
		if d.Rule != "D02" && d.Rule != "D05" {
			continue
		}
		if first.IsZero() {
			first = d.DueAt
		}
		now = d.Due()
	}
	return first, now
}

func (t *Ticket) verdict(rule string, now time.Time) Verdict {
	for _, d := range t.Deadlines {
		switch {
		case d.Rule != rule:
		case !d.BreachedAt.IsZero() || d.Late():
			return VerdictMissed
		case !d.MetAt.IsZero():
			return VerdictMet
		case !d.EndedAt.IsZero():
			return VerdictEnded
		case now.After(d.Due()):
			return VerdictMissed
		default:
			return VerdictPending
		}
	}
	return VerdictNone
}
