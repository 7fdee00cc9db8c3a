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
	"quandesk/channels"
	"quandesk/tickets"
)

const (
	leak     = "漏水报修后多久到现场"
	leakGood = "接到漏水消息后，专业抢修人员30分钟内到现场[1]。漏水请在这里留下准确位置和电话[1]。"
)

// labelled answers questions for labels with these and leaves the rest.
func labelled(labels string, rest func(a *answer, req openai.ChatCompletionRequest, n int)) func(*answer, openai.ChatCompletionRequest, int) {
	return func(a *answer, req openai.ChatCompletionRequest, n int) {
		if understanding(req) {
			a.say(labels)
			return
		}
		rest(a, req, n)
	}
}

const asks = `{"intents":["ask"],"category":"","application":"","urgent":false,"slots":{}}`

func says(text string) func(*answer, openai.ChatCompletionRequest, int) {
	return labelled(asks, func(a *answer, _ openai.ChatCompletionRequest, _ int) { a.say(text) })
}

func TestAModelWordsWhatTheKnowledgeSays(t *testing.T) {
	play(t, says(leakGood), func(t *testing.T, s *stage) {
		r, _ := s.answer(t, s.turn(leak))
		require.Equal(t, "接到漏水消息后，专业抢修人员30分钟内到现场。漏水请在这里留下准确位置和电话。需要人工请回复“人工”。", r.Text)
		require.Len(t, r.Citations, 1)
		require.Equal(t, "leak-arrival", r.Citations[0].ArticleID)
		require.Equal(t, "m answer-1", r.Origin, "who worded it, by which prompt")
		require.True(t, s.saw("worded", "ok"))
	})
}

func TestSentencesAreShownOnlyAfterTheyHavePassed(t *testing.T) {
	script := labelled(asks, func(a *answer, _ openai.ChatCompletionRequest, _ int) {
		for _, r := range leakGood {
			a.text(string(r))
			a.wait(50 * time.Millisecond)
		}
		a.done()
	})
	play(t, script, func(t *testing.T, s *stage) {
		r, _ := s.answer(t, s.turn(leak))
		require.Len(t, s.drafts, 4, "that it is looking, two sentences, and the whole with the way to a person")
		require.Equal(t, "正在查询，请稍候…", s.drafts[0])
		require.Equal(t, "接到漏水消息后，专业抢修人员30分钟内到现场。", s.drafts[1])
		require.Equal(t, r.Text, s.drafts[3])
	})
}

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

func TestAnAddressOrAYesIsNotSentAnywhere(t *testing.T) {
	play(t, says("无法回答"), func(t *testing.T, s *stage) {
		first := s.fromRules(t, s.turn("家里自来水发黄，我要投诉"))
		for _, text := range []string{"燕子山小区3号楼402", "13955512345", "好的"} {
			in := s.turn(text)
			in.Memory = first.Memory
			s.answer(t, in)
		}
		require.Zero(t, s.asked())
	}, func(o *llm.Options) { o.Limits.Sure = 1.1 })
}

func TestWhatIsUrgentOrWantsAPersonIsNeverAModelsBusiness(t *testing.T) {
	talk := `{"intents":["smalltalk"],"urgent":false}`
	for _, text := range []string{"水发黄，孩子喝了拉肚子", "转人工", "文化东路水管爆了往外喷水淹了车"} {
		play(t, labelled(talk, func(a *answer, _ openai.ChatCompletionRequest, _ int) { a.say("您好。") }), func(t *testing.T, s *stage) {
			in := s.turn(text)
			want := s.fromRules(t, in)
			r, took := s.answer(t, in)
			require.NotNil(t, r.Action)
			require.Equal(t, want.Action, r.Action)
			require.Zero(t, took)
			require.Zero(t, s.asked())
		}, func(o *llm.Options) { o.Limits.Sure = 1.1 })
	}
}

func TestAComplaintIsNeverMadeAnInquiry(t *testing.T) {
	for _, text := range []string{"我家水压一直很低没人管", "我要投诉你们抄表的态度", "水费收得太离谱，给个说法"} {
		play(t, says("无法回答"), func(t *testing.T, s *stage) {
			r, _ := s.answer(t, s.turn(text))
			require.Contains(t, r.Understanding.Intents, bot.Complain)
			require.NotEqual(t, tickets.Inquiry, r.Understanding.Kind)
		}, func(o *llm.Options) { o.Limits.Sure = 1.1 })
	}
}

