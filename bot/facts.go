package bot

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"quandesk/tickets/customer"
)

// linking are the words that stand around facts and ask for nothing:
// 「对，还是那个地址，电话打我爱人的」.
var linking = regexp.MustCompile(`^(?:[哦噢喔嗯唔诶哎呀行好中成那就先吧了啊呗的哈呢嘛喏来，,。.！!？?、：:；;~～ \n我俺她他它咱您你这打找用住在叫姓写留]|可以|没问题|接着|继续|登记|报上|办吧|报吧|` +
	`对|是|不变|没变|没换|一样|同上|还|也|都|联系|给你们?|发你|记一?下|改成|换成|改为|应该|不好意思|抱歉|` +
	`[说打写填发搞弄报]错|错了|更正|[我俺她他咱你]们|家|妈妈?|爸爸?|婆婆|公公|爷爷|奶奶|姥姥|姥爷|丈母娘|老婆|媳妇|老公|对象|爱人|儿子|闺女|女儿|弟弟?|哥哥?|姐姐?|妹妹?|` +
	`邻居|同事|老板|房东|老人|孩子|本人|物业|工程部|办公室|值班室?|前台|店里?|摊子?|门头|电话|手机|号码?|座机|联系|方式|微信|地址|位置|地点|住址|那个|那边|这个|这边|这里|这儿|上面|前面|刚才|房子|屋里?|门牌|` +
	`姓?名字?|先生|女士|谢谢|麻烦|辛苦|够了|行不行|可以吧|到|恁|(?i:ok|okay|my|number|phone|mobile|is|it|its|the|address|at|name|please|call|me|this|here|in|on|and)\b)+$`)

// retort is a question with which people answer ours: 「你要详细地址？」.
var retort = regexp.MustCompile(`^(?:[^，,。！!？?]{0,8}[，,。？?] ?)?(?:还|又|你|您|非得|干嘛|为啥)*(?:要|问|得留|留)(?:我)?[^，,。！!？?]{0,6}(?:地址|电话|号码|名字|姓名|位置|医院|小区|哪儿|哪里)(?:干嘛|干啥|做什么|吗)?[？?]|^(?:[^，,。！!？?]{0,6}[，,。] ?)?(?:名字|姓名|电话|手机|地址)(?:也|还)?(?:要|用留|需要|得留)(?:吗|么|不|嘛)[?？]`)

// hasCallWords are what only a promise of a call is asked for with.
var hasCallWords = regexp.MustCompile(`回个?(?:电|话)|回拨|来个?电|给我?(?:来|打|回)个?(?:电话|话)|打个?电话(?:过来|给我)|打给我`)

// factual reports whether the turn holds facts and nothing but words around
// them: an answer, no request of its own.
func (s *scene) factual() bool {
	if words := retort.ReplaceAllString(s.text, ""); words != s.text && s.means.Slots.Address+s.means.Slots.Community+s.means.Slots.Phone+s.means.Slots.Name != "" {
		return true
	}
	slots := s.means.Slots
	slots.Time = ""
	if slots == (Slots{}) || slots.Ticket != "" {
		return false
	}
	left := rest(s.text, s.means.Slots)
	if carriesOn.ReplaceAllString(left, "") == "" {
		return true
	}
	if s.openMatter() != nil && (slots.Address != "" || slots.Community != "") && region.MatchString(left) {
		return true // 「黄河医院急诊楼，济北开发区」
	}
	if slots.Name != "" && (slots.Address+slots.Community+slots.Road+slots.District != "") && onlyWho.MatchString(left) {
		return true // 「她叫赵秀兰，历下区佛山街的」 tells of nothing
	}
	if s.memory.Draft == nil && s.memory.Call == nil && s.openMatter() == nil && len(s.memory.Later) == 0 {
		return false
	}
	if _, timed := moment(s.text, s.turn.Now); timed || hasCallWords.MatchString(s.text) && s.memory.Draft == nil {
		return false
	}
	return linking.MatchString(left)
}

// onlyWho stands around a name and where somebody lives.
var onlyWho = regexp.MustCompile(`^(?:[我俺她他]|叫|是|姓|名字|住|在|的|人|家|户主|[，,。、 ])*$`)

// region is a larger place, named beside the spot.
var region = regexp.MustCompile(`^[\p{Han}]{2,6}(?:区|县|镇|街道|街道办|办事处|新城|开发区|商圈|片区)$`)

