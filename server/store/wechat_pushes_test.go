package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels"
	"quandesk/channels/wechat"
	"quandesk/server/store"
	"quandesk/server/store/storetest"
)

// letterbox is a queue nobody works on.
type letterbox struct {
	mu   sync.Mutex
	jobs []store.Job
}

func (l *letterbox) Insert(_ context.Context, _ *store.Tx, jobs []store.Job) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.jobs = append(l.jobs, jobs...)
	return nil
}

func (l *letterbox) count(kind store.JobKind) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, j := range l.jobs {
		if j.Kind == kind {
			n++
		}
	}
	return n
}

// pushed is a text of a resident that somebody waits with.
func pushed(from, once string, until time.Time) channels.Inbound {
	return channels.Inbound{Channel: wechat.Channel, Account: "main", From: from, ExternalID: once,
		Kind: channels.Text, Text: "没水", Line: &channels.Line{Kind: "text", Until: until}}
}

func eachWithJobs(t *testing.T, f func(t *testing.T, s *store.Store, jobs *letterbox)) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		jobs := &letterbox{}
		s.Use(jobs, nil)
		f(t, s, jobs)
	})
}

// botSays says something in the conversation of a message, as the bot does.
func botSays(t *testing.T, s *store.Store, m channels.Message, text string) channels.Message {
	t.Helper()
	var said channels.Message
	require.NoError(t, s.Atomically(t.Context(), func(s *store.Store) error {
		c, err := s.Conversation(t.Context(), channels.Scope{All: true}, m.ConversationID)
		if err != nil {
			return err
		}
		said, err = s.Say(t.Context(), c, channels.Message{Author: channels.FromBot, AI: true, Text: text})
		return err
	}))
	return said
}

func TestAPushIsOneMessageAndOneLineHoweverOftenItComes(t *testing.T) {
	eachWithJobs(t, func(t *testing.T, s *store.Store, jobs *letterbox) {
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				_, _, err := s.Receive(t.Context(), pushed("o-1", "m:1:1", s.Now().Add(time.Minute)))
				require.NoError(t, err)
			})
		}
		wg.Wait()
		m, repeat, err := s.Receive(t.Context(), pushed("o-1", "m:1:1", s.Now()))
		require.NoError(t, err)
		require.True(t, repeat)
		l, err := s.Line(t.Context(), "main", "o-1", "m:1:1")
		require.NoError(t, err)
		require.Equal(t, 51, l.Attempts)
		require.Equal(t, m.ID, l.MessageID)
		require.Equal(t, 1, jobs.count(store.AnswerJob))
		other, repeat, err := s.Receive(t.Context(), pushed("o-2", "m:1:1", s.Now()))
		require.NoError(t, err)
		require.False(t, repeat, "the same MsgId of somebody else")
		require.NotEqual(t, m.ConversationID, other.ConversationID)
	})
}

func TestWhileALineIsHeldTheAnswerIsLeftToIt(t *testing.T) {
	eachWithJobs(t, func(t *testing.T, s *store.Store, jobs *letterbox) {
		m, _, err := s.Receive(t.Context(), pushed("o-1", "m:1:1", s.Now().Add(time.Minute)))
		require.NoError(t, err)
		l, err := s.Line(t.Context(), "main", "o-1", "m:1:1")
		require.NoError(t, err)
		said := botSays(t, s, m, "好的")
		require.Zero(t, jobs.count(store.DeliverJob))
		held, err := s.Held(t.Context(), said.ID)
		require.NoError(t, err)
		require.Greater(t, held, 50*time.Second)

		list, err := s.Pending(t.Context(), m.ConversationID)
		require.NoError(t, err)
		require.Len(t, list, 1)
		got, err := s.TakeReply(t.Context(), l, list, "<xml>first</xml>")
		require.NoError(t, err)
		require.Equal(t, "<xml>first</xml>", got)
		got, err = s.TakeReply(t.Context(), l, list, "<xml>second</xml>")
		require.NoError(t, err)
		require.Equal(t, "<xml>first</xml>", got, "a retry gets the same")
		_, _, ours, err := s.Leave(t.Context(), said.ID)
		require.NoError(t, err)
		require.False(t, ours, "never both")

		later := botSays(t, s, m, "还有")
		require.Equal(t, 1, jobs.count(store.DeliverJob), "the line is closed: it goes by itself")
		held, err = s.Held(t.Context(), later.ID)
		require.NoError(t, err)
		require.Zero(t, held)
		noProblems(t, s)
	})
}

