package vector

import (
	"math"
	"slices"

	"quandesk/kb"
)

// content is the vectors of all passages of an index. It never changes, and
// its pointer stands for it.
type content struct {
	length   int       // of a vector
	numbers  []float32 // one vector after another
	passages []kb.Passage
	articles []string // in the order they came
	article  []int32  // parallel to passages: place in articles
	scale    scale
}

// newContent puts vectors to passages; an error means that they are not all of
// one length.
func newContent(passages []kb.Passage, known map[string][]float32) (*content, error) {
	c := &content{passages: passages, article: make([]int32, len(passages))}
	place := map[string]int32{}
	for i, p := range passages {
		v := known[hash(p.Text)]
		if i == 0 {
			c.length = len(v)
			c.numbers = make([]float32, 0, len(v)*len(passages))
		}
		if len(v) != c.length || len(v) == 0 {
			return nil, errLength
		}
		c.numbers = append(c.numbers, v...)
		at, seen := place[p.ArticleID]
		if !seen {
			at = int32(len(c.articles))
			place[p.ArticleID] = at
			c.articles = append(c.articles, p.ArticleID)
		}
		c.article[i] = at
	}
	return c, nil
}

func (c *content) vector(i int) []float32 { return c.numbers[i*c.length : (i+1)*c.length] }

// near is an article with the cosine and the number of its nearest passage.
type near struct {
	article, passage int32
	cosine           float32
}

// nearest returns the n articles nearest to a question, best first. skip, when
// not negative, is a passage that does not count.
func (c *content) nearest(q []float32, n, skip int) []near {
	best := make([]near, len(c.articles))
	for i := range best {
		best[i] = near{int32(i), -1, -2}
	}
	for i := range c.passages {
		if i == skip {
			continue
		}
		if x, b := dot(q, c.vector(i)), &best[c.article[i]]; x > b.cosine {
			b.cosine, b.passage = x, int32(i)
		}
	}
	best = slices.DeleteFunc(best, func(b near) bool { return b.passage < 0 })
	slices.SortStableFunc(best, func(a, b near) int {
		switch {
		case a.cosine > b.cosine:
			return -1
		case a.cosine < b.cosine:
			return 1
		}
		return 0
	})
	return best[:min(n, len(best))]
}

// dot is the cosine of two unit vectors. Four sums keep the processor busy.
func dot(a, b []float32) float32 {
	var s0, s1, s2, s3 float32
	b = b[:len(a)]
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + s2 + s3
}

// unit returns a vector of length one.
func unit(v []float32) []float32 {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	out := make([]float32, len(v))
	if sum == 0 {
		return out
	}
	by := 1 / math.Sqrt(sum)
	for i, x := range v {
		out[i] = float32(float64(x) * by)
	}
	return out
}

// scale turns cosines, which mean something else with every model, into scores
// that kb.Answerable divides.
type scale struct {
	foreign float64 // the cosine of a question and an article about something else
	enough  float64 // the cosine that answers
}

// unmeasured is for a knowledge too small to measure on.
var unmeasured = scale{foreign: 0.5, enough: 0.85}

const (
	fewest  = 20   // wordings to measure on
	most    = 150  // more tell nothing more
	strict  = 0.98 // of the wordings whose article is missing, so many must seem answered by none of the others
	highest = 0.999
)

// measure leaves known wordings out one by one, asks them, and looks how near
// the best of the other articles come: that near is not near enough.
func (c *content) measure() scale {
	var asked []int
	for i, p := range c.passages {
		if p.Part == kb.PartQuestion {
			asked = append(asked, i)
		}
	}
	if len(asked) < fewest {
		return unmeasured
	}
	step := max(1, len(asked)/most)
	var nearest, middle []float64
	for at := 0; at < len(asked); at += step {
		i := asked[at]
		others := slices.DeleteFunc(c.nearest(c.vector(i), len(c.articles), i), func(n near) bool { return n.article == c.article[i] })
		if len(others) > 0 {
			nearest = append(nearest, float64(others[0].cosine))
			middle = append(middle, float64(others[len(others)/2].cosine))
		}
	}
	slices.Sort(nearest)
	slices.Sort(middle)
	if len(nearest) == 0 {
		return unmeasured
	}
	s := scale{foreign: middle[len(middle)/2], enough: min(nearest[int(strict*float64(len(nearest)-1))], highest)}
	if s.enough <= s.foreign {
		return unmeasured
	}
	return s
}

// score is 0 for something else, kb.Answerable for just enough, 1 for the same.
func (s scale) score(cosine float32) float64 {
	x := float64(cosine)
	switch {
	case x <= s.foreign:
		return 0
	case x < s.enough:
		return kb.Answerable * (x - s.foreign) / (s.enough - s.foreign)
	}
	return min(1, kb.Answerable+(1-kb.Answerable)*(x-s.enough)/(highest-s.enough))
}
