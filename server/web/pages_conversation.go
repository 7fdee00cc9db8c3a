package web

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"quandesk/channels"
	"quandesk/channels/wechat"
	"quandesk/server/auth"
	"quandesk/tickets"
)

func (s *Site) pageConversation(c *fiber.Ctx) error {
	t, err := s.openThread(c)
	if err != nil {
		return err
	}
	if fragment(c) {
		return s.render(c, "thread", t)
	}
	return s.inbox(c, t)
}

// openThread is a conversation with its messages and tickets.
func (s *Site) openThread(c *fiber.Ctx) (threadView, error) {
	k, err := s.conversation(c)
	if err != nil {
		return threadView{}, err
	}
	list, err := s.Conversations.Messages(c.UserContext(), k.ID, 0, shownMessages, true)
	if err != nil {
		return threadView{}, err
	}
	matters, err := s.mattersView(c, k.ID)
	if err != nil {
		return threadView{}, err
	}
	quota, err := s.quota(c.UserContext(), k)
	if err != nil {
		return threadView{}, err
	}
	thread, err := s.deskThread(c, k)
	if err != nil {
		return threadView{}, err
	}
	return threadView{
		Quota:        quota,
		Conversation: s.head(c, k), Messages: thread.views(veilMessages(s.user(c), k, list)), Matters: matters,
		CanWrite: s.user(c).Can(auth.WriteInbox), NotesOnly: !slices.Contains(written, k.Channel), CSRF: s.csrf(c), ClientID: newClientID(),
	}, nil
}

func (s *Site) conversation(c *fiber.Ctx) (channels.Conversation, error) {
	k, err := s.Inbox.Conversation(c.UserContext(), s.inboxScope(c), number(c, "id"))
	return veilTalk(s.user(c), k), err
}

func (s *Site) deskThread(c *fiber.Ctx, k channels.Conversation) (thread, error) {
	t := thread{images: conversationHref(k.ID, "") + "/images/", now: s.Desk.Now(), customer: contactName(k),
		origins: s.user(c).Can(auth.ReadModelCalls)}
	if k.Channel != wechat.Channel || s.Letters == nil {
		return t, nil
	}
	t.letters, t.csrf = true, s.csrf(c)
	if s.user(c).Can(auth.WriteInbox) {
		t.resend = conversationHref(k.ID, "") + "/messages/"
	}
	var err error
	t.notices, err = s.Letters.NoticesOf(c.UserContext(), k.ID)
	return t, err
}

func (s *Site) partMessages(c *fiber.Ctx) error {
	k, err := s.conversation(c)
	if err != nil {
		return err
	}
	list, err := s.Conversations.Messages(c.UserContext(), k.ID, int64(c.QueryInt("after")), mostMessages, true)
	if err != nil {
		return err
	}
	thread, err := s.deskThread(c, k)
	if err != nil {
		return err
	}
	return s.render(c, "messages", thread.views(veilMessages(s.user(c), k, list)))
}

// formReply sends what a member of staff wrote, with pictures or without.
func (s *Site) formReply(c *fiber.Ctx) error {
	k, err := s.conversation(c)
	if err != nil {
		return err
	}
	kind := channels.Text
	if c.FormValue("note") != "" || !slices.Contains(written, k.Channel) {
		kind = channels.Note
	}
	images, err := s.keepImages(c, k.ID)
	if err != nil {
		return err
	}
	m, err := s.Inbox.Post(c.UserContext(), callOf(c.UserContext()).staff(), s.inboxScope(c), k.ID,
		orElse(clean(c.FormValue("client_id")), newClientID()), c.FormValue("text"), kind, images...)
	if err != nil {
		return err
	}
	if !fragment(c) {
		return c.Redirect(conversationHref(k.ID, ""), fiber.StatusSeeOther)
	}
	thread, err := s.deskThread(c, k)
	if err != nil {
		return err
	}
	return s.render(c, "messages", thread.views([]channels.Message{m}))
}

// keepImages cleans and keeps the pictures of a form.
func (s *Site) keepImages(c *fiber.Ctx, conversationID int64) ([]string, error) {
	if err := s.unpacked(c); err != nil {
		return nil, err
	}
	form, err := c.MultipartForm()
	if err != nil {
		return nil, nil // a form without files
	}
	var ids []string
	for _, file := range form.File["image"] {
		if file.Size == 0 {
			continue // a browser sends an empty one when none was chosen
		}
		if len(ids) == channels.MaxImages {
			return nil, &tickets.InputError{Field: "file", Problem: tickets.TooLong}
		}
		a, err := s.keepImage(c.UserContext(), conversationID, file)
		if err != nil {
			return nil, err
		}
		ids = append(ids, a.ID)
	}
	return ids, nil
}

func (s *Site) partHead(c *fiber.Ctx) error {
	k, err := s.conversation(c)
	if err != nil {
		return err
	}
	return s.render(c, "talk-head", s.head(c, k))
}

// head is the head of a conversation with the token its forms send.
func (s *Site) head(c *fiber.Ctx, k channels.Conversation) headView {
	v := newHead(k, s.user(c))
	v.CSRF = s.csrf(c)
	return v
}

func (s *Site) formTake(c *fiber.Ctx) error {
	err := s.Inbox.Take(c.UserContext(), callOf(c.UserContext()).staff(), s.inboxScope(c), number(c, "id"))
	return s.handed(c, err)
}

func (s *Site) formRelease(c *fiber.Ctx) error { return s.letGo(c, channels.Waiting) }

func (s *Site) formResolve(c *fiber.Ctx) error { return s.letGo(c, channels.Resolved) }

func (s *Site) letGo(c *fiber.Ctx, to channels.State) error {
	err := s.Inbox.Release(c.UserContext(), callOf(c.UserContext()).staff(), s.inboxScope(c), number(c, "id"), to)
	return s.handed(c, err)
}

// handed shows who has the conversation now.
func (s *Site) handed(c *fiber.Ctx, err error) error {
	if err != nil {
		return err
	}
	if fragment(c) {
		return s.partHead(c)
	}
	return c.Redirect(conversationHref(number(c, "id"), ""), fiber.StatusSeeOther)
}

func (s *Site) partMatters(c *fiber.Ctx) error {
	k, err := s.conversation(c)
	if err != nil {
		return err
	}
	v, err := s.mattersView(c, k.ID)
	if err != nil {
		return err
	}
	return s.render(c, "matter-list", v)
}

// mostMatters is how many tickets stand beside a conversation.
const mostMatters = 5

func (s *Site) mattersView(c *fiber.Ctx, conversationID int64) (mattersView, error) {
	u := s.user(c)
	v := mattersView{Conversation: conversationID, CanOpen: u.Can(auth.MoveTickets)}
	if !u.Can(auth.ReadTickets) {
		return v, nil
	}
	page, err := s.Tickets.List(c.UserContext(), s.scope(c), tickets.Filter{Conversation: conversationID, Limit: mostMatters})
	if err != nil {
		return v, err
	}
	for _, t := range page.Tickets {
		one, err := s.ticketView(c, t)
		if err != nil {
			return v, err
		}
		v.Tickets = append(v.Tickets, one)
	}
	return v, nil
}
