package tickets

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"quandesk/tickets/outage"
)

// Announced is a notice of an outage with its clocks.
type Announced struct {
	outage.Notice
	Deadlines []Deadline
}

// OutageStore keeps notices. OpenOutage and SaveOutage write the notice, its
// events, deadlines and audit row in one transaction and tell the live topics
// after it.
type OutageStore interface {
	// Outage loads a notice with its deadlines. outage.ErrNotFound.
	Outage(ctx context.Context, no string) (*Announced, error)
	// OpenOutage allocates No, ID and Version 1 and saves.
	OpenOutage(ctx context.Context, n *Announced, events []Event) error
	// SaveOutage writes a changed notice as Version+1. outage.ErrStale.
	SaveOutage(ctx context.Context, n *Announced, events []Event) error
}

// OutageViews read notices.
type OutageViews interface {
	// Outages lists notices: what runs or is to come by its start, then the
	// rest, newest first.
	Outages(ctx context.Context, f OutageFilter) ([]*Announced, error)
	OutageEvents(ctx context.Context, no string) ([]Event, error)
}

// OutageFilter selects notices; zero fields do not restrict.
type OutageFilter struct {
	States []outage.State
	Since  time.Time // restored or withdrawn after this; what is open is always listed
	Limit  int       // 0: 200
}

// Outages is the one road by which notices of outages change: load, move,
// save, tell.
type Outages struct {
	store OutageStore
	rules *Rules
	now   func() time.Time // the database clock
}

// NewOutages makes the use cases of notices. now must follow the database clock.
func NewOutages(s OutageStore, r *Rules, now func() time.Time) *Outages {
	return &Outages{store: s, rules: r, now: now}
}

// Now is the time of the database clock.
func (o *Outages) Now() time.Time { return o.now() }

// Notice loads a notice. Errors: outage.ErrNotFound.
func (o *Outages) Notice(ctx context.Context, no string) (*Announced, error) {
	return o.store.Outage(ctx, no)
}

// Draft stores a new notice; with publish it is published in the same step,
// or not stored at all. Errors: ErrForbidden, *outage.FaultError.
func (o *Outages) Draft(ctx context.Context, by Actor, f outage.Form, publish bool, lateReason string) (*Announced, error) {
	if !by.Supervises {
		return nil, ErrForbidden
	}
	at := o.now()
	n, moves, err := outage.New(by.Name, f, at)
	if err == nil && publish {
		var published []outage.Event
		published, err = n.Publish(lateReason, at)
		moves = append(moves, published...)
	}
	if err != nil {
		return nil, err
	}
	a := &Announced{Notice: *n}
	events := eventsOf(moves, by)
	o.rules.RunOutage(a, events)
	if err := o.store.OpenOutage(ctx, a, events); err != nil {
		return nil, err
	}
	return a, nil
}

// OutageChange is one move on one notice: who asks, which notice, and the
// version the person was looking at (0 when the caller did not look at one).
type OutageChange struct {
	By      Actor
	No      string
	Version int64
}

// Make loads the notice, makes the move and saves. The move is one of the
// methods of outage.Notice. Errors: ErrForbidden, outage.ErrNotFound,
// outage.ErrStale (the fresh notice comes with it), and those of the move.
func (o *Outages) Make(ctx context.Context, c OutageChange, move func(*outage.Notice, time.Time) ([]outage.Event, error)) (*Announced, error) {
	if !c.By.Supervises {
		return nil, ErrForbidden
	}
	for try := 1; ; try++ {
		n, err := o.make(ctx, c, move)
		if c.Version != 0 || try == collisions || !errors.Is(err, outage.ErrStale) {
			return n, err
		}
	}
}

