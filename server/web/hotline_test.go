package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"

	"quandesk/channels/hotline12345"
)

// aPush is an order of the platform; fields given replace or add.
func aPush(more map[string]any) string {
	all := map[string]any{
		"HotLineWorkNumber": "260302093015001204", "MessageType": "0", "linkPerson": "李桂兰", "linkPhone": "13812345678",
		"address": "历下区文化东路88号", "ldlbid": "投诉", "content": "家中自来水发黄两天。", "sendTime": "2026-03-02 09:35:00",
		"endDate": "2027-03-09 18:00:00", "isSecret": "0",
	}
	for k, v := range more {
		all[k] = v
	}
	b, err := json.Marshal(all)
	if err != nil {
		panic(err)
	}
	return string(b)
}

var nonces struct {
	sync.Mutex
	n int
}

// sealed are the headers of a push; the nonce is a new one.
func sealed(body string) []header {
	nonces.Lock()
	defer nonces.Unlock()
	nonces.n++
	return sealedAt(time.Now(), fmt.Sprintf("nonce-%08d", nonces.n), body)
}

func sealedAt(at time.Time, nonce, body string) []header {
	ts := fmt.Sprint(at.Unix())
	return []header{{timestampHeader, ts}, {nonceHeader, nonce}, {signatureHeader, hotline12345.Sign(citySecret, ts, nonce, []byte(body))}}
}

func (h *house) order(body string) answer {
	h.t.Helper()
	return h.send("POST", ordersPath, "", body, sealed(body)...)
}

func TestASignedPushIsATicketWithItsClocks(t *testing.T) {
	h := openHouse(t)
	out := h.order(aPush(map[string]any{"gdmyd": 5})).is(201).json()
	require.Equal(t, "opened", out["result"])
	no := out["ticket_no"].(string)
	k := h.send("GET", "/api/v1/tickets/"+no, h.as("agent"), nil).is(200).json()
	require.Equal(t, []any{"12345", "260302093015001204", "complaint"}, []any{k["source"], k["external_no"], k["kind"]})
	rules := map[string]string{}
	for _, d := range k["deadlines"].([]any) {
		rules[d.(map[string]any)["rule"].(string)] = d.(map[string]any)["due_at"].(string)
	}
	require.Contains(t, rules, "R01")
	require.Contains(t, rules, "R02")
	require.Equal(t, "2027-03-09T18:00:00+08:00", rules["D02"], "the order's own term runs beside them")
	list := h.send("GET", "/api/v1/tickets?q=260302093015001204", h.as("agent"), nil).is(200)
	require.Contains(t, list.text, no)
	page := h.send("GET", "/desk/tickets/"+no, h.as("agent"), nil).is(200)
	require.Contains(t, page.text, "260302093015001204")
	require.Contains(t, page.text, "2027-03-09 18:00")

	require.Equal(t, "known", h.order(aPush(map[string]any{"gdmyd": 5})).is(200).json()["result"])
	urged := h.order(aPush(map[string]any{"MessageType": "1", "content": "市民再次来电催办"})).is(200).json()
	require.Equal(t, []any{"urged", no, 1.0}, []any{urged["result"], urged["ticket_no"], urged["urges"]})
	notices := h.send("GET", "/api/v1/notices", h.as("agent"), nil).is(200)
	require.Contains(t, notices.text, no)
	conflict := h.order(aPush(map[string]any{"content": "家中自来水发黄三天。"})).is(409)
	require.Equal(t, "conflict", conflict.code())
	require.Equal(t, no, conflict.json()["ticket_no"])
	require.NotContains(t, conflict.text, "两天", "what we have is not told")
	require.Equal(t, "parked", h.order(aPush(map[string]any{"HotLineWorkNumber": "260302093015001299", "MessageType": "4"})).is(202).json()["result"])
}

func TestT06APushIsSignedFreshOnceAndFromTheCity(t *testing.T) {
	h := openHouse(t)
	body := aPush(nil)
	now := time.Now()
	for _, x := range []struct {
		name    string
		headers []header
		status  int
		code    string
	}{
		{"no signature", nil, 401, "unsigned"},
		{"301 seconds old", sealedAt(now.Add(-301*time.Second), "nonce-old-1", body), 401, "timestamp"},
		{"301 seconds ahead", sealedAt(now.Add(302*time.Second), "nonce-new-1", body), 401, "timestamp"},
		{"of another body", sealedAt(now, "nonce-other", body+" "), 401, "signature"},
		{"a nonce that is none", sealedAt(now, "n", body), 401, "nonce"},
	} {
		a := h.send("POST", ordersPath, "", body, x.headers...).is(x.status)
		require.Equal(t, x.code, a.code(), x.name)
		require.NotEmpty(t, a.says(), x.name)
	}
	once := sealedAt(now, "nonce-once", body)
	first := h.send("POST", ordersPath, "", body, once...).is(201).json()
	again := h.send("POST", ordersPath, "", body, once...).is(409)
	require.Equal(t, "replayed", again.code())
	for _, field := range []string{"result", "ticket_no", "external_no", "event_type"} {
		require.Equal(t, first[field], again.json()[field], "a replay is answered with the first result")
	}
	other := aPush(map[string]any{"content": "别的内容"})
	require.Equal(t, "nonce_reused", h.send("POST", ordersPath, "", other, sealedAt(now, "nonce-once", other)...).is(409).code())
	list := h.send("GET", "/api/v1/tickets", h.as("supervisor"), nil).is(200).json()
	require.Len(t, list["tickets"], 1)
}

