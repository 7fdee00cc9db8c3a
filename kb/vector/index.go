package vector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"quandesk/kb"
)

// Index is a kb.Index of words and meanings. It is safe for concurrent use and
// starts no goroutine.
type Index struct {
	meanings *Meanings
	words    kb.Index
	live     bool // its vectors are the ones kept at hand

	syncing   sync.Mutex                   // one Sync at a time
	replacing sync.Mutex                   // held while the content changes
	passages  atomic.Pointer[[]kb.Passage] // what was put in last
	content   atomic.Pointer[content]      // nil while not everything has a vector
	doubted   atomic.Bool                  // a question had a vector of another length
	missing   chan struct{}                // woken when Sync has something to do
}

var _ kb.Index = (*Index)(nil)

// Over makes an index on one of words, for what residents are told.
func (m *Meanings) Over(words kb.Index) *Index {
	return &Index{meanings: m, words: words, live: true, missing: make(chan struct{}, 1)}
}

// Trial makes an index to try something on: it uses what is known and leaves
// the live one as it is.
func (m *Meanings) Trial(words kb.Index) *Index {
	x := m.Over(words)
	x.live = false
	return x
}

// Replace implements kb.Index: it fails only where the words fail. Passages
// known already have their vectors at once, a few others get them now, many
// with the next Sync; until then the words answer alone.
func (x *Index) Replace(ctx context.Context, passages []kb.Passage) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	x.replacing.Lock()
	defer x.replacing.Unlock()
	before := x.content.Swap(nil) // never words of one content and meanings of another
	if err := x.words.Replace(ctx, passages); err != nil {
		x.content.Store(before)
		return err
	}
	passages = slices.DeleteFunc(slices.Clone(passages), func(p kb.Passage) bool { return p.Text == "" })
	x.passages.Store(&passages)
	few, cancel := context.WithTimeout(ctx, aFewWithin)
	defer cancel()
	known, err := x.meanings.all(few, passages, aFew)
	if err == nil {
		err = x.show(passages, known)
	}
	if err != nil {
		x.meanings.o.Log.DebugContext(ctx, "passages not embedded yet", "reason", err)
		x.wake()
	}
	return nil
}

func (x *Index) wake() {
	select {
	case x.missing <- struct{}{}:
	default:
	}
}

// show searches by these vectors from now on.
func (x *Index) show(passages []kb.Passage, known map[string][]float32) error {
	c, err := newContent(passages, known)
	if err != nil {
		return err
	}
	c.scale = x.meanings.measured()
	if x.live {
		c.scale = c.measure()
		x.meanings.settle(known, c.scale)
	}
	x.content.Store(c)
	return nil
}

// Sync embeds what is missing, and everything anew when the model has come to
// make vectors of another length. Watch calls it;
// nobody waits for it.
func (x *Index) Sync(ctx context.Context) error {
	x.syncing.Lock()
	defer x.syncing.Unlock()
	passages := x.passages.Load()
	if passages == nil || len(*passages) == 0 {
		return nil
	}
	if x.doubted.Load() {
		if err := x.settleDoubt(ctx, (*passages)[0].Text); err != nil {
			return fmt.Errorf("sync vectors: %w", err)
		}
	}
	if x.content.Load() != nil {
		return nil
	}
	err := x.complete(ctx, passages)
	if errors.Is(err, errLength) { // some are from before the model changed
		if err = x.meanings.forget(ctx); err == nil {
			err = x.complete(ctx, passages)
		}
	}
	if err != nil {
		return fmt.Errorf("sync vectors: %w", err)
	}
	return nil
}

// complete embeds what is missing of passages and shows them, unless others
// have come meanwhile.
func (x *Index) complete(ctx context.Context, passages *[]kb.Passage) error {
	known, err := x.meanings.all(ctx, *passages, len(*passages))
	if err != nil {
		return err
	}
	x.replacing.Lock()
	defer x.replacing.Unlock()
	if x.passages.Load() != passages {
		x.wake()
		return nil
	}
	return x.show(*passages, known)
}

