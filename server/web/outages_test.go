package web

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/tickets"
	"quandesk/tickets/outage"
)

// worksBody is a planned outage as programs send it.
func worksBody(from, to time.Time) map[string]any {
	return map[string]any{
		"kind": "planned", "districts": []string{"历下区"}, "streets": []string{"文化东路"}, "compounds": []string{"甸柳新村三区"},
		"start_at": from, "end_at": to, "reason": "供水管道改造", "contact_info": "客服热线0531-55501234", "households": 300,
	}
}

// announce publishes a notice and returns its number.
func (h *house) announce(from, to time.Time) string {
	h.t.Helper()
	body := worksBody(from, to)
	body["publish"], body["late_reason"] = true, "管道突发渗漏"
	return h.send("POST", "/api/v1/outages", h.as("lead"), body).is(201).json()["no"].(string)
}

func TestANoticeIsDraftedPublishedExtendedAndRestoredOverTheAPI(t *testing.T) { // R14–R16
	h := openHouse(t)
	now := h.Desk.Now()
	refused := h.send("POST", "/api/v1/outages", h.as("lead"), map[string]any{"kind": "planned", "publish": true}).is(422)
	require.Equal(t, "请填写「停水范围（区县，和街道、小区或四至）」「停水开始时间」「计划恢复供水时间」「停水原因」「咨询联系方式」。", refused.says())
	h.send("POST", "/api/v1/outages", h.as("agent"), worksBody(now, now.Add(time.Hour))).is(403)

	draft := h.send("POST", "/api/v1/outages", h.as("lead"), worksBody(now.Add(20*time.Hour), now.Add(28*time.Hour))).is(201).json()
	no := draft["no"].(string)
	require.Regexp(t, `^TZ-\d{8}-001$`, no)
	require.Contains(t, draft["warnings"].([]any)[0], "不到24小时")
	path := "/api/v1/outages/" + no
	require.Contains(t, h.send("POST", path+"/publish", h.as("lead"), nil).is(422).says(), "晚于规定时间发布的原因")
	published := h.send("POST", path+"/publish", h.as("lead"), map[string]any{"late_reason": "管道突发渗漏", "version": 1}).is(200).json()
	require.Equal(t, "published", published["state"])
	require.Contains(t, h.send("POST", path+"/publish", h.as("lead"), map[string]any{"version": 1}).is(409).says(), "其他人更新")
	h.send("POST", path+"/change", h.as("lead"), worksBody(now, now.Add(time.Hour))).is(409)
	require.Contains(t, h.send("POST", path+"/extend", h.as("supervisor"), map[string]any{"until": now.Add(20 * time.Hour), "reason": "x"}).is(422).says(), "新的恢复供水时间")
	h.send("POST", path+"/extend", h.as("supervisor"), map[string]any{"until": now.Add(30 * time.Hour), "reason": "接口渗漏"}).is(200)
	seen := h.send("GET", path, h.as("agent"), nil).is(200).json()
	require.Len(t, seen["events"], 3)
	list := h.send("GET", "/api/v1/outages?district="+url.QueryEscape("历下区"), h.as("agent"), nil).is(200).json()
	require.Len(t, list["outages"], 1)
	require.Empty(t, h.send("GET", "/api/v1/outages?district="+url.QueryEscape("天桥区"), h.as("agent"), nil).is(200).json()["outages"])
	h.store.SetClock(func() time.Time { return now.Add(29 * time.Hour) })
	restored := map[string]any{"restored_at": now.Add(28*time.Hour + 30*time.Minute)}
	delete(h.tokens, "lead") // the session has ended meanwhile
	back := h.send("POST", path+"/restore", h.as("lead"), restored)
	require.Equal(t, "restored", back.is(200).json()["state"])
	h.send("GET", "/api/v1/outages/TZ-20200101-001", h.as("lead"), nil).is(404)
}

