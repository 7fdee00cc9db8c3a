package bot

import (
	"context"
	"regexp"
	"strings"
	"time"

	"quandesk/channels"
	"quandesk/tickets"
	"quandesk/tickets/customer"
	"quandesk/tickets/outage"
)

// pastNotice says that the water should be back by now.
var pastNotice = regexp.MustCompile(`(?:时间|[点时]|钟头)(?:都|也|早|已经?|就|明明)*(?:过了|到了|过去)|(?:早就?|都|已经)(?:过|超)了|过了.{0,8}(?:时间|点)|到点|超时|(?:通知|公告|说好)(?:上|里)?(?:的|说|写)*.{0,14}(?:过了|还没|没来|不来)`)

// asksTicket wants a ticket although a notice explains it.
var asksTicket = regexp.MustCompile(`登记|报修|报一下|派人|来人|来修|来看看|(?:就|只有)(?:我|俺)`)

// insists reports whether the resident has no water after the notice said it
// would be back.
func (s *scene) insists() bool { return pastNotice.MatchString(s.text) && noWater.MatchString(s.text) }

// explained answers a report of no water by the notice that explains it (R19);
// what is urgent, blames or insists is registered all the same.
func (s *scene) explained(d *draft) (Reply, bool) {
	if len(s.turn.Outages) == 0 || d.Insists || d.Urgent || d.Category != tickets.Outage || d.Kind != tickets.Repair || raises.MatchString(d.description()) {
		return Reply{}, false
	}
	if s.insists() {
		d.Insists = true
		return Reply{}, false
	}
	n, m := s.announced(d, true)
	switch {
	case m == outage.Within:
		return s.tell(d, n), true
	case m == outage.Possibly && d.Place.Text != "" && !d.Exact && n.Area.Listed():
		return s.askExactly(d), true
	}
	return Reply{}, false
}

// announced is the notice that fits the place of a draft best. Of a report
// only those speak that have begun and are not over.
func (s *scene) announced(d *draft, report bool) (outage.Notice, outage.Match) {
	place := s.spot(d)
	var best outage.Notice
	match := outage.Elsewhere
	for _, n := range s.turn.Outages {
		if !n.Told(s.turn.Now) || report && !n.Begun(s.turn.Now) || !report && !s.onDay(n) {
			continue
		}
		if m := n.Area.Affects(place); m > match || m == match && m > outage.Elsewhere && s.sooner(n, best) {
			best, match = n, m
		}
	}
	return best, match
}

// laterDay is a day after today that a question asks about.
var laterDay = regexp.MustCompile(`明[天早晚日]|后天`)

// dayAsked is that day in words, and how many days from now; "" is any time.
func (s *scene) dayAsked() (words string, days int) {
	switch words = laterDay.FindString(s.text); words {
	case "":
		return "", 0
	case "后天":
		return words, 2
	}
	return words, 1
}

// onDay reports whether the water is off on the day that is asked about.
func (s *scene) onDay(n outage.Notice) bool {
	_, days := s.dayAsked()
	if days == 0 {
		return true
	}
	y, m, d := s.turn.Now.In(tickets.Beijing).Date()
	from := time.Date(y, m, d+days, 0, 0, 0, 0, tickets.Beijing)
	return n.State == outage.Published && n.StartAt.Before(from.AddDate(0, 0, 1)) && n.EndAt.After(from)
}

// sooner reports whether a says more of this hour than b: what runs goes
// before what is to come, and that before what is over.
func (s *scene) sooner(a, b outage.Notice) bool {
	rank := func(n outage.Notice) int {
		switch {
		case n.Begun(s.turn.Now):
			return 0
		case n.State == outage.Published:
			return 1
		}
		return 2
	}
	if x, y := rank(a), rank(b); x != y {
		return x < y
	}
	return a.StartAt.Before(b.StartAt)
}

// spot is where a draft is: what was said in it, or earlier in the conversation.
func (s *scene) spot(d *draft) customer.Address {
	switch {
	case d.Place.Text != "":
		return d.Place
	case s.means.Slots.District != "":
		return customer.ParseAddress(s.means.Slots.District)
	}
	return customer.ParseAddress(d.Suggested)
}

// tell answers with a notice. The matter is kept, so that whoever still has no
// water when the time is over need not say everything again.
func (s *scene) tell(d *draft, n outage.Notice) Reply {
	d.Place = s.spot(d)
	d.Soft, d.Notice = true, n.No
	s.memory.Place = d.Place.Text
	return Reply{Text: wordsNotice(n, d.Place.Text, s.turn.Now), Citations: []channels.Citation{CiteNotice(n)}}
}

