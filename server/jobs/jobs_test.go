package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/bot"
	"quandesk/channels"
	"quandesk/server/jobs"
	"quandesk/server/store"
	"quandesk/server/store/storetest"
	"quandesk/tickets"
	"quandesk/tickets/calendar"
)

// scripted is a bot that says what it is told to.
type scripted struct {
	mu    sync.Mutex
	turns []bot.Turn
	reply func(bot.Turn) (bot.Reply, error)
}

func (b *scripted) Answer(_ context.Context, t bot.Turn) (bot.Reply, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turns = append(b.turns, t)
	return b.reply(t)
}

func says(text string) func(bot.Turn) (bot.Reply, error) {
	return func(bot.Turn) (bot.Reply, error) { return bot.Reply{Text: text}, nil }
}

var quiet = slog.New(slog.DiscardHandler)

func answerer(t *testing.T, s *store.Store, b bot.Answerer) *jobs.Answerer {
	t.Helper()
	cal, err := calendar.Default()
	require.NoError(t, err)
	rules, err := tickets.LoadRules("", cal)
	require.NoError(t, err)
	return &jobs.Answerer{Store: s, Desk: tickets.NewDesk(s, rules, s.Now), Bot: b, Log: quiet}
}

func hear(t *testing.T, s *store.Store, id, text string) channels.Message {
	t.Helper()
	m, _, err := s.Receive(t.Context(), channels.Inbound{Channel: "webchat", From: "visitor", ExternalID: id, Kind: channels.Text, Text: text})
	require.NoError(t, err)
	return m
}

func said(t *testing.T, s *store.Store, conversationID int64) []string {
	t.Helper()
	list, err := s.Messages(t.Context(), conversationID, 0, 50, true)
	require.NoError(t, err)
	var out []string
	for _, m := range list {
		if m.Author != channels.FromCustomer {
			out = append(out, m.Text)
		}
	}
	return out
}

func TestTwoJobsForOneConversationSayItOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		a := answerer(t, s, &scripted{reply: says("您好")})
		m := hear(t, s, "1", "你好")
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if err := a.Answer(context.Background(), m.ConversationID); err != nil {
					t.Errorf("answer: %v", err)
				}
			})
		}
		wg.Wait()
		require.Equal(t, []string{"您好"}, said(t, s, m.ConversationID))
	})
}

func TestABurstIsOneTurn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := &scripted{reply: says("收到")}
		a := answerer(t, s, b)
		hear(t, s, "1", "水发黄")
		m := hear(t, s, "2", "历下区")
		require.NoError(t, a.Answer(t.Context(), m.ConversationID))
		require.Len(t, b.turns, 1)
		require.Len(t, b.turns[0].Messages, 2)
		hear(t, s, "3", "还在吗")
		require.NoError(t, a.Answer(t.Context(), m.ConversationID))
		require.Len(t, b.turns[1].Messages, 1)
		require.Len(t, b.turns[1].History, 3, "what was said before comes with the turn")
	})
}

func TestTheBotIsSilentWhileAPersonHasTheConversation(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := &scripted{}
		b.reply = func(turn bot.Turn) (bot.Reply, error) { // a person takes it while the bot thinks
			return bot.Reply{Text: "机器人回答"}, s.Take(context.Background(), channels.Staff{ID: 9, Name: "王敏"},
				channels.Scope{All: true}, turn.Conversation.ID)
		}
		a := answerer(t, s, b)
		m := hear(t, s, "1", "你好")
		require.NoError(t, a.Answer(t.Context(), m.ConversationID))
		require.Empty(t, said(t, s, m.ConversationID))
		hear(t, s, "2", "在吗")
		require.NoError(t, a.Answer(t.Context(), m.ConversationID))
		require.Len(t, b.turns, 1)
	})
}

func opens(kind tickets.Kind) func(bot.Turn) (bot.Reply, error) {
	return func(turn bot.Turn) (bot.Reply, error) {
		return bot.Reply{
			Text:  "没有登记成功，请联系人工。",
			Words: func(r bot.Result) string { return "已登记，单号" + r.Ticket.No },
			Action: &bot.Action{Type: bot.OpenTicket, Opening: tickets.Opening{
				Kind: kind, Category: tickets.WaterQuality, Description: "水发黄",
				ContactPhone: "13812345678", ReceivedAt: turn.Messages[0].CreatedAt}},
		}, nil
	}
}

func TestTheNumberIsSaidOnlyOfATicketThatIsThere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		a := answerer(t, s, &scripted{reply: opens(tickets.Complaint)})
		m := hear(t, s, "1", "水发黄")
		require.NoError(t, a.Answer(t.Context(), m.ConversationID))
		page, err := s.List(t.Context(), tickets.Scope{ConversationID: m.ConversationID}, tickets.Filter{})
		require.NoError(t, err)
		require.Len(t, page.Tickets, 1)
		require.Equal(t, []string{"已登记，单号" + page.Tickets[0].No}, said(t, s, m.ConversationID))
		require.Equal(t, tickets.FromNetwork, page.Tickets[0].Source)
		require.True(t, page.Tickets[0].ReceivedAt.Equal(m.CreatedAt), "the clock starts when the resident wrote")
		require.True(t, page.Tickets[0].ContactedAt.IsZero(), "the bot's words are no contact (R01)")
		require.NoError(t, s.Check(t.Context(), func(p store.Problem) { t.Errorf("%+v", p) }))
	})
}

