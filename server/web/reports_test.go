package web

import (
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"quandesk/tickets"
)

// orderOf registers an order of 12345 and leads it to its handling.
func (h *house) orderOf(no string, more map[string]any) string {
	h.t.Helper()
	m := map[string]any{"source": "12345", "channel": "12345", "external_no": no}
	for k, v := range more {
		m[k] = v
	}
	id := h.register("agent", m)
	h.move("agent", id, "accept", nil)
	h.move("agent", id, "dispatch", map[string]any{"department": "管网运行部"})
	h.move("handler", id, "accept", nil)
	return id
}

const (
	orderNo  = "261120091500000001"
	otherNo  = "261120091500000002"
	formulas = "=HYPERLINK(\"http://x\",\"点我\")"
)

func (h *house) replied(no string) {
	h.t.Helper()
	h.move("handler", no, "reply", map[string]any{
		"outcome": "partly", "measures": "更换阀门三处", "reply": "已更换阀门，明日复查。", "channel": "phone", "justified": true,
		"order": map[string]any{"answer_type": "interim", "expected_at": "2026-12-01T17:00:00+08:00", "caller_says": "satisfied",
			"answered_by": "王工", "answer_phone": "053185812345", "unsolved_reason": "待复查", "public": formulas, "exempt": "属产权单位职责"},
	})
}

func TestAReplyIsABlockToPaste(t *testing.T) {
	h := openHouse(t)
	no := h.orderOf(orderNo, nil)
	h.replied(no)
	list := h.send("GET", "/api/v1/reports?act=reply", h.as("agent"), nil).is(200).json()["reports"].([]any)
	require.Len(t, list, 1)
	one := list[0].(map[string]any)
	require.Equal(t, "待发送", one["state_name"])
	for _, line := range []string{
		"工单编号：261120091500000001", "答复类型：阶段性答复", "预计完成时间：2026-12-01 17:00:00", "答复来电人情况：满意", "答复人：王工",
		"答复电话：053185812345", "办理情况：更换阀门三处", "答复内容：已更换阀门，明日复查。", "回复单位：泉城水务客服中心", "下级办理单位：管网运行部",
		"不再办理：否", "诉求是否属实：是", "是否解决：否", "未解决原因：待复查", "公开答复内容：" + formulas, "办理结果：部分解决",
		"建议不计入考核：【属产权单位职责，建议此件不计入考核】",
	} {
		require.Contains(t, one["text"], line+"\n")
	}
	page := h.signedIn("agent").get("/desk/tickets/" + no).is(200).text
	require.Contains(t, page, "data-copy", "one click takes it along")
	require.Contains(t, page, "答复类型：阶段性答复", "and it is there without script")
	require.Contains(t, page, "待发送")
	require.Contains(t, h.signedIn("handler").get("/desk/reports").is(200).text, orderNo)
	require.Empty(t, h.send("GET", "/api/v1/reports", h.as("agent2"), nil).is(200).json()["reports"].([]any)[0].(map[string]any)["reason"])
}

