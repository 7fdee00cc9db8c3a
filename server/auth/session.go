package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"time"
)

const (
	tokenBytes  = 32 // 256 random bits
	tokenLength = 43 // as base64 without padding
)

// newToken returns 256 random bits as 43 characters for cookies and forms.
func newToken() string {
	b := make([]byte, tokenBytes)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b)
}

// hashToken is what the store keeps. The token has 256 random bits, so one
// round of SHA-256 without salt cannot be turned back.
func hashToken(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}

// Session returns who a token belongs to and counts as a sign of life: the
// session was seen now, written at most once per Options.Touch. ErrSession
// when the token is unknown, idle or too old, or the user is disabled.
func (g *Gate) Session(ctx context.Context, token string) (Session, User, error) {
	s, u, err := g.Peek(ctx, token)
	if err != nil {
		return Session{}, User{}, err
	}
	now := g.now()
	if now.Sub(s.SeenAt) < g.opts.Touch {
		return s, u, nil
	}
	if err := g.store.TouchSession(ctx, hashToken(token), now); err != nil {
		return Session{}, User{}, fmt.Errorf("touch session: %w", err)
	}
	s.SeenAt = now
	return s, u, nil
}

// Peek is Session for what a page does on its own (live connection, polling):
// it does not keep the session alive (GB/T 22239: idle sessions end).
func (g *Gate) Peek(ctx context.Context, token string) (Session, User, error) {
	if len(token) != tokenLength {
		return Session{}, User{}, ErrSession
	}
	s, u, err := g.store.Session(ctx, hashToken(token))
	if err != nil {
		return Session{}, User{}, fmt.Errorf("find session: %w", err)
	}
	if u.Disabled || g.ended(s, g.now()) {
		return Session{}, User{}, ErrSession
	}
	return s, u, nil
}

func (g *Gate) ended(s Session, now time.Time) bool {
	return now.Sub(s.SeenAt) > g.opts.Idle || now.Sub(s.CreatedAt) > g.opts.Absolute
}

// Logout ends a session. Ending one that has ended already is not an error.
func (g *Gate) Logout(ctx context.Context, token, ip, requestID string) error {
	hash := hashToken(token)
	_, u, err := g.store.Session(ctx, hash)
	if errors.Is(err, ErrSession) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find session: %w", err)
	}
	if err := g.store.CloseSession(ctx, hash); err != nil {
		return fmt.Errorf("close session: %w", err)
	}
	return g.record(ctx, u.Actor(ip, requestID), "logout", u.Username, resultOK)
}

// Genuine reports whether a form carries the token of this session; it takes
// the same time whatever was sent.
func (s Session) Genuine(csrf string) bool {
	return s.CSRF != "" && subtle.ConstantTimeCompare([]byte(s.CSRF), []byte(csrf)) == 1
}
