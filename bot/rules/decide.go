package rules

import (
	"slices"
	"strings"

	"quandesk/bot"
	"quandesk/tickets"
)

// second is how sure the classifier must be of a second request.
const second = 0.25

// doubt is from when a complaint that looks like a question is a complaint.
const doubt = 0.4

// alarm is how sure the classifier must be of a danger the patterns do not
// know; a false alarm costs less than a missed one (R04). Without any word of
// danger it must be surer.
const (
	alarm     = 0.3
	sureAlarm = 0.8
)

func (u *Rules) alarming(p float64, folded string) bool {
	for _, c := range u.reader.lexicon {
		if (c.name == "harm" || c.name == "danger") && slices.ContainsFunc(c.words, func(w string) bool { return strings.Contains(folded, w) }) {
			return p > alarm
		}
	}
	return p > sureAlarm
}

// slight is from when a detail of a request is named that is not the main one.
const slight = 0.05

// trouble is how likely something is wrong.
func trouble(intent []float64) float64 {
	sum := 0.0
	for i, p := range intent {
		if reports(intents[i]) {
			sum += p
		}
	}
	return sum
}

// decide turns scores into labels; rules overrule where a mistake is dear.
func (u *Rules) decide(out *bot.Understanding, text string, intent, category, business, danger []float64) {
	folded := fold(text)
	top := best(intent)
	out.Intents = []bot.Intent{intents[top]}
	out.Confidence = intent[top]
	for i, p := range intent {
		if i != top && p > second {
			out.Intents = append(out.Intents, intents[i])
		}
	}
	switch {
	case injected(folded) || foreign(folded):
		out.Intents, out.Confidence = []bot.Intent{bot.OutOfScope}, 1
	case wantsPerson(folded):
		out.Intents, out.Confidence = []bot.Intent{bot.WantPerson}, 1
	case courteous(folded):
		out.Intents, out.Confidence = []bot.Intent{bot.SmallTalk}, 1
	}
	first := out.Intents[0]
	out.Urgent = reports(first) && u.alarming(danger[1], folded) || endangered(folded, first == bot.Ask || first == bot.OutOfScope)
	switch {
	case out.Urgent && !reports(first) && first != bot.Progress && first != bot.Callback && first != bot.WantPerson:
		out.Intents = []bot.Intent{bot.Complain, first}
	case first == bot.Ask && intent[slices.Index(intents, bot.Complain)] > doubt && !aboutRules(folded):
		out.Intents = []bot.Intent{bot.Complain, bot.Ask} // in doubt it is a complaint
	case (first == bot.Ask || first == bot.AskRepair) && (complains(folded) || aggrieved(folded)):
		out.Intents = []bot.Intent{bot.Complain, first}
	}
	if slices.ContainsFunc(out.Intents, reports) || trouble(intent) > slight {
		out.Category = categories[best(category)]
	}
	calm := out.Intents[0] == bot.Complain && !out.Urgent && !complains(folded) && !aggrieved(folded)
	switch {
	case calm && aboutRules(folded):
		out.Intents = []bot.Intent{bot.Ask, bot.Complain}
	case calm && out.Category == tickets.Outage && outageWhen.MatchString(folded) && inquiring.MatchString(folded):
		out.Intents = []bot.Intent{bot.AskOutage, bot.Complain}
	}
	if out.Intents[0] == bot.Complain && crewMatter(out.Category) && !complains(folded) && !aggrieved(folded) {
		out.Intents[0] = bot.AskRepair // somebody who tells of a leak is no complainant
		out.Intents = slices.Compact(out.Intents)
	}
	if slices.Contains(out.Intents, bot.Apply) || intent[slices.Index(intents, bot.Apply)] > slight {
		out.Application = businesses[best(business)]
	}
	out.Kind = kind(out.Intents[0], folded)
}

// crewMatter reports whether a crew has to go out.
func crewMatter(c tickets.Category) bool { return c == tickets.Leak }

func reports(i bot.Intent) bool {
	return i == bot.Complain || i == bot.AskRepair || i == bot.AskOutage
}

// kind is the ticket an intent would make.
func kind(i bot.Intent, folded string) tickets.Kind {
	switch i {
	case bot.Complain:
		if strings.Contains(folded, "举报") || strings.Contains(folded, "偷水") {
			return tickets.Report
		}
		if strings.Contains(folded, "建议") && !strings.Contains(folded, "投诉") {
			return tickets.Suggestion
		}
		return tickets.Complaint
	case bot.AskRepair, bot.AskOutage:
		return tickets.Repair
	case bot.Apply:
		return tickets.Application
	case bot.Callback:
		return tickets.Request
	}
	return tickets.Inquiry
}

func best(p []float64) int {
	top := 0
	for i, v := range p {
		if v > p[top] {
			top = i
		}
	}
	return top
}
