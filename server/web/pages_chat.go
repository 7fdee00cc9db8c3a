package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"github.com/gofiber/fiber/v2"

	"quandesk/channels"
	"quandesk/channels/webchat"
	"quandesk/tickets"
)

// chatView is the resident's page.
type chatView struct {
	Title, Desk  string
	Emergency    string
	Model        string
	CSRF         string
	ClientID     string // for browsers without scripts: a second tap is the same message
	Conversation int64
	State        chatStateView
	Messages     []messageView
	Quick        []string
	Text         string // what was refused, to be mended and sent again
	Problem      string // why
}

type chatStateView struct {
	Words string
	Human bool
}

// quick are the sentences one tap sends.
var quick = []string{"我要投诉/报修", "查进度", "问政策", "转人工"}

const (
	shownMessages = 100 // when a conversation is opened
	mostMessages  = 200 // in one refresh
)

// pageChat opens the chat; who comes from the page of outages finds the words
// in the box, to be sent or mended.
func (s *Site) pageChat(c *fiber.Ctx) error {
	if c.Request().URI().QueryArgs().Has("nowater") {
		return s.chatPage(c, noWaterWords(c.Query("nowater")), "")
	}
	return s.chatPage(c, "", "")
}

// chatPage is the page, with what was refused in its box and why above it.
func (s *Site) chatPage(c *fiber.Ctx, text, problem string) error {
	v, err := s.startVisitor(c)
	if err != nil {
		return err
	}
	state, err := s.chatState(c.UserContext(), v)
	if err != nil {
		return err
	}
	list, err := s.residentMessages(c.UserContext(), v, 0, shownMessages)
	if err != nil {
		return err
	}
	return s.render(c, "page-chat", chatView{
		Title: "在线客服", Desk: deskName, Emergency: s.Options.EmergencyPhone, CSRF: s.csrf(c),
		ClientID: newClientID(), Conversation: v.ConversationID, State: state, Messages: list, Quick: quick,
		Text: text, Problem: problem,
	})
}

func (s *Site) pageAbout(c *fiber.Ctx) error {
	return s.render(c, "page-about", chatView{
		Title: "服务说明", Desk: deskName, Emergency: s.Options.EmergencyPhone, Model: s.Options.ModelFiling,
	})
}

func (s *Site) partChatMessages(c *fiber.Ctx) error {
	v, err := s.visitor(c)
	if err != nil {
		return err
	}
	list, err := s.residentMessages(c.UserContext(), v, int64(c.QueryInt("after")), mostMessages)
	if err != nil {
		return err
	}
	return s.render(c, "chat-messages", list)
}

func (s *Site) partChatState(c *fiber.Ctx) error {
	v, err := s.visitor(c)
	if err != nil {
		return err
	}
	state, err := s.chatState(c.UserContext(), v)
	if err != nil {
		return err
	}
	return s.render(c, "chat-state", state)
}

// formSay takes what a resident says, with an image or without.
func (s *Site) formSay(c *fiber.Ctx) error {
	v, err := s.visitor(c)
	if err != nil {
		return s.giveBack(c, err)
	}
	m, err := s.hear(c, v)
	if err != nil {
		return s.giveBack(c, err)
	}
	if !fragment(c) {
		return c.Redirect("/", fiber.StatusSeeOther)
	}
	return s.render(c, "chat-messages", s.residentThread(v, nil).views([]channels.Message{m}))
}

// giveBack shows the page again with what was refused in its box: without
// scripts it would be lost.
func (s *Site) giveBack(c *fiber.Ctx, why error) error {
	told := s.failure(c.UserContext(), why)
	if fragment(c) || told.status >= 500 {
		return why
	}
	problem := told.Problem.Message
	if errors.Is(why, webchat.ErrVisitor) || errors.Is(why, errForged) {
		problem = "页面已过期，已为您重新打开。您写的内容还在，请再点一次“发送”。"
	}
	c.Status(told.status)
	return s.chatPage(c, channels.Sanitize(c.FormValue("text")), problem)
}

// hear stores one message of the form.
func (s *Site) hear(c *fiber.Ctx, v channels.Visitor) (channels.Message, error) {
	said := webchat.Said{ClientID: orElse(c.FormValue("client_id"), newClientID()), Text: c.FormValue("text")}
	if err := s.unpacked(c); err != nil {
		return channels.Message{}, err
	}
	if file, err := c.FormFile("image"); err == nil && file.Size > 0 {
		a, err := s.keepImage(c.UserContext(), v.ConversationID, file)
		if err != nil {
			return channels.Message{}, err
		}
		said.Attachments = []string{a.ID}
	}
	m, _, err := s.Chat.Say(c.UserContext(), v, said)
	return m, err
}

func (s *Site) residentThread(v channels.Visitor, matters map[string]*tickets.Ticket) thread {
	return thread{images: "/chat/images/", now: s.Desk.Now(), matters: matters, resident: true}
}

func (s *Site) residentMessages(ctx context.Context, v channels.Visitor, after int64, n int) ([]messageView, error) {
	list, err := s.Conversations.Messages(ctx, v.ConversationID, after, n, false)
	if err != nil {
		return nil, err
	}
	var matters map[string]*tickets.Ticket
	if slices.ContainsFunc(list, func(m channels.Message) bool { return m.Action != nil }) {
		if matters, err = s.matters(ctx, tickets.Scope{ConversationID: v.ConversationID}, v.ConversationID); err != nil {
			return nil, err
		}
	}
	shown := s.residentThread(v, matters)
	if slices.ContainsFunc(list, func(m channels.Message) bool { return m.AI }) {
		var err error
		if shown.voted, err = s.Feedback.Downvotes(ctx, v.ConversationID); err != nil {
			return nil, err
		}
	}
	shown.csrf = derivedCSRF(callOf(ctx).guest)
	return shown.views(list), nil
}

// matters are the tickets of a conversation by number.
func (s *Site) matters(ctx context.Context, sc tickets.Scope, conversationID int64) (map[string]*tickets.Ticket, error) {
	page, err := s.Tickets.List(ctx, sc, tickets.Filter{Conversation: conversationID})
	if err != nil {
		return nil, err
	}
	out := make(map[string]*tickets.Ticket, len(page.Tickets))
	for _, t := range page.Tickets {
		out[t.No] = t
	}
	return out, nil
}

// chatState says who answers now. It promises a person only when the
// conversation stands in the queue.
func (s *Site) chatState(ctx context.Context, v channels.Visitor) (chatStateView, error) {
	k, err := s.Inbox.Conversation(ctx, channels.Scope{All: true}, v.ConversationID)
	if errors.Is(err, channels.ErrNotFound) {
		return chatStateView{}, nil // nothing has been said yet
	}
	if err != nil {
		return chatStateView{}, err
	}
	switch k.State {
	case channels.Waiting:
		return chatStateView{Words: "已为您排队等待工作人员，您可以继续留言。"}, nil
	case channels.WithUser:
		return chatStateView{Words: "工作人员" + k.AssigneeName + "正在为您服务。", Human: true}, nil
	}
	return chatStateView{}, nil
}

// newClientID makes an id as a browser would (RFC 9562, version 4).
func newClientID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
