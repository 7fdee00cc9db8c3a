package webchat

import (
	"container/list"
	"crypto/sha256"
	"sync"
	"time"

	"quandesk/channels"
)

const (
	remember  = 5 * time.Minute
	cacheSize = 4096 // visitors, about 1.5 MB
)

// cache keeps the visitors seen last by the hash of their token, so that a
// chatting or polling page does not ask the store each time.
type cache struct {
	now  func() time.Time
	size int

	mu    sync.Mutex
	order *list.List // of entries, the one used last in front
	at    map[[sha256.Size]byte]*list.Element
}

type entry struct {
	hash    [sha256.Size]byte
	visitor channels.Visitor
	until   time.Time
}

func newCache(now func() time.Time) *cache {
	return &cache{
		now: now, size: cacheSize,
		order: list.New(), at: map[[sha256.Size]byte]*list.Element{},
	}
}

func (c *cache) get(hash [sha256.Size]byte) (channels.Visitor, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	found, ok := c.at[hash]
	if !ok {
		return channels.Visitor{}, false
	}
	e := found.Value.(entry)
	if c.now().After(e.until) {
		c.drop(found)
		return channels.Visitor{}, false
	}
	c.order.MoveToFront(found)
	return e.visitor, true
}

func (c *cache) put(hash [sha256.Size]byte, v channels.Visitor) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if found, ok := c.at[hash]; ok {
		c.drop(found)
	}
	c.at[hash] = c.order.PushFront(entry{hash: hash, visitor: v, until: c.now().Add(remember)})
	if c.order.Len() > c.size {
		c.drop(c.order.Back())
	}
}

func (c *cache) drop(e *list.Element) {
	delete(c.at, e.Value.(entry).hash)
	c.order.Remove(e)
}
