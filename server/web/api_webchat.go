package web

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"quandesk/channels"
	"quandesk/channels/webchat"
	"quandesk/server/hub"
	"quandesk/tickets"
)

// Request gives a handler the request itself, for what the types of its
// input do not say.
type Request struct{ c *fiber.Ctx }

// Resolve is called before the handler.
func (r *Request) Resolve(hc huma.Context) []error {
	r.c = humafiber.Unwrap(hc)
	return nil
}

// from tells "after=0", the beginning, from no after at all, the newest: to
// the store 0 is the newest.
func (r *Request) from(after int64) int64 {
	if after == 0 && r.c.Context().QueryArgs().Has("after") {
		return -1 // before every id
	}
	return after
}

func (s *Site) webchatAPI(api huma.API) {
	forAnyone(s, api, operation{method: http.MethodPost, path: "/webchat/sessions", tag: tagChat,
		summary: "开始咨询，取得凭证"}, s.openChat)
	message := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[messageBody](), true, "Message")
	forGuest(s, api, operation{method: http.MethodPost, path: "/webchat/messages", tag: tagChat,
		summary: "发送消息；带 wait 时等待答复，返回 200 和 {message, replies}", status: http.StatusAccepted,
		statuses: []int{404}}, s.say)
	documentReplies(api, message)
	forGuest(s, api, operation{method: http.MethodGet, path: "/webchat/messages", tag: tagChat,
		summary: "读取某条消息之后的消息；不带 after 时读取最近的消息"}, s.said)
	forGuest(s, api, operation{method: http.MethodGet, path: "/webchat/events", tag: tagChat,
		summary: "持续接收新消息（text/event-stream）"}, s.chatEvents)
	forGuest(s, api, operation{method: http.MethodPost, path: "/webchat/attachments", tag: tagChat,
		summary: "上传图片（表单字段 file），取得编号", status: http.StatusCreated}, s.upload)
	forGuest(s, api, operation{method: http.MethodGet, path: "/webchat/attachments/{id}", tag: tagChat,
		summary: "下载本次咨询中的图片", statuses: []int{404}}, s.guestImage)
}

// documentReplies describes both answers to a message: they differ by status.
func documentReplies(api huma.API, message *huma.Schema) {
	op := api.OpenAPI().Paths["/webchat/messages"].Post
	op.Responses["202"].Description = "消息已保存"
	op.Responses["202"].Content = map[string]*huma.MediaType{fiber.MIMEApplicationJSON: {Schema: message}}
	op.Responses["200"] = &huma.Response{
		Description: "消息已保存，及等待时间内的答复（可能为空）",
		Content: map[string]*huma.MediaType{fiber.MIMEApplicationJSON: {Schema: &huma.Schema{
			Type: huma.TypeObject, Required: []string{"message", "replies"},
			Properties: map[string]*huma.Schema{
				"message": message, "replies": {Type: huma.TypeArray, Items: message},
			},
		}}},
	}
}

// messageBody is a message as the outside sees it.
type messageBody struct {
	ID          int64               `json:"id"`
	ClientID    string              `json:"client_id,omitempty" doc:"发送方自定的编号"`
	Author      channels.Author     `json:"author" enum:"customer,bot,staff,system"`
	AuthorName  string              `json:"author_name"`
	Kind        channels.Kind       `json:"kind" enum:"text,image,voice,location,note"`
	Text        string              `json:"text"`
	Location    *channels.Place     `json:"location,omitempty"`
	Attachments []attachmentBody    `json:"attachments,omitempty" nullable:"false"`
	AI          bool                `json:"ai" doc:"内容是否由人工智能生成"`
	Citations   []channels.Citation `json:"citations" nullable:"false"`
	Action      *channels.Done      `json:"action,omitempty"`
	Delivery    channels.Delivery   `json:"delivery,omitempty" enum:"pending,sending,sent,failed,unknown,held" doc:"仅工作人员可见"`
	// DeliveryWords says in Chinese what became of a message to WeChat.
	DeliveryWords string    `json:"delivery_words,omitempty"`
	CreatedAt     time.Time `json:"created_at"`
}

