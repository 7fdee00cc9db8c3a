// Package jobs does what follows a commit: answers residents, delivers
// messages, sweeps the clocks. Jobs are rows of River, written in the
// transaction of what they belong to; their arguments are ids, and each may
// run twice.
package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"quandesk/server/store"
)

// Measured: with River's default of one second a queue drains about 1,000
// jobs a second and a resident waits half a second for nothing.
const (
	pollEvery = 100 * time.Millisecond
	cooldown  = 20 * time.Millisecond
	jobLimit  = 30 * time.Second // of one job
	rescue    = 2 * time.Minute  // must exceed jobLimit
	attempts  = 5
	keepDone  = 5 * time.Minute
	keepLost  = 24 * time.Hour
	pgPool    = 6
	softStop  = 10 * time.Second
	// SQLite has one writer: more workers would only stand in the way of
	// the messages that come in.
	workersLite, workersPG = 4, 16
)

// AnswerArgs asks to answer a conversation.
type AnswerArgs struct {
	ConversationID int64 `json:"conversation_id"`
}

// Kind implements river.JobArgs.
func (AnswerArgs) Kind() string { return string(store.AnswerJob) }

// DeliverArgs asks to hand a message to its channel.
type DeliverArgs struct {
	MessageID int64 `json:"message_id"`
}

// Kind implements river.JobArgs.
func (DeliverArgs) Kind() string { return string(store.DeliverJob) }

// NoticeArgs asks to tell a resident of WeChat that something waits.
type NoticeArgs struct {
	NoticeID int64 `json:"notice_id"`
}

// Kind implements river.JobArgs.
func (NoticeArgs) Kind() string { return string(store.NoticeJob) }

// ReportArgs asks to tell 12345 what was done with an order.
type ReportArgs struct {
	OutwardID int64 `json:"outward_id"`
}

// Kind implements river.JobArgs.
func (ReportArgs) Kind() string { return string(store.ReportJob) }

// Queue is River on the store's own database.
type Queue struct {
	insert func(ctx context.Context, tx *store.Tx, params []river.InsertManyParams) error
	start  func(ctx context.Context) error
	stop   func(ctx context.Context) error
	close  func()
}

// Work is what the jobs do. Nil work leaves the jobs to other processes.
type Work struct {
	Answer  *Answerer
	Deliver *Deliverer
	Notify  *Notifier // nil: there is no WeChat account
	// Waiting is how many answers may wait for a model at the same time: so
	// many workers more, and nobody else waits behind them.
	Waiting int
	Report  *Reporter // nil: 12345 is told by people
}

// NewQueue makes the queue on the database of the store, migrating River's
// own tables. url is the PostgreSQL address; SQLite uses the store's writer.
func NewQueue(ctx context.Context, s *store.Store, url string, w *Work, log *slog.Logger) (*Queue, error) {
	if s.Engine() == store.SQLite {
		driver := riversqlite.New(s.DB())
		if err := migrate(ctx, driver, log); err != nil {
			return nil, err
		}
		return assemble(driver, w, log, true, func(tx *store.Tx, f func(*sql.Tx) error) error { return f(tx.Tx) }, func() {})
	}
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	cfg.MaxConns = pgPool
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	driver := riverpgxv5.New(pool)
	if err := migrateAlone(ctx, pool, driver, log); err != nil {
		pool.Close()
		return nil, err
	}
	inside := func(tx *store.Tx, f func(pgx.Tx) error) error {
		return tx.Raw(func(c *pgx.Conn) error { return f(&joined{conn: c}) })
	}
	return assemble(driver, w, log, false, inside, pool.Close)
}

func assemble[T any](driver riverdriver.Driver[T], w *Work, log *slog.Logger, poll bool,
	inside func(*store.Tx, func(T) error) error, closed func()) (*Queue, error) {
	client, err := river.NewClient(driver, config(w, log, poll))
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	q := &Queue{stop: client.Stop, close: closed}
	q.start = func(ctx context.Context) error {
		if w == nil {
			return nil
		}
		return client.Start(ctx)
	}
	q.insert = func(ctx context.Context, tx *store.Tx, params []river.InsertManyParams) error {
		return inside(tx, func(t T) error {
			_, err := client.InsertManyTx(ctx, t, params)
			return err
		})
	}
	return q, nil
}

