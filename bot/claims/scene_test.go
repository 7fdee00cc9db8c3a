package claims_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/bot"
	"quandesk/bot/claims"
	"quandesk/bot/rules"
	"quandesk/channels"
	"quandesk/kb"
	"quandesk/kb/embedded"
	"quandesk/server/watched"
	"quandesk/tickets"
)

// shelf is a store of articles, kept in memory.
type shelf struct{ articles []kb.Article }

func (s *shelf) Articles(context.Context) ([]kb.Article, error)   { return s.articles, nil }
func (s *shelf) KnowledgeRevision(context.Context) (int64, error) { return 1, nil }
func (s *shelf) Digest(context.Context) (string, error)           { return "", nil }
func (s *shelf) SetDigest(context.Context, string) error          { return nil }
func (s *shelf) PutArticle(_ context.Context, a kb.Article) (bool, error) {
	a.Version = 1
	s.articles = append(s.articles, a)
	return true, nil
}

// friday is a Friday morning in Beijing.
var friday = time.Date(2026, 11, 20, 10, 0, 0, 0, tickets.Beijing)

func newLibrary(t testing.TB) *kb.Library {
	t.Helper()
	words, err := kb.ShippedWords()
	require.NoError(t, err)
	l := kb.NewLibrary(&shelf{}, embedded.New(words), func() time.Time { return friday })
	require.NoError(t, l.Seed(t.Context()))
	require.NoError(t, l.Load(t.Context()))
	return l
}

// told are the shipped articles that residents may be told.
func told(t testing.TB) []kb.Article {
	t.Helper()
	all, err := kb.Seed()
	require.NoError(t, err)
	var out []kb.Article
	for i, a := range all {
		if watched.ByRace() && i%4 != 0 {
			continue // the race detector looks at the code, not at every article
		}
		if a.InForce(friday) && a.Tellable() {
			out = append(out, a)
		}
	}
	require.NotEmpty(t, out)
	return out
}

// by is the evidence of one article.
func by(a kb.Article) claims.Evidence {
	var e claims.Evidence
	e.Cite(a, channels.Citation{ArticleID: a.ID, Title: a.Title, Source: a.Source, Clause: a.Clause})
	return e
}

// whole is all that an article says.
func whole(a kb.Article) string {
	text := a.Short
	for _, more := range []string{a.Details, a.Next} {
		if more != "" {
			text += "\n" + more
		}
	}
	return text
}

func newGuard(t testing.TB, next bot.Answerer, l *kb.Library, hit func(claims.Rule)) *claims.Guard {
	return &claims.Guard{Next: next, Articles: l, Hit: hit, Log: slog.New(slog.DiscardHandler)}
}

func newRules(t testing.TB) *rules.Rules {
	t.Helper()
	u, err := rules.New()
	require.NoError(t, err)
	return u
}
