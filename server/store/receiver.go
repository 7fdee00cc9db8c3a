package store

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"quandesk/channels"
)

// receiver commits messages of residents in groups: while one transaction is
// being made durable, the messages that arrive wait together for the next.
// Each caller still gets its answer only after its own message is durable.
type receiver struct {
	store *Store
	queue chan *receipt
	stop  chan struct{}
	once  sync.Once
	done  sync.WaitGroup
}

type receipt struct {
	in     channels.Inbound
	thread int64 // the conversation, found anew by each try of the transaction
	out    channels.Message
	repeat bool
	err    error
	ready  chan struct{}
}

const (
	receiveBatch = 64              // messages a transaction takes at the most
	receiveLimit = 3 * time.Second // time a transaction may take
)

func newReceiver(s *Store) *receiver {
	r := &receiver{store: s, queue: make(chan *receipt, 1024), stop: make(chan struct{})}
	workers := 1
	if s.engine == Postgres {
		workers = 2 // one group is on its way while the other gathers
	}
	for range workers {
		r.done.Go(r.run)
	}
	return r
}

func (r *receiver) close() {
	r.once.Do(func() { close(r.stop) })
	r.done.Wait()
}

func (r *receiver) run() {
	for {
		select {
		case <-r.stop:
			return
		case first := <-r.queue:
			r.commit(r.gather(first))
		}
	}
}

func (r *receiver) gather(first *receipt) []*receipt {
	batch := append(make([]*receipt, 0, receiveBatch), first)
	for len(batch) < receiveBatch {
		select {
		case next := <-r.queue:
			batch = append(batch, next)
		default:
			return batch
		}
	}
	return batch
}

func (r *receiver) commit(batch []*receipt) {
	err := r.try(batch)
	if err != nil && len(batch) > 1 && !unavailable(err) {
		for _, one := range batch { // one bad message must not refuse the others
			r.commit([]*receipt{one})
		}
		return
	}
	for _, b := range batch {
		if b.err == nil {
			b.err = err
		}
		close(b.ready)
	}
}

// try writes a group in one transaction. A panic is an error of this group:
// nobody else's message may be lost with the process.
func (r *receiver) try(batch []*receipt) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), receiveLimit)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("store: receive: panic: %v", p)
			r.store.log.Error("receive panicked", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	return r.store.Atomically(ctx, func(s *Store) error { return s.receive(ctx, batch) })
}
