package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	"hash"
	"time"

	"quandesk/channels/hotline12345"
	"quandesk/server/auth"
	"quandesk/tickets"
)

// Problem is one broken invariant.
type Problem struct {
	Invariant string // I1 to I9
	Object    string // which row
	What      string
}

// Check reads the whole database and reports every broken invariant of the
// desk: I1 what was acknowledged is there once, I2 everything belongs to
// something, I3 each breach fired exactly once, I4 nothing hangs while it is
// sent, I5 versions and events without a gap, I6 the audit chain holds, I8 it
// is known who worded what the bot said, I9 only a person contacts a resident.
// An error means that the check itself could not be made. It sees one moment,
// while the desk goes on working.
func (s *Store) Check(ctx context.Context, report func(Problem)) error {
	moment, err := s.reader.BeginTx(ctx, &sql.TxOptions{Isolation: s.snapshot(), ReadOnly: true})
	if err != nil {
		return wrap(fmt.Errorf("check: %w", err))
	}
	defer moment.Rollback()
	s = &Store{shared: s.shared, tx: &Tx{Tx: moment}}
	for _, part := range []func(context.Context, func(Problem)) error{
		s.checkRows, s.checkFired, s.checkHistory, s.checkNumbers, s.checkChain,
	} {
		if err := part(ctx, report); err != nil {
			return wrap(fmt.Errorf("check: %w", err))
		}
	}
	return nil
}

// snapshot is the isolation that shows one moment; SQLite has no other.
func (s *Store) snapshot() sql.IsolationLevel {
	if s.engine == Postgres {
		return sql.LevelRepeatableRead
	}
	return sql.LevelDefault
}

