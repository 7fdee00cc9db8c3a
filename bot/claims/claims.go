// Package claims checks what an answer claims: every figure, name, link,
// promise and deed in it must stand in the knowledge it cites, in a row, or in
// the resident's own words (design/bot-quality.md section 3). It proves and
// blocks; it does not understand.
package claims

import (
	"slices"
	"strings"
	"unicode/utf8"

	"quandesk/bot/unfit"
	"quandesk/channels"
	"quandesk/kb"
)

// Rule is what a text was blocked for.
type Rule string

// The rules.
const (
	Figure     Rule = "figure"     // a number, phone, price, time, date or code without a source
	Binding    Rule = "binding"    // a figure that the source gives for something else
	Name       Rule = "name"       // an office, document or way to reach us without a source
	Link       Rule = "link"       // an address on the net that is not ours
	Markup     Rule = "markup"     // anything but plain text
	Promise    Rule = "promise"    // a promise or a word about money owed without a source
	Deed       Rule = "deed"       // something said to be done without a row
	Personhood Rule = "personhood" // claims to be a person, or takes the AI mark away
	Private    Rule = "private"    // an identity number, or a number that is nobody's here
	Secret     Rule = "secret"     // words that must never be said
	Language   Rule = "language"   // not Chinese, broken characters
	Length     Rule = "length"     // too long, or the same over and over
	Negation   Rule = "negation"   // says yes where the source says no, or no where it says yes
	Noun       Rule = "noun"       // speaks of something that the source does not
	Ungrounded Rule = "ungrounded" // not what the source says
	Unfit      Rule = "unfit"      // content that nobody may be given (T75)
)

// longest is how many characters a generated message has at most (F15).
const longest = 800

// Fault is one claim that is not proved.
type Fault struct {
	Rule Rule
	What string // the words at fault; may hold personal data, so it is never logged
}

func (f Fault) String() string { return reasons[f.Rule] + "“" + f.What + "”" }

// reasons say to a model what was wrong.
var reasons = map[Rule]string{
	Figure: "材料里没有这个数字", Binding: "材料里这个数字说的是另一件事：", Name: "材料里没有这个名称", Link: "不能写网址",
	Markup: "只能写纯文字", Promise: "不能承诺", Deed: "不能说已经办了", Personhood: "不能冒充真人或谈标识", Private: "不能写个人信息",
	Secret: "不能写这些字", Language: "只能用中文", Length: "太长或重复", Negation: "是与不是说反了", Noun: "材料里没有提到", Ungrounded: "材料里没有这句话的依据", Unfit: "这些内容不能说",
}

// Evidence is what a text may rest on.
type Evidence struct {
	Articles []kb.Article // cited
	Sources  []string     // rows and tool results, in words
	Own      []string     // what the resident wrote
	Deeds    []string     // what really was done or is the case, by the verbs for it
	Hosts    []string     // whose links may be given
	Secrets  []string     // what must never be said
	Titles   []string     // sources by their names and clauses
}

// Cite adds an article and the name of its source.
func (e *Evidence) Cite(a kb.Article, c channels.Citation) {
	e.Articles = append(e.Articles, a)
	e.Titles = append(e.Titles, a.Title, c.Source, "第"+c.Clause+"条", c.Clause)
}

// said are the texts in which a claim may stand, without the resident's own.
func (e *Evidence) said() []string {
	var out []string
	for _, a := range e.Articles {
		out = append(out, a.Short+"\n"+a.Details+"\n"+a.Next)
	}
	return append(out, e.Sources...)
}

// Check returns what a text claims without proof; nothing is a pass. It fits
// any answer, also one put together from templates and rows.
func Check(text string, e Evidence) []Fault {
	plain := normal(text)
	c := newCase(e)
	faults := slices.Concat(
		surface(text, plain, e),
		c.figures(plain),
		c.names(plain),
		c.promises(plain),
		c.deeds(plain),
		e.unfit(text),
	)
	return unique(faults)
}

// CheckWording also compares the words with the source: for a text that was
// worded freely. What the resident wrote proves nothing here.
func CheckWording(text string, e Evidence) []Fault {
	plain := normal(text)
	own := e.Own
	e.Own = nil
	c := newCase(e)
	faults := slices.Concat(
		surface(text, plain, e),
		c.figures(plain),
		c.names(plain),
		c.promises(plain),
		c.deeds(plain),
		c.commitments(plain),
		c.nouns(plain, own),
		c.negations(plain),
		c.sides(plain),
		c.cover(plain),
		c.strange(plain),
		e.unfit(text),
	)
	return unique(faults)
}

// unfit finds content that nobody may be given; What is its category. Words
// that editors have published in a cited article are theirs to answer for.
func (e Evidence) unfit(text string) []Fault {
	var published []string
	for _, a := range e.Articles {
		published = append(published, a.Title+"\n"+a.Short+"\n"+a.Details+"\n"+a.Next)
	}
	if c := unfit.Shipped().Said(text, published...); c != "" {
		return []Fault{{Unfit, string(c)}}
	}
	return nil
}

// Withheld is the category of content among faults that nobody may be given;
// "" when there is none.
func Withheld(faults []Fault) string {
	for _, f := range faults {
		if f.Rule == Unfit {
			return f.What
		}
	}
	return ""
}

func unique(faults []Fault) []Fault {
	var out []Fault
	for _, f := range faults {
		if !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// proof is one case of a text against its evidence, read once.
type proof struct {
	e       Evidence
	said    []string // normal, what the sources say
	all     []string // normal, with the resident's own words
	pool    string   // all of it in one
	sayings string   // what the sources say in one
	same    string   // the pool as wordings are compared
	facts   map[string][]fact
	pairs   map[[2]rune]bool // see speech
}

func newCase(e Evidence) *proof {
	c := &proof{e: e, facts: map[string][]fact{}}
	for _, s := range e.said() {
		c.said = append(c.said, normal(s))
	}
	for _, s := range e.Titles {
		c.all = append(c.all, normal(s))
	}
	c.all = append(c.all, c.said...)
	for _, s := range c.all {
		for _, f := range factsIn(s) {
			c.facts[f.key] = append(c.facts[f.key], f)
		}
	}
	for _, s := range e.Own {
		own := normal(s)
		c.all = append(c.all, own)
		for _, f := range factsIn(own) {
			f.own = true
			c.facts[f.key] = append(c.facts[f.key], f)
		}
	}
	c.pool, c.sayings = strings.Join(c.all, "\n"), strings.Join(c.said, "\n")
	return c
}

// clip keeps a fault short.
func clip(s string) string {
	if utf8.RuneCountInString(s) > 24 {
		return string([]rune(s)[:24]) + "…"
	}
	return s
}
