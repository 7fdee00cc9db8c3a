package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/alexedwards/argon2id"

	"quandesk/tickets"
)

// Options are the limits of a Gate. A zero field means the default.
type Options struct {
	Idle         time.Duration    // a session without requests ends after this; 30 min
	Absolute     time.Duration    // a session ends this long after its login; 12 h
	Touch        time.Duration    // how often a busy session writes when it was seen; 1 min
	Window       time.Duration    // time in which wrong logins count, and of a lock; 15 min
	AccountTries int              // wrong logins that lock an account; 5
	AddressTries int              // wrong logins that throttle an address; 20
	Hashing      int              // passwords hashed at the same time; 2
	Params       *argon2id.Params // cost of a password hash; 19 MiB, four passes
}

func (o Options) withDefaults() Options {
	o.Idle = cmp.Or(o.Idle, 30*time.Minute)
	o.Absolute = cmp.Or(o.Absolute, 12*time.Hour)
	o.Touch = cmp.Or(o.Touch, time.Minute)
	o.Window = cmp.Or(o.Window, 15*time.Minute)
	o.AccountTries = cmp.Or(o.AccountTries, 5)
	o.AddressTries = cmp.Or(o.AddressTries, 20)
	o.Hashing = cmp.Or(o.Hashing, 2)
	if o.Params == nil {
		// Two at once cost 38 MiB, each about 50 ms of one core.
		o.Params = &argon2id.Params{
			Memory: 19 * 1024, Iterations: 4, Parallelism: 1, SaltLength: 16, KeyLength: 32,
		}
	}
	return o
}

// Gate lets people in and remembers who they are.
type Gate struct {
	store Store
	trail Trail
	now   func() time.Time
	opts  Options
	dummy string        // a hash nobody's password has, for names nobody has
	slots chan struct{} // one for each password being hashed
}

// NewGate makes a gate. now must follow the database clock.
func NewGate(s Store, t Trail, now func() time.Time, opts Options) *Gate {
	opts = opts.withDefaults()
	return &Gate{
		store: s, trail: t, now: now, opts: opts,
		dummy: dummyHash(opts.Params), slots: make(chan struct{}, opts.Hashing),
	}
}

// How something went, as the audit trail tells it.
const (
	resultOK        = "ok"
	resultWrong     = "wrong name or password"
	resultDisabled  = "disabled"
	resultLocked    = "locked"
	resultThrottled = "throttled"
	resultFailed    = "failed"
)

// attempt is one try to log in.
type attempt struct {
	name          string // canonical; empty when no account can have it
	ip, requestID string
}

// Login checks a name and a password and opens a session. The token goes to
// the person and is never stored. ErrLogin does not say what was wrong and
// takes the same work for a name nobody has; ErrLocked and ErrThrottled come
// before the password is looked at. Every outcome is in the audit trail
// before it is returned.
func (g *Gate) Login(ctx context.Context, username, password, ip, requestID string) (string, Session, User, error) {
	a := attempt{name: canonical(username), ip: ip, requestID: requestID}
	if err := g.throttle(ctx, a); err != nil {
		return "", Session{}, User{}, err
	}
	if err := g.take(ctx); err != nil {
		return "", Session{}, User{}, err
	}
	u, err := g.check(ctx, a, password)
	<-g.slots
	if err != nil {
		return "", Session{}, User{}, err
	}
	token, s, err := g.open(ctx, a, u)
	if err != nil {
		return "", Session{}, User{}, err
	}
	return token, s, u, nil
}

// throttle refuses an attempt that comes after too many wrong ones.
func (g *Gate) throttle(ctx context.Context, a attempt) error {
	account, address, err := g.store.Failures(ctx, a.name, a.ip, g.now().Add(-g.opts.Window))
	switch {
	case err != nil:
		return fmt.Errorf("count failures: %w", err)
	case address >= g.opts.AddressTries:
		return g.refuse(ctx, a, User{}, resultThrottled, ErrThrottled)
	case a.name != "" && account >= g.opts.AccountTries:
		return g.refuse(ctx, a, User{}, resultLocked, ErrLocked)
	}
	return nil
}

