package web

import (
	"context"
	"crypto/rand"
	"errors"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"quandesk/channels"
	"quandesk/server/auth"
	"quandesk/tickets"
)

// Every request has its time. Writes end before tickets.Grace, so that what
// was stamped in time is committed before the sweep looks.
const (
	writeWithin  = tickets.Grace - 100*time.Millisecond
	readingTime  = 3 * time.Second
	exportWithin = time.Minute      // 100,000 rows take about ten seconds
	uploadWithin = 10 * time.Second // one image at a time is decoded
	importWithin = 30 * time.Second // 50,000 orders in one transaction
	judgeWithin  = 30 * time.Second // what changes the knowledge asks every golden question first, and no clock hangs on it
)

// call is what is known of one request.
type call struct {
	id      string // told to people with every error
	ip      string
	token   string // of staff
	cookie  bool   // the token came as a cookie
	user    auth.User
	session auth.Session
	visitor channels.Visitor
	guest   string // the token of the visitor
}

type callKey struct{}

// callOf returns the call a context belongs to; empty outside a request.
func callOf(ctx context.Context) *call {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c
	}
	return &call{}
}

// begin gives a request its id and address, once.
func (s *Site) begin(c *fiber.Ctx) context.Context {
	ctx := c.UserContext()
	if _, ok := ctx.Value(callKey{}).(*call); ok {
		return ctx
	}
	ctx = context.WithValue(ctx, callKey{}, &call{id: rand.Text()[:16], ip: s.address(c)})
	c.SetUserContext(ctx)
	return ctx
}

// measure counts and logs a request; errors become answers here, so that
// their status is known.
func (s *Site) measure(c *fiber.Ctx) error {
	start := time.Now()
	ctx := s.begin(c)
	call := callOf(ctx)
	c.Set(fiber.HeaderXRequestID, call.id)
	err := c.Next()
	route := c.Route().Path
	var refused *fiber.Error
	if errors.As(err, &refused) {
		route = "-" // no route: what a stranger typed is no label
	}
	if err != nil {
		if err := s.fail(c, err); err != nil {
			return err
		}
	}
	status, took := c.Response().StatusCode(), time.Since(start)
	s.meters.requests.WithLabelValues(c.Method(), route, strconv.Itoa(status)).Observe(took.Seconds())
	s.log.InfoContext(ctx, "request", "method", c.Method(), "route", route, "status", status,
		"ms", took.Milliseconds(), "request", call.id, "ip", call.ip, "user", call.user.ID)
	return nil
}

// rescue turns a panic into an error.
func (s *Site) rescue(c *fiber.Ctx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &panicError{value: r, stack: string(debug.Stack())}
		}
	}()
	return c.Next()
}

// guard sets the headers that protect a page and refuses other sites.
func (s *Site) guard(c *fiber.Ctx) error {
	s.protect(c)
	if !s.ours(c) {
		return errForged
	}
	return c.Next()
}

// policy lets a page load what is ours and nothing else.
const policy = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; " +
	"form-action 'self'; img-src 'self' data: blob:; connect-src 'self'"

func (s *Site) protect(c *fiber.Ctx) {
	c.Set(fiber.HeaderContentSecurityPolicy, policy)
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderReferrerPolicy, "same-origin") // no-referrer would make Origin null
	c.Set(fiber.HeaderXFrameOptions, "DENY")
	if s.Options.Production {
		c.Set(fiber.HeaderStrictTransportSecurity, "max-age=31536000; includeSubDomains")
	}
	if strings.HasPrefix(c.Path(), "/api/") {
		c.Set(fiber.HeaderCacheControl, "no-store")
	}
}

// ours reports whether no other site is behind the request: its Origin is
// ours when it has one, and nothing is changed from elsewhere.
func (s *Site) ours(c *fiber.Ctx) bool {
	if origin := c.Get(fiber.HeaderOrigin); origin != "" && !s.isOrigin(c, origin) {
		return false
	}
	switch c.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return true
	}
	return !unsafe(c)
}

func (s *Site) isOrigin(c *fiber.Ctx, origin string) bool {
	if s.origin != "" && strings.EqualFold(origin, s.origin) {
		return true
	}
	if s.Options.Production && s.origin != "" {
		return false
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, c.Hostname())
}

func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// unsafe reports whether a request may change something.
func unsafe(c *fiber.Ctx) bool {
	switch c.Method() {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodOptions:
		return false
	}
	return true
}

// limit bounds the size and the time of a request. The server itself reads
// no more than an upload may have.
func (s *Site) limit(c *fiber.Ctx) error {
	if e := c.Get(fiber.HeaderContentEncoding); e != "" && e != "identity" {
		return errEncoded // would be unpacked without limit
	}
	if pushed(c.Path()) {
		return pushTime(c)
	}
	uploads := strings.HasSuffix(c.Path(), "/attachments")
	most := maxBody
	switch {
	case c.Path() == ordersUpload:
		most = maxOrders
	case c.Path() == importUpload:
		most = maxArticles
	case uploads:
		most = maxUpload
	}
	if len(c.Request().Body()) > most {
		return fiber.ErrRequestEntityTooLarge
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), within(c.Path(), unsafe(c)))
	defer cancel()
	c.SetUserContext(ctx)
	return c.Next()
}

// within is the time of a request by its path, and whether it changes something.
func within(path string, changes bool) time.Duration {
	switch {
	case strings.HasPrefix(path, ordersUploads):
		return importWithin
	case strings.HasSuffix(path, "/attachments"):
		return uploadWithin
	case changes && (strings.HasPrefix(path, "/desk/knowledge/") || strings.HasPrefix(path, "/api/v1/knowledge/")):
		return judgeWithin
	case changes:
		return writeWithin
	case strings.HasPrefix(path, "/api/v1/ledger"), strings.HasPrefix(path, "/desk/ledger"):
		return exportWithin
	}
	return readingTime
}

// address is who is asking: the socket, or whom a trusted proxy speaks for.
// What stands left of the last stranger was written by that stranger.
func (s *Site) address(c *fiber.Ctx) string {
	peer, ok := netip.AddrFromSlice(c.Context().RemoteIP())
	if !ok {
		return ""
	}
	peer = peer.Unmap()
	hops := strings.Split(c.Get(fiber.HeaderXForwardedFor), ",")
	for i := len(hops) - 1; i >= 0 && s.trusts(peer); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		peer = hop.Unmap()
	}
	return peer.String()
}

func (s *Site) trusts(a netip.Addr) bool {
	for _, p := range s.proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
