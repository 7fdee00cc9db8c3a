package claims

import (
	"strings"
	"unicode"
)

// stock is what may be said around an answer without a source.
const stock = `您好。好的。感谢您的咨询。抱歉。请您放心。还有其他问题可以接着问。需要人工请回复“人工”。可以在这里告诉我您的地址和电话。
您可以这样办。根据供水服务规范的规定。按规范要求。关于您问的这个问题。您说的情况。具体如下。以工作人员答复为准。需要工作人员来答复请回复“人工”。
这个问题我这里没有查到准确的答复。如果还有疑问可以在这里接着问或者回复“人工”请工作人员解答。您问的是。简单来说就是。也就是说。另外。同时。因此。您可以。请您。`

// enough is which share of the character pairs of a sentence must stand in its
// source. TestCorrectAnswersPass and TestMutations show the trade-off.
const enough = 0.6

// cover finds sentences whose words are not those of the source.
func (c *proof) cover(text string) []Fault {
	known := c.speech()
	var out []Fault
	for _, s := range sentences(text) {
		seen, all := 0, 0
		for p := range pairs(s) {
			if all++; known[p] {
				seen++
			}
		}
		if all > 0 && float64(seen) < enough*float64(all) {
			out = append(out, Fault{Ungrounded, clip(s)})
		}
	}
	return out
}

// speech is every pair of neighbouring characters that the sources or common
// speech know.
func (c *proof) speech() map[[2]rune]bool {
	if c.pairs == nil {
		c.pairs = pairs(stock + "\n" + c.pool)
	}
	return c.pairs
}

// light are characters that carry no matter of their own: they may join words
// of the source in other ways.
const light = "的了是在有和与及或就都也还要会能可以您我们你他这那个之为把被让给到从向按于中上下里内外后前时等如果但而且因所其它吧呢啊吗哦好需应该当先再只将用来去做说些此即则若并各每对请想着过得地"

// strange finds words that the source does not have: characters that form no
// pair with a neighbour which the source or common speech knows.
func (c *proof) strange(text string) []Fault {
	known := c.speech()
	r := []rune(text)
	covered := make([]bool, len(r)+1)
	for i := 0; i+1 < len(r); i++ {
		if known[[2]rune{r[i], r[i+1]}] {
			covered[i], covered[i+1] = true, true
		}
	}
	var out []Fault
	for i, x := range r {
		heavy := unicode.Is(unicode.Han, x) && !strings.ContainsRune(light, x)
		if covered[i] || !heavy {
			continue
		}
		from, to := max(0, i-1), min(len(r), i+2)
		another := i+1 < len(r) && !covered[i+1] && unicode.Is(unicode.Han, r[i+1]) && !strings.ContainsRune(light, r[i+1])
		if another || !strings.ContainsRune(c.pool, x) {
			out = append(out, Fault{Noun, string(r[from:to])})
		}
	}
	return out
}

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
		if i > 0 && strings.ContainsRune(negators, r[i-1]) {
			denied[p] = true
		} else {
			plain[p] = true
		}
	}
	return denied, plain
}

// negations finds what the source denies and the text says, and the reverse.
func (c *proof) negations(text string) []Fault {
	no, yes := denied(c.sayings)
	mineNo, mineYes := denied(text)
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
	return out
}
