package kb

import (
	"cmp"
	"slices"
	"time"
	"unicode"
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

// alike is the share of character pairs from which two questions count as the
// same (Sørensen–Dice). At 0.5 水费怎么交 and 水费在哪儿交 are apart from 水费
// 为什么这么高, and typing errors stay together.
const alike = 0.5

// GroupLike puts questions that are worded alike together: each joins the
// group whose first question is most like it. The same questions always give
// the same groups; the largest group comes first.
func GroupLike(questions []Question) []Group {
	list := slices.Clone(questions)
	slices.SortFunc(list, func(a, b Question) int { return cmp.Compare(a.ID, b.ID) })
	var groups []Group
	var leaders []map[[2]rune]bool
	for _, q := range list {
		pairs := pairsOf(q.Text)
		best, score := -1, alike
		for i, leader := range leaders {
			if s := dice(pairs, leader); s >= score && (best < 0 || s > score) {
				best, score = i, s
			}
		}
		if best < 0 {
			best = len(groups)
			groups, leaders = append(groups, Group{}), append(leaders, pairs)
		}
		g := &groups[best]
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
	return groups
}

// pairsOf are the pairs of neighbouring letters, punctuation left out.
func pairsOf(text string) map[[2]rune]bool {
	out := map[[2]rune]bool{}
	last := rune('^') // a single character has a pair too
	for _, r := range text {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			continue
		}
		r = unicode.ToLower(r)
		out[[2]rune{last, r}] = true
		last = r
	}
	return out
}

func dice(a, b map[[2]rune]bool) float64 {
	if len(a)+len(b) == 0 {
		return 1
	}
	shared := 0
	for p := range a {
		if b[p] {
			shared++
		}
	}
	return 2 * float64(shared) / float64(len(a)+len(b))
}