func TestAnAnswerThatComesAfterTheLineGoesByItself(t *testing.T) {
	eachWithJobs(t, func(t *testing.T, s *store.Store, jobs *letterbox) {
		m, _, err := s.Receive(t.Context(), pushed("o-1", "m:1:1", s.Now().Add(time.Minute)))
		require.NoError(t, err)
		l, err := s.Line(t.Context(), "main", "o-1", "m:1:1")
		require.NoError(t, err)
		botSays(t, s, m, "刚好错过")
		require.Zero(t, jobs.count(store.DeliverJob))
		require.NoError(t, s.LetGo(t.Context(), l))
		require.Equal(t, 1, jobs.count(store.DeliverJob), "written before the line ended, seen by its end")
		botSays(t, s, m, "之后")
		require.Equal(t, 2, jobs.count(store.DeliverJob))
	})
}

func TestWhoTakesTheMessageFirstHasIt(t *testing.T) {
	eachWithJobs(t, func(t *testing.T, s *store.Store, _ *letterbox) {
		for i := range 20 {
			once := fmt.Sprintf("m:%d:1", i)
			m, _, err := s.Receive(t.Context(), pushed("o-1", once, s.Now().Add(time.Minute)))
			require.NoError(t, err)
			l, err := s.Line(t.Context(), "main", "o-1", once)
			require.NoError(t, err)
			said := botSays(t, s, m, "好的")
			list, err := s.Pending(t.Context(), m.ConversationID)
			require.NoError(t, err)
			var passive string
			var left bool
			var wg sync.WaitGroup
			wg.Go(func() {
				var err error
				passive, err = s.TakeReply(t.Context(), l, list, "<xml/>")
				require.NoError(t, err)
			})
			wg.Go(func() {
				var err error
				_, _, left, err = s.Leave(t.Context(), said.ID)
				require.NoError(t, err)
			})
			wg.Wait()
			require.NotEqual(t, passive != "", left, "one of them, not both, not neither")
			if left {
				require.NoError(t, s.Left(t.Context(), said, channels.Sent))
			}
		}
		noProblems(t, s)
	})
}

func TestAnEventIsRecordedOnceWithItsGreeting(t *testing.T) {
	eachWithJobs(t, func(t *testing.T, s *store.Store, jobs *letterbox) {
		h := wechat.Happening{Account: "main", From: "o-1", Once: "e:1", Kind: "event_subscribe", Note: "关注了公众号。",
			Say: "您好", Reply: "<xml>您好</xml>"}
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				l, _, err := s.Happen(t.Context(), h)
				require.NoError(t, err)
				require.Equal(t, h.Reply, l.Reply)
			})
		}
		wg.Wait()
		l, repeat, err := s.Happen(t.Context(), h)
		require.NoError(t, err)
		require.True(t, repeat)
		list, err := s.Messages(t.Context(), l.ConversationID, 0, 50, true)
		require.NoError(t, err)
		require.Len(t, list, 2, "a note and the greeting")
		require.Equal(t, channels.Sent, list[1].Delivery)
		require.Zero(t, jobs.count(store.DeliverJob))
		noProblems(t, s)
	})
}

