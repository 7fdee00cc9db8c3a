package llm_test

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"testing"

	openai "github.com/sashabaranov/go-openai"
	"github.com/stretchr/testify/require"

	"quandesk/bot/llm"
	"quandesk/kb"
	"quandesk/server/watched"
)

// term is a figure that a model may have learned by heart.
var term = regexp.MustCompile(`([0-9]+)(个?工作日|小时|分钟|日|天|年|个月|毫米|次)`)

// changed is an article with every term in it made absurd.
func changed(a kb.Article) kb.Article {
	other := func(s string) string {
		return term.ReplaceAllStringFunc(s, func(t string) string {
			m := term.FindStringSubmatch(t)
			n, _ := strconv.Atoi(m[1])
			return strconv.Itoa(n*3+71) + m[2]
		})
	}
	a.Title, a.Short, a.Details, a.Next = other(a.Title), other(a.Short), other(a.Details), other(a.Next)
	return a
}

// Q10: the figures of the knowledge are told, also when they are not those
// that everybody knows; an answer by heart is not sent, one that copies is.
func TestTheKnowledgeBeatsWhatIsKnownByHeart(t *testing.T) {
	shelf := &shelf{}
	l := library(shelf)
	var before []kb.Article
	for i, a := range shelf.articles {
		if term.MatchString(a.Short) && a.Verified && len(a.Questions) > 0 {
			before = append(before, a)
		}
		shelf.articles[i] = changed(a)
	}
	require.NoError(t, l.Load(context.Background()))
	asked, byHeart, copied, followed := 0, 0, 0, 0
	var old, now kb.Article
	rote := true
	script := labelled(asks, func(a *answer, req openai.ChatCompletionRequest, _ int) {
		text, body := now.Short, req.Messages[1].Content
		if rote {
			text = old.Short
		}
		n := 0 // the number under which the article was offered
		for i := range 3 {
			if from := strings.Index(body, "知识条目 ["+strconv.Itoa(i+1)+"]"); from >= 0 && strings.Contains(body[from:], now.Title+"：") {
				n = i + 1
			}
		}
		a.say(strings.ReplaceAll(text, "。", "["+strconv.Itoa(max(n, 1))+"]。"))
	})
	play(t, script, func(t *testing.T, s *stage) {
		for _, old = range before {
			now = changed(old)
			for _, q := range old.Questions[:min(6, len(old.Questions))] {
				if watched.ByRace() && asked > 6 {
					return
				}
				base := s.fromRules(t, s.turn(q))
				if base.ArticleID != old.ID || base.Asked == "" {
					continue
				}
				asked++
				for _, rote = range []bool{true, false} {
					r, _ := s.answer(t, s.turn(q))
					seen := strings.Join(append(s.drafts, r.Text), "\n")
					for _, figure := range term.FindAllString(old.Short, -1) {
						if !regexp.MustCompile(`(^|[^0-9])` + figure).MatchString(now.Short + now.Details + now.Next) {
							require.NotRegexp(t, `(^|[^0-9])`+figure, seen, q)
						}
					}
					if !rote && r.Origin != "" {
						copied++
					}
					if strings.Contains(r.Text, term.FindString(now.Short)) {
						followed++
					}
					if rote && r.Origin != "" {
						byHeart++
					}
				}
				require.Contains(t, base.Text, term.FindString(now.Short), q)
			}
		}
	}, func(o *llm.Options) {
		o.Knowledge = l
		o.Limits = llm.Limits{Hourly: 1 << 20, Daily: 1 << 20, Failures: 1 << 20}
	})
	t.Logf("%d questions; %d answers by heart sent, %d copies sent, %d of %d follow the knowledge", asked, byHeart, copied, followed, 2*asked)
	if watched.ByRace() {
		return
	}
	require.GreaterOrEqual(t, asked, 60)
	require.Zero(t, byHeart)
	require.Equal(t, 2*asked, followed)
	require.GreaterOrEqual(t, copied, asked*9/10)
}

// A model marks its source where it is asked to, at the end of the sentence;
// the part before a semicolon waits for it.
func TestAPartBeforeASemicolonWaitsForItsMark(t *testing.T) {
	play(t, says("漏水请在这里留下准确位置和电话；接到漏水消息后，专业抢修人员30分钟内到现场[1]。"), func(t *testing.T, s *stage) {
		r, _ := s.answer(t, s.turn(leak))
		require.NotEmpty(t, r.Origin)
		for _, d := range s.drafts[1:] {
			require.Contains(t, d, "30分钟", "no part without its proof")
		}
	})
}
