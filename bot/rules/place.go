package rules

import (
	"regexp"
	"slices"
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
const surely = 25

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
			if w = l.placeOf(w); w.from == w.to {
				continue
			}
			start, end := l.at[w.from], l.at[w.to]
			seen := l.lexed && start < l.found.End && l.found.Start < end
			m := c.margin(marks, s)
			if l.onlyThere(start, end) {
				continue
			}
			if m > most && (seen || m > surely && !l.bare(start, end)) && !noPlace.MatchString(l.words(w)) {
				best, most = l.words(w), m
			}
		}
	}
	if l.lexed && (english(l.found.Text) || best == "" && (inBuilding.MatchString(l.found.Text) || l.besideCommunity() && !l.onlyThere(l.found.Start, l.found.End) || strings.Contains(l.found.Text, "附近"))) {
		best = l.found.Text // a part of an address that was told before, or 「佛山苑附近」
	}
	if l.lexed && l.found.Text != best && numbered.MatchString(l.found.Text) && !numbered.MatchString(best) && best != "" && !strings.Contains(l.found.Text, best) && !strings.Contains(best, l.found.Text) && isIn.MatchString(l.text[:l.found.Start]) {
		best = l.found.Text // 「…小学食堂的，…。学校在榆山路21号」
	}
	if left := unwrapped(best); left != best {
		if left == p.road || left == p.district+p.road {
			left = "" // 「泺源大街开小奶茶店」 is but a road
		}
		best = left
	}
	if best == "" {
		best = x.inTown(l, p)
	}
	if best == "" {
		best = l.storeyOf(p)
	}
	if best == "" {
		best = l.onRoad()
	}
	if best == "" {
		best = l.inDistrict(p)
	}
	if best == "" {
		best = l.told()
	}
	best = strings.TrimSpace(best)
	if anywhere.MatchString(best) {
		return ""
	}
	return unwrapped(best)
}

// numbered is a house by its number, isIn what says that somebody's house is there.
var (
	numbered = regexp.MustCompile(`[路街巷道][0-9一二三四五六七八九十百]+号`)
	isIn     = regexp.MustCompile(`(?:学校|医院|单位|公司|厂子?|店|院|地址)(?:就|是)?(?:在|是|[:：])$`)
)

// anywhere is a spot by some house of many.
var anywhere = regexp.MustCompile(`^(?:我们)?村[东西南北]头$|^正?往|^(?:[我俺咱]们?)?(?:小卖[铺部]|食堂|家|店|铺子|门头|楼|院|单位|宿舍)(?:门口|门前|后门|楼下|后头|旁边|跟旁边\p{Han}+)$`)

// inDistrict is a village with the name of its town, after the district: 「市中区党家
// 庄」.
func (l line) inDistrict(p *place) string {
	for i, t := range l.parts {
		if i == 0 || t.Kind != customer.PartStreet || !strings.HasSuffix(t.Text, "庄") && !strings.HasSuffix(t.Text, "村") {
			continue
		}
		if d := l.parts[i-1]; d.Kind == customer.PartDistrict && d.End == t.Start {
			first(&p.community, t.Text)
			return l.text[d.Start:t.End]
		}
	}
	return ""
}

// told is what somebody says to be the address, when there is a road, a compound or
// a town in it and something more: 「仓库在济北开发区仁和路8号」.
func (l line) told() string {
	m := saysWhere.FindStringSubmatchIndex(l.text)
	if m == nil || l.bare(m[2], m[3]) {
		return ""
	}
	for _, p := range l.parts {
		if p.Start >= m[2] && p.End <= m[3] && p.Kind != customer.PartDistrict && p.Kind != customer.PartCity && p.Kind != customer.PartSide {
			return l.text[m[2]:m[3]]
		}
	}
	return ""
}

var saysWhere = regexp.MustCompile(`(?:地址|位置|地点|(?:小区|学校|医院|单位|仓库|厂子|门店)(?:就)?(?:是|在))[是在：: ]*([^，,。！!？?；;\n ]{4,30})`)

