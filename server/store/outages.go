package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"quandesk/tickets"
	"quandesk/tickets/outage"
)

const outageColumns = `o.id, o.no, o.version, o.body`

// Outage loads a notice of an outage with its deadlines.
func (s *Store) Outage(ctx context.Context, no string) (*tickets.Announced, error) {
	list, err := s.loadOutages(ctx, `o.no = $1`, no)
	if err != nil {
		return nil, wrap(fmt.Errorf("load notice: %w", err))
	}
	if len(list) == 0 {
		return nil, outage.ErrNotFound
	}
	return list[0], nil
}

// Outages lists notices: what is open by its start, then what is over, newest
// first.
func (s *Store) Outages(ctx context.Context, f tickets.OutageFilter) ([]*tickets.Announced, error) {
	w := &where{}
	if len(f.States) > 0 {
		states := make([]string, len(f.States))
		for i, st := range f.States {
			states[i] = string(st)
		}
		anyOf(w, "o.state", states)
	}
	if !f.Since.IsZero() {
		w.add("(o.over_at = 0 OR o.over_at > ?)", ms(f.Since))
	}
	n := f.Limit
	if n == 0 {
		n = 200
	}
	cond := w.String() + ` ORDER BY CASE WHEN o.over_at = 0 THEN 0 ELSE 1 END, o.over_at DESC, o.start_at, o.id
		LIMIT ` + strconv.Itoa(limit(n))
	list, err := s.loadOutages(ctx, cond, w.args...)
	return list, wrap(err)
}

// ToldOutages are the notices that residents are told of now.
func (s *Store) ToldOutages(ctx context.Context) ([]outage.Notice, error) {
	now := s.Now()
	list, err := s.Outages(ctx, tickets.OutageFilter{
		States: []outage.State{outage.Published, outage.Restored}, Since: now.Add(-outage.Remembered),
	})
	out := make([]outage.Notice, 0, len(list)) // never nil: it is known which there are
	for _, n := range list {
		if n.Told(now) {
			out = append(out, n.Notice)
		}
	}
	return out, err
}

