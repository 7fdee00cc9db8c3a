package web

import (
	"context"
	"strconv"
	"strings"
	"time"

	"quandesk/channels"
	"quandesk/tickets"
	"quandesk/tickets/customer"
)

// A moveForm is the small form behind one button of a ticket: what is asked
// and what is done with it.
type moveForm struct {
	move   tickets.Move
	label  string // on the button
	submit string // on the form; the label when empty
	hint   string
	danger bool
	fields func(*deskForm) []field
	do     func(context.Context, *tickets.Desk, tickets.Change, values) (*tickets.Ticket, error)
}

// field is one question of a form.
type field struct {
	ID, Name, Label string
	Type            string // text, text-long, select, choice, check, hidden, or a type of input
	Value           string
	Options         []option
	List            string // id of the datalist
	Required        bool
	Whole           bool // takes the whole width of a grid
	Hint, Problem   string
	Key             string // accesskey, shown beside the label
	Focus           bool   // where the cursor stands first
}

// deskForm is what forms are filled from.
type deskForm struct {
	ticket *tickets.Ticket
	people []tickets.Person
}

// values are what a person sent with a form.
type values func(name string) string

func (v values) text(name string) string { return strings.TrimSpace(channels.Sanitize(v(name))) }

func (v values) number(name string) int64 {
	n, err := strconv.ParseInt(v(name), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// time reads what an input of type datetime-local sends: Jinan's clock.
func (v values) time(name string) time.Time {
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(layout, v(name), tickets.Beijing); err == nil {
			return t
		}
	}
	return time.Time{}
}

type moving = func(*tickets.Ticket, time.Time) ([]tickets.Event, error)

// plainly makes a do of a move that needs nothing of the desk but its road.
func plainly(move func(by tickets.Actor, v values) moving) func(context.Context, *tickets.Desk, tickets.Change, values) (*tickets.Ticket, error) {
	return func(ctx context.Context, d *tickets.Desk, c tickets.Change, v values) (*tickets.Ticket, error) {
		return d.Make(ctx, c, move(c.By, v))
	}
}

func long(name, label string, required bool) field {
	return field{Name: name, Label: label, Type: "text-long", Required: required}
}

func one(name, label string, required bool) field {
	return field{Name: name, Label: label, Type: "text", Required: required}
}

func choice(name, label string, options []option) field {
	return field{Name: name, Label: label, Type: "choice", Required: true, Options: options}
}

func department(chosen string) field {
	options := append([]option{{Label: "请选择"}}, plainOptions(tickets.Departments, chosen)...)
	return field{Name: "department", Label: "责任部门", Type: "select", Required: true, Options: options}
}

func later(name, label string) field {
	return field{Name: name, Label: label, Type: "datetime-local", Required: true}
}

func only(list ...field) func(*deskForm) []field {
	return func(*deskForm) []field { return list }
}

// moveForms lists every move a person makes with a form, in the order of the
// buttons.
var moveForms = []moveForm{
	{move: tickets.MoveAccept, label: "受理", hint: "确认类型和类别后，工单由您负责。", fields: acceptFields, do: plainly(acceptForm)},
	{move: tickets.MoveContact, label: "记录联系", submit: "保存联系记录", hint: "只有接通才算联系到用户；未接通也请记录。", fields: contactFields, do: contactForm},
	{move: tickets.MoveDispatch, label: "派单", fields: func(f *deskForm) []field {
		return []field{department(""), long("opinion", "派单意见", false)}
	}, do: plainly(func(by tickets.Actor, v values) moving {
		return func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
			return t.Dispatch(by, v.text("department"), v.text("opinion"), at)
		}
	})},
	{move: tickets.MoveSign, label: "签收并办理", hint: "签收后立即开始办理，两步都会记录。", fields: only(), do: func(ctx context.Context, d *tickets.Desk, c tickets.Change, _ values) (*tickets.Ticket, error) {
		return d.Sign(ctx, c, true)
	}},
	{move: tickets.MoveStart, label: "开始办理", fields: only(), do: plainly(func(by tickets.Actor, _ values) moving {
		return func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) { return t.Start(by, at) }
	})},
	{move: tickets.MoveArrive, label: "到场", submit: "记录到场", fields: only(long("proof", "到场凭证（照片、位置或报到人）", true)), do: plainly(func(by tickets.Actor, v values) moving {
		return func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
			return t.Arrive(by, v.text("proof"), at)
		}
	})},
	{move: tickets.MoveSettle, label: "办结", submit: "办结并转回访", hint: "办结后由他人回访，满意方可结案。", fields: settleFields, do: plainly(settleForm)},
	{move: tickets.MoveAnswer, label: "直接答复", fields: only(long("reply", "答复内容", true)), do: plainly(func(by tickets.Actor, v values) moving {
		return func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
			return t.Answer(by, v.text("reply"), at)
		}
	})},
	{move: tickets.MoveCallback, label: "回访", submit: "保存回访结果", hint: "分别询问办理过程和办理结果。满意即结案，不满意即升级督办。", fields: callbackFields, do: callbackForm},
	{move: tickets.MoveRedo, label: "督办派回", submit: "派回重新办理", fields: func(f *deskForm) []field {
		return []field{department(f.ticket.Department), long("opinion", "督办意见", false)}
	}, do: plainly(func(by tickets.Actor, v values) moving {
		return func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
			return t.Redo(by, v.text("department"), v.text("opinion"), at)
		}
	})},
	{move: tickets.MoveTransfer, label: "转办", fields: func(f *deskForm) []field {
		return []field{department(""), long("opinion", "转办意见", false)}
	}, do: plainly(func(by tickets.Actor, v values) moving {
		return func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
			return t.Transfer(by, v.text("department"), v.text("opinion"), at)
		}
	})},
	{move: tickets.MoveGrantExtension, label: "同意延期", hint: "原时限和新时限都会保留在记录中。", fields: opinion, do: plainly(withOpinion((*tickets.Ticket).GrantExtension))},
	{move: tickets.MoveRefuseExtension, label: "驳回延期", fields: opinion, do: plainly(withOpinion((*tickets.Ticket).RefuseExtension))},
	{move: tickets.MoveApproveReturn, label: "同意退单", danger: true, fields: opinion, do: plainly(withOpinion((*tickets.Ticket).ApproveReturn))},
	{move: tickets.MoveRefuseReturn, label: "驳回退单", fields: opinion, do: plainly(withOpinion((*tickets.Ticket).RefuseReturn))},
	{move: tickets.MoveNote, label: "备注", submit: "保存备注", fields: only(long("note", "备注内容", true)), do: plainly(withNote((*tickets.Ticket).Note))},
	{move: tickets.MoveSupplement, label: "补充材料", fields: only(long("note", "用户补充的内容", true)), do: plainly(withNote((*tickets.Ticket).Supplement))},
	{move: tickets.MoveUrge, label: "催办", submit: "记录催办", fields: only(long("note", "催办情况", false)), do: plainly(withNote((*tickets.Ticket).Urge))},
	{move: tickets.MoveCorrect, label: "更正", submit: "保存更正", hint: "不改的项目请留空；原内容会保留在记录中。", fields: correctFields, do: plainly(correctForm)},
	{move: tickets.MoveReassign, label: "改派", submit: "改派坐席", fields: reassignFields, do: plainly(reassignForm)},
	{move: tickets.MoveAskExtension, label: "延期", submit: "申请延期", hint: "须在到期前申请，并已告知用户。", fields: only(later("until", "延期至"), long("reason", "延期理由", true), long("told", "何时、以何方式告知用户", true)), do: plainly(extendForm)},
	{move: tickets.MoveSuspend, label: "挂起", hint: "挂起只作标注，时限照常计算。", fields: only(later("until", "挂起至"), long("reason", "原因", true)), do: plainly(func(by tickets.Actor, v values) moving {
		return func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
			return t.Suspend(by, v.time("until"), v.text("reason"), at)
		}
	})},
	{move: tickets.MoveResume, label: "恢复办理", fields: only(), do: plainly(func(by tickets.Actor, _ values) moving {
		return func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) { return t.Resume(by, at) }
	})},
	{move: tickets.MoveBookCall, label: "预约回电", submit: "保存预约", hint: "到时前10分钟提醒，过时15分钟未回电记为超时。", fields: only(later("at", "回电时间"), one("phone", "回电号码（不填用工单电话）", false), long("note", "说明", false),
		field{Name: "override", Label: "同一号码当天超过三次仍要回电", Type: "check"}), do: plainly(func(by tickets.Actor, v values) moving {
		return func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
			return t.BookCall(by, tickets.Call{At: v.time("at"), Phone: v.text("phone"), Note: v.text("note"),
				Booking: tickets.Booking{Override: v("override") != ""}}, at)
		}
	})},
	{move: tickets.MoveCancelCall, label: "取消预约回电", fields: only(long("note", "原因", false)), do: plainly(withNote((*tickets.Ticket).CancelCall))},
	{move: tickets.MoveMerge, label: "并案", hint: "并入主单后，本单用户仍须单独答复和回访。", fields: only(one("master_no", "主单编号", true)), do: func(ctx context.Context, d *tickets.Desk, c tickets.Change, v values) (*tickets.Ticket, error) {
		return d.Merge(ctx, c, strings.ToUpper(v.text("master_no")))
	}},
	{move: tickets.MoveUnmerge, label: "取消并案", hint: "取消后本单恢复单独办理，时限从接诉时起算，不重新计时。", fields: only(long("reason", "原因", true)), do: plainly(withReason((*tickets.Ticket).Unmerge))},
	{move: tickets.MoveAssist, label: "协办", submit: "请求协办", hint: "协办部门单独签办；本单时限照常计算。", fields: func(*deskForm) []field {
		to := department("")
		to.Label = "协办部门"
		return []field{to, long("opinion", "协办要求", true)}
	}, do: plainly(assistForm)},
	{move: tickets.MoveAssistDone, label: "协办完成", submit: "签办协办", fields: assistDoneFields, do: plainly(assistDoneForm)},
	{move: tickets.MoveReport, label: "已报送平台", submit: "登记已报送", hint: "在12345平台填报或上传之后再登记；登记本身不会发送任何内容。", fields: reportFields, do: plainly(reportForm)},
	{move: tickets.MoveSupervise, label: "督办", danger: true, submit: "发出督办", fields: only(long("note", "督办内容", true)), do: plainly(withNote((*tickets.Ticket).Supervise))},
	{move: tickets.MoveAskReturn, label: "退单", danger: true, submit: "申请退单", fields: only(one("owner", "应办单位", true), long("reason", "退单原因", true), one("phone", "回退联系电话", false)), do: plainly(func(by tickets.Actor, v values) moving {
		return func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
			return t.AskReturn(by, tickets.Return{Reason: v.text("reason"), Owner: v.text("owner"), Phone: v.text("phone")}, at)
		}
	})},
	{move: tickets.MoveReopen, label: "重新办理", fields: only(long("reason", "原因", true)), do: plainly(withReason((*tickets.Ticket).Reopen))},
	{move: tickets.MoveTerminate, label: "终结", danger: true, submit: "终结工单", hint: "未经满意回访而结案，须写明理由和依据，并留在台账中。", fields: only(long("reason", "终结理由和依据", true)), do: plainly(withReason((*tickets.Ticket).Terminate))},
	{move: tickets.MoveVoid, label: "作废", danger: true, submit: "作废工单", hint: "编号和原因会保留。", fields: only(long("reason", "作废原因", true)), do: plainly(withReason((*tickets.Ticket).Void))},
}