func TestTheSpreadsheetKeepsDigitsAndHoldsNoFormula(t *testing.T) {
	h := openHouse(t)
	first, second := h.orderOf(orderNo, nil), h.orderOf(otherNo, map[string]any{"description": "楼前漏水两天了"})
	h.replied(first)
	h.replied(second)
	one := h.send("GET", "/api/v1/reports?act=reply", h.as("agent"), nil).is(200).json()["reports"].([]any)[1].(map[string]any)
	sheet := func(path string) [][]string {
		f, err := excelize.OpenReader(strings.NewReader(h.send("GET", path, h.as("agent"), nil).is(200).text))
		require.NoError(t, err)
		defer f.Close()
		rows, err := f.GetRows("回复")
		require.NoError(t, err)
		for i, row := range rows {
			for j := range row {
				at, err := excelize.CoordinatesToCellName(j+1, i+1)
				require.NoError(t, err)
				formula, err := f.GetCellFormula("回复", at)
				require.NoError(t, err)
				require.Empty(t, formula)
				kind, err := f.GetCellType("回复", at)
				require.NoError(t, err)
				require.NotEqual(t, excelize.CellTypeNumber, kind, "%s keeps its digits", at)
			}
		}
		return rows
	}
	rows := sheet("/api/v1/reports/sheet")
	require.Len(t, rows, 3)
	require.Equal(t, []string{"工单编号", "答复类型", "预计完成时间", "答复来电人情况"}, rows[0][:4])
	require.Equal(t, orderNo, rows[1][0])
	require.Contains(t, rows[1], "'"+formulas)
	require.Len(t, sheet("/api/v1/reports/sheet?id="+jsonNumber(int64(one["id"].(float64)))), 2, "only what was chosen")
	require.Len(t, h.send("GET", "/api/v1/reports?act=reply", h.as("agent"), nil).is(200).json()["reports"], 2, "an export reports nothing")
	audit := h.send("GET", "/api/v1/audit", h.as("supervisor"), nil).is(200).text
	require.Contains(t, audit, "12345 replies: 2", "an export is on record")
}

func TestWhatWasUploadedIsMarkedByAnActOfItsOwn(t *testing.T) {
	h := openHouse(t)
	no := h.orderOf(orderNo, nil)
	h.replied(no)
	b := h.signedIn("agent")
	b.csrf = csrfIn.FindStringSubmatch(b.get("/desk/reports").is(200).text)[1]
	var ids []string
	for _, r := range h.send("GET", "/api/v1/reports", h.as("agent"), nil).is(200).json()["reports"].([]any) {
		ids = append(ids, strconv.FormatFloat(r.(map[string]any)["id"].(float64), 'f', -1, 64))
	}
	require.Len(t, ids, 2, "the signature and the reply")
	export := b.post("/desk/reports/sheet", url.Values{"id": ids}).is(200)
	require.Contains(t, export.Header.Get("Content-Type"), "spreadsheet")
	b.post("/desk/reports", url.Values{"id": ids}).is(303)
	require.Empty(t, h.send("GET", "/api/v1/reports", h.as("agent"), nil).is(200).json()["reports"])
	b.post("/desk/reports", url.Values{"id": ids}).is(303) // a colleague was faster
	k, err := h.Desk.Ticket(t.Context(), tickets.Everything, no)
	require.NoError(t, err)
	require.Nil(t, k.Running("D02"), "the platform has the reply")
	require.Contains(t, b.get("/desk/tickets/"+no).text, "已人工报送")
	h.send("POST", "/api/v1/tickets/"+no+"/report", h.as("agent"), map[string]any{"act": "reply", "way": "paste"}).is(422)
	row := h.send("GET", "/api/v1/ledger", h.as("supervisor"), nil).is(200).json()["rows"].([]any)[0].(map[string]any)
	require.NotEmpty(t, row["reported_at"])
	require.Equal(t, "属产权单位职责", row["exempt"])
}

func TestAnothersReportDoesNotExist(t *testing.T) {
	h := openHouse(t)
	no := h.register("agent", map[string]any{"source": "12345", "channel": "12345", "external_no": orderNo})
	h.move("agent", no, "accept", nil)
	h.move("agent", no, "dispatch", map[string]any{"department": "营业服务部"}) // not the handler's
	h.move("agent", no, "accept", nil)
	for _, path := range []string{"/api/v1/reports/1", "/desk/reports/1"} {
		require.Equal(t, 404, h.send("GET", path, h.as("handler"), nil).StatusCode, path)
	}
	h.send("POST", "/api/v1/reports/1/again", h.as("handler"), map[string]any{}).is(404)
	require.Empty(t, h.send("GET", "/api/v1/reports", h.as("handler"), nil).is(200).json()["reports"])
	h.send("GET", "/api/v1/reports/1", h.as("agent"), nil).is(200)
}

