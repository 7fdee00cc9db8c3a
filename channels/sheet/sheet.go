// Package sheet reads tables out of the files people send, XLSX and CSV, within
// bounds that hold whatever a file says about itself. It is a leaf: orders of
// 12345 and articles of the knowledge come in such files, and what keeps a
// packed file from bursting is written once.
//
// The large library for workbooks holds every part of one in memory and does
// not say whether a cell was a number or a text. An order number of eighteen
// digits in a number cell has lost its end, and a workbook may cost no more
// than a hundred megabytes, so rows are read here one at a time.
package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Limits are the bounds of one file.
type Limits struct {
	File     int64 // bytes of the file
	Unpacked int64 // bytes of all its parts
	Part     int64 // bytes of one part
	Rows     int   // lines of one table, empty ones too
	Columns  int
}

// Error says in words for people why a file is not read.
type Error struct{ Words string }

func (e *Error) Error() string { return "sheet: " + e.Words }

func broken(format string, args ...any) error { return &Error{fmt.Sprintf(format, args...)} }

// Cell is one cell as it is stored. Formulas are never computed: the text is
// what the program that wrote the file computed.
type Cell struct {
	Text    string
	Number  bool
	Formula bool
	Fault   bool // #REF! and the like
}

// Row is one line of a table.
type Row struct {
	N      int  // 1 is the first line
	Hidden bool // by hand or by a filter
	Cells  []Cell
}

// Empty reports whether nothing is written in a row.
func (r Row) Empty() bool {
	for _, c := range r.Cells {
		if strings.TrimSpace(c.Text) != "" || c.Formula {
			return false
		}
	}
	return true
}

// Table is one table of a file.
type Table struct {
	Name   string // empty in a CSV file
	Hidden bool
	// Since1904 says how the table counts its days.
	Since1904 bool
	read      func(func(Row) error) ([]Span, error)
}

// Span is a block of cells that were merged into one.
type Span struct{ FirstRow, LastRow, FirstColumn, LastColumn int }

// Rows gives every line to f in order and returns which cells are merged. An
// error of f ends it and is returned.
func (t Table) Rows(f func(Row) error) ([]Span, error) { return t.read(f) }

var (
	packed = []byte("PK\x03\x04")
	empty  = []byte("PK\x05\x06")
	ole    = []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	pdf    = []byte("%PDF-")
	// encrypted is the name of the stream that holds an encrypted workbook.
	encrypted = []byte("E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00")
)

// Open finds the tables of a file by its content, whatever it is called.
// Errors: *Error.
func Open(r io.ReaderAt, size int64, l Limits) ([]Table, error) {
	if size > l.File {
		return nil, broken("文件有 %d MB，最大 %d MB，请拆成几个文件。", (size+1<<20-1)>>20, l.File>>20)
	}
	head := make([]byte, min(size, 8))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read file: %w", err)
	}
	switch {
	case len(head) == 0:
		return nil, broken("文件是空的。")
	case bytes.HasPrefix(head, packed), bytes.HasPrefix(head, empty):
		return openBook(r, size, l)
	case bytes.HasPrefix(head, ole):
		return nil, oldOffice(r, size)
	case bytes.HasPrefix(head, pdf):
		return nil, broken("PDF 文件不能导入，请用原来的表格文件。")
	}
	return openText(r, size, l)
}

// oldOffice tells a workbook with a password from one of an old program.
func oldOffice(r io.ReaderAt, size int64) error {
	directory := make([]byte, min(size, 1<<20))
	n, err := r.ReadAt(directory, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read file: %w", err)
	}
	tail := make([]byte, min(size, 64<<10))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read file: %w", err)
	}
	if bytes.Contains(directory[:n], encrypted) || bytes.Contains(tail, encrypted) {
		return broken("表格设有打开密码，请去掉密码，另存为 .xlsx 再导入。")
	}
	return broken("这是旧版表格（.xls），改了扩展名也打不开，请另存为 .xlsx 或 .csv 再导入。")
}
