package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels"
	"quandesk/channels/wechat"
	"quandesk/server/store"
	"quandesk/server/store/storetest"
)

const resident = "oResident-1"

var clerk = channels.Staff{ID: 7, Name: "林晓雨"}

// writes is a message of a resident of WeChat with what it allows.
func writes(t *testing.T, s *store.Store, id, text string) channels.Message {
	t.Helper()
	return writesAs(t, s, resident, id, text)
}

func writesAs(t *testing.T, s *store.Store, who, id, text string) channels.Message {
	t.Helper()
	m, _, err := s.Receive(t.Context(), channels.Inbound{Channel: wechat.Channel, Account: "shuiwu", From: who,
		ExternalID: id, Kind: channels.Text, Text: text})
	require.NoError(t, err)
	require.NoError(t, s.Grant(t.Context(), "shuiwu", who, wechat.ByMessage, s.Now()))
	return m
}

func post(t *testing.T, s *store.Store, conversationID int64, text string) channels.Message {
	t.Helper()
	m, err := s.Post(t.Context(), clerk, channels.Scope{All: true}, conversationID, fmt.Sprint("c-", rand.Int64()), text, channels.Text)
	require.NoError(t, err)
	return m
}

// deliveries collects the jobs that were asked for.
type deliveries struct {
	mu   sync.Mutex
	jobs []store.Job
}

func (q *deliveries) Insert(_ context.Context, _ *store.Tx, jobs []store.Job) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.jobs = append(q.jobs, jobs...)
	return nil
}

func (q *deliveries) all() []store.Job {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.jobs)
}

// take returns the deliveries asked for since it was called last.
func (q *deliveries) take() []int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	var out []int64
	for _, j := range q.jobs {
		if j.Kind == store.DeliverJob {
			out = append(out, j.ID)
		}
	}
	q.jobs = nil
	return out
}

func deliveryOf(t *testing.T, s *store.Store, m channels.Message) channels.Message {
	t.Helper()
	list, err := s.Messages(t.Context(), m.ConversationID, 0, 100, true)
	require.NoError(t, err)
	i := slices.IndexFunc(list, func(x channels.Message) bool { return x.ID == m.ID })
	require.GreaterOrEqual(t, i, 0)
	return list[i]
}

func TestMessagesOfOneConversationLeaveInOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		q := &deliveries{}
		s.Use(q, nil)
		heard := writes(t, s, "1", "你好")
		first, second := post(t, s, heard.ConversationID, "一"), post(t, s, heard.ConversationID, "二")
		_, _, ours, err := s.Leave(t.Context(), second.ID)
		require.NoError(t, err)
		require.False(t, ours, "the one before it has not gone out")
		m, _, ours, err := s.Leave(t.Context(), first.ID)
		require.NoError(t, err)
		require.True(t, ours)
		_, _, ours, err = s.Leave(t.Context(), second.ID)
		require.NoError(t, err)
		require.False(t, ours, "the one before it is on its way")
		q.take()
		require.NoError(t, s.Left(t.Context(), m, channels.Sent))
		require.Equal(t, []int64{second.ID}, q.take(), "whoever sent the first calls the second")
		_, _, ours, err = s.Leave(t.Context(), second.ID)
		require.NoError(t, err)
		require.True(t, ours)
	})
}

func TestWhatIsHeldGoesOutInOrderWhenTheResidentWrites(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		q := &deliveries{}
		s.Use(q, nil)
		heard := writes(t, s, "1", "你好")
		for range 5 {
			ok, err := s.Spend(t.Context(), "shuiwu", resident, 0, 0)
			require.NoError(t, err)
			require.True(t, ok)
		}
		first := post(t, s, heard.ConversationID, "一")
		m, _, _, err := s.Leave(t.Context(), first.ID)
		require.NoError(t, err)
		require.NoError(t, s.LeftAs(t.Context(), m, channels.Outcome{Delivery: channels.Held, Why: string(wechat.UsedUp)}))
		second := post(t, s, heard.ConversationID, "二")
		_, _, ours, err := s.Leave(t.Context(), second.ID)
		require.NoError(t, err)
		require.False(t, ours)
		require.Equal(t, channels.Held, deliveryOf(t, s, first).Delivery)
		require.Equal(t, channels.Held, deliveryOf(t, s, second).Delivery)
		require.Equal(t, wechat.WhyOrder, deliveryOf(t, s, second).Why)
		q.take()
		writes(t, s, "2", "在吗")
		require.Equal(t, []int64{first.ID}, q.take())
		require.Equal(t, channels.Pending, deliveryOf(t, s, second).Delivery)
	})
}

func TestAMessageIsNotHeldWhenTheResidentWroteMeanwhile(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		q := &deliveries{}
		s.Use(q, nil)
		heard := writes(t, s, "1", "你好")
		sent := post(t, s, heard.ConversationID, "一")
		m, _, _, err := s.Leave(t.Context(), sent.ID)
		require.NoError(t, err)
		q.take()
		// The resident has written since the sender found nothing left.
		require.NoError(t, s.LeftAs(t.Context(), m, channels.Outcome{Delivery: channels.Held, Why: string(wechat.UsedUp)}))
		require.Equal(t, channels.Pending, deliveryOf(t, s, sent).Delivery)
		require.Equal(t, []int64{sent.ID}, q.take())
	})
}

