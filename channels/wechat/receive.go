package wechat

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"quandesk/channels"
)

// Request is one request of WeChat, whatever serves it. Its fields are copies:
// nothing of the server's buffers gets in here.
type Request struct {
	Account string // the end of the address
	Query   Query
	Body    []byte
	At      time.Time // when it came
}

// Query is what WeChat writes into the address.
type Query struct {
	Signature, MsgSignature, Timestamp, Nonce, EncryptType, Echo string
}

// Store keeps pushes: each has one effect, however often it comes.
type Store interface {
	// Line finds a push; channels.ErrNotFound when there is none.
	Line(ctx context.Context, account, openid, once string) (Line, error)
	// Pending returns what waits to be sent in a conversation, oldest first.
	Pending(ctx context.Context, conversationID int64) ([]channels.Message, error)
	// Answered reports whether a message has been dealt with.
	Answered(ctx context.Context, conversationID, messageID int64) (bool, error)
	// TakeReply makes pending messages the reply of a push, all or none, and
	// returns the reply the push has: this one or an earlier; empty when they
	// have gone another way. They are sent then, but for one that is Held: of
	// that so many Parts are.
	TakeReply(ctx context.Context, l Line, list []channels.Message, reply string) (string, error)
	// LetGo ends a line without a reply: the answer goes by itself.
	LetGo(ctx context.Context, l Line) error
	// Happen records an event once, with what is said to it.
	Happen(ctx context.Context, h Happening) (l Line, repeat bool, err error)
	// PutDeadLetter keeps a push that could not be read.
	PutDeadLetter(ctx context.Context, account, reason string, body []byte) error
}

// Line is what is known of a push. Its reply is kept plain; every attempt gets
// the same one, encrypted anew.
type Line struct {
	ID             int64
	Kind           string
	ConversationID int64
	MessageID      int64 // the resident's message it became
	Attempts       int
	Reply          string
}

// Happening is an event and what becomes of it.
type Happening struct {
	Account, From, Once, Kind string
	Trigger                   Trigger // what we may write for after it
	Note                      string  // for colleagues
	Say                       string  // told to the resident, as
	Reply                     string  // this body

	Gone          bool           // the resident follows no longer
	Lists         []Subscription // what was accepted, refused or sent
	Finished      string         // the number of a template message,
	FinishedState string         // and what became of it
}

// Ear hears that something changed in a conversation.
type Ear interface {
	Listen(conversationID int64) (news <-chan struct{}, stop func())
}

// Meter counts; none of its labels is what somebody wrote.
type Meter interface {
	// Push is one push: what it was, which attempt, how it was replied to
	// (passive, success, empty, refused reasons) and how long that took.
	Push(account, kind string, attempt int, reply string, took time.Duration)
}

// Receiver takes in what WeChat pushes.
type Receiver struct {
	Accounts *Accounts
	Inbox    *channels.Inbox
	Store    Store
	Ear      Ear
	Spool    *Spool // nil: nothing is kept while the database is away
	Now      func() time.Time
	Meter    Meter
	Log      *slog.Logger
	// Survey takes what may be an answer to a satisfaction survey and records
	// it with its push, in one transaction. ok is false for what is none; nil:
	// there are no surveys.
	Survey func(ctx context.Context, t Tap) (l Line, ok bool, err error)
	// Greeting is what an administrator wants followers to be told; "" or nil:
	// the usual words.
	Greeting func(ctx context.Context, account string) (string, error)
	// Trouble is told of what an administrator has to mend; may be nil.
	Trouble func(a Account, e *Error)
	Hears   bool          // recordings are put into words
	Window  time.Duration // how far the time of a push may be away; 0 is ten minutes

	crowd crowd
}

