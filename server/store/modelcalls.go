package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"quandesk/channels"
	"quandesk/tickets"
)

// modelCallsFor is how long calls are kept (网络数据安全管理条例 12, T84).
const modelCallsFor = 3*365*24*time.Hour + 24*time.Hour

// BeginCall puts a call of a model on record before it is made, unless its
// budget is spent: then why says which. All processes share the budgets.
func (s *Store) BeginCall(ctx context.Context, c channels.ModelCall, b channels.Budget) (id int64, why string, err error) {
	const q = `INSERT INTO model_calls (at, purpose, vendor, model, prompt, data, masked, conversation_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		RETURNING id`
	err = s.Atomically(ctx, func(s *Store) error {
		now := s.Now()
		if why, err = s.spent(ctx, c, b, now); err != nil || why != "" {
			return err
		}
		return s.tx.QueryRowContext(ctx, q, ms(now), c.Purpose, c.Vendor, c.Model, c.Prompt,
			strings.Join(c.Data, ","), strings.Join(c.Masked, ","), c.ConversationID).Scan(&id)
	})
	if err != nil {
		return 0, "", fmt.Errorf("begin model call: %w", err)
	}
	return id, why, nil
}

// spent says which budget of a call is used up, counting the rows themselves.
func (s *Store) spent(ctx context.Context, c channels.ModelCall, b channels.Budget, now time.Time) (string, error) {
	const hour = `SELECT COUNT(*) FROM model_calls WHERE conversation_id = $1 AND at > $2 AND purpose IN ($3, $4)`
	const day = `SELECT COUNT(*) FROM model_calls WHERE at >= $1 AND purpose IN ($2, $3)`
	if b == (channels.Budget{}) {
		return "", nil
	}
	if err := s.alone(ctx, "model calls"); err != nil {
		return "", err
	}
	shares := c.Purpose.Shares()
	var n int
	if b.Hourly > 0 {
		err := s.tx.QueryRowContext(ctx, hour, c.ConversationID, ms(now.Add(-time.Hour)), shares[0], shares[1]).Scan(&n)
		if err != nil || n >= b.Hourly {
			return channels.SpentHour, err
		}
	}
	if b.Daily > 0 {
		midnight := now.In(tickets.Beijing)
		midnight = time.Date(midnight.Year(), midnight.Month(), midnight.Day(), 0, 0, 0, 0, tickets.Beijing)
		err := s.tx.QueryRowContext(ctx, day, ms(midnight), shares[0], shares[1]).Scan(&n)
		if err != nil || n >= b.Daily {
			return channels.SpentDay, err
		}
	}
	return "", nil
}

// EndCall completes the record of a call.
func (s *Store) EndCall(ctx context.Context, c channels.ModelCall) error {
	const q = `UPDATE model_calls SET outcome = $1, tokens_in = $2, tokens_out = $3, first_token_ms = $4, took_ms = $5
		WHERE id = $6`
	return s.exec(ctx, "end model call", q, c.Outcome, c.TokensIn, c.TokensOut,
		c.FirstToken.Milliseconds(), c.Took.Milliseconds(), c.ID)
}

// Asked notes, inside a transaction, with the help of which calls a message
// was said.
func (s *Store) Asked(ctx context.Context, messageID int64, calls []int64) error {
	const q = `UPDATE model_calls SET message_id = $1 WHERE id = $2`
	for _, id := range calls {
		if _, err := s.tx.ExecContext(ctx, q, messageID, id); err != nil {
			return fmt.Errorf("note calls of a message: %w", err)
		}
	}
	return nil
}

// ModelCalls returns up to n calls with an id below before, newest first;
// before 0 starts at the newest.
func (s *Store) ModelCalls(ctx context.Context, before int64, n int) ([]channels.ModelCall, error) {
	const q = `SELECT id, at, purpose, vendor, model, prompt, data, masked, conversation_id, message_id,
			outcome, tokens_in, tokens_out, first_token_ms, took_ms
		FROM model_calls WHERE id < $1 ORDER BY id DESC LIMIT $2`
	if before == 0 {
		before = never
	}
	rows, err := s.read().QueryContext(ctx, q, before, limit(n))
	if err != nil {
		return nil, wrap(fmt.Errorf("read model calls: %w", err))
	}
	defer rows.Close()
	var out []channels.ModelCall
	for rows.Next() {
		var c channels.ModelCall
		var when, first, took int64
		var data, masked string
		if err := rows.Scan(&c.ID, &when, &c.Purpose, &c.Vendor, &c.Model, &c.Prompt, &data, &masked, &c.ConversationID,
			&c.MessageID, &c.Outcome, &c.TokensIn, &c.TokensOut, &first, &took); err != nil {
			return nil, err
		}
		c.At, c.Data, c.Masked = at(when), listed(data), listed(masked)
		c.FirstToken, c.Took = time.Duration(first)*time.Millisecond, time.Duration(took)*time.Millisecond
		out = append(out, c)
	}
	return out, wrap(rows.Err())
}

// listed is a list that was stored with commas.
func listed(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

// AlertModel stores word that a model cannot be asked, unless there was some
// within the last five minutes, by whatever process. It reports whether it did.
func (s *Store) AlertModel(ctx context.Context, a channels.ModelAlert) (bool, error) {
	const last = `SELECT COUNT(*) FROM model_alerts WHERE at > $1`
	const q = `INSERT INTO model_alerts (at, vendor, model, reason) VALUES ($1, $2, $3, $4)`
	told := false
	err := s.Atomically(ctx, func(s *Store) error {
		if err := s.alone(ctx, "model alerts"); err != nil {
			return err
		}
		now, n := s.Now(), 0
		if err := s.tx.QueryRowContext(ctx, last, ms(now.Add(-channels.BetweenAlerts))).Scan(&n); err != nil {
			return err
		}
		if told = n == 0; !told {
			return nil
		}
		_, err := s.tx.ExecContext(ctx, q, ms(now), a.Vendor, a.Model, a.Reason)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("alert about the model: %w", err)
	}
	return told, nil
}

// ModelAlerts returns the alerts since a time, newest first.
func (s *Store) ModelAlerts(ctx context.Context, since time.Time) ([]channels.ModelAlert, error) {
	const q = `SELECT at, vendor, model, reason FROM model_alerts WHERE at >= $1 ORDER BY id DESC LIMIT 20`
	rows, err := s.read().QueryContext(ctx, q, ms(since))
	if err != nil {
		return nil, wrap(fmt.Errorf("read model alerts: %w", err))
	}
	defer rows.Close()
	var out []channels.ModelAlert
	for rows.Next() {
		var a channels.ModelAlert
		var when int64
		if err := rows.Scan(&when, &a.Vendor, &a.Model, &a.Reason); err != nil {
			return nil, err
		}
		a.At = at(when)
		out = append(out, a)
	}
	return out, wrap(rows.Err())
}
