package rules

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"quandesk/bot"
	"quandesk/tickets"
)

// phrase is one line of the example files: a pattern and what it means.
type phrase struct {
	pattern string
	intent  string
	detail  string // category, application, or stated or not
	urgent  bool
	later   bool
	weight  int
}

// grammar is the whole of the example files. The language is small:
// 「~name: a | b」 defines a filler, 「@ intent detail ! *n」 labels the lines
// below it, an intent - says that they teach nothing but danger, = that they do
// not even add to what is looked at, so that no other label moves, {name} takes a filler, (a|b|) is a choice in place, ※ is a place
// and ☎ a phone.
type grammar struct {
	fillers map[string][]string
	phrases []phrase
}

func readGrammar(t *testing.T) grammar {
	t.Helper()
	g := grammar{fillers: map[string][]string{}}
	files, err := filepath.Glob("examples/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no examples", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var now phrase
		for _, line := range strings.Split(string(raw), "\n") {
			switch {
			case line == "" || strings.HasPrefix(line, "# "):
			case strings.HasPrefix(line, "~"):
				name, words, _ := strings.Cut(line[1:], ": ")
				for _, w := range strings.Split(words, "|") {
					g.fillers[name] = append(g.fillers[name], strings.TrimSpace(w))
				}
			case strings.HasPrefix(line, "@ "):
				now = phrase{weight: 10}
				for i, f := range strings.Fields(line[2:]) {
					switch {
					case i == 0 && f == "=":
						now.intent, now.later = "-", true
					case i == 0:
						now.intent = f
					case f == "!":
						now.urgent = true
					case f[0] == '*':
						now.weight, _ = strconv.Atoi(f[1:])
					default:
						now.detail = f
					}
				}
			default:
				p := now
				p.pattern = line
				g.phrases = append(g.phrases, p)
			}
		}
	}
	return g
}

type writer struct {
	g   grammar
	rnd *rand.Rand
	ear map[string][]rune // characters by sound
}

func (w writer) one(of []string) string { return of[w.rnd.IntN(len(of))] }

func (w writer) chance(percent int) bool { return w.rnd.IntN(100) < percent }

// expand makes one sentence of a pattern.
func (w writer) expand(pattern string) string {
	for {
		open := strings.IndexByte(pattern, '{')
		if open < 0 {
			break
		}
		end := open + strings.IndexByte(pattern[open:], '}')
		words, ok := w.g.fillers[pattern[open+1:end]]
		if !ok {
			panic("no filler " + pattern[open+1:end])
		}
		pattern = pattern[:open] + w.one(words) + pattern[end+1:]
	}
	for {
		end := strings.IndexByte(pattern, ')')
		if end < 0 {
			break
		}
		open := strings.LastIndexByte(pattern[:end], '(')
		pattern = pattern[:open] + w.one(strings.Split(pattern[open+1:end], "|")) + pattern[end+1:]
	}
	return pattern
}

// say makes one message: the core, and what people put around it.
func (w writer) say(p phrase) string {
	s := w.expand(p.pattern)
	fill := func(name string) string { return w.one(w.g.fillers[name]) }
	sep := func() string { return w.one([]string{"，", "，", "。", " ", "", "！", "…", ","}) }
	problem := p.urgent || p.intent == "complaint" || p.intent == "repair" || p.intent == "outage"
	if problem {
		if p.intent == "complaint" && w.chance(22) {
			s += sep() + fill("mood")
		}
		if p.intent == "repair" && w.chance(15) {
			s += sep() + fill("plea")
		}
		switch w.rnd.IntN(9) {
		case 0, 1:
			s = "※" + sep() + s
		case 2:
			s += sep() + "地址" + w.one([]string{"", "是", "：", "在"}) + "※"
		case 3:
			s = "我住※" + sep() + s
		case 4:
			s += sep() + "※"
		}
		if w.chance(22) {
			s += sep() + w.one([]string{"电话☎", "☎", "联系电话☎", "我电话☎", "打我电话☎", "手机号☎"})
		}
	}
	if p.intent != "smalltalk" && p.intent != "human" && w.chance(22) {
		for range 1 + w.rnd.IntN(3) {
			s = fill("story") + sep() + s
		}
		if w.chance(30) {
			s += sep() + fill("story")
		}
	}
	if p.intent != "smalltalk" && w.chance(22) {
		s = fill("hi") + w.one([]string{"，", "", " ", "！"}) + s
	}
	if w.chance(15) {
		s += w.one([]string{"，", "", " "}) + fill("bye")
	}
	s = w.places(s)
	if w.chance(25) {
		s = w.chatty(s)
	}
	if w.chance(25) {
		s = w.noise(s)
	}
	return s
}

