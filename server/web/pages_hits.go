package web

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"quandesk/bot"
	"quandesk/channels"
	"quandesk/kb"
)

// hitsView is the hit test: what a question finds, and the answer that would
// be sent.
type hitsView struct {
	deskFrame
	Query, With string
	Draft       string // title of the draft that is tried along
	Asked       bool
	Least       string // the score from which a hit answers
	Hits        []hitRow
	Answer      *messageView
	Does        string // what the bot would do besides
	Problem     string
	Most        int // characters of a question
}

type hitRow struct {
	ID, Href, Title, Clause, Passage string
	Score, Parts                     string
	Told                             bool
	Why                              string // what keeps it from being told
}

// hits is how many articles a hit test shows.
const hits = 8

// longestTest is how many characters a question of a hit test has at most.
const longestTest = 500

// pageHits is asked with an address, or with the form: a long question is no
// part of an address.
func (s *Site) pageHits(c *fiber.Ctx) error {
	asked := func(name string) string { return c.Query(name) }
	if unsafe(c) {
		asked = s.sent(c)
	}
	v := hitsView{Query: strings.TrimSpace(clean(asked("q"))), With: asked("with"), Least: score(kb.Answerable), Most: longestTest}
	if v.With != "" {
		e, err := s.Knowledge.Entry(c.UserContext(), v.With)
		if err != nil {
			return err
		}
		v.Draft = fmt.Sprintf("%s（第%d版）", e.Head.Title, e.Head.Version)
		if v.Query == "" && len(e.Head.Questions) > 0 {
			v.Query = e.Head.Questions[0]
		}
	}
	if n := utf8.RuneCountInString(v.Query); n > longestTest {
		v.Problem = fmt.Sprintf("问题有%d个字，最多%d个字，请缩短后再测。", n, longestTest)
		c.Status(fiber.StatusUnprocessableEntity)
	}
	if v.Query != "" && v.Problem == "" {
		t, err := s.test(c.UserContext(), v.Query, v.With)
		if err != nil {
			return err
		}
		v.Asked, v.Hits = true, newHits(t, s.Desk.Now())
		shown := thread{now: s.Desk.Now()}.view(answerMessage(t.reply, s.Desk.Now()))
		v.Answer = &shown
		if t.reply.Action != nil {
			v.Does = named(actionNames, t.reply.Action.Type)
		}
	}
	var err error
	if v.deskFrame, err = s.knowledgeFrame(c, "命中测试", knowledgeHome+"/test"); err != nil {
		return err
	}
	return s.render(c, "page-hits", v)
}

// tested is what a hit test finds out.
type tested struct {
	found []kb.Probed
	reply bot.Reply
}

// test asks what residents are told from, or with an article's id what they
// would be told if its version on the desk were published. The bot answers as
// it would in a conversation that has just begun; nothing is done.
func (s *Site) test(ctx context.Context, question, with string) (t tested, err error) {
	library := s.Knowledge.Library()
	if with != "" {
		if library, err = s.Knowledge.Trial(ctx, with); err != nil {
			return t, err
		}
	}
	if t.found, err = library.Probe(ctx, question, hits); err != nil {
		return t, err
	}
	t.reply, err = s.Trial(library).Answer(ctx, bot.First(question, s.Desk.Now()))
	return t, err
}

// tells reports whether the reply rests on an article. One that says that we do
// not know is told, and cited nowhere.
func (t tested) tells(id string) bool {
	return t.reply.ArticleID == id || slices.ContainsFunc(t.reply.Citations, func(c channels.Citation) bool { return c.ArticleID == id })
}

func newHits(t tested, now time.Time) []hitRow {
	out := make([]hitRow, 0, len(t.found))
	for _, p := range t.found {
		out = append(out, hitRow{
			ID: p.Article.ID, Href: articleHref(p.Article.ID), Title: p.Article.Title, Clause: p.Article.Clause, Passage: p.Passage,
			Score: score(p.Score), Parts: scoreParts(p.Found), Told: t.tells(p.Article.ID), Why: hitWhy(p, now),
		})
	}
	return out
}

// hitWhy says what keeps a hit from being told; empty for one that could be.
func hitWhy(p kb.Probed, now time.Time) string {
	switch {
	case !p.InForce && p.Article.ValidFrom.After(now):
		return dayOf(p.Article.ValidFrom) + "起才生效"
	case !p.InForce:
		return dayOf(p.Article.ValidTo) + "已失效"
	case !p.Enough:
		return "相似度不足"
	case !p.Article.Tellable():
		return "内容没有核实"
	}
	return ""
}

// scoreParts tells what a score was fused from; empty without vectors.
func scoreParts(f kb.Found) string {
	if f.Words == 0 && f.Meaning == 0 {
		return ""
	}
	return "字面" + score(f.Words) + " 语义" + score(f.Meaning)
}

func score(x float64) string { return fmt.Sprintf("%.2f", x) }

var actionNames = map[bot.ActionType]string{
	bot.OpenTicket: "登记工单", bot.SupplementTicket: "补充工单", bot.UrgeTicket: "催办", bot.WithdrawTicket: "撤回工单", bot.HandOff: "转人工",
	bot.BookCallback: "预约回电", bot.CancelCallback: "取消预约回电",
}
