package web

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"quandesk/tickets"
	"quandesk/tickets/customer"
)

// registerView is the form for what comes by phone, over the counter, by
// letter, from an inspection, the hotline or a superior.
type registerView struct {
	frame
	ClientID string // the same form twice is one ticket
	Problem  string
	Fields   []field
}

// ticketChannels are the ways by which a matter came.
var ticketChannels = []string{"phone", "counter", "letter", "12345", "webchat", "wechat"}

func (s *Site) pageRegister(c *fiber.Ctx) error {
	v := registerView{ClientID: newClientID(), Fields: registerFields(c.Query("conversation"))}
	return s.showRegister(c, v)
}

func (s *Site) showRegister(c *fiber.Ctx, v registerView) error {
	var err error
	if v.frame, err = s.frame(c, "登记工单", "/desk/tickets/new"); err != nil {
		return err
	}
	return s.render(c, "page-register", v)
}

func (s *Site) formRegister(c *fiber.Ctx) error {
	ctx, u := c.UserContext(), s.user(c)
	key := "register/" + c.FormValue("client_id")
	_, made, again, err := s.Remembered.Begin(ctx, u.ID, key, fingerprint(c))
	if err != nil {
		return err
	}
	if again {
		return c.Redirect("/desk/tickets/"+string(made), fiber.StatusSeeOther)
	}
	t, err := s.openFrom(c)
	if err != nil {
		s.remember(c, u.ID, key, fiber.StatusBadRequest, nil)
		return s.registerRefused(c, err)
	}
	s.remember(c, u.ID, key, fiber.StatusSeeOther, []byte(t.No))
	return c.Redirect("/desk/tickets/"+t.No, fiber.StatusSeeOther)
}

// openFrom opens the ticket of the form. A conversation has to be in scope.
func (s *Site) openFrom(c *fiber.Ctx) (*tickets.Ticket, error) {
	v := values(func(name string) string { return c.FormValue(name) })
	o := opening(v)
	if o.ConversationID != 0 {
		if _, err := s.Inbox.Conversation(c.UserContext(), s.inboxScope(c), o.ConversationID); err != nil {
			return nil, err
		}
	}
	if v("received_at") != "" && o.ReceivedAt.IsZero() {
		return nil, &tickets.InputError{Field: "received_at", Problem: tickets.Invalid}
	}
	return s.Desk.Open(c.UserContext(), s.actor(c), o)
}

// opening reads the form.
func opening(v values) tickets.Opening {
	return tickets.Opening{
		Kind: tickets.Kind(v("kind")), Category: tickets.Category(v("category")), Source: tickets.Source(v("source")),
		Channel: v("channel"), ExternalNo: v.text("external_no"), ConversationID: v.number("conversation"),
		Application: v.text("application"), ContactName: v.text("contact_name"), ContactPhone: v.text("contact_phone"),
		Anonymous: v("anonymous") != "", Description: v.text("description"), Urgent: v("urgent") != "",
		Confidential: v("confidential") != "", ReceivedAt: v.time("received_at"),
		Address: customer.Address{
			Text:     v.text("district") + v.text("community") + v.text("detail"),
			District: v.text("district"), Community: v.text("community"), Detail: v.text("detail"),
		},
	}
}

// registerRefused gives the form back as it was filled in.
func (s *Site) registerRefused(c *fiber.Ctx, why error) error {
	told := s.failure(c.UserContext(), why)
	if told.status != fiber.StatusUnprocessableEntity && told.status != fiber.StatusConflict {
		return why
	}
	sent := values(func(name string) string { return c.FormValue(name) })
	v := registerView{ClientID: sent("client_id"), Fields: registerFields(sent("conversation"))}
	refill(v.Fields, sent)
	if !blame(v.Fields, told) {
		v.Problem = told.Problem.Message
	}
	c.Status(told.status)
	return s.showRegister(c, v)
}

func registerFields(conversation string) []field {
	source, channel := tickets.FromHotline, "phone"
	if n, err := strconv.ParseInt(conversation, 10, 64); err == nil && n > 0 {
		source, channel = tickets.FromNetwork, "webchat"
	}
	description := long("description", "诉求内容", true)
	description.Whole, description.Hint = true, "写明发生了什么、何时开始、希望怎样解决。"
	received := field{Name: "received_at", Label: "接诉时间", Type: "datetime-local", Hint: "不填为现在；时限从接诉时间起算。"}
	external := one("external_no", "外部工单编号", false)
	external.Hint = "来源为12345热线时必填。"
	list := []field{
		choice("source", "来源", optionsOf(tickets.Sources, sourceNames, source)),
		{Name: "channel", Label: "渠道", Type: "select", Options: optionsOf(ticketChannels, channelNames, channel)},
		choice("kind", "类型", optionsOf(tickets.Kinds, kindNames, tickets.Complaint)),
		{Name: "category", Label: "类别", Type: "select", Required: true, Options: append([]option{{Label: "请选择"}}, optionsOf(tickets.Categories, categoryNames, "")...)},
		description,
		one("contact_name", "联系人", false),
		{Name: "contact_phone", Label: "联系电话", Type: "tel"},
		one("district", "区县", false), one("community", "小区或村", false), one("detail", "路名、楼号、房号", false),
		received, external, one("application", "业务名称", false),
		{Name: "urgent", Label: "紧急", Type: "check"},
		{Name: "anonymous", Label: "用户不留电话", Type: "check"},
		{Name: "confidential", Label: "保密（隐去诉求人信息）", Type: "check"},
		{Name: "conversation", Type: "hidden", Value: conversation},
	}
	for i := range list {
		list[i].ID = "new-" + list[i].Name
		if list[i].Type == "choice" {
			list[i].Whole = true
		}
	}
	return list
}
