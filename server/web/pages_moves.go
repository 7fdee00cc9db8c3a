package web

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"quandesk/server/auth"
	"quandesk/tickets"
)

// formView is an open form of a ticket.
type formView struct {
	No, Title, Action, Submit string
	CSRF                      string
	Version                   int64
	Hint, Problem             string
	Stale, Danger             bool
	Fields                    []field
}

// staleView is a form beside the ticket it has to be compared with.
type staleView struct {
	Form   formView
	Ticket ticketView
}

type movedView struct {
	Done   string
	Ticket ticketView
}

func (s *Site) pageMove(c *fiber.Ctx) error {
	f, ok := formOf(tickets.Move(c.Params("move")))
	if !ok {
		return errHidden
	}
	t, err := s.findTicket(c)
	if err != nil {
		return err
	}
	v, err := s.form(c, f, t)
	if err != nil {
		return err
	}
	if fragment(c) {
		return s.render(c, "form", v)
	}
	return s.ticketPage(c, ticketPageView{Form: &v}, t)
}

func (s *Site) formMove(c *fiber.Ctx) error {
	f, ok := formOf(tickets.Move(c.Params("move")))
	if !ok {
		return errHidden
	}
	ctx, no, v := c.UserContext(), c.Params("no"), s.sent(c)
	t, err := f.do(ctx, s.Desk, callOf(ctx).change(no, v.number("version")), v)
	if err != nil {
		return s.moveRefused(c, f, err)
	}
	if !fragment(c) {
		return c.Redirect("/desk/tickets/"+t.No, fiber.StatusSeeOther)
	}
	view, err := s.ticketView(c, t)
	if err != nil {
		return err
	}
	view.OOB = true
	return s.render(c, "moved", movedView{Done: "已完成：" + f.label, Ticket: view})
}

// moveRefused gives the form back as it was filled in, says what is wrong,
// and brings the ticket up to date when somebody else was faster.
func (s *Site) moveRefused(c *fiber.Ctx, f moveForm, why error) error {
	why = s.lostTo(c.UserContext(), f.move, c.Params("no"), why)
	told := s.failure(c.UserContext(), why)
	if told.status != fiber.StatusConflict && told.status != fiber.StatusUnprocessableEntity {
		return why
	}
	t, err := s.findTicket(c)
	if err != nil {
		return err
	}
	form, err := s.form(c, f, t)
	if err != nil {
		return err
	}
	form.refill(s.sent(c))
	form.blame(told)
	var accepted *acceptedError
	if errors.Is(why, tickets.ErrStale) && !errors.As(why, &accepted) {
		form.Stale, form.Problem = true, "这张工单刚刚有更新，上方已是最新内容。您填写的内容还在，请核对后再次提交。"
	}
	c.Status(told.status)
	if !fragment(c) {
		return s.ticketPage(c, ticketPageView{Form: &form}, t)
	}
	fresh := staleView{Form: form}
	if told.status == fiber.StatusConflict {
		if fresh.Ticket, err = s.ticketView(c, t); err != nil {
			return err
		}
		fresh.Ticket.OOB = true
	}
	return s.render(c, "form-stale", fresh)
}

// form is the empty form of a move.
func (s *Site) form(c *fiber.Ctx, f moveForm, t *tickets.Ticket) (formView, error) {
	people, err := s.colleagues(c.UserContext())
	if err != nil {
		return formView{}, err
	}
	return newForm(f, &deskForm{ticket: t, people: people}, s.csrf(c)), nil
}

func newForm(f moveForm, fill *deskForm, csrf string) formView {
	no := fill.ticket.No
	v := formView{
		No: no, Title: f.label, Submit: orElse(f.submit, f.label), Hint: f.hint, Danger: f.danger,
		Action: "/desk/tickets/" + no + "/moves/" + string(f.move), CSRF: csrf,
		Version: fill.ticket.Version, Fields: slices.Clone(f.fields(fill)),
	}
	for i := range v.Fields {
		v.Fields[i].ID = string(f.move) + "-" + v.Fields[i].Name + "-" + no
		v.Fields[i].Options = slices.Clone(v.Fields[i].Options)
		if v.Fields[i].List != "" {
			v.Fields[i].List += "-" + no
		}
	}
	return v
}

// refill puts back what was typed and chosen.
func (v *formView) refill(sent values) { refill(v.Fields, sent) }

func refill(fields []field, sent values) {
	for i := range fields {
		f := &fields[i]
		value := sent(f.Name)
		if f.Type == "choice" || f.Type == "select" {
			for j := range f.Options {
				f.Options[j].Chosen = f.Options[j].Value == value
			}
			continue
		}
		f.Value = value
	}
}

// blame shows a refusal at the field it is about, or above the form.
func (v *formView) blame(told *failure) {
	if !blame(v.Fields, told) {
		v.Problem = told.Problem.Message
	}
}

func blame(fields []field, told *failure) bool {
	for i := range fields {
		if told.Problem.Field != "" && fields[i].Name == told.Problem.Field {
			fields[i].Problem = told.Problem.Message
			return true
		}
	}
	return false
}

// colleagues are the people a ticket can be given to.
func (s *Site) colleagues(ctx context.Context) ([]tickets.Person, error) {
	users, err := s.People.Users(ctx)
	if err != nil {
		return nil, err
	}
	var people []tickets.Person
	for _, u := range users {
		if u.Can(auth.MoveTickets) {
			people = append(people, tickets.Person{ID: u.ID, Name: u.Name})
		}
	}
	return people, nil
}

// sent are the values of the form; the name of a person is looked up, not
// believed.
func (s *Site) sent(c *fiber.Ctx) values {
	return func(name string) string {
		if name != assigneeName {
			return c.FormValue(name)
		}
		id, _ := strconv.ParseInt(c.FormValue("assignee"), 10, 64) // 0 is nobody
		p, err := s.colleague(c.UserContext(), id)
		if err != nil {
			return "" // the move refuses a person without a name
		}
		return p.Name
	}
}
