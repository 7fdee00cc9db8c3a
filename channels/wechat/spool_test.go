package wechat_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels/wechat/wechattest"
)

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
	require.Eventually(t, func() bool { left, _ := os.ReadDir(w.dir); return len(left) == 0 }, time.Minute, 5*time.Millisecond)
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