// checkRows runs the queries that must find nothing.
func (s *Store) checkRows(ctx context.Context, report func(Problem)) error {
	stuck := ms(s.Now().Add(-2 * time.Minute))
	for _, c := range []struct {
		invariant, what, q string
		args               []any
	}{
		{"I1", "a resident's message without its channel's id",
			`SELECT CAST(id AS TEXT) FROM messages WHERE author = 'customer' AND external_id IS NULL`, nil},
		{"I1", "stored more than once",
			`SELECT CAST(MIN(id) AS TEXT) FROM messages WHERE external_id IS NOT NULL
				GROUP BY conversation_id, author, external_id HAVING COUNT(*) > 1`, nil},
		{"I2", "a message without a conversation",
			`SELECT CAST(m.id AS TEXT) FROM messages m LEFT JOIN conversations c ON c.id = m.conversation_id WHERE c.id IS NULL`, nil},
		{"I2", "a ticket without a legal source (11.1.1)",
			`SELECT no FROM tickets WHERE source NOT IN ('hotline', 'network', 'visit_letter_call', 'inspection', '12345', 'superior')`, nil},
		{"I2", "a ticket without a conversation",
			`SELECT t.no FROM tickets t LEFT JOIN conversations c ON c.id = t.conversation_id WHERE c.id IS NULL`, nil},
		{"I2", "opened by the bot without a resident's message",
			`SELECT t.no FROM tickets t JOIN ticket_events e ON e.ticket_id = t.id AND e.seq = 1 AND e.actor_kind = 'bot'
				WHERE t.channel <> '' AND EXISTS (SELECT 1 FROM visitors v WHERE v.conversation_id = t.conversation_id)
				AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.conversation_id = t.conversation_id AND m.author = 'customer')`, nil},
		{"I4", "the passive reply of more than one push",
			`SELECT reply_ids FROM wechat_pushes WHERE reply_ids <> '' GROUP BY conversation_id, reply_ids HAVING COUNT(*) > 1`, nil},
		{"I4", "said as a passive reply and not marked as sent",
			`SELECT p.reply_ids FROM wechat_pushes p JOIN messages m ON m.conversation_id = p.conversation_id
				AND CAST(m.id AS TEXT) = p.reply_ids WHERE m.delivery <> 'sent'`, nil},
		{"I2", "an order that is not on the ticket it names",
			`SELECT o.external_no FROM orders o JOIN tickets t ON t.id = o.ticket_id WHERE t.no <> o.ticket_no OR t.source <> '12345'`, nil},
		{"I2", "mail that waits although its order is here",
			`SELECT p.external_no FROM parked p JOIN order_numbers n ON n.number = p.external_no`, nil},
		{"I5", "chasers counted that are no events, or the other way round",
			`SELECT o.external_no FROM orders o WHERE o.urges <>
				(SELECT COUNT(*) FROM order_events e WHERE e.order_id = o.id AND e.outcome = 'urged')`, nil},
		{"I4", "sending for more than two minutes",
			`SELECT CAST(id AS TEXT) FROM messages WHERE delivery = 'sending' AND sent_at < $1`, []any{stuck}},
		{"I8", "words of the bot without a mark or who worded them",
			`SELECT CAST(id AS TEXT) FROM messages WHERE author = 'bot' AND (NOT ai OR origin = '')`, nil},
		{"I8", "worded by a model without a record of its call",
			`SELECT CAST(m.id AS TEXT) FROM messages m WHERE m.author = 'bot' AND m.origin NOT IN ('', 'rules', 'unrecorded')
				AND NOT EXISTS (SELECT 1 FROM model_calls c WHERE c.message_id = m.id AND c.outcome = 'ok')`, nil},
		{"I8", "marked as generated though a person wrote it",
			`SELECT CAST(id AS TEXT) FROM messages WHERE author IN ('staff', 'customer') AND ai`, nil},
		{"I4", "on its way to 12345 for more than two minutes",
			`SELECT key FROM outward WHERE state = 'sending' AND sent_at < $1`, []any{stuck}},
		{"I2", "an order whose reply 12345 is not told of",
			`SELECT t.no FROM tickets t WHERE t.source = '12345' AND t.external_no <> ''
				AND EXISTS (SELECT 1 FROM ticket_events e WHERE e.ticket_id = t.id AND e.kind = 'settled')
				AND NOT EXISTS (SELECT 1 FROM outward o WHERE o.ticket_id = t.id AND o.act = 'reply')`, nil},
		{"I2", "a promised call without its appointment",
			`SELECT t.no FROM tickets t LEFT JOIN appointments a ON a.ticket_id = t.id AND a.state = 'booked'
				WHERE t.call_at <> 0 AND ` + openTickets + ` AND (a.id IS NULL OR a.next_at <> t.call_at OR a.phone <> t.call_phone)`, nil},
		{"I2", "an appointment of no promised call",
			`SELECT CAST(a.id AS TEXT) FROM appointments a JOIN tickets t ON t.id = a.ticket_id
				WHERE a.state = 'booked' AND (t.call_at = 0 OR NOT (` + openTickets + `))`, nil},
		{"I2", "a call without its events",
			`SELECT c.call_id FROM calls c WHERE NOT EXISTS (SELECT 1 FROM call_events e WHERE e.call_id = c.call_id)`, nil},
		{"I1", "a missed call without a task",
			`SELECT c.call_id FROM calls c WHERE c.direction = 'inbound' AND c.ended_at <> 0 AND c.answered_at = 0
				AND LENGTH(c.number) >= 11 AND c.task_no = ''`, nil},
		{"I4", "held without a reason",
			`SELECT CAST(id AS TEXT) FROM messages WHERE delivery = 'held' AND why = ''`, nil},
		{"I4", "held before one that went out: out of order",
			`SELECT CAST(MIN(m.id) AS TEXT) FROM messages m JOIN messages later ON later.conversation_id = m.conversation_id AND later.id > m.id
				WHERE m.delivery = 'held' AND later.delivery = 'sending' GROUP BY m.conversation_id`, nil},
		{"I2", "more may be sent to a resident than WeChat allows, or less than nothing",
			`SELECT account || ' ' || cause FROM wechat_allowances WHERE long_left NOT BETWEEN 0 AND 5 OR short_left NOT BETWEEN 0 AND 3`, nil},
		{"I2", "a survey answered with nothing, or answered without being so",
			`SELECT ticket_no FROM surveys WHERE state = 'answered' AND (answer NOT BETWEEN 1 AND 3 OR answered_at = 0)
				OR state = 'asked' AND answer <> 0`, nil},
		{"I2", "a clock of neither a ticket nor a notice",
			`SELECT CAST(d.id AS TEXT) FROM deadlines d
				LEFT JOIN tickets t ON t.id = d.ticket_id LEFT JOIN outages o ON o.id = d.outage_id
				WHERE (t.id IS NULL) = (o.id IS NULL)`, nil},
		{"I9", "contacted by something that is not a person",
			`SELECT CAST(ticket_id AS TEXT) FROM ticket_events WHERE kind = 'contacted' AND actor_kind <> 'staff'`, nil},
	} {
		found, err := texts(s.read().QueryContext(ctx, c.q, c.args...))
		if err != nil {
			return err
		}
		for _, object := range found {
			report(Problem{c.invariant, object, c.what})
		}
	}
	return nil
}

