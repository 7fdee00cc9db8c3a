package claims

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	link     = regexp.MustCompile(`(?:https?|ftp)://[^\s，。；、）)”"']+|www\.[^\s，。；、）)]+|[a-z0-9][a-z0-9\-]*(?:\.[a-z0-9\-]+)*\.(?:com|cn|net|org|top|xyz|example|info|cc|io|ru|vip|shop|site|link|me|ly)(?:/[^\s，。；、）)]*)?`)
	mail     = regexp.MustCompile(`[a-z0-9._%+\-]+@[a-z0-9.\-]+`)
	markup   = regexp.MustCompile("!\\[|\\]\\(|</?[a-z!]|```|javascript:|data:[a-z]+/|<\\||^#{1,6} |\\*\\*\\p{Han}")
	identity = regexp.MustCompile(`[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9x]`)
	slot     = regexp.MustCompile(`〔[^〕]*〕?`)
	posing   = regexp.MustCompile(`我(?:就)?是(?:一名|一位|个)?(?:真人|活人|人工坐席|人工客服|坐席|工作人员|工号|管理员|总经理|经理|dan)|不是(?:机器人|ai|人工智能|机器|智能客服)|(?:我叫|我的?工号)|工号[0-9a-z]+|(?:取消|去掉|删除|关闭|不再显示).{0,6}(?:ai|人工智能|生成).{0,4}标[识记]|(?:非|不是)(?:由)?(?:ai|人工智能)生成`)
	ways     = regexp.MustCompile(`二维码|扫码|扫一扫|公众号|小程序|[a-z]*app|微信号?|qq群?|支付宝|链接|网址|网站|官网|邮箱|微博|抖音|银行卡|转账|汇款|验证码|密码`)
	office   = regexp.MustCompile(`(?:公司|集团|营业厅|服务厅|政务大厅|营业所|供水所|水务局|城管局|卫健委|住建局|监管局|管理局|督查室|委员会|客服中心|服务中心|调度中心|派出所|街道办|居委会|法院|律师事务所|医院)`)
	titled   = regexp.MustCompile(`《[^》]{1,40}》`)

	promising = regexp.MustCompile(`承诺|保证[^金]|保证$|担保|包赔|赔偿|赔付|补偿|赔[你您]|双倍|减免|免除|免单|[免退]了|退费|退款|退还|退钱|返还|返现|(?:肯定|一定|绝对|必定|必须)(?:会|能|给|帮|让|可以|是)|我们?(?:答应|同意)|[免不]用(?:再)?(?:交|缴)(?:水)?费|水费(?:全)?免`)
	doing     = regexp.MustCompile(`(?:已经?|刚刚?|正在|这就|马上)(?:经|被|由|也|都|成功|[为给帮替把将]?[您你]?的?|全部|[^，。；！？\n]{0,8}?)` + deedVerbs)
	deedWord  = regexp.MustCompile(deedVerbs)
	vowing    = regexp.MustCompile(`(?:我们?|本公司|我司|我方|客服)(?:这边)?(?:会|将|马上|立即|立刻|这就|现在就|来)[^，。；！？\n]{0,6}?(?:派|上门|联系|退|赔|修|处理|登记|转|安排|反映|催|查|解决|通知|办)`)
)

const deedVerbs = `(转接|转人工|接通|登记|受理|派单|派人|派出|签收|安排|催办|催促|上报|反映|通知|联系上|取消|撤回|注销|约在|改到|预约|退款|退费|退回|减免|免除|免费|开通|关闭|办结|结案|处理|核实|提交|记录|记入|更新|补充|放入|排上队|等待|标为|提醒|升级|并入|作废|答复|申请延期|验证|通过)`

// surface looks at what can be seen without any evidence.
func surface(text, plain string, e Evidence) []Fault {
	var out []Fault
	for _, l := range link.FindAllString(plain, -1) {
		if !ours(l, e.Hosts) {
			out = append(out, Fault{Link, clip(l)})
		}
	}
	out = append(out, each(mail, plain, Link)...)
	out = append(out, each(markup, plain, Markup)...)
	out = append(out, each(identity, plain, Private)...)
	out = append(out, each(slot, plain, Private)...)
	out = append(out, each(posing, plain, Personhood)...)
	for _, s := range e.Secrets {
		if s != "" && strings.Contains(letters(plain), letters(normal(s))) {
			out = append(out, Fault{Rule: Secret})
		}
	}
	if foreign(link.ReplaceAllString(e.withoutRows(plain), "")) || strings.ContainsRune(text, utf8.RuneError) {
		out = append(out, Fault{Rule: Language})
	}
	if utf8.RuneCountInString(text) > longest || loops(plain) {
		out = append(out, Fault{Rule: Length})
	}
	return out
}

