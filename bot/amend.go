package bot

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"quandesk/channels"
	"quandesk/tickets"
	"quandesk/tickets/customer"
)

// openMatter is the newest ticket on which something is still owed.
func (s *scene) openMatter() *Matter {
	for i := range s.turn.Tickets {
		if s.turn.Tickets[i].State.Open() {
			return &s.turn.Tickets[i]
		}
	}
	return nil
}

// same finds the ticket that already holds what this turn reports.
func (s *scene) same() *Matter {
	place, named := placed(s.means.Slots)
	if m := s.pointed(); m != nil {
		return m
	}
	if m := s.openMatter(); m != nil && (!named || sameSpot(place, m.Address)) && !s.bare && (s.means.category() == tickets.Other || s.vents()) &&
		!bare.MatchString(s.text) && !separate.MatchString(s.text) && !s.means.Urgent {
		return m // displeasure without a matter is about the one at hand
	}
	if m := s.openMatter(); m != nil && !named && (s.unclear() || m.Category == tickets.Leak && flows.MatchString(s.text) && !separate.MatchString(s.text)) {
		return m
	}
	if m := s.openMatter(); m != nil && named && m.Address != "" && m.Address == s.memory.Pinned && akin(m.Category, s.means.Category) && !separate.MatchString(s.text) {
		return m // the position that was shared is put in words
	}
	if m := s.openMatter(); m != nil && !s.means.Urgent && !separate.MatchString(s.text) && (!named || sameSpot(place, m.Address)) && s.repeats(*m) {
		return m
	}
	if m := s.openMatter(); m != nil && !separate.MatchString(s.text) && s.goesOn(*m, place, named) {
		return m
	}
	for i, m := range s.turn.Tickets {
		if !m.State.Open() {
			continue
		}
		if s.means.Category == tickets.Service && m.Category != tickets.Service && separate.MatchString(s.text) && accuses.MatchString(s.text) {
			continue // about the leak that was reported, but of who took the call
		}
		if alike(s.text, m.Description) {
			return &s.turn.Tickets[i]
		}
		near := !named || sameSpot(place, m.Address) || s.turn.Now.Sub(m.ReceivedAt) <= soon && onRoad(place, m.Address) && !separate.MatchString(s.text)
		if akin(m.Category, s.means.Category) && m.Kind != tickets.Application && near {
			return &s.turn.Tickets[i]
		}
	}
	return nil
}

// pointed is the ticket just opened that the turn names by a word of it to say
// where it is: 「阀门那个是道德街72号」.
func (s *scene) pointed() *Matter {
	at := pointsAt.FindStringSubmatch(s.text)
	if at == nil || s.means.Urgent {
		return nil
	}
	for i, m := range s.turn.Tickets {
		if m.State.Open() && s.turn.Now.Sub(m.ReceivedAt) <= soon && common(at[1], m.Description) > 0 {
			return &s.turn.Tickets[i]
		}
	}
	return nil
}

var pointsAt = regexp.MustCompile(`^(?:[哦噢对嗯]+[，, ]?)?([^，,。！!？?]{2,6})(?:那个|那件|那事|那边|的地[址方点])[^，,。！!？?]{0,4}[是在]`)

// soon is how long after a ticket people still tell of it, bit by bit.
const soon = 15 * time.Minute

// goesOn reports whether the turn tells more of a ticket just opened: of a
// danger, whatever it sounds like, and of one whose place was still wanted.
func (s *scene) goesOn(m Matter, place customer.Address, named bool) bool {
	if m.Kind == tickets.Application || m.Kind == tickets.Request && s.reports() && specific(s.means.Category) || s.turn.Now.Sub(m.ReceivedAt) > soon {
		return false // a promised call is no matter of its own: a leak told after it is one
	}
	if named && m.Address != "" && !sameSpot(place, m.Address) && !inCompound(place, m) && !onRoad(place, m.Address) && !anyHouse.MatchString(m.Address) {
		return false
	}
	return m.Urgent || m.Address == "" && (named || s.means.Confidence < 0.8)
}

