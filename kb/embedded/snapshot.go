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

// fields are the weights of an article's parts.
var fields = map[string]struct {
	count float32 // of one occurrence for the article as a whole
	trust float32 // of likeness with the single passage
}{
	kb.PartTitle:    {2.1, 1},
	kb.PartQuestion: {2, 1},
	kb.PartKeyword:  {5.5, 0.8},
	kb.PartShort:    {2.9, 0.9},
	kb.PartDetails:  {1, 0.55},
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
		}
		text := lex.quiet(normal(p.Text))
		if p.Part == kb.PartTitle || p.Part == kb.PartKeyword {
			s.sounds.learn(text)
		}
		s.passages[i] = passage{article: id, text: p.Text, trust: fields[p.Part].trust}
		held[i] = s.post(int32(i), id, fields[p.Part].count, lex.tokens(text))
	}
	for _, entries := range lex.byFirst {
		for _, e := range entries {
			if e.concept != "" {
				s.sounds.learn(e.word)
			}
		}
	}
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
	const half = 2.1 // the count at which an article is half about a term
	for _, t := range s.terms {
		t.weight = kindWeight(t.kind) * s.rarity(len(t.articles))
		for i, count := range t.strength {
			t.strength[i] = count / (count + half)
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
		return 1.35
	case concept:
		return 1.8
	}
	return 1
}
