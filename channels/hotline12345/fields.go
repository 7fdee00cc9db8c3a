package hotline12345

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// field is one entry of the table of fields: what it is called in the hub, on
// screens, on the platform's pages and in the exports of offices.
type field struct {
	key   string // in the JSON of the hub
	label string // 工单编号
	names string // other names, separated by blanks, in lower case, without 12345 before them
	set   func(*reading, Value)
}

// fields is the table of fields of an order. Where several columns of one file
// mean the same field the earlier name wins, and the other number is kept.
var fields = []field{
	{"external_no", "工单编号", "hotlineworknumber order_no 工单号 办件编号 热线工单编号 热线工单号 工单编码 gdbh", setNo},
	{"other_nos", "市级编号", "city_no 市级工单编号 省级编号 国家编号", setOtherNos},
	{"event_type", "办理单类型", "messagetype 工单类型标识 信箱类型 办理单 bldlx", setMail},
	{"approach", "转办方式", "办理方式 派单方式", setApproach},
	{"external_status", "工单状态", "gdzt 办件状态 状态 工单当前状态", text(func(o *Order) *string { return &o.Status }, 100)},
	{"title", "诉求主题", "标题 工单标题 主题 诉求标题", text(func(o *Order) *string { return &o.Title }, 500)},
	{"content", "诉求内容", "问题描述 内容描述 工单内容 诉求描述 内容", setContent},
	{"contact_name", "联系人", "linkperson 诉求人 来电人 来电人姓名 诉求人姓名 市民姓名 姓名", setName},
	{"contact_phone", "联系电话", "linkphone 诉求人电话 联系方式 诉求人联系电话 手机号码 电话", text(func(o *Order) *string { return &o.ContactPhone }, 60)},
	{"caller_phone", "来电号码", "来电电话 主叫号码 callerphone", text(func(o *Order) *string { return &o.CallerPhone }, 60)},
	{"anonymous", "是否匿名", "匿名 isanonymous", flag(func(o *Order) *bool { return &o.Anonymous }, false)},
	{"address_raw", "联系地址", "address 问题发生地 诉求地址 地址 事发地址 发生地址 诉求人地址", text(func(o *Order) *string { return &o.Address }, 500)},
	{"street", "街道", "所属街道 街镇", place},
	{"village", "居村", "社区 居委会 村居", place},
	{"region_code", "区划", "gridcode 行政区划 区划代码 行政区划代码", setRegion},
	{"is_business_env", "营商环境", "yshj 是否营商环境 business_env", flag(func(o *Order) *bool { return &o.BusinessEnv }, false)},
	{"is_inspection", "新版督察", "isnewducha 是否督察", flag(func(o *Order) *bool { return &o.Inspection }, false)},
	{"accepted_by", "受理人员", "acceptperson hwyid 受理员编号 受理员 话务员", text(func(o *Order) *string { return &o.AcceptedBy }, 100)},
	{"origin_channel", "受理渠道", "xxlyid 办件来源 工单来源 来源 诉求来源 来源渠道", text(func(o *Order) *string { return &o.OriginChannel }, 100)},
	{"handling_type", "办理类型", "sllx", text(func(o *Order) *string { return &o.HandlingType }, 100)},
	{"demand_type", "来电类别", "ldlbid ordertype 工单类型 诉求类型 诉求类别 来电类型 工单类别 诉求性质", setDemand},
	{"category_path", "问题分类", "questypeinfo 诉求分类 问题类别 事项分类", path},
	{"category_1", "事项大类", "一级分类 一级类别", path},
	{"category_2", "事项小类", "二级分类 二级类别", path},
	{"category_3", "三级分类", "三级类别", path},
	{"category_4", "四级分类", "四级类别", path},
	{"category_5", "五级分类", "五级类别", path},
	{"accepted_at", "受理时间", "writetime 录入时间 登记时间 来电时间 诉求时间", moment(func(r *reading) *when { return &r.accepted })},
	{"dispatched_at", "发送时间", "sendtime 派发时间 派单时间 转办时间 下派时间", moment(func(r *reading) *when { return &r.dispatched })},
	{"urgency", "紧急程度", "urgencydegree jjcd 紧急级别", setUrgency},
	{"confidential", "是否保密", "issecret 保密 诉求人保密", flag(func(o *Order) *bool { return &o.Confidential }, true)},
	{"reply_wanted", "是否回复", "isreply needvisit 是否需要回复 是否回访", flag(func(o *Order) *bool { return &o.ReplyWanted }, false)},
	{"reply_note", "回复备注", "hfdh 回复电话备注", text(func(o *Order) *string { return &o.ReplyNote }, 500)},
	{"dispatcher", "派单员", "sendperson 发送人 派单人", text(func(o *Order) *string { return &o.Dispatcher }, 100)},
	{"external_due", "办理时限", "enddate 承诺完成时间 处理时限 回复时限 答复时限 办结时限 截止时间 due_at deadline", moment(func(r *reading) *when { return &r.due })},
	{"return_due", "退单时限", "退回时限 退单截止时间", moment(func(r *reading) *when { return &r.returnDue })},
	{"supervision_level", "督办类型", "txlx issupervise 督办级别 是否督办", text(func(o *Order) *string { return &o.Supervision }, 100)},
	{"dispatch_opinion", "转办意见", "remark 派单意见 交办意见", text(func(o *Order) *string { return &o.Opinion }, 4000)},
	{"route_text", "转办流程", "banliflow 流转记录 办理流程", text(func(o *Order) *string { return &o.Route }, 4000)},
	{"note", "备注", "beizhu 工单备注", text(func(o *Order) *string { return &o.Note }, 4000)},
	{"handling_unit", "办理单位", "主办单位 承办单位 责任单位", unit},
	{"handling_office", "办理科室", "承办科室", unit},
	{"outcome", "处理结果", "办理结果 答复市民要点 办理情况", text(func(o *Order) *string { return &o.Outcome }, 10000)},
	{"attachments", "附件", "d_attachments", setAttachments},
	{"duplicate_of", "重复件", "repeated 重复工单编号 关联工单", text(func(o *Order) *string { return &o.DuplicateOf }, 60)},
	{"row_no", "序号", "编号 no. xh", nothing},
	{"alert", "预警状态", "预警 督办状态", nothing},
}

