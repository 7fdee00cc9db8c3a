package rules

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// pattern is a regular expression that knows characters of which every match
// holds at least one, and those a match begins with. Most messages hold none of the
// ones, and few of the others: reading a message once for a few characters is far
// cheaper than trying the expression at every one of them.
type pattern struct {
	needs  map[rune]bool         // nil: a match may be made of anything
	firsts *runeSet              // nil: a match may begin with anything, or depends on what is before it
	here   *regexp.Regexp        // a match at the beginning; nil without firsts
	any    func() *regexp.Regexp // a match anywhere, compiled when it is asked for
}

func newPattern(s string) pattern {
	tree, err := syntax.Parse(s, syntax.Perl)
	if err != nil {
		panic(err)
	}
	p := pattern{any: sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(s) })}
	if n := necessary(tree); n != nil {
		p.needs = map[rune]bool{}
		for _, r := range n {
			p.needs[r] = true
		}
	}
	program, err := syntax.Compile(tree.Simplify())
	if err != nil {
		panic(err)
	}
	if firsts := (&runeSet{}); begins(program, uint32(program.Start), map[uint32]bool{}, firsts) {
		p.firsts, p.here = firsts, regexp.MustCompile(`\A(?:`+s+`)`)
	}
	return p
}

// runeSet holds characters, 256 to a page.
type runeSet struct {
	page [256]uint8 // of the first 65,536 characters; 0: none of them
	bits [][4]uint64
}

func (x *runeSet) has(r rune) bool {
	if r < 0 || r > 0xffff || x.page[r>>8] == 0 {
		return false
	}
	return x.bits[x.page[r>>8]-1][r>>6&3]>>(r&63)&1 != 0
}

// add reports false for characters that no page is kept for.
func (x *runeSet) add(from, to rune) bool {
	const most = 512
	if from < 0 || to > 0xffff || to-from > most {
		return false
	}
	for r := from; r <= to; r++ {
		if x.page[r>>8] == 0 {
			x.bits = append(x.bits, [4]uint64{})
			x.page[r>>8] = uint8(len(x.bits))
		}
		x.bits[x.page[r>>8]-1][r>>6&3] |= 1 << (r & 63)
	}
	return len(x.bits) < 255
}

// begins collects the characters that a program reads first; false when it may read
// none, or looks at what is before.
func begins(p *syntax.Prog, at uint32, seen map[uint32]bool, to *runeSet) bool {
	if seen[at] {
		return true
	}
	seen[at] = true
	switch i := p.Inst[at]; i.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		return begins(p, i.Out, seen, to) && begins(p, i.Arg, seen, to)
	case syntax.InstCapture, syntax.InstNop:
		return begins(p, i.Out, seen, to)
	case syntax.InstFail:
		return true
	case syntax.InstRune1, syntax.InstRune:
		if len(i.Rune) == 1 {
			r := i.Rune[0]
			ok := to.add(r, r)
			if syntax.Flags(i.Arg)&syntax.FoldCase != 0 {
				for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
					ok = ok && (to.add(f, f) || f > 0xffff)
				}
			}
			return ok
		}
		for n := 0; n+1 < len(i.Rune); n += 2 {
			if !to.add(i.Rune[n], i.Rune[n+1]) {
				return false
			}
		}
		return true
	}
	return false // anything, the end, or what is before
}

func (p pattern) hopeless(text string) bool {
	return p.needs != nil && strings.IndexFunc(text, func(r rune) bool { return p.needs[r] }) < 0
}

// MatchString is that of regexp.Regexp, like those that follow.
func (p pattern) MatchString(s string) bool {
	if p.hopeless(s) {
		return false
	}
	if p.firsts == nil {
		return p.any().MatchString(s)
	}
	for at, r := range s {
		if p.firsts.has(r) && p.here.MatchString(s[at:]) {
			return true
		}
	}
	return false
}

// FindString returns the first match.
func (p pattern) FindString(s string) string {
	if p.hopeless(s) {
		return ""
	}
	if p.firsts == nil {
		return p.any().FindString(s)
	}
	for at, r := range s {
		if p.firsts.has(r) {
			if m := p.here.FindString(s[at:]); m != "" {
				return m
			}
		}
	}
	return ""
}

