package web

import (
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"quandesk/server/auth"
	"quandesk/tickets"
	"quandesk/tickets/customer"
)

// callbacksView is the day's dialling list, in the order of the promises, and
// below it the settled tickets that wait to be called back on (R06).
type callbacksView struct {
	ticketsView
	Done, Problem string
	Waiting       int
	Promises      []callbackRow
	MayHours      bool
}

// callbackRow is one promised call.
type callbackRow struct {
	ID                        int64
	CSRF                      string
	No, Href, Name, Number    string
	At, Next                  string
	Due                       dueView
	Tries                     string
	State, Tone               string
	Team, Description, Reveal string
	Urgent, Waiting           bool
	Problem                   string // why what was asked could not be done
	Move                      *moveCallView
}

// moveCallView is the form of another time, with what is free.
type moveCallView struct {
	At, Note, Problem string
	Free              []option
}

// dialAct is one button of a call.
type dialAct struct {
	ID                     int64
	CSRF, Move, Label, Key string
}

func newDialAct(row callbackRow, move, label, key string) dialAct {
	return dialAct{row.ID, row.CSRF, move, label, key}
}

// pageCallbacks lists the calls of the day and the callbacks this person may
// make: settled tickets that somebody else handled (R06), the most urgent first.
func (s *Site) pageCallbacks(c *fiber.Ctx) error { return s.showCallbacks(c, callbacksView{}, nil) }

// showCallbacks is the page; change may put something into the row of a call.
func (s *Site) showCallbacks(c *fiber.Ctx, v callbacksView, change func(*callbackRow)) error {
	f := tickets.Filter{
		States: []tickets.State{tickets.Settled, tickets.Calling}, DueFirst: true, Cursor: c.Query("cursor"),
	}
	me := s.user(c)
	v.Empty = "没有需要您回访的工单。"
	own := func(t *tickets.Ticket) bool { return t.Handler.ID == me.ID }
	err := s.fillTickets(c, &v.ticketsView, f, "/desk/callbacks", own)
	if err != nil {
		return err
	}
	if fragment(c) && f.Cursor != "" {
		return s.render(c, "ticket-rows", v.ticketsView)
	}
	list, err := s.diallingList(c.UserContext(), me, time.Time{}, tickets.AppointmentFilter{})
	if err != nil {
		return err
	}
	now := s.Desk.Now()
	for _, a := range list {
		if a.State == tickets.CallMoved || a.State == tickets.CallLapsed {
			continue // where it went stands on the list, too
		}
		row := newCallbackRow(me, a, now)
		row.CSRF = s.csrf(c)
		if change != nil {
			change(&row)
		}
		if row.Waiting {
			v.Waiting++
		}
		v.Promises = append(v.Promises, row)
	}
	if fragment(c) {
		return s.render(c, "dialling", v)
	}
	if v.frame, err = s.frame(c, "回电与回访", "/desk/callbacks"); err != nil {
		return err
	}
	v.MayHours = me.Can(auth.Supervise)
	return s.render(c, "page-callbacks", v)
}

func newCallbackRow(u auth.User, a tickets.Appointment, now time.Time) callbackRow {
	t := a.Ticket
	row := callbackRow{
		ID: a.ID, No: t.No, Href: "/desk/tickets/" + t.No, Name: orElse(maskName(t.ContactName), "未留姓名"), Number: customer.MaskPhone(a.Phone),
		At: when(a.At, now), State: named(appointmentNames, a.State), Team: teamName(a.Team), Urgent: t.Urgent,
		Waiting: a.State == tickets.CallBooked, Reveal: "/desk/tickets/" + t.No + "/phone",
	}
	row.Description, _ = shownText(u, t)
	if !mayIdentify(u, t) {
		row.Name, row.Number, row.Reveal = hidden, hidden, ""
	}
	if a.Tries > 0 {
		row.Tries = "未接通" + strconv.Itoa(a.Tries) + "次"
	}
	switch a.State {
	case tickets.CallBooked:
		row.Tone = "amber"
		if a.NextAt.After(a.At) {
			row.Next = clockTime(a.NextAt) + "后再拨"
		}
		row.Due = newDue(a.NextAt, "约定"+when(a.At, now), now)
	case tickets.CallKept:
		row.Tone = "green"
	case tickets.CallFailed:
		row.Tone = "red"
	}
	return row
}

// formCallback records how a promised call went, or moves or cancels it: one
// key, one form, one row that changes.
func (s *Site) formCallback(c *fiber.Ctx) error {
	ctx, id := c.UserContext(), idOf(c.Params("id"))
	v := values(func(name string) string { return c.FormValue(name) })
	m := callbackMove{Move: c.Params("move"), Note: v.text("note"), At: v.time("at"), Override: v("override") != ""}
	if free := v("free"); free != "" && m.At.IsZero() {
		m.At, _ = time.Parse(time.RFC3339, free) // what was not offered is no time
	}
	if m.Move == "move" && m.At.IsZero() {
		return s.askForTime(c, id, "")
	}
	t, err := s.makeCallbackMove(ctx, callOf(ctx), id, m)
	if err != nil {
		told := s.failure(ctx, err)
		if told.status != fiber.StatusConflict && told.status != fiber.StatusUnprocessableEntity {
			return err
		}
		c.Status(told.status)
		if m.Move == "move" {
			return s.askForTime(c, id, told.Problem.Message)
		}
		return s.showCallbacks(c, callbacksView{Problem: told.Problem.Message}, nil)
	}
	return s.showCallbacks(c, callbacksView{Done: callbackDone(m.Move, t, s.Desk.Now())}, nil)
}

