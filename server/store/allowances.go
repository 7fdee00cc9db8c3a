package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"quandesk/channels"
	"quandesk/channels/wechat"
)

var _ wechat.Book = (*Store)(nil)

// Allowance is what may be sent to a resident of a WeChat account.
func (s *Store) Allowance(ctx context.Context, account, openid string) (wechat.Allowance, error) {
	w, err := s.allowance(ctx, account, openid, "")
	return w, wrap(err)
}

func (s *Store) allowance(ctx context.Context, account, openid, lock string) (wechat.Allowance, error) {
	const q = `SELECT cause, long_left, long_until, short_left, short_until, closed
		FROM wechat_allowances WHERE account = $1 AND openid = $2`
	var w wechat.Allowance
	var long, short int64
	err := s.read().QueryRowContext(ctx, q+lock, account, openid).Scan(&w.Trigger, &w.LongLeft, &long, &w.ShortLeft, &short, &w.Closed)
	if err == sql.ErrNoRows {
		return w, nil
	}
	w.LongUntil, w.ShortUntil = at(long), at(short)
	return w, err
}

func (s *Store) setAllowance(ctx context.Context, account, openid string, w wechat.Allowance) error {
	const q = `INSERT INTO wechat_allowances
			(account, openid, cause, long_left, long_until, short_left, short_until, closed, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (account, openid) DO UPDATE SET
			cause = excluded.cause, long_left = excluded.long_left, long_until = excluded.long_until,
			short_left = excluded.short_left, short_until = excluded.short_until,
			closed = excluded.closed, updated_at = excluded.updated_at`
	_, err := s.tx.ExecContext(ctx, q, account, openid, w.Trigger, w.LongLeft, ms(w.LongUntil),
		w.ShortLeft, ms(w.ShortUntil), w.Closed, ms(s.Now()))
	return err
}

// Grant notes that a resident did something that lets us write, and lets go
// what was held for them. Call it in the transaction that stores what they did.
func (s *Store) Grant(ctx context.Context, account, openid string, t wechat.Trigger, at time.Time) error {
	return s.Atomically(ctx, func(s *Store) error {
		id, err := s.threadOf(ctx, account, openid)
		if err != nil {
			return err
		}
		if id != 0 {
			if err := s.lockConversations(ctx, id); err != nil {
				return err
			}
		}
		err = s.change(ctx, account, openid, func(w wechat.Allowance) wechat.Allowance { return w.Grant(t, at) })
		if err != nil || id == 0 {
			return err
		}
		s.touch(conversationTopic(id), 0)
		return s.release(ctx, id)
	})
}

// threadOf is the conversation of a WeChat resident; 0 when there is none yet.
func (s *Store) threadOf(ctx context.Context, account, openid string) (int64, error) {
	const q = `SELECT id FROM conversations WHERE channel = 'wechat' AND account = $1 AND contact = $2`
	var id int64
	err := s.read().QueryRowContext(ctx, q, account, openid).Scan(&id)
	if err == sql.ErrNoRows {
		return 0, nil
	}
	return id, err
}

// change reads an allowance under lock, lets f change it and stores it.
func (s *Store) change(ctx context.Context, account, openid string, f func(wechat.Allowance) wechat.Allowance) error {
	if err := s.alone(ctx, "allowance "+account+" "+openid); err != nil {
		return err
	}
	w, err := s.allowance(ctx, account, openid, "")
	if err != nil {
		return fmt.Errorf("read allowance: %w", err)
	}
	if err := s.setAllowance(ctx, account, openid, f(w)); err != nil {
		return fmt.Errorf("store allowance: %w", err)
	}
	return nil
}

// Spend takes one message from the allowance for a part of a message, and
// notes that the parts before it have gone out. ok is false when nothing was
// left.
func (s *Store) Spend(ctx context.Context, account, openid string, messageID int64, part int) (ok bool, err error) {
	const gone = `UPDATE messages SET parts = $1 WHERE id = $2`
	err = s.Atomically(ctx, func(s *Store) error {
		if messageID != 0 {
			if _, err := s.tx.ExecContext(ctx, gone, part, messageID); err != nil {
				return err
			}
		}
		return s.change(ctx, account, openid, func(w wechat.Allowance) wechat.Allowance {
			w, ok = w.Spend(s.Now())
			return w
		})
	})
	return ok, err
}

// Correct makes the book agree with WeChat.
func (s *Store) Correct(ctx context.Context, account, openid string, said wechat.Class) error {
	return s.Atomically(ctx, func(s *Store) error {
		if id, err := s.threadOf(ctx, account, openid); err == nil && id != 0 {
			s.touch(conversationTopic(id), 0)
		}
		return s.change(ctx, account, openid, func(w wechat.Allowance) wechat.Allowance {
			w.LongLeft, w.ShortLeft = 0, 0
			w.Closed = said != wechat.UsedUp
			return w
		})
	})
}

// Refund gives back one message that surely was not sent.
func (s *Store) Refund(ctx context.Context, account, openid string) error {
	return s.Atomically(ctx, func(s *Store) error {
		return s.change(ctx, account, openid, func(w wechat.Allowance) wechat.Allowance {
			most, _ := wechat.ByMessage.Allows()
			if !w.LongUntil.IsZero() && s.Now().Before(w.LongUntil) {
				w.LongLeft = min(most, w.LongLeft+1)
			}
			most, _ = wechat.ByClick.Allows()
			if !w.ShortUntil.IsZero() && s.Now().Before(w.ShortUntil) {
				w.ShortLeft = min(most, w.ShortLeft+1)
			}
			return w
		})
	})
}

// nudge asks for a notice to a resident who has not been written to because
// nothing may be sent: once for each message a person wrote.
func (s *Store) nudge(ctx context.Context, m channels.Message) error {
	if m.Author == channels.FromBot {
		return nil // the resident is there, or will ask again
	}
	c, err := s.conversation(ctx, channels.Scope{All: true}, m.ConversationID, "")
	if err != nil || c.Channel != wechat.Channel {
		return err
	}
	_, err = s.notice(ctx, "message "+fmt.Sprint(m.ID), c, m.ID, c.TicketNo)
	return err
}