// anyHouse is a spot by a house that has no name: the name told next is its own.
var anyHouse = regexp.MustCompile(`^(?:[我俺咱]们?的?)?(?:写字楼|商场|小区|单位|学校|公司|厂里?|店里?|楼[里下]|饭店|院里?|车库|地下室?|门口|门前|家里?|路边|停车场)(?:的)?(?:车库|地下|楼下|墙[边根角]|门口|门前|里头?|后头|边上|楼道|院里|食堂|卫生间|停车场)*$`)

// flows tells how much runs out: 「水不算大，一股一股的」.
var flows = regexp.MustCompile(`^水?(?:流)?(?:不算|不太|不|挺|很|越来越|还)(?:大|小|急|猛|多)|一股一股|(?:越流|越漏|越冒)越|水(?:流)?(?:大|小|急|猛)(?:了|得很|着呢)`)

// saysAgain is how people say that they have said it.
var saysAgain = regexp.MustCompile(`再(?:说|讲|强调|重复)(?:最后)?[一两]?[遍次]|说(?:了|过)[几多好两三]+[遍次]|重复一[遍次]|(?:跟|和|给)(?:你|您|恁)们?(?:都|不是)?说过|刚才?(?:不是)?(?:都|就)?(?:说|报|讲)(?:了|过)|(?:收到|听[见到]|看[见到]|记[下上]|登[记上])(?:没有?(?:收到|听[见到]|看[见到]|记[下上])?|了?吗)`)

// repeats reports whether the turn says again what a ticket is about: in so
// many words, or by the same number for the same place.
func (s *scene) repeats(m Matter) bool {
	number, err := customer.ParsePhone(s.means.Slots.Phone)
	return saysAgain.MatchString(s.text) || err == nil && number == m.Phone && m.Kind != tickets.Application && s.means.Confidence < 0.9
}

// unclear reports whether it is doubtful that the turn tells of something
// new: so close after a ticket it is more about that.
func (s *scene) unclear() bool {
	return s.means.Confidence < 0.75 && !s.bare && !s.means.Urgent && !bare.MatchString(s.text) && !separate.MatchString(s.text)
}

// vents reports whether a turn is anger about the matter at hand: it says
// that nobody cares, and names nobody of the staff.
func (s *scene) vents() bool {
	return s.means.category() == tickets.Service && !ofStaff.MatchString(s.text)
}

// akin reports whether two categories may be one matter seen twice: a leak,
// the hole dug for it and the cover over it are.
func akin(a, b tickets.Category) bool {
	street := []tickets.Category{tickets.Leak, tickets.Construction, tickets.Facility}
	return a == b || slices.Contains(street, a) && slices.Contains(street, b)
}

// sameSpot reports whether a place that was said may be the one of a ticket.
func sameSpot(place customer.Address, stored string) bool {
	if stored == "" {
		return true
	}
	known := customer.ParseAddress(stored)
	if place.Community != "" && known.Community != "" {
		return place.Community == known.Community
	}
	return strings.Contains(stored, place.Text) || strings.Contains(place.Text, stored) || within(place, stored) ||
		place.Detail != "" && strings.Contains(stored, place.Detail)
}

// within reports whether a place is but a building or a room, and the stored
// one names the same.
func within(place customer.Address, stored string) bool {
	parts := part.FindAllString(place.Text, -1)
	return partOnly(place) && len(parts) > 0 && !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(stored, p) })
}

// alike reports whether two texts say the same thing in nearly the same words.
func alike(a, b string) bool {
	x, y := pairs(a), pairs(b)
	if len(x) < 3 {
		return false
	}
	both := 0
	for p := range x {
		if y[p] {
			both++
		}
	}
	return float64(both) >= 0.7*float64(len(x))
}

