package web

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// spoiled is what no database takes for text: NUL, and broken UTF-8.
var spoiled = []string{"a\x00b", "a\xff\xfeb"}

// inJSON writes a text as a JSON string that carries every byte of it.
func inJSON(text string) string {
	return `"` + strings.ReplaceAll(text, "\x00", `\u0000`) + `"`
}

func TestBytesThatAreNoTextNeverBreakARequest(t *testing.T) {
	h := openHouse(t)
	no := h.register("agent", nil)
	token, conversation := h.visit()
	h.send("POST", "/api/v1/webchat/messages", token, map[string]any{"client_id": "1", "text": "水黄"}).is(202)
	talk := fmt.Sprint("/api/v1/conversations/", conversation)
	for _, text := range spoiled {
		never := func(what string, a answer) {
			t.Helper()
			require.Less(t, a.StatusCode, 500, "%s with %q: %s", what, text, a.text)
			if a.StatusCode >= 400 {
				require.NotEmpty(t, a.says(), what)
			}
		}
		for path, names := range map[string]string{
			"/tickets":       "state kind category source channel area department from to q cursor sort limit",
			"/conversations": "view channel department category district q cursor sort",
			"/ledger":        "from to kind state category source channel department area cursor",
			"/audit":         "before limit",
			"/model-calls":   "before limit",
			"/notices":       "limit",
		} {
			for name := range strings.FieldsSeq(names) {
				query := "?" + name + "=" + url.QueryEscape(text)
				never(path+query, h.send("GET", "/api/v1"+path+query, h.as("supervisor"), nil))
				if path == "/audit" {
					never(path+query, h.send("GET", "/api/v1"+path+query, h.as("admin"), nil))
				}
			}
		}
		escaped := url.PathEscape(text)
		never("a number", h.send("GET", "/api/v1/tickets/"+escaped, h.as("agent"), nil))
		never("a move", h.send("POST", "/api/v1/tickets/"+escaped+"/accept", h.as("agent"), map[string]any{}))
		never("an image", h.send("GET", talk+"/attachments/"+escaped, h.as("agent"), nil))
		never("a key", h.send("POST", "/api/v1/tickets/"+no+"/note", h.as("agent"), map[string]any{"note": "x"},
			header{keyHeader, strings.ReplaceAll(text, "\x00", "\xc0")}))
		for path, body := range map[string]string{
			"/login":                       `{"username":%s,"password":"x"}`,
			"/tickets":                     `{"kind":"complaint","category":"leak","description":"路面冒水","application":%[1]s,"channel":%[1]s,"external_no":%[1]s,"contact_name":%[1]s,"address":%[1]s,"district":%[1]s}`,
			"/tickets/" + no + "/note":     `{"note":%s}`,
			"/tickets/" + no + "/merge":    `{"master_no":%s}`,
			"/tickets/" + no + "/accept":   `{"kind":%s}`,
			"/tickets/" + no + "/correct":  `{"contact_name":%[1]s,"address":%[1]s}`,
			"/tickets/" + no + "/contact":  `{"via":"phone","result":"reached","whom":%[1]s,"note":%[1]s}`,
			"/tickets/" + no + "/dispatch": `{"department":%[1]s,"opinion":%[1]s}`,
			"/tickets/" + no + "/reveal":   `{"reason":%s}`,
		} {
			never(path, h.send("POST", "/api/v1"+path, h.as("agent"), fmt.Sprintf(body, inJSON(text))))
		}
		never("a reply", h.send("POST", strings.TrimPrefix(talk, "")+"/messages", h.as("agent"), `{"client_id":`+inJSON(text)+`,"text":`+inJSON(text)+`}`))
		never("images", h.send("POST", "/api/v1/webchat/messages", token, `{"client_id":"2","text":"看图","attachment_ids":[`+inJSON(text)+`]}`))
		never("a place", h.send("POST", "/api/v1/webchat/messages", token, `{"client_id":"3","location":{"lat":36.6,"lng":117,"label":`+inJSON(text)+`}}`))
	}
}

