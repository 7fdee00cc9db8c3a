package meili_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// query is what must never be logged.
const query = "阀门怎么开啊我家住幸福路"

// fault is a way a server goes wrong.
type fault struct {
	name string
	make func(s *scene)
	// longest a search and a Replace may take under it
	search, replace time.Duration
}

// says makes the server answer everything but /health with one body.
func says(status int, body string) func(*scene) {
	return func(s *scene) {
		s.breaks(func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path == "/health" {
				return false
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			io.WriteString(w, body)
			return true
		})
	}
}

// onSearch leaves everything but searches alone.
func onSearch(body string) func(*scene) {
	return func(s *scene) {
		s.breaks(func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasSuffix(r.URL.Path, "/search") {
				return false
			}
			w.Header().Set("Content-Type", "application/json")
			io.WriteString(w, body)
			return true
		})
	}
}

// forged lets the server search and changes what it found.
func forged(old, new string) func(*scene) {
	return func(s *scene) {
		s.breaks(func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasSuffix(r.URL.Path, "/search") {
				return false
			}
			found := httptest.NewRecorder()
			s.mux.ServeHTTP(found, r)
			w.Header().Set("Content-Type", "application/json")
			io.WriteString(w, regexp.MustCompile(old).ReplaceAllString(found.Body.String(), new))
			return true
		})
	}
}

// late waits, unless the caller leaves, before it answers.
func late(s *scene) {
	s.breaks(func(w http.ResponseWriter, r *http.Request) bool {
		io.Copy(io.Discard, r.Body) // else the server does not see the caller leave
		select {
		case <-time.After(10 * time.Second):
		case <-r.Context().Done():
		}
		return true
	})
}

// trickling begins an answer and never ends it.
func trickling(s *scene) {
	s.breaks(func(w http.ResponseWriter, r *http.Request) bool {
		io.Copy(io.Discard, r.Body)
		io.WriteString(w, `{"hits":[`)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		return true
	})
}

// cut promises more than it sends.
func cut(s *scene) {
	s.breaks(func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Content-Length", "5000")
		io.WriteString(w, `{"hits":[{"id":"`)
		return true
	})
}

func huge(s *scene) {
	s.breaks(func(w http.ResponseWriter, r *http.Request) bool {
		piece := strings.Repeat(" ", 1<<16)
		for range 1 << 10 {
			if _, err := io.WriteString(w, piece); err != nil {
				break
			}
		}
		return true
	})
}

// held and failed are about tasks: searches go on.
func held(kind string) func(*scene) {
	return func(s *scene) { s.breaks(nil); s.set(func(f *fake) { f.held = kind }) }
}

func failed(kind string) func(*scene) {
	return func(s *scene) { s.breaks(nil); s.set(func(f *fake) { f.failing = kind }) }
}

const (
	searchLimit = 150 * time.Millisecond
	aliveLimit  = time.Second
	taskLimit   = 10 * time.Second
)

var serverFaults = []fault{
	{"refuses", func(s *scene) { s.network.refuse(true) }, 0, 0},
	{"10 s late", late, searchLimit, aliveLimit},
	{"an answer that never ends", trickling, searchLimit, aliveLimit},
	{"an answer cut off", cut, 0, 0},
	{"500", says(500, `{"message":"`+query+`","code":"internal","type":"internal","link":""}`), 0, 0},
	{"500 of nobody", says(500, `oops `+query), 0, 0},
	{"403", says(403, `{"message":"bad","code":"invalid_api_key","type":"auth","link":""}`), 0, 0},
	{"HTML", func(s *scene) { s.breaks(html) }, 0, 0},
	{"null", says(200, "null"), 0, 0},
	{"an object of something else", says(200, `{"status":"ok"}`), 0, 0},
	{"truncated JSON", says(200, `{"hits":[{"id":"`), 0, 0},
	{"a huge body", huge, 0, 0},
}

// valveDocument is what the server calls the article valve-0.
const valveDocument = "d56a0e5ff29c51df28a86d8edd957567"

var searchFaults = []fault{
	{"wrong ids", onSearch(`{"hits":[{"id":"42","content":"42","_rankingScore":1}]}`), 0, 0},
	{"ids of nobody in our content", forged(`"id":"[0-9a-f]{4}`, `"id":"0000`), 0, 0},
	{"the same id twice", forged(`"id":"[0-9a-f]{32}"`, `"id":"`+valveDocument+`"`), 0, 0},
	{"a ranking score beyond one", forged(`"_rankingScore":[0-9.]+`, `"_rankingScore":7`), 0, 0},
	{"no ranking score", forged(`"_rankingScore"`, `"score"`), 0, 0},
	{"hits without anything", onSearch(`{"hits":[{}]}`), 0, 0},
	{"hits that are null", onSearch(`{"hits":[null]}`), 0, 0},
	{"ids of another type", onSearch(`{"hits":[{"id":42,"content":[],"_rankingScore":"1"}]}`), 0, 0},
	{"no hits at all", onSearch(`{"results":[]}`), 0, 0},
	{"more hits than asked for", onSearch(`{"hits":[` + strings.Repeat(`{},`, 100) + `{}]}`), 0, 0},
}