func pairs(s string) map[[2]rune]bool {
	var r []rune
	for _, c := range s {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			r = append(r, c)
		}
	}
	out := map[[2]rune]bool{}
	for i := 1; i < len(r); i++ {
		out[[2]rune{r[i-1], r[i]}] = true
	}
	return out
}

// again deals with a matter that has a ticket: no second one is opened.
func (s *scene) again(m Matter) Reply {
	c := s.correction(m)
	if (m.Kind == tickets.Repair || m.Kind == tickets.Request) && insistsOnComplaint.MatchString(s.text) && !takesBack.MatchString(s.text) {
		if c == nil {
			c = &tickets.Correction{}
		}
		c.Complaint = true
		if s.means.Urgent {
			c.Urgent = &s.means.Urgent
		}
		r := s.supplement(m, c, wordsNowComplaint)
		r.Action.Urgent = s.means.Urgent
		return r
	}
	switch {
	case s.means.Urgent:
		urgent := true
		if c == nil {
			c = &tickets.Correction{}
		}
		c.Urgent = &urgent
		head := wordsRaised
		if !m.Urgent || sick.MatchString(s.text) && !sick.MatchString(m.Description) {
			head = joinLines([]string{safety(cmp.Or(m.Category, s.means.Category), s.text), head})
		}
		r := s.supplement(m, c, head)
		r.Action.Urgent = true
		return r
	case c != nil:
		return s.supplement(m, c, wordsAlready)
	case raises.MatchString(s.text) && s.turn.Conversation.State != channels.Waiting:
		return Reply{
			Text:   wordsHandOffFailed,
			Words:  func(Result) string { return join(wordsAlreadyThere(m, s.turn.Now), wordsPersonToo) },
			Action: &Action{Type: HandOff, Note: cut(s.text, longestNote-1), Raised: true},
		}
	case s.urging():
		return s.urge(m)
	case alike(s.text, m.Description):
		return Reply{Text: wordsAlreadyThere(m, s.turn.Now)}
	}
	return s.supplement(m, nil, wordsAlready)
}

// insistsOnComplaint calls what was taken for a repair a complaint; takesBack does
// not want it to be one.
var (
	insistsOnComplaint = regexp.MustCompile(`(?:我|就|那|必须|一定|给我|赶快|赶紧|直接)?(?:要|得|登记|按|算|是|记)(?:个|成|为|一?下)?投诉|投诉(?:你们|到底)|(?:^|[，,。！!？? ])投诉(?:[，,。！! ]|$)`)
	takesBack          = regexp.MustCompile(`(?:不|没|别|先不|不是)(?:是|要|想|打算)?(?:要|来)?投诉`)
)

// correction is what this turn states differently from the ticket; nil when
// nothing.
func (s *scene) correction(m Matter) *tickets.Correction {
	var c tickets.Correction
	n, err := customer.ParsePhone(s.means.Slots.Phone)
	if err != nil {
		n, err = mended(m.Phone, s.text)
	}
	if err == nil && n != m.Phone {
		c.ContactPhone = &n
		s.memory.Phone, s.memory.Anonymous = n, false
	}
	numbers := c.ContactPhone != nil && tailPair.MatchString(s.text) // and no rooms
	if a, ok := placed(s.means.Slots); ok && !numbers && !strings.Contains(m.Address, a.Text) && !shorter(a, m.Address) {
		if s.means.Slots.Road == "" && besideIt(a, m.Address) && !mistaken.MatchString(s.text) && !corrects.MatchString(s.text) {
			a = customer.ParseAddress(m.Address + "，" + a.Text)
		}
		if s.means.Slots.Road == "" && onRoad(a, m.Address) && !mistaken.MatchString(s.text) && !corrects.MatchString(s.text) && s.turn.Now.Sub(m.ReceivedAt) <= soon {
			a = customer.ParseAddress(m.Address + a.Text)
		}
		a = merged(m.Address, a)
		if known := customer.ParseAddress(m.Address).District; known != "" && strings.HasPrefix(m.Address, known) && customer.ParseAddress(a.Text).District == "" && mistaken.MatchString(s.text) {
			a = customer.ParseAddress(known + a.Text) // 「说错了，是堤口庄北街」 lies in the same district
		}
		if x := roadForRoad.FindStringSubmatch(s.text); x != nil && a.Text == x[2] && strings.Contains(m.Address, x[1]) {
			a = customer.ParseAddress(strings.Replace(m.Address, x[1], x[2], 1))
		}
		c.Address = &a
	}
	if n := s.means.Slots.Name; n != "" {
		c.ContactName = &n
	}
	if c.ContactPhone == nil && c.Address == nil && c.ContactName == nil {
		return nil
	}
	return &c
}

