package claims

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"quandesk/bot"
	"quandesk/channels"
	"quandesk/tickets"
	"quandesk/tickets/customer"
	"quandesk/tickets/outage"
)

// evidence gathers what the answer to a turn may rest on.
func (g *Guard) evidence(t bot.Turn, r bot.Reply) Evidence {
	e := OfTurn(t)
	e.Hosts, e.Secrets = g.Hosts, g.Secrets
	e.Sources = append(e.Sources, r.Grounds...)
	for _, c := range r.Citations {
		if a, ok := g.Articles.Article(c.ArticleID); ok {
			e.Cite(a, c)
		}
		e.Sources = append(e.Sources, announced(t, c)...)
	}
	if a, ok := g.Articles.Article(r.ArticleID); ok && len(r.Citations) == 0 {
		e.Sources = append(e.Sources, a.Short, a.Details, a.Next) // told without a clause: it says that it does not know
	}
	e.keep(r.Memory, t.Now)
	if r.Action != nil && !r.Action.At.IsZero() {
		e.Sources = append(e.Sources, moment(r.Action.At, t.Now))
	}
	return e
}

// announced is what the notice of an outage says that an answer cites: its row
// in this turn and nothing else (R19).
func announced(t bot.Turn, c channels.Citation) []string {
	no, ok := outage.Cited(c.ArticleID)
	if !ok {
		return nil
	}
	var out []string
	for _, n := range t.Outages {
		if n.No == no && n.Told(t.Now) {
			out = append(out, NoticeWords(n, t.Now)...)
		}
	}
	return out
}

// NoticeWords are the facts of a notice as a resident may hear them.
func NoticeWords(n outage.Notice, now time.Time) []string {
	out := []string{
		"停水通知" + n.No, "停水通知的范围：" + n.Area.Words(), "停水原因：" + n.Reason, "通知的联系电话：" + n.Contact,
		"计划停水时间" + moment(n.StartAt, now), "计划恢复供水时间" + moment(n.EndAt, now), "停水延长的原因：" + n.ExtendReason,
	}
	if n.State == outage.Restored {
		out = append(out, "恢复供水、停水结束的时间"+moment(n.RestoredAt, now))
	}
	return out
}

// OfTurn is what every answer to a turn may rest on: what the resident wrote,
// now and before, and the rows of this conversation.
func OfTurn(t bot.Turn) Evidence {
	var e Evidence
	for _, m := range slices.Concat(t.History, t.Messages) {
		if m.Author == channels.FromBot || m.Author == channels.FromStaff || m.Author == channels.FromSystem {
			continue
		}
		e.Own = append(e.Own, m.Text)
		if m.Place != nil {
			e.Own = append(e.Own, m.Place.Label)
		}
	}
	e.keep(t.Memory, t.Now)
	if t.Conversation.State == channels.Waiting {
		e.Deeds = append(e.Deeds, "等待")
	}
	for _, m := range t.Tickets {
		e.Sources = append(e.Sources, matterWords(m, t.Now)...)
		e.Deeds = append(e.Deeds, "登记")
		e.Deeds = append(e.Deeds, stateDeeds[m.State]...)
		if !m.CallbackAt.IsZero() {
			e.Deeds = append(e.Deeds, "预约")
		}
	}
	return e
}

// keep takes in what the bot remembers: words of the resident, and times.
func (e *Evidence) keep(memory json.RawMessage, now time.Time) {
	var any any
	if len(memory) == 0 || json.Unmarshal(memory, &any) != nil {
		return
	}
	for _, s := range stringsIn(any) {
		if at, err := time.Parse(time.RFC3339, s); err == nil {
			e.Sources = append(e.Sources, moment(at, now))
			continue
		}
		e.Own = append(e.Own, s, customer.MaskPhone(s))
	}
}

func stringsIn(x any) []string {
	var out []string
	switch x := x.(type) {
	case string:
		out = append(out, x)
	case []any:
		for _, y := range x {
			out = append(out, stringsIn(y)...)
		}
	case map[string]any:
		for _, y := range x {
			out = append(out, stringsIn(y)...)
		}
	}
	return out
}