func TestT06OnlyTheAddressesOf12345Push(t *testing.T) {
	body := aPush(nil)
	for _, x := range []struct {
		name     string
		allow    []string
		trusted  []string
		forwards string
		status   int
	}{
		{"from the city", []string{"0.0.0.0/32", "10.1.0.0/16"}, nil, "", 201}, // the test's own address
		{"from elsewhere", []string{"10.1.0.0/16"}, nil, "", 403},
		{"a stranger who says he is the city", []string{"10.1.0.0/16"}, nil, "10.1.0.7", 403},
		{"through our proxy", []string{"10.1.0.0/16"}, []string{"0.0.0.0"}, "10.1.0.7", 201},
		{"through our proxy from elsewhere", []string{"10.1.0.0/16"}, []string{"0.0.0.0"}, "10.1.0.7, 192.0.2.9", 403},
	} {
		t.Run(x.name, func(t *testing.T) {
			h := openHouse(t, func(p *Parts) { p.Hotline.Allow, p.Options.TrustedProxies = x.allow, x.trusted })
			headers := sealed(body)
			if x.forwards != "" {
				headers = append(headers, header{"X-Forwarded-For", x.forwards})
			}
			h.send("POST", ordersPath, "", body, headers...).is(x.status)
			if x.status == 403 {
				require.Equal(t, "address", h.send("POST", ordersPath, "", body).is(403).code(), "before anything else is looked at")
			}
		})
	}
}

func TestWithoutAKeyNothingIsTaken(t *testing.T) {
	h := openHouse(t, func(p *Parts) { p.Hotline.Secret = "" })
	body := aPush(nil)
	require.Equal(t, "12345工单推送接口尚未启用：系统没有设置密钥，请联系管理员。", h.send("POST", ordersPath, "", body, sealed(body)...).is(401).says())
}

func TestF20BadPushesAreRefusedWithASentence(t *testing.T) {
	h := openHouse(t)
	for _, x := range []struct {
		body   string
		status int
		says   string
	}{
		{`{"content":"x"}`, 422, "没有工单编号。"},
		{aPush(map[string]any{"content": ""}), 422, "没有诉求内容。"},
		{aPush(map[string]any{"MessageType": "9"}), 422, "办理单类型“9”不认识，应为办理单、催办单、退回办理单、重新办理单、督办单或补充材料。"},
		{aPush(map[string]any{"MessageType": "201"}), 422, "这是已经办过的工单，本系统中没有它，不能作为新工单登记。"},
		{aPush(map[string]any{"endDate": "月底"}), 422, "办理时限“月底”不是日期，应像 2026-01-31 09:30 这样写。"},
		{`{"content":"x","content":"y"}`, 400, "JSON 中的字段“content”重复。"},
		{aPush(nil) + "{}", 400, "JSON 对象之后还有多余的内容。"},
		{"<xml/>", 400, "内容应为一个 JSON 对象。"},
		{strings.Repeat("x", maxBody+1), 413, "提交的内容太大，请精简后再试。"},
	} {
		require.Equal(t, x.says, h.order(x.body).is(x.status).says())
	}
	gbk, err := simplifiedchinese.GB18030.NewEncoder().String(aPush(nil))
	require.NoError(t, err)
	no := h.order(gbk).is(201).json()["ticket_no"].(string)
	require.Contains(t, h.send("GET", "/api/v1/tickets/"+no, h.as("agent"), nil).is(200).text, "家中自来水发黄两天。")
}

// complainant is what of the person that only the handler and supervisors may know.
var complainant = []string{"李桂兰", "13812345678", "文化东路88号"}

