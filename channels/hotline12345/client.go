package hotline12345

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The headers of a signed request, both ways.
const (
	HeaderTimestamp = "X-Hotline-Timestamp"
	HeaderNonce     = "X-Hotline-Nonce"
	HeaderSignature = "X-Hotline-Signature"
	HeaderKey       = "Idempotency-Key"
)

// Result is what is known of a message after a request.
type Result string

// The results.
const (
	Taken    Result = "taken"    // the platform has it
	Declined Result = "declined" // the platform does not want it, and says why
	Absent   Result = "absent"   // the platform says that it does not have it
	Failed   Result = "failed"   // it did not get there
	Doubtful Result = "doubtful" // it may have got there
)

// Answer is a result and the platform's own words.
type Answer struct {
	Result Result
	Reason string
}

// Client speaks to the platform's endpoint: POST of a message, and GET with
// ?key= of what has become of one. Both are signed like what the platform
// pushes. It goes to the configured host only and follows no redirect (SSRF).
type Client struct {
	base   url.URL
	secret string
	http   *http.Client
	now    func() time.Time
}

const (
	clientWithin = 10 * time.Second // for one request
	longestReply = 64 << 10         // bytes of an answer that are read
	longestWords = 200              // characters of a reason that are kept
)

// ErrEndpoint is returned for an endpoint that cannot be used.
var ErrEndpoint = errors.New("hotline12345: bad endpoint")

// NewClient makes a client of an endpoint such as https://host/path.
func NewClient(endpoint, secret string, now func() time.Time) (*Client, error) {
	u, err := url.Parse(endpoint)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Host == "", u.User != nil, u.Fragment != "":
		return nil, ErrEndpoint // without the address: it may hold a secret
	case secret == "":
		return nil, fmt.Errorf("%w: no secret to sign with", ErrEndpoint)
	}
	transport := &http.Transport{
		Proxy: nil, MaxIdleConns: 2, IdleConnTimeout: time.Minute, TLSHandshakeTimeout: 5 * time.Second,
		DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext, MaxResponseHeaderBytes: 32 << 10,
	}
	return &Client{base: *u, secret: secret, now: now, http: &http.Client{
		Transport: transport, Timeout: clientWithin,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Close gives idle connections back.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Send posts a message. What cannot be known to have failed is Doubtful.
func (c *Client) Send(ctx context.Context, o Outward) Answer {
	data, err := o.JSON()
	if err != nil {
		return Answer{Failed, "内容无法编码"}
	}
	res, raw, answer := c.do(ctx, http.MethodPost, c.base, o.Key, data)
	if answer != nil {
		return *answer
	}
	said := reasonOf(raw)
	switch code := res.StatusCode; {
	case code >= 200 && code < 300:
		return taken(raw)
	case code >= 300 && code < 400:
		return Answer{Failed, "平台返回跳转，未跟随"}
	case code == http.StatusConflict:
		return Answer{Doubtful, said} // it may have had this key before: asking tells
	case code == http.StatusTooManyRequests, code == http.StatusServiceUnavailable:
		return Answer{Failed, "平台繁忙"}
	case code == http.StatusRequestTimeout, code >= 500:
		return Answer{Doubtful, "平台出错（" + strconv.Itoa(code) + "）"}
	}
	return Answer{Declined, or(said, "平台未说明原因（"+strconv.Itoa(res.StatusCode)+"）")}
}

// taken reads what stands under a status of success. A page of a portal in
// between is no word of the platform's, and some platforms refuse in the body.
func taken(raw string) Answer {
	raw = strings.TrimSpace(strings.TrimPrefix(raw, "\ufeff"))
	var s said
	isJSON := json.Unmarshal([]byte(raw), &s) == nil
	switch {
	case isJSON && (s.State == "refused" || s.Success != nil && !*s.Success):
		return Answer{Declined, or(reasonOf(raw), "平台未说明原因")}
	case isJSON && s.State == "unknown", !utf8.ValidString(raw), !isJSON && strings.ContainsAny(raw, "<{["):
		return Answer{Doubtful, "平台的回答看不懂"}
	}
	return Answer{Taken, ""}
}

// Ask asks what has become of a message. Only a platform that says so in so
// many words does not have it: any other 404 may come from a wrong path.
func (c *Client) Ask(ctx context.Context, key string) Answer {
	at := c.base
	q := at.Query()
	q.Set("key", key)
	at.RawQuery = q.Encode()
	res, raw, answer := c.do(ctx, http.MethodGet, at, key, nil)
	if answer != nil {
		return Answer{Doubtful, answer.Reason}
	}
	switch state := stateOf(raw); {
	case res.StatusCode == http.StatusOK && state == "accepted":
		return Answer{Taken, ""}
	case res.StatusCode == http.StatusOK && state == "refused":
		return Answer{Declined, or(reasonOf(raw), "平台未说明原因")}
	case state == "unknown" && (res.StatusCode == http.StatusOK || res.StatusCode == http.StatusNotFound):
		return Answer{Absent, ""}
	}
	return Answer{Doubtful, "平台未说明是否收到（" + strconv.Itoa(res.StatusCode) + "）"}
}

// do makes a signed request. The answer is set when there was no response.
func (c *Client) do(ctx context.Context, method string, at url.URL, key string, data []byte) (*http.Response, string, *Answer) {
	req, err := http.NewRequestWithContext(ctx, method, at.String(), bytes.NewReader(data))
	if err != nil {
		return nil, "", &Answer{Failed, "请求无法生成"}
	}
	seal := c.seal(data)
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set(HeaderTimestamp, seal.Timestamp)
	req.Header.Set(HeaderNonce, seal.Nonce)
	req.Header.Set(HeaderSignature, seal.Signature)
	req.Header.Set(HeaderKey, url.QueryEscape(key))
	res, err := c.http.Do(req)
	if err != nil {
		var dial *net.OpError
		if errors.As(err, &dial) && dial.Op == "dial" {
			return nil, "", &Answer{Failed, "连接不上平台"}
		}
		return nil, "", &Answer{Doubtful, "平台没有回音"}
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, longestReply))
	if err != nil && res.StatusCode >= 300 {
		return nil, "", &Answer{Doubtful, "平台的回音中断"}
	}
	return res, string(raw), nil
}

// seal signs a body with a fresh nonce.
func (c *Client) seal(data []byte) Seal {
	s := Seal{Timestamp: strconv.FormatInt(c.now().Unix(), 10), Nonce: rand.Text()}
	s.Signature = Sign(c.secret, s.Timestamp, s.Nonce, data)
	return s
}

// said is what a platform may answer.
type said struct {
	State   string `json:"state"`
	Success *bool  `json:"success"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
	Error   struct {
		Message string `json:"message"`
	} `json:"error"`
}

func stateOf(text string) string {
	var s said
	if json.Unmarshal([]byte(text), &s) != nil {
		return ""
	}
	return s.State
}

// reasonOf is why, in the platform's words: on one line, short, and nothing of
// a page of HTML.
func reasonOf(text string) string {
	var s said
	if json.Unmarshal([]byte(text), &s) == nil {
		text = or(s.Reason, or(s.Message, s.Error.Message))
	} else if strings.ContainsAny(text, "<{") {
		text = ""
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, " "))
	runes := []rune(strings.Join(strings.Fields(text), " "))
	return string(runes[:min(len(runes), longestWords)])
}
