package wechat

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Spool keeps authenticated pushes in a folder while the database is away:
// one file each, durable before the push is acknowledged, in the order of
// their names. Several processes may share the folder; a push that is taken in
// twice has one effect.
type Spool struct {
	dir string

	mu   sync.Mutex
	seq  int64
	busy map[string]int // pushes by sender: what comes next waits behind them
}

// spooled is the line of one file.
type spooled struct {
	Account string    `json:"account"`
	From    string    `json:"from"`
	At      time.Time `json:"at"`
	Body    []byte    `json:"body"` // as it was decrypted
}

// NewSpool opens the folder and makes it when it is missing.
func NewSpool(dir string) (*Spool, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make spool folder: %w", err)
	}
	return &Spool{dir: dir, busy: map[string]int{}}, nil
}

var errNoSpool = errors.New("wechat: no spool")

// Busy reports whether pushes of this sender wait in the spool of this process.
func (s *Spool) Busy(account, from string) bool {
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.busy[account+"\x00"+from] > 0
}

func (s *Spool) mark(account, from string, n int) {
	key := account + "\x00" + from
	if s.busy[key] += n; s.busy[key] <= 0 {
		delete(s.busy, key)
	}
}

// Put keeps a push; it is durable when Put returns nil.
func (s *Spool) Put(account, from string, body []byte, at time.Time) error {
	if s == nil {
		return errNoSpool
	}
	line, err := json.Marshal(spooled{Account: account, From: from, At: at, Body: body})
	if err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seq = max(s.seq+1, time.Now().UnixNano()) // names in the order of arrival
	name := filepath.Join(s.dir, fmt.Sprintf("wechat-%020d-%s", s.seq, rand.Text()[:8]))
	if err := writeDurably(name, append(line, '\n')); err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	s.mark(account, from, 1)
	return nil
}

const spoolEnd = ".jsonl"

func writeDurably(name string, data []byte) error {
	f, err := os.OpenFile(name+".part", os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(name+".part", name+spoolEnd)
	}
	if err != nil {
		return errors.Join(err, os.Remove(name+".part"))
	}
	dir, err := os.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// Drain gives what is kept to take, oldest first, and forgets what was taken.
// It stops at the first that is not, and reports how many were.
func (s *Spool) Drain(take func(account string, body []byte, at time.Time) error) (int, error) {
	names, err := filepath.Glob(filepath.Join(s.dir, "wechat-*"+spoolEnd))
	if err != nil {
		return 0, fmt.Errorf("drain spool: %w", err)
	}
	slices.Sort(names)
	for n, name := range names {
		if err := s.drainOne(name, take); err != nil {
			return n, fmt.Errorf("drain spool: %w", err)
		}
	}
	return len(names), nil
}

func (s *Spool) drainOne(name string, take func(account string, body []byte, at time.Time) error) error {
	line, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // another process was faster
	}
	if err != nil {
		return err
	}
	var kept spooled
	if err := json.Unmarshal(line, &kept); err != nil {
		return os.Rename(name, strings.TrimSuffix(name, spoolEnd)+".bad") // for a person to look at
	}
	if err := take(kept.Account, kept.Body, kept.At); err != nil {
		return err
	}
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mark(kept.Account, kept.From, -1)
	return nil
}

const drainEvery = time.Second

// Drain takes in what the spool keeps, until ctx ends.
func (r *Receiver) Drain(ctx context.Context) {
	tick := time.NewTicker(drainEvery)
	defer tick.Stop()
	for {
		n, err := r.Spool.Drain(func(account string, body []byte, at time.Time) error {
			err := r.takeSpooled(ctx, account, body, at)
			if err != nil && !away(err) {
				r.Log.Error("spooled push refused", "account", account, "error", err)
				return r.Store.PutDeadLetter(ctx, account, "refused", body)
			}
			return err
		})
		switch {
		case err != nil:
			r.Log.Warn("spool not drained", "error", err)
		case n > 0:
			r.Log.Info("spool drained", "pushes", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// away reports whether the database cannot now what it may later.
func away(err error) bool {
	var u interface{ Unavailable() bool }
	return errors.As(err, &u) && u.Unavailable() || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

// takeSpooled does what take does for a push nobody waits for.
func (r *Receiver) takeSpooled(ctx context.Context, account string, body []byte, at time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, storeWithin)
	defer cancel()
	c := &call{Receiver: r, account: Account{Name: account}, at: at, attempt: 1, spooled: true}
	p, err := readPush(body)
	if err != nil {
		return r.Store.PutDeadLetter(ctx, account, "unreadable", body)
	}
	c.push, c.kind = p, p.Kind()
	effect := c.effect()
	if _, ok, err := c.survey(ctx, effect); err != nil || ok {
		return err
	}
	switch {
	case effect.ignored:
		return nil
	case effect.happening != nil:
		effect.happening.Say = "" // long past
		_, _, err := r.Store.Happen(ctx, *effect.happening)
		return err
	}
	_, err = c.hear(ctx, effect.inbound, false)
	return err
}
