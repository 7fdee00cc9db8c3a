// Package web is the front door of the desk: the JSON API, the pages, the
// live connection and what keeps both safe. It is the only package that
// knows fiber. Handlers parse, call and render; what may happen to a ticket
// is decided in package tickets.
package web

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/valyala/fasthttp"

	"quandesk/bot"
	"quandesk/channels"
	"quandesk/channels/phone"
	"quandesk/channels/webchat"
	"quandesk/channels/wechat"
	"quandesk/kb"
	"quandesk/server/auth"
	"quandesk/server/hub"
	"quandesk/tickets"
)

// Parts are what a Site works with.
type Parts struct {
	Desk          *tickets.Desk
	Tickets       tickets.Views
	Outages       *tickets.Outages
	Notices       Notices // of outages
	Inbox         *channels.Inbox
	Conversations channels.Views
	Chat          *webchat.Chat
	Images        *channels.Images
	Pictures      Pictures
	Gate          *auth.Gate
	People        auth.Store
	Trail         auth.Trail
	Keys          *auth.Keyring
	Switchboard   *phone.Switchboard
	Phone         phone.Views
	Audit         auth.Reader
	ModelCalls    ModelCalls
	Library       *kb.Library
	Knowledge     *kb.Desk
	Hotline       Hotline
	Reports       Reports // what 12345 is told
	// Trial is all that answers residents, answering from a library: with the
	// model where there is one, and the check of what an answer may state.
	Trial    func(*kb.Library) bot.Answerer
	Feedback Feedback
	// Understand guesses kind and category of what is being registered; nil guesses nothing.
	Understand bot.Understander
	// ReadArticles reads uploaded files of articles; nil: there is no import.
	ReadArticles kb.Reader
	Hub          hub.Hub
	// Answered reports whether the bot has dealt with a message.
	Answered func(ctx context.Context, conversationID, messageID int64) (bool, error)
	// Ready returns nil when requests can be served.
	Ready func(ctx context.Context) error
	// Remembered keeps answers by Idempotency-Key; nil means in this process only.
	Remembered Remembered
	// Quota counts what people may do only so often; nil means in this process only.
	Quota Quota
	// Office is what an administrator looks after the WeChat accounts with.
	Office Office
	// Letters is what may be sent to residents of WeChat; nil: there is no such channel.
	Letters Letters
	// Wechat takes in what WeChat pushes; nil: there is no such channel.
	Wechat  *wechat.Receiver
	My      My
	Metrics *prometheus.Registry // nil makes one
	Options Options
}

// Options say how a Site faces the world.
type Options struct {
	Production     bool
	PublicURL      string   // where people find the site, such as https://fuwu.example.cn
	TrustedProxies []string // addresses or networks that may say who they speak for
	EmergencyPhone string
	ModelFiling    string // name and filing number of the model, shown to residents
	Log            *slog.Logger
	Version        string
}

// Site serves the desk over HTTP.
type Site struct {
	Parts
	app     *fiber.App
	log     *slog.Logger
	proxies []netip.Prefix
	cities  []netip.Prefix // from where 12345 may push; empty: from anywhere
	origin  string         // of PublicURL
	meters  *meters
	streams atomic.Int64
	layout  *layout // templates and the files they name

	done chan struct{} // closed first when the site stops: ends streams
	once sync.Once
}

const (
	maxBody     = 1 << 20  // of a request
	maxUpload   = 11 << 20 // of an image with its envelope
	maxOrders   = 21 << 20 // of a file of orders with its envelope
	maxArticles = 21 << 20 // of a file of articles with its envelope
	maxHeader   = 16 << 10
	idleAfter   = 90 * time.Second
	readWithin  = 10 * time.Second
)

// New makes a site. Serve starts it.
func New(p Parts) *Site {
	if p.Options.Log == nil {
		p.Options.Log = slog.New(slog.DiscardHandler)
	}
	if p.Metrics == nil {
		p.Metrics = prometheus.NewRegistry()
	}
	if p.Quota == nil {
		p.Quota = newTally(time.Now)
	}
	if p.Remembered == nil {
		p.Remembered = &notebook{}
	}
	s := &Site{
		Parts: p, log: p.Options.Log, done: make(chan struct{}),
		proxies: prefixes(p.Options.TrustedProxies, p.Options.Log), cities: prefixes(p.Hotline.Allow, p.Options.Log),
		origin: originOf(p.Options.PublicURL), meters: newMeters(p.Metrics), layout: newLayout(),
	}
	s.app = fiber.New(fiber.Config{
		AppName: "quandesk", DisableStartupMessage: true, ServerHeader: "",
		Immutable: true, BodyLimit: maxUpload, ReadBufferSize: maxHeader,
		ReadTimeout: readWithin, IdleTimeout: idleAfter, // no WriteTimeout: it cuts streams
		EnableTrustedProxyCheck: true, TrustedProxies: p.Options.TrustedProxies,
		ErrorHandler: s.fail,
	})
	s.routes()
	s.app.Server().Handler = s.known(s.app.Server().Handler)
	s.app.Server().HeaderReceived = roomFor
	return s
}

// roomFor lets only a file of orders or of articles be larger than an image.
func roomFor(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
	switch string(h.RequestURI()) {
	case ordersUpload:
		return fasthttp.RequestConfig{MaxRequestBodySize: maxOrders}
	case importUpload:
		return fasthttp.RequestConfig{MaxRequestBodySize: maxArticles}
	}
	return pushLimit(h)
}

// known answers methods that are none as everything else that is refused.
func (s *Site) known(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(r *fasthttp.RequestCtx) {
		if slices.Contains(fiber.DefaultMethods, string(r.Method())) {
			next(r)
			return
		}
		c := s.app.AcquireCtx(r)
		defer s.app.ReleaseCtx(c)
		s.refuse(c, fiber.ErrMethodNotAllowed)
	}
}

// routes is the whole site in order: what every request passes, what is
// there for machines, the API, the pages.
func (s *Site) routes() {
	s.app.Use(s.measure, s.rescue, s.guard, s.limit, s.tidy)
	s.health(s.app)
	s.wechatPushes(s.app)
	s.api(s.app)
	s.hotlineRoutes(s.app)
	s.pages(s.app)
}

// Serve serves on a listener until Stop.
func (s *Site) Serve(ln net.Listener) error {
	if err := s.app.Listener(ln); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// Stop ends the streams, lets running requests finish and closes the
// listener; ctx limits how long that takes.
func (s *Site) Stop(ctx context.Context) error {
	s.once.Do(func() { close(s.done) })
	if err := s.app.ShutdownWithContext(ctx); err != nil {
		return fmt.Errorf("stop serving: %w", err)
	}
	return nil
}

// prefixes reads addresses and networks; what is neither is trusted with nothing.
func prefixes(list []string, log *slog.Logger) []netip.Prefix {
	var out []netip.Prefix
	for _, text := range list {
		if a, err := netip.ParseAddr(text); err == nil {
			out = append(out, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(text)
		if err != nil {
			log.Warn("trusted proxy is neither address nor network", "value", text)
			continue
		}
		out = append(out, p.Masked())
	}
	return out
}
