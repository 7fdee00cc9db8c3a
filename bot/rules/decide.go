package rules

import (
	"slices"
	"strings"
	"unicode/utf8"

	"quandesk/bot"
	"quandesk/tickets"
)

// second is how sure the classifier must be of a second request.
const second = 0.25

// certainAsk is how sure the classifier must be that a message with words of
// complaint only asks: 「投诉几天办结」, 「没人管的井盖归谁」.
const certainAsk = 0.9

// sure is from when the classifier is not overruled.
const sure = 0.9

// doubt is from when a complaint that looks like a question is a complaint.
const doubt = 0.4

// How sure the classifier must be that a report tells of a danger, whatever its
// words: a false alarm costs less than a missed one (R04). What is in the water
// is told in the same words whether it is dirty or harmful; in a long story the
// danger is one sentence of many. Measured on sets of our own: nineteen of
// twenty dangers, and one false alarm in two hundred messages.
const (
	alarm    = 0.4
	tainted  = 0.4
	drowning = 0.3  // in the words around it
	strange  = 0.5  // in English, of which the examples hold little
	plainer  = 0.85 // where a lesser matter is named
	figured  = 0.65 // in words that are seldom meant
	outright = 0.8  // of somebody who wants a person: 「脑子都晕了」
	wordless = 0.99 // without a word that is in nearly every one
)

// brief is how many characters the classifier overlooks; in a long story the
// danger is one sentence of many.
const brief = 45

// needed is how sure the classifier must be besides when the patterns see a
// danger: not at all in a long report, a little in a short one, but a question
// is often about one.
func needed(i bot.Intent, about tickets.Category, folded string) float64 {
	switch {
	case about == tickets.SecondarySupply:
		return tainted // a dirty tank is no danger yet
	case utf8.RuneCountInString(folded) <= brief && lesser.MatchString(folded):
		return plainer
	case i == bot.Ask && whatIf.MatchString(folded):
		return 0.6
	case i == bot.Ask:
		return 0.06
	case i == bot.OutOfScope:
		return 0.1
	case utf8.RuneCountInString(folded) <= brief:
		return 0.1
	}
	return 0.02
}

// urgent decides whether people are called at once: by words that leave no doubt,
// by what the classifier makes of a report or is sure of in anything else, or by
// words of danger when it does not speak against them.
func urgent(first bot.Intent, about tickets.Category, folded string, danger float64) bool {
	over := supposing.MatchString(folded)
	told := reports(first) || first != bot.OutOfScope && danger > outright && !over
	return mortal(folded) || told && alarming(danger, about, folded) || reports(first) && coverGone.MatchString(folded) && !over ||
		danger > needed(first, about, folded) && endangered(folded) && !(first == bot.SmallTalk && over)
}

// alarming reports whether the classifier alone raises the alarm.
func alarming(p float64, about tickets.Category, folded string) bool {
	switch {
	case p < plainer && lesser.MatchString(folded), p < figured && figures.MatchString(folded):
		return false
	case utf8.RuneCountInString(folded) > brief && !latin(folded):
		return p > drowning
	case !tellsOf.MatchString(sights.ReplaceAllString(folded, "，")):
		return p > wordless
	case latin(folded):
		return p > strange
	case (about == tickets.WaterQuality || about == tickets.SecondarySupply) && !fumes.MatchString(folded):
		return p > tainted
	}
	return p > alarm
}

// latin reports whether a text is written in Latin letters, for the most part.
func latin(folded string) bool {
	n := 0
	for _, r := range folded {
		if r >= 'a' && r <= 'z' {
			n++
		}
	}
	return 2*n > utf8.RuneCountInString(folded)
}

// slight is from when a detail of a request is named that is not the main one.
const slight = 0.002

// slightly is from when a question for a price is one for what nobody states.
const slightly = 0.05

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

// scores are the probabilities of every label, head by head.
type scores struct {
	intent, category, business, danger, claim []float64
}

func (u *Rules) score(known features) scores {
	m := u.model
	return scores{m.score(known, 0), m.score(known, 1), m.score(known, 2), m.score(known, dangerHead), m.score(known, 4)}
}

func (s scores) of(i bot.Intent) float64 { return s.intent[slices.Index(intents, i)] }

