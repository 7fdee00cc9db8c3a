package web

import (
	"strings"
	"unicode/utf8"

	"quandesk/channels/phone"
	"quandesk/tickets"
	"quandesk/tickets/customer"
)

// chosenOrigin is the source and the sub-source that were chosen.
func chosenOrigin(v values) (source, channel string) {
	if source, channel, ok := strings.Cut(v("origin"), ":"); ok {
		return source, channel
	}
	return v("source"), v("channel")
}

// opening reads the form.
func opening(v values) tickets.Opening {
	source, channel := chosenOrigin(v)
	return tickets.Opening{
		Kind: tickets.Kind(v("kind")), Category: tickets.Category(v("category")), Source: tickets.Source(source),
		Channel: channel, Outlet: v("outlet"), ExternalNo: v.text("external_no"), ConversationID: v.number("conversation"),
		Application: v.text("application"), ContactName: v.text("contact_name"), ContactPhone: v.text("contact_phone"),
		Anonymous: v("anonymous") != "", Description: v.text("description"), Urgent: v("urgent") != "",
		Confidential: v("confidential") != "", ReceivedAt: v.time("received_at"), Address: addressOf(v),
	}
}

// addressOf is the place as it was said, with what the gazetteer makes of it
// where the form leaves a part out.
func addressOf(v values) customer.Address {
	a := customer.Address{
		Text: v.text("address"), District: v.text("district"), Community: v.text("community"), Detail: v.text("detail"),
	}
	if a.Text == "" {
		a.Text = a.District + a.Community + a.Detail
		return a
	}
	read := customer.ParseAddress(a.Text)
	for _, part := range []struct{ said, made *string }{
		{&a.District, &read.District}, {&a.Street, &read.Street}, {&a.Community, &read.Community}, {&a.Detail, &read.Detail},
	} {
		if *part.said == "" {
			*part.said = *part.made
		}
	}
	return a
}

// leastAddress is how many characters say where something is.
const leastAddress = 4

// fit checks what only a person at the form can mend.
func fit(v values, o tickets.Opening) error {
	switch n := utf8.RuneCountInString(o.Address.Text); {
	case v("received_at") != "" && o.ReceivedAt.IsZero():
		return &tickets.InputError{Field: "received_at", Problem: tickets.Invalid}
	case n > 0 && n < leastAddress:
		return &tickets.InputError{Field: "address", Problem: tickets.TooShort}
	case o.Kind == tickets.Application && o.Application == "":
		return &tickets.InputError{Field: "application", Problem: tickets.Missing}
	case v("origin") != "" && (o.Channel == "counter" || o.Channel == "outlet_phone") && o.Outlet == "":
		return &tickets.InputError{Field: "outlet", Problem: tickets.Missing}
	}
	return nil
}

// mainFields are asked in the order in which a resident tells them.
func mainFields(r registration) []field {
	description := long("description", "诉求内容", true)
	description.Whole, description.Focus = true, true
	description.Key = "q"
	kinds := choice("kind", "类型", optionsOf(tickets.Kinds, kindNames, tickets.Complaint))
	for i := range kinds.Options {
		kinds.Options[i].Key = string(rune('1' + i))
	}
	address := one("address", "地址", false)
	address.Whole, address.Key = true, "a"
	districts := append([]option{{Label: "按地址判断"}}, plainOptions(customer.Districts(), "")...)
	spoken := field{Name: "contact", Label: "这次来电（来访）已与用户本人说清，记为联系", Type: "check", Value: "1", Key: "t", Whole: true,
		Hint: "第11.2条：须由工作人员联系。只对来电、来访有效；没有与本人说话请取消勾选。"}
	if r.conversation != "" {
		spoken.Value = "" // what was written online is no conversation of two people
	}
	return withIDs([]field{
		description, kinds,
		{Name: "category", Label: "类别", Type: "select", Key: "l", Required: true, Options: append([]option{{Label: "请选择"}}, optionsOf(tickets.Categories, categoryNames, "")...)},
		one("contact_name", "联系人", false),
		{Name: "contact_phone", Label: "联系电话", Type: "tel", Key: "p", Hint: phoneHint(r)},
		address,
		{Name: "district", Label: "区县", Type: "select", Options: districts}, one("community", "小区或村", false),
		{Name: "call", Label: "通话", Type: "select", Options: callOptions(r)},
		spoken,
		{Name: "urgent", Label: "紧急", Type: "check", Key: "u"},
		{Name: "anonymous", Label: "用户不留电话", Type: "check"},
		{Name: "confidential", Label: "保密（隐去诉求人信息）", Type: "check"},
	})
}

// phoneHint says what an empty number means during a call.
func phoneHint(r registration) string {
	if len(r.calls) == 0 {
		return ""
	}
	return "不填则用通话的来电号码。"
}

func moreFields(r registration) []field {
	from := string(tickets.FromHotline) + ":phone"
	if idOf(r.conversation) > 0 {
		from = string(tickets.FromNetwork) + ":webchat"
	}
	ways := make([]option, len(origins))
	for i, o := range origins {
		value := o.source + ":" + o.channel
		ways[i] = option{Value: value, Label: o.label, Chosen: value == from}
	}
	origin := choice("origin", "来源", ways)
	outlets := append([]option{{Label: "客服热线"}}, plainOptions(r.outlets, r.outlet)...)
	external := one("external_no", "外部工单编号", false)
	external.Hint = "来源为12345时必填。"
	application := one("application", "业务名称", false)
	application.Hint = "类型为业务办理时必填。"
	return withIDs([]field{
		origin,
		{Name: "outlet", Label: "登记网点", Type: "select", Options: outlets},
		{Name: "received_at", Label: "接诉时间", Type: "datetime-local", Hint: "不填为现在（来电为接通时）；时限从接诉时间起算。"},
		external, application,
	})
}

// callOptions are this person's calls; the one that goes on, or the one that
// was opened, is chosen.
func callOptions(r registration) []option {
	out := []option{{Label: "不是来电登记"}}
	chosen := false
	for _, c := range r.calls {
		o := option{Value: c.CallID, Label: clockTime(earliestOf(c)) + " " + orElse(customer.MaskPhone(c.Number), "未显示号码") + " " + callWords(c)}
		o.Chosen = c.CallID == r.call || r.call == "" && r.conversation == "" && c.EndedAt.IsZero() && !c.AnsweredAt.IsZero() && !chosen
		chosen = chosen || o.Chosen
		out = append(out, o)
	}
	return out
}

func callWords(c phone.Call) string {
	switch {
	case !c.EndedAt.IsZero():
		return "已结束"
	case !c.AnsweredAt.IsZero():
		return "通话中"
	}
	return "振铃"
}

func withIDs(list []field) []field {
	for i := range list {
		list[i].ID = "new-" + list[i].Name
		if list[i].Type == "choice" {
			list[i].Whole = true
		}
	}
	return list
}
