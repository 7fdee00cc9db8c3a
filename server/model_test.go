package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/server/web"
)

// scriptedModel is an OpenAI-compatible endpoint that words every answer with
// the same pieces and understands nothing.
func scriptedModel(t *testing.T, pieces ...string) (base string, asked func() string) {
	t.Helper()
	var mu sync.Mutex
	var bodies strings.Builder
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var req map[string]any
		if json.NewDecoder(r.Body).Decode(&req) != nil || req["response_format"] != nil {
			http.Error(w, `{"error":{"message":"not here"}}`, http.StatusBadRequest)
			return
		}
		said, _ := json.Marshal(req)
		mu.Lock()
		bodies.Write(said)
		mu.Unlock()
		w.Header().Set("Content-Type", "text/event-stream")
		for _, p := range pieces {
			content, _ := json.Marshal(p)
			fmt.Fprintf(w, "data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":%s}}]}\n\n", content)
			w.(http.Flusher).Flush()
		}
		fmt.Fprint(w, "data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n")
	}))
	t.Cleanup(srv.Close)
	return srv.URL + "/v1", func() string { mu.Lock(); defer mu.Unlock(); return bodies.String() }
}

func TestAModelWordsAnAnswerThatGrowsOnTheResidentsPage(t *testing.T) {
	base, asked := scriptedModel(t, "接到投诉后20分钟内", "有人联系您[1]。", "2日内办完[1]。")
	r := runWith(t, map[string]string{"HUB_DATA": t.TempDir(), "HUB_LLM_BASE_URL": base, "HUB_LLM_MODEL": "scripted"}, time.Time{})
	c := r.resident()
	page := r.prog.hub.Subscribe()
	defer page.Close()
	page.Add(web.DraftTopic(1)) // the first conversation of a new house

	reply := c.say("2", "我的电话是13812345678，想问投诉了多久有人联系我")
	require.Contains(t, reply["text"], "20分钟")
	require.Equal(t, true, reply["ai"])
	require.NotEmpty(t, reply["citations"])
	require.Contains(t, asked(), "投诉")
	require.NotContains(t, asked(), "13812345678", "no number leaves the house")
	require.Contains(t, (<-page.Events()).Draft, "正在查询", "at once")
	require.Contains(t, (<-page.Events()).Draft, "20分钟")
}

func TestAModelThatPromisesMoneyIsNotSent(t *testing.T) {
	base, _ := scriptedModel(t, "我们保证赔偿您500元，今晚8点一定来水，详情请拨打0531-88888888。")
	r := runWith(t, map[string]string{"HUB_DATA": t.TempDir(), "HUB_LLM_BASE_URL": base, "HUB_LLM_MODEL": "scripted"}, time.Time{})
	reply := r.resident().say("1", "投诉了多久有人联系我")
	require.NotContains(t, reply["text"], "500")
	require.NotContains(t, reply["text"], "88888888")
	require.Contains(t, reply["text"], "20分钟", "the knowledge answers in its own words")
}