func texts(rows *sql.Rows, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// checkFired compares clocks with their breach events (I3).
func (s *Store) checkFired(ctx context.Context, report func(Problem)) error {
	breaches, err := s.breachEvents(ctx)
	if err != nil {
		return err
	}
	rows, err := s.read().QueryContext(ctx, `SELECT `+deadlineColumns+` FROM deadlines ORDER BY id`)
	if err != nil {
		return err
	}
	defer rows.Close()
	late := s.Now().Add(-time.Minute)
	for rows.Next() {
		d, err := scanDeadline(rows)
		if err != nil {
			return err
		}
		key := breachKey{d.TicketID, d.OutageID, d.Rule, d.Round}
		n := breaches[key]
		delete(breaches, key)
		object := key.String()
		overdue := d.Due().Before(late) && (d.Running() || d.Late())
		switch {
		case n > 1:
			report(Problem{"I3", object, fmt.Sprintf("breach recorded %d times", n)})
		case n == 1 && d.BreachedAt.IsZero():
			report(Problem{"I3", object, "a breach event, but the clock does not say so"})
		case n == 1 && !d.MetAt.IsZero() && !d.MetAt.After(d.BreachedAt): // an extension may have come after it
			report(Problem{"I3", object, "met in time and breached"})
		case n == 0 && overdue:
			report(Problem{"I3", object, "due and unmet, but no breach was recorded"})
		}
	}
	for key := range breaches {
		report(Problem{"I3", key.String(), "a breach event without a clock"})
	}
	return rows.Err()
}

type breachKey struct {
	ticket, outage int64
	rule           string
	round          int
}

func (k breachKey) String() string {
	if k.outage != 0 {
		return fmt.Sprintf("notice %d %s round %d", k.outage, k.rule, k.round)
	}
	return fmt.Sprintf("ticket %d %s round %d", k.ticket, k.rule, k.round)
}

func (s *Store) breachEvents(ctx context.Context) (map[breachKey]int, error) {
	rows, err := s.read().QueryContext(ctx, `SELECT ticket_id, 0, data FROM ticket_events WHERE kind = 'breached'
		UNION ALL SELECT 0, outage_id, data FROM outage_events WHERE kind = 'breached'`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[breachKey]int{}
	for rows.Next() {
		var key breachKey
		var data string
		if err := rows.Scan(&key.ticket, &key.outage, &data); err != nil {
			return nil, err
		}
		var said struct {
			Rule  string
			Round int
		}
		if err := json.Unmarshal([]byte(data), &said); err != nil {
			return nil, err
		}
		key.rule, key.round = said.Rule, said.Round
		out[key]++
	}
	return out, rows.Err()
}

// checkHistory looks for gaps in the events of each ticket and notice (I5).
func (s *Store) checkHistory(ctx context.Context, report func(Problem)) error {
	for _, of := range []subject{ofTicket, ofOutage} {
		if err := s.checkHistoryOf(ctx, of, report); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) checkHistoryOf(ctx context.Context, of subject, report func(Problem)) error {
	q := `SELECT t.no, t.event_seq, t.version, COUNT(e.id), COALESCE(MAX(e.seq), 0),
			COUNT(DISTINCT CASE WHEN e.actor_kind <> 'clock' THEN e.audit_id END)
		FROM ` + of.table + ` t LEFT JOIN ` + of.events + ` e ON e.` + of.key + ` = t.id
		GROUP BY t.id, t.no, t.event_seq, t.version`
	rows, err := s.read().QueryContext(ctx, q)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var no string
		var seq, version, count, last, saves int64
		if err := rows.Scan(&no, &seq, &version, &count, &last, &saves); err != nil {
			return err
		}
		if count != seq || last != seq {
			report(Problem{"I5", no, fmt.Sprintf("%d events up to %d, but %d were allocated", count, last, seq)})
		}
		if saves != version {
			report(Problem{"I5", no, fmt.Sprintf("version %d after %d saves", version, saves)})
		}
	}
	return rows.Err()
}

// checkNumbers looks for gaps in the numbers of each day.
func (s *Store) checkNumbers(ctx context.Context, report func(Problem)) error {
	const q = `SELECT n.day, n.last, COUNT(t.id) FROM ticket_numbers n
		LEFT JOIN tickets t ON t.no >= 'TS-' || n.day || '-' AND t.no < 'TS-' || n.day || '-~'
		GROUP BY n.day, n.last
		UNION ALL SELECT 'TZ ' || n.day, n.last, COUNT(o.id) FROM outage_numbers n
		LEFT JOIN outages o ON o.no >= 'TZ-' || n.day || '-' AND o.no < 'TZ-' || n.day || '-~'
		GROUP BY n.day, n.last`
	rows, err := s.read().QueryContext(ctx, q)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var day string
		var last, count int64
		if err := rows.Scan(&day, &last, &count); err != nil {
			return err
		}
		if last != count {
			report(Problem{"I5", day, fmt.Sprintf("%d numbers given, %d tickets or notices", last, count)})
		}
	}
	return rows.Err()
}

// checkChain computes every link of the audit trail anew (I6), and that the
// events each row covers are still what they were.
func (s *Store) checkChain(ctx context.Context, report func(Problem)) error {
	events, err := s.eventDigests(ctx)
	if err != nil {
		return err
	}
	const q = `SELECT id, at, actor_kind, actor_id, actor_name, ip, action, object, result, request_id, digest, hash
		FROM audit ORDER BY id`
	rows, err := s.read().QueryContext(ctx, q)
	if err != nil {
		return err
	}
	defer rows.Close()
	before, last := []byte{}, int64(0)
	for rows.Next() {
		var e auth.Entry
		var id, when int64
		var digest, sum []byte
		if err := rows.Scan(&id, &when, &e.Actor.Kind, &e.Actor.ID, &e.Actor.Name, &e.Actor.IP, &e.Action, &e.Object,
			&e.Result, &e.RequestID, &digest, &sum); err != nil {
			return err
		}
		e.At = at(when)
		object := fmt.Sprintf("audit %d", id)
		if id != last+1 {
			report(Problem{"I6", object, fmt.Sprintf("follows %d", last)})
		}
		if !bytes.Equal(link(before, id, e, digest), sum) {
			report(Problem{"I6", object, "the hash does not fit the row and the one before"})
		}
		covered := []byte{}
		if h, ok := events[id]; ok {
			covered = h.Sum(nil)
			delete(events, id)
		}
		if !bytes.Equal(covered, digest) {
			report(Problem{"I6", object, "the events it covers have changed"})
		}
		before, last = sum, id
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for id := range events {
		report(Problem{"I6", fmt.Sprintf("audit %d", id), "events without their audit row"})
	}
	return s.checkHead(ctx, last, before, report)
}

func (s *Store) checkHead(ctx context.Context, last int64, sum []byte, report func(Problem)) error {
	var id int64
	var head []byte
	if err := s.read().QueryRowContext(ctx, `SELECT last_id, hash FROM audit_head WHERE one = 1`).Scan(&id, &head); err != nil {
		return err
	}
	if id != last || !bytes.Equal(head, sum) {
		report(Problem{"I6", fmt.Sprintf("audit %d", id), fmt.Sprintf("the trail ends at %d", last)})
	}
	return nil
}

func (s *Store) eventDigests(ctx context.Context) (map[int64]hash.Hash, error) {
	const q = `SELECT audit_id, ticket_id, seq, at, actor_kind, actor_id, actor_name, kind, data, id
		FROM ticket_events
		UNION ALL SELECT audit_id, outage_id, seq, at, actor_kind, actor_id, actor_name, kind, data, id
		FROM outage_events ORDER BY 1, 10`
	rows, err := s.read().QueryContext(ctx, q)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[int64]hash.Hash{}
	for rows.Next() {
		var auditID, when, row int64
		var m moved
		var data string
		if err := rows.Scan(&auditID, &m.of, &m.event.Seq, &when, &m.event.Actor.Kind, &m.event.Actor.ID,
			&m.event.Actor.Name, &m.event.Kind, &data, &row); err != nil {
			return nil, err
		}
		m.event.At, m.event.Data = at(when), json.RawMessage(data)
		if out[auditID] == nil {
			out[auditID] = sha256.New()
		}
		m.digest(out[auditID])
	}
	return out, rows.Err()
}

var (
	_ tickets.Store       = (*Store)(nil)
	_ hotline12345.BulkTx = (*Store)(nil)
	_ hotline12345.Store  = (*Store)(nil)
)
