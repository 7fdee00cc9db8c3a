package jobs

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// joined lets River write inside a transaction that the store began on the
// same connection. Only the store may end that transaction.
type joined struct {
	conn  *pgx.Conn
	depth int
}

var errNotOurs = errors.New("jobs: the store ends its transaction")

// Begin opens a savepoint.
func (j *joined) Begin(ctx context.Context) (pgx.Tx, error) {
	inner := &savepoint{joined{conn: j.conn, depth: j.depth + 1}, false}
	_, err := j.conn.Exec(ctx, fmt.Sprintf("SAVEPOINT jobs_%d", inner.depth))
	return inner, err
}

// Commit and Rollback are refused.
func (j *joined) Commit(context.Context) error   { return errNotOurs }
func (j *joined) Rollback(context.Context) error { return errNotOurs }

// CopyFrom implements pgx.Tx.
func (j *joined) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error) {
	return j.conn.CopyFrom(ctx, table, columns, rows)
}

// SendBatch implements pgx.Tx.
func (j *joined) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	return j.conn.SendBatch(ctx, b)
}

// LargeObjects implements pgx.Tx; River has no use for it.
func (j *joined) LargeObjects() pgx.LargeObjects { return pgx.LargeObjects{} }

// Prepare implements pgx.Tx.
func (j *joined) Prepare(ctx context.Context, name, sql string) (*pgconn.StatementDescription, error) {
	return j.conn.Prepare(ctx, name, sql)
}

// Exec implements pgx.Tx.
func (j *joined) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	return j.conn.Exec(ctx, sql, args...)
}

// Query implements pgx.Tx.
func (j *joined) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return j.conn.Query(ctx, sql, args...)
}

// QueryRow implements pgx.Tx.
func (j *joined) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return j.conn.QueryRow(ctx, sql, args...)
}

// Conn implements pgx.Tx.
func (j *joined) Conn() *pgx.Conn { return j.conn }

// savepoint is a part of the transaction that can be undone on its own.
type savepoint struct {
	joined
	ended bool
}

// Commit keeps what was done since the savepoint.
func (s *savepoint) Commit(ctx context.Context) error { return s.end(ctx, "RELEASE SAVEPOINT") }

// Rollback undoes it.
func (s *savepoint) Rollback(ctx context.Context) error { return s.end(ctx, "ROLLBACK TO SAVEPOINT") }

func (s *savepoint) end(ctx context.Context, how string) error {
	if s.ended {
		return pgx.ErrTxClosed
	}
	s.ended = true
	_, err := s.conn.Exec(ctx, fmt.Sprintf("%s jobs_%d", how, s.depth))
	return err
}
