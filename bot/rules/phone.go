package rules

import (
	"regexp"
	"strings"
)

// digits reads the numerals people type and say; 幺 and its homophones are one.
var digits = strings.NewReplacer(
	"０", "0", "１", "1", "２", "2", "３", "3", "４", "4", "５", "5", "６", "6", "７", "7", "８", "8", "９", "9",
	"零", "0", "〇", "0", "洞", "0", "一", "1", "幺", "1", "妖", "1", "腰", "1", "壹", "1", "二", "2", "两", "2", "贰", "2",
	"三", "3", "叁", "3", "四", "4", "肆", "4", "五", "5", "伍", "5", "六", "6", "陆", "6", "七", "7", "柒", "7",
	"拐", "7", "八", "8", "捌", "8", "九", "9", "玖", "9", "勾", "9",
)

const (
	numeral = `[0-9０-９零〇洞一幺妖腰壹二两贰三叁四肆五伍六陆七柒拐八捌九玖勾]`
	gap     = `[ 　\-－—_.,，、·～~]{0,2}`
)

var (
	runOfNumerals = regexp.MustCompile(numeral + `(?:` + gap + numeral + `){6,24}`)
	phoneWord     = regexp.MustCompile(`(?:电话|手机|号码|联系|座机|打给|打到|致电|拨打|微信同号|tel|phone|回电|打我|我号)[^0-9]{0,6}$`)
	otherNumber   = regexp.MustCompile(`(?:户号|用户号|编号|单号|工单|账号|表号|卡号|身份证|缴费号|客户号|订单)[^0-9]{0,4}$`)
)

// Phone finds the number to call in a message: the words as they stand and
// the digits they mean. A number that is too long or too short is returned
// when it is called a phone, so that somebody can ask about it.
func Phone(text string) (verbatim, number string) {
	best := 0
	for _, at := range runOfNumerals.FindAllStringIndex(text, -1) {
		raw, before := text[at[0]:at[1]], text[:at[0]]
		if w, n, rank := phoneIn(raw, before); rank > best || rank == best && rank > 0 && corrected(before) {
			best, verbatim, number = rank, w, n
		}
	}
	return verbatim, number
}

// phoneIn judges one run of numerals: 4 for a mobile number, 3 for a fixed
// line, 1 for something that is only called a phone, 0 for no phone.
func phoneIn(raw, before string) (string, string, int) {
	n := onlyDigits(raw)
	called := phoneWord.MatchString(tail(before, 12))
	switch {
	case otherNumber.MatchString(tail(before, 12)) && !mobile(n):
		return "", "", 0
	case mobile(n):
		return raw, n, 4
	case len(n) == 13 && strings.HasPrefix(n, "86") && mobile(n[2:]):
		return raw, n[2:], 4
	case strings.HasPrefix(n, "0531") && len(n) == 12:
		return raw, n, 3
	case len(n) == 8 && n[0] >= '2' && n[0] <= '8' && called:
		return raw, n, 3
	case called && len(n) >= 7 && len(n) <= 13:
		return raw, n, 1
	}
	if w, ok := mobileInside(raw); ok {
		return w, onlyDigits(w), 2
	}
	return "", "", 0
}

// mobileInside looks for a mobile number set off by gaps in a longer run,
// such as the house number before it: 「3号楼1201，13800000000」.
func mobileInside(raw string) (string, bool) {
	r := []rune(raw)
	for i := range r {
		if i > 0 && onlyDigits(string(r[i-1])) != "" {
			continue
		}
		count := 0
		for j := i; j < len(r); j++ {
			if onlyDigits(string(r[j])) == "" {
				continue
			}
			if count++; count < 11 {
				continue
			}
			if w := string(r[i : j+1]); mobile(onlyDigits(w)) && (j+1 == len(r) || onlyDigits(string(r[j+1])) == "") {
				return w, true
			}
			break
		}
	}
	return "", false
}

// corrected reports whether the words before a number say that it replaces
// another one.
func corrected(before string) bool {
	b := tail(before, 10)
	return strings.Contains(b, "是") || strings.Contains(b, "改") || strings.Contains(b, "换")
}

func mobile(n string) bool { return len(n) == 11 && n[0] == '1' && n[1] >= '3' }

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, digits.Replace(s))
}

// tail is the last n characters of s.
func tail(s string, n int) string {
	r := []rune(s)
	return string(r[max(0, len(r)-n):])
}
