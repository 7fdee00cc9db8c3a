package web

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"

	"quandesk/server/hub"
)

// The live connection of a page: topics, ids and versions only. What a page
// then fetches is authorised like any other request.
const (
	pingEvery   = 25 * time.Second
	pongWithin  = 60 * time.Second
	writeWindow = 5 * time.Second // a reader slower than this is cut off
	checkEvery  = 4 * time.Second // whether the session has ended
	deafEvery   = 2 * time.Second // a page looks by itself while the hub may miss something
	authorising = 3 * time.Second // for one request of topics
	mostTopics  = 100             // of one page
	longestWish = 8 << 10         // bytes of one request of topics
)

// viewer is who sits before a page.
type viewer interface {
	// mayHear reports whether the topic may be told to this viewer.
	mayHear(ctx context.Context, topic string) bool
	// present returns an error when the viewer has to leave.
	present(ctx context.Context) error
}

// wish is what a page asks for.
type wish struct {
	Add    []string `json:"add"`
	Remove []string `json:"remove"`
}

func (s *Site) livePages(app fiber.Router) {
	app.Get("/chat/live", s.live(func(c *fiber.Ctx) (viewer, error) {
		v, err := s.visitor(c)
		return residentViewer{v.ConversationID}, err
	}))
	app.Get("/desk/live", s.live(func(c *fiber.Ctx) (viewer, error) {
		token := c.Cookies(s.cookieName(staffCookie))
		_, u, err := s.Gate.Peek(c.UserContext(), token)
		return &staffViewer{site: s, user: u, token: token}, err
	}))
}

// live upgrades a request to a WebSocket for the viewer that admit finds.
// Other sites are turned away: browsers do not ask before they connect.
func (s *Site) live(admit func(*fiber.Ctx) (viewer, error)) fiber.Handler {
	const key = "viewer"
	upgrade := websocket.New(func(conn *websocket.Conn) {
		newWire(s, conn, conn.Locals(key).(viewer)).run()
	}, websocket.Config{
		ReadBufferSize: 1024, WriteBufferSize: 1024, WriteBufferPool: &sync.Pool{}, HandshakeTimeout: writeWindow,
		RecoverHandler: func(*websocket.Conn) {
			if r := recover(); r != nil {
				s.log.Error("live connection panicked", "value", r)
			}
		},
	})
	return func(c *fiber.Ctx) error {
		if !websocket.IsWebSocketUpgrade(c) {
			return fiber.ErrUpgradeRequired
		}
		if origin := c.Get(fiber.HeaderOrigin); origin == "" || !s.isOrigin(c, origin) {
			return errForged
		}
		v, err := admit(c)
		if err != nil {
			return err
		}
		c.Locals(key, v)
		return upgrade(c)
	}
}

// wire is one live connection. run reads from it; a second goroutine, which
// run starts and waits for, is the only one that writes.
type wire struct {
	site   *Site
	conn   *websocket.Conn
	viewer viewer
	heard  hub.Subscription
	topics map[string]struct{}
	added  chan []string // topics that are heard from now on
	gone   chan struct{} // closed when nobody reads any more
	over   chan struct{} // closed when nobody writes any more
}

func newWire(s *Site, conn *websocket.Conn, v viewer) *wire {
	return &wire{
		site: s, conn: conn, viewer: v, heard: s.Hub.Subscribe(), topics: map[string]struct{}{},
		added: make(chan []string), gone: make(chan struct{}), over: make(chan struct{}),
	}
}

// run owns the connection until the page, the viewer or the site has gone.
func (w *wire) run() {
	go w.tell()
	w.listen()
	close(w.gone)
	w.heard.Close()
	<-w.over
}

// listen takes the wishes of the page.
func (w *wire) listen() {
	alive := func(string) error { return w.conn.SetReadDeadline(time.Now().Add(pongWithin)) }
	w.conn.SetReadLimit(longestWish)
	w.conn.SetPongHandler(alive)
	for alive("") == nil {
		_, data, err := w.conn.ReadMessage()
		if err != nil {
			return
		}
		var ask wish
		if json.Unmarshal(data, &ask) != nil {
			return // not one of our pages
		}
		if !w.grant(ask) {
			return
		}
	}
}

// grant subscribes to what the viewer may hear, and has the page look once
// more at what is new: it may have changed since it was rendered.
func (w *wire) grant(ask wish) bool {
	for _, topic := range ask.Remove {
		w.heard.Remove(topic)
		delete(w.topics, topic)
	}
	ctx, cancel := context.WithTimeout(context.Background(), authorising)
	defer cancel()
	var added []string
	for _, topic := range ask.Add {
		if len(w.topics) < mostTopics && w.viewer.mayHear(ctx, topic) {
			w.heard.Add(topic)
			w.topics[topic] = struct{}{}
			added = append(added, topic)
		}
	}
	select {
	case w.added <- added:
		return true
	case <-w.over:
		return false
	}
}

// tell writes until somebody has gone. Nothing is queued for a page that
// does not read: it is cut off, comes back and asks again.
func (w *wire) tell() {
	defer close(w.over)
	ping, check, look := time.NewTicker(pingEvery), time.NewTicker(checkEvery), time.NewTicker(deafEvery)
	defer ping.Stop()
	defer check.Stop()
	defer look.Stop()
	for {
		why, err := 0, error(nil)
		select {
		case <-w.gone:
			return
		case <-w.site.done:
			why = websocket.CloseGoingAway
		case e, more := <-w.heard.Events():
			if err = w.send(e); !more {
				why = websocket.CloseTryAgainLater
			}
		case topics := <-w.added:
			for i := 0; i < len(topics) && err == nil; i++ {
				err = w.send(hub.Event{Topic: topics[i]})
			}
		case <-ping.C:
			err = w.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWindow))
		case <-look.C:
			if w.site.deaf() {
				err = w.send(hub.Event{Topic: hub.Resync})
			}
		case <-check.C:
			if !w.stays() {
				why = websocket.ClosePolicyViolation
			}
		}
		if why != 0 || err != nil {
			w.hangUp(why)
			return
		}
	}
}

// stays asks whether the viewer is still signed in.
func (w *wire) stays() bool {
	ctx, cancel := context.WithTimeout(context.Background(), authorising)
	defer cancel()
	return w.viewer.present(ctx) == nil
}

func (w *wire) send(e hub.Event) error {
	if e.Topic == "" {
		return nil // the end of the subscription
	}
	if err := w.conn.SetWriteDeadline(time.Now().Add(writeWindow)); err != nil {
		return err
	}
	return w.conn.WriteJSON(e)
}

// hangUp says why and wakes the reader; the server closes the connection
// when run returns.
func (w *wire) hangUp(why int) {
	if why != 0 {
		_ = w.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(why, ""), time.Now().Add(time.Second)) // a courtesy
	}
	_ = w.conn.SetReadDeadline(time.Now()) // a broken connection has ended already
}
