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
	if d.Suggested != "" && samePlace.MatchString(s.text) {
		d.Place, d.Suggested = customer.ParseAddress(d.Suggested), ""
	}
}

// samePlace says that it is where the matter before was: 「另外报修一下，同一个地址」.
var samePlace = regexp.MustCompile(`(?:同一?个|一样的|还是(?:那|这|刚才那)个|跟刚才一个)(?:地址|地方|地点|位置|小区)|(?:地址|地方|地点|位置)(?:也)?(?:跟|和)?(?:刚才|上面|前面)?(?:的)?(?:一样|不变|没变|相同)`)

func (s *scene) startAt(ctx context.Context) {
	s.start()
	s.toldBefore(ctx)
	s.memory.Draft.At = s.receivedAt(ctx)
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
	if s.memory.Pinned = ""; d.Guessed {
		s.memory.Pinned = d.Place.Text
	}
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
	whole, err := s.understander.Understand(ctx, intact.ReplaceAllString(words, ""), nil)
	if err != nil || !takesTicket(whole) || d.Kind == tickets.Repair && d.Category == tickets.Outage {
		whole = s.means // what this turn says alone must do
	}
	switch {
	case d.Category == tickets.SecondarySupply && s.means.Category == tickets.Leak && ofTank.MatchString(d.description()): // it runs over
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

// ofTank names what stores and lifts water in a compound.
var ofTank = regexp.MustCompile(`水[箱相厢]|泵房|水池|水塔`)

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

// join puts two paragraphs together.
func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "\n" + b
}
