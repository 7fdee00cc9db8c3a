package tickets

import (
	"encoding/json"
	"slices"
	"time"
)

// AnswerType is what kind of answer an order of 12345 gets (答复类型).
type AnswerType string

// The types of answers.
const (
	FinalAnswer   AnswerType = "final"     // 办结答复
	InterimAnswer AnswerType = "interim"   // 阶段性答复, with the time when it will be done
	Explanation   AnswerType = "explained" // 解释说明
)

// AnswerTypes lists them in the order screens show them.
var AnswerTypes = []AnswerType{FinalAnswer, InterimAnswer, Explanation}

// OrderReply is the part of a reply that the platform of 12345 asks for
// beside result, measures and words (回复单).
type OrderReply struct {
	Type           AnswerType `json:"answer_type,omitempty"`
	ExpectedAt     time.Time  `json:"expected_at,omitzero"`      // 预计完成时间
	CallerSays     Rating     `json:"caller_says,omitempty"`     // 答复来电人情况
	AnsweredAt     time.Time  `json:"answered_at,omitzero"`      // 答复时间
	AnsweredBy     string     `json:"answered_by,omitempty"`     // 答复人
	AnswerPhone    string     `json:"answer_phone,omitempty"`    // 答复电话
	Unit           string     `json:"unit,omitempty"`            // 回复单位
	SubUnit        string     `json:"sub_unit,omitempty"`        // 下级办理单位
	UnsolvedReason string     `json:"unsolved_reason,omitempty"` // 未解决原因
	BeyondDuty     bool       `json:"beyond_duty,omitempty"`     // 超职责诉求
	Public         string     `json:"public,omitempty"`          // 公开答复内容
	ContactName    string     `json:"contact_name,omitempty"`    // 回复联系人
	ContactPhone   string     `json:"contact_phone,omitempty"`   // 回复电话
	Attachments    []string   `json:"attachments,omitempty"`     // names of the files that go with it
	Exempt         string     `json:"exempt,omitempty"`          // why it should not count in the assessment (建议不计入考核)
}

// ReplyUnit is who replies to an order unless somebody says otherwise.
const ReplyUnit = "泉城水务客服中心"

// completeOrder checks the block of an order's reply and fills in what the
// ticket knows; other tickets have none.
func (t *Ticket) completeOrder(s *Settlement, by Actor, at time.Time) error {
	if t.Source != From12345 {
		s.Order = nil
		return nil
	}
	var o OrderReply
	if s.Order != nil {
		o = *s.Order
		if err := o.check(s.Outcome, at); err != nil {
			return err
		}
	}
	fill := func(p *string, value string) {
		if *p == "" {
			*p = value
		}
	}
	if o.Type == "" {
		o.Type = FinalAnswer
	}
	if o.AnsweredAt.IsZero() {
		o.AnsweredAt = at
	}
	fill(&o.AnsweredBy, by.Name)
	fill(&o.Unit, ReplyUnit)
	fill(&o.SubUnit, t.Department)
	fill(&o.Public, s.Reply)
	fill(&o.ContactName, by.Name)
	fill(&o.ContactPhone, o.AnswerPhone)
	s.Order = &o
	return nil
}

