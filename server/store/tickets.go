package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"quandesk/channels"
	"quandesk/tickets"
)

// Ticket loads a ticket with its deadlines.
func (s *Store) Ticket(ctx context.Context, sc tickets.Scope, no string) (*tickets.Ticket, error) {
	w := &where{}
	w.add("t.no = ?", no)
	w.ticketScope(sc)
	list, err := s.loadTickets(ctx, w.String(), w.args)
	if err != nil {
		return nil, wrap(fmt.Errorf("load ticket: %w", err))
	}
	if len(list) == 0 {
		return nil, tickets.ErrNotFound
	}
	return list[0], nil
}

// ticketScope is the one place that says which tickets a scope holds.
func (w *where) ticketScope(sc tickets.Scope) {
	switch {
	case sc.ConversationID != 0: // and, once it is proven whose it is, the person's own from elsewhere
		w.add(`(t.conversation_id = ? OR t.customer_id <> 0 AND t.customer_id =
			(SELECT k.customer_id FROM conversations k WHERE k.id = ?))`, sc.ConversationID, sc.ConversationID)
	case sc.All:
	default:
		w.add(`(t.department = ? OR EXISTS (SELECT 1 FROM assists a WHERE a.ticket_id = t.id AND a.department = ?))
			AND CAST(? AS TEXT) <> ''`, sc.Department, sc.Department, sc.Department)
	}
}

