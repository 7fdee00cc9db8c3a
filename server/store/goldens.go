package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"

	"quandesk/kb"
)

// Goldens returns all golden questions, oldest first.
func (s *Store) Goldens(ctx context.Context) ([]kb.Golden, error) {
	const q = `SELECT id, question, article_id, shipped, author_id, author_name, created_at
		FROM golden_questions WHERE removed_at = 0 ORDER BY id`
	rows, err := s.read().QueryContext(ctx, q)
	if err != nil {
		return nil, wrap(fmt.Errorf("read golden questions: %w", err))
	}
	defer rows.Close()
	var out []kb.Golden
	for rows.Next() {
		var g kb.Golden
		var created int64
		if err := rows.Scan(&g.ID, &g.Question, &g.ArticleID, &g.Shipped, &g.Author.ID, &g.Author.Name, &created); err != nil {
			return nil, err
		}
		g.At = at(created)
		out = append(out, g)
	}
	return out, wrap(rows.Err())
}

// AddGolden stores a golden question, also one that was removed before.
func (s *Store) AddGolden(ctx context.Context, g kb.Golden, by kb.Editor) (kb.Golden, error) {
	const q = `INSERT INTO golden_questions (question, article_id, author_id, author_name, created_at)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (question) DO UPDATE SET article_id = excluded.article_id, shipped = FALSE,
			author_id = excluded.author_id, author_name = excluded.author_name, created_at = excluded.created_at, removed_at = 0
			WHERE golden_questions.removed_at > 0
		RETURNING id`
	err := s.Atomically(ctx, func(s *Store) error {
		err := s.tx.QueryRowContext(ctx, q, g.Question, g.ArticleID, g.Author.ID, g.Author.Name, ms(g.At)).Scan(&g.ID)
		if err == sql.ErrNoRows {
			return kb.ErrTaken
		}
		if err != nil {
			return err
		}
		return s.edited(ctx, by, "golden.added", strconv.FormatInt(g.ID, 10), g.Question)
	})
	if err != nil {
		return g, fmt.Errorf("add golden question: %w", err)
	}
	return g, nil
}

// RemoveGolden takes a golden question away for good.
func (s *Store) RemoveGolden(ctx context.Context, id int64, by kb.Editor) error {
	const q = `UPDATE golden_questions SET removed_at = $1 WHERE id = $2 AND removed_at = 0 RETURNING question`
	err := s.Atomically(ctx, func(s *Store) error {
		var question string
		err := s.tx.QueryRowContext(ctx, q, ms(s.Now()), id).Scan(&question)
		if err == sql.ErrNoRows {
			return kb.ErrNotFound
		}
		if err != nil {
			return err
		}
		return s.edited(ctx, by, "golden.removed", strconv.FormatInt(id, 10), question)
	})
	if err != nil {
		return fmt.Errorf("remove golden question: %w", err)
	}
	return nil
}

// ShipGoldens stores the golden questions that come with the program; one that
// is there or was removed stays as it is.
func (s *Store) ShipGoldens(ctx context.Context, list []kb.Golden) error {
	const q = `INSERT INTO golden_questions (question, article_id, shipped, created_at)
		VALUES ($1, $2, TRUE, $3) ON CONFLICT (question) DO NOTHING`
	return s.Atomically(ctx, func(s *Store) error {
		for _, g := range list {
			if _, err := s.tx.ExecContext(ctx, q, g.Question, g.ArticleID, ms(s.Now())); err != nil {
				return fmt.Errorf("store golden question: %w", err)
			}
		}
		return nil
	})
}