var (
	// notThis are places and numbers that are named only to be put right.
	notThis = []*regexp.Regexp{
		regexp.MustCompile(`[，, ]*(?:可|而|并)?不(?:是|在|住)[^，,。！!？?；;]{1,20}[。！! ]*$`),                                      // 是12号楼不是11号楼
		regexp.MustCompile(`(?:不|并非|别)(?:是|在|住|打|按)[^，,。！!？?；;是]{1,20}[，,、 ]*(?:而|应该)?(?:是|在|住|打)`),                     // 不是11号楼是12号楼
		regexp.MustCompile(`^[^，,。；;]{0,24}(?:写|说|打|发|报|填|记|弄|搞)(?:错|反|混|串|岔)了?[，,：:。 ]+`),                              // 602写错了，应该是502
		regexp.MustCompile(`^.{0,24}(?:改成|改为|换成|改到)`),                                                                   // 11号楼改成12号楼
		regexp.MustCompile(`(?:^|[，,。；; ])[^，,。；;]{1,14}(?:正常|没事儿?|没问题|没坏|没漏|是好的|不漏)(?:[，,。；;！! ]|$)`),                  // B座正常，停的是A座
		regexp.MustCompile(`(?:^|[，,。；; ])[^，,。；;]{0,12}[0-9]{7,}[^，,。；;]{0,8}(?:停机|接不到|打不通|不用了|换了|没人接)(?:[，,。；; ]|$)`), // 138…停机了，打139…
	}
	hasFigure = regexp.MustCompile(`[0-9零一二三四五六七八九十A-Za-z]`)
)

// affirmed is a text without the places and numbers that it denies.
func affirmed(text string) string {
	for _, p := range notThis {
		if left := strings.TrimSpace(p.ReplaceAllString(text, "，")); left != "" && hasFigure.MatchString(left) || strings.ContainsAny(left, "路街村") {
			text = left
		}
	}
	return strings.Trim(text, "，, ")
}

// affirm reads the facts of a correction from what it affirms.
func (s *scene) affirm(ctx context.Context) {
	words := affirmed(s.text)
	if at := onSecondThought.FindStringIndex(s.text); at != nil {
		s.reconsider(ctx, s.text[:at[0]], s.text[at[1]:])
		return
	}
	if words == s.text || s.means.Slots == (Slots{}) {
		return
	}
	means, err := s.understander.Understand(ctx, words, nil)
	if err != nil {
		return
	}
	was, is := &s.means.Slots, means.Slots
	if _, ok := placed(is); ok && (was.Address+was.Community+was.Road != "") {
		was.Address, was.Community, was.Road = is.Address, is.Community, is.Road
	}
	if is.Phone != "" {
		was.Phone = is.Phone
	}
}

// onSecondThought parts what was said from what puts it right in one breath.
var onSecondThought = regexp.MustCompile(`(?i:[,.;! ]+(?:oh |oops|sorry|no wait|wait|no)[,. ]*(?:sorry|typo|wrong(?: one| number)?|my mistake|i mean|that'?s wrong)?[,. ]+(?:it'?s|it is|it should be|should be|i mean) +)|[，,。…\.! ！]+(?:哦|噢|啊|哎|呃|唉|嗯)?[，, ]?(?:不对不?对?|错了|[说打写]错了|不是不是)[，,。：: ]+(?:应该)?(?:是|在)?`)

// reconsider takes the place and the number that were said last; a part alone
// mends the place that was said before.
func (s *scene) reconsider(ctx context.Context, before, after string) {
	was, err := s.understander.Understand(ctx, before, nil)
	is, err2 := s.understander.Understand(ctx, after, nil)
	if err != nil || err2 != nil {
		return
	}
	slots := &s.means.Slots
	old, _ := placed(was.Slots)
	if a, ok := placed(is.Slots); ok {
		slots.Address, slots.Community, slots.Road = merged(old.Text, a).Text, is.Slots.Community, is.Slots.Road
	} else if place, ok := turned(old.Text, after); ok {
		slots.Address = place
	} else if words := strings.Trim(after, "，,。. "); old.Text != "" && roomAlone.MatchString(words) {
		slots.Address = patched(old.Text, words)
	}
	if is.Slots.Phone != "" {
		slots.Phone = is.Slots.Phone
	}
}

var (
	// part is one part of an address: its number and its unit.
	part      = regexp.MustCompile(`([0-9A-Za-z零〇一二三四五六七八九十百]+(?:-[0-9A-Za-z]+)*)(号楼|号院|栋|幢|座|单元|门洞|层|楼|室|户|号)?`)
	roomAlone = regexp.MustCompile(`^(?:[0-9一二三四五六七八九十A-Za-z]{1,3}(?:号楼|栋|幢|座|单元|门|层|楼)[，, ]?)*(?:[0-9]{3,4}|[零一二三四五六七八九十]{2,5})?(?:室|户)?[。. ]?$`)
	roomAfter = regexp.MustCompile(`^[，, ]?(?:[0-9]{3,4}|[零〇一二三四五六七八九十百]{2,5})(?:室|户)?(?:$|[，,。 ])`)
	leadsIn   = regexp.MustCompile(`^(?:那个|这个|个|就|是|在)+`)
)

