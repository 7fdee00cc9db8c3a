package web

import (
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"quandesk/bot"
	"quandesk/channels"
	"quandesk/kb"
	"quandesk/server/auth"
)

// deskFrame is the frame of the knowledge's pages with the row of tabs.
type deskFrame struct {
	frame
	Tabs []navView
}

const (
	importHref   = knowledgeHome + "/import"
	importUpload = importHref + "/attachments" // the ending lets files through (limit)
)

// knowledgeTabs are the pages of the editor's desk and who may open them.
var knowledgeTabs = []struct {
	href, label string
	action      auth.Action
}{
	{knowledgeHome, "条目", auth.ReadArticles},
	{knowledgeHome + "/test", "命中测试", auth.ReadArticles},
	{knowledgeHome + "/golden", "标准问题", auth.ReadArticles},
	{knowledgeHome + "/gaps", "待补知识", auth.ReadQuestions},
	{importHref, "导入", auth.EditArticles},
}

func (s *Site) knowledgeFrame(c *fiber.Ctx, title, here string) (deskFrame, error) {
	f, err := s.frame(c, title, knowledgeHome)
	if err != nil {
		return deskFrame{}, err
	}
	v := deskFrame{frame: f}
	for _, t := range knowledgeTabs {
		if s.user(c).Can(t.action) && (t.href != importHref || s.ReadArticles != nil) {
			v.Tabs = append(v.Tabs, navView{Href: t.href, Label: t.label, Current: t.href == here})
		}
	}
	return v, nil
}

// knowledgeView is the list of articles.
type knowledgeView struct {
	deskFrame
	Query, Clause     string
	State             pick
	Unverified, Open  bool
	Waiting, Expiring bool
	CanEdit           bool
	Rows              []articleRow
	More              string
}

type articleRow struct {
	ID, Href, Title, Clause string
	State, Tone             string
	Told                    string // which version residents are told, when it is not the one on the desk
	Version                 int
	Checked, CheckedTone    string // whether it may be told
	Waiting                 bool
	Until                   string
	UntilTone               string
	Changed                 string
}

// listedStates are the states the list can be filtered by.
var listedStates = []kb.Status{kb.Draft, kb.Reviewed, kb.Published, kb.Retired}

func newArticleRows(rows []kb.Row, now time.Time) []articleRow {
	out := make([]articleRow, 0, len(rows))
	for _, r := range rows {
		v := articleRow{
			ID: r.ID, Href: articleHref(r.ID), Title: r.Title, Clause: r.Clause, State: stateWords(r.State, r.Discarded),
			Tone: statusTone(r.State), Version: r.Version, Waiting: r.Waiting > 0,
			Changed: when(r.UpdatedAt, now),
		}
		switch {
		case r.Open:
			v.Checked, v.CheckedTone = "暂无答复", "water"
		case r.Verified:
			v.Checked = "已核实"
		default:
			v.Checked, v.CheckedTone = "未核实，不答复", "amber"
		}
		switch {
		case r.Published == 0:
			v.Told = "未对外"
		case r.Told == 0 && r.ValidFrom.After(now):
			v.Told = dayOf(r.ValidFrom) + "起对外"
		case r.Told == 0:
			v.Told = "现在未对外"
		case r.Told != r.Version:
			v.Told = "现在对外第" + strconv.Itoa(r.Told) + "版"
		}
		if !r.ValidTo.IsZero() {
			v.Until = dayOf(r.ValidTo)
			switch {
			case !r.ValidTo.After(now):
				v.Until, v.UntilTone = v.Until+" 已失效", "is-late"
			case r.ValidTo.Before(now.Add(expiringWithin)):
				v.UntilTone = "is-late"
			}
		}
		out = append(out, v)
	}
	return out
}

// stateWords tells what was given up from what was taken back.
func stateWords(s kb.Status, discarded bool) string {
	if discarded {
		return "已放弃"
	}
	return named(statusNames, s)
}

// toldWords says which version residents are told now, and what of another one
// that was published.
func toldWords(e *kb.Entry, now time.Time) string {
	if len(e.Live) == 0 {
		return "未对外"
	}
	newest := e.Live[0]
	words := "现在未对外"
	if v, ok := e.Told(now); ok {
		words = "对外为第" + strconv.Itoa(v.Version) + "版"
		if v.Version == newest.Version {
			return words
		}
	}
	words += "（第" + strconv.Itoa(newest.Version) + "版"
	if newest.ValidFrom.After(now) {
		return words + dayOf(newest.ValidFrom) + "起对外）"
	}
	return words + dayOf(newest.ValidTo) + "已失效）"
}

