package storetest

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/server/store"
)

// PostgresURL lends a database for a test. It is as a migrated one is that
// nobody has written into: a copy of one that was migrated once per test
// program, or one that an earlier test has left, emptied. To copy costs the
// system half a second, some hundred files; to empty a few milliseconds.
func PostgresURL(t testing.TB) string {
	t.Helper()
	admin := Server(t)
	m, err := template()
	require.NoError(t, err)
	name := m.left()
	if name == "" {
		name = m.copied(t, admin)
	}
	t.Cleanup(func() {
		if m.clean(with(admin, name)) != nil {
			drop(t, admin, name)
			return
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		m.emptied = append(m.emptied, name)
	})
	return with(admin, name)
}

// EachNew is Each on databases that nobody has written into before, for tests
// that look at how a query is done: a database that was emptied has other
// figures about its tables.
func EachNew(t *testing.T, f func(t *testing.T, s *store.Store)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) {
		admin := Server(t)
		m, err := template()
		require.NoError(t, err)
		name := m.copied(t, admin)
		t.Cleanup(func() { drop(t, admin, name) })
		f(t, Open(t, store.Options{URL: with(admin, name)}))
	})
}

// copied makes a database that is a copy of the model.
func (m *model) copied(t testing.TB, admin string) (name string) {
	t.Helper()
	name = testPrefix + stamp()
	db := connect(t, admin)
	defer db.Close()
	_, err := db.ExecContext(t.Context(), "CREATE DATABASE "+name+" TEMPLATE "+m.name)
	require.NoError(t, err)
	return name
}

// model is the migrated database that others are copies of.
type model struct {
	name   string
	schema string            // all that is defined in it
	size   int64             // in bytes
	rows   map[string]string // of its tables that have some, as JSON
	counts string            // of its sequences that have begun, as JSON

	mu      sync.Mutex
	emptied []string // databases that are as new
}

// left takes a database that is as new, "" when there is none.
func (m *model) left() (name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if n := len(m.emptied); n > 0 {
		name, m.emptied = m.emptied[n-1], m.emptied[:n-1]
	}
	return name
}

// schemaOf is everything that tests of the schema change: tables, columns,
// triggers, constraints, functions and the settings of the database.
const schemaOf = `SELECT md5(string_agg(line, E'\n' ORDER BY line)) FROM (
	SELECT format('%s %s %s %s', c.oid, c.relname, c.relkind, c.reloptions) AS line FROM pg_class c
		WHERE relnamespace = 'public'::regnamespace
	UNION ALL SELECT format('%s %s %s %s %s', attrelid, attname, atttypid, attnotnull, attisdropped) FROM pg_attribute
		JOIN pg_class c ON c.oid = attrelid WHERE relnamespace = 'public'::regnamespace
	UNION ALL SELECT format('%s %s %s %s', tgrelid, tgname, tgenabled, tgfoid) FROM pg_trigger
	UNION ALL SELECT format('%s %s %s %s', conrelid, conname, contype, convalidated) FROM pg_constraint
	UNION ALL SELECT format('%s %s %s', indexrelid, indisvalid, indisunique) FROM pg_index
	UNION ALL SELECT format('%s %s', oid, prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
	UNION ALL SELECT extname FROM pg_extension
	UNION ALL SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%'
	UNION ALL SELECT setconfig::text FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
		WHERE datname = current_database()) x`

// learn reads from the model what a database is emptied to.
func (m *model) learn(ctx context.Context, db *sql.DB) error {
	if err := db.QueryRowContext(ctx, `SELECT (`+schemaOf+`), pg_database_size(current_database())`).Scan(&m.schema, &m.size); err != nil {
		return err
	}
	const begun = `SELECT json_object_agg(quote_ident(sequencename), last_value)::text FROM pg_sequences
		WHERE schemaname = 'public' AND last_value IS NOT NULL`
	if err := db.QueryRowContext(ctx, begun).Scan(&m.counts); err != nil {
		return err
	}
	var tables []string
	const names = `SELECT json_agg(oid::regclass::text) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`
	var list []byte
	if err := db.QueryRowContext(ctx, names).Scan(&list); err != nil {
		return err
	}
	if err := json.Unmarshal(list, &tables); err != nil {
		return err
	}
	m.rows = map[string]string{}
	for _, table := range tables {
		var rows sql.NullString
		if err := db.QueryRowContext(ctx, `SELECT json_agg(t)::text FROM `+table+` t`).Scan(&rows); err != nil {
			return err
		}
		if rows.Valid {
			m.rows[table] = rows.String
		}
	}
	return nil
}

// clean makes a database as new, in place. An error says that it is not: it
// cannot be used again.
func (m *model) clean(address string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	db, err := sql.Open("pgx", address)
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	const alone = `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid()`
	if _, err := db.ExecContext(ctx, alone); err != nil {
		return err
	}
	var now model
	if err := db.QueryRowContext(ctx, `SELECT (`+schemaOf+`), pg_database_size(current_database())`).Scan(&now.schema, &now.size); err != nil {
		return err
	}
	if now.schema != m.schema || now.size > m.size+most {
		return errors.New("not worth it")
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	// Without the triggers that let nothing be deleted.
	const empty = `DO $$ DECLARE x record; BEGIN
		SET LOCAL session_replication_role = replica;
		FOR x IN SELECT oid::regclass AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
			EXECUTE format('DELETE FROM %s', x.name);
		END LOOP;
		FOR x IN SELECT seqrelid::regclass AS name, seqstart FROM pg_sequence LOOP
			PERFORM setval(x.name, x.seqstart, false);
		END LOOP;
	END $$`
	if _, err := tx.ExecContext(ctx, empty); err != nil {
		return err
	}
	for table, rows := range m.rows {
		refill := `INSERT INTO ` + table + ` OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::` + table + `, $1)`
		if _, err := tx.ExecContext(ctx, refill, rows); err != nil {
			return err
		}
	}
	const count = `SELECT setval(key::regclass, value::bigint) FROM json_each_text($1)`
	if _, err := tx.ExecContext(ctx, count, m.counts); err != nil {
		return err
	}
	return tx.Commit()
}

// most is how much a database may have grown to be emptied: the room is not
// given back.
const most = 8 << 20
