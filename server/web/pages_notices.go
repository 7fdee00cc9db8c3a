package web

import (
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"quandesk/tickets"
)

// bellView is the bell of the rail: how many notices came since the panel
// was opened last.
type bellView struct {
	Topics string // live topics; empty for those who hear nothing
	Count  int
	Words  string
	OOB    bool
}

// noticesView is the panel and the page of notices.
type noticesView struct {
	frame
	Groups []noticeGroup
	Hidden string
}

// noticeGroup is what one clock of one ticket has said.
type noticeGroup struct {
	No, Kind, Tone, Sentence, At string
	More                         int
}

const (
	seenCookie  = "notices_seen"
	shownGroups = 20
	mostNotices = 200 // that are looked at
)

func (s *Site) bell(c *fiber.Ctx) (bellView, error) {
	audiences := s.user(c).Audiences()
	if len(audiences) == 0 {
		return bellView{}, nil
	}
	list, err := s.Tickets.Notices(c.UserContext(), audiences, tickets.NoticeFilter{Limit: mostNotices})
	if err != nil {
		return bellView{}, err
	}
	seen, _ := strconv.ParseInt(c.Cookies(s.cookieName(seenCookie)), 10, 64) // none: nothing was seen
	v := bellView{Topics: "notices:" + strings.Join(audiences, " notices:")}
	for _, n := range list {
		if n.ID > seen {
			v.Count++
		}
	}
	v.Words = strconv.Itoa(v.Count)
	if v.Count > 99 {
		v.Words = "99+"
	}
	return v, nil
}

func (s *Site) partBell(c *fiber.Ctx) error {
	v, err := s.bell(c)
	if err != nil {
		return err
	}
	return s.render(c, "bell-count", v)
}

// pageNotices shows the notices as a panel or a page; from then on they
// count as seen in this browser.
func (s *Site) pageNotices(c *fiber.Ctx) error {
	list, err := s.Tickets.Notices(c.UserContext(), s.user(c).Audiences(), tickets.NoticeFilter{Limit: mostNotices})
	if err != nil {
		return err
	}
	v := s.grouped(list)
	if len(list) > 0 {
		s.setCookie(c, seenCookie, strconv.FormatInt(list[0].ID, 10), s.Desk.Now().Add(90*24*time.Hour))
	}
	if v.frame, err = s.frame(c, "提醒", ""); err != nil {
		return err
	}
	v.Bell.Count, v.Bell.OOB = 0, fragment(c)
	if fragment(c) {
		return s.render(c, "notices-opened", v)
	}
	return s.render(c, "page-notices", v)
}

// grouped puts together what one clock has said, newest first.
func (s *Site) grouped(list []tickets.Notice) noticesView {
	var v noticesView
	at := map[string]int{}
	now := s.Desk.Now()
	for _, n := range list {
		key := n.TicketNo + " " + n.Rule
		if i, ok := at[key]; ok {
			v.Groups[i].More++
			continue
		}
		at[key] = len(v.Groups)
		v.Groups = append(v.Groups, s.noticeGroup(n, now))
	}
	if n := len(v.Groups); n > shownGroups {
		v.Groups = v.Groups[:shownGroups]
		v.Hidden = "另有" + strconv.Itoa(n-shownGroups) + "项未显示，请在工单列表中按“已超时”查询。"
	}
	return v
}

// Href is where it leads: to the ticket, or to the notice of an outage.
func (g noticeGroup) Href() string {
	if strings.HasPrefix(g.No, "TZ-") {
		return outagesHome + "/" + g.No
	}
	return "/desk/tickets/" + g.No
}

func (s *Site) noticeGroup(n tickets.Notice, now time.Time) noticeGroup {
	duty := n.Rule
	if r, ok := s.Desk.Rules().Rule(n.Rule); ok {
		duty = r.Title
	}
	g := noticeGroup{No: n.TicketNo, Kind: named(eventNames, n.Kind), Tone: "red", At: when(n.At, now)}
	if n.Words != "" {
		g.Sentence, g.Tone = n.Words, "amber"
		return g
	}
	g.Sentence = duty + "（" + clauseWords(n.Clause) + "），应于" + when(n.DueAt, now) + "前完成"
	if n.Kind == tickets.EventWarned {
		g.Tone = "amber"
	}
	return g
}
