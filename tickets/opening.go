package tickets

import (
	"time"

	"quandesk/tickets/customer"
)

// Opening is what is known when a ticket is opened.
type Opening struct {
	Kind           Kind
	Category       Category
	Application    string
	Source         Source
	Channel        string // empty: the first channel of the source
	Outlet         string
	ExternalNo     string
	OrderDue       time.Time // the order's own 办理时限; zero when it has none
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

// longestBacklog is how long after its receipt a matter can still be
// registered: what is older is a mistyped year.
const longestBacklog = 366 * 24 * time.Hour

// Open makes a new ticket. The number is allocated when it is saved.
// Errors are *InputError: kind, category, source (R11), description, phone,
// and a receipt in the future or longer ago than a year.
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
	case !o.ReceivedAt.IsZero() && o.ReceivedAt.Before(at.Add(-longestBacklog)):
		return nil, nil, &InputError{"received_at", TooEarly}
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
	if o.Channel == "" {
		o.Channel = Channels[o.Source][0] // every ticket has a sub-source (R11)
	}
	t := &Ticket{
		Kind: o.Kind, Category: o.Category, Application: o.Application, State: New,
		Source: o.Source, Channel: o.Channel, Outlet: o.Outlet, ExternalNo: o.ExternalNo, OrderDue: o.OrderDue,
		ConversationID: o.ConversationID, ContactName: o.ContactName,
		ContactPhone: o.ContactPhone, Anonymous: o.Anonymous, Address: o.Address,
		Description: o.Description, Urgent: o.Urgent, Confidential: o.Confidential,
		ReceivedAt: o.ReceivedAt, ReceivedBy: by.Name, CreatedAt: at, UpdatedAt: at,
	}
	return t, []Event{event(EventOpened, by, at, map[string]any{
		"kind": o.Kind, "category": o.Category, "source": o.Source, "channel": o.Channel, "received_at": o.ReceivedAt,
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
// Making something else of a complaint, which would end its clocks without
// evidence, takes a lead or a supervisor.
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
	if t.Kind.timed() && c.Kind != "" && !c.Kind.timed() && !by.Supervises {
		return nil, ErrForbidden
	}
	data := map[string]any{}
	if c.Kind != "" && c.Kind != t.Kind {
		data["kind_from"] = t.Kind
		t.Kind = c.Kind
	}
	if c.Category != "" && c.Category != t.Category {
		data["category_from"] = t.Category
	}
	if c.Category != "" {
		t.Category = c.Category
	}
	if c.Urgent != nil {
		t.Urgent = *c.Urgent
	}
	data["kind"], data["category"] = t.Kind, t.Category
	t.State, t.Assignee = Accepted, by.person()
	return t.emit(EventAccepted, by, at, data), nil
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

// Withdraw ends a ticket whose resident does not want it any more, before
// anybody has begun with it: its number stays, with the words. What is urgent
// and what 12345 sent is never withdrawn by a message.
func (t *Ticket) Withdraw(by Actor, words string, at time.Time) ([]Event, error) {
	if err := t.guard(MoveWithdraw, by); err != nil {
		return nil, err
	}
	if err := text("reason", words, 1, 1000); err != nil {
		return nil, err
	}
	reason := "居民撤回：" + words
	t.State, t.ClosedAt, t.CloseBasis = Void, at, reason
	return t.emit(EventVoided, by, at, map[string]any{"reason": reason, "withdrawn": true}), nil
}
