package web

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"quandesk/server/auth"
	"quandesk/tickets"
)

var update = flag.Bool("update", false, "write the golden files anew")

func plainAddress(name string) string { return "/static/" + name }

func sampleFrame(title, here string) frame {
	f := frame{
		Title: title, Desk: deskName, CSRF: "token", Now: sampleNow.UnixMilli(),
		User: userView{Name: "王芳", Role: "坐席"}, Bell: bellView{Topics: "notices:user:7 notices:role:agent", Count: 3, Words: "3"},
	}
	for _, p := range places {
		if sampleLead.Can(p.action) {
			f.Nav = append(f.Nav, navView{Href: p.href, Label: p.label, Icon: p.icon, Current: p.href == here})
		}
	}
	return f
}

type sample struct {
	file     string // of testdata
	template string
	view     any
}

// samples is every page and partial with something in it.
func samples(t *testing.T) []sample {
	rules := sampleRules(t)
	card := func(k *tickets.Ticket, u auth.User) ticketView {
		return newTicketView(k, sampleEvents(), rules, u, sampleNow)
	}
	open := card(sampleTicket(), sampleAgent)
	fresh := open
	fresh.OOB = true
	matters := map[string]*tickets.Ticket{"TS-20261123-0007": sampleTicket()}
	desk := thread{images: "/desk/conversations/12/images/", now: sampleNow, customer: "刘桂兰"}
	resident := thread{images: "/chat/images/", now: sampleNow, matters: matters, resident: true, csrf: "token"}
	form := func(m tickets.Move) formView {
		f, _ := formOf(m)
		return sampleForm(f, sampleTicket())
	}
	stale := form(tickets.MoveContact)
	stale.Stale, stale.Problem = true, "这张工单刚刚有更新，上方已是最新内容。您填写的内容还在，请核对后再次提交。"
	bad := form(tickets.MoveSettle)
	bad.blame(describe(&tickets.InputError{Field: "measures", Problem: tickets.TooShort}))
	chat := chatView{
		Title: "在线客服", Desk: deskName, Emergency: "96116", CSRF: "token", ClientID: "made-by-the-server", Conversation: 12,
		State: chatStateView{Words: "工作人员王芳正在为您服务。", Human: true}, Messages: resident.views(sampleMessages()), Quick: quick,
	}
	empty := chat
	empty.Messages, empty.State, empty.Emergency = nil, chatStateView{}, ""
	list := sampleList(rules)
	k := sampleConversations()[1]
	conversation := threadView{
		Conversation: newHead(k, sampleAgent), Messages: desk.views(sampleMessages()), CanWrite: true, CSRF: "token", ClientID: "made-by-the-server",
		Matters: mattersView{Conversation: 12, Tickets: []ticketView{open}, CanOpen: true},
	}
	opened := list
	opened.Rows = append([]rowView(nil), list.Rows...)
	opened.Rows[1].Current = true
	refreshed := list
	refreshed.OOB, refreshed.More = true, "/desk/list?cursor=abc&view=open"
	tables := sampleTickets(rules)
	notices := noticesView{frame: sampleFrame("提醒", ""), Groups: []noticeGroup{
		{No: "TS-20261123-0003", Kind: "超时", Tone: "red", Sentence: "漏水报告30分钟内到达现场（第7.3.3条），应于今天 14:02前完成", At: "今天 14:02"},
		{No: "TS-20261123-0007", Kind: "时限预警", Tone: "amber", Sentence: "投诉20分钟内由工作人员联系（第11.2条），应于今天 14:11前完成", At: "今天 14:01", More: 1},
	}, Hidden: "另有4项未显示，请在工单列表中按“已超时”查询。"}
	register := sampleRegister(rules)
	failure := failureView{Title: "未能完成", Desk: deskName, Heading: "没有找到", Message: "您查看的内容不存在，或不在您的权限范围内。", RequestID: "K7Q2M4XN8P3R5T6V", Back: "/desk", BackLabel: "返回工作台"}
	return append([]sample{
		{"chat", "page-chat", chat},
		{"chat-empty", "page-chat", empty},
		{"chat-messages", "chat-messages", resident.views(sampleMessages()[4:6])},
		{"chat-state", "chat-state", chat.State},
		{"about", "page-about", chatView{Title: "服务说明", Desk: deskName, Emergency: "96116", Model: "示例模型（备案号：示例0001）"}},
		{"login", "page-login", loginView{Title: "登录", Desk: deskName, Next: "/desk", Username: "wangfang", Problem: "用户名或密码不正确。"}},
		{"failure-page", "page-failure", failure},
		{"failure", "failure", failure},
		{"inbox", "page-inbox", inboxView{frame: sampleFrame("会话", "/desk"), List: opened, Thread: conversation}},
		{"inbox-empty", "page-inbox", inboxView{frame: sampleFrame("会话", "/desk"), List: list}},
		{"list", "list", refreshed},
		{"thread", "thread", conversation},
		{"talk-head", "talk-head", newHead(sampleConversations()[0], sampleAgent)},
		{"messages", "messages", desk.views(sampleMessages()[7:])},
		{"matters-none", "matter-list", mattersView{Conversation: 18, CanOpen: true}},
		{"ticket-page", "page-ticket", ticketPageView{frame: sampleFrame("工单", "/desk/tickets"), Ticket: card(settledTicket(), sampleLead)}},
		{"ticket-form", "page-ticket", ticketPageView{frame: sampleFrame("工单", "/desk/tickets"), Ticket: open, Form: &bad}},
		{"ticket-fresh", "ticket-fresh", fresh},
		{"ticket-own-callback", "ticket", card(settledTicket(), sampleAgent)},
		{"ticket-confidential", "ticket", card(lateTicket(), sampleAgent)},
		{"moved", "moved", movedView{Done: "已完成：记录联系", Ticket: fresh}},
		{"form-contact", "form", form(tickets.MoveContact)},
		{"form-callback", "form", form(tickets.MoveCallback)},
		{"form-stale", "form-stale", staleView{Form: stale, Ticket: fresh}},
		{"reveal", "reveal", revealView{No: "TS-20261123-0007", Name: "刘桂兰", Number: "13805310011"}},
		{"tickets", "page-tickets", tables},
		{"callbacks", "page-callbacks", sampleCallbacks(tables.Rows[1:2])},
		{"register", "page-register", register},
		{"ledger", "page-ledger", sampleLedger()},
		{"audit", "page-audit", sampleAudit()},
		{"notices", "notices-opened", notices},
		{"notices-page", "page-notices", notices},
		{"bell", "bell", notices.Bell},
	}, slices.Concat(phoneSamples(rules), knowledgeSamples(), orderSamples(t), reportSamples(rules), wechatSamples(), outageSamples(t, rules))...)
}

