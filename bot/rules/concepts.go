package rules

import (
	_ "embed"
	"strings"
	"unicode/utf8"
)

// conceptsFile holds what dangers are made of: somebody, what befalls them, and
// where. One of them alone is in every third message; two close to each other tell
// a danger in words that no example has put together.
//
//go:embed concepts.txt
var conceptsFile string

// near is how many bytes lie at most between two words of a pair.
const near = 75

// heavy is how often a pair counts: beside the hundreds of letters of a message
// one sign more would hardly be heard.
const heavy = 3

// concepts are the words of every class, by the character they begin with.
type concepts struct {
	n     int
	words map[rune][]concept
}

type concept struct {
	word  string
	class int
}

func newConcepts() concepts {
	all := newLexicon(conceptsFile)
	out := concepts{n: len(all), words: map[rune][]concept{}}
	for i, c := range all {
		for _, w := range c.words {
			first, _ := utf8.DecodeRuneInString(w)
			out.words[first] = append(out.words[first], concept{w, i})
		}
	}
	return out
}

// pairs calls add for every concept that a text names, and for every two of them
// that are named close to each other.
func (c concepts) pairs(text string, add func(...uint32)) {
	at := make([][]int, c.n)
	for i, r := range text {
		for _, w := range c.words[r] {
			if strings.HasPrefix(text[i:], w.word) {
				at[w.class] = append(at[w.class], i)
			}
		}
	}
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
