package web

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/server/auth"
	"quandesk/tickets"
)

// telephone gives people extensions and returns the key of the exchange.
func (h *house) telephone(extensions map[string]string) string {
	h.t.Helper()
	for name, extension := range extensions {
		h.send("POST", "/api/v1/users/"+name+"/extension", h.as("admin"), map[string]any{"extension": extension}).is(200)
	}
	made := h.send("POST", "/api/v1/keys", h.as("admin"), map[string]any{"name": "总机"}).is(201).json()
	return made["key"].(string)
}

func (h *house) reports(token, callID, event, number, extension string) answer {
	h.t.Helper()
	return h.send("POST", "/api/v1/calls", token, map[string]any{
		"call_id": callID, "event": event, "caller": number, "callee": "96116", "extension": extension,
	})
}

func TestAKeyDoesOneThingUntilItIsRevoked(t *testing.T) {
	h := openHouse(t)
	key := h.telephone(nil)
	h.reports(key, "c-1", "ringing", "13812345678", "801").is(200)
	for path, body := range map[string]any{
		"GET /api/v1/tickets": nil, "GET /api/v1/me": nil, "POST /api/v1/tickets": complaintOf(nil), "GET /api/v1/keys": nil,
		"GET /api/v1/calls": nil, "POST /api/v1/calls/link": map[string]any{"call_id": "c-1", "ticket_no": "x"}, "POST /api/v1/logout": nil,
	} {
		method, path, _ := strings.Cut(path, " ")
		h.send(method, path, key, body).is(403)
	}
	h.send("GET", "/desk/calls", key, nil).is(302) // keys open no page
	list := h.send("GET", "/api/v1/keys", h.as("admin"), nil).is(200)
	require.NotContains(t, list.text, key, "a key is shown once")
	require.Contains(t, list.text, "used_at")
	h.send("POST", "/api/v1/keys/1/revoke", h.as("admin"), nil).is(204)
	h.reports(key, "c-2", "ringing", "13812345678", "801").is(401)
	h.reports("qdk_"+strings.Repeat("x", 43), "c-2", "ringing", "13812345678", "801").is(401)
	h.send("POST", "/api/v1/keys/99/revoke", h.as("admin"), nil).is(422)
}

func TestAnExtensionIsOnePersonsAndSurvivesOtherChanges(t *testing.T) {
	h := openHouse(t)
	h.telephone(map[string]string{"agent": "801"})
	a := h.send("POST", "/api/v1/users/agent2/extension", h.as("admin"), map[string]any{"extension": "801"}).is(409)
	require.Equal(t, "这个分机已由其他人使用。", a.says())
	h.send("POST", "/api/v1/users/agent2/extension", h.as("admin"), map[string]any{"extension": "abc"}).is(422)
	token := h.as("agent")
	h.telephone(map[string]string{"agent": "803"})
	h.send("GET", "/api/v1/me", token, nil).is(200) // the session goes on
	_, err := h.Gate.ChangeUser(context.Background(), tickets.Clock, auth.User{Username: "agent", Name: "林晓雨", Role: auth.RoleAgent})
	require.NoError(t, err)
	u, _, err := h.store.UserByName(context.Background(), "agent")
	require.NoError(t, err)
	require.Equal(t, "803", u.Extension)
}

func TestTheCallersHistoryIsShownToWhoseTelephoneRings(t *testing.T) {
	h := openHouse(t)
	key := h.telephone(map[string]string{"agent": "801", "agent2": "802"})
	open := h.register("agent", map[string]any{"urgent": true})
	secret := h.register("supervisor", map[string]any{"confidential": true, "description": "举报邻居偷水，请保密。"})
	settled := h.register("agent", map[string]any{"kind": "inquiry", "description": "上个月水费多少"})
	h.move("agent", settled, "answer", map[string]any{"reply": "已告知水费明细。"})
	h.reports(key, "c-1", "ringing", "138 1234 5678", "801").is(200)

	panel := h.signedIn("agent").get("/desk/calls").is(200).text
	require.Contains(t, panel, "138****5678")
	require.NotContains(t, panel, "13812345678", "the number is masked as everywhere")
	require.Contains(t, panel, open)
	require.Contains(t, panel, settled)
	require.Contains(t, panel, "有紧急工单")
	require.NotContains(t, panel, secret, "whose a confidential ticket is nobody learns from a call")
	for _, path := range []string{"/desk", "/desk/tickets", "/desk/callbacks", "/desk/tickets/new", "/desk/notices", "/desk/tickets/" + open} {
		require.Contains(t, h.signedIn("agent").get(path).is(200).text, "138****5678", "on every page: %s", path)
	}
	other := h.signedIn("agent2").get("/desk/calls").is(200).text
	require.NotContains(t, other, "138****5678")
	require.NotContains(t, h.signedIn("supervisor").get("/desk").is(200).text, `id="calls"`, "no extension, no panel")

	h.reports(key, "c-1", "answered", "13812345678", "802").is(200)
	require.NotContains(t, h.signedIn("agent").get("/desk/calls").text, "138****5678", "a colleague has answered")
	require.Contains(t, h.signedIn("agent2").get("/desk/calls").text, "通话中")
}

