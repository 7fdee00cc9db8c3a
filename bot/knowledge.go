package bot

import (
	"context"
	"fmt"
	"strings"
	"time"
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
			if (f.Score > score || best == nil && f.Score == score) && f.Article.Tellable() {
				best, score = &f.Article, f.Score
				break
			}
		}
	}
	return best, nil
}

// ask answers a question from the knowledge, or says that it cannot.
func (s *scene) ask(ctx context.Context) (Reply, error) {
	a, err := s.look(ctx, s.text)
	if err != nil {
		return Reply{}, err
	}
	if a == nil {
		s.memory.Offered = true
		return Reply{Text: wordsUnknown, Asked: s.text}, nil
	}
	if strings.Contains(a.Next, "人工") {
		s.memory.Offered = !a.Verified
	}
	r := answerFrom(*a)
	r.Asked = s.text
	return r, nil
}

// First is the turn of a conversation that begins with this question.
func First(question string, now time.Time) Turn {
	return Turn{
		Now: now, Conversation: channels.Conversation{State: channels.WithBot},
		Messages: []channels.Message{{Author: channels.FromCustomer, Kind: channels.Text, Text: question, CreatedAt: now}},
	}
}

// Teller asks the bot that trial makes for a library: an article answers a
// question when the bot tells it.
func Teller(trial func(Knowledge) Answerer, now func() time.Time) kb.Teller {
	return func(ctx context.Context, l *kb.Library, question string) (kb.Found, bool, error) {
		r, err := trial(l).Answer(ctx, First(question, now()))
		if err != nil || r.ArticleID == "" {
			return kb.Found{}, false, err
		}
		found, err := l.Search(ctx, question, 3)
		if err != nil {
			return kb.Found{}, false, fmt.Errorf("search knowledge: %w", err)
		}
		for _, f := range found {
			if f.Article.ID == r.ArticleID {
				return f, true, nil
			}
		}
		a, ok := l.Article(r.ArticleID) // found by other words than the whole question
		return kb.Found{Article: a}, ok, nil
	}
}

// Preview is the answer an article gives a resident.
func Preview(a kb.Article) Reply { return answerFrom(a) }

func answerFrom(a kb.Article) Reply {
	text := a.Short
	for _, more := range []string{a.Details, a.Next} {
		if more != "" && utf8.RuneCountInString(text)+utf8.RuneCountInString(more) <= longest {
			text += "\n" + more
		}
	}
	r := Reply{Text: text, ArticleID: a.ID}
	if a.Verified {
		r.Citations = []channels.Citation{cite(a)}
	} else {
		r.Unknown = true // it says that it does not know: a clause would make it look like an answer
	}
	return r
}

func cite(a kb.Article) channels.Citation {
	return channels.Citation{ArticleID: a.ID, Title: a.Title, Source: a.Source, Clause: a.Clause, Version: a.Version}
}
