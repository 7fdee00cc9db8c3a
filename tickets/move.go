package tickets

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"quandesk/tickets/customer"
)

// Move is one thing a person can do with a ticket.
type Move string

// The moves. Those that change nothing but the record (contact, note, urge,
// supplement, correct, supervise, arrive) leave the state alone.
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
	MoveMerge           Move = "merge"
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
	MoveSettle:          {Processing},
	MoveStartCallback:   {Settled},
	MoveCallback:        {Calling},
	MoveRedo:            {Escalated},
	MoveClose:           {}, // a complaint closes by a satisfied callback, or is terminated
	MoveTerminate:       {Settled, Calling, Escalated},
	MoveReopen:          {Closed, Returned, Answered},
	MoveVoid:            {New, Accepted},
	MoveMerge:           {New, Accepted, Dispatched, Signed, Processing},
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
}

// step is the move that leads on from a state.
var step = map[State]Move{
	New: MoveAccept, Accepted: MoveDispatch, Dispatched: MoveSign, Signed: MoveStart,
	Processing: MoveSettle, Extending: MoveGrantExtension, Settled: MoveStartCallback,
	Calling: MoveCallback, Escalated: MoveRedo, Returning: MoveApproveReturn,
	Closed: MoveReopen, Returned: MoveReopen, Answered: MoveReopen,
}

// supervised lists the moves that need a lead or a supervisor.
var supervised = []Move{MoveVoid, MoveTerminate, MoveApproveReturn, MoveRefuseReturn,
	MoveGrantExtension, MoveRefuseExtension, MoveSupervise}

// byAnyone lists the moves that the resident (through the bot) or 12345 may
// make too. Everything else takes a member of staff.
var byAnyone = []Move{MoveCorrect, MoveUrge, MoveSupplement}

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
	if by.Kind != ByStaff && !slices.Contains(byAnyone, m) {
		return ErrForbidden
	}
	if by.Kind == ByStaff && slices.Contains(supervised, m) && !by.Supervises {
		return ErrForbidden
	}
	if !t.Allows(m) {
		return &StepError{No: t.No, State: t.State, Move: m, Missing: step[t.State]}
	}
	if m == MoveAnswer && t.Kind != Inquiry {
		return &StepError{No: t.No, State: t.State, Move: m, Missing: step[t.State]}
	}
	return nil
}

// Opening is what is known when a ticket is opened.
type Opening struct {
	Kind           Kind
	Category       Category
	Application    string
	Source         Source
	Channel        string
	ExternalNo     string
	ConversationID int64
	ContactName    string
	ContactPhone   string
	Anonymous      bool
	Address        customer.Address
	Description    string
	Urgent         bool
	Confidential   bool
	ReceivedAt     time.Time // zero means now
}

// Open makes a new ticket. The number is allocated when it is saved.
// Errors are *InputError: kind, category, source (R11), description, phone.
func Open(by Actor, o Opening, at time.Time) (*Ticket, []Event, error) {
	switch {
	case !o.Kind.Valid():
		return nil, nil, &InputError{"kind", Invalid}
	case !o.Category.Valid():
		return nil, nil, &InputError{"category", Invalid}
	case !o.Source.Valid():
		return nil, nil, &InputError{"source", Invalid}
	case o.Source == From12345 && o.ExternalNo == "":
		return nil, nil, &InputError{"external_no", Missing}
	case o.ReceivedAt.After(at):
		return nil, nil, &InputError{"received_at", TooLate}
	}
	if err := text("description", o.Description, 1, 10000); err != nil {
		return nil, nil, err
	}
	if o.ContactPhone != "" {
		phone, err := customer.ParsePhone(o.ContactPhone)
		if err != nil {
			return nil, nil, &InputError{"contact_phone", Invalid}
		}
		o.ContactPhone = phone
	}
	if o.ReceivedAt.IsZero() {
		o.ReceivedAt = at
	}
	t := &Ticket{
		Kind: o.Kind, Category: o.Category, Application: o.Application, State: New,
		Source: o.Source, Channel: o.Channel, ExternalNo: o.ExternalNo,
		ConversationID: o.ConversationID, ContactName: o.ContactName,
		ContactPhone: o.ContactPhone, Anonymous: o.Anonymous, Address: o.Address,
		Description: o.Description, Urgent: o.Urgent, Confidential: o.Confidential,
		ReceivedAt: o.ReceivedAt, ReceivedBy: by.Name, CreatedAt: at, UpdatedAt: at,
	}
	return t, []Event{event(EventOpened, by, at, map[string]any{
		"kind": o.Kind, "category": o.Category, "source": o.Source, "received_at": o.ReceivedAt,
	})}, nil
}