func sampleForm(f moveForm, k *tickets.Ticket) formView {
	return newForm(f, &deskForm{
		ticket: k,
		people: []tickets.Person{{ID: 7, Name: "王芳"}, {ID: 9, Name: "赵磊"}},
	}, "token")
}

func sampleList(rules *tickets.Rules) listView {
	counts := map[string]int{"open": 12, "waiting": 3, "mine": 5, "bot": 8, "resolved": 40, "all": 1000}
	v := listView{
		View: "open", Views: viewsOf("open", counts, nil), Waiting: 3, DueFirst: true,
		Channels:    pick{"channel", "渠道", optionsOf([]string{"webchat", "wechat"}, channelNames, "")},
		Categories:  pick{"category", "类别", optionsOf(tickets.Categories, categoryNames, "")},
		Departments: pick{"department", "责任部门", plainOptions(tickets.Departments, "")},
		Empty:       "没有待处理的会话。",
	}
	for _, k := range sampleConversations() {
		v.Rows = append(v.Rows, newRow(k, "view=open", rules, sampleNow))
	}
	return v
}

func sampleTickets(rules *tickets.Rules) ticketsView {
	v := ticketsView{
		frame: sampleFrame("工单", "/desk/tickets"), Empty: "没有相符的工单。", More: "/desk/tickets?cursor=abc",
		Picks: []pick{{"state", "状态", optionsOf(tickets.States, stateNames, "")}, {"kind", "类型", optionsOf(tickets.Kinds, kindNames, tickets.Complaint)}},
	}
	for _, k := range []*tickets.Ticket{lateTicket(), settledTicket(), sampleTicket()} {
		v.Rows = append(v.Rows, newTicketRow(sampleAgent, k, rules, sampleNow))
	}
	return v
}

