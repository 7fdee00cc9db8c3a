package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"quandesk/channels/wechat"
)

// WechatAlarm keeps what an administrator has to mend: one row for each cause
// until it is cleared, however often it comes.
func (s *Store) WechatAlarm(ctx context.Context, account string, e *wechat.Error) error {
	const q = `INSERT INTO wechat_alarms (account, class, call, code, rid, ip, first_at, last_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (account, class, ip) WHERE cleared_at = 0 DO UPDATE SET
			times = wechat_alarms.times + 1, last_at = excluded.last_at, rid = excluded.rid,
			code = excluded.code, call = excluded.call`
	now := ms(s.Now())
	return s.Atomically(ctx, func(s *Store) error {
		_, err := s.tx.ExecContext(ctx, q, account, e.Class, e.Call, e.Code, e.RID, e.IP, now, now)
		s.touch(wechatTopic, 0)
		return err
	})
}

// WechatAlarms returns what is to be mended, and what was lately, newest first.
func (s *Store) WechatAlarms(ctx context.Context, n int) ([]wechat.Alarm, error) {
	const q = `SELECT id, account, class, call, code, rid, ip, times, first_at, last_at, cleared_at FROM wechat_alarms
		ORDER BY CASE WHEN cleared_at = 0 THEN 0 ELSE 1 END, last_at DESC, id DESC LIMIT $1`
	rows, err := s.read().QueryContext(ctx, q, n)
	if err != nil {
		return nil, wrap(err)
	}
	defer rows.Close()
	var out []wechat.Alarm
	for rows.Next() {
		var a wechat.Alarm
		var first, last, cleared int64
		if err := rows.Scan(&a.ID, &a.Account, &a.Error.Class, &a.Error.Call, &a.Error.Code, &a.Error.RID, &a.Error.IP,
			&a.Times, &first, &last, &cleared); err != nil {
			return nil, wrap(err)
		}
		a.FirstAt, a.LastAt, a.ClearedAt = at(first), at(last), at(cleared)
		out = append(out, a)
	}
	return out, wrap(rows.Err())
}

// ClearWechatAlarm marks an alarm as mended; the next trouble is a new one.
func (s *Store) ClearWechatAlarm(ctx context.Context, id int64) error {
	return s.exec(ctx, "clear alarm", `UPDATE wechat_alarms SET cleared_at = $1 WHERE id = $2 AND cleared_at = 0`, ms(s.Now()), id)
}

// Media is the number under which WeChat holds a file of ours; "" when it
// does not, or not for much longer.
func (s *Store) Media(ctx context.Context, account, attachmentID string) (string, error) {
	const q = `SELECT media_id FROM wechat_uploads WHERE account = $1 AND attachment_id = $2 AND until > $3`
	var id string
	err := s.read().QueryRowContext(ctx, q, account, attachmentID, ms(s.Now())).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return id, wrap(err)
}

// KeepMedia remembers what was uploaded.
func (s *Store) KeepMedia(ctx context.Context, account, attachmentID, mediaID string, until time.Time) error {
	const q = `INSERT INTO wechat_uploads (account, attachment_id, media_id, until) VALUES ($1, $2, $3, $4)
		ON CONFLICT (account, attachment_id) DO UPDATE SET media_id = excluded.media_id, until = excluded.until`
	return s.exec(ctx, "keep upload", q, account, attachmentID, mediaID, ms(until))
}

// WechatWords are what an administrator wrote for an account.
func (s *Store) WechatWords(ctx context.Context, account string) (wechat.Words, error) {
	const q = `SELECT value FROM settings WHERE key = $1`
	var text string
	var w wechat.Words
	err := s.read().QueryRowContext(ctx, q, "wechat.words."+account).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return w, nil
	}
	if err != nil {
		return w, wrap(err)
	}
	if err := json.Unmarshal([]byte(text), &w); err != nil {
		return w, fmt.Errorf("read words of WeChat: %w", err)
	}
	return w, nil
}

// SetWechatWords stores them.
func (s *Store) SetWechatWords(ctx context.Context, account string, w wechat.Words) error {
	text, err := json.Marshal(w)
	if err != nil {
		return fmt.Errorf("set words of WeChat: %w", err)
	}
	return s.SetSetting(ctx, "wechat.words."+account, string(text))
}

// WechatTemplates are an account's templates for notices.
func (s *Store) WechatTemplates(ctx context.Context, account string) (wechat.Templates, error) {
	w, err := s.WechatWords(ctx, account)
	return w.Templates, err
}

// WechatScenes are the QR codes of an account, newest first.
func (s *Store) WechatScenes(ctx context.Context, account string) ([]wechat.Scene, error) {
	const q = `SELECT scene, title, url, ticket, until, created_at FROM wechat_scenes
		WHERE account = $1 ORDER BY id DESC LIMIT 200`
	rows, err := s.read().QueryContext(ctx, q, account)
	if err != nil {
		return nil, wrap(err)
	}
	defer rows.Close()
	var out []wechat.Scene
	for rows.Next() {
		var x wechat.Scene
		var until, created int64
		if err := rows.Scan(&x.Scene, &x.Title, &x.URL, &x.Ticket, &until, &created); err != nil {
			return nil, wrap(err)
		}
		x.Until, x.CreatedAt = at(until), at(created)
		out = append(out, x)
	}
	return out, wrap(rows.Err())
}

// PutWechatScene stores a QR code; one of the same scene is replaced.
func (s *Store) PutWechatScene(ctx context.Context, account string, x wechat.Scene) error {
	const q = `INSERT INTO wechat_scenes (account, scene, title, url, ticket, until, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (account, scene) DO UPDATE SET title = excluded.title, url = excluded.url,
			ticket = excluded.ticket, until = excluded.until, created_at = excluded.created_at`
	return s.exec(ctx, "keep scene", q, account, x.Scene, x.Title, x.URL, x.Ticket, ms(x.Until), ms(s.Now()))
}

// WechatFigures counts what an account's residents may still be sent and what
// became of messages since a time.
func (s *Store) WechatFigures(ctx context.Context, account string, since time.Time) (wechat.Figures, error) {
	const open = `SELECT COUNT(*), COALESCE(SUM(long_left), 0) FROM wechat_allowances
		WHERE account = $1 AND long_until > $2`
	const sent = `SELECT m.delivery, COUNT(*) FROM messages m JOIN conversations c ON c.id = m.conversation_id
		WHERE c.channel = 'wechat' AND c.account = $1 AND m.author <> 'customer' AND m.kind <> 'note' AND m.created_at >= $2
		GROUP BY m.delivery`
	f := wechat.Figures{Deliveries: map[string]int{}}
	if err := s.read().QueryRowContext(ctx, open, account, ms(s.Now())).Scan(&f.Reachable, &f.Left); err != nil {
		return f, wrap(err)
	}
	rows, err := s.read().QueryContext(ctx, sent, account, ms(since))
	if err != nil {
		return f, wrap(err)
	}
	defer rows.Close()
	for rows.Next() {
		var delivery string
		var n int
		if err := rows.Scan(&delivery, &n); err != nil {
			return f, wrap(err)
		}
		f.Deliveries[delivery] = n
	}
	return f, wrap(rows.Err())
}
