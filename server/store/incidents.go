package store

import (
	"context"
	"fmt"
	"time"

	"quandesk/channels"
)

// incidentsFor is how long incidents are kept: six months at least (T75).
const incidentsFor = 366 * 24 * time.Hour

// Withheld notes, inside a transaction, what was not let through and which
// message was said instead.
func (s *Store) Withheld(ctx context.Context, m channels.Message, list []channels.Incident) error {
	const q = `INSERT INTO content_incidents (at, category, asked, model, prompt, conversation_id, message_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`
	for _, x := range list {
		_, err := s.tx.ExecContext(ctx, q, ms(s.Now()), x.Category, x.Asked, x.Model, x.Prompt, m.ConversationID, m.ID)
		if err != nil {
			return fmt.Errorf("note an incident: %w", err)
		}
	}
	return nil
}

// Incidents returns up to n incidents since a time, newest first.
func (s *Store) Incidents(ctx context.Context, since time.Time, n int) ([]channels.Incident, error) {
	const q = `SELECT id, at, category, asked, model, prompt, conversation_id, message_id
		FROM content_incidents WHERE at >= $1 ORDER BY id DESC LIMIT $2`
	rows, err := s.read().QueryContext(ctx, q, ms(since), limit(n))
	if err != nil {
		return nil, wrap(fmt.Errorf("read incidents: %w", err))
	}
	defer rows.Close()
	var out []channels.Incident
	for rows.Next() {
		var x channels.Incident
		var when int64
		if err := rows.Scan(&x.ID, &when, &x.Category, &x.Asked, &x.Model, &x.Prompt, &x.ConversationID, &x.MessageID); err != nil {
			return nil, err
		}
		x.At = at(when)
		out = append(out, x)
	}
	return out, wrap(rows.Err())
}
