package web

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"quandesk/tickets"
)

// eventView is one line of a ticket's history.
type eventView struct {
	Sentence string
	Words    string // what a person wrote, kept apart from ours
	At, Who  string
	Tone     string
}

// eventData is what events carry; their keys depend on the kind.
type eventData struct {
	Kind        tickets.Kind     `json:"kind"`
	Category    tickets.Category `json:"category"`
	From        string           `json:"from"`
	To          string           `json:"to"`
	Department  string           `json:"department"`
	Opinion     string           `json:"opinion"`
	Via         string           `json:"via"`
	Result      string           `json:"result"`
	Whom        string           `json:"whom"`
	Confirmed   bool             `json:"confirmed"`
	Cancelled   bool             `json:"cancelled"`
	Note        string           `json:"note"`
	Proof       string           `json:"proof"`
	Outcome     string           `json:"outcome"`
	Measures    string           `json:"measures"`
	Reply       string           `json:"reply"`
	Words       string           `json:"words"`
	Reason      string           `json:"reason"`
	Process     tickets.Rating   `json:"process"`
	Level       int              `json:"level"`
	Count       int              `json:"count"`
	Basis       string           `json:"basis"`
	Owner       string           `json:"owner"`
	Act         tickets.Act      `json:"act"`
	Way         tickets.Way      `json:"way"`
	Told        json.RawMessage  `json:"told"` // a sentence of people, a list of the clock
	Until       time.Time        `json:"until"`
	At          time.Time        `json:"at"`
	MasterNo    string           `json:"master_no"`
	Rule        string           `json:"rule"`
	Clause      string           `json:"clause"`
	DueAt       time.Time        `json:"due_at"`
	Address     string           `json:"address"`
	Phone       string           `json:"phone"`
	Name        any              `json:"name"`
	Urgent      *bool            `json:"urgent"`
	CategoryWas tickets.Category `json:"category_from"`
	Application string           `json:"application"`
}

// newEvent tells an event in a sentence.
func newEvent(e tickets.Event, rules *tickets.Rules, now time.Time) eventView {
	var d eventData
	if len(e.Data) > 0 && json.Unmarshal(e.Data, &d) != nil {
		d = eventData{} // an older shape: the name of the event still stands
	}
	v := eventView{Sentence: named(eventNames, e.Kind), At: when(e.At, now), Who: actorWords(e.Actor), Tone: eventTone(e.Kind)}
	if s := d.sentence(e.Kind, rules, now); s != "" {
		v.Sentence = s
	}
	v.Words = d.words(e.Kind)
	return v
}

func actorWords(a tickets.Actor) string {
	if a.Kind == tickets.ByStaff && a.Name != "" {
		return a.Name
	}
	return named(actorNames, a.Kind)
}

func eventTone(k tickets.EventKind) string {
	switch k {
	case tickets.EventBreached, tickets.EventPressed, tickets.EventDissatisfied, tickets.EventEscalated, tickets.EventSupervised:
		return "is-red"
	case tickets.EventWarned, tickets.EventContactTried, tickets.EventCallbackUnreached, tickets.EventUrged:
		return "is-amber"
	case tickets.EventContacted, tickets.EventSettled, tickets.EventSatisfied, tickets.EventClosed, tickets.EventAnswered:
		return "is-green"
	}
	return ""
}

