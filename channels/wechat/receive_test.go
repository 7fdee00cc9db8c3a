package wechat_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
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

func TestT01T02WhatWeChatDidNotSendIsRefused(t *testing.T) {
	plain, compatible := safe(), safe()
	plain.Mode, compatible.Mode = wechat.Plain, wechat.Compatible
	text := func(p *wechattest.Pusher) []byte { return p.Text("o-1", "没水") }
	for _, c := range []struct {
		name    string
		account wechat.Account
		change  func(url.Values) url.Values
		body    func(p *wechattest.Pusher, sealed []byte) []byte
		why     string
	}{
		{"a bad signature", safe(), with("signature", "bad"), nil, "signature"},
		{"no signature", safe(), without("signature"), nil, "signature"},
		{"a bad msg_signature", safe(), with("msg_signature", strings.Repeat("0", 40)), nil, "msg_signature"},
		{"no msg_signature", safe(), without("msg_signature"), nil, "msg_signature"},
		{"T02 a plain body for a safe account", safe(), without("msg_signature", "encrypt_type"),
			func(p *wechattest.Pusher, _ []byte) []byte { return text(p) }, "downgrade"},
		{"T02 called raw", safe(), func(q url.Values) url.Values { return with("encrypt_type", "raw")(without("msg_signature")(q)) },
			func(p *wechattest.Pusher, _ []byte) []byte { return text(p) }, "downgrade"},
		{"T02 a plain body for a compatible account", compatible, without("msg_signature", "encrypt_type"),
			func(p *wechattest.Pusher, _ []byte) []byte { return text(p) }, "downgrade"},
		{"an unknown encryption", plain, with("encrypt_type", "rot13"), nil, "encrypt_type"},
		{"a body swapped under the signature", safe(), nil,
			func(p *wechattest.Pusher, _ []byte) []byte {
				_, other, _ := p.Request(text(p))
				return other
			}, "msg_signature"},
		{"encrypted for another appid", safe(), nil, nil, "decrypt"},
		{"no XML around it", safe(), nil, func(*wechattest.Pusher, []byte) []byte { return []byte("{}") }, "envelope"},
		{"an old timestamp", safe(), with("timestamp", "1420070400"), nil, "signature"},
		{"another account's gh id", safe(), nil, nil, "gh_id"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(t, c.account)
			switch c.why {
			case "decrypt":
				w.pusher.Account.AppID = "wx2"
			case "gh_id":
				w.pusher.Account.GhID = "gh_2"
			}
			q, sent, err := w.pusher.Request(text(w.pusher))
			require.NoError(t, err)
			if c.change != nil {
				q = c.change(q)
			}
			if c.body != nil {
				sent = c.body(w.pusher, sent)
			}
			r := w.receiver.Receive(t.Context(), request(q, sent))
			require.Equal(t, 403, r.Status)
			require.Empty(t, r.Body)
			require.Zero(t, w.rows())
			require.Zero(t, w.dead)
			require.Len(t, w.all, 1)
			require.True(t, strings.HasSuffix(w.all[0], "refused_"+c.why), w.all[0])
		})
	}
}

func TestT03AReplayIsRefusedWhenItIsStaleAndHasNoEffectBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t, safe())
		q, sent, err := w.pusher.Request(w.pusher.Event("o-1", "subscribe", ""))
		require.NoError(t, err)
		for _, c := range []struct {
			after  time.Duration
			status int
		}{{0, 200}, {10 * time.Second, 200}, {5 * time.Minute, 200}, {6 * time.Minute, 403}} {
			time.Sleep(c.after)
			require.Equal(t, c.status, w.receiver.Receive(t.Context(), request(q, sent)).Status)
			require.Equal(t, 1, w.rows())
		}
	})
}

