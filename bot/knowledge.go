package bot

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"quandesk/channels"
	"quandesk/kb"
)

// longest is how many characters an answer from the knowledge has at most.
const longest = 200

// How much a hit must speak for the standard before it answers a question. The
// weights are those of a logistic regression over the questions of all sets of
// our own; seven that nobody had read when they were asked count thrice.
const (
	fitting = 0.57 // of the odds of the score
	doubt   = 0.47 // of the odds that no rule of ours says it
	lengthy = 0.84 // of the logarithm of how many characters it has: a story dilutes every score
	nearer  = 8.01 // of how much more of it the article says than the one that is open
	even    = 4.29 // what stands against every article
	enough  = 0.3  // lower: more are told what does not answer them; higher: more are refused
	amid    = -0.5 // in the middle of a matter, which is what most are about
	dimmest = 0.15 // hit that may be told: a long story dilutes every one
	looked  = 10   // hits that are looked at

	// A question that stands in an article nearly word for word is answered by
	// it, however it sounds.
	verbatim = 0.975
	closer   = 0.3 // by how much an open question that fits better decides alone
)

// look finds the article that answers a question; nil when none does. Of
// several ways to ask, the one that fits best counts.
func (s *scene) look(ctx context.Context, queries ...string) (*kb.Article, error) {
	var best kb.Found
	alone := s.means.Unstated
	defer func() { s.means.Unstated = alone }()
	for _, q := range queries {
		if s.means.Unstated = alone; q != s.text {
			// What is open by itself may not be, said of the business at hand.
			if means, err := s.understander.Understand(ctx, q, nil); err == nil && means.first() == Ask {
				s.means.Unstated = min(alone, means.Unstated)
			}
		}
		found, err := s.knowledge.Search(ctx, q, looked)
		if err != nil {
			return nil, fmt.Errorf("search knowledge: %w", err)
		}
		if f := s.telling(found); f != nil && f.Score > best.Score {
			best = *f
		}
	}
	if best.Score == 0 {
		return nil, nil
	}
	return &best.Article, nil
}

// telling is the hit that is told. A question may sound like the standard and
// ask for what it does not say, 「过户要多少钱」; what editors have written
// themselves is not bound by that.
func (s *scene) telling(found []kb.Found) *kb.Found {
	if i := slices.IndexFunc(found, func(f kb.Found) bool { return f.Article.Tellable() }); i >= 0 {
		if a := found[i].Article; !a.Open && a.Source != kb.Standard && found[i].Score >= kb.Answerable {
			return &found[i]
		}
	}
	standard, open := divided(found)
	switch {
	case standard != nil && s.stated(*standard, open):
		return standard
	case open != nil && open.Score >= fitsAside: // else its words may be about something else
		return open
	}
	return nil
}

// divided are the best of what answers, and of what is open; nil for none.
func divided(found []kb.Found) (answer, open *kb.Found) {
	for i := range found {
		f := &found[i]
		switch {
		case !f.Article.Tellable():
		case !f.Article.Open && answer == nil:
			answer = f
		case f.Article.Open && open == nil:
			open = f
		}
	}
	return answer, open
}

// stated reports whether the standard answers a turn; open is what is known
// to be left open, if anything.
func (s *scene) stated(f kb.Found, open *kb.Found) bool {
	against := 0.0
	if open != nil {
		against = open.Score
	}
	if s.means.first() != Ask || s.means.Unstated == 0 {
		return f.Score >= max(kb.Answerable, against) // told besides what is wanted, or nobody has judged it
	}
	switch {
	case f.Score >= verbatim && f.Score > against:
		return true
	case against > f.Score+closer, against > f.Score && f.Score < kb.Answerable:
		return false
	}
	needed := enough
	if s.memory.Draft != nil || s.openMatter() != nil {
		needed = amid
	}
	return f.Score >= dimmest && s.margin(f, open) > needed
}

