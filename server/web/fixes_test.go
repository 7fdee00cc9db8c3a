package web

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels"
	"quandesk/server/hub"
)

// silent is a hub whose Redis has died: nothing it is told arrives.
type silent struct{ *hub.Memory }

func (silent) Publish(context.Context, ...hub.Event) {}
func (silent) Live() bool                            { return false }

func openSilent(t *testing.T) *house {
	t.Helper()
	return openHouse(t, func(p *Parts) { p.Hub = silent{hub.NewMemory()} })
}

func (h *house) answers(conversation int64, text string) {
	h.t.Helper()
	said := map[string]any{"client_id": text, "text": text}
	h.send("POST", fmt.Sprint("/api/v1/conversations/", conversation, "/messages"), h.as("agent"), said).is(201)
}

func TestAReplyIsReturnedThoughTheHubIsDeaf(t *testing.T) {
	h := openSilent(t)
	token, conversation := h.visit()
	_, c := h.listen()
	res := make(chan map[string]any, 1)
	go func() {
		req, _ := http.NewRequest("POST", c.base+"/api/v1/webchat/messages?wait=20s", strings.NewReader(`{"client_id":"1","text":"停水了"}`))
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Content-Type", "application/json")
		got, err := c.Client.Do(req)
		if err != nil {
			res <- nil
			return
		}
		res <- read(t, got).json()
	}()
	require.Eventually(t, func() bool {
		list, err := h.store.Messages(t.Context(), conversation, 0, 1, false)
		return err == nil && len(list) == 1
	}, time.Minute, 20*time.Millisecond)
	h.answers(conversation, "已安排抢修")
	out := <-res
	require.NotNil(t, out)
	require.Contains(t, fmt.Sprint(out["replies"]), "已安排抢修")
}

func TestAReplyThatNobodyToldOfIsFoundWhenTheTimeIsOver(t *testing.T) {
	h := openHouse(t)
	token, conversation := h.visit()
	h.send("POST", "/api/v1/webchat/messages", token, map[string]any{"client_id": "0", "text": "停水了"}).is(202)
	// What is stored in between is told to nobody: the hub of this house hears nothing.
	quiet := hub.NewMemory()
	sub := quiet.Subscribe()
	defer quiet.Close()
	v := channels.Visitor{ConversationID: conversation}
	list, err := h.store.Messages(t.Context(), v.ConversationID, 0, 1, false)
	require.NoError(t, err)
	over := make(chan struct{})
	h.Parts.Answered = func(context.Context, int64, int64) (bool, error) {
		select {
		case <-over:
		default:
			close(over)
			h.answers(conversation, "已安排抢修")
		}
		return false, nil
	}
	replies, err := h.await(t.Context(), sub, list[0], 10*time.Millisecond)
	require.NoError(t, err)
	require.Len(t, replies, 1)
}

func TestEventsGoOnThoughTheHubIsDeaf(t *testing.T) {
	h := openSilent(t)
	token, conversation := h.visit()
	h.send("POST", "/api/v1/webchat/messages", token, map[string]any{"client_id": "0", "text": "停水了"}).is(202)
	_, c := h.listen()
	ctx, cancel := context.WithTimeout(t.Context(), heartbeat*2/3) // the heartbeat looks as well
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", c.base+"/api/v1/webchat/events", nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := c.Client.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	h.answers(conversation, "已安排抢修")
	for lines.Scan() {
		if strings.Contains(lines.Text(), "已安排抢修") {
			return
		}
	}
	t.Fatal("the stream ended without the reply")
}

func TestPagesLookByThemselvesWhileTheHubIsDeaf(t *testing.T) {
	h := openSilent(t)
	base, _ := h.listen()
	h.as("agent")
	p, _ := h.open(base, "/desk/live", map[string]string{staffCookie: h.tokens["agent"]}, base)
	require.NotNil(t, p)
	p.add("desk")
	require.Equal(t, "desk", p.hears())
	require.Equal(t, hub.Resync, p.hears())
}

