package web

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"quandesk/channels/phone"
	"quandesk/server/auth"
	"quandesk/tickets"
	"quandesk/tickets/customer"
)

// callsView is what every page shows of the telephone of its person.
type callsView struct {
	Topic string // empty for those without an extension
	CSRF  string
	Calls []callView
}

// callView is one call with what is known of the caller.
type callView struct {
	CallID, CSRF    string
	Tone, State, At string
	Number          string
	Unknown         string // why there is no history
	Name            string
	Before          string // earlier calls
	Urgent          bool
	Open, Closed    []callTicket
	Rest            []callTicket // open ones that are folded away
	More            int          // closed ones that are not listed
	Talks           []callTalk
	Register        string // href
	CanLink         bool
	Folded          bool // beside the form in which it is being registered
}

type callTicket struct {
	No, Href, Kind, Category, State, Tone, Description, Received, Talk string
	Urgent                                                             bool
	Due                                                                dueView
}

type callTalk struct{ Href, Words string }

const (
	shownAfter   = 10 * time.Minute // a call that ended and is about no ticket yet
	pastCalls    = 20
	shownOpen    = 4 // what fits on a screen beside the work
	shownClosed  = 3
	shownTalks   = 3
	historyOf    = 30  // tickets of one number that are looked at
	noTicket     = "-" // a call that the agent has put away
	callsOfShift = 4 * time.Hour
)

// calls is what the person's telephone is doing now.
func (s *Site) calls(c *fiber.Ctx) (callsView, error) {
	u := s.user(c)
	v := callsView{CSRF: s.csrf(c)}
	if u.Extension == "" || !u.Can(auth.ReadTickets) {
		return v, nil
	}
	v.Topic = "calls:user:" + strconv.FormatInt(u.ID, 10)
	now := s.Desk.Now()
	list, err := s.Phone.CallsOf(c.UserContext(), u.ID, now.Add(-callsOfShift))
	if err != nil {
		return v, err
	}
	for _, call := range list {
		if !showsCall(call, u.ID, now) {
			continue
		}
		shown, err := s.callView(c.UserContext(), u, call, now)
		if err != nil {
			return v, err
		}
		shown.CSRF = v.CSRF
		shown.Folded = shown.CanLink && registering(c)
		v.Calls = append(v.Calls, shown)
	}
	return v, nil
}

// registering reports whether the person is at the registration form.
func registering(c *fiber.Ctx) bool {
	at := c.Path()
	if u, err := url.Parse(c.Get("HX-Current-URL")); err == nil && fragment(c) {
		at = u.Path
	}
	return at == "/desk/tickets/new"
}

// showsCall reports whether a call still concerns the person.
func showsCall(c phone.Call, me int64, now time.Time) bool {
	mine := c.Agent.ID == me
	switch {
	case c.TicketNo != "" && !c.EndedAt.IsZero():
		return false
	case !c.EndedAt.IsZero():
		return mine && !c.AnsweredAt.IsZero() && now.Sub(c.EndedAt) < shownAfter
	case !c.AnsweredAt.IsZero():
		return mine && now.Sub(c.AnsweredAt) < phone.TalksFor
	}
	return now.Sub(c.RingingAt) < phone.RingsFor
}

func (s *Site) callView(ctx context.Context, u auth.User, c phone.Call, now time.Time) (callView, error) {
	v := callView{
		CallID: c.CallID, Number: customer.MaskPhone(c.Number), Register: "/desk/tickets/new?call=" + url.QueryEscape(c.CallID),
		CanLink: !c.AnsweredAt.IsZero() && u.Can(auth.MoveTickets),
	}
	switch way := map[bool]string{true: "去电", false: "来电"}[c.Direction == phone.Outbound]; {
	case c.Lost:
		v.State, v.At = way+"已结束", clockTime(c.AnsweredAt)+" 接通，没有收到挂断，已按结束处理"
	case !c.EndedAt.IsZero():
		v.State, v.At = way+"已结束", clockTime(c.EndedAt)+" 挂断，通话"+lasting(c.EndedAt.Sub(c.AnsweredAt))
	case !c.AnsweredAt.IsZero():
		v.Tone, v.State, v.At = "talk", way+"通话中", clockTime(c.AnsweredAt)+" 接通"
	default:
		v.Tone, v.State, v.At = "ring", way+"振铃", clockTime(c.RingingAt)
	}
	if c.Number == "" {
		v.Number, v.Unknown = "未显示号码", "对方隐藏了号码，无法查到以往记录。"
		return v, nil
	}
	if err := s.callerHistory(ctx, u, c.Number, &v, now); err != nil {
		return v, err
	}
	past, err := s.Phone.CallsFrom(ctx, c.Number, pastCalls)
	if err != nil {
		return v, err
	}
	v.Before = beforeWords(past, c, now)
	if len(v.Open)+len(v.Closed)+len(v.Talks) == 0 {
		v.Unknown = "没有这个号码的工单和会话记录。"
	}
	return v, nil
}

