package web

import (
	"bufio"
	"bytes"
	"database/sql"
	"fmt"
	"image"
	"image/png"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"
)

func TestBadInputIsRefusedInPlainChinese(t *testing.T) {
	h := openHouse(t)
	const good = `"kind":"complaint","category":"leak","description":"路面冒水"`
	for _, c := range []struct {
		name, body string
		status     int
		code, says string
	}{
		{"duplicate names", `{` + good + `,"description":"又一个"}`, 400, "bad_json", "提交的数据格式有误，请检查后再提交。"},
		{"data after the value", `{` + good + `}{}`, 400, "bad_json", "提交的数据格式有误，请检查后再提交。"},
		{"broken", `{` + good, 400, "bad_json", "提交的数据格式有误，请检查后再提交。"},
		{"nothing", ``, 400, "bad_json", "提交的数据格式有误，请检查后再提交。"},
		{"too deep", strings.Repeat("[", 10001) + strings.Repeat("]", 10001), 400, "bad_json", "提交的数据格式有误，请检查后再提交。"},
		{"a number out of range", `{` + good + `,"conversation_id":1e400}`, 400, "bad_json", "提交的数据格式有误，请检查后再提交。"},
		{"a bare control character", "{" + good + ",\"address\":\"a\x00b\"}", 400, "bad_json", "提交的数据格式有误，请检查后再提交。"},
		{"an unknown field", `{` + good + `,"role":"admin"}`, 422, "invalid", "「role」不是可以填写的项目，请删除后再提交。"},
		{"a field of the server", `{` + good + `,"closed_at":"2026-01-01T00:00:00Z"}`, 422, "invalid", "「closed_at」不是可以填写的项目，请删除后再提交。"},
		{"another case", `{` + good + `,"Urgent":true}`, 422, "invalid", "「提交内容」填写有误，请核对后再提交。"},
		{"a wrong type", `{` + good + `,"urgent":"yes"}`, 422, "invalid", "「紧急程度」只能填是或否。"},
		{"a number for a text", `{"kind":"complaint","category":"leak","description":5}`, 422, "invalid", "「诉求内容」须为文字。"},
		{"null for a text", `{"kind":"complaint","category":"leak","description":null}`, 422, "invalid", "「诉求内容」须为文字。"},
		{"no object", `[]`, 422, "invalid", "「提交内容」的格式有误。"},
		{"a word that is none of ours", `{"kind":"rant","category":"leak","description":"x"}`, 422, "invalid", "「诉求类型」不在可选范围内。"},
		{"a missing field", `{"kind":"complaint","category":"leak"}`, 422, "invalid", "请填写「诉求内容」。"},
		{"an empty text", `{"kind":"complaint","category":"leak","description":"  "}`, 422, "invalid", "请填写「诉求内容」。"},
		{"a bad phone", `{` + good + `,"contact_phone":"12345"}`, 422, "invalid", "「联系电话」填写有误，请核对后再提交。"},
		{"12345 without its number", `{` + good + `,"source":"12345"}`, 422, "invalid", "请填写「外部工单编号」。"},
		{"a time to come", `{` + good + `,"received_at":"2099-01-01T00:00:00+08:00"}`, 422, "invalid", "「接诉时间」已超过允许的时间，请重新选择。"},
		{"too much", `{"description":"` + strings.Repeat("水", 400_000) + `"}`, 413, "too_large", "提交的内容太大，请精简后再试。"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := h.send("POST", "/api/v1/tickets", h.as("agent"), c.body).is(c.status)
			require.Equal(t, c.code, a.code())
			require.Equal(t, c.says, a.says())
		})
	}
	list := h.send("GET", "/api/v1/tickets", h.as("agent"), nil).is(200).json()
	require.Empty(t, list["tickets"], "nothing was stored")
}

func TestARequestThatIsTooLargeIsRefusedInChinese(t *testing.T) {
	h := openHouse(t)
	base, c := h.listen()
	res, err := c.Post("/api/v1/tickets", "application/json", bytes.NewReader(make([]byte, maxBody+1)))
	require.NoError(t, err)
	require.Equal(t, "提交的内容太大，请精简后再试。", read(t, res).is(413).says())

	// What is larger than any upload is refused by its announced length.
	conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	fmt.Fprintf(conn, "POST /api/v1/webchat/attachments HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", maxUpload+1)
	res, err = http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	require.Equal(t, "提交的内容太大，请精简后再试。", read(t, res).is(413).says())
}

func TestAFileOfArticlesThatIsTooLargeIsRefusedAsItsReaderWould(t *testing.T) {
	h := openHouse(t)
	base, _ := h.listen()
	conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	fmt.Fprintf(conn, "POST /desk/knowledge/import/attachments HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", 25<<20)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	page := read(t, res).is(413)
	require.Contains(t, page.text, "文件有 25 MB，最大 20 MB，请拆成几个文件。")
	for path, want := range map[string]int{importUpload: maxArticles, ordersUpload: maxOrders, "/api/v1/webchat/attachments": 0, "/": 0} {
		var header fasthttp.RequestHeader
		header.SetRequestURI(path)
		require.Equal(t, want, roomFor(&header).MaxRequestBodySize, path)
	}
}

