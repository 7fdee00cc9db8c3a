// Package channeltest is what every channels.Adapter must keep, as a suite of
// tests, and a Fake that keeps it, for tests of what stands before an adapter.
package channeltest

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"quandesk/channels"
)

// Behaviour is how the other side of a channel treats what it is sent.
type Behaviour string

// The behaviours. They hold until the next one is set.
const (
	Accept Behaviour = "accept" // takes it and says so
	Refuse Behaviour = "refuse" // says that it does not take it
	Cut    Behaviour = "cut"    // reads it and breaks off without a word
	Hang   Behaviour = "hang"   // reads it and never says anything
)

// Far is the other side of a channel: a server of the test that plays the
// provider.
type Far interface {
	// Behave sets how messages are treated from now on.
	Behave(b Behaviour)
	// Taken returns the texts that were accepted, in order, as the resident
	// would see them: several for a message that had to be split.
	Taken() []string
	// Reached gets a value whenever something arrived in the Cut and Hang
	// behaviours. It has room for many values: the other side does not wait.
	Reached() <-chan struct{}
}

// Bench is an adapter, its other side and a conversation it can write to.
type Bench struct {
	Adapter      channels.Adapter
	Far          Far
	Conversation channels.Conversation
}

// deadline is how long a delivery may take that nothing holds up.
const deadline = 10 * time.Second

// mark is what a generated text must carry where the channel has no window of
// ours (GB 45438-2025 §5.1): AI, and that it is generated.
var mark = regexp.MustCompile(`(?s)(人工智能|AI).*(生成|合成)`)

// Run tests an adapter. open makes a fresh bench for each test and cleans it
// up with t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) Bench) {
	t.Helper()
	for _, c := range []struct {
		name string
		test func(t *testing.T, b Bench)
	}{
		{"the channel has a name", named},
		{"an accepted message is delivered once, unchanged", delivered},
		{"a refused message is surely not delivered", refused},
		{"a connection cut after sending leaves doubt", cut},
		{"the same message twice is sent twice: repeats are the caller's business", twice},
		{"a context that has ended sends nothing and says so", ended},
		{"a context that ends while the other side is silent leaves doubt", hung},
		{"a text of 10,000 characters arrives whole or not at all", huge},
		{"a note for colleagues is never sent", note},
		{"a generated text carries the AI mark, a person's does not", marked},
		{"twenty deliveries at once arrive once each", crowd},
		{"after doubt and refusal the adapter delivers again", recovers},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

// text is a message of a member of staff.
func text(s string) channels.Message {
	return channels.Message{
		ID: 7, Author: channels.FromStaff, AuthorID: 3, AuthorName: "林晓雨",
		Kind: channels.Text, Text: s, Delivery: channels.Sending,
	}
}

// deliver fails the test when the adapter does not come back.
func (b Bench) deliver(t *testing.T, ctx context.Context, m channels.Message) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- b.Adapter.Deliver(ctx, b.Conversation, m) }()
	select {
	case err := <-done:
		return err
	case <-time.After(2 * deadline):
		t.Fatal("Deliver did not return although its context has ended")
		return nil
	}
}

func named(t *testing.T, b Bench) {
	name := b.Adapter.Channel()
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r < 'a' || r > 'z' }) {
		t.Errorf("Channel() = %q, want one word of a to z", name)
	}
	if b.Conversation.Channel != name {
		t.Errorf("the conversation is of channel %q, the adapter of %q", b.Conversation.Channel, name)
	}
}

func delivered(t *testing.T, b Bench) {
	const said = "您好，师傅已出发，约30分钟到。\n请保持电话畅通🙂𠮷<b>&amp;]]>"
	if err := b.deliver(t, t.Context(), text(said)); err != nil {
		t.Fatalf("Deliver: %v", err)
	}
	if got := b.Far.Taken(); !slices.Equal(got, []string{said}) {
		t.Errorf("taken %q, want %q once", got, said)
	}
}

func refused(t *testing.T, b Bench) {
	b.Far.Behave(Refuse)
	b.surelyNot(t, b.deliver(t, t.Context(), text("您好")))
}

