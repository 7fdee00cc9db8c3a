package web

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"quandesk/channels"
	"quandesk/server/auth"
	"quandesk/tickets"
)

// inboxView is the shared inbox: the list and the open conversation.
type inboxView struct {
	frame
	List   listView
	Thread threadView
}

// pageDesk is the inbox, or the first page of somebody without one.
func (s *Site) pageDesk(c *fiber.Ctx) error {
	u := s.user(c)
	if u.Can(auth.ReadInbox) {
		return s.inbox(c, threadView{})
	}
	for _, p := range places {
		if u.Can(p.action) {
			return c.Redirect(p.href)
		}
	}
	return s.renderFailure(c, fiber.StatusForbidden, "您的账号没有可以打开的页面，请联系系统管理员。")
}

// inbox is the whole page around a conversation.
func (s *Site) inbox(c *fiber.Ctx, t threadView) error {
	f, err := s.frame(c, "会话", "/desk")
	if err != nil {
		return err
	}
	list, err := s.list(c)
	if err != nil {
		return err
	}
	for i := range list.Rows {
		list.Rows[i].Current = list.Rows[i].ID == t.Conversation.ID
	}
	return s.render(c, "page-inbox", inboxView{frame: f, List: list, Thread: t})
}

// partList is the rows, with the counts of the views beside the first page.
func (s *Site) partList(c *fiber.Ctx) error {
	list, err := s.list(c)
	if err != nil {
		return err
	}
	if c.Query("cursor") != "" {
		return s.render(c, "rows", list)
	}
	list.OOB = true
	return s.render(c, "list", list)
}

// listKeys are the queries that choose what the list shows.
var listKeys = []string{"view", "order", "q", "channel", "category", "department", "urgent"}

func (s *Site) list(c *fiber.Ctx) (listView, error) {
	q, f := chosen(c, listKeys...), s.inboxFilter(c)
	page, err := s.Conversations.Inbox(c.UserContext(), s.inboxScope(c), f)
	if err != nil {
		return listView{}, err
	}
	counts, err := s.Conversations.Counts(c.UserContext(), s.inboxScope(c), s.user(c).ID)
	if err != nil {
		return listView{}, err
	}
	v := listView{
		View: f.View, Views: viewsOf(f.View, counts, q), Waiting: counts["waiting"], Query: f.Query,
		DueFirst: f.DueFirst, Urgent: f.Urgent, Empty: emptyWords(f),
		Filtered:    f.Channel != "" || f.Category != "" || f.Department != "" || f.Urgent,
		Channels:    pick{"channel", "渠道", optionsOf([]string{"webchat", "wechat", "phone", "12345"}, channelNames, f.Channel)},
		Categories:  pick{"category", "类别", optionsOf(tickets.Categories, categoryNames, tickets.Category(f.Category))},
		Departments: pick{"department", "责任部门", plainOptions(tickets.Departments, f.Department)},
	}
	for _, k := range page.Conversations {
		v.Rows = append(v.Rows, newRow(veilTalk(s.user(c), k), q.Encode(), s.Desk.Rules(), s.Desk.Now()))
	}
	if page.Next != "" {
		q.Set("cursor", page.Next)
		v.More = "/desk/list?" + q.Encode()
	}
	return v, nil
}

func (s *Site) inboxFilter(c *fiber.Ctx) channels.Filter {
	f := channels.Filter{
		View: c.Query("view"), UserID: s.user(c).ID, Channel: c.Query("channel"),
		Department: c.Query("department"), Category: c.Query("category"), Urgent: c.Query("urgent") != "",
		DueFirst: c.Query("order") != "new", Query: channels.Sanitize(c.Query("q")),
		Cursor: c.Query("cursor"), Limit: min(max(c.QueryInt("limit"), 0), 200),
	}
	if !slices.ContainsFunc(inboxViews, func(v struct{ key, label, empty string }) bool { return v.key == f.View }) {
		f.View = inboxViews[0].key
	}
	return f
}

func emptyWords(f channels.Filter) string {
	if f.Query != "" {
		return "没有找到相符的会话。"
	}
	for _, v := range inboxViews {
		if v.key == f.View {
			return v.empty
		}
	}
	return ""
}

// chosen is the part of the query that was set, for addresses that keep it.
func chosen(c *fiber.Ctx, keys ...string) url.Values {
	q := url.Values{}
	for _, key := range keys {
		if v := c.Query(key); v != "" {
			q.Set(key, v)
		}
	}
	return q
}

func number(c *fiber.Ctx, param string) int64 {
	n, err := strconv.ParseInt(c.Params(param), 10, 64)
	if err != nil {
		return 0 // no row has it
	}
	return n
}
