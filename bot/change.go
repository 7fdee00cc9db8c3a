package bot

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"quandesk/tickets"
)

// takeBack ends the draft, and takes up what is wanted instead.
func (s *scene) takeBack(ctx context.Context, d *draft) (Reply, error) {
	if d.Category == tickets.Outage && d.Kind != tickets.Application && refuses.MatchString(s.text) {
		d.Kind, d.Soft = tickets.Repair, true // only wants to know
		return s.offerOutage(d), nil
	}
	if dropped, ok := s.oneOfTwo(ctx, d); ok {
		if dropped {
			next := s.memory.Later[0]
			next.Last, next.Asked = "", nil
			s.memory.Draft, d = &next, &next
		}
		s.memory.Later = s.memory.Later[1:]
		s.absorb(d)
		return s.next(""), nil
	}
	if specific(s.means.Category) && specific(d.Category) && !akin(s.means.Category, d.Category) && ofAnother.MatchString(s.text) {
		return s.askOn(d, ""), nil // 「水压那个…别记」, said when it is about the water
	}
	s.memory.Draft, s.memory.Later = nil, nil
	if !s.turnsTo(ctx) {
		s.memory.Dropped = d
		return Reply{Text: wordsGivenUp}, nil
	}
	if _, ok := placed(s.means.Slots); !ok {
		s.means.Slots.Address = d.Place.Text
	}
	if s.means.Slots.Name == "" {
		s.means.Slots.Name = d.Name
	}
	r, err := s.fresh(ctx)
	s.memory.Dropped = d
	return r, err
}

// oneOfTwo tells which of two matters is taken back, by the clause that does:
// 「抄表员那事算了，就登水压低」. first is true when it is the one at hand; ok is
// false when it is not said.
func (s *scene) oneOfTwo(ctx context.Context, d *draft) (first, ok bool) {
	if len(s.memory.Later) == 0 {
		return false, false
	}
	for _, c := range clause.FindAllString(s.text, -1) {
		if !givingUp(c) && !dropsIt.MatchString(c) {
			continue
		}
		if here, there := common(c, d.description()), common(c, s.memory.Later[0].description()); here != there {
			return here > there, true
		}
		means, err := s.understander.Understand(ctx, givesUp.ReplaceAllString(c, ""), nil)
		if err != nil || !specific(means.Category) {
			continue
		}
		other := s.memory.Later[0].Category
		if akin(means.Category, d.Category) != akin(means.Category, other) {
			return akin(means.Category, d.Category), true
		}
	}
	return false, false
}

// common counts the pairs of characters that two texts share.
func common(a, b string) int {
	n, of := 0, pairs(b)
	for p := range pairs(a) {
		if of[p] {
			n++
		}
	}
	return n
}

// ofAnother points at a matter that is not the one at hand.
var ofAnother = regexp.MustCompile(`^[^，,。]{1,8}(?:那个|那件|那事|的事)`)

// resumes is how people come back to what they have taken back.
var resumes = regexp.MustCompile(`还是(?:得|要|想)?(?:给我|帮我)?(?:办|登记|报|投诉|申请|装|接|弄|要)(?:吧|了|一下|上|$|[，,。！])|(?:刚才|刚刚)(?:那个|说的)(?:还是)?(?:办|登记|要)|^(?:那|那就|那行|那好|行|好|中|成|知道了|明白了)[，, ]*(?:给我|帮我|你)?(?:先)?(?:登记|登上|登|报修|报|投诉|办|申请)(?:上|一下)?吧`)

// resumed takes up again what was taken back a moment ago.
func (s *scene) resumed(ctx context.Context) (Reply, bool) {
	d := s.memory.Dropped
	if d == nil || !resumes.MatchString(s.text) || s.takenBack() {
		return Reply{}, false
	}
	d.Last = ""
	s.memory.Dropped, s.memory.Draft = nil, d
	s.merge(ctx)
	return s.next(""), true
}

