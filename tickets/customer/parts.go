package customer

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// PartKind is what a piece of an address says.
type PartKind string

// The kinds of parts, from the city down to the spot.
const (
	PartCity      PartKind = "city"      // 济南市
	PartDistrict  PartKind = "district"  // 历下区
	PartStreet    PartKind = "street"    // 文化东路街道
	PartRoad      PartKind = "road"      // 文化东路
	PartCommunity PartKind = "community" // 甸柳新村三区
	PartNumber    PartKind = "number"    // 63号、3号楼2单元301
	PartLandmark  PartKind = "landmark"  // 农科院、加油站
	PartCrossing  PartKind = "crossing"  // 交叉口
	PartSide      PartKind = "side"      // 门口、西南角、附近
	PartJoint     PartKind = "joint"     // 与、和 between two roads
)

// Part is one piece of an address inside a text: text[Start:End] == Text.
type Part struct {
	Kind       PartKind
	Text       string
	Name       string // the proper name of a known place, otherwise Text
	Start, End int    // bytes
}

// Parts reads the pieces of addresses out of a text, in order and without
// overlap. Known names are found anywhere. A name that is not known is taken
// for a road, a community or a landmark only where a name can begin: at the
// start of a clause, after a word such as 在 or 住, or after another part.
func (g *Gazetteer) Parts(text string) []Part {
	l := lexer{g: g, text: text, begin: true}
	for l.at < len(text) {
		l.next()
	}
	return l.parts
}

type lexer struct {
	g     *Gazetteer
	text  string
	at    int // bytes
	begin bool
	parts []Part
}

