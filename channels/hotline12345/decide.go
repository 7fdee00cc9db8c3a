package hotline12345

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"quandesk/tickets"
	"quandesk/tickets/customer"
)

// Decide settles what an order said that came again with other content: take
// makes it ours, otherwise what we have stays. Both contents and who decided
// are kept. Errors: ErrNotFound, ErrDecided, tickets.ErrForbidden.
func (m *Mailbox) Decide(ctx context.Context, c tickets.Change, eventID int64, take bool) error {
	if !c.By.Supervises {
		return tickets.ErrForbidden
	}
	err := m.store.InMailbox(ctx, func(tx Tx) error {
		f := m.on(tx)
		t, err := tx.Ticket(ctx, c.Scope, c.No)
		if err != nil {
			return err
		}
		filed, err := tx.Order(ctx, t.ExternalNo)
		if err != nil {
			return err
		}
		events, err := tx.OrderEvents(ctx, filed.ID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(events, func(e Event) bool { return e.ID == eventID && e.Outcome == Conflict })
		if i < 0 {
			return ErrNotFound
		}
		if err := tx.Decide(ctx, eventID, Decision{Made: true, Taken: take, By: c.By.Name, At: f.now()}, c.By); err != nil || !take {
			return err
		}
		return f.adopt(ctx, c, filed, events[i])
	})
	if err != nil {
		return fmt.Errorf("decide about order: %w", err)
	}
	return nil
}

// adopt makes an order and its ticket what the order says that came again.
func (f filing) adopt(ctx context.Context, c tickets.Change, filed *Filed, e Event) error {
	filed.take(e.Order, e.Changes)
	if !e.Order.Due.IsZero() {
		filed.DueAt = e.Order.Due
	}
	if err := f.tx.SaveOrder(ctx, filed); err != nil {
		return err
	}
	_, err := f.desk.Make(ctx, c, func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
		t.Confidential = t.Confidential || filed.Confidential
		words := "采用12345重复派单的内容。"
		if changed(e.Changes, "content") {
			words += "新的诉求内容：" + e.Order.Content
		}
		const most = 3900 // a supplement has at most 4000 characters
		events, err := t.Supplement(c.By, cut(words, most), at)
		if err != nil {
			return nil, err
		}
		corrected, err := t.Correct(c.By, correction(e), at)
		var state *tickets.StepError
		var input *tickets.InputError
		if errors.As(err, &state) || errors.As(err, &input) { // an ended ticket keeps its facts; there was none to correct
			return events, nil
		}
		return append(events, corrected...), err
	})
	return err
}

// correction is what the changes mean for the ticket.
func correction(e Event) tickets.Correction {
	var c tickets.Correction
	if changed(e.Changes, "contact_name") {
		c.ContactName = &e.Order.ContactName
	}
	if phone, ok := e.Order.phone(); ok && phone != "" && (changed(e.Changes, "contact_phone") || changed(e.Changes, "caller_phone")) {
		c.ContactPhone = &phone
	}
	if changed(e.Changes, "address_raw") {
		a := customer.ParseAddress(e.Order.Address)
		c.Address = &a
	}
	return c
}

func changed(list []Change, field string) bool {
	return slices.ContainsFunc(list, func(c Change) bool { return c.Field == field })
}
