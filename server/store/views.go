package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"quandesk/tickets"
	"quandesk/tickets/customer"
)

const openTickets = "t.state NOT IN ('closed', 'returned', 'void', 'answered')"

// ticketWhere turns a filter into conditions; only what is set costs anything.
func (s *Store) ticketWhere(sc tickets.Scope, f tickets.Filter, now time.Time) *where {
	w := &where{}
	w.ticketScope(sc)
	if f.OpenOnly {
		w.parts = append(w.parts, openTickets)
	}
	anyOf(w, "t.state", f.States)
	anyOf(w, "t.kind", f.Kinds)
	anyOf(w, "t.category", f.Categories)
	anyOf(w, "t.source", f.Sources)
	for _, eq := range []struct{ column, value string }{
		{"t.channel", f.Channel}, {"t.department", f.Department},
		{"t.district", f.District}, {"t.community", f.Community}, {"t.contact_phone", f.Phone},
	} {
		if eq.value != "" {
			w.add(eq.column+" = ?", eq.value)
		}
	}
	if f.AssigneeID != 0 {
		w.add("t.assignee_id = ? AND t.assignee_id <> 0", f.AssigneeID)
	}
	if f.Conversation != 0 {
		w.add("t.conversation_id = ?", f.Conversation)
	}
	if f.CustomerID != 0 || f.District != "" || f.Community != "" || f.Phone != "" {
		w.parts = append(w.parts, w.known(sc.Secrets, sc.UserID))
	}
	if f.CustomerID != 0 {
		w.add("t.customer_id = ? AND t.customer_id <> 0", f.CustomerID)
	}
	if !f.From.IsZero() {
		w.add("t.received_at >= ?", ms(f.From))
	}
	if !f.To.IsZero() {
		w.add("t.received_at < ?", ms(f.To))
	}
	if f.Overdue {
		w.add("t.due_at <= ?", ms(now))
	}
	if q := strings.TrimSpace(f.Query); q != "" {
		w.ticketWords(sc, q, s.like())
	}
	return w
}

// ticketWords finds a ticket by its number, the order's number, a phone or
// words of its text.
func (w *where) ticketWords(sc tickets.Scope, q, like string) {
	upper := strings.ToUpper(q)
	if strings.HasPrefix(upper, "TS-") {
		w.add("t.no >= ? AND t.no < ?", upper, upper+"~")
		return
	}
	known := w.known(sc.Secrets, sc.UserID)
	if phone, err := customer.ParsePhone(q); err == nil {
		w.add("(t.external_no = ? OR t.contact_phone = ? AND "+known+")", q, phone)
		return
	}
	words := likeWords(q)
	w.add(`(t.external_no = ? OR (t.description `+like+` ? ESCAPE '\' OR t.address `+like+` ? ESCAPE '\') AND `+known+`)`, q, words, words)
}

func anyOf[T ~string](w *where, column string, list []T) {
	if len(list) == 0 {
		return
	}
	marks := make([]string, len(list))
	for i, v := range list {
		marks[i] = w.arg(string(v))
	}
	w.parts = append(w.parts, column+" IN ("+strings.Join(marks, ", ")+")")
}

// List returns one keyset page of tickets.
func (s *Store) List(ctx context.Context, sc tickets.Scope, f tickets.Filter) (tickets.Page, error) {
	w := s.ticketWhere(sc, f, s.Now())
	if f.Cursor != "" {
		key, id, err := parseCursor(f.Cursor)
		if err != nil {
			return tickets.Page{}, err
		}
		if f.DueFirst {
			w.add("(t.due_at, t.id) > (?, ?)", key, id)
		} else {
			w.add("(t.updated_at, t.id) < (?, ?)", key, id)
		}
	}
	order := " ORDER BY t.updated_at DESC, t.id DESC"
	if f.DueFirst {
		w.parts = append(w.parts, "t.due_at < 9223372036854775807")
		order = " ORDER BY t.due_at, t.id"
	}
	n := limit(f.Limit)
	list, err := s.loadTickets(ctx, w.String()+order+" LIMIT "+strconv.Itoa(n+1), w.args)
	if err != nil {
		return tickets.Page{}, wrap(fmt.Errorf("list tickets: %w", err))
	}
	page := tickets.Page{Tickets: list}
	if len(list) > n {
		page.Tickets = list[:n]
		last := list[n-1]
		key := ms(last.UpdatedAt)
		if f.DueFirst {
			key = nextDue(last)
		}
		page.Next = cursor(key, last.ID)
	}
	return page, nil
}

