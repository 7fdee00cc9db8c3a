package web

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels"
	"quandesk/channels/wechat"
	"quandesk/channels/wechat/wechattest"
)

const (
	keyA = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	keyB = "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
)

// office is a house with a fake WeChat and an administrator before the page.
func office(t *testing.T) (*house, *browser, *wechattest.API) {
	t.Helper()
	api := wechattest.NewAPI(wechattest.App{AppID: "wx0123456789abcdef", Secret: "CANARYSECRET0001"})
	t.Cleanup(api.Close)
	h := openHouse(t, func(p *Parts) {
		p.Office.Client = wechat.NewClient(wechat.ClientOptions{Base: api.URL, Now: p.Desk.Now})
	})
	b := h.signedIn("admin")
	b.csrf = csrfIn.FindStringSubmatch(b.get("/desk/wechat").is(200).text)[1]
	return h, b, api
}

func added(t *testing.T, b *browser) {
	t.Helper()
	b.post("/desk/wechat", url.Values{"name": {"jinan"}, "appid": {"wx0123456789abcdef"}, "secret": {"CANARYSECRET0001"},
		"token": {"CANARYTOKEN0001"}, "aes_key": {keyA}, "gh_id": {"gh_0123456789ab"}, "mode": {"safe"}, "verified": {"1"}}).is(303)
}

func TestRequirement33AccountsAreAddedDisabledAndTheirKeysChangedWithoutLoss(t *testing.T) {
	h, b, _ := office(t)
	for name, form := range map[string]url.Values{
		"名称":             {"name": {"济南"}, "appid": {"wx1"}, "token": {"abc"}, "mode": {"plain"}},
		"AppID":          {"name": {"a"}, "appid": {""}, "token": {"abc"}, "mode": {"plain"}},
		"EncodingAESKey": {"name": {"a"}, "appid": {"wx1"}, "token": {"abc"}, "mode": {"safe"}, "aes_key": {"short"}},
	} {
		require.Contains(t, b.post("/desk/wechat", form).is(422).text, name)
	}
	kept := b.post("/desk/wechat", url.Values{"name": {"a"}, "appid": {"wx42"}, "gh_id": {"gh_42"}, "token": {"!"}, "mode": {"compatible"}}).is(422).text
	for _, typed := range []string{`value="a"`, `value="wx42"`, `value="gh_42"`, `value="compatible" selected`} {
		require.Contains(t, kept, typed, "bad input loses nothing")
	}
	added(t, b)
	require.Contains(t, b.post("/desk/wechat", url.Values{"name": {"jinan"}, "appid": {"wx2"}, "token": {"abc"}, "mode": {"plain"}}).is(422).text, "重复")
	require.Contains(t, b.post("/desk/wechat", url.Values{"name": {"other"}, "appid": {"wx0123456789abcdef"}, "token": {"abc"}, "mode": {"plain"}}).is(422).text, "AppID")

	b.post("/desk/wechat/jinan/account", url.Values{"aes_key": {keyB}, "secret": {"CANARYSECRET0002"}, "mode": {"safe"}, "verified": {"1"}}).is(200)
	a, ok := h.Office.Accounts.ByName("jinan")
	require.True(t, ok)
	require.Equal(t, keyB, a.AESKey)
	require.Equal(t, keyA, a.PrevAESKey, "WeChat goes on using it for a while")
	require.Equal(t, "CANARYTOKEN0001", a.Token, "what is left empty stays")

	b.post("/desk/wechat/jinan/switch", url.Values{}).is(200)
	_, ok = h.Office.Accounts.ByName("jinan")
	require.False(t, ok, "disabled at once")
	b.post("/desk/wechat/jinan/switch", url.Values{}).is(200)
	page := b.post("/desk/wechat/jinan/account", url.Values{"token": {"CANARYTOKEN0002"}, "mode": {"safe"}}).is(200).text
	require.Contains(t, page, "旧令牌")
	a, _ = h.Office.Accounts.ByName("jinan")
	require.Equal(t, []string{"CANARYTOKEN0002", "CANARYTOKEN0001"}, []string{a.Token, a.GraceToken(time.Now())})
	require.Empty(t, a.GraceToken(time.Now().Add(wechat.Grace)))
	b.post("/desk/wechat/jinan/account", url.Values{"forget": {"1"}, "mode": {"safe"}}).is(200)
	a, ok = h.Office.Accounts.ByName("jinan")
	require.True(t, ok)
	require.Empty(t, a.PrevAESKey)
	require.False(t, a.Verified)

	trail := h.send("GET", "/api/v1/audit", h.as("auditor"), nil).is(200).text
	for _, deed := range []string{"新增", "更换了开发者密码、消息加解密密钥", "已停用", "已启用"} {
		require.Contains(t, trail, deed)
	}
}

