package llm_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	openai "github.com/sashabaranov/go-openai"
	"github.com/stretchr/testify/require"

	"quandesk/bot"
	"quandesk/bot/llm"
)

// What an endpoint can do wrong; the resident hears the rules' answer each time.
func TestWhateverGoesWrongTheRulesAnswer(t *testing.T) {
	type script = func(a *answer, req openai.ChatCompletionRequest, n int)
	for name, c := range map[string]struct {
		script  script
		within  time.Duration
		outcome string
	}{
		"refuses the key":  {func(a *answer, _ openai.ChatCompletionRequest, _ int) { a.fail(401) }, time.Second, "status_401"},
		"429":              {func(a *answer, _ openai.ChatCompletionRequest, _ int) { a.fail(429) }, time.Second, "status_429"},
		"500":              {func(a *answer, _ openai.ChatCompletionRequest, _ int) { a.fail(500) }, time.Second, "status_500"},
		"400":              {func(a *answer, _ openai.ChatCompletionRequest, _ int) { a.fail(400) }, time.Second, "status_400"},
		"slow first token": {func(a *answer, _ openai.ChatCompletionRequest, _ int) { a.wait(15 * time.Second) }, 7 * time.Second, "slow"},
		"headers and then nothing": {func(a *answer, _ openai.ChatCompletionRequest, _ int) {
			a.raw(": wait\n\n")
			a.wait(time.Minute)
		}, 7 * time.Second, "slow"},
		"one token a second": {func(a *answer, _ openai.ChatCompletionRequest, _ int) {
			for _, r := range strings.Repeat(leakGood, 3) {
				a.text(string(r))
				if !a.wait(time.Second) {
					return
				}
			}
		}, 9 * time.Second, "timeout"},
		"endless": {func(a *answer, _ openai.ChatCompletionRequest, _ int) {
			for a.ctx.Err() == nil {
				a.text("水水水水水水水水水水")
			}
		}, 9 * time.Second, "too_long"},
		"an endless line": {func(a *answer, _ openai.ChatCompletionRequest, _ int) {
			a.raw("data: ")
			for a.ctx.Err() == nil {
				if _, err := a.w.Write([]byte(strings.Repeat("x", 1<<16))); err != nil {
					return
				}
			}
		}, 9 * time.Second, ""},
		"cut in the middle": {labelled(asks, func(a *answer, _ openai.ChatCompletionRequest, _ int) {
			a.text("接到漏水消息后，专业抢修人员30分钟内到现场[1]。漏水请在这")
			panic(http.ErrAbortHandler)
		}), 9 * time.Second, ""},
		"ended without a finish": {labelled(asks, func(a *answer, _ openai.ChatCompletionRequest, _ int) {
			a.text("接到漏水消息后，专业抢修人员30分钟内到现场[1]。漏水请在这")
			a.raw("data: [DONE]\n\n")
		}), 9 * time.Second, "cut"},
		"an error in the stream": {labelled(asks, func(a *answer, _ openai.ChatCompletionRequest, _ int) {
			a.text("接到")
			a.raw("data: {\"error\":{\"message\":\"gone\"}}\n\n")
		}), 9 * time.Second, ""},
		"broken characters": {says("接到\ufffd\ufffd消息后，30分钟内到现场[1]。"), time.Second, "not_usable"},
		"invalid JSON":      {func(a *answer, _ openai.ChatCompletionRequest, _ int) { a.raw("data: {nonsense\n\n") }, time.Second, ""},
		"a web page":        {func(a *answer, _ openai.ChatCompletionRequest, _ int) { a.raw("<html>login</html>") }, time.Second, ""},
		"nothing at all":    {func(a *answer, _ openai.ChatCompletionRequest, _ int) {}, time.Second, "cut"},
		"empty text":        {says(""), time.Second, "cut"},
		"wrong schema":      {func(a *answer, _ openai.ChatCompletionRequest, _ int) { a.say(`{"intents":"ask"}`) }, time.Second, ""},
		"unknown tool":      {labelled(asks, func(a *answer, _ openai.ChatCompletionRequest, _ int) { a.call("close_ticket", `{"id":1}`) }), time.Second, "not_usable"},
		"foreign arguments": {labelled(asks, func(a *answer, _ openai.ChatCompletionRequest, _ int) { a.call("my_tickets", `{"user":"B"}`) }), time.Second, "not_usable"},
		"wrong types":       {labelled(asks, func(a *answer, _ openai.ChatCompletionRequest, _ int) { a.call("search_kb", `{"query":[1]}`) }), time.Second, "not_usable"},
		"a megabyte of arguments": {labelled(asks, func(a *answer, _ openai.ChatCompletionRequest, _ int) {
			a.call("search_kb", `{"query":"`+strings.Repeat("水", 350000)+`"}`)
		}), time.Second, ""},
		"9 KB of arguments": {labelled(asks, func(a *answer, _ openai.ChatCompletionRequest, _ int) {
			a.call("search_kb", `{"query":"`+strings.Repeat("水", 3000)+`"}`)
		}), time.Second, "not_usable"},
		"fifty tools at once": {labelled(asks, func(a *answer, _ openai.ChatCompletionRequest, _ int) {
			var all [][2]string
			for range 50 {
				all = append(all, [2]string{"search_kb", `{"query":"漏水"}`})
			}
			a.calls(all...)
		}), time.Second, "not_usable"},
		"three tools a round": {labelled(asks, func(a *answer, _ openai.ChatCompletionRequest, _ int) {
			again := [2]string{"search_kb", `{"query":"漏水"}`}
			a.calls(again, again, again)
		}), time.Second, "not_usable"},
		"a tool in a loop":      {labelled(asks, func(a *answer, _ openai.ChatCompletionRequest, _ int) { a.call("search_kb", `{"query":"漏水"}`) }), time.Second, "not_usable"},
		"a megabyte":            {says(strings.Repeat("水", 1<<20)), time.Second, ""},
		"the same 5000 times":   {says(strings.Repeat("水管", 1900)), time.Second, ""},
		"English":               {says("The crew will arrive at your place within the time named in the standard [1]."), time.Second, "not_usable"},
		"invented figure":       {says("接到漏水消息后，抢修人员15分钟内到现场[1]。"), time.Second, "not_usable"},
		"invented phone":        {says("漏水请拨打0531-88888888[1]。"), time.Second, "not_usable"},
		"a promise":             {says("我们将赔偿您500元[1]。"), time.Second, "not_usable"},
		"an empty deed":         {says("已为您登记报修[1]。"), time.Second, "not_usable"},
		"without a source":      {says("接到漏水消息后，抢修人员30分钟内到现场。"), time.Second, "not_usable"},
		"a source that is none": {says("接到漏水消息后，抢修人员30分钟内到现场[9]。"), time.Second, "not_usable"},
		"declines":              {says("无法回答"), time.Second, "not_usable"},
		"fences and prose":      {says("```\n好的，答案如下\n```"), time.Second, "not_usable"},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, c.script, func(t *testing.T, s *stage) {
				in := s.turn(leak)
				want := s.fromRules(t, in)
				r, took := s.answer(t, in)
				const note = "刚才的回答没有说完，请以这条为准。\n"
				require.Equal(t, want.Text, strings.TrimPrefix(r.Text, note))
				require.Equal(t, s.read(), strings.HasPrefix(r.Text, note), "who has read a part of it is told")
				require.Equal(t, want.Citations, r.Citations)
				require.Empty(t, r.Origin)
				require.Nil(t, r.Action)
				require.LessOrEqual(t, took, c.within)
				if len(s.drafts) > 0 {
					require.Empty(t, s.drafts[len(s.drafts)-1], "nothing half is left on the screen")
				}
				if c.outcome != "" {
					require.Truef(t, s.saw("fallback", c.outcome) || s.saw("call", c.outcome), "%v", s.events)
				}
				require.LessOrEqual(t, s.asked(), 9)
				for _, req := range s.requests {
					used := 0
					for _, m := range req.Messages {
						if m.Role == openai.ChatMessageRoleTool {
							used++
						}
					}
					require.LessOrEqual(t, used, 4, "four tools a turn")
				}
			})
		})
	}
}

