package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels"
	"quandesk/server/store"
	"quandesk/server/store/storetest"
	"quandesk/tickets"
	"quandesk/tickets/calendar"
)

// The benchmarks of the README. BENCH_ROWS sets how many conversations the
// lists are measured over (default 100,000).

func benchEach(b *testing.B, f func(b *testing.B, s *store.Store)) {
	b.Run("sqlite", func(b *testing.B) { f(b, storetest.SQLite(b)) })
	b.Run("postgres", func(b *testing.B) { f(b, storetest.Postgres(b)) })
}

func benchRows(b *testing.B) int {
	n, err := strconv.Atoi(os.Getenv("BENCH_ROWS"))
	if err != nil {
		return 100_000
	}
	return n
}

// fill writes conversations in bulk, 4 messages each when messages is set.
func fill(b testing.TB, s *store.Store, n int, messages bool) {
	b.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	states := []string{"resolved", "resolved", "resolved", "resolved", "resolved", "resolved", "resolved", "bot", "waiting", "human"}
	texts := []string{"家里水发黄怎么办", "水压太低洗不了澡", "停水到几点", "水费怎么交", "井盖坏了很危险", "你好", "谢谢", "报装要什么资料", "阀门漏水了", "小区二次供水水箱多久清洗"}
	const batch = 400
	for from := 0; from < n; from += batch {
		size := min(batch, n-from)
		var rows, said []string
		for i := range size {
			id := from + i + 1
			rows = append(rows, fmt.Sprintf("('webchat','','c%d','%s',%d,'',%q,%q,%d,%d,%d)", id, states[r.IntN(len(states))],
				r.IntN(40), tickets.Categories[r.IntN(12)], "", 1_700_000_000_000+int64(r.IntN(1_000_000_000)), id, 1_700_000_000_000+int64(id)*1000))
			for k := range 4 {
				said = append(said, fmt.Sprintf("(%d,'customer','%d-%d','text','%s','sent',%d)", id, id, k, texts[r.IntN(len(texts))], 1_700_000_000_000+int64(id)))
			}
		}
		exec(b, s, `INSERT INTO conversations (channel, account, contact, state, assignee_id, department, category, district, due_at, created_at, updated_at) VALUES `+
			strings.ReplaceAll(strings.Join(rows, ","), `"`, `'`))
		if messages {
			exec(b, s, `INSERT INTO messages (conversation_id, author, external_id, kind, text, delivery, created_at) VALUES `+strings.Join(said, ","))
		}
	}
	if s.Engine() == store.Postgres {
		exec(b, s, "ANALYZE") // autovacuum would do it; SQLite must never be told to
	}
}

func exec(b testing.TB, s *store.Store, q string) {
	b.Helper()
	_, err := s.DB().ExecContext(context.Background(), q)
	require.NoError(b, err)
}

