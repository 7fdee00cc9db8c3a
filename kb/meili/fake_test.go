package meili_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const key = "secret-key"

// fake is a Meilisearch that speaks the documented JSON and searches simply.
// Tasks are done in order when they are enqueued, unless the test holds them.
type fake struct {
	mux *http.ServeMux

	mu        sync.Mutex
	indexes   map[string]*fakeIndex
	tasks     []*fakeTask
	calls     []string // method and path, with task numbers left out
	searches  int
	fault     func(w http.ResponseWriter, r *http.Request) bool // reports whether it answered
	held      string                                            // type of tasks that never finish, nor do later ones
	failing   string                                            // type of tasks that fail
	localized bool                                              // knows the setting localizedAttributes
}

type fakeIndex struct {
	settings  map[string]json.RawMessage
	documents map[string]map[string]json.RawMessage
}

type fakeTask struct {
	uid                       int
	index, kind, status, code string
}

func newFake() *fake {
	f := &fake{mux: http.NewServeMux(), indexes: make(map[string]*fakeIndex), localized: true}
	f.mux.HandleFunc("GET /health", func(w http.ResponseWriter, r *http.Request) {
		answer(w, 200, map[string]string{"status": "available"})
	})
	f.mux.HandleFunc("GET /stats", f.stats)
	f.mux.HandleFunc("POST /indexes", f.create)
	f.mux.HandleFunc("DELETE /indexes/{uid}", f.delete)
	f.mux.HandleFunc("GET /indexes/{uid}/stats", f.indexStats)
	f.mux.HandleFunc("PATCH /indexes/{uid}/settings", f.patch)
	f.mux.HandleFunc("POST /indexes/{uid}/documents", f.add)
	f.mux.HandleFunc("POST /indexes/{uid}/search", f.search)
	f.mux.HandleFunc("POST /swap-indexes", f.swap)
	f.mux.HandleFunc("GET /tasks/{uid}", f.task)
	return f
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	path := r.URL.Path
	if strings.HasPrefix(path, "/tasks/") {
		path = "/tasks/"
	}
	f.calls = append(f.calls, r.Method+" "+path)
	fault := f.fault
	f.mu.Unlock()
	if fault != nil && fault(w, r) {
		return
	}
	if r.URL.Path != "/health" && r.Header.Get("Authorization") != "Bearer "+key {
		refuse(w, 403, "invalid_api_key", "auth")
		return
	}
	f.mux.ServeHTTP(w, r)
}

// set changes the fake under its lock.
func (f *fake) set(change func(f *fake)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

// breaks makes every answer go through fault first; nil mends it.
func (f *fake) breaks(fault func(http.ResponseWriter, *http.Request) bool) {
	f.set(func(f *fake) { f.fault, f.held, f.failing = fault, "", "" })
}

// took returns what was asked since the last call, without looks at tasks.
func (f *fake) took() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	calls := slices.DeleteFunc(f.calls, func(c string) bool { return c == "GET /tasks/" })
	f.calls = nil
	return calls
}

func (f *fake) names() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Sorted(maps.Keys(f.indexes))
}

func (f *fake) setting(t *testing.T, index, name string, into any) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if raw, ok := f.indexes[index].settings[name]; ok {
		if err := json.Unmarshal(raw, into); err != nil {
			t.Fatal(err)
		}
	}
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

func refuse(w http.ResponseWriter, status int, code, kind string) {
	answer(w, status, map[string]string{
		"message": "the request is refused", "code": code, "type": kind,
		"link": "https://docs.meilisearch.com/errors#" + code,
	})
}

// enqueue does the work at once unless it, or a task before it, is held.
func (f *fake) enqueue(w http.ResponseWriter, index, kind string, work func() (code string)) {
	t := &fakeTask{uid: len(f.tasks), index: index, kind: kind, status: "succeeded"}
	stuck := len(f.tasks) > 0 && f.tasks[len(f.tasks)-1].status == "processing"
	switch {
	case stuck && f.held != "" || kind == f.held:
		t.status = "processing"
	case kind == f.failing:
		t.status, t.code = "failed", "internal"
	default:
		if t.code = work(); t.code != "" {
			t.status = "failed"
		}
	}
	f.tasks = append(f.tasks, t)
	answer(w, 202, map[string]any{
		"taskUid": t.uid, "indexUid": index, "status": "enqueued", "type": kind, "enqueuedAt": time.Now(),
	})
}

