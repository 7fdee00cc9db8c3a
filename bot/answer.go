package bot

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"quandesk/channels"
	"quandesk/kb"
	"quandesk/tickets"
	"quandesk/tickets/customer"
)

// Knowledge finds articles that may be cited now. kb.Library is one.
type Knowledge interface {
	Search(ctx context.Context, query string, n int) ([]kb.Found, error)
}

// Bot answers residents: it understands, looks up, decides and words. It
// changes nothing itself.
type Bot struct {
	understander Understander
	knowledge    Knowledge
}

// New makes a bot.
func New(u Understander, k Knowledge) *Bot { return &Bot{understander: u, knowledge: k} }

// scene is one turn being answered.
type scene struct {
	*Bot
	turn   Turn
	memory memory
	means  Understanding
	text   string // what the resident wrote in this turn
	// mayCall reports whether a call may be promised at its time.
	mayCall func(c call, phone string) bool
	call    *call  // a call that is wanted besides
	shared  bool   // the place of the turn is a shared position
	blamed  string // the ticket whose result did not satisfy, said in the turn before
	bare    bool   // a place or a phone and at most 「行，登记吧」: no request of its own
}

// Answer answers one turn.
func (b *Bot) Answer(ctx context.Context, t Turn) (Reply, error) {
	s := &scene{Bot: b, turn: t, memory: recall(t.Memory)}
	s.mayCall = func(c call, phone string) bool {
		return t.CanCall == nil || t.CanCall(ctx, "", "", phone, c.At) == nil
	}
	s.settleFiled()
	s.text = spoken(t.Messages)
	if s.text == "" {
		r := s.wordless()
		r.Memory = s.memory.keep()
		return r, nil
	}
	means, err := b.understander.Understand(ctx, s.text, t.History)
	if err != nil {
		return Reply{}, fmt.Errorf("understand: %w", err)
	}
	s.means = means
	s.located()
	s.zoned()
	s.heed(ctx)
	r, err := s.route(ctx)
	if err != nil {
		return Reply{}, err
	}
	if despairs.MatchString(s.text) {
		r = r.caring(s.text)
	}
	if s.memory.Question = ""; r.Asked != "" {
		s.memory.Question = cut(r.Asked, longestQuestion)
	}
	r.Memory, r.Understanding = s.memory.keep(), s.means
	r.Unknown = r.Unknown || r.Text == wordsUnknown || strings.Contains(r.Text, wordsUnknownAside)
	return r, nil
}

// spoken joins what the resident wrote in one burst; a shared position counts
// as its label.
func spoken(messages []channels.Message) string {
	var lines []string
	for _, m := range messages {
		text := strings.TrimSpace(m.Text)
		if text == "" && m.Place != nil {
			text = strings.TrimSpace(m.Place.Label)
		}
		if text != "" {
			lines = append(lines, text)
		}
	}
	return strings.Join(lines, "\n")
}

// located takes the label of a shared position for the address when the words
// name none.
func (s *scene) located() {
	if m := adrift.FindStringSubmatch(s.text); m != nil && (s.means.Slots.Address == "" || strings.Contains(m[1], s.means.Slots.Address)) {
		s.means.Slots.Address = m[1]
	}
	for _, m := range s.turn.Messages {
		if m.Place != nil && m.Place.Label != "" && (s.means.Slots.Address == "" || strings.Contains(m.Place.Label, s.means.Slots.Address)) {
			s.means.Slots.Address, s.shared = m.Place.Label, true
		}
	}
}

// adrift says that the position that was shared is wrong, and where it is.
var adrift = regexp.MustCompile(`定位(?:有点儿?)?(?:飘|漂|偏|不准|错|不对|歪)[^是在]{0,16}(?:是|在)([^，,。！!？?]{4,30})`)

// settleFiled looks whether the ticket asked for last was really opened. When
// it was not, the draft goes on.
func (s *scene) settleFiled() {
	f := s.memory.Filed
	if f == nil {
		return
	}
	also := s.memory.Also
	s.memory.Filed, s.memory.Also = nil, nil
	opened := s.filed(*f) != nil
	switch {
	case also == nil || s.filed(*also) != nil:
	case opened && s.memory.Draft == nil:
		s.memory.Draft, s.memory.Wanted = also, ""
	default:
		s.memory.Later = append([]draft{*also}, s.memory.Later...)
	}
	if !opened {
		s.memory.Draft, s.memory.Wanted = f, ""
		if f.Call != nil {
			f.Call.At = time.Time{} // perhaps it was the call that there was no place for
		}
	}
}

