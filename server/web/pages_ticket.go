package web

import (
	"github.com/gofiber/fiber/v2"

	"quandesk/server/auth"
	"quandesk/tickets"
)

// ticketPageView is a ticket on its own page, with a form when one is open.
type ticketPageView struct {
	frame
	Ticket ticketView
	Form   *formView
	Reveal *revealView
}

func (s *Site) pageTicket(c *fiber.Ctx) error {
	t, err := s.findTicket(c)
	if err != nil {
		return err
	}
	return s.ticketPage(c, ticketPageView{}, t)
}

// ticketPage is the whole page of a ticket.
func (s *Site) ticketPage(c *fiber.Ctx, v ticketPageView, t *tickets.Ticket) error {
	var err error
	if v.frame, err = s.frame(c, "工单 "+t.No, "/desk/tickets"); err != nil {
		return err
	}
	if v.Ticket, err = s.ticketView(c, t); err != nil {
		return err
	}
	return s.render(c, "page-ticket", v)
}

// partTicket is a card brought up to date: head and body, not the form that
// may be open between them.
func (s *Site) partTicket(c *fiber.Ctx) error {
	t, err := s.findTicket(c)
	if err != nil {
		return err
	}
	v, err := s.ticketView(c, t)
	if err != nil {
		return err
	}
	v.OOB = true
	return s.render(c, "ticket-fresh", v)
}

// findTicket is the ticket of the address, for those who may read tickets or
// the ledger. A ticket out of scope is not there.
func (s *Site) findTicket(c *fiber.Ctx) (*tickets.Ticket, error) {
	u, no := s.user(c), c.Params("no")
	if !u.Can(auth.ReadTickets) && !u.Can(auth.ReadLedger) {
		return nil, errRight
	}
	return s.Desk.Ticket(c.UserContext(), s.scope(c), no)
}

func (s *Site) ticketView(c *fiber.Ctx, t *tickets.Ticket) (ticketView, error) {
	events, err := s.Tickets.Events(c.UserContext(), t.ID)
	if err != nil {
		return ticketView{}, err
	}
	v := newTicketView(t, events, s.Desk.Rules(), s.user(c), s.Desk.Now())
	v.Order, err = s.orderOf(c, t)
	if err != nil {
		return ticketView{}, err
	}
	v.Reports, err = s.reportViews(c, t)
	return v, err
}
