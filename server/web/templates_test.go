package web

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"quandesk/channels"
	"quandesk/server/auth"
	"quandesk/tickets"
)

func sampleHTML(t *testing.T) *layout {
	t.Helper()
	h := &layout{files: loadFiles()}
	var err error
	if h.templates, err = parseTemplates(plainAddress); err != nil {
		t.Fatal(err)
	}
	return h
}

// inline is what the content policy of a page forbids.
var inline = regexp.MustCompile(`(?i)<script(?:\s[^>]*)?>\s*[^<\s]|<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:|hx-on|hx-vals=['"]js:|<iframe|<object|<embed`)

func TestNoTemplateHasInlineScriptOrStyle(t *testing.T) {
	entries, err := templateFiles.ReadDir("templates")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := templateFiles.ReadFile("templates/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		if found := inline.FindString(string(text)); found != "" {
			t.Errorf("%s has %q", e.Name(), found)
		}
	}
}

func TestPagesLoadNothingFromElsewhere(t *testing.T) {
	elsewhere := regexp.MustCompile(`(?:src|href|action)="(?:https?:)?//`)
	// Files of 12345 are where the platform says, codes where WeChat draws them: a
	// person follows the link and tells nobody where they come from.
	followed := regexp.MustCompile(`<a href="https?://[^"]*" target="_blank" rel="noopener noreferrer nofollow">`)
	h := sampleHTML(t)
	for _, s := range samples(t) {
		var b bytes.Buffer
		if err := h.write(&b, s.template, s.view); err != nil {
			t.Fatal(err)
		}
		if found := elsewhere.FindString(followed.ReplaceAllString(b.String(), "")); found != "" {
			t.Errorf("%s has %s", s.file, found)
		}
	}
}

// zeroViews is every template with a view that has nothing in it.
var zeroViews = map[string]any{
	"desk-top": frame{}, "desk-foot": frame{}, "plain-top": loginView{}, "plain-foot": nil, "chat-top": chatView{},
	"page-chat": chatView{}, "page-about": chatView{}, "ai-line": chatView{}, "chat-state": chatStateView{},
	"chat-messages": []messageView{}, "chat-message": messageView{}, "chat-card": &cardView{},
	"page-login": loginView{}, "page-failure": failureView{}, "failure": failureView{},
	"page-inbox": inboxView{}, "views": listView{}, "pick": pick{}, "rows": listView{}, "list": listView{}, "row": rowView{}, "due": dueView{},
	"thread": threadView{}, "talk-head": headView{}, "quota": &quotaView{}, "page-wechat": wechatView{}, "wechat-alarms": wechatView{}, "page-wechat-account": wechatAccountView{}, "messages": []messageView{}, "message": messageView{},
	"matters": mattersView{}, "matter-list": mattersView{},
	"ticket": ticketView{}, "ticket-fresh": ticketView{}, "ticket-head": ticketView{}, "ticket-body": ticketView{}, "move": moveView{},
	"page-ticket": ticketPageView{}, "moved": movedView{}, "form": formView{}, "form-stale": staleView{}, "field": field{}, "reveal": &revealView{},
	"page-tickets": ticketsView{}, "ticket-table": ticketsView{}, "ticket-rows": ticketsView{}, "page-callbacks": callbacksView{}, "page-register": registerView{},
	"page-ledger": ledgerView{}, "ledger-rows": ledgerView{}, "page-audit": auditView{}, "audit-rows": auditView{},
	"page-model-calls": modelCallsView{}, "model-call-rows": modelCallsView{},
	"calls": callsView{}, "call-list": []callView{}, "call": callView{}, "call-ticket": callTicket{}, "page-phones": phonesView{}, "suggest": suggestView{},
	"dialling": callbacksView{}, "dial": callbackRow{}, "dial-act": dialAct{}, "page-call-hours": callHoursView{},
	"page-orders": ordersView{}, "page-upload": uploadView{}, "page-new-order": orderFormView{}, "order": &orderView{},
	"page-reports": reportsView{}, "page-report": reportPageView{}, "reports": []reportView{}, "report-block": reportView{}, "report-choices": reportView{}, "page-approvals": approvalsView{},
	"my-top": myView{}, "my-end": myView{}, "page-mine": myView{}, "page-my-ticket": myView{}, "page-my-call": myView{}, "page-my-account": myView{}, "page-my-outages": myView{},
	"notice-card": noticeView{}, "outage-search": outagesView{}, "outage-lists": outagesView{}, "page-outages": outagesView{},
	"page-desk-outages": deskOutagesView{}, "outage-groups": deskOutagesView{}, "page-desk-outage": deskOutageView{},
	"bell": bellView{}, "bell-count": bellView{}, "notices": noticesView{}, "notices-opened": noticesView{}, "page-notices": noticesView{},
}

