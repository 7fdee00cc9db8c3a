package wechat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/sony/gobreaker/v2"
)

const (
	tokenCall = "/cgi-bin/stable_token"

	callWithin = 8 * time.Second // of every call, the token's too
	dialWithin = 3 * time.Second
	maxAnswer  = 1 << 20 // of an answer that is not a file

	// The breaker: so many failures in a row, such a rest.
	enough = 5
	rest   = 10 * time.Second
)

// DefaultBase is where the API is.
const DefaultBase = "https://api.weixin.qq.com"

// Client calls the API of WeChat for all accounts. It may be used by several
// goroutines.
type Client struct {
	base    string
	http    *http.Client
	outside *http.Client // for addresses that an answer names
	tokens  *tokens
	breaker *gobreaker.TwoStepCircuitBreaker[any]
	now     func() time.Time
	watch   Watch
	tickets jsTickets
}

// Watch is told of what the client did, for metrics and alarms. Each may be nil.
type Watch struct {
	Called  func(call string, class Class) // class is empty when it went well
	Trouble func(a Account, e *Error)      // something an administrator has to mend
}

// ClientOptions say where the API is and what the processes share.
type ClientOptions struct {
	Base  string     // scheme and host; empty is DefaultBase
	Cache TokenCache // nil: this process alone
	Now   func() time.Time
	Watch Watch
}

