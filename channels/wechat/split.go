package wechat

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
)

// partBytes is how much text one message may carry. The documents name no
// figure; clients show an outage text beyond 2,047 bytes of UTF-8.
const partBytes = 2000

// whole matches what loses its meaning when it is cut: a link of WeChat's own
// kind, and an address.
var whole = regexp.MustCompile(`(?s)<a\s[^>]*>.*?</a>|(?:https?|weixin)://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+`)

// Split cuts a text into parts of at most limit bytes, in order. It cuts at
// the end of a paragraph, else of a sentence, else of a phrase, else between
// two characters as people see them; never inside an address or a link that
// fits a part. Blanks at the cuts are dropped, nothing else is.
func Split(text string, limit int) []string {
	text = strings.TrimSpace(text)
	limit = max(limit, utf8.UTFMax)
	var parts []string
	for len(text) > limit {
		at := cutAt(text, limit)
		if part := strings.TrimSpace(text[:at]); part != "" {
			parts = append(parts, part)
		}
		text = strings.TrimSpace(text[at:])
	}
	if text != "" {
		parts = append(parts, text)
	}
	return parts
}

// Parts is Split with the parts numbered when there are several: （1/3）. The
// number counts towards limit.
func Parts(text string, limit int) []string {
	parts := Split(text, limit)
	if len(parts) < 2 {
		return parts
	}
	// How many there are decides how long the numbers are, and the other way
	// round; they settle after a round or two.
	for digits := 1; ; digits++ {
		room := len("（/）") + 2*digits
		parts = Split(text, limit-room)
		if len(fmt.Sprint(len(parts))) <= digits {
			break
		}
	}
	for i, p := range parts {
		parts[i] = fmt.Sprintf("（%d/%d）%s", i+1, len(parts), p)
	}
	return parts
}

// ends are where a text may be cut, the better ones first. A cut in the first
// half would make many short parts, so a worse end further on is preferred.
var ends = []struct {
	after    string
	earliest int // share of the limit, in hundredths
}{
	{"\n", 50}, {"。！？；…!?;", 40}, {"，、：,: \t", 30}, {"\n。！？；…!?;，、：,: \t", 10},
}

// cutAt is where a text of more than limit bytes is cut.
func cutAt(text string, limit int) int {
	end := lastBoundary(text, limit)
	bars := whole.FindAllStringIndex(text[:min(len(text), end+limit)], -1)
	for _, e := range ends {
		for at := end; at > limit*e.earliest/100; {
			if over(text[:at], e.after) && begins(text[at:]) && free(bars, at, limit) {
				return at
			}
			_, size := utf8.DecodeLastRuneInString(text[:at])
			at -= size
		}
	}
	for at := end; at > 0; at = lastBoundary(text, at-1) {
		if free(bars, at, limit) {
			return at
		}
	}
	return end
}

// over reports whether a text ends with one of these marks, and perhaps with
// what closes a quotation behind it.
func over(text, marks string) bool {
	r, _ := utf8.DecodeLastRuneInString(strings.TrimRight(text, "”’」』）》】"))
	return strings.ContainsRune(marks, r)
}

// begins reports whether a text may begin a part: a closing mark or a second
// full stop belongs to what was before.
func begins(rest string) bool {
	r, _ := utf8.DecodeRuneInString(rest)
	return !strings.ContainsRune("”’」』）》】。！？；…!?;.,，、", r)
}

// free reports whether a cut at this place is outside everything that must
// stay whole, unless that is too long for a part anyway.
func free(bars [][]int, at, limit int) bool {
	for _, b := range bars {
		if b[0] < at && at < b[1] && b[1]-b[0] <= limit {
			return false
		}
	}
	return true
}

// lastBoundary is the last place within limit bytes that is between two
// characters as people see them, or between two runes where one such
// character is longer than that.
func lastBoundary(text string, limit int) int {
	if limit <= 0 {
		return 0
	}
	// Characters of more than a few dozen bytes are decoration: looking back
	// this far finds the boundary without reading the whole text.
	const far = 256
	from := max(0, limit-far)
	for from < len(text) && !utf8.RuneStart(text[from]) {
		from++
	}
	at := 0
	for g := graphemes.FromString(text[from:min(len(text), limit+far)]); g.Next(); {
		if from+g.Start() > limit {
			break
		}
		at = from + g.Start()
	}
	if at > 0 {
		return at
	}
	at = min(limit, len(text))
	for at > 0 && at < len(text) && !utf8.RuneStart(text[at]) {
		at--
	}
	return at
}
