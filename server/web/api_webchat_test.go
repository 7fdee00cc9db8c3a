package web

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"quandesk/channels"
	"quandesk/server/hub"
	"quandesk/server/store"
)

// reply answers a conversation as the bot does: one transaction.
func (h *house) reply(conversation int64, text string) {
	h.t.Helper()
	ctx := context.Background()
	c, unanswered, err := h.store.Unanswered(ctx, conversation)
	require.NoError(h.t, err)
	require.NotEmpty(h.t, unanswered)
	err = h.store.Atomically(ctx, func(st *store.Store) error {
		if _, err := st.Claim(ctx, c, unanswered[len(unanswered)-1].ID, nil); err != nil {
			return err
		}
		_, err := st.Say(ctx, c, channels.Message{
			Author: channels.FromBot, AuthorName: "智能客服", Text: text, AI: true,
			Citations: []channels.Citation{{ArticleID: "leak", Title: "漏水报修", Source: "《营商环境供水服务规范》", Clause: "7.3.2", Version: 1}},
		})
		return err
	})
	require.NoError(h.t, err)
}

func TestAMessageIsStoredOnceHoweverOftenItIsSent(t *testing.T) {
	h := openHouse(t)
	token, _ := h.visit()
	body := map[string]any{"client_id": "a-1", "text": "家里没水了"}
	first := h.send("POST", "/api/v1/webchat/messages", token, body).is(202).json()
	again := h.send("POST", "/api/v1/webchat/messages", token, body).is(202).json()
	require.Equal(t, first["id"], again["id"])
	require.Equal(t, "customer", first["author"])
	require.Equal(t, "a-1", first["client_id"])
	list := h.send("GET", "/api/v1/webchat/messages", token, nil).is(200).json()["messages"].([]any)
	require.Len(t, list, 1)
}

func TestWaitingReturnsTheReplyAsSoonAsItIsThere(t *testing.T) {
	h := openHouse(t)
	_, c := h.listen()
	token, conversation := h.visit()
	arrived := h.hub.Subscribe()
	defer arrived.Close()
	arrived.Add(conversationTopic(conversation))

	done := make(chan answer, 1)
	go func() {
		req, _ := http.NewRequest("POST", c.base+"/api/v1/webchat/messages?wait=20s", strings.NewReader(`{"client_id":"1","text":"家里没水了"}`))
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Content-Type", "application/json")
		res, err := c.Do(req)
		if err != nil {
			panic(err)
		}
		done <- read(t, res)
	}()
	<-arrived.Events()
	h.reply(conversation, "请稍候，正在为您查询停水信息。")

	out := (<-done).is(200).json()
	require.Equal(t, "家里没水了", out["message"].(map[string]any)["text"])
	replies := out["replies"].([]any)
	require.Len(t, replies, 1)
	reply := replies[0].(map[string]any)
	require.Equal(t, true, reply["ai"])
	require.Equal(t, "7.3.2", reply["citations"].([]any)[0].(map[string]any)["clause"])
}

func TestWaitingEndsWithoutAReplyWhenTheTimeIsOver(t *testing.T) {
	h := openHouse(t)
	token, _ := h.visit()
	out := h.send("POST", "/api/v1/webchat/messages?wait=20ms", token, map[string]any{"client_id": "1", "text": "你好"}).is(200).json()
	require.Equal(t, []any{}, out["replies"])
	a := h.send("POST", "/api/v1/webchat/messages?wait=soon", token, map[string]any{"client_id": "2", "text": "你好"}).is(422)
	require.Equal(t, "「等待时间」填写有误，请核对后再提交。", a.says())
}

func TestWaitingDoesNotWaitForTheBotWhileAPersonHasTheConversation(t *testing.T) {
	h := openHouse(t)
	token, conversation := h.visit()
	h.send("POST", "/api/v1/webchat/messages", token, map[string]any{"client_id": "1", "text": "转人工"}).is(202)
	require.NoError(t, h.Inbox.Take(t.Context(), channels.Staff{ID: 1, Name: "林晓雨"}, channels.Scope{All: true}, conversation))
	out := h.send("POST", "/api/v1/webchat/messages?wait=20s", token, map[string]any{"client_id": "2", "text": "在吗"}).is(200).json()
	require.Equal(t, []any{}, out["replies"])
}

func TestAStoredMessageIsNeverCalledUnsaved(t *testing.T) {
	h := openHouse(t, func(p *Parts) {
		p.Answered = func(context.Context, int64, int64) (bool, error) { return false, busy{} }
	})
	token, _ := h.visit()
	out := h.send("POST", "/api/v1/webchat/messages?wait=8s", token, map[string]any{"client_id": "1", "text": "你好"}).is(200).json()
	require.Equal(t, "你好", out["message"].(map[string]any)["text"])
	require.Equal(t, []any{}, out["replies"])
}

func TestABadMessageIsRefused(t *testing.T) {
	h := openHouse(t)
	token, _ := h.visit()
	for _, c := range []struct {
		body   map[string]any
		status int
		says   string
	}{
		{map[string]any{"client_id": "1"}, 422, "请输入内容后再发送。"},
		{map[string]any{"client_id": "1", "text": " \n"}, 422, "请输入内容后再发送。"},
		{map[string]any{"client_id": "1", "text": strings.Repeat("水", 10001)}, 422, "内容太长，请精简到一万字以内再发送。"},
		{map[string]any{"client_id": "中文", "text": "x"}, 422, "「消息编号」填写有误，请核对后再提交。"},
		{map[string]any{"text": "x"}, 422, "请填写「消息编号」。"},
		{map[string]any{"client_id": "1", "location": map[string]any{"lat": 91, "lng": 0, "label": ""}}, 422, "「位置」填写有误，请核对后再提交。"},
		{map[string]any{"client_id": "1", "text": "x", "author": "staff"}, 422, "「author」不是可以填写的项目，请删除后再提交。"},
	} {
		require.Equal(t, c.says, h.send("POST", "/api/v1/webchat/messages", token, c.body).is(c.status).says())
	}
}

