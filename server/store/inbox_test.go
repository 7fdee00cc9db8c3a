package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels"
	"quandesk/server/store"
	"quandesk/server/store/storetest"
	"quandesk/tickets"
)

var desk4all = channels.Scope{All: true}

func talk(t *testing.T, s *store.Store, from, text string) channels.Message {
	t.Helper()
	m, _, err := s.Receive(t.Context(), inbound(from, fmt.Sprint(from, len(text), text), text))
	require.NoError(t, err)
	return m
}

func TestTheInboxPagesThroughEverythingOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for i := range 25 {
			talk(t, s, fmt.Sprint("visitor", i), "你好")
		}
		for _, dueFirst := range []bool{false, true} {
			seen := map[int64]bool{}
			cursor := ""
			for range 4 {
				page, err := s.Inbox(t.Context(), desk4all, channels.Filter{View: "all", Limit: 10, Cursor: cursor, DueFirst: dueFirst})
				require.NoError(t, err)
				for _, c := range page.Conversations {
					require.False(t, seen[c.ID], "a row came twice")
					seen[c.ID] = true
				}
				if cursor = page.Next; cursor == "" {
					break
				}
			}
			require.Len(t, seen, 25)
		}
	})
}

func TestAnOpenTicketPutsItsConversationBeforePeople(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		ticket := d.complaint(t)
		page, err := s.Inbox(t.Context(), desk4all, channels.Filter{DueFirst: true})
		require.NoError(t, err)
		require.Len(t, page.Conversations, 1)
		row := page.Conversations[0]
		require.Equal(t, channels.Waiting, row.State)
		require.Equal(t, ticket.No, row.TicketNo)
		require.Equal(t, "R01", row.DueRule)
		require.True(t, row.DueAt.Equal(noon.Add(20*time.Minute)))

		_, err = d.Make(t.Context(), tickets.Change{By: agent, Scope: tickets.Everything, No: ticket.No},
			func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
				return t.Accept(agent, tickets.Classification{}, at)
			})
		require.NoError(t, err)
		row, err = s.Conversation(t.Context(), desk4all, row.ID)
		require.NoError(t, err)
		require.Equal(t, channels.WithUser, row.State)
		require.Equal(t, agent.ID, row.AssigneeID, "who takes the ticket has the conversation")
	})
}

func TestADepartmentSeesOnlyWhatWasSentToIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		mine, other := d.complaint(t), d.complaint(t)
		_, err := d.Make(t.Context(), tickets.Change{By: agent, Scope: tickets.Everything, No: mine.No},
			func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
				events, err := t.Accept(agent, tickets.Classification{}, at)
				if err != nil {
					return nil, err
				}
				more, err := t.Dispatch(agent, "水质管理中心", "", at)
				return append(events, more...), err
			})
		require.NoError(t, err)
		sc := tickets.Scope{Department: "水质管理中心"}
		_, err = s.Ticket(t.Context(), sc, other.No)
		require.ErrorIs(t, err, tickets.ErrNotFound)
		page, err := s.List(t.Context(), sc, tickets.Filter{})
		require.NoError(t, err)
		require.Len(t, page.Tickets, 1)
		require.Equal(t, mine.No, page.Tickets[0].No)
		inbox, err := s.Inbox(t.Context(), channels.Scope(channels.Scope{Department: "水质管理中心"}), channels.Filter{View: "all"})
		require.NoError(t, err)
		require.Len(t, inbox.Conversations, 1)
		none, err := s.List(t.Context(), tickets.Scope{}, tickets.Filter{})
		require.NoError(t, err)
		require.Empty(t, none.Tickets, "no scope is no tickets")
	})
}

