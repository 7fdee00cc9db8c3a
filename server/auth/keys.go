package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"quandesk/tickets"
)

// Key lets a program do one thing over the API. The key itself is shown once,
// when it is made; what is kept is its hash.
type Key struct {
	ID        int64
	Name      string // which program has it
	Scope     Action
	MadeBy    tickets.Person
	CreatedAt time.Time
	UsedAt    time.Time // zero: never; written once a minute at most
	RevokedAt time.Time // zero: it opens
}

// KeyScopes are what keys can be made for. Callers must not change the slice.
var KeyScopes = []Action{ReportCalls}

// KeyPrefix begins every key, so that one that was lost is recognised.
const KeyPrefix = "qdk_"

// KeyStore keeps keys.
type KeyStore interface {
	PutKey(ctx context.Context, hash []byte, k Key) (Key, error)
	KeyByHash(ctx context.Context, hash []byte) (Key, error) // ErrKey
	Keys(ctx context.Context) ([]Key, error)
	RevokeKey(ctx context.Context, id int64, at time.Time) (Key, error) // ErrKey
	TouchKey(ctx context.Context, id int64, at time.Time) error
}

// Keyring makes keys and knows them again.
type Keyring struct {
	store KeyStore
	trail Trail
	now   func() time.Time
}

// NewKeyring makes a keyring.
func NewKeyring(s KeyStore, t Trail, now func() time.Time) *Keyring { return &Keyring{s, t, now} }

// Make makes a key and returns it: nobody sees it again. It is in the audit
// trail before. ErrKey when the name or the scope cannot be.
func (r *Keyring) Make(ctx context.Context, by tickets.Actor, name string, scope Action) (string, Key, error) {
	name = strings.TrimSpace(name)
	switch {
	case name == "" || utf8.RuneCountInString(name) > maxName:
		return "", Key{}, fmt.Errorf("%w: a name has 1 to %d characters", ErrKey, maxName)
	case !slices.Contains(KeyScopes, scope):
		return "", Key{}, fmt.Errorf("%w: no such scope", ErrKey)
	}
	if err := r.record(ctx, by, "key.make", name); err != nil {
		return "", Key{}, err
	}
	token := KeyPrefix + newToken()
	k, err := r.store.PutKey(ctx, hashToken(token), Key{
		Name: name, Scope: scope, MadeBy: tickets.Person{ID: by.ID, Name: by.Name}, CreatedAt: r.now(),
	})
	if err != nil {
		return "", Key{}, fmt.Errorf("make key: %w", err)
	}
	return token, k, nil
}

// Revoke ends a key from its next use on. Ending one twice is no error.
func (r *Keyring) Revoke(ctx context.Context, by tickets.Actor, id int64) error {
	k, err := r.store.RevokeKey(ctx, id, r.now())
	if err != nil {
		return fmt.Errorf("revoke key: %w", err)
	}
	return r.record(context.WithoutCancel(ctx), by, "key.revoke", k.Name)
}

// Keys lists every key, newest first.
func (r *Keyring) Keys(ctx context.Context) ([]Key, error) { return r.store.Keys(ctx) }

// Open is the program that a key lets in. ErrSession for a key that is none or
// was revoked.
func (r *Keyring) Open(ctx context.Context, token string) (User, error) {
	if len(token) != len(KeyPrefix)+tokenLength {
		return User{}, ErrSession
	}
	k, err := r.store.KeyByHash(ctx, hashToken(token))
	switch {
	case errors.Is(err, ErrKey):
		return User{}, ErrSession
	case err != nil:
		return User{}, fmt.Errorf("find key: %w", err)
	case !k.RevokedAt.IsZero():
		return User{}, ErrSession
	}
	if now := r.now(); now.Sub(k.UsedAt) >= time.Minute {
		if err := r.store.TouchKey(ctx, k.ID, now); err != nil {
			return User{}, fmt.Errorf("touch key: %w", err)
		}
	}
	// Its id is negative: what is remembered for people stays theirs.
	return User{ID: -k.ID, Username: "key-" + fmt.Sprint(k.ID), Name: k.Name, Role: RoleProgram, KeyScope: k.Scope}, nil
}

func (r *Keyring) record(ctx context.Context, by tickets.Actor, action, object string) error {
	err := r.trail.Record(ctx, Entry{At: r.now(), Actor: by, Action: action, Object: object, Result: resultOK, RequestID: by.RequestID})
	if err != nil {
		return fmt.Errorf("record %s: %w", action, err)
	}
	return nil
}
