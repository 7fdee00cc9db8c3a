package wechat

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// TokenCache is what the processes of one desk share, so that one of them
// fetches a token and the others use it. An error means that it is away: each
// process then looks after itself.
type TokenCache interface {
	// Token returns the token and how long it may still be used; "" when
	// there is none.
	Token(ctx context.Context, key string) (string, time.Duration, error)
	// Keep stores a token for ttl.
	Keep(ctx context.Context, key, token string, ttl time.Duration) error
	// Drop removes the token if it is still this one.
	Drop(ctx context.Context, key, token string) error
	// Lock takes the right to fetch for at most ttl and returns what gives it
	// back; nil when somebody else has it.
	Lock(ctx context.Context, key string, ttl time.Duration) (unlock func(), err error)
}

const (
	// waitForOther is how long a process waits for the one that fetches.
	waitForOther = callWithin + time.Second
	askOther     = 50 * time.Millisecond
	// early is how much before its end a token is renewed, a fifth of a short
	// life. WeChat renews five minutes early: the old one works till its end.
	early = 5 * time.Minute
	// forceEvery is how often a token may be renewed by force: WeChat allows
	// it every 30 s, 20 times a day.
	forceEvery = time.Hour
)

// token is what is known of the token of one account.
type token struct {
	mu      sync.Mutex // held while one goroutine looks for a token
	value   string
	until   time.Time
	refused string       // the token that WeChat said is bad
	twice   bool         // it said so again, after giving it out anew
	forced  time.Time    // when one was asked for by force
	fetched atomic.Int64 // Unix milliseconds, for the metrics
}

// use takes a token into use.
func (k *token) use(value string, now time.Time, life time.Duration) {
	k.value, k.until = value, now.Add(life)
	k.fetched.Store(now.UnixMilli())
}

// tokens are the access tokens of the accounts, from POST
// /cgi-bin/stable_token: one fetch for all processes, renewed before it ends.
type tokens struct {
	cache TokenCache // nil: this process alone
	fetch func(ctx context.Context, a Account, force bool) (string, time.Duration, error)
	now   func() time.Time

	mu  sync.Mutex
	all map[string]*token // by appid
}

func (t *tokens) of(a Account) *token {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all == nil {
		t.all = map[string]*token{}
	}
	k := t.all[a.AppID]
	if k == nil {
		k = &token{}
		t.all[a.AppID] = k
	}
	return k
}

// get returns a token that is in force.
func (t *tokens) get(ctx context.Context, a Account) (string, error) {
	k := t.of(a)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.value != "" && t.now().Before(k.until) {
		return k.value, nil
	}
	if t.cache == nil {
		return t.renew(ctx, a, k)
	}
	key := "token:" + a.AppID
	end := t.now().Add(waitForOther)
	for {
		value, left, err := t.cache.Token(ctx, key)
		if err != nil {
			return t.renew(ctx, a, k)
		}
		if value != "" && value != k.refused && left > 0 {
			k.use(value, t.now(), left)
			return value, nil
		}
		unlock, err := t.cache.Lock(ctx, key+":lock", waitForOther)
		switch {
		case err != nil:
			return t.renew(ctx, a, k)
		case unlock != nil:
			return t.renewForAll(ctx, a, k, key, unlock)
		case !t.now().Before(end):
			return t.renew(ctx, a, k) // whoever had the lock is stuck
		}
		select {
		case <-time.After(askOther):
		case <-ctx.Done():
			return "", &Error{Call: tokenCall, Class: Busy}
		}
	}
}

// renewForAll fetches under the lock. Another process may have fetched
// between the look and the lock.
func (t *tokens) renewForAll(ctx context.Context, a Account, k *token, key string, unlock func()) (string, error) {
	defer unlock()
	if value, left, err := t.cache.Token(ctx, key); err == nil && value != "" && value != k.refused && left > 0 {
		k.use(value, t.now(), left)
		return value, nil
	}
	value, err := t.renew(ctx, a, k)
	if err != nil {
		return "", err
	}
	if left := k.until.Sub(t.now()); left > 0 {
		_ = t.cache.Keep(ctx, key, value, left) // the others then fetch for themselves
	}
	return value, nil
}

// renew fetches. A stable token stays the same while WeChat thinks it valid:
// when it refuses the very one it gave out anew, the next renewal is by force.
func (t *tokens) renew(ctx context.Context, a Account, k *token) (string, error) {
	now := t.now()
	force := k.twice && now.Sub(k.forced) > forceEvery
	k.value, k.twice = "", false
	if force {
		k.forced = now
	}
	value, life, err := t.fetch(ctx, a, force)
	if err != nil {
		return "", err
	}
	k.use(value, now, life-min(early, life/5))
	return value, nil
}

// drop forgets a token that WeChat refused, here and in the cache, unless
// there is a newer one.
func (t *tokens) drop(ctx context.Context, a Account, bad string) {
	k := t.of(a)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.value == bad {
		k.value, k.twice = "", k.refused == bad
		k.fetched.Store(0)
	}
	k.refused = bad
	if t.cache != nil {
		_ = t.cache.Drop(ctx, "token:"+a.AppID, bad) // away: its copy ends by itself
	}
}

// age is how old the token in use is; 0 without one.
func (t *tokens) age(a Account) time.Duration {
	at := t.of(a).fetched.Load()
	if at == 0 {
		return 0
	}
	return t.now().Sub(time.UnixMilli(at))
}
