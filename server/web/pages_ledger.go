package web

import (
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"quandesk/server/auth"
	"quandesk/tickets"
)

// ledgerView is the complaint ledger of a period (clause 11.4-4).
type ledgerView struct {
	frame
	Period   string
	From, To string // dates, both included
	Picks    []pick
	Export   string // address of the spreadsheet; empty for those who may not
	Whole    string // address of the page with every row; empty when it has them
	Printed  string // what a printed page says of its own completeness
	Sums     []sumView
	Rows     []ledgerRow
	More     string
}

type sumView struct {
	Label, Figure string
	Bad           bool
}

type ledgerRow struct {
	No, Source, Received, Category, Address string
	Contacted, Minutes                      string
	Contact, ContactTone                    string
	Department, Settled                     string
	Finish, FinishTone                      string
	Callback, Rating, Supervised, Closed    string
	State                                   string
}

const (
	ledgerRows     = 200   // of one page on the screen
	mostLedgerRows = 20000 // of a page to be printed
)

// ledgerKeys are the queries that choose what the ledger shows.
var ledgerKeys = []string{"from", "to", "source", "channel", "category", "department", "state"}

func (s *Site) pageLedger(c *fiber.Ctx) error {
	f, err := s.ledgerFilter(c)
	if err != nil {
		return err
	}
	if c.Query("cursor") != "" {
		return s.moreLedger(c, f)
	}
	v := s.ledgerHead(c, f)
	if err := s.fillLedger(c, &v, f); err != nil {
		return err
	}
	if v.frame, err = s.frame(c, "投诉台账", "/desk/ledger"); err != nil {
		return err
	}
	return s.render(c, "page-ledger", v)
}

// ledgerFilter reads the query as the API does; the month when no time is given.
func (s *Site) ledgerFilter(c *fiber.Ctx) (tickets.Filter, error) {
	in := ledgerInput{
		From: c.Query("from"), To: c.Query("to"), Source: c.Query("source"), Channel: c.Query("channel"),
		Category: c.Query("category"), Department: c.Query("department"), State: c.Query("state"),
		Cursor: c.Query("cursor"),
	}
	return in.filter(s.Desk.Now())
}

func (s *Site) ledgerHead(c *fiber.Ctx, f tickets.Filter) ledgerView {
	v := ledgerView{
		From: firstDay(f.From), To: lastDay(f.To), Period: "接诉时间 " + periodWords(f.From, f.To) + prefixed("　", filterWords(f)),
		Picks: []pick{
			{"source", "来源", optionsOf(tickets.Sources, sourceNames, tickets.Source(c.Query("source")))},
			{"channel", "子渠道", optionsOf(ticketChannels, channelNames, f.Channel)},
			{"category", "类别", optionsOf(tickets.Categories, categoryNames, tickets.Category(c.Query("category")))},
			{"department", "责任部门", plainOptions(tickets.Departments, f.Department)},
			{"state", "状态", optionsOf(tickets.States, stateNames, tickets.State(c.Query("state")))},
		},
	}
	if s.user(c).Can(auth.ExportLedger) {
		v.Export = "/api/v1/ledger?" + ledgerQuery(c, f).Encode() + "&format=xlsx"
	}
	return v
}

// ledgerQuery is what was chosen, with the period that was not: a page that
// goes on, or an export, past midnight or the end of the month is of the same
// rows.
func ledgerQuery(c *fiber.Ctx, f tickets.Filter) url.Values {
	q := chosen(c, ledgerKeys...)
	if q.Get("from") == "" && !f.From.IsZero() {
		q.Set("from", firstDay(f.From))
	}
	if q.Get("to") == "" {
		q.Set("to", lastDay(f.To))
	}
	return q
}

// firstDay and lastDay are the dates of a half-open period, which may have no
// beginning.
func firstDay(from time.Time) string {
	if from.IsZero() {
		return ""
	}
	return dayOf(from)
}

func lastDay(to time.Time) string { return dayOf(to.Add(-time.Second)) }

func periodWords(from, to time.Time) string {
	if from.IsZero() {
		return lastDay(to) + " 及以前"
	}
	return firstDay(from) + " 至 " + lastDay(to)
}

// filterWords is what a ledger was narrowed to: on paper and in a spreadsheet
// a part must not pass for the whole.
func filterWords(f tickets.Filter) string {
	out := ""
	add := func(label string, words ...string) {
		out = joined("；", out, prefixed(label+"：", joined("、", words...)))
	}
	add("来源", namesOf(sourceNames, f.Sources)...)
	add("子渠道", named(channelNames, f.Channel))
	add("类型", namesOf(kindNames, f.Kinds)...)
	add("类别", namesOf(categoryNames, f.Categories)...)
	add("区域", f.District, f.Community)
	add("责任部门", f.Department)
	add("状态", namesOf(stateNames, f.States)...)
	if f.OpenOnly {
		add("状态", "全部未结")
	}
	return out
}

