package web

import (
	"time"

	"quandesk/tickets"
)

// orderFields are what the reply to an order of 12345 has beside result,
// measures and words: the block of the platform's page.
func orderFields(t *tickets.Ticket) []field {
	asked := func(name, label, value string) field {
		return field{Name: name, Label: label, Type: "text", Value: value}
	}
	kind := choice("answer_type", "答复类型", optionsOf(tickets.AnswerTypes, answerTypeNames, tickets.FinalAnswer))
	expected := later("expected_at", "预计完成时间")
	expected.Required, expected.Hint = false, "阶段性答复必填。"
	says := choice("caller_says", "答复来电人情况", optionsOf(ratings, ratingNames, ""))
	says.Required = false
	unsolved := one("unsolved_reason", "未解决原因", false)
	unsolved.Hint = "结果为部分解决或未解决时必填。"
	answered := later("answered_at", "答复时间")
	answered.Required, answered.Hint = false, "不填为现在。"
	public := long("public", "公开答复内容", false)
	public.Hint = "不填则与答复用户的内容相同；请勿写入姓名、电话和门牌号。"
	return []field{
		kind, expected, says, answered,
		one("answered_by", "答复人（不填为本人）", false), one("answer_phone", "答复电话", false), unsolved,
		{Name: "beyond_duty", Label: "超职责诉求", Type: "check"},
		public,
		asked("unit", "回复单位", tickets.ReplyUnit), asked("sub_unit", "下级办理单位", t.Department),
		one("contact_name", "回复联系人（不填为本人）", false), one("contact_phone", "回复电话", false),
		long("exempt", "建议不计入考核的理由", false),
	}
}

// orderForm reads the block; nil when the form had none.
func orderForm(v values) *tickets.OrderReply {
	if v("answer_type") == "" {
		return nil
	}
	return &tickets.OrderReply{
		Type: tickets.AnswerType(v("answer_type")), ExpectedAt: v.time("expected_at"),
		CallerSays: tickets.Rating(v("caller_says")), AnsweredAt: v.time("answered_at"),
		AnsweredBy: v.text("answered_by"), AnswerPhone: v.text("answer_phone"), Unit: v.text("unit"), SubUnit: v.text("sub_unit"),
		UnsolvedReason: v.text("unsolved_reason"), BeyondDuty: v("beyond_duty") != "", Public: v.text("public"),
		ContactName: v.text("contact_name"), ContactPhone: v.text("contact_phone"), Exempt: v.text("exempt"),
	}
}

func assistForm(by tickets.Actor, v values) moving {
	return func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
		return t.Assist(by, v.text("department"), v.text("opinion"), at)
	}
}

func assistDoneFields(f *deskForm) []field {
	var open []string
	for _, a := range f.ticket.Assists {
		if a.Open() {
			open = append(open, a.Department)
		}
	}
	of := field{Name: "department", Label: "协办部门", Type: "select", Options: plainOptions(open, "")}
	return []field{of, long("result", "协办结果", true)}
}

func assistDoneForm(by tickets.Actor, v values) moving {
	of := v.text("department")
	if !by.Supervises {
		of = by.Department
	}
	return func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
		return t.AssistDone(by, of, v.text("result"), at)
	}
}

// byHand are the ways in which people report.
var byHand = []tickets.Way{tickets.ByPaste, tickets.ByUpload}

func reportFields(*deskForm) []field {
	return []field{
		choice("act", "已报送的事项", optionsOf(tickets.Acts, actNames, tickets.ActReply)),
		choice("way", "报送方式", optionsOf(byHand, reportWayNames, tickets.ByPaste)),
	}
}

func reportForm(by tickets.Actor, v values) moving {
	return func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
		return t.Report(by, tickets.Act(v("act")), 0, tickets.Way(v("way")), at)
	}
}
