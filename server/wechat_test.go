package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels/wechat"
	"quandesk/channels/wechat/wechattest"
	"quandesk/server/store/storetest"
)

func account(name string, mode wechat.Mode) wechat.Account {
	return wechat.Account{Name: name, AppID: "wx" + name, Secret: "secret", Token: "token" + name,
		AESKey: strings.Repeat("A", 43), GhID: "gh_" + name, Mode: mode, Verified: true}
}

// follow starts the program with accounts and returns who pushes to the first.
func follow(t *testing.T, url string, accounts ...wechat.Account) (*running, *wechattest.Pusher) {
	t.Helper()
	list, err := json.Marshal(accounts)
	require.NoError(t, err)
	r := runWith(t, map[string]string{"HUB_DATABASE_URL": url, "HUB_DATA": t.TempDir(), "HUB_WECHAT_ACCOUNTS": string(list)}, time.Time{})
	return r, &wechattest.Pusher{URL: r.url + "/wechat/" + accounts[0].Name, Account: accounts[0]}
}

func TestAComplaintInWeChatIsATicketAndAnsweredAtOnce(t *testing.T) {
	storetest.URLs(t, func(t *testing.T, url string) {
		r, resident := follow(t, url, account("main", wechat.Safe))
		status, echo, err := resident.Verify(t.Context(), "5838382893")
		require.NoError(t, err)
		require.Equal(t, 200, status)
		require.Equal(t, "5838382893", echo)

		out := resident.Push(t.Context(), resident.Text("openid-1", "家里水发黄，历下区文化东路63号3号楼，电话13812345678"))
		require.Empty(t, out.Problems)
		require.Equal(t, 1, out.Attempts)
		require.NotNil(t, out.Reply, out.Body)
		require.True(t, out.Sealed)
		require.Equal(t, "openid-1", out.Reply.To)
		require.Contains(t, out.Shown, "已登记")
		require.True(t, strings.HasPrefix(out.Shown, "【AI生成】"), out.Shown)
		t.Log(out.Took)

		listed := r.staff("agent").do(200, "GET", "/tickets?state=new", nil)["tickets"].([]any)
		require.Len(t, listed, 1)
		require.Equal(t, "wechat", listed[0].(object)["channel"])
	})
}

func TestF01OnePushFiftyTimesInTwoProcessesIsOneTicketAndOneAnswer(t *testing.T) {
	url, live := storetest.PostgresURL(t), redisURL(t)
	a := account("main", wechat.Safe)
	list, err := json.Marshal([]wechat.Account{a})
	require.NoError(t, err)
	var pushers []*wechattest.Pusher
	var first *running
	for range 2 {
		r := runWith(t, map[string]string{"HUB_DATABASE_URL": url, "HUB_REDIS_URL": live, "HUB_DATA": t.TempDir(),
			"HUB_WECHAT_ACCOUNTS": string(list)}, time.Time{})
		pushers = append(pushers, &wechattest.Pusher{URL: r.url + "/wechat/main", Account: a})
		first = r
	}
	body := pushers[0].Text("openid-1", complaint)
	outs := make([]wechattest.Outcome, 50)
	var wg sync.WaitGroup
	for i := range outs {
		wg.Go(func() { outs[i] = pushers[i%2].Push(t.Context(), body) })
	}
	wg.Wait()
	shown := map[string]int{}
	for _, o := range outs {
		require.Empty(t, o.Problems)
		require.Equal(t, 1, o.Attempts)
		shown[o.Shown]++
	}
	require.LessOrEqual(t, len(shown), 2, "the one answer, or nothing: %v", shown)
	agent := first.staff("agent")
	require.Len(t, agent.do(200, "GET", "/tickets", nil)["tickets"], 1)
	require.Len(t, messages(agent, 0), 2, "one question, one answer")
	first.sound()
}

// messages are those of the newest conversation but for the first n.
func messages(agent caller, n int) []any {
	agent.t.Helper()
	list := agent.do(200, "GET", "/conversations?view=all", nil)["conversations"].([]any)
	require.Greater(agent.t, len(list), n)
	return agent.do(200, "GET", fmt.Sprintf("/conversations/%v/messages", list[n].(object)["id"]), nil)["messages"].([]any)
}

func TestTheSameMsgIdOfTwoResidentsIsTwoMessages(t *testing.T) {
	r, p := follow(t, "", account("main", wechat.Plain))
	first := string(p.Text("openid-1", complaint))
	second := strings.ReplaceAll(first, "openid-1", "openid-2")
	for _, body := range []string{first, second, first} {
		out := p.Push(t.Context(), []byte(body))
		require.NotNil(t, out.Reply)
		require.Contains(t, out.Shown, "已登记")
	}
	require.Len(t, r.staff("agent").do(200, "GET", "/tickets", nil)["tickets"], 2)
}

