package rules

import (
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
)

//go:embed places.bin.gz
var placesFile string

// tag says what a character is part of.
type tag = uint8

// The tags. A place begins with the first and goes on with the second of two.
const (
	outside tag = iota
	addressBegins
	addressGoes
	communityBegins
	communityGoes
	roadBegins
	roadGoes
	tags
)

// looked is how many slots there are for what is looked at; some share one.
const looked = 1 << 17

// tagger marks the places of a text character by character: a linear chain
// whose weights are learned from messages annotated by hand (places/*.txt).
// What the lexer of customer.Gazetteer finds is one of the things it looks at.
type tagger struct {
	scale   float64 // of one weight
	starts  [tags]float64
	moves   [tags][tags]float64 // from a tag to the next
	weights []int8              // slot by slot, one for each tag
}

func readTagger() (*tagger, error) {
	z, err := gzip.NewReader(strings.NewReader(placesFile))
	if err != nil {
		return nil, fmt.Errorf("rules: places: %w", err)
	}
	return parseTagger(z)
}

func parseTagger(from io.Reader) (*tagger, error) {
	t := &tagger{weights: make([]int8, looked*int(tags))}
	for _, part := range []any{&t.scale, &t.starts, &t.moves, t.weights} {
		if err := binary.Read(from, binary.LittleEndian, part); err != nil {
			return nil, fmt.Errorf("rules: places: %w", err)
		}
	}
	return t, nil
}

// follows reports whether a tag may come after another.
func follows(before, after tag) bool {
	goes := after != outside && after%2 == 0
	return !goes || before == after || before == after-1
}

// chain is what it takes to find the best sequence of tags.
type chain struct {
	starts *[tags]float64
	moves  *[tags][tags]float64
	emit   func(i int, out *[tags]float64) // the points of every tag for a character
}

// best is the sequence of n tags that is worth most (Viterbi).
func (c chain) best(n int) []tag {
	if n == 0 {
		return nil
	}
	from := make([][tags]tag, n)
	var now, next, emit [tags]float64
	c.emit(0, &emit)
	for t := range tags {
		now[t] = c.starts[t] + emit[t]
		if !follows(outside, t) {
			now[t] = math.Inf(-1)
		}
	}
	for i := 1; i < n; i++ {
		c.emit(i, &emit)
		for t := range tags {
			next[t] = math.Inf(-1)
			for b := range tags {
				if v := now[b] + c.moves[b][t]; follows(b, t) && v > next[t] {
					next[t], from[i][t] = v, b
				}
			}
			next[t] += emit[t]
		}
		now = next
	}
	out := make([]tag, n)
	for t := range tags {
		if now[t] > now[out[n-1]] {
			out[n-1] = t
		}
	}
	for i := n - 1; i > 0; i-- {
		out[i-1] = from[i][out[i]]
	}
	return out
}

// points is what a sequence of tags is worth.
func (c chain) points(marks []tag) float64 {
	sum := 0.0
	var emit [tags]float64
	for i, m := range marks {
		c.emit(i, &emit)
		sum += emit[m]
		if i == 0 {
			sum += c.starts[m]
		} else {
			sum += c.moves[marks[i-1]][m]
		}
	}
	return sum
}

// chain of a line.
func (t *tagger) chain(l line) chain {
	points := make([][tags]float64, len(l.runes))
	for i, looks := range l.looks {
		var sums [tags]int
		for _, f := range looks {
			for k, w := range t.weights[int(f)*int(tags) : int(f+1)*int(tags)] {
				sums[k] += int(w)
			}
		}
		for k, v := range sums {
			points[i][k] = float64(v) * t.scale
		}
	}
	return chain{&t.starts, &t.moves, func(i int, out *[tags]float64) { *out = points[i] }}
}

// margin is how much more the best tags are worth than the best that mark no
// address in a stretch.
func (c chain) margin(marks []tag, s stretch) float64 {
	without := c
	without.emit = func(i int, out *[tags]float64) {
		c.emit(i, out)
		if i >= s.from && i < s.to {
			out[addressBegins], out[addressGoes] = math.Inf(-1), math.Inf(-1)
		}
	}
	return c.points(marks) - c.points(without.best(len(marks)))
}

// stretch is a place that was marked, from one character to before another.
type stretch struct {
	kind     tag // addressBegins, communityBegins or roadBegins
	from, to int
}

// stretches are the places of a line by its tags.
func stretches(marks []tag) []stretch {
	var out []stretch
	for i, m := range marks {
		switch {
		case m == outside:
		case m%2 == 1:
			out = append(out, stretch{m, i, i + 1})
		case len(out) > 0:
			out[len(out)-1].to = i + 1
		}
	}
	return out
}

// whole is a stretch without the marks at its ends, and with all of the words
// and numbers that it cuts.
func (l line) whole(s stretch) stretch {
	const longest = 20
	for s.from < s.to && classOf(l.runes[s.from]) == mark {
		s.from++
	}
	for s.from < s.to && classOf(l.runes[s.to-1]) == mark {
		s.to--
	}
	joined := func(i int) bool {
		return i > 0 && i < len(l.runes) && classOf(l.runes[i-1]) == classOf(l.runes[i]) && classOf(l.runes[i]) <= numeral
	}
	for n := 0; s.from < s.to && joined(s.from) && n < longest; n++ {
		s.from--
	}
	for n := 0; s.from < s.to && joined(s.to) && n < longest; n++ {
		s.to++
	}
	return s
}

// words of a stretch.
func (l line) words(s stretch) string { return l.text[l.at[s.from]:l.at[s.to]] }
