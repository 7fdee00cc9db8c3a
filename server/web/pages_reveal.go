package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"quandesk/tickets"
)

// revealView is a number that may be called; who asked and why is on record.
type revealView struct{ No, Name, Number string }

// revealReasons are what numbers are mostly needed for.
var revealReasons = []string{"首次联系用户", "办理中联系用户", "回访", "核实信息"}

func (s *Site) pageReveal(c *fiber.Ctx) error {
	t, err := s.findTicket(c)
	if err != nil {
		return err
	}
	v := s.revealForm(c, t)
	if fragment(c) {
		return s.render(c, "form", v)
	}
	return s.ticketPage(c, ticketPageView{Form: &v}, t)
}

func (s *Site) revealForm(c *fiber.Ctx, t *tickets.Ticket) formView {
	return formView{
		No: t.No, Title: "查看号码", Action: "/desk/tickets/" + t.No + "/phone", Submit: "查看", CSRF: s.csrf(c),
		Hint: "查看人、时间和原因会记入审计。",
		Fields: []field{{ID: "reason-" + t.No, Name: "reason", Label: "查看原因", Type: "text", Required: true,
			Value: revealReasons[0], List: "reasons-" + t.No, Options: plainOptions(revealReasons, "")}},
	}
}

// formReveal shows the number once; whether it was shown or refused is in
// the audit trail before.
func (s *Site) formReveal(c *fiber.Ctx) error {
	t, err := s.identify(c.UserContext(), c.Params("no"), c.FormValue("reason"))
	if err != nil {
		return s.revealRefused(c, err)
	}
	v := revealView{No: t.No, Name: t.ContactName, Number: t.ContactPhone}
	if t.CallPhone != "" && t.CallPhone != t.ContactPhone {
		v.Number = strings.TrimPrefix(v.Number+" · 回电 "+t.CallPhone, " · ")
	}
	if fragment(c) {
		return s.render(c, "reveal", v)
	}
	return s.ticketPage(c, ticketPageView{Reveal: &v}, t)
}

func (s *Site) revealRefused(c *fiber.Ctx, why error) error {
	told := s.failure(c.UserContext(), why)
	if told.status != fiber.StatusUnprocessableEntity {
		return why
	}
	t, err := s.findTicket(c)
	if err != nil {
		return err
	}
	v := s.revealForm(c, t)
	v.refill(s.sent(c))
	v.blame(told)
	c.Status(told.status)
	if fragment(c) {
		return s.render(c, "form", v)
	}
	return s.ticketPage(c, ticketPageView{Form: &v}, t)
}
