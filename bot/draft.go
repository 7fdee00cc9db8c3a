package bot

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"quandesk/channels"
	"quandesk/tickets"
	"quandesk/tickets/customer"
)

// report takes up something that is wrong: as a new ticket, or as more words
// on one that is there.
func (s *scene) report(ctx context.Context) (Reply, error) {
	if m := s.same(); m != nil && (s.memory.Draft == nil || m.Urgent && s.means.Urgent && !separate.MatchString(s.text)) {
		return s.again(*m), nil
	}
	s.memory.Wanted = ""
	if d := s.memory.Draft; d != nil && d.Kind == tickets.Application && s.means.Urgent {
		s.memory.Draft, s.memory.Later = nil, append([]draft{*d}, s.memory.Later...)
	}
	if s.memory.Draft == nil {
		s.startAt(ctx)
	} else {
		s.merge(ctx)
	}
	return s.next(""), nil
}

// start makes the draft of this turn.
func (s *scene) start() {
	kind := s.means.Kind
	if !kind.Valid() || kind == tickets.Inquiry || kind == tickets.Request {
		kind = tickets.Complaint
		if s.means.first() == AskRepair || s.means.first() == AskOutage {
			kind = tickets.Repair
		}
	}
	if s.call == nil && callMe.MatchString(s.text) && !beforeNow.MatchString(s.text) {
		s.callBesides()
	}
	d := &draft{Kind: kind, Category: s.means.category(), Urgent: s.means.Urgent, At: s.turn.Now, Asked: map[slot]int{}, Call: s.call}
	if s.means.first() == Complain && kind == tickets.Repair {
		d.Kind = tickets.Complaint // words of complaint are never taken for less
	}
	s.memory.Draft = d
	s.absorb(d)
	if !s.bare {
		d.Words = append(d.Words, s.text)
	}
	if d.Phone == "" {
		d.Phone = s.knownPhone()
	}
	if d.Name == "" {
		d.Name = s.memory.Name
	}
	if s.memory.Anonymous {
		d.Anonymous, d.Asked[phone] = true, 1 // he has been asked for it before
	}
	if d.Place.Text == "" {
		d.Suggested = s.knownPlace()
	}
}

func (s *scene) startAt(ctx context.Context) {
	s.start()
	s.toldBefore(ctx)
	s.memory.Draft.At = s.receivedAt(ctx)
}

// onlyThat is said by who wants a matter registered that was told before.
var onlyThat = regexp.MustCompile(`^(?:对|是的?|嗯|没错|那)?[，,。 ]*(?:我)?(?:就是|就|那就|那)?(?:要|想|得)?(?:给我|帮我)?(?:投诉|报修|登记|反映|报)(?:这个|这事|这件事|一下)*[啊呀吧的了。！! ]*$`)

// toldBefore takes the matter from the message before, when this one only says
// that it is to be registered: 「水压不行」, 「对，就是要投诉」.
func (s *scene) toldBefore(ctx context.Context) {
	const short = 20
	d := s.memory.Draft
	only := onlyThat.MatchString(s.text)
	if !only && (s.means.Unsorted < 0.5 && s.means.Confidence > 0.75 || utf8.RuneCountInString(s.text) > short || d.Urgent || s.bare) {
		return
	}
	last := ""
	for _, m := range s.turn.History {
		if m.Author == channels.FromCustomer && m.Text != "" && !m.CreatedAt.After(s.turn.Now) {
			last = m.Text
		}
	}
	if last == "" || last == s.text {
		return
	}
	if !only {
		if whole, err := s.understander.Understand(ctx, last+"，"+s.text, nil); err == nil && takesTicket(whole) && specific(whole.Category) {
			d.Category = whole.Category // 「半年？我们这三年没见人上去过」, after a question on the tank
		}
		return
	}
	means, err := s.understander.Understand(ctx, last, nil)
	if err != nil || !specific(means.Category) {
		return
	}
	d.Category, d.Words = means.Category, []string{last, s.text}
	if place, ok := placed(means.Slots); ok && d.Place.Text == "" {
		d.Place = place
	}
}