// sentence says more than the name of the event when there is more to say.
func (d eventData) sentence(k tickets.EventKind, rules *tickets.Rules, now time.Time) string {
	switch k {
	case tickets.EventOpened:
		return "接诉登记：" + named(kindNames, d.Kind) + "，" + named(categoryNames, d.Category)
	case tickets.EventAccepted:
		return "受理，确认为" + named(kindNames, d.Kind) + "，" + named(categoryNames, d.Category)
	case tickets.EventContacted, tickets.EventContactTried:
		return d.contact()
	case tickets.EventDispatched:
		if d.From != "" {
			return "由" + d.From + "转办至" + d.Department
		}
		return "派单至" + d.Department
	case tickets.EventSettled:
		return "办结，结果为" + named(outcomeNames, tickets.Outcome(d.Outcome))
	case tickets.EventSatisfied, tickets.EventDissatisfied:
		return named(eventNames, k) + "：过程" + named(ratingNames, d.Process) + "，结果" + named(ratingNames, tickets.Rating(d.Outcome))
	case tickets.EventEscalated, tickets.EventSupervised:
		return named(eventNames, k) + "，升为" + strconv.Itoa(d.Level) + "级"
	case tickets.EventRedone:
		return "督办派回" + d.Department + "重新办理"
	case tickets.EventClosed:
		return "结案：" + d.Basis
	case tickets.EventReturnAsked:
		return "申请退单，应由" + d.Owner + "办理"
	case tickets.EventExtensionAsked:
		return "申请延期至" + when(d.Until, now)
	case tickets.EventExtended:
		return "同意延期至" + when(d.Until, now)
	case tickets.EventSuspended:
		return "挂起至" + when(d.Until, now) + "（时限照常计算）"
	case tickets.EventMerged:
		return "并入主单 " + d.MasterNo
	case tickets.EventUnmerged:
		return "取消与 " + d.MasterNo + " 的并案"
	case tickets.EventAssistAsked:
		return "请" + d.Department + "协办"
	case tickets.EventAssistDone:
		return d.Department + "完成协办"
	case tickets.EventReported:
		return named(actNames, d.Act) + "已报送12345平台（" + named(reportWayNames, d.Way) + "）"
	case tickets.EventReportRefused:
		return "12345平台未接收" + named(actNames, d.Act)
	case tickets.EventReassigned:
		return "改派给" + d.To
	case tickets.EventCorrected:
		return d.correction()
	case tickets.EventUrged:
		return "第" + strconv.Itoa(d.Count) + "次催办"
	case tickets.EventAppointmentBooked:
		return "预约" + when(d.At, now) + "回电"
	case tickets.EventAppointmentEnded:
		if d.Cancelled {
			return "取消" + when(d.At, now) + "的预约回电"
		}
		return "按" + when(d.At, now) + "的预约回电：" + named(contactNames, tickets.ContactResult(d.Result))
	case tickets.EventWarned, tickets.EventBreached, tickets.EventPressed:
		return d.clock(k, rules, now)
	}
	return ""
}

func (d eventData) contact() string {
	s := named(wayNames, d.Via) + "联系用户，" + named(contactNames, tickets.ContactResult(d.Result))
	if d.Confirmed {
		s += "，已核实本人"
	}
	if d.Whom != "" {
		s += "，联系对象：" + d.Whom
	}
	return s
}

func (d eventData) correction() string {
	s := "更正"
	add := func(part string) {
		if s != "更正" {
			s += "，"
		}
		s += part
	}
	if d.Category != "" {
		add("类别由" + named(categoryNames, d.CategoryWas) + "改为" + named(categoryNames, d.Category))
	}
	if d.Application != "" {
		add("要办的业务")
	}
	if d.Phone != "" {
		add("联系电话")
	}
	if d.Name != nil {
		add("联系人")
	}
	if d.Address != "" {
		add("地址为" + d.Address)
	}
	if d.Urgent != nil {
		add(map[bool]string{true: "为紧急", false: "为不紧急"}[*d.Urgent])
	}
	return s
}

// clauseWords names where a duty comes from: a clause of the service standard,
// or the rules of 12345, which the standard does not number.
func clauseWords(clause string) string {
	if strings.HasPrefix(clause, "D") {
		return "12345办理规则"
	}
	return "第" + clause + "条"
}

func (d eventData) clock(k tickets.EventKind, rules *tickets.Rules, now time.Time) string {
	duty := d.Rule
	if r, ok := rules.Rule(d.Rule); ok {
		duty = r.Title
	}
	s := named(eventNames, k) + "：" + duty + "（" + clauseWords(d.Clause) + "）"
	if k == tickets.EventWarned {
		s += "，" + when(d.DueAt, now) + "到期"
	}
	return s
}

// words is what a person wrote with the event.
func (d eventData) words(k tickets.EventKind) string {
	switch k {
	case tickets.EventSettled:
		return "措施：" + d.Measures + "\n答复：" + d.Reply
	case tickets.EventAnswered:
		return d.Reply
	case tickets.EventSatisfied, tickets.EventDissatisfied:
		return joined("，", d.Words, d.Reason)
	case tickets.EventArrived:
		return d.Proof
	case tickets.EventExtensionAsked:
		var told string
		_ = json.Unmarshal(d.Told, &told) // not a sentence: nothing to show
		return joined("\n", d.Reason, prefixed("告知用户：", told))
	case tickets.EventClosed, tickets.EventWarned, tickets.EventBreached, tickets.EventPressed:
		return ""
	case tickets.EventAssistDone:
		return d.Result
	}
	return joined("\n", d.Note, d.Opinion, d.Reason)
}

func prefixed(label, s string) string {
	if s == "" {
		return ""
	}
	return label + s
}

func joined(with string, parts ...string) string {
	out := ""
	for _, p := range parts {
		if p == "" {
			continue
		}
		if out != "" {
			out += with
		}
		out += p
	}
	return out
}
