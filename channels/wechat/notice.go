package wechat

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"quandesk/channels"
)

// Way is how a notice reaches a resident who cannot be written to.
type Way string

// The ways, in the order in which they are tried.
const (
	BySubscribe Way = "subscribe" // 订阅通知
	ByTemplate  Way = "template"  // 模板消息
	BySMS       Way = "sms"
)

// Notice tells a resident that something waits for them in the account.
type Notice struct {
	ID             int64
	Account        string
	OpenID         string
	ConversationID int64
	MessageID      int64
	TicketNo       string
	Phone          string // of the ticket; empty: no SMS
	At             time.Time
	Tried          Way // the way at which a process stopped without a word
}

// NoticeState is how far a notice has come.
type NoticeState string

// The states of notices. Delivered is what WeChat reported afterwards.
const (
	NoticePending   NoticeState = "pending"
	NoticeSending   NoticeState = "sending"
	NoticeSent      NoticeState = "sent"
	NoticeDelivered NoticeState = "delivered"
	NoticeFailed    NoticeState = "failed"
	NoticeUnknown   NoticeState = "unknown"
)

// NoticeResult is what became of a notice.
type NoticeResult struct {
	State NoticeState
	Way   Way
	WayID string // WeChat's number of a template message
	Why   string // the class of the last refusal
}

// Templates are an account's templates for notices, entered by the
// administrator: the fields are those of the chosen template.
type Templates struct {
	SubscribeID     string            `json:"subscribe_id"`
	SubscribeFields map[string]string `json:"subscribe_fields"`
	TemplateID      string            `json:"template_id"`
	TemplateFields  map[string]string `json:"template_fields"`
	URL             string            `json:"url"` // what a tap opens; empty: nothing
}

// SMS sends a text message. ErrUndelivered when it surely was not sent.
type SMS interface {
	Send(ctx context.Context, phone, text string) error
}

// Notifier sends notices by the first way that works.
type Notifier struct {
	Client    *Client
	Accounts  *Accounts
	Templates func(ctx context.Context, account string) (Templates, error)
	SMS       SMS // nil: none
	// At notes a way before it is tried, so that a crash does not try it twice.
	At func(ctx context.Context, id int64, way Way) error
}

// errNoWay is when a way is not set up for the account or the resident.
var errNoWay = errors.New("wechat: no such way")

// Notify sends a notice: subscribe notice, else template message, else SMS.
// What is not set up, not accepted or not granted falls on to the next; doubt
// ends it, for the resident may have it.
func (n *Notifier) Notify(ctx context.Context, x Notice) (NoticeResult, error) {
	out := NoticeResult{State: NoticeFailed, Why: "no_way"}
	a, ok := n.Accounts.ByName(x.Account)
	if !ok {
		return out, nil
	}
	t, err := n.Templates(ctx, x.Account)
	if err != nil {
		return out, err
	}
	reached := x.Tried == ""
	for _, way := range []Way{BySubscribe, ByTemplate, BySMS} {
		if !reached {
			// A template message carries our own number: WeChat sends it once.
			reached = way == x.Tried
			if !reached || way != ByTemplate {
				continue
			}
		}
		id, err := n.by(ctx, way, a, t, x)
		switch {
		case errors.Is(err, errNoWay):
			continue
		case err == nil:
			return NoticeResult{State: NoticeSent, Way: way, WayID: id}, nil
		case ClassOf(err) == Doubtful || way == BySMS && ClassOf(err) == "" && !errors.Is(err, channels.ErrUndelivered):
			return NoticeResult{State: NoticeUnknown, Way: way, Why: string(Doubtful)}, nil
		}
		out.Way, out.Why = way, orOther(ClassOf(err))
	}
	return out, nil
}

func orOther(c Class) string {
	if c == "" {
		return string(OtherError)
	}
	return string(c)
}

