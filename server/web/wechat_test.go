package web

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels"
	"quandesk/channels/wechat"
	"quandesk/channels/wechat/wechattest"
	"quandesk/server/store"
	"quandesk/tickets"
)

var official = wechat.Account{Name: "main", AppID: "wx1", Secret: "s", Token: "secrettoken",
	AESKey: strings.Repeat("A", 43), GhID: "gh_1", Mode: wechat.Safe, Verified: true}

type silence struct{}

func (silence) Push(string, string, int, string, time.Duration)  {}
func (silence) Listen(int64) (news <-chan struct{}, stop func()) { return nil, func() {} }

// wechatIn is the receiving half of one account, and the pages inside WeChat
// on which a code says who somebody is.
func wechatIn(st *store.Store, inbox *channels.Inbox) (*wechat.Receiver, My) {
	r := &wechat.Receiver{Accounts: wechat.NewAccounts(official), Inbox: inbox, Store: st, Ear: silence{},
		Now: time.Now, Meter: silence{}, Log: slog.New(slog.DiscardHandler)}
	exchange := func(_ context.Context, _ wechat.Account, code string) (string, error) {
		openid, ok := strings.CutPrefix(code, "code-of-")
		switch {
		case openid == "nobody":
			return "", wechat.ErrSnapshot
		case !ok:
			return "", &wechat.Error{Class: wechat.UsedCode}
		}
		return openid, nil
	}
	return r, My{Visits: st, Bindings: st, Exchange: exchange}
}

// push makes a signed request to the callback.
func (h *house) wechatPush(method, path string, body []byte) answer {
	h.t.Helper()
	p := wechattest.Pusher{Account: official}
	q, sent, err := p.Request(body)
	require.NoError(h.t, err)
	req := httptest.NewRequest(method, path+"?"+q.Encode(), bytes.NewReader(sent))
	req.Header.Set("Content-Type", "text/xml")
	return h.do(req)
}

func TestThePushesOfWeChatComeThroughTheSite(t *testing.T) {
	h := openHouse(t)
	p := wechattest.Pusher{Account: official}
	a := h.wechatPush("POST", "/wechat/main", p.Event("o-1", "subscribe", "")).is(200)
	require.Equal(t, "text/xml; charset=utf-8", a.Header.Get("Content-Type"))
	require.Contains(t, p.JudgeWith(official.AESKey, 200, a.text).Shown, "欢迎关注")

	require.Empty(t, h.send("POST", "/wechat/main?signature=bad&timestamp=1&nonce=2", "", "<xml/>").is(403).text)
	h.send("POST", "/wechat/nobody", "", "<xml/>").is(404)
	for _, method := range []string{"HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"} {
		h.wechatPush(method, "/wechat/main", nil).is(405)
	}
	big := "<xml>" + strings.Repeat("a", maxPush) + "</xml>"
	_, err := h.app.Test(httptest.NewRequest("POST", "/wechat/main", strings.NewReader(big)), -1)
	require.ErrorContains(t, err, "exceeds the given limit", "refused before it is read")

	now, echo := fmt.Sprint(time.Now().Unix()), "<script>\u0001&+ %"
	q := url.Values{"signature": {wechattest.Sign(official.Token, now, "n")}, "timestamp": {now}, "nonce": {"n"}, "echostr": {echo}}
	a = h.do(httptest.NewRequest("GET", "/wechat/main?"+q.Encode(), nil)).is(200)
	require.Equal(t, echo, a.text, "T05, as it came")
	require.Equal(t, "text/plain; charset=utf-8", a.Header.Get("Content-Type"))
	require.Equal(t, "nosniff", a.Header.Get("X-Content-Type-Options"))
}

// phone is the browser inside WeChat of one resident.
type wechatPhone struct {
	*house
	cookies map[string]string
}

func (p *wechatPhone) open(method, path string, form url.Values) answer {
	p.t.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if method == "POST" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range p.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	a := p.do(req)
	for _, c := range a.Cookies() {
		p.cookies[c.Name] = c.Value
	}
	return a
}

// enter goes to WeChat and comes back as who the code says.
func (p *wechatPhone) enter(page, code string) answer {
	p.t.Helper()
	away := p.open("GET", "/wechat/main/oauth?page="+page, nil).is(302)
	to, err := url.Parse(away.Header.Get("Location"))
	require.NoError(p.t, err)
	require.Equal(p.t, "open.weixin.qq.com", to.Host)
	require.Equal(p.t, "wechat_redirect", to.Fragment)
	require.Equal(p.t, "wx1", to.Query().Get("appid"))
	require.Equal(p.t, "snsapi_base", to.Query().Get("scope"))
	return p.open("GET", "/wechat/main/oauth?code="+code+"&state="+to.Query().Get("state"), nil)
}

func (h *house) phone() *wechatPhone { return &wechatPhone{house: h, cookies: map[string]string{}} }

