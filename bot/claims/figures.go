package claims

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"quandesk/tickets/customer"
)

// fact is one hard fact of a normal text.
type fact struct {
	key   string // normalised: 30分钟, 12:30, gb5749
	at    int    // bytes
	end   int
	soft  bool   // counts of things, for which no noun is looked for
	own   bool   // said by the resident
	nouns []noun // what its sentence speaks of, nearest first
}

const amount = `([0-9]+(?:\.[0-9]+)?|[` + numerals + `]+)`

var (
	monthDay = regexp.MustCompile(`(?:([0-9]{4})年)?([0-9]{1,2}|[` + numerals + `]{1,3})月([0-9]{1,2}|[` + numerals + `]{1,3})[日号]`)
	isoDay   = regexp.MustCompile(`([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})`)
	clockAt  = regexp.MustCompile(`(凌晨|早上|上午|中午|下午|傍晚|晚上|今晚|明晚|夜里)?([0-9]{1,2}):([0-9]{2})|(凌晨|早上|上午|中午|下午|傍晚|晚上|今晚|明晚|夜里)?([0-9]{1,2}|[` + numerals + `]{1,3})点(半|钟|[0-9]{1,2}分|[` + numerals + `]{1,3}分)?`)
	anyDay   = regexp.MustCompile(`今天|今晚|今日|明天|明晚|明早|明日|后天|大后天|当天|当日|次日|周[一二三四五六日天末]|月底|年底|下周|下个?月`)
	code     = regexp.MustCompile(`[a-z]{1,5}[0-9]{0,3}(?:/t)? ?[0-9]+(?:[.\-][0-9]+)*|[0-9]+[a-z]{1,4}`)
	ticketNo = regexp.MustCompile(`[a-z]{2}-[0-9]{6,8}-[0-9]+`)
	starred  = regexp.MustCompile(`[0-9\-]*\*{2,}[0-9*\-]*`)
	measure  = regexp.MustCompile(amount + ` ?(?:多|余|来)?(个?工作日|小时|分钟|秒|日|天|周|个?月|年|元|块|角|毛|亿元|%|毫米|mm|厘米|公分|米|公里|吨|立方米|立方|方|升|毫升|mpa|兆帕|公斤|千克|克|倍|成|折)`)
	every    = regexp.MustCompile(`每(年|季度|个?月|周|日|天|小时)`)
	percent  = regexp.MustCompile(`百分之` + amount)
	counted  = regexp.MustCompile(`(第?)` + amount + `(?:多|余|来)?(次|遍|级|阶|层|种|项|个|家|户|人|块|条|章|款|度|名|类|环节|倍|档|口|台|件)`)
	digits   = regexp.MustCompile(`[0-9]+(?:\.[0-9]+)*`)
)

// harmless holds figures that are none: names, and the example in the bot's
// own question for a time.
var harmless = regexp.MustCompile(`[一二三]次(?:供水|加压|污染|改造|水箱)|比如“明天上午十点”|一对一`)

var unitWords = strings.NewReplacer("天", "日", "个工作日", "工作日", "个月", "月", "块", "元", "毫米", "mm", "立方米", "方", "立方", "方", "毛", "角", "兆帕", "mpa", "千克", "公斤", "公分", "厘米")

