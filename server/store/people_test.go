package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/server/auth"
	"quandesk/server/store"
	"quandesk/server/store/storetest"
)

func TestANewPasswordEndsEverySessionOfTheAccountOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		open := func(name, token string) auth.User {
			u, err := s.PutUser(ctx, auth.User{Username: name, Name: name, Role: auth.RoleAgent}, "hash")
			require.NoError(t, err)
			require.NoError(t, s.OpenSession(ctx, []byte(token), auth.Session{UserID: u.ID, CreatedAt: time.Now(), SeenAt: time.Now()}))
			return u
		}
		u := open("first", "1")
		open("second", "2")
		u.Department = "营业服务部"
		_, err := s.PutUser(ctx, u, "")
		require.NoError(t, err)
		_, seen, err := s.Session(ctx, []byte("1"))
		require.NoError(t, err)
		require.Equal(t, "营业服务部", seen.Department)
		_, err = s.PutUser(ctx, u, "new hash")
		require.NoError(t, err)
		_, _, err = s.Session(ctx, []byte("1"))
		require.ErrorIs(t, err, auth.ErrSession)
		_, _, err = s.Session(ctx, []byte("2"))
		require.NoError(t, err)
	})
}

func TestWrongLoginsAreCountedForAccountAndAddress(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, start := t.Context(), time.Now()
		require.NoError(t, s.Failed(ctx, "a", "192.0.2.1", start.Add(-time.Hour)))
		require.NoError(t, s.Failed(ctx, "a", "192.0.2.1", start))
		require.NoError(t, s.Failed(ctx, "b", "192.0.2.1", start))
		account, address, err := s.Failures(ctx, "a", "192.0.2.1", start.Add(-time.Minute))
		require.NoError(t, err)
		require.Equal(t, 1, account)
		require.Equal(t, 2, address)
		require.NoError(t, s.Succeeded(ctx, "a"))
		account, address, err = s.Failures(ctx, "a", "192.0.2.1", start.Add(-time.Minute))
		require.NoError(t, err)
		require.Zero(t, account)
		require.Equal(t, 1, address)
	})
}

func TestWhatHasLapsedIsTidiedAway(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		now := noon
		s.SetClock(func() time.Time { return now })
		require.NoError(t, s.Failed(ctx, "a", "192.0.2.1", now))
		_, _, _, err := s.Begin(ctx, 1, "key", []byte("request"))
		require.NoError(t, err)
		require.NoError(t, s.Finish(ctx, 1, "key", 200, []byte("answer")))
		now = noon.Add(31 * 24 * time.Hour)
		require.NoError(t, s.Tidy(ctx))
		_, _, answered, err := s.Begin(ctx, 1, "key", []byte("request"))
		require.NoError(t, err)
		require.False(t, answered)
		_, address, err := s.Failures(ctx, "a", "192.0.2.1", noon.Add(-time.Hour))
		require.NoError(t, err)
		require.Zero(t, address)
	})
}

func TestWhatMayBeDoneSoOftenIsRefusedThen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		now := noon
		s.SetClock(func() time.Time { return now })
		take := func(key string) bool {
			ok, err := s.Within(t.Context(), key, 2, time.Hour)
			require.NoError(t, err)
			return ok
		}
		require.True(t, take("reveal/1"))
		require.True(t, take("reveal/1"))
		require.False(t, take("reveal/1"))
		require.True(t, take("reveal/2"), "each key has its own count")
		now = noon.Add(time.Hour)
		require.True(t, take("reveal/1"))
	})
}
