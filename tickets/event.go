package tickets

import (
	"encoding/json"
	"time"
)

// ActorKind tells a person from a machine: only Staff may contact a resident
// in the sense of clause 11.2.
type ActorKind string

// Who can act on a ticket.
const (
	ByCustomer ActorKind = "customer"
	ByBot      ActorKind = "bot"
	ByStaff    ActorKind = "staff"
	By12345    ActorKind = "hotline12345"
	ByClock    ActorKind = "clock"
	ByProgram  ActorKind = "program" // a telephone exchange, with a key
)

// Actor is who made a change. ID is the staff user's id and 0 for others.
type Actor struct {
	Kind       ActorKind `json:"kind"`
	ID         int64     `json:"id,omitempty"`
	Name       string    `json:"name,omitempty"`
	Department string    `json:"-"`
	// Supervises is true for those who may end, void, return and extend.
	Supervises bool `json:"-"`
	// IP and RequestID go to the audit trail only.
	IP        string `json:"-"`
	RequestID string `json:"-"`
}

// Clock is the actor of everything that happens because time passed.
var Clock = Actor{Kind: ByClock}

// Bot is the actor of everything the bot does.
var Bot = Actor{Kind: ByBot}

// EventKind names what happened to a ticket. Rules start and stop on them.
type EventKind string

// The events of a ticket's life, in the order they usually come.
const (
	EventOpened            EventKind = "opened"             // 接诉
	EventAccepted          EventKind = "accepted"           // 受理
	EventContacted         EventKind = "contacted"          // 联系接通
	EventContactTried      EventKind = "contact_tried"      // 联系未接通
	EventDispatched        EventKind = "dispatched"         // 派单
	EventSigned            EventKind = "signed"             // 签收
	EventStarted           EventKind = "started"            // 开始办理
	EventArrived           EventKind = "arrived"            // 到场
	EventSettled           EventKind = "settled"            // 办结
	EventCallbackStarted   EventKind = "callback_started"   // 开始回访
	EventCallbackUnreached EventKind = "callback_unreached" // 回访未接通
	EventSatisfied         EventKind = "satisfied"          // 回访满意
	EventDissatisfied      EventKind = "dissatisfied"       // 回访不满意
	EventEscalated         EventKind = "escalated"          // 升级督办
	EventRedone            EventKind = "redone"             // 督办派回办理
	EventClosed            EventKind = "closed"             // 结案
	EventTerminated        EventKind = "terminated"         // 终结
	EventReopened          EventKind = "reopened"           // 重新办理
	EventAnswered          EventKind = "answered"           // 咨询已答复
	EventReturnAsked       EventKind = "return_asked"       // 申请退单
	EventReturnRefused     EventKind = "return_refused"     // 退单驳回
	EventReturned          EventKind = "returned"           // 已退单
	EventExtensionAsked    EventKind = "extension_asked"    // 申请延期
	EventExtensionRefused  EventKind = "extension_refused"  // 延期驳回
	EventExtended          EventKind = "extended"           // 已延期
	EventSuspended         EventKind = "suspended"          // 挂起
	EventResumed           EventKind = "resumed"            // 恢复办理
	EventMerged            EventKind = "merged"             // 并案
	EventUnmerged          EventKind = "unmerged"           // 取消并案
	EventVoided            EventKind = "voided"             // 作废
	EventReassigned        EventKind = "reassigned"         // 改派
	EventCorrected         EventKind = "corrected"          // 更正信息
	EventAssistAsked       EventKind = "assist_asked"       // 请求协办
	EventAssistDone        EventKind = "assist_done"        // 协办完成
	EventReported          EventKind = "reported"           // 已报送12345平台
	EventReportRefused     EventKind = "report_refused"     // 被12345平台拒绝
	EventUrged             EventKind = "urged"              // 催办
	EventSupervised        EventKind = "supervised"         // 督办
	EventSupplemented      EventKind = "supplemented"       // 补充材料
	EventNoted             EventKind = "noted"              // 备注
	EventAppointmentBooked EventKind = "appointment_booked" // 预约回电
	EventAppointmentTried  EventKind = "appointment_tried"  // 回电未接通，稍后再拨
	EventAppointmentFailed EventKind = "appointment_failed" // 三次回电未接通
	EventAppointmentEnded  EventKind = "appointment_ended"  // 预约回电完成或取消
	EventWarned            EventKind = "warned"             // 时限预警
	EventBreached          EventKind = "breached"           // 超时
	EventPressed           EventKind = "pressed"            // 超时后继续上报
)

// EventKinds lists every event. Callers must not change the slice.
var EventKinds = []EventKind{
	EventOpened, EventAccepted, EventContacted, EventContactTried, EventDispatched, EventSigned,
	EventStarted, EventArrived, EventSettled, EventCallbackStarted, EventCallbackUnreached,
	EventSatisfied, EventDissatisfied, EventEscalated, EventRedone, EventClosed, EventTerminated,
	EventReopened, EventAnswered, EventReturnAsked, EventReturnRefused, EventReturned,
	EventExtensionAsked, EventExtensionRefused, EventExtended, EventSuspended, EventResumed,
	EventMerged, EventUnmerged, EventVoided, EventReassigned, EventCorrected, EventAssistAsked,
	EventAssistDone, EventReported, EventReportRefused, EventUrged, EventSupervised,
	EventSupplemented, EventNoted, EventAppointmentBooked, EventAppointmentTried, EventAppointmentFailed,
	EventAppointmentEnded, EventWarned, EventBreached, EventPressed,
}

// Event is one thing that happened to a ticket. Events are appended and never
// changed; the ledger, the reports and the audit trail are views of them.
type Event struct {
	Seq   int64           `json:"seq"` // 1, 2, 3… within the ticket
	At    time.Time       `json:"at"`
	Actor Actor           `json:"actor"`
	Kind  EventKind       `json:"kind"`
	Data  json.RawMessage `json:"data,omitempty"` // an object; its keys depend on Kind
}

func event(kind EventKind, by Actor, at time.Time, data map[string]any) Event {
	e := Event{At: at, Actor: by, Kind: kind}
	if len(data) > 0 {
		e.Data, _ = json.Marshal(data) // strings, numbers and times only: cannot fail
	}
	return e
}
