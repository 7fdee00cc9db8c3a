package web

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"quandesk/channels/phone"
	"quandesk/server/auth"
	"quandesk/tickets"
	"quandesk/tickets/customer"
)

func (s *Site) callAPI(api huma.API) {
	forStaff(s, api, auth.ReportCalls, operation{method: http.MethodPost, path: "/calls", tag: tagPhone,
		summary: "话务事件：振铃、接通、结束；同一通话的同一事件只记一次，迟到和乱序的事件结果相同"}, s.takeCall)
	forStaff(s, api, auth.ReadTickets, operation{method: http.MethodGet, path: "/calls", tag: tagPhone,
		summary: "本人话机最近的通话，新的在前"}, s.listCalls)
	forStaff(s, api, auth.MoveTickets, operation{method: http.MethodPost, path: "/calls/link", tag: tagPhone,
		summary: "把本人接听的通话关联到工单；选择计入时记为已联系用户（第11.2条）", statuses: []int{404, 409}}, s.linkCall)
}

type callInput struct {
	Body struct {
		CallID    string     `json:"call_id" minLength:"1" maxLength:"100" doc:"交换机对这次通话的编号，同一通话的各事件相同"`
		Event     string     `json:"event" enum:"ringing,answered,ended"`
		Direction string     `json:"direction,omitempty" enum:"inbound,outbound" doc:"默认 inbound：用户打来"`
		Caller    string     `json:"caller,omitempty" maxLength:"40" doc:"主叫号码；呼出时为本单位号码"`
		Callee    string     `json:"callee,omitempty" maxLength:"40" doc:"被叫号码；呼入时为热线号码"`
		Extension string     `json:"extension,omitempty" maxLength:"10" doc:"坐席分机"`
		At        *time.Time `json:"at,omitempty" doc:"交换机记录的时间，默认收到的时间"`
	}
}

type callBody struct {
	CallID     string          `json:"call_id"`
	State      string          `json:"state" enum:"ringing,answered,ended,missed"`
	Direction  phone.Direction `json:"direction" enum:"inbound,outbound"`
	Number     string          `json:"number,omitempty" doc:"用户号码，默认隐去部分内容"`
	Line       string          `json:"line,omitempty" doc:"本单位号码"`
	Extension  string          `json:"extension,omitempty"`
	Agent      string          `json:"agent,omitempty" doc:"接听的坐席，或话机正在振铃的坐席"`
	RingingAt  *time.Time      `json:"ringing_at,omitempty"`
	AnsweredAt *time.Time      `json:"answered_at,omitempty"`
	EndedAt    *time.Time      `json:"ended_at,omitempty"`
	Lost       bool            `json:"lost,omitempty" doc:"交换机没有报来挂断：振铃3分钟、通话2小时后按结束处理；迟到的事件仍然有效"`
	TaskNo     string          `json:"task_no,omitempty" doc:"未接来电的回电任务，是一张工单"`
	TicketNo   string          `json:"ticket_no,omitempty" doc:"坐席关联的工单"`
}

type callOutput struct {
	Body struct {
		Call     callBody `json:"call"`
		Repeated bool     `json:"repeated" doc:"这一事件以前收到过，没有再次处理"`
	}
}

// callState is the word for where a call stands.
func callState(c phone.Call) string {
	switch {
	case c.Missed():
		return "missed"
	case !c.EndedAt.IsZero():
		return "ended"
	case !c.AnsweredAt.IsZero():
		return "answered"
	}
	return "ringing"
}

func showCall(c phone.Call) callBody {
	b := callBody{
		CallID: c.CallID, State: callState(c), Direction: c.Direction, Number: customer.MaskPhone(c.Number), Line: c.Line,
		Extension: c.Extension, Agent: c.Agent.Name, RingingAt: moment(c.RingingAt), AnsweredAt: moment(c.AnsweredAt),
		EndedAt: moment(c.EndedAt), Lost: c.Lost, TaskNo: c.TaskNo, TicketNo: c.TicketNo,
	}
	if b.TicketNo == noTicket {
		b.TicketNo = ""
	}
	return b
}

