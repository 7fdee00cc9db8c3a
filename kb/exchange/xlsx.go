package exchange

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"quandesk/channels/sheet"
	"quandesk/kb"
)

// readPacked reads a workbook or a document, whichever parts it has, after
// unpacking it once within bounds: what its headers say may be a lie.
func readPacked(r io.ReaderAt, size int64) (p Preview, err error) {
	defer func() {
		if recover() != nil { // a damaged part that a library trips over
			p, err = Preview{}, broken("文件已损坏，打不开。")
		}
	}()
	parts, err := sheet.Unpack(r, size, sheet.Limits{Unpacked: inflated, Part: inflated})
	if err != nil {
		return p, told(err)
	}
	for _, f := range parts.File {
		switch f.Name {
		case "xl/workbook.xml":
			return readXLSX(io.NewSectionReader(r, 0, size))
		case documentPart:
			return readDOCX(parts)
		}
	}
	return p, broken("这个压缩文件不是 Word 文档（.docx）也不是表格（.xlsx）。")
}

// told says what the reader of files says as this package does.
func told(err error) error {
	var e *sheet.Error
	if errors.As(err, &e) {
		return &FileError{e.Words}
	}
	return err
}

func readXLSX(r io.Reader) (Preview, error) {
	p := Preview{Format: XLSX}
	book, err := excelize.OpenReader(r, excelize.Options{
		UnzipSizeLimit: inflated, UnzipXMLSizeLimit: inflated, // nothing goes to a temporary file
	})
	if err != nil {
		return p, broken("表格已损坏或有密码，打不开。")
	}
	defer book.Close()
	found := false
	for _, name := range book.GetSheetList() {
		if visible, err := book.GetSheetVisible(name); err == nil && !visible {
			p.note("表“%s”是隐藏的，没有导入。", name)
			continue
		}
		named, err := readSheet(book, name, &p)
		if err != nil {
			return p, err
		}
		found = found || named
	}
	if !found {
		return p, noColumns("")
	}
	return p, nil
}

// readSheet adds the rows of a sheet; named is false for one without the
// names of columns.
func readSheet(book *excelize.File, sheet string, p *Preview) (named bool, err error) {
	rows, err := book.Rows(sheet)
	if err != nil {
		return false, broken("表“%s”已损坏，打不开。", sheet)
	}
	defer rows.Close()
	t := table{p: p, sheet: "表“" + sheet + "”"}
	hidden := hiddenColumns(book, sheet)
	var folded []string // rows nobody sees
	for n := 1; rows.Next(); n++ {
		shut := rows.GetRowOpts().Hidden
		cells, err := rows.Columns()
		if err != nil {
			return false, broken("表“%s”第%d行已损坏，整个文件都没有导入。", sheet, n)
		}
		if n > headerWithin && t.header == nil {
			break
		}
		for i := range cells {
			if hidden[i] {
				cells[i] = ""
			}
		}
		if shut && !empty(cells) {
			folded = append(folded, strconv.Itoa(n))
			continue
		}
		dates(book, sheet, n, t.header, cells)
		if err := t.add("第"+strconv.Itoa(n)+"行", cells); err != nil {
			return false, err
		}
	}
	if err := rows.Error(); err != nil && !errors.Is(err, io.EOF) {
		return false, broken("表“%s”已损坏，整个文件都没有导入。", sheet)
	}
	if t.header == nil {
		p.note("表“%s”没有“标题”或“问题”等列名，没有导入。", sheet)
		return false, nil
	}
	if len(folded) > 0 {
		p.note("表“%s”的第%s行是隐藏的，没有导入；要导入请先取消隐藏或筛选。", sheet, strings.Join(folded, "、"))
	}
	if len(hidden) > 0 {
		p.note("表“%s”有隐藏的列，没有导入。", sheet)
	}
	return true, nil
}

// dates writes the cells of the date columns as dates, whichever way the sheet
// shows them.
func dates(book *excelize.File, sheet string, row int, h header, cells []string) {
	for i, f := range h {
		if f != "valid_from" && f != "valid_to" || i >= len(cells) || cells[i] == "" {
			continue
		}
		cell, err := excelize.CoordinatesToCellName(i+1, row)
		if err != nil {
			continue
		}
		raw, err := book.GetCellValue(sheet, cell, excelize.Options{RawCellValue: true})
		if err != nil {
			continue
		}
		const first, last = 20000, 80000 // days since 1900: 1954 to 2119
		days, err := strconv.ParseFloat(raw, 64)
		if err != nil || days < first || days > last {
			continue
		}
		if at, err := excelize.ExcelDateToTime(days, false); err == nil {
			cells[i] = at.Format("2006-01-02 15:04:05")
		}
	}
}

func hiddenColumns(book *excelize.File, sheet string) map[int]bool {
	out := map[int]bool{}
	for i := range mostCols {
		name, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			break
		}
		if visible, err := book.GetColVisible(sheet, name); err == nil && !visible {
			out[i] = true
		}
	}
	return out
}

// written are the fields in the order of an exported table.
func written() []column { return columns[:len(columns)-1] }

func labels() []string {
	var out []string
	for _, c := range written() {
		out = append(out, c.label)
	}
	return out
}

func cellsOf(a kb.Article) []string {
	var out []string
	for _, c := range written() {
		out = append(out, value(a, c.field))
	}
	return out
}

// sheetName is the sheet that exports have.
const sheetName = "知识条目"

func writeXLSX(w io.Writer, articles []kb.Article) (err error) {
	book := excelize.NewFile()
	defer func() { err = errors.Join(err, book.Close()) }()
	if err := book.SetSheetName("Sheet1", sheetName); err != nil {
		return err
	}
	text, err := book.NewStyle(&excelize.Style{NumFmt: 49, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}}) // 49: text
	if err != nil {
		return err
	}
	rows, err := book.NewStreamWriter(sheetName)
	if err != nil {
		return err
	}
	if err := rows.SetColWidth(1, len(written()), 24); err != nil {
		return err
	}
	if err := rows.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	write := func(n int, cells []string) error {
		line := make([]any, len(cells))
		for i, c := range cells {
			line[i] = excelize.Cell{StyleID: text, Value: c} // text, whatever it begins with
		}
		return rows.SetRow(fmt.Sprintf("A%d", n), line)
	}
	if err := write(1, labels()); err != nil {
		return err
	}
	for i, a := range articles {
		if err := write(i+2, cellsOf(a)); err != nil {
			return err
		}
	}
	if err := rows.Flush(); err != nil {
		return err
	}
	return book.Write(w)
}
