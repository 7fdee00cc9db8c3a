package web

import (
	"encoding/json"
	"testing"
	"time"

	"quandesk/channels"
	"quandesk/kb"
	"quandesk/server/auth"
	"quandesk/tickets"
	"quandesk/tickets/calendar"
	"quandesk/tickets/customer"
)

// sampleNow is the moment of every sample: a Monday afternoon in Jinan.
var sampleNow = time.Date(2026, 11, 23, 14, 5, 0, 0, tickets.Beijing)

func ago(d time.Duration) time.Time { return sampleNow.Add(-d) }

func sampleRules(t *testing.T) *tickets.Rules {
	t.Helper()
	days, err := calendar.Default()
	if err != nil {
		t.Fatal(err)
	}
	r, err := tickets.LoadRules("", days)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var (
	sampleAgent = auth.User{ID: 7, Username: "wangfang", Name: "王芳", Role: auth.RoleAgent}
	sampleLead  = auth.User{ID: 3, Username: "liqiang", Name: "李强", Role: auth.RoleSupervisor}
)

func jsonOf(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// sampleTicket is a complaint about yellow water that is being handled.
func sampleTicket() *tickets.Ticket {
	return &tickets.Ticket{
		ID: 41, No: "TS-20261123-0007", Kind: tickets.Complaint, Category: tickets.WaterQuality, State: tickets.Processing,
		Source: tickets.FromNetwork, Channel: "webchat", ConversationID: 12, ContactName: "刘桂兰",
		ContactPhone: "13805310011", Address: customer.Address{Text: "历下区文化东路燕子山小区6号楼2单元301"},
		Description: "从昨天晚上开始自来水发黄，放了十分钟还是黄的，家里有老人不敢喝。", Urgent: true, Department: tickets.Departments[0],
		Assignee: tickets.Person{ID: 7, Name: "王芳"}, ReceivedAt: ago(14 * time.Minute), ReceivedBy: "智能客服",
		Attempts: 1, LastTriedAt: ago(5 * time.Minute), DispatchedAt: ago(9 * time.Minute), SignedAt: ago(8 * time.Minute), Version: 6,
		CreatedAt: ago(14 * time.Minute), UpdatedAt: ago(5 * time.Minute),
		Deadlines: []tickets.Deadline{
			{Rule: "R01", Clause: "11.2", Round: 1, StartAt: ago(14 * time.Minute), DueAt: sampleNow.Add(6 * time.Minute)},
			{Rule: "R02", Clause: "11.2", Round: 1, StartAt: ago(14 * time.Minute), DueAt: sampleNow.Add(47*time.Hour + 46*time.Minute)},
		},
	}
}

func sampleEvents() []tickets.Event {
	staff := tickets.Actor{Kind: tickets.ByStaff, ID: 7, Name: "王芳"}
	return []tickets.Event{
		{Seq: 1, At: ago(14 * time.Minute), Actor: tickets.Bot, Kind: tickets.EventOpened, Data: jsonOf(map[string]any{"kind": "complaint", "category": "water_quality"})},
		{Seq: 2, At: ago(10 * time.Minute), Actor: staff, Kind: tickets.EventAccepted, Data: jsonOf(map[string]any{"kind": "complaint", "category": "water_quality"})},
		{Seq: 3, At: ago(9 * time.Minute), Actor: staff, Kind: tickets.EventDispatched, Data: jsonOf(map[string]any{"department": tickets.Departments[0], "opinion": "请先到楼前消火栓取样，再入户。"})},
		{Seq: 4, At: ago(8 * time.Minute), Actor: tickets.Actor{Kind: tickets.ByStaff, ID: 9, Name: "赵磊"}, Kind: tickets.EventSigned},
		{Seq: 5, At: ago(8 * time.Minute), Actor: tickets.Actor{Kind: tickets.ByStaff, ID: 9, Name: "赵磊"}, Kind: tickets.EventStarted},
		{Seq: 6, At: ago(5 * time.Minute), Actor: staff, Kind: tickets.EventContactTried, Data: jsonOf(map[string]any{"via": "phone", "result": "no_answer", "note": "响铃无人接听，稍后再拨。"})},
		{Seq: 7, At: ago(4 * time.Minute), Actor: tickets.Clock, Kind: tickets.EventWarned, Data: jsonOf(map[string]any{"rule": "R01", "clause": "11.2", "due_at": sampleNow.Add(6 * time.Minute), "told": []string{"handler"}})},
	}
}

// settledTicket was handled by the sample agent and waits for a callback.
func settledTicket() *tickets.Ticket {
	t := sampleTicket()
	t.No, t.State, t.Level = "TS-20261121-0031", tickets.Settled, 1
	t.ReceivedAt, t.ContactedAt, t.SettledAt = ago(46*time.Hour), ago(46*time.Hour-12*time.Minute), ago(3*time.Hour)
	t.Handler, t.CustomerID = tickets.Person{ID: 7, Name: "王芳"}, 5
	t.Settlement = tickets.Settlement{Outcome: tickets.Solved, Measures: "冲洗6号楼前支管40分钟，取样检测合格。", Reply: "您反映的燕子山小区6号楼水黄问题，已于今天上午冲洗管道，水质检测合格。"}
	t.Deadlines = []tickets.Deadline{
		{Rule: "R01", Clause: "11.2", Round: 1, DueAt: ago(45*time.Hour + 40*time.Minute), MetAt: ago(45*time.Hour + 48*time.Minute)},
		{Rule: "R02", Clause: "11.2", Round: 1, DueAt: sampleNow.Add(2 * time.Hour), MetAt: ago(3 * time.Hour)},
		{Rule: "R06", Clause: "11.4", Round: 1, DueAt: sampleNow.Add(21 * time.Hour)},
	}
	return t
}

func lateTicket() *tickets.Ticket {
	t := sampleTicket()
	t.No, t.State, t.Category, t.Kind = "TS-20261123-0003", tickets.New, tickets.Leak, tickets.Repair
	t.Department, t.Assignee, t.Attempts, t.Confidential = "", tickets.Person{}, 0, true
	t.Deadlines = []tickets.Deadline{{Rule: "R12", Clause: "7.3.3", Round: 1, DueAt: ago(3 * time.Minute), BreachedAt: ago(3 * time.Minute)}}
	return t
}

func sampleMessages() []channels.Message {
	opened := &channels.Done{Type: "open_ticket", TicketNo: "TS-20261123-0007"}
	return []channels.Message{
		{ID: 90, ConversationID: 12, Author: channels.FromCustomer, ExternalID: "1f0c", Kind: channels.Text, Text: "你们什么时候来修水管", CreatedAt: ago(26 * time.Hour)},
		{ID: 91, ConversationID: 12, Author: channels.FromStaff, AuthorID: 7, AuthorName: "王芳", ExternalID: "9a", Kind: channels.Text, Text: "您好，维修人员今天下午到。", Delivery: channels.Sent, CreatedAt: ago(25 * time.Hour)},
		{ID: 101, ConversationID: 12, Author: channels.FromCustomer, ExternalID: "2b1d", Kind: channels.Text, Text: "水是黄的", CreatedAt: ago(16 * time.Minute)},
		{ID: 102, ConversationID: 12, Author: channels.FromBot, Kind: channels.Text, AI: true, Text: "水发黄多为管道内铁锈被水流带起。请先打开水龙头放水几分钟；放水后仍然发黄，请不要饮用。\n请告诉我小区和楼号，我为您登记投诉。", Citations: []channels.Citation{{Title: "水发黄怎么办", Source: kb.Standard, Clause: "6.2.3"}}, Delivery: channels.Sent, CreatedAt: ago(16 * time.Minute)},
		{ID: 103, ConversationID: 12, Author: channels.FromCustomer, ExternalID: "3c2e", Kind: channels.Image, Text: "燕子山小区6号楼2单元301，放了十分钟还是黄的", Attachments: []channels.Attachment{{ID: "00112233445566778899aabbccddeeff", Type: "image/jpeg", Width: 640, Height: 480}}, CreatedAt: ago(14 * time.Minute)},
		{ID: 104, ConversationID: 12, Author: channels.FromBot, Kind: channels.Text, AI: true, Text: "已为您登记投诉。工作人员会打电话给您，请保持电话畅通。", Action: opened, Citations: []channels.Citation{{Title: "投诉处理", Source: kb.Standard, Clause: "11.2"}}, Delivery: channels.Sent, CreatedAt: ago(14 * time.Minute)},
		{ID: 105, ConversationID: 12, Author: channels.FromSystem, Kind: channels.Text, Text: "王芳开始为您服务", CreatedAt: ago(10 * time.Minute)},
		{ID: 106, ConversationID: 12, Author: channels.FromStaff, AuthorID: 7, AuthorName: "王芳", Kind: channels.Note, ExternalID: "9b", Text: "同楼上午也有人反映，注意是否够10件。", CreatedAt: ago(9 * time.Minute)},
		{ID: 107, ConversationID: 12, Author: channels.FromStaff, AuthorID: 7, AuthorName: "王芳", ExternalID: "9c", Kind: channels.Text, Text: "刘阿姨您好，我是水务客服王芳，抢修人员正在去您小区的路上。", Delivery: channels.Unknown, CreatedAt: ago(4 * time.Minute)},
	}
}

func sampleConversations() []channels.Conversation {
	return []channels.Conversation{
		{ID: 15, Channel: "phone", Name: "陈师傅", State: channels.Waiting, Kind: "repair", Category: "leak", TicketState: "new", TicketNo: "TS-20261123-0003", Urgent: true, DueRule: "R12", DueAt: ago(3 * time.Minute), Preview: "经十路路口水管爆了，水都漫到马路上了", Unread: 2, Version: 4, UpdatedAt: ago(2 * time.Minute)},
		{ID: 12, Channel: "webchat", Name: "刘桂兰", State: channels.WithUser, AssigneeID: 7, AssigneeName: "王芳", Kind: "complaint", Category: "water_quality", TicketState: "processing", TicketNo: "TS-20261123-0007", Urgent: true, DueRule: "R01", DueAt: sampleNow.Add(6 * time.Minute), Preview: "刘阿姨您好，我是水务客服王芳，抢修人员正在去您小区的路上。", Version: 9, UpdatedAt: ago(4 * time.Minute)},
		{ID: 18, Channel: "wechat", Name: "泉水叮咚", State: channels.Waiting, Category: "billing", Preview: "我这个月水费怎么多了一倍，给我打13805310022", Unread: 1, Version: 2, UpdatedAt: ago(7 * time.Minute)},
		{ID: 11, Channel: "wechat", Name: "高新区业主", State: channels.WithUser, AssigneeName: "孙伟", Kind: "complaint", Category: "pressure", TicketState: "dispatched", DueRule: "R02", DueAt: sampleNow.Add(21*time.Hour + 12*time.Minute), Preview: "好的，我等你们消息", Version: 5, UpdatedAt: ago(53 * time.Minute)},
		{ID: 9, Channel: "webchat", State: channels.Waiting, TicketState: "callback", Category: "service", Kind: "complaint", DueRule: "R06", DueAt: sampleNow.Add(38 * time.Minute), Preview: "上次来的师傅态度很好", Version: 3, UpdatedAt: ago(26 * time.Hour)},
	}
}
