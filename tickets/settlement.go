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
	if err := t.completeOrder(&s, by, at); err != nil {
		return nil, err
	}
	s.At = at
	t.State, t.Settlement, t.Handler, t.CallbackTries = Settled, s, by.person(), 0
	t.SuspendedUntil = time.Time{}
	if t.SettledAt.IsZero() {
		t.SettledAt = at
	}
	t.ReportedAt = time.Time{} // this reply has yet to be reported
	data := map[string]any{
		"outcome": s.Outcome, "measures": s.Measures, "reply": s.Reply,
		"channel": s.Channel, "basis": s.Basis, "level": t.Level,
	}
	if t.MasterNo != "" {
		data["master_no"] = t.MasterNo
	}
	return t.emit(EventSettled, by, at, data), nil
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

// Reopen takes a ticket up again that was replied to or ended: a resident who
// comes back, a reply that turns out to be wrong. A returned or
// annulled one has to be signed for first.
func (t *Ticket) Reopen(by Actor, reason string, at time.Time) ([]Event, error) {
	return t.reopen(by, reason, map[string]any{"reason": reason}, at)
}

// Reorder is Reopen because 12345 sent the order once more (退回办理单,
// 重新办理单). due is the 办理时限 it names now; zero when it names none.
func (t *Ticket) Reorder(by Actor, reason string, due, at time.Time) ([]Event, error) {
	data := map[string]any{"reason": reason}
	if !due.IsZero() {
		data["order_due"] = due
	}
	events, err := t.reopen(by, reason, data, at)
	if err == nil {
		t.OrderDue = due
	}
	return events, err
}

func (t *Ticket) reopen(by Actor, reason string, data map[string]any, at time.Time) ([]Event, error) {
	if err := t.guard(MoveReopen, by); err != nil {
		return nil, err
	}
	if err := text("reason", reason, 2, 1000); err != nil {
		return nil, err
	}
	data["from"] = t.State
	next := Processing
	if t.State == Returned || t.State == Void {
		next, t.SignedAt = t.waiting(), time.Time{}
	}
	t.State, t.ClosedAt, t.CloseBasis = next, time.Time{}, ""
	t.CallAt, t.CallPhone = time.Time{}, "" // what was promised ended with the ticket
	return t.emit(EventReopened, by, at, data), nil
}
