package kb_test

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"quandesk/kb"
	"quandesk/kb/embedded"
)

// memory is a kb.Store in memory that counts what it is asked.
type memory struct {
	articles map[string]kb.Article
	digest   string
	puts     int
	revision int64
	err      error
}

func newMemory(articles ...kb.Article) *memory {
	m := &memory{articles: map[string]kb.Article{}}
	for _, a := range articles {
		m.articles[a.ID] = a
	}
	return m
}

func (m *memory) Articles(context.Context) ([]kb.Article, error) {
	var all []kb.Article
	for _, id := range slices.Sorted(maps.Keys(m.articles)) {
		all = append(all, m.articles[id])
	}
	return all, m.err
}

func (m *memory) KnowledgeRevision(context.Context) (int64, error) { return m.revision, m.err }

func (m *memory) PutArticle(_ context.Context, a kb.Article) (bool, error) {
	m.puts++
	old := m.articles[a.ID]
	a.Version = old.Version
	if reflect.DeepEqual(a, old) {
		return false, m.err
	}
	a.Version++
	m.articles[a.ID] = a
	return true, m.err
}

func (m *memory) Digest(context.Context) (string, error) { return m.digest, m.err }

func (m *memory) SetDigest(_ context.Context, digest string) error {
	m.digest = digest
	return m.err
}

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func library(t *testing.T, store kb.Store, now func() time.Time) *kb.Library {
	t.Helper()
	words, err := kb.ShippedWords()
	if err != nil {
		t.Fatal(err)
	}
	return kb.NewLibrary(store, embedded.New(words), now)
}

func at(moment time.Time) func() time.Time { return func() time.Time { return moment } }

func TestASeededLibraryAnswersWithArticleAndClause(t *testing.T) {
	l := library(t, newMemory(), at(noon))
	if err := errors.Join(l.Seed(t.Context()), l.Load(t.Context())); err != nil {
		t.Fatal(err)
	}
	found, err := l.Search(t.Context(), "投诉几天能办好", 3)
	if err != nil || len(found) == 0 {
		t.Fatalf("found %v, %v", found, err)
	}
	if best := found[0]; best.Article.Clause != "11.2" || best.Score < kb.Answerable || best.Article.Version != 1 {
		t.Errorf("best is %s, clause %s, score %.2f, version %d",
			best.Article.ID, best.Article.Clause, best.Score, best.Article.Version)
	}
	if a, ok := l.Article(found[0].Article.ID); !ok || a.Title != found[0].Article.Title {
		t.Errorf("article by id: %v %v", a.Title, ok)
	}
	if _, ok := l.Article("no-such-article"); ok {
		t.Error("an unknown id is found")
	}
}

func TestSeedingAgainWritesNothing(t *testing.T) {
	store := newMemory()
	l := library(t, store, at(noon))
	if err := l.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	wrote := store.puts
	if err := l.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	if store.puts != wrote {
		t.Errorf("%d more articles put", store.puts-wrote)
	}
}

func TestASeedingThatWasCutOffStartsAgain(t *testing.T) {
	store := newMemory()
	l := library(t, store, at(noon))
	if err := l.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	wrote := store.puts
	store.digest = ""
	if err := l.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	if store.puts != 2*wrote || store.digest != kb.SeedDigest() {
		t.Errorf("%d puts, digest %q", store.puts, store.digest)
	}
	for id, a := range store.articles {
		if a.Version != 1 {
			t.Errorf("%s has version %d", id, a.Version)
		}
	}
}

func valve(id string, status kb.Status) kb.Article {
	return kb.Article{ID: id, Title: "红色阀门怎么打开", Short: "向左转三圈。", Status: status}
}

func ids(found []kb.Found) []string {
	var out []string
	for _, f := range found {
		out = append(out, f.Article.ID)
	}
	return out
}

func TestOnlyArticlesInForceAreFound(t *testing.T) {
	later, over := valve("later", kb.Published), valve("over", kb.Published)
	later.ValidFrom = noon.Add(time.Hour)
	over.ValidTo = noon
	store := newMemory(valve("now", kb.Published), later, over,
		valve("draft", kb.Draft), valve("reviewed", kb.Reviewed), valve("retired", kb.Retired))
	now := noon
	l := library(t, store, func() time.Time { return now })
	if err := l.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	search := func() []string {
		found, err := l.Search(t.Context(), "红色阀门怎么打开", 1)
		if err != nil {
			t.Fatal(err)
		}
		return ids(found)
	}
	if got := search(); !slices.Equal(got, []string{"now"}) {
		t.Errorf("at noon: %v", got)
	}
	now = noon.Add(-time.Second)
	if found, _ := l.Search(t.Context(), "红色阀门怎么打开", 9); len(found) != 2 {
		t.Errorf("before noon: %v", ids(found))
	}
	now = noon.Add(time.Hour)
	if found, _ := l.Search(t.Context(), "红色阀门怎么打开", 9); len(found) != 2 {
		t.Errorf("an hour later: %v", ids(found))
	}
}

// stale is an index that still knows an article the store has retired.
type stale struct{}

func (stale) Replace(context.Context, []kb.Passage) error { return nil }

func (stale) Search(context.Context, string, int) ([]kb.Hit, error) {
	return []kb.Hit{{ArticleID: "retired", Score: 1}, {ArticleID: "gone", Score: 0.9}, {ArticleID: "now", Score: 0.8}}, nil
}

func TestAStaleHitIsNotCited(t *testing.T) {
	store := newMemory(valve("now", kb.Published), valve("retired", kb.Retired))
	l := kb.NewLibrary(store, stale{}, at(noon))
	if err := l.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	found, err := l.Search(t.Context(), "阀门", 3)
	if got := ids(found); err != nil || !slices.Equal(got, []string{"now"}) {
		t.Errorf("found %v, %v", got, err)
	}
}

func TestAFailedLoadKeepsTheOldContent(t *testing.T) {
	store := newMemory(valve("now", kb.Published))
	l := library(t, store, at(noon))
	if err := l.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	store.err = errors.New("disk gone")
	if err := l.Load(t.Context()); !errors.Is(err, store.err) {
		t.Errorf("load: %v", err)
	}
	if found, err := l.Search(t.Context(), "红色阀门", 1); err != nil || len(found) != 1 {
		t.Errorf("found %v, %v", found, err)
	}
}

func TestNothingIsFoundBeforeTheFirstLoad(t *testing.T) {
	l := library(t, newMemory(), at(noon))
	if found, err := l.Search(t.Context(), "停水", 3); err != nil || len(found) != 0 {
		t.Errorf("found %v, %v", found, err)
	}
}
