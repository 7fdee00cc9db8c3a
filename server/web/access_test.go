package web

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Who may pass the door of a route. What happens behind it is another matter:
// with ids that nobody has, those who pass get 404 or 422, never 401 or 403.
const (
	everybody   = "everybody"
	resident    = "resident" // a resident's token
	signedIn    = "signedIn" // everybody who is signed in
	deskRoles   = "agent agent2 handler lead supervisor"
	ledgerRoles = "lead supervisor auditor"
	auditRoles  = "supervisor auditor"
	modelRoles  = "supervisor admin auditor"        // when a model was asked
	knowRoles   = "supervisor editor admin auditor" // read the knowledge
	putRoles    = "supervisor editor admin"         // publish
	gapRoles    = "supervisor editor"
	editRoles   = "editor"
	importRoles = "lead supervisor"
	signedPush  = "" // whoever has the key of 12345; no person, no token
	adminRole   = "admin"
)

// matrix is every route and who may pass.
var matrix = map[string]string{
	"GET /static/:name":                everybody,
	"GET /login":                       everybody,
	"POST /login":                      everybody,
	"POST /logout":                     signedIn,
	"GET /":                            everybody,
	"GET /about":                       everybody,
	"GET /chat/messages":               resident,
	"GET /chat/state":                  resident,
	"POST /chat/messages":              resident,
	"POST /chat/attachments":           resident,
	"GET /chat/images/:image":          resident,
	"GET /chat/live":                   resident,
	"GET /desk":                        deskRoles, // others are led on, or have nothing here
	"GET /desk/empty":                  signedIn,
	"GET /desk/live":                   signedIn,
	"GET /desk/list":                   deskRoles,
	"GET /desk/conversations/:id<int>": deskRoles,
	"GET /desk/conversations/:id<int>/messages":        deskRoles,
	"POST /desk/conversations/:id<int>/messages":       deskRoles,
	"POST /desk/conversations/:id<int>/attachments":    deskRoles,
	"POST /api/v1/conversations/:id/attachments":       deskRoles,
	"GET /desk/conversations/:id<int>/head":            deskRoles,
	"GET /desk/conversations/:id<int>/tickets":         deskRoles,
	"POST /desk/conversations/:id<int>/take":           deskRoles,
	"POST /desk/conversations/:id<int>/release":        deskRoles,
	"POST /desk/conversations/:id<int>/resolve":        deskRoles,
	"GET /desk/conversations/:id<int>/images/:image":   deskRoles,
	"GET /desk/tickets":                                deskRoles,
	"GET /desk/callbacks":                              deskRoles,
	"GET /desk/tickets/new":                            deskRoles,
	"POST /desk/tickets/new":                           deskRoles,
	"POST /desk/tickets/new/suggest":                   deskRoles,
	"GET /desk/tickets/:no":                            deskRoles + " auditor", // from the ledger
	"GET /desk/tickets/:no/card":                       deskRoles + " auditor",
	"GET /desk/tickets/:no/moves/:move":                deskRoles,
	"POST /desk/tickets/:no/moves/:move":               deskRoles,
	"GET /desk/tickets/:no/phone":                      deskRoles,
	"POST /desk/tickets/:no/phone":                     deskRoles,
	"GET /desk/calls":                                  deskRoles,
	"POST /desk/calls/link":                            deskRoles,
	"GET /desk/callbacks/hours":                        "lead supervisor",
	"POST /desk/callbacks/hours":                       "lead supervisor",
	"POST /desk/callbacks/:id<int>/:move":              deskRoles,
	"GET /api/v1/callbacks":                            deskRoles,
	"POST /api/v1/callbacks":                           deskRoles,
	"POST /api/v1/callbacks/:id/:move":                 deskRoles,
	"GET /api/v1/callbacks/free":                       deskRoles,
	"GET /api/v1/callbacks/hours":                      deskRoles,
	"POST /api/v1/callbacks/hours":                     "lead supervisor",
	"GET /desk/phones":                                 adminRole,
	"POST /desk/phones/extension":                      adminRole,
	"POST /desk/phones/keys":                           adminRole,
	"POST /desk/phones/keys/:id<int>/revoke":           adminRole,
	"POST /api/v1/calls":                               deskRoles + " admin",
	"GET /api/v1/calls":                                deskRoles,
	"POST /api/v1/calls/link":                          deskRoles,
	"GET /api/v1/keys":                                 adminRole,
	"POST /api/v1/keys":                                adminRole,
	"POST /api/v1/keys/:id/revoke":                     adminRole,
	"POST /api/v1/users/:username/extension":           adminRole,
	"GET /desk/ledger":                                 ledgerRoles,
	"GET /desk/audit":                                  auditRoles,
	"GET /desk/model-calls":                            modelRoles,
	"GET /api/v1/model-calls":                          modelRoles,
	"GET /desk/notices":                                deskRoles,
	"GET /desk/notices/count":                          deskRoles,
	"POST /chat/messages/:id<int>/feedback":            resident,
	"GET /desk/knowledge":                              knowRoles,
	"GET /desk/knowledge/new":                          editRoles,
	"POST /desk/knowledge/new":                         editRoles,
	"GET /desk/knowledge/test":                         knowRoles,
	"POST /desk/knowledge/test":                        knowRoles,
	"GET /desk/knowledge/golden":                       knowRoles,
	"POST /desk/knowledge/golden":                      editRoles,
	"POST /desk/knowledge/golden/:id<int>/remove":      "supervisor admin",
	"GET /desk/knowledge/gaps":                         gapRoles,
	"POST /desk/knowledge/gaps/:id<int>/:move":         editRoles,
	"GET /desk/knowledge/import":                       editRoles,
	"POST /desk/knowledge/import/attachments":          editRoles,
	"GET /desk/knowledge/articles/:id":                 knowRoles,
	"POST /desk/knowledge/articles/:id":                editRoles,
	"GET /desk/knowledge/articles/:id/diff":            knowRoles,
	"POST /desk/knowledge/articles/:id/moves/:move":    putRoles,
	"GET /api/v1/knowledge/articles":                   knowRoles,
	"POST /api/v1/knowledge/articles":                  editRoles,
	"GET /api/v1/knowledge/test":                       knowRoles,
	"GET /api/v1/knowledge/golden":                     knowRoles,
	"POST /api/v1/knowledge/golden":                    editRoles,
	"POST /api/v1/knowledge/golden/:id/remove":         "supervisor admin",
	"GET /api/v1/knowledge/gaps":                       gapRoles,
	"POST /api/v1/knowledge/gaps/:id/:move":            editRoles,
	"GET /api/v1/knowledge/articles/:id":               knowRoles,
	"GET /api/v1/knowledge/articles/:id/versions":      knowRoles,
	"POST /api/v1/knowledge/articles/:id":              editRoles,
	"POST /api/v1/knowledge/articles/:id/:move":        putRoles,
	"POST /api/v1/webchat/messages/:id/feedback":       resident,
	"GET /desk/orders":                                 importRoles,
	"POST /desk/orders/attachments":                    importRoles,
	"GET /desk/orders/imports/:id<int>":                importRoles,
	"POST /desk/orders/imports/:id<int>":               importRoles,
	"GET /desk/orders/new":                             deskRoles,
	"POST /desk/orders/new":                            deskRoles,
	"POST /desk/tickets/:no/orders/:id<int>":           importRoles,
	"POST /hotline12345/orders":                        signedPush,
	"GET /healthz":                                     everybody,
	"GET /readyz":                                      everybody,
	"GET /metrics":                                     everybody,
	"GET /api/v1/openapi.json":                         everybody,
	"POST /api/v1/login":                               everybody,
	"POST /api/v1/logout":                              signedIn,
	"GET /api/v1/me":                                   signedIn,
	"POST /api/v1/webchat/sessions":                    everybody,
	"POST /api/v1/webchat/messages":                    resident,
	"GET /api/v1/webchat/messages":                     resident,
	"GET /api/v1/webchat/events":                       resident,
	"POST /api/v1/webchat/attachments":                 resident,
	"GET /api/v1/webchat/attachments/:id":              resident,
	"GET /api/v1/tickets":                              deskRoles,
	"POST /api/v1/tickets":                             deskRoles,
	"GET /api/v1/tickets/:no":                          deskRoles,
	"POST /api/v1/tickets/:no/reveal":                  deskRoles,
	"GET /api/v1/notices":                              deskRoles,
	"GET /api/v1/ledger":                               ledgerRoles,
	"GET /api/v1/audit":                                auditRoles,
	"GET /api/v1/conversations":                        deskRoles,
	"GET /api/v1/conversations/:id":                    deskRoles,
	"GET /api/v1/conversations/:id/messages":           deskRoles,
	"POST /api/v1/conversations/:id/messages":          deskRoles,
	"POST /api/v1/conversations/:id/take":              deskRoles,
	"POST /api/v1/conversations/:id/release":           deskRoles,
	"GET /api/v1/conversations/:id/attachments/:image": deskRoles,
	"POST /api/v1/tickets/:no/accept":                  deskRoles,
	"POST /api/v1/tickets/:no/answer":                  deskRoles,
	"POST /api/v1/tickets/:no/contact":                 deskRoles,
	"POST /api/v1/tickets/:no/dispatch":                deskRoles,
	"POST /api/v1/tickets/:no/transfer":                deskRoles,
	"POST /api/v1/tickets/:no/sign":                    deskRoles,
	"POST /api/v1/tickets/:no/start":                   deskRoles,
	"POST /api/v1/tickets/:no/arrive":                  deskRoles,
	"POST /api/v1/tickets/:no/reply":                   deskRoles,
	"POST /api/v1/tickets/:no/start_callback":          deskRoles,
	"POST /api/v1/tickets/:no/callback":                deskRoles,
	"POST /api/v1/tickets/:no/close":                   deskRoles,
	"POST /api/v1/tickets/:no/escalate":                deskRoles,
	"POST /api/v1/tickets/:no/redo":                    deskRoles,
	"POST /api/v1/tickets/:no/approve_return":          deskRoles,
	"POST /api/v1/tickets/:no/refuse_return":           deskRoles,
	"POST /api/v1/tickets/:no/grant_extension":         deskRoles,
	"POST /api/v1/tickets/:no/refuse_extension":        deskRoles,
	"POST /api/v1/tickets/:no/void":                    deskRoles,
	"POST /api/v1/tickets/:no/terminate":               deskRoles,
	"POST /api/v1/tickets/:no/return":                  deskRoles,
	"POST /api/v1/tickets/:no/extend":                  deskRoles,
	"POST /api/v1/tickets/:no/suspend":                 deskRoles,
	"POST /api/v1/tickets/:no/resume":                  deskRoles,
	"POST /api/v1/tickets/:no/reopen":                  deskRoles,
	"POST /api/v1/tickets/:no/note":                    deskRoles,
	"POST /api/v1/tickets/:no/supplement":              deskRoles,
	"POST /api/v1/tickets/:no/book_call":               deskRoles,
	"POST /api/v1/tickets/:no/cancel_call":             deskRoles,
	"POST /api/v1/tickets/:no/urge":                    deskRoles,
	"POST /api/v1/tickets/:no/correct":                 deskRoles,
	"POST /api/v1/tickets/:no/merge":                   deskRoles,
	"POST /api/v1/tickets/:no/reassign":                deskRoles,
	"GET /api/v1/reports":                              deskRoles,
	"GET /api/v1/reports/:id":                          deskRoles,
	"POST /api/v1/reports/:id/again":                   deskRoles,
	"GET /api/v1/reports/sheet":                        deskRoles,
	"GET /desk/reports":                                deskRoles,
	"POST /desk/reports":                               deskRoles,
	"POST /desk/reports/sheet":                         deskRoles,
	"GET /desk/reports/:id<int>":                       deskRoles,
	"POST /desk/reports/:id<int>":                      deskRoles,
	"GET /desk/approvals":                              "lead supervisor",
	"POST /api/v1/tickets/:no/unmerge":                 deskRoles,
	"POST /api/v1/tickets/:no/assist":                  deskRoles,
	"POST /api/v1/tickets/:no/assist_done":             deskRoles,
	"POST /api/v1/tickets/:no/report":                  deskRoles,

	// what may be sent to residents of WeChat
	"GET /desk/conversations/:id<int>/quota":                          deskRoles,
	"POST /desk/conversations/:id<int>/messages/:message<int>/resend": deskRoles,
	"POST /api/v1/conversations/:id/messages/:message/resend":         deskRoles,

	// what WeChat pushes, and the pages residents open inside it: those who
	// are not known are sent to WeChat first
	"GET /wechat/:account":                        everybody,
	"POST /wechat/:account":                       everybody,
	"GET /wechat/:account/oauth":                  everybody,
	"GET /wechat/:account/my":                     everybody,
	"GET /wechat/:account/my/tickets/:no":         everybody,
	"POST /wechat/:account/my/tickets/:no/survey": everybody,
	"GET /wechat/:account/my/call":                everybody,
	"POST /wechat/:account/my/call":               everybody,
	"GET /wechat/:account/my/account":             everybody,
	"POST /wechat/:account/my/account":            everybody,
	"GET /wechat/:account/my/outages":             everybody,
	"POST /wechat/:account/my/outages":            everybody,

	// notices of outages
	"GET /outages":                      everybody,
	"GET /desk/outages":                 deskRoles,
	"GET /desk/outages/new":             "lead supervisor",
	"POST /desk/outages/new":            "lead supervisor",
	"GET /desk/outages/:no":             deskRoles,
	"POST /desk/outages/:no/:move":      "lead supervisor",
	"GET /api/v1/outages":               deskRoles,
	"GET /api/v1/outages/:no":           deskRoles,
	"POST /api/v1/outages":              "lead supervisor",
	"POST /api/v1/outages/:no/change":   "lead supervisor",
	"POST /api/v1/outages/:no/publish":  "lead supervisor",
	"POST /api/v1/outages/:no/extend":   "lead supervisor",
	"POST /api/v1/outages/:no/restore":  "lead supervisor",
	"POST /api/v1/outages/:no/withdraw": "lead supervisor",

	// the accounts of WeChat
	"GET /desk/wechat":                        "admin",
	"POST /desk/wechat":                       "admin",
	"POST /desk/wechat/alarms/:id<int>/clear": "admin",
	"GET /desk/wechat/:name":                  "admin",
	"POST /desk/wechat/:name/account":         "admin",
	"POST /desk/wechat/:name/switch":          "admin",
	"POST /desk/wechat/:name/test":            "admin",
	"POST /desk/wechat/:name/menu":            "admin",
	"POST /desk/wechat/:name/greeting":        "admin",
	"POST /desk/wechat/:name/templates":       "admin",
	"POST /desk/wechat/:name/scenes":          "admin",
}

