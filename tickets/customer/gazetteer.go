package customer

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
)

//go:embed gazetteer.yaml
var shippedGazetteer []byte

// shipped is the embedded gazetteer, read at the first address.
var shipped = sync.OnceValue(func() *Gazetteer {
	g, err := LoadGazetteer("")
	if err != nil {
		panic(err) // the embedded file is part of the program; a test reads it
	}
	return g
})

// ErrGazetteer is returned for a gazetteer file that cannot be used.
var ErrGazetteer = errors.New("customer: bad gazetteer")

// Gazetteer knows the names of places and which names mean the same place. It
// is never changed after it was made, so it may be shared.
type Gazetteer struct {
	districts []district
	names     map[rune][]placeName // by first character, longest first
	streets   map[string]placeName // by name with and without 街道 or 镇
	aliases   map[string]string
	homes     map[string]string // community to district
	landmarks map[string]bool   // those that are an address by themselves
}

type district struct {
	Name    string   `yaml:"name"`
	Aliases []string `yaml:"aliases"`
	Streets []string `yaml:"streets"`
}

// A placeName is one known name.
type placeName struct {
	text     string
	kind     PartKind
	name     string // what it is properly called
	district string
}

// LoadGazetteer reads the shipped names and adds those of a file of the same
// shape; path "" adds none. Errors: ErrGazetteer, or that of reading the file.
func LoadGazetteer(path string) (*Gazetteer, error) {
	g := &Gazetteer{
		names: map[rune][]placeName{}, streets: map[string]placeName{},
		aliases: map[string]string{}, homes: map[string]string{}, landmarks: map[string]bool{},
	}
	if err := g.add(shippedGazetteer); err != nil {
		return nil, err
	}
	if path != "" {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("gazetteer: %w", err)
		}
		if err := g.add(b); err != nil {
			return nil, fmt.Errorf("gazetteer %s: %w", path, err)
		}
	}
	if err := g.index(); err != nil {
		return nil, err
	}
	return g, nil
}

func (g *Gazetteer) add(b []byte) error {
	var file struct {
		Districts   []district          `yaml:"districts"`
		Roads       []string            `yaml:"roads"`
		Landmarks   []string            `yaml:"landmarks"`
		Sights      []string            `yaml:"sights"`
		Communities map[string][]string `yaml:"communities"`
		Aliases     map[string]string   `yaml:"aliases"`
	}
	if err := yaml.UnmarshalWithOptions(b, &file, yaml.Strict()); err != nil {
		return fmt.Errorf("%w: %w", ErrGazetteer, err)
	}
	for _, d := range file.Districts {
		i := slices.IndexFunc(g.districts, func(x district) bool { return x.Name == d.Name })
		if i < 0 {
			g.districts = append(g.districts, d)
			continue
		}
		g.districts[i].Aliases = append(g.districts[i].Aliases, d.Aliases...)
		g.districts[i].Streets = append(g.districts[i].Streets, d.Streets...)
	}
	for _, n := range file.Landmarks {
		g.landmarks[n] = true
	}
	for _, n := range append(file.Landmarks, file.Sights...) {
		g.know(placeName{kind: PartLandmark, name: n}, n)
	}
	for _, r := range file.Roads {
		g.know(placeName{kind: PartRoad, name: r}, r)
	}
	for district, names := range file.Communities {
		for _, n := range names {
			g.homes[n] = district
			g.know(placeName{kind: PartCommunity, name: n}, n)
		}
	}
	for alias, name := range file.Aliases {
		g.aliases[alias] = name
		g.know(placeName{kind: PartCommunity, name: name}, alias)
		g.know(placeName{kind: PartCommunity, name: name}, name)
	}
	return nil
}