// roadForRoad puts one road for another, and leaves the rest of the place as it was.
var roadForRoad = regexp.MustCompile(`不是(\p{Han}{1,7}[路街道巷])[，, ]{0,2}(?:应该|而)?是(\p{Han}{1,7}[路街道巷])$`)

// onRoad reports whether a place that names no road may be on the one that is all
// a stored place names: 「柳云小区」, after 「药山西路」.
func onRoad(a customer.Address, stored string) bool {
	return bareRoad.MatchString(stored) && a.District == "" && !partOnly(a) && !strings.ContainsAny(a.Text, "路街巷道村")
}

var bareRoad = regexp.MustCompile(`^(?:\p{Han}{1,3}[区县])?\p{Han}{1,6}[路街巷]$`)

// besideIt reports whether a place only helps to find a stored one: what it is
// next to, and no road or compound of its own: 「就那个卖烤地瓜的跟前」.
func besideIt(a customer.Address, stored string) bool {
	return stored != "" && utf8.RuneCountInString(stored) < 60 && a.District+a.Street+a.Community == "" && nextTo.MatchString(a.Text)
}

var nextTo = regexp.MustCompile(`(?:跟前|旁边|边上|对面|对过|隔壁|斜对过|附近|前头|后头)$`)

// shorter reports whether a place says less of a stored one: the same
// compound, and no number that is not in it.
func shorter(a customer.Address, stored string) bool {
	if a.Community == "" || !strings.Contains(stored, a.Community) {
		return false
	}
	for _, p := range part.FindAllString(a.Detail, -1) {
		if !strings.Contains(stored, p) {
			return false
		}
	}
	return utf8.RuneCountInString(a.Text) < utf8.RuneCountInString(stored)
}

// lastDigits is a correction of the end of a number: 「末位打错了，是6不是5」.
var lastDigits = regexp.MustCompile(`(?:末|尾|最后|后)(?:[一两二三四1-4]|几)?[位号个]?(?:数字?)?(?:[^0-9]{0,10}?)(?:应该|该)?(?:是|改成|改为|换成)[^0-9]{0,3}([0-9]{1,4})(?:[^0-9]|$)`)

// tailPair are the end of a number and what it should have been.
var tailPair = regexp.MustCompile(`(?:^|[^0-9])([0-9]{3,6})[^0-9]{0,4}(?:错|不对|反)了?[^0-9]{0,8}([0-9]{3,6})(?:[^0-9]|$)`)

// notThisBut are the ends of two numbers, the second of which is right: 「不是
// 87214630，是87214603」.
var notThisBut = regexp.MustCompile(`不是([0-9]{7,8})[，, ]{0,2}(?:应该|而)?是([0-9]{7,8})(?:[^0-9]|$)`)

