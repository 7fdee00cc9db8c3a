package customer

import (
	"strings"
	"unicode"
)

// FoundPhone is a phone number inside a text: text[Start:End] == Raw.
type FoundPhone struct {
	Raw        string // as written
	Number     string // normalised as ParsePhone does
	Start, End int    // bytes
}

// FindPhones finds the phone numbers in a message, in order and without
// overlap, also those spoken in Chinese (幺三八…). Digits that are part of a
// longer run (an order number, an identity card) are none. Eight bare digits
// are a number of Jinan only where a word such as 电话 stands before them, and
// digits right after 户号, 工单 and the like are never a phone.
func FindPhones(text string) []FoundPhone {
	var out []FoundPhone
	for _, chain := range digitChains(text) {
		for i := 0; i < len(chain); {
			n := longestPhone(text, chain[i:], &out)
			i += max(n, 1)
		}
	}
	return out
}

// longestPhone adds the longest number that begins with the first group and
// returns how many groups it took.
func longestPhone(text string, chain []digitGroup, out *[]FoundPhone) int {
	for n := min(len(chain), figureByFigure); n > 0; n-- {
		groups := chain[:n]
		if fragmented(groups) {
			continue
		}
		number, ok := joinGroups(groups)
		if !ok && n == 1 {
			number, groups, ok = trimCount(text, groups[0])
		}
		start, end := groups[0].start, groups[len(groups)-1].end
		if !ok || !mayBePhone(text, start, end, groups) {
			continue
		}
		switch {
		case strings.HasPrefix(groups[0].digits, "86"):
			start = len(strings.TrimRight(text[:start], "+＋"))
		case n > 1 && strings.ContainsAny(groups[1].sep, ")）"):
			if r := lastRune(text[:start]); r == '(' || r == '（' {
				start -= len(string(r))
			}
		}
		*out = append(*out, FoundPhone{Raw: text[start:end], Number: number, Start: start, End: end})
		return n
	}
	return 0
}

// figureByFigure is how many groups a mobile has that is written with a space
// between any two figures.
const figureByFigure = 11

// fragmented refuses digits that only happen to add up: 1 38 1234 5678.
func fragmented(groups []digitGroup) bool {
	if len(groups) == 1 {
		return len(groups[0].digits) < 8
	}
	if len(groups) == figureByFigure && len(join(groups)) == figureByFigure {
		return false
	}
	if len(groups) > mostGroups {
		return true
	}
	for i, g := range groups {
		if len(g.digits) < 2 && !(i > 0 && i == len(groups)-1) {
			return true
		}
	}
	return false
}

// trimCount takes off a numeral that belongs to the next word: 幺三八…八一直没人接.
func trimCount(text string, g digitGroup) (string, []digitGroup, bool) {
	const counted = "直会下定点次个共样起般些层楼号栋单室户天年月日岁口块家"
	rest := []rune(text[g.end:])
	if !g.spoken || len(g.digits) != 12 || len(rest) == 0 || !strings.ContainsRune(counted, rest[0]) {
		return "", []digitGroup{g}, false
	}
	number, ok := plain(g.digits[:11])
	g.digits, g.end = g.digits[:11], g.end-len("一")
	return number, []digitGroup{g}, ok
}

// digitChains splits a text into groups of digits of one notation and joins
// those with nothing but separators between them.
func digitChains(text string) [][]digitGroup {
	var chains [][]digitGroup
	var last *digitGroup
	for i := 0; i < len(text); {
		g, ok := digitRun(text, i)
		if !ok {
			i += runeLen(text[i:])
			continue
		}
		if last != nil {
			g.sep = withDash(text[last.end:g.start])
		}
		joined := last != nil && (last.spoken == g.spoken || g.spoken && isArea(last.digits) && isLocal(g.digits)) && separates(g.sep)
		if !joined {
			g.sep = ""
			chains = append(chains, nil)
		}
		c := &chains[len(chains)-1]
		*c = append(*c, g)
		last = &(*c)[len(*c)-1]
		i = g.end
	}
	return chains
}

// separates reports whether s may stand between two groups of one number.
func separates(s string) bool {
	n := 0
	for _, r := range s {
		if !strings.ContainsRune(tightSeparators+looseSeparators, r) {
			return false
		}
		n++
	}
	return n > 0 && n <= 3
}

// withDash writes the words that introduce an extension as a dash.
func withDash(s string) string {
	for _, w := range extensionWords {
		if before, after, ok := strings.Cut(s, w); ok {
			return before + "-" + after
		}
	}
	return s
}

func digitRun(text string, i int) (digitGroup, bool) {
	g := digitGroup{start: i, end: i}
	var b strings.Builder
	for at, r := range text[i:] {
		d, spoken, ok := digit(r)
		if b.Len() > 0 && !g.spoken && letterForDigit(text, i+at) {
			d, spoken, ok = '0', false, true
		}
		if !ok || b.Len() > 0 && spoken != g.spoken {
			break
		}
		g.spoken = spoken
		b.WriteByte(d)
		g.end += len(string(r))
	}
	g.digits = b.String()
	return g, b.Len() > 0
}

// letterForDigit reports whether a letter O before a digit was meant for a nought.
func letterForDigit(text string, at int) bool {
	if text[at] != 'o' && text[at] != 'O' {
		return false
	}
	_, spoken, ok := digit(firstRune(text[at+1:]))
	return ok && !spoken
}

var (
	// phoneWords before a number say that it is a phone number.
	phoneWords = []string{"电话", "座机", "固话", "手机", "拨打", "致电", "回电", "来电", "打给", "联系", "号码", "留的号", "我的号", "俺的号", "值班", "tel", "phone", "mobile"}
	// numberWords before a number say that it is something else.
	numberWords = []string{"户号", "户 号", "表号", "编号", "单号", "工单", "订单", "账号", "卡号", "身份证", "编码", "户头号"}
)

// cueReach is how far before a number a word still speaks about it, in bytes:
// about ten characters.
const cueReach = 30

// mayBePhone looks at what stands around the digits.
func mayBePhone(text string, start, end int, groups []digitGroup) bool {
	before := strings.ToLower(text[max(0, start-cueReach):start])
	if i := strings.LastIndexAny(before, "0123456789。；;!！?？\n"); i >= 0 {
		before = before[i+1:]
	}
	phone, other := lastOf(before, phoneWords), lastOf(before, numberWords)
	if other > phone {
		return false
	}
	if r := lastRune(before); r < unicode.MaxASCII && unicode.IsLetter(r) && phone < 0 {
		return false // part of a name such as wx13812345678
	}
	if r := firstRune(text[end:]); r < unicode.MaxASCII && unicode.IsLetter(r) {
		return false
	}
	whole := len(groups) > 1 && isMobile(join(groups)) // 15266190-347
	local := !whole && (len(groups[0].digits) == 8 || len(groups) > 1 && len(groups[0].digits) == 4 && groups[0].digits[0] != '0')
	if local && !strings.HasPrefix(groups[0].digits, "86") && !strings.HasPrefix(groups[0].digits, "400") {
		return phone >= 0
	}
	return true
}

func lastOf(s string, words []string) int {
	at := -1
	for _, w := range words {
		at = max(at, strings.LastIndex(s, w))
	}
	return at
}
