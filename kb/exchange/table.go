package exchange

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"quandesk/kb"
)

// column is one field of an article in a table: its label is what exports
// write, the others are what people call it.
type column struct {
	field, label string
	others       string // separated by spaces, in lower case
}

// content is the field of a text that is not yet told apart into the answer
// and what else is worth knowing.
const content = "content"

var columns = []column{
	{"id", "编号", "id 条目编号 知识编号"},
	{"title", "标题", "title 名称 条目 条目名称 知识标题 主题"},
	{"short", "简短答复", "short 简短回答 简答 答复 回复"},
	{"details", "补充说明", "details 详细说明 说明 备注 详情"},
	{"next", "用户接下来怎么办", "next 下一步 怎么办 办理指引"},
	{"clause", "条款号", "clause 条款 条号 章条号"},
	{"also", "相关条款", "also 其他条款"},
	{"source", "来源", "source 依据 出处 文件名称"},
	{"questions", "用户的问法", "questions question 问法 问题 提问 常见问题 问 相似问 相似问法"},
	{"keywords", "关键词", "keywords 关键字 标签"},
	{"verified", "已核实", "verified 核实 内容已核实"},
	{"open", "暂无答复", "open 没有答案"},
	{"valid_from", "生效日期", "valid_from 生效时间 开始日期"},
	{"valid_to", "失效日期", "valid_to 失效时间 截止日期 结束日期"},
	{"status", "状态", "status"},
	{content, "正文", "content answer 内容 答案 回答 答"},
}

func labelOf(field string) string {
	for _, c := range columns {
		if c.field == field {
			return c.label
		}
	}
	return field
}

// fieldOf is the field that a column of this name holds, empty for none.
func fieldOf(name string) string {
	name = strings.ToLower(strings.Trim(name, " \t\n　:：*＊\ufeff"))
	for _, c := range columns {
		if name != "" && (name == c.label || slices.Contains(strings.Fields(c.others), name)) {
			return c.field
		}
	}
	return ""
}

// header is which field each column of a table holds.
type header []string

// newHeader reads the row of names; it is none without a title or a question.
func newHeader(cells []string) (header, bool) {
	h := make(header, min(len(cells), mostCols))
	named, key := 0, false
	for i := range h {
		f := fieldOf(cells[i])
		if f == "" || slices.Contains(h[:i], f) {
			continue
		}
		h[i] = f
		named++
		key = key || f == "title" || f == "questions"
	}
	return h, key && named >= 2
}

// unknown notes the columns that mean nothing here.
func (h header) unknown(p *Preview, where string, cells []string) {
	for i, name := range cells {
		if strings.TrimSpace(name) != "" && (i >= len(h) || h[i] == "") {
			p.note("%s的“%s”一列没有导入，不认识这个列名或者重复了。", where, shorten(strings.TrimSpace(name)))
		}
	}
}

// row makes one line of a table an article.
func (h header) row(where string, cells []string) Row {
	r := Row{Where: where}
	for i, f := range h {
		if f != "" && i < len(cells) {
			r.set(f, cells[i])
		}
	}
	if a := &r.Article; a.Title == "" && len(a.Questions) > 0 {
		a.Title = a.Questions[0] // a list of questions and answers has no titles
	}
	return r
}

// empty reports whether nothing is written in a line of a table.
func empty(cells []string) bool {
	return !slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) != "" })
}

func texts(a *kb.Article) map[string]*string {
	return map[string]*string{"id": &a.ID, "title": &a.Title, "short": &a.Short, "details": &a.Details,
		"next": &a.Next, "clause": &a.Clause, "source": &a.Source}
}

func lists(a *kb.Article) map[string]*[]string {
	return map[string]*[]string{"also": &a.Also, "questions": &a.Questions, "keywords": &a.Keywords}
}

// oneLine are the texts that go on one line.
var oneLine = []string{"id", "title", "clause", "source"}

// set fills one field from the text of a cell.
func (r *Row) set(field, text string) {
	a := &r.Article
	text = strings.TrimSpace(text)
	if p, ok := texts(a)[field]; ok {
		if slices.Contains(oneLine, field) {
			text = flat(text)
		}
		*p = text
		return
	}
	if p, ok := lists(a)[field]; ok {
		*p = split(field, text)
		return
	}
	switch field {
	case content:
		fill(r, text)
	case "verified":
		a.Verified = r.yes(field, text)
	case "open":
		a.Open = r.yes(field, text)
	case "valid_from":
		a.ValidFrom = r.day(field, text)
	case "valid_to":
		a.ValidTo = r.day(field, text)
	case "status":
		status, ok := statuses[text]
		if !ok {
			r.problem("“状态”是“%s”，应填 草稿、已复核、已发布、已被新版取代 或 已停用；不填也行。", shorten(text))
		}
		a.Status = status
	}
}

