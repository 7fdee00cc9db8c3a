package web

import (
	"errors"
	"strings"
	"time"

	"quandesk/tickets"
	"quandesk/tickets/outage"
)

var outageKinds = map[outage.Kind]string{outage.Planned: "计划停水", outage.Emergency: "应急停水"}

var outageStates = map[outage.State]string{
	outage.Draft: "草稿", outage.Published: "已发布", outage.Restored: "已恢复供水", outage.Withdrawn: "已撤回",
}

var outageEvents = map[tickets.EventKind]string{
	"drafted": "起草", "changed": "修改草稿", "published": "发布", "extended": "延长恢复时间", "restored": "发布恢复供水通知", "withdrawn": "撤回",
	tickets.EventWarned: "时限预警", tickets.EventBreached: "超时", tickets.EventPressed: "超时后继续上报",
}

// outageFields are what the form of a notice calls its fields.
var outageFields = map[string]string{
	"kind": "停水类型", "area": "停水范围（区县，和街道、小区或四至）", "start_at": "停水开始时间", "end_at": "计划恢复供水时间",
	"reason": "停水原因", "contact_info": "咨询联系方式", "households": "影响户数", "valves": "停用阀门", "decided_at": "决定停水时间",
	"late_reason": "晚于规定时间发布的原因", "until": "新的恢复供水时间", "extend_reason": "延长的原因",
	"restored_at": "实际恢复供水时间", "late_restored": "晚于通知时间恢复的原因", "withdraw_reason": "撤回的原因",
}

// outageProblems are sentences for the fields that are wrong in the same way.
var outageProblems = []struct {
	is       outage.Problem
	sentence string
}{
	{outage.Missing, "请填写%s。"},
	{outage.Invalid, "%s填写有误，请核对。"},
	{outage.TooLong, "%s内容太长，请精简。"},
	{outage.Past, "%s须晚于现在，也晚于已通知的时间。"},
}

// outageSentence names everything that is to be mended, in one go.
func outageSentence(e *outage.FaultError) string {
	var out strings.Builder
	for _, p := range outageProblems {
		var fields []string
		for _, f := range e.Faults {
			if f.Problem == p.is {
				fields = append(fields, "「"+orElse(outageFields[f.Field], f.Field)+"」")
			}
		}
		if len(fields) > 0 {
			out.WriteString(strings.Replace(p.sentence, "%s", strings.Join(fields, ""), 1))
		}
	}
	return out.String()
}

// outageFailure is a refusal of a notice as the outside sees it; nil for any
// other error.
func outageFailure(err error) *failure {
	var faults *outage.FaultError
	if !errors.As(err, &faults) {
		return nil
	}
	return said(422, "invalid", outageSentence(faults), faults.Faults[0].Field)
}

// outageWarnings are what a person reads before a notice is saved.
var outageWarnings = map[outage.Warning]string{
	outage.WarnShort:    "距停水开始不到48小时，没有达到6.3要求的提前48小时通知。",
	outage.WarnLate:     "距停水开始不到24小时，违反7.3.1。可以发布，但须写明原因，并留下超时记录。",
	outage.WarnLarge:    "影响1000户以上或停水12小时以上，须提前48小时公告（7.3.1），现在已不足48小时。可以发布，但须写明原因，并留下超时记录。",
	outage.WarnSlow:     "决定停水已超过30分钟，请立即发布（7.3.2）。",
	outage.WarnLong:     "计划停水超过24小时，须安排临时供水（7.3.1）。本系统还不跟踪临时供水，请另行安排。",
	outage.WarnUnread:   "只写了四至，没有列出街道或小区：居民问起时，机器人只能说“可能在范围里”。",
	outage.WarnDistrict: "列出的街道或小区不在所填的区县内，请核对。",
}

func warningSentences(list []outage.Warning) []string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = named(outageWarnings, w)
	}
	return out
}

// noticeView is a notice as residents read it.
type noticeView struct {
	No, Kind, Area, When, Reason, Contact string
	State, Tone                           string
	Extended                              string // that the end was moved, and why
}

func newNoticeView(n outage.Notice, now time.Time) noticeView {
	v := noticeView{
		No: n.No, Kind: named(outageKinds, n.Kind), Area: n.Area.Words(), Reason: n.Reason, Contact: n.Contact,
		When: when(n.StartAt, now) + " 至 " + when(n.EndAt, now),
	}
	switch {
	case n.State == outage.Restored:
		v.State, v.Tone = when(n.RestoredAt, now)+" 恢复供水", "green"
	case n.Overdue(now):
		v.State, v.Tone = "已过通知的时间，还没有恢复供水的消息", "red"
	case n.Begun(now):
		v.State, v.Tone = "正在停水，计划"+when(n.EndAt, now)+"恢复", "amber"
	default:
		v.State = when(n.StartAt, now) + " 起停水"
	}
	if n.ExtendReason != "" && n.State == outage.Published {
		v.Extended = "原定" + when(n.FirstEndAt, now) + "恢复，已延长。原因：" + n.ExtendReason
	}
	return v
}
