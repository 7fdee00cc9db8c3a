package wechat

import (
	"context"
	"fmt"
	"strings"
	"time"

	"quandesk/channels"
)

const (
	sendCall = "/cgi-bin/message/custom/send"

	// more stands behind the last part that may be sent now.
	more = "\n（未完，回复“继续”接着看）"
	// partLimit leaves room for it.
	partLimit = partBytes - len(more)
)

// Why a message does not go out, besides the classes of errors.
const (
	WhyNotVerified = "not_verified" // this account only answers what residents write
	WhyAccount     = "account"      // disabled or not there any more
	WhyOrder       = "order"        // one before it waits
	WhyRestUnread  = "rest_unread"  // the resident did not ask for the rest
	WhyKind        = "kind"         // nothing that can be sent
)

// Sender writes to residents: customer-service messages, as many as WeChat
// allows. It implements channels.Adapter.
type Sender struct {
	client   *Client
	accounts *Accounts
	book     Book
	files    Files
	media    MediaBook
	typing   typists
	pause    []time.Duration // before a call that found WeChat busy is made again
	sent     func(kind string, left int)
}

var _ channels.Adapter = (*Sender)(nil)

// SenderOptions are what a Sender works with besides the client.
type SenderOptions struct {
	Book  Book
	Files Files     // nil: images are not sent
	Media MediaBook // nil: every image is uploaded anew
	// Sent is told of each message that went out and how many are left; may be nil.
	Sent func(kind string, left int)
	// Pauses before a call that found WeChat busy is made again; nil: the usual ones.
	Pauses []time.Duration
}

// NewSender makes a sender.
func NewSender(c *Client, accounts *Accounts, o SenderOptions) *Sender {
	s := &Sender{client: c, accounts: accounts, book: o.Book, files: o.Files, media: o.Media, sent: o.Sent, pause: o.Pauses}
	if s.pause == nil {
		s.pause = []time.Duration{300 * time.Millisecond, time.Second}
	}
	s.typing.now = c.now
	return s
}

// Channel is the name conversations of this adapter carry.
func (s *Sender) Channel() string { return Channel }

// Deliver sends one message, in parts when it is long, at most as many as may
// be sent. A *channels.Outcome says what became of it otherwise; any other
// error means that nobody knows.
func (s *Sender) Deliver(ctx context.Context, c channels.Conversation, m channels.Message) error {
	if err := ctx.Err(); err != nil {
		return &channels.Outcome{Delivery: channels.Pending, Why: string(Busy)}
	}
	a, ok := s.accounts.ByName(c.Account)
	switch {
	case m.Kind == channels.Note:
		return &channels.Outcome{Delivery: channels.Failed, Why: WhyKind}
	case !ok:
		return &channels.Outcome{Delivery: channels.Failed, Why: WhyAccount}
	case !a.Verified && len(m.Attachments) > 0: // nothing may be uploaded: it would wait for ever
		return &channels.Outcome{Delivery: channels.Failed, Why: WhyNotVerified}
	case !a.Verified:
		return &channels.Outcome{Delivery: channels.Held, Why: WhyNotVerified}
	}
	if len(m.Attachments) > 0 { // nothing is uploaded that may not be sent
		w, err := s.book.Allowance(ctx, a.Name, c.Contact)
		if err != nil {
			return &channels.Outcome{Delivery: channels.Pending, Why: string(Busy), Again: time.Second}
		}
		if n, _ := w.Left(s.client.now()); n == 0 {
			return &channels.Outcome{Delivery: channels.Held, Why: string(whyHeld(w, s.client.now()))}
		}
	}
	parts, err := s.payloads(ctx, a, m)
	if err != nil {
		return err
	}
	return s.deliver(ctx, a, c.Contact, m, parts)
}

// payload is one customer-service message.
type payload struct {
	text string // of a text
	kind string
	body map[string]any // of anything else
}

// payloads are the parts of a message, in order.
func (s *Sender) payloads(ctx context.Context, a Account, m channels.Message) ([]payload, error) {
	if m.Action != nil && m.Action.Survey != 0 {
		return []payload{surveyPayload(m)}, nil
	}
	var out []payload
	for _, text := range Texts(m) {
		out = append(out, payload{kind: "text", text: text})
	}
	for _, file := range m.Attachments {
		p, err := s.imagePayload(ctx, a, file)
		if err != nil {
			return nil, s.outcome(ClassOf(err), m.Tries)
		}
		out = append(out, p)
	}
	if len(out) == 0 {
		return nil, &channels.Outcome{Delivery: channels.Failed, Why: WhyKind}
	}
	return out, nil
}

// Texts is a message as WeChat shows it, in numbered parts that leave room
// for a hint behind. What was generated has no Markdown and carries the mark.
func Texts(m channels.Message) []string {
	text, mark := Clean(m.Text), ""
	if m.AI {
		text, mark = strings.ReplaceAll(PlainText(m.Text), AIMark, ""), AIMark
	}
	parts := Parts(text, partLimit-len(mark))
	for i := range parts {
		parts[i] = mark + parts[i]
	}
	return parts
}