func each(re *regexp.Regexp, s string, rule Rule) []Fault {
	var out []Fault
	for _, m := range re.FindAllString(s, -1) {
		out = append(out, Fault{rule, clip(m)})
	}
	return out
}

func ours(l string, hosts []string) bool {
	if !strings.Contains(l, "://") {
		l = "//" + l
	}
	u, err := url.Parse(l)
	return err == nil && u.Host != "" && slices.Contains(hosts, u.Hostname())
}

// withoutRows is a text without what it repeats of rows: an address in English
// stays as it was written.
func (e *Evidence) withoutRows(plain string) string {
	for _, row := range e.Sources {
		if utf8.RuneCountInString(row) > 4 {
			plain = strings.ReplaceAll(plain, normal(row), "")
		}
	}
	return plain
}

// letters keeps letters and digits: a secret spelt with dots is one too.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

// foreign reports whether a text is mostly not Chinese.
func foreign(s string) bool {
	han, other := 0, 0
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Han, r):
			han++
		case unicode.IsLetter(r):
			other++
		}
	}
	return other > 12 && other > han/2
}

// loops reports whether a text says the same again and again.
func loops(s string) bool {
	r := []rune(s)
	seen := map[string]int{}
	for i := 0; i+6 <= len(r); i++ {
		seen[string(r[i:i+6])]++
		if seen[string(r[i:i+6])] > 8 {
			return true
		}
	}
	return false
}

// names finds offices, documents and ways to reach us that no source names.
func (c *proof) names(text string) []Fault {
	var out []Fault
	for _, w := range ways.FindAllString(text, -1) {
		if !strings.Contains(c.pool, w) {
			out = append(out, Fault{Name, w})
		}
	}
	for _, w := range titled.FindAllString(text, -1) {
		if !strings.Contains(c.pool, strings.Trim(w, "《》")) {
			out = append(out, Fault{Name, w})
		}
	}
	for _, at := range office.FindAllStringIndex(text, -1) {
		name := lastRunes(text[:at[0]], 2) + text[at[0]:at[1]]
		if !strings.Contains(c.pool, name) && (!strings.Contains(c.pool, text[at[0]:at[1]]) || !generic(text[:at[0]])) {
			out = append(out, Fault{Name, name})
		}
	}
	return out
}

// generic reports whether an office is named without a name of its own.
func generic(before string) bool {
	for _, w := range []string{"", "的", "到", "在", "去", "任一", "就近", "附近", "各", "任何", "线下", "供水", "您好，", "或", "和", "、", "，", "(", "“"} {
		if w == "" && before == "" || w != "" && strings.HasSuffix(before, w) {
			return true
		}
	}
	return false
}

func lastRunes(s string, n int) string {
	r := []rune(s)
	i := len(r)
	for i > 0 && n > 0 && unicode.Is(unicode.Han, r[i-1]) {
		i, n = i-1, n-1
	}
	return string(r[i:])
}

// promises finds promises that no source makes.
func (c *proof) promises(text string) []Fault {
	var out []Fault
	for _, m := range promising.FindAllString(text, -1) {
		if !strings.Contains(c.sayings, m) {
			out = append(out, Fault{Promise, m})
		}
	}
	return out
}

// deeds finds what is said to be done and is not.
func (c *proof) deeds(text string) []Fault {
	var out []Fault
	for _, m := range doing.FindAllString(text, -1) {
		verb := deedWord.FindAllString(m, -1)
		if strings.ContainsAny(m, "没未不") {
			continue // 刚才没有登记成功
		}
		if slices.Contains(c.e.Deeds, verb[len(verb)-1]) || strings.Contains(c.sayings, m) {
			continue
		}
		out = append(out, Fault{Deed, clip(m)})
	}
	return out
}

// commitments finds what the speaker says it will do.
func (c *proof) commitments(text string) []Fault {
	var out []Fault
	for _, m := range vowing.FindAllString(text, -1) {
		if !strings.Contains(c.sayings, m) {
			out = append(out, Fault{Promise, m})
		}
	}
	return out
}
