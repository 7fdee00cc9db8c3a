package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"quandesk/tickets"
)

// Remembered keeps what was answered to a write under the Idempotency-Key
// its caller chose, so that a repeat is answered and not done again.
type Remembered interface {
	// Remembered returns what was answered; ok is false when nothing was. An
	// error with KeyReused() bool says that the key came with another request.
	Remembered(ctx context.Context, userID int64, key string, request []byte) (status int, body []byte, ok bool, err error)
	// Remember keeps an answer for a day.
	Remember(ctx context.Context, userID int64, key string, request []byte, status int, body []byte) error
}

// Quota counts what people may do only so often.
type Quota interface {
	// Within counts once more and reports whether it was within most per span.
	Within(ctx context.Context, key string, most int, span time.Duration) (bool, error)
}

const keyHeader = "Idempotency-Key"

// running are the keyed requests this process is working on.
type running struct {
	mu   sync.Mutex
	keys map[string]struct{}
}

func (r *running) enter(key string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, busy := r.keys[key]; busy {
		return false
	}
	if r.keys == nil {
		r.keys = map[string]struct{}{}
	}
	r.keys[key] = struct{}{}
	return true
}

func (r *running) leave(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.keys, key)
}

// longestKey is how many characters an Idempotency-Key may have.
const longestKey = 100

// exactlyOnce answers a repeated write from memory. Only what was done is
// remembered: what was refused may be mended and sent again.
func (s *Site) exactlyOnce(hc huma.Context, next func(huma.Context)) {
	c := humafiber.Unwrap(hc)
	key := c.Get(keyHeader)
	if key == "" {
		next(hc)
		return
	}
	if len(key) > longestKey {
		s.refuse(c, &tickets.InputError{Field: "idempotency_key", Problem: tickets.TooLong})
		return
	}
	user := s.user(c)
	mine := strconv.FormatInt(user.ID, 10) + "/" + key
	if !s.running.enter(mine) {
		s.refuse(c, errBusy)
		return
	}
	defer s.running.leave(mine)
	request := fingerprint(c)
	status, body, ok, err := s.Remembered.Remembered(c.UserContext(), user.ID, key, request)
	switch {
	case err != nil:
		s.refuse(c, err)
	case ok:
		c.Set("Idempotent-Replayed", "true")
		c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
		_ = c.Status(status).Send(body) // Send on a response in memory cannot fail
	default:
		next(hc)
		s.remember(c, user.ID, key, request)
	}
}

func (s *Site) remember(c *fiber.Ctx, userID int64, key string, request []byte) {
	status := c.Response().StatusCode()
	if status >= 300 {
		return
	}
	// What was done is done, however late it is.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.UserContext()), time.Second)
	defer cancel()
	if err := s.Remembered.Remember(ctx, userID, key, request, status, bytes.Clone(c.Response().Body())); err != nil {
		s.log.ErrorContext(ctx, "answer not remembered", "err", err, "request", callOf(ctx).id)
	}
}

// refuse answers from where an error cannot be returned.
func (s *Site) refuse(c *fiber.Ctx, err error) {
	if err := s.fail(c, err); err != nil {
		s.log.Error("answer not written", "err", err)
	}
}

// fingerprint tells one request from another.
func fingerprint(c *fiber.Ctx) []byte {
	h := sha256.New()
	h.Write([]byte(c.Method() + " " + c.Path() + "\n"))
	h.Write(c.Request().Body())
	return h.Sum(nil)
}

// keyReused is returned by the notebook; stores have their own.
type keyReused struct{}

func (keyReused) Error() string   { return errReused.Error() }
func (keyReused) KeyReused() bool { return true }

// notebook remembers in this process: the newest thousand answers.
type notebook struct {
	mu    sync.Mutex
	pages map[string]page
	order []string
}

type page struct {
	request []byte
	status  int
	body    []byte
}

const notebookPages = 1000

func (n *notebook) Remembered(_ context.Context, userID int64, key string, request []byte) (int, []byte, bool, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	p, ok := n.pages[strconv.FormatInt(userID, 10)+"/"+key]
	if ok && !bytes.Equal(p.request, request) {
		return 0, nil, false, keyReused{}
	}
	return p.status, p.body, ok, nil
}

func (n *notebook) Remember(_ context.Context, userID int64, key string, request []byte, status int, body []byte) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.pages == nil {
		n.pages = map[string]page{}
	}
	key = strconv.FormatInt(userID, 10) + "/" + key
	if _, ok := n.pages[key]; ok {
		return nil
	}
	n.pages[key], n.order = page{request, status, body}, append(n.order, key)
	if len(n.order) > notebookPages {
		delete(n.pages, n.order[0])
		n.order = n.order[1:]
	}
	return nil
}

// tally is a Quota of this process.
type tally struct {
	now func() time.Time

	mu    sync.Mutex
	times map[string][]time.Time
}

func newTally(now func() time.Time) *tally {
	return &tally{now: now, times: map[string][]time.Time{}}
}

// Take forgets what is older than the span; refused tries do not count.
func (t *tally) Within(_ context.Context, key string, most int, span time.Duration) (bool, error) {
	if most <= 0 {
		return false, errors.New("web: quota of nothing")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	kept := t.times[key][:0]
	for _, at := range t.times[key] {
		if now.Sub(at) < span {
			kept = append(kept, at)
		}
	}
	if len(kept) >= most {
		t.times[key] = kept
		return false, nil
	}
	t.times[key] = append(kept, now)
	return true, nil
}
