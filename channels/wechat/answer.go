package wechat

import (
	"context"
	"strings"
	"time"

	"quandesk/channels"
)

// answer waits until the message is answered and takes the answer along. When
// it is not ready in time it goes by itself, as a customer-service message.
func (c *call) answer(ctx context.Context, l Line) Response {
	if l.ID == 0 {
		return c.ack("success")
	}
	c.crowd.enter()
	defer c.crowd.leave()
	ctx, cancel := context.WithDeadline(ctx, c.until(c.attempt).Add(heldLonger))
	defer cancel()
	w := c.wait(l.ConversationID)
	defer w.end()
	again := !c.account.Verified // what is on its way to be held may be taken along a moment later
	for last := false; ; {
		reply, finished, err := c.look(ctx, l, last)
		switch {
		case err == nil && reply == "" && finished && again && !last:
			again = false
		case err != nil:
			c.Log.Warn("answer not taken along", "account", c.account.Name, "error", err)
			return c.letGo(ctx, l)
		case reply != "":
			return c.passive(reply)
		case finished || last:
			return c.late(ctx, l, finished)
		}
		if last = !w.news(ctx); last && ctx.Err() != nil {
			return c.letGo(ctx, l)
		}
	}
}

// waiter is a push that waits for news of its conversation.
type waiter struct {
	call        *call
	heard       <-chan struct{}
	stop        func()
	over        *time.Timer
	look, storm *time.Ticker
}

func (c *call) wait(conversationID int64) *waiter {
	w := &waiter{call: c, over: time.NewTimer(c.until(c.attempt).Sub(c.Now())),
		look: time.NewTicker(lookAgain), storm: time.NewTicker(stormLook)}
	w.heard, w.stop = c.Ear.Listen(conversationID)
	return w
}

func (w *waiter) end() {
	w.stop()
	w.over.Stop()
	w.look.Stop()
	w.storm.Stop()
}

// news waits until there may be something new; false when the wait is over.
func (w *waiter) news(ctx context.Context) bool {
	for {
		select {
		case <-w.heard:
			return true
		case <-w.look.C: // what nobody told of
			return true
		case <-w.over.C:
			return false
		case <-ctx.Done():
			return false
		case <-w.storm.C:
			c := w.call
			if c.account.Verified && c.attempt == 1 && c.Now().Sub(c.at) > atOnce && c.crowd.storm(c.Now()) {
				return false
			}
		}
	}
}

// endWithin is how long the end of a line may take; the sweep sees to what is
// left then.
const endWithin = 300 * time.Millisecond

// letGo acknowledges a push whose answer goes by itself.
func (c *call) letGo(ctx context.Context, l Line) Response {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endWithin)
	defer cancel()
	if err := c.Store.LetGo(ctx, l); err != nil {
		c.Log.Warn("line not ended", "account", c.account.Name, "error", err)
	}
	return c.ack("success")
}

// look takes what is ready. finished means that no answer will come.
func (c *call) look(ctx context.Context, l Line, last bool) (reply string, finished bool, err error) {
	finished, err = c.Store.Answered(ctx, l.ConversationID, l.MessageID)
	if err != nil {
		return "", false, err
	}
	list, err := c.Store.Pending(ctx, l.ConversationID)
	if err != nil {
		return "", false, err
	}
	if len(list) == 0 && finished {
		reply, err := c.taken(ctx)
		return reply, true, err
	}
	if len(list) == 0 || !finished && !last && list[len(list)-1].ID < l.MessageID {
		return "", finished, nil
	}
	reply, err = c.claim(ctx, l, list)
	return reply, finished && reply == "", err
}

// taken is the reply another attempt of the push has taken meanwhile: nobody
// knows whose connection still stands.
func (c *call) taken(ctx context.Context) (string, error) {
	l, err := c.Store.Line(ctx, c.account.Name, c.push.From, c.push.Once())
	return l.Reply, err
}

// claim makes the oldest messages that wait the reply of this push.
func (c *call) claim(ctx context.Context, l Line, list []channels.Message) (string, error) {
	taken, text := Fits(list)
	if !c.account.Verified {
		taken, text = fitsAlone(list, GoesOn(c.push.Text))
	}
	if len(taken) == 0 {
		return "", nil // too long for one reply: it goes in parts
	}
	body, err := c.push.reply(text, c.Now())
	if err != nil {
		return "", err
	}
	return c.Store.TakeReply(ctx, l, taken, string(body))
}

// late is a push whose answer was not ready. An account that may not write by
// itself says how to get it.
func (c *call) late(ctx context.Context, l Line, finished bool) Response {
	switch {
	case c.account.Verified || finished:
		return c.letGo(ctx, l)
	case c.account.tricks() && c.attempt < attempts:
		c.how = "awaited"
		return Response{Status: 200} // nobody listens any more; the next attempt is on its way
	}
	body, err := c.push.reply(stillWorking, c.Now())
	if err == nil {
		var reply string
		if reply, err = c.Store.TakeReply(ctx, l, nil, string(body)); err == nil {
			return c.passive(reply)
		}
	}
	c.Log.Warn("reply not kept", "account", c.account.Name, "error", err)
	return c.ack("success")
}

const stillWorking = "正在为您处理，请稍候片刻，回复任意内容获取结果。"

// text is a passive reply that no row stands for.
func (c *call) text(words string) Response {
	body, err := c.push.reply(words, c.Now())
	if err != nil {
		return thanks
	}
	how := c.how
	out := c.passive(string(body))
	if how != "" {
		c.how = how
	}
	return out
}

// passive sends a reply, encrypted with the key the push came with.
func (c *call) passive(reply string) Response {
	body := []byte(reply)
	if c.key != "" {
		var err error
		if body, err = c.account.encrypt(body, c.key, c.Now()); err != nil {
			c.Log.Error("reply not encrypted", "account", c.account.Name, "error", err)
			return c.ack("success")
		}
	}
	c.how = "passive"
	return Response{Status: 200, Body: body, XML: true}
}

// greet puts the administrator's greeting in the place of the usual one.
func (c *call) greet(ctx context.Context, h *Happening) {
	if c.push.Event != "subscribe" || c.Greeting == nil {
		return
	}
	words, err := c.Greeting(ctx, c.account.Name)
	if err != nil {
		c.Log.Warn("greeting not read", "account", c.account.Name, "error", err)
	}
	if words = strings.TrimSpace(Clean(words)); words != "" && len(words) <= maxPassive {
		h.Say = words
	}
}

// happen records an event and says what there is to say.
func (c *call) happen(ctx context.Context, h Happening) (Response, error) {
	c.greet(ctx, &h)
	if h.Say != "" {
		body, err := c.push.reply(h.Say, c.Now())
		if err != nil {
			return Response{}, err
		}
		h.Reply = string(body)
	}
	l, _, err := c.Store.Happen(ctx, h)
	if err != nil {
		return Response{}, err
	}
	return c.said(l), nil
}

// said replies to a push that is dealt with.
func (c *call) said(l Line) Response {
	if c.attempt = max(l.Attempts, 1); l.Reply == "" {
		return c.ack("success")
	}
	return c.passive(l.Reply)
}
