package jobs_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"quandesk/bot"
	"quandesk/channels"
	"quandesk/kb"
	"quandesk/server/store"
	"quandesk/server/store/storetest"
)

func TestWhatTheBotDoesNotKnowIsRememberedWithItsReply(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := &scripted{reply: func(bot.Turn) (bot.Reply, error) { return bot.Reply{Text: "没有查到", Unknown: true}, nil }}
		a := answerer(t, s, b)
		hear(t, s, "1", "你好")
		m := hear(t, s, "2", "能送水上门吗，13812345678")
		require.NoError(t, a.Answer(t.Context(), m.ConversationID))
		b.reply = says("您好")
		hear(t, s, "3", "谢谢")
		require.NoError(t, a.Answer(t.Context(), m.ConversationID))
		list, err := s.Questions(t.Context(), kb.Open, 9)
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, "你好\n能送水上门吗，*", list[0].Text)
	})
}

func TestAnAnswerFromARetiredArticleIsNotSent(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for _, short := range []string{"向左转。", "向右转。"} { // the second replaces the first
			_, err := s.PutArticle(t.Context(), kb.Article{ID: "valve", Title: "阀门", Short: short})
			require.NoError(t, err)
		}
		version := 1
		b := &scripted{reply: func(bot.Turn) (bot.Reply, error) {
			words := map[int]string{1: "向左转。", 2: "向右转。"}
			return bot.Reply{Text: words[version], Citations: []channels.Citation{{ArticleID: "valve", Version: version}}}, nil
		}}
		a := answerer(t, s, b)
		m := hear(t, s, "1", "阀门怎么开")
		require.Error(t, a.Answer(t.Context(), m.ConversationID), "nothing to be done without a fresh look")
		require.Empty(t, said(t, s, m.ConversationID))
		a.Refresh = func(context.Context) error { version = 2; return nil }
		require.NoError(t, a.Answer(t.Context(), m.ConversationID))
		require.Equal(t, []string{"向右转。"}, said(t, s, m.ConversationID))
	})
}
