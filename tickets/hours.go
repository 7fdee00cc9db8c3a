package tickets

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"quandesk/tickets/calendar"
)

// CallHours are the hours in which a team calls residents back, cut into
// slots that take so many calls each.
type CallHours struct {
	Team      string // a department; empty: the hotline desk
	Opens     int    // minutes after midnight
	Closes    int
	Slot      int // minutes
	Capacity  int // calls in one slot
	Workdays  bool
	ChangedBy string // empty: nobody has changed the default
	ChangedAt time.Time
}

// DefaultCallHours are those of a team that has set none: every day.
func DefaultCallHours(team string) CallHours {
	return CallHours{Team: team, Opens: 8*60 + 30, Closes: 17*60 + 30, Slot: 30, Capacity: 4}
}

// Check says which field cannot be. The errors are *InputError.
func (h CallHours) Check() error {
	switch {
	case h.Team != "" && !slices.Contains(Departments, h.Team):
		return &InputError{"team", Invalid}
	case h.Opens < 0 || h.Opens >= 24*60:
		return &InputError{"opens", Invalid}
	case h.Slot < 5 || h.Slot > 240:
		return &InputError{"slot_minutes", Invalid}
	case h.Closes > 24*60 || h.Closes < h.Opens+h.Slot:
		return &InputError{"closes", Invalid}
	case h.Capacity < 1 || h.Capacity > 200:
		return &InputError{"capacity", Invalid}
	}
	return nil
}

// SlotOf is the beginning of the slot in which at lies; false when nobody of
// the team calls then. A day of a year whose holidays are not known is none of
// working days.
func (h CallHours) SlotOf(at time.Time, days *calendar.Calendar) (time.Time, bool) {
	at = at.In(Beijing)
	if h.Workdays {
		if worked, err := days.Workday(at); err != nil || !worked {
			return time.Time{}, false
		}
	}
	minute := at.Hour()*60 + at.Minute()
	if minute < h.Opens {
		return time.Time{}, false
	}
	start := h.Opens + (minute-h.Opens)/h.Slot*h.Slot
	if start+h.Slot > h.Closes {
		return time.Time{}, false
	}
	return midnight(at).Add(time.Duration(start) * time.Minute), true
}

// Next is the first moment from at on at which somebody of the team calls.
func (h CallHours) Next(at time.Time, days *calendar.Calendar) time.Time {
	if _, open := h.SlotOf(at, days); open {
		return at
	}
	for start := range h.slots(at, days) {
		if start.After(at) {
			return start
		}
	}
	return at
}

// Nearest are up to n beginnings of slots with a place left, from now on, the
// nearest to at first. taken counts the calls in a slot by its beginning.
func (h CallHours) Nearest(at, now time.Time, taken map[time.Time]int, days *calendar.Calendar, n int) []time.Time {
	var free []time.Time
	first := at.AddDate(0, 0, -1)
	if first.Before(now) {
		first = now
	}
	for start := range h.slots(first, days) {
		if !start.Before(now) && taken[start] < h.Capacity {
			free = append(free, start)
		}
		if len(free) >= n && start.After(at.Add(searchedAhead)) {
			break
		}
	}
	slices.SortStableFunc(free, func(a, b time.Time) int {
		return int(a.Sub(at).Abs() - b.Sub(at).Abs())
	})
	return free[:min(n, len(free))]
}

const (
	searchedAhead = 24 * time.Hour // behind the wanted time, for something nearer
	searchedDays  = 32             // a call further ahead is not promised
)

// slots yields the beginnings of the slots from the day of the time on.
func (h CallHours) slots(from time.Time, days *calendar.Calendar) func(func(time.Time) bool) {
	return func(yield func(time.Time) bool) {
		for day := range searchedDays {
			start := midnight(from).AddDate(0, 0, day)
			for minute := h.Opens; minute+h.Slot <= h.Closes; minute += h.Slot {
				slot, open := h.SlotOf(start.Add(time.Duration(minute)*time.Minute), days)
				if open && !yield(slot) {
					return
				}
			}
		}
	}
}

func midnight(at time.Time) time.Time {
	y, m, d := at.In(Beijing).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, Beijing)
}

// CallsPerDay is how many calls one number is promised on one day: whoever
// books more than that has somebody else called (T52).
const CallsPerDay = 3

// ErrCalledOften is returned when a number has been promised as many calls on
// a day as it may have (T52). A member of staff may say that it is right.
var ErrCalledOften = errors.New("tickets: this number is called often enough that day")

// ErrSlot is returned for a call that finds no place.
var ErrSlot = errors.New("tickets: no place for a call")

// SlotError says that a team has no place for a call then, and which it has.
// It matches ErrSlot.
type SlotError struct {
	Closed bool        // nobody calls at that time; otherwise all places are taken
	Free   []time.Time // the nearest first
}

func (e *SlotError) Error() string {
	return fmt.Sprintf("%v; %d others are free", ErrSlot, len(e.Free))
}

// Unwrap makes a SlotError match ErrSlot.
func (e *SlotError) Unwrap() error { return ErrSlot }

// Appointment is a call that was promised, as the dialling list shows it.
type Appointment struct {
	ID     int64
	Ticket *Ticket
	Team   string
	Phone  string
	At     time.Time // as promised
	NextAt time.Time // when it is to be made: after a failed attempt later than At
	Tries  int
	State  AppointmentState
	MadeAt time.Time
	Ended  time.Time
}

// AppointmentState is what became of a promise.
type AppointmentState string

// What becomes of a promised call.
const (
	CallBooked    AppointmentState = "booked"    // 待拨打
	CallKept      AppointmentState = "kept"      // 已接通
	CallFailed    AppointmentState = "failed"    // 三次未接通
	CallMoved     AppointmentState = "moved"     // 已改约
	CallCancelled AppointmentState = "cancelled" // 已取消
	CallLapsed    AppointmentState = "lapsed"    // 工单已结束
)

// AppointmentFilter narrows the dialling list.
type AppointmentFilter struct {
	From, To time.Time // promised or due in this span, half open
	Waiting  bool      // only calls that are still to be made, however old
	Team     *string
	ID       int64
	TicketID int64
}
