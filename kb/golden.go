package kb

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/goccy/go-yaml"
)

// Golden is a question whose answer must not be lost: by this article, or by
// none at all.
type Golden struct {
	ID        int64
	Question  string
	ArticleID string // empty: the desk must say that it does not know
	Shipped   bool
	Author    Person
	At        time.Time
}

// Verdict is how a golden question went.
type Verdict struct {
	Golden
	Got      string // the article that is told, empty for none
	Title    string // of that article
	Score    float64
	Answered bool // it does not just say that we do not know
}

// Passed reports whether the answer is the one that is wanted. An open article
// is as good as none where nobody should know.
func (v Verdict) Passed() bool {
	return v.Got == v.ArticleID || v.ArticleID == "" && !v.Answered
}

// GateError refuses to publish or to retire: these golden questions would be
// right without it and are wrong with it.
type GateError struct {
	Move   Move
	From   time.Time // when they begin to be wrong; zero: at once
	Broken []Verdict
}

func (e *GateError) Error() string {
	return fmt.Sprintf("kb: %s would break %d golden questions", e.Move, len(e.Broken))
}

//go:embed golden.yaml
var golden []byte

// ShippedGoldens are the golden questions the program comes with.
func ShippedGoldens() ([]Golden, error) {
	var list []struct{ Question, Article string }
	if err := yaml.UnmarshalWithOptions(golden, &list, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("parse golden questions: %w", err)
	}
	all := make([]Golden, len(list))
	for i, g := range list {
		all[i] = Golden{Question: g.Question, ArticleID: g.Article, Shipped: true}
	}
	return all, nil
}

// Teller answers a question from a library, as residents would be answered
// from it: found is the article they would be told, none at all if need be. ok
// is false when they would be told that nobody knows, by an open article too.
type Teller func(ctx context.Context, l *Library, question string) (found Found, ok bool, err error)

// Judge asks a library all golden questions.
func Judge(ctx context.Context, tell Teller, l *Library, questions []Golden) ([]Verdict, error) {
	out := make([]Verdict, 0, len(questions))
	for _, g := range questions {
		found, ok, err := tell(ctx, l, g.Question)
		if err != nil {
			return nil, fmt.Errorf("judge golden question: %w", err)
		}
		out = append(out, Verdict{Golden: g, Got: found.Article.ID, Title: found.Article.Title, Score: found.Score, Answered: ok})
	}
	return out, nil
}

// Failed are the verdicts that did not pass.
func Failed(all []Verdict) []Verdict {
	var out []Verdict
	for _, v := range all {
		if !v.Passed() {
			out = append(out, v)
		}
	}
	return out
}
