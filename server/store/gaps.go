package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"quandesk/channels"
	"quandesk/kb"
	"quandesk/tickets/customer"
)

// longestQuestion is how many characters of a question are kept.
const longestQuestion = 200

// Unknown remembers, in the transaction of the bot's reply, that the bot could
// not answer what was asked.
func (s *Store) Unknown(ctx context.Context, m channels.Message, asked string) error {
	const q = `INSERT INTO gap_questions (message_id, conversation_id, text, unanswered, asked_at, updated_at)
		VALUES ($1, $2, $3, TRUE, $4, $4)
		ON CONFLICT (message_id) DO UPDATE SET unanswered = TRUE, updated_at = excluded.updated_at`
	return s.exec(ctx, "remember unanswered question", q, m.ID, m.ConversationID, numberless(asked), ms(s.Now()))
}

// Downvote remembers that the resident of a conversation found a generated
// message of no use; twice is once. channels.ErrNotFound for any other message.
func (s *Store) Downvote(ctx context.Context, conversationID, messageID int64) error {
	const find = `SELECT citations FROM messages WHERE id = $1 AND conversation_id = $2 AND author = 'bot' AND ai`
	const q = `INSERT INTO gap_questions (message_id, conversation_id, text, down, article_id, version, asked_at, updated_at)
		VALUES ($1, $2, $3, TRUE, $4, $5, $6, $6)
		ON CONFLICT (message_id) DO UPDATE SET down = TRUE, updated_at = excluded.updated_at`
	return s.Atomically(ctx, func(s *Store) error {
		var citations string
		err := s.tx.QueryRowContext(ctx, find, messageID, conversationID).Scan(&citations)
		if err == sql.ErrNoRows {
			return channels.ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("find message: %w", err)
		}
		asked, err := s.askedBefore(ctx, conversationID, messageID)
		if err != nil {
			return err
		}
		var cited []channels.Citation
		if citations != "" {
			if err := json.Unmarshal([]byte(citations), &cited); err != nil {
				return fmt.Errorf("read citations: %w", err)
			}
		}
		first := append(cited, channels.Citation{})[0]
		if _, err := s.tx.ExecContext(ctx, q, messageID, conversationID, numberless(asked), first.ArticleID, first.Version, ms(s.Now())); err != nil {
			return fmt.Errorf("remember down-vote: %w", err)
		}
		return nil
	})
}

// askedBefore is what the resident wrote right before a message.
func (s *Store) askedBefore(ctx context.Context, conversationID, messageID int64) (string, error) {
	const q = `SELECT author, text FROM messages
		WHERE conversation_id = $1 AND id < $2 AND kind <> 'note'
		ORDER BY id DESC LIMIT 12`
	rows, err := s.tx.QueryContext(ctx, q, conversationID, messageID)
	if err != nil {
		return "", fmt.Errorf("read question: %w", err)
	}
	defer rows.Close()
	var asked []string
	for rows.Next() {
		var author channels.Author
		var text string
		if err := rows.Scan(&author, &text); err != nil {
			return "", err
		}
		if author != channels.FromCustomer {
			if len(asked) > 0 {
				break
			}
			continue
		}
		asked = append(asked, text)
	}
	slices.Reverse(asked)
	return strings.Join(asked, "\n"), rows.Err()
}

// Downvotes are the messages of a conversation its resident found of no use.
func (s *Store) Downvotes(ctx context.Context, conversationID int64) (map[int64]bool, error) {
	const q = `SELECT message_id FROM gap_questions WHERE conversation_id = $1 AND down`
	list, err := ids(s.read().QueryContext(ctx, q, conversationID))
	if err != nil {
		return nil, wrap(fmt.Errorf("read down-votes: %w", err))
	}
	out := make(map[int64]bool, len(list))
	for _, id := range list {
		out[id] = true
	}
	return out, nil
}

// digits are the numbers that may tell who or where somebody is: accounts,
// identity cards, meters.
var digits = regexp.MustCompile(`\d{6,}[\dXx]?`)

// numberless is a question as it is kept: cut, without phones and long numbers.
func numberless(text string) string {
	text = strings.TrimSpace(text)
	for _, p := range slices.Backward(customer.FindPhones(text)) {
		text = text[:p.Start] + "*" + text[p.End:]
	}
	return cut(digits.ReplaceAllString(text, "*"), longestQuestion)
}

// Questions returns the newest n questions in a state.
func (s *Store) Questions(ctx context.Context, state kb.QuestionState, n int) ([]kb.Question, error) {
	const q = `SELECT id, message_id, conversation_id, text, unanswered, down, article_id, version, state, draft_id, asked_at
		FROM gap_questions WHERE state = $1 ORDER BY id DESC LIMIT $2`
	rows, err := s.read().QueryContext(ctx, q, state, n)
	if err != nil {
		return nil, wrap(fmt.Errorf("read questions: %w", err))
	}
	defer rows.Close()
	var out []kb.Question
	for rows.Next() {
		var x kb.Question
		var asked int64
		if err := rows.Scan(&x.ID, &x.MessageID, &x.ConversationID, &x.Text, &x.Unanswered, &x.Down, &x.ArticleID,
			&x.Version, &x.State, &x.DraftID, &asked); err != nil {
			return nil, err
		}
		x.AskedAt = at(asked)
		out = append(out, x)
	}
	return out, wrap(rows.Err())
}

// SettleQuestions moves questions that are open to a state, and notes the
// article begun with them.
func (s *Store) SettleQuestions(ctx context.Context, list []int64, to kb.QuestionState, draft string, by kb.Editor) error {
	if len(list) == 0 {
		return nil
	}
	err := s.Atomically(ctx, func(s *Store) error {
		w := &where{}
		w.args = []any{to, draft, ms(s.Now())}
		w.in("id", list)
		q := `UPDATE gap_questions SET state = $1, draft_id = CASE WHEN $2 = '' THEN draft_id ELSE $2 END, updated_at = $3
			WHERE ` + w.String() + ` AND state = 'open'`
		if _, err := s.tx.ExecContext(ctx, q, w.args...); err != nil {
			return err
		}
		action := "gap." + string(to)
		if draft != "" {
			action = "gap.written"
		}
		return s.edited(ctx, by, action, strconv.FormatInt(slices.Min(list), 10), draft)
	})
	if err != nil {
		return fmt.Errorf("settle questions: %w", err)
	}
	return nil
}
