package llm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	openai "github.com/sashabaranov/go-openai"

	"quandesk/channels"
)

// What an answer of the endpoint may hold.
const (
	longestAnswer    = 4000    // characters of text
	longestArguments = 8 << 10 // bytes of a tool's arguments (T61)
	longestBody      = 1 << 20 // bytes on the wire
	mostCalls        = 4       // tools in one turn (T61)
)

// Why a model was not asked, or not heard to the end.
var (
	errBusy   = errors.New("llm: too many calls at a time")
	errOpen   = errors.New("llm: the endpoint rests after failures")
	errSlow   = errors.New("llm: no first token in time")
	errLong   = errors.New("llm: the answer is too long")
	errCut    = errors.New("llm: the answer ended too early")
	errBudget = errors.New("llm: the budget is used up")
	errRecord = errors.New("llm: the call cannot be put on record")
)

// Book is where calls are on record, before they are made and after, and
// where their budgets are counted. The store is one that all processes share.
type Book interface {
	// BeginCall puts a call on record and returns its number; why is not empty
	// when a budget is spent.
	BeginCall(ctx context.Context, c channels.ModelCall, b channels.Budget) (id int64, why string, err error)
	// EndCall completes the record.
	EndCall(ctx context.Context, c channels.ModelCall) error
	// AlertModel tells administrators, at most once in five minutes.
	AlertModel(ctx context.Context, a channels.ModelAlert) (told bool, err error)
}

// client calls the endpoint within the limits.
type client struct {
	api     *openai.Client
	vendor  string // host of the endpoint
	model   string
	limits  Limits
	gate    chan struct{}
	breaker breaker
	book    Book
	log     *slog.Logger
	// What the endpoint turned out not to know. Set once it has answered
	// without.
	noSchema, noTools, noUsage atomic.Bool
}

func newClient(o Options, l Limits) *client {
	c := &client{
		api: connect(o.BaseURL, o.APIKey, o.Transport, l, longestBody), vendor: host(o.BaseURL), model: o.Model,
		limits: l, gate: make(chan struct{}, l.Parallel), breaker: breaker{most: l.Failures, rest: l.Rest},
		book: o.Book, log: o.Log,
	}
	if c.book == nil {
		c.book = newNotebook()
	}
	return c
}

// connect makes what speaks to an endpoint; no answer has more bytes than most.
func connect(url, key string, transport http.RoundTripper, l Limits, most int64) *openai.Client {
	if transport == nil {
		transport = &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DialContext:            (&net.Dialer{Timeout: l.Connect}).DialContext,
			TLSHandshakeTimeout:    l.Connect,
			ResponseHeaderTimeout:  l.FirstToken,
			MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConnsPerHost:    l.Parallel,
			IdleConnTimeout:        time.Minute,
		}
	}
	cfg := openai.DefaultConfig(key)
	cfg.BaseURL = strings.TrimRight(url, "/")
	cfg.HTTPClient = &http.Client{Transport: capped{transport, most}, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // the key goes to one host only
	}}
	return openai.NewClientWithConfig(cfg)
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// capped bounds what a response may hold: a line without an end would
// otherwise be kept whole.
type capped struct {
	next http.RoundTripper
	most int64
}

func (c capped) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := c.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, c.most), resp.Body}
	return resp, nil
}

// call is one question to the endpoint.
type call struct {
	record   channels.ModelCall // what is kept of it
	messages []openai.ChatCompletionMessage
	tools    []openai.Tool
	schema   *openai.ChatCompletionResponseFormat
	tokens   int
	hear     func(delta string) error // text as it comes; an error stops the answer
	usage    bool                     // tokens are to be told
}

// said is what the endpoint answered.
type said struct {
	text       string
	tools      []openai.ToolCall
	firstToken time.Duration
	usage      openai.Usage
	calls      []int64 // their numbers on record
}

// ask calls the endpoint; once more when nothing had come yet and it may help.
func (c *client) ask(ctx context.Context, q call) (said, error) {
	select {
	case c.gate <- struct{}{}:
		defer func() { <-c.gate }()
	default:
		return said{}, errBusy
	}
	if c.noSchema.Load() {
		q.schema = nil
	}
	if c.noTools.Load() {
		q.tools = nil
	}
	q.usage = !c.noUsage.Load()
	wanted := q
	var calls []int64
	var before error
	for try := 0; ; try++ {
		got, err := c.recorded(ctx, q)
		calls = append(calls, got.calls...)
		got.calls = calls
		if errors.Is(err, errOpen) && before != nil {
			err = before // the first try has opened it
		}
		before = err
		switch {
		case err == nil:
			c.learn(wanted, q)
			return got, nil
		case status(err) == http.StatusBadRequest && ctx.Err() == nil && q.simpler():
		case try > 0 || got.firstToken > 0 || ctx.Err() != nil || !again(err):
			c.alarm(ctx, err)
			return got, err
		}
	}
}