// decide turns scores into labels; rules overrule where a mistake is dear.
func (u *Rules) decide(out *bot.Understanding, folded string, s scores) {
	out.Intents, out.Confidence, out.Unstated = likely(s), s.intent[best(s.intent)], s.claim[1]
	out.Unsorted = 1 - s.category[best(s.category)]
	if out.Unstated > slightly && priced.MatchString(folded) && !free.MatchString(folded) {
		out.Unstated = max(out.Unstated, 0.999)
	}
	plain(out, folded, s)
	if digsFirst.MatchString(folded) && others.MatchString(folded) && out.Intents[0] != bot.WantPerson {
		out.Intents, out.Confidence, out.Asks, out.Kind = []bot.Intent{bot.Ask}, sure, sure, tickets.Inquiry // what lies below is not the matter
		return
	}
	if out.Intents[0] == bot.Progress && inGeneral.MatchString(folded) && !ofMine.MatchString(folded) && out.Slots.Ticket == "" {
		out.Intents = append([]bot.Intent{bot.Ask}, out.Intents...)
	}
	asks := asksOutright(out, folded)
	switch {
	case asks && out.Intents[0] == bot.Ask: // and nothing makes a complaint of it
	case asks:
		out.Intents = append([]bot.Intent{bot.Ask}, out.Intents...)
	case out.Intents[0] == bot.SmallTalk && s.of(bot.Ask) > 0.3 && out.Confidence < 0.7 && inquiring.MatchString(folded):
		out.Intents = append([]bot.Intent{bot.Ask}, out.Intents...)
	case out.Intents[0] == bot.Ask && offNow.MatchString(folded) && out.Slots.Address+out.Slots.Community+out.Slots.Road != "" && !aboutRules(folded):
		out.Intents = append([]bot.Intent{bot.AskOutage}, out.Intents...)
	case (out.Intents[0] == bot.Ask || out.Intents[0] == bot.OutOfScope) && struck.MatchString(folded) && !inquiring.MatchString(folded) && !supposing.MatchString(folded):
		out.Intents = append([]bot.Intent{bot.AskRepair}, out.Intents...) // whoever did it, it is ours to mend
	case out.Intents[0] == bot.Ask && latin(folded) && inEnglish.MatchString(folded) && slices.Contains([]tickets.Category{tickets.Leak, tickets.Facility, tickets.Outage}, categories[best(s.category)]):
		out.Intents = []bot.Intent{bot.AskRepair}
	case out.Intents[0] == bot.Ask && overcharge.MatchString(folded):
		out.Intents = []bot.Intent{bot.Complain, bot.Ask}
	case out.Intents[0] == bot.Ask && vermin.MatchString(folded) && !aboutRules(folded):
		out.Intents = append([]bot.Intent{bot.Complain}, out.Intents...)
	}
	if out.Intents[0] == bot.Progress && seeOnline.MatchString(folded) && out.Slots.Ticket == "" {
		out.Intents = append([]bot.Intent{bot.Ask}, out.Intents...)
	}
	first, about := out.Intents[0], categories[best(s.category)]
	out.Urgent = urgent(first, about, folded, s.danger[1])
	unhappy := complains(folded) || aggrieved(folded)
	if first == bot.OutOfScope && out.Confidence < 1 && s.of(bot.Complain) > second {
		first, out.Intents = bot.Complain, []bot.Intent{bot.Complain} // 「…，我让电视台来拍」
	}
	switch {
	case out.Urgent && (first == bot.Ask || first == bot.Apply || first == bot.SmallTalk || first == bot.OutOfScope):
		out.Intents = []bot.Intent{bot.Complain, first}
	case out.Urgent && (first == bot.Progress || first == bot.Callback) && !slices.ContainsFunc(out.Intents, reports):
		out.Intents = append(out.Intents, bot.Complain) // it has got worse since
	case out.Urgent && first == bot.WantPerson && len(out.Intents) == 1:
		out.Intents = append(out.Intents, bot.Complain)
	case first == bot.Ask && unhappy && s.of(bot.Ask) < certainAsk, first == bot.AskRepair && unhappy, first == bot.AskOutage && complains(folded),
		first == bot.Apply && s.of(bot.Complain) > 0.7*s.of(bot.Apply) && business(folded) == "", // 「重新登记，路没恢复」
		first == bot.Ask && s.of(bot.Complain) > doubt && !aboutRules(folded) && !asks:
		out.Intents = []bot.Intent{bot.Complain, first}
	}
	switch {
	case unhappy || out.Urgent:
	case out.Intents[0] == bot.Complain && (out.Confidence < 0.6 && slices.Contains(out.Intents, bot.Apply) && business(folded) != "" && applies.MatchString(folded) || forWater.MatchString(folded)):
		out.Intents, first = []bot.Intent{bot.Apply, bot.Complain}, bot.Apply // 「我要申请新装一块水表」
	case (out.Intents[0] == bot.Complain || out.Intents[0] == bot.Ask && !inquiring.MatchString(folded)) && about == tickets.SecondarySupply && pumpDown.MatchString(folded) && !ofOthers.MatchString(folded):
		out.Intents, first = []bot.Intent{bot.AskRepair, bot.Complain}, bot.AskRepair
	}
	if out.Urgent && out.Intents[0] == bot.AskRepair && about == tickets.Outage && ofNursing.MatchString(folded) && !running.MatchString(folded) {
		out.Intents = []bot.Intent{bot.AskOutage, bot.Complain, bot.AskRepair}
	}
	if out.Urgent && out.Intents[0] == bot.Complain && about == tickets.Outage && !unhappy && outageWhen.MatchString(folded) {
		out.Intents = []bot.Intent{bot.AskOutage, bot.Complain} // 「请告知何时供水」
	}
	if out.Intents[0] == bot.AskOutage && gushing.MatchString(folded) && !dryTaps.MatchString(folded) {
		about = tickets.Leak // 「管子呲水呢」 asks for nothing
		out.Intents = []bot.Intent{bot.AskRepair}
	}
	switch {
	case bareLeak.MatchString(folded), about == tickets.Construction && first == bot.AskRepair && struck.MatchString(folded):
		about = tickets.Leak
	case slices.Contains([]tickets.Category{tickets.Leak, tickets.WaterQuality, tickets.Outage}, about) && out.Urgent && liveTap.MatchString(folded) && !running.MatchString(strings.ReplaceAll(folded, "漏电", "")) && !bursting.MatchString(folded):
		about = tickets.Facility // nothing runs: the pipes are live
		if out.Intents[0] == bot.Complain && !unhappy {
			out.Intents = []bot.Intent{bot.AskRepair, bot.Complain}
		}
	case about == tickets.Outage && rudeAbroad.MatchString(folded):
		about = tickets.Service
	case about == tickets.Leak && gasPierced.MatchString(folded):
		about = tickets.Construction // not our pipe, but our digging
	case about == tickets.Leak && dryTaps.MatchString(folded) && !running.MatchString(folded):
		about = tickets.Outage
	case about == tickets.Outage && digging.MatchString(folded) && !dryTaps.MatchString(folded):
		about = tickets.Construction
	case about == tickets.Leak && unfilled.MatchString(folded) && !running.MatchString(folded):
		about, out.Intents = tickets.Construction, []bot.Intent{bot.Complain}
	case about == tickets.Leak && valve.MatchString(folded) && (notLeaking.MatchString(folded) || stuck.MatchString(folded) && !running.MatchString(folded)):
		about = tickets.Facility
	case about == tickets.WaterQuality && fumes.MatchString(folded) && !drunk.MatchString(folded):
		about = tickets.Facility // what the works keep has got out
	case about == tickets.Meter && billed.MatchString(folded) && !meterFault.MatchString(folded):
		about = tickets.Billing
	case about == tickets.Outage && hydrant.MatchString(folded) && !dryTaps.MatchString(folded) && !running.MatchString(folded):
		about = tickets.Facility
	case about != tickets.SecondarySupply && about != tickets.WaterQuality && unwashed.MatchString(folded) && !out.Urgent:
		about = tickets.SecondarySupply
	case about == tickets.Other && shirking.MatchString(folded):
		about = tickets.Service
	}
	if about == tickets.Leak && hydrantsOwn.MatchString(folded) && !out.Urgent {
		about = tickets.Facility // it drips itself
	}
	if about == tickets.Facility && first == bot.AskRepair && (gushing.MatchString(folded) && !strings.Contains(folded, "消防") && !strings.Contains(folded, "消火") ||
		running.MatchString(folded) && atHydrant.MatchString(folded)) {
		about = tickets.Leak // of a valve or a meter pit: a crew is there in half an hour (R12)
	}
	if about != tickets.Leak && gushing.MatchString(folded) && !gasPierced.MatchString(folded) && slices.Contains([]tickets.Category{tickets.Construction, tickets.Outage, tickets.Service, tickets.Other}, about) {
		about = tickets.Leak
	}
	if slices.ContainsFunc(out.Intents, reports) || trouble(s.intent) > slight {
		out.Category = about
	}
	if out.Intents[0] == bot.Complain && about == tickets.Meter && !complains(folded) && wantsCheck.MatchString(folded) {
		out.Intents = []bot.Intent{bot.Apply, bot.Complain} // 「俺家水表跑得快，给俺验验表」
		first = bot.Apply
	}
	if out.Intents[0] == bot.Complain && !unhappy {
		calm(out, folded, s.of(bot.Complain) > sure)
	}
	if named := business(folded); named != "" && first != bot.Complain && first != bot.AskRepair {
		out.Application = named
	} else if slices.Contains(out.Intents, bot.Apply) || s.of(bot.Apply) > slight {
		out.Application = businesses[best(s.business)]
	}
	if out.Application == "payment" && out.Category == "" && out.Intents[0] == bot.Apply {
		out.Category = tickets.Billing
	}
	if !out.Urgent && !complains(folded) && out.Confidence < 1 {
		out.Asks = s.of(bot.Ask)
	}
	if about == tickets.Other && poisoning.MatchString(folded) && slices.ContainsFunc(out.Intents, reports) {
		out.Category = tickets.WaterQuality
	}
	if !mortal(folded) && slices.ContainsFunc(out.Intents, reports) && (sewer.MatchString(folded) && !ours.MatchString(folded) || lamp.MatchString(folded) && !strings.ContainsAny(folded, "水井阀栓")) {
		out.Intents, out.Urgent, out.Category, out.Application = []bot.Intent{bot.OutOfScope}, false, "", ""
	}
	out.Kind = kind(out.Intents[0], folded)
}