func TestRequirement3EveryModeIsTakenAndAnsweredInItsWay(t *testing.T) {
	for _, mode := range []wechat.Mode{wechat.Plain, wechat.Compatible, wechat.Safe} {
		t.Run(string(mode), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := safe()
				a.Mode = mode
				w := open(t, a)
				go func() {
					time.Sleep(time.Second)
					w.say("马上登记，**请稍候**。]]><Content>")
				}()
				out := w.shown(w.push(t, w.pusher.Text("o-1", "家里没水了")))
				require.Empty(t, out.Problems)
				require.Equal(t, "【AI生成】马上登记，请稍候。]]><Content>", out.Shown, "T36, T70")
				require.Equal(t, mode != wechat.Plain, out.Sealed)
				require.Equal(t, "o-1", out.Reply.To)
				require.Equal(t, "家里没水了", w.heard[0].Text)
			})
		})
	}
}

func TestRequirement4AReplyUsesTheKeyThatWorked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t, safe())
		rotated := safe()
		rotated.PrevAESKey, rotated.AESKey = rotated.AESKey, strings.Repeat("B", 43)
		require.NoError(t, w.receiver.Accounts.Replace([]wechat.Account{rotated}))
		r := w.push(t, w.pusher.Event("o-1", "subscribe", ""))
		require.Contains(t, w.shown(r).Shown, "欢迎关注", "still pushed with the old key")
		w.pusher.Account = rotated
		r = w.push(t, w.pusher.Event("o-2", "subscribe", ""))
		require.Contains(t, w.shown(r).Shown, "欢迎关注", "pushed with the new key")
	})
}

func TestRequirement33AFormerTokenIsAcceptedForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t, safe())
		a := safe()
		a.SetToken("newtoken1", time.Now())
		require.NoError(t, w.receiver.Accounts.Replace([]wechat.Account{a}))
		r := w.push(t, w.pusher.Event("o-1", "subscribe", ""))
		require.Contains(t, w.shown(r).Shown, "欢迎关注", "pushed, and the reply signed, with the old token")
		w.pusher.Account = a
		r = w.push(t, w.pusher.Event("o-2", "subscribe", ""))
		require.Contains(t, w.shown(r).Shown, "欢迎关注", "with the new one")

		w.pusher.Account = safe()
		time.Sleep(wechat.Grace)
		require.Equal(t, 403, w.push(t, w.pusher.Event("o-3", "subscribe", "")).Status, "not for ever")
		a.PrevTokenUntil = time.Time{} // as a file says it
		require.NoError(t, w.receiver.Accounts.Replace([]wechat.Account{a}))
		require.Equal(t, 200, w.push(t, w.pusher.Event("o-4", "subscribe", "")).Status)
		a.Forget()
		require.NoError(t, w.receiver.Accounts.Replace([]wechat.Account{a}))
		require.Equal(t, 403, w.push(t, w.pusher.Event("o-5", "subscribe", "")).Status, "one that got about is refused at once")
	})
}

func TestRequirement1TheAddressIsVerified(t *testing.T) {
	w := open(t, safe())
	verify := func(q url.Values) wechat.Response { return w.receiver.Verify(t.Context(), request(q, nil)) }
	now := fmt.Sprint(time.Now().Unix())
	signature := wechattest.Sign("secrettoken", now, "n")
	echo := url.Values{"signature": {signature}, "timestamp": {now}, "nonce": {"n"}, "echostr": {"<script>alert(1)</script>"}}
	require.Equal(t, wechat.Response{Status: 200, Body: []byte("<script>alert(1)</script>")}, verify(echo), "T05, as it came")

	sealed, err := wechattest.Seal(strings.Repeat("A", 43), "wx1", []byte("5838"))
	require.NoError(t, err)
	encrypted := url.Values{"timestamp": {now}, "nonce": {"n"}, "echostr": {sealed}, "encrypt_type": {"aes"},
		"signature": {signature}, "msg_signature": {wechattest.Sign("secrettoken", now, "n", sealed)}}
	require.Equal(t, "5838", string(verify(encrypted).Body), "an encrypted echo is decrypted")

	for name, q := range map[string]url.Values{
		"no signature": {"timestamp": {now}, "nonce": {"n"}, "echostr": {"1"}},
		"a bad one":    {"signature": {"x"}, "timestamp": {now}, "nonce": {"n"}, "echostr": {"1"}},
		"old": {"signature": {wechattest.Sign("secrettoken", "1714036504", "n")}, "timestamp": {"1714036504"},
			"nonce": {"n"}, "echostr": {"1"}},
		"another echo under msg_signature": {"timestamp": {now}, "nonce": {"n"}, "echostr": {"1"}, "signature": {signature},
			"msg_signature": {wechattest.Sign("secrettoken", now, "n", sealed)}},
	} {
		require.Equalf(t, wechat.Response{Status: 403}, verify(q), "%s", name)
	}
	missing := request(echo, nil)
	missing.Account = "nobody"
	require.Equal(t, 404, w.receiver.Verify(t.Context(), missing).Status)
	require.Equal(t, 404, w.receiver.Receive(t.Context(), missing).Status)
}

