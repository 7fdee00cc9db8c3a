package store

import (
	"context"
	"database/sql"
	"fmt"

	"quandesk/tickets"
)

const deadlineColumns = `id, ticket_id, outage_id, rule, clause, round, start_at, due_at, legal_due_at, extended_to,

	step, next_at, warned_at, met_at, breached_at, ended_at`

func scanDeadline(rows *sql.Rows, more ...any) (tickets.Deadline, error) {
	var d tickets.Deadline
	var start, due, legal, extended, next, warned, met, breached, ended int64
	to := []any{&d.ID, &d.TicketID, &d.OutageID, &d.Rule, &d.Clause, &d.Round, &start, &due, &legal, &extended,
		&d.Step, &next, &warned, &met, &breached, &ended}
	if err := rows.Scan(append(to, more...)...); err != nil {
		return d, err
	}
	d.StartAt, d.DueAt, d.LegalDueAt, d.ExtendedTo = at(start), at(due), at(legal), at(extended)
	d.NextAt, d.WarnedAt, d.MetAt, d.BreachedAt, d.EndedAt = at(next), at(warned), at(met), at(breached), at(ended)
	return d, nil
}

func (s *Store) loadDeadlines(ctx context.Context, list []*tickets.Ticket) error {
	if len(list) == 0 {
		return nil
	}
	byID := make(map[int64]*tickets.Ticket, len(list))
	ids := make([]int64, len(list))
	for i, t := range list {
		byID[t.ID], ids[i] = t, t.ID
	}
	w := &where{}
	w.in("ticket_id", ids)
	q := `SELECT ` + deadlineColumns + ` FROM deadlines WHERE ` + w.String() + ` ORDER BY ticket_id, id`
	rows, err := s.read().QueryContext(ctx, q, w.args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		d, err := scanDeadline(rows)
		if err != nil {
			return err
		}
		t := byID[d.TicketID]
		t.Deadlines = append(t.Deadlines, d)
	}
	return rows.Err()
}

// saveDeadlines writes every clock of a ticket; there are a handful.
func (s *Store) saveDeadlines(ctx context.Context, t *tickets.Ticket) error {
	for i := range t.Deadlines {
		t.Deadlines[i].TicketID = t.ID
	}
	return s.saveClocks(ctx, t.Deadlines)
}

// saveClocks writes clocks that know whose they are.
func (s *Store) saveClocks(ctx context.Context, list []tickets.Deadline) error {
	const insert = `INSERT INTO deadlines (ticket_id, outage_id, rule, clause, round, start_at, due_at, legal_due_at,
			extended_to, step, next_at, warned_at, met_at, breached_at, ended_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		RETURNING id`
	// The sweep may have fired steps since the ticket was read: what it wrote
	// stays, and a breach before late evidence is still left to it. A clock that
	// had ended and runs again takes up where it was.
	const update = `UPDATE deadlines SET extended_to = $1, met_at = $2, ended_at = $3,
			step = CASE WHEN $1 <> extended_to AND breached_at = 0 THEN $4 ELSE step END,
			next_at = CASE
				WHEN $6 AND ($1 <> extended_to AND breached_at = 0 OR ended_at <> 0) THEN $5
				WHEN $6 OR $7 AND breached_at = 0 THEN next_at
				ELSE 0 END
		WHERE id = $8`
	for i := range list {
		d := &list[i]
		var err error
		if d.ID == 0 {
			err = s.tx.QueryRowContext(ctx, insert, d.TicketID, d.OutageID, d.Rule, d.Clause, d.Round, ms(d.StartAt), ms(d.DueAt),
				ms(d.LegalDueAt), ms(d.ExtendedTo), d.Step, ms(d.NextAt), ms(d.WarnedAt), ms(d.MetAt),
				ms(d.BreachedAt), ms(d.EndedAt)).Scan(&d.ID)
		} else {
			_, err = s.tx.ExecContext(ctx, update, ms(d.ExtendedTo), ms(d.MetAt), ms(d.EndedAt),
				d.Step, ms(d.NextAt), d.Running(), d.Late(), d.ID)
		}
		if err != nil {
			return fmt.Errorf("save deadline %s: %w", d.Rule, err)
		}
	}
	return nil
}