// onRoad is a house with a name or a kind of its own, and the road it lies on:
// 「张庄路上的社区医院」.
func (l line) onRoad() string {
	for _, p := range l.parts {
		if p.Kind != customer.PartRoad {
			continue
		}
		if house := onItsRoad.FindString(l.text[p.End:]); house != "" {
			before := ""
			if i := slices.Index(l.parts, p); i > 0 && l.parts[i-1].Kind == customer.PartDistrict && l.parts[i-1].End == p.Start {
				before = l.parts[i-1].Text
			}
			return before + p.Text + house
		}
	}
	return ""
}

var onItsRoad = regexp.MustCompile(`^[东西南北]头|^[上边]?的?[^，,。！!？?；; 的了是在有没不水漏停挖修到去往和与跟哪]{0,7}(?:医院|透析中心|卫生院|卫生室|幼儿园|小学|中学|养老院|敬老院|护理院|市场|超市|酒店|宾馆|商场|加油站|万达|茶社|建材城|商城)|^(?:营业厅|服务大厅)`)

// doing is what people do somewhere, and no part of where: 「在洪家楼西路巡查时发现
// 路边…」, 「晨练路过大明湖东门」, 「在高新区盘下一栋小楼」.
var doing = regexp.MustCompile(`(?:[弄办盘租盖搞建](?:了|下|个|着|一|托)|管着|巡查|发现|路过|经过|晨练|遛弯|遛狗|看见|用电[锤镐钻]|沿线|歇脚|做饭|救火|修自行车|摆摊|看店|掀开|楼道起火|起火|[吃喝](?:完|了))+`)

// pinned reports whether a place is told by more than a landmark: by a district, a
// town, a road, a compound or a number.
func (x reader) pinned(place string) bool {
	return slices.ContainsFunc(x.towns.Parts(place), func(p customer.Part) bool {
		return p.Kind != customer.PartLandmark && p.Kind != customer.PartSide && p.Kind != customer.PartJoint
	})
}

// parted are words that no place ends in the middle of.
var parted = regexp.MustCompile(`^(?:突然|平均|因为|人行|马路|积水|中午|起火|晚上|早上|今天|昨天|每天|电话|手机|停水|没水|漏水)$`)

// halfDay is the end of a time of day before a span; notPlace is what a span ends
// with that is no place: a time of day, or who lives there.
var (
	halfDay  = regexp.MustCompile(`^[上中下]午$`)
	notPlace = regexp.MustCompile(` (?:\p{Han}{1,2}(?:老板|先生|女士|师傅|经理|阿姨|大爷|大娘|奶奶|爷爷)|[昨今明]?[天日早晚]?(?:早上|上午|中午|下午|傍晚|晚上|半夜)?|刚才|刚刚|现在)$`)
)

// endOf is the last character of a village that a span left out, oneEnd the end of
// a village or a road: 「东阿镇西门村」, 「茂李村西头」.
var (
	endOf  = regexp.MustCompile(`^[村寨庄屯](?:[东西南北，,。！!？? 的]|$|\p{Han}{0,3}(?:水|停|没|漏))`)
	oneEnd = regexp.MustCompile(`^[东西南北]头`)
)

// inside is a place in a building or a compound, room one of the rooms there that a
// span left out: 「海信创智谷B座11层茶水间」.
var (
	inside = regexp.MustCompile(`(?:号?楼|[A-Za-z甲乙丙东西南北]座|层|单元|区|大厦|广场)$`)
	room   = regexp.MustCompile(`^(?:茶水间|水房|[男女]卫|底商|(?:二次供水|加压|水)?泵房|值班室|传达室|大堂|食堂|地下车库|配电室|楼顶|地下[一二三]层)`)
)

