package kb

import (
	"cmp"
	"slices"
	"time"
)

// QuestionState is what became of a question the knowledge had no good answer to.
type QuestionState string

// The states of a question.
const (
	Open      QuestionState = "open"
	Covered   QuestionState = "covered"   // the knowledge answers it now
	Dismissed QuestionState = "dismissed" // an editor put it aside
)

// Question is one question the bot could not answer, or whose answer the
// resident marked as bad: one for each message of the bot.
type Question struct {
	ID             int64
	MessageID      int64 // of the bot
	ConversationID int64
	Text           string // what was asked, numbers masked
	Unanswered     bool   // the bot said that it does not know
	Down           bool   // the resident pressed 没帮上忙
	ArticleID      string // what was cited, if anything
	Version        int
	State          QuestionState
	DraftID        string // the article begun with it
	AskedAt        time.Time
}

// Group is a number of questions that ask for the same.
type Group struct {
	Questions  []Question // newest first
	Unanswered int
	Down       int
}

// Key names the group by its first question: newer ones do not change it.
func (g Group) Key() int64 { return g.Questions[len(g.Questions)-1].ID }

// Newest is the question asked last.
func (g Group) Newest() Question { return g.Questions[0] }

// Wordings are the different texts of the group, newest first, at most n.
func (g Group) Wordings(n int) []string {
	var all []string
	for _, q := range g.Questions {
		all = append(all, q.Text)
	}
	all = lines(all)
	return all[:min(n, len(all))]
}

// alike is the share of their words from which two questions count as the same
// (Sørensen–Dice): 水费怎么交 and 水费在哪儿交 are apart from 水费为什么这么高 and from
// 水费怎么退, and typing errors stay together. akin is how like a question is to
// all of its group on average, so that one does not lead to the next without end.
const (
	alike = 0.67
	akin  = 0.5
)

// GroupLike puts questions that are worded alike together: each joins the group
// that holds the question most like it, in whichever order its words stand. The
// same questions always give the same groups; the largest group comes first.
func GroupLike(questions []Question) ([]Group, error) {
	words, err := ShippedWords()
	if err != nil {
		return nil, err
	}
	list := slices.Clone(questions)
	slices.SortFunc(list, func(a, b Question) int { return cmp.Compare(a.ID, b.ID) })
	l, seen := newLikeness(words), newGathered()
	var groups []Group
	for _, q := range list {
		at := seen.add(l.terms(q.Text))
		if at == len(groups) {
			groups = append(groups, Group{})
		}
		g := &groups[at]
		g.Questions = append(g.Questions, q)
		if q.Unanswered {
			g.Unanswered++
		}
		if q.Down {
			g.Down++
		}
	}
	for _, g := range groups {
		slices.Reverse(g.Questions)
	}
	slices.SortStableFunc(groups, func(a, b Group) int {
		return cmp.Or(cmp.Compare(len(b.Questions), len(a.Questions)), cmp.Compare(b.Newest().ID, a.Newest().ID))
	})
	return groups, nil
}
