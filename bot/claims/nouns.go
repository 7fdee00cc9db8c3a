package claims

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// noun is one thing that a text speaks of, and how far it is from a figure.
type noun struct {
	concept int
	text    string
	at      int // bytes
	far     int // characters from a figure
}

// concepts are what figures are said of, and what must not be taken for each
// other. Words of one line mean the same; the longer one is written first.
var concepts = [][]string{
	{"通知", "告知", "告诉"}, {"公告", "公示"}, {"公开"}, {"回访"}, {"督办"}, {"结案"},
	{"恢复供水", "修复", "修好", "恢复", "来水", "通水"}, {"维修", "抢修"},
	{"到达现场", "赶到", "到场", "到现场", "到达", "现场"}, {"上门"}, {"联系", "回电", "对接", "回话", "联络"},
	{"办结", "办完", "办好", "办成", "办理完", "处理完", "处理好"}, {"受理"}, {"登记"}, {"派单"}, {"预约"},
	{"清洗"}, {"消毒"}, {"检测", "化验", "检验"}, {"检定", "校验", "校表"}, {"监测"}, {"巡查", "巡检"},
	{"换表员"}, {"换表", "更换水表"}, {"撤表", "拆表"}, {"挂表", "装表"}, {"停水"}, {"降压", "降水压"}, {"临时供水", "送水"},
	{"报装", "接水"}, {"过户", "更名"}, {"销户"}, {"缴费", "交费", "缴水费", "交水费"}, {"抄表"}, {"发票"},
	{"水价"}, {"违约金", "滞纳金"}, {"押金"}, {"赔偿", "补偿"}, {"退费", "退款", "退还"}, {"预存"}, {"加压费"}, {"手续费"},
	{"阀门"}, {"消火栓", "消防栓"}, {"井盖", "窨井"}, {"水箱", "储水设施"}, {"泵房", "泵站", "加压站"}, {"水表"},
	{"管网", "管道", "水管"}, {"漏水", "报漏"}, {"爆管"}, {"水质"}, {"水压"}, {"水源"}, {"水量"}, {"水厂"}, {"口径"},
	{"投诉"}, {"举报"}, {"咨询"}, {"建议"}, {"报修"},
	{"身份证"}, {"房产证", "不动产证"}, {"合同"}, {"营业执照"}, {"委托书"}, {"申请表"},
	{"供水企业", "供水公司", "自来水公司"}, {"物业"}, {"开发商", "建设单位"}, {"施工单位"}, {"主管部门"}, {"街道办"}, {"燃气公司", "燃气"}, {"供电公司"},
	{"法院"}, {"派出所"}, {"居委会"}, {"第三方"}, {"营业厅", "营业网点"}, {"电话", "热线"}, {"短信"}, {"微信"}, {"官网", "网站"}, {"媒体"},
	{"应急预案", "预案"}, {"培训"}, {"演练"}, {"满意度"}, {"评价"}, {"二次供水"}, {"直饮水"}, {"中水", "再生水"}, {"污水"}, {"暖气", "供暖"},
	{"老人", "老年人"}, {"孩子", "儿童"}, {"围挡"}, {"警示标志"}, {"台账"}, {"工单"}, {"开栓通水"}, {"六零"}, {"不可抗力"},
	{"及时率"}, {"比例"}, {"有人接"},
	{"营商环境"}, {"饮水机"}, {"老花镜"}, {"复印机"}, {"自助服务"}, {"违章用水"},
	{"供应商"}, {"工地"}, {"户号"}, {"户名"}, {"管材"}, {"公里"}, {"便民设施"}, {"大数据"}, {"意见"}, {"网点"}, {"服务信息"}, {"信息公开"},
	{"一对一"}, {"不用等"}, {"惠企"}, {"区块链"}, {"协调"}, {"领导"}, {"流程"}, {"报告"},
	{"设计"}, {"验收"}, {"勘查", "查看现场"}, {"施工"}, {"占绿"}, {"挖路"},
}

// nounsOf finds the concepts of a normal text with their byte offsets; a word
// inside a longer one of another concept does not count.
func nounsOf(s string) []noun {
	var out []noun
	taken := make([]bool, len(s))
	for _, w := range byLength {
		for at := 0; ; {
			i := strings.Index(s[at:], w.text)
			if i < 0 {
				break
			}
			at += i
			if !taken[at] {
				for k := at; k < at+len(w.text); k++ {
					taken[k] = true
				}
				out = append(out, noun{concept: w.concept, text: w.text, at: at})
			}
			at += len(w.text)
		}
	}
	return out
}

var byLength = longestFirst()

func longestFirst() []noun {
	var out []noun
	for i, words := range concepts {
		for _, w := range words {
			out = append(out, noun{concept: i, text: w})
		}
	}
	slices.SortStableFunc(out, func(a, b noun) int { return cmp.Compare(len(b.text), len(a.text)) })
	return out
}

// How many characters from a figure a noun may stand in its own clause, and in
// one beside it.
const (
	reach      = 30
	reachAside = 14
)

// nounsAround are the nouns in the sentence of a fact, nearest first; those of
// its own clause stand before all others.
func nounsAround(s string, at, end int) []noun {
	from := strings.LastIndexAny(s[:at], "。!！?？;；\n") + 1
	to := len(s)
	if i := strings.IndexAny(s[end:], "。!！?？;；\n"); i >= 0 {
		to = end + i
	}
	var out []noun
	for _, n := range nounsOf(s[from:to]) {
		n.at += from
		between := ""
		switch {
		case n.at >= end:
			between = s[end:n.at]
		case n.at+len(n.text) <= at:
			between = s[n.at+len(n.text) : at]
		default:
			continue
		}
		between = bracketed.ReplaceAllString(between, "")
		n.far = utf8.RuneCountInString(between)
		if n.far > reach {
			continue
		}
		// What has a figure of its own between is said of that one.
		aside := strings.ContainsAny(limit.ReplaceAllString(between, ""), "，,") || measure.MatchString(between)
		if aside && n.far > reachAside {
			continue
		}
		switch {
		case aside:
			n.far += reach
		case n.at < at && (strings.HasPrefix(s[n.at+len(n.text):], "后") || limit.MatchString(s[end:])):
			n.far += reach / 2 // 投诉后20分钟内联系: said of what is done, not of what it follows
		}
		out = append(out, n)
	}
	slices.SortStableFunc(out, func(a, b noun) int { return cmp.Compare(a.far, b.far) })
	return out
}

// nouns finds what the text speaks of and the source does not.
func (c *proof) nouns(text string, own []string) []Fault {
	known := map[int]bool{}
	for _, s := range slices.Concat(c.all, own) {
		for _, n := range nounsOf(normal(s)) {
			known[n.concept] = true
		}
	}
	var out []Fault
	for _, n := range nounsOf(text) {
		if !known[n.concept] {
			out = append(out, Fault{Noun, n.text})
		}
	}
	return out
}

var bracketed = regexp.MustCompile(`\([^()]*\)`)

// limit stands behind a figure that is a limit for what follows.
var limit = regexp.MustCompile(`^[之以]?内[，,]?`)
