package web

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAComplaintIsCarriedFromReceiptToClosing(t *testing.T) {
	h := openHouse(t)
	no := h.register("agent", nil)
	require.Regexp(t, `^TS-\d{8}-0001$`, no)

	h.move("agent", no, "accept", nil)
	h.move("agent", no, "contact", map[string]any{"via": "phone", "result": "reached", "whom": "本人"})
	h.move("agent", no, "dispatch", map[string]any{"department": "管网运行部", "opinion": "请尽快到场"})
	out := h.move("handler", no, "accept", nil)
	require.Equal(t, "processing", out["state"], "a department takes a dispatched ticket in and starts")
	h.move("handler", no, "arrive", map[string]any{"proof": "现场照片"})
	out = h.move("handler", no, "reply", map[string]any{
		"outcome": "solved", "measures": "冲洗管道", "reply": "管道已冲洗，水质恢复正常，请放心使用。", "channel": "phone"})
	require.Equal(t, "settled", out["state"])
	out = h.move("agent2", no, "callback", map[string]any{
		"result": "satisfied", "process": "satisfied", "outcome": "very_satisfied", "solved": "yes"})
	require.Equal(t, "closed", out["state"])

	full := h.send("GET", "/api/v1/tickets/"+no, h.as("agent"), nil).is(200).json()
	require.Len(t, full["events"], 11)
	require.NotEmpty(t, full["deadlines"])
	require.NotEmpty(t, full["moves"])
}

func TestAMoveOutOfOrderNamesTheStepThatIsMissing(t *testing.T) {
	for _, c := range []struct {
		move, sentence string
		body           map[string]any
	}{
		{"close", "工单当前状态为「待受理」，不能结案，请先受理。", nil},
		{"dispatch", "工单当前状态为「待受理」，不能派单，请先受理。", map[string]any{"department": "管网运行部"}},
		{"reply", "工单当前状态为「待受理」，不能办结并答复，请先受理。", map[string]any{
			"outcome": "solved", "measures": "冲洗管道", "reply": "管道已冲洗，水质恢复正常。"}},
		{"callback", "工单当前状态为「待受理」，不能开始回访，请先受理。", map[string]any{"result": "satisfied"}},
		{"extend", "工单当前状态为「待受理」，不能申请延期，请先受理。", map[string]any{
			"until": "2030-01-01T10:00:00+08:00", "reason": "等待配件", "told": "已电话告知"}},
	} {
		t.Run(c.move, func(t *testing.T) {
			h := openHouse(t)
			no := h.register("agent", nil)
			a := h.send("POST", "/api/v1/tickets/"+no+"/"+c.move, h.as("agent"), c.body).is(409)
			require.Equal(t, c.sentence, a.says())
			require.Equal(t, "state", a.code())
			require.EqualValues(t, 1, h.send("GET", "/api/v1/tickets/"+no, h.as("agent"), nil).is(200).json()["version"])
		})
	}
}

func TestCloseIsAlwaysRefusedAndNamesWhatIsDue(t *testing.T) {
	h := openHouse(t)
	no := h.register("agent", nil)
	h.move("agent", no, "accept", nil)
	a := h.send("POST", "/api/v1/tickets/"+no+"/close", h.as("supervisor"), nil).is(409)
	require.Equal(t, "工单当前状态为「已受理，待派单」，不能结案，请先派单。", a.says())
}

func TestTheHandlerMayNotCallBack(t *testing.T) {
	h := openHouse(t)
	no := settled(h)
	a := h.send("POST", "/api/v1/tickets/"+no+"/callback", h.as("handler"), map[string]any{
		"result": "satisfied", "process": "satisfied", "outcome": "satisfied"}).is(409)
	require.Equal(t, "回访须由办理人以外的人员进行。", a.says())
}

