package exchange

import (
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"

	"quandesk/channels/sheet"
)

// headerWithin is how many lines may stand above the names of the columns.
const headerWithin = 10

// delimiterOf finds what stands between the cells, by the line that names the
// columns.
func delimiterOf(text string) (rune, bool) {
	for _, d := range []rune{',', '\t', ';', '，'} {
		r := lines(text, d)
		for range headerWithin {
			cells, err := r.Read()
			if err != nil {
				break
			}
			if _, ok := newHeader(cells); ok {
				return d, true
			}
		}
	}
	return 0, false
}

func lines(text string, delimiter rune) *csv.Reader {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord = delimiter, -1
	return r
}

// hasColumns reports whether a text is a table of articles.
func hasColumns(text string) bool {
	_, ok := delimiterOf(text)
	return ok
}

func readCSV(text string) (Preview, error) {
	p := Preview{Format: CSV}
	delimiter, ok := delimiterOf(text)
	if !ok {
		return p, noColumns("")
	}
	r := lines(text, delimiter)
	t := table{p: &p}
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return p, nil
		}
		var parse *csv.ParseError
		if errors.As(err, &parse) {
			return p, broken("第%d行的引号不成对，后面的内容分不清，整个文件都没有导入。", parse.StartLine)
		}
		if err != nil {
			return p, err
		}
		line, _ := r.FieldPos(0)
		for i := range cells {
			cells[i] = sheet.Unguard(cells[i])
		}
		if err := t.add("第"+strconv.Itoa(line)+"行", cells); err != nil {
			return p, err
		}
	}
}

func noColumns(where string) error {
	return broken("%s前%d行里没有找到列名：要有“标题”或“问题”一列，还要有“简短答复”“答案”“条款号”等任何一列。", where, headerWithin)
}

// table collects the rows of a table below the line that names its columns.
type table struct {
	p      *Preview
	sheet  string // stands before the place of each row
	header header
}

func (t *table) add(where string, cells []string) error {
	switch {
	case empty(cells):
	case t.header == nil:
		if h, ok := newHeader(cells); ok {
			t.header = h
			h.unknown(t.p, t.sheet+where, cells)
		}
	case len(t.p.Rows) >= mostRows:
		return broken("一次最多导入 %d 条，请拆成几个文件。", mostRows)
	default:
		t.p.Rows = append(t.p.Rows, t.header.row(t.sheet+where, cells))
	}
	return nil
}

// dangerous begins what a spreadsheet would take for a formula.
const dangerous = "=+-@\t\r"

// guard keeps a spreadsheet from running what is only text.
func guard(cell string) string {
	if rest := strings.TrimLeft(cell, "'"); rest != "" && strings.ContainsRune(dangerous, rune(rest[0])) {
		return "'" + cell
	}
	return cell
}
