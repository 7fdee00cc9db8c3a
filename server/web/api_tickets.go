package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"quandesk/server/auth"
	"quandesk/tickets"
	"quandesk/tickets/customer"
)

func (s *Site) ticketAPI(api huma.API) {
	forStaff(s, api, auth.ReadTickets, operation{method: http.MethodGet, path: "/tickets", tag: tagTickets,
		summary: "查询工单"}, s.listTickets)
	forStaff(s, api, auth.ReadTickets, operation{method: http.MethodGet, path: "/tickets/{no}", tag: tagTickets,
		summary: "工单详情，含时限和办理过程", statuses: []int{404}}, s.getTicket)
	forStaff(s, api, auth.MoveTickets, operation{method: http.MethodPost, path: "/tickets", tag: tagTickets,
		summary: "登记工单", status: http.StatusCreated, statuses: []int{404}}, s.openTicket)
	forStaff(s, api, auth.RevealPhone, operation{method: http.MethodPost, path: "/tickets/{no}/reveal", tag: tagTickets,
		summary: "查看完整的联系信息；须填写原因，全部留痕；每人每小时三十次，为拨打当天本人或本部门的预约回电而查看的不计入", statuses: []int{404, 429}}, s.reveal)
	forStaff(s, api, auth.ReadTickets, operation{method: http.MethodGet, path: "/notices", tag: tagTickets,
		summary: "发给本人的时限提醒，新的在前"}, s.listNotices)
}

type ticketsInput struct {
	State      string `query:"state" doc:"状态，多个用逗号分隔；open 表示所有未结束的"`
	Kind       string `query:"kind" doc:"诉求类型，多个用逗号分隔"`
	Category   string `query:"category" doc:"问题类别，多个用逗号分隔"`
	Source     string `query:"source" doc:"来源渠道，多个用逗号分隔"`
	Channel    string `query:"channel" maxLength:"30" doc:"子渠道"`
	Area       string `query:"area" maxLength:"50" doc:"区县，或社区小区"`
	Department string `query:"department" maxLength:"50"`
	Assignee   int64  `query:"assignee" doc:"坐席编号"`
	Customer   int64  `query:"customer" minimum:"1" doc:"已核实身份的用户，见工单的 customer_id"`
	Overdue    bool   `query:"overdue" doc:"只要有超时的"`
	Sort       string `query:"sort" enum:"recent,due" default:"recent" doc:"最近更新在前，或最先到期在前"`
	From       string `query:"from" doc:"接诉时间起（日期或时间）"`
	To         string `query:"to" doc:"接诉时间止（日期含当天）"`
	Query      string `query:"q" maxLength:"100" doc:"工单编号、外部编号、电话或内容中的词"`
	Cursor     string `query:"cursor" maxLength:"100"`
	Limit      int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// filter reads the query; what is no word of ours is an InputError.
func (in *ticketsInput) filter() (f tickets.Filter, err error) {
	f = tickets.Filter{
		Channel: in.Channel, Department: in.Department, AssigneeID: in.Assignee, CustomerID: in.Customer,
		Overdue: in.Overdue, DueFirst: in.Sort == "due", Query: strings.TrimSpace(in.Query), Cursor: in.Cursor, Limit: in.Limit,
	}
	f.District, f.Community = splitArea(in.Area)
	if in.State == "open" {
		f.OpenOnly, in.State = true, ""
	}
	if f.States, err = listOf("state", in.State, stateNames); err != nil {
		return f, err
	}
	if f.Kinds, err = listOf("kind", in.Kind, kindNames); err != nil {
		return f, err
	}
	if f.Categories, err = listOf("category", in.Category, categoryNames); err != nil {
		return f, err
	}
	if f.Sources, err = listOf("source", in.Source, sourceNames); err != nil {
		return f, err
	}
	f.From, f.To, err = readSpan(in.From, in.To)
	return f, err
}

// listOf splits a list; every one has to be known.
func listOf[K ~string](field, list string, known map[K]string) ([]K, error) {
	if list == "" {
		return nil, nil
	}
	var out []K
	for word := range strings.SplitSeq(list, ",") {
		if _, ok := known[K(word)]; !ok {
			return nil, &tickets.InputError{Field: field, Problem: tickets.Invalid}
		}
		out = append(out, K(word))
	}
	return out, nil
}

// splitArea tells a district from a community.
func splitArea(name string) (district, community string) {
	for _, end := range []string{"区", "县", "市"} {
		if strings.HasSuffix(name, end) && !strings.HasSuffix(name, "小区") && !strings.HasSuffix(name, "社区") {
			return name, ""
		}
	}
	return "", name
}

// readSpan reads the bounds of a list; a date at the end includes its day.
func readSpan(from, to string) (start, end time.Time, err error) {
	if start, err = readDay("from", from, 0); err != nil {
		return start, end, err
	}
	if end, err = readDay("to", to, 1); err != nil {
		return start, end, err
	}
	if !start.IsZero() && !end.IsZero() && !end.After(start) {
		return start, end, &tickets.InputError{Field: "to", Problem: tickets.TooEarly}
	}
	return start, end, nil
}

func readDay(field, text string, plus int) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, text, tickets.Beijing); err == nil {
		return t.AddDate(0, 0, plus), nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, &tickets.InputError{Field: field, Problem: tickets.Invalid}
	}
	return t, nil
}

