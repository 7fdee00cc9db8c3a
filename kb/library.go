package kb

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// Library finds articles that may be cited now. It keeps every article of its
// store in memory and is safe for concurrent use.
type Library struct {
	store Store
	index Index
	now   func() time.Time
	shelf atomic.Pointer[shelf]
}

// shelf is what one Load found.
type shelf struct {
	articles map[string]Article
	dated    int // published articles with a validity date: hits they cause may be dropped
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
// a shipped article becomes the next version of the one with its id, even if
// that was edited since. Call Load afterwards.
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
	all, err := l.store.Articles(ctx)
	if err != nil {
		return fmt.Errorf("read articles: %w", err)
	}
	next := &shelf{articles: make(map[string]Article, len(all))}
	var passages []Passage
	for _, a := range all {
		next.articles[a.ID] = a
		if a.Status != Published {
			continue
		}
		if !a.ValidFrom.IsZero() || !a.ValidTo.IsZero() {
			next.dated++
		}
		passages = append(passages, a.Passages()...)
	}
	// The old shelf stays until the index knows the new articles; a hit for
	// an article that has gone is dropped by Search.
	if err := l.index.Replace(ctx, passages); err != nil {
		return fmt.Errorf("index articles: %w", err)
	}
	l.shelf.Store(next)
	return nil
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
	at := l.now()
	var found []Found
	for _, h := range hits {
		a, ok := shelf.articles[h.ArticleID]
		if !ok || !a.InForce(at) {
			continue
		}
		found = append(found, Found{Article: a, Score: h.Score, Passage: h.Passage})
		if len(found) == n {
			break
		}
	}
	return found, nil
}

// Article returns the newest version of an article, whatever its status.
func (l *Library) Article(id string) (Article, bool) {
	a, ok := l.shelf.Load().articles[id]
	return a, ok
}
