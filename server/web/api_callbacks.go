package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"quandesk/server/auth"
	"quandesk/tickets"
	"quandesk/tickets/customer"
)

func (s *Site) callbackAPI(api huma.API) {
	forStaff(s, api, auth.ReadTickets, operation{method: http.MethodGet, path: "/callbacks", tag: tagPhone,
		summary: "预约回电，按约定时间先后；默认今天的和以前没打的"}, s.listCallbacks)
	forStaff(s, api, auth.MoveTickets, operation{method: http.MethodPost, path: "/callbacks", tag: tagPhone, status: http.StatusCreated,
		summary: "预约回电；时段已满时返回 409 和最近的空闲时间", statuses: []int{404, 409}}, s.bookCallback)
	forStaff(s, api, auth.MoveTickets, operation{method: http.MethodPost, path: "/callbacks/{id}/{move}", tag: tagPhone,
		summary: "接通、未接、改约、取消", statuses: []int{404, 409}}, s.moveCallback)
	forStaff(s, api, auth.ReadTickets, operation{method: http.MethodGet, path: "/callbacks/free", tag: tagPhone,
		summary: "最近的空闲回电时间"}, s.freeCallbacks)
	forStaff(s, api, auth.ReadTickets, operation{method: http.MethodGet, path: "/callbacks/hours", tag: tagPhone,
		summary: "一个部门的回电时段"}, s.getCallHours)
	forStaff(s, api, auth.Supervise, operation{method: http.MethodPost, path: "/callbacks/hours", tag: tagPhone,
		summary: "修改一个部门的回电时段；已约的不变"}, s.putCallHours)
}

// promiseBody is a promised call as the API shows it.
type promiseBody struct {
	ID          int64                    `json:"id"`
	TicketNo    string                   `json:"ticket_no"`
	Phone       string                   `json:"phone" doc:"默认隐去部分内容"`
	Name        string                   `json:"contact_name,omitempty"`
	Team        string                   `json:"team,omitempty" doc:"承诺回电的部门；空为客服热线"`
	At          time.Time                `json:"at" doc:"约定的时间"`
	NextAt      time.Time                `json:"next_at" doc:"应拨打的时间；未接通后顺延"`
	Tries       int                      `json:"tries" doc:"未接通次数，三次后转主管"`
	State       tickets.AppointmentState `json:"state" enum:"booked,kept,failed,moved,cancelled,lapsed"`
	StateName   string                   `json:"state_name"`
	Description string                   `json:"description"`
	Urgent      bool                     `json:"urgent"`
	MadeAt      time.Time                `json:"created_at"`
	EndedAt     *time.Time               `json:"ended_at,omitempty"`
}

func showCallback(u auth.User, a tickets.Appointment) promiseBody {
	t := a.Ticket
	b := promiseBody{
		ID: a.ID, TicketNo: t.No, Phone: customer.MaskPhone(a.Phone), Name: maskName(t.ContactName), Team: a.Team,
		At: beijing(a.At), NextAt: beijing(a.NextAt), Tries: a.Tries, State: a.State, StateName: named(appointmentNames, a.State),
		Urgent: t.Urgent, MadeAt: beijing(a.MadeAt), EndedAt: moment(a.Ended),
	}
	b.Description, _ = shownText(u, t)
	if !mayIdentify(u, t) {
		b.Phone, b.Name = hidden, hidden
	}
	return b
}

type callbacksInput struct {
	Day   string `query:"day" doc:"日期，如 2026-11-26；默认今天"`
	State string `query:"state" enum:"booked,kept,failed,moved,cancelled,lapsed" doc:"只要这种状态"`
	Team  string `query:"team" maxLength:"50" doc:"只要这个部门的；“客服热线”为热线自己的"`
}

type callbacksOutput struct {
	Body struct {
		Callbacks []promiseBody `json:"callbacks" nullable:"false"`
	}
}