// margin is how much speaks for an article that answers a question: the
// logarithm of its odds.
func (s *scene) margin(f kb.Found, open *kb.Found) float64 {
	rest := 1.0 // of the question that what is open does not say
	if open != nil {
		rest = open.Beyond
	}
	n := float64(utf8.RuneCountInString(s.text))
	return fitting*odds(min(max(f.Score, faint), certain)) - doubt*odds(s.means.Unstated) +
		lengthy*math.Log(1+n) + nearer*(rest-f.Beyond) - even
}

// Scores at the ends of their scale say no more than these.
const (
	faint   = 0.02
	certain = 0.99
)

// odds is the logarithm of how likely to how unlikely something is.
func odds(p float64) float64 {
	p = min(max(p, 1e-4), 1-1e-4)
	return math.Log(p / (1 - p))
}

// short is up to how many characters a question is one about the business at
// hand.
const short = 14

// wantsInvoice asks for one, however it is put.
var wantsInvoice = regexp.MustCompile(`(?:要|想|帮我|给我|替我|申请)[^，,。！!？?]{0,6}(?:开|领|打|补)[^，,。！!？?]{0,4}发票|发票[^，,。！!？?]{0,6}(?:申领|领|开)一下`)

// ask answers a question from the knowledge, or says that it cannot.
func (s *scene) ask(ctx context.Context) (Reply, error) {
	queries := []string{s.text}
	if m := s.openMatter(); m != nil && utf8.RuneCountInString(s.text) <= short {
		if about := businessWords[m.Application]; about != "" && m.Application != "other" {
			queries = append(queries, about+s.text)
		}
	}
	if r, ok, err := s.askTwo(ctx); ok || err != nil {
		return r, err
	}
	a, err := s.look(ctx, queries...)
	if err != nil {
		return Reply{}, err
	}
	if wantsInvoice.MatchString(s.text) || a != nil && s.means.Application == "invoice" && tellsOf(*a, "invoice") {
		s.memory.Told = "invoice"
	}
	if numbered(s.means.Slots.Ticket) && (a == nil || a.Open) {
		return s.progress(), nil
	}
	if a == nil {
		s.memory.Offered = true
		return Reply{Text: wordsUnknown, Asked: s.text}, nil
	}
	if strings.Contains(a.Next, "人工") {
		s.memory.Offered = a.Open
	}
	r := answerFrom(*a)
	r.Asked = s.text
	return r, nil
}

// A message that may be a question is one when the standard answers it in so
// many words.
const (
	perhaps = 0.08 // how likely it must be a question at least
	plainly = 2    // how much the best article must speak for it
)

// asksAfter reports whether the turn asks who or when, about the matter that
// has a ticket: 「挖开的路谁给修」.
func (s *scene) asksAfter() bool {
	m := s.openMatter()
	return m != nil && akin(m.Category, s.means.Category) && whoOrWhen.MatchString(s.text) && !s.means.Urgent
}

var whoOrWhen = regexp.MustCompile(`谁(?:给|来|管|负责|去|恢复|赔|修|出)|归谁|多久|多长时间|几天|要不要|收不收|要钱|怎么(?:算|赔|办)`)

// asksRather takes a message for the question that it may be: it names no
// place and no number, and the standard answers it.
func (s *scene) asksRather(ctx context.Context) (bool, error) {
	slots := s.means.Slots
	if s.means.first() == Callback && callMe.MatchString(s.text) || s.means.first() == Ask || s.means.Asks < perhaps && !s.asksAfter() || slots.Address+slots.Community+slots.Phone+slots.Ticket != "" || !unsure.MatchString(s.text) {
		return false, nil
	}
	found, err := s.knowledge.Search(ctx, s.text, looked)
	if err != nil {
		return false, fmt.Errorf("search knowledge: %w", err)
	}
	standard, open := divided(found)
	if standard == nil {
		return false, nil
	}
	if s.asksAfter() {
		return s.margin(*standard, open) > enough, nil
	}
	return s.margin(*standard, open) > plainly, nil
}

