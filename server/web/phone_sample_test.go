package web

import (
	"time"

	"quandesk/tickets"
)

// phoneSamples are the pages and partials of the telephone.
func phoneSamples(rules *tickets.Rules) []sample {
	site := &Site{Parts: Parts{Desk: tickets.NewDesk(nil, rules, func() time.Time { return sampleNow })}}
	ringing := callView{
		CallID: "c-1", CSRF: "token", Tone: "ring", State: "来电振铃", At: "14:05", Number: "138****0011", Name: "刘**",
		Before: "此前来电2次，上次今天 09:12，其中未接1次", Urgent: true, Register: "/desk/tickets/new?call=c-1",
		Open:   []callTicket{site.callTicket(sampleAgent, sampleTicket(), sampleNow)},
		Closed: []callTicket{site.callTicket(sampleAgent, settledTicket(), sampleNow)}, More: 2,
		Talks: []callTalk{{Href: "/desk/conversations/12", Words: "网页 今天 13:50 水是黄的"}},
	}
	talking := ringing
	talking.Tone, talking.State, talking.At, talking.CanLink = "talk", "来电通话中", "14:05 接通", true
	unknown := callView{CallID: "c-2", CSRF: "token", Tone: "ring", State: "来电振铃", At: "14:06", Number: "0531-****8888", Before: "首次来电", Unknown: "没有这个号码的工单和会话记录。", Register: "/desk/tickets/new?call=c-2"}
	topic := "calls:user:7"
	return []sample{
		{"calls", "calls", callsView{Topic: topic, Calls: []callView{ringing}}},
		{"calls-talking", "calls", callsView{Topic: topic, Calls: []callView{talking, unknown}}},
		{"calls-none", "calls", callsView{Topic: topic}},
		{"phones", "page-phones", phonesView{
			frame: sampleFrame("话机与密钥", "/desk/phones"), Done: "密钥“总机”已发放。下面的密钥只显示这一次，请立即保存。", Key: "0123456789",
			People: []phoneRow{{"wangfang", "王芳", "坐席", "8001"}, {"chenqiang", "陈强", "坐席 · 管网运行部", ""}},
			Keys: []keyRow{
				{ID: 2, Name: "总机", Scope: "报送话务事件", Made: "2026-11-23 14:00 吴磊", Used: "未使用"},
				{ID: 1, Name: "旧总机", Scope: "报送话务事件", Made: "2026-10-02 09:00 吴磊", Used: "昨天 18:00", Ended: "2026-11-01 10:00"},
			},
		}},
	}
}
