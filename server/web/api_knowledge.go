package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"quandesk/kb"
	"quandesk/server/auth"
)

func (s *Site) knowledgeAPI(api huma.API) {
	get := func(path, summary string, statuses ...int) operation {
		return operation{method: http.MethodGet, path: path, tag: tagKnowledge, summary: summary, statuses: statuses}
	}
	post := func(path, summary string, statuses ...int) operation {
		return operation{method: http.MethodPost, path: path, tag: tagKnowledge, summary: summary, statuses: statuses}
	}
	forStaff(s, api, auth.ReadArticles, get("/knowledge/articles", "查询知识条目，最近更新在前"), s.listArticles)
	forStaff(s, api, auth.ReadArticles, get("/knowledge/test", "命中测试：问题找到哪些条目、得分多少、机器人会怎样答复", 404), s.testArticles)
	forStaff(s, api, auth.ReadArticles, get("/knowledge/golden", "标准问题；带 run=true 时逐个测试"), s.listGolden)
	forStaff(s, api, auth.ReadQuestions, get("/knowledge/gaps", "答不上来的和被点“没帮上忙”的问题，按问法归类"), s.listGaps)
	forStaff(s, api, auth.ReadArticles, get("/knowledge/articles/{id}", "条目详情：正在编写的一版和对外的版本号", 404), s.getArticle)
	forStaff(s, api, auth.ReadArticles, get("/knowledge/articles/{id}/versions", "条目的全部版本，新的在前", 404), s.listVersions)

	create := post("/knowledge/articles", "新增条目，保存为草稿", 409)
	create.status = http.StatusCreated
	forStaff(s, api, auth.EditArticles, create, s.beginArticle)
	forStaff(s, api, auth.EditArticles, post("/knowledge/articles/{id}", "保存为新的草稿，对外内容不变", 404, 409), s.saveArticle)
	forStaff(s, api, auth.PublishArticles, post("/knowledge/articles/{id}/{move}",
		"办理：review 复核、return 退回、publish 发布、retire 停用、restore 恢复旧版、discard 放弃、decline 不采用随程序更新", 404, 409), s.moveArticle)
	golden := post("/knowledge/golden", "添加标准问题", 409)
	golden.status = http.StatusCreated
	forStaff(s, api, auth.EditArticles, golden, s.addGolden)
	forStaff(s, api, auth.PublishArticles, post("/knowledge/golden/{id}/remove", "删除标准问题；由不编写知识的主管办理", 404), s.removeGolden)
	forStaff(s, api, auth.EditArticles, post("/knowledge/gaps/{id}/{move}", "待补知识：write 写成条目、retest 再测（编号 0 为全部）、dismiss 不处理", 404), s.moveGap)

	feedback := operation{method: http.MethodPost, path: "/webchat/messages/{id}/feedback", tag: tagChat,
		summary: "评价一条AI生成的答复；重复提交只记一次", statuses: []int{404}}
	forGuest(s, api, feedback, s.feedback)
}

type articleRowBody struct {
	ID        string     `json:"id"`
	Title     string     `json:"title"`
	Clause    string     `json:"clause,omitempty"`
	State     kb.Status  `json:"state" doc:"正在编写的一版的状态"`
	Version   int        `json:"version" doc:"正在编写的版本"`
	Published int        `json:"published_version,omitempty" doc:"对外的版本；没有则未对外"`
	Waiting   int        `json:"waiting_version,omitempty" doc:"等待处理的随程序更新"`
	Verified  bool       `json:"verified"`
	Open      bool       `json:"open" doc:"暂无答复"`
	ValidTo   *time.Time `json:"valid_to,omitempty"`
	UpdatedAt time.Time  `json:"updated_at"`
}

type wordsBody struct {
	Title     string   `json:"title" doc:"标题"`
	Short     string   `json:"short,omitempty" doc:"简短答复"`
	Details   string   `json:"details,omitempty" doc:"补充说明"`
	Next      string   `json:"next,omitempty" doc:"用户接下来怎么办"`
	Clause    string   `json:"clause,omitempty" doc:"条款号"`
	Also      []string `json:"also,omitempty" doc:"相关条款"`
	Source    string   `json:"source,omitempty" doc:"来源"`
	Questions []string `json:"questions,omitempty" doc:"用户的问法"`
	Keywords  []string `json:"keywords,omitempty" doc:"关键词"`
	Verified  bool     `json:"verified,omitempty" doc:"内容已核实"`
	Open      bool     `json:"open,omitempty" doc:"暂无答复：只说明还不知道，并请用户找人工；不能含有数字"`
	ValidFrom string   `json:"valid_from,omitempty" doc:"生效日期或时间"`
	ValidTo   string   `json:"valid_to,omitempty" doc:"失效日期或时间，从此刻起不再引用"`
}

