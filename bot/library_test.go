package bot_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"quandesk/bot"
	"quandesk/bot/eval"
	"quandesk/bot/rules"
	"quandesk/kb"
	"quandesk/kb/embedded"
	"quandesk/tickets"
	"quandesk/tickets/calendar"
)

// shelf is a store of the shipped articles, kept in memory.
type shelf struct {
	articles []kb.Article
	digest   string
}

func (s *shelf) Articles(context.Context) ([]kb.Article, error) { return s.articles, nil }

func (s *shelf) KnowledgeRevision(context.Context) (int64, error) { return 1, nil }

func (s *shelf) PutArticle(_ context.Context, a kb.Article) (bool, error) {
	a.Version = 1
	s.articles = append(s.articles, a)
	return true, nil
}

func (s *shelf) Digest(context.Context) (string, error) { return s.digest, nil }

func (s *shelf) SetDigest(_ context.Context, d string) error { s.digest = d; return nil }

// friday is a Friday morning in Beijing.
var friday = time.Date(2026, 11, 20, 10, 0, 0, 0, tickets.Beijing)

func library() (*kb.Library, error) {
	words, err := kb.ShippedWords()
	if err != nil {
		return nil, err
	}
	l := kb.NewLibrary(&shelf{}, embedded.New(words), func() time.Time { return friday })
	if err := l.Seed(context.Background()); err != nil {
		return nil, err
	}
	return l, l.Load(context.Background())
}

// shipped is the library of the shipped articles, which nothing changes.
var shipped = sync.OnceValues(library)

// newLibrary is one of the test's own.
func newLibrary(t testing.TB) *kb.Library {
	t.Helper()
	l, err := library()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func newBot(t testing.TB) *bot.Bot {
	t.Helper()
	u, err := rules.New()
	if err != nil {
		t.Fatal(err)
	}
	l, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	return bot.New(u, l)
}

func newRules(t testing.TB) *tickets.Rules {
	t.Helper()
	var cal *calendar.Calendar
	r, err := tickets.LoadRules("", cal)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func newDesk(t testing.TB, b bot.Answerer) *eval.Desk { return eval.NewDesk(b, newRules(t), friday) }
