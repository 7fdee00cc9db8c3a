package web

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestNamesAndNumbersAreMasked(t *testing.T) {
	for in, want := range map[string]string{
		"张三丰": "张**", "李四": "李*", "欧阳询先生": "欧***", "王先生": "王先生", "赵女士": "赵女士", "": "", "刘": "刘",
	} {
		require.Equal(t, want, maskName(in), in)
	}
	for in, want := range map[string]string{
		"请打13812345678找张三":        "请打138****5678找张三",
		"13812345678或13987654321": "138****5678或139****4321",
		"身份证370102198001011234":   "身份证370102************",
		"工单号26112309150012345678": "工单号26112309150012345678",
		"没有电话":                    "没有电话",
	} {
		require.Equal(t, want, maskText(in), in)
	}
}

func TestPersonalDataIsMaskedUntilItIsRevealed(t *testing.T) {
	h := openHouse(t)
	no := h.register("agent", map[string]any{"description": "自来水发黄，请回电13987654321张三丰"})
	for _, path := range []string{"/api/v1/tickets", "/api/v1/tickets/" + no, "/api/v1/conversations"} {
		for _, who := range []string{"agent", "supervisor"} {
			a := h.send("GET", path, h.as(who), nil).is(200)
			require.NotContains(t, a.text, "13812345678", path)
			require.NotContains(t, a.text, "13987654321", path)
		}
	}
	one := h.send("GET", "/api/v1/tickets/"+no, h.as("agent"), nil).is(200).json()
	require.Equal(t, "138****5678", one["contact_phone"])
	require.Equal(t, "张**", one["contact_name"])

	reveal := "/api/v1/tickets/" + no + "/reveal"
	h.send("POST", reveal, h.as("agent"), map[string]any{}).is(422)
	h.send("POST", reveal, h.as("agent"), map[string]any{"reason": "  "}).is(422)
	out := h.send("POST", reveal, h.as("agent"), map[string]any{"reason": "联系用户核实"}).is(200).json()
	require.Equal(t, "13812345678", out["contact_phone"])
	require.Equal(t, "张三丰", out["contact_name"])
	entries, err := h.store.Audit(t.Context(), 0, 1)
	require.NoError(t, err)
	require.Equal(t, "reveal", entries[0].Action)
	require.Equal(t, no, entries[0].Object)
	require.Equal(t, "ok: 联系用户核实", entries[0].Result)
	require.Equal(t, "林晓雨", entries[0].Actor.Name)
	require.NotEmpty(t, entries[0].RequestID)
}

func TestLookingAtNumbersHasALimit(t *testing.T) {
	h := openHouse(t)
	no := h.register("agent", nil)
	reveal := "/api/v1/tickets/" + no + "/reveal"
	for range reveals {
		h.send("POST", reveal, h.as("agent"), map[string]any{"reason": "联系用户"}).is(200)
	}
	a := h.send("POST", reveal, h.as("agent"), map[string]any{"reason": "联系用户"}).is(429)
	require.Equal(t, "操作过于频繁，请稍后再试。", a.says())
	require.NotContains(t, a.text, "13812345678")
	h.send("POST", reveal, h.as("agent2"), map[string]any{"reason": "联系用户"}).is(200)
	entries, err := h.store.Audit(t.Context(), 0, 50)
	require.NoError(t, err)
	refused := 0
	for _, e := range entries {
		if e.Action == "reveal" && strings.HasPrefix(e.Result, "refused") {
			refused++
		}
	}
	require.Equal(t, 1, refused)
}

func TestWhoDialsAllDayMaySeeEveryNumberSheHasToDial(t *testing.T) {
	h, now := atNoon(t)
	look := func(who, no string) answer {
		return h.send("POST", "/api/v1/tickets/"+no+"/reveal", h.as(who), map[string]any{"reason": "拨打预约回电"})
	}
	other, later, foreign := h.register("agent2", nil), h.register("agent2", nil), h.register("agent2", nil)
	no := h.books("agent2", map[string]any{"phone": "13812345670", "at": "2026-11-20T15:00:00+08:00"}).is(201).json()["ticket_no"].(string)
	h.move("agent2", later, "book_call", map[string]any{"at": "2026-11-21T15:00:00+08:00"})
	h.move("agent2", foreign, "accept", nil)
	h.move("agent2", foreign, "dispatch", map[string]any{"department": "管网运行部"})
	h.move("handler", foreign, "book_call", map[string]any{"at": "2026-11-20T16:00:00+08:00"})
	for range reveals + 5 {
		look("agent", no).is(200)
	}
	entries, err := h.store.Audit(t.Context(), 0, 1)
	require.NoError(t, err)
	require.Equal(t, "ok: 拨打任务：拨打预约回电", entries[0].Result, "every look is on record")
	for i := range reveals {
		look("agent", []string{other, later, foreign}[i%3]).is(200)
	}
	for name, browsed := range map[string]string{"no call": other, "tomorrow's": later, "another department's": foreign} {
		require.Equal(t, "操作过于频繁，请稍后再试。", look("agent", browsed).is(429).says(), name)
	}
	look("handler", foreign).is(200)
	look("agent", no).is(200)
	*now = now.Add(24 * time.Hour)
	delete(h.tokens, "agent") // signed in anew in the morning
	look("agent", later).is(200)
	entries, err = h.store.Audit(t.Context(), 0, 1)
	require.NoError(t, err)
	require.Contains(t, entries[0].Result, byDialling, "its day has come")
	for range dials {
		look("agent", no)
	}
	for range reveals {
		look("agent", no)
	}
	look("agent", no).is(429) // nobody dials so fast
}

func TestAConfidentialTicketHidesWhoComplained(t *testing.T) {
	h := openHouse(t)
	no := h.register("agent", map[string]any{
		"confidential": true, "description": "张三丰反映文东小区水表员乱收费，住历下区文化东路88号3号楼，电话13812345678",
	})
	h.move("agent", no, "accept", nil)
	h.move("agent", no, "contact", map[string]any{"via": "phone", "result": "reached", "whom": "张三丰", "note": "张三丰称情况属实"})
	h.move("agent", no, "dispatch", map[string]any{"department": "管网运行部"})
	secrets := []string{"张三丰", "文化东路", "13812345678", "5678", "文东小区"}
	for _, who := range []string{"agent2", "handler"} {
		for _, path := range []string{"/api/v1/tickets", "/api/v1/tickets/" + no, "/api/v1/tickets?q=" + no} {
			a := h.send("GET", path, h.as(who), nil).is(200)
			for _, secret := range secrets {
				require.NotContains(t, a.text, secret, "%s %s", who, path)
			}
		}
		h.send("POST", "/api/v1/tickets/"+no+"/reveal", h.as(who), map[string]any{"reason": "想知道是谁"}).is(403)
	}
	for _, who := range []string{"agent", "supervisor"} { // who holds it, and a supervisor
		h.send("POST", "/api/v1/tickets/"+no+"/reveal", h.as(who), map[string]any{"reason": "联系用户"}).is(200)
		require.Contains(t, h.send("GET", "/api/v1/tickets/"+no, h.as(who), nil).is(200).text, "文化东路")
	}
}

func TestAnEventThatCannotBeReadShowsNothing(t *testing.T) {
	plain := func(s string) string { return s }
	require.Nil(t, maskEvent(json.RawMessage(`[`), true, plain))
	require.Nil(t, maskEvent(nil, true, plain))
	require.JSONEq(t, `{"number":"138****5678","n":1}`, string(maskEvent(json.RawMessage(`{"number":"138****5678","n":1}`), true, maskText)))
}
