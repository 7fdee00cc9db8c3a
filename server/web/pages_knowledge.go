package web

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"quandesk/bot"
	"quandesk/kb"
	"quandesk/server/auth"
)

// Feedback keeps what residents think of generated messages.
type Feedback interface {
	// Downvote remembers that a message was of no use; twice is once.
	// channels.ErrNotFound when it is no generated message of the conversation.
	Downvote(ctx context.Context, conversationID, messageID int64) error
	// Downvotes are the messages of a conversation that were of no use.
	Downvotes(ctx context.Context, conversationID int64) (map[int64]bool, error)
}

const knowledgeHome = "/desk/knowledge"

func (s *Site) knowledgePages(app fiber.Router) {
	read, edit := s.requireUser(auth.ReadArticles), s.requireUser(auth.EditArticles)
	move, gaps := s.requireUser(auth.PublishArticles), s.requireUser(auth.ReadQuestions)
	app.Get("/desk/knowledge", read, s.pageKnowledge)
	app.Get("/desk/knowledge/new", edit, s.pageNewArticle)
	app.Post("/desk/knowledge/new", edit, s.formNewArticle)
	app.Get("/desk/knowledge/test", read, s.pageHits)
	app.Post("/desk/knowledge/test", read, s.pageHits)
	app.Get("/desk/knowledge/golden", read, s.pageGolden)
	app.Post("/desk/knowledge/golden", edit, s.formGolden)
	app.Post("/desk/knowledge/golden/:id<int>/remove", move, s.formGoldenRemove)
	app.Get("/desk/knowledge/gaps", gaps, s.pageGaps)
	app.Post("/desk/knowledge/gaps/:id<int>/:move", edit, s.formGap)
	app.Get(importHref, edit, s.pageImport)
	app.Post(importUpload, edit, s.formImport)
	app.Get("/desk/knowledge/articles/:id", read, s.pageArticle)
	app.Post("/desk/knowledge/articles/:id", edit, s.formArticle)
	app.Get("/desk/knowledge/articles/:id/diff", read, s.pageDiff)
	app.Post("/desk/knowledge/articles/:id/moves/:move", move, s.formArticleMove)
}

// editor is who is signed in, as the knowledge knows them.
func (c *call) editor() kb.Editor {
	return kb.Editor{
		Person: kb.Person{ID: c.user.ID, Name: c.user.Name},
		Edits:  c.user.Can(auth.EditArticles), Publishes: c.user.Can(auth.PublishArticles), IP: c.ip, RequestID: c.id,
	}
}

// editor is who is signed in.
func (s *Site) editor(c *fiber.Ctx) kb.Editor { return callOf(c.UserContext()).editor() }

// expiringWithin is how long before its end an article is shown as expiring.
const expiringWithin = 30 * 24 * time.Hour

var articleKeys = []string{"state", "clause", "q", "unverified", "open", "waiting", "expiring"}

func (s *Site) pageKnowledge(c *fiber.Ctx) error {
	f := kb.Filter{
		State: kb.Status(c.Query("state")), Clause: clean(c.Query("clause")), Query: strings.TrimSpace(clean(c.Query("q"))),
		Unverified: c.Query("unverified") != "", Open: c.Query("open") != "", Waiting: c.Query("waiting") != "", Cursor: c.Query("cursor"),
	}
	if c.Query("expiring") != "" {
		f.ExpiresBy = s.Desk.Now().Add(expiringWithin)
	}
	page, err := s.Knowledge.Entries.Entries(c.UserContext(), f)
	if err != nil {
		return err
	}
	v := knowledgeView{
		Query: f.Query, Clause: f.Clause, Unverified: f.Unverified, Open: f.Open, Waiting: f.Waiting, Expiring: !f.ExpiresBy.IsZero(),
		State:   pick{"state", "状态", optionsOf(listedStates, statusNames, f.State)},
		CanEdit: s.user(c).Can(auth.EditArticles), Rows: newArticleRows(page.Rows, s.Desk.Now()),
	}
	if page.Next != "" {
		q := chosen(c, articleKeys...)
		q.Set("cursor", page.Next)
		v.More = knowledgeHome + "?" + q.Encode()
	}
	if fragment(c) {
		return s.render(c, "article-rows", v)
	}
	if v.deskFrame, err = s.knowledgeFrame(c, "知识", knowledgeHome); err != nil {
		return err
	}
	return s.render(c, "page-knowledge", v)
}

func (s *Site) pageNewArticle(c *fiber.Ctx) error {
	v := articleView{IsNew: true, CanEdit: true, Fields: articleFields(kb.Article{Source: kb.Standard})}
	return s.renderArticle(c, v, 0)
}

func (s *Site) formNewArticle(c *fiber.Ctx) error {
	sent := s.sent(c)
	a, err := articleFrom(sent)
	if err == nil {
		a.ID = sent.text("id")
		var e kb.Entry
		if e, err = s.Knowledge.Begin(c.UserContext(), s.editor(c), a, kb.Written); err == nil {
			return c.Redirect(articleHref(e.ID)+"?done=save", fiber.StatusSeeOther)
		}
	}
	told := s.failure(c.UserContext(), err)
	if told.status != fiber.StatusUnprocessableEntity && told.status != fiber.StatusConflict {
		return err
	}
	v := articleView{IsNew: true, CanEdit: true, Fields: articleFields(kb.Article{})}
	v.refuse(sent, told)
	return s.renderArticle(c, v, told.status)
}

func (s *Site) pageArticle(c *fiber.Ctx) error {
	v, err := s.articleView(c)
	if err != nil {
		return err
	}
	v.Done = doneWords[kb.Move(c.Query("done"))]
	return s.renderArticle(c, v, 0)
}