func TestRequirement17AnAnswerIsPassiveWithinFourSecondsOrGoesByItself(t *testing.T) {
	for _, c := range []struct {
		after   time.Duration
		passive bool
	}{{0, true}, {3900 * time.Millisecond, true}, {4100 * time.Millisecond, false}, {20 * time.Second, false}} {
		t.Run(c.after.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := open(t, safe())
				go func() {
					time.Sleep(c.after)
					w.say("好的")
				}()
				start := time.Now()
				out := w.shown(w.push(t, w.pusher.Text("o-1", "没水")))
				require.Less(t, time.Since(start), 4500*time.Millisecond)
				require.Empty(t, out.Problems)
				require.Equal(t, c.passive, out.Reply != nil)
				if !c.passive {
					require.Equal(t, "success", out.Body)
				}
				time.Sleep(20 * time.Second)
				left, err := w.Pending(t.Context(), 1)
				require.NoError(t, err)
				require.Equal(t, c.passive, len(left) == 0, "what was not taken along goes by itself")
			})
		})
	}
}

func TestRequirement13ARetryGetsTheSameReplyAndARunningJobIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t, safe())
		body := w.pusher.Text("o-1", "没水")
		first := make(chan wechattest.Outcome, 1)
		go func() { first <- w.shown(w.push(t, body)) }()
		time.Sleep(time.Second)
		go func() {
			time.Sleep(2 * time.Second)
			w.say("好的")
		}()
		second := w.shown(w.push(t, body)) // while the first still waits
		require.Equal(t, "【AI生成】好的", second.Shown)
		require.Equal(t, second.Reply, (<-first).Reply, "one message, whichever attempt arrives")
		time.Sleep(time.Minute)
		third := w.shown(w.push(t, body))
		require.Equal(t, second.Reply, third.Reply)
		require.Len(t, w.heard, 1)
		require.Contains(t, w.all, "text 3 passive")
	})
}

func TestAPersonWhoHasTheConversationIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t, safe())
		w.answered = 1000
		start := time.Now()
		require.Equal(t, "success", string(w.push(t, w.pusher.Text("o-1", "在吗")).Body))
		require.Zero(t, time.Since(start))
	})
}

func TestAnUnverifiedAccountKeepsTheAnswerForTheNextMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := safe()
		a.Verified = false
		w := open(t, a)
		body := w.pusher.Text("o-1", "没水")
		out := w.shown(w.push(t, body))
		require.Contains(t, out.Shown, "回复任意内容获取结果")
		require.Equal(t, out.Reply, w.shown(w.push(t, body)).Reply, "a retry gets the same")
		w.say("第一答")
		w.book.heard = append(w.book.heard, channels.Inbound{}) // the numbers go on
		go func() {
			time.Sleep(time.Second)
			w.say("第二答")
		}()
		out = w.shown(w.push(t, w.pusher.Text("o-1", "1")))
		require.Equal(t, "【AI生成】第一答\n\n【AI生成】第二答", out.Shown)
	})
}

