package kb

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhatAQuestionSaysBeyondAnArticleIsMeasured(t *testing.T) {
	said := sayingsOf("水压标准是多少", "用户家里的水压不低于多少")
	r := rarityOf([]Passage{{Text: "水压标准是多少"}, {Text: "用户家里的水压不低于多少"}, {Text: "水箱标准清洗"}})
	for question, want := range map[string]struct{ least, most float64 }{
		"水压标准":      {0, 0},
		"水压，标准":     {0, 0}, // what stands between them is not said
		"打压标准":      {0.3, 0.9},
		"DN100打压":   {1, 1},
		"":          {0, 0},
		"？！":        {0, 0},
		"鸿蒙":        {1, 1},
		"水压不低于多少ＤＮ": {0.1, 0.9},
	} {
		got := r.beyond(sayingsOf(question), said)
		require.GreaterOrEqual(t, got, want.least, question)
		require.LessOrEqual(t, got, want.most, question)
	}
	require.Greater(t, r.beyond(sayingsOf("打压标准"), said), r.beyond(sayingsOf("水压标准高"), said), "a rare word says more than a common one")
}

func TestOnlyTheBeginningOfAWallOfWordsIsLookedAt(t *testing.T) {
	require.Equal(t, strings.Repeat("水", widest), clipped(strings.Repeat("水", widest)+"压"))
	require.Equal(t, "水压", clipped("水压"))
}