// fillLedger reads the whole period once: the sums are of all rows, the page
// shows the first of them, or all when it is to be printed.
func (s *Site) fillLedger(c *fiber.Ctx, v *ledgerView, f tickets.Filter) error {
	most := ledgerRows
	if c.Query("all") != "" {
		most = mostLedgerRows
	}
	var sum ledgerSum
	var last tickets.LedgerRow
	u := s.user(c)
	err := s.Tickets.Ledger(c.UserContext(), s.scope(c), f, func(r tickets.LedgerRow) error {
		sum.add(r)
		if len(v.Rows) < most {
			v.Rows, last = append(v.Rows, newLedgerLine(u, r)), r
		}
		return nil
	})
	if err != nil {
		return err
	}
	v.Sums = sum.views()
	v.Printed = fmt.Sprintf("共%d条，本页%d条", sum.all, len(v.Rows))
	if len(v.Rows) < sum.all {
		q := ledgerQuery(c, f)
		q.Set("all", "1")
		v.Whole = "/desk/ledger?" + q.Encode()
		q.Del("all")
		q.Set("cursor", s.Tickets.LedgerCursor(last))
		v.More = "/desk/ledger?" + q.Encode()
	}
	return nil
}

// moreLedger is the next rows.
func (s *Site) moreLedger(c *fiber.Ctx, f tickets.Filter) error {
	f.Limit = ledgerRows
	var v ledgerView
	var last tickets.LedgerRow
	u := s.user(c)
	err := s.Tickets.Ledger(c.UserContext(), s.scope(c), f, func(r tickets.LedgerRow) error {
		v.Rows, last = append(v.Rows, newLedgerLine(u, r)), r
		return nil
	})
	if err != nil {
		return err
	}
	if len(v.Rows) == ledgerRows {
		q := ledgerQuery(c, f)
		q.Set("cursor", s.Tickets.LedgerCursor(last))
		v.More = "/desk/ledger?" + q.Encode()
	}
	return s.render(c, "ledger-rows", v)
}

func newLedgerLine(u auth.User, r tickets.LedgerRow) ledgerRow {
	t := r.Ticket
	_, address := shownText(u, t)
	v := ledgerRow{
		No: t.No, Source: named(sourceNames, t.Source), Received: stamp(t.ReceivedAt), Category: named(categoryNames, t.Category),
		Address: address, Contacted: stamp(t.ContactedAt), Department: t.Department, Settled: stamp(t.SettledAt),
		Supervised: stamp(r.SupervisedAt), Closed: stamp(t.ClosedAt), State: named(stateNames, t.State),
	}
	if r.Response >= 0 {
		v.Minutes = strconv.FormatFloat(tenths(r.Response.Minutes()), 'f', 1, 64)
	}
	v.Contact, v.ContactTone = verdictWords(r.ContactMet)
	v.Finish, v.FinishTone = verdictWords(r.FinishMet)
	if n := len(r.Callbacks); n > 0 {
		k := r.Callbacks[n-1]
		v.Callback, v.Rating = stamp(k.At), named(ratingNames, k.Result.Outcome)
	}
	return v
}

func verdictWords(v tickets.Verdict) (words, tone string) {
	switch v {
	case tickets.VerdictMet:
		tone = "is-met"
	case tickets.VerdictMissed, tickets.VerdictTried:
		tone = "is-late"
	}
	return named(verdictNames, v), tone
}

// ledgerSum counts a period.
type ledgerSum struct {
	all, closed             int
	contact, contactMet     int
	finish, finishMet       int
	satisfied, dissatisfied int
	supervised              int
}

func (s *ledgerSum) add(r tickets.LedgerRow) {
	s.all++
	count := func(v tickets.Verdict, due, met *int) {
		switch v {
		case tickets.VerdictMet:
			*due, *met = *due+1, *met+1
		case tickets.VerdictMissed, tickets.VerdictTried:
			*due++
		}
	}
	count(r.ContactMet, &s.contact, &s.contactMet)
	count(r.FinishMet, &s.finish, &s.finishMet)
	if r.Ticket.State == tickets.Closed {
		s.closed++
	}
	if !r.SupervisedAt.IsZero() {
		s.supervised++
	}
	if n := len(r.Callbacks); n > 0 {
		switch r.Callbacks[n-1].Result.Verdict {
		case tickets.CallbackSatisfied:
			s.satisfied++
		case tickets.CallbackDissatisfied:
			s.dissatisfied++
		}
	}
}

func (s *ledgerSum) views() []sumView {
	rate := func(label string, met, due int) sumView {
		v := sumView{Label: fmt.Sprintf("%s（%d/%d）", label, met, due), Figure: "—"}
		if due > 0 {
			v.Figure, v.Bad = fmt.Sprintf("%.1f%%", 100*float64(met)/float64(due)), met < due
		}
		return v
	}
	return []sumView{
		{Label: "投诉件数", Figure: strconv.Itoa(s.all)},
		rate("20分钟联系达标率", s.contactMet, s.contact),
		rate("2日办结达标率", s.finishMet, s.finish),
		rate("回访满意率", s.satisfied, s.satisfied+s.dissatisfied),
		{Label: "升级督办", Figure: strconv.Itoa(s.supervised), Bad: s.supervised > 0},
		{Label: "已结案", Figure: strconv.Itoa(s.closed)},
	}
}
