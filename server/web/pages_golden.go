package web

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/gofiber/fiber/v2"

	"quandesk/kb"
)

// goldenView is the golden questions: what must not be lost by publishing.
type goldenView struct {
	deskFrame
	CanEdit       bool
	CanRemove     bool
	Ran           bool
	Sum, Problem  string
	Failed        bool // some of them
	Rows          []verdictRow
	Question, For string
	Choices       []option // articles that may be asked for
}

type verdictRow struct {
	ID            int64
	Question      string
	Wanted, Got   string
	WantedHref    string
	GotHref       string
	Ran, Passed   bool
	Origin, Score string
}

const noAnswer = "（应答复“没有查到”）"

func (s *Site) pageGolden(c *fiber.Ctx) error {
	return s.showGolden(c, goldenView{Ran: c.Query("run") != ""}, 0)
}

func (s *Site) showGolden(c *fiber.Ctx, v goldenView, status int) error {
	by := s.editor(c)
	v.CanEdit, v.CanRemove = by.Edits, by.Publishes && !by.Edits
	title := s.titles(c.UserContext())
	if v.Ran {
		all, err := s.Knowledge.JudgeAll(c.UserContext())
		if err != nil {
			return err
		}
		failed := kb.Failed(all)
		v.Failed, v.Sum = len(failed) > 0, fmt.Sprintf("共%d个，%d个答错。", len(all), len(failed))
		for _, x := range all {
			if x.Passed() { // the wrong ones first
				failed = append(failed, x)
			}
		}
		v.Rows = newVerdicts(failed, title)
	} else {
		all, err := s.Knowledge.Goldens(c.UserContext())
		if err != nil {
			return err
		}
		v.Sum = fmt.Sprintf("共%d个。", len(all))
		for _, g := range all {
			v.Rows = append(v.Rows, newGolden(g, title))
		}
	}
	var err error
	if v.deskFrame, err = s.knowledgeFrame(c, "标准问题", knowledgeHome+"/golden"); err != nil {
		return err
	}
	if v.CanEdit {
		if v.Choices, err = s.articleChoices(c.UserContext(), v.For); err != nil {
			return err
		}
	}
	if status != 0 {
		c.Status(status)
	}
	return s.render(c, "page-golden", v)
}

// articleChoices are the articles on the desk by their titles; no article is
// the first.
func (s *Site) articleChoices(ctx context.Context, chosen string) ([]option, error) {
	var out []option
	for f := (kb.Filter{Limit: 200}); ; {
		page, err := s.Knowledge.Entries.Entries(ctx, f)
		if err != nil {
			return nil, err
		}
		for _, r := range page.Rows {
			if r.State != kb.Retired {
				out = append(out, option{Value: r.ID, Label: r.Title + "（" + r.ID + "）", Chosen: r.ID == chosen})
			}
		}
		if f.Cursor = page.Next; f.Cursor == "" {
			break
		}
	}
	slices.SortFunc(out, func(a, b option) int { return cmp.Compare(a.Label, b.Label) })
	return append([]option{{Label: noAnswer, Chosen: chosen == ""}}, out...), nil
}

// titles finds the title of an article: what residents are told, or else what
// editors work at.
func (s *Site) titles(ctx context.Context) func(id string) string {
	return func(id string) string {
		if a, ok := s.Knowledge.Library().Article(id); ok {
			return a.Title
		}
		if e, err := s.Knowledge.Entry(ctx, id); err == nil {
			return e.Head.Title
		}
		return id
	}
}

// brokenBy names what would make golden questions wrong.
func brokenBy(e *kb.GateError) string {
	words := "发布"
	if e.Move == kb.MoveRetire {
		words = "停用"
	}
	if !e.From.IsZero() {
		return words + "后，从" + dayOf(e.From) + "起会答错的标准问题"
	}
	return words + "后会答错的标准问题"
}

func newGolden(g kb.Golden, title func(string) string) verdictRow {
	row := verdictRow{ID: g.ID, Question: g.Question, Wanted: noAnswer, Origin: orElse(g.Author.Name, "随程序提供")}
	if g.ArticleID != "" {
		row.Wanted, row.WantedHref = g.ArticleID, articleHref(g.ArticleID)
		if title != nil {
			row.Wanted = title(g.ArticleID)
		}
	}
	return row
}

func newVerdicts(list []kb.Verdict, title func(string) string) []verdictRow {
	var out []verdictRow
	for _, x := range list {
		row := newGolden(x.Golden, title)
		row.Ran, row.Passed, row.Got = true, x.Passed(), "没有答案"
		if x.Got != "" {
			row.Got, row.GotHref, row.Score = x.Title, articleHref(x.Got), score(x.Score)
		}
		out = append(out, row)
	}
	return out
}

// formGolden adds a question.
func (s *Site) formGolden(c *fiber.Ctx) error {
	sent := s.sent(c)
	_, err := s.Knowledge.AddGolden(c.UserContext(), s.editor(c), sent.text("question"), sent.text("article_id"))
	if err == nil {
		return c.Redirect(knowledgeHome+"/golden", fiber.StatusSeeOther)
	}
	told := s.failure(c.UserContext(), err)
	if told.status != fiber.StatusUnprocessableEntity && told.status != fiber.StatusConflict {
		return err
	}
	return s.showGolden(c, goldenView{Problem: told.Problem.Message, Question: sent.text("question"), For: sent.text("article_id")}, told.status)
}

func (s *Site) formGoldenRemove(c *fiber.Ctx) error {
	if err := s.Knowledge.RemoveGolden(c.UserContext(), s.editor(c), number(c, "id")); err != nil {
		return err
	}
	return c.Redirect(knowledgeHome+"/golden", fiber.StatusSeeOther)
}