// index finishes the table once every file is read.
func (g *Gazetteer) index() error {
	for _, d := range g.districts {
		if d.Name == "" {
			return fmt.Errorf("%w: a district without a name", ErrGazetteer)
		}
		for _, n := range append([]string{d.Name}, d.Aliases...) {
			g.know(placeName{kind: PartDistrict, name: d.Name, district: d.Name}, n)
		}
		for _, s := range d.Streets {
			p := placeName{kind: PartStreet, name: s, district: d.Name}
			g.know(p, s, s+"办事处", bareStreet(s)+"街道办", bareStreet(s)+"镇")
			g.streets[s], g.streets[bareStreet(s)] = p, p
		}
	}
	for alias, name := range g.aliases {
		if next, ok := g.aliases[name]; ok {
			return fmt.Errorf("%w: %s means %s, which means %s", ErrGazetteer, alias, name, next)
		}
	}
	for community, district := range g.homes {
		if g.district(district) == "" {
			return fmt.Errorf("%w: %s lies in the unknown district %s", ErrGazetteer, community, district)
		}
	}
	for first, names := range g.names {
		slices.SortFunc(names, func(a, b placeName) int { return len(b.text) - len(a.text) })
		g.names[first] = names
	}
	return nil
}

func (g *Gazetteer) know(p placeName, texts ...string) {
	for _, s := range texts {
		if p.text = s; s != "" {
			first := firstRune(s)
			g.names[first] = append(g.names[first], p)
		}
	}
}

// nameAt is the longest known name that s begins with.
func (g *Gazetteer) nameAt(s string) (placeName, bool) {
	for _, n := range g.names[firstRune(s)] {
		if strings.HasPrefix(s, n.text) {
			return n, true
		}
	}
	return placeName{}, false
}

func bareStreet(s string) string {
	for _, suffix := range []string{"街道", "镇", "乡"} {
		if bare := strings.TrimSuffix(s, suffix); bare != s {
			return bare
		}
	}
	return s
}

// Districts lists the districts in the order of the file.
func (g *Gazetteer) Districts() []string {
	out := make([]string, len(g.districts))
	for i, d := range g.districts {
		out[i] = d.Name
	}
	return out
}

// Streets lists the streets and towns of a district.
func (g *Gazetteer) Streets(of string) []string {
	for _, d := range g.districts {
		if d.Name == of {
			return slices.Clone(d.Streets)
		}
	}
	return nil
}

// district is the proper name of a district, with or without 区 or 县, or "".
func (g *Gazetteer) district(s string) string {
	for _, d := range g.districts {
		bare := strings.TrimSuffix(strings.TrimSuffix(d.Name, "区"), "县")
		if s == d.Name || s == bare || slices.Contains(d.Aliases, s) {
			return d.Name
		}
	}
	return ""
}

// Normalize gives a place its proper names: district and street in full, one
// name for a community that is reported under several, zones in Chinese
// numerals (三区), and the district a known street or community lies in. Text
// is kept as it was said. Normalize of its own result changes nothing.
func (g *Gazetteer) Normalize(a Address) Address {
	a.District, a.Street = squeeze(a.District), squeeze(a.Street)
	if d := g.district(a.District); d != "" {
		a.District = d
	}
	if s, ok := g.streets[a.Street]; ok {
		a.Street = s.name
		if a.District == "" {
			a.District = s.district
		}
	}
	name, zone := splitZone(squeeze(a.Community))
	if to, ok := g.aliases[name]; ok {
		name = to
	}
	a.Community = name + zone
	if home, ok := g.homes[name]; ok && a.District == "" {
		a.District = g.district(home)
	}
	a.Detail = figuresOf(squeeze(a.Detail))
	return a
}

// Town splits a name that begins with a town or a street in short, as people
// say it: 港沟云麓山庄 is 云麓山庄 in 港沟. What remains must be a name by itself:
// 王官庄小区 is one name. false when there is none.
func (g *Gazetteer) Town(name string) (town, rest string, ok bool) {
	r := []rune(name)
	for n := min(4, len(r)-3); n >= 2; n-- {
		town, rest := string(r[:n]), string(r[n:])
		if _, known := g.streets[town]; known && !kindOfPlace.MatchString(rest) {
			return town, rest, true
		}
	}
	return "", "", false
}

// kindOfPlace begins what names a kind or a part of a place, and no place.
var kindOfPlace = regexp.MustCompile(`^(?:小区|新村|新居|新苑|花园|家园|社区|新区|公寓|宿舍|大厦|广场|[东西南北中]|[一二三四五六七八九十0-9]|街|路|大街|村|庄|镇|家|办|道)`)