func TestRequirement36TheTrickAnswersOnALaterAttempt(t *testing.T) {
	for _, c := range []struct {
		after    time.Duration
		attempts int
		shown    string
	}{
		{3 * time.Second, 1, "【AI生成】好的"}, {8 * time.Second, 2, "【AI生成】好的"}, {14 * time.Second, 3, "【AI生成】好的"},
		{20 * time.Second, 3, "正在为您处理，请稍候片刻，回复任意内容获取结果。"},
	} {
		t.Run(c.after.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := safe()
				a.Verified, a.RetryTrick = false, true
				w := open(t, a)
				go func() {
					time.Sleep(c.after)
					w.say("好的")
				}()
				tried, out := w.persist(t, w.pusher.Text("o-1", "没水"))
				require.Equal(t, c.attempts, tried)
				require.Equal(t, c.shown, out.Shown)
				require.Empty(t, out.Problems)
				time.Sleep(30 * time.Second)
				if c.after > 15*time.Second {
					_, out = w.persist(t, w.pusher.Text("o-1", "1"))
					require.Equal(t, "【AI生成】好的", out.Shown, "kept for the next message")
				}
				require.LessOrEqual(t, len(w.heard), 2)
			})
		})
	}
}

// persist pushes as WeChat does: it hangs up after five seconds, three times.
func (w *world) persist(t *testing.T, body []byte) (tried int, out wechattest.Outcome) {
	t.Helper()
	for tried = 1; tried <= 3; tried++ {
		got := make(chan wechat.Response, 1)
		go func() { got <- w.push(t, body) }()
		select {
		case r := <-got:
			return tried, w.shown(r)
		case <-time.After(5 * time.Second):
		}
	}
	return tried, wechattest.Outcome{Shown: wechattest.Outage}
}

func TestRequirement10OnceItIsWeChatTheStatusIs200(t *testing.T) {
	away := &unavailable{}
	for _, c := range []struct {
		name string
		body func(p *wechattest.Pusher) []byte
		make func(w *world)
		how  string
	}{
		{"a panic", func(p *wechattest.Pusher) []byte { return p.Text("o-1", "a") }, func(w *world) { w.panics = true }, "panic"},
		{"the database away", func(p *wechattest.Pusher) []byte { return p.Text("o-1", "a") }, func(w *world) { w.down = away }, "spooled"},
		{"the database too slow", func(p *wechattest.Pusher) []byte { return p.Text("o-1", "a") }, func(w *world) { w.down = context.DeadlineExceeded }, "spooled"},
		{"an event with the database away", func(p *wechattest.Pusher) []byte { return p.Event("o-1", "subscribe", "") }, func(w *world) { w.down = away }, "spooled"},
		{"what cannot be read", func(*wechattest.Pusher) []byte { return []byte("<xml><a></xml>") }, func(*world) {}, "dead_letter"},
		{"what cannot be read, database away", func(*wechattest.Pusher) []byte { return []byte("<xml>") }, func(w *world) { w.down = away }, "spooled"},
		{"an unknown event", func(p *wechattest.Pusher) []byte { return p.Event("o-1", "new_in_2030", "<X/>") }, func(*world) {}, "success"},
		{"an empty text", func(p *wechattest.Pusher) []byte { return p.Text("o-1", "") }, func(*world) {}, "success"},
		{"an unknown type", func(p *wechattest.Pusher) []byte { return p.Message("o-1", "hologram", "") }, func(*world) {}, "passive"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(t, safe())
			c.make(w)
			out := w.shown(w.push(t, c.body(w.pusher)))
			require.Equal(t, 200, out.Status)
			require.Empty(t, out.Problems)
			require.NotEqual(t, wechattest.Outage, out.Shown)
			require.Contains(t, w.all[0], c.how)
		})
	}
}

type unavailable struct{}

func (*unavailable) Error() string     { return "away" }
func (*unavailable) Unavailable() bool { return true }

