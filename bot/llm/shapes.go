package llm

import (
	"regexp"
	"strings"
	"unicode"
)

// shapes are what personal data look like once it is folded, the narrower
// before the wider.
var shapes = []struct {
	kind string
	is   *regexp.Regexp
}{
	{"单号", regexp.MustCompile(`(?i)[A-Z]{2}-?[0-9]{6,8}-?[0-9]{2,6}`)},
	{"邮箱", regexp.MustCompile(`[A-Za-z0-9._%+\-]+@[A-Za-z0-9.\-。]+`)},
	{"邮箱", regexp.MustCompile(`(?i)[a-z0-9._%+\-]{2,} ?(?:at|艾特|\(at\)|\[at\]|#) ?[a-z0-9\-]{2,} ?(?:dot|点|\.|。) ?[a-z]{2,}`)},
	{"车牌", regexp.MustCompile(`[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][ ·.\-]?[A-Za-z][ ·.\-]?[A-Za-z0-9]{5,6}`)},
	{"微信", regexp.MustCompile(`(?i)(?:微信号?|vx|wx|qq)[是为: ]{0,3}[a-z0-9_\-]{5,20}`)},
	{"户号", regexp.MustCompile(`(?:户号|用户号|用户编号|客户编号|客户号|表号|账号|帐号|编号|卡号|证号|尾号|后四位|后六位)[是为: ]{0,3}[A-Za-z]{0,2}[0-9]{4,}`)},
	{"号码", regexp.MustCompile(`[0-9](?:` + between + `[0-9]){6,}[Xx]?`)},
	{"号码", regexp.MustCompile(`[` + numerals + `](?:` + between + `[` + numerals + `]){6,}`)},
	{"门牌", regexp.MustCompile(`(?:[0-9]{1,4}|[一二三四五六七八九十]{1,3})(?:号楼|栋|幢)(?:(?:[0-9]{1,3}|[一二三四五六七八九十]{1,3})单元)?(?:[0-9]{2,5}(?:室|户)?)?`)},
}

const (
	// between is what people put between the figures of a number.
	between  = `[\s._/*·,，、()（）:\-—]{0,2}`
	numerals = `零〇一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖`
)

// fold turns every figure, letter and sign that only looks different into the
// plain one, rune by rune: an endpoint reads ① and 𝟏 as well as anybody.
func fold(r rune) rune {
	switch {
	case r < 0x80:
		return r
	case r >= '！' && r <= '～':
		return r - 0xFEE0
	case r == '－' || r == '–' || r == '‐' || r == '−':
		return '-'
	case unicode.Is(unicode.Nd, r):
		return figure(r)
	case r >= '①' && r <= '⑨':
		return r - '①' + '1'
	case r >= '❶' && r <= '❾':
		return r - '❶' + '1'
	case r >= '➀' && r <= '➈':
		return r - '➀' + '1'
	case r >= '⑴' && r <= '⑼':
		return r - '⑴' + '1'
	case r >= '⒈' && r <= '⒐':
		return r - '⒈' + '1'
	case r == '⓪' || r == '⓿':
		return '0'
	case r >= '₀' && r <= '₉':
		return r - '₀' + '0'
	case r == '⁰' || r >= '⁴' && r <= '⁹':
		return r - '⁰' + '0'
	case r == '¹':
		return '1'
	case r == '²' || r == '³':
		return r - '²' + '2'
	}
	return r
}

// figure is the value of a decimal figure of any script: they stand in tens.
func figure(r rune) rune {
	for _, t := range unicode.Nd.R16 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return '0' + (r-rune(t.Lo))%10
		}
	}
	for _, t := range unicode.Nd.R32 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return '0' + (r-rune(t.Lo))%10
		}
	}
	return r
}

// cover replaces what a shape finds in the folded text by what put makes of
// the same place in the text itself.
func cover(text string, shape *regexp.Regexp, put func(datum, folded string) string) string {
	folded := strings.Map(fold, text)
	found := shape.FindAllStringIndex(folded, -1)
	if found == nil {
		return text
	}
	at := map[int]int{} // bytes of the folded text to bytes of the text
	plain := 0
	for i, r := range text {
		at[plain] = i
		plain += len(string(fold(r)))
	}
	at[plain] = len(text)
	var b strings.Builder
	last := 0
	for _, f := range found {
		from, to := at[f[0]], at[f[1]]
		b.WriteString(text[last:from])
		b.WriteString(put(text[from:to], folded[f[0]:f[1]]))
		last = to
	}
	b.WriteString(text[last:])
	return b.String()
}

// inEnglish is how people who write English say what they are called.
var inEnglish = regexp.MustCompile(`(?i:my name is|my name's|name:) *([A-Z][a-z]+(?: [A-Z][a-z]+){0,2})`)
