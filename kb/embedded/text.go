package embedded

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// longest is how many bytes of a text are looked at; a query is a message of
// at most a few hundred characters, the rest of a huge one adds only cost.
const longest = 6000

// normal folds a text to what tokens are made of: lower case, half width,
// letters, digits and Han characters, everything else one space.
func normal(text string) []rune {
	if len(text) > longest {
		text = text[:longest]
	}
	out := make([]rune, 0, utf8.RuneCountInString(text))
	space := true
	for _, r := range text {
		switch r = fold(r); {
		case r == 0:
		case r != ' ':
			out = append(out, r)
			space = false
		case !space:
			out = append(out, ' ')
			space = true
		}
	}
	if space && len(out) > 0 {
		out = out[:len(out)-1]
	}
	return out
}

// fold maps a character to its plain form, ' ' for what separates words and 0
// for what is not seen, such as a zero-width space.
func fold(r rune) rune {
	if r >= '!'+0xFEE0 && r <= '~'+0xFEE0 {
		r -= 0xFEE0
	}
	switch {
	case unicode.Is(unicode.Cf, r):
		return 0
	case han(r) || unicode.IsDigit(r):
		return r
	case unicode.IsLetter(r):
		return unicode.ToLower(r)
	}
	return ' '
}

func han(r rune) bool {
	return r >= 0x4E00 && r <= 0x9FFF || r >= 0x3400 && r <= 0x4DBF || r >= 0x20000 && r <= 0x3FFFF
}

// kind tells how much a token says.
type kind uint8

const (
	single  kind = iota // one Han character
	pair                // two Han characters in a row
	word                // a run of letters or of digits
	concept             // a group of synonyms
)

// tokens tells every token of a normalised text, repeated ones too.
func (l *lexicon) tokens(text []rune, tell func(token string, k kind)) {
	for i := 0; i < len(text); {
		if !han(text[i]) {
			end := runEnd(text, i)
			if text[i] != ' ' {
				tell(string(text[i:end]), word)
			}
			i = end
			continue
		}
		tell(string(text[i]), single)
		if i+1 < len(text) && han(text[i+1]) {
			tell(string(text[i:i+2]), pair)
		}
		i++
	}
	l.concepts(text, func(name string) { tell(name, concept) })
}

// runEnd returns where the run of letters, digits or spaces from i ends.
func runEnd(text []rune, i int) int {
	class := func(r rune) int {
		switch {
		case r == ' ':
			return 0
		case han(r):
			return 1
		case unicode.IsDigit(r):
			return 2
		}
		return 3
	}
	end := i + 1
	for end < len(text) && class(text[end]) == class(text[i]) {
		end++
	}
	return end
}

// segments cuts a text where its writer did: at punctuation and line ends.
func segments(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool {
		return r == '\n' || strings.ContainsRune("，。？！；,.?!;…~～、", r)
	})
}
