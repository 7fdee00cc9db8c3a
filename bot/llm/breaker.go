package llm

import (
	"sync"
	"time"
)

// breaker keeps calls away from an endpoint that fails: after so many failures
// in a row it opens for a while, then lets one call through to see.
type breaker struct {
	mu       sync.Mutex
	most     int
	rest     time.Duration
	failures int
	until    time.Time
	trying   bool
}

func (b *breaker) allow(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failures < b.most {
		return true
	}
	if now.Before(b.until) || b.trying {
		return false
	}
	b.trying = true
	return true
}

// report tells how a call went. One that says nothing about the endpoint, for
// it was given up by the caller, counts neither way.
func (b *breaker) report(ok, telling bool, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trying = false
	switch {
	case ok:
		b.failures = 0
	case telling:
		if b.failures++; b.failures >= b.most {
			b.until = now.Add(b.rest)
		}
	}
}

// open reports whether calls are kept away now, or have just begun to be.
func (b *breaker) open() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.failures >= b.most
}
