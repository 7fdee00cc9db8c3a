package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"quandesk/channels/hotline12345"
	"quandesk/server/auth"
)

const userColumns = `u.id, u.username, u.name, u.role, u.department, u.duties, u.extension, u.disabled, u.created_at`

func scanUser(row interface{ Scan(...any) error }, more ...any) (auth.User, error) {
	var u auth.User
	var duties string
	var created int64
	to := append([]any{&u.ID, &u.Username, &u.Name, &u.Role, &u.Department, &duties, &u.Extension, &u.Disabled, &created}, more...)
	if err := row.Scan(to...); err != nil {
		return u, err
	}
	for _, d := range strings.Fields(duties) {
		u.Duties = append(u.Duties, auth.Duty(d))
	}
	u.CreatedAt = at(created)
	return u, nil
}

// UserByName loads an account with its password hash.
func (s *Store) UserByName(ctx context.Context, username string) (auth.User, string, error) {
	const q = `SELECT ` + userColumns + `, u.password_hash FROM users u WHERE u.username = $1`
	var hash string
	u, err := scanUser(s.read().QueryRowContext(ctx, q, username), &hash)
	if err == sql.ErrNoRows {
		return auth.User{}, "", auth.ErrLogin
	}
	return u, hash, wrap(err)
}

// PutUser makes the account, or changes the one of the same user name. An
// empty hash keeps the password; a new one ends every session of the account.
func (s *Store) PutUser(ctx context.Context, u auth.User, passwordHash string) (auth.User, error) {
	const q = `INSERT INTO users (username, name, role, department, duties, password_hash, disabled, created_at, extension)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (username) DO UPDATE SET
			name = excluded.name, role = excluded.role, department = excluded.department,
			duties = excluded.duties, disabled = excluded.disabled, extension = excluded.extension,
			password_hash = CASE WHEN excluded.password_hash = '' THEN users.password_hash ELSE excluded.password_hash END
		RETURNING id, created_at`
	duties := make([]string, len(u.Duties))
	for i, d := range u.Duties {
		duties[i] = string(d)
	}
	err := s.Atomically(ctx, func(s *Store) error {
		var created int64
		err := s.tx.QueryRowContext(ctx, q, u.Username, u.Name, u.Role, u.Department, strings.Join(duties, " "),
			passwordHash, u.Disabled, ms(s.Now()), u.Extension).Scan(&u.ID, &created)
		u.CreatedAt = at(created)
		if err != nil || passwordHash == "" {
			return err
		}
		_, err = s.tx.ExecContext(ctx, `DELETE FROM sessions WHERE user_id = $1`, u.ID)
		return err
	})
	if err != nil {
		return auth.User{}, fmt.Errorf("put user: %w", err)
	}
	return u, nil
}

// Users lists every account by name.
func (s *Store) Users(ctx context.Context) ([]auth.User, error) {
	const q = `SELECT ` + userColumns + ` FROM users u ORDER BY u.username`
	rows, err := s.read().QueryContext(ctx, q)
	if err != nil {
		return nil, wrap(fmt.Errorf("list users: %w", err))
	}
	defer rows.Close()
	var out []auth.User
	for rows.Next() {
		u, err := scanUser(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, u)
	}
	return out, rows.Err()
}

// OpenSession stores a login by the hash of its token.
func (s *Store) OpenSession(ctx context.Context, tokenHash []byte, x auth.Session) error {
	const q = `INSERT INTO sessions (token_hash, user_id, csrf, created_at, seen_at, ip)
		VALUES ($1, $2, $3, $4, $5, $6)`
	return s.exec(ctx, "open session", q, tokenHash, x.UserID, x.CSRF, ms(x.CreatedAt), ms(x.SeenAt), x.IP)
}

// Session loads a login and its user.
func (s *Store) Session(ctx context.Context, tokenHash []byte) (auth.Session, auth.User, error) {
	const q = `SELECT ` + userColumns + `, s.user_id, s.csrf, s.created_at, s.seen_at, s.ip
		FROM sessions s JOIN users u ON u.id = s.user_id
		WHERE s.token_hash = $1`
	var x auth.Session
	var created, seen int64
	u, err := scanUser(s.read().QueryRowContext(ctx, q, tokenHash), &x.UserID, &x.CSRF, &created, &seen, &x.IP)
	if err == sql.ErrNoRows {
		return x, u, auth.ErrSession
	}
	x.CreatedAt, x.SeenAt = at(created), at(seen)
	return x, u, wrap(err)
}

// TouchSession notes that the user was here.
func (s *Store) TouchSession(ctx context.Context, tokenHash []byte, when time.Time) error {
	return s.exec(ctx, "touch session", `UPDATE sessions SET seen_at = $1 WHERE token_hash = $2`, ms(when), tokenHash)
}