// placeOf is a span without what is done there: what comes before that, or,
// where nothing does, what comes after.
func (l line) placeOf(w stretch) stretch {
	if w.from > 0 && w.to-w.from > 2 && halfDay.MatchString(string(l.runes[w.from-1:w.from+1])) {
		w.from++ // 「明天中午历山路15号」
	}
	if at := notPlace.FindStringIndex(l.words(w)); at != nil && at[0] > 0 {
		w.to = w.from + utf8.RuneCountInString(l.words(w)[:at[0]])
	}
	if w.to > w.from && l.runes[w.to-1] == ' ' {
		w.to--
	}
	if end := strings.IndexAny(l.words(w), "。！？；"); end > 0 {
		w.to = w.from + utf8.RuneCountInString(l.words(w)[:end])
	}
	for w.to-w.from > 2 && w.to < len(l.runes) && parted.MatchString(string(l.runes[w.to-1:w.to+1])) {
		w.to--
	}
	if w.from < w.to {
		if endOf.MatchString(l.text[l.at[w.to]:]) {
			w.to++
		}
		if strings.ContainsRune("村路街庄寨巷", l.runes[w.to-1]) {
			w.to += utf8.RuneCountInString(oneEnd.FindString(l.text[l.at[w.to]:]))
		}
	}
	if w.from < w.to && inside.MatchString(l.words(w)) {
		w.to += utf8.RuneCountInString(room.FindString(l.text[l.at[w.to]:]))
	}
	start, end := l.at[w.from], l.at[w.to]
	at := doing.FindStringIndex(l.text[start:end])
	if at == nil {
		return w
	}
	if utf8.RuneCountInString(l.text[start:start+at[0]]) < 2 {
		for w.from < w.to && l.at[w.from] < start+at[1] {
			w.from++
		}
		return w
	}
	for w.to > w.from && l.at[w.to] > start+at[0] {
		w.to--
	}
	if l.bare(l.at[w.from], l.at[w.to]) {
		w.to = w.from
	}
	return w
}

// storeyOf is a compound and the floor or building right after it, misheard or
// not: 数码港大厦八搂.
func (l line) storeyOf(p *place) string {
	name := strings.TrimRight(p.community, "0123456789零一二三四五六七八九十")
	at := strings.Index(l.text, p.community)
	if utf8.RuneCountInString(name) < 3 || at < 0 {
		return ""
	}
	number := storey.FindString(l.text[at+len(name):])
	if number == "" {
		return ""
	}
	p.community = name
	return name + number
}

var storey = regexp.MustCompile(`^[ ]?[0-9零一二三四五六七八九十]{1,4}(?:号?[楼搂]|层|栋|幢|座|单[元园圆源])(?:[0-9零一二三四五六七八九十]{1,4}(?:单[元园圆源]|[楼搂]|层|室|户|号)?)*`)

// inTown is a village, a compound or a road together with the town before it:
// that pins it down. The community is named without the town.
func (x reader) inTown(l line, p *place) string {
	name := p.community
	if name == "" {
		name = p.road
	}
	at := strings.Index(l.text, name)
	if name == "" || at < 0 {
		return ""
	}
	for i, t := range l.parts {
		switch {
		case t.Kind != customer.PartStreet:
		case t.Start == at && t.End < at+len(name): // the town is part of what the tagger took for the name
			if p.community != "" {
				p.community = name[t.End-at:]
			}
			return name
		case t.End == at || i+1 < len(l.parts) && strings.TrimSpace(l.text[t.End:max(t.End, at)]) == "" && t.End <= at:
			return l.text[t.Start : at+len(name)]
		}
	}
	if _, rest, ok := x.towns.Town(name); ok && p.community != "" {
		p.community = rest
		return name
	}
	if before := wordBefore.FindString(l.text[:at]); p.community != "" && before != "" {
		for n := range before { // 「…米色地了 王舍人张马屯社区」
			if town, rest, ok := x.towns.Town(before[n:] + name); ok && town == before[n:] && rest == name {
				return before[n:] + name
			}
		}
	}
	if town := townFirst.FindString(name); town != "" && p.community != "" && len(town) < len(name) {
		p.community = name[len(town):]
		return name
	}
	return ""
}

var wordBefore = regexp.MustCompile(`\p{Han}{2,4}$`)

// townFirst is a town nobody has put on the list of towns.
var townFirst = regexp.MustCompile(`^\p{Han}{2,3}(?:镇|街道办?|乡)`)

