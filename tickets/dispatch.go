package tickets

import (
	"time"
)

// Dispatch sends the ticket to the department that has to act (派单).
func (t *Ticket) Dispatch(by Actor, to, opinion string, at time.Time) ([]Event, error) {
	return t.sendTo(MoveDispatch, by, to, opinion, at)
}

// Transfer sends a dispatched ticket on to another department (转办).
func (t *Ticket) Transfer(by Actor, to, opinion string, at time.Time) ([]Event, error) {
	if err := t.guard(MoveTransfer, by); err != nil {
		return nil, err
	}
	if to == t.Department {
		return nil, &InputError{"department", Invalid}
	}
	return t.sendTo(MoveTransfer, by, to, opinion, at)
}

func (t *Ticket) sendTo(m Move, by Actor, to, opinion string, at time.Time) ([]Event, error) {
	if err := t.guard(m, by); err != nil {
		return nil, err
	}
	if err := department(to); err != nil {
		return nil, err
	}
	if err := text("opinion", opinion, 0, 2000); err != nil {
		return nil, err
	}
	data := map[string]any{"department": to, "opinion": opinion}
	if t.Department != "" {
		data["from"] = t.Department
	}
	t.State, t.Department = Dispatched, to
	if t.DispatchedAt.IsZero() {
		t.DispatchedAt = at
	}
	return t.emit(EventDispatched, by, at, data), nil
}

// Sign confirms that the department has the ticket (签收).
func (t *Ticket) Sign(by Actor, at time.Time) ([]Event, error) {
	if err := t.guard(MoveSign, by); err != nil {
		return nil, err
	}
	t.State = Signed
	var data map[string]any
	if t.SignedAt.IsZero() {
		t.SignedAt = at
	} else {
		data = map[string]any{"again": true} // by another department: 12345 has been told
	}
	return t.emit(EventSigned, by, at, data), nil
}

// Start begins the handling (办理).
func (t *Ticket) Start(by Actor, at time.Time) ([]Event, error) {
	if err := t.guard(MoveStart, by); err != nil {
		return nil, err
	}
	t.State = Processing
	return t.emit(EventStarted, by, at, nil), nil
}

// Arrive records the crew on the scene (R12: clauses 7.3.2 and 7.3.3).
// Proof is a photo, a position or the person who called in.
func (t *Ticket) Arrive(by Actor, proof string, at time.Time) ([]Event, error) {
	if err := t.guard(MoveArrive, by); err != nil {
		return nil, err
	}
	if err := text("proof", proof, 2, 500); err != nil {
		return nil, err
	}
	if t.ArrivedAt.IsZero() {
		t.ArrivedAt = at
	}
	return t.emit(EventArrived, by, at, map[string]any{"proof": proof}), nil
}

// Reassign gives the ticket to another agent.
func (t *Ticket) Reassign(by Actor, to Person, at time.Time) ([]Event, error) {
	if err := t.guard(MoveReassign, by); err != nil {
		return nil, err
	}
	if to.ID == 0 || to.ID == t.Assignee.ID {
		return nil, &InputError{"assignee", Invalid}
	}
	data := map[string]any{"to": to.Name, "from": t.Assignee.Name}
	t.Assignee = to
	return t.emit(EventReassigned, by, at, data), nil
}