func TestBytesSplitInsideACharacterAreWhole(t *testing.T) {
	script := labelled(asks, func(a *answer, _ openai.ChatCompletionRequest, _ int) {
		line := fmt.Sprintf("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":%q}}]}\n\n", leakGood)
		for i := range len(line) {
			a.raw(line[i : i+1])
		}
		a.done()
	})
	play(t, script, func(t *testing.T, s *stage) {
		r, _ := s.answer(t, s.turn(leak))
		require.Contains(t, r.Text, "专业抢修人员30分钟内到现场")
		require.NotEmpty(t, r.Origin)
	})
}

func TestAStumbleBeforeTheFirstTokenIsTriedOnceMore(t *testing.T) {
	stumbled := false
	script := labelled(asks, func(a *answer, _ openai.ChatCompletionRequest, _ int) {
		if !stumbled {
			stumbled = true
			a.fail(503)
			return
		}
		a.say(leakGood)
	})
	play(t, script, func(t *testing.T, s *stage) {
		r, _ := s.answer(t, s.turn(leak))
		require.NotEmpty(t, r.Origin)
	})
}

func TestAnEndpointWithoutSchemasIsAskedWithoutThemFromThenOn(t *testing.T) {
	refused := 0
	script := func(a *answer, req openai.ChatCompletionRequest, _ int) {
		switch {
		case req.ResponseFormat != nil || len(req.Tools) > 0:
			refused++
			a.fail(400)
		case understanding(req):
			a.say(asks)
		default:
			a.say(leakGood)
		}
	}
	play(t, script, func(t *testing.T, s *stage) {
		for range 3 {
			r, _ := s.answer(t, s.turn(leak))
			require.NotEmpty(t, r.Origin)
		}
		require.LessOrEqual(t, refused, 2, "once for schemas, once for tools")
	}, func(o *llm.Options) { o.Limits.Sure = 1.1 })
}

