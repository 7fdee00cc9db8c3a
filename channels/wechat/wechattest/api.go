// Package wechattest plays WeChat for tests: the API that an account calls,
// and the server that pushes what residents do.
package wechattest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// App is an official account as WeChat knows it.
type App struct {
	AppID, Secret string
	NoMenu        bool // msgmenu: 40200, as on test accounts
	Unverified    bool // custom send: 48001
}

// Call is one request to the API.
type Call struct {
	Path  string
	Query map[string]string
	Body  string
	AppID string // of the token
	At    time.Time
}

// Sent is a customer-service message that was taken.
type Sent struct {
	AppID, OpenID, Type, Text string
	AI                        bool
	Body                      map[string]any
}

// Force makes the API answer otherwise for a while.
type Force struct {
	Code   int
	Msg    string
	Status int           // of HTTP, when not 200
	Body   string        // instead of an answer
	Cut    bool          // break off without a word
	Hang   chan struct{} // say nothing until this is closed
	Done   bool          // with Cut and Hang: it is done all the same
	Times  int           // how often; 0 means until Forget
}

// API is the server that plays api.weixin.qq.com. Quotas, lengths and tokens
// are as documented; every request is recorded.
type API struct {
	*httptest.Server
	Now     func() time.Time
	Expires int // expires_in of tokens

	mu      sync.Mutex
	apps    map[string]App
	tokens  map[string]issued
	current map[string]string
	serial  int
	quotas  map[string]*quota
	forced  map[string]*Force
	calls   []Call
	sent    []Sent
	free    bool // quotas are not looked at
	media   map[string][]byte
	menus   map[string]json.RawMessage
	reached chan string
	wrong   []string // requests that break the documented form
}

type issued struct {
	appID string
	until time.Time
}

type quota struct {
	left  int
	until time.Time
}

// NewAPI starts the server; close it.
func NewAPI(apps ...App) *API {
	a := &API{Now: time.Now, Expires: 7200, apps: map[string]App{}, tokens: map[string]issued{}, current: map[string]string{},
		quotas: map[string]*quota{}, forced: map[string]*Force{}, media: map[string][]byte{},
		menus: map[string]json.RawMessage{}, reached: make(chan string, 4096)}
	for _, app := range apps {
		a.apps[app.AppID] = app
	}
	a.Server = httptest.NewServer(a)
	return a
}

// Reached gets the path of every call that arrived.
func (a *API) Reached() <-chan string { return a.reached }

// Calls returns the requests to a path, or all.
func (a *API) Calls(path string) []Call {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(a.calls), func(c Call) bool { return path != "" && c.Path != path })
}

// Sent returns the customer-service messages that were taken, in order.
func (a *API) Sent() []Sent {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.sent)
}

// Wrong returns what was found to break the documented form.
func (a *API) Wrong() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.wrong)
}

// Force makes a path answer otherwise.
func (a *API) Force(path string, f Force) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.forced[path] = &f
}

// Forget ends a Force.
func (a *API) Forget(path string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.forced, path)
}

// Free takes quotas out of force.
func (a *API) Free() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.free = true
}

// Trigger is what a resident did: message, click, follow or scan.
func (a *API) Trigger(appID, openid, what string) {
	n, life := 3, time.Minute
	if what == "message" {
		n, life = 5, 48*time.Hour
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	q := a.quotas[appID+" "+openid]
	if q == nil || !a.Now().Before(q.until) {
		q = &quota{}
		a.quotas[appID+" "+openid] = q
	}
	q.left = max(q.left, n)
	if until := a.Now().Add(life); until.After(q.until) {
		q.until = until
	}
}

// Revoke makes every token invalid, as somebody's force_refresh does.
func (a *API) Revoke() {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.tokens)
	clear(a.current)
}

// Fetches counts how often a token was asked for.
func (a *API) Fetches() int { return len(a.Calls("/cgi-bin/stable_token")) }

// PutMedia makes a file that a resident sent.
func (a *API) PutMedia(id string, data []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.media[id] = data
}

// Menu is the menu an account published last.
func (a *API) Menu(appID string) json.RawMessage {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.menus[appID]
}

type answer map[string]any

func failure(code int, msg string) answer {
	return answer{"errcode": code, "errmsg": msg + " rid: 6523c1a4-0f3b2c1d-5e6f7a8b"}
}

var ok = answer{"errcode": 0, "errmsg": "ok"}

// ServeHTTP implements http.Handler.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 20<<20))
	if err != nil {
		return
	}
	call := Call{Path: r.URL.Path, Query: map[string]string{}, Body: string(body), At: a.Now()}
	for k, v := range r.URL.Query() {
		call.Query[k] = v[0]
	}
	force, said := a.handle(r, &call)
	select {
	case a.reached <- call.Path:
	default:
	}
	switch {
	case force != nil && force.Hang != nil:
		select {
		case <-force.Hang:
		case <-r.Context().Done():
		}
		return
	case force != nil && force.Cut:
		panic(http.ErrAbortHandler)
	case force != nil && force.Status != 0:
		w.WriteHeader(force.Status)
		return
	case force != nil && force.Body != "":
		_, _ = io.WriteString(w, force.Body)
		return
	}
	if raw, isFile := said.([]byte); isFile {
		_, _ = w.Write(raw)
		return
	}
	w.Header().Set("Content-Type", "application/json; encoding=utf-8")
	_ = json.NewEncoder(w).Encode(said)
}

