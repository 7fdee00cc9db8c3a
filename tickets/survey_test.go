package tickets

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheResidentsOwnAnswerIsTheCallback(t *testing.T) {
	resident := Actor{Kind: ByCustomer}
	satisfied := CallbackResult{Verdict: CallbackSatisfied, Process: Good, Outcome: Good}
	cases := []struct {
		name  string
		state State
		by    Actor
		r     CallbackResult
		want  State
		kinds []EventKind
		err   error
	}{
		{"11.4-2 satisfied closes", Settled, resident, satisfied, Closed,
			[]EventKind{EventCallbackStarted, EventSatisfied, EventClosed}, nil},
		{"11.4-2 while a colleague is calling", Calling, resident, satisfied, Closed, []EventKind{EventSatisfied, EventClosed}, nil},
		{"11.4-3 dissatisfied escalates", Settled, resident,
			CallbackResult{Verdict: CallbackDissatisfied, Process: Poor, Outcome: Poor, Reason: "微信调查"}, Escalated,
			[]EventKind{EventCallbackStarted, EventDissatisfied, EventEscalated}, nil},
		{"11.4-1 nothing is settled yet", Processing, resident, satisfied, Processing, nil, ErrState},
		{"it is closed already", Closed, resident, satisfied, Closed, nil, ErrState},
		{"the handler cannot answer for the resident", Settled, handler, satisfied, Settled, nil, ErrForbidden},
		{"nor can the bot", Settled, Actor{Kind: ByBot}, satisfied, Settled, nil, ErrForbidden},
		{"nobody reached is no answer", Settled, resident, CallbackResult{Verdict: CallbackNotReached, Reason: "无人接"}, Settled, nil, ErrState},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			ticket := standing(c.state)
			events, err := ticket.Survey(c.by, "wechat", c.r, noon.Add(12*time.Hour)) // midnight: their own choice
			require.ErrorIs(t, err, c.err)
			require.Equal(t, c.want, ticket.State)
			var kinds []EventKind
			for _, e := range events {
				kinds = append(kinds, e.Kind)
				require.Equal(t, ByCustomer, e.Actor.Kind)
				require.NotContains(t, string(e.Data), "outside_hours")
			}
			require.Equal(t, c.kinds, kinds)
			if c.err == nil {
				require.Equal(t, "居民本人", ticket.CallbackBy.Name)
				require.Contains(t, string(events[0].Data), `"via":"wechat"`)
			}
		})
	}
}