func (b wordsBody) article() (kb.Article, error) {
	each := func(list []string) []string {
		out := make([]string, len(list))
		for i, x := range list {
			out[i] = clean(x)
		}
		return out
	}
	a := kb.Article{
		Title: clean(b.Title), Short: clean(b.Short), Details: clean(b.Details), Next: clean(b.Next), Clause: clean(b.Clause),
		Also: each(b.Also), Source: clean(b.Source), Questions: each(b.Questions), Keywords: each(b.Keywords), Verified: b.Verified, Open: b.Open,
	}
	var err error
	if a.ValidFrom, err = readDay("valid_from", b.ValidFrom, 0); err != nil {
		return a, err
	}
	a.ValidTo, err = readDay("valid_to", b.ValidTo, 0)
	return a, err
}

func showWords(a kb.Article) wordsBody {
	b := wordsBody{
		Title: a.Title, Short: a.Short, Details: a.Details, Next: a.Next, Clause: a.Clause, Also: a.Also,
		Source: a.Source, Questions: a.Questions, Keywords: a.Keywords, Verified: a.Verified, Open: a.Open,
	}
	if !a.ValidFrom.IsZero() {
		b.ValidFrom = iso(a.ValidFrom)
	}
	if !a.ValidTo.IsZero() {
		b.ValidTo = iso(a.ValidTo)
	}
	return b
}

type articleBody struct {
	ID        string    `json:"id"`
	Revision  int64     `json:"revision" doc:"办理时带回；已被他人更新时返回 409 和最新内容"`
	State     kb.Status `json:"state"`
	Version   int       `json:"version"`
	Published int       `json:"published_version,omitempty"`
	Waiting   int       `json:"waiting_version,omitempty"`
	Words     wordsBody `json:"content"`
	Moves     []kb.Move `json:"moves" nullable:"false" doc:"当前可办理的操作"`
}

func showArticle(e kb.Entry, by kb.Editor) *articleBody {
	b := &articleBody{
		ID: e.ID, Revision: e.Revision, State: e.Head.Status, Version: e.Head.Version, Published: e.Published(),
		Waiting: e.Waiting, Words: showWords(e.Head.Article), Moves: e.Moves(by),
	}
	if b.Moves == nil {
		b.Moves = []kb.Move{}
	}
	return b
}

// staleArticleError is kb.ErrStale with what the article looks like now.
type staleArticleError struct{ now *articleBody }

func (e *staleArticleError) Error() string { return kb.ErrStale.Error() }

func (e *staleArticleError) Unwrap() error { return kb.ErrStale }

type articleOutput struct{ Body *articleBody }

// shown answers with the article, or with the fresh one beside the error.
func (s *Site) shown(ctx context.Context, e kb.Entry, err error) (*articleOutput, error) {
	b := showArticle(e, callOf(ctx).editor())
	if errors.Is(err, kb.ErrStale) && e.Revision > 0 {
		return nil, &staleArticleError{b}
	}
	if err != nil {
		return nil, err
	}
	return &articleOutput{b}, nil
}

