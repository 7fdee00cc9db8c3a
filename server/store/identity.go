package store

import (
	"context"
	"fmt"
	"time"

	"quandesk/tickets"
	"quandesk/tickets/customer"
)

// prove joins the identity of the ticket's conversation to the person with
// the ticket's phone, when the move brought a proof. customer.ErrOtherPerson
// when the identity is somebody else's already.
func (s *Store) prove(ctx context.Context, t *tickets.Ticket) error {
	if t.Proof == "" {
		return nil
	}
	now := s.Now()
	c, err := s.person(ctx, t.ContactName, t.ContactPhone, now)
	if err != nil {
		return fmt.Errorf("find customer: %w", err)
	}
	id, err := s.identity(ctx, t.ConversationID)
	if err != nil {
		return fmt.Errorf("find identity: %w", err)
	}
	if id, err = customer.Join(c, id, t.Proof, now); err != nil {
		return err
	}
	const q = `UPDATE conversations SET customer_id = $1, proof = $2, proven_at = $3 WHERE id = $4`
	if _, err := s.tx.ExecContext(ctx, q, id.CustomerID, id.Proof, ms(id.ProvenAt), t.ConversationID); err != nil {
		return fmt.Errorf("join identity: %w", err)
	}
	t.CustomerID, t.Proof = c.ID, ""
	return nil
}

// person finds or makes the customer with this phone.
func (s *Store) person(ctx context.Context, name, phone string, now time.Time) (customer.Customer, error) {
	const q = `INSERT INTO customers (name, phone, created_at) VALUES ($1, $2, $3)
		ON CONFLICT (phone) DO UPDATE SET
			name = CASE WHEN customers.name = '' THEN excluded.name ELSE customers.name END
		RETURNING id, name, created_at`
	c := customer.Customer{Phone: phone}
	var created int64
	err := s.tx.QueryRowContext(ctx, q, name, phone, ms(now)).Scan(&c.ID, &c.Name, &created)
	c.CreatedAt = at(created)
	return c, err
}

func (s *Store) identity(ctx context.Context, conversationID int64) (customer.Identity, error) {
	const q = `SELECT channel, account, contact, customer_id, proof, proven_at FROM conversations WHERE id = $1`
	var id customer.Identity
	var proven int64
	err := s.tx.QueryRowContext(ctx, q+s.forUpdate(), conversationID).Scan(&id.Channel, &id.Account, &id.ExternalID,
		&id.CustomerID, &id.Proof, &proven)
	id.ProvenAt = at(proven)
	return id, err
}
