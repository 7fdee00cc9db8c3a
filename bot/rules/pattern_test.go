package rules

import (
	"slices"
	"strings"
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
				whole := p.any()
				if !slices.Equal(p.FindAllString(text, -1), whole.FindAllString(text, -1)) || p.MatchString(text) != whole.MatchString(text) ||
					p.FindString(text) != whole.FindString(text) || !slices.Equal(p.FindStringSubmatch(text), whole.FindStringSubmatch(text)) {
					t.Errorf("%v and %q", whole, text)
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

func TestAPatternBeginsWithWhatItsMatchesBeginWith(t *testing.T) {
	for expression, want := range map[string]string{
		`(?:停水|断水)了`:     "停断",
		`(?i:ts)-[0-9]+`: "tT",
		`水?没[了着]`:        "水没",
		`[^，。]{2}塌`:      "",
		`(?:^|，)投诉`:      "",
		`[吗呢]?$`:         "",
		`\bnoon`:         "",
	} {
		p := newPattern(expression)
		if p.firsts == nil {
			if want != "" {
				t.Errorf("%s begins with anything", expression)
			}
			continue
		}
		for _, r := range "停断水了没着投诉吗呢，tTsS-0n" {
			if got := p.firsts.has(r); got && !strings.ContainsRune(want, r) || !got && strings.HasPrefix(want, string(r)) {
				t.Errorf("%s begins with %c: %v", expression, r, got)
			}
		}
	}
}
