package embedded

import (
	"cmp"
	"math"
	"slices"

	"quandesk/kb"
)

// snapshot is one immutable content of the index.
type snapshot struct {
	lexicon  *lexicon
	sounds   *sounds
	articles []string
	length   []float32 // parallel to articles: in characters
	average  float32   // length of an article
	passages []passage
	terms    map[string]*term
}

type passage struct {
	article int32
	text    string
	norm    float32 // what likeness with it is divided by
	trust   float32 // how much a match with this part says
}

type term struct {
	kind     kind
	weight   float32
	passages []int32   // which hold it
	articles []int32   // which hold it
	strength []float32 // parallel to articles: 0 to 1, how much the article is about it
}

// field tells how an article's part counts: count is what one occurrence says
// about the article as a whole, trust what likeness with the passage is worth.
// Measured by leaving each known wording out and asking it.
func field(part string) (count, trust float32) {
	switch part {
	case kb.PartTitle:
		return 2.1, 1
	case kb.PartQuestion:
		return 1.3, 1
	case kb.PartKeyword:
		return 5.5, 0.8
	case kb.PartShort:
		return 2.9, 0.9
	}
	return 1, 0.55
}

func build(lex *lexicon, passages []kb.Passage) *snapshot {
	s := &snapshot{
		lexicon:  lex,
		sounds:   newSounds(),
		passages: make([]passage, len(passages)),
		terms:    make(map[string]*term),
	}
	held := make([][]*term, len(passages))
	for i, p := range grouped(passages) {
		if n := len(s.articles); n == 0 || s.articles[n-1] != p.ArticleID {
			s.articles = append(s.articles, p.ArticleID)
			s.length = append(s.length, 0)
		}
		id := int32(len(s.articles) - 1)
		text := lex.quiet(normal(p.Text))
		s.length[id] += float32(len(text))
		s.average += float32(len(text))
		if p.Part == kb.PartTitle || p.Part == kb.PartKeyword {
			s.sounds.learn(text)
		}
		count, trust := field(p.Part)
		s.passages[i] = passage{article: id, text: p.Text, trust: trust}
		held[i] = s.post(int32(i), id, count, text)
	}
	for _, word := range lex.words {
		s.sounds.learn(word)
	}
	s.sounds.settle()
	s.average /= float32(max(1, len(s.articles)))
	s.pack()
	s.weigh()
	for i, terms := range held {
		var weight float32
		for _, t := range terms {
			weight += t.weight
		}
		s.passages[i].norm = power(weight, 1-told)
	}
	return s
}

// grouped returns the passages article by article, otherwise in their order.
func grouped(passages []kb.Passage) []kb.Passage {
	if slices.IsSortedFunc(passages, byArticle) {
		return passages
	}
	return slices.SortedStableFunc(slices.Values(passages), byArticle)
}

func byArticle(a, b kb.Passage) int { return cmp.Compare(a.ArticleID, b.ArticleID) }

// longer is BM25's length normalisation: a long article mentions more things
// and is about each of them a little less.
func (s *snapshot) longer(article int32) float32 {
	const share = 0.3
	return 1 - share + share*s.length[article]/s.average
}

// post notes the different tokens of one passage.
func (s *snapshot) post(passage, article int32, count float32, text []rune) []*term {
	terms := make([]*term, 0, 2*len(text))
	s.lexicon.tokens(text, func(token string, k kind) {
		t := s.terms[token]
		if t == nil {
			t = &term{kind: k}
			s.terms[token] = t
		}
		if n := len(t.passages); n > 0 && t.passages[n-1] == passage {
			return
		}
		t.passages = append(t.passages, passage)
		if n := len(t.articles); n == 0 || t.articles[n-1] != article {
			t.articles = append(t.articles, article)
			t.strength = append(t.strength, 0)
		}
		t.strength[len(t.strength)-1] += count
		terms = append(terms, t)
	})
	return terms
}

// pack moves the lists of all terms next to each other: grown one by one they
// hold as much room again as they need.
func (s *snapshot) pack() {
	passages, articles := 0, 0
	for _, t := range s.terms {
		passages += len(t.passages)
		articles += len(t.articles)
	}
	numbers, counts := make([]int32, 0, passages+articles), make([]float32, 0, articles)
	keep := func(list []int32) []int32 {
		numbers = append(numbers, list...)
		return numbers[len(numbers)-len(list) : len(numbers) : len(numbers)]
	}
	for _, t := range s.terms {
		t.passages, t.articles = keep(t.passages), keep(t.articles)
		counts = append(counts, t.strength...)
		t.strength = counts[len(counts)-len(t.strength) : len(counts) : len(counts)]
	}
}

// weigh sets how telling each term is, and how much each article is about it.
func (s *snapshot) weigh() {
	const half = 2.1 // the count at which an article is half about a term
	for _, t := range s.terms {
		t.weight = kindWeight(t.kind) * s.rarity(len(t.articles))
		for i, count := range t.strength {
			t.strength[i] = count / (count + half*s.longer(t.articles[i]))
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
		return 1.5
	case concept:
		return 1.8
	}
	return 1
}
