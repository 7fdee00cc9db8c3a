package web

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"quandesk/server/auth"
	"quandesk/tickets"
)

// auditView is the audit trail, newest first.
type auditView struct {
	frame
	Rows []auditRow
	More string
}

type auditRow struct {
	At, Who, IP  string
	Action       string
	Object       string
	Ticket       bool // the object is a ticket to be opened
	Result, Tone string
	RequestID    string
}

// auditRows are the entries of one page.
const auditRows = 100

func (s *Site) pageAudit(c *fiber.Ctx) error {
	before := int64(0)
	if text := c.Query("before"); text != "" {
		if before = idOf(text); before < 1 {
			return &tickets.InputError{Field: "before", Problem: tickets.Invalid}
		}
	}
	list, err := s.Audit.Audit(c.UserContext(), before, auditRows)
	if err != nil {
		return err
	}
	v := newAudit(list)
	if fragment(c) {
		return s.render(c, "audit-rows", v)
	}
	if v.frame, err = s.frame(c, "审计", "/desk/audit"); err != nil {
		return err
	}
	return s.render(c, "page-audit", v)
}

func newAudit(list []auth.Recorded) auditView {
	var v auditView
	for _, e := range list {
		v.Rows = append(v.Rows, newAuditRow(e))
	}
	if n := len(list); n > 0 && list[n-1].ID > 1 { // ids have no gaps
		v.More = "/desk/audit?before=" + strconv.FormatInt(list[n-1].ID, 10)
	}
	return v
}

func newAuditRow(e auth.Recorded) auditRow {
	row := auditRow{
		At: e.At.In(tickets.Beijing).Format("2006-01-02 15:04:05"), Who: actorWords(e.Actor), IP: e.Actor.IP,
		Action: deedWords(e.Action), Object: objectWords(e.Object), Ticket: ticketNo.MatchString(e.Object),
		RequestID: e.RequestID,
	}
	row.Result, row.Tone = resultWords(e.Result)
	if e.Actor.Kind == tickets.ByClock {
		row.Who = "系统"
	}
	return row
}

var ticketNo = regexp.MustCompile(`^TS-\d{8}-\d{4,}$`)

// deedWords is what was done: a move of a ticket is told as its event.
func deedWords(action string) string {
	if event, ok := strings.CutPrefix(action, "ticket."); ok {
		return "工单" + named(eventNames, tickets.EventKind(event))
	}
	return named(deedNames, action)
}

// objectWords is what it was done to.
func objectWords(object string) string {
	if period, ok := strings.CutPrefix(object, "ledger "); ok {
		from, to, _ := strings.Cut(period, "_")
		if from == "" {
			return "台账 " + to + " 及以前"
		}
		return "台账 " + from + " 至 " + to
	}
	if n, ok := strings.CutSuffix(object, " events"); ok {
		return n + "项时限"
	}
	if object == "?" { // of a login: what was typed can be no name
		return "无效的用户名"
	}
	return object
}

// resultWords is how it went; what a person wrote stands after a colon.
func resultWords(result string) (words, tone string) {
	word, reason, given := strings.Cut(result, ": ")
	words = named(resultNames, word)
	if given {
		words += "，原因：" + reason
	}
	if word != "ok" {
		tone = "is-late"
	}
	return words, tone
}
