package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"quandesk/channels"
	"quandesk/tickets"
)

// column is one column of the tickets table and where a ticket keeps it.
type column struct {
	name string
	of   func(*tickets.Ticket) any // what to write
	into func(*tickets.Ticket) any // where to scan
}

func plain(name string, p func(*tickets.Ticket) any) column {
	return column{name, p, p}
}

func moment(name string, p func(*tickets.Ticket) *time.Time) column {
	return column{name,
		func(t *tickets.Ticket) any { return ms(*p(t)) },
		func(t *tickets.Ticket) any { return (*moment64)(p(t)) }}
}

// moment64 scans Unix milliseconds into a time.
type moment64 time.Time

// Scan implements sql.Scanner.
func (m *moment64) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("store: a time is stored as %T", v)
	}
	*m = moment64(at(n))
	return nil
}

func object(name string, p func(*tickets.Ticket) any, empty func(*tickets.Ticket) bool) column {
	return column{name,
		func(t *tickets.Ticket) any {
			if empty(t) {
				return ""
			}
			return asJSON(p(t))
		},
		func(t *tickets.Ticket) any { return &jsonText{p(t)} }}
}

// jsonText scans a text column that holds JSON, or nothing.
type jsonText struct{ to any }

// Scan implements sql.Scanner.
func (j *jsonText) Scan(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("store: an object is stored as %T", v)
	}
	if s == "" {
		return nil
	}
	return json.Unmarshal([]byte(s), j.to)
}

// ticketFields are the columns a move can change, in the order of the table.
func ticketFields() []column {
	type T = tickets.Ticket
	return []column{
		plain("kind", func(t *T) any { return &t.Kind }),
		plain("category", func(t *T) any { return &t.Category }),
		plain("application", func(t *T) any { return &t.Application }),
		plain("state", func(t *T) any { return &t.State }),
		plain("source", func(t *T) any { return &t.Source }),
		plain("channel", func(t *T) any { return &t.Channel }),
		plain("external_no", func(t *T) any { return &t.ExternalNo }),
		plain("conversation_id", func(t *T) any { return &t.ConversationID }),
		plain("customer_id", func(t *T) any { return &t.CustomerID }),
		plain("contact_name", func(t *T) any { return &t.ContactName }),
		plain("contact_phone", func(t *T) any { return &t.ContactPhone }),
		plain("anonymous", func(t *T) any { return &t.Anonymous }),
		plain("address", func(t *T) any { return &t.Address.Text }),
		plain("district", func(t *T) any { return &t.Address.District }),
		plain("street", func(t *T) any { return &t.Address.Street }),
		plain("community", func(t *T) any { return &t.Address.Community }),
		plain("address_detail", func(t *T) any { return &t.Address.Detail }),
		plain("description", func(t *T) any { return &t.Description }),
		plain("urgent", func(t *T) any { return &t.Urgent }),
		plain("confidential", func(t *T) any { return &t.Confidential }),
		plain("department", func(t *T) any { return &t.Department }),
		plain("assignee_id", func(t *T) any { return &t.Assignee.ID }),
		plain("assignee_name", func(t *T) any { return &t.Assignee.Name }),
		plain("handler_id", func(t *T) any { return &t.Handler.ID }),
		plain("handler_name", func(t *T) any { return &t.Handler.Name }),
		plain("level", func(t *T) any { return &t.Level }),
		plain("urges", func(t *T) any { return &t.Urges }),
		plain("master_no", func(t *T) any { return &t.MasterNo }),
		moment("received_at", func(t *T) *time.Time { return &t.ReceivedAt }),
		plain("received_by", func(t *T) any { return &t.ReceivedBy }),
		moment("contacted_at", func(t *T) *time.Time { return &t.ContactedAt }),
		plain("attempts", func(t *T) any { return &t.Attempts }),
		moment("last_tried_at", func(t *T) *time.Time { return &t.LastTriedAt }),
		plain("last_contact", func(t *T) any { return &t.LastContact }),
		plain("contact_via", func(t *T) any { return &t.ContactVia }),
		moment("dispatched_at", func(t *T) *time.Time { return &t.DispatchedAt }),
		moment("signed_at", func(t *T) *time.Time { return &t.SignedAt }),
		moment("arrived_at", func(t *T) *time.Time { return &t.ArrivedAt }),
		moment("settled_at", func(t *T) *time.Time { return &t.SettledAt }),
		moment("closed_at", func(t *T) *time.Time { return &t.ClosedAt }),
		plain("close_basis", func(t *T) any { return &t.CloseBasis }),
		object("settlement", func(t *T) any { return &t.Settlement }, func(t *T) bool { return t.Settlement.Outcome == "" }),
		object("callback", func(t *T) any { return &t.Callback }, func(t *T) bool { return t.Callback.Verdict == "" }),
		moment("callback_at", func(t *T) *time.Time { return &t.CallbackAt }),
		plain("callback_by", func(t *T) any { return &t.CallbackBy.ID }),
		plain("callback_by_name", func(t *T) any { return &t.CallbackBy.Name }),
		plain("callback_tries", func(t *T) any { return &t.CallbackTries }),
		moment("suspended_until", func(t *T) *time.Time { return &t.SuspendedUntil }),
		object("extension", func(t *T) any { return &t.Extension }, func(t *T) bool { return t.Extension.Until.IsZero() }),
		moment("created_at", func(t *T) *time.Time { return &t.CreatedAt }),
		moment("updated_at", func(t *T) *time.Time { return &t.UpdatedAt }),
	}
}