func takesTicket(u Understanding) bool {
	return slices.Contains(u.Intents, Complain) || slices.Contains(u.Intents, AskRepair)
}

func ticketKind(u Understanding) tickets.Kind {
	if u.first() == AskRepair || !slices.Contains(u.Intents, Complain) {
		return tickets.Repair
	}
	if u.Kind == tickets.Report || u.Kind == tickets.Suggestion {
		return u.Kind
	}
	return tickets.Complaint
}

// absorb takes the facts of this turn into a draft.
func (s *scene) absorb(d *draft) {
	slots := s.means.Slots
	if number, err := customer.ParsePhone(slots.Phone); err == nil {
		d.Phone, d.Anonymous = number, false
		s.memory.Phone, s.memory.Anonymous = number, false
	} else if number, err := mended(d.Phone, s.text); err == nil {
		d.Phone, s.memory.Phone = number, number
	}
	if slots.Name != "" {
		d.Name = slots.Name
	}
	if place, ok := placed(slots); ok {
		if d.Guessed && !partOnly(place) {
			d.Place = customer.Address{}
		}
		d.Place, d.Guessed = s.better(*d, place), s.shared // words are more exact than a position
		if d.District != "" && d.Place.District == "" && !strings.Contains(d.Place.Text, d.District) {
			d.Place = customer.ParseAddress(d.District + d.Place.Text)
		}
	} else if slots.District != "" {
		d.District = slots.District
	}
	if slots.Phone == "" && (noPhone.MatchString(s.text) || d.Last == phone && sayHere.MatchString(s.text)) {
		d.Anonymous = true
		s.memory.Anonymous = d.Asked[phone] > 0
	}
}

// better is the place of a draft after another one was named: the one that
// was asked for or corrected, the more exact one, or both together.
func (s *scene) better(d draft, place customer.Address) customer.Address {
	old := d.Place
	alone := place.Community == "" && place.District == "" && !strings.ContainsAny(place.Text, "路街道村0123456789")
	exact := strings.ContainsAny(place.Text, "0123456789")
	switch {
	case old.Text == "" || corrects.MatchString(s.text) && !partOnly(place):
		return place
	case strings.Contains(old.Text, place.Text):
		return old
	case exact && place.Community != "" && place.Community == old.Community && strings.ContainsAny(old.Detail, "0123456789"):
		return place // another number in the same compound: the one said last
	case strings.Contains(place.Text, old.Text):
		return place
	case partOnly(place):
		return merged(old.Text, place) // 3号楼, after the name of the compound
	case d.Last != where && old.Community == "" && place.Community != "" && !strings.ContainsAny(place.Text, "路街道"):
		return customer.ParseAddress(old.Text + place.Text) // the compound, after the street
	case alone:
		return customer.ParseAddress(old.Text + place.Text)
	case d.Last == where || exact && !strings.ContainsAny(old.Text, "0123456789"):
		return place
	}
	return old
}

// onlyDistrict reports whether a place is a district and no more.
func onlyDistrict(a customer.Address) bool {
	return a.District != "" && a.Street == "" && a.Community == "" && a.Detail == ""
}

// livesIn stands in the middle of a place: 「美里新居中区，我住8号楼」.
var livesIn = regexp.MustCompile(`[，, ]*(?:我|俺)(?:家)?(?:就)?(?:住|在|是)+`)

// placed makes an address of the slots; a district alone is no place.
func placed(slots Slots) (customer.Address, bool) {
	text := slots.Address
	if text == "" {
		text = slots.Community
	}
	if text == "" && slots.Road != "" {
		text = slots.Road
	}
	if text == "" {
		return customer.Address{}, false
	}
	text = livesIn.ReplaceAllString(text, "")
	if slots.District != "" && !strings.Contains(text, slots.District) {
		text = slots.District + text
	}
	a := customer.ParseAddress(text)
	if onlyDistrict(a) && slots.Community+slots.Road == "" {
		return customer.Address{}, false
	}
	if a.Community == "" {
		a.Community = slots.Community
	}
	return a, true
}

