package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels/wechat"
	"quandesk/channels/wechat/wechattest"
	"quandesk/server/store/storetest"
	"quandesk/server/watched"
)

// hangingModel is an endpoint that says nothing for twenty seconds.
func hangingModel(t *testing.T) string {
	t.Helper()
	over := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(time.Minute):
		case <-over:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(func() { close(over); srv.Close() })
	return srv.URL + "/v1"
}

func TestRequirement11AModelThatTakesTwentySecondsKeepsNobodyWaiting(t *testing.T) {
	w := corresponding(t, storetest.PostgresURL(t), map[string]string{"HUB_LLM_BASE_URL": hangingModel(t), "HUB_LLM_MODEL": "slow"})
	const residents = 24
	outs := make([]wechattest.Outcome, residents)
	var wg sync.WaitGroup
	for i := range outs {
		wg.Go(func() { outs[i] = w.writes(fmt.Sprintf("openid-%d", i), "投诉了多久有人联系我") })
	}
	wg.Wait()
	late := map[string]bool{}
	for i, o := range outs {
		require.Equal(t, 1, o.Attempts)
		require.Less(t, o.Took, 4500*time.Millisecond)
		require.NotEqual(t, wechattest.Outage, o.Shown)
		if o.Reply == nil {
			late[fmt.Sprintf("openid-%d", i)] = true
		}
	}
	w.eventually("a moment later by itself", func() bool { return len(w.api.Sent()) >= len(late) })
	for _, s := range w.api.Sent() {
		require.True(t, late[s.OpenID], "never both, and nobody twice")
		delete(late, s.OpenID)
		require.True(t, s.AI)
		require.Contains(t, s.Text, "【AI生成】")
	}
	require.Empty(t, w.api.Wrong())
	w.sound()
}

func TestWhatAnAgentWritesComesByItselfWithoutAMark(t *testing.T) {
	w := corresponding(t, "", nil)
	w.writes("openid-1", "你好")
	agent := w.staff("agent")
	id := agent.do(200, "GET", "/conversations?view=all", nil)["conversations"].([]any)[0].(object)["id"]
	agent.do(201, "POST", fmt.Sprintf("/conversations/%v/messages", id), object{"client_id": "a1", "text": "您好，我是*客服*小王。"})
	w.eventually("it is sent", func() bool { return len(w.api.Sent()) == 1 })
	sent := w.api.Sent()[0]
	require.Equal(t, "您好，我是*客服*小王。", sent.Text)
	require.False(t, sent.AI)
}

func TestRequirement7ALargePushIsRefusedAtOnce(t *testing.T) {
	w := corresponding(t, "", nil)
	for name, body := range map[string]io.Reader{
		"with its length": bytes.NewReader(make([]byte, 10<<20)),
		"in chunks":       io.MultiReader(bytes.NewReader(make([]byte, 10<<20))),
	} {
		start := time.Now()
		res, err := http.Post(w.resident.URL, "text/xml", body)
		if err == nil { // or the connection is broken off under the sender
			res.Body.Close()
			require.Equalf(t, 413, res.StatusCode, "%s", name)
		}
		require.Lessf(t, time.Since(start), watched.Allow(time.Second), "%s", name)
	}
	require.NotNil(t, w.writes("openid-1", "你好").Reply, "and the next is answered")
}

func TestPicturesAndRecordingsReachTheAgent(t *testing.T) {
	w := corresponding(t, "", nil)
	var drawn bytes.Buffer
	require.NoError(t, png.Encode(&drawn, image.NewGray(image.Rect(0, 0, 3, 2))))
	w.api.PutMedia("picture-1", drawn.Bytes())
	w.api.PutMedia("voice-1", []byte("#!AMR\nwords"))
	w.api.Trigger(w.account.AppID, "openid-1", "message")

	out := w.resident.Push(t.Context(), w.resident.Message("openid-1", "image", "<PicUrl>http://a/1</PicUrl><MediaId>picture-1</MediaId>"))
	require.Contains(t, out.Shown, "图片收到了")
	out = w.resident.Push(t.Context(), w.resident.Message("openid-1", "voice", "<MediaId>voice-1</MediaId><Format>amr</Format><Recognition><![CDATA[]]></Recognition>"))
	require.Contains(t, out.Shown, "听不了录音", "asked kindly to write")
	out = w.resident.Push(t.Context(), w.resident.Message("openid-1", "voice", "<MediaId>voice-1</MediaId><Recognition><![CDATA[投诉了多久有人联系我]]></Recognition>"))
	require.Contains(t, out.Shown, "20分钟", "words that came with it are answered")

	agent := w.staff("agent")
	files := func() (kinds []string, ids []string) {
		for _, m := range messages(agent, 0) {
			list, _ := m.(object)["attachments"].([]any)
			for _, a := range list {
				kinds, ids = append(kinds, a.(object)["type"].(string)), append(ids, a.(object)["id"].(string))
			}
		}
		return kinds, ids
	}
	w.eventually("all three are copied", func() bool { kinds, _ := files(); return len(kinds) == 3 })
	kinds, ids := files()
	require.Equal(t, []string{"image/jpeg", "audio/amr", "audio/amr"}, kinds)
	conversation := agent.do(200, "GET", "/conversations?view=all", nil)["conversations"].([]any)[0].(object)["id"]
	status, raw := agent.try("GET", fmt.Sprintf("/conversations/%v/attachments/%s", conversation, ids[1]), nil)
	require.Equal(t, 200, status)
	require.Equal(t, "#!AMR\nwords", raw)
	w.sound()
}