func (b Bench) surelyNot(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, channels.ErrUndelivered) {
		t.Errorf("Deliver: %v, want ErrUndelivered", err)
	}
	if got := b.Far.Taken(); len(got) != 0 {
		t.Errorf("taken %q, want nothing", got)
	}
}

func doubtful(t *testing.T, err error) {
	t.Helper()
	if err == nil || errors.Is(err, channels.ErrUndelivered) {
		t.Errorf("Deliver: %v, want an error that is not ErrUndelivered: nobody knows", err)
	}
}

func cut(t *testing.T, b Bench) {
	b.Far.Behave(Cut)
	doubtful(t, b.deliver(t, t.Context(), text("您好")))
}

func twice(t *testing.T, b Bench) {
	for range 2 {
		if err := b.deliver(t, t.Context(), text("您好")); err != nil {
			t.Fatalf("Deliver: %v", err)
		}
	}
	if got := b.Far.Taken(); !slices.Equal(got, []string{"您好", "您好"}) {
		t.Errorf("taken %q, want it twice", got)
	}
}

func ended(t *testing.T, b Bench) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b.surelyNot(t, b.deliver(t, ctx, text("您好")))
}

func hung(t *testing.T, b Bench) {
	b.Far.Behave(Hang)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- b.Adapter.Deliver(ctx, b.Conversation, text("您好")) }()
	select {
	case <-b.Far.Reached():
	case err := <-done:
		t.Fatalf("Deliver returned %v before the other side had the message", err)
	}
	cancel()
	select {
	case err := <-done:
		doubtful(t, err)
	case <-time.After(deadline):
		t.Fatal("Deliver did not return although its context has ended")
	}
}

func huge(t *testing.T, b Bench) {
	said := strings.Repeat("一二三四五六七八九十", channels.MaxText/10)
	switch err := b.deliver(t, t.Context(), text(said)); {
	case err == nil:
		// Parts may carry marks of their own in between.
		if !within(said, strings.Join(b.Far.Taken(), "")) {
			t.Errorf("a part of the text is missing or out of order")
		}
	default:
		b.surelyNot(t, err)
	}
}

// within reports whether the characters of s are in full, in this order.
func within(s, full string) bool {
	rest := []rune(full)
	for _, r := range s {
		i := slices.Index(rest, r)
		if i < 0 {
			return false
		}
		rest = rest[i+1:]
	}
	return true
}

func note(t *testing.T, b Bench) {
	m := text("客户情绪激动，注意措辞")
	m.Kind = channels.Note
	b.surelyNot(t, b.deliver(t, t.Context(), m))
}

func marked(t *testing.T, b Bench) {
	m := text("今天泺源大街一带停水。")
	m.Author, m.AI = channels.FromBot, true
	if err := b.deliver(t, t.Context(), m); err != nil {
		t.Fatalf("Deliver: %v", err)
	}
	if err := b.deliver(t, t.Context(), text("您好")); err != nil {
		t.Fatalf("Deliver: %v", err)
	}
	got := b.Far.Taken()
	if len(got) != 2 || !mark.MatchString(got[0]) || !strings.Contains(got[0], m.Text) || got[1] != "您好" {
		t.Errorf("taken %q, want the first with the AI mark and the second without", got)
	}
}

func crowd(t *testing.T, b Bench) {
	const n = 20
	var all sync.WaitGroup
	want := make([]string, n)
	for i := range n {
		want[i] = fmt.Sprintf("第%02d条", i)
		all.Go(func() {
			if err := b.deliver(t, t.Context(), text(want[i])); err != nil {
				t.Errorf("Deliver: %v", err)
			}
		})
	}
	all.Wait()
	got := b.Far.Taken()
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("taken %q, want each once", got)
	}
}

func recovers(t *testing.T, b Bench) {
	b.Far.Behave(Cut)
	doubtful(t, b.deliver(t, t.Context(), text("一")))
	b.Far.Behave(Refuse)
	b.surelyNot(t, b.deliver(t, t.Context(), text("二")))
	b.Far.Behave(Accept)
	if err := b.deliver(t, t.Context(), text("三")); err != nil {
		t.Fatalf("Deliver: %v", err)
	}
	if got := b.Far.Taken(); !slices.Equal(got, []string{"三"}) {
		t.Errorf("taken %q, want only the last", got)
	}
}