func TestWhatCannotBeReadIsKeptOnce(t *testing.T) {
	eachWithJobs(t, func(t *testing.T, s *store.Store, _ *letterbox) {
		for range 3 {
			require.NoError(t, s.PutDeadLetter(t.Context(), "main", "unreadable", []byte("<xml>\x00\xff")))
		}
		var n int
		require.NoError(t, s.DB().QueryRowContext(t.Context(), `SELECT COUNT(*) FROM wechat_dead_letters`).Scan(&n))
		require.Equal(t, 1, n)
	})
}

func TestRecordingsAreCopiedByOneProcessAndHeardBeforeTheAnswer(t *testing.T) {
	eachWithJobs(t, func(t *testing.T, s *store.Store, jobs *letterbox) {
		in := pushed("o-1", "m:1:1", time.Time{})
		in.Kind, in.Text, in.Remote = channels.Voice, "", &channels.Remote{ID: "media-1", Format: "amr", Hear: true}
		m, _, err := s.Receive(t.Context(), in)
		require.NoError(t, err)
		hearing, err := s.Hearing(t.Context(), m.ConversationID)
		require.NoError(t, err)
		require.True(t, hearing)

		var mu sync.Mutex
		var found []wechat.Found
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				list, err := s.TakeMedia(t.Context(), 4, time.Minute)
				require.NoError(t, err)
				mu.Lock()
				defer mu.Unlock()
				found = append(found, list...)
			})
		}
		wg.Wait()
		require.Len(t, found, 1)
		require.Equal(t, "media-1", found[0].MediaID)
		require.True(t, found[0].Hear)

		a := channels.Attachment{ID: "0123456789abcdef0123456789abcdef", Type: "audio/amr", Size: 9}
		for range 2 { // reported twice: after a crash
			require.NoError(t, s.KeepCopy(t.Context(), found[0], a, "家里没水了"))
		}
		list, err := s.Messages(t.Context(), m.ConversationID, 0, 50, true)
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, "家里没水了", list[0].Text)
		require.Equal(t, a.ID, list[0].Attachments[0].ID)
		require.Equal(t, 2, jobs.count(store.AnswerJob), "one that waited, one that goes on at once")
		hearing, err = s.Hearing(t.Context(), m.ConversationID)
		require.NoError(t, err)
		require.False(t, hearing)
	})
}

func TestAFileThatIsLostIsSaidToColleagues(t *testing.T) {
	eachWithJobs(t, func(t *testing.T, s *store.Store, jobs *letterbox) {
		in := pushed("o-1", "m:1:1", time.Time{})
		in.Kind, in.Text, in.Remote = channels.Image, "", &channels.Remote{ID: "media-1"}
		m, _, err := s.Receive(t.Context(), in)
		require.NoError(t, err)
		found, err := s.TakeMedia(t.Context(), 4, time.Minute)
		require.NoError(t, err)
		require.NoError(t, s.PutOffCopy(t.Context(), found[0], -time.Second))
		found, err = s.TakeMedia(t.Context(), 4, time.Minute)
		require.NoError(t, err)
		require.Equal(t, 2, found[0].Tries)
		require.NoError(t, s.LoseCopy(t.Context(), found[0], "expired"))
		list, err := s.Messages(t.Context(), m.ConversationID, 0, 50, true)
		require.NoError(t, err)
		require.Equal(t, channels.Note, list[1].Kind)
		require.Contains(t, list[1].Text, "图片未能取回：微信已不再保存")
		require.Zero(t, jobs.count(store.DeliverJob))
	})
}

func TestAccountsOfThePageAreKept(t *testing.T) {
	eachWithJobs(t, func(t *testing.T, s *store.Store, _ *letterbox) {
		a := wechat.Account{Name: "main", AppID: "wx1", Secret: "s", Token: "abc", Mode: wechat.Plain}
		require.NoError(t, s.PutWechatAccount(t.Context(), a))
		a.Secret, a.Disabled = "t", true
		require.NoError(t, s.PutWechatAccount(t.Context(), a))
		list, err := s.WechatAccounts(t.Context())
		require.NoError(t, err)
		require.Equal(t, []wechat.Account{a}, list)
		a.Token = "!"
		require.ErrorIs(t, s.PutWechatAccount(t.Context(), a), wechat.ErrAccount)
	})
}

