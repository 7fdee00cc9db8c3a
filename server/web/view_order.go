package web

import (
	"errors"
	"maps"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"quandesk/channels/hotline12345"
	"quandesk/server/auth"
	"quandesk/tickets"
)

var (
	uploadNames = map[hotline12345.UploadState]string{
		hotline12345.Uploaded: "待确认", hotline12345.Imported: "已导入", hotline12345.Dropped: "未导入",
	}
	uploadTones = map[hotline12345.UploadState]string{hotline12345.Uploaded: "amber", hotline12345.Imported: "green"}
	lineNames   = map[hotline12345.Verdict]string{
		hotline12345.New: "新增", hotline12345.Here: "已有", hotline12345.Changed: "有变化", hotline12345.Wrong: "有误",
	}
	lineTones = map[hotline12345.Verdict]string{
		hotline12345.New: "green", hotline12345.Changed: "amber", hotline12345.Wrong: "red",
	}
	orderOutcomes = map[hotline12345.Outcome]string{
		hotline12345.Opened: "登记为工单", hotline12345.Updated: "更新", hotline12345.Conflict: "内容不同，未覆盖",
		hotline12345.Urged: "已催办", hotline12345.Reopened: "重新办理", hotline12345.Supplemented: "补充到工单",
		hotline12345.Supervised: "已督办",
	}
	orderWays = map[hotline12345.Via]string{hotline12345.ByPush: "平台推送", hotline12345.ByImport: "文件导入", hotline12345.ByForm: "人工登记"}
)

// orderView is the order of 12345 behind a ticket.
type orderView struct {
	CSRF   string
	Facts  []factView
	Files  []namedFile
	Hushed int // files of whom this person may not know
	Flags  []string
	Events []orderEventView
}

type factView struct{ Label, Text string }

// namedFile is a file that the platform names. Nothing here fetches it: whoever
// needs it follows the address, and sees before where it leads.
type namedFile struct{ Name, Href, Host string }

type orderEventView struct {
	Mail, Outcome, Words, At, Who string
	Changes                       []changeView
	Decision                      string
	Action                        string // where it is decided; empty when it is not, or not by this person
}

type changeView struct{ Label, From, To string }

// orderOf is the order of a ticket; nil for tickets that have none.
func (s *Site) orderOf(c *fiber.Ctx, t *tickets.Ticket) (*orderView, error) {
	if t.Source != tickets.From12345 || s.Hotline.Orders == nil {
		return nil, nil
	}
	o, err := s.Hotline.Orders.OrderOf(c.UserContext(), t.ID)
	if errors.Is(err, hotline12345.ErrNotFound) {
		return nil, nil // registered by hand
	}
	if err != nil {
		return nil, err
	}
	events, err := s.Hotline.Orders.OrderEvents(c.UserContext(), o.ID)
	if err != nil {
		return nil, err
	}
	v := newOrderView(o, events, t, s.user(c), s.Desk.Now())
	v.CSRF = s.csrf(c)
	return v, nil
}

