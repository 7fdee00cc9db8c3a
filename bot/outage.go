package bot

import (
	"context"

	"quandesk/channels"
	"quandesk/tickets"
	"quandesk/tickets/outage"
)

// outage answers questions about water that is off. No water at home is a
// fault report; a question alone opens nothing until the resident wants it (R19).
func (s *scene) outage(ctx context.Context) (Reply, error) {
	if m := s.same(); m != nil {
		return s.again(*m), nil
	}
	s.startAt(ctx)
	d := s.memory.Draft
	d.Kind, d.Category = tickets.Repair, tickets.Outage
	if noWater.MatchString(s.text) && !outageAsk.MatchString(s.text) {
		return s.next(""), nil
	}
	d.Soft = true
	return s.offerOutage(d), nil
}

// offerOutage says what can be done about an outage that was asked about.
func (s *scene) offerOutage(d *draft) Reply {
	n, m := s.announced(d, false)
	switch {
	case m == outage.Within:
		return s.tell(d, n)
	case m == outage.Possibly && (d.Place.Text == "" || !d.Exact && n.Area.Listed()):
		return s.askExactly(d)
	case m == outage.Possibly:
		return s.hedged(d, n)
	case d.Place.Text == "" && len(s.turn.Outages) > 0:
		return Reply{Text: wordsWhichOutage}
	case d.Place.Text == "":
		return Reply{Text: wordsOutage}
	case s.turn.Outages != nil:
		day, _ := s.dayAsked()
		return Reply{Text: wordsNoNotice(d.Place.Text + day)}
	}
	return Reply{Text: wordsOutageAt(d.Place.Text)}
}

// soft continues a question about an outage; false when the turn is about
// something else.
func (s *scene) soft(ctx context.Context, d *draft) (Reply, bool, error) {
	if d.Notice != "" {
		return s.afterNotice(ctx, d)
	}
	_, place := placed(s.means.Slots)
	switch {
	case s.wantsCall():
		s.memory.Call = &call{Words: join(d.description(), s.text)}
		s.memory.Draft = nil
		r, err := s.arrangeCall(ctx)
		return r, true, err
	case s.reports() && s.earnest() || yes.MatchString(s.text) || s.means.Slots.Phone != "":
		d.Soft = false
		s.merge(ctx)
		return s.next(""), true, nil
	case place || s.means.first() == AskOutage || s.reports():
		s.merge(ctx)
		return s.offerOutage(d), true, nil
	}
	s.memory.Draft = nil
	return Reply{}, false, nil
}

// earnest reports whether a turn after a question about an outage is more than
// impatience: blame, a call for a crew, or some other thing that is wrong.
func (s *scene) earnest() bool {
	if blames.MatchString(s.text) || wantsCrew.MatchString(s.text) {
		return true
	}
	return specific(s.means.Category) && s.means.Category != tickets.Outage
}

// apply takes up business: what is known about it is told first.
func (s *scene) apply(ctx context.Context) (Reply, error) {
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
		return answerFrom(*a), nil
	}
	s.means.Kind = tickets.Application
	s.startAt(ctx)
	d := s.memory.Draft
	d.Kind, d.Application, d.Category = tickets.Application, business, categoryOf(business)
	d.Suggested = ""
	before, sources, article := wordsApplying(business), []channels.Citation(nil), ""
	if a != nil && business != "other" {
		told := answerFrom(*a)
		before, sources, article = join(a.Short, before), told.Citations, a.ID
	}
	r := s.next(before)
	r.Citations, r.ArticleID = sources, article
	return r, nil
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
