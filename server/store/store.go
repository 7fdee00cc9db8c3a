// Package store keeps everything the desk knows in one SQL database: SQLite
// for the embedded default, PostgreSQL in production, one body of SQL for
// both. It implements the Store and Views interfaces of tickets, channels,
// channels/webchat, kb and server/auth.
//
// Every write is one transaction: rows, events, audit and jobs commit
// together or not at all. Live topics are told after the commit.
package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // the sqlite driver
)

// Engine is which database answers.
type Engine string

// The engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// Options say where the database is.
type Options struct {
	URL  string // postgres://…; empty means SQLite in Dir
	Dir  string // the data folder; made when missing
	Log  *slog.Logger
	Pool int // connections to PostgreSQL, 0 means 16
	// Wait is how long another process may be writing to the SQLite file before
	// that is an error, 0 means 3 s.
	Wait time.Duration
}

// Store is the database, or a transaction in it (Atomically).
type Store struct {
	*shared
	tx *Tx // nil outside a transaction
}

type shared struct {
	engine    Engine
	writer    *sql.DB // SQLite: one connection; PostgreSQL: the pool
	reader    *sql.DB
	log       *slog.Logger
	clock     *clock
	receipts  *receiver
	jobs      Jobs
	seal      *seal // nil: nothing is closed
	tell      func([]Topic)
	importing sync.Mutex // a file of 12345
	pulse     struct {   // when Ready wrote last
		sync.Mutex
		at time.Time
	}
}

// Topic is something whose live pages have to look again.
type Topic struct {
	Name    string // conversation:ID, ticket:NO, desk, notices:AUDIENCE
	Version int64
}

// Tx is one transaction, with what has to follow its commit.
type Tx struct {
	*sql.Tx
	conn   *sql.Conn
	topics []Topic
	jobs   []Job
}

// Job is work that has to follow a commit.
type Job struct {
	Kind JobKind
	ID   int64     // of the conversation, message or notice
	At   time.Time // zero: at once
	Once bool      // not while one that was asked for like this has yet to be done
}

// JobKind names what a Job does.
type JobKind string

// The jobs the store asks for.
const (
	AnswerJob  JobKind = "answer"  // answer the unanswered messages of a conversation
	DeliverJob JobKind = "deliver" // hand a message to its channel
	NoticeJob  JobKind = "notice"  // tell a resident of WeChat that something waits
	ReportJob  JobKind = "report"  // tell 12345 what was done with an order
)

// Jobs is the queue. Insert writes the jobs inside the transaction.
type Jobs interface {
	Insert(ctx context.Context, tx *Tx, jobs []Job) error
}

// Raw gives the driver's connection of the transaction to f: pgx on
// PostgreSQL. The transaction must not be ended there.
func (t *Tx) Raw(f func(*pgx.Conn) error) error {
	return t.conn.Raw(func(c any) error {
		conn, ok := c.(*stdlib.Conn)
		if !ok {
			return errors.New("store: not a PostgreSQL connection")
		}
		return f(conn.Conn())
	})
}

// Open connects to the database; it does not migrate. Close it.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	sh := &shared{log: o.Log, tell: func([]Topic) {}}
	var err error
	if o.URL == "" {
		err = sh.openSQLite(o)
	} else {
		err = sh.openPostgres(o)
	}
	if err != nil {
		return nil, err
	}
	s := &Store{shared: sh}
	if err := sh.ready(ctx); err != nil {
		s.Close()
		return nil, fmt.Errorf("open database: %w", err)
	}
	sh.clock = newClock(sh)
	if err := sh.clock.Sync(ctx); err != nil {
		s.Close()
		return nil, fmt.Errorf("open database: %w", err)
	}
	sh.receipts = newReceiver(s)
	return s, nil
}

func (s *shared) openSQLite(o Options) error {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	s.engine = SQLite
	dsn := "file:" + filepath.Join(o.Dir, "quandesk.db") +
		"?_pragma=busy_timeout(" + strconv.FormatInt(cmp.Or(o.Wait, 3*time.Second).Milliseconds(), 10) + ")&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
		"&_pragma=foreign_keys(1)&_pragma=temp_store(MEMORY)"
	var err error
	if s.writer, err = sql.Open("sqlite", dsn+"&_txlock=immediate"); err != nil {
		return fmt.Errorf("open sqlite: %w", err)
	}
	// One writer: several would only wait for each other, up to a second at p99.
	s.writer.SetMaxOpenConns(1)
	if s.reader, err = sql.Open("sqlite", dsn+"&_pragma=query_only(1)"); err != nil {
		return fmt.Errorf("open sqlite: %w", err)
	}
	readers := max(4, runtime.NumCPU())
	s.reader.SetMaxOpenConns(readers)
	s.reader.SetMaxIdleConns(readers)
	return nil
}