// beforeWords counts the earlier calls of a number.
func beforeWords(past []phone.Call, c phone.Call, now time.Time) string {
	earlier, missed, last := 0, 0, phone.Call{}
	for _, p := range past {
		if p.ID >= c.ID || p.Direction == phone.Outbound {
			continue
		}
		if earlier++; earlier == 1 {
			last = p
		}
		if p.Missed() {
			missed++
		}
	}
	if earlier == 0 {
		return "首次来电"
	}
	s := "此前来电" + strconv.Itoa(earlier) + "次，上次" + when(earliestOf(last), now)
	if missed > 0 {
		s += "，其中未接" + strconv.Itoa(missed) + "次"
	}
	return s
}

func earliestOf(c phone.Call) time.Time {
	for _, t := range []time.Time{c.RingingAt, c.AnsweredAt, c.EndedAt} {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// callerHistory adds the tickets and the conversations of a number, as far as
// this person may know whose they are.
func (s *Site) callerHistory(ctx context.Context, u auth.User, number string, v *callView, now time.Time) error {
	list, err := s.ticketsOf(ctx, u, number)
	if err != nil {
		return err
	}
	for _, t := range list {
		if v.Name == "" && t.ContactName != "" {
			v.Name = maskName(t.ContactName)
		}
		shown := s.callTicket(u, t, now)
		switch {
		case t.State.Open():
			v.Urgent = v.Urgent || t.Urgent
			if len(v.Open) < shownOpen {
				v.Open = append(v.Open, shown)
			} else {
				v.Rest = append(v.Rest, shown)
			}
		case len(v.Closed) < shownClosed:
			v.Closed = append(v.Closed, shown)
		default:
			v.More++
		}
	}
	talks, err := s.Phone.TalksOf(ctx, inboxScope(u), number, shownTalks)
	if err != nil {
		return err
	}
	for _, k := range talks {
		if k.TicketNo != "" {
			t, err := s.Desk.Ticket(ctx, u.Scope(), k.TicketNo)
			if err != nil || !mayIdentify(u, t) {
				continue // whose it is would be told
			}
		}
		v.Talks = append(v.Talks, callTalk{
			Href:  "/desk/conversations/" + strconv.FormatInt(k.ID, 10),
			Words: named(channelNames, k.Channel) + " " + when(k.UpdatedAt, now) + " " + maskText(k.Preview),
		})
	}
	return nil
}

// ticketsOf are the tickets of a number and of the person it is proven to be,
// open ones with what is due first in front.
func (s *Site) ticketsOf(ctx context.Context, u auth.User, number string) ([]*tickets.Ticket, error) {
	if _, err := customer.ParsePhone(number); err != nil {
		return nil, nil // a number inside the house
	}
	page, err := s.Tickets.List(ctx, u.Scope(), tickets.Filter{Phone: number, Limit: historyOf})
	if err != nil {
		return nil, err
	}
	list := page.Tickets
	if i := slices.IndexFunc(list, func(t *tickets.Ticket) bool { return t.CustomerID != 0 }); i >= 0 {
		same, err := s.Tickets.List(ctx, u.Scope(), tickets.Filter{CustomerID: list[i].CustomerID, Limit: historyOf})
		if err != nil {
			return nil, err
		}
		for _, t := range same.Tickets {
			if !slices.ContainsFunc(list, func(x *tickets.Ticket) bool { return x.ID == t.ID }) {
				list = append(list, t)
			}
		}
	}
	list = slices.DeleteFunc(list, func(t *tickets.Ticket) bool { return !mayIdentify(u, t) })
	due := func(t *tickets.Ticket) time.Time {
		if d := t.NextDue(); d != nil {
			return d.Due()
		}
		return t.ReceivedAt.AddDate(10, 0, 0)
	}
	slices.SortStableFunc(list, func(a, b *tickets.Ticket) int { return due(a).Compare(due(b)) })
	return list, nil
}

func (s *Site) callTicket(u auth.User, t *tickets.Ticket, now time.Time) callTicket {
	row := newTicketRow(u, t, s.Desk.Rules(), now)
	v := callTicket{
		No: t.No, Href: row.Href, Kind: row.Kind, Category: row.Category, State: row.State, Tone: row.StateTone,
		Description: row.Description, Received: row.Received, Urgent: t.Urgent, Due: row.Due,
	}
	if t.ConversationID != 0 && u.Can(auth.ReadInbox) {
		v.Talk = "/desk/conversations/" + strconv.FormatInt(t.ConversationID, 10)
	}
	return v
}

// partCalls is the panel brought up to date.
func (s *Site) partCalls(c *fiber.Ctx) error {
	v, err := s.calls(c)
	if err != nil {
		return err
	}
	return s.render(c, "call-list", v.Calls)
}

// formLinkCall links a call to a ticket, or puts it away.
func (s *Site) formLinkCall(c *fiber.Ctx) error {
	ctx, call := c.UserContext(), callOf(c.UserContext())
	callID, no := c.FormValue("call_id"), c.FormValue("ticket_no")
	if no == "" {
		if _, err := s.spokenLine(ctx, call.user, callID); err != nil {
			return err
		}
		if err := s.Phone.LinkCall(ctx, callID, noTicket); err != nil {
			return err
		}
	} else if _, err := s.linkCallTo(ctx, call, callID, no, c.FormValue("contact") != "", ""); err != nil {
		return err
	}
	if fragment(c) {
		return s.partCalls(c)
	}
	if no == "" {
		return c.Redirect("/desk", fiber.StatusSeeOther)
	}
	return c.Redirect("/desk/tickets/"+no, fiber.StatusSeeOther)
}