func (s *scene) filed(d draft) *Matter {
	for i, m := range s.turn.Tickets {
		if m.Description == d.description() || m.ReceivedAt.Equal(d.At) && m.Category == d.Category {
			return &s.turn.Tickets[i]
		}
	}
	return nil
}

// route decides which of the ways of answering this turn takes.
func (s *scene) route(ctx context.Context) (Reply, error) {
	m := &s.memory
	offered := m.Offered
	sought := m.Sought
	m.Offered, m.Sought = false, false
	s.blamed, m.Blamed = m.Blamed, ""
	tapped, isEntry := entryOf(s.text)
	switch {
	case isEntry && (m.Draft == nil || m.Draft.vague() || m.Draft.Soft):
		return s.entered(ctx, tapped)
	case isEntry && tapped.tells != "":
		return Reply{Text: join(tapped.tells, s.question(m.Draft))}, nil
	case m.Draft == nil && s.leans(ctx):
		return s.ask(ctx)
	case m.Draft == nil && pries.MatchString(s.text) && !s.means.Urgent && !wantPerson.MatchString(s.text):
		return Reply{Text: wordsOthers}, nil
	case m.Draft == nil && !s.means.Urgent && inWhichTongue.MatchString(s.text) && !s.reports() && !dry.MatchString(s.text):
		return Reply{Text: wordsInEnglish, Grounds: []string{wordsInEnglish}}, nil
	case m.Draft == nil && s.sendsForSomebody(ctx):
		return s.report(ctx)
	case m.Draft == nil && s.waves():
		return s.withoutPerson(), nil
	case s.wantsPerson() || offered && m.Draft == nil && yes.MatchString(s.text) && (!thanks.MatchString(s.text) || strings.ContainsAny(s.text, "要转")):
		return s.handOff(ctx), nil
	case s.means.Urgent && s.reports() && s.booked() != nil && s.callsOff():
		return s.insteadOfCall(ctx)
	case s.means.Urgent && s.reports():
		return s.andTold(ctx, s.report)
	case s.unfit() != "":
		return s.refuse(), nil
	case m.Draft == nil && m.Call == nil && s.booked() == nil && s.means.Slots.Phone == "" && s.means.first() == Callback && (cancelCall.MatchString(s.text) || dropsCall.MatchString(s.text) || noCall.MatchString(s.text)):
		return Reply{Text: wordsCallGivenUp}, nil
	case m.Draft == nil && echoes.MatchString(s.text) && !s.means.Urgent && !s.reports() && s.means.Slots == (Slots{}):
		return Reply{Text: wordsAnythingElse}, nil
	case m.Draft == nil && s.isErrand():
		return Reply{Text: wordsOutOfScope}, nil
	case s.callsOff():
		return s.insteadOfCall(ctx)
	case sought && m.Draft == nil && len(s.turn.Tickets) == 0 && s.bare && s.means.Slots.Address == "":
		return s.progress(), nil // a number alone finds no ticket of another channel
	case m.Draft != nil:
		return s.goOn(ctx)
	case m.Call != nil && s.asksAside() && s.means.Slots.Phone == "" && !s.timed():
		return s.askedOfCall(ctx)
	case m.Call != nil && (s.means.Slots.Phone != "" || s.means.Slots.Time != "" || !s.reports() || givingUp(s.text)):
		return s.arrangeCall(ctx)
	case m.Wanted != "" && s.givesWanted():
		return s.completeFiled(), nil
	case s.openMatter() != nil && s.means.Slots.Phone != "" && s.misdialled() && s.noPlaceSaid() && !s.reports():
		return Reply{Text: wordsBadPhone}, nil
	case s.amends():
		return s.amend(), nil
	}
	return s.fresh(ctx)
}

// echoes says back what was answered: 「哦，App里就能弄啊」.
var echoes = regexp.MustCompile(`^(?:哦|噢|喔|原来)[，, ]?[^?？，,。吗么]{2,14}(?:就能|就行|就可以|能|可以)[^?？，,。吗么]{0,6}[啊呀哈呢了]?[。！!～~ ]*$`)

// inWhichTongue asks, in English, whether that will do.
var inWhichTongue = regexp.MustCompile(`(?i)^(?:hi|hello|hey)?[,.! ]*(?:do|does|can|is there|are there)[^.!?]{0,20}\b(?:speaks?|understand|read)\b[^.!?]{0,6}english[^a-z]*$`)

