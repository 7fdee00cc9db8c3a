package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSigningInGivesACookieAndAToken(t *testing.T) {
	h := openHouse(t)
	a := h.send("POST", "/api/v1/login", "", map[string]string{"username": "agent", "password": password}).is(200)
	user := a.json()["user"].(map[string]any)
	require.Equal(t, "林晓雨", user["name"])
	require.Equal(t, "坐席", user["role_name"])
	cookie := a.Cookies()[0]
	require.Equal(t, "session", cookie.Name)
	require.True(t, cookie.HttpOnly)
	require.Equal(t, http.SameSiteLaxMode, cookie.SameSite)
	require.Equal(t, a.json()["token"], cookie.Value)
	require.NotContains(t, a.text, "password")
}

func TestTheCookieBelongsToTheHostInProduction(t *testing.T) {
	h := openHouse(t, func(p *Parts) { p.Options.Production = true })
	a := h.send("POST", "/api/v1/login", "", map[string]string{"username": "agent", "password": password}).is(200)
	cookie := a.Cookies()[0]
	require.Equal(t, "__Host-session", cookie.Name)
	require.True(t, cookie.Secure)
	require.Equal(t, "/", cookie.Path)
	require.Empty(t, cookie.Domain)
	require.NotEmpty(t, a.Header.Get("Strict-Transport-Security"))
}

func TestAWrongLoginDoesNotSayWhatWasWrong(t *testing.T) {
	h := openHouse(t)
	var bodies []string
	for _, name := range []string{"agent", "nobody"} {
		a := h.send("POST", "/api/v1/login", "", map[string]string{"username": name, "password": "wrong"}).is(401)
		bodies = append(bodies, a.says())
	}
	require.Equal(t, bodies[0], bodies[1])
	for range 4 {
		h.send("POST", "/api/v1/login", "", map[string]string{"username": "agent", "password": "wrong"}).is(401)
	}
	a := h.send("POST", "/api/v1/login", "", map[string]string{"username": "agent", "password": password}).is(423)
	require.Equal(t, "密码多次输入有误，账号已暂时锁定，请十五分钟后再试。", a.says())
}

func TestAfterLogoutTheTokenOpensNothing(t *testing.T) {
	h := openHouse(t)
	token := h.as("agent")
	h.send("GET", "/api/v1/me", token, nil).is(200)
	h.send("POST", "/api/v1/logout", token, nil).is(204)
	h.send("GET", "/api/v1/me", token, nil).is(401)
}

// browse sends a request as a browser with a session does.
func (h *house) browse(method, path, body string, headers ...header) answer {
	h.t.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	req.AddCookie(&http.Cookie{Name: "session", Value: h.as("agent")})
	req.Header.Set("Content-Type", "application/json")
	for _, x := range headers {
		req.Header.Set(x.name, x.value)
	}
	return h.do(req)
}

func TestWhatACookieChangesNeedsTheTokenOfThePage(t *testing.T) {
	h := openHouse(t)
	no := h.register("agent", nil)
	path := "/api/v1/tickets/" + no + "/note"
	csrf := header{"X-CSRF-Token", h.csrf["agent"]}
	h.browse("POST", path, `{"note":"一"}`).is(403)
	h.browse("POST", path, `{"note":"一"}`, header{"X-CSRF-Token", "wrong"}).is(403)
	h.browse("POST", path, `{"note":"一"}`, csrf, header{"Origin", "https://evil.example"}).is(403)
	h.browse("POST", path, `{"note":"一"}`, csrf, header{"Origin", "null"}).is(403)
	h.browse("POST", path, `{"note":"一"}`, csrf, header{"Sec-Fetch-Site", "same-site"}).is(403)
	h.browse("POST", path, `{"note":"一"}`, csrf, header{"Origin", "http://example.com"}, header{"Sec-Fetch-Site", "same-origin"}).is(200)
	h.browse("GET", "/api/v1/tickets/"+no, "").is(200)
}

func TestOnlyThePublicAddressIsOursInProduction(t *testing.T) {
	h := openHouse(t, func(p *Parts) {
		p.Options.Production, p.Options.PublicURL = true, "https://fuwu.example.cn/"
	})
	login := map[string]string{"username": "agent", "password": password}
	h.send("POST", "/api/v1/login", "", login, header{"Origin", "http://example.com"}).is(403) // the Host header is the attacker's
	h.send("POST", "/api/v1/login", "", login, header{"Origin", "https://fuwu.example.cn"}).is(200)
}

func TestSomebodyWhoHasToSignInIsLedThere(t *testing.T) {
	h := openHouse(t)
	for _, route := range h.app.GetRoutes(true) {
		if route.Method != "GET" || route.Path != "/people-only" && route.Path != "/desk" {
			continue
		}
		a := h.send("GET", route.Path, "", nil).is(302)
		require.True(t, strings.HasPrefix(a.Header.Get("Location"), "/login?next=%2F"))
		part := h.send("GET", route.Path, "", nil, header{"HX-Request", "true"}).is(401)
		require.Equal(t, "/login", part.Header.Get("HX-Redirect"))
	}
	a := h.send("GET", "/api/v1/tickets", "", nil).is(401)
	require.Equal(t, "请先登录。", a.says())
}

func TestHeadersOfProxiesAreNoLogin(t *testing.T) {
	h := openHouse(t)
	for _, name := range []string{"X-Remote-User", "Remote-User", "X-Forwarded-User"} {
		h.send("GET", "/api/v1/me", "", nil, header{name, "supervisor"}).is(401)
	}
}

func TestATokenInTheAddressIsRefused(t *testing.T) {
	h := openHouse(t)
	token, _ := h.visit()
	a := h.send("GET", "/api/v1/webchat/messages?token="+token, "", nil).is(400)
	require.Equal(t, "token_in_address", a.code())
}

func TestAVisitorIsTiedToTheOriginAndTheToken(t *testing.T) {
	h := openHouse(t)
	token, _ := h.visit()
	h.send("GET", "/api/v1/webchat/messages", token, nil, header{"Origin", "https://evil.example"}).is(403)
	h.send("GET", "/api/v1/webchat/events", token, nil, header{"Origin", "https://evil.example"}).is(403)
	h.send("GET", "/api/v1/webchat/messages", strings.Repeat("A", 43), nil).is(401)

	req := httptest.NewRequest("POST", "/api/v1/webchat/messages", strings.NewReader(`{"client_id":"1","text":"你好"}`))
	req.AddCookie(&http.Cookie{Name: "visitor", Value: token})
	req.Header.Set("Content-Type", "application/json")
	h.do(req.Clone(t.Context())).is(403)
	req = httptest.NewRequest("POST", "/api/v1/webchat/messages", strings.NewReader(`{"client_id":"1","text":"你好"}`))
	req.AddCookie(&http.Cookie{Name: "visitor", Value: token})
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-CSRF-Token", derivedCSRF(token))
	h.do(req).is(202)
}
