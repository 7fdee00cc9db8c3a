package hub

import (
	"context"
	"slices"
	"sync"
)

// Resync is the topic of an event that reaches every subscription: something
// may have been missed, fetch again what is shown.
const Resync = "*"

// buffer is how many events a subscription may fall behind before it is cut
// off: 3 KB each.
const buffer = 128

// Memory is the hub of one process.
type Memory struct {
	mu     sync.RWMutex
	closed bool
	all    map[*subscription]struct{}
	topics map[string]map[*subscription]struct{}
}

var _ Hub = (*Memory)(nil)

// NewMemory makes a hub for one process.
func NewMemory() *Memory {
	return &Memory{
		all:    map[*subscription]struct{}{},
		topics: map[string]map[*subscription]struct{}{},
	}
}

// Publish tells the subscriptions of each event's topic, in order. It waits
// for nobody: a subscription whose buffer is full is cut off.
func (h *Memory) Publish(_ context.Context, events ...Event) {
	var slow []*subscription
	h.mu.RLock()
	for _, e := range events {
		to := h.topics[e.Topic]
		if e.Topic == Resync {
			to = h.all
		}
		for s := range to {
			if !s.tell(e) {
				slow = append(slow, s)
			}
		}
	}
	h.mu.RUnlock()
	for _, s := range slow {
		s.Close()
	}
}

// Subscribe opens a subscription without topics. After Close of the hub its
// events are closed from the start.
func (h *Memory) Subscribe() Subscription {
	s := &subscription{hub: h, events: make(chan Event, buffer)}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		s.end()
		return s
	}
	h.all[s] = struct{}{}
	return s
}

// Close ends every subscription.
func (h *Memory) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for s := range h.all {
		s.end()
	}
	clear(h.all)
	clear(h.topics)
	return nil
}

// subscription belongs to one page. The hub's lock is taken before its own.
type subscription struct {
	hub    *Memory
	topics []string // guarded by hub.mu; a page has few

	mu     sync.Mutex
	ended  bool
	events chan Event
}

func (s *subscription) Add(topics ...string) {
	h := s.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, open := h.all[s]; !open {
		return
	}
	for _, topic := range topics {
		on := h.topics[topic]
		if on == nil {
			on = map[*subscription]struct{}{}
			h.topics[topic] = on
		}
		if _, has := on[s]; !has {
			on[s] = struct{}{}
			s.topics = append(s.topics, topic)
		}
	}
}

func (s *subscription) Remove(topics ...string) {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	for _, topic := range topics {
		s.hub.leave(s, topic)
	}
}

func (s *subscription) Events() <-chan Event { return s.events }

// Close ends the subscription; closing it twice is harmless.
func (s *subscription) Close() {
	h := s.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, topic := range slices.Clone(s.topics) {
		h.leave(s, topic)
	}
	delete(h.all, s)
	s.end()
}

// leave takes a subscription off a topic; the last one takes the topic along.
func (h *Memory) leave(s *subscription, topic string) {
	on := h.topics[topic]
	if _, has := on[s]; !has {
		return
	}
	delete(on, s)
	if len(on) == 0 {
		delete(h.topics, topic)
	}
	if i := slices.Index(s.topics, topic); i >= 0 {
		s.topics = slices.Delete(s.topics, i, i+1)
	}
}

// tell reports false when the subscription has just turned out too slow. Its
// events end at once, so that the page learns of it without reading on.
func (s *subscription) tell(e Event) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return true
	}
	select {
	case s.events <- e:
		return true
	default:
		s.ended = true
		close(s.events)
		return false
	}
}

func (s *subscription) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		s.ended = true
		close(s.events)
	}
}