// Events returns the history of a ticket in order.
func (s *Store) Events(ctx context.Context, ticketID int64) ([]tickets.Event, error) {
	const q = `SELECT seq, at, actor_kind, actor_id, actor_name, kind, data
		FROM ticket_events WHERE ticket_id = $1 ORDER BY seq`
	rows, err := s.read().QueryContext(ctx, q, ticketID)
	if err != nil {
		return nil, wrap(fmt.Errorf("read events: %w", err))
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

// ledgerPage is how many rows the ledger holds in memory at a time.
const ledgerPage = 500

// Ledger streams the ledger, oldest receipt first. Only complaints and
// reports are in it (clause 11.4-4) unless the filter names kinds.
func (s *Store) Ledger(ctx context.Context, sc tickets.Scope, f tickets.Filter, row func(tickets.LedgerRow) error) error {
	if len(f.Kinds) == 0 {
		f.Kinds = []tickets.Kind{tickets.Complaint, tickets.Report}
	}
	now := s.Now()
	key, id := int64(-1), int64(0)
	if f.Cursor != "" {
		var err error
		if key, id, err = parseCursor(f.Cursor); err != nil {
			return err
		}
	}
	left := f.Limit
	for {
		n := ledgerPage
		if f.Limit > 0 {
			n = min(n, left)
		}
		w := s.ticketWhere(sc, f, now)
		w.add("(t.received_at, t.id) > (?, ?)", key, id)
		list, err := s.loadTickets(ctx, w.String()+" ORDER BY t.received_at, t.id LIMIT "+strconv.Itoa(n), w.args)
		if err != nil {
			return wrap(fmt.Errorf("read ledger: %w", err))
		}
		if err := s.ledgerRows(ctx, list, now, row); err != nil {
			return err
		}
		left -= len(list)
		if len(list) < n || f.Limit > 0 && left <= 0 {
			return nil
		}
		last := list[len(list)-1]
		key, id = ms(last.ReceivedAt), last.ID
	}
}

// LedgerCursor is where the ledger goes on after a row.
func (s *Store) LedgerCursor(r tickets.LedgerRow) string {
	return cursor(ms(r.Ticket.ReceivedAt), r.Ticket.ID)
}

func (s *Store) ledgerRows(ctx context.Context, list []*tickets.Ticket, now time.Time, row func(tickets.LedgerRow) error) error {
	history, err := s.ledgerEvents(ctx, list)
	if err != nil {
		return err
	}
	for _, t := range list {
		if err := row(tickets.NewLedgerRow(t, history[t.ID], now)); err != nil {
			return err
		}
	}
	return nil
}

// ledgerEvents loads the few events a ledger row is built from.
func (s *Store) ledgerEvents(ctx context.Context, list []*tickets.Ticket) (map[int64][]tickets.Event, error) {
	out := map[int64][]tickets.Event{}
	if len(list) == 0 {
		return out, nil
	}
	ids := make([]int64, len(list))
	for i, t := range list {
		ids[i] = t.ID
	}
	w := &where{}
	w.in("ticket_id", ids)
	q := `SELECT ticket_id, seq, at, actor_kind, actor_id, actor_name, kind, data FROM ticket_events
		WHERE ` + w.String() + ` AND kind IN ('extended', 'satisfied', 'dissatisfied', 'escalated', 'supervised',
			'return_asked', 'returned', 'return_refused', 'reopened')
		ORDER BY ticket_id, seq`
	rows, err := s.read().QueryContext(ctx, q, w.args...)
	if err != nil {
		return nil, wrap(fmt.Errorf("read ledger: %w", err))
	}
	defer rows.Close()
	for rows.Next() {
		var ticketID, when int64
		var e tickets.Event
		var data string
		if err := rows.Scan(&ticketID, &e.Seq, &when, &e.Actor.Kind, &e.Actor.ID, &e.Actor.Name, &e.Kind, &data); err != nil {
			return nil, err
		}
		e.At, e.Data = at(when), json.RawMessage(data)
		out[ticketID] = append(out[ticketID], e)
	}
	return out, rows.Err()
}

// Notices returns the newest notices for these audiences.
func (s *Store) Notices(ctx context.Context, audiences []string, f tickets.NoticeFilter) ([]tickets.Notice, error) {
	if len(audiences) == 0 {
		return nil, nil
	}
	w := &where{}
	anyOf(w, "audience", audiences)
	if f.Before > 0 {
		w.add("id < ?", f.Before)
	}
	if !f.Since.IsZero() {
		w.add("at >= ?", ms(f.Since))
	}
	q := `SELECT id, audience, COALESCE(ticket_id, 0), ticket_no, rule, clause, kind, after_ms, key, due_at, at, words
		FROM notices WHERE ` + w.String() + ` ORDER BY id DESC LIMIT ` + strconv.Itoa(limit(f.Limit))
	rows, err := s.read().QueryContext(ctx, q, w.args...)
	if err != nil {
		return nil, wrap(fmt.Errorf("read notices: %w", err))
	}
	defer rows.Close()
	var out []tickets.Notice
	for rows.Next() {
		var n tickets.Notice
		var after, due, when int64
		if err := rows.Scan(&n.ID, &n.Audience, &n.TicketID, &n.TicketNo, &n.Rule, &n.Clause, &n.Kind,
			&after, &n.Key, &due, &when, &n.Words); err != nil {
			return nil, err
		}
		n.After, n.DueAt, n.At = time.Duration(after)*time.Millisecond, at(due), at(when)
		out = append(out, n)
	}
	return out, rows.Err()
}
