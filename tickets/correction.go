package tickets

import (
	"time"

	"quandesk/tickets/customer"
)

// Correction is what turned out to be wrong or missing; nil keeps.
type Correction struct {
	ContactName  *string
	ContactPhone *string
	Address      *customer.Address
	Category     *Category
	Application  *string // other business, of an application
	Urgent       *bool
	// Complaint makes a complaint of what was a repair, a request or an inquiry:
	// words of complaint are never taken for less, and the clocks of clause 11.2
	// begin with them.
	Complaint bool
}

// Correct mends what the resident or an agent finds wrong. The event keeps
// which fields changed; a phone is kept masked.
func (t *Ticket) Correct(by Actor, c Correction, at time.Time) ([]Event, error) {
	if err := t.guard(MoveCorrect, by); err != nil {
		return nil, err
	}
	if c.Category != nil && !c.Category.Valid() {
		return nil, &InputError{"category", Invalid}
	}
	phone := ""
	if c.ContactPhone != nil {
		var err error
		if phone, err = customer.ParsePhone(*c.ContactPhone); err != nil {
			return nil, &InputError{"contact_phone", Invalid}
		}
	}
	if c.Application != nil && (t.Kind != Application || *c.Application == "") {
		return nil, &InputError{"application", Invalid}
	}
	if c.Complaint && !t.Kind.mayBecomeComplaint() {
		return nil, &InputError{"kind", Invalid}
	}
	data := map[string]any{}
	if c.Complaint {
		data["kind_from"], data["kind"] = t.Kind, Complaint
		t.Kind = Complaint
	}
	if c.Application != nil {
		data["application_from"], data["application"] = t.Application, *c.Application
		t.Application = *c.Application
	}
	if c.Category != nil {
		data["category_from"], data["category"] = t.Category, *c.Category
		t.Category = *c.Category
	}
	if c.ContactPhone != nil {
		data["phone_from"], data["phone"] = customer.MaskPhone(t.ContactPhone), customer.MaskPhone(phone)
		if t.CallPhone != "" && t.CallPhone == t.ContactPhone {
			t.CallPhone = phone // the promised call goes where the resident can be reached
		}
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

// mayBecomeComplaint reports whether a ticket of this kind is one that its
// resident may say is a complaint.
func (k Kind) mayBecomeComplaint() bool { return k == Repair || k == Request || k == Inquiry }

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