// hotlineTeam is the name of the team that is no department.
const hotlineTeam = "客服热线"

func (s *Site) listCallbacks(ctx context.Context, in *callbacksInput) (*callbacksOutput, error) {
	f := tickets.AppointmentFilter{}
	if in.Team != "" {
		team := teamOf(in.Team)
		f.Team = &team
	}
	day, err := readDay("day", in.Day, 0)
	if err != nil {
		return nil, err
	}
	list, err := s.diallingList(ctx, callOf(ctx).user, day, f)
	if err != nil {
		return nil, err
	}
	out := &callbacksOutput{}
	out.Body.Callbacks = []promiseBody{}
	for _, a := range list {
		if in.State == "" || string(a.State) == in.State {
			out.Body.Callbacks = append(out.Body.Callbacks, showCallback(callOf(ctx).user, a))
		}
	}
	return out, nil
}

// teamOf is the team of a name: the hotline desk is the empty one.
func teamOf(name string) string {
	if name == hotlineTeam {
		return ""
	}
	return name
}

func teamName(team string) string { return orElse(team, hotlineTeam) }

// diallingList is what was promised for a day, in the order of the promises.
// What was not dialled before stands on the list of today, too.
func (s *Site) diallingList(ctx context.Context, u auth.User, day time.Time, f tickets.AppointmentFilter) ([]tickets.Appointment, error) {
	now := s.Desk.Now()
	today := day.IsZero() || dayOf(day) == dayOf(now)
	if day.IsZero() {
		day = now
	}
	y, m, d := day.In(tickets.Beijing).Date()
	start := time.Date(y, m, d, 0, 0, 0, 0, tickets.Beijing)
	f.From, f.To = start, start.AddDate(0, 0, 1)
	list, err := s.Phone.Appointments(ctx, u.Scope(), f)
	if err != nil || !today {
		return list, err
	}
	f.From, f.To, f.Waiting = time.Time{}, start, true
	left, err := s.Phone.Appointments(ctx, u.Scope(), f)
	for _, a := range list {
		if !slices.ContainsFunc(left, func(x tickets.Appointment) bool { return x.ID == a.ID }) {
			left = append(left, a)
		}
	}
	return left, err
}

type bookCallbackInput struct {
	Body struct {
		TicketNo    string    `json:"ticket_no,omitempty" maxLength:"40" doc:"已有的工单；不填则为这次回电新登记一张求助工单"`
		At          time.Time `json:"at" doc:"约定的时间"`
		Phone       string    `json:"phone,omitempty" maxLength:"40" doc:"不填用工单电话"`
		ContactName string    `json:"contact_name,omitempty" maxLength:"50"`
		Note        string    `json:"note,omitempty" maxLength:"2000"`
		Override    bool      `json:"override,omitempty" doc:"同一号码当天超过三次仍要回电（留痕）"`
	}
}

type callbackOutput struct {
	Body promiseBody
}

func (s *Site) bookCallback(ctx context.Context, in *bookCallbackInput) (*callbackOutput, error) {
	call, b := callOf(ctx), in.Body
	promise := tickets.Call{At: b.At, Phone: b.Phone, Note: clean(b.Note), Booking: tickets.Booking{Override: b.Override}}
	if b.TicketNo == "" {
		t, err := s.promise(ctx, call, clean(b.ContactName), promise)
		if err != nil {
			return nil, err
		}
		return s.callbackOf(ctx, t)
	}
	t, err := s.Desk.Make(ctx, call.change(b.TicketNo, 0), func(t *ticket, at time.Time) (events, error) {
		return t.BookCall(call.actor(), promise, at)
	})
	if err != nil {
		return nil, err
	}
	return s.callbackOf(ctx, t)
}

