package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"quandesk/channels"
	"quandesk/tickets"
)

const conversationColumns = `c.id, c.channel, c.account, c.contact, c.name, c.state, c.assignee_id, c.assignee_name,

	c.department, c.ticket_no, c.ticket_state, c.kind, c.category, c.district, c.urgent,
	EXISTS (SELECT 1 FROM tickets t WHERE t.conversation_id = c.id AND t.confidential), c.due_rule, c.due_at,
	c.preview, c.unread, c.answered_id, c.memory, c.version, c.created_at, c.updated_at`

func scanConversations(rows *sql.Rows, err error) ([]channels.Conversation, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []channels.Conversation
	for rows.Next() {
		var c channels.Conversation
		var memory string
		var due, created, updated int64
		if err := rows.Scan(&c.ID, &c.Channel, &c.Account, &c.Contact, &c.Name, &c.State, &c.AssigneeID, &c.AssigneeName,
			&c.Department, &c.TicketNo, &c.TicketState, &c.Kind, &c.Category, &c.District, &c.Urgent, &c.Confidential, &c.DueRule, &due,
			&c.Preview, &c.Unread, &c.AnsweredID, &memory, &c.Version, &created, &updated); err != nil {
			return nil, err
		}
		if memory != "" {
			c.Memory = []byte(memory)
		}
		c.DueAt, c.CreatedAt, c.UpdatedAt = at(due), at(created), at(updated)
		out = append(out, c)
	}
	return out, rows.Err()
}

// views of the inbox; the conditions are those of the partial indexes.
var inboxViews = map[string]string{
	"":         "c.state IN ('waiting', 'human')",
	"open":     "c.state IN ('waiting', 'human')",
	"waiting":  "c.state = 'waiting'",
	"bot":      "c.state = 'bot'",
	"resolved": "c.state = 'resolved'",
	"mine":     "c.state = 'human'",
	"all":      "",
}

// ErrCursor is returned for a cursor this list did not give.
var ErrCursor error = &tickets.InputError{Field: "cursor", Problem: tickets.Invalid}

// Inbox returns one keyset page of the shared inbox.
func (s *Store) Inbox(ctx context.Context, sc channels.Scope, f channels.Filter) (channels.Page, error) {
	w, err := s.inboxWhere(ctx, sc, f)
	if err != nil {
		return channels.Page{}, err
	}
	n := limit(f.Limit)
	order := "c.updated_at DESC, c.id DESC"
	if f.DueFirst {
		order = "c.due_at, c.id"
	}
	q := `SELECT ` + conversationColumns + ` FROM conversations c
		WHERE ` + w.String() + `
		ORDER BY ` + order + `
		LIMIT ` + strconv.Itoa(n+1)
	list, err := scanConversations(s.read().QueryContext(ctx, q, w.args...))
	if err != nil {
		return channels.Page{}, wrap(fmt.Errorf("list inbox: %w", err))
	}
	page := channels.Page{Conversations: list}
	if len(list) > n {
		page.Conversations = list[:n]
		last := list[n-1]
		key := ms(last.UpdatedAt)
		if f.DueFirst {
			key = dueKey(last.DueAt)
		}
		page.Next = cursor(key, last.ID)
	}
	return page, nil
}

