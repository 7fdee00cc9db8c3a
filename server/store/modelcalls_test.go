package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels"
	"quandesk/server/store"
	"quandesk/server/store/storetest"
	"quandesk/tickets"
)

func TestACallOfAModelIsOnRecordForThreeYearsWithoutText(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, now := t.Context(), time.Date(2026, 11, 26, 9, 0, 0, 0, tickets.Beijing)
		s.SetClock(func() time.Time { return now })
		c := channels.ModelCall{Purpose: channels.ToAnswer, Vendor: "model.example", Model: "m", Prompt: "answer-1",
			Data: []string{"message", "articles"}, Masked: []string{"电话"}, ConversationID: 7}
		id, why, err := s.BeginCall(ctx, c, channels.Budget{Hourly: 60, Daily: 100})
		require.NoError(t, err)
		require.Empty(t, why)
		list, err := s.ModelCalls(ctx, 0, 10)
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Empty(t, list[0].Outcome, "nobody knows yet how it went")
		c.ID, c.Outcome, c.TokensIn, c.TokensOut, c.FirstToken, c.Took = id, "ok", 300, 40, 200*time.Millisecond, time.Second
		require.NoError(t, s.EndCall(ctx, c))
		require.NoError(t, s.Atomically(ctx, func(s *store.Store) error { return s.Asked(ctx, 99, []int64{id}) }))
		c.At, c.MessageID = now, 99
		list, err = s.ModelCalls(ctx, 0, 10)
		require.NoError(t, err)
		list[0].At = list[0].At.In(tickets.Beijing)
		require.Equal(t, []channels.ModelCall{c}, list)

		now = now.AddDate(3, 0, 0)
		require.NoError(t, s.Tidy(ctx))
		list, err = s.ModelCalls(ctx, 0, 10)
		require.NoError(t, err)
		require.Len(t, list, 1)
		now = now.AddDate(0, 0, 2)
		require.NoError(t, s.Tidy(ctx))
		list, err = s.ModelCalls(ctx, 0, 10)
		require.NoError(t, err)
		require.Empty(t, list)
	})
}

func TestBudgetsOfAModelHoldForAllProcesses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, now := t.Context(), time.Date(2026, 11, 26, 23, 30, 0, 0, tickets.Beijing)
		s.SetClock(func() time.Time { return now })
		take := func(conversation int64, p channels.Purpose) string {
			_, why, err := s.BeginCall(ctx, channels.ModelCall{Purpose: p, ConversationID: conversation}, channels.Budget{Hourly: 3, Daily: 10})
			require.NoError(t, err)
			return why
		}
		for range 3 {
			require.Empty(t, take(1, channels.ToUnderstand))
		}
		require.Equal(t, channels.SpentHour, take(1, channels.ToAnswer), "understanding and wording share")
		require.Empty(t, take(1, channels.ToEmbedQuestion), "vectors count apart")
		var wait sync.WaitGroup
		var mu sync.Mutex
		made := 0
		for i := range 20 {
			wait.Go(func() {
				_, why, err := s.BeginCall(ctx, channels.ModelCall{Purpose: channels.ToAnswer, ConversationID: int64(100 + i)},
					channels.Budget{Hourly: 3, Daily: 10})
				mu.Lock()
				defer mu.Unlock()
				if err == nil && why == "" {
					made++
				}
			})
		}
		wait.Wait()
		require.Equal(t, 7, made, "ten a day, however many ask at once")
		require.Equal(t, channels.SpentDay, take(2, channels.ToAnswer))
		now = now.Add(31 * time.Minute)
		require.Equal(t, channels.SpentHour, take(1, channels.ToAnswer), "midnight is no new hour")
		require.Empty(t, take(2, channels.ToAnswer), "but a new day")
		now = now.Add(30 * time.Minute)
		require.Empty(t, take(1, channels.ToAnswer))
	})
}

func TestAdministratorsHearOfAModelOnceInFiveMinutes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, now := t.Context(), noon
		s.SetClock(func() time.Time { return now })
		told := 0
		for i := range 100 {
			ok, err := s.AlertModel(ctx, channels.ModelAlert{Vendor: "model.example", Model: "m", Reason: fmt.Sprint("status_", 500+i)})
			require.NoError(t, err)
			if ok {
				told++
			}
			now = now.Add(7 * time.Second) // 100 failures in less than twelve minutes
		}
		require.Equal(t, 3, told)
		list, err := s.ModelAlerts(ctx, noon)
		require.NoError(t, err)
		require.Len(t, list, 3)
		require.Equal(t, "status_500", list[2].Reason)
	})
}

func TestVectorsAreKeptByModelAndHash(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		put := map[string][]float32{}
		var hashes []string
		for i := range 1200 {
			h := fmt.Sprint("h", i)
			put[h], hashes = []float32{float32(i), -0.25}, append(hashes, h)
		}
		require.NoError(t, s.PutVectors(ctx, "a", put))
		require.NoError(t, s.PutVectors(ctx, "b", map[string][]float32{"h1": {7}}))
		got, err := s.Vectors(ctx, "a", append(hashes, "missing"))
		require.NoError(t, err)
		require.Equal(t, put, got)
		require.NoError(t, s.PutVectors(ctx, "a", map[string][]float32{"h1": {1, 2, 3}}))
		require.NoError(t, s.ForgetVectors(ctx, "b"))
		got, err = s.Vectors(ctx, "a", []string{"h1"})
		require.NoError(t, err)
		require.Equal(t, []float32{1, 2, 3}, got["h1"])
		got, err = s.Vectors(ctx, "b", []string{"h1"})
		require.NoError(t, err)
		require.Empty(t, got)
	})
}

func TestTheCheckerMissesMarksAndRecords(t *testing.T) {
	for name, breakIt := range map[string]string{
		"words without a mark":           `UPDATE messages SET ai = FALSE WHERE author = 'bot'`,
		"words of nobody":                `UPDATE messages SET origin = '' WHERE author = 'bot'`,
		"a model that nobody asked":      `UPDATE messages SET origin = 'm answer-1' WHERE author = 'bot'`,
		"a person's words with the mark": `UPDATE messages SET author = 'staff'`,
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				ctx := t.Context()
				d := newDesk(t, s)
				d.complaint(t)
				require.NoError(t, s.Atomically(ctx, func(s *store.Store) error {
					_, err := s.Say(ctx, channels.Conversation{ID: 1, Channel: "webchat"},
						channels.Message{Author: channels.FromBot, AI: true, Text: "您好。"})
					return err
				}))
				require.Empty(t, invariants(t, s))
				_, err := s.DB().ExecContext(ctx, breakIt)
				require.NoError(t, err)
				require.Contains(t, invariants(t, s), "I8")
			})
		})
	}
}

func invariants(t *testing.T, s *store.Store) []string {
	t.Helper()
	var found []string
	require.NoError(t, s.Check(t.Context(), func(p store.Problem) { found = append(found, p.Invariant) }))
	return found
}
