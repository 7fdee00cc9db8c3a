package store

import (
	"context"
	"database/sql"
	"fmt"
	"sync/atomic"
	"time"
)

// clock follows the clock of the database, so that every process computes
// and sweeps deadlines on the same time however wrong its own is.
type clock struct {
	db     *shared
	offset atomic.Int64 // database minus local, nanoseconds
	fake   atomic.Pointer[func() time.Time]
}

func newClock(db *shared) *clock { return &clock{db: db} }

// Now is the time of the database clock, in milliseconds.
func (s *Store) Now() time.Time { return s.clock.now() }

func (c *clock) now() time.Time {
	if f := c.fake.Load(); f != nil {
		return (*f)().Truncate(time.Millisecond)
	}
	return time.Now().Add(time.Duration(c.offset.Load())).Truncate(time.Millisecond)
}

// SetClock replaces the clock of the database; nil restores it. For tests
// and drills.
func (s *Store) SetClock(now func() time.Time) {
	if now == nil {
		s.clock.fake.Store(nil)
		return
	}
	s.clock.fake.Store(&now)
}

// SyncClock measures the clock of the database anew and returns how far it
// is ahead of this process.
func (s *Store) SyncClock(ctx context.Context) (time.Duration, error) {
	if err := s.clock.Sync(ctx); err != nil {
		return 0, err
	}
	return time.Duration(s.clock.offset.Load()), nil
}

// Sync reads the database clock. SQLite lives in this process and has ours.
func (c *clock) Sync(ctx context.Context) error {
	if c.db.engine == SQLite {
		return nil
	}
	conn, err := c.db.reader.Conn(ctx) // waiting for one says nothing about the clock
	if err != nil {
		return wrap(fmt.Errorf("read the database clock: %w", err))
	}
	defer conn.Close()
	for range readings {
		offset, took, err := reading(ctx, conn)
		if err != nil {
			return wrap(fmt.Errorf("read the database clock: %w", err))
		}
		if took <= slowest {
			c.offset.Store(int64(offset))
			return nil
		}
	}
	return wrap(fmt.Errorf("read the database clock: slower than %v: %w", slowest, context.DeadlineExceeded))
}

const (
	// slowest is how long a reading may take to be believed: it is wrong by up
	// to half of that, and a breach that fires early is never erased.
	slowest  = time.Second
	readings = 3
)

// reading measures how far the database clock is ahead, and how long that took.
func reading(ctx context.Context, conn *sql.Conn) (offset, took time.Duration, err error) {
	const q = `SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint`
	var there int64
	before := time.Now()
	if err := conn.QueryRowContext(ctx, q).Scan(&there); err != nil {
		return 0, 0, err
	}
	took = time.Since(before)
	return time.UnixMilli(there).Sub(before.Add(took / 2)), took, nil
}
