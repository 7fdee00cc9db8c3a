package tickets

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Move is one thing a person can do with a ticket.
type Move string

// The moves. Those that change nothing but the record (contact, note, urge,
// supplement, correct, supervise, arrive, book_call, cancel_call) leave the
// state alone.
const (
	MoveAccept          Move = "accept"
	MoveAnswer          Move = "answer"
	MoveContact         Move = "contact"
	MoveDispatch        Move = "dispatch"
	MoveTransfer        Move = "transfer"
	MoveSign            Move = "sign"
	MoveStart           Move = "start"
	MoveArrive          Move = "arrive"
	MoveSettle          Move = "reply"
	MoveStartCallback   Move = "start_callback"
	MoveCallback        Move = "callback"
	MoveRedo            Move = "redo"
	MoveClose           Move = "close"
	MoveTerminate       Move = "terminate"
	MoveReopen          Move = "reopen"
	MoveVoid            Move = "void"
	MoveWithdraw        Move = "withdraw"
	MoveMerge           Move = "merge"
	MoveUnmerge         Move = "unmerge"
	MoveAssist          Move = "assist"
	MoveAssistDone      Move = "assist_done"
	MoveReport          Move = "report"
	MoveAskReturn       Move = "return"
	MoveApproveReturn   Move = "approve_return"
	MoveRefuseReturn    Move = "refuse_return"
	MoveAskExtension    Move = "extend"
	MoveGrantExtension  Move = "grant_extension"
	MoveRefuseExtension Move = "refuse_extension"
	MoveSuspend         Move = "suspend"
	MoveResume          Move = "resume"
	MoveReassign        Move = "reassign"
	MoveCorrect         Move = "correct"
	MoveSupervise       Move = "escalate"
	MoveUrge            Move = "urge"
	MoveSupplement      Move = "supplement"
	MoveNote            Move = "note"
	MoveBookCall        Move = "book_call"
	MoveCancelCall      Move = "cancel_call"
)

var openStates = slices.DeleteFunc(slices.Clone(States), func(s State) bool { return !s.Open() })

// from says in which states a move may be made. It is the whole state
// machine of clause 11.1.2: what is not listed is refused.
var from = map[Move][]State{
	MoveAccept:          {New},
	MoveAnswer:          {New, Accepted},
	MoveContact:         openStates,
	MoveDispatch:        {Accepted},
	MoveTransfer:        {Dispatched, Signed, Processing},
	MoveSign:            {Dispatched},
	MoveStart:           {Signed},
	MoveArrive:          {Dispatched, Signed, Processing},
	MoveSettle:          {Processing, Merged}, // a duplicate is replied to with its master, or on its own (K10)
	MoveStartCallback:   {Settled},
	MoveCallback:        {Calling},
	MoveRedo:            {Escalated},
	MoveClose:           {}, // a complaint closes by a satisfied callback, or is terminated
	MoveTerminate:       {Settled, Calling, Escalated},
	MoveReopen:          {Settled, Calling, Escalated, Closed, Returned, Void, Answered},
	MoveVoid:            {New, Accepted},
	MoveWithdraw:        {New}, // nobody has begun: later a person speaks with the resident first
	MoveMerge:           {New, Accepted, Dispatched, Signed, Processing},
	MoveUnmerge:         {Merged},
	MoveAssist:          {Dispatched, Signed, Processing},
	MoveAssistDone:      openStates,
	MoveReport:          States,
	MoveAskReturn:       {Accepted, Dispatched, Signed, Processing},
	MoveApproveReturn:   {Returning},
	MoveRefuseReturn:    {Returning},
	MoveAskExtension:    {Processing},
	MoveGrantExtension:  {Extending},
	MoveRefuseExtension: {Extending},
	MoveSuspend:         {Processing},
	MoveResume:          {Processing},
	MoveReassign:        openStates,
	MoveCorrect:         openStates,
	MoveSupervise:       openStates,
	MoveUrge:            openStates,
	MoveSupplement:      States,
	MoveNote:            States,
	MoveBookCall:        openStates,
	MoveCancelCall:      openStates,
}

// step is the move that leads on from a state.
var step = map[State]Move{
	New: MoveAccept, Accepted: MoveDispatch, Dispatched: MoveSign, Signed: MoveStart,
	Processing: MoveSettle, Merged: MoveSettle, Extending: MoveGrantExtension, Settled: MoveStartCallback,
	Calling: MoveCallback, Escalated: MoveRedo, Returning: MoveApproveReturn,
	Closed: MoveReopen, Returned: MoveReopen, Answered: MoveReopen,
}