var taskFaults = []fault{
	{"creation fails", failed("indexCreation"), 0, 0},
	{"settings fail", failed("settingsUpdate"), 0, 0},
	{"documents fail", failed("documentAdditionOrUpdate"), 0, 0},
	{"the swap fails", failed("indexSwap"), 0, 0},
	{"creation never finishes", held("indexCreation"), 0, taskLimit},
	{"settings never finish", held("settingsUpdate"), 0, taskLimit},
	{"documents never finish", held("documentAdditionOrUpdate"), 0, taskLimit},
	{"the swap never finishes", held("indexSwap"), 0, taskLimit},
}

func TestASearchIsAnsweredWhateverTheServerDoes(t *testing.T) {
	for _, f := range slices.Concat(serverFaults, searchFaults) {
		t.Run(f.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *scene) {
				want := search(t, s.index, query)
				f.make(s)
				for i := range 8 {
					began := time.Now()
					hits := search(t, s.index, query)
					if took := time.Since(began); took > f.search {
						t.Errorf("search %d took %v, want %v", i+1, took, f.search)
					}
					if len(hits) != 2 || !slices.Equal(hits, want) || !s.index.Degraded() {
						t.Fatalf("search %d found %v, want %v; degraded %v", i+1, hits, want, s.index.Degraded())
					}
				}
				s.isDiscreet(t)
			})
		})
	}
}

func TestArticlesAreReplacedWhateverTheServerDoes(t *testing.T) {
	for _, f := range slices.Concat(serverFaults, taskFaults) {
		t.Run(f.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *scene) {
				f.make(s)
				for n := 3; n <= 4; n++ {
					began := time.Now()
					replace(t, s.index, valve(n))
					if took := time.Since(began); took > f.replace {
						t.Errorf("took %v, want %v", took, f.replace)
					}
					if hits, err := s.index.Search(t.Context(), query, 9); err != nil || len(hits) != n {
						t.Errorf("found %v of %d, %v", hits, n, err)
					}
				}
				if err := s.index.Sync(t.Context()); err == nil || !s.index.Degraded() {
					t.Errorf("a Sync said %v, degraded %v", err, s.index.Degraded())
				}
				if lines := s.journal.lines(); len(lines) != 1 || !strings.Contains(lines[0], "level=WARN") {
					t.Errorf("the log says %q", lines)
				}
				s.isDiscreet(t)
				s.mends(t)
			})
		})
	}
}

// mends lets the server recover and proves that a Sync catches up.
func (s *scene) mends(t *testing.T) {
	t.Helper()
	s.network.refuse(false)
	s.breaks(nil)
	s.set(func(f *fake) { // a server that was started again works off its tasks
		for _, task := range f.tasks {
			task.status = "canceled"
		}
	})
	catchUp(t, s.index)
	if hits := search(t, s.index, query); len(hits) != 3 || s.index.Degraded() {
		t.Errorf("mended: found %v, degraded %v", hits, s.index.Degraded())
	}
	if lines := s.journal.lines(); len(lines) != 2 || !strings.Contains(lines[1], "level=INFO") {
		t.Errorf("mended: the log says %q", lines)
	}
}

// isDiscreet proves that nothing people asked and no secret is in the log.
func (s *scene) isDiscreet(t *testing.T) {
	t.Helper()
	log := strings.Join(s.journal.lines(), "\n")
	for _, secret := range []string{query, "幸福路", key, "阀门"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log says %q", log)
		}
	}
}

func TestALaterReplaceCatchesUp(t *testing.T) {
	inBubble(t, func(t *testing.T, s *scene) {
		s.network.refuse(true)
		replace(t, s.index, valve(3))
		s.network.refuse(false)
		if search(t, s.index, query); !s.index.Degraded() {
			t.Error("a server that missed a Replace is believed")
		}
		replace(t, s.index, valve(3))
		if hits := search(t, s.index, query); len(hits) != 3 || s.index.Degraded() {
			t.Errorf("found %v, degraded %v", hits, s.index.Degraded())
		}
	})
}

func TestASwapThatComesLateIsFoundBySync(t *testing.T) {
	inBubble(t, func(t *testing.T, s *scene) {
		// The answer about the swap never says that it is done, but it is.
		s.breaks(func(w http.ResponseWriter, r *http.Request) bool {
			var last string
			s.set(func(f *fake) {
				if len(f.tasks) > 0 {
					last = f.tasks[len(f.tasks)-1].kind
				}
			})
			if last == "indexSwap" && strings.HasPrefix(r.URL.Path, "/tasks/") {
				answer(w, 200, map[string]any{"uid": 1, "status": "processing"})
				return true
			}
			return false
		})
		replace(t, s.index, valve(3))
		if !s.index.Degraded() {
			t.Error("not degraded")
		}
		s.breaks(nil)
		s.took()
		catchUp(t, s.index)
		if calls := s.took(); len(calls) != 3 || s.index.Degraded() {
			t.Errorf("asked %q, degraded %v", calls, s.index.Degraded())
		}
	})
}

