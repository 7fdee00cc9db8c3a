package web

import (
	"bytes"
	"image"
	"image/jpeg"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"quandesk/tickets"
)

// browser is a person at a page: it keeps cookies and sends forms.
type browser struct {
	house   *house
	cookies map[string]string
	csrf    string
}

func (h *house) browser() *browser { return &browser{house: h, cookies: map[string]string{}} }

// signedIn is a browser after the login form.
func (h *house) signedIn(username string) *browser { return h.signedInWith(username, password) }

func (h *house) signedInWith(username, secret string) *browser {
	b := h.browser()
	b.post("/login", url.Values{"username": {username}, "password": {secret}, "next": {"/desk"}}).is(303)
	page := b.get("/desk/notices").text
	if m := csrfIn.FindStringSubmatch(page); m != nil {
		b.csrf = m[1]
	}
	return b
}

var csrfIn = regexp.MustCompile(`name="_csrf" value="([^"]+)"`)

func (b *browser) get(path string, headers ...header) answer {
	return b.ask("GET", path, "", nil, headers...)
}

func (b *browser) post(path string, form url.Values, headers ...header) answer {
	form.Set("_csrf", b.csrf)
	return b.ask("POST", path, "application/x-www-form-urlencoded", []byte(form.Encode()), headers...)
}

func (b *browser) ask(method, path, kind string, body []byte, headers ...header) answer {
	b.house.t.Helper()
	req := httptest.NewRequest(method, path, bytes.NewReader(body))
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	for name, value := range b.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	for _, x := range headers {
		req.Header.Set(x.name, x.value)
	}
	a := b.house.do(req)
	for _, c := range a.Cookies() {
		b.cookies[c.Name] = c.Value
	}
	return a
}

var asFragment = header{"HX-Request", "true"}

// resident opens the chat.
func (h *house) resident() *browser {
	b := h.browser()
	b.csrf = csrfIn.FindStringSubmatch(b.get("/").is(200).text)[1]
	return b
}

func TestAResidentWritesWithoutScripts(t *testing.T) {
	h := openHouse(t)
	b := h.resident()
	b.post("/chat/messages", url.Values{"text": {"我要投诉/报修"}}).is(303)
	page := b.get("/").is(200).text
	require.Contains(t, page, `<div class="bubble">我要投诉/报修</div>`)
	require.Contains(t, page, "内容由AI生成，仅供参考。")
	require.NotContains(t, page, "紧急情况", "no emergency number is configured")
}

func TestAMessageSentTwiceIsShownOnce(t *testing.T) {
	h := openHouse(t)
	b := h.resident()
	form := func() url.Values {
		return url.Values{"client_id": {"0b6d5a1e-5f5b-4c86-9d3e-0d0f0e0a0b0c"}, "text": {"水是黄的"}}
	}
	first := b.post("/chat/messages", form(), asFragment).is(200)
	require.Contains(t, first.text, `id="c-0b6d5a1e-5f5b-4c86-9d3e-0d0f0e0a0b0c"`)
	require.Equal(t, first.text, b.post("/chat/messages", form(), asFragment).is(200).text)
	require.Equal(t, 1, strings.Count(b.get("/").text, `<div class="bubble">水是黄的</div>`))
	require.Contains(t, b.get("/chat/messages?after=0", asFragment).is(200).text, "水是黄的")
}

func TestAnEmptyMessageSaysWhyItWasRefused(t *testing.T) {
	h := openHouse(t)
	a := h.resident().post("/chat/messages", url.Values{"text": {" "}}, asFragment).is(422)
	why, err := url.PathUnescape(a.Header.Get("X-Reason"))
	require.NoError(t, err)
	require.Equal(t, "请输入内容后再发送。", why)
}

