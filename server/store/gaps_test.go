package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"quandesk/channels"
	"quandesk/kb"
	"quandesk/server/store"
	"quandesk/server/store/storetest"
)

// reply lets the bot say something in a conversation.
func reply(t *testing.T, s *store.Store, conversationID int64, text, unknown string, cited ...channels.Citation) channels.Message {
	t.Helper()
	var said channels.Message
	err := s.Atomically(t.Context(), func(s *store.Store) (err error) {
		said, err = s.Say(t.Context(), channels.Conversation{ID: conversationID, Channel: "webchat"},
			channels.Message{Author: channels.FromBot, Text: text, AI: true, Citations: cited})
		if err == nil && unknown != "" {
			err = s.Unknown(t.Context(), said, unknown)
		}
		return err
	})
	require.NoError(t, err)
	return said
}

func open(t *testing.T, s *store.Store) []kb.Question {
	t.Helper()
	list, err := s.Questions(t.Context(), kb.Open, 100)
	require.NoError(t, err)
	return list
}

func TestAQuestionWithoutAnAnswerIsKeptWithoutNumbers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		s.Use(&jobs{}, nil)
		m := talk(t, s, "a", "半夜能来修吗，打13812345678，户号37010119900101123X")
		said := reply(t, s, m.ConversationID, "没有查到", m.Text)
		list := open(t, s)
		require.Len(t, list, 1)
		require.Equal(t, "半夜能来修吗，打*，户号*", list[0].Text)
		require.True(t, list[0].Unanswered)
		require.False(t, list[0].Down)
		require.Equal(t, said.ID, list[0].MessageID)
	})
}

func TestADownVoteIsOnePerMessageAndOnlyForOnesOwn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		s.Use(&jobs{}, nil)
		mine, other := talk(t, s, "a", "水箱多久洗一次"), talk(t, s, "b", "别的")
		said := reply(t, s, mine.ConversationID, "一年一次。", "", channels.Citation{ArticleID: "tank", Version: 3})
		require.NoError(t, s.Downvote(t.Context(), mine.ConversationID, said.ID))
		unknown := reply(t, s, mine.ConversationID, "没有查到", "水箱多久洗一次")
		for _, message := range []int64{said.ID, said.ID, unknown.ID, unknown.ID} {
			require.NoError(t, s.Downvote(t.Context(), mine.ConversationID, message))
		}
		for what, err := range map[string]error{
			"of somebody else":    s.Downvote(t.Context(), other.ConversationID, said.ID),
			"one's own words":     s.Downvote(t.Context(), mine.ConversationID, mine.ID),
			"that does not exist": s.Downvote(t.Context(), mine.ConversationID, 9999),
		} {
			require.ErrorIs(t, err, channels.ErrNotFound, what)
		}
		list := open(t, s)
		require.Len(t, list, 2)
		require.Equal(t, kb.Question{ID: list[1].ID, MessageID: said.ID, ConversationID: mine.ConversationID, Text: "水箱多久洗一次",
			Down: true, ArticleID: "tank", Version: 3, State: kb.Open, AskedAt: list[1].AskedAt}, list[1])
		require.True(t, list[0].Down && list[0].Unanswered, "one row for both")
		voted, err := s.Downvotes(t.Context(), mine.ConversationID)
		require.NoError(t, err)
		require.Equal(t, map[int64]bool{said.ID: true, unknown.ID: true}, voted)
	})
}

func TestAGapBecomesAnArticleAndIsTestedAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		s.Use(&jobs{}, nil)
		d := newKnowledge(t, s)
		for from, text := range map[string]string{"a": "半夜能来修水管吗", "b": "半夜能来修水管不", "c": "能不能送水上门"} {
			m := talk(t, s, from, text)
			reply(t, s, m.ConversationID, "没有查到", text)
		}
		groups, err := d.Gaps(t.Context(), kb.Open)
		require.NoError(t, err)
		require.Len(t, groups, 2)
		gap := groups[0]
		require.Len(t, gap.Questions, 2)
		_, err = d.WriteUp(t.Context(), second, gap.Key())
		require.ErrorIs(t, err, kb.ErrForbidden)
		e, err := d.WriteUp(t.Context(), writer, gap.Key())
		require.NoError(t, err)
		require.Equal(t, kb.Draft, e.Head.Status)
		require.Equal(t, kb.FromGap, e.Head.Origin)
		require.ElementsMatch(t, []string{"半夜能来修水管吗", "半夜能来修水管不"}, e.Head.Questions)
		again, err := d.WriteUp(t.Context(), writer, gap.Newest().ID)
		require.NoError(t, err)
		require.Equal(t, e.ID, again.ID, "one article for a gap")

		asked, covered, err := d.Retest(t.Context(), writer, 0)
		require.NoError(t, err)
		require.Equal(t, []int{3, 0}, []int{asked, covered})
		a := e.Head.Article
		a.Short, a.Next, a.Source, a.Verified = "夜里也派人抢修。", "请在这里登记。", "公司通知", true
		put(t, d, a) // tests the gap's own questions again
		groups, err = d.Gaps(t.Context(), kb.Covered)
		require.NoError(t, err)
		require.Len(t, groups, 1)
		require.Len(t, groups[0].Questions, 2)
		rest := open(t, s)
		require.Len(t, rest, 1)
		require.NoError(t, d.Dismiss(t.Context(), writer, rest[0].ID))
		require.Empty(t, open(t, s))
		_, err = d.WriteUp(t.Context(), writer, rest[0].ID)
		require.ErrorIs(t, err, kb.ErrNotFound)
	})
}

func TestABadAnswerIsNotCoveredByItself(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		s.Use(&jobs{}, nil)
		d := newKnowledge(t, s)
		put(t, d, valve("向左转三圈。"))
		m := talk(t, s, "a", "红色阀门怎么开")
		said := reply(t, s, m.ConversationID, "向左转三圈。", "", channels.Citation{ArticleID: "valve", Version: 1})
		require.NoError(t, s.Downvote(t.Context(), m.ConversationID, said.ID))
		_, covered, err := d.Retest(t.Context(), writer, 0)
		require.NoError(t, err)
		require.Zero(t, covered)
		put(t, d, valve("向右转三圈。"))
		_, covered, err = d.Retest(t.Context(), writer, 0)
		require.NoError(t, err)
		require.Equal(t, 1, covered)
	})
}