func TestT14AConfidentialOrderIsSecretFromItsFirstMoment(t *testing.T) {
	var log bytes.Buffer
	h := openHouse(t, func(p *Parts) { p.Options.Log = slog.New(slog.NewJSONHandler(&log, nil)) })
	secret := map[string]any{"isSecret": "1", "content": "我是李桂兰，住文化东路88号，电话13812345678，水发黄。"}
	no := h.order(aPush(secret)).is(201).json()["ticket_no"].(string)
	h.order(aPush(map[string]any{"isSecret": "1", "MessageType": "1", "content": "李桂兰再次来电，13812345678"})).is(200)
	h.order(aPush(map[string]any{"isSecret": "1", "linkPerson": "李桂芳", "content": "换了内容，文化东路88号"})).is(409)
	h.order(aPush(map[string]any{"isSecret": "1", "HotLineWorkNumber": "260302093015001277", "MessageType": "1", "content": "李桂兰，13812345678"})).is(202)
	for _, path := range []string{"/api/v1/tickets", "/api/v1/tickets/" + no, "/api/v1/conversations?view=all", "/api/v1/notices",
		"/desk?view=all", "/desk/list?view=all", "/desk/tickets", "/desk/tickets/" + no, "/desk/tickets/" + no + "/card", "/desk/notices",
		"/api/v1/tickets?q=260302093015001204"} {
		a := h.send("GET", path, h.as("agent"), nil).is(200)
		for _, s := range complainant {
			require.NotContains(t, a.text, s, path)
		}
	}
	for _, q := range []string{"13812345678", "李桂兰", "文化东路88号"} {
		for _, path := range []string{"/api/v1/tickets?q=", "/api/v1/conversations?view=all&q="} {
			a := h.send("GET", path+url.QueryEscape(q), h.as("agent"), nil).is(200)
			require.NotContains(t, a.text, no, "%s%s tells whose it is", path, q)
		}
	}
	require.Contains(t, h.send("GET", "/desk/tickets/"+no, h.as("supervisor"), nil).is(200).text, "文化东路88号", "a supervisor sees it")
	waiting := h.send("GET", "/desk/orders", h.as("lead"), nil).is(200).text
	for _, s := range complainant {
		require.NotContains(t, log.String(), s, "the log")
		require.NotContains(t, waiting, s, "what waits")
	}
}

// upload sends a file as a browser does and returns where its preview is.
func (b *browser) upload(name, file string) answer {
	b.house.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	require.NoError(b.house.t, w.WriteField("_csrf", b.csrf))
	f, err := w.CreateFormFile("file", name)
	require.NoError(b.house.t, err)
	_, err = io.WriteString(f, file)
	require.NoError(b.house.t, err)
	require.NoError(b.house.t, w.Close())
	return b.ask("POST", ordersUpload, w.FormDataContentType(), body.Bytes())
}

const fileOfOrders = "12345工单编号,12345内容描述,12345工单类型,联系电话\n" +
	"260302093015000001,\"<b>水发黄</b>\n两天\",投诉,13812345678\n" +
	"2.60302E+17,停水,投诉,13812345678\n" +
	"260302093015001204,家中自来水发黄三天。,投诉,\n"

func TestAFileIsShownRowByRowAndTakenOnce(t *testing.T) {
	h := openHouse(t)
	h.order(aPush(nil)).is(201)
	b := h.signedIn("lead")
	at := b.upload("三月.csv", fileOfOrders).is(303).Header.Get("Location")
	page := b.get(at).is(200).text
	for _, says := range []string{"三月.csv", "新增 1", "已有 0", "有变化 1", "有误 1", "第4行", "”的末尾数字已经丢失",
		"已经登记，内容不同：诉求内容。导入后不覆盖，提请人工核对。", "&lt;b&gt;水发黄"} {
		require.Contains(t, page, says)
	}
	require.NotContains(t, page, "<b>水发黄")
	wrong := b.get(at + "?show=wrong").is(200).text
	require.Contains(t, wrong, "第3行")
	require.NotContains(t, wrong, "第2行")

	require.Contains(t, b.post(at, url.Values{"do": {"confirm"}}).is(422).text, "文件里有不能导入的行")
	var wg sync.WaitGroup
	statuses := make([]int, 2)
	for i := range statuses {
		wg.Go(func() { statuses[i] = b.post(at, url.Values{"do": {"confirm"}, "skip": {"1"}}).StatusCode })
	}
	wg.Wait()
	assert.ElementsMatch(t, []int{303, 409}, statuses, "one of two wins")
	require.Contains(t, b.get(at).is(200).text, "已导入：新登记工单1件，内容不同、待核对1件。")
	again := b.upload("三月.csv", fileOfOrders).is(303).Header.Get("Location")
	require.Contains(t, b.get(again).is(200).text, "新增 0")
	b.post(again, url.Values{"do": {"drop"}}).is(303)
	b.post(again, url.Values{"do": {"confirm"}, "skip": {"1"}}).is(409)
	require.Contains(t, b.get(ordersHome).is(200).text, "未导入")
	h.send("GET", at, h.as("agent"), nil).is(403)
}

