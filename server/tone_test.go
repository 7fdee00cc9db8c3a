package main

import (
	"regexp"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

var (
	english = regexp.MustCompile(`[A-Za-z]{4,}`)
	blaming = regexp.MustCompile(`您(?:应该|怎么|为什么|自己)(?:早|不|没)|不归我们|不是我们的(?:事|责任)|跟我们没关系|听不懂|说清楚点|别急|你(?:应该|必须)`)
)

// TestAnswersAreShortPlainAndBlameNobody is Q22.
func TestAnswersAreShortPlainAndBlameNobody(t *testing.T) {
	j := rulesJudge(t)
	var lengths []int
	for _, m := range bank(t, "messages", "voices", "fresh", "answerable", "refuse") {
		r := answer(t, j, m.Text)
		lengths = append(lengths, utf8.RuneCountInString(r.Text))
		require.Empty(t, english.FindString(r.Text), r.Text)
		require.Empty(t, blaming.FindString(r.Text), r.Text)
	}
	slices.Sort(lengths)
	t.Logf("%d answers, median %d characters, longest %d", len(lengths), lengths[len(lengths)/2], lengths[len(lengths)-1])
	require.LessOrEqual(t, lengths[len(lengths)/2], 200)
	require.LessOrEqual(t, lengths[len(lengths)-1], 800)
}

// TestWhatTheKnowledgeSaysIsCited is Q09 in rules mode: what the words of a
// verified article are told from is cited, and nothing else is.
func TestWhatTheKnowledgeSaysIsCited(t *testing.T) {
	j := rulesJudge(t)
	n := 0
	for _, m := range bank(t, "messages", "voices", "fresh", "answerable") {
		r := answer(t, j, m.Text)
		for _, c := range r.Citations {
			require.Equal(t, r.ArticleID, c.ArticleID, m.Text)
			require.NotEmpty(t, c.Clause+c.Source, m.Text)
			n++
		}
		if r.Asked != "" && !r.Unknown {
			require.NotEmpty(t, r.Citations, m.Text)
		}
	}
	require.GreaterOrEqual(t, n, 300)
}
