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

// budget counts calls by resident and hour, and by day. It lives in the
// process: with several replicas each has its own.
type budget struct {
	mu            sync.Mutex
	hourly, daily int
	hour, day     string
	today         int
	by            map[string]int
}

// take takes one call. now is the time of the turn.
func (b *budget) take(who string, now time.Time) (why string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if day := now.Format(time.DateOnly); day != b.day {
		b.day, b.today = day, 0
	}
	if hour := now.Format("2006-01-02T15"); hour != b.hour {
		b.hour, b.by = hour, map[string]int{}
	}
	switch {
	case b.today >= b.daily:
		return "daily_budget"
	case b.by[who] >= b.hourly:
		return "user_budget"
	}
	b.today++
	b.by[who]++
	return ""
}
