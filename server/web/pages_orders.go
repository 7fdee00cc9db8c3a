package web

import (
	"fmt"
	"io"
	"net/url"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"quandesk/channels/hotline12345"
	"quandesk/server/auth"
	"quandesk/tickets"
)

const (
	ordersHome    = "/desk/orders"
	ordersUploads = ordersHome + "/imports"
	ordersUpload  = ordersHome + "/attachments"
)

func (s *Site) orderPages(app fiber.Router) {
	take, move := s.requireUser(auth.ImportOrders), s.requireUser(auth.MoveTickets)
	app.Get(ordersHome, take, s.pageOrders)
	app.Post(ordersUpload, take, s.formOrders)
	app.Get(ordersUploads+"/:id<int>", take, s.pageUpload)
	app.Post(ordersUploads+"/:id<int>", take, s.formUpload)
	app.Get(ordersHome+"/new", move, s.pageNewOrder)
	app.Post(ordersHome+"/new", move, s.formNewOrder)
	app.Post("/desk/tickets/:no/orders/:id<int>", s.requireUser(auth.Supervise), s.formDecideOrder)
}

// ordersView is where files of orders are sent in.
type ordersView struct {
	frame
	Problem string
	Uploads []uploadRow
	Waiting []waitingRow
}

type uploadRow struct{ Href, Name, State, Tone, Counts, By, At string }

type waitingRow struct {
	No, Mail, Words, At string
	Late                bool
}

func (s *Site) pageOrders(c *fiber.Ctx) error { return s.showOrders(c, "", 0) }

func (s *Site) showOrders(c *fiber.Ctx, problem string, status int) error {
	v := ordersView{Problem: problem}
	uploads, err := s.Hotline.Orders.Uploads(c.UserContext(), 20)
	if err != nil {
		return err
	}
	parked, err := s.Hotline.Orders.Parked(c.UserContext(), 100)
	if err != nil {
		return err
	}
	now := s.Desk.Now()
	for _, u := range uploads {
		v.Uploads = append(v.Uploads, uploadRow{
			Href: uploadHref(u.ID), Name: u.Name, State: named(uploadNames, u.State), Tone: uploadTones[u.State],
			Counts: countWords(u.Counts), By: u.By.Name, At: when(u.CreatedAt, now),
		})
	}
	for _, w := range parked {
		words := maskText(w.Order.Content)
		if w.Order.Confidential {
			words = hidden
		}
		v.Waiting = append(v.Waiting, waitingRow{No: w.Order.No, Mail: hotline12345.MailNames[w.Mail], Words: words,
			At: when(w.ArrivedAt, now), Late: !w.ToldAt.IsZero()})
	}
	if v.frame, err = s.frame(c, "导入12345工单", "/desk/tickets"); err != nil {
		return err
	}
	if status != 0 {
		c.Status(status)
	}
	return s.render(c, "page-orders", v)
}

func uploadHref(id int64) string { return ordersUploads + "/" + strconv.FormatInt(id, 10) }

func countWords(n hotline12345.Counts) string {
	return fmt.Sprintf("新增%d，已有%d，有变化%d，有误%d", n.New, n.Known, n.Changed, n.Wrong)
}

// formOrders reads a file and shows what importing it would do.
func (s *Site) formOrders(c *fiber.Ctx) error {
	u, err := s.uploadOrders(c)
	if err == nil {
		return c.Redirect(uploadHref(u.ID), fiber.StatusSeeOther)
	}
	told := s.failure(c.UserContext(), err)
	if told.status >= 500 {
		return err
	}
	return s.showOrders(c, told.Problem.Message, told.status)
}

func (s *Site) uploadOrders(c *fiber.Ctx) (*hotline12345.Upload, error) {
	header, err := c.FormFile("file")
	if err != nil || header.Size == 0 {
		if diskFails(err) {
			return nil, err
		}
		return nil, &hotline12345.FileError{Words: "请选择要导入的文件。"}
	}
	f, err := header.Open()
	if err != nil {
		return nil, fmt.Errorf("open upload: %w", err)
	}
	defer f.Close()
	file, err := io.ReadAll(f)
	if err != nil {
		return nil, fmt.Errorf("read upload: %w", err)
	}
	return s.Hotline.Mailbox.Upload(c.UserContext(), s.clerk(c), header.Filename, file)
}

// clerk is a member of staff who hands in what 12345 says: the events are the
// platform's, by the hand of the clerk.
func (s *Site) clerk(c *fiber.Ctx) tickets.Actor {
	by := s.actor(c)
	by.Kind = tickets.By12345
	return by
}

// uploadView is the preview of a file, or what became of it.
type uploadView struct {
	frame
	Name, At, By   string
	Open           bool // may still be imported
	State, Problem string
	Done           string
	Notes          []string
	Filters        []filterView
	Rows           []previewRow
	Counts         hotline12345.Counts
	Importable     int
	Action         string
	Before, After  string // addresses of the pages around this one
	Place          string
}

type filterView struct {
	Href, Label string
	Count       int
	Current     bool
}

