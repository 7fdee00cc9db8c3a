// Package exchange reads articles from the files people keep their knowledge
// in and writes them so that they read back the same. What it says is for
// people, in Chinese; it stores nothing itself.
package exchange

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strings"

	"quandesk/kb"
)

// Format is how articles are written down.
type Format string

// The formats. DOCX is only read.
const (
	YAML     Format = "yaml"
	CSV      Format = "csv"
	XLSX     Format = "xlsx"
	Markdown Format = "md"
	DOCX     Format = "docx"
)

// Bounds of one file: what is larger is refused before it is read.
const (
	largest  = 20 << 20  // bytes
	inflated = 100 << 20 // bytes of all parts of a packed file
	mostRows = 5000
	mostCols = 60
)

// Row is one article of a file with what is wrong with it.
type Row struct {
	Where    string     // 第5行
	Article  kb.Article // as the file has it; Import makes it a draft
	Problems []string   // not imported because of these
	Hints    []string   // imported; to be seen to before it is published
	Change   Change     // what importing would do; empty until Compare
}

// Preview is what a file holds.
type Preview struct {
	Format Format
	Rows   []Row
	Notes  []string // what was left out of the file, and why
}

// FileError says in words for people why nothing can be read from a file.
type FileError struct{ Words string }

func (e *FileError) Error() string { return e.Words }

func broken(format string, args ...any) error { return &FileError{fmt.Sprintf(format, args...)} }

// Good lists the rows that can be imported.
func (p Preview) Good() []Row {
	var out []Row
	for _, r := range p.Rows {
		if len(r.Problems) == 0 {
			out = append(out, r)
		}
	}
	return out
}

// Bad lists the rows that cannot.
func (p Preview) Bad() []Row {
	var out []Row
	for _, r := range p.Rows {
		if len(r.Problems) > 0 {
			out = append(out, r)
		}
	}
	return out
}

func (p *Preview) note(format string, args ...any) {
	p.Notes = append(p.Notes, fmt.Sprintf(format, args...))
}

var (
	packed = []byte("PK\x03\x04")
	ole    = []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	pdf    = []byte("%PDF-")
)

// Read reads a file of articles. What it is shows its content; the name only
// helps to say what is missing. A *FileError tells why nothing of it can be
// imported; a row that cannot be imported is in the Preview with its problems.
func Read(name string, r io.ReaderAt, size int64) (Preview, error) {
	if size > largest {
		return Preview{}, broken("文件有 %d MB，最大 %d MB，请拆成几个文件。", (size+1<<20-1)>>20, largest>>20)
	}
	head := make([]byte, min(size, 8))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return Preview{}, fmt.Errorf("read file: %w", err)
	}
	p, err := Preview{}, error(nil)
	switch {
	case len(head) == 0:
		err = broken("文件是空的。")
	case bytes.HasPrefix(head, packed):
		p, err = readPacked(r, size)
	case bytes.HasPrefix(head, ole):
		err = broken("这是旧版 Office 文件（.doc、.xls）或有密码的文件，请去掉密码，另存为 .docx 或 .xlsx 再导入。")
	case bytes.HasPrefix(head, pdf):
		err = broken("PDF 文件不能导入，请用原来的 Word 或表格文件。")
	default:
		p, err = readText(name, r, size)
	}
	if err != nil {
		return Preview{}, err
	}
	if len(p.Rows) == 0 {
		return Preview{}, broken("文件里没有找到知识条目。%s", strings.Join(p.Notes, ""))
	}
	if len(p.Rows) > mostRows {
		return Preview{}, broken("文件里有 %d 条，一次最多导入 %d 条，请拆成几个文件。", len(p.Rows), mostRows)
	}
	p.finish()
	return p, nil
}

func readText(name string, r io.ReaderAt, size int64) (Preview, error) {
	raw := make([]byte, size)
	if _, err := r.ReadAt(raw, 0); err != nil && !errors.Is(err, io.EOF) {
		return Preview{}, fmt.Errorf("read file: %w", err)
	}
	text, err := decode(raw)
	if err != nil {
		return Preview{}, err
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	switch ext := strings.ToLower(filepath.Ext(name)); {
	case yamlStart.MatchString(text):
		return readYAML(text)
	case hasColumns(text) || ext == ".csv" || ext == ".tsv":
		return readCSV(text)
	case heading.MatchString(text):
		return readMarkdown(text)
	case ext == ".yaml" || ext == ".yml":
		return readYAML(text)
	}
	return Preview{}, broken("看不出这是什么文件：表格的第1行要有“标题”一列，Markdown 要有以 # 开头的标题。")
}

var (
	yamlStart = regexp.MustCompile(`\A(?:[ \t]*(?:#[^\n]*|---[ \t]*)?\n)*[ \t]*- +(?:id|title|short|clause|source) *:`)
	heading   = regexp.MustCompile(`(?m)^ {0,3}#{1,6}[ \t　]+\S`)
)

// finish names what is wrong with each row and gives an id to each that has
// none: the same file read again means the same articles.
func (p *Preview) finish() {
	taken := map[string]string{}
	for i := range p.Rows {
		r := &p.Rows[i]
		r.Article.ID = cmp.Or(r.Article.ID, derivedID(r.Article))
		r.check()
		id := r.Article.ID
		if first, ok := taken[id]; ok {
			r.problem("编号“%s”和%s重复。", id, first)
			continue
		}
		taken[id] = r.Where
	}
}

func (r *Row) problem(format string, args ...any) {
	r.Problems = append(r.Problems, r.Where+"："+fmt.Sprintf(format, args...))
}

func (r *Row) hint(format string, args ...any) {
	r.Hints = append(r.Hints, fmt.Sprintf(format, args...))
}
