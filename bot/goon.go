package bot

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"quandesk/kb"
	"quandesk/tickets"
	"quandesk/tickets/customer"
)

// goOn continues the draft: takes what answers the question, answers what
// interrupts it, and asks on.
func (s *scene) goOn(ctx context.Context) (Reply, error) {
	s.choose()
	d := s.memory.Draft
	if d.Doubt && s.onlyAsked() {
		s.memory.Draft = nil
		if justAsking.MatchString(s.text) && s.means.first() != Ask {
			return Reply{Text: wordsAnythingElse}, nil
		}
		return s.fresh(ctx)
	}
	d.Doubt = false
	s.placeApart(ctx, d)
	if d.Kind == tickets.Application && s.means.Slots.Time != "" && !slices.Contains(d.Words, s.text) {
		d.Words = append(d.Words, s.text) // 「下周五上午行不」, of a visit
	}
	if d.Last == where && d.Suggested == "" && d.Place.Text == "" && unchanged.MatchString(s.text) {
		d.Suggested = s.knownPlace() // 「地址、电话都跟刚才一样」
	}
	if s.means.Category == tickets.Leak && d.Category != tickets.Leak && notSo.MatchString(s.text) && !leaks.MatchString(notSo.ReplaceAllString(s.text, "")) {
		s.means.Category = d.Category // 「家里也没漏」
	}
	if left := intact.ReplaceAllString(s.text, ""); left != s.text && !d.Soft && s.reports() && !s.means.Urgent {
		if means, err := s.understander.Understand(ctx, left, nil); err == nil && takesTicket(means) && specific(means.Category) {
			s.means.Category = means.Category
		} else {
			s.means.Category = d.Category
		}
	}
	if d.Soft && s.reports() && specific(s.means.Category) && s.means.Category != tickets.Outage && s.means.Category != tickets.Pressure && d.Category == tickets.Outage && d.Place.Text == "" {
		s.memory.Draft = nil
		return s.fresh(ctx) // 「行，那我投诉，水有股塑料味」, after a question about an outage
	}
	if d.Kind == tickets.Complaint && !slices.Contains(complainedOf, d.Category) && ratherRepair.MatchString(s.text) && !s.means.Urgent {
		d.Kind = tickets.Repair
		s.absorb(d)
		return s.next(""), nil
	}
	if b := wantedBusiness(s.text); d.Kind == tickets.Application && d.Application != "" && b != "" && b != d.Application && (denied.MatchString(s.text) || isNot.MatchString(s.text) || changes.MatchString(s.text)) && !s.takenBack() {
		d.Application, d.Category = b, categoryOf(b) // 「等下，是要销户不是过户」
		d.Words = append(d.Words, s.text)
		s.absorb(d)
		return s.next(wordsApplying(b)), nil
	}
	if d.Soft && shrugs.MatchString(s.text) {
		return Reply{Text: wordsNotKnownWhen}, nil
	}
	if d.Soft && !no.MatchString(s.text) && !givingUp(s.text) {
		if r, ok, err := s.soft(ctx, d); ok || err != nil {
			return r, err
		}
		return s.fresh(ctx)
	}
	switch {
	case d.Soft:
		s.memory.Draft, s.memory.Later = nil, nil
		return s.givenUp(), nil
	case s.takenBack() && !(d.Last == phone && (noPhone.MatchString(s.text) || s.means.Slots.Phone != "" && !dropsIt.MatchString(s.text))):
		return s.takeBack(ctx, d)
	case d.missing() == "" && (d.Urgent || yes.MatchString(s.text)):
		s.merge(ctx)
		return s.next(""), nil
	case s.answers(d):
		return s.answered(ctx, d)
	}
	if r, ok, err := s.interrupted(ctx, d); ok || err != nil {
		return r, err
	}
	if m := s.ofTicket(d); m != nil {
		return s.aside(*m, d), nil
	}
	if s.another(d) {
		s.memory.Later = append(s.memory.Later, s.other(d))
		return s.next(wordsBothMatters), nil
	}
	s.merge(ctx)
	if d.Last == phone && s.means.Slots.Name != "" {
		return s.askOn(d, ""), nil // a name is no refusal of a number
	}
	return s.next(""), nil
}

// intact is what somebody says is not the matter: 「没漏水，表也没坏，就是扣了两次」.
var intact = regexp.MustCompile(`(?:水表|表|水管|管子|龙头|阀门|马桶|家里)?(?:也|都|倒|又|并)?(?:没有?|不)(?:漏水?|坏|爆|裂|停水|堵)(?:过)?`)

// ratherRepair wants what was to be a complaint mended: 「算了不投诉，给我报个修就中」.
var ratherRepair = regexp.MustCompile(`(?:不|别|甭)(?:是|想|要)?投诉了?[^。！!？?]{0,10}(?:报个?修|修一?下|来修|给修|派人)`)