func (s *Site) takeCall(ctx context.Context, in *callInput) (*callOutput, error) {
	r := phone.Report{
		CallID: in.Body.CallID, Kind: in.Body.Event, Direction: in.Body.Direction,
		Caller: in.Body.Caller, Callee: in.Body.Callee, Extension: in.Body.Extension,
	}
	if in.Body.At != nil {
		r.At = *in.Body.At
	}
	c, fresh, err := s.Switchboard.Take(ctx, r)
	if err != nil {
		return nil, err
	}
	out := &callOutput{}
	out.Body.Call, out.Body.Repeated = showCall(c), !fresh
	return out, nil
}

type callsInput struct {
	CallID string `query:"call_id" maxLength:"100" doc:"只要这一通话"`
}

type callsOutput struct {
	Body struct {
		Calls []callBody `json:"calls" nullable:"false"`
	}
}

func (s *Site) listCalls(ctx context.Context, in *callsInput) (*callsOutput, error) {
	u := callOf(ctx).user
	list, err := s.Phone.CallsOf(ctx, u.ID, s.Desk.Now().Add(-24*time.Hour))
	if err != nil {
		return nil, err
	}
	if in.CallID != "" && u.Scope().All {
		c, err := s.Phone.Call(ctx, in.CallID)
		if err != nil {
			return nil, err
		}
		list = []phone.Call{c}
	}
	out := &callsOutput{}
	out.Body.Calls = []callBody{}
	for _, c := range list {
		if in.CallID == "" || c.CallID == in.CallID {
			out.Body.Calls = append(out.Body.Calls, showCall(c))
		}
	}
	return out, nil
}

type linkInput struct {
	Body struct {
		CallID   string `json:"call_id" minLength:"1" maxLength:"100"`
		TicketNo string `json:"ticket_no" minLength:"1" maxLength:"40"`
		Contact  bool   `json:"contact,omitempty" doc:"这次通话就是与用户的联系"`
		Note     string `json:"note,omitempty" maxLength:"2000"`
	}
}

func (s *Site) linkCall(ctx context.Context, in *linkInput) (*ticketOutput, error) {
	call := callOf(ctx)
	t, err := s.linkCallTo(ctx, call, in.Body.CallID, in.Body.TicketNo, in.Body.Contact, clean(in.Body.Note))
	if err != nil {
		return nil, err
	}
	return &ticketOutput{Body: showTicket(call.user, t)}, nil
}

// spokenLine is the call as evidence that this person spoke to the resident.
func (s *Site) spokenLine(ctx context.Context, u auth.User, callID string) (*tickets.Line, error) {
	c, err := s.Phone.Call(ctx, callID)
	if err != nil {
		return nil, err
	}
	line, ok := c.Spoken(u.ID)
	if !ok {
		return nil, &tickets.InputError{Field: "call_id", Problem: tickets.Invalid}
	}
	return &line, nil
}

// linkCallTo links a call that this person answered to a ticket of their
// choice and, when they say so, records it as the contact (R01).
func (s *Site) linkCallTo(ctx context.Context, call *call, callID, no string, contact bool, note string) (*tickets.Ticket, error) {
	line, err := s.spokenLine(ctx, call.user, callID)
	if err != nil {
		return nil, err
	}
	t, err := s.Desk.Ticket(ctx, call.user.Scope(), no)
	if err != nil {
		return nil, err
	}
	if contact {
		t, err = s.Desk.Contact(ctx, call.change(no, 0), tickets.Contact{
			Via: "phone", Result: tickets.Reached, Note: note, Line: line,
		})
		if err != nil {
			return nil, err
		}
	}
	return t, s.Phone.LinkCall(ctx, callID, t.No)
}
