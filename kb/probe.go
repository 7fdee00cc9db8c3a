package kb

import (
	"context"
	"fmt"
)

// Probed is one hit of a hit test.
type Probed struct {
	Found
	InForce bool
	Enough  bool // the score is Answerable
}

// Probe is a search that leaves nothing out: what is found though it is not
// in force, and what scores too little.
func (l *Library) Probe(ctx context.Context, query string, n int) ([]Probed, error) {
	shelf := l.shelf.Load()
	hits, err := l.index.Search(ctx, query, n)
	if err != nil {
		return nil, fmt.Errorf("search articles: %w", err)
	}
	at, question := l.now(), sayingsOf(clipped(query))
	var out []Probed
	for _, h := range hits {
		versions := shelf.articles[h.ArticleID]
		if len(versions) == 0 {
			continue // gone since the index was built
		}
		a, now := shelf.inForce(h.ArticleID, at)
		if !now {
			a = versions[0]
		}
		out = append(out, Probed{
			Found: shelf.found(h, a, question), InForce: now,
			Enough: h.Score >= Answerable,
		})
	}
	return out, nil
}
