package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"quandesk/channels"
	"quandesk/server/auth"
	"quandesk/tickets"
)

// Names of what browsers send along.
const (
	staffCookie   = "session"
	visitorCookie = "visitor"
	csrfHeader    = "X-CSRF-Token"
	csrfField     = "_csrf"
	// backgroundHeader marks what a page asks on its own: it does not keep
	// a session alive (T41).
	backgroundHeader = "X-Background"
)

// cookieName binds a cookie to this very host in production.
func (s *Site) cookieName(name string) string {
	if s.Options.Production {
		return "__Host-" + name
	}
	return name
}

func (s *Site) setCookie(c *fiber.Ctx, name, value string, expires time.Time) {
	c.Cookie(&fiber.Cookie{
		Name: s.cookieName(name), Value: value, Path: "/", Expires: expires,
		HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode, Secure: s.Options.Production,
	})
}

func (s *Site) dropCookie(c *fiber.Ctx, name string) {
	s.setCookie(c, name, "", time.Unix(1, 0))
}

// bearer is the token of the Authorization header.
func bearer(c *fiber.Ctx) string {
	scheme, token, ok := strings.Cut(c.Get(fiber.HeaderAuthorization), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// signIn checks name and password and gives the browser its cookie.
func (s *Site) signIn(c *fiber.Ctx, username, password string) error {
	call := callOf(s.begin(c))
	token, session, user, err := s.Gate.Login(c.UserContext(), username, password, call.ip, call.id)
	if err != nil {
		return err
	}
	call.token, call.cookie, call.session, call.user = token, true, session, user
	s.setCookie(c, staffCookie, token, time.Time{})
	return nil
}

// signOut ends the session and takes the cookie back.
func (s *Site) signOut(c *fiber.Ctx) error {
	call := callOf(s.begin(c))
	if call.token != "" {
		if err := s.Gate.Logout(c.UserContext(), call.token, call.ip, call.id); err != nil {
			return err
		}
	}
	s.dropCookie(c, staffCookie)
	return nil
}

// recognise finds out who asks. auth.ErrSession when nobody is signed in.
func (s *Site) recognise(c *fiber.Ctx) error {
	call := callOf(s.begin(c))
	call.token = bearer(c)
	if call.token == "" {
		call.token, call.cookie = c.Cookies(s.cookieName(staffCookie)), true
	}
	if call.token == "" {
		return auth.ErrSession
	}
	if strings.HasPrefix(call.token, auth.KeyPrefix) && !call.cookie {
		if !strings.HasPrefix(c.Path(), apiPrefix+"/") {
			return auth.ErrSession // keys open the API and no page
		}
		var err error
		call.user, err = s.Keys.Open(c.UserContext(), call.token)
		return err
	}
	find := s.Gate.Session
	if c.Get(backgroundHeader) != "" {
		find = s.Gate.Peek
	}
	var err error
	call.session, call.user, err = find(c.UserContext(), call.token)
	return err
}

// admit lets a person in who may do the action; "" stands for everybody who
// is signed in. A form sent with a cookie has to carry its token.
func (s *Site) admit(c *fiber.Ctx, action auth.Action) error {
	if err := s.recognise(c); err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	call := callOf(c.UserContext())
	if (action != "" || call.user.Role == auth.RoleProgram) && !call.user.Can(action) {
		return errRight
	}
	if call.cookie && unsafe(c) && !call.session.Genuine(sentCSRF(c)) {
		return errForged
	}
	return nil
}

// requireUser lets those in who may do the action. Somebody who only has to
// sign in is led there.
func (s *Site) requireUser(action auth.Action) fiber.Handler {
	return func(c *fiber.Ctx) error {
		err := s.admit(c, action)
		if errors.Is(err, auth.ErrSession) && forPeople(c) {
			return s.leadToLogin(c, err)
		}
		if err != nil {
			return err
		}
		return c.Next()
	}
}

func (s *Site) leadToLogin(c *fiber.Ctx, err error) error {
	const login = "/login"
	switch {
	case c.Get("HX-Request") != "":
		c.Set("HX-Redirect", login)
		return err
	case c.Method() == fiber.MethodGet && !strings.EqualFold(c.Get(fiber.HeaderUpgrade), "websocket"):
		return c.Redirect(login + "?next=" + url.QueryEscape(c.Path()))
	}
	return err
}

// sentCSRF is the token a form or a script sent.
func sentCSRF(c *fiber.Ctx) string {
	if t := c.Get(csrfHeader); t != "" {
		return t
	}
	switch t, _, _ := strings.Cut(c.Get(fiber.HeaderContentType), ";"); t {
	case fiber.MIMEApplicationForm, fiber.MIMEMultipartForm:
		return c.FormValue(csrfField)
	}
	return ""
}

// csrf is what a form of this page has to send: of the session of staff, or
// of the resident's cookie where nobody is signed in.
func (s *Site) csrf(c *fiber.Ctx) string {
	if session := callOf(c.UserContext()).session; session.CSRF != "" {
		return session.CSRF
	}
	return derivedCSRF(s.visitorToken(c))
}

// derivedCSRF makes a form token of a cookie; it tells nothing about it.
func derivedCSRF(token string) string {
	if token == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("csrf:" + token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func sameToken(a, b string) bool {
	return a != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

// user is who is signed in.
func (s *Site) user(c *fiber.Ctx) auth.User { return callOf(c.UserContext()).user }

// actor is who is signed in, as events remember them.
func (s *Site) actor(c *fiber.Ctx) tickets.Actor { return callOf(c.UserContext()).actor() }

// scope is which tickets the person may see.
func (s *Site) scope(c *fiber.Ctx) tickets.Scope { return s.user(c).Scope() }

// inboxScope is which conversations the person may see.
func (s *Site) inboxScope(c *fiber.Ctx) channels.Scope { return inboxScope(s.user(c)) }

func (c *call) actor() tickets.Actor { return c.user.Actor(c.ip, c.id) }

// change is a move this person asks for.
func (c *call) change(no string, version int64) tickets.Change {
	return tickets.Change{By: c.actor(), Scope: c.user.Scope(), No: no, Version: version}
}

func (c *call) staff() channels.Staff { return channels.Staff{ID: c.user.ID, Name: c.user.Name} }

func inboxScope(u auth.User) channels.Scope {
	sc := u.Scope()
	return channels.Scope{All: sc.All, Department: sc.Department, UserID: sc.UserID, Secrets: sc.Secrets}
}