func TestF07TheSpoolKeepsTheOrderAndIsDrainedOnce(t *testing.T) {
	w := open(t, safe())
	w.down = &unavailable{}
	var bodies [][]byte
	for i := range 20 {
		body := w.pusher.Text(fmt.Sprintf("o-%d", i%3), fmt.Sprint(i))
		bodies = append(bodies, body)
		require.Equal(t, "success", string(w.push(t, body).Body))
	}
	require.Equal(t, "success", string(w.push(t, bodies[0]).Body), "pushed again meanwhile")
	require.Zero(t, w.rows())

	w.book.mu.Lock()
	w.down = nil
	w.book.mu.Unlock()
	require.Equal(t, "success", string(w.push(t, w.pusher.Text("o-0", "20")).Body), "it waits behind what came before it")
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { w.receiver.Drain(ctx); close(done) }()
	require.Eventually(t, func() bool { left, _ := os.ReadDir(w.dir); return len(left) == 0 }, 5*time.Second, 5*time.Millisecond)
	stop()
	<-done
	require.Len(t, w.heard, 21)
	for i, in := range w.heard {
		require.Equal(t, fmt.Sprint(i), in.Text)
	}
	w.answered = 1e6
	require.Equal(t, "success", string(w.push(t, w.pusher.Text("o-0", "21")).Body))
	require.Len(t, w.heard, 22, "and straight on after that")
}

func TestWithoutAnyDurableCopyTheResidentIsToldSo(t *testing.T) {
	w := open(t, safe())
	w.down = &unavailable{}
	require.NoError(t, os.RemoveAll(w.dir))
	out := w.shown(w.push(t, w.pusher.Text("o-1", "没水")))
	require.Empty(t, out.Problems)
	require.Contains(t, out.Shown, "没有保存")
	require.Equal(t, 503, w.push(t, w.pusher.Event("o-1", "subscribe", "")).Status, "nobody to tell: WeChat pushes it again")
}

func TestWhatArrivesBecomesAMessage(t *testing.T) {
	for _, c := range []struct {
		name  string
		body  func(p *wechattest.Pusher) []byte
		check func(t *testing.T, in channels.Inbound)
	}{
		{"a text", func(p *wechattest.Pusher) []byte { return p.Text("o-1", "没\x02水") }, func(t *testing.T, in channels.Inbound) {
			require.Equal(t, "没\uFFFD水", in.Text)
			require.Equal(t, "没\x02水", string(in.Raw))
			require.Empty(t, in.Name, "names are never taken from WeChat")
		}},
		{"an image", func(p *wechattest.Pusher) []byte {
			return p.Message("o-1", "image", "<PicUrl>http://a/1</PicUrl><MediaId>m1</MediaId>")
		}, func(t *testing.T, in channels.Inbound) {
			require.Equal(t, channels.Image, in.Kind)
			require.Equal(t, &channels.Remote{ID: "m1", URL: "http://a/1"}, in.Remote)
		}},
		{"a voice with its words", func(p *wechattest.Pusher) []byte {
			return p.Message("o-1", "voice", "<MediaId>m2</MediaId><Format>amr</Format><Recognition>没水了</Recognition>")
		}, func(t *testing.T, in channels.Inbound) {
			require.Equal(t, channels.Voice, in.Kind)
			require.Equal(t, "没水了", in.Text)
			require.Equal(t, "amr", in.Remote.Format)
		}},
		{"a video", func(p *wechattest.Pusher) []byte { return p.Message("o-1", "shortvideo", "<MediaId>m3</MediaId>") },
			func(t *testing.T, in channels.Inbound) { require.Equal(t, channels.Video, in.Kind) }},
		{"a place", func(p *wechattest.Pusher) []byte {
			return p.Message("o-1", "location", "<Location_X>36.6</Location_X><Location_Y>117</Location_Y><Label>泉城广场</Label>")
		}, func(t *testing.T, in channels.Inbound) {
			require.Equal(t, &channels.Place{Lat: 36.6, Lng: 117, Label: "泉城广场"}, in.Place)
		}},
		{"a tap on the menu", func(p *wechattest.Pusher) []byte {
			return p.Event("o-1", "CLICK", "<EventKey>complaint</EventKey>")
		}, func(t *testing.T, in channels.Inbound) { require.Equal(t, "我要投诉", in.Text) }},
		{"a tap on an editor's own entry", func(p *wechattest.Pusher) []byte {
			return p.Event("o-1", "CLICK", "<EventKey>水费怎么交</EventKey>")
		}, func(t *testing.T, in channels.Inbound) { require.Equal(t, "水费怎么交", in.Text) }},
		{"a text that is too long", func(p *wechattest.Pusher) []byte { return p.Text("o-1", strings.Repeat("水", 10001)) },
			func(t *testing.T, in channels.Inbound) {
				require.Len(t, []rune(in.Text), 10000)
				require.Len(t, []rune(string(in.Raw)), 10001, "all of it is kept")
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(t, safe())
			w.answered = 1e6
			require.Equal(t, "success", string(w.push(t, c.body(w.pusher)).Body))
			require.Len(t, w.heard, 1)
			in := w.heard[0]
			require.Equal(t, "wechat", in.Channel)
			require.Equal(t, "main", in.Account)
			require.Equal(t, "o-1", in.From)
			c.check(t, in)
		})
	}
}

