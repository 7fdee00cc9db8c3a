package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"quandesk/channels/hotline12345"
	"quandesk/tickets"
)

// PutUpload keeps a file of orders that was read.
func (s *Store) PutUpload(ctx context.Context, u *hotline12345.Upload, file []byte) error {
	const q = `INSERT INTO imports (name, digest, file, state, lines, notes, counts, actor_id, actor_name, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id`
	return s.Atomically(ctx, func(s *Store) error {
		return s.tx.QueryRowContext(ctx, q, u.Name, u.Digest, file, string(u.State), asJSON(u.Lines), asJSON(u.Notes),
			asJSON(u.Counts), u.By.ID, u.By.Name, ms(u.CreatedAt)).Scan(&u.ID)
	})
}

const uploadColumns = `id, name, digest, state, notes, counts, result, actor_id, actor_name, created_at, confirmed_at`

func scanUpload(row interface{ Scan(...any) error }, more ...any) (*hotline12345.Upload, error) {
	u := &hotline12345.Upload{By: tickets.Actor{Kind: tickets.ByStaff}}
	to := []any{&u.ID, &u.Name, &u.Digest, &u.State, &jsonText{&u.Notes}, &jsonText{&u.Counts}, &jsonText{&u.Result},
		&u.By.ID, &u.By.Name, (*moment64)(&u.CreatedAt), (*moment64)(&u.ConfirmedAt)}
	err := row.Scan(append(to, more...)...)
	if err == sql.ErrNoRows {
		return nil, hotline12345.ErrNotFound
	}
	return u, err
}

// Upload finds an upload with its lines.
func (s *Store) Upload(ctx context.Context, id int64) (*hotline12345.Upload, error) {
	const q = `SELECT ` + uploadColumns + `, lines FROM imports WHERE id = $1`
	var lines []hotline12345.Shown
	u, err := scanUpload(s.read().QueryRowContext(ctx, q, id), &jsonText{&lines})
	if err != nil {
		return nil, wrap(fmt.Errorf("find upload: %w", err))
	}
	u.Lines = lines
	return u, nil
}

// Uploads lists the newest uploads without their lines.
func (s *Store) Uploads(ctx context.Context, n int) ([]*hotline12345.Upload, error) {
	q := `SELECT ` + uploadColumns + ` FROM imports ORDER BY id DESC LIMIT ` + strconv.Itoa(limit(n))
	var out []*hotline12345.Upload
	err := s.each(ctx, q, nil, func(rows *sql.Rows) error {
		u, err := scanUpload(rows)
		out = append(out, u)
		return err
	})
	if err != nil {
		return nil, wrap(fmt.Errorf("list uploads: %w", err))
	}
	return out, nil
}

// UploadFile is the file of an upload that may still be imported.
func (s *Store) UploadFile(ctx context.Context, id int64) ([]byte, error) {
	var file []byte
	var state hotline12345.UploadState
	err := s.read().QueryRowContext(ctx, `SELECT file, state FROM imports WHERE id = $1`, id).Scan(&file, &state)
	switch {
	case err == sql.ErrNoRows:
		return nil, hotline12345.ErrNotFound
	case err != nil:
		return nil, wrap(fmt.Errorf("find upload: %w", err))
	case state != hotline12345.Uploaded:
		return nil, hotline12345.ErrTaken
	}
	return file, nil
}

// FinishUpload says what became of an upload, once, and forgets its file.
func (s *Store) FinishUpload(ctx context.Context, id int64, state hotline12345.UploadState, result map[hotline12345.Outcome]int, at time.Time) error {
	const q = `UPDATE imports SET state = $1, result = $2, confirmed_at = $3, file = NULL WHERE id = $4 AND state = 'read'`
	text := ""
	if result != nil {
		text = asJSON(result)
	}
	res, err := s.tx.ExecContext(ctx, q, string(state), text, ms(at), id)
	if err != nil {
		return fmt.Errorf("finish upload: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return hotline12345.ErrTaken
}
