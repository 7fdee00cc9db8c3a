package hotline12345

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func text(of func(*Order) *string, most int) func(*reading, Value) {
	return func(r *reading, v Value) {
		p := of(&r.order)
		if *p != "" {
			r.second(*p, v)
			return
		}
		*p = r.within(v.Text, most)
	}
}

// second keeps what another column says of a field that has its value: the
// earlier holds, and nothing that came is lost.
func (r *reading) second(first string, v Value) {
	if !sameText(first, v.Text) {
		r.keep(v)
	}
}

// within keeps the beginning of a text that is too long, and says so.
func (r *reading) within(s string, most int) string {
	if n := utf8.RuneCountInString(s); n > most {
		r.flag("%s有%d个字，只保留前%d个字。", r.label, n, most)
		return cut(s, most-1)
	}
	return s
}

func nothing(*reading, Value) {}

func setContent(r *reading, v Value) {
	if r.order.Content != "" {
		r.second(r.order.Content, v)
		return
	}
	r.order.Content = r.within(v.Text, mostText)
}

func setNo(r *reading, v Value) {
	no, ok := r.number(v)
	switch {
	case !ok:
	case r.order.No == "":
		r.order.No = no
	case r.order.No != no:
		r.other(no)
	}
}

func setOtherNos(r *reading, v Value) {
	for _, one := range strings.FieldsFunc(v.Text, func(c rune) bool { return strings.ContainsRune(",，;；、 \n", c) }) {
		v.Text = one
		if no, ok := r.number(v); ok && no != r.order.No {
			r.other(no)
		}
	}
}

func (r *reading) other(no string) {
	const most = 10
	for _, n := range r.order.OtherNos {
		if n == no {
			return
		}
	}
	if len(r.order.OtherNos) < most {
		r.order.OtherNos = append(r.order.OtherNos, no)
	}
}

var scientific = regexp.MustCompile(`^[0-9](?:\.[0-9]+)?[eE]\+?[0-9]{1,3}$`)

// number reads the number of an order. A spreadsheet keeps fifteen digits of a
// number: what it made of a longer one is no number any more, and a guess
// would be the number of somebody else's order.
func (r *reading) number(v Value) (string, bool) {
	no := strings.TrimLeft(norm.NFKC.String(strings.Join(strings.Fields(v.Text), "")), "'`")
	lost := scientific.MatchString(no)
	if v.Number {
		no = strings.TrimSuffix(no, ".0")
		lost = lost || len(no) > 15 && (!digits(no) || rounded(no))
	}
	switch {
	case lost:
		r.fatal("%s“%s”的末尾数字已经丢失：表格把长编号当成了数值。请在导出时把这一列设为文本，或向平台重新导出。", r.label, cut(no, 40))
	case utf8.RuneCountInString(no) > 50:
		r.fatal("%s太长，最多50个字符。", r.label)
	case strings.ContainsFunc(no, func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.IsDigit(c) && !strings.ContainsRune("-_/.#[]〔〕()", c)
	}):
		r.fatal("%s“%s”含有不能作编号的字符。", r.label, cut(no, 40))
	case no != "":
		return no, true
	}
	return "", false
}

// rounded reports whether a long number may be what is left of another one:
// cut to fifteen digits as Excel does, or written from a binary number as other
// programs do, with its shortest digits or with all of them.
func rounded(no string) bool {
	n, err := strconv.ParseFloat(no, 64)
	return err != nil || strings.HasSuffix(no, strings.Repeat("0", len(no)-15)) ||
		strconv.FormatFloat(n, 'f', -1, 64) == no || strconv.FormatFloat(n, 'f', 0, 64) == no
}

