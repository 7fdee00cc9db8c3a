package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"quandesk/channels/hotline12345"
	"quandesk/tickets"
)

// sendLease is how long a message may be on its way to 12345 before whoever
// sent it is taken for dead.
const sendLease = 45 * time.Second

const outwardColumns = `o.id, o.ticket_id, t.no, o.order_no, o.act, o.round, o.key, o.body, o.state, o.doubt, o.reason,
	o.attempts, o.next_at, o.sent_at, o.done_at, o.created_at`

func scanOutward(rows *sql.Rows, err error) ([]hotline12345.Outward, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []hotline12345.Outward
	for rows.Next() {
		var o hotline12345.Outward
		var body string
		var next, sent, done, created int64
		if err := rows.Scan(&o.ID, &o.TicketID, &o.TicketNo, &o.OrderNo, &o.Act, &o.Round, &o.Key, &body, &o.State,
			&o.Doubt, &o.Reason, &o.Attempts, &next, &sent, &done, &created); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(body), &o.Lines); err != nil {
			return nil, err
		}
		o.NextAt, o.SentAt, o.DoneAt, o.CreatedAt = at(next), at(sent), at(done), at(created)
		out = append(out, o)
	}
	return out, rows.Err()
}

// report writes what 12345 has to be told of these events, and what it is
// known to have, in the transaction of the events.
func (s *Store) report(ctx context.Context, t *tickets.Ticket, events []tickets.Event) error {
	if t.Source != tickets.From12345 || t.ExternalNo == "" {
		return nil
	}
	for _, e := range events {
		if act, ok := e.Told(); ok {
			if err := s.tell12345(ctx, t, act); err != nil {
				return fmt.Errorf("tell 12345: %w", err)
			}
		}
		if e.Kind == tickets.EventReported || e.Kind == tickets.EventReportRefused {
			if err := s.reported(ctx, t, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// tell12345 adds a message. An earlier one of its kind that nobody has sent
// yet is overtaken by it: the platform hears the last word only.
func (s *Store) tell12345(ctx context.Context, t *tickets.Ticket, act tickets.Act) error {
	const overtake = `UPDATE outward SET state = 'superseded'
		WHERE ticket_id = $1 AND act = $2 AND (state = 'pending' AND attempts = 0 OR state = 'refused')`
	const next = `SELECT COALESCE(MAX(round), 0) + 1 FROM outward WHERE ticket_id = $1 AND act = $2`
	const insert = `INSERT INTO outward (ticket_id, order_no, act, round, key, body, state, next_at, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, 'pending', $7, $7)
		RETURNING id`
	if _, err := s.tx.ExecContext(ctx, overtake, t.ID, act); err != nil {
		return err
	}
	var round int
	if err := s.tx.QueryRowContext(ctx, next, t.ID, act).Scan(&round); err != nil {
		return err
	}
	var id int64
	if err := s.tx.QueryRowContext(ctx, insert, t.ID, t.ExternalNo, act, round, hotline12345.KeyOf(t.ExternalNo, act, round),
		asJSON(hotline12345.Lines(t, act)), ms(s.Now())).Scan(&id); err != nil {
		return err
	}
	s.later(Job{Kind: ReportJob, ID: id, Once: true})
	return nil
}

// reported closes the messages that an event says the platform has, or does
// not want. Round 0 is whatever of the kind is open.
func (s *Store) reported(ctx context.Context, t *tickets.Ticket, e tickets.Event) error {
	const q = `UPDATE outward SET state = $1, reason = $2, doubt = FALSE, done_at = $3
		WHERE ticket_id = $4 AND act = $5 AND (round = $6 OR $6 = 0)
			AND state NOT IN ('delivered', 'manual', 'superseded')`
	var said struct {
		Act    tickets.Act `json:"act"`
		Round  int         `json:"round"`
		Way    tickets.Way `json:"way"`
		Reason string      `json:"reason"`
	}
	if err := json.Unmarshal(e.Data, &said); err != nil {
		return err
	}
	state := hotline12345.Manual
	switch {
	case e.Kind == tickets.EventReportRefused:
		state = hotline12345.Refused
	case said.Way == tickets.ByConnection:
		state = hotline12345.Delivered
	}
	res, err := s.tx.ExecContext(ctx, q, state, said.Reason, ms(s.Now()), t.ID, said.Act, said.Round)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return &tickets.InputError{Field: "act", Problem: tickets.Invalid} // nothing of the kind is open
}

// Outward loads a message to 12345 of a ticket in scope. The error is
// hotline12345.ErrNoOutward when there is none.
func (s *Store) Outward(ctx context.Context, sc tickets.Scope, id int64) (hotline12345.Outward, error) {
	w := &where{}
	w.add("o.id = ?", id)
	w.ticketScope(sc)
	list, err := s.outward(ctx, w, " LIMIT 1")
	if err != nil {
		return hotline12345.Outward{}, wrap(fmt.Errorf("load message to 12345: %w", err))
	}
	if len(list) == 0 {
		return hotline12345.Outward{}, hotline12345.ErrNoOutward
	}
	return list[0], nil
}

// OutwardOf lists the messages about a ticket, oldest first.
func (s *Store) OutwardOf(ctx context.Context, ticketID int64) ([]hotline12345.Outward, error) {
	w := &where{}
	w.add("o.ticket_id = ?", ticketID)
	list, err := s.outward(ctx, w, " ORDER BY o.id")
	return list, wrap(err)
}

// Unreported lists what the platform has yet to be told of tickets in scope,
// oldest first; of one act when it is named.
func (s *Store) Unreported(ctx context.Context, sc tickets.Scope, act tickets.Act, n int) ([]hotline12345.Outward, error) {
	w := &where{}
	w.ticketScope(sc)
	w.parts = append(w.parts, "o.state IN ('pending', 'sending', 'unknown', 'refused')")
	if act != "" {
		w.add("o.act = ?", act)
	}
	list, err := s.outward(ctx, w, " ORDER BY o.created_at, o.id LIMIT "+strconv.Itoa(n))
	return list, wrap(err)
}

func (s *Store) outward(ctx context.Context, w *where, tail string) ([]hotline12345.Outward, error) {
	q := `SELECT ` + outwardColumns + ` FROM outward o JOIN tickets t ON t.id = o.ticket_id WHERE ` + w.String() + tail
	return scanOutward(s.read().QueryContext(ctx, q, w.args...))
}

// Depart takes a message that is due to be sent, or asked about when its doubt
// is set. ours is false when there is nothing to do: it has been dealt with,
// it is on its way, its time has not come, or an earlier one of the same
// ticket goes first.
func (s *Store) Depart(ctx context.Context, id int64) (o hotline12345.Outward, ours bool, err error) {
	const take = `UPDATE outward SET state = 'sending', doubt = TRUE, attempts = attempts + 1, sent_at = $1 WHERE id = $2`
	err = s.Atomically(ctx, func(s *Store) error {
		ours = false
		now := s.Now()
		w := &where{}
		w.add("o.id = ?", id)
		w.add(`(o.state IN ('pending', 'unknown') AND o.next_at <= ? OR o.state = 'sending' AND o.sent_at < ?)`, ms(now), ms(now.Add(-sendLease)))
		w.parts = append(w.parts, `NOT EXISTS (SELECT 1 FROM outward before WHERE before.ticket_id = o.ticket_id
			AND before.id < o.id AND before.state IN ('pending', 'sending', 'unknown'))`)
		lock := ""
		if s.engine == Postgres {
			lock = " FOR UPDATE OF o"
		}
		list, err := s.outward(ctx, w, lock)
		if err != nil || len(list) == 0 {
			return err
		}
		o, ours = list[0], true
		if _, err := s.tx.ExecContext(ctx, take, ms(now), id); err != nil {
			return err
		}
		s.touch(ticketTopic(o.TicketNo), 0)
		return nil
	})
	if err != nil {
		return o, false, fmt.Errorf("take message to 12345: %w", err)
	}
	return o, ours, nil
}

// PutOff gives a message back that did not arrive, or of which nobody knows,
// until its next time.
func (s *Store) PutOff(ctx context.Context, o hotline12345.Outward, state hotline12345.Delivery, reason string, next time.Time) error {
	const q = `UPDATE outward SET state = $1, doubt = $2, reason = $3, next_at = $4 WHERE id = $5 AND state = 'sending'`
	return s.Atomically(ctx, func(s *Store) error {
		if _, err := s.tx.ExecContext(ctx, q, state, state == hotline12345.Unknown, reason, ms(next), o.ID); err != nil {
			return fmt.Errorf("put off message to 12345: %w", err)
		}
		s.touch(ticketTopic(o.TicketNo), 0)
		return nil
	})
}

// Again lets a message be tried at once because a person said so: one that was
// refused is sent anew, one in doubt is asked about, unless the person wants
// it sent whatever the platform may have.
func (s *Store) Again(ctx context.Context, o hotline12345.Outward, regardless bool) error {
	const q = `UPDATE outward SET state = CASE WHEN state = 'unknown' AND NOT $1 THEN 'unknown' ELSE 'pending' END,
			doubt = CASE WHEN $1 THEN FALSE ELSE state = 'unknown' END, next_at = $2
		WHERE id = $3 AND state IN ('pending', 'unknown', 'refused')`
	return s.Atomically(ctx, func(s *Store) error {
		res, err := s.tx.ExecContext(ctx, q, regardless, ms(s.Now()), o.ID)
		if err != nil {
			return fmt.Errorf("try message to 12345 again: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		s.later(Job{Kind: ReportJob, ID: o.ID, Once: true})
		s.touch(ticketTopic(o.TicketNo), 0)
		return nil
	})
}

// Departures writes the jobs of messages whose time has come anew: after a
// pause between tries, and after a process that died.
func (s *Store) Departures(ctx context.Context) (int, error) {
	const q = `SELECT id FROM outward
		WHERE state IN ('pending', 'sending', 'unknown') AND next_at <= $1 AND (state <> 'sending' OR sent_at < $2)
		ORDER BY next_at, id LIMIT 200`
	now := s.Now()
	due, err := ids(s.read().QueryContext(ctx, q, ms(now), ms(now.Add(-sendLease))))
	if err != nil || len(due) == 0 {
		return 0, wrap(err)
	}
	err = s.Atomically(ctx, func(s *Store) error {
		for _, id := range due {
			s.later(Job{Kind: ReportJob, ID: id, Once: true})
		}
		return nil
	})
	return len(due), err
}
