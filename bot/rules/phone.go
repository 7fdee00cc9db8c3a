package rules

import (
	"strings"

	"quandesk/tickets/customer"
)

var (
	replaced   = newPattern(`(?:是|改|换)[^0-9]{0,6}$`)
	calledSo   = newPattern(`(?:电话|手机|号码|联系|座机|打给|致电|回电|打我)[^0-9]{0,4}(1[0-9 -]{8,13}[0-9])`)
	notThis    = newPattern(`^[^0-9]{0,4}(?:别|甭|不要|不用|停用|打不通|作废|没人接|换了)`)
	otherThing = newPattern(`(?:户号|编号|单号|工单|账号|表号|卡号|身份证)[^0-9]{0,4}$`)
)

// phoneIn finds the number to call: the first one, or the one that replaces
// it. A number that is too long or too short is returned when it is called a
// phone, so that somebody can ask about it.
func phoneIn(text string) string {
	found := customer.FindPhones(text)
	for i := len(found) - 1; i > 0; i-- {
		if replaced.MatchString(text[:found[i].Start]) {
			return found[i].Raw
		}
	}
	for i, f := range found {
		if i+1 == len(found) || !notThis.MatchString(text[f.End:found[i+1].Start]) {
			return f.Raw
		}
	}
	if m := calledSo.FindStringSubmatchIndex(text); m != nil && !otherThing.MatchString(text[:m[2]]) {
		return strings.TrimSpace(text[m[2]:m[3]])
	}
	return ""
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

func mobile(n string) bool { return len(n) == 11 && n[0] == '1' && n[1] >= '3' }
