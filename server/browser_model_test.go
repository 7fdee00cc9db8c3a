package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"quandesk/server/watched"
)

// stagedModel is an endpoint that understands nothing and words answers the
// way a test wants: piece writes one piece of an answer to the wire.
func stagedModel(t *testing.T, words func(r *http.Request, piece func(text string))) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var req struct {
			Messages []struct{ Content string }
		}
		if json.NewDecoder(r.Body).Decode(&req) != nil {
			http.Error(w, "", http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		piece := func(text string) {
			content, _ := json.Marshal(text)
			fmt.Fprintf(w, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":%s}}]}\n\n", content)
			w.(http.Flusher).Flush()
		}
		if strings.Contains(req.Messages[0].Content, "标注员") {
			piece(`{"intents":["ask"],"urgent":false}`)
		} else {
			words(r, piece)
		}
		fmt.Fprint(w, "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n")
	}))
	t.Cleanup(srv.Close)
	return srv.URL + "/v1"
}

// withModel is a house with a model and a resident before the chat.
func withModel(t *testing.T, words func(r *http.Request, piece func(text string))) (*running, person) {
	t.Helper()
	chromium(t)
	r := runWith(t, map[string]string{"HUB_DATA": t.TempDir(), "HUB_LLM_BASE_URL": stagedModel(t, words), "HUB_LLM_MODEL": "staged"}, time.Time{})
	p := sitsDown(t, r.url, 390, 844)
	p.opens("/")
	p.do(chromedp.SendKeys("#text", "投诉了多久有人联系我"), chromedp.Click("#composer .send"))
	return r, p
}

// whole checks what every generated message shows (security.md, acceptance
// list) and that nothing grows any more.
func (p person) whole() {
	p.t.Helper()
	p.sees(".msg--bot[data-id] .source", "11.2")
	p.sees(".msg--bot[data-id] .ai", "AI生成")
	p.sees(".msg--bot[data-id] .vote", "没帮上忙")
	p.sees(".msg--bot[data-id] .after", "人工")
	p.do(chromedp.Poll(`document.getElementById("growing").hidden`, nil))
}

func TestInTheBrowserAnAnswerGrowsSentenceBySentence(t *testing.T) {
	on := make(chan struct{})
	_, p := withModel(t, func(r *http.Request, piece func(string)) {
		select {
		case <-on:
		case <-r.Context().Done():
		}
		piece("接到投诉后20分钟内有人联系您[1]。2日")
		select {
		case <-on:
		case <-r.Context().Done():
		}
		piece("内办完[1]。")
	})
	p.sees("#growing", "正在查询")
	p.sees("#growing .ai", "AI生成") // from the first word (T72)
	on <- struct{}{}
	p.sees("#growing .bubble", "20分钟内有人联系您。")
	p.picture("growing")
	on <- struct{}{}
	p.sees(".msg--bot[data-id] .bubble", "2日内办完。")
	p.whole()
}

func TestInTheBrowserASlowModelIsNotWaitedForInSilence(t *testing.T) {
	_, p := withModel(t, func(r *http.Request, _ func(string)) { <-r.Context().Done() })
	began := time.Now()
	p.sees("#growing .bubble", "正在查询")
	require.Less(t, time.Since(began), watched.Allow(3*time.Second), "F13")
	p.picture("looking")
	p.sees(".msg--bot[data-id] .bubble", "20分钟内有人联系您") // the knowledge, when the time is over
	p.whole()
}

func TestInTheBrowserAnAnswerThatIsCutOffIsReplaced(t *testing.T) {
	cut := make(chan struct{})
	r, p := withModel(t, func(_ *http.Request, piece func(string)) {
		piece("接到投诉后，20分钟内就有人联系您[1]。我们还")
		<-cut
		panic(http.ErrAbortHandler)
	})
	p.sees("#growing .bubble", "20分钟内就有人联系您。")
	close(cut)
	p.sees(".msg--bot[data-id] .bubble", "接到投诉后20分钟内有人联系您")
	p.whole()
	var text string
	p.do(chromedp.Text("body", &text))
	require.NotContains(t, text, "就有人联系您", "nothing half is left")
	require.Contains(t, text, "刚才的回答没有说完，请以这条为准")
	require.NotContains(t, text, "我们还")
	r.sound()
}