// asksPolitely reports whether what sounds like courtesy asks for something: 「上回来
// 修表的小哥叫啥名呀，想送面锦旗」.
func (s *scene) asksPolitely() bool {
	const long = 10
	return s.openMatter() == nil && utf8.RuneCountInString(s.text) > long && s.means.Asks >= faintly && ofTrade.MatchString(s.text) &&
		(unsure.MatchString(s.text) || sidelong.MatchString(s.text)) && !greeting.MatchString(s.text) && !shrugs.MatchString(s.text) && !praise.MatchString(s.text)
}

// faintly is how likely what is taken for something else must be a question for
// its doubt to be told.
const faintly = 0.005

// mayAsk reports whether a turn that begins a matter may only ask something:
// 「开水瓶底下老结一层白的，碍不碍身体呀」.
func (s *scene) mayAsk() bool {
	slots, first := s.means.Slots, s.means.first()
	return s.memory.Draft == nil && s.openMatter() == nil && (first == Complain || first == AskRepair || first == Apply) &&
		s.means.Asks >= faintly && !s.means.Urgent && slots.Address+slots.Community+slots.Phone+slots.Ticket == "" &&
		(unsure.MatchString(s.text) || asksMidway.MatchString(s.text) || sidelong.MatchString(s.text)) && !blames.MatchString(doesIt.ReplaceAllString(s.text, ""))
}

// sidelong asks in words that do not ask of themselves, doesIt whether something is
// done: 「管不管送水」, which blames nobody.
var (
	sidelong = regexp.MustCompile(`\p{Han}[不没][呀啊]?[，,。?？]|哪[儿些]|几[次回遍趟年]|会不会|用不用|要不要|该不该|管不管\p{Han}{2}|还是\p{Han}{1,6}[呀啊呢]`)
	doesIt   = regexp.MustCompile(`管不管\p{Han}{2}`)
)

// orAsked does what a turn wants, and adds to what begins a matter the answer,
// should the turn only have asked something, or what to do where there is none.
func (s *scene) orAsked(ctx context.Context, do func(context.Context) (Reply, error)) (Reply, error) {
	doubt := s.mayAsk()
	r, err := do(ctx)
	if err != nil || !doubt || r.Action != nil || len(r.Citations) > 0 || s.memory.Draft == nil {
		return r, err
	}
	s.memory.Draft.Doubt = true
	found, err := s.knowledge.Search(ctx, s.text, looked)
	if err != nil {
		return Reply{}, fmt.Errorf("search knowledge: %w", err)
	}
	whole := s.means
	s.means.Intents = []Intent{Ask}
	f := s.fits(found)
	s.means = whole
	if f == nil {
		r.Text = join(wordsOrAsked, r.Text)
		return r, nil
	}
	return r.alsoTold(&f.Article, false), nil
}

// onlyAsked reports whether the turn after a doubtful one shows that nothing but
// an answer was wanted: another question, thanks, or that he only asked.
func (s *scene) onlyAsked() bool {
	if s.means.Slots != (Slots{}) || s.means.Urgent || s.reports() {
		return false
	}
	return s.means.first() == Ask && (unsure.MatchString(s.text) || sidelong.MatchString(s.text) || strings.Contains(s.text, "几")) || justAsking.MatchString(s.text) || s.means.first() == SmallTalk && thanks.MatchString(s.text)
}

// justAsking says so.
var justAsking = regexp.MustCompile(`(?:就是?|只是?|光)(?:想)?(?:问|打听|了解|咨询)|随便问|没别的事|不(?:用|是要?)(?:登记|报修|投诉)`)

// fits is what answers a turn if it is a question; the matter it has begun does
// not make it more of one.
func (s *scene) fits(found []kb.Found) *kb.Found {
	draft := s.memory.Draft
	s.memory.Draft = nil
	defer func() { s.memory.Draft = draft }()
	if f := s.telling(found); f != nil && !f.Article.Open {
		return f
	}
	return nil
}

