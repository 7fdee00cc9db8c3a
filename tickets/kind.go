package tickets

import "slices"

// Kind is what a resident wants of a ticket (demand type, 诉求类型).
type Kind string

// The kinds of tickets. Complaint and Report carry the clocks of clause 11.2.
const (
	Complaint   Kind = "complaint"   // 投诉
	Repair      Kind = "repair"      // 报修
	Inquiry     Kind = "inquiry"     // 咨询
	Request     Kind = "request"     // 求助
	Suggestion  Kind = "suggestion"  // 建议
	Report      Kind = "report"      // 举报
	Application Kind = "application" // 业务办理
)

// Kinds lists every kind in the order screens show them.
var Kinds = []Kind{Complaint, Repair, Inquiry, Request, Suggestion, Report, Application}

// Category is what a ticket is about; a kind is not a category.
type Category string

// The categories of tickets.
const (
	WaterQuality    Category = "water_quality"    // 水质
	Pressure        Category = "pressure"         // 水压
	Outage          Category = "outage"           // 停水无水
	Billing         Category = "billing"          // 水费账单
	Meter           Category = "meter"            // 水表抄表
	Leak            Category = "leak"             // 漏水爆管
	Facility        Category = "facility"         // 井盖、消防栓等设施
	Service         Category = "service"          // 服务态度与效率
	Construction    Category = "construction"     // 施工、路面恢复
	Installation    Category = "installation"     // 接水报装
	SecondarySupply Category = "secondary_supply" // 二次供水
	Other           Category = "other"            // 其他
)

// Categories lists every category in the order screens show them.
var Categories = []Category{
	WaterQuality, Pressure, Outage, Leak, Facility, Billing, Meter,
	Service, Construction, Installation, SecondarySupply, Other,
}

// Source is one of the six ways a complaint is received (clause 11.1.1).
type Source string

// The six sources of clause 11.1.1.
const (
	FromHotline    Source = "hotline"           // 热线电话
	FromNetwork    Source = "network"           // 网络渠道: web, WeChat, app
	FromVisitors   Source = "visit_letter_call" // 三来: 来信、来电、来访
	FromInspection Source = "inspection"        // 现场检查
	From12345      Source = "12345"             // 12345 热线
	FromSuperior   Source = "superior"          // 上级部门转派
)

// Sources lists the six sources in the order of clause 11.1.1.
var Sources = []Source{FromHotline, FromNetwork, FromVisitors, FromInspection, From12345, FromSuperior}

// Channels are the sub-sources of each source (R11), the usual one first. What
// came over a channel that is not listed keeps its name.
var Channels = map[Source][]string{
	FromHotline:    {"phone"},
	FromNetwork:    {"webchat", "wechat", "app"},
	FromVisitors:   {"counter", "letter", "outlet_phone"}, // 来访、来信、来电
	FromInspection: {"inspection"},
	From12345:      {"12345"},
	FromSuperior:   {"superior"},
}

// Valid reports whether k is one of the kinds above.
func (k Kind) Valid() bool { return slices.Contains(Kinds, k) }

// Valid reports whether c is one of the categories above.
func (c Category) Valid() bool { return slices.Contains(Categories, c) }

// Valid reports whether s is one of the six sources of clause 11.1.1 (R11).
func (s Source) Valid() bool { return slices.Contains(Sources, s) }

// timed reports whether the kind has the clocks of clause 11.2.
func (k Kind) timed() bool { return k == Complaint || k == Report }