func TestEveryTemplateRendersWithNothingInItsView(t *testing.T) {
	h := sampleHTML(t)
	for _, tmpl := range h.templates.Templates() {
		name := tmpl.Name()
		if name == "" || strings.HasSuffix(name, ".html") {
			continue
		}
		view, ok := zeroViews[name]
		if !ok {
			view, ok = knowledgeZeroes()[name]
		}
		if !ok {
			t.Errorf("no view for template %s", name)
			continue
		}
		if err := h.write(&bytes.Buffer{}, name, view); err != nil {
			t.Error(err)
		}
	}
}

// hostile are the ways in which names, texts and addresses attack a page.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'><svg onload=alert(1)>`, `</textarea><script>alert(1)</script>`,
	`javascript:alert(1)`, `" onmouseover="alert(1)`, `' onfocus='alert(1)' autofocus='`, `<scr<script>ipt>alert(1)</scr</script>ipt>`,
	`<iframe src="data:text/html,x">`, `![x](javascript:alert(1))`, `{{.}}`, `${7*7}`, `<!--<script>`, `<a href="//evil.example">x</a>`,
	"\u202e<b>x</b>", `&lt;script&gt;alert(1)&lt;/script&gt;`, `<math><mtext></form><form action=//evil.example>`, `]]><script>alert(1)</script>`,
}

// acts says what in a page a browser would act on and should not.
func acts(page string) string {
	tokens := html.NewTokenizer(strings.NewReader(page))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return ""
		case html.StartTagToken, html.SelfClosingTagToken:
			if found := forbidden(tokens.Token()); found != "" {
				return found
			}
		}
	}
}

// known are the elements our templates use.
var known = strings.Fields(`html head meta title link script body header nav main aside section footer div span p a b h1 h2 h3 img svg use
	ol ul li dl dt dd form fieldset legend label input button select option textarea datalist table thead tbody tr th td time
	details summary dialog kbd code br template noscript ins del`)

func forbidden(e html.Token) string {
	if !slices.Contains(known, e.Data) {
		return e.String()
	}
	for _, a := range e.Attr {
		address := slices.Contains([]string{"href", "src", "action", "formaction", "hx-get", "hx-post"}, a.Key)
		ours := strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "//") || a.Val == "tel:96116" || strings.HasPrefix(a.Val, "tel:") && e.Data == "a"
		if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "srcdoc" || address && !ours {
			return e.String()
		}
	}
	if e.Data == "script" && len(e.Attr) == 0 {
		return e.String()
	}
	return ""
}

