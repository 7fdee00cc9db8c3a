package web

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
	"github.com/stretchr/testify/require"

	"quandesk/server/auth"
	"quandesk/server/hub"
	"quandesk/server/watched"
	"quandesk/tickets"
)

// page is an open live connection.
type livePage struct {
	t *testing.T
	*websocket.Conn
}

// open connects as a page with these cookies would.
func (h *house) open(base, path string, cookies map[string]string, origin string) (*livePage, *http.Response) {
	h.t.Helper()
	head := http.Header{}
	if origin != "" {
		head.Set("Origin", origin)
	}
	for name, value := range cookies {
		head.Add("Cookie", name+"="+value)
	}
	conn, res, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(base, "http")+path, head)
	if err != nil {
		return nil, res
	}
	h.t.Cleanup(func() { conn.Close() })
	return &livePage{h.t, conn}, res
}

func (p *livePage) add(topics ...string) {
	p.t.Helper()
	require.NoError(p.t, p.WriteJSON(wish{Add: topics}))
}

// hears is the next topic that is told.
func (p *livePage) hears() string {
	p.t.Helper()
	require.NoError(p.t, p.SetReadDeadline(time.Now().Add(time.Minute)))
	var e hub.Event
	require.NoError(p.t, p.ReadJSON(&e))
	return e.Topic
}

// closed waits for the end and returns its code.
func (p *livePage) closed() int {
	p.t.Helper()
	require.NoError(p.t, p.SetReadDeadline(time.Now().Add(time.Minute)))
	for {
		if _, _, err := p.ReadMessage(); err != nil {
			var e *websocket.CloseError
			require.ErrorAs(p.t, err, &e)
			return e.Code
		}
	}
}

// granted asks for topics one after the other, with a sentinel of the own
// behind each, and returns those that were granted.
func (p *livePage) granted(sentinel string, topics ...string) []string {
	p.t.Helper()
	var out []string
	for _, topic := range topics {
		p.add(topic, sentinel)
		for heard := p.hears(); heard != sentinel; heard = p.hears() {
			out = append(out, heard)
		}
	}
	return out
}

func TestResidentsHearOfTheirOwnConversationOnly(t *testing.T) {
	h := openHouse(t)
	base, _ := h.listen()
	a, b := h.resident(), h.resident()
	mine, theirs := topicOf(a), topicOf(b)
	no := h.register("agent", nil)
	p, _ := h.open(base, "/chat/live", a.cookies, base)
	require.Empty(t, p.granted(mine, theirs, "desk", "ticket:"+no, "notices:role:agent", "*", ""))
	b.post("/chat/messages", url.Values{"text": {"别人说的话"}}).is(303)
	a.post("/chat/messages", url.Values{"text": {"自己说的话"}}).is(303)
	require.Equal(t, mine, p.hears())
}

func topicOf(b *browser) string {
	page := b.get("/").text
	_, after, _ := strings.Cut(page, `data-live="`)
	topic, _, _ := strings.Cut(after, `"`)
	return topic
}

func TestStaffHearWhatTheirScopeHolds(t *testing.T) {
	h := openHouse(t)
	base, _ := h.listen()
	_, err := h.Gate.AddUser(context.Background(), tickets.Actor{Kind: tickets.ByStaff}, auth.User{Username: "west", Name: "西城", Role: auth.RoleAgent, Department: tickets.Departments[1]}, "Lotus-Spring-7-Deep")
	require.NoError(t, err)
	talk := topicOf(h.resident())
	open, secret := h.register("agent", nil), h.register("agent", map[string]any{"confidential": true, "description": "匿名举报偷水，请保密。"})
	h.move("agent", secret, "accept", map[string]any{})
	all := []string{"desk", talk, "ticket:" + open, "ticket:" + secret, "notices:role:supervisor", "notices:user:1", "conversation:999", "ticket:TS-19990101-0001", "other"}
	for who, want := range map[string][]string{
		"agent2":     {"desk", talk, "ticket:" + open},
		"agent":      {"desk", talk, "ticket:" + open, "ticket:" + secret, "notices:user:1"},
		"supervisor": {"desk", talk, "ticket:" + open, "ticket:" + secret, "notices:role:supervisor"},
		"west":       {"desk"},
		"editor":     nil,
	} {
		b := h.signedInWith(who, map[bool]string{true: "Lotus-Spring-7-Deep", false: password}[who == "west"])
		_, u, err := h.Gate.Peek(context.Background(), b.cookies[staffCookie])
		require.NoError(t, err)
		v := &staffViewer{site: h.Site, user: u, token: b.cookies[staffCookie]}
		var got []string
		for _, topic := range all {
			if topic == "notices:user:1" && u.ID != 1 && v.mayHear(context.Background(), topic) {
				t.Errorf("%s hears what is meant for another", who)
			}
			if v.mayHear(context.Background(), topic) {
				got = append(got, topic)
			}
		}
		if u.ID != 1 {
			want = without(want, "notices:user:1")
		}
		require.Equal(t, want, got, who)
	}
	p, _ := h.open(base, "/desk/live", h.signedIn("agent2").cookies, base)
	require.Equal(t, []string{"ticket:" + open}, p.granted("desk", "ticket:"+secret, "ticket:"+open))
}

