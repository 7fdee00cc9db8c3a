package wechat

import (
	"sync/atomic"
	"time"
)

// A push that waits holds a connection and asks the database. A few dozen may
// wait as long as WeChat does. When there are more it is a storm: answers then
// go by themselves, but for a few pushes that try whether it is over, and
// every push is acknowledged as soon as it is stored.
const (
	mostWaiting = 32
	stormTries  = 4
	stormLasts  = 2 * time.Second
	atOnce      = 150 * time.Millisecond // an answer in a storm is waited for
	stormLook   = 100 * time.Millisecond
)

// crowd counts the pushes that wait.
type crowd struct {
	waiting atomic.Int64
	until   atomic.Int64 // the storm lasts, in Unix milliseconds
}

func (c *crowd) enter() { c.waiting.Add(1) }

func (c *crowd) leave() { c.waiting.Add(-1) }

func (c *crowd) storm(now time.Time) bool { return now.UnixMilli() < c.until.Load() }

// room reports whether one more push may wait.
func (c *crowd) room(now time.Time) bool {
	n := c.waiting.Load()
	if n < stormTries || n < mostWaiting && !c.storm(now) {
		return true
	}
	c.until.Store(now.Add(stormLasts).UnixMilli())
	return false
}
