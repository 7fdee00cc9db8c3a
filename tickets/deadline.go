package tickets

import (
	"slices"
	"time"

	"quandesk/tickets/calendar"
)

// Beijing is the time zone of every day, hour and number of this desk.
var Beijing = calendar.Beijing

// Grace is how long after its time a step fires. A save that was stamped in
// time must be committed before the sweep looks; requests that write are cut
// off sooner than this.
const Grace = 3 * time.Second

// Deadline is one running clock of one ticket, or of one notice of an outage:
// a row, never a timer.
type Deadline struct {
	ID         int64
	TicketID   int64
	OutageID   int64  // instead of a ticket: the notice of an outage it belongs to
	Rule       string // R01…
	Clause     string
	Round      int // 1, and one more each time the rule starts again
	StartAt    time.Time
	DueAt      time.Time
	LegalDueAt time.Time // 24:00 of the last day after civil law; zero when the rule has none
	ExtendedTo time.Time // zero unless an extension was granted; DueAt stays
	Step       int       // index of the next step of the rule
	NextAt     time.Time // when that step fires; zero when nothing is left to fire
	WarnedAt   time.Time // first warning
	MetAt      time.Time // the evidence came, in time or late
	BreachedAt time.Time // equals the due time it missed; never erased
	EndedAt    time.Time // stopped without evidence: void, merged, returned
}

// Due is when the deadline ends now, an extension included.
func (d Deadline) Due() time.Time {
	if d.ExtendedTo.IsZero() {
		return d.DueAt
	}
	return d.ExtendedTo
}

// Running reports whether the clock still runs.
func (d Deadline) Running() bool { return d.MetAt.IsZero() && d.EndedAt.IsZero() }

// Late reports whether the clock was stopped only after its due time.
func (d Deadline) Late() bool {
	stopped := d.MetAt
	if stopped.IsZero() {
		stopped = d.EndedAt
	}
	return stopped.After(d.Due())
}

// Running returns the running deadline of a rule, or nil.
func (t *Ticket) Running(rule string) *Deadline {
	for i := range t.Deadlines {
		if d := &t.Deadlines[i]; d.Rule == rule && d.Running() {
			return d
		}
	}
	return nil
}

// NextDue is the earliest running deadline, or nil.
func (t *Ticket) NextDue() *Deadline {
	var next *Deadline
	for i := range t.Deadlines {
		if d := &t.Deadlines[i]; d.Running() && (next == nil || d.Due().Before(next.Due())) {
			next = d
		}
	}
	return next
}

// FinishBy is when the handling has to be finished, seen from a moment: the
// earliest of its clocks that is not over by then; zero when there is none.
func (t *Ticket) FinishBy(at time.Time) time.Time {
	due, _ := t.finishBy(at)
	return due
}

// handling are the clocks that an extension moves.
var handling = []string{"R02", "R08", "D02", "D05"}

// finishBy is when the ticket has to be finished: the earliest clock of the
// handling that is not over yet; zero when none runs. It is late when one or
// more run and all of them are over. The two days may be over while the order
// of 12345 still has time, and that time can be asked to be longer.
func (t *Ticket) finishBy(at time.Time) (due time.Time, late bool) {
	for _, d := range t.Deadlines {
		switch {
		case !slices.Contains(handling, d.Rule) || !d.Running():
		case !at.Before(d.Due()):
			late = true
		case due.IsZero() || d.Due().Before(due):
			due = d.Due()
		}
	}
	return due, late && due.IsZero()
}

// Overdue is a deadline whose next step has come, with what the sweep needs
// to know of its ticket.
type Overdue struct {
	Deadline
	No           string
	Kind         Kind
	State        State
	Department   string
	CallTeam     string // who promised a call
	AssigneeID   int64
	Conversation int64
	Urgent       bool
	Level        int
}

// Fired is what a deadline leaves behind when its steps have come.
type Fired struct {
	Deadline Deadline
	Events   []Event
	Notices  []Notice
}

// Notice tells some people that a clock of a ticket needs them.
type Notice struct {
	ID       int64
	Audience string // user:ID, role:ROLE, duty:DUTY or department:NAME
	TicketID int64  // 0 when it is about something that has no ticket
	TicketNo string // or the number of the notice of an outage
	Rule     string
	Clause   string
	Kind     EventKind // EventWarned, EventBreached or EventPressed
	After    time.Duration
	Key      string // one notice per key, ever
	Words    string // what to say instead of the duty; for what no rule says
	DueAt    time.Time
	At       time.Time
}
