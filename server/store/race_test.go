package store_test

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"quandesk/channels"
	"quandesk/kb"
	"quandesk/server/store"
	"quandesk/server/store/storetest"
	"quandesk/tickets"
)

// waiting returns when n sessions of the database wait for a lock.
func waiting(t *testing.T, s *store.Store, n int, or func() bool) {
	t.Helper()
	const q = `SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
	for {
		var found int
		require.NoError(t, s.DB().QueryRowContext(t.Context(), q).Scan(&found))
		if found >= n || or() {
			return
		}
	}
}

func never() bool { return false }

// collision makes the first transactions fail like one that lost against
// another just before its commit.
type collision struct{ left int }

func (c *collision) Insert(context.Context, *store.Tx, []store.Job) error {
	if c.left > 0 {
		c.left--
		return &pgconn.PgError{Code: "40001", Message: "could not serialize access"}
	}
	return nil
}

func TestAMessageOfANewContactOutlivesALostTransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		s.Use(&collision{left: 1}, nil)
		m, _, err := s.Receive(t.Context(), inbound("新用户", "1", "你好"))
		require.NoError(t, err)
		c, err := s.Conversation(t.Context(), desk4all, m.ConversationID)
		require.NoError(t, err)
		require.Equal(t, "新用户", c.Contact)
	})
}

func TestF02AMessageThatIsSlowToBeStoredIsAnswered(t *testing.T) {
	s := storetest.Postgres(t)
	s.Use(&jobs{}, nil)
	first := talk(t, s, "a", "你好")
	answer(t, s, first.ConversationID)
	ctx := t.Context()
	_, err := s.DB().ExecContext(ctx, `CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NULL; END $$;
		CREATE TRIGGER dawdle AFTER INSERT ON messages FOR EACH ROW WHEN (NEW.text = '慢') EXECUTE FUNCTION dawdle()`)
	require.NoError(t, err)
	brake, err := s.DB().Conn(ctx)
	require.NoError(t, err)
	defer brake.Close()
	_, err = brake.ExecContext(ctx, `SELECT pg_advisory_lock(7)`)
	require.NoError(t, err)

	var wg sync.WaitGroup
	quick := make(chan struct{})
	wg.Go(func() { receive(t, s, "slow", "慢") })
	waiting(t, s, 1, never)
	wg.Go(func() {
		defer close(quick)
		receive(t, s, "quick", "快")
	})
	done := func() bool {
		select {
		case <-quick:
			return true
		default:
			return false
		}
	}
	waiting(t, s, 2, done)
	heard := 0
	if done() {
		heard += answer(t, s, first.ConversationID)
	}
	_, err = brake.ExecContext(ctx, `SELECT pg_advisory_unlock(7)`)
	require.NoError(t, err)
	wg.Wait()
	heard += answer(t, s, first.ConversationID)
	require.Equal(t, 2, heard, "both messages came before the bot")
}

func receive(t *testing.T, s *store.Store, id, text string) {
	if _, _, err := s.Receive(context.Background(), inbound("a", id, text)); err != nil {
		t.Errorf("receive %s: %v", text, err)
	}
}

// answer claims what is unanswered and returns how many messages that were.
func answer(t *testing.T, s *store.Store, conversationID int64) int {
	t.Helper()
	c, list, err := s.Unanswered(t.Context(), conversationID)
	require.NoError(t, err)
	if len(list) == 0 {
		return 0
	}
	require.NoError(t, s.Atomically(t.Context(), func(s *store.Store) error {
		_, err := s.Claim(t.Context(), c, list[len(list)-1].ID, nil)
		return err
	}))
	return len(list)
}

func TestF09AnAnswerAndASaveDoNotLockEachOther(t *testing.T) {
	for name, c := range map[string]func(*testing.T, *desk, *tickets.Ticket) error{
		"a move": func(_ *testing.T, d *desk, ticket *tickets.Ticket) error {
			_, err := d.Make(context.Background(), tickets.Change{By: agent, Scope: tickets.Everything, No: ticket.No},
				func(k *tickets.Ticket, at time.Time) ([]tickets.Event, error) { return k.Note(agent, "已查看", at) })
			return err
		},
		"an opening": func(_ *testing.T, d *desk, ticket *tickets.Ticket) error {
			_, err := d.Open(context.Background(), agent, tickets.Opening{Kind: tickets.Repair, Category: tickets.Pressure,
				Source: tickets.FromHotline, Channel: "webchat", ConversationID: ticket.ConversationID, Description: "水压低"})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := storetest.Postgres(t)
			d := newDesk(t, s)
			ticket := d.complaint(t)
			var wg sync.WaitGroup
			tries := 0
			err := s.Atomically(t.Context(), func(inner *store.Store) error {
				tries++
				if err := inner.CallPerson(t.Context(), ticket.ConversationID, false); err != nil {
					return err
				}
				if tries == 1 {
					wg.Go(func() {
						if err := c(t, d, ticket); err != nil {
							t.Errorf("staff: %v", err)
						}
					})
					waiting(t, s, 1, never)
				}
				_, err := d.On(inner).Open(t.Context(), tickets.Bot, tickets.Opening{Kind: tickets.Repair, Category: tickets.Pressure,
					Source: tickets.FromNetwork, Channel: "webchat", ConversationID: ticket.ConversationID, Description: "水压低"})
				return err
			})
			require.NoError(t, err)
			wg.Wait()
			var deadlocks int
			require.NoError(t, s.DB().QueryRowContext(t.Context(),
				`SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`).Scan(&deadlocks))
			require.Equal(t, 1, tries)
			require.Zero(t, deadlocks)
			require.NoError(t, s.Check(t.Context(), func(p store.Problem) { t.Errorf("%+v", p) }))
		})
	}
}

func TestF24WaitingForAConnectionIsNotTheDatabaseClock(t *testing.T) {
	s := storetest.Open(t, store.Options{URL: storetest.PostgresURL(t), Pool: 1})
	before, err := s.SyncClock(t.Context())
	require.NoError(t, err)
	conn, err := s.DB().Conn(t.Context())
	require.NoError(t, err)
	measured := make(chan time.Duration)
	go func() {
		skew, err := s.SyncClock(context.Background())
		if err != nil {
			t.Errorf("sync: %v", err)
		}
		measured <- skew
	}()
	for s.DB().Stats().WaitCount == 0 {
		runtime.Gosched()
	}
	_, err = conn.ExecContext(t.Context(), `SELECT pg_sleep(1)`)
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	require.InDelta(t, before, <-measured, float64(100*time.Millisecond))
}

func TestTwoProcessesTogetherMayDoItNoOftenerThanOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var wg sync.WaitGroup
		var mu sync.Mutex
		within := 0
		for range 20 {
			wg.Go(func() {
				ok, err := s.Within(context.Background(), "reveal:1", 3, time.Hour)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Errorf("count: %v", err)
				}
				if ok {
					within++
				}
			})
		}
		wg.Wait()
		require.Equal(t, 3, within)
	})
}

func TestProcessesThatStartTogetherStoreAnArticleOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var wg sync.WaitGroup
		for n := range 10 {
			wg.Go(func() {
				for i := range 10 {
					if _, err := s.PutArticle(context.Background(), kb.Article{ID: fmt.Sprint("a", i), Title: "水费"}); err != nil {
						t.Errorf("process %d: %v", n, err)
					}
				}
			})
		}
		wg.Wait()
		list, err := s.Articles(t.Context())
		require.NoError(t, err)
		require.Len(t, list, 10)
		for _, a := range list {
			require.Equal(t, 1, a.Version)
		}
	})
}

func TestTwoTicketsCannotBeMergedIntoEachOther(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		a, b := d.complaint(t), d.complaint(t)
		to := func(no string) tickets.Change { return tickets.Change{By: agent, Scope: tickets.Everything, No: no} }
		_, err := d.Make(t.Context(), to(a.No), func(k *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
			_, err := d.Merge(t.Context(), to(b.No), a.No) // a colleague, at the same moment
			require.NoError(t, err)
			return k.Merge(agent, b.No, at)
		})
		var input *tickets.InputError
		require.ErrorAs(t, err, &input)
		require.Equal(t, "master_no", input.Field)
		left, err := s.Ticket(t.Context(), tickets.Everything, a.No)
		require.NoError(t, err)
		require.Equal(t, tickets.New, left.State)
	})
}

func TestTheCheckerLooksAtOneMoment(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		d.complaint(t)
		_, err := s.DB().ExecContext(t.Context(), `UPDATE tickets SET source = 'rumour'`)
		require.NoError(t, err)
		_, err = s.DB().ExecContext(t.Context(), `DROP TRIGGER audit_no_update`+map[store.Engine]string{store.Postgres: " ON audit"}[s.Engine()])
		require.NoError(t, err)
		_, err = s.DB().ExecContext(t.Context(), `UPDATE audit SET result = 'x'`)
		require.NoError(t, err)
		var found []string
		require.NoError(t, s.Check(t.Context(), func(p store.Problem) {
			found = append(found, p.Invariant+" "+p.What)
			d.complaint(t) // the desk goes on working
		}))
		require.Equal(t, []string{"I2 a ticket without a legal source (11.1.1)",
			"I6 the hash does not fit the row and the one before"}, found)
	})
}

func TestABreachBeforeTheExtensionWasGrantedIsNoProblem(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		ticket := d.complaint(t)
		lead := agent
		lead.Supervises = true
		for _, step := range []struct {
			after time.Duration
			move  func(*tickets.Ticket, time.Time) ([]tickets.Event, error)
		}{
			{0, func(k *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
				return k.Accept(agent, tickets.Classification{}, at)
			}},
			{0, func(k *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
				return k.Dispatch(agent, "水质管理中心", "", at)
			}},
			{0, func(k *tickets.Ticket, at time.Time) ([]tickets.Event, error) { return k.Sign(agent, at) }},
			{0, func(k *tickets.Ticket, at time.Time) ([]tickets.Event, error) { return k.Start(agent, at) }},
			{47 * time.Hour, func(k *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
				return k.AskExtension(agent, tickets.Extension{Until: noon.Add(72 * time.Hour), Reason: "需要换管", Told: "电话告知"}, at)
			}},
			{2 * time.Hour, func(k *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
				return k.GrantExtension(lead, "同意", at)
			}},
			{time.Hour, func(k *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
				return k.Settle(agent, tickets.Settlement{Outcome: tickets.Solved, Measures: "更换管道", Reply: "已更换管道，水质恢复正常"}, at)
			}},
		} {
			d.now = d.now.Add(step.after)
			_, err := d.Sweep(t.Context())
			require.NoError(t, err)
			_, err = d.Make(t.Context(), tickets.Change{By: agent, Scope: tickets.Everything, No: ticket.No}, step.move)
			require.NoError(t, err)
		}
		require.NoError(t, s.Check(t.Context(), func(p store.Problem) { t.Errorf("%+v", p) }))
	})
}

func TestLatinLettersOfADescriptionAreFoundInEitherCase(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		_, err := d.Open(t.Context(), agent, tickets.Opening{Kind: tickets.Repair, Category: tickets.Other,
			Source: tickets.FromHotline, Channel: "phone", Description: "APP缴费失败"})
		require.NoError(t, err)
		page, err := s.List(t.Context(), tickets.Everything, tickets.Filter{Query: "app缴费"})
		require.NoError(t, err)
		require.Len(t, page.Tickets, 1)
	})
}

func TestNumbersAreFoundWhateverTheDatabasesLanguage(t *testing.T) {
	s := storetest.Open(t, store.Options{URL: storetest.PostgresURLIn(t, "LOCALE_PROVIDER icu ICU_LOCALE 'en-US'")})
	d := newDesk(t, s)
	d.complaint(t)
	page, err := s.List(t.Context(), tickets.Everything, tickets.Filter{Query: "TS-2026"})
	require.NoError(t, err)
	require.Len(t, page.Tickets, 1)
	require.NoError(t, s.Check(t.Context(), func(p store.Problem) { t.Errorf("%+v", p) }))
}

func TestASlowDeliveryThatWasDoubtedSaysHowItWent(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		s.Use(&jobs{}, nil)
		in := inbound("a", "1", "你好")
		in.Channel = "wechat"
		m, _, err := s.Receive(t.Context(), in)
		require.NoError(t, err)
		sent, err := s.Post(t.Context(), channels.Staff{ID: 1, Name: "王敏"}, desk4all, m.ConversationID, "p", "您好", channels.Text)
		require.NoError(t, err)
		taken, _, ours, err := s.Leave(t.Context(), sent.ID)
		require.NoError(t, err)
		require.True(t, ours)
		_, _, ours, err = s.Leave(t.Context(), sent.ID) // a second job, while the first is sending
		require.NoError(t, err)
		require.False(t, ours)
		require.NoError(t, s.Left(t.Context(), taken, channels.Sent))
		list, err := s.Messages(t.Context(), m.ConversationID, 0, 10, false)
		require.NoError(t, err)
		require.Equal(t, channels.Sent, list[1].Delivery)
	})
}

func TestALongStandstillOfManyStepsFiresInOneGo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		for range 3 {
			d.complaint(t)
		}
		_, err := s.Sweep(t.Context(), noon.Add(time.Hour), 500, func(o tickets.Overdue) tickets.Fired {
			f := tickets.Fired{Deadline: o.Deadline}
			f.Deadline.NextAt = time.Time{}
			for range 5000 {
				f.Events = append(f.Events, tickets.Event{At: noon, Actor: tickets.Clock, Kind: tickets.EventWarned})
			}
			return f
		})
		require.NoError(t, err)
	})
}

func TestAPlaceThatIsNoNumberIsRefusedAndNothingStops(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		in := inbound("a", "1", "")
		in.Kind, in.Place = channels.Location, &channels.Place{Lat: math.NaN(), Lng: 117}
		_, _, err := channels.NewInbox(s).Receive(t.Context(), in)
		require.ErrorIs(t, err, channels.ErrPlace)
		talk(t, s, "a", "还在吗")
	})
}

func TestF08AProcessThatDiesInATransactionLocksNobodyForLong(t *testing.T) {
	s := storetest.Postgres(t)
	var within string
	require.NoError(t, s.DB().QueryRowContext(t.Context(), `SHOW idle_in_transaction_session_timeout`).Scan(&within))
	require.Equal(t, "15s", within)
}

// poison panics while its message is written.
type poison struct{ once sync.Once }

func (p *poison) Insert(context.Context, *store.Tx, []store.Job) error {
	p.once.Do(func() { panic("poison") })
	return nil
}

func TestF27AMessageThatPanicsStopsNobodyElse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		s.Use(&poison{}, nil)
		_, _, err := s.Receive(t.Context(), inbound("a", "1", "你好"))
		require.Error(t, err)
		talk(t, s, "a", "还在吗")
	})
}

func TestWhatIsInDoubtIsToldToTheConversation(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		told := map[string]bool{}
		s.Use(&jobs{}, func(list []store.Topic) {
			for _, x := range list {
				told[x.Name] = true
			}
		})
		now := noon
		s.SetClock(func() time.Time { return now })
		in := inbound("a", "1", "你好")
		in.Channel = "wechat"
		m, _, err := s.Receive(t.Context(), in)
		require.NoError(t, err)
		sent, err := s.Post(t.Context(), channels.Staff{ID: 1, Name: "王敏"}, desk4all, m.ConversationID, "p", "您好", channels.Text)
		require.NoError(t, err)
		_, _, _, err = s.Leave(t.Context(), sent.ID)
		require.NoError(t, err)
		now = noon.Add(3 * time.Minute)
		clear(told)
		n, err := s.Doubt(t.Context(), 2*time.Minute)
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
		require.Contains(t, told, fmt.Sprint("conversation:", m.ConversationID))
	})
}
