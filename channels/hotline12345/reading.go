package hotline12345

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"quandesk/tickets"
)

// Value is one named value of an order, from a field of a push, a cell of a
// spreadsheet or an input of a form.
type Value struct {
	Name   string
	Text   string
	Number bool // a cell that holds a number: long ones have lost their end
	Epoch  Epoch
}

// Epoch is how a spreadsheet counts its days.
type Epoch int

// The epochs of spreadsheets.
const (
	Since1900 Epoch = iota
	Since1904
)

// Flaw is what is wrong with one field, in words for people.
type Flaw struct {
	Field string // key of the table of fields
	Words string
	Fatal bool // the order is not taken because of it
}

// reading is an order on its way out of the values that name it.
type reading struct {
	order Order
	flaws []Flaw
	key   string // of the field that is set
	label string

	path, units, places  []string
	supervises           bool
	accepted, dispatched when
	due, returnDue       when
}

// when is a time and whether it named an hour.
type when struct {
	at   time.Time
	hour bool
}

const mostText = 10000 // characters of a content, as of a ticket

// Read makes an order of named values. What nobody here knows is kept in
// Extra. The order is not to be taken when one of the flaws is fatal.
func Read(values []Value) (Order, []Flaw) {
	r := reading{order: Order{Mail: Handle}}
	for _, v := range values {
		f := fieldOf(v.Name)
		v.Text = tidy(v.Text)
		switch {
		case v.Text == "":
		case f == nil:
			r.keep(v)
		default:
			r.key, r.label = f.key, f.label
			f.set(&r, v)
		}
	}
	r.finish()
	return r.order, r.flaws
}

func (r *reading) keep(v Value) {
	const most, longest = 100, 2000
	if r.order.Extra == nil {
		r.order.Extra = map[string]string{}
	}
	if name := cut(tidy(v.Name), 100); len(r.order.Extra) < most {
		r.order.Extra[name] = cut(v.Text, longest)
	}
}

func (r *reading) fatal(format string, args ...any) {
	r.flaws = append(r.flaws, Flaw{r.key, fmt.Sprintf(format, args...), true})
}

func (r *reading) flag(format string, args ...any) {
	r.flaws = append(r.flaws, Flaw{Field: r.key, Words: fmt.Sprintf(format, args...)})
}

// finish puts together what several fields say and looks at what is missing.
func (r *reading) finish() {
	o := &r.order
	if o.CategoryPath = strings.Join(r.path, "/"); len(r.units) > 0 {
		o.HandlingUnit = cut(strings.Join(r.units, " "), 200)
	}
	for _, p := range r.places {
		if !strings.Contains(o.Address, p) {
			o.Address = p + o.Address
		}
	}
	o.AcceptedAt, o.DispatchedAt = r.accepted.at, r.dispatched.at
	o.Due, o.ReturnDue = r.due.end(), r.returnDue.end()
	if o.No == "" && len(o.OtherNos) > 0 {
		o.No, o.OtherNos = o.OtherNos[0], o.OtherNos[1:]
	}
	if r.supervises && o.Mail == Handle {
		o.Mail = Supervise
	}
	r.missing()
	if !o.Due.IsZero() && !o.DispatchedAt.IsZero() && o.Due.Before(o.DispatchedAt) {
		r.key = "external_due"
		r.flag("办理时限早于发送时间，请核对。")
	}
	for _, f := range r.flaws {
		if !f.Fatal {
			o.Flags = append(o.Flags, f.Words)
		}
	}
}

func (r *reading) missing() {
	o := &r.order
	bad := map[string]bool{}
	for _, f := range r.flaws {
		bad[f.Field] = bad[f.Field] || f.Fatal
	}
	r.key = "external_no"
	switch {
	case bad[r.key]:
	case o.No == "":
		r.fatal("没有工单编号。")
	case !Wellformed(o.No):
		r.flag("工单编号“%s”不是18位编号（年月日时分秒加6位），请核对。", cut(o.No, 40))
	}
	r.key = "content"
	switch {
	case o.Content != "" || bad[r.key]:
	case o.Mail == Handle && o.Title == "":
		r.fatal("没有诉求内容。")
	default:
		o.Content = o.Title
	}
	if o.Mail != Handle {
		return
	}
	r.key = "address_raw"
	if o.Address == "" {
		r.flag("没有联系地址。")
	}
	r.key = "demand_type"
	if o.Demand == "" && o.Kind == "" {
		r.flag("没有诉求类型，按内容判断。")
	}
	r.contact()
}