type previewRow struct {
	Where, No, Mail, Gist, Verdict, Tone string
	TicketNo, Why                        string
	Problems, Hints                      []string
}

const rowsShown = 100

func (s *Site) pageUpload(c *fiber.Ctx) error { return s.showUpload(c, "", 0) }

func (s *Site) showUpload(c *fiber.Ctx, problem string, status int) error {
	id, err := c.ParamsInt("id")
	if err != nil {
		return errHidden
	}
	u, err := s.Hotline.Orders.Upload(c.UserContext(), int64(id))
	if err != nil {
		return err
	}
	v := newUploadView(u, hotline12345.Verdict(c.Query("show")), pageNumber(c.Query("page")))
	v.Problem, v.At = problem, when(u.CreatedAt, s.Desk.Now())
	if v.frame, err = s.frame(c, "导入12345工单", "/desk/tickets"); err != nil {
		return err
	}
	if status != 0 {
		c.Status(status)
	}
	return s.render(c, "page-upload", v)
}

func pageNumber(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 1
	}
	return n
}

func newUploadView(u *hotline12345.Upload, show hotline12345.Verdict, page int) uploadView {
	v := uploadView{
		Name: u.Name, By: u.By.Name, Open: u.State == hotline12345.Uploaded, State: named(uploadNames, u.State),
		Notes: u.Notes, Counts: u.Counts, Importable: u.Counts.New + u.Counts.Changed, Action: uploadHref(u.ID),
	}
	if u.State == hotline12345.Imported {
		v.Done = u.ResultWords()
	}
	address := func(show hotline12345.Verdict, page int) string {
		q := url.Values{}
		if show != "" {
			q.Set("show", string(show))
		}
		if page > 1 {
			q.Set("page", strconv.Itoa(page))
		}
		if len(q) == 0 {
			return v.Action
		}
		return v.Action + "?" + q.Encode()
	}
	all := u.Counts.New + u.Counts.Known + u.Counts.Changed + u.Counts.Wrong
	for _, f := range []struct {
		verdict hotline12345.Verdict
		label   string
		count   int
	}{{"", "全部", all}, {hotline12345.Wrong, "有误", u.Counts.Wrong}, {hotline12345.Changed, "有变化", u.Counts.Changed},
		{hotline12345.New, "新增", u.Counts.New}, {hotline12345.Here, "已有", u.Counts.Known}} {
		v.Filters = append(v.Filters, filterView{address(f.verdict, 1), f.label, f.count, f.verdict == show})
	}
	var list []hotline12345.Shown
	for _, l := range u.Lines {
		if show == "" || l.Verdict == show {
			list = append(list, l)
		}
	}
	first := min((page-1)*rowsShown, len(list))
	last := min(first+rowsShown, len(list))
	if first > 0 {
		v.Before = address(show, page-1)
	}
	if last < len(list) {
		v.After = address(show, page+1)
	}
	if len(list) > rowsShown {
		v.Place = fmt.Sprintf("第%d至%d行，共%d行", first+1, last, len(list))
	}
	for _, l := range list[first:last] {
		v.Rows = append(v.Rows, previewRow{
			Where: l.Where, No: l.No, Mail: hotline12345.MailNames[l.Mail], Gist: maskText(l.Gist),
			Verdict: named(lineNames, l.Verdict), Tone: lineTones[l.Verdict], TicketNo: l.TicketNo, Why: l.Why,
			Problems: l.Problems, Hints: l.Hints,
		})
	}
	return v
}

// formUpload imports the file that was shown, or gives it up.
func (s *Site) formUpload(c *fiber.Ctx) error {
	number, err := c.ParamsInt("id")
	if err != nil {
		return errHidden
	}
	id, ctx := int64(number), c.UserContext()
	if c.FormValue("do") == "drop" {
		err = s.Hotline.Mailbox.Drop(ctx, id)
	} else {
		_, err = s.Hotline.Mailbox.Confirm(ctx, s.clerk(c), id, c.FormValue("skip") != "")
	}
	if err == nil {
		err = s.Trail.Record(ctx, auth.Entry{Actor: s.actor(c), Action: "orders.import." + orElse(c.FormValue("do"), "confirm"),
			Object: "import " + strconv.Itoa(number), Result: "ok", RequestID: callOf(ctx).id})
	}
	if err == nil {
		return c.Redirect(uploadHref(id), fiber.StatusSeeOther)
	}
	told := s.failure(ctx, err)
	if told.status != fiber.StatusUnprocessableEntity && told.status != fiber.StatusConflict {
		return err
	}
	return s.showUpload(c, told.Problem.Message, told.status)
}

// formDecideOrder settles what an order said that came again with other content.
func (s *Site) formDecideOrder(c *fiber.Ctx) error {
	id, err := c.ParamsInt("id")
	if err != nil {
		return errHidden
	}
	no := c.Params("no")
	change := tickets.Change{By: s.actor(c), Scope: s.scope(c), No: no}
	if err := s.Hotline.Mailbox.Decide(c.UserContext(), change, int64(id), c.FormValue("take") != ""); err != nil {
		return err
	}
	return c.Redirect("/desk/tickets/"+no, fiber.StatusSeeOther)
}