var people = []string{"agent", "agent2", "handler", "lead", "supervisor", "editor", "admin", "auditor"}

func TestEveryRouteIsInTheMatrix(t *testing.T) {
	h := openHouse(t)
	var routes []string
	for _, r := range h.app.GetRoutes(true) {
		if r.Method != "HEAD" {
			routes = append(routes, r.Method+" "+r.Path)
		}
	}
	slices.Sort(routes)
	require.Equal(t, slices.Sorted(maps.Keys(matrix)), slices.Compact(routes))
}

func TestNobodyPassesADoorThatIsNotTheirs(t *testing.T) {
	h := openHouse(t)
	visitor, _ := h.visit()
	for route, may := range matrix {
		method, path, _ := strings.Cut(route, " ")
		if strings.Contains(path, "/events") || strings.HasSuffix(path, "/logout") {
			continue // the stream stays open; logging out ends the test's session
		}
		path = strings.NewReplacer(":no", "TS-20200101-0001", ":id<int>", "999999", ":id", "999999", ":username", "nobody", ":move", "note", ":message<int>", "999998", ":message", "999998", ":image", strings.Repeat("0", 32)).Replace(path)
		knock := func(who, token string, passes bool) {
			t.Helper()
			var body any
			if method == "POST" {
				body = map[string]any{}
			}
			if passes && strings.HasSuffix(path, "/live") {
				return // the connection stays open
			}
			status := h.send(method, path, token, body, upgrade(path)...).StatusCode
			refused := status == 401 && !strings.HasSuffix(path, "/login") || status == 403 || status == 302 && path != "/"
			assert.Equal(t, !passes, refused, "%s %s: %d", who, route, status)
			assert.Less(t, status, 500, "%s %s", who, route)
		}
		knock("nobody", "", may == everybody)
		knock("a stranger's token", strings.Repeat("x", 43), may == everybody)
		knock("a resident", visitor, may == everybody || may == resident)
		for _, who := range people {
			knock(who, h.as(who), may == everybody || may == signedIn || slices.Contains(strings.Fields(may), who))
		}
	}
}

