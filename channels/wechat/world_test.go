package wechat_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels"
	"quandesk/channels/wechat"
	"quandesk/channels/wechat/wechattest"
)

// book is as much of a store as these tests need; the real one is tested
// where it lives.
type book struct {
	channels.Store

	mu       sync.Mutex
	heard    []channels.Inbound
	lines    map[string]*wechat.Line
	messages map[int64]*channels.Message // ours
	answered int64
	events   []wechat.Happening
	dead     int
	down     error
	panics   bool
	news     chan struct{}
}

func newBook() *book {
	return &book{lines: map[string]*wechat.Line{}, messages: map[int64]*channels.Message{}, news: make(chan struct{}, 1)}
}

func (b *book) Receive(_ context.Context, in channels.Inbound) (channels.Message, bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.panics {
		panic("a mistake of ours")
	}
	if b.down != nil {
		return channels.Message{}, false, b.down
	}
	key := in.Account + in.From + in.ExternalID
	if l, ok := b.lines[key]; ok {
		l.Attempts++
		return channels.Message{ID: l.MessageID, ConversationID: 1}, true, nil
	}
	b.heard = append(b.heard, in)
	id := int64(100 * len(b.heard))
	b.lines[key] = &wechat.Line{ID: id, ConversationID: 1, MessageID: id, Attempts: 1}
	return channels.Message{ID: id, ConversationID: 1}, false, nil
}

func (b *book) Line(_ context.Context, account, openid, once string) (wechat.Line, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if l, ok := b.lines[account+openid+once]; ok {
		return *l, b.down
	}
	return wechat.Line{}, channels.ErrNotFound
}

func (b *book) Pending(context.Context, int64) ([]channels.Message, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []channels.Message
	for id := int64(0); id < 10000; id++ {
		if m := b.messages[id]; m != nil && m.Delivery == channels.Pending {
			out = append(out, *m)
		}
	}
	return out, nil
}

func (b *book) Answered(_ context.Context, _, id int64) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.answered >= id, nil
}

func (b *book) TakeReply(_ context.Context, l wechat.Line, list []channels.Message, reply string) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, line := range b.lines {
		if line.ID != l.ID {
			continue
		}
		if line.Reply != "" {
			return line.Reply, nil
		}
		for _, m := range list {
			if b.messages[m.ID].Delivery != channels.Pending {
				return "", nil
			}
		}
		for _, m := range list {
			b.messages[m.ID].Delivery, b.messages[m.ID].Why, b.messages[m.ID].Parts = channels.Sent, m.Why, m.Parts
			if m.Delivery == channels.Held {
				b.messages[m.ID].Delivery = channels.Pending // and held again, as the desk does
			}
		}
		line.Reply = reply
	}
	return reply, nil
}

func (b *book) LetGo(context.Context, wechat.Line) error { return nil }

func (b *book) Happen(_ context.Context, h wechat.Happening) (wechat.Line, bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.down != nil {
		return wechat.Line{}, false, b.down
	}
	key := h.Account + h.From + h.Once
	if l, ok := b.lines[key]; ok {
		return *l, true, nil
	}
	b.events = append(b.events, h)
	b.lines[key] = &wechat.Line{ID: int64(len(b.events)), Attempts: 1, Reply: h.Reply}
	return *b.lines[key], false, nil
}

func (b *book) PutDeadLetter(context.Context, string, string, []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dead++
	return b.down
}

func (b *book) Listen(int64) (<-chan struct{}, func()) { return b.news, func() {} }

// say answers everything heard so far.
func (b *book) say(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.answered = int64(100 * len(b.heard))
	id := b.answered + 1
	for b.messages[id] != nil {
		id++
	}
	b.messages[id] = &channels.Message{ID: id, Author: channels.FromBot, AI: true, Text: text, Delivery: channels.Pending}
	select {
	case b.news <- struct{}{}:
	default:
	}
}

func (b *book) rows() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.heard) + len(b.events)
}

// tally is a meter that remembers.
type tally struct {
	mu  sync.Mutex
	all []string
}

func (t *tally) Push(_, kind string, attempt int, reply string, _ time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = append(t.all, fmt.Sprintf("%s %d %s", kind, attempt, reply))
}

type world struct {
	*book
	*tally
	receiver *wechat.Receiver
	pusher   *wechattest.Pusher
	dir      string
}

func open(t *testing.T, a wechat.Account) *world {
	t.Helper()
	w := &world{book: newBook(), tally: &tally{}, dir: filepath.Join(t.TempDir(), "spool")}
	spool, err := wechat.NewSpool(w.dir)
	require.NoError(t, err)
	w.receiver = &wechat.Receiver{
		Accounts: wechat.NewAccounts(a), Inbox: channels.NewInbox(w.book), Store: w.book, Ear: w.book, Spool: spool,
		Now: time.Now, Meter: w.tally, Log: slog.New(slog.DiscardHandler),
	}
	w.pusher = &wechattest.Pusher{Account: a}
	return w
}

func safe() wechat.Account {
	return wechat.Account{Name: "main", AppID: "wx1", Token: "secrettoken", AESKey: strings.Repeat("A", 43), GhID: "gh_1",
		Mode: wechat.Safe, Verified: true}
}

// push makes one attempt without a server in between.
func (w *world) push(t *testing.T, body []byte, change ...func(url.Values) url.Values) wechat.Response {
	t.Helper()
	q, sent, err := w.pusher.Request(body)
	require.NoError(t, err)
	for _, f := range change {
		q = f(q)
	}
	return w.receiver.Receive(t.Context(), request(q, sent))
}

func request(q url.Values, body []byte) wechat.Request {
	return wechat.Request{Account: "main", Body: body, At: time.Now(), Query: wechat.Query{
		Signature: q.Get("signature"), MsgSignature: q.Get("msg_signature"), Timestamp: q.Get("timestamp"),
		Nonce: q.Get("nonce"), EncryptType: q.Get("encrypt_type"), Echo: q.Get("echostr"),
	}}
}

// shown is what the resident sees of a response.
func (w *world) shown(r wechat.Response) wechattest.Outcome {
	return w.pusher.JudgeWith(w.pusher.Account.AESKey, r.Status, string(r.Body))
}

func without(names ...string) func(url.Values) url.Values {
	return func(q url.Values) url.Values {
		for _, n := range names {
			q.Del(n)
		}
		return q
	}
}

func with(name, value string) func(url.Values) url.Values {
	return func(q url.Values) url.Values { q.Set(name, value); return q }
}
