package web

import (
	"fmt"
	"io"
	"time"

	"github.com/xuri/excelize/v2"

	"quandesk/tickets"
)

// workbook writes the ledger as a spreadsheet row by row; rows go to the
// library's temporary file, not to memory.
type workbook struct {
	file   *excelize.File
	rows   *excelize.StreamWriter
	styles sheetStyles
	next   int // number of the next row
}

type sheetStyles struct{ title, period, header, text, moment, number int }

// sheetHead is what stands above the rows.
type sheetHead struct {
	from, to time.Time // half open
	filter   string    // what else was chosen
	by       string
	at       time.Time
}

const (
	sheetName  = "台账"
	headerRow  = 3
	paperA3    = 8
	dateFormat = "yyyy-mm-dd hh:mm"
)

func newWorkbook(head sheetHead) (*workbook, error) {
	b := &workbook{file: excelize.NewFile(), next: headerRow + 1}
	if err := b.begin(head); err != nil {
		b.file.Close()
		return nil, fmt.Errorf("begin spreadsheet: %w", err)
	}
	return b, nil
}

func (b *workbook) begin(head sheetHead) error {
	if err := b.file.SetSheetName("Sheet1", sheetName); err != nil {
		return err
	}
	if err := b.layout(); err != nil {
		return err
	}
	if err := b.makeStyles(); err != nil {
		return err
	}
	var err error
	if b.rows, err = b.file.NewStreamWriter(sheetName); err != nil {
		return err
	}
	for i, c := range ledgerColumns {
		if err := b.rows.SetColWidth(i+1, i+1, c.width); err != nil {
			return err
		}
	}
	panes := &excelize.Panes{Freeze: true, XSplit: 2, YSplit: headerRow, TopLeftCell: "C4", ActivePane: "bottomRight"}
	if err := b.rows.SetPanes(panes); err != nil {
		return err
	}
	return b.writeHead(head)
}

func (b *workbook) layout() error {
	paper, direction, wide, high := paperA3, "landscape", 1, 0
	fit := true
	if err := b.file.SetPageLayout(sheetName, &excelize.PageLayoutOptions{
		Size: &paper, Orientation: &direction, FitToWidth: &wide, FitToHeight: &high,
	}); err != nil {
		return err
	}
	return b.file.SetSheetProps(sheetName, &excelize.SheetPropsOptions{FitToPage: &fit})
}

func (b *workbook) makeStyles() error {
	format := dateFormat
	wrap := &excelize.Alignment{Vertical: "top", WrapText: true}
	for _, s := range []struct {
		id    *int
		style excelize.Style
	}{
		{&b.styles.title, excelize.Style{Font: &excelize.Font{Bold: true, Size: 16}, Alignment: &excelize.Alignment{Horizontal: "center"}}},
		{&b.styles.period, excelize.Style{Alignment: &excelize.Alignment{Horizontal: "left"}}},
		{&b.styles.header, excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{Horizontal: "center", WrapText: true},
			Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"DCE6F1"}}}},
		{&b.styles.text, excelize.Style{NumFmt: 49, Alignment: wrap}}, // 49 is text: numbers keep their digits
		{&b.styles.moment, excelize.Style{CustomNumFmt: &format, Alignment: wrap}},
		{&b.styles.number, excelize.Style{Alignment: wrap}},
	} {
		var err error
		if *s.id, err = b.file.NewStyle(&s.style); err != nil {
			return err
		}
	}
	return nil
}

func (b *workbook) writeHead(head sheetHead) error {
	last, err := excelize.ColumnNumberToName(len(ledgerColumns))
	if err != nil {
		return err
	}
	filter := prefixed("筛选：", head.filter)
	if filter != "" {
		filter += "　　"
	}
	period := fmt.Sprintf("单位：泉城水务客服中心　　接诉时间：%s　　%s导出时间：%s　　导出人：%s",
		periodWords(head.from, head.to), filter, stamp(head.at), head.by)
	titles := make([]any, len(ledgerColumns))
	for i, c := range ledgerColumns {
		titles[i] = excelize.Cell{StyleID: b.styles.header, Value: c.title}
	}
	for i, row := range [][]any{
		{excelize.Cell{StyleID: b.styles.title, Value: "供水投诉台账"}},
		{excelize.Cell{StyleID: b.styles.period, Value: period}},
		titles,
	} {
		if err := b.rows.SetRow(fmt.Sprintf("A%d", i+1), row); err != nil {
			return err
		}
	}
	if err := b.rows.MergeCell("A1", last+"1"); err != nil {
		return err
	}
	return b.rows.MergeCell("A2", last+"2")
}

// add writes one row of the ledger. Strings are written as inline strings:
// what begins with an equals sign is never a formula.
func (b *workbook) add(values []any) error {
	cells := make([]any, len(values))
	for i, v := range values {
		cells[i] = b.cell(v)
	}
	if err := b.rows.SetRow(fmt.Sprintf("A%d", b.next), cells); err != nil {
		return fmt.Errorf("write row %d: %w", b.next, err)
	}
	b.next++
	return nil
}

func (b *workbook) cell(v any) any {
	switch v := v.(type) {
	case nil:
		return nil
	case time.Time:
		return excelize.Cell{StyleID: b.styles.moment, Value: serial(v)}
	case string:
		return excelize.Cell{StyleID: b.styles.text, Value: cutCell(v)}
	default:
		return excelize.Cell{StyleID: b.styles.number, Value: v}
	}
}

// serial is a time as spreadsheets count: days since 30 December 1899 on the
// clock of Beijing.
func serial(t time.Time) float64 {
	const seconds = 24 * 60 * 60
	_, offset := t.In(tickets.Beijing).Zone()
	epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	return float64(t.Unix()+int64(offset)-epoch.Unix()) / seconds
}

// maxCell is how many characters a cell may have.
const maxCell = 32767

func cutCell(text string) string {
	if len(text) <= maxCell {
		return text
	}
	runes := []rune(text)
	return string(runes[:min(len(runes), maxCell)])
}

// finish writes the whole file and gives the temporary one back.
func (b *workbook) finish(w io.Writer) error {
	if err := b.rows.Flush(); err != nil {
		return fmt.Errorf("finish spreadsheet: %w", err)
	}
	if err := b.file.Write(w); err != nil {
		return fmt.Errorf("write spreadsheet: %w", err)
	}
	return nil
}

// close removes what the library keeps on disk.
func (b *workbook) close() error { return b.file.Close() }
