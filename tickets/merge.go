package tickets

import "time"

// Merge joins a duplicate to its master (并案). Its clocks go on: its customer
// is owed a contact, a reply and a callback like every other (K10).
func (t *Ticket) Merge(by Actor, masterNo string, at time.Time) ([]Event, error) {
	if err := t.guard(MoveMerge, by); err != nil {
		return nil, err
	}
	if masterNo == "" || masterNo == t.No {
		return nil, &InputError{"master_no", Invalid}
	}
	t.State, t.MasterNo = Merged, masterNo
	return t.emit(EventMerged, by, at, map[string]any{"master_no": masterNo}), nil
}

// Unmerge lets a duplicate go its own way again: it was none, or its master
// was returned or annulled.
func (t *Ticket) Unmerge(by Actor, reason string, at time.Time) ([]Event, error) {
	if err := t.guard(MoveUnmerge, by); err != nil {
		return nil, err
	}
	if err := text("reason", reason, 2, 1000); err != nil {
		return nil, err
	}
	data := map[string]any{"master_no": t.MasterNo, "reason": reason}
	t.State, t.MasterNo = t.waiting(), ""
	return t.emit(EventUnmerged, by, at, data), nil
}

// waiting is the state of a ticket that somebody has to take up again: its
// department signs for it, or it is dispatched first.
func (t *Ticket) waiting() State {
	if t.Department == "" {
		return Accepted
	}
	return Dispatched
}

// Leads reports whether duplicates can be joined to the ticket: it is still
// being handled, so that its reply will be theirs.
func (s State) Leads() bool {
	switch s {
	case New, Accepted, Dispatched, Signed, Processing, Extending, Escalated:
		return true
	}
	return false
}

// Leads reports whether the duplicates of a ticket follow the event.
func (e Event) Leads() bool {
	return e.Kind == EventSettled || e.Kind == EventReturned || e.Kind == EventVoided
}

// follow is what becomes of a duplicate when events happened to its master:
// the master's reply is its reply, and it has a callback of its own; a master
// that is given up leaves it to be handled alone.
func (t *Ticket) follow(master *Ticket, by Actor, events []Event, at time.Time) ([]Event, error) {
	if t.State != Merged {
		return nil, nil
	}
	for _, e := range events {
		switch e.Kind {
		case EventSettled:
			s := master.Settlement
			s.Order = s.Order.shared()
			return t.Settle(by, s, at)
		case EventReturned, EventVoided:
			return t.Unmerge(by, "主单"+master.No+"已退单或作废", at)
		}
	}
	return nil, nil
}