var (
	fields     = ticketFields()
	fieldNames = names(fields)
)

func names(cs []column) string {
	out := make([]string, len(cs))
	for i, c := range cs {
		out[i] = c.name
	}
	return strings.Join(out, ", ")
}

func fieldArgs(t *tickets.Ticket) []any {
	out := make([]any, len(fields))
	for i, c := range fields {
		out[i] = deref(c.of(t))
	}
	return out
}

// deref turns the pointers that scanning wants into the values that writing wants.
func deref(v any) any {
	switch p := v.(type) {
	case *string:
		return *p
	case *bool:
		return *p
	case *int:
		return *p
	case *int64:
		return *p
	case *tickets.Kind:
		return string(*p)
	case *tickets.Category:
		return string(*p)
	case *tickets.State:
		return string(*p)
	case *tickets.Source:
		return string(*p)
	case *tickets.ContactResult:
		return string(*p)
	}
	return v
}

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
	case sc.ConversationID != 0:
		w.add("t.conversation_id = ?", sc.ConversationID)
	case sc.All:
	default:
		w.add("t.department = ? AND t.department <> ''", sc.Department)
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

func scanTicket(rows *sql.Rows) (*tickets.Ticket, error) {
	t := &tickets.Ticket{}
	to := append(make([]any, 0, len(fields)+3), &t.ID, &t.No, &t.Version)
	for _, c := range fields {
		to = append(to, c.into(t))
	}
	return t, rows.Scan(to...)
}

const deadlineColumns = `id, ticket_id, rule, clause, round, start_at, due_at, legal_due_at, extended_to,
	step, next_at, warned_at, met_at, breached_at, ended_at`

func scanDeadline(rows *sql.Rows, more ...any) (tickets.Deadline, error) {
	var d tickets.Deadline
	var start, due, legal, extended, next, warned, met, breached, ended int64
	to := []any{&d.ID, &d.TicketID, &d.Rule, &d.Clause, &d.Round, &start, &due, &legal, &extended,
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
	return fmt.Sprintf("TS-%s-%04d", day, n), nil
}

// Save writes a changed ticket as the next version. tickets.ErrStale when
// somebody saved it since it was read.
func (s *Store) Save(ctx context.Context, t *tickets.Ticket, events []tickets.Event) error {
	var saved tickets.Ticket
	err := s.Atomically(ctx, func(s *Store) error {
		saved = *t
		saved.Deadlines = append([]tickets.Deadline(nil), t.Deadlines...)
		return s.save(ctx, &saved, events)
	})
	if err != nil {
		return fmt.Errorf("save ticket: %w", err)
	}
	*t = saved
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
		open = open || no == t.MasterNo && state.Open()
	}
	if err := rows.Err(); err != nil || open {
		return err
	}
	return &tickets.InputError{Field: "master_no", Problem: tickets.Invalid}
}