// asksOutright reports whether a message that sounds like something else asks for
// an office, a number or a price, or when it is one's turn.
func asksOutright(out *bot.Understanding, folded string) bool {
	if complains(folded) || out.Slots.Ticket != "" {
		return false
	}
	nowhere := out.Slots.Address+out.Slots.Phone == ""
	switch out.Intents[0] {
	case bot.Progress:
		return scheduled.MatchString(folded)
	case bot.Ask, bot.Complain:
		return whereIs.MatchString(folded) || numberOf.MatchString(folded) || nowhere && !out.Urgent && toKnow.MatchString(folded) ||
			nowhere && !aggrieved(folded) && priced.MatchString(folded) && inquiring.MatchString(folded)
	case bot.Apply:
		return nowhere && priced.MatchString(folded) && inquiring.MatchString(folded)
	}
	return false
}

// business is the application a message names.
func business(folded string) string {
	for _, n := range named {
		if n.words.MatchString(folded) {
			return n.application
		}
	}
	return ""
}

// likely lists the best intent, and others that are likely besides.
func likely(s scores) []bot.Intent {
	top := best(s.intent)
	out := []bot.Intent{intents[top]}
	for i, p := range s.intent {
		if i != top && p > second {
			out = append(out, intents[i])
		}
	}
	return out
}

