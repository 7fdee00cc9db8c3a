package hotline12345

import (
	"context"
	"errors"
	"fmt"

	"quandesk/tickets"
)

// Register opens the ticket of an order that somebody registers as any other
// ticket, and files the order with it. Errors: those of tickets.Open, and
// *tickets.InputError for a number that is here.
func (m *Mailbox) Register(ctx context.Context, by tickets.Actor, o tickets.Opening) (*tickets.Ticket, error) {
	order := Order{
		No: o.ExternalNo, Mail: Handle, Content: o.Description, ContactName: o.ContactName, ContactPhone: o.ContactPhone,
		Anonymous: o.Anonymous, Address: o.Address.Text, Confidential: o.Confidential, Due: o.OrderDue, Kind: o.Kind, Category: o.Category,
	}
	var t *tickets.Ticket
	err := m.store.InMailbox(ctx, func(tx Tx) error {
		f := m.on(tx)
		_, err := tx.Order(ctx, o.ExternalNo)
		switch {
		case err == nil:
			return &tickets.InputError{Field: "external_no", Problem: tickets.Taken}
		case !errors.Is(err, ErrNotFound):
			return err
		}
		if t, err = f.desk.Open(ctx, by, o); err != nil {
			return err
		}
		return f.fileNew(ctx, Letter{Order: order, Via: ByForm, By: by}, t)
	})
	if err != nil {
		return nil, fmt.Errorf("register order: %w", err)
	}
	return t, nil
}