func TestEventsAreRecordedAndGreetedOnce(t *testing.T) {
	for _, c := range []struct {
		event, fields string
		shown, note   string
	}{
		{"subscribe", "<EventKey></EventKey>", "欢迎关注", "关注了公众号"},
		{"subscribe", "<EventKey>qrscene_hall-3</EventKey>", "欢迎关注", "hall-3"},
		{"unsubscribe", "", "", "取消关注"},
		{"SCAN", "<EventKey>hall-3</EventKey>", "写下您的问题", "hall-3"},
		{"CLICK", "<EventKey>nobody_knows</EventKey>", "写下您要办的事", "nobody_knows"},
	} {
		w := open(t, safe())
		body := w.pusher.Event("o-1", c.event, c.fields)
		first := w.shown(w.push(t, body))
		require.Empty(t, first.Problems)
		require.Contains(t, first.Shown, c.shown)
		require.Equal(t, first.Reply, w.shown(w.push(t, body)).Reply, "a retry gets the same")
		require.Len(t, w.events, 1)
		require.Contains(t, w.events[0].Note, c.note)
	}
}

func TestTheMenuCoversTheSevenItemsOfClause10_4(t *testing.T) {
	var all []string
	groups := map[string]int{}
	for _, i := range wechat.Items {
		all = append(all, i.Name)
		groups[i.Group]++
		require.LessOrEqual(t, len(i.Name), 60)
		require.LessOrEqual(t, len(i.Key), 128)
	}
	for _, item := range []string{"信息公开", "政策查询", "业务办理", "办理进度", "维修申报", "我要投诉", "供水开放日预约"} {
		require.Contains(t, all, item)
	}
	require.Len(t, groups, 3)
	for g, n := range groups {
		require.LessOrEqualf(t, n, 5, "%s", g)
	}
}

func TestNoTextAndNoOpenidGetsIntoTheLog(t *testing.T) {
	var log strings.Builder
	w := open(t, safe())
	w.receiver.Log = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	w.down = errors.New("refused for good")
	w.push(t, w.pusher.Text("canary-openid", "canary-text"))
	w.push(t, w.pusher.Text("canary-openid", "canary-text"), with("signature", "x"))
	w.panics = true
	w.push(t, w.pusher.Text("canary-openid", "canary-text"))
	w.push(t, []byte("<xml>canary</xml>"))
	require.NotContains(t, log.String(), "canary")
	require.NotContains(t, log.String(), "secrettoken")
	require.NotEmpty(t, log.String())
}