// FindAllString returns the matches, n at most.
func (p pattern) FindAllString(s string, n int) []string {
	if p.hopeless(s) {
		return nil
	}
	if p.firsts == nil || n >= 0 {
		return p.any().FindAllString(s, n)
	}
	var out []string
	for at := 0; at < len(s); {
		r, size := utf8.DecodeRuneInString(s[at:])
		if p.firsts.has(r) {
			if m := p.here.FindString(s[at:]); m != "" {
				out = append(out, m)
				size = len(m)
			}
		}
		at += size
	}
	return out
}

// FindStringSubmatch returns the first match and its groups.
func (p pattern) FindStringSubmatch(s string) []string {
	if p.hopeless(s) {
		return nil
	}
	if p.firsts == nil {
		return p.any().FindStringSubmatch(s)
	}
	for at, r := range s {
		if p.firsts.has(r) {
			if m := p.here.FindStringSubmatch(s[at:]); m != nil {
				return m
			}
		}
	}
	return nil
}

// FindAllStringSubmatch returns the matches and their groups, n at most.
func (p pattern) FindAllStringSubmatch(s string, n int) [][]string {
	if p.hopeless(s) {
		return nil
	}
	return p.any().FindAllStringSubmatch(s, n)
}

// FindStringIndex returns where the first match begins and ends, nil for none.
func (p pattern) FindStringIndex(s string) []int {
	if p.hopeless(s) {
		return nil
	}
	return p.any().FindStringIndex(s)
}

// FindStringSubmatchIndex returns where the first match and its groups are.
func (p pattern) FindStringSubmatchIndex(s string) []int {
	if p.hopeless(s) {
		return nil
	}
	return p.any().FindStringSubmatchIndex(s)
}

// ReplaceAllString returns s with the matches replaced.
func (p pattern) ReplaceAllString(s, by string) string {
	if p.hopeless(s) {
		return s
	}
	return p.any().ReplaceAllString(s, by)
}

// everyday are characters that most messages hold; looking for them would
// rule little out.
const everyday = "的了不是一有我你们没个人来家这那就都在到么什上下天大小水管说好还要能会可以给去吗呢啊"

// classLimit is how many characters a class may have to be looked for.
const classLimit = 80

// necessary lists characters of which every match of t holds one, nil if it
// cannot tell. Of the parts of a sequence it takes the one that rules most out.
func necessary(t *syntax.Regexp) []rune {
	switch t.Op {
	case syntax.OpLiteral:
		return rarest(t)
	case syntax.OpCharClass:
		return members(t.Rune)
	case syntax.OpCapture, syntax.OpPlus:
		return necessary(t.Sub[0])
	case syntax.OpRepeat:
		if t.Min > 0 {
			return necessary(t.Sub[0])
		}
	case syntax.OpConcat:
		var best []rune
		for _, s := range t.Sub {
			if n := necessary(s); n != nil && (best == nil || cost(n) < cost(best)) {
				best = n
			}
		}
		return best
	case syntax.OpAlternate:
		var all []rune
		for _, s := range t.Sub {
			n := necessary(s)
			if n == nil {
				return nil
			}
			all = append(all, n...)
		}
		return all
	}
	return nil
}

// rarest is the character of a literal that is least often met, in each case
// it may be written in.
func rarest(literal *syntax.Regexp) []rune {
	best := literal.Rune[0]
	for _, r := range literal.Rune {
		if cost([]rune{r}) < cost([]rune{best}) {
			best = r
		}
	}
	out := []rune{best}
	if literal.Flags&syntax.FoldCase != 0 {
		for r := unicode.SimpleFold(best); r != best; r = unicode.SimpleFold(r) {
			out = append(out, r)
		}
	}
	return out
}

func members(ranges []rune) []rune {
	var out []rune
	for i := 0; i < len(ranges); i += 2 {
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			if out = append(out, r); len(out) > classLimit {
				return nil
			}
		}
	}
	return out
}

// cost is how often a set of characters is met, roughly.
func cost(of []rune) int {
	sum := 0
	for _, r := range of {
		sum++
		if strings.ContainsRune(everyday, r) {
			sum += 20
		}
	}
	return sum
}
