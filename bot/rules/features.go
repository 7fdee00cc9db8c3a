package rules

import (
	"slices"
	"strings"
	"unicode"

	"quandesk/tickets/customer"
)

// heavy is how often a pair of concepts counts: beside the hundreds of letters of a
// message one sign more would hardly be heard.
const heavy = 3

// reader turns a text into features.
type reader struct {
	sounds   sounds
	lexicon  lexicon
	concepts lexicon
	towns    *customer.Gazetteer
	tagger   *tagger
}

// features are hashes of what the classifier looks at, or positions of those that
// the training saw.
type features struct {
	general []uint32
	paired  []uint32 // pairs of concepts: for danger alone
}

// of are the features that a head looks at.
func (f features) of(head int) []uint32 {
	if head == dangerHead {
		return slices.Concat(f.general, f.paired)
	}
	return f.general
}

// features lists what the classifier looks at: characters and sounds in
// twos and threes, word classes, the shape of the message, pairs of concepts.
// Places and phones are one sign each, so that no street is a complaint.
func (x reader) features(text string, p place, phone string) features {
	masked := x.mask(text, p, phone)
	seen := map[uint32]struct{}{}
	var out features
	to := &out.general
	add := func(kind byte, parts ...uint32) {
		h := uint32(2166136261)
		h = (h ^ uint32(kind)) * 16777619
		for _, v := range parts {
			for s := 0; s < 32; s += 8 {
				h = (h ^ (v >> s & 0xff)) * 16777619
			}
		}
		h ^= h >> 15
		if _, ok := seen[h]; !ok {
			seen[h] = struct{}{}
			*to = append(*to, h)
		}
	}
	var clean []uint32
	for _, r := range "^" + masked + "$" {
		if unicode.IsSpace(r) || unicode.IsPunct(r) && r != '?' && r != '※' || unicode.IsSymbol(r) && !strings.ContainsRune("^$☎※", r) {
			r = '_'
		}
		if r == '_' && len(clean) > 0 && clean[len(clean)-1] == '_' {
			continue
		}
		clean = append(clean, uint32(r))
	}
	for i, c := range clean {
		add(1, c)
		if i+1 < len(clean) {
			add(2, c, clean[i+1])
		}
		if i+2 < len(clean) {
			add(3, c, clean[i+1], clean[i+2])
		}
		s := x.sound(c)
		if i+1 < len(clean) {
			add(4, s, x.sound(clean[i+1]))
		}
		if i+2 < len(clean) {
			add(5, s, x.sound(clean[i+1]), x.sound(clean[i+2]))
		}
	}
	last := lastClause(clean)
	for i, c := range last {
		if i+1 < len(last) {
			add(8, c, last[i+1])
		}
		if i+2 < len(last) {
			add(9, c, last[i+1], last[i+2])
		}
	}
	ending := plainRunes(last)
	said, toldLast := x.lexicon.hits(masked), x.lexicon.hits(ending)
	for i := range said {
		if toldLast[i] > 0 {
			add(10, uint32(i))
		}
		for n := 1; n <= min(said[i], 3); n++ {
			add(6, uint32(i), uint32(n))
		}
	}
	add(11, open(masked), open(ending))
	size := uint32(0)
	for n := len(clean); n > 4; n /= 2 {
		size++
	}
	add(7, size)
	to = &out.paired
	x.concepts.pairs(masked, func(parts ...uint32) {
		for n := range heavy {
			add(byte(12+n), parts...)
		}
	})
	return out
}

var questionWord = newPattern(`[?？]|[吗么嘛没不]([吧呀啊呢哈，。！～~ ]|$)|呢([，。！～~ ]|$)|多少|多久|多长|几[天个点时月号毛块元年次方吨家处条位]|怎么|怎样|什么|哪|谁|为何|如何|是否|能不能|可不可以|是不是|有没有|要不要|会不会|用不用|行不行|想问|请问|问下|问一下|打听|了解|咨询|wh(at|en|ere|o|ich)|how|can |do |is |are `)

// open tells whether a text asks: with the mark, with a word of asking, or
// not at all.
func open(text string) uint32 {
	switch {
	case strings.Contains(text, "?"):
		return 2
	case questionWord.MatchString(text):
		return 1
	}
	return 0
}

func (x reader) sound(c uint32) uint32 {
	if s, ok := x.sounds[rune(c)]; ok {
		return uint32(s)
	}
	return c + 1000
}

// mask puts one sign in the place of every address and phone, and folds.
func (x reader) mask(text string, p place, phone string) string {
	var b strings.Builder
	at := 0
	for _, s := range p.spans {
		b.WriteString(text[at:s[0]])
		b.WriteRune('※')
		at = s[1]
	}
	b.WriteString(text[at:])
	out := b.String()
	if phone != "" {
		out = strings.ReplaceAll(out, phone, "☎")
	}
	out = strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return '0'
		}
		return r
	}, fold(out))
	for strings.Contains(out, "00") {
		out = strings.ReplaceAll(out, "00", "0")
	}
	out = strings.NewReplacer("？", "?", "!", "！").Replace(out)
	return out
}

// lastClause is where most people say what they want: the last piece of a
// message that is more than a thank-you.
func lastClause(clean []uint32) []uint32 {
	end := len(clean)
	for at := len(clean) - 1; at >= 0; at-- {
		if clean[at] != '_' && clean[at] != '^' {
			continue
		}
		if end-at > 5 {
			return clean[max(at, end-18):end]
		}
		if clean[at] == '_' && len(clean)-at > 8 {
			end = at
		}
	}
	return clean[max(0, end-18):end]
}

func plainRunes(of []uint32) string {
	var b strings.Builder
	for _, c := range of {
		b.WriteRune(rune(c))
	}
	return b.String()
}