var saysIt = regexp.MustCompile(`^(?:应该|其实|门牌|房号)?(?:是|在)?`)

// sameUnits are the units that name the same part of an address.
var sameUnits = strings.NewReplacer("栋", "号楼", "幢", "号楼", "座", "号楼", "户", "室", "门洞", "单元")

// patched is an address with the parts put right that another one names; what
// it does not have yet is added at its end.
func patched(old, change string) string {
	added := ""
	if at := part.FindStringIndex(change); at != nil && !slices.ContainsFunc(part.FindAllStringSubmatch(change, -1), func(m []string) bool { return lastPart(old, m[1], m[2]) != nil }) {
		return old + change[at[0]:] // with what stands after it: 「五号楼西头，挨着自行车棚」
	}
	for _, m := range part.FindAllStringSubmatch(change, -1) {
		at := lastPart(old, m[1], m[2])
		if at == nil {
			added += m[0]
			continue
		}
		old = old[:at[0]] + m[0] + old[at[1]:]
	}
	return old + added
}

// lastPart finds the last part of an address that has a unit, or that is a
// room when the unit is none.
func lastPart(address, number, unit string) []int {
	var found []int
	for _, m := range part.FindAllStringSubmatchIndex(address, -1) {
		u := ""
		if m[4] >= 0 {
			u = address[m[4]:m[5]]
		}
		room := (u == "" || u == "室" || u == "户") && (unit == "" || unit == "室" || unit == "户")
		if room && (m[1] == len(address) || u != "") || u != "" && sameUnits.Replace(u) == sameUnits.Replace(unit) {
			found = m[:2]
		}
	}
	return found
}

var partFirst = regexp.MustCompile(`^[0-9A-Za-z零一二三四五六七八九十]+(?:-[0-9A-Za-z]+)*(?:号?楼|号院|栋|幢|座|单元|层|室|户|号|门|$)`)

// partOnly reports whether a place is but a part of one: a building, a room.
func partOnly(a customer.Address) bool {
	return a.Community == "" && a.District == "" && !strings.ContainsAny(a.Text, "路街道村巷") && partFirst.MatchString(a.Text)
}

// exactly completes the address of the turn by the words that stand beside it:
// a room spoken after it, and no filler before it.
func (s *scene) exactly() {
	slots := &s.means.Slots
	if slots.Address == "" {
		slots.Address = s.roomTold()
		return
	}
	if i := strings.Index(s.text, slots.Address); i >= 0 {
		head, tail := s.text[:i], s.text[i+len(slots.Address):]
		room := roomAfter.FindString(tail)
		switch {
		case room != "" && unitEnds.MatchString(slots.Address):
			slots.Address += strings.Trim(room, "，,。 ")
		case s.wants(where):
			if more := goesOn.FindString(tail); more != "" && (!strings.HasPrefix(more, "，") || likePlace.MatchString(more)) {
				slots.Address += strings.TrimRight(more, "，,。；; \n")
			}
		}
		if s.wants(where) {
			if more := village.FindStringSubmatch(head); more != nil && !strings.Contains(slots.Address, more[1]) {
				slots.Address = more[1] + slots.Address // 「冷水沟村，东头小卖部跟前儿」
			} else {
				slots.Address = strings.Trim(begins.FindString(head), "，,。；; \n") + slots.Address
			}
		}
	}
	if at := strings.LastIndex(slots.Address, "："); at >= 0 {
		slots.Address = slots.Address[at+len("："):] // 「…反映：6号楼」
	}
	if left := leadsIn.ReplaceAllString(slots.Address, ""); s.wants(where) && utf8.RuneCountInString(left) > 3 {
		slots.Address = left
	}
}

var (
	unitEnds = regexp.MustCompile(`(?:元|楼|栋|幢|座)$`)
	// goesOn is the end of a place whose beginning is known, and begins the
	// beginning of one whose end is.
	goesOn  = regexp.MustCompile(`^，?(?:[^，,。！!？?；;、 \n漏坏水了吗呢有在是的电话手机住我您你说到号码叫姓名]|号){1,10}(?:$|[，,。；; \n])`)
	village = regexp.MustCompile(`(?:^|[，,。；; \n在是])([^，,。！!？?；;、 \n我俺在住是的]{1,6}(?:村|庄|屯|小区|社区|花园|家园|新居|宿舍))[，, ]$`)
	begins  = regexp.MustCompile(`(?:^|[，,。；; \n])[^，,。！!？?；;、 \n我俺在住是的家那个就说到从了来去离址点位置：:这叫姓名电话手机]{1,6}$`)
)

