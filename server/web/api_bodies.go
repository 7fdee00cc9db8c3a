package web

import (
	"time"

	"quandesk/tickets"
)

// What the moves are made with.
type (
	emptyBody struct{ Seen }

	acceptBody struct {
		Seen
		Kind     tickets.Kind     `json:"kind,omitempty" enum:"complaint,repair,inquiry,request,suggestion,report,application"`
		Category tickets.Category `json:"category,omitempty" enum:"water_quality,pressure,outage,leak,facility,billing,meter,service,construction,installation,secondary_supply,other"`
		Urgent   *bool            `json:"urgent,omitempty"`
	}

	answerBody struct {
		Seen
		Reply string `json:"reply" doc:"给用户的答复"`
	}

	contactBody struct {
		Seen
		Via       string                `json:"via" enum:"phone,message,visit,sms"`
		Result    tickets.ContactResult `json:"result" enum:"reached,no_answer,invalid_number,refused"`
		Whom      string                `json:"whom,omitempty" maxLength:"50" doc:"接听人"`
		Note      string                `json:"note,omitempty"`
		MessageID int64                 `json:"message_id,omitempty" doc:"via 为 message 时的凭证"`
		Confirmed bool                  `json:"confirmed,omitempty" doc:"已核实对方就是提出诉求的本人；限电话或上门接通，且工单有联系电话"`
	}

	sendBody struct {
		Seen
		Department string `json:"department" minLength:"1" maxLength:"50"`
		Opinion    string `json:"opinion,omitempty"`
	}

	redoBody struct {
		Seen
		Department string `json:"department,omitempty" maxLength:"50"`
		Opinion    string `json:"opinion,omitempty"`
	}

	arriveBody struct {
		Seen
		Proof string `json:"proof" doc:"照片、位置或报到人"`
	}

	replyBody struct {
		Seen
		Outcome   tickets.Outcome `json:"outcome" enum:"solved,partly,unsolved,dropped"`
		Measures  string          `json:"measures" doc:"处理措施，至少四个字"`
		Reply     string          `json:"reply" doc:"答复内容，至少十个字"`
		Channel   string          `json:"channel,omitempty" maxLength:"30" doc:"答复方式"`
		Basis     string          `json:"basis,omitempty" doc:"不再办理的依据"`
		Justified *bool           `json:"justified,omitempty" doc:"是否属实"`
		Order     *orderReplyBody `json:"order,omitempty" doc:"12345 工单的回复单；不填的项目由系统按工单补全"`
	}

	// orderReplyBody is the block of the platform's page.
	orderReplyBody struct {
		Type           tickets.AnswerType `json:"answer_type,omitempty" enum:"final,interim,explained" doc:"答复类型"`
		ExpectedAt     time.Time          `json:"expected_at,omitzero" required:"false" doc:"预计完成时间；阶段性答复必填"`
		CallerSays     tickets.Rating     `json:"caller_says,omitempty" enum:"very_satisfied,satisfied,basically_satisfied,dissatisfied,unstated" doc:"答复来电人情况"`
		AnsweredAt     time.Time          `json:"answered_at,omitzero" required:"false" doc:"答复时间"`
		AnsweredBy     string             `json:"answered_by,omitempty" maxLength:"50" doc:"答复人"`
		AnswerPhone    string             `json:"answer_phone,omitempty" maxLength:"40" doc:"答复电话"`
		Unit           string             `json:"unit,omitempty" maxLength:"100" doc:"回复单位"`
		SubUnit        string             `json:"sub_unit,omitempty" maxLength:"100" doc:"下级办理单位"`
		UnsolvedReason string             `json:"unsolved_reason,omitempty" maxLength:"1000" doc:"未解决原因；结果为部分解决或未解决时必填"`
		BeyondDuty     bool               `json:"beyond_duty,omitempty" doc:"超职责诉求"`
		Public         string             `json:"public,omitempty" maxLength:"4000" doc:"公开答复内容"`
		ContactName    string             `json:"contact_name,omitempty" maxLength:"50" doc:"回复联系人"`
		ContactPhone   string             `json:"contact_phone,omitempty" maxLength:"40" doc:"回复电话"`
		Attachments    []string           `json:"attachments,omitempty" maxItems:"20" doc:"附件名称"`
		Exempt         string             `json:"exempt,omitempty" maxLength:"1000" doc:"建议不计入考核的理由"`
	}

	assistBody struct {
		Seen
		Department string `json:"department" minLength:"1" maxLength:"50" doc:"协办部门"`
		Opinion    string `json:"opinion" doc:"协办要求"`
	}

	assistDoneBody struct {
		Seen
		Department string `json:"department,omitempty" maxLength:"50" doc:"协办部门；不填为本人所在部门，主管可代签"`
		Result     string `json:"result" doc:"协办结果"`
	}

	reportBody struct {
		Seen
		Act tickets.Act `json:"act" enum:"sign,return,extend,reply" doc:"已报送平台的事项"`
		Way tickets.Way `json:"way" enum:"paste,upload" doc:"报送方式"`
	}

	callbackBody struct {
		Seen
		Result  tickets.CallbackVerdict `json:"result" enum:"satisfied,dissatisfied,unreached"`
		Process tickets.Rating          `json:"process,omitempty" enum:"very_satisfied,satisfied,basically_satisfied,dissatisfied,unstated" doc:"过程评价"`
		Outcome tickets.Rating          `json:"outcome,omitempty" enum:"very_satisfied,satisfied,basically_satisfied,dissatisfied,unstated" doc:"结果评价"`
		Solved  string                  `json:"solved,omitempty" enum:"yes,no,unstated"`
		Words   string                  `json:"words,omitempty" doc:"用户原话"`
		Reason  string                  `json:"reason,omitempty" doc:"不满意或未接通的原因"`
	}

	opinionBody struct {
		Seen
		Opinion string `json:"opinion,omitempty" maxLength:"2000"`
	}

	reasonBody struct {
		Seen
		Reason string `json:"reason"`
	}

	noteBody struct {
		Seen
		Note string `json:"note" maxLength:"4000"`
	}

	returnBody struct {
		Seen
		Reason string `json:"reason"`
		Owner  string `json:"owner" doc:"应办单位"`
		Phone  string `json:"phone,omitempty" maxLength:"40" doc:"回退联系电话"`
	}

	extendBody struct {
		Seen
		Until  time.Time `json:"until" doc:"申请延期到"`
		Reason string    `json:"reason"`
		Told   string    `json:"told" doc:"何时以何种方式告知客户"`
	}

	suspendBody struct {
		Seen
		Until  time.Time `json:"until"`
		Reason string    `json:"reason"`
	}

	bookBody struct {
		Seen
		At    time.Time `json:"at" doc:"约定的回电时间；时段已满时返回 409 和最近的空闲时间"`
		Phone string    `json:"phone,omitempty" maxLength:"40" doc:"回电号码，不填用工单电话"`
		Note  string    `json:"note,omitempty"`
		// Override is on record with the event.
		Override bool `json:"override,omitempty" doc:"同一号码当天超过三次仍要回电（留痕）"`
	}

	mergeBody struct {
		Seen
		MasterNo string `json:"master_no" minLength:"1" maxLength:"40"`
	}

	reassignBody struct {
		Seen
		AssigneeID int64 `json:"assignee_id" minimum:"1"`
	}

	correctBody struct {
		Seen
		ContactName  *string           `json:"contact_name,omitempty" maxLength:"50"`
		ContactPhone *string           `json:"contact_phone,omitempty" maxLength:"40"`
		Address      *string           `json:"address,omitempty" maxLength:"200"`
		District     *string           `json:"district,omitempty" maxLength:"50"`
		Street       *string           `json:"street,omitempty" maxLength:"50"`
		Community    *string           `json:"community,omitempty" maxLength:"50"`
		Category     *tickets.Category `json:"category,omitempty" enum:"water_quality,pressure,outage,leak,facility,billing,meter,service,construction,installation,secondary_supply,other"`
		Urgent       *bool             `json:"urgent,omitempty"`
	}
)
