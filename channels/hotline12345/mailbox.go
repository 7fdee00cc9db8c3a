package hotline12345

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"quandesk/tickets"
	"quandesk/tickets/customer"
)

// Tx is one transaction on the files of the hub. What it stores about orders
// and what it stores about tickets commit together.
type Tx interface {
	tickets.Store
	// Order finds an order by any number it goes by, ErrNotFound.
	Order(ctx context.Context, numbers ...string) (*Filed, error)
	// TicketOf finds the ticket that was registered by hand for an order that
	// is not on file, tickets.ErrNotFound.
	TicketOf(ctx context.Context, externalNo string) (*tickets.Ticket, error)
	// FileOrder stores a new order; it sets ID and Version.
	FileOrder(ctx context.Context, f *Filed) error
	// SaveOrder stores a changed order as Version+1, ErrStale.
	SaveOrder(ctx context.Context, f *Filed) error
	// AddEvent appends an event and sets its ID; again is true, and nothing
	// is stored, when the order has had it before.
	AddEvent(ctx context.Context, e *Event, digest []byte) (again bool, err error)
	// Park keeps mail until its order comes; again as in AddEvent.
	Park(ctx context.Context, w *Waiting, digest []byte) (again bool, err error)
	// Unpark takes what waits for an order, oldest first, and removes it.
	Unpark(ctx context.Context, externalNo string) ([]Waiting, error)
	// Nonce takes a nonce. When it was taken before, within NonceFor, it
	// returns what was answered then and the request it was for.
	Nonce(ctx context.Context, nonce string, request []byte) (first *Receipt, firstRequest []byte, err error)
	// KeepReceipt keeps what was answered under a nonce.
	KeepReceipt(ctx context.Context, nonce string, r Receipt) error
	// Decide keeps what somebody made of a Conflict, once: ErrDecided.
	Decide(ctx context.Context, eventID int64, d Decision, by tickets.Actor) error
	// OrderEvents lists what came about an order, oldest first.
	OrderEvents(ctx context.Context, orderID int64) ([]Event, error)
	// Alarm tells people at once.
	Alarm(ctx context.Context, notices []tickets.Notice) error
}

// Store runs transactions, one after the other: two that file the same order
// at the same time would each find that it is new.
type Store interface {
	InMailbox(ctx context.Context, f func(Tx) error) error
	// InImport is InMailbox for a whole file, one file at a time: ErrImporting.
	InImport(ctx context.Context, f func(BulkTx) error) error
	// Files reads what is on file, outside a transaction.
	Files() BulkTx
	// PutUpload keeps a file that was read, and sets its ID.
	PutUpload(ctx context.Context, u *Upload, file []byte) error
	// Upload finds an upload, ErrNotFound.
	Upload(ctx context.Context, id int64) (*Upload, error)
	// UploadFile is the file of an upload that may still be taken, ErrTaken.
	UploadFile(ctx context.Context, id int64) ([]byte, error)
}

// Mailbox takes in what the platform sends, whichever way it comes.
type Mailbox struct {
	store      Store
	desk       *tickets.Desk
	understand Understand
	now        func() time.Time
}

// NewMailbox makes a mailbox. now must follow the database clock.
func NewMailbox(s Store, d *tickets.Desk, u Understand, now func() time.Time) *Mailbox {
	return &Mailbox{store: s, desk: d, understand: u, now: now}
}

// Letter is one order on its way in.
type Letter struct {
	Order Order
	Via   Via
	By    tickets.Actor
	Raw   []byte // the bytes it came in, when they were not the text
	// Nonce and Request are of a signed push: the same nonce again is answered
	// as the first time.
	Nonce   string
	Request []byte
}

// Receipt is what became of a letter.
type Receipt struct {
	Outcome  Outcome  `json:"result"`
	OrderNo  string   `json:"external_no"`
	Mail     Mail     `json:"event_type"`
	TicketNo string   `json:"ticket_no,omitempty"` // empty while it waits for its order
	Urges    int      `json:"urges,omitempty"`
	Flags    []string `json:"flags,omitempty"`
	Changed  []string `json:"changed,omitempty"` // the fields in which it is not what we have
	Replayed bool     `json:"-"`
}

// ErrNonceReused is returned for a nonce that came with another request.
var ErrNonceReused = errors.New("hotline12345: nonce of another request")

// Receive files a letter in one transaction: order, ticket with its clocks,
// event and notices. The same letter again changes nothing. Errors:
// *RefusedError, ErrNonceReused.
func (m *Mailbox) Receive(ctx context.Context, l Letter) (Receipt, error) {
	meaning := m.meaning(ctx, l.Order)
	var r Receipt
	err := m.store.InMailbox(ctx, func(tx Tx) error {
		r = Receipt{}
		if l.Nonce != "" {
			first, request, err := tx.Nonce(ctx, l.Nonce, l.Request)
			switch {
			case err != nil:
				return err
			case first != nil && string(request) != string(l.Request):
				return ErrNonceReused
			case first != nil:
				r, r.Replayed = *first, true
				return nil
			}
		}
		var err error
		if r, err = m.on(tx).file(ctx, l, meaning); err != nil || l.Nonce == "" {
			return err
		}
		return tx.KeepReceipt(ctx, l.Nonce, r)
	})
	if err != nil {
		return Receipt{}, fmt.Errorf("receive order: %w", err)
	}
	return r, nil
}

func (m *Mailbox) meaning(ctx context.Context, o Order) Meaning {
	if o.Mail != Handle || m.understand == nil {
		return Meaning{}
	}
	return m.understand(ctx, o.Title+"\n"+o.Content)
}

// filing is a mailbox at work inside a transaction.
type filing struct {
	*Mailbox
	tx   Tx
	desk *tickets.Desk
}