func (s *Store) loadOutages(ctx context.Context, cond string, args ...any) ([]*tickets.Announced, error) {
	rows, err := s.read().QueryContext(ctx, `SELECT `+outageColumns+` FROM outages o WHERE `+cond, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*tickets.Announced
	for rows.Next() {
		n, err := scanOutage(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	rows.Close()
	return out, s.loadOutageClocks(ctx, out)
}

func scanOutage(rows *sql.Rows) (*tickets.Announced, error) {
	var id, version int64
	var no, body string
	if err := rows.Scan(&id, &no, &version, &body); err != nil {
		return nil, err
	}
	n := &tickets.Announced{}
	if err := json.Unmarshal([]byte(body), &n.Notice); err != nil {
		return nil, fmt.Errorf("read notice %s: %w", no, err)
	}
	n.ID, n.No, n.Version = id, no, version
	return n, nil
}

func (s *Store) loadOutageClocks(ctx context.Context, list []*tickets.Announced) error {
	if len(list) == 0 {
		return nil
	}
	byID := make(map[int64]*tickets.Announced, len(list))
	ids := make([]int64, len(list))
	for i, n := range list {
		byID[n.ID], ids[i] = n, n.ID
	}
	w := &where{}
	w.in("outage_id", ids)
	rows, err := s.read().QueryContext(ctx, `SELECT `+deadlineColumns+` FROM deadlines WHERE ticket_id = 0 AND `+w.String()+` ORDER BY id`, w.args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		d, err := scanDeadline(rows)
		if err != nil {
			return err
		}
		byID[d.OutageID].Deadlines = append(byID[d.OutageID].Deadlines, d)
	}
	return rows.Err()
}

// OpenOutage numbers and stores a new notice with its events and clocks.
func (s *Store) OpenOutage(ctx context.Context, n *tickets.Announced, events []tickets.Event) error {
	var opened tickets.Announced
	err := s.Atomically(ctx, func(s *Store) error {
		opened = *n
		opened.Deadlines = append([]tickets.Deadline(nil), n.Deadlines...)
		no, err := s.nextOutageNo(ctx, n.CreatedAt)
		if err != nil {
			return err
		}
		opened.No, opened.Version = no, 1
		const q = `INSERT INTO outages (no, state, start_at, over_at, body, event_seq, created_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			RETURNING id`
		if err := s.tx.QueryRowContext(ctx, q, no, opened.State, ms(opened.StartAt), ms(over(opened.Notice)), asJSON(opened.Notice),
			len(events), ms(opened.CreatedAt), ms(opened.UpdatedAt)).Scan(&opened.ID); err != nil {
			return err
		}
		return s.followOutage(ctx, &opened, events, 0)
	})
	if err != nil {
		return fmt.Errorf("open notice: %w", err)
	}
	*n = opened
	return nil
}

// SaveOutage writes a changed notice. outage.ErrStale when somebody saved it
// since it was read.
func (s *Store) SaveOutage(ctx context.Context, n *tickets.Announced, events []tickets.Event) error {
	var saved tickets.Announced
	err := s.Atomically(ctx, func(s *Store) error {
		saved = *n
		saved.Deadlines = append([]tickets.Deadline(nil), n.Deadlines...)
		const q = `UPDATE outages SET state = $1, start_at = $2, over_at = $3, body = $4, updated_at = $5,
				version = version + 1, event_seq = event_seq + $6
			WHERE id = $7 AND version = $8
			RETURNING version, event_seq`
		var seq int64
		err := s.tx.QueryRowContext(ctx, q, saved.State, ms(saved.StartAt), ms(over(saved.Notice)), asJSON(saved.Notice),
			ms(saved.UpdatedAt), len(events), saved.ID, saved.Version).Scan(&saved.Version, &seq)
		if err == sql.ErrNoRows {
			return outage.ErrStale
		}
		if err != nil {
			return err
		}
		return s.followOutage(ctx, &saved, events, seq-int64(len(events)))
	})
	if err != nil {
		return fmt.Errorf("save notice: %w", err)
	}
	*n = saved
	return nil
}

// over is when a notice came to its end; zero while it is open.
func over(n outage.Notice) time.Time {
	switch n.State {
	case outage.Restored:
		return n.RestoredAt
	case outage.Withdrawn:
		return n.WithdrawnAt
	}
	return time.Time{}
}

// followOutage writes what comes with a saved notice: clocks, events, audit.
func (s *Store) followOutage(ctx context.Context, n *tickets.Announced, events []tickets.Event, seq int64) error {
	for i := range n.Deadlines {
		n.Deadlines[i].OutageID = n.ID
	}
	if err := s.saveClocks(ctx, n.Deadlines); err != nil {
		return err
	}
	list := make([]moved, len(events))
	for i, e := range events {
		e.Seq = seq + int64(i) + 1
		list[i] = moved{n.ID, e}
	}
	s.touch(outageTopic, n.Version)
	return s.chainEvents(ctx, ofOutage, n.No, events[0].Actor, list) // last: everybody waits for the head of the trail
}

// nextOutageNo allocates the next number of the day: TZ, not the TS of tickets.
func (s *Store) nextOutageNo(ctx context.Context, at time.Time) (string, error) {
	const q = `INSERT INTO outage_numbers (day, last) VALUES ($1, 1)
		ON CONFLICT (day) DO UPDATE SET last = outage_numbers.last + 1
		RETURNING last`
	day := at.In(tickets.Beijing).Format("20060102")
	var n int64
	if err := s.tx.QueryRowContext(ctx, q, day).Scan(&n); err != nil {
		return "", fmt.Errorf("number notice: %w", err)
	}
	return fmt.Sprintf("TZ-%s-%03d", day, n), nil
}

// OutageEvents are the events of a notice, oldest first.
func (s *Store) OutageEvents(ctx context.Context, no string) ([]tickets.Event, error) {
	const q = `SELECT e.seq, e.at, e.actor_kind, e.actor_id, e.actor_name, e.kind, e.data
		FROM outage_events e JOIN outages o ON o.id = e.outage_id
		WHERE o.no = $1 ORDER BY e.seq`
	rows, err := s.read().QueryContext(ctx, q, no)
	if err != nil {
		return nil, wrap(fmt.Errorf("read events of notice: %w", err))
	}
	defer rows.Close()
	var out []tickets.Event
	for rows.Next() {
		var e tickets.Event
		var when int64
		var data string
		if err := rows.Scan(&e.Seq, &when, &e.Actor.Kind, &e.Actor.ID, &e.Actor.Name, &e.Kind, &data); err != nil {
			return nil, err
		}
		e.At = at(when)
		if data != "" {
			e.Data = json.RawMessage(data)
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

var (
	_ tickets.OutageStore = (*Store)(nil)
	_ tickets.OutageViews = (*Store)(nil)
)
