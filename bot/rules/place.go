package rules

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"quandesk/tickets/customer"
)

// place is what a message says about where.
type place struct {
	address, community, road, district string
	spans                              [][2]int // bytes, for masking in the features
}

// place reads the places of a text. A bare community or a bare road is no
// address.
func (x reader) place(text string) place {
	var out place
	if found, ok := x.towns.FindAddress(text); ok {
		out.address = found.Text
	}
	for _, p := range x.towns.Parts(text) {
		switch p.Kind {
		case customer.PartDistrict:
			first(&out.district, p.Text)
		case customer.PartRoad:
			first(&out.road, p.Text)
		case customer.PartCommunity:
			first(&out.community, p.Text)
		case customer.PartLandmark, customer.PartSide:
			continue // 医院, 幼儿园 and 泵房 say more than where
		}
		if n := len(out.spans); n > 0 && strings.TrimSpace(text[out.spans[n-1][1]:p.Start]) == "" {
			out.spans[n-1][1] = p.End
			continue
		}
		out.spans = append(out.spans, [2]int{p.Start, p.End})
	}
	return out
}

func first(slot *string, words string) {
	if *slot == "" {
		*slot = words
	}
}

// correcting are the words around a fact that is put right, and no request.
var correcting = regexp.MustCompile(`等会儿?|等一?下|不好意思|抱歉|对不起|[我俺]?(?:弄|说|写|打|记|报|发)(?:错|串|反)了|应该是|改成|更正|别的没错|[其它他]+没错|^[哦噢啊呀哎]+|^[我俺]?(?:就|是|住|在|家)+`)

// numbering are the words around the number of a phone.
var numbering = regexp.MustCompile(`新号码?|号码|手机|电话|座机|联系(?:方式)?|打(?:这个|给我|我)?|换成|改成|我的?|留|行吧|好吧|[是为号的吧呢哈就这个]`)

// misspoken is how people say that a fact was wrong.
var misspoken = newPattern(`[弄说写打记报发][错串反]了?|不对[，,]`)

// bareFacts reports whether a message holds a place or a phone and nothing
// else: an answer to a question, no request of its own.
func bareFacts(text string, p place, phone string) bool {
	left := text
	for i := len(p.spans) - 1; i >= 0; i-- {
		left = left[:p.spans[i][0]] + left[p.spans[i][1]:]
	}
	left = correcting.ReplaceAllString(strings.Replace(left, phone, "", 1), "")
	if phone != "" {
		left = numbering.ReplaceAllString(left, "")
	}
	left = strings.Trim(left, " ，,。.！!、：:；;\n")
	if len(p.spans) > 0 && misspoken.MatchString(text) && utf8.RuneCountInString(left) <= 12 && !gushing.MatchString(text) && !strings.Contains(left, "水") {
		return true
	}
	return (len(p.spans) > 0 || phone != "") && utf8.RuneCountInString(left) <= 1
}