// answers reports whether the turn gives what was asked.
func (s *scene) answers(d *draft) bool {
	slots := s.means.Slots
	_, place := placed(slots)
	switch d.Last {
	case phone:
		return slots.Phone != "" || s.misdialled() || noPhone.MatchString(s.text) || no.MatchString(s.text) || sayHere.MatchString(s.text) || without.MatchString(s.text) || s.bare
	case where:
		return place && !s.asksAside() || slots.Phone != "" || s.misdialled() ||
			d.Suggested != "" && s.agrees() || noPlace.MatchString(s.text)
	case what:
		return s.reports() || d.Kind == tickets.Suggestion && s.means.first() != SmallTalk && !strings.ContainsAny(s.text, "?？")
	}
	return false
}

// without goes on with what has been said: 「就这样登记吧」.
var without = regexp.MustCompile(`^(?:好|行|那|嗯|中|可以)?[，, ]*(?:就|先)(?:这样|这么)?(?:给我|帮我)?(?:登记|报|办|弄|处理|派人|来人|修)(?:上|着)?(?:吧|呗|就行|得了)?[。！! ]*$`)

// agrees reports whether the place that was proposed is the right one.
func (s *scene) agrees() bool {
	return yes.MatchString(s.text) || bothNumbers.MatchString(s.text) && s.means.Slots.Phone != "" || unchanged.MatchString(s.text) || affirms.MatchString(s.text) && !hedges.MatchString(s.text) && s.noPlaceSaid() && !s.reports()
}

// bothNumbers gives the number of this matter and of the one before.
var bothNumbers = regexp.MustCompile(`(?:电话|手机|号码?)(?:[^，,。]{0,3})都(?:写|用|留|打|填|是|登)|都(?:写|用|留|打|填)(?:这个|一个)?(?:电话|手机|号)`)

// affirms says yes, and more.
var affirms = regexp.MustCompile(`^(?:对|是|嗯|没错)(?:的|呀|啊)?[，,、 ]`)

// hedges takes it back, or wants time.
var hedges = regexp.MustCompile(`不是|不在|不对|不用|别[^给把弄记写搞]|等|问问|换|看看|想想|[?？]`)

// asksAside reports whether the turn is a question of its own.
func (s *scene) asksAside() bool {
	return s.means.first() == Ask && unsure.MatchString(s.text)
}

func (s *scene) answered(ctx context.Context, d *draft) (Reply, error) {
	if d.Last == where && d.Suggested != "" && s.agrees() {
		d.Place = customer.ParseAddress(d.Suggested)
	}
	if d.Last == phone && s.means.Slots.Phone == "" && !s.misdialled() && !s.bare {
		d.Anonymous, s.memory.Anonymous = true, true
	}
	if s.misdialled() && d.Last == where && s.noPlaceSaid() {
		return Reply{Text: join(wordsBadPhone, s.question(d))}, nil
	}
	if s.misdialled() {
		s.merge(ctx)
		d.Asked[phone]++
		d.Last = phone
		if d.Asked[phone] < 4 {
			return Reply{Text: wordsBadPhone}, nil
		}
	}
	s.merge(ctx)
	if noPlace.MatchString(s.text) && d.Place.Text == "" {
		d.Asked[where] = 2
	}
	return s.next(""), nil
}

// known is how well an article must fit for a question to be one of ours whatever
// it sounded like.
const known = 0.7

