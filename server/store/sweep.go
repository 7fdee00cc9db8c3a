package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"quandesk/tickets"
)

// Sweep claims deadlines whose next step has come and writes what fire makes
// of them, in one transaction: the clocks, the events with their audit row
// and the notices. On PostgreSQL several processes sweep side by side; a row
// that one has locked is left to it.
func (s *Store) Sweep(ctx context.Context, now time.Time, limit int, fire func(tickets.Overdue) tickets.Fired) (int, error) {
	n := 0
	err := s.Atomically(ctx, func(s *Store) error {
		due, err := s.claim(ctx, now, limit)
		if err != nil {
			return err
		}
		notices, err := s.claimOutages(ctx, now, limit)
		if err != nil {
			return err
		}
		n = len(due) + len(notices)
		if n == 0 {
			return nil
		}
		return s.fired(ctx, append(due, notices...), fire)
	})
	if err != nil {
		return 0, fmt.Errorf("sweep deadlines: %w", err)
	}
	return n, nil
}

func (s *Store) claim(ctx context.Context, now time.Time, limit int) ([]tickets.Overdue, error) {
	const q = `SELECT d.id, d.ticket_id, d.outage_id, d.rule, d.clause, d.round, d.start_at, d.due_at, d.legal_due_at, d.extended_to,
			d.step, d.next_at, d.warned_at, d.met_at, d.breached_at, d.ended_at,
			t.no, t.kind, t.state, t.department, t.call_team, t.assignee_id, t.conversation_id, t.urgent, t.level
		FROM deadlines d JOIN tickets t ON t.id = d.ticket_id
		WHERE d.next_at > 0 AND d.next_at <= $1
		ORDER BY d.next_at, d.id
		LIMIT $2`
	lock := ""
	if s.engine == Postgres {
		lock = " FOR UPDATE SKIP LOCKED"
	}
	rows, err := s.tx.QueryContext(ctx, q+lock, ms(now), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []tickets.Overdue
	for rows.Next() {
		var o tickets.Overdue
		if o.Deadline, err = scanDeadline(rows, &o.No, &o.Kind, &o.State, &o.Department,
			&o.CallTeam, &o.AssigneeID, &o.Conversation, &o.Urgent, &o.Level); err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, rows.Err()
}

// claimOutages claims the clocks of notices of outages.
func (s *Store) claimOutages(ctx context.Context, now time.Time, limit int) ([]tickets.Overdue, error) {
	const q = `SELECT d.id, d.ticket_id, d.outage_id, d.rule, d.clause, d.round, d.start_at, d.due_at, d.legal_due_at, d.extended_to,
			d.step, d.next_at, d.warned_at, d.met_at, d.breached_at, d.ended_at, o.no
		FROM deadlines d JOIN outages o ON o.id = d.outage_id
		WHERE d.outage_id <> 0 AND d.next_at > 0 AND d.next_at <= $1
		ORDER BY d.next_at, d.id
		LIMIT $2`
	lock := ""
	if s.engine == Postgres {
		lock = " FOR UPDATE SKIP LOCKED"
	}
	rows, err := s.tx.QueryContext(ctx, q+lock, ms(now), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []tickets.Overdue
	for rows.Next() {
		var o tickets.Overdue
		if o.Deadline, err = scanDeadline(rows, &o.No); err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, rows.Err()
}

func (s *Store) fired(ctx context.Context, due []tickets.Overdue, fire func(tickets.Overdue) tickets.Fired) error {
	var clocks []tickets.Deadline
	var events, announced []moved
	var notices []tickets.Notice
	for _, o := range due {
		f := fire(o)
		clocks = append(clocks, f.Deadline)
		notices = append(notices, f.Notices...)
		for _, e := range f.Events {
			if o.OutageID != 0 {
				announced = append(announced, moved{o.OutageID, e})
				continue
			}
			events = append(events, moved{o.TicketID, e})
		}
		if o.OutageID != 0 {
			s.touch(outageTopic, 0)
			continue
		}
		s.touch(ticketTopic(o.No), 0)
		s.touch(conversationTopic(o.Conversation), 0)
	}
	if err := s.wind(ctx, clocks); err != nil {
		return err
	}
	for _, x := range []struct {
		of     subject
		events []moved
	}{{ofTicket, events}, {ofOutage, announced}} {
		if len(x.events) == 0 {
			continue
		}
		if err := s.sequence(ctx, x.of, x.events); err != nil {
			return err
		}
		if err := s.chainEvents(ctx, x.of, strconv.Itoa(len(x.events))+" events", tickets.Clock, x.events); err != nil {
			return err
		}
	}
	s.touch(deskTopic, 0)
	return s.notify(ctx, notices)
}

// wind writes the clocks that have moved on.
func (s *Store) wind(ctx context.Context, clocks []tickets.Deadline) error {
	q := `UPDATE deadlines SET step = v.column2, next_at = v.column3, warned_at = v.column4, breached_at = v.column5
		FROM (VALUES ` + castValues(len(clocks), "BIGINT", "INTEGER", "BIGINT", "BIGINT", "BIGINT") + `) AS v
		WHERE deadlines.id = v.column1`
	args := make([]any, 0, len(clocks)*5)
	for _, d := range clocks {
		args = append(args, d.ID, d.Step, ms(d.NextAt), ms(d.WarnedAt), ms(d.BreachedAt))
	}
	if _, err := s.tx.ExecContext(ctx, q, args...); err != nil {
		return fmt.Errorf("wind clocks: %w", err)
	}
	return nil
}

// sequence allocates the seq of events within their tickets or notices. It
// leaves the version alone: a warning does not make a colleague's form stale.
func (s *Store) sequence(ctx context.Context, of subject, events []moved) error {
	count := map[int64]int{}
	for _, m := range events {
		count[m.of]++
	}
	args := make([]any, 0, len(count)*2)
	for id, n := range count {
		args = append(args, id, n)
	}
	q := `UPDATE ` + of.table + ` SET event_seq = event_seq + v.column2
		FROM (VALUES ` + castValues(len(count), "BIGINT", "BIGINT") + `) AS v
		WHERE ` + of.table + `.id = v.column1
		RETURNING ` + of.table + `.id, event_seq`
	next, err := pairs(s.tx.QueryContext(ctx, q, args...))
	if err != nil {
		return fmt.Errorf("sequence events: %w", err)
	}
	for id := range next {
		next[id] -= int64(count[id])
	}
	for i := range events {
		next[events[i].of]++
		events[i].event.Seq = next[events[i].of]
	}
	return nil
}

func pairs(rows *sql.Rows, err error) (map[int64]int64, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[int64]int64{}
	for rows.Next() {
		var k, v int64
		if err := rows.Scan(&k, &v); err != nil {
			return nil, err
		}
		out[k] = v
	}
	return out, rows.Err()
}

// notify stores notices, each key once ever, and tells their audiences.
func (s *Store) notify(ctx context.Context, list []tickets.Notice) error {
	const columns = 11
	for len(list) > 0 {
		part := list[:min(len(list), 500)]
		list = list[len(part):]
		q := `INSERT INTO notices (audience, ticket_id, ticket_no, rule, clause, kind, after_ms, key, due_at, at, words)
			VALUES ` + values(len(part), columns) + ` ON CONFLICT (key) DO NOTHING`
		args := make([]any, 0, len(part)*columns)
		told := map[string]bool{}
		for _, n := range part {
			ticket := sql.NullInt64{Int64: n.TicketID, Valid: n.TicketID != 0}
			args = append(args, n.Audience, ticket, n.TicketNo, n.Rule, n.Clause, n.Kind,
				n.After.Milliseconds(), n.Key, ms(n.DueAt), ms(n.At), n.Words)
			if !told[n.Audience] {
				told[n.Audience] = true
				s.touch("notices:"+n.Audience, 0)
			}
		}
		if _, err := s.tx.ExecContext(ctx, q, args...); err != nil {
			return fmt.Errorf("store notices: %w", err)
		}
	}
	return nil
}