// choose takes up first which of two matters the resident wants first.
func (s *scene) choose() {
	m := &s.memory
	if len(m.Later) == 0 || !strings.Contains(s.text, "先") {
		return
	}
	next := m.Later[0]
	named := next.Application != "" && wantedBusiness(s.text) == next.Application ||
		next.Application == "" && s.reports() && s.means.Category == next.Category && m.Draft.Category != next.Category
	if !named {
		return
	}
	next.Last, next.Asked = m.Draft.Last, map[slot]int{m.Draft.Last: 1}
	was := *m.Draft
	was.Last, was.Asked = "", nil
	m.Draft, m.Later = &next, append([]draft{was}, m.Later[1:]...)
}

// changesBusiness reports whether the turn wants other business than that of
// a ticket on which nobody has begun.
func (s *scene) changesBusiness(m Matter) bool {
	b := wantedBusiness(s.text)
	return m.Kind == tickets.Application && (m.State == tickets.New || m.State == tickets.Accepted) && m.Application != "" &&
		b != "" && b != m.Application && (denied.MatchString(s.text) || changes.MatchString(s.text) || s.takenBack())
}

var changes = regexp.MustCompile(`改成|改为|换成|改办|还是办|改主意`)

func (s *scene) changeBusiness(m Matter) Reply {
	c := s.correction(m)
	if c == nil {
		c = &tickets.Correction{}
	}
	b := wantedBusiness(s.text)
	category := categoryOf(b)
	c.Application, c.Category = &b, &category
	return s.supplement(m, c, wordsNoted)
}

// movesCall is said of a call that is to be at another time.
var movesCall = regexp.MustCompile(`改|换|挪|推|提前|延|晚点|早点`)

// minds wants the call that is booked, and no mistake in it: 「可别打两遍」.
var minds = regexp.MustCompile(`(?:别|甭|不要|不用|千万)[^，,。！!？?]{0,6}(?:打|拨|记|弄)(?:两|二|三|重|错|晚|早|忘|串|空|岔)|别(?:忘|漏|晚|迟)|不见不散|(?:时间|点儿?|钟点|几点)(?:还是)?(?:不[变动改]|没变|照旧|一样|原来的?)`)

// stands asks whether a call is promised, and when.
var stands = regexp.MustCompile(`^[^，,。！!？?]{0,6}(?:改|约|记|登|定|订)(?:好|上|成|妥|下)?了?(?:吧|吗|没有?|么|不)[？?。！! ]*|(?:几点|啥时候|什么时候)(?:给我)?(?:打|回)(?:给我|电话|过来)?`)

// noCall minds that nobody calls: 「可别再打来」.
var noCall = regexp.MustCompile(`(?:别|甭|不要|不用)(?:再|给我)*(?:打|拨)(?:来|过来|电话|给我)`)

// dropsCall wants no call any more, said of the call that is booked.
var dropsCall = regexp.MustCompile(`(?:不用|不必|别|甭|不要|不需要|用不着)(?:再|给我|麻烦)?(?:打|回|联系|来电)|不(?:打|回)了|取消`)

// settledSelf is what people say who need no call any more.
var settledSelf = regexp.MustCompile(`^[^，,。]{0,4}(?:不用了|不要了|算了|不需要了)|(?:解决|办好|弄好|问清楚|搞定|修好)了`)

// callsOff reports whether the turn wants no call any more.
func (s *scene) callsOff() bool {
	b := s.booked()
	if minds.MatchString(s.text) || s.means.Slots.Phone != "" {
		return false // another number is no other mind
	}
	if s.memory.Call == nil && b == nil || movesCall.MatchString(s.text) && s.timed() {
		return false
	}
	if cancelCall.MatchString(s.text) || dropsCall.MatchString(s.text) {
		return true
	}
	return b != nil && b.Kind == tickets.Request && settledSelf.MatchString(s.text) && !s.reports()
}

func (s *scene) timed() bool {
	_, ok := moment(s.text, s.turn.Now)
	return ok
}

// wantsCall reports whether the turn asks to be called at a time.
func (s *scene) wantsCall() bool {
	asked := slices.Contains(s.means.Intents, Callback) || hasCallWords.MatchString(s.text) || word.MatchString(s.text)
	return asked && s.timed()
}