// fresh answers a turn that continues nothing.
func (s *scene) fresh(ctx context.Context) (Reply, error) {
	if r, ok := s.resumed(ctx); ok {
		return r, nil
	}
	if told := s.memory.Told; told != "" && s.wantsTold() {
		s.memory.Told = ""
		return s.toldBusiness(ctx, told), nil
	}
	if s.bare {
		return s.report(ctx)
	}
	if s.asksWho() {
		return Reply{Text: wordsMachine}, nil
	}
	if s.announces() {
		if n, err := customer.ParsePhone(s.means.Slots.Phone); err == nil {
			s.memory.Phone = n
		}
		return Reply{Text: wordsTellMe}, nil
	}
	if utf8.RuneCountInString(s.text) == 1 && s.openMatter() == nil {
		return Reply{Text: wordsTellMe}, nil
	}
	if m := s.openMatter(); m != nil {
		switch {
		case s.withdrawing(*m) && !s.turnsTo(ctx):
			return s.withdraw(), nil
		case s.changesBusiness(*m):
			return s.changeBusiness(*m), nil
		case s.takenBack() && !s.turnsTo(ctx):
			return s.givenUp(), nil
		case unchanged.MatchString(s.text) && (s.means.first() == Apply && wantedBusiness(s.text) != "" || s.reports() && separate.MatchString(s.text)): // of another matter
		case unchanged.MatchString(s.text) && s.means.Slots == (Slots{}) && m.Address == "" && s.knownPlace() != "":
			a := customer.ParseAddress(s.knownPlace())
			return s.supplement(*m, &tickets.Correction{Address: &a}, wordsNoted), nil
		case unchanged.MatchString(s.text) && s.means.Slots == (Slots{}) && !strings.ContainsAny(s.text, "?？"):
			return Reply{Text: wordsAsBefore}, nil
		case m.Phone != "" && sameNumber.MatchString(s.text) && !s.timed() && !s.reports():
			return Reply{Text: wordsSameNumber(m.Phone)}, nil
		case m.Kind == tickets.Application && s.means.Slots.Time != "" && otherDay.MatchString(s.text) && !unsure.MatchString(s.text) && s.means.Slots.Phone == "" && m.CallbackAt.IsZero() && !s.reports():
			return s.supplement(*m, nil, wordsNoted), nil
		case keepsNote.MatchString(s.text) && s.means.Slots == (Slots{}) && !s.reports():
			return Reply{Text: wordsKept}, nil
		case m.Phone == "" && noPhone.MatchString(s.text) && !s.reports() && !strings.ContainsAny(s.text, "?？"):
			s.memory.Anonymous = true
			return Reply{Text: wordsNoPhoneNeeded(*m)}, nil
		case !m.ArriveBy.IsZero() && howLong.MatchString(s.text) && (utf8.RuneCountInString(s.text) <= 16 || howLong.FindStringIndex(s.text)[0] == 0 || latin(s.text)):
			return s.progress(), nil
		case whenComing.MatchString(s.text) && (!s.reports() || !m.ArriveBy.IsZero() && s.means.first() == AskOutage):
			return s.progress(), nil
		}
	}
	if b := s.booked(); b != nil && (minds.MatchString(s.text) || stands.MatchString(s.text)) && !s.timed() && !s.reports() {
		return Reply{Text: wordsCallStands(clock(b.CallbackAt, s.turn.Now))}, nil
	}
	if s.booked() != nil && s.timed() && choosesAgain.MatchString(s.text) && !s.means.Urgent {
		return s.arrangeCall(ctx)
	}
	if r, ok := s.afterwards(); ok {
		return r, nil
	}
	if r, ok := s.ofNotice(); ok {
		return r, nil
	}
	if s.openMatter() == nil && s.takenBack() && !s.turnsTo(ctx) && !s.reports() && !s.asksNext() {
		return Reply{Text: wordsGivenUp}, nil
	}
	if len(s.turn.Outages) > 0 && s.insists() {
		return s.insisted(ctx)
	}
	if r, ok := s.twofold(ctx); ok {
		return r, nil
	}
	if ok, err := s.asksRather(ctx); err != nil {
		return Reply{}, err
	} else if ok {
		s.means.Intents = append([]Intent{Ask}, s.means.Intents...)
		s.means.Kind = tickets.Inquiry
	}
	if first := s.means.first(); (first == Complain || first == AskRepair) && !s.means.Urgent {
		if reported, ok, err := s.halfReported(ctx); err != nil {
			return Reply{}, err
		} else if ok {
			s.means.Category, s.means.Kind = reported.Category, reported.Kind // not that of the question
		}
	}
	switch s.means.first() {
	case Complain, AskRepair, AskOutage, Progress, Callback:
		return s.orAsked(ctx, func(ctx context.Context) (Reply, error) { return s.andTold(ctx, s.handle) })
	case Apply:
		return s.orAsked(ctx, s.apply)
	case SmallTalk:
		if s.asksPolitely() {
			s.means.Intents = append([]Intent{Ask}, s.means.Intents...)
			return s.ask(ctx)
		}
		return s.talk(), nil
	case OutOfScope:
		return s.elsewhere(), nil
	}
	return s.askedBeside(ctx)
}

