package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"quandesk/channels"
	"quandesk/tickets"
	"quandesk/tickets/customer"
)

// searchHits is how many conversations a search of the inbox finds at most,
// the latest first; messageHits is how many messages it looks at for them, so
// that one long conversation does not hide the others.
const (
	searchHits  = 200
	messageHits = 10 * searchHits
)

// searchConversations finds conversations by a ticket number, a phone or
// words of their messages. A department's hits are its own: the latest of all
// would leave nothing of them.
func (s *Store) searchConversations(ctx context.Context, sc channels.Scope, query string) ([]int64, error) {
	query = strings.TrimSpace(query)
	department := "" // everybody's
	if !sc.All {
		department = sc.Department
	}
	if phone, err := customer.ParsePhone(query); err == nil {
		const q = `SELECT conversation_id FROM tickets WHERE contact_phone = $1 AND NOT confidential AND ($3 = '' OR department = $3)
			ORDER BY id DESC LIMIT $2`
		return ids(s.read().QueryContext(ctx, q, phone, searchHits, department))
	}
	if upper := strings.ToUpper(query); ticketNumber(query) {
		const q = `SELECT conversation_id FROM tickets WHERE no >= $1 AND no < $2 AND ($4 = '' OR department = $4)
			ORDER BY no DESC LIMIT $3`
		return ids(s.read().QueryContext(ctx, q, upper, upper+"~", searchHits, department))
	}
	return s.searchMessages(ctx, department, query)
}

// ticketNumber reports whether somebody looks for a ticket by its number.
func ticketNumber(query string) bool {
	return strings.HasPrefix(strings.ToUpper(strings.TrimSpace(query)), "TS-")
}

// searchMessages finds the conversations of the newest messages that contain
// the words: in the index of character pairs, and in the newest messages that
// the index has not taken in yet.
func (s *Store) searchMessages(ctx context.Context, department, query string) ([]int64, error) {
	grams := gramsOf(query, true)
	if len(grams) == 0 {
		return nil, nil
	}
	indexed, newest, err := s.searchBounds(ctx)
	if err != nil {
		return nil, err
	}
	var found []int64
	seen := map[int64]bool{}
	take := func(list []int64, err error) error {
		for _, id := range list {
			if !seen[id] {
				seen[id] = true
				found = append(found, id)
			}
		}
		return err
	}
	tail := `SELECT conversation_id FROM messages
		WHERE id > $1 AND text ` + s.like() + ` $2 ESCAPE '\'
			AND ($4 = '' OR conversation_id IN (SELECT c.id FROM conversations c WHERE c.department = $4))
		ORDER BY id DESC LIMIT $3`
	if err := take(ids(s.read().QueryContext(ctx, tail, max(indexed, newest-tailMost), likeWords(query), messageHits, department))); err != nil {
		return nil, wrap(fmt.Errorf("search messages: %w", err))
	}
	if err := take(s.searchIndex(ctx, grams, department, query, indexed)); err != nil {
		return nil, wrap(fmt.Errorf("search messages: %w", err))
	}
	return found[:min(len(found), searchHits)], nil
}

// tailMost bounds how many messages outside the index a search reads.
const tailMost = 20000