func newOrderView(o *hotline12345.Filed, events []hotline12345.Event, t *tickets.Ticket, u auth.User, now time.Time) *orderView {
	veil := veilFor(u, t)
	v := &orderView{Flags: o.Flags}
	fact := func(label, text string) {
		if text != "" {
			v.Facts = append(v.Facts, factView{label, text})
		}
	}
	times := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n) + "次"
	}
	yes := func(b bool, words string) string {
		if b {
			return words
		}
		return ""
	}
	number := o.No
	if !hotline12345.Wellformed(o.No) {
		number += "（不是18位编号，请核对）"
	}
	fact("工单编号", number)
	fact("其他编号", strings.Join(o.OtherNos, "、"))
	fact("办理单类型", hotline12345.MailNames[lastMail(o, events)])
	fact("平台状态", o.Status)
	fact("来电类别", string(o.Demand))
	fact("问题分类", o.CategoryPath)
	fact("标题", veil(o.Title))
	fact("受理渠道", o.OriginChannel)
	fact("发送时间", stamp(o.DispatchedAt))
	due := stamp(o.DueAt)
	if o.Due.IsZero() {
		due += "（平台未定，按5个工作日）"
	}
	fact("市里的办理时限", due)
	fact("退单时限", stamp(o.ReturnDue))
	fact("紧急程度", string(o.Urgency))
	fact("督办类型", o.Supervision)
	fact("催办", times(o.Urges))
	fact("退回办理", times(o.SentBacks))
	fact("重新办理", times(o.Redos))
	fact("要求回复", yes(o.ReplyWanted, "是")+veil(o.ReplyNote))
	fact("营商环境", yes(o.BusinessEnv, "是"))
	fact("转办意见", veil(o.Opinion))
	fact("转办流程", veil(o.Route))
	fact("备注", veil(o.Note))
	fact("重复件", o.DuplicateOf)
	for _, name := range slices.Sorted(maps.Keys(o.Extra)) {
		text := veil(o.Extra[name])
		if !mayIdentify(u, t) {
			text = hidden // nobody knows what stands there
		}
		fact(veil(name), text)
	}
	if v.Files = filesOf(o.Attachments, veil); !mayIdentify(u, t) {
		v.Files, v.Hushed = nil, len(o.Attachments)
	}
	for _, e := range slices.Backward(events) {
		v.Events = append(v.Events, newOrderEvent(e, t, u, veil, now))
	}
	return v
}

// lastMail is in which box the order came last.
func lastMail(o *hotline12345.Filed, events []hotline12345.Event) hotline12345.Mail {
	for _, e := range slices.Backward(events) {
		aside := e.Outcome == hotline12345.Conflict || e.Outcome == hotline12345.Updated
		if !aside && e.Mail != hotline12345.Supplement && e.Mail != hotline12345.Done {
			return e.Mail
		}
	}
	return o.Mail
}

// filesOf are the files of an order with where their addresses lead.
func filesOf(list []hotline12345.Attachment, veil func(string) string) []namedFile {
	var out []namedFile
	for _, a := range list {
		f := namedFile{Name: veil(a.Name)}
		if u, err := url.Parse(a.URL); err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" {
			f.Href, f.Host = a.URL, u.Host
			f.Name = orElse(f.Name, veil(path.Base(u.Path)))
		}
		f.Name = orElse(f.Name, veil(a.URL))
		out = append(out, f)
	}
	return out
}

func newOrderEvent(e hotline12345.Event, t *tickets.Ticket, u auth.User, veil func(string) string, now time.Time) orderEventView {
	v := orderEventView{
		Mail: hotline12345.MailNames[e.Mail], Outcome: named(orderOutcomes, e.Outcome), At: when(e.ArrivedAt, now),
		Who: named(orderWays, e.Via) + " · " + e.By.Name,
	}
	if e.Mail != hotline12345.Handle {
		v.Words = veil(e.Order.Content)
	}
	identify := mayIdentify(u, t)
	for _, c := range e.Changes {
		from, to := veil(c.From), veil(c.To)
		switch {
		case c.Private && !identify:
			from, to = hidden, hidden
		case c.Field == "contact_name":
			from, to = maskName(c.From), maskName(c.To)
		}
		v.Changes = append(v.Changes, changeView{hotline12345.Label(c.Field), orElse(from, "（空）"), orElse(to, "（空）")})
	}
	switch {
	case e.Outcome != hotline12345.Conflict:
	case e.Decision.Made && e.Decision.Taken:
		v.Decision = e.Decision.By + "于" + when(e.Decision.At, now) + "采用了新内容"
	case e.Decision.Made:
		v.Decision = e.Decision.By + "于" + when(e.Decision.At, now) + "保留了原内容"
	case u.Can(auth.Supervise):
		v.Action = "/desk/tickets/" + t.No + "/orders/" + strconv.FormatInt(e.ID, 10)
	default:
		v.Decision = "待值班长或主管核对"
	}
	return v
}