func (l *lexer) next() {
	rest := l.text[l.at:]
	for _, read := range []func(string) (Part, bool){
		l.phone, l.clock, l.english, l.number, l.known, l.bareStreet, l.spot, l.named,
	} {
		if p, ok := read(rest); ok {
			l.take(p)
			return
		}
	}
	if n := stopLen(rest); n > 0 {
		l.at, l.begin = l.at+n, true
		return
	}
	r, n := utf8.DecodeRuneInString(rest)
	l.at += n
	l.begin = !unicode.Is(unicode.Han, r) && !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// take adds the part whose Text is set, unless it is only to be skipped.
func (l *lexer) take(p Part) {
	p.Start, p.End = l.at, l.at+len(p.Text)
	if p.Name == "" {
		p.Name = p.Text
	}
	l.at, l.begin = p.End, true
	if p.Kind != "" {
		l.parts = append(l.parts, p)
	}
}

var longDigits = newHead(`^[0-9０-９]{6,}`)

// phone steps over long runs of digits: they are never the number of a house.
func (l *lexer) phone(rest string) (Part, bool) {
	s := longDigits.FindString(rest)
	return Part{Text: s}, s != ""
}

var clockTime = newHead(`^[0-9０-９一二两三四五六七八九十]{1,3}点(?:多|半|钟|左右|来钟)?`)

// clock steps over a time of the day: no name begins with one.
func (l *lexer) clock(rest string) (Part, bool) {
	s := clockTime.FindString(rest)
	return Part{Text: s}, s != ""
}

// Repetitions are bounded, so that a long message costs no more than its length.
const numeral = `(?:[0-9０-９]{1,5}|[一二三四五六七八九十百零〇两]{1,5}|[甲乙丙丁][0-9]{0,2}|[A-Za-z][0-9]?)`

var (
	// A house, building or unit; storeys and rooms only after one of them.
	headNumber = `(?:` + numeral + `(?:[-－之]` + numeral + `){0,3}(?:号楼|号院|号(?:库房|库|厂房|车间|商铺|铺|摊位|别墅)|号|栋|幢|座|单元|单远|弄|排)|附` + numeral + `号|[A-Za-z]?[0-9]{1,2}号?地块|[0-9]{1,3}[#＃]楼?)`
	tailNumber = `(?:(?:负|地下)?` + numeral + `(?:[-－]` + numeral + `){0,3}(?:层|楼|室|户|门)|[东西南北中]单元|[东西中]户|院|内)`
	bareRoom   = `(?:[0-9０-９]{1,2}[-－])?[0-9０-９]{3,4}`
	numbers    = newHead(`^` + headNumber + `(?:[ ，,]?` + headNumber + `|` + tailNumber + `){0,8}(?:[ ，,]?` + bareRoom + `(?:室|户)?)?`)
	dashed     = newHead(`^(?:[A-Za-z]?[0-9０-９]{1,3}[-－][0-9０-９]{1,2}[-－][0-9０-９]{2,4}|[A-Za-z][0-9]{1,2}[-－][0-9]{1,4})(?:室|户|号楼?|栋)?`) // 3-2-501
	// 一栋写字楼 and 一座桥 count things; they name no building.
	counting = newHead(`^[一两几][栋座排]\p{Han}`)
	storeys  = newHead(`^(?:负|地下)?` + numeral + `(?:层|楼|室)`)
	zone     = newHead(`^(?:[东西南北中]区|[0-9０-９一二三四五六七八九十]{1,3}(?:区|期)|[A-Za-z]区)`)
	building = regexp.MustCompile(`号楼|号院|单元|栋|幢|地块|[0-9A-Za-z]座`)
)

func (l *lexer) number(rest string) (Part, bool) {
	s := dashed.FindString(rest)
	if s == "" && !counting.MatchString(rest) {
		s = trimDigits(rest, numbers.FindString(rest))
	}
	if s == "" && l.touches(PartNumber, PartCommunity, PartRoad, PartLandmark, PartSide) {
		s = trimDigits(rest, storeys.FindString(rest))
	}
	if s == "" && l.touches(PartCommunity) {
		s = trimDigits(rest, room.FindString(rest))
	}
	if after := rest[len(s):]; strings.HasPrefix(after, "以上") || strings.HasPrefix(after, "以下") {
		s = s[:len(s)-len(lastStorey.FindString(s))]
	}
	return Part{Kind: PartNumber, Text: s}, s != ""
}

var lastStorey = regexp.MustCompile(`[0-9０-９一二三四五六七八九十]{1,3}(?:层|楼)$`)

var room = newHead(`^` + bareRoom + `(?:室|户)?`)

// trimDigits takes off a room that is the head of a longer run of digits,
// which is a phone number.
func trimDigits(rest, s string) string {
	r := firstRune(rest[len(s):])
	if _, spoken, ok := digit(r); !ok || spoken {
		return s
	}
	s = strings.TrimRightFunc(s, func(r rune) bool { _, spoken, ok := digit(r); return ok && !spoken })
	return strings.TrimRight(s, " ，,")
}

// touches reports whether the last part is of one of these kinds and ends here.
func (l *lexer) touches(kinds ...PartKind) bool {
	if len(l.parts) == 0 {
		return false
	}
	last := l.parts[len(l.parts)-1]
	return slices.Contains(kinds, last.Kind) && strings.TrimSpace(l.text[last.End:l.at]) == ""
}

var city = newHead(`^(?:山东省)?济南市?`)

func (l *lexer) known(rest string) (Part, bool) {
	if s := city.FindString(rest); s != "" {
		next, _ := l.g.nameAt(rest[len(s):])
		if strings.HasSuffix(s, "市") || next.kind == PartDistrict {
			return Part{Kind: PartCity, Text: s}, true
		}
	}
	if s := gridCrossing.FindString(rest); s != "" {
		return Part{Kind: PartRoad, Text: s}, true
	}
	if s := smallRoad.FindString(rest); s != "" {
		return Part{Kind: PartRoad, Text: s}, true
	}
	n, ok := l.g.nameAt(rest)
	if !ok {
		return Part{}, false
	}
	after := rest[len(n.text):]
	switch n.kind {
	case PartCommunity:
		if tail := roadAfterHome.FindString(after); tail != "" {
			return Part{Kind: PartRoad, Text: n.text + tail}, true // 二七新村南路
		}
		if tail := homeAfterHome.FindString(after); tail != "" {
			n.text, after = n.text+tail, after[len(tail):]
			if tail != "小区" {
				n.name = n.text // 凤凰城花园 is not 凤凰城
			}
		}
		z := zone.FindString(after)
		return Part{Kind: n.kind, Text: n.text + z, Name: n.name + z}, true
	case PartRoad:
		if tail := homeAfterRoad.FindString(after); tail != "" {
			return Part{Kind: PartCommunity, Text: n.text + tail}, true // 建设路小区
		}
	}
	return Part{Kind: n.kind, Text: n.text, Name: n.name}, true
}

// gridCrossing is a crossing of the old town by the short names of its roads:
// 经七纬六.
var gridCrossing = newHead(`^经[一二三四五六七八九十]{1,2}纬[一二三四五六七八九十]{1,2}`)

// smallRoad is one of the small roads of the old town, alone or of an area:
// 建国小经三路.
var smallRoad = newHead(`^(?:建国)?小[经纬][一二三四五六七八九十]{1,3}路`)

// homeAfterRoad are the words that make a community of the name of a road.
var homeAfterRoad = newHead(`^(?:小区|社区|新村|宿舍)(?:[东西南北中一二三四五六七八九十]区)?`)

// After the name of a community stand the rest of a longer one, or what makes
// a road of it.
var (
	homeAfterHome = newHead(`^(?:小区|花园|家园|广场|公寓|新区)`)
	roadAfterHome = newHead(`^[东西南北中](?:大街|路|街)`)
)

// bareStreet reads 孝里 in 长清区孝里广里村: a street without its last word
// stands only right after its district.
func (l *lexer) bareStreet(rest string) (Part, bool) {
	if !l.touches(PartDistrict) {
		return Part{}, false
	}
	of := l.parts[len(l.parts)-1].Name
	for bare, p := range l.g.streets {
		after, ok := strings.CutPrefix(rest, bare)
		if ok && p.district == of && bare != p.name && !roadEnd.MatchString(bare) && !roadEnd.MatchString(after) {
			return Part{Kind: PartStreet, Text: bare, Name: p.name}, true
		}
	}
	return Part{}, false
}

var roadEnd = regexp.MustCompile(`^[东西南北中]?(?:路|大街|街)|(?:路|街)$`)

var (
	crossing = newHead(`^(?:十字口|交叉路口|交叉口|十字路口|丁字路口|路口|交界处|交汇处|交口)`)
	side     = newHead(`^(?:大门口|院门口|村口|道口|单元门口|门口|门前|(?:正|后|[东西南北]{1,2})门(?:口|外)?|附近|旁边|边上|边儿上|跟前|紧挨着|隔壁|斜对过|斜对面|对过|对面|路边|路中间|路中央|(?:快车|慢车|机动车|非机动车|便|人行|盲)道上?|绿化带里?|路[东西南北]侧?|[东西南北]{1,2}(?:角|侧|边|头|面|段|首)|地下车库|地下室|地库|车库|车棚|泵房|水箱间|天井|桥洞(?:下|里)?|桥下|桥头|[东西南北]口|出入口|入口|出口|[前后][面边]|(?:那|这)个桥洞|(?:院墙|围墙|[东西南北]?墙|院|门|楼)外(?:头|边)?|下[东西南北]{1,2}[角侧边]|东山头|西山头|山头|[东西]山墙|大?[槐柳杨榕梧桐]{1,2}树(?:下|底下|旁)|楼下|楼前|高架底下|底下|楼后|院里|院子里|院区|校区|院内|往[东西南北]{1,2}[走约大概]{0,3}[0-9一二三四五六七八九十百两几]{1,6}[来多]?米|[东西南北]{1,2}[走约]?[0-9一二三四五六七八九十百两几]{1,6}[来多]?米)`)
	joint    = newHead(`^(?:与|和|跟|同|、|/)`)
)

// spot reads the words that say where at a place, and those that join roads.
func (l *lexer) spot(rest string) (Part, bool) {
	if s := crossing.FindString(rest); s != "" {
		return Part{Kind: PartCrossing, Text: s}, true
	}
	if strings.HasPrefix(rest, "口") && l.touches(PartRoad) {
		return Part{Kind: PartCrossing, Text: "口"}, true // 历山路口
	}
	if s := department.FindString(rest); s != "" && l.touches(PartLandmark, PartSide) {
		return Part{Kind: PartSide, Text: s}, true
	}
	if s := side.FindString(rest); s != "" {
		return Part{Kind: PartSide, Text: s}, true
	}
	if s := joint.FindString(rest); s != "" && l.touches(PartRoad) {
		return Part{Kind: PartJoint, Text: s}, true
	}
	return Part{}, false
}

// department is a part of a landmark: 手术室, 食堂, 东校区.
var department = newHead(`^(?:急诊(?:室|科)?|手术室|透析(?:室|中心)|血透室|门诊(?:楼|部)?|住院(?:部|楼)|病房楼?|新生儿科|产科|产房|儿科|ICU|食堂|宿舍楼?|教学楼|实验楼|办公楼|礼堂|操场|后厨|厨房|锅炉房|仓库|库房|大厅|[东西南北新老本总分]{1,2}(?:院区|校区|院|校|区)|[东西南北]楼)`)

// longestName is how many characters a name that is not known may have.
const longestName = 9

// landWord are the words by which a landmark is told from other names.
const landWord = `幼儿园|小学|中学|大学城|大学|学校|学院|医院|卫生院|卫生室|住院部|门诊部|透析室|手术室|急诊室|超市|市场|商场|商城|加油站|公交站牌|公交站|地铁站|火车站|汽车站|银行|酒店|宾馆|公园|立交桥|高架桥|大桥|广场|派出所|居委会|科院|研究院|停车场|收费站|工业园|产业园|物流园|物流港|科技园|创业园|软件园|保健院|敬老院|养老院|福利院|托老所|托儿所|实验学校|卫生所|诊所|体育馆|体育场|游泳馆|图书馆|博物馆|美术馆|文化馆|少年宫|电影院|剧院|客运站|变电站|供电所|村委会|村委|街道办|办事处|法院|检察院|税务局|公安局|消防站|消防队|殡仪馆|公厕|菜市场|农贸市场|批发市场|购物中心|大酒店|酒楼|驾校|4S店|教堂|清真寺|研究所|设计院|疗养院|干休所|看守所|服务区|涵洞|护理院|隧道|枢纽站|公交枢纽|站牌`

var (
	roadName     = regexp.MustCompile(`^\p{Han}{1,5}?(?:大街|大道|街|路|巷|胡同)`)
	homeName     = endings(`小区|社区|花园|花苑|家园|嘉园|佳园|御园|新村|新居|新苑|新城|公寓|公馆|官邸|宿舍|宿舍院|家属院|豪庭|名庭|雅居|逸家|雅苑|豪苑|名苑|御苑|华府|府邸|府第|名郡|佳郡|珑城|名城|外滩|水岸|山庄|庄园|别墅|国际|苑|郡|墅|村|庄|公租房|安置房|廉租房|保障房|回迁房|回迁楼|安居房|还建房|教师楼|教工楼|职工楼|集资楼|家属楼|大院|华庭|星城|世家|首府|悦府|大厦|商厦|写字楼`)
	shortHome    = regexp.MustCompile(`(?:苑|园|城|府|庭|湾|居|邸|里)$`)
	landName     = endings(landWord)
	meetingPoint = regexp.MustCompile(`[桥庙寺塔亭闸坝厂站]$`)
	// 第三个路灯杆 is told by counting.
	bareLandmark = regexp.MustCompile(`^(?:第[0-9一二三四五六七八九十]+个)?(?:` + landWord + `|红绿灯|电线杆|路灯杆|报亭|小卖部|早点铺|早餐店|药店|烟酒店|水果店|理发店|饭馆|饭店|面馆|网点|水厂|岗亭|快递柜|垃圾站|变压器|健身器材|篮球场|水房)`)
	// notName are words that end like a place and are none.
	notName = regexp.MustCompile(`(?:^|[修挖走过带半马公道线水电铁管迷出思套网支一这那条的个面边前后记切])路$|(?:上班|下班|放学|管子|水馆|回家|进村)路$|^几|(?:过|往|来|大|进|出|各|全|哪个|有的)小区$|小两口|^(?:大街|小巷|街|上街|逛街)$|(?:农村|俺村|我村|全村|本村|我们小区|本小区|全小区|老小区|整个小区|邻居|社区)$|^(?:小区|花园|新村|公寓|宿舍|国际|别墅|公租房|安置房|廉租房|保障房|回迁[房楼]|安居房|还建房|教师楼|教工楼|职工楼|集资楼|家属楼|大院)$|^个|新路$|^(?:小?)(?:` + landWord + `)$`)
)

// named reads a name that is not in the gazetteer by its last word.
func (l *lexer) named(rest string) (Part, bool) {
	if !l.begin {
		return Part{}, false
	}
	run := l.g.nameRun(rest)
	if run == "" {
		return Part{}, false
	}
	road := roadName.FindString(run)
	if utf8.RuneCountInString(road) > 2 && !notName.MatchString(road) && !strings.HasPrefix(rest[len(road):], "过") {
		if tail := homeAfterRoad.FindString(rest[len(road):]); tail != "" {
			return Part{Kind: PartCommunity, Text: road + tail}, true
		}
		return Part{Kind: PartRoad, Text: road}, true
	}
	land := longestEnding(run, landName)
	if s := longestEnding(run, homeName); len(s) > len(land) {
		if len(run) == len(s)+runeLen(run[len(s):]) && shortHome.MatchString(run) {
			s = run // 雅居园
		}
		return Part{Kind: PartCommunity, Text: s + zone.FindString(rest[len(s):])}, true
	}
	if land != "" {
		if strings.HasSuffix(land, "委") && strings.HasPrefix(rest[len(land):], "会") {
			land += "会" // elsewhere 会 ends a name
		}
		return Part{Kind: PartLandmark, Text: land}, true
	}
	// A landmark without a name of its own needs a place before or a spot after it.
	if s := bareLandmark.FindString(run); s != "" &&
		(l.touches(PartDistrict, PartStreet, PartRoad, PartCommunity, PartCrossing) || side.MatchString(rest[len(s):])) {
		return Part{Kind: PartLandmark, Text: s}, true
	}
	after := rest[len(run):]
	// 北园大街银座对面: a name between a road and a spot is that of a landmark.
	if n := utf8.RuneCountInString(run); n >= 2 && n <= 6 && l.touches(PartRoad, PartLandmark, PartDistrict, PartStreet) && side.MatchString(after) {
		return Part{Kind: PartLandmark, Text: run}, true
	}
	// 杆石桥东北角: so does one that ends like what people meet at.
	if n := utf8.RuneCountInString(run); n >= 3 && n <= 6 && meetingPoint.MatchString(run) && side.MatchString(after) {
		return Part{Kind: PartLandmark, Text: run}, true
	}
	// 锦屏雅筑9号楼: what stands before a building is the name of its area.
	z := zone.FindString(after)
	if building.MatchString(numbers.FindString(after[len(z):])) || dashed.MatchString(after[len(z):]) ||
		shortHome.MatchString(run) && (l.touches(PartDistrict, PartStreet, PartRoad) || side.MatchString(after)) {
		if n := utf8.RuneCountInString(run); n >= 2 && n <= 8 {
			return Part{Kind: PartCommunity, Text: run + z}, true
		}
	}
	return Part{}, false
}

// nameRun is the run of characters at the start of s that can be a name: no
// punctuation, no figures, no word of everyday speech, no other part.
func (g *Gazetteer) nameRun(s string) string {
	n := 0
	for i := 0; i < len(s) && n < longestName; n++ {
		r, size := utf8.DecodeRuneInString(s[i:])
		if !unicode.Is(unicode.Han, r) || stopLen(s[i:]) > 0 || i > 0 && g.cutsName(s[i:]) {
			return s[:i]
		}
		i += size
		if n == longestName-1 {
			return s[:i]
		}
	}
	return s
}

// cutsName reports whether another part begins here and ends the name.
func (g *Gazetteer) cutsName(s string) bool {
	if n, ok := g.nameAt(s); ok && n.kind != PartLandmark {
		return true
	}
	if strings.HasPrefix(s, "路口") {
		return false // 凤鸣路口 begins with the road
	}
	return numbers.MatchString(s) || side.MatchString(s) || crossing.MatchString(s)
}

// endings are the words that names of a kind end in, by their last character.
func endings(words string) map[rune][]string {
	out := map[rune][]string{}
	for _, w := range strings.Split(words, "|") {
		out[lastRune(w)] = append(out[lastRune(w)], w)
	}
	return out
}

// longestEnding is the longest head of run, two characters at least, that ends
// in one of the words.
func longestEnding(run string, ends map[rune][]string) string {
	for s := run; utf8.RuneCountInString(s) >= 2; {
		if slices.ContainsFunc(ends[lastRune(s)], func(w string) bool { return strings.HasSuffix(s, w) }) && !notName.MatchString(s) {
			return s
		}
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return ""
}

// stopWords end a name: words of everyday speech and of the trade.
var stopWords = []string{
	"停水", "没水", "无水", "漏水", "冒水", "喷水", "水管", "自来水", "水压", "水表", "水费", "水质", "用水", "缴费", "欠费",
	"一家", "一所", "一栋", "一个", "一下", "一处", "一条", "一间", "一座", "一片", "一点", "一些", "一样", "路过", "经过",
	"今天", "明天", "昨天", "前天", "后天", "早上", "早晨", "上午", "中午", "下午", "晚上", "夜里", "半夜", "现在", "刚才", "最近", "一直", "已经", "什么", "怎么", "为什么",
	"电话", "手机", "联系", "号码", "投诉", "报修", "反映", "地址", "位置", "具体", "家住", "租住", "附近", "这边", "那边", "这里", "那里", "这块", "业主", "物业", "楼道", "家里", "家的", "我家", "麻烦", "看看", "看下", "过来", "来人", "处理", "修修", "你好", "您好", "请问", "师傅", "那个", "这个",
	"包括", "包含", "马上", "刚刚", "开了", "办了", "开小", "开个", "开饭", "开店", "参观", "预约", "公告", "通知", "规定",
}

// stopRunes are characters that no name of a place begins with or holds.
const stopRunes = "的了吗呢吧啊呀是在我你您俺他她它们这那有没不就都也还把被给让请跟或从去想说问报住到位与很太又再才能会可要叫找该哪谁咋俩些每搁"

// stopLen is the length in bytes of the stop word that s begins with, or 0.
func stopLen(s string) int {
	for _, w := range stopWords {
		if strings.HasPrefix(s, w) {
			return len(w)
		}
	}
	if r := firstRune(s); s != "" && strings.ContainsRune(stopRunes, r) {
		return runeLen(s)
	}
	return 0
}