// stateDeeds are the verbs for what has happened to a ticket in a state.
var stateDeeds = map[tickets.State][]string{
	tickets.Accepted: {"受理"}, tickets.Dispatched: {"派单"}, tickets.Signed: {"签收"}, tickets.Extending: {"申请延期"},
	tickets.Settled: {"办结"}, tickets.Calling: {"办结"}, tickets.Escalated: {"升级"}, tickets.Closed: {"结案"},
	tickets.Returned: {"退回"}, tickets.Merged: {"并入"}, tickets.Void: {"取消"}, tickets.Answered: {"答复"},
}

// actionDeeds are the verbs for what an action has done.
var actionDeeds = map[bot.ActionType][]string{
	bot.OpenTicket: {"登记"}, bot.SupplementTicket: {"登记", "补充", "更新", "记入", "标为", "提醒"},
	bot.UrgeTicket: {"催办"}, bot.WithdrawTicket: {"撤回"}, bot.HandOff: {"放入", "排上队"},
	bot.BookCallback: {"登记", "约在", "改到", "预约"}, bot.CancelCallback: {"取消"},
}

// with adds the row that an action has made.
func (e Evidence) with(a bot.Action, r bot.Result, now time.Time) Evidence {
	e.Sources, e.Deeds = slices.Clone(e.Sources), slices.Clone(e.Deeds)
	e.Deeds = append(e.Deeds, actionDeeds[a.Type]...)
	if a.Person || a.Raised {
		e.Deeds = append(e.Deeds, actionDeeds[bot.HandOff]...)
	}
	e.Sources = append(e.Sources, a.TicketNo, customer.MaskPhone(a.Opening.ContactPhone))
	if !r.At.IsZero() {
		e.Sources = append(e.Sources, moment(r.At, now))
	}
	if t := r.Ticket; t != nil {
		e.Sources = append(e.Sources, t.No, t.Address.Text, customer.MaskPhone(t.ContactPhone))
		for rule, words := range owed {
			if d := t.Running(rule); d != nil {
				e.Sources = append(e.Sources, words, moment(d.Due(), now))
			}
		}
	}
	for i, also := range r.Also {
		e = e.with(a.Also[i], also, now)
	}
	return e
}

// owed is what a running clock owes the resident, in words (clauses 11.2 and
// 7.3.3); it may only be said while the clock runs.
var owed = map[string]string{
	"R01": "工作人员20分钟内联系您", "R02": "2日内办结", "R12": "抢修人员30分钟内到达现场",
}

// contactWithin is how soon a complaint is answered by a person (clause 11.2).
const contactWithin = 20 * time.Minute

// matterWords are the figures and names of a ticket as the resident may hear
// them.
func matterWords(m bot.Matter, now time.Time) []string {
	out := []string{m.No, m.Address, m.Department, m.Reply, customer.MaskPhone(m.Phone)}
	if m.Kind == tickets.Complaint || m.Kind == tickets.Report {
		out = append(out, owed["R01"], "20分钟的联系时限", moment(m.ReceivedAt.Add(contactWithin), now))
	}
	if !m.ArriveBy.IsZero() {
		out = append(out, owed["R12"])
	}
	for _, at := range []time.Time{m.ReceivedAt, m.ContactBy, m.ArriveBy, m.FinishBy, m.CallbackAt, m.ContactedAt, m.SettledAt, m.ClosedAt} {
		if !at.IsZero() {
			out = append(out, moment(at, now))
		}
	}
	return out
}

// moment writes a time of Beijing in all the ways it may be said at now.
func moment(at, now time.Time) string {
	at, now = at.In(tickets.Beijing), now.In(tickets.Beijing)
	weekday := "周" + string([]rune("日一二三四五六")[at.Weekday()])
	words := []string{at.Format("2006年1月2日"), at.Format("1月2日"), weekday, at.Format("15:04")}
	for days, name := range []string{"今天", "明天", "后天"} {
		if at.Format(time.DateOnly) == now.AddDate(0, 0, days).Format(time.DateOnly) {
			words = append(words, name)
		}
	}
	return strings.Join(words, " ")
}
