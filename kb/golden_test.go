package kb_test

import (
	"testing"

	"quandesk/kb"
)

func TestGoldenQuestionsNameArticlesThatMayBeTold(t *testing.T) {
	questions, err := kb.ShippedGoldens()
	if err != nil || len(questions) < 100 {
		t.Fatalf("%d questions, %v", len(questions), err)
	}
	articles := map[string]kb.Article{}
	for _, a := range shippedArticles(t) {
		articles[a.ID] = a
	}
	seen, none := map[string]bool{}, 0
	for _, g := range questions {
		if seen[g.Question] {
			t.Errorf("%s is there twice", g.Question)
		}
		seen[g.Question] = true
		if g.ArticleID == "" {
			none++
			continue
		}
		if a := articles[g.ArticleID]; !a.Tellable() || a.Status != kb.Published {
			t.Errorf("%s: %q may not be told", g.Question, g.ArticleID)
		}
		seen[g.ArticleID] = true
	}
	for id, a := range articles {
		if a.Verified && !seen[id] {
			t.Errorf("no golden question for %s", id)
		}
	}
	if none < 10 {
		t.Errorf("%d questions without an answer", none)
	}
}

func TestAGoldenQuestionThatNobodyShouldKnowPassesWithAnOpenArticle(t *testing.T) {
	for _, c := range []struct {
		kb.Verdict
		want bool
	}{
		{kb.Verdict{}, true},
		{kb.Verdict{Got: "price"}, true},
		{kb.Verdict{Got: "price", Answered: true}, false},
		{kb.Verdict{Golden: kb.Golden{ArticleID: "valve"}, Got: "price"}, false},
		{kb.Verdict{Golden: kb.Golden{ArticleID: "price"}, Got: "price"}, true},
	} {
		if got := c.Passed(); got != c.want {
			t.Errorf("%+v passes: %t", c.Verdict, got)
		}
	}
}
