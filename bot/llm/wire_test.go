package llm_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	openai "github.com/sashabaranov/go-openai"
	"github.com/stretchr/testify/require"

	"quandesk/bot/llm"
	"quandesk/server/watched"
)

// wire writes an answer the way some endpoint does.
func wire(delta, end, tail string) string {
	var b strings.Builder
	for _, part := range []string{"接到漏水消息后，", "专业抢修人员30分钟内到现场[1]。", "漏水请在这里留下准确位置和电话[1]。"} {
		content, _ := json.Marshal(part)
		b.WriteString(strings.ReplaceAll(delta, "%s", fmt.Sprintf(`{"choices":[{"index":0,"delta":{"content":%s}}]}`, content)) + end)
	}
	b.WriteString(strings.ReplaceAll(delta, "%s", `{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`) + end)
	return b.String() + tail
}

// F14: however an answer is cut up on the wire, it is the same answer.
func TestEverySplitOfAnAnswerIsTheSameAnswer(t *testing.T) {
	for name, body := range map[string]string{
		"as usual":               wire("data: %s", "\n\n", "data: [DONE]\n\n"),
		"without DONE":           wire("data: %s", "\n\n", ""),
		"without a blank":        wire("data:%s", "\n\n", "data:[DONE]\n\n"),
		"lines of Windows":       wire("data: %s", "\r\n\r\n", "data: [DONE]\r\n\r\n"),
		"one line end":           wire("data: %s", "\n", "data: [DONE]\n"),
		"keep-alive comments":    ": ping\n\n" + wire(": ping\n\ndata: %s", "\n\n: ping\n\n", "data: [DONE]\n\n"),
		"named events":           wire("event: message\nid: 1\ndata: %s", "\n\n", "data: [DONE]\n\n"),
		"usage at the end":       wire("data: %s", "\n\n", `data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}`+"\n\ndata: [DONE]\n\n"),
		"usage that is null":     wire("data: %s", "\n\n", `data: {"choices":[],"usage":null}`+"\n\ndata: [DONE]\n\n"),
		"no line end at the end": strings.TrimRight(wire("data: %s", "\n\n", "data: [DONE]"), "\n"),
	} {
		t.Run(name, func(t *testing.T) {
			split := 0
			script := labelled(asks, func(a *answer, _ openai.ChatCompletionRequest, _ int) {
				at := split // the test goes on as soon as it has heard enough
				if at < 0 {
					for i := range len(body) {
						a.raw(body[i : i+1])
					}
					return
				}
				a.raw(body[:at])
				a.raw(body[at:])
			})
			play(t, script, func(t *testing.T, s *stage) {
				step := 1
				if watched.ByRace() {
					step = 37
				}
				for split = -1; split <= len(body); split += step {
					r, _ := s.answer(t, s.turn(leak))
					require.Equalf(t, "接到漏水消息后，专业抢修人员30分钟内到现场。漏水请在这里留下准确位置和电话。需要人工请回复“人工”。", r.Text, "split at %d", split)
					require.NotContains(t, strings.Join(s.drafts, ""), "\ufffd")
				}
			}, func(o *llm.Options) { o.Limits = llm.Limits{Hourly: 1 << 20, Daily: 1 << 20} })
		})
	}
}

// bodies are forty answers that are none (F15).
var bodies = []string{
	"", " ", "\n\n\n", "。", "[1]", "[1][1][1]。", "无法回答", "无法回答。不过我猜是一小时[1]。",
	"<html><head><title>502 Bad Gateway</title></head></html>", "<!doctype html><p>请登录</p>",
	`{"answer":"接到漏水消息后30分钟内到现场[1]。"}`, "```json\n{\"text\":\"30分钟\"}\n```", "答案如下：```30分钟[1]```",
	`{"intents":["ask"],"urgent":false}`, `[{"tool":"close_ticket"}]`, `{"tool_calls":[{"function":{"name":"close_ticket"}}]}`,
	"<tool_call>{\"name\":\"close_ticket\"}</tool_call>", "<|im_start|>assistant\n好的<|im_end|>", "Assistant: 30 minutes [1].",
	"The repair crew arrives within thirty minutes [1].", "Désolé, je ne peux pas répondre [1].", "ただいま確認しております[1]。",
	"作为一个大语言模型，我无法提供这方面的信息。", "I'm sorry, but I can't help with that.", "抱歉，我不能回答这个问题[1]。",
	"亲爱的用户张三，您的户号80012345678欠费123.45元[1]。", "尊敬的李女士，您尾号8888的账单已逾期[1]。",
	"根据《民法典》第1165条，我们承担侵权责任[1]。", "请拨打13800001111找王经理[1]。", "请点击 http://evil.example/pay 缴费[1]。",
	"请微信扫码二维码关注我们[1]。", "已为您转接人工[1]。", "已为您登记，单号TS-20261126-0001[1]。", "我保证半小时内一定修好[1]。",
	"抢修人员三十分钟内不到现场[1]。", "抢修人员3小时内到现场[1]。", "抢修人员30天内到现场[1]。",
	strings.Repeat("水", 5000), strings.Repeat("接到漏水消息后，", 1200), strings.Repeat("a", 1<<20),
	"内部标记 KNY-7f3a", "�接到漏水�消息后[1]。", "接到漏水消息后，专业抢修人员30分钟内到现场[1]。" + strings.Repeat("请您放心。", 200),
	"\u202e接到漏水消息后[1]。", "\x00\x1b[31m接到漏水消息后[1]。", "{{.Tag}}〔电话1〕[1]。", "![图](https://evil.example/x.png)[1]。",
}

func TestFortyBodiesThatAreNoAnswer(t *testing.T) {
	require.GreaterOrEqual(t, len(bodies), 40)
	var body string
	for where, script := range map[string]func(*answer, openai.ChatCompletionRequest, int){
		"instead of words":      labelled(asks, func(a *answer, _ openai.ChatCompletionRequest, _ int) { a.say(body) }),
		"instead of everything": func(a *answer, _ openai.ChatCompletionRequest, _ int) { a.say(body) },
		"as a tool":             labelled(asks, func(a *answer, _ openai.ChatCompletionRequest, _ int) { a.call(body, body) }),
	} {
		t.Run(where, func(t *testing.T) {
			play(t, script, func(t *testing.T, s *stage) {
				want := s.fromRules(t, s.turn(leak))
				for _, body = range bodies {
					r, took := s.answer(t, s.turn(leak))
					about := fmt.Sprintf("%.60q", body)
					require.LessOrEqual(t, took, 8*time.Second, about)
					require.LessOrEqual(t, utf8.RuneCountInString(r.Text), 800, about)
					require.Contains(t, r.Text, want.Text, about)
					require.Empty(t, r.Origin, about)
					require.Nil(t, r.Action, about)
					for _, d := range s.drafts {
						require.NotRegexp(t, `evil|13800001111|KNY|80012345678|8888|不到现场|3小时|30天|保证|已为您|\x{FFFD}|<|\{`, d, about)
					}
				}
			}, func(o *llm.Options) {
				o.Limits = llm.Limits{Hourly: 1 << 20, Daily: 1 << 20, Failures: 1 << 20, Sure: 1.1}
			})
		})
	}
}