func TestTwoAccountsKeepTheirResidentsApart(t *testing.T) {
	one, two := account("one", wechat.Safe), account("two", wechat.Compatible)
	r, p := follow(t, "", one, two)
	q := &wechattest.Pusher{URL: r.url + "/wechat/two", Account: two}
	require.Contains(t, p.Push(t.Context(), p.Text("same-openid", complaint)).Shown, "已登记")
	require.Contains(t, q.Push(t.Context(), q.Text("same-openid", "我的投诉到哪一步了")).Shown, "没有")
	crossed := &wechattest.Pusher{URL: r.url + "/wechat/two", Account: one}
	require.Equal(t, 403, crossed.Push(t.Context(), crossed.Text("o", "你好")).Status)
}

func TestAThousandResidentsAtOnceGetTheirOwnAnswers(t *testing.T) {
	url := storetest.PostgresURL(t)
	r, p := follow(t, url, account("main", wechat.Safe))
	p.Client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 128, MaxConnsPerHost: 128}}
	const residents = 1000
	outs := make([]wechattest.Outcome, residents)
	var wg sync.WaitGroup
	gate := make(chan struct{}, 128)
	for i := range outs {
		wg.Go(func() {
			gate <- struct{}{}
			defer func() { <-gate }()
			from := fmt.Sprintf("openid-%d", i)
			outs[i] = p.Push(t.Context(), p.Text(from, ownWords(i)))
		})
	}
	wg.Wait()
	passive := 0
	for i, o := range outs {
		require.Emptyf(t, o.Problems, "%d", i)
		require.NotEqualf(t, wechattest.Outage, o.Shown, "%d", i)
		if o.Reply == nil {
			continue
		}
		passive++
		require.Equal(t, fmt.Sprintf("openid-%d", i), o.Reply.To)
		require.Contains(t, o.Shown, ownPlace(i))
	}
	require.Positive(t, passive)
	t.Logf("%d of %d answered at once", passive, residents)
	r.settled(residents)
	r.eachAnswerIsOwn(residents)
}

func ownPlace(i int) string { return fmt.Sprintf("文化东路%d号", i+1) }

func ownWords(i int) string {
	return fmt.Sprintf("历下区%s家里水发黄，电话138%08d", ownPlace(i), 12345678+i)
}

// settled waits until every resident has been answered.
func (r *running) settled(n int) {
	r.t.Helper()
	require.Eventually(r.t, func() bool {
		var answered int
		err := r.prog.store.DB().QueryRowContext(r.t.Context(), `SELECT COUNT(*) FROM conversations
			WHERE channel = 'wechat' AND heard_id > 0 AND answered_id = heard_id`).Scan(&answered)
		return err == nil && answered == n
	}, time.Minute, 100*time.Millisecond)
}

// eachAnswerIsOwn looks into the rows: what was said to somebody names the
// place that this resident wrote of, and there is one message each way.
func (r *running) eachAnswerIsOwn(n int) {
	r.t.Helper()
	rows, err := r.prog.store.DB().QueryContext(r.t.Context(), `SELECT c.contact, m.author, m.text FROM messages m
		JOIN conversations c ON c.id = m.conversation_id WHERE c.channel = 'wechat'`)
	require.NoError(r.t, err)
	defer rows.Close()
	count := map[string]int{}
	for rows.Next() {
		var contact, author, text string
		require.NoError(r.t, rows.Scan(&contact, &author, &text))
		var i int
		_, err := fmt.Sscanf(contact, "openid-%d", &i)
		require.NoError(r.t, err)
		require.Containsf(r.t, text, ownPlace(i), "%s", contact)
		count[author]++
	}
	require.NoError(r.t, rows.Err())
	require.Equal(r.t, map[string]int{"customer": n, "bot": n}, count)
}

func TestRequirement16WhatIsAcknowledgedIsAnsweredAfterARestart(t *testing.T) {
	t.Parallel() // it waits more than it works
	storetest.URLs(t, func(t *testing.T, url string) {
		a := account("main", wechat.Safe)
		list, err := json.Marshal([]wechat.Account{a})
		require.NoError(t, err)
		settings := map[string]string{"HUB_DATABASE_URL": url, "HUB_DATA": t.TempDir(), "HUB_WECHAT_ACCOUNTS": string(list)}
		r := runWith(t, settings, time.Time{})
		p := &wechattest.Pusher{URL: r.url + "/wechat/main", Account: a}
		body := p.Text("openid-1", complaint)
		first := p.Push(t.Context(), body)
		require.NotNil(t, first.Reply)
		// The process dies after it has stored a second message and before it answers.
		require.NoError(t, r.prog.queue.Stop(t.Context()))
		hung, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		_, _, err = p.Once(hung, p.Text("openid-1", "我的投诉到哪一步了"))
		require.Error(t, err, "nobody answers")
		r.stop()

		again := runWith(t, settings, time.Time{})
		p.URL = again.url + "/wechat/main"
		require.Equal(t, first.Reply, p.Push(t.Context(), body).Reply, "the third attempt gets what the first got")
		agent := again.staff("agent")
		require.Eventually(t, func() bool { return len(messages(agent, 0)) == 4 }, time.Minute, 50*time.Millisecond)
		require.Len(t, agent.do(200, "GET", "/tickets", nil)["tickets"], 1)
		again.sound()
	})
}
