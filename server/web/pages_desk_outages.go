package web

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"quandesk/server/auth"
	"quandesk/tickets"
	"quandesk/tickets/customer"
	"quandesk/tickets/outage"
)

const outagesHome = "/desk/outages"

// Notices are notices of outages to be read.
type Notices interface {
	tickets.OutageViews
	// ToldOutages are those that residents are told of now.
	ToldOutages(ctx context.Context) ([]outage.Notice, error)
}

// deskOutagesView is the list: what runs, what is to come, drafts, what is over.
type deskOutagesView struct {
	frame
	Groups   []outageGroup
	MayWrite bool
}

type outageGroup struct {
	Title string
	Rows  []outageRow
}

type outageRow struct {
	noticeView
	Due dueView
}

// deskOutageView is one notice: its form while it is a draft, then its moves.
type deskOutageView struct {
	frame
	No, State, Action string
	Version           int64
	ClientID          string
	Problem, Done     string
	Warnings          []string
	Warned            string // the warnings that have been shown
	Fields            []field
	Notice            *noticeView
	Facts             []labelled
	Moves             []outageMove
	Clocks            []labelled
	Events            []eventView
}

type labelled struct{ Label, Value, At, Tone string }

// outageMove is a form behind one button of a notice.
type outageMove struct {
	Move, Label string
	Danger      bool
	Fields      []field
}

// lastingList is how long what is over stays on the list.
const lastingList = 30 * 24 * time.Hour

func (s *Site) pageDeskOutages(c *fiber.Ctx) error {
	now := s.Desk.Now()
	list, err := s.Notices.Outages(c.UserContext(), tickets.OutageFilter{Since: now.Add(-lastingList)})
	if err != nil {
		return err
	}
	groups := []outageGroup{{Title: "正在停水"}, {Title: "计划停水"}, {Title: "草稿"}, {Title: "近30天已结束"}}
	for _, n := range list {
		g := &groups[groupOf(n.Notice, now)]
		g.Rows = append(g.Rows, newOutageRow(n, now))
	}
	v := deskOutagesView{Groups: groups, MayWrite: s.user(c).Can(auth.Supervise)}
	if fragment(c) {
		return s.render(c, "outage-groups", v)
	}
	if v.frame, err = s.frame(c, "停水通知", outagesHome); err != nil {
		return err
	}
	return s.render(c, "page-desk-outages", v)
}

func groupOf(n outage.Notice, now time.Time) int {
	switch {
	case n.Begun(now):
		return 0
	case n.State == outage.Published:
		return 1
	case n.State == outage.Draft:
		return 2
	}
	return 3
}

func newOutageRow(n *tickets.Announced, now time.Time) outageRow {
	r := outageRow{noticeView: newNoticeView(n.Notice, now)}
	if n.State == outage.Draft || n.State == outage.Withdrawn {
		r.State, r.Tone = named(outageStates, n.State), ""
	}
	var next *tickets.Deadline
	for i := range n.Deadlines {
		if d := &n.Deadlines[i]; d.Running() && (next == nil || d.DueAt.Before(next.DueAt)) {
			next = d
		}
	}
	if next != nil {
		r.Due = newDue(next.DueAt, next.Rule, now)
	}
	return r
}

func (s *Site) pageNewOutage(c *fiber.Ctx) error {
	f := outage.Form{Kind: outage.Planned}
	if c.Query("kind") == string(outage.Emergency) {
		f.Kind = outage.Emergency
	}
	return s.showOutageForm(c, deskOutageView{Action: outagesHome + "/new", ClientID: newClientID(), Fields: outageFormFields(f, "")})
}

func (s *Site) showOutageForm(c *fiber.Ctx, v deskOutageView) error {
	var err error
	if v.frame, err = s.frame(c, orElse(v.No, "新建停水通知"), outagesHome); err != nil {
		return err
	}
	return s.render(c, "page-desk-outage", v)
}

