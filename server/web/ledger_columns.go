package web

import (
	"strings"
	"time"

	"quandesk/tickets"
	"quandesk/tickets/customer"
)

// A column of the ledger: what stands above it and what a row puts there. A
// value is a string, an int, a float64, a time.Time, or nil for nothing.
type column struct {
	title string
	width float64
	value func(line) any
}

// line is one row of the ledger as one person may see it.
type line struct {
	tickets.LedgerRow
	number   int
	identify bool                // may know who it is
	veil     func(string) string // for texts
}

// ledgerColumns are the groups of the ledger in their order, as far as a row
// knows them.
var ledgerColumns = []column{
	{"序号", 6, func(l line) any { return l.number }},
	// 标识
	{"台账编号", 19, func(l line) any { return l.Ticket.No }},
	{"状态", 16, func(l line) any { return named(stateNames, l.Ticket.State) }},
	{"来源渠道", 13, func(l line) any { return named(sourceNames, l.Ticket.Source) }},
	{"子渠道", 10, func(l line) any { return named(channelNames, l.Ticket.Channel) }},
	{"受理网点", 16, func(l line) any { return l.Ticket.Outlet }},
	{"外部编号", 22, func(l line) any { return l.Ticket.ExternalNo }},
	{"是否保密", 9, func(l line) any { return yes(l.Ticket.Confidential) }},
	{"主单号", 19, func(l line) any { return l.Ticket.MasterNo }},
	// 客户
	{"姓名", 10, func(l line) any { return l.personal(l.Ticket.ContactName) }},
	{"联系电话", 16, line.phone},
	{"用水地址", 30, func(l line) any { return l.personal(l.Ticket.Address.Text) }},
	{"区县", 10, func(l line) any { return l.personal(l.Ticket.Address.District) }},
	{"街道", 12, func(l line) any { return l.personal(l.Ticket.Address.Street) }},
	{"社区小区", 16, func(l line) any { return l.personal(l.Ticket.Address.Community) }},
	// 诉求
	{"接诉时间", 17, func(l line) any { return l.Ticket.ReceivedAt }},
	{"接诉人", 10, func(l line) any { return l.Ticket.ReceivedBy }},
	{"诉求类型", 10, func(l line) any { return named(kindNames, l.Ticket.Kind) }},
	{"问题类别", 14, func(l line) any { return named(categoryNames, l.Ticket.Category) }},
	{"诉求内容", 40, func(l line) any { return l.veil(l.Ticket.Description) }},
	{"紧急程度", 9, func(l line) any { return choose(l.Ticket.Urgent, "紧急", "一般") }},
	// 响应
	{"首次联系时间", 17, func(l line) any { return l.Ticket.ContactedAt }},
	{"联系方式", 10, func(l line) any { return named(wayNames, l.Ticket.ContactVia) }},
	{"联系结果", 10, func(l line) any { return named(contactNames, l.Ticket.LastContact) }},
	{"未接通次数", 10, func(l line) any { return l.Ticket.Attempts }},
	{"响应用时（分）", 13, line.responseMinutes},
	{"20分钟达标", 14, func(l line) any { return named(verdictNames, l.ContactMet) }},
	// 办理
	{"责任部门", 14, func(l line) any { return l.Ticket.Department }},
	{"办理人", 10, func(l line) any { return l.Ticket.Handler.Name }},
	{"派单时间", 17, func(l line) any { return l.Ticket.DispatchedAt }},
	{"签收时间", 17, func(l line) any { return l.Ticket.SignedAt }},
	{"到场时间", 17, func(l line) any { return l.Ticket.ArrivedAt }},
	{"处理措施", 36, func(l line) any { return l.veil(l.Ticket.Settlement.Measures) }},
	{"办结时间", 17, func(l line) any { return l.Ticket.SettledAt }},
	{"应办结时间", 17, line.finishBy},
	{"办理用时（时）", 13, line.handlingHours},
	{"2日达标", 10, func(l line) any { return named(verdictNames, l.FinishMet) }},
	{"延期次数", 9, func(l line) any { return l.Extensions }},
	{"延期理由", 24, func(l line) any { return l.veil(l.Ticket.Extension.Reason) }},
	{"延期至", 17, func(l line) any { return l.Ticket.Extension.Until }},
	{"延期告知情况", 24, func(l line) any { return l.personal(l.veil(l.Ticket.Extension.Told)) }},
	// 答复
	{"答复时间", 17, func(l line) any { return l.Ticket.Settlement.At }},
	{"答复方式", 10, func(l line) any { return named(wayNames, l.Ticket.Settlement.Channel) }},
	{"答复内容", 40, func(l line) any { return l.veil(l.Ticket.Settlement.Reply) }},
	{"办理结果", 10, func(l line) any { return named(outcomeNames, l.Ticket.Settlement.Outcome) }},
	{"不再办理依据", 24, func(l line) any { return l.veil(l.Ticket.Settlement.Basis) }},
	{"是否属实", 9, line.justified},
	// 回访
	{"回访时间", 17, func(l line) any { return l.called(0).At }},
	{"回访人", 10, func(l line) any { return l.called(0).By }},
	{"过程评价", 10, func(l line) any { return named(ratingNames, l.called(0).Result.Process) }},
	{"结果评价", 10, func(l line) any { return named(ratingNames, l.called(0).Result.Outcome) }},
	{"是否解决", 9, func(l line) any { return named(solvedNames, l.called(0).Result.Solved) }},
	{"回访结论", 10, func(l line) any { return named(callbackNames, l.called(0).Result.Verdict) }},
	{"不满意原因", 30, func(l line) any { return l.veil(l.called(0).Result.Reason) }},
	{"回访未接通次数", 13, func(l line) any { return l.Ticket.CallbackTries }},
	// 督办
	{"升级级别", 9, func(l line) any { return l.Ticket.Level }},
	{"督办时间", 17, func(l line) any { return l.SupervisedAt }},
	{"二次回访时间", 17, func(l line) any { return l.called(1).At }},
	{"二次回访人", 11, func(l line) any { return l.called(1).By }},
	{"二次回访结论", 12, func(l line) any { return named(callbackNames, l.called(1).Result.Verdict) }},
	// 12345
	{"派单时限", 17, func(l line) any { first, _ := l.OrderDue(); return first }},
	{"现时限", 17, func(l line) any { _, now := l.OrderDue(); return now }},
	{"回复平台时间", 17, func(l line) any { return l.Ticket.ReportedAt }},
	{"退单次数", 9, func(l line) any { return l.Returns }},
	{"退单时间", 17, func(l line) any { return l.Ticket.Return.At }},
	{"退单原因", 24, func(l line) any { return l.veil(l.Ticket.Return.Reason) }},
	{"建议承办单位", 16, func(l line) any { return l.veil(l.Ticket.Return.Owner) }},
	{"退单结果", 10, line.returned},
	{"催办次数", 9, func(l line) any { return l.Ticket.Urges }},
	{"督办类型", 18, line.supervised},
	{"重新办理次数", 11, func(l line) any { return l.Redone }},
	{"建议不计入考核", 14, line.exempt},
	{"不计入考核理由", 24, line.exemptReason},
	// 结案
	{"结案时间", 17, func(l line) any { return l.Ticket.ClosedAt }},
	{"结案依据", 24, func(l line) any { return l.veil(l.Ticket.CloseBasis) }},
}

