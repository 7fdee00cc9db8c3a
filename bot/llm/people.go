package llm

import (
	"slices"
	"strings"
	"unicode"
)

// people finds what people are called (T76): a surname with one or two more
// characters beside a word that only stands beside a person, 业主陈晓东想问, and
// the short ways, 老刘 and 张师傅. What it takes for a name and is none does
// little harm, for it comes back in the answer; yet a word of the question that
// the endpoint cannot read costs the answer, so ordinary words are known.

// person is a name in a text, in characters. A whole name is hidden wherever
// it stands, 老刘 and the 张 of 张师傅 only there.
type person struct {
	from, to int
	whole    bool
}

// people finds the names in a text.
func people(text string) []person {
	t, at := joined(text)
	var out []person
	for i := 0; i < len(t); {
		found := named(t, i, out)
		if len(found) == 0 {
			i++
			continue
		}
		out = append(out, found...)
		i = found[len(found)-1].to
	}
	for i, p := range out {
		out[i].from, out[i].to = at[p.from], at[p.to-1]+1
	}
	return out
}

// joined are the folded characters of a text without the blanks between them,
// and where each stands: 陈 晓 东 is a name too.
func joined(text string) (t []rune, at []int) {
	for i, r := range []rune(text) {
		if r != ' ' {
			t, at = append(t, fold(r)), append(at, i)
		}
	}
	return t, at
}

// named are the names that begin at a character: one, or a surname told by
// itself with what is told after it.
func named(t []rune, i int, before []person) []person {
	if found := spelt(t, i); found != nil {
		return found
	}
	if i > 0 && slices.Contains(tails, string(t[i-1:i+1])) {
		return nil
	}
	if p := familiar(t, i); p.to > 0 {
		return []person{p}
	}
	n := surnameAt(t, i)
	if n == 0 || begins(titles, t, i) {
		return called(t, i)
	}
	for _, way := range []func([]rune, int, int, []person) int{titled, besideRole, byItself} {
		if to := way(t, i, n, before); to > 0 {
			return []person{{i, to, to > i+n}}
		}
	}
	return nil
}

// surnameAt is how many characters of a surname stand at i.
func surnameAt(t []rune, i int) int {
	if i+2 <= len(t) && slices.Contains(doubled, string(t[i:i+2])) {
		return 2
	}
	if i < len(t) && single[t[i]] {
		return 1
	}
	return 0
}

// spelt reads 姓陈名晓东 and 免贵姓王.
func spelt(t []rune, i int) []person {
	if t[i] != '姓' || i > 0 && t[i-1] == '百' {
		return nil
	}
	n := surnameAt(t, i+1)
	if n == 0 {
		return nil
	}
	at := i + 1 + n
	out := []person{{i + 1, at, false}}
	name := at
	for name < len(t) && name < at+5 && strings.ContainsRune("，, 名字叫是", t[name]) {
		name++
	}
	to := name
	for to < len(t) && to < name+2 && unicode.Is(unicode.Han, t[to]) && !neverRunes[t[to]] {
		to++
	}
	switch {
	case to > name && strings.ContainsAny(string(t[at:name]), "名叫"):
		return append(out, person{name, to, to > name+1})
	case boundary(t, at) || strings.ContainsRune("的名叫", t[at]):
		return out
	}
	return nil
}

// familiar reads 老刘 and 小王.
func familiar(t []rune, i int) person {
	if t[i] != '老' && t[i] != '小' || i+1 >= len(t) || i > 0 && strings.ContainsRune("大最", t[i-1]) {
		return person{}
	}
	s, to := t[i+1], i+2
	if slices.Contains(tails, string(t[i:to])) {
		return person{}
	}
	switch {
	case common[s] && (boundary(t, to) || begins(follows, t, to) || begins(titles, t, to)) && !begins(aside, t, i):
	case single[s] && !small[s] && !usual[s] && free(t, i) && goesOn(t, to):
	case usual[s] && alone(t, i) && (boundary(t, to) || t[to] == '和'):
	case usual[s] && free(t, i) && (boundary(t, to) || begins(strict, t, to) || strings.ContainsRune("说让想问给家", t[to])):
	default:
		return person{}
	}
	return person{i, to, false}
}

