package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"quandesk/channels"
	"quandesk/channels/wechat"
	"quandesk/tickets/customer"
)

const (
	// wechatSessionsFor is how long a page opened inside WeChat stays open; it
	// opens again without a word.
	wechatSessionsFor = 12 * time.Hour
	visitLasts        = 10 * time.Minute
	mostBindings      = 5 // of one resident
)

// PutWechatVisit notes that a browser was sent to WeChat to say who it is.
func (s *Store) PutWechatVisit(ctx context.Context, stateHash []byte, account, page string) error {
	const q = `INSERT INTO wechat_visits (state_hash, account, page, created_at) VALUES ($1, $2, $3, $4)`
	return s.exec(ctx, "put visit", q, stateHash, account, page, ms(s.Now()))
}

// TakeWechatVisit ends a visit, once and within ten minutes, and returns the
// page that was asked for. channels.ErrNotFound otherwise.
func (s *Store) TakeWechatVisit(ctx context.Context, stateHash []byte, account string) (page string, err error) {
	const q = `UPDATE wechat_visits SET used = TRUE
		WHERE state_hash = $1 AND account = $2 AND NOT used AND created_at > $3
		RETURNING page`
	err = s.Atomically(ctx, func(s *Store) error {
		return s.tx.QueryRowContext(ctx, q, stateHash, account, ms(s.Now().Add(-visitLasts))).Scan(&page)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return "", channels.ErrNotFound
	}
	return page, err
}

// PutWechatSession opens the pages of a resident of an account to a browser.
func (s *Store) PutWechatSession(ctx context.Context, tokenHash []byte, account, openid string) error {
	const q = `INSERT INTO wechat_sessions (token_hash, account, openid, conversation_id, created_at) VALUES ($1, $2, $3, $4, $5)`
	err := s.Atomically(ctx, func(s *Store) error {
		now := s.Now()
		id, err := s.thread(ctx, wechat.Channel, account, openid, "", channels.WithBot, now)
		if err != nil {
			return err
		}
		_, err = s.tx.ExecContext(ctx, q, tokenHash, account, openid, id, ms(now))
		return err
	})
	if err != nil {
		return fmt.Errorf("open WeChat pages: %w", err)
	}
	return nil
}

// WechatSession returns the conversation whose pages a token opens on an account.
func (s *Store) WechatSession(ctx context.Context, tokenHash []byte, account string) (conversationID int64, err error) {
	const q = `SELECT conversation_id FROM wechat_sessions WHERE token_hash = $1 AND account = $2 AND created_at > $3`
	err = s.read().QueryRowContext(ctx, q, tokenHash, account, ms(s.Now().Add(-wechatSessionsFor))).Scan(&conversationID)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, channels.ErrNotFound
	}
	return conversationID, wrap(err)
}

// BindAccount notes the water account a resident named, with a note for
// colleagues: nobody has checked it. channels.ErrTooLong beyond five.
func (s *Store) BindAccount(ctx context.Context, conversationID int64, no customer.Account) error {
	const count = `SELECT COUNT(*) FROM wechat_bindings WHERE conversation_id = $1`
	const q = `INSERT INTO wechat_bindings (conversation_id, account_no, created_at) VALUES ($1, $2, $3)
		ON CONFLICT (conversation_id, account_no) DO NOTHING`
	return s.Atomically(ctx, func(s *Store) error {
		if err := s.lockConversations(ctx, conversationID); err != nil {
			return err
		}
		var n int
		if err := s.tx.QueryRowContext(ctx, count, conversationID).Scan(&n); err != nil {
			return err
		}
		if n >= mostBindings {
			return channels.ErrTooLong
		}
		now := s.Now()
		res, err := s.tx.ExecContext(ctx, q, conversationID, no, ms(now))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		_, err = s.happened(ctx, wechat.Happening{Note: "在微信页面填写了户号" + string(no) + "，尚未核实是否本人用水户。"}, conversationID, now)
		return err
	})
}

// UnbindAccount takes a water account away again.
func (s *Store) UnbindAccount(ctx context.Context, conversationID int64, no customer.Account) error {
	const q = `DELETE FROM wechat_bindings WHERE conversation_id = $1 AND account_no = $2`
	return s.exec(ctx, "unbind account", q, conversationID, no)
}

// BoundAccounts are the water accounts a resident named, oldest first.
func (s *Store) BoundAccounts(ctx context.Context, conversationID int64) ([]customer.Account, error) {
	const q = `SELECT account_no FROM wechat_bindings WHERE conversation_id = $1 ORDER BY created_at, account_no`
	list, err := texts(s.read().QueryContext(ctx, q, conversationID))
	out := make([]customer.Account, len(list))
	for i, no := range list {
		out[i] = customer.Account(no)
	}
	return out, wrap(err)
}
