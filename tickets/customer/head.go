package customer

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"unicode"
)

// head is a pattern that is tried at every character of a text. What its
// matches can begin with is read off its program, so that the character at
// hand rules most positions out before the pattern runs.
type head struct {
	*regexp.Regexp
	firsts []rune // from, to, from, to …
}

// newHead compiles a pattern that begins with ^ and matches no empty text.
func newHead(pattern string) head {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		panic(err)
	}
	program, err := syntax.Compile(tree.Simplify())
	if err != nil {
		panic(err)
	}
	h := head{Regexp: regexp.MustCompile(pattern)}
	h.walk(program, uint32(program.Start), map[uint32]bool{})
	return h
}

// walk follows the program until it reads a character.
func (h *head) walk(p *syntax.Prog, at uint32, seen map[uint32]bool) {
	if seen[at] {
		return
	}
	seen[at] = true
	switch i := p.Inst[at]; i.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		h.walk(p, i.Out, seen)
		h.walk(p, i.Arg, seen)
	case syntax.InstCapture, syntax.InstEmptyWidth, syntax.InstNop:
		h.walk(p, i.Out, seen)
	case syntax.InstRune1:
		h.firsts = append(h.firsts, i.Rune[0], i.Rune[0])
	case syntax.InstRune:
		if len(i.Rune) > 1 {
			h.firsts = append(h.firsts, i.Rune...)
			return
		}
		for r := unicode.SimpleFold(i.Rune[0]); ; r = unicode.SimpleFold(r) { // in either case
			h.firsts = append(h.firsts, r, r)
			if r == i.Rune[0] {
				return
			}
		}
	case syntax.InstFail:
	default:
		panic(fmt.Sprintf("customer: %v begins with anything or is empty", h))
	}
}

func (h head) begins(s string) bool {
	r := firstRune(s)
	for i := 0; i < len(h.firsts); i += 2 {
		if h.firsts[i] <= r && r <= h.firsts[i+1] {
			return s != ""
		}
	}
	return false
}

// MatchString reports whether s begins as the pattern says.
func (h head) MatchString(s string) bool { return h.begins(s) && h.Regexp.MatchString(s) }

// FindString is what s begins with, empty if the pattern does not match.
func (h head) FindString(s string) string {
	if !h.begins(s) {
		return ""
	}
	return h.Regexp.FindString(s)
}
