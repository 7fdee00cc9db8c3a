package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"time"

	"quandesk/channels"
)

// Receive stores a resident's message under its unique key together with the
// job to answer it, and returns when both are durable. A repeat returns what
// was stored and true. When ctx ends first the message may still be stored;
// sending it again is harmless.
func (s *Store) Receive(ctx context.Context, in channels.Inbound) (channels.Message, bool, error) {
	b := &receipt{in: in, ready: make(chan struct{})}
	select {
	case s.receipts.queue <- b:
	case <-s.receipts.stop:
		return channels.Message{}, false, &UnavailableError{errClosed}
	case <-ctx.Done():
		return channels.Message{}, false, wrap(ctx.Err())
	}
	select {
	case <-b.ready:
		return b.out, b.repeat, b.err
	case <-s.receipts.stop:
		return channels.Message{}, false, &UnavailableError{errClosed}
	case <-ctx.Done():
		return channels.Message{}, false, wrap(ctx.Err())
	}
}

// receive writes a group: messages, conversations, jobs. Every statement
// takes the whole group.
func (s *Store) receive(ctx context.Context, batch []*receipt) error {
	now := s.Now()
	if err := s.findConversations(ctx, batch, now); err != nil {
		return err
	}
	if err := s.lockThreads(ctx, batch); err != nil {
		return err
	}
	ids, err := s.insertMessages(ctx, batch, now)
	if err != nil {
		return err
	}
	heard := map[int64]*arrival{}
	var order []int64
	var fresh []*receipt
	for _, b := range batch {
		key := onceKey{b.thread, b.in.ExternalID}
		id, first := ids[key]
		if !first {
			if b.out, err = s.received(ctx, key); err != nil {
				return err
			}
			b.repeat = true
			continue
		}
		delete(ids, key) // a second copy in the same group is a repeat
		b.out, b.repeat = b.message(id, now), false
		fresh = append(fresh, b)
		a := heard[b.thread]
		if a == nil {
			a = &arrival{}
			heard[b.thread] = a
			order = append(order, b.thread)
		}
		a.add(id, preview(b.in))
	}
	if err := s.openLines(ctx, fresh, now); err != nil {
		return err
	}
	if err := s.reopenLines(ctx, batch); err != nil {
		return err
	}
	if err := s.grantAll(ctx, fresh, now); err != nil {
		return err
	}
	if err := s.remember(ctx, fresh, now); err != nil {
		return err
	}
	if len(order) == 0 {
		return nil
	}
	return s.arrive(ctx, order, heard, now)
}

type onceKey struct {
	conversation int64
	external     string
}

// arrival is what a group brings to one conversation.
type arrival struct {
	count   int
	lastID  int64
	preview string
}

func (a *arrival) add(id int64, preview string) {
	a.count++
	if id >= a.lastID {
		a.lastID, a.preview = id, preview
	}
}

func (b *receipt) message(id int64, now time.Time) channels.Message {
	m := channels.Message{
		ID: id, ConversationID: b.thread, Author: channels.FromCustomer,
		AuthorName: b.in.Name, ExternalID: b.in.ExternalID, Kind: b.in.Kind, Text: b.in.Text,
		Place: b.in.Place, Delivery: channels.Sent, CreatedAt: now,
	}
	for _, a := range b.in.Attachments {
		m.Attachments = append(m.Attachments, channels.Attachment{ID: a})
	}
	return m
}

// findConversations makes sure that every message has a conversation: the
// adapter knows it, or it is the thread of the sender. Senders come in one
// order, so that two groups with the same new ones wait and do not deadlock.
func (s *Store) findConversations(ctx context.Context, batch []*receipt, now time.Time) error {
	for _, b := range slices.SortedFunc(slices.Values(batch), bySender) {
		if b.thread = b.in.ConversationID; b.thread != 0 {
			continue
		}
		var err error
		if b.thread, err = s.thread(ctx, b.in.Channel, b.in.Account, b.in.From, b.in.Name, channels.WithBot, now); err != nil {
			return err
		}
	}
	return nil
}

func bySender(a, b *receipt) int {
	return cmp.Or(cmp.Compare(a.in.Channel, b.in.Channel), cmp.Compare(a.in.Account, b.in.Account),
		cmp.Compare(a.in.From, b.in.From))
}

// lockThreads makes the messages of a conversation commit in the order of
// their ids: one that came later could otherwise be answered first, and what
// has a lower id than the answered one is never looked at again.
func (s *Store) lockThreads(ctx context.Context, batch []*receipt) error {
	ids := make([]int64, len(batch))
	for i, b := range batch {
		ids[i] = b.thread
	}
	return s.lockConversations(ctx, ids...)
}

// lockConversations makes other writers of these conversations wait. It comes
// before every other lock of a transaction that has more than one: answers,
// tickets and messages would deadlock otherwise.
func (s *Store) lockConversations(ctx context.Context, ids ...int64) error {
	if s.engine == SQLite {
		return nil
	}
	const q = `SELECT id FROM conversations WHERE id = ANY(CAST($1 AS BIGINT[])) ORDER BY id FOR NO KEY UPDATE`
	if _, err := s.tx.ExecContext(ctx, q, ids); err != nil {
		return fmt.Errorf("lock conversations: %w", err)
	}
	return nil
}

