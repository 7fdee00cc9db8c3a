package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"quandesk/channels"
	"quandesk/channels/phone"
)

// InCall runs f in one transaction, for the switchboard.
func (s *Store) InCall(ctx context.Context, f func(phone.Store) error) error {
	return s.Atomically(ctx, func(s *Store) error { return f(s) })
}

const callColumns = `c.id, c.call_id, c.direction, c.number, c.line, c.extension, c.user_id, c.user_name,
	c.ringing_at, c.answered_at, c.ended_at, c.lost, c.task_no, c.ticket_no, c.version`

func scanCalls(rows *sql.Rows, err error) ([]phone.Call, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []phone.Call
	for rows.Next() {
		var c phone.Call
		var ringing, answered, ended int64
		if err := rows.Scan(&c.ID, &c.CallID, &c.Direction, &c.Number, &c.Line, &c.Extension, &c.Agent.ID, &c.Agent.Name,
			&ringing, &answered, &ended, &c.Lost, &c.TaskNo, &c.TicketNo, &c.Version); err != nil {
			return nil, err
		}
		c.RingingAt, c.AnsweredAt, c.EndedAt = at(ringing), at(answered), at(ended)
		out = append(out, c)
	}
	return out, rows.Err()
}

// AddCallEvent stores an event once and what the call's events then come to.
func (s *Store) AddCallEvent(ctx context.Context, e phone.Event) (phone.Call, bool, error) {
	// The row of the call is locked first: events that come at the same moment
	// are folded one after the other.
	const lock = `INSERT INTO calls (call_id, created_at, updated_at) VALUES ($1, $2, $2)
		ON CONFLICT (call_id) DO UPDATE SET version = calls.version + 1
		RETURNING id, version, task_no, ticket_no`
	var kept phone.Call
	now := ms(s.Now())
	if err := s.tx.QueryRowContext(ctx, lock, e.CallID, now).Scan(&kept.ID, &kept.Version, &kept.TaskNo, &kept.TicketNo); err != nil {
		return kept, false, fmt.Errorf("lock call: %w", err)
	}
	if err := s.seat(ctx, &e); err != nil {
		return kept, false, err
	}
	const add = `INSERT INTO call_events (call_id, kind, extension, user_id, user_name, direction, number, line, at, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (call_id, kind, extension) DO NOTHING`
	res, err := s.tx.ExecContext(ctx, add, e.CallID, e.Kind, e.Extension, e.Agent.ID, e.Agent.Name, e.Direction, e.Number, e.Line, ms(e.At), now)
	if err != nil {
		return kept, false, fmt.Errorf("store call event: %w", err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return kept, false, err
	}
	events, err := s.callEvents(ctx, e.CallID)
	if err != nil {
		return kept, false, err
	}
	c := phone.Fold(events)
	c.ID, c.Version, c.TaskNo, c.TicketNo = kept.ID, kept.Version, kept.TaskNo, kept.TicketNo
	if n == 0 {
		return c, false, nil
	}
	const save = `UPDATE calls SET direction = $1, number = $2, line = $3, extension = $4, user_id = $5, user_name = $6,
			ringing_at = $7, answered_at = $8, ended_at = $9, lost = $10, updated_at = $11
		WHERE id = $12`
	if _, err := s.tx.ExecContext(ctx, save, c.Direction, c.Number, c.Line, c.Extension, c.Agent.ID, c.Agent.Name,
		ms(c.RingingAt), ms(c.AnsweredAt), ms(c.EndedAt), c.Lost, now, c.ID); err != nil {
		return c, false, fmt.Errorf("save call: %w", err)
	}
	for id := range concerned(events) {
		s.touch(callsTopic(id), c.Version)
	}
	return c, true, nil
}

// seat finds who sits at the extension of an event.
func (s *Store) seat(ctx context.Context, e *phone.Event) error {
	if e.Extension == "" {
		return nil
	}
	const q = `SELECT id, name FROM users WHERE extension = $1 AND NOT disabled`
	err := s.tx.QueryRowContext(ctx, q, e.Extension).Scan(&e.Agent.ID, &e.Agent.Name)
	if err != nil && err != sql.ErrNoRows {
		return fmt.Errorf("find extension: %w", err)
	}
	return nil
}

// concerned are the people at whose telephones a call rang or was answered.
func concerned(events []phone.Event) map[int64]bool {
	out := map[int64]bool{}
	for _, e := range events {
		if e.Agent.ID != 0 {
			out[e.Agent.ID] = true
		}
	}
	return out
}

func (s *Store) callEvents(ctx context.Context, callID string) ([]phone.Event, error) {
	const q = `SELECT kind, extension, user_id, user_name, direction, number, line, at FROM call_events
		WHERE call_id = $1 ORDER BY id`
	rows, err := s.read().QueryContext(ctx, q, callID)
	if err != nil {
		return nil, fmt.Errorf("read call events: %w", err)
	}
	defer rows.Close()
	var out []phone.Event
	for rows.Next() {
		e := phone.Event{CallID: callID}
		var when int64
		if err := rows.Scan(&e.Kind, &e.Extension, &e.Agent.ID, &e.Agent.Name, &e.Direction, &e.Number, &e.Line, &when); err != nil {
			return nil, err
		}
		e.At = at(when)
		out = append(out, e)
	}
	return out, rows.Err()
}

// Unended are calls whose end nobody has told, those that wait longest first.
func (s *Store) Unended(ctx context.Context, ringing, talking time.Time, n int) ([]phone.Call, error) {
	const q = `SELECT ` + callColumns + ` FROM calls c
		WHERE c.ended_at = 0 AND (c.answered_at = 0 AND c.updated_at <= $1 OR c.answered_at <> 0 AND c.updated_at <= $2)
		ORDER BY c.updated_at, c.id LIMIT $3`
	list, err := scanCalls(s.read().QueryContext(ctx, q, ms(ringing), ms(talking), n))
	return list, wrap(err)
}

// MissedTasks are the tickets that missed calls of a number left, newest first.
func (s *Store) MissedTasks(ctx context.Context, number string, since time.Time) ([]string, error) {
	if err := s.alone(ctx, "missed "+number); err != nil {
		return nil, err
	}
	const q = `SELECT c.task_no FROM calls c JOIN tickets t ON t.no = c.task_no
		WHERE c.number = $1 AND c.task_no <> '' AND t.state <> 'void' AND t.created_at >= $2
		GROUP BY c.task_no ORDER BY MAX(t.id) DESC`
	return texts(s.tx.QueryContext(ctx, q, number, ms(since)))
}

// SetCallTask notes the ticket that a missed call left.
func (s *Store) SetCallTask(ctx context.Context, callID, no string) error {
	return s.exec(ctx, "note task of call", `UPDATE calls SET task_no = $1 WHERE call_id = $2`, no, callID)
}

// CallsOfTask counts the calls that left a ticket.
func (s *Store) CallsOfTask(ctx context.Context, no string) (int, error) {
	var n int
	err := s.read().QueryRowContext(ctx, `SELECT COUNT(*) FROM calls WHERE task_no = $1`, no).Scan(&n)
	return n, wrap(err)
}

// Call is one call. phone.ErrNotFound when nobody has told of it.
func (s *Store) Call(ctx context.Context, callID string) (phone.Call, error) {
	const q = `SELECT ` + callColumns + ` FROM calls c WHERE c.call_id = $1`
	list, err := scanCalls(s.read().QueryContext(ctx, q, callID))
	if err != nil {
		return phone.Call{}, wrap(fmt.Errorf("read call: %w", err))
	}
	if len(list) == 0 {
		return phone.Call{}, phone.ErrNotFound
	}
	return list[0], nil
}

// CallsOf are the latest calls at a person's telephone, newest first.
func (s *Store) CallsOf(ctx context.Context, userID int64, since time.Time) ([]phone.Call, error) {
	const q = `SELECT ` + callColumns + ` FROM calls c
		WHERE c.call_id IN (SELECT e.call_id FROM call_events e WHERE e.user_id = $1 AND e.created_at >= $2)
		ORDER BY c.id DESC LIMIT 20`
	list, err := scanCalls(s.read().QueryContext(ctx, q, userID, ms(since)))
	return list, wrap(err)
}

// CallsFrom are the latest calls of a number, newest first.
func (s *Store) CallsFrom(ctx context.Context, number string, n int) ([]phone.Call, error) {
	if number == "" {
		return nil, nil
	}
	const q = `SELECT ` + callColumns + ` FROM calls c WHERE c.number = $1 AND c.number <> '' ORDER BY c.id DESC LIMIT $2`
	list, err := scanCalls(s.read().QueryContext(ctx, q, number, limit(n)))
	return list, wrap(err)
}

// LinkCall notes which ticket a call was about, as an agent chose it.
func (s *Store) LinkCall(ctx context.Context, callID, no string) error {
	const q = `UPDATE calls SET ticket_no = $1, version = version + 1 WHERE call_id = $2 RETURNING user_id, version`
	return s.Atomically(ctx, func(s *Store) error {
		var user, version int64
		err := s.tx.QueryRowContext(ctx, q, no, callID).Scan(&user, &version)
		if err == sql.ErrNoRows {
			return phone.ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("link call: %w", err)
		}
		s.touch(callsTopic(user), version)
		return nil
	})
}

// TalksOf are the conversations of the person who is proven to have a number,
// newest first.
func (s *Store) TalksOf(ctx context.Context, sc channels.Scope, number string, n int) ([]channels.Conversation, error) {
	w := &where{}
	w.add("c.customer_id IN (SELECT id FROM customers WHERE phone = ?)", number)
	w.inboxScope(sc)
	w.knownTalks(sc)
	q := `SELECT ` + conversationColumns + ` FROM conversations c
		WHERE ` + w.String() + ` ORDER BY c.updated_at DESC, c.id DESC LIMIT ` + strconv.Itoa(limit(n))
	list, err := scanConversations(s.read().QueryContext(ctx, q, w.args...))
	return list, wrap(err)
}
