package bot

import (
	"regexp"
	"strings"

	"quandesk/tickets"
)

var (
	// withdraws says outright that a ticket is not wanted any more; 「算了」 alone
	// is no such word.
	withdraws = regexp.MustCompile(`撤(?:销|回|单|了|掉|吧)|(?:取消|作废|注销|销)(?:掉|了)?(?:我?(?:的|那个?|这个?))?(?:投诉|报修|登记|工单|单子?)|(?:单子?|投诉|报修|登记)[^，。,]{0,6}(?:取消|不要了|作废|销了|免了)|不(?:投诉|报修?|举报|登记)了|(?:不用|别|甭|不必|不要|不需要)(?:再)?(?:派人|来人|派|来|上门|过来|跑)?(?:给我|帮我)?(?:修|弄|处理|管|来|跑|投诉|登记|上门)?(?:一趟)?(?:了|啦|咯)`)
	sighs     = regexp.MustCompile(`^(?:唉|哎|那)?[，, ]*(?:我)?算了`)
	// mayIt only asks whether that can be done.
	mayIt = regexp.MustCompile(`(?:能|可以|好|还能)[^，。,]{0,4}(?:撤|取消)[^，。,]{0,3}(?:吗|不|么|[?？])|怎么(?:撤|取消)|(?:撤|取消)(?:销|回|得)?了?(?:吗|么|不[?？])`)
	// notTickets are taken back in other words: a call, a meter.
	notTickets = regexp.MustCompile(`电话|回电|表|户`)
)

// withdrawing reports whether the turn takes back a ticket that is there.
func (s *scene) withdrawing(m Matter) bool {
	if keepsOn.MatchString(s.text) || m.Urgent && s.means.Urgent || displeased.MatchString(s.text) || strings.ContainsAny(s.text, "?？") && !mayIt.MatchString(s.text) {
		return false
	}
	return withdraws.MatchString(s.text) && !sighs.MatchString(s.text) && !notTickets.MatchString(withdraws.FindString(s.text)) ||
		m.Kind == tickets.Application && dropsIt.MatchString(s.text)
}

// withdraw takes back the ticket that is meant, as long as nobody has begun
// with it; later the words are put on it, for whoever speaks with the resident.
func (s *scene) withdraw() Reply {
	m, sure := s.meant()
	switch {
	case !sure:
		return Reply{Text: wordsWhichOne(s.openMatters())}
	case m.State != tickets.New || m.Urgent || !strings.HasPrefix(m.No, "TS"):
		return s.supplement(m, nil, wordsNoLonger)
	case mayIt.MatchString(s.text):
		return Reply{Text: wordsMayWithdraw(m.No)}
	}
	return Reply{
		Text:   wordsStillOpen(m.No),
		Words:  func(Result) string { return wordsWithdrawn(m.No) },
		Action: &Action{Type: WithdrawTicket, TicketNo: m.No, Note: cut(s.text, longestNote-1)},
	}
}

func (s *scene) openMatters() []Matter {
	var out []Matter
	for _, m := range s.turn.Tickets {
		if m.State.Open() {
			out = append(out, m)
		}
	}
	return out
}

// meant is the open ticket the turn speaks of, by its number, its place or what
// it is about; sure is false when it may be one of several.
func (s *scene) meant() (m Matter, sure bool) {
	all := s.openMatters()
	if len(all) == 1 {
		return all[0], true
	}
	text := strings.ToUpper(s.text)
	var found []Matter
	place, named := placed(s.means.Slots)
	for _, m := range all {
		if strings.Contains(text, m.No) || named && sameSpot(place, m.Address) || specific(s.means.category()) && akin(m.Category, s.means.category()) {
			found = append(found, m)
		}
	}
	if len(found) == 1 {
		return found[0], true
	}
	return all[0], false
}