// CiteNotice is how an answer names the notice that it rests on.
func CiteNotice(n outage.Notice) channels.Citation {
	name := "停水通知" + n.No
	return channels.Citation{ArticleID: n.Source(), Title: name, Source: name, Version: int(n.Version)}
}

func (s *scene) askExactly(d *draft) Reply {
	d.Exact, d.Last = true, where
	return Reply{Text: wordsExactly(d.Place.Text)}
}

// afterNotice continues a matter that a notice has explained; false when the
// turn is about something else.
func (s *scene) afterNotice(ctx context.Context, d *draft) (Reply, bool, error) {
	_, place := placed(s.means.Slots)
	switch {
	case s.insists(), asksTicket.MatchString(s.text), s.means.Slots.Phone != "", s.reports() && s.earnest(), s.outlasts(d):
		d.Soft, d.Insists = false, true
		s.merge(ctx)
		return s.next(""), true, nil
	case place:
		s.moved(ctx, d)
		return s.offerOutage(d), true, nil
	case yes.MatchString(s.text) && !thanks.MatchString(s.text):
		s.memory.Draft = nil
		return Reply{Text: wordsAnythingElse}, true, nil
	case s.means.first() == AskOutage || s.reports() && s.means.category() == tickets.Outage:
		return s.offerOutage(d), true, nil
	}
	s.memory.Draft = nil
	return Reply{}, false, nil
}

// moved takes another place for the one a notice was told for.
func (s *scene) moved(ctx context.Context, d *draft) {
	d.Place, d.Notice, d.Exact, d.Last = customer.Address{}, "", false, where
	s.merge(ctx)
}

var (
	noticeNo  = regexp.MustCompile(`(?i)TZ-?[0-9]{8}-?[0-9]{3,}`)
	houseOnly = regexp.MustCompile(`^(?:是|在|住)?[0-9]{1,5}(?:号楼|号院|号|栋|幢).{0,15}$`)
	zoneAlone = regexp.MustCompile(`^(?:是|在|住)?([0-9一二三四五六七八九十]{1,2}[区期])(.{0,15})$`)
)

// ofNotice answers who asks about a notice by its number.
func (s *scene) ofNotice() (Reply, bool) {
	said := noticeNo.FindString(s.text)
	if said == "" || len(s.turn.Outages) == 0 {
		return Reply{}, false
	}
	plain := func(no string) string { return strings.ToUpper(strings.ReplaceAll(no, "-", "")) }
	for _, n := range s.turn.Outages {
		if n.Told(s.turn.Now) && plain(n.No) == plain(said) {
			return Reply{Text: wordsNotice(n, "", s.turn.Now), Citations: []channels.Citation{CiteNotice(n)}}, true
		}
	}
	return Reply{Text: wordsNoSuchNotice}, true
}

// zoned puts what belongs to a place behind its name: the part of a compound
// that was asked for, the number of a house on a road.
func (s *scene) zoned() {
	d, text := s.memory.Draft, strings.TrimSpace(s.text)
	if d == nil || d.Place.Text == "" {
		return
	}
	if m := zoneAlone.FindStringSubmatch(text); m != nil && d.Exact && d.Place.Community != "" {
		s.means.Slots.Address = d.Place.Community + m[1] + m[2]
	}
	if d.Notice != "" && houseOnly.MatchString(text) {
		s.means.Slots.Address = d.Place.Text + strings.TrimLeft(text, "是在住")
	}
}

// outlasts reports whether there is still no water though the notice is over.
func (s *scene) outlasts(d *draft) bool {
	if !noWater.MatchString(s.text) || outageAsk.MatchString(s.text) {
		return false
	}
	for _, n := range s.turn.Outages {
		if n.No == d.Notice {
			return n.Overdue(s.turn.Now) || n.State != outage.Published
		}
	}
	return true
}

// insisted takes up a report that a notice was to explain and did not.
func (s *scene) insisted(ctx context.Context) (Reply, error) {
	if !blames.MatchString(s.text) {
		s.means.Intents, s.means.Kind = []Intent{AskRepair}, tickets.Repair
	}
	s.means.Category = tickets.Outage
	return s.report(ctx)
}

// hedged tells of a notice that may concern a place.
func (s *scene) hedged(d *draft, n outage.Notice) Reply {
	r := s.tell(d, n)
	r.Text = wordsPerhaps(n, d.Place.Text, s.turn.Now)
	return r
}

// areaWords is the area of a notice, no longer than an answer bears.
func areaWords(a outage.Area) string {
	const most = 80
	if words := a.Words(); len([]rune(words)) <= most {
		return words
	}
	words := string([]rune(a.Words())[:most])
	if i := strings.LastIndexAny(words, "、，；"); i > 0 {
		words = words[:i]
	}
	return words + "等处"
}