func TestAModelMayRaise(t *testing.T) {
	script := labelled(`{"intents":["complaint"],"category":"water_quality","urgent":true}`,
		func(a *answer, _ openai.ChatCompletionRequest, _ int) { a.say("无法回答") })
	play(t, script, func(t *testing.T, s *stage) {
		r, _ := s.answer(t, s.turn("我娘用了那个以后就一直躺着起不来了"))
		require.True(t, r.Understanding.Urgent)
		require.NotNil(t, r.Action)
		require.True(t, r.Action.Urgent)
	}, func(o *llm.Options) { o.Limits.Sure = 1.1 })
}

func TestSlotsStandInTheResidentsWords(t *testing.T) {
	script := labelled(`{"intents":["complaint"],"category":"pressure","urgent":false,"slots":{"address":"大观园3号","name":"王五","phone":"13800000000","time":"昨天晚上"}}`,
		func(a *answer, _ openai.ChatCompletionRequest, _ int) { a.say("无法回答") })
	play(t, script, func(t *testing.T, s *stage) {
		r, _ := s.answer(t, s.turn("就那个水昨天晚上不太对"))
		require.Empty(t, r.Understanding.Slots.Address)
		require.Empty(t, r.Understanding.Slots.Name)
		require.Empty(t, r.Understanding.Slots.Phone)
	}, func(o *llm.Options) { o.Limits.Sure = 1.1 })
}

func TestATicketOfTheModelsWaitsForTheResidentsYes(t *testing.T) {
	const text = "泉城路180号的水管那边好像不太对劲，电话13955512345"
	script := labelled(asks, func(a *answer, _ openai.ChatCompletionRequest, _ int) { a.call("create_ticket", `{"kind":"repair"}`) })
	play(t, script, func(t *testing.T, s *stage) {
		in := s.turn("请问" + text + "，这种情况多久处理")
		r, _ := s.answer(t, in)
		require.Nil(t, r.Action)
		require.Regexp(t, "登记|地址|哪里", r.Text)
		if !strings.Contains(r.Text, "要登记请回复") {
			t.Fatal(r.Text)
		}
		no := s.turn("水费怎么交")
		no.Memory = r.Memory
		r2, _ := s.answer(t, no)
		require.Nil(t, r2.Action, "another question opens nothing")
		yes := s.turn("登记")
		yes.Memory = r.Memory
		r3, _ := s.answer(t, yes)
		require.NotNil(t, r3.Action)
		require.Equal(t, bot.OpenTicket, r3.Action.Type)
		require.Equal(t, "13955512345", r3.Action.Opening.ContactPhone)
	}, func(o *llm.Options) { o.Limits.Sure = 1.1 })
}

func TestAPersonMayBeCalledByAModel(t *testing.T) {
	play(t, labelled(asks, func(a *answer, _ openai.ChatCompletionRequest, _ int) { a.call("request_human", `{}`) }), func(t *testing.T, s *stage) {
		r, _ := s.answer(t, s.turn(leak))
		require.NotNil(t, r.Action)
		require.Equal(t, bot.HandOff, r.Action.Type)
	})
}

func TestAForeignTicketIsNotFound(t *testing.T) {
	var results []string
	script := labelled(asks, func(a *answer, req openai.ChatCompletionRequest, _ int) {
		if last := req.Messages[len(req.Messages)-1]; last.Role == openai.ChatMessageRoleTool {
			results = append(results, last.Content)
			a.say("无法回答")
			return
		}
		a.call("my_tickets", `{"no":"TS-20261119-0042"}`)
	})
	play(t, script, func(t *testing.T, s *stage) {
		in := s.turn(leak)
		in.Tickets = []bot.Matter{{No: "TS-20261119-0001", State: tickets.Processing, Phone: "13912345678", Address: "泉城路1号"}}
		s.answer(t, in)
		require.Len(t, results, 1)
		require.Contains(t, results[0], "没有查到")
		require.True(t, s.saw("tool_denied", "my_tickets"))
	})
}

func TestSearchingWithAnotherQuestionIsHeld(t *testing.T) {
	script := labelled(asks, func(a *answer, req openai.ChatCompletionRequest, _ int) {
		if last := req.Messages[len(req.Messages)-1]; last.Role == openai.ChatMessageRoleTool {
			require.Contains(t, last.Content, "没有查到", "what does not fit the resident's words is no answer to them")
			a.say("无法回答")
			return
		}
		a.call("search_kb", `{"query":"水箱多久清洗消毒一次"}`)
	})
	play(t, script, func(t *testing.T, s *stage) {
		in := s.turn("你们王经理的手机号多少")
		want := s.fromRules(t, in)
		r, _ := s.answer(t, in)
		require.Equal(t, want.Text, r.Text)
		require.Contains(t, r.Text, "人工")
	})
}

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