// settled carries a new ticket to 办结 by the handler of a department.
func settled(h *house) string {
	h.t.Helper()
	no := h.register("agent", nil)
	h.move("agent", no, "accept", nil)
	h.move("agent", no, "dispatch", map[string]any{"department": "管网运行部"})
	h.move("handler", no, "accept", nil)
	h.move("handler", no, "reply", map[string]any{
		"outcome": "solved", "measures": "冲洗管道", "reply": "管道已冲洗，水质恢复正常，请放心使用。"})
	return no
}

func TestAStaleVersionIsRefusedWithTheFreshTicket(t *testing.T) {
	h := openHouse(t)
	no := h.register("agent", nil)
	h.move("agent", no, "accept", map[string]any{"version": 1})
	a := h.send("POST", "/api/v1/tickets/"+no+"/note", h.as("agent2"), map[string]any{"note": "请关注", "version": 1}).is(409)
	require.Equal(t, "stale", a.code())
	fresh := a.json()["ticket"].(map[string]any)
	require.EqualValues(t, 2, fresh["version"])
	require.Equal(t, "accepted", fresh["state"])
}

func TestARepeatWithTheSameKeyIsDoneOnce(t *testing.T) {
	h := openHouse(t)
	once := header{"Idempotency-Key", "register-1"}
	first := h.send("POST", "/api/v1/tickets", h.as("agent"), complaintOf(nil), once).is(201)
	again := h.send("POST", "/api/v1/tickets", h.as("agent"), complaintOf(nil), once).is(201)
	require.Equal(t, first.text, again.text)
	require.Equal(t, "true", again.Header.Get("Idempotent-Replayed"))
	h.send("POST", "/api/v1/tickets", h.as("agent2"), complaintOf(nil), once).is(201) // another person's key is another key

	h.send("POST", "/api/v1/tickets", h.as("agent"), complaintOf(nil), header{"Idempotency-Key", strings.Repeat("k", 101)}).is(422)
	wrong := header{"Idempotency-Key", "register-2"}
	h.send("POST", "/api/v1/tickets", h.as("agent"), complaintOf(map[string]any{"contact_phone": "1"}), wrong).is(422)
	h.send("POST", "/api/v1/tickets", h.as("agent"), complaintOf(nil), wrong).is(201) // what was refused may be mended

	other := h.send("POST", "/api/v1/tickets", h.as("agent"), complaintOf(map[string]any{"urgent": true}), once).is(422)
	require.Equal(t, "key_reused", other.code())
	list := h.send("GET", "/api/v1/tickets", h.as("agent"), nil).is(200).json()
	require.Len(t, list["tickets"], 3)
}

func TestAnExtensionIsAskedForAndGrantedByALead(t *testing.T) {
	h := openHouse(t)
	no := h.register("agent", nil)
	h.move("agent", no, "accept", nil)
	h.move("agent", no, "dispatch", map[string]any{"department": "管网运行部"})
	h.move("handler", no, "accept", nil)
	until := h.store.Now().AddDate(0, 0, 5)
	h.move("handler", no, "extend", map[string]any{"until": until, "reason": "等待配件到货", "told": "已电话告知客户"})
	h.send("POST", "/api/v1/tickets/"+no+"/grant_extension", h.as("agent"), nil).is(403)
	out := h.move("lead", no, "grant_extension", map[string]any{"opinion": "同意"})
	require.Equal(t, "processing", out["state"])
}

func TestATicketIsReassignedToSomebodyWhoCanTakeIt(t *testing.T) {
	h := openHouse(t)
	no := h.register("agent", nil)
	h.move("agent", no, "accept", nil)
	people, err := h.store.Users(t.Context())
	require.NoError(t, err)
	for _, u := range people {
		a := h.send("POST", "/api/v1/tickets/"+no+"/reassign", h.as("lead"), map[string]any{"assignee_id": u.ID})
		switch u.Username {
		case "editor", "admin", "auditor", "agent": // agent holds it already
			a.is(422)
		default:
			require.Equal(t, u.Name, a.is(200).json()["assignee"])
		}
	}
	h.send("POST", "/api/v1/tickets/"+no+"/reassign", h.as("lead"), map[string]any{"assignee_id": 999}).is(422)
}
