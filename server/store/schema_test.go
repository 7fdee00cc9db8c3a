package store_test

import (
	"slices"
	"sort"
	"testing"

	"github.com/stretchr/testify/require"

	"quandesk/server/store"
	"quandesk/server/store/storetest"
	"quandesk/tickets"
)

func TestBothEnginesHaveTheSameTablesColumnsAndIndexes(t *testing.T) {
	lite, pg := storetest.SQLite(t), storetest.Postgres(t)
	sqlite, postgres := schema(t, lite), schema(t, pg)
	require.Empty(t, without(sqlite, postgres), "only in SQLite")
	require.Empty(t, without(postgres, sqlite), "only in PostgreSQL")
}

func without(list, others []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(others, s) })
}

// schema lists "table.column" and "index table" of our own tables.
func schema(t *testing.T, s *store.Store) []string {
	t.Helper()
	columns := `SELECT m.name || '.' || p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p
			WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'message_search%' AND m.name NOT LIKE 'goose%'
		UNION ALL SELECT name || ' ' || tbl_name FROM sqlite_master
			WHERE type = 'index' AND sql IS NOT NULL AND name NOT LIKE 'goose%'
		UNION ALL SELECT name || ' ' || tbl_name FROM sqlite_master WHERE type = 'trigger'`
	if s.Engine() == store.Postgres {
		columns = `SELECT table_name || '.' || column_name FROM information_schema.columns
				WHERE table_schema = 'public' AND table_name NOT LIKE 'goose%' AND table_name <> 'message_search'
			UNION ALL SELECT indexname || ' ' || tablename FROM pg_indexes
				WHERE schemaname = 'public' AND tablename NOT LIKE 'goose%' AND tablename <> 'message_search'
				AND indexname NOT LIKE '%_pkey' AND indexname NOT LIKE '%_key'
			UNION ALL SELECT DISTINCT trigger_name || ' ' || event_object_table FROM information_schema.triggers`
	}
	rows, err := s.DB().QueryContext(t.Context(), columns)
	require.NoError(t, err)
	defer rows.Close()
	var out []string
	for rows.Next() {
		var v string
		require.NoError(t, rows.Scan(&v))
		out = append(out, v)
	}
	require.NoError(t, rows.Err())
	sort.Strings(out)
	return slices.Compact(out)
}

func TestMigratingTwiceChangesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		require.NoError(t, s.Migrate(t.Context()))
		ok, err := s.Migrated(t.Context())
		require.NoError(t, err)
		require.True(t, ok)
	})
}

func TestEventsAndAuditCannotBeChangedAndTheCheckerSeesWhoDidAnyway(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		d.complaint(t)
		ctx := t.Context()
		for _, q := range []string{
			`UPDATE ticket_events SET at = 1`, `DELETE FROM ticket_events`, `UPDATE audit SET result = 'x'`, `DELETE FROM audit`,
		} {
			_, err := s.DB().ExecContext(ctx, q)
			require.ErrorContains(t, err, "append-only", q)
		}
		disarm := `DROP TRIGGER ticket_events_no_update`
		if s.Engine() == store.Postgres {
			disarm += ` ON ticket_events`
		}
		_, err := s.DB().ExecContext(ctx, disarm)
		require.NoError(t, err)
		_, err = s.DB().ExecContext(ctx, `UPDATE ticket_events SET at = at - 600000`)
		require.NoError(t, err)
		var found []string
		require.NoError(t, s.Check(ctx, func(p store.Problem) { found = append(found, p.Invariant+" "+p.What) }))
		require.Equal(t, []string{"I6 the events it covers have changed"}, found)
	})
}

func TestTheCheckerNamesWhatIsBroken(t *testing.T) {
	for name, c := range map[string]struct{ breakIt, invariant string }{
		"a ticket without a legal source": {`UPDATE tickets SET source = 'rumour'`, "I2"},
		"a version without a save":        {`UPDATE tickets SET version = 7`, "I5"},
		"a number without a ticket":       {`UPDATE ticket_numbers SET last = last + 1`, "I5"},
		"a breach nobody recorded":        {`UPDATE deadlines SET due_at = 1000, next_at = 0`, "I3"},
		"a trail cut short":               {`UPDATE audit_head SET last_id = last_id + 1`, "I6"},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				d := newDesk(t, s)
				d.complaint(t)
				_, err := s.DB().ExecContext(t.Context(), c.breakIt)
				require.NoError(t, err)
				var found []string
				require.NoError(t, s.Check(t.Context(), func(p store.Problem) { found = append(found, p.Invariant) }))
				require.Contains(t, found, c.invariant)
			})
		})
	}
}

var _ tickets.Views = (*store.Store)(nil)
