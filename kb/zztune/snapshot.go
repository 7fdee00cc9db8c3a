package embedded

import (
	"math"

	"quandesk/kb"
)

// snapshot is one immutable content of the index.
type snapshot struct {
	lexicon  *lexicon
	sounds   *sounds
	articles []string
	size     []float32
	avg      float32
	passages []passage
	terms    map[string]*term
}

type passage struct {
	article int32
	text    string
	weight  float32 // sum of its tokens' weights
	trust   float32 // how much a match with this part says
}

type term struct {
	kind     kind
	weight   float32
	passages []int32   // which hold it
	articles []int32   // which hold it
	strength []float32 // parallel to articles: 0 to 1, how much the article is about it
}

func build(lex *lexicon, passages []kb.Passage) *snapshot {
	s := &snapshot{
		lexicon:  lex,
		sounds:   newSounds(),
		passages: make([]passage, len(passages)),
		terms:    make(map[string]*term),
	}
	ids := make(map[string]int32)
	held := make([][]*term, len(passages))
	for i, p := range passages {
		id, ok := ids[p.ArticleID]
		if !ok {
			id = int32(len(s.articles))
			ids[p.ArticleID] = id
			s.articles = append(s.articles, p.ArticleID)
			s.size = append(s.size, 0)
		}
		text := lex.quiet(normal(p.Text))
		if p.Part == kb.PartTitle || p.Part == kb.PartKeyword {
			s.sounds.learn(text)
		}
		s.passages[i] = passage{article: id, text: p.Text, trust: P.trust(p.Part)}
		s.size[id] += float32(len(text))
		s.avg += float32(len(text))
		held[i] = s.post(int32(i), id, P.count(p.Part), lex.tokens(text))
	}
	for _, entries := range lex.byFirst {
		for _, e := range entries {
			if e.concept != "" {
				s.sounds.learn(e.word)
			}
		}
	}
	s.avg /= float32(max(1, len(s.articles)))
	s.weigh()
	for i, terms := range held {
		for _, t := range terms {
			s.passages[i].weight += t.weight
		}
	}
	return s
}

// post notes the tokens of one passage.
func (s *snapshot) post(passage, article int32, count float32, tokens []token) []*term {
	terms := make([]*term, 0, len(tokens))
	for _, token := range tokens {
		t := s.terms[token.text]
		if t == nil {
			t = &term{kind: token.kind}
			s.terms[token.text] = t
		}
		t.passages = append(t.passages, passage)
		if n := len(t.articles); n == 0 || t.articles[n-1] != article {
			t.articles = append(t.articles, article)
			t.strength = append(t.strength, 0)
		}
		t.strength[len(t.strength)-1] += count
		terms = append(terms, t)
	}
	return terms
}

// weigh sets how telling each term is, and how much each article is about it.
func (s *snapshot) weigh() {
	for _, t := range s.terms {
		t.weight = kindWeight(t.kind) * float32(math.Pow(float64(s.rarity(len(t.articles))), P.idf))
		for i, count := range t.strength {
			t.strength[i] = count / (count + P.half*(1-P.b+P.b*s.size[t.articles[i]]/s.avg))
		}
	}
}

// rarity is BM25's inverse document frequency over articles.
func (s *snapshot) rarity(articles int) float32 {
	n, df := float64(len(s.articles)), float64(articles)
	return float32(math.Log(1 + (n-df+0.5)/(df+0.5)))
}

func kindWeight(k kind) float32 {
	switch k {
	case single:
		return P.single
	case concept:
		return P.concept
	}
	return 1
}

type params struct {
	unknown, single, concept, half, b float32
	part, share                       float32
	about, second, qpow, idf          float64
	tk, ts, td                        float32
	ct, cq, ck, cs, cd                float32
}

var P = params{unknown: 0.98, single: 1.345, concept: 1.82, half: 2.1, b: 0.294, part: 0.85, share: 1.3, about: 3.227, second: 0.147, qpow: 0.35, idf: 1, tk: 0.8, ts: 0.9, td: 0.56, ct: 2.1, cq: 2, ck: 5.488, cs: 2.94, cd: 1}

func (p params) trust(x string) float32 {
	switch x {
	case kb.PartKeyword:
		return p.tk
	case kb.PartShort:
		return p.ts
	case kb.PartDetails:
		return p.td
	}
	return 1
}
func (p params) count(x string) float32 {
	switch x {
	case kb.PartTitle:
		return p.ct
	case kb.PartQuestion:
		return p.cq
	case kb.PartKeyword:
		return p.ck
	case kb.PartShort:
		return p.cs
	}
	return p.cd
}