func TestT46SecretsCanBeWrittenAndNotRead(t *testing.T) {
	h, b, _ := office(t)
	added(t, b)
	page := b.get("/desk/wechat/jinan").is(200).text
	require.Contains(t, page, "末4位 0001")
	for _, text := range []string{page, b.get("/desk/wechat").text, h.send("GET", "/api/v1/audit", h.as("auditor"), nil).text,
		h.send("GET", "/metrics", "", nil).text} {
		for _, secret := range []string{"CANARYSECRET", "CANARYTOKEN", keyA} {
			require.NotContains(t, text, secret)
		}
	}
	require.NotContains(t, page, `name="api_base"`, "the address of the API is not set here")
}

func TestRequirement34SelfTestAndProbeSayWhatIsWrongInChinese(t *testing.T) {
	_, b, api := office(t)
	added(t, b)
	page := b.post("/desk/wechat/jinan/test", url.Values{}).is(200).text
	for _, line := range []string{"签名", "加密后能解回原文", "能取得接口凭证", "已在白名单内", "没有设置 HUB_PUBLIC_URL", "客服消息", "模板消息", "网页授权", "自定义菜单"} {
		require.Contains(t, page, line)
	}
	require.NotContains(t, page, "不正常")
	api.Force("/cgi-bin/stable_token", wechattest.Force{Code: 40164, Msg: "invalid ip 203.0.113.7, not in whitelist"})
	page = b.post("/desk/wechat/jinan/test", url.Values{}).is(200).text
	require.Contains(t, page, "203.0.113.7")
	require.Contains(t, page, "微信请求编号：6523c1a4-0f3b2c1d-5e6f7a8b")
	api.Forget("/cgi-bin/stable_token")
	api.Force("/cgi-bin/template/get_all_private_template", wechattest.Force{Code: 48001})
	require.Contains(t, b.post("/desk/wechat/jinan/test", url.Values{}).is(200).text, "没有此接口的权限")
}

func TestRequirement35TheMenuIsEditedPreviewedAndPublished(t *testing.T) {
	_, b, api := office(t)
	added(t, b)
	page := b.get("/desk/wechat/jinan").is(200).text
	for _, item := range wechat.Items { // the seven things of clause 10.4 are there from the start
		require.Contains(t, page, item.Name)
		require.Contains(t, page, `value="`+item.Says+`"`, "an editor reads what a tap says, not our key for it")
	}
	b.post("/desk/wechat/jinan/menu", url.Values{"usual": {"1"}, "publish": {"1"}}).is(200)
	menu := string(api.Menu("wx0123456789abcdef"))
	for _, word := range []string{"我要办", "我要查", "我要说", `"type":"click"`, "停水信息"} {
		require.Contains(t, menu, word)
	}
	own := url.Values{"g0": {"缴费"}, "n00": {"网上缴费"}, "a00": {"https://pay.example.cn/"}, "n01": {"怎么缴费"}, "a01": {"水费怎么交"}}
	b.post("/desk/wechat/jinan/menu", own).is(200)
	require.Equal(t, menu, string(api.Menu("wx0123456789abcdef")), "saved, not published")
	own.Set("publish", "1")
	require.Contains(t, b.post("/desk/wechat/jinan/menu", own).is(200).text, "菜单已发布")
	require.Contains(t, string(api.Menu("wx0123456789abcdef")), `{"name":"网上缴费","type":"view","url":"https://pay.example.cn/"}`)
	for why, bad := range map[string]url.Values{
		"5个汉字":     {"g0": {"这个名字太长了吧"}, "n00": {"a"}, "a00": {"b"}},
		"https://": {"g0": {"缴费"}, "n00": {"网页"}, "a00": {"http://user@evil.example/"}},
		"1到3个一级按钮": {},
		"要么填回答内容":  {"g0": {"缴费"}, "n00": {"没有内容"}},
		"下要有1到5项":  {"g0": {"缴费"}},
	} {
		refused := b.post("/desk/wechat/jinan/menu", bad).is(422).text
		require.Contains(t, refused, why)
	}
	api.Force("/cgi-bin/menu/create", wechattest.Force{Code: 48001})
	require.Contains(t, b.post("/desk/wechat/jinan/menu", own).is(422).text, "没有此接口的权限")
}

func TestRequirement35QRScenesGreetingAndTemplates(t *testing.T) {
	h, b, api := office(t)
	added(t, b)
	b.post("/desk/wechat/jinan/scenes", url.Values{"scene": {"hall_lixia"}, "title": {"历下营业厅"}, "days": {"30"}}).is(200)
	calls := api.Calls("/cgi-bin/qrcode/create")
	require.JSONEq(t, `{"action_name":"QR_STR_SCENE","expire_seconds":2592000,"action_info":{"scene":{"scene_str":"hall_lixia"}}}`, calls[0].Body)
	page := b.get("/desk/wechat/jinan").text
	require.Contains(t, page, "历下营业厅")
	require.Contains(t, page, "https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket=gQticket")
	for _, scene := range []string{"", "有空格 的", strings.Repeat("x", 65)} {
		require.Contains(t, b.post("/desk/wechat/jinan/scenes", url.Values{"scene": {scene}}).is(422).text, "场景值")
	}
	b.post("/desk/wechat/jinan/greeting", url.Values{"greeting": {"欢迎！"}}).is(200)
	b.post("/desk/wechat/jinan/templates", url.Values{"template_id": {"T1"}, "template_fields": {"thing1={text}\ncharacter_string2={ticket}\n坏行"}}).is(200)
	b.post("/desk/wechat/jinan/templates", url.Values{"url": {"http://plain.example/"}}).is(422)
	w, err := h.store.WechatWords(t.Context(), "jinan")
	require.NoError(t, err)
	require.Equal(t, "欢迎！", w.Greeting)
	require.Equal(t, map[string]string{"thing1": "{text}", "character_string2": "{ticket}"}, w.Templates.TemplateFields)
}

