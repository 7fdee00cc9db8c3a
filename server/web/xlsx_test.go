package web

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"quandesk/server/auth"
	"quandesk/tickets"
)

// sheet is a finished workbook, opened again.
func sheet(t *testing.T, rows ...[]any) *excelize.File {
	t.Helper()
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, tickets.Beijing)
	b, err := newWorkbook(sheetHead{from: at.AddDate(0, 0, -22), to: at.AddDate(0, 0, 1), by: "孙建国", at: at})
	require.NoError(t, err)
	defer b.close()
	for _, row := range rows {
		require.NoError(t, b.add(row))
	}
	var out bytes.Buffer
	require.NoError(t, b.finish(&out))
	return reopen(t, out.Bytes())
}

func reopen(t *testing.T, data []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: 64 << 20})
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

func TestWhatLooksLikeAFormulaStaysText(t *testing.T) {
	evil := []string{
		"=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠x",
		`=HYPERLINK("http://evil.example","点击")`, "=cmd|' /C calc'!A0", "370102198001011234", "+8613812345678", "0531-88888888",
	}
	var rows [][]any
	for _, text := range evil {
		rows = append(rows, []any{text})
	}
	f := sheet(t, rows...)
	for i, text := range evil {
		cell := fmt.Sprintf("A%d", headerRow+1+i)
		formula, err := f.GetCellFormula(sheetName, cell)
		require.NoError(t, err)
		require.Empty(t, formula, text)
		kind, err := f.GetCellType(sheetName, cell)
		require.NoError(t, err)
		require.Equal(t, excelize.CellTypeInlineString, kind, text)
		value, err := f.GetCellValue(sheetName, cell)
		require.NoError(t, err)
		if text != "\r=1" { // XML reads a carriage return as a line feed
			require.Equal(t, text, value)
		}
	}
}

func TestDatesAreDatesOnTheClockOfBeijing(t *testing.T) {
	f := sheet(t, []any{time.Date(2026, 11, 22, 23, 30, 0, 0, time.UTC), nil, 3, 12.5})
	value, err := f.GetCellValue(sheetName, "A4")
	require.NoError(t, err)
	require.Equal(t, "2026-11-23 07:30", value)
	raw, err := f.GetCellValue(sheetName, "A4", excelize.Options{RawCellValue: true})
	require.NoError(t, err)
	require.Regexp(t, `^46349\.3125`, raw)
	number, err := f.GetCellValue(sheetName, "D4")
	require.NoError(t, err)
	require.Equal(t, "12.5", number)
}

func TestTheSheetHasItsHeadAndItIsFrozen(t *testing.T) {
	f := sheet(t)
	for cell, want := range map[string]string{
		"A1": "供水投诉台账",
		"A2": "单位：泉城水务客服中心　　接诉时间：2026-11-01 至 2026-11-24　　导出时间：2026-11-23 09:00　　导出人：孙建国",
		"B3": "台账编号",
	} {
		value, err := f.GetCellValue(sheetName, cell)
		require.NoError(t, err)
		require.Equal(t, want, value)
	}
	panes, err := f.GetPanes(sheetName)
	require.NoError(t, err)
	require.True(t, panes.Freeze)
	require.Equal(t, headerRow, panes.YSplit)
	page, err := f.GetPageLayout(sheetName)
	require.NoError(t, err)
	require.Equal(t, "landscape", *page.Orientation)
	require.Equal(t, paperA3, *page.Size)
}