func TestBadQueriesAreRefused(t *testing.T) {
	h := openHouse(t)
	for query, says := range map[string]string{
		"state=gone":                    "「状态」填写有误，请核对后再提交。",
		"kind=complaint,rant":           "「诉求类型」填写有误，请核对后再提交。",
		"sort=id;drop":                  "「sort」不在可选范围内。",
		"limit=100000":                  "「每页条数」的数值太大。",
		"limit=many":                    "「每页条数」须为整数。",
		"from=yesterday":                "「开始日期」填写有误，请核对后再提交。",
		"from=2026-02-01&to=2026-01-01": "「结束日期」的时间过早，请重新选择。",
		"a'||pg_sleep(5)||'=1":          "「a'||pg_sleep(5)||'」不是可以使用的查询条件，请删除后再试。",
	} {
		a := h.send("GET", "/api/v1/tickets?"+strings.ReplaceAll(query, "|", "%7C"), h.as("agent"), nil).is(422)
		require.Equal(t, says, a.says())
	}
}

func TestWhatAResidentWritesIsKeptWhateverItIs(t *testing.T) {
	h := openHouse(t)
	token, conversation := h.visit()
	for id, c := range map[string]struct{ body, text string }{
		"nul":       {"{\"client_id\":\"nul\",\"text\":\"水\\u0000黄\"}", "水\uFFFD黄"},
		"broken":    {"{\"client_id\":\"broken\",\"text\":\"水\xff\xfe黄\"}", "水\uFFFD\uFFFD黄"},
		"surrogate": {"{\"client_id\":\"surrogate\",\"text\":\"水\\ud800黄\"}", "水\uFFFD黄"},
		"turned":    {"{\"client_id\":\"turned\",\"text\":\"水\\u202e黄\"}", "水黄"},
	} {
		out := h.send("POST", "/api/v1/webchat/messages", token, c.body).is(202).json()
		require.Equal(t, c.text, out["text"], id)
		var raw []byte
		const q = `SELECT raw FROM messages WHERE conversation_id = $1 AND external_id = $2`
		require.NoError(t, h.store.DB().QueryRow(q, conversation, id).Scan(&raw))
		require.NotEmpty(t, raw, "what came in is kept: "+id)
	}
	out := h.send("POST", "/api/v1/webchat/messages", token, `{"client_id":"plain","text":"水黄"}`).is(202).json()
	require.Equal(t, "水黄", out["text"])
	var raw sql.Null[[]byte]
	require.NoError(t, h.store.DB().QueryRow(`SELECT raw FROM messages WHERE external_id = 'plain'`).Scan(&raw))
	require.Empty(t, raw.V)
}

func TestCompressedBodiesAreRefused(t *testing.T) {
	h := openHouse(t)
	h.send("POST", "/api/v1/login", "", "x", header{"Content-Encoding", "gzip"}).is(415)
}

func TestFormsOfOtherSitesAreNoJSON(t *testing.T) {
	h := openHouse(t)
	h.send("POST", "/api/v1/login", "", `{"username":"agent","password":"x"}`, header{"Content-Type", "text/plain"}).is(415)
}

func TestAnImageIsCleanedAndOnlyForItsConversation(t *testing.T) {
	h := openHouse(t)
	mine, _ := h.visit()
	other, _ := h.visit()
	var picture bytes.Buffer
	require.NoError(t, png.Encode(&picture, image.NewRGBA(image.Rect(0, 0, 4, 4))))

	out := h.upload(mine, picture.Bytes()).is(201).json()
	id := out["id"].(string)
	got := h.send("GET", "/api/v1/webchat/attachments/"+id, mine, nil).is(200)
	require.Equal(t, "attachment", got.Header.Get("Content-Disposition"))
	require.Contains(t, got.Header.Get("Content-Security-Policy"), "sandbox")
	h.send("GET", "/api/v1/webchat/attachments/"+id, other, nil).is(404)
	h.send("GET", "/api/v1/webchat/attachments/"+id, "", nil).is(401)
	h.send("POST", "/api/v1/webchat/messages", mine, map[string]any{"client_id": "1", "attachment_ids": []string{id}}).is(202)
	h.send("POST", "/api/v1/webchat/messages", other, map[string]any{"client_id": "1", "attachment_ids": []string{id}}).is(404)

	a := h.upload(mine, []byte("<html><script>alert(1)</script>")).is(415)
	require.Equal(t, "该文件不是可用的图片，请上传JPG、PNG、WebP或GIF格式的图片。", a.says())
}

func (h *house) upload(token string, data []byte) answer {
	h.t.Helper()
	return h.uploadTo("/api/v1/webchat/attachments", token, data)
}

func (h *house) uploadTo(path, token string, data []byte) answer {
	h.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	f, err := w.CreateFormFile("file", "照片.png")
	require.NoError(h.t, err)
	_, err = f.Write(data)
	require.NoError(h.t, err)
	require.NoError(h.t, w.Close())
	req := httptest.NewRequest("POST", path, &body)
	req.Header.Set("Content-Type", w.FormDataContentType())
	req.Header.Set("Authorization", "Bearer "+token)
	return h.do(req)
}
