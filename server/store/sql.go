package store

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"quandesk/channels"
)

func cut(s string, runes int) string {
	n := 0
	for i := range s {
		if n == runes {
			return s[:i] + "…"
		}
		n++
	}
	return s
}

// asJSON renders a value for a text column; nothing is the empty string.
func asJSON(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case *channels.Place:
		if v == nil {
			return ""
		}
	case *channels.Done:
		if v == nil {
			return ""
		}
	case []channels.Attachment:
		if len(v) == 0 {
			return ""
		}
	case []channels.Citation:
		if len(v) == 0 {
			return ""
		}
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("store: cannot render %T: %v", v, err)) // our own plain structs
	}
	return string(b)
}

// castValues is values with a cast per column, for use outside an INSERT:
// PostgreSQL cannot guess the types there.
func castValues(rows int, types ...string) string {
	b := make([]byte, 0, rows*len(types)*24)
	arg := 0
	for r := range rows {
		if r > 0 {
			b = append(b, ", "...)
		}
		b = append(b, '(')
		for c, t := range types {
			if c > 0 {
				b = append(b, ", "...)
			}
			arg++
			b = append(b, "CAST($"...)
			b = strconv.AppendInt(b, int64(arg), 10)
			b = append(b, " AS "...)
			b = append(b, t...)
			b = append(b, ')')
		}
		b = append(b, ')')
	}
	return string(b)
}

// values writes "($1, $2), ($3, $4)" for rows of n columns each.
func values(rows, n int) string {
	var b strings.Builder
	b.Grow(rows * n * 5)
	arg := 0
	for r := range rows {
		if r > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('(')
		for c := range n {
			if c > 0 {
				b.WriteString(", ")
			}
			arg++
			fmt.Fprintf(&b, "$%d", arg)
		}
		b.WriteByte(')')
	}
	return b.String()
}

// ms is a time as it is stored: Unix milliseconds, 0 for never.
func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// at is a stored time.
func at(v int64) time.Time {
	if v == 0 || v == never {
		return time.Time{}
	}
	return time.UnixMilli(v)
}

// never sorts after every time.
const never = 1<<63 - 1