// First is the turn of a conversation that begins with this question.
func First(question string, now time.Time) Turn {
	return Turn{
		Now: now, Conversation: channels.Conversation{State: channels.WithBot},
		Messages: []channels.Message{{Author: channels.FromCustomer, Kind: channels.Text, Text: question, CreatedAt: now}},
	}
}

// Teller asks the bot that trial makes for a library: an article answers a
// question when the bot tells it and cites it.
func Teller(trial func(Knowledge) Answerer, now func() time.Time) kb.Teller {
	return func(ctx context.Context, l *kb.Library, question string) (kb.Found, bool, error) {
		r, err := trial(l).Answer(ctx, First(question, now()))
		if err != nil || r.ArticleID == "" {
			return kb.Found{}, false, err
		}
		answers := len(r.Citations) > 0 && !r.Unknown
		found, err := l.Search(ctx, question, 3)
		if err != nil {
			return kb.Found{}, false, fmt.Errorf("search knowledge: %w", err)
		}
		for _, f := range found {
			if f.Article.ID == r.ArticleID {
				return f, answers, nil
			}
		}
		a, ok := l.Article(r.ArticleID) // found by other words than the whole question
		return kb.Found{Article: a}, ok && answers, nil
	}
}

// askTwo answers both of two questions that one message asks: 「停水提前多久通知，
// 还有装新表要几天」. What of them has no answer is said to have none. False when
// they are not two, or none has one.
func (s *scene) askTwo(ctx context.Context) (Reply, bool, error) {
	first, second, ok := halves(s.text)
	if !ok || utf8.RuneCountInString(second) < passage || !unsure.MatchString(first) || !unsure.MatchString(second) {
		return Reply{}, false, nil
	}
	means, text := s.means, s.text
	defer func() { s.means, s.text = means, text }()
	r := Reply{Asked: text}
	var told, open []string
	for _, q := range []string{first, second} {
		u, err := s.understander.Understand(ctx, q, nil)
		if err != nil {
			return Reply{}, false, fmt.Errorf("understand a part: %w", err)
		}
		if u.first() != Ask || u.Confidence < askedIn {
			return Reply{}, false, nil
		}
		s.means, s.text = u, q
		a, err := s.look(ctx, q)
		if err != nil {
			return Reply{}, false, err
		}
		switch {
		case a == nil:
			open, r.Unknown = append(open, wordsOtherUnknown), true
		case a.Open:
			open, r.Grounds = append(open, aside(*a)+a.Next), append(r.Grounds, a.Short, a.Details, a.Next)
		case len(r.Citations) > 0 && r.ArticleID == a.ID:
			return Reply{}, false, nil
		default:
			if len(r.Citations) == 0 {
				r.ArticleID = a.ID
			}
			told, r.Citations = append(told, aside(*a)), append(r.Citations, cite(*a))
		}
	}
	if len(told) == 0 {
		return Reply{}, false, nil
	}
	s.memory.Offered = len(open) > 0
	r.Text = strings.Join(append(told, open...), "\n")
	return r, true, nil
}

// aside is an article told in between: all that it answers, when it is short.
func aside(a kb.Article) string {
	const brief = 110
	if a.Details != "" && utf8.RuneCountInString(a.Short)+utf8.RuneCountInString(a.Details) <= brief {
		return a.Short + a.Details
	}
	return a.Short
}

// Preview is the answer an article gives a resident.
func Preview(a kb.Article) Reply { return answerFrom(a) }

func answerFrom(a kb.Article) Reply {
	text := a.Short
	for _, more := range []string{a.Details, a.Next} {
		if more != "" && utf8.RuneCountInString(text)+utf8.RuneCountInString(more) <= longest {
			text += "\n" + more
		}
	}
	r := Reply{Text: text, ArticleID: a.ID}
	if a.Open {
		r.Unknown = true // it says that it does not know: a clause would make it look like an answer
	} else {
		r.Citations = []channels.Citation{cite(a)}
	}
	return r
}

func cite(a kb.Article) channels.Citation {
	return channels.Citation{ArticleID: a.ID, Title: a.Title, Source: a.Source, Clause: a.Clause, Version: a.Version}
}
