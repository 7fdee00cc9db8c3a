package web

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/xuri/excelize/v2"

	"quandesk/channels/hotline12345"
	"quandesk/server/auth"
	"quandesk/tickets"
)

// Reports are the messages to the platform of 12345.
type Reports interface {
	Outward(ctx context.Context, sc tickets.Scope, id int64) (hotline12345.Outward, error)
	OutwardOf(ctx context.Context, ticketID int64) ([]hotline12345.Outward, error)
	Unreported(ctx context.Context, sc tickets.Scope, act tickets.Act, n int) ([]hotline12345.Outward, error)
	Again(ctx context.Context, o hotline12345.Outward, regardless bool) error
}

// mostReports is how many messages a list or a spreadsheet has.
const mostReports = 1000

var deliveryNames = map[hotline12345.Delivery]string{
	hotline12345.Pending:    "待发送",
	hotline12345.Sending:    "发送中",
	hotline12345.Delivered:  "已送达平台",
	hotline12345.Unknown:    "送达未知",
	hotline12345.Refused:    "被平台拒绝",
	hotline12345.Manual:     "已人工报送",
	hotline12345.Superseded: "已由新内容代替",
}

func (s *Site) reportsAPI(api huma.API) {
	found := []int{404, 409}
	forStaff(s, api, auth.ReadTickets, operation{method: http.MethodGet, path: "/reports", tag: tagMoves,
		summary: "尚未报送12345平台的事项"}, s.listReports)
	forStaff(s, api, auth.MoveTickets, operation{method: http.MethodGet, path: "/reports/sheet", tag: tagMoves,
		summary: "回复表格，供上传平台；导出留痕，但不等于已报送"}, s.reportSheet)
	forStaff(s, api, auth.ReadTickets, operation{method: http.MethodGet, path: "/reports/{id}", tag: tagMoves,
		summary: "一项报送内容，text 可直接粘贴到平台", statuses: found}, s.getReport)
	forStaff(s, api, auth.MoveTickets, operation{method: http.MethodPost, path: "/reports/{id}/again", tag: tagMoves,
		summary: "再试一次：先向平台查询是否已收到；regardless 为真时不再查询，直接重发", statuses: found}, s.sendReport)
}

// reportBody is one message to the platform.
type reportOutBody struct {
	ID        int64                 `json:"id"`
	TicketNo  string                `json:"ticket_no"`
	OrderNo   string                `json:"external_no"`
	Act       tickets.Act           `json:"act"`
	Round     int                   `json:"round"`
	Key       string                `json:"key"`
	State     hotline12345.Delivery `json:"state" enum:"pending,sending,delivered,unknown,refused,manual,superseded"`
	StateName string                `json:"state_name"`
	Reason    string                `json:"reason,omitempty"`
	Attempts  int                   `json:"attempts"`
	Fields    []hotline12345.Line   `json:"fields" nullable:"false"`
	Text      string                `json:"text"`
	SentAt    *time.Time            `json:"sent_at,omitempty"`
	DoneAt    *time.Time            `json:"done_at,omitempty"`
	CreatedAt time.Time             `json:"created_at"`
}

func showReport(o hotline12345.Outward) reportOutBody {
	return reportOutBody{
		ID: o.ID, TicketNo: o.TicketNo, OrderNo: o.OrderNo, Act: o.Act, Round: o.Round, Key: o.Key, State: o.State,
		StateName: named(deliveryNames, o.State), Reason: o.Reason, Attempts: o.Attempts, Fields: o.Lines,
		Text: hotline12345.Text(o.Lines), SentAt: moment(o.SentAt), DoneAt: moment(o.DoneAt), CreatedAt: beijing(o.CreatedAt),
	}
}

type reportsInput struct {
	Act tickets.Act `query:"act" enum:"sign,return,extend,reply" doc:"不填为全部事项"`
}

type reportsOutput struct {
	Body struct {
		Reports []reportOutBody `json:"reports" nullable:"false"`
	}
}

func (s *Site) listReports(ctx context.Context, in *reportsInput) (*reportsOutput, error) {
	list, err := s.Reports.Unreported(ctx, callOf(ctx).user.Scope(), in.Act, mostReports)
	if err != nil {
		return nil, err
	}
	out := &reportsOutput{}
	out.Body.Reports = make([]reportOutBody, len(list))
	for i, o := range list {
		out.Body.Reports[i] = showReport(o)
	}
	return out, nil
}

type reportInput struct {
	ID int64 `path:"id" minimum:"1"`
}

type reportOutput struct {
	Body reportOutBody
}

func (s *Site) getReport(ctx context.Context, in *reportInput) (*reportOutput, error) {
	o, err := s.Reports.Outward(ctx, callOf(ctx).user.Scope(), in.ID)
	if err != nil {
		return nil, err
	}
	return &reportOutput{Body: showReport(o)}, nil
}