func (n *Notifier) by(ctx context.Context, way Way, a Account, t Templates, x Notice) (id string, err error) {
	send := map[Way]func() (string, error){
		BySubscribe: func() (string, error) { return "", n.Client.sendSubscribe(ctx, a, x, t) },
		ByTemplate:  func() (string, error) { return n.Client.sendTemplate(ctx, a, x, t) },
		BySMS:       func() (string, error) { return "", n.SMS.Send(ctx, x.Phone, smsText(x)) },
	}[way]
	switch {
	case way == BySubscribe && (t.SubscribeID == "" || !a.Verified),
		way == ByTemplate && (t.TemplateID == "" || !a.Verified),
		way == BySMS && (n.SMS == nil || x.Phone == ""):
		return "", errNoWay
	}
	if n.At != nil {
		if err := n.At(ctx, x.ID, way); err != nil {
			return "", &Error{Call: string(way), Class: Busy}
		}
	}
	return send()
}

// smsText names no matter: a telephone lies on a table.
func smsText(x Notice) string {
	s := "您在微信公众号反映的事项有新回复"
	if x.TicketNo != "" {
		s += "（工单" + x.TicketNo + "）"
	}
	return s + "，请打开公众号回复任意内容查看。"
}

const (
	subscribeCall = "/cgi-bin/message/subscribe/bizsend"
	templateCall  = "/cgi-bin/message/template/send"
)

func (c *Client) sendSubscribe(ctx context.Context, a Account, x Notice, t Templates) error {
	in := map[string]any{"touser": x.OpenID, "template_id": t.SubscribeID, "data": fields(t.SubscribeFields, x)}
	if t.URL != "" {
		in["page"] = t.URL
	}
	return c.post(ctx, a, subscribeCall, in, nil)
}

func (c *Client) sendTemplate(ctx context.Context, a Account, x Notice, t Templates) (string, error) {
	in := map[string]any{
		"touser": x.OpenID, "template_id": t.TemplateID, "data": fields(t.TemplateFields, x),
		"client_msg_id": fmt.Sprintf("quandesk-%d", x.ID),
	}
	if t.URL != "" {
		in["url"] = t.URL
	}
	var got struct {
		MsgID int64 `json:"msgid"`
	}
	err := c.post(ctx, a, templateCall, in, &got)
	return fmt.Sprint(got.MsgID), err
}

// fields fills a template's fields: {工单号}, {时间} and {提醒}, or {ticket},
// {time} and {text}, stand for what the notice is about.
func fields(set map[string]string, x Notice) map[string]any {
	out := map[string]any{}
	no, at, text := orDash(x.TicketNo), x.At.In(beijing).Format("2006年1月2日 15:04"), "您有一条新回复"
	fill := strings.NewReplacer("{工单号}", no, "{时间}", at, "{提醒}", text, "{ticket}", no, "{time}", at, "{text}", text)
	for name, value := range set {
		if name == "first" || name == "remark" {
			continue // WeChat drops them
		}
		out[name] = map[string]string{"value": Field(fill.Replace(value))}
	}
	return out
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// fieldRunes is how many characters a field of a template may have; WeChat cuts
// the rest off without a word.
const fieldRunes = 20

// Field is a value as a template's field takes it: at most 20 characters, one
// line, no emoji.
func Field(s string) string {
	var out []rune
	for _, r := range Clean(s) {
		switch {
		case unicode.IsSpace(r):
			r = ' '
		case r > 0xffff || unicode.In(r, unicode.So, unicode.Sk, unicode.Cf, unicode.Co) || r >= 0xfe00 && r <= 0xfe0f || r == 0x20e3:
			continue
		}
		if r == ' ' && (len(out) == 0 || out[len(out)-1] == ' ') {
			continue
		}
		out = append(out, r)
	}
	if len(out) > fieldRunes {
		out = append(out[:fieldRunes-1], '…')
	}
	return strings.TrimSpace(string(out))
}

var beijing = time.FixedZone("Asia/Shanghai", 8*60*60)