// check finds the user and compares the password. It holds a slot and asks
// for the throttle again, so that a thousand guesses sent at the same moment
// are not all let through before the first of them has failed.
func (g *Gate) check(ctx context.Context, a attempt, password string) (User, error) {
	if err := g.throttle(ctx, a); err != nil {
		return User{}, err
	}
	u, hash, err := User{}, g.dummy, ErrLogin
	if a.name != "" {
		u, hash, err = g.store.UserByName(ctx, a.name)
	}
	known := err == nil
	switch {
	case errors.Is(err, ErrLogin), known && len(password) > maxPassword:
		known, hash = false, g.dummy
	case err != nil:
		return User{}, fmt.Errorf("find user: %w", err)
	}
	match, err := argon2id.ComparePasswordAndHash(password, hash)
	switch {
	case err != nil:
		return User{}, fmt.Errorf("compare password of %s: %w", a.name, err)
	case !known || !match:
		return User{}, g.wrong(ctx, a, u, resultWrong)
	case u.Disabled:
		return User{}, g.wrong(ctx, a, u, resultDisabled)
	}
	return u, nil
}

// wrong counts a failed login, even when the caller has gone meanwhile.
func (g *Gate) wrong(ctx context.Context, a attempt, u User, result string) error {
	ctx = context.WithoutCancel(ctx)
	now := g.now()
	account, _, err := g.store.Failures(ctx, a.name, a.ip, now.Add(-g.opts.Window))
	if err != nil {
		return fmt.Errorf("count failures: %w", err)
	}
	if err := g.store.Failed(ctx, a.name, a.ip, now); err != nil {
		return fmt.Errorf("count failure: %w", err)
	}
	if a.name != "" && account >= g.opts.AccountTries-1 {
		if err := g.lock(ctx, a.name, now); err != nil {
			return err
		}
	}
	return g.refuse(ctx, a, u, result, ErrLogin)
}

// lock keeps an account shut for a whole window from the last wrong login,
// however long ago the others were: rows without an address take the place
// of those that leave the window before.
func (g *Gate) lock(ctx context.Context, name string, at time.Time) error {
	for range g.opts.AccountTries - 1 {
		if err := g.store.Failed(ctx, name, "", at); err != nil {
			return fmt.Errorf("lock account: %w", err)
		}
	}
	return nil
}

// open starts a session that is in the audit trail, or none.
func (g *Gate) open(ctx context.Context, a attempt, u User) (string, Session, error) {
	now := g.now()
	token := newToken()
	s := Session{UserID: u.ID, CSRF: newToken(), CreatedAt: now, SeenAt: now, IP: a.ip}
	if err := g.store.Succeeded(ctx, u.Username); err != nil {
		return "", Session{}, fmt.Errorf("forget failures: %w", err)
	}
	if err := g.store.OpenSession(ctx, hashToken(token), s); err != nil {
		return "", Session{}, fmt.Errorf("open session: %w", err)
	}
	err := g.record(ctx, u.Actor(a.ip, a.requestID), "login", u.Username, resultOK)
	if err == nil {
		return token, s, nil
	}
	// The caller never sees the token; the row is only untidy when it stays.
	if closing := g.store.CloseSession(context.WithoutCancel(ctx), hashToken(token)); closing != nil {
		err = errors.Join(err, fmt.Errorf("close session: %w", closing))
	}
	return "", Session{}, err
}

// refuse puts a refused login into the audit trail and returns why.
func (g *Gate) refuse(ctx context.Context, a attempt, u User, result string, why error) error {
	ctx = context.WithoutCancel(ctx)
	actor := u.Actor(a.ip, a.requestID)
	actor.Name = cmp.Or(u.Name, a.name)
	// A name that no account can have may be a password typed into the wrong field.
	if err := g.record(ctx, actor, "login", cmp.Or(a.name, "?"), result); err != nil {
		return err
	}
	return why
}

func (g *Gate) record(ctx context.Context, by tickets.Actor, action, object, result string) error {
	e := Entry{
		At: g.now(), Actor: by, Action: action, Object: object,
		Result: result, RequestID: by.RequestID,
	}
	if err := g.trail.Record(ctx, e); err != nil {
		return fmt.Errorf("record %s: %w", action, err)
	}
	return nil
}