const (
	defaultWindow = 10 * time.Minute
	// answerWithin is how long a push waits for its answer: WeChat hangs up
	// after five seconds and shows the outage text after the third time.
	answerWithin = 4 * time.Second
	// retryWithin is how long the attempt after that waits.
	retryWithin = 4300 * time.Millisecond
	// storeWithin is how long storing may take before the spool takes it.
	storeWithin = 2 * time.Second
	lookAgain   = time.Second
)

// Response is what WeChat gets.
type Response struct {
	Status int
	Body   []byte
	XML    bool
}

var (
	refusedResponse = Response{Status: 403}
	missingResponse = Response{Status: 404}
	thanks          = Response{Status: 200, Body: []byte(Acknowledged)}
)

// Receive takes one push in. Once it is known to be WeChat's the status is
// 200, whatever happens: anything else shows residents the outage text.
func (r *Receiver) Receive(ctx context.Context, req Request) (out Response) {
	a, ok := r.Accounts.ByName(req.Account)
	if !ok {
		return missingResponse
	}
	a = a.signer(req.Query, r.Now())
	body, key, err := r.open(a, req)
	if err != nil {
		r.refuse(a, "push", err, req)
		return refusedResponse
	}
	call := &call{Receiver: r, account: a, key: key, at: req.At, kind: "unreadable", attempt: 1}
	defer func() { out = call.done(recover(), out) }()
	p, err := readPush(body)
	if err != nil {
		return call.bury(ctx, "unreadable", body)
	}
	call.push, call.kind = p, p.Kind()
	if a.GhID != "" && p.To != a.GhID {
		r.refuse(a, call.kind, forbidden("gh_id"), req)
		call.counted = true
		if key != "" && r.Trouble != nil { // WeChat's for sure, so the id is mistyped here
			r.Trouble(a, &Error{Call: "push", Class: WrongID})
		}
		return refusedResponse
	}
	return call.take(ctx)
}

// call is one push being answered.
type call struct {
	*Receiver
	account Account
	key     string
	at      time.Time
	push    Push
	kind    string
	attempt int
	how     string // it was replied to
	counted bool
	spooled bool // out of the spool: nobody waits for a reply
}

// done counts the push. A panic is our mistake and no outage of the utility.
func (c *call) done(panicked any, out Response) Response {
	if panicked != nil {
		c.Log.Error("push panicked", "account", c.account.Name, "kind", c.kind, "panic", panicked)
		c.how, out = "panic", thanks
	}
	if !c.counted {
		c.Meter.Push(c.account.Name, c.kind, c.attempt, c.how, c.Now().Sub(c.at))
	}
	return out
}

// ack says that we have it.
func (c *call) ack(how string) Response {
	c.how = how
	return thanks
}

// bury keeps what cannot be read for a person to look at.
func (c *call) bury(ctx context.Context, reason string, body []byte) Response {
	ctx, cancel := context.WithTimeout(ctx, storeWithin)
	defer cancel()
	if err := c.Store.PutDeadLetter(ctx, c.account.Name, reason, body); err != nil {
		c.Log.Error("dead letter not kept", "account", c.account.Name, "error", err)
		return c.spool(body)
	}
	c.Log.Warn("push could not be read", "account", c.account.Name)
	return c.ack("dead_letter")
}

// take stores the push and answers it.
func (c *call) take(ctx context.Context) Response {
	if c.Spool.Busy(c.account.Name, c.push.From) {
		return c.spool(c.push.Body) // behind what came before it
	}
	done, err := c.store(ctx)
	switch {
	case err == nil:
		return done
	case away(err):
		c.Log.Error("push not stored", "account", c.account.Name, "kind", c.kind, "error", err)
		return c.spool(c.push.Body)
	}
	c.Log.Error("push refused", "account", c.account.Name, "kind", c.kind, "error", err)
	return c.bury(ctx, "refused", c.push.Body)
}

