package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/server/config"
	"quandesk/server/store"
	"quandesk/server/store/storetest"
)

const demoPassword = "a-demo-password"

// TestMain lets every program of these tests but those of F04 find what an
// earlier start has stored, the shipped knowledge and the demo people: the
// first start is done once for each engine.
func TestMain(m *testing.M) {
	if at := os.Getenv(heldAt); at != "" {
		importAndHold(at) // a process that a test kills
	}
	storetest.Prepare(func(o store.Options) error {
		data, err := os.MkdirTemp("", "quandesk_first_start_")
		if err != nil {
			return err
		}
		defer os.RemoveAll(data)
		settings := map[string]string{"HUB_DATABASE_URL": o.URL, "HUB_DATA": cmp.Or(o.Dir, data), "HUB_DEMO_PASSWORD": demoPassword}
		cfg, err := config.Load(func(name string) string { return settings[name] })
		if err != nil {
			return err
		}
		p, err := assemble(context.Background(), cfg, slog.New(slog.DiscardHandler))
		if err != nil {
			return err
		}
		defer p.close()
		p.store.SetClock(func() time.Time { return noon.AddDate(0, 0, -30) })
		_, err = p.prepare(context.Background(), cfg)
		return err
	})
	os.Exit(m.Run())
}

// running is the whole program in this process, serving on a free port.
type running struct {
	t    *testing.T
	url  string
	prog *program
	stop func()

	mu  sync.Mutex
	now time.Time // zero: the real clock of the database
}

// run starts the program on a database: a PostgreSQL address, or "" for
// SQLite in dir. It is stopped with the test at the latest.
func run(t *testing.T, databaseURL, dir string, now time.Time) *running {
	t.Helper()
	return runWith(t, map[string]string{"HUB_DATABASE_URL": databaseURL, "HUB_DATA": dir}, now)
}

// runWith starts the program with these settings on a free port. An empty
// data folder gets the file of an earlier start.
func runWith(t *testing.T, settings map[string]string, now time.Time) *running {
	t.Helper()
	if settings["HUB_DATABASE_URL"] == "" {
		storetest.Lay(t, settings["HUB_DATA"])
	}
	settings["HUB_ADDR"], settings["HUB_DEMO_PASSWORD"] = "127.0.0.1:0", demoPassword
	cfg, err := config.Load(func(name string) string { return settings[name] })
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	p, err := assemble(ctx, cfg, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	r := &running{t: t, prog: p, now: now}
	if !now.IsZero() {
		p.store.SetClock(r.clock)
	}
	_, err = p.prepare(ctx, cfg)
	require.NoError(t, err)
	ln, err := net.Listen("tcp", cfg.Addr)
	require.NoError(t, err)
	ready, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- p.serve(ctx, ln, cfg, func(addr string) { ready <- addr })
		p.close()
	}()
	r.url = "http://" + <-ready
	var once sync.Once
	r.stop = func() {
		once.Do(func() {
			cancel()
			require.NoError(t, <-ended)
		})
	}
	t.Cleanup(r.stop)
	return r
}

func (r *running) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

// pass lets time pass on the clock of the database.
func (r *running) pass(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = r.now.Add(d)
}

// caller is one person or program with a token.
type caller struct {
	*running
	token string
}

type object = map[string]any

// do makes a call and wants this status; the answer is returned decoded.
func (c caller) do(want int, method, path string, body any) object {
	c.t.Helper()
	status, raw := c.try(method, path, body)
	require.Equalf(c.t, want, status, "%s %s: %s", method, path, raw)
	var out object
	if strings.HasPrefix(raw, "{") {
		require.NoError(c.t, json.Unmarshal([]byte(raw), &out))
	}
	return out
}

// try makes a call and returns what came.
func (c caller) try(method, path string, body any) (status int, raw string) {
	c.t.Helper()
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		require.NoError(c.t, err)
		in = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.url+"/api/v1"+path, in)
	require.NoError(c.t, err)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(c.t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	require.NoError(c.t, err)
	return res.StatusCode, string(b)
}

// resident opens a web chat.
func (r *running) resident() caller {
	r.t.Helper()
	out := caller{running: r}.do(200, "POST", "/webchat/sessions", object{})
	return caller{r, out["token"].(string)}
}

// staff logs a demo person in.
func (r *running) staff(username string) caller {
	r.t.Helper()
	out := caller{running: r}.do(200, "POST", "/login", object{"username": username, "password": demoPassword})
	return caller{r, out["token"].(string)}
}

// say sends a message of a resident and waits for the answer.
func (c caller) say(id, text string) (reply object) {
	c.t.Helper()
	out := c.do(200, "POST", "/webchat/messages?wait=8s", object{"client_id": id, "text": text})
	replies := out["replies"].([]any)
	require.NotEmpty(c.t, replies, "no answer to %s", text)
	return replies[len(replies)-1].(object)
}

// move makes a move on a ticket and returns the ticket.
func (c caller) move(no, verb string, body object) object {
	c.t.Helper()
	return c.do(200, "POST", "/tickets/"+no+"/"+verb, body)
}

// sound runs the checker; nothing may be broken after any test.
func (r *running) sound() {
	r.t.Helper()
	require.NoError(r.t, r.prog.store.Check(context.Background(), func(p store.Problem) { r.t.Errorf("%+v", p) }))
}
