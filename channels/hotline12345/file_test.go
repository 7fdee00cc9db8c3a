package hotline12345

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"quandesk/tickets"
)

// office makes a workbook the way an office does: rows of cells from A1 on,
// then whatever else is done to it.
func office(t testing.TB, rows [][]any, more ...func(*excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, row := range rows {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		require.NoError(t, err)
		require.NoError(t, f.SetSheetRow("Sheet1", cell, &row))
	}
	for _, m := range more {
		m(f)
	}
	var b bytes.Buffer
	require.NoError(t, f.Write(&b))
	return b.Bytes()
}

func readFile(t testing.TB, file []byte) File {
	t.Helper()
	f, err := ReadFile(bytes.NewReader(file), int64(len(file)))
	require.NoError(t, err)
	return f
}

var xl = []any{"序号", "办件编号", "办件来源", "市级编号", "诉求主题", "诉求内容", "办理单位", "办理科室", "诉求人", "诉求人电话",
	"处理结果", "事项大类", "事项小类", "派发时间", "承诺完成时间", "办件状态", "派单员", "预警状态"}

func TestTheExportOfEighteenColumns(t *testing.T) {
	file := office(t, [][]any{xl,
		{1, "JX20260302001", "电话", "260302093015001204", "水质", "水发黄\n第二行\t三楼", "水务集团", "客服", "李女士", "13812345678", "", "城市供水", "水质", "2026/3/2 9:35", 46090.75, "办理中", "小赵", "正常"},
		{2, "JX20260302002", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", ""},
		{}, {"", " ", "\t"},
	})
	f := readFile(t, file)
	require.Len(t, f.Lines, 2, "trailing blanks are no orders")
	o := f.Lines[0].Order
	require.Empty(t, f.Lines[0].Problems)
	require.Equal(t, "JX20260302001", o.No)
	require.Equal(t, []string{"260302093015001204"}, o.OtherNos)
	require.Equal(t, "水发黄\n第二行 三楼", o.Content)
	require.Equal(t, "城市供水/水质", o.CategoryPath)
	require.Equal(t, "水务集团 客服", o.HandlingUnit)
	require.True(t, o.Due.Equal(time.Date(2026, 3, 9, 18, 0, 0, 0, tickets.Beijing)), "a serial number: %v", o.Due)
	require.True(t, o.DispatchedAt.Equal(time.Date(2026, 3, 2, 9, 35, 0, 0, tickets.Beijing)), "a text: %v", o.DispatchedAt)
	require.Equal(t, []string{"“诉求内容”：没有诉求内容。"}, f.Lines[1].Problems)
	require.Equal(t, "表“Sheet1”第3行", f.Lines[1].Where)
	require.Equal(t, []string{"表“Sheet1”没有“联系地址”、“来电类别”列，导入后请在工单中核对。"}, f.Notes)
}

func TestTheStreetHubsExportWithItsPrefixAndWithoutAndBelowATitle(t *testing.T) {
	row := []any{"260302093015001204", "2026-03-02 09:30", "电话", "文化东路88号", "投诉类", "水发黄", "水务集团", "已联系"}
	plain := []any{"工单编号", "受理时间", "工单来源", "诉求地址", "工单类型", "内容描述", "主办单位", "答复市民要点"}
	prefixed := make([]any, len(plain))
	for i, name := range plain {
		prefixed[i] = name
		if i < 6 {
			prefixed[i] = "12345" + name.(string)
		}
	}
	for name, rows := range map[string][][]any{
		"with the prefix": {prefixed, row}, "without": {plain, row}, "in the second row": {{}, plain, row},
		"below a title and a date": {{"XX街道12345工单明细"}, {"导出时间", "2026-03-03"}, prefixed, row},
		"put together of two":      {plain, row, plain, {"260302093015001205", "2026-03-02", "", "", "", "停水", "", ""}},
	} {
		f := readFile(t, office(t, rows))
		o := f.Lines[0].Order
		require.Empty(t, f.Lines[0].Problems, name)
		require.Equal(t, []any{"260302093015001204", "电话", "文化东路88号", Complaint, "水发黄", "已联系"},
			[]any{o.No, o.OriginChannel, o.Address, o.Demand, o.Content, o.Outcome}, name)
		if name == "put together of two" {
			require.Len(t, f.Lines, 2)
			require.Equal(t, []string{"表“Sheet1”没有“联系电话”列，导入后请在工单中核对。", "表“Sheet1”第3行又是列名，没有读。"}, f.Notes)
		}
	}
}

func TestEveryTrapOfASpreadsheetHasItsSentence(t *testing.T) {
	head := []any{"工单编号", "诉求内容", "承诺完成时间", "新列"}
	file := office(t, [][]any{head,
		{260302093015001204, "数字单元格", "", ""}, // a float keeps fifteen digits
		{"260302093015001205", "水发黄", "月底", ""},
		{"260302093015001206", "水发黄", "", "值"},
		{"260302093015001206", "水发黄", "", "值"},
		{"260302093015001206", "水发黑", "", "值"},
		{"260302093015001207", "合并", "", ""}, {"", "", "", "x"},
		{"260302093015001208", "", "", ""},
		{"260302093015001209", "没有列名的一列", "", "", "多余"},
	}, func(f *excelize.File) {
		require.NoError(t, f.MergeCell("Sheet1", "A7", "A8"))
		require.NoError(t, f.SetCellFormula("Sheet1", "B9", "CONCATENATE(\"水\",\"黄\")"))
		require.NoError(t, f.SetCellValue("Sheet1", "A2", 2.60302093015001e17))
		_, err := f.NewSheet("藏")
		require.NoError(t, err)
		require.NoError(t, f.SetSheetVisible("藏", false))
		require.NoError(t, f.SetRowVisible("Sheet1", 4, false))
	})
	f := readFile(t, file)
	var got []string
	for _, l := range f.Lines {
		got = append(got, strings.TrimPrefix(l.Where, "表“Sheet1”")+" "+strings.Join(append(l.Problems, l.Why), " "))
	}
	require.Equal(t, []string{
		"第2行 A列“工单编号”：工单编号“260302093015001000”的末尾数字已经丢失：表格把长编号当成了数值。请在导出时把这一列设为文本，或向平台重新导出。 ",
		"第3行 C列“承诺完成时间”：办理时限“月底”不是日期，应像 2026-01-31 09:30 这样写。 ",
		"第4行 ",
		"第5行 与表“Sheet1”第4行重复。",
		"第6行 “工单编号”：与表“Sheet1”第4行编号相同而内容不同（诉求内容），请核对后保留一行。 ",
		"第7行 A列“工单编号”：第7至8行是合并的单元格，请取消合并并填全后再导入。 ",
		"第8行 “工单编号”：没有工单编号。 “诉求内容”：没有诉求内容。 A列“工单编号”：第7至8行是合并的单元格，请取消合并并填全后再导入。 ",
		"第9行 ",
		"第10行 ",
	}, got)
	require.Contains(t, f.Lines[7].Hints, "B列“诉求内容”：是公式，按表格里显示的结果处理，没有计算。")
	require.Contains(t, f.Lines[8].Hints, "E列：没有列名，没有读。")
	require.Equal(t, []string{"表“Sheet1”没有“联系地址”、“联系电话”、“来电类别”列，导入后请在工单中核对。", "表“Sheet1”不认识这些列，内容原样保存在工单的其他信息里：新列。", "表“Sheet1”有1行是隐藏的（可能用了筛选），也一并读了。", "表“藏”是隐藏的，没有读。"}, f.Notes)
	require.Equal(t, map[string]string{"新列": "值"}, f.Lines[2].Order.Extra)
}

func TestACSVOfAnOfficeReadsLikeItsWorkbook(t *testing.T) {
	const text = "12345工单编号,12345内容描述,承诺完成时间\n260302093015001204,\"水发黄\n两天\",2026年3月9日\n2.60302E+17,停水,\n"
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	require.NoError(t, err)
	for _, file := range []string{text, "\ufeff" + text, gb} {
		f := readFile(t, []byte(file))
		require.Len(t, f.Lines, 2)
		require.Equal(t, "水发黄\n两天", f.Lines[0].Order.Content)
		require.True(t, f.Lines[0].Order.Due.Equal(time.Date(2026, 3, 10, 0, 0, 0, 0, tickets.Beijing)), "the day is included")
		require.Equal(t, Counts{New: 1, Wrong: 1}, Count(f.Lines))
		require.Contains(t, f.Lines[1].Problems[0], "A列“12345工单编号”：工单编号“2.60302E+17”的末尾数字已经丢失")
	}
}

func TestAFileWithoutOrdersSaysSo(t *testing.T) {
	for name, x := range map[string]struct {
		file []byte
		says string
	}{
		"no columns":  {[]byte("a,b\n1,2\n"), "前10行里没有找到列名：要有“工单编号”（或“办件编号”）一列，还要有“诉求内容”等任何两列。"},
		"no orders":   {[]byte("工单编号,诉求内容,联系人\n"), "表格里只有列名，没有工单。"},
		"an old book": {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "这是旧版表格（.xls），改了扩展名也打不开，请另存为 .xlsx 或 .csv 再导入。"},
	} {
		_, err := ReadFile(bytes.NewReader(x.file), int64(len(x.file)))
		var bad *FileError
		require.ErrorAs(t, err, &bad, name)
		require.Equal(t, x.says, bad.Words, name)
	}
}

func TestANameOfAFileIsShownPlainly(t *testing.T) {
	for name, want := range map[string]string{`..\..\x.xlsx`: "x.xlsx", "/etc/passwd": "passwd", "a\u202exslx.php": "axslx.php", "\u200b": "未命名",
		"": "未命名", strings.Repeat("长", 300): strings.Repeat("长", 80) + "…", "a\x00b.csv": "ab.csv"} {
		require.Equal(t, want, plainFile(name))
	}
}
