package web

import (
	"context"
	"net/netip"

	"github.com/gofiber/fiber/v2"

	"quandesk/channels/hotline12345"
	"quandesk/tickets"
)

// Hotline is what a Site needs for the orders of 12345.
type Hotline struct {
	Mailbox *hotline12345.Mailbox
	Orders  Orders
	Secret  string   // of signed pushes; empty: they are refused
	Allow   []string // addresses or networks that may push; empty: everybody
}

// Orders reads the files of 12345.
type Orders interface {
	// OrderOf finds the order of a ticket, hotline12345.ErrNotFound.
	OrderOf(ctx context.Context, ticketID int64) (*hotline12345.Filed, error)
	// OrderEvents lists what came about an order, oldest first.
	OrderEvents(ctx context.Context, orderID int64) ([]hotline12345.Event, error)
	// Upload finds an upload, hotline12345.ErrNotFound.
	Upload(ctx context.Context, id int64) (*hotline12345.Upload, error)
	// Uploads lists the newest uploads without their lines.
	Uploads(ctx context.Context, n int) ([]*hotline12345.Upload, error)
	// Parked lists what waits for its order, oldest first.
	Parked(ctx context.Context, n int) ([]hotline12345.Waiting, error)
}

// The headers of a signed push.
const (
	timestampHeader = hotline12345.HeaderTimestamp
	nonceHeader     = hotline12345.HeaderNonce
	signatureHeader = hotline12345.HeaderSignature
)

const ordersPath = "/hotline12345/orders"

func (s *Site) hotlineRoutes(app fiber.Router) {
	app.Post(ordersPath, s.pushOrder)
}

// orderAnswer is what a push is answered with.
type orderAnswer struct {
	Error *problem `json:"error,omitempty"`
	hotline12345.Receipt
	Message string `json:"message,omitempty"`
}

// pushOrder takes a signed order of the platform. Who it is comes before what
// it says: address, signature, body.
func (s *Site) pushOrder(c *fiber.Ctx) error {
	if err := s.fromCity(c); err != nil {
		return err
	}
	body := c.Body()
	seal := hotline12345.Seal{Timestamp: c.Get(timestampHeader), Nonce: c.Get(nonceHeader), Signature: c.Get(signatureHeader)}
	if err := seal.Verify(s.Hotline.Secret, body, s.Desk.Now()); err != nil {
		return err
	}
	order, raw, err := hotline12345.ReadPush(body)
	if err != nil {
		return err
	}
	call := callOf(c.UserContext())
	r, err := s.Hotline.Mailbox.Receive(c.UserContext(), hotline12345.Letter{
		Order: order, Via: hotline12345.ByPush, Raw: raw, Nonce: seal.Nonce, Request: fingerprint(c),
		By: tickets.Actor{Kind: tickets.By12345, Name: "12345热线平台", IP: call.ip, RequestID: call.id},
	})
	if err != nil {
		return err
	}
	return s.answerOrder(c, r)
}

// fromCity reports whether pushes are taken at all, and from this address.
func (s *Site) fromCity(c *fiber.Ctx) error {
	if s.Hotline.Secret == "" || s.Hotline.Mailbox == nil {
		return errNoSecret
	}
	if len(s.Hotline.Allow) == 0 {
		return nil
	}
	from, err := netip.ParseAddr(callOf(c.UserContext()).ip)
	if err != nil {
		return errAddress
	}
	for _, p := range s.cities {
		if p.Contains(from) {
			return nil
		}
	}
	return errAddress
}

// outcomeAnswers is how a push is answered, by what became of it.
var outcomeAnswers = map[hotline12345.Outcome]struct {
	status  int
	message string
}{
	hotline12345.Opened:       {fiber.StatusCreated, "已登记为新工单。"},
	hotline12345.Known:        {fiber.StatusOK, "此前已收到，没有变化。"},
	hotline12345.Updated:      {fiber.StatusOK, "工单已有登记，状态等信息已更新。"},
	hotline12345.Conflict:     {fiber.StatusConflict, "工单已有登记，本次内容与原内容不同，未覆盖，已提请人工核对。"},
	hotline12345.Urged:        {fiber.StatusOK, "已记录催办并提醒办理人员。"},
	hotline12345.Reopened:     {fiber.StatusOK, "已转办理人员重新办理。"},
	hotline12345.Supplemented: {fiber.StatusOK, "已补充到工单。"},
	hotline12345.Supervised:   {fiber.StatusOK, "已记录督办并提醒办理人员。"},
	hotline12345.Parked:       {fiber.StatusAccepted, "尚未收到原工单，已暂存，原工单到达后自动关联。"},
}

// answerOrder says what became of a push. A replay gets the first answer
// again, under a status that tells it from a push that was taken (T06).
func (s *Site) answerOrder(c *fiber.Ctx, r hotline12345.Receipt) error {
	told := outcomeAnswers[r.Outcome]
	a := orderAnswer{Receipt: r, Message: told.message}
	status := told.status
	id := callOf(c.UserContext()).id
	switch {
	case r.Replayed:
		status = fiber.StatusConflict
		c.Set("Idempotent-Replayed", "true")
		a.Error = &problem{Code: "replayed", Message: "该请求此前已处理，以下为首次处理的结果。", RequestID: id}
	case r.Outcome == hotline12345.Conflict:
		a.Error = &problem{Code: "conflict", Message: told.message, RequestID: id}
	}
	return c.Status(status).JSON(a)
}

// openFor opens a ticket; one from 12345 comes with its order.
func (s *Site) openFor(ctx context.Context, by tickets.Actor, o tickets.Opening) (*tickets.Ticket, error) {
	if o.Source == tickets.From12345 && o.ExternalNo != "" && s.Hotline.Mailbox != nil {
		return s.Hotline.Mailbox.Register(ctx, by, o)
	}
	return s.Desk.Open(ctx, by, o)
}
