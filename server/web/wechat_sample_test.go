package web

import (
	"time"

	"quandesk/channels"
	"quandesk/channels/wechat"
)

// wechatSamples are the pages of the WeChat accounts, and a thread of one. What
// they hold as data has no two letters in a row: every word is read for English.
func wechatSamples() []sample {
	alarms := []alarmRow{
		{ID: 3, Account: "g-1", What: (&wechat.Error{Class: wechat.NotListed, IP: "203.0.113.7"}).Explain(), RID: "6523c1a4-0f3b2c1d", Since: "今天 09:12", Times: 4},
		{ID: 2, Account: "g-1", What: (&wechat.Error{Class: wechat.DayQuota}).Explain(), Since: "昨天 21:40", Times: 1, Cleared: true},
	}
	list := wechatView{
		frame: sampleFrame("微信公众号", wechatHome), Alarms: alarms, Modes: optionsOf(modes, modeNames, wechat.Safe), New: newAccountView{Verified: true},
		Accounts: []wechatRow{{Name: "g-1", Href: "/desk/wechat/g-1", AppID: "0123456789", Mode: "安全（推荐）", Verified: true},
			{Name: "g-2", Href: "/desk/wechat/g-2", AppID: "9876543210", Mode: "明文", Disabled: true}},
	}
	one := wechatAccountView{
		frame: sampleFrame("g-1", wechatHome), Callback: "https://fuwu.example.cn/wechat/g-1", Pages: pagesOf("https://fuwu.example.cn/wechat/g-1/my"), Alarms: alarms[:1], Done: "自检完成，结果在下面。",
		Checks: []checkRow{{"签名", "正常", "green", "签名校验正常；请确认与微信开发者平台填写的令牌一致。"}, {"IP 白名单", "不正常", "red", "请加入白名单。"}},
		Groups: menuGrid(wechat.DefaultMenu()), Figures: figureRows(wechat.Figures{Reachable: 12, Left: 40, Deliveries: map[string]int{"sent": 30, "held": 2}}),
		Scenes: []sceneRow{{"h-1", "历下营业厅", "http://weixin.qq.com/q/1", "https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket=gQ%3D%3D", "永久"}},
	}
	one.fill(wechat.Account{Name: "g-1", AppID: "wx0123456789abcdef", Secret: "abcdef0123456789", Token: "short", AESKey: keyA[:39] + "0123", GhID: "gh_0123456789ab", Mode: wechat.Safe, Verified: true,
		PrevToken: "former", PrevTokenUntil: sampleNow.Add(20 * time.Hour)},
		wechat.Words{Greeting: "欢迎！", Templates: wechat.Templates{TemplateID: "T1", TemplateFields: map[string]string{"1": "{提醒}"}}}, sampleNow)
	letters := thread{now: sampleNow, letters: true, csrf: "token", resend: "/desk/conversations/12/messages/",
		notices: map[int64]wechat.NoticeResult{3: {State: wechat.NoticeSent, Way: wechat.BySubscribe}}}
	said := func(id int64, d channels.Delivery, why string, parts int) channels.Message {
		return channels.Message{ID: id, Author: channels.FromStaff, AuthorName: "王芳", Kind: channels.Text, Text: "您好，已安排人员上门。",
			Delivery: d, Why: why, Parts: parts, CreatedAt: sampleNow.Add(-time.Duration(10-id) * time.Minute)}
	}
	return []sample{
		{"wechat", "page-wechat", list},
		{"wechat-account", "page-wechat-account", one},
		{"quota", "quota", &quotaView{Conversation: 12, Words: "微信还可主动发送1条，明天 09:30前有效", Tone: "amber"}},
		{"letters", "messages", letters.views([]channels.Message{
			said(1, channels.Sent, "", 0), said(2, channels.Failed, string(wechat.NotFollowing), 2), said(3, channels.Held, string(wechat.OutsideTime), 0),
			said(4, channels.Unknown, "", 0), said(5, channels.Held, wechat.WhyOrder, 0),
		})},
	}
}