// store makes the push durable within its time, then answers it.
func (c *call) store(ctx context.Context) (Response, error) {
	storing, cancel := context.WithTimeout(ctx, storeWithin)
	defer cancel()
	effect := c.effect()
	if l, ok, err := c.survey(storing, effect); err != nil || ok {
		return c.said(l), err
	}
	switch {
	case effect.ignored:
		return c.ack("success"), nil
	case effect.happening != nil:
		return c.happen(storing, *effect.happening)
	}
	// An account that may not write by itself has no other way to answer.
	waits := c.crowd.room(c.Now()) || !c.account.Verified
	l, err := c.hear(storing, effect.inbound, waits)
	if err != nil {
		return Response{}, err
	}
	cancel()
	switch {
	case l.Reply != "":
		return c.passive(l.Reply), nil
	case !waits && c.attempt == 1:
		return c.ack("unwaited"), nil
	}
	return c.answer(ctx, l), nil
}

// survey takes an answer to a survey for what it is, and not for a question.
func (c *call) survey(ctx context.Context, e effect) (Line, bool, error) {
	if c.Survey == nil || c.push.Type != "text" || e.ignored || e.happening != nil {
		return Line{}, false, nil
	}
	t := Tap{Happening: *c.heard("满意度评价："+cutRunes(c.push.Text, 20), ""), Item: c.push.MenuID, Text: c.push.Text}
	t.Kind = SurveyKind
	if !c.spooled {
		t.Body = func(say string) (string, error) {
			body, err := c.push.reply(say, c.Now())
			return string(body), err
		}
	}
	return c.Survey(ctx, t)
}

// hear takes a message into the inbox, with the line held when the push waits.
func (c *call) hear(ctx context.Context, in channels.Inbound, waits bool) (Line, error) {
	in.Line = &channels.Line{Kind: c.kind, Trigger: string(c.push.Trigger())}
	if waits {
		in.Line.Until = c.until(1).Add(heldLonger)
	}
	m, repeat, err := c.Inbox.Receive(ctx, in)
	switch {
	case errors.Is(err, channels.ErrEmpty):
		return Line{}, nil
	case err != nil:
		return Line{}, err
	}
	if !waits && !repeat {
		return Line{}, nil
	}
	l, err := c.Store.Line(ctx, c.account.Name, c.push.From, in.ExternalID)
	if err != nil {
		return Line{}, err
	}
	c.attempt = l.Attempts
	l.ConversationID, l.MessageID = m.ConversationID, m.ID
	return l, nil
}

// heldLonger is how long after the last look of whoever holds a line the
// message is still left to it: they must not cross.
const heldLonger = 300 * time.Millisecond

// until is when an attempt stops to wait. Where the trick is played, all but
// the last let WeChat hang up and come again: fifteen seconds instead of five.
func (c *call) until(attempt int) time.Time {
	switch {
	case c.account.tricks() && attempt < attempts:
		return c.at.Add(hangsUp)
	case attempt > 1:
		return c.at.Add(retryWithin)
	}
	return c.at.Add(answerWithin)
}

const (
	attempts = 3 // that WeChat makes
	hangsUp  = 5500 * time.Millisecond
)

// tricks reports whether an account that may not write by itself answers on
// the second or third attempt.
func (a Account) tricks() bool { return a.RetryTrick && !a.Verified }

// spool keeps the push on disk while the database is away. Without even that
// the resident is told: what is not kept is not acknowledged.
func (c *call) spool(body []byte) Response {
	err := c.Spool.Put(c.account.Name, c.push.From, body, c.at)
	if err == nil {
		return c.ack("spooled")
	}
	c.Log.Error("push not kept at all", "account", c.account.Name, "kind", c.kind, "error", err)
	c.how = "lost"
	if c.push.From == "" || c.push.Type == "event" {
		return Response{Status: 503} // no resident to tell; WeChat pushes it again
	}
	return c.text(notKept)
}

const notKept = "系统正忙，您刚才的消息没有保存下来，请过几分钟再发一次。情况紧急请拨打供水服务热线。"
