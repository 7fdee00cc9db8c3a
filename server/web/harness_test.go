package web

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/stretchr/testify/require"

	"quandesk/channels"
	"quandesk/channels/hotline12345"
	"quandesk/channels/phone"
	"quandesk/channels/webchat"
	"quandesk/channels/wechat"
	"quandesk/server/auth"
	"quandesk/server/hub"
	"quandesk/server/store"
	"quandesk/server/store/storetest"
	"quandesk/tickets"
	"quandesk/tickets/calendar"
)

// password opens the door for everybody in these tests.
const password = "Quancheng-2026"

// citySecret signs the pushes of 12345 in these tests.
const citySecret = "secret-of-the-city-1"

// house is a whole site on a fresh database, with a person of every role.
type house struct {
	*Site
	t      *testing.T
	store  *store.Store
	hub    *hub.Memory
	jobs   *heap
	tokens map[string]string // by user name
	csrf   map[string]string
}

// heap is a queue nobody works on.
type heap struct {
	mu   sync.Mutex
	jobs []store.Job
}

func (h *heap) Insert(_ context.Context, _ *store.Tx, jobs []store.Job) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.jobs = append(h.jobs, jobs...)
	return nil
}

// engine opens the fresh database of a house.
var engine = storetest.SQLite

func openHouse(t *testing.T, change ...func(*Parts)) *house {
	t.Helper()
	ctx := context.Background()
	st := engine(t)
	h := &house{t: t, store: st, hub: hub.NewMemory(), jobs: &heap{}, tokens: map[string]string{}, csrf: map[string]string{}}
	st.Use(h.jobs, func(topics []store.Topic) {
		for _, topic := range topics {
			h.hub.Publish(ctx, hub.Event{Topic: topic.Name, Version: topic.Version})
		}
	})
	days, err := calendar.Default()
	require.NoError(t, err)
	rules, err := tickets.LoadRules("", days)
	require.NoError(t, err)
	images, err := channels.NewImages(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { images.Close() })
	cheap := &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}
	inbox := channels.NewInbox(st)
	p := Parts{
		Desk: tickets.NewDesk(st, rules, st.Now), Tickets: st, Outages: tickets.NewOutages(st, rules, st.Now), Notices: st, Inbox: inbox, Conversations: st,
		Chat: webchat.New(st, inbox, st.Now), Images: images, Pictures: st,
		Gate: auth.NewGate(st, st, st.Now, auth.Options{Params: cheap}), People: st, Trail: st, Audit: st, ModelCalls: st,
		Keys: auth.NewKeyring(st, st, st.Now), Phone: st,
		Letters: st, Office: Office{Accounts: wechat.NewAccounts(), Client: wechat.NewClient(wechat.ClientOptions{Base: "http://127.0.0.1:1", Now: st.Now}), Words: st, Records: st}, Hub: h.hub, Answered: st.Answered, Ready: st.Ready, Reports: st, Remembered: st,
	}
	p.Switchboard = phone.NewSwitchboard(st, p.Desk)
	p.Hotline = Hotline{Mailbox: hotline12345.NewMailbox(st, p.Desk, nil, st.Now), Orders: st, Secret: citySecret}
	p.Wechat, p.My = wechatIn(st, inbox)
	furnish(t, &p, st)
	for _, f := range change {
		f(&p)
	}
	_, err = p.Gate.Demo(ctx, password)
	require.NoError(t, err)
	h.Site = New(p)
	return h
}

// call is one request and what came back.
type answer struct {
	*http.Response
	t    *testing.T
	text string
}

type header struct{ name, value string }

// send asks for something; body is JSON unless it is a string.
func (h *house) send(method, path, token string, body any, headers ...header) answer {
	h.t.Helper()
	var r io.Reader
	if m, ok := body.(map[string]any); ok && m == nil {
		body = nil
	}
	switch b := body.(type) {
	case nil:
	case string:
		r = strings.NewReader(b)
	default:
		data, err := json.Marshal(b)
		require.NoError(h.t, err)
		r = bytes.NewReader(data)
	}
	req := httptest.NewRequest(method, path, r)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for _, x := range headers {
		req.Header.Set(x.name, x.value)
	}
	return h.do(req)
}