// searchIndex asks the index of the engine. PostgreSQL looks through growing
// windows of the newest messages, so that a word that stands everywhere does
// not visit every row.
func (s *Store) searchIndex(ctx context.Context, grams []string, department, query string, indexed int64) ([]int64, error) {
	if s.engine == SQLite {
		const q = `SELECT m.conversation_id FROM message_search JOIN messages m ON m.id = message_search.rowid
			WHERE message_search MATCH $1 AND m.text LIKE $2 ESCAPE '\'
				AND ($4 = '' OR m.conversation_id IN (SELECT c.id FROM conversations c WHERE c.department = $4))
			ORDER BY message_search.rowid DESC LIMIT $3`
		return ids(s.read().QueryContext(ctx, q, ftsQuery(grams), likeWords(query), messageHits, department))
	}
	const q = `WITH hit AS MATERIALIZED (
			SELECT message_id FROM message_search WHERE grams @@ CAST($1 AS tsquery) AND message_id > $2)
		SELECT m.conversation_id FROM hit JOIN messages m ON m.id = hit.message_id
		WHERE m.text ILIKE $3 ESCAPE '\'
			AND ($5 = '' OR m.conversation_id IN (SELECT c.id FROM conversations c WHERE c.department = $5))
		ORDER BY m.id DESC LIMIT $4`
	var list []int64
	for _, window := range []int64{20000, 200000, never} {
		var err error
		list, err = ids(s.read().QueryContext(ctx, q, tsQuery(grams), max(0, indexed-window), likeWords(query), messageHits, department))
		if err != nil || len(list) >= messageHits || indexed <= window {
			return list, err
		}
	}
	return list, nil
}

// hush takes what was said about a confidential ticket out of the index: it
// may have been there before the ticket was.
func (s *Store) hush(ctx context.Context, t *tickets.Ticket) error {
	if !t.Confidential {
		return nil
	}
	q := `DELETE FROM message_search WHERE message_id IN (SELECT id FROM messages WHERE conversation_id = $1)`
	if s.engine == SQLite {
		q = `DELETE FROM message_search WHERE rowid IN (SELECT id FROM messages WHERE conversation_id = $1)`
	}
	if _, err := s.tx.ExecContext(ctx, q, t.ConversationID); err != nil {
		return fmt.Errorf("hush messages: %w", err)
	}
	return nil
}

func (s *Store) searchBounds(ctx context.Context) (indexed, newest int64, err error) {
	if indexed, err = s.indexedTo(ctx); err != nil {
		return 0, 0, err
	}
	const q = `SELECT COALESCE(MAX(id), 0) FROM messages`
	err = s.read().QueryRowContext(ctx, q).Scan(&newest)
	return indexed, newest, wrap(err)
}

func (s *Store) indexedTo(ctx context.Context) (int64, error) {
	const q = `SELECT value FROM settings WHERE key = 'search.indexed'`
	var v string
	err := s.read().QueryRowContext(ctx, q).Scan(&v)
	if err == sql.ErrNoRows {
		return 0, nil
	}
	if err != nil {
		return 0, wrap(err)
	}
	return strconv.ParseInt(v, 10, 64)
}

const (
	indexBatch = 1000
	// indexLag keeps the indexer behind transactions that may still commit a
	// message with a lower id: none takes as long.
	indexLag = 2 * receiveLimit
)

// IndexMessages takes up to a batch of messages into the search index and
// reports how many. Until then a search reads them directly.
func (s *Store) IndexMessages(ctx context.Context) (int, error) {
	n := 0
	err := s.Atomically(ctx, func(s *Store) error {
		const lock = `INSERT INTO settings (key, value) VALUES ('search.indexed', '0')
			ON CONFLICT (key) DO UPDATE SET value = settings.value
			RETURNING value`
		var v string
		if err := s.tx.QueryRowContext(ctx, lock).Scan(&v); err != nil {
			return err
		}
		from, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return err
		}
		var last int64
		if last, n, err = s.indexFrom(ctx, from); err != nil || n == 0 {
			return err
		}
		const move = `UPDATE settings SET value = $1 WHERE key = 'search.indexed'`
		_, err = s.tx.ExecContext(ctx, move, strconv.FormatInt(last, 10))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("index messages: %w", err)
	}
	return n, nil
}