func TestAnUnprovedAnswerIsAskedForOnceMoreWithTheReasons(t *testing.T) {
	first := true
	script := labelled(asks, func(a *answer, req openai.ChatCompletionRequest, _ int) {
		if first {
			first = false
			a.say("接到漏水消息后，抢修人员15分钟内到现场[1]。")
			return
		}
		require.Contains(t, req.Messages[len(req.Messages)-1].Content, "没有通过核对")
		a.say(leakGood)
	})
	play(t, script, func(t *testing.T, s *stage) {
		r, _ := s.answer(t, s.turn(leak))
		require.Contains(t, r.Text, "30分钟")
		require.True(t, s.saw("validator_hit", "figure"))
		for _, d := range s.drafts {
			require.NotContains(t, d, "15")
		}
	})
}

func TestLabelsOutOfFormAreRepairedOnce(t *testing.T) {
	n := 0
	script := func(a *answer, req openai.ChatCompletionRequest, _ int) {
		if !understanding(req) {
			a.say("无法回答")
			return
		}
		if n++; n == 1 {
			a.say("好的，标签是：ask")
			return
		}
		require.Len(t, req.Messages, 4)
		a.say("```json\n" + `{"intents":["complaint"],"urgent":false}` + "\n```")
	}
	play(t, script, func(t *testing.T, s *stage) {
		r, _ := s.answer(t, s.turn("你们就这么办事的"))
		require.Equal(t, 2, n)
		require.Equal(t, bot.Complain, r.Understanding.Intents[0])
	}, func(o *llm.Options) { o.Limits.Sure = 1.1 })
}

func TestTheBreakerOpensAfterFiveFailuresAndLooksAgainAfterTenSeconds(t *testing.T) {
	down := true
	script := func(a *answer, req openai.ChatCompletionRequest, n int) {
		if down {
			a.fail(500)
			return
		}
		says(leakGood)(a, req, n)
	}
	play(t, script, func(t *testing.T, s *stage) {
		for range 4 {
			s.answer(t, s.turn(leak))
		}
		asked := s.asked()
		require.LessOrEqual(t, asked, 5)
		s.answer(t, s.turn(leak))
		require.Equal(t, asked, s.asked(), "nobody is asked while it is open")
		require.True(t, s.saw("refused", "breaker_open"))
		down = false
		time.Sleep(11 * time.Second)
		r, _ := s.answer(t, s.turn(leak))
		require.NotEmpty(t, r.Origin)
	})
}

func TestBudgetsEndInTheRulesAnswer(t *testing.T) {
	for name, limits := range map[string]llm.Limits{"user_budget": {Hourly: 2}, "daily_budget": {Daily: 2}} {
		play(t, says(leakGood), func(t *testing.T, s *stage) {
			for range 4 {
				r, _ := s.answer(t, s.turn(leak))
				require.NotEmpty(t, r.Text)
			}
			require.Equal(t, 2, s.asked())
			require.True(t, s.saw("refused", name))
			other := s.turn(leak)
			other.Conversation.ID = 2
			s.answer(t, other)
			if name == "user_budget" {
				require.Greater(t, s.asked(), 2, "others are not affected")
				late := s.turn(leak)
				late.Now = friday.Add(time.Hour)
				before := s.asked()
				s.answer(t, late)
				require.Greater(t, s.asked(), before)
			}
		}, func(o *llm.Options) { o.Limits = limits })
	}
}

func TestOneCallTooManyIsNotQueued(t *testing.T) {
	script := func(a *answer, req openai.ChatCompletionRequest, n int) {
		a.wait(2 * time.Second)
		says(leakGood)(a, req, n)
	}
	play(t, script, func(t *testing.T, s *stage) {
		done := make(chan time.Duration, 3)
		for range 3 {
			go func() {
				began := time.Now()
				in := s.turn(leak)
				in.Draft = nil
				s.model.Answer(t.Context(), in)
				done <- time.Since(began)
			}()
		}
		require.Zero(t, <-done, "the third does not wait")
		<-done
		<-done
		require.True(t, s.saw("refused", "busy"))
	}, func(o *llm.Options) { o.Limits.Parallel = 2 })
}