// worksAt is what the works keep, by its name: 「党家泵站」, 「锦绣川水库上游」.
var worksAt = regexp.MustCompile(`(?:^|[，,。！!？?；; \n]|[往在到进把从])([^我俺你您恁他她的了是在有没不把被让给和跟往到进从这那，,。！!？?；; \n]{2,4}(?:泵站|加压站|水厂|水塔|水库)(?:[上下]游|大坝|坝上)?)`)

// institution is a works, a hospital, a market that is named where no other
// place is: 「我们是药山印刷厂」.
func institution(text string) string {
	for _, named := range []*regexp.Regexp{institutions, worksAt} {
		for _, m := range named.FindAllStringSubmatch(text, -1) {
			if name := m[1]; !anyOne.MatchString(name) && !strings.Contains(name, "一家") {
				return name
			}
		}
	}
	return ""
}

var (
	institutions = regexp.MustCompile(`(?:^|[，,。！!？?；; \n]|[我俺]们?(?:这(?:里|儿|边)?)?[是在]|这(?:里|儿|边)?是|就?在|位于|地址)[：: ]?([^我俺你您恁他她的了是在有没不把被让给和跟，,。！!？?；; \n]{2,10}(?:厂|医院|妇幼|卫生院|卫生室|透析中心|康复中心|分拨中心|幼儿园|养老院|敬老院|护理院|小学|中学|学校|学院|市场|早市|夜市口?|超市|冷库|仓库|粮库|物流园|产业园|酒店|饭店|宾馆|大厦|羊汤馆|家具城|体育场|图书馆|监狱|教堂|火车站|汽车站|物流港|广场)(?:[^，,。！!？?；; \n的了是在有没停断漏一]{0,6}(?:科|室|馆|区|楼|处|门口|食堂|宿舍|仓|库|车间|病区|负[一二三]层))?)(?:[，,。！!？?；; \n：:]|$|门口|里头?|这|我|的(?:校医|护士|大夫|医生|保安|老师|门卫|值班|夜班|厨)|夜班)`)
	// anyOne is one of a kind, and no name.
	anyOne = regexp.MustCompile(`^(?:想|请问|参观|预约|下个?月|上个?月|我们?|你们?|咱们?|俺们?|这|那|旁边|附近|隔壁|对面|一[家个座所]|有|某|哪|去|到|跑|从|上|个|物业|自来水|供水|净水|老家|楼下|村里|镇上|市里|全市|各|每|所有|别的|其他|孩子|家|单位|公司|新建|普通|乡镇|什么|大型|小|大|整个|送|开|住)|[0-9]{4}|水费|水质|多少|怎么|咋|几`)
)

// office is the office that is the answer to where, by its name: 「是洪楼营业厅」.
func office(text string) string {
	const besides = 20 // characters: a number, or that there is none
	m := offices.FindStringSubmatch(text)
	if m == nil || utf8.RuneCountInString(text)-utf8.RuneCountInString(m[1]) > besides || questionWord.MatchString(text) || noOffice.MatchString(m[1]) {
		return ""
	}
	return m[1]
}

var (
	offices  = regexp.MustCompile(`(?:^|[，,。！!；; 是])(?:就是?|是)?在?(\p{Han}{2,8}(?:营业厅|服务大厅|营业大厅))`)
	noOffice = regexp.MustCompile(`^(?:就|在|还|刚)|不|没|未|了|刚才|银行|电力|自来水|水务|供水|[咱恁你您我俺这那的去]|楼下|门口|线下|网上|网络|掌上|微信|移动|联通|电信|供电|燃气|附近|共享|投诉|举报|表扬|[上下]午|[昨今]天|哪|什么`)
)

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