type attachmentBody struct {
	ID     string `json:"id"`
	Type   string `json:"type"`
	Size   int64  `json:"size"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

func showAttachment(a channels.Attachment) attachmentBody { return attachmentBody(a) }

func showMessage(m channels.Message) messageBody {
	b := messageBody{
		ID: m.ID, Author: m.Author, AuthorName: m.AuthorName, Kind: m.Kind, Text: m.Text,
		Location: m.Place, AI: m.AI, Citations: m.Citations, Action: m.Action,
		CreatedAt: m.CreatedAt.In(tickets.Beijing),
	}
	if m.Author == channels.FromCustomer {
		b.ClientID = m.ExternalID
	}
	if b.Citations == nil {
		b.Citations = []channels.Citation{}
	}
	for _, a := range m.Attachments {
		b.Attachments = append(b.Attachments, showAttachment(a))
	}
	return b
}

func showMessages(list []channels.Message) []messageBody {
	out := make([]messageBody, len(list))
	for i, m := range list {
		out[i] = showMessage(m)
	}
	return out
}

type chatOpened struct {
	Body struct {
		Token          string `json:"token" doc:"用户凭证，放在 Authorization: Bearer 中"`
		ConversationID int64  `json:"conversation_id"`
	}
}

func (s *Site) openChat(ctx context.Context, _ *struct{}) (*chatOpened, error) {
	token, v, err := s.Chat.Start(ctx)
	if err != nil {
		return nil, err
	}
	out := &chatOpened{}
	out.Body.Token, out.Body.ConversationID = token, v.ConversationID
	return out, nil
}

type sayInput struct {
	Request
	Wait string `query:"wait" doc:"等待答复的时间，如 8s，最长 20s"`
	Body struct {
		ClientID    string          `json:"client_id" minLength:"1" maxLength:"64" doc:"调用方自定的消息编号；相同编号只保存一次"`
		Text        string          `json:"text,omitempty" clean:"no" doc:"一万字以内"`
		Location    *channels.Place `json:"location,omitempty"`
		Attachments []string        `json:"attachment_ids,omitempty" maxItems:"9" doc:"先上传图片取得的编号"`
	}
}

// sayOutput is a message, or with ?wait the message and its replies.
type sayOutput struct {
	Status int
	Body   any
}

type repliesBody struct {
	Message messageBody   `json:"message"`
	Replies []messageBody `json:"replies"`
}

// say takes a message in. With ?wait it listens before it speaks, so that no
// answer is missed.
func (s *Site) say(ctx context.Context, in *sayInput) (*sayOutput, error) {
	wait, err := waiting(in.Wait)
	if err != nil {
		return nil, err
	}
	v := callOf(ctx).visitor
	var heard hub.Subscription
	if wait > 0 {
		heard = s.Hub.Subscribe()
		defer heard.Close()
		heard.Add(conversationTopic(v.ConversationID))
	}
	m, _, err := s.Chat.Say(ctx, v, in.said())
	if err != nil {
		return nil, err
	}
	if wait == 0 {
		return &sayOutput{Status: http.StatusAccepted, Body: showMessage(m)}, nil
	}
	replies, err := s.await(ctx, heard, m, wait)
	if err != nil { // the message is stored: an error would say that it is not
		s.log.WarnContext(ctx, "waiting for replies failed", "err", err, "request", callOf(ctx).id)
		replies = []messageBody{}
	}
	return &sayOutput{Status: http.StatusOK, Body: repliesBody{showMessage(m), replies}}, nil
}

// said keeps what came in when decoding had to change it.
func (in *sayInput) said() webchat.Said {
	b := in.Body
	said := webchat.Said{ClientID: b.ClientID, Text: b.Text, Place: b.Location}
	for _, id := range b.Attachments {
		if !slices.Contains(said.Attachments, id) { // picked twice is one image
			said.Attachments = append(said.Attachments, id)
		}
	}
	if strings.ContainsRune(b.Text, utf8.RuneError) {
		said.Raw = in.c.Body()
	}
	return said
}

// longestWait is how long a request may wait for its answer.
const longestWait = 20 * time.Second

func waiting(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	wait, err := time.ParseDuration(text)
	if err != nil || wait < 0 {
		return 0, &tickets.InputError{Field: "wait", Problem: tickets.Invalid}
	}
	return min(wait, longestWait), nil
}

// await returns what was said after a message once the bot has dealt with it
// or somebody has answered; what there is when the time is over.
func (s *Site) await(ctx context.Context, heard hub.Subscription, m channels.Message, wait time.Duration) ([]messageBody, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), wait+readingTime)
	defer cancel()
	over, look := time.NewTimer(wait), time.NewTicker(lookAgain)
	defer over.Stop()
	defer look.Stop()
	for {
		replies, err := s.repliesTo(ctx, m)
		if err != nil || len(replies) > 0 {
			return replies, err
		}
		answered, err := s.Answered(ctx, m.ConversationID, m.ID)
		if err != nil {
			return nil, err
		}
		if answered {
			return s.repliesTo(ctx, m) // it may have come between the two questions
		}
		if !s.news(heard, over.C, look.C) {
			return s.repliesTo(ctx, m) // what nobody told of
		}
	}
}

// lookAgain is how often the database is asked while the hub may be missing
// what other processes do.
const lookAgain = time.Second

// deaf reports whether the hub may be missing what other processes do.
func (s *Site) deaf() bool {
	h, remote := s.Hub.(interface{ Live() bool })
	return remote && !h.Live()
}

// news waits until there may be something new; false when the wait is over.
func (s *Site) news(heard hub.Subscription, over, look <-chan time.Time) bool {
	for {
		select {
		case <-over:
			return false
		case <-s.done:
			return false
		case _, more := <-heard.Events():
			return more
		case <-look:
			if s.deaf() {
				return true
			}
		}
	}
}

const mostReplies = 50

func (s *Site) repliesTo(ctx context.Context, m channels.Message) ([]messageBody, error) {
	list, err := s.Conversations.Messages(ctx, m.ConversationID, m.ID, mostReplies, false)
	if err != nil {
		return nil, err
	}
	replies := []messageBody{}
	for _, r := range list {
		if r.Author != channels.FromCustomer {
			replies = append(replies, showMessage(r))
		}
	}
	return replies, nil
}

type pageInput struct {
	Request
	After int64 `query:"after" minimum:"0" doc:"只要此编号之后的消息，0 为从头；不填时为最近的消息"`
	Limit int   `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type messagesOutput struct {
	Body struct {
		Messages []messageBody `json:"messages" nullable:"false"`
	}
}

func (s *Site) said(ctx context.Context, in *pageInput) (*messagesOutput, error) {
	list, err := s.Conversations.Messages(ctx, callOf(ctx).visitor.ConversationID, in.from(in.After), in.Limit, false)
	if err != nil {
		return nil, err
	}
	out := &messagesOutput{}
	out.Body.Messages = showMessages(list)
	return out, nil
}
