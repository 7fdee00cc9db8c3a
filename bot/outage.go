package bot

import (
	"context"
	"regexp"

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
	case noWater.MatchString(s.text) && (d.Asked[hour] > 0 || insistsOn.MatchString(s.text)):
		d.Soft = false
		s.merge(ctx)
		return s.next(""), true, nil
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

// insistsOn says that there is no water, whatever was announced.
var insistsOn = regexp.MustCompile(`没(?:有)?(?:公告|通知|贴)|[咋怎]么?(?:没|不来)水|就是没水|真没水|一滴(?:都|也)?没`)

// earnest reports whether a turn after a question about an outage is more than
// impatience: blame, a call for a crew, or some other thing that is wrong.
func (s *scene) earnest() bool {
	if blames.MatchString(s.text) || wantsCrew.MatchString(s.text) {
		return true
	}
	return specific(s.means.Category) && s.means.Category != tickets.Outage
}

// apply takes up business: what is known about it is told first.