// outageFormFields are the questions of clause 7.3.1 in the order in which
// they are answered on the telephone.
func outageFormFields(f outage.Form, late string) []field {
	local := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(tickets.Beijing).Format("2006-01-02T15:04")
	}
	households := ""
	if f.Households > 0 {
		households = strconv.Itoa(f.Households)
	}
	list := func(l []string) string { return strings.Join(l, "、") }
	fields := []field{
		{Name: "kind", Label: "类型", Type: "choice", Required: true, Whole: true, Options: []option{
			{Value: string(outage.Planned), Label: "计划停水", Chosen: f.Kind == outage.Planned, Key: "1"},
			{Value: string(outage.Emergency), Label: "应急停水", Chosen: f.Kind == outage.Emergency, Key: "2"}}},
		{Name: "districts", Label: "区县", Type: "text", Required: true, Value: list(f.Area.Districts), List: "all-districts", Options: plainOptions(customer.Districts(), ""), Key: "q", Focus: true, Hint: "多个用顿号隔开"},
		{Name: "households", Label: "影响户数（大致）", Type: "text", Value: households, Key: "u"},
		{Name: "streets", Label: "街道、道路", Type: "text-long", Value: list(f.Area.Streets), Key: "r", Hint: "如：文化东路、和平路1-99号。多个用顿号或换行隔开"},
		{Name: "compounds", Label: "小区、村", Type: "text-long", Value: list(f.Area.Compounds), Key: "x", Hint: "如：甸柳新村三区、科院小区1-5号楼"},
		{Name: "bounds", Label: "四至", Type: "text-long", Whole: true, Value: f.Area.Bounds, Key: "z", Hint: "如：东至燕山立交桥，西至山大路。已列出街道或小区时可不填"},
		{Name: "start_at", Label: "停水开始", Type: "datetime-local", Required: true, Value: local(f.StartAt), Key: "b"},
		{Name: "end_at", Label: "计划恢复供水", Type: "datetime-local", Required: true, Value: local(f.EndAt), Key: "e"},
		{Name: "reason", Label: "停水原因", Type: "text", Required: true, Value: f.Reason, Key: "y"},
		{Name: "contact", Label: "咨询联系方式", Type: "text", Required: true, Value: f.Contact, Key: "t", Hint: "居民能打通的单位和电话"},
		{Name: "valves", Label: "停用阀门个数和口径（应急停水）", Type: "text", Value: f.Valves},
		{Name: "decided_at", Label: "决定停水时间（应急停水）", Type: "datetime-local", Value: local(f.DecidedAt), Hint: "不填为现在；决定后30分钟内发布"},
		{Name: "late_reason", Label: "晚于规定时间发布的原因", Type: "text", Whole: true, Value: late, Hint: "只在提示违反7.3.1时填写"},
	}
	for i := range fields {
		fields[i].ID = "outage-" + fields[i].Name
	}
	return fields
}

// outageForm reads the form.
func outageForm(v values) (outage.Form, error) {
	f := outage.Form{
		Kind: outage.Kind(v("kind")), StartAt: v.time("start_at"), EndAt: v.time("end_at"), Reason: v.text("reason"), Contact: v.text("contact"),
		Valves: v.text("valves"), DecidedAt: v.time("decided_at"),
		Area: outage.Area{Districts: outage.List(v.text("districts")), Streets: outage.List(v.text("streets")), Compounds: outage.List(v.text("compounds")), Bounds: v.text("bounds")},
	}
	if n := strings.TrimSuffix(v.text("households"), "户"); n != "" {
		count, err := strconv.Atoi(n)
		if err != nil {
			return f, &outage.FaultError{Faults: []outage.Fault{{Field: "households", Problem: outage.Invalid}}}
		}
		f.Households = count
	}
	return f, nil
}

