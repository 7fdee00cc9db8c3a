package store_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/server/store"
	"quandesk/server/store/storetest"
)

func TestAWriteUnderAKeyIsDoneOnceAndAnsweredAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		now := noon
		s.SetClock(func() time.Time { return now })
		request := []byte("request")
		_, _, answered, err := s.Begin(ctx, 1, "key", request)
		require.NoError(t, err)
		require.False(t, answered)
		_, _, _, err = s.Begin(ctx, 1, "key", request)
		require.ErrorIs(t, err, store.ErrKeyBusy)
		_, _, _, err = s.Begin(ctx, 2, "key", request)
		require.NoError(t, err, "keys are each person's own")
		require.NoError(t, s.Finish(ctx, 1, "key", 201, []byte("answer")))
		status, body, answered, err := s.Begin(ctx, 1, "key", request)
		require.NoError(t, err)
		require.True(t, answered)
		require.Equal(t, 201, status)
		require.Equal(t, "answer", string(body))
		_, _, _, err = s.Begin(ctx, 1, "key", []byte("another request"))
		require.ErrorIs(t, err, store.ErrKeyReused)

		_, _, _, err = s.Begin(ctx, 1, "refused", request)
		require.NoError(t, err)
		require.NoError(t, s.Forget(ctx, 1, "refused"))
		_, _, answered, err = s.Begin(ctx, 1, "refused", request)
		require.NoError(t, err)
		require.False(t, answered, "what was refused may be mended and sent again")

		now = now.Add(time.Hour)
		_, _, _, err = s.Begin(ctx, 1, "refused", request)
		require.ErrorIs(t, err, store.ErrKeyInDoubt, "who began it has vanished")
	})
}

func TestOfManyWhoSendTheSameWriteAtOnceOneDoesIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var wg sync.WaitGroup
		var did atomic.Int32
		for range 8 {
			wg.Go(func() {
				if _, _, answered, err := s.Begin(t.Context(), 1, "key", []byte("r")); err == nil && !answered {
					did.Add(1)
				}
			})
		}
		wg.Wait()
		require.EqualValues(t, 1, did.Load())
	})
}
