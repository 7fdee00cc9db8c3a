package tickets

import (
	"slices"
	"time"

	"quandesk/tickets/customer"
)

// Contact is one attempt of a person to reach the resident (R01).
type Contact struct {
	Via       string        // phone, message, visit, sms
	Result    ContactResult // 接通/未接/空号/拒接
	Whom      string        // who was spoken to
	Note      string
	MessageID int64 // evidence when Via is message
	// Confirmed says that who was reached by phone or in person is who wrote:
	// the proof that joins this identity to the person with the phone.
	Confirmed bool
	// Promised says that it was the promised call: whoever answers before its
	// time has been called, too.
	Promised bool
	// Line is the call in which the resident was spoken to, as the exchange
	// recorded it. The desk looks it up; nobody writes its times.
	Line *Line
}

// Line is one answered call of a member of staff.
type Line struct {
	CallID            string
	Agent             Person
	AnsweredAt, Ended time.Time // Ended is zero while they still talk
	Number            string
	Outgoing          bool
}

// betweenTries is how far apart attempts have to be to count as several (R01).
const betweenTries = 5 * time.Minute

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
	if c.Via == "sms" && c.Result == Reached {
		return nil, &InputError{"result", Invalid} // a text message that was sent has reached nobody yet
	}
	if !slices.Contains([]ContactResult{Reached, NoAnswer, InvalidNumber, Refused}, c.Result) {
		return nil, &InputError{"result", Invalid}
	}
	if err := text("note", c.Note, 0, 2000); err != nil {
		return nil, err
	}
	if c.Confirmed && (c.Result != Reached || c.Via != "phone" && c.Via != "visit" || t.ContactPhone == "") {
		return nil, &InputError{"confirmed", Invalid}
	}
	data := map[string]any{
		"via": c.Via, "result": c.Result, "whom": c.Whom, "note": c.Note,
		"number": customer.MaskPhone(t.ContactPhone),
	}
	if c.MessageID != 0 {
		data["message_id"] = c.MessageID
	}
	if c.Line != nil {
		if c.Via != "phone" || c.Line.Agent.ID != by.ID {
			return nil, &InputError{"call_id", Invalid}
		}
		if !c.Line.Ended.IsZero() && c.Line.Ended.Before(t.ReceivedAt) {
			return nil, &InputError{"call_id", TooEarly} // it was about something else
		}
		c.Line.describe(data)
	}
	t.ContactVia, t.LastContact = c.Via, c.Result
	if c.Result != Reached {
		if t.LastTriedAt.IsZero() || at.Sub(t.LastTriedAt) >= betweenTries {
			t.Attempts, t.LastTriedAt = t.Attempts+1, at
		}
		return append(t.emit(EventContactTried, by, at, data), t.called(by, c, at)...), nil
	}
	if c.Confirmed {
		data["confirmed"], t.Proof = true, customer.ProofStaff
	}
	if t.ContactedAt.IsZero() {
		t.ContactedAt = at
	}
	return append(t.emit(EventContacted, by, at, data), t.called(by, c, at)...), nil
}

// describe adds what the exchange recorded of a call to an event.
func (l *Line) describe(data map[string]any) {
	data["call_id"], data["answered_at"], data["outgoing"] = l.CallID, l.AnsweredAt, l.Outgoing
	data["number"] = customer.MaskPhone(l.Number)
	if !l.Ended.IsZero() {
		data["ended_at"] = l.Ended
	}
}

// spoke records that the complaint was made to a person: whoever tells it to
// somebody has been reached (R01). With the exchange's record of the call the
// contact is as old as the call; the word of the person alone is of now.
func (t *Ticket) spoke(by Actor, c Contact, at time.Time) ([]Event, error) {
	if c.Line != nil {
		t.ContactedAt = c.Line.AnsweredAt
		if t.ContactedAt.Before(t.ReceivedAt) {
			t.ContactedAt = t.ReceivedAt
		}
	}
	return t.Contact(by, c, at)
}
