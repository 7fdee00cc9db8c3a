package web

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"quandesk/channels"
	"quandesk/channels/wechat"
	"quandesk/tickets"
	"quandesk/tickets/customer"
)

// myPages are the pages a menu may lead to.
var myPages = []string{"", "account", "call", "outages"}

func (s *Site) myRoutes(app fiber.Router) {
	if s.My.Visits == nil {
		return
	}
	app.Get("/wechat/:account/oauth", s.openWechat)
	app.Get("/wechat/:account/my", s.mine(s.pageMine))
	app.Get("/wechat/:account/my/tickets/:no", s.mine(s.pageMyTicket))
	app.Post("/wechat/:account/my/tickets/:no/survey", s.mine(s.formMySurvey))
	app.Get("/wechat/:account/my/call", s.mine(s.pageMyCall))
	app.Post("/wechat/:account/my/call", s.mine(s.formMyCall))
	app.Get("/wechat/:account/my/account", s.mine(s.pageMyAccount))
	app.Post("/wechat/:account/my/account", s.mine(s.formMyAccount))
	app.Get("/wechat/:account/my/outages", s.mine(s.pageMyOutages))
	app.Post("/wechat/:account/my/outages", s.mine(s.formMyOutage))
}

// myView is a page inside WeChat.
type myView struct {
	Title, Desk, Base, CSRF string
	Emergency               string
	Problem, Done           string
	Tickets                 []myTicketView
	Ticket                  *myTicketView
	Accounts                []string
	Areas                   []areaView
	Outages                 outagesView
	Phone, Note, Day, Time  string // what was filled in
	Days                    []dayView
	Hours                   []string
}

type myTicketView struct {
	No, Matter, State, Received, Next, By, Reply, Where string
	Call                                                string // when a person has promised to call
	Survey                                              bool
	Steps                                               []string
}

type areaView struct {
	Name  string
	Count int
}

type dayView struct{ Value, Words string }

func (s *Site) myView(m me, title string) myView {
	return myView{Title: title, Desk: deskName, Base: "/wechat/" + m.account + "/my", CSRF: m.csrf, Emergency: s.Options.EmergencyPhone}
}

func (s *Site) pageMine(c *fiber.Ctx, m me) error {
	page, err := s.Tickets.List(c.UserContext(), m.scope(), tickets.Filter{Limit: 50})
	if err != nil {
		return err
	}
	v := s.myView(m, "我的工单")
	for _, t := range page.Tickets {
		v.Tickets = append(v.Tickets, s.myTicket(t))
	}
	return s.render(c, "page-mine", v)
}

func (s *Site) myTicket(t *tickets.Ticket) myTicketView {
	now := s.Desk.Now()
	next, by := nextStep(t)
	v := myTicketView{
		No: t.No, Matter: named(categoryNames, t.Category) + " · " + named(kindNames, t.Kind), State: residentState(t),
		Received: when(t.ReceivedAt, now), Where: t.Address.Text, Reply: t.Settlement.Reply,
		Survey: t.State == tickets.Settled || t.State == tickets.Calling,
	}
	if t.State.Open() {
		v.Next = next
		if !by.IsZero() {
			v.By = when(by, now) + "前"
		}
		if t.CallAt.After(now) {
			v.Call = when(t.CallAt, now)
		}
	}
	for _, step := range []struct {
		words string
		at    time.Time
	}{
		{"已登记", t.ReceivedAt}, {"工作人员已联系您", t.ContactedAt}, {"已派给" + orElse(t.Department, "责任部门"), t.DispatchedAt},
		{"已到达现场", t.ArrivedAt}, {"已办结并答复", t.SettledAt}, {"已结案", t.ClosedAt},
	} {
		if !step.at.IsZero() {
			v.Steps = append(v.Steps, when(step.at, now)+" "+step.words)
		}
	}
	return v
}

func (s *Site) pageMyTicket(c *fiber.Ctx, m me) error { return s.myTicketPage(c, m, "") }

func (s *Site) myTicketPage(c *fiber.Ctx, m me, done string) error {
	t, err := s.Desk.Ticket(c.UserContext(), m.scope(), c.Params("no"))
	if err != nil {
		return err
	}
	v := s.myView(m, "办理进度")
	shown := s.myTicket(t)
	v.Ticket, v.Done = &shown, done
	return s.render(c, "page-my-ticket", v)
}

// formMySurvey takes the resident's word for the callback (R06–R08).
func (s *Site) formMySurvey(c *fiber.Ctx, m me) error {
	r := tickets.CallbackResult{Words: c.FormValue("words"), Solved: c.FormValue("solved")}
	switch c.FormValue("answer") {
	case "1":
		r.Verdict, r.Process, r.Outcome = tickets.CallbackSatisfied, tickets.Good, tickets.Good
	case "2":
		r.Verdict, r.Process, r.Outcome = tickets.CallbackSatisfied, tickets.Fair, tickets.Fair
	case "3":
		r.Verdict, r.Process, r.Outcome = tickets.CallbackDissatisfied, tickets.Poor, tickets.Poor
		r.Reason = orElse(r.Words, "居民在微信页面选择“不满意”")
	default:
		return &tickets.InputError{Field: "result", Problem: tickets.Missing}
	}
	if _, err := s.Desk.Survey(c.UserContext(), m.change(c.Params("no")), wechat.Channel, r); err != nil {
		return err
	}
	done := "感谢您的评价，工单已按您的意见结案。"
	if r.Verdict == tickets.CallbackDissatisfied {
		done = "很抱歉没有让您满意。工单已升级督办，会重新办理并再次与您联系。"
	}
	return s.myTicketPage(c, m, done)
}

