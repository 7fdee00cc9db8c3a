package llm

import (
	"crypto/rand"
	"encoding/hex"
	"regexp"
	"strings"
	"unicode"
)

// Canary stands in every system prompt and must never be seen anywhere else:
// a text that holds it repeats its instructions (T65).
const Canary = "KNY-7f3a"

// newTag is what fences the untrusted texts of one request. Nobody outside can
// know it.
func newTag() string {
	raw := make([]byte, 12)
	rand.Read(raw) // never fails since Go 1.24
	return hex.EncodeToString(raw)
}

var (
	special = regexp.MustCompile(`(?i)<\s*\|[^|>]{0,60}\|\s*>|\[/?(?:INST|SYS)\]|<</?SYS>>|</?\s*(?:s|system|assistant|user|tool|im_start|im_end|untrusted[^>]{0,40})\s*>|<!--|-->`)
	role    = regexp.MustCompile(`(?im)^[ \t#>*【\[]*(system|assistant|user|tool|developer|系统|系统通知|系统提示|助手|工具)[】\]]?[ \t]*[:：]`)
	fences  = strings.NewReplacer("<", "‹", ">", "›", "```", "'''", "〔", "(", "〕", ")", "{{", "{ {", "}}", "} }")
)

// clean takes out of an untrusted text what could be read as anything but
// text: what cannot be seen, special tokens, fences, roles.
func clean(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '＜':
			return '‹'
		case r == '＞':
			return '›'
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Co, r) || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)
	for special.MatchString(s) {
		s = special.ReplaceAllString(s, " ")
	}
	s = fences.Replace(s)
	s = role.ReplaceAllString(s, "“$1”，")
	return cut(s, most)
}

// cut shortens a text; of a long one the end is kept too, for people come to
// the point there.
func cut(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	tail := most / 4
	return string(r[:most-tail-1]) + "…" + string(r[len(r)-tail:])
}
