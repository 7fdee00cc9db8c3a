package web

import (
	"github.com/gofiber/fiber/v2"

	"quandesk/server/auth"
)

// pages registers the HTML pages: what residents see, the login, the desk.
func (s *Site) pages(app fiber.Router) {
	app.Get("/static/:name", s.serveFile)
	s.chatPages(app)
	app.Get("/login", s.showLogin)
	app.Post("/login", s.login)
	app.Post("/logout", s.logout)
	s.inboxPages(app)
	s.ticketPages(app)
	s.recordPages(app)
	s.livePages(app)
}

func (s *Site) chatPages(app fiber.Router) {
	app.Get("/", s.showChat)
	app.Get("/about", s.showAbout)
	app.Get("/chat/messages", s.chatMessages)
	app.Get("/chat/state", s.chatState)
	app.Post("/chat/messages", s.say)
	app.Post("/chat/attachments", s.say)
	app.Get("/chat/images/:id", s.chatImage)
}

func (s *Site) inboxPages(app fiber.Router) {
	read, write := s.requireUser(auth.ReadInbox), s.requireUser(auth.WriteInbox)
	app.Get("/desk", s.requireUser(""), s.showDesk)
	app.Get("/desk/list", read, s.inboxList)
	app.Get("/desk/empty", s.requireUser(""), s.nothing)
	app.Get("/desk/conversations/:id<int>", read, s.showConversation)
	app.Get("/desk/conversations/:id<int>/messages", read, s.conversationMessages)
	app.Post("/desk/conversations/:id<int>/messages", write, s.reply)
	app.Get("/desk/conversations/:id<int>/head", read, s.conversationHead)
	app.Get("/desk/conversations/:id<int>/tickets", read, s.conversationTickets)
	app.Post("/desk/conversations/:id<int>/take", write, s.takeConversation)
	app.Post("/desk/conversations/:id<int>/release", write, s.releaseConversation)
	app.Post("/desk/conversations/:id<int>/resolve", write, s.resolveConversation)
	app.Get("/desk/conversations/:id<int>/images/:image", read, s.conversationImage)
}

func (s *Site) ticketPages(app fiber.Router) {
	read, move := s.requireUser(auth.ReadTickets), s.requireUser(auth.MoveTickets)
	reveal := s.requireUser(auth.RevealPhone)
	app.Get("/desk/tickets", read, s.listTickets)
	app.Get("/desk/tickets/new", move, s.showRegister)
	app.Post("/desk/tickets/new", move, s.register)
	app.Get("/desk/callbacks", read, s.listCallbacks)
	app.Get("/desk/tickets/:no", s.requireUser(""), s.showTicket)
	app.Get("/desk/tickets/:no/card", s.requireUser(""), s.ticketCard)
	app.Get("/desk/tickets/:no/moves/:move", move, s.showMove)
	app.Post("/desk/tickets/:no/moves/:move", move, s.makeMove)
	app.Get("/desk/tickets/:no/phone", reveal, s.askReveal)
	app.Post("/desk/tickets/:no/phone", reveal, s.revealPhone)
}

func (s *Site) recordPages(app fiber.Router) {
	app.Get("/desk/ledger", s.requireUser(auth.ReadLedger), s.showLedger)
	app.Get("/desk/notices", s.requireUser(auth.ReadTickets), s.showNotices)
	app.Get("/desk/notices/count", s.requireUser(auth.ReadTickets), s.noticeCount)
}