// formOf finds the form of a move.
func formOf(m tickets.Move) (moveForm, bool) {
	for _, f := range moveForms {
		if f.move == m {
			return f, true
		}
	}
	return moveForm{}, false
}

// opinion asks for what a supervisor wants to add to a decision.
func opinion(*deskForm) []field { return []field{long("opinion", "审核意见", false)} }

type spoken = func(*tickets.Ticket, tickets.Actor, string, time.Time) ([]tickets.Event, error)

func withOpinion(move spoken) func(tickets.Actor, values) moving { return spokenAs("opinion", move) }
func withReason(move spoken) func(tickets.Actor, values) moving  { return spokenAs("reason", move) }
func withNote(move spoken) func(tickets.Actor, values) moving    { return spokenAs("note", move) }

func spokenAs(name string, move spoken) func(tickets.Actor, values) moving {
	return func(by tickets.Actor, v values) moving {
		return func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
			return move(t, by, v.text(name), at)
		}
	}
}

func acceptFields(f *deskForm) []field {
	urgent := ""
	if f.ticket.Urgent {
		urgent = "1"
	}
	return []field{
		choice("kind", "类型", optionsOf(tickets.Kinds, kindNames, f.ticket.Kind)),
		{Name: "category", Label: "类别", Type: "select", Required: true, Options: optionsOf(tickets.Categories, categoryNames, f.ticket.Category)},
		{Name: "urgent", Label: "紧急", Type: "check", Value: urgent},
	}
}

