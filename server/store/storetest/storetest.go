// Package storetest gives tests a fresh, migrated database of each engine:
// a SQLite file in the test's own folder, and a database of its own on
// PostgreSQL where one answers.
package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the pgx driver
	"github.com/stretchr/testify/require"

	"quandesk/server/store"
)

// DefaultPostgres is where PostgreSQL is looked for when TEST_POSTGRES_URL is not set.
const DefaultPostgres = "postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable"

// Each runs the test on SQLite and on PostgreSQL. Where PostgreSQL does not
// answer the second part is skipped, saying so; with REQUIRE_SERVICES=1 it
// fails.
func Each(t *testing.T, f func(t *testing.T, s *store.Store)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { f(t, Postgres(t)) })
}

// SQLite opens a fresh database file.
func SQLite(t testing.TB) *store.Store {
	t.Helper()
	return Open(t, store.Options{Dir: t.TempDir()})
}

// Postgres opens a fresh database.
func Postgres(t testing.TB) *store.Store {
	t.Helper()
	return Open(t, store.Options{URL: PostgresURL(t)})
}

// Open opens and migrates a store and closes it after the test. A new SQLite
// file is a copy of one that was migrated once per test program.
func Open(t testing.TB, o store.Options) *store.Store {
	t.Helper()
	if o.URL == "" {
		Lay(t, o.Dir)
	}
	s, err := store.Open(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { s.Close() })
	require.NoError(t, s.Migrate(t.Context()))
	return s
}

// Lay puts a fresh, migrated SQLite file into a data folder, if it has none
// yet: what a store or a program would make there itself, only sooner.
func Lay(t testing.TB, dir string) {
	t.Helper()
	file := filepath.Join(dir, "quandesk.db")
	if _, err := os.Stat(file); err == nil {
		return
	}
	data, err := blank()
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(dir, 0o700))
	require.NoError(t, os.WriteFile(file, data, 0o600))
}

// blank is a migrated SQLite file.
var blank = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "quandesk_template_")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	s, err := store.Open(context.Background(), store.Options{Dir: dir})
	if err != nil {
		return nil, err
	}
	// Closing the last connection writes the log into the file.
	if err := errors.Join(s.Migrate(context.Background()), s.Close(), prepare(store.Options{Dir: dir})); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, "quandesk.db"))
})

// URLs names an address of each engine for tests of whole programs: "" means
// SQLite.
func URLs(t *testing.T, f func(t *testing.T, databaseURL string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, "") })
	t.Run("postgres", func(t *testing.T) { f(t, PostgresURL(t)) })
}

// PostgresURLIn makes an empty database with another locale, as CREATE
// DATABASE has it, that is dropped after the test.
func PostgresURLIn(t testing.TB, locale string) string {
	t.Helper()
	admin := Server(t)
	name := testPrefix + stamp()
	db := connect(t, admin)
	defer db.Close()
	_, err := db.ExecContext(t.Context(), "CREATE DATABASE "+name+" TEMPLATE template0 "+locale)
	require.NoError(t, err)
	t.Cleanup(func() { drop(t, admin, name) })
	return with(admin, name)
}

// Server is the address of the PostgreSQL that tests may use; the test is
// skipped or fails when there is none.
func Server(t testing.TB) string {
	t.Helper()
	admin := address()
	if err := ping(admin); err != nil {
		if os.Getenv("REQUIRE_SERVICES") == "1" {
			t.Fatalf("PostgreSQL is required and does not answer: %v", err)
		}
		t.Skip("PostgreSQL does not answer at TEST_POSTGRES_URL or on its default port")
	}
	return admin
}

// template migrates one database per test program to copy from.
var template = sync.OnceValues(func() (*model, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	admin := address()
	db, err := sql.Open("pgx", admin)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	dropOld(ctx, db)
	m := &model{name: templatePrefix + stamp()}
	if _, err := db.ExecContext(ctx, "CREATE DATABASE "+m.name); err != nil {
		return nil, err
	}
	o := store.Options{URL: with(admin, m.name)}
	s, err := store.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if err := s.Migrate(ctx); err != nil {
		return nil, err
	}
	if err := prepare(o); err != nil {
		return nil, err
	}
	return m, m.learn(ctx, s.DB())
})

// prepare is done once to the database that those of an engine are copies of.
var prepare = func(store.Options) error { return nil }

// Prepare has f make more of the databases of this test program than migrated
// ones; f is called once for each engine. Call it before any test.
func Prepare(f func(store.Options) error) { prepare = f }

const templatePrefix, testPrefix = "quandesk_template_", "quandesk_test_"

// stamp makes a name that says when it was made.
func stamp() string { return time.Now().UTC().Format("20060102150405") + "_" + random() }

// dropOld removes the databases that earlier test programs left: nothing
// tells the last test of a program that it is the last.
func dropOld(ctx context.Context, db *sql.DB) {
	rows, err := db.QueryContext(ctx, `SELECT datname FROM pg_database WHERE datname LIKE 'quandesk\_te%'`)
	if err != nil {
		return
	}
	var old []string
	limit := time.Now().UTC().Add(-time.Hour).Format("20060102150405")
	for rows.Next() {
		var name string
		if rows.Scan(&name) != nil {
			continue
		}
		at := strings.TrimPrefix(strings.TrimPrefix(name, templatePrefix), testPrefix)
		if len(at) == len(stamp()) && at < limit {
			old = append(old, name)
		}
	}
	rows.Close()
	for _, name := range old {
		_, _ = db.ExecContext(ctx, "DROP DATABASE IF EXISTS "+name) // another program may have been faster
	}
}

func address() string {
	if admin := os.Getenv("TEST_POSTGRES_URL"); admin != "" {
		return admin
	}
	return DefaultPostgres
}

func ping(admin string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	db, err := sql.Open("pgx", admin)
	if err != nil {
		return err
	}
	defer db.Close()
	return db.PingContext(ctx)
}

func connect(t testing.TB, address string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", address)
	require.NoError(t, err)
	return db
}

func drop(t testing.TB, admin, name string) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	db := connect(t, admin)
	defer db.Close()
	if _, err := db.ExecContext(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
		t.Logf("drop test database: %v", err)
	}
}

func with(admin, name string) string {
	u, err := url.Parse(admin)
	if err != nil {
		return admin
	}
	u.Path = "/" + name
	return u.String()
}

func random() string {
	b := make([]byte, 6)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}
