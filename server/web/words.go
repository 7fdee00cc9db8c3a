package web

import (
	"quandesk/channels"
	"quandesk/kb"
	"quandesk/server/auth"
	"quandesk/tickets"
)

// What people read for the words of the other packages. A word that is
// missing here shows as it is stored; a test looks for those.

var kindNames = map[tickets.Kind]string{
	tickets.Complaint:   "投诉",
	tickets.Repair:      "报修",
	tickets.Inquiry:     "咨询",
	tickets.Request:     "求助",
	tickets.Suggestion:  "建议",
	tickets.Report:      "举报",
	tickets.Application: "业务办理",
}

var categoryNames = map[tickets.Category]string{
	tickets.WaterQuality:    "水质",
	tickets.Pressure:        "水压",
	tickets.Outage:          "停水无水",
	tickets.Billing:         "水费账单",
	tickets.Meter:           "水表抄表",
	tickets.Leak:            "漏水爆管",
	tickets.Facility:        "供水设施",
	tickets.Service:         "服务态度与效率",
	tickets.Construction:    "施工与路面恢复",
	tickets.Installation:    "接水报装",
	tickets.SecondarySupply: "二次供水",
	tickets.Other:           "其他",
}

var sourceNames = map[tickets.Source]string{
	tickets.FromHotline:    "热线电话",
	tickets.FromNetwork:    "网络渠道",
	tickets.FromVisitors:   "来信来电来访",
	tickets.FromInspection: "现场检查",
	tickets.From12345:      "12345热线",
	tickets.FromSuperior:   "上级转派",
}

var stateNames = map[tickets.State]string{
	tickets.New:        "待受理",
	tickets.Accepted:   "已受理，待派单",
	tickets.Dispatched: "已派单，待签收",
	tickets.Signed:     "已签收，待办理",
	tickets.Processing: "办理中",
	tickets.Extending:  "延期审核",
	tickets.Settled:    "已办结，待回访",
	tickets.Calling:    "回访中",
	tickets.Escalated:  "升级督办",
	tickets.Closed:     "已结案",
	tickets.Returning:  "退单审核",
	tickets.Returned:   "已退单",
	tickets.Merged:     "已并案",
	tickets.Void:       "已作废",
	tickets.Answered:   "已答复",
}

// moveNames are verbs: they follow 不能 and 请先.
var moveNames = map[tickets.Move]string{
	tickets.MoveAccept:          "受理",
	tickets.MoveAnswer:          "直接答复",
	tickets.MoveContact:         "登记联系",
	tickets.MoveDispatch:        "派单",
	tickets.MoveTransfer:        "转办",
	tickets.MoveSign:            "签收",
	tickets.MoveStart:           "开始办理",
	tickets.MoveArrive:          "登记到场",
	tickets.MoveSettle:          "办结并答复",
	tickets.MoveStartCallback:   "开始回访",
	tickets.MoveCallback:        "登记回访结果",
	tickets.MoveRedo:            "派回重新办理",
	tickets.MoveClose:           "结案",
	tickets.MoveTerminate:       "终结",
	tickets.MoveReopen:          "重新办理",
	tickets.MoveVoid:            "作废",
	tickets.MoveWithdraw:        "居民撤回",
	tickets.MoveMerge:           "并案",
	tickets.MoveUnmerge:         "取消并案",
	tickets.MoveAssist:          "请求协办",
	tickets.MoveAssistDone:      "完成协办",
	tickets.MoveReport:          "登记报送平台",
	tickets.MoveAskReturn:       "申请退单",
	tickets.MoveApproveReturn:   "审批退单",
	tickets.MoveRefuseReturn:    "驳回退单",
	tickets.MoveAskExtension:    "申请延期",
	tickets.MoveGrantExtension:  "审批延期",
	tickets.MoveRefuseExtension: "驳回延期",
	tickets.MoveSuspend:         "挂起",
	tickets.MoveResume:          "恢复办理",
	tickets.MoveReassign:        "改派坐席",
	tickets.MoveCorrect:         "更正信息",
	tickets.MoveSupervise:       "督办",
	tickets.MoveUrge:            "催办",
	tickets.MoveSupplement:      "补充材料",
	tickets.MoveNote:            "添加备注",
	tickets.MoveBookCall:        "预约回电",
	tickets.MoveCancelCall:      "取消预约回电",
}

