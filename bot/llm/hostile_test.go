package llm_test

import (
	"strings"
	"testing"

	openai "github.com/sashabaranov/go-openai"
	"github.com/stretchr/testify/require"
)

// Section 4 of the quality page, by hand against the built program: an answer
// that the endpoint cut at so many tokens, or filtered itself, was taken for
// whole. No half of one is left, and what was read is taken back.
func TestAnAnswerCutByTheEndpointIsNoAnswer(t *testing.T) {
	for _, reason := range []string{"length", "content_filter"} {
		for _, said := range []string{
			"接到漏水消息后，专业抢修人员30分钟内到现场[1]。漏水请在这里留下准确位置和", "接到漏水消息后，专业抢修人员30分钟内到现场[1]。", "接到漏水",
		} {
			script := labelled(asks, func(a *answer, _ openai.ChatCompletionRequest, _ int) {
				a.text(said)
				a.chunk(map[string]any{}, reason)
				a.raw("data: [DONE]\n\n")
			})
			play(t, script, func(t *testing.T, s *stage) {
				in := s.turn(leak)
				want := s.fromRules(t, in)
				r, _ := s.answer(t, in)
				require.Contains(t, r.Text, want.Text, reason)
				require.Empty(t, r.Origin, reason)
				require.Equal(t, s.read(), strings.HasPrefix(r.Text, "刚才的回答没有说完"), reason)
				require.Empty(t, s.drafts[len(s.drafts)-1])
			})
		}
	}
}

// A sentence without its full stop does not run into the next.
func TestTheLastSentenceEnds(t *testing.T) {
	play(t, says("接到漏水消息后，专业抢修人员30分钟内到现场[1]"), func(t *testing.T, s *stage) {
		r, _ := s.answer(t, s.turn(leak))
		require.Equal(t, "接到漏水消息后，专业抢修人员30分钟内到现场。需要人工请回复“人工”。", r.Text)
	})
}
