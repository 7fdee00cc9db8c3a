package web

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"quandesk/tickets"
)

func TestTheAuditTrailReadsInPlainWords(t *testing.T) {
	h := openHouse(t)
	h.as("auditor")
	no := h.register("agent", nil)
	h.send("POST", "/api/v1/tickets/"+no+"/reveal", h.as("agent"), map[string]any{"reason": "首次联系用户"}).is(200)
	h.send("GET", "/api/v1/ledger?format=xlsx&from=2026-01-01&to=2026-01-31", h.as("supervisor"), nil).is(200)
	h.send("POST", "/api/v1/login", "", map[string]string{"username": "agent", "password": "wrong"}).is(401)

	page := h.signedIn("auditor").get("/desk/audit").is(200).text
	for _, words := range []string{
		"工单接诉登记", `<a class="no" href="/desk/tickets/` + no + `">`, "查看号码", "成功，原因：首次联系用户",
		"导出台账", "台账 2026-01-01 至 2026-01-31", "用户名或密码不正确", "0.0.0.0", "建立演示账号",
	} {
		require.Contains(t, page, words)
	}
	require.NotContains(t, page, "13812345678")
	require.NotContains(t, page, "张三丰")
	require.Contains(t, page, `<a href="/desk/audit" aria-current="page">`)
	require.NotContains(t, h.signedIn("lead").get("/desk/tickets").is(200).text, "/desk/audit")
}

func TestTheAuditTrailIsReadPageByPage(t *testing.T) {
	h := openHouse(t)
	type entries = []any
	list := func(query string) entries {
		return h.send("GET", "/api/v1/audit"+query, h.as("auditor"), nil).is(200).json()["entries"].(entries)
	}
	all := list("?limit=200")
	id := func(e any) int64 { return int64(e.(map[string]any)["id"].(float64)) }
	require.EqualValues(t, len(all), id(all[0]), "numbered without gaps")
	require.Equal(t, "登录", all[0].(map[string]any)["action_name"])
	first := list("?limit=2")
	require.Equal(t, all[:2], first)
	require.Equal(t, all[2:4], list("?limit=2&before="+jsonNumber(id(first[1]))))
	require.Empty(t, list("?before=1"))
	for _, q := range []string{"?before=-1", "?before=x", "?limit=0", "?limit=201"} {
		h.send("GET", "/api/v1/audit"+q, h.as("auditor"), nil).is(422)
	}

	for range auditRows {
		require.NoError(t, h.record(t.Context(), "reveal", "TS-20260101-0001", "ok: 核对"))
	}
	b := h.signedIn("supervisor")
	page := b.get("/desk/audit").is(200).text
	_, rest, ok := strings.Cut(page, `href="/desk/audit?before=`)
	require.True(t, ok, "there is more")
	before, _, _ := strings.Cut(rest, `"`)
	more := b.get("/desk/audit?before="+before, asFragment).is(200).text
	require.Contains(t, more, "建立演示账号")
	require.NotContains(t, more, "<html")
	require.NotContains(t, more, "更早</a>", "the first entry has been reached")
	require.Contains(t, b.get("/desk/audit?before=1").is(200).text, "没有更早的记录。")
	b.get("/desk/audit?before=x").is(422)
}

func TestTheExportHoldsWhatThePageShows(t *testing.T) {
	h := openHouse(t)
	phoned := h.register("agent", nil)
	visited := h.register("agent", map[string]any{"source": "visit_letter_call", "channel": "counter", "category": "billing"})
	open := h.register("agent", map[string]any{"channel": "letter"})
	h.move("agent", open, "accept", nil)
	h.move("agent", open, "dispatch", map[string]any{"department": tickets.Departments[0]})
	boss := h.signedIn("supervisor")
	for query, want := range map[string][]string{
		"":                          {phoned, visited, open},
		"state=new":                 {phoned, visited},
		"state=open":                {phoned, visited, open},
		"source=visit_letter_call":  {visited},
		"channel=letter":            {open},
		"channel=counter&state=new": {visited},
		"category=billing":          {visited},
		"department=" + url.QueryEscape(tickets.Departments[0]): {open},
		"from=2020-01-01&to=2020-01-31":                         nil,
		"to=2020-01-31":                                         nil,
	} {
		page := boss.get("/desk/ledger?" + query).is(200).text
		export := hrefOf(t, page, "/api/v1/ledger?")
		rows, err := reopen(t, []byte(boss.get(export).is(200).text)).GetRows(sheetName)
		require.NoError(t, err)
		var exported []string
		if strings.Contains(query, "state=new") {
			require.Contains(t, page, "状态：待受理", "a printed part is no whole")
			require.Contains(t, rows[1][0], "状态：待受理")
		}
		for _, row := range rows[headerRow:] {
			exported = append(exported, row[1])
		}
		require.Equal(t, want, exported, query)
		json := boss.get(strings.Replace(export, "format=xlsx", "format=json", 1)).is(200)
		require.Equal(t, want, numbers(json.json()), query)
		for _, no := range []string{phoned, visited, open} {
			require.Equal(t, strings.Contains(strings.Join(want, " "), no), strings.Contains(page, ">"+no+"<"), "%s on the page of %s", no, query)
		}
		require.NotContains(t, page, "0001-01-01")
	}
	require.NotContains(t, h.signedIn("auditor").get("/desk/ledger").is(200).text, "导出XLSX")
	boss.get("/desk/ledger?state=gone").is(422)
}

