package wechat

import (
	"context"
	"sync"
	"time"
)

const (
	typingCall  = "/cgi-bin/message/custom/typing"
	typingLasts = 15 * time.Second
)

// typists knows to whom the sign that somebody writes was shown lately.
type typists struct {
	now   func() time.Time
	mu    sync.Mutex
	shown map[string]time.Time
}

// begin reports whether the sign may be shown: once in 15 seconds.
func (t *typists) begin(account, openid string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if t.shown == nil {
		t.shown = map[string]time.Time{}
	}
	for k, at := range t.shown {
		if now.Sub(at) >= typingLasts {
			delete(t.shown, k)
		}
	}
	key := account + " " + openid
	if _, lately := t.shown[key]; lately {
		return false
	}
	t.shown[key] = now
	return true
}

// Typing shows the resident that an answer is on its way. It is a courtesy:
// errors are nobody's business.
func (s *Sender) Typing(ctx context.Context, account, openid string) {
	a, ok := s.accounts.ByName(account)
	if !ok || !a.Verified {
		return
	}
	w, err := s.book.Allowance(ctx, account, openid)
	if n, _ := w.Left(s.client.now()); err != nil || n == 0 || !s.typing.begin(account, openid) {
		return
	}
	_ = s.client.post(ctx, a, typingCall, map[string]string{"touser": openid, "command": "Typing"}, nil)
}
