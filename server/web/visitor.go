package web

import (
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"

	"quandesk/channels"
	"quandesk/channels/webchat"
)

// visitorToken is what a resident's browser or program sent.
func (s *Site) visitorToken(c *fiber.Ctx) string {
	if t := callOf(c.UserContext()).guest; t != "" {
		return t
	}
	if t := bearer(c); t != "" {
		return t
	}
	return c.Cookies(s.cookieName(visitorCookie))
}

// visitor is the resident who asks. webchat.ErrVisitor when there is none;
// what is sent with a cookie has to carry the token of the page.
func (s *Site) visitor(c *fiber.Ctx) (channels.Visitor, error) {
	if c.Query("token") != "" || c.Query("access_token") != "" {
		return channels.Visitor{}, errToken
	}
	token := s.visitorToken(c)
	v, err := s.Chat.Visitor(c.UserContext(), token)
	if err != nil {
		return channels.Visitor{}, err
	}
	if bearer(c) == "" && unsafe(c) && !sameToken(derivedCSRF(token), sentCSRF(c)) {
		return channels.Visitor{}, errForged
	}
	call := callOf(s.begin(c))
	call.visitor, call.guest = v, token
	return v, nil
}

// startVisitor is the resident of this browser, a new one with a cookie when
// there was none.
func (s *Site) startVisitor(c *fiber.Ctx) (channels.Visitor, error) {
	call := callOf(s.begin(c))
	token := s.visitorToken(c)
	v, err := s.Chat.Visitor(c.UserContext(), token)
	if errors.Is(err, webchat.ErrVisitor) {
		token, v, err = s.Chat.Start(c.UserContext())
	}
	if err != nil {
		return channels.Visitor{}, err
	}
	s.setCookie(c, visitorCookie, token, time.Now().Add(webchat.Life))
	call.visitor, call.guest = v, token
	return v, nil
}
