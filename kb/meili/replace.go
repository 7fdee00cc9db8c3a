package meili

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/meilisearch/meilisearch-go"

	"quandesk/kb"
)

// Replace implements kb.Index. It fails only for a context that is over or a
// fallback that fails: when the server does not follow, that is logged once,
// the fallback answers alone and a later Replace or Sync catches up.
func (x *Index) Replace(ctx context.Context, passages []kb.Passage) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := x.replaceFallback(ctx, passages); err != nil {
		return err
	}
	if err := x.follow(ctx); err != nil && !x.complained.Swap(true) {
		x.log.Warn("meilisearch does not hold the current articles", "reason", err)
	}
	return nil
}

func (x *Index) replaceFallback(ctx context.Context, passages []kb.Passage) error {
	next := x.read(passages)
	x.replacing.Lock()
	defer x.replacing.Unlock()
	before := x.current.Load()
	if before != nil && next.digest == before.digest {
		return x.fallback.Replace(ctx, passages)
	}
	// First current, then the fallback: a search under way notices.
	x.current.Store(next)
	if err := x.fallback.Replace(ctx, passages); err != nil {
		x.current.Store(before)
		return err
	}
	return nil
}

// Sync makes the server hold what the fallback holds: nothing is written when
// it does, and otherwise it is rebuilt. Call it now and then: it is what mends
// a server that was away, was wiped or was restored from an old copy. Before the
// first Replace it does nothing, since the server may hold what another process
// put there.
func (x *Index) Sync(ctx context.Context) error {
	if err := x.follow(ctx); err != nil {
		return fmt.Errorf("sync meilisearch: %w", err)
	}
	return nil
}

// follow brings the server to the current content, one caller at a time: those
// who waited mostly find it done.
func (x *Index) follow(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, x.rebuildWithin)
	defer cancel()
	select {
	case x.building <- struct{}{}:
		defer func() { <-x.building }()
	case <-ctx.Done():
		return plain(ctx.Err())
	}
	c := x.current.Load()
	if c == nil {
		return nil
	}
	if err := x.put(ctx, c); err != nil {
		return err
	}
	x.live.Store(c)
	x.breaker.done(x.now(), true)
	if x.complained.Swap(false) {
		x.log.Info("meilisearch holds the current articles again")
	}
	return nil
}

// put rebuilds the server's index unless it holds the content already.
func (x *Index) put(ctx context.Context, c *content) error {
	if err := x.alive(ctx); err != nil {
		return err
	}
	held, err := x.holds(ctx, c)
	if err != nil || held {
		return err
	}
	x.live.Store(nil)
	return x.rebuild(ctx, c)
}

// alive makes a server that hangs cost one short time limit.
func (x *Index) alive(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, aliveWithin)
	defer cancel()
	health, err := x.client.HealthWithContext(ctx)
	if err != nil {
		return plain(err)
	}
	if health.Status != "available" {
		return errNonsense
	}
	return nil
}

// holds reports whether the server's index is exactly this content: as many
// documents, and none of another one.
func (x *Index) holds(ctx context.Context, c *content) (bool, error) {
	index := x.client.Index(x.name)
	stats, err := index.GetStatsWithContext(ctx, nil)
	if missing(err) {
		return false, nil
	}
	if err != nil {
		return false, plain(err)
	}
	if stats.NumberOfDocuments != int64(len(c.documents)) {
		return false, nil
	}
	others, err := index.SearchWithContext(ctx, "", &meilisearch.SearchRequest{
		Limit: 1, AttributesToRetrieve: []string{"id"}, Filter: fmt.Sprintf("content != %q", c.digest),
	})
	var status statusError
	switch err := plain(err); {
	case errors.As(err, &status) && status.status == http.StatusBadRequest:
		return false, nil // the index was not made by us: content cannot be filtered
	case err != nil:
		return false, err
	}
	return others.Hits != nil && len(others.Hits) == 0, nil
}

// missing reports whether the server says that an index does not exist.
func missing(err error) bool {
	var status statusError
	return errors.As(plain(err), &status) && status.code == "index_not_found"
}
