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

// allKinds are the words placeholders are made of: nobody is called that.
const allKinds = "姓名 地址 小区 电话 号码 证件 卡号 邮箱 车牌 微信 单号 户号 门牌"

// know adds a name, a place or the like to what is hidden.
func (v *veil) know(kind, text string) {
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) < 2 || strings.Contains(allKinds, text) {
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

// learn takes in the names that a text holds, so that they are hidden also
// where nothing beside them tells that they are names.
func (v *veil) learn(text string) {
	apart := newVeil()
	apart.people(text, people(text))
	for _, n := range apart.names {
		v.know(n.kind, n.text)
	}
}

// hide puts placeholders into a text that has been cleaned, until nothing is
// left that it would hide.
func (v *veil) hide(text string) string {
	for range mostRounds {
		hidden := v.once(text)
		if hidden == text {
			break
		}
		text = hidden
	}
	return text
}

func (v *veil) once(text string) string {
	text = v.replaceKnown(text)
	text = v.people(text, people(text))
	text = v.replaceKnown(text)
	found := customer.FindPhones(text)
	for _, p := range slices.Backward(found) {
		text = text[:p.Start] + v.placeholder("电话", text[p.Start:p.End]) + text[p.End:]
	}
	for _, s := range shapes {
		text = cover(text, s.is, func(datum, folded string) string {
			return v.placeholder(byLength(s.kind, folded), datum)
		})
	}
	return text
}

func (v *veil) replaceKnown(text string) string {
	for _, n := range v.names {
		if strings.Contains(text, n.text) {
			text = strings.ReplaceAll(text, n.text, v.placeholder(n.kind, n.text))
		}
	}
	return text
}

// people hides names where they stand and knows the whole ones from then on.
func (v *veil) people(text string, found []person) string {
	r := []rune(text)
	for _, p := range slices.Backward(found) {
		name := string(r[p.from:p.to])
		if p.whole {
			v.know("姓名", name)
		}
		r = slices.Concat(r[:p.from], []rune(v.placeholder("姓名", name)), r[p.to:])
	}
	text = string(r)
	for _, m := range inEnglish.FindAllStringSubmatch(text, -1) {
		v.know("姓名", m[1])
	}
	return text
}

var figures = regexp.MustCompile(`[0-9Xx]`)

// byLength tells telephones, identity cards and bank cards from other numbers.
func byLength(kind, datum string) string {
	if kind != "号码" {
		return kind
	}
	switch len(figures.FindAllString(datum, -1)) {
	case 11:
		return "电话"
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

// masked are the kinds of data whose placeholders stand in texts: those that
// were found and hidden in what is sent, and no others (T84).
func (v *veil) masked(texts ...string) []string {
	var out []string
	for _, text := range texts {
		for _, p := range placeholders.FindAllString(text, -1) {
			if kind := strings.Trim(p, "〔〕0123456789"); v.datum[p] != "" && !slices.Contains(out, kind) {
				out = append(out, kind)
			}
		}
	}
	slices.Sort(out)
	return out
}