// next asks for what is missing, or opens the ticket. before is what was
// answered first in this turn.
func (s *scene) next(before string) Reply {
	d := s.memory.Draft
	if r, ok := s.explained(d); ok {
		return r
	}
	if d.Urgent && d.Place.Text == "" {
		d.Suggested = ""
	}
	d.fit()
	if miss := d.missing(); miss != "" {
		if d.Asked == nil {
			d.Asked = map[slot]int{}
		}
		d.Asked[miss]++
		d.Last = miss
		return Reply{Text: join(before, s.question(d))}
	}
	return s.open(before)
}

// fit puts the kind of a draft right by what it is about, whatever single
// turns sounded like.
func (d *draft) fit() {
	words := d.description()
	switch {
	case d.Kind == tickets.Complaint && (!specific(d.Category) && ofService.MatchString(words) || lets.MatchString(words)):
		d.Category = tickets.Service
	case d.Kind == tickets.Complaint && d.Category != tickets.Service && ofStaff.MatchString(words) && rude.MatchString(words):
		d.Category = tickets.Service
	case d.Kind == tickets.Repair && slices.Contains(complainedOf, d.Category):
		d.Kind = tickets.Complaint
	case d.Kind == tickets.Complaint && !d.vague() && (slices.Contains(crewed, d.Category) || fixIt.MatchString(words)) && !blames.MatchString(words) && !inEnglishComplains.MatchString(words):
		d.Kind = tickets.Repair // a crew has to come
	}
}

// crewed are the categories that a crew is sent for when nobody is blamed.
var crewed = []tickets.Category{tickets.Leak, tickets.Facility}

var (
	lets      = regexp.MustCompile(`放(?:我|我们)?鸽子|爽约|失约|红包|吃拿卡要`)
	ofService = regexp.MustCompile(`投诉[^，,。]{0,4}服务|服务[^，,。]{0,6}(?:差|不行|不好|烂)`)
	rude      = regexp.MustCompile(`骂|态度|甩脸|吼|脏话|挂(?:我)?电话|爱答不理|推诿|翻白眼|嗑瓜子|玩手机|不耐烦`)
	fixIt     = regexp.MustCompile(`(?i)please (?:fix|repair|send)|(?:水表|表).{0,4}(?:停走|不走|停转|不转|不动)`)
)

// complainedOf are the categories that no crew mends: somebody calls within 20
// minutes (11.2).
var complainedOf = []tickets.Category{tickets.WaterQuality, tickets.Pressure, tickets.Billing, tickets.Service, tickets.Installation}

