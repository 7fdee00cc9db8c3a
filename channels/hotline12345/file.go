package hotline12345

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"

	"quandesk/channels/sheet"
)

// Bounds of a file of orders: what is larger is refused before it is read.
var bounds = sheet.Limits{File: 20 << 20, Unpacked: 64 << 20, Part: 16 << 20, Rows: 50000, Columns: 200}

// headerWithin is how many lines may stand above the names of the columns.
const headerWithin = 10

// FileError says in words for people why no orders can be read from a file.
type FileError struct{ Words string }

func (e *FileError) Error() string { return "hotline12345: bad file" }

func badFile(format string, args ...any) error { return &FileError{fmt.Sprintf(format, args...)} }

// Verdict is what importing would make of a line of a file.
type Verdict string

// The verdicts.
const (
	New     Verdict = "new"
	Here    Verdict = "known"
	Changed Verdict = "changed"
	Wrong   Verdict = "wrong"
)

// Entry is one line of a file of orders.
type Entry struct {
	Where    string // 表“工单”第5行
	Order    Order
	Problems []string // why it is wrong: the column and a sentence
	Hints    []string // to be looked at; imported all the same
	Verdict  Verdict  // empty until it was compared
	Why      string   // of the verdict
	TicketNo string   // of an order that is here
	Changes  []Change
}

// File is what a file holds.
type File struct {
	Lines []Entry
	Notes []string // what was left out, and why
}

// ReadFile reads the orders of a spreadsheet, XLSX or CSV, in any shape whose
// columns are named. Errors: *FileError.
func ReadFile(r io.ReaderAt, size int64) (f File, err error) {
	defer func() { // whatever a damaged file makes a decoder do
		if recover() != nil {
			f, err = File{}, badFile("文件已损坏，打不开。")
		}
	}()
	tables, err := sheet.Open(r, size, bounds)
	if err != nil {
		return f, told(err)
	}
	named := false
	for _, t := range tables {
		if t.Hidden {
			f.note("表“%s”是隐藏的，没有读。", cut(t.Name, 40))
			continue
		}
		found, err := f.readTable(t)
		if err != nil {
			return File{}, told(err)
		}
		named = named || found
	}
	switch {
	case !named:
		return File{}, badFile("前%d行里没有找到列名：要有“工单编号”（或“办件编号”）一列，还要有“诉求内容”等任何两列。", headerWithin)
	case len(f.Lines) == 0:
		return File{}, badFile("表格里只有列名，没有工单。")
	}
	f.repeats()
	return f, nil
}

func told(err error) error {
	var e *sheet.Error
	if errors.As(err, &e) {
		return &FileError{e.Words}
	}
	return err
}

func (f *File) note(format string, args ...any) {
	f.Notes = append(f.Notes, fmt.Sprintf(format, args...))
}

// table is a table on its way to its lines.
type table struct {
	file   *File
	prefix string // 表“工单”
	epoch  Epoch
	header []string        // the names of the columns, nil until they were found
	has    map[string]bool // the fields they mean
	first  int             // index of its first line in the file
	rows   []int           // the number of each line's row
	hidden int             // lines that people do not see in the file
}

func (f *File) readTable(t sheet.Table) (named bool, err error) {
	r := table{file: f, first: len(f.Lines)}
	if t.Name != "" {
		r.prefix = "表“" + cut(t.Name, 40) + "”"
	}
	if t.Since1904 {
		r.epoch = Since1904
	}
	spans, err := t.Rows(r.add)
	if err != nil && !errors.Is(err, errNoHeader) {
		return false, err
	}
	if r.header == nil {
		if t.Name != "" {
			f.note("%s前%d行没有列名，没有读。", r.prefix, headerWithin)
		}
		return false, nil
	}
	r.merged(spans)
	if r.hidden > 0 {
		f.note("%s有%d行是隐藏的（可能用了筛选），也一并读了。", r.prefix, r.hidden)
	}
	return true, nil
}

var errNoHeader = errors.New("hotline12345: no header")

func (t *table) add(row sheet.Row) error {
	switch {
	case row.Empty():
		return nil
	case t.header == nil && row.N > headerWithin:
		return errNoHeader // nothing of it is read
	case t.header == nil:
		t.begin(row)
		return nil
	case t.again(row):
		t.file.note("%s第%d行又是列名，没有读。", t.prefix, row.N)
		return nil
	case len(t.file.Lines) >= bounds.Rows:
		return badFile("文件里超过 %d 张工单，请拆成几个文件。", bounds.Rows)
	}
	if row.Hidden {
		t.hidden++
	}
	t.file.Lines = append(t.file.Lines, t.line(row))
	t.rows = append(t.rows, row.N)
	return nil
}

// begin takes the names of the columns from a row that has them.
func (t *table) begin(row sheet.Row) {
	known, number := 0, false
	names, has := make([]string, len(row.Cells)), map[string]bool{}
	for i, c := range row.Cells {
		names[i] = strings.TrimSpace(tidy(c.Text))
		f := fieldOf(names[i])
		if f == nil {
			continue
		}
		known++
		has[f.key] = true
		number = number || f.key == "external_no" || f.key == "other_nos"
	}
	if !number || known < 3 {
		return
	}
	t.header, t.has = names, has
	var lacking, strange []string
	for _, key := range []string{"address_raw", "contact_phone", "demand_type"} {
		if !has[key] {
			lacking = append(lacking, "“"+Label(key)+"”")
		}
	}
	if len(lacking) > 0 {
		t.file.note("%s没有%s列，导入后请在工单中核对。", t.prefix, strings.Join(lacking, "、"))
	}
	for _, n := range names {
		if n != "" && fieldOf(n) == nil {
			strange = append(strange, cut(n, 20))
		}
	}
	if len(strange) > 0 {
		t.file.note("%s不认识这些列，内容原样保存在工单的其他信息里：%s。", t.prefix, strings.Join(strange, "、"))
	}
}