// settleDoubt asks for a known passage again: when its vector has another
// length now, all have to be made anew; otherwise one question was answered
// wrongly.
func (x *Index) settleDoubt(ctx context.Context, text string) error {
	got, err := x.meanings.batch(ctx, []string{text})
	if err != nil {
		return err
	}
	if c := x.content.Load(); c != nil && len(got[hash(text)]) != c.length {
		x.content.Store(nil)
		if err := x.meanings.forget(ctx); err != nil {
			return err
		}
	}
	x.doubted.Store(false)
	return nil
}

// Watch keeps the vectors complete until ctx ends. failed hears of the first
// of several failures in a row.
func (x *Index) Watch(ctx context.Context, every time.Duration, failed func(error)) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-x.missing:
		case <-tick.C:
		}
		err := x.Sync(ctx)
		if err != nil && ctx.Err() == nil && !failing {
			failed(err)
		}
		failing = err != nil
	}
}

// Degraded reports whether the words answer alone.
func (x *Index) Degraded() bool { return x.content.Load() == nil }

// depth is how many articles of each ranking are looked at.
const depth = 50

// Search implements kb.Index. It fails only where the words fail.
func (x *Index) Search(ctx context.Context, query string, n int) ([]kb.Hit, error) {
	c := x.content.Load()
	if c == nil || n <= 0 {
		return x.words.Search(ctx, query, n)
	}
	hits, err := x.words.Search(ctx, query, max(n, depth))
	if err != nil {
		return nil, err
	}
	q := x.meanings.question(ctx, cut(query))
	if q != nil && len(q) != c.length {
		x.doubted.Store(true)
		x.wake()
		q = nil
	}
	if x.content.Load() != c { // replaced meanwhile
		return x.words.Search(ctx, query, n)
	}
	if q != nil {
		hits = fuse(hits, c, c.nearest(q, depth, -1))
	}
	return hits[:min(n, len(hits))], nil
}

// cut shortens a story to its end, where the question mostly is.
func cut(query string) string {
	const longest = 500 // characters
	if len(query) <= longest {
		return query
	}
	r := []rune(query[max(0, len(query)-4*longest):])
	return string(r[max(0, len(r)-longest):])
}

// least is where a hit is chance, as with words.
const least = 0.05

// fuse joins two rankings by reciprocal rank fusion. What neither words nor
// meanings alone are sure enough of stays below what one of them is: the order
// within is that of the ranks, and no hit scores more than the evidence for it
// or than the one before.
func fuse(hits []kb.Hit, c *content, found []near) []kb.Hit {
	const k = 60 // Cormack, Clarke and Büttcher 2009
	rank := make(map[string]float64, len(hits)+len(found))
	place := make(map[string]int, len(hits))
	out := slices.Clone(hits)
	for i := range out {
		h := &out[i]
		h.Words = h.Score
		place[h.ArticleID] = i
		rank[h.ArticleID] = 1 / float64(k+1+i)
	}
	for i, f := range found {
		id := c.articles[f.article]
		score := c.scale.score(f.cosine)
		at, both := place[id]
		if !both {
			if score < least {
				continue
			}
			at = len(out)
			out = append(out, kb.Hit{ArticleID: id})
		}
		rank[id] += 1 / float64(k+1+i)
		h := &out[at]
		h.Meaning = score
		if score > h.Score || h.Passage == "" {
			h.Score, h.Passage = max(score, h.Score), c.passages[f.passage].Text
		}
	}
	answers := func(h kb.Hit) int {
		if h.Score >= kb.Answerable {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(out, func(a, b kb.Hit) int {
		return cmp.Or(answers(b)-answers(a), cmp.Compare(rank[b.ArticleID], rank[a.ArticleID]), cmp.Compare(b.Score, a.Score))
	})
	for i := 1; i < len(out); i++ {
		out[i].Score = min(out[i].Score, out[i-1].Score)
	}
	return out
}