func acceptForm(by tickets.Actor, v values) moving {
	urgent := v("urgent") != ""
	return func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
		return t.Accept(by, tickets.Classification{
			Kind: tickets.Kind(v("kind")), Category: tickets.Category(v("category")), Urgent: &urgent,
		}, at)
	}
}

// contactResults are how a contact went, in the order of the buttons.
var contactResults = []tickets.ContactResult{tickets.Reached, tickets.NoAnswer, tickets.InvalidNumber, tickets.Refused}

func contactFields(f *deskForm) []field {
	ways := []string{"phone", "message", "visit", "sms"}
	list := []field{
		choice("via", "联系方式", optionsOf(ways, wayNames, "phone")),
		choice("result", "结果", optionsOf(contactResults, contactNames, "")),
		one("whom", "联系对象", false),
	}
	if f.ticket.ContactPhone != "" {
		list = append(list, field{Name: "confirmed", Label: "已核实是本人", Type: "check",
			Hint: "限电话或上门接通：对方就是在此会话中提出诉求的人。"})
	}
	return append(list, long("note", "联系内容", false))
}

func contactForm(ctx context.Context, d *tickets.Desk, c tickets.Change, v values) (*tickets.Ticket, error) {
	return d.Contact(ctx, c, tickets.Contact{
		Via: v("via"), Result: tickets.ContactResult(v("result")), Whom: v.text("whom"),
		Note: v.text("note"), MessageID: v.number("message_id"), Confirmed: v("confirmed") != "",
	})
}

