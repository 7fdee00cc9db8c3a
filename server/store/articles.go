package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"quandesk/channels"
	"quandesk/kb"
)

const versionColumns = `a.version, a.status, a.body, a.created_at, a.origin, a.restores, a.author_id, a.author_name,
	a.reviewer_id, a.reviewer_name, a.reviewed_at, a.publisher_id, a.publisher_name, a.published_at`

func scanVersions(rows *sql.Rows, err error) ([]kb.Version, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []kb.Version
	for rows.Next() {
		v, err := scanVersion(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// scanVersion reads versionColumns after what comes before them.
func scanVersion(rows *sql.Rows, before ...any) (v kb.Version, err error) {
	var status kb.Status
	var body string
	var number int
	var created, reviewed, published int64
	if err := rows.Scan(append(before, &number, &status, &body, &created, &v.Origin, &v.Restores, &v.Author.ID, &v.Author.Name,
		&v.Reviewer.ID, &v.Reviewer.Name, &reviewed, &v.Publisher.ID, &v.Publisher.Name, &published)...); err != nil {
		return v, err
	}
	if err := json.Unmarshal([]byte(body), &v.Article); err != nil {
		return v, fmt.Errorf("read article: %w", err)
	}
	v.Status, v.Article.Version, v.UpdatedAt = status, number, at(created)
	v.ReviewedAt, v.PublishedAt = at(reviewed), at(published)
	return v, nil
}

// Articles returns the versions that residents may be told, now or when they
// come into force: of each article the newest first.
func (s *Store) Articles(ctx context.Context) ([]kb.Article, error) {
	const q = `SELECT ` + versionColumns + ` FROM articles a
		WHERE a.status = 'published'
		ORDER BY a.id, a.version DESC`
	list, err := scanVersions(s.read().QueryContext(ctx, q))
	if err != nil {
		return nil, wrap(fmt.Errorf("read articles: %w", err))
	}
	out := make([]kb.Article, len(list))
	for i, v := range list {
		out[i] = v.Article
	}
	return out, nil
}

// PutArticle stores an article that comes with the program; it reports
// whether anything was new.
func (s *Store) PutArticle(ctx context.Context, a kb.Article) (bool, error) {
	const shipped = `SELECT ` + versionColumns + ` FROM articles a
		WHERE a.id = $1 AND a.origin = 'shipped'
		ORDER BY a.version DESC LIMIT 1`
	changed := false
	err := s.Atomically(ctx, func(s *Store) error {
		if err := s.alone(ctx, knowledgeTopic); err != nil {
			return err
		}
		e, err := s.Entry(ctx, a.ID)
		if err != nil && !errors.Is(err, kb.ErrNotFound) {
			return err
		}
		before, err := scanVersions(s.tx.QueryContext(ctx, shipped, a.ID))
		if err != nil {
			return err
		}
		events := e.Ship(a, append(before, kb.Version{})[0], s.Now())
		if changed = len(events) > 0; !changed {
			return nil
		}
		return s.saveEntry(ctx, e, events, kb.Editor{})
	})
	if err != nil {
		return false, fmt.Errorf("put article: %w", err)
	}
	return changed, nil
}

// articleBody is what a version says, without its state, number and time.
func articleBody(a kb.Article) string {
	a.Status, a.Version, a.UpdatedAt = "", 0, time.Time{}
	return asJSON(a)
}

// Citable reports whether every article cited is one that residents may be
// told at this moment, in the version cited. What is cited besides articles,
// such as a notice, is its own proof.
func (s *Store) Citable(ctx context.Context, cited []channels.Citation) (bool, error) {
	const q = `SELECT ` + versionColumns + ` FROM articles a
		WHERE a.id = $1 AND a.version = $2 AND a.status = 'published'`
	for _, c := range cited {
		if !kb.ArticleID(c.ArticleID) {
			continue
		}
		found, err := scanVersions(s.read().QueryContext(ctx, q, c.ArticleID, c.Version))
		if err != nil {
			return false, wrap(fmt.Errorf("read cited article: %w", err))
		}
		if len(found) == 0 || !found[0].InForce(s.Now()) {
			return false, nil
		}
	}
	return true, nil
}

// KnowledgeRevision rises with every change of what residents may be told.
func (s *Store) KnowledgeRevision(ctx context.Context) (int64, error) {
	v, err := s.Setting(ctx, knowledgeRevision)
	if err != nil || v == "" {
		return 0, err
	}
	return strconv.ParseInt(v, 10, 64)
}

const knowledgeRevision = "kb.revision"

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
