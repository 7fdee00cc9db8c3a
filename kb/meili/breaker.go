package meili

import (
	"sync"
	"time"
)

const (
	enough = 5                // failures in a row that open the breaker
	rest   = 10 * time.Second // for which it stays open
)

// breaker keeps searches away from a server that only fails. After its rest
// one search may try; the others wait for that one's verdict.
type breaker struct {
	mu       sync.Mutex
	failures int // in a row
	until    time.Time
	trying   bool
}

// allow reports whether the server may be asked now. Each true is followed by
// one done or quit.
func (b *breaker) allow(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failures < enough {
		return true
	}
	if b.trying || now.Before(b.until) {
		return false
	}
	b.trying = true
	return true
}

// done notes how a call ended and reports whether that opened or closed the
// breaker.
func (b *breaker) done(now time.Time, ok bool) (turned bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trying = false
	if ok {
		turned = b.failures >= enough
		b.failures = 0
		return turned
	}
	b.failures = min(b.failures+1, enough+1)
	if b.failures >= enough {
		b.until = now.Add(rest)
	}
	return b.failures == enough
}

// quit notes that a call ended without saying anything about the server.
func (b *breaker) quit() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trying = false
}

// troubled reports whether the last call failed.
func (b *breaker) troubled() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.failures > 0
}
