package bot

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"quandesk/kb"
)

// How plainly a passage of a message must ask for an answer of its own, when the
// message wants something else first.
const (
	askedIn   = 0.8 // how sure it must be a question
	passage   = 6   // characters it has at least
	fitsAside = 0.5 // how well an article must fit it
)

var (
	// piece is a part of a sentence: some write spaces for commas.
	piece = regexp.MustCompile(`[^，,。；;！!？?\s]+[，,。；;！!？?\s]*`)
	// sentence is one with what ends it.
	sentence = regexp.MustCompile(`[^。！!？?；;\n]+[。！!？?；;\n]*`)
)

// andTold does what a turn wants first, and answers what it asks besides.
func (s *scene) andTold(ctx context.Context, do func(context.Context) (Reply, error)) (Reply, error) {
	asked, err := s.asksIn(ctx)
	if err != nil {
		return Reply{}, err
	}
	urgent := s.means.Urgent
	r, err := do(ctx)
	return r.alsoTold(asked, urgent), err
}

// asksIn is the article that answers a question told among other things: 「水柱比
// 公交车还高！你们规定几分钟到场？」, 「买二手房水跟电能一块改名吗，明天十点打我电话」.
// nil when none is asked, or none is known.
func (s *scene) asksIn(ctx context.Context) (*kb.Article, error) {
	whole := s.means
	defer func() { s.means = whole }()
	var best kb.Found
	for _, q := range append(piece.FindAllString(s.text, -1), sentence.FindAllString(s.text, -1)...) {
		if utf8.RuneCountInString(q) < passage || len(q) == len(s.text) || !unsure.MatchString(strings.TrimSpace(q)) {
			continue
		}
		means, err := s.understander.Understand(ctx, q, nil)
		if err != nil || means.first() != Ask || means.Confidence < askedIn {
			continue
		}
		found, err := s.knowledge.Search(ctx, q, looked)
		if err != nil {
			return nil, fmt.Errorf("search knowledge: %w", err)
		}
		s.means = means
		if f := s.telling(found); f != nil && !f.Article.Open && f.Score >= fitsAside && f.Score > best.Score {
			best = *f
		}
	}
	if best.Score == 0 {
		return nil, nil
	}
	return &best.Article, nil
}

// alsoTold adds to a reply what was asked among other things, before it; a danger
// is dealt with first.
func (r Reply) alsoTold(a *kb.Article, urgent bool) Reply {
	if a == nil || len(r.Citations) > 0 {
		return r
	}
	r.Citations, r.ArticleID = answerFrom(*a).Citations, a.ID
	told := aside(*a)
	place := func(words string) string {
		if strings.Contains(words, told) {
			return words
		}
		if urgent {
			return join(words, told)
		}
		return join(told, words)
	}
	if words := r.Words; words != nil {
		r.Words = func(res Result) string { return place(words(res)) }
	}
	r.Text = place(r.Text)
	return r
}