func TestAResidentSendsAnImageThatNobodyElseSees(t *testing.T) {
	h := openHouse(t)
	b := h.resident()
	var body, picture bytes.Buffer
	require.NoError(t, jpeg.Encode(&picture, image.NewGray(image.Rect(0, 0, 8, 6)), nil))
	w := multipart.NewWriter(&body)
	require.NoError(t, w.WriteField("_csrf", b.csrf))
	require.NoError(t, w.WriteField("client_id", "with-image"))
	part, err := w.CreateFormFile("image", "a.jpg")
	require.NoError(t, err)
	_, err = part.Write(picture.Bytes())
	require.NoError(t, err)
	require.NoError(t, w.Close())
	a := b.ask("POST", "/chat/attachments", w.FormDataContentType(), body.Bytes(), asFragment).is(200)
	src := regexp.MustCompile(`src="(/chat/images/[0-9a-f]+)"`).FindStringSubmatch(a.text)
	require.NotNil(t, src, a.text)
	require.Equal(t, "image/jpeg", b.get(src[1]).is(200).Header.Get("Content-Type"))
	h.resident().get(src[1]).is(404)
	h.browser().get(src[1]).is(401)
}

func TestLoginLeadsOnlyIntoTheDesk(t *testing.T) {
	h := openHouse(t)
	for next, want := range map[string]string{
		"/desk/tickets": "/desk/tickets", "": "/desk", "https://evil.example": "/desk", "//evil.example": "/desk", "/desk/\\evil": "/desk",
	} {
		b := h.browser()
		a := b.post("/login", url.Values{"username": {"agent"}, "password": {password}, "next": {next}}).is(303)
		require.Equal(t, want, a.Header.Get("Location"))
	}
	a := h.browser().post("/login", url.Values{"username": {"agent"}, "password": {"wrong"}}).is(401)
	require.Contains(t, a.text, "用户名或密码不正确。")
	require.NotContains(t, a.text, "wrong")
	require.Equal(t, "/login?next=%2Fdesk%2Ftickets", h.browser().get("/desk/tickets").is(302).Header.Get("Location"))
}

func TestWhoMayOpenWhichPage(t *testing.T) {
	h := openHouse(t)
	no := h.register("agent", nil)
	pages := map[string]map[string]int{
		"/desk":                  {"agent": 200, "supervisor": 200, "editor": 302, "admin": 302},
		"/desk/list":             {"agent": 200, "supervisor": 200, "editor": 403, "admin": 403},
		"/desk/tickets":          {"agent": 200, "supervisor": 200, "editor": 403, "admin": 403},
		"/desk/tickets/new":      {"agent": 200, "supervisor": 200, "editor": 403, "admin": 403},
		"/desk/tickets/" + no:    {"agent": 200, "supervisor": 200, "editor": 403, "admin": 403},
		"/desk/callbacks":        {"agent": 200, "supervisor": 200, "editor": 403, "admin": 403},
		"/desk/ledger":           {"agent": 403, "supervisor": 200, "editor": 403, "admin": 403},
		"/desk/notices":          {"agent": 200, "supervisor": 200, "editor": 403, "admin": 403},
		"/desk/tickets/TS-0-0":   {"agent": 404, "supervisor": 404, "editor": 403, "admin": 403},
		"/desk/conversations/99": {"agent": 404, "supervisor": 404, "editor": 403, "admin": 403},
	}
	for path, roles := range pages {
		for who, status := range roles {
			a := h.send("GET", path, h.as(who), nil)
			require.Equal(t, status, a.StatusCode, "%s opens %s: %s", who, path, a.text)
			require.Equal(t, "no-store", a.Header.Get("Cache-Control"), path)
		}
		a := h.send("GET", path, "", nil)
		require.Equal(t, 302, a.StatusCode, path)
	}
}

