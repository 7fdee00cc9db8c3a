package meili_test

import (
	"bytes"
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/meilisearch/meilisearch-go"
	"go.uber.org/goleak"

	"quandesk/kb"
	"quandesk/kb/embedded"
	"quandesk/kb/kbtest"
	"quandesk/kb/meili"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func words(t testing.TB) kb.Words {
	t.Helper()
	w, err := kb.ShippedWords()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// open returns an index whose options a test may change first.
func open(t testing.TB, change func(*meili.Options)) *meili.Index {
	t.Helper()
	w := words(t)
	o := meili.Options{URL: "http://search.test", Key: key, Words: w, Fallback: embedded.New(w)}
	change(&o)
	index, err := meili.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := index.Close(); err != nil {
			t.Error(err)
		}
	})
	return index
}

// serve returns a fake and the address it listens on.
func serve(t testing.TB) (*fake, string) {
	f := newFake()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return f, server.URL
}

// patient is for tests that are not about time, on a machine that is busy.
func patient(o *meili.Options) { o.SearchWithin = 5 * time.Second }

func TestIndexOnTheFake(t *testing.T) {
	asked := 0
	kbtest.Run(t, func(t *testing.T) kb.Index {
		f, url := serve(t)
		index := open(t, func(o *meili.Options) { patient(o); o.URL = url })
		t.Cleanup(func() {
			f.set(func(f *fake) { asked += f.searches })
			if names := f.names(); len(names) > 1 {
				t.Errorf("left behind: %v", names)
			}
		})
		return index
	})
	if asked < 100 {
		t.Errorf("the server was searched %d times: the fallback did the work", asked)
	}
}

// onRealServer points an index at a real server, under a name of its own that
// is deleted afterwards; the test is skipped without one.
func onRealServer(t *testing.T) func(*meili.Options) {
	t.Helper()
	url, key := os.Getenv("TEST_MEILI_URL"), os.Getenv("TEST_MEILI_KEY")
	if url == "" {
		t.Skip("TEST_MEILI_URL names no Meilisearch: the tests of a real one are left out")
	}
	name := "quandesk_test_" + strings.ToLower(rand.Text()[:8])
	t.Cleanup(func() {
		client := meilisearch.New(url, meilisearch.WithAPIKey(key))
		defer client.Close()
		if _, err := client.DeleteIndex(name); err != nil {
			t.Error(err)
		}
	})
	return func(o *meili.Options) {
		patient(o)
		o.URL, o.Key, o.Index = url, key, name
	}
}

func TestIndexOnARealServer(t *testing.T) {
	onRealServer(t) // skips once, not in every part
	kbtest.Run(t, func(t *testing.T) kb.Index { return open(t, onRealServer(t)) })
}

func TestARealServerFollowsTheShippedArticles(t *testing.T) {
	index := open(t, onRealServer(t))
	replace(t, index, seed(t))
	if err := index.Sync(t.Context()); err != nil || index.Degraded() {
		t.Fatalf("degraded: %v, %v", index.Degraded(), err)
	}
	if hits := search(t, index, "停水提前多久通知"); len(hits) == 0 || index.Degraded() {
		t.Errorf("found %v, degraded: %v", hits, index.Degraded())
	}
}

func TestOptionsThatCanNeverWorkAreAnError(t *testing.T) {
	fallback := embedded.New(kb.Words{})
	for name, o := range map[string]meili.Options{
		"no fallback":      {URL: "http://search"},
		"no URL":           {Fallback: fallback},
		"a URL of a file":  {Fallback: fallback, URL: "file:///secret-key"},
		"a broken URL":     {Fallback: fallback, URL: "http://:secret-key@[::1"},
		"a path as a name": {Fallback: fallback, URL: "http://search", Index: "../keys"},
	} {
		if _, err := meili.New(o); err == nil || strings.Contains(err.Error(), "secret-key") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func seed(t testing.TB) []kb.Passage {
	t.Helper()
	articles, err := kb.Seed()
	if err != nil {
		t.Fatal(err)
	}
	var all []kb.Passage
	for _, a := range articles {
		all = append(all, a.Passages()...)
	}
	return all
}

func search(t testing.TB, index kb.Index, query string) []kb.Hit {
	t.Helper()
	hits, err := index.Search(t.Context(), query, 3)
	if err != nil {
		t.Fatal(err)
	}
	return hits
}

func replace(t testing.TB, index kb.Index, content []kb.Passage) {
	t.Helper()
	if err := index.Replace(t.Context(), content); err != nil {
		t.Fatal(err)
	}
}

// journal is a log that tests read.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) log() *slog.Logger { return slog.New(slog.NewTextHandler(j, nil)) }

func (j *journal) lines() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Split(strings.TrimSuffix(j.text.String(), "\n"), "\n")
}

// html is what a proxy or a wrong address says.
func html(w http.ResponseWriter, _ *http.Request) bool {
	w.Header().Set("Content-Type", "text/html")
	w.Write([]byte("<!doctype html><title>欢迎</title>" + strings.Repeat("<p>您好</p>", 50)))
	return true
}
