package embedded

import (
	"cmp"
	"math"
	"slices"

	"quandesk/kb"
)

// partTrust is what likeness with one part of a message is worth beside
// likeness with all of it.
const partTrust = 0.85

// mostParts is how many parts of a message are looked at, from its end, where
// the question mostly is.
const mostParts = 24

// told is how much what the query says beyond a passage counts against their
// likeness; what the passage says beyond the query counts 1-told. People tell
// stories, so it is less than half.
const told = 0.35

// leastScore is where a hit is chance.
const leastScore = 0.05

// asked is a query, or one sentence of it, as weighted terms.
type asked struct {
	terms   []*term
	weight  float32 // of all tokens, known or not
	telling bool    // holds more than single characters
}

func (s *snapshot) search(query string, n int) []kb.Hit {
	if n <= 0 || len(s.articles) == 0 {
		return nil
	}
	if len(query) > longest {
		query = query[:longest]
	}
	whole := s.ask(query)
	if len(whole.terms) == 0 {
		return nil
	}
	like := s.likenesses(query, whole)
	about := s.about(whole)
	var hits []kb.Hit
	for i, id := range s.articles {
		if score := calibrated(like[i], about[i]); score >= leastScore {
			hits = append(hits, kb.Hit{ArticleID: id, Score: score, Passage: s.passages[like[i].passage].text})
		}
	}
	slices.SortStableFunc(hits, func(a, b kb.Hit) int { return cmp.Compare(b.Score, a.Score) })
	return hits[:min(n, len(hits))]
}

// likenesses compares every article with the whole message and with each of
// its parts, parallel to articles.
func (s *snapshot) likenesses(query string, whole asked) []likeness {
	like := make([]likeness, len(s.articles))
	shared := make([]float32, len(s.passages))
	s.compare(whole, 1, shared, like)
	parts := segments(query)
	if len(parts) == 1 {
		return like
	}
	for _, p := range parts[max(0, len(parts)-mostParts):] {
		part := s.ask(p)
		// A greeting or a sigh is like anything: count a part by its share.
		share := power(part.weight/whole.weight, 0.5)
		s.compare(part, partTrust*min(1, 1.5*share), shared, like)
	}
	return like
}

// ask reads a query, mending words that only sound right.
func (s *snapshot) ask(query string) asked {
	text := s.lexicon.quiet(normal(query))
	if mended, ok := s.sounds.mend(text, s.knows); ok {
		text = mended
	}
	var q asked
	seen := make(map[string]bool, 3*len(text))
	s.lexicon.tokens(text, func(token string, k kind) {
		if seen[token] {
			return
		}
		seen[token] = true
		t, ok := s.terms[token]
		if !ok {
			q.weight += kindWeight(k) * s.rarity(0)
			return
		}
		q.weight += t.weight
		q.terms = append(q.terms, t)
		q.telling = q.telling || k != single
	})
	if !q.telling && len(text) > 1 {
		q.terms = nil // single characters of a longer query are chance
	}
	return q
}

func (s *snapshot) knows(token string) bool { return s.terms[token] != nil }

// likeness is how much a query resembles single passages of an article.
type likeness struct {
	score   float32 // of the passage most like it
	second  float32 // of the next one: two witnesses are better than one
	passage int32
}

// compare raises each article's likeness to that of its passage most like q.
// shared is scratch space, one number for each passage.
func (s *snapshot) compare(q asked, trust float32, shared []float32, like []likeness) {
	if len(q.terms) == 0 {
		return
	}
	norm := power(q.weight, told)
	clear(shared)
	for _, t := range q.terms {
		for _, p := range t.passages {
			shared[p] += t.weight
		}
	}
	for i, w := range shared {
		if w == 0 {
			continue
		}
		p := &s.passages[i]
		score := trust * p.trust * w / (norm * p.norm)
		like[p.article].add(min(1, score), int32(i))
	}
}

func (l *likeness) add(score float32, passage int32) {
	switch {
	case score <= l.second:
	case l.passage == passage && l.score > 0:
		l.score = max(l.score, score)
	case score > l.score:
		*l = likeness{score: score, second: l.score, passage: passage}
	default:
		l.second = score
	}
}

func power(x float32, y float64) float32 { return float32(math.Pow(float64(x), y)) }

// about tells how much of the query each article is about, 0 to 1.
func (s *snapshot) about(q asked) []float32 {
	out := make([]float32, len(s.articles))
	for _, t := range q.terms {
		for i, a := range t.articles {
			out[a] += t.weight * t.strength[i] / q.weight
		}
	}
	return out
}

// calibrated joins the evidence for an article to a score of 0 to 1, where
// kb.Answerable divides what the knowledge answers from what it does not. The
// powers were measured by leaving each known wording out and asking it.
func calibrated(like likeness, about float32) float64 {
	const secondPower, aboutPower, steepness = 0.1, 3.5, 1.7
	rest := (1 - float64(like.score)) *
		math.Pow(1-float64(like.second), secondPower) *
		math.Pow(1-min(1, float64(about)), aboutPower)
	return math.Pow(1-rest, steepness)
}
