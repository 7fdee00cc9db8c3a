package web

import (
	"slices"
	"strconv"
	"time"

	"quandesk/server/auth"
	"quandesk/tickets"
	"quandesk/tickets/customer"
)

// ticketView is a ticket card: the head with its clocks and moves, the body
// with what is known and what happened.
type ticketView struct {
	No                           string
	Version                      int64
	Kind, Category               string
	State, StateTone             string
	Urgent, Confidential         bool
	Level, Urges                 int
	Suspended                    string
	Call                         string // when a person has promised to call, and on which number
	Path                         []stepView
	Clocks                       []clockView
	Moves                        *movesView
	Why                          string
	Description                  string
	Name, Phone, Address         string
	CanReveal                    bool
	Source, ExternalNo           string
	Received, ReceivedBy         string
	Department, Assignee         string
	Contacted, Attempts, Arrived string
	Settled, Measures, Reply     string
	Callback, Closed, MasterNo   string
	Conversation, Customer       string // ids; empty where there is no link
	Events                       []eventView
	Order                        *orderView   // of a ticket from 12345
	Reports                      []reportView // to the platform of 12345
	Assists                      []assistView
	OOB                          bool
}

// assistView is a department that helps.
type assistView struct{ Department, Words string }

type stepView struct{ Label, Class string }

type clockView struct {
	Title, Clause, At  string
	Tone               string
	Due                dueView
	Result, ResultTone string
}

type movesView struct{ Main, More []moveView }

type moveView struct {
	No, Name, Label, Href string
	Main, Danger          bool
}

// newTicketView renders a ticket for one member of staff.
func newTicketView(t *tickets.Ticket, events []tickets.Event, rules *tickets.Rules, u auth.User, now time.Time) ticketView {
	v := ticketView{
		No: t.No, Version: t.Version, Kind: named(kindNames, t.Kind), Category: named(categoryNames, t.Category),
		State: named(stateNames, t.State), StateTone: stateTone(t.State), Urgent: t.Urgent,
		Confidential: t.Confidential, Level: t.Level, Urges: t.Urges, Suspended: when(t.SuspendedUntil, now), Call: promised(t, now),
		Path: pathOf(t.State), Clocks: clocksOf(t, rules, now), Description: maskText(t.Description),
		Source: sourceWords(t), ExternalNo: t.ExternalNo, Received: stamp(t.ReceivedAt), ReceivedBy: t.ReceivedBy,
		Department: orElse(t.Department, "未派单"), Assignee: orElse(t.Assignee.Name, "未受理"), MasterNo: t.MasterNo,
	}
	v.identity(t, u)
	v.assists(t, u, now)
	v.records(t, u, now)
	actor := u.Actor("", "")
	v.Moves, v.Why = movesOf(t, actor, u)
	identify, veil := mayIdentify(u, t), veilFor(u, t)
	for _, e := range slices.Backward(events) { // newest first
		e.Data = maskEvent(e.Data, identify, veil)
		v.Events = append(v.Events, newEvent(e, rules, now))
	}
	return v
}

// assists lists the departments that help and what came of it.
func (v *ticketView) assists(t *tickets.Ticket, u auth.User, now time.Time) {
	veil := veilFor(u, t)
	for _, a := range t.Assists {
		words := "协办中：" + veil(a.Opinion)
		if !a.Open() {
			words = when(a.DoneAt, now) + " " + a.DoneBy + "签办：" + veil(a.Result)
		}
		v.Assists = append(v.Assists, assistView{a.Department, words})
	}
}

// promised is when a person has promised to call.
func promised(t *tickets.Ticket, now time.Time) string {
	if !t.State.Open() {
		return ""
	}
	return when(t.CallAt, now)
}

// identity says who the resident is, as far as everybody may see it.
func (v *ticketView) identity(t *tickets.Ticket, u auth.User) {
	v.Name, v.Address = orElse(maskName(t.ContactName), "未留姓名"), maskText(addressWords(t.Address))
	switch {
	case !mayIdentify(u, t):
		v.Name, v.Phone, v.Address, v.Description = hidden, hidden, hidden, veilFor(u, t)(t.Description)
		return
	case t.Anonymous:
		v.Phone = "用户选择不留电话"
	case t.ContactPhone == "":
		v.Phone = "未留电话"
	default:
		v.Phone = customer.MaskPhone(t.ContactPhone)
		v.CanReveal = u.Can(auth.RevealPhone)
	}
	if t.State.Open() && !t.CallAt.IsZero() {
		v.Call += " · " + customer.MaskPhone(t.CallPhone)
		v.CanReveal = v.CanReveal || u.Can(auth.RevealPhone)
	}
	if t.ConversationID != 0 && u.Can(auth.ReadInbox) {
		v.Conversation = strconv.FormatInt(t.ConversationID, 10)
	}
	if t.CustomerID != 0 && u.Can(auth.ReadTickets) {
		v.Customer = strconv.FormatInt(t.CustomerID, 10)
	}
}

