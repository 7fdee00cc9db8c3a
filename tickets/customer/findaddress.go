package customer

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// FindAddress finds the span of a message that pins a place down best: a road
// or a community with a number or a spot, a building, a junction, a landmark
// with a spot, or a community with its road or district. A bare district, road
// or community is none; Parts gives those. Of several spans the most exact
// wins, of equal ones the first.
func (g *Gazetteer) FindAddress(text string) (Found, bool) {
	return g.AddressAmong(text, g.Parts(text))
}

// AddressAmong is FindAddress for who has the Parts of the text already.
func (g *Gazetteer) AddressAmong(text string, parts []Part) (Found, bool) {
	var best []Part
	score := 0
	for _, chain := range chains(text, parts) {
		if n := g.weigh(chain); n > score {
			best, score = chain, n
		}
	}
	if score == 0 {
		return Found{}, false
	}
	start, end := best[0].Start, best[len(best)-1].End
	span := text[start:end]
	return Found{Text: span, Start: start, End: end, Address: g.address(span, start, best)}, true
}

// ParseAddress reads an address that stands alone. Nothing of the text is
// lost: what is neither district, street nor community is the detail.
func (g *Gazetteer) ParseAddress(text string) Address {
	text = strings.TrimSpace(text)
	return g.address(text, 0, g.Parts(text))
}

// address takes district, street and community out of a span that begins at
// base in the text of the parts; the rest of it is the detail.
func (g *Gazetteer) address(span string, base int, parts []Part) Address {
	a := Address{Text: span}
	detail, from := "", 0
	for _, p := range parts {
		field := map[PartKind]*string{
			PartCity: new(string), PartDistrict: &a.District, PartStreet: &a.Street, PartCommunity: &a.Community,
		}[p.Kind]
		if field == nil || *field != "" {
			continue
		}
		*field = p.Name
		detail += span[from : p.Start-base]
		from = p.End - base
	}
	a.Detail = strings.Trim(detail+span[from:], " ，,。；;、的")
	return g.Normalize(a)
}

// chains joins the parts that belong to one place.
func chains(text string, parts []Part) [][]Part {
	var out [][]Part
	for i, p := range parts {
		if i > 0 && follows(text[parts[i-1].End:p.Start], parts[i-1], p) {
			out[len(out)-1] = append(out[len(out)-1], p)
			continue
		}
		out = append(out, []Part{p})
	}
	for i, chain := range out {
		chain = trimJoints(chain)
		out[i] = chain
	}
	return slices.DeleteFunc(out, func(c []Part) bool { return len(c) == 0 })
}

func trimJoints(chain []Part) []Part {
	for len(chain) > 0 && chain[0].Kind == PartJoint {
		chain = chain[1:]
	}
	for len(chain) > 0 && chain[len(chain)-1].Kind == PartJoint {
		chain = chain[:len(chain)-1]
	}
	return chain
}

// follows reports whether b goes on with the place that a began, given what
// stands between them.
func follows(gap string, a, b Part) bool {
	switch strings.TrimSpace(gap) {
	case "":
		return b.Text != "泵房" || a.Kind != PartNumber // what is there, not where
	case "的":
		return b.Kind == PartNumber && a.Kind != PartSide || b.Kind == PartSide && !strip.MatchString(b.Text)
	case "那个", "的那个":
		return b.Kind == PartLandmark || b.Kind == PartCrossing
	case "，", ",":
		return a.Kind == PartCommunity && dashed.MatchString(b.Text) ||
			b.Kind == PartNumber && building.MatchString(b.Text) && a.Kind != PartNumber ||
			a.Kind == PartNumber && b.Kind == PartCommunity && b.Text[0] < utf8.RuneSelf || // Building 3, Sunshine Gardens
			a.Kind == PartRoad && b.Kind == PartLandmark ||
			a.Kind == PartDistrict && (b.Kind == PartRoad || b.Kind == PartCommunity)
	}
	return false
}

// strip is a part of a road that runs along all of it.
var strip = regexp.MustCompile(`道|绿化带|路中`)

// weigh says how exactly a chain pins a place down; 0 is not at all.
func (g *Gazetteer) weigh(chain []Part) int {
	count := map[PartKind]int{}
	built, known := false, false
	for _, p := range chain {
		count[p.Kind]++
		built = built || p.Kind == PartNumber && ownBuilding.MatchString(p.Text)
		known = known || p.Kind == PartLandmark && (g.landmarks[p.Text] || proper(p.Text))
	}
	area := count[PartRoad] + count[PartCommunity] + count[PartStreet] + count[PartDistrict]
	switch {
	case count[PartNumber] > 0 && count[PartRoad]+count[PartCommunity] > 0:
		return 10 + area
	case count[PartRoad] > 1 && (count[PartCrossing] > 0 || count[PartJoint] > 0 || adjacent(chain)):
		return 8 + area
	case count[PartLandmark] > 0 && (area+count[PartSide]+count[PartNumber] > 0 || count[PartLandmark] > 1):
		return 6 + area + count[PartSide]
	case count[PartSide]+count[PartCrossing] > 0 && count[PartRoad]+count[PartCommunity] > 0:
		return 6 + area
	case count[PartCommunity] > 0 && area > count[PartCommunity]:
		return 4 + area
	case built:
		return 3
	case known, count[PartLandmark]+count[PartCity] > 1:
		return 2
	}
	return 0
}

// proper reports whether a landmark has a name of its own of two characters at
// least: 盖家沟物流园, not 儿童医院 or 小区超市.
func proper(landmark string) bool {
	m := properName.FindStringSubmatch(landmark)
	return m != nil && utf8.RuneCountInString(m[1]) >= 2 && !commonName.MatchString(m[1])
}

var (
	properName = regexp.MustCompile(`^(\p{Han}+?)(?:` + landWord + `)+$`)
	commonName = regexp.MustCompile(`[送喝吃建盖开带看盯离到几个座种点约观水两上冲]|^(?:民营|私立|私人|小|文化|康复|中心|健身|休闲|生态|科技|工业|商业|带个|周六|周日|这种|社区|小区|村里|城里|孩子|儿子|女儿|孙子|孙女|单位|公司|学校|老年|儿童|儿科|妇幼|口腔|中医|人民|城市|污水|自来水|地下|露天|附近|旁边|隔壁|对面|楼下|门口|整个|一家|几家|哪个|哪家|各个|所有|不少|连锁|大型|小型|新建|乡镇|农村|实验|公办|私立|商务|快捷|综合|宠物|骨科|眼科|产科|消防|水务|供水|营业|水质|检测|服务|办事|自助|人工)+$`)
)

// ownBuilding is a number that names a building even without road or
// community: 3号楼2单元, not 二楼.
var ownBuilding = regexp.MustCompile(`号楼|号院|单元|^[0-9]{1,3}-[0-9]{1,2}-`)

// adjacent reports whether two roads stand next to each other: 纬二路经四路.
func adjacent(chain []Part) bool {
	for i := range chain[1:] {
		if chain[i].Kind == PartRoad && chain[i+1].Kind == PartRoad {
			return true
		}
	}
	return false
}
