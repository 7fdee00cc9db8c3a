package llm

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	openai "github.com/sashabaranov/go-openai"
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
)

// client calls the endpoint within the limits.
type client struct {
	api     *openai.Client
	model   string
	limits  Limits
	gate    chan struct{}
	breaker breaker
	budget  budget
	// What the endpoint turned out not to know. Set once it has answered
	// without.
	noSchema, noTools atomic.Bool
}

func newClient(o Options, l Limits) *client {
	transport := o.Transport
	if transport == nil {
		transport = &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: l.Connect}).DialContext,
			TLSHandshakeTimeout:   l.Connect,
			ResponseHeaderTimeout: l.FirstToken,
			MaxIdleConnsPerHost:   l.Parallel,
			IdleConnTimeout:       time.Minute,
		}
	}
	cfg := openai.DefaultConfig(o.APIKey)
	cfg.BaseURL = strings.TrimRight(o.BaseURL, "/")
	cfg.HTTPClient = &http.Client{Transport: capped{transport}, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // the key goes to one host only
	}}
	return &client{
		api: openai.NewClientWithConfig(cfg), model: o.Model, limits: l, gate: make(chan struct{}, l.Parallel),
		breaker: breaker{most: l.Failures, rest: l.Rest}, budget: budget{hourly: l.Hourly, daily: l.Daily},
	}
}

// capped bounds what a response may hold: a line without an end would
// otherwise be kept whole.
type capped struct{ next http.RoundTripper }

func (c capped) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := c.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, longestBody), resp.Body}
	return resp, nil
}

// call is one question to the endpoint.
type call struct {
	who      string // whose budget
	at       time.Time
	messages []openai.ChatCompletionMessage
	tools    []openai.Tool
	schema   *openai.ChatCompletionResponseFormat
	tokens   int
	hear     func(delta string) error     // text as it comes; an error stops the answer
	wanted   struct{ schema, tools bool } // and was done without
}

// said is what the endpoint answered.
type said struct {
	text       string
	tools      []openai.ToolCall
	firstToken time.Duration
}

// ask calls the endpoint; once more when nothing had come yet and it may help.
func (c *client) ask(ctx context.Context, q call) (said, error) {
	select {
	case c.gate <- struct{}{}:
		defer func() { <-c.gate }()
	default:
		return said{}, errBusy
	}
	ctx, cancel := context.WithTimeout(ctx, c.limits.Call)
	defer cancel()
	if c.noSchema.Load() {
		q.schema = nil
	}
	if c.noTools.Load() {
		q.tools = nil
	}
	plain := false
	for try := 0; ; try++ {
		if !c.breaker.allow(time.Now()) {
			return said{}, errOpen
		}
		if why := c.budget.take(q.who, q.at); why != "" {
			c.breaker.report(false, false, time.Now())
			return said{}, &refusal{why}
		}
		got, err := c.once(ctx, q)
		c.breaker.report(err == nil, telling(err), time.Now())
		if err == nil && plain {
			c.noSchema.Store(c.noSchema.Load() || q.wanted.schema)
			c.noTools.Store(c.noTools.Load() || q.wanted.tools)
		}
		if err == nil || try > 0 || got.firstToken > 0 || ctx.Err() != nil || !again(err, q) {
			return got, err
		}
		if status(err) == http.StatusBadRequest {
			plain = true
			q.wanted.schema, q.wanted.tools = q.schema != nil, q.tools != nil
			q.schema, q.tools = nil, nil
		}
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
// the server stumbled, or it knows no schemas or tools.
func again(err error, q call) bool {
	var input *errInput
	if errors.Is(err, errSlow) || errors.Is(err, errLong) || errors.As(err, &input) {
		return false
	}
	code := status(err)
	return code == 0 || code >= 500 || code == http.StatusBadRequest && (q.schema != nil || q.tools != nil)
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

// once asks one time and reads the stream.
func (c *client) once(ctx context.Context, q call) (said, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	slow := time.AfterFunc(c.limits.FirstToken, func() { stop(errSlow) })
	defer slow.Stop()
	req := openai.ChatCompletionRequest{
		Model: c.model, Messages: q.messages, Tools: q.tools, Temperature: 0.1, Stream: true, ResponseFormat: q.schema,
	}
	//lint:ignore SA1019 every compatible endpoint knows max_tokens, few know its successor
	req.MaxTokens = q.tokens
	began := time.Now()
	stream, err := c.api.CreateChatCompletionStream(ctx, req)
	if err != nil {
		return said{}, because(ctx, err)
	}
	defer stream.Close()
	var got said
	var text strings.Builder
	characters, finished := 0, false
	for {
		part, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return got, because(ctx, err)
		}
		for _, choice := range part.Choices {
			d := choice.Delta
			finished = finished || choice.FinishReason != ""
			if d.Content == "" && len(d.ToolCalls) == 0 {
				continue
			}
			if got.firstToken == 0 {
				slow.Stop()
				got.firstToken = max(time.Since(began), 1)
			}
			if err := got.take(d.ToolCalls); err != nil {
				return got, err
			}
			if characters += utf8.RuneCountInString(d.Content); characters > longestAnswer {
				return got, errLong
			}
			text.WriteString(d.Content)
			if q.hear != nil && d.Content != "" {
				if err := q.hear(d.Content); err != nil {
					return got, err
				}
			}
		}
	}
	got.text = text.String()
	if !finished || got.firstToken == 0 {
		return got, errCut
	}
	return got, nil
}

// because is why a call ended: the reason it was stopped for, if it was.
func because(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// take puts pieces of tool calls together.
func (s *said) take(parts []openai.ToolCall) error {
	for _, p := range parts {
		i := len(s.tools) - 1
		if p.Index != nil {
			i = *p.Index
		} else if p.ID != "" || i < 0 {
			i = len(s.tools)
		}
		if i < 0 || i >= mostCalls || i > len(s.tools) {
			return wrongf("more than %d tools at once", mostCalls)
		}
		if i == len(s.tools) {
			s.tools = append(s.tools, openai.ToolCall{Type: openai.ToolTypeFunction})
		}
		t := &s.tools[i]
		t.ID += p.ID
		t.Function.Name += p.Function.Name
		t.Function.Arguments += p.Function.Arguments
		if len(t.Function.Arguments) > longestArguments || len(t.Function.Name) > 64 || len(t.ID) > 128 {
			return wrongf("a tool with too much to say")
		}
	}
	return nil
}