func BenchmarkReceiveByEightClients(b *testing.B) {
	benchEach(b, func(b *testing.B, s *store.Store) {
		s.Use(&jobs{}, nil)
		var n atomic.Int64
		b.ResetTimer()
		var wg sync.WaitGroup
		for c := range 8 {
			wg.Go(func() {
				for {
					i := n.Add(1)
					if i > int64(b.N) {
						return
					}
					if _, _, err := s.Receive(context.Background(), inbound(fmt.Sprint("c", c), fmt.Sprint(i), "家里水发黄")); err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
	})
}

func BenchmarkInboxPage(b *testing.B) {
	benchEach(b, func(b *testing.B, s *store.Store) {
		fill(b, s, benchRows(b), false)
		for name, f := range map[string]channels.Filter{
			"open":          {},
			"most urgent":   {DueFirst: true},
			"category":      {Category: "pressure"},
			"mine":          {View: "mine", UserID: 7},
			"all":           {View: "all"},
			"urgent sorted": {Category: "leak", DueFirst: true},
		} {
			b.Run(name, func(b *testing.B) {
				for b.Loop() {
					page, err := s.Inbox(b.Context(), desk4all, f)
					if err != nil || len(page.Conversations) == 0 {
						b.Fatal(err, len(page.Conversations))
					}
				}
			})
		}
	})
}

func BenchmarkSearchTwoCharacters(b *testing.B) {
	benchEach(b, func(b *testing.B, s *store.Store) {
		fill(b, s, benchRows(b), true)
		for {
			n, err := s.IndexMessages(b.Context())
			require.NoError(b, err)
			if n == 0 {
				break
			}
		}
		for _, q := range []string{"发黄", "阀门", "水"} {
			b.Run(q, func(b *testing.B) {
				for b.Loop() {
					if _, err := s.Inbox(b.Context(), desk4all, channels.Filter{View: "all", Query: q}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	})
}

// BenchmarkSweepStorm fires 100,000 deadlines that are due at once while
// somebody looks at the inbox; on PostgreSQL two hubs share the work.
func BenchmarkSweepStorm(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { sweepStorm(b, storetest.SQLite(b)) })
	b.Run("postgres", func(b *testing.B) {
		url := storetest.PostgresURL(b)
		sweepStorm(b, storetest.Open(b, store.Options{URL: url}), storetest.Open(b, store.Options{URL: url}))
	})
}

func sweepStorm(b *testing.B, hubs ...*store.Store) {
	const storm = 100_000
	cal, err := calendar.Default()
	require.NoError(b, err)
	rules, err := tickets.LoadRules("", cal)
	require.NoError(b, err)
	for b.Loop() {
		b.StopTimer()
		stormOf(b, hubs[0], storm)
		b.StartTimer()
		var sweepers, looker sync.WaitGroup
		over := make(chan struct{})
		var looks []time.Duration
		looker.Go(func() { looks = lookAtInbox(b, hubs[0], over) })
		var fired atomic.Int64
		for _, s := range hubs {
			desk := tickets.NewDesk(s, rules, s.Now)
			sweepers.Go(func() {
				for fired.Load() < storm {
					n, err := desk.Sweep(context.Background())
					fired.Add(int64(n))
					if err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		sweepers.Wait()
		close(over)
		looker.Wait()
		slices.Sort(looks)
		b.ReportMetric(float64(looks[len(looks)*95/100].Microseconds())/1000, "inbox-p95-ms")
	}
	b.ReportMetric(float64(storm)*float64(b.N)/b.Elapsed().Seconds(), "deadlines/s")
}

// lookAtInbox loads a page of the inbox again and again until over.
func lookAtInbox(b *testing.B, s *store.Store, over <-chan struct{}) []time.Duration {
	var out []time.Duration
	for {
		select {
		case <-over:
			return out
		case <-time.After(20 * time.Millisecond):
		}
		began := time.Now()
		if _, err := s.Inbox(context.Background(), channels.Scope{All: true}, channels.Filter{DueFirst: true}); err != nil {
			b.Error(err)
		}
		out = append(out, time.Since(began))
	}
}

// stormOf writes tickets whose 20 minutes are over, with nothing fired yet.
func stormOf(b testing.TB, s *store.Store, n int) {
	b.Helper()
	exec(b, s, `INSERT INTO conversations (channel, account, contact, state, created_at, updated_at)
		SELECT 'phone', '', 'storm', 'waiting', 1, 1 WHERE NOT EXISTS (SELECT 1 FROM conversations)`)
	due := time.Now().Add(-time.Minute).UnixMilli()
	const batch = 500
	first := 1
	require.NoError(b, s.DB().QueryRowContext(context.Background(), `SELECT COALESCE(MAX(id), 0) + 1 FROM tickets`).Scan(&first))
	for from := first; from < first+n; from += batch {
		var rows, clocks []string
		for id := from; id < min(from+batch, first+n); id++ {
			rows = append(rows, fmt.Sprintf("(%d,'TS-20260101-%06d','complaint','pressure','new','network','webchat',1,'水压低',%d,1,%d,%d)", id, id, due-1_200_000, due, due))
			clocks = append(clocks, fmt.Sprintf("(%d,'R01','11.2',1,%d,%d,2,%d)", id, due-1_200_000, due, due))
		}
		exec(b, s, `INSERT INTO tickets (id, no, kind, category, state, source, channel, conversation_id, description, received_at, event_seq, created_at, updated_at) VALUES `+strings.Join(rows, ","))
		exec(b, s, `INSERT INTO deadlines (ticket_id, rule, clause, round, start_at, due_at, step, next_at) VALUES `+strings.Join(clocks, ","))
	}
}
