package channeltest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"quandesk/channels"
)

// errCut is what a Fake returns when it broke off: nobody knows.
var errCut = errors.New("channeltest: broken off")

// Fake is an adapter without a channel behind it: it is its own far side.
type Fake struct {
	name    string
	reached chan struct{}

	mu    sync.Mutex
	now   Behaviour
	sent  []channels.Message
	taken []string
}

var (
	_ channels.Adapter = (*Fake)(nil)
	_ Far              = (*Fake)(nil)
)

// NewFake makes a fake channel of this name that accepts everything.
func NewFake(name string) *Fake {
	return &Fake{name: name, now: Accept, reached: make(chan struct{}, 1024)}
}

// Channel is the name the fake was given.
func (f *Fake) Channel() string { return f.name }

// Deliver treats the message as the behaviour says.
func (f *Fake) Deliver(ctx context.Context, _ channels.Conversation, m channels.Message) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%w: %w", channels.ErrUndelivered, err)
	}
	if m.Kind == channels.Note {
		return fmt.Errorf("%w: a note", channels.ErrUndelivered)
	}
	switch f.arrive(m) {
	case Refuse:
		return channels.ErrUndelivered
	case Cut:
		f.reached <- struct{}{}
		return errCut
	case Hang:
		f.reached <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}

func (f *Fake) arrive(m channels.Message) Behaviour {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.now != Accept {
		return f.now
	}
	text := m.Text
	if m.AI {
		text = "【AI生成】" + text
	}
	f.taken, f.sent = append(f.taken, text), append(f.sent, m)
	return Accept
}

// Behave sets how messages are treated from now on.
func (f *Fake) Behave(b Behaviour) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = b
}

// Taken returns the texts that were accepted, with the AI mark.
func (f *Fake) Taken() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.taken)
}

// Messages returns the messages that were accepted, as they were handed over.
func (f *Fake) Messages() []channels.Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.sent)
}

// Reached gets a value whenever a message was cut or hangs.
func (f *Fake) Reached() <-chan struct{} { return f.reached }
