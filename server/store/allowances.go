package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
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
	const q = `UPDATE wechat_allowances SET long_left = $1, short_left = $2, closed = $3, updated_at = $4
		WHERE account = $5 AND openid = $6`
	_, err := s.tx.ExecContext(ctx, q, w.LongLeft, w.ShortLeft, w.Closed, ms(s.Now()), account, openid)
	return err
}

// granted is one trigger of one resident.
type granted struct {
	account, openid string
	trigger         wechat.Trigger
	at              time.Time
}

// Grant notes that a resident did something that lets us write, and lets go
// what was held for them. Call it in the transaction that stores what they did.
func (s *Store) Grant(ctx context.Context, account, openid string, t wechat.Trigger, at time.Time) error {
	return s.Atomically(ctx, func(s *Store) error {
		id, err := s.threadOf(ctx, account, openid)
		if err != nil {
			return err
		}
		if err := s.grant(ctx, granted{account, openid, t, at}); err != nil || id == 0 {
			return err
		}
		return s.release(ctx, id)
	})
}

// grant opens a window: what was left of it before does not count any more.
func (s *Store) grant(ctx context.Context, g granted) error {
	const long = `INSERT INTO wechat_allowances (account, openid, cause, long_left, long_until, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (account, openid) DO UPDATE SET cause = excluded.cause, long_left = excluded.long_left,
			long_until = excluded.long_until, closed = FALSE, updated_at = excluded.updated_at`
	const short = `INSERT INTO wechat_allowances (account, openid, cause, short_left, short_until, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (account, openid) DO UPDATE SET cause = excluded.cause, short_left = excluded.short_left,
			short_until = excluded.short_until, closed = FALSE, updated_at = excluded.updated_at`
	n, within := g.trigger.Allows()
	if n == 0 {
		return nil
	}
	q := short
	if g.trigger == wechat.ByMessage {
		q = long
	}
	_, err := s.tx.ExecContext(ctx, q, g.account, g.openid, g.trigger, n, ms(g.at.Add(within)), ms(s.Now()))
	if err != nil {
		return fmt.Errorf("grant: %w", err)
	}
	return nil
}

// grantAll is Grant for a group of messages that have just been stored. The
// newest trigger of each resident counts; residents come in one order, so that
// two groups wait and do not deadlock.
func (s *Store) grantAll(ctx context.Context, fresh []*receipt, now time.Time) error {
	newest := map[[3]string]granted{}
	threads := map[int64]bool{}
	for _, b := range fresh {
		if b.in.Channel != wechat.Channel || b.in.Line == nil || b.in.Line.Trigger == "" {
			continue
		}
		t := wechat.Trigger(b.in.Line.Trigger)
		window := "short"
		if t == wechat.ByMessage {
			window = "long"
		}
		newest[[3]string{b.in.Account, b.in.From, window}] = granted{b.in.Account, b.in.From, t, now}
		threads[b.thread] = true
	}
	byResident := func(a, b [3]string) int { return slices.Compare(a[:], b[:]) }
	for _, key := range slices.SortedFunc(maps.Keys(newest), byResident) {
		if err := s.grant(ctx, newest[key]); err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(threads)) {
		if err := s.release(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// grantFor is Grant for an event.
func (s *Store) grantFor(ctx context.Context, h wechat.Happening, now time.Time) error {
	if h.Trigger == "" {
		return nil
	}
	return s.Grant(ctx, h.Account, h.From, h.Trigger, now)
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

// change reads an allowance under lock, lets f change it and stores it. There
// is nothing to change where nobody was granted anything.
func (s *Store) change(ctx context.Context, account, openid string, f func(wechat.Allowance) wechat.Allowance) error {
	w, err := s.allowance(ctx, account, openid, s.forUpdate())
	if err != nil {
		return fmt.Errorf("read allowance: %w", err)
	}
	if w.Trigger == "" {
		f(w)
		return nil
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

// nudge asks for a notice to a resident who cannot be written to now: once
// until they write again, however many messages wait.
func (s *Store) nudge(ctx context.Context, m channels.Message) error {
	const heard = `SELECT COALESCE(MAX(id), 0) FROM messages WHERE conversation_id = $1 AND author = 'customer'`
	if m.Author == channels.FromBot {
		return nil // the resident is there, or will ask again
	}
	c, err := s.conversation(ctx, channels.Scope{All: true}, m.ConversationID, "")
	if err != nil || c.Channel != wechat.Channel {
		return err
	}
	var last int64
	if err := s.tx.QueryRowContext(ctx, heard, c.ID).Scan(&last); err != nil {
		return err
	}
	ticket := c.TicketNo
	if m.Action != nil && m.Action.TicketNo != "" {
		ticket = m.Action.TicketNo
	}
	_, err = s.notice(ctx, fmt.Sprintf("conversation %d after %d", c.ID, last), c, m.ID, ticket)
	return err
}
