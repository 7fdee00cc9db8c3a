package bot

import (
	"context"
	"regexp"
	"unicode/utf8"

	"quandesk/kb"
	"quandesk/tickets"
	"quandesk/tickets/customer"
)

// apply takes up business, and tells of it what the knowledge says. Invoices
// and payments are only explained: residents do them themselves.
func (s *scene) apply(ctx context.Context) (Reply, error) {
	if wantedBusiness(s.text) == "" && beginsOnly.MatchString(s.text) {
		if m := s.openMatter(); m != nil {
			return Reply{Text: wordsAlreadyThere(*m, s.turn.Now)}, nil
		}
		return Reply{Text: wordsTellMe}, nil
	}
	if m := s.sameBusiness(); m != nil {
		return s.again(*m), nil
	}
	query := s.text
	if s.takenBack() {
		query = instead(s.text)
	}
	a, err := s.look(ctx, query)
	if err != nil {
		return Reply{}, err
	}
	business := s.means.Application
	if business == "invoice" || business == "payment" {
		if a == nil {
			s.memory.Offered = true
			return Reply{Text: wordsUnknown}, nil
		}
		s.memory.Told = business
		return answerFrom(*a), nil
	}
	if a != nil && !tellsOf(*a, business) {
		a = nil
	}
	s.means.Kind = tickets.Application
	s.startAt(ctx)
	d := s.memory.Draft
	d.Kind, d.Application, d.Category = tickets.Application, business, categoryOf(business)
	d.Suggested = ""
	if unchanged.MatchString(s.text) && d.Place.Text == "" {
		d.Place = customer.ParseAddress(s.knownPlace()) // 「另外再申请验一下水表，地址电话都一样」
	}
	before, told := wordsApplying(business), Reply{}
	if a != nil && business != "other" {
		before, told = join(a.Short, before), answerFrom(*a)
	}
	r := s.next(before)
	r.Citations, r.ArticleID, r.Unknown = told.Citations, told.ArticleID, told.Unknown
	return r, nil
}

// tellsOf reports whether an article may be told of business: it is about no
// other.
func tellsOf(a kb.Article, business string) bool {
	of := wantedBusiness(a.Title + a.Short)
	return of == "" || of == business || business == "other"
}

func categoryOf(business string) tickets.Category {
	switch business {
	case "new_connection":
		return tickets.Installation
	case "transfer":
		return tickets.Billing
	case "close_account", "meter_check":
		return tickets.Meter
	}
	return tickets.Other
}

func (s *scene) sameBusiness() *Matter {
	for i, m := range s.turn.Tickets {
		if m.State.Open() && m.Kind == tickets.Application && m.Category == categoryOf(s.means.Application) && s.means.Application != "other" {
			return &s.turn.Tickets[i]
		}
	}
	return nil
}

// beginsOnly is what people say before they say what it is.
var beginsOnly = regexp.MustCompile(`^(?:你好|您好)?[，, ]*[^，,。]{0,8}[，, ]?(?:麻烦)?(?:你|您)?(?:帮我|给我)?(?:先)?(?:给我)?(?:记|登记|问|处理|看|弄|办)(?:一?下|上|个事儿?|一件事)?吧?[。！!～~ ]*$`)

// entitled are the facts of an invoice.
var entitled = regexp.MustCompile(`^(?:发票)?(?:抬头|单位|公司|税号|户号|户名|户主)[是为：:]?|^(?:我)?(?:就)?(?:要|开)?(?:电子|纸质|普通|专用)(?:的|票|发票)|^(?:要|开)?[^，,。]{1,6}月(?:份)?的(?:$|[，,。])`)

// handsOver leaves to us what could be done by oneself.
var handsOver = regexp.MustCompile(`(?:你们?|您)?(?:直接|还是)?(?:给|帮|替)(?:我|俺)(?:直接)?(?:登记|申请|办|开|弄|领|报)|(?:登记|办|申请)(?:上|一下)?(?:吧|呗|得了)`)

// wantsTold reports whether the turn goes on with business that was only
// explained: it gives a number, or facts, and asks nothing.
func (s *scene) wantsTold() bool {
	const short = 20
	switch {
	case s.means.Urgent || blames.MatchString(s.text):
		return false
	case entitled.MatchString(s.text):
		return s.means.first() != Ask || !unsure.MatchString(s.text)
	case s.reports():
		return s.means.category() == tickets.Billing && utf8.RuneCountInString(s.text) <= short
	case s.means.Slots.Phone != "":
		return !s.misdialled()
	}
	if s.means.first() == Apply && wantedBusiness(s.text) == "" && utf8.RuneCountInString(s.text) <= 60 {
		return true // 「昨天交过了，你给登记一下」, after the invoice was explained
	}
	if s.means.first() != Ask && handsOver.MatchString(s.text) && wantedBusiness(s.text) == "" {
		return true
	}
	return s.means.first() == Ask && !unsure.MatchString(s.text)
}

// toldBusiness takes up the business that was explained.
func (s *scene) toldBusiness(ctx context.Context, business string) Reply {
	s.means.Kind, s.means.Application = tickets.Application, business
	s.startAt(ctx)
	d := s.memory.Draft
	d.Kind, d.Application, d.Category, d.Suggested = tickets.Application, business, categoryOf(business), ""
	d.Words = append(d.Words, "办理"+businessWords[business])
	return s.next("")
}
