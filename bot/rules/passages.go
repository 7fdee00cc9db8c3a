package rules

import (
	"strings"
	"unicode/utf8"
)

// inPassing is how sure the classifier must be of a passage that is told among
// other things: 「对了，仓库门口的地面塌了个洞，叉车掉进去一个，先把票给我开了吧」.
const inPassing = 0.935

// passing reports whether a passage of a long message tells of a danger that
// the whole of it does not sound like. The places are those of the whole.
func (u *Rules) passing(text string, p place) bool {
	all := passages(text)
	if len(all) < 2 {
		return false
	}
	for _, at := range all {
		passage := text[at[0]:at[1]]
		folded := fold(passage)
		if !tellsOf.MatchString(folded) || supposing.MatchString(folded) {
			continue
		}
		if u.danger(u.model.known(u.reader.features(passage, p.within(at[0], at[1]), ""))) > inPassing {
			return true
		}
	}
	return false
}

// danger is how likely known features tell of one.
func (u *Rules) danger(known features) float64 { return u.model.score(known, dangerHead)[1] }

// within is the place as a part of its text sees it.
func (p place) within(from, to int) place {
	var out place
	for _, s := range p.spans {
		if s[0] >= from && s[1] <= to {
			out.spans = append(out.spans, [2]int{s[0] - from, s[1] - from})
		}
	}
	return out
}

// passages are the sentences of a message, in bytes, short ones with the next; a
// sentence that is too long is parted at its commas.
func passages(text string) [][2]int {
	const long, short = 60, 20
	var out [][2]int
	start, n := 0, 0      // of the passage: where it begins, how many characters it has
	comma, before := 0, 0 // the last one in it, and how many characters there are up to it
	for i, r := range text {
		n++
		end := i + utf8.RuneLen(r)
		switch {
		case n > short && strings.ContainsRune("。！!？?；;\n…", r):
			out = append(out, [2]int{start, end})
			start, n, comma = end, 0, 0
		case strings.ContainsRune("，,、 ", r):
			comma, before = end, n
		}
		if n > long && comma > start {
			out = append(out, [2]int{start, comma})
			start, n, comma = comma, n-before, 0
		}
	}
	if start < len(text) {
		out = append(out, [2]int{start, len(text)})
	}
	return out
}
