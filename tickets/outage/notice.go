// Package outage holds notices of outages (停水通知): what has to be in one
// before it is published, how early, whom it concerns, and what is due when
// the water should be back. It is pure: time and words come in, events come out.
package outage

import (
	"errors"
	"strings"
	"time"
)

// Kind is why the water is off.
type Kind string

// The kinds of notices.
const (
	Planned   Kind = "planned"   // 计划停水, clause 7.3.1
	Emergency Kind = "emergency" // 应急停水, clauses 7.3.2 and 7.3.3
)

// Valid reports whether k is one of the kinds above.
func (k Kind) Valid() bool { return k == Planned || k == Emergency }

// State is how far a notice has come.
type State string

// The states of a notice.
const (
	Draft     State = "draft"
	Published State = "published" // until the water is back, however late
	Restored  State = "restored"  // the second notice is out (clause 6.3)
	Withdrawn State = "withdrawn"
)

// Form is what people fill in before a notice is published.
type Form struct {
	Kind       Kind      `json:"kind"`
	Area       Area      `json:"area"`
	StartAt    time.Time `json:"start_at"` // when the water goes off, by plan
	EndAt      time.Time `json:"end_at"`   // when it is back, by plan
	Reason     string    `json:"reason"`
	Contact    string    `json:"contact"`    // whom residents can ask: words and a number
	Households int       `json:"households"` // 0: not counted
	Valves     string    `json:"valves"`     // which valves are shut and their sizes (7.3.3)
	DecidedAt  time.Time `json:"decided_at"` // of an emergency: when it was decided to shut off
}

// Notice is one notice of an outage.
type Notice struct {
	ID      int64
	No      string // TZ-20261126-001, never one of a ticket
	Version int64
	State   State
	Form
	FirstEndAt     time.Time // the end that was published first; EndAt moves with every extension
	BeganAt        time.Time // measured at the tap; zero when nobody has said
	RestoredAt     time.Time // measured at the tap
	ExtendReason   string    // of the last extension
	LateReason     string    // why it was published later than clause 7.3.1 wants
	LateRestored   string    // why the water was back later than published
	WithdrawReason string
	PublishedAt    time.Time
	WithdrawnAt    time.Time
	CreatedAt      time.Time
	UpdatedAt      time.Time
	Author         string // who drafted it
}

// EventKind names what happened to a notice.
type EventKind string

// The events of a notice.
const (
	EventDrafted   EventKind = "drafted"
	EventChanged   EventKind = "changed"
	EventPublished EventKind = "published"
	EventExtended  EventKind = "extended"
	EventRestored  EventKind = "restored"
	EventWithdrawn EventKind = "withdrawn"
)

// EventKinds lists every event that a person makes. Callers must not change the slice.
var EventKinds = []EventKind{EventDrafted, EventChanged, EventPublished, EventExtended, EventRestored, EventWithdrawn}

// Event is one thing that happened to a notice.
type Event struct {
	Kind EventKind
	At   time.Time
	Data map[string]any // strings, numbers, times and booleans
}

// Problem says what is wrong with a field.
type Problem string

// The problems.
const (
	Missing Problem = "missing"
	Invalid Problem = "invalid"
	TooLong Problem = "too_long"
	Past    Problem = "past"
)

// Fault is one field that keeps a move from being made.
type Fault struct {
	Field   string // area, start_at, end_at, reason, contact, late_reason…
	Problem Problem
}

// FaultError lists everything that keeps a move from being made, so that a
// person mends it in one go.
type FaultError struct{ Faults []Fault }

func (e *FaultError) Error() string {
	fields := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		fields[i] = f.Field + " " + string(f.Problem)
	}
	return "outage: " + strings.Join(fields, ", ")
}

var (
	// ErrState is returned for a move that the state of a notice does not allow.
	ErrState = errors.New("outage: not allowed in this state")
	// ErrNotFound is returned for a number that no notice has.
	ErrNotFound = errors.New("outage: no such notice")
	// ErrStale is returned when somebody saved the notice since it was read.
	ErrStale = errors.New("outage: saved by somebody else meanwhile")
)

const (
	// Remembered is how long residents are told that the water is back.
	Remembered = 24 * time.Hour

	// Large and long outages are told of 48 hours before (7.3.1 gives no
	// numbers: these are the project's own).
	largeHouseholds = 1000
	longOutage      = 12 * time.Hour
)

// Large reports whether the notice concerns many people or a long time.
func (f Form) Large() bool {
	return f.Households >= largeHouseholds || f.EndAt.Sub(f.StartAt) >= longOutage
}

// Begun reports whether the water is off by now according to the notice.
func (n Notice) Begun(now time.Time) bool {
	return n.State == Published && (!n.BeganAt.IsZero() || !n.StartAt.After(now))
}

// Overdue reports whether the published end is over and the water not back.
func (n Notice) Overdue(now time.Time) bool { return n.State == Published && !n.EndAt.After(now) }

// Told reports whether residents are told of the notice now: from when it is
// published until a day after the water is back.
func (n Notice) Told(now time.Time) bool {
	return n.State == Published || n.State == Restored && now.Sub(n.RestoredAt) < Remembered
}

// Source is how an answer cites the notice.
func (n Notice) Source() string { return sourcePrefix + n.No }

const sourcePrefix = "outage:"

// Cited is the number of the notice that a source names.
func Cited(source string) (no string, ok bool) { return strings.CutPrefix(source, sourcePrefix) }
