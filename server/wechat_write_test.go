package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels/wechat"
	"quandesk/channels/wechat/wechattest"
	"quandesk/server/store/storetest"
)

// world is the program with one account, the API it calls and a resident.
type world struct {
	*running
	api      *wechattest.API
	resident *wechattest.Pusher
	account  wechat.Account
}

// corresponding starts the program between a resident and a WeChat that
// accepts what it documents.
func corresponding(t *testing.T, databaseURL string, more map[string]string) *world {
	t.Helper()
	a := account("main", wechat.Safe)
	w := &world{api: wechattest.NewAPI(wechattest.App{AppID: a.AppID, Secret: a.Secret}), account: a}
	t.Cleanup(w.api.Close)
	list, err := json.Marshal([]wechat.Account{a})
	require.NoError(t, err)
	settings := map[string]string{"HUB_DATABASE_URL": databaseURL, "HUB_DATA": t.TempDir(),
		"HUB_WECHAT_ACCOUNTS": string(list), "HUB_WECHAT_API_BASE": w.api.URL}
	for k, v := range more {
		settings[k] = v
	}
	w.running = runWith(t, settings, time.Time{})
	w.resident = &wechattest.Pusher{URL: w.url + "/wechat/main", Account: a}
	return w
}

// writes is a resident writing; WeChat lets us write for it.
func (w *world) writes(openid, text string) wechattest.Outcome {
	w.t.Helper()
	w.api.Trigger(w.account.AppID, openid, "message")
	out := w.resident.Push(w.t.Context(), w.resident.Text(openid, text))
	require.Empty(w.t, out.Problems)
	return out
}

// texts are the customer-service messages that WeChat took.
func (w *world) texts() []string {
	var out []string
	for _, s := range w.api.Sent() {
		out = append(out, s.Text)
	}
	return out
}

func (w *world) eventually(what string, ok func() bool) {
	w.t.Helper()
	require.Eventually(w.t, ok, time.Minute, 20*time.Millisecond, what)
}

func TestAnAgentAnswersInWeChatWithinTheQuotaAndTheRestWaits(t *testing.T) {
	storetest.URLs(t, func(t *testing.T, url string) {
		w := corresponding(t, url, nil)
		w.writes("openid-1", "转人工")
		agent := w.staff("agent")
		conversation := fmt.Sprint(agent.do(200, "GET", "/conversations?view=all", nil)["conversations"].([]any)[0].(object)["id"])
		say := func(text string) {
			agent.do(201, "POST", "/conversations/"+conversation+"/messages", object{"client_id": text, "text": text})
		}
		want := []string{}
		for i := range 7 {
			text := fmt.Sprintf("第%d句", i+1)
			say(text)
			want = append(want, text)
		}
		w.eventually("five go out", func() bool { return len(w.texts()) == 5 })
		require.Equal(t, want[:5], w.texts(), "in order")
		held := func() int {
			n := 0
			for _, m := range agent.do(200, "GET", "/conversations/"+conversation+"/messages", nil)["messages"].([]any) {
				if m.(object)["delivery"] == "held" {
					n++
				}
			}
			return n
		}
		w.eventually("two wait", func() bool { return held() == 2 })
		require.Len(t, w.api.Calls("/cgi-bin/message/custom/send"), 5, "what cannot go is not tried")
		out := w.writes("openid-1", "还在吗")
		require.Equal(t, "第6句\n\n第7句", out.Shown, "they go out in the same breath, when the resident writes")
		require.Equal(t, want[:5], w.texts(), "and not once more")
		w.eventually("nothing waits", func() bool { return held() == 0 })
		require.Equal(t, 1, w.api.Fetches())
		require.Empty(t, w.api.Wrong())
		w.sound()
	})
}

