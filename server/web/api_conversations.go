package web

import (
	"context"
	"mime/multipart"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"quandesk/channels"
	"quandesk/channels/wechat"
	"quandesk/server/auth"
)

func (s *Site) conversationAPI(api huma.API) {
	found := []int{404}
	forStaff(s, api, auth.ReadInbox, operation{method: http.MethodGet, path: "/conversations", tag: tagInbox,
		summary: "会话列表"}, s.listConversations)
	forStaff(s, api, auth.ReadInbox, operation{method: http.MethodGet, path: "/conversations/{id}", tag: tagInbox,
		summary: "一个会话", statuses: found}, s.getConversation)
	forStaff(s, api, auth.ReadInbox, operation{method: http.MethodGet, path: "/conversations/{id}/messages", tag: tagInbox,
		summary: "会话的消息", statuses: found}, s.conversationMessages)
	forStaff(s, api, auth.ReadInbox, operation{method: http.MethodGet, path: "/conversations/{id}/attachments/{image}", tag: tagInbox,
		summary: "会话中的图片", statuses: found}, s.staffImage)
	forStaff(s, api, auth.WriteInbox, operation{method: http.MethodPost, path: "/conversations/{id}/messages", tag: tagInbox,
		summary: "回复用户，或给同事留言", status: http.StatusCreated, statuses: []int{404, 409}}, s.postMessage)
	forStaff(s, api, auth.WriteInbox, operation{method: http.MethodPost, path: "/conversations/{id}/attachments", tag: tagInbox,
		summary: "上传要发给用户的图片", status: http.StatusCreated, statuses: []int{404}}, s.uploadForUser)
	forStaff(s, api, auth.WriteInbox, operation{method: http.MethodPost, path: "/conversations/{id}/messages/{message}/resend", tag: tagInbox,
		summary: "重新发送未送达的消息", statuses: found}, s.resendMessage)
	forStaff(s, api, auth.WriteInbox, operation{method: http.MethodPost, path: "/conversations/{id}/take", tag: tagInbox,
		summary: "接待会话", statuses: []int{404, 409}}, s.takeConversation)
	forStaff(s, api, auth.WriteInbox, operation{method: http.MethodPost, path: "/conversations/{id}/release", tag: tagInbox,
		summary: "退回待接待，或结束会话", statuses: []int{404, 409}}, s.releaseConversation)
}

// conversationBody is one row of the inbox.
type conversationBody struct {
	ID          int64          `json:"id"`
	Channel     string         `json:"channel"`
	Name        string         `json:"name,omitempty"`
	State       channels.State `json:"state" enum:"bot,waiting,human,resolved"`
	StateName   string         `json:"state_name"`
	Assignee    string         `json:"assignee,omitempty"`
	AssigneeID  int64          `json:"assignee_id,omitempty"`
	Department  string         `json:"department,omitempty"`
	TicketNo    string         `json:"ticket_no,omitempty"`
	TicketState string         `json:"ticket_state,omitempty"`
	Kind        string         `json:"kind,omitempty"`
	Category    string         `json:"category,omitempty"`
	District    string         `json:"district,omitempty"`
	Urgent      bool           `json:"urgent"`
	DueRule     string         `json:"due_rule,omitempty"`
	DueAt       *time.Time     `json:"due_at,omitempty"`
	Preview     string         `json:"preview"`
	Unread      int            `json:"unread"`
	Version     int64          `json:"version"`
	CreatedAt   time.Time      `json:"created_at"`
	UpdatedAt   time.Time      `json:"updated_at"`
	Quota       *quotaBody     `json:"quota,omitempty" doc:"微信会话：还可主动发送多少"`
}

func showConversation(u auth.User, c channels.Conversation) conversationBody {
	c = veilTalk(u, c)
	return conversationBody{
		ID: c.ID, Channel: c.Channel, Name: maskName(c.Name), State: c.State,
		StateName: named(conversationNames, c.State), Assignee: c.AssigneeName, AssigneeID: c.AssigneeID,
		Department: c.Department, TicketNo: c.TicketNo, TicketState: c.TicketState, Kind: c.Kind,
		Category: c.Category, District: c.District, Urgent: c.Urgent, DueRule: c.DueRule, DueAt: moment(c.DueAt),
		Preview: maskText(c.Preview), Unread: c.Unread, Version: c.Version,
		CreatedAt: beijing(c.CreatedAt), UpdatedAt: beijing(c.UpdatedAt),
	}
}