func TestBothSidesOfARequestStandOnOneScreen(t *testing.T) {
	h := openHouse(t)
	back, longer := h.orderOf(orderNo, nil), h.orderOf(otherNo, nil)
	h.move("handler", back, "return", map[string]any{"reason": "属小区物业管道", "owner": "翠屏物业公司", "phone": "0531-85812345"})
	h.move("handler", longer, "extend", map[string]any{"until": time.Now().Add(96 * time.Hour), "reason": "需开挖路面", "told": "已电话告知来电人"})
	b := h.signedIn("supervisor")
	page := b.get("/desk/approvals").is(200).text
	for _, words := range []string{"自来水发黄", "属小区物业管道", "翠屏物业公司", "需开挖路面", "已电话告知来电人", "原时限与新时限", "退单审核", "延期审核", "响应率", "按时办结率", "退单次数"} {
		require.Contains(t, page, words)
	}
	b.csrf = csrfIn.FindStringSubmatch(page)[1]
	b.post("/desk/tickets/"+back+"/moves/approve_return", url.Values{"opinion": {"同意"}}).is(303)
	b.post("/desk/tickets/"+longer+"/moves/refuse_extension", url.Values{"opinion": {"请按期办理"}}).is(303)
	require.Contains(t, b.get("/desk/approvals?figure=returns").is(200).text, back, "a figure opens its tickets")
	require.NotContains(t, b.get("/desk/approvals?figure=urges").is(200).text, back)
	h.signedIn("agent").get("/desk/approvals").is(403)
	list := h.send("GET", "/api/v1/reports?act=return", h.as("agent"), nil).is(200).json()["reports"].([]any)
	require.Len(t, list, 1)
	for _, line := range []string{"回退原因：属小区物业管道", "领导意见：同意", "建议承办单位：翠屏物业公司", "回退部门：管网运行部", "回退联系电话：0531-85812345"} {
		require.Contains(t, list[0].(map[string]any)["text"], line)
	}
}

func TestAnAssistingDepartmentSeesTheTicketAndDoesItsPartOnly(t *testing.T) {
	h := openHouse(t)
	no := h.register("agent", nil)
	h.move("agent", no, "accept", nil)
	h.move("agent", no, "dispatch", map[string]any{"department": "营业服务部"})
	h.send("GET", "/api/v1/tickets/"+no, h.as("handler"), nil).is(404)
	h.move("agent", no, "assist", map[string]any{"department": "管网运行部", "opinion": "请查管网压力"})
	h.send("GET", "/api/v1/tickets/"+no, h.as("handler"), nil).is(200)
	h.send("POST", "/api/v1/tickets/"+no+"/accept", h.as("handler"), map[string]any{}).is(403)
	h.move("handler", no, "assist_done", map[string]any{"result": "压力正常"})
	require.Contains(t, h.signedIn("agent").get("/desk/tickets/"+no).is(200).text, "签办：压力正常")
}

func TestD04AnOrderIsYellowOnItsLastWorkingDayEverywhere(t *testing.T) {
	h := openHouse(t)
	no := h.register("agent", map[string]any{"source": "12345", "channel": "12345", "external_no": orderNo, "kind": "inquiry"})
	h.move("agent", no, "accept", nil)
	h.move("agent", no, "contact", map[string]any{"via": "phone", "result": "reached"})
	k, err := h.Desk.Ticket(t.Context(), tickets.Everything, no)
	require.NoError(t, err)
	due := k.Running("D02").Due()
	rules := h.Desk.Rules()
	for _, c := range []struct {
		at   time.Time
		tone string
	}{{due.Add(-23 * time.Hour), "soon"}, {due.Add(time.Minute), "late"}} {
		require.Equal(t, c.tone, newClockDue(rules, "D02", due, c.at).Tone)
	}
	require.Empty(t, newClockDue(rules, "R02", due, due.Add(-23*time.Hour)).Tone, "the two days have their own warnings")
	for _, path := range []string{"/desk", "/desk/tickets", "/desk/tickets/" + no} {
		require.Contains(t, h.signedIn("agent").get(path).is(200).text, `class="due`, path)
	}
}
