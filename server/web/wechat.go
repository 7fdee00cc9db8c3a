package web

import (
	"bytes"
	"context"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"quandesk/channels/wechat"
)

const (
	wechatPrefix = "/wechat/"
	maxPush      = 256 << 10
	// pushWithin is longer than WeChat waits: nothing is cut off half-way.
	pushWithin = 20 * time.Second
)

// wechatPushes are the addresses WeChat calls: one an account, GET and POST
// and nothing else (Get would add HEAD).
func (s *Site) wechatPushes(app fiber.Router) {
	if s.Wechat == nil {
		return
	}
	app.Add(fiber.MethodGet, "/wechat/:account", s.verifyPush)
	app.Add(fiber.MethodPost, "/wechat/:account", s.takePush)
	s.myRoutes(app)
}

func (s *Site) verifyPush(c *fiber.Ctx) error {
	return sendPush(c, s.Wechat.Verify(c.UserContext(), pushOf(c)))
}

func (s *Site) takePush(c *fiber.Ctx) error {
	return sendPush(c, s.Wechat.Receive(c.UserContext(), pushOf(c)))
}

// pushOf copies what it takes: the buffers of the server are used for the
// next request while an answer is still on its way.
func pushOf(c *fiber.Ctx) wechat.Request {
	q := func(name string) string { return strings.Clone(c.Query(name)) }
	return wechat.Request{
		Account: strings.Clone(c.Params("account")), Body: bytes.Clone(c.Request().Body()), At: time.Now(),
		Query: wechat.Query{
			Signature: q("signature"), MsgSignature: q("msg_signature"), Timestamp: q("timestamp"),
			Nonce: q("nonce"), EncryptType: q("encrypt_type"), Echo: q("echostr"),
		},
	}
}

func sendPush(c *fiber.Ctx, r wechat.Response) error {
	c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8)
	if r.XML {
		c.Set(fiber.HeaderContentType, fiber.MIMETextXMLCharsetUTF8)
	}
	return c.Status(r.Status).Send(r.Body)
}

// pushed reports whether an address is one WeChat calls.
func pushed(path string) bool {
	name, ok := strings.CutPrefix(path, wechatPrefix)
	return ok && !strings.Contains(name, "/")
}

// pushLimit refuses a large push before it is read.
func pushLimit(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
	path, _, _ := strings.Cut(string(h.RequestURI()), "?")
	if pushed(path) {
		return fasthttp.RequestConfig{MaxRequestBodySize: maxPush}
	}
	return fasthttp.RequestConfig{}
}

// pushTime gives a push its own time: it may wait for an answer.
func pushTime(c *fiber.Ctx) error {
	if len(c.Request().Body()) > maxPush {
		return fiber.ErrRequestEntityTooLarge
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), pushWithin)
	defer cancel()
	c.SetUserContext(ctx)
	return c.Next()
}