func TestTheFormWarnsBeforeItSavesAndLosesNothing(t *testing.T) { // R14, R15
	h := openHouse(t)
	k := h.atDesk("lead")
	now := h.Desk.Now().In(tickets.Beijing)
	form := url.Values{
		"kind": {"planned"}, "districts": {"历下区"}, "streets": {"文化东路"}, "households": {"三百"}, "client_id": {"a-1"}, "do": {"publish"},
		"start_at": {now.Add(20 * time.Hour).Format("2006-01-02T15:04")}, "end_at": {now.Add(28 * time.Hour).Format("2006-01-02T15:04")},
	}
	wrong := k.post("/desk/outages/new", form).is(422).text
	require.Contains(t, wrong, "影响户数")
	require.Contains(t, wrong, `value="三百"`, "what was typed is there")
	require.Contains(t, wrong, "文化东路")
	form.Set("households", "300")
	missing := k.post("/desk/outages/new", form).is(422).text
	require.Contains(t, missing, "「停水原因」「咨询联系方式」")
	form.Set("reason", "供水管道改造")
	form.Set("contact", "客服热线0531-55501234")
	warned := k.post("/desk/outages/new", form).is(200).text
	require.Contains(t, warned, "不到24小时")
	require.Contains(t, warned, "确认发布")
	told, err := h.store.ToldOutages(t.Context())
	require.NoError(t, err)
	require.Empty(t, told, "nothing is out before the warning was read")
	form.Set("warned", "late")
	require.Contains(t, k.post("/desk/outages/new", form).is(422).text, "晚于规定时间发布的原因")
	form.Set("late_reason", "管道突发渗漏")
	to := k.post("/desk/outages/new", form).is(303).Header.Get("Location")
	require.Equal(t, to, k.post("/desk/outages/new", form).is(303).Header.Get("Location"), "sent twice is one notice")
	page := k.get(to).is(200).text
	require.Contains(t, page, "已发布")
	require.Contains(t, page, "管道突发渗漏")
	require.Contains(t, k.get("/desk/outages").is(200).text, strings.TrimPrefix(to, "/desk/outages/"))

	require.Contains(t, k.post(to+"/extend", url.Values{"until": {now.Add(30 * time.Hour).Format("2006-01-02T15:04")}}).is(422).text, "延长的原因")
	k.post(to+"/extend", url.Values{"until": {now.Add(30 * time.Hour).Format("2006-01-02T15:04")}, "extend_reason": {"接口渗漏"}}).is(303)
	require.Contains(t, k.get(to).is(200).text, "接口渗漏")
	k.post(to+"/note", url.Values{}).is(404)
	k.post(to+"/withdraw", url.Values{"withdraw_reason": {"改期"}, "version": {"1"}}).is(409)
	k.post(to+"/withdraw", url.Values{"withdraw_reason": {"改期"}}).is(303)
}

func TestADraftIsKeptAndPublishedLater(t *testing.T) {
	h := openHouse(t)
	k := h.atDesk("supervisor")
	to := k.post("/desk/outages/new", url.Values{"kind": {"planned"}, "do": {"save"}, "client_id": {"b"}, "reason": {"改造"}}).is(303).Header.Get("Location")
	require.Contains(t, k.get(to).is(200).text, `value="改造"`)
	now := h.Desk.Now().In(tickets.Beijing)
	form := url.Values{
		"kind": {"planned"}, "districts": {"历下区"}, "compounds": {"甸柳新村三区"}, "reason": {"改造"}, "contact": {"客服热线"}, "do": {"publish"},
		"start_at": {now.Add(60 * time.Hour).Format("2006-01-02T15:04")}, "end_at": {now.Add(68 * time.Hour).Format("2006-01-02T15:04")},
	}
	k.post(to+"/change", form).is(303)
	require.Contains(t, k.get(to).is(200).text, "已发布")
	require.NotContains(t, h.atDesk("agent").get(to).is(200).text, "<form class=\"sheet\"", "an agent reads and changes nothing")
}

