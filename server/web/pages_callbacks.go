package web

import (
	"github.com/gofiber/fiber/v2"

	"quandesk/tickets"
)

// pageCallbacks lists the callbacks this person may make: settled tickets
// that somebody else handled (R06), the most urgent first.
func (s *Site) pageCallbacks(c *fiber.Ctx) error {
	f := tickets.Filter{
		States: []tickets.State{tickets.Settled, tickets.Calling}, DueFirst: true, Cursor: c.Query("cursor"),
	}
	v, me := ticketsView{Empty: "没有需要您回访的工单。"}, s.user(c).ID
	own := func(t *tickets.Ticket) bool { return t.Handler.ID == me }
	err := s.fillTickets(c, &v, f, "/desk/callbacks", own)
	if err != nil {
		return err
	}
	if fragment(c) {
		return s.render(c, "ticket-rows", v)
	}
	if v.frame, err = s.frame(c, "待回访", "/desk/callbacks"); err != nil {
		return err
	}
	return s.render(c, "page-callbacks", v)
}
