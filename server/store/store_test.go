package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels"
	"quandesk/server/store"
	"quandesk/server/store/storetest"
	"quandesk/tickets"
	"quandesk/tickets/calendar"
)

// jobs remembers what the store asked for; fail makes the insertion fail.
type jobs struct {
	mu   sync.Mutex
	list []store.Job
	fail error
}

func (j *jobs) Insert(_ context.Context, _ *store.Tx, list []store.Job) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.fail != nil {
		return j.fail
	}
	j.list = append(j.list, list...)
	return nil
}

func (j *jobs) count() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.list)
}

var (
	noon  = time.Date(2026, 11, 20, 12, 0, 0, 0, tickets.Beijing)
	agent = tickets.Actor{Kind: tickets.ByStaff, ID: 1, Name: "王敏"}
	peer  = tickets.Actor{Kind: tickets.ByStaff, ID: 2, Name: "李静"}
)

type desk struct {
	*tickets.Desk
	store *store.Store
	now   time.Time
}

func newDesk(t *testing.T, s *store.Store) *desk {
	t.Helper()
	cal, err := calendar.Default()
	require.NoError(t, err)
	rules, err := tickets.LoadRules("", cal)
	require.NoError(t, err)
	d := &desk{store: s, now: noon}
	s.SetClock(func() time.Time { return d.now })
	d.Desk = tickets.NewDesk(s, rules, s.Now)
	return d
}

func (d *desk) complaint(t *testing.T) *tickets.Ticket {
	t.Helper()
	ticket, err := d.Open(t.Context(), tickets.Bot, tickets.Opening{
		Kind: tickets.Complaint, Category: tickets.WaterQuality, Source: tickets.FromNetwork, Channel: "webchat",
		ContactPhone: "13812345678", Description: "家里水龙头出来的水发黄",
	})
	require.NoError(t, err)
	return ticket
}

func inbound(from, id, text string) channels.Inbound {
	return channels.Inbound{Channel: "webchat", From: from, ExternalID: id, Kind: channels.Text, Text: text}
}

func TestAMessageReceivedTwiceIsStoredOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		q := &jobs{}
		s.Use(q, nil)
		first, repeat, err := s.Receive(t.Context(), inbound("a", "1", "你好"))
		require.NoError(t, err)
		require.False(t, repeat)
		again, repeat, err := s.Receive(t.Context(), inbound("a", "1", "别的话"))
		require.NoError(t, err)
		require.True(t, repeat)
		require.Equal(t, first.ID, again.ID)
		require.Equal(t, "你好", again.Text)
		require.Equal(t, 1, q.count())
	})
}

func TestFiftyCopiesAtOnceAreStoredOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		s.Use(&jobs{}, nil)
		var wg sync.WaitGroup
		var mu sync.Mutex
		seen, fresh := map[int64]bool{}, 0
		for range 50 {
			wg.Go(func() {
				m, repeat, err := s.Receive(context.Background(), inbound("a", "1", "双击"))
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Errorf("receive: %v", err)
				}
				seen[m.ID] = true
				if !repeat {
					fresh++
				}
			})
		}
		wg.Wait()
		require.Len(t, seen, 1)
		require.Equal(t, 1, fresh)
	})
}

func TestAMessageWhoseJobCannotBeWrittenIsNotStored(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		q := &jobs{fail: errors.New("no queue")}
		s.Use(q, nil)
		_, _, err := s.Receive(t.Context(), inbound("a", "1", "你好"))
		require.ErrorContains(t, err, "no queue")
		q.fail = nil
		m, repeat, err := s.Receive(t.Context(), inbound("a", "1", "你好"))
		require.NoError(t, err)
		require.False(t, repeat, "nothing may be left of the first try")
		list, err := s.Messages(t.Context(), m.ConversationID, 0, 10, true)
		require.NoError(t, err)
		require.Len(t, list, 1)
	})
}

func TestTicketEventsDeadlinesAndAuditCommitTogetherOrNotAtAll(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		boom := errors.New("boom")
		err := s.Atomically(t.Context(), func(s *store.Store) error {
			_, err := d.On(s).Open(t.Context(), tickets.Bot, tickets.Opening{
				Kind: tickets.Complaint, Category: tickets.Pressure, Source: tickets.FromHotline,
				Channel: "phone", Description: "水压低",
			})
			require.NoError(t, err)
			return boom
		})
		require.ErrorIs(t, err, boom)
		page, err := s.List(t.Context(), tickets.Everything, tickets.Filter{})
		require.NoError(t, err)
		require.Empty(t, page.Tickets)
		require.Equal(t, "TS-20261120-0001", d.complaint(t).No, "the number of the undone ticket is used again")
		require.NoError(t, s.Check(t.Context(), func(p store.Problem) { t.Errorf("%+v", p) }))
	})
}

func TestNumbersOfADayHaveNoGapsUnderConcurrency(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() { d.complaint(t) })
		}
		wg.Wait()
		for i := 1; i <= 20; i++ {
			_, err := s.Ticket(t.Context(), tickets.Everything, fmt.Sprintf("TS-20261120-%04d", i))
			require.NoError(t, err)
		}
	})
}

func TestAStaleVersionIsRefusedAndChangesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		first := d.complaint(t)
		stale, err := s.Ticket(t.Context(), tickets.Everything, first.No)
		require.NoError(t, err)
		_, err = d.Make(t.Context(), tickets.Change{By: agent, Scope: tickets.Everything, No: first.No},
			func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
				return t.Accept(agent, tickets.Classification{}, at)
			})
		require.NoError(t, err)
		events, err := stale.Note(peer, "稍后再打", d.now)
		require.NoError(t, err)
		require.ErrorIs(t, s.Save(t.Context(), stale, events), tickets.ErrStale)
		history, err := s.Events(t.Context(), first.ID)
		require.NoError(t, err)
		require.Len(t, history, 2)
		fresh, err := d.Make(t.Context(), tickets.Change{By: peer, Scope: tickets.Everything, No: first.No, Version: 1}, nil)
		require.ErrorIs(t, err, tickets.ErrStale)
		require.EqualValues(t, 2, fresh.Version, "the fresh state comes with the refusal")
	})
}

func TestATicketLoadsAsItWasSaved(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		no := d.complaint(t).No
		change := tickets.Change{By: agent, Scope: tickets.Everything, No: no}
		saved, err := d.Make(t.Context(), change, func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
			events, err := t.Accept(agent, tickets.Classification{}, at)
			if err != nil {
				return nil, err
			}
			more, err := t.Dispatch(agent, "水质管理中心", "请核实", at)
			return append(events, more...), err
		})
		require.NoError(t, err)
		loaded, err := s.Ticket(t.Context(), tickets.Everything, no)
		require.NoError(t, err)
		normal(saved)
		normal(loaded)
		require.Equal(t, saved, loaded)
	})
}

// normal brings times to one location, so that equal instants are equal.
func normal(t *tickets.Ticket) {
	for _, p := range []*time.Time{&t.ReceivedAt, &t.ContactedAt, &t.DispatchedAt, &t.SignedAt, &t.CreatedAt, &t.UpdatedAt} {
		if !p.IsZero() {
			*p = p.UTC()
		}
	}
	for i := range t.Deadlines {
		d := &t.Deadlines[i]
		for _, p := range []*time.Time{&d.StartAt, &d.DueAt, &d.LegalDueAt, &d.NextAt} {
			if !p.IsZero() {
				*p = p.UTC()
			}
		}
	}
}

func TestEverythingOverdueFiresOnceAfterAnHourOfStandstill(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		ticket := d.complaint(t)
		d.now = noon.Add(time.Hour)
		for range 3 { // and not again
			_, err := d.Sweep(t.Context())
			require.NoError(t, err)
		}
		require.Equal(t, []string{
			"opened", "warned R01 10m0s", "warned R01 15m0s", "breached R01 20m0s", "pressed R01 30m0s",
		}, history(t, s, ticket.ID))
		notices, err := s.Notices(t.Context(), []string{"role:agent", "role:lead", "role:supervisor", "duty:manager"}, tickets.NoticeFilter{})
		require.NoError(t, err)
		require.Len(t, notices, 4)
		loaded, err := s.Ticket(t.Context(), tickets.Everything, ticket.No)
		require.NoError(t, err)
		require.Equal(t, noon.Add(20*time.Minute).UnixMilli(), loaded.Running("R01").BreachedAt.UnixMilli())
		require.EqualValues(t, 1, loaded.Version, "a warning does not make a colleague's form stale")
		require.NoError(t, s.Check(t.Context(), func(p store.Problem) { t.Errorf("%+v", p) }))
	})
}

func TestAContactInTimeIsNotBreachedBySweepsBesideIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		ticket := d.complaint(t)
		d.now = noon.Add(20 * time.Minute)
		_, err := d.Contact(t.Context(), tickets.Change{By: agent, Scope: tickets.Everything, No: ticket.No},
			tickets.Contact{Via: "phone", Result: tickets.Reached})
		require.NoError(t, err)
		d.now = noon.Add(time.Hour)
		_, err = d.Sweep(t.Context())
		require.NoError(t, err)
		require.Equal(t, []string{"opened", "contacted"}, history(t, s, ticket.ID))
	})
}

func TestLateEvidenceDoesNotUndoTheBreachTheSweepHasNotSeen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		ticket := d.complaint(t)
		d.now = noon.Add(20*time.Minute + time.Second)
		_, err := d.Contact(t.Context(), tickets.Change{By: agent, Scope: tickets.Everything, No: ticket.No},
			tickets.Contact{Via: "phone", Result: tickets.Reached})
		require.NoError(t, err)
		d.now = noon.Add(time.Hour)
		_, err = d.Sweep(t.Context())
		require.NoError(t, err)
		require.Equal(t, []string{"opened", "contacted", "breached R01 20m0s"}, history(t, s, ticket.ID))
		require.NoError(t, s.Check(t.Context(), func(p store.Problem) { t.Errorf("%+v", p) }))
	})
}