func TestResidentsFindTheirOutage(t *testing.T) {
	h := openHouse(t)
	now := h.Desk.Now()
	running := h.announce(now.Add(-time.Hour), now.Add(5*time.Hour))
	page := h.send("GET", "/outages", "", nil).is(200).text
	for _, want := range []string{running, "正在停水", "文化东路", "供水管道改造", "更新时间", "客服热线0531-55501234"} {
		require.Contains(t, page, want)
	}
	mine := h.send("GET", "/outages?q="+url.QueryEscape("文化东路63号"), "", nil).is(200).text
	require.Contains(t, mine, "文化东路63号在停水通知的范围里")
	perhaps := h.send("GET", "/outages?q="+url.QueryEscape("甸柳新村5号楼"), "", nil).is(200).text
	require.Contains(t, perhaps, "可能包括您那里")
	none := h.send("GET", "/outages?q="+url.QueryEscape("王官庄小区"), "", nil).is(200).text
	require.Contains(t, none, "没有查到您所在位置的停水通知")
	require.Contains(t, none, "不代表没有停水")
	require.Contains(t, none, `name="nowater" value="王官庄小区"`, "one tap from the report")
	require.NotContains(t, h.send("GET", "/outages?district="+url.QueryEscape("天桥区"), "", nil).is(200).text, running)
	require.NotContains(t, h.send("GET", "/outages?q="+url.QueryEscape(`"><script>alert(1)</script>`), "", nil).is(200).text, "<script>alert")
	chat := h.send("GET", "/?nowater="+url.QueryEscape("王官庄小区"), "", nil).is(200).text
	require.Contains(t, chat, "我家没水了，地址：王官庄小区</textarea>")

	_, err := h.Outages.Make(t.Context(), tickets.OutageChange{By: tickets.Actor{Kind: tickets.ByStaff, Supervises: true}, No: running},
		func(n *outage.Notice, at time.Time) ([]outage.Event, error) { return n.Withdraw("改期", at) })
	require.NoError(t, err)
	require.NotContains(t, h.send("GET", "/outages", "", nil).is(200).text, running)
}

func TestInsideWechatOneFindsTheOutageAndReportsOnce(t *testing.T) {
	h := openHouse(t)
	now := h.Desk.Now()
	no := h.announce(now.Add(-time.Hour), now.Add(5*time.Hour))
	p := h.phone()
	p.enter("", "code-of-o-1").is(303)
	require.Contains(t, p.open("GET", "/wechat/main/my/outages", nil).is(200).text, no)
	require.Contains(t, p.open("GET", "/wechat/main/my/outages?q="+url.QueryEscape("王官庄小区"), nil).is(200).text, "没有查到您所在位置的停水通知")
	post := func(form url.Values) answer {
		form.Set("_csrf", p.csrf())
		return p.open("POST", "/wechat/main/my/outages", form)
	}
	require.Contains(t, post(url.Values{"address": {"王官庄小区3号楼"}, "phone": {"12"}}).is(422).text, "王官庄小区3号楼", "what was typed is kept")
	post(url.Values{"phone": {"13812345678"}}).is(422)
	first := post(url.Values{"address": {"王官庄小区3号楼"}, "phone": {"13812345678"}}).is(200).text
	require.Contains(t, first, "已登记报修，单号TS-")
	post(url.Values{"address": {"王官庄小区3号楼"}, "phone": {"13812345678"}}).is(200)
	page, err := h.store.List(t.Context(), tickets.Everything, tickets.Filter{})
	require.NoError(t, err)
	require.Len(t, page.Tickets, 1, "said twice is one ticket")
}

func TestTheClocksOfANoticeRingAtTheDesk(t *testing.T) { // R16
	h := openHouse(t)
	now := h.Desk.Now()
	no := h.announce(now.Add(-5*time.Hour), now.Add(2*time.Minute))
	h.store.SetClock(minutesAhead(5))
	_, err := h.Desk.Sweep(t.Context())
	require.NoError(t, err)
	for who, hears := range map[string]bool{"lead": true, "supervisor": true, "agent": false} {
		page := h.atDesk(who).get("/desk/notices").is(200).text
		require.Equal(t, hears, strings.Contains(page, `href="/desk/outages/`+no+`"`), who)
	}
}

// atDesk is a person at the desk, with a page's token.
func (h *house) atDesk(username string) *browser {
	b := h.signedIn(username)
	b.csrf = csrfIn.FindStringSubmatch(b.get("/desk/outages").is(200).text)[1]
	return b
}
