package tickets

import (
	"time"
)

// longestExtension is how far ahead the new due time can be. The standard
// names no limit; this project takes what later is for a mistyped year.
const longestExtension = 90 * 24 * time.Hour

// AskExtension asks for more time: before the ticket is due, with a reason,
// and with the customer told (R02, D03). How long it can be for an order of
// 12345 is said by the rules: it takes the calendar to know.
func (t *Ticket) AskExtension(by Actor, x Extension, at time.Time) ([]Event, error) {
	if err := t.guard(MoveAskExtension, by); err != nil {
		return nil, err
	}
	if err := text("reason", x.Reason, 4, 1000); err != nil {
		return nil, err
	}
	if err := text("told", x.Told, 4, 1000); err != nil {
		return nil, err
	}
	due, late := t.finishBy(at)
	if late {
		return nil, &InputError{"until", TooLate} // an extension comes before the due time
	}
	if !x.Until.After(at) || !x.Until.After(due) {
		return nil, &InputError{"until", TooEarly}
	}
	if x.Until.After(at.Add(longestExtension)) {
		return nil, &InputError{"until", TooLate}
	}
	x.Asked, x.By = at, by.Name
	t.State, t.Extension = Extending, x
	return t.emit(EventExtensionAsked, by, at, map[string]any{
		"until": x.Until, "reason": x.Reason, "told": x.Told}), nil
}

// GrantExtension moves the due time; the original one stays on record.
func (t *Ticket) GrantExtension(by Actor, opinion string, at time.Time) ([]Event, error) {
	if err := t.guard(MoveGrantExtension, by); err != nil {
		return nil, err
	}
	t.State = Processing
	return t.emit(EventExtended, by, at, map[string]any{
		"until": t.Extension.Until, "reason": t.Extension.Reason, "opinion": opinion}), nil
}

// RefuseExtension leaves the due time as it was.
func (t *Ticket) RefuseExtension(by Actor, opinion string, at time.Time) ([]Event, error) {
	if err := t.guard(MoveRefuseExtension, by); err != nil {
		return nil, err
	}
	t.State, t.Extension = Processing, Extension{}
	return t.emit(EventExtensionRefused, by, at, map[string]any{"opinion": opinion}), nil
}

// Suspend labels a ticket that waits for something; its clocks go on.
func (t *Ticket) Suspend(by Actor, until time.Time, reason string, at time.Time) ([]Event, error) {
	if err := t.guard(MoveSuspend, by); err != nil {
		return nil, err
	}
	switch {
	case !until.After(at):
		return nil, &InputError{"until", TooEarly}
	case until.After(at.Add(longestExtension)):
		return nil, &InputError{"until", TooLate}
	}
	if err := text("reason", reason, 4, 1000); err != nil {
		return nil, err
	}
	t.SuspendedUntil = until
	return t.emit(EventSuspended, by, at, map[string]any{"until": until, "reason": reason}), nil
}

// Resume removes the label.
func (t *Ticket) Resume(by Actor, at time.Time) ([]Event, error) {
	if err := t.guard(MoveResume, by); err != nil {
		return nil, err
	}
	t.SuspendedUntil = time.Time{}
	return t.emit(EventResumed, by, at, nil), nil
}