func (a *API) handle(r *http.Request, call *Call) (*Force, any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if t, known := a.tokens[call.Query["access_token"]]; known {
		call.AppID = t.appID
	}
	a.calls = append(a.calls, *call)
	f := a.forced[call.Path]
	if f != nil && f.Times > 0 {
		if f.Times--; f.Times == 0 {
			delete(a.forced, call.Path)
		}
	}
	if f != nil && f.Code != 0 {
		return nil, failure(f.Code, f.Msg)
	}
	if f != nil && !f.Done {
		return f, nil
	}
	return f, a.do(r, call)
}

// do answers a call. The lock is held.
func (a *API) do(r *http.Request, c *Call) any {
	if c.Path == "/cgi-bin/stable_token" {
		return a.stableToken(r, c)
	}
	if strings.HasPrefix(c.Path, "/sns/") {
		return a.oauth(c)
	}
	t, known := a.tokens[c.Query["access_token"]]
	switch {
	case !known:
		return failure(40001, "invalid credential, access_token is invalid or not latest")
	case !a.Now().Before(t.until):
		return failure(42001, "access_token expired")
	}
	var in map[string]any
	if strings.HasPrefix(c.Body, "{") {
		if err := json.Unmarshal([]byte(c.Body), &in); err != nil {
			return failure(47001, "data format error")
		}
	}
	switch c.Path {
	case "/cgi-bin/message/custom/send":
		return a.customSend(t.appID, in)
	case "/cgi-bin/message/custom/typing":
		return a.typing(t.appID, in)
	case "/cgi-bin/message/template/send":
		return a.template(in)
	case "/cgi-bin/message/subscribe/bizsend":
		a.checkFields(in)
		return ok
	case "/cgi-bin/menu/create":
		return a.createMenu(t.appID, c.Body, in)
	case "/cgi-bin/menu/get", "/cgi-bin/get_current_selfmenu_info":
		return answer{"menu": a.menus[t.appID]}
	case "/cgi-bin/qrcode/create":
		return a.qr(in)
	case "/cgi-bin/media/upload":
		return a.upload(r, c)
	case "/cgi-bin/media/get":
		return a.download(c)
	case "/cgi-bin/ticket/getticket":
		return answer{"errcode": 0, "errmsg": "ok", "ticket": "jsapi-" + t.appID, "expires_in": 7200}
	case "/cgi-bin/openapi/quota/get":
		return answer{"errcode": 0, "errmsg": "ok", "quota": answer{"daily_limit": 500000, "used": 12, "remain": 499988}}
	case "/cgi-bin/template/get_all_private_template":
		return answer{"template_list": []any{}}
	case "/cgi-bin/callback/check":
		return answer{"dns": []any{answer{"ip": "203.0.113.9", "real_operator": "UNICOM"}},
			"ping": []any{answer{"ip": "203.0.113.9", "from_operator": "UNICOM", "package_loss": "0%", "time": "23.079ms"}}}
	case "/cgi-bin/clear_quota", "/cgi-bin/getcallbackip", "/cgi-bin/get_api_domain_ip":
		return ok
	}
	return failure(40066, "invalid url")
}

func (a *API) stableToken(r *http.Request, c *Call) any {
	var in struct {
		Grant  string `json:"grant_type"`
		AppID  string `json:"appid"`
		Secret string `json:"secret"`
		Force  bool   `json:"force_refresh"`
	}
	if r.Method != http.MethodPost || json.Unmarshal([]byte(c.Body), &in) != nil || in.Grant != "client_credential" {
		return failure(47001, "data format error")
	}
	app, known := a.apps[in.AppID]
	if !known {
		return failure(40013, "invalid appid")
	}
	if app.Secret != in.Secret {
		return failure(40125, "invalid appsecret, view more at http://t.cn/RAEkdVq")
	}
	now := a.Now()
	token := a.current[in.AppID]
	if t, known := a.tokens[token]; !known || in.Force || !now.Before(t.until.Add(-early(a.Expires))) {
		delete(a.tokens, token)
		a.serial++
		token = fmt.Sprintf("token-%s-%d", in.AppID, a.serial)
		a.current[in.AppID] = token
		a.tokens[token] = issued{in.AppID, now.Add(time.Duration(a.Expires) * time.Second)}
	}
	return answer{"access_token": token, "expires_in": int(a.tokens[token].until.Sub(now).Seconds())}
}

// early is how much before its end a token is replaced.
func early(expires int) time.Duration {
	return min(5*time.Minute, time.Duration(expires)*time.Second/10)
}

