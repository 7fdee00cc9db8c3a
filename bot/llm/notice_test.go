package llm_test

import (
	"testing"
	"time"

	openai "github.com/sashabaranov/go-openai"
	"github.com/stretchr/testify/require"

	"quandesk/bot/llm"
	"quandesk/tickets/outage"
)

func works() outage.Notice {
	return outage.Notice{
		No: "TZ-20261120-003", Version: 2, State: outage.Published,
		Form: outage.Form{
			Kind: outage.Planned, Reason: "供水管道改造", Contact: "客服热线0531-55501234",
			StartAt: friday.Add(-2 * time.Hour), EndAt: friday.Add(8 * time.Hour),
			Area: outage.Area{Districts: []string{"历下区"}, Streets: []string{"文化东路"}},
		},
	}
}

func TestAModelAddsNothingToANotice(t *testing.T) {
	play(t, says(`{"intents":["smalltalk"],"urgent":false}`), func(t *testing.T, s *stage) {
		for _, text := range []string{"文化东路63号停水了，什么时候来", "文化东路63号家里没水"} {
			in := s.turn(text)
			in.Outages = []outage.Notice{works()}
			want := s.fromRules(t, in)
			r, _ := s.answer(t, in)
			require.Contains(t, r.Text, "18:00")
			require.Equal(t, want.Text, r.Text)
			require.Equal(t, "outage:TZ-20261120-003", r.Citations[0].ArticleID)
		}
		require.Zero(t, s.asked())
	}, func(o *llm.Options) { o.Limits.Sure = 1.1 })
}

func TestAModelThatLooksANoticeUpCitesIt(t *testing.T) {
	for said, passes := range map[string]bool{
		"停水通知TZ-20261120-003：计划恢复供水时间今天18:00。": true,
		"停水通知TZ-20261120-003：计划恢复供水时间今天16:00。": false,
		"停水通知TZ-20261120-004：计划恢复供水时间今天18:00。": false,
	} {
		script := labelled(asks, func(a *answer, req openai.ChatCompletionRequest, _ int) {
			if last := req.Messages[len(req.Messages)-1]; last.Role == openai.ChatMessageRoleTool {
				a.say(said)
				return
			}
			a.call("get_outage", `{"place":"文化东路63号"}`)
		})
		play(t, script, func(t *testing.T, s *stage) {
			in := s.turn(leak)
			in.Outages = []outage.Notice{works()}
			want := s.fromRules(t, in)
			r, _ := s.answer(t, in)
			if !passes {
				require.Equal(t, want.Text, r.Text)
				require.Equal(t, want.Citations, r.Citations)
				return
			}
			require.Contains(t, r.Text, "18:00")
			require.Len(t, r.Citations, 1)
			require.Equal(t, "outage:TZ-20261120-003", r.Citations[0].ArticleID)
		})
	}
}
