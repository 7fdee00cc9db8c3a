package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"quandesk/channels"
	"quandesk/tickets"
)

// Unanswered loads a conversation with the residents' messages that the bot
// has not dealt with, oldest first; none while a person has it.
func (s *Store) Unanswered(ctx context.Context, conversationID int64) (channels.Conversation, []channels.Message, error) {
	c, err := s.Conversation(ctx, channels.Scope{All: true}, conversationID)
	if err != nil || c.State == channels.WithUser {
		return c, nil, err
	}
	const q = `SELECT ` + messageColumns + ` FROM messages
		WHERE conversation_id = $1 AND id > $2 AND author = 'customer'
		ORDER BY id LIMIT 50`
	list, err := scanMessages(s.read().QueryContext(ctx, q, conversationID, c.AnsweredID))
	return c, list, wrap(err)
}

// Answered reports whether the message has been dealt with: the bot has
// answered it, or a person has the conversation.
func (s *Store) Answered(ctx context.Context, conversationID, messageID int64) (bool, error) {
	const q = `SELECT answered_id, state FROM conversations WHERE id = $1`
	var answered int64
	var state channels.State
	err := s.read().QueryRowContext(ctx, q, conversationID).Scan(&answered, &state)
	if err == sql.ErrNoRows {
		return false, channels.ErrNotFound
	}
	return answered >= messageID || state == channels.WithUser, wrap(err)
}

// Claim marks the messages up to upTo as answered, with what the bot keeps.
// It reports false when somebody else answered or took the conversation
// since it was read: then nothing may be said. When more has come meanwhile,
// it asks for another answer: those messages had no job of their own.
func (s *Store) Claim(ctx context.Context, c channels.Conversation, upTo int64, memory json.RawMessage) (bool, error) {
	const q = `UPDATE conversations SET answered_id = $1, memory = $2, version = version + 1
		WHERE id = $3 AND answered_id = $4 AND state <> 'human'
		RETURNING heard_id`
	var heard int64
	err := s.tx.QueryRowContext(ctx, q, upTo, string(memory), c.ID, c.AnsweredID).Scan(&heard)
	if err == sql.ErrNoRows {
		return false, nil
	}
	if err == nil && heard > upTo {
		s.later(Job{Kind: AnswerJob, ID: c.ID})
	}
	return err == nil, err
}

// Say stores a message of the bot or the desk inside a transaction.
func (s *Store) Say(ctx context.Context, c channels.Conversation, m channels.Message) (channels.Message, error) {
	m.ConversationID, m.CreatedAt = c.ID, s.Now()
	if m.Kind == "" {
		m.Kind = channels.Text
	}
	id, err := s.say(ctx, c, m)
	if err != nil {
		return m, fmt.Errorf("say: %w", err)
	}
	m.ID = id
	const q = `UPDATE conversations SET preview = $1, version = version + 1, updated_at = $2
		WHERE id = $3 RETURNING version`
	var version int64
	if err := s.tx.QueryRowContext(ctx, q, cut(m.Text, 60), ms(m.CreatedAt), c.ID).Scan(&version); err != nil {
		return m, fmt.Errorf("say: %w", err)
	}
	s.touch(conversationTopic(c.ID), version)
	s.touch(deskTopic, 0)
	return m, nil
}

// CallPerson puts the conversation into the queue for people.
func (s *Store) CallPerson(ctx context.Context, conversationID int64, urgent bool) error {
	const q = `UPDATE conversations SET
			state = CASE state WHEN 'human' THEN state ELSE 'waiting' END,
			urgent = CASE WHEN $1 THEN TRUE ELSE urgent END,
			version = version + 1, updated_at = $2
		WHERE id = $3 RETURNING version`
	var version int64
	if err := s.tx.QueryRowContext(ctx, q, urgent, ms(s.Now()), conversationID).Scan(&version); err != nil {
		return fmt.Errorf("call a person: %w", err)
	}
	s.touch(conversationTopic(conversationID), version)
	s.touch(deskTopic, 0)
	return nil
}

// Alarm stores notices at once, each key once ever.
func (s *Store) Alarm(ctx context.Context, notices []tickets.Notice) error {
	return s.notify(ctx, notices)
}

// Doubt marks messages that have been sending for too long as unknown, so
// that a person sees them, and reports how many.
func (s *Store) Doubt(ctx context.Context, since time.Duration) (int64, error) {
	const q = `UPDATE messages SET delivery = 'unknown'
		WHERE delivery = 'sending' AND sent_at < $1
		RETURNING conversation_id`
	var n int64
	err := s.Atomically(ctx, func(s *Store) error {
		list, err := ids(s.tx.QueryContext(ctx, q, ms(s.Now().Add(-since))))
		if err != nil {
			return err
		}
		for _, id := range list {
			s.touch(conversationTopic(id), 0)
			if err := s.next(ctx, id); err != nil {
				return err
			}
		}
		n = int64(len(list))
		return err
	})
	return n, err
}

// Overlooked puts conversations and messages back into the queue that have
// waited too long for their job: a process died while it worked on them, or
// the queue lost it. Answering and sending twice is fenced, so a job too many
// does nothing.
func (s *Store) Overlooked(ctx context.Context, since time.Duration) (int, error) {
	const unanswered = `SELECT id FROM conversations
		WHERE heard_id > answered_id AND state IN ('bot', 'waiting') AND updated_at < $1
		ORDER BY updated_at LIMIT 100`
	const unsent = `SELECT m.id FROM messages m
		WHERE m.delivery = 'pending' AND m.created_at < $1 AND m.not_before < $1
		ORDER BY m.id LIMIT 100`
	n := 0
	err := s.Atomically(ctx, func(s *Store) error {
		n = 0
		before := ms(s.Now().Add(-since))
		for _, w := range []struct {
			q    string
			kind JobKind
		}{{unanswered, AnswerJob}, {unsent, DeliverJob}} {
			list, err := ids(s.tx.QueryContext(ctx, w.q, before))
			if err != nil {
				return err
			}
			for _, id := range list {
				s.later(Job{Kind: w.kind, ID: id, Once: true})
			}
			n += len(list)
		}
		stale, err := s.staleNotices(ctx, s.Now().Add(-max(since, noticeLease)))
		n += stale
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("look for overlooked messages: %w", err)
	}
	return n, nil
}

// Ask asks for an answer to a conversation.
func (s *Store) Ask(ctx context.Context, conversationID int64) error {
	return s.Atomically(ctx, func(s *Store) error {
		s.later(Job{Kind: AnswerJob, ID: conversationID})
		return nil
	})
}
