package eval

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	thousands = regexp.MustCompile(`([0-9]),([0-9]{3})\b`)
	// apart are the phones that are written in groups.
	apart = regexp.MustCompile(`\b(1[0-9]{2})[ -]([0-9]{4})[ -]([0-9]{4})\b|\b(0[0-9]{2,3})[ -]([0-9]{7,8})\b`)
	// numeral is one in Chinese, or figures with a unit of Chinese: 3万.
	numeral = regexp.MustCompile(`[0-9]+[百千万]|[零〇一二两三四五六七八九幺十百千万]+`)
	dropped = regexp.MustCompile(`[ \-—，,。.、·]+`)
	same    = strings.NewReplacer("天", "日", "个小时", "小时", "个钟头", "小时", "钟头", "小时", "个工作日", "工作日")
)

// facts writes two wordings of one fact alike: 二十分钟 and ２０ 分钟, 2日 and
// 两天, 24小时 and 二十四个钟头. Two numbers never become one.
func facts(s string) string {
	s = strings.Map(narrow, s)
	s = apart.ReplaceAllString(thousands.ReplaceAllString(s, "$1$2"), "$1$2$3$4$5")
	s = replaced(s, numeral, func(run string, joins bool) string {
		if joins {
			return " " + arabic(run) + " " // 统一20分钟
		}
		return arabic(run)
	})
	s = replaced(s, dropped, func(run string, joins bool) string {
		switch {
		case joins && run == ".":
			return "." // clause 11.2
		case joins:
			return " "
		}
		return ""
	})
	return same.Replace(s)
}

// narrow makes a character of full width one of half width.
func narrow(r rune) rune {
	switch {
	case r == '\u3000':
		return ' '
	case r >= '！' && r <= '～' && r != '，':
		return r - '！' + '!'
	}
	return r
}

// replaced replaces every match by what by makes of it; joins tells that it
// has figures at its side: at both sides of what is no numeral, at one of a
// numeral.
func replaced(s string, match *regexp.Regexp, by func(run string, joins bool) string) string {
	var out strings.Builder
	last := 0
	for _, at := range match.FindAllStringIndex(s, -1) {
		before := at[0] > 0 && digit(s[at[0]-1])
		after := at[1] < len(s) && digit(s[at[1]])
		joins := before && after || match == numeral && (before || after)
		out.WriteString(s[last:at[0]] + by(s[at[0]:at[1]], joins))
		last = at[1]
	}
	return out.String() + s[last:]
}

func digit(b byte) bool { return b >= '0' && b <= '9' }

var (
	digits = strings.NewReplacer("零", "0", "〇", "0", "一", "1", "幺", "1", "二", "2", "两", "2",
		"三", "3", "四", "4", "五", "5", "六", "6", "七", "7", "八", "8", "九", "9")
	units   = map[string]int{"百": 100, "千": 1000, "万": 10000}
	section = regexp.MustCompile(`^(?:([一二两三四五六七八九])千)?零?(?:([一二两三四五六七八九])百)?零?(?:([一二三四五六七八九]?)(十))?([一二两三四五六七八九])?$`)
)

// arabic writes a numeral in figures. One that is spelt (五零二), rough
// (两三百) or only a unit (百 of 几百) is written digit by digit.
func arabic(run string) string {
	for unit, size := range units {
		if n, err := strconv.Atoi(strings.TrimSuffix(run, unit)); err == nil {
			return strconv.Itoa(n * size) // 3万
		}
	}
	high, low, myriads := strings.Cut(run, "万")
	if !myriads {
		high, low = "", run
	}
	h, ok := below10000(high)
	l, fine := below10000(low)
	if !strings.ContainsAny(run, "十百千万") || !ok || !fine || myriads && h == 0 {
		return digits.Replace(run)
	}
	if myriads && l > 0 && l < 10 && !strings.HasPrefix(low, "零") {
		l *= units["千"] // 一万二
	}
	return strconv.Itoa(h*units["万"] + l)
}

func below10000(s string) (int, bool) {
	m := section.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	one := func(i int) int { n, _ := strconv.Atoi(digits.Replace(m[i])); return n }
	last := one(5)
	switch {
	case m[4] != "" || strings.Contains(s, "零"):
	case m[2] != "":
		last *= 10 // 三百五
	case m[1] != "":
		last *= 100
	}
	tens := one(3)
	if m[4] != "" {
		tens = max(tens, 1)
	}
	return 1000*one(1) + 100*one(2) + 10*tens + last, true
}

// long is how many figures a number has that says who and not how much: a
// phone, or the number of a ticket. Its beginning and its end are known by
// themselves (尾号0428); of any other the whole is meant.
const long = 7

// said reports whether a text states a fact, in whatever words.
func said(text, fact string) bool {
	text, fact = facts(text), facts(abroad.Replace(fact))
	for from := 0; ; {
		at := strings.Index(text[from:], fact)
		if at < 0 {
			break
		}
		at += from
		if whole(text, at, at+len(fact)) {
			return true
		}
		from = at + 1
	}
	if other := otherwise[fact]; other != nil && other.MatchString(text) {
		return true
	}
	return rough(text, fact)
}

// abroad are the units of a fact that was asked for in English: the bot answers in
// Chinese.
var abroad = strings.NewReplacer(" hours", "小时", " minutes", "分钟", " working days", "个工作日", " days", "日")

// otherwise are facts of one word that are as often said in others.
var otherwise = map[string]*regexp.Regexp{
	"有偿": regexp.MustCompile(`(?:^|[^不免])(?:要|需要?|另外?|得|成本)收费`),
	"免费": regexp.MustCompile(`不(?:用|需要?|再|另外?)?(?:收费|交费|花钱|收钱)|不要钱|无偿`),
	"无偿": regexp.MustCompile(`免费|不(?:用|需要?|再|另外?)?(?:收费|交费|花钱|收钱)|不要钱`),
	"即时": regexp.MustCompile(`马上|立即|立刻|当即`),
}

// whole reports whether text[from:to] cuts no number.
func whole(text string, from, to int) bool {
	if from == to {
		return true
	}
	if digit(text[from]) {
		begin, end := numberAt(text, from)
		isTail := end <= to && end-from >= 4 && end-begin >= long
		if begin < from && !isTail {
			return false
		}
	}
	if digit(text[to-1]) {
		begin, end := numberAt(text, to-1)
		isHead := begin > from && end-begin >= long // 电话是1
		if end > to && !isHead {
			return false
		}
	}
	return true
}

// numberAt is where the number begins and ends that has a figure at i.
func numberAt(text string, i int) (begin, end int) {
	part := func(i int) bool {
		return digit(text[i]) || text[i] == '.' && i > 0 && i+1 < len(text) && digit(text[i-1]) && digit(text[i+1])
	}
	for begin = i; begin > 0 && part(begin-1); begin-- {
	}
	for end = i + 1; end < len(text) && part(end); end++ {
	}
	return begin, end
}

// rough is a fact such as 百元, which every sum of some hundred yuan is.
func rough(text, fact string) bool {
	for unit, zeros := range map[string]string{"百": "00", "千": "000", "万": "0000"} {
		if rest, ok := strings.CutPrefix(fact, unit); ok && rest != "" {
			return regexp.MustCompile(`(?:^|[^0-9.])[1-9]` + zeros + regexp.QuoteMeta(rest)).MatchString(text)
		}
	}
	return false
}
