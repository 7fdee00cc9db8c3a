package customer

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// squeeze removes white space and writes full-width figures and letters in
// their usual width.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return -1
		case r > 0xFF00 && r < 0xFF5F && (unicode.IsDigit(r) || unicode.IsLetter(r) || r == '－'):
			return r - 0xFEE0
		}
		return r
	}, s)
}

var spokenNumber = regexp.MustCompile(`([一二三四五六七八九十两]+)(号楼|号院|号|栋|幢|单元|层|室)`)

// figuresOf writes the numbers of houses, buildings and units in figures:
// 三号楼 becomes 3号楼. Names of roads (经十路) are left alone.
func figuresOf(s string) string {
	return spokenNumber.ReplaceAllStringFunc(s, func(m string) string {
		sub := spokenNumber.FindStringSubmatch(m)
		if n := spokenValue(sub[1]); n > 0 {
			return strconv.Itoa(n) + sub[2]
		}
		return m
	})
}

// spokenValue reads a numeral up to 99, or digits one by one (三零一); 0 when
// it is neither.
func spokenValue(s string) int {
	tens, ones, ok := strings.Cut(s, "十")
	if !ok {
		n := 0
		for _, r := range s {
			d, _, ok := digit(r)
			if !ok || n > 999 {
				return 0
			}
			n = n*10 + int(d-'0')
		}
		return n
	}
	value := func(s string, empty int) int {
		d, _, ok := digit(firstRune(s))
		switch {
		case s == "":
			return empty
		case !ok || runeLen(s) != len(s):
			return -1
		}
		return int(d - '0')
	}
	t, o := value(tens, 1), value(ones, 0)
	if t < 1 || o < 0 {
		return 0
	}
	return t*10 + o
}

var zoneEnd = regexp.MustCompile(`([0-9]{1,2}|[一二三四五六七八九十]{1,2})([区期])$`)

// splitZone parts 甸柳新村3区 into 甸柳新村 and 三区.
func splitZone(s string) (name, zone string) {
	m := zoneEnd.FindStringSubmatchIndex(s)
	if m == nil || m[0] == 0 || figures(s[m[0]-1:m[0]]) {
		return s, ""
	}
	n, unit := s[m[2]:m[3]], s[m[4]:m[5]]
	if v, err := strconv.Atoi(n); err == nil {
		if v < 1 || v > 10 {
			return s, ""
		}
		n = []string{"一", "二", "三", "四", "五", "六", "七", "八", "九", "十"}[v-1]
	}
	return s[:m[0]], n + unit
}
