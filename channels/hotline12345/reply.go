package hotline12345

import (
	"strings"
	"time"

	"quandesk/tickets"
	"quandesk/tickets/customer"
)

// Line is one field of what the platform is told: its name in the JSON of the
// connection, its label on the platform's page, and what stands there.
type Line struct {
	Name  string `json:"name"`
	Label string `json:"label"`
	Value string `json:"value"`
}

// Lines are what the platform is told of an act, in the order of its page.
// Of a confidential order nobody's name, number or place is in it (T14).
func Lines(t *tickets.Ticket, act tickets.Act) []Line {
	var lines []Line
	switch act {
	case tickets.ActSign:
		lines = signLines(t)
	case tickets.ActReturn:
		lines = returnLines(t)
	case tickets.ActExtend:
		lines = extendLines(t)
	case tickets.ActReply:
		lines = replyLines(t)
	}
	for i := range lines {
		lines[i].Value = t.Veil(lines[i].Value)
	}
	return lines
}

// Text is what a clerk pastes: one field a line.
func Text(lines []Line) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(l.Label + "：" + l.Value + "\n")
	}
	return b.String()
}

func signLines(t *tickets.Ticket) []Line {
	return []Line{
		{"order_no", "工单编号", t.ExternalNo},
		{"signed_at", "签收时间", stamped(t.SignedAt)},
		{"unit", "签收单位", tickets.ReplyUnit},
		{"department", "承办部门", t.Department},
	}
}

// returnLines is the return block of the platform's page (回退).
func returnLines(t *tickets.Ticket) []Line {
	r := t.Return
	return []Line{
		{"order_no", "工单编号", t.ExternalNo},
		{"reason", "回退原因", r.Reason},
		{"opinion", "领导意见", r.Opinion},
		{"owner", "建议承办单位", r.Owner},
		{"department", "回退部门", or(r.Department, tickets.ReplyUnit)},
		{"returned_at", "回退时间", stamped(r.Decided)},
		{"returned_by", "回退人", r.By},
		{"phone", "回退联系电话", r.Phone},
	}
}

func extendLines(t *tickets.Ticket) []Line {
	due := t.OrderDue
	for _, d := range t.Deadlines {
		if d.Rule == "D02" || d.Rule == "D05" {
			due = d.DueAt // of the latest round
		}
	}
	return []Line{
		{"order_no", "工单编号", t.ExternalNo},
		{"reason", "延期原因", t.Extension.Reason},
		{"due", "原办理时限", stamped(due)},
		{"until", "申请延期至", stamped(t.Extension.Until)},
		{"told", "告知来电人情况", t.Extension.Told},
		{"asked_at", "申请时间", stamped(t.Extension.Asked)},
		{"asked_by", "申请人", t.Extension.By},
	}
}

// replyLines is the reply block of the platform's page, with the fields that
// other cities have beside.
func replyLines(t *tickets.Ticket) []Line {
	s := t.Settlement
	var o tickets.OrderReply
	if s.Order != nil {
		o = *s.Order
	}
	dropped := ""
	if s.Outcome == tickets.Dropped {
		dropped = s.Basis
	}
	justified := ""
	if s.Justified != nil {
		justified = yesNo(*s.Justified)
	}
	return []Line{
		{"order_no", "工单编号", t.ExternalNo},
		{"answer_type", "答复类型", answerTypes[o.Type]},
		{"expected_at", "预计完成时间", stamped(o.ExpectedAt)},
		{"caller_says", "答复来电人情况", callerSays[o.CallerSays]},
		{"answered_at", "答复时间", stamped(o.AnsweredAt)},
		{"answered_by", "答复人", o.AnsweredBy},
		{"answer_phone", "答复电话", o.AnswerPhone},
		{"measures", "办理情况", s.Measures},
		{"reply", "答复内容", s.Reply},
		{"unit", "回复单位", o.Unit},
		{"replied_at", "回复时间", stamped(s.At)},
		{"sub_unit", "下级办理单位", o.SubUnit},
		{"no_more", "不再办理", yesNo(s.Outcome == tickets.Dropped)},
		{"no_more_reason", "不再办理原因", dropped},
		{"justified", "诉求是否属实", justified},
		{"beyond_duty", "超职责诉求", yesNo(o.BeyondDuty)},
		{"contacted", "是否联系群众", yesNo(!t.ContactedAt.IsZero())},
		{"contact_number", "联系号码", number(t)},
		{"contacted_at", "联系时间", stamped(t.ContactedAt)},
		{"result", "办理结果", outcomes[s.Outcome]},
		{"solved", "是否解决", yesNo(s.Outcome == tickets.Solved)},
		{"unsolved_reason", "未解决原因", o.UnsolvedReason},
		{"public", "公开答复内容", o.Public},
		{"attachments", "附件", strings.Join(o.Attachments, "；")},
		{"reply_contact", "回复联系人", o.ContactName},
		{"reply_phone", "回复电话", o.ContactPhone},
		{"exempt", "建议不计入考核", exempt(o.Exempt)},
	}
}

var answerTypes = map[tickets.AnswerType]string{
	tickets.FinalAnswer: "办结答复", tickets.InterimAnswer: "阶段性答复", tickets.Explanation: "解释说明",
}

var callerSays = map[tickets.Rating]string{
	tickets.VeryGood: "非常满意", tickets.Good: "满意", tickets.Fair: "基本满意",
	tickets.Poor: "不满意", tickets.NoOpinion: "未表态",
}

var outcomes = map[tickets.Outcome]string{
	tickets.Solved: "解决", tickets.Partly: "部分解决", tickets.Unsolved: "未解决", tickets.Dropped: "不再办理",
}

// number is on which number the caller was reached, masked: the platform has
// it in full.
func number(t *tickets.Ticket) string {
	if t.Confidential {
		return tickets.Hidden
	}
	return customer.MaskPhone(t.ContactPhone)
}

// exempt is how the unit asks on the platform: in brackets, with the reason.
func exempt(reason string) string {
	if reason == "" {
		return ""
	}
	return "【" + reason + "，建议此件不计入考核】"
}

func stamped(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(tickets.Beijing).Format("2006-01-02 15:04:05")
}

func yesNo(b bool) string {
	if b {
		return "是"
	}
	return "否"
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