// check says which field of the block is wrong.
func (o OrderReply) check(outcome Outcome, at time.Time) error {
	if o.Type != "" && !slices.Contains(AnswerTypes, o.Type) {
		return &InputError{"answer_type", Invalid}
	}
	if o.CallerSays != "" && !slices.Contains([]Rating{VeryGood, Good, Fair, Poor, NoOpinion}, o.CallerSays) {
		return &InputError{"caller_says", Invalid}
	}
	switch {
	case o.Type == InterimAnswer && o.ExpectedAt.IsZero():
		return &InputError{"expected_at", Missing}
	case o.AnsweredAt.After(at):
		return &InputError{"answered_at", TooLate}
	case (outcome == Unsolved || outcome == Partly) && o.UnsolvedReason == "":
		return &InputError{"unsolved_reason", Missing}
	case len(o.Attachments) > 20:
		return &InputError{"attachments", TooLong}
	}
	for _, f := range []struct {
		name, value string
		most        int
	}{
		{"answered_by", o.AnsweredBy, 50}, {"answer_phone", o.AnswerPhone, 40}, {"unit", o.Unit, 100},
		{"sub_unit", o.SubUnit, 100}, {"unsolved_reason", o.UnsolvedReason, 1000}, {"public", o.Public, 4000},
		{"contact_name", o.ContactName, 50}, {"contact_phone", o.ContactPhone, 40}, {"exempt", o.Exempt, 1000},
	} {
		if err := text(f.name, f.value, 0, f.most); err != nil {
			return err
		}
	}
	for _, name := range o.Attachments {
		if err := text("attachments", name, 1, 200); err != nil {
			return err
		}
	}
	return nil
}

// shared is what a duplicate takes over of its master's block: who was
// answered, when and how it went is each customer's own.
func (o *OrderReply) shared() *OrderReply {
	if o == nil {
		return nil
	}
	out := *o
	out.CallerSays, out.AnsweredAt, out.AnsweredBy, out.AnswerPhone = "", time.Time{}, "", ""
	return &out
}

// Way is how something reached the platform of 12345.
type Way string

// The ways.
const (
	ByConnection Way = "connection" // our client sent it and the platform took it
	ByPaste      Way = "paste"      // a clerk pasted the block
	ByUpload     Way = "upload"     // a clerk uploaded the spreadsheet
)

// Act is what an undertaking unit tells the platform of 12345 about an order.
type Act string

// The acts.
const (
	ActSign   Act = "sign"   // 签收
	ActReturn Act = "return" // 退单
	ActExtend Act = "extend" // 延期
	ActReply  Act = "reply"  // 回复
)

// Acts lists them in the order of an order's life.
var Acts = []Act{ActSign, ActReturn, ActExtend, ActReply}

// Told is the act that an event of an order has to be told as; false when the
// platform does not want to hear of it.
func (e Event) Told() (Act, bool) {
	switch e.Kind {
	case EventSigned:
		return ActSign, !e.again()
	case EventReturned:
		return ActReturn, true
	case EventExtended:
		return ActExtend, true
	case EventSettled:
		return ActReply, true
	}
	return "", false
}

// again reports whether the event repeats what was told before.
func (e Event) again() bool {
	var said struct {
		Again bool `json:"again"`
	}
	return json.Unmarshal(e.Data, &said) == nil && said.Again
}

// Report records that the platform of 12345 has an act (D02): its own answer
// says so, or somebody pasted or uploaded it. Round is which one of its kind.
func (t *Ticket) Report(by Actor, act Act, round int, way Way, at time.Time) ([]Event, error) {
	if err := t.guard(MoveReport, by); err != nil {
		return nil, err
	}
	switch {
	case !slices.Contains(Acts, act):
		return nil, &InputError{"act", Invalid}
	case !slices.Contains([]Way{ByConnection, ByPaste, ByUpload}, way):
		return nil, &InputError{"way", Invalid}
	case way == ByConnection && by.Kind == ByStaff:
		return nil, ErrForbidden // nobody can say in its place what the platform answered
	}
	if act == ActReply && t.ReportedAt.IsZero() {
		t.ReportedAt = at
	}
	return t.emit(EventReported, by, at, map[string]any{"act": act, "round": round, "way": way}), nil
}

// Refused records that the platform did not take an act, and why.
func (t *Ticket) Refused(by Actor, act Act, round int, reason string, at time.Time) ([]Event, error) {
	if err := t.guard(MoveReport, by); err != nil {
		return nil, err
	}
	if by.Kind != By12345 {
		return nil, ErrForbidden
	}
	return t.emit(EventReportRefused, by, at, map[string]any{"act": act, "round": round, "reason": reason}), nil
}