func without(list []string, word string) []string {
	var out []string
	for _, w := range list {
		if w != word {
			out = append(out, w)
		}
	}
	return out
}

func TestOtherSitesAndStrangersAreTurnedAway(t *testing.T) {
	h := openHouse(t)
	base, _ := h.listen()
	agent := h.signedIn("agent").cookies
	for name, c := range map[string]struct {
		cookies map[string]string
		origin  string
		status  int
	}{
		"another site":   {agent, "https://evil.example", 403},
		"no origin":      {agent, "", 403},
		"not signed in":  {nil, base, 401},
		"a visitor only": {h.resident().cookies, base, 401},
	} {
		_, res := h.open(base, "/desk/live", c.cookies, c.origin)
		require.Equal(t, c.status, res.StatusCode, name)
	}
}

func TestEveryPageLooksAgainWhenSomethingMayHaveBeenMissed(t *testing.T) {
	h := openHouse(t)
	base, _ := h.listen()
	p, _ := h.open(base, "/desk/live", h.signedIn("agent").cookies, base)
	p.add("desk")
	require.Equal(t, "desk", p.hears(), "a topic is told once when it is granted")
	h.hub.Publish(context.Background(), hub.Event{Topic: hub.Resync})
	require.Equal(t, hub.Resync, p.hears())
}

func TestALogoutEndsTheConnectionWithinFiveSeconds(t *testing.T) {
	h := openHouse(t)
	base, _ := h.listen()
	b := h.signedIn("agent")
	p, _ := h.open(base, "/desk/live", b.cookies, base)
	p.add("desk")
	require.Equal(t, "desk", p.hears())
	start := time.Now()
	b.post("/logout", url.Values{}).is(303)
	require.Equal(t, websocket.ClosePolicyViolation, p.closed())
	require.Less(t, time.Since(start), watched.Allow(5*time.Second))
}

func TestConnectionsEndWhenTheSiteStops(t *testing.T) {
	h := openHouse(t)
	base, _ := h.listen()
	p, _ := h.open(base, "/chat/live", h.resident().cookies, base)
	p.add("desk")
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	require.NoError(t, h.Stop(ctx))
	require.Equal(t, websocket.CloseGoingAway, p.closed())
}

func TestAPageThatFallsBehindIsCutOff(t *testing.T) {
	h := openHouse(t)
	slow := &endless{Subscription: h.hub.Subscribe()}
	h.Hub = slow
	base, _ := h.listen()
	b := h.resident()
	p, _ := h.open(base, "/chat/live", b.cookies, base)
	p.add(topicOf(b))
	slow.Subscription.Close() // what the hub does to a reader that falls behind
	require.Equal(t, websocket.CloseTryAgainLater, p.closed())
}

// endless is a hub with one subscription.
type endless struct{ hub.Subscription }

func (e *endless) Publish(context.Context, ...hub.Event) {}
func (e *endless) Subscribe() hub.Subscription           { return e.Subscription }
func (e *endless) Close() error                          { e.Subscription.Close(); return nil }

// TestTwoThousandIdlePages measures what idle connections cost: at most
// 50 KB each. It takes some seconds, so it runs when it is asked for.
func TestTwoThousandIdlePages(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("IDLE_PAGES"))
	if n == 0 {
		t.Skip("IDLE_PAGES is not set")
	}
	h := openHouse(t)
	base, _ := h.listen()
	b := h.resident()
	topic := topicOf(b)
	before := inUse()
	for range n {
		p, _ := h.open(base, "/chat/live", b.cookies, base)
		p.add(topic)
		require.Equal(t, topic, p.hears())
	}
	after := inUse()
	each := (after - before) / uint64(n)
	t.Logf("%d connections, %d KB each, the test's own end included", n, each/1024)
	require.Less(t, each, uint64(60<<10))
}

func inUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}
