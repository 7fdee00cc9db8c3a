package web

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"quandesk/channels/hotline12345"
	"quandesk/server/auth"
	"quandesk/tickets"
)

// reportsHome is where what 12345 has yet to be told is listed.
const reportsHome = "/desk/reports"

// reportView is one message to the platform on a card or in the list.
type reportView struct {
	ID, Href    string
	No, OrderNo string
	Act, State  string
	Tone        string
	Reason      string
	When        string
	Text        string
	Open        bool // there is something a person can do
	Unknown     bool // the platform may have it
	Refused     bool
	CSRF        string
}

func newReport(o hotline12345.Outward, mayAct bool, csrf string, now time.Time) reportView {
	id := strconv.FormatInt(o.ID, 10)
	v := reportView{
		ID: id, Href: reportsHome + "/" + id, No: o.TicketNo, OrderNo: o.OrderNo, Act: named(actNames, o.Act),
		State: named(deliveryNames, o.State), Reason: o.Reason, When: when(o.CreatedAt, now), Text: hotline12345.Text(o.Lines),
		Open: mayAct && o.Open() && o.State != hotline12345.Sending, Unknown: o.State == hotline12345.Unknown,
		Refused: o.State == hotline12345.Refused, CSRF: csrf,
	}
	if o.Round > 1 {
		v.Act += "（第" + strconv.Itoa(o.Round) + "次）"
	}
	switch o.State {
	case hotline12345.Delivered, hotline12345.Manual:
		v.Tone, v.When = "green", when(o.DoneAt, now)
	case hotline12345.Unknown, hotline12345.Pending, hotline12345.Sending:
		v.Tone = "amber"
	case hotline12345.Refused:
		v.Tone = "red"
	}
	return v
}

// reportViews are the messages about a ticket, newest first.
func (s *Site) reportViews(c *fiber.Ctx, t *tickets.Ticket) ([]reportView, error) {
	if t.Source != tickets.From12345 || s.Reports == nil {
		return nil, nil
	}
	list, err := s.Reports.OutwardOf(c.UserContext(), t.ID)
	if err != nil {
		return nil, err
	}
	out := make([]reportView, 0, len(list))
	for i := range list {
		o := list[len(list)-1-i]
		out = append(out, newReport(o, s.user(c).Can(auth.MoveTickets), s.csrf(c), s.Desk.Now()))
	}
	return out, nil
}

type reportsView struct {
	frame
	Rows []reportView
	Done string
}

func (s *Site) pageReports(c *fiber.Ctx) error {
	list, err := s.Reports.Unreported(c.UserContext(), s.scope(c), "", mostReports)
	if err != nil {
		return err
	}
	v := reportsView{}
	if n := c.QueryInt("marked"); n > 0 {
		v.Done = fmt.Sprintf("已登记%d项。", n)
	}
	for _, o := range list {
		v.Rows = append(v.Rows, newReport(o, s.user(c).Can(auth.MoveTickets), s.csrf(c), s.Desk.Now()))
	}
	if v.frame, err = s.frame(c, "12345报送", reportsHome); err != nil {
		return err
	}
	return s.render(c, "page-reports", v)
}

type reportPageView struct {
	frame
	Report reportView
}

func (s *Site) pageReport(c *fiber.Ctx) error {
	o, err := s.Reports.Outward(c.UserContext(), s.scope(c), number(c, "id"))
	if err != nil {
		return err
	}
	v := reportPageView{Report: newReport(o, s.user(c).Can(auth.MoveTickets), s.csrf(c), s.Desk.Now())}
	if v.frame, err = s.frame(c, "12345报送", reportsHome); err != nil {
		return err
	}
	return s.render(c, "page-report", v)
}

// formReport does what a person chose where a message is in doubt or refused.
func (s *Site) formReport(c *fiber.Ctx) error {
	id := number(c, "id")
	switch c.FormValue("choice") {
	case "ask":
		if err := s.again(c.UserContext(), id, false); err != nil {
			return err
		}
	case "send":
		if err := s.again(c.UserContext(), id, true); err != nil {
			return err
		}
	case "done":
		if err := s.reportedByHand(c, id, tickets.ByPaste); err != nil {
			return err
		}
	default:
		return &tickets.InputError{Field: "choice", Problem: tickets.Invalid}
	}
	o, err := s.Reports.Outward(c.UserContext(), s.scope(c), id)
	if err != nil {
		return err
	}
	return c.Redirect("/desk/tickets/"+url.PathEscape(o.TicketNo), fiber.StatusSeeOther)
}

// formReports marks what was chosen as reported: an act of its own, which no
// export does.
func (s *Site) formReports(c *fiber.Ctx) error {
	marked := 0
	for _, raw := range c.Request().PostArgs().PeekMulti("id") {
		id, err := strconv.ParseInt(string(raw), 10, 64)
		if err != nil {
			return &tickets.InputError{Field: "id", Problem: tickets.Invalid}
		}
		switch err := s.reportedByHand(c, id, tickets.ByUpload); {
		case errors.Is(err, errReported): // a colleague was faster
		case err != nil:
			return err
		default:
			marked++
		}
	}
	return c.Redirect(reportsHome+"?marked="+strconv.Itoa(marked), fiber.StatusSeeOther)
}

// formReportSheet is the spreadsheet of what was chosen.
func (s *Site) formReportSheet(c *fiber.Ctx) error {
	var ids []int64
	for _, raw := range c.Request().PostArgs().PeekMulti("id") {
		id, err := strconv.ParseInt(string(raw), 10, 64)
		if err != nil {
			return &tickets.InputError{Field: "id", Problem: tickets.Invalid}
		}
		ids = append(ids, id)
	}
	list, err := s.chosenReplies(c.UserContext(), ids)
	if err != nil {
		return err
	}
	var sheet bytes.Buffer
	if err := writeReplies(&sheet, list); err != nil {
		return err
	}
	if err := s.recordSheet(c.UserContext(), len(list)); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, xlsxType)
	c.Set(fiber.HeaderContentDisposition, "attachment; filename*=UTF-8''"+url.PathEscape(s.sheetFile()))
	return c.Send(sheet.Bytes())
}

func (s *Site) reportedByHand(c *fiber.Ctx, id int64, way tickets.Way) error {
	o, err := s.Reports.Outward(c.UserContext(), s.scope(c), id)
	switch {
	case err != nil:
		return err
	case !o.Open():
		return errReported
	}
	change := callOf(c.UserContext()).change(o.TicketNo, 0)
	_, err = s.Desk.Make(c.UserContext(), change, func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
		return t.Report(change.By, o.Act, o.Round, way, at)
	})
	return err
}