func TestAFollowerIsGreetedAndTheMenuAnswers(t *testing.T) {
	w := corresponding(t, "", nil)
	out := w.resident.Push(t.Context(), w.resident.Event("openid-1", "subscribe", "<EventKey></EventKey>"))
	require.Contains(t, out.Shown, "我要说")
	out = w.resident.Push(t.Context(), w.resident.Event("openid-1", "CLICK", "<EventKey>repair</EventKey>"))
	require.NotEmpty(t, out.Shown)
	require.NotEqual(t, wechattest.Outage, out.Shown)
	for _, i := range wechat.Items {
		out := w.resident.Push(t.Context(), w.resident.Event("openid-"+i.Key, "CLICK", "<EventKey>"+i.Key+"</EventKey>"))
		require.NotEqual(t, wechattest.Outage, out.Shown)
		t.Logf("%s: %s", i.Name, out.Shown)
	}
	w.sound()
}

// TestServeUntilKilled is no test of its own: it is the program that
// TestF04 starts and kills.
func TestServeUntilKilled(t *testing.T) {
	if os.Getenv("TEST_SERVE_UNTIL_KILLED") == "" {
		t.Skip("started by TestF04 only")
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	require.NoError(t, command(ctx, nil, os.Getenv, io.Discard, os.Stderr))
}

// serveUntilKilled starts the program as a process of its own.
func serveUntilKilled(t *testing.T, settings map[string]string) *exec.Cmd {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestServeUntilKilled$")
	child.Env = append(os.Environ(), "TEST_SERVE_UNTIL_KILLED=1")
	for k, v := range settings {
		child.Env = append(child.Env, k+"="+v)
	}
	require.NoError(t, child.Start())
	t.Cleanup(func() { _ = child.Process.Kill(); _ = child.Wait() })
	require.Eventually(t, func() bool {
		res, err := http.Get("http://" + settings["HUB_ADDR"] + "/readyz")
		if err != nil {
			return false
		}
		res.Body.Close()
		return res.StatusCode == 200
	}, time.Minute, 20*time.Millisecond)
	return child
}

func freeAddress(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer ln.Close()
	return ln.Addr().String()
}

func TestF04KilledBetweenAnyTwoStepsEveryPushHasOneEffect(t *testing.T) {
	t.Parallel() // it waits more than it works
	storetest.URLs(t, func(t *testing.T, url string) {
		a := account("main", wechat.Safe)
		api := wechattest.NewAPI(wechattest.App{AppID: a.AppID, Secret: a.Secret})
		defer api.Close()
		api.Free()
		list, err := json.Marshal([]wechat.Account{a})
		require.NoError(t, err)
		settings := map[string]string{"HUB_ADDR": freeAddress(t), "HUB_DATABASE_URL": url, "HUB_DATA": t.TempDir(),
			"HUB_WECHAT_ACCOUNTS": string(list), "HUB_WECHAT_API_BASE": api.URL, "HUB_DEMO_PASSWORD": demoPassword}
		p := &wechattest.Pusher{URL: "http://" + settings["HUB_ADDR"] + "/wechat/main", Account: a}
		const rounds, each = 3, 12
		shown := map[string]string{}
		var mu sync.Mutex
		child := serveUntilKilled(t, settings)
		for round := range rounds {
			var wg sync.WaitGroup
			for i := range each {
				n := round*each + i
				wg.Go(func() {
					openid := fmt.Sprintf("openid-%d", n)
					out := persistently(t, p, p.Text(openid, ownWords(n)))
					mu.Lock()
					defer mu.Unlock()
					shown[openid] = out.Shown
				})
			}
			time.Sleep(time.Duration(20+60*round) * time.Millisecond) // somewhere between their steps
			require.NoError(t, child.Process.Kill())
			_ = child.Wait()
			child = serveUntilKilled(t, settings)
			wg.Wait()
		}
		require.NoError(t, child.Process.Signal(syscall.SIGTERM))
		_ = child.Wait()

		settings["HUB_ADDR"] = ""
		r := runWith(t, settings, time.Time{})
		r.settled(rounds * each)
		r.eachAnswerIsOwn(rounds * each)
		require.Len(t, r.staff("agent").do(200, "GET", "/tickets?limit=200", nil)["tickets"], rounds*each)
		require.Eventually(t, func() bool { return r.unsent() == 0 }, time.Minute, 50*time.Millisecond)
		sent := map[string]int{}
		for _, s := range api.Sent() {
			sent[s.OpenID]++
		}
		for openid, text := range shown {
			require.NotEqual(t, wechattest.Outage, text)
			require.LessOrEqualf(t, sent[openid], 1, "%s: sent more than once", openid)
			require.Falsef(t, text != "" && sent[openid] > 0, "%s: both ways", openid)
		}
		r.sound()
	})
}

// persistently pushes as WeChat would with more patience than it has: the
// program is away for longer than three attempts take here, and for seconds
// when it is watched by the race detector.
func persistently(t *testing.T, p *wechattest.Pusher, body []byte) (out wechattest.Outcome) {
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if out = p.Push(t.Context(), body); out.Status == 200 {
			return out
		}
	}
	return out
}

// unsent are the answers that are neither sent nor shown to a person as unknown.
func (r *running) unsent() (n int) {
	r.t.Helper()
	require.NoError(r.t, r.prog.store.DB().QueryRowContext(r.t.Context(),
		`SELECT COUNT(*) FROM messages WHERE author = 'bot' AND delivery NOT IN ('sent', 'unknown')`).Scan(&n))
	return n
}