// word is what people want who want to be told.
var word = regexp.MustCompile(`给(?:我)?个(?:信儿?|话|准话|回信|电话)|(?:告诉|通知)我一声|给我说一声|打1[3-9]`)

// complainsToo reports whether a turn that asks for a call also says what is
// wrong: then the matter is registered, and the call promised on it.
func (s *scene) complainsToo(ctx context.Context) bool {
	if s.openMatter() != nil || s.memory.Call != nil || refuses.MatchString(s.text) {
		return false
	}
	var kept []string
	text := s.text
	if s.means.Slots.Address != "" {
		text = strings.ReplaceAll(text, " ", "，") // 「停水了 1391… 解放路22号 晚上六点以后联系我」
	}
	for _, c := range clause.FindAllString(text, -1) {
		if _, timed := moment(c, s.turn.Now); timed || hasCallWords.MatchString(c) || word.MatchString(c) || strings.Contains(c, "电话") {
			continue
		}
		kept = append(kept, c)
	}
	words := strings.Join(kept, "")
	if utf8.RuneCountInString(words) < 4 || unsure.MatchString(words) {
		return false
	}
	means, err := s.understander.Understand(ctx, words, nil)
	if err == nil && means.first() == AskOutage && s.means.Slots.Address != "" && offHere.MatchString(words) {
		means.Intents, means.Kind = []Intent{AskRepair}, tickets.Repair // who leaves a place and an hour wants it seen to
	}
	if err != nil || !takesTicket(means) || !specific(means.Category) || means.Confidence < 0.85 || !reports(means.first()) {
		return false
	}
	slots := s.means.Slots
	s.means = means
	s.means.Slots = slots
	s.callBesides()
	return true
}

var (
	callMe    = regexp.MustCompile(`给(?:我|俺)(?:来|打|回)|打(?:我|俺)(?:的)?(?:电话|手机)|回个?(?:电话|电)|打给(?:我|俺)|联系我`)
	beforeNow = regexp.MustCompile(`昨|前天|上周|上个?月|刚才|刚刚|刚给|刚打|刚来|之前|没人接|打不通|没打|没回|不给我|也不`)
)

// offHere tells that there is no water, and asks nothing.
var offHere = regexp.MustCompile(`^[^?？吗]*(?:[停断没]水了?|不来水)[^?？吗]*$`)

// callBesides keeps that a call at a time is wanted with the ticket.
func (s *scene) callBesides() {
	at, ok := moment(s.text, s.turn.Now)
	if ok && at.After(s.turn.Now) {
		s.call = &call{Words: s.text, Said: s.text, At: at}
	} else if s.means.first() == Callback || strings.Contains(s.text, "明天") {
		s.call = &call{Words: s.text}
	}
}

func reports(i Intent) bool { return i == Complain || i == AskRepair }

// insteadOfCall takes the call back, and takes up what is wanted in its place:
// 「电话别打了，直接派人来修吧，水管漏了」.
func (s *scene) insteadOfCall(ctx context.Context) (Reply, error) {
	off := s.cancelCall()
	if !s.reports() || !specific(s.means.Category) {
		return off, nil
	}
	r, err := s.report(ctx)
	switch {
	case err != nil || off.Action == nil:
		return r, err
	case r.Action != nil:
		also := off.Action.Also
		if off.Action.Also = nil; r.Action.TicketNo == off.Action.TicketNo {
			also = nil // its ticket holds what is wanted instead
		}
		at, words := len(r.Action.Also), r.Words
		r.Action.Also = append(append(r.Action.Also, *off.Action), also...)
		r.Words = func(done Result) string {
			if at < len(done.Also) && done.Also[at].Ticket != nil {
				return join(words(done), wordsCallOffToo)
			}
			return words(done)
		}
		return r, nil
	}
	next := r.Text
	r.Action, r.Text = off.Action, join(off.Text, next)
	r.Words = func(done Result) string { return join(off.Words(done), next) }
	return r, nil
}