func (s *Store) inboxWhere(ctx context.Context, sc channels.Scope, f channels.Filter) (*where, error) {
	w := &where{}
	view, ok := inboxViews[f.View]
	if !ok {
		return nil, ErrCursor
	}
	if view != "" {
		w.parts = append(w.parts, view)
	}
	w.inboxScope(sc)
	if f.View == "mine" {
		w.add("c.assignee_id = ?", f.UserID)
	}
	for _, eq := range []struct{ column, value string }{
		{"c.channel", f.Channel}, {"c.department", f.Department}, {"c.category", f.Category}, {"c.district", f.District},
	} {
		if eq.value != "" {
			w.add(eq.column+" = ?", eq.value)
		}
	}
	if f.Urgent {
		w.parts = append(w.parts, "c.urgent")
	}
	if f.Query != "" {
		ids, err := s.searchConversations(ctx, sc, f.Query)
		if err != nil {
			return nil, err
		}
		w.in("c.id", ids)
	}
	if f.District != "" || f.Query != "" && !ticketNumber(f.Query) {
		w.knownTalks(sc)
	}
	if f.Cursor != "" {
		key, id, err := parseCursor(f.Cursor)
		if err != nil {
			return nil, err
		}
		if f.DueFirst {
			w.add("(c.due_at, c.id) > (?, ?)", key, id)
		} else {
			w.add("(c.updated_at, c.id) < (?, ?)", key, id)
		}
	}
	return w, nil
}

// countCap is where the badges of the inbox stop counting.
const countCap = 1000

// Counts returns how many conversations each view holds, 1,000 at the most:
// nobody acts on the difference beyond.
func (s *Store) Counts(ctx context.Context, sc channels.Scope, userID int64) (map[string]int, error) {
	out := map[string]int{}
	for _, view := range []string{"open", "waiting", "mine", "bot"} {
		w, err := s.inboxWhere(ctx, sc, channels.Filter{View: view, UserID: userID})
		if err != nil {
			return nil, err
		}
		q := `SELECT COUNT(*) FROM (SELECT 1 FROM conversations c WHERE ` + w.String() +
			` LIMIT ` + strconv.Itoa(countCap) + `) AS capped`
		var n int
		if err := s.read().QueryRowContext(ctx, q, w.args...).Scan(&n); err != nil {
			return nil, wrap(fmt.Errorf("count inbox: %w", err))
		}
		out[view] = n
	}
	return out, nil
}

// Conversation loads one row of the inbox. channels.ErrNotFound when it is
// not in scope.
func (s *Store) Conversation(ctx context.Context, sc channels.Scope, id int64) (channels.Conversation, error) {
	return s.conversation(ctx, sc, id, "")
}

func (s *Store) conversation(ctx context.Context, sc channels.Scope, id int64, lock string) (channels.Conversation, error) {
	w := &where{}
	w.add("c.id = ?", id)
	w.inboxScope(sc)
	q := `SELECT ` + conversationColumns + ` FROM conversations c WHERE ` + w.String() + lock
	list, err := scanConversations(s.read().QueryContext(ctx, q, w.args...))
	if err != nil {
		return channels.Conversation{}, wrap(err)
	}
	if len(list) == 0 {
		return channels.Conversation{}, channels.ErrNotFound
	}
	return list[0], nil
}

// Post stores what a member of staff wrote, with images of the conversation. Writing in a conversation that
// nobody has takes it. channels.ErrTaken when a colleague has it; a note may
// be left in any conversation.
func (s *Store) Post(ctx context.Context, by channels.Staff, sc channels.Scope, id int64, clientID, text string, kind channels.Kind, images ...string) (channels.Message, error) {
	var out channels.Message
	err := s.Atomically(ctx, func(s *Store) error {
		c, err := s.conversation(ctx, sc, id, s.forUpdate())
		if err != nil {
			return err
		}
		if m, ok, err := s.posted(ctx, id, clientID); err != nil || ok {
			out = m
			return err
		}
		if kind != channels.Note {
			if err := s.hold(ctx, by, c); err != nil {
				return err
			}
		}
		out = channels.Message{
			ConversationID: id, Author: channels.FromStaff, AuthorID: by.ID, AuthorName: by.Name,
			ExternalID: clientID, Kind: kind, Text: text, CreatedAt: s.Now(),
		}
		for _, image := range images {
			a, err := s.Attachment(ctx, id, image)
			if err != nil {
				return err
			}
			out.Attachments = append(out.Attachments, a)
		}
		if out.ID, err = s.say(ctx, c, out); err != nil {
			return err
		}
		out.Delivery = begins(c, out)
		return s.spoke(ctx, c, out)
	})
	return out, err
}

