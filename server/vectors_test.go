package main

import (
	"encoding/json"
	"hash/fnv"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels"
)

// embeddingModel is an endpoint whose vectors are made of characters; down
// makes it answer with a page of a proxy.
type embeddingModel struct {
	mu    sync.Mutex
	texts int
	down  bool
}

func (m *embeddingModel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var req struct{ Input []string }
	_ = json.NewDecoder(r.Body).Decode(&req)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.down {
		http.Error(w, "<html>bad gateway</html>", http.StatusBadGateway)
		return
	}
	m.texts += len(req.Input)
	type vector struct {
		Index     int       `json:"index"`
		Embedding []float32 `json:"embedding"`
	}
	var out struct {
		Data []vector `json:"data"`
	}
	for i, text := range req.Input {
		v := make([]float32, 64)
		v[0] = 0.1
		for _, c := range text {
			h := fnv.New32a()
			h.Write([]byte(string(c)))
			v[h.Sum32()%64]++
		}
		out.Data = append(out.Data, vector{i, v})
	}
	_ = json.NewEncoder(w).Encode(out)
}

func (m *embeddingModel) embedded() int { m.mu.Lock(); defer m.mu.Unlock(); return m.texts }

func TestTheKnowledgeIsEmbeddedOnceAndTheWordsAnswerWithoutVectors(t *testing.T) {
	m := &embeddingModel{}
	srv := httptest.NewServer(m)
	t.Cleanup(srv.Close)
	env := map[string]string{"HUB_DATA": t.TempDir(), "HUB_LLM_BASE_URL": srv.URL + "/v1", "HUB_EMBED_MODEL": "e"}
	r := runWith(t, env, time.Time{})
	require.Eventually(t, func() bool { return !r.prog.meant.Degraded() }, time.Minute, 20*time.Millisecond)
	passages := m.embedded()
	require.Greater(t, passages, 1000)
	reply := r.resident().say("1", "投诉了多久有人联系我")
	require.Contains(t, reply["text"], "20分钟")
	require.Equal(t, passages+1, m.embedded(), "one question, once")
	calls, err := r.prog.store.ModelCalls(t.Context(), 0, 1)
	require.NoError(t, err)
	require.Equal(t, channels.ToEmbedQuestion, calls[0].Purpose)
	require.Equal(t, "ok", calls[0].Outcome)

	m.mu.Lock()
	m.down = true
	m.mu.Unlock()
	reply = r.resident().say("2", "投诉之后多久会有人来联系")
	require.Contains(t, reply["text"], "20分钟", "the words answer alone")
	r.stop()

	m.mu.Lock()
	m.down = false
	m.mu.Unlock()
	again := runWith(t, env, time.Time{})
	require.Eventually(t, func() bool { return !again.prog.meant.Degraded() }, time.Minute, 20*time.Millisecond)
	require.Equal(t, passages+1, m.embedded(), "a restart embeds nothing anew")
}
