package rules

import (
	"slices"
	"strings"

	"quandesk/tickets/customer"
)

var (
	replaced   = newPattern(`(?:(?:^|[，,。！!？?了 ]|应该|号码?|电话|手机|座机|现在|新的?|就)是|改|换)[^0-9]{0,6}$`)
	calledSo   = newPattern(`(?:电话|手机|号码|联系|座机|打给|致电|回电|打我)[^0-9]{0,4}(1[0-9 -]{8,13}[0-9])`)
	notThis    = newPattern(`^[^0-9]{0,4}(?:别|甭|不要|不用|停用|打不通|作废|没人接|换了|是?空号|停机|欠费停)`)
	neverCall  = newPattern(`(?:别|甭|不要|不用|千万别)(?:再)?(?:打|拨|给|往|用|联系|回|按)[^0-9，。,；;！!？?打拨]{0,14}$|(?:不是|停了的?|作废的?|空号)[^0-9，。,；;]{0,4}$`)
	myNumber   = newPattern(`(?:打|拨|回电|联系|找)(?:到|给)?(?:我|俺)(?:本人|自己)?(?:的)?[^0-9，。,；;]{0,6}$|(?:我|俺)(?:自己|本人)?的(?:电话|手机|号码?)?(?:是)?[^0-9]{0,2}$`)
	spokenRun  = newPattern(`[幺一壹][三四五六七八九叁肆伍陆柒捌玖][零〇○幺一二两三四五六七八九壹贰叁肆伍陆柒捌玖]{7,11}`)
	otherThing = newPattern(`(?:户号|编号|单号|工单|账号|表号|卡号|身份证)[^0-9]{0,4}$`)
)

// phoneIn finds the number to call: the first one, or the one that replaces
// it. A number that is too long or too short is returned when it is called a
// phone, so that somebody can ask about it.
func phoneIn(text string) string {
	all := customer.FindPhones(text)
	found := slices.DeleteFunc(slices.Clone(all), func(f customer.FoundPhone) bool { return neverCall.MatchString(text[:f.Start]) })
	for i := len(found) - 1; i > 0; i-- {
		if replaced.MatchString(text[:found[i].Start]) {
			return found[i].Raw
		}
	}
	for i := len(found) - 1; i > 0; i-- {
		if myNumber.MatchString(text[:found[i].Start]) && !myNumber.MatchString(text[:found[0].Start]) {
			return found[i].Raw // 「登记的是我爱人的号…，回电请打我的…」
		}
	}
	for i, f := range found {
		if i+1 == len(found) || !notThis.MatchString(text[f.End:found[i+1].Start]) {
			return f.Raw
		}
	}
	if len(all) > 0 {
		return ""
	}
	if m := spokenRun.FindString(text); m != "" {
		return m // a figure too many or too few: somebody has to ask
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