// handle does what a turn wants that is no question about the rules.
func (s *scene) handle(ctx context.Context) (Reply, error) {
	switch s.means.first() {
	case AskOutage:
		return s.outage(ctx)
	case Progress:
		if s.openMatter() == nil && s.means.Slots.Ticket == "" && s.reports() {
			return s.report(ctx)
		}
		return s.progress(), nil
	case Callback:
		if s.complainsToo(ctx) {
			return s.report(ctx)
		}
		return s.arrangeCall(ctx)
	}
	return s.report(ctx)
}

// wantsPerson also reads the words itself: a request for a person is honoured
// whatever the understanding was.
func (s *scene) wantsPerson() bool {
	if s.asksWho() {
		return false
	}
	if rest, declined := WithoutPerson(s.text); declined && !wantPerson.MatchString(rest) {
		return false // 「不用转人工，谢谢」
	}
	if s.memory.Draft != nil && s.means.Slots.Name != "" && !s.means.Urgent && !wantPerson.MatchString(s.text) && !person.MatchString(s.text) {
		return false // 「我说错了，我叫王淑仁」
	}
	if d := s.memory.Draft; d != nil && slices.Contains(crewed, d.Category) && sendsFor.MatchString(s.text) && !wantPerson.MatchString(s.text) {
		return false // 「俺不会弄，恁叫个人来」
	}
	if (s.means.first() != WantPerson || s.means.Confidence < 0.75) && !person.MatchString(s.text) && !wantPerson.MatchString(s.text) {
		return false // 「不是现在，过去的事」
	}
	said := slices.Contains(s.means.Intents, WantPerson)
	if s.takenBack() && !s.means.Urgent && !wantPerson.MatchString(s.text) && !person.MatchString(s.text) {
		return false // 「不投诉了，别给我记」
	}
	return s.means.first() == WantPerson || said && s.means.first() != Ask && !s.reports() || wantPerson.MatchString(s.text)
}

// waves reports whether a turn declines a person, or calls the one off who is waited
// for, and says nothing else: 「不用转人工，我自己再看看」.
func (s *scene) waves() bool {
	rest, declined := WithoutPerson(s.text)
	if declined {
		return !wantPerson.MatchString(rest) && (s.means.first() == SmallTalk || onHisOwn.MatchString(rest))
	}
	return s.turn.Conversation.State == channels.Waiting && s.openMatter() == nil && s.takenBack() && !s.reports()
}

// onHisOwn is what people do instead of waiting for a person.
var onHisOwn = regexp.MustCompile(`^(?:我|俺|咱)?(?:再|先|还是)?自己|^(?:算了|就这样|先这样|谢)`)

// withoutPerson answers that. Whoever is in the queue stays in it: the agent reads
// what was said and closes it.
func (s *scene) withoutPerson() Reply {
	switch {
	case s.turn.Conversation.State == channels.Waiting:
		return Reply{Text: wordsStillQueued}
	case thanks.MatchString(s.text):
		return Reply{Text: wordsThanks}
	}
	return Reply{Text: wordsNoPerson}
}

// asksWho reports whether the resident asks whether this is a machine.
func (s *scene) asksWho() bool {
	return whoAreYou.MatchString(s.text) && !wantPerson.MatchString(whoAreYou.ReplaceAllString(s.text, ""))
}

// reports tells whether something is wrong according to this turn.
func (s *scene) reports() bool {
	return !s.bare && (slices.ContainsFunc(s.means.Intents, func(i Intent) bool { return i == Complain || i == AskRepair }) ||
		s.means.first() == AskOutage && s.means.Urgent)
}

// handOff calls a person. What the resident has told is registered first when
// it is enough for a ticket: a queue has no clocks, a ticket has (clause 11.2).
func (s *scene) handOff(ctx context.Context) Reply {
	if s.besides(ctx); s.reports() {
		if s.memory.Draft != nil {
			s.merge(ctx)
		} else if s.same() == nil {
			s.startAt(ctx)
		}
	}
	d := s.memory.Draft
	if d != nil && !d.Soft && !d.vague() && d.missing() == "" {
		return s.openAndCall()
	}
	if s.turn.Conversation.State == channels.Waiting {
		if m := s.openMatter(); m != nil && s.means.Slots != (Slots{}) {
			return s.supplement(*m, s.correction(*m), wordsWaitingNoted)
		}
		return Reply{Text: wordsStillWaiting}
	}
	note := s.text
	if d != nil && !slices.Contains(d.Words, s.text) {
		note = d.description() + "\n" + s.text
	}
	r := Reply{
		Text:   wordsHandOffFailed,
		Words:  func(Result) string { return wordsHandedOff },
		Action: &Action{Type: HandOff, Note: cut(note, longestNote-1), Urgent: s.means.Urgent},
	}
	if m := s.openMatter(); m != nil && d == nil {
		r.tells(*m, s.correction(*m), s.text, s.turn.Now)
	}
	return r
}

