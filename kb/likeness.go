package kb

import (
	"maps"
	"slices"
	"strings"
	"unicode"
)

// How much the words of a question count when it is compared with another:
// those that every second question holds say little.
const (
	wordWeight   = 1.0
	commonWeight = 0.5
	// A run of characters that is no word known here counts by its characters
	// and by its pairs, so that another order does not part it altogether.
	characterWeight = 0.5
	pairWeight      = 0.5
	pairMark        = "+"
	// What each of two questions may say that the other does not: a wrong
	// character, but not another word, 支付宝 for 微信.
	astray = 0.9
)

// common are the groups of synonyms that every second question holds, by their
// first word.
var common = strings.Fields("怎么 什么 哪里 多久 多少钱 为什么 谁 什么意思 水费 水表 电话 公司 用户 供水企业 户内 水")

// paying is 交 however it is written; what is paid is 水费 when nothing else is
// named.
const (
	paying  = "交"
	charges = "水费"
	payment = "交费" // the group of synonyms
)

// filler are the words and particles that questions differ in and mean the same.
var filler = strings.Fields(`吗 呢 啊 呀 吧 嘛 么 哦 噢 喔 啦 哈 呗 咧 哇 了 的 着 是 不是 是不是 给 把 被 让 跟 和 与 同
	我 我们 俺 俺们 咱 咱们 你 你们 您 恁 他 她 它 人家 自己 家 我家 俺家 我想 想 要 请 请您 能 能不能 能否 可以 可不可以 可否 会不会 行不行 有没有 有
	在 到 去 来 这 那 这个 那个 这么 那么 这样 现在 目前 今天 一下 一个 一些 一点 就 都 也 还 再 又 才 很 太 挺 不 没
	the a an is are am be do does did can could will would should i my me we our you your it to in on at of for and please how what
	如果 要是 的话 因为 所以 但是 而且 然后 或者 还是 里面 时候 需要 应该 应当`)

// likeness compares questions by their words.
type likeness struct {
	words   map[string]string // by word what it counts as; empty for none
	longest int
}

func newLikeness(w Words) *likeness {
	l := &likeness{words: map[string]string{}}
	add := func(word, as string) {
		word = strings.ToLower(word)
		l.words[word] = as
		l.longest = max(l.longest, len([]rune(word)))
	}
	for _, word := range slices.Concat(filler, w.Noise) {
		add(word, "")
	}
	for _, group := range w.Synonyms {
		for _, word := range group {
			add(word, group[0])
		}
	}
	for word, as := range map[string]string{"多少": "多少钱", "缴": paying, "交": paying} {
		add(word, as)
	}
	return l
}

// terms are what a question is compared by, with their weights. A question of
// fillers alone is compared by those.
func (l *likeness) terms(text string) map[string]float64 {
	letters := plainLetters(text)
	out := map[string]float64{}
	for i := 0; i < len(letters); {
		word, as := 0, ""
		if !latin(letters[i]) {
			word, as = l.at(letters[i:])
		}
		switch {
		case word > 0 && as == "":
			i += word
		case word > 0:
			known(as, out)
			i += word
		case letters[i] == ' ':
			i++
		case latin(letters[i]):
			end := i + 1
			for end < len(letters) && latin(letters[end]) {
				end++
			}
			if word := string(letters[i:end]); !l.fills(word) {
				out[word] = wordWeight
			}
			i = end
		default:
			end := i + 1
			for end < len(letters) && letters[end] != ' ' && !latin(letters[end]) && !l.starts(letters[end:]) {
				end++
			}
			run(letters[i:end], out)
			i = end
		}
	}
	if len(out) == 0 {
		run(letters, out)
	}
	return out
}

func known(word string, out map[string]float64) {
	switch {
	case word == payment:
		known(paying, out)
		known(charges, out)
	case slices.Contains(common, word):
		out["="+word] = commonWeight
	default:
		out["="+word] = wordWeight
	}
}

