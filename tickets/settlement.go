package tickets

import (
	"slices"
	"time"
)

// Settle records result and reply (办结); the closing still takes a callback.
func (t *Ticket) Settle(by Actor, s Settlement, at time.Time) ([]Event, error) {
	if err := t.guard(MoveSettle, by); err != nil {
		return nil, err
	}
	if !slices.Contains([]Outcome{Solved, Partly, Unsolved, Dropped}, s.Outcome) {
		return nil, &InputError{"outcome", Invalid}
	}
	if err := text("measures", s.Measures, 4, 4000); err != nil {
		return nil, err
	}
	if err := text("reply", s.Reply, 10, 4000); err != nil {
		return nil, err
	}
	if s.Outcome == Dropped {
		if err := text("basis", s.Basis, 4, 1000); err != nil {
			return nil, err
		}
	}
	s.At = at
	t.State, t.Settlement, t.Handler, t.CallbackTries = Settled, s, by.person(), 0
	t.SuspendedUntil = time.Time{}
	if t.SettledAt.IsZero() {
		t.SettledAt = at
	}
	return t.emit(EventSettled, by, at, map[string]any{
		"outcome": s.Outcome, "measures": s.Measures, "reply": s.Reply,
		"channel": s.Channel, "basis": s.Basis, "level": t.Level,
	}), nil
}

// Redo sends an escalated ticket back to be handled again (R08), by the same
// department when to is empty.
func (t *Ticket) Redo(by Actor, to, opinion string, at time.Time) ([]Event, error) {
	if err := t.guard(MoveRedo, by); err != nil {
		return nil, err
	}
	if err := text("opinion", opinion, 0, 2000); err != nil {
		return nil, err
	}
	if to != "" {
		if err := department(to); err != nil {
			return nil, err
		}
		t.Department = to
	}
	t.State = Processing
	return t.emit(EventRedone, by, at, map[string]any{
		"department": t.Department, "opinion": opinion, "level": t.Level}), nil
}

// Close always refuses and names the step that is missing: a ticket closes
// by a satisfied callback (clause 11.4) or is terminated by a supervisor.
func (t *Ticket) Close(by Actor) error {
	if by.Kind != ByStaff {
		return ErrForbidden
	}
	return &StepError{No: t.No, State: t.State, Move: MoveClose, Missing: step[t.State]}
}

// Terminate ends a ticket without a satisfied callback (终结): supervisors
// only, with reason and basis, after result and reply were given.
func (t *Ticket) Terminate(by Actor, reason string, at time.Time) ([]Event, error) {
	if err := t.guard(MoveTerminate, by); err != nil {
		return nil, err
	}
	if err := text("reason", reason, 4, 1000); err != nil {
		return nil, err
	}
	t.State, t.ClosedAt, t.CloseBasis = Closed, at, "终结："+reason
	return t.emit(EventTerminated, by, at, map[string]any{"reason": reason}), nil
}

// Reopen takes an ended ticket up again: a redo order, a sent-back return, a
// resident who comes back.
func (t *Ticket) Reopen(by Actor, reason string, at time.Time) ([]Event, error) {
	if err := t.guard(MoveReopen, by); err != nil {
		return nil, err
	}
	if err := text("reason", reason, 2, 1000); err != nil {
		return nil, err
	}
	t.State, t.ClosedAt, t.CloseBasis = Processing, time.Time{}, ""
	return t.emit(EventReopened, by, at, map[string]any{"reason": reason}), nil
}
