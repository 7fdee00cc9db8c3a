package web

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels/hotline12345"
	"quandesk/tickets"
)

// orderSamples are the pages about orders of 12345.
func orderSamples(t *testing.T) []sample {
	ticket := lateTicket()
	ticket.Source, ticket.ExternalNo = tickets.From12345, "260302093015001204"
	order, flaws := hotline12345.Read([]hotline12345.Value{
		{Name: "HotLineWorkNumber", Text: ticket.ExternalNo}, {Name: "content", Text: "小区连续两天水压低，电话13805310011。"},
		{Name: "linkPhone", Text: "13805310011"}, {Name: "ldlbid", Text: "投诉"}, {Name: "sendTime", Text: "2026-11-22 09:35"},
		{Name: "endDate", Text: "2026-11-27 18:00"}, {Name: "isSecret", Text: "1"}, {Name: "address", Text: "历下区文化东路88号"},
		{Name: "附件", Text: "楼道照片 https://files.12345.example/a/1.jpg\n通话录音.mp3", List: true}, {Name: "网格", Text: "文东3"},
	})
	for _, f := range flaws {
		require.False(t, f.Fatal, f.Words)
	}
	filed := &hotline12345.Filed{Order: order, DueAt: order.Due, Urges: 2}
	clerk := tickets.Actor{Kind: tickets.By12345, Name: "王芳"}
	urge, other := order, order
	urge.Mail, urge.Content = hotline12345.Urge, "市民再次来电催办"
	other.Content, other.ContactPhone = "小区连续三天水压低。", "13805310012"
	view := newOrderView(filed, []hotline12345.Event{
		{ID: 1, Mail: hotline12345.Handle, Outcome: hotline12345.Opened, Via: hotline12345.ByPush, Order: order, By: tickets.Actor{Name: "12345热线平台"}, ArrivedAt: ago(26 * time.Hour)},
		{ID: 2, Mail: hotline12345.Urge, Outcome: hotline12345.Urged, Via: hotline12345.ByForm, Order: urge, By: clerk, ArrivedAt: ago(3 * time.Hour)},
		{ID: 3, Mail: hotline12345.Handle, Outcome: hotline12345.Conflict, Via: hotline12345.ByImport, Order: other, Changes: order.Differs(other), By: clerk, ArrivedAt: ago(time.Hour)},
	}, ticket, sampleLead, sampleNow)
	view.CSRF = "token"
	upload := &hotline12345.Upload{
		ID: 7, Name: "十一月工单.xlsx", State: hotline12345.Uploaded, By: clerk, Notes: []string{"表“说明”是隐藏的，没有读。"},
		Counts: hotline12345.Counts{New: 1, Known: 1, Changed: 1, Wrong: 1},
		Lines: []hotline12345.Shown{
			{Where: "第2行", Verdict: hotline12345.New, No: "260302093015001205", Mail: hotline12345.Handle, Gist: "<b>水发黄</b>", Hints: []string{"D列“联系电话”：没有联系电话。"}},
			{Where: "第3行", Verdict: hotline12345.Here, No: ticket.ExternalNo, Mail: hotline12345.Handle, TicketNo: ticket.No, Why: "已经登记，没有变化。"},
			{Where: "第4行", Verdict: hotline12345.Changed, No: ticket.ExternalNo, Mail: hotline12345.Handle, TicketNo: ticket.No, Why: "已经登记，导入后更新：工单状态。"},
			{Where: "第5行", Verdict: hotline12345.Wrong, Mail: hotline12345.Handle, Problems: []string{"A列“工单编号”：没有工单编号。"}},
		},
	}
	preview := newUploadView(upload, "", 1)
	preview.frame, preview.At = sampleFrame("导入12345工单", "/desk/tickets"), "今天 14:02"
	refused := orderFormView{frame: sampleFrame("登记12345工单", "/desk/tickets"), ClientID: "made-by-the-server", Fields: orderFormFields()}
	blame(refused.Fields, describe(&hotline12345.RefusedError{Field: "external_no", Words: "没有工单编号。"}))
	return []sample{
		{"order", "order", view},
		{"orders", "page-orders", ordersView{frame: sampleFrame("导入12345工单", "/desk/tickets"),
			Uploads: []uploadRow{{Href: "/desk/orders/imports/7", Name: upload.Name, State: "待确认", Tone: "amber", Counts: countWords(upload.Counts), By: "王芳", At: "今天 14:02"}},
			Waiting: []waitingRow{{No: "260302093015001299", Mail: "催办单", Words: "市民再次来电催办", At: "昨天 09:10", Late: true}}}},
		{"upload", "page-upload", preview},
		{"order-new", "page-new-order", refused},
	}
}
