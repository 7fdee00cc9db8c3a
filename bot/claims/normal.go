package claims

import (
	"strconv"
	"strings"
	"unicode"
)

// normal brings a text to the form in which claims are compared: narrow, lower
// case, without what cannot be seen, per cent as a sign.
func normal(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= 0xff01 && r <= 0xff5e && r != '，' && r != '；' && r != '！' && r != '？':
			r -= 0xfee0
		case r == 0x3000 || r == '\t' || r == '\r':
			r = ' '
		case unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Mn, r):
			return -1
		}
		return unicode.ToLower(r)
	}, s)
	return spellings.Replace(s)
}

var spellings = strings.NewReplacer("％", "%", "钟头", "小时", "个小时", "小时", "礼拜", "周", "星期", "周", "块钱", "元", "／", "/", "－", "-", "—", "-")

const numerals = "零〇一二两三四五六七八九十百千万半"

// number reads a numeral; ok is false for what is none.
func number(s string) (float64, bool) {
	if n, err := strconv.ParseFloat(s, 64); err == nil {
		return n, true
	}
	if s == "半" {
		return 0.5, true
	}
	total, section, last := 0.0, 0.0, 0.0
	digits := true
	for _, r := range s {
		switch r {
		case '十', '百', '千':
			digits = false
			unit := map[rune]float64{'十': 10, '百': 100, '千': 1000}[r]
			section, last = section+max(last, 1)*unit, 0
		case '万':
			digits = false
			total, section, last = total+(section+last)*10000, 0, 0
		case '半':
			section, last = section+last+0.5, 0
		default:
			d, ok := digit(r)
			if !ok {
				return 0, false
			}
			if digits {
				last = last*10 + d
			} else {
				last = d
			}
		}
	}
	return total + section + last, s != ""
}

func digit(r rune) (float64, bool) {
	switch r {
	case '〇':
		r = '零'
	case '两':
		r = '二'
	}
	i := strings.Index("零一二三四五六七八九", string(r))
	return float64(i / len("零")), i >= 0
}

// sentences cuts a normal text at full stops and line ends.
func sentences(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("。!！?？;；\n", r) })
}