// titled reads 张师傅, of which the title stays, and 张建国师傅.
func titled(t []rune, i, n int, _ []person) int {
	for _, to := range []int{i + n + 2, i + n + 1} {
		if nameTo(t, i, n, to) && !doubtful(t, i, n) && begins(titles, t, to) {
			return to
		}
	}
	to, known := i+n, n == 2 || common[t[i]]
	switch {
	case begins(titles, t, to) && (known || !small[t[i]] && free(t, i)):
		return to
	case begins(clipped, t, to) && (known || usual[t[i]]) && free(t, i) && !doubtful(t, i, n) && !begins(aside, t, to) &&
		(boundary(t, to+1) || begins(follows, t, to+1)):
		return to
	}
	return 0
}

// besideRole reads a name behind a role, or behind another name: 业主陈晓东.
func besideRole(t []rune, i, n int, before []person) int {
	if !behindRole(t, i, before) {
		return 0
	}
	long, brief := i+n+2, i+n+1
	a, b := nameTo(t, i, n, long), nameTo(t, i, n, brief)
	followsA, followsB := a && goesOn(t, long), b && goesOn(t, brief)
	if doubtful(t, i, n) { // 业主王国庆 is one, 业主高压 is none
		if followsA && sureRunes[t[long-1]] && !isOrdinary(t[long-2], t[long-1]) {
			return long
		}
		return 0
	}
	if n == 1 && small[t[i]] {
		switch {
		case followsA && allGiven(t[i+1:long]) && !isOrdinary(t[i+1], t[i+2]):
			return long
		case followsB && allGiven(t[i+1:brief]):
			return brief
		}
		return 0
	}
	switch {
	case followsB && (!followsA || clearly(t, brief)):
		return brief
	case followsA:
		return long
	case a && (givenRunes[t[long-2]] || givenRunes[t[long-1]]) && !(long < len(t) && isOrdinary(t[long-1], t[long])):
		return long
	case b && givenRunes[t[brief-1]]:
		return brief
	}
	return 0
}

// byItself reads a name without a role from what stands behind it: 王建国家没水.
func byItself(t []rune, i, n int, _ []person) int {
	if n == 1 && small[t[i]] || doubtful(t, i, n) {
		return 0
	}
	after := ends(weak, t, i) || before(t, i) == '的' && ends(roles, t, i-1)
	if !after && i > 0 && unicode.Is(unicode.Han, t[i-1]) && t[i-1] != '的' && t[i-1] != '是' {
		return 0
	}
	for _, to := range []int{i + n + 2, i + n + 1} {
		if to == i+n+1 && n == 1 && !common[t[i]] && !usual[t[i]] {
			continue
		}
		if !nameTo(t, i, n, to) || !allGiven(t[i+n:to]) {
			continue
		}
		switch {
		case begins(strict, t, to), after && goesOn(t, to) && (to > i+n+1 || !strings.ContainsRune("我俺", t[i-1])):
			return to
		case (alone(t, i) || to > i+n+1) && boundary(t, to): // a name and nothing else
			return to
		}
	}
	return 0
}

// called reads a name of any kind where somebody tells it, and a given name
// alone behind 叫: 女儿叫晓东.
func called(t []rune, i int) []person {
	if ends(naming, t, i) || strings.ContainsRune(":,，", before(t, i)) && ends(labelled, t, i-1) {
		for to := i + 2; to <= min(len(t), i+4); to++ {
			if !nameTo(t, i, 0, to) {
				break
			}
			if goesOn(t, to) && !slices.ContainsFunc(nobody, func(w string) bool { return strings.Contains(string(t[i:to]), w) }) {
				return []person{{i, to, true}}
			}
		}
	}
	if i < 2 || t[i-1] != '叫' || !ends(roles, t, i-1) && t[i-2] != '名' {
		return nil
	}
	to := i + 2
	if to > len(t) || !givenRunes[t[i]] || !givenRunes[t[i+1]] || isOrdinary(t[i], t[i+1]) || !goesOn(t, to) {
		return nil
	}
	return []person{{i, to, true}}
}