func TestAFullDiskIsNoMistakeOfTheSender(t *testing.T) {
	for _, why := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS, syscall.EIO} {
		err := fmt.Errorf("write image: %w", errors.Join(&fs.PathError{Op: "write", Path: "x", Err: why}, nil))
		f := describe(err)
		require.Equal(t, 503, f.status, why)
		require.Equal(t, "系统繁忙，您的内容尚未保存，请稍后再试。", f.Problem.Message)
	}
	_, err := spool(func(w *bufio.Writer) error { return &fs.PathError{Op: "write", Err: syscall.ENOSPC} })
	require.Equal(t, 503, describe(err).status)
}

func TestWhoLosesTheRaceIsToldWhoHasIt(t *testing.T) {
	require.Equal(t, "该会话已由王芳接待。", describe(fmt.Errorf("take: %w", &channels.TakenError{By: "王芳"})).Problem.Message)
	require.ErrorIs(t, &channels.TakenError{By: "王芳"}, channels.ErrTaken)

	h := openHouse(t)
	no := h.register("agent", nil)
	seen := h.send("GET", "/api/v1/tickets/"+no, h.as("agent2"), nil).is(200).json()["version"]
	h.move("agent", no, "accept", map[string]any{})
	name := h.send("GET", "/api/v1/me", h.as("agent"), nil).is(200).json()["name"].(string)
	a := h.send("POST", "/api/v1/tickets/"+no+"/accept", h.as("agent2"), map[string]any{}).is(409)
	require.Equal(t, "工单已由"+name+"受理。", a.says())
	a = h.send("POST", "/api/v1/tickets/"+no+"/accept", h.as("agent2"), map[string]any{"version": seen}).is(409)
	require.Equal(t, "工单已由"+name+"受理。", a.says())
	require.NotNil(t, a.json()["ticket"], "with the fresh ticket")
	form := url.Values{"version": {fmt.Sprint(seen)}, "kind": {"complaint"}, "category": {"leak"}}
	page := h.post("/desk/tickets/"+no+"/moves/accept", h.as("agent2"), form).is(409)
	require.Contains(t, page.text, "工单已由"+name+"受理。")
}

// post sends a form of staff.
func (h *house) post(path, token string, form url.Values) answer {
	h.t.Helper()
	return h.send("POST", path, token, form.Encode(), header{"Content-Type", "application/x-www-form-urlencoded"})
}

func TestStaffTakeReleaseAndResolveWithoutScripts(t *testing.T) {
	h := openHouse(t)
	token, conversation := h.visit()
	h.send("POST", "/api/v1/webchat/messages", token, map[string]any{"client_id": "0", "text": "停水了"}).is(202)
	h.as("agent")
	talk := fmt.Sprint("/desk/conversations/", conversation)
	for _, step := range []struct{ act, next string }{{"take", "release"}, {"release", "take"}, {"take", "resolve"}, {"resolve", "take"}} {
		page := h.send("GET", talk, "", nil, header{"Cookie", staffCookie + "=" + h.tokens["agent"]}).is(200).text
		form := `<form method="post" action="` + talk + "/" + step.act + `"`
		require.Contains(t, page, form)
		_, rest, _ := strings.Cut(page, form)
		require.Contains(t, rest[:strings.Index(rest, "</form>")], h.csrf["agent"])
		a := h.send("POST", talk+"/"+step.act, "", url.Values{csrfField: {h.csrf["agent"]}}.Encode(),
			header{"Cookie", staffCookie + "=" + h.tokens["agent"]}, header{"Content-Type", "application/x-www-form-urlencoded"}).is(303)
		require.Equal(t, talk, a.Header.Get("Location"))
	}
}

func TestWithoutScriptsARefusedTextStaysInItsBox(t *testing.T) {
	h := openHouse(t)
	page := h.send("GET", "/", "", nil).is(200)
	cookie := page.Cookies()[0]
	csrf := derivedCSRF(cookie.Value)
	say := func(text, csrf string, cookies ...*http.Cookie) answer {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		require.NoError(t, errors.Join(w.WriteField("_csrf", csrf), w.WriteField("text", text), w.Close()))
		req := httptest.NewRequest("POST", "/chat/attachments", &body)
		req.Header.Set("Content-Type", w.FormDataContentType())
		for _, c := range cookies {
			req.AddCookie(c)
		}
		return h.do(req)
	}
	long := strings.Repeat("水", 10_001)
	a := say(long, csrf, cookie).is(422)
	require.Contains(t, a.text, long)
	require.Contains(t, a.text, "一万字以内")
	require.Contains(t, say("  ", csrf, cookie).is(422).text, "请输入内容后再发送。")

	a = say("家里停水了", csrf).is(401) // the cookie has expired
	require.Contains(t, a.text, "家里停水了</textarea>")
	require.Contains(t, a.text, "再点一次“发送”")
	fresh := a.Cookies()[0]
	require.Contains(t, a.text, derivedCSRF(fresh.Value))
	say("家里停水了", derivedCSRF(fresh.Value), fresh).is(303)
}

