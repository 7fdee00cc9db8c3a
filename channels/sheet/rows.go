package sheet

import (
	"encoding/xml"
	"math"
	"strconv"
	"strings"
)

// mostSpans is how many merged blocks a table may have.
const mostSpans = 10000

// readSheet reads the rows of a table one at a time.
func (b *book) readSheet(part string, f func(Row) error) ([]Span, error) {
	var spans []Span
	last := 0
	err := b.walk(part, func(d *xml.Decoder, e xml.StartElement) (bool, error) {
		switch e.Name.Local {
		case "row":
			row, err := b.readRow(d, e, last)
			if err != nil {
				return true, err
			}
			last = row.N
			return true, f(row)
		case "mergeCell":
			if len(spans) == mostSpans {
				return false, broken("表格里合并的单元格太多，请取消合并后再导入。")
			}
			if s, ok := spanOf(attribute(e, "ref")); ok {
				spans = append(spans, s)
			}
		}
		return false, nil
	})
	return spans, err
}

func (b *book) readRow(d *xml.Decoder, e xml.StartElement, last int) (Row, error) {
	hidden := attribute(e, "hidden")
	row := Row{N: last + 1, Hidden: hidden == "1" || hidden == "true"}
	if n, err := strconv.Atoi(attribute(e, "r")); err == nil {
		if n <= last {
			return row, broken("第%d行之后的行号不正常，表格已损坏。", last)
		}
		row.N = n
	}
	if row.N > b.limits.Rows {
		return row, broken("表格超过 %d 行（空行也算），请删去末尾的空行或拆成几个文件。", b.limits.Rows)
	}
	for {
		t, err := d.RawToken()
		if err != nil {
			return row, err
		}
		switch t := t.(type) {
		case xml.EndElement:
			if t.Name.Local == "row" {
				return row, nil
			}
		case xml.StartElement:
			if t.Name.Local != "c" {
				continue
			}
			at := len(row.Cells)
			if ref := attribute(t, "r"); ref != "" {
				column, _, ok := cellOf(ref)
				if !ok || column < at {
					return row, broken("第%d行的单元格位置不正常，表格已损坏。", row.N)
				}
				at = column
			}
			if at >= b.limits.Columns {
				return row, broken("第%d行超过 %d 列，请删去多余的列。", row.N, b.limits.Columns)
			}
			c, err := b.readCell(d, attribute(t, "t"))
			if err != nil {
				return row, err
			}
			for len(row.Cells) < at {
				row.Cells = append(row.Cells, Cell{})
			}
			row.Cells = append(row.Cells, c)
		}
	}
}

func (b *book) readCell(d *xml.Decoder, kind string) (Cell, error) {
	var c Cell
	var value strings.Builder
	inValue := false
	for {
		t, err := d.RawToken()
		if err != nil {
			return c, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			inValue = t.Name.Local == "v"
			c.Formula = c.Formula || t.Name.Local == "f"
			if t.Name.Local == "is" {
				if c.Text, err = richText(d, "is"); err != nil {
					return c, err
				}
			}
		case xml.CharData:
			if inValue && value.Len() < 4*longestCell {
				value.Write(t)
			}
		case xml.EndElement:
			inValue = false
			if t.Name.Local == "c" {
				return c, b.fill(&c, kind, value.String())
			}
		}
	}
}

// fill gives a cell what its value means.
func (b *book) fill(c *Cell, kind, value string) error {
	switch kind {
	case "inlineStr":
	case "s":
		if value == "" {
			return nil
		}
		i, err := strconv.Atoi(strings.TrimSpace(value))
		if err != nil || i < 0 || i >= len(b.strings) {
			return broken("表格引用的文字不存在，已损坏，打不开。")
		}
		c.Text = b.strings[i]
	case "str", "d":
		c.Text = unescape(value)
	case "b":
		c.Text = map[string]string{"1": "是", "0": "否"}[strings.TrimSpace(value)]
	case "e":
		c.Text, c.Fault = value, true
	default:
		c.Text = plainNumber(strings.TrimSpace(value))
		c.Number = c.Text != ""
	}
	return nil
}

// plainNumber writes a whole number that a spreadsheet can hold with its
// digits; anything else stays as it is stored.
func plainNumber(s string) string {
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || n != math.Trunc(n) || math.Abs(n) >= 1e15 {
		return s
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

// cellOf reads a position such as AB12: column 27, row 12.
func cellOf(ref string) (column, row int, ok bool) {
	i := 0
	for ; i < len(ref) && ref[i] >= 'A' && ref[i] <= 'Z' && i < 4; i++ {
		column = column*26 + int(ref[i]-'A') + 1
	}
	row, err := strconv.Atoi(ref[i:])
	return column - 1, row, i > 0 && err == nil && row > 0
}

func spanOf(ref string) (Span, bool) {
	from, to, ok := strings.Cut(ref, ":")
	c1, r1, ok1 := cellOf(from)
	c2, r2, ok2 := cellOf(to)
	return Span{r1, r2, c1, c2}, ok && ok1 && ok2
}