func (r *reading) contact() {
	o := &r.order
	r.key = "contact_phone"
	phone, ok := o.phone()
	switch {
	case ok && phone != "":
	case o.ContactPhone == "" && o.CallerPhone == "" && !o.Anonymous && !o.online():
		r.flag("没有联系电话。")
	case !ok:
		r.flag("联系电话不是能拨打的号码，请核对。")
	}
}

// online reports whether the caller came by another way than the telephone.
func (o Order) online() bool {
	for _, way := range []string{"网", "微信", "信箱", "APP", "app", "邮"} {
		if strings.Contains(o.OriginChannel, way) {
			return true
		}
	}
	return false
}

func text(of func(*Order) *string, most int) func(*reading, Value) {
	return func(r *reading, v Value) {
		if p := of(&r.order); *p == "" {
			*p = r.within(v.Text, most)
		}
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
		lost = lost || len(no) > 15 && (!digits(no) || strings.HasSuffix(no, strings.Repeat("0", len(no)-15)))
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

func setAttachments(r *reading, v Value) {
	const most = 50
	for _, one := range strings.FieldsFunc(v.Text, func(c rune) bool { return strings.ContainsRune("\n,，;；", c) }) {
		if one = strings.TrimSpace(one); one == "" || len(r.order.Attachments) == most {
			continue
		}
		a := Attachment{Name: cut(one, 200)}
		if strings.HasPrefix(one, "http://") || strings.HasPrefix(one, "https://") {
			a = Attachment{URL: cut(one, 1000)}
		}
		r.order.Attachments = append(r.order.Attachments, a)
	}
}

func moment(of func(*reading) *when) func(*reading, Value) {
	return func(r *reading, v Value) {
		w, ok := readTime(v)
		if !ok {
			r.fatal("%s“%s”不是日期，应像 2026-01-31 09:30 这样写。", r.label, cut(v.Text, 40))
			return
		}
		*of(r) = w
	}
}

// end is a term: one without an hour includes its day.
func (w when) end() time.Time {
	if w.at.IsZero() || w.hour {
		return w.at
	}
	return w.at.AddDate(0, 0, 1)
}

var (
	hours = []string{"2006-1-2 15:4:5", "2006-1-2 15:4", "2006-1-2T15:4:5", "2006-1-2T15:4", "20060102150405", "200601021504", "20060102 15:04:05",
		"2006-1-2 15:4:5.999999999", "1/2/2006 15:4:5", "1/2/2006 15:4"}
	days = []string{"2006-1-2", "20060102", "1/2/2006"}
	// separators people write dates with.
	dashes = strings.NewReplacer("年", "-", "月", "-", "日", " ", "时", ":", "点", ":", "分", ":", "秒", "", "/", "-", ".", "-")
)

// readTime reads a time as people, programs and spreadsheets write it, on the
// clock of Jinan. It lies between 2000 and 2099.
func readTime(v Value) (when, bool) {
	s := strings.TrimSpace(norm.NFKC.String(v.Text))
	w, ok := clockTime(s)
	if !ok {
		w, ok = countedTime(v, s)
	}
	if y := w.at.In(tickets.Beijing).Year(); !ok || y < 2000 || y > 2099 {
		return when{}, false
	}
	return w, true
}

func clockTime(s string) (when, bool) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return when{t, true}, true
	}
	plain := strings.Trim(strings.Join(strings.Fields(dashes.Replace(s)), " "), " :-")
	for _, form := range []string{s, plain} {
		for _, layout := range hours {
			if t, err := time.ParseInLocation(layout, form, tickets.Beijing); err == nil {
				return when{t, true}, true
			}
		}
		for _, layout := range days {
			if t, err := time.ParseInLocation(layout, form, tickets.Beijing); err == nil {
				return when{t, false}, true
			}
		}
	}
	return when{}, false
}
