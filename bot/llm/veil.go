package llm

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"quandesk/bot"
	"quandesk/tickets/customer"
)

// veil hides personal data from the endpoint: each datum becomes a placeholder
// such as 〔电话1〕, the same one wherever it stands in the turn (T76).
type veil struct {
	known map[string]string // datum → placeholder
	datum map[string]string // placeholder → datum
	count map[string]int    // by kind
	names []hidden          // data that no pattern finds, longest first
}

type hidden struct{ kind, text string }

func newVeil() *veil {
	return &veil{known: map[string]string{}, datum: map[string]string{}, count: map[string]int{}}
}

// know adds a name, a place or the like to what is hidden.
func (v *veil) know(kind, text string) {
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) < 2 {
		return
	}
	v.names = append(v.names, hidden{kind, text})
	slices.SortStableFunc(v.names, func(a, b hidden) int { return len(b.text) - len(a.text) })
}

// private hides what the rules have found in the resident's words.
func (v *veil) private(slots bot.Slots) {
	v.know("地址", clean(slots.Address, 200))
	v.know("小区", clean(slots.Community, 100))
	v.know("姓名", clean(slots.Name, 40))
	v.know("电话", clean(slots.Phone, 40))
}

const anyDigit = `[0-9０-９]`

// shapes are what personal data look like, the narrower before the wider.
var shapes = []struct {
	kind string
	is   *regexp.Regexp
}{
	{"单号", regexp.MustCompile(`(?i)[A-Z]{2}-?` + anyDigit + `{6,8}-?` + anyDigit + `{2,6}`)},
	{"邮箱", regexp.MustCompile(`[A-Za-z0-9._%+\-]+[@＠][A-Za-z0-9.\-]+`)},
	{"车牌", regexp.MustCompile(`[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Za-z][ ·.]?[A-Za-z0-9]{5,6}`)},
	{"微信", regexp.MustCompile(`(?i)(?:微信号?|vx|wx|qq)[是为:： ]{0,3}[a-z0-9_\-]{5,20}`)},
	{"号码", regexp.MustCompile(anyDigit + `(?:[ \-－—]?` + anyDigit + `){6,}[XxＸｘ]?`)},
	{"号码", regexp.MustCompile(`[零〇一二三四五六七八九幺两](?:[ ，、\-]?[零〇一二三四五六七八九幺两]){6,}`)},
}

// calls is how people say what they are called.
var calls = regexp.MustCompile(`(?:我叫|我的?名字[是叫]|姓名[是为:： ]{0,2}|联系人[是为:： ]{0,2}|户主[是为:： ]{0,2})([\p{Han}]{2,4})`)

// hide puts placeholders into a text that has been cleaned.
func (v *veil) hide(text string) string {
	for _, m := range calls.FindAllStringSubmatch(text, -1) {
		v.know("姓名", m[1])
	}
	for _, n := range v.names {
		if strings.Contains(text, n.text) {
			text = strings.ReplaceAll(text, n.text, v.placeholder(n.kind, n.text))
		}
	}
	found := customer.FindPhones(text)
	for _, p := range slices.Backward(found) {
		text = text[:p.Start] + v.placeholder("电话", text[p.Start:p.End]) + text[p.End:]
	}
	for _, s := range shapes {
		text = s.is.ReplaceAllStringFunc(text, func(datum string) string {
			return v.placeholder(byLength(s.kind, datum), datum)
		})
	}
	return text
}

var figures = regexp.MustCompile(`[0-9０-９XxＸｘ]`)

// byLength tells identity cards and bank cards from other numbers.
func byLength(kind, datum string) string {
	if kind != "号码" {
		return kind
	}
	switch len(figures.FindAllString(datum, -1)) {
	case 15, 18:
		return "证件"
	case 16, 17, 19:
		return "卡号"
	}
	return kind
}

func (v *veil) placeholder(kind, datum string) string {
	if p := v.known[datum]; p != "" {
		return p
	}
	v.count[kind]++
	p := fmt.Sprintf("〔%s%d〕", kind, v.count[kind])
	v.known[datum], v.datum[p] = p, datum
	return p
}

var placeholders = regexp.MustCompile(`〔[^〕]{1,12}〕`)

// show puts the data back. One that was never hidden stays and is a fault of
// the answer.
func (v *veil) show(text string) string {
	return placeholders.ReplaceAllStringFunc(text, func(p string) string {
		if datum, ok := v.datum[p]; ok {
			return datum
		}
		return p
	})
}

// kinds are the kinds of data that were hidden, for the record (T84).
func (v *veil) kinds() []string {
	var out []string
	for k := range v.count {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
