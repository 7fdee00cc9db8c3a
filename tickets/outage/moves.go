package outage

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// How many characters the fields of a notice take.
const (
	longestLine  = 100
	longestWords = 500
	mostPlaces   = 60
)

// New drafts a notice. A draft may be incomplete: it is published whole.
func New(author string, f Form, at time.Time) (*Notice, []Event, error) {
	n := &Notice{State: Draft, CreatedAt: at, Author: author}
	if err := n.fill(f, at); err != nil {
		return nil, nil, err
	}
	return n, []Event{{EventDrafted, at, n.facts()}}, nil
}

// Change replaces what a draft says. What is published is not changed any
// more: it is extended, or withdrawn and published anew.
func (n *Notice) Change(f Form, at time.Time) ([]Event, error) {
	if n.State != Draft {
		return nil, fmt.Errorf("change %s: %w", n.No, ErrState)
	}
	if f.Kind != n.Kind && n.Kind != "" {
		return nil, &FaultError{[]Fault{{"kind", Invalid}}}
	}
	if err := n.fill(f, at); err != nil {
		return nil, err
	}
	return []Event{{EventChanged, at, n.facts()}}, nil
}

func (n *Notice) fill(f Form, at time.Time) error {
	f.Reason, f.Contact, f.Valves = strings.TrimSpace(f.Reason), strings.TrimSpace(f.Contact), strings.TrimSpace(f.Valves)
	f.Area = f.Area.tidy()
	if f.Kind == Emergency && f.DecidedAt.IsZero() {
		f.DecidedAt = at
	}
	if f.Kind == Planned {
		f.DecidedAt = time.Time{}
	}
	if faults := f.faults(at); len(faults) > 0 {
		return &FaultError{faults}
	}
	n.Form, n.UpdatedAt = f, at
	return nil
}

// faults is what not even a draft may say.
func (f Form) faults(at time.Time) []Fault {
	var out []Fault
	wrong := func(bad bool, field string, p Problem) {
		if bad {
			out = append(out, Fault{field, p})
		}
	}
	long := func(s string, most int) bool { return utf8.RuneCountInString(s) > most }
	wrong(!f.Kind.Valid(), "kind", Invalid)
	wrong(long(f.Reason, longestLine), "reason", TooLong)
	wrong(long(f.Contact, longestLine), "contact_info", TooLong)
	wrong(long(f.Valves, longestWords), "valves", TooLong)
	wrong(long(f.Area.Bounds, longestWords), "area", TooLong)
	wrong(f.Area.places() > mostPlaces || slices.ContainsFunc(f.Area.all(), func(s string) bool { return long(s, longestLine) }), "area", TooLong)
	wrong(f.Households < 0 || f.Households > 10_000_000, "households", Invalid)
	wrong(f.DecidedAt.After(at), "decided_at", Invalid)
	wrong(!f.StartAt.IsZero() && !f.EndAt.IsZero() && !f.EndAt.After(f.StartAt), "end_at", Invalid)
	return out
}

// facts is what an event remembers of what was filled in.
func (n *Notice) facts() map[string]any {
	return map[string]any{
		"kind": n.Kind, "area": n.Area.Words(), "start_at": n.StartAt, "end_at": n.EndAt, "reason": n.Reason,
		"contact": n.Contact, "households": n.Households,
	}
}

// Missing is what a notice lacks before it may be published (clause 7.3.1).
func (f Form) Missing() []Fault {
	var out []Fault
	for _, x := range []struct {
		field string
		empty bool
	}{
		{"area", !f.Area.stated()}, {"start_at", f.StartAt.IsZero()}, {"end_at", f.EndAt.IsZero()},
		{"reason", f.Reason == ""}, {"contact_info", f.Contact == ""},
	} {
		if x.empty {
			out = append(out, Fault{x.field, Missing})
		}
	}
	return out
}

