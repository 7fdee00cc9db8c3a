package bot

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"quandesk/tickets/customer"
)

// better is the place of a draft after another one was named: the one that
// was asked for or corrected, the more exact one, or both together.
func (s *scene) better(d draft, place customer.Address) customer.Address {
	old := d.Place
	alone := place.Community == "" && place.District == "" && !strings.ContainsAny(place.Text, "路街道村0123456789")
	exact := strings.ContainsAny(place.Text, "0123456789")
	switch {
	case old.Text == "" || corrects.MatchString(s.text) && !partOnly(place):
		return merged(old.Text, place)
	case strings.Contains(old.Text, place.Text):
		return old
	case exact && place.Community != "" && place.Community == old.Community && strings.ContainsAny(old.Detail, "0123456789"):
		return place // another number in the same compound: the one said last
	case strings.Contains(place.Text, old.Text), sameRoad(old.Text, place.Text) && !strings.ContainsAny(old.Text, "0123456789"):
		return place // more exactly: 「二环南路白土岗公交站旁」 after 「二环南路边上」
	case partOnly(place):
		return merged(old.Text, place) // 3号楼, after the name of the compound
	case d.Last != where && old.Community == "" && place.Community != "" && !strings.ContainsAny(place.Text, "路街道"):
		return customer.ParseAddress(old.Text + place.Text) // the compound, after the street
	case alone:
		return customer.ParseAddress(old.Text + place.Text)
	case d.Last == where || exact && !strings.ContainsAny(old.Text, "0123456789"):
		return place
	}
	return old
}

// onlyDistrict reports whether a place is a district and no more.
func onlyDistrict(a customer.Address) bool {
	return a.District != "" && a.Street == "" && a.Community == "" && a.Detail == ""
}

// livesIn stands in the middle of a place: 「美里新居中区，我住8号楼」.
var livesIn = regexp.MustCompile(`[，, ]*(?:我|俺)(?:家)?(?:就)?(?:住|在|是)+`)

// placed makes an address of the slots; a district alone is no place.
func placed(slots Slots) (customer.Address, bool) {
	text := slots.Address
	if text == "" {
		text = slots.Community
	}
	if text == "" && slots.Road != "" {
		text = slots.Road
	}
	if text == "" {
		return customer.Address{}, false
	}
	text = livesIn.ReplaceAllString(text, "")
	if slots.District != "" && !strings.Contains(text, slots.District) {
		text = slots.District + text
	}
	a := customer.ParseAddress(text)
	if onlyDistrict(a) && slots.Community+slots.Road == "" {
		return customer.Address{}, false
	}
	if a.Community == "" {
		a.Community = slots.Community
	}
	return a, true
}

func (s *scene) knownPlace() string {
	for _, m := range s.turn.Tickets {
		if m.Address != "" {
			return m.Address
		}
	}
	return s.memory.Place
}

// sameRoad reports whether two places begin with the same road, and the second
// says more of it.
func sameRoad(a, b string) bool {
	at := strings.IndexAny(b, "路街")
	if at < 0 {
		return false
	}
	road := b[:at+len("路")]
	return utf8.RuneCountInString(road) > 2 && strings.HasPrefix(a, road) && utf8.RuneCountInString(b) > utf8.RuneCountInString(a)
}
