package web

import (
	"testing"

	"github.com/stretchr/testify/require"

	"quandesk/bot/unfit"
	"quandesk/channels"
	"quandesk/server/store"
)

func TestModelCallsReadInPlainWordsAndHoldNothingSaid(t *testing.T) {
	h := openHouse(t)
	ctx := t.Context()
	id, _, err := h.store.BeginCall(ctx, channels.ModelCall{Purpose: channels.ToAnswer, Vendor: "model.example", Model: "m", Prompt: "answer-1",
		Data: []string{"message", "history", "articles"}, Masked: []string{"电话", "姓名"}, ConversationID: 1}, channels.Budget{})
	require.NoError(t, err)
	require.NoError(t, h.store.EndCall(ctx, channels.ModelCall{ID: id, Outcome: "status_503", TokensIn: 12, TokensOut: 3}))
	_, err = h.store.AlertModel(ctx, channels.ModelAlert{Vendor: "model.example", Model: "m", Reason: "slow"})
	require.NoError(t, err)

	page := h.signedIn("auditor").get("/desk/model-calls").is(200).text
	for _, words := range []string{"组织答复", "m（model.example）", "用户来话、对话前文、知识条目", "已遮盖：电话、姓名", "模型服务返回错误503", "12 / 3",
		"迟迟没有回应", "期间由规则和知识条目答复"} {
		require.Contains(t, page, words)
	}
	h.signedIn("admin").get("/desk/model-calls").is(200)
	list := h.send("GET", "/api/v1/model-calls", h.as("admin"), nil).is(200).json()
	call := list["calls"].([]any)[0].(map[string]any)
	require.Equal(t, true, call["masked"])
	require.Equal(t, "answer", call["purpose"])
	require.Len(t, list["alerts"], 1)
	require.Empty(t, h.send("GET", "/api/v1/model-calls?before=1", h.as("admin"), nil).is(200).json()["calls"])
}

func TestASupervisorSeesWhoWordedAMessageAndAResidentDoesNot(t *testing.T) {
	h := openHouse(t)
	token, id := h.visit()
	require.NoError(t, h.store.Atomically(t.Context(), func(s *store.Store) error {
		for _, origin := range []string{"", "qwen answer-1"} {
			_, err := s.Say(t.Context(), channels.Conversation{ID: id, Channel: "webchat"}, channels.Message{
				Author: channels.FromBot, AI: true, Text: "接到投诉后20分钟内有人联系您。", Origin: origin,
				Citations: []channels.Citation{{ArticleID: "complaint-contact", Title: "投诉", Clause: "11.2", Version: 3}}})
			require.NoError(t, err)
		}
		return nil
	}))
	path := "/desk/conversations/" + jsonNumber(id)
	page := h.signedIn("supervisor").get(path).is(200).text
	require.Contains(t, page, "由规则和知识条目生成，依据条目 complaint-contact 第3版")
	require.Contains(t, page, "由模型 qwen 生成，提示词版本 answer-1，依据条目 complaint-contact 第3版")
	require.NotContains(t, h.signedIn("agent").get(path).is(200).text, "提示词版本")
	require.NotContains(t, h.send("GET", "/api/v1/webchat/messages", token, nil).is(200).text, "answer-1")
}

// T75: those who see the calls see what was not let through, and no word of it.
func TestWhatWasNotLetThroughIsShownBesideTheCalls(t *testing.T) {
	h := openHouse(t)
	_, id := h.visit()
	require.NoError(t, h.store.Atomically(t.Context(), func(s *store.Store) error {
		m, err := s.Say(t.Context(), channels.Conversation{ID: id, Channel: "webchat"},
			channels.Message{Author: channels.FromBot, AI: true, Text: "抱歉，这个我不能回答。"})
		require.NoError(t, err)
		return s.Withheld(t.Context(), m, []channels.Incident{{Category: "weapons", Model: "qwen", Prompt: "answer-1"}, {Category: "drugs", Asked: true}})
	}))
	page := h.signedIn("admin").get("/desk/model-calls").is(200).text
	for _, words := range []string{"拦下的不当内容", "枪支爆炸物", "回答，已拦下", "qwen answer-1", "毒品药物", "来话，已谢绝", "规则"} {
		require.Contains(t, page, words)
	}
	require.NotContains(t, page, "不能回答")
	list := h.send("GET", "/api/v1/model-calls", h.as("admin"), nil).is(200).json()["incidents"].([]any)
	require.Len(t, list, 2)
	require.Equal(t, "weapons", list[1].(map[string]any)["category"])
	require.NotZero(t, list[1].(map[string]any)["message_id"])
	h.signedIn("agent").get("/desk/model-calls").is(403)
}

// Every category of the list has a name on the page.
func TestEveryCategoryOfTheListHasAName(t *testing.T) {
	for _, c := range unfit.Shipped().Categories() {
		require.NotEmpty(t, incidentNames[string(c)], c)
	}
}
