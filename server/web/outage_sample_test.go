package web

import (
	"encoding/json"
	"testing"
	"time"

	"quandesk/tickets"
	"quandesk/tickets/outage"
)

// sampleOutages are a notice that runs and was extended, one to come, one that
// is late, and one that is over.
func sampleOutages(t *testing.T) []outage.Notice {
	t.Helper()
	area := func(district string, compounds ...string) outage.Area {
		return outage.Area{Districts: []string{district}, Compounds: compounds}
	}
	form := func(from, to time.Duration, a outage.Area, reason string) outage.Form {
		return outage.Form{Kind: outage.Planned, Area: a, StartAt: sampleNow.Add(from), EndAt: sampleNow.Add(to), Reason: reason, Contact: "客服热线 0531-55501234", Households: 300}
	}
	runs := outage.Notice{No: "TZ-20261122-001", State: outage.Published, Form: form(-5*time.Hour, 3*time.Hour, area("历下区", "甸柳新村三区", "科院小区1-5号楼"), "DN600供水管道改造"),
		FirstEndAt: sampleNow.Add(time.Hour), ExtendReason: "管道接口渗漏，需重新焊接", PublishedAt: ago(60 * time.Hour), CreatedAt: ago(61 * time.Hour), Version: 3, Author: "李强"}
	comes := outage.Notice{No: "TZ-20261123-002", State: outage.Published, Form: form(50*time.Hour, 58*time.Hour, area("市中区", "王官庄小区"), "阀门更换"), PublishedAt: ago(time.Hour), Version: 2}
	late := outage.Notice{No: "TZ-20261123-001", State: outage.Published, Form: form(-8*time.Hour, -time.Hour, outage.Area{Districts: []string{"天桥区"}, Bounds: "东至历山路，西至济泺路"}, "管道爆裂抢修"), PublishedAt: ago(8 * time.Hour), Version: 2}
	late.Kind = outage.Emergency
	over := outage.Notice{No: "TZ-20261121-001", State: outage.Restored, Form: form(-20*time.Hour, -12*time.Hour, area("槐荫区", "南辛庄小区"), "水表更换"), RestoredAt: ago(13 * time.Hour), Version: 3}
	return []outage.Notice{late, runs, comes, over}
}

func outageSamples(t *testing.T, rules *tickets.Rules) []sample {
	list := sampleOutages(t)
	public := newOutages(list, "", "甸柳新村五区5号楼", sampleNow)
	public.Title, public.Action, public.Emergency = "停水通知", "/outages", "96116"
	my := myView{Title: "停水通知", Desk: deskName, Base: "/wechat/main/my", CSRF: "token", Areas: []areaView{{"历下区", 5}}, Outages: newOutages(list, "", "甸柳新村三区5号楼", sampleNow)}
	my.Outages.Action = "/wechat/main/my/outages"
	desk := deskOutagesView{frame: sampleFrame("停水通知", outagesHome), MayWrite: true, Groups: []outageGroup{{Title: "正在停水"}, {Title: "计划停水"}, {Title: "草稿"}, {Title: "近30天已结束"}}}
	for _, n := range list {
		a := &tickets.Announced{Notice: n}
		if n.State == outage.Published {
			a.Deadlines = []tickets.Deadline{{Rule: "R16", Clause: "7.3.1", StartAt: n.EndAt.Add(-30 * time.Minute), DueAt: n.EndAt}}
		}
		g := &desk.Groups[groupOf(n, sampleNow)]
		g.Rows = append(g.Rows, newOutageRow(a, sampleNow))
	}
	form := deskOutageView{frame: sampleFrame("新建停水通知", outagesHome), Action: outagesHome + "/new", ClientID: "made-by-the-server",
		Fields: outageFormFields(list[1].Form, ""), Warnings: warningSentences([]outage.Warning{outage.WarnLate, outage.WarnUnread}), Warned: "late unread"}
	one := deskOutageView{frame: sampleFrame(list[1].No, outagesHome), No: list[1].No, State: "已发布", Version: 3, Facts: outageFacts(list[1]),
		Moves: outageMovesOf(list[1], func(string) string { return "" })}
	shown := newNoticeView(list[1], sampleNow)
	one.Notice = &shown
	one.Clocks = outageClocks(rules, &tickets.Announced{Notice: list[1], Deadlines: []tickets.Deadline{
		{Rule: "R15", Clause: "7.3.1", DueAt: ago(29 * time.Hour), MetAt: ago(60 * time.Hour)},
		{Rule: "R16", Clause: "7.3.1", DueAt: ago(time.Minute), BreachedAt: ago(time.Minute), EndedAt: sampleNow},
		{Rule: "R16", Clause: "7.3.1", DueAt: sampleNow.Add(3 * time.Hour)},
	}}, sampleNow)
	for _, e := range []struct {
		kind tickets.EventKind
		by   tickets.Actor
		data map[string]any
	}{
		{"extended", tickets.Actor{Name: "李强"}, map[string]any{"until": sampleNow.Add(3 * time.Hour), "reason": "管道接口渗漏，需重新焊接"}},
		{tickets.EventBreached, tickets.Clock, map[string]any{"rule": "R16"}},
		{"published", tickets.Actor{Name: "李强"}, map[string]any{"kind": "planned"}},
	} {
		data, _ := json.Marshal(e.data)
		one.Events = append(one.Events, outageEvent(rules, tickets.Event{At: sampleNow, Actor: e.by, Kind: e.kind, Data: data}, sampleNow))
	}
	return []sample{
		{"outages-public", "page-outages", public}, {"outages-wechat", "page-my-outages", my},
		{"outages-desk", "page-desk-outages", desk}, {"outage-form", "page-desk-outage", form}, {"outage-desk", "page-desk-outage", one},
	}
}
