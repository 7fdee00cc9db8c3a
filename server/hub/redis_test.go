package hub

import (
	"context"
	"crypto/rand"
	"net"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"quandesk/server/watched"
)

// redisOptions are those of the Redis at TEST_REDIS_URL, or on this machine.
// Without one the test is skipped, unless REQUIRE_SERVICES says that the
// services must be there.
func redisOptions(t *testing.T) *redis.Options {
	t.Helper()
	url := os.Getenv("TEST_REDIS_URL")
	if url == "" {
		url = "redis://127.0.0.1:6379"
	}
	opt, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal("TEST_REDIS_URL cannot be read")
	}
	client := redis.NewClient(opt)
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	err = client.Ping(ctx).Err()
	if err != nil && os.Getenv("REQUIRE_SERVICES") == "1" {
		t.Fatalf("Redis is required and does not answer: %v", err)
	}
	if err != nil {
		t.Skipf("no Redis at %s: %v", opt.Addr, err)
	}
	return opt
}

// connected opens a hub and waits until Redis has subscribed it.
func connected(t *testing.T, opt redis.Options, channel string) *Redis {
	t.Helper()
	r := newRedis(&opt, channel, silence/20)
	t.Cleanup(func() { _ = r.Close() })
	select {
	case <-r.first:
	case <-time.After(patient):
		t.Fatal("the hub did not reach Redis")
	}
	return r
}

func TestHubOnRedis(t *testing.T) {
	opt := redisOptions(t)
	contract(t, func(t *testing.T) (here, there Hub) {
		channel := rand.Text()
		return connected(t, *opt, channel), connected(t, *opt, channel)
	})
}

func TestHubsOfOtherDatabasesDoNotHearEachOther(t *testing.T) {
	one, err := NewRedis("redis://127.0.0.1:1/1")
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	two, err := NewRedis("redis://127.0.0.1:1/2")
	if err != nil {
		t.Fatal(err)
	}
	defer two.Close()
	if one.channel == two.channel {
		t.Errorf("both use %q", one.channel)
	}
}

func TestABadURLIsRefusedWithoutRepeatingThePassword(t *testing.T) {
	r, err := NewRedis("http://:hunter2@127.0.0.1:6379")
	if r != nil || err == nil {
		t.Fatalf("NewRedis: %v, %v", r, err)
	}
	if got := err.Error(); got != "hub: cannot read the redis URL" {
		t.Errorf("error %q", got)
	}
}

func TestWithoutRedisThisProcessIsStillTold(t *testing.T) {
	r := newRedis(&redis.Options{Addr: "127.0.0.1:1"}, "none", silence)
	s := r.Subscribe()
	s.Add("a")
	for i := range int64(3 * waiting) {
		r.Publish(t.Context(), Event{Topic: "a", Version: i})
		want(t, s, Event{Topic: "a", Version: i})
	}
	if r.Live() {
		t.Error("Live, without Redis")
	}
	if err := r.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	finished(t, s)
}

func TestAHungRedisNeverHoldsUpACommit(t *testing.T) {
	opt := redisOptions(t)
	way := newProxy(t, opt.Addr)
	near := *opt
	near.Addr = way.addr()
	r := connected(t, near, rand.Text())
	way.hang()
	s := r.Subscribe()
	defer s.Close()
	s.Add("a")
	start := time.Now()
	for i := range int64(3 * waiting) {
		r.Publish(t.Context(), Event{Topic: "a", Version: i})
		want(t, s, Event{Topic: "a", Version: i})
	}
	if took := time.Since(start); took > watched.Allow(2*time.Second) {
		t.Errorf("%d commits took %s", 3*waiting, took)
	}
}

func TestPagesResyncWhenRedisComesBack(t *testing.T) {
	for _, c := range []struct {
		name   string
		breaks func(p *proxy)
	}{
		{"cut off", (*proxy).cut},
		{"hung", (*proxy).hang},
	} {
		t.Run(c.name, func(t *testing.T) {
			opt, channel := redisOptions(t), rand.Text()
			way := newProxy(t, opt.Addr)
			near := *opt
			near.Addr = way.addr()
			here, there := connected(t, near, channel), connected(t, *opt, channel)
			mine, theirs := here.Subscribe(), there.Subscribe()
			defer mine.Close()
			defer theirs.Close()
			mine.Add("a")
			theirs.Add("b")

			c.breaks(way)
			there.Publish(t.Context(), Event{Topic: "a", Version: 1}) // here may miss this one
			here.Publish(t.Context(), Event{Topic: "b", Version: 1})  // there may miss this one
			for here.Live() {
				<-way.tried // until here has noticed and dials again
			}
			way.mend()
			until(t, mine, Event{Topic: Resync})
			until(t, theirs, Event{Topic: Resync}, Event{Topic: "b", Version: 1})

			there.Publish(t.Context(), Event{Topic: "a", Version: 2})
			until(t, mine, Event{Topic: "a", Version: 2})
		})
	}
}

// until reads on to one of these events.
func until(t *testing.T, s Subscription, events ...Event) {
	t.Helper()
	for {
		e, open := next(t, s)
		if !open {
			t.Fatalf("the subscription ended before %+v", events)
		}
		if slices.Contains(events, e) {
			return
		}
	}
}

// proxy stands between a hub and Redis and can fall ill.
type proxy struct {
	to    string
	ln    net.Listener
	tried chan struct{} // a connection was made while ill

	mu     sync.Mutex
	state  string // "", "hung" or "cut"
	mended chan struct{}
	conns  []net.Conn
	all    sync.WaitGroup
}

func newProxy(t *testing.T, to string) *proxy {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{to: to, ln: ln, tried: make(chan struct{}, 1024), mended: make(chan struct{})}
	close(p.mended)
	p.all.Go(p.accept)
	t.Cleanup(func() {
		_ = ln.Close()
		p.mend()
		p.cut()
		p.all.Wait()
	})
	return p
}

func (p *proxy) addr() string { return p.ln.Addr().String() }

func (p *proxy) accept() {
	for {
		in, err := p.ln.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		state := p.state
		p.mu.Unlock()
		if state != "" {
			p.tried <- struct{}{}
		}
		out, err := net.Dial("tcp", p.to)
		if err != nil || state == "cut" {
			_ = in.Close()
			continue
		}
		p.mu.Lock()
		p.conns = append(p.conns, in, out)
		p.mu.Unlock()
		p.all.Go(func() { p.carry(in, out) })
		p.all.Go(func() { p.carry(out, in) })
	}
}

// carry copies until one side ends; while hung it keeps what it has read.
func (p *proxy) carry(from, to net.Conn) {
	defer from.Close()
	defer to.Close()
	b := make([]byte, 4096)
	for {
		n, err := from.Read(b)
		if err != nil {
			return
		}
		p.mu.Lock()
		wait := p.mended
		p.mu.Unlock()
		<-wait
		if _, err := to.Write(b[:n]); err != nil {
			return
		}
	}
}

func (p *proxy) hang() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state, p.mended = "hung", make(chan struct{})
}

func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state = "cut"
	for _, c := range p.conns {
		_ = c.Close()
	}
	p.conns = nil
}

func (p *proxy) mend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state = ""
	select {
	case <-p.mended:
	default:
		close(p.mended)
	}
}