func TestEventsTellOnlyTheResidentWhoseConversationItIs(t *testing.T) {
	h := openHouse(t)
	_, c := h.listen()
	mine, conversation := h.visit()
	other, _ := h.visit()
	toMe, toOther := h.follow(c, mine), h.follow(c, other)

	h.send("POST", "/api/v1/webchat/messages", mine, map[string]any{"client_id": "1", "text": "只给我自己"}).is(202)
	h.reply(conversation, "已收到您的消息。")
	h.send("POST", "/api/v1/webchat/messages", other, map[string]any{"client_id": "1", "text": "另一个人"}).is(202)

	require.Equal(t, "只给我自己", toMe.next()["text"])
	reply := toMe.next()
	require.Equal(t, "已收到您的消息。", reply["text"])
	require.Equal(t, true, reply["ai"], "the mark comes with the first event")
	require.Equal(t, "另一个人", toOther.next()["text"], "the first thing the other resident hears is his own")
}

func TestEventsGoOnAfterTheLastOneThatWasHeard(t *testing.T) {
	h := openHouse(t)
	_, c := h.listen()
	token, conversation := h.visit()
	first := h.send("POST", "/api/v1/webchat/messages", token, map[string]any{"client_id": "1", "text": "一"}).is(202).json()
	h.reply(conversation, "二")
	events := h.follow(c, token, header{"Last-Event-ID", jsonNumber(first["id"])})
	require.Equal(t, "二", events.next()["text"])
}

func TestStoppingEndsOpenStreams(t *testing.T) {
	h := openHouse(t)
	_, c := h.listen()
	token, _ := h.visit()
	events := h.follow(c, token)
	require.NoError(t, h.Stop(t.Context()))
	for events.lines.Scan() {
		require.NotContains(t, events.lines.Text(), "data:")
	}
	require.NoError(t, events.lines.Err(), "the stream has ended as streams do")
}

func jsonNumber(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

// following is an open event stream.
type following struct {
	t     *testing.T
	lines *bufio.Scanner
}

func (h *house) follow(c *client, token string, headers ...header) *following {
	h.t.Helper()
	req, err := http.NewRequest("GET", c.base+"/api/v1/webchat/events", nil)
	require.NoError(h.t, err)
	req.Header.Set("Authorization", "Bearer "+token)
	for _, x := range headers {
		req.Header.Set(x.name, x.value)
	}
	res, err := c.Do(req)
	require.NoError(h.t, err)
	h.t.Cleanup(func() { res.Body.Close() })
	require.Equal(h.t, 200, res.StatusCode)
	require.Equal(h.t, "text/event-stream; charset=utf-8", res.Header.Get("Content-Type"))
	return &following{h.t, bufio.NewScanner(res.Body)}
}

// next is the next message.
func (f *following) next() map[string]any {
	f.t.Helper()
	for f.lines.Scan() {
		if data, ok := strings.CutPrefix(f.lines.Text(), "data: "); ok {
			var out map[string]any
			require.NoError(f.t, json.Unmarshal([]byte(data), &out))
			return out
		}
	}
	f.t.Fatal("the stream has ended: ", f.lines.Err())
	return nil
}

func TestAGeneratedAnswerIsHeardWhileItGrowsAndMarkedFromTheStart(t *testing.T) {
	h := openHouse(t)
	_, c := h.listen()
	mine, conversation := h.visit()
	other, otherConversation := h.visit()
	toMe, toOther := h.follow(c, mine), h.follow(c, other)
	h.hub.Publish(t.Context(), hub.Event{Topic: DraftTopic(conversation), Draft: "接到投诉后，"})
	h.hub.Publish(t.Context(), hub.Event{Topic: DraftTopic(conversation)})
	h.hub.Publish(t.Context(), hub.Event{Topic: DraftTopic(otherConversation), Draft: "另一个人的答复"})

	require.Equal(t, map[string]any{"ai": true, "text": "接到投诉后，"}, toMe.next())
	require.Equal(t, map[string]any{"ai": true, "text": ""}, toMe.next(), "what was shown is taken back")
	require.Equal(t, "另一个人的答复", toOther.next()["text"])
	h.send("POST", "/api/v1/webchat/messages", mine, map[string]any{"client_id": "1", "text": "好的"}).is(202)
	require.Equal(t, "好的", toMe.next()["text"], "messages go on behind it")
}

func TestOnlyTheResidentSeesAnAnswerGrow(t *testing.T) {
	h := openHouse(t)
	base, _ := h.listen()
	a, b := h.resident(), h.resident()
	mine, theirs := topicOf(a), topicOf(b)
	draft := func(topic string) string { return strings.Replace(topic, "conversation:", "draft:", 1) }
	p, _ := h.open(base, "/chat/live", a.cookies, base)
	require.Equal(t, []string{draft(mine)}, p.granted(mine, draft(mine), draft(theirs)))
	agent, _ := h.open(base, "/desk/live", h.signedIn("agent").cookies, base)
	require.Empty(t, agent.granted("desk", draft(mine)))
}
