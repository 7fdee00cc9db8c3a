// Package phone is the telephone as an exchange tells of it: the events of
// calls, what they come to in whatever order they arrive, and the task that
// a missed call leaves. It knows no exchange; anything that can send JSON is one.
package phone

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"quandesk/tickets"
	"quandesk/tickets/customer"
)

// Kind is what happened to a call.
type Kind string

// The events of a call.
const (
	Ringing  Kind = "ringing"
	Answered Kind = "answered"
	Ended    Kind = "ended"
)

// What the desk notes itself when an exchange tells nothing of the end.
const (
	LostRinging Kind = "lost_ringing" // nobody said that it was answered or ended
	LostTalking Kind = "lost_talking" // answered, and nobody said that it ended
)

// How long the word of an end is waited for: no telephone rings, and nobody
// talks, for longer.
const (
	RingsFor = 3 * time.Minute
	TalksFor = 2 * time.Hour
)

// Direction is who called whom.
type Direction string

// The directions of a call.
const (
	Inbound  Direction = "inbound" // the resident called us
	Outbound Direction = "outbound"
)

// Event is one thing that an exchange says of a call. CallID, Kind and
// Extension together are one event: a repeat changes nothing.
type Event struct {
	CallID    string
	Kind      Kind
	Direction Direction // empty: not said
	Number    string    // of the resident; empty when withheld or not said
	Line      string    // ours
	Extension string    // of the member of staff it concerns; may be empty
	At        time.Time
	Agent     tickets.Person // who sits at the extension; the store knows
}

// Report is an event as an exchange words it.
type Report struct {
	CallID, Kind, Direction, Caller, Callee, Extension string
	At                                                 time.Time // zero: now
}

// Skew is how far the clock of an exchange may be ahead of ours.
const Skew = 10 * time.Minute

// extensions are numbers inside the house.
var extensions = regexp.MustCompile(`^[0-9*#]{1,10}$`)

// Event reads a report. Errors are *tickets.InputError.
func (r Report) Event(now time.Time) (Event, error) {
	e := Event{
		CallID: strings.TrimSpace(r.CallID), Kind: Kind(r.Kind), Direction: Direction(r.Direction),
		Extension: strings.TrimSpace(r.Extension), At: r.At,
	}
	switch {
	case e.CallID == "":
		return e, &tickets.InputError{Field: "call_id", Problem: tickets.Missing}
	case len(e.CallID) > 100 || strings.ContainsFunc(e.CallID, func(c rune) bool { return c <= ' ' || c >= 0x7f }):
		return e, &tickets.InputError{Field: "call_id", Problem: tickets.Invalid}
	case !slices.Contains([]Kind{Ringing, Answered, Ended}, e.Kind):
		return e, &tickets.InputError{Field: "event", Problem: tickets.Invalid}
	case !slices.Contains([]Direction{"", Inbound, Outbound}, e.Direction):
		return e, &tickets.InputError{Field: "direction", Problem: tickets.Invalid}
	case e.Extension != "" && !extensions.MatchString(e.Extension):
		return e, &tickets.InputError{Field: "extension", Problem: tickets.Invalid}
	case e.At.After(now.Add(Skew)):
		return e, &tickets.InputError{Field: "at", Problem: tickets.TooLate}
	}
	if e.At.IsZero() || e.At.After(now) {
		e.At = now
	}
	e.At = e.At.Truncate(time.Millisecond)
	theirs, ours := r.Caller, r.Callee
	if e.Direction == Outbound {
		theirs, ours = ours, theirs
	}
	e.Number, e.Line = Number(theirs), cut(strings.TrimSpace(ours), 40)
	return e, nil
}

// Number is the number of a resident as tickets keep it; what is no number at
// which somebody can be called, such as "anonymous", is none. Numbers inside
// the house stay as they are.
func Number(text string) string {
	text = strings.TrimSpace(text)
	if n, err := customer.ParsePhone(text); err == nil {
		return n
	}
	if extensions.MatchString(text) {
		return text
	}
	return ""
}