func TestWhatIsRefusedBeforeItsRouteIsAnsweredInJSON(t *testing.T) {
	h := openHouse(t)
	base, _ := h.listen()
	for request, status := range map[string]int{
		"FOO /api/v1/tickets HTTP/1.1\r\nHost: x\r\n\r\n":                                 405,
		"GET /api/v1/tickets?q=" + strings.Repeat("a", 20_000) + " HTTP/1.1\r\n\r\n":      431,
		"GET /api/v1/tickets HTTP/1.1\r\nHost: x\r\nbroken header\r\n\r\n":                400,
		"POST /api/v1/tickets HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n":        400,
		"PROPFIND /api/v1/webchat/messages HTTP/1.1\r\nHost: x\r\n\r\n":                   405,
		"POST /api/v1/tickets HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n": 413,
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
		require.NoError(t, err)
		fmt.Fprint(conn, request)
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err)
		a := read(t, res).is(status)
		require.NotEmpty(t, a.says(), request[:20])
		conn.Close()
	}
}

func TestAfterZeroIsTheBeginningAndNoAfterTheNewest(t *testing.T) {
	h := openHouse(t)
	token, conversation := h.visit()
	for _, id := range []string{"1", "2", "3"} {
		h.send("POST", "/api/v1/webchat/messages", token, map[string]any{"client_id": id, "text": "第" + id + "句"}).is(202)
	}
	for path, who := range map[string]string{
		"/api/v1/webchat/messages": token, fmt.Sprint("/api/v1/conversations/", conversation, "/messages"): h.as("agent"),
	} {
		require.Contains(t, h.send("GET", path+"?limit=1&after=0", who, nil).is(200).text, "第1句", path)
		require.Contains(t, h.send("GET", path+"?limit=1", who, nil).is(200).text, "第3句", path)
	}
}

// sluggish is a reading side whose database is away.
type sluggish struct{ channels.Views }

func (sluggish) Inbox(context.Context, channels.Scope, channels.Filter) (channels.Page, error) {
	return channels.Page{}, context.DeadlineExceeded
}

func TestABusySystemSaysWhenToComeBack(t *testing.T) {
	h := openHouse(t, func(p *Parts) { p.Conversations = sluggish{p.Conversations} })
	a := h.send("GET", "/api/v1/conversations", h.as("agent"), nil).is(503)
	require.Equal(t, retryAfter, a.Header.Get("Retry-After"))
	require.Equal(t, retryAfter, h.send("GET", "/desk", h.as("agent"), nil).is(503).Header.Get("Retry-After"))
	require.Empty(t, h.send("GET", "/api/v1/conversations/999999", h.as("agent"), nil).is(404).Header.Get("Retry-After"))
}

func TestAnImageThatWasPickedTwiceIsSentOnce(t *testing.T) {
	h := openHouse(t)
	token, _ := h.visit()
	var picture bytes.Buffer
	require.NoError(t, png.Encode(&picture, image.NewRGBA(image.Rect(0, 0, 4, 4))))
	id := h.upload(token, picture.Bytes()).is(201).json()["id"]
	out := h.send("POST", "/api/v1/webchat/messages", token, map[string]any{"client_id": "1", "attachment_ids": []any{id, id}}).is(202).json()
	require.Len(t, out["attachments"], 1)
}

func TestAMissingFieldIsNamed(t *testing.T) {
	h := openHouse(t)
	out := h.send("POST", "/api/v1/tickets", h.as("agent"), `{"kind":"complaint","category":"leak"}`).is(422).json()
	require.Equal(t, "description", out["error"].(map[string]any)["field"])
}