// NewClient makes a client.
func NewClient(o ClientOptions) *Client {
	if o.Base == "" {
		o.Base = DefaultBase
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	c := &Client{base: strings.TrimRight(o.Base, "/"), now: o.Now, watch: o.Watch}
	c.http, c.outside = newHTTP(http.ProxyFromEnvironment, nil), newHTTP(nil, onlyPublic)
	c.breaker = gobreaker.NewTwoStepCircuitBreaker[any](gobreaker.Settings{
		Timeout:     rest,
		ReadyToTrip: func(n gobreaker.Counts) bool { return n.ConsecutiveFailures >= enough },
		// A caller that gave up says nothing about the API.
		IsExcluded: func(err error) bool { return errors.Is(err, context.Canceled) },
	})
	c.tokens = &tokens{cache: o.Cache, fetch: c.fetchToken, now: o.Now}
	return c
}

// newHTTP makes a client. control looks at each address before it is connected.
func newHTTP(proxy func(*http.Request) (*url.URL, error), control func(network, address string, _ syscall.RawConn) error) *http.Client {
	dialer := &net.Dialer{Timeout: dialWithin, KeepAlive: 30 * time.Second, Control: control}
	return &http.Client{
		Timeout: callWithin,
		Transport: &http.Transport{
			Proxy: proxy, DialContext: dialer.DialContext, TLSHandshakeTimeout: dialWithin,
			MaxIdleConnsPerHost: 16, IdleConnTimeout: 60 * time.Second,
			ResponseHeaderTimeout: callWithin, ForceAttemptHTTP2: true,
		},
		// A redirect would carry the token to somebody else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// TokenAge is how old the account's token is; 0 without one.
func (c *Client) TokenAge(a Account) time.Duration { return c.tokens.age(a) }

// post calls with a JSON body and reads the JSON answer into out, which may
// be nil. A bad token is dropped and the call made once more, not twice.
func (c *Client) post(ctx context.Context, a Account, call string, in, out any) error {
	body, err := encode(in)
	if err != nil {
		return err
	}
	return c.withToken(ctx, a, call, func(ctx context.Context, token string) error {
		return c.answer(ctx, call, request{
			method: http.MethodPost, query: url.Values{"access_token": {token}}, body: body, kind: "application/json",
		}, out)
	})
}

// get calls with a query.
func (c *Client) get(ctx context.Context, a Account, call string, query url.Values, out any) error {
	return c.withToken(ctx, a, call, func(ctx context.Context, token string) error {
		q := url.Values{"access_token": {token}}
		for k, v := range query {
			q[k] = v
		}
		return c.answer(ctx, call, request{method: http.MethodGet, query: q}, out)
	})
}

func (c *Client) withToken(ctx context.Context, a Account, call string, do func(context.Context, string) error) error {
	err := c.once(ctx, a, do)
	if ClassOf(err) == BadToken {
		err = c.once(ctx, a, do)
	}
	c.note(a, call, err)
	return err
}

// once makes one call with the token in force; a token that is refused is
// dropped.
func (c *Client) once(ctx context.Context, a Account, do func(context.Context, string) error) error {
	token, err := c.tokens.get(ctx, a)
	if err != nil {
		return err
	}
	err = do(ctx, token)
	if ClassOf(err) == BadToken {
		c.tokens.drop(ctx, a, token)
	}
	return err
}

// note tells the metrics and, where a person has to mend something, the alarm.
func (c *Client) note(a Account, call string, err error) {
	var e *Error
	errors.As(err, &e)
	if c.watch.Called != nil {
		class := Class("")
		if e != nil {
			class = e.Class
		}
		c.watch.Called(call, class)
	}
	if e == nil || c.watch.Trouble == nil {
		return
	}
	switch e.Class {
	case NotListed, BadSecret, BadToken, NotGranted, DayQuota, ToolsUsedUp:
		c.watch.Trouble(a, e)
	}
}

// fetchToken asks for a token. What is wrong with the secret is told here.
func (c *Client) fetchToken(ctx context.Context, a Account, force bool) (string, time.Duration, error) {
	body, err := encode(map[string]any{
		"grant_type": "client_credential", "appid": a.AppID, "secret": a.Secret, "force_refresh": force,
	})
	if err != nil {
		return "", 0, err
	}
	var got struct {
		Token   string `json:"access_token"`
		Expires int64  `json:"expires_in"`
	}
	err = c.answer(ctx, tokenCall, request{method: http.MethodPost, body: body, kind: "application/json"}, &got)
	if err == nil && got.Token == "" {
		err = &Error{Call: tokenCall, Class: OtherError}
	}
	var e *Error
	if errors.As(err, &e) && (e.Class == BadToken || e.Class == Doubtful) {
		// Nothing but a token was asked for: 40001 is about the secret here,
		// and what was to be sent surely was not.
		fixed := *e
		fixed.Class = map[Class]Class{BadToken: BadSecret, Doubtful: Busy}[e.Class]
		err = &fixed
	}
	if c.watch.Called != nil {
		c.watch.Called(tokenCall, ClassOf(err))
	}
	return got.Token, time.Duration(got.Expires) * time.Second, err
}

// request is one HTTP request to the API.
type request struct {
	method string
	query  url.Values
	body   []byte
	kind   string // content type of body
	named  bool   // an answer named the address
}

// answer makes the request and reads a JSON answer.
func (c *Client) answer(ctx context.Context, call string, r request, out any) error {
	text, err := c.exchange(ctx, call, c.base+call, r, maxAnswer)
	if errors.Is(err, errHuge) {
		return &Error{Call: call, Class: Doubtful}
	}
	if err != nil {
		return err
	}
	return readAnswer(call, text, out)
}

// readAnswer tells an error from an answer. What is neither leaves doubt: the
// API did something.
func readAnswer(call string, text []byte, out any) error {
	var said struct {
		Code *int   `json:"errcode"`
		Msg  string `json:"errmsg"`
	}
	if err := json.Unmarshal(text, &said); err != nil {
		return &Error{Call: call, Class: Doubtful}
	}
	if said.Code != nil && *said.Code != 0 {
		return newError(call, *said.Code, said.Msg)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return &Error{Call: call, Class: Doubtful}
	}
	return nil
}

// exchange makes one HTTP request behind the breaker and returns the answer;
// errHuge when it is longer than limit. Other errors are *Error and carry no
// address: it holds the token.
func (c *Client) exchange(ctx context.Context, call, address string, r request, limit int64) ([]byte, error) {
	if ctx.Err() != nil {
		return nil, &Error{Call: call, Class: Busy}
	}
	done := func(error) {} // what another host does says nothing about the API
	if !r.named {
		var err error
		if done, err = c.breaker.Allow(); err != nil {
			return nil, &Error{Call: call, Class: Resting}
		}
	}
	var gone atomic.Bool
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { gone.Store(true) }})
	text, status, err := c.send(traced, address, r, limit)
	switch {
	case errors.Is(err, errInside):
		return nil, ErrMedia
	case errors.Is(err, errHuge):
		done(nil)
		return nil, errHuge
	case err != nil && ctx.Err() != nil:
		done(context.Canceled)
	default:
		done(errors.Join(err, broken(status)))
	}
	switch {
	case err != nil && gone.Load():
		return nil, &Error{Call: call, Class: Doubtful}
	case err != nil:
		return nil, &Error{Call: call, Class: Busy}
	case status >= 500:
		return nil, &Error{Call: call, Class: Busy, Status: status}
	case status != http.StatusOK:
		return nil, &Error{Call: call, Class: OtherError, Status: status}
	}
	return text, nil
}

func broken(status int) error {
	if status >= 500 {
		return errors.New("wechat: server error")
	}
	return nil
}

var errHuge = errors.New("wechat: answer too long")

func (c *Client) send(ctx context.Context, address string, r request, limit int64) ([]byte, int, error) {
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	var body io.Reader
	if r.body != nil {
		body = bytes.NewReader(r.body)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, address, body)
	if err != nil {
		return nil, 0, err
	}
	if r.kind != "" {
		req.Header.Set("Content-Type", r.kind)
	}
	client := c.http
	if r.named && c.goesOut(req) {
		client = c.outside
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, 0, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, limit+1))
	if err == nil && int64(len(text)) > limit {
		err = errHuge
	}
	return text, res.StatusCode, err
}

// encode writes JSON as WeChat wants it: Chinese and < > & as they are.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, errors.New("wechat: cannot encode a request")
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}
