package web

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"quandesk/server/auth"
	"quandesk/tickets"
)

func (s *Site) ledgerAPI(api huma.API) {
	forStaff(s, api, auth.ReadLedger, operation{method: http.MethodGet, path: "/ledger", tag: tagLedger,
		summary: "投诉台账；format=xlsx 导出表格（须有导出权限，留痕）；不填日期时为本月"}, s.getLedger)
	row := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[ledgerBody](), true, "LedgerRow")
	api.OpenAPI().Paths["/ledger"].Get.Responses["200"] = &huma.Response{
		Description: "按接诉时间从早到晚",
		Content: map[string]*huma.MediaType{
			fiber.MIMEApplicationJSON: {Schema: &huma.Schema{
				Type: huma.TypeObject, Required: []string{"rows"},
				Properties: map[string]*huma.Schema{
					"rows": {Type: huma.TypeArray, Items: row}, "next_cursor": {Type: huma.TypeString},
				},
			}},
			xlsxType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
		},
	}
}

const xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

type ledgerInput struct {
	From       string `query:"from" doc:"接诉日期起，如 2026-01-01"`
	To         string `query:"to" doc:"接诉日期止，含当天"`
	Format     string `query:"format" enum:"json,xlsx" default:"json"`
	Kind       string `query:"kind" doc:"默认为投诉和举报"`
	State      string `query:"state" doc:"状态，多个用逗号分隔；open 表示所有未结束的"`
	Category   string `query:"category"`
	Source     string `query:"source"`
	Channel    string `query:"channel" maxLength:"30" doc:"子渠道"`
	Department string `query:"department" maxLength:"50"`
	Area       string `query:"area" maxLength:"50"`
	Cursor     string `query:"cursor" maxLength:"100" doc:"仅用于 json"`
	Limit      int    `query:"limit" minimum:"0" maximum:"10000" doc:"仅用于 json；不填为全部"`
}

func (in *ledgerInput) filter(now time.Time) (tickets.Filter, error) {
	list := ticketsInput{
		State: in.State, Kind: in.Kind, Category: in.Category, Source: in.Source, Channel: in.Channel,
		Department: in.Department, Area: in.Area, From: in.From, To: in.To,
	}
	f, err := list.filter()
	if err != nil {
		return f, err
	}
	y, m, d := beijing(now).Date()
	if f.From.IsZero() && f.To.IsZero() {
		f.From = time.Date(y, m, 1, 0, 0, 0, 0, tickets.Beijing)
	}
	if f.To.IsZero() {
		f.To = time.Date(y, m, d+1, 0, 0, 0, 0, tickets.Beijing)
	}
	if in.Format != "xlsx" {
		f.Cursor, f.Limit = in.Cursor, in.Limit
	}
	return f, nil
}

func (s *Site) getLedger(ctx context.Context, in *ledgerInput) (*streamOutput, error) {
	f, err := in.filter(s.Desk.Now())
	if err != nil {
		return nil, err
	}
	if in.Format == "xlsx" {
		return s.exportLedger(ctx, f)
	}
	sheet, err := spool(func(w *bufio.Writer) error { return s.writeLedger(ctx, w, f) })
	if err != nil {
		return nil, err
	}
	return s.sending(sheet, fiber.MIMEApplicationJSONCharsetUTF8, ""), nil
}

// exportLedger is on record before its first byte leaves.
func (s *Site) exportLedger(ctx context.Context, f tickets.Filter) (*streamOutput, error) {
	u := callOf(ctx).user
	period := firstDay(f.From) + "_" + lastDay(f.To)
	if !u.Can(auth.ExportLedger) {
		return nil, errors.Join(errRight, s.record(ctx, "export", "ledger "+period, "refused"))
	}
	sheet, err := spool(func(w *bufio.Writer) error { return s.writeWorkbook(ctx, w, f) })
	if err != nil {
		return nil, err
	}
	if err := s.record(ctx, "export", "ledger "+period, "ok"); err != nil {
		return nil, errors.Join(err, sheet.Close())
	}
	return s.sending(sheet, xlsxType, "投诉台账_"+period+".xlsx"), nil
}

// ledgerBody is one row of the ledger.
type ledgerBody struct {
	Ticket          *ticketBody      `json:"ticket"`
	ResponseMinutes *float64         `json:"response_minutes,omitempty"`
	ContactMet      tickets.Verdict  `json:"contact_met"`
	FinishMet       tickets.Verdict  `json:"finish_met"`
	Extensions      int              `json:"extensions"`
	Callbacks       []ledgerCallback `json:"callbacks"`
	SupervisedAt    *time.Time       `json:"supervised_at,omitempty"`
	Supervision     string           `json:"supervision,omitempty" doc:"督办类型"`
	OrderDue        *time.Time       `json:"order_due,omitempty" doc:"12345 派单时限"`
	OrderDueNow     *time.Time       `json:"order_due_now,omitempty" doc:"12345 现时限，含延期"`
	ReportedAt      *time.Time       `json:"reported_at,omitempty" doc:"回复平台的时间"`
	Urges           int              `json:"urges" doc:"催办次数"`
	Returns         int              `json:"returns" doc:"退单次数"`
	ReturnReason    string           `json:"return_reason,omitempty"`
	ReturnResult    string           `json:"return_result,omitempty"`
	Redone          int              `json:"redone" doc:"重新办理次数"`
	Exempt          string           `json:"exempt,omitempty" doc:"建议不计入考核的理由"`
}

