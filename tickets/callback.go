package tickets

import (
	"slices"
	"time"
)

// CallbackVerdict is what a callback came to.
type CallbackVerdict string

// The verdicts: satisfied closes, dissatisfied escalates, unreached is tried again.
const (
	CallbackSatisfied    CallbackVerdict = "satisfied"
	CallbackDissatisfied CallbackVerdict = "dissatisfied"
	CallbackNotReached   CallbackVerdict = "unreached"
)

// Rating is the resident's word on one aspect.
type Rating string

// The ratings a resident is offered.
const (
	VeryGood  Rating = "very_satisfied"      // 非常满意
	Good      Rating = "satisfied"           // 满意
	Fair      Rating = "basically_satisfied" // 基本满意
	Poor      Rating = "dissatisfied"        // 不满意
	NoOpinion Rating = "unstated"            // 未表态
)

// CallbackResult is the record of one callback (R06): the resident is asked
// about the process and about the result.
type CallbackResult struct {
	Verdict CallbackVerdict `json:"result"`
	Process Rating          `json:"process,omitempty"`
	Outcome Rating          `json:"outcome,omitempty"`
	Solved  string          `json:"solved,omitempty"` // yes, no, unstated
	Words   string          `json:"words,omitempty"`  // what the resident said
	Reason  string          `json:"reason,omitempty"` // why not satisfied, or not reached
}

// callingFrom and callingTo bound the hours in which residents are called
// back (R06). A callback outside them is recorded with that fact.
const (
	callingFrom = 8
	callingTo   = 20
)

// StartCallback begins the callback. The person who recorded result and reply
// may not make it: ErrOwnCallback (R06: clause 11.4-1 wants a dedicated person).
func (t *Ticket) StartCallback(by Actor, at time.Time) ([]Event, error) {
	if err := t.guard(MoveStartCallback, by); err != nil {
		return nil, err
	}
	t.State, t.CallbackBy = Calling, by.person()
	return t.emit(EventCallbackStarted, by, at, nil), nil
}

// RecordCallback records what the resident said. Satisfied closes the ticket
// (R07, clause 11.4-2); dissatisfied escalates it one level (R08, 11.4-3);
// unreached puts it back to be called again.
func (t *Ticket) RecordCallback(by Actor, r CallbackResult, at time.Time) ([]Event, error) {
	if err := t.guard(MoveCallback, by); err != nil {
		return nil, err
	}
	if err := text("words", r.Words, 0, 2000); err != nil {
		return nil, err
	}
	data := map[string]any{
		"result": r.Verdict, "process": r.Process, "outcome": r.Outcome,
		"solved": r.Solved, "words": r.Words, "reason": r.Reason,
	}
	if h := at.In(Beijing).Hour(); h < callingFrom || h >= callingTo {
		data["outside_hours"] = true
	}
	if r.Verdict == CallbackNotReached {
		if err := text("reason", r.Reason, 2, 500); err != nil {
			return nil, err
		}
		t.State = Settled
		t.CallbackTries++
		data["tries"] = t.CallbackTries
		return t.emit(EventCallbackUnreached, by, at, data), nil
	}
	ratings := []Rating{VeryGood, Good, Fair, Poor, NoOpinion}
	switch {
	case r.Verdict != CallbackSatisfied && r.Verdict != CallbackDissatisfied:
		return nil, &InputError{"result", Invalid}
	case r.Process == "":
		return nil, &InputError{"process", Missing}
	case !slices.Contains(ratings, r.Process):
		return nil, &InputError{"process", Invalid}
	case r.Outcome == "":
		return nil, &InputError{"outcome", Missing}
	case !slices.Contains(ratings, r.Outcome):
		return nil, &InputError{"outcome", Invalid}
	case r.Verdict == CallbackSatisfied && r.Outcome == Poor:
		return nil, &InputError{"outcome", Invalid}
	}
	if r.Verdict == CallbackDissatisfied {
		if err := text("reason", r.Reason, 2, 500); err != nil {
			return nil, err
		}
	}
	t.Callback, t.CallbackAt, t.CallbackBy = r, at, by.person()
	if r.Verdict == CallbackSatisfied {
		t.State, t.ClosedAt, t.CloseBasis = Closed, at, "回访满意"
		return append(t.emit(EventSatisfied, by, at, data),
			event(EventClosed, by, at, map[string]any{"basis": t.CloseBasis})), nil
	}
	t.Level++
	t.State = Escalated
	return append(t.emit(EventDissatisfied, by, at, data),
		event(EventEscalated, by, at, map[string]any{"level": t.Level, "department": t.Department})), nil
}
