package claims

import (
	"regexp"
	"slices"
	"strings"
)

// same brings a normal text to the words in which wordings are compared: one
// way to write a figure, one word for what means the same. Both the sources
// and the answer go through it, so it decides nothing by itself; whether a
// figure is right is decided by the figures.
func same(s string) string {
	found := factsIn(s)
	slices.SortFunc(found, func(a, b fact) int { return a.at - b.at })
	var b strings.Builder
	last := 0
	for _, f := range found {
		if f.at < last || strings.HasPrefix(f.key, "☎") || strings.HasPrefix(s[f.at:f.end], "每") {
			continue
		}
		b.WriteString(s[last:f.at])
		b.WriteString(f.key)
		last = f.end
	}
	b.WriteString(s[last:])
	out := atMost.ReplaceAllString(oneOf.ReplaceAllString(b.String(), "1$1"), "$1$2")
	return alike.Replace(alike.Replace(out))
}

// oneOf is 一次, which is no figure and may be written as one.
var oneOf = regexp.MustCompile(`一(次|个|种|级|项|层|户|块|遍)`)

// atMost is 最多两天内: what is done within a time takes that at most.
var atMost = regexp.MustCompile(`最(?:多|迟|晚)([0-9]+(?:分钟|小时|日|工作日))([之以]?内|就)`)

// alike are words for which another one may stand, whatever they are said of.
var alike = oneWord([][]string{
	{"办完", "办结", "办好", "办理完毕", "办理完", "处理完毕", "处理完", "处理好"},
	{"联系", "回话", "联络", "取得联系"},
	{"到现场", "到达现场", "赶到现场", "赶到", "到场"},
	{"修好", "修复"},
	{"马上", "立即", "立刻", "即刻"},
	{"换", "更换"},
	{"有人", "有专人", "有工作人员", "有客服人员"},
	{"水管", "管子"},
	{"夜里", "夜间"},
	{"最晚", "最迟"},
	{"至少", "最少"},
	{"变化", "变更"},
	{"任一", "任何一个", "任意一个", "任何1个", "任意1个"},
	{"贴", "张贴"},
	{"打", "拨打"},
	{"听", "听取"},
	{"建", "建立"},
	{"编", "编制"},
	{"发", "发布"},
	{"办", "办理"},
	{"通知可以", "通知的方式可以", "通知方式可以", "通知方式有", "通知的方式有"},
	{"做", "进行"},
	{"通知", "告知"},
	{"审核合格", "审核通过"},
	{"降水压", "降压"},
	{"超标不得不", "超标又不得不"},
	{"有毛病马上", "有问题马上"},
	{"24小时", "全天24小时"},
	{"头1次", "第1次"},
	{"前", "之前", "以前"},
	{"后", "之后", "以后"},
	{"内", "之内", "以内"},
	{"或", "或者"},
	{"和", "以及"},
	{"时", "的时候"},
	{"会", "就会"},
	{"水电", "水、电"},
	{"电气", "电、气"},
	{"电热", "电、热"},
	{"气暖", "气、暖"},
	{"热气", "热、气"},
	{"暖信", "暖、信"},
})

// oneWord replaces every word by the first of its line.
func oneWord(lines [][]string) *strings.Replacer {
	var list [][2]string
	for _, l := range lines {
		for _, w := range l[1:] {
			list = append(list, [2]string{w, l[0]})
		}
	}
	slices.SortStableFunc(list, func(a, b [2]string) int { return len(b[0]) - len(a[0]) })
	var flat []string
	for _, p := range list {
		flat = append(flat, p[0], p[1])
	}
	return strings.NewReplacer(flat...)
}
