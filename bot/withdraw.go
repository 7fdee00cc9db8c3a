package bot

import (
	"regexp"
	"strings"

	"quandesk/tickets"
)

var (
	// withdraws says outright that a ticket is not wanted any more; 「算了」 alone
	// is no such word.
	withdraws = regexp.MustCompile(`撤(?:销|回|单|了|掉|吧)|(?:取消|作废|注销|销)(?:掉|了)?(?:我?(?:的|那个?|这个?))?(?:投诉|报修|登记|工单|单子?)|(?:单子?|投诉|报修|登记)[^，。,]{0,6}(?:取消|不要了|作废|销了|免了)|不(?:投诉|报修?|举报|登记)了|(?:不用|别|甭|不必|不要|不需要)再?(?:给我|帮我)?(?:(?:派人|来人|派|来|上门|过来|跑)(?:来|过来|上门)?(?:修|看|弄|处理)?(?:一趟)?|修|处理|投诉|登记)(?:了|啦|咯)`)
	sighs     = regexp.MustCompile(`^(?:唉|哎|那)?[，, ]*(?:我)?算了`)
	// onlyAsks whether that can be done: the answer says how.
	onlyAsks = regexp.MustCompile(`[?？]|(?:吗|么|不)[。！!～~ ]*$|怎么(?:撤|取消)`)
	// things are taken away: 「围挡撤了吧」 asks for what was complained of.
	things = regexp.MustCompile(`(?:围挡|围栏|护栏|架子|设备|机器|沙袋|土堆|管子|人|车)[^，。,！!]{0,6}撤`)
	// notTickets are taken back in other words: a call, a meter.
	notTickets = regexp.MustCompile(`电话|回电|表|户`)
)

// withdrawing reports whether the turn takes back a ticket that is there.
func (s *scene) withdrawing(m Matter) bool {
	if keepsOn.MatchString(s.text) || m.Urgent && s.means.Urgent || displeased.MatchString(s.text) || onlyAsks.MatchString(s.text) {
		return false
	}
	return withdraws.MatchString(s.text) && !things.MatchString(s.text) && !sighs.MatchString(s.text) && !notTickets.MatchString(withdraws.FindString(s.text)) ||
		m.Kind == tickets.Application && dropsIt.MatchString(s.text)
}

// withdraw takes back the ticket that is meant, as long as nobody has begun
// with it; later the words are put on it, for whoever speaks with the resident.
func (s *scene) withdraw() Reply {
	m, sure := s.meant()
	switch {
	case !sure:
		return Reply{Text: wordsWhichOne(s.openMatters())}
	case m.State != tickets.New || m.Urgent:
		return s.supplement(m, nil, wordsNoLonger)
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

func wordsWithdrawn(no string) string {
	return "已按您说的撤回单号" + no + "，不再办理。以后需要，再告诉我就行。"
}

// wordsWhichOne asks which of several tickets is not wanted.
func wordsWhichOne(all []Matter) string {
	text := "您在办的单不止一张："
	for i, m := range all {
		if i > 0 {
			text += "；"
		}
		text += m.No + "（" + categoryWords[m.Category] + "）"
	}
	return text + "。要撤回哪一张？请连单号一起回复。"
}
