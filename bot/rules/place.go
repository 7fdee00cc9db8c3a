package rules

import (
	_ "embed"
	"regexp"
	"strings"
	"unicode"
)

// part is one piece of a place in a text; positions count characters.
type part struct {
	kind     kindOfPart
	from, to int
}

type kindOfPart int

const (
	inDistrict kindOfPart = iota
	onRoad
	inCommunity
	atLandmark
	atNumber
	atTail // 门口, 对面, 交叉口: pins a named place down, means nothing alone
)

//go:embed places.txt
var placeNames string

// gazetteer knows the names that no suffix gives away.
type gazetteer struct {
	names map[string]kindOfPart
	most  int // length of the longest name
}

func newGazetteer() gazetteer {
	g := gazetteer{names: map[string]kindOfPart{}}
	for _, line := range strings.Split(placeNames, "\n") {
		label, rest, ok := strings.Cut(line, ": ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		kind := inCommunity
		if label == "road" {
			kind = onRoad
		}
		for _, name := range strings.Fields(rest) {
			g.names[name] = kind
			g.most = max(g.most, len([]rune(name)))
		}
	}
	return g
}

const (
	roadEnds      = `大街|大道|街|路|巷|胡同|高架桥|高架|立交桥`
	communityEnds = `花园小区|家园小区|新村小区|小区|花园|家园|嘉园|佳园|馨园|雅园|丽园|花苑|嘉苑|雅苑|佳苑|新苑|御苑|別苑|别苑|苑|新村|新居|村委会|村|公寓|新城|新都|花都|名都|商城|花城|山庄|水岸|豪庭|华庭|雅庭|名庭|庭院|府邸|华府|学府|御府|名府|国际城|国际|公馆|官邸|郡|珑城|绿洲|宿舍楼|宿舍|家属院|家属楼|社区|大厦|广场|写字楼|商务楼|金谷|半岛|名苑|名门|名邸|都会|香榭|美域|天下|首府|悦府|丽都|雅居|逸居|龙城|学苑|苑小区|城小区|庄园|新区|片区|世家|佳郡|御景|美景|和园|馨苑|景园|名座|中央城|天街|里小区`
	landmarkEnds  = `人民医院|中医院|妇幼保健院|医院|卫生院|卫生室|门诊部|门诊|诊所|幼儿园|中学|小学|大学|学院|学校|一中|二中|养老院|敬老院|福利院|超市|菜市场|农贸市场|市场|批发市场|酒店|宾馆|饭店|饭馆|火锅店|理发店|药店|商场|购物中心|体育馆|体育场|公园|汽车站|火车站|地铁站|公交站|加油站|派出所|居委会|银行|工业园|产业园|科技园|厂区|机械厂|加工厂|食品厂|工地|水厂|小广场|立交桥`
	cn            = `一二三四五六七八九十百`
	num           = `(?:[A-Za-z甲乙丙丁东西南北]?[0-9０-９]{1,5}|[A-Za-z]|[` + cn + `]{1,3}|[甲乙丙丁东西南北])`
	unitEnd       = `号楼|号院|号|栋楼|栋|幢|座|单元|楼|层|室|＃楼|#楼|#|＃|排|期|区|门|弄|组|院|户`
)

var (
	districtPattern = regexp.MustCompile(`(?:山东省?)?(?:济南市?)?(?:(?:历下|市中|槐荫|天桥|历城|长清|章丘|济阳|莱芜|钢城|高新|南山|起步)区|(?:平阴|商河)县|高新技术开发区|高新开发区|先行区|(?:历下|槐荫|历城|长清|章丘|济阳|莱芜|平阴|商河|钢城))`)
	streetPattern   = regexp.MustCompile(`[\p{Han}]{2,5}(?:街道办事处|街道办|街道)`)
	endPattern      = regexp.MustCompile(roadEnds + `|` + landmarkEnds + `|` + communityEnds)
	numberPattern   = regexp.MustCompile(`^(?:(?:` + num + `(?:[-－—–~/][0-9A-Za-z]{1,5}){0,4}(?:` + unitEnd + `)|[0-9０-９]{1,4}(?:[-－—–/][0-9A-Za-z]{1,5}){1,4})[ ]?)(?:(?:` + num + `(?:[-－—–][0-9A-Za-z]{1,5}){0,3}(?:` + unitEnd + `)|[0-9０-９]{2,4})[ ]?)*`)
	buildingPattern = regexp.MustCompile(`^(?:[0-9０-９]{1,3}|[` + cn + `]{1,3}|[A-Za-z])(?:号楼|栋|幢|座|＃楼|#楼|单元)`)
	roomPattern     = regexp.MustCompile(`^[0-9]{1,3}[-－—–/][0-9]{1,3}[-－—–/][0-9]{1,4}(?:室)?`)
	tailPattern     = regexp.MustCompile(`^(?:(?:[东西南北正侧后前大]{1,2})?门(?:口|前|岗|外)?|(?:东北|西北|东南|西南|东|西|南|北)(?:侧|头|首|口|角|段)|交叉路口|交叉口|十字路口|丁字路口|交汇处|交界处|交口|路口|口|对面|对过|斜对面|桥下|桥头|楼下|楼前|楼后|院内|门前|地下车库|地下室|车库|(?:往|向)?(?:路)?[东西南北](?:边|侧)?(?:大约|大概|约)?[0-9一二三四五六七八九十百两]{1,4}多?(?:米|公里)(?:左右|处)?)`)
	notNames        = regexp.MustCompile(`^(?:[马道线电管走铁网半公修岔一大小条赶上下过堵问迷出后退老套思门销顺沿]|这条|那条|整条|一条|哪条|两条|门前|门口|主干|人行|水泥|柏油|乡间|高速|盲|全|本|我|咱|农|俺|各|某|你|同|邻|新|老|旧|住宅|居民|高档|整个|全|本市|市|政|客服|服务|营业|热线|附近|隔壁|附近的|某个|一个|各个|老旧|别的|其他|哪个|那个|这个|公共|城市|孩子|儿子|闺女|去|跑|送|开|网上|手机|电商|因为|楼下|不)$`)
	leadIn          = regexp.MustCompile(`^.*(?:家住|家在|住在|我家|地址|住址|小区里?|位置|地点|地方|位于|这里|我们|单位|今天|昨天|前天|早上|晚上|上午|下午|中午|路过|经过|发现|看见|反映|投诉|报修|举报|咨询|你好|您好|师傅|关于|麻烦|帮忙|就在|现在|最近|刚才|目前|开的|租的|大家|业主|居民|通知|因为|所以|如果|附近|旁边|前面|后面|那边|这边|这片|以为|看到|听说|老是|一直|已经|还有|另外|换到|搬到|改成|应该|客服|同志|领导|有人|门口|对面|急事|出事|紧急|孩子|老人|租住|居住|咱们|你们|他们|小姨|姥姥|爷爷|奶奶|爸妈|父母|朋友|闺女|儿子|厂子|喂|请问|本人|停水的是|改为|换成|那就|要不|没水|停水|漏水|水压|水质|漏了|坏了|不对|错了|写错|说错|更正)`)
)

// stops are characters that end the name of a place when one walks left.
const stops = `我你您他她它们的了在住是到从这那没就也还把被给让跟说问看为啊吧呢吗哈呀个几每很太才刚往等且但又请咱俺叫离靠至却嘛哦噢嗯唉哎喂`

// places finds the parts of every place in a text.
func (g gazetteer) places(r []rune) []part {
	text := string(r)
	taken := make([]bool, len(r)+1)
	var parts []part
	add := func(p part) {
		for i := p.from; i < p.to; i++ {
			if taken[i] {
				return
			}
		}
		for i := p.from; i < p.to; i++ {
			taken[i] = true
		}
		parts = append(parts, p)
	}
	at := positions(text)
	for _, m := range districtPattern.FindAllStringIndex(text, -1) {
		add(part{inDistrict, at[m[0]], at[m[1]]})
	}
	for i := range r {
		if kind, n := g.known(r[i:]); n > 0 && !taken[i] {
			add(part{kind, i, i + n})
		}
	}
	for _, m := range endPattern.FindAllStringIndex(text, -1) {
		if p, ok := named(r, at[m[0]], at[m[1]], taken); ok {
			add(p)
		}
	}
	for i := 0; i < len(r); i++ {
		if n := number(r[i:], i > 0 && (taken[i-1] || r[i-1] == ' ' && i > 1 && taken[i-2] || strings.ContainsRune("的，,", r[i-1]) && i > 1 && taken[i-2])); n > 0 && !taken[i] {
			if i == 0 || taken[i-1] || !isWord(r[i-1]) {
				add(part{atNumber, i, i + n})
			} else if name := nameBefore(r, i, taken); name < i && strings.ContainsAny(string(r[i:i+n]), "楼栋幢单座-") {
				add(part{inCommunity, name, i})
				add(part{atNumber, i, i + n})
			} else {
				add(part{atNumber, i, i + n})
			}
			i += n - 1
		}
	}
	for i := 1; i < len(r); i++ {
		if m := tailPattern.FindString(string(r[i:min(len(r), i+16)])); m != "" && !taken[i] && taken[i-1] {
			add(part{atTail, i, i + len([]rune(m))})
		}
	}
	return sortParts(parts)
}

func (g gazetteer) known(r []rune) (kindOfPart, int) {
	for n := min(g.most, len(r)); n >= 2; n-- {
		if kind, ok := g.names[string(r[:n])]; ok {
			return kind, n
		}
	}
	return 0, 0
}

// named walks left from a suffix such as 路 or 花园 to where the name begins.
func named(r []rune, from, to int, taken []bool) (part, bool) {
	if taken[from] || taken[to-1] {
		return part{}, false
	}
	end := string(r[from:to])
	kind := inCommunity
	most := 7
	switch {
	case strings.Contains("|"+roadEnds+"|", "|"+end+"|"):
		kind, most = onRoad, 5
		if to < len(r) && end == "街" && r[to] == '道' || to < len(r) && end == "路" && strings.ContainsRune("线由过程途", r[to]) {
			return part{}, false
		}
	case strings.Contains("|"+landmarkEnds+"|", "|"+end+"|"):
		kind = atLandmark
	}
	start := nameStart(r, from, most, taken)
	name := string(r[start:from])
	if len([]rune(name)) < 1 || len([]rune(name)) < 2 && kind != onRoad || notNames.MatchString(name) {
		return part{}, false
	}
	return part{kind, start, to}, true
}

func nameStart(r []rune, from, most int, taken []bool) int {
	start := from
	for start > 0 && from-start < most && !taken[start-1] && isWord(r[start-1]) && !strings.ContainsRune(stops, r[start-1]) && !unicode.IsDigit(r[start-1]) {
		start--
	}
	if cut := leadIn.FindString(string(r[start:from])); cut != "" {
		start += len([]rune(cut))
	}
	for start < from && strings.ContainsRune("和与跟及家有对去来离市省上下", r[start]) && from-start > 1 && (start > 0 && taken[start-1] || strings.ContainsRune("跟及家有去来离", r[start])) {
		start++
	}
	return start
}

// nameBefore finds a name without a suffix in front of a building number.
func nameBefore(r []rune, i int, taken []bool) int {
	start := nameStart(r, i, 6, taken)
	name := string(r[start:i])
	if i-start < 2 || notNames.MatchString(name) || strings.ContainsAny(name, "水电话楼号") {
		return i
	}
	return start
}

// number is the length of a house, building or room number at the start of r.
// Without a place before it, it needs the words of a building.
func number(r []rune, placed bool) int {
	text := string(r[:min(len(r), 40)])
	if m := roomPattern.FindString(text); m != "" {
		return len([]rune(strings.TrimRight(numberPattern.FindString(text), " ")))
	}
	if !placed && !buildingPattern.MatchString(text) {
		return 0
	}
	m := strings.TrimRight(numberPattern.FindString(text), " ")
	for _, wrong := range []string{"楼上", "楼下"} { // 六楼下来的水
		if strings.HasPrefix(text[len(m):], wrong[len("楼"):]) && strings.HasSuffix(m, "楼") && !strings.Contains(m, "号") {
			return 0
		}
	}
	return len([]rune(m))
}

func isWord(r rune) bool {
	return unicode.Is(unicode.Han, r) || unicode.IsLetter(r) || unicode.IsDigit(r)
}

// positions maps byte offsets of a text to character offsets.
func positions(text string) map[int]int {
	at := make(map[int]int, len(text))
	n := 0
	for i := range text {
		at[i] = n
		n++
	}
	at[len(text)] = n
	return at
}

func sortParts(p []part) []part {
	for i := 1; i < len(p); i++ {
		for j := i; j > 0 && p[j].from < p[j-1].from; j-- {
			p[j], p[j-1] = p[j-1], p[j]
		}
	}
	return p
}