func TestARowOfTheLedgerReadsAsItHappened(t *testing.T) {
	at := time.Date(2026, 11, 2, 9, 0, 0, 0, tickets.Beijing)
	good := true
	ticket := &tickets.Ticket{
		No: "TS-20261102-0001", Kind: tickets.Complaint, Category: tickets.Leak, State: tickets.Closed,
		Source: tickets.FromHotline, Channel: "phone", Outlet: "历下营业厅", ContactName: "张三丰", ContactPhone: "13812345678",
		Description: "路面冒水", Department: "管网运行部", Handler: tickets.Person{ID: 8, Name: "陈志强"},
		ReceivedAt: at, ContactedAt: at.Add(12 * time.Minute), SettledAt: at.Add(26 * time.Hour), ContactVia: "phone",
		LastContact: tickets.Reached, ClosedAt: at.Add(30 * time.Hour), CloseBasis: "回访满意",
		Settlement: tickets.Settlement{Outcome: tickets.Solved, Reply: "已修复", Measures: "更换管段", Justified: &good},
		Deadlines:  []tickets.Deadline{{Rule: "R02", DueAt: at.Add(48 * time.Hour)}},
	}
	r := tickets.LedgerRow{
		Ticket: ticket, Response: 12 * time.Minute, ContactMet: tickets.VerdictMet, FinishMet: tickets.VerdictMet,
		Callbacks: []tickets.Called{{At: at.Add(29 * time.Hour), By: "赵明", Result: tickets.CallbackResult{
			Verdict: tickets.CallbackSatisfied, Process: tickets.Good, Outcome: tickets.VeryGood, Solved: "yes"}}},
	}
	got := byTitle(lineFor(auth.User{ID: 5, Role: auth.RoleSupervisor}, r, 1))
	for title, want := range map[string]any{
		"序号": 1, "台账编号": "TS-20261102-0001", "状态": "已结案", "联系电话": "13812345678", "姓名": "张三丰",
		"响应用时（分）": 12.0, "20分钟达标": "是", "办理用时（时）": 26.0, "2日达标": "是", "应办结时间": at.Add(48 * time.Hour),
		"办理结果": "解决", "是否属实": "是", "回访人": "赵明", "结果评价": "非常满意", "回访结论": "满意", "二次回访时间": nil,
		"结案依据": "回访满意", "延期次数": 0, "是否保密": "否", "受理网点": "历下营业厅",
	} {
		require.Equal(t, want, got[title], title)
	}
	way := slices.IndexFunc(ledgerColumns, func(c column) bool { return c.title == "子渠道" })
	require.Equal(t, "受理网点", ledgerColumns[way+1].title, "where it was registered stands beside how it came")

	ticket.Confidential = true
	masked := byTitle(lineFor(auth.User{ID: 9, Role: auth.RoleAuditor}, r, 1))
	for _, title := range []string{"姓名", "联系电话"} {
		require.Equal(t, hidden, masked[title])
	}
	require.Equal(t, "13812345678", byTitle(lineFor(auth.User{ID: 5, Role: auth.RoleSupervisor}, r, 1))["联系电话"])
}

func byTitle(l line) map[string]any {
	out := map[string]any{}
	for i, v := range l.cells() {
		out[ledgerColumns[i].title] = v
	}
	return out
}

func TestTheLedgerIsExportedByThoseWhoMayAndOnRecord(t *testing.T) {
	h := openHouse(t)
	no := h.register("agent", map[string]any{"description": "=1+1 水费多收"})
	h.register("agent", map[string]any{"kind": "repair", "category": "leak"}) // no complaint
	const path = "/api/v1/ledger?format=xlsx"
	h.as("supervisor")
	for _, who := range []string{"lead", "auditor"} {
		h.send("GET", path, h.as(who), nil).is(403)
	}
	a := h.send("GET", path, h.as("supervisor"), nil).is(200)
	require.Equal(t, xlsxType, a.Header.Get("Content-Type"))
	require.Contains(t, a.Header.Get("Content-Disposition"), "attachment; filename*=UTF-8''%E6%8A%95%E8%AF%89")
	entries, err := h.store.Audit(t.Context(), 0, 3)
	require.NoError(t, err)
	require.Equal(t, "export", entries[0].Action)
	require.Equal(t, "ok", entries[0].Result)
	require.Equal(t, "refused", entries[1].Result)

	f := reopen(t, []byte(a.text))
	rows, err := f.GetRows(sheetName)
	require.NoError(t, err)
	require.Len(t, rows, headerRow+1)
	require.Equal(t, no, rows[headerRow][1])
	for col := range ledgerColumns {
		cell, err := excelize.CoordinatesToCellName(col+1, headerRow+1)
		require.NoError(t, err)
		formula, err := f.GetCellFormula(sheetName, cell)
		require.NoError(t, err)
		require.Empty(t, formula)
	}
}

func TestTheLedgerIsReadPageByPageOrWhole(t *testing.T) {
	h := openHouse(t)
	var want []string
	for range 3 {
		want = append(want, h.register("agent", nil))
	}
	all := h.send("GET", "/api/v1/ledger", h.as("auditor"), nil).is(200)
	require.Equal(t, want, numbers(all.json()))
	require.NotContains(t, all.text, "13812345678")
	require.NotContains(t, all.text, "张三丰")

	first := h.send("GET", "/api/v1/ledger?limit=2", h.as("lead"), nil).is(200).json()
	require.Equal(t, want[:2], numbers(first))
	rest := h.send("GET", "/api/v1/ledger?limit=2&cursor="+first["next_cursor"].(string), h.as("lead"), nil).is(200).json()
	require.Equal(t, want[2:], numbers(rest))
	require.NotContains(t, rest, "next_cursor")
	none := h.send("GET", "/api/v1/ledger?from=2020-01-01&to=2020-01-31", h.as("lead"), nil).is(200).json()
	require.Equal(t, []any{}, none["rows"])
}

func numbers(ledger map[string]any) []string {
	var out []string
	for _, r := range ledger["rows"].([]any) {
		out = append(out, r.(map[string]any)["ticket"].(map[string]any)["no"].(string))
	}
	return out
}
