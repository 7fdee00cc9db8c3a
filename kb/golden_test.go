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

func TestWhatNobodyHasVerifiedStatesNoFigure(t *testing.T) {
	for text, want := range map[string]bool{
		"这里没有核实，请人工答复。": true, "每吨4.2元": false, "请拨打５５５５": false, "每吨四元二角": false,
		"在文化东路十号楼": false, "一户一表": true, "三天内": true,
	} {
		if got := (kb.Article{Short: text}).Tellable(); got != want {
			t.Errorf("%s: %t", text, got)
		}
		if !(kb.Article{Short: text, Verified: true}).Tellable() {
			t.Errorf("%s is not told though it is verified", text)
		}
	}
}
