package wechat

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// AIMark is the visible mark of generated text (GB 45438-2025 §5.1: it names
// AI and that it is generated). WeChat's own grey line is not there on every
// kind of reply.
const AIMark = "【AI生成】"

// Clean drops what XML cannot hold, and with it what makes WeChat show its
// outage text: broken UTF-8, control characters, surrogates, U+FFFE, U+FFFF.
func Clean(text string) string {
	if legal(text) {
		return text
	}
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !inXML(r) {
			return -1
		}
		return r
	}, text)
}

func legal(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return !inXML(r) })
}

// inXML is the production Char of XML 1.0.
func inXML(r rune) bool {
	return r == '\t' || r == '\n' || r >= 0x20 && r <= 0xd7ff || r >= 0xe000 && r <= 0xfffd || r >= 0x10000 && r <= 0x10ffff
}

// PlainText turns Markdown into text as WeChat shows it, where its signs would be
// read as signs: headings, emphasis, lists, quotations, code, tables, links.
// Links of WeChat's own kind (<a href=…>) stay as they are.
func PlainText(text string) string {
	text = Clean(strings.ReplaceAll(text, "\r\n", "\n"))
	var out []string
	fenced := false
	for line := range strings.SplitSeq(text, "\n") {
		if fence.MatchString(line) {
			fenced = !fenced
			continue
		}
		if fenced {
			out = append(out, line)
			continue
		}
		if line, keep := plainLine(line); keep {
			out = append(out, line)
		}
	}
	return strings.TrimSpace(blankLines.ReplaceAllString(strings.Join(out, "\n"), "\n\n"))
}

var (
	fence      = regexp.MustCompile("^\\s{0,3}(```|~~~)")
	heading    = regexp.MustCompile(`^\s{0,3}#{1,6}(\s+|$)`)
	rule       = regexp.MustCompile(`^\s{0,3}([-*_]\s*){3,}$`)
	tableRule  = regexp.MustCompile(`^\s*\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?\s*$`)
	tableRow   = regexp.MustCompile(`^\s*\|(.+)\|\s*$`)
	quotation  = regexp.MustCompile(`^\s{0,3}(>\s?)+`)
	bullet     = regexp.MustCompile(`^(\s*)[-*+]\s+(\[[ xX]\]\s+)?`)
	blankLines = regexp.MustCompile(`\n{3,}`)
)

// plainLine is one line without its signs; a line that is only a sign goes.
func plainLine(line string) (string, bool) {
	if rule.MatchString(line) || strings.Contains(line, "-") && tableRule.MatchString(line) && strings.Contains(line, "|") {
		return "", false
	}
	line = quotation.ReplaceAllString(line, "")
	line = heading.ReplaceAllString(line, "")
	line = bullet.ReplaceAllString(line, "$1· ")
	if m := tableRow.FindStringSubmatch(line); m != nil {
		cells := strings.Split(m[1], "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		line = strings.Join(cells, "  ")
	}
	return strings.TrimRight(plainSigns(line), " \t"), true
}

var (
	code     = regexp.MustCompile("`+([^`]+)`+")
	picture  = regexp.MustCompile(`!\[([^\]]*)\]\(\s*<?([^)\s>]+)>?[^)]*\)`)
	link     = regexp.MustCompile(`\[([^\]]+)\]\(\s*<?([^)\s>]+)>?[^)]*\)`)
	autolink = regexp.MustCompile(`<((?:https?://|mailto:|tel:)[^>\s]+)>`)
	breaks   = regexp.MustCompile(`(?i)<br\s*/?>`)
	strong   = regexp.MustCompile(`\*\*(\S(?:[^*]*[^\s*])?)\*\*|__(\S(?:[^_]*[^\s_])?)__|~~(\S(?:[^~]*[^\s~])?)~~`)
	// A single sign is emphasis only between a blank, a bracket or Chinese and
	// not within a word or a sum: 3*4*5 and file_name_1 keep theirs.
	emphasis = regexp.MustCompile(`(^|[^\pL\pN*_]|\p{Han})[*_]([^\s*_](?:[^*_\n]*[^\s*_])?)[*_]($|[^\pL\pN*_]|\p{Han})`)
	escaped  = regexp.MustCompile("\\\\([\\\\`*_{}\\[\\]()#+\\-.!|>~])")
)

// plainSigns takes the signs within a line away, except in links that stay
// and in addresses.
func plainSigns(line string) string {
	line = breaks.ReplaceAllString(line, "\n")
	line = picture.ReplaceAllString(line, "$1 $2 ")
	line = link.ReplaceAllString(line, "$1 $2 ")
	line = autolink.ReplaceAllString(line, "$1")
	var b strings.Builder
	last := 0
	for _, at := range whole.FindAllStringIndex(line, -1) {
		b.WriteString(plainWords(line[last:at[0]]))
		b.WriteString(line[at[0]:at[1]])
		last = at[1]
	}
	b.WriteString(plainWords(line[last:]))
	return b.String()
}

func plainWords(s string) string {
	// What is escaped waits as a character of the private area.
	const hidden = '\ue000'
	s = escaped.ReplaceAllStringFunc(s, func(m string) string { return string(hidden + rune(m[1])) })
	s = code.ReplaceAllString(s, "$1")
	s = strong.ReplaceAllString(s, "$1$2$3")
	s = emphasis.ReplaceAllString(s, "$1$2$3")
	return strings.Map(func(r rune) rune {
		if r >= hidden && r < hidden+128 {
			return r - hidden
		}
		return r
	}, s)
}
