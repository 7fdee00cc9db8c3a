package hotline12345

import (
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"quandesk/tickets"
)

// Delivery is how far a message to the platform has come.
type Delivery string

// The deliveries.
const (
	Pending    Delivery = "pending"    // 待发送
	Sending    Delivery = "sending"    // is on its way
	Delivered  Delivery = "delivered"  // 已送达平台
	Unknown    Delivery = "unknown"    // 送达未知: it may be there; asked before it is sent again
	Refused    Delivery = "refused"    // 被平台拒绝, with the reason
	Manual     Delivery = "manual"     // a clerk pasted or uploaded it
	Superseded Delivery = "superseded" // a later one says it better
)

// Outward is one thing the platform has to be told, as a row: what it says was
// fixed when the act was done.
type Outward struct {
	ID        int64
	TicketID  int64
	TicketNo  string
	OrderNo   string
	Act       tickets.Act
	Round     int
	Key       string
	Lines     []Line
	State     Delivery
	Doubt     bool // the platform may have it
	Reason    string
	Attempts  int
	NextAt    time.Time
	SentAt    time.Time
	DoneAt    time.Time
	CreatedAt time.Time
}

// Open reports whether the platform has yet to be told.
func (o Outward) Open() bool {
	switch o.State {
	case Delivered, Manual, Superseded:
		return false
	}
	return true
}

// KeyOf names an act of an order once and for all: however often it is sent,
// it is the same.
func KeyOf(orderNo string, act tickets.Act, round int) string {
	return orderNo + "/" + string(act) + "/" + strconv.Itoa(round)
}

// body is what goes over the connection.
type body struct {
	Key     string            `json:"key"`
	OrderNo string            `json:"order_no"`
	Action  tickets.Act       `json:"action"`
	Round   int               `json:"round"`
	At      time.Time         `json:"at"`
	Fields  map[string]string `json:"fields"`
	Text    string            `json:"text"`
}

// JSON is the message as it goes over the connection: the same bytes each time.
func (o Outward) JSON() ([]byte, error) {
	fields := map[string]string{}
	for _, l := range o.Lines {
		fields[l.Name] = l.Value
	}
	return json.Marshal(body{
		Key: o.Key, OrderNo: o.OrderNo, Action: o.Act, Round: o.Round,
		At: o.CreatedAt.In(tickets.Beijing), Fields: fields, Text: Text(o.Lines),
	})
}

// ErrNoOutward is returned when there is no such message in the actor's scope.
var ErrNoOutward = errors.New("hotline12345: no such message")