func statusTone(s kb.Status) string {
	switch s {
	case kb.Draft:
		return "amber"
	case kb.Reviewed:
		return "water"
	case kb.Published:
		return "green"
	}
	return ""
}

// articleView is the page of one article.
type articleView struct {
	deskFrame
	ID, Href, Title string
	IsNew, CanEdit  bool
	State, Tone     string
	Version         int // on the desk
	ToldWords       string
	Revision        int64
	Why             string // what keeps the moves from going on
	Done, Problem   string
	Broken          []verdictRow
	BrokenBy        string // what would make them wrong
	Waiting         int    // the shipped version that waits
	Fields          []field
	Moves           []articleMove
	Preview         *messageView
	Untold          bool // neither verified nor open
	Open            bool
	Versions        []versionRow
	TestHref        string
}

type articleMove struct {
	Name, Label  string
	Main, Danger bool
	Note         string // label of the note it asks for, empty for none
	Of           int    // the version it is about
}

type versionRow struct {
	Number                         int
	State, Tone, Origin            string
	Written, Reviewed, PublishedBy string
	Current, Told                  bool
	Diff                           string
	CanRestore                     bool
}

func newArticleView(e *kb.Entry, versions []kb.Version, by kb.Editor, now time.Time) articleView {
	v := articleView{
		ID: e.ID, Href: articleHref(e.ID), Title: e.Head.Title, CanEdit: by.Edits, State: stateWords(e.Head.Status, e.Head.Discarded()),
		Tone: statusTone(e.Head.Status), Version: e.Head.Version, ToldWords: toldWords(e, now), Revision: e.Revision,
		Waiting: e.Waiting, Fields: articleFields(e.Head.Article), TestHref: knowledgeHome + "/test?with=" + e.ID,
	}
	moves := map[kb.Move]bool{}
	for _, m := range e.Moves(by) {
		moves[m] = true
		if f, ok := articleMoves[m]; ok {
			v.Moves = append(v.Moves, f)
		}
	}
	if moves[kb.MoveDecline] {
		v.Moves = append(v.Moves, articleMove{Name: string(kb.MoveDecline), Label: "不采用随程序更新", Of: e.Waiting})
	}
	if e.Head.Status == kb.Reviewed && by.Publishes && !moves[kb.MovePublish] {
		v.Why = "这一版由您本人编写，请另一位有发布权限的人员核对后发布。"
	}
	for i, x := range versions {
		row := newVersionRow(e, x, now)
		row.CanRestore = moves[kb.MoveRestore] && x.Version != e.Head.Version
		if i+1 < len(versions) {
			row.Diff = articleHref(e.ID) + "/diff?from=" + strconv.Itoa(versions[i+1].Version) + "&to=" + strconv.Itoa(x.Version)
		}
		v.Versions = append(v.Versions, row)
	}
	return v
}

func newVersionRow(e *kb.Entry, x kb.Version, now time.Time) versionRow {
	row := versionRow{
		Number: x.Version, State: stateWords(x.Status, x.Discarded()), Tone: statusTone(x.Status), Origin: named(originNames, x.Origin),
		Written: byWords(x.Author, x.UpdatedAt, now), Current: x.Version == e.Head.Version, Told: x.Status == kb.Published,
	}
	if x.Restores > 0 {
		row.Origin = "恢复自第" + strconv.Itoa(x.Restores) + "版"
	}
	if !x.ReviewedAt.IsZero() {
		row.Reviewed = byWords(x.Reviewer, x.ReviewedAt, now)
	}
	if !x.PublishedAt.IsZero() {
		row.PublishedBy = byWords(x.Publisher, x.PublishedAt, now)
	}
	if x.Status == kb.Published && x.ValidFrom.After(now) {
		row.State = "已发布，" + dayOf(x.ValidFrom) + "起生效"
	} else if x.Status == kb.Published && !x.InForce(now) {
		row.State, row.Tone = "已发布，"+dayOf(x.ValidTo)+"已失效", ""
	}
	return row
}

func byWords(p kb.Person, at, now time.Time) string {
	return orElse(p.Name, "系统") + " " + when(at, now)
}

// articleMoves are the moves with a button of their own, by move.
var articleMoves = map[kb.Move]articleMove{
	kb.MoveReview:  {Name: string(kb.MoveReview), Label: "复核通过", Main: true},
	kb.MovePublish: {Name: string(kb.MovePublish), Label: "发布", Main: true},
	kb.MoveReturn:  {Name: string(kb.MoveReturn), Label: "退回修改", Note: "退回原因"},
	kb.MoveDiscard: {Name: string(kb.MoveDiscard), Label: "放弃这一版"},
	kb.MoveRetire:  {Name: string(kb.MoveRetire), Label: "停用", Danger: true, Note: "停用原因"},
}