func TestWhatPeopleWriteIsTextOnEveryPage(t *testing.T) {
	h, rules := sampleHTML(t), sampleRules(t)
	for _, evil := range hostile {
		k := sampleTicket()
		k.ContactName, k.Address.Text, k.Description, k.Department, k.Assignee.Name, k.ReceivedBy = evil, evil, evil, evil, evil, evil
		k.ExternalNo, k.Channel, k.CloseBasis, k.MasterNo = evil, evil, evil, evil
		k.Settlement.Measures, k.Settlement.Reply, k.SettledAt = evil, evil, sampleNow
		events := []tickets.Event{
			{At: sampleNow, Actor: tickets.Actor{Kind: tickets.ByStaff, Name: evil}, Kind: tickets.EventNoted, Data: jsonOf(map[string]any{"note": evil, "reason": evil})},
			{At: sampleNow, Actor: tickets.Actor{Kind: tickets.ByStaff, Name: evil}, Kind: tickets.EventDispatched, Data: jsonOf(map[string]any{"department": evil, "from": evil, "opinion": evil})},
			{At: sampleNow, Actor: tickets.Clock, Kind: tickets.EventBreached, Data: jsonOf(map[string]any{"rule": evil, "clause": evil})},
		}
		card := newTicketView(k, events, rules, sampleAgent, sampleNow)
		m := sampleMessages()[3]
		m.Text, m.AuthorName, m.ExternalID, m.Author = evil, evil, evil, channels.FromCustomer
		m.Citations = []channels.Citation{{Title: evil, Source: evil, Clause: evil}}
		m.Place = &channels.Place{Label: evil}
		m.Action = &channels.Done{Type: "open_ticket", TicketNo: evil}
		m.Attachments = []channels.Attachment{{ID: evil}}
		row := sampleConversations()[0]
		row.Name, row.Preview, row.Channel, row.Category, row.AssigneeName, row.DueRule, row.State = evil, evil, evil, evil, evil, evil, channels.WithUser
		list := sampleList(rules)
		list.Query, list.Rows = evil, []rowView{newRow(row, "q="+evil, rules, sampleNow)}
		form := sampleForm(moveForms[1], k)
		form.refill(func(string) string { return evil })
		form.Problem = evil
		thread := threadView{
			Conversation: newHead(row, sampleAgent), CanWrite: true, ClientID: evil, CSRF: evil,
			Messages: thread{images: "/desk/", now: sampleNow}.views([]channels.Message{m}), Matters: mattersView{Tickets: []ticketView{card}},
		}
		f := sampleFrame(evil, "/desk")
		f.User.Name, f.CSRF = evil, evil
		login := loginView{Username: evil, Next: inside(evil), Problem: evil}
		resident := chatView{Emergency: "96116", CSRF: evil, Messages: threadOfResident().views([]channels.Message{m}), Quick: []string{evil}, State: chatStateView{Words: evil}}
		for name, view := range map[string]any{
			"page-inbox": inboxView{frame: f, List: list, Thread: thread}, "page-ticket": ticketPageView{frame: f, Ticket: card, Form: &form, Reveal: &revealView{No: evil, Number: evil}},
			"page-tickets": ticketsView{frame: f, Query: evil, Rows: []ticketRow{newTicketRow(sampleAgent, k, rules, sampleNow)}, More: "/desk/tickets?cursor=" + evil},
			"page-ledger":  ledgerView{frame: f, Rows: []ledgerRow{newLedgerLine(auth.User{ID: 1, Role: auth.RoleAuditor}, tickets.LedgerRow{Ticket: k})}},
			"page-audit":   auditView{frame: f, Rows: []auditRow{newAuditRow(auth.Recorded{Entry: auth.Entry{Actor: tickets.Actor{Kind: tickets.ByStaff, Name: evil, IP: evil}, Action: evil, Object: evil, Result: "ok: " + evil, RequestID: evil}})}},
			"page-login":   login, "page-chat": resident, "page-failure": failureView{Message: evil, RequestID: evil, Back: "/"}, "failure": failureView{Message: evil},
			"page-notices": noticesView{frame: f, Groups: []noticeGroup{{No: evil, Sentence: evil}}},
		} {
			var b bytes.Buffer
			if err := h.write(&b, name, view); err != nil {
				t.Fatal(err)
			}
			if found := acts(b.String()); found != "" {
				t.Errorf("%s lets %q through as %q", name, evil, found)
			}
		}
	}
}

func threadOfResident() thread {
	return thread{images: "/chat/images/", now: sampleNow, resident: true}
}

