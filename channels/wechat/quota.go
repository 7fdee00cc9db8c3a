package wechat

import (
	"context"
	"time"
)

// Trigger is what a resident did that lets us write for a while.
type Trigger string

// The triggers, with what each allows. VIEW and paying allow nothing.
const (
	ByMessage Trigger = "message" // 5 messages within 48 hours
	ByClick   Trigger = "click"   // CLICK, scancode_push, scancode_waitmsg and a tap on a msgmenu: 3 within a minute
	ByFollow  Trigger = "follow"  // 3 within a minute
	ByScan    Trigger = "scan"    // 3 within a minute
)

// Allows is how many messages a trigger allows, and for how long.
func (t Trigger) Allows() (n int, within time.Duration) {
	switch t {
	case ByMessage:
		return 5, 48 * time.Hour
	case ByClick, ByFollow, ByScan:
		return 3, time.Minute
	}
	return 0, 0
}

// Trigger is what a push lets us write for: a tap on a menu of a message counts
// as a click, though it comes as a text. Empty: nothing.
func (p Push) Trigger() Trigger {
	switch {
	case p.Type != "event" && p.MenuID != "":
		return ByClick
	case p.Type != "event":
		return ByMessage
	}
	switch p.Event {
	case "click", "scancode_push", "scancode_waitmsg":
		return ByClick
	case "subscribe":
		return ByFollow
	case "scan":
		return ByScan
	}
	return ""
}

// Allowance is what may still be sent to one resident of one account. A
// message opens a long window, everything else a short one; they do not add
// up, the larger counts, and what is sent counts against both.
type Allowance struct {
	Trigger    Trigger // the last one
	LongLeft   int
	LongUntil  time.Time
	ShortLeft  int
	ShortUntil time.Time
	Closed     bool // WeChat said so: outside 48 hours, or not a follower any more
}

// Grant is the allowance after a trigger.
func (w Allowance) Grant(t Trigger, at time.Time) Allowance {
	n, within := t.Allows()
	if n == 0 {
		return w
	}
	w.Trigger, w.Closed = t, false
	if t == ByMessage {
		w.LongLeft, w.LongUntil = n, at.Add(within)
	} else {
		w.ShortLeft, w.ShortUntil = n, at.Add(within)
	}
	return w
}

// Left is how many messages may be sent at a time, and until when the last of
// them.
func (w Allowance) Left(now time.Time) (int, time.Time) {
	long, short := 0, 0
	if now.Before(w.LongUntil) {
		long = w.LongLeft
	}
	if now.Before(w.ShortUntil) {
		short = w.ShortLeft
	}
	switch {
	case long == 0 && short == 0:
		return 0, time.Time{}
	case long >= short:
		return long, w.LongUntil
	}
	return short, w.ShortUntil
}

// Spend is the allowance after one message. ok is false when none was left.
func (w Allowance) Spend(now time.Time) (Allowance, bool) {
	if n, _ := w.Left(now); n == 0 {
		return w, false
	}
	if now.Before(w.LongUntil) {
		w.LongLeft = max(0, w.LongLeft-1)
	}
	if now.Before(w.ShortUntil) {
		w.ShortLeft = max(0, w.ShortLeft-1)
	}
	return w, true
}

// Book keeps the allowances, in the database: every process sees the same.
type Book interface {
	// Allowance is what may be sent now.
	Allowance(ctx context.Context, account, openid string) (Allowance, error)
	// Spend takes one message from the allowance for a part of a message of
	// ours, and notes that the parts before it are sent. ok is false when
	// nothing is left.
	Spend(ctx context.Context, account, openid string, messageID int64, part int) (ok bool, err error)
	// Correct makes the book agree with WeChat, which said UsedUp or
	// OutsideTime.
	Correct(ctx context.Context, account, openid string, said Class) error
	// Refund gives back what was taken for something that surely was not sent.
	Refund(ctx context.Context, account, openid string) error
}
