package web

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"quandesk/channels/phone"
	"quandesk/server/auth"
	"quandesk/tickets"
	"quandesk/tickets/customer"
)

// registerView is the form for what comes by phone, over the counter, by
// letter, from an inspection, the hotline or a superior: one form for every
// kind of ticket, filled from the keyboard while somebody talks.
type registerView struct {
	frame
	ClientID string // the same form twice is one ticket
	Problem  string
	Main     []field // in the order of a conversation
	More     []field // what is rarely changed
	Hidden   []field
	Suggest  suggestView
}

// ticketChannels are the ways by which a matter came.
var ticketChannels = []string{"phone", "counter", "letter", "outlet_phone", "inspection", "superior", "12345", "webchat", "wechat"}

// origins are the sources with their sub-sources (R11), as one choice: the
// form asks once where a matter comes from.
var origins = []struct{ source, channel, label string }{
	{string(tickets.FromHotline), "phone", "热线来电"},
	{string(tickets.FromVisitors), "counter", "来访"},
	{string(tickets.FromVisitors), "letter", "来信"},
	{string(tickets.FromVisitors), "outlet_phone", "营业厅来电"},
	{string(tickets.FromInspection), "inspection", "巡查"},
	{string(tickets.FromSuperior), "superior", "上级交办"},
	{string(tickets.From12345), "12345", "12345"},
	{string(tickets.FromNetwork), "webchat", "网络"},
}

// spokenWays are the channels on which a resident tells a person of it, and
// how that contact is called.
var spokenWays = map[string]string{"phone": "phone", "outlet_phone": "phone", "counter": "visit"}

const outletCookie = "outlet"

// registration is what the form is made of besides what was typed.
type registration struct {
	conversation string
	calls        []phone.Call // of this person, that may have been the conversation
	call         string       // the chosen one
	outlet       string
	outlets      []string // all that there are
	now          time.Time
}

// registration gathers it; a call is offered when it was this person's and
// is about no ticket yet.
func (s *Site) registration(c *fiber.Ctx, callID string) (registration, error) {
	r := registration{conversation: c.Query("conversation"), call: callID, outlets: s.Desk.Rules().Outlets(), now: s.Desk.Now()}
	if c.Method() == fiber.MethodPost {
		r.conversation = c.FormValue("conversation")
	}
	r.outlet = c.Cookies(s.cookieName(outletCookie))
	u := s.user(c)
	list, err := s.Phone.CallsOf(c.UserContext(), u.ID, r.now.Add(-callsOfShift))
	if err != nil {
		return r, err
	}
	for _, call := range list {
		if call.Agent.ID == u.ID && call.TicketNo == "" && !call.Missed() {
			r.calls = append(r.calls, call)
		}
	}
	return r, nil
}

func (s *Site) pageRegister(c *fiber.Ctx) error {
	r, err := s.registration(c, c.Query("call"))
	if err != nil {
		return err
	}
	return s.showRegister(c, newRegister(r))
}

func newRegister(r registration) registerView {
	v := registerView{ClientID: newClientID(), Main: mainFields(r), More: moreFields(r)}
	v.Hidden = []field{{Name: "conversation", Type: "hidden", Value: r.conversation}}
	return v
}

func (s *Site) showRegister(c *fiber.Ctx, v registerView) error {
	var err error
	if v.frame, err = s.frame(c, "登记工单", "/desk/tickets/new"); err != nil {
		return err
	}
	v.Suggest.CSRF = v.frame.CSRF
	return s.render(c, "page-register", v)
}

