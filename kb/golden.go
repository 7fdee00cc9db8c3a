package kb

import (
	"context"
	_ "embed"
	"fmt"
	"regexp"
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
	Got   string // the article that answers, empty for none
	Title string // of that article
	Score float64
}

// Passed reports whether the answer is the one that is wanted.
func (v Verdict) Passed() bool { return v.Got == v.ArticleID }

// GateError refuses to publish: these golden questions were right before and
// would be wrong afterwards.
type GateError struct{ Broken []Verdict }

func (e *GateError) Error() string {
	return fmt.Sprintf("kb: publishing would break %d golden questions", len(e.Broken))
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
// from it; ok is false when they would be told that nobody knows.
type Teller func(ctx context.Context, l *Library, question string) (found Found, ok bool, err error)

// Judge asks a library all golden questions.
func Judge(ctx context.Context, tell Teller, l *Library, questions []Golden) ([]Verdict, error) {
	out := make([]Verdict, 0, len(questions))
	for _, g := range questions {
		found, ok, err := tell(ctx, l, g.Question)
		if err != nil {
			return nil, fmt.Errorf("judge golden question: %w", err)
		}
		v := Verdict{Golden: g}
		if ok {
			v.Got, v.Title, v.Score = found.Article.ID, found.Article.Title, found.Score
		}
		out = append(out, v)
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

// figures are what nobody may be told before an editor has verified it:
// anything in digits, and prices and addresses in characters.
var figures = regexp.MustCompile(`\p{Nd}|[〇零一二三四五六七八九十百千万两]+(?:元|块|角|号楼|号院)`)

// Tellable reports whether the article may be told at all: one that nobody has
// verified may say that it does not know, but states no figure.
func (a Article) Tellable() bool {
	return a.Verified || !figures.MatchString(a.Short+"\n"+a.Details+"\n"+a.Next)
}
