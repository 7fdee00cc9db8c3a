package bot

import (
	"context"
	"regexp"
	"strings"
	"unicode/utf8"

	"quandesk/tickets"
	"quandesk/tickets/customer"
)

var (
	// counted is how people number what they have to say.
	counted = regexp.MustCompile(`^([\s\S]*?)(?:第?一(?:个|件|样)?(?:事|件事)?[是，,、：:]|一来|(?:\b1|[１①])(?:[.．、，,：:）)]|是)|头一(?:个|件|样)(?:是)?|一(?:个|件)事?(?:是)?|第一(?:个|件)?)([\s\S]{3,}?)[，,；;。、\s]*` +
		`(?:第?二(?:个|件|样)?(?:事|件事)?[是，,、：:]|二来|(?:\b2|[２②])(?:[.．、，,：:）)]|是)|另外?一(?:个|件|样)(?:事)?(?:是)?|再一个(?:是|就是)?|再就是|还有(?:一个|一件|个|就是)(?:事)?(?:是)?|[，,；;。]一(?:个|件)事?是|第二(?:个|件)?)([\s\S]{3,})$`)
	// added is how they add one thing to another.
	added = regexp.MustCompile(`[。；;！!？?，,\n ](?:另外|还有(?:个|一个|一件)?(?:事|问题)?|第二(?:个|件|[，,]|、)|再一个|其次|顺便(?:再)?(?:报|说|反映)?|还(?:想|要|得)(?:办|报|投诉|问|申请|开|把)|再(?:给我|帮我|办|报))[，,：: ]*`)
)

// putsOff has another thing to say, and does not say it yet.
var putsOff = regexp.MustCompile(`^[，,：: ]*(?:一会儿?|等会儿?|等一?下|待会儿?|回头|过会儿?|等下|稍后|先不)(?:再)?(?:说|讲|报|提)`)

// halves are the two things that a message says, without what leads up to
// them; false when it says one.
func halves(text string) (first, second string, ok bool) {
	if m := counted.FindStringSubmatch(text); m != nil && (m[1] == "" || utf8.RuneCountInString(m[1]) <= 60) {
		return m[2], m[3], true
	}
	at := added.FindStringIndex(text)
	if at == nil {
		return "", "", false
	}
	first, second = strings.TrimSpace(text[:at[0]]), strings.TrimSpace(text[at[1]:])
	return first, second, utf8.RuneCountInString(first) >= 3 && utf8.RuneCountInString(second) >= 4 // 「水压小，还有…」
}

// twofold reads two matters from one message as two drafts; false when there
// is but one.
func (s *scene) twofold(ctx context.Context) (Reply, bool) {
	first, second, ok := halves(s.text)
	if !ok || putsOff.MatchString(second) || s.memory.Draft != nil || s.means.Urgent {
		return Reply{}, false
	}
	list := counted.MatchString(s.text)
	a, ok := s.matterOf(ctx, first, list)
	if !ok {
		return Reply{}, false
	}
	b, ok := s.matterOf(ctx, second, list)
	if !ok || a.Category == b.Category && a.Application == b.Application {
		return Reply{}, false
	}
	s.startAt(ctx)
	d := s.memory.Draft
	for _, x := range []*draft{&a, &b} {
		x.At, x.Phone, x.Name, x.Anonymous, x.Suggested = d.At, d.Phone, d.Name, d.Anonymous, d.Suggested
		x.Asked = map[slot]int{}
	}
	if a.Place.Text == "" && (b.Place.Text != d.Place.Text || s.apart()) {
		a.Place = d.Place
	}
	if bothBlamed.MatchString(s.text) {
		for _, x := range []*draft{&a, &b} {
			if x.Kind == tickets.Repair {
				x.Kind = tickets.Complaint
				x.Words = append(x.Words, "投诉")
			}
		}
	}
	s.memory.Draft, s.memory.Later = &a, append(s.memory.Later, b)
	before := ""
	if a.Kind == tickets.Application {
		before = wordsApplying(a.Application)
	}
	return s.next(join(wordsBothMatters, before)), true
}

// apart reports whether the place stands by itself in the message, and so is
// that of all it tells: 「…，二是水费多扣了，燕子山小区3号楼」.
func (s *scene) apart() bool {
	slots := s.means.Slots
	for _, c := range clause.FindAllString(s.text, -1) {
		place := slots.Address
		if place == "" {
			place = slots.Community
		}
		if place != "" && strings.Contains(c, place) {
			return utf8.RuneCountInString(rest(c, slots)) <= 3
		}
	}
	return false
}

