package web

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/server/store"
	"quandesk/tickets"
)

// atNoon is a house in which it is noon of a working day, until told otherwise.
func atNoon(t *testing.T) (*house, *time.Time) {
	t.Helper()
	h := openHouse(t)
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, tickets.Beijing)
	h.store.SetClock(func() time.Time { return now })
	return h, &now
}

func (h *house) books(who string, body map[string]any) answer {
	h.t.Helper()
	return h.send("POST", "/api/v1/callbacks", h.as(who), body)
}

func TestCallbacksAreBookedUntilTheSlotIsFull(t *testing.T) {
	h, _ := atNoon(t)
	at := "2026-11-20T15:00:00+08:00"
	for i := range 4 {
		out := h.books("agent", map[string]any{"phone": fmt.Sprintf("1381234567%d", i), "at": at, "note": "问水费"}).is(201).json()
		require.Equal(t, "booked", out["state"])
		require.Equal(t, fmt.Sprintf("138****567%d", i), out["phone"])
	}
	full := h.books("agent2", map[string]any{"phone": "13900001111", "at": at}).is(409)
	require.Equal(t, "slot_taken", full.code())
	require.Contains(t, full.says(), "最近的空闲时间")
	free := full.json()["free"].([]any)
	require.Len(t, free, 3)
	require.Len(t, h.send("GET", "/api/v1/tickets?q=13900001111", h.as("agent"), nil).is(200).json()["tickets"], 0, "no ticket is left of a refused booking")
	h.books("agent2", map[string]any{"phone": "13900001111", "at": free[0]}).is(201)
	closed := h.books("agent", map[string]any{"phone": "13900001112", "at": "2026-11-20T22:00:00+08:00"}).is(409)
	require.Equal(t, "slot_closed", closed.code())
	require.Contains(t, closed.says(), "没有人员回电")
	list := h.send("GET", "/api/v1/callbacks?day=2026-11-20", h.as("agent2"), nil).is(200)
	require.Len(t, list.json()["callbacks"], 5)
	require.NotContains(t, list.text, "13812345670")
	var last string
	for _, c := range list.json()["callbacks"].([]any) {
		promised := c.(map[string]any)["at"].(string)
		require.LessOrEqual(t, last, promised, "in the order of the promises")
		last = promised
	}
	require.Empty(t, h.send("GET", "/api/v1/callbacks?day=2026-11-21", h.as("agent"), nil).is(200).json()["callbacks"])
	require.Empty(t, h.send("GET", "/api/v1/callbacks", h.as("handler"), nil).is(200).json()["callbacks"], "those of other departments are not there")
}

func TestBadBookingsAreRefusedInPlainChinese(t *testing.T) {
	h, _ := atNoon(t)
	for name, c := range map[string]struct {
		body   map[string]any
		status int
		says   string
	}{
		"no number":      {map[string]any{"at": "2026-11-20T15:00:00+08:00"}, 422, "「电话」"},
		"a bad number":   {map[string]any{"phone": "12", "at": "2026-11-20T15:00:00+08:00"}, 422, "「电话」"},
		"a time past":    {map[string]any{"phone": "13812345678", "at": "2026-11-20T09:00:00+08:00"}, 422, "「时间」"},
		"no such ticket": {map[string]any{"ticket_no": "TS-20200101-0001", "at": "2026-11-20T15:00:00+08:00"}, 404, "不存在"},
	} {
		require.Contains(t, h.books("agent", c.body).is(c.status).says(), c.says, name)
	}
	for i := range 3 {
		h.books("agent", map[string]any{"phone": "13812345678", "at": fmt.Sprintf("2026-11-20T1%d:00:00+08:00", 3+i)}).is(201)
	}
	often := h.books("agent", map[string]any{"phone": "13812345678", "at": "2026-11-20T17:00:00+08:00"}).is(409)
	require.Equal(t, "called_often", often.code())
	h.books("agent", map[string]any{"phone": "13812345678", "at": "2026-11-20T17:00:00+08:00", "override": true}).is(201)
}