func TestTheServerIsLeftAloneAfterFiveFailuresAndTriedAgainAfterTenSeconds(t *testing.T) {
	inBubble(t, func(t *testing.T, s *scene) {
		late(s)
		s.took()
		began := time.Now()
		for range 20 {
			search(t, s.index, query)
		}
		if took, calls := time.Since(began), s.took(); took != 5*searchLimit || len(calls) != 5 {
			t.Errorf("20 searches took %v and asked %d times", took, len(calls))
		}
		<-time.After(10 * time.Second) // of the bubble's clock
		for range 3 {
			search(t, s.index, query)
		}
		if calls := s.took(); len(calls) != 1 || !s.index.Degraded() {
			t.Errorf("after its rest it was asked %d times, degraded %v", len(calls), s.index.Degraded())
		}
		s.breaks(nil)
		if search(t, s.index, query); len(s.took()) != 0 {
			t.Error("asked during its second rest")
		}
		<-time.After(10 * time.Second)
		for range 3 {
			search(t, s.index, query)
		}
		if calls := s.took(); len(calls) != 3 || s.index.Degraded() {
			t.Errorf("mended it was asked %d times, degraded %v", len(calls), s.index.Degraded())
		}
		lines := s.journal.lines()
		if len(lines) != 2 || !strings.Contains(lines[0], "given a rest") || !strings.Contains(lines[1], "answers again") {
			t.Errorf("the log says %q", lines)
		}
		s.isDiscreet(t)
	})
}

func TestOneSearchThatGoesWrongIsForgottenByTheNext(t *testing.T) {
	inBubble(t, func(t *testing.T, s *scene) {
		s.breaks(html)
		if search(t, s.index, query); !s.index.Degraded() {
			t.Error("not degraded")
		}
		s.breaks(nil)
		if search(t, s.index, query); s.index.Degraded() {
			t.Error("still degraded")
		}
	})
}

func TestACallerThatLeavesIsNoFaultOfTheServer(t *testing.T) {
	inBubble(t, func(t *testing.T, s *scene) {
		late(s)
		for range 10 {
			ctx, cancel := context.WithTimeout(t.Context(), searchLimit/2)
			_, err := s.index.Search(ctx, query, 3)
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("said %v", err)
			}
		}
		if s.index.Degraded() {
			t.Error("degraded")
		}
	})
}

func TestAReplaceWhoseCallerLeavesCountsForTheFallback(t *testing.T) {
	inBubble(t, func(t *testing.T, s *scene) {
		late(s)
		ctx, cancel := context.WithTimeout(t.Context(), searchLimit)
		defer cancel()
		if err := s.index.Replace(ctx, valve(3)); err != nil {
			t.Errorf("said %v", err)
		}
		s.breaks(nil)
		if hits := search(t, s.index, query); len(hits) != 3 || !s.index.Degraded() {
			t.Errorf("found %v, degraded %v", hits, s.index.Degraded())
		}
	})
}

func TestASyncWaitsForTheRebuildThatIsUnderWay(t *testing.T) {
	inBubble(t, func(t *testing.T, s *scene) {
		held("indexSwap")(s)
		done := make(chan error, 1)
		go func() { done <- s.index.Replace(context.Background(), valve(3)) }()
		synctest.Wait() // the rebuild waits for its swap
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		if err := s.index.Sync(ctx); err == nil || time.Since(began) != time.Second {
			t.Errorf("said %v after %v", err, time.Since(began))
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestASyncOpensTheWayAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, s *scene) {
		s.breaks(html)
		for range 5 {
			search(t, s.index, query)
		}
		s.breaks(nil)
		catchUp(t, s.index)
		s.took()
		if search(t, s.index, query); len(s.took()) != 1 || s.index.Degraded() {
			t.Errorf("not asked, degraded %v", s.index.Degraded())
		}
	})
}

func TestARebuildThatFailsLeavesNothingButTheTruth(t *testing.T) {
	inBubble(t, func(t *testing.T, s *scene) {
		failed("documentAdditionOrUpdate")(s)
		s.set(func(f *fake) { clear(f.indexes["quandesk"].documents) })
		if err := s.index.Sync(t.Context()); err == nil || !s.index.Degraded() {
			t.Errorf("said %v, degraded %v", err, s.index.Degraded())
		}
		if names := s.names(); !slices.Equal(names, []string{"quandesk"}) {
			t.Errorf("left behind: %v", names)
		}
	})
}
