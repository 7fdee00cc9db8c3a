package tickets

import (
	"time"
)

// Return is a request to give a ticket back as not ours (退单, D01): the block
// the platform of 12345 asks for.
type Return struct {
	Reason     string    `json:"reason"`               // 回退原因
	Owner      string    `json:"owner"`                // 建议: who should have it
	Department string    `json:"department,omitempty"` // 回退部门
	By         string    `json:"by"`                   // 回退人
	Phone      string    `json:"phone,omitempty"`      // 回退联系电话
	At         time.Time `json:"at"`                   // 回退时间
	Opinion    string    `json:"opinion,omitempty"`    // 领导意见
	Approver   string    `json:"approver,omitempty"`
	Decided    time.Time `json:"decided,omitzero"`
}

// AskReturn asks to give the ticket back as not ours, naming the owner (退单).
// Of r only the reason, the owner and a telephone for questions are taken.
func (t *Ticket) AskReturn(by Actor, r Return, at time.Time) ([]Event, error) {
	if err := t.guard(MoveAskReturn, by); err != nil {
		return nil, err
	}
	if err := text("reason", r.Reason, 4, 1000); err != nil {
		return nil, err
	}
	if err := text("owner", r.Owner, 2, 100); err != nil {
		return nil, err
	}
	if err := text("phone", r.Phone, 0, 40); err != nil {
		return nil, err
	}
	t.State = Returning
	t.Return = Return{Reason: r.Reason, Owner: r.Owner, Phone: r.Phone, Department: t.Department, By: by.Name, At: at}
	return t.emit(EventReturnAsked, by, at, map[string]any{"reason": r.Reason, "owner": r.Owner}), nil
}

// ApproveReturn gives the ticket back.
func (t *Ticket) ApproveReturn(by Actor, opinion string, at time.Time) ([]Event, error) {
	if err := t.guard(MoveApproveReturn, by); err != nil {
		return nil, err
	}
	if err := text("opinion", opinion, 0, 2000); err != nil {
		return nil, err
	}
	t.State, t.ClosedAt, t.CloseBasis = Returned, at, "已退单"
	t.decideReturn(by, opinion, at)
	return t.emit(EventReturned, by, at, map[string]any{
		"opinion": opinion, "reason": t.Return.Reason, "owner": t.Return.Owner}), nil
}

// RefuseReturn keeps the ticket; it has to be signed for and handled.
func (t *Ticket) RefuseReturn(by Actor, opinion string, at time.Time) ([]Event, error) {
	if err := t.guard(MoveRefuseReturn, by); err != nil {
		return nil, err
	}
	if err := text("opinion", opinion, 0, 2000); err != nil {
		return nil, err
	}
	t.State = t.waiting()
	t.decideReturn(by, opinion, at)
	return t.emit(EventReturnRefused, by, at, map[string]any{"opinion": opinion}), nil
}

func (t *Ticket) decideReturn(by Actor, opinion string, at time.Time) {
	t.Return.Opinion, t.Return.Approver, t.Return.Decided = opinion, by.Name, at
}
