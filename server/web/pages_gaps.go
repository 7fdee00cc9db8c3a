package web

import (
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"quandesk/kb"
)

// gapsView is the questions without a good answer, the commonest first.
type gapsView struct {
	deskFrame
	State   pick
	Open    bool
	CanEdit bool
	Done    string
	Rows    []gapRow
}

type gapRow struct {
	Key              int64
	Text             string // the newest wording
	Others           []string
	Count            int
	Unanswered, Down int
	Newest           string
	Cited            string // article a bad answer came from
	CitedHref        string
	Draft            string // the article begun with it
}

// shownWordings are the wordings shown of a group, and shownGaps the groups.
const (
	shownWordings = 6
	shownGaps     = 100
)

var gapStates = []kb.QuestionState{kb.Open, kb.Covered, kb.Dismissed}

var gapStateNames = map[kb.QuestionState]string{kb.Open: "待补", kb.Covered: "已能答复", kb.Dismissed: "不处理"}

func (s *Site) pageGaps(c *fiber.Ctx) error {
	state := kb.QuestionState(c.Query("state"))
	if _, ok := gapStateNames[state]; !ok {
		state = kb.Open
	}
	groups, err := s.Knowledge.Gaps(c.UserContext(), state)
	if err != nil {
		return err
	}
	v := gapsView{
		State: pick{"state", "状态", optionsOf(gapStates, gapStateNames, state)}, Open: state == kb.Open,
		CanEdit: s.editor(c).Edits, Rows: newGaps(groups, s.Desk.Now()),
	}
	if asked := c.QueryInt("asked", -1); asked >= 0 {
		v.Done = fmt.Sprintf("已再测%d个问题，其中%d个现在能答复。", asked, c.QueryInt("covered"))
	}
	if v.deskFrame, err = s.knowledgeFrame(c, "待补知识", knowledgeHome+"/gaps"); err != nil {
		return err
	}
	return s.render(c, "page-gaps", v)
}

func newGaps(groups []kb.Group, now time.Time) []gapRow {
	var out []gapRow
	for _, g := range groups[:min(len(groups), shownGaps)] {
		wordings := g.Wordings(shownWordings)
		row := gapRow{Key: g.Key(), Text: "（没有文字）", Count: len(g.Questions), Unanswered: g.Unanswered, Down: g.Down, Newest: when(g.Newest().AskedAt, now)}
		if len(wordings) > 0 {
			row.Text, row.Others = wordings[0], wordings[1:]
		}
		for _, q := range g.Questions {
			if q.DraftID != "" && row.Draft == "" {
				row.Draft = articleHref(q.DraftID)
			}
			if q.ArticleID != "" && row.Cited == "" {
				row.Cited, row.CitedHref = q.ArticleID, articleHref(q.ArticleID)
			}
		}
		out = append(out, row)
	}
	return out
}

// formGap does something with a group: 写成条目, 再测, 不处理. Group 0 is all of
// them, for 再测.
func (s *Site) formGap(c *fiber.Ctx) error {
	ctx, by, key := c.UserContext(), s.editor(c), number(c, "id")
	switch c.Params("move") {
	case "write":
		e, err := s.Knowledge.WriteUp(ctx, by, key)
		if err != nil {
			return err
		}
		return c.Redirect(articleHref(e.ID), fiber.StatusSeeOther)
	case "retest":
		asked, covered, err := s.Knowledge.Retest(ctx, by, key)
		if err != nil {
			return err
		}
		return c.Redirect(fmt.Sprintf("%s/gaps?asked=%d&covered=%d", knowledgeHome, asked, covered), fiber.StatusSeeOther)
	case "dismiss":
		if err := s.Knowledge.Dismiss(ctx, by, key); err != nil {
			return err
		}
		return c.Redirect(knowledgeHome+"/gaps", fiber.StatusSeeOther)
	}
	return kb.ErrNotFound
}
