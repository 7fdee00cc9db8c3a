package web

import (
	"net/url"
	"strconv"
	"time"

	"quandesk/channels"
	"quandesk/server/auth"
	"quandesk/tickets"
)

// rowView is one conversation in the list.
type rowView struct {
	ID        int64
	Version   int64
	Href      string
	Name      string
	Preview   string
	Channel   string
	Time      string
	State     string
	StateTone string
	Category  string
	Assignee  string
	Urgent    bool
	Unread    int
	Due       dueView
	Current   bool
}

func newRow(k channels.Conversation, query string, rules *tickets.Rules, now time.Time) rowView {
	v := rowView{
		ID: k.ID, Version: k.Version, Href: conversationHref(k.ID, query), Name: contactName(k),
		Preview: maskText(k.Preview), Channel: named(channelNames, k.Channel), Time: when(k.UpdatedAt, now),
		Urgent: k.Urgent, Unread: k.Unread, Due: newClockDue(rules, k.DueRule, k.DueAt, now),
	}
	v.State, v.StateTone = named(conversationNames, k.State), conversationTone(k.State)
	if k.TicketState != "" {
		state := tickets.State(k.TicketState)
		v.State, v.StateTone = named(stateNames, state), stateTone(state)
	}
	if k.Category != "" {
		v.Category = named(categoryNames, tickets.Category(k.Category))
	}
	if k.State == channels.WithUser {
		v.Assignee = k.AssigneeName
	}
	if dayOf(k.UpdatedAt) == dayOf(now) {
		v.Time = clockTime(k.UpdatedAt)
	}
	return v
}

func conversationHref(id int64, query string) string {
	href := "/desk/conversations/" + strconv.FormatInt(id, 10)
	if query != "" {
		href += "?" + query
	}
	return href
}

// contactName is what a conversation is called: a visitor of the web page
// has only a number.
func contactName(k channels.Conversation) string {
	if k.Name != "" {
		return maskName(k.Name)
	}
	return named(channelNames, k.Channel) + "用户 " + strconv.FormatInt(k.ID, 10)
}

func conversationTone(s channels.State) string {
	switch s {
	case channels.Waiting:
		return "amber"
	case channels.WithUser:
		return "water"
	}
	return ""
}

func dueTitle(rules *tickets.Rules, rule string, at time.Time) string {
	if rule == "" || at.IsZero() {
		return ""
	}
	title := rule
	if r, ok := rules.Rule(rule); ok {
		title = r.Title + "（" + clauseWords(r.Clause) + "）"
	}
	return title + "，" + stamp(at) + "到期"
}

// listView is the left pane: views, filters, rows.
type listView struct {
	View       string
	Views      []viewView
	Waiting    int // conversations that need a person, for the title
	Query      string
	DueFirst   bool
	Urgent     bool
	Filtered   bool
	Channels   pick
	Categories pick
	// Departments are those that staff belong to.
	Departments pick
	Rows        []rowView
	More        string // address of the next page
	Empty       string
	OOB         bool // the views stand beside the rows of a refresh
}

type viewView struct {
	Label, Href, Count string
	Current            bool
}

// inboxViews are the views of the shared inbox.
var inboxViews = []struct{ key, label, empty string }{
	{"open", "待处理", "没有待处理的会话。"},
	{"waiting", "等待人工", "没有等待人工的会话。"},
	{"mine", "我的", "您手上没有会话。"},
	{"bot", "机器人接待", "智能客服没有正在接待的会话。"},
	{"resolved", "已结束", "没有已结束的会话。"},
	{"all", "全部", "没有会话。"},
}

func viewsOf(current string, counts map[string]int, q url.Values) []viewView {
	out := make([]viewView, 0, len(inboxViews))
	for _, v := range inboxViews {
		values := url.Values{}
		for key, list := range q {
			values[key] = list
		}
		values.Set("view", v.key)
		values.Del("cursor")
		count := ""
		if n := counts[v.key]; n > 999 {
			count = "999+"
		} else if n > 0 && v.key != "all" && v.key != "resolved" {
			count = strconv.Itoa(n)
		}
		out = append(out, viewView{Label: v.label, Href: "/desk?" + values.Encode(), Count: count, Current: v.key == current})
	}
	return out
}

// threadView is the middle and the right pane.
type threadView struct {
	Conversation headView
	Messages     []messageView
	Matters      mattersView
	Quota        *quotaView // nil: nothing limits what may be sent
	CanWrite     bool
	NotesOnly    bool // nothing can be sent on this channel
	CSRF         string
	ClientID     string
}

// written are the channels on which staff can write to the resident.
var written = []string{"webchat", "wechat"}

// headView is the head of an open conversation.
type headView struct {
	ID        int64
	Name      string
	Channel   string
	State     string
	StateTone string
	Assignee  string
	CSRF      string
	Acts      []actView
}

type actView struct {
	Label, Href string
	Main, Take  bool
}

func newHead(k channels.Conversation, u auth.User) headView {
	v := headView{
		ID: k.ID, Name: contactName(k), Channel: named(channelNames, k.Channel),
		State: named(conversationNames, k.State), StateTone: conversationTone(k.State),
	}
	if k.State == channels.WithUser {
		v.Assignee = k.AssigneeName
	}
	if !u.Can(auth.WriteInbox) {
		return v
	}
	base := "/desk/conversations/" + strconv.FormatInt(k.ID, 10)
	mine := k.State == channels.WithUser && k.AssigneeID == u.ID
	if !mine && (k.State != channels.WithUser || k.AssigneeID == 0) {
		v.Acts = append(v.Acts, actView{Label: "接手", Href: base + "/take", Main: true, Take: true})
	}
	if mine || k.State == channels.WithUser && u.Can(auth.Supervise) {
		v.Acts = append(v.Acts, actView{Label: "转回队列", Href: base + "/release"})
	}
	if k.State != channels.Resolved && (mine || k.State != channels.WithUser) {
		v.Acts = append(v.Acts, actView{Label: "结束会话", Href: base + "/resolve"})
	}
	return v
}

// mattersView is the right pane: the tickets of a conversation.
type mattersView struct {
	Conversation int64
	Tickets      []ticketView
	CanOpen      bool
}
