package bot

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"quandesk/kb"
	"quandesk/tickets"
)

// How plainly a passage of a message must ask for an answer of its own, when the
// message wants something else first.
const (
	askedIn   = 0.8 // how sure it must be a question
	toldIn    = 0.7 // how sure the thing told beside a question must be a report
	passage   = 6   // characters it has at least
	fitsAside = 0.5 // how well an article must fit it
)

var (
	// piece is a part of a sentence: some write spaces for commas.
	piece = regexp.MustCompile(`[^，,。；;！!？?\s]+[，,。；;！!？?\s]*`)
	// sentence is one with what ends it.
	sentence = regexp.MustCompile(`[^。！!？?；;\n]+[。！!？?；;\n]*`)
)

// andTold does what a turn wants first, and answers what it asks besides.
func (s *scene) andTold(ctx context.Context, do func(context.Context) (Reply, error)) (Reply, error) {
	asked, err := s.asksIn(ctx)
	if err != nil {
		return Reply{}, err
	}
	urgent := s.means.Urgent
	r, err := do(ctx)
	return r.alsoTold(asked, urgent), err
}

// asksIn is the article that answers a question told among other things: 「水柱比
// 公交车还高！你们规定几分钟到场？」, 「买二手房水跟电能一块改名吗，明天十点打我电话」.
// nil when none is asked, or none is known.
func (s *scene) asksIn(ctx context.Context) (*kb.Article, error) {
	whole := s.means
	defer func() { s.means = whole }()
	var best kb.Found
	for _, q := range append(piece.FindAllString(s.text, -1), sentence.FindAllString(s.text, -1)...) {
		if utf8.RuneCountInString(q) < passage || len(q) == len(s.text) || !unsure.MatchString(strings.TrimSpace(q)) {
			continue
		}
		means, err := s.understander.Understand(ctx, q, nil)
		if err != nil || means.first() != Ask || means.Confidence < askedIn {
			continue
		}
		found, err := s.knowledge.Search(ctx, q, looked)
		if err != nil {
			return nil, fmt.Errorf("search knowledge: %w", err)
		}
		s.means = means
		if f := s.telling(found); f != nil && !f.Article.Open && f.Score >= fitsAside && f.Score > best.Score {
			best = *f
		}
	}
	if best.Score == 0 {
		return nil, nil
	}
	return &best.Article, nil
}

// alsoTold adds to a reply what was asked among other things, before it; a danger
// is dealt with first.
func (r Reply) alsoTold(a *kb.Article, urgent bool) Reply {
	if a == nil || len(r.Citations) > 0 {
		return r
	}
	r.Citations, r.ArticleID = answerFrom(*a).Citations, a.ID
	told := aside(*a)
	place := func(words string) string {
		if strings.Contains(words, told) {
			return words
		}
		if urgent {
			return join(words, told)
		}
		return join(told, words)
	}
	if words := r.Words; words != nil {
		r.Words = func(res Result) string { return place(words(res)) }
	}
	r.Text = place(r.Text)
	return r
}

// askedBeside answers a question, and takes up what the same message reports:
// 「路边冒水了，抢修完的渣土你们负责拉走吗？」, 「水表转得太快了要投诉，还有停水通知
// 提前多久发？」.
func (s *scene) askedBeside(ctx context.Context) (Reply, error) {
	if s.openMatter() != nil {
		return s.ask(ctx)
	}
	reported, ok, err := s.reportIn(ctx)
	if err != nil {
		return Reply{}, err
	}
	if !ok {
		return s.ask(ctx)
	}
	a, err := s.look(ctx, s.text)
	if err != nil {
		return Reply{}, err
	}
	if a == nil || a.Open {
		return s.ask(ctx)
	}
	asked := s.means
	defer func() { s.means = asked }()
	s.means.Intents, s.means.Category, s.means.Kind = reported.Intents, reported.Category, reported.Kind
	r, err := s.report(ctx)
	r.Asked = s.text
	return r.alsoTold(a, false), err
}

// reportIn is what a question is asked beside: a leak of now in a clause of its own,
// or one of two things. A leak that was, may be or has a ticket is none.
func (s *scene) reportIn(ctx context.Context) (Understanding, bool, error) {
	if leaksNow.MatchString(s.text) && !notNow.MatchString(s.text) {
		return Understanding{Intents: []Intent{AskRepair}, Category: tickets.Leak, Kind: tickets.Repair}, true, nil
	}
	return s.halfReported(ctx)
}

// halfReported is the half of a message that reports something, when the other half
// only asks: 「停水提前多久通知？另外我家水表转得太快了」.
func (s *scene) halfReported(ctx context.Context) (Understanding, bool, error) {
	first, second, ok := halves(s.text)
	if !ok {
		return Understanding{}, false, nil
	}
	for _, half := range [][2]string{{first, second}, {second, first}} {
		if unsure.MatchString(half[0]) || inMind.MatchString(half[0]) || !unsure.MatchString(half[1]) {
			continue
		}
		means, err := s.understander.Understand(ctx, half[0], nil)
		if err != nil {
			return Understanding{}, false, fmt.Errorf("understand a part: %w", err)
		}
		if takesTicket(means) && means.Confidence >= toldIn && specific(means.Category) {
			return means, true, nil
		}
	}
	return Understanding{}, false, nil
}

var (
	// leaksNow is a clause of its own that says that water runs out where it
	// should not.
	leaksNow = regexp.MustCompile(`(?:^|[，,。；;！! ])[^，,。；;！!？?]{0,12}(?:(?:管子?|管道|龙头|阀门|水表|地上|地下|路[边上面]|门口|楼[下道]|墙[里角]|井)[^，,。；;！!？?]{0,4}(?:爆|崩|漏|裂|[冒喷呲滋漾]水?)|漏水|冒水|喷水)[^，,。；;！!？?过]{0,3}[了呢着啦咧][，,。；;！! ]`)
	// inMind is what has not happened, or is over.
	inMind = regexp.MustCompile(`如果|要是|假如|假设|万一|的话|修好|好了|没漏|不漏|报过`)
	// notNow is what makes it one of the past or of the mind.
	notNow = regexp.MustCompile(`如果|要是|假如|假设|万一|的话|上个?月|之前|前几天|昨天|前天|修完了|好了|没漏|不漏|自己修|马桶|热水器|太阳能|上次|上回|去年|前年|那次|那天|以后|之后|已经?修好|修好了|赔|水费|退|减免|报过`)
)
