package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels"
	"quandesk/server/store"
	"quandesk/tickets/customer"
)

func TestAWayToWeChatAndBackIsTakenOnceWithinTenMinutes(t *testing.T) {
	eachWithJobs(t, func(t *testing.T, s *store.Store, _ *letterbox) {
		now := time.Now()
		s.SetClock(func() time.Time { return now })
		require.NoError(t, s.PutWechatVisit(t.Context(), []byte("a"), "main", "call"))
		require.NoError(t, s.PutWechatVisit(t.Context(), []byte("b"), "main", "call"))
		_, err := s.TakeWechatVisit(t.Context(), []byte("a"), "other")
		require.ErrorIs(t, err, channels.ErrNotFound, "of another account")
		page, err := s.TakeWechatVisit(t.Context(), []byte("a"), "main")
		require.NoError(t, err)
		require.Equal(t, "call", page)
		_, err = s.TakeWechatVisit(t.Context(), []byte("a"), "main")
		require.ErrorIs(t, err, channels.ErrNotFound, "a second time")
		now = now.Add(10*time.Minute + time.Second)
		_, err = s.TakeWechatVisit(t.Context(), []byte("b"), "main")
		require.ErrorIs(t, err, channels.ErrNotFound, "too late")
	})
}

func TestASessionOfAPageIsOfOneResidentAndOneAccount(t *testing.T) {
	eachWithJobs(t, func(t *testing.T, s *store.Store, jobs *letterbox) {
		require.NoError(t, s.PutWechatSession(t.Context(), []byte("t1"), "main", "o-1"))
		require.NoError(t, s.PutWechatSession(t.Context(), []byte("t2"), "main", "o-1"))
		require.NoError(t, s.PutWechatSession(t.Context(), []byte("t3"), "main", "o-2"))
		one, err := s.WechatSession(t.Context(), []byte("t1"), "main")
		require.NoError(t, err)
		same, err := s.WechatSession(t.Context(), []byte("t2"), "main")
		require.NoError(t, err)
		require.Equal(t, one, same)
		two, err := s.WechatSession(t.Context(), []byte("t3"), "main")
		require.NoError(t, err)
		require.NotEqual(t, one, two)
		_, err = s.WechatSession(t.Context(), []byte("t1"), "second")
		require.ErrorIs(t, err, channels.ErrNotFound)

		for range 2 {
			require.NoError(t, s.BindAccount(t.Context(), one, "12345678"))
		}
		list, err := s.BoundAccounts(t.Context(), one)
		require.NoError(t, err)
		require.Equal(t, []customer.Account{"12345678"}, list)
		notes, err := s.Messages(t.Context(), one, 0, 10, true)
		require.NoError(t, err)
		require.Len(t, notes, 1, "colleagues are told once")
		require.Zero(t, jobs.count(store.DeliverJob))
		require.NoError(t, s.UnbindAccount(t.Context(), one, "12345678"))
		list, err = s.BoundAccounts(t.Context(), one)
		require.NoError(t, err)
		require.Empty(t, list)
		require.NoError(t, s.Tidy(t.Context()))
	})
}
