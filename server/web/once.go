package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"quandesk/tickets"
)

// Remembered keeps what was answered to a write under the Idempotency-Key
// its caller chose, so that a repeat is answered and not done again, whichever
// process it comes to.
type Remembered interface {
	// Begin takes the key for a request that is about to be done. answered is
	// true when it was done before: status and body are what was answered.
	// Errors that have KeyReused() bool (the key came with another request),
	// Busy() bool (it is being done) or InDoubt() bool (who did it never said
	// how it ended) tell why it must not be done.
	Begin(ctx context.Context, userID int64, key string, request []byte) (status int, body []byte, answered bool, err error)
	// Finish keeps the answer for a day.
	Finish(ctx context.Context, userID int64, key string, status int, body []byte) error
	// Forget gives the key back: nothing was done.
	Forget(ctx context.Context, userID int64, key string) error
}

// Quota counts what people may do only so often.
type Quota interface {
	// Within counts once more and reports whether it was within most per span.
	Within(ctx context.Context, key string, most int, span time.Duration) (bool, error)
}

const keyHeader = "Idempotency-Key"

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
	status, body, answered, err := s.Remembered.Begin(c.UserContext(), user.ID, key, fingerprint(c))
	switch {
	case err != nil:
		s.refuse(c, err)
	case answered:
		c.Set("Idempotent-Replayed", "true")
		c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
		_ = c.Status(status).Send(body) // Send on a response in memory cannot fail
	default:
		next(hc)
		s.remember(c, user.ID, key, c.Response().StatusCode(), bytes.Clone(c.Response().Body()))
	}
}

// remember keeps what was done under a key, however late it is, and gives the
// key back when nothing was. After a fault of ours nobody knows: the key stays
// taken and comes into doubt.
func (s *Site) remember(c *fiber.Ctx, userID int64, key string, status int, body []byte) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.UserContext()), time.Second)
	defer cancel()
	err := error(nil)
	switch {
	case status == fiber.StatusInternalServerError:
	case status < 400:
		err = s.Remembered.Finish(ctx, userID, key, status, body)
	default:
		err = s.Remembered.Forget(ctx, userID, key)
	}
	if err != nil {
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

// notebook remembers in this process: the newest thousand answers.
type notebook struct {
	mu    sync.Mutex
	pages map[string]page
	order []string
}

// page is one key; a status of 0 says that it is being worked on.
type page struct {
	request []byte
	status  int
	body    []byte
}

const notebookPages = 1000

func noteKey(userID int64, key string) string { return strconv.FormatInt(userID, 10) + "/" + key }

func (n *notebook) Begin(_ context.Context, userID int64, key string, request []byte) (int, []byte, bool, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	key = noteKey(userID, key)
	switch p, ok := n.pages[key]; {
	case ok && !bytes.Equal(p.request, request):
		return 0, nil, false, errReused
	case ok && p.status == 0:
		return 0, nil, false, errBusy
	case ok:
		return p.status, p.body, true, nil
	}
	if n.pages == nil {
		n.pages = map[string]page{}
	}
	n.pages[key], n.order = page{request: request}, append(n.order, key)
	if len(n.order) > notebookPages {
		delete(n.pages, n.order[0])
		n.order = n.order[1:]
	}
	return 0, nil, false, nil
}

func (n *notebook) Finish(_ context.Context, userID int64, key string, status int, body []byte) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	key = noteKey(userID, key)
	if p, ok := n.pages[key]; ok {
		p.status, p.body = status, body
		n.pages[key] = p
	}
	return nil
}

func (n *notebook) Forget(_ context.Context, userID int64, key string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	key = noteKey(userID, key)
	delete(n.pages, key)
	n.order = slices.DeleteFunc(n.order, func(k string) bool { return k == key })
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
