package llm_test

import (
	"strings"
	"testing"
	"time"

	openai "github.com/sashabaranov/go-openai"
	"github.com/stretchr/testify/require"

	"quandesk/bot"
	"quandesk/bot/llm"
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
