package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"quandesk/kb"
	"quandesk/server/auth"
	"quandesk/tickets"
)

// knowledgeTopic is told when what residents may be told has changed.
const knowledgeTopic = "knowledge"

const entryColumns = `k.id, k.head, k.last, k.waiting, k.edited, k.revision`

// Entry returns an article as it stands on the editor's desk.
func (s *Store) Entry(ctx context.Context, id string) (kb.Entry, error) {
	const q = `SELECT ` + entryColumns + ` FROM knowledge k WHERE k.id = $1`
	const versions = `SELECT ` + versionColumns + ` FROM articles a
		WHERE a.id = $1 AND (a.version = $2 OR a.status = 'published')
		ORDER BY a.version DESC`
	var e kb.Entry
	var head int
	err := s.read().QueryRowContext(ctx, q, id).Scan(&e.ID, &head, &e.Last, &e.Waiting, &e.Edited, &e.Revision)
	if err == sql.ErrNoRows {
		return e, kb.ErrNotFound
	}
	if err != nil {
		return e, wrap(fmt.Errorf("read article: %w", err))
	}
	list, err := scanVersions(s.read().QueryContext(ctx, versions, id, head))
	if err != nil {
		return e, wrap(fmt.Errorf("read article: %w", err))
	}
	for _, v := range list {
		if v.Article.Version == head {
			e.Head = v
		}
		if v.Status == kb.Published {
			e.Live = append(e.Live, v)
		}
	}
	return e, nil
}

// Versions returns all versions of an article, newest first.
func (s *Store) Versions(ctx context.Context, id string) ([]kb.Version, error) {
	const q = `SELECT ` + versionColumns + ` FROM articles a WHERE a.id = $1 ORDER BY a.version DESC`
	list, err := scanVersions(s.read().QueryContext(ctx, q, id))
	if err != nil {
		return nil, wrap(fmt.Errorf("read versions: %w", err))
	}
	return list, nil
}

// Entries returns one keyset page of the articles, changed last first.
func (s *Store) Entries(ctx context.Context, f kb.Filter) (kb.Page, error) {
	w, err := s.entryWhere(f)
	if err != nil {
		return kb.Page{}, err
	}
	n := limit(f.Limit)
	q := `SELECT k.id, k.title, k.clause, k.state, k.head, k.published, k.waiting, k.verified, k.open, k.updated_at
		FROM knowledge k
		WHERE ` + w.String() + `
		ORDER BY k.updated_at DESC, k.id DESC
		LIMIT ` + strconv.Itoa(n+1)
	rows, err := s.read().QueryContext(ctx, q, w.args...)
	if err != nil {
		return kb.Page{}, wrap(fmt.Errorf("list articles: %w", err))
	}
	defer rows.Close()
	var page kb.Page
	for rows.Next() {
		var r kb.Row
		var updated int64
		if err := rows.Scan(&r.ID, &r.Title, &r.Clause, &r.State, &r.Version, &r.Published, &r.Waiting, &r.Verified, &r.Open, &updated); err != nil {
			return kb.Page{}, err
		}
		r.UpdatedAt = at(updated)
		page.Rows = append(page.Rows, r)
	}
	if err := rows.Err(); err != nil {
		return kb.Page{}, wrap(fmt.Errorf("list articles: %w", err))
	}
	if err := s.told(ctx, page.Rows); err != nil {
		return kb.Page{}, wrap(fmt.Errorf("list articles: %w", err))
	}
	if len(page.Rows) > n {
		page.Rows = page.Rows[:n]
		last := page.Rows[n-1]
		page.Next = strconv.FormatInt(ms(last.UpdatedAt), 36) + "." + last.ID
	}
	return page, nil
}

