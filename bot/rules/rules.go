// Package rules understands residents without a model: word classes, a small
// linear classifier trained on our own examples, and patterns for the facts
// a message states. It is deterministic and needs no network; it also decides
// what is urgent when a model answers.
package rules

import (
	"context"
	"strings"
	"sync"
	"unicode/utf8"

	"quandesk/bot"
	"quandesk/channels"
	"quandesk/tickets"
	"quandesk/tickets/customer"
)

// Rules labels messages.
type Rules struct {
	reader reader
	model  *model
}

// New returns the rules. The embedded tables are read at the first call and
// shared from then on: nothing changes them.
func New() (*Rules, error) { return shared() }

var shared = sync.OnceValues(read)

func read() (*Rules, error) {
	m, err := readModel(labels())
	if err != nil {
		return nil, err
	}
	x, err := newReader()
	if err != nil {
		return nil, err
	}
	return &Rules{reader: x, model: m}, nil
}

func newReader() (reader, error) {
	g, err := customer.LoadGazetteer("")
	if err != nil {
		return reader{}, err
	}
	t, err := readTagger()
	if err != nil {
		return reader{}, err
	}
	return reader{sounds: newSounds(), lexicon: newLexicon(lexiconFile), concepts: newLexicon(conceptsFile), towns: g, tagger: t}, nil
}

// Understand labels one message. It never fails.
func (u *Rules) Understand(_ context.Context, text string, _ []channels.Message) (bot.Understanding, error) {
	text = gist(text)
	if rest, declined := bot.WithoutPerson(text); declined {
		if text = rest; courteous(fold(text)) {
			return bot.Understanding{Intents: []bot.Intent{bot.SmallTalk}, Confidence: 1}, nil
		}
	}
	p := u.reader.place(text)
	phone := phoneIn(text)
	out := bot.Understanding{Slots: bot.Slots{
		Address: p.address, Community: p.community, Road: p.road, District: p.district,
		Phone: phone, Time: when(text), Name: person(text), Ticket: earlier(text),
	}}
	if bareFacts(text, p, phone) {
		out.Intents, out.Confidence = []bot.Intent{bot.AskRepair}, 0.2
		out.Category, out.Kind = tickets.Other, tickets.Repair
		return out, nil
	}
	u.decide(&out, fold(text), u.score(u.model.known(u.reader.features(text, p, phone))))
	if !out.Urgent && utf8.RuneCountInString(text) > brief && u.passing(text, p) {
		out.Urgent = true
		if !reports(out.Intents[0]) {
			out.Intents = append([]bot.Intent{bot.Complain}, out.Intents...)
		}
	}
	if latin(fold(text)) {
		if a := strings.Trim(abroad.FindString(text), " ,."); strings.ContainsAny(a, "0123456789") && len(a) > len(out.Slots.Address) {
			out.Slots.Address = a
		} else if !strings.ContainsAny(out.Slots.Address, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") && !strings.ContainsFunc(out.Slots.Address, func(r rune) bool { return r > 0x2e80 }) {
			out.Slots.Address = "" // kindergarten
		}
	}
	if s := &out.Slots; s.Address+s.Community+s.Road == "" && reports(out.Intents[0]) {
		s.Address = institution(text)
	}
	if o := office(text); o != "" && strings.Contains(o, out.Slots.Address) {
		out.Slots.Address = o
		return out, nil
	}
	if i := out.Intents[0]; i != bot.Complain && i != bot.AskRepair && vicinity.MatchString(out.Slots.Address) ||
		(i == bot.Ask || i == bot.OutOfScope) && len(text) > len(out.Slots.Address)+answering && !(i == bot.Ask && strings.HasSuffix(out.Slots.Address, "附近")) && !u.reader.pinned(out.Slots.Address) {
		out.Slots.Address = "" // where somebody happens to be, or no place at all
	}
	return out, nil
}

// answering is how many bytes a message has at most besides its place when it says
// nothing else.
const answering = 30

// vicinity is a road and no spot on it, and a landmark where an office is asked
// for.
var vicinity = newPattern(`(?:路|街|道|大街|站)附近|附近的?营业|(?:营业厅|服务大厅)$`)

// gist is the beginning and the end of a long message: what people want is
// in one of them. No slot reaches across the line break between the two.
func gist(text string) string {
	const head, tail = 400, 200
	r := []rune(text)
	if len(r) <= head+tail {
		return text
	}
	return string(r[:head]) + "\n" + string(r[len(r)-tail:])
}
