// Package hub tells live pages that something changed: topics, ids and
// versions, never content. The one exception is the draft of a generated
// answer, which has passed the check of its claims and is stored nowhere. It is at most once: a page that falls behind
// is cut off, comes back and asks for what changed.
package hub

import "context"

// Event says that a topic changed.
type Event struct {
	Topic   string `json:"topic"`           // conversation:ID, draft:ID, ticket:NO, desk, notices:AUDIENCE
	Version int64  `json:"version"`         // 0 when the topic has none
	Draft   string `json:"draft,omitempty"` // of draft:ID only: all of the text so far; empty takes it back
}

// Hub carries events from commits to pages, in one process or between several.
type Hub interface {
	// Publish never blocks on slow readers and never fails the caller.
	Publish(ctx context.Context, events ...Event)
	// Subscribe opens a subscription without topics. Close it.
	Subscribe() Subscription
	// Close ends every subscription.
	Close() error
}

// Subscription is one page's connection to the hub.
type Subscription interface {
	// Add and Remove change the topics.
	Add(topics ...string)
	Remove(topics ...string)
	// Events is closed when the subscription is closed or was too slow.
	Events() <-chan Event
	Close()
}