// callableHours are when a call can be booked; nobody is called at night (R06).
var callableHours = []string{"09:00", "10:00", "11:00", "14:00", "15:00", "16:00", "17:00", "18:00", "19:00"}

const bookableDays = 5

func (s *Site) pageMyCall(c *fiber.Ctx, m me) error {
	return s.render(c, "page-my-call", s.myCallView(m))
}

func (s *Site) myCallView(m me) myView {
	v := s.myView(m, "预约回电")
	v.Hours = callableHours
	today := s.Desk.Now().In(tickets.Beijing)
	for i := range bookableDays {
		day := today.AddDate(0, 0, i)
		v.Days = append(v.Days, dayView{Value: day.Format(time.DateOnly), Words: day.Format("1月2日")})
	}
	return v
}

// formMyCall books a call on an open matter of the resident, or opens one so
// that somebody owes it.
func (s *Site) formMyCall(c *fiber.Ctx, m me) error {
	v := s.myCallView(m)
	v.Phone, v.Note, v.Day, v.Time = c.FormValue("phone"), c.FormValue("note"), c.FormValue("day"), c.FormValue("time")
	no, at, err := s.bookMine(c.UserContext(), m, v)
	if err != nil {
		told := s.failure(c.UserContext(), err)
		if told.status >= 500 {
			return err
		}
		v.Problem = told.Problem.Message
		c.Status(told.status)
		return s.render(c, "page-my-call", v)
	}
	v.Done = "已预约" + when(at, s.Desk.Now()) + "由工作人员回电，单号" + no + "。"
	return s.render(c, "page-my-call", v)
}

func (s *Site) bookMine(ctx context.Context, m me, v myView) (no string, at time.Time, err error) {
	at, err = time.ParseInLocation("2006-01-02 15:04", v.Day+" "+v.Time, tickets.Beijing)
	if err != nil || !slices.Contains(callableHours, v.Time) {
		return "", at, &tickets.InputError{Field: "at", Problem: tickets.Invalid}
	}
	call := tickets.Call{At: at, Phone: v.Phone, Note: v.Note}
	page, err := s.Tickets.List(ctx, m.scope(), tickets.Filter{OpenOnly: true, Limit: 1})
	if err != nil {
		return "", at, err
	}
	if len(page.Tickets) == 1 {
		no = page.Tickets[0].No
	} else {
		t, err := s.Desk.Open(ctx, tickets.Actor{Kind: tickets.ByCustomer}, tickets.Opening{
			Kind: tickets.Inquiry, Category: tickets.Other, Source: tickets.FromNetwork, Channel: wechat.Channel,
			ConversationID: m.conversation, ContactPhone: v.Phone,
			Description: "居民在微信页面预约回电：" + orElse(strings.TrimSpace(v.Note), "未说明事由"),
		})
		if err != nil {
			return "", at, err
		}
		no = t.No
	}
	_, err = s.Desk.Make(ctx, m.change(no), func(t *tickets.Ticket, now time.Time) ([]tickets.Event, error) {
		return t.BookCall(tickets.Actor{Kind: tickets.ByCustomer}, call, now)
	})
	return no, at, err
}

func (s *Site) pageMyAccount(c *fiber.Ctx, m me) error { return s.myAccountPage(c, m, "", "") }

func (s *Site) myAccountPage(c *fiber.Ctx, m me, problem, done string) error {
	list, err := s.My.Bindings.BoundAccounts(c.UserContext(), m.conversation)
	if err != nil {
		return err
	}
	v := s.myView(m, "绑定户号")
	v.Problem, v.Done = problem, done
	for _, no := range list {
		v.Accounts = append(v.Accounts, string(no))
	}
	return s.render(c, "page-my-account", v)
}

// formMyAccount binds a water account or takes one away. It opens nothing: a
// number that somebody typed is no proof.
func (s *Site) formMyAccount(c *fiber.Ctx, m me) error {
	no, err := customer.ParseAccount(c.FormValue("account"))
	if err != nil {
		c.Status(fiber.StatusUnprocessableEntity)
		return s.myAccountPage(c, m, "户号是8到12位数字，请对照水费单核对后再填。", "")
	}
	if c.FormValue("move") == "remove" {
		if err := s.My.Bindings.UnbindAccount(c.UserContext(), m.conversation, no); err != nil {
			return err
		}
		return s.myAccountPage(c, m, "", "已解除绑定。")
	}
	err = s.My.Bindings.BindAccount(c.UserContext(), m.conversation, no)
	if errors.Is(err, channels.ErrTooLong) {
		c.Status(fiber.StatusUnprocessableEntity)
		return s.myAccountPage(c, m, "最多绑定五个户号，请先解除一个。", "")
	}
	if err != nil {
		return err
	}
	return s.myAccountPage(c, m, "", "已记下户号，工作人员核实后生效。核实前不显示该户的用水和缴费信息。")
}

// fewest is how many reports an area must have before it is named: fewer
// would tell on a household.
const fewest = 3

// counted is how many reports each district has, the most first.
func counted(list []*tickets.Ticket) []areaView {
	counts := map[string]int{}
	for _, t := range list {
		if d := t.Address.District; d != "" && !t.Confidential {
			counts[d]++
		}
	}
	var out []areaView
	for name, n := range counts {
		if n >= fewest {
			out = append(out, areaView{Name: name, Count: n})
		}
	}
	slices.SortFunc(out, func(a, b areaView) int { return cmp.Or(b.Count-a.Count, strings.Compare(a.Name, b.Name)) })
	return out
}
