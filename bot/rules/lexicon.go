package rules

import (
	_ "embed"
	"strings"
	"unicode/utf8"
)

// lexiconFile holds words by what they mean here, a class in each line.
//
//go:embed lexicon.txt
var lexiconFile string

// conceptsFile holds what dangers are made of: somebody, what befalls them, and
// where. One of them alone is in every third message; two close to each other tell
// a danger in words that no example has put together.
//
//go:embed concepts.txt
var conceptsFile string

// lexicon is the words of some classes, by the character they begin with: a text
// is read once for all of them.
type lexicon struct {
	classes int
	size    int // words
	words   map[rune][]classed
}

type classed struct {
	word      string
	class, no int
}

func newLexicon(file string) lexicon {
	out := lexicon{words: map[rune][]classed{}}
	for _, line := range strings.Split(file, "\n") {
		_, words, ok := strings.Cut(line, ": ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		for _, w := range strings.Fields(words) {
			first, _ := utf8.DecodeRuneInString(w)
			out.words[first] = append(out.words[first], classed{w, out.classes, out.size})
			out.size++
		}
		out.classes++
	}
	return out
}

// read calls found for every word that a text holds, and where.
func (l lexicon) read(text string, found func(at int, w classed)) {
	for i, r := range text {
		for _, w := range l.words[r] {
			if strings.HasPrefix(text[i:], w.word) {
				found(i, w)
			}
		}
	}
}

// hits are how many different words of every class a text holds.
func (l lexicon) hits(text string) []int {
	out, seen := make([]int, l.classes), make([]bool, l.size)
	l.read(text, func(_ int, w classed) {
		if !seen[w.no] {
			seen[w.no] = true
			out[w.class]++
		}
	})
	return out
}

// near is how many bytes lie at most between two words of a pair.
const near = 75

// pairs calls add for every class of which a text holds a word, and for every two
// of them that are close to each other.
func (l lexicon) pairs(text string, add func(...uint32)) {
	at := make([][]int, l.classes)
	l.read(text, func(i int, w classed) { at[w.class] = append(at[w.class], i) })
	for i := range at {
		if len(at[i]) > 0 {
			add(uint32(i))
		}
		for j := range i {
			if together(at[i], at[j]) {
				add(uint32(j), uint32(i))
			}
		}
	}
}

func together(a, b []int) bool {
	for _, x := range a {
		for _, y := range b {
			if x-y < near && y-x < near {
				return true
			}
		}
	}
	return false
}
