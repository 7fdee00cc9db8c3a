package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"quandesk/channels/hotline12345"
	"quandesk/tickets"
)

// InMailbox runs f in one transaction; only one runs at a time, in every
// process.
func (s *Store) InMailbox(ctx context.Context, f func(hotline12345.Tx) error) error {
	return s.Atomically(ctx, func(s *Store) error {
		if err := s.alone(ctx, "hotline12345"); err != nil {
			return err
		}
		return f(s)
	})
}

// Order finds an order by any number it goes by.
func (s *Store) Order(ctx context.Context, numbers ...string) (*hotline12345.Filed, error) {
	w := &where{}
	anyOf(w, "n.number", numbers)
	q := `SELECT o.id, o.version, ` + orderNames + ` FROM orders o
		WHERE o.id IN (SELECT n.order_id FROM order_numbers n WHERE ` + w.String() + `) ORDER BY o.id LIMIT 1`
	f, err := scanOrder(s.read().QueryRowContext(ctx, q, w.args...))
	if err != nil {
		return nil, wrap(fmt.Errorf("find order: %w", err))
	}
	return f, nil
}

// OrderOf finds the order of a ticket.
func (s *Store) OrderOf(ctx context.Context, ticketID int64) (*hotline12345.Filed, error) {
	q := `SELECT id, version, ` + orderNames + ` FROM orders WHERE ticket_id = $1`
	f, err := scanOrder(s.read().QueryRowContext(ctx, q, ticketID))
	if err != nil {
		return nil, wrap(fmt.Errorf("find order: %w", err))
	}
	return f, nil
}

// TicketOf finds the ticket that has the number of an order.
func (s *Store) TicketOf(ctx context.Context, externalNo string) (*tickets.Ticket, error) {
	list, err := s.loadTickets(ctx, "t.source = $1 AND t.external_no = $2", []any{string(tickets.From12345), externalNo})
	switch {
	case err != nil:
		return nil, wrap(fmt.Errorf("find ticket of order: %w", err))
	case len(list) == 0:
		return nil, tickets.ErrNotFound
	}
	return list[0], nil
}

// FileOrder stores a new order with the numbers it goes by. A number that
// another order has already stays with that one.
func (s *Store) FileOrder(ctx context.Context, f *hotline12345.Filed) error {
	cells := orderCells(f)
	args, err := cellValues(cells)
	if err != nil {
		return fmt.Errorf("file order: %w", err)
	}
	q := `INSERT INTO orders (` + orderNames + `) VALUES ` + values(1, len(cells)) + ` RETURNING id, version`
	if err := s.tx.QueryRowContext(ctx, q, args...).Scan(&f.ID, &f.Version); err != nil {
		return fmt.Errorf("file order: %w", err)
	}
	if err := s.numberOrders(ctx, []*hotline12345.Filed{f}); err != nil {
		return err
	}
	s.touch(ticketTopic(f.TicketNo), 0)
	return nil
}

// SaveOrder stores a changed order as the next version.
func (s *Store) SaveOrder(ctx context.Context, f *hotline12345.Filed) error {
	return s.Atomically(ctx, func(s *Store) error {
		f.UpdatedAt = s.Now()
		cells := orderCells(f)
		args, err := cellValues(cells)
		if err != nil {
			return fmt.Errorf("save order: %w", err)
		}
		set := make([]string, len(cells))
		for i, c := range cells {
			set[i] = c.name + " = $" + strconv.Itoa(i+1)
		}
		q := `UPDATE orders SET ` + strings.Join(set, ", ") + `, version = version + 1
			WHERE id = $` + strconv.Itoa(len(cells)+1) + ` AND version = $` + strconv.Itoa(len(cells)+2) + ` RETURNING version`
		var version int64
		switch err := s.tx.QueryRowContext(ctx, q, append(args, f.ID, f.Version)...).Scan(&version); {
		case err == sql.ErrNoRows:
			return hotline12345.ErrStale
		case err != nil:
			return fmt.Errorf("save order: %w", err)
		}
		f.Version = version
		s.touch(ticketTopic(f.TicketNo), 0)
		return nil
	})
}

// AddEvent appends what came about an order, once.
func (s *Store) AddEvent(ctx context.Context, e *hotline12345.Event, digest []byte) (again bool, err error) {
	q := `INSERT INTO order_events (` + orderEventNames + `) VALUES ` + values(1, orderEventColumns) + `
		ON CONFLICT (order_id, event_type, digest) DO NOTHING
		RETURNING id`
	args, err := eventArgs(e, digest)
	if err != nil {
		return false, err
	}
	err = s.tx.QueryRowContext(ctx, q, args...).Scan(&e.ID)
	if err == sql.ErrNoRows {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("append order event: %w", err)
	}
	return false, nil
}