func noProblems(t *testing.T, s *store.Store) {
	t.Helper()
	require.NoError(t, s.Check(t.Context(), func(p store.Problem) { t.Errorf("%+v", p) }))
}

func TestAReplyThatSaysAPartLeavesTheRestHeldUntilTheResidentWrites(t *testing.T) {
	eachWithJobs(t, func(t *testing.T, s *store.Store, _ *letterbox) {
		ctx := t.Context()
		m, _, err := s.Receive(ctx, pushed("o-1", "m:1", s.Now().Add(time.Minute)))
		require.NoError(t, err)
		said := botSays(t, s, m, "很长")
		l, err := s.Line(ctx, "main", "o-1", "m:1")
		require.NoError(t, err)
		said.Delivery, said.Why, said.Parts = channels.Held, wechat.WhyNotVerified, 1
		reply, err := s.TakeReply(ctx, l, []channels.Message{said}, "<1/2>")
		require.NoError(t, err)
		require.Equal(t, "<1/2>", reply)
		list, err := s.Pending(ctx, m.ConversationID)
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, channels.Held, list[0].Delivery)
		require.Equal(t, 1, list[0].Parts)
		m, _, err = s.Receive(ctx, pushed("o-1", "m:2", s.Now().Add(time.Minute)))
		require.NoError(t, err)
		l, err = s.Line(ctx, "main", "o-1", "m:2")
		require.NoError(t, err)
		list[0].Delivery, list[0].Parts = channels.Sent, 2
		_, err = s.TakeReply(ctx, l, list, "<2/2>")
		require.NoError(t, err)
		list, err = s.Pending(ctx, m.ConversationID)
		require.NoError(t, err)
		require.Empty(t, list)
	})
}

func TestStaffSendPicturesOfTheirConversationAndNoOther(t *testing.T) {
	eachWithJobs(t, func(t *testing.T, s *store.Store, jobs *letterbox) {
		ctx := t.Context()
		m, _, err := s.Receive(ctx, pushed("o-1", "m:1", time.Time{}))
		require.NoError(t, err)
		other, _, err := s.Receive(ctx, pushed("o-2", "m:1", time.Time{}))
		require.NoError(t, err)
		mine, foreign := channels.Attachment{ID: "a1", Type: "image/jpeg", Size: 9, Width: 3, Height: 4}, channels.Attachment{ID: "a2", Type: "image/jpeg", Size: 9}
		require.NoError(t, s.PutAttachment(ctx, m.ConversationID, mine))
		require.NoError(t, s.PutAttachment(ctx, other.ConversationID, foreign))
		by, all := channels.Staff{ID: 1, Name: "王芳"}, channels.Scope{All: true}
		_, err = s.Post(ctx, by, all, m.ConversationID, "c1", "请看", channels.Text, "a1", "a2")
		require.ErrorIs(t, err, channels.ErrAttachment)
		before := jobs.count(store.DeliverJob)
		sent, err := s.Post(ctx, by, all, m.ConversationID, "c2", "", channels.Image, "a1")
		require.NoError(t, err)
		require.Equal(t, channels.Pending, sent.Delivery, "the page looks again until it is settled")
		again, err := s.Post(ctx, by, all, m.ConversationID, "c2", "", channels.Image, "a1")
		require.NoError(t, err)
		require.Equal(t, sent.ID, again.ID)
		require.Equal(t, []channels.Attachment{mine}, again.Attachments)
		require.Equal(t, 1, jobs.count(store.DeliverJob)-before)
		c, err := s.Conversation(ctx, all, m.ConversationID)
		require.NoError(t, err)
		require.Equal(t, "[图片]", c.Preview)
	})
}