// plain decides what is said outright.
func plain(out *bot.Understanding, folded string, s scores) {
	switch {
	case injected(folded) || s.danger[1] < tainted && s.of(bot.SmallTalk) < sure && (trouble(s.intent) < sure || powerCut.MatchString(folded)) && foreign(folded):
		out.Intents, out.Confidence = []bot.Intent{bot.OutOfScope}, 1
	case wantsPerson(folded):
		rest := slices.DeleteFunc(out.Intents, func(i bot.Intent) bool { return !reports(i) })
		out.Intents, out.Confidence = append([]bot.Intent{bot.WantPerson}, rest...), 1
	case bareRepair.MatchString(folded) || bareLeak.MatchString(folded):
		out.Intents, out.Confidence = []bot.Intent{bot.AskRepair}, 1
	case bareTrouble.MatchString(folded):
		out.Intents, out.Confidence = []bot.Intent{bot.Complain}, 1
	case courteous(folded):
		out.Intents, out.Confidence = []bot.Intent{bot.SmallTalk}, 1
	case out.Intents[0] == bot.OutOfScope && amending.MatchString(folded):
		out.Intents, out.Confidence = []bot.Intent{bot.Ask}, 0.2 // 「忽略我上一条，地址写错了」
	}
}

// calm looks again at a complaint without a word of complaint: it may be a
// question about the rules or an outage, or the report of a leak.
func calm(out *bot.Understanding, folded string, certain bool) {
	switch {
	case certain:
	case !out.Urgent && aboutRules(folded):
		out.Intents = []bot.Intent{bot.Ask, bot.Complain}
	case !out.Urgent && out.Category == tickets.Outage && outageWhen.MatchString(folded) && inquiring.MatchString(folded):
		out.Intents = []bot.Intent{bot.AskOutage, bot.Complain}
	case out.Category == tickets.Leak && !lasting.MatchString(folded):
		out.Intents[0] = bot.AskRepair
		out.Intents = slices.Compact(out.Intents)
	}
}

func reports(i bot.Intent) bool {
	return i == bot.Complain || i == bot.AskRepair || i == bot.AskOutage
}

// kind is the ticket an intent would make.
func kind(i bot.Intent, folded string) tickets.Kind {
	switch i {
	case bot.Complain:
		if strings.Contains(folded, "举报") || strings.Contains(folded, "偷水") && !suspected.MatchString(folded) {
			return tickets.Report
		}
		if proposing.MatchString(folded) && !strings.Contains(folded, "投诉") {
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
