package meili_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"quandesk/kb"
	"quandesk/kb/embedded"
	"quandesk/kb/meili"
)

func onFake(t testing.TB) (*fake, *meili.Index) {
	f, url := serve(t)
	return f, open(t, func(o *meili.Options) { patient(o); o.URL = url })
}

// valve is a content of n articles.
func valve(n int) []kb.Passage {
	var all []kb.Passage
	for i := range n {
		id := fmt.Sprintf("valve-%d", i)
		all = append(all,
			kb.Passage{ArticleID: id, Part: kb.PartTitle, Text: fmt.Sprintf("阀门怎么开 %d", i)},
			kb.Passage{ArticleID: id, Part: kb.PartKeyword, Text: "valve"})
	}
	return all
}

func TestAContentIsBuiltAsideAndSwappedIn(t *testing.T) {
	f, index := onFake(t)
	replace(t, index, valve(2))
	f.took()
	replace(t, index, valve(3))
	calls := f.took()
	fresh := ""
	for i, call := range calls {
		if name, ok := strings.CutPrefix(call, "DELETE /indexes/"); ok {
			fresh = name
			calls[i] = "DELETE /indexes/*"
		}
	}
	for i := range calls {
		calls[i] = strings.Replace(calls[i], fresh, "*", 1)
	}
	want := []string{
		"GET /health", "GET /indexes/quandesk/stats", // holds another number of documents
		"GET /stats", "POST /indexes", "PATCH /indexes/*/settings", "POST /indexes/*/documents",
		"GET /indexes/quandesk/stats", "POST /swap-indexes", "DELETE /indexes/*",
	}
	if fresh == "" || !slices.Equal(calls, want) {
		t.Errorf("asked %q, want %q", calls, want)
	}
	if names := f.names(); !slices.Equal(names, []string{"quandesk"}) || index.Degraded() {
		t.Errorf("indexes %v, degraded %v", names, index.Degraded())
	}
}

func TestTheServerKnowsTheWordsOfThePeople(t *testing.T) {
	f, index := onFake(t)
	replace(t, index, valve(1))
	var synonyms map[string][]string
	f.setting(t, "quandesk", "synonyms", &synonyms)
	if !slices.Contains(synonyms["断水"], "停水") || !slices.Contains(synonyms["停水"], "断水") || slices.Contains(synonyms["停水"], "停水") {
		t.Errorf("断水 is %v, 停水 is %v", synonyms["断水"], synonyms["停水"])
	}
	lists := map[string][]string{
		"searchableAttributes": {"title", "question", "short", "keyword", "details"},
		"filterableAttributes": {"content"},
		"displayedAttributes":  {"id", "content"},
		"rankingRules":         {"words", "typo", "attribute", "proximity", "exactness"},
	}
	for name, want := range lists {
		var got []string
		f.setting(t, "quandesk", name, &got)
		if !slices.Equal(got, want) {
			t.Errorf("%s is %v", name, got)
		}
	}
	var stop []string
	f.setting(t, "quandesk", "stopWords", &stop)
	if !slices.Contains(stop, "请问") {
		t.Errorf("stop words %v", stop)
	}
	var localized []struct{ Locales []string }
	f.setting(t, "quandesk", "localizedAttributes", &localized)
	if len(localized) != 1 || !slices.Equal(localized[0].Locales, []string{"zh"}) {
		t.Errorf("localized %v", localized)
	}
}

func TestAServerThatKnowsNoLocalesGetsTheRest(t *testing.T) {
	f, index := onFake(t)
	f.set(func(f *fake) { f.localized = false })
	replace(t, index, valve(1))
	var rules []string
	f.setting(t, "quandesk", "rankingRules", &rules)
	if len(rules) == 0 || index.Degraded() {
		t.Errorf("rules %v, degraded %v", rules, index.Degraded())
	}
}

