package tickets

import (
	"maps"
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
	return t.record(by, by.person(), r, at, nil)
}

// Survey takes the resident's own answer to a survey for the callback: it asks
// about the process and the result, and nobody of the utility stands between
// (R06–R08). The record says that the resident made it, and by which way. A
// callback that a colleague has begun is overtaken by it.
func (t *Ticket) Survey(by Actor, way string, r CallbackResult, at time.Time) ([]Event, error) {
	if by.Kind != ByCustomer {
		return nil, ErrForbidden
	}
	if t.State != Settled && t.State != Calling || r.Verdict == CallbackNotReached {
		return nil, &StepError{No: t.No, State: t.State, Move: MoveCallback, Missing: step[t.State]}
	}
	var events []Event
	if t.State == Settled {
		t.State = Calling
		events = t.emit(EventCallbackStarted, by, at, map[string]any{"via": way})
	}
	recorded, err := t.record(by, Person{Name: "居民本人"}, r, at, map[string]any{"via": way})
	return append(events, recorded...), err
}

// record is what a callback does to the ticket, whoever made it.
func (t *Ticket) record(by Actor, caller Person, r CallbackResult, at time.Time, data map[string]any) ([]Event, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	if data == nil {
		data = map[string]any{}
	}
	maps.Copy(data, map[string]any{
		"result": r.Verdict, "process": r.Process, "outcome": r.Outcome,
		"solved": r.Solved, "words": r.Words, "reason": r.Reason,
	})
	if h := at.In(Beijing).Hour(); by.Kind == ByStaff && (h < callingFrom || h >= callingTo) {
		data["outside_hours"] = true
	}
	if r.Verdict == CallbackNotReached {
		t.State = Settled
		t.CallbackTries++
		data["tries"] = t.CallbackTries
		return t.emit(EventCallbackUnreached, by, at, data), nil
	}
	t.Callback, t.CallbackAt, t.CallbackBy = r, at, caller
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

// check says which field of a callback's record is missing or wrong.
func (r CallbackResult) check() error {
	if err := text("words", r.Words, 0, 2000); err != nil {
		return err
	}
	if !slices.Contains([]string{"", "yes", "no", "unstated"}, r.Solved) {
		return &InputError{"solved", Invalid}
	}
	switch r.Verdict {
	case CallbackNotReached:
		return text("reason", r.Reason, 2, 500)
	case CallbackSatisfied, CallbackDissatisfied:
	default:
		return &InputError{"result", Invalid}
	}
	for _, said := range []struct {
		field  string
		rating Rating
	}{{"process", r.Process}, {"outcome", r.Outcome}} {
		switch {
		case said.rating == "":
			return &InputError{said.field, Missing}
		case !slices.Contains([]Rating{VeryGood, Good, Fair, Poor, NoOpinion}, said.rating):
			return &InputError{said.field, Invalid}
		}
	}
	if r.Verdict == CallbackSatisfied && r.Outcome == Poor {
		return &InputError{"outcome", Invalid}
	}
	if r.Verdict == CallbackDissatisfied {
		return text("reason", r.Reason, 2, 500)
	}
	return nil
}