func TestWhatIsNoFileOfOrdersIsRefusedOnThePage(t *testing.T) {
	h := openHouse(t)
	b := h.signedIn("supervisor")
	for name, x := range map[string][2]string{
		"a PDF":      {"%PDF-1.7", "PDF 文件不能导入，请用原来的表格文件。"},
		"an old one": {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "这是旧版表格（.xls）"},
		"nothing":    {"", "请选择要导入的文件。"},
		"a picture":  {"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "文件的编码看不懂"},
	} {
		require.Contains(t, b.upload("x.xlsx", x[0]).is(422).text, x[1], name)
	}
}

func TestAConflictIsDecidedOnTheTicket(t *testing.T) {
	h := openHouse(t)
	no := h.order(aPush(nil)).is(201).json()["ticket_no"].(string)
	h.order(aPush(map[string]any{"content": "家中自来水发黄三天。"})).is(409)
	agent := h.send("GET", "/desk/tickets/"+no, h.as("agent"), nil).is(200).text
	require.Contains(t, agent, "待值班长或主管核对")
	require.NotContains(t, agent, "采用新内容")
	b := h.signedIn("lead")
	page := b.get("/desk/tickets/" + no).is(200).text
	require.Contains(t, page, "家中自来水发黄两天。 → 家中自来水发黄三天。")
	b.post("/desk/tickets/"+no+"/orders/2", url.Values{"take": {"1"}}).is(303)
	require.Contains(t, b.get("/desk/tickets/"+no).is(200).text, "采用了新内容")
	b.post("/desk/tickets/"+no+"/orders/2", url.Values{}).is(409)
	b.post("/desk/tickets/"+no+"/orders/1", url.Values{}).is(404)
}

func TestAClerkRegistersAnOrder(t *testing.T) {
	h := openHouse(t)
	b := h.signedIn("agent")
	form := url.Values{"client_id": {"c1"}, "external_no": {"260302093015001204"}, "event_type": {"handle"}, "demand_type": {"投诉"},
		"content": {"家中自来水发黄"}, "contact_phone": {"13812345678"}, "external_due": {"2027-03-09T18:00"}, "confidential": {"1"}, "urgency": {"特急"}}
	at := b.post(ordersHome+"/new", form).is(303).Header.Get("Location")
	require.Equal(t, at, b.post(ordersHome+"/new", form).is(303).Header.Get("Location"), "the same form twice is one order")
	page := b.get(at).is(200).text
	for _, says := range []string{"260302093015001204", "2027-03-09 18:00", "人工登记", "保密", "紧急"} {
		require.Contains(t, page, says)
	}
	for field, x := range map[string][2]string{
		"external_no": {"", "没有工单编号。"}, "content": {"", "没有诉求内容。"}, "demand_type": {"", "请选择诉求类型。"},
		"external_due": {"昨天", "办理时限“昨天”不是日期"}, "event_type": {"撤单", "办理单类型“撤单”不认识"}, "category": {"none", "「问题类别」填写有误"},
	} {
		bad := url.Values{}
		for k, v := range form {
			bad[k] = v
		}
		bad.Set("client_id", "bad-"+field)
		bad.Set("external_no", "260302093015001205")
		bad.Set(field, x[0])
		refused := b.post(ordersHome+"/new", bad).is(422).text
		require.Contains(t, refused, x[1], field)
		require.Contains(t, refused, `value="13812345678"`, "what was typed is still there")
	}
	urge := url.Values{"client_id": {"c2"}, "external_no": {"260302093015001204"}, "event_type": {"urge"}, "content": {"再次来电"}}
	require.Equal(t, at, b.post(ordersHome+"/new", urge).is(303).Header.Get("Location"))
	waits := url.Values{"client_id": {"c3"}, "external_no": {"260302093015001299"}, "event_type": {"urge"}, "content": {"再次来电"}}
	require.Contains(t, b.post(ordersHome+"/new", waits).is(200).text, "尚未收到原工单，已暂存")
}

func TestOneNumberIsOneTicketHoweverItComes(t *testing.T) {
	h := openHouse(t)
	no := h.register("agent", map[string]any{"source": "12345", "channel": "12345", "external_no": "260302093015001204"})
	twice := h.send("POST", "/api/v1/tickets", h.as("agent"), complaintOf(map[string]any{"source": "12345", "channel": "12345", "external_no": "260302093015001204"})).is(422)
	require.Equal(t, "「外部工单编号」已经登记过，请在工单列表中按编号查询。", twice.says())
	require.Equal(t, no, h.order(aPush(map[string]any{"MessageType": "1"})).is(200).json()["ticket_no"])
}
