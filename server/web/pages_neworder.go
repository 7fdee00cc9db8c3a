package web

import (
	"github.com/gofiber/fiber/v2"

	"quandesk/channels/hotline12345"
	"quandesk/tickets"
)

// orderFormView is the form for an order of 12345 that a clerk reads from the
// platform's page.
type orderFormView struct {
	frame
	ClientID      string // the same form twice is one order
	Problem, Done string
	Fields        []field
}

func (s *Site) pageNewOrder(c *fiber.Ctx) error {
	return s.showNewOrder(c, orderFormView{ClientID: newClientID(), Fields: orderFormFields()})
}

func (s *Site) showNewOrder(c *fiber.Ctx, v orderFormView) error {
	var err error
	if v.frame, err = s.frame(c, "登记12345工单", "/desk/tickets"); err != nil {
		return err
	}
	return s.render(c, "page-new-order", v)
}

func (s *Site) formNewOrder(c *fiber.Ctx) error {
	ctx, u := c.UserContext(), s.user(c)
	key := "order/" + c.FormValue("client_id")
	_, made, again, err := s.Remembered.Begin(ctx, u.ID, key, fingerprint(c))
	if err != nil {
		return err
	}
	if again {
		return c.Redirect(string(made), fiber.StatusSeeOther)
	}
	r, err := s.fileOrder(c)
	if err != nil {
		s.remember(c, u.ID, key, fiber.StatusBadRequest, nil)
		return s.orderRefused(c, err)
	}
	at := "/desk/tickets/" + r.TicketNo
	if r.TicketNo == "" { // it waits for its order
		s.remember(c, u.ID, key, fiber.StatusSeeOther, []byte(ordersHome+"/new"))
		return s.showNewOrder(c, orderFormView{ClientID: newClientID(), Fields: orderFormFields(), Done: outcomeAnswers[r.Outcome].message})
	}
	s.remember(c, u.ID, key, fiber.StatusSeeOther, []byte(at))
	return c.Redirect(at, fiber.StatusSeeOther)
}

// fileOrder reads the form as a row of a file is read, and wants of a clerk
// what a machine may leave out.
func (s *Site) fileOrder(c *fiber.Ctx) (hotline12345.Receipt, error) {
	v := values(func(name string) string { return c.FormValue(name) })
	var list []hotline12345.Value
	for _, f := range orderFormFields() {
		if f.Name != "category" {
			list = append(list, hotline12345.Value{Name: f.Name, Text: v(f.Name)})
		}
	}
	order, flaws := hotline12345.Read(list)
	for _, f := range flaws {
		if f.Fatal {
			return hotline12345.Receipt{}, &hotline12345.RefusedError{Field: f.Field, Words: f.Words}
		}
	}
	if order.Mail == hotline12345.Handle && order.Demand == "" {
		return hotline12345.Receipt{}, &hotline12345.RefusedError{Field: "demand_type", Words: "请选择诉求类型。"}
	}
	if k := tickets.Category(v("category")); k != "" {
		if !k.Valid() {
			return hotline12345.Receipt{}, &tickets.InputError{Field: "category", Problem: tickets.Invalid}
		}
		order.Category = k
	}
	return s.Hotline.Mailbox.Receive(c.UserContext(), hotline12345.Letter{Order: order, Via: hotline12345.ByForm, By: s.clerk(c)})
}

// orderRefused gives the form back as it was filled in.
func (s *Site) orderRefused(c *fiber.Ctx, why error) error {
	told := s.failure(c.UserContext(), why)
	if told.status != fiber.StatusUnprocessableEntity && told.status != fiber.StatusConflict {
		return why
	}
	sent := values(func(name string) string { return c.FormValue(name) })
	v := orderFormView{ClientID: sent("client_id"), Fields: orderFormFields()}
	refill(v.Fields, sent)
	if !blame(v.Fields, told) {
		v.Problem = told.Problem.Message
	}
	c.Status(told.status)
	return s.showNewOrder(c, v)
}

// orderMails are the boxes a clerk can register from.
var orderMails = []hotline12345.Mail{hotline12345.Handle, hotline12345.Urge, hotline12345.SentBack, hotline12345.Redo,
	hotline12345.Supervise, hotline12345.Supplement}

func orderFormFields() []field {
	no := one("external_no", "工单编号", true)
	no.Hint = "平台的18位编号；请核对每一位。"
	content := long("content", "问题描述", true)
	content.Whole, content.Hint = true, "催办单、督办单等可以只填催办、督办的内容。"
	demands := []option{{Label: "请选择"}}
	for _, d := range hotline12345.Demands {
		demands = append(demands, option{Value: string(d), Label: string(d)})
	}
	categories := append([]option{{Label: "按内容判断"}}, optionsOf(tickets.Categories, categoryNames, "")...)
	opinion, note := long("dispatch_opinion", "转办意见", false), long("note", "备注", false)
	opinion.Whole, note.Whole = true, true
	at := func(name, label, hint string) field {
		return field{Name: name, Label: label, Type: "datetime-local", Hint: hint}
	}
	check := func(name, label string) field { return field{Name: name, Label: label, Type: "check"} }
	list := []field{
		no,
		{Name: "event_type", Label: "办理单类型", Type: "select", Options: optionsOf(orderMails, hotline12345.MailNames, hotline12345.Handle)},
		{Name: "demand_type", Label: "来电类别", Type: "select", Required: true, Options: demands},
		{Name: "category", Label: "类别", Type: "select", Options: categories},
		content,
		one("contact_name", "联系人", false), {Name: "contact_phone", Label: "联系电话", Type: "tel"},
		{Name: "caller_phone", Label: "来电号码（与联系电话不同时）", Type: "tel"},
		one("address_raw", "问题发生地", false),
		at("dispatched_at", "发送时间", ""), at("external_due", "办理时限", "不填按5个工作日。"),
		at("accepted_at", "录入时间", ""), at("return_due", "退单时限", ""),
		{Name: "urgency", Label: "紧急程度", Type: "select", Options: plainOptions([]string{"普通", "紧急", "特急"}, "普通")},
		one("origin_channel", "受理渠道", false), one("category_path", "问题分类", false), one("handling_type", "办理类型", false),
		one("supervision_level", "督办类型", false), one("accepted_by", "受理人员", false), one("dispatcher", "发送人", false),
		one("other_nos", "市级编号等其他编号", false), one("region_code", "区划代码", false), one("duplicate_of", "重复件编号", false),
		one("title", "标题", false), one("reply_note", "回复备注", false), one("attachments", "附件名称", false),
		opinion, note,
		check("confidential", "保密（隐去诉求人信息）"), check("reply_wanted", "来电人要求回复"), check("anonymous", "匿名"),
		check("is_business_env", "涉及营商环境"), check("is_inspection", "新版督察"),
	}
	for i := range list {
		list[i].ID = "order-" + list[i].Name
	}
	return list
}
