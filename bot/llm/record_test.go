package llm_test

import (
	"fmt"
	"testing"
	"time"

	openai "github.com/sashabaranov/go-openai"
	"github.com/stretchr/testify/require"

	"quandesk/bot"
	"quandesk/bot/llm"
	"quandesk/channels"
)

func TestConfidentialMattersAreNeverSent(t *testing.T) {
	play(t, says(leakGood), func(t *testing.T, s *stage) {
		in := s.turn(leak)
		in.Tickets = []bot.Matter{{No: "TS-20261119-0001", Confidential: true}}
		s.answer(t, in)
		s.answer(t, s.turn("我要匿名反映一件事，漏水多久到现场"))
		secret := s.turn(leak)
		secret.History = []channels.Message{{Author: channels.FromCustomer, Text: "请给我保密"}}
		s.answer(t, secret)
		require.Zero(t, s.asked())
	}, func(o *llm.Options) { o.Limits.Sure = 1.1 })
}

func TestEveryCallIsOnRecordBeforeItIsMadeAndWithoutText(t *testing.T) {
	b := &records{}
	script := labelled(asks, func(a *answer, _ openai.ChatCompletionRequest, _ int) {
		require.Len(t, b.begun, b.ended+1, "on record before it leaves")
		a.text(leakGood)
		a.chunk(map[string]any{}, "stop")
		a.raw("data: {\"choices\":[],\"usage\":{\"prompt_tokens\":321,\"completion_tokens\":45}}\n\ndata: [DONE]\n\n")
	})
	play(t, script, func(t *testing.T, s *stage) {
		in := s.turn(leak)
		in.History = []channels.Message{{Author: channels.FromCustomer, Text: "我电话13912345678"}}
		r, _ := s.answer(t, in)
		require.NotEmpty(t, r.Origin)
		require.Len(t, b.begun, b.ended)
		require.Len(t, r.Calls, len(b.begun), "the reply knows its calls")
		last := b.begun[r.Calls[len(r.Calls)-1]-1]
		require.Equal(t, channels.ToAnswer, last.Purpose)
		require.Equal(t, "model.invalid", last.Vendor)
		require.Equal(t, "m", last.Model)
		require.Equal(t, "answer-1", last.Prompt)
		require.Equal(t, []string{"message", "history", "articles"}, last.Data)
		require.Contains(t, last.Masked, "电话")
		require.Equal(t, "ok", last.Outcome)
		require.Equal(t, 321, last.TokensIn)
		require.Equal(t, 45, last.TokensOut)
		require.NotContains(t, fmt.Sprintf("%+v", b.begun), "139")
	}, func(o *llm.Options) { o.Book, o.Limits.Sure = b, 1.1 })
}

func TestOnlyWhatWasHiddenInWhatIsSentIsOnRecordAsMasked(t *testing.T) {
	for text, want := range map[string][]string{
		leak:                   nil,
		"我同事罗志祥问，" + leak:      {"姓名"},
		"业主周海燕家，" + leak + "？": {"姓名"},
	} {
		b := &records{}
		play(t, says(leakGood), func(t *testing.T, s *stage) {
			s.answer(t, s.turn(text))
			require.NotEmpty(t, b.begun, text)
			for _, c := range b.begun {
				require.Equal(t, want, c.Masked, text)
			}
			require.NotRegexp(t, "罗志祥|周海燕", s.bodies, text)
		}, func(o *llm.Options) { o.Book, o.Limits.Sure = b, 1.1 })
	}
}

func TestWithoutARecordNothingLeaves(t *testing.T) {
	b := &records{fails: true}
	play(t, says(leakGood), func(t *testing.T, s *stage) {
		r, _ := s.answer(t, s.turn(leak))
		require.Empty(t, r.Origin)
		require.Zero(t, s.asked())
	}, func(o *llm.Options) { o.Book = b })
}

func TestOneAlertInFiveMinutesHoweverManyAsk(t *testing.T) {
	for name, c := range map[string]struct {
		code, after int
		reason      string
	}{
		"a refused key at once":           {401, 1, "status_401"},
		"a broken server when it goes on": {500, 5, "status_500"},
		"too many requests":               {429, 5, "status_429"},
	} {
		b := &records{}
		play(t, func(a *answer, _ openai.ChatCompletionRequest, _ int) { a.fail(c.code) }, func(t *testing.T, s *stage) {
			for range 30 {
				s.answer(t, s.turn(leak))
				if s.asked() < c.after {
					require.Empty(t, b.alerts, name)
				}
			}
			require.Len(t, b.alerts, 1, name)
			require.Equal(t, channels.ModelAlert{Vendor: "model.invalid", Model: "m", Reason: c.reason}, b.alerts[0])
			time.Sleep(5*time.Minute + time.Second)
			for range 6 {
				s.answer(t, s.turn(leak))
			}
			require.Len(t, b.alerts, 2, name)
		}, func(o *llm.Options) { o.Book = b })
	}
}