var particles = strings.NewReplacer("吗", "嘛", "了，", "啦，", "呢", "捏", "这样", "介样", "时候", "时侯", "知道", "造", "没有", "木有")

// chatty adds what people say to be friendly, and what thumbs add.
func (w writer) chatty(s string) string {
	before := []string{"哎，", "话说，", "亲，", "宝子，", "哎呀", "那个，", "嗨，", "打扰啦，", "跟您打听个事儿，", "我寻思着，", "我就想说，", "请教一下哈，", "小妹，", "哥，", "老师，", "就是说，", "哈喽呀，", "说起来，", "实不相瞒，", "悄悄问一句，", "救救孩子，", "弱弱地问一句，", "刚想起来，", "哦对了，", "欸，"}
	after := []string{"～", "呀", "哈", "嘞", "咯", "哇", "😅", "😂", "🤔", "🙏", "😭", "😊", "呢～", "哦", "啊啊啊", "捏", "😮‍💨", "哈哈", "…", "！！", "？？", "啦", "叭", "噻", "哩"}
	if w.chance(60) {
		s = w.one(before) + s
	}
	if w.chance(60) {
		s += w.one(after)
	}
	if w.chance(30) {
		s = particles.Replace(s)
	}
	return s
}

// places puts real places and phones in half of the messages.
func (w writer) places(s string) string {
	first := []string{"东升", "金域", "翠湖", "阳光", "和谐", "银杏", "丽水", "紫荆", "锦绣", "明珠", "龙泽", "云锦", "滨河", "朝阳", "福瑞", "盛景", "泉韵", "祥泰", "中建", "荣盛"}
	last := []string{"花园", "小区", "家园", "苑", "新村", "公寓", "国际", "名都", "华府", "新城", "大厦", "社区", "庄园", "", "雅居"}
	roads := []string{"历山路", "经七路", "华能路", "花园东路", "泺源大街", "工业南路", "明湖北路", "建国小经三路", "舜世路", "旅游路", "凤凰大街"}
	for strings.Contains(s, "※") {
		if w.chance(50) {
			return strings.ReplaceAll(strings.ReplaceAll(s, "☎", w.phone()), "※", w.one(first)+w.one(last))
		}
		place := w.one(first) + w.one(last)
		switch w.rnd.IntN(6) {
		case 0:
			place += strconv.Itoa(1+w.rnd.IntN(30)) + "号楼"
		case 1:
			place += strconv.Itoa(1+w.rnd.IntN(30)) + "号楼" + strconv.Itoa(1+w.rnd.IntN(4)) + "单元" + strconv.Itoa(101+w.rnd.IntN(2000))
		case 2:
			place = w.one(roads) + strconv.Itoa(1+w.rnd.IntN(300)) + "号"
		case 3:
			place = w.one(roads) + "与" + w.one(roads) + "路口"
		case 4:
			place = w.one(roads)
		}
		s = strings.Replace(s, "※", place, 1)
	}
	return strings.ReplaceAll(s, "☎", w.phone())
}

func (w writer) phone() string {
	n := "1" + strconv.Itoa(3+w.rnd.IntN(7))
	for len(n) < 11 {
		n += strconv.Itoa(w.rnd.IntN(10))
	}
	return n
}

var dialect = strings.NewReplacer("没有", "木有", "怎么", "咋", "什么", "啥", "我们", "俺们", "我", "俺", "没水", "木水", "你们", "恁")

