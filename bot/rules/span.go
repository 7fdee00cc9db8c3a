package rules

import "strings"

// place is what a message says about where.
type place struct {
	address, community, road, district string
	spans                              [][2]int // for masking in the features
}

// place joins the parts of a place and names them as the guide of the
// evaluation sets does: a bare community or a bare road is no address.
func (g gazetteer) place(text string) place {
	r := []rune(text)
	parts := g.places(r)
	var out place
	best := 0
	for i := 0; i < len(parts); {
		j := i + 1
		for j < len(parts) && joined(r, parts[j-1], parts[j]) {
			j++
		}
		group := parts[i:j]
		from, to := group[0].from, group[len(group)-1].to
		out.spans = append(out.spans, [2]int{from, to})
		if w := weight(group); w > best || w == best && w > 0 && corrected(string(r[:from])) {
			best, out.address = w, string(r[from:to])
		}
		for _, p := range group {
			out.note(p.kind, string(r[p.from:p.to]))
		}
		i = j
	}
	return out
}

func (p *place) note(kind kindOfPart, words string) {
	switch {
	case kind == inDistrict && p.district == "":
		p.district = words
	case kind == onRoad && p.road == "":
		p.road = words
	case kind == inCommunity && p.community == "":
		p.community = words
	}
}

// joined reports whether two parts belong to one place: nothing between
// them but a space, 的, a comma or the 与 of a crossing.
func joined(r []rune, a, b part) bool {
	between := string(r[a.to:b.from])
	switch between {
	case "", " ", "的", "  ":
		return true
	case "，", ",", "、", "/":
		return b.kind == atNumber || a.kind == inDistrict || a.kind == onRoad && b.kind == inCommunity
	case "与", "和", "跟", "交", "到", "至", "-":
		return a.kind == onRoad && b.kind == onRoad
	case "（", "(":
		return false
	}
	return strings.TrimSpace(between) == ""
}

// weight says how well a place is pinned down; 0 is not an address.
func weight(group []part) int {
	var has [6]int
	length := 0
	for _, p := range group {
		has[p.kind]++
		length += p.to - p.from
	}
	named := has[onRoad] + has[inCommunity] + has[atLandmark]
	switch {
	case has[atNumber] > 0 && named > 0:
		return 300 + length
	case has[atNumber] > 0 || has[atTail] > 0 && named > 0 || has[atLandmark] > 0 || has[onRoad] > 1:
		return 200 + length
	case has[inCommunity] > 0 && has[onRoad]+has[inDistrict] > 0:
		return 100 + length
	}
	return 0
}