func callbackDone(move string, t *tickets.Ticket, now time.Time) string {
	switch {
	case move == "reached":
		return t.No + " 已记为接通。"
	case move == "cancel":
		return t.No + " 的回电已取消。"
	case move == "move":
		return t.No + " 已改约到" + stamp(t.CallAt) + "。"
	case t.CallTries == 0 && !t.CallAt.IsZero():
		return t.No + " 未接通，已记录。约定时间还没到，" + when(t.CallAt, now) + "仍要回电。"
	case t.CallAt.IsZero():
		return t.No + " 三次未接通，已记为“已联系未接通”并转主管。"
	}
	return t.No + " 未接通，" + clockTime(t.CallAt) + "后可以再拨。"
}

// askForTime opens the form of another time under a call.
func (s *Site) askForTime(c *fiber.Ctx, id int64, problem string) error {
	list, err := s.Phone.Appointments(c.UserContext(), s.scope(c), tickets.AppointmentFilter{ID: id})
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return errHidden
	}
	now := s.Desk.Now()
	v := values(func(name string) string { return c.FormValue(name) })
	from := list[0].NextAt
	if at := v.time("at"); at.After(now) {
		from = at
	}
	if from.Before(now) {
		from = now
	}
	free, err := s.Phone.FreeCalls(c.UserContext(), list[0].Ticket.Department, from, offeredTimes+1)
	if err != nil {
		return err
	}
	form := &moveCallView{At: v("at"), Note: v.text("note"), Problem: problem}
	form.Free = otherTimes(free, list[0].At, now)
	return s.showCallbacks(c, callbacksView{}, func(row *callbackRow) {
		if row.ID == id {
			row.Move = form
		}
	})
}

// otherTimes are the times to which a call may be moved, in their order; the
// next one after the promise is chosen.
func otherTimes(free []time.Time, from, now time.Time) []option {
	free = slices.DeleteFunc(slices.Clone(free), from.Equal) // it is moved away from there
	free = free[:min(len(free), offeredTimes)]
	slices.SortFunc(free, time.Time.Compare)
	next := max(0, slices.IndexFunc(free, from.Before))
	var out []option
	for i, t := range free {
		out = append(out, option{Value: iso(t), Label: when(t, now), Chosen: i == next})
	}
	return out
}

// offeredTimes is how many free times a form offers.
const offeredTimes = 6

// callHoursView is the page on which a supervisor says when teams call.
type callHoursView struct {
	frame
	Done, Problem string
	Teams         []callHoursRow
}

type callHoursRow struct {
	Team, Opens, Closes string
	Slot, Capacity      int
	Workdays            bool
	Changed             string
}

func (s *Site) pageCallHours(c *fiber.Ctx) error { return s.showCallHours(c, callHoursView{}) }

func (s *Site) showCallHours(c *fiber.Ctx, v callHoursView) error {
	for _, team := range append([]string{""}, tickets.Departments...) {
		h, err := s.Phone.CallHours(c.UserContext(), team)
		if err != nil {
			return err
		}
		row := callHoursRow{
			Team: teamName(team), Opens: minuteWords(h.Opens), Closes: minuteWords(h.Closes), Slot: h.Slot, Capacity: h.Capacity,
			Workdays: h.Workdays, Changed: "默认",
		}
		if !h.ChangedAt.IsZero() {
			row.Changed = h.ChangedBy + " " + stamp(h.ChangedAt)
		}
		v.Teams = append(v.Teams, row)
	}
	var err error
	if v.frame, err = s.frame(c, "回电时段", "/desk/callbacks"); err != nil {
		return err
	}
	return s.render(c, "page-call-hours", v)
}

func (s *Site) formCallHours(c *fiber.Ctx) error {
	v := values(func(name string) string { return c.FormValue(name) })
	b := hoursBody{
		Team: v("team"), Opens: v("opens"), Closes: v("closes"), Slot: int(v.number("slot_minutes")),
		Capacity: int(v.number("capacity")), Workdays: v("workdays") != "",
	}
	h, err := b.hours()
	if err == nil {
		err = s.Phone.PutCallHours(c.UserContext(), s.actor(c), h)
	}
	if err != nil {
		told := s.failure(c.UserContext(), err)
		if told.status != fiber.StatusUnprocessableEntity {
			return err
		}
		c.Status(told.status)
		return s.showCallHours(c, callHoursView{Problem: teamName(h.Team) + "：" + told.Problem.Message})
	}
	return s.showCallHours(c, callHoursView{Done: teamName(h.Team) + "的回电时段已保存；已经约好的回电不变。"})
}
