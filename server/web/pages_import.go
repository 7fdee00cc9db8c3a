package web

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/gofiber/fiber/v2"

	"quandesk/kb"
)

// importView is a file of articles before it becomes drafts.
type importView struct {
	deskFrame
	Done, Problem string
	Read          bool
	Rows          []importRow
	Notes         []string // what was left out of the file
	Sum           string
	Good          int
	Largest       int    // MB of a file
	Articles      string // those that can become drafts, as the second form sends them back
}

type importRow struct {
	Where, Title, Problem string
	Change                string // what importing it does
	Hint                  string
	Questions             int
}

// largestArticles is the largest file of articles, in MB.
const largestArticles = 20

// articlesTooLarge says of a file of n bytes what its reader would say: it is
// not read to its end.
func articlesTooLarge(n int) string {
	if n <= largestArticles<<20 {
		return fmt.Sprintf("文件太大，最大 %d MB，请拆成几个文件。", largestArticles)
	}
	return fmt.Sprintf("文件有 %d MB，最大 %d MB，请拆成几个文件。", (n+1<<20-1)>>20, largestArticles)
}

// mostImported articles at once: drafts of more are not made within one request.
const mostImported = 300

func (s *Site) pageImport(c *fiber.Ctx) error { return s.showImport(c, importView{}, 0) }

func (s *Site) showImport(c *fiber.Ctx, v importView, status int) (err error) {
	v.Largest = largestArticles
	if v.deskFrame, err = s.knowledgeFrame(c, "导入", knowledgeHome+"/import"); err != nil {
		return err
	}
	if status != 0 {
		c.Status(status)
	}
	return s.render(c, "page-import", v)
}

// formImport reads the file and shows what would become of it, or makes the
// drafts of what was shown.
func (s *Site) formImport(c *fiber.Ctx) error {
	if c.FormValue("articles") != "" {
		return s.importDrafts(c)
	}
	list, err := s.readUpload(c)
	if err != nil {
		told := s.failure(c.UserContext(), err)
		if told.status >= 500 {
			return err
		}
		return s.showImport(c, importView{Problem: told.Problem.Message}, told.status)
	}
	v, err := s.preview(c.UserContext(), list)
	if err != nil {
		return err
	}
	return s.showImport(c, v, 0)
}

// preview is what would become of a file.
func (s *Site) preview(ctx context.Context, file kb.File) (importView, error) {
	v := importView{Read: true, Notes: file.Notes}
	var good []kb.Article
	for _, x := range file.Rows {
		row := importRow{Where: x.Where, Title: x.Article.Title, Problem: x.Problem, Hint: x.Hint, Questions: len(x.Article.Questions)}
		if x.Problem == "" {
			makes, changes, err := s.Knowledge.Foresee(ctx, x.Article)
			switch {
			case err != nil:
				return v, err
			case makes:
				row.Change = "新增"
			case changes:
				row.Change = "修改"
				if e, err := s.Knowledge.Entry(ctx, x.Article.ID); err == nil && e.Head.Title != x.Article.Title {
					row.Hint += "这个编号的条目原来的标题是“" + e.Head.Title + "”，请核对是不是同一条。"
				}
			default:
				row.Change = "没有变化"
			}
			good = append(good, x.Article)
		}
		v.Rows = append(v.Rows, row)
	}
	v.Sum = fmt.Sprintf("读到%d条：可以导入%d条，不能导入%d条。", len(v.Rows), len(good), len(v.Rows)-len(good))
	if v.Good = len(good); v.Good > mostImported {
		v.Problem, v.Good = fmt.Sprintf("一次最多导入%d条，请把文件拆开。", mostImported), 0
	}
	if v.Good > 0 {
		text, err := json.Marshal(good)
		if err != nil {
			return v, fmt.Errorf("keep what was read: %w", err)
		}
		v.Articles = string(text)
	}
	return v, nil
}

func (s *Site) readUpload(c *fiber.Ctx) (kb.File, error) {
	if s.ReadArticles == nil {
		return kb.File{}, errHidden
	}
	file, err := c.FormFile("file")
	if err != nil || file.Size == 0 {
		return kb.File{}, &kb.FieldError{Field: "file", Problem: kb.Missing}
	}
	f, err := file.Open()
	if err != nil {
		return kb.File{}, fmt.Errorf("open upload: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		return kb.File{}, fmt.Errorf("read upload: %w", err)
	}
	return s.ReadArticles(file.Filename, data)
}

func (s *Site) importDrafts(c *fiber.Ctx) error {
	var list []kb.Article
	if err := readJSON([]byte(c.FormValue("articles")), &list); err != nil {
		return err
	}
	if len(list) > mostImported {
		return errJSON
	}
	for i := range list {
		list[i].Status, list[i].Version = "", 0
	}
	made, changed, err := s.Knowledge.Import(c.UserContext(), s.editor(c), list)
	v := importView{Done: fmt.Sprintf("新增%d条草稿，更新%d条草稿。复核并发布后才对外。", made, changed)}
	if err == nil {
		return s.showImport(c, v, 0)
	}
	told := s.failure(c.UserContext(), err)
	v.Problem = told.Problem.Message
	return s.showImport(c, v, told.status)
}
