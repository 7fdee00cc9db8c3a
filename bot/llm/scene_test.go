package llm_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	openai "github.com/sashabaranov/go-openai"
	"github.com/stretchr/testify/require"

	"quandesk/bot"
	"quandesk/bot/claims"
	"quandesk/bot/llm"
	"quandesk/bot/rules"
	"quandesk/channels"
	"quandesk/kb"
	"quandesk/kb/embedded"
	"quandesk/tickets"
)

// friday is a Friday morning in Beijing.
var friday = time.Date(2026, 11, 20, 10, 0, 0, 0, tickets.Beijing)

// shelf is a store of articles, kept in memory.
type shelf struct{ articles []kb.Article }

func (s *shelf) Articles(context.Context) ([]kb.Article, error)   { return s.articles, nil }
func (s *shelf) KnowledgeRevision(context.Context) (int64, error) { return 1, nil }
func (s *shelf) Digest(context.Context) (string, error)           { return "", nil }
func (s *shelf) SetDigest(context.Context, string) error          { return nil }
func (s *shelf) PutArticle(_ context.Context, a kb.Article) (bool, error) {
	a.Version = 1
	s.articles = append(s.articles, a)
	return true, nil
}

// parts are slow to make and never change.
var parts = sync.OnceValue(func() *made {
	u, err := rules.New()
	if err != nil {
		panic(err)
	}
	return &made{rules: u, library: library(&shelf{})}
})

type made struct {
	rules   *rules.Rules
	library *kb.Library
}

func library(s *shelf, more ...kb.Article) *kb.Library {
	words, err := kb.ShippedWords()
	if err != nil {
		panic(err)
	}
	l := kb.NewLibrary(s, embedded.New(words), func() time.Time { return friday })
	if err := l.Seed(context.Background()); err != nil {
		panic(err)
	}
	s.articles = append(s.articles, more...)
	if err := l.Load(context.Background()); err != nil {
		panic(err)
	}
	return l
}

// endpoint is a scripted OpenAI-compatible server. It lives in memory, so that
// its seconds are those of the test's bubble.
type endpoint struct {
	mu       sync.Mutex
	requests []openai.ChatCompletionRequest
	bodies   []string
	script   func(a *answer, req openai.ChatCompletionRequest, n int)
	conns    chan net.Conn
	closed   chan struct{}
}

func (e *endpoint) Accept() (net.Conn, error) {
	select {
	case c := <-e.conns:
		return c, nil
	case <-e.closed:
		return nil, net.ErrClosed
	}
}
func (e *endpoint) Close() error   { return nil }
func (e *endpoint) Addr() net.Addr { return &net.TCPAddr{} }

func (e *endpoint) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case e.conns <- theirs:
		return ours, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// ServeHTTP plays the script.
func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	var req openai.ChatCompletionRequest
	if err := json.Unmarshal(raw, &req); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	e.mu.Lock()
	e.requests, e.bodies = append(e.requests, req), append(e.bodies, string(raw))
	n := len(e.requests)
	e.mu.Unlock()
	e.script(&answer{w: w, ctx: r.Context()}, req, n)
}

func (e *endpoint) asked() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.requests)
}

// answer is one response of the endpoint.
type answer struct {
	w   http.ResponseWriter
	ctx context.Context
}

// wait lets seconds of the bubble pass; false when the caller has gone.
func (a *answer) wait(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-a.ctx.Done():
		return false
	}
}

func (a *answer) fail(code int) {
	a.w.Header().Set("Content-Type", "application/json")
	a.w.WriteHeader(code)
	fmt.Fprintf(a.w, `{"error":{"message":"scripted","code":"%d"}}`, code)
}

func (a *answer) raw(s string) {
	io.WriteString(a.w, s)
	a.w.(http.Flusher).Flush()
}

func (a *answer) chunk(delta map[string]any, finish string) {
	choice := map[string]any{"index": 0, "delta": delta}
	if finish != "" {
		choice["finish_reason"] = finish
	}
	raw, _ := json.Marshal(map[string]any{"choices": []any{choice}})
	a.raw("data: " + string(raw) + "\n\n")
}

func (a *answer) text(s string) { a.chunk(map[string]any{"content": s}, "") }

func (a *answer) done() {
	a.chunk(map[string]any{}, "stop")
	a.raw("data: [DONE]\n\n")
}

func (a *answer) say(s string) { a.text(s); a.done() }

func (a *answer) call(name, arguments string) { a.calls([2]string{name, arguments}) }

