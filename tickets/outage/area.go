package outage

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"quandesk/tickets/customer"
)

// Area is where the water is off, as it is published (clause 7.3.1): streets
// and residential areas by name, or a boundary in words (四至).
type Area struct {
	Districts []string `json:"districts"` // 历下区
	Streets   []string `json:"streets"`   // roads, with or without numbers (文化东路1-99号), and 街道
	Compounds []string `json:"compounds"` // residential areas and villages, with or without buildings
	Bounds    string   `json:"bounds"`    // 东至…西至…: for people; no program can read it
}

// Match is whether a place lies in an area.
type Match int

// How a place and an area fit.
const (
	Elsewhere Match = iota
	Possibly        // the place is not said exactly enough, or the area is a boundary in words
	Within
)

var listMarks = regexp.MustCompile(`[、，,；;\n\r]+`)

// List parts what people typed into one field: 甸柳新村、科院小区.
func List(text string) []string {
	out := []string{} // never nil: an area is shown with all its lists
	for _, s := range listMarks.Split(text, -1) {
		if s = strings.TrimSpace(s); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func (a Area) tidy() Area {
	a.Bounds = strings.TrimSpace(a.Bounds)
	for _, list := range []*[]string{&a.Districts, &a.Streets, &a.Compounds} {
		*list = List(strings.Join(*list, "、"))
	}
	for i, d := range a.Districts {
		for _, name := range []string{d, d + "区", d + "县"} {
			if known := customer.ParseAddress(name).District; known != "" {
				a.Districts[i] = known
				break
			}
		}
	}
	return a
}

func (a Area) all() []string { return slices.Concat(a.Districts, a.Streets, a.Compounds) }

func (a Area) places() int { return len(a.Districts) + len(a.Streets) + len(a.Compounds) }

// Listed reports whether places are named that a program can compare.
func (a Area) Listed() bool { return len(a.Streets)+len(a.Compounds) > 0 }

// stated reports whether the area is what clause 7.3.1 asks for.
func (a Area) stated() bool { return len(a.Districts) > 0 && (a.Listed() || a.Bounds != "") }

// astray reports whether a named place is known to lie in a district that the
// area does not name.
func (a Area) astray() bool {
	return len(a.Districts) > 0 && slices.ContainsFunc(slices.Concat(a.Streets, a.Compounds), func(s string) bool {
		d := customer.ParseAddress(s).District
		return d != "" && !slices.Contains(a.Districts, d)
	})
}

// Words is the area as residents read it.
func (a Area) Words() string {
	parts := []string{strings.Join(a.Districts, "、")}
	if a.Listed() {
		parts = append(parts, strings.Join(slices.Concat(a.Streets, a.Compounds), "、"))
	}
	if a.Bounds != "" {
		parts = append(parts, a.Bounds)
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "：")
}

// Affects reports whether a place that somebody has named lies in the area.
// Names must be the same after normalisation: a compound that only sounds
// alike is elsewhere. A district alone is never more than possibly.
func (a Area) Affects(place customer.Address) Match {
	at := spotOf(place)
	if at.nowhere() || place.District != "" && len(a.Districts) > 0 && !slices.Contains(a.Districts, place.District) {
		return Elsewhere
	}
	if !a.Listed() {
		return Possibly
	}
	best := Elsewhere
	if at.vague() && place.District != "" {
		best = Possibly
	}
	for _, c := range a.Compounds {
		best = max(best, at.inCompound(c))
	}
	for _, s := range a.Streets {
		m := at.onStreet(s)
		if m == Within && at.community != "" && len(a.Compounds) > 0 && best == Elsewhere {
			m = Possibly // on the road, but the compounds along it are named and this is none of them
		}
		best = max(best, m)
	}
	return best
}

// spot is a place as it is compared.
type spot struct {
	district, street, community string
	roads                       []road
	detail                      string
}

// road is a road that an address names, with the number behind it.
type road struct {
	name   string
	number int // 0: none was said
}

func spotOf(a customer.Address) spot {
	s := spot{district: a.District, street: a.Street, community: a.Community, detail: a.Detail}
	text := a.Text
	for _, p := range customer.Parts(text) {
		if p.Kind == customer.PartRoad {
			s.roads = append(s.roads, road{p.Name, numberAt(text[p.End:])})
		}
	}
	return s
}

func (s spot) nowhere() bool {
	return s.district == "" && s.street == "" && s.community == "" && len(s.roads) == 0 && s.detail == ""
}

// vague reports whether no more than a district or a 街道 is known.
func (s spot) vague() bool { return s.community == "" && len(s.roads) == 0 && s.detail == "" }

var (
	// zone is what parts a compound: 甸柳新村三区 lies in 甸柳新村.
	zone     = regexp.MustCompile(`^(?:[东西南北中]区|[一二三四五六七八九十]{1,3}[区期])$`)
	leading  = regexp.MustCompile(`^[^0-9\p{Han}]*([0-9]{1,5})`)
	house    = regexp.MustCompile(`([0-9]{1,5})(?:号楼|号院|号|栋|幢|座)`)
	spanText = regexp.MustCompile(`([0-9]{1,5})(?:号楼|号院|号|栋|幢|座)?(?:[-—~－～至到]+([0-9]{1,5}))?(?:号楼|号院|号|栋|幢|座)?`)
)

func numberAt(text string) int {
	if m := leading.FindStringSubmatch(text); m != nil {
		n, _ := strconv.Atoi(m[1])
		return n
	}
	return 0
}

// building is the number of the house or building in a detail.
func building(detail string) int {
	if m := house.FindStringSubmatch(detail); m != nil {
		n, _ := strconv.Atoi(m[1])
		return n
	}
	return numberAt(detail)
}

// numbered reports whether a number lies in what an entry names: 1-99号. An
// entry without numbers holds every one.
func numbered(entry string, n int) Match {
	spans := spanText.FindAllStringSubmatch(entry, -1)
	if len(spans) == 0 {
		return Within
	}
	if n == 0 {
		return Possibly
	}
	for _, m := range spans {
		from, _ := strconv.Atoi(m[1])
		to := from
		if m[2] != "" {
			to, _ = strconv.Atoi(m[2])
		}
		if from <= n && n <= to {
			return Within
		}
	}
	return Elsewhere
}

func (s spot) inCompound(entry string) Match {
	e := customer.ParseAddress(entry)
	if e.Community == "" { // a name that cannot be read as one: the place must begin with it
		rest, ok := strings.CutPrefix(s.detail, entry)
		if ok && s.community == "" && (rest == "" || numberAt(rest) > 0) {
			return Within
		}
		return Elsewhere
	}
	switch {
	case s.community == "" || e.District != "" && s.district != "" && e.District != s.district:
		return Elsewhere
	case s.community == e.Community:
		return numbered(e.Detail, building(s.detail))
	}
	if part, ok := strings.CutPrefix(s.community, e.Community); ok && zone.MatchString(part) {
		return numbered(e.Detail, building(s.detail))
	}
	if part, ok := strings.CutPrefix(e.Community, s.community); ok && zone.MatchString(part) {
		return Possibly // which part of it was not said
	}
	return Elsewhere
}

func (s spot) onStreet(entry string) Match {
	for _, p := range customer.Parts(entry) {
		switch {
		case p.Kind == customer.PartStreet && p.Name == s.street:
			return Within
		case p.Kind == customer.PartRoad:
			for _, r := range s.roads {
				if r.name == p.Name {
					return numbered(entry[p.End:], r.number)
				}
			}
			return Elsewhere
		}
	}
	return Elsewhere
}