func TestAPromisedCallIsMadeMovedAndCancelledOnce(t *testing.T) {
	h, now := atNoon(t)
	id := func(a answer) string { return jsonNumber(int64(a.json()["id"].(float64))) }
	act := func(id, move string, body map[string]any) answer {
		return h.send("POST", "/api/v1/callbacks/"+id+"/"+move, h.as("agent"), body)
	}
	first := h.books("agent", map[string]any{"phone": "13812345678", "at": "2026-11-20T13:00:00+08:00"}).is(201)
	moved := act(id(first), "move", map[string]any{"at": "2026-11-20T14:00:00+08:00"}).is(200)
	require.NotEqual(t, id(first), id(moved))
	require.Equal(t, "over", act(id(first), "reached", nil).is(409).code(), "the old promise is over")
	*now = now.Add(2 * time.Hour)
	clear(h.tokens) // the session has ended meanwhile
	tried := act(id(moved), "no_answer", nil).is(200).json()
	require.Equal(t, "booked", tried["state"])
	require.Equal(t, float64(1), tried["tries"])
	require.Equal(t, "2026-11-20T14:05:00+08:00", tried["next_at"])
	*now = now.Add(6 * time.Minute)
	require.Equal(t, "kept", act(id(moved), "reached", nil).is(200).json()["state"])
	second := h.books("agent", map[string]any{"phone": "13812345678", "at": "2026-11-20T16:00:00+08:00"}).is(201)
	require.Equal(t, "cancelled", act(id(second), "cancel", map[string]any{"note": "用户来电说不用了"}).is(200).json()["state"])
	act(id(second), "cancel", nil).is(409)
	act("999", "reached", nil).is(404)
	h.send("POST", "/api/v1/callbacks/"+id(second)+"/reached", h.as("handler"), nil).is(404) // not of the department
}

func TestWhoAnswersBeforeThePromisedTimeHasBeenCalled(t *testing.T) {
	h, _ := atNoon(t)
	out := h.books("agent", map[string]any{"phone": "13812345678", "at": "2026-11-20T16:00:00+08:00"}).is(201).json()
	path := fmt.Sprintf("/api/v1/callbacks/%v/", out["id"])
	no := out["ticket_no"].(string)
	h.send("POST", path+"no_answer", h.as("agent"), nil).is(200)
	require.Zero(t, h.ticket(no).CallTries)
	h.move("agent", no, "contact", map[string]any{"via": "phone", "result": "reached", "note": "谈的是另一件事"})
	require.False(t, h.ticket(no).CallAt.IsZero(), "a contact about something else does not keep the promise")
	require.Equal(t, "kept", h.send("POST", path+"reached", h.as("agent"), nil).is(200).json()["state"])
	require.True(t, h.ticket(no).CallAt.IsZero())
	require.NoError(t, h.store.Check(t.Context(), func(p store.Problem) { t.Errorf("%+v", p) }))
}

func TestASupervisorSaysWhenTeamsCall(t *testing.T) {
	h, _ := atNoon(t)
	boss := h.signedIn("supervisor")
	page := boss.get("/desk/callbacks/hours").is(200)
	boss.csrf = csrfIn.FindStringSubmatch(page.text)[1]
	require.Contains(t, page.text, `value="08:30"`)
	hours := url.Values{"team": {"客服热线"}, "opens": {"09:00"}, "closes": {"10:00"}, "slot_minutes": {"60"}, "capacity": {"1"}}
	require.Contains(t, boss.post("/desk/callbacks/hours", hours).is(200).text, "客服热线的回电时段已保存")
	got := h.send("GET", "/api/v1/callbacks/hours", h.as("agent"), nil).is(200).json()
	require.Equal(t, "09:00", got["opens"])
	require.Equal(t, "孙建国", got["changed_by"])
	h.books("agent", map[string]any{"phone": "13812345678", "at": "2026-11-21T09:30:00+08:00"}).is(201)
	h.books("agent", map[string]any{"phone": "13812345679", "at": "2026-11-21T09:00:00+08:00"}).is(409)
	for field, bad := range map[string]string{"opens": "25:00", "closes": "08:00", "slot_minutes": "0", "capacity": "0", "team": "月球部"} {
		form := url.Values{}
		for k, v := range hours {
			form[k] = v
		}
		form.Set(field, bad)
		require.Contains(t, boss.post("/desk/callbacks/hours", form).is(422).text, "填写有误", field)
	}
	trail := h.send("GET", "/api/v1/audit", h.as("supervisor"), nil).is(200).text
	require.Contains(t, trail, "hours.change")
}