// cells are the values of a row, in the order of the columns.
func (l line) cells() []any {
	out := make([]any, len(ledgerColumns))
	for i, c := range ledgerColumns {
		switch v := c.value(l).(type) {
		case time.Time:
			if !v.IsZero() {
				out[i] = v
			}
		case string:
			if v != "" {
				out[i] = v
			}
		default:
			out[i] = v
		}
	}
	return out
}

func (l line) personal(text string) string {
	if text != "" && !l.identify {
		return hidden
	}
	return text
}

func (l line) phone() any {
	if l.Ticket.Anonymous && l.Ticket.ContactPhone == "" {
		return "匿名"
	}
	if !l.identify {
		return l.personal(customer.MaskPhone(l.Ticket.ContactPhone))
	}
	return l.Ticket.ContactPhone
}

func (l line) responseMinutes() any {
	if l.Response < 0 {
		return nil
	}
	return tenths(l.Response.Minutes())
}

func (l line) handlingHours() any {
	if l.Ticket.SettledAt.IsZero() {
		return nil
	}
	return tenths(l.Ticket.SettledAt.Sub(l.Ticket.ReceivedAt).Hours())
}

func tenths(f float64) float64 { return float64(int64(f*10+0.5)) / 10 }

// finishBy is the first due time of the two days of clause 11.2.
func (l line) finishBy() any {
	for _, d := range l.Ticket.Deadlines {
		if d.Rule == "R02" {
			return d.DueAt
		}
	}
	return nil
}

// returned is what became of the latest return.
func (l line) returned() any {
	switch l.ReturnedAs {
	case tickets.EventReturnAsked:
		return "审核中"
	case tickets.EventReturned:
		return "已退单"
	case tickets.EventReturnRefused:
		return "未同意"
	}
	return nil
}

// supervised is who pressed for the ticket.
func (l line) supervised() any {
	var out []string
	for _, who := range l.Supervised {
		switch who {
		case tickets.By12345:
			out = append(out, "12345督办")
		case tickets.ByCustomer:
			out = append(out, "回访不满意升级")
		default:
			out = append(out, "内部督办")
		}
	}
	return strings.Join(out, "、")
}

func (l line) exempt() any {
	if l.Ticket.Source != tickets.From12345 {
		return nil
	}
	return yes(l.Ticket.Settlement.Order != nil && l.Ticket.Settlement.Order.Exempt != "")
}

func (l line) exemptReason() any {
	if l.Ticket.Settlement.Order == nil {
		return nil
	}
	return l.veil(l.Ticket.Settlement.Order.Exempt)
}

func (l line) justified() any {
	if l.Ticket.Settlement.Justified == nil {
		return nil
	}
	return yes(*l.Ticket.Settlement.Justified)
}

// called is the callback that reached the resident n-th; empty when none did.
func (l line) called(n int) tickets.Called {
	if n >= len(l.Callbacks) {
		return tickets.Called{}
	}
	return l.Callbacks[n]
}

func yes(b bool) string { return choose(b, "是", "否") }

func choose(b bool, yes, no string) string {
	if b {
		return yes
	}
	return no
}
