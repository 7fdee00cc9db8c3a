package web

import (
	"fmt"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"quandesk/server/auth"
	"quandesk/tickets"
)

// deskName is what residents and staff call the desk.
const deskName = "泉城水务客服台"

// frame is what surrounds every page of the desk.
type frame struct {
	Title string
	Desk  string
	CSRF  string
	Now   int64 // the server's clock, milliseconds
	User  userView
	Nav   []navView
	Bell  bellView
	Calls callsView
}

type userView struct{ Name, Role string }

type navView struct {
	Href, Label, Icon string
	Current           bool
}

// places are the pages of the desk and who may open them.
var places = []struct {
	href, label, icon string
	action            auth.Action
}{
	{"/desk", "会话", "inbox", auth.ReadInbox},
	{"/desk/tickets", "工单", "ticket", auth.ReadTickets},
	{"/desk/callbacks", "回访", "callback", auth.ReadTickets},
	{"/desk/tickets/new", "登记", "plus", auth.MoveTickets},
	{outagesHome, "停水", "pin", auth.ReadTickets},
	{reportsHome, "报送", "send", auth.MoveTickets},
	{approvalsHome, "审核", "ticket", auth.Supervise},
	{"/desk/ledger", "台账", "ledger", auth.ReadLedger},
	{knowledgeHome, "知识", "note", auth.ReadArticles},
	{"/desk/phones", "话机", "phone", auth.ManagePeople},
	{wechatHome, "微信", "send", auth.ManagePeople},
	{"/desk/audit", "审计", "audit", auth.ReadAudit},
	{modelCallsHome, "模型", "eye", auth.ManagePeople}, // others come from the audit page
}

// frame builds what surrounds a page; here is the href of its place.
func (s *Site) frame(c *fiber.Ctx, title, here string) (frame, error) {
	u := s.user(c)
	bell, err := s.bell(c)
	if err != nil {
		return frame{}, err
	}
	f := frame{
		Title: title, Desk: deskName, CSRF: s.csrf(c), Now: s.Desk.Now().UnixMilli(),
		User: userView{Name: u.Name, Role: named(roleNames, u.Role)}, Bell: bell,
	}
	if f.Calls, err = s.calls(c); err != nil {
		return frame{}, err
	}
	for _, p := range places {
		if u.Can(p.action) {
			f.Nav = append(f.Nav, navView{Href: p.href, Label: p.label, Icon: p.icon, Current: p.href == here})
		}
	}
	return f, nil
}

// Times, as people read them in Jinan.

func clockTime(t time.Time) string { return t.In(tickets.Beijing).Format("15:04") }

func dayOf(t time.Time) string { return t.In(tickets.Beijing).Format("2006-01-02") }

// dayWords is 今天, 昨天 or the date.
func dayWords(t, now time.Time) string {
	switch dayOf(t) {
	case dayOf(now):
		return "今天"
	case dayOf(now.AddDate(0, 0, -1)):
		return "昨天"
	case dayOf(now.AddDate(0, 0, 1)):
		return "明天"
	}
	if t.In(tickets.Beijing).Year() == now.In(tickets.Beijing).Year() {
		return t.In(tickets.Beijing).Format("1月2日")
	}
	return t.In(tickets.Beijing).Format("2006年1月2日")
}

// when is a moment with its day; empty when it has not come.
func when(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	return dayWords(t, now) + " " + clockTime(t)
}

// stamp is a moment in full, for records.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(tickets.Beijing).Format("2006-01-02 15:04")
}

func iso(t time.Time) string { return t.In(tickets.Beijing).Format(time.RFC3339) }

// dueView is a countdown: the page keeps it running.
type dueView struct {
	MS    int64 // 0: nothing is due
	ISO   string
	Title string
	Words string
	Tone  string
}

// soon is how long before its end a countdown draws attention.
const soon = 20 * time.Minute

func newDue(at time.Time, title string, now time.Time) dueView {
	if at.IsZero() {
		return dueView{}
	}
	left := at.Sub(now).Round(time.Second)
	v := dueView{MS: at.UnixMilli(), ISO: iso(at), Title: title}
	switch {
	case left < 0:
		v.Tone, v.Words = "late", "已超时 "+lasting(-left)
	case left < time.Hour:
		v.Words = fmt.Sprintf("%02d:%02d", int(left.Minutes()), int(left.Seconds())%60)
	default:
		v.Words = "剩 " + lasting(left)
	}
	if left >= 0 && left < soon {
		v.Tone = "soon"
	}
	return v
}

// newClockDue is the countdown of a clock; one of an order of 12345 is yellow
// from its last working day on (D04).
func newClockDue(rules *tickets.Rules, rule string, at, now time.Time) dueView {
	v := newDue(at, dueTitle(rules, rule, at), now)
	if v.Tone == "" && !at.IsZero() && rules.Nearing(rule, at, now) {
		v.Tone = "soon"
	}
	return v
}

// lasting is a length of time in the two largest units; static/clock.js says
// the same.
func lasting(d time.Duration) string {
	two := func(big int, unit string, small int, rest string) string {
		s := strconv.Itoa(big) + unit
		if small > 0 {
			s += strconv.Itoa(small) + rest
		}
		return s
	}
	minutes := int(d.Minutes())
	switch {
	case d < time.Minute:
		return strconv.Itoa(int(d.Seconds())) + "秒"
	case minutes < 60:
		return strconv.Itoa(minutes) + "分"
	case minutes < 24*60:
		return two(minutes/60, "小时", minutes%60, "分")
	}
	return two(minutes/60/24, "天", minutes/60%24, "小时")
}

// option is one choice of a select or of a row of buttons.
type option struct {
	Value, Label string
	Chosen       bool
	Key          string // accesskey
}

// pick is a filter with its options.
type pick struct {
	Name, Label string
	Options     []option
}

// optionsOf turns a list of words into options with their Chinese names.
func optionsOf[K ~string](list []K, names map[K]string, chosen K) []option {
	out := make([]option, 0, len(list))
	for _, k := range list {
		out = append(out, option{Value: string(k), Label: named(names, k), Chosen: k == chosen})
	}
	return out
}

func plainOptions(list []string, chosen string) []option {
	out := make([]option, 0, len(list))
	for _, v := range list {
		out = append(out, option{Value: v, Label: v, Chosen: v == chosen})
	}
	return out
}