func TestAnUnknownNumberSaysSo(t *testing.T) {
	h := openHouse(t)
	key := h.telephone(map[string]string{"agent": "801"})
	h.reports(key, "c-1", "ringing", "13698765432", "801").is(200)
	h.reports(key, "c-2", "ringing", "anonymous", "801").is(200)
	panel := h.signedIn("agent").get("/desk/calls").is(200).text
	require.Contains(t, panel, "没有这个号码的工单和会话记录。")
	require.Contains(t, panel, "对方隐藏了号码")
	require.Contains(t, panel, "首次来电")
}

func TestR01ACallIsTheContactOnlyWhenTheAgentSaysOfWhichTicket(t *testing.T) {
	h := openHouse(t)
	key := h.telephone(map[string]string{"agent": "801", "agent2": "802"})
	no := h.register("agent2", nil)
	link := func(who string, contact bool) answer {
		return h.send("POST", "/api/v1/calls/link", h.as(who), map[string]any{"call_id": "c-1", "ticket_no": no, "contact": contact})
	}
	link("agent", true).is(404) // no such call
	h.reports(key, "c-1", "ringing", "13812345678", "801").is(200)
	link("agent", true).is(422) // it only rings
	h.reports(key, "c-1", "answered", "13812345678", "801").is(200)
	link("agent2", true).is(422) // a colleague's call is no contact of mine
	require.Nil(t, h.send("GET", "/api/v1/tickets/"+no, h.as("agent"), nil).json()["contacted_at"], "never on its own")
	link("agent", false).is(200)
	require.Nil(t, h.send("GET", "/api/v1/tickets/"+no, h.as("agent"), nil).json()["contacted_at"], "linked is not contacted")
	link("agent", true).is(200)
	ticket := h.send("GET", "/api/v1/tickets/"+no, h.as("agent"), nil).is(200)
	require.NotNil(t, ticket.json()["contacted_at"])
	require.Contains(t, ticket.text, `"call_id":"c-1"`, "with the record of the exchange")
	require.NotContains(t, ticket.text, "13812345678")
	h.send("POST", "/api/v1/calls/link", h.as("agent"), map[string]any{"call_id": "c-1", "ticket_no": "TS-20200101-0001", "contact": true}).is(404)
}

func TestOnlyThePersonAtTheTelephoneMayHearOfIt(t *testing.T) {
	h := openHouse(t)
	base, _ := h.listen()
	key := h.telephone(map[string]string{"agent": "801"})
	agent, colleague := h.signedIn("agent"), h.signedIn("agent2")
	mine, _ := h.open(base, "/desk/live", agent.cookies, base)
	theirs, _ := h.open(base, "/desk/live", colleague.cookies, base)
	require.Equal(t, []string{"calls:user:1"}, mine.granted("desk", "calls:user:1", "calls:user:2", "calls:role:agent"))
	require.Empty(t, theirs.granted("desk", "calls:user:1"))
	resident := h.resident()
	stranger, _ := h.open(base, "/chat/live", resident.cookies, base)
	require.Empty(t, stranger.granted(topicOf(resident), "calls:user:1"))
	h.reports(key, "c-1", "ringing", "13812345678", "801").is(200)
	require.Equal(t, "calls:user:1", mine.hears())
}

func TestTheAdministratorKeepsTelephonesAndKeysWithoutScripts(t *testing.T) {
	h := openHouse(t)
	b := h.signedIn("admin")
	b.csrf = csrfIn.FindStringSubmatch(b.get("/desk/phones").is(200).text)[1]
	require.Contains(t, b.post("/desk/phones/extension", url.Values{"username": {"agent"}, "extension": {"801"}}).is(200).text, "林晓雨的分机已设为801。")
	require.Contains(t, b.post("/desk/phones/extension", url.Values{"username": {"lead"}, "extension": {"801"}}).is(409).text, "已由其他人使用")
	made := b.post("/desk/phones/keys", url.Values{"name": {"总机"}}).is(200).text
	require.Contains(t, made, "qdk_")
	require.NotContains(t, b.get("/desk/phones").text, "qdk_")
	require.Contains(t, b.post("/desk/phones/keys", url.Values{"name": {""}}).is(422).text, "填写有误")
	require.Contains(t, b.post("/desk/phones/keys/1/revoke", url.Values{}).is(200).text, "密钥已停用")
}

func TestAMissedCallStandsOnTheDiallingListAndInTheInbox(t *testing.T) {
	h := openHouse(t)
	h.store.SetClock(func() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, tickets.Beijing) })
	key := h.telephone(map[string]string{"agent": "801"})
	h.reports(key, "c-1", "ringing", "13812345678", "801").is(200)
	out := h.reports(key, "c-1", "ended", "13812345678", "").is(200).json()["call"].(map[string]any)
	require.Equal(t, "missed", out["state"])
	no := out["task_no"].(string)
	require.Contains(t, h.send("GET", "/api/v1/tickets/"+no, h.as("agent2"), nil).is(200).text, "未接来电")
	require.Contains(t, h.send("GET", "/api/v1/conversations?view=waiting", h.as("agent2"), nil).is(200).text, "未接来电")
	require.Equal(t, true, h.reports(key, "c-1", "ended", "13812345678", "").is(200).json()["repeated"])
}