// Classification is what the agent confirms when taking a ticket. Empty
// fields keep what is there.
type Classification struct {
	Kind     Kind
	Category Category
	Urgent   *bool
}

// Accept confirms kind and category and gives the ticket to the agent (受理).
func (t *Ticket) Accept(by Actor, c Classification, at time.Time) ([]Event, error) {
	if err := t.guard(MoveAccept, by); err != nil {
		return nil, err
	}
	if c.Kind != "" && !c.Kind.Valid() {
		return nil, &InputError{"kind", Invalid}
	}
	if c.Category != "" && !c.Category.Valid() {
		return nil, &InputError{"category", Invalid}
	}
	if c.Kind != "" {
		t.Kind = c.Kind
	}
	if c.Category != "" {
		t.Category = c.Category
	}
	if c.Urgent != nil {
		t.Urgent = *c.Urgent
	}
	t.State, t.Assignee = Accepted, by.person()
	return t.emit(EventAccepted, by, at, map[string]any{"kind": t.Kind, "category": t.Category}), nil
}

// Answer ends an inquiry with the answer a person gave.
func (t *Ticket) Answer(by Actor, answer string, at time.Time) ([]Event, error) {
	if err := t.guard(MoveAnswer, by); err != nil {
		return nil, err
	}
	if err := text("reply", answer, 4, 4000); err != nil {
		return nil, err
	}
	t.State, t.Handler, t.SettledAt, t.ClosedAt = Answered, by.person(), at, at
	return t.emit(EventAnswered, by, at, map[string]any{"reply": answer}), nil
}

// Contact is one attempt of a person to reach the resident (R01).
type Contact struct {
	Via       string        // phone, message, visit, sms
	Result    ContactResult // 接通/未接/空号/拒接
	Whom      string        // who was spoken to
	Note      string
	MessageID int64 // evidence when Via is message
}

var contactWays = []string{"phone", "message", "visit", "sms"}

// Contact records an attempt. Only a member of staff can contact; only a
// contact that was Reached stops the 20 minutes of clause 11.2.
func (t *Ticket) Contact(by Actor, c Contact, at time.Time) ([]Event, error) {
	if err := t.guard(MoveContact, by); err != nil {
		return nil, err
	}
	if !slices.Contains(contactWays, c.Via) {
		return nil, &InputError{"via", Invalid}
	}
	if !slices.Contains([]ContactResult{Reached, NoAnswer, InvalidNumber, Refused}, c.Result) {
		return nil, &InputError{"result", Invalid}
	}
	if err := text("note", c.Note, 0, 2000); err != nil {
		return nil, err
	}
	data := map[string]any{
		"via": c.Via, "result": c.Result, "whom": c.Whom, "note": c.Note,
		"number": customer.MaskPhone(t.ContactPhone),
	}
	if c.MessageID != 0 {
		data["message_id"] = c.MessageID
	}
	t.ContactVia, t.LastContact = c.Via, c.Result
	if c.Result != Reached {
		t.Attempts, t.LastTriedAt = t.Attempts+1, at
		return t.emit(EventContactTried, by, at, data), nil
	}
	if t.ContactedAt.IsZero() {
		t.ContactedAt = at
	}
	return t.emit(EventContacted, by, at, data), nil
}

// Dispatch sends the ticket to the department that has to act (派单).
func (t *Ticket) Dispatch(by Actor, department, opinion string, at time.Time) ([]Event, error) {
	return t.sendTo(MoveDispatch, by, department, opinion, at)
}

// Transfer sends a dispatched ticket on to another department (转办).
func (t *Ticket) Transfer(by Actor, department, opinion string, at time.Time) ([]Event, error) {
	if err := t.guard(MoveTransfer, by); err != nil {
		return nil, err
	}
	if department == t.Department {
		return nil, &InputError{"department", Invalid}
	}
	return t.sendTo(MoveTransfer, by, department, opinion, at)
}