func TestSearchFindsOneAndTwoCharacterWordsIndexedOrNot(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		now := noon
		s.SetClock(func() time.Time { return now })
		talk(t, s, "a", "家里的水发黄，还有异味")
		talk(t, s, "b", "水压太低了")
		talk(t, s, "c", "ABC小区停水 100%")
		find := func(q string) int {
			page, err := s.Inbox(t.Context(), desk4all, channels.Filter{View: "all", Query: q})
			require.NoError(t, err)
			return len(page.Conversations)
		}
		for _, indexed := range []bool{false, true} {
			if indexed {
				now = noon.Add(time.Minute)
				n, err := s.IndexMessages(t.Context())
				require.NoError(t, err)
				require.Equal(t, 3, n)
			}
			for q, want := range map[string]int{
				"发黄": 1, "水压": 1, "黄": 1, "水": 3, "停水": 1, "abc": 1, "100%": 1, "不存在": 0, "水发黄": 1, "%": 0, "'": 0, `"\`: 0,
			} {
				require.Equal(t, want, find(q), "search for %s, indexed %v", q, indexed)
			}
		}
		talk(t, s, "d", "新消息：水表不走字")
		require.Equal(t, 1, find("水表"), "what is not indexed yet is found too")
	})
}

func TestAColleaguesConversationCannotBeTakenOrWrittenIn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		m := talk(t, s, "a", "转人工")
		first, second := channels.Staff{ID: 1, Name: "王敏"}, channels.Staff{ID: 2, Name: "李静"}
		require.NoError(t, s.Take(t.Context(), first, desk4all, m.ConversationID))
		require.NoError(t, s.Take(t.Context(), first, desk4all, m.ConversationID), "taking twice is harmless")
		err := s.Take(t.Context(), second, desk4all, m.ConversationID)
		require.ErrorIs(t, err, channels.ErrTaken)
		var taken *channels.TakenError
		require.ErrorAs(t, err, &taken)
		require.Equal(t, first.Name, taken.By, "who comes second is told who has it")
		_, err = s.Post(t.Context(), second, desk4all, m.ConversationID, "x", "您好", channels.Text)
		require.ErrorIs(t, err, channels.ErrTaken)
		_, err = s.Post(t.Context(), second, desk4all, m.ConversationID, "n", "同小区已有两单", channels.Note)
		require.NoError(t, err, "a note may be left")
		once, err := s.Post(t.Context(), first, desk4all, m.ConversationID, "y", "您好", channels.Text)
		require.NoError(t, err)
		twice, err := s.Post(t.Context(), first, desk4all, m.ConversationID, "y", "您好", channels.Text)
		require.NoError(t, err)
		require.Equal(t, once.ID, twice.ID)
		seen, err := s.Messages(t.Context(), m.ConversationID, 0, 10, false)
		require.NoError(t, err)
		require.Len(t, seen, 2, "residents never see notes")
	})
}

func TestListsUseTheirIndexes(t *testing.T) {
	storetest.EachNew(t, func(t *testing.T, s *store.Store) {
		for name, q := range map[string]string{
			"open":         `SELECT id FROM conversations c WHERE c.state IN ('waiting', 'human') ORDER BY c.updated_at DESC, c.id DESC LIMIT 51`,
			"open due":     `SELECT id FROM conversations c WHERE c.state IN ('waiting', 'human') ORDER BY c.due_at, c.id LIMIT 51`,
			"category due": `SELECT id FROM conversations c WHERE c.state IN ('waiting', 'human') AND c.category = 'leak' ORDER BY c.due_at, c.id LIMIT 51`,
			"waiting":      `SELECT id FROM conversations c WHERE c.state = 'waiting' ORDER BY c.updated_at DESC, c.id DESC LIMIT 51`,
			"mine":         `SELECT id FROM conversations c WHERE c.state = 'human' AND c.assignee_id = 7 ORDER BY c.updated_at DESC, c.id DESC LIMIT 51`,
			"department":   `SELECT id FROM conversations c WHERE c.department = 'x' AND c.department <> '' ORDER BY c.updated_at DESC, c.id DESC LIMIT 51`,
			"all":          `SELECT id FROM conversations c ORDER BY c.updated_at DESC, c.id DESC LIMIT 51`,
			"sweep":        `SELECT d.id FROM deadlines d WHERE d.next_at > 0 AND d.next_at <= 5 ORDER BY d.next_at, d.id LIMIT 500`,
			"ledger":       `SELECT t.id FROM tickets t WHERE (t.received_at, t.id) > (5, 5) ORDER BY t.received_at, t.id LIMIT 500`,
			"messages":     `SELECT id FROM messages WHERE conversation_id = 5 AND id > 7 ORDER BY id LIMIT 50`,
			"notices":      `SELECT id FROM notices WHERE audience = 'role:lead' ORDER BY id DESC LIMIT 50`,
			"unanswered":   `SELECT id FROM conversations WHERE heard_id > answered_id AND state IN ('bot', 'waiting') AND updated_at < 5 ORDER BY updated_at LIMIT 100`,
		} {
			plan := explain(t, s, q)
			require.NotContains(t, plan, "TEMP B-TREE", name+" sorts:\n"+plan)
			require.NotContains(t, plan, "Sort", name+" sorts:\n"+plan)
			require.NotContains(t, plan, "Seq Scan", name+" reads everything:\n"+plan)
			if s.Engine() == store.SQLite {
				require.Contains(t, plan, "INDEX", name+" uses no index:\n"+plan)
			}
		}
	})
}

// explain is the engine's plan; PostgreSQL is asked not to read tables whole
// because they are empty here.
func explain(t *testing.T, s *store.Store, q string) string {
	t.Helper()
	tx, err := s.DB().BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer tx.Rollback()
	how := "EXPLAIN QUERY PLAN "
	if s.Engine() == store.Postgres {
		how = "EXPLAIN "
		_, err = tx.ExecContext(t.Context(), "SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
		require.NoError(t, err)
	}
	rows, err := tx.QueryContext(t.Context(), how+q)
	require.NoError(t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	require.NoError(t, err)
	var out strings.Builder
	for rows.Next() {
		cells := make([]any, len(columns))
		for i := range cells {
			cells[i] = new(any)
		}
		require.NoError(t, rows.Scan(cells...))
		fmt.Fprintln(&out, *cells[len(cells)-1].(*any))
	}
	require.NoError(t, rows.Err())
	return out.String()
}

func TestALongConversationHidesNoOtherFromASearch(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		quiet := talk(t, s, "quiet", "漏水了")
		_, err := s.DB().ExecContext(t.Context(), `UPDATE conversations SET department = '管网运行部'`)
		require.NoError(t, err)
		say := func(from string, n int) {
			for i := range n {
				_, _, err := s.Receive(t.Context(), inbound(from, fmt.Sprint(i), "漏水了"))
				require.NoError(t, err)
			}
		}
		finds := func(sc channels.Scope) (out []int64) {
			page, err := s.Inbox(t.Context(), sc, channels.Filter{View: "all", Query: "漏水"})
			require.NoError(t, err)
			for _, c := range page.Conversations {
				out = append(out, c.ID)
			}
			return out
		}
		own := channels.Scope{Department: "管网运行部"}
		say("noisy", 210)
		require.Contains(t, finds(desk4all), quiet.ConversationID)
		require.Equal(t, []int64{quiet.ConversationID}, finds(own))
		d.now = noon.Add(time.Hour)
		_, err = s.IndexMessages(t.Context())
		require.NoError(t, err)
		require.Contains(t, finds(desk4all), quiet.ConversationID)
		require.Equal(t, []int64{quiet.ConversationID}, finds(own))
		require.Empty(t, finds(channels.Scope{Department: "水质管理中心"}))
	})
}
