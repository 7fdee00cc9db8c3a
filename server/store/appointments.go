package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"quandesk/server/auth"
	"quandesk/tickets"
	"quandesk/tickets/calendar"
)

// days is the calendar that the hours of a team go by.
var days = sync.OnceValue(func() *calendar.Calendar {
	c, err := calendar.Default()
	if err != nil {
		panic(err) // it is part of the program; a test reads it
	}
	return c
})

// offered is how many other times a refused booking names.
const offered = 3

// appoint keeps the promised calls of a ticket in step with what happened to
// it. A call that is booked gets a place in its team's hours or is refused:
// whoever books the last place at the same moment waits here.
func (s *Store) appoint(ctx context.Context, t *tickets.Ticket, events []tickets.Event) error {
	now := s.Now()
	for _, e := range events {
		var err error
		switch e.Kind {
		case tickets.EventAppointmentBooked:
			err = s.book(ctx, t, now)
		case tickets.EventCorrected:
			const q = `UPDATE appointments SET phone = $1 WHERE ticket_id = $2 AND state = 'booked'`
			_, err = s.tx.ExecContext(ctx, q, t.CallPhone, t.ID)
		case tickets.EventAppointmentTried:
			const q = `UPDATE appointments SET next_at = $1, tries = $2 WHERE ticket_id = $3 AND state = 'booked'`
			_, err = s.tx.ExecContext(ctx, q, ms(t.CallAt), t.CallTries, t.ID)
		case tickets.EventAppointmentFailed:
			err = s.unbook(ctx, t.ID, tickets.CallFailed, now)
		case tickets.EventAppointmentEnded:
			state := tickets.CallCancelled
			if t.LastContact == tickets.Reached && slices.ContainsFunc(events, func(e tickets.Event) bool { return e.Kind == tickets.EventContacted }) {
				state = tickets.CallKept
			}
			err = s.unbook(ctx, t.ID, state, now)
		}
		if err != nil {
			return fmt.Errorf("keep appointment: %w", err)
		}
	}
	if !t.State.Open() {
		return s.unbook(ctx, t.ID, tickets.CallLapsed, now)
	}
	return nil
}

func (s *Store) unbook(ctx context.Context, ticketID int64, state tickets.AppointmentState, now time.Time) error {
	const q = `UPDATE appointments SET state = $1, ended_at = $2, tries = CASE WHEN $1 = 'failed' THEN tries + 1 ELSE tries END
		WHERE ticket_id = $3 AND state = 'booked'`
	_, err := s.tx.ExecContext(ctx, q, string(state), ms(now), ticketID)
	return err
}

func (s *Store) book(ctx context.Context, t *tickets.Ticket, now time.Time) error {
	if err := s.unbook(ctx, t.ID, tickets.CallMoved, now); err != nil {
		return err
	}
	if err := s.holdPlaces(ctx, t.CallTeam, t.CallPhone); err != nil {
		return err
	}
	slot, err := s.placeFor(ctx, t, now)
	if err != nil {
		return err
	}
	const q = `INSERT INTO appointments (ticket_id, team, phone, at, slot_at, next_at, state, made_at)
		VALUES ($1, $2, $3, $4, $5, $4, 'booked', $6)`
	_, err = s.tx.ExecContext(ctx, q, t.ID, t.CallTeam, t.CallPhone, ms(t.CallAt), ms(slot), ms(now))
	return err
}

// holdPlaces lets one booking at a time go on for a team and a number, always
// in this order: two bookings never wait for each other.
func (s *Store) holdPlaces(ctx context.Context, team, phone string) error {
	if err := s.alone(ctx, "calls of team "+team); err != nil {
		return err
	}
	return s.alone(ctx, "calls to "+phone)
}