// told fills in which version of each article is in force now, and until when,
// and which were given up.
func (s *Store) told(ctx context.Context, list []kb.Row) error {
	if len(list) == 0 {
		return nil
	}
	w, marks := &where{}, make([]string, len(list))
	for i, r := range list {
		marks[i] = w.arg(r.ID)
	}
	q := `SELECT k.id, k.head, ` + versionColumns + ` FROM knowledge k
		JOIN articles a ON a.id = k.id AND (a.version = k.head OR a.status = 'published')
		WHERE k.id IN (` + strings.Join(marks, ", ") + `)
		ORDER BY a.version DESC`
	rows, err := s.read().QueryContext(ctx, q, w.args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	entries := map[string]*kb.Entry{}
	for rows.Next() {
		var id string
		var head int
		v, err := scanVersion(rows, &id, &head)
		if err != nil {
			return err
		}
		if entries[id] == nil {
			entries[id] = &kb.Entry{ID: id}
		}
		if v.Article.Version == head {
			entries[id].Head = v
		}
		if v.Status == kb.Published {
			entries[id].Live = append(entries[id].Live, v)
		}
	}
	for i := range list {
		if e := entries[list[i].ID]; e != nil {
			list[i].Discarded = e.Head.Discarded()
			list[i].Told, list[i].ValidFrom, list[i].ValidTo = toldOf(e, s.Now())
		}
	}
	return rows.Err()
}

// toldOf is the version in force with its days; without one those of the newest
// that is published.
func toldOf(e *kb.Entry, now time.Time) (version int, from, to time.Time) {
	v, ok := e.Told(now)
	if !ok && len(e.Live) > 0 {
		return 0, e.Live[0].ValidFrom, e.Live[0].ValidTo
	}
	if !ok {
		return 0, e.Head.ValidFrom, e.Head.ValidTo
	}
	return v.Article.Version, v.ValidFrom, v.ValidTo
}

func (s *Store) entryWhere(f kb.Filter) (*where, error) {
	w := &where{}
	switch f.State {
	case "":
	case kb.Published:
		w.parts = append(w.parts, "k.published > 0")
	default:
		w.add("k.state = ?", f.State)
	}
	if f.Clause != "" {
		w.add(`(k.clause = ? OR k.clause LIKE ? ESCAPE '\')`, f.Clause, strings.TrimPrefix(likeWords(f.Clause+"."), "%"))
	}
	if f.Query != "" {
		words := likeWords(f.Query)
		w.add(`(k.title `+s.like()+` ? ESCAPE '\' OR k.id = ? OR EXISTS (SELECT 1 FROM articles a
			WHERE a.id = k.id AND a.version = k.head AND a.body `+s.like()+` ? ESCAPE '\'))`, words, f.Query, words)
	}
	if f.Unverified {
		w.parts = append(w.parts, "NOT k.verified AND NOT k.open")
	}
	if f.Open {
		w.parts = append(w.parts, "k.open")
	}
	if f.Waiting {
		w.parts = append(w.parts, "k.waiting > 0")
	}
	if !f.ExpiresBy.IsZero() {
		w.add("k.valid_to < 9223372036854775807 AND k.valid_to <= ?", ms(f.ExpiresBy))
	}
	if f.Cursor != "" {
		key, id, ok := strings.Cut(f.Cursor, ".")
		updated, err := strconv.ParseInt(key, 36, 64)
		if !ok || err != nil {
			return nil, ErrCursor
		}
		w.add("(k.updated_at, k.id) < (?, ?)", updated, id)
	}
	return w, nil
}

// SaveEntry stores what happened to an article, with its audit rows.
func (s *Store) SaveEntry(ctx context.Context, e kb.Entry, events []kb.Event, by kb.Editor, seen int64) (kb.Entry, error) {
	err := s.Atomically(ctx, func(s *Store) error {
		if err := s.alone(ctx, knowledgeTopic); err != nil {
			return err
		}
		if seen != kb.AnyRevision {
			now, err := s.KnowledgeRevision(ctx)
			if err != nil {
				return err
			}
			if now != seen {
				return kb.ErrStale
			}
		}
		return s.saveEntry(ctx, e, events, by)
	})
	if err != nil {
		return kb.Entry{}, fmt.Errorf("save article: %w", err)
	}
	return s.Entry(ctx, e.ID)
}

func (s *Store) saveEntry(ctx context.Context, e kb.Entry, events []kb.Event, by kb.Editor) error {
	if err := s.putEntry(ctx, e); err != nil {
		return err
	}
	told := false
	for _, x := range events {
		if err := s.putVersion(ctx, e.ID, x.Version); err != nil {
			return err
		}
		told = told || x.Kind == kb.WasPut || x.Kind == kb.WasShipped || x.Kind == kb.Replaced || x.Kind == kb.Withdrawn
	}
	if told {
		if err := s.knowledgeChanged(ctx); err != nil {
			return err
		}
	}
	for _, x := range events {
		if x.Kind == kb.WasShipped && x.Version.Article.Version == 1 {
			continue // nobody did anything and nothing was there before
		}
		object := e.ID + "#" + strconv.Itoa(x.Version.Article.Version)
		if err := s.edited(ctx, by, "article."+string(x.Kind), object, x.Note); err != nil {
			return err
		}
	}
	return nil
}

// edited appends one row to the audit trail; the program itself acts as the
// clock does.
func (s *Store) edited(ctx context.Context, by kb.Editor, action, object, note string) error {
	actor := tickets.Actor{Kind: tickets.ByStaff, ID: by.ID, Name: by.Name, IP: by.IP, RequestID: by.RequestID}
	if by.ID == 0 {
		actor = tickets.Clock
	}
	result := "ok"
	if note != "" {
		result += ": " + note
	}
	_, err := s.chain(ctx, auth.Entry{
		At: s.Now(), Actor: actor, Action: action, Object: object, Result: result, RequestID: by.RequestID,
	}, []byte{})
	return err
}

func (s *Store) putEntry(ctx context.Context, e kb.Entry) error {
	const insert = `INSERT INTO knowledge (id, head, last, published, waiting, edited, state, title, clause, verified, open, valid_to, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		ON CONFLICT (id) DO NOTHING`
	const update = `UPDATE knowledge SET head = $2, last = $3, published = $4, waiting = $5, edited = $6, state = $7,
			title = $8, clause = $9, verified = $10, open = $11, valid_to = $12, updated_at = $13, revision = revision + 1
		WHERE id = $1 AND revision = $14`
	until := e.Head.ValidTo
	if len(e.Live) > 0 {
		until = e.Live[0].ValidTo
	}
	expires := int64(never)
	if !until.IsZero() {
		expires = ms(until)
	}
	args := []any{e.ID, e.Head.Article.Version, e.Last, e.Published(), e.Waiting, e.Edited, e.Head.Status,
		e.Head.Title, e.Head.Clause, e.Head.Verified, e.Head.Open, expires, ms(s.Now())}
	q, lost := insert, kb.ErrTaken
	if e.Revision > 0 {
		q, lost, args = update, kb.ErrStale, append(args, e.Revision)
	}
	res, err := s.tx.ExecContext(ctx, q, args...)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return lost
}

// putVersion stores a version, or what became of one: its words stay.
func (s *Store) putVersion(ctx context.Context, id string, v kb.Version) error {
	const q = `INSERT INTO articles (id, version, status, body, created_at, origin, restores, author_id, author_name,
			reviewer_id, reviewer_name, reviewed_at, publisher_id, publisher_name, published_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT (id, version) DO UPDATE SET status = excluded.status,
			reviewer_id = excluded.reviewer_id, reviewer_name = excluded.reviewer_name, reviewed_at = excluded.reviewed_at,
			publisher_id = excluded.publisher_id, publisher_name = excluded.publisher_name, published_at = excluded.published_at`
	_, err := s.tx.ExecContext(ctx, q, id, v.Article.Version, v.Status, articleBody(v.Article), ms(v.UpdatedAt), v.Origin,
		v.Restores, v.Author.ID, v.Author.Name, v.Reviewer.ID, v.Reviewer.Name, ms(v.ReviewedAt),
		v.Publisher.ID, v.Publisher.Name, ms(v.PublishedAt))
	return err
}

// knowledgeChanged raises the revision and tells every process.
func (s *Store) knowledgeChanged(ctx context.Context) error {
	const q = `INSERT INTO settings (key, value) VALUES ($1, '1')
		ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(settings.value AS BIGINT) + 1 AS TEXT)
		RETURNING value`
	var value string
	if err := s.tx.QueryRowContext(ctx, q, knowledgeRevision).Scan(&value); err != nil {
		return fmt.Errorf("raise revision of the articles: %w", err)
	}
	revision, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return fmt.Errorf("raise revision of the articles: %w", err)
	}
	s.touch(knowledgeTopic, revision)
	return nil
}
