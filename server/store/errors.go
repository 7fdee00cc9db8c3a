package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
	sqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"quandesk/tickets"
)

// UnavailableError says that the database cannot do it now: full, locked,
// away or too slow. Nothing was stored; trying again later is right.
type UnavailableError struct{ err error }

func (e *UnavailableError) Error() string { return "store: unavailable: " + e.err.Error() }

// Unwrap returns what the driver said.
func (e *UnavailableError) Unwrap() error { return e.err }

// Unavailable is true; it lets callers ask without knowing this package.
func (e *UnavailableError) Unavailable() bool { return true }

// wrap tells "not now" and "never with this input" from every other error.
func wrap(err error) error {
	var already *UnavailableError
	switch {
	case err == nil || errors.As(err, &already):
		return err
	case unavailable(err):
		return &UnavailableError{err}
	case unstorable(err):
		return fmt.Errorf("%w: %w", &tickets.InputError{Field: "text", Problem: tickets.Invalid}, err)
	}
	return err
}

// unstorable reports whether the input cannot be a value of the database at
// all: NUL, broken UTF-8, a number out of range (class 22 of PostgreSQL).
func unstorable(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code[:2] == "22"
}

func unavailable(err error) bool {
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		switch lite.Code() & 0xff {
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL,
			sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_INTERRUPT:
			return true
		}
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code[:2] {
		case "08", "40", "53", "57", "58": // connection, rollback, resources, operator, system
			return true
		}
		return pg.Code == "55P03" // lock not available
	}
	var dial *pgconn.ConnectError
	var netErr net.Error
	return errors.As(err, &dial) || errors.As(err, &netErr) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, driver.ErrBadConn) ||
		errors.Is(err, sql.ErrConnDone) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, errClosed)
}

var errClosed = errors.New("store: closed")

// collided reports whether the transaction lost against another and may be
// tried again: serialization failure or deadlock.
func collided(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}