func TestWhatStaffWriteIsCleanedOnBothEngines(t *testing.T) {
	h := openHouse(t)
	body := `{"kind":"complaint","category":"leak","description":"路面冒水","source":"12345",` +
		`"external_no":"12\u0000345","application":"过\u0000户","district":"历下区\u0000","contact_name":"张\u0000三"}`
	out := h.send("POST", "/api/v1/tickets", h.as("agent"), body).is(201).json()
	require.Equal(t, "12\uFFFD345", out["external_no"])
	no := out["no"].(string)
	h.send("POST", "/api/v1/tickets/"+no+"/urge", h.as("agent"), "{\"note\":\"再\xff催\"}").is(200)
	require.Contains(t, h.send("GET", "/api/v1/tickets/"+no, h.as("agent"), nil).is(200).text, "再\uFFFD催")
	found := h.send("GET", "/api/v1/tickets?area=a%00b&q=%FF&cursor=", h.as("agent"), nil).is(200).json()
	require.Empty(t, found["tickets"])
	h.send("GET", "/desk?category=%00&q=%00", h.as("agent"), nil).is(200)
	a := h.send("GET", "/api/v1/tickets/a\xffb", h.as("agent"), nil).is(400)
	require.Equal(t, "提交的内容含有无法识别的字符，请检查后再试。", a.says())
	a = h.send("POST", "/api/v1/tickets/"+no+"/urge", h.as("agent"), `{"note":"x"}`, header{keyHeader, "a\xffb"}).is(400)
	require.Equal(t, "unclean", a.code())
}

func TestBytesThatAreNoTextNeverBreakAPage(t *testing.T) {
	h := openHouse(t)
	no := h.register("agent", nil)
	h.as("agent")
	for _, text := range spoiled {
		escaped := url.QueryEscape(text)
		for path, names := range map[string]string{
			"/desk":                        "view channel department category q cursor order",
			"/desk/list":                   "view channel department category q cursor",
			"/desk/tickets":                "state kind category source department q cursor customer",
			"/desk/callbacks":              "cursor",
			"/desk/ledger":                 "from to source channel category department state cursor",
			"/desk/tickets/new":            "conversation",
			"/desk/tickets/" + escaped:     "x",
			"/desk/audit":                  "before",
			"/desk/model-calls":            "before",
			"/login":                       "next",
			"/desk/conversations/1/images": "x",
		} {
			for name := range strings.FieldsSeq(names) {
				a := h.send("GET", path+"?"+name+"="+escaped, h.as("supervisor"), nil)
				require.Less(t, a.StatusCode, 500, "%s %s %q: %s", path, name, text, a.text)
			}
		}
		for path, names := range map[string]string{
			"/login":                               "username password next",
			"/desk/tickets/new":                    "client_id source channel kind category description contact_name address district external_no application conversation call supplement",
			"/desk/tickets/" + no + "/moves/merge": "master_no",
			"/desk/tickets/" + no + "/moves/note":  "note version",
			"/desk/tickets/" + no + "/phone":       "reason",
		} {
			form := url.Values{csrfField: {h.csrf["agent"]}}
			for name := range strings.FieldsSeq(names) {
				form.Set(name, text)
			}
			req := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set("Authorization", "Bearer "+h.as("agent"))
			a := h.do(req)
			require.Less(t, a.StatusCode, 500, "%s %q: %s", path, text, a.text)
		}
	}
}

func TestRawBytesInAnAddressAreRefused(t *testing.T) {
	h := openHouse(t)
	base, _ := h.listen()
	for _, path := range []string{"/api/v1/tickets/a\x00b", "/api/v1/tickets/a\xffb", "/api/v1/tickets?q=\xff"} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
		require.NoError(t, err)
		defer conn.Close()
		fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", path, h.as("agent"))
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err)
		a := read(t, res)
		require.Less(t, a.StatusCode, 500, a.text)
	}
}
