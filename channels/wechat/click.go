package wechat

import (
	"unicode"

	"quandesk/channels"
)

// Item is one entry of the menu that answers here: its key and the words that
// stand for a tap on it. Clause 10.4 names seven things residents must be able
// to do by themselves.
type Item struct {
	Group string // 我要办, 我要查, 我要说
	Name  string // at most 60 bytes
	Key   string
	Says  string // as if the resident had written it
}

// Items are the entries of the menu as it is delivered, at most five a group.
var Items = []Item{
	{"我要办", "业务办理", "apply", "我要办业务"},
	{"我要办", "维修申报", "repair", "报修"},
	{"我要办", "供水开放日预约", "open_day", "我要预约供水开放日"},
	{"我要查", "信息公开", "disclosure", "查询信息公开内容"},
	{"我要查", "政策查询", "policy", "查询供水政策"},
	{"我要查", "办理进度", "progress", "查进度"},
	{"我要查", "停水信息", "outage", "停水了吗"},
	{"我要说", "我要投诉", "complaint", "我要投诉"},
	{"我要说", "我要建议", "suggestion", "我有个建议想反映"},
	{"我要说", "人工客服", "person", "转人工"},
}

// Words are what an editor sees of what a tap on an entry says or opens.
func (e MenuEntry) Words() string {
	for _, i := range Items {
		if i.Key == e.Key {
			return i.Says
		}
	}
	return e.Key + e.URL
}

// saying is what a tap on a key says; an editor may have written the words
// themselves as the key of an entry of their own.
func saying(key string) string {
	for _, i := range Items {
		if i.Key == key {
			return i.Says
		}
	}
	for _, r := range key {
		if unicode.Is(unicode.Han, r) {
			return cutRunes(key, 40)
		}
	}
	return ""
}

// click takes a tap on the menu for what it says, so that it is answered, and
// seen by colleagues, like everything else.
func (c *call) click() effect {
	says := saying(c.push.Key)
	if says == "" {
		return effect{happening: c.heard("点了菜单“"+cutRunes(c.push.Key, 64)+"”。", menuHelp)}
	}
	return effect{inbound: channels.Inbound{
		Channel: Channel, Account: c.account.Name, From: c.push.From, ExternalID: c.push.Once(),
		Kind: channels.Text, Text: says, SentAt: c.push.SentAt,
	}}
}
