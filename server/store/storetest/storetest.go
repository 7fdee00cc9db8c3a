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
	if err := errors.Join(s.Migrate(context.Background()), s.Close()); err != nil {
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

// PostgresURL makes a database that is dropped after the test. Its schema is
// up to date: it is a copy of one that was migrated once per test program.
func PostgresURL(t testing.TB) string {
	t.Helper()
	admin := Server(t)
	from, err := template(admin)
	require.NoError(t, err)
	name := "quandesk_test_" + random()
	db := connect(t, admin)
	defer db.Close()
	_, err = db.ExecContext(t.Context(), "CREATE DATABASE "+name+" TEMPLATE "+from)
	require.NoError(t, err)
	t.Cleanup(func() { drop(t, admin, name) })
	return with(admin, name)
}

// PostgresURLIn makes an empty database with another locale, as CREATE
// DATABASE has it, that is dropped after the test.
func PostgresURLIn(t testing.TB, locale string) string {
	t.Helper()
	admin := Server(t)
	name := "quandesk_test_" + random()
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
	admin := os.Getenv("TEST_POSTGRES_URL")
	if admin == "" {
		admin = DefaultPostgres
	}
	if err := ping(admin); err != nil {
		if os.Getenv("REQUIRE_SERVICES") == "1" {
			t.Fatalf("PostgreSQL is required and does not answer: %v", err)
		}
		t.Skip("PostgreSQL does not answer at TEST_POSTGRES_URL or on its default port")
	}
	return admin
}

var migrated struct {
	once sync.Once
	name string
	err  error
}

// template migrates one database per test program to copy from.
func template(admin string) (string, error) {
	migrated.once.Do(func() { migrated.name, migrated.err = migrate(admin) })
	return migrated.name, migrated.err
}

func migrate(admin string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	db, err := sql.Open("pgx", admin)
	if err != nil {
		return "", err
	}
	defer db.Close()
	dropOld(ctx, db)
	name := templatePrefix + time.Now().UTC().Format("20060102150405") + "_" + random()
	if _, err := db.ExecContext(ctx, "CREATE DATABASE "+name); err != nil {
		return "", err
	}
	s, err := store.Open(ctx, store.Options{URL: with(admin, name)})
	if err != nil {
		return "", err
	}
	defer s.Close()
	return name, s.Migrate(ctx)
}

const templatePrefix = "quandesk_template_"

// dropOld removes the templates that earlier test programs left: nothing
// tells the last test of a program that it is the last.
func dropOld(ctx context.Context, db *sql.DB) {
	rows, err := db.QueryContext(ctx, `SELECT datname FROM pg_database WHERE datname LIKE 'quandesk\_template\_%'`)
	if err != nil {
		return
	}
	var old []string
	limit := time.Now().UTC().Add(-time.Hour).Format("20060102150405")
	for rows.Next() {
		var name string
		if rows.Scan(&name) == nil && strings.TrimPrefix(name, templatePrefix) < limit {
			old = append(old, name)
		}
	}
	rows.Close()
	for _, name := range old {
		_, _ = db.ExecContext(ctx, "DROP DATABASE IF EXISTS "+name) // another program may have been faster
	}
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
