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
	Booking
}

// Booking says how a call is booked when it is saved.
type Booking struct {
	// Unplaced calls take no place of the team's hours: nobody was promised a
	// time, as after a missed call.
	Unplaced bool
	// Override is the word of a member of staff that a number may be called
	// once more on a day on which it was promised all the calls it may have (T52).
	Override bool
}

const (
	longestPromise = 30 * 24 * time.Hour // a call further ahead is a mistyped date
	// calledEarly is how long before the promised time a call still keeps the promise.
	calledEarly = 30 * time.Minute
	// callTries is how often a promised call is tried before a supervisor is told (R01).
	callTries = 3
)

// BookCall promises a call, or moves the one that was promised. The clock of
// rule H01 runs to it.
func (t *Ticket) BookCall(by Actor, c Call, at time.Time) ([]Event, error) {
	if err := t.guard(MoveBookCall, by); err != nil {
		return nil, err
	}
	if c.Override && by.Kind != ByStaff && by.Kind != ByProgram {
		return nil, ErrForbidden
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
	case c.At.IsZero():
		return nil, &InputError{"at", Missing}
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
	if c.Override {
		data["override"] = true
	}
	t.CallAt, t.CallPhone, t.CallTeam, t.Booking = c.At, phone, t.Department, c.Booking
	t.CallTries, t.CallTriedAt = 0, time.Time{}
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

// called is what an attempt to reach the resident, made when it was promised,
// does to the promise: somebody who answers ends it. A call that nobody answers
// is due again five minutes later; attempts closer to each other count as one.
// After the third the resident counts as 已联系未接通, which is not a contact,
// and a supervisor is told (H03).
func (t *Ticket) called(by Actor, c Contact, at time.Time) []Event {
	early := at.Before(t.CallAt.Add(-calledEarly))
	if t.CallAt.IsZero() || early && (!c.Promised || c.Result != Reached) {
		return nil
	}
	data := map[string]any{"at": t.CallAt, "result": c.Result}
	if c.Result == Reached {
		t.CallAt, t.CallPhone = time.Time{}, ""
		return t.emit(EventAppointmentEnded, by, at, data)
	}
	if !t.CallTriedAt.IsZero() && at.Sub(t.CallTriedAt) < betweenTries {
		return nil
	}
	t.CallTries, t.CallTriedAt = t.CallTries+1, at
	data["tries"] = t.CallTries
	if t.CallTries >= callTries {
		t.CallAt, t.CallPhone = time.Time{}, ""
		return t.emit(EventAppointmentFailed, by, at, data)
	}
	t.CallAt = at.Add(betweenTries)
	data["from"], data["at"] = data["at"], t.CallAt
	return t.emit(EventAppointmentTried, by, at, data)
}