func cut(s string, most int) string {
	if len(s) > most {
		return ""
	}
	return s
}

// Call is one call as it stands.
type Call struct {
	ID         int64
	CallID     string
	Direction  Direction
	Number     string
	Line       string
	Extension  string
	Agent      tickets.Person // who answered last, or whose telephone rings
	RingingAt  time.Time
	AnsweredAt time.Time
	EndedAt    time.Time
	Lost       bool   // its end was waited for in vain: EndedAt is when that was given up
	TaskNo     string // the ticket that a missed call left
	TicketNo   string // the ticket it was about, as the agent chose it
	Version    int64
}

// order is how events of the same moment follow each other.
var order = []Kind{Ringing, Answered, Ended, LostRinging, LostTalking}

// Fold is what the events of one call come to. The order in which they
// arrived makes no difference: it goes by what the exchange says of the time.
func Fold(events []Event) Call {
	events = slices.Clone(events)
	slices.SortFunc(events, func(a, b Event) int {
		return cmp.Or(a.At.Compare(b.At), slices.Index(order, a.Kind)-slices.Index(order, b.Kind),
			cmp.Compare(a.Extension, b.Extension))
	})
	c := Call{Direction: Inbound}
	var rang, spoke *Event
	var lost [2]time.Time // ringing, talking
	said := false
	for i := range events {
		e := &events[i]
		c.CallID = e.CallID
		if e.Direction != "" && !said {
			c.Direction, said = e.Direction, true
		}
		c.Number, c.Line = cmp.Or(c.Number, e.Number), cmp.Or(c.Line, e.Line)
		switch e.Kind {
		case Ringing:
			c.RingingAt, rang = earliest(c.RingingAt, e.At), e
		case Answered:
			c.AnsweredAt, spoke = earliest(c.AnsweredAt, e.At), e
		case Ended:
			c.EndedAt = e.At
		case LostRinging:
			lost[0] = e.At
		case LostTalking:
			lost[1] = e.At
		}
		c.Extension = cmp.Or(c.Extension, e.Extension)
		if c.Agent.ID == 0 {
			c.Agent = e.Agent
		}
	}
	c.give(lost)
	for _, e := range []*Event{rang, spoke} { // the last telephone that rang, or rather who answered
		if e != nil && e.Extension != "" {
			c.Extension, c.Agent = e.Extension, e.Agent
		}
	}
	return c
}

// give gives a call up whose end nobody told, unless it was heard of since:
// what the exchange says late counts as if it had come in time.
func (c *Call) give(lost [2]time.Time) {
	at := lost[1]
	if c.AnsweredAt.IsZero() {
		at = lost[0]
	}
	if c.EndedAt.IsZero() && !at.IsZero() {
		c.EndedAt, c.Lost = at, true
	}
}

func earliest(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// Missed reports whether a resident called and reached nobody.
func (c Call) Missed() bool {
	return c.Direction == Inbound && !c.EndedAt.IsZero() && c.AnsweredAt.IsZero()
}

// Callable reports whether the number is one at which a resident can be called.
func (c Call) Callable() bool {
	_, err := customer.ParsePhone(c.Number)
	return err == nil
}

// Spoken is the call as evidence that this member of staff spoke to somebody;
// false when nobody answered or somebody else did.
func (c Call) Spoken(by int64) (tickets.Line, bool) {
	if c.AnsweredAt.IsZero() || c.Agent.ID != by || by == 0 {
		return tickets.Line{}, false
	}
	line := tickets.Line{
		CallID: c.CallID, Agent: c.Agent, AnsweredAt: c.AnsweredAt, Ended: c.EndedAt,
		Number: c.Number, Outgoing: c.Direction == Outbound,
	}
	if c.Lost {
		line.Ended = time.Time{} // nobody knows when
	}
	return line, true
}