// again reports whether a row repeats the names of the columns, as in files
// that were put together.
func (t *table) again(row sheet.Row) bool {
	same := 0
	for i, c := range row.Cells {
		switch {
		case c.Text == "":
		case i >= len(t.header) || strings.TrimSpace(tidy(c.Text)) != t.header[i]:
			return false
		default:
			same++
		}
	}
	return same >= 3
}

// line reads one order and says in which column something is wrong.
func (t *table) line(row sheet.Row) Entry {
	l := Entry{Where: fmt.Sprintf("%s第%d行", t.prefix, row.N)}
	var values []Value
	columns := map[string]int{} // of each field
	for i, c := range row.Cells {
		if i >= len(t.header) || t.header[i] == "" {
			if strings.TrimSpace(c.Text) != "" {
				l.hint(t.column(i), "没有列名，没有读。")
			}
			continue
		}
		if f := fieldOf(t.header[i]); f != nil && c.Text != "" {
			columns[f.key] = i
		}
		switch {
		case c.Fault:
			l.problem(t.column(i), fmt.Sprintf("是错误值“%s”，请改为内容本身。", cut(c.Text, 20)))
			continue
		case c.Formula && c.Text == "":
			l.hint(t.column(i), "是没有结果的公式，按空白处理。")
		case c.Formula:
			l.hint(t.column(i), "是公式，按表格里显示的结果处理，没有计算。")
		}
		values = append(values, Value{Name: t.header[i], Text: c.Text, Number: c.Number, Epoch: t.epoch})
	}
	order, flaws := Read(values)
	l.Order = order
	for _, f := range flaws {
		where := "“" + Label(f.Field) + "”"
		if i, ok := columns[f.Field]; ok {
			where = t.column(i)
		}
		switch {
		case f.Fatal:
			l.problem(where, f.Words)
		case t.has[f.Field]: // what the whole file lacks is said once
			l.hint(where, f.Words)
		}
	}
	if len(l.Problems) > 0 {
		l.Verdict = Wrong
	}
	return l
}

func (l *Entry) problem(column, words string) {
	l.Verdict = Wrong
	l.Problems = append(l.Problems, column+"："+words)
}

func (l *Entry) hint(column, words string) { l.Hints = append(l.Hints, column+"："+words) }

// column names a column as people see it: C列“联系电话”.
func (t *table) column(i int) string {
	letters := ""
	for n := i + 1; n > 0; n = (n - 1) / 26 {
		letters = string(rune('A'+(n-1)%26)) + letters
	}
	if i < len(t.header) && t.header[i] != "" {
		return letters + "列“" + cut(t.header[i], 20) + "”"
	}
	return letters + "列"
}

// merged makes the lines wrong whose cells are merged with others: all but the
// first of them are blank, and nobody can tell what was meant for which.
func (t *table) merged(spans []sheet.Span) {
	for _, s := range spans {
		for i, n := range t.rows {
			if n < s.FirstRow || n > s.LastRow {
				continue
			}
			what := fmt.Sprintf("第%d至%d行是合并的单元格，请取消合并并填全后再导入。", s.FirstRow, s.LastRow)
			if s.FirstRow == s.LastRow {
				what = "与右边的单元格合并了，请取消合并后再导入。"
			}
			l := &t.file.Lines[t.first+i]
			l.problem(t.column(s.FirstColumn), what)
		}
	}
}

// repeats looks for lines about the same order: exactly the same is here
// already, other content cannot both be true.
func (f *File) repeats() {
	first := map[string]int{}
	for i := range f.Lines {
		l := &f.Lines[i]
		if l.Verdict == Wrong {
			continue
		}
		key := l.Order.No + "\x00" + string(l.Order.Mail)
		if l.Order.Mail != Handle {
			key += string(l.Order.Digest())
		}
		j, twice := first[key]
		if !twice {
			first[key] = i
			continue
		}
		before := f.Lines[j]
		var names []string
		if l.Order.Mail == Handle {
			for _, c := range standing(before.Order.Differs(l.Order)) {
				names = append(names, Label(c.Field))
			}
		}
		if len(names) > 0 {
			l.problem("“工单编号”", fmt.Sprintf("与%s编号相同而内容不同（%s），请核对后保留一行。", before.Where, strings.Join(names, "、")))
			continue
		}
		l.Verdict, l.Why = Here, "与"+before.Where+"重复。"
	}
}

// Counts are how many lines of each verdict there are.
type Counts struct {
	New     int `json:"new"`
	Known   int `json:"known"`
	Changed int `json:"changed"`
	Wrong   int `json:"wrong"`
}

// Count counts the lines.
func Count(lines []Entry) Counts {
	var c Counts
	for _, l := range lines {
		switch cmp.Or(l.Verdict, New) {
		case New:
			c.New++
		case Here:
			c.Known++
		case Changed:
			c.Changed++
		case Wrong:
			c.Wrong++
		}
	}
	return c
}
