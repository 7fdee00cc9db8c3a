package claims

import (
	"regexp"
	"strings"
	"unicode"
)

// stock is what may be said around an answer without a source.
const stock = `您好。好的。感谢您的咨询。抱歉。请您放心。还有其他问题可以接着问。需要人工请回复“人工”。可以在这里告诉我您的地址和电话。
您可以这样办。根据供水服务规范的规定。按规范要求。关于您问的这个问题。您说的情况。具体如下。以工作人员答复为准。需要工作人员来答复请回复“人工”。
这个问题我这里没有查到准确的答复。如果还有疑问可以在这里接着问或者回复“人工”请工作人员解答。您问的是。简单来说就是。也就是说。另外。同时。因此。您可以。请您。
麻烦您。一般。可以的。要的。会的。能的。不过。就行。就可以。的话。的事。包括。比如。例如。达到。很抱歉。要看。查进展。也同样。直接在这里说。跟您联系。给您。方便大家。自己。请找人工。按法律办。按规定办。不到。送到您手里。写清楚。`

// enough is which share of the character pairs of a sentence must stand in its
// source. TestCorrectAnswersPass and TestMutations show the trade-off.
const enough = 0.6

// cover finds sentences whose words are not those of the source.
func (c *proof) cover(text string) []Fault {
	known := c.speech()
	var out []Fault
	for _, s := range sentences(same(text)) {
		seen, all := 0.0, 0.0
		for p := range pairs(s) {
			switch {
			case known[p]:
				seen, all = seen+1, all+1
			case strings.ContainsRune(light, p[0]) || strings.ContainsRune(light, p[1]):
				all += 0.5 // how words are joined says less
			default:
				all++
			}
		}
		if seen < enough*all {
			out = append(out, Fault{Ungrounded, clip(s)})
		}
	}
	return out
}

// speech is every pair of neighbouring characters that the sources or common
// speech know.
func (c *proof) speech() map[[2]rune]bool {
	if c.pairs == nil {
		c.pairs = pairs(same(stock) + "\n" + c.words())
	}
	return c.pairs
}

// words are the sources as they are compared.
func (c *proof) words() string {
	if c.same == "" {
		c.same = same(c.pool)
	}
	return c.same
}

// light are characters that carry no matter of their own: they may join words
// of the source in other ways.
const light = "的了是在有和与及或就都也还要会能可以您我们你他这那个之为把被让给到从向按于中上下里内外后前时等如果但而且因所其它吧呢啊吗哦好需应该当先再只将用来去做说些此即则若并各每对请想着过得地跟看找含"

// strange finds words that the source does not have: characters that form no
// pair with a neighbour which the source or common speech knows.
func (c *proof) strange(text string) []Fault {
	known := c.speech()
	r := []rune(same(text))
	covered := make([]bool, len(r)+1)
	for i := 0; i+1 < len(r); i++ {
		if known[[2]rune{r[i], r[i+1]}] {
			covered[i], covered[i+1] = true, true
		}
	}
	out := c.foreign(string(r))
	for i, x := range r {
		heavy := unicode.Is(unicode.Han, x) && !strings.ContainsRune(light, x)
		if covered[i] || !heavy {
			continue
		}
		from, to := max(0, i-1), min(len(r), i+2)
		another := i+1 < len(r) && !covered[i+1] && unicode.Is(unicode.Han, r[i+1]) && !strings.ContainsRune(light, r[i+1])
		if another || !strings.ContainsRune(c.words(), x) {
			out = append(out, Fault{Noun, string(r[from:to])})
		}
	}
	return out
}

// foreign finds words in Latin letters, TDS or App, that no source has.
func (c *proof) foreign(text string) []Fault {
	var out []Fault
	for _, w := range latin.FindAllString(text, -1) {
		if !strings.Contains(strings.ToLower(c.words()), strings.ToLower(w)) {
			out = append(out, Fault{Noun, w})
		}
	}
	return out
}

var latin = regexp.MustCompile(`[A-Za-z]{2,}`)

// pairs are the neighbouring characters of a text.
func pairs(s string) map[[2]rune]bool {
	out := map[[2]rune]bool{}
	var last rune
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			last = 0
			continue
		}
		if last != 0 {
			out[[2]rune{last, r}] = true
		}
		last = r
	}
	return out
}

const negators = "不没未无免莫勿别非"

// denied are the pairs of characters that stand after a negation, and plain
// those that stand without one.
func denied(s string) (denied, plain map[[2]rune]bool) {
	denied, plain = map[[2]rune]bool{}, map[[2]rune]bool{}
	r := []rune(s)
	for i := 0; i+1 < len(r); i++ {
		if !unicode.IsLetter(r[i]) || !unicode.IsLetter(r[i+1]) {
			continue
		}
		p := [2]rune{r[i], r[i+1]}
		if i > 0 && (strings.ContainsRune(negators, r[i-1]) || i > 1 && strings.ContainsRune("有会再", r[i-1]) && strings.ContainsRune("没不", r[i-2])) {
			denied[p] = true
		} else {
			plain[p] = true
		}
	}
	return denied, plain
}

// negations finds what the source denies and the text says, and the reverse.
func (c *proof) negations(text string) []Fault {
	no, yes := denied(same(c.sayings))
	mineNo, mineYes := denied(same(text))
	var out []Fault
	for p := range mineNo {
		if yes[p] && !no[p] {
			out = append(out, Fault{Negation, "不" + string(p[:])})
		}
	}
	for p := range mineYes {
		if no[p] && !yes[p] {
			out = append(out, Fault{Negation, string(p[:])})
		}
	}
	return append(out, c.conditions(text)...)
}

// conditions finds what the source says of the one case and the text of its
// opposite: 满意就结案，不满意就督办.
func (c *proof) conditions(text string) []Fault {
	type outcome struct {
		if_  [2]rune
		then int
	}
	no, yes := map[outcome]bool{}, map[outcome]bool{}
	read := func(s string, no, yes map[outcome]bool) {
		for _, clause := range strings.FieldsFunc(same(s), func(r rune) bool { return strings.ContainsRune("，,。；;：:！？\n", r) }) {
			mineNo, mineYes := denied(clause)
			for _, n := range nounsOf(clause) {
				for p := range mineNo {
					no[outcome{p, n.concept}] = true
				}
				for p := range mineYes {
					yes[outcome{p, n.concept}] = true
				}
			}
		}
	}
	read(c.sayings, no, yes)
	mineNo, mineYes := map[outcome]bool{}, map[outcome]bool{}
	read(text, mineNo, mineYes)
	var out []Fault
	for o := range mineNo {
		if yes[o] && !no[o] {
			out = append(out, Fault{Negation, "不" + string(o.if_[:])})
		}
	}
	for o := range mineYes {
		if no[o] && !yes[o] {
			out = append(out, Fault{Negation, string(o.if_[:])})
		}
	}
	return out
}
