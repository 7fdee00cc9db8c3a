package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"quandesk/channels"
	"quandesk/channels/wechat"
)

// openLines notes, with the messages of a group, until when somebody waits to
// take their answers along.
func (s *Store) openLines(ctx context.Context, fresh []*receipt, now time.Time) error {
	const columns = 8
	var args []any
	n := 0
	for _, b := range fresh {
		if b.in.Line == nil {
			continue
		}
		n++
		args = append(args, b.in.Account, b.in.From, b.in.ExternalID, b.in.Line.Kind, b.thread, b.out.ID,
			ms(b.in.Line.Until), ms(now))
	}
	if n == 0 {
		return nil
	}
	q := `INSERT INTO wechat_pushes
			(account, openid, once, kind, conversation_id, message_id, waiting_until, created_at)
		VALUES ` + values(n, columns) + `
		ON CONFLICT (account, openid, once) DO NOTHING`
	_, err := s.tx.ExecContext(ctx, q, args...)
	return err
}

// reopenLines counts the further attempts of pushes that came before.
func (s *Store) reopenLines(ctx context.Context, batch []*receipt) error {
	const q = `UPDATE wechat_pushes SET attempts = attempts + 1,
			waiting_until = CASE WHEN waiting_until > $1 THEN waiting_until ELSE $1 END
		WHERE account = $2 AND openid = $3 AND once = $4`
	for _, b := range batch {
		if b.in.Line == nil || !b.repeat {
			continue
		}
		if _, err := s.tx.ExecContext(ctx, q, ms(b.in.Line.Until), b.in.Account, b.in.From, b.in.ExternalID); err != nil {
			return err
		}
	}
	return nil
}

const pushColumns = `id, kind, conversation_id, message_id, attempts, reply`

func scanPush(row *sql.Row) (wechat.Line, error) {
	var l wechat.Line
	err := row.Scan(&l.ID, &l.Kind, &l.ConversationID, &l.MessageID, &l.Attempts, &l.Reply)
	return l, err
}

// Line finds what is known of a push.
func (s *Store) Line(ctx context.Context, account, openid, once string) (wechat.Line, error) {
	const q = `SELECT ` + pushColumns + ` FROM wechat_pushes WHERE account = $1 AND openid = $2 AND once = $3`
	l, err := scanPush(s.read().QueryRowContext(ctx, q, account, openid, once))
	if errors.Is(err, sql.ErrNoRows) {
		return l, channels.ErrNotFound
	}
	return l, wrap(err)
}

// mostPending is how many messages one reply is looked for in.
const mostPending = 8

// Pending returns what waits to be sent in a conversation, oldest first; also
// what may not be sent by itself.
func (s *Store) Pending(ctx context.Context, conversationID int64) ([]channels.Message, error) {
	const q = `SELECT ` + messageColumns + ` FROM messages
		WHERE conversation_id = $1 AND delivery IN ('pending', 'held')
		ORDER BY id LIMIT $2`
	list, err := scanMessages(s.read().QueryContext(ctx, q, conversationID, mostPending))
	return list, wrap(err)
}

// TakeReply makes messages that wait to be sent the passive reply of a push, which
// is kept for its next attempt. What comes back is the reply of the push: this
// one, or the one another attempt has taken; empty when the messages have
// gone another way meanwhile.
func (s *Store) TakeReply(ctx context.Context, l wechat.Line, list []channels.Message, reply string) (string, error) {
	const keep = `UPDATE wechat_pushes SET reply = $1, reply_ids = $2, waiting_until = 0 WHERE id = $3 AND reply = ''`
	const kept = `SELECT reply FROM wechat_pushes WHERE id = $1`
	const send = `UPDATE messages SET delivery = $1, why = $2, parts = $3, sent_at = $4 WHERE id = $5 AND delivery IN ('pending', 'held')`
	said := reply
	err := s.Atomically(ctx, func(s *Store) error {
		said = reply
		if err := s.lockConversations(ctx, l.ConversationID); err != nil {
			return err
		}
		res, err := s.tx.ExecContext(ctx, keep, reply, idList(list), l.ID)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, s.tx.QueryRowContext(ctx, kept, l.ID).Scan(&said))
		}
		for _, m := range list {
			becomes := channels.Sent
			if m.Delivery == channels.Held && m.Parts > 0 {
				becomes = channels.Held // a part of it
			}
			res, err := s.tx.ExecContext(ctx, send, becomes, m.Why, m.Parts, ms(s.Now()), m.ID)
			if err != nil {
				return err
			}
			if n, err := res.RowsAffected(); err != nil || n == 0 {
				return errors.Join(err, errGone)
			}
		}
		s.touch(conversationTopic(l.ConversationID), 0)
		return s.next(ctx, l.ConversationID)
	})
	if errors.Is(err, errGone) {
		return "", nil
	}
	return said, err
}

var errGone = errors.New("store: sent another way")

func idList(list []channels.Message) string {
	out := make([]string, len(list))
	for i, m := range list {
		out[i] = strconv.FormatInt(m.ID, 10)
	}
	return strings.Join(out, ",")
}

// Held reports how long the message is left to whoever holds a line open in
// its conversation.
func (s *Store) Held(ctx context.Context, messageID int64) (time.Duration, error) {
	const q = `SELECT conversation_id FROM messages WHERE id = $1 AND delivery = 'pending'`
	var id int64
	err := s.read().QueryRowContext(ctx, q, messageID).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, wrap(err)
	}
	held, err := s.held(ctx, id)
	return held, wrap(err)
}

func (s *Store) held(ctx context.Context, conversationID int64) (time.Duration, error) {
	const q = `SELECT COALESCE(MAX(waiting_until), 0) FROM wechat_pushes
		WHERE conversation_id = $1 AND waiting_until > $2`
	now := s.Now()
	var until int64
	err := s.read().QueryRowContext(ctx, q, conversationID, ms(now)).Scan(&until)
	return max(0, at(until).Sub(now)), err
}

