package sheet

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"
	utf16 "golang.org/x/text/encoding/unicode"

	"quandesk/server/watched"
)

var tight = Limits{File: 20 << 20, Unpacked: 64 << 20, Part: 16 << 20, Rows: 50000, Columns: 200}

type part struct{ name, text string }

const (
	contentTypes = `<?xml version="1.0"?><Types><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`
	relations    = `<Relationships><Relationship Id="rId1" Type="x" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="x" Target="/xl/worksheets/sheet2.xml"/></Relationships>`
	workbook     = `<workbook xmlns:r="x"><sheets><sheet name="工单" sheetId="1" r:id="rId1"/></sheets></workbook>`
)

// packedWith is a workbook whose sheet is this XML, with further parts.
func packedWith(t testing.TB, sheet string, more ...part) []byte {
	t.Helper()
	parts := []part{{"[Content_Types].xml", contentTypes}, {"xl/_rels/workbook.xml.rels", relations}, {"xl/workbook.xml", workbook}, {"xl/worksheets/sheet1.xml", sheet}}
	for _, m := range more {
		replaced := false
		for i := range parts {
			if parts[i].name == m.name {
				parts[i], replaced = m, true
			}
		}
		if !replaced {
			parts = append(parts, m)
		}
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, p := range parts {
		f, err := w.Create(p.name)
		require.NoError(t, err)
		_, err = io.WriteString(f, p.text)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

func sheetOf(rows string) string { return `<worksheet><sheetData>` + rows + `</sheetData></worksheet>` }

// all reads every row of every table.
func all(file []byte) (rows []Row, spans []Span, err error) {
	tables, err := Open(bytes.NewReader(file), int64(len(file)), tight)
	if err != nil {
		return nil, nil, err
	}
	for _, t := range tables {
		more, err := t.Rows(func(r Row) error {
			rows = append(rows, r)
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
		spans = append(spans, more...)
	}
	return rows, spans, nil
}

func TestCellsAreAsTheyAreStored(t *testing.T) {
	file := packedWith(t, sheetOf(`<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="inlineStr"><is><t>行&#10;内</t></is></c></row>`+
		`<row r="4"><c r="A4"><v>260302093015001234</v></c><c r="B4"><v>13812345678</v></c><c r="C4"><v>1.3812345678E10</v></c>`+
		`<c r="D4"><f>SUM(1,2)</f><v>3</v></c><c r="E4" t="str"><f>"a"</f><v>a_x000D_b</v></c><c r="F4" t="e"><v>#REF!</v></c><c r="G4" t="b"><v>1</v></c><c r="H4"><f>NOW()</f></c></row>`+
		`<row r="5"/>`),
		part{"xl/sharedStrings.xml", `<sst><si><r><t>诉求</t></r><r><t>内容</t></r><rPh sb="0" eb="1"><t>sùqiú</t></rPh></si></sst>`})
	rows, _, err := all(file)
	require.NoError(t, err)
	require.Equal(t, []Row{
		{N: 1, Cells: []Cell{{Text: "诉求内容"}, {}, {Text: "行\n内"}}},
		{N: 4, Cells: []Cell{{Text: "260302093015001234", Number: true}, {Text: "13812345678", Number: true}, {Text: "13812345678", Number: true},
			{Text: "3", Number: true, Formula: true}, {Text: "a\rb", Formula: true}, {Text: "#REF!", Fault: true}, {Text: "是"}, {Formula: true}}},
		{N: 5},
	}, rows)
}

func TestTextIsReadInEveryEncodingOfAnOffice(t *testing.T) {
	const text = "工单编号,内容\r\n'=1,\"水,发黄\n两天\"\r\n\r\n3,𠮷\r\n"
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	require.NoError(t, err)
	wide, err := utf16.UTF16(utf16.LittleEndian, utf16.UseBOM).NewEncoder().String(text)
	require.NoError(t, err)
	for name, file := range map[string]string{"UTF-8": text, "UTF-8 with a mark": "\ufeff" + text, "GB18030": gb, "UTF-16": wide,
		"tabs": strings.NewReplacer(",内容", "\t内容", "1,", "1\t", "3,", "3\t").Replace(text)} {
		rows, _, err := all([]byte(file))
		require.NoError(t, err, name)
		require.Len(t, rows, 3, name)
		require.Equal(t, Row{N: 2, Cells: []Cell{{Text: "=1"}, {Text: "水,发黄\n两天"}}}, rows[1], name)
		require.Equal(t, 4, rows[2].N, "%s: a spreadsheet counts the blank line and not the one in the cell", name)
		require.Equal(t, "𠮷", rows[2].Cells[1].Text, name)
	}
}

// swollen is a workbook that unpacks to so many megabytes, each of them packed
// to a thousandth: the same packed block again and again, which costs little
// to make.
func swollen(t testing.TB, megabytes int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, p := range []part{{"[Content_Types].xml", contentTypes}, {"xl/_rels/workbook.xml.rels", relations}, {"xl/workbook.xml", workbook}} {
		f, err := w.Create(p.name)
		require.NoError(t, err)
		_, err = io.WriteString(f, p.text)
		require.NoError(t, err)
	}
	block := bytes.Repeat([]byte(" "), 1<<20)
	once, end := deflated(t, block)
	h := zip.FileHeader{Name: "xl/worksheets/sheet1.xml", Method: zip.Deflate, UncompressedSize64: uint64(megabytes) << 20,
		CompressedSize64: uint64(megabytes*len(once) + len(end))}
	for range megabytes {
		h.CRC32 = crc32.Update(h.CRC32, crc32.IEEETable, block)
	}
	f, err := w.CreateRaw(&h)
	require.NoError(t, err)
	_, err = f.Write(append(bytes.Repeat(once, megabytes), end...))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

// deflated packs a block so that it can stand before others, and what ends
// them.
func deflated(t testing.TB, block []byte) (once, end []byte) {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	require.NoError(t, err)
	_, err = w.Write(block)
	require.NoError(t, err)
	require.NoError(t, w.Flush())
	n := b.Len()
	require.NoError(t, w.Close())
	return b.Bytes()[:n], b.Bytes()[n:]
}

func TestASwollenWorkbookIsSoundButForItsSize(t *testing.T) {
	file := swollen(t, 8)
	parts, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	require.NoError(t, err)
	f, err := parts.File[3].Open()
	require.NoError(t, err)
	defer f.Close()
	n, err := io.Copy(io.Discard, f)
	require.NoError(t, err)
	require.EqualValues(t, 8<<20, n)
}

// lying says of every part that it is empty.
func lying(file []byte) []byte {
	out := bytes.Clone(file)
	for at := 0; ; {
		i := bytes.Index(out[at:], []byte("PK\x01\x02"))
		if i < 0 {
			return out
		}
		at += i
		binary.LittleEndian.PutUint32(out[at+24:], 0)
		at += 4
	}
}

func TestF21WhatWouldBurstIsRefusedAtOnce(t *testing.T) {
	gigabyte := swollen(t, 1024)
	require.Less(t, len(gigabyte), 3<<20)
	wide := `<row r="1"><c r="XFD1"><v>1</v></c></row>`
	million := `<row/>`
	for _, x := range []struct {
		name string
		file []byte
		says string
	}{
		{"a gigabyte in 3 MB", gigabyte, "文件解压后超过 64 MB，不能导入。"},
		{"a gigabyte that says it is nothing", lying(gigabyte), "文件已损坏，打不开。"},
		{"one part too large", packedWith(t, sheetOf(strings.Repeat(" ", 17<<20))), "文件里有一个部件解压后超过 16 MB，不能导入，请拆成几个文件。"},
		{"a million empty rows", packedWith(t, sheetOf(strings.Repeat(million, 1000000))), "表格超过 50000 行（空行也算），请删去末尾的空行或拆成几个文件。"},
		{"row 50,001", packedWith(t, sheetOf(`<row r="50001"/>`)), "表格超过 50000 行（空行也算），请删去末尾的空行或拆成几个文件。"},
		{"16,384 columns", packedWith(t, sheetOf(wide)), "第1行超过 200 列，请删去多余的列。"},
		{"columns without positions", packedWith(t, sheetOf("<row>"+strings.Repeat("<c/>", 201)+"</row>")), "第1行超过 200 列，请删去多余的列。"},
		{"a hundred thousand merges", packedWith(t, `<worksheet><sheetData/><mergeCells>`+strings.Repeat(`<mergeCell ref="A1:B2"/>`, 100000)+`</mergeCells></worksheet>`), "表格里合并的单元格太多，请取消合并后再导入。"},
		{"a macro", packedWith(t, sheetOf(""), part{"xl/vbaProject.bin", "x"}), "表格含有宏（.xlsm），请另存为不含宏的 .xlsx 再导入。"},
		{"a macro by its type", packedWith(t, sheetOf(""), part{"[Content_Types].xml", strings.Replace(contentTypes, "openxmlformats-officedocument.spreadsheetml.sheet", "ms-excel.sheet.macroEnabled", 1)}), "表格含有宏（.xlsm），请另存为不含宏的 .xlsx 再导入。"},
		{"a link to another file", packedWith(t, sheetOf(""), part{"xl/externalLinks/externalLink1.xml", "<x/>"}), "表格含有指向其他文件的链接，请断开链接（或只粘贴数值）后再导入。"},
		{"a zip in the zip", packedWith(t, sheetOf(""), part{"xl/media/more.zip", "PK\x03\x04"}), "表格里还装着压缩文件，不能导入。"},
		{"a name that leads out", packedWith(t, sheetOf(""), part{"../../etc/passwd", "x"}), "文件内部的名称不正常，不能导入。"},
		{"a name of Windows", packedWith(t, sheetOf(""), part{`xl\..\..\x`, "x"}), "文件内部的名称不正常，不能导入。"},
		{"an entity", packedWith(t, `<!DOCTYPE x [<!ENTITY a "b">]><worksheet><sheetData><row><c><v>&a;</v></c></row></sheetData></worksheet>`), "表格的内部格式不正常，不能导入。"},
		{"a thousand deep", packedWith(t, strings.Repeat("<a>", 1000)), "表格的内部格式不正常，不能导入。"},
		{"cut off", packedWith(t, `<worksheet><sheetData><row r="1"><c r="A1"><v>1`), "表格已损坏，打不开。"},
		{"a text that is not there", packedWith(t, sheetOf(`<row><c t="s"><v>7</v></c></row>`)), "表格引用的文字不存在，已损坏，打不开。"},
		{"rows backwards", packedWith(t, sheetOf(`<row r="5"/><row r="3"/>`)), "第5行之后的行号不正常，表格已损坏。"},
		{"no workbook", packedWith(t, "", part{"xl/workbook.xml", ""})[:200], "文件已损坏，打不开。"},
		{"an old workbook", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600) + "W\x00o\x00r\x00k"), "这是旧版表格（.xls），改了扩展名也打不开，请另存为 .xlsx 或 .csv 再导入。"},
		{"a workbook with a password", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600) + string(encrypted)), "表格设有打开密码，请去掉密码，另存为 .xlsx 再导入。"},
		{"a PDF", []byte("%PDF-1.7 …"), "PDF 文件不能导入，请用原来的表格文件。"},
		{"nothing", nil, "文件是空的。"},
		{"a picture", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), "文件的编码看不懂，请另存为 UTF-8 编码的文本再导入。"},
		{"a line of 15 MB", bytes.Repeat([]byte("a"), 15<<20), "文件里有一行超过 1 MB，不是工单表格，不能导入。"},
		{"a quote that never ends", []byte("a,b\n1,\"" + strings.Repeat("x\n", 1<<20)), "文件里有一行超过 1 MB，不是工单表格，不能导入。"},
		{"21 MB", make([]byte, 21<<20), "文件有 21 MB，最大 20 MB，请拆成几个文件。"},
		{"50,001 lines", []byte(strings.Repeat("1,2\n", 50001)), "表格超过 50000 行（空行也算），请删去末尾的空行或拆成几个文件。"},
	} {
		t.Run(x.name, func(t *testing.T) {
			before, start := resident(t), time.Now()
			_, _, err := all(x.file)
			took, grew := time.Since(start), resident(t)-before
			var bad *Error
			require.ErrorAs(t, err, &bad)
			require.Equal(t, x.says, bad.Words)
			require.Less(t, took, watched.Allow(2*time.Second))
			require.Less(t, grew, int64(100<<20), "memory")
		})
	}
}

// resident is how much memory the process has, after what nobody needs is gone.
func resident(t testing.TB) int64 {
	t.Helper()
	runtime.GC()
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0 // not on this system
	}
	var size, pages int64
	_, err = fmt.Sscan(string(b), &size, &pages)
	require.NoError(t, err)
	return pages * int64(os.Getpagesize())
}

func TestMergedCellsAreTold(t *testing.T) {
	_, spans, err := all(packedWith(t, `<worksheet><sheetData><row r="1"/></sheetData><mergeCells><mergeCell ref="A1:H1"/><mergeCell ref="AB3:AB5"/></mergeCells></worksheet>`))
	require.NoError(t, err)
	require.Equal(t, []Span{{1, 1, 0, 7}, {3, 5, 27, 27}}, spans)
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte("工单编号,内容\n1,2\n"))
	f.Add(packedWith(f, sheetOf(`<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row>`)))
	f.Add([]byte("\xff\xfea\x00,\x00"))
	f.Fuzz(func(t *testing.T, file []byte) {
		rows, _, err := all(file)
		var bad *Error
		if err != nil && !errors.As(err, &bad) {
			t.Errorf("an error without words: %v", err)
		}
		for _, r := range rows {
			if r.N > tight.Rows*20 || len(r.Cells) > tight.Columns {
				t.Errorf("row %d has %d cells", r.N, len(r.Cells))
			}
		}
	})
}
