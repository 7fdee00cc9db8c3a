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

func TestAPromisedCallStandsOnATicket(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		y, m0, d := s.Now().In(tickets.Beijing).Date()
		at := time.Date(y, m0, d+1, 15, 0, 0, 0, tickets.Beijing)
		a := answerer(t, s, &scripted{reply: func(bot.Turn) (bot.Reply, error) {
			return bot.Reply{
				Text:  "没有约上，请联系人工。",
				Words: func(r bot.Result) string { return "回电约在" + r.At.In(tickets.Beijing).Format("15:04") },
				Action: &bot.Action{Type: bot.BookCallback, At: at, Opening: tickets.Opening{Kind: tickets.Request,
					Category: tickets.Other, Description: "请明天下午三点回电", ContactPhone: "13812345678"}},
			}, nil
		}})
		m := hear(t, s, "1", "明天下午三点给我回电话 13812345678")
		require.NoError(t, a.Answer(t.Context(), m.ConversationID))
		require.Equal(t, []string{"回电约在" + at.In(tickets.Beijing).Format("15:04")}, said(t, s, m.ConversationID))
		page, err := s.List(t.Context(), tickets.Scope{ConversationID: m.ConversationID}, tickets.Filter{})
		require.NoError(t, err)
		require.Len(t, page.Tickets, 1)
		ticket := page.Tickets[0]
		require.Equal(t, tickets.Request, ticket.Kind)
		require.True(t, ticket.CallAt.Equal(at))
		require.Equal(t, "13812345678", ticket.CallPhone)
		require.True(t, ticket.Running("H01").Due().Equal(at.Add(15*time.Minute)), "somebody owes the call")
	})
}

func TestAWithdrawnTicketStopsItsClocksAndKeepsItsNumber(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := &scripted{reply: opens(tickets.Complaint)}
		a := answerer(t, s, b)
		m := hear(t, s, "1", "水发黄")
		require.NoError(t, a.Answer(t.Context(), m.ConversationID))
		scope := tickets.Scope{ConversationID: m.ConversationID}
		page, err := s.List(t.Context(), scope, tickets.Filter{})
		require.NoError(t, err)
		no := page.Tickets[0].No
		b.reply = func(bot.Turn) (bot.Reply, error) {
			return bot.Reply{
				Text: "仍会继续办理。", Words: func(bot.Result) string { return "已按您说的撤回单号" + no },
				Action: &bot.Action{Type: bot.WithdrawTicket, TicketNo: no, Note: "水清了，撤了吧"},
			}, nil
		}
		hear(t, s, "2", "水清了，撤了吧")
		require.NoError(t, a.Answer(t.Context(), m.ConversationID))
		page, err = s.List(t.Context(), scope, tickets.Filter{})
		require.NoError(t, err)
		require.Equal(t, tickets.Void, page.Tickets[0].State)
		require.Equal(t, "居民撤回：水清了，撤了吧", page.Tickets[0].CloseBasis)
		require.Nil(t, page.Tickets[0].NextDue(), "no clock of it runs on")
		require.Contains(t, said(t, s, m.ConversationID)[1], "撤回单号"+no)
		hear(t, s, "3", "撤了吧")
		require.NoError(t, a.Answer(t.Context(), m.ConversationID))
		require.Equal(t, "仍会继续办理。", said(t, s, m.ConversationID)[2], "twice claims nothing")
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
		case <-time.After(time.Minute):
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

func TestProcessesThatStartTogetherMigrateTheQueueOnce(t *testing.T) {
	url := storetest.PostgresURL(t)
	s := storetest.Open(t, store.Options{URL: url})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			q, err := jobs.NewQueue(context.Background(), s, url, nil, quiet)
			if err != nil {
				t.Errorf("new queue: %v", err)
				return
			}
			if err := q.Stop(context.Background()); err != nil {
				t.Errorf("stop: %v", err)
			}
		})
	}
	wg.Wait()
}

func TestF27AnOverlookedConversationWaitsInTheQueueOnce(t *testing.T) {
	storetest.URLs(t, func(t *testing.T, url string) {
		s := storetest.Open(t, store.Options{URL: url, Dir: t.TempDir()})
		q, err := jobs.NewQueue(t.Context(), s, url, nil, quiet)
		require.NoError(t, err)
		defer func() { require.NoError(t, q.Stop(context.Background())) }()
		s.Use(q, nil)
		now := time.Date(2026, 11, 20, 12, 0, 0, 0, tickets.Beijing)
		s.SetClock(func() time.Time { return now })
		hear(t, s, "1", "你好")
		for range 5 {
			now = now.Add(20 * time.Second)
			n, err := s.Overlooked(t.Context(), 15*time.Second)
			require.NoError(t, err)
			require.Equal(t, 1, n)
		}
		var waiting int
		require.NoError(t, s.DB().QueryRowContext(t.Context(), `SELECT COUNT(*) FROM river_job`).Scan(&waiting))
		require.Equal(t, 2, waiting, "the first job, and the one for what was overlooked")
	})
}

func TestF27AfterTheLastTryAPersonIsCalled(t *testing.T) {
	for name, broken := range map[string]func(bot.Turn) (bot.Reply, error){
		"an error": func(bot.Turn) (bot.Reply, error) { return bot.Reply{}, errors.New("down") },
		"a panic":  func(bot.Turn) (bot.Reply, error) { panic("poison") },
	} {
		t.Run(name, func(t *testing.T) {
			storetest.URLs(t, func(t *testing.T, url string) {
				s := storetest.Open(t, store.Options{URL: url, Dir: t.TempDir()})
				q, err := jobs.NewQueue(t.Context(), s, url, &jobs.Work{
					Answer: answerer(t, s, &scripted{reply: broken}), Deliver: &jobs.Deliverer{Store: s, Log: quiet}}, quiet)
				require.NoError(t, err)
				told := make(chan []store.Topic, 100)
				s.Use(q, func(topics []store.Topic) { told <- topics })
				m := hear(t, s, "1", "你好")
				<-told
				_, err = s.DB().ExecContext(t.Context(), `UPDATE river_job SET attempt = 4`)
				require.NoError(t, err)
				require.NoError(t, q.Start(t.Context()))
				defer func() { require.NoError(t, q.Stop(context.Background())) }()
				select {
				case <-told:
				case <-time.After(time.Minute):
					t.Fatal("nobody was called")
				}
				c, err := s.Conversation(t.Context(), channels.Scope{All: true}, m.ConversationID)
				require.NoError(t, err)
				require.Equal(t, channels.Waiting, c.State)
			})
		})
	}
}

func TestF27AClockworkThatPanicsGoesOn(t *testing.T) {
	s := storetest.SQLite(t)
	ctx, cancel := context.WithCancel(t.Context())
	rounds := make(chan struct{}, 10)
	w := &jobs.Clockwork{Store: s, Desk: answerer(t, s, nil).Desk, Log: quiet, Swept: func(int, time.Duration) {
		rounds <- struct{}{}
		panic("poison")
	}}
	var wg sync.WaitGroup
	wg.Go(func() { w.Run(ctx) })
	for range 2 {
		select {
		case <-rounds:
		case <-time.After(time.Minute):
			t.Error("the sweep stopped")
		}
	}
	cancel()
	wg.Wait()
}
