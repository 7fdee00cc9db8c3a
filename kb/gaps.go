package kb

import (
	"context"
	"errors"
	"fmt"
	"strconv"
)

// mostQuestions grouped at once: the newest of them.
const mostGrouped = 1000

// Gaps are the questions in a state, grouped by likeness.
func (d *Desk) Gaps(ctx context.Context, state QuestionState) ([]Group, error) {
	list, err := d.questions.Questions(ctx, state, mostGrouped)
	if err != nil {
		return nil, fmt.Errorf("read questions: %w", err)
	}
	return GroupLike(list)
}

// Gap is the group of open questions that has this key or holds the question
// of this id.
func (d *Desk) Gap(ctx context.Context, key int64) (Group, error) {
	groups, err := d.Gaps(ctx, Open)
	if err != nil {
		return Group{}, err
	}
	for _, g := range groups {
		for _, q := range g.Questions {
			if q.ID == key {
				return g, nil
			}
		}
	}
	return Group{}, ErrNotFound
}

// WriteUp makes a draft article of a gap, with what people asked as its
// wordings; a gap that has one already gives that one.
func (d *Desk) WriteUp(ctx context.Context, by Editor, key int64) (Entry, error) {
	g, err := d.Gap(ctx, key)
	if err != nil {
		return Entry{}, err
	}
	for _, q := range g.Questions {
		if q.DraftID == "" {
			continue
		}
		return d.Entry(ctx, q.DraftID)
	}
	wordings := g.Wordings(20)
	title := []rune(wordings[0])
	a := Article{
		ID: "gap-" + strconv.FormatInt(g.Key(), 10), Title: string(title[:min(len(title), longestTitle)]), Questions: wordings,
	}
	e, err := d.Begin(ctx, by, a, FromGap)
	if errors.Is(err, ErrTaken) { // two editors at once, or questions that came later
		e, err = d.Entry(ctx, a.ID)
	}
	if err != nil {
		return e, err
	}
	return e, d.questions.SettleQuestions(ctx, g.ids(), Open, e.ID, by)
}

// Dismiss puts a gap aside.
func (d *Desk) Dismiss(ctx context.Context, by Editor, key int64) error {
	if !by.Edits {
		return ErrForbidden
	}
	g, err := d.Gap(ctx, key)
	if err != nil {
		return err
	}
	return d.questions.SettleQuestions(ctx, g.ids(), Dismissed, "", by)
}

func (g Group) ids() []int64 {
	out := make([]int64, len(g.Questions))
	for i, q := range g.Questions {
		out[i] = q.ID
	}
	return out
}

// Retest asks the knowledge the questions of a gap again, all open ones with
// key 0, and marks those it answers now. It reports how many were asked and
// how many are covered.
func (d *Desk) Retest(ctx context.Context, by Editor, key int64) (asked, covered int, err error) {
	if !by.Edits {
		return 0, 0, ErrForbidden
	}
	if key == 0 {
		list, err := d.questions.Questions(ctx, Open, mostGrouped)
		if err != nil {
			return 0, 0, err
		}
		covered, err = d.retest(ctx, by, list)
		return len(list), covered, err
	}
	g, err := d.Gap(ctx, key)
	if err != nil {
		return 0, 0, err
	}
	covered, err = d.retest(ctx, by, g.Questions)
	return len(g.Questions), covered, err
}

// retestDrafted asks the questions again that an article was begun with.
func (d *Desk) retestDrafted(ctx context.Context, by Editor, id string) error {
	list, err := d.questions.Questions(ctx, Open, mostGrouped)
	if err != nil {
		return err
	}
	var mine []Question
	for _, q := range list {
		if q.DraftID == id {
			mine = append(mine, q)
		}
	}
	_, err = d.retest(ctx, by, mine)
	return err
}

// retest marks what is answered now. A bad answer covers nothing: of a
// question with a down-vote another article, or another version, has to come.
func (d *Desk) retest(ctx context.Context, by Editor, list []Question) (int, error) {
	var answered []int64
	for _, q := range list {
		found, ok, err := d.tools.Tell(ctx, d.library, q.Text)
		if err != nil {
			return 0, err
		}
		if ok && (found.Article.ID != q.ArticleID || found.Article.Version != q.Version) {
			answered = append(answered, q.ID)
		}
	}
	if len(answered) == 0 {
		return 0, nil
	}
	return len(answered), d.questions.SettleQuestions(ctx, answered, Covered, "", by)
}