// records are the facts the ledger will show.
func (v *ticketView) records(t *tickets.Ticket, u auth.User, now time.Time) {
	if !t.ContactedAt.IsZero() {
		v.Contacted = stamp(t.ContactedAt) + "（用时" + lasting(t.ContactedAt.Sub(t.ReceivedAt)) + "）"
	}
	if t.Attempts > 0 {
		v.Attempts = strconv.Itoa(t.Attempts) + "次，最近" + when(t.LastTriedAt, now)
	}
	v.Arrived = stamp(t.ArrivedAt)
	if !t.SettledAt.IsZero() {
		v.Settled = stamp(t.SettledAt) + " · " + named(outcomeNames, t.Settlement.Outcome) + " · " + t.Handler.Name
		veil := veilFor(u, t)
		v.Measures, v.Reply = veil(t.Settlement.Measures), veil(t.Settlement.Reply)
	}
	if !t.CallbackAt.IsZero() {
		v.Callback = stamp(t.CallbackAt) + " · " + named(callbackNames, t.Callback.Verdict) + " · " + t.CallbackBy.Name
	}
	if !t.ClosedAt.IsZero() {
		v.Closed = stamp(t.ClosedAt) + " · " + t.CloseBasis
	}
}

func addressWords(a customer.Address) string {
	if a.Text != "" {
		return a.Text
	}
	return orElse(a.District+a.Street+a.Community+a.Detail, "未留地址")
}

func sourceWords(t *tickets.Ticket) string {
	s := named(sourceNames, t.Source)
	if t.Channel != "" {
		if name := named(channelNames, t.Channel); name != s {
			s += " · " + name
		}
	}
	if t.Outlet != "" {
		s += " · " + t.Outlet
	}
	return s
}

func stateTone(s tickets.State) string {
	switch s {
	case tickets.New, tickets.Returning, tickets.Extending:
		return "amber"
	case tickets.Escalated:
		return "red"
	case tickets.Closed, tickets.Answered:
		return "green"
	case tickets.Returned, tickets.Merged, tickets.Void:
		return ""
	}
	return "water"
}

// loop is the closed loop of clause 11.1.2 as the card shows it.
var loop = []struct {
	label  string
	states []tickets.State
}{
	{"受理", []tickets.State{tickets.New}},
	{"派单", []tickets.State{tickets.Accepted}},
	{"签收", []tickets.State{tickets.Dispatched}},
	{"办理", []tickets.State{tickets.Signed, tickets.Processing, tickets.Extending, tickets.Returning, tickets.Escalated}},
	{"回访", []tickets.State{tickets.Settled, tickets.Calling}},
	{"结案", []tickets.State{tickets.Closed}},
}

// pathOf is where a ticket stands in the loop; nil for one that left it.
func pathOf(s tickets.State) []stepView {
	here := -1
	for i, step := range loop {
		if slices.Contains(step.states, s) {
			here = i
		}
	}
	if here < 0 {
		return nil
	}
	out := make([]stepView, len(loop))
	for i, step := range loop {
		out[i].Label = step.label
		switch {
		case i < here, s == tickets.Closed:
			out[i].Class = "is-done"
		case i == here:
			out[i].Class = "is-here"
		}
	}
	return out
}

// clocksOf lists the clocks of a ticket, running ones first.
func clocksOf(t *tickets.Ticket, rules *tickets.Rules, now time.Time) []clockView {
	list := slices.Clone(t.Deadlines)
	slices.SortStableFunc(list, func(a, b tickets.Deadline) int {
		if a.Running() != b.Running() {
			if a.Running() {
				return -1
			}
			return 1
		}
		return a.Due().Compare(b.Due())
	})
	out := make([]clockView, 0, len(list))
	for _, d := range list {
		out = append(out, newClock(d, rules, now))
	}
	return out
}