func (t *Ticket) sendTo(m Move, by Actor, department, opinion string, at time.Time) ([]Event, error) {
	if err := t.guard(m, by); err != nil {
		return nil, err
	}
	if department == "" {
		return nil, &InputError{"department", Missing}
	}
	if err := text("opinion", opinion, 0, 2000); err != nil {
		return nil, err
	}
	data := map[string]any{"department": department, "opinion": opinion}
	if t.Department != "" {
		data["from"] = t.Department
	}
	t.State, t.Department = Dispatched, department
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
	if t.SignedAt.IsZero() {
		t.SignedAt = at
	}
	return t.emit(EventSigned, by, at, nil), nil
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

// Redo sends an escalated ticket back to be handled again (R08).
func (t *Ticket) Redo(by Actor, department, opinion string, at time.Time) ([]Event, error) {
	if err := t.guard(MoveRedo, by); err != nil {
		return nil, err
	}
	if err := text("opinion", opinion, 0, 2000); err != nil {
		return nil, err
	}
	if department != "" {
		t.Department = department
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

// Void annuls a ticket that should not exist; its number stays, with the reason.
func (t *Ticket) Void(by Actor, reason string, at time.Time) ([]Event, error) {
	if err := t.guard(MoveVoid, by); err != nil {
		return nil, err
	}
	if err := text("reason", reason, 4, 1000); err != nil {
		return nil, err
	}
	t.State, t.ClosedAt, t.CloseBasis = Void, at, "作废："+reason
	return t.emit(EventVoided, by, at, map[string]any{"reason": reason}), nil
}

// Merge joins a duplicate to its master (并案).
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

// AskExtension asks for more time: before the ticket is due, with a reason,
// and with the customer told (R02, D03).
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
	due, ok := t.finishBy()
	if ok && !at.Before(due) {
		return nil, &InputError{"until", TooLate} // an extension comes before the due time
	}
	if !x.Until.After(at) || ok && !x.Until.After(due) {
		return nil, &InputError{"until", TooEarly}
	}
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
	if !until.After(at) {
		return nil, &InputError{"until", TooEarly}
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
	if t.SuspendedUntil.IsZero() {
		return nil, &StepError{No: t.No, State: t.State, Move: MoveResume, Missing: MoveSuspend}
	}
	t.SuspendedUntil = time.Time{}
	return t.emit(EventResumed, by, at, nil), nil
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

// Correction is what turned out to be wrong or missing; nil keeps.
type Correction struct {
	ContactName  *string
	ContactPhone *string
	Address      *customer.Address
	Category     *Category
	Urgent       *bool
}

// Correct mends what the resident or an agent finds wrong. The event keeps
// which fields changed; a phone is kept masked.
func (t *Ticket) Correct(by Actor, c Correction, at time.Time) ([]Event, error) {
	if err := t.guard(MoveCorrect, by); err != nil {
		return nil, err
	}
	data := map[string]any{}
	if c.Category != nil {
		if !c.Category.Valid() {
			return nil, &InputError{"category", Invalid}
		}
		data["category_from"], data["category"] = t.Category, *c.Category
		t.Category = *c.Category
	}
	if c.ContactPhone != nil {
		phone, err := customer.ParsePhone(*c.ContactPhone)
		if err != nil {
			return nil, &InputError{"contact_phone", Invalid}
		}
		data["phone_from"], data["phone"] = customer.MaskPhone(t.ContactPhone), customer.MaskPhone(phone)
		t.ContactPhone, t.Anonymous = phone, false
	}
	if c.ContactName != nil {
		data["name"] = true
		t.ContactName = *c.ContactName
	}
	if c.Address != nil {
		data["address_from"], data["address"] = t.Address.Text, c.Address.Text
		t.Address = *c.Address
	}
	if c.Urgent != nil {
		data["urgent"] = *c.Urgent
		t.Urgent = *c.Urgent
	}
	if len(data) == 0 {
		return nil, &InputError{"correction", Missing}
	}
	return t.emit(EventCorrected, by, at, data), nil
}

// Supervise raises the level and tells the head of the department (督办).
func (t *Ticket) Supervise(by Actor, words string, at time.Time) ([]Event, error) {
	if err := t.guard(MoveSupervise, by); err != nil {
		return nil, err
	}
	if err := text("note", words, 2, 1000); err != nil {
		return nil, err
	}
	t.Level++
	return t.emit(EventSupervised, by, at, map[string]any{"note": words, "level": t.Level}), nil
}

// Urge counts a chaser (催办).
func (t *Ticket) Urge(by Actor, words string, at time.Time) ([]Event, error) {
	if err := t.guard(MoveUrge, by); err != nil {
		return nil, err
	}
	t.Urges++
	return t.emit(EventUrged, by, at, map[string]any{"note": words, "count": t.Urges}), nil
}

// Supplement adds what the resident or 12345 says later.
func (t *Ticket) Supplement(by Actor, words string, at time.Time) ([]Event, error) {
	return t.remark(MoveSupplement, EventSupplemented, by, words, at)
}

// Note adds what a member of staff wants remembered.
func (t *Ticket) Note(by Actor, words string, at time.Time) ([]Event, error) {
	return t.remark(MoveNote, EventNoted, by, words, at)
}

func (t *Ticket) remark(m Move, kind EventKind, by Actor, words string, at time.Time) ([]Event, error) {
	if err := t.guard(m, by); err != nil {
		return nil, err
	}
	if err := text("note", words, 1, 4000); err != nil {
		return nil, err
	}
	return t.emit(kind, by, at, map[string]any{"note": words}), nil
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
