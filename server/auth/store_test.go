package auth

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"quandesk/tickets"
)

// memory is a Store and a Trail of the tests here; the real store is tested
// where it lives.
type memory struct {
	mu       sync.Mutex
	users    map[string]stored
	sessions map[string]Session
	touches  int
	failures []failure
	trail    []Entry
	broken   error // what Record returns
}

type stored struct {
	User
	hash string
}

type failure struct {
	name, ip string
	at       time.Time
}

func (m *memory) UserByName(_ context.Context, username string) (User, string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.users[username]
	if !ok {
		return User{}, "", ErrLogin
	}
	return s.User, s.hash, nil
}

func (m *memory) PutUser(_ context.Context, u User, hash string) (User, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	old, ok := m.users[u.Username]
	u.ID = int64(len(m.users) + 1)
	if ok {
		u.ID = old.ID
	}
	m.users[u.Username] = stored{u, hash}
	for token, s := range m.sessions {
		if s.UserID == u.ID && old.hash != hash {
			delete(m.sessions, token)
		}
	}
	return u, nil
}

func (m *memory) Users(context.Context) ([]User, error) { return nil, errors.ErrUnsupported }

func (m *memory) OpenSession(_ context.Context, hash []byte, s Session) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sessions[string(hash)] = s
	return nil
}

func (m *memory) Session(_ context.Context, hash []byte) (Session, User, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.sessions[string(hash)]
	if !ok {
		return Session{}, User{}, ErrSession
	}
	for _, u := range m.users {
		if u.ID == s.UserID {
			return s, u.User, nil
		}
	}
	return Session{}, User{}, ErrSession
}

func (m *memory) TouchSession(_ context.Context, hash []byte, at time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.sessions[string(hash)]
	s.SeenAt = at
	m.sessions[string(hash)] = s
	m.touches++
	return nil
}

func (m *memory) CloseSession(_ context.Context, hash []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.sessions, string(hash))
	return nil
}

func (m *memory) Failures(_ context.Context, name, ip string, since time.Time) (account, address int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.failures {
		if f.at.Before(since) {
			continue
		}
		if f.name == name {
			account++
		}
		if f.ip == ip {
			address++
		}
	}
	return account, address, nil
}

func (m *memory) Failed(_ context.Context, name, ip string, at time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failures = append(m.failures, failure{name, ip, at})
	return nil
}

func (m *memory) Succeeded(_ context.Context, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	kept := m.failures[:0]
	for _, f := range m.failures {
		if f.name != name {
			kept = append(kept, f)
		}
	}
	m.failures = kept
	return nil
}

func (m *memory) Record(_ context.Context, e Entry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil {
		return m.broken
	}
	m.trail = append(m.trail, e)
	return nil
}

// results are what the trail says of logins, in order.
func (m *memory) results() []string {
	var out []string
	for _, e := range m.trail {
		if e.Action == "login" {
			out = append(out, e.Result)
		}
	}
	return out
}

const good = "Lixia-2026-gate" // the password of everybody in these tests

var (
	noon  = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	chief = tickets.Actor{Kind: tickets.ByStaff, ID: 99, Name: "吴磊", IP: "10.0.0.9", RequestID: "r9"}
)

// world is a gate with a clock that the test turns and one agent, linxy.
type world struct {
	*memory
	gate  *Gate
	clock time.Time
	agent User
}

func newWorld(t *testing.T, opts Options) *world {
	t.Helper()
	if opts.Params == nil { // cheap: the cost has a benchmark of its own
		opts.Params = &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}
	}
	w := &world{memory: &memory{users: map[string]stored{}, sessions: map[string]Session{}}, clock: noon}
	w.gate = NewGate(w.memory, w.memory, func() time.Time { return w.clock }, opts)
	u, err := w.gate.AddUser(t.Context(), chief, User{Username: "linxy", Name: "林晓雨", Role: RoleAgent}, good)
	if err != nil {
		t.Fatalf("AddUser: %v", err)
	}
	w.agent, w.trail = u, nil
	return w
}

func (w *world) login(t *testing.T, name, password string) error {
	t.Helper()
	return w.loginFrom(t, name, password, "10.1.1.1")
}

func (w *world) loginFrom(t *testing.T, name, password, ip string) error {
	t.Helper()
	_, _, _, err := w.gate.Login(t.Context(), name, password, ip, "r1")
	return err
}

// enter logs linxy in and returns the token.
func (w *world) enter(t *testing.T) string {
	t.Helper()
	token, _, _, err := w.gate.Login(t.Context(), "linxy", good, "10.1.1.1", "r1")
	if err != nil {
		t.Fatalf("Login: %v", err)
	}
	return token
}