// beforePlace are words that stand before a place, and denied is what follows one
// that is named only to be put right.
var (
	beforePlace = regexp.MustCompile(`^(?:outside |in front of )|^(?:(?:快+|赶紧来?|快来|翻进|闯进|[咱俺]们?|今晚|今天|明天|昨晚|今早|晌午|中午|喂|嗯+|呃|哦|那个|就|是|在|住|地址|位置|我家|俺家|更正|应该|[a-z]+, )[，, ：:是]*)+`)
	afterPlace  = []*regexp.Regexp{
		regexp.MustCompile(`([路街口头边门村庄])开(?:个|家|了)?\p{Han}{1,5}(?:店|馆|铺|厂)$`), // 「济泺路口开理发店」
		regexp.MustCompile(`([路街口头边门村])[卖摆]\p{Han}{0,4}(?: ?门口)?$`),
		regexp.MustCompile(`(\p{Han})(?:突然|中午|凌晨[一二三四]?|高层|整[层栋]楼?|[ ]?地底下|那个?地|那口|全院|[俺我咱恁]\p{Han}{0,2}|[啦呀啊嘛灌踏冒]|那[块个]地砖|人行道|便道|火场|从\p{Han}|公家|那一|因为|那里|整条街|灭火|救火|着火|起火|的手术|这个口)$`),
		regexp.MustCompile(`(\p{Han})(?:[，,]从[东西南北]门.*|[，,][0-9]+号在.*|[，, ]+(?:电话|手机|麻烦?|闹心|赶紧[地的]?|快来?|急))$`),
		regexp.MustCompile(`((?:交|口|旁|边|桥|站|门|侧)[东西南北]?)路面$`),
		regexp.MustCompile(`(\p{Han})[，,] ?[0-9一二三四五六七八九十]{1,2}月[0-9]*$`),
	}
	denied = regexp.MustCompile(`[，, ]?(?:而)?不[是在].*$`)
)

// unwrapped is an address without what stands around it.
func unwrapped(address string) string {
	left := denied.ReplaceAllString(beforePlace.ReplaceAllString(address, ""), "")
	for _, p := range afterPlace {
		if cut := p.ReplaceAllString(left, "$1"); utf8.RuneCountInString(cut) > 3 {
			left = cut
		}
	}
	if utf8.RuneCountInString(left) < 3 {
		return address
	}
	return left
}

// onlyThere reports whether a span is one compound or one road and words that pin
// nothing down: 「锦屏家园高层」. Its door, its pump room or what is near it do.
func (l line) onlyThere(start, end int) bool {
	left, names := l.text[start:end], 0
	for _, p := range l.parts {
		if p.Start < start || p.End > end {
			continue
		}
		switch p.Kind {
		case customer.PartRoad, customer.PartCommunity:
			names++
			left = strings.Replace(left, p.Text, "", 1)
		case customer.PartDistrict, customer.PartCity, customer.PartStreet:
			return false
		}
	}
	return names == 1 && there.MatchString(left)
}

var there = regexp.MustCompile(`^(?:小区|家园)?的?(?:高层|那块儿?|一单元)$`)

