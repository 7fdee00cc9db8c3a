package customer

import "strings"

// Address is a place as the resident said it and as the desk understands it.
// Only Text is certain; what could not be made out is empty.
type Address struct {
	Text      string `json:"text"`                // what was said
	District  string `json:"district,omitempty"`  // 历下区
	Street    string `json:"street,omitempty"`    // 文化东路街道
	Community string `json:"community,omitempty"` // residential area or village: 甸柳新村三区
	Detail    string `json:"detail,omitempty"`    // road and number, building, room, landmark
}

// ParseAddress reads an address that stands alone, such as the answer to
// 「您的地址是？」, by the shipped gazetteer. Numbers of houses, buildings and
// rooms are written in figures.
func ParseAddress(text string) Address { return shipped().ParseAddress(text) }

// FindAddress finds the place a message speaks of by the shipped gazetteer.
// See Gazetteer.FindAddress.
func FindAddress(text string) (Found, bool) { return shipped().FindAddress(text) }

// Found is an address inside a text: text[Start:End] == Text.
type Found struct {
	Text       string
	Start, End int // bytes
	Address    Address
}

// Level is how wide an area is.
type Level string

// The levels of areas, widest first.
const (
	LevelDistrict  Level = "district"  // 区县
	LevelStreet    Level = "street"    // 街道、镇
	LevelCommunity Level = "community" // 小区、村
)

// Area is a part of the city in which tickets are counted together (R03).
type Area struct {
	Level                       Level
	District, Street, Community string
}

// Areas lists the areas an address lies in, smallest first. Normalise the
// address before, or one place is counted under two names.
func (a Address) Areas() []Area {
	var out []Area
	if a.Community != "" {
		out = append(out, Area{LevelCommunity, a.District, a.Street, a.Community})
	}
	if a.Street != "" {
		out = append(out, Area{Level: LevelStreet, District: a.District, Street: a.Street})
	}
	if a.District != "" {
		out = append(out, Area{Level: LevelDistrict, District: a.District})
	}
	return out
}

// Key is the path of the area from the district down: 历下区/文化东路街道/甸柳新村.
// A level that is not known stays empty in its place: 历下区//甸柳新村.
func (a Area) Key() string {
	switch a.Level {
	case LevelCommunity:
		return strings.Join([]string{a.District, a.Street, a.Community}, "/")
	case LevelStreet:
		return a.District + "/" + a.Street
	}
	return a.District
}

// Name is the last word of the key.
func (a Area) Name() string {
	switch a.Level {
	case LevelCommunity:
		return a.Community
	case LevelStreet:
		return a.Street
	}
	return a.District
}

// Same reports whether two areas are of one level and one name and nothing
// known of one contradicts the other: a resident who leaves the district out
// still means the same community.
func (a Area) Same(b Area) bool {
	agree := func(x, y string) bool { return x == "" || y == "" || x == y }
	return a.Level == b.Level && a.Name() == b.Name() && a.Name() != "" &&
		agree(a.District, b.District) && agree(a.Street, b.Street)
}

// Districts lists the districts of the shipped gazetteer.
func Districts() []string { return shipped().Districts() }

// Parts reads the pieces of addresses out of a text by the shipped gazetteer.
// See Gazetteer.Parts.
func Parts(text string) []Part { return shipped().Parts(text) }
