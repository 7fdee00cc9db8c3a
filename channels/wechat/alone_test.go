package wechat_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels"
	"quandesk/channels/wechat"
)

// alone is an account that may answer what residents write and nothing else.
func alone(t *testing.T) *world {
	a := safe()
	a.Verified = false
	return open(t, a)
}

// waiting puts a message there that waits to be sent.
func (w *world) waiting(m channels.Message) {
	w.book.mu.Lock()
	defer w.book.mu.Unlock()
	m.Delivery = channels.Pending
	w.messages[m.ID] = &m
}

// asks pushes a text that is answered by nothing but what waits.
func (w *world) asks(t *testing.T, text string) string {
	t.Helper()
	go func() {
		time.Sleep(100 * time.Millisecond)
		w.book.mu.Lock()
		w.answered = int64(100 * len(w.heard))
		w.book.mu.Unlock()
		w.news <- struct{}{}
	}()
	return w.shown(w.push(t, w.pusher.Text("o-1", text))).Shown
}

func TestAnAccountWithoutAnotherWaySaysALongMessageInPartsAndNothingIsStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := alone(t)
		long := strings.Repeat("您好，关于您反映的水压问题，我们已安排人员上门查看。", 60) + "完。"
		w.waiting(channels.Message{ID: 1, Author: channels.FromStaff, Text: long})
		w.waiting(channels.Message{ID: 2, Author: channels.FromStaff, Text: "请留意来电。"})
		var all strings.Builder
		for i := range 3 {
			part := w.asks(t, "继续")
			require.True(t, strings.HasPrefix(part, "（"+string(rune('1'+i))+"/3）"), part)
			require.Equal(t, i < 2, strings.HasSuffix(part, "（未完，回复“继续”接着看）"))
			all.WriteString(strings.TrimSuffix(part[len("（1/3）"):], "\n（未完，回复“继续”接着看）"))
		}
		require.Equal(t, long, all.String())
		require.Equal(t, "请留意来电。", w.asks(t, "好的"), "what comes behind is not held for ever")
	})
}

func TestAnAccountWithoutAnotherWayAsksTheSurveyInAReply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := alone(t)
		w.waiting(channels.Message{ID: 1, Author: channels.FromSystem, Text: wechat.SurveyText("TS-1"), Action: &channels.Done{Type: "survey", Survey: 7, TicketNo: "TS-1"}})
		require.Contains(t, w.asks(t, "你好"), "回复 3 不满意")
	})
}

func TestWhoAsksSomethingElseIsNotToldTheRestOfAGeneratedAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := alone(t)
		long := strings.Repeat("过户要带上身份证明和房产证明。", 100)
		w.waiting(channels.Message{ID: 1, Author: channels.FromBot, AI: true, Text: long})
		require.Contains(t, w.asks(t, "过户"), "（1/3）")
		w.waiting(channels.Message{ID: 2, Author: channels.FromBot, AI: true, Text: "水压请查看总阀。"})
		require.Equal(t, "【AI生成】水压请查看总阀。", w.asks(t, "水压低"))
		require.Equal(t, wechat.WhyRestUnread, w.messages[1].Why)
	})
}

func TestAPositionThatCannotBeReadKeepsItsName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t, safe())
		w.push(t, w.pusher.Message("o-1", "location", "<Location_X>abc</Location_X><Location_Y>1</Location_Y><Label>历下区泉城路180号</Label>"))
		require.Equal(t, "[位置] 历下区泉城路180号", w.heard[0].Text)
	})
}

func TestRequirement6AMistypedOriginalIDIsTheAdministratorsTrouble(t *testing.T) {
	w := open(t, safe())
	var told []wechat.Class
	w.receiver.Trouble = func(_ wechat.Account, e *wechat.Error) { told = append(told, e.Class) }
	w.pusher.Account.GhID = "gh_other"
	require.Equal(t, 403, w.push(t, w.pusher.Text("o-1", "没水")).Status)
	require.Equal(t, []wechat.Class{wechat.WrongID}, told)
	require.Zero(t, w.rows())

	a := safe()
	a.Mode, a.AESKey = wechat.Plain, ""
	w = open(t, a)
	w.receiver.Trouble = func(wechat.Account, *wechat.Error) { t.Error("a stranger with an old address raised an alarm") }
	w.pusher.Account.GhID = "gh_other"
	require.Equal(t, 403, w.push(t, w.pusher.Text("o-1", "没水")).Status)
}
