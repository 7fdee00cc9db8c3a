package bot

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"quandesk/bot/unfit"
	"quandesk/channels"
	"quandesk/tickets"
)

// unfit is what this turn asks for that must not be answered; "" is nothing.
// A complaint is heard whatever words it is in, unless it is a request (T54).
func (s *scene) unfit() unfit.Category {
	asked := unfit.Shipped().Asked(s.text)
	if asked != "" && s.reports() && specific(s.means.Category) && !wantsOfUs.MatchString(s.text) && !errand.MatchString(s.text) {
		return ""
	}
	return asked
}

// pries wants to know who complained, of what, and how to reach them (T61).
var pries = regexp.MustCompile(`(?:她|他|人家|邻居|对门|楼[上下]|隔壁|亲戚|老太太?|老头)(?:家)?(?:留|登记)(?:的|过的?)[^，,。！!？?]{0,3}(?:电话|号码|手机|地址)|查[一下]{0,2}(?:她|他|人家)(?:家)?的?(?:电话|号码|手机|地址|住址)|(?:谁|哪个|哪家|哪户|什么人)[^，,。！!？?]{0,6}(?:投诉|举报|告)[^，,。！!？?]{0,3}[我俺]|(?:他|她|人家|邻居|对门|楼[上下]|隔壁|老头|老太太?|那人)[^，,。！!？?]{0,10}(?:投诉|举报)[^，,。！!？?]{0,2}[我俺]|(?:把|说说|告诉我?)?(?:他|她|人家|邻居|对门|对方|那人|投诉人|举报人)(?:的|留的?)[^，,。！!？?]{0,4}(?:手机|电话|号码|地址|姓名|名字(?:是|叫|给|告|查|多|说))|(?:告诉|说说|查查?|想知道|要)[^，,。！!？?]{0,6}(?:他|她|人家|邻居|对门|对方|那人|投诉人|举报人)的名字|把(?:他|她|人家|那[^，,。！!？?]{0,6})(?:的)?(?:微信|电话|手机|号码)|(?:他|她|人家)(?:家)?(?:住|在)(?:哪|啥地方|什么地方)|(?:他|她|人家)?姓(?:啥|什么)总|(?:他|她|人家|对方)(?:是)?(?:啥时候|什么时候|咋|怎么|都)?[^，,。！!？?]{0,4}(?:投诉|举报)的`)

// isErrand reports whether a turn wants something written or told that is none
// of our business, and says of nothing that it is wrong.
func (s *scene) isErrand() bool {
	const long = 40 // who says more than that has a matter of his own
	return errand.MatchString(s.text) && utf8.RuneCountInString(s.text) <= long && !(s.reports() && specific(s.means.Category))
}

// elsewhere says that a matter is none of ours; of gas that somebody smells, what
// to do as well.
func (s *scene) elsewhere() Reply {
	if gasSmelt.MatchString(s.text) {
		return Reply{Text: wordsGas}
	}
	return Reply{Text: wordsOutOfScope}
}

var gasSmelt = regexp.MustCompile(`(?i)(?:煤气|燃气|天然气|液化气)(?:管)?(?:的|好像|怕是|是不是)?(?:味|漏|泄|中毒|报警)|闻(?:到|见|着)[^，,。！!？?]{0,4}(?:煤气|燃气|天然气)|漏(?:煤气|燃气|天然气|液化气)|smell(?:s|ing)? (?:of )?gas|gas (?:smell|leak)`)

// refuse declines what must not be answered and comes back to what is being
// registered.
func (s *scene) refuse() Reply {
	asked := channels.Incident{Category: string(s.unfit()), Asked: true}
	r := Reply{Text: wordsOutOfScope}
	if d := s.memory.Draft; d != nil && !d.Soft {
		r = s.askOn(d, wordsOutOfScopeShort)
	}
	s.means.Intents, s.means.Kind, s.means.Confidence = []Intent{OutOfScope}, tickets.Inquiry, 1
	r.Incidents = append(r.Incidents, asked)
	return r
}

// Withheld is the reply in place of one whose words must not be said: nothing
// of them is sent, and a person is called (T75). What it does besides it does.
func (r Reply) Withheld(category string) Reply {
	model, prompt, _ := strings.Cut(r.Origin, " ")
	r.Incidents = append(slices.Clone(r.Incidents), channels.Incident{Category: category, Model: model, Prompt: prompt})
	r.Text, r.Origin, r.ArticleID, r.Citations, r.Grounds, r.Asked = wordsWithheld, "", "", nil, nil, ""
	if r.Action == nil {
		r = r.calling("")
		r.Action.Raised = true
		r.Words = func(Result) string { return join(wordsWithheld, wordsPersonQueued) }
	}
	return r
}

// caring puts a person at the side of somebody who speaks of taking his life,
// whatever else the turn was about (bot-quality P9).
func (r Reply) caring(text string) Reply {
	if r.Action == nil {
		r = r.calling(text)
	}
	a, said, comes := *r.Action, r.Words, wordsPersonToo
	if a.Raised || a.Type == HandOff {
		comes = "" // it is said already
	}
	a.Raised = true
	a.Urgent = a.Urgent || a.Type == HandOff
	r.Action, r.Text = &a, join(wordsCare, r.Text)
	r.Words = func(res Result) string { return joinLines([]string{wordsCare, said(res), comes}) }
	return r
}

// calling is a reply without an action that calls a person as well.
func (r Reply) calling(note string) Reply {
	before := r.Text
	if before == wordsOutOfScope || before == wordsUnknown || before == wordsHello {
		before = "" // no time for that
	}
	r.Action = &Action{Type: HandOff, Note: cut(note, longestNote-1)}
	r.Text = joinLines([]string{before, wordsHandOffFailed})
	r.Words = func(Result) string { return joinLines([]string{wordsPersonQueued, before}) } // a question comes last
	return r
}
