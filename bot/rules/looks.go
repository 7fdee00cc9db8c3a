package rules

import (
	"strings"
	"unicode"

	"quandesk/tickets/customer"
)

// line is a text as the tagger reads it: its characters, what is looked at for
// each of them, and the parts of places that the lexer finds.
type line struct {
	text  string
	runes []rune
	at    []int // byte where each rune begins, and the end of the text
	looks [][]uint32
	parts []customer.Part
	found customer.Found // the address that the lexer would choose
	lexed bool           // there is one
}

// Beyond its ends a text has sides: what is looked at there.
const (
	reach = 3 // characters to each side that are looked at
	edge  = 1
)

// line lists for every character what the tagger looks at: the characters
// around it, their classes and sounds, and what the lexer takes them for.
func (x reader) line(text string) line {
	l := line{text: text}
	for i, r := range text {
		l.runes, l.at = append(l.runes, plainRune(r)), append(l.at, i)
	}
	l.at = append(l.at, len(text))
	l.parts = x.towns.Parts(text)
	l.found, l.lexed = x.towns.AddressAmong(text, l.parts)
	if phone := phoneIn(text); phone != "" {
		from := strings.Index(text, phone)
		l.within(from, from+len(phone), func(i int, _ bool) { l.runes[i] = '☎' })
	}
	n := len(l.runes)
	padded := func() []uint32 {
		out := make([]uint32, n+2*reach)
		for i := range out {
			out[i] = edge
		}
		return out
	}
	chars, classes, sounds, kinds, chain := padded(), padded(), padded(), padded(), padded()
	for i, r := range l.runes {
		chars[i+reach], classes[i+reach], sounds[i+reach] = uint32(r), classOf(r), x.sound(uint32(r))
		kinds[i+reach], chain[i+reach] = 0, 0
	}
	for _, p := range l.parts {
		k := 2 * partCodes[p.Kind]
		l.within(p.Start, p.End, func(i int, first bool) { kinds[i+reach] = k + b2u(first) })
	}
	if l.lexed {
		l.within(l.found.Start, l.found.End, func(i int, first bool) { chain[i+reach] = 2 + b2u(first) })
	}
	l.looks = make([][]uint32, n)
	for i := range n {
		c, s, k, a, m := chars[i:], sounds[i:], kinds[i:], chain[i:], classes[i:]
		const o = reach // where the character itself stands in each of them
		h := hashes{make([]uint32, 0, 37)}
		for d := range 7 {
			h.add(uint32(d), c[d])
		}
		for d := range 6 {
			h.add(uint32(10+d), c[d], c[d+1])
		}
		for d := range 5 {
			h.add(uint32(20+d), c[d], c[d+1], c[d+2])
		}
		for d := o - 2; d <= o+2; d++ {
			h.add(uint32(30+d), k[d], a[d])
		}
		h.add(40, k[o-1], k[o], k[o+1])
		h.add(41, a[o-1], a[o], a[o+1])
		h.add(42, k[o], c[o])
		h.add(43, k[o], c[o+1])
		h.add(44, a[o], c[o-1], c[o])
		h.add(45, m[o-2], m[o-1], m[o], m[o+1], m[o+2])
		h.add(46, m[o], m[o+1], m[o+2], m[o+3])
		for d := o - 2; d <= o+1; d++ {
			h.add(uint32(50+d), s[d], s[d+1])
		}
		l.looks[i] = h.of
	}
	return l
}

// within calls do for every character of the bytes from..to.
func (l line) within(from, to int, do func(i int, first bool)) {
	first := true
	for i, at := range l.at[:len(l.runes)] {
		if at >= from && at < to {
			do(i, first)
			first = false
		}
	}
}

// hashes are what is looked at, as slots of the tagger.
type hashes struct{ of []uint32 }

func (h *hashes) add(kind uint32, parts ...uint32) {
	v := (uint32(2166136261) ^ kind) * 16777619
	for _, p := range parts {
		v = (v ^ p&0xffff) * 16777619
		v = (v ^ p>>16) * 16777619
	}
	h.of = append(h.of, (v^v>>15)%looked)
}

func b2u(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

var partCodes = map[customer.PartKind]uint32{
	customer.PartCity: 1, customer.PartDistrict: 2, customer.PartStreet: 3, customer.PartRoad: 4, customer.PartCommunity: 5,
	customer.PartNumber: 6, customer.PartLandmark: 7, customer.PartCrossing: 8, customer.PartSide: 9, customer.PartJoint: 10,
}

// plainRune is a character without width and case.
func plainRune(r rune) rune {
	if r >= '！' && r <= '～' {
		r -= '！' - '!'
	}
	return unicode.ToLower(r)
}

// The classes of characters.
const (
	digit = iota + 2
	letter
	numeral
	mark
	other
)

func classOf(r rune) uint32 {
	switch {
	case r >= '0' && r <= '9':
		return digit
	case r >= 'a' && r <= 'z':
		return letter
	case strings.ContainsRune("零〇一二三四五六七八九十百两幺", r):
		return numeral
	case unicode.IsPunct(r) || unicode.IsSymbol(r) || unicode.IsSpace(r):
		return mark
	}
	return other
}
