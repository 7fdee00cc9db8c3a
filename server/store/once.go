package store

import (
	"bytes"
	"context"
	"time"
)

// pendingFor is how long a request under an idempotency key may take; nobody
// waits longer for an answer.
const pendingFor = time.Minute

// Begin takes an idempotency key for a request that is about to be done, in
// one statement, so that one of two processes gets it. answered is true when
// it was done before. The error is ErrKeyReused when the key came with another
// request, ErrKeyBusy while it is being done, and ErrKeyInDoubt when whoever
// did it vanished: only a person can look whether it was done.
func (s *Store) Begin(ctx context.Context, userID int64, key string, request []byte) (status int, body []byte, answered bool, err error) {
	const take = `INSERT INTO remembered (user_id, key, request, status, body, created_at)
		VALUES ($1, $2, $3, 0, $4, $5) ON CONFLICT (user_id, key) DO NOTHING`
	const look = `SELECT request, status, body, created_at FROM remembered WHERE user_id = $1 AND key = $2`
	err = s.Atomically(ctx, func(s *Store) error {
		now := s.Now()
		res, err := s.tx.ExecContext(ctx, take, userID, key, request, []byte{}, ms(now))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 1 {
			return err
		}
		var before []byte
		var created int64
		if err := s.tx.QueryRowContext(ctx, look, userID, key).Scan(&before, &status, &body, &created); err != nil {
			return err
		}
		switch {
		case !bytes.Equal(before, request):
			return ErrKeyReused
		case status == 0 && now.Sub(at(created)) < pendingFor:
			return ErrKeyBusy
		case status == 0:
			return ErrKeyInDoubt
		}
		answered = true
		return nil
	})
	return status, body, answered, err
}

// Finish keeps what was answered under an idempotency key for a day.
func (s *Store) Finish(ctx context.Context, userID int64, key string, status int, body []byte) error {
	const q = `UPDATE remembered SET status = $1, body = $2 WHERE user_id = $3 AND key = $4 AND status = 0`
	return s.exec(ctx, "remember answer", q, status, body, userID, key)
}

// Forget gives an idempotency key back: nothing was done under it.
func (s *Store) Forget(ctx context.Context, userID int64, key string) error {
	return s.exec(ctx, "forget request", `DELETE FROM remembered WHERE user_id = $1 AND key = $2 AND status = 0`, userID, key)
}

// Why a request under an idempotency key must not be done.
var (
	ErrKeyReused  error = keyReused{}
	ErrKeyBusy    error = keyBusy{}
	ErrKeyInDoubt error = keyInDoubt{}
)

type (
	keyReused  struct{}
	keyBusy    struct{}
	keyInDoubt struct{}
)

func (keyReused) Error() string  { return "store: idempotency key was used for another request" }
func (keyBusy) Error() string    { return "store: the request is being done" }
func (keyInDoubt) Error() string { return "store: the request was begun and never finished" }

// KeyReused lets callers tell this error without knowing this package.
func (keyReused) KeyReused() bool { return true }

// Busy lets callers tell this error without knowing this package.
func (keyBusy) Busy() bool { return true }

// InDoubt lets callers tell this error without knowing this package.
func (keyInDoubt) InDoubt() bool { return true }
