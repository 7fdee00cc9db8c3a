// Package hotlinetest is a platform of 12345 for tests: it remembers every
// request, knows which message it has, and can misbehave.
package hotlinetest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"quandesk/channels/hotline12345"
	"quandesk/tickets"
)

// Play is how the platform takes the next message.
type Play string

// The plays. Accept is what it does when nothing else was asked for.
const (
	Accept     Play = "accept"
	Refuse     Play = "refuse"      // 422 with a reason
	Break      Play = "break"       // 500 before it has the message
	BreakAfter Play = "break after" // 500 although it has the message
	Hang       Play = "hang"        // has the message and never answers
	Lose       Play = "lose"        // never has it and never answers
	Busy       Play = "busy"        // 503
	Redirect   Play = "redirect"    // 307 to somewhere else
)

// Reason is why the platform refuses.
const Reason = "工单已由其他单位办理"

// Request is one request as it came.
type Request struct {
	Method string
	Key    string
	Body   Message // of a POST
	Raw    string
	Signed bool
	At     time.Time
}

// Message is the body of a POST.
type Message struct {
	Key     string            `json:"key"`
	OrderNo string            `json:"order_no"`
	Action  tickets.Act       `json:"action"`
	Round   int               `json:"round"`
	Fields  map[string]string `json:"fields"`
	Text    string            `json:"text"`
}

// Platform is a running fake. It lets in what is signed with its secret only.
type Platform struct {
	URL    string
	Secret string
	Now    func() time.Time // its clock; set it before the first request

	server *httptest.Server
	mu     sync.Mutex
	plays  []Play
	deaf   bool // GET is not answered with what is known
	seen   []Request
	taken  []Message
	states map[string]string // by key: accepted, refused
	gone   chan struct{}
	heard  chan struct{} // one for each request
}

// New starts a platform that stops with the test.
func New(t testing.TB) *Platform {
	p := &Platform{Secret: "a-secret-for-tests", Now: time.Now, states: map[string]string{},
		gone: make(chan struct{}), heard: make(chan struct{}, 1024)}
	p.server = httptest.NewServer(p)
	p.URL = p.server.URL + "/unit"
	t.Cleanup(func() {
		close(p.gone)
		p.server.CloseClientConnections()
		p.server.Close()
	})
	return p
}

// Play says how the next messages are taken, one each.
func (p *Platform) Play(plays ...Play) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plays = append(p.plays, plays...)
}

// Forget makes the platform say nothing of what it knows.
func (p *Platform) Forget(deaf bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.deaf = deaf
}

// Heard is told of each request when it has been dealt with.
func (p *Platform) Heard() <-chan struct{} { return p.heard }

// Requests is everything that came, in order.
func (p *Platform) Requests() []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.seen)
}

// Taken is what the platform has, in order: a key twice is a message said twice.
func (p *Platform) Taken() []Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.taken)
}

// ServeHTTP implements http.Handler.
func (p *Platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	seal := hotline12345.Seal{Timestamp: r.Header.Get(hotline12345.HeaderTimestamp),
		Nonce: r.Header.Get(hotline12345.HeaderNonce), Signature: r.Header.Get(hotline12345.HeaderSignature)}
	seen := Request{Method: r.Method, Key: r.URL.Query().Get("key"), Raw: string(raw), At: time.Now(),
		Signed: seal.Verify(p.Secret, raw, p.Now()) == nil}
	if r.Method == http.MethodPost && json.Unmarshal(raw, &seen.Body) == nil {
		seen.Key = seen.Body.Key
	}
	defer func() {
		select {
		case p.heard <- struct{}{}:
		default:
		}
	}()
	play, again, state := p.note(seen)
	switch {
	case !seen.Signed:
		answer(w, http.StatusUnauthorized, map[string]string{"reason": "签名有误"})
	case r.Method == http.MethodGet:
		p.tell(w, state)
	case again:
		answer(w, http.StatusConflict, map[string]string{"reason": "重复报送"})
	default:
		p.act(w, r, play)
	}
}

// note remembers a request and what it changes.
func (p *Platform) note(seen Request) (play Play, again bool, state string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen = append(p.seen, seen)
	state = p.states[seen.Key]
	if p.deaf {
		state = "deaf"
	}
	if seen.Method != http.MethodPost || !seen.Signed {
		return "", false, state
	}
	play = Accept
	if len(p.plays) > 0 {
		play, p.plays = p.plays[0], p.plays[1:]
	}
	if p.states[seen.Key] == "accepted" {
		return play, true, state
	}
	switch play {
	case Accept, BreakAfter, Hang:
		p.states[seen.Key] = "accepted"
		p.taken = append(p.taken, seen.Body)
	case Refuse:
		p.states[seen.Key] = "refused"
	}
	return play, false, state
}

func (p *Platform) act(w http.ResponseWriter, r *http.Request, play Play) {
	switch play {
	case Accept:
		answer(w, http.StatusOK, map[string]string{"state": "accepted"})
	case Refuse:
		answer(w, http.StatusUnprocessableEntity, map[string]string{"state": "refused", "reason": Reason})
	case Break, BreakAfter:
		answer(w, http.StatusInternalServerError, map[string]string{"message": "内部错误"})
	case Busy:
		answer(w, http.StatusServiceUnavailable, nil)
	case Redirect:
		http.Redirect(w, r, "http://127.0.0.1:1/elsewhere", http.StatusTemporaryRedirect)
	case Hang, Lose:
		select {
		case <-r.Context().Done():
		case <-p.gone:
		}
	}
}

// tell answers what has become of a message.
func (p *Platform) tell(w http.ResponseWriter, state string) {
	switch state {
	case "":
		answer(w, http.StatusNotFound, map[string]string{"state": "unknown"})
	case "deaf":
		answer(w, http.StatusNotFound, nil) // no such page
	default:
		answer(w, http.StatusOK, map[string]string{"state": state, "reason": Reason})
	}
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	if body != nil {
		_ = json.NewEncoder(w).Encode(body) // whoever asked has gone
	}
}