const (
	orderEventNames = `order_id, event_type, outcome, via, digest, body, raw, changes,
			actor_id, actor_name, sent_at, arrived_at, at`
	orderEventColumns = 13
)

func eventArgs(e *hotline12345.Event, digest []byte) ([]any, error) {
	body, err := json.Marshal(e.Order)
	if err != nil {
		return nil, fmt.Errorf("render order: %w", err)
	}
	changes := ""
	if len(e.Changes) > 0 {
		changes = asJSON(e.Changes)
	}
	return []any{e.OrderID, string(e.Mail), string(e.Outcome), string(e.Via), digest, string(body), e.Raw, changes,
		e.By.ID, e.By.Name, ms(e.Order.DispatchedAt), ms(e.ArrivedAt), ms(e.At)}, nil
}

// OrderEvents lists what came about an order, oldest first.
func (s *Store) OrderEvents(ctx context.Context, orderID int64) ([]hotline12345.Event, error) {
	const q = `SELECT e.id, e.order_id, e.event_type, e.outcome, e.via, e.body, e.raw, e.changes, e.actor_id, e.actor_name,
			e.arrived_at, e.at, COALESCE(d.actor_name, ''), COALESCE(d.taken, FALSE), COALESCE(d.at, 0)
		FROM order_events e LEFT JOIN order_decisions d ON d.event_id = e.id
		WHERE e.order_id = $1 ORDER BY e.id`
	rows, err := s.read().QueryContext(ctx, q, orderID)
	if err != nil {
		return nil, wrap(fmt.Errorf("read order events: %w", err))
	}
	defer rows.Close()
	var out []hotline12345.Event
	for rows.Next() {
		e := hotline12345.Event{By: tickets.Actor{Kind: tickets.By12345}}
		if err := rows.Scan(&e.ID, &e.OrderID, &e.Mail, &e.Outcome, &e.Via, &jsonText{&e.Order}, &e.Raw, &jsonText{&e.Changes},
			&e.By.ID, &e.By.Name, (*moment64)(&e.ArrivedAt), (*moment64)(&e.At),
			&e.Decision.By, &e.Decision.Taken, (*moment64)(&e.Decision.At)); err != nil {
			return nil, wrap(fmt.Errorf("read order events: %w", err))
		}
		e.Decision.Made = !e.Decision.At.IsZero()
		out = append(out, e)
	}
	return out, wrap(rows.Err())
}