// hrefOf is the first address on a page that begins so.
func hrefOf(t *testing.T, page, begins string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, `href="`+begins)
	require.True(t, ok, begins)
	rest, _, _ = strings.Cut(rest, `"`)
	return begins + strings.ReplaceAll(rest, "&amp;", "&")
}

func TestAPersonWhoIsConfirmedHasTheirOtherTickets(t *testing.T) {
	h := openHouse(t)
	first := h.register("agent", nil)
	second := h.register("agent", nil)
	secret := h.register("lead", map[string]any{"confidential": true})
	other := h.register("agent", map[string]any{"contact_phone": "13900001111"})
	agent := h.signedIn("agent")
	require.Contains(t, agent.get("/desk/tickets/"+first+"/moves/contact", asFragment).is(200).text, "已核实是本人")
	unasked := agent.through(first, "contact", url.Values{"via": {"phone"}, "result": {"no_answer"}, "confirmed": {"1"}}).is(422)
	require.Contains(t, unasked.text, "「已核实是本人」填写有误")
	require.NotContains(t, agent.get("/desk/tickets/"+first).text, "同一用户的其他工单")
	done := agent.through(first, "contact", url.Values{"via": {"phone"}, "result": {"reached"}, "confirmed": {"1"}}).is(200)
	require.Contains(t, done.text, "已核实本人")
	reached := map[string]any{"via": "phone", "result": "reached", "confirmed": true}
	person := h.move("agent", second, "contact", reached)["customer_id"]
	require.NotNil(t, person)
	h.move("lead", secret, "contact", reached)

	path := hrefOf(t, agent.get("/desk/tickets/"+first).is(200).text, "/desk/tickets?customer=")
	list := agent.get(path).is(200).text
	require.Contains(t, list, "只看同一用户的工单")
	for no, found := range map[string]bool{first: true, second: true, other: false, secret: false} {
		require.Equal(t, found, strings.Contains(list, no), no)
	}
	api := "/api/v1/tickets?customer=" + jsonNumber(int64(person.(float64)))
	require.Len(t, h.send("GET", api, h.as("agent"), nil).is(200).json()["tickets"], 2, "whose the confidential one is stays hidden")
	require.Len(t, h.send("GET", api, h.as("lead"), nil).is(200).json()["tickets"], 3)
	require.NotContains(t, agent.get("/desk/tickets?customer=x").is(200).text, first)
	h.send("GET", "/api/v1/tickets?customer=0", h.as("agent"), nil).is(422)
	require.NotContains(t, h.signedIn("auditor").get("/desk/tickets/"+first).is(200).text, "同一用户的其他工单")
}

func TestAConversationOfAnotherPersonIsNotTakenOver(t *testing.T) {
	h := openHouse(t)
	_, conversation := h.visit()
	mine := h.register("agent", map[string]any{"conversation_id": conversation})
	theirs := h.register("agent", map[string]any{"conversation_id": conversation, "contact_phone": "13900001111"})
	h.move("agent", mine, "contact", map[string]any{"via": "phone", "result": "reached", "confirmed": true})
	a := h.send("POST", "/api/v1/tickets/"+theirs+"/contact", h.as("agent"),
		map[string]any{"via": "phone", "result": "reached", "confirmed": true}).is(409)
	require.Equal(t, "other_person", a.code())
	require.Equal(t, "该会话已属于另一位用户，请核对电话。", a.says())
	form := h.signedIn("agent").through(theirs, "contact", url.Values{"via": {"visit"}, "result": {"reached"}, "confirmed": {"1"}, "note": {"上门见到本人"}}).is(409)
	require.Contains(t, form.text, "该会话已属于另一位用户，请核对电话。")
	require.Contains(t, form.text, "上门见到本人", "what was typed is kept")
	require.NotContains(t, form.text, "这张工单刚刚有更新")
}