// mended is a number with its last digits put right.
func mended(number, text string) (string, error) {
	if pair := notThisBut.FindStringSubmatch(text); pair != nil && len(pair[1]) == len(pair[2]) && strings.HasSuffix(number, pair[1]) {
		return customer.ParsePhone(strings.TrimSuffix(number, pair[1]) + pair[2])
	}
	m := lastDigits.FindStringSubmatch(text)
	if pair := tailPair.FindStringSubmatch(text); m == nil && pair != nil && len(pair[1]) == len(pair[2]) && strings.HasSuffix(number, pair[1]) {
		return customer.ParsePhone(strings.TrimSuffix(number, pair[1]) + pair[2]) // 「6613错了，6631」
	}
	if m == nil || len(number) <= len(m[1]) || !mistaken.MatchString(text) {
		return "", tickets.ErrNotFound
	}
	return customer.ParsePhone(number[:len(number)-len(m[1])] + m[1])
}

// urging reports whether somebody wants it sooner, and does not say that he does not.
func (s *scene) urging() bool { return urges.MatchString(noUrge.ReplaceAllString(s.text, "")) }

func (s *scene) supplement(m Matter, c *tickets.Correction, head string) Reply {
	now := s.turn.Now
	a := &Action{Type: SupplementTicket, TicketNo: m.No, Note: cut(s.text, longestNote-1), Correction: c}
	if c != nil && c.ContactPhone != nil && forAll.MatchString(s.text) {
		for _, other := range s.turn.Tickets {
			if other.No != m.No && other.State.Open() && other.Phone == "" {
				a.Also = append(a.Also, Action{Type: SupplementTicket, TicketNo: other.No, Note: a.Note,
					Correction: &tickets.Correction{ContactPhone: c.ContactPhone}})
			}
		}
	}
	return Reply{
		Text:   wordsSupplementFailed,
		Words:  func(r Result) string { return wordsSupplemented(r, m, c, head, now) },
		Action: a,
	}
}

// forAll gives a number for every matter there is.
var forAll = regexp.MustCompile(`(?:两|俩|几)[个件]?(?:事|单)?(?:儿)?都|都(?:打|是|用|留|写|填|登)`)

func (s *scene) urge(m Matter) Reply {
	now := s.turn.Now
	return Reply{
		Text:   wordsUrgeFailed,
		Words:  func(Result) string { return wordsUrged(m, now) },
		Action: &Action{Type: UrgeTicket, TicketNo: m.No, Note: cut(s.text, longestNote-1)},
	}
}

// givesWanted reports whether the turn gives, or refuses, what was still
// wanted for the ticket just opened.
func (s *scene) givesWanted() bool {
	if s.openMatter() == nil || !noPhone.MatchString(s.text) && s.reports() && s.means.Confidence > 0.6 && utf8.RuneCountInString(rest(s.text, s.means.Slots)) > 8 {
		return false
	}
	_, place := placed(s.means.Slots)
	if s.memory.Wanted == phone {
		return s.means.Slots.Phone != "" || s.misdialled() || sayHere.MatchString(s.text) || noPhone.MatchString(s.text) || no.MatchString(s.text) || place
	}
	return place || s.means.Slots.Phone != "" || s.plainPlace()
}

// plainPlace reports whether the turn may be a place in words nobody knows.
func (s *scene) plainPlace() bool {
	n := utf8.RuneCountInString(s.text)
	if s.memory.Wanted == where && (!beside.MatchString(s.text) && !likePlace.MatchString(s.text) || noSpot.MatchString(s.text)) {
		return false
	}
	return n >= 3 && n <= 30 && !unsure.MatchString(s.text) && !filler.MatchString(s.text) && !yes.MatchString(s.text) &&
		!s.reports() && s.means.first() != SmallTalk && s.means.first() != Progress && s.means.Confidence < 0.9
}