// articleView is everything about one article.
func (s *Site) articleView(c *fiber.Ctx) (articleView, error) {
	e, err := s.Knowledge.Entry(c.UserContext(), c.Params("id"))
	if err != nil {
		return articleView{}, err
	}
	versions, err := s.Knowledge.Versions(c.UserContext(), e.ID)
	if err != nil {
		return articleView{}, err
	}
	v := newArticleView(&e, versions, s.editor(c), s.Desk.Now())
	preview := thread{now: s.Desk.Now()}.view(answerMessage(bot.Preview(e.Head.Article), s.Desk.Now()))
	v.Preview = &preview
	v.Untold = !e.Head.Tellable()
	v.Open = e.Head.Open
	return v, nil
}

func (s *Site) renderArticle(c *fiber.Ctx, v articleView, status int) error {
	v.Title = orElse(v.Title, "新增条目")
	var err error
	if v.deskFrame, err = s.knowledgeFrame(c, v.Title, knowledgeHome); err != nil {
		return err
	}
	if status != 0 {
		c.Status(status)
	}
	return s.render(c, "page-article", v)
}

// formArticle saves the words of the form as the next draft. Somebody who was
// faster is named, and what was typed stays.
func (s *Site) formArticle(c *fiber.Ctx) error {
	sent := s.sent(c)
	a, err := articleFrom(sent)
	if err == nil {
		_, err = s.Knowledge.Save(c.UserContext(), s.editor(c), c.Params("id"), sent.number("version"), a, kb.Written)
	}
	if err == nil {
		return c.Redirect(articleHref(c.Params("id"))+"?done=save", fiber.StatusSeeOther)
	}
	return s.articleRefused(c, err, sent)
}

// articleRefused shows the article as it is now and says what is wrong. With
// a form, what was typed stays in it.
func (s *Site) articleRefused(c *fiber.Ctx, why error, sent values) error {
	told := s.failure(c.UserContext(), why)
	if told.status != fiber.StatusUnprocessableEntity && told.status != fiber.StatusConflict {
		return why
	}
	v, err := s.articleView(c)
	if err != nil {
		return err
	}
	if sent == nil {
		v.Problem = told.Problem.Message
	} else {
		v.refuse(sent, told)
	}
	var gate *kb.GateError
	if errors.As(why, &gate) {
		v.Broken, v.BrokenBy = newVerdicts(gate.Broken, s.titles(c.UserContext())), brokenBy(gate)
	}
	return s.renderArticle(c, v, told.status)
}

// formArticleMove makes one move.
func (s *Site) formArticleMove(c *fiber.Ctx) error {
	sent, m := s.sent(c), kb.Move(c.Params("move"))
	_, err := s.Knowledge.Make(c.UserContext(), s.editor(c), c.Params("id"), kb.Step{
		Move: m, Revision: sent.number("version"), Note: sent.text("note"), Version: int(sent.number("of")),
	})
	if err != nil {
		return s.articleRefused(c, err, nil)
	}
	return c.Redirect(articleHref(c.Params("id"))+"?done="+url.QueryEscape(string(m)), fiber.StatusSeeOther)
}

func (s *Site) pageDiff(c *fiber.Ctx) error {
	versions, err := s.Knowledge.Versions(c.UserContext(), c.Params("id"))
	if err != nil {
		return err
	}
	from, to := versionOf(versions, c.QueryInt("from")), versionOf(versions, c.QueryInt("to"))
	if from == nil || to == nil {
		return kb.ErrNotFound
	}
	v := diffView{ID: c.Params("id"), Href: articleHref(c.Params("id")), Name: to.Title, From: from.Version, To: to.Version,
		Fields: newDiff(kb.Compare(from.Article, to.Article))}
	for _, x := range versions {
		v.Versions = append(v.Versions, strconv.Itoa(x.Version))
	}
	if v.deskFrame, err = s.knowledgeFrame(c, "版本对比", knowledgeHome); err != nil {
		return err
	}
	return s.render(c, "page-diff", v)
}

func versionOf(list []kb.Version, n int) *kb.Version {
	for i := range list {
		if list[i].Version == n {
			return &list[i]
		}
	}
	return nil
}

// articleFrom reads the form. A date that is none is refused; a moment is the
// beginning of its day in Jinan.
func articleFrom(v values) (kb.Article, error) {
	a := kb.Article{
		Title: v.text("title"), Short: v.text("short"), Details: v.text("details"), Next: v.text("next"),
		Clause: v.text("clause"), Also: splitList(v.text("also")), Source: v.text("source"),
		Questions: strings.Split(v.text("questions"), "\n"), Keywords: splitList(v.text("keywords")), Verified: v("verified") != "", Open: v("open") != "",
	}
	var err error
	if a.ValidFrom, err = readDay("valid_from", v("valid_from"), 0); err != nil {
		return a, err
	}
	a.ValidTo, err = readDay("valid_to", v("valid_to"), 0)
	return a, err
}

// splitList reads what is separated by commas, blanks or lines.
func splitList(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",，、;； \t\r\n", r) })
}

func articleHref(id string) string { return knowledgeHome + "/articles/" + url.PathEscape(id) }

// formFeedback takes a resident's 没帮上忙.
func (s *Site) formFeedback(c *fiber.Ctx) error {
	v, err := s.visitor(c)
	if err != nil {
		return err
	}
	if err := s.Feedback.Downvote(c.UserContext(), v.ConversationID, number(c, "id")); err != nil {
		return err
	}
	if !fragment(c) {
		return c.Redirect("/", fiber.StatusSeeOther)
	}
	return s.render(c, "vote", messageView{ID: number(c, "id"), Voted: true})
}
