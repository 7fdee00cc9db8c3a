// Package embedded is the search index that lives in the process. It knows
// characters, pairs of characters, synonyms and sounds, and compares a query
// with whole articles and with every single wording they are known by.
package embedded

import (
	"context"
	"sync/atomic"

	"quandesk/kb"
)

// Index is a kb.Index in memory. It is safe for concurrent use: a search sees
// the content before or after a Replace, never a mixture.
type Index struct {
	lexicon *lexicon
	content atomic.Pointer[snapshot]
}

var _ kb.Index = (*Index)(nil)

// New returns an empty index that knows these words.
func New(words kb.Words) *Index {
	x := &Index{lexicon: newLexicon(words)}
	x.content.Store(build(x.lexicon, nil))
	return x
}

// Replace implements kb.Index. It never fails but for a context that is over.
func (x *Index) Replace(ctx context.Context, passages []kb.Passage) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	x.content.Store(build(x.lexicon, passages))
	return nil
}

// Search implements kb.Index. It never fails but for a context that is over.
func (x *Index) Search(ctx context.Context, query string, n int) ([]kb.Hit, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return x.content.Load().search(query, n), nil
}
