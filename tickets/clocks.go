package tickets

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"quandesk/tickets/calendar"
)

// ended are the events after which no clock of the ticket runs on.
var ended = []EventKind{EventClosed, EventTerminated, EventVoided, EventReturned, EventAnswered}

// Run starts and stops the clocks of a ticket after events happened to it.
// Errors: calendar.ErrNoYear when working days of a year are not known, and an
// *InputError for an extension that is longer than the rules allow.
func (r *Rules) Run(t *Ticket, events []Event) error {
	for _, e := range events {
		if err := r.checkExtension(t, e); err != nil {
			return err
		}
		r.stop(t, e)
		if e.Kind == EventExtended {
			r.extend(t)
		}
		if slices.Contains(ended, e.Kind) {
			r.end(t, e)
			continue
		}
		r.recast(t, e)
		for _, rule := range r.rules {
			if err := r.start(t, rule, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// stop meets the clocks that the event is the evidence for, and ends those it
// makes pointless.
func (r *Rules) stop(t *Ticket, e Event) {
	for _, rule := range r.rules {
		d := t.Running(rule.ID)
		switch {
		case d == nil:
		case slices.Contains(rule.Stop, e.Kind) && e.counts(rule):
			d.meet(e.At)
		case slices.Contains(rule.End, e.Kind):
			d.EndedAt = e.At
			d.settle()
		}
	}
}

// counts reports whether an event stops the clock of the rule: of what the
// platform was told only the reply does.
func (e Event) counts(rule Rule) bool {
	if e.Kind != EventReported {
		return true
	}
	var said struct {
		Act Act `json:"act"`
	}
	return json.Unmarshal(e.Data, &said) == nil && said.Act == ActReply
}

// end stops every clock of a ticket that came to an end, but for what is
// owed beyond it: the platform waits for its reply.
func (r *Rules) end(t *Ticket, e Event) {
	for i := range t.Deadlines {
		d := &t.Deadlines[i]
		if d.Running() && !slices.Contains(r.byID[d.Rule].Outlives, e.Kind) {
			d.EndedAt = e.At
			d.settle()
		}
	}
}

// checkExtension refuses an extension of an order that goes further beyond the
// first due time than the rules allow (D03); several count together.
func (r *Rules) checkExtension(t *Ticket, e Event) error {
	if e.Kind != EventExtensionAsked {
		return nil
	}
	for _, rule := range r.rules {
		if rule.Most == (Length{}) || !rule.concerns(t) {
			continue
		}
		for _, d := range t.Deadlines {
			if !slices.Contains(handling, d.Rule) || !d.Running() || !r.byID[d.Rule].Order {
				continue
			}
			latest, err := r.after(d.DueAt.Add(-time.Nanosecond), rule.Most) // 24:00 belongs to the day it ends
			if err != nil {
				latest = d.DueAt.AddDate(0, 0, rule.Most.Workdays) // never later than the true one
			}
			if t.Extension.Until.After(latest) {
				return &InputError{"until", TooLate}
			}
		}
	}
	return nil
}

// extend moves the due times of the handling that were not over when the
// extension was asked for.
func (r *Rules) extend(t *Ticket) {
	x := t.Extension
	for i := range t.Deadlines {
		d := &t.Deadlines[i]
		if !slices.Contains(handling, d.Rule) || !d.Running() || !x.Asked.Before(d.Due()) || !x.Until.After(d.Due()) {
			continue
		}
		r.move(d, x.Until)
	}
}

// recast ends the clock of a promise that was moved and those of duties that no longer concern a ticket which was
// made something else of, and lets those that began with the receipt of a
// ticket that comes back run on as if it had never gone: a wrong return buys
// no time.
func (r *Rules) recast(t *Ticket, e Event) {
	for i := range t.Deadlines {
		d := &t.Deadlines[i]
		rule, known := r.byID[d.Rule]
		switch {
		case !known:
		case e.Kind == EventAppointmentBooked && d.Running() && rule.promises():
			d.EndedAt = e.At // the promise was moved
			d.settle()
		case (e.Kind == EventAccepted || e.Kind == EventCorrected) && d.Running() && !rule.concerns(t) && !rule.outlasts(t):
			d.EndedAt = e.At
			d.settle()
		case e.Kind == EventReopened && !d.EndedAt.IsZero() && d.MetAt.IsZero() &&
			slices.Contains(rule.Start, EventOpened) && rule.concerns(t):
			d.EndedAt = time.Time{}
			d.NextAt = r.stepAt(*d, rule)
		}
	}
}

func (r *Rules) start(t *Ticket, rule Rule, e Event) error {
	if !slices.Contains(rule.Start, e.Kind) || !rule.concerns(t) || t.Running(rule.ID) != nil ||
		rule.Yields != "" && t.Running(rule.Yields) != nil {
		return nil
	}
	round := 1
	for _, d := range t.Deadlines {
		if d.Rule == rule.ID {
			round = d.Round + 1
		}
	}
	if round > 1 && !rule.Again {
		return nil
	}
	start := e.At
	if e.Kind == EventOpened || round == 1 && slices.Contains(rule.Start, EventOpened) {
		start = t.ReceivedAt // a late classification buys no time
	}
	switch {
	case rule.promises():
		start = t.CallAt.Add(-rule.Lead.Time)
	case rule.Order && e.Kind == EventReturnAsked:
		start = t.orderCame()
	}
	evidence := t.evidence(rule)
	if !evidence.IsZero() && evidence.Before(start) {
		return nil // it was there before the clock
	}
	d := Deadline{Rule: rule.ID, Clause: rule.Clause, Round: round, StartAt: start}
	var err error
	if d.DueAt, err = r.due(t, rule, start); err != nil {
		return fmt.Errorf("start %s: %w", rule.ID, err)
	}
	if rule.LegalDays > 0 {
		y, m, day := start.In(Beijing).Date()
		d.LegalDueAt = time.Date(y, m, day+rule.LegalDays+1, 0, 0, 0, 0, Beijing)
	}
	d.NextAt = r.stepAt(d, rule)
	if !evidence.IsZero() {
		d.meet(evidence)
	}
	t.Deadlines = append(t.Deadlines, d)
	return nil
}

// due is when a clock that starts now ends. A year whose holidays are not
// known yet must not turn an order of 12345 away: its days are all counted,
// which is never later than the true due time.
func (r *Rules) due(t *Ticket, rule Rule, start time.Time) (time.Time, error) {
	if rule.Due == dueOrder && t.OrderDue.After(start) {
		return t.OrderDue, nil
	}
	due, err := r.after(start, rule.Length)
	if rule.Order && errors.Is(err, calendar.ErrNoYear) {
		y, m, d := start.In(Beijing).Date()
		return time.Date(y, m, d+rule.Length.Workdays+1, 0, 0, 0, 0, Beijing), nil
	}
	return due, err
}

// orderCame is when the order came, or came back to be done again.
func (t *Ticket) orderCame() time.Time {
	came := t.ReceivedAt
	for _, d := range t.Deadlines {
		if d.Rule == "D05" && d.StartAt.After(came) {
			came = d.StartAt
		}
	}
	return came
}

// evidence is when a contact or an arrival came that stops the clock of a rule,
// before the rule began to apply; zero when none did.
func (t *Ticket) evidence(rule Rule) time.Time {
	switch {
	case slices.Contains(rule.Stop, EventContacted) && !t.ContactedAt.IsZero():
		return t.ContactedAt
	case slices.Contains(rule.Stop, EventArrived):
		return t.ArrivedAt
	}
	return time.Time{}
}

// promises reports whether the clock runs to a call that was promised or is
// to be tried again.
func (r Rule) promises() bool {
	return slices.Contains(r.Start, EventAppointmentBooked) || slices.Contains(r.Start, EventAppointmentTried)
}

func (r Rule) concerns(t *Ticket) bool {
	return len(r.Outages) == 0 && (len(r.Kinds) == 0 || slices.Contains(r.Kinds, t.Kind) || slices.Contains(r.Always, t.Source)) &&
		(len(r.Sources) == 0 || slices.Contains(r.Sources, t.Source)) &&
		(len(r.Categories) == 0 || slices.Contains(r.Categories, t.Category))
}

// outlasts reports whether a clock of a repair runs on although the ticket is a
// complaint now: the crew that was promised still has to come.
func (r Rule) outlasts(t *Ticket) bool {
	if t.Kind != Complaint || !slices.Contains(r.Kinds, Repair) {
		return false
	}
	before := *t
	before.Kind = Repair
	return r.concerns(&before)
}

func (r *Rules) after(start time.Time, l Length) (time.Time, error) {
	if l.Workdays > 0 {
		return r.calendar.Add(start, l.Workdays)
	}
	return start.Add(l.Time), nil
}

func (d *Deadline) meet(at time.Time) {
	d.MetAt = at
	d.settle()
}

// settle leaves nothing to fire on a stopped clock but a breach that came
// before the stop and has not been recorded: late evidence does not undo it.
func (d *Deadline) settle() {
	if !d.Late() || !d.BreachedAt.IsZero() {
		d.NextAt = time.Time{}
	}
}

// move gives a clock a later end. Warnings that count from the start and have
// not come yet are replaced by the breach; those that count back from the end
// come again. A breach that came while the request waited stays on record and
// is not repeated.
func (r *Rules) move(d *Deadline, until time.Time) {
	d.ExtendedTo = until
	if !d.BreachedAt.IsZero() {
		return
	}
	rule := r.byID[d.Rule]
	for i, s := range rule.Steps {
		if s.Kind == EventBreached || s.Left.Workdays > 0 {
			d.Step = i
			d.NextAt = r.stepAt(*d, rule)
			return
		}
	}
}
