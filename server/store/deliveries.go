package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"quandesk/channels"
	"quandesk/channels/wechat"
)

// Leave marks an outgoing message as sending and returns it with its
// conversation. ok is false when it is not its turn: it is sent already, put
// off, or one before it in the conversation is still on its way (whoever sends
// that one calls the next). What a crash left sending becomes unknown and is
// never sent again.
func (s *Store) Leave(ctx context.Context, messageID int64) (m channels.Message, c channels.Conversation, ok bool, err error) {
	const take = `UPDATE messages SET delivery = 'sending', sent_at = $1
		WHERE id = $2 AND delivery = 'pending' AND not_before <= $1
			AND NOT EXISTS (SELECT 1 FROM messages earlier
				WHERE earlier.conversation_id = messages.conversation_id AND earlier.id < messages.id
				AND earlier.delivery IN ('pending', 'sending', 'held'))`
	const doubt = `UPDATE messages SET delivery = 'unknown' WHERE id = $1 AND delivery = 'sending'`
	const load = `SELECT ` + messageColumns + ` FROM messages WHERE id = $1`
	err = s.Atomically(ctx, func(s *Store) error {
		res, err := s.tx.ExecContext(ctx, take, ms(s.Now()), messageID)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return err
		}
		if ok = n == 1; !ok {
			if err := s.wait(ctx, messageID, doubt); err != nil {
				return err
			}
		}
		list, err := scanMessages(s.tx.QueryContext(ctx, load, messageID))
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return channels.ErrNotFound
		}
		m = list[0]
		if c, err = s.conversation(ctx, channels.Scope{All: true}, m.ConversationID, ""); err != nil {
			return err
		}
		s.touch(conversationTopic(m.ConversationID), 0)
		if ok && m.AI && m.Parts > 0 {
			ok, err = s.goesOn(ctx, m)
		}
		return err
	})
	return m, c, ok, err
}

// wait is what happens to a message that was not taken: in doubt when it was
// left sending, held with the ones before it that are.
func (s *Store) wait(ctx context.Context, messageID int64, doubt string) error {
	const hold = `UPDATE messages SET delivery = 'held', why = 'order'
		WHERE id = $1 AND delivery = 'pending'
			AND EXISTS (SELECT 1 FROM messages earlier
				WHERE earlier.conversation_id = messages.conversation_id AND earlier.id < messages.id
				AND earlier.delivery = 'held')`
	if _, err := s.tx.ExecContext(ctx, doubt, messageID); err != nil {
		return err
	}
	_, err := s.tx.ExecContext(ctx, hold, messageID)
	return err
}

// goesOn reports whether the rest of a generated answer is still wanted: the
// resident asked for it. Who asks something else is not sent it; the message
// then counts as sent as far as it went.
func (s *Store) goesOn(ctx context.Context, m channels.Message) (bool, error) {
	const heard = `SELECT text FROM messages
		WHERE conversation_id = $1 AND author = 'customer' AND id > $2
		ORDER BY id DESC LIMIT 1`
	const enough = `UPDATE messages SET delivery = 'sent', why = 'rest_unread' WHERE id = $1`
	var text string
	err := s.tx.QueryRowContext(ctx, heard, m.ConversationID, m.ID).Scan(&text)
	if err == sql.ErrNoRows {
		return true, nil
	}
	if err != nil || wechat.GoesOn(text) {
		return true, err
	}
	if _, err := s.tx.ExecContext(ctx, enough, m.ID); err != nil {
		return false, err
	}
	return false, s.next(ctx, m.ConversationID)
}

// Resume takes a turn that only asks for the rest of a long answer: that goes
// out, now, and nothing else is said. It reports false for every other turn.
func (s *Store) Resume(ctx context.Context, c channels.Conversation, turn []channels.Message) (bool, error) {
	const rest = `SELECT COUNT(*) FROM messages
		WHERE conversation_id = $1 AND ai AND parts > 0 AND id < $2
			AND (delivery IN ('pending', 'sending', 'held') OR sent_at >= $3)`
	const letGo = `UPDATE wechat_pushes SET waiting_until = 0 WHERE conversation_id = $1 AND waiting_until > $2`
	asks := func(m channels.Message) bool { return wechat.GoesOn(m.Text) }
	if c.Channel != wechat.Channel || len(turn) == 0 || slices.ContainsFunc(turn, func(m channels.Message) bool { return !asks(m) }) {
		return false, nil
	}
	resumed := false
	err := s.Atomically(ctx, func(s *Store) error {
		var n int
		err := s.tx.QueryRowContext(ctx, rest, c.ID, turn[0].ID, ms(turn[0].CreatedAt)).Scan(&n)
		if resumed = err == nil && n > 0; !resumed {
			return err
		}
		if _, err := s.Claim(ctx, c, turn[len(turn)-1].ID, c.Memory); err != nil {
			return err
		}
		if _, err := s.tx.ExecContext(ctx, letGo, c.ID, ms(s.Now())); err != nil {
			return err
		}
		s.touch(conversationTopic(c.ID), 0)
		return s.next(ctx, c.ID)
	})
	return resumed, err
}

