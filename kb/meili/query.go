package meili

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"quandesk/kb"
)

// Meilisearch reads the first ten words of a query and no more, and a story
// mostly ends in its question: it gets the end. The fallback reads all of it.
const (
	longestQuery = 30   // characters
	longestRead  = 4000 // bytes looked at
)

// question returns what the server is asked, empty for a query without a word:
// Meilisearch would answer that with everything it has.
func (x *Index) question(query string) string {
	query = query[max(0, len(query)-longestRead):]
	text := []rune(strings.TrimSpace(x.quiet.Replace(strings.ToValidUTF8(query, " "))))
	text = text[max(0, len(text)-longestQuery):]
	if !slices.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		return ""
	}
	return string(text)
}

// quiet takes out what people say around a question, the longest first. The
// server's stop words do so only for what it reads as one word.
func quiet(words kb.Words) *strings.Replacer {
	noise := slices.DeleteFunc(slices.Clone(words.Noise), func(s string) bool { return s == "" })
	slices.SortStableFunc(noise, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	pairs := make([]string, 0, 2*len(noise))
	for _, n := range noise {
		pairs = append(pairs, n, " ")
	}
	return strings.NewReplacer(pairs...)
}