func TestTheDiallingListWorksWithoutScripts(t *testing.T) {
	h, now := atNoon(t)
	booked := h.books("agent", map[string]any{"phone": "13812345678", "contact_name": "刘桂兰", "at": "2026-11-20T13:00:00+08:00", "note": "问水费"}).is(201).json()
	h.books("agent", map[string]any{"phone": "13812345679", "at": "2026-11-21T13:00:00+08:00"}).is(201)
	b := h.signedIn("agent2")
	page := b.get("/desk/callbacks").is(200).text
	require.Contains(t, page, "138****5678")
	require.Contains(t, page, "刘**")
	require.NotContains(t, page, "138****5679", "tomorrow's are tomorrow's")
	path := fmt.Sprintf("/desk/callbacks/%v/", booked["id"])
	require.Contains(t, b.post(path+"no_answer", url.Values{}).is(200).text, "约定时间还没到，今天 13:00仍要回电", "a try before the time is none of the three")
	form := b.post(path+"move", url.Values{}).is(200).text
	require.Contains(t, form, "最近的空闲时间")
	require.Contains(t, form, `value="2026-11-20T13:30:00&#43;08:00" checked`, "the next one")
	require.NotContains(t, form, `value="2026-11-20T13:00:00`, "where it is now is no other time")
	require.Less(t, strings.Index(form, "今天 12:00"), strings.Index(form, "今天 12:30"), "in the order of the day")
	require.Contains(t, b.post(path+"move", url.Values{"at": {"2026-11-20T23:00"}, "note": {"晚上再打"}}).is(409).text, "晚上再打", "what was typed is kept")
	*now = now.Add(time.Hour)
	b = h.signedIn("agent2")
	require.Contains(t, b.post(path+"no_answer", url.Values{}).is(200).text, "未接通，13:05后可以再拨")
	*now = now.Add(6 * time.Minute)
	require.Contains(t, b.post(path+"reached", url.Values{}).is(200).text, "已记为接通")
	require.Contains(t, b.post(path+"reached", url.Values{}).is(409).text, "已经打过、改约或取消")
	*now = now.AddDate(0, 0, 1).Add(3 * time.Hour)
	require.Contains(t, h.signedIn("agent2").get("/desk/callbacks").text, "138****5679")
}

func TestAConfidentialCallShowsNobodyWhoseItIs(t *testing.T) {
	h, _ := atNoon(t)
	no := h.register("supervisor", map[string]any{"confidential": true, "contact_name": "钱多多", "description": "举报偷水"})
	h.books("supervisor", map[string]any{"ticket_no": no, "at": "2026-11-20T15:00:00+08:00"}).is(201)
	for who, sees := range map[string]bool{"agent2": false, "supervisor": true} {
		page := h.signedIn(who).get("/desk/callbacks").is(200).text + h.send("GET", "/api/v1/callbacks", h.as(who), nil).is(200).text
		require.Equal(t, sees, strings.Contains(page, "138****5678"), who)
		require.Equal(t, sees, strings.Contains(page, "钱**"), who)
	}
}