// promise opens a request with a call that is promised on it.
func (s *Site) promise(ctx context.Context, call *call, name string, c tickets.Call) (*ticket, error) {
	number, err := customer.ParsePhone(c.Phone)
	if err != nil {
		return nil, &tickets.InputError{Field: "phone", Problem: tickets.Invalid}
	}
	return s.Switchboard.Promise(ctx, call.actor(), tickets.Opening{
		Kind: tickets.Request, Category: tickets.Other, Source: tickets.FromHotline, Channel: "phone",
		ContactPhone: number, ContactName: name, Description: orElse(c.Note, "请求回电"),
	}, c)
}

// callbackOf is the call that was just promised on a ticket.
func (s *Site) callbackOf(ctx context.Context, t *ticket) (*callbackOutput, error) {
	u := callOf(ctx).user
	list, err := s.Phone.Appointments(ctx, tickets.Everything, tickets.AppointmentFilter{TicketID: t.ID})
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errHidden
	}
	newest := slices.MaxFunc(list, func(a, b tickets.Appointment) int { return int(a.ID - b.ID) })
	return &callbackOutput{Body: showCallback(u, newest)}, nil
}

type moveCallbackInput struct {
	ID   int64  `path:"id" minimum:"1"`
	Move string `path:"move" enum:"reached,no_answer,move,cancel" doc:"接通、未接、改约、取消"`
	Body *struct {
		At       *time.Time `json:"at,omitempty" doc:"改约的时间"`
		Phone    string     `json:"phone,omitempty" maxLength:"40"`
		Note     string     `json:"note,omitempty" maxLength:"2000"`
		Override bool       `json:"override,omitempty"`
	}
}

func (s *Site) moveCallback(ctx context.Context, in *moveCallbackInput) (*callbackOutput, error) {
	call := callOf(ctx)
	m := callbackMove{Move: in.Move}
	if in.Body != nil {
		m.Note, m.Phone, m.Override = clean(in.Body.Note), in.Body.Phone, in.Body.Override
		if in.Body.At != nil {
			m.At = *in.Body.At
		}
	}
	t, err := s.makeCallbackMove(ctx, call, in.ID, m)
	if err != nil {
		return nil, err
	}
	if in.Move == "move" {
		return s.callbackOf(ctx, t)
	}
	list, err := s.Phone.Appointments(ctx, call.user.Scope(), tickets.AppointmentFilter{ID: in.ID})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &callbackOutput{Body: showCallback(call.user, list[0])}, nil
}

// callbackMove is what a person does with a promised call.
type callbackMove struct {
	Move, Phone, Note string
	At                time.Time
	Override          bool
}

// makeCallbackMove records how a promised call went, or moves or cancels it,
// on the ticket it belongs to. A call that is over is not made again.
func (s *Site) makeCallbackMove(ctx context.Context, call *call, id int64, m callbackMove) (*ticket, error) {
	list, err := s.Phone.Appointments(ctx, call.user.Scope(), tickets.AppointmentFilter{ID: id})
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errHidden
	}
	a := list[0]
	if a.State != tickets.CallBooked {
		return nil, errCallOver
	}
	change := call.change(a.Ticket.No, a.Ticket.Version)
	switch m.Move {
	case "reached", "no_answer":
		return s.Desk.Contact(ctx, change, tickets.Contact{Via: "phone", Result: tickets.ContactResult(m.Move), Note: m.Note, Promised: true})
	case "move":
		promise := tickets.Call{At: m.At, Phone: orElse(m.Phone, a.Phone), Note: m.Note, Booking: tickets.Booking{Override: m.Override}}
		return s.Desk.Make(ctx, change, func(t *ticket, at time.Time) (events, error) { return t.BookCall(change.By, promise, at) })
	case "cancel":
		return s.Desk.Make(ctx, change, func(t *ticket, at time.Time) (events, error) { return t.CancelCall(change.By, m.Note, at) })
	}
	return nil, &tickets.InputError{Field: "move", Problem: tickets.Invalid}
}

