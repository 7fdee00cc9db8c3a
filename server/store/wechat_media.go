package store

import (
	"context"
	"time"
)

// remember notes the files of a group of messages that are still at WeChat;
// a job copies each.
func (s *Store) remember(ctx context.Context, fresh []*receipt, now time.Time) error {
	const q = `INSERT INTO wechat_media
			(message_id, conversation_id, account, media_id, url, kind, format, state, created_at, next_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', $8, $9)
		RETURNING id`
	for _, b := range fresh {
		f := b.in.Remote
		if f == nil {
			continue
		}
		var id int64
		err := s.tx.QueryRowContext(ctx, q, b.out.ID, b.thread, b.in.Account, f.ID, f.URL, b.in.Kind, f.Format,
			ms(now), ms(now)).Scan(&id)
		if err != nil {
			return err
		}
	}
	return nil
}
