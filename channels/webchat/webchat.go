// Package webchat is the chat of the web page: anonymous visitors with an
// unguessable token, messages that are idempotent by client_id.
package webchat

import (
	"context"
	"errors"
	"time"

	"quandesk/channels"
)

// Channel is the name of this channel on conversations.
const Channel = "webchat"

// ErrVisitor is returned for a token that is unknown or has lapsed.
var ErrVisitor = errors.New("webchat: no such visitor")

// Store keeps visitors by the hash of their token.
type Store interface {
	// PutVisitor makes the contact and its conversation and returns both ids.
	PutVisitor(ctx context.Context, tokenHash []byte, account, contact string, at time.Time) (channels.Visitor, error)
	// Visitor finds a visitor. ErrVisitor when there is none.
	Visitor(ctx context.Context, tokenHash []byte) (channels.Visitor, error)
	// PutAttachment keeps what is known of a cleaned image; the visitor owns it.
	PutAttachment(ctx context.Context, conversationID int64, a channels.Attachment) error
	// Attachment finds an image of a conversation. channels.ErrAttachment.
	Attachment(ctx context.Context, conversationID int64, id string) (channels.Attachment, error)
}
