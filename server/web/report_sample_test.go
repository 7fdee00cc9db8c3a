package web

import (
	"time"

	"quandesk/channels/hotline12345"
	"quandesk/tickets"
)

// reportSamples are the pages of what 12345 has yet to be told, and of what
// waits for a decision.
func reportSamples(rules *tickets.Rules) []sample {
	ticket := lateTicket()
	ticket.Source, ticket.ExternalNo = tickets.From12345, "260302093015001204"
	told := func(id int64, act tickets.Act, state hotline12345.Delivery, reason string) reportView {
		return newReport(hotline12345.Outward{
			ID: id, TicketNo: ticket.No, OrderNo: ticket.ExternalNo, Act: act, Round: 1, State: state, Reason: reason,
			Lines: hotline12345.Lines(ticket, tickets.ActSign), CreatedAt: ago(2 * time.Hour), DoneAt: ago(time.Hour),
		}, true, "token", sampleNow)
	}
	signed := told(1, tickets.ActSign, hotline12345.Delivered, "")
	doubtful := told(2, tickets.ActExtend, hotline12345.Unknown, "平台没有应答。")
	refused := told(3, tickets.ActReply, hotline12345.Refused, "回复内容少于20个字。")
	ask := askView{
		No: ticket.No, OrderNo: ticket.ExternalNo, What: "退单审核", Version: 3, Due: newClockDue(rules, "D02", ago(-time.Hour), sampleNow),
		Description: "小区连续两天水压低。", Address: "历下区文化东路88号", Received: "2026-11-22 09:35", By: "陈强", Department: "管网运行部",
		Asked: "2026-11-23 13:40", Reason: "产权属于小区物业。", Owner: "小区物业", Approve: "/desk/tickets/x/approve", Refuse: "/desk/tickets/x/refuse",
	}
	figures := []figureView{
		{Label: "响应率", Value: "98.50%", Detail: "197 ÷ 200", Href: "/desk/approvals?figure=response", Current: true},
		{Label: "解决率", Value: "—", Detail: "尚无数据", Href: "/desk/approvals?figure=solved"},
	}
	return []sample{
		{"reports", "reports", []reportView{refused, doubtful, signed}},
		{"reports-page", "page-reports", reportsView{frame: sampleFrame("12345报送", reportsHome), Done: "已登记1项。", Rows: []reportView{doubtful, refused}}},
		{"report", "page-report", reportPageView{frame: sampleFrame("12345报送", reportsHome), Report: doubtful}},
		{"approvals", "page-approvals", approvalsView{
			frame: sampleFrame("审核与指标", approvalsHome), Asks: []askView{ask}, From: "2026-11-01", To: "2026-11-23", Orders: 200, Figures: figures,
			Figure: "响应率", List: ticketsView{Rows: []ticketRow{newTicketRow(sampleLead, ticket, rules, sampleNow)}},
		}},
	}
}
