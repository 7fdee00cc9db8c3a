package hub

import (
	"crypto/rand"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

func openTokens(t *testing.T, prefix string) *Tokens {
	t.Helper()
	opt := redisOptions(t)
	modest(opt)
	x := &Tokens{client: redis.NewClient(opt), prefix: prefix}
	t.Cleanup(func() { x.Close() })
	return x
}

func TestTokensAreSharedAndDroppedOnlyWhenTheyAreTheSame(t *testing.T) {
	prefix := "test:" + rand.Text() + ":"
	here, there := openTokens(t, prefix), openTokens(t, prefix)
	value, _, err := here.Token(t.Context(), "a")
	require.NoError(t, err)
	require.Empty(t, value)
	require.NoError(t, here.Keep(t.Context(), "a", "one", time.Minute))
	value, left, err := there.Token(t.Context(), "a")
	require.NoError(t, err)
	require.Equal(t, "one", value)
	require.InDelta(t, time.Minute, left, float64(5*time.Second))
	require.NoError(t, there.Drop(t.Context(), "a", "an older one"))
	value, _, err = here.Token(t.Context(), "a")
	require.NoError(t, err)
	require.Equal(t, "one", value, "a newer token stays")
	require.NoError(t, there.Drop(t.Context(), "a", "one"))
	value, _, err = here.Token(t.Context(), "a")
	require.NoError(t, err)
	require.Empty(t, value)
	require.NoError(t, here.Keep(t.Context(), "a", "dead", 0), "one that does not live is no error")
	value, _, err = here.Token(t.Context(), "a")
	require.NoError(t, err)
	require.Empty(t, value, "and is not kept for ever")
}

func TestOneProcessAtATimeHasALock(t *testing.T) {
	prefix := "test:" + rand.Text() + ":"
	var wg sync.WaitGroup
	var mu sync.Mutex
	var held []func()
	for range 6 {
		x := openTokens(t, prefix)
		wg.Go(func() {
			unlock, err := x.Lock(t.Context(), "l", time.Minute)
			if err != nil {
				t.Errorf("lock: %v", err)
			}
			mu.Lock()
			defer mu.Unlock()
			if unlock != nil {
				held = append(held, unlock)
			}
		})
	}
	wg.Wait()
	require.Len(t, held, 1)
	held[0]()
	unlock, err := openTokens(t, prefix).Lock(t.Context(), "l", time.Minute)
	require.NoError(t, err)
	require.NotNil(t, unlock)
	unlock()
}

func TestWhenRedisIsAwayTokensSaySoSoon(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := ln.Addr().String()
	ln.Close()
	x, err := NewTokens("redis://" + addr)
	require.NoError(t, err)
	defer x.Close()
	_, _, err = x.Token(t.Context(), "a")
	require.Error(t, err)
	_, err = x.Lock(t.Context(), "a", time.Second)
	require.Error(t, err)
	require.Error(t, x.Drop(t.Context(), "a", "b"))
	require.Error(t, x.Keep(t.Context(), "a", "b", time.Second))
	_, err = NewTokens("redis://user:SECRET@[")
	require.Error(t, err)
	require.NotContains(t, err.Error(), "SECRET")
}
