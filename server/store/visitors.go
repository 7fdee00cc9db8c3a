package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"quandesk/channels"
	"quandesk/channels/webchat"
)

// PutVisitor makes the contact of a web visitor and its conversation.
func (s *Store) PutVisitor(ctx context.Context, tokenHash []byte, account, contact string, when time.Time) (channels.Visitor, error) {
	const q = `INSERT INTO visitors (token_hash, contact, conversation_id, created_at) VALUES ($1, $2, $3, $4)`
	v := channels.Visitor{ID: contact, CreatedAt: when}
	err := s.Atomically(ctx, func(s *Store) error {
		id, err := s.thread(ctx, webchat.Channel, account, contact, "", channels.WithBot, when)
		if err != nil {
			return err
		}
		v.ConversationID = id
		_, err = s.tx.ExecContext(ctx, q, tokenHash, contact, id, ms(when))
		return err
	})
	if err != nil {
		return channels.Visitor{}, fmt.Errorf("put visitor: %w", err)
	}
	return v, nil
}

// Visitor finds a visitor by the hash of the token.
func (s *Store) Visitor(ctx context.Context, tokenHash []byte) (channels.Visitor, error) {
	const q = `SELECT contact, conversation_id, created_at FROM visitors WHERE token_hash = $1`
	var v channels.Visitor
	var created int64
	err := s.read().QueryRowContext(ctx, q, tokenHash).Scan(&v.ID, &v.ConversationID, &created)
	if err == sql.ErrNoRows {
		return v, webchat.ErrVisitor
	}
	v.CreatedAt = at(created)
	return v, wrap(err)
}

// PutAttachment keeps what is known of a cleaned image.
func (s *Store) PutAttachment(ctx context.Context, conversationID int64, a channels.Attachment) error {
	const q = `INSERT INTO attachments (id, conversation_id, type, size, width, height, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`
	return s.exec(ctx, "put attachment", q, a.ID, conversationID, a.Type, a.Size, a.Width, a.Height, ms(s.Now()))
}

// Attachment finds an image of a conversation.
func (s *Store) Attachment(ctx context.Context, conversationID int64, id string) (channels.Attachment, error) {
	const q = `SELECT type, size, width, height FROM attachments WHERE id = $1 AND conversation_id = $2`
	a := channels.Attachment{ID: id}
	err := s.read().QueryRowContext(ctx, q, id, conversationID).Scan(&a.Type, &a.Size, &a.Width, &a.Height)
	if err == sql.ErrNoRows {
		return a, channels.ErrAttachment
	}
	return a, wrap(err)
}
