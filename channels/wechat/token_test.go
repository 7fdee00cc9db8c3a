package wechat_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels/wechat"
	"quandesk/channels/wechat/wechattest"
)

// shared is what Redis is to several processes.
type shared struct {
	mu     sync.Mutex
	tokens map[string]string
	until  map[string]time.Time
	locked map[string]bool
	down   bool
}

func newShared() *shared {
	return &shared{tokens: map[string]string{}, until: map[string]time.Time{}, locked: map[string]bool{}}
}

var errDown = errors.New("redis is down")

func (s *shared) Token(_ context.Context, key string) (string, time.Duration, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return "", 0, errDown
	}
	left := time.Until(s.until[key])
	if left <= 0 {
		return "", 0, nil
	}
	return s.tokens[key], left, nil
}

func (s *shared) Keep(_ context.Context, key, token string, ttl time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return errDown
	}
	s.tokens[key], s.until[key] = token, time.Now().Add(ttl)
	return nil
}

func (s *shared) Drop(_ context.Context, key, token string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return errDown
	}
	if s.tokens[key] == token {
		delete(s.tokens, key)
		delete(s.until, key)
	}
	return nil
}

func (s *shared) Lock(_ context.Context, key string, _ time.Duration) (func(), error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return nil, errDown
	}
	if s.locked[key] {
		return nil, nil
	}
	s.locked[key] = true
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.locked, key)
	}, nil
}

func api(t *testing.T) *wechattest.API {
	a := wechattest.NewAPI(wechattest.App{AppID: gongzhong.AppID, Secret: gongzhong.Secret})
	t.Cleanup(a.Close)
	a.Free()
	return a
}

// send makes one call that needs a token.
func send(t *testing.T, c *wechat.Client) error {
	t.Helper()
	book := newMemory()
	book.free = true
	s := wechat.NewSender(c, wechat.NewAccounts(gongzhong), wechat.SenderOptions{Book: book, Pauses: []time.Duration{}})
	m := staffSays("您好")
	return s.Deliver(t.Context(), conversation, m)
}

func TestRequirement28SixProcessesFetchOneToken(t *testing.T) {
	a, cache := api(t), newShared()
	var wg sync.WaitGroup
	for range 6 {
		c := wechat.NewClient(wechat.ClientOptions{Base: a.URL, Cache: cache})
		for range 10 {
			wg.Go(func() {
				if err := send(t, c); err != nil {
					t.Errorf("send: %v", err)
				}
			})
		}
	}
	wg.Wait()
	require.Equal(t, 1, a.Fetches())
	require.Len(t, a.Sent(), 60)
}

func TestRequirement28WithoutTheCacheEachProcessFetchesOnce(t *testing.T) {
	a, cache := api(t), newShared()
	cache.down = true
	for range 3 {
		c := wechat.NewClient(wechat.ClientOptions{Base: a.URL, Cache: cache})
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				if err := send(t, c); err != nil {
					t.Errorf("send: %v", err)
				}
			})
		}
		wg.Wait()
	}
	require.Equal(t, 3, a.Fetches(), "one for each process")
}

func TestRequirement28TokensAreRenewedBeforeTheyEndHoweverShortTheyLive(t *testing.T) {
	for expires, want := range map[int]time.Duration{7200: 6900 * time.Second, 300: 240 * time.Second, 2: 1600 * time.Millisecond} {
		a := api(t)
		a.Expires = expires
		now := time.Now()
		c := wechat.NewClient(wechat.ClientOptions{Base: a.URL, Now: func() time.Time { return now }})
		require.NoError(t, send(t, c))
		now = now.Add(want - time.Millisecond)
		require.NoError(t, send(t, c))
		require.Equal(t, 1, a.Fetches(), "still good")
		now = now.Add(time.Millisecond)
		require.NoError(t, send(t, c))
		require.Equal(t, 2, a.Fetches(), "renewed before its end")
	}
}

func TestRequirement29ARefusedTokenIsDroppedAndTheCallMadeOnceMore(t *testing.T) {
	for _, code := range []int{40001, 40014, 42001} {
		a, cache := api(t), newShared()
		c := wechat.NewClient(wechat.ClientOptions{Base: a.URL, Cache: cache})
		require.NoError(t, send(t, c))
		a.Revoke()
		require.NoError(t, send(t, c))
		require.Equal(t, 2, a.Fetches())
		require.Len(t, a.Calls("/cgi-bin/message/custom/send"), 3)
		a.Force("/cgi-bin/message/custom/send", wechattest.Force{Code: code})
		require.Error(t, send(t, c))
		require.Len(t, a.Calls("/cgi-bin/message/custom/send"), 5, "no loop")
	}
}

func TestRequirement29ANewerTokenOfAnotherProcessIsKept(t *testing.T) {
	a, cache := api(t), newShared()
	first := wechat.NewClient(wechat.ClientOptions{Base: a.URL, Cache: cache})
	second := wechat.NewClient(wechat.ClientOptions{Base: a.URL, Cache: cache})
	require.NoError(t, send(t, first))
	require.NoError(t, send(t, second))
	a.Revoke()
	require.NoError(t, send(t, first)) // fetches the newer one
	require.NoError(t, send(t, second))
	require.Equal(t, 2, a.Fetches(), "the second found the newer token and did not drop it")
}

func TestATokenThatIsRefusedAgainIsRenewedByForceOnce(t *testing.T) {
	a := api(t)
	c := wechat.NewClient(wechat.ClientOptions{Base: a.URL})
	a.Force("/cgi-bin/message/custom/send", wechattest.Force{Code: 40001})
	for range 4 {
		require.Error(t, send(t, c))
	}
	forced := 0
	for _, call := range a.Calls("/cgi-bin/stable_token") {
		if strings.Contains(call.Body, `"force_refresh":true`) {
			forced++
		}
	}
	require.Equal(t, 1, forced, "WeChat allows twenty a day")
}

func TestAStuckProcessDoesNotKeepTheOthersFromATokenForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache := newShared()
		cache.locked["token:"+gongzhong.AppID+":lock"] = true
		start := time.Now()
		c := wechat.NewClient(wechat.ClientOptions{Base: "http://127.0.0.1:1", Cache: cache})
		require.Error(t, send(t, c)) // nobody listens there; but it did try
		require.Less(t, time.Since(start), 15*time.Second)
		require.Greater(t, time.Since(start), 8*time.Second)
	})
}

func TestRequirement31TroubleWithTheSecretIsAnAlarm(t *testing.T) {
	for code, class := range map[int]wechat.Class{40125: wechat.BadSecret, 40013: wechat.BadSecret, 40001: wechat.BadSecret, 40164: wechat.NotListed} {
		b := written(t)
		b.api.Force("/cgi-bin/stable_token", wechattest.Force{Code: code, Msg: "invalid ip 198.51.100.4, not in whitelist"})
		require.Error(t, b.deliver(t, staffSays("您好")))
		require.Len(t, b.told, 1)
		require.Equal(t, class, b.told[0].Class)
		require.NotEmpty(t, b.told[0].RID)
		require.NotContains(t, b.told[0].Explain(), "errcode")
		require.Empty(t, b.api.Calls("/cgi-bin/message/custom/send"))
		require.Equal(t, 5, b.book.left())
	}
}
