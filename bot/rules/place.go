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
	l := x.line(text)
	out := lexed(text, l.parts)
	out.address = x.address(l, &out)
	return out
}

// lexed is what the lexer finds: all that the classifier is not to see.
func lexed(text string, parts []customer.Part) place {
	var out place
	for _, p := range parts {
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

// surely is how many points an address is worth at least that the lexer does
// not see. Fitted on places of our own.
const surely = 60

// address is the span of a line that the tagger takes for one, of several the
// surest. A community that only the tagger sees is put into p.
func (x reader) address(l line, p *place) string {
	c := x.tagger.chain(l)
	marks := c.best(len(l.runes))
	best, most := "", 0.0
	for _, s := range stretches(marks) {
		w := l.whole(s)
		switch {
		case w.from == w.to:
		case s.kind == communityBegins && (p.community == "" || strings.HasPrefix(l.words(w), p.community)) && w.to-w.from > 2:
			p.community = l.words(w)
		case s.kind == addressBegins:
			start, end := l.at[w.from], l.at[w.to]
			seen := l.lexed && start < l.found.End && l.found.Start < end
			m := c.margin(marks, s)
			if m > most && (seen || m > surely && !l.bare(start, end)) && !noPlace.MatchString(l.words(w)) {
				best, most = l.words(w), m
			}
		}
	}
	if l.lexed && (english(l.found.Text) || best == "" && (inBuilding.MatchString(l.found.Text) || l.besideCommunity() || strings.Contains(l.found.Text, "附近"))) {
		best = l.found.Text // a part of an address that was told before, or 「佛山苑附近」
	}
	return affirmed(best)
}

// english reports whether a text begins in Latin letters.
func english(text string) bool {
	return len(text) > 3 && text[0] < utf8.RuneSelf && text[1] < utf8.RuneSelf && text[2] < utf8.RuneSelf && strings.ContainsAny(text, "aeiou")
}

// besideCommunity reports whether the lexer found a spot by a community.
func (l line) besideCommunity() bool {
	community, side := false, false
	for _, p := range l.parts {
		if p.Start >= l.found.Start && p.End <= l.found.End {
			community = community || p.Kind == customer.PartCommunity
			side = side || p.Kind == customer.PartSide
		}
	}
	return community && side
}

// inBuilding is the number of a building, a unit or a room.
var inBuilding = regexp.MustCompile(`[0-9一二三四五六七八九十](?:号楼|单元|栋|幢|座)`)

// before are words that stand before a place, and denied is what follows one
// that is named only to be put right.
var (
	beforePlace = regexp.MustCompile(`^(?:(?:今晚|今天|明天|昨晚|喂|嗯+|呃|哦|那个|就|是|在|住|地址|位置|我家|俺家|更正|应该|[a-z]+, )[，, ：:是]*)+`)
	denied      = regexp.MustCompile(`[，, ]?(?:而)?不[是在].*$`)
)

// affirmed is an address without what stands around it.
func affirmed(address string) string {
	left := denied.ReplaceAllString(beforePlace.ReplaceAllString(address, ""), "")
	if utf8.RuneCountInString(left) < 3 {
		return address
	}
	return left
}

// bare reports whether a span is but a road, a community or a district, and
// words that say no more than that it is there.
func (l line) bare(start, end int) bool {
	left := l.text[start:end]
	district := true
	for _, p := range l.parts {
		if p.Start >= start && p.Start < end {
			district = district && p.Kind == customer.PartDistrict
		}
		switch p.Kind {
		case customer.PartDistrict, customer.PartRoad, customer.PartCommunity, customer.PartCity, customer.PartStreet:
			if p.Start >= start && p.Start < end {
				left = strings.Replace(left, l.text[p.Start:min(p.End, end)], "", 1)
			}
		}
	}
	if district && some.MatchString(left) {
		return true // 「长清区新建一个冷库」
	}
	return utf8.RuneCountInString(bareWords.ReplaceAllString(left, "")) < 2
}

// noPlace is a number that is none of a house, or English without a word for a
// place.
var noPlace = regexp.MustCompile(`^只写|片区$|^[号单 a-zA-Z0-9零〇一二三四五六七八九十百幺两]*[0-9零〇一二三四五六七八九十幺]{6,}$|^[a-zA-Z( ]{3,}[0-9]+ (?:student|people|person|day|hour|minute|year|month)`)

// some is one of many.
var some = regexp.MustCompile(`一[个家间座栋处]|有个|个新`)

var bareWords = regexp.MustCompile(`(?i)附近|周边|有间小?门头|高层|[这那](?:边|一?片|一?块儿?|一?带|里|儿|个|根|条)|营业厅?|网点|一[间家个栋座]|老?小区|写字?楼?|今[天晚早]|明[天早晚]|昨[天晚]|整个|全部?|street|road|[0-9]{1,2}月[0-9]{1,2}[号日]|[东西南北中]区|[0-9一二三四五六七八九十]{1,2}[区期]|[，,][一二三四五六七八九十]{1,3}层|[ ，,。的从有在里住是咋啥为哪上管着开]|下面`)

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
