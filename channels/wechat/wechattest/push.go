package wechattest

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"quandesk/channels/wechat"
)

// Pusher pushes to the callback of one account as the servers of WeChat do:
// five seconds, three attempts, the same body each time.
type Pusher struct {
	URL     string // of the callback, without its query
	Account wechat.Account
	Client  *http.Client // nil: one of its own
	Now     func() time.Time
	Within  time.Duration // an attempt waits for; 0 is five seconds
}

// The rules of the real server.
const (
	within   = 5 * time.Second
	attempts = 3
	longest  = 2047 // bytes of a text
)

// Outage is what a resident sees instead of an answer.
const Outage = "该公众号提供的服务出现故障，请稍后再试"

// Outcome is what came of a push.
type Outcome struct {
	Attempts int
	Status   int           // of the last attempt that was answered
	Body     string        // of it, as it came
	Took     time.Duration // of the last attempt
	Shown    string        // to the resident: a reply, Outage or nothing
	Reply    *Reply        // a passive reply
	Sealed   bool          // it was encrypted
	Problems []string      // what the real server would not have taken
}

// Reply is a passive reply.
type Reply struct {
	XMLName xml.Name `xml:"xml"`
	To      string   `xml:"ToUserName"`
	From    string   `xml:"FromUserName"`
	Created int64    `xml:"CreateTime"`
	Type    string   `xml:"MsgType"`
	Content string   `xml:"Content"`
}

var ids atomic.Int64

// NextID is a MsgId that was not used before.
func NextID() string { return strconv.FormatInt(23000000000000000+ids.Add(1), 10) }

// Text is the body of a text somebody wrote.
func (p *Pusher) Text(from, text string) []byte {
	return p.Message(from, "text", "<Content>"+CDATA(text)+"</Content>")
}

// Message is the body of a message; fields go behind the common ones.
func (p *Pusher) Message(from, kind, fields string) []byte {
	return fmt.Appendf(nil, "<xml><ToUserName>%s</ToUserName><FromUserName>%s</FromUserName><CreateTime>%d</CreateTime>"+
		"<MsgType>%s</MsgType>%s<MsgId>%s</MsgId></xml>", CDATA(p.to()), CDATA(from), p.now().Unix(), CDATA(kind), fields, NextID())
}

// Event is the body of an event.
func (p *Pusher) Event(from, event, fields string) []byte {
	return fmt.Appendf(nil, "<xml><ToUserName>%s</ToUserName><FromUserName>%s</FromUserName><CreateTime>%d</CreateTime>"+
		"<MsgType><![CDATA[event]]></MsgType><Event>%s</Event>%s</xml>", CDATA(p.to()), CDATA(from), p.now().Unix(), CDATA(event), fields)
}

func (p *Pusher) to() string {
	if p.Account.GhID != "" {
		return p.Account.GhID
	}
	return "gh_test"
}

// CDATA is a text as WeChat writes it: as it is.
func CDATA(text string) string { return "<![CDATA[" + text + "]]>" }

func (p *Pusher) now() time.Time {
	if p.Now != nil {
		return p.Now()
	}
	return time.Now()
}

func (p *Pusher) client() *http.Client {
	if p.Client != nil {
		return p.Client
	}
	return http.DefaultClient
}

// Push pushes a body until it is answered, three times at the most.
func (p *Pusher) Push(ctx context.Context, body []byte) Outcome {
	var out Outcome
	for out.Attempts < attempts {
		out.Attempts++
		start := time.Now()
		status, answer, err := p.Once(ctx, body)
		out.Took = time.Since(start)
		if err != nil || status >= 500 {
			out.Status, out.Shown = status, Outage
			continue
		}
		out.Status, out.Body, out.Shown = status, answer, ""
		p.judge(&out, p.Account.AESKey)
		return out
	}
	return out
}

