package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"slices"
	"strings"

	"quandesk/server/auth"
	"quandesk/tickets"
)

// moved is one event of one ticket or one notice, with its seq.
type moved struct {
	of    int64 // its id
	event tickets.Event
}

// subject is what events belong to.
type subject struct{ table, events, key, action string }

var (
	ofTicket = subject{"tickets", "ticket_events", "ticket_id", "ticket."}
	ofOutage = subject{"outages", "outage_events", "outage_id", "outage."}
)

// chainEvents appends events and one audit row whose digest covers them.
func (s *Store) chainEvents(ctx context.Context, of subject, object string, by tickets.Actor, events []moved) error {
	digest := sha256.New()
	for _, m := range events {
		m.digest(digest)
	}
	id, err := s.chain(ctx, auth.Entry{
		At: events[0].event.At, Actor: by, Action: of.action + string(events[0].event.Kind),
		Object: object, Result: "ok", RequestID: by.RequestID,
	}, digest.Sum(nil))
	if err != nil {
		return err
	}
	const columns = 9
	for part := range slices.Chunk(events, 500) { // a statement takes so many arguments and no more
		q := `INSERT INTO ` + of.events + ` (` + of.key + `, seq, at, actor_kind, actor_id, actor_name, kind, data, audit_id)
			VALUES ` + values(len(part), columns)
		args := make([]any, 0, len(part)*columns)
		for _, m := range part {
			e := m.event
			args = append(args, m.of, e.Seq, ms(e.At), e.Actor.Kind, e.Actor.ID, e.Actor.Name, e.Kind, string(e.Data), id)
		}
		if _, err := s.tx.ExecContext(ctx, q, args...); err != nil {
			return fmt.Errorf("append events: %w", err)
		}
	}
	return nil
}

// digest writes what an event says, unambiguously.
func (m moved) digest(h hash.Hash) {
	e := m.event
	writeParts(h, fmt.Sprint(m.of), fmt.Sprint(e.Seq), fmt.Sprint(ms(e.At)), string(e.Actor.Kind),
		fmt.Sprint(e.Actor.ID), e.Actor.Name, string(e.Kind), string(e.Data))
}

func writeParts(h hash.Hash, parts ...string) {
	var n [8]byte
	for _, p := range parts {
		binary.BigEndian.PutUint64(n[:], uint64(len(p)))
		h.Write(n[:])
		h.Write([]byte(p))
	}
}

// chain appends one audit row: hash = SHA-256(hash of the row before ‖ row).
// The head is locked until the transaction ends, so it comes last.
func (s *Store) chain(ctx context.Context, e auth.Entry, digest []byte) (int64, error) {
	const head = `UPDATE audit_head SET last_id = last_id + 1 WHERE one = 1 RETURNING last_id, hash`
	var id int64
	var before []byte
	if err := s.tx.QueryRowContext(ctx, head).Scan(&id, &before); err != nil {
		return 0, fmt.Errorf("lock audit: %w", err)
	}
	e = tame(e)
	sum := link(before, id, e, digest)
	const row = `INSERT INTO audit (id, at, actor_kind, actor_id, actor_name, ip, action, object, result, request_id, digest, hash)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`
	if _, err := s.tx.ExecContext(ctx, row, id, ms(e.At), e.Actor.Kind, e.Actor.ID, e.Actor.Name, e.Actor.IP,
		e.Action, e.Object, e.Result, e.RequestID, digest, sum); err != nil {
		return 0, fmt.Errorf("append audit: %w", err)
	}
	if _, err := s.tx.ExecContext(ctx, `UPDATE audit_head SET hash = $1 WHERE one = 1`, sum); err != nil {
		return 0, fmt.Errorf("move audit head: %w", err)
	}
	return id, nil
}

func link(before []byte, id int64, e auth.Entry, digest []byte) []byte {
	h := sha256.New()
	writeParts(h, string(before), fmt.Sprint(id), fmt.Sprint(ms(e.At)), string(e.Actor.Kind), fmt.Sprint(e.Actor.ID),
		e.Actor.Name, e.Actor.IP, e.Action, e.Object, e.Result, e.RequestID, string(digest))
	return h.Sum(nil)
}

// tame keeps an entry on one line and short, whatever a stranger typed.
func tame(e auth.Entry) auth.Entry {
	for _, p := range []*string{&e.Actor.Name, &e.Actor.IP, &e.Action, &e.Object, &e.Result, &e.RequestID} {
		*p = cut(strings.Map(func(r rune) rune {
			if r < 0x20 || r == 0x7f || r == 0x2028 || r == 0x2029 {
				return ' '
			}
			return r
		}, *p), 200)
	}
	return e
}

// Record appends one entry to the audit trail.
func (s *Store) Record(ctx context.Context, e auth.Entry) error {
	if e.At.IsZero() {
		e.At = s.Now()
	}
	return s.Atomically(ctx, func(s *Store) error {
		_, err := s.chain(ctx, e, []byte{})
		return err
	})
}

// Audit returns the newest entries with id below before (0: from the top).
func (s *Store) Audit(ctx context.Context, before int64, n int) ([]auth.Recorded, error) {
	const q = `SELECT id, at, actor_kind, actor_id, actor_name, ip, action, object, result, request_id
		FROM audit WHERE id < $1 ORDER BY id DESC LIMIT $2`
	if before == 0 {
		before = never
	}
	rows, err := s.read().QueryContext(ctx, q, before, limit(n))
	if err != nil {
		return nil, wrap(fmt.Errorf("read audit: %w", err))
	}
	defer rows.Close()
	var out []auth.Recorded
	for rows.Next() {
		var e auth.Recorded
		var when int64
		if err := rows.Scan(&e.ID, &when, &e.Actor.Kind, &e.Actor.ID, &e.Actor.Name, &e.Actor.IP,
			&e.Action, &e.Object, &e.Result, &e.RequestID); err != nil {
			return nil, err
		}
		e.At = at(when)
		out = append(out, e)
	}
	return out, rows.Err()
}
