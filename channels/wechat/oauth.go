package wechat

import (
	"context"
	"errors"
	"net/http"
	"net/url"
)

// ErrSnapshot is returned for somebody who only looks at a page: WeChat gives
// a made-up openid then, which must never be taken for a person.
var ErrSnapshot = errors.New("wechat: a made-up openid")

const (
	authorizeAddress = "https://open.weixin.qq.com/connect/oauth2/authorize"
	exchangeCall     = "/sns/oauth2/access_token"
)

// AuthorizeURL is where a browser inside WeChat is sent to come back with a
// code: silently, for the openid and nothing else.
func (a Account) AuthorizeURL(back, state string) string {
	q := url.Values{"appid": {a.AppID}, "redirect_uri": {back}, "response_type": {"code"}, "scope": {"snsapi_base"}, "state": {state}}
	return authorizeAddress + "?" + q.Encode() + "#wechat_redirect"
}

// Exchange gives a code for the openid of who opened the page. A code works
// once. ErrSnapshot for a made-up openid.
func (c *Client) Exchange(ctx context.Context, a Account, code string) (openid string, err error) {
	var out struct {
		OpenID   string `json:"openid"`
		Snapshot int    `json:"is_snapshotuser"`
	}
	r := request{method: http.MethodGet, query: url.Values{
		"appid": {a.AppID}, "secret": {a.Secret}, "code": {code}, "grant_type": {"authorization_code"},
	}}
	err = c.answer(ctx, exchangeCall, r, &out)
	c.note(a, exchangeCall, err)
	switch {
	case err != nil:
		return "", err
	case out.Snapshot != 0:
		return "", ErrSnapshot
	case !wellFormed.MatchString(out.OpenID):
		return "", &Error{Call: exchangeCall, Class: OtherError}
	}
	return out.OpenID, nil
}