// Once makes one attempt.
func (p *Pusher) Once(ctx context.Context, body []byte) (status int, answer string, err error) {
	limit := p.Within
	if limit == 0 {
		limit = within
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	query, sent, err := p.Request(body)
	if err != nil {
		return 0, "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL+"?"+query.Encode(), bytes.NewReader(sent))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Content-Type", "text/xml")
	req.Header.Set("User-Agent", "Mozilla/4.0")
	res, err := p.client().Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, string(text), err
}

// Request is the query and the body of an attempt, by the mode of the account.
func (p *Pusher) Request(body []byte) (url.Values, []byte, error) {
	timestamp, nonce := strconv.FormatInt(p.now().Unix(), 10), strconv.FormatUint(rand.Uint64()>>32, 10)
	q := url.Values{
		"timestamp": {timestamp}, "nonce": {nonce}, "signature": {Sign(p.Account.Token, timestamp, nonce)},
		"openid": {from(body)},
	}
	if p.Account.Mode == wechat.Plain {
		return q, body, nil
	}
	sealed, err := Seal(p.Account.AESKey, p.Account.AppID, body)
	if err != nil {
		return nil, nil, err
	}
	q.Set("encrypt_type", "aes")
	q.Set("msg_signature", Sign(p.Account.Token, timestamp, nonce, sealed))
	to := "<ToUserName>" + CDATA(p.to()) + "</ToUserName>"
	if p.Account.Mode == wechat.Compatible {
		plain := strings.TrimSuffix(string(body), "</xml>")
		return q, []byte(plain + "<Encrypt>" + CDATA(sealed) + "</Encrypt></xml>"), nil
	}
	return q, []byte("<xml>" + to + "<Encrypt>" + CDATA(sealed) + "</Encrypt></xml>"), nil
}

func from(body []byte) string {
	_, rest, _ := strings.Cut(string(body), "<FromUserName><![CDATA[")
	openid, _, _ := strings.Cut(rest, "]]>")
	return openid
}

// Verify asks for the echo, as when the address is saved.
func (p *Pusher) Verify(ctx context.Context, echo string) (status int, answer string, err error) {
	timestamp, nonce := strconv.FormatInt(p.now().Unix(), 10), "514711492"
	q := url.Values{"timestamp": {timestamp}, "nonce": {nonce}, "echostr": {echo},
		"signature": {Sign(p.Account.Token, timestamp, nonce)}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL+"?"+q.Encode(), nil)
	if err != nil {
		return 0, "", err
	}
	res, err := p.client().Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, string(text), err
}

// judge decides what the resident sees of an answer.
func (p *Pusher) judge(out *Outcome, key string) {
	if out.Status != http.StatusOK {
		out.Shown = Outage
		out.Problems = append(out.Problems, "status "+strconv.Itoa(out.Status))
		return
	}
	if out.Body == "" || out.Body == "success" {
		return
	}
	plain := []byte(out.Body)
	if inner, err := p.unseal(plain, key); err == nil {
		plain, out.Sealed = inner, true
	} else if p.Account.Mode == wechat.Safe {
		out.Problems = append(out.Problems, "not encrypted")
	}
	var r Reply
	if err := xml.Unmarshal(plain, &r); err != nil {
		out.Problems = append(out.Problems, "no XML")
	} else {
		out.Problems = append(out.Problems, p.faults(r)...)
	}
	if out.Shown = r.Content; len(out.Problems) > 0 {
		out.Shown = Outage
		return
	}
	out.Reply = &r
}

func (p *Pusher) faults(r Reply) (out []string) {
	for fault, there := range map[string]bool{
		"no text":           r.Type != "text",
		"empty":             strings.TrimSpace(r.Content) == "",
		"too long":          len(r.Content) > longest,
		"broken UTF-8":      !utf8.ValidString(r.Content),
		"not from us":       r.From != p.to(),
		"no time":           r.Created == 0,
		"control character": strings.ContainsFunc(r.Content, func(c rune) bool { return c < ' ' && c != '\n' && c != '\t' }),
	} {
		if there {
			out = append(out, fault)
		}
	}
	return out
}

func (p *Pusher) unseal(body []byte, key string) ([]byte, error) {
	var e struct {
		XMLName   xml.Name `xml:"xml"`
		Encrypt   string   `xml:"Encrypt"`
		Signature string   `xml:"MsgSignature"`
		Timestamp string   `xml:"TimeStamp"`
		Nonce     string   `xml:"Nonce"`
	}
	if err := xml.Unmarshal(body, &e); err != nil {
		return nil, err
	}
	if e.Encrypt == "" || e.Signature != Sign(p.Account.Token, e.Timestamp, e.Nonce, e.Encrypt) {
		return nil, errors.New("wechattest: reply without its signature")
	}
	return Unseal(key, p.Account.AppID, e.Encrypt)
}

// JudgeWith judges an answer that must be encrypted with this key.
func (p *Pusher) JudgeWith(key string, status int, body string) Outcome {
	out := Outcome{Attempts: 1, Status: status, Body: body}
	p.judge(&out, key)
	return out
}