// upgrade asks for a live connection where there is one.
func upgrade(path string) []header {
	if !strings.HasSuffix(path, "/live") {
		return nil
	}
	return []header{
		{"Connection", "Upgrade"}, {"Upgrade", "websocket"}, {"Sec-WebSocket-Version", "13"},
		{"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}, {"Origin", "http://example.com"},
	}
}

func TestAnothersTicketDoesNotExist(t *testing.T) {
	h := openHouse(t)
	no := h.register("agent", nil)
	h.move("agent", no, "accept", nil)
	h.move("agent", no, "dispatch", map[string]any{"department": "营业服务部"}) // not the handler's
	nowhere := "TS-20200101-0001"
	for _, verb := range []struct {
		method, path string
		body         any
	}{
		{"GET", "", nil},
		{"POST", "/note", map[string]any{"note": "看看"}},
		{"POST", "/accept", map[string]any{}},
		{"POST", "/reveal", map[string]any{"reason": "想看看"}},
		{"POST", "/merge", map[string]any{"master_no": no}},
	} {
		theirs := h.send(verb.method, "/api/v1/tickets/"+no+verb.path, h.as("handler"), verb.body).is(404)
		none := h.send(verb.method, "/api/v1/tickets/"+nowhere+verb.path, h.as("handler"), verb.body).is(404)
		require.Equal(t, none.says(), theirs.says(), "not yours and not there look the same")
		require.Equal(t, none.code(), theirs.code())
	}
	for _, q := range []string{"", "?q=13812345678", "?q=" + no, "?state=open", "?area=%E5%8E%86%E4%B8%8B%E5%8C%BA"} {
		list := h.send("GET", "/api/v1/tickets"+q, h.as("handler"), nil).is(200)
		require.Equal(t, []any{}, list.json()["tickets"], q)
		require.NotContains(t, list.text, no)
	}
	for _, q := range []string{"", "?view=all", "?view=all&q=13812345678"} {
		list := h.send("GET", "/api/v1/conversations"+q, h.as("handler"), nil).is(200)
		require.Equal(t, []any{}, list.json()["conversations"], q)
	}
}

func TestAnothersConversationDoesNotExist(t *testing.T) {
	h := openHouse(t)
	_, conversation := h.visit()
	path := "/api/v1/conversations/" + jsonNumber(conversation)
	for _, suffix := range []string{"", "/messages", "/attachments/" + strings.Repeat("0", 32)} {
		h.send("GET", path+suffix, h.as("handler"), nil).is(404)
	}
	h.send("POST", path+"/take", h.as("handler"), map[string]any{}).is(404)
	h.send("POST", path+"/messages", h.as("handler"), map[string]any{"client_id": "1", "text": "您好"}).is(404)
	h.send("POST", path+"/release", h.as("handler"), map[string]any{"to": "resolved"}).is(404)
}

func TestAResidentNeverSeesNotesOrOthers(t *testing.T) {
	h := openHouse(t)
	token, conversation := h.visit()
	other, _ := h.visit()
	h.send("POST", "/api/v1/webchat/messages", token, map[string]any{"client_id": "1", "text": "水压低"}).is(202)
	path := "/api/v1/conversations/" + jsonNumber(conversation)
	h.send("POST", path+"/take", h.as("agent"), nil).is(200)
	h.send("POST", path+"/messages", h.as("agent"), map[string]any{"client_id": "n", "text": "此人多次来电", "note": true}).is(201)
	h.send("POST", path+"/messages", h.as("agent"), map[string]any{"client_id": "r", "text": "您好，马上为您查询"}).is(201)
	h.send("POST", path+"/messages", h.as("agent2"), map[string]any{"client_id": "r2", "text": "我也来"}).is(409)

	mine := h.send("GET", "/api/v1/webchat/messages", token, nil).is(200)
	require.Contains(t, mine.text, "您好，马上为您查询")
	require.NotContains(t, mine.text, "此人多次来电")
	require.Equal(t, []any{}, h.send("GET", "/api/v1/webchat/messages", other, nil).is(200).json()["messages"])
	staffSees := h.send("GET", path+"/messages", h.as("agent2"), nil).is(200)
	require.Contains(t, staffSees.text, "此人多次来电")
}

func TestOnlyTheRolesOfANoticeHearIt(t *testing.T) {
	h := openHouse(t)
	no := h.register("agent", nil)
	h.store.SetClock(minutesAhead(21))
	_, err := h.Desk.Sweep(t.Context())
	require.NoError(t, err)
	for who, hears := range map[string]bool{"agent": true, "lead": true, "supervisor": true, "handler": false} {
		list := h.send("GET", "/api/v1/notices", h.as(who), nil).is(200)
		require.Equal(t, hears, strings.Contains(list.text, no), who)
	}
}

func TestLeadsAndSupervisorsDecideAndAgentsDoNot(t *testing.T) {
	h := openHouse(t)
	for _, move := range []string{"void", "escalate"} {
		no := h.register("agent", nil)
		body := map[string]any{"reason": "重复登记的工单"}
		if move == "escalate" {
			body = map[string]any{"note": "请督办"}
		}
		a := h.send("POST", "/api/v1/tickets/"+no+"/"+move, h.as("agent"), body).is(403)
		require.Equal(t, "您没有办理此操作的权限。", a.says())
		h.move("lead", no, move, body)
	}
}

// minutesAhead is a clock that is some minutes ahead.
func minutesAhead(minutes int) func() time.Time {
	at := time.Now().Add(time.Duration(minutes) * time.Minute)
	return func() time.Time { return at }
}
