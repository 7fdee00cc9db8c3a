package web

import (
	"time"

	"quandesk/channels/phone"
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
		{"call-hours", "page-call-hours", callHoursView{
			frame: sampleFrame("回电时段", "/desk/callbacks"), Problem: "客服热线：「结束时间」填写有误，请核对后再提交。",
			Teams: []callHoursRow{{"客服热线", "08:30", "17:30", 30, 4, false, "默认"}, {"水质管理中心", "09:00", "16:00", 20, 2, true, "李强 2026-11-20 09:00"}},
		}},
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

// sampleRegister is the form in the middle of a call, with what was found.
func sampleRegister(rules *tickets.Rules) registerView {
	site := &Site{Parts: Parts{Desk: tickets.NewDesk(nil, rules, func() time.Time { return sampleNow })}}
	call := phone.Call{CallID: "c-1", Number: "13805310011", RingingAt: ago(2 * time.Minute), AnsweredAt: ago(time.Minute), Agent: tickets.Person{ID: 7}}
	v := newRegister(registration{calls: []phone.Call{call}, outlet: rules.Outlets()[0], outlets: rules.Outlets(), now: sampleNow})
	v.frame, v.ClientID = sampleFrame("登记工单", "/desk/tickets/new"), "made-by-the-server"
	v.Suggest = suggestView{
		CSRF: "token", Asked: true, Set: []suggestion{{"category", "water_quality", "水质"}, {"district", "历下区", "历下区"}},
		Kind: &kindSuggestion{"inquiry", "咨询"}, Problems: []string{"看不出地址在哪个区县或小区，请再问一句。"},
		Same:    []callTicket{site.callTicket(sampleAgent, sampleTicket(), sampleNow)},
		Answers: []answerView{{"投诉多久办好", "投诉件2日内办结。", "营商环境供水服务规范 第11.2条"}},
	}
	return v
}

// sampleCallbacks is a dialling list in the middle of the day.
func sampleCallbacks(rows []ticketRow) callbacksView {
	booked := func(id int64, state tickets.AppointmentState, at time.Time, tries int) callbackRow {
		a := tickets.Appointment{ID: id, Ticket: sampleTicket(), Phone: "13805310011", At: at, NextAt: at, State: state, Tries: tries}
		if tries == 1 {
			a.NextAt = at.Add(9 * time.Minute)
		}
		row := newCallbackRow(sampleAgent, a, sampleNow)
		row.CSRF = "token"
		return row
	}
	moving := booked(5, tickets.CallBooked, sampleNow.Add(time.Hour), 0)
	moving.Move = &moveCallView{Problem: "这个时间的回电已约满，请换一个时间。", Free: []option{{Value: iso(sampleNow.Add(2 * time.Hour)), Label: "今天 16:05", Chosen: true}}}
	return callbacksView{
		ticketsView: ticketsView{frame: sampleFrame("回电与回访", "/desk/callbacks"), Rows: rows},
		Done:        "TS-20261123-0007 已记为接通。", MayHours: true, Waiting: 2,
		Promises: []callbackRow{
			booked(2, tickets.CallKept, sampleNow.Add(-time.Hour), 0), booked(3, tickets.CallFailed, sampleNow.Add(-40*time.Minute), 3),
			booked(4, tickets.CallBooked, sampleNow.Add(-5*time.Minute), 1), moving,
		},
	}
}