func (s *Store) posted(ctx context.Context, conversationID int64, clientID string) (channels.Message, bool, error) {
	if clientID == "" {
		return channels.Message{}, false, nil
	}
	const q = `SELECT ` + messageColumns + ` FROM messages
		WHERE conversation_id = $1 AND author = 'staff' AND external_id = $2`
	list, err := scanMessages(s.tx.QueryContext(ctx, q, conversationID, clientID))
	if err != nil || len(list) == 0 {
		return channels.Message{}, false, err
	}
	return list[0], true, nil
}

// spoke moves the conversation up after staff wrote in it.
func (s *Store) spoke(ctx context.Context, c channels.Conversation, m channels.Message) error {
	const q = `UPDATE conversations SET
			preview = $1, unread = CASE WHEN $2 THEN unread ELSE 0 END,
			version = version + 1, updated_at = $3
		WHERE id = $4
		RETURNING version`
	var version int64
	shown := preview(channels.Inbound{Kind: m.Kind, Text: m.Text})
	err := s.tx.QueryRowContext(ctx, q, shown, m.Kind == channels.Note, ms(m.CreatedAt), c.ID).Scan(&version)
	if err != nil {
		return err
	}
	s.touch(conversationTopic(c.ID), version)
	s.touch(deskTopic, 0)
	return nil
}

// hold makes sure that the conversation is this person's.
func (s *Store) hold(ctx context.Context, by channels.Staff, c channels.Conversation) error {
	if c.State == channels.WithUser && c.AssigneeID == by.ID {
		return nil
	}
	if c.State == channels.WithUser && c.AssigneeID != 0 {
		return &channels.TakenError{By: c.AssigneeName}
	}
	const q = `UPDATE conversations SET
			state = 'human', assignee_id = $1, assignee_name = $2, answered_id = heard_id,
			version = version + 1, updated_at = $3
		WHERE id = $4
		RETURNING version`
	var version int64
	if err := s.tx.QueryRowContext(ctx, q, by.ID, by.Name, ms(s.Now()), c.ID).Scan(&version); err != nil {
		return err
	}
	s.touch(conversationTopic(c.ID), version)
	s.touch(deskTopic, 0)
	return nil
}

// Take gives a conversation to a member of staff. channels.ErrTaken when a
// colleague has it.
func (s *Store) Take(ctx context.Context, by channels.Staff, sc channels.Scope, id int64) error {
	return s.Atomically(ctx, func(s *Store) error {
		c, err := s.conversation(ctx, sc, id, s.forUpdate())
		if err != nil {
			return err
		}
		return s.hold(ctx, by, c)
	})
}

// Release gives a conversation back to the queue (waiting) or ends it
// (resolved). Only who has it may; anybody may end one that nobody has.
func (s *Store) Release(ctx context.Context, by channels.Staff, sc channels.Scope, id int64, to channels.State) error {
	return s.Atomically(ctx, func(s *Store) error {
		c, err := s.conversation(ctx, sc, id, s.forUpdate())
		if err != nil {
			return err
		}
		if c.State == channels.WithUser && c.AssigneeID != by.ID {
			return &channels.TakenError{By: c.AssigneeName}
		}
		const q = `UPDATE conversations SET
				state = $1, assignee_id = 0, assignee_name = '', memory = '',
				unread = CASE WHEN $1 = 'resolved' THEN 0 ELSE unread END,
				answered_id = heard_id, version = version + 1, updated_at = $2
			WHERE id = $3
			RETURNING version`
		var version int64
		if err := s.tx.QueryRowContext(ctx, q, to, ms(s.Now()), id).Scan(&version); err != nil {
			return err
		}
		s.touch(conversationTopic(id), version)
		s.touch(deskTopic, 0)
		return nil
	})
}

func dueKey(t time.Time) int64 {
	if t.IsZero() {
		return never
	}
	return t.UnixMilli()
}
