package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"quandesk/channels/wechat"
)

// wechatTopic is told when the accounts have changed.
const wechatTopic = "wechat"

// WechatAccounts returns the accounts that were entered on the administrator's
// page. They take the place of accounts of the same name from the settings.
func (s *Store) WechatAccounts(ctx context.Context) ([]wechat.Account, error) {
	const q = `SELECT body FROM wechat_accounts ORDER BY name`
	rows, err := s.read().QueryContext(ctx, q)
	if err != nil {
		return nil, wrap(err)
	}
	defer rows.Close()
	var out []wechat.Account
	for rows.Next() {
		var body string
		var a wechat.Account
		if err := rows.Scan(&body); err != nil {
			return nil, wrap(err)
		}
		opened, err := s.seal.open(body)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(opened, &a); err != nil {
			return nil, errors.New("store: a WeChat account that cannot be read") // the error may quote it
		}
		out = append(out, a)
	}
	return out, wrap(rows.Err())
}

// PutWechatAccount stores an account as it shall be from now on, in every process.
func (s *Store) PutWechatAccount(ctx context.Context, a wechat.Account) error {
	const q = `INSERT INTO wechat_accounts (name, body, updated_at) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET body = excluded.body, version = wechat_accounts.version + 1,
			updated_at = excluded.updated_at`
	if err := a.Validate(); err != nil {
		return err
	}
	body, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("put WeChat account: %w", err)
	}
	sealed := s.seal.close(body)
	return s.Atomically(ctx, func(s *Store) error {
		if _, err := s.tx.ExecContext(ctx, q, a.Name, sealed, ms(s.Now())); err != nil {
			return fmt.Errorf("put WeChat account: %w", err)
		}
		s.touch(wechatTopic, 0)
		return nil
	})
}
