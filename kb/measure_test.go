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

// TestMeasureResidentsQuestionsFindTheirClause measures, it does not train:
// nothing of the messages may enter the articles.
func TestMeasureResidentsQuestionsFindTheirClause(t *testing.T) {
	const firstFloor, topFloor = 0.1, 0.1
	index, articles := seeded(t)
	var asked, first, top, confident int
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
		if rank == 0 {
			first++
		} else {
			missed[m.Clauses[0]]++
		}
		if rank >= 0 {
			top++
		}
		if len(hits) > 0 && hits[0].Score >= kb.Answerable {
			confident++
		}
	}
	share := func(n int) float64 { return float64(n) / float64(asked) }
	t.Logf("%d questions: first hit %.3f, top three %.3f, at or above Answerable %.3f; misses by clause %v",
		asked, share(first), share(top), share(confident), missed)
	if share(first) < firstFloor || share(top) < topFloor {
		t.Errorf("first %.3f, top three %.3f; want at least %.2f and %.2f", share(first), share(top), firstFloor, topFloor)
	}
}
