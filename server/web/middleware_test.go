package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/stretchr/testify/require"

	"quandesk/tickets"
)

func TestTheAddressIsTheSocketUnlessATrustedProxySpeaks(t *testing.T) {
	// app.Test has the peer 0.0.0.0.
	for _, c := range []struct {
		proxies   []string
		forwarded string
		want      string
	}{
		{nil, "1.2.3.4", "0.0.0.0"},
		{[]string{"10.0.0.0/8"}, "1.2.3.4", "0.0.0.0"},
		{[]string{"0.0.0.0"}, "1.2.3.4", "1.2.3.4"},
		{[]string{"0.0.0.0"}, "9.9.9.9, 1.2.3.4", "1.2.3.4"},
		{[]string{"0.0.0.0", "10.0.0.0/8"}, "9.9.9.9, 1.2.3.4, 10.1.1.1", "1.2.3.4"},
		{[]string{"0.0.0.0"}, "rubbish", "0.0.0.0"},
		{[]string{"0.0.0.0"}, "", "0.0.0.0"},
		{[]string{"0.0.0.0", "not an address"}, "::ffff:1.2.3.4", "1.2.3.4"},
	} {
		s := &Site{proxies: prefixes(c.proxies, slog.New(slog.DiscardHandler))}
		app := fiber.New()
		app.Get("/", func(ctx *fiber.Ctx) error { return ctx.SendString(s.address(ctx)) })
		req := httptest.NewRequest("GET", "/", nil)
		if c.forwarded != "" {
			req.Header.Set("X-Forwarded-For", c.forwarded)
		}
		res, err := app.Test(req)
		require.NoError(t, err)
		require.Equal(t, c.want, read(t, res).text, "%v %q", c.proxies, c.forwarded)
	}
}

func TestEveryAnswerIsProtected(t *testing.T) {
	h := openHouse(t)
	for _, a := range []answer{
		h.send("GET", "/healthz", "", nil), h.send("GET", "/api/v1/tickets", "", nil),
		h.send("GET", "/api/v1/nothing", "", nil), h.send("POST", "/api/v1/login", "", "{"),
		h.send("GET", "/api/v1/tickets", h.as("agent"), nil),
	} {
		require.Equal(t, policy, a.Header.Get("Content-Security-Policy"))
		require.Equal(t, "nosniff", a.Header.Get("X-Content-Type-Options"))
		require.Equal(t, "same-origin", a.Header.Get("Referrer-Policy"))
		require.NotEmpty(t, a.Header.Get("X-Request-Id"))
		if strings.HasPrefix(a.Request.URL.Path, "/api/") {
			require.Equal(t, "no-store", a.Header.Get("Cache-Control"))
		}
	}
}

func TestWhatGoesWrongTellsNothingOfOurs(t *testing.T) {
	var logged bytes.Buffer
	h := openHouse(t, func(p *Parts) { p.Options.Log = slog.New(slog.NewJSONHandler(&logged, nil)) })
	const secret = "SELECT phone FROM tickets /srv/quandesk"
	h.app.Get("/api/v1/panics", func(*fiber.Ctx) error { panic(secret) })
	h.app.Get("/api/v1/fails", func(*fiber.Ctx) error { return errors.New(secret) })
	h.app.Get("/api/v1/busy", func(*fiber.Ctx) error { return fmt.Errorf("save: %w", busy{}) })
	for path, status := range map[string]int{
		"/api/v1/panics": 500, "/api/v1/fails": 500, "/api/v1/busy": 503, "/api/v1/nothing": 404,
	} {
		logged.Reset()
		a := h.send("GET", path, "", nil).is(status)
		require.NotContains(t, a.text, "SELECT")
		require.Regexp(t, `^[\p{Han}，。]+$`, a.says())
		want := 0
		if status >= 500 {
			want = 1
		}
		require.Equal(t, want, strings.Count(logged.String(), `"level":"ERROR"`), "logged once: "+path)
	}
	require.Equal(t, "系统繁忙，您的内容尚未保存，请稍后再试。", h.send("GET", "/api/v1/busy", "", nil).says())
	h.send("DELETE", "/api/v1/tickets", h.as("agent"), nil).is(405)
}

// busy is an error of a database that cannot do it now.
type busy struct{}

func (busy) Error() string     { return "full" }
func (busy) Unavailable() bool { return true }