func history(t *testing.T, s *store.Store, ticketID int64) []string {
	t.Helper()
	events, err := s.Events(t.Context(), ticketID)
	require.NoError(t, err)
	var out []string
	for i, e := range events {
		require.EqualValues(t, i+1, e.Seq)
		line := string(e.Kind)
		if e.Actor.Kind == tickets.ByClock {
			line += clockWords(t, e)
		}
		out = append(out, line)
	}
	return out
}

func TestABurstAsksForOneAnswerAndNothingOfItIsForgotten(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		q := &jobs{}
		s.Use(q, nil)
		first := talk(t, s, "a", "水发黄")
		second := talk(t, s, "a", "历下区文化东路63号")
		require.Equal(t, 1, q.count(), "the second message of a burst needs no job of its own")
		c, list, err := s.Unanswered(t.Context(), first.ConversationID)
		require.NoError(t, err)
		require.Len(t, list, 2)
		third := talk(t, s, "a", "电话13812345678")
		claim := func(c channels.Conversation, upTo int64) (ours bool) {
			require.NoError(t, s.Atomically(t.Context(), func(s *store.Store) (err error) {
				ours, err = s.Claim(t.Context(), c, upTo, nil)
				return err
			}))
			return ours
		}
		require.True(t, claim(c, second.ID))
		require.Equal(t, 2, q.count(), "what came while the bot thought is asked for again")
		require.False(t, claim(c, second.ID), "answering twice is refused")
		c, list, err = s.Unanswered(t.Context(), first.ConversationID)
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.True(t, claim(c, third.ID))
		talk(t, s, "a", "谢谢")
		require.Equal(t, 3, q.count())
	})
}

func TestAnOverlookedMessageIsAskedForAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		q := &jobs{}
		s.Use(q, nil)
		now := noon
		s.SetClock(func() time.Time { return now })
		talk(t, s, "a", "有人吗")
		n, err := s.Overlooked(t.Context(), 15*time.Second)
		require.NoError(t, err)
		require.Zero(t, n)
		now = noon.Add(16 * time.Second)
		n, err = s.Overlooked(t.Context(), 15*time.Second)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.Equal(t, 2, q.count())
	})
}

func TestAMessageInDoubtIsNeverSentAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		q := &jobs{}
		s.Use(q, nil)
		in := inbound("a", "1", "你好")
		in.Channel = "wechat"
		m, _, err := s.Receive(t.Context(), in)
		require.NoError(t, err)
		sent, err := s.Post(t.Context(), channels.Staff{ID: 1, Name: "王敏"}, desk4all, m.ConversationID, "p", "您好", channels.Text)
		require.NoError(t, err)
		_, c, ours, err := s.Leave(t.Context(), sent.ID)
		require.NoError(t, err)
		require.True(t, ours)
		require.Equal(t, "wechat", c.Channel)
		again, _, ours, err := s.Leave(t.Context(), sent.ID) // after a crash while it was sending
		require.NoError(t, err)
		require.False(t, ours)
		require.Equal(t, channels.Unknown, again.Delivery)
		list, err := s.Messages(t.Context(), m.ConversationID, 0, 10, false)
		require.NoError(t, err)
		require.Equal(t, channels.Unknown, list[1].Delivery)
	})
}

func TestADatabaseThatTakesNoWritesIsNotReady(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		tx, err := s.DB().BeginTx(t.Context(), nil)
		require.NoError(t, err)
		defer tx.Rollback()
		if s.Engine() == store.Postgres {
			_, err = tx.Exec(`LOCK TABLE settings`)
			require.NoError(t, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		var unavailable *store.UnavailableError
		require.ErrorAs(t, s.Ready(ctx), &unavailable)
		require.NoError(t, tx.Rollback())
		require.NoError(t, s.Ready(t.Context()))
	})
}

func TestWhatPostgreSQLCannotStoreIsAMistakeOfTheInput(t *testing.T) {
	s := storetest.Postgres(t)
	var input *tickets.InputError
	_, err := s.List(t.Context(), tickets.Scope{All: true}, tickets.Filter{Categories: []tickets.Category{"a\x00b"}})
	require.ErrorAs(t, err, &input)
	require.ErrorAs(t, s.SetSetting(t.Context(), "\xff", "v"), &input)
}

func TestTheBadgesOfTheInboxCountOnBothEngines(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		_, _, err := s.Receive(t.Context(), channels.Inbound{Channel: "webchat", From: "v1", ExternalID: "1", Kind: channels.Text, Text: "水发黄"})
		require.NoError(t, err)
		n, err := s.Counts(t.Context(), channels.Scope{All: true}, 1)
		require.NoError(t, err)
		require.Equal(t, 1, n["bot"])
	})
}

func TestWhoCanWaitWaitsForAnotherProcess(t *testing.T) {
	for wait, want := range map[time.Duration]int{0: 3000, 30 * time.Second: 30000} {
		s, err := store.Open(t.Context(), store.Options{Dir: t.TempDir(), Wait: wait})
		require.NoError(t, err)
		var got int
		require.NoError(t, s.DB().QueryRowContext(t.Context(), "PRAGMA busy_timeout").Scan(&got))
		require.Equal(t, want, got)
		s.Close()
	}
}
