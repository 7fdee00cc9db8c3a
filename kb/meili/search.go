package meili

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/meilisearch/meilisearch-go"

	"quandesk/kb"
)

const (
	// fewest and most candidates the server is asked for.
	fewest, most = 10, 100
	// unseen is the most a candidate scores that the fallback does not see:
	// the least score the embedded index gives, so that it comes last.
	unseen = 0.05
)

// candidate is an article the server proposes.
type candidate struct {
	article article
	ranking float64 // Meilisearch's, 0 to 1
}

// Search implements kb.Index. It fails only for a context that is over or a
// fallback that fails.
//
// Meilisearch's ranking score tells how well a document meets the ranking
// rules among those it found, not how much of the query it answers: nonsense
// that shares one word with an article may score 0.9. kb.Answerable cannot
// divide such scores. So the server proposes candidates and the fallback
// judges them: an article both know has the fallback's score, one only the
// fallback knows (a homophone, pinyin) keeps its own, and one only the server
// knows (the beginning of a word, a typing error in Latin letters) comes last
// and below every threshold, to be offered and never cited.
func (x *Index) Search(ctx context.Context, query string, n int) ([]kb.Hit, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if n <= 0 {
		return nil, nil
	}
	proposed, from := x.propose(ctx, query, n)
	if from == nil {
		return x.fallback.Search(ctx, query, n)
	}
	hits, err := x.fallback.Search(ctx, query, max(n, len(from.documents)))
	if err != nil {
		return nil, err
	}
	if x.current.Load() != from { // replaced meanwhile: never a mixture
		return x.fallback.Search(ctx, query, n)
	}
	hits = judged(hits, proposed)
	return hits[:min(n, len(hits))], nil
}

// judged joins what the fallback found with what the server proposed.
func judged(hits []kb.Hit, proposed []candidate) []kb.Hit {
	known := make(map[string]bool, len(hits))
	for _, h := range hits {
		known[h.ArticleID] = true
	}
	place := make(map[string]int, len(proposed))
	for i, p := range proposed {
		place[p.article.id] = i - len(proposed)
		if known[p.article.id] {
			continue
		}
		if score := unseen * p.ranking; score > 0 {
			hits = append(hits, kb.Hit{ArticleID: p.article.id, Score: score, Passage: p.article.title})
		}
	}
	// Of two with the same score the server's better one comes first.
	slices.SortStableFunc(hits, func(a, b kb.Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(place[a.ArticleID], place[b.ArticleID]))
	})
	return hits
}

// propose returns the server's candidates and the content they are from, nil
// when the fallback has to answer alone.
func (x *Index) propose(ctx context.Context, query string, n int) ([]candidate, *content) {
	c := x.inStep()
	text := x.question(query)
	if c == nil || text == "" || !x.breaker.allow(x.now()) {
		return nil, nil
	}
	found, err := x.ask(ctx, text, n, c)
	if ctx.Err() != nil { // the caller left: that says nothing about the server
		x.breaker.quit()
		return nil, nil
	}
	x.note(err)
	if errors.Is(err, errForeign) {
		x.live.CompareAndSwap(c, nil)
	}
	if err != nil {
		return nil, nil
	}
	return found, c
}

// note tells the breaker how a search ended, and the log when that turned it.
func (x *Index) note(err error) {
	switch turned := x.breaker.done(x.now(), err == nil); {
	case turned && err != nil:
		x.log.Warn("meilisearch given a rest", "for", rest, "reason", err)
	case turned:
		x.log.Info("meilisearch answers again")
	}
}

func (x *Index) ask(ctx context.Context, text string, n int, c *content) ([]candidate, error) {
	ctx, cancel := context.WithTimeout(ctx, x.searchWithin)
	defer cancel()
	limit := min(max(n, fewest), most)
	answer, err := x.client.Index(x.name).SearchWithContext(ctx, text, &meilisearch.SearchRequest{
		Limit:                int64(limit),
		AttributesToRetrieve: []string{"id", "content"},
		// A resident's sentence has words no article has: drop the commonest
		// ones, not the last ones, which often are the question.
		MatchingStrategy: meilisearch.Frequency,
		ShowRankingScore: true,
	})
	if missing(err) {
		return nil, errForeign
	}
	if err != nil {
		return nil, plain(err)
	}
	if answer.Hits == nil || len(answer.Hits) > limit {
		return nil, errNonsense
	}
	return c.candidates(answer.Hits)
}

// candidates checks every hit: one that is not of this content makes the whole
// answer worthless.
func (c *content) candidates(hits meilisearch.Hits) ([]candidate, error) {
	found := make([]candidate, 0, len(hits))
	seen := make(map[string]bool, len(hits))
	for _, hit := range hits {
		var h struct {
			ID      string   `json:"id"`
			Content string   `json:"content"`
			Ranking *float64 `json:"_rankingScore"`
		}
		if err := hit.DecodeInto(&h); err != nil || h.ID == "" || h.Ranking == nil || *h.Ranking < 0 || *h.Ranking > 1 {
			return nil, errNonsense
		}
		if h.Content != c.digest {
			return nil, errForeign
		}
		a, ok := c.articles[h.ID]
		if !ok || seen[h.ID] {
			return nil, errNonsense
		}
		seen[h.ID] = true
		found = append(found, candidate{a, *h.Ranking})
	}
	return found, nil
}