func TestTheSameContentIsNotBuiltAgain(t *testing.T) {
	f, url := serve(t)
	change := func(o *meili.Options) { patient(o); o.URL = url }
	first, second := open(t, change), open(t, change)
	replace(t, first, valve(2))
	for _, c := range []struct {
		name  string
		again func()
	}{
		{"the same process", func() { replace(t, first, valve(2)) }},
		{"another process", func() { replace(t, second, valve(2)) }},
		{"another order", func() { v := valve(2); slices.SortFunc(v, backwards); replace(t, second, v) }},
		{"a Sync", func() { catchUp(t, first) }},
		{"a Sync of the second", func() { catchUp(t, second) }},
	} {
		f.took()
		c.again()
		want := []string{"GET /health", "GET /indexes/quandesk/stats", "POST /indexes/quandesk/search"}
		if calls := f.took(); !slices.Equal(calls, want) || first.Degraded() {
			t.Errorf("%s asked %q", c.name, calls)
		}
	}
}

func backwards(a, b kb.Passage) int { return strings.Compare(b.ArticleID, a.ArticleID) }

func TestAProcessWithoutContentDoesNotEmptyTheServer(t *testing.T) {
	f, url := serve(t)
	change := func(o *meili.Options) { patient(o); o.URL = url }
	replace(t, open(t, change), valve(2))
	f.took()
	catchUp(t, open(t, change))
	if calls := f.took(); len(calls) != 0 {
		t.Errorf("asked %q", calls)
	}
}

func TestAReleaseWithOtherWordsBuildsAgain(t *testing.T) {
	f, url := serve(t)
	first := open(t, func(o *meili.Options) { patient(o); o.URL = url })
	second := open(t, func(o *meili.Options) { patient(o); o.URL = url; o.Words.Noise = []string{"劳驾"} })
	replace(t, first, valve(2))
	replace(t, second, valve(2))
	var stop []string
	if f.setting(t, "quandesk", "stopWords", &stop); !slices.Equal(stop, []string{"劳驾"}) {
		t.Errorf("stop words %v", stop)
	}
}

func TestWhatAnotherProcessPutThereIsNotBelieved(t *testing.T) {
	_, url := serve(t)
	change := func(o *meili.Options) { patient(o); o.URL = url }
	mine, theirs := open(t, change), open(t, change)
	replace(t, mine, valve(2))
	replace(t, theirs, valve(3))
	if hits := search(t, mine, "阀门怎么开"); len(hits) != 2 || !mine.Degraded() {
		t.Errorf("found %v, degraded %v", hits, mine.Degraded())
	}
	replace(t, mine, valve(3))
	if hits := search(t, mine, "阀门怎么开"); len(hits) != 3 || mine.Degraded() {
		t.Errorf("in step: found %v, degraded %v", hits, mine.Degraded())
	}
	edited := valve(3)
	edited[0].Text = "阀门怎么开才对 0"
	replace(t, theirs, edited)
	if search(t, mine, "阀门怎么开"); !mine.Degraded() {
		t.Error("other texts of the same articles are believed")
	}
}

func TestAServerThatWasWipedIsFilledBySync(t *testing.T) {
	f, index := onFake(t)
	replace(t, index, valve(2))
	f.set(func(f *fake) { clear(f.indexes) })
	if hits := search(t, index, "阀门怎么开"); len(hits) != 2 || !index.Degraded() {
		t.Errorf("found %v, degraded %v", hits, index.Degraded())
	}
	catchUp(t, index)
	if hits := search(t, index, "阀门怎么开"); len(hits) != 2 || index.Degraded() {
		t.Errorf("filled: found %v, degraded %v", hits, index.Degraded())
	}
}

func TestLeftoversAreSweptWhenTheyAreNobodysAnyMore(t *testing.T) {
	f, url := serve(t)
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	index := open(t, func(o *meili.Options) { patient(o); o.URL = url; o.Now = func() time.Time { return now } })
	leftover := func(age time.Duration) string { return fmt.Sprintf("quandesk_next_%d_abcd", now.Add(-age).Unix()) }
	kept := []string{leftover(time.Minute), "quandesk_next_month", "somebody_elses"}
	f.set(func(f *fake) {
		for _, name := range append([]string{leftover(2 * time.Hour)}, kept...) {
			f.indexes[name] = new(fakeIndex)
		}
	})
	replace(t, index, valve(1))
	want := slices.Sorted(slices.Values(append(kept, "quandesk")))
	if names := f.names(); !slices.Equal(names, want) {
		t.Errorf("indexes %v, want %v", names, want)
	}
}