var eventNames = map[tickets.EventKind]string{
	tickets.EventOpened:            "接诉登记",
	tickets.EventAccepted:          "受理",
	tickets.EventContacted:         "联系接通",
	tickets.EventContactTried:      "联系未接通",
	tickets.EventDispatched:        "派单",
	tickets.EventSigned:            "签收",
	tickets.EventStarted:           "开始办理",
	tickets.EventArrived:           "到场",
	tickets.EventSettled:           "办结",
	tickets.EventCallbackStarted:   "开始回访",
	tickets.EventCallbackUnreached: "回访未接通",
	tickets.EventSatisfied:         "回访满意",
	tickets.EventDissatisfied:      "回访不满意",
	tickets.EventEscalated:         "升级督办",
	tickets.EventRedone:            "派回重新办理",
	tickets.EventClosed:            "结案",
	tickets.EventTerminated:        "终结",
	tickets.EventReopened:          "重新办理",
	tickets.EventAnswered:          "咨询已答复",
	tickets.EventReturnAsked:       "申请退单",
	tickets.EventReturnRefused:     "退单驳回",
	tickets.EventReturned:          "已退单",
	tickets.EventExtensionAsked:    "申请延期",
	tickets.EventExtensionRefused:  "延期驳回",
	tickets.EventExtended:          "已延期",
	tickets.EventSuspended:         "挂起",
	tickets.EventResumed:           "恢复办理",
	tickets.EventMerged:            "并案",
	tickets.EventUnmerged:          "取消并案",
	tickets.EventAssistAsked:       "请求协办",
	tickets.EventAssistDone:        "协办完成",
	tickets.EventReported:          "已报送12345平台",
	tickets.EventReportRefused:     "12345平台未接收",
	tickets.EventVoided:            "作废",
	tickets.EventReassigned:        "改派",
	tickets.EventCorrected:         "更正信息",
	tickets.EventUrged:             "催办",
	tickets.EventSupervised:        "督办",
	tickets.EventSupplemented:      "补充材料",
	tickets.EventNoted:             "备注",
	tickets.EventAppointmentBooked: "预约回电",
	tickets.EventAppointmentTried:  "回电未接通",
	tickets.EventAppointmentFailed: "三次回电未接通",
	tickets.EventAppointmentEnded:  "预约回电结束",
	tickets.EventWarned:            "时限预警",
	tickets.EventBreached:          "超时",
	tickets.EventPressed:           "超时上报",
}

var answerTypeNames = map[tickets.AnswerType]string{
	tickets.FinalAnswer:   "办结答复",
	tickets.InterimAnswer: "阶段性答复",
	tickets.Explanation:   "解释说明",
}

var actNames = map[tickets.Act]string{
	tickets.ActSign:   "签收",
	tickets.ActReturn: "退单",
	tickets.ActExtend: "延期",
	tickets.ActReply:  "回复",
}

var reportWayNames = map[tickets.Way]string{
	tickets.ByConnection: "系统对接",
	tickets.ByPaste:      "粘贴填报",
	tickets.ByUpload:     "表格上传",
}

var outcomeNames = map[tickets.Outcome]string{
	tickets.Solved:   "解决",
	tickets.Partly:   "部分解决",
	tickets.Unsolved: "未解决",
	tickets.Dropped:  "不再办理",
}

var ratingNames = map[tickets.Rating]string{
	tickets.VeryGood:  "非常满意",
	tickets.Good:      "满意",
	tickets.Fair:      "基本满意",
	tickets.Poor:      "不满意",
	tickets.NoOpinion: "未表态",
}

var callbackNames = map[tickets.CallbackVerdict]string{
	tickets.CallbackSatisfied:    "满意",
	tickets.CallbackDissatisfied: "不满意",
	tickets.CallbackNotReached:   "未接通",
}

var contactNames = map[tickets.ContactResult]string{
	tickets.Reached:       "接通",
	tickets.NoAnswer:      "未接",
	tickets.InvalidNumber: "空号",
	tickets.Refused:       "拒接",
}

var verdictNames = map[tickets.Verdict]string{
	tickets.VerdictNone:    "不适用",
	tickets.VerdictPending: "计时中",
	tickets.VerdictMet:     "是",
	tickets.VerdictMissed:  "否",
	tickets.VerdictTried:   "多次联系未接通",
	tickets.VerdictEnded:   "终止计时",
}

var actorNames = map[tickets.ActorKind]string{
	tickets.ByCustomer: "用户",
	tickets.ByBot:      "智能客服",
	tickets.ByStaff:    "工作人员",
	tickets.By12345:    "12345热线",
	tickets.ByClock:    "系统计时",
	tickets.ByProgram:  "系统接入",
}

var roleNames = map[auth.Role]string{
	auth.RoleAgent:         "坐席",
	auth.RoleLead:          "值班长",
	auth.RoleSupervisor:    "主管",
	auth.RoleAdministrator: "系统管理员",
	auth.RoleEditor:        "知识编辑",
	auth.RoleAuditor:       "审计员",
	auth.RoleProgram:       "程序",
}