// mails is what the boxes of the platform are called; numbers are those of its
// pages (MessageType).
var mails = map[string]Mail{
	"0": Handle, "办理单": Handle, "办理": Handle, "转办": Handle, "转办单": Handle, "交办": Handle, "新工单": Handle,
	"011": Handle, "可延期申请": Handle, "11": Handle, "到期工单": Handle, "12": Handle, "超期工单": Handle,
	"1": Urge, "催办单": Urge, "催办": Urge,
	"2": SentBack, "退回办理单": SentBack, "退回办理": SentBack, "退回重办": SentBack,
	"4": Redo, "重新办理单": Redo, "重新办理": Redo, "重办": Redo, "重办单": Redo, "回访复核": Redo,
	"督办单": Supervise, "督办": Supervise,
	"补充材料": Supplement, "补充": Supplement, "来电追问": Supplement, "追问": Supplement, "变更": Supplement,
	"201": Done, "已回复": Done, "202": Done, "已退回": Done, "40": Done, "已处理重新办理单": Done,
	"200": Done, "已处理退回办理单": Done,
	"handle": Handle, "urge": Urge, "sent_back": SentBack, "redo": Redo, "supervise": Supervise, "supplement": Supplement,
}

func setMail(r *reading, v Value) {
	m, ok := mails[strings.ToLower(norm.NFKC.String(v.Text))]
	if !ok {
		r.fatal("办理单类型“%s”不认识，应为办理单、催办单、退回办理单、重新办理单、督办单或补充材料。", cut(v.Text, 20))
		return
	}
	r.order.Mail = m
}

// setApproach reads how a street hub in Shanghai was given an order: other
// numbers than those of MessageType.
func setApproach(r *reading, v Value) {
	switch norm.NFKC.String(v.Text) {
	case "0", "转办":
	case "1", "督办":
		r.supervises = true
	case "2", "回访复核":
		r.order.Mail = Redo
	default:
		r.flag("转办方式“%s”不认识。", cut(v.Text, 20))
	}
}

func setName(r *reading, v Value) {
	if r.order.ContactName != "" {
		r.second(r.order.ContactName, v)
		return
	}
	r.order.ContactName = r.within(v.Text, 50)
	if strings.Contains(v.Text, "匿名") {
		r.order.Anonymous = true
	}
}

func setRegion(r *reading, v Value) {
	code := norm.NFKC.String(v.Text)
	if n := len(code); !digits(code) || n != 6 && n != 9 && n != 12 {
		r.flag("区划代码“%s”不是6、9或12位数字。", cut(code, 20))
		return
	}
	r.order.RegionCode = code
}

// demands is the platform's word for what the caller wants.
var demands = []struct {
	word string
	is   Demand
}{{"投诉", Complaint}, {"举报", Report}, {"咨询", Inquiry}, {"求助", Request}, {"求决", Request}, {"报修", Request},
	{"建议", Suggestion}, {"意见", Suggestion}, {"表扬", OtherWish}, {"其他", OtherWish}, {"其它", OtherWish}}

func setDemand(r *reading, v Value) {
	if r.order.Demand != "" {
		return
	}
	for _, d := range demands {
		if strings.Contains(v.Text, d.word) {
			r.order.Demand = d.is
			return
		}
	}
	r.flag("诉求类型“%s”不认识，按内容判断。", cut(v.Text, 20))
	r.order.Demand = OtherWish
}

func path(r *reading, v Value) { r.path = append(r.path, r.within(v.Text, 200)) }
func unit(r *reading, v Value) { r.units = append(r.units, v.Text) }
func place(r *reading, v Value) {
	r.places = append([]string{r.within(v.Text, 50)}, r.places...) // the smaller stands nearer to the address
}

func setUrgency(r *reading, v Value) {
	r.order.Urgency = Urgency(r.within(v.Text, 20))
}

var truths = map[string]bool{"1": true, "是": true, "true": true, "y": true, "yes": true, "需要": true, "要": true, "保密": true, "匿名": true,
	"0": false, "否": false, "false": false, "n": false, "no": false, "不需要": false, "不要": false, "不保密": false, "公开": false, "无": false, "-": false}

// flag reads yes or no; what is neither means careful.
func flag(of func(*Order) *bool, careful bool) func(*reading, Value) {
	return func(r *reading, v Value) {
		yes, ok := truths[strings.ToLower(norm.NFKC.String(v.Text))]
		if !ok {
			r.flag("%s“%s”看不出是还是否，按“%s”处理。", r.label, cut(v.Text, 20), map[bool]string{true: "是", false: "否"}[careful])
			yes = careful
		}
		if p := of(&r.order); yes {
			*p = true
		}
	}
}