// Left stores how a delivery went. Only who took the message knows, even when
// it has been doubted meanwhile.
func (s *Store) Left(ctx context.Context, m channels.Message, d channels.Delivery) error {
	return s.LeftAs(ctx, m, channels.Outcome{Delivery: d})
}

// LeftAs is Left with the reason, and with when it is tried again. The next
// message of the conversation gets its turn, unless this one still waits.
func (s *Store) LeftAs(ctx context.Context, m channels.Message, o channels.Outcome) error {
	const q = `UPDATE messages SET delivery = $1, why = $2, sent_at = $3, not_before = $4, tries = tries + $5
		WHERE id = $6 AND delivery IN ('sending', 'unknown')`
	return s.Atomically(ctx, func(s *Store) error {
		o := o
		if o.Delivery == channels.Held {
			var err error
			if o, err = s.stillHeld(ctx, m, o); err != nil {
				return err
			}
		}
		s.touch(conversationTopic(m.ConversationID), 0)
		now := s.Now()
		due, tries := time.Time{}, 0
		if o.Delivery == channels.Pending {
			due, tries = now.Add(o.Again), 1
		}
		res, err := s.tx.ExecContext(ctx, q, o.Delivery, o.Why, ms(now), ms(due), tries, m.ID)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		switch o.Delivery {
		case channels.Pending:
			s.later(Job{Kind: DeliverJob, ID: m.ID, At: due})
			return nil
		case channels.Held:
			if err := s.holdBack(ctx, m); err != nil {
				return err
			}
			return s.nudge(ctx, m)
		}
		return s.next(ctx, m.ConversationID)
	})
}

// stillHeld makes sure that the resident has not written between the moment
// when nothing could be sent and now: nobody would let the message go then.
func (s *Store) stillHeld(ctx context.Context, m channels.Message, o channels.Outcome) (channels.Outcome, error) {
	if wechat.Class(o.Why) != wechat.UsedUp && wechat.Class(o.Why) != wechat.OutsideTime {
		return o, nil
	}
	if err := s.lockConversations(ctx, m.ConversationID); err != nil {
		return o, err
	}
	c, err := s.conversation(ctx, channels.Scope{All: true}, m.ConversationID, "")
	if err != nil {
		return o, err
	}
	w, err := s.allowance(ctx, c.Account, c.Contact, "")
	if n, _ := w.Left(s.Now()); err == nil && n > 0 {
		o = channels.Outcome{Delivery: channels.Pending}
	}
	return o, err
}

// holdBack holds what comes after a held message: the order is kept.
func (s *Store) holdBack(ctx context.Context, m channels.Message) error {
	const q = `UPDATE messages SET delivery = 'held', why = 'order'
		WHERE conversation_id = $1 AND id > $2 AND delivery = 'pending'`
	_, err := s.tx.ExecContext(ctx, q, m.ConversationID, m.ID)
	return err
}

// next asks for the delivery of the oldest message of a conversation that
// waits for its turn.
func (s *Store) next(ctx context.Context, conversationID int64) error {
	const q = `SELECT id, delivery FROM messages
		WHERE conversation_id = $1 AND delivery IN ('pending', 'sending', 'held')
		ORDER BY id LIMIT 1`
	var id int64
	var d channels.Delivery
	err := s.tx.QueryRowContext(ctx, q, conversationID).Scan(&id, &d)
	if err == sql.ErrNoRows {
		return nil
	}
	if err == nil && d == channels.Pending {
		s.later(Job{Kind: DeliverJob, ID: id})
	}
	return err
}

// release lets what was held for this resident go out, in order.
func (s *Store) release(ctx context.Context, conversationID int64) error {
	const q = `UPDATE messages SET delivery = 'pending', not_before = 0
		WHERE conversation_id = $1 AND delivery = 'held'`
	res, err := s.tx.ExecContext(ctx, q, conversationID)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	s.touch(conversationTopic(conversationID), 0)
	return s.next(ctx, conversationID)
}

// Resend lets a member of staff send a message again that surely was not
// sent. ErrNotFound when there is none in scope that failed.
func (s *Store) Resend(ctx context.Context, by channels.Staff, sc channels.Scope, conversationID, messageID int64) error {
	const q = `UPDATE messages SET delivery = 'pending', why = '', tries = 0, not_before = 0
		WHERE id = $1 AND conversation_id = $2 AND delivery = 'failed'`
	return s.Atomically(ctx, func(s *Store) error {
		if _, err := s.conversation(ctx, sc, conversationID, s.forUpdate()); err != nil {
			return err
		}
		res, err := s.tx.ExecContext(ctx, q, messageID, conversationID)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return channels.ErrNotFound
		}
		s.touch(conversationTopic(conversationID), 0)
		s.later(Job{Kind: DeliverJob, ID: messageID})
		return nil
	})
}