// interrupted answers something else in between and comes back to the draft.
func (s *scene) interrupted(ctx context.Context, d *draft) (Reply, bool, error) {
	if s.means.Slots.Name != "" {
		d.Name = s.means.Slots.Name
	}
	asked := s.means.first() == OutOfScope || s.means.first() == Complain && slices.Contains(s.means.Intents, Ask) && s.means.Confidence < 0.75 && s.means.Slots == (Slots{})
	if asked && unsure.MatchString(s.text) && ofTrade.MatchString(s.text) && s.unfit() == "" {
		if found, err := s.knowledge.Search(ctx, s.text, 1); err != nil {
			return Reply{}, false, fmt.Errorf("search knowledge: %w", err)
		} else if len(found) > 0 && found[0].Article.Tellable() && !found[0].Article.Open && found[0].Score > known {
			s.means.Intents, s.means.Kind, s.means.Unstated = []Intent{Ask}, tickets.Inquiry, 0
		}
	}
	switch s.means.first() {
	case Ask:
		if d.Last == where && !unsure.MatchString(s.text) && s.freePlace(d) {
			return Reply{}, false, nil
		}
		if d.Last == what && !unsure.MatchString(s.text) {
			return Reply{}, false, nil
		}
		if _, place := placed(s.means.Slots); place && !unsure.MatchString(s.text) {
			return Reply{}, false, nil // 「营业厅在段店北路」 tells, it does not ask
		}
		a, err := s.lookFor(ctx, d)
		if err != nil {
			return Reply{}, false, err
		}
		text, told := wordsUnknownAside, Reply{}
		if a != nil {
			text, told = aside(*a), answerFrom(*a)
		} else if !unsure.MatchString(s.text) {
			return Reply{}, false, nil
		}
		s.absorb(d)
		r := s.askOn(d, text)
		r.Citations, r.ArticleID, r.Unknown = told.Citations, told.ArticleID, told.Unknown
		return r, true, nil
	case Progress:
		if len(s.turn.Tickets) == 0 {
			return Reply{}, false, nil
		}
		r := s.progress()
		r.Text = join(r.Text, s.question(d))
		return r, true, nil
	case SmallTalk:
		if corrects.MatchString(s.text) || s.means.Slots.Phone != "" || exactAddress(s.means.Slots.Address) {
			s.absorb(d) // 「哎呀手快了，不是1701，是1107」
		}
		if s.tells() {
			d.Words = append(d.Words, s.text)
		}
		if d.Last == where && s.means.Confidence < 0.5 && s.freePlace(d) {
			return Reply{}, false, nil
		}
		return Reply{Text: s.question(d)}, true, nil
	case OutOfScope:
		if s.means.Confidence < 0.7 && corrects.MatchString(s.text) {
			s.absorb(d) // 「不对，那是我妈家，出问题的是道德北街9号」
		}
		if s.means.Confidence < 0.7 && d.Last != where {
			return Reply{Text: s.question(d)}, true, nil
		}
		if d.Last == where && s.means.Confidence < 0.7 && s.freePlace(d) {
			return Reply{}, false, nil
		}
		if gasSmelt.MatchString(s.text) {
			return Reply{Text: join(wordsGas, s.question(d))}, true, nil
		}
		return Reply{Text: join(wordsOutOfScopeShort, s.question(d))}, true, nil
	}
	if d.Last == where && !s.reports() {
		s.freePlace(d)
	}
	return Reply{}, false, nil
}

// tells reports whether a turn that asks for nothing says something besides
// thanks and yes: it stays with the matter, 「他骂人」.
func (s *scene) tells() bool {
	return !filler.MatchString(s.text) && !thanks.MatchString(s.text) && !yes.MatchString(s.text) && !no.MatchString(s.text) && !approval.MatchString(s.text) && !s.bare
}

// askOn comes back to the draft after something in between. Asking the same
// again does not count: the resident has not refused.
func (s *scene) askOn(d *draft, before string) Reply {
	if d.missing() == d.Last && d.Last != "" {
		return Reply{Text: join(before, s.question(d))}
	}
	return s.next(before)
}

// lookFor looks up a question asked in the middle of a draft; a short one is
// about the business at hand.
func (s *scene) lookFor(ctx context.Context, d *draft) (*kb.Article, error) {
	if about := businessWords[d.Application]; about != "" && d.Application != "other" {
		if a, err := s.look(ctx, about+s.text); err != nil || a != nil && wantedBusiness(a.Title) == d.Application {
			return a, err
		}
		return s.look(ctx, s.text, about+s.text)
	}
	return s.look(ctx, s.text)
}

// misplaced are words that are no place, though nobody knows what they are.
var misplaced = regexp.MustCompile(`^(?:[0-9]+|.*(?:投诉|电话|水费|满意|反映|给我).*)$`)

// likePlace holds a character that names of places end in.
var likePlace = regexp.MustCompile(`[村店楼院路街巷桥厂校场园城庄区口站馆局所屯坊库寺山河湖泉门树摊铺舍厦塔亭苑府湾墅沟坡岭堤崖]|超市|银行|医院|公司|[A-Za-z]{3}`)

// noSpot tells what is seen and heard somewhere, not where.
var noSpot = regexp.MustCompile(`水里|全是|到处|都是|免费|欢迎|听[见到得]|看[见到]|水声|[有没]水$|[有没](?:人|事|电)|响|颤|裂|不对|推不开|出不来|住着`)

