package store

import (
	"context"
	"fmt"
	"time"

	"quandesk/channels"
	"quandesk/channels/wechat"
)

// remember notes the files of a group of messages that are still at WeChat.
func (s *Store) remember(ctx context.Context, fresh []*receipt, now time.Time) error {
	const q = `INSERT INTO wechat_media
			(message_id, conversation_id, account, media_id, url, kind, format, state, created_at, next_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
	for _, b := range fresh {
		f := b.in.Remote
		if f == nil || f.ID == "" {
			continue
		}
		state := "waiting"
		if f.Hear {
			state = "hearing"
		}
		if _, err := s.tx.ExecContext(ctx, q, b.out.ID, b.thread, b.in.Account, f.ID, f.URL, b.in.Kind, f.Format,
			state, ms(now), ms(now)); err != nil {
			return err
		}
	}
	return nil
}

// TakeMedia gives out files that are due, each to one process.
func (s *Store) TakeMedia(ctx context.Context, n int, lease time.Duration) ([]wechat.Found, error) {
	const due = `SELECT COUNT(*) FROM wechat_media WHERE state IN ('waiting', 'hearing') AND next_at <= $1`
	const q = `UPDATE wechat_media SET next_at = $1, tries = tries + 1
		WHERE next_at <= $2 AND id IN (SELECT id FROM wechat_media
			WHERE state IN ('waiting', 'hearing') AND next_at <= $2
			ORDER BY next_at, id LIMIT $3)
		RETURNING id, message_id, conversation_id, account, media_id, kind, state = 'hearing', tries, created_at`
	now := s.Now()
	var count int
	if err := s.read().QueryRowContext(ctx, due, ms(now)).Scan(&count); err != nil || count == 0 {
		return nil, wrap(err)
	}
	var out []wechat.Found
	err := s.Atomically(ctx, func(s *Store) error {
		out = nil
		rows, err := s.tx.QueryContext(ctx, q, ms(now.Add(lease)), ms(now), n)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var f wechat.Found
			var since int64
			if err := rows.Scan(&f.ID, &f.MessageID, &f.ConversationID, &f.Account, &f.MediaID, &f.Kind, &f.Hear, &f.Tries, &since); err != nil {
				return err
			}
			f.Since = at(since)
			out = append(out, f)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("take media: %w", err)
	}
	return out, nil
}

// KeepCopy adds a copied file to its message, with what was heard in it, once.
func (s *Store) KeepCopy(ctx context.Context, f wechat.Found, a channels.Attachment, words string) error {
	const done = `UPDATE wechat_media SET state = 'kept', attachment = $1, words = $2
		WHERE id = $3 AND state IN ('waiting', 'hearing')`
	const show = `UPDATE messages SET attachments = $1, text = CASE WHEN text = '' THEN $2 ELSE text END WHERE id = $3`
	return s.copied(ctx, f, done, []any{a.ID, words, f.ID}, func(s *Store) error {
		if err := s.PutAttachment(ctx, f.ConversationID, a); err != nil {
			return err
		}
		_, err := s.tx.ExecContext(ctx, show, asJSON([]channels.Attachment{a}), words, f.MessageID)
		return err
	})
}

// copied ends the copying of a file, once, and lets the answer that waited for
// it go on.
func (s *Store) copied(ctx context.Context, f wechat.Found, q string, args []any, follow func(*Store) error) error {
	const touched = `UPDATE conversations SET version = version + 1 WHERE id = $1 RETURNING version`
	err := s.Atomically(ctx, func(s *Store) error {
		res, err := s.tx.ExecContext(ctx, q, args...)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		if err := follow(s); err != nil {
			return err
		}
		if f.Hear {
			s.later(Job{Kind: AnswerJob, ID: f.ConversationID})
		}
		var version int64
		if err := s.tx.QueryRowContext(ctx, touched, f.ConversationID).Scan(&version); err != nil {
			return err
		}
		s.touch(conversationTopic(f.ConversationID), version)
		return nil
	})
	if err != nil {
		return fmt.Errorf("end copying: %w", err)
	}
	return nil
}

// PutOffCopy has a file tried again later.
func (s *Store) PutOffCopy(ctx context.Context, f wechat.Found, after time.Duration) error {
	const q = `UPDATE wechat_media SET next_at = $1 WHERE id = $2`
	return s.exec(ctx, "put off copy", q, ms(s.Now().Add(after)), f.ID)
}

// lost are the words by which colleagues hear why a file is not there.
var lost = map[string]string{"expired": "微信已不再保存", "kind": "文件类型或大小无法接收"}

// LoseCopy gives a file up and says so in the conversation.
func (s *Store) LoseCopy(ctx context.Context, f wechat.Found, why string) error {
	const done = `UPDATE wechat_media SET state = 'lost', words = $1 WHERE id = $2 AND state IN ('waiting', 'hearing')`
	reason, ok := lost[why]
	if !ok {
		reason = "多次取回未成功"
	}
	return s.copied(ctx, f, done, []any{why, f.ID}, func(s *Store) error {
		_, err := s.say(ctx, channels.Conversation{ID: f.ConversationID, Channel: wechat.Channel}, channels.Message{
			Author: channels.FromSystem, Kind: channels.Note, CreatedAt: s.Now(),
			Text: "用户发来的" + fileWords[f.Kind] + "未能取回：" + reason + "。请联系用户重新发送。",
		})
		return err
	})
}

var fileWords = map[channels.Kind]string{channels.Image: "图片", channels.Voice: "语音", channels.Video: "视频"}

// hearingLasts is how long an answer waits for the words of a recording.
const hearingLasts = 15 * time.Second

// Hearing reports whether the answer to a conversation waits for the words of
// a recording.
func (s *Store) Hearing(ctx context.Context, conversationID int64) (bool, error) {
	const q = `SELECT COUNT(*) FROM wechat_media m JOIN conversations c ON c.id = m.conversation_id
		WHERE c.id = $1 AND m.state = 'hearing' AND m.message_id > c.answered_id AND m.created_at > $2`
	var n int
	err := s.read().QueryRowContext(ctx, q, conversationID, ms(s.Now().Add(-hearingLasts))).Scan(&n)
	return n > 0, wrap(err)
}