func (s *shared) openPostgres(o Options) error {
	cfg, err := pgx.ParseConfig(o.URL)
	if err != nil {
		return errors.New("HUB_DATABASE_URL is not a PostgreSQL address") // the error would show the password
	}
	s.engine = Postgres
	cfg.ConnectTimeout = 3 * time.Second
	// A process that vanishes in a transaction would hold its locks for hours.
	cfg.RuntimeParams["idle_in_transaction_session_timeout"] = "15000"
	s.writer = stdlib.OpenDB(*cfg)
	n := o.Pool
	if n == 0 {
		n = 16
	}
	s.writer.SetMaxOpenConns(n)
	s.writer.SetMaxIdleConns(n)
	s.reader = s.writer
	return nil
}

// Engine tells which database answers.
func (s *Store) Engine() Engine { return s.engine }

// DB is the writing pool, for the migrations and the job queue.
func (s *Store) DB() *sql.DB { return s.writer }

// Use connects the store with the queue and the live topics. Call it once,
// before the first write that needs them.
func (s *Store) Use(jobs Jobs, tell func([]Topic)) {
	s.jobs = jobs
	if tell != nil {
		s.tell = tell
	}
}

// Close ends the pools. Receives that wait are refused.
func (s *Store) Close() error {
	if s.receipts != nil {
		s.receipts.close()
	}
	if s.reader == s.writer {
		return s.writer.Close()
	}
	return errors.Join(s.reader.Close(), s.writer.Close())
}

// Ready reports whether the database can serve within the context's time:
// read, and write durably. A full disk answers every read.
func (s *Store) Ready(ctx context.Context) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	s.pulse.Lock()
	defer s.pulse.Unlock()
	if now := time.Now(); now.Sub(s.pulse.at) > pulseEvery {
		if err := s.SetSetting(ctx, "pulse", now.UTC().Format(time.RFC3339)); err != nil {
			return err
		}
		s.pulse.at = now
	}
	return nil
}

// pulseEvery is how long a write that went well stands for the next ones.
const pulseEvery = 2 * time.Second

func (s *shared) ready(ctx context.Context) error {
	if err := s.reader.PingContext(ctx); err != nil {
		return wrap(err)
	}
	if s.engine == SQLite {
		return nil
	}
	var commit string
	if err := s.reader.QueryRowContext(ctx, `SHOW synchronous_commit`).Scan(&commit); err != nil {
		return wrap(err)
	}
	if commit == "off" {
		// Measured: acknowledged messages are lost in a crash with it.
		return errors.New("synchronous_commit is off: what is acknowledged may be lost; switch it on")
	}
	return nil
}

// retries is how often a transaction is tried that lost against another.
const retries = 4

// Atomically runs f in one transaction. Inside one already, it joins it.
// f may run several times when transactions collide, so it must change
// nothing but the database through the store it is given.
func (s *Store) Atomically(ctx context.Context, f func(*Store) error) error {
	if s.tx != nil {
		return f(s)
	}
	var err error
	for try := range retries {
		if try > 0 {
			pause := time.Duration(1+rand.IntN(10*try)) * time.Millisecond
			select {
			case <-time.After(pause):
			case <-ctx.Done():
				return wrap(ctx.Err())
			}
		}
		if err = s.once(ctx, f); !collided(err) {
			break
		}
	}
	return wrap(err)
}

func (s *Store) once(ctx context.Context, f func(*Store) error) error {
	conn, err := s.writer.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	raw, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer raw.Rollback()
	tx := &Tx{Tx: raw, conn: conn}
	if err := f(&Store{shared: s.shared, tx: tx}); err != nil {
		return err
	}
	if len(tx.jobs) > 0 && s.jobs != nil {
		if err := s.jobs.Insert(ctx, tx, tx.jobs); err != nil {
			return fmt.Errorf("insert jobs: %w", err)
		}
	}
	if err := raw.Commit(); err != nil {
		return err
	}
	if len(tx.topics) > 0 {
		s.tell(tx.topics)
	}
	return nil
}

// queryer is a pool or a transaction.
type queryer interface {
	ExecContext(ctx context.Context, q string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, q string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, q string, args ...any) *sql.Row
}

// read is where reads go: the transaction, or the pool of readers.
func (s *Store) read() queryer {
	if s.tx != nil {
		return s.tx
	}
	return s.reader
}

func (s *Store) touch(name string, version int64) {
	s.tx.topics = append(s.tx.topics, Topic{Name: name, Version: version})
}

func (s *Store) later(j Job) { s.tx.jobs = append(s.tx.jobs, j) }

// forUpdate is the locking clause of the engine; SQLite has one writer anyway.
func (s *Store) forUpdate() string {
	if s.engine == Postgres {
		return " FOR UPDATE"
	}
	return ""
}

// alone lets one transaction at a time go on under a name: it counts what is
// there and then writes. SQLite has one writer anyway.
func (s *Store) alone(ctx context.Context, name string) error {
	if s.engine == SQLite {
		return nil
	}
	_, err := s.tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, name)
	return err
}
