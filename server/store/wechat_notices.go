package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"quandesk/channels"
	"quandesk/channels/wechat"
)

// notice stores a notice that has to go out, once ever for its key, with the
// job that sends it.
func (s *Store) notice(ctx context.Context, key string, c channels.Conversation, messageID int64, ticketNo string) (int64, error) {
	const q = `INSERT INTO wechat_notices
			(once_key, account, openid, conversation_id, message_id, ticket_no, state, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, 'pending', $7, $8)
		ON CONFLICT (once_key) DO NOTHING
		RETURNING id`
	var id int64
	now := ms(s.Now())
	err := s.tx.QueryRowContext(ctx, q, key, c.Account, c.Contact, c.ID, messageID, ticketNo, now, now).Scan(&id)
	if err == sql.ErrNoRows {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("store notice: %w", err)
	}
	s.later(Job{Kind: NoticeJob, ID: id})
	return id, nil
}

// TakeNotice marks a notice as being sent and returns it. ok is false when it
// is done, or another process has it. One that a crash left goes on behind the
// way it was at: that way may have worked.
func (s *Store) TakeNotice(ctx context.Context, id int64) (n wechat.Notice, ok bool, err error) {
	const take = `UPDATE wechat_notices SET state = 'sending', updated_at = $1
		WHERE id = $2 AND (state = 'pending' OR state = 'sending' AND updated_at < $3)
		RETURNING account, openid, conversation_id, message_id, ticket_no, way, created_at`
	const phone = `SELECT contact_phone FROM tickets WHERE no = $1`
	err = s.Atomically(ctx, func(s *Store) error {
		n = wechat.Notice{ID: id}
		var created int64
		now := s.Now()
		err := s.tx.QueryRowContext(ctx, take, ms(now), id, ms(now.Add(-noticeLease))).Scan(
			&n.Account, &n.OpenID, &n.ConversationID, &n.MessageID, &n.TicketNo, &n.Tried, &created)
		if err == sql.ErrNoRows {
			return nil
		}
		if err != nil {
			return err
		}
		ok, n.At = true, at(created)
		if n.TicketNo == "" {
			return nil
		}
		err = s.tx.QueryRowContext(ctx, phone, n.TicketNo).Scan(&n.Phone)
		if err == sql.ErrNoRows {
			err = nil
		}
		return err
	})
	return n, ok, err
}

// noticeLease is how long a process may take to send a notice.
const noticeLease = time.Minute

// NoticeAt notes by which way a notice is about to be sent, before it is.
func (s *Store) NoticeAt(ctx context.Context, id int64, way wechat.Way) error {
	const q = `UPDATE wechat_notices SET way = $1, updated_at = $2 WHERE id = $3 AND state = 'sending'`
	return s.Atomically(ctx, func(s *Store) error {
		_, err := s.tx.ExecContext(ctx, q, way, ms(s.Now()), id)
		return err
	})
}

// NoticeDone stores what became of a notice and tells the conversation.
func (s *Store) NoticeDone(ctx context.Context, n wechat.Notice, r wechat.NoticeResult) error {
	const q = `UPDATE wechat_notices SET state = $1, way = $2, way_id = $3, why = $4, updated_at = $5
		WHERE id = $6 AND state = 'sending'`
	return s.Atomically(ctx, func(s *Store) error {
		s.touch(conversationTopic(n.ConversationID), 0)
		_, err := s.tx.ExecContext(ctx, q, r.State, r.Way, r.WayID, r.Why, ms(s.Now()), n.ID)
		return err
	})
}

// TemplateFinished stores what WeChat reported of a template message: the
// event TEMPLATESENDJOBFINISH. status is success or why not.
func (s *Store) TemplateFinished(ctx context.Context, account, msgID, status string) error {
	const q = `UPDATE wechat_notices SET state = $1, why = $2, updated_at = $3
		WHERE account = $4 AND way_id = $5 AND way = 'template' AND state IN ('sent', 'unknown')
		RETURNING conversation_id`
	state, why := wechat.NoticeDelivered, ""
	switch status {
	case "success":
	case "failed:user block":
		state, why = wechat.NoticeFailed, "blocked"
	default:
		state, why = wechat.NoticeFailed, "system"
	}
	return s.Atomically(ctx, func(s *Store) error {
		list, err := ids(s.tx.QueryContext(ctx, q, state, why, ms(s.Now()), account, msgID))
		for _, id := range list {
			s.touch(conversationTopic(id), 0)
		}
		return err
	})
}

// Subscribed counts what a resident answered when asked whether they want a
// notice: an accepted one may be sent once.
func (s *Store) Subscribed(ctx context.Context, account, openid, templateID string, accepted bool) error {
	const q = `INSERT INTO wechat_subscriptions (account, openid, template_id, times, updated_at)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (account, openid, template_id) DO UPDATE SET
			times = CASE WHEN $6 THEN wechat_subscriptions.times + 1 ELSE 0 END, updated_at = excluded.updated_at`
	times := 0
	if accepted {
		times = 1
	}
	return s.Atomically(ctx, func(s *Store) error {
		_, err := s.tx.ExecContext(ctx, q, account, openid, templateID, times, ms(s.Now()), accepted)
		return err
	})
}

// NoticesOf returns what became of the notices for messages of a conversation.
func (s *Store) NoticesOf(ctx context.Context, conversationID int64) (map[int64]wechat.NoticeResult, error) {
	const q = `SELECT message_id, state, way, why FROM wechat_notices
		WHERE conversation_id = $1 AND message_id > 0
		ORDER BY id DESC LIMIT 100`
	rows, err := s.read().QueryContext(ctx, q, conversationID)
	if err != nil {
		return nil, wrap(err)
	}
	defer rows.Close()
	out := map[int64]wechat.NoticeResult{}
	for rows.Next() {
		var id int64
		var r wechat.NoticeResult
		if err := rows.Scan(&id, &r.State, &r.Way, &r.Why); err != nil {
			return nil, wrap(err)
		}
		out[id] = r
	}
	return out, wrap(rows.Err())
}

// staleNotices puts notices back into the queue whose job was lost.
func (s *Store) staleNotices(ctx context.Context, before time.Time) (int, error) {
	const q = `SELECT id FROM wechat_notices
		WHERE state IN ('pending', 'sending') AND updated_at < $1
		ORDER BY updated_at LIMIT 100`
	list, err := ids(s.tx.QueryContext(ctx, q, ms(before)))
	for _, id := range list {
		s.later(Job{Kind: NoticeJob, ID: id, Once: true})
	}
	return len(list), err
}
