package web

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"quandesk/channels/hotline12345"
	"quandesk/server/store"
	"quandesk/tickets"
)

// What must not be told of somebody who wants to stay unknown.
const (
	secretName    = "欧阳靖远"
	secretPhone   = "13800001234"
	secretAddress = "天桥区经十路999号翠屏花园5单元"
	secretPlace   = "翠屏花园"
)

// secrets are the strings that nobody may find who may not know them; the last
// are what is left of the number where numbers are masked.
var secrets = []string{secretName, secretPhone, "138 0000 1234", secretAddress, secretPlace, "经十路999号", "138****1234", "0000123"}

// secretWords says everything in one sentence, as people do.
const secretWords = "投诉人" + secretName + "（电话138 0000 1234），住" + secretAddress + "，反映邻居偷水"

// secretHouse is a house with two confidential tickets, one of 12345 and one of
// a chat, on which everything that can say who it is has been said.
type secretHouse struct {
	*house
	log          bytes.Buffer
	nos          []string
	conversation string
}

func openSecretHouse(t *testing.T) *secretHouse {
	t.Helper()
	s := &secretHouse{}
	s.house = openHouse(t, func(p *Parts) {
		p.Options.Log = slog.New(slog.NewJSONHandler(&s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	token, conversation := s.visit()
	s.conversation = strconv.FormatInt(conversation, 10)
	s.send("POST", "/api/v1/webchat/messages", token, map[string]any{"client_id": "1", "text": "我是" + secretName + "，电话" + secretPhone}).is(202)
	s.send("POST", "/api/v1/webchat/messages", token, map[string]any{"client_id": "2", "text": "住" + secretAddress}).is(202)
	person := map[string]any{
		"confidential": true, "contact_name": secretName, "contact_phone": secretPhone, "address": secretAddress,
		"community": secretPlace, "street": "经十路999号", "district": "天桥区", "description": secretWords,
	}
	filed, err := s.Hotline.Mailbox.Receive(t.Context(), hotline12345.Letter{
		Via: hotline12345.ByPush, By: tickets.Actor{Kind: tickets.By12345},
		Order: hotline12345.Order{
			No: "261120091500000001", Mail: hotline12345.Handle, Content: secretWords, ContactName: secretName, ContactPhone: secretPhone,
			CallerPhone: secretPhone, Address: secretAddress, Confidential: true, Demand: hotline12345.Complaint, Note: secretWords, Opinion: secretWords,
			Title: secretWords, Route: secretWords, ReplyNote: secretWords, ReplyWanted: true,
			Attachments: []hotline12345.Attachment{{Name: secretName + "身份证.jpg"}, {URL: "https://files.example/" + secretPhone + ".jpg"}},
			Extra:       map[string]string{"门牌": secretAddress, secretName: secretWords},
		},
	})
	require.NoError(t, err)
	person["conversation_id"] = conversation
	s.nos = []string{filed.TicketNo, s.register("supervisor", person)}
	for _, no := range s.nos {
		s.live(no)
	}
	return s
}

// live leads a ticket through its life, saying too much at every step. The
// agent holds it.
func (s *secretHouse) live(no string) {
	s.t.Helper()
	s.move("agent", no, "accept", nil)
	s.move("agent", no, "contact", map[string]any{"via": "phone", "result": "no_answer", "note": secretWords})
	s.move("agent", no, "contact", map[string]any{"via": "phone", "result": "reached", "whom": secretName, "note": secretWords})
	s.send("POST", "/api/v1/tickets/"+no+"/book_call", s.as("agent"), // where a slot is free at this hour
		map[string]any{"at": time.Now().Add(time.Hour), "phone": secretPhone, "note": secretWords})
	s.move("agent", no, "correct", map[string]any{"contact_name": secretName, "address": secretAddress})
	s.move("agent", no, "supplement", map[string]any{"note": secretWords})
	s.move("agent", no, "urge", map[string]any{"note": secretWords})
	s.move("agent", no, "return", map[string]any{"reason": secretWords, "owner": "物业公司"})
	s.move("supervisor", no, "refuse_return", map[string]any{"opinion": secretWords})
	s.move("agent", no, "dispatch", map[string]any{"department": "营业服务部", "opinion": secretWords})
	s.move("agent", no, "assist", map[string]any{"department": "管网运行部", "opinion": secretWords}) // the handler's
	s.move("agent", no, "accept", nil)
	s.move("agent", no, "extend", map[string]any{"until": time.Now().Add(96 * time.Hour), "reason": secretWords, "told": secretWords})
	s.move("lead", no, "grant_extension", map[string]any{"opinion": secretWords})
	s.move("agent", no, "suspend", map[string]any{"until": time.Now().Add(time.Hour), "reason": secretWords})
	s.move("agent", no, "reply", map[string]any{"outcome": "solved", "measures": secretWords, "reply": secretWords, "channel": "phone"})
	s.move("supervisor", no, "callback", map[string]any{"result": "dissatisfied", "process": "satisfied", "outcome": "dissatisfied", "solved": "no", "words": secretWords, "reason": secretWords})
	s.move("agent", no, "redo", map[string]any{"opinion": secretWords})
	s.move("agent", no, "note", map[string]any{"note": secretWords})
}

// silent finds nothing of a secret in a text.
func (s *secretHouse) silent(text, who, where string) {
	s.t.Helper()
	for _, secret := range secrets {
		require.NotContains(s.t, text, secret, "%s at %s", who, where)
	}
}

// paths are the addresses of a route with what is really there.
func (s *secretHouse) paths(route string) []string {
	var out []string
	for _, no := range s.nos {
		path := strings.NewReplacer(":no", no, ":id<int>", s.conversation, ":id", s.conversation, ":move", "note",
			":image", strings.Repeat("0", 32), ":name", "base.css", ":account", "main").Replace(route)
		out = append(out, path)
	}
	if strings.Contains(route, ":") {
		return out // one thing by its address
	}
	out = out[:1]
	for _, q := range []string{secretPhone, secretName, secretPlace, s.nos[0], "261120091500000001"} {
		out = append(out, out[0]+"?view=all&q="+url.QueryEscape(q))
	}
	return append(out, out[0]+"?view=all", out[0]+"?after=0", out[0]+"?format=xlsx", out[0]+"?district="+url.QueryEscape("天桥区"))
}

func TestT14NoResponseTellsWhoComplained(t *testing.T) {
	s := openSecretHouse(t)
	stranger, _ := s.visit()
	s.store.SetClock(minutesAhead(3 * 60)) // clocks have fired, messages are indexed
	_, err := s.Desk.Sweep(t.Context())
	require.NoError(t, err)
	_, err = s.store.IndexMessages(t.Context())
	require.NoError(t, err)
	asked := 0
	for _, r := range s.app.GetRoutes(true) {
		if r.Method != "GET" || strings.Contains(r.Path, "/events") || strings.HasSuffix(r.Path, "/live") || r.Path == "/*" {
			continue
		}
		for who, token := range map[string]string{
			"agent2": s.as("agent2"), "handler": s.as("handler"), "editor": s.as("editor"), "admin": s.as("admin"),
			"auditor": s.as("auditor"), "nobody": "", "a resident": stranger,
		} {
			for _, path := range s.paths(r.Path) {
				a := s.send("GET", path, token, nil)
				require.Less(t, a.StatusCode, 500, path)
				s.silent(readable(t, a), who, strings.ReplaceAll(path, url.QueryEscape(secretName), "NAME"))
				asked++
			}
		}
	}
	require.Greater(t, asked, 1000, "the walk found the routes")
	s.silent(s.log.String(), "everybody", "the log")
}

// readable is the text of an answer, also of a spreadsheet; what the page says
// back of the question itself is no answer.
func readable(t *testing.T, a answer) string {
	t.Helper()
	text := a.text
	if strings.Contains(a.Header.Get("Content-Type"), "spreadsheet") && a.StatusCode == 200 {
		f, err := excelize.OpenReader(strings.NewReader(text))
		require.NoError(t, err)
		var b strings.Builder
		for _, sheet := range f.GetSheetList() {
			rows, err := f.GetRows(sheet)
			require.NoError(t, err)
			for _, row := range rows {
				b.WriteString(strings.Join(row, "\t") + "\n")
			}
		}
		text = b.String()
	}
	q := a.Request.URL.Query().Get("q")
	if q == "" {
		return text
	}
	for _, echo := range []string{url.QueryEscape(q), q} {
		for _, place := range []string{`value="` + echo + `"`, "data-search>" + echo + "</textarea>", "q=" + echo} {
			text = strings.ReplaceAll(text, place, "")
		}
	}
	return text
}

func TestT14NoSearchFindsATicketByWhomItIsAbout(t *testing.T) {
	s := openSecretHouse(t)
	for _, path := range []string{"/api/v1/tickets?q=", "/api/v1/conversations?view=all&q=", "/desk/tickets?q=", "/desk?view=all&q=", "/api/v1/tickets?area="} {
		for _, q := range []string{secretPhone, secretName, secretPlace, "邻居偷水"} {
			for _, who := range []string{"agent2", "handler"} {
				a := s.send("GET", path+url.QueryEscape(q), s.as(who), nil)
				for _, no := range s.nos {
					require.NotContains(t, a.text, no, "%s finds by %s at %s", who, q, path)
				}
				require.NotContains(t, a.text, `"id":`+s.conversation+`,`, "%s finds the talk by %s at %s", who, q, path)
			}
		}
	}
	for _, who := range []string{"agent", "supervisor"} {
		list := s.send("GET", "/api/v1/tickets?q="+secretPhone, s.as(who), nil).is(200)
		require.Contains(t, list.text, s.nos[0], "%s may know", who)
	}
	byNumber := s.send("GET", "/api/v1/tickets?q="+s.nos[0], s.as("agent2"), nil).is(200)
	require.Contains(t, byNumber.text, s.nos[0], "a number tells nothing of whose it is")
}

func TestT14NoWriteAnswersWithWhoComplained(t *testing.T) {
	s := openSecretHouse(t)
	for _, no := range s.nos {
		for verb, body := range map[string]map[string]any{
			"note": {"note": "看一下"}, "supplement": {"note": "补充"}, "urge": {"note": "催办"}, "accept": {}, "sign": {}, "start": {},
			"reveal": {"reason": "想看看"}, "merge": {"master_no": s.nos[1]}, "escalate": {"note": "督办"}, "dispatch": {"department": "管网运行部"},
			"reply":   {"outcome": "solved", "measures": "更换阀门", "reply": "已更换阀门，不再漏水。", "version": 1},
			"contact": {"via": "phone", "result": "no_answer"}, "close": {}, "report": {"act": "reply", "way": "paste"},
		} {
			for _, who := range []string{"agent2", "handler", "auditor"} {
				a := s.send("POST", "/api/v1/tickets/"+no+"/"+verb, s.as(who), body)
				require.Less(t, a.StatusCode, 500)
				s.silent(a.text, who, verb)
			}
		}
	}
}

func TestT14TheHandlerAndTheSupervisorSeeWhomToCall(t *testing.T) {
	s := openSecretHouse(t)
	for _, who := range []string{"agent", "supervisor", "lead"} {
		for _, no := range s.nos {
			a := s.send("POST", "/api/v1/tickets/"+no+"/reveal", s.as(who), map[string]any{"reason": "联系用户"}).is(200)
			require.Contains(t, a.text, secretPhone)
			require.Contains(t, s.send("GET", "/api/v1/tickets/"+no, s.as(who), nil).is(200).text, secretPlace)
		}
		list := s.send("GET", "/api/v1/tickets", s.as(who), nil).is(200)
		require.NotContains(t, list.text, secretPhone, "numbers are masked for everybody")
	}
}

func TestT14WhatGoesToThePlatformAndIntoTheIndexDoesNotSayWho(t *testing.T) {
	s := openSecretHouse(t)
	k, err := s.Desk.Ticket(t.Context(), tickets.Everything, s.nos[0])
	require.NoError(t, err)
	out, err := s.store.OutwardOf(t.Context(), k.ID)
	require.NoError(t, err)
	require.NotEmpty(t, out)
	for _, o := range out {
		body, err := o.JSON()
		require.NoError(t, err)
		s.silent(string(body), "12345", string(o.Act))
	}
	s.store.SetClock(minutesAhead(60))
	for range 3 {
		_, err := s.store.IndexMessages(t.Context())
		require.NoError(t, err)
	}
	if s.store.Engine() == store.SQLite { // the index holds no text to be read: ask it
		for _, gram := range []string{"w" + secretPhone, "h6b279633"} { // 欧阳
			var n int
			require.NoError(t, s.store.DB().QueryRowContext(t.Context(),
				`SELECT COUNT(*) FROM message_search WHERE message_search MATCH $1`, `"`+gram+`"`).Scan(&n))
			require.Zero(t, n, gram)
		}
	}
	notices, err := s.store.Notices(t.Context(), []string{"role:agent", "role:lead", "role:supervisor", "user:1", "user:2"}, tickets.NoticeFilter{})
	require.NoError(t, err)
	text, err := json.Marshal(notices)
	require.NoError(t, err)
	s.silent(string(text), "anybody", "notices")
}

func TestD06WhatTheRuleHidesIsHidden(t *testing.T) {
	s := openSecretHouse(t)
	rule, ok := s.Desk.Rules().Rule("D06")
	require.True(t, ok)
	shown := s.send("GET", "/api/v1/tickets/"+s.nos[0], s.as("agent2"), nil).is(200).json()
	require.NotEmpty(t, rule.Hides)
	for _, field := range rule.Hides {
		require.Equal(t, hidden, shown[field], field)
	}
}