// byName finds a field by every name it has.
var byName = func() map[string]*field {
	out := map[string]*field{}
	for i := range fields {
		f := &fields[i]
		for _, name := range append(strings.Fields(f.names), f.key, f.label) {
			if out[name] != nil {
				panic("hotline12345: two fields are called " + name)
			}
			out[name] = f
		}
	}
	return out
}()

// fieldOf is the field a column or a JSON name means, nil for none: 12345工单编号,
// 工单编号（必填）, HotLineWorkNumber and external_no are one.
func fieldOf(name string) *field {
	name = plainName(name)
	if f := byName[name]; f != nil {
		return f
	}
	for _, prefix := range []string{"12345热线", "12345平台", "12345", "市民热线", "热线"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			if f := byName[strings.TrimLeft(rest, "-_—·")]; f != nil {
				return f
			}
		}
	}
	return nil
}

// plainName takes away what offices put around the names of columns.
func plainName(name string) string {
	name = strings.ToLower(norm.NFKC.String(name))
	if i := strings.IndexAny(name, "(["); i > 0 {
		name = name[:i] // 工单编号（必填）
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune("*:'\"", r) {
			return -1
		}
		return r
	}, name)
}

// Label is what a field is called on screens.
func Label(key string) string {
	if i := slices.IndexFunc(fields, func(f field) bool { return f.key == key }); i >= 0 {
		return fields[i].label
	}
	return key
}

// Named is one field as it is described to programs.
type Named struct{ Key, Label, Names string }

// Fields lists the fields of an order with all their names.
func Fields() []Named {
	var out []Named
	for _, f := range fields {
		out = append(out, Named{f.key, f.label, f.names})
	}
	return out
}