// open asks the desk for the ticket of the draft.
func (s *scene) open(before string) Reply {
	d := *s.memory.Draft
	if d.Urgent && d.Kind == tickets.Complaint && (d.Category == tickets.Outage || d.Category == tickets.Leak || d.Category == tickets.Facility) && !blames.MatchString(d.description()) {
		d.Kind = tickets.Repair // a crew has to come
	}
	d.Raised = d.Raised || raises.MatchString(d.description())
	called := (d.Urgent || d.Raised) && s.turn.Conversation.State != channels.Waiting
	if d.Phone == "" && !d.Urgent && !d.public() {
		d.Anonymous = true
	}
	s.memory.Filed = &d
	s.memory.Draft, s.memory.Wanted = nil, ""
	if c := s.memory.Call; c != nil && c.At.IsZero() {
		s.memory.Call = nil // a number given now is for the ticket
	}
	switch {
	case d.Place.Text == "" && d.placed():
		s.memory.Wanted = where
	case d.Phone == "" && !d.Anonymous:
		s.memory.Wanted = phone
	}
	wanted, later := s.memory.Wanted, ""
	book := d.Call != nil && d.Phone != "" && d.Call.At.After(s.turn.Now) && s.mayCall(*d.Call, d.Phone)
	if d.Call != nil && !book {
		s.memory.Call = &call{Phone: d.Phone, Words: d.Call.Words}
		later = "\n" + wordsAskTime
	}
	var also *draft
	if other, ok := s.second(d); ok && other.missing() == "" {
		also = &other
	} else if ok {
		miss := other.missing()
		other.Asked, other.Last = map[slot]int{miss: 1}, miss
		s.memory.Draft, s.memory.Wanted, wanted = &other, "", ""
		later += wordsSecondMatter(other.description()) + s.question(&other)
	}
	s.memory.Also = also
	now := s.turn.Now
	action := &Action{Type: OpenTicket, Opening: d.opening(), Urgent: d.Urgent, Raised: called}
	if book {
		action.Type, action.At, action.Note = BookCallback, d.Call.At, cut(d.Call.Words, longestNote-1)
	}
	if also != nil {
		action.Also = append(action.Also, Action{Type: OpenTicket, Opening: also.opening()})
	} else if m := s.openMatter(); m != nil && m.Phone == "" && s.means.Slots.Phone != "" && d.Phone != "" {
		action.Also = append(action.Also, Action{Type: SupplementTicket, TicketNo: m.No, Note: cut(s.text, longestNote-1),
			Correction: &tickets.Correction{ContactPhone: &d.Phone}})
	}
	return Reply{
		Text: join(before, wordsOpenFailed),
		Words: func(r Result) string {
			words := wordsOpened(r, d, wanted, now) + later
			if also != nil {
				words = join(words, wordsAlso(r, *also, now))
			}
			if book {
				words = join(words, wordsCallBooked(Result{At: r.At}, call{At: d.Call.At, Phone: d.Phone, Said: d.Call.Said}, false, now))
			}
			if called {
				words = join(words, wordsPersonToo)
			}
			return join(before, words)
		},
		Action: action,
	}
}

// merge adds this turn to the draft. What the matter is, is read again from
// all its words: people come to the point by and by.
func (s *scene) merge(ctx context.Context) {
	d := s.memory.Draft
	vague := d.vague()
	s.absorb(d)
	if extra := rest(s.text, s.means.Slots); (utf8.RuneCountInString(extra) > 2 || s.names(d)) && !filler.MatchString(s.text) && !slices.Contains(d.Words, s.text) {
		d.Words = append(d.Words, s.text)
	}
	danger := s.means.Urgent && s.reports()
	if danger && d.Category == tickets.Outage && s.means.Category == tickets.SecondarySupply {
		s.means.Category = tickets.Outage // 「水箱里只剩半盆」 is why it is urgent
	}
	if danger && !d.Urgent && specific(s.means.Category) && !akin(d.Category, s.means.Category) {
		d.Category, d.Soft = s.means.Category, false // what endangers goes before what annoys
		d.Urgent = true
		if d.Kind != tickets.Complaint {
			d.Kind = ticketKind(s.means)
		}
		return
	}
	d.Urgent = d.Urgent || danger
	if danger && akin(d.Category, s.means.Category) && !spouts.MatchString(s.text) {
		return
	}
	if s.names(d) {
		d.Application, d.Category = s.means.Application, categoryOf(s.means.Application)
	}
	if vague && d.Last == what && specific(s.means.Category) && d.Kind != tickets.Application {
		d.Category = s.means.Category // told when asked what it is, however it sounds
	}
	if !s.reports() || d.Kind == tickets.Application || d.Kind == tickets.Suggestion {
		return
	}
	if s.onlyPlace(d) {
		return
	}
	if instead := replacing.FindStringSubmatch(s.text); instead != nil {
		s.reread(ctx, d, strings.Join(instead[1:], ""))
		return
	}
	words := d.description()
	if d.Category == tickets.Other && !slices.Contains(d.Words, s.text) {
		words += "，" + s.text // 「…那个工地」 tells what the noise was
	}
	whole, err := s.understander.Understand(ctx, words, nil)
	if err != nil || !takesTicket(whole) || d.Kind == tickets.Repair && d.Category == tickets.Outage {
		whole = s.means // what this turn says alone must do
	}
	switch {
	case s.means.Category == tickets.Leak && s.means.first() == AskRepair && s.means.Confidence > 0.8 && spouts.MatchString(s.text):
		d.Category, d.Soft = tickets.Leak, false // what runs out is why there is none
		whole = s.means
		if insteadOf.MatchString(s.text) {
			d.Kind, d.Words = tickets.Repair, []string{s.text}
		}
	case d.Category == tickets.Leak:
	case vague || specific(whole.Category) && (!specific(d.Category) || d.Soft || s.means.Confidence > 0.6 && turnsOut.MatchString(s.text)):
		d.Category, d.Soft = whole.category(), false
	}
	switch {
	case vague || d.Kind == tickets.Complaint && !blames.MatchString(d.description()):
		d.Kind = ticketKind(whole)
	case blames.MatchString(s.text) && d.Kind == tickets.Repair:
		d.Kind = tickets.Complaint // words of complaint are never taken for less
	}
}

