package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"

	"quandesk/channels"
	"quandesk/channels/hotline12345"
	"quandesk/tickets"
)

// bulk is how many rows one statement takes. PostgreSQL wants few statements;
// SQLite looks for each argument among all of its statement, and has no way to
// go to the server.
func (s *Store) bulk() int {
	if s.engine == SQLite {
		return 8
	}
	return 400
}

// InImport runs f in one transaction of the mailbox, one file at a time in all
// processes.
func (s *Store) InImport(ctx context.Context, f func(hotline12345.BulkTx) error) error {
	if !s.importing.TryLock() {
		return hotline12345.ErrImporting
	}
	defer s.importing.Unlock()
	return s.Atomically(ctx, func(s *Store) error {
		if err := s.first(ctx, "hotline12345/import"); err != nil {
			return err
		}
		if err := s.alone(ctx, "hotline12345"); err != nil {
			return err
		}
		return f(s)
	})
}

// first is alone for those who do not wait.
func (s *Store) first(ctx context.Context, name string) error {
	if s.engine == SQLite {
		return nil
	}
	var mine bool
	const q = `SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))`
	if err := s.tx.QueryRowContext(ctx, q, name).Scan(&mine); err != nil || mine {
		return err
	}
	return hotline12345.ErrImporting
}

// Files reads what is on file of 12345.
func (s *Store) Files() hotline12345.BulkTx { return s }

// Orders finds orders by the numbers they go by.
func (s *Store) Orders(ctx context.Context, numbers []string) (map[string]*hotline12345.Filed, error) {
	out := map[string]*hotline12345.Filed{}
	for part := range slices.Chunk(numbers, s.bulk()) {
		w := &where{}
		anyOf(w, "n.number", part)
		q := `SELECT o.id, o.version, ` + orderNames + `, n.number FROM order_numbers n JOIN orders o ON o.id = n.order_id
			WHERE ` + w.String()
		if err := s.each(ctx, q, w.args, func(rows *sql.Rows) error {
			var number string
			f, err := scanOrder(alsoScan{rows, []any{&number}})
			out[number] = f
			return err
		}); err != nil {
			return nil, wrap(fmt.Errorf("find orders: %w", err))
		}
	}
	return out, nil
}

// alsoScan scans further columns after those somebody asks for.
type alsoScan struct {
	row  interface{ Scan(...any) error }
	more []any
}

func (a alsoScan) Scan(to ...any) error { return a.row.Scan(append(to, a.more...)...) }

