package hub

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	patience  = 500 * time.Millisecond // for every call to Redis
	silence   = 3 * time.Second        // without a word, Redis is asked whether it is there
	retryMin  = 100 * time.Millisecond
	retryMax  = 3 * time.Second
	makeUp    = time.Second // between tries to tell others that they missed something
	waiting   = 1024        // calls of Publish that may wait for Redis
	batchSize = 256         // events in one message
)

// Redis is the hub of several processes. Each tells its own pages itself and
// the other processes through one Redis channel, so pages of this process
// hear of its commits whether Redis is there or not. Whenever events may have
// been missed – Redis came back, a queue was full, a message could not be
// sent – the pages concerned get a Resync.
type Redis struct {
	local   *Memory
	client  *redis.Client
	channel string
	self    string // this process, to know its own messages
	silence time.Duration
	queue   chan []Event
	missed  atomic.Bool // other processes have not been told of everything
	live    atomic.Bool
	first   chan struct{} // closed when Redis was reached for the first time

	stop context.CancelFunc
	done sync.WaitGroup
}

var _ Hub = (*Redis)(nil)

// message is what travels through Redis.
type message struct {
	From   string  `json:"from"`
	Events []Event `json:"events"`
}

// NewRedis makes a hub on redis://, rediss:// or unix://. Redis need not be
// there yet; only a URL that cannot be understood is an error, which does not
// repeat the URL because of its password. Hubs whose URLs name different
// database numbers do not hear each other.
func NewRedis(url string) (*Redis, error) {
	opt, err := redis.ParseURL(url)
	if err != nil {
		return nil, errors.New("hub: cannot read the redis URL")
	}
	return newRedis(opt, fmt.Sprintf("quandesk:%d:hub", opt.DB), silence), nil
}

func newRedis(opt *redis.Options, channel string, silence time.Duration) *Redis {
	modest(opt)
	opt.PoolSize = 1 // for publishing; the listener has a connection of its own
	ctx, stop := context.WithCancel(context.Background())
	r := &Redis{
		local: NewMemory(), client: redis.NewClient(opt), channel: channel, self: rand.Text(), silence: silence,
		queue: make(chan []Event, waiting), first: make(chan struct{}), stop: stop,
	}
	r.done.Go(func() { r.listen(ctx) })
	r.done.Go(func() { r.send(ctx) })
	return r
}

// modest makes a client that never waits long and never insists.
func modest(opt *redis.Options) {
	opt.ContextTimeoutEnabled = true
	opt.DialTimeout, opt.ReadTimeout, opt.WriteTimeout = patience, patience, patience
	opt.PoolTimeout = patience
	opt.MaxRetries = -1
	opt.DialerRetries = 1
	opt.Protocol = 2
	opt.DisableIdentity = true
}

// Publish tells this process's pages now and leaves the other processes to a
// queue that never blocks; when it is full they get a Resync later.
func (r *Redis) Publish(ctx context.Context, events ...Event) {
	if len(events) == 0 {
		return
	}
	r.local.Publish(ctx, events...)
	select {
	case r.queue <- append([]Event(nil), events...):
	default:
		r.missed.Store(true)
	}
}

// Subscribe opens a subscription without topics.
func (r *Redis) Subscribe() Subscription { return r.local.Subscribe() }

// Live reports whether Redis answered lately. Nothing is lost while it does
// not: pages of other processes only hear of changes later.
func (r *Redis) Live() bool { return r.live.Load() }

// Close ends every subscription and the connections to Redis.
func (r *Redis) Close() error {
	r.stop()
	err := r.local.Close()
	closing := r.client.Close()
	r.done.Wait()
	if closing != nil && !errors.Is(closing, redis.ErrClosed) {
		err = errors.Join(err, fmt.Errorf("close redis: %w", closing))
	}
	return err
}

// send carries the queue to Redis until ctx ends.
func (r *Redis) send(ctx context.Context) {
	retry := time.NewTicker(makeUp)
	defer retry.Stop()
	for {
		var events []Event
		select {
		case <-ctx.Done():
			return
		case events = <-r.queue:
		case <-retry.C: // perhaps something to make up for
		}
		events = r.gather(events)
		if r.missed.Swap(false) {
			events = []Event{{Topic: Resync}} // says more than any of them
		}
		if len(events) == 0 {
			continue
		}
		if err := r.publish(ctx, events); err != nil {
			r.missed.Store(true)
		}
	}
}

// gather adds what else waits, so that a burst is a few messages.
func (r *Redis) gather(events []Event) []Event {
	for len(events) < batchSize {
		select {
		case more := <-r.queue:
			events = append(events, more...)
		default:
			return events
		}
	}
	return events
}

func (r *Redis) publish(ctx context.Context, events []Event) error {
	body, err := json.Marshal(message{From: r.self, Events: events})
	if err != nil {
		return fmt.Errorf("encode events: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := r.client.Publish(ctx, r.channel, body).Err(); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}

// listen keeps one connection subscribed until ctx ends.
func (r *Redis) listen(ctx context.Context) {
	pause := retryMin
	for ctx.Err() == nil {
		heard, err := r.hear(ctx)
		if r.live.Swap(false) {
			slog.WarnContext(ctx, "hub lost redis", "err", err)
		}
		if heard {
			pause = retryMin
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		pause = min(2*pause, retryMax)
	}
}

// hear subscribes and tells local pages what other processes say, until the
// connection breaks or falls silent. It reports whether it was ever good.
func (r *Redis) hear(ctx context.Context) (heard bool, err error) {
	sub := r.client.Subscribe(ctx)
	defer sub.Close()
	asleep := context.AfterFunc(ctx, func() { _ = sub.Close() }) // wakes the receiving below
	defer asleep()
	if err := subscribe(ctx, sub, r.channel); err != nil {
		return false, err
	}
	asked := false
	for {
		got, err := sub.ReceiveTimeout(ctx, r.silence)
		switch {
		case err == nil:
			asked, heard = false, true
			r.take(ctx, got)
		case !isTimeout(err) || asked:
			return heard, fmt.Errorf("receive: %w", err)
		default:
			asked = true
			if err := ping(ctx, sub); err != nil {
				return heard, err
			}
		}
	}
}

func subscribe(ctx context.Context, sub *redis.PubSub, channel string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := sub.Subscribe(ctx, channel); err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	return nil
}

func ping(ctx context.Context, sub *redis.PubSub) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := sub.Ping(ctx); err != nil {
		return fmt.Errorf("ping: %w", err)
	}
	return nil
}

// take handles one word of Redis. Being subscribed, for the first time or
// again, means that something may have been missed before.
func (r *Redis) take(ctx context.Context, got any) {
	switch got := got.(type) {
	case *redis.Subscription:
		r.live.Store(true)
		r.local.Publish(ctx, Event{Topic: Resync})
		select {
		case <-r.first:
		default:
			close(r.first)
		}
	case *redis.Message:
		var m message
		if err := json.Unmarshal([]byte(got.Payload), &m); err != nil {
			slog.WarnContext(ctx, "hub got a message it cannot read", "err", err)
			return
		}
		if m.From != r.self {
			r.local.Publish(ctx, m.Events...)
		}
	}
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}