type ledgerCallback struct {
	At time.Time `json:"at"`
	By string    `json:"by"`
	tickets.CallbackResult
}

func showLedgerRow(u auth.User, r tickets.LedgerRow) ledgerBody {
	b := ledgerBody{
		Ticket: showTicket(u, r.Ticket), ContactMet: r.ContactMet, FinishMet: r.FinishMet,
		Extensions: r.Extensions, SupervisedAt: moment(r.SupervisedAt), Callbacks: []ledgerCallback{},
	}
	if r.Response >= 0 {
		minutes := tenths(r.Response.Minutes())
		b.ResponseMinutes = &minutes
	}
	veil := veilFor(u, r.Ticket)
	b.orderPart(line{LedgerRow: r, veil: veil})
	for _, c := range r.Callbacks {
		c.Result.Words, c.Result.Reason = veil(c.Result.Words), veil(c.Result.Reason)
		b.Callbacks = append(b.Callbacks, ledgerCallback{beijing(c.At), c.By, c.Result})
	}
	return b
}

// orderPart is group 10 of the ledger: what only orders of 12345 have.
func (b *ledgerBody) orderPart(l line) {
	first, now := l.OrderDue()
	b.OrderDue, b.OrderDueNow, b.ReportedAt = moment(first), moment(now), moment(l.Ticket.ReportedAt)
	b.Urges, b.Returns, b.Redone = l.Ticket.Urges, l.Returns, l.Redone
	b.ReturnReason = l.veil(l.Ticket.Return.Reason)
	b.Supervision, _ = l.supervised().(string)
	b.ReturnResult, _ = l.returned().(string)
	b.Exempt, _ = l.exemptReason().(string)
}

// writeLedger writes {"rows":[…],"next_cursor":…} a row at a time.
func (s *Site) writeLedger(ctx context.Context, w *bufio.Writer, f tickets.Filter) error {
	u := callOf(ctx).user
	var last tickets.LedgerRow
	n := 0
	w.WriteString(`{"rows":[`) // a bufio.Writer keeps its first error for Flush
	err := s.Tickets.Ledger(ctx, u.Scope(), f, func(r tickets.LedgerRow) error {
		if n > 0 {
			w.WriteByte(',')
		}
		n, last = n+1, r
		row, err := json.Marshal(showLedgerRow(u, r))
		if err != nil {
			return err
		}
		_, err = w.Write(row)
		return err
	})
	if err != nil {
		return fmt.Errorf("write ledger: %w", err)
	}
	w.WriteByte(']')
	if f.Limit > 0 && n == f.Limit {
		fmt.Fprintf(w, `,"next_cursor":%q`, s.Tickets.LedgerCursor(last))
	}
	w.WriteByte('}')
	return nil
}

func (s *Site) writeWorkbook(ctx context.Context, w *bufio.Writer, f tickets.Filter) (err error) {
	u := callOf(ctx).user
	b, err := newWorkbook(sheetHead{from: f.From, to: f.To, filter: filterWords(f), by: u.Name, at: s.Desk.Now()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	n := 0
	err = s.Tickets.Ledger(ctx, u.Scope(), f, func(r tickets.LedgerRow) error {
		n++
		return b.add(lineFor(u, r, n).cells())
	})
	if err != nil {
		return fmt.Errorf("export ledger: %w", err)
	}
	return b.finish(w)
}

// lineFor is a row for somebody who may export: in full, but for what is
// confidential to others.
func lineFor(u auth.User, r tickets.LedgerRow, n int) line {
	l := line{LedgerRow: r, number: n, identify: mayIdentify(u, r.Ticket), veil: veilFor(u, r.Ticket)}
	if l.identify && u.Can(auth.ExportLedger) {
		l.veil = func(text string) string { return text }
	}
	return l
}

// spool lets write fill a nameless temporary file, so that what fails half
// way is an error and not half a file. It is gone when it is closed.
func spool(write func(*bufio.Writer) error) (*os.File, error) {
	f, err := os.CreateTemp("", "ledger-*")
	if err != nil {
		return nil, fmt.Errorf("make temporary file: %w", err)
	}
	w := bufio.NewWriter(f)
	err = errors.Join(os.Remove(f.Name()), write(w), w.Flush())
	if err == nil {
		_, err = f.Seek(0, 0)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// sending answers with a spooled file and closes it.
func (s *Site) sending(f *os.File, kind, name string) *streamOutput {
	return &streamOutput{Body: func(hc huma.Context) {
		c := humafiber.Unwrap(hc)
		c.Set(fiber.HeaderContentType, kind)
		if name != "" {
			c.Set(fiber.HeaderContentDisposition, "attachment; filename*=UTF-8''"+url.PathEscape(name))
		}
		info, err := f.Stat()
		if err == nil {
			err = c.SendStream(f, int(info.Size())) // closes f
		}
		if err != nil {
			s.refuse(c, err)
		}
	}}
}