// deedNames are what the audit trail records besides the moves of tickets.
var deedNames = map[string]string{
	"article.drafted": "知识起草", "article.reviewed": "知识复核", "article.sent_back": "知识退回修改", "article.published": "知识发布",
	"article.replaced": "知识被新版取代", "article.retired": "知识停用", "article.discarded": "知识草稿放弃", "article.shipped": "知识随程序更新",
	"article.held": "知识随程序更新待处理", "article.declined": "知识随程序更新不采用", "golden.added": "标准问题添加", "golden.removed": "标准问题删除",
	"gap.written": "待补知识写成条目", "gap.covered": "待补知识已能答复", "gap.dismissed": "待补知识不处理",
	"login": "登录", "logout": "退出登录", "export": "导出台账", "reveal": "查看号码",
	"user.add": "新增账号", "user.change": "修改账号", "user.password": "重设密码", "user.demo": "建立演示账号",
	"user.extension": "设置分机", "key.make": "发放接口密钥", "key.revoke": "停用接口密钥", "hours.change": "修改回电时段",
	"message.resend": "重新发送消息", "wechat.account": "修改公众号", "wechat.alarm": "公众号问题已处理", "wechat.test": "公众号自检", "wechat.menu": "公众号菜单",
	"wechat.greeting": "公众号欢迎语", "wechat.templates": "公众号通知模板", "wechat.scene": "公众号二维码",
}

// resultNames are how that went.
var resultNames = map[string]string{
	"ok": "成功", "refused": "拒绝", "failed": "未成功", "wrong name or password": "用户名或密码不正确",
	"disabled": "账号已停用", "locked": "账号暂时锁定", "throttled": "尝试过于频繁",
}

// purposeNames are what a model is asked for.
var purposeNames = map[channels.Purpose]string{
	channels.ToUnderstand: "理解来话", channels.ToAnswer: "组织答复",
	channels.ToEmbedQuestion: "问题向量", channels.ToEmbedArticles: "知识向量",
}

// incidentNames are the kinds of content that are not let through.
var incidentNames = map[string]string{
	"state": "危害国家", "terror": "恐怖暴力", "weapons": "枪支爆炸物", "drugs": "毒品药物", "porn": "淫秽色情", "gambling": "赌博",
	"cult": "邪教迷信", "hate": "歧视侮辱", "fraud": "诈骗造假", "hack": "网络攻击", "privacy": "侵犯隐私", "rights": "侵犯权利",
	"harm": "伤害身心", "rumour": "造谣",
}

// dataNames are the kinds of data a model was asked about.
var dataNames = map[string]string{
	"message": "用户来话", "history": "对话前文", "articles": "知识条目", "outages": "停水公告", "tickets": "本会话工单",
}

// callNames are how a call of a model went.
var callNames = map[string]string{
	"ok": "成功", "": "没有结果", "slow": "迟迟没有回应", "timeout": "超过时限", "cut": "中途断开", "too_long": "内容过长",
	"not_usable": "内容不可用", "canceled": "已取消", "unreachable": "连接不上", "nonsense": "返回的不是向量",
}

var conversationNames = map[channels.State]string{
	channels.WithBot:  "智能客服接待",
	channels.Waiting:  "待人工接待",
	channels.WithUser: "人工接待中",
	channels.Resolved: "已结束",
}

var channelNames = map[string]string{
	"webchat": "网页", "web": "网页", "wechat": "微信", "phone": "电话",
	"letter": "来信", "counter": "来访", "12345": "12345热线", "api": "系统接入",
	"outlet_phone": "营业厅来电", "inspection": "巡查", "superior": "上级交办", "app": "手机应用",
}

var wayNames = map[string]string{
	"phone": "电话", "message": "在线消息", "visit": "上门", "sms": "短信",
}

var appointmentNames = map[tickets.AppointmentState]string{
	tickets.CallBooked:    "待拨打",
	tickets.CallKept:      "已接通",
	tickets.CallFailed:    "已联系未接通",
	tickets.CallMoved:     "已改约",
	tickets.CallCancelled: "已取消",
	tickets.CallLapsed:    "工单已结束",
}

var solvedNames = map[string]string{"yes": "已解决", "no": "未解决", "unstated": "未表态"}