func newClock(d tickets.Deadline, rules *tickets.Rules, now time.Time) clockView {
	v := clockView{Title: d.Rule, Clause: clauseWords(d.Clause), At: when(d.Due(), now) + "前"}
	if r, ok := rules.Rule(d.Rule); ok {
		v.Title = r.Title
	}
	if d.Round > 1 {
		v.Title += "（第" + strconv.Itoa(d.Round) + "次）"
	}
	if !d.ExtendedTo.IsZero() {
		v.At += "（已延期，原为" + when(d.DueAt, now) + "）"
	}
	switch {
	case !d.MetAt.IsZero() && !d.BreachedAt.IsZero():
		v.Tone, v.ResultTone, v.Result = "late", "red", "超时 "+lasting(d.MetAt.Sub(d.Due()))+"完成"
	case !d.MetAt.IsZero():
		v.Tone, v.ResultTone, v.Result = "met", "green", when(d.MetAt, now)+" 按时完成"
	case !d.EndedAt.IsZero() && !d.BreachedAt.IsZero():
		v.Tone, v.ResultTone, v.Result = "late", "red", "超时后终止"
	case !d.EndedAt.IsZero():
		v.Result = "已终止计时"
	default:
		v.Due = newClockDue(rules, d.Rule, d.Due(), now)
		v.Due.Title = ""
		if v.Due.Tone == "late" {
			v.Tone = "late"
		}
	}
	return v
}

// mainMoves are what a state mostly asks for, first the step that leads on.
var mainMoves = map[tickets.State][]tickets.Move{
	tickets.New:        {tickets.MoveAccept, tickets.MoveContact},
	tickets.Accepted:   {tickets.MoveDispatch, tickets.MoveContact},
	tickets.Dispatched: {tickets.MoveSign, tickets.MoveContact},
	tickets.Signed:     {tickets.MoveStart, tickets.MoveContact},
	tickets.Processing: {tickets.MoveSettle, tickets.MoveContact, tickets.MoveArrive},
	tickets.Extending:  {tickets.MoveGrantExtension, tickets.MoveRefuseExtension},
	tickets.Settled:    {tickets.MoveCallback},
	tickets.Calling:    {tickets.MoveCallback},
	tickets.Escalated:  {tickets.MoveRedo, tickets.MoveContact},
	tickets.Returning:  {tickets.MoveApproveReturn, tickets.MoveRefuseReturn},
}

// movesOf lists what this person may do now, and says why something that is
// due cannot be done by this person.
func movesOf(t *tickets.Ticket, by tickets.Actor, u auth.User) (*movesView, string) {
	if !u.Can(auth.MoveTickets) {
		return nil, ""
	}
	allowed, why := t.Moves(by), ""
	if t.State == tickets.Settled { // recording a callback starts it
		allowed = append(slices.DeleteFunc(allowed, func(m tickets.Move) bool {
			return m == tickets.MoveStartCallback
		}), tickets.MoveCallback)
	}
	if own := t.Handler.ID == by.ID && by.ID != 0; own && (t.State == tickets.Settled || t.State == tickets.Calling) {
		why = "这张工单由您办结，回访须由办理人以外的人员进行（第11.4条）。"
		allowed = slices.DeleteFunc(allowed, func(m tickets.Move) bool { return m == tickets.MoveCallback })
	}
	if !by.Supervises && slices.Contains([]tickets.State{tickets.Returning, tickets.Extending}, t.State) {
		why = "正在等待值班长或主管审核。"
	}
	v := &movesView{}
	// While the 20 minutes run, reaching the resident comes before anything
	// but taking the ticket.
	first := mainMoves[t.State]
	if t.State != tickets.New && t.Running("R01") != nil && slices.Contains(first, tickets.MoveContact) {
		first = append([]tickets.Move{tickets.MoveContact}, slices.DeleteFunc(slices.Clone(first), func(m tickets.Move) bool {
			return m == tickets.MoveContact
		})...)
	}
	for _, m := range first {
		if slices.Contains(allowed, m) {
			v.Main = append(v.Main, newMove(t, m, len(v.Main) == 0))
		}
	}
	for _, f := range moveForms {
		if slices.Contains(allowed, f.move) && !slices.Contains(mainMoves[t.State], f.move) {
			v.More = append(v.More, newMove(t, f.move, false))
		}
	}
	return v, why
}

func newMove(t *tickets.Ticket, m tickets.Move, main bool) moveView {
	f, _ := formOf(m)
	return moveView{
		No: t.No, Name: string(m), Label: f.label, Main: main, Danger: f.danger,
		Href: "/desk/tickets/" + t.No + "/moves/" + string(m),
	}
}
