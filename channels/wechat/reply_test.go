package wechat_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels"
	"quandesk/channels/wechat"
	"quandesk/channels/wechat/wechattest"
)

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
