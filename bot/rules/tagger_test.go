package rules

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"quandesk/server/watched"
	"quandesk/tickets/customer"

	"github.com/stretchr/testify/require"
)

// annotated is a message with the right tags.
type annotated struct {
	line  line
	marks []tag
}

var brackets = map[rune]tag{'【': addressBegins, '《': communityBegins, '〈': roadBegins}

// annotation reads one line of places/*.txt: 【an address】, 《a community》
// or 〈a road〉 that is no part of one.
func annotation(t *testing.T, x reader, marked string) annotated {
	t.Helper()
	var text strings.Builder
	var marks []tag
	now := outside
	for _, r := range marked {
		begins, opens := brackets[r]
		switch {
		case opens:
			require.Equal(t, outside, now, "a place within a place: %s", marked)
			now = begins
		case strings.ContainsRune("】》〉", r):
			require.NotEqual(t, outside, now, "a place that never began: %s", marked)
			now = outside
		default:
			text.WriteRune(r)
			marks = append(marks, now)
			if now != outside && now%2 == 1 {
				now++
			}
		}
	}
	require.Equal(t, outside, now, "a place that never ends: %s", marked)
	return annotated{x.line(text.String()), marks}
}

// placeExamples are the annotated messages, and those examples of the
// classifier that ask for something and name no place.
func placeExamples(t *testing.T, x reader) []annotated {
	t.Helper()
	files, err := filepath.Glob("places/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var out []annotated
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, text := range strings.Split(strings.TrimSpace(string(raw)), "\n") {
			if !strings.HasPrefix(text, "# ") {
				out = append(out, annotation(t, x, text))
			}
		}
	}
	for i, p := range readGrammar(t).phrases {
		if i%2 == 0 || strings.ContainsAny(p.pattern, "{}()|※☎") || slices.Contains([]string{"-", "complaint", "repair", "outage", "progress"}, p.intent) {
			continue
		}
		l := x.line(p.pattern)
		if !l.lexed && !slices.ContainsFunc(l.parts, func(p customer.Part) bool { return partCodes[p.Kind] <= partCodes["community"] }) {
			out = append(out, annotated{l, make([]tag, len(l.runes))})
		}
	}
	return out
}

// learn fits the weights by averaged structured perceptrons with a margin, one
// for every order of the examples, and takes their mean: a single one leans on
// what it saw last.
func learn(items []annotated, rounds int) *tagger {
	const width, orders = 0.5, 5
	n := looked * int(tags)
	now, sum, since := make([]float64, n), make([]float64, n), make([]int, n)
	c := chain{starts: new([tags]float64), moves: new([tags][tags]float64)}
	var starts [tags]float64
	var moves [tags][tags]float64
	step := 0
	bump := func(f uint32, t tag, by float64) {
		k := int(f)*int(tags) + int(t)
		sum[k] += float64(step-since[k]) * now[k]
		since[k] = step
		now[k] += by
	}
	for round := range rounds * orders {
		if round%rounds == 0 { // begin anew, and go on summing up
			for k := range now {
				sum[k] += float64(step-since[k]) * now[k]
				now[k], since[k] = 0, step
			}
			*c.starts, *c.moves = [tags]float64{}, [tags][tags]float64{}
		}
		rnd := rand.New(rand.NewPCG(5, uint64(round)))
		for _, i := range rnd.Perm(len(items)) {
			it := items[i]
			step++
			c.emit = func(i int, out *[tags]float64) {
				*out = [tags]float64{}
				for _, f := range it.line.looks[i] {
					for k, v := range now[int(f)*int(tags) : int(f+1)*int(tags)] {
						out[k] += v
					}
				}
				for k := range out {
					if tag(k) != it.marks[i] {
						out[k] += width
					}
				}
			}
			got := c.best(len(it.marks))
			for k, want := range it.marks {
				if want != got[k] {
					for _, f := range it.line.looks[k] {
						bump(f, want, 1)
						bump(f, got[k], -1)
					}
				}
				if k == 0 {
					c.starts[want]++
					c.starts[got[k]]--
				} else {
					c.moves[it.marks[k-1]][want]++
					c.moves[got[k-1]][got[k]]--
				}
			}
			for a := range starts {
				starts[a] += c.starts[a]
				for b := range moves[a] {
					moves[a][b] += c.moves[a][b]
				}
			}
		}
	}
	t := &tagger{weights: make([]int8, n)}
	top := 0.0
	for k := range now {
		sum[k] = (sum[k] + float64(step-since[k])*now[k]) / float64(step)
		top = max(top, sum[k], -sum[k])
	}
	t.scale = top / 2 / math.MaxInt8 // the few largest are cut, so that the small ones keep their worth
	for k, v := range sum {
		t.weights[k] = int8(math.Round(max(-math.MaxInt8, min(math.MaxInt8, v/t.scale))))
	}
	for a := range starts {
		t.starts[a] = starts[a] / float64(step)
		for b := range moves[a] {
			t.moves[a][b] = moves[a][b] / float64(step)
		}
	}
	return t
}

func TestTheTaggerIsTheOneLearned(t *testing.T) {
	watched.Unraced(t)
	x, err := newReader()
	if err != nil && !*update {
		t.Fatal(err)
	}
	examples := placeExamples(t, x)
	learned := learn(examples, 10)
	var raw bytes.Buffer
	for _, part := range []any{&learned.scale, &learned.starts, &learned.moves, learned.weights} {
		require.NoError(t, binary.Write(&raw, binary.LittleEndian, part))
	}
	if *update {
		var b bytes.Buffer
		z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
		z.Write(raw.Bytes())
		z.Close()
		require.NoError(t, os.WriteFile("places.bin.gz", b.Bytes(), 0o644))
		t.Logf("%d bytes", b.Len())
		return
	}
	// Sums round differently on other processors: the two must mark the same
	// places, not weigh the same.
	same := 0
	for _, it := range examples {
		if slices.Equal(x.tagger.chain(it.line).best(len(it.marks)), learned.chain(it.line).best(len(it.marks))) {
			same++
		}
	}
	require.Greater(t, float64(same), 0.995*float64(len(examples)), "the tagger is stale: go test ./bot/rules -run Tagger -update")
}
