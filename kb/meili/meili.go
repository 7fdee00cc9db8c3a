// Package meili is a kb.Index on Meilisearch. The server is a cache: another
// index in the process always holds the same content, answers whenever the
// server is away, slow or wrong, and is what the server is rebuilt from.
package meili

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/meilisearch/meilisearch-go"

	"quandesk/kb"
)

// Limits used where Options leave them zero.
const (
	searchWithin  = 150 * time.Millisecond // one search; nobody waits longer for a cache
	taskWithin    = 10 * time.Second       // one task of the server
	rebuildWithin = 20 * time.Second       // a whole Replace or Sync, some of which people wait for
)

// Options tell an Index where its server is.
type Options struct {
	URL      string   // http:// or https://
	Key      string   // may create, fill, search, swap and delete indexes and read stats
	Index    string   // name of the index and prefix of those being built; quandesk if empty
	Words    kb.Words // become synonyms and stop words
	Fallback kb.Index // the index in the process; required
	Log      *slog.Logger
	Now      func() time.Time

	SearchWithin  time.Duration
	TaskWithin    time.Duration
	RebuildWithin time.Duration
	Transport     http.RoundTripper // nil: one of its own
}

// Index is a kb.Index on Meilisearch with a fallback in the process. It is
// safe for concurrent use and starts no goroutine.
type Index struct {
	client   meilisearch.ServiceManager
	name     string
	settings *meilisearch.Settings
	quiet    *strings.Replacer // takes out what people say around a question
	fallback kb.Index
	log      *slog.Logger
	now      func() time.Time

	searchWithin, taskWithin, rebuildWithin time.Duration

	breaker breaker
	// current is what the fallback holds, nil before the first Replace; live is
	// what the server is known to hold, nil when that is not known. The server
	// is asked only while both are the same.
	current, live atomic.Pointer[content]
	replacing     sync.Mutex    // held while current and the fallback change
	building      chan struct{} // holds a token while the server is rebuilt
	complained    atomic.Bool   // a rebuild failed and that was logged
}

var _ kb.Index = (*Index)(nil)

// New returns an empty index. It does not call the server, which may be away;
// only options that can never work are an error, which does not repeat the
// URL because of its password.
func New(o Options) (*Index, error) {
	if o.Fallback == nil {
		return nil, errors.New("meili: no fallback index")
	}
	u, err := url.Parse(o.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("meili: cannot read the URL")
	}
	x := &Index{
		name: o.Index, settings: settings(o.Words), quiet: quiet(o.Words),
		fallback: o.Fallback, log: o.Log, now: o.Now,
		searchWithin: o.SearchWithin, taskWithin: o.TaskWithin, rebuildWithin: o.RebuildWithin,
		building: make(chan struct{}, 1),
	}
	x.defaults()
	if !regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`).MatchString(x.name) {
		return nil, fmt.Errorf("meili: %q cannot name an index", x.name)
	}
	x.client = connect(strings.TrimRight(o.URL, "/"), o.Key, o.Transport)
	return x, nil
}

func (x *Index) defaults() {
	if x.name == "" {
		x.name = "quandesk"
	}
	if x.log == nil {
		x.log = slog.New(slog.DiscardHandler)
	}
	if x.now == nil {
		x.now = time.Now
	}
	if x.searchWithin <= 0 {
		x.searchWithin = searchWithin
	}
	if x.taskWithin <= 0 {
		x.taskWithin = taskWithin
	}
	if x.rebuildWithin <= 0 {
		x.rebuildWithin = rebuildWithin
	}
}

// Degraded reports whether the fallback answers alone: the server does not
// hold the current content, or the last search of it went wrong.
func (x *Index) Degraded() bool {
	return x.inStep() == nil || x.breaker.troubled()
}

// inStep returns the current content while the server holds it too, else nil.
func (x *Index) inStep() *content {
	c := x.live.Load()
	if c == nil || c != x.current.Load() {
		return nil
	}
	return c
}

// Close ends the connections to the server.
func (x *Index) Close() error {
	x.client.Close()
	return nil
}
