package hotline12345

import (
	"context"
	"strings"

	"quandesk/tickets"
	"quandesk/tickets/customer"
)

// Meaning is what the words of an order mean, as the bot understands them.
type Meaning struct {
	Kind     tickets.Kind
	Category tickets.Category
	Urgent   bool
}

// Understand tells what words mean; it never fails.
type Understand func(ctx context.Context, text string) Meaning

// kinds is the kind of ticket of each demand. Other is decided by the words.
var kinds = map[Demand]tickets.Kind{
	Inquiry: tickets.Inquiry, Request: tickets.Request, Suggestion: tickets.Suggestion,
	Complaint: tickets.Complaint, Report: tickets.Report,
}

// grievances are words of complaint: with one of them nothing is registered as
// a question, whoever called it one.
var grievances = []string{"投诉", "举报", "曝光", "没人管", "无人管", "不管", "不作为", "推诿", "扯皮", "敷衍", "糊弄",
	"态度恶劣", "态度差", "不满", "强烈要求", "多次反映", "反复反映", "一直没有解决", "一直没解决", "至今未解决", "迟迟不", "拖着不",
	"乱收费", "多收", "太不像话", "严重影响", "忍无可忍", "讨个说法", "追究"}

func (o Order) aggrieved(m Meaning) bool {
	if m.Kind == tickets.Complaint || m.Kind == tickets.Report {
		return true
	}
	for _, w := range grievances {
		if strings.Contains(o.Content, w) || strings.Contains(o.Title, w) {
			return true
		}
	}
	return false
}

// kind is the kind of ticket an order becomes. The platform decides, but for
// questions that are none: complaints are never made questions of.
func (o Order) kind(m Meaning) tickets.Kind {
	k, ok := kinds[o.Demand]
	switch {
	case o.Kind != "":
		return o.Kind
	case ok && k != tickets.Inquiry:
		return k
	case o.aggrieved(m):
		return tickets.Complaint
	case ok:
		return k
	case m.Kind != "":
		return m.Kind
	}
	return tickets.Request
}

// subjects are words of the platform's classification.
var subjects = []struct {
	category tickets.Category
	words    string
}{
	{tickets.SecondarySupply, "二次供水 二供 加压"},
	{tickets.WaterQuality, "水质 发黄 浑浊 异味 异物"},
	{tickets.Pressure, "水压"},
	{tickets.Leak, "漏水 爆管 跑水 管道破裂 管网漏"},
	{tickets.Outage, "停水 无水 断水"},
	{tickets.Billing, "水费 账单 收费 水价 计费 缴费"},
	{tickets.Meter, "水表 抄表 换表"},
	{tickets.Installation, "报装 接水 开户 户表改造 一户一表"},
	{tickets.Facility, "井盖 消防栓 消火栓 阀门井"},
	{tickets.Construction, "施工 路面 开挖 回填"},
	{tickets.Service, "服务态度 服务质量 工作人员 营业厅"},
}

// category is what an order is about: by the last words of its classification,
// by what is chosen, or by its text.
func (o Order) category(m Meaning) tickets.Category {
	if o.Category != "" {
		return o.Category
	}
	steps := strings.FieldsFunc(o.CategoryPath, func(r rune) bool { return strings.ContainsRune("/／>＞-—、|", r) })
	for i := len(steps) - 1; i >= 0; i-- {
		for _, s := range subjects {
			for w := range strings.FieldsSeq(s.words) {
				if strings.Contains(steps[i], w) {
					return s.category
				}
			}
		}
	}
	if m.Category != "" {
		return m.Category
	}
	return tickets.Other
}

// phone is the number to call, normalised; false when what stands there is none.
func (o Order) phone() (string, bool) {
	ok := true
	for _, s := range []string{o.ContactPhone, o.CallerPhone} {
		if s == "" || strings.Contains(s, "匿名") || strings.Contains(s, "无") {
			continue
		}
		if n, err := customer.ParsePhone(s); err == nil {
			return n, true
		}
		if found := customer.FindPhones(s); len(found) > 0 {
			return found[0].Number, true // two numbers in one field
		}
		ok = false
	}
	return "", ok
}