// each gives every row of a query to f.
func (s *Store) each(ctx context.Context, q string, args []any, f func(*sql.Rows) error) error {
	rows, err := s.read().QueryContext(ctx, q, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Registered are those of the numbers that a ticket has but no order.
func (s *Store) Registered(ctx context.Context, numbers []string) (map[string]bool, error) {
	return s.numbersIn(ctx, numbers, "t.external_no", `SELECT t.external_no FROM tickets t
		WHERE t.source = '12345' AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.ticket_id = t.id) AND `)
}

// Awaited are those of the numbers for which mail is parked.
func (s *Store) Awaited(ctx context.Context, numbers []string) (map[string]bool, error) {
	return s.numbersIn(ctx, numbers, "external_no", `SELECT external_no FROM parked WHERE `)
}

func (s *Store) numbersIn(ctx context.Context, numbers []string, column, query string) (map[string]bool, error) {
	out := map[string]bool{}
	for part := range slices.Chunk(numbers, s.bulk()) {
		w := &where{}
		anyOf(w, column, part)
		found, err := texts(s.read().QueryContext(ctx, query+w.String(), w.args...))
		if err != nil {
			return nil, wrap(fmt.Errorf("find numbers: %w", err))
		}
		for _, no := range found {
			out[no] = true
		}
	}
	return out, nil
}

// Heard are the digests of what orders have had, and of what waits for them.
func (s *Store) Heard(ctx context.Context, orders []int64, numbers []string) (map[string]bool, error) {
	out := map[string]bool{}
	take := func(rows *sql.Rows) error {
		var kind string
		var digest []byte
		err := rows.Scan(&kind, &digest)
		out[kind+"\x00"+string(digest)] = true
		return err
	}
	for part := range slices.Chunk(orders, s.bulk()) {
		w := &where{}
		w.in("order_id", part)
		q := `SELECT event_type, digest FROM order_events WHERE event_type <> 'handle' AND ` + w.String()
		if err := s.each(ctx, q, w.args, take); err != nil {
			return nil, wrap(fmt.Errorf("read order events: %w", err))
		}
	}
	for part := range slices.Chunk(numbers, s.bulk()) {
		w := &where{}
		anyOf(w, "external_no", part)
		if err := s.each(ctx, `SELECT event_type, digest FROM parked WHERE `+w.String(), w.args, take); err != nil {
			return nil, wrap(fmt.Errorf("read parked mail: %w", err))
		}
	}
	return out, nil
}

// Hold makes other writers of the tickets of these orders wait. It takes the
// conversations first and all at once, as everybody does.
func (s *Store) Hold(ctx context.Context, orders []int64) error {
	if s.engine == SQLite {
		return nil
	}
	const q = `SELECT c.id FROM conversations c WHERE c.id IN (SELECT t.conversation_id FROM tickets t
			JOIN orders o ON o.ticket_id = t.id WHERE o.id = ANY(CAST($1 AS BIGINT[])))
		ORDER BY c.id FOR NO KEY UPDATE`
	if _, err := s.tx.ExecContext(ctx, q, orders); err != nil {
		return fmt.Errorf("hold tickets: %w", err)
	}
	return nil
}

// OpenAll numbers and stores new tickets with their conversations, clocks and
// events; one row of the audit trail covers the events.
func (s *Store) OpenAll(ctx context.Context, list []hotline12345.Fresh) error {
	if len(list) == 0 {
		return nil
	}
	if err := s.numberAll(ctx, list); err != nil {
		return err
	}
	var events []moved
	for part := range slices.Chunk(list, s.bulk()) {
		if err := s.threads(ctx, part); err != nil {
			return fmt.Errorf("open conversations: %w", err)
		}
		if err := s.insertTickets(ctx, part); err != nil {
			return fmt.Errorf("open tickets: %w", err)
		}
		if err := s.insertDeadlines(ctx, part); err != nil {
			return fmt.Errorf("start clocks: %w", err)
		}
		for _, x := range part {
			for i, e := range x.Events {
				e.Seq = int64(i) + 1
				events = append(events, moved{x.Ticket.ID, e})
			}
		}
	}
	s.touch(deskTopic, 0)
	return s.chainEvents(ctx, ofTicket, strconv.Itoa(len(list))+" tickets", events[0].event.Actor, events)
}

// numberAll allocates the numbers of tickets that came on one day.
func (s *Store) numberAll(ctx context.Context, list []hotline12345.Fresh) error {
	const q = `INSERT INTO ticket_numbers (day, last) VALUES ($1, $2)
		ON CONFLICT (day) DO UPDATE SET last = ticket_numbers.last + excluded.last
		RETURNING last`
	day := list[0].Ticket.CreatedAt.In(tickets.Beijing).Format("20060102")
	var last int64
	if err := s.tx.QueryRowContext(ctx, q, day, len(list)).Scan(&last); err != nil {
		return fmt.Errorf("number tickets: %w", err)
	}
	for i, x := range list {
		x.Ticket.No, x.Ticket.Version = ticketNo(day, last-int64(len(list)-1-i)), 1
	}
	return nil
}

// threads makes the conversation of each ticket, with what the inbox shows.
func (s *Store) threads(ctx context.Context, list []hotline12345.Fresh) error {
	const names = `channel, account, contact, name, state, ticket_no, ticket_state, kind, category, district, urgent,
			department, due_rule, due_at, preview, version, created_at, updated_at`
	const columns = 18
	args := make([]any, 0, len(list)*columns)
	now := ms(s.Now())
	for _, x := range list {
		t := x.Ticket
		name := t.ContactName
		if t.Confidential {
			name = "" // the inbox is for every agent (D06)
		}
		due, rule := int64(never), ""
		if d := t.NextDue(); d != nil {
			due, rule = ms(d.Due()), d.Rule
		}
		args = append(args, t.Channel, "", t.No, name, channels.Waiting, t.No, t.State, t.Kind, t.Category, t.Address.District,
			t.Urgent, t.Department, rule, due, glimpse(t), 2, ms(t.CreatedAt), now)
	}
	byNo := map[string]*tickets.Ticket{}
	for _, x := range list {
		byNo[x.Ticket.No] = x.Ticket
	}
	q := `INSERT INTO conversations (` + names + `) VALUES ` + values(len(list), columns) + ` RETURNING id, contact`
	return s.each(ctx, q, args, func(rows *sql.Rows) error {
		var id int64
		var no string
		err := rows.Scan(&id, &no)
		if t := byNo[no]; t != nil {
			t.ConversationID = id
		}
		return err
	})
}

func (s *Store) insertTickets(ctx context.Context, list []hotline12345.Fresh) error {
	byNo := map[string]*tickets.Ticket{}
	args := make([]any, 0, len(list)*(len(fields)+3))
	for _, x := range list {
		byNo[x.Ticket.No] = x.Ticket
		args = append(append(args, x.Ticket.No, nextDue(x.Ticket), len(x.Events)), fieldArgs(x.Ticket)...)
	}
	q := `INSERT INTO tickets (no, due_at, event_seq, ` + fieldNames + `)
		VALUES ` + values(len(list), len(fields)+3) + ` RETURNING id, no`
	return s.each(ctx, q, args, func(rows *sql.Rows) error {
		var id int64
		var no string
		err := rows.Scan(&id, &no)
		if t := byNo[no]; t != nil {
			t.ID = id
		}
		return err
	})
}

func (s *Store) insertDeadlines(ctx context.Context, list []hotline12345.Fresh) error {
	const columns = 14
	var args []any
	for _, x := range list {
		for i := range x.Ticket.Deadlines {
			d := &x.Ticket.Deadlines[i]
			d.TicketID = x.Ticket.ID
			args = append(args, d.TicketID, d.Rule, d.Clause, d.Round, ms(d.StartAt), ms(d.DueAt), ms(d.LegalDueAt),
				ms(d.ExtendedTo), d.Step, ms(d.NextAt), ms(d.WarnedAt), ms(d.MetAt), ms(d.BreachedAt), ms(d.EndedAt))
		}
	}
	return s.insertRows(ctx, `INSERT INTO deadlines (ticket_id, rule, clause, round, start_at, due_at, legal_due_at,
			extended_to, step, next_at, warned_at, met_at, breached_at, ended_at)`, columns, args)
}

// insertRows runs an insert with as many rows a statement as fit.
func (s *Store) insertRows(ctx context.Context, insert string, columns int, args []any) error {
	for part := range slices.Chunk(args, columns*s.bulk()) {
		if _, err := s.tx.ExecContext(ctx, insert+` VALUES `+values(len(part)/columns, columns), part...); err != nil {
			return err
		}
	}
	return nil
}

// FileAll stores new orders with the event that opened each.
func (s *Store) FileAll(ctx context.Context, orders []*hotline12345.Filed, events []*hotline12345.Event) error {
	columns := len(orderCells(&hotline12345.Filed{}))
	for part := range slices.Chunk(orders, s.bulk()) {
		byNo := map[string]*hotline12345.Filed{}
		var args []any
		for _, f := range part {
			byNo[f.No] = f
			more, err := cellValues(orderCells(f))
			if err != nil {
				return err
			}
			args = append(args, more...)
		}
		q := `INSERT INTO orders (` + orderNames + `) VALUES ` + values(len(part), columns) + ` RETURNING id, version, external_no`
		if err := s.each(ctx, q, args, func(rows *sql.Rows) error {
			var id, version int64
			var no string
			err := rows.Scan(&id, &version, &no)
			if f := byNo[no]; f != nil {
				f.ID, f.Version = id, version
			}
			return err
		}); err != nil {
			return fmt.Errorf("file orders: %w", err)
		}
	}
	if err := s.numberOrders(ctx, orders); err != nil {
		return err
	}
	var args []any
	for i, e := range events {
		e.OrderID = orders[i].ID
		more, err := eventArgs(e, e.Order.Digest())
		if err != nil {
			return err
		}
		args = append(args, more...)
	}
	return s.insertRows(ctx, `INSERT INTO order_events (`+orderEventNames+`)`, orderEventColumns, args)
}

// numberOrders keeps the numbers orders go by. A number that another order has
// already stays with that one.
func (s *Store) numberOrders(ctx context.Context, orders []*hotline12345.Filed) error {
	var args []any
	seen := map[string]bool{}
	for _, f := range orders {
		for _, no := range append([]string{f.No}, f.OtherNos...) {
			if !seen[no] {
				seen[no] = true
				args = append(args, no, f.ID)
			}
		}
	}
	for part := range slices.Chunk(args, 2*s.bulk()) {
		q := `INSERT INTO order_numbers (number, order_id) VALUES ` + values(len(part)/2, 2) + ` ON CONFLICT (number) DO NOTHING`
		if _, err := s.tx.ExecContext(ctx, q, part...); err != nil {
			return fmt.Errorf("number orders: %w", err)
		}
	}
	return nil
}