// formOutage saves a new notice as a draft or publishes it, after its warnings
// have been seen.
func (s *Site) formOutage(c *fiber.Ctx) error {
	v := values(func(name string) string { return c.FormValue(name) })
	refill := deskOutageView{Action: outagesHome + "/new", ClientID: orElse(v("client_id"), newClientID())}
	f, err := outageForm(v)
	if err == nil && v("do") == "publish" {
		if shown := s.warned(f, v, &refill); shown {
			return s.showOutageForm(c, refill)
		}
	}
	if err != nil {
		return s.outageRefused(c, refill, f, v, err)
	}
	ctx, u, key := c.UserContext(), s.user(c), "outage/"+v("client_id")
	_, made, again, err := s.Remembered.Begin(ctx, u.ID, key, fingerprint(c))
	if err != nil {
		return s.outageRefused(c, refill, f, v, err)
	}
	if again {
		return c.Redirect(outagesHome+"/"+string(made), fiber.StatusSeeOther)
	}
	n, err := s.Outages.Draft(ctx, s.actor(c), f, v("do") == "publish", v.text("late_reason"))
	if err != nil {
		s.remember(c, u.ID, key, fiber.StatusBadRequest, nil)
		return s.outageRefused(c, refill, f, v, err)
	}
	s.remember(c, u.ID, key, fiber.StatusSeeOther, []byte(n.No))
	return c.Redirect(outagesHome+"/"+n.No, fiber.StatusSeeOther)
}

// warned shows the warnings that have not been seen; false when there are none.
func (s *Site) warned(f outage.Form, v values, view *deskOutageView) bool {
	if len(f.Missing()) > 0 {
		return false // what is missing comes first
	}
	list := f.Warnings(s.Desk.Now())
	codes := make([]string, len(list))
	for i, w := range list {
		codes[i] = string(w)
	}
	view.Warnings, view.Warned = warningSentences(list), strings.Join(codes, " ")
	view.Fields = outageFormFields(f, v.text("late_reason"))
	return view.Warned != v("warned")
}

// outageRefused shows the form again with everything that was typed.
func (s *Site) outageRefused(c *fiber.Ctx, view deskOutageView, f outage.Form, v values, why error) error {
	told := s.failure(c.UserContext(), why)
	if told.status != fiber.StatusUnprocessableEntity && told.status != fiber.StatusConflict {
		return why
	}
	view.Problem = told.Problem.Message
	view.Fields = outageFormFields(f, v.text("late_reason"))
	if households := v.text("households"); households != "" {
		for i := range view.Fields {
			if view.Fields[i].Name == "households" {
				view.Fields[i].Value = households
			}
		}
	}
	c.Status(told.status)
	return s.showOutageForm(c, view)
}

func (s *Site) pageDeskOutage(c *fiber.Ctx) error {
	n, err := s.Outages.Notice(c.UserContext(), c.Params("no"))
	if err != nil {
		return err
	}
	return s.showOutage(c, n, deskOutageView{})
}

// showOutage is one notice with what may be done with it.
func (s *Site) showOutage(c *fiber.Ctx, n *tickets.Announced, v deskOutageView) error {
	now := s.Desk.Now()
	events, err := s.Notices.OutageEvents(c.UserContext(), n.No)
	if err != nil {
		return err
	}
	v.No, v.State, v.Version, v.Action = n.No, named(outageStates, n.State), n.Version, outagesHome+"/"+n.No+"/change"
	may := s.user(c).Can(auth.Supervise)
	if n.State == outage.Draft && may {
		if v.Fields == nil {
			v.Fields = outageFormFields(n.Form, "")
		}
	} else {
		shown := newNoticeView(n.Notice, now)
		if n.State == outage.Draft || n.State == outage.Withdrawn {
			shown.State = named(outageStates, n.State)
		}
		v.Notice, v.Facts = &shown, outageFacts(n.Notice)
	}
	if may {
		v.Moves = append(v.Moves, outageMovesOf(n.Notice, func(name string) string { return c.FormValue(name) })...)
	}
	v.Clocks = outageClocks(s.Desk.Rules(), n, now)
	for i := len(events) - 1; i >= 0; i-- {
		v.Events = append(v.Events, outageEvent(s.Desk.Rules(), events[i], now))
	}
	return s.showOutageForm(c, v)
}