func TestManyArticlesGoInBatches(t *testing.T) {
	f, index := onFake(t)
	replace(t, index, valve(1201))
	added := 0
	for _, call := range f.took() {
		if strings.HasSuffix(call, "/documents") {
			added++
		}
	}
	if added != 3 || index.Degraded() {
		t.Errorf("%d batches, degraded %v", added, index.Degraded())
	}
}

func TestWhatOnlyTheServerSeesComesLastAndNeverAnswers(t *testing.T) {
	_, index := onFake(t)
	replace(t, index, append(valve(1),
		kb.Passage{ArticleID: "router", Part: kb.PartTitle, Text: "远传水表的路由器"},
		kb.Passage{ArticleID: "router", Part: kb.PartKeyword, Text: "router"}))
	hits := search(t, index, "rout 阀门怎么开 0")
	if len(hits) != 2 || hits[0].ArticleID != "valve-0" || hits[1].ArticleID != "router" {
		t.Fatalf("found %v", hits)
	}
	alone := search(t, index, "rout")
	if len(alone) != 1 || alone[0].Score <= 0 || alone[0].Score > 0.05 {
		t.Errorf("alone it is %v", alone)
	}
	if h := hits[1]; h.Score <= 0 || h.Score >= kb.Answerable || h.Passage != "远传水表的路由器" {
		t.Errorf("the last is %v", h)
	}
}

func TestScoresAreThoseOfTheFallback(t *testing.T) {
	f, index := onFake(t)
	alone := embedded.New(words(t))
	content := seed(t)[:500]
	replace(t, index, content)
	replace(t, alone, content)
	for _, query := range []string{"停水提前多久通知", "停谁了咋不通知", "水表过户要什么材料", "今天天气不错", "guohu"} {
		joint, want := search(t, index, query), search(t, alone, query)
		for i, h := range want {
			if i >= len(joint) || joint[i].Score != h.Score {
				t.Errorf("%q finds %v, alone %v", query, joint, want)
				break
			}
		}
	}
	if index.Degraded() || f.searches == 0 {
		t.Errorf("degraded %v after %d searches", index.Degraded(), f.searches)
	}
}

func TestAQueryWithoutAWordIsNotAsked(t *testing.T) {
	f, index := onFake(t)
	replace(t, index, valve(1))
	f.took()
	for _, query := range []string{"", "？！", "😀", "请问，谢谢", "\xff\xfe"} {
		search(t, index, query)
	}
	if calls := f.took(); len(calls) != 0 {
		t.Errorf("asked %q", calls)
	}
}

func catchUp(t testing.TB, index *meili.Index) {
	t.Helper()
	if err := index.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestAnIndexOfSomebodyElseIsReplaced(t *testing.T) {
	f, index := onFake(t)
	f.set(func(f *fake) {
		f.indexes["quandesk"] = &fakeIndex{documents: map[string]map[string]json.RawMessage{"1": {"id": json.RawMessage(`"1"`)}}}
	})
	replace(t, index, valve(1))
	if hits := search(t, index, "阀门怎么开"); len(hits) != 1 || index.Degraded() {
		t.Errorf("found %v, degraded %v", hits, index.Degraded())
	}
}

// stubborn is a fallback that can fail.
type stubborn struct {
	kb.Index
	err error
}

func (s *stubborn) Replace(ctx context.Context, passages []kb.Passage) error {
	if s.err != nil {
		return s.err
	}
	return s.Index.Replace(ctx, passages)
}

func TestAFallbackThatFailsKeepsTheOldContentEverywhere(t *testing.T) {
	_, url := serve(t)
	fallback := &stubborn{Index: embedded.New(words(t))}
	index := open(t, func(o *meili.Options) { patient(o); o.URL = url; o.Fallback = fallback })
	replace(t, index, valve(2))
	fallback.err = errors.New("out of memory")
	if err := index.Replace(t.Context(), valve(3)); !errors.Is(err, fallback.err) {
		t.Errorf("said %v", err)
	}
	if hits := search(t, index, "阀门怎么开"); len(hits) != 2 || index.Degraded() {
		t.Errorf("found %v, degraded %v", hits, index.Degraded())
	}
}