// LetGo ends a line without a reply: what waits in the conversation goes out
// by itself. It waits for an answer that is being written: either that sees
// the end of the line, or this sees the answer.
func (s *Store) LetGo(ctx context.Context, l wechat.Line) error {
	const end = `UPDATE wechat_pushes SET waiting_until = 0 WHERE id = $1`
	return s.Atomically(ctx, func(s *Store) error {
		if err := s.lockConversations(ctx, l.ConversationID); err != nil {
			return err
		}
		if _, err := s.tx.ExecContext(ctx, end, l.ID); err != nil {
			return err
		}
		return s.next(ctx, l.ConversationID)
	})
}

// Happen records an event of WeChat once, with what is said to it. A repeat
// changes nothing and returns what was recorded.
func (s *Store) Happen(ctx context.Context, h wechat.Happening) (l wechat.Line, repeat bool, err error) {
	return s.HappenAnd(ctx, h, func(context.Context, *Store, *wechat.Happening) error { return nil })
}

// HappenAnd is Happen with what follows from the event, once and in the same
// transaction: nothing of either is kept when follow fails. follow may put in
// what is said. channels.ErrNotFound when the push was recorded as something
// of another kind.
func (s *Store) HappenAnd(ctx context.Context, h wechat.Happening, follow func(context.Context, *Store, *wechat.Happening) error) (l wechat.Line, repeat bool, err error) {
	const insert = `INSERT INTO wechat_pushes
			(account, openid, once, kind, conversation_id, reply, created_at)
		VALUES ($1, $2, $3, $4, 0, '', $5)
		ON CONFLICT (account, openid, once) DO UPDATE SET attempts = wechat_pushes.attempts + 1
		RETURNING ` + pushColumns
	const keep = `UPDATE wechat_pushes SET conversation_id = $1, message_id = $2, reply_ids = $3, reply = $4 WHERE id = $5`
	err = s.Atomically(ctx, func(s *Store) error {
		h := h // a transaction may run twice
		now := s.Now()
		var err error
		if l, err = scanPush(s.tx.QueryRowContext(ctx, insert, h.Account, h.From, h.Once, h.Kind, ms(now))); err != nil {
			return err
		}
		if repeat = l.Attempts > 1; repeat {
			if l.Kind != h.Kind {
				return channels.ErrNotFound
			}
			return nil
		}
		if err := follow(ctx, s, &h); err != nil {
			return err
		}
		if err := errors.Join(s.grantFor(ctx, h, now), s.noticed(ctx, h)); err != nil {
			return err
		}
		if h.Say == "" && h.Note == "" {
			return nil
		}
		if l.ConversationID, err = s.thread(ctx, wechat.Channel, h.Account, h.From, "", channels.WithBot, now); err != nil {
			return err
		}
		if l.MessageID, err = s.happened(ctx, h, l.ConversationID, now); err != nil {
			return err
		}
		ids := ""
		if h.Say != "" {
			ids, l.Reply = strconv.FormatInt(l.MessageID, 10), h.Reply
		}
		_, err = s.tx.ExecContext(ctx, keep, l.ConversationID, l.MessageID, ids, l.Reply, l.ID)
		return err
	})
	if err != nil {
		return wechat.Line{}, false, fmt.Errorf("record event: %w", err)
	}
	return l, repeat, nil
}

// noticed tells the books of notices and allowances what an event says of them.
func (s *Store) noticed(ctx context.Context, h wechat.Happening) error {
	if h.Gone {
		return s.Correct(ctx, h.Account, h.From, wechat.NotFollowing)
	}
	if h.Finished != "" {
		return s.TemplateFinished(ctx, h.Account, h.Finished, h.FinishedState)
	}
	for _, l := range h.Lists {
		if l.Status == "" {
			continue // of one that was sent: its error, if any, came with the call
		}
		if err := s.Subscribed(ctx, h.Account, h.From, l.TemplateID, l.Status == "accept"); err != nil {
			return err
		}
	}
	return nil
}

// happened writes what an event leaves in the conversation: a note for
// colleagues, and what the resident is told.
func (s *Store) happened(ctx context.Context, h wechat.Happening, conversationID int64, now time.Time) (int64, error) {
	c := channels.Conversation{ID: conversationID, Channel: wechat.Channel}
	var last int64
	for _, m := range []channels.Message{
		{Kind: channels.Note, Author: channels.FromSystem, Text: h.Note},
		{Kind: channels.Text, Author: channels.FromSystem, Text: h.Say},
	} {
		if m.Text == "" {
			continue
		}
		m.CreatedAt, m.Delivery = now, channels.Sent
		id, err := s.say(ctx, c, m)
		if err != nil {
			return 0, err
		}
		last = id
	}
	const q = `UPDATE conversations SET version = version + 1 WHERE id = $1 RETURNING version`
	var version int64
	if err := s.tx.QueryRowContext(ctx, q, conversationID).Scan(&version); err != nil {
		return 0, err
	}
	s.touch(conversationTopic(conversationID), version)
	return last, nil
}

// PutDeadLetter keeps a push that could not be read, once however often it comes.
func (s *Store) PutDeadLetter(ctx context.Context, account, reason string, body []byte) error {
	const q = `INSERT INTO wechat_dead_letters (account, reason, digest, body, created_at)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account, digest) DO NOTHING`
	sum := sha256.Sum256(body)
	return s.exec(ctx, "keep dead letter", q, account, reason, hex.EncodeToString(sum[:]), body, ms(s.Now()))
}

var _ wechat.Store = (*Store)(nil)