type freeInput struct {
	Team string `query:"team" maxLength:"50"`
	At   string `query:"at" doc:"希望的时间，默认现在"`
	N    int    `query:"limit" minimum:"1" maximum:"50" default:"6"`
}

type freeOutput struct {
	Body struct {
		Free []time.Time `json:"free" nullable:"false" doc:"最接近所希望时间的在前"`
	}
}

func (s *Site) freeCallbacks(ctx context.Context, in *freeInput) (*freeOutput, error) {
	at, err := readDay("at", in.At, 0)
	if err != nil {
		return nil, err
	}
	if at.IsZero() {
		at = s.Desk.Now()
	}
	free, err := s.Phone.FreeCalls(ctx, teamOf(in.Team), at, in.N)
	if err != nil {
		return nil, err
	}
	out := &freeOutput{}
	out.Body.Free = []time.Time{}
	for _, t := range free {
		out.Body.Free = append(out.Body.Free, beijing(t))
	}
	return out, nil
}

type hoursBody struct {
	Team     string `json:"team" maxLength:"50" doc:"部门；空或“客服热线”为热线自己"`
	Opens    string `json:"opens" maxLength:"5" doc:"开始时间，如 08:30"`
	Closes   string `json:"closes" maxLength:"5" doc:"结束时间，如 17:30"`
	Slot     int    `json:"slot_minutes" doc:"每段分钟数"`
	Capacity int    `json:"capacity" doc:"每段可约的回电数"`
	Workdays bool   `json:"workdays" doc:"只在工作日（含调休）"`
	Changed  string `json:"changed_by,omitempty" readOnly:"true"`
}

type hoursInput struct{ Body hoursBody }

type hoursOutput struct{ Body hoursBody }

func showHours(h tickets.CallHours) hoursBody {
	return hoursBody{
		Team: teamName(h.Team), Opens: minuteWords(h.Opens), Closes: minuteWords(h.Closes), Slot: h.Slot,
		Capacity: h.Capacity, Workdays: h.Workdays, Changed: h.ChangedBy,
	}
}

// hours reads the body; a time that is none is an InputError.
func (b hoursBody) hours() (tickets.CallHours, error) {
	h := tickets.CallHours{Team: teamOf(b.Team), Slot: b.Slot, Capacity: b.Capacity, Workdays: b.Workdays}
	var ok bool
	if h.Opens, ok = minuteOf(b.Opens); !ok {
		return h, &tickets.InputError{Field: "opens", Problem: tickets.Invalid}
	}
	if h.Closes, ok = minuteOf(b.Closes); !ok {
		return h, &tickets.InputError{Field: "closes", Problem: tickets.Invalid}
	}
	return h, h.Check()
}

// minuteOf reads 08:30 as minutes after midnight; 24:00 is the end of the day.
func minuteOf(text string) (int, bool) {
	if text == "24:00" {
		return 24 * 60, true
	}
	t, err := time.Parse("15:04", text)
	return t.Hour()*60 + t.Minute(), err == nil
}

func minuteWords(minute int) string {
	if minute == 24*60 {
		return "24:00"
	}
	return time.Date(0, 1, 1, 0, minute, 0, 0, time.UTC).Format("15:04")
}

func (s *Site) getCallHours(ctx context.Context, in *struct {
	Team string `query:"team" maxLength:"50"`
}) (*hoursOutput, error) {
	h, err := s.Phone.CallHours(ctx, teamOf(in.Team))
	if err != nil {
		return nil, err
	}
	return &hoursOutput{Body: showHours(h)}, nil
}

func (s *Site) putCallHours(ctx context.Context, in *hoursInput) (*hoursOutput, error) {
	h, err := in.Body.hours()
	if err != nil {
		return nil, err
	}
	if err := s.Phone.PutCallHours(ctx, callOf(ctx).actor(), h); err != nil {
		return nil, err
	}
	return s.getCallHours(ctx, &struct {
		Team string `query:"team" maxLength:"50"`
	}{h.Team})
}