func TestARefusedActionIsNotClaimed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		a := answerer(t, s, &scripted{reply: opens("nonsense")})
		m := hear(t, s, "1", "水发黄")
		require.NoError(t, a.Answer(t.Context(), m.ConversationID))
		require.Equal(t, []string{"没有登记成功，请联系人工。"}, said(t, s, m.ConversationID))
	})
}

func TestABotThatFailsLeavesTheMessageUnanswered(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := &scripted{reply: func(bot.Turn) (bot.Reply, error) { return bot.Reply{}, errors.New("down") }}
		a := answerer(t, s, b)
		m := hear(t, s, "1", "你好")
		require.Error(t, a.Answer(t.Context(), m.ConversationID))
		b.reply = says("您好")
		require.NoError(t, a.Answer(t.Context(), m.ConversationID))
		require.Equal(t, []string{"您好"}, said(t, s, m.ConversationID))
	})
}

// TestRowsAndJobsCommitTogether runs the real queue on each engine: what is
// rolled back is not worked on, what is committed is.
func TestRowsAndJobsCommitTogether(t *testing.T) {
	storetest.URLs(t, func(t *testing.T, url string) {
		s := storetest.Open(t, store.Options{URL: url, Dir: t.TempDir()})
		worked := make(chan int64, 10)
		b := &scripted{reply: func(turn bot.Turn) (bot.Reply, error) {
			worked <- turn.Conversation.ID
			return bot.Reply{Text: "您好"}, nil
		}}
		q, err := jobs.NewQueue(t.Context(), s, url, &jobs.Work{
			Answer: answerer(t, s, b), Deliver: &jobs.Deliverer{Store: s, Log: quiet}}, quiet)
		require.NoError(t, err)
		told := make(chan []store.Topic, 100)
		s.Use(q, func(topics []store.Topic) { told <- topics })
		require.NoError(t, q.Start(t.Context()))
		defer func() { require.NoError(t, q.Stop(context.Background())) }()

		boom := errors.New("boom")
		err = s.Atomically(t.Context(), func(s *store.Store) error {
			c, err := s.PutVisitor(t.Context(), []byte("x"), "", "gone", time.Now())
			require.NoError(t, err)
			require.NoError(t, s.Ask(t.Context(), c.ConversationID))
			return boom
		})
		require.ErrorIs(t, err, boom)
		require.Empty(t, told, "what was undone is not told")

		m := hear(t, s, "1", "你好")
		select {
		case id := <-worked:
			require.Equal(t, m.ConversationID, id)
		case <-time.After(10 * time.Second):
			t.Fatal("the job did not run")
		}
	})
}

// channel is an adapter that takes what it is given, or does not.
type channel struct {
	err  error
	sent []string
}

func (c *channel) Channel() string { return "wechat" }

func (c *channel) Deliver(_ context.Context, _ channels.Conversation, m channels.Message) error {
	c.sent = append(c.sent, m.Text)
	return c.err
}

func TestADeliveryEndsSentFailedOrUnknownAndHappensOnce(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want channels.Delivery
	}{
		"taken":    {nil, channels.Sent},
		"refused":  {channels.ErrUndelivered, channels.Failed},
		"doubtful": {errors.New("connection reset"), channels.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				m, _, err := s.Receive(t.Context(), channels.Inbound{Channel: "wechat", From: "o", ExternalID: "1", Kind: channels.Text, Text: "你好"})
				require.NoError(t, err)
				out, err := s.Post(t.Context(), channels.Staff{ID: 1, Name: "王敏"}, channels.Scope{All: true}, m.ConversationID, "p", "您好", channels.Text)
				require.NoError(t, err)
				adapter := &channel{err: c.err}
				d := &jobs.Deliverer{Store: s, Adapters: []channels.Adapter{adapter}, Log: quiet}
				for range 3 {
					require.NoError(t, d.Deliver(t.Context(), out.ID))
				}
				require.Equal(t, []string{"您好"}, adapter.sent)
				list, err := s.Messages(t.Context(), m.ConversationID, 0, 10, false)
				require.NoError(t, err)
				require.Equal(t, c.want, list[1].Delivery)
			})
		})
	}
}

func TestTwoProcessesFireEveryDeadlineOnce(t *testing.T) {
	s1 := storetest.Postgres(t)
	noon := time.Date(2026, 11, 20, 12, 0, 0, 0, tickets.Beijing)
	now := noon
	s1.SetClock(func() time.Time { return now })
	a := answerer(t, s1, nil)
	for range 60 {
		_, err := a.Desk.Open(t.Context(), tickets.Bot, tickets.Opening{Kind: tickets.Complaint, Category: tickets.Pressure,
			Source: tickets.FromNetwork, Channel: "webchat", Description: "水压低"})
		require.NoError(t, err)
	}
	now = noon.Add(50 * time.Hour)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := a.Desk.Sweep(context.Background()); err != nil {
				t.Errorf("sweep: %v", err)
			}
		})
	}
	wg.Wait()
	_, err := a.Desk.Sweep(t.Context()) // what the four left to each other
	require.NoError(t, err)
	page, err := s1.List(t.Context(), tickets.Everything, tickets.Filter{Limit: 100})
	require.NoError(t, err)
	for _, ticket := range page.Tickets {
		events, err := s1.Events(t.Context(), ticket.ID)
		require.NoError(t, err)
		require.Len(t, events, 1+4+4, "opened, and the four steps of R01 and of R02")
	}
	require.NoError(t, s1.Check(t.Context(), func(p store.Problem) { t.Errorf("%+v", p) }))
}
