package tickets

import (
	"time"

	"quandesk/tickets/customer"
)

// Call is a promise that a person will call the resident (预约回电).
type Call struct {
	At    time.Time
	Phone string // empty: the phone of the ticket
	Note  string
}

const (
	longestPromise = 30 * 24 * time.Hour // a call further ahead is a mistyped date
	// calledEarly is how long before the promised time a call still keeps the promise.
	calledEarly = 30 * time.Minute
)

// BookCall promises a call, or moves the one that was promised. The clock of
// rule H01 runs to it.
func (t *Ticket) BookCall(by Actor, c Call, at time.Time) ([]Event, error) {
	if err := t.guard(MoveBookCall, by); err != nil {
		return nil, err
	}
	phone := t.ContactPhone
	if c.Phone != "" {
		var err error
		if phone, err = customer.ParsePhone(c.Phone); err != nil {
			return nil, &InputError{"phone", Invalid}
		}
	}
	switch {
	case phone == "":
		return nil, &InputError{"phone", Missing}
	case c.At.Before(at.Add(-time.Minute)):
		return nil, &InputError{"at", TooEarly}
	case c.At.After(at.Add(longestPromise)):
		return nil, &InputError{"at", TooLate}
	}
	if err := text("note", c.Note, 0, 2000); err != nil {
		return nil, err
	}
	data := map[string]any{"at": c.At, "number": customer.MaskPhone(phone), "note": c.Note}
	if !t.CallAt.IsZero() {
		data["from"] = t.CallAt
	}
	t.CallAt, t.CallPhone = c.At, phone
	return t.emit(EventAppointmentBooked, by, at, data), nil
}

// CancelCall takes a promised call back, because the resident no longer wants it.
func (t *Ticket) CancelCall(by Actor, words string, at time.Time) ([]Event, error) {
	if err := t.guard(MoveCancelCall, by); err != nil {
		return nil, err
	}
	if err := text("note", words, 0, 2000); err != nil {
		return nil, err
	}
	data := map[string]any{"at": t.CallAt, "note": words, "cancelled": true}
	t.CallAt, t.CallPhone = time.Time{}, ""
	return t.emit(EventAppointmentEnded, by, at, data), nil
}

// called ends the promise that this attempt to reach the resident keeps: one
// made when it was promised, whether somebody answered or not.
func (t *Ticket) called(by Actor, result ContactResult, at time.Time) []Event {
	if t.CallAt.IsZero() || at.Before(t.CallAt.Add(-calledEarly)) {
		return nil
	}
	data := map[string]any{"at": t.CallAt, "result": result}
	t.CallAt, t.CallPhone = time.Time{}, ""
	return t.emit(EventAppointmentEnded, by, at, data)
}
