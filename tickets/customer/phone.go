package customer

import (
	"errors"
	"slices"
	"strings"
)

// A general library of phone numbers was measured and left out: it costs 6 MB
// of resident memory and as much of the binary, and answers neither numerals
// spoken in Chinese nor numbers standing in running text.

// ErrPhone is returned for a number at which nobody in China can be called.
var ErrPhone = errors.New("customer: not a phone number")

// ParsePhone normalises what a person typed or said as a phone number:
//
//	mobile      13812345678
//	landline    0531-88888888, with an extension 0531-88888888-123
//	400, 800    400-123-4567
//
// It accepts a country prefix (+86, 0086, 86), spaces, dashes and brackets,
// full-width digits and numerals spoken in Chinese. Eight digits without an
// area code are a number of Jinan. Errors: ErrPhone.
func ParsePhone(s string) (string, error) {
	groups, ok := phoneGroups(s)
	if !ok {
		return "", ErrPhone
	}
	if n, ok := joinGroups(groups); ok {
		return n, nil
	}
	return "", ErrPhone
}

// MaskPhone hides the digits by which a person could be called and keeps those
// by which staff tell two numbers apart: 138****5678, 0531-****8888 (the
// extension is dropped), 400-***-4567. What is no normalised number keeps at
// most its last four characters. It is "" for "".
func MaskPhone(s string) string {
	area, local, landline := strings.Cut(s, "-")
	local, _, _ = strings.Cut(local, "-")
	switch {
	case isMobile(s):
		return s[:3] + "****" + s[7:]
	case isService(strings.ReplaceAll(s, "-", "")):
		return s[:4] + "***" + s[len(s)-5:]
	case landline && isArea(area) && isLocal(local):
		return area + "-" + strings.Repeat("*", len(local)-4) + local[len(local)-4:]
	}
	r := []rune(s)
	hidden := len(r)
	if hidden >= 8 {
		hidden -= 4
	}
	return strings.Repeat("*", hidden) + string(r[hidden:])
}

// A digitGroup is a run of digits and what stood between it and the run before.
type digitGroup struct {
	digits     string
	sep        string // "" for the first group
	start, end int    // bytes in the text
	spoken     bool   // numerals in Chinese
}

// spokenDigits and spokenValues are the numerals of speech and what they mean.
var (
	spokenDigits = []rune("零〇○一幺二两三四五六七八九壹贰叁肆伍陆柒捌玖")
	spokenValues = "00011223456789123456789"
)

// digit is the value of a digit of any notation as ASCII; spoken tells
// numerals in Chinese from figures.
func digit(r rune) (d byte, spoken, ok bool) {
	switch {
	case r >= '0' && r <= '9':
		return byte(r), false, true
	case r >= '０' && r <= '９':
		return byte(r-'０') + '0', false, true
	}
	if i := slices.Index(spokenDigits, r); i >= 0 {
		return spokenValues[i], true, true
	}
	return 0, false, false
}

const (
	tightSeparators = " \t\u00a0\u3000-－‐‑–—()（）" // may stand anywhere in a number
	looseSeparators = ",，、.．·。"                   // only between the groups 3-4-4 of a mobile number, or of one that is dictated
)

// mostGroups is in how many groups a number is written, without an extension.
const mostGroups = 6

// extensionWords introduce an extension.
var extensionWords = []string{"转分机", "分机", "转", "ext.", "ext", "#"}

// phoneGroups splits s, which must hold nothing but one number.
func phoneGroups(s string) ([]digitGroup, bool) {
	s = strings.TrimSpace(strings.ToLower(s))
	s = strings.TrimPrefix(strings.ReplaceAll(s, "＋", "+"), "+")
	s = withDash(s)
	var groups []digitGroup
	var digits, sep strings.Builder
	spoken := false
	flush := func() {
		if digits.Len() > 0 {
			groups = append(groups, digitGroup{digits: digits.String(), sep: sep.String(), spoken: spoken})
			digits.Reset()
			sep.Reset()
			spoken = false
		}
	}
	for at, r := range s {
		d, aloud, ok := digit(r)
		switch {
		case digits.Len() > 0 && letterForDigit(s, at):
			digits.WriteByte('0')
		case ok:
			digits.WriteByte(d)
			spoken = aloud
		case strings.ContainsRune(tightSeparators+looseSeparators, r):
			flush()
			sep.WriteRune(r)
		default:
			return nil, false
		}
	}
	flush()
	if strings.TrimRight(sep.String(), " ()（）") != "" || len(groups) == 0 || len(groups) > mostGroups+1 && len(groups) != figureByFigure {
		return nil, false
	}
	return groups, true
}

// joinGroups makes one normalised number of groups of digits.
func joinGroups(groups []digitGroup) (string, bool) {
	if n, ok := joinDomestic(groups); ok {
		return n, true
	}
	if rest := withoutCountry(groups); len(rest) > 0 {
		return joinDomestic(rest)
	}
	return "", false
}

