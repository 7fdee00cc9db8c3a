package bot

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"quandesk/channels"
	"quandesk/tickets"
)

// onlyThat is said by who wants a matter registered that was told before.
var onlyThat = regexp.MustCompile(`^(?:对|是的?|嗯|没错|那)?[，,。 ]*(?:我)?(?:就是|就|那就|那)?(?:要|想|得)?(?:给我|帮我)?(?:投诉|报修|登记|反映|报)(?:这个|这事|这件事|一下)*[啊呀吧的了。！! ]*$`)

// sendsFor wants somebody to come and mend: no person to talk to.
var sendsFor = regexp.MustCompile(`(?:叫|派|让|喊|请)个?(?:人|师傅|工人)(?:来|过来|上门)|来个(?:人|师傅)(?:修|看|弄|给)`)

// sendsForSomebody reports whether the turn wants somebody for what was asked about
// in the message before, and makes a report of the two: 「水表那儿滴水咋整」, 「俺不会弄，
// 恁叫个人来」.
func (s *scene) sendsForSomebody(ctx context.Context) bool {
	said := s.saidBefore()
	if len(said) == 0 || s.openMatter() != nil || s.means.Urgent || s.reports() || !sendsFor.MatchString(s.text) || wantPerson.MatchString(s.text) {
		return false
	}
	both := said[len(said)-1] + "，" + s.text
	means, err := s.understander.Understand(ctx, both, nil)
	if err != nil || !slices.Contains(crewed, means.Category) {
		return false
	}
	means.Intents, means.Kind = []Intent{AskRepair}, tickets.Repair
	means.Slots = s.means.Slots
	s.means, s.text = means, both
	return true
}

// toldBefore takes the matter from the message before, when this one only says
// that it is to be registered: 「水压不行」, 「对，就是要投诉」.
func (s *scene) toldBefore(ctx context.Context) {
	const short = 30
	d := s.memory.Draft
	only := onlyThat.MatchString(s.text)
	if s.bare && !only {
		s.placeTold(ctx, d)
		return
	}
	if !only && (ofStaff.MatchString(s.text) || s.means.Unsorted < 0.5 && s.means.Confidence > 0.75 && d.Category != tickets.Other || utf8.RuneCountInString(s.text) > short || d.Urgent) {
		return
	}
	said := s.saidBefore()
	if len(said) == 0 {
		return
	}
	last := said[len(said)-1]
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

// saidBefore is what the resident wrote before this turn, the oldest first.
func (s *scene) saidBefore() []string {
	var out []string
	for _, m := range s.turn.History {
		if m.Author == channels.FromCustomer && m.Text != "" && !m.CreatedAt.After(s.turn.Now) && m.Text != s.text {
			out = append(out, m.Text)
		}
	}
	return out
}

// placeTold takes the matter of a place that comes alone from one of the messages
// before it, when both together are a report of what that one is about: 「俺家水表那
// 疙瘩淌水来」, taken for a question, and then where that is.
func (s *scene) placeTold(ctx context.Context, d *draft) {
	const back = 3
	if _, place := placed(s.means.Slots); !place || s.openMatter() != nil || d.Kind == tickets.Application {
		return
	}
	said := s.saidBefore()
	for _, words := range said[max(0, len(said)-back):] {
		alone, err := s.understander.Understand(ctx, words, nil)
		if err != nil || !specific(alone.Category) || strings.ContainsAny(words, "?？") || !ofTrade.MatchString(words) {
			continue
		}
		whole, err := s.understander.Understand(ctx, words+"，"+s.text, nil)
		if err == nil && takesTicket(whole) && whole.Category == alone.Category && whole.Confidence > 0.6 {
			d.Kind, d.Category, d.Urgent, d.Words = ticketKind(whole), whole.Category, d.Urgent || whole.Urgent, []string{words}
		}
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

// asksRepair asks for a repair by its name.
var asksRepair = regexp.MustCompile(`报修(?:吧|一?下|呗|了?[，,。！!]|$)`)

// fit puts the kind of a draft right by what it is about, whatever single
// turns sounded like.
func (d *draft) fit() {
	words := d.description()
	switch {
	case d.Kind == tickets.Complaint && (!specific(d.Category) && ofService.MatchString(words) || lets.MatchString(words)):
		d.Category = tickets.Service
	case d.Kind == tickets.Complaint && d.Category != tickets.Service && ofStaff.MatchString(words) && rude.MatchString(words):
		d.Category = tickets.Service
	case d.Kind == tickets.Complaint && d.Category == tickets.Outage && latin(words) && !inEnglishComplains.MatchString(words):
		d.Kind = tickets.Repair // who writes in English that there is no water wants it back
	case d.Kind == tickets.Complaint && asksRepair.MatchString(words) && !blames.MatchString(words) && !slices.Contains(complainedOf, d.Category):
		d.Kind = tickets.Repair // 「那行，报修吧」
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
	rude      = regexp.MustCompile(`骂|态度|甩脸|吼|脏话|挂(?:我)?电话|爱答不理|推诿|翻白眼|嗑瓜子|玩手机|不耐烦|说话[^，,。]{0,4}(?:冲|难听|噎人)`)
	fixIt     = regexp.MustCompile(`(?i)please (?:fix|repair|send)|(?:水表|表).{0,4}(?:停走|不走|停转|不转|不动)`)
)

// complainedOf are the categories that no crew mends: somebody calls within 20
// minutes (11.2).
var complainedOf = []tickets.Category{tickets.WaterQuality, tickets.Pressure, tickets.Billing, tickets.Service, tickets.Installation}

// insteadOf puts one matter in the place of another.
var insteadOf = regexp.MustCompile(`^(?:不对|不是|等等|等会儿?)[，,]|先说要紧的`)

// turnsOut tells that a matter is another one than it seemed.
var turnsOut = regexp.MustCompile(`不是|其实|原来|搞错|弄错|不对|主要是|改成|应该是|说错|才发现|这才|敢情|[断坏掉裂]了|还[有是]|而且|另外|也`)

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