func TestResidentsNeverSeeNotesOrDeliveryStates(t *testing.T) {
	for _, m := range threadOfResident().views(sampleMessages()) {
		if m.Note {
			t.Error("a note of staff is shown")
		}
	}
}

func TestEveryGeneratedMessageAndNoOtherCarriesTheMark(t *testing.T) {
	h := sampleHTML(t)
	for _, partial := range []string{"chat-message", "message"} {
		for _, m := range sampleMessages() {
			var b bytes.Buffer
			if err := h.write(&b, partial, threadOfResident().view(m)); err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(b.String(), ">AI生成<"); got != m.AI {
				t.Errorf("%s of message %d by %s: marked %v, generated %v", partial, m.ID, m.Author, got, m.AI)
			}
		}
	}
}

func TestEmergencyNumberIsShownOnlyWhenThereIsOne(t *testing.T) {
	h := sampleHTML(t)
	for phone, want := range map[string]string{
		"":      `您正在与人工智能客服对话，内容由AI生成，仅供参考。`,
		"96116": `仅供参考；紧急情况请拨打<a href="tel:96116">96116</a>。`,
	} {
		var b bytes.Buffer
		if err := h.write(&b, "ai-line", chatView{Emergency: phone}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), want) {
			t.Errorf("with %q the line is %s", phone, b.String())
		}
	}
}

func TestTheHandlerIsToldWhyTheCallbackIsSomebodyElses(t *testing.T) {
	v := newTicketView(settledTicket(), nil, sampleRules(t), sampleAgent, sampleNow)
	for _, m := range append(v.Moves.Main, v.Moves.More...) {
		if m.Name == string(tickets.MoveCallback) {
			t.Error("the handler may call back")
		}
	}
	if !strings.Contains(v.Why, "办理人以外") {
		t.Errorf("why: %q", v.Why)
	}
}

func TestEveryMoveOfATicketHasAForm(t *testing.T) {
	for m := range moveNames {
		switch m {
		case tickets.MoveClose, tickets.MoveStartCallback, tickets.MoveWithdraw: // refused always; part of the callback; the resident's own
			continue
		}
		if _, ok := formOf(m); !ok {
			t.Errorf("no form for %s", m)
		}
	}
}

func TestNoEnglishOnScreens(t *testing.T) {
	tags := regexp.MustCompile(`(?s)<script.*?</script>|<title>.*?</title>|<code.*?</code>|<[^>]+>|&[a-z#0-9]+;`)
	words := regexp.MustCompile(`[A-Za-z]{2,}`)
	names := regexp.MustCompile(`[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+`) // of hosts and files
	allowed := map[string]bool{"AI": true, "IP": true, "TS": true, "TZ": true, "DN": true, "XLSX": true, "DOCX": true, "CSV": true, "Markdown": true, "Shift": true, "Esc": true, "MB": true, "xlsx": true, "Alt": true, "Ctrl": true}
	h := sampleHTML(t)
	for _, s := range samples(t) {
		var b bytes.Buffer
		if err := h.write(&b, s.template, s.view); err != nil {
			t.Fatal(err)
		}
		for _, w := range words.FindAllString(names.ReplaceAllString(tags.ReplaceAllString(b.String(), " "), " "), -1) {
			if !allowed[w] && w != "MXN" && !strings.Contains("KQMXNPRTV", w) {
				t.Errorf("%s says %q", s.file, w)
			}
		}
	}
}

func TestTheCardOfAWithdrawalSaysSo(t *testing.T) {
	no := "TS-20261127-0001"
	v := thread{now: sampleNow, matters: map[string]*tickets.Ticket{no: {No: no, State: tickets.Void}}}.card(channels.Done{Type: "withdraw_ticket", TicketNo: no})
	if v.Heading != "工单已撤回" || v.State != "已取消，不再办理" || v.Next != "" {
		t.Errorf("card %+v", v)
	}
}
