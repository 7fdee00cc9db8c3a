package kb

import (
	"cmp"
	"hash/fnv"
	"math"
	"slices"
)

// A question can be like an article and yet ask for something else: 「打压标准」
// is all but 「水压标准」. What it says that the article nowhere says tells the
// two apart, whichever index found the article.

// widest is how many characters of a question are looked at.
const widest = 2000

// sayings are the distinct pairs of characters and words of a text, hashed, in
// order.
type sayings []uint32

// sayingsOf are those of all these texts together.
func sayingsOf(texts ...string) sayings {
	var out sayings
	for _, text := range texts {
		letters := plainLetters(text)
		for i := 0; i < len(letters); {
			end := i + 1
			for latin(letters[i]) && end < len(letters) && latin(letters[end]) {
				end++
			}
			switch {
			case latin(letters[i]):
				out = append(out, hashed(letters[i:end]))
			case letters[i] != ' ' && end < len(letters) && letters[end] != ' ' && !latin(letters[end]):
				out = append(out, hashed(letters[i:end+1]))
			}
			i = end
		}
	}
	slices.Sort(out)
	return slices.Clone(slices.Compact(out)) // the room of what was said twice is given back
}

// clipped is as much of a question as is looked at.
func clipped(question string) string {
	n := 0
	for i := range question {
		if n++; n > widest {
			return question[:i]
		}
	}
	return question
}

func hashed(letters []rune) uint32 {
	h := fnv.New32a()
	h.Write([]byte(string(letters)))
	return h.Sum32()
}

func (s sayings) hold(h uint32) bool {
	_, ok := slices.BinarySearch(s, h)
	return ok
}

// rarity tells how much it says that a text holds something.
type rarity struct {
	counts []count // by hash
	texts  int
}

type count struct {
	hash uint32
	n    int32
}

// rarityOf counts in how many of these passages each thing is said.
func rarityOf(passages []Passage) rarity {
	all := make([]uint32, 0, 12*len(passages))
	for _, p := range passages {
		all = append(all, sayingsOf(p.Text)...)
	}
	slices.Sort(all)
	r := rarity{texts: len(passages)}
	for _, h := range all {
		if n := len(r.counts); n > 0 && r.counts[n-1].hash == h {
			r.counts[n-1].n++
			continue
		}
		r.counts = append(r.counts, count{h, 1})
	}
	r.counts = slices.Clone(r.counts)
	return r
}

func (r rarity) of(h uint32) float64 {
	n := int32(0)
	if at, ok := slices.BinarySearchFunc(r.counts, h, func(c count, h uint32) int { return cmp.Compare(c.hash, h) }); ok {
		n = r.counts[at].n
	}
	return math.Log(float64(r.texts+1) / float64(n+1))
}

// beyond is the share of what a question says, 0 to 1, that is not said by
// somebody else; what is rare counts more.
func (r rarity) beyond(question, said sayings) float64 {
	all, without := 0.0, 0.0
	for _, h := range question {
		w := r.of(h)
		all += w
		if !said.hold(h) {
			without += w
		}
	}
	if all == 0 {
		return 0
	}
	return without / all
}
