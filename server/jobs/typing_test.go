package jobs

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels"
)

func TestRequirement26TheSignIsShownAfterASecondAndEveryFifteen(t *testing.T) {
	for took, want := range map[time.Duration]int{
		900 * time.Millisecond: 0, 1100 * time.Millisecond: 1, 15 * time.Second: 1, 17 * time.Second: 2, 32 * time.Second: 3,
	} {
		synctest.Test(t, func(t *testing.T) {
			shown := 0
			a := &Answerer{Typing: func(context.Context, channels.Conversation) { shown++ }}
			stop := a.typing(t.Context(), channels.Conversation{})
			time.Sleep(took)
			stop()
			require.Equal(t, want, shown, took)
			time.Sleep(time.Minute)
			require.Equal(t, want, shown, "nothing after the answer")
		})
	}
}