// wants reports whether a slot is what was asked for.
func (s *scene) wants(what slot) bool {
	return s.memory.Draft != nil && s.memory.Draft.Last == what || s.memory.Draft == nil && s.memory.Wanted == what
}

// roomTold is the room or the unit that the turn gives, and nothing else, for
// a place that is known.
func (s *scene) roomTold() string {
	known := ""
	if d := s.memory.Draft; d != nil {
		known = d.Place.Text
	} else if m := s.openMatter(); m != nil {
		known = m.Address
	}
	words := strings.Trim(saysIt.ReplaceAllString(affirmed(s.text), ""), "，,。. ")
	if at := strings.LastIndexAny(words, "，,"); at >= 0 && mistaken.MatchString(s.text) || at >= 0 && words != strings.Trim(s.text, "，,。. ") {
		words = saysIt.ReplaceAllString(strings.TrimLeft(words[at:], "，, "), "")
	}
	if place, ok := turned(known, s.text); ok {
		return place
	}
	if known == "" || utf8.RuneCountInString(words) < 2 || !roomAlone.MatchString(words) {
		return ""
	}
	return words
}

// way is the end of a place that says how to go on from there.
const way = `[往向朝][东西南北][东西南北走去边面头约大概0-9一二两三四五六七八九十百几来多点米步远左右]*`

var (
	wayOn    = regexp.MustCompile(way + `$`)
	otherWay = regexp.MustCompile(`(?:^|[，,。 是该])(` + way + `)(?:才对|才是)?[啊呀哈吧了。！! ]*$`)
)

// turned is a place with another way to go on: 「不对，是往西两百米」.
func turned(known, text string) (place string, ok bool) {
	at, to := wayOn.FindStringIndex(known), otherWay.FindStringSubmatch(text)
	if at == nil || to == nil || strings.Contains(text, known[:at[0]]) {
		return "", false
	}
	return known[:at[0]] + to[1], true
}

// merged is a place after another one was named for it.
func merged(old string, a customer.Address) customer.Address {
	if old != "" && partOnly(a) {
		return customer.ParseAddress(patched(old, a.Text))
	}
	if whole := otherSide(old, a.Text); whole != "" {
		return customer.ParseAddress(whole)
	}
	return a
}

// otherSide is the place before with its end replaced by one that lies on another
// side: 「西门5号摊位」 after 「七里堡市场东门5号摊位」. Empty when it is another place.
func otherSide(old, end string) string {
	const sides = "东西南北前后左右"
	was, is := []rune(old), []rune(end)
	from := len(was) - len(is)
	if from < 2 || len(is) < 3 {
		return ""
	}
	changed := false
	for i, r := range is {
		switch w := was[from+i]; {
		case r == w:
		case strings.ContainsRune(sides, r) && strings.ContainsRune(sides, w):
			changed = true
		default:
			return ""
		}
	}
	if !changed {
		return ""
	}
	return string(was[:from]) + end
}

// longRun is a run of digits that was meant for a number.
var longRun = regexp.MustCompile(`(?:[0-9][- ]?){7,}|[零〇一幺二两三四五六七八九壹贰叁肆伍陆柒捌玖]{7,}`)

// shortNumber is all of a message that gives a number with digits missing.
var shortNumber = regexp.MustCompile(`^[我俺]?的?(?:电话|手机|号码|手机号)(?:号码?)?[是为：:，, ]*[0-9]{3,6}[。！!～~ ]*$`)

// misdialled reports whether the turn gives a number that is none.
func (s *scene) misdialled() bool {
	_, err := customer.ParsePhone(s.means.Slots.Phone)
	return s.means.Slots.Phone != "" && err != nil ||
		shortNumber.MatchString(s.text) ||
		s.means.Slots.Phone == "" && s.means.Slots.Ticket == "" && longRun.MatchString(strings.Replace(s.text, s.means.Slots.Address, "，", 1))
}

// inCompound reports whether a place is in the compound of a ticket, or a
// part of it.
func inCompound(a customer.Address, m Matter) bool {
	known := customer.ParseAddress(m.Address)
	return partOnly(a) || a.Community != "" && a.Community == known.Community
}