// Publish publishes a draft. Later than the clause wants it needs a reason and
// is recorded as a violation; it is never kept back: residents must know.
func (n *Notice) Publish(lateReason string, at time.Time) ([]Event, error) {
	if n.State != Draft {
		return nil, fmt.Errorf("publish %s: %w", n.No, ErrState)
	}
	faults := n.Missing()
	if !n.EndAt.IsZero() && !n.EndAt.After(at) {
		faults = append(faults, Fault{"end_at", Past})
	}
	lead := n.Lead(at)
	lateReason = strings.TrimSpace(lateReason)
	if len(faults) == 0 && lead.Violation && lateReason == "" {
		faults = append(faults, Fault{"late_reason", Missing})
	}
	if utf8.RuneCountInString(lateReason) > longestLine {
		faults = append(faults, Fault{"late_reason", TooLong})
	}
	if len(faults) > 0 {
		return nil, &FaultError{faults}
	}
	if !lead.Violation {
		lateReason = ""
	}
	n.State, n.PublishedAt, n.UpdatedAt, n.FirstEndAt, n.LateReason = Published, at, at, n.EndAt, lateReason
	data := n.facts()
	if n.Kind == Planned {
		data["lead"], data["short"], data["violation"] = lead.Before.String(), lead.Short, lead.Violation
	}
	if lateReason != "" {
		data["late_reason"] = lateReason
	}
	return []Event{{EventPublished, at, data}}, nil
}

// Extend publishes a later end with its reason (clause 7.3.1: not without
// one). The ends that were published before stay in the events.
func (n *Notice) Extend(until time.Time, reason string, at time.Time) ([]Event, error) {
	if n.State != Published {
		return nil, fmt.Errorf("extend %s: %w", n.No, ErrState)
	}
	reason = strings.TrimSpace(reason)
	faults := reasonFaults("extend_reason", reason)
	switch {
	case until.IsZero():
		faults = append(faults, Fault{"until", Missing})
	case !until.After(n.EndAt) || !until.After(at):
		faults = append(faults, Fault{"until", Past})
	}
	if len(faults) > 0 {
		return nil, &FaultError{faults}
	}
	was := n.EndAt
	n.EndAt, n.ExtendReason, n.UpdatedAt = until, reason, at
	return []Event{{EventExtended, at, map[string]any{"from": was, "until": until, "reason": reason, "late": at.After(was)}}}, nil
}

// Back is that the water is back, as measured at the tap.
type Back struct {
	BeganAt    time.Time // when it went off; zero: not measured
	RestoredAt time.Time
	Reason     string // needed when it is later than published
}

// Restore publishes that the water is back: the second notice (clause 6.3).
func (n *Notice) Restore(b Back, at time.Time) ([]Event, error) {
	if n.State != Published {
		return nil, fmt.Errorf("restore %s: %w", n.No, ErrState)
	}
	b.Reason = strings.TrimSpace(b.Reason)
	late := b.RestoredAt.After(n.EndAt)
	var faults []Fault
	switch {
	case b.RestoredAt.IsZero():
		faults = append(faults, Fault{"restored_at", Missing})
	case b.RestoredAt.After(at) || b.RestoredAt.Before(b.BeganAt) || b.BeganAt.IsZero() && b.RestoredAt.Before(n.StartAt):
		faults = append(faults, Fault{"restored_at", Invalid})
	case late:
		faults = reasonFaults("late_restored", b.Reason)
	}
	if len(faults) > 0 {
		return nil, &FaultError{faults}
	}
	if !late {
		b.Reason = ""
	}
	n.State, n.BeganAt, n.RestoredAt, n.LateRestored, n.UpdatedAt = Restored, b.BeganAt, b.RestoredAt, b.Reason, at
	data := map[string]any{"restored_at": b.RestoredAt, "late": late}
	if !b.BeganAt.IsZero() {
		data["began_at"] = b.BeganAt
	}
	if late {
		data["reason"] = b.Reason
	}
	return []Event{{EventRestored, at, data}}, nil
}

// Withdraw takes a draft or a published notice back.
func (n *Notice) Withdraw(reason string, at time.Time) ([]Event, error) {
	if n.State != Draft && n.State != Published {
		return nil, fmt.Errorf("withdraw %s: %w", n.No, ErrState)
	}
	reason = strings.TrimSpace(reason)
	if faults := reasonFaults("withdraw_reason", reason); len(faults) > 0 {
		return nil, &FaultError{faults}
	}
	n.State, n.WithdrawnAt, n.WithdrawReason, n.UpdatedAt = Withdrawn, at, reason, at
	return []Event{{EventWithdrawn, at, map[string]any{"reason": reason}}}, nil
}

func reasonFaults(field, reason string) []Fault {
	switch {
	case reason == "":
		return []Fault{{field, Missing}}
	case utf8.RuneCountInString(reason) > longestLine:
		return []Fault{{field, TooLong}}
	}
	return nil
}
