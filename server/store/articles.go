package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"quandesk/kb"
)

// Articles returns the newest version of every article.
func (s *Store) Articles(ctx context.Context) ([]kb.Article, error) {
	const q = `SELECT a.body, a.version, a.created_at FROM articles a
		JOIN (SELECT id, MAX(version) AS version FROM articles GROUP BY id) AS newest
			ON newest.id = a.id AND newest.version = a.version
		ORDER BY a.id`
	rows, err := s.read().QueryContext(ctx, q)
	if err != nil {
		return nil, wrap(fmt.Errorf("read articles: %w", err))
	}
	defer rows.Close()
	var out []kb.Article
	for rows.Next() {
		var a kb.Article
		var body string
		var version int
		var created int64
		if err := rows.Scan(&body, &version, &created); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(body), &a); err != nil {
			return nil, fmt.Errorf("read article: %w", err)
		}
		a.Version, a.UpdatedAt = version, at(created)
		out = append(out, a)
	}
	return out, rows.Err()
}

// PutArticle stores an article as its next version, unless the newest one
// says the same; it reports whether it did.
func (s *Store) PutArticle(ctx context.Context, a kb.Article) (bool, error) {
	const newest = `SELECT version, body FROM articles WHERE id = $1 ORDER BY version DESC LIMIT 1`
	const insert = `INSERT INTO articles (id, version, status, body, created_at) VALUES ($1, $2, $3, $4, $5)`
	body := articleBody(a)
	changed := false
	err := s.Atomically(ctx, func(s *Store) error {
		changed = false
		if err := s.alone(ctx, "article "+a.ID); err != nil {
			return err
		}
		var version int
		var before string
		err := s.tx.QueryRowContext(ctx, newest, a.ID).Scan(&version, &before)
		if err != nil && err != sql.ErrNoRows {
			return err
		}
		if before == body {
			return nil
		}
		changed = true
		_, err = s.tx.ExecContext(ctx, insert, a.ID, version+1, a.Status, body, ms(s.Now()))
		return err
	})
	if err != nil {
		return false, fmt.Errorf("put article: %w", err)
	}
	return changed, nil
}

// articleBody is what a version says, without its number and time.
func articleBody(a kb.Article) string {
	a.Version, a.UpdatedAt = 0, time.Time{}
	return asJSON(a)
}

// Setting returns a stored setting, "" when there is none.
func (s *Store) Setting(ctx context.Context, key string) (string, error) {
	var v string
	err := s.read().QueryRowContext(ctx, `SELECT value FROM settings WHERE key = $1`, key).Scan(&v)
	if err == sql.ErrNoRows {
		return "", nil
	}
	return v, wrap(err)
}

// SetSetting stores a setting.
func (s *Store) SetSetting(ctx context.Context, key, value string) error {
	const q = `INSERT INTO settings (key, value) VALUES ($1, $2)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value`
	return s.exec(ctx, "store setting", q, key, value)
}

// Digest returns what SetDigest stored last: which shipped articles the
// store has seen.
func (s *Store) Digest(ctx context.Context) (string, error) { return s.Setting(ctx, "kb.digest") }

// SetDigest remembers which shipped articles the store has seen.
func (s *Store) SetDigest(ctx context.Context, digest string) error {
	return s.SetSetting(ctx, "kb.digest", digest)
}