// nameTo reports whether the characters from i can be a name that ends before to.
func nameTo(t []rune, i, n, to int) bool {
	if to > len(t) || begins(titles, t, i+n) || begins(clipped, t, i+n) && to == i+n+1 {
		return false
	}
	for k := i + n; k < to; k++ {
		if !unicode.Is(unicode.Han, t[k]) || neverRunes[t[k]] {
			return false
		}
	}
	return !lastRunes[t[to-1]]
}

func allGiven(t []rune) bool {
	return !slices.ContainsFunc(t, func(r rune) bool { return !givenRunes[r] })
}

// doubtful reports whether a name begins like an ordinary word.
func doubtful(t []rune, i, n int) bool {
	return n == 1 && i+1 < len(t) && isOrdinary(t[i], t[i+1])
}

// behindRole reports whether a role or another name stands before i, with
// what joins them.
func behindRole(t []rune, i int, before []person) bool {
	j := i
	for j > 0 && i-j < 2 && strings.ContainsRune("是叫为:(“\"'‘", t[j-1]) {
		j--
	}
	if ends(roles, t, i) || ends(roles, t, j) {
		return true
	}
	if j == i && i > 1 && strings.ContainsRune("、和与跟及,，", t[i-1]) {
		return t[i-2] == '〕' || len(before) > 0 && before[len(before)-1].to == i-1
	}
	return false
}

// goesOn reports whether a name may end before i.
func goesOn(t []rune, i int) bool { return boundary(t, i) || begins(follows, t, i) }

// clearly reports whether a word of two characters goes on behind a name, or
// nothing does.
func clearly(t []rune, i int) bool {
	return boundary(t, i) || slices.ContainsFunc(follows[t[i]], func(w []rune) bool {
		return len(w) > 1 && i+len(w) <= len(t) && slices.Equal(t[i:i+len(w)], w)
	})
}

func before(t []rune, i int) rune {
	if i == 0 {
		return 0
	}
	return t[i-1]
}

func boundary(t []rune, i int) bool { return i >= len(t) || !unicode.Is(unicode.Han, t[i]) }

// free reports whether what stands at i is no end of another word.
func free(t []rune, i int) bool {
	return i == 0 || !unicode.Is(unicode.Han, t[i-1]) || strings.ContainsRune("的找叫给跟和让问请我你他她被是见家老小俺咱", t[i-1]) ||
		ends(roles, t, i) || ends(weak, t, i)
}

// alone reports whether a word begins at i for certain.
func alone(t []rune, i int) bool {
	return i == 0 || !unicode.Is(unicode.Han, t[i-1]) || ends(roles, t, i)
}

func byLast(words []string) map[rune][][]rune {
	out := map[rune][][]rune{}
	for _, w := range words {
		r := []rune(w)
		out[r[len(r)-1]] = append(out[r[len(r)-1]], r)
	}
	return out
}

func byFirst(words []string) map[rune][][]rune {
	out := map[rune][][]rune{}
	for _, w := range words {
		r := []rune(w)
		out[r[0]] = append(out[r[0]], r)
	}
	return out
}

// begins reports whether one of the words stands at i.
func begins(words map[rune][][]rune, t []rune, i int) bool {
	return i < len(t) && slices.ContainsFunc(words[t[i]], func(w []rune) bool {
		return i+len(w) <= len(t) && slices.Equal(t[i:i+len(w)], w)
	})
}

// ends reports whether one of the words ends before i.
func ends(words map[rune][][]rune, t []rune, i int) bool {
	return i > 0 && slices.ContainsFunc(words[t[i-1]], func(w []rune) bool {
		return i >= len(w) && slices.Equal(t[i-len(w):i], w)
	})
}