func (s *Store) indexFrom(ctx context.Context, from int64) (last int64, n int, err error) {
	// What belongs to a confidential ticket is in no index (T14).
	const q = `SELECT m.id, CASE WHEN EXISTS (
				SELECT 1 FROM tickets t WHERE t.conversation_id = m.conversation_id AND t.confidential) THEN '' ELSE m.text END
		FROM messages m WHERE m.id > $1 AND m.created_at < $2 ORDER BY m.id LIMIT $3`
	rows, err := s.tx.QueryContext(ctx, q, from, ms(s.Now().Add(-indexLag)), indexBatch)
	if err != nil {
		return 0, 0, err
	}
	defer rows.Close()
	var args []any
	for rows.Next() {
		var id int64
		var text string
		if err := rows.Scan(&id, &text); err != nil {
			return 0, 0, err
		}
		last, n = id, n+1
		args = append(args, id, strings.Join(gramsOf(text, false), " "))
	}
	if err := rows.Err(); err != nil || n == 0 {
		return 0, 0, err
	}
	rows.Close()
	insert := `INSERT INTO message_search (rowid, grams) VALUES ` + values(n, 2)
	if s.engine == Postgres {
		insert = `INSERT INTO message_search (message_id, grams)
			SELECT v.column1, to_tsvector('simple', v.column2)
			FROM (VALUES ` + castValues(n, "BIGINT", "TEXT") + `) AS v
			ON CONFLICT (message_id) DO NOTHING`
	}
	_, err = s.tx.ExecContext(ctx, insert, args...)
	return last, n, err
}

// gramsOf cuts text into what the index keeps: pairs of neighbouring Han
// characters, and whole Latin words and numbers. The last character of a run
// is kept alone as well, so that every single character is found as itself or
// as the beginning of a pair; a query wants it only when it stands alone. Han
// is written in hexadecimal so that no tokenizer has an opinion on it.
func gramsOf(text string, query bool) []string {
	g := grams{seen: map[string]bool{}}
	var word strings.Builder
	flush := func() {
		if word.Len() > 0 {
			g.add("w" + word.String())
			word.Reset()
		}
	}
	runes := []rune(text)
	for i, r := range runes {
		if !unicode.Is(unicode.Han, r) {
			switch {
			case !unicode.IsLetter(r) && !unicode.IsDigit(r):
				flush()
			case word.Len() < longestWord:
				word.WriteRune(unicode.ToLower(r))
			}
			continue
		}
		flush()
		first := i == 0 || !unicode.Is(unicode.Han, runes[i-1])
		last := i+1 == len(runes) || !unicode.Is(unicode.Han, runes[i+1])
		if !last {
			g.add(fmt.Sprintf("h%x%x", r, runes[i+1]))
		} else if first || !query {
			g.add(fmt.Sprintf("h%x", r))
		}
	}
	flush()
	return g.list
}

const (
	gramsMost   = 4000 // of one message
	longestWord = 40   // bytes of a Latin word or number that count
)

type grams struct {
	list []string
	seen map[string]bool
}

func (g *grams) add(x string) {
	if !g.seen[x] && len(g.list) < gramsMost {
		g.seen[x] = true
		g.list = append(g.list, x)
	}
}

// ftsQuery is the query of SQLite's index: all grams, a single character also
// as the beginning of a pair, a Latin word also as the beginning of one.
func ftsQuery(grams []string) string {
	return joined(grams, `"`, "*", " AND ")
}

// tsQuery is the same for PostgreSQL.
func tsQuery(grams []string) string {
	return joined(grams, "'", ":*", " & ")
}

func joined(grams []string, quote, prefix, and string) string {
	parts := make([]string, len(grams))
	for i, g := range grams {
		parts[i] = quote + g + quote
		if g[0] == 'w' || len(g) <= longestSingle {
			parts[i] += prefix
		}
	}
	return strings.Join(parts, and)
}

// longestSingle is the length of one Han character as a gram: h and up to
// five hexadecimal digits.
const longestSingle = 6

// like is the comparison that does not mind the case of Latin letters.
func (s *Store) like() string {
	if s.engine == Postgres {
		return "ILIKE"
	}
	return "LIKE"
}

func likeWords(q string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(q) + "%"
}

func ids(rows *sql.Rows, err error) ([]int64, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, rows.Err()
}