func TestRequirement25TheSurveyIsATapThatClosesOrEscalates(t *testing.T) {
	for name, c := range map[string]struct {
		tap         bool
		answer      int
		text, state string
		noMenu      bool
	}{
		"satisfied by a tap":           {tap: true, answer: 1, state: "closed"},
		"dissatisfied by a tap":        {tap: true, answer: 3, state: "escalated"},
		"satisfied by typing a number": {text: "1", answer: 1, state: "closed", noMenu: true},
		"typing the words":             {text: "不满意", answer: 3, state: "escalated"},
	} {
		t.Run(name, func(t *testing.T) {
			w := corresponding(t, "", nil)
			if c.noMenu {
				w.api.Force("/cgi-bin/message/custom/send", wechattest.Force{Code: 40200, Times: 1})
			}
			w.writes("openid-1", "家里水发黄，历下区文化东路63号3号楼，电话13812345678")
			agent := w.staff("agent")
			var no string
			w.eventually("a ticket", func() bool {
				list := agent.do(200, "GET", "/tickets", nil)["tickets"].([]any)
				if len(list) == 1 {
					no = list[0].(object)["no"].(string)
				}
				return no != ""
			})
			agent.move(no, "accept", object{})
			agent.move(no, "contact", object{"via": "phone", "result": "reached", "whom": "本人"})
			agent.move(no, "dispatch", object{"department": "水质管理中心", "opinion": "请现场取样"})
			agent.move(no, "accept", object{})
			agent.move(no, "reply", object{"outcome": "solved", "measures": "冲洗管道", "reply": "已冲洗，水质恢复正常。", "channel": "phone"})
			survey := func() *wechattest.Sent {
				for _, s := range w.api.Sent() {
					if s.Type == "msgmenu" || strings.Contains(s.Text, "回复 1 满意") {
						return &s
					}
				}
				return nil
			}
			w.eventually("the survey", func() bool { return survey() != nil })
			require.Equal(t, c.noMenu, survey().Type == "text")
			item := ""
			if c.tap {
				list := survey().Body["msgmenu"].(object)["list"].([]any)
				item = list[c.answer-1].(object)["id"].(string)
				require.Empty(t, strings.Trim(item, "0123456789"), "letters are lost on the way")
			}
			answer := w.resident.Push(t.Context(), w.resident.Message("openid-1", "text",
				"<Content>"+wechattest.CDATA(orElse(c.text, wechat.SurveyAnswers[c.answer-1].Words))+"</Content>"+
					"<bizmsgmenuid>"+item+"</bizmsgmenuid>"))
			require.Empty(t, answer.Problems)
			require.NotEmpty(t, answer.Shown)
			got := agent.do(200, "GET", "/tickets/"+no, nil)
			require.Equal(t, c.state, got["state"])
			last := got["events"].([]any)[len(got["events"].([]any))-1].(object)
			require.Equal(t, "customer", last["actor"].(object)["kind"], "the resident did it")
			again := w.resident.Push(t.Context(), w.resident.Message("openid-1", "text",
				"<Content>"+wechattest.CDATA("满意")+"</Content><bizmsgmenuid>"+orElse(item, "11")+"</bizmsgmenuid>"))
			require.Contains(t, again.Shown, "已经评价过")
			require.Equal(t, c.state, agent.do(200, "GET", "/tickets/"+no, nil)["state"])
			require.Empty(t, w.api.Wrong())
			w.sound()
		})
	}
}

func TestRequirement28TwoProcessesOnRedisFetchOneToken(t *testing.T) {
	redis := os.Getenv("TEST_REDIS_URL")
	if redis == "" {
		redis = "redis://127.0.0.1:6379"
	}
	if conn, err := net.DialTimeout("tcp", strings.TrimPrefix(redis, "redis://"), time.Second); err != nil {
		t.Skip("Redis does not answer")
	} else {
		conn.Close()
	}
	url := storetest.PostgresURL(t)
	a := account("two"+strings.ToLower(rand.Text()[:8]), wechat.Safe) // a token of its own in the shared Redis
	api := wechattest.NewAPI(wechattest.App{AppID: a.AppID, Secret: a.Secret})
	t.Cleanup(api.Close)
	api.Free()
	list, err := json.Marshal([]wechat.Account{a})
	require.NoError(t, err)
	var processes []*running
	for range 2 {
		processes = append(processes, runWith(t, map[string]string{"HUB_DATABASE_URL": url, "HUB_DATA": t.TempDir(), "HUB_REDIS_URL": redis,
			"HUB_WECHAT_ACCOUNTS": string(list), "HUB_WECHAT_API_BASE": api.URL}, time.Time{}))
	}
	var wg sync.WaitGroup
	for _, r := range processes {
		wg.Go(func() {
			for range 5 {
				if err := r.prog.wechat.writing.client.Publish(context.Background(), a, wechat.DefaultMenu()); err != nil {
					t.Errorf("publish: %v", err)
				}
			}
		})
	}
	wg.Wait()
	require.Equal(t, 1, api.Fetches())
	api.Revoke()
	for _, r := range processes {
		require.NoError(t, r.prog.wechat.writing.client.Publish(t.Context(), a, wechat.DefaultMenu()))
	}
	require.Equal(t, 2, api.Fetches(), "one for the renewal")
}

func TestARefusedMessageIsShownWithItsReasonAndAlarmsOnce(t *testing.T) {
	w := corresponding(t, "", nil)
	w.writes("openid-1", "转人工")
	w.api.Force("/cgi-bin/stable_token", wechattest.Force{Code: 40164, Msg: "invalid ip 203.0.113.7, not in whitelist"})
	agent := w.staff("agent")
	conversation := fmt.Sprint(agent.do(200, "GET", "/conversations?view=all", nil)["conversations"].([]any)[0].(object)["id"])
	for i := range 3 {
		agent.do(201, "POST", "/conversations/"+conversation+"/messages", object{"client_id": fmt.Sprint(i), "text": "您好"})
	}
	failed := func() int {
		n := 0
		for _, m := range agent.do(200, "GET", "/conversations/"+conversation+"/messages", nil)["messages"].([]any) {
			if words, _ := m.(object)["delivery_words"].(string); strings.HasPrefix(words, "未送达：公众号接口拒绝了本机") {
				n++
			}
		}
		return n
	}
	w.eventually("all three are shown as not delivered", func() bool { return failed() == 3 })
	alarms, err := w.prog.store.WechatAlarms(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, alarms, 1)
	require.Equal(t, "203.0.113.7", alarms[0].Error.IP)
	require.EqualValues(t, 3, alarms[0].Times)
	res, err := http.Get(w.url + "/metrics")
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Contains(t, string(body), `wechat_api_calls_total{call="/cgi-bin/stable_token",class="ip"} 3`)
	w.sound()
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
