package store

import (
	"strconv"
	"strings"

	"quandesk/channels"
)

// where gathers the conditions that are set; each carries its arguments.
type where struct {
	parts []string
	args  []any
}

// add takes a condition with ? for each argument, in order.
func (w *where) add(cond string, args ...any) {
	for _, a := range args {
		w.args = append(w.args, a)
		cond = strings.Replace(cond, "?", "$"+strconv.Itoa(len(w.args)), 1)
	}
	w.parts = append(w.parts, cond)
}

func (w *where) arg(a any) string {
	w.args = append(w.args, a)
	return "$" + strconv.Itoa(len(w.args))
}

func (w *where) String() string {
	if len(w.parts) == 0 {
		return "TRUE"
	}
	return strings.Join(w.parts, " AND ")
}

// inboxScope is the one place that says which conversations a scope holds.
func (w *where) inboxScope(sc channels.Scope) {
	if !sc.All {
		w.add("c.department = ? AND c.department <> ''", sc.Department)
	}
}

// known is the condition under which a scope may know whose a ticket is: to
// find a confidential one by its person, its place or its words would tell.
func (w *where) known(secrets bool, userID int64) string {
	if secrets {
		return "TRUE"
	}
	if userID == 0 {
		return "NOT t.confidential" // nobody in particular holds no ticket
	}
	return "(NOT t.confidential OR t.assignee_id = " + w.arg(userID) + " OR t.handler_id = " + w.arg(userID) + ")"
}

// knownTalks leaves out the conversations of tickets of which the scope may
// not know whose they are.
func (w *where) knownTalks(sc channels.Scope) {
	if !sc.Secrets {
		w.add(`NOT EXISTS (SELECT 1 FROM tickets t WHERE t.conversation_id = c.id AND t.confidential
			AND t.assignee_id <> ? AND t.handler_id <> ?)`, sc.UserID, sc.UserID)
	}
}

// in adds column IN (…); an empty list matches nothing.
func (w *where) in(column string, ids []int64) {
	if len(ids) == 0 {
		w.parts = append(w.parts, "FALSE")
		return
	}
	marks := make([]string, len(ids))
	for i, id := range ids {
		marks[i] = w.arg(id)
	}
	w.parts = append(w.parts, column+" IN ("+strings.Join(marks, ", ")+")")
}

func limit(n int) int {
	if n <= 0 {
		return 50
	}
	return min(n, 200)
}

func cursor(key, id int64) string {
	return strconv.FormatInt(key, 36) + "." + strconv.FormatInt(id, 36)
}

func parseCursor(c string) (key, id int64, err error) {
	a, b, ok := strings.Cut(c, ".")
	if !ok {
		return 0, 0, ErrCursor
	}
	key, err1 := strconv.ParseInt(a, 36, 64)
	id, err2 := strconv.ParseInt(b, 36, 64)
	if err1 != nil || err2 != nil {
		return 0, 0, ErrCursor
	}
	return key, id, nil
}