func outageFacts(n outage.Notice) []labelled {
	var out []labelled
	for _, x := range []labelled{
		{Label: "户数", Value: count(n.Households, "户")}, {Label: "阀门", Value: n.Valves}, {Label: "发布", Value: stamp(n.PublishedAt)},
		{Label: "晚发布原因", Value: n.LateReason}, {Label: "实际停水", Value: stamp(n.BeganAt)}, {Label: "实际恢复", Value: stamp(n.RestoredAt)},
		{Label: "晚恢复原因", Value: n.LateRestored}, {Label: "撤回原因", Value: n.WithdrawReason}, {Label: "起草", Value: n.Author},
	} {
		if x.Value != "" {
			out = append(out, x)
		}
	}
	return out
}

func count(n int, unit string) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n) + unit
}

// outageMovesOf are the forms of what may be done next; what was typed is kept.
func outageMovesOf(n outage.Notice, typed func(name string) string) []outageMove {
	var out []outageMove
	if n.State == outage.Published {
		out = append(out,
			outageMove{Move: "restore", Label: "恢复供水，发布再次通知", Fields: []field{
				{Name: "restored_at", Label: "实际恢复供水时间（以居民家中来水为准）", Type: "datetime-local", Required: true, Key: "h"},
				{Name: "began_at", Label: "实际停水时间", Type: "datetime-local"},
				{Name: "late_restored", Label: "晚于通知时间恢复的原因", Type: "text", Whole: true, Hint: "按时恢复不用填"}}},
			outageMove{Move: "extend", Label: "延长恢复时间", Fields: []field{
				{Name: "until", Label: "新的恢复供水时间", Type: "datetime-local", Required: true, Key: "g"},
				{Name: "extend_reason", Label: "延长的原因（居民会看到）", Type: "text", Required: true}}})
	}
	if n.State == outage.Published || n.State == outage.Draft {
		out = append(out, outageMove{Move: "withdraw", Label: "撤回", Danger: true, Fields: []field{
			{Name: "withdraw_reason", Label: "撤回的原因", Type: "text", Required: true}}})
	}
	for i := range out {
		for j := range out[i].Fields {
			f := &out[i].Fields[j]
			f.ID, f.Value = "outage-"+f.Name, typed(f.Name)
		}
	}
	return out
}

func outageClocks(rules *tickets.Rules, n *tickets.Announced, now time.Time) []labelled {
	var out []labelled
	for _, d := range n.Deadlines {
		x := labelled{Label: d.Rule, At: when(d.DueAt, now), Value: "进行中", Tone: "water"}
		if r, ok := rules.Rule(d.Rule); ok {
			x.Label = r.Title + "（" + clauseWords(r.Clause) + "）"
		}
		switch {
		case !d.BreachedAt.IsZero():
			x.Value, x.Tone = "超时", "red"
			if !d.MetAt.IsZero() {
				x.Value = "超时，" + when(d.MetAt, now) + "完成"
			}
		case !d.MetAt.IsZero():
			x.Value, x.Tone = when(d.MetAt, now)+"完成", "green"
		case !d.EndedAt.IsZero():
			x.Value, x.Tone = "不再适用", ""
		}
		out = append(out, x)
	}
	return out
}