func (a *API) customSend(appID string, in map[string]any) any {
	kind, _ := in["msgtype"].(string)
	openid, _ := in["touser"].(string)
	part, _ := in[kind].(map[string]any)
	text, _ := part["content"].(string)
	_, ai := in["aimsgcontext"]
	switch {
	case a.apps[appID].Unverified:
		return failure(48001, "api unauthorized")
	case !strings.HasPrefix(openid, "o"):
		return failure(40003, "invalid openid")
	case part == nil:
		return failure(40008, "invalid message type")
	case len(text) > 2048:
		return failure(45002, "content size out of limit")
	case kind == "msgmenu" && a.apps[appID].NoMenu:
		return failure(40200, "invalid account type")
	}
	if said := a.spend(appID, openid); said != nil {
		return said
	}
	if !utf8.ValidString(text) || kind == "text" && text == "" {
		a.wrong = append(a.wrong, "text "+text)
	}
	if kind == "msgmenu" {
		a.checkMenuIDs(part)
	}
	a.sent = append(a.sent, Sent{AppID: appID, OpenID: openid, Type: kind, Text: text, AI: ai, Body: in})
	return ok
}

func (a *API) spend(appID, openid string) any {
	if a.free {
		return nil
	}
	q := a.quotas[appID+" "+openid]
	switch {
	case q == nil || !a.Now().Before(q.until):
		return failure(45015, "response out of time limit or subscription is canceled")
	case q.left == 0:
		return failure(45047, "out of response count limit")
	}
	q.left--
	return nil
}

// checkMenuIDs: letters in ids are lost on the way back.
func (a *API) checkMenuIDs(part map[string]any) {
	list, _ := part["list"].([]any)
	for _, x := range list {
		item, _ := x.(map[string]any)
		id, _ := item["id"].(string)
		if id == "" || strings.Trim(id, "0123456789") != "" {
			a.wrong = append(a.wrong, "msgmenu id "+id)
		}
	}
}

func (a *API) typing(appID string, in map[string]any) any {
	openid, _ := in["touser"].(string)
	q := a.quotas[appID+" "+openid]
	switch {
	case in["command"] != "Typing" && in["command"] != "CancelTyping":
		return failure(45072, "command field must be in [Typing, CancelTyping]")
	case !a.free && (q == nil || !a.Now().Before(q.until)):
		return failure(45080, "no message in 30 seconds")
	}
	return ok
}

func (a *API) template(in map[string]any) any {
	a.checkFields(in)
	a.serial++
	return answer{"errcode": 0, "errmsg": "ok", "msgid": 200000 + a.serial}
}

// checkFields: longer fields are cut without a word, so nobody may send them.
func (a *API) checkFields(in map[string]any) {
	data, _ := in["data"].(map[string]any)
	for name, x := range data {
		field, _ := x.(map[string]any)
		value, _ := field["value"].(string)
		if utf8.RuneCountInString(value) > 20 || strings.ContainsAny(value, "\r\n") || name == "first" || name == "remark" {
			a.wrong = append(a.wrong, "field "+name)
		}
	}
}

func (a *API) createMenu(appID, body string, in map[string]any) any {
	buttons, _ := in["button"].([]any)
	if len(buttons) < 1 || len(buttons) > 3 {
		return failure(40017, "invalid button type")
	}
	for _, x := range buttons {
		b, _ := x.(map[string]any)
		name, _ := b["name"].(string)
		subs, _ := b["sub_button"].([]any)
		if name == "" || len(name) > 16 {
			return failure(40018, "invalid button name size")
		}
		if len(subs) > 5 {
			return failure(40023, "invalid sub button size")
		}
	}
	a.menus[appID] = json.RawMessage(body)
	return ok
}

func (a *API) qr(in map[string]any) any {
	a.serial++
	out := answer{"ticket": fmt.Sprintf("gQticket%d==", a.serial), "url": fmt.Sprintf("http://weixin.qq.com/q/%d", a.serial)}
	if s, temporary := in["expire_seconds"]; temporary {
		out["expire_seconds"] = s
	}
	return out
}

func (a *API) upload(r *http.Request, c *Call) any {
	r.Body = io.NopCloser(strings.NewReader(c.Body))
	f, _, err := r.FormFile("media")
	if err != nil {
		return failure(41005, "media data missing")
	}
	data, err := io.ReadAll(f)
	if err != nil {
		return failure(41005, "media data missing")
	}
	a.serial++
	id := fmt.Sprintf("media-%d", a.serial)
	a.media[id] = data
	return answer{"type": c.Query["type"], "media_id": id, "created_at": a.Now().Unix()}
}

func (a *API) download(c *Call) any {
	data, known := a.media[c.Query["media_id"]]
	if !known {
		return failure(40007, "invalid media_id")
	}
	return data
}

func (a *API) oauth(c *Call) any {
	app, known := a.apps[c.Query["appid"]]
	switch {
	case !known || app.Secret != c.Query["secret"]:
		return failure(40125, "invalid appsecret")
	case !strings.HasPrefix(c.Query["code"], "code-"):
		return failure(40029, "invalid code")
	}
	openid := strings.TrimPrefix(c.Query["code"], "code-")
	out := answer{"access_token": "user-token", "expires_in": 7200, "openid": openid, "scope": "snsapi_base"}
	if strings.HasPrefix(openid, "snapshot") {
		out["is_snapshotuser"] = 1
	}
	return out
}