var outcomes = []tickets.Outcome{tickets.Solved, tickets.Partly, tickets.Unsolved, tickets.Dropped}

func settleFields(f *deskForm) []field {
	basis := one("basis", "不再办理的依据", false)
	basis.Hint = "结果为“不再办理”时必填。"
	list := []field{
		choice("outcome", "结果", optionsOf(outcomes, outcomeNames, "")),
		basis,
		long("measures", "处理措施", true),
		long("reply", "答复用户的内容", true),
		choice("channel", "答复方式", optionsOf([]string{"phone", "message", "visit", "sms"}, wayNames, "phone")),
		{Name: "justified", Label: "诉求是否属实", Type: "choice", Options: []option{{Value: "yes", Label: "属实"}, {Value: "no", Label: "不属实"}}},
	}
	if f.ticket.Source == tickets.From12345 {
		list = append(list, orderFields(f.ticket)...)
	}
	return list
}

func settleForm(by tickets.Actor, v values) moving {
	s := tickets.Settlement{
		Outcome: tickets.Outcome(v("outcome")), Measures: v.text("measures"), Reply: v.text("reply"),
		Channel: v("channel"), Basis: v.text("basis"),
	}
	if j := v("justified"); j != "" {
		yes := j == "yes"
		s.Justified = &yes
	}
	s.Order = orderForm(v)
	return func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) { return t.Settle(by, s, at) }
}