// deliver sends the parts that have not gone out yet.
func (s *Sender) deliver(ctx context.Context, a Account, openid string, m channels.Message, parts []payload) error {
	w, err := s.book.Allowance(ctx, a.Name, openid)
	if err != nil {
		return &channels.Outcome{Delivery: channels.Pending, Why: string(Busy), Again: time.Second}
	}
	left, _ := w.Left(s.client.now())
	for i := m.Parts; i < len(parts); i++ {
		ok, err := s.book.Spend(ctx, a.Name, openid, m.ID, i)
		if err != nil {
			return &channels.Outcome{Delivery: channels.Pending, Why: string(Busy), Again: time.Second}
		}
		if !ok {
			return &channels.Outcome{Delivery: channels.Held, Why: string(whyHeld(w, s.client.now()))}
		}
		part := parts[i]
		if left--; left <= 0 && i < len(parts)-1 && part.kind == "text" {
			part.text += more
		}
		if err := s.put(ctx, a, openid, m, part); err != nil {
			return s.failed(ctx, a, openid, m, err)
		}
		if s.sent != nil {
			s.sent(part.kind, max(0, left))
		}
	}
	return nil
}

// whyHeld tells used up from too late.
func whyHeld(w Allowance, now time.Time) Class {
	if w.Closed || !now.Before(w.LongUntil) {
		return OutsideTime
	}
	return UsedUp
}

// put sends one part: again after a pause while WeChat is busy, in halves when
// it finds the text too long, as plain text where the account has no menus.
func (s *Sender) put(ctx context.Context, a Account, openid string, m channels.Message, p payload) error {
	err := s.call(ctx, a, openid, m, p)
	for _, pause := range s.pause {
		if ClassOf(err) != Busy || !s.sleep(ctx, pause) {
			break
		}
		err = s.call(ctx, a, openid, m, p)
	}
	switch ClassOf(err) {
	case TooLong:
		return s.halves(ctx, a, openid, m, p)
	case WrongAccount:
		if p.kind == "msgmenu" {
			return s.call(ctx, a, openid, m, payload{kind: "text", text: Clean(m.Text)})
		}
	case MediaExpired:
		if p.kind == "image" {
			return s.imageAgain(ctx, a, openid, m, p)
		}
	}
	return err
}

func (s *Sender) sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// halves sends a text that WeChat finds too long in two. When the second does
// not get through nobody can say that the message was not sent.
func (s *Sender) halves(ctx context.Context, a Account, openid string, m channels.Message, p payload) error {
	halves := Split(p.text, len(p.text)/2+len(p.text)/8)
	if p.kind != "text" || len(halves) < 2 {
		return &Error{Call: sendCall, Code: 45002, Class: TooLong}
	}
	for i, half := range halves {
		if i > 0 { // the first was taken from the book already
			ok, err := s.book.Spend(ctx, a.Name, openid, 0, 0)
			if err != nil || !ok {
				return &Error{Call: sendCall, Class: Doubtful}
			}
		}
		err := s.call(ctx, a, openid, m, payload{kind: "text", text: half})
		switch {
		case err != nil && i == 0:
			return err
		case err != nil:
			return &Error{Call: sendCall, Class: Doubtful}
		}
	}
	return nil
}

func (s *Sender) call(ctx context.Context, a Account, openid string, m channels.Message, p payload) error {
	in := map[string]any{"touser": openid, "msgtype": p.kind, p.kind: p.body}
	if p.kind == "text" {
		in["text"] = map[string]string{"content": p.text}
	}
	if m.AI {
		in["aimsgcontext"] = map[string]int{"is_ai_msg": 1}
	}
	return s.client.post(ctx, a, sendCall, in, nil)
}

// failed is what an error means for the message.
func (s *Sender) failed(ctx context.Context, a Account, openid string, m channels.Message, err error) error {
	class := ClassOf(err)
	// The book has to be right whatever became of the job's own time.
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	switch class {
	case Doubtful:
		return err
	case UsedUp, OutsideTime:
		if err := s.book.Correct(after, a.Name, openid, class); err != nil {
			return &channels.Outcome{Delivery: channels.Pending, Why: string(class), Again: time.Minute}
		}
		return &channels.Outcome{Delivery: channels.Held, Why: string(class)}
	}
	_ = s.book.Refund(after, a.Name, openid) // at worst one message fewer until the resident writes
	return s.outcome(class, m.Tries)
}

// outcome is what becomes of a message that WeChat did not take.
func (s *Sender) outcome(class Class, tries int) *channels.Outcome {
	if wait, ok := s.again(class, tries); ok {
		return &channels.Outcome{Delivery: channels.Pending, Why: string(class), Again: wait}
	}
	return &channels.Outcome{Delivery: channels.Failed, Why: orOther(class)}
}

// most is how often a message is put off before it has failed.
const most = 8

// again says when what WeChat did not take now is tried again.
func (s *Sender) again(class Class, tries int) (time.Duration, bool) {
	switch class {
	case DayQuota:
		now := s.client.now().In(beijing)
		y, mo, d := now.Date()
		return time.Date(y, mo, d+1, 0, 5, 0, 0, beijing).Sub(now), tries < most
	case Rate:
		return time.Minute, tries < most
	case Busy, Resting:
		return min(5*time.Second<<min(tries, 6), 5*time.Minute), tries < most
	}
	return 0, false
}

// surveyPayload is a menu of three answers. Letters in ids are lost on the
// way, so they are numbers: the survey's with a digit behind.
func surveyPayload(m channels.Message) payload {
	list := make([]map[string]string, len(SurveyAnswers))
	for i, x := range SurveyAnswers {
		list[i] = map[string]string{"id": fmt.Sprint(SurveyItem(m.Action.Survey, i+1)), "content": x.Words}
	}
	return payload{kind: "msgmenu", body: map[string]any{
		"head_content": surveyHead(m.Action.TicketNo), "list": list, "tail_content": "也可以直接回复 1、2 或 3。",
	}}
}