func outageEvent(rules *tickets.Rules, e tickets.Event, now time.Time) eventView {
	var said struct {
		Rule, Reason, Until string
		LateReason          string `json:"late_reason"`
		RestoredAt          string `json:"restored_at"`
	}
	_ = json.Unmarshal(e.Data, &said) // what cannot be read is not shown
	v := eventView{Sentence: named(outageEvents, e.Kind), At: when(e.At, now), Who: orElse(e.Actor.Name, "系统")}
	at := func(text string) string {
		t, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return ""
		}
		return when(t, now)
	}
	switch {
	case said.Rule != "":
		v.Words = said.Rule
		if r, ok := rules.Rule(said.Rule); ok {
			v.Words = r.Title
		}
	case said.Until != "":
		v.Words = "至" + at(said.Until) + "，" + said.Reason
	case said.RestoredAt != "":
		v.Words = at(said.RestoredAt) + prefixed("，", said.Reason)
	case said.LateReason != "":
		v.Words = "晚于规定时间，" + said.LateReason
	case e.Kind == "withdrawn":
		v.Words = said.Reason
	}
	return v
}

// formOutageMove makes one move on a notice.
func (s *Site) formOutageMove(c *fiber.Ctx) error {
	v := values(func(name string) string { return c.FormValue(name) })
	no, move := c.Params("no"), c.Params("move")
	view := deskOutageView{}
	var f outage.Form
	var err error
	if move == "change" {
		if f, err = outageForm(v); err == nil && v("do") == "publish" && s.warned(f, v, &view) {
			n, err := s.Outages.Notice(c.UserContext(), no)
			if err != nil {
				return err
			}
			return s.showOutage(c, n, view)
		}
	}
	var n *tickets.Announced
	if err == nil {
		n, err = s.moveOutage(c.UserContext(), tickets.OutageChange{By: s.actor(c), No: no, Version: v.number("version")}, move, f, v)
	}
	if err == nil {
		return c.Redirect(outagesHome+"/"+no, fiber.StatusSeeOther)
	}
	told := s.failure(c.UserContext(), err)
	if told.status != fiber.StatusUnprocessableEntity && told.status != fiber.StatusConflict {
		return err
	}
	if n == nil {
		fresh, again := s.Outages.Notice(c.UserContext(), no)
		if again != nil {
			return again
		}
		n = fresh
	}
	view.Problem = told.Problem.Message
	if move == "change" {
		view.Fields = outageFormFields(f, v.text("late_reason"))
	}
	c.Status(told.status)
	return s.showOutage(c, n, view)
}

func (s *Site) moveOutage(ctx context.Context, c tickets.OutageChange, move string, f outage.Form, v values) (*tickets.Announced, error) {
	act, ok := map[string]func(*outage.Notice, time.Time) ([]outage.Event, error){
		"change": func(n *outage.Notice, at time.Time) ([]outage.Event, error) {
			events, err := n.Change(f, at)
			if err != nil || v("do") != "publish" {
				return events, err
			}
			published, err := n.Publish(v.text("late_reason"), at)
			return append(events, published...), err
		},
		"extend": func(n *outage.Notice, at time.Time) ([]outage.Event, error) {
			return n.Extend(v.time("until"), v.text("extend_reason"), at)
		},
		"restore": func(n *outage.Notice, at time.Time) ([]outage.Event, error) {
			return n.Restore(outage.Back{BeganAt: v.time("began_at"), RestoredAt: v.time("restored_at"), Reason: v.text("late_restored")}, at)
		},
		"withdraw": func(n *outage.Notice, at time.Time) ([]outage.Event, error) {
			return n.Withdraw(v.text("withdraw_reason"), at)
		},
	}[move]
	if !ok {
		return nil, errHidden
	}
	return s.Outages.Make(ctx, c, act)
}

func (s *Site) outagePages(app fiber.Router) {
	app.Get("/outages", s.pageOutages)
	read, write := s.requireUser(auth.ReadTickets), s.requireUser(auth.Supervise)
	app.Get(outagesHome, read, s.pageDeskOutages)
	app.Get(outagesHome+"/new", write, s.pageNewOutage)
	app.Post(outagesHome+"/new", write, s.formOutage)
	app.Get(outagesHome+"/:no", read, s.pageDeskOutage)
	app.Post(outagesHome+"/:no/:move", write, s.formOutageMove)
}