// Decide keeps what somebody made of an order that came again with other
// content, once.
func (s *Store) Decide(ctx context.Context, eventID int64, d hotline12345.Decision, by tickets.Actor) error {
	const q = `INSERT INTO order_decisions (event_id, taken, actor_id, actor_name, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (event_id) DO NOTHING`
	res, err := s.tx.ExecContext(ctx, q, eventID, d.Taken, by.ID, by.Name, ms(d.At))
	if err != nil {
		return fmt.Errorf("decide about order: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return hotline12345.ErrDecided
}

// Park keeps mail until its order comes.
func (s *Store) Park(ctx context.Context, w *hotline12345.Waiting, digest []byte) (again bool, err error) {
	const q = `INSERT INTO parked (external_no, event_type, via, digest, body, raw, actor_id, actor_name, arrived_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (external_no, event_type, digest) DO NOTHING RETURNING id`
	body, err := json.Marshal(w.Order)
	if err != nil {
		return false, fmt.Errorf("render order: %w", err)
	}
	err = s.tx.QueryRowContext(ctx, q, w.Order.No, string(w.Mail), string(w.Via), digest, string(body), w.Raw,
		w.By.ID, w.By.Name, ms(w.ArrivedAt)).Scan(&w.ID)
	if err == sql.ErrNoRows {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("park mail: %w", err)
	}
	return false, nil
}

// Unpark takes what waits for an order, oldest first.
func (s *Store) Unpark(ctx context.Context, externalNo string) ([]hotline12345.Waiting, error) {
	list, err := s.waiting(ctx, `external_no = $1 ORDER BY arrived_at, id`, externalNo)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	_, err = s.tx.ExecContext(ctx, `DELETE FROM parked WHERE external_no = $1`, externalNo)
	return list, err
}

func (s *Store) waiting(ctx context.Context, cond string, args ...any) ([]hotline12345.Waiting, error) {
	q := `SELECT id, event_type, via, body, raw, actor_id, actor_name, arrived_at, told_at FROM parked WHERE ` + cond
	rows, err := s.read().QueryContext(ctx, q, args...)
	if err != nil {
		return nil, wrap(fmt.Errorf("read parked mail: %w", err))
	}
	defer rows.Close()
	var out []hotline12345.Waiting
	for rows.Next() {
		w := hotline12345.Waiting{By: tickets.Actor{Kind: tickets.By12345}}
		if err := rows.Scan(&w.ID, &w.Mail, &w.Via, &jsonText{&w.Order}, &w.Raw, &w.By.ID, &w.By.Name,
			(*moment64)(&w.ArrivedAt), (*moment64)(&w.ToldAt)); err != nil {
			return nil, wrap(fmt.Errorf("read parked mail: %w", err))
		}
		out = append(out, w)
	}
	return out, wrap(rows.Err())
}

// parkedFor is how long mail waits for its order before people are told (F02).
const parkedFor = 24 * time.Hour

// TellParked tells people, once, of mail whose order has not come for a day.
// The mail goes on waiting. It returns how much there was.
func (s *Store) TellParked(ctx context.Context) (int, error) {
	const claim = `UPDATE parked SET told_at = $1 WHERE told_at = 0 AND arrived_at <= $2
		RETURNING id, external_no, event_type, arrived_at`
	n := 0
	err := s.Atomically(ctx, func(s *Store) error {
		now := s.Now()
		var notices []tickets.Notice
		err := s.each(ctx, claim, []any{ms(now), ms(now.Add(-parkedFor))}, func(rows *sql.Rows) error {
			var id, arrived int64
			var no string
			var kind hotline12345.Mail
			err := rows.Scan(&id, &no, &kind, &arrived)
			words := "12345" + hotline12345.MailNames[kind] + "（工单编号" + no + "）已等待24小时，仍未收到原工单，请向平台核实。"
			for _, audience := range []string{"role:lead", "role:supervisor"} {
				notices = append(notices, tickets.Notice{Audience: audience, Rule: "12345", Clause: "11.1.1", Words: words,
					Kind: tickets.EventWarned, DueAt: at(arrived).Add(parkedFor), At: now, Key: fmt.Sprintf("parked/%d/%s", id, audience)})
			}
			return err
		})
		n = len(notices) / 2
		if err != nil {
			return err
		}
		return s.notify(ctx, notices)
	})
	if err != nil {
		return 0, fmt.Errorf("tell of parked mail: %w", err)
	}
	return n, nil
}

// Parked lists what waits for its order, oldest first.
func (s *Store) Parked(ctx context.Context, n int) ([]hotline12345.Waiting, error) {
	return s.waiting(ctx, `TRUE ORDER BY arrived_at, id LIMIT `+strconv.Itoa(limit(n)))
}

// Nonce takes a nonce, or returns what was answered when it was taken before.
func (s *Store) Nonce(ctx context.Context, nonce string, request []byte) (*hotline12345.Receipt, []byte, error) {
	const lapsed = `DELETE FROM nonces WHERE created_at < $1`
	const take = `INSERT INTO nonces (nonce, request, body, created_at) VALUES ($1, $2, '', $3)
		ON CONFLICT (nonce) DO NOTHING`
	now := s.Now()
	if _, err := s.tx.ExecContext(ctx, lapsed, ms(now.Add(-hotline12345.NonceFor))); err != nil {
		return nil, nil, fmt.Errorf("forget nonces: %w", err)
	}
	res, err := s.tx.ExecContext(ctx, take, nonce, request, ms(now))
	if err != nil {
		return nil, nil, fmt.Errorf("take nonce: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return nil, nil, err
	}
	var first hotline12345.Receipt
	var before []byte
	err = s.tx.QueryRowContext(ctx, `SELECT request, body FROM nonces WHERE nonce = $1`, nonce).Scan(&before, &jsonText{&first})
	return &first, before, err
}

// KeepReceipt keeps what was answered under a nonce.
func (s *Store) KeepReceipt(ctx context.Context, nonce string, r hotline12345.Receipt) error {
	_, err := s.tx.ExecContext(ctx, `UPDATE nonces SET body = $1 WHERE nonce = $2`, asJSON(r), nonce)
	return err
}
