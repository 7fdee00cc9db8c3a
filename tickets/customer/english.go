package customer

import "strings"

// English places, as visitors write them: Shanda South Road No. 27, Building 3,
// Sunshine Gardens. The number follows its road or stands before its home.
var (
	englishRoad   = newHead(`^(?:[A-Z][A-Za-z]+ ){1,3}(?:Road|Rd|Street|St|Avenue|Ave|Lane|Alley|Highway)\b`)
	englishHome   = newHead(`^(?:[A-Z][A-Za-z]+ ){1,3}(?:Gardens?|Community|Residences?|Mansion|Village|Apartments|Estate|Court|Compound)\b`)
	englishSight  = newHead(`^(?:[A-Z][A-Za-z]+ ){1,3}(?:Square|Plaza|Hospital|School|University|Hotel|Park|Station|Mall)\b`)
	englishNumber = newHead(`^[, ]{0,2}(?:[Nn]o\.?|[Nn]umber|[Bb]uilding|[Bb]ldg\.?|[Bb]lock|[Uu]nit|[Rr]oom|[Aa]pt\.?|[Aa]partment|[Ff]lat|[Ff]loor) ?#?[0-9]{1,5}[A-Z]?\b`)
	englishSpot   = newHead(`^,? ?(?:by|near|opposite|next to|behind|in front of|across from) the [a-z]+(?: [a-z]+)?`)
)

func (l *lexer) english(rest string) (Part, bool) {
	if s := englishNumber.FindString(rest); s != "" && (l.touches(PartRoad, PartCommunity, PartNumber) || l.begin && s == strings.TrimLeft(s, ", ")) {
		return Part{Kind: PartNumber, Text: s}, true
	}
	if s := englishSpot.FindString(rest); s != "" && l.touches(PartRoad, PartCommunity, PartNumber, PartLandmark) {
		return Part{Kind: PartSide, Text: s}, true
	}
	if !l.begin {
		return Part{}, false
	}
	for kind, names := range map[PartKind]head{PartRoad: englishRoad, PartCommunity: englishHome, PartLandmark: englishSight} {
		if s := names.FindString(rest); s != "" {
			return Part{Kind: kind, Text: s}, true
		}
	}
	return Part{}, false
}
