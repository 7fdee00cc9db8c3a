package llm_test

import (
	"strings"
	"testing"

	openai "github.com/sashabaranov/go-openai"
	"github.com/stretchr/testify/require"

	"quandesk/bot/llm"
	"quandesk/kb"
)

func TestAModelIsNotOfferedWhatNobodyHasCheckedAndAnOpenArticleIsNoSource(t *testing.T) {
	person := "请回复“人工”，由工作人员答复。"
	claim := kb.Article{ID: "claim", Title: "紫色阀门周末能换吗", Short: "紫色阀门周末可以换，两个工作日办好，每户收费一百。", Next: person,
		Source: "公司通知", Questions: []string{"紫色阀门周末能换吗"}, Status: kb.Published}
	open := kb.Article{ID: "open", Title: "紫色阀门能换吗", Short: "紫色阀门能不能换，这里没有写。", Next: person,
		Source: "公司通知", Clause: "7.1", Questions: []string{"紫色阀门能换吗"}, Status: kb.Published, Open: true}
	shelf := &shelf{}
	l := library(shelf, claim, open)
	var bodies []string
	script := labelled(asks, func(a *answer, req openai.ChatCompletionRequest, _ int) {
		bodies = append(bodies, req.Messages[1].Content)
		a.say("紫色阀门能不能换，这里没有写[1]。请回复“人工”，由工作人员答复[1]。")
	})
	play(t, script, func(t *testing.T, s *stage) {
		r, _ := s.answer(t, s.turn("紫色阀门能换吗"))
		require.Equal(t, "m answer-1", r.Origin)
		require.Contains(t, r.Text, "这里没有写")
		require.Empty(t, r.Citations)
		require.True(t, r.Unknown)
		s.answer(t, s.turn("紫色阀门周末能换吗"))
		require.NotContains(t, strings.Join(bodies, ""), "收费一百")
	}, func(o *llm.Options) {
		o.Knowledge = l
	})
}