func joinDomestic(groups []digitGroup) (string, bool) {
	all, loose := join(groups), false
	for _, g := range groups[1:] {
		loose = loose || strings.ContainsAny(g.sep, looseSeparators)
	}
	if loose && inPauses(groups) {
		return plain(all)
	}
	if loose {
		return all, isMobile(all) && shaped(groups, 3, 4, 4)
	}
	last := len(groups) - 1
	extended := last > 0 && strings.ContainsAny(groups[last].sep, "-－‐‑–—") && len(groups[last].digits) <= 6
	// 0531-8888888-8 has an extension although its digits would do for a number.
	if extended && (last == 1 && len(groups[0].digits) == 8 && !isMobile(all) ||
		last == 2 && isArea(groups[0].digits) && isLocal(groups[1].digits)) {
		return withExtension(groups)
	}
	if n, ok := plain(all); ok {
		return n, true
	}
	if extended {
		return withExtension(groups)
	}
	return "", false
}

// inPauses reports whether a number is dictated in short groups: 一三九，五三一，
// 七四，零八六, or 零五三一，八五九二，六零七三.
func inPauses(groups []digitGroup) bool {
	if len(groups) < 3 || len(groups) > mostGroups {
		return false
	}
	all := join(groups)
	for _, g := range groups {
		if !g.spoken || len(g.digits) < 2 || len(g.digits) > 4 {
			return false
		}
	}
	return isMobile(all) && len(groups[0].digits) == 3 || isArea(groups[0].digits) && isLocal(all[len(groups[0].digits):])
}

func withExtension(groups []digitGroup) (string, bool) {
	last := len(groups) - 1
	n, ok := plain(join(groups[:last]))
	if !ok || isMobile(n) {
		return "", false
	}
	return n + "-" + groups[last].digits, true
}

// withoutCountry drops +86, 0086 or 86 and gives back the 0 of the area code,
// which is not dialled from abroad: +86 531 8888 8888. It is nil when there is
// no country prefix.
func withoutCountry(groups []digitGroup) []digitGroup {
	first, ok := strings.CutPrefix(groups[0].digits, "0086")
	if !ok {
		first, ok = strings.CutPrefix(groups[0].digits, "86")
	}
	if !ok {
		return nil
	}
	rest := slices.Clone(groups)
	rest[0].digits = first
	if first == "" {
		rest = rest[1:]
	}
	if len(rest) > 0 && rest[0].digits[0] != '0' && !isMobile(join(rest)) {
		rest[0].digits = "0" + rest[0].digits
	}
	return rest
}

func join(groups []digitGroup) string {
	var b strings.Builder
	for _, g := range groups {
		b.WriteString(g.digits)
	}
	return b.String()
}

// plain normalises digits without separators and extension.
func plain(s string) (string, bool) {
	switch {
	case isMobile(s):
		return s, true
	case len(s) == 12 && s[0] == '0' && isMobile(s[1:]):
		return s[1:], true // the trunk 0 that older phones needed
	case isService(s):
		return s[:3] + "-" + s[3:6] + "-" + s[6:], true
	case len(s) == 8 && isLocal(s):
		return jinan + "-" + s, true
	}
	for _, n := range []int{3, 4} {
		if len(s) > n && isArea(s[:n]) && isLocal(s[n:]) {
			return s[:n] + "-" + s[n:], true
		}
	}
	return "", false
}

// jinan is the area code of Jinan, which includes Laiwu since 2019.
const jinan = "0531"

// isMobile knows the numbering plan no closer than this on purpose: a table of
// the prefixes in use grows stale and turns real residents away. 140 to 144
// are numbers of machines; 154 was never given out.
func isMobile(s string) bool {
	if len(s) != 11 || s[0] != '1' || s[1] < '3' || !figures(s) {
		return false
	}
	return !(s[1] == '4' && s[2] <= '4') && s[:3] != "154"
}

func isService(s string) bool {
	return len(s) == 10 && (s[:3] == "400" || s[:3] == "800") && figures(s)
}

// isArea reports whether s is an area code: 010, 02x, or 03xx to 09xx.
func isArea(s string) bool {
	if !figures(s) || len(s) < 3 || s[0] != '0' {
		return false
	}
	return len(s) == 3 && (s[1] == '1' && s[2] == '0' || s[1] == '2') || len(s) == 4 && s[1] >= '3'
}

// isLocal reports whether s is a number inside an area: 7 or 8 digits, of
// which the first is neither a trunk nor a service digit.
func isLocal(s string) bool {
	return (len(s) == 7 || len(s) == 8) && figures(s) && s[0] >= '2' && s[0] <= '8'
}

func figures(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

func shaped(groups []digitGroup, lengths ...int) bool {
	if len(groups) != len(lengths) {
		return false
	}
	for i, n := range lengths {
		if len(groups[i].digits) != n {
			return false
		}
	}
	return true
}