func (s *scene) completeFiled() Reply {
	m := *s.openMatter()
	wanted := s.memory.Wanted
	if s.misdialled() {
		return Reply{Text: wordsBadPhone}
	}
	s.memory.Wanted = ""
	c := s.correction(m)
	if c == nil && wanted == where && s.plainPlace() {
		a := customer.ParseAddress(s.text)
		c = &tickets.Correction{Address: &a}
	}
	if c == nil && s.means.Slots.Phone == "" {
		s.memory.Anonymous = true
		return Reply{Text: wordsNoPhoneNeeded(m)}
	}
	if c != nil && c.ContactPhone == nil && m.Phone == "" && wanted == where && !s.memory.Anonymous {
		s.memory.Wanted = phone
	}
	ask := s.memory.Wanted
	r := s.supplement(m, c, wordsNoted)
	words := r.Words
	r.Words = func(res Result) string { return join(words(res), wordsWanted(ask, m.Phone != "")) }
	return r
}

// amends reports whether the turn only changes a ticket that is there: a
// correction, or nothing but a phone or a place.
func (s *scene) amends() bool {
	m := s.openMatter()
	if m != nil && s.means.Slots.Phone == "" {
		if _, err := mended(m.Phone, s.text); err == nil {
			return true
		}
	}
	if m != nil {
		if _, ok := turned(m.Address, s.text); ok && !s.means.Urgent {
			return true
		}
	}
	if m != nil && s.means.Slots.Phone == "" && writeIt.MatchString(s.text) && !s.means.Urgent {
		return true
	}
	if m != nil && s.means.Slots == (Slots{}) && mistaken.MatchString(s.text) && (!s.reports() || s.means.Confidence < 0.75) && !strings.ContainsAny(s.text, "?？") {
		return true // words that nobody can read go on the ticket as they are
	}
	if m == nil || s.means.Slots.Phone == "" && s.noPlaceSaid() && (s.means.Slots.Name == "" || !s.bare && !unchanged.MatchString(s.text) && !namesSelf.MatchString(s.text) && !mistaken.MatchString(s.text)) {
		return false
	}
	if s.means.Slots.Name != "" && s.means.Slots.Address+s.means.Slots.Phone == "" && mistaken.MatchString(s.text) && !s.means.Urgent {
		return true // 「打错字了，是陈旧的陈，陈立明」
	}
	if s.means.Slots.Name != "" && namesSelf.MatchString(s.text) && !s.reports() && (s.bare || !strings.ContainsAny(s.text, "?？")) {
		return true
	}
	if s.bare || unchanged.MatchString(s.text) && !s.reports() || sayHere.MatchString(s.text) && s.noPlaceSaid() {
		return true
	}
	if (s.means.first() == Callback || hasCallWords.MatchString(s.text)) && (s.timed() || hasCallWords.MatchString(s.text)) && !mistaken.MatchString(s.text) {
		return false
	}
	if m.Address == "" && m.Kind != tickets.Application && !s.noPlaceSaid() && !separate.MatchString(s.text) && !(s.reports() && s.means.Confidence > 0.8) && s.means.first() != Apply && s.means.first() != Callback && !s.asksAside() {
		return true
	}
	if m.Phone == "" && s.means.Slots.Phone != "" && !s.timed() && (!s.reports() || s.means.Confidence < 0.75 || s.noPlaceSaid() && !s.means.Urgent && !separate.MatchString(s.text) && s.means.first() != Complain && !specific(s.means.Category)) {
		return true
	}
	if s.asksAside() && !corrects.MatchString(s.text) {
		return false
	}
	if corrects.MatchString(s.text) || s.putsRight(*m) {
		return true
	}
	return !s.reports() && utf8.RuneCountInString(rest(s.text, s.means.Slots)) <= 3 && s.means.first() != Apply
}

// namesSelf tells a name, or puts one right.
var namesSelf = regexp.MustCompile(`姓\p{Han}[，,、 ]?\p{Han}{1,3}的\p{Han}|(?i:my name)|(?:我|俺|本人|免贵|[她他])姓|(?:我|俺)叫|联系人|改为联系|名字`)