// freePlace takes the words as they are for the place that was asked for:
// a shop, a bridge, the big tree.
func (s *scene) freePlace(d *draft) bool {
	n := utf8.RuneCountInString(s.text)
	sure := s.means.Confidence > 0.6 && (s.means.first() == Ask || s.means.first() == Progress)
	if sure || misplaced.MatchString(s.text) || d.Place.Text != "" || n < 2 || n > 60 || filler.MatchString(s.text) || unsure.MatchString(s.text) || yes.MatchString(s.text) || no.MatchString(s.text) {
		return false
	}
	if noSpot.MatchString(s.text) || strings.ContainsAny(s.text, "?？") {
		return false
	}
	if !beside.MatchString(s.text) && !likePlace.MatchString(s.text) {
		return false
	}
	place := customer.ParseAddress(placeAlone(s.placeWords()))
	if onlyDistrict(place) {
		d.District = place.District
		return false
	}
	d.Place, d.Guessed = place, true
	return true
}

// ofTicket is the ticket that the turn speaks of while another matter is being
// asked about: 「井盖在楼南边」, said when it comes to the bill.
func (s *scene) ofTicket(d *draft) *Matter {
	if !s.reports() || !specific(s.means.Category) || akin(s.means.Category, d.Category) {
		return nil
	}
	place, named := placed(s.means.Slots)
	for i, m := range s.turn.Tickets {
		if m.State.Open() && akin(m.Category, s.means.Category) && (!named || sameSpot(place, m.Address) || inCompound(place, m)) {
			return &s.turn.Tickets[i]
		}
	}
	return nil
}

// aside adds the turn to a ticket and comes back to the draft.
func (s *scene) aside(m Matter, d *draft) Reply {
	r := s.again(m)
	words, ask := r.Words, s.question(d)
	if words == nil {
		r.Text = join(r.Text, ask)
		return r
	}
	r.Words = func(done Result) string { return join(words(done), ask) }
	return r
}

// announced is a turn that says there is something to tell, and does not tell
// it yet: 「电话先放这儿，有两件事，一件一件来」.
var announced = regexp.MustCompile(`^(?:(?:(?:你好|您好|喂)|(?:我的?)?(?:电话|手机|号码?)(?:是|在)?(?:[^，,。]{0,4}(?:放|留|搁|写|记)[^，,。]{0,4})?|(?:我|俺|这|今天|跟(?:你们?|您|恁))*(?:想|要)?(?:有|说|反映|报|讲|唠)(?:个?两|俩|三|几|一|点)?(?:个|件|码|桩)?(?:不同的?)?(?:事|情况|问题)儿?|两码事|一件一?件[来说地]*|一个一个[来说地]*|(?:你)?分开(?:给我)?[说记来办]|听我(?:慢慢)?说|慢慢说|先说(?:头|第)?一[件个]|别急|别记混了?|行不?|好不?|吧)[你您啊哈呀吧了嘛呗，,。！!～~、：: \n]*)+$`)

// announces reports whether the turn is no more than that.
func (s *scene) announces() bool {
	text := s.text
	if s.means.Slots.Phone != "" {
		text = strings.Replace(text, s.means.Slots.Phone, "", 1)
	}
	return announced.MatchString(text) && strings.ContainsAny(text, "事问情") && s.means.Slots.Address+s.means.Slots.Community == ""
}

// ofTrade names something that can be wrong with us: 「五个大人三个孩子」 does not.
var ofTrade = regexp.MustCompile(`(?i)水|表|管|漏|停|井|阀|栓|泵|投诉|回访|费|钱|路|坑|没人|态度|电|喝|吐|塌|淹|water|pipe|leak|bill`)

// another reports whether the turn speaks of something else that needs a
// ticket of its own.
func (s *scene) another(d *draft) bool {
	if d.Kind == tickets.Application && !d.vague() {
		return s.reports() && ofTrade.MatchString(s.text) && (s.means.Confidence > 0.85 || separate.MatchString(s.text) || s.means.Urgent)
	}
	if s.reports() && !d.vague() && d.Category != tickets.Service && s.means.Category == tickets.Service && once.MatchString(s.text) {
		return true // 「顺便还要投诉你们热线」
	}
	return s.reports() && !d.vague() && d.Category != tickets.Other && s.means.Category != "" &&
		s.means.Category != d.Category && s.means.Category != tickets.Service && s.means.Category != tickets.Other &&
		!(d.Category == tickets.Outage && d.Kind == tickets.Repair) && separate.MatchString(s.text)
}

func (s *scene) other(d *draft) draft {
	mine := s.memory.Draft
	s.memory.Draft = nil
	s.start()
	o := *s.memory.Draft
	s.memory.Draft = mine
	if o.Place.Text == "" {
		o.Suggested = d.Place.Text
	}
	return o
}

// givenUp answers a resident who does not want it any more: a draft is gone,
// a ticket that is open stays until a person has withdrawn it.
func (s *scene) givenUp() Reply {
	if m := s.openMatter(); m != nil {
		s.memory.Offered = true
		return Reply{Text: wordsStillOpen(m.No)}
	}
	return Reply{Text: wordsGivenUp}
}
