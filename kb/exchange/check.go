package exchange

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"quandesk/kb"
)

// derivedID is the id of an article that came without one. Several articles
// may rest on one clause, so the title is always in it.
func derivedID(a kb.Article) string {
	sum := sha256.Sum256([]byte(strings.TrimSpace(a.Title)))
	title := hex.EncodeToString(sum[:5])
	if a.Clause != "" {
		if id := "clause-" + strings.ReplaceAll(a.Clause, ".", "-") + "-" + title; kb.ArticleID(id) {
			return id
		}
	}
	return "import-" + title
}

// importer stands for whoever will import: the checks are those of the desk.
var importer = kb.Editor{Edits: true}

// most is what a field may hold, to be named to people; a test keeps it equal
// to what the editor's desk takes.
var most = map[string]int{
	"title": 60, "short": 400, "details": 2000, "next": 400, "source": 200, "clause": 20,
	"questions": 120, "keywords": 30, "also": 10,
}

// longestLine is how many characters one wording or keyword may have.
const longestLine = 200

// check lists what keeps an article from being stored as a draft, and what
// will keep it from being published.
func (r *Row) check() {
	a := &r.Article
	if !kb.ArticleID(a.ID) {
		r.problem("“编号”是“%s”，只能用小写英文字母、数字和短横线，最多60个。", shorten(a.ID))
	}
	e := kb.Entry{ID: a.ID}
	_, err := e.Save(importer, *a, kb.Imported, time.Time{})
	var field *kb.FieldError
	if errors.As(err, &field) {
		r.problem("%s", fieldWords(*field, *a))
		return
	}
	// As the desk will keep it: blanks trimmed, doubles gone.
	status, at := a.Status, a.UpdatedAt
	*a = e.Head.Article
	a.Status, a.Version, a.UpdatedAt = status, 0, at
	if field := invalid(*a); field != nil {
		r.problem("%s", fieldWords(*field, *a))
	}
	var lacks []string
	for _, f := range []struct{ name, value string }{
		{"short", a.Short}, {"next", a.Next}, {"source", a.Source}, {"questions", strings.Join(a.Questions, "")},
	} {
		if f.value == "" {
			lacks = append(lacks, "“"+labelOf(f.name)+"”")
		}
	}
	if a.Clause == "" && a.Source == kb.Standard {
		lacks = append(lacks, "“"+labelOf("clause")+"”")
	}
	if a.Open && !strings.Contains(a.Short+a.Details+a.Next, "人工") {
		r.hint("发布前要写明请用户找人工。")
	}
	if len(lacks) > 0 {
		r.hint("发布前要补上%s。", strings.Join(lacks, "、"))
	}
}

// invalid asks the desk about what is filled in but cannot be right. What is
// still missing is no matter in a draft.
func invalid(a kb.Article) *kb.FieldError {
	for _, p := range []*string{&a.Short, &a.Next, &a.Source} {
		*p = "有"
	}
	a.Questions, a.Open = []string{"有"}, false
	e := kb.Entry{ID: a.ID}
	if _, err := e.Save(importer, a, kb.Imported, time.Time{}); err != nil {
		return nil
	}
	var field *kb.FieldError
	if _, err := e.Review(importer, time.Time{}); errors.As(err, &field) {
		return field
	}
	return nil
}

// clause reports whether the desk takes a number for a clause.
func clause(number string) bool {
	return number != "" && invalid(kb.Article{ID: "x", Title: "有", Clause: number}) == nil
}

func fieldWords(e kb.FieldError, a kb.Article) string {
	label := "“" + labelOf(e.Field) + "”"
	switch e.Problem {
	case kb.Missing:
		return label + "没有填。"
	case kb.TooMany:
		return label + "太多，最多" + number(most[e.Field]) + "条。"
	case kb.Clashing:
		return label + "和“" + labelOf("verified") + "”只能有一个是“是”。"
	case kb.Figure:
		return label + "的条目不能写数字，中文数字、电话和门牌号也不行。"
	case kb.TooEarly:
		return label + "不晚于“" + labelOf("valid_from") + "”，这条永远不会生效。"
	case kb.Invalid:
		return label + "是“" + shorten(value(a, e.Field)) + "”，不是条款号，应像 11.2 这样写。"
	}
	if _, list := lists(&a)[e.Field]; list {
		return label + "有一条太长，每条最多" + number(longestLine) + "个字。"
	}
	return label + "有" + number(utf8.RuneCountInString(value(a, e.Field))) + "个字，最多" + number(most[e.Field]) + "个字。"
}

func shorten(s string) string {
	const some = 30
	if r := []rune(s); len(r) > some {
		return string(r[:some]) + "…"
	}
	return s
}