// apologises begins what puts something right.
var apologises = regexp.MustCompile(`不好意思|抱歉|哎[呀哟]|搞[错混]|弄[错混]|[看听记说]错|不对|其实|才[对是]|应该|改|正常|没事|不是`)

// putsRight reports whether the turn names another building of the same
// compound, or another number to call, for a ticket that is there.
func (s *scene) putsRight(m Matter) bool {
	if separate.MatchString(s.text) || s.means.first() == Apply && (wantedBusiness(s.text) != "" || s.means.Slots.Phone == "") || strings.ContainsAny(s.text, "?？") {
		return false
	}
	other := specific(s.means.Category) && s.reports() && !akin(s.means.Category, m.Category) && s.means.Confidence > 0.8
	if a, ok := placed(s.means.Slots); ok {
		return !strings.Contains(m.Address, a.Text) && inCompound(a, m) && apologises.MatchString(s.text)
	}
	return s.means.Slots.Phone != "" && !other
}

func (s *scene) noPlaceSaid() bool {
	_, ok := placed(s.means.Slots)
	return !ok
}

func (s *scene) amend() Reply {
	m := *s.openMatter()
	c := s.correction(m)
	if c == nil && mistaken.MatchString(s.text) {
		return s.supplement(m, nil, wordsNotedAs(s.text))
	}
	return s.supplement(m, c, wordsNoted)
}

// upwards wants those above to know.
var upwards = regexp.MustCompile(`往上(?:面|头|级)?(?:反映|报|反应)|上报|上级|督办`)

// asWhether takes out the question that a verdict answers.
var asWhether = strings.NewReplacer("满不满意", "", "满意不满意", "", "是否满意", "")

// chose is a verdict given in so many words.
var chose = regexp.MustCompile(`(?:选|点|按|评|打|给|是|很|挺|非常|都|算|也)了?(?:个)?(?:满意|好评)|[，,。 ]满意|^满意`)

// afterwards deals with what residents say about tickets they have; false
// when the turn is none of that.
func (s *scene) afterwards() (Reply, bool) {
	if len(s.turn.Tickets) == 0 {
		return Reply{}, false
	}
	newest := s.turn.Tickets[0]
	verdict := asWhether.Replace(s.text)
	elsewhere := s.reports() && !akin(s.means.Category, newest.Category) &&
		s.means.Category != tickets.Service && s.means.Category != tickets.Other && s.means.Category != ""
	answered := newest.State == tickets.Settled || newest.State == tickets.Calling ||
		newest.State == tickets.Escalated || newest.State == tickets.Closed
	m := s.openMatter()
	switch {
	case answered && displeased.MatchString(verdict) && !elsewhere:
		r := s.supplement(newest, nil, wordsDispleased)
		r.Action.Urgent = true
		s.memory.Blamed = newest.No
		return r, true
	case answered && s.blamed == newest.No && !s.means.Urgent && (s.reports() || upwards.MatchString(s.text)) && !separate.MatchString(s.text) && s.noPlaceSaid():
		s.memory.Blamed = newest.No
		return s.supplement(newest, nil, wordsBlamedMore), true // why it did not satisfy
	case answered && pleased.MatchString(verdict) && (!elsewhere || chose.MatchString(verdict) && !separate.MatchString(verdict)) && !strings.HasSuffix(verdict, "吗"):
		return s.supplement(newest, nil, wordsPleased), true
	case m == nil:
		return Reply{}, false
	case s.urging() && !elsewhere && s.means.Slots.Ticket == "" &&
		(s.reports() || s.means.first() == Progress) && s.means.first() != Callback:
		return s.urge(*m), true
	case adds.MatchString(s.text) && !elsewhere && s.means.first() != Ask && s.means.first() != Callback && s.means.first() != Apply:
		return s.supplement(*m, s.correction(*m), wordsNoted), true
	}
	return Reply{}, false
}
