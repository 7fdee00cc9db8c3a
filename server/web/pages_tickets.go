package web

import (
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"quandesk/server/auth"
	"quandesk/tickets"
)

// ticketsView is the list of tickets.
type ticketsView struct {
	frame
	Query         string
	Customer      string // only this person's
	Picks         []pick
	Overdue, Mine bool
	Imports       bool // may send in files of 12345
	Rows          []ticketRow
	More, Empty   string
}

type ticketRow struct {
	No, Href             string
	State, StateTone     string
	Urgent               bool
	Due                  dueView
	Kind, Category       string
	Description, Address string
	Department, Received string
}

// ticketKeys are the queries that choose what the list shows.
var ticketKeys = []string{"q", "state", "kind", "category", "source", "department", "overdue", "mine", "customer"}

func (s *Site) pageTickets(c *fiber.Ctx) error {
	f := s.ticketFilter(c)
	v := ticketsView{Query: f.Query, Customer: c.Query("customer"), Overdue: f.Overdue, Mine: f.AssigneeID != 0, Empty: "没有相符的工单。"}
	if err := s.fillTickets(c, &v, f, "/desk/tickets", nil); err != nil {
		return err
	}
	if fragment(c) {
		return s.render(c, "ticket-rows", v)
	}
	v.Picks = []pick{
		{"state", "状态", append([]option{{Value: "open", Label: "全部未结", Chosen: f.OpenOnly}}, optionsOf(tickets.States, stateNames, tickets.State(c.Query("state")))...)},
		{"kind", "类型", optionsOf(tickets.Kinds, kindNames, tickets.Kind(c.Query("kind")))},
		{"category", "类别", optionsOf(tickets.Categories, categoryNames, tickets.Category(c.Query("category")))},
		{"source", "来源", optionsOf(tickets.Sources, sourceNames, tickets.Source(c.Query("source")))},
		{"department", "责任部门", plainOptions(tickets.Departments, f.Department)},
	}
	v.Imports = s.user(c).Can(auth.ImportOrders)
	var err error
	if v.frame, err = s.frame(c, "工单", "/desk/tickets"); err != nil {
		return err
	}
	return s.render(c, "page-tickets", v)
}

// ticketFilter reads the query; a word that is none of ours finds nothing.
func (s *Site) ticketFilter(c *fiber.Ctx) tickets.Filter {
	f := tickets.Filter{
		Department: c.Query("department"), Overdue: c.Query("overdue") != "",
		Query: clean(c.Query("q")), Cursor: c.Query("cursor"),
	}
	if c.Query("mine") != "" {
		f.AssigneeID = s.user(c).ID
	}
	if id := c.Query("customer"); id != "" {
		f.CustomerID = idOf(id)
	}
	switch state := c.Query("state"); state {
	case "":
	case "open":
		f.OpenOnly = true
	default:
		f.States = []tickets.State{tickets.State(state)}
	}
	if k := c.Query("kind"); k != "" {
		f.Kinds = []tickets.Kind{tickets.Kind(k)}
	}
	if k := c.Query("category"); k != "" {
		f.Categories = []tickets.Category{tickets.Category(k)}
	}
	if k := c.Query("source"); k != "" {
		f.Sources = []tickets.Source{tickets.Source(k)}
	}
	return f
}

// idOf reads an id; what is none belongs to nobody.
func idOf(text string) int64 {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 {
		return -1
	}
	return id
}

// fillTickets reads one page of the list, without what is skipped.
func (s *Site) fillTickets(c *fiber.Ctx, v *ticketsView, f tickets.Filter, href string, skip func(*tickets.Ticket) bool) error {
	page, err := s.Tickets.List(c.UserContext(), s.scope(c), f)
	if err != nil {
		return err
	}
	u, now := s.user(c), s.Desk.Now()
	for _, t := range page.Tickets {
		if skip != nil && skip(t) || tellsTooMuch(u, f, t) {
			continue
		}
		v.Rows = append(v.Rows, newTicketRow(u, t, s.Desk.Rules(), now))
	}
	if page.Next != "" {
		q := chosen(c, ticketKeys...)
		q.Set("cursor", page.Next)
		v.More = href + "?" + q.Encode()
	}
	return nil
}

func newTicketRow(u auth.User, t *tickets.Ticket, rules *tickets.Rules, now time.Time) ticketRow {
	row := ticketRow{
		No: t.No, Href: "/desk/tickets/" + t.No, State: named(stateNames, t.State), StateTone: stateTone(t.State),
		Urgent: t.Urgent, Kind: named(kindNames, t.Kind), Category: named(categoryNames, t.Category),
		Department: orElse(t.Department, "未派单"), Received: when(t.ReceivedAt, now),
	}
	row.Description, row.Address = shownText(u, t)
	if d := t.NextDue(); d != nil {
		row.Due = newClockDue(rules, d.Rule, d.Due(), now)
	}
	return row
}

// shownText is the description and the address as this person may see them.
func shownText(u auth.User, t *tickets.Ticket) (description, address string) {
	veil := veilFor(u, t)
	if !mayIdentify(u, t) {
		return veil(t.Description), hidden
	}
	return veil(t.Description), veil(addressWords(t.Address))
}
