package web

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"quandesk/channels"
	"quandesk/channels/wechat"
	"quandesk/server/auth"
	"quandesk/tickets"
	"quandesk/tickets/customer"
)

// Visits keep who has opened pages inside WeChat.
type Visits interface {
	PutWechatVisit(ctx context.Context, stateHash []byte, account, page string) error
	// TakeWechatVisit ends a visit, once and within ten minutes.
	TakeWechatVisit(ctx context.Context, stateHash []byte, account string) (page string, err error)
	PutWechatSession(ctx context.Context, tokenHash []byte, account, openid string) error
	WechatSession(ctx context.Context, tokenHash []byte, account string) (conversationID int64, err error)
}

// Bindings are the water accounts residents named.
type Bindings interface {
	BindAccount(ctx context.Context, conversationID int64, no customer.Account) error
	UnbindAccount(ctx context.Context, conversationID int64, no customer.Account) error
	BoundAccounts(ctx context.Context, conversationID int64) ([]customer.Account, error)
}

// My is what the pages work with that residents open inside WeChat.
type My struct {
	Visits   Visits
	Bindings Bindings
	Exchange func(ctx context.Context, a wechat.Account, code string) (openid string, err error)
}

const (
	pageCookie  = "wechat"      // the session
	stateCookie = "wechatstate" // that this browser was sent to WeChat
	pageLife    = 12 * time.Hour
	stateLife   = 10 * time.Minute
)

// openWechat sends a browser to WeChat to say who it is, and takes it in when
// it comes back.
func (s *Site) openWechat(c *fiber.Ctx) error {
	a, ok := s.Wechat.Accounts.ByName(c.Params("account"))
	if !ok {
		return errHidden
	}
	if code := c.Query("code"); code != "" || c.Query("state") != "" {
		return s.enterWechat(c, a, code)
	}
	page := c.Query("page")
	if !slices.Contains(myPages, page) {
		page = ""
	}
	state := rand.Text()
	if err := s.My.Visits.PutWechatVisit(c.UserContext(), hashed(state), a.Name, page); err != nil {
		return err
	}
	s.setCookie(c, stateCookie, state, time.Now().Add(stateLife))
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Redirect(a.AuthorizeURL(s.found(c)+"/wechat/"+a.Name+"/oauth", state), fiber.StatusFound)
}

// found is where people find this site.
func (s *Site) found(c *fiber.Ctx) string {
	if s.origin != "" {
		return s.origin
	}
	return c.Protocol() + "://" + c.Hostname()
}

// enterWechat opens the pages to who came back. The state must be ours, of
// this browser, and fresh; it works once, as the code does.
func (s *Site) enterWechat(c *fiber.Ctx, a wechat.Account, code string) error {
	state := c.Query("state")
	ours := sameToken(c.Cookies(s.cookieName(stateCookie)), state)
	s.dropCookie(c, stateCookie)
	page, err := s.My.Visits.TakeWechatVisit(c.UserContext(), hashed(state), a.Name)
	switch {
	case errors.Is(err, channels.ErrNotFound) || !ours || code == "":
		return errVisit
	case err != nil:
		return err
	}
	openid, err := s.My.Exchange(c.UserContext(), a, code)
	if err != nil {
		return visitError(err)
	}
	token := rand.Text() + rand.Text()
	if err := s.My.Visits.PutWechatSession(c.UserContext(), hashed(token), a.Name, openid); err != nil {
		return err
	}
	s.setCookie(c, pageCookie, token, time.Now().Add(pageLife))
	return c.Redirect(strings.TrimSuffix("/wechat/"+a.Name+"/my/"+page, "/"), fiber.StatusSeeOther)
}

// visitError tells a code that is used up from WeChat being away.
func visitError(err error) error {
	if errors.Is(err, wechat.ErrSnapshot) {
		return err
	}
	if class := wechat.ClassOf(err); class != "" && class != wechat.Busy && class != wechat.Doubtful && class != wechat.Resting {
		return errVisit
	}
	return errors.Join(fiber.ErrServiceUnavailable, err)
}

func hashed(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// me is a resident on a page inside WeChat.
type me struct {
	account      string
	conversation int64
	csrf         string
}

func (m me) scope() tickets.Scope { return tickets.Scope{ConversationID: m.conversation} }

func (m me) change(no string) tickets.Change {
	return tickets.Change{By: tickets.Actor{Kind: tickets.ByCustomer}, No: no, Scope: m.scope()}
}

// mine lets residents who are known in and sends others to WeChat first.
func (s *Site) mine(handle func(*fiber.Ctx, me) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		a, ok := s.Wechat.Accounts.ByName(c.Params("account"))
		if !ok {
			return errHidden
		}
		token := c.Cookies(s.cookieName(pageCookie))
		id, err := s.My.Visits.WechatSession(c.UserContext(), hashed(token), a.Name)
		switch {
		case errors.Is(err, channels.ErrNotFound) && !unsafe(c):
			page := strings.TrimPrefix(strings.TrimPrefix(c.Path(), "/wechat/"+a.Name+"/my"), "/")
			return c.Redirect("/wechat/"+a.Name+"/oauth?page="+url.QueryEscape(page), fiber.StatusFound)
		case errors.Is(err, channels.ErrNotFound):
			return auth.ErrSession
		case err != nil:
			return err
		}
		m := me{account: a.Name, conversation: id, csrf: derivedCSRF(token)}
		if unsafe(c) && !sameToken(m.csrf, sentCSRF(c)) {
			return errForged
		}
		return handle(c, m)
	}
}