func (f *fake) task(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	uid, err := strconv.Atoi(r.PathValue("uid"))
	if err != nil || uid >= len(f.tasks) {
		refuse(w, 404, "task_not_found", "invalid_request")
		return
	}
	t := f.tasks[uid]
	body := map[string]any{"uid": t.uid, "indexUid": t.index, "status": t.status, "type": t.kind, "error": nil}
	if t.code != "" {
		body["error"] = map[string]string{"message": "it went wrong", "code": t.code, "type": "internal", "link": ""}
	}
	answer(w, 200, body)
}

func (f *fake) create(w http.ResponseWriter, r *http.Request) {
	var in struct{ UID, PrimaryKey string }
	if !read(w, r, &in) {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.enqueue(w, in.UID, "indexCreation", func() string {
		if f.indexes[in.UID] != nil {
			return "index_already_exists"
		}
		f.indexes[in.UID] = &fakeIndex{make(map[string]json.RawMessage), make(map[string]map[string]json.RawMessage)}
		return ""
	})
}

func (f *fake) delete(w http.ResponseWriter, r *http.Request) {
	uid := r.PathValue("uid")
	f.mu.Lock()
	defer f.mu.Unlock()
	f.enqueue(w, uid, "indexDeletion", func() string {
		if f.indexes[uid] == nil {
			return "index_not_found"
		}
		delete(f.indexes, uid)
		return ""
	})
}

func (f *fake) patch(w http.ResponseWriter, r *http.Request) {
	var in map[string]json.RawMessage
	if !read(w, r, &in) {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	known := []string{"rankingRules", "searchableAttributes", "filterableAttributes", "displayedAttributes",
		"stopWords", "synonyms", "searchCutoffMs", "localizedAttributes"}
	for name := range in {
		if !slices.Contains(known, name) || name == "localizedAttributes" && !f.localized {
			refuse(w, 400, "bad_request", "invalid_request")
			return
		}
	}
	f.enqueue(w, r.PathValue("uid"), "settingsUpdate", func() string {
		index := f.indexes[r.PathValue("uid")]
		if index == nil {
			return "index_not_found"
		}
		maps.Copy(index.settings, in)
		return ""
	})
}

func (f *fake) add(w http.ResponseWriter, r *http.Request) {
	var in []map[string]json.RawMessage
	if !read(w, r, &in) {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.enqueue(w, r.PathValue("uid"), "documentAdditionOrUpdate", func() string {
		index := f.indexes[r.PathValue("uid")]
		if index == nil {
			return "index_not_found"
		}
		for _, d := range in {
			index.documents[text(d["id"])] = d
		}
		return ""
	})
}

func (f *fake) swap(w http.ResponseWriter, r *http.Request) {
	var in []struct {
		Indexes []string
		Rename  bool
	}
	if !read(w, r, &in) {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.enqueue(w, "", "indexSwap", func() string {
		for _, pair := range in {
			a, b := pair.Indexes[0], pair.Indexes[1]
			if f.indexes[a] == nil || f.indexes[b] == nil {
				return "index_not_found"
			}
			f.indexes[a], f.indexes[b] = f.indexes[b], f.indexes[a]
		}
		return ""
	})
}

func (f *fake) stats(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := map[string]any{}
	for name, index := range f.indexes {
		all[name] = map[string]any{"numberOfDocuments": len(index.documents), "isIndexing": false}
	}
	answer(w, 200, map[string]any{"databaseSize": 4096, "lastUpdate": time.Now(), "indexes": all})
}

func (f *fake) indexStats(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	index := f.indexes[r.PathValue("uid")]
	if index == nil {
		refuse(w, 404, "index_not_found", "invalid_request")
		return
	}
	answer(w, 200, map[string]any{"numberOfDocuments": len(index.documents), "isIndexing": false})
}

func read(w http.ResponseWriter, r *http.Request, into any) bool {
	if r.Header.Get("Content-Type") != "application/json" {
		refuse(w, 415, "invalid_content_type", "invalid_request")
		return false
	}
	if err := json.NewDecoder(r.Body).Decode(into); err != nil {
		refuse(w, 400, "malformed_payload", "invalid_request")
		return false
	}
	return true
}

func text(raw json.RawMessage) string {
	var s string
	json.Unmarshal(raw, &s) // what is no text is none
	return s
}
