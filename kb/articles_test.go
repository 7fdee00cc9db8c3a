package kb_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"quandesk/kb"
)

func shippedArticles(t *testing.T) []kb.Article {
	t.Helper()
	articles, err := kb.Seed()
	if err != nil {
		t.Fatal(err)
	}
	return articles
}

// TestEveryClauseThatSpeaksToPeopleHasAnArticle lists the standard's clauses
// with a text of their own; headings only group them.
func TestEveryClauseThatSpeaksToPeopleHasAnArticle(t *testing.T) {
	covered := map[string]bool{}
	for _, a := range shippedArticles(t) {
		covered[a.Clause] = true
	}
	clauses := strings.Fields(`1 2
		3.1 3.2 3.3 3.4 3.5 3.6 3.7 3.8 3.9 3.10 3.11 4.1 4.2
		5.1 5.2.1 5.2.2 5.2.3 5.2.4 5.2.5 5.3 5.4
		5.5.1 5.5.2 5.5.3 5.5.4 5.5.5 5.5.6
		5.6.1 5.6.2 5.6.3 5.6.4 5.6.5 5.6.6 5.7.1 5.7.2 5.7.3 5.8
		6.1 6.2.1 6.2.2 6.2.3 6.3 7.1 7.2 7.3.1 7.3.2 7.3.3 7.3.4 8.1 8.2 8.3
		9.1.1 9.1.2.1 9.1.2.2 9.1.2.3 9.1.3 9.2.1 9.2.2 9.2.3
		9.3.1 9.3.2 9.3.3 9.3.4 9.4.1 9.4.2 9.4.3 9.5 9.6
		10.1.1 10.1.2 10.2 10.3 10.4 11.1.1 11.1.2 11.2 11.3 11.4
		12.1 12.2 12.3 12.4.1 12.4.2 12.4.3
		13.1 13.2 13.3 13.4.1 13.4.2 13.4.3 13.4.4 14.1 14.2 14.3`)
	for _, clause := range clauses {
		if !covered[clause] {
			t.Errorf("no article answers clause %s", clause)
		}
	}
}

func TestEveryShortAnswerIsShortAndEveryArticleComesInManyWordings(t *testing.T) {
	for _, a := range shippedArticles(t) {
		if n := utf8.RuneCountInString(a.Short); n > 120 {
			t.Errorf("%s: the short answer has %d characters", a.ID, n)
		}
		if len(a.Questions) < 8 {
			t.Errorf("%s: %d questions", a.ID, len(a.Questions))
		}
	}
}

func TestNoWordingBelongsToTwoArticles(t *testing.T) {
	owner := map[string]string{}
	for _, a := range shippedArticles(t) {
		for _, q := range a.Questions {
			if other, ok := owner[q]; ok {
				t.Errorf("%s and %s both answer %q", other, a.ID, q)
			}
			owner[q] = a.ID
		}
	}
}

func TestWhatNobodyConfirmedIsNotStated(t *testing.T) {
	unconfirmed := 0
	for _, a := range shippedArticles(t) {
		if a.Verified {
			continue
		}
		unconfirmed++
		if !a.Open || !a.Tellable() {
			t.Errorf("%s is neither verified nor open, or states a number", a.ID)
		}
		if !strings.Contains(a.Short, "人工") {
			t.Errorf("%s does not offer a person", a.ID)
		}
	}
	if unconfirmed == 0 {
		t.Error("prices, numbers and addresses have no article")
	}
}

func TestAPlannedOutageNamesBothNotices(t *testing.T) {
	for _, a := range shippedArticles(t) {
		if a.ID != "planned-outage-notice" && a.ID != "pressure-cut-notice" {
			continue
		}
		for _, hours := range []string{"24小时", "48小时"} {
			if !strings.Contains(a.Short+a.Details, hours) {
				t.Errorf("%s does not speak of %s", a.ID, hours)
			}
		}
	}
}

func TestArticlesHoldTheFactsOfTheStandardButNotItsSentences(t *testing.T) {
	const run = 13
	sentences := map[string]bool{}
	for _, words := range hanRuns(string(sharedFile(t, "standard/water-service-standard.md"))) {
		for i := 0; i+run <= len(words); i++ {
			sentences[string(words[i:i+run])] = true
		}
	}
	for _, a := range shippedArticles(t) {
		for _, p := range append(a.Passages(), kb.Passage{Text: a.Next}) {
			for _, words := range hanRuns(p.Text) {
				for i := 0; i+run <= len(words); i++ {
					if sentences[string(words[i:i+run])] {
						t.Errorf("%s copies %q", a.ID, string(words[i:i+run]))
					}
				}
			}
		}
	}
}

func hanRuns(text string) [][]rune {
	var runs [][]rune
	for _, run := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.Is(unicode.Han, r) }) {
		runs = append(runs, []rune(run))
	}
	return runs
}

func TestEveryCitedClauseIsInTheStandard(t *testing.T) {
	numbers := map[string]bool{}
	lines := bufio.NewScanner(bytes.NewReader(sharedFile(t, "standard/clauses.jsonl")))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var clause struct{ Number string }
		if err := json.Unmarshal(lines.Bytes(), &clause); err != nil {
			t.Fatal(err)
		}
		numbers[clause.Number] = true
	}
	for _, a := range shippedArticles(t) {
		for _, number := range append([]string{a.Clause}, a.Also...) {
			if !numbers[number] {
				t.Errorf("%s cites clause %s", a.ID, number)
			}
		}
	}
}

func TestNoWordingIsTakenFromTheEvaluationSets(t *testing.T) {
	texts := map[string]bool{}
	for _, m := range messages(t, "eval/messages.jsonl") {
		texts[m.Text] = true
	}
	lines := bufio.NewScanner(bytes.NewReader(sharedFile(t, "eval/dialogues.jsonl")))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var d struct {
			Turns []struct{ User string } `json:"turns"`
		}
		if err := json.Unmarshal(lines.Bytes(), &d); err != nil {
			t.Fatal(err)
		}
		for _, turn := range d.Turns {
			texts[turn.User] = true
		}
	}
	for _, a := range shippedArticles(t) {
		for _, q := range slices.Concat(a.Questions, a.Keywords) {
			if texts[q] {
				t.Errorf("%s: %q is an evaluation text", a.ID, q)
			}
		}
	}
}

func TestTheDigestIsStable(t *testing.T) {
	if d := kb.SeedDigest(); len(d) != 64 || d != kb.SeedDigest() {
		t.Errorf("digest %q", d)
	}
}

// TestSeedIsReadyInTime allows many times the 100 ms wanted: it catches a
// parser that has become slow, not the race detector or a busy neighbour.
func TestSeedIsReadyInTime(t *testing.T) {
	const limit = 2 * time.Second
	best := limit
	for range 3 {
		began := time.Now()
		seeded(t)
		best = min(best, time.Since(began))
	}
	t.Logf("parse and index of the shipped articles: %v", best)
	if best >= limit {
		t.Errorf("took %v", best)
	}
}

func BenchmarkSeed(b *testing.B) {
	for b.Loop() {
		if _, err := kb.Seed(); err != nil {
			b.Fatal(err)
		}
	}
}