// yes reads a cell that is ticked or not.
func (r *Row) yes(field, text string) bool {
	yes, ok := truths[strings.ToLower(text)]
	if !ok {
		r.problem("“%s”是“%s”，应填 是 或 否。", labelOf(field), shorten(text))
	}
	return yes
}

func tick(yes bool) string {
	if yes {
		return "是"
	}
	return "否"
}

var truths = map[string]bool{"是": true, "对": true, "√": true, "✓": true, "1": true, "y": true, "yes": true, "true": true,
	"已核实": true, "暂无答复": true, "": false, "否": false, "×": false, "0": false, "n": false, "no": false, "false": false, "未核实": false}

var statusNames = map[kb.Status]string{kb.Draft: "草稿", kb.Reviewed: "已复核", kb.Published: "已发布",
	kb.Superseded: "已被新版取代", kb.Retired: "已停用"}

var statuses = func() map[string]kb.Status {
	out := map[string]kb.Status{"": ""}
	for s, name := range statusNames {
		out[name], out[string(s)] = s, s
	}
	return out
}()

// separators stand between wordings in one line of a cell. Clauses and
// keywords are short and may also have commas between them.
var separators = map[string]string{"questions": "；;", "keywords": "；;，,、", "also": "；;，,、 "}

// split takes the list in a cell apart: one wording a line, or several with
// separators when there is only one line.
func split(field, text string) []string {
	parts := strings.Split(text, "\n")
	if len(parts) == 1 {
		parts = strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(separators[field], r) })
	}
	var out []string
	for _, part := range parts {
		if part = strings.TrimSpace(part); part != "" && part != lone {
			out = append(out, part)
		}
	}
	return out
}

// lone stands on a second line after a single wording that has a separator in
// it, so that it is not taken apart.
const lone = "—"

// join writes a list so that split gives the same.
func join(field string, list []string) string {
	if len(list) == 1 && strings.ContainsAny(list[0], separators[field]) {
		return list[0] + "\n" + lone
	}
	return strings.Join(list, "\n")
}

// beijing is the time of the days in a file.
var beijing = time.FixedZone("CST", 8*60*60)

var dayForms = []string{time.DateOnly, "2006/1/2", "2006.1.2", "2006年1月2日", "2006-1-2", "20060102",
	"2006-01-02 15:04", "2006/1/2 15:04", "2006-01-02 15:04:05", "2006/1/2 15:04:05", time.RFC3339Nano}

func (r *Row) day(field, text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	for _, form := range dayForms {
		if t, err := time.ParseInLocation(form, text, beijing); err == nil {
			return t
		}
	}
	r.problem("“%s”是“%s”，不是日期，应像 2026-01-31 这样写。", labelOf(field), shorten(text))
	return time.Time{}
}

// dayText writes a day so that it reads back the same.
func dayText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	local := t.In(beijing)
	if y, m, d := local.Date(); local.Equal(time.Date(y, m, d, 0, 0, 0, 0, beijing)) {
		return local.Format(time.DateOnly)
	}
	return local.Format(time.RFC3339Nano)
}

// value is what a field is written as.
func value(a kb.Article, field string) string {
	if p, ok := texts(&a)[field]; ok {
		return *p
	}
	if p, ok := lists(&a)[field]; ok {
		return join(field, *p)
	}
	switch field {
	case "verified":
		return tick(a.Verified)
	case "open":
		return tick(a.Open)
	case "valid_from":
		return dayText(a.ValidFrom)
	case "valid_to":
		return dayText(a.ValidTo)
	case "status":
		return statusNames[a.Status]
	}
	return ""
}

// sentence ends where a long answer may be cut.
var sentence = regexp.MustCompile(`[。！？；\n]`)

// fill puts a text without fields into an article: a short one is the answer,
// of a long one the beginning.
func fill(r *Row, text string) {
	a := &r.Article
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) <= most["short"] {
		a.Short = text
		return
	}
	at := 0
	for _, end := range sentence.FindAllStringIndex(text, -1) {
		if utf8.RuneCountInString(text[:end[1]]) > most["short"] {
			break
		}
		at = end[1]
	}
	if rest := text[at:]; at == 0 || utf8.RuneCountInString(rest) > most["details"] {
		r.problem("正文有%d个字，太长了：简短答复最多%d个字，补充说明最多%d个字，请分成几条。",
			utf8.RuneCountInString(text), most["short"], most["details"])
	}
	a.Short, a.Details = strings.TrimSpace(text[:at]), strings.TrimSpace(text[at:])
}

func number(n int) string { return strconv.Itoa(n) }
