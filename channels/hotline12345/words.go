package hotline12345

import (
	"strings"
	"unicode"
)

// tidy makes a value of what somebody typed or a machine padded: no marks that
// nobody sees, no control characters but the line break, no blanks around it.
// The bytes as they came are kept beside.
func tidy(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t' || r == '\u00a0' || r == '\u3000':
			return ' '
		case r == '\u200d': // joins emoji
			return r
		case r == '\r' || unicode.Is(unicode.Cf, r):
			return -1
		case unicode.IsControl(r) || r == '\ufffe' || r == '\uffff':
			return '\uFFFD'
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

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
