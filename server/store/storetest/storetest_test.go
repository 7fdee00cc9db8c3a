package storetest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"quandesk/server/store"
	"quandesk/server/store/storetest"
)

// lent is what tests of a database do one after the other; each gets whichever
// database is there.
func lent(t *testing.T, name string, f func(t *testing.T, s *store.Store)) (database string) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		s := storetest.Postgres(t)
		require.NoError(t, s.DB().QueryRowContext(t.Context(), `SELECT current_database()`).Scan(&database))
		f(t, s)
	})
	return database
}

func count(t *testing.T, s *store.Store, q string) (n int) {
	t.Helper()
	require.NoError(t, s.DB().QueryRowContext(t.Context(), q).Scan(&n))
	return n
}

func run(t *testing.T, s *store.Store, q string) {
	t.Helper()
	_, err := s.DB().ExecContext(t.Context(), q)
	require.NoError(t, err)
}

const says = `INSERT INTO settings (key, value) VALUES ('x', '1')`

func TestADatabaseThatIsUsedAgainIsAsNew(t *testing.T) {
	var versions, audited int
	first := lent(t, "first", func(t *testing.T, s *store.Store) {
		versions, audited = count(t, s, `SELECT count(*) FROM goose_db_version`), count(t, s, `SELECT count(*) FROM audit_head`)
		require.NotZero(t, versions)
		require.NotZero(t, audited)
		run(t, s, says)
		run(t, s, `DELETE FROM goose_db_version`)
		require.Equal(t, versions+1, count(t, s, `SELECT nextval('goose_db_version_id_seq')`))
	})
	second := lent(t, "second", func(t *testing.T, s *store.Store) {
		require.Zero(t, count(t, s, `SELECT count(*) FROM settings`))
		require.Equal(t, versions, count(t, s, `SELECT count(*) FROM goose_db_version`))
		require.Equal(t, audited, count(t, s, `SELECT count(*) FROM audit_head`))
		require.Equal(t, versions+1, count(t, s, `SELECT nextval('goose_db_version_id_seq')`))
		ready, err := s.Migrated(t.Context())
		require.NoError(t, err)
		require.True(t, ready)
	})
	require.Equal(t, first, second)
}

func TestADatabaseWithAnotherSchemaIsNotUsedAgain(t *testing.T) {
	for _, change := range []string{`CREATE TABLE more (id bigint)`, `ALTER TABLE settings ADD COLUMN more text`,
		`ALTER TABLE audit DISABLE TRIGGER audit_no_update`, `DROP TRIGGER audit_no_update ON audit`,
		`CREATE FUNCTION more() RETURNS bigint LANGUAGE sql AS 'SELECT 1'`, `CREATE SCHEMA more`, `CREATE INDEX more ON settings (value)`,
		`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = ''5MB''', current_database()); END $$`} {
		t.Run(change, func(t *testing.T) {
			first := lent(t, "first", func(t *testing.T, s *store.Store) { run(t, s, change) })
			second := lent(t, "second", func(*testing.T, *store.Store) {})
			require.NotEqual(t, first, second)
		})
	}
}
