package hub

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Tokens keeps access tokens of other services in Redis, so that of several
// processes one fetches and the others use what it fetched. Every call ends
// within half a second; an error means that Redis is away.
type Tokens struct {
	client *redis.Client
	prefix string
}

// NewTokens makes a cache on redis://, rediss:// or unix://. Close it.
func NewTokens(url string) (*Tokens, error) {
	opt, err := redis.ParseURL(url)
	if err != nil {
		return nil, errors.New("hub: cannot read the redis URL")
	}
	modest(opt)
	opt.PoolSize = 4
	return &Tokens{client: redis.NewClient(opt), prefix: fmt.Sprintf("quandesk:%d:", opt.DB)}, nil
}

// Close ends the connections.
func (t *Tokens) Close() error { return t.client.Close() }

// Token returns the token and how long it may still be used; "" for none.
func (t *Tokens) Token(ctx context.Context, key string) (string, time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var value *redis.StringCmd
	var left *redis.DurationCmd
	_, err := t.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		value, left = p.Get(ctx, t.prefix+key), p.PTTL(ctx, t.prefix+key)
		return nil
	})
	switch {
	case errors.Is(err, redis.Nil):
		return "", 0, nil
	case err != nil:
		return "", 0, fmt.Errorf("read token: %w", err)
	}
	return value.Val(), max(0, left.Val()), nil
}

// Keep stores a token for ttl; one that does not live is not stored.
func (t *Tokens) Keep(ctx context.Context, key, token string, ttl time.Duration) error {
	if ttl < time.Millisecond {
		return nil // Redis would keep it for ever, or refuse
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := t.client.Set(ctx, t.prefix+key, token, ttl).Err(); err != nil {
		return fmt.Errorf("keep token: %w", err)
	}
	return nil
}

// dropIfSame deletes a key that still has this value.
var dropIfSame = redis.NewScript(`if redis.call("GET", KEYS[1]) == ARGV[1] then return redis.call("DEL", KEYS[1]) end return 0`)

// Drop removes the token if it is still this one.
func (t *Tokens) Drop(ctx context.Context, key, token string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := dropIfSame.Run(ctx, t.client, []string{t.prefix + key}, token).Err(); err != nil {
		return fmt.Errorf("drop token: %w", err)
	}
	return nil
}

// Lock takes a lock for at most ttl and returns what gives it back; nil when
// somebody else has it.
func (t *Tokens) Lock(ctx context.Context, key string, ttl time.Duration) (func(), error) {
	mine := rand.Text()
	short, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ok, err := t.client.SetNX(short, t.prefix+key, mine, ttl).Result()
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	if !ok {
		return nil, nil
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		_ = dropIfSame.Run(ctx, t.client, []string{t.prefix + key}, mine).Err() // else it ends by itself
	}, nil
}
