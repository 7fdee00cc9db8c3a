package bot

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

var (
	beside  = regexp.MustCompile(`旁|边|底下|下面|对面|对过|对门|门口|门前|附近|上面|里面?$|后面|前面|后头|前头|后身|跟前|中间|拐角|路口|口上|楼下|院里|树下|桥头|往[东西南北]|[东西南北]头|那儿|那里|口$`)
	leading = regexp.MustCompile(`^(?:那个|嗯|呃|哦|喂|好像|大概|反正)?[，, ]?(?:我家?|俺家?)?(?:地址|位置|地点)?(?:就)?(?:是|在|住)*[:：]?`)
	trouble = regexp.MustCompile(`[停没断]水|不是|没有|也[没不]|漏|哗|淌|冒|发黄|[^卖]的是`)
	// tellsMore is said of the matter, not of the place.
	tellsMore = regexp.MustCompile(`没说清|说错了|没事[，,]|没问题[，,]|太(?:吵|响|小|大|脏|臭|慢|贵)`)
	// whether asks for yes or no: 「前头那个老板还欠着水费，这能办不」.
	whether = regexp.MustCompile(`(?:能|可以|行|中|算|用|要|会|管|影响|碍事|得)[^，,。！!]{0,6}[不没][呀啊哈。]*$`)
	// nameless is said by people who do not know what a place is called.
	nameless = regexp.MustCompile(`^[^，,。！!]{0,12}(?:说不上来?|说不清楚?|说不准|不知道|不清楚|不认识|不认得|叫不上来?|叫不出来?|不晓得|没注意)[^，,。！!]{0,10}[，,。！! ]+`)
)

// landmark takes the words that pin a place down for the address when one was
// asked for: 「老火车站旁边那个大槐树底下」. An exact address is left as it is.
func (s *scene) landmark() {
	if !s.wants(where) || s.means.Urgent || tellsMore.MatchString(s.text) || whether.MatchString(s.text) || noSpot.MatchString(s.text) || exactAddress(s.means.Slots.Address) {
		return
	}
	words := s.placeWords()
	if n := utf8.RuneCountInString(words); n < 3 || n > 40 || !beside.MatchString(words) || unsure.MatchString(words) || trouble.MatchString(words) || strings.ContainsAny(words, "?？\n") {
		return
	}
	address := s.means.Slots.Address
	if address != "" && !beside.MatchString(strings.Replace(words, address, "", 1)) {
		return // 「…邮局门口，盖上写着供水的」
	}
	if address == "" || strings.Contains(words, address) {
		s.means.Slots.Address = placeAlone(words)
	}
}

// exactAddress reports whether an address has a number or a building.
func exactAddress(address string) bool { return strings.ContainsAny(address, "0123456789号楼") }

// placeAlone is the place of such words without what is remarked beside it:
// 「平安新苑，物业那边就知道收钱」.
func placeAlone(words string) string {
	parts := clause.FindAllString(words, -1)
	if len(parts) == 2 && remarks.MatchString(parts[1]) {
		return strings.Trim(parts[0], "，,。！!；; ")
	}
	return words
}

// remarks are what is said beside a place.
var remarks = regexp.MustCompile(`就知道|不管|没人|收钱|物业(?:那边|说|也)|[他她]们?(?:说|就)|(?:急|气|烦|愁)(?:死|人)`)

// placeWords are the words of the turn without the phone, the name and the
// excuse that stand beside the place.
func (s *scene) placeWords() string {
	var kept []string
	for _, c := range clause.FindAllString(nameless.ReplaceAllString(strings.TrimSpace(s.text), ""), -1) {
		slots := s.means.Slots
		if slots.Phone != "" && strings.Contains(c, slots.Phone) || slots.Name != "" && strings.Contains(c, slots.Name) {
			continue
		}
		kept = append(kept, c)
	}
	return strings.Trim(leading.ReplaceAllString(strings.Join(kept, ""), ""), "，,。！!；; ")
}