// placeFor is the slot in which the call of a ticket has a place.
func (s *Store) placeFor(ctx context.Context, t *tickets.Ticket, now time.Time) (time.Time, error) {
	if !t.Booking.Override {
		if err := s.calledOften(ctx, t.ID, t.CallPhone, t.CallAt); err != nil {
			return time.Time{}, err
		}
	}
	if t.Booking.Unplaced {
		return time.Time{}, nil
	}
	hours, err := s.CallHours(ctx, t.CallTeam)
	if err != nil {
		return time.Time{}, err
	}
	slot, open := hours.SlotOf(t.CallAt, days())
	if open {
		const q = `SELECT COUNT(*) FROM appointments
			WHERE team = $1 AND slot_at = $2 AND state IN ('booked', 'kept', 'failed') AND ticket_id <> $3`
		var taken int
		if err := s.read().QueryRowContext(ctx, q, t.CallTeam, ms(slot), t.ID).Scan(&taken); err != nil {
			return time.Time{}, err
		}
		if taken < hours.Capacity {
			return slot, nil
		}
	}
	free, err := s.nearest(ctx, hours, t.CallAt, now, offered)
	if err != nil {
		return time.Time{}, err
	}
	return time.Time{}, &tickets.SlotError{Closed: !open, Free: free}
}

// calledOften refuses a call to a number that is called often enough that day (T52).
func (s *Store) calledOften(ctx context.Context, ticketID int64, phone string, when time.Time) error {
	const q = `SELECT COUNT(*) FROM appointments
		WHERE phone = $1 AND at >= $2 AND at < $3 AND state IN ('booked', 'kept', 'failed') AND ticket_id <> $4`
	y, m, d := when.In(tickets.Beijing).Date()
	from := time.Date(y, m, d, 0, 0, 0, 0, tickets.Beijing)
	var n int
	if err := s.read().QueryRowContext(ctx, q, phone, ms(from), ms(from.AddDate(0, 0, 1)), ticketID).Scan(&n); err != nil {
		return err
	}
	if n >= tickets.CallsPerDay {
		return tickets.ErrCalledOften
	}
	return nil
}

func (s *Store) nearest(ctx context.Context, h tickets.CallHours, when, now time.Time, n int) ([]time.Time, error) {
	const q = `SELECT slot_at, COUNT(*) FROM appointments
		WHERE team = $1 AND slot_at >= $2 AND state IN ('booked', 'kept', 'failed') GROUP BY slot_at`
	counts, err := pairs(s.read().QueryContext(ctx, q, h.Team, ms(now.AddDate(0, 0, -1))))
	if err != nil {
		return nil, err
	}
	taken := make(map[time.Time]int, len(counts))
	for slot, count := range counts {
		taken[at(slot).In(tickets.Beijing)] = int(count)
	}
	return h.Nearest(when, now, taken, days(), n), nil
}

// FreeCalls are the nearest slots of a team with a place left.
func (s *Store) FreeCalls(ctx context.Context, team string, when time.Time, n int) ([]time.Time, error) {
	h, err := s.CallHours(ctx, team)
	if err != nil {
		return nil, err
	}
	free, err := s.nearest(ctx, h, when, s.Now(), n)
	return free, wrap(err)
}

// CanCall is what booking this call would be refused with now, or nil. Inside
// a transaction the answer holds until it ends.
func (s *Store) CanCall(ctx context.Context, no, team, phone string, when time.Time) error {
	t := &tickets.Ticket{CallAt: when, CallTeam: team, CallPhone: phone}
	if no != "" {
		const q = `SELECT id FROM tickets WHERE no = $1`
		if err := s.read().QueryRowContext(ctx, q, no).Scan(&t.ID); err != nil && err != sql.ErrNoRows {
			return wrap(err)
		}
	}
	if s.tx != nil {
		if err := s.holdPlaces(ctx, team, phone); err != nil {
			return err
		}
	}
	_, err := s.placeFor(ctx, t, s.Now())
	return wrap(err)
}

// CallHours are the hours in which a team calls.
func (s *Store) CallHours(ctx context.Context, team string) (tickets.CallHours, error) {
	const q = `SELECT opens, closes, slot_minutes, capacity, workdays, changed_by_name, changed_at FROM call_hours WHERE team = $1`
	h := tickets.CallHours{Team: team}
	var changed int64
	err := s.read().QueryRowContext(ctx, q, team).Scan(&h.Opens, &h.Closes, &h.Slot, &h.Capacity, &h.Workdays, &h.ChangedBy, &changed)
	if err == sql.ErrNoRows {
		return tickets.DefaultCallHours(team), nil
	}
	h.ChangedAt = at(changed)
	return h, wrap(err)
}

