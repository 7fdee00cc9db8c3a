package web

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Who may pass the door of a route. What happens behind it is another matter:
// with ids that nobody has, those who pass get 404 or 422, never 401 or 403.
const (
	anyone = "anyone"
	guest  = "guest" // a resident's token
	staff  = "staff" // everybody who is signed in
	agents = "agent agent2 handler lead supervisor"
	ledger = "lead supervisor auditor"
)

// matrix is every route of the API and who may pass.
var matrix = map[string]string{
	"GET /healthz":                                     anyone,
	"GET /readyz":                                      anyone,
	"GET /metrics":                                     anyone,
	"GET /api/v1/openapi.json":                         anyone,
	"POST /api/v1/login":                               anyone,
	"POST /api/v1/logout":                              staff,
	"GET /api/v1/me":                                   staff,
	"POST /api/v1/webchat/sessions":                    anyone,
	"POST /api/v1/webchat/messages":                    guest,
	"GET /api/v1/webchat/messages":                     guest,
	"GET /api/v1/webchat/events":                       guest,
	"POST /api/v1/webchat/attachments":                 guest,
	"GET /api/v1/webchat/attachments/:id":              guest,
	"GET /api/v1/tickets":                              agents,
	"POST /api/v1/tickets":                             agents,
	"GET /api/v1/tickets/:no":                          agents,
	"POST /api/v1/tickets/:no/reveal":                  agents,
	"GET /api/v1/notices":                              agents,
	"GET /api/v1/ledger":                               ledger,
	"GET /api/v1/conversations":                        agents,
	"GET /api/v1/conversations/:id":                    agents,
	"GET /api/v1/conversations/:id/messages":           agents,
	"POST /api/v1/conversations/:id/messages":          agents,
	"POST /api/v1/conversations/:id/take":              agents,
	"POST /api/v1/conversations/:id/release":           agents,
	"GET /api/v1/conversations/:id/attachments/:image": agents,
	"POST /api/v1/tickets/:no/accept":                  agents,
	"POST /api/v1/tickets/:no/answer":                  agents,
	"POST /api/v1/tickets/:no/contact":                 agents,
	"POST /api/v1/tickets/:no/dispatch":                agents,
	"POST /api/v1/tickets/:no/transfer":                agents,
	"POST /api/v1/tickets/:no/sign":                    agents,
	"POST /api/v1/tickets/:no/start":                   agents,
	"POST /api/v1/tickets/:no/arrive":                  agents,
	"POST /api/v1/tickets/:no/reply":                   agents,
	"POST /api/v1/tickets/:no/start_callback":          agents,
	"POST /api/v1/tickets/:no/callback":                agents,
	"POST /api/v1/tickets/:no/close":                   agents,
	"POST /api/v1/tickets/:no/escalate":                agents,
	"POST /api/v1/tickets/:no/redo":                    agents,
	"POST /api/v1/tickets/:no/approve_return":          agents,
	"POST /api/v1/tickets/:no/refuse_return":           agents,
	"POST /api/v1/tickets/:no/grant_extension":         agents,
	"POST /api/v1/tickets/:no/refuse_extension":        agents,
	"POST /api/v1/tickets/:no/void":                    agents,
	"POST /api/v1/tickets/:no/terminate":               agents,
	"POST /api/v1/tickets/:no/return":                  agents,
	"POST /api/v1/tickets/:no/extend":                  agents,
	"POST /api/v1/tickets/:no/suspend":                 agents,
	"POST /api/v1/tickets/:no/resume":                  agents,
	"POST /api/v1/tickets/:no/reopen":                  agents,
	"POST /api/v1/tickets/:no/note":                    agents,
	"POST /api/v1/tickets/:no/supplement":              agents,
	"POST /api/v1/tickets/:no/urge":                    agents,
	"POST /api/v1/tickets/:no/correct":                 agents,
	"POST /api/v1/tickets/:no/merge":                   agents,
	"POST /api/v1/tickets/:no/reassign":                agents,
}

var people = []string{"agent", "agent2", "handler", "lead", "supervisor", "editor", "admin", "auditor"}

// routesOf are the routes of the running site, by method and pattern.
func routesOf(h *house, prefix string) []string {
	var out []string
	for _, r := range h.app.GetRoutes(true) {
		if r.Method != "HEAD" && strings.HasPrefix(r.Path, prefix) {
			out = append(out, r.Method+" "+r.Path)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestEveryRouteOfTheAPIIsInTheMatrix(t *testing.T) {
	h := openHouse(t)
	routes := append(routesOf(h, "/api/"), routesOf(h, "/healthz")...)
	routes = append(append(routes, routesOf(h, "/readyz")...), routesOf(h, "/metrics")...)
	slices.Sort(routes)
	require.Equal(t, slices.Sorted(maps.Keys(matrix)), routes)
}

func TestNobodyPassesADoorThatIsNotTheirs(t *testing.T) {
	h := openHouse(t)
	visitor, _ := h.visit()
	for route, may := range matrix {
		method, path, _ := strings.Cut(route, " ")
		if strings.Contains(path, "/events") || strings.HasSuffix(path, "/logout") {
			continue // the stream stays open; logging out ends the test's session
		}
		path = strings.NewReplacer(":no", "TS-20200101-0001", ":id", "999999", ":image", strings.Repeat("0", 32)).Replace(path)
		knock := func(who, token string, passes bool) {
			t.Helper()
			var body any
			if method == "POST" {
				body = map[string]any{}
			}
			status := h.send(method, path, token, body).StatusCode
			refused := status == 401 && path != "/api/v1/login" || status == 403
			require.Equal(t, !passes, refused, "%s %s: %d", who, route, status)
			require.Less(t, status, 500, "%s %s", who, route)
		}
		knock("nobody", "", may == anyone)
		knock("a stranger's token", strings.Repeat("x", 43), may == anyone)
		knock("a resident", visitor, may == anyone || may == guest)
		for _, who := range people {
			knock(who, h.as(who), may == anyone || may == staff || slices.Contains(strings.Fields(may), who))
		}
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
	h.store.SetClock(later(21))
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

// later is a clock that is some minutes ahead.
func later(minutes int) func() time.Time {
	at := time.Now().Add(time.Duration(minutes) * time.Minute)
	return func() time.Time { return at }
}
