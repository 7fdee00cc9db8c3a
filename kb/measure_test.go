package kb_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"slices"
	"testing"

	"quandesk/kb"
	"quandesk/kb/embedded"
)

// shared is where the standard and the evaluation sets lie beside the
// repository; tests that need them skip without.
const shared = "../../shared"

type message struct {
	ID      string   `json:"id"`
	Text    string   `json:"text"`
	Style   string   `json:"style"`
	Intent  []string `json:"intent"`
	Clauses []string `json:"clauses"`
}

func sharedFile(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(shared + "/" + name)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("%s is not beside this repository", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func messages(t *testing.T, name string) []message {
	t.Helper()
	var all []message
	lines := bufio.NewScanner(bytes.NewReader(sharedFile(t, name)))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var m message
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

// seeded returns an index of the shipped articles and those articles by id.
func seeded(t testing.TB) (kb.Index, map[string]kb.Article) {
	t.Helper()
	articles, err := kb.Seed()
	if err != nil {
		t.Fatal(err)
	}
	words, err := kb.ShippedWords()
	if err != nil {
		t.Fatal(err)
	}
	byID := make(map[string]kb.Article, len(articles))
	var passages []kb.Passage
	for _, a := range articles {
		byID[a.ID] = a
		passages = append(passages, a.Passages()...)
	}
	index := embedded.New(words)
	if err := index.Replace(t.Context(), passages); err != nil {
		t.Fatal(err)
	}
	return index, byID
}

// answered reports what a caller does with the best hit: cite it, or say that
// it is not known and offer a person.
func answered(hits []kb.Hit, articles map[string]kb.Article) bool {
	return len(hits) > 0 && hits[0].Score >= kb.Answerable && !articles[hits[0].ArticleID].Open
}

// TestMeasureResidentsQuestionsFindTheirClause measures, it does not train:
// nothing of the messages may enter the articles.
func TestMeasureResidentsQuestionsFindTheirClause(t *testing.T) {
	const firstFloor, topFloor, answeredFloor = 0.90, 0.97, 0.92
	index, articles := seeded(t)
	var asked, first, top, cited int
	missed := map[string]int{}
	for _, m := range messages(t, "eval/messages.jsonl") {
		if !slices.Contains(m.Intent, "ask") || len(m.Clauses) == 0 {
			continue
		}
		asked++
		hits, err := index.Search(t.Context(), m.Text, 3)
		if err != nil {
			t.Fatal(err)
		}
		rank := slices.IndexFunc(hits, func(h kb.Hit) bool { return slices.Contains(m.Clauses, articles[h.ArticleID].Clause) })
		switch {
		case rank == 0:
			first++
			top++
		case rank > 0:
			top++
			missed[m.Clauses[0]]++
		default:
			missed[m.Clauses[0]]++
		}
		if answered(hits, articles) {
			cited++
		}
	}
	share := func(n int) float64 { return float64(n) / float64(asked) }
	t.Logf("%d questions: first hit %.3f, top three %.3f, answered at %.2f %.3f; misses by clause %v",
		asked, share(first), share(top), kb.Answerable, share(cited), missed)
	if share(first) < firstFloor || share(top) < topFloor || share(cited) < answeredFloor {
		t.Errorf("want first %.2f, top three %.2f, answered %.2f", firstFloor, topFloor, answeredFloor)
	}
}

// TestMeasureWhatTheKnowledgeDoesNotAnswerIsRefused reports the trade-off
// behind kb.Answerable.
func TestMeasureWhatTheKnowledgeDoesNotAnswerIsRefused(t *testing.T) {
	const refusedFloor = 0.86
	index, articles := seeded(t)
	var known, unknown []float64 // scores a caller would answer with
	refused := 0
	for _, m := range messages(t, "eval/messages.jsonl") {
		if !slices.Contains(m.Intent, "ask") {
			continue
		}
		hits, err := index.Search(t.Context(), m.Text, 1)
		if err != nil {
			t.Fatal(err)
		}
		score := 0.0
		if len(hits) > 0 && !articles[hits[0].ArticleID].Open {
			score = hits[0].Score
		}
		if len(m.Clauses) > 0 {
			known = append(known, score)
			continue
		}
		unknown = append(unknown, score)
		if !answered(hits, articles) {
			refused++
		}
	}
	below := func(scores []float64, threshold float64) float64 {
		n := 0
		for _, s := range scores {
			if s < threshold {
				n++
			}
		}
		return float64(n) / float64(len(scores))
	}
	for _, threshold := range []float64{0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6} {
		t.Logf("threshold %.2f: refuses %.3f of %d unanswerable and %.3f of %d answerable questions",
			threshold, below(unknown, threshold), len(unknown), below(known, threshold), len(known))
	}
	if got := float64(refused) / float64(len(unknown)); got < refusedFloor {
		t.Errorf("%.3f refused at %.2f, want at least %.2f", got, kb.Answerable, refusedFloor)
	}
}