func sampleLedger() ledgerView {
	v := ledgerView{
		frame: sampleFrame("投诉台账", "/desk/ledger"), Period: "接诉时间 2026-11-01 至 2026-11-23", From: "2026-11-01", To: "2026-11-23",
		Picks:  []pick{{"source", "来源", optionsOf(tickets.Sources, sourceNames, "")}, {"channel", "子渠道", optionsOf(ticketChannels, channelNames, "")}, {"category", "类别", optionsOf(tickets.Categories, categoryNames, "")}},
		Export: "/api/v1/ledger?from=2026-11-01&to=2026-11-23&format=xlsx", Whole: "/desk/ledger?all=1", More: "/desk/ledger?cursor=abc", Printed: "共486条，本页3条",
	}
	var sum ledgerSum
	closed := settledTicket()
	closed.State, closed.ClosedAt, closed.CloseBasis = tickets.Closed, ago(time.Hour), "回访满意"
	for _, r := range []tickets.LedgerRow{
		{Ticket: closed, Response: 12 * time.Minute, ContactMet: tickets.VerdictMet, FinishMet: tickets.VerdictMet, Callbacks: []tickets.Called{{At: ago(time.Hour), Result: tickets.CallbackResult{Verdict: tickets.CallbackSatisfied, Outcome: tickets.Good}}}},
		{Ticket: sampleTicket(), Response: -1, ContactMet: tickets.VerdictPending, FinishMet: tickets.VerdictPending},
		{Ticket: settledTicket(), Response: 23*time.Minute + 30*time.Second, ContactMet: tickets.VerdictMissed, FinishMet: tickets.VerdictMet, SupervisedAt: ago(20 * time.Hour)},
	} {
		sum.add(r)
		v.Rows = append(v.Rows, newLedgerLine(sampleLead, r))
	}
	v.Sums = sum.views()
	return v
}

func sampleAudit() auditView {
	boss := tickets.Actor{Kind: tickets.ByStaff, ID: 3, Name: "李强", IP: "10.1.20.7"}
	entry := func(id int64, by tickets.Actor, action, object, result string) auth.Recorded {
		return auth.Recorded{ID: id, Entry: auth.Entry{
			At: ago(time.Duration(50-id) * time.Minute), Actor: by, Action: action, Object: object, Result: result, RequestID: "K7Q2M4XN8P3R5T6V",
		}}
	}
	v := newAudit([]auth.Recorded{
		entry(49, boss, "export", "ledger 2026-11-01_2026-11-23", "ok"),
		entry(48, boss, "reveal", "TS-20261123-0007", "ok: 首次联系用户"),
		entry(47, boss, "reveal", "TS-20261123-0003", "refused: 核对地址"),
		entry(46, tickets.Clock, "ticket.breached", "2 events", "ok"),
		entry(45, tickets.Bot, "ticket.opened", "TS-20261123-0007", "ok"),
		entry(44, tickets.Actor{Kind: tickets.ByStaff, Name: "1007", IP: "10.1.20.9"}, "login", "?", "wrong name or password"),
	})
	v.frame = sampleFrame("审计", "/desk/audit")
	return v
}

func TestPagesAndPartialsAreAsInTheGoldenFiles(t *testing.T) {
	h := layout{files: loadFiles()}
	var err error
	if h.templates, err = parseTemplates(plainAddress); err != nil {
		t.Fatal(err)
	}
	for _, s := range samples(t) {
		t.Run(s.file, func(t *testing.T) {
			var got bytes.Buffer
			if err := h.write(&got, s.template, s.view); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", s.file+".html")
			if *update {
				if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("%s differs from %s; look at it, then run the test with -update\n%s", s.template, path, firstDifference(got.String(), string(want)))
			}
		})
	}
}

// firstDifference is the first line that is not as it was.
func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range g {
		if i >= len(w) || g[i] != w[i] {
			if i < len(w) {
				return "got  " + g[i] + "\nwant " + w[i]
			}
			return "got  " + g[i]
		}
	}
	return "shorter than it was"
}