// bare reports whether a span is but a road, a community or a district, and
// words that say no more than that it is there.
func (l line) bare(start, end int) bool {
	left := l.text[start:end]
	district, town := true, false
	for _, p := range l.parts {
		if p.Start >= start && p.Start < end {
			district = district && p.Kind == customer.PartDistrict
			town = town || p.Kind == customer.PartStreet
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
	if town && left == "村" {
		return false // 「钢城区里辛村」, where 里辛 is a town as well
	}
	return utf8.RuneCountInString(bareWords.ReplaceAllString(left, "")) < 2
}

// noPlace is a number that is none of a house, or English without a word for a
// place.
var noPlace = regexp.MustCompile(`^厂区|^只写|片区$|^[号单 a-zA-Z0-9零〇一二三四五六七八九十百幺两]*[0-9零〇一二三四五六七八九十幺]{6,}$|^[a-zA-Z( ]{3,}[0-9]+ (?:student|people|person|day|hour|minute|year|month)`)

// some is one of many.
var some = regexp.MustCompile(`一[个家间座栋处]|有个|个新`)

var bareWords = regexp.MustCompile(`(?i)附近|周边|有间小?门头|高层|[这那](?:边|一?片|一?块儿?|一?带|里|儿|个|根|条)|营业厅?|网点|一[间家个栋座]|老?小区|写字?楼?|今[天晚早]|明[天早晚]|昨[天晚]|整个|全部?|street|road|[0-9]{1,2}月[0-9]{1,2}[号日]|[东西南北中]区|[0-9一二三四五六七八九十]{1,2}[区期]|[，,][一二三四五六七八九十]{1,3}层|[ ，,。的从有在里住是咋啥为哪上管着开]|下面|快车道|慢车道|(?:新建|在建)?的?厂房`)

func first(slot *string, words string) {
	if *slot == "" {
		*slot = words
	}
}

// correcting are the words around a fact that is put right, and no request.
var correcting = regexp.MustCompile(`等会儿?|等一?下|不好意思|抱歉|对不起|[我俺]?(?:弄|说|写|打|记|报|发)(?:错|串|反)了|应该是|改成|更正|别的没错|[其它他]+没错|^[哦噢啊呀哎]+|^[我俺]?(?:就|是|住|在|家)+`)

// pointing are words that only point at a place: 「就这块儿，…路口西南角」.
var pointing = newPattern(`^(?:我|俺|人)?(?:现在)?(?:就|是|在)*(?:这|那)(?:一?块儿?|一?片儿?|里|儿|边|地方|个地方|位置)(?:[，,。 ]|$)`)

// numbering are the words around the number of a phone.
var numbering = regexp.MustCompile(`新号码?|号码|手机|电话|座机|联系(?:方式)?|打(?:这个|给我|我)?|换成|改成|我的?|留|行吧|好吧|[是为号的吧呢哈就这个]`)

// misspoken is how people say that a fact was wrong.
var misspoken = newPattern(`[弄说写打记报发][错串反]了?|[打写输按]快了|手快|手滑|笔误|口误|不对[，,]`)

// bareFacts reports whether a message holds a place or a phone and nothing
// else: an answer to a question, no request of its own.
func bareFacts(text string, p place, phone string) bool {
	left := text
	for i := len(p.spans) - 1; i >= 0; i-- {
		left = left[:p.spans[i][0]] + left[p.spans[i][1]:]
	}
	if rest := strings.Replace(text, p.address, "", 1); len(p.spans) > 0 && len(rest) < len(left) {
		left = rest // its corner belongs to it
	}
	left = correcting.ReplaceAllString(strings.Replace(left, phone, "", 1), "")
	if phone != "" {
		left = numbering.ReplaceAllString(left, "")
	}
	left = strings.Trim(left, " ，,。.！!、：:；;\n")
	if len(p.spans) > 0 {
		left = strings.Trim(pointing.ReplaceAllString(left, ""), " ，,。.！!、：:；;\n")
	}
	if len(p.spans) > 0 && misspoken.MatchString(text) && utf8.RuneCountInString(left) <= 12 && !gushing.MatchString(text) && !strings.Contains(left, "水") {
		return true
	}
	return (len(p.spans) > 0 || phone != "") && utf8.RuneCountInString(left) <= 1
}

// abroad is an address as it is written in English: from the small to the large.
var abroad = regexp.MustCompile(`(?:(?:(?:[Rr]oom|[Uu]nit|[Aa]partment|[Aa]pt\.?|[Ff]lat|[Bb]uilding|[Bb]ldg|[Tt]ower|[Bb]lock|[Gg]ate|[Nn]o\.?) ?[0-9A-Z][0-9A-Za-z-]{0,4}|(?:first|second|third|fourth|[0-9]+(?:st|nd|rd|th)) floor|[0-9]{1,4}),? )*(?:[A-Z0-9][0-9A-Za-z']*,? ){1,4}(?:Road|Rd|Street|St|Avenue|Ave|Lane|Gardens?|Estate|City|Plaza|Community|Bay|Residence|Square)\b(?:, (?:[Bb]uilding|[Tt]ower|[Uu]nit|[Rr]oom) [0-9A-Z]+)*(?:,? [A-Z][A-Za-z-]* (?:[Zz]one|[Dd]istrict))?`)
