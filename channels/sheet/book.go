package sheet

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// book is a workbook on its way to its tables.
type book struct {
	parts   map[string]*zip.File
	limits  Limits
	strings []string // that cells share
}

const (
	mostSheets  = 50
	deepest     = 40 // levels of an XML part
	longestCell = 32767
)

func openBook(r io.ReaderAt, size int64, l Limits) ([]Table, error) {
	packed, err := Unpack(r, size, l)
	if err != nil {
		return nil, err
	}
	b := &book{parts: map[string]*zip.File{}, limits: l}
	for _, f := range packed.File {
		b.parts[f.Name] = f
	}
	if err := b.harmless(); err != nil {
		return nil, err
	}
	if b.parts["xl/workbook.xml"] == nil {
		return nil, broken("这个压缩文件不是表格（.xlsx）。")
	}
	if err := b.readStrings(); err != nil {
		return nil, err
	}
	return b.tables()
}

// harmless refuses what a list of orders has no use for.
func (b *book) harmless() error {
	for name := range b.parts {
		lower := strings.ToLower(name)
		switch {
		case strings.HasPrefix(lower, "xl/vbaproject") || strings.HasSuffix(lower, "vbaproject.bin") || strings.HasPrefix(lower, "xl/macrosheets/"):
			return broken("表格含有宏（.xlsm），请另存为不含宏的 .xlsx 再导入。")
		case strings.HasPrefix(lower, "xl/externallinks/"):
			return broken("表格含有指向其他文件的链接，请断开链接（或只粘贴数值）后再导入。")
		case strings.HasSuffix(lower, ".zip") || strings.HasSuffix(lower, ".xlsx"):
			return broken("表格里还装着压缩文件，不能导入。")
		case strings.HasPrefix(lower, "xl/worksheets/") && strings.HasSuffix(lower, ".bin"):
			return broken("这是二进制表格（.xlsb），请另存为 .xlsx 或 .csv 再导入。")
		}
	}
	macros := false
	err := b.walk("[Content_Types].xml", func(_ *xml.Decoder, e xml.StartElement) (bool, error) {
		macros = macros || strings.Contains(attribute(e, "ContentType"), "macroEnabled")
		return false, nil
	})
	if err == nil && macros {
		err = broken("表格含有宏（.xlsm），请另存为不含宏的 .xlsx 再导入。")
	}
	return err
}

func (b *book) tables() ([]Table, error) {
	targets := map[string]string{}
	err := b.walk("xl/_rels/workbook.xml.rels", func(_ *xml.Decoder, e xml.StartElement) (bool, error) {
		if e.Name.Local == "Relationship" && attribute(e, "TargetMode") != "External" {
			target := attribute(e, "Target")
			if !strings.HasPrefix(target, "/") {
				target = "xl/" + target
			}
			targets[attribute(e, "Id")] = strings.TrimPrefix(path.Clean(target), "/")
		}
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	var out []Table
	since1904 := false
	err = b.walk("xl/workbook.xml", func(_ *xml.Decoder, e xml.StartElement) (bool, error) {
		switch e.Name.Local {
		case "workbookPr":
			since1904 = attribute(e, "date1904") == "1" || attribute(e, "date1904") == "true"
		case "sheet":
			part := targets[attribute(e, "id")]
			if b.parts[part] == nil || !strings.HasPrefix(part, "xl/worksheets/") || len(out) == mostSheets {
				return false, nil // a chart, or one too many
			}
			state := attribute(e, "state")
			out = append(out, Table{
				Name: attribute(e, "name"), Hidden: state == "hidden" || state == "veryHidden",
				read: func(f func(Row) error) ([]Span, error) { return b.readSheet(part, f) },
			})
		}
		return false, nil
	})
	for i := range out {
		out[i].Since1904 = since1904
	}
	return out, err
}

// readStrings reads the texts that cells share. How a text is spoken (rPh) is
// no part of it.
func (b *book) readStrings() error {
	const part = "xl/sharedStrings.xml"
	if b.parts[part] == nil {
		return nil
	}
	return b.walk(part, func(d *xml.Decoder, e xml.StartElement) (bool, error) {
		if e.Name.Local != "si" {
			return false, nil
		}
		s, err := richText(d, "si")
		b.strings = append(b.strings, s)
		return true, err
	})
}

// richText gathers the runs of a text up to the end of its element.
func richText(d *xml.Decoder, end string) (string, error) {
	var out strings.Builder
	inText, spoken := false, 0
	for {
		t, err := d.RawToken()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.StartElement:
			inText = t.Name.Local == "t" && spoken == 0
			if t.Name.Local == "rPh" {
				spoken++
			}
		case xml.EndElement:
			inText = false
			switch t.Name.Local {
			case "rPh":
				spoken--
			case end:
				return unescape(out.String()), nil
			}
		case xml.CharData:
			if inText && out.Len() < 4*longestCell {
				out.Write(t)
			}
		}
	}
}

// walk gives every element of a part to f, which may read on to its end and
// says so. A part that declares anything of its own is none an office program
// writes.
func (b *book) walk(part string, f func(*xml.Decoder, xml.StartElement) (read bool, err error)) error {
	file := b.parts[part]
	if file == nil {
		return broken("表格缺少必要的部件，已损坏，打不开。")
	}
	r, err := file.Open()
	if err != nil {
		return broken("文件已损坏，打不开。")
	}
	defer r.Close()
	d := xml.NewDecoder(io.LimitReader(r, b.limits.Part))
	for depth := 0; ; {
		t, err := d.RawToken()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return broken("表格已损坏，打不开。")
		}
		switch t := t.(type) {
		case xml.Directive:
			return broken("表格的内部格式不正常，不能导入。")
		case xml.EndElement:
			depth--
		case xml.StartElement:
			if depth++; depth > deepest {
				return broken("表格的内部格式不正常，不能导入。")
			}
			read, err := f(d, t)
			if err != nil {
				return worded(err)
			}
			if read {
				depth--
			}
		}
	}
}

// worded keeps what is already in words, and calls what the decoder says damage.
func worded(err error) error {
	var syntax *xml.SyntaxError
	switch {
	case errors.As(err, &syntax), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return broken("表格已损坏，打不开。")
	}
	return err
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// unescape reads _x000D_, the way workbooks write characters that XML has no
// place for.
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); {
		var code rune
		if len(s)-i >= 7 && s[i:i+2] == "_x" && s[i+6] == '_' {
			if n, err := fmt.Sscanf(s[i+2:i+6], "%04x", &code); n == 1 && err == nil {
				out.WriteRune(code)
				i += 7
				continue
			}
		}
		out.WriteByte(s[i])
		i++
	}
	return out.String()
}