// factsIn finds the hard facts of a normal text.
func factsIn(s string) []fact {
	x := finder{text: s, left: []byte(s)}
	x.each(harmless, func([]string) (string, bool) { return "-", true })
	x.found = nil
	for _, p := range customer.FindPhones(s) {
		x.take(p.Start, p.End, "☎"+p.Number, false)
	}
	x.each(ticketNo, func(m []string) (string, bool) { return strings.ToUpper(m[0]), false })
	x.each(starred, func(m []string) (string, bool) { return m[0], false })
	x.each(monthDay, func(m []string) (string, bool) { return day(m[1], m[2], m[3]), false })
	x.each(isoDay, func(m []string) (string, bool) { return day(m[1], m[2], m[3]), false })
	x.each(clockAt, func(m []string) (string, bool) { return clock(m), false })
	x.each(code, func(m []string) (string, bool) { return strings.ReplaceAll(m[0], " ", ""), false })
	x.each(percent, func(m []string) (string, bool) { return figure(m[1]) + "%", false })
	x.each(measure, func(m []string) (string, bool) {
		if m[1] == "一" && (m[2] == "成" || m[2] == "方" || m[2] == "米" || m[2] == "块" || m[2] == "倍") {
			return "", false // 一成不变, 一方: no figures
		}
		if m[1] == "半" && m[2] == "小时" {
			return "30分钟", false
		}
		if n, ok := number(m[1]); ok && m[2] == "成" {
			return strconv.FormatFloat(n*10, 'f', -1, 64) + "%", false
		}
		return figure(m[1]) + unitWords.Replace(m[2]), false
	})
	x.each(every, func(m []string) (string, bool) { return "1" + unitWords.Replace(m[1]), true })
	x.each(counted, func(m []string) (string, bool) {
		if m[2] == "一" && m[1] == "" || m[2] == "半" || m[2] == "万" {
			return "", false // 一个, 一次: articles, not figures
		}
		return m[1] + figure(m[2]) + m[3], true
	})
	x.each(anyDay, func(m []string) (string, bool) { return dayWords.Replace(m[0]), false })
	x.each(digits, func(m []string) (string, bool) { return m[0], true })
	for i := range x.found {
		x.found[i].nouns = nounsAround(s, x.found[i].at, x.found[i].end)
	}
	return x.found
}

var dayWords = strings.NewReplacer("今日", "今天", "明日", "明天", "当日", "当天", "周天", "周日")

// finder takes facts out of a text so that no digit counts twice.
type finder struct {
	text  string
	left  []byte
	found []fact
}

func (x *finder) take(from, to int, key string, soft bool) {
	x.found = append(x.found, fact{key: key, at: from, end: to, soft: soft})
	for i := from; i < to; i++ {
		x.left[i] = ' '
	}
}

// each takes every match for which key names one; what has no key is passed over.
func (x *finder) each(re *regexp.Regexp, key func([]string) (string, bool)) {
	for _, m := range re.FindAllSubmatchIndex(x.left, -1) {
		groups := make([]string, len(m)/2)
		for g := range groups {
			if m[2*g] >= 0 {
				groups[g] = string(x.left[m[2*g]:m[2*g+1]])
			}
		}
		if k, soft := key(groups); k != "" {
			x.take(m[0], m[1], k, soft)
		}
	}
}

