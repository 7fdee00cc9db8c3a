package claims_test

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"quandesk/bot/claims"
	"quandesk/kb"
	"quandesk/server/watched"
)

// changed is a correct answer with one thing in it made wrong.
type changed struct{ id, was, is string }

var (
	figureAt   = regexp.MustCompile(`[0-9]+`)
	numeralAt  = regexp.MustCompile(`([二两三四五六七八九十])(个?工作日|小时|分钟|日|天|年|个月|次|种|级|项)`)
	unitAt     = regexp.MustCompile(`([0-9二两三四五六七八九十半])(个?工作日|小时|分钟|日|天|年|个月|毫米|%)`)
	denialAt   = regexp.MustCompile(`不(?:能|得|用|需|收|要|会|再|可|许|管|准|停|少|低|超|另|影响)|没有|无需|无法|未经`)
	assertAt   = regexp.MustCompile(`可以|需要|必须|应当|应|能|要|会|属于|包括|由`)
	otherUnits = map[string]string{"工作日": "小时", "个工作日": "个月", "小时": "分钟", "分钟": "小时", "日": "年", "天": "周", "年": "日", "个月": "年", "毫米": "米", "%": "倍"}
)

// mutations changes digits, units, negations and nouns of an article's text,
// each wherever it can be done once.
func mutations(a kb.Article, words []string, rnd *rand.Rand) map[string][]changed {
	text, out := whole(a), map[string][]changed{}
	add := func(what string, at []int, instead string) {
		if at != nil {
			out[what] = append(out[what], changed{a.ID, text[at[0]:at[1]], text[:at[0]] + instead + text[at[1]:]})
		}
	}
	for range 4 {
		for _, at := range figureAt.FindAllStringIndex(text, -1) {
			digits := []byte(text[at[0]:at[1]])
			i := rnd.IntN(len(digits))
			digits[i] = '0' + (digits[i]-'0'+1+byte(rnd.IntN(8)))%10
			add("digit", at, string(digits))
		}
	}
	for _, m := range numeralAt.FindAllStringSubmatchIndex(text, -1) {
		if strings.HasPrefix(text[m[0]:], "二次供水") || strings.HasPrefix(text[m[0]:], "二次加压") {
			continue
		}
		other := "七"
		if text[m[2]:m[3]] == other {
			other = "三"
		}
		add("digit", []int{m[2], m[3]}, other)
	}
	for _, m := range unitAt.FindAllStringSubmatchIndex(text, -1) {
		add("unit", []int{m[4], m[5]}, otherUnits[text[m[4]:m[5]]])
	}
	for _, at := range denialAt.FindAllStringIndex(text, -1) {
		word := text[at[0]:at[1]]
		instead := strings.TrimLeft(word, "不未")
		if word == "没有" || word == "无需" || word == "无法" {
			instead = map[string]string{"没有": "有", "无需": "需要", "无法": "能"}[word]
		}
		add("negation", at, instead)
	}
	for _, at := range assertAt.FindAllStringIndex(text, 3) {
		before := text[:at[0]]
		if r, _ := utf8.DecodeLastRuneInString(before); !strings.ContainsRune("不没无未", r) {
			add("negation", at, "不"+text[at[0]:at[1]])
		}
	}
	n := 0
	for _, w := range words {
		i := strings.Index(text, w)
		if i < 0 || n == 3 {
			continue
		}
		other := words[rnd.IntN(len(words))]
		if strings.Contains(text, other) || strings.Contains(other, w) || strings.Contains(w, other) {
			continue
		}
		n++
		add("noun", []int{i, i + len(w)}, other)
	}
	return out
}

// The rates of design/bot-quality.md section 3 may rise and not fall.
func TestMutationsAreCaught(t *testing.T) {
	if watched.ByRace() {
		t.Skip("rates need every article")
	}
	// What is reached; design/bot-quality.md asks for 0.99 and 0.90.
	target := map[string]float64{"digit": 1, "unit": 1, "negation": 0.97, "noun": 0.99}
	all := told(t)
	var words []string // nouns that editors gave the articles, not the lexicon of this package
	for _, a := range all {
		for _, k := range a.Keywords {
			if n := utf8.RuneCountInString(k); n >= 2 && n <= 5 && !figureAt.MatchString(k) {
				words = append(words, k)
			}
		}
	}
	caught, made := map[string]int{}, map[string]int{}
	for deal := range uint64(4) { // one deal of the words may be a lucky one
		rnd := rand.New(rand.NewPCG(deal, 11))
		rnd.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
		for _, a := range all {
			for what, list := range mutations(a, words, rnd) {
				for _, m := range list {
					made[what]++
					if len(claims.CheckWording(m.is, by(a))) > 0 {
						caught[what]++
						continue
					}
					t.Logf("missed %s in %s: %s\n%s", what, m.id, m.was, m.is)
				}
			}
		}
	}
	for what, least := range target {
		rate := float64(caught[what]) / float64(made[what])
		t.Logf("%s: %d of %d caught, %.3f", what, caught[what], made[what], rate)
		require.GreaterOrEqual(t, rate, least, what)
	}
}