// thread finds or makes the conversation of a contact.
func (s *Store) thread(ctx context.Context, channel, account, contact, name string, state channels.State, now time.Time) (int64, error) {
	const insert = `INSERT INTO conversations
			(channel, account, contact, name, state, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (channel, account, contact) DO NOTHING
		RETURNING id`
	var id int64
	err := s.tx.QueryRowContext(ctx, insert, channel, account, contact, name, state, ms(now), ms(now)).Scan(&id)
	if err == nil || err != sql.ErrNoRows {
		return id, err
	}
	const find = `SELECT id FROM conversations WHERE channel = $1 AND account = $2 AND contact = $3`
	err = s.tx.QueryRowContext(ctx, find, channel, account, contact).Scan(&id)
	return id, err
}

func (s *Store) insertMessages(ctx context.Context, batch []*receipt, now time.Time) (map[onceKey]int64, error) {
	const columns = 11
	q := `INSERT INTO messages
			(conversation_id, author, author_name, external_id, kind, text, raw, place, attachments, delivery, created_at)
		VALUES ` + values(len(batch), columns) + `
		ON CONFLICT (conversation_id, author, external_id) DO NOTHING
		RETURNING id, conversation_id, external_id`
	args := make([]any, 0, len(batch)*columns)
	for _, b := range batch {
		attachments, err := s.attachmentsOf(ctx, b)
		if err != nil {
			return nil, err
		}
		args = append(args, b.thread, channels.FromCustomer, b.in.Name, b.in.ExternalID,
			b.in.Kind, b.in.Text, b.in.Raw, asJSON(b.in.Place), attachments, channels.Sent, ms(now))
	}
	rows, err := s.tx.QueryContext(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	ids := make(map[onceKey]int64, len(batch))
	for rows.Next() {
		var id int64
		var key onceKey
		if err := rows.Scan(&id, &key.conversation, &key.external); err != nil {
			return nil, err
		}
		ids[key] = id
	}
	return ids, rows.Err()
}

// arrive tells the conversations of a group what they heard and asks for the answers.
func (s *Store) arrive(ctx context.Context, order []int64, heard map[int64]*arrival, now time.Time) error {
	const columns = 4
	q := `UPDATE conversations SET
			burst = CASE WHEN heard_id > answered_id THEN burst + 1 ELSE 1 END,
			heard_id = v.column2, unread = unread + v.column3, preview = v.column4,
			state = CASE state WHEN 'resolved' THEN 'bot' ELSE state END,
			version = version + 1, updated_at = CAST($` + strconv.Itoa(len(order)*columns+1) + ` AS BIGINT)
		FROM (VALUES ` + castValues(len(order), "BIGINT", "BIGINT", "INTEGER", "TEXT") + `) AS v
		WHERE id = v.column1
		RETURNING id, version, burst`
	args := make([]any, 0, len(order)*columns+1)
	for _, id := range order {
		a := heard[id]
		args = append(args, id, a.lastID, a.count, a.preview)
	}
	args = append(args, ms(now))
	rows, err := s.tx.QueryContext(ctx, q, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	told := 0
	for rows.Next() {
		var id, version, burst int64
		if err := rows.Scan(&id, &version, &burst); err != nil {
			return err
		}
		told++
		s.touch(conversationTopic(id), version)
		if burst == 1 { // later messages of a burst are seen by the job of the first (Claim)
			s.later(Job{Kind: AnswerJob, ID: id})
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if told != len(order) {
		return channels.ErrNotFound
	}
	s.touch(deskTopic, 0)
	return nil
}

// received loads a message that was stored before.
func (s *Store) received(ctx context.Context, key onceKey) (channels.Message, error) {
	const q = `SELECT ` + messageColumns + ` FROM messages
		WHERE conversation_id = $1 AND author = 'customer' AND external_id = $2`
	ms, err := scanMessages(s.tx.QueryContext(ctx, q, key.conversation, key.external))
	if err != nil {
		return channels.Message{}, err
	}
	if len(ms) == 0 {
		return channels.Message{}, channels.ErrNotFound
	}
	return ms[0], nil
}

// attachmentsOf checks that the attachments are the sender's and renders them.
func (s *Store) attachmentsOf(ctx context.Context, b *receipt) (string, error) {
	if len(b.in.Attachments) == 0 {
		return "", nil
	}
	list := make([]channels.Attachment, 0, len(b.in.Attachments))
	for _, id := range b.in.Attachments {
		a, err := s.Attachment(ctx, b.thread, id)
		if err != nil {
			return "", err
		}
		list = append(list, a)
	}
	return asJSON(list), nil
}

// preview is what the inbox shows of a message, one line.
func preview(in channels.Inbound) string {
	switch {
	case in.Text != "":
		return cut(in.Text, 60)
	case in.Place != nil:
		return "[位置] " + cut(in.Place.Label, 50)
	case in.Kind == channels.Voice:
		return "[语音]"
	case in.Kind == channels.Video:
		return "[视频]"
	default:
		return "[图片]"
	}
}
