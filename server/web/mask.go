package web

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"quandesk/channels"
	"quandesk/server/auth"
	"quandesk/tickets"
	"quandesk/tickets/customer"
)

// mayIdentify reports whether the person may know whose ticket it is: a
// confidential one is for who holds or handled it and for supervisors (T14).
func mayIdentify(u auth.User, t *tickets.Ticket) bool {
	return !t.Confidential || u.Can(auth.Supervise) ||
		u.ID != 0 && (t.Assignee.ID == u.ID || t.Handler.ID == u.ID)
}

// tellsTooMuch reports whether finding a ticket by its person would tell
// whose it is to somebody who may not know.
func tellsTooMuch(u auth.User, f tickets.Filter, t *tickets.Ticket) bool {
	switch {
	case mayIdentify(u, t):
		return false
	case f.CustomerID != 0 || f.Community != "":
		return true
	}
	// A search finds it by what may be seen of it, not by phone, name or place.
	q := strings.ToLower(strings.TrimSpace(f.Query))
	return q != "" && q != strings.ToLower(t.ExternalNo) && !strings.HasPrefix(strings.ToLower(t.No), q) &&
		!strings.Contains(strings.ToLower(veilFor(u, t)(t.Description)), q)
}

// hidden stands for what somebody may not see.
const hidden = tickets.Hidden

// titles after a surname hide as much as stars do.
var titles = []string{"先生", "女士", "小姐", "师傅", "老师", "阿姨", "大爷", "大妈"}

// maskName keeps the surname: 张三丰 is 张**, 张先生 stays.
func maskName(name string) string {
	n := utf8.RuneCountInString(name)
	if n < 2 {
		return name
	}
	first, size := utf8.DecodeRuneInString(name)
	if slices.Contains(titles, name[size:]) {
		return name
	}
	return string(first) + strings.Repeat("*", min(n-1, 3))
}

// identityCard is an identity number with a date of birth in it.
var identityCard = regexp.MustCompile(`([1-9]\d{5})(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]`)

// maskText hides the phones and identity numbers in a text.
func maskText(text string) string {
	found := customer.FindPhones(text)
	for _, p := range slices.Backward(found) {
		text = text[:p.Start] + customer.MaskPhone(p.Number) + text[p.End:]
	}
	return identityCard.ReplaceAllString(text, "$1************")
}

// veilFor is what this person's eyes make of the texts of a ticket: numbers
// are masked, and of a confidential ticket name and place are taken out.
func veilFor(u auth.User, t *tickets.Ticket) func(string) string {
	if mayIdentify(u, t) {
		return maskText
	}
	return func(text string) string { return maskText(t.Veil(text)) }
}

// mayRead reports whether the person may read a conversation: what was said
// with somebody who wants to stay unknown is for who talks to them and for
// supervisors (T14).
func mayRead(u auth.User, k channels.Conversation) bool {
	return !k.Confidential || u.Can(auth.Supervise) || u.ID != 0 && k.AssigneeID == u.ID
}

// veilTalk is a conversation as this person may see it.
func veilTalk(u auth.User, k channels.Conversation) channels.Conversation {
	if !mayRead(u, k) {
		k.Name, k.Contact, k.District, k.Preview = "", "", "", hidden
	}
	return k
}

// veilMessages are the messages of a conversation as this person may see them.
func veilMessages(u auth.User, k channels.Conversation, list []channels.Message) []channels.Message {
	if mayRead(u, k) {
		return list
	}
	out := slices.Clone(list)
	for i := range out {
		m := &out[i]
		m.Text, m.Place, m.Attachments, m.Citations, m.Action = hidden, nil, nil, nil, nil
		if m.Author == channels.FromCustomer {
			m.AuthorName = ""
		}
	}
	return out
}

// identifying are the keys of events that tell who or where a person is.
var identifying = []string{"whom", "address", "address_from", "name", "phone", "phone_from", "number", "told", "proof"}

// maskEvent hides the phones in what an event remembers; of a confidential
// ticket also who and where.
func maskEvent(data json.RawMessage, identify bool, veil func(string) string) json.RawMessage {
	if len(data) == 0 {
		return nil
	}
	var fields map[string]any
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil
	}
	for key, v := range fields {
		text, ok := v.(string)
		switch {
		case !identify && slices.Contains(identifying, key):
			fields[key] = hidden
		case ok && key != "number" && key != "phone" && key != "phone_from": // masked when written
			fields[key] = veil(text)
		}
	}
	out, err := json.Marshal(fields)
	if err != nil {
		return nil
	}
	return out
}
