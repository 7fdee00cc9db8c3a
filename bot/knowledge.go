package bot

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"quandesk/channels"
	"quandesk/kb"
)

// longest is how many characters an answer from the knowledge has at most.
const longest = 200

// look finds the article that answers a question; nil when none does. Of
// several ways to ask, the one that fits best counts.
func (s *scene) look(ctx context.Context, queries ...string) (*kb.Article, error) {
	var best *kb.Article
	score := kb.Answerable
	for _, q := range queries {
		found, err := s.knowledge.Search(ctx, q, 3)
		if err != nil {
			return nil, fmt.Errorf("search knowledge: %w", err)
		}
		for _, f := range found {
			if (f.Score > score || best == nil && f.Score == score) && (f.Article.Verified || !states(f.Article)) {
				best, score = &f.Article, f.Score
				break
			}
		}
	}
	return best, nil
}

// states reports whether an article holds a figure; of one that nobody has
// verified it must not be told.
func states(a kb.Article) bool {
	return strings.IndexFunc(a.Short+a.Details+a.Next, unicode.IsDigit) >= 0
}

// ask answers a question from the knowledge, or says that it cannot.
func (s *scene) ask(ctx context.Context) (Reply, error) {
	a, err := s.look(ctx, s.text)
	if err != nil {
		return Reply{}, err
	}
	if a == nil {
		s.memory.Offered = true
		return Reply{Text: wordsUnknown}, nil
	}
	if strings.Contains(a.Next, "人工") {
		s.memory.Offered = !a.Verified
	}
	return answerFrom(*a), nil
}

func answerFrom(a kb.Article) Reply {
	text := a.Short
	for _, more := range []string{a.Details, a.Next} {
		if more != "" && utf8.RuneCountInString(text)+utf8.RuneCountInString(more) <= longest {
			text += "\n" + more
		}
	}
	return Reply{Text: text, Citations: []channels.Citation{cite(a)}}
}

func cite(a kb.Article) channels.Citation {
	return channels.Citation{ArticleID: a.ID, Title: a.Title, Source: a.Source, Clause: a.Clause, Version: a.Version}
}