func (s *Site) formRegister(c *fiber.Ctx) error {
	ctx, u := c.UserContext(), s.user(c)
	if c.FormValue("look") != "" {
		return s.pageSuggest(c)
	}
	key := "register/" + c.FormValue("client_id")
	_, made, again, err := s.Remembered.Begin(ctx, u.ID, key, fingerprint(c))
	if err != nil {
		return s.registerRefused(c, err)
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
	s.setCookie(c, outletCookie, c.FormValue("outlet"), s.Desk.Now().AddDate(1, 0, 0)) // a browser stands in one place
	return c.Redirect("/desk/tickets/"+t.No, fiber.StatusSeeOther)
}

// openFrom opens the ticket of the form, or adds what it says to the ticket
// that turned out to be the same matter. A conversation has to be in scope.
func (s *Site) openFrom(c *fiber.Ctx) (*tickets.Ticket, error) {
	ctx, call := c.UserContext(), callOf(c.UserContext())
	v := values(func(name string) string { return c.FormValue(name) })
	spoken, line, err := s.spoken(ctx, call.user, v)
	if err != nil {
		return nil, err
	}
	var t *tickets.Ticket
	if no := v("supplement"); no != "" {
		t, err = s.supplementFrom(ctx, call, no, v, spoken)
	} else {
		t, err = s.registerFrom(ctx, call, v, spoken, line)
	}
	if err != nil || line == nil {
		return t, err
	}
	if err := s.Phone.LinkCall(ctx, line.CallID, t.No); err != nil {
		s.log.ErrorContext(ctx, "call not linked", "err", err, "ticket", t.No) // the ticket is there: nothing is lost
	}
	return t, nil
}

func (s *Site) registerFrom(ctx context.Context, call *call, v values, spoken *tickets.Contact, line *tickets.Line) (*tickets.Ticket, error) {
	o := opening(v)
	if line != nil && o.ContactPhone == "" && !o.Anonymous {
		if _, err := customer.ParsePhone(line.Number); err == nil {
			o.ContactPhone = line.Number
		}
	}
	if err := fit(v, o); err != nil {
		return nil, err
	}
	if o.ConversationID != 0 {
		if _, err := s.Inbox.Conversation(ctx, inboxScope(call.user), o.ConversationID); err != nil {
			return nil, err
		}
	}
	if spoken == nil {
		return s.openFor(ctx, call.actor(), o)
	}
	return s.Desk.OpenSpoken(ctx, call.actor(), o, *spoken)
}

// supplementFrom adds what the resident says again to the ticket there is.
func (s *Site) supplementFrom(ctx context.Context, call *call, no string, v values, spoken *tickets.Contact) (*tickets.Ticket, error) {
	if v.text("description") == "" {
		return nil, &tickets.InputError{Field: "description", Problem: tickets.Missing}
	}
	t, err := s.Desk.Add(ctx, call.change(no, 0), v.text("description"), nil)
	if err != nil || spoken == nil || !t.State.Open() {
		return t, err
	}
	return s.Desk.Contact(ctx, call.change(no, 0), *spoken)
}

// spoken is the contact that the agent says this conversation was (R01), with
// the exchange's record of the call when there is one; nil when it was none.
func (s *Site) spoken(ctx context.Context, u auth.User, v values) (*tickets.Contact, *tickets.Line, error) {
	_, channel := chosenOrigin(v)
	via := spokenWays[channel]
	var line *tickets.Line
	if id := v("call"); id != "" && via == "phone" {
		c, err := s.Phone.Call(ctx, id)
		if err != nil {
			return nil, nil, err
		}
		if l, ok := c.Spoken(u.ID); ok {
			line = &l
		}
	}
	if v("contact") == "" || via == "" || v("conversation") != "" {
		return nil, line, nil
	}
	return &tickets.Contact{
		Via: via, Result: tickets.Reached, Note: "登记时与用户本人沟通", Line: line,
	}, line, nil
}

// registerHelp says more than the table of errors where the form knows more.
var registerHelp = map[tickets.InputError]string{
	{Field: "contact_phone", Problem: tickets.Invalid}: "这个号码无法拨通：手机号为11位，固定电话请带区号，如0531-88881234。",
	{Field: "address", Problem: tickets.TooShort}:      "地址太简单，找不到地方。请写到小区或路名、楼号，如历下区文化东路63号3号楼。",
	{Field: "outlet", Problem: tickets.Missing}:        "来访和营业厅来电请选择登记的营业厅。",
	{Field: "application", Problem: tickets.Missing}:   "业务办理请写明业务名称，如过户、报装、销户。",
	{Field: "category", Problem: tickets.Invalid}:      "请选择「问题类别」。",
	{Field: "description", Problem: tickets.Missing}:   "请写下用户的诉求。",
}

// registerRefused gives the form back as it was filled in.
func (s *Site) registerRefused(c *fiber.Ctx, why error) error {
	told := s.failure(c.UserContext(), why)
	if told.status != fiber.StatusUnprocessableEntity && told.status != fiber.StatusConflict {
		return why
	}
	if help, ok := registerHelp[tickets.InputError{Field: told.Problem.Field, Problem: problemOf(why)}]; ok {
		told.Problem.Message = help
	}
	v, err := s.refilled(c)
	if err != nil {
		return err
	}
	if !blame(v.Main, told) && !blame(v.More, told) {
		v.Problem = told.Problem.Message
	}
	focusWrong(v.Main)
	focusWrong(v.More)
	c.Status(told.status)
	return s.showRegister(c, v)
}

// focusWrong puts the cursor where something has to be mended.
func focusWrong(fields []field) {
	for i := range fields {
		if fields[i].Problem != "" {
			for j := range fields {
				fields[j].Focus = i == j
			}
		}
	}
}

// refilled is the form as it was sent, nothing lost.
func (s *Site) refilled(c *fiber.Ctx) (registerView, error) {
	sent := values(func(name string) string { return c.FormValue(name) })
	r, err := s.registration(c, sent("call"))
	if err != nil {
		return registerView{}, err
	}
	v := newRegister(r)
	if id := sent("client_id"); id != "" {
		v.ClientID = id
	}
	refill(v.Main, sent)
	refill(v.More, sent)
	return v, nil
}