func (h *house) do(req *http.Request) answer {
	h.t.Helper()
	res, err := h.app.Test(req, -1)
	require.NoError(h.t, err)
	text, err := io.ReadAll(res.Body)
	require.NoError(h.t, err)
	return answer{res, h.t, string(text)}
}

// is checks the status and returns the answer.
func (a answer) is(status int) answer {
	a.t.Helper()
	require.Equal(a.t, status, a.StatusCode, a.text)
	return a
}

// json reads the answer as an object.
func (a answer) json() map[string]any {
	a.t.Helper()
	var out map[string]any
	require.NoError(a.t, json.Unmarshal([]byte(a.text), &out), a.text)
	return out
}

// says is the message of an error.
func (a answer) says() string {
	a.t.Helper()
	e, _ := a.json()["error"].(map[string]any)
	require.NotNil(a.t, e, a.text)
	require.NotEmpty(a.t, e["request_id"], a.text)
	message, _ := e["message"].(string)
	return message
}

func (a answer) code() string {
	a.t.Helper()
	e, _ := a.json()["error"].(map[string]any)
	code, _ := e["code"].(string)
	return code
}

// as is the token of a person, who signs in the first time.
func (h *house) as(username string) string {
	h.t.Helper()
	if token, ok := h.tokens[username]; ok {
		return token
	}
	out := h.send("POST", "/api/v1/login", "", map[string]string{"username": username, "password": password}).is(200).json()
	h.tokens[username], h.csrf[username] = out["token"].(string), out["csrf_token"].(string)
	return h.tokens[username]
}

// visit starts a resident's chat.
func (h *house) visit() (token string, conversation int64) {
	h.t.Helper()
	out := h.send("POST", "/api/v1/webchat/sessions", "", nil).is(200).json()
	return out["token"].(string), int64(out["conversation_id"].(float64))
}

// complaint is a ticket as somebody registers it.
func complaintOf(more map[string]any) map[string]any {
	out := map[string]any{
		"kind": "complaint", "category": "water_quality", "contact_name": "张三丰", "contact_phone": "13812345678",
		"address": "历下区文化东路88号3号楼", "district": "历下区", "community": "文东小区",
		"description": "自来水发黄，已经两天了，请尽快处理。",
	}
	for k, v := range more {
		out[k] = v
	}
	return out
}

// register opens a ticket and returns its number.
func (h *house) register(by string, more map[string]any) string {
	h.t.Helper()
	return h.send("POST", "/api/v1/tickets", h.as(by), complaintOf(more)).is(201).json()["no"].(string)
}

// move makes a move that has to succeed.
func (h *house) move(by, no, move string, body map[string]any) map[string]any {
	h.t.Helper()
	return h.send("POST", "/api/v1/tickets/"+no+"/"+move, h.as(by), body).is(200).json()
}

// listen serves the house on a real connection.
func (h *house) listen() (string, *client) {
	h.t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(h.t, err)
	served := make(chan error, 1)
	go func() { served <- h.Serve(ln) }()
	base := "http://" + ln.Addr().String()
	c := &client{base: base, Client: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{}}}
	h.t.Cleanup(func() {
		c.CloseIdleConnections() // one that was never used would be waited for
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		require.NoError(h.t, h.Stop(ctx))
		require.NoError(h.t, <-served)
	})
	return base, c
}

// client asks a house over a real connection.
type client struct {
	base string
	*http.Client
}

func (c *client) Post(path, kind string, body io.Reader) (*http.Response, error) {
	return c.Client.Post(c.base+path, kind, body)
}

// read takes a whole answer.
func read(t *testing.T, res *http.Response) answer {
	t.Helper()
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return answer{res, t, string(text)}
}
