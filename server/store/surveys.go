package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"quandesk/channels"
	"quandesk/channels/wechat"
)

// Survey is one question to a resident whether a matter was settled well.
type Survey struct {
	ID             int64
	TicketNo       string
	ConversationID int64
	Answer         int // 1 to 3; 0 while there is none
	AskedAt        time.Time
	AnsweredAt     time.Time
}

// AskSurveys asks the residents of WeChat whose tickets have been settled and
// answered: once for each settlement, as a message of the conversation.
func (s *Store) AskSurveys(ctx context.Context) (int, error) {
	const due = `SELECT t.no, t.settled_at, t.conversation_id FROM tickets t
		JOIN conversations c ON c.id = t.conversation_id AND c.channel = 'wechat'
		WHERE t.state = 'settled' AND t.settled_at > 0
			AND NOT EXISTS (SELECT 1 FROM surveys v WHERE v.ticket_no = t.no AND v.settled_at = t.settled_at)
		ORDER BY t.id LIMIT 50`
	type ask struct {
		no           string
		settled      int64
		conversation int64
	}
	rows, err := s.read().QueryContext(ctx, due)
	if err != nil {
		return 0, wrap(fmt.Errorf("look for surveys: %w", err))
	}
	defer rows.Close()
	var list []ask
	for rows.Next() {
		var a ask
		if err := rows.Scan(&a.no, &a.settled, &a.conversation); err != nil {
			return 0, wrap(err)
		}
		list = append(list, a)
	}
	if err := rows.Err(); err != nil {
		return 0, wrap(err)
	}
	for _, a := range list {
		err := s.Atomically(ctx, func(s *Store) error { return s.ask(ctx, a.no, a.settled, a.conversation) })
		if err != nil {
			return 0, fmt.Errorf("ask survey: %w", err)
		}
	}
	return len(list), nil
}

// ask stores a survey and its message; when another process was first, nothing.
func (s *Store) ask(ctx context.Context, no string, settled, conversationID int64) error {
	const put = `INSERT INTO surveys (ticket_no, settled_at, conversation_id, account, openid, state, asked_at)
		VALUES ($1, $2, $3, $4, $5, 'asked', $6)
		ON CONFLICT (ticket_no, settled_at) DO NOTHING
		RETURNING id`
	const older = `UPDATE surveys SET state = 'void' WHERE ticket_no = $1 AND id <> $2 AND state = 'asked'`
	const link = `UPDATE surveys SET message_id = $1 WHERE id = $2`
	if err := s.lockConversations(ctx, conversationID); err != nil {
		return err
	}
	c, err := s.conversation(ctx, channels.Scope{All: true}, conversationID, "")
	if err != nil {
		return err
	}
	var id int64
	err = s.tx.QueryRowContext(ctx, put, no, settled, c.ID, c.Account, c.Contact, ms(s.Now())).Scan(&id)
	if err == sql.ErrNoRows {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := s.tx.ExecContext(ctx, older, no, id); err != nil {
		return err
	}
	m, err := s.Say(ctx, c, channels.Message{
		Author: channels.FromSystem, Text: wechat.SurveyText(no), Action: &channels.Done{Type: "survey", TicketNo: no, Survey: id},
	})
	if err != nil {
		return err
	}
	_, err = s.tx.ExecContext(ctx, link, m.ID, id)
	return err
}

// FindSurvey finds the survey that a tap or a typed answer is about: by the
// number of the menu's item, else the newest open one of this resident when
// the text is an answer at all. ok is false when it is about none.
func (s *Store) FindSurvey(ctx context.Context, account, openid, item, text string) (v Survey, answer int, ok bool, err error) {
	const byID = `SELECT id, ticket_no, conversation_id, answer, asked_at, answered_at FROM surveys
		WHERE account = $1 AND openid = $2 AND id = $3`
	const newest = `SELECT id, ticket_no, conversation_id, answer, asked_at, answered_at FROM surveys
		WHERE account = $1 AND openid = $2 AND state = 'asked'
			AND EXISTS (SELECT 1 FROM messages m WHERE m.id = surveys.message_id AND m.delivery IN ('sent', 'sending', 'unknown'))
		ORDER BY id DESC LIMIT 1`
	var row *sql.Row
	if id, n, isItem := wechat.ParseSurveyItem(item); isItem {
		answer = n
		row = s.read().QueryRowContext(ctx, byID, account, openid, id)
	} else if n, isAnswer := wechat.ParseSurveyText(text); isAnswer {
		answer = n
		row = s.read().QueryRowContext(ctx, newest, account, openid)
	} else {
		return v, 0, false, nil
	}
	var asked, answered int64
	err = row.Scan(&v.ID, &v.TicketNo, &v.ConversationID, &v.Answer, &asked, &answered)
	if err == sql.ErrNoRows {
		return v, 0, false, nil
	}
	v.AskedAt, v.AnsweredAt = at(asked), at(answered)
	return v, answer, err == nil, wrap(err)
}

// TakeSurvey stores the answer to a survey. ok is false when it has one
// already, or a later settlement made it void.
func (s *Store) TakeSurvey(ctx context.Context, id int64, answer int) (ok bool, err error) {
	const q = `UPDATE surveys SET state = 'answered', answer = $1, answered_at = $2 WHERE id = $3 AND state = 'asked'`
	err = s.Atomically(ctx, func(s *Store) error {
		res, err := s.tx.ExecContext(ctx, q, answer, ms(s.Now()), id)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		ok = n == 1
		return err
	})
	return ok, err
}
