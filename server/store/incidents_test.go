package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels"
	"quandesk/server/store"
	"quandesk/server/store/storetest"
	"quandesk/tickets"
)

// T75: what was not let through is on record for six months at least, beside
// the message that was said instead, or not at all.
func TestAnIncidentIsOnRecordForAYearWithItsMessage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, now := t.Context(), time.Date(2026, 11, 26, 9, 0, 0, 0, tickets.Beijing)
		d := newDesk(t, s)
		d.complaint(t)
		s.SetClock(func() time.Time { return now })
		var said channels.Message
		say := func(s *store.Store) (err error) {
			said, err = s.Say(ctx, channels.Conversation{ID: 1, Channel: "webchat"},
				channels.Message{Author: channels.FromBot, AI: true, Text: "抱歉，这个我不能回答。"})
			require.NoError(t, err)
			return s.Withheld(ctx, said, []channels.Incident{{Category: "weapons", Model: "m", Prompt: "answer-1"}, {Category: "drugs", Asked: true}})
		}
		require.ErrorIs(t, s.Atomically(ctx, func(s *store.Store) error {
			require.NoError(t, say(s))
			return context.Canceled
		}), context.Canceled)
		list, err := s.Incidents(ctx, now.AddDate(-1, 0, 0), 10)
		require.NoError(t, err)
		require.Empty(t, list, "no message, no record")

		require.NoError(t, s.Atomically(ctx, say))
		now = now.AddDate(1, 0, 0)
		require.NoError(t, s.Tidy(ctx))
		list, err = s.Incidents(ctx, now.AddDate(-2, 0, 0), 10)
		require.NoError(t, err)
		require.Len(t, list, 2)
		require.Equal(t, channels.Incident{ID: list[1].ID, At: list[1].At, Category: "weapons", Model: "m", Prompt: "answer-1",
			ConversationID: 1, MessageID: said.ID}, list[1])
		require.True(t, list[0].Asked)
		now = now.AddDate(0, 0, 2)
		require.NoError(t, s.Tidy(ctx))
		list, err = s.Incidents(ctx, now.AddDate(-2, 0, 0), 10)
		require.NoError(t, err)
		require.Empty(t, list)
	})
}