// migrateAlone makes processes that start together wait for each other.
func migrateAlone(ctx context.Context, pool *pgxpool.Pool, driver *riverpgxv5.Driver, log *slog.Logger) error {
	return pool.AcquireFunc(ctx, func(c *pgxpool.Conn) error {
		const name = `hashtextextended('migrate queue', 0)`
		if _, err := c.Exec(ctx, `SELECT pg_advisory_lock(`+name+`)`); err != nil {
			return fmt.Errorf("migrate queue: %w", err)
		}
		err := migrate(ctx, driver, log)
		if _, failed := c.Exec(ctx, `SELECT pg_advisory_unlock(`+name+`)`); failed != nil {
			return errors.Join(err, failed)
		}
		return err
	})
}

func migrate[T any](ctx context.Context, driver riverdriver.Driver[T], log *slog.Logger) error {
	m, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: quiet(log)})
	if err != nil {
		return fmt.Errorf("queue: %w", err)
	}
	state, err := m.Validate(ctx, nil)
	if err == nil && state.OK {
		return nil
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate queue: %w", err)
	}
	return nil
}

func config(w *Work, log *slog.Logger, poll bool) *river.Config {
	c := &river.Config{
		Logger: quiet(log), MaxAttempts: attempts, JobTimeout: jobLimit, RescueStuckJobsAfter: rescue,
		CompletedJobRetentionPeriod: keepDone, DiscardedJobRetentionPeriod: keepLost, SoftStopTimeout: softStop,
	}
	if w == nil {
		return c
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &answerWorker{answerer: w.Answer})
	river.AddWorker(workers, &deliverWorker{deliverer: w.Deliver})
	river.AddWorker(workers, &noticeWorker{notifier: w.Notify})
	river.AddWorker(workers, &reportWorker{reporter: w.Report})
	c.Workers, c.ErrorHandler = workers, &giveUp{store: w.Answer.Store, log: log}
	c.PollOnly = poll
	n := workersPG
	if poll {
		n = workersLite
	}
	n += w.Waiting
	c.FetchPollInterval, c.FetchCooldown = pollEvery, cooldown
	c.Queues = map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: n}}
	return c
}

// quiet lets River speak of what goes wrong only.
func quiet(log *slog.Logger) *slog.Logger {
	return slog.New(atLeast{log.Handler(), slog.LevelWarn})
}

type atLeast struct {
	slog.Handler
	level slog.Level
}

// Enabled implements slog.Handler.
func (h atLeast) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= h.level && h.Handler.Enabled(ctx, l)
}

// unfinished are the states of a job that has yet to be done.
var unfinished = []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning,
	rivertype.JobStateRetryable, rivertype.JobStateScheduled,
}

// Insert implements store.Jobs.
func (q *Queue) Insert(ctx context.Context, tx *store.Tx, jobs []store.Job) error {
	params := make([]river.InsertManyParams, len(jobs))
	for i, j := range jobs {
		switch j.Kind {
		case store.AnswerJob:
			params[i].Args = AnswerArgs{ConversationID: j.ID}
		case store.DeliverJob:
			params[i].Args = DeliverArgs{MessageID: j.ID}
		case store.NoticeJob:
			params[i].Args = NoticeArgs{NoticeID: j.ID}
		case store.ReportJob:
			params[i].Args = ReportArgs{OutwardID: j.ID}
		}
		params[i].InsertOpts = &river.InsertOpts{ScheduledAt: j.At}
		if j.Once {
			params[i].InsertOpts.UniqueOpts = river.UniqueOpts{ByArgs: true, ByState: unfinished}
		}
	}
	return q.insert(ctx, tx, params)
}

// Start begins to work.
func (q *Queue) Start(ctx context.Context) error { return q.start(ctx) }

// Stop lets running jobs finish and stops; the queue's own connections are closed.
func (q *Queue) Stop(ctx context.Context) error {
	err := q.stop(ctx)
	q.close()
	return err
}