// fieldNames are the fields of forms and of the API.
var fieldNames = map[string]string{
	"address": "地址", "answer": "答复内容", "application": "业务名称", "area": "区域",
	"assignee": "坐席", "assignee_id": "坐席", "attachment_ids": "图片", "basis": "依据",
	"body": "提交内容", "category": "问题类别", "channel": "渠道", "client_id": "消息编号",
	"contact_name": "联系人", "contact_phone": "联系电话", "correction": "更正内容",
	"cursor": "翻页位置", "department": "责任部门", "description": "诉求内容",
	"detail": "详细地址", "district": "区县", "community": "社区小区", "street": "街道",
	"external_no": "外部工单编号", "file": "图片", "format": "导出格式", "from": "开始日期",
	"justified": "是否属实", "kind": "诉求类型", "label": "位置说明", "lat": "纬度", "lng": "经度",
	"limit": "每页条数", "location": "位置", "master_no": "主单编号", "measures": "处理措施",
	"message_id": "消息", "no": "工单编号", "note": "说明", "number": "号码", "opinion": "意见",
	"outcome": "结果", "owner": "应办单位", "password": "密码", "process": "过程评价",
	"proof": "到场凭证", "q": "搜索内容", "reason": "原因", "received_at": "接诉时间",
	"reply": "答复内容", "result": "结果", "solved": "是否解决", "source": "来源渠道",
	"state": "状态", "text": "内容", "to": "结束日期", "told": "告知客户的情况", "until": "截止时间",
	"urgent": "紧急程度", "username": "用户名", "version": "版本", "via": "联系方式",
	"view": "列表", "wait": "等待时间", "whom": "联系对象", "words": "用户原话",
	"content": "条目内容", "title": "标题", "short": "简短答复", "details": "补充说明", "next": "用户接下来怎么办", "clause": "条款号", "also": "相关条款",
	"questions": "用户的问法", "keywords": "关键词", "verified": "内容已核实", "open": "暂无答复", "valid_from": "生效日期", "valid_to": "失效日期",
	"question": "问题", "article_id": "条目编号", "id": "编号", "of": "版本", "move": "操作", "with": "条目编号", "unverified": "未核实",
	"waiting": "有随程序更新", "expires_within": "失效天数", "vote": "评价",
	"after": "起始消息", "before": "起始编号", "since": "起始时间", "anonymous": "是否匿名",
	"call_id": "通话编号", "event": "话务事件", "direction": "呼叫方向", "caller": "主叫号码", "callee": "被叫号码",
	"extension": "分机", "at": "时间", "phone": "电话", "outlet": "登记网点", "ticket_no": "工单编号", "scope": "用途", "name": "名称",
	"team": "责任部门", "opens": "开始时间", "closes": "结束时间", "slot_minutes": "每段分钟数", "capacity": "每段回电数", "workdays": "仅工作日", "day": "日期",
	"override": "超过次数仍要回电", "contact": "记为联系", "origin": "来源",
	"choice": "处理方式", "act": "报送事项", "way": "报送方式", "order": "回复单",
	"districts": "区县", "streets": "街道道路", "compounds": "小区", "bounds": "四至", "start_at": "停水开始时间", "end_at": "计划恢复供水时间",
	"contact_info": "咨询联系方式", "households": "影响户数", "valves": "停用阀门", "decided_at": "决定停水时间", "late_reason": "晚于规定时间发布的原因",
	"restored_at": "实际恢复供水时间", "began_at": "实际停水时间", "publish": "同时发布",
	"answer_type": "答复类型", "expected_at": "预计完成时间", "caller_says": "答复来电人情况", "answered_at": "答复时间",
	"answered_by": "答复人", "answer_phone": "答复电话", "unit": "回复单位", "sub_unit": "下级办理单位",
	"unsolved_reason": "未解决原因", "beyond_duty": "超职责诉求", "public": "公开答复内容", "attachments": "附件", "exempt": "不计入考核的理由",
	"confidential": "是否保密", "confirmed": "已核实是本人", "customer": "用户", "idempotency_key": "提交编号",
}

var problemSentences = map[tickets.Problem]string{
	tickets.Missing:  "请填写「%s」。",
	tickets.TooShort: "「%s」内容太少，请补充完整。",
	tickets.TooLong:  "「%s」内容太长，请精简后再提交。",
	tickets.Invalid:  "「%s」填写有误，请核对后再提交。",
	tickets.TooEarly: "「%s」的时间过早，请重新选择。",
	tickets.TooLate:  "「%s」已超过允许的时间，请重新选择。",
	tickets.Taken:    "「%s」已经登记过，请在工单列表中按编号查询。",

	tickets.Problem(kb.Clashing): "「%s」和「内容已核实」只能勾选一个。",
	tickets.Problem(kb.Figure):   "「%s」的条目不能写数字，中文数字、电话和门牌号也不行。请删去数字；如果数字已经查对，请改为勾选「内容已核实」。",
	tickets.Problem(kb.NoPerson): "「%s」的条目要请用户找人工，请在「用户接下来怎么办」里写明，如：回复“人工”。",
}

// namesOf are the Chinese for a list of words.
func namesOf[K ~string](names map[K]string, list []K) []string {
	out := make([]string, len(list))
	for i, word := range list {
		out[i] = named(names, word)
	}
	return out
}

// named is the Chinese for a word, or the word itself.
func named[K ~string](names map[K]string, word K) string {
	if name, ok := names[word]; ok {
		return name
	}
	return string(word)
}