func TestAFormWithoutItsTokenChangesNothing(t *testing.T) {
	h := openHouse(t)
	b := h.signedIn("agent")
	no := h.register("agent", nil)
	b.csrf = "guessed"
	b.post("/desk/tickets/"+no+"/moves/note", url.Values{"note": {"不该出现"}}).is(403)
	require.NotContains(t, h.send("GET", "/desk/tickets/"+no, h.as("agent"), nil).text, "不该出现")
}

// through makes moves by their forms.
func (b *browser) through(no string, move string, form url.Values) answer {
	b.house.t.Helper()
	return b.post("/desk/tickets/"+no+"/moves/"+move, form, asFragment)
}

func TestAComplaintGoesThroughItsLoopByForms(t *testing.T) {
	h := openHouse(t)
	agent, second, boss := h.signedIn("agent"), h.signedIn("agent2"), h.signedIn("supervisor")
	made := agent.post("/desk/tickets/new", url.Values{
		"client_id": {"one"}, "source": {"hotline"}, "channel": {"phone"}, "kind": {"complaint"}, "category": {"water_quality"},
		"description": {"自来水发黄，已经两天了。"}, "contact_name": {"张三丰"}, "contact_phone": {"13812345678"}, "district": {"历下区"}, "detail": {"文化东路88号"},
	}).is(303)
	no := strings.TrimPrefix(made.Header.Get("Location"), "/desk/tickets/")
	page := agent.get("/desk/tickets/" + no).is(200).text
	require.Contains(t, page, "138****5678")
	require.NotContains(t, page, "13812345678")
	require.Contains(t, page, "投诉20分钟内由工作人员联系")

	require.Contains(t, agent.through(no, "accept", url.Values{"kind": {"complaint"}, "category": {"water_quality"}}).is(200).text, "已完成：受理")
	agent.through(no, "contact", url.Values{"via": {"phone"}, "result": {"reached"}, "whom": {"本人"}}).is(200)
	agent.through(no, "dispatch", url.Values{"department": {tickets.Departments[0]}}).is(200)
	agent.through(no, "sign", url.Values{}).is(200)
	short := agent.through(no, "reply", url.Values{"outcome": {"solved"}, "measures": {"冲"}, "reply": {"已冲洗管道，水质检测合格，请放心使用。"}}).is(422)
	require.Contains(t, short.text, "「处理措施」内容太少")
	require.Contains(t, short.text, "已冲洗管道，水质检测合格", "what was typed is kept")
	settled := agent.through(no, "reply", url.Values{"outcome": {"solved"}, "measures": {"冲洗支管四十分钟"}, "reply": {"已冲洗管道，水质检测合格，请放心使用。"}}).is(200)
	require.Contains(t, settled.text, "回访须由办理人以外的人员进行")
	agent.through(no, "callback", url.Values{"result": {"satisfied"}, "process": {"satisfied"}, "outcome": {"satisfied"}}).is(409)
	require.NotContains(t, agent.get("/desk/callbacks").text, no)
	require.Contains(t, second.get("/desk/callbacks").text, no)
	closed := second.through(no, "callback", url.Values{"result": {"satisfied"}, "process": {"satisfied"}, "outcome": {"very_satisfied"}, "solved": {"yes"}}).is(200)
	require.Contains(t, closed.text, "已结案")
	ledger := boss.get("/desk/ledger").is(200).text
	require.Contains(t, ledger, no)
	require.Contains(t, ledger, "20分钟联系达标率（1/1）")
}

func TestARegistrationSentTwiceIsOneTicket(t *testing.T) {
	h := openHouse(t)
	b := h.signedIn("agent")
	form := url.Values{
		"client_id": {"twice"}, "source": {"hotline"}, "channel": {"phone"}, "kind": {"repair"}, "category": {"leak"}, "description": {"水管漏水。"},
	}
	first := b.post("/desk/tickets/new", form).is(303).Header.Get("Location")
	require.Equal(t, first, b.post("/desk/tickets/new", form).is(303).Header.Get("Location"))
	missing := b.post("/desk/tickets/new", url.Values{"client_id": {"bad"}, "source": {"hotline"}, "kind": {"complaint"}, "description": {"没有选类别"}}).is(422)
	require.Contains(t, missing.text, "没有选类别")
	require.Contains(t, missing.text, "问题类别")
}

