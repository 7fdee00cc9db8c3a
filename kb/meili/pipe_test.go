package meili_test

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"

	"quandesk/kb/meili"
)

// pipes is a network inside the process: unlike a real one it lets the clock
// of a synctest bubble run while somebody waits for it.
type pipes struct {
	mu      sync.Mutex
	refuses bool
	waiting chan net.Conn
	closed  chan struct{}
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	p.mu.Lock()
	refuses := p.refuses
	p.mu.Unlock()
	if refuses {
		return nil, &net.OpError{Op: "dial", Err: net.ErrClosed}
	}
	near, far := net.Pipe()
	select {
	case p.waiting <- far:
		return near, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) refuse(yes bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuses = yes
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.waiting:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.closed); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

// scene is an index and its server where time is faked.
type scene struct {
	*fake
	index   *meili.Index
	network *pipes
	journal *journal
}

// inBubble runs a test in a bubble with an index that has its real limits and
// holds two articles. Every call has a connection of its own, so that refusing
// connections refuses calls.
func inBubble(t *testing.T, test func(t *testing.T, s *scene)) {
	synctest.Test(t, func(t *testing.T) {
		s := &scene{fake: newFake(), journal: new(journal),
			network: &pipes{waiting: make(chan net.Conn), closed: make(chan struct{})}}
		server := &http.Server{Handler: s.fake}
		served := make(chan struct{})
		go func() {
			defer close(served)
			server.Serve(s.network) // ends with ErrServerClosed
		}()
		s.index = open(t, func(o *meili.Options) {
			o.Log = s.journal.log()
			o.Transport = &http.Transport{DialContext: s.network.dial, DisableKeepAlives: true}
		})
		replace(t, s.index, valve(2))
		if s.index.Degraded() {
			t.Fatal("degraded from the start")
		}
		test(t, s)
		server.Close()
		<-served
	})
}