func (m *Mailbox) on(tx Tx) filing { return filing{m, tx, m.desk.On(tx)} }

func (f filing) file(ctx context.Context, l Letter, meaning Meaning) (Receipt, error) {
	o := l.Order
	filed, err := f.tx.Order(ctx, append([]string{o.No}, o.OtherNos...)...)
	switch {
	case err == nil:
		return f.again(ctx, filed, mail{l, f.now()})
	case !errors.Is(err, ErrNotFound):
		return Receipt{}, err
	case o.Mail == Handle:
		return f.open(ctx, l, meaning)
	case o.Mail == Done:
		return Receipt{}, &RefusedError{"event_type", "这是已经办过的工单，本系统中没有它，不能作为新工单登记。"}
	}
	w := Waiting{Mail: o.Mail, Via: l.Via, Order: o, Raw: l.Raw, By: l.By, ArrivedAt: f.now()}
	again, err := f.tx.Park(ctx, &w, o.Digest())
	r := receipt(l, Parked, "")
	if again {
		r.Outcome = Known
	}
	return r, err
}

func receipt(l Letter, o Outcome, ticketNo string) Receipt {
	return Receipt{Outcome: o, OrderNo: l.Order.No, Mail: l.Order.Mail, TicketNo: ticketNo, Flags: l.Order.Flags}
}

// dueOf is when an order is due, by the clock that its ticket runs (D02).
func dueOf(o Order, t *tickets.Ticket) time.Time {
	for _, d := range t.Deadlines {
		if d.Rule == "D02" {
			return d.DueAt
		}
	}
	return o.Due
}

// opening is the ticket that an order becomes.
func (o Order) opening(m Meaning) tickets.Opening {
	phone, _ := o.phone()
	return tickets.Opening{
		Kind: o.kind(m), Category: o.category(m), Source: tickets.From12345, Channel: "12345",
		ExternalNo: o.No, OrderDue: o.Due, ContactName: o.ContactName, ContactPhone: phone,
		Anonymous: o.Anonymous && phone == "", Address: customer.ParseAddress(o.Address),
		Description: o.Content, Urgent: o.Urgency.Urgent() || m.Urgent, Confidential: o.Confidential,
	}
}

func (f filing) open(ctx context.Context, l Letter, meaning Meaning) (Receipt, error) {
	o := l.Order
	t, err := f.tx.TicketOf(ctx, o.No)
	if errors.Is(err, tickets.ErrNotFound) {
		t, err = f.desk.Open(ctx, l.By, o.opening(meaning))
		if err == nil && t.Urgent {
			err = f.tx.Alarm(ctx, f.desk.Alarm(t))
		}
	}
	if err != nil {
		return Receipt{}, err
	}
	return receipt(l, Opened, t.No), f.fileNew(ctx, l, t)
}

// fileNew files the order of a ticket and attaches what has waited for it.
func (f filing) fileNew(ctx context.Context, l Letter, t *tickets.Ticket) error {
	now := f.now()
	filed := newFiled(l.Order, t)
	if err := f.tx.FileOrder(ctx, filed); err != nil {
		return err
	}
	e := eventOf(filed, mail{l, now}, Opened, now)
	if _, err := f.tx.AddEvent(ctx, &e, l.Order.Digest()); err != nil {
		return err
	}
	return f.unpark(ctx, filed)
}

func newFiled(o Order, t *tickets.Ticket) *Filed {
	filed := &Filed{TicketID: t.ID, TicketNo: t.No, Order: o, DueAt: dueOf(o, t), ReceivedAt: t.CreatedAt, UpdatedAt: t.CreatedAt}
	if areas := t.Address.Areas(); len(areas) > 0 {
		filed.AreaID = areas[0].Key()
	}
	return filed
}

// mail is a letter and when it came.
type mail struct {
	Letter
	arrived time.Time
}

func eventOf(filed *Filed, l mail, o Outcome, at time.Time) Event {
	return Event{OrderID: filed.ID, Mail: l.Order.Mail, Outcome: o, Via: l.Via, Order: l.Order, Raw: l.Raw, By: l.By,
		ArrivedAt: l.arrived, At: at}
}

// unpark attaches what came before its order.
func (f filing) unpark(ctx context.Context, filed *Filed) error {
	for _, no := range append([]string{filed.No}, filed.OtherNos...) {
		list, err := f.tx.Unpark(ctx, no)
		if err != nil {
			return err
		}
		for _, w := range list {
			l := mail{Letter{Order: w.Order, Via: w.Via, By: w.By, Raw: w.Raw}, w.ArrivedAt}
			if _, err := f.again(ctx, filed, l); err != nil {
				return err
			}
		}
	}
	return nil
}

// told is a notice to those who have the ticket, and to the lead when need be.
func (f filing) told(t *tickets.Ticket, eventID int64, kind tickets.EventKind, words string, lead bool) []tickets.Notice {
	audiences := []string{"role:agent"}
	if t.Assignee.ID != 0 {
		audiences[0] = "user:" + strconv.FormatInt(t.Assignee.ID, 10)
	}
	if t.Department != "" {
		audiences = append(audiences, "department:"+t.Department)
	}
	if lead {
		audiences = append(audiences, "role:lead", "role:supervisor")
	}
	due := t.OrderDue
	if next := t.NextDue(); next != nil {
		due = next.Due()
	}
	var out []tickets.Notice
	for _, a := range audiences {
		out = append(out, tickets.Notice{
			Audience: a, TicketID: t.ID, TicketNo: t.No, Rule: "12345", Clause: "11.1.1", Kind: kind, Words: words,
			DueAt: cmp.Or(due, f.now()), At: f.now(), Key: fmt.Sprintf("12345/%d/%s", eventID, a),
		})
	}
	return out
}
