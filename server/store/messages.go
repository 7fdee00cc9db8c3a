package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"time"

	"quandesk/channels"
)

const messageColumns = `id, conversation_id, author, author_id, author_name, COALESCE(external_id, ''),
	kind, text, place, attachments, ai, citations, action, origin, delivery, why, parts, tries, created_at`

func scanMessages(rows *sql.Rows, err error) ([]channels.Message, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []channels.Message
	for rows.Next() {
		var m channels.Message
		var place, attachments, citations, action string
		var created int64
		if err := rows.Scan(&m.ID, &m.ConversationID, &m.Author, &m.AuthorID, &m.AuthorName, &m.ExternalID,
			&m.Kind, &m.Text, &place, &attachments, &m.AI, &citations, &action, &m.Origin, &m.Delivery,
			&m.Why, &m.Parts, &m.Tries, &created); err != nil {
			return nil, err
		}
		m.CreatedAt = at(created)
		for _, part := range []struct {
			from string
			to   any
		}{{place, &m.Place}, {attachments, &m.Attachments}, {citations, &m.Citations}, {action, &m.Action}} {
			if part.from == "" {
				continue
			}
			if err := json.Unmarshal([]byte(part.from), part.to); err != nil {
				return nil, err
			}
		}
		out = append(out, m)
	}
	return out, rows.Err()
}

// Messages returns messages of a conversation after an id, oldest first, or
// the newest n when after is 0. Notes of colleagues come only when asked for.
func (s *Store) Messages(ctx context.Context, conversationID, after int64, n int, notes bool) ([]channels.Message, error) {
	const newer = `SELECT ` + messageColumns + ` FROM messages
		WHERE conversation_id = $1 AND id > $2 AND (kind <> 'note' OR $3)
		ORDER BY id
		LIMIT $4`
	const newest = `SELECT ` + messageColumns + ` FROM messages
		WHERE conversation_id = $1 AND id > $2 AND (kind <> 'note' OR $3)
		ORDER BY id DESC
		LIMIT $4`
	q := newer
	if after == 0 {
		q = newest
	}
	out, err := scanMessages(s.read().QueryContext(ctx, q, conversationID, after, notes, n))
	if after == 0 {
		slices.Reverse(out)
	}
	return out, wrap(err)
}

// say inserts a message that goes out and returns its id. Pull channels have
// it at once; the others get a job to deliver it, unless it is sent already.
func (s *Store) say(ctx context.Context, c channels.Conversation, m channels.Message) (int64, error) {
	const q = `INSERT INTO messages
			(conversation_id, author, author_id, author_name, external_id, kind, text, ai, citations, action, origin, delivery, created_at, attachments)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		RETURNING id`
	m.Delivery = begins(c, m)
	push := m.Delivery == channels.Pending
	var external any
	if m.ExternalID != "" {
		external = m.ExternalID
	}
	var id int64
	err := s.tx.QueryRowContext(ctx, q, c.ID, m.Author, m.AuthorID, m.AuthorName, external, m.Kind, m.Text,
		m.AI, asJSON(m.Citations), asJSON(m.Action), origin(m), m.Delivery, ms(m.CreatedAt), asJSON(m.Attachments)).Scan(&id)
	if err != nil {
		return 0, err
	}
	if push {
		err = s.deliver(ctx, c.ID, id)
	}
	return id, err
}

// begins is how far a message is when it is stored: what a channel fetches by
// itself, and what only colleagues see, is there.
func begins(c channels.Conversation, m channels.Message) channels.Delivery {
	if m.Kind == channels.Note || pulls(c.Channel) || m.Delivery == channels.Sent {
		return channels.Sent
	}
	return channels.Pending
}

// deliver asks for the delivery of a message, unless it is left to whoever
// holds a line open in its conversation: the end of that asks for it then.
func (s *Store) deliver(ctx context.Context, conversationID, messageID int64) error {
	held, err := s.held(ctx, conversationID)
	if err == nil && held == 0 {
		s.later(Job{Kind: DeliverJob, ID: messageID})
	}
	return err
}

// origin is who worded a message of the bot; people word theirs themselves.
func origin(m channels.Message) string {
	if m.Author == channels.FromBot && m.Origin == "" {
		return channels.ByRules
	}
	return m.Origin
}

// pulls reports whether the channel's people fetch their messages themselves
// (a page) or are not written to at all (the telephone).
func pulls(channel string) bool {
	switch channel {
	case "webchat", "phone", "letter", "counter", "inspection", "superior", "12345":
		return true
	}
	return false
}

// StaffMessage reports whether a person wrote this message after since, and
// whether the resident has written after it.
func (s *Store) StaffMessage(ctx context.Context, conversationID, messageID int64, since time.Time) (written, answered bool, err error) {
	const q = `SELECT COUNT(*) FROM messages
		WHERE id = $1 AND conversation_id = $2 AND author = 'staff' AND kind <> 'note' AND created_at >= $3`
	const later = `SELECT COUNT(*) FROM messages
		WHERE conversation_id = $1 AND author = 'customer' AND id > $2`
	var n int
	if err := s.read().QueryRowContext(ctx, q, messageID, conversationID, ms(since)).Scan(&n); err != nil {
		return false, false, wrap(err)
	}
	if n == 0 {
		return false, false, nil
	}
	if err := s.read().QueryRowContext(ctx, later, conversationID, messageID).Scan(&n); err != nil {
		return false, false, wrap(err)
	}
	return true, n > 0, nil
}
