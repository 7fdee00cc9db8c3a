package auth

import (
	"errors"
	"testing"
	"time"
)

func TestT41SessionsEndWhenIdleOrOld(t *testing.T) {
	for _, c := range []struct {
		name  string
		every time.Duration // how often the user does something
		until time.Duration
		want  error
	}{
		{"idle for 30 minutes: still there", 30 * time.Minute, 30 * time.Minute, nil},
		{"idle for 30 minutes and a second: gone", 30*time.Minute + time.Second, 30*time.Minute + time.Second, ErrSession},
		{"busy for 12 hours: still there", 10 * time.Minute, 12 * time.Hour, nil},
		{"busy for 12 hours and 10 minutes: gone", 10 * time.Minute, 12*time.Hour + 10*time.Minute, ErrSession},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Options{})
			token := w.enter(t)
			var err error
			for w.clock.Before(noon.Add(c.until)) {
				w.clock = w.clock.Add(c.every)
				_, _, err = w.gate.Session(t.Context(), token)
			}
			if !errors.Is(err, c.want) {
				t.Errorf("Session: %v, want %v", err, c.want)
			}
		})
	}
}

func TestT41BackgroundRequestsDoNotKeepASessionAlive(t *testing.T) {
	w := newWorld(t, Options{})
	token := w.enter(t)
	for range 30 {
		w.clock = w.clock.Add(time.Minute)
		if _, _, err := w.gate.Peek(t.Context(), token); err != nil {
			t.Fatalf("Peek at %s: %v", w.clock.Sub(noon), err)
		}
	}
	w.clock = w.clock.Add(time.Second)
	if _, _, err := w.gate.Peek(t.Context(), token); !errors.Is(err, ErrSession) {
		t.Errorf("Peek after 30 minutes and a second: %v, want ErrSession", err)
	}
	if w.touches != 0 {
		t.Errorf("Peek wrote %d times", w.touches)
	}
}

func TestABusySessionWritesOnceAMinute(t *testing.T) {
	w := newWorld(t, Options{})
	token := w.enter(t)
	for range 600 {
		w.clock = w.clock.Add(time.Second)
		if _, _, err := w.gate.Session(t.Context(), token); err != nil {
			t.Fatalf("Session: %v", err)
		}
	}
	if w.touches != 10 {
		t.Errorf("%d writes in ten minutes, want 10", w.touches)
	}
}

func TestT40SessionsEndOnTheNextRequest(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(t *testing.T, w *world, token string) error
	}{
		{"logout", func(t *testing.T, w *world, token string) error {
			return w.gate.Logout(t.Context(), token, "10.1.1.1", "r2")
		}},
		{"disabled", func(t *testing.T, w *world, _ string) error {
			u := w.agent
			u.Disabled = true
			_, err := w.gate.ChangeUser(t.Context(), chief, u)
			return err
		}},
		{"new password", func(t *testing.T, w *world, _ string) error {
			return w.gate.SetPassword(t.Context(), chief, "linxy", "Another-2026-key")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Options{})
			token := w.enter(t)
			if _, _, err := w.gate.Session(t.Context(), token); err != nil {
				t.Fatalf("before: %v", err)
			}
			if err := c.end(t, w, token); err != nil {
				t.Fatalf("end: %v", err)
			}
			if _, _, err := w.gate.Session(t.Context(), token); !errors.Is(err, ErrSession) {
				t.Errorf("after: %v, want ErrSession", err)
			}
		})
	}
}

func TestT40ARoleChangeCountsFromTheNextRequest(t *testing.T) {
	w := newWorld(t, Options{})
	token := w.enter(t)
	u := w.agent
	u.Role = RoleEditor
	if _, err := w.gate.ChangeUser(t.Context(), chief, u); err != nil {
		t.Fatalf("ChangeUser: %v", err)
	}
	_, now, err := w.gate.Session(t.Context(), token)
	if err != nil || now.Can(ReadTickets) || !now.Can(EditArticles) {
		t.Errorf("user %+v, %v", now, err)
	}
}

func TestTokensThatWereNeverGivenOpenNothing(t *testing.T) {
	w := newWorld(t, Options{})
	token := w.enter(t)
	for _, bad := range []string{"", " ", token + " ", token[:42], token[:42] + "!", string(hashToken(token))} {
		if _, _, err := w.gate.Session(t.Context(), bad); !errors.Is(err, ErrSession) {
			t.Errorf("Session(%q): %v, want ErrSession", bad, err)
		}
		if err := w.gate.Logout(t.Context(), bad, "", ""); err != nil {
			t.Errorf("Logout(%q): %v", bad, err)
		}
	}
	if _, _, err := w.gate.Session(t.Context(), token); err != nil {
		t.Errorf("the real one: %v", err)
	}
}

func TestLogoutIsInTheTrail(t *testing.T) {
	w := newWorld(t, Options{})
	token := w.enter(t)
	if err := w.gate.Logout(t.Context(), token, "10.1.1.1", "r2"); err != nil {
		t.Fatalf("Logout: %v", err)
	}
	e := w.trail[len(w.trail)-1]
	if e.Action != "logout" || e.Object != "linxy" || e.Actor.ID != w.agent.ID || e.RequestID != "r2" {
		t.Errorf("audit entry %+v", e)
	}
}
