package rules

import (
	"slices"
	"testing"

	"quandesk/server/watched"
)

func TestAPatternFindsWhatItsExpressionFinds(t *testing.T) {
	watched.Unraced(t)
	patterns := append([]pattern{
		complaining, asking, grievance, inquiring, courtesy, struck, poisoning, sewer, ours, lamp, bareRepair, bareLeak, bareTrouble, proposing, amending, gushing,
		outageWhen, ruling, offTopic, ofWater, forPerson, injection, whenPattern, ticketNumber, ticketWords, orderNumber,
		title, calledMe, surname, hasClock, hasDay, questionWord, replaced, calledSo, otherThing,
		supposing, lesser, introduced, bareName, noName, otherThan, lasting, notThis, misspoken,
	}, slices.Concat(dangers, dire)...)
	for _, n := range named {
		patterns = append(patterns, n.words)
	}
	ruledOut, all := 0, 0
	for i, e := range examples(t) {
		if i%97 != 0 {
			continue // enough of every kind, and quick
		}
		for _, text := range []string{e.text, fold(e.text)} {
			for _, p := range patterns {
				if !slices.Equal(p.FindAllString(text, -1), p.Regexp.FindAllString(text, -1)) {
					t.Errorf("%v and %q", p.Regexp, text)
				}
				all++
				if p.hopeless(text) {
					ruledOut++
				}
			}
		}
	}
	if ruledOut < all/2 {
		t.Errorf("only %d of %d were ruled out", ruledOut, all)
	}
}

func TestAPatternNeedsTheCharacterThatRulesMostOut(t *testing.T) {
	for expression, texts := range map[string]struct{ possible, hopeless string }{
		`水.{0,6}毒`:       {"毒", "自来水"},
		`(?:停水|断水)了`:     {"停", "水了"},
		`(?i:TS)-[0-9]+`: {"ts-", "TS"},
		`[吗呢]?$`:         {"", "\x00"},
	} {
		p := newPattern(expression)
		if p.hopeless(texts.possible) || p.needs != nil && !p.hopeless(texts.hopeless) {
			t.Errorf("%s needs %v", expression, p.needs)
		}
	}
}
