package embedded

import (
	"slices"
	"strconv"

	"quandesk/kb"
)

// lexicon knows synonyms and what people say around a question.
type lexicon struct {
	byFirst map[rune][]entry // longest first
	words   [][]rune         // synonyms, as they came
}

type entry struct {
	word    []rune
	concept string // empty for noise
}

func newLexicon(w kb.Words) *lexicon {
	l := &lexicon{byFirst: make(map[rune][]entry)}
	for i, group := range w.Synonyms {
		for _, synonym := range group {
			l.add(synonym, "="+strconv.Itoa(i))
		}
	}
	for _, noise := range w.Noise {
		l.add(noise, "")
	}
	for _, entries := range l.byFirst {
		slices.SortStableFunc(entries, func(a, b entry) int { return len(b.word) - len(a.word) })
	}
	return l
}

func (l *lexicon) add(text, concept string) {
	word := normal(text)
	if len(word) == 0 {
		return
	}
	l.byFirst[word[0]] = append(l.byFirst[word[0]], entry{word, concept})
	if concept != "" {
		l.words = append(l.words, word)
	}
}

// at returns the longest word that starts at i.
func (l *lexicon) at(text []rune, i int) (entry, bool) {
	for _, e := range l.byFirst[text[i]] {
		if len(text)-i >= len(e.word) && slices.Equal(text[i:i+len(e.word)], e.word) {
			return e, true
		}
	}
	return entry{}, false
}

// concepts tells every group of synonyms a text mentions.
func (l *lexicon) concepts(text []rune, tell func(string)) {
	for i := range text {
		if e, ok := l.at(text, i); ok && e.concept != "" {
			tell(e.concept)
		}
	}
}

// quiet drops the noise from a text, unless nothing else is in it.
func (l *lexicon) quiet(text []rune) []rune {
	var out []rune
	for i := 0; i < len(text); {
		e, ok := l.at(text, i)
		switch {
		case ok && e.concept == "":
			if len(out) > 0 && out[len(out)-1] != ' ' {
				out = append(out, ' ')
			}
			i += len(e.word)
		default:
			out = append(out, text[i])
			i++
		}
	}
	if len(out) == 0 {
		return text
	}
	return out
}
