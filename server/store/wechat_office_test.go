package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels"
	"quandesk/channels/wechat"
	"quandesk/server/store"
	"quandesk/server/store/storetest"
)

func TestASecretIsNotReadableInTheDatabase(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		require.NoError(t, s.Seal([]byte(strings.Repeat("k", 32))))
		a := wechat.Account{Name: "jinan", AppID: "wx1", Secret: "CANARYSECRET", Token: "CANARYTOKEN", Mode: "plain"}
		require.NoError(t, s.PutWechatAccount(t.Context(), a))
		var body string
		require.NoError(t, s.DB().QueryRowContext(t.Context(), `SELECT body FROM wechat_accounts`).Scan(&body))
		require.NotContains(t, body, "CANARY")
		list, err := s.WechatAccounts(t.Context())
		require.NoError(t, err)
		require.Equal(t, []wechat.Account{a}, list)
		require.NoError(t, s.Seal([]byte(strings.Repeat("x", 32))))
		_, err = s.WechatAccounts(t.Context())
		require.ErrorIs(t, err, store.ErrSealed, "another key does not open it")
	})
}

func TestANoticeIsStoredOnceAndTakenByOneProcess(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		q := &deliveries{}
		s.Use(q, nil)
		heard := writes(t, s, "1", "你好")
		require.NoError(t, s.Correct(t.Context(), "shuiwu", resident, wechat.OutsideTime))
		sent := post(t, s, heard.ConversationID, "一")
		held := func() {
			m, _, ours, err := s.Leave(t.Context(), sent.ID)
			require.NoError(t, err)
			require.True(t, ours)
			require.NoError(t, s.LeftAs(t.Context(), m, channels.Outcome{Delivery: channels.Held, Why: string(wechat.OutsideTime)}))
		}
		q.take()
		held()
		var ids []int64
		for _, j := range q.all() {
			if j.Kind == store.NoticeJob {
				ids = append(ids, j.ID)
			}
		}
		require.Len(t, ids, 1)
		n, ours, err := s.TakeNotice(t.Context(), ids[0])
		require.NoError(t, err)
		require.True(t, ours)
		require.Equal(t, resident, n.OpenID)
		require.Equal(t, sent.ID, n.MessageID)
		_, ours, err = s.TakeNotice(t.Context(), ids[0])
		require.NoError(t, err)
		require.False(t, ours, "another process has it")
		require.NoError(t, s.NoticeAt(t.Context(), n.ID, wechat.ByTemplate))
		now := s.Now()
		s.SetClock(func() time.Time { return now.Add(2 * time.Minute) })
		n, ours, err = s.TakeNotice(t.Context(), ids[0])
		require.NoError(t, err)
		require.True(t, ours, "a crash left it")
		require.Equal(t, wechat.ByTemplate, n.Tried)
		require.NoError(t, s.NoticeDone(t.Context(), n, wechat.NoticeResult{State: wechat.NoticeSent, Way: wechat.ByTemplate, WayID: "200001"}))
		require.NoError(t, s.TemplateFinished(t.Context(), "shuiwu", "200001", "failed:user block"))
		got, err := s.NoticesOf(t.Context(), heard.ConversationID)
		require.NoError(t, err)
		require.Equal(t, wechat.NoticeFailed, got[sent.ID].State)
		require.Equal(t, "blocked", got[sent.ID].Why)
		s.SetClock(nil)
	})
}

func TestAskingForTheRestIsNotAQuestionToTheBot(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		q := &deliveries{}
		s.Use(q, nil)
		long := stopped(t, s, "oMore")
		turn := func() (channels.Conversation, []channels.Message) {
			c, list, err := s.Unanswered(t.Context(), long.ConversationID)
			require.NoError(t, err)
			return c, list
		}
		c, list := turn()
		resumed, err := s.Resume(t.Context(), c, list)
		require.NoError(t, err)
		require.False(t, resumed, "a question is one")
		_, err = s.Answered(t.Context(), c.ID, list[0].ID)
		require.NoError(t, err)
		require.NoError(t, s.Atomically(t.Context(), func(s *store.Store) error {
			_, err := s.Claim(t.Context(), c, list[len(list)-1].ID, nil)
			return err
		}))
		q.take()
		writesAs(t, s, "oMore", "2", "继续")
		c, list = turn()
		resumed, err = s.Resume(t.Context(), c, list)
		require.NoError(t, err)
		require.True(t, resumed)
		require.Contains(t, q.take(), long.ID)
		_, list = turn()
		require.Empty(t, list, "the bot has nothing to answer")
		other := writesAs(t, s, "oOther", "1", "继续")
		c, list, err = s.Unanswered(t.Context(), other.ConversationID)
		require.NoError(t, err)
		resumed, err = s.Resume(t.Context(), c, list)
		require.NoError(t, err)
		require.False(t, resumed, "nothing of theirs was cut")
	})
}

func TestUploadsAreForgottenInTime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		id, err := s.Media(t.Context(), "jinan", "a1")
		require.NoError(t, err)
		require.Empty(t, id)
		require.NoError(t, s.KeepMedia(t.Context(), "jinan", "a1", "m1", s.Now().Add(time.Hour)))
		require.NoError(t, s.KeepMedia(t.Context(), "jinan", "a1", "m2", s.Now().Add(time.Hour)))
		id, err = s.Media(t.Context(), "jinan", "a1")
		require.NoError(t, err)
		require.Equal(t, "m2", id)
		now := s.Now()
		s.SetClock(func() time.Time { return now.Add(2 * time.Hour) })
		id, err = s.Media(t.Context(), "jinan", "a1")
		require.NoError(t, err)
		require.Empty(t, id)
		require.NoError(t, s.Subscribed(t.Context(), "jinan", resident, "T1", true))
		require.NoError(t, s.Subscribed(t.Context(), "jinan", resident, "T1", false))
	})
}