type ticketsOutput struct {
	Body struct {
		Tickets []*ticketBody `json:"tickets" nullable:"false"`
		Next    string        `json:"next_cursor,omitempty"`
	}
}

func (s *Site) listTickets(ctx context.Context, in *ticketsInput) (*ticketsOutput, error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	u := callOf(ctx).user
	page, err := s.Tickets.List(ctx, u.Scope(), f)
	if err != nil {
		return nil, err
	}
	out := &ticketsOutput{}
	out.Body.Tickets, out.Body.Next = []*ticketBody{}, page.Next
	for _, t := range page.Tickets {
		if !tellsTooMuch(u, f, t) {
			out.Body.Tickets = append(out.Body.Tickets, showTicket(u, t))
		}
	}
	return out, nil
}

type ticketInput struct {
	No string `path:"no" maxLength:"40" doc:"工单编号"`
}

type ticketOutput struct {
	Body *ticketBody
}

func (s *Site) getTicket(ctx context.Context, in *ticketInput) (*ticketOutput, error) {
	call := callOf(ctx)
	t, err := s.Desk.Ticket(ctx, call.user.Scope(), in.No)
	if err != nil {
		return nil, err
	}
	events, err := s.Tickets.Events(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	b := showTicket(call.user, t)
	b.Events, b.Moves = showEvents(call.user, t, events), t.Moves(call.actor())
	return &ticketOutput{Body: b}, nil
}

type openingBody struct {
	Kind           tickets.Kind     `json:"kind" enum:"complaint,repair,inquiry,request,suggestion,report,application"`
	Category       tickets.Category `json:"category" enum:"water_quality,pressure,outage,leak,facility,billing,meter,service,construction,installation,secondary_supply,other"`
	Source         tickets.Source   `json:"source,omitempty" enum:"hotline,network,visit_letter_call,inspection,12345,superior" doc:"默认 hotline"`
	Channel        string           `json:"channel,omitempty" maxLength:"30" doc:"子来源；默认为来源的第一种，如 hotline 为 phone、visit_letter_call 为 counter（来访）"`
	Outlet         string           `json:"outlet,omitempty" maxLength:"50" doc:"登记的营业网点，默认客服热线"`
	CallID         string           `json:"call_id,omitempty" maxLength:"100" doc:"在本人接听的这次通话中登记"`
	Contact        bool             `json:"contact,omitempty" doc:"登记时已与用户本人通话或当面沟通，记为联系（第11.2条）"`
	Application    string           `json:"application,omitempty" maxLength:"50"`
	ExternalNo     string           `json:"external_no,omitempty" maxLength:"50"`
	ConversationID int64            `json:"conversation_id,omitempty" doc:"从会话登记时填写"`
	ContactName    string           `json:"contact_name,omitempty" maxLength:"50"`
	ContactPhone   string           `json:"contact_phone,omitempty" maxLength:"40"`
	Anonymous      bool             `json:"anonymous,omitempty"`
	Address        string           `json:"address,omitempty" maxLength:"200"`
	District       string           `json:"district,omitempty" maxLength:"50"`
	Street         string           `json:"street,omitempty" maxLength:"50"`
	Community      string           `json:"community,omitempty" maxLength:"50"`
	Detail         string           `json:"detail,omitempty" maxLength:"200"`
	Description    string           `json:"description" maxLength:"10000"`
	Urgent         bool             `json:"urgent,omitempty"`
	Confidential   bool             `json:"confidential,omitempty"`
	ReceivedAt     *time.Time       `json:"received_at,omitempty" doc:"实际接诉时间，默认现在；时限从此时起算"`
}

type openingInput struct {
	Body openingBody
}

func (b openingBody) opening() tickets.Opening {
	o := tickets.Opening{
		Kind: b.Kind, Category: b.Category, Application: b.Application, Source: b.Source, Channel: b.Channel, Outlet: b.Outlet,
		ExternalNo: b.ExternalNo, ConversationID: b.ConversationID, ContactName: clean(b.ContactName),
		ContactPhone: b.ContactPhone, Anonymous: b.Anonymous,
		Address: customer.Address{
			Text: clean(b.Address), District: clean(b.District), Street: clean(b.Street),
			Community: clean(b.Community), Detail: clean(b.Detail),
		},
		Description: clean(b.Description), Urgent: b.Urgent, Confidential: b.Confidential,
	}
	if o.Source == "" {
		o.Source = tickets.FromHotline
	}
	if b.ReceivedAt != nil {
		o.ReceivedAt = *b.ReceivedAt
	}
	return o
}

func (s *Site) openTicket(ctx context.Context, in *openingInput) (*ticketOutput, error) {
	call := callOf(ctx)
	o := in.Body.opening()
	if o.ConversationID != 0 {
		if _, err := s.Inbox.Conversation(ctx, inboxScope(call.user), o.ConversationID); err != nil {
			return nil, err
		}
	}
	t, err := s.openOver(ctx, call, o, in.Body)
	if err != nil {
		return nil, err
	}
	return &ticketOutput{Body: showTicket(call.user, t)}, nil
}

// openOver opens a ticket, with the contact and the call that the body names.
func (s *Site) openOver(ctx context.Context, call *call, o tickets.Opening, b openingBody) (*tickets.Ticket, error) {
	contact := tickets.Contact{Via: spokenWays[o.Channel], Result: tickets.Reached}
	if o.Channel == "" {
		contact.Via = spokenWays[tickets.Channels[o.Source][0]]
	}
	if b.CallID != "" {
		line, err := s.spokenLine(ctx, call.user, b.CallID)
		if err != nil {
			return nil, err
		}
		contact.Line = line
	}
	if !b.Contact {
		t, err := s.openFor(ctx, call.actor(), o)
		if err == nil && contact.Line != nil {
			err = s.Phone.LinkCall(ctx, b.CallID, t.No)
		}
		return t, err
	}
	if contact.Via == "" {
		return nil, &tickets.InputError{Field: "contact", Problem: tickets.Invalid} // a letter is no conversation
	}
	t, err := s.Desk.OpenSpoken(ctx, call.actor(), o, contact)
	if err == nil && contact.Line != nil {
		err = s.Phone.LinkCall(ctx, b.CallID, t.No)
	}
	return t, err
}
