package web

import (
	"github.com/gofiber/fiber/v2"

	"quandesk/server/auth"
)

// pages registers the HTML pages: what residents see, the login, the desk.
// Handlers are named after what they answer with: a page, a part of one, or
// what became of a form.
func (s *Site) pages(app fiber.Router) {
	app.Get("/static/:name", s.serveFile)
	s.chatPages(app)
	app.Get("/login", s.pageLogin)
	app.Post("/login", s.formLogin)
	app.Post("/logout", s.requireUser(""), s.formLogout)
	s.inboxPages(app)
	s.orderPages(app)
	s.ticketPages(app)
	s.outagePages(app)
	s.phonePages(app)
	s.recordPages(app)
	s.knowledgePages(app)
	s.wechatPages(app)
	s.livePages(app)
}

func (s *Site) chatPages(app fiber.Router) {
	app.Get("/", s.pageChat)
	app.Get("/about", s.pageAbout)
	app.Get("/chat/messages", s.partChatMessages)
	app.Get("/chat/state", s.partChatState)
	app.Post("/chat/messages", s.formSay)
	app.Post("/chat/attachments", s.formSay)
	app.Get("/chat/images/:image", s.chatImage)
	app.Post("/chat/messages/:id<int>/feedback", s.formFeedback)
}

func (s *Site) inboxPages(app fiber.Router) {
	anyone := s.requireUser("")
	read, write := s.requireUser(auth.ReadInbox), s.requireUser(auth.WriteInbox)
	app.Get("/desk", anyone, s.pageDesk)
	app.Get("/desk/empty", anyone, s.partEmpty)
	app.Get("/desk/list", read, s.partList)
	app.Get("/desk/conversations/:id<int>", read, s.pageConversation)
	app.Get("/desk/conversations/:id<int>/messages", read, s.partMessages)
	app.Post("/desk/conversations/:id<int>/messages", write, s.formReply)
	app.Post("/desk/conversations/:id<int>/attachments", write, s.formReply) // the ending lets files through (limit)
	app.Get("/desk/conversations/:id<int>/head", read, s.partHead)
	app.Get("/desk/conversations/:id<int>/tickets", read, s.partMatters)
	app.Get("/desk/conversations/:id<int>/quota", read, s.partQuota)
	app.Post("/desk/conversations/:id<int>/messages/:message<int>/resend", write, s.formResend)
	app.Post("/desk/conversations/:id<int>/take", write, s.formTake)
	app.Post("/desk/conversations/:id<int>/release", write, s.formRelease)
	app.Post("/desk/conversations/:id<int>/resolve", write, s.formResolve)
	app.Get("/desk/conversations/:id<int>/images/:image", read, s.deskImage)
}

func (s *Site) ticketPages(app fiber.Router) {
	anyone := s.requireUser("") // readers of the inbox or of the ledger: findTicket asks
	read, move := s.requireUser(auth.ReadTickets), s.requireUser(auth.MoveTickets)
	reveal := s.requireUser(auth.RevealPhone)
	app.Get("/desk/tickets", read, s.pageTickets)
	app.Get("/desk/callbacks", read, s.pageCallbacks)
	app.Get("/desk/tickets/new", move, s.pageRegister)
	app.Post("/desk/tickets/new", move, s.formRegister)
	app.Post("/desk/tickets/new/suggest", move, s.partSuggest)
	app.Get("/desk/tickets/:no", anyone, s.pageTicket)
	app.Get("/desk/tickets/:no/card", anyone, s.partTicket)
	app.Get("/desk/tickets/:no/moves/:move", move, s.pageMove)
	app.Post("/desk/tickets/:no/moves/:move", move, s.formMove)
	app.Get("/desk/tickets/:no/phone", reveal, s.pageReveal)
	app.Post("/desk/tickets/:no/phone", reveal, s.formReveal)
}

func (s *Site) phonePages(app fiber.Router) {
	app.Get("/desk/calls", s.requireUser(auth.ReadTickets), s.partCalls)
	app.Post("/desk/calls/link", s.requireUser(auth.MoveTickets), s.formLinkCall)
	hours := s.requireUser(auth.Supervise)
	app.Get("/desk/callbacks/hours", hours, s.pageCallHours)
	app.Post("/desk/callbacks/hours", hours, s.formCallHours)
	app.Post("/desk/callbacks/:id<int>/:move", s.requireUser(auth.MoveTickets), s.formCallback)
	people := s.requireUser(auth.ManagePeople)
	app.Get("/desk/phones", people, s.pagePhones)
	app.Post("/desk/phones/extension", people, s.formExtension)
	app.Post("/desk/phones/keys", people, s.formMakeKey)
	app.Post("/desk/phones/keys/:id<int>/revoke", people, s.formRevokeKey)
}

func (s *Site) recordPages(app fiber.Router) {
	app.Get(approvalsHome, s.requireUser(auth.Supervise), s.pageApprovals)
	read, move := s.requireUser(auth.ReadTickets), s.requireUser(auth.MoveTickets)
	app.Get(reportsHome, read, s.pageReports)
	app.Post(reportsHome, move, s.formReports)
	app.Post(reportsHome+"/sheet", move, s.formReportSheet)
	app.Get(reportsHome+"/:id<int>", read, s.pageReport)
	app.Post(reportsHome+"/:id<int>", move, s.formReport)
	app.Get("/desk/ledger", s.requireUser(auth.ReadLedger), s.pageLedger)
	app.Get("/desk/audit", s.requireUser(auth.ReadAudit), s.pageAudit)
	app.Get(modelCallsHome, s.requireUser(auth.ReadModelCalls), s.pageModelCalls)
	app.Get("/desk/notices", s.requireUser(auth.ReadTickets), s.pageNotices)
	app.Get("/desk/notices/count", s.requireUser(auth.ReadTickets), s.partBell)
}

// partEmpty takes a form away.
func (s *Site) partEmpty(c *fiber.Ctx) error { return c.SendString("") }