// PutCallHours changes the hours of a team, on record. Calls that are booked
// stay as they were promised.
func (s *Store) PutCallHours(ctx context.Context, by tickets.Actor, h tickets.CallHours) error {
	if err := h.Check(); err != nil {
		return err
	}
	const q = `INSERT INTO call_hours (team, opens, closes, slot_minutes, capacity, workdays, changed_by_name, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (team) DO UPDATE SET opens = excluded.opens, closes = excluded.closes, slot_minutes = excluded.slot_minutes,
			capacity = excluded.capacity, workdays = excluded.workdays,
			changed_by_name = excluded.changed_by_name, changed_at = excluded.changed_at`
	return s.Atomically(ctx, func(s *Store) error {
		now := s.Now()
		if _, err := s.tx.ExecContext(ctx, q, h.Team, h.Opens, h.Closes, h.Slot, h.Capacity, h.Workdays, by.Name, ms(now)); err != nil {
			return fmt.Errorf("put call hours: %w", err)
		}
		_, err := s.chain(ctx, auth.Entry{
			At: now, Actor: by, Action: "hours.change", Object: "team " + h.Team, RequestID: by.RequestID,
			Result: fmt.Sprintf("ok: %d-%d/%d x%d", h.Opens, h.Closes, h.Slot, h.Capacity),
		}, []byte{})
		return err
	})
}

// Appointments are promised calls in the order of the promises.
func (s *Store) Appointments(ctx context.Context, sc tickets.Scope, f tickets.AppointmentFilter) ([]tickets.Appointment, error) {
	w := &where{}
	w.ticketScope(sc)
	if f.ID != 0 {
		w.add("a.id = ?", f.ID)
	}
	if f.TicketID != 0 {
		w.add("a.ticket_id = ?", f.TicketID)
	}
	if f.Waiting {
		w.parts = append(w.parts, "a.state = 'booked'")
	}
	if !f.From.IsZero() {
		w.add("(a.at >= ? OR a.next_at >= ?)", ms(f.From), ms(f.From))
	}
	if !f.To.IsZero() {
		w.add("a.at < ?", ms(f.To))
	}
	if f.Team != nil {
		w.add("a.team = ?", *f.Team)
	}
	q := `SELECT a.id, t.no, a.team, a.phone, a.at, a.next_at, a.tries, a.state, a.made_at, a.ended_at
		FROM appointments a JOIN tickets t ON t.id = a.ticket_id
		WHERE ` + w.String() + ` ORDER BY a.at, a.id LIMIT ` + strconv.Itoa(mostAppointments)
	list, nos, err := scanAppointments(s.read().QueryContext(ctx, q, w.args...))
	if err != nil || len(list) == 0 {
		return nil, wrap(err)
	}
	tw := &where{}
	anyOf(tw, "t.no", nos)
	found, err := s.loadTickets(ctx, tw.String(), tw.args)
	if err != nil {
		return nil, wrap(err)
	}
	byNo := map[string]*tickets.Ticket{}
	for _, t := range found {
		byNo[t.No] = t
	}
	for i := range list {
		list[i].Ticket = byNo[nos[i]]
	}
	return list, nil
}

// mostAppointments is how many calls one list has: more than a team can make in a day.
const mostAppointments = 500

func scanAppointments(rows *sql.Rows, err error) ([]tickets.Appointment, []string, error) {
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	var out []tickets.Appointment
	var nos []string
	for rows.Next() {
		var a tickets.Appointment
		var no string
		var when, next, made, ended int64
		if err := rows.Scan(&a.ID, &no, &a.Team, &a.Phone, &when, &next, &a.Tries, &a.State, &made, &ended); err != nil {
			return nil, nil, err
		}
		a.At, a.NextAt, a.MadeAt, a.Ended = at(when), at(next), at(made), at(ended)
		out, nos = append(out, a), append(nos, no)
	}
	return out, nos, rows.Err()
}