func TestAStaleFormIsGivenBackWithTheFreshTicket(t *testing.T) {
	h := openHouse(t)
	no := h.register("agent", nil)
	b := h.signedIn("agent")
	h.move("agent2", no, "accept", map[string]any{})
	a := b.through(no, "note", url.Values{"version": {"1"}, "note": {"用户说上午也黄"}}).is(409)
	require.Contains(t, a.text, "这张工单刚刚有更新")
	require.Contains(t, a.text, "用户说上午也黄")
	require.Contains(t, a.text, `name="version" value="2"`)
	require.Contains(t, a.text, `hx-swap-oob="true"`)
}

func TestANumberIsShownForAReasonAndOnRecord(t *testing.T) {
	h := openHouse(t)
	no := h.register("agent", nil)
	b := h.signedIn("agent")
	b.post("/desk/tickets/"+no+"/phone", url.Values{"reason": {""}}, asFragment).is(422)
	a := b.post("/desk/tickets/"+no+"/phone", url.Values{"reason": {"首次联系用户"}}, asFragment).is(200)
	require.Contains(t, a.text, "13812345678")
}

func TestAFailureOfAFragmentLeavesThePageAlone(t *testing.T) {
	h := openHouse(t)
	a := h.signedIn("agent").get("/desk/tickets/TS-20260101-0001/card", asFragment).is(404)
	require.Equal(t, "#toasts", a.Header.Get("HX-Retarget"))
	require.Contains(t, a.text, "您查看的内容不存在")
	require.Contains(t, a.text, a.Header.Get("X-Request-ID"))
}

func TestStaffAnswerAndTheResidentReads(t *testing.T) {
	h := openHouse(t)
	resident, agent := h.resident(), h.signedIn("agent")
	resident.post("/chat/messages", url.Values{"text": {"转人工"}}).is(303)
	list := agent.get("/desk?view=all&order=new").is(200).text
	id := regexp.MustCompile(`id="row-(\d+)"`).FindStringSubmatch(list)
	require.NotNil(t, id, list)
	base := "/desk/conversations/" + id[1]
	require.Contains(t, agent.get(base, asFragment).is(200).text, "转人工")
	require.Contains(t, agent.post(base+"/take", url.Values{}, asFragment).is(200).text, "人工接待中")
	said := url.Values{"client_id": {"s1"}, "text": {"您好，我是水务客服。"}}
	one := agent.post(base+"/messages", said, asFragment).is(200)
	require.Contains(t, one.text, `id="s-s1"`)
	agent.post(base+"/messages", said, asFragment).is(200)
	agent.post(base+"/messages", url.Values{"client_id": {"s2"}, "text": {"同楼有人反映"}, "note": {"1"}}, asFragment).is(200)
	page := resident.get("/").text
	require.Equal(t, 1, strings.Count(page, "您好，我是水务客服。"))
	require.NotContains(t, page, "同楼有人反映", "notes are for colleagues")
	require.Contains(t, page, "正在为您服务")
	h.signedIn("agent2").post(base+"/take", url.Values{}, asFragment).is(409)
}

func TestStaticFilesAreKeptByTheirVersion(t *testing.T) {
	h := openHouse(t)
	address := h.layout.address("chat.js")
	a := h.browser().get(address).is(200)
	require.Equal(t, "public, max-age=31536000, immutable", a.Header.Get("Cache-Control"))
	require.Equal(t, "text/javascript; charset=utf-8", a.Header.Get("Content-Type"))
	require.Equal(t, "no-cache", h.browser().get("/static/chat.js").is(200).Header.Get("Cache-Control"))
	h.browser().get("/static/missing.js").is(404)
}