// run adds characters that are no known word.
func run(letters []rune, out map[string]float64) {
	if len(letters) == 1 && letters[0] != ' ' {
		out[string(letters)] = wordWeight
		return
	}
	for i, r := range letters {
		if r == ' ' {
			continue
		}
		out[string(r)] = max(out[string(r)], characterWeight)
		if i+1 < len(letters) && letters[i+1] != ' ' {
			out[pairMark+string(letters[i:i+2])] = pairWeight
		}
	}
}

// at is the longest known word at the beginning, and what it counts as.
func (l *likeness) at(letters []rune) (length int, as string) {
	for n := min(l.longest, len(letters)); n > 0; n-- {
		if as, ok := l.words[string(letters[:n])]; ok {
			return n, as
		}
	}
	return 0, ""
}

// latin reports whether a letter or digit belongs to a word that has blanks
// around it.
func latin(r rune) bool { return r < 0x2E80 && r != ' ' }

func (l *likeness) fills(word string) bool {
	as, ok := l.words[word]
	return ok && as == ""
}

func (l *likeness) starts(letters []rune) bool { n, _ := l.at(letters); return n > 0 }

// plainLetters are the letters and digits of a text in their plain form, with
// one space for whatever stands between them.
func plainLetters(text string) []rune {
	var out []rune
	for _, r := range text {
		if r >= '！' && r <= '～' {
			r -= '！' - '!'
		}
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			out = append(out, unicode.ToLower(r))
		case len(out) > 0 && out[len(out)-1] != ' ':
			out = append(out, ' ')
		}
	}
	return []rune(strings.TrimSpace(string(out)))
}

// gathered finds the group of questions seen before that is like a new one.
type gathered struct {
	sums   []sum              // by question
	group  []int              // by question
	size   []int              // by group
	having map[string][]holds // by term
	blank  int                // the group of questions without any; -1 for none
}

// sum is what the words of a question, or those it shares, weigh.
type sum struct {
	all   float64
	words float64 // without pairs: the order of them does not matter
}

func (s *sum) add(term string, weight float64) {
	s.all += weight
	if !strings.HasPrefix(term, pairMark) {
		s.words += weight
	}
}

type holds struct {
	question int
	weight   float64
}

func newGathered() *gathered { return &gathered{having: map[string][]holds{}, blank: -1} }

// add puts a question into the group with the one most like it, or a new one,
// and returns which.
func (g *gathered) add(terms map[string]float64) int {
	n, total := len(g.sums), sum{}
	shared := make([]sum, n)
	for _, term := range slices.Sorted(maps.Keys(terms)) {
		weight := terms[term]
		total.add(term, weight)
		for _, h := range g.having[term] {
			shared[h.question].add(term, min(weight, h.weight))
		}
		g.having[term] = append(g.having[term], holds{n, weight})
	}
	at := g.likest(total, shared)
	if len(terms) == 0 {
		at = g.blank
	}
	if at < 0 {
		at = len(g.size)
		g.size = append(g.size, 0)
	}
	if len(terms) == 0 {
		g.blank = at
	}
	g.size[at]++
	g.sums, g.group = append(g.sums, total), append(g.group, at)
	return at
}

// likest is the group that holds the question most like one, of those whose
// questions are akin to it on the whole; -1 for none.
func (g *gathered) likest(total sum, shared []sum) int {
	best, mean := make([]float64, len(g.size)), make([]float64, len(g.size))
	for i, s := range shared {
		their, at := g.sums[i], g.group[i]
		if s.all == 0 || min(total.words, their.words)-s.words > astray {
			continue // both say something of their own
		}
		like := 2 * s.all / (total.all + their.all)
		best[at] = max(best[at], like)
		mean[at] += like / float64(g.size[at])
	}
	found := -1
	for at := range best {
		if best[at] >= alike && mean[at] >= akin && (found < 0 || best[at] > best[found]) {
			found = at
		}
	}
	return found
}
