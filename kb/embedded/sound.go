package embedded

import (
	"slices"
	"strings"

	"github.com/mozillazg/go-pinyin"
)

// sounds finds the known word that sounds like a wrong one: 停谁 is 停水.
type sounds struct {
	syllables map[rune][]string  // of the characters in known words
	known     map[string]bool    // syllables as written, to cut typed pinyin
	used      map[[2]rune]int    // how often each two-character word was learnt
	words     map[string][2]rune // two folded syllables to the most used word
}

func newSounds() *sounds {
	return &sounds{
		syllables: make(map[rune][]string),
		known:     make(map[string]bool),
		used:      make(map[[2]rune]int),
		words:     make(map[string][2]rune),
	}
}

// learn notes the two-character words of a text people are likely to mean.
func (s *sounds) learn(text []rune) {
	for i := 0; i+1 < len(text); i++ {
		if han(text[i]) && han(text[i+1]) {
			s.used[[2]rune{text[i], text[i+1]}]++
		}
	}
}

// settle makes what was learnt searchable by sound. Of words that sound the
// same the most used one wins, then the one first in character order.
func (s *sounds) settle() {
	for w, n := range s.used {
		for _, a := range s.read(w[0]) {
			for _, b := range s.read(w[1]) {
				s.known[a], s.known[b] = true, true
				sound := foldSound(a) + " " + foldSound(b)
				old, ok := s.words[sound]
				if m := s.used[old]; !ok || n > m || n == m && slices.Compare(w[:], old[:]) < 0 {
					s.words[sound] = w
				}
			}
		}
	}
}

// read returns the readings of a character without tones.
func (s *sounds) read(r rune) []string {
	if known, ok := s.syllables[r]; ok {
		return known
	}
	readings := readings(r)
	s.syllables[r] = readings
	return readings
}

// readings is how a character is read. Only the usual way: those that scholars
// know make 们食 sound like 明一, and every second stray pair like a word.
func readings(r rune) []string {
	return pinyin.SinglePinyin(r, pinyin.Args{Style: pinyin.Normal})
}

// foldSound makes syllables equal that people and speech recognition mix up:
// flat and curled initials, front and back nasals.
func foldSound(s string) string {
	if len(s) > 1 && s[1] == 'h' {
		s = s[:1] + s[2:]
	}
	if strings.HasSuffix(s, "ing") || strings.HasSuffix(s, "eng") {
		s = s[:len(s)-1]
	}
	return s
}

// mend replaces pairs nobody knows by known words that sound the same, and
// pinyin by the words it spells. It reports whether it changed anything.
func (s *sounds) mend(text []rune, knows func(string) bool) ([]rune, bool) {
	mended := false
	out := slices.Clone(text)
	for i := 0; i+1 < len(out); i++ {
		if !han(out[i]) || !han(out[i+1]) || knows(string(out[i:i+2])) {
			continue
		}
		if w, ok := s.like(out[i], out[i+1]); ok {
			out[i], out[i+1] = w[0], w[1]
			mended = true
		}
	}
	out, spelled := s.spell(out, knows)
	return out, mended || spelled
}

func (s *sounds) like(a, b rune) ([2]rune, bool) {
	for _, x := range s.heard(a) {
		for _, y := range s.heard(b) {
			if w, ok := s.words[foldSound(x)+" "+foldSound(y)]; ok {
				return w, true
			}
		}
	}
	return [2]rune{}, false
}

// heard is read without remembering: searches run side by side.
func (s *sounds) heard(r rune) []string {
	if known, ok := s.syllables[r]; ok {
		return known
	}
	return readings(r)
}

// spell turns runs of typed pinyin into words.
func (s *sounds) spell(text []rune, knows func(string) bool) ([]rune, bool) {
	var out []rune
	spelled := false
	for i := 0; i < len(text); {
		if !latin(text[i]) {
			out = append(out, text[i])
			i++
			continue
		}
		end := i
		for end < len(text) && (latin(text[end]) || text[end] == ' ') {
			end++
		}
		run := string(text[i:end])
		if words := s.pairs(s.cut(run)); len(words) > 0 && !knows(strings.TrimSpace(run)) {
			out = append(append(append(out, ' '), words...), ' ')
			spelled = true
		} else {
			out = append(out, text[i:end]...)
		}
		i = end
	}
	return out, spelled
}

func latin(r rune) bool { return r >= 'a' && r <= 'z' }

// cut splits typed pinyin into syllables, nil when it is something else.
func (s *sounds) cut(run string) []string {
	const longestSyllable = 6 // zhuang
	var out []string
	for _, part := range strings.Fields(run) {
		for len(part) > 0 {
			n := min(longestSyllable, len(part))
			for n > 0 && !s.known[part[:n]] {
				n--
			}
			if n == 0 {
				return nil
			}
			out = append(out, part[:n])
			part = part[n:]
		}
	}
	return out
}

// pairs looks up syllables two by two.
func (s *sounds) pairs(syllables []string) []rune {
	var out []rune
	for i := 0; i+1 < len(syllables); i++ {
		w, ok := s.words[foldSound(syllables[i])+" "+foldSound(syllables[i+1])]
		if !ok {
			continue
		}
		if n := len(out); n > 0 && out[n-1] == w[0] {
			out = append(out, w[1])
			continue
		}
		out = append(out, w[0], w[1])
	}
	return out
}
