package embedded

import (
	"cmp"
	"math"
	"slices"

	"quandesk/kb"
)

// unknownWeight is the share of its rarity a token counts that no article
// holds: people wrap questions in words we never need.

// partTrust is what likeness with one part of a message is worth beside
// likeness with all of it.

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
	like := make([]likeness, len(s.articles))
	s.compare(whole, 1, like)
	if parts := segments(query); len(parts) > 1 {
		for _, p := range parts {
			part := s.ask(p)
			// A greeting or a sigh is like anything: count a part by its share.
			share := float32(math.Sqrt(float64(part.weight / whole.weight)))
			s.compare(part, P.part*min(1, share*P.share), like)
		}
	}
	about := s.about(whole)
	var hits []kb.Hit
	for i, id := range s.articles {
		score := 1 - (1-float64(like[i].score))*math.Pow(max(0, 1-float64(about[i])), P.about)*math.Pow(1-float64(like[i].second), P.second)
		if score >= leastScore && like[i].score > 0 {
			hits = append(hits, kb.Hit{ArticleID: id, Score: min(score, 1), Passage: s.passages[like[i].passage].text})
		}
	}
	slices.SortStableFunc(hits, func(a, b kb.Hit) int { return cmp.Compare(b.Score, a.Score) })
	return hits[:min(n, len(hits))]
}

// ask reads a query, mending words that only sound right.
func (s *snapshot) ask(query string) asked {
	text := s.lexicon.quiet(normal(query))
	if mended, ok := s.sounds.mend(text, s.knows); ok {
		text = mended
	}
	var q asked
	for _, token := range s.lexicon.tokens(text) {
		t, ok := s.terms[token.text]
		if !ok {
			q.weight += P.unknown * kindWeight(token.kind) * s.rarity(0)
			continue
		}
		q.weight += t.weight
		q.terms = append(q.terms, t)
		q.telling = q.telling || t.kind != single
	}
	if !q.telling && len(text) > 1 {
		q.terms = nil // single characters of a longer query are chance
	}
	return q
}

func (s *snapshot) knows(token string) bool { return s.terms[token] != nil }

type likeness struct {
	second  float32
	score   float32
	passage int32
}

// compare raises each article's likeness to that of its passage most like q.
func (s *snapshot) compare(q asked, trust float32, like []likeness) {
	if len(q.terms) == 0 {
		return
	}
	shared := make([]float32, len(s.passages))
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
		score := trust * p.trust * w / float32(math.Pow(float64(q.weight), P.qpow)*math.Pow(float64(p.weight), 1-P.qpow))
		l := &like[p.article]
		if score > l.score {
			if l.passage != int32(i) {
				l.second = l.score
			}
			l.score, l.passage = score, int32(i)
		} else if score > l.second && l.passage != int32(i) {
			l.second = score
		}
	}
}

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