// tells puts the facts that stand beside a request for a person on the ticket there
// is: 「我是值班经理13791052267，快转人工」.
func (r *Reply) tells(m Matter, c *tickets.Correction, said string, now time.Time) {
	if c == nil {
		return
	}
	r.Action.Also = []Action{{Type: SupplementTicket, TicketNo: m.No, Note: cut(said, longestNote-1), Correction: c}}
	r.Words = func(done Result) string {
		if len(done.Also) == 0 || done.Also[0].Ticket == nil {
			return wordsHandedOff
		}
		return join(wordsSupplemented(done.Also[0], m, c, wordsNoted, now), wordsPersonQueued)
	}
}

// besides reads again what was said besides the request for a person.
func (s *scene) besides(ctx context.Context) {
	text := strings.TrimSpace(wantPerson.ReplaceAllString(s.text, ""))
	if s.reports() || utf8.RuneCountInString(text) < 3 {
		return
	}
	means, err := s.understander.Understand(ctx, text, s.turn.History)
	if err != nil || !takesTicket(means) || means.Category == tickets.Service && !means.Urgent && !ofStaff.MatchString(text) {
		return // 「说半天你也听不懂，转人工」 is about us
	}
	means.Urgent = means.Urgent || s.means.Urgent
	s.means = means
}

// openAndCall opens the ticket of the draft and calls a person to it.
func (s *scene) openAndCall() Reply {
	r := s.open("")
	opened := r.Words
	r.Words = func(res Result) string {
		return join(strings.TrimSuffix(opened(res), "\n"+wordsPersonToo), wordsPersonComes)
	}
	r.Action.Person = true
	return r
}

func (s *scene) talk() Reply {
	switch {
	case s.praises():
		return Reply{Text: wordsPraised}
	case shrugs.MatchString(s.text):
		return Reply{Text: wordsShrugged}
	case thanks.MatchString(s.text):
		return Reply{Text: wordsThanks}
	case farewell.MatchString(s.text):
		return Reply{Text: wordsBye}
	case s.openMatter() != nil && without.MatchString(s.text):
		return Reply{Text: wordsAlreadyThere(*s.openMatter(), s.turn.Now)}
	case approval.MatchString(s.text), s.openMatter() != nil && !greeting.MatchString(s.text):
		return Reply{Text: wordsAnythingElse}
	}
	return Reply{Text: wordsHello}
}

// wordless answers an image, a voice message without words or the like.
func (s *scene) wordless() Reply {
	if d := s.memory.Draft; d != nil {
		return Reply{Text: wordsGotImage + s.question(d)}
	}
	if slices.ContainsFunc(s.turn.Messages, func(m channels.Message) bool { return m.Kind == channels.Video }) {
		return Reply{Text: wordsGotVideo}
	}
	if slices.ContainsFunc(s.turn.Messages, func(m channels.Message) bool { return m.Kind == channels.Voice }) {
		return Reply{Text: wordsHeard}
	}
	return Reply{Text: wordsWhatIsIt}
}

// receivedAt is the time of the first message of the turn that reports
// something: the clocks of clause 11.2 start there.
func (s *scene) receivedAt(ctx context.Context) time.Time {
	at := s.turn.Now
	for i, msg := range s.turn.Messages {
		if msg.CreatedAt.IsZero() || msg.CreatedAt.After(s.turn.Now) {
			continue
		}
		if i == 0 {
			at = msg.CreatedAt
		}
		if len(s.turn.Messages) == 1 {
			return at
		}
		means, err := s.understander.Understand(ctx, msg.Text, nil)
		if err == nil && slices.ContainsFunc(means.Intents, func(i Intent) bool {
			return i == Complain || i == AskRepair || i == Apply
		}) {
			return msg.CreatedAt
		}
	}
	return at
}

func (u Understanding) first() Intent {
	if len(u.Intents) == 0 {
		return Ask
	}
	return u.Intents[0]
}

func (u Understanding) category() tickets.Category {
	if u.Category == "" {
		return tickets.Other
	}
	return u.Category
}