// slips are what voice input and thumbs make of the smallest words.
var slips = [][]string{{"了", "料", "勒", "啦", "喽"}, {"的", "滴", "得", "地"}, {"吗", "嘛", "马", "麻"}, {"人", "仁", "银", "任"},
	{"水", "谁", "睡"}, {"时候", "时侯", "时后"}, {"师傅", "师付", "师父", "师富"}, {"钱", "前"}, {"还", "害", "海"}, {"不", "布", "部"},
	{"没", "莫", "煤"}, {"你", "泥", "恁"}, {"管", "馆", "官"}, {"啊", "阿"}, {"呀", "鸭"}, {"修", "休"}, {"来", "莱"}}

// noise writes as ears and thumbs do.
func (w writer) noise(s string) string {
	for _, slip := range slips {
		if w.chance(18) {
			s = strings.ReplaceAll(s, slip[0], w.one(slip[1:]))
		}
	}
	if w.chance(40) {
		s = dialect.Replace(s)
	}
	if w.chance(60) {
		s = strings.Map(func(r rune) rune {
			if strings.ContainsRune("，。！？、…,?!", r) {
				return -1
			}
			return r
		}, s)
	}
	r := []rune(s)
	if len(r) == 0 {
		return "？"
	}
	if w.chance(70) {
		for range 1 + len(r)/12 {
			i := w.rnd.IntN(len(r))
			if same := w.ear[syllable(r[i])]; len(same) > 0 {
				r[i] = same[w.rnd.IntN(len(same))]
			}
		}
	}
	if w.chance(15) && len(r) > 6 {
		i := w.rnd.IntN(len(r) - 1)
		r[i], r[i+1] = r[i+1], r[i]
	}
	if w.chance(15) && len(r) > 6 {
		i := w.rnd.IntN(len(r))
		r = slices.Delete(r, i, i+1)
	}
	s = string(r)
	if w.chance(20) {
		s = w.one([]string{"那个", "嗯", "就是", "喂", "呃", "那啥"}) + s
	}
	return s
}

// example is a message with its labels.
type example struct {
	text  string
	label [5]int
	line  int
	later bool // teaches danger to what the others made
}

// examples expands the grammar; the same files give the same examples.
func examples(t *testing.T) []example {
	g := readGrammar(t)
	ear := map[string][]rune{}
	for _, line := range strings.Split(strings.TrimSpace(pinyinTable), "\n") {
		r := []rune(line)
		ear[syllable(r[0])] = r
	}
	var out []example
	for i, p := range g.phrases {
		w := writer{g: g, ear: ear, rnd: rand.New(rand.NewPCG(uint64(i), 42))}
		label := [5]int{slices.Index(intents, bot.Intent(p.intent)), -1, -1, 0, -1}
		if label[0] < 0 && p.intent != "-" {
			t.Fatalf("no intent %q", p.intent)
		}
		switch {
		case p.intent == "apply":
			label[2] = slices.Index(businesses, p.detail)
		case p.intent == "ask":
			label[4] = slices.Index(claims, p.detail)
		case p.detail != "":
			label[1] = slices.Index(categories, tickets.Category(p.detail))
		}
		if p.detail != "" && label[1]+label[2]+label[4] == -3 {
			t.Fatalf("no detail %q", p.detail)
		}
		if p.urgent {
			label[3] = 1
		}
		seen := map[string]bool{}
		for range p.weight * 4 {
			if s := w.say(p); !seen[s] {
				seen[s] = true
				out = append(out, example{s, label, i, p.later})
			}
		}
	}
	return out
}

// samples reads the features of the examples whose line is wanted.
func samples(t *testing.T, want func(line int) bool) []sample {
	x, err := newReader()
	if err != nil {
		t.Fatal(err)
	}
	var out []sample
	for _, e := range examples(t) {
		if want(e.line) {
			out = append(out, sample{x.features(e.text, lexed(e.text, x.towns.Parts(e.text)), phoneIn(e.text)), e.label, e.later})
		}
	}
	return out
}
