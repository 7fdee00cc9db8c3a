package web

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"quandesk/channels/wechat"
	"quandesk/tickets"
	"quandesk/tickets/customer"
	"quandesk/tickets/outage"
)

// outagesView is what residents see of outages: what was looked up first,
// then everything of the district.
type outagesView struct {
	Title, Desk, Emergency string
	Action                 string // where the form of the search goes
	Districts              []option
	Query, Place           string
	Found, Perhaps         []noticeView
	Asked, Missed          bool // a place was looked up; in vain
	Running, Coming, Back  []noticeView
	Updated                string
}

// outages looks the notices of the moment through: of a district, and for the
// place that somebody has typed.
func (s *Site) outages(ctx context.Context, district, query string) (outagesView, error) {
	list, err := s.Notices.ToldOutages(ctx)
	v := newOutages(list, district, query, s.Desk.Now())
	v.Emergency = s.Options.EmergencyPhone
	return v, err
}

func newOutages(list []outage.Notice, district, query string, now time.Time) outagesView {
	v := outagesView{Desk: deskName, Query: firstRunes(strings.TrimSpace(query), 60), Updated: when(now, now)}
	for _, d := range append([]string{""}, customer.Districts()...) {
		v.Districts = append(v.Districts, option{Value: d, Label: orElse(d, "全部区县"), Chosen: d == district})
	}
	place := customer.ParseAddress(v.Query)
	v.Asked, v.Place = v.Query != "", v.Query
	for _, n := range list {
		shown := newNoticeView(n, now)
		switch n.Area.Affects(place) {
		case outage.Within:
			v.Found = append(v.Found, shown)
		case outage.Possibly:
			v.Perhaps = append(v.Perhaps, shown)
		}
		if district != "" && !slices.Contains(n.Area.Districts, district) {
			continue
		}
		switch {
		case n.State == outage.Restored:
			v.Back = append(v.Back, shown)
		case n.Begun(now):
			v.Running = append(v.Running, shown)
		default:
			v.Coming = append(v.Coming, shown)
		}
	}
	v.Missed = v.Asked && len(v.Found)+len(v.Perhaps) == 0
	return v
}

func firstRunes(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// pageOutages is the public page of outages.
func (s *Site) pageOutages(c *fiber.Ctx) error {
	v, err := s.outages(c.UserContext(), c.Query("district"), c.Query("q"))
	if err != nil {
		return err
	}
	v.Title, v.Action = "停水通知", "/outages"
	return s.render(c, "page-outages", v)
}

// noWaterWords is what a resident may send who found no notice.
func noWaterWords(place string) string {
	if place = firstRunes(strings.TrimSpace(place), 60); place == "" {
		return "我家没水了"
	}
	return "我家没水了，地址：" + place
}

// pageMyOutages is the same inside WeChat, with what residents have reported.
func (s *Site) pageMyOutages(c *fiber.Ctx, m me) error {
	return s.myOutages(c, m, s.myView(m, "停水通知"))
}

func (s *Site) myOutages(c *fiber.Ctx, m me, v myView) error {
	found, err := s.outages(c.UserContext(), c.Query("district"), orElse(c.Query("q"), c.FormValue("address")))
	if err != nil {
		return err
	}
	found.Action = v.Base + "/outages"
	v.Outages = found
	if v.Areas, err = s.reported(c.UserContext()); err != nil {
		return err
	}
	return s.render(c, "page-my-outages", v)
}

// formMyOutage registers that there is no water, for who looked and wants a
// crew.
func (s *Site) formMyOutage(c *fiber.Ctx, m me) error {
	v := s.myView(m, "停水通知")
	v.Phone = c.FormValue("phone")
	no, err := s.reportNoWater(c.UserContext(), m, firstRunes(strings.TrimSpace(c.FormValue("address")), 100), v.Phone)
	if err != nil {
		told := s.failure(c.UserContext(), err)
		if told.status >= 500 {
			return err
		}
		v.Problem = told.Problem.Message
		c.Status(told.status)
		return s.myOutages(c, m, v)
	}
	v.Done, v.Phone = "已登记报修，单号"+no+"。工作人员会与您联系，进度在“我的工单”里看。", ""
	return s.myOutages(c, m, v)
}

// reportNoWater opens the ticket, or finds the one that is open already.
func (s *Site) reportNoWater(ctx context.Context, m me, address, phone string) (no string, err error) {
	if address == "" {
		return "", &tickets.InputError{Field: "address", Problem: tickets.Missing}
	}
	page, err := s.Tickets.List(ctx, m.scope(), tickets.Filter{OpenOnly: true, Categories: []tickets.Category{tickets.Outage}, Limit: 1})
	if err != nil {
		return "", err
	}
	if len(page.Tickets) > 0 {
		return page.Tickets[0].No, nil
	}
	t, err := s.Desk.Open(ctx, tickets.Actor{Kind: tickets.ByCustomer}, tickets.Opening{
		Kind: tickets.Repair, Category: tickets.Outage, Source: tickets.FromNetwork, Channel: wechat.Channel, ConversationID: m.conversation,
		ContactPhone: phone, Address: customer.ParseAddress(address), Description: "居民在微信停水页面报修：家里没水，地址：" + address,
	})
	if err != nil {
		return "", err
	}
	return t.No, nil
}

// reported counts the reports that are being handled, by district.
func (s *Site) reported(ctx context.Context) ([]areaView, error) {
	page, err := s.Tickets.List(ctx, tickets.Everything, tickets.Filter{
		OpenOnly: true, Categories: []tickets.Category{tickets.Outage, tickets.Pressure, tickets.Leak}, Limit: 200,
	})
	if err != nil {
		return nil, err
	}
	return counted(page.Tickets), nil
}