func TestTheAccessLogHoldsNoPersonalData(t *testing.T) {
	var logged bytes.Buffer
	h := openHouse(t, func(p *Parts) { p.Options.Log = slog.New(slog.NewJSONHandler(&logged, nil)) })
	h.register("agent", nil)
	h.send("GET", "/api/v1/tickets?q=13812345678", h.as("agent"), nil).is(200)
	token, _ := h.visit()
	h.send("POST", "/api/v1/webchat/messages", token, map[string]any{"client_id": "1", "text": "我叫张三丰"}).is(202)
	require.Contains(t, logged.String(), `"route":"/api/v1/tickets"`)
	for _, secret := range []string{"13812345678", "张三丰", "文化东路", password, token, h.as("agent"), "q="} {
		require.NotContains(t, logged.String(), secret)
	}
}

func TestRequestsAreCountedByRoute(t *testing.T) {
	h := openHouse(t)
	h.register("agent", nil)
	h.send("GET", "/api/v1/tickets/TS-1", h.as("agent"), nil).is(404)
	h.send("GET", "/api/v1/nothing", "", nil).is(404)
	text := h.send("GET", "/metrics", "", nil).is(200).text
	require.Contains(t, text, `route="/api/v1/tickets/:no",status="404"`)
	require.NotContains(t, text, "nothing")
	require.NotContains(t, text, "TS-1")
}

func TestMachinesAreToldHowItGoes(t *testing.T) {
	var down error
	h := openHouse(t, func(p *Parts) {
		p.Options.Production = true
		p.Ready = func(ctx context.Context) error { return down }
	})
	h.send("GET", "/healthz", "", nil).is(200)
	h.send("GET", "/readyz", "", nil).is(200)
	down = errors.New("dial tcp 10.0.0.5:5432: refused")
	a := h.send("GET", "/readyz", "", nil).is(503)
	require.NotContains(t, a.text, "10.0.0.5")
	h.send("GET", "/metrics", "", nil).is(404)
	h.send("GET", "/debug/pprof/", "", nil).is(404)
}

// fiber hands out strings that later requests overwrite unless it is told
// not to: every marker has to come back as it was sent (T44).
func TestWhatARequestSaidIsNotOverwrittenByLaterOnes(t *testing.T) {
	h := openHouse(t)
	type kept struct{ want, query, param, header, body string }
	var mu sync.Mutex
	var all []kept
	release := make(chan struct{})
	var later sync.WaitGroup
	h.app.Post("/keep/:marker", func(c *fiber.Ctx) error {
		k := kept{query: c.Query("m"), param: c.Params("marker"), header: c.Get("X-Marker"), body: string(c.Body())}
		later.Add(1)
		go func() {
			defer later.Done()
			<-release
			k.want = k.body
			mu.Lock()
			defer mu.Unlock()
			all = append(all, k)
		}()
		return nil
	})
	_, c := h.listen()
	var senders sync.WaitGroup
	for i := range 200 {
		senders.Go(func() {
			marker := fmt.Sprintf("marker-%04d", i)
			req := httptest.NewRequest("POST", c.base+"/keep/"+marker+"?m="+marker, strings.NewReader(marker))
			req.RequestURI = ""
			req.Header.Set("X-Marker", marker)
			res, err := c.Do(req)
			if err != nil {
				t.Error(err)
				return
			}
			io.Copy(io.Discard, res.Body)
			res.Body.Close()
		})
	}
	senders.Wait()
	close(release)
	later.Wait()
	require.Len(t, all, 200)
	for _, k := range all {
		require.Equal(t, kept{k.want, k.want, k.want, k.want, k.want}, k)
	}
}

func TestWhatAsksEveryGoldenQuestionMayTakeLongerThanWhatStampsAClock(t *testing.T) {
	for path, want := range map[string]time.Duration{
		"/desk/knowledge/valve/moves/publish":          judgeWithin,
		"/api/v1/knowledge/articles/valve/publish":     judgeWithin,
		"/desk/tickets/TS-20260302-0001/moves/resolve": writeWithin,
		importUpload:                 uploadWithin,
		ordersUploads + "/1/confirm": importWithin,
	} {
		require.Equal(t, want, within(path, true), path)
	}
	require.Equal(t, readingTime, within("/desk/knowledge/valve", false))
	require.Equal(t, exportWithin, within("/desk/ledger", false))
	require.Less(t, writeWithin, tickets.Grace, "what was stamped in time is committed before the sweep looks")
}