func TestRequirement31AlarmsStandOnThePageOncePerCauseUntilTheyAreMended(t *testing.T) {
	h, b, _ := office(t)
	added(t, b)
	e := &wechat.Error{Call: "/cgi-bin/message/custom/send", Code: 40164, Class: wechat.NotListed, RID: "rid-1", IP: "203.0.113.7"}
	for range 3 {
		require.NoError(t, h.store.WechatAlarm(t.Context(), "jinan", e))
	}
	require.NoError(t, h.store.WechatAlarm(t.Context(), "jinan", &wechat.Error{Code: 48001, Class: wechat.NotGranted}))
	list, err := h.store.WechatAlarms(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, list, 2, "each cause once")
	page := b.get("/desk/wechat").is(200).text
	require.Contains(t, page, "203.0.113.7")
	require.Contains(t, page, "共3次")
	require.Contains(t, page, "rid-1")
	for _, a := range list {
		b.post("/desk/wechat/alarms/"+jsonNumber(a.ID)+"/clear", url.Values{}).is(303)
	}
	require.NoError(t, h.store.WechatAlarm(t.Context(), "jinan", e))
	list, err = h.store.WechatAlarms(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, list, 3, "the next one is new")
}

func TestRequirement18TheAgentSeesTheQuotaBeforeSendingAndWhatBecameOfEachMessage(t *testing.T) {
	h := openHouse(t)
	in := channels.Inbound{Channel: wechat.Channel, Account: "jinan", From: "oResident", ExternalID: "1", Kind: channels.Text, Text: "水压低",
		Line: &channels.Line{Trigger: string(wechat.ByMessage)}}
	m, _, err := h.store.Receive(t.Context(), in)
	require.NoError(t, err)
	href := conversationHref(m.ConversationID, "")
	b := h.signedIn("agent")
	page := b.get(href).is(200).text
	require.Contains(t, page, "微信还可主动发送5条")
	b.csrf = csrfIn.FindStringSubmatch(page)[1]
	api := "/api/v1/conversations/" + jsonNumber(m.ConversationID)
	quota := h.send("GET", api, h.as("agent"), nil).is(200).json()["quota"].(map[string]any)
	require.Equal(t, 5.0, quota["left"])
	require.Equal(t, "message", quota["trigger"])
	for _, c := range []struct {
		o     channels.Outcome
		words string
	}{
		{channels.Outcome{Delivery: channels.Sent}, "已送达微信"},
		{channels.Outcome{Delivery: channels.Failed, Why: string(wechat.NotFollowing)}, "未送达：居民已取消关注"},
		{channels.Outcome{Delivery: channels.Unknown}, "送达未知"},
		{channels.Outcome{Delivery: channels.Pending, Why: string(wechat.Busy), Again: -time.Hour}, "微信暂时没有受理，稍后自动再发"},
		{channels.Outcome{Delivery: channels.Held, Why: wechat.WhyNotVerified}, "等待居民来信后发出，公众号未认证"},
	} {
		h.send("POST", api+"/messages", h.as("agent"), map[string]any{"client_id": c.words, "text": "您好"}).is(201)
		list, err := h.store.Messages(t.Context(), m.ConversationID, 0, 1, true)
		require.NoError(t, err)
		taken, _, ours, err := h.store.Leave(t.Context(), list[0].ID)
		require.NoError(t, err)
		require.True(t, ours, c.words)
		require.NoError(t, h.store.LeftAs(t.Context(), taken, c.o))
		require.Contains(t, b.get(href).text, c.words)
		require.Contains(t, h.send("GET", api+"/messages", h.as("agent"), nil).text, c.words)
		if c.o.Delivery == channels.Pending { // let the next one pass
			taken, _, _, err = h.store.Leave(t.Context(), taken.ID)
			require.NoError(t, err)
			require.NoError(t, h.store.Left(t.Context(), taken, channels.Sent))
		}
		if c.o.Delivery == channels.Failed {
			b.post(href+"/messages/"+jsonNumber(taken.ID)+"/resend", url.Values{}).is(303)
			taken, _, ours, err = h.store.Leave(t.Context(), taken.ID)
			require.NoError(t, err)
			require.True(t, ours, "sent again because somebody said so")
			require.NoError(t, h.store.Left(t.Context(), taken, channels.Sent))
		}
	}
	require.NoError(t, h.store.Correct(t.Context(), "jinan", "oResident", wechat.OutsideTime))
	require.Contains(t, b.get(href+"/quota").is(200).text, "居民超过48小时没有来信或已取消关注")
}