func (a *answer) calls(list ...[2]string) {
	var out []any
	for i, c := range list {
		out = append(out, map[string]any{"index": i, "id": fmt.Sprint("c", i), "type": "function",
			"function": map[string]any{"name": c[0], "arguments": c[1]}})
	}
	a.chunk(map[string]any{"tool_calls": out}, "")
	a.chunk(map[string]any{}, "tool_calls")
	a.raw("data: [DONE]\n\n")
}

// understanding reports whether the endpoint is asked for labels.
func understanding(req openai.ChatCompletionRequest) bool {
	return strings.Contains(req.Messages[0].Content, "标注员")
}

// stage is a bot on a scripted endpoint.
type stage struct {
	*endpoint
	bot     bot.Answerer
	rules   bot.Answerer // what the rules alone answer
	model   *llm.Answerer
	events  []llm.Event
	drafts  []string
	library *kb.Library
}

// play runs a test in a bubble of its own time.
func play(t *testing.T, script func(a *answer, req openai.ChatCompletionRequest, n int), body func(t *testing.T, s *stage), change ...func(*llm.Options)) {
	t.Helper()
	p := parts()
	synctest.Test(t, func(t *testing.T) {
		e := &endpoint{script: script, conns: make(chan net.Conn), closed: make(chan struct{})}
		srv := &http.Server{Handler: e}
		go srv.Serve(e)
		transport := &http.Transport{DialContext: e.dial}
		s := &stage{endpoint: e, library: p.library}
		var mu sync.Mutex
		o := llm.Options{BaseURL: "http://model.invalid/v1", APIKey: "k", Model: "m", Rules: p.rules, Knowledge: p.library,
			Transport: transport, Observe: func(ev llm.Event) { mu.Lock(); s.events = append(s.events, ev); mu.Unlock() }}
		for _, c := range change {
			c(&o)
		}
		if l, ok := o.Knowledge.(*kb.Library); ok {
			s.library = l
		}
		var err error
		s.model, err = llm.New(o)
		require.NoError(t, err)
		s.bot = &claims.Guard{Next: s.model, Articles: s.library, Secrets: []string{llm.Canary}, Log: slog.New(slog.DiscardHandler)}
		s.rules = bot.New(o.Rules, o.Knowledge)
		defer func() {
			close(e.closed)
			transport.CloseIdleConnections()
			srv.Close()
		}()
		body(t, s)
	})
}

// turn is one message of a resident.
func (s *stage) turn(text string) bot.Turn {
	return bot.Turn{Now: friday, Conversation: channels.Conversation{ID: 1, Channel: "webchat", Contact: "v1", State: channels.WithBot},
		Messages: []channels.Message{{Author: channels.FromCustomer, Kind: channels.Text, Text: text, CreatedAt: friday}},
		Draft:    func(text string) { s.drafts = append(s.drafts, text) }}
}

func (s *stage) answer(t *testing.T, turn bot.Turn) (bot.Reply, time.Duration) {
	t.Helper()
	s.drafts = nil
	began := time.Now()
	r, err := s.bot.Answer(t.Context(), turn)
	require.NoError(t, err)
	took := time.Since(began)
	require.LessOrEqual(t, took, 10*time.Second)
	return r, took
}

func (s *stage) fromRules(t *testing.T, turn bot.Turn) bot.Reply {
	t.Helper()
	turn.Draft = nil
	r, err := s.rules.Answer(t.Context(), turn)
	require.NoError(t, err)
	return r
}

func (s *stage) saw(kind, outcome string) bool {
	for _, e := range s.events {
		if e.Kind == kind && (outcome == "" || e.Outcome == outcome) {
			return true
		}
	}
	return false
}

// records is a Book that a test can read.
type records struct {
	mu     sync.Mutex
	begun  []channels.ModelCall
	ended  int
	fails  bool
	alerts []channels.ModelAlert
	last   time.Time
}

func (b *records) BeginCall(_ context.Context, c channels.ModelCall, _ channels.Budget) (int64, string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fails {
		return 0, "", errors.New("no database")
	}
	b.begun = append(b.begun, c)
	return int64(len(b.begun)), "", nil
}

func (b *records) EndCall(_ context.Context, c channels.ModelCall) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.begun[c.ID-1] = c
	b.ended++
	return nil
}

func (b *records) AlertModel(_ context.Context, a channels.ModelAlert) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if now := time.Now(); b.last.IsZero() || now.Sub(b.last) >= channels.BetweenAlerts {
		b.alerts, b.last = append(b.alerts, a), now
		return true, nil
	}
	return false, nil
}

// read reports whether a part of an answer has been on the screen.
func (s *stage) read() bool {
	for _, d := range s.drafts {
		if d != "" && !strings.HasPrefix(d, "正在查询") {
			return true
		}
	}
	return false
}