// saveDeadlines writes every clock of a ticket; there are a handful.
func (s *Store) saveDeadlines(ctx context.Context, t *tickets.Ticket) error {
	const insert = `INSERT INTO deadlines (ticket_id, rule, clause, round, start_at, due_at, legal_due_at,
			extended_to, step, next_at, warned_at, met_at, breached_at, ended_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		RETURNING id`
	// The sweep may have fired steps since the ticket was read: what it wrote
	// stays, and a breach before late evidence is still left to it. A clock that
	// had ended and runs again takes up where it was.
	const update = `UPDATE deadlines SET extended_to = $1, met_at = $2, ended_at = $3,
			step = CASE WHEN $1 <> extended_to AND $4 > step THEN $4 ELSE step END,
			next_at = CASE
				WHEN $6 AND ($1 <> extended_to OR ended_at <> 0) THEN $5
				WHEN $6 OR $7 AND breached_at = 0 THEN next_at
				ELSE 0 END
		WHERE id = $8`
	for i := range t.Deadlines {
		d := &t.Deadlines[i]
		d.TicketID = t.ID
		var err error
		if d.ID == 0 {
			err = s.tx.QueryRowContext(ctx, insert, d.TicketID, d.Rule, d.Clause, d.Round, ms(d.StartAt), ms(d.DueAt),
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

// follow writes what comes with a saved ticket: events, audit, the row of
// the inbox, and tells who looks.
func (s *Store) follow(ctx context.Context, t *tickets.Ticket, events []tickets.Event, seq int64) error {
	moved := make([]moved, len(events))
	for i, e := range events {
		e.Seq = seq + int64(i) + 1
		moved[i].ticketID, moved[i].event = t.ID, e
	}
	s.touch(ticketTopic(t.No), t.Version)
	if err := s.showTicket(ctx, t, events); err != nil || len(events) == 0 {
		return err
	}
	return s.chainEvents(ctx, t.No, events[0].Actor, moved) // last: everybody waits for the head of the trail
}

func nextDue(t *tickets.Ticket) int64 {
	if d := t.NextDue(); d != nil {
		return ms(d.Due())
	}
	return never
}

// showTicket copies what the inbox shows to the conversation: its open
// ticket that is due first, or this one when none is open.
func (s *Store) showTicket(ctx context.Context, t *tickets.Ticket, events []tickets.Event) error {
	const open = `t.conversation_id = $1 AND t.state NOT IN ('closed', 'returned', 'merged', 'void', 'answered')
		ORDER BY t.due_at, t.id
		LIMIT 1`
	list, err := s.loadTickets(ctx, open, []any{t.ConversationID})
	if err != nil {
		return err
	}
	if len(list) == 0 {
		list = append(list, t)
	}
	return s.showOn(ctx, list[0], holder(t, events))
}

// holder is who holds the conversation after these events: the agent who
// took the ticket talks to its resident.
func holder(t *tickets.Ticket, events []tickets.Event) tickets.Person {
	for _, e := range events {
		if e.Kind == tickets.EventAccepted || e.Kind == tickets.EventReassigned {
			return t.Assignee
		}
	}
	return tickets.Person{}
}

func (s *Store) showOn(ctx context.Context, shown *tickets.Ticket, holder tickets.Person) error {
	const q = `UPDATE conversations SET
			ticket_no = $1, ticket_state = $2, kind = $3, category = $4, district = $5, urgent = $6,
			department = $7, due_rule = $8, due_at = $9,
			state = CASE
				WHEN CAST($12 AS BIGINT) <> 0 THEN 'human'
				WHEN $10 AND state <> 'human' THEN 'waiting'
				WHEN $11 AND state = 'waiting' THEN 'bot'
				ELSE state END,
			assignee_id = CASE WHEN CAST($12 AS BIGINT) <> 0 THEN CAST($12 AS BIGINT) ELSE assignee_id END,
			assignee_name = CASE WHEN CAST($12 AS BIGINT) <> 0 THEN $13 ELSE assignee_name END,
			preview = CASE WHEN preview = '' THEN $14 ELSE preview END,
			version = version + 1, updated_at = $15
		WHERE id = $16
		RETURNING version`
	due, rule := int64(never), ""
	if d := shown.NextDue(); d != nil {
		due, rule = ms(d.Due()), d.Rule
	}
	open := shown.State.Open()
	var version int64
	err := s.tx.QueryRowContext(ctx, q, shown.No, shown.State, shown.Kind, shown.Category, shown.Address.District,
		shown.Urgent && open, shown.Department, rule, due, open, !open, holder.ID, holder.Name,
		cut(shown.Description, 60), ms(s.Now()), shown.ConversationID).Scan(&version)
	if err != nil {
		return fmt.Errorf("show ticket in the inbox: %w", err)
	}
	s.touch(conversationTopic(shown.ConversationID), version)
	s.touch(deskTopic, 0)
	return nil
}

// StaffMessage reports whether a person wrote this message after since, and
// whether the resident has written after it.
func (s *Store) StaffMessage(ctx context.Context, conversationID, messageID int64, since time.Time) (written, answered bool, err error) {
	const q = `SELECT COUNT(*) FROM messages
		WHERE id = $1 AND conversation_id = $2 AND author = 'staff' AND kind <> 'note' AND created_at >= $3`
	const later = `SELECT COUNT(*) FROM messages
		WHERE conversation_id = $1 AND author = 'customer' AND id > $2`
	var n int
	if err := s.read().QueryRowContext(ctx, q, messageID, conversationID, ms(since)).Scan(&n); err != nil {
		return false, false, wrap(err)
	}
	if n == 0 {
		return false, false, nil
	}
	if err := s.read().QueryRowContext(ctx, later, conversationID, messageID).Scan(&n); err != nil {
		return false, false, wrap(err)
	}
	return true, n > 0, nil
}
