package tickets

import (
	"time"
)

// AskReturn asks to give the ticket back as not ours, naming the owner (退单).
func (t *Ticket) AskReturn(by Actor, reason, owner string, at time.Time) ([]Event, error) {
	if err := t.guard(MoveAskReturn, by); err != nil {
		return nil, err
	}
	if err := text("reason", reason, 4, 1000); err != nil {
		return nil, err
	}
	if err := text("owner", owner, 2, 100); err != nil {
		return nil, err
	}
	t.State = Returning
	return t.emit(EventReturnAsked, by, at, map[string]any{"reason": reason, "owner": owner}), nil
}

// ApproveReturn gives the ticket back.
func (t *Ticket) ApproveReturn(by Actor, opinion string, at time.Time) ([]Event, error) {
	if err := t.guard(MoveApproveReturn, by); err != nil {
		return nil, err
	}
	t.State, t.ClosedAt, t.CloseBasis = Returned, at, "已退单"
	return t.emit(EventReturned, by, at, map[string]any{"opinion": opinion}), nil
}

// RefuseReturn keeps the ticket; it has to be signed for and handled.
func (t *Ticket) RefuseReturn(by Actor, opinion string, at time.Time) ([]Event, error) {
	if err := t.guard(MoveRefuseReturn, by); err != nil {
		return nil, err
	}
	t.State = Dispatched
	if t.Department == "" {
		t.State = Accepted // it was never dispatched
	}
	return t.emit(EventReturnRefused, by, at, map[string]any{"opinion": opinion}), nil
}
