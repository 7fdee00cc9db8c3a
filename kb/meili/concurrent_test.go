package meili_test

import (
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"

	"quandesk/kb"
	"quandesk/kb/embedded"
	"quandesk/kb/meili"
)

// TestSearchesSeeOneContentWhileEverythingGoesWrong has two processes on one
// server that fails a third of the calls. Each content holds one article, so
// a search that mixes two finds none or two.
func TestSearchesSeeOneContentWhileEverythingGoesWrong(t *testing.T) {
	f, url := serve(t)
	f.breaks(func(w http.ResponseWriter, r *http.Request) bool {
		switch rand.IntN(9) {
		case 0:
			return html(w, r)
		case 1:
			w.WriteHeader(http.StatusInternalServerError)
			return true
		case 2:
			io.WriteString(w, `{"hits":[{"id":"42","content":"42","_rankingScore":1}]}`)
			return true
		}
		return false
	})
	var processes, everyone sync.WaitGroup
	for range 2 {
		index := open(t, func(o *meili.Options) { patient(o); o.URL = url })
		replace(t, index, one(0))
		done := make(chan struct{})
		processes.Go(func() {
			for i := range 15 {
				if err := index.Replace(t.Context(), one(i)); err != nil {
					t.Error(err)
				}
			}
		})
		everyone.Go(func() {
			defer close(done)
			for range 15 {
				_ = index.Sync(t.Context()) // may fail; the search must not
			}
		})
		for range 3 {
			everyone.Go(func() {
				for searched := 0; ; searched++ {
					select {
					case <-done:
						return
					default:
					}
					hits, err := index.Search(t.Context(), "消火栓归谁管", 5)
					if err != nil || len(hits) != 1 {
						t.Errorf("found %v, %v", hits, err)
						return
					}
					index.Degraded()
				}
			})
		}
	}
	processes.Wait()
	everyone.Wait()
}

func one(i int) []kb.Passage {
	return []kb.Passage{{ArticleID: "hydrant-" + string(rune('a'+i%26)), Part: kb.PartTitle, Text: "消火栓归谁管"}}
}

// TestAProcessStartsWithoutItsServer is what a desk does whose cache is gone.
func TestAProcessStartsWithoutItsServer(t *testing.T) {
	w := words(t)
	index := open(t, func(o *meili.Options) { o.URL = "http://127.0.0.1:1"; o.Fallback = embedded.New(w) })
	replace(t, index, one(0))
	if hits := search(t, index, "消火栓归谁管"); len(hits) != 1 || !index.Degraded() {
		t.Errorf("found %v, degraded %v", hits, index.Degraded())
	}
}