var (
	ratings  = []tickets.Rating{tickets.VeryGood, tickets.Good, tickets.Fair, tickets.Poor, tickets.NoOpinion}
	verdicts = []tickets.CallbackVerdict{tickets.CallbackSatisfied, tickets.CallbackDissatisfied, tickets.CallbackNotReached}
)

func callbackFields(*deskForm) []field {
	reason := one("reason", "不满意或未接通的原因", false)
	reason.Hint = "不满意、未接通时必填。"
	solved := choice("solved", "问题是否解决", optionsOf([]string{"yes", "no", "unstated"}, solvedNames, ""))
	process, outcome := choice("process", "对办理过程的评价", optionsOf(ratings, ratingNames, "")), choice("outcome", "对办理结果的评价", optionsOf(ratings, ratingNames, ""))
	process.Required, outcome.Required, solved.Required = false, false, false
	return []field{choice("result", "回访结果", optionsOf(verdicts, callbackNames, "")), process, outcome, solved, long("words", "用户原话", false), reason}
}

func callbackForm(ctx context.Context, d *tickets.Desk, c tickets.Change, v values) (*tickets.Ticket, error) {
	return d.Callback(ctx, c, tickets.CallbackResult{
		Verdict: tickets.CallbackVerdict(v("result")), Process: tickets.Rating(v("process")),
		Outcome: tickets.Rating(v("outcome")), Solved: v("solved"), Words: v.text("words"), Reason: v.text("reason"),
	})
}

func correctFields(f *deskForm) []field {
	urgent := []option{{Value: "", Label: "不改"}, {Value: "yes", Label: "紧急"}, {Value: "no", Label: "不紧急"}}
	urgent[0].Chosen = true
	categories := append([]option{{Value: "", Label: "不改"}}, optionsOf(tickets.Categories, categoryNames, "")...)
	return []field{
		one("contact_name", "联系人", false),
		{Name: "contact_phone", Label: "联系电话", Type: "tel"},
		one("address", "地址", false),
		{Name: "category", Label: "类别", Type: "select", Options: categories},
		{Name: "urgent", Label: "紧急程度", Type: "choice", Options: urgent},
	}
}

func correctForm(by tickets.Actor, v values) moving {
	var x tickets.Correction
	if s := v.text("contact_name"); s != "" {
		x.ContactName = &s
	}
	if s := v.text("contact_phone"); s != "" {
		x.ContactPhone = &s
	}
	if s := v.text("address"); s != "" {
		x.Address = &customer.Address{Text: s}
	}
	if k := tickets.Category(v("category")); k != "" {
		x.Category = &k
	}
	if u := v("urgent"); u != "" {
		yes := u == "yes"
		x.Urgent = &yes
	}
	return func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) { return t.Correct(by, x, at) }
}

func reassignFields(f *deskForm) []field {
	people := []option{{Value: "", Label: "请选择"}}
	for _, p := range f.people {
		people = append(people, option{Value: strconv.FormatInt(p.ID, 10), Label: p.Name})
	}
	return []field{{Name: "assignee", Label: "改派给", Type: "select", Required: true, Options: people}}
}

// assigneeName is looked up by the site: forms send only the id.
const assigneeName = "assignee name"

func reassignForm(by tickets.Actor, v values) moving {
	to := tickets.Person{ID: v.number("assignee"), Name: v(assigneeName)}
	return func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
		return t.Reassign(by, to, at)
	}
}

func extendForm(by tickets.Actor, v values) moving {
	x := tickets.Extension{Until: v.time("until"), Reason: v.text("reason"), Told: v.text("told")}
	return func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) { return t.AskExtension(by, x, at) }
}