func (p *wechatPhone) csrf() string { return derivedCSRF(p.cookies[pageCookie]) }

func TestPagesInsideWeChatKnowWhoOpensThem(t *testing.T) {
	h := openHouse(t)
	p := h.phone()
	require.Equal(t, "/wechat/main/oauth?page=call", p.open("GET", "/wechat/main/my/call", nil).is(302).Header.Get("Location"))
	require.Equal(t, "/wechat/main/my/account", p.enter("account", "code-of-o-1").is(303).Header.Get("Location"))
	require.Contains(t, p.open("GET", "/wechat/main/my", nil).is(200).text, "还没有工单")

	state := func() string {
		to, _ := url.Parse(p.open("GET", "/wechat/main/oauth", nil).Header.Get("Location"))
		return to.Query().Get("state")
	}
	used := state()
	p.open("GET", "/wechat/main/oauth?code=code-of-o-1&state="+used, nil).is(303)
	p.cookies[stateCookie] = used
	p.open("GET", "/wechat/main/oauth?code=code-of-o-1&state="+used, nil).is(403) // a second time
	theirs := state()
	h.phone().open("GET", "/wechat/main/oauth?code=code-of-o-9&state="+theirs, nil).is(403) // another browser
	p.open("GET", "/wechat/main/oauth?code=stolen&state="+state(), nil).is(403)
	p.open("GET", "/wechat/main/oauth?code=code-of-o-1&state=made-up", nil).is(403)
	p.open("GET", "/wechat/nobody/oauth", nil).is(404)

	snapshot := h.phone()
	require.Contains(t, snapshot.enter("account", "code-of-nobody").is(403).text, "使用完整服务")
	snapshot.open("GET", "/wechat/main/my/account", nil).is(302)

	old := state()
	var later atomic.Int64
	h.store.SetClock(func() time.Time { return time.Now().Add(11*time.Minute + time.Duration(later.Load())) })
	p.open("GET", "/wechat/main/oauth?code=code-of-o-1&state="+old, nil).is(403) // eleven minutes later
	p.open("GET", "/wechat/main/my", nil).is(200)
	later.Store(int64(13 * time.Hour))
	p.open("GET", "/wechat/main/my", nil).is(302)
}

func TestAResidentBindsAnAccountFollowsATicketRatesItAndBooksACall(t *testing.T) {
	h := openHouse(t)
	p, other := h.phone(), h.phone()
	p.enter("", "code-of-o-1").is(303)
	other.enter("", "code-of-o-2").is(303)
	post := func(path string, form url.Values) answer {
		form.Set("_csrf", p.csrf())
		return p.open("POST", "/wechat/main/my"+path, form)
	}

	p.open("POST", "/wechat/main/my/account", url.Values{"account": {"12345678"}}).is(403) // without the page's token
	require.Contains(t, post("/account", url.Values{"account": {"12"}}).is(422).text, "8到12位")
	require.Contains(t, post("/account", url.Values{"account": {"1234 5678"}}).is(200).text, "12345678（待核实）")
	require.NotContains(t, other.open("GET", "/wechat/main/my/account", nil).is(200).text, "12345678")
	require.NotContains(t, post("/account", url.Values{"account": {"12345678"}, "move": {"remove"}}).is(200).text, "待核实")
	for i := range 5 {
		post("/account", url.Values{"account": {fmt.Sprintf("1234567%d", i)}}).is(200)
	}
	require.Contains(t, post("/account", url.Values{"account": {"99999999"}}).is(422).text, "最多绑定五个")

	tomorrow := time.Now().In(tickets.Beijing).AddDate(0, 0, 1).Format(time.DateOnly)
	call := url.Values{"phone": {"123"}, "day": {tomorrow}, "time": {"10:00"}, "note": {"水费"}}
	require.Contains(t, post("/call", call).is(422).text, "水费", "what was typed is kept")
	call.Set("phone", "13812345678")
	call.Set("time", "03:00")
	post("/call", call).is(422) // nobody is called at night
	call.Set("time", "10:00")
	require.Contains(t, post("/call", call).is(200).text, "已预约")
	require.Contains(t, post("/call", call).is(200).text, "已预约", "moved, not doubled")

	mine := p.open("GET", "/wechat/main/my", nil).is(200).text
	require.Equal(t, 1, strings.Count(mine, `class="card"`))
	_, no, _ := strings.Cut(mine, `class="card-no">`)
	no = no[:strings.Index(no, "<")]
	require.Contains(t, p.open("GET", "/wechat/main/my/tickets/"+no, nil).is(200).text, "已登记")
	other.open("GET", "/wechat/main/my/tickets/"+no, nil).is(404)
	require.NotContains(t, other.open("GET", "/wechat/main/my", nil).is(200).text, no)
	post("/tickets/"+no+"/survey", url.Values{"answer": {"1"}}).is(409) // not settled yet
	p.open("GET", "/wechat/main/my/outages", nil).is(200)
}
