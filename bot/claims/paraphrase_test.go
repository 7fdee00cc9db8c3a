package claims_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"quandesk/bot/claims"
	"quandesk/kb"
)

// about is a text that says something of one article.
type about struct {
	article kb.Article
	text    string
}

// texts reads a file of texts, each behind the id of its article.
func texts(t *testing.T, file string) []about {
	t.Helper()
	seed, err := kb.Seed()
	require.NoError(t, err)
	byID := map[string]kb.Article{}
	for _, a := range seed {
		byID[a.ID] = a
	}
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	var out []about
	for line := range strings.Lines(string(raw)) {
		id, text, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok {
			continue
		}
		require.Contains(t, byID, id)
		out = append(out, about{byID[id], text})
	}
	return out
}

// design/bot-quality.md section 3: at most 2 % of right answers are blocked,
// also of those that say it in other words.
func TestTrueAnswersInOtherWordsPass(t *testing.T) {
	blocked := 0
	all := texts(t, "testdata/paraphrases.txt")
	for _, a := range all {
		if faults := claims.CheckWording(a.text, by(a.article)); len(faults) > 0 {
			blocked++
			t.Logf("%s: %v\n%s", a.article.ID, faults, a.text)
		}
	}
	t.Logf("%d of %d true answers blocked", blocked, len(all))
	require.GreaterOrEqual(t, len(all), 150)
	require.LessOrEqual(t, float64(blocked), 0.02*float64(len(all)))
}

func TestLiesInOtherWordsAreBlocked(t *testing.T) {
	all := texts(t, "testdata/lies.txt")
	require.GreaterOrEqual(t, len(all), 60)
	for _, a := range all {
		if len(claims.CheckWording(a.text, by(a.article))) == 0 {
			t.Errorf("%s: %s", a.article.ID, a.text)
		}
	}
}

var spoken = regexp.MustCompile(`[0-9]+|百分之[零一二三四五六七八九十]+|[一二两三四五六七八九十百]+(小时|分钟|日|天|个工作日|毫米|次及以上|种)`)

// A figure of a true answer, written whichever way, is changed for another one.
func TestWrongFiguresInOtherWordsAreBlocked(t *testing.T) {
	made, missed := 0, 0
	for _, a := range texts(t, "testdata/paraphrases.txt") {
		for _, at := range spoken.FindAllStringIndex(a.text, -1) {
			was := a.text[at[0]:at[1]]
			unit := strings.TrimLeft(was, "0123456789零一二两三四五六七八九十百分之")
			for _, figure := range []string{"七十七", "63", "九"} {
				if strings.HasPrefix(was, "百分之") {
					figure = "百分之" + figure
				}
				made++
				text := a.text[:at[0]] + figure + unit + a.text[at[1]:]
				if len(claims.CheckWording(text, by(a.article))) == 0 {
					missed++
					t.Logf("missed in %s: %s\n%s", a.article.ID, was, text)
				}
			}
		}
	}
	t.Logf("%d of %d wrong figures missed", missed, made)
	require.Greater(t, made, 250)
	require.LessOrEqual(t, float64(missed), 0.01*float64(made))
}