// CloseSession forgets a login.
func (s *Store) CloseSession(ctx context.Context, tokenHash []byte) error {
	return s.exec(ctx, "close session", `DELETE FROM sessions WHERE token_hash = $1`, tokenHash)
}

// Failures counts wrong logins since a time.
func (s *Store) Failures(ctx context.Context, username, ip string, since time.Time) (account, address int, err error) {
	const q = `SELECT
			(SELECT COUNT(*) FROM login_failures WHERE username = $1 AND at >= $2),
			(SELECT COUNT(*) FROM login_failures WHERE ip = $3 AND at >= $2)`
	err = s.read().QueryRowContext(ctx, q, username, ms(since), ip).Scan(&account, &address)
	return account, address, wrap(err)
}

// Failed notes a wrong login.
func (s *Store) Failed(ctx context.Context, username, ip string, when time.Time) error {
	const q = `INSERT INTO login_failures (username, ip, at) VALUES ($1, $2, $3)`
	return s.exec(ctx, "note failed login", q, username, ip, ms(when))
}

// Succeeded forgets the account's failures.
func (s *Store) Succeeded(ctx context.Context, username string) error {
	return s.exec(ctx, "forget failed logins", `DELETE FROM login_failures WHERE username = $1`, username)
}

// exec runs one statement in a transaction of its own, or in this one.
func (s *Store) exec(ctx context.Context, what, q string, args ...any) error {
	err := s.Atomically(ctx, func(s *Store) error {
		_, err := s.tx.ExecContext(ctx, q, args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// Within counts once more under a key and reports whether that was within most
// in the span; what was refused is not counted. It holds for all processes.
func (s *Store) Within(ctx context.Context, key string, most int, span time.Duration) (bool, error) {
	const count = `SELECT COUNT(*) FROM tallies WHERE key = $1 AND at > $2`
	const add = `INSERT INTO tallies (key, at) VALUES ($1, $2)`
	within := false
	err := s.Atomically(ctx, func(s *Store) error {
		if err := s.alone(ctx, "tally "+key); err != nil {
			return err
		}
		now := s.Now()
		var n int
		if err := s.tx.QueryRowContext(ctx, count, key, ms(now.Add(-span))).Scan(&n); err != nil {
			return err
		}
		if within = n < most; !within {
			return nil
		}
		_, err := s.tx.ExecContext(ctx, add, key, ms(now))
		return err
	})
	if err != nil {
		return false, fmt.Errorf("count: %w", err)
	}
	return within, nil
}

// retention of what is not evidence.
const (
	rememberFor = 24 * time.Hour
	failuresFor = 30 * 24 * time.Hour
	sessionsFor = 24 * time.Hour // longer than any session lives
	talliesFor  = 24 * time.Hour // longer than any span
	uploadsFor  = 24 * time.Hour // nobody imports yesterday's file unseen
	// pushesFor is longer than WeChat pushes anything again: what a resident
	// wrote stays, the reply as it was sent does not.
	pushesFor  = 3 * 24 * time.Hour
	lettersFor = 30 * 24 * time.Hour
)

// Tidy removes what has lapsed: sessions, login failures, remembered requests.
func (s *Store) Tidy(ctx context.Context) error {
	return s.Atomically(ctx, func(s *Store) error {
		now := s.Now()
		for _, d := range []struct {
			q   string
			age time.Duration
		}{
			{`DELETE FROM sessions WHERE created_at < $1`, sessionsFor},
			{`DELETE FROM login_failures WHERE at < $1`, failuresFor},
			{`DELETE FROM remembered WHERE created_at < $1`, rememberFor},
			{`DELETE FROM tallies WHERE at < $1`, talliesFor},
			{`DELETE FROM nonces WHERE created_at < $1`, hotline12345.NonceFor},
			{`UPDATE imports SET state = 'dropped', file = NULL WHERE state = 'read' AND created_at < $1`, uploadsFor},
			{`DELETE FROM wechat_pushes WHERE created_at < $1`, pushesFor},
			{`DELETE FROM wechat_dead_letters WHERE created_at < $1`, lettersFor},
			{`DELETE FROM wechat_visits WHERE created_at < $1`, rememberFor},
			{`DELETE FROM wechat_sessions WHERE created_at < $1`, wechatSessionsFor},
			{`DELETE FROM model_calls WHERE at < $1`, modelCallsFor},
			{`DELETE FROM model_alerts WHERE at < $1`, modelCallsFor},
			{`DELETE FROM content_incidents WHERE at < $1`, incidentsFor},
		} {
			if _, err := s.tx.ExecContext(ctx, d.q, ms(now.Add(-d.age))); err != nil {
				return fmt.Errorf("tidy: %w", err)
			}
		}
		return nil
	})
}
