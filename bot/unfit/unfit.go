// Package unfit finds content that must neither be said to residents nor asked
// of us (GB/T 45654-2025, 生成式人工智能服务管理暂行办法 4). It looks for words,
// written in a list of our own, and understands nothing: what residents tell
// of, a threat to jump or poison in a reservoir, is for people and not for it.
package unfit

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Category is a kind of content, as the list names it.
type Category string

//go:embed words.txt
var list string

// Filter is the list, read. It is safe for many at once.
type Filter struct {
	told       []string // words of somebody who tells of a thing and does not ask for it
	rules      []rule
	categories []Category
}

// rule is one line of the list: in every part one of the words must stand.
type rule struct {
	category  Category
	requested bool // counts in what is asked of us only
	parts     [][]string
}

// near is how many characters there may be between the parts of a rule.
const near = 30

// Shipped is the list of this package, read once.
var Shipped = sync.OnceValue(func() *Filter { return read(list) })

// read takes a list apart.
func read(list string) *Filter {
	f := &Filter{}
	category := Category("")
	for line := range strings.Lines(list) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line == "[told]":
			category = ""
		case line[0] == '[':
			category = Category(strings.Trim(line, "[]"))
			f.categories = append(f.categories, category)
		case category == "":
			f.told = append(f.told, strings.Fields(line)...)
		default:
			f.rules = append(f.rules, ruleOf(category, line))
		}
	}
	return f
}

func ruleOf(category Category, line string) rule {
	words, requested := strings.CutPrefix(line, "?")
	r := rule{category: category, requested: requested}
	for part := range strings.FieldsSeq(words) {
		r.parts = append(r.parts, ways(part))
	}
	return r
}

// how is what ~ stands for.
var how = []string{"怎么", "怎么才能", "怎么能", "如何", "怎样", "咋", "教我", "教教我", "教我怎么"}

// ways are the ways to say one part of a rule.
func ways(part string) []string {
	var out []string
	for _, w := range strings.Split(part, "|") {
		after, ok := strings.CutPrefix(w, "~")
		if !ok {
			out = append(out, w)
			continue
		}
		for _, h := range how {
			out = append(out, h+after)
		}
	}
	return out
}

// Categories are the kinds of content that the list knows.
func (f *Filter) Categories() []Category { return f.categories }

// Asked is what a resident asks for that must not be answered; "" is nothing.
func (f *Filter) Asked(text string) Category {
	plain := plain(text)
	told := slices.ContainsFunc(f.told, func(w string) bool { return strings.Contains(plain, w) })
	for _, r := range f.rules {
		if !(r.requested && told) && r.holds(plain) {
			return r.category
		}
	}
	return ""
}

// Said is what an answer says that must not be said; "" is nothing. A rule
// that holds in the knowledge behind the answer as well is passed over:
// editors have published those words.
func (f *Filter) Said(text string, knowledge ...string) Category {
	said := plain(text)
	for _, r := range f.rules {
		if r.requested || !r.holds(said) {
			continue
		}
		if !slices.ContainsFunc(knowledge, func(k string) bool { return r.holds(plain(k)) }) {
			return r.category
		}
	}
	return ""
}

// holds reports whether every part of the rule stands near its first.
func (r rule) holds(text string) bool {
	for _, word := range r.parts[0] {
		for at := 0; ; {
			i := strings.Index(text[at:], word)
			if i < 0 {
				break
			}
			at += i
			if r.around(text[back(text, at, near):ahead(text, at+len(word), near)]) {
				return true
			}
			at += len(word)
		}
	}
	return false
}

func (r rule) around(text string) bool {
	for _, part := range r.parts[1:] {
		if !slices.ContainsFunc(part, func(w string) bool { return strings.Contains(text, w) }) {
			return false
		}
	}
	return true
}

// back and ahead are the places so many characters before and after another.
func back(s string, at, n int) int {
	for ; at > 0 && n > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(s[:at])
		at -= size
	}
	return at
}

func ahead(s string, at, n int) int {
	for ; at < len(s) && n > 0; n-- {
		_, size := utf8.DecodeRuneInString(s[at:])
		at += size
	}
	return at
}

// plain is a text as it is compared: narrow, lower case, simplified, without
// signs, blanks and what cannot be seen, letters that only look Latin as Latin
// ones. So 法.轮.功, 炸⁠药 and аv (with a Cyrillic а) are what they look like.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 0xff01 && r <= 0xff5e {
			r -= 0xfee0
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		r = unicode.ToLower(r)
		if same, ok := alike[r]; ok {
			return same
		}
		return r
	}, s)
}

// alike are letters by those they look like or stand for.
var alike = pairs(
	"аеорсухкмтвнιοαρκ", "aeopcyxkmtbhioapk",
	"輪藥彈製槍獨灣賭殺國顛權煽動暴亂聖戰恐襲擊氣體買賣僞偽證鈔髮發裸聊視頻圖網絡絡號碼騙錢洗單貓養門藏東電閃誣謠傳謀毀屍"+"氷濤",
	"轮药弹制枪独湾赌杀国颠权煽动暴乱圣战恐袭击气体买卖伪伪证钞发发裸聊视频图网络络号码骗钱洗单猫养门藏东电闪诬谣传谋毁尸"+"冰涛",
)

func pairs(texts ...string) map[rune]rune {
	out := map[rune]rune{}
	for i := 0; i < len(texts); i += 2 {
		to := []rune(texts[i+1])
		for n, from := range []rune(texts[i]) {
			out[from] = to[n]
		}
	}
	return out
}