// loadTickets reads tickets in the order of the condition's tail and then
// their deadlines in one more query.
func (s *Store) loadTickets(ctx context.Context, cond string, args []any) ([]*tickets.Ticket, error) {
	q := `SELECT t.id, t.no, t.version, ` + fieldNames + ` FROM tickets t WHERE ` + cond
	rows, err := s.read().QueryContext(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*tickets.Ticket
	for rows.Next() {
		t, err := scanTicket(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	rows.Close()
	return out, s.loadDeadlines(ctx, out)
}

// Open numbers and stores a new ticket, its events and deadlines. A ticket
// without a conversation gets one, so that everything is in the inbox.
func (s *Store) Open(ctx context.Context, t *tickets.Ticket, events []tickets.Event) error {
	var opened tickets.Ticket
	err := s.Atomically(ctx, func(s *Store) error {
		opened = *t
		opened.Deadlines = append([]tickets.Deadline(nil), t.Deadlines...)
		return s.open(ctx, &opened, events)
	})
	if err != nil {
		return fmt.Errorf("open ticket: %w", err)
	}
	*t = opened
	return nil
}

func (s *Store) open(ctx context.Context, t *tickets.Ticket, events []tickets.Event) error {
	if err := s.lockConversations(ctx, t.ConversationID); err != nil {
		return err
	}
	if err := s.unregistered(ctx, t); err != nil {
		return err
	}
	no, err := s.nextNo(ctx, t.CreatedAt)
	if err != nil {
		return err
	}
	t.No, t.Version = no, 1
	if t.ConversationID == 0 {
		name := t.ContactName
		if t.Confidential {
			name = "" // the inbox is for every agent (D06)
		}
		id, err := s.thread(ctx, t.Channel, "", no, name, channels.Waiting, t.CreatedAt)
		if err != nil {
			return err
		}
		t.ConversationID = id
	}
	q := `INSERT INTO tickets (no, due_at, event_seq, ` + fieldNames + `)
		VALUES ` + values(1, len(fields)+3) + ` RETURNING id`
	args := append([]any{t.No, nextDue(t), len(events)}, fieldArgs(t)...)
	if err := s.tx.QueryRowContext(ctx, q, args...).Scan(&t.ID); err != nil {
		return err
	}
	if err := s.saveDeadlines(ctx, t); err != nil {
		return err
	}
	return s.follow(ctx, t, events, 0)
}

// unregistered refuses a second ticket for a number of somebody else's.
func (s *Store) unregistered(ctx context.Context, t *tickets.Ticket) error {
	if t.ExternalNo == "" {
		return nil
	}
	var no string
	const q = `SELECT no FROM tickets WHERE source = $1 AND external_no = $2`
	switch err := s.tx.QueryRowContext(ctx, q, string(t.Source), t.ExternalNo).Scan(&no); {
	case err == sql.ErrNoRows:
		return nil
	case err != nil:
		return err
	}
	return &tickets.InputError{Field: "external_no", Problem: tickets.Taken}
}

// nextNo allocates the next number of the day. The row stays locked until
// the transaction ends, so a number is used once or not at all.
func (s *Store) nextNo(ctx context.Context, at time.Time) (string, error) {
	const q = `INSERT INTO ticket_numbers (day, last) VALUES ($1, 1)
		ON CONFLICT (day) DO UPDATE SET last = ticket_numbers.last + 1
		RETURNING last`
	day := at.In(tickets.Beijing).Format("20060102")
	var n int64
	if err := s.tx.QueryRowContext(ctx, q, day).Scan(&n); err != nil {
		return "", fmt.Errorf("number ticket: %w", err)
	}
	return ticketNo(day, n), nil
}

func ticketNo(day string, n int64) string { return fmt.Sprintf("TS-%s-%04d", day, n) }

// Save writes a changed ticket and the duplicates that follow it as their next
// versions. tickets.ErrStale when somebody saved one since it was read, or
// joined another duplicate.
func (s *Store) Save(ctx context.Context, t *tickets.Ticket, events []tickets.Event, followers ...tickets.Changed) error {
	changed := append([]tickets.Changed{{Ticket: t, Events: events}}, followers...)
	saved := make([]tickets.Ticket, len(changed))
	err := s.Atomically(ctx, func(s *Store) error {
		for i, c := range changed {
			saved[i] = *c.Ticket
			saved[i].Deadlines = append([]tickets.Deadline(nil), c.Ticket.Deadlines...)
			if err := s.save(ctx, &saved[i], c.Events); err != nil {
				return err
			}
		}
		return s.leftBehind(ctx, t, events)
	})
	if err != nil {
		return fmt.Errorf("save ticket: %w", err)
	}
	for i, c := range changed {
		*c.Ticket = saved[i]
	}
	return nil
}

// Duplicates loads the tickets that are joined to a master and wait for its
// reply.
func (s *Store) Duplicates(ctx context.Context, masterNo string) ([]*tickets.Ticket, error) {
	list, err := s.loadTickets(ctx, "t.master_no = $1 AND t.state = 'merged' ORDER BY t.id", []any{masterNo})
	return list, wrap(err)
}

// leftBehind refuses to leave a duplicate waiting for a master that has no
// reply to come: one was joined while the master was being saved.
func (s *Store) leftBehind(ctx context.Context, t *tickets.Ticket, events []tickets.Event) error {
	if t.State.Leads() || !slices.ContainsFunc(events, tickets.Event.Leads) {
		return nil
	}
	const q = `SELECT COUNT(*) FROM tickets WHERE master_no = $1 AND state = 'merged'`
	var n int
	if err := s.tx.QueryRowContext(ctx, q, t.No).Scan(&n); err != nil {
		return err
	}
	if n > 0 {
		return tickets.ErrStale
	}
	return nil
}

func (s *Store) save(ctx context.Context, t *tickets.Ticket, events []tickets.Event) error {
	if err := s.lockConversations(ctx, t.ConversationID); err != nil {
		return err
	}
	if err := s.lockMaster(ctx, t, events); err != nil {
		return err
	}
	if err := s.prove(ctx, t); err != nil {
		return err
	}
	set := make([]string, len(fields))
	args := fieldArgs(t)
	for i, c := range fields {
		set[i] = c.name + " = $" + strconv.Itoa(i+1)
	}
	n := len(fields)
	q := `UPDATE tickets SET ` + strings.Join(set, ", ") + `,
			version = version + 1,
			due_at = $` + strconv.Itoa(n+1) + `,
			event_seq = event_seq + $` + strconv.Itoa(n+2) + `
		WHERE id = $` + strconv.Itoa(n+3) + ` AND version = $` + strconv.Itoa(n+4) + `
		RETURNING version, event_seq`
	var seq int64
	err := s.tx.QueryRowContext(ctx, q, append(args, nextDue(t), len(events), t.ID, t.Version)...).Scan(&t.Version, &seq)
	if err == sql.ErrNoRows {
		return tickets.ErrStale
	}
	if err != nil {
		return err
	}
	if err := s.saveDeadlines(ctx, t); err != nil {
		return err
	}
	if err := s.saveAssists(ctx, t, events); err != nil {
		return err
	}
	return s.follow(ctx, t, events, seq-int64(len(events)))
}

// lockMaster makes sure that a ticket is merged into one that is open when it
// is saved, not only when it was looked at: merged into each other at the same
// moment, nobody would handle either.
func (s *Store) lockMaster(ctx context.Context, t *tickets.Ticket, events []tickets.Event) error {
	if !slices.ContainsFunc(events, func(e tickets.Event) bool { return e.Kind == tickets.EventMerged }) {
		return nil
	}
	w := &where{}
	w.add("(t.id = ? OR t.no = ?)", t.ID, t.MasterNo) // both in one order
	q := `SELECT t.no, t.state FROM tickets t WHERE ` + w.String() + ` ORDER BY t.id` + s.forUpdate()
	rows, err := s.tx.QueryContext(ctx, q, w.args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	open := false
	for rows.Next() {
		var no string
		var state tickets.State
		if err := rows.Scan(&no, &state); err != nil {
			return err
		}
		open = open || no == t.MasterNo && state.Leads()
	}
	if err := rows.Err(); err != nil || open {
		return err
	}
	return &tickets.InputError{Field: "master_no", Problem: tickets.Invalid}
}

// saveAssists lets the departments that were asked to help see the ticket.
func (s *Store) saveAssists(ctx context.Context, t *tickets.Ticket, events []tickets.Event) error {
	if !slices.ContainsFunc(events, func(e tickets.Event) bool { return e.Kind == tickets.EventAssistAsked }) {
		return nil
	}
	const q = `INSERT INTO assists (ticket_id, department) VALUES ($1, $2) ON CONFLICT DO NOTHING`
	for _, a := range t.Assists {
		if _, err := s.tx.ExecContext(ctx, q, t.ID, a.Department); err != nil {
			return fmt.Errorf("save assists: %w", err)
		}
	}
	return nil
}

// follow writes what comes with a saved ticket: events, audit, the row of
// the inbox, and tells who looks.
func (s *Store) follow(ctx context.Context, t *tickets.Ticket, events []tickets.Event, seq int64) error {
	moved := make([]moved, len(events))
	for i, e := range events {
		e.Seq = seq + int64(i) + 1
		moved[i].of, moved[i].event = t.ID, e
	}
	s.touch(ticketTopic(t.No), t.Version)
	if err := s.appoint(ctx, t, events); err != nil {
		return err
	}
	if err := s.hush(ctx, t); err != nil {
		return err
	}
	if err := s.report(ctx, t, events); err != nil {
		return err
	}
	if err := s.showTicket(ctx, t, events); err != nil || len(events) == 0 {
		return err
	}
	return s.chainEvents(ctx, ofTicket, t.No, events[0].Actor, moved) // last: everybody waits for the head of the trail
}