// supervised lists the moves that need a lead or a supervisor.
var supervised = []Move{MoveVoid, MoveTerminate, MoveApproveReturn, MoveRefuseReturn,
	MoveGrantExtension, MoveRefuseExtension, MoveSupervise}

// byAnyone lists the moves that the resident (through the bot) or 12345 may
// make too. Everything else takes a member of staff.
var byAnyone = []Move{MoveCorrect, MoveUrge, MoveSupplement, MoveBookCall, MoveCancelCall}

// byPlatform lists the moves that 12345 makes besides: it sends an order back
// or wants it done again, presses for it, and says that it has our reply.
var byPlatform = []Move{MoveReopen, MoveSupervise, MoveReport}

// reopenedByPlatform are the states out of which only a 退回办理单 or 重新办理单
// takes a ticket: the callback of 12345 came before ours, or we annulled what
// it still wants done.
var reopenedByPlatform = []State{Settled, Calling, Escalated, Void}

// Allows reports whether the state permits the move, whoever asks.
func (t *Ticket) Allows(m Move) bool { return slices.Contains(from[m], t.State) }

// Moves lists what by may do now, for the buttons of a screen.
func (t *Ticket) Moves(by Actor) []Move {
	var out []Move
	for m := range from {
		if t.guard(m, by) == nil {
			out = append(out, m)
		}
	}
	slices.Sort(out)
	return out
}

func (t *Ticket) guard(m Move, by Actor) error {
	if !t.may(m, by) {
		return ErrForbidden
	}
	if !t.Allows(m) {
		return &StepError{No: t.No, State: t.State, Move: m, Missing: step[t.State]}
	}
	switch {
	case m == MoveAnswer && t.Kind != Inquiry:
		return &StepError{No: t.No, State: t.State, Move: m, Missing: step[t.State]}
	case m == MoveResume && t.SuspendedUntil.IsZero():
		return &StepError{No: t.No, State: t.State, Move: m, Missing: MoveSuspend}
	case m == MoveCancelCall && t.CallAt.IsZero():
		return &StepError{No: t.No, State: t.State, Move: m, Missing: MoveBookCall}
	case m == MoveReopen && by.Kind != By12345 && slices.Contains(reopenedByPlatform, t.State):
		return &StepError{No: t.No, State: t.State, Move: m, Missing: step[t.State]}
	case m == MoveAssistDone && !by.Supervises && !t.helps(by.Department):
		return ErrForbidden // a department signs off for its own part
	case m == MoveAssistDone && !t.mayAssistDone(by):
		return &StepError{No: t.No, State: t.State, Move: m, Missing: MoveAssist}
	case m == MoveWithdraw && (t.Urgent || t.Source == From12345): // it concerns others; 12345 waits for a reply
		return &StepError{No: t.No, State: t.State, Move: m, Missing: step[t.State]}
	case m == MoveReport && t.Source != From12345:
		return &StepError{No: t.No, State: t.State, Move: m, Missing: step[t.State]}
	case (m == MoveStartCallback || m == MoveCallback) && by.ID == t.Handler.ID:
		return ErrOwnCallback
	}
	return nil
}

// may reports whether the actor may make the move at all, whatever the state.
func (t *Ticket) may(m Move, by Actor) bool {
	switch {
	case m == MoveWithdraw: // by whom it was made, and by nobody for them
		return by.Kind == ByCustomer || by.Kind == ByBot
	case by.Kind == ByStaff && t.onlyAssists(by):
		return slices.Contains(assistants, m)
	case by.Kind == ByStaff:
		return by.Supervises || !slices.Contains(supervised, m)
	case by.Kind == By12345 && t.Source == From12345 && slices.Contains(byPlatform, m):
		return true
	case by.Kind == ByProgram && m == MoveVoid: // what an exchange reported by mistake
		return true
	}
	return slices.Contains(byAnyone, m)
}

func (t *Ticket) emit(kind EventKind, by Actor, at time.Time, data map[string]any) []Event {
	t.UpdatedAt = at
	return []Event{event(kind, by, at, data)}
}

func (a Actor) person() Person { return Person{ID: a.ID, Name: a.Name} }

// text checks the length of what a person typed, in characters.
func text(field, s string, least, most int) error {
	n := utf8.RuneCountInString(strings.TrimSpace(s))
	switch {
	case n == 0 && least > 0:
		return &InputError{field, Missing}
	case n < least:
		return &InputError{field, TooShort}
	case n > most:
		return &InputError{field, TooLong}
	}
	return nil
}
