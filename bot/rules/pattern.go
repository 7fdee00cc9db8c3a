package rules

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode"
)

// pattern is a regular expression that knows characters of which every match
// holds at least one. Most messages hold none of them, and reading a message
// once for a few characters is far cheaper than running the expression.
type pattern struct {
	*regexp.Regexp
	needs map[rune]bool // nil: a match may be made of anything
}

func newPattern(s string) pattern {
	tree, err := syntax.Parse(s, syntax.Perl)
	if err != nil {
		panic(err)
	}
	p := pattern{Regexp: regexp.MustCompile(s)}
	if n := necessary(tree); n != nil {
		p.needs = map[rune]bool{}
		for _, r := range n {
			p.needs[r] = true
		}
	}
	return p
}

func (p pattern) hopeless(text string) bool {
	return p.needs != nil && strings.IndexFunc(text, func(r rune) bool { return p.needs[r] }) < 0
}

// MatchString is that of regexp.Regexp, like those that follow.
func (p pattern) MatchString(s string) bool { return !p.hopeless(s) && p.Regexp.MatchString(s) }

// FindString returns the first match.
func (p pattern) FindString(s string) string {
	if p.hopeless(s) {
		return ""
	}
	return p.Regexp.FindString(s)
}

// FindAllString returns the matches, n at most.
func (p pattern) FindAllString(s string, n int) []string {
	if p.hopeless(s) {
		return nil
	}
	return p.Regexp.FindAllString(s, n)
}

// FindStringSubmatch returns the first match and its groups.
func (p pattern) FindStringSubmatch(s string) []string {
	if p.hopeless(s) {
		return nil
	}
	return p.Regexp.FindStringSubmatch(s)
}

// FindAllStringSubmatch returns the matches and their groups, n at most.
func (p pattern) FindAllStringSubmatch(s string, n int) [][]string {
	if p.hopeless(s) {
		return nil
	}
	return p.Regexp.FindAllStringSubmatch(s, n)
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