// placeApart takes the place of each of two matters when the turn names both:
// 「表在15号楼，井盖在西门」.
func (s *scene) placeApart(ctx context.Context, d *draft) {
	if len(s.memory.Later) == 0 || d.Last != where {
		return
	}
	other := &s.memory.Later[0]
	var mine, its, unsaid Slots
	for _, c := range clause.FindAllString(s.text, -1) {
		means, err := s.understander.Understand(ctx, c, nil)
		if err != nil {
			return
		}
		if _, ok := placed(means.Slots); !ok {
			continue
		}
		named := strings.Trim(rest(c, means.Slots), "在是的那个我家")
		here, there := strings.Contains(d.description(), named), strings.Contains(other.description(), named)
		switch {
		case named == "" || here == there:
			unsaid = means.Slots // 「我家是15号楼」
		case here:
			mine = means.Slots
		case there:
			its = means.Slots
		}
	}
	switch {
	case mine == (Slots{}):
		mine = unsaid
	case its == (Slots{}):
		its = unsaid
	}
	if mine == (Slots{}) || its == (Slots{}) {
		return
	}
	other.Place, _ = placed(its)
	s.bare, s.means.Intents = true, []Intent{SmallTalk} // the words say which place is whose, and no more
	slots := &s.means.Slots
	slots.Address, slots.Community, slots.Road, slots.District = mine.Address, mine.Community, mine.Road, mine.District
}

// matterOf is the draft of what a part of a message says; false when it says
// nothing that a ticket is made of. What is one of a list is told, not asked.
func (s *scene) matterOf(ctx context.Context, text string, listed bool) (draft, bool) {
	means, err := s.understander.Understand(ctx, text, nil)
	if err != nil {
		return draft{}, false
	}
	d := draft{Category: means.category(), Words: []string{text}}
	b := wantedBusiness(text)
	if noun := nouns[means.Application]; b == "" && means.first() == Apply && means.Confidence > 0.8 && noun != nil && noun.MatchString(text) {
		b = means.Application // 「去年的发票也没给我开」
	}
	if b != "" && (means.first() == Apply || !takesTicket(means)) {
		d.Kind, d.Application, d.Category = tickets.Application, b, categoryOf(b)
	} else if takesTicket(means) && means.Confidence > 0.4 {
		d.Kind = ticketKind(means)
	} else if listed && specific(means.Category) && !unsure.MatchString(text) {
		d.Kind = tickets.Complaint // one of two things that are told
	} else {
		return draft{}, false
	}
	if place, ok := placed(means.Slots); ok && means.Slots.Address+means.Slots.Community != "" {
		d.Place = place
	}
	return d, true
}

// nouns are what each business is about: a part of a message that names none of
// it asks for no business of its own.
var nouns = map[string]*regexp.Regexp{
	"new_connection": regexp.MustCompile(`接水|装表|新表|通水|报装`),
	"transfer":       regexp.MustCompile(`户名|户头|过户|更名`),
	"close_account":  regexp.MustCompile(`销户|[撤拆销]表`),
	"invoice":        regexp.MustCompile(`发票|电子票|票据`),
	"open_day":       regexp.MustCompile(`开放日|参观`),
	"meter_check":    regexp.MustCompile(`[验校]表|表[^，,。]{0,4}[验校]`),
}

// bothBlamed makes complaints of two matters.
var bothBlamed = regexp.MustCompile(`(?:都|全|两[个件样]都)(?:要|给我)?投诉`)

// generic is a place in the compound that was named just before.
var generic = regexp.MustCompile(`^(?:小区|楼下|院里|院子|门口|单元门|大门|[东西南北]门)`)

// second is the other matter of the resident, once the first has all that a
// ticket needs.
func (s *scene) second(d draft) (draft, bool) {
	if len(s.memory.Later) == 0 {
		return draft{}, false
	}
	other := s.memory.Later[0]
	s.memory.Later = s.memory.Later[1:]
	if other.Place.Text == "" {
		other.Place = d.Place // said back with the ticket, to be put right
	}
	if c := d.Place.Community; c != "" && other.Place.Community == "" && generic.MatchString(other.Place.Text) {
		other.Place = customer.ParseAddress(c + strings.TrimPrefix(other.Place.Text, "小区"))
	}
	if other.Name == "" {
		other.Name = d.Name
	}
	other.Phone, other.Anonymous = d.Phone, d.Anonymous
	return other, true
}
