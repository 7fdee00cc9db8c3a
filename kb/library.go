package kb

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Library finds articles that may be cited now. It keeps every article of its
// store in memory and is safe for concurrent use.
type Library struct {
	store Store
	index Index
	now   func() time.Time
	load  sync.Mutex // one Load at a time
	shelf atomic.Pointer[shelf]
}

// shelf is what one Load found.
type shelf struct {
	revision int64
	articles map[string][]Article // the versions of each that may be told now or later, newest first
	dated    int                  // published articles with a validity date: hits they cause may be dropped
	said     map[string]sayings   // what each article says, all versions of it together
	rarity   rarity
}

// inForce is the version of an article that may be cited at a time: of
// several the newest.
func (s *shelf) inForce(id string, at time.Time) (Article, bool) {
	for _, a := range s.articles[id] {
		if a.InForce(at) {
			return a, true
		}
	}
	return Article{}, false
}

// NewLibrary returns an empty library; Load fills it. now is asked at every
// search whether an article is in force.
func NewLibrary(store Store, index Index, now func() time.Time) *Library {
	l := &Library{store: store, index: index, now: now}
	l.shelf.Store(&shelf{})
	return l
}

// Seed puts the shipped articles into the store. When the store has seen
// exactly these it reads one value and parses nothing. When they have changed,
// a shipped article becomes the next version of the one with its id; of one
// that people have edited it waits for an editor. Call Load afterwards.
func (l *Library) Seed(ctx context.Context) error {
	digest := SeedDigest()
	seen, err := l.store.Digest(ctx)
	if err != nil {
		return fmt.Errorf("read seed digest: %w", err)
	}
	if digest != "" && seen == digest {
		return nil
	}
	articles, err := Seed()
	if err != nil {
		return err
	}
	for _, a := range articles {
		if _, err := l.store.PutArticle(ctx, a); err != nil {
			return fmt.Errorf("put article %s: %w", a.ID, err)
		}
	}
	// Last: a seeding that was cut off starts again.
	if err := l.store.SetDigest(ctx, digest); err != nil {
		return fmt.Errorf("store seed digest: %w", err)
	}
	return nil
}

// Load reads all articles and rebuilds the index from the published ones.
// Searches go on meanwhile; on an error the old content stays.
func (l *Library) Load(ctx context.Context) error {
	l.load.Lock()
	defer l.load.Unlock()
	// Before the articles: what changes while they are read is loaded again.
	revision, err := l.store.KnowledgeRevision(ctx)
	if err != nil {
		return fmt.Errorf("read revision of the articles: %w", err)
	}
	all, err := l.store.Articles(ctx)
	if err != nil {
		return fmt.Errorf("read articles: %w", err)
	}
	return l.fill(ctx, all, revision)
}

// fill makes these articles the content, newest versions first.
func (l *Library) fill(ctx context.Context, all []Article, revision int64) error {
	next := &shelf{revision: revision, articles: make(map[string][]Article, len(all)), said: make(map[string]sayings, len(all))}
	var passages []Passage
	texts := map[string][]string{}
	for _, a := range all {
		if a.Status != Published {
			continue
		}
		next.articles[a.ID] = append(next.articles[a.ID], a)
		if !a.ValidFrom.IsZero() || !a.ValidTo.IsZero() {
			next.dated++
		}
		for _, p := range a.Passages() {
			passages = append(passages, p)
			texts[a.ID] = append(texts[a.ID], p.Text)
		}
	}
	for id, of := range texts {
		next.said[id] = sayingsOf(of...)
	}
	next.rarity = rarityOf(passages)
	// The old shelf stays until the index knows the new articles; a hit for
	// an article that has gone is dropped by Search.
	if err := l.index.Replace(ctx, passages); err != nil {
		return fmt.Errorf("index articles: %w", err)
	}
	l.shelf.Store(next)
	return nil
}

// Refresh loads the articles when another process or an editor has changed
// them since; it reads one value otherwise.
func (l *Library) Refresh(ctx context.Context) error {
	revision, err := l.store.KnowledgeRevision(ctx)
	if err != nil {
		return fmt.Errorf("read revision of the articles: %w", err)
	}
	if revision == l.shelf.Load().revision {
		return nil
	}
	return l.Load(ctx)
}

// Watch keeps the library in step until ctx ends: it looks whenever woken, and
// every so often in case nobody was told. failed hears of every failure.
func (l *Library) Watch(ctx context.Context, wake <-chan struct{}, every time.Duration, failed func(error)) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-tick.C:
		}
		if err := l.Refresh(ctx); err != nil && ctx.Err() == nil {
			failed(err)
		}
	}
}

// Search returns up to n articles in force now, best first. Compare a score
// with Answerable before citing.
func (l *Library) Search(ctx context.Context, query string, n int) ([]Found, error) {
	if n <= 0 {
		return nil, nil
	}
	shelf := l.shelf.Load()
	hits, err := l.index.Search(ctx, query, n+shelf.dated)
	if err != nil {
		return nil, fmt.Errorf("search articles: %w", err)
	}
	at, question := l.now(), sayingsOf(clipped(query))
	var found []Found
	for _, h := range hits {
		a, ok := shelf.inForce(h.ArticleID, at)
		if !ok {
			continue
		}
		found = append(found, shelf.found(h, a, question))
		if len(found) == n {
			break
		}
	}
	return found, nil
}

func (s *shelf) found(h Hit, a Article, question sayings) Found {
	return Found{
		Article: a, Score: h.Score, Passage: h.Passage, Words: h.Words, Meaning: h.Meaning,
		Beyond: s.rarity.beyond(question, s.said[a.ID]),
	}
}

// told is how many hits are looked at for one that may be told.
const told = 3

// Tell returns the article that a question is told, none when nothing that may
// be told fits well enough; ok is false when it does not answer the question,
// but says that we do not know.
func (l *Library) Tell(ctx context.Context, query string) (found Found, ok bool, err error) {
	list, err := l.Search(ctx, query, told)
	if err != nil {
		return Found{}, false, err
	}
	for _, f := range list {
		if f.Score >= Answerable && f.Article.Tellable() {
			return f, !f.Article.Open, nil
		}
	}
	return Found{}, false, nil
}

// Article returns the version of an article that may be cited now.
func (l *Library) Article(id string) (Article, bool) {
	return l.shelf.Load().inForce(id, l.now())
}