func (o *Outages) make(ctx context.Context, c OutageChange, move func(*outage.Notice, time.Time) ([]outage.Event, error)) (*Announced, error) {
	n, err := o.store.Outage(ctx, c.No)
	if err != nil {
		return nil, err
	}
	if c.Version != 0 && c.Version != n.Version {
		return n, outage.ErrStale
	}
	made, err := move(&n.Notice, o.now())
	if err != nil {
		return nil, err
	}
	events := eventsOf(made, c.By)
	o.rules.RunOutage(n, events)
	if err := o.store.SaveOutage(ctx, n, events); err != nil {
		return nil, err
	}
	return n, nil
}

// eventsOf gives what happened to a notice the one who did it.
func eventsOf(list []outage.Event, by Actor) []Event {
	out := make([]Event, len(list))
	for i, e := range list {
		out[i] = event(EventKind(e.Kind), by, e.At, e.Data)
	}
	return out
}

// The notices a rule can be for, and the times it can be counted from.
var (
	outageClasses = []string{"planned", "large", "emergency"}
	outageAnchors = []string{"start", "end", "decided"}
)

func (r Rule) checkOutages() error {
	for _, c := range r.Outages {
		if !slices.Contains(outageClasses, c) {
			return fmt.Errorf("unknown notice %q", c)
		}
	}
	if !slices.Contains(outageAnchors, r.Anchor) {
		return fmt.Errorf("anchor is %q: start, end or decided", r.Anchor)
	}
	if r.Length.Workdays > 0 || r.Lead.Workdays > 0 || len(r.Start) == 0 {
		return errors.New("the clock of a notice starts with events and runs in continuous time")
	}
	for _, e := range slices.Concat(r.Start, r.Stop, r.End) {
		if !slices.Contains(outage.EventKinds, outage.EventKind(e)) {
			return fmt.Errorf("unknown event %q of a notice", e)
		}
	}
	return r.checkSteps()
}

// Running returns the running deadline of a rule, or nil.
func (n *Announced) Running(rule string) *Deadline {
	for i := range n.Deadlines {
		if d := &n.Deadlines[i]; d.Rule == rule && d.Running() {
			return d
		}
	}
	return nil
}

// RunOutage starts and stops the clocks of a notice after events happened to it.
func (r *Rules) RunOutage(n *Announced, events []Event) {
	for _, e := range events {
		for _, rule := range r.rules {
			if len(rule.Outages) == 0 {
				continue
			}
			r.stopOutage(n, rule, e)
			r.startOutage(n, rule, e)
		}
	}
}

func (r *Rules) stopOutage(n *Announced, rule Rule, e Event) {
	d := n.Running(rule.ID)
	switch {
	case d == nil:
	case slices.Contains(rule.Stop, e.Kind):
		d.meet(e.At)
	case slices.Contains(rule.End, e.Kind) || outage.EventKind(e.Kind) == outage.EventWithdrawn:
		d.EndedAt = e.At
		d.settle()
	}
}

func (r *Rules) startOutage(n *Announced, rule Rule, e Event) {
	anchor := rule.anchor(n.Form)
	if !slices.Contains(rule.Start, e.Kind) || !slices.Contains(rule.Outages, classOf(n.Form)) || anchor.IsZero() || n.Running(rule.ID) != nil {
		return
	}
	round := 1
	for _, d := range n.Deadlines {
		if d.Rule == rule.ID {
			round = d.Round + 1
		}
	}
	if round > 1 && !rule.Again {
		return
	}
	d := Deadline{Rule: rule.ID, Clause: rule.Clause, Round: round, StartAt: anchor.Add(-rule.Lead.Time)}
	d.DueAt = d.StartAt.Add(rule.Length.Time)
	d.NextAt = r.stepAt(d, rule)
	n.Deadlines = append(n.Deadlines, d)
}

func classOf(f outage.Form) string {
	switch {
	case f.Kind == outage.Emergency:
		return "emergency"
	case f.Large():
		return "large"
	}
	return "planned"
}

func (r Rule) anchor(f outage.Form) time.Time {
	switch r.Anchor {
	case "start":
		return f.StartAt
	case "end":
		return f.EndAt
	}
	return f.DecidedAt
}
