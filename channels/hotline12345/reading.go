package hotline12345

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"quandesk/tickets"
)

// Value is one named value of an order, from a field of a push, a cell of a
// spreadsheet or an input of a form.
type Value struct {
	Name   string
	Text   string
	Number bool // a cell that holds a number: long ones have lost their end
	List   bool // one on a line, as a push lists files
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

// halves are how the halves of a day are called where a clock has twelve hours.
var halves = regexp.MustCompile(`(?i)\s*(上午|下午|[ap]m)\s*`)

func noonOf(half string) string {
	if half = strings.ToLower(strings.TrimSpace(half)); half == "上午" || half == "am" {
		return "AM"
	}
	return "PM"
}

func withSeconds(clock string) string {
	if strings.Count(clock, ":") == 1 {
		return clock + ":00"
	}
	return clock
}

func clockTime(s string) (when, bool) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return when{t, true}, true
	}
	plain := strings.Trim(strings.Join(strings.Fields(dashes.Replace(halves.ReplaceAllString(s, " "))), " "), " :-")
	if half := halves.FindString(s); half != "" { // 下午3:05, 3:05 PM
		t, err := time.ParseInLocation("2006-1-2 3:4:5 PM", strings.TrimSpace(withSeconds(plain))+" "+noonOf(half), tickets.Beijing)
		return when{t, true}, err == nil
	}
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