type inboxInput struct {
	View       string `query:"view" enum:"open,waiting,mine,bot,resolved,all" default:"open"`
	Channel    string `query:"channel" maxLength:"30"`
	Department string `query:"department" maxLength:"50"`
	Category   string `query:"category" maxLength:"30"`
	District   string `query:"district" maxLength:"50"`
	Urgent     bool   `query:"urgent"`
	Sort       string `query:"sort" enum:"recent,due" default:"recent"`
	Query      string `query:"q" maxLength:"100" doc:"消息中的词、工单编号或电话"`
	Cursor     string `query:"cursor" maxLength:"100"`
	Limit      int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type inboxOutput struct {
	Body struct {
		Conversations []conversationBody `json:"conversations" nullable:"false"`
		Next          string             `json:"next_cursor,omitempty"`
	}
}

func (s *Site) listConversations(ctx context.Context, in *inboxInput) (*inboxOutput, error) {
	u := callOf(ctx).user
	page, err := s.Conversations.Inbox(ctx, inboxScope(u), channels.Filter{
		View: in.View, UserID: u.ID, Channel: in.Channel, Department: in.Department, Category: in.Category,
		District: in.District, Urgent: in.Urgent, DueFirst: in.Sort == "due", Query: in.Query,
		Cursor: in.Cursor, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	out := &inboxOutput{}
	out.Body.Conversations, out.Body.Next = make([]conversationBody, len(page.Conversations)), page.Next
	for i, c := range page.Conversations {
		out.Body.Conversations[i] = showConversation(u, c)
	}
	return out, nil
}

type conversationInput struct {
	ID int64 `path:"id" doc:"会话编号"`
}

type conversationOutput struct {
	Body conversationBody
}

func (s *Site) getConversation(ctx context.Context, in *conversationInput) (*conversationOutput, error) {
	u := callOf(ctx).user
	c, err := s.Inbox.Conversation(ctx, inboxScope(u), in.ID)
	if err != nil {
		return nil, err
	}
	out := &conversationOutput{Body: showConversation(u, c)}
	out.Body.Quota, err = s.quotaBody(ctx, c)
	return out, err
}

type threadInput struct {
	Request
	ID    int64 `path:"id"`
	After int64 `query:"after" minimum:"0" doc:"只要此编号之后的消息，0 为从头；不填时为最近的消息"`
	Limit int   `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

func (s *Site) conversationMessages(ctx context.Context, in *threadInput) (*messagesOutput, error) {
	u := callOf(ctx).user
	k, err := s.Inbox.Conversation(ctx, inboxScope(u), in.ID)
	if err != nil {
		return nil, err
	}
	list, err := s.Conversations.Messages(ctx, in.ID, in.from(in.After), in.Limit, true)
	if err != nil {
		return nil, err
	}
	out := &messagesOutput{}
	out.Body.Messages = showLetters(k, veilMessages(u, k, list))
	return out, nil
}

// showLetters are messages as staff see them: how far each has come, and why
// not further.
func showLetters(k channels.Conversation, list []channels.Message) []messageBody {
	out := showMessages(list)
	for i, m := range list {
		if m.Author == channels.FromCustomer || m.Kind == channels.Note {
			continue
		}
		out[i].Delivery = m.Delivery
		if k.Channel == wechat.Channel {
			out[i].DeliveryWords, _, _ = letterWords(m, wechat.NoticeResult{})
		}
	}
	return out
}

type postInput struct {
	ID   int64 `path:"id"`
	Body struct {
		ClientID string   `json:"client_id" minLength:"1" maxLength:"64" doc:"调用方自定的消息编号；相同编号只保存一次"`
		Text     string   `json:"text" doc:"有图片时可为空"`
		Note     bool     `json:"note,omitempty" doc:"仅同事可见"`
		Images   []string `json:"images,omitempty" maxItems:"4" doc:"本会话中已上传图片的编号"`
	}
}

type messageOutput struct {
	Body messageBody
}

type staffUploadInput struct {
	ID      int64 `path:"id" doc:"会话编号"`
	RawBody multipart.Form
}

// uploadForUser keeps an image that staff are going to send.
func (s *Site) uploadForUser(ctx context.Context, in *staffUploadInput) (*uploadOutput, error) {
	if _, err := s.Inbox.Conversation(ctx, inboxScope(callOf(ctx).user), in.ID); err != nil {
		return nil, err
	}
	return s.uploaded(ctx, in.ID, in.RawBody)
}

func (s *Site) postMessage(ctx context.Context, in *postInput) (*messageOutput, error) {
	call := callOf(ctx)
	kind := channels.Text
	if in.Body.Note {
		kind = channels.Note
	}
	m, err := s.Inbox.Post(ctx, call.staff(), inboxScope(call.user), in.ID, in.Body.ClientID, in.Body.Text, kind, in.Body.Images...)
	if err != nil {
		return nil, err
	}
	body := showMessage(m)
	body.Delivery = m.Delivery
	return &messageOutput{Body: body}, nil
}

func (s *Site) takeConversation(ctx context.Context, in *conversationInput) (*conversationOutput, error) {
	call := callOf(ctx)
	if err := s.Inbox.Take(ctx, call.staff(), inboxScope(call.user), in.ID); err != nil {
		return nil, err
	}
	return s.getConversation(ctx, in)
}

type releaseInput struct {
	ID   int64 `path:"id"`
	Body struct {
		To channels.State `json:"to" enum:"waiting,resolved"`
	}
}

func (s *Site) releaseConversation(ctx context.Context, in *releaseInput) (*conversationOutput, error) {
	call := callOf(ctx)
	if err := s.Inbox.Release(ctx, call.staff(), inboxScope(call.user), in.ID, in.Body.To); err != nil {
		return nil, err
	}
	return s.getConversation(ctx, &conversationInput{ID: in.ID})
}
