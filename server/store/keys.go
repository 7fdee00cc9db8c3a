package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"quandesk/server/auth"
)

const keyColumns = `id, name, scope, made_by, made_by_name, created_at, used_at, revoked_at`

func scanKey(row interface{ Scan(...any) error }) (auth.Key, error) {
	var k auth.Key
	var created, used, revoked int64
	err := row.Scan(&k.ID, &k.Name, &k.Scope, &k.MadeBy.ID, &k.MadeBy.Name, &created, &used, &revoked)
	if err == sql.ErrNoRows {
		return k, auth.ErrKey
	}
	k.CreatedAt, k.UsedAt, k.RevokedAt = at(created), at(used), at(revoked)
	return k, err
}

// PutKey stores a new key by its hash.
func (s *Store) PutKey(ctx context.Context, hash []byte, k auth.Key) (auth.Key, error) {
	const q = `INSERT INTO api_keys (name, scope, key_hash, made_by, made_by_name, created_at)
		VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`
	err := s.Atomically(ctx, func(s *Store) error {
		return s.tx.QueryRowContext(ctx, q, k.Name, string(k.Scope), hash, k.MadeBy.ID, k.MadeBy.Name, ms(k.CreatedAt)).Scan(&k.ID)
	})
	return k, err
}

// KeyByHash finds a key. auth.ErrKey when there is none.
func (s *Store) KeyByHash(ctx context.Context, hash []byte) (auth.Key, error) {
	const q = `SELECT ` + keyColumns + ` FROM api_keys WHERE key_hash = $1`
	k, err := scanKey(s.read().QueryRowContext(ctx, q, hash))
	return k, wrap(err)
}

// Keys lists every key, newest first.
func (s *Store) Keys(ctx context.Context) ([]auth.Key, error) {
	const q = `SELECT ` + keyColumns + ` FROM api_keys ORDER BY id DESC`
	rows, err := s.read().QueryContext(ctx, q)
	if err != nil {
		return nil, wrap(fmt.Errorf("list keys: %w", err))
	}
	defer rows.Close()
	var out []auth.Key
	for rows.Next() {
		k, err := scanKey(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	return out, rows.Err()
}

// RevokeKey ends a key; one that has ended keeps its time.
func (s *Store) RevokeKey(ctx context.Context, id int64, when time.Time) (k auth.Key, err error) {
	const q = `UPDATE api_keys SET revoked_at = CASE WHEN revoked_at = 0 THEN $1 ELSE revoked_at END
		WHERE id = $2 RETURNING ` + keyColumns
	err = s.Atomically(ctx, func(s *Store) error {
		k, err = scanKey(s.tx.QueryRowContext(ctx, q, ms(when), id))
		return err
	})
	return k, err
}

// TouchKey notes that a key was used.
func (s *Store) TouchKey(ctx context.Context, id int64, when time.Time) error {
	return s.exec(ctx, "touch key", `UPDATE api_keys SET used_at = $1 WHERE id = $2`, ms(when), id)
}