// doneWords are what a page says after a move.
var doneWords = map[kb.Move]string{
	kb.MoveSave: "草稿已保存。对外的内容没有变化。", kb.MoveReview: "已复核通过，等待另一位人员发布。", kb.MovePublish: "已发布，立即对外生效。",
	kb.MoveReturn: "已退回修改。", kb.MoveDiscard: "已放弃这一版。", kb.MoveRetire: "已停用，不再对外答复。",
	kb.MoveRestore: "已按旧版内容生成新版。", kb.MoveDecline: "已记录：不采用随程序更新的内容。",
}

// articleFields is the form of an article.
func articleFields(a kb.Article) []field {
	hinted := func(f field, value, hint string) field {
		f.Value, f.Hint, f.ID = value, hint, "article-"+f.Name
		return f
	}
	whole := func(f field) field { f.Whole = true; return f }
	date := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return dayOf(t)
	}
	ticked := func(yes bool) string {
		if yes {
			return "1"
		}
		return ""
	}
	return []field{
		whole(hinted(one("title", "标题", true), a.Title, "")),
		whole(hinted(long("short", "简短答复", true), a.Short, "一两句话说清楚，机器人先说这一段。")),
		whole(hinted(long("details", "补充说明", false), a.Details, "")),
		whole(hinted(long("next", "用户接下来怎么办", true), a.Next, "")),
		hinted(one("clause", "条款号", false), a.Clause, "如 11.2；来源为规范时必填。"),
		hinted(one("also", "相关条款", false), strings.Join(a.Also, "，"), "多个用逗号分隔。"),
		whole(hinted(one("source", "来源", true), a.Source, "")),
		whole(hinted(long("questions", "用户的问法", true), strings.Join(a.Questions, "\n"), "每行一种问法，写用户的原话。")),
		whole(hinted(long("keywords", "关键词", false), strings.Join(a.Keywords, "，"), "多个用逗号分隔。")),
		hinted(field{Name: "valid_from", Label: "生效日期", Type: "date"}, date(a.ValidFrom), "不填为一直有效；未到这一天不会引用。"),
		hinted(field{Name: "valid_to", Label: "失效日期", Type: "date"}, date(a.ValidTo), "从这一天起不再引用；不填为长期有效。"),
		hinted(field{Name: "verified", Label: "内容已核实", Type: "check"}, ticked(a.Verified), "价格、电话、地址、时限等都已查对。没有核实的条目，机器人不会说出。"),
		hinted(field{Name: "open", Label: "暂无答复", Type: "check"}, ticked(a.Open), "这一条只说明我们还不知道，并请用户找人工。不能写任何数字；用户这样问时，仍记入待补知识。"),
	}
}

// refuse gives the form back as it was filled in.
func (v *articleView) refuse(sent values, told *failure) {
	refill(v.Fields, sent)
	if !blame(v.Fields, told) {
		v.Problem = told.Problem.Message
	}
}

// answerMessage is a reply as the message it would become.
func answerMessage(r bot.Reply, now time.Time) channels.Message {
	return channels.Message{
		Author: channels.FromBot, Kind: channels.Text, AI: true, Text: r.Text, Citations: r.Citations,
		Delivery: channels.Sent, CreatedAt: now,
	}
}

// diffView compares two versions.
type diffView struct {
	deskFrame
	ID, Href, Name string
	From, To       int
	Versions       []string
	Fields         []diffField
}

type diffField struct {
	Label  string
	Pieces []diffPiece
}

type diffPiece struct{ Op, Text string }

func newDiff(list []kb.FieldDiff) []diffField {
	out := make([]diffField, 0, len(list))
	for _, f := range list {
		v := diffField{Label: named(fieldNames, f.Field)}
		for _, p := range f.Pieces {
			v.Pieces = append(v.Pieces, diffPiece{string(p.Op), named(tickedNames, p.Text)})
		}
		out = append(out, v)
	}
	return out
}

var tickedNames = map[string]string{"true": "是", "false": "否"}

var statusNames = map[kb.Status]string{
	kb.Draft: "草稿", kb.Reviewed: "已复核，待发布", kb.Published: "已发布", kb.Superseded: "已被新版取代", kb.Retired: "已停用",
}

var originNames = map[kb.Origin]string{
	kb.Shipped: "随程序提供", kb.Written: "编辑", kb.Restored: "恢复旧版", kb.FromGap: "由用户问题生成", kb.Imported: "导入",
}