func TestWhatIsPutOffIsNotTakenBeforeItsTime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		heard := writes(t, s, "1", "你好")
		sent := post(t, s, heard.ConversationID, "一")
		m, _, _, err := s.Leave(t.Context(), sent.ID)
		require.NoError(t, err)
		require.NoError(t, s.LeftAs(t.Context(), m, channels.Outcome{Delivery: channels.Pending, Why: string(wechat.Rate), Again: time.Hour}))
		_, _, ours, err := s.Leave(t.Context(), sent.ID)
		require.NoError(t, err)
		require.False(t, ours)
		got := deliveryOf(t, s, sent)
		require.Equal(t, 1, got.Tries)
		require.Equal(t, string(wechat.Rate), got.Why)
		n, err := s.Overlooked(t.Context(), -time.Minute) // as if a minute had passed
		require.NoError(t, err)
		require.Zero(t, n, "the message that is put off is not overlooked")
	})
}

func TestTheRestOfAGeneratedAnswerGoesOutOnlyWhenAsked(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for text, more := range map[string]bool{"继续": true, "“继续”。": true, "水费多少钱": false} {
			who := "o" + text
			long := stopped(t, s, who)
			require.Equal(t, 5, deliveryOf(t, s, long).Parts)
			writesAs(t, s, who, "2", text)
			_, _, ours, err := s.Leave(t.Context(), long.ID)
			require.NoError(t, err)
			require.Equal(t, more, ours, text)
			if !more {
				require.Equal(t, channels.Sent, deliveryOf(t, s, long).Delivery)
				require.Equal(t, wechat.WhyRestUnread, deliveryOf(t, s, long).Why)
			}
		}
	})
}

// stopped is a long answer of which five parts have gone out.
func stopped(t *testing.T, s *store.Store, who string) channels.Message {
	t.Helper()
	heard := writesAs(t, s, who, "1", "阶梯水价")
	c, err := s.Conversation(t.Context(), channels.Scope{All: true}, heard.ConversationID)
	require.NoError(t, err)
	var long channels.Message
	require.NoError(t, s.Atomically(t.Context(), func(s *store.Store) error {
		long, err = s.Say(t.Context(), c, channels.Message{Author: channels.FromBot, AI: true, Text: "很长"})
		return err
	}))
	m, _, _, err := s.Leave(t.Context(), long.ID)
	require.NoError(t, err)
	for part := range 6 {
		ok, err := s.Spend(t.Context(), "shuiwu", who, long.ID, part)
		require.NoError(t, err)
		require.Equal(t, part < 5, ok)
	}
	require.NoError(t, s.LeftAs(t.Context(), m, channels.Outcome{Delivery: channels.Held, Why: string(wechat.UsedUp)}))
	return long
}

func TestRequirement18TheBookNeverGivesMoreThanFiveWhoeverAsks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		writes(t, s, "1", "你好")
		var mu sync.Mutex
		given := 0
		var wg sync.WaitGroup
		for range 12 {
			wg.Go(func() {
				ok, err := s.Spend(context.Background(), "shuiwu", resident, 0, 0)
				if err != nil {
					t.Errorf("spend: %v", err)
				}
				mu.Lock()
				defer mu.Unlock()
				if ok {
					given++
				}
			})
		}
		wg.Wait()
		require.Equal(t, 5, given)
		require.NoError(t, s.Refund(t.Context(), "shuiwu", resident))
		w, err := s.Allowance(t.Context(), "shuiwu", resident)
		require.NoError(t, err)
		n, until := w.Left(s.Now())
		require.Equal(t, 1, n)
		require.WithinDuration(t, s.Now().Add(48*time.Hour), until, time.Minute)
		require.NoError(t, s.Correct(t.Context(), "shuiwu", resident, wechat.OutsideTime))
		w, err = s.Allowance(t.Context(), "shuiwu", resident)
		require.NoError(t, err)
		require.True(t, w.Closed)
	})
}

func TestOnlyWhatSurelyWasNotSentCanBeSentAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		q := &deliveries{}
		s.Use(q, nil)
		heard := writes(t, s, "1", "你好")
		for delivery, again := range map[channels.Delivery]bool{channels.Failed: true, channels.Unknown: false, channels.Sent: false} {
			sent := post(t, s, heard.ConversationID, "一")
			m, _, _, err := s.Leave(t.Context(), sent.ID)
			require.NoError(t, err)
			require.NoError(t, s.Left(t.Context(), m, delivery))
			q.take()
			err = s.Resend(t.Context(), clerk, channels.Scope{All: true}, heard.ConversationID, sent.ID)
			if again {
				require.NoError(t, err)
				require.Equal(t, []int64{sent.ID}, q.take())
				m, _, _, err = s.Leave(t.Context(), sent.ID)
				require.NoError(t, err)
				require.NoError(t, s.Left(t.Context(), m, channels.Sent))
				continue
			}
			require.ErrorIs(t, err, channels.ErrNotFound)
		}
	})
}
