package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	utf16 "golang.org/x/text/encoding/unicode"
)

func openText(r io.ReaderAt, size int64, l Limits) ([]Table, error) {
	raw := make([]byte, size)
	if _, err := r.ReadAt(raw, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read file: %w", err)
	}
	text, err := Decode(raw)
	if err != nil {
		return nil, err
	}
	return []Table{{read: func(f func(Row) error) ([]Span, error) { return nil, readText(text, l, f) }}}, nil
}

// longestLine is how long one record of a CSV file may be.
const longestLine = 1 << 20

func readText(text []byte, l Limits, f func(Row) error) error {
	source := &rationed{r: bytes.NewReader(text)}
	r := csv.NewReader(source)
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = delimiter(text), -1, true
	n, next, offset := 0, 1, int64(0) // rows, and the line on which one would begin next
	for {
		source.left = longestLine
		cells, err := r.Read()
		var parse *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, errLong):
			return broken("文件里有一行超过 1 MB，不是工单表格，不能导入。")
		case errors.As(err, &parse):
			return broken("第%d行的引号不成对，后面的内容分不清，整个文件都没有导入。", parse.StartLine)
		case err != nil:
			return err
		}
		line, _ := r.FieldPos(0)
		n += 1 + line - next // with the blank lines in between, as a spreadsheet counts
		next = line + bytes.Count(text[offset:r.InputOffset()], []byte("\n")) - (line - next)
		offset = r.InputOffset()
		switch {
		case n > l.Rows:
			return broken("表格超过 %d 行（空行也算），请删去末尾的空行或拆成几个文件。", l.Rows)
		case len(cells) > l.Columns:
			return broken("第%d行超过 %d 列，请删去多余的列。", n, l.Columns)
		}
		row := Row{N: n, Cells: make([]Cell, len(cells))}
		for i, c := range cells {
			row.Cells[i].Text = Unguard(strings.Clone(c))
		}
		if err := f(row); err != nil {
			return err
		}
	}
}

var errLong = errors.New("sheet: line too long")

// rationed gives out so many bytes for each record.
type rationed struct {
	r    io.Reader
	left int
}

func (s *rationed) Read(p []byte) (int, error) {
	if s.left <= 0 {
		return 0, errLong
	}
	n, err := s.r.Read(p[:min(len(p), s.left)])
	s.left -= n
	return n, err
}

// delimiter is what stands between the cells: the candidate that the first
// lines have most of.
func delimiter(text []byte) rune {
	head := text[:min(len(text), 8<<10)]
	best, most := ',', 0
	for _, c := range []rune{',', '\t', ';', '，'} {
		if n := bytes.Count(head, []byte(string(c))); n > most {
			best, most = c, n
		}
	}
	return best
}

// dangerous begins what a spreadsheet would take for a formula.
const dangerous = "=+-@\t\r"

// Unguard takes away the mark that a careful program has put before a text
// which a spreadsheet would take for a formula.
func Unguard(cell string) string {
	if rest := strings.TrimLeft(cell, "'"); rest != "" && len(rest) < len(cell) && strings.ContainsRune(dangerous, rune(rest[0])) {
		return cell[1:]
	}
	return cell
}

// Decode returns UTF-8 of a text in whichever way Chinese offices write it:
// UTF-8, UTF-16 or GB18030, with or without a mark at its beginning.
func Decode(raw []byte) ([]byte, error) {
	text, marked := bytes.CutPrefix(raw, []byte("\ufeff"))
	var err error
	if order, wide := wideOrder(raw); wide {
		text, err = utf16.UTF16(order, utf16.UseBOM).NewDecoder().Bytes(raw)
	} else if !marked && !utf8.Valid(text) {
		text, err = simplifiedchinese.GB18030.NewDecoder().Bytes(raw)
	}
	if err != nil || !utf8.Valid(text) || bytes.ContainsFunc(text, unprintable) {
		return nil, broken("文件的编码看不懂，请另存为 UTF-8 编码的文本再导入。")
	}
	return text, nil
}

// wideOrder reports whether a text is UTF-16: by its mark, or because one
// half of its letters' bytes is mostly zero.
func wideOrder(raw []byte) (utf16.Endianness, bool) {
	switch {
	case bytes.HasPrefix(raw, []byte{0xff, 0xfe}):
		return utf16.LittleEndian, true
	case bytes.HasPrefix(raw, []byte{0xfe, 0xff}):
		return utf16.BigEndian, true
	}
	head := raw[:min(len(raw), 4096)]
	var even, odd int
	for i, b := range head {
		if b == 0 && i%2 == 0 {
			even++
		} else if b == 0 {
			odd++
		}
	}
	// A table has commas, line ends and digits: their high bytes are zero.
	switch least := len(head) / 20; {
	case odd > 2*even && odd > least:
		return utf16.LittleEndian, true
	case even > 2*odd && even > least:
		return utf16.BigEndian, true
	}
	return utf16.LittleEndian, false
}

func unprintable(r rune) bool {
	return r == utf8.RuneError || unicode.IsControl(r) && !strings.ContainsRune("\t\r\n\f\v\u0085", r)
}