type articlesInput struct {
	State         string `query:"state" enum:"draft,reviewed,published,retired" doc:"状态；published 为所有对外的"`
	Clause        string `query:"clause" maxLength:"20" doc:"条款号，含其下各级"`
	Query         string `query:"q" maxLength:"100" doc:"标题、问法或内容中的词"`
	Unverified    bool   `query:"unverified" doc:"只要没有核实、不会答复的"`
	Open          bool   `query:"open" doc:"只要暂无答复的"`
	Waiting       bool   `query:"waiting" doc:"只要有随程序更新的"`
	ExpiresWithin int    `query:"expires_within" minimum:"1" maximum:"3660" doc:"只要这么多天内失效的"`
	Cursor        string `query:"cursor" maxLength:"100"`
	Limit         int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type articlesOutput struct {
	Body struct {
		Articles []articleRowBody `json:"articles" nullable:"false"`
		Next     string           `json:"next_cursor,omitempty"`
	}
}

func (s *Site) listArticles(ctx context.Context, in *articlesInput) (*articlesOutput, error) {
	f := kb.Filter{State: kb.Status(in.State), Clause: in.Clause, Query: strings.TrimSpace(in.Query), Unverified: in.Unverified, Open: in.Open,
		Waiting: in.Waiting, Cursor: in.Cursor, Limit: in.Limit}
	if in.ExpiresWithin > 0 {
		f.ExpiresBy = s.Desk.Now().AddDate(0, 0, in.ExpiresWithin)
	}
	page, err := s.Knowledge.Entries.Entries(ctx, f)
	if err != nil {
		return nil, err
	}
	out := &articlesOutput{}
	out.Body.Articles, out.Body.Next = make([]articleRowBody, len(page.Rows)), page.Next
	for i, r := range page.Rows {
		out.Body.Articles[i] = articleRowBody{
			ID: r.ID, Title: r.Title, Clause: r.Clause, State: r.State, Version: r.Version, Published: r.Published,
			Waiting: r.Waiting, Verified: r.Verified, Open: r.Open, ValidTo: moment(r.ValidTo), UpdatedAt: beijing(r.UpdatedAt),
		}
	}
	return out, nil
}

type articleInput struct {
	ID string `path:"id" maxLength:"60" doc:"条目编号"`
}

func (s *Site) getArticle(ctx context.Context, in *articleInput) (*articleOutput, error) {
	e, err := s.Knowledge.Entry(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return s.shown(ctx, e, nil)
}

type personBody struct {
	ID   int64     `json:"id,omitempty"`
	Name string    `json:"name,omitempty"`
	At   time.Time `json:"at"`
}

func showPerson(p kb.Person, at time.Time) *personBody {
	if at.IsZero() {
		return nil
	}
	return &personBody{p.ID, p.Name, beijing(at)}
}

type versionBody struct {
	Version   int         `json:"version"`
	State     kb.Status   `json:"state"`
	Origin    kb.Origin   `json:"origin"`
	Restores  int         `json:"restores,omitempty" doc:"恢复自哪一版"`
	Written   *personBody `json:"written,omitempty"`
	Reviewed  *personBody `json:"reviewed,omitempty"`
	Published *personBody `json:"published,omitempty"`
	Words     wordsBody   `json:"content"`
}

type versionsOutput struct {
	Body struct {
		Versions []versionBody `json:"versions" nullable:"false"`
	}
}

func (s *Site) listVersions(ctx context.Context, in *articleInput) (*versionsOutput, error) {
	list, err := s.Knowledge.Versions(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, kb.ErrNotFound
	}
	out := &versionsOutput{}
	for _, v := range list {
		out.Body.Versions = append(out.Body.Versions, versionBody{
			Version: v.Version, State: v.Status, Origin: v.Origin, Restores: v.Restores, Words: showWords(v.Article),
			Written: showPerson(v.Author, v.UpdatedAt), Reviewed: showPerson(v.Reviewer, v.ReviewedAt),
			Published: showPerson(v.Publisher, v.PublishedAt),
		})
	}
	return out, nil
}

type beginInput struct {
	Body struct {
		ID    string    `json:"id,omitempty" maxLength:"60" doc:"条目编号：小写字母、数字和连字符；不填自动编号"`
		Words wordsBody `json:"content"`
	}
}

func (s *Site) beginArticle(ctx context.Context, in *beginInput) (*articleOutput, error) {
	a, err := in.Body.Words.article()
	if err != nil {
		return nil, err
	}
	a.ID = in.Body.ID
	e, err := s.Knowledge.Begin(ctx, callOf(ctx).editor(), a, kb.Written)
	return s.shown(ctx, e, err)
}

type saveInput struct {
	ID   string `path:"id" maxLength:"60" doc:"条目编号"`
	Body struct {
		Revision int64     `json:"revision,omitempty" minimum:"1" doc:"看到的 revision"`
		Words    wordsBody `json:"content"`
	}
}

func (s *Site) saveArticle(ctx context.Context, in *saveInput) (*articleOutput, error) {
	a, err := in.Body.Words.article()
	if err != nil {
		return nil, err
	}
	e, err := s.Knowledge.Save(ctx, callOf(ctx).editor(), in.ID, in.Body.Revision, a, kb.Written)
	return s.shown(ctx, e, err)
}

type articleMoveInput struct {
	ID   string `path:"id" maxLength:"60" doc:"条目编号"`
	Move string `path:"move" maxLength:"20"`
	Body *struct {
		Revision int64  `json:"revision,omitempty" minimum:"1" doc:"看到的 revision"`
		Note     string `json:"note,omitempty" maxLength:"500" doc:"停用、退回的原因"`
		Version  int    `json:"version,omitempty" minimum:"1" doc:"恢复或不采用的版本"`
	}
}

func (s *Site) moveArticle(ctx context.Context, in *articleMoveInput) (*articleOutput, error) {
	step := kb.Step{Move: kb.Move(in.Move)}
	if in.Body != nil {
		step.Revision, step.Note, step.Version = in.Body.Revision, clean(in.Body.Note), in.Body.Version
	}
	e, err := s.Knowledge.Make(ctx, callOf(ctx).editor(), in.ID, step)
	return s.shown(ctx, e, err)
}
