package llm_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"quandesk/bot/llm"
	"quandesk/channels"
	"quandesk/kb/vector"
)

var _ vector.Embedder = (*llm.Embedder)(nil)

// embedding is a scripted endpoint for vectors.
type embedding struct {
	mu     sync.Mutex
	bodies []string
	answer string
	status int
}

func (e *embedding) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	e.mu.Lock()
	e.bodies = append(e.bodies, string(raw))
	answer, status := e.answer, e.status
	e.mu.Unlock()
	if status != 0 {
		w.WriteHeader(status)
	}
	io.WriteString(w, answer)
}

func (e *embedding) asked() int { e.mu.Lock(); defer e.mu.Unlock(); return len(e.bodies) }

func embedder(t *testing.T, answer string) (*llm.Embedder, *embedding, *records) {
	t.Helper()
	e, b := &embedding{answer: answer}, &records{}
	srv := httptest.NewServer(e)
	t.Cleanup(srv.Close)
	return llm.NewEmbedder(llm.EmbedOptions{BaseURL: srv.URL + "/v1", Model: "e", Rules: parts().rules, Book: b}), e, b
}

func vectorsOf(list ...string) string {
	for i, v := range list {
		list[i] = fmt.Sprintf(`{"object":"embedding","index":%d,"embedding":%s}`, i, v)
	}
	return `{"object":"list","data":[` + strings.Join(list, ",") + `],"usage":{"prompt_tokens":9}}`
}

func TestVectorsComeInTheOrderOfTheirTexts(t *testing.T) {
	e, _, b := embedder(t, `{"data":[{"index":1,"embedding":[0,1]},{"index":0,"embedding":[1,0]}],"usage":{"prompt_tokens":9}}`)
	got, err := e.Passages(t.Context(), []string{"甲", "乙"})
	require.NoError(t, err)
	require.Equal(t, [][]float32{{1, 0}, {0, 1}}, got)
	require.Equal(t, channels.ToEmbedArticles, b.begun[0].Purpose)
	require.Equal(t, "ok", b.begun[0].Outcome)
	require.Equal(t, 9, b.begun[0].TokensIn)
	e, _, _ = embedder(t, `{"data":[{"embedding":[1,0]},{"embedding":[0,1]}]}`)
	got, err = e.Passages(t.Context(), []string{"甲", "乙"})
	require.NoError(t, err, "an endpoint that does not number them")
	require.Equal(t, [][]float32{{1, 0}, {0, 1}}, got)
}

func TestWhatIsNotTheVectorsAskedForIsRefused(t *testing.T) {
	for name, answer := range map[string]string{
		"too few":           vectorsOf(`[1,0]`),
		"too many":          vectorsOf(`[1,0]`, `[1,0]`, `[1,0]`),
		"none":              `{"data":[]}`,
		"null":              `null`,
		"nothing":           ``,
		"a web page":        `<html>登录</html>`,
		"not a number":      vectorsOf(`[NaN,0]`, `[1,0]`),
		"beyond all bounds": vectorsOf(`[1e39,0]`, `[1,0]`),
		"a sum beyond":      vectorsOf(`[3e38,3e38]`, `["x"]`),
		"other lengths":     vectorsOf(`[1,0]`, `[1,0,0]`),
		"empty vectors":     vectorsOf(`[]`, `[]`),
		"one number":        vectorsOf(`[1]`, `[1]`),
		"zeros":             vectorsOf(`[0,0]`, `[0,0]`),
		"texts":             vectorsOf(`["a"]`, `["b"]`),
		"the same twice":    `{"data":[{"index":1,"embedding":[1,0]},{"index":1,"embedding":[1,0]}]}`,
		"out of range":      `{"data":[{"index":7,"embedding":[1,0]},{"index":0,"embedding":[1,0]}]}`,
		"below zero":        `{"data":[{"index":-1,"embedding":[1,0]},{"index":0,"embedding":[1,0]}]}`,
		"an error":          `{"error":{"message":"no"}}`,
		"cut off":           `{"data":[{"index":0,"embedding":[1,`,
	} {
		t.Run(name, func(t *testing.T) {
			e, _, b := embedder(t, answer)
			_, err := e.Passages(t.Context(), []string{"甲", "乙"})
			require.Error(t, err)
			require.NotEqual(t, "ok", b.begun[0].Outcome)
		})
	}
}

func TestNoPersonalDataIsEmbedded(t *testing.T) {
	e, seen, b := embedder(t, vectorsOf(`[1,0]`))
	for _, text := range []string{
		"我叫张三丰，电话139 1234 5678，座机0531-88881234，水费怎么交", "身份证11010519491231002X要带吗，卡号6222 0202 0011 2233 445能扣吗",
		"邮箱a.b@mail.example.cn，车牌鲁A12345，户号80012345678，微信号zsf_2020", "单号TS-20261119-0042到哪了", "历下区文化东路88号3号楼2单元301没水",
	} {
		_, err := e.Question(t.Context(), text)
		require.NoError(t, err)
	}
	require.NotRegexp(t, private, strings.Join(seen.bodies, "\n"))
	require.NotContains(t, strings.Join(seen.bodies, "\n"), "3号楼2单元301")
	require.Contains(t, b.begun[0].Masked, "电话")
	require.Equal(t, channels.ToEmbedQuestion, b.begun[0].Purpose)
}

func TestAnEndpointForVectorsThatFailsRests(t *testing.T) {
	e, seen, b := embedder(t, "")
	seen.status = 500
	for range 20 {
		_, err := e.Question(t.Context(), "水费怎么交")
		require.Error(t, err)
	}
	require.Equal(t, 5, seen.asked())
	require.Len(t, b.alerts, 1)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	e, seen, _ = embedder(t, vectorsOf(`[1,0]`))
	for range 20 {
		_, err := e.Question(gone, "水费怎么交")
		require.Error(t, err)
	}
	_, err := e.Question(t.Context(), "水费怎么交")
	require.NoError(t, err, "callers who left say nothing about the endpoint")
	require.Equal(t, 1, seen.asked())
}