type againInput struct {
	reportInput
	Body *struct {
		Regardless bool `json:"regardless,omitempty" doc:"不查询，直接重发"`
	}
}

func (s *Site) sendReport(ctx context.Context, in *againInput) (*reportOutput, error) {
	if err := s.again(ctx, in.ID, in.Body != nil && in.Body.Regardless); err != nil {
		return nil, err
	}
	return s.getReport(ctx, &in.reportInput)
}

// errReported is returned for a message that the platform has, or need not have.
var errReported = errors.New("web: reported already")

// again has a message tried once more; who wanted it is on record.
func (s *Site) again(ctx context.Context, id int64, regardless bool) error {
	o, err := s.Reports.Outward(ctx, callOf(ctx).user.Scope(), id)
	switch {
	case err != nil:
		return err
	case !o.Open() || o.State == hotline12345.Sending:
		return errReported
	}
	how := "asked first"
	if regardless {
		how = "regardless"
	}
	if err := s.record(ctx, "report.again", o.TicketNo, how+" "+string(o.Act)); err != nil {
		return err
	}
	return s.Reports.Again(ctx, o, regardless)
}

type sheetInput struct {
	IDs []int64 `query:"id" maxItems:"1000" doc:"要导出的事项编号，可多个；不填为全部未报送的回复"`
}

func (s *Site) reportSheet(ctx context.Context, in *sheetInput) (*streamOutput, error) {
	list, err := s.chosenReplies(ctx, in.IDs)
	if err != nil {
		return nil, err
	}
	sheet, err := spool(func(w *bufio.Writer) error { return writeReplies(w, list) })
	if err != nil {
		return nil, err
	}
	if err := s.recordSheet(ctx, len(list)); err != nil {
		return nil, errors.Join(err, sheet.Close())
	}
	return s.sending(sheet, xlsxType, s.sheetFile()), nil
}

// recordSheet puts an export into the trail before its first byte leaves.
func (s *Site) recordSheet(ctx context.Context, replies int) error {
	return s.record(ctx, "export", fmt.Sprintf("12345 replies: %d", replies), "ok")
}

func (s *Site) sheetFile() string {
	return "12345回复_" + s.Desk.Now().In(tickets.Beijing).Format("20060102_1504") + ".xlsx"
}

// chosenReplies are the replies with these ids, or all that are not reported.
func (s *Site) chosenReplies(ctx context.Context, ids []int64) ([]hotline12345.Outward, error) {
	list, err := s.Reports.Unreported(ctx, callOf(ctx).user.Scope(), tickets.ActReply, mostReports)
	if err != nil || len(ids) == 0 {
		return list, err
	}
	return slices.DeleteFunc(list, func(o hotline12345.Outward) bool { return !slices.Contains(ids, o.ID) }), nil
}

// writeReplies writes the replies as a spreadsheet: every cell is text, so that
// numbers keep their eighteen digits and nothing is a formula.
func writeReplies(w io.Writer, list []hotline12345.Outward) error {
	const sheet = "回复"
	f := excelize.NewFile()
	defer f.Close()
	if err := f.SetSheetName("Sheet1", sheet); err != nil {
		return err
	}
	text, err := f.NewStyle(&excelize.Style{NumFmt: 49, Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}})
	if err != nil {
		return err
	}
	rows := [][]string{nil}
	for _, l := range hotline12345.Lines(&tickets.Ticket{}, tickets.ActReply) {
		rows[0] = append(rows[0], l.Label)
	}
	for _, o := range list {
		row := make([]string, len(o.Lines))
		for i, l := range o.Lines {
			row[i] = plainCell(l.Value)
		}
		rows = append(rows, row)
	}
	for i, row := range rows {
		for j, value := range row {
			at, err := excelize.CoordinatesToCellName(j+1, i+1)
			if err != nil {
				return err
			}
			if err := errors.Join(f.SetCellStr(sheet, at, value), f.SetCellStyle(sheet, at, at, text)); err != nil {
				return err
			}
		}
	}
	if err := f.SetColWidth(sheet, "A", "A", 22); err != nil {
		return err
	}
	return f.Write(w)
}

// plainCell keeps a value from becoming a formula where the file is saved as
// text and opened again (T38). Whole numbers and phones stay as they are.
func plainCell(s string) string {
	s = cutCell(s)
	if s == "" {
		return s
	}
	switch first := []rune(s)[0]; {
	case first == '+' && len(s) > 1 && s[1] >= '0' && s[1] <= '9' && !slices.ContainsFunc([]rune(s[1:]), notPhone):
		return s
	case slices.Contains([]rune("=+-@\t\r\n\x00＝＋－＠"), first):
		return "'" + s
	}
	return s
}

func notPhone(r rune) bool { return (r < '0' || r > '9') && r != ' ' && r != '-' }