// simpler takes out of a question what not every endpoint knows; false when
// there is nothing left to take out.
func (q *call) simpler() bool {
	switch {
	case q.schema != nil || len(q.tools) > 0:
		q.schema, q.tools = nil, nil
	case q.usage:
		q.usage = false
	default:
		return false
	}
	return true
}

// learn remembers without what a question was answered.
func (c *client) learn(wanted, q call) {
	c.noSchema.Store(c.noSchema.Load() || wanted.schema != nil && q.schema == nil)
	c.noTools.Store(c.noTools.Load() || len(wanted.tools) > 0 && len(q.tools) == 0)
	c.noUsage.Store(c.noUsage.Load() || !q.usage)
}

// recorded makes one call that the breaker and the budgets allow, with its
// record before and after: nothing leaves without one.
func (c *client) recorded(ctx context.Context, q call) (said, error) {
	if !c.breaker.allow(time.Now()) {
		return said{}, errOpen
	}
	q.record.Vendor, q.record.Model = c.vendor, c.model
	id, why, err := c.book.BeginCall(ctx, q.record, channels.Budget{Hourly: c.limits.Hourly, Daily: c.limits.Daily})
	if err != nil || why != "" {
		c.breaker.report(false, false, time.Now())
		if err == nil {
			return said{}, &refusal{why}
		}
		return said{}, fmt.Errorf("%w: %w", errRecord, err)
	}
	began := time.Now()
	got, err := c.once(ctx, q)
	c.breaker.report(err == nil, telling(err), time.Now())
	got.calls = []int64{id}
	q.record.ID, q.record.Outcome, q.record.Took, q.record.FirstToken = id, outcome(err), time.Since(began), got.firstToken
	q.record.TokensIn, q.record.TokensOut = got.usage.PromptTokens, got.usage.CompletionTokens
	finish(ctx, c.book, c.log, q.record)
	return got, err
}

// finish completes a record, also when whoever asked has given up.
func finish(ctx context.Context, b Book, log *slog.Logger, record channels.ModelCall) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := b.EndCall(ctx, record); err != nil {
		log.WarnContext(ctx, "record of a model call not completed", "call", record.ID, "error", err)
	}
}

// unasked reports whether an error is from before a call was made.
func unasked(err error) bool {
	return errors.Is(err, errBusy) || errors.Is(err, errOpen) || errors.Is(err, errBudget) || errors.Is(err, errRecord)
}

// alarm tells administrators when the endpoint refuses us, or has failed so
// often that it is not asked any more.
func (c *client) alarm(ctx context.Context, err error) {
	if unasked(err) {
		return
	}
	code := status(err)
	refused := code == http.StatusUnauthorized || code == http.StatusForbidden || code == http.StatusNotFound
	if telling(err) && (refused || c.breaker.open()) {
		alert(ctx, c.book, c.log, channels.ModelAlert{Vendor: c.vendor, Model: c.model, Reason: outcome(err)})
	}
}

func alert(ctx context.Context, b Book, log *slog.Logger, a channels.ModelAlert) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	told, err := b.AlertModel(ctx, a)
	switch {
	case err != nil:
		log.WarnContext(ctx, "nobody told that the model is away", "error", err)
	case told:
		log.ErrorContext(ctx, "model does not answer", "vendor", a.Vendor, "model", a.Model, "reason", a.Reason)
	}
}

// refusal says which budget is used up.
type refusal struct{ why string }

func (r *refusal) Error() string { return errBudget.Error() + ": " + r.why }
func (r *refusal) Unwrap() error { return errBudget }

// telling reports whether an error says that the endpoint is not well.
func telling(err error) bool {
	var input *errInput
	return err != nil && !errors.As(err, &input) && !errors.Is(err, context.Canceled) && !errors.Is(err, errLong) && status(err) != http.StatusBadRequest
}

// again reports whether asking once more may help: the connection was lost or
// the server stumbled. One that took its time to say nothing is not waited for
// again.
func again(err error) bool {
	var input *errInput
	var slow net.Error
	if unasked(err) || errors.Is(err, errSlow) || errors.Is(err, errLong) || errors.As(err, &input) || errors.As(err, &slow) && slow.Timeout() {
		return false
	}
	code := status(err)
	return code == 0 || code >= 500
}

func status(err error) int {
	var api *openai.APIError
	if errors.As(err, &api) {
		return api.HTTPStatusCode
	}
	var req *openai.RequestError
	if errors.As(err, &req) {
		return req.HTTPStatusCode
	}
	return 0
}