func figure(s string) string {
	n, ok := number(s)
	if !ok {
		return s
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

func day(year, month, date string) string {
	key := figure(month) + "月" + figure(date) + "日"
	if year != "" {
		key = year + "年" + key
	}
	return key
}

// clock writes a time of day as 15:04; "" for 一点, which mostly means a little.
func clock(m []string) string {
	part, hour, minute := m[1], m[2], m[3]
	if hour == "" {
		part, hour, minute = m[4], m[5], m[6]
		if hour == "一" && part == "" && minute == "" {
			return ""
		}
	}
	h, ok := number(hour)
	if !ok {
		return m[0]
	}
	if h < 12 && (part == "下午" || part == "傍晚" || part == "晚上" || part == "今晚" || part == "明晚" || part == "夜里") {
		h += 12
	}
	switch minute = strings.TrimSuffix(minute, "分"); minute {
	case "半":
		minute = "30"
	case "", "钟":
		minute = "00"
	}
	n, _ := number(minute)
	return strconv.FormatFloat(h, 'f', -1, 64) + ":" + twoDigits(n)
}

func twoDigits(n float64) string {
	s := strconv.FormatFloat(n, 'f', -1, 64)
	if utf8.RuneCountInString(s) < 2 {
		return "0" + s
	}
	return s
}

// figures compares every hard fact, and what it is said of, with the evidence.
func (c *proof) figures(text string) []Fault {
	var out []Fault
	for _, f := range factsIn(text) {
		known := c.facts[f.key]
		switch {
		case len(known) == 0 && !c.within(f.key):
			out = append(out, Fault{c.rule(f), text[f.at:f.end]})
		case !f.soft && len(known) > 0 && !bind(f, known):
			out = append(out, Fault{Binding, clip(f.nouns[0].text + text[f.at:f.end])})
		}
	}
	return out
}

// within reports whether a fact is 一次 of a source, or part of a longer one
// that is known: the last digits of a ticket number, a year inside a date.
func (c *proof) within(key string) bool {
	if one, ok := strings.CutPrefix(key, "1"); ok && one != "" && oneOf.MatchString("一"+one) && strings.Contains(c.sayings, "一"+one) {
		return true
	}
	if strings.HasPrefix(key, "☎") || !digits.MatchString(key) {
		return false
	}
	for known := range c.facts {
		if strings.HasPrefix(known, strings.ToUpper(key)+"-") || strings.HasSuffix(known, "-"+key) {
			return true
		}
	}
	return false
}

func (c *proof) rule(f fact) Rule {
	if strings.HasPrefix(f.key, "☎") || starred.MatchString(f.key) {
		return Private
	}
	return Figure
}

var (
	upTo  = regexp.MustCompile(`^(?:及?以下|或以下|以内|[^，。；]{0,1}不到)`)
	above = regexp.MustCompile(`^(?:及?以上|或以上)`)
)

// side says on which side of a figure a thing is: -1 below, 1 above, 0 neither.
func side(s string, f fact) int {
	before := s[:f.at]
	switch {
	case upTo.MatchString(s[f.end:]):
		return -1
	case above.MatchString(s[f.end:]):
		return 1
	}
	for _, w := range []struct {
		text string
		side int
	}{
		{"不超过", -1}, {"没超过", -1}, {"未超过", -1}, {"不到", -1}, {"小于", -1}, {"小于等于", -1}, {"不大于", -1}, {"低于", -1},
		{"大于等于", 1}, {"不小于", 1}, {"超过", 1}, {"大于", 1}, {"高于", 1},
	} {
		if strings.HasSuffix(before, w.text) {
			return w.side
		}
	}
	return 0
}

// bound is a figure that holds on one side of another one: 48小时 above 500mm.
type bound struct {
	of   string
	side int
	is   string
}

// bounds are those of a text: each figure with the nearest one before it that
// has a side, in the same sentence.
func bounds(s string) map[bound]bool {
	out := map[bound]bool{}
	for _, part := range sentences(s) {
		found := factsIn(part)
		slices.SortFunc(found, func(a, b fact) int { return a.at - b.at })
		var of fact
		for _, f := range found {
			switch d := side(part, f); {
			case d != 0:
				of = f
			case of.key != "" && !f.soft && f.key != of.key:
				out[bound{of.key, side(part, of), f.key}] = true
			}
		}
	}
	return out
}

// sides finds figures that the source gives for the other side of a limit.
func (c *proof) sides(text string) []Fault {
	known := map[bound]bool{}
	for _, s := range c.said {
		for b := range bounds(s) {
			known[b] = true
		}
	}
	var out []Fault
	for b := range bounds(text) {
		if other := (bound{b.of, -b.side, b.is}); known[other] && !known[b] {
			out = append(out, Fault{Binding, b.of + b.is})
		}
	}
	return append(out, c.cases(text)...)
}

// apart are cases that a source sets apart from what it says of the rest.
var apart = []string{"紧急", "特殊", "重大"}

// cases finds figures that are said of a case and stand in no clause of the
// source about it.
func (c *proof) cases(text string) []Fault {
	with := func(s string) map[[2]string]bool {
		out := map[[2]string]bool{}
		for _, clause := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("，,。；;\n", r) }) {
			for _, w := range apart {
				if !strings.Contains(clause, w) {
					continue
				}
				for _, f := range factsIn(clause) {
					out[[2]string{w, f.key}] = true
				}
			}
		}
		return out
	}
	known := with(c.sayings)
	var out []Fault
	for said := range with(text) {
		if strings.Contains(c.sayings, said[0]) && !known[said] {
			out = append(out, Fault{Binding, said[0] + said[1]})
		}
	}
	return out
}

// bind reports whether one of the known facts is said of the same thing.
func bind(f fact, known []fact) bool {
	if len(f.nouns) == 0 {
		return true
	}
	for _, k := range known {
		if k.own || len(k.nouns) == 0 {
			return true
		}
		for i, n := range k.nouns {
			if i >= 2 || n.far >= reach && k.nouns[0].far < reach {
				break // of its own clause, where that speaks of anything
			}
			if n.concept == f.nouns[0].concept {
				return true
			}
		}
	}
	return false
}