// insteadOf puts one matter in the place of another.
var insteadOf = regexp.MustCompile(`^(?:不对|不是|等等|等会儿?)[，,]|先说要紧的`)

// turnsOut tells that a matter is another one than it seemed.
var turnsOut = regexp.MustCompile(`不是|其实|原来|搞错|弄错|不对|主要是|改成|应该是|说错|才发现|这才|敢情|[断坏掉裂]了|还[有是]|而且|另外|也`)

// names reports whether the turn says which business it is that was asked for.
func (s *scene) names(d *draft) bool {
	return d.Kind == tickets.Application && d.Application == "other" && s.means.Application != "" && s.means.Application != "other"
}

// onlyPlace reports whether the turn is the place that was asked for: what it
// sounds like besides says nothing of the matter.
func (s *scene) onlyPlace(d *draft) bool {
	_, place := placed(s.means.Slots)
	left := rest(s.text, s.means.Slots)
	return d.Last == where && place && !d.vague() && d.Category != tickets.Other && s.means.Confidence < 0.85 &&
		utf8.RuneCountInString(left) <= 10 && !spouts.MatchString(left)
}

// spouts tells of water that runs out.
var spouts = regexp.MustCompile(`漫|水管|管[道子]|漏|爆|喷|冒|淹|滋|呲|淌|流`)

// replacing is a matter that takes the place of the one named before:
// 「不是停水，是水压太小」, 「真要投诉的是门口的沟」.
var replacing = regexp.MustCompile(`(?:不是|不要).{2,12}[，, ](?:而?是|要|改成)(.{2,})$|(?:没事|没问题|正常|不赖)[，, ]+(?:就|主要)?是(.{2,})$|(?:真|其实|实际|主要|就)(?:正|上)?(?:要|想)?(?:投诉|反映|报修|报|说)的?是(.{2,})$`)

// reread takes what a matter really is from the words that put it right.
func (s *scene) reread(ctx context.Context, d *draft, words string) {
	means, err := s.understander.Understand(ctx, words, nil)
	if err == nil && takesTicket(means) {
		d.Category, d.Soft = means.category(), false
	}
}

// specific reports whether a category says what is wrong and not only that
// somebody is unhappy.
func specific(c tickets.Category) bool {
	return c != "" && c != tickets.Other && c != tickets.Service
}

func (s *scene) knownPhone() string {
	if s.memory.Phone != "" {
		return s.memory.Phone
	}
	for _, m := range s.turn.Tickets {
		if m.Phone != "" {
			return m.Phone
		}
	}
	return ""
}

func (s *scene) knownPlace() string {
	for _, m := range s.turn.Tickets {
		if m.Address != "" {
			return m.Address
		}
	}
	return s.memory.Place
}

// join puts two paragraphs together.
func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "\n" + b
}
