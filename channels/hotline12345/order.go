// Package hotline12345 is the mailbox of an undertaking unit of the 12345
// hotline. It reads what the platform pushes, exports or dictates into one
// Order, and files it: an order opens a ticket once, a chaser is counted, an
// order that comes back is taken up again. What it says is for people, in
// Chinese; it knows neither the database nor the web.
package hotline12345

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"quandesk/tickets"
)

// Mail is in which box of the platform an order lies (办理单类型).
type Mail string

// The kinds of mail. Handle opens a ticket, the others are about one.
const (
	Handle     Mail = "handle"     // 办理单, also seen in 可延期申请, 到期工单 and 超期工单
	Urge       Mail = "urge"       // 催办单
	SentBack   Mail = "sent_back"  // 退回办理单: our return or our reply was rejected
	Redo       Mail = "redo"       // 重新办理单: redo after an unsatisfied callback
	Supervise  Mail = "supervise"  // 督办单
	Supplement Mail = "supplement" // 补充材料, 来电追问
	Done       Mail = "done"       // 已退回, 已回复 and the other boxes of what we have done
)

// MailNames is what each kind of mail is called on the platform.
var MailNames = map[Mail]string{
	Handle: "办理单", Urge: "催办单", SentBack: "退回办理单", Redo: "重新办理单",
	Supervise: "督办单", Supplement: "补充材料", Done: "已办工单",
}

// Demand is what the caller wants, in the words of the platform (诉求类型).
type Demand string

// The demands of the platform.
const (
	Inquiry    Demand = "咨询"
	Request    Demand = "求助"
	Suggestion Demand = "建议"
	Complaint  Demand = "投诉"
	Report     Demand = "举报"
	OtherWish  Demand = "其他"
)

// Demands lists them in the order screens show them.
var Demands = []Demand{Complaint, Report, Request, Inquiry, Suggestion, OtherWish}

// Order is one order as the platform gave it: what it did not say is empty.
type Order struct {
	No       string   `json:"external_no"`         // 工单编号
	OtherNos []string `json:"other_nos,omitempty"` // 市级编号 and the like
	Mail     Mail     `json:"event_type"`
	Status   string   `json:"external_status,omitempty"`

	Title        string  `json:"title,omitempty"`
	Content      string  `json:"content"`
	ContactName  string  `json:"contact_name,omitempty"`
	ContactPhone string  `json:"contact_phone,omitempty"` // as it came
	CallerPhone  string  `json:"caller_phone,omitempty"`
	Anonymous    bool    `json:"anonymous,omitempty"`
	Address      string  `json:"address_raw,omitempty"`
	RegionCode   string  `json:"region_code,omitempty"`
	Confidential bool    `json:"confidential,omitempty"`
	Demand       Demand  `json:"demand_type,omitempty"`
	CategoryPath string  `json:"category_path,omitempty"`
	Urgency      Urgency `json:"urgency,omitempty"`

	BusinessEnv   bool      `json:"is_business_env,omitempty"`
	Inspection    bool      `json:"is_inspection,omitempty"`
	AcceptedBy    string    `json:"accepted_by,omitempty"`
	OriginChannel string    `json:"origin_channel,omitempty"`
	HandlingType  string    `json:"handling_type,omitempty"`
	AcceptedAt    time.Time `json:"accepted_at,omitzero"`
	DispatchedAt  time.Time `json:"dispatched_at,omitzero"`
	Dispatcher    string    `json:"dispatcher,omitempty"`
	ReplyWanted   bool      `json:"reply_wanted,omitempty"`
	ReplyNote     string    `json:"reply_note,omitempty"`
	Due           time.Time `json:"external_due,omitzero"` // 办理时限
	ReturnDue     time.Time `json:"return_due,omitzero"`
	Supervision   string    `json:"supervision_level,omitempty"`

	Opinion      string            `json:"dispatch_opinion,omitempty"`
	Route        string            `json:"route_text,omitempty"`
	Note         string            `json:"note,omitempty"`
	HandlingUnit string            `json:"handling_unit,omitempty"`
	Outcome      string            `json:"outcome,omitempty"` // 处理结果 of an export
	Attachments  []Attachment      `json:"attachments,omitempty"`
	DuplicateOf  string            `json:"duplicate_of,omitempty"`
	Flags        []string          `json:"flags,omitempty"` // what a person should look at
	Extra        map[string]string `json:"extra,omitempty"` // fields nobody here knows

	// Kind and Category are what a clerk has chosen; the platform has neither.
	Kind     tickets.Kind     `json:"kind,omitempty"`
	Category tickets.Category `json:"category,omitempty"`
}

// Urgency is 普通, 紧急, 特急 or what else the platform says.
type Urgency string

// Urgent reports whether it is more than ordinary.
func (u Urgency) Urgent() bool {
	return u == "紧急" || u == "特急" || u == "特提" || u == "加急"
}

// Digest tells an order from another content of the same order. Flags are our
// own words and do not count.
func (o Order) Digest() []byte {
	o.Flags = nil
	b, err := json.Marshal(o)
	if err != nil {
		panic("hotline12345: " + err.Error()) // plain fields only
	}
	sum := sha256.Sum256(b)
	return sum[:]
}

// Filed is an order in the files of the hub, beside its ticket.
type Filed struct {
	ID       int64
	TicketID int64
	TicketNo string
	Order
	DueAt      time.Time // Due, or five working days
	AreaID     string    // key of the smallest area known, see customer.Area
	Urges      int
	SentBacks  int
	Redos      int
	ReceivedAt time.Time // when we had it
	UpdatedAt  time.Time
	Version    int64 // one more with every save
}

// Outcome is what became of an order that came in.
type Outcome string

// The outcomes.
const (
	Opened       Outcome = "opened"       // a new ticket
	Known        Outcome = "known"        // it was here, word for word
	Updated      Outcome = "updated"      // it was here; status and the like have moved on
	Conflict     Outcome = "conflict"     // it was here with other content: a person decides
	Urged        Outcome = "urged"        // counted, people told
	Reopened     Outcome = "reopened"     // taken up again
	Supplemented Outcome = "supplemented" // added to the ticket
	Supervised   Outcome = "supervised"   // the level has gone up
	Parked       Outcome = "parked"       // waits for its order
)

// Via is the way by which an order came.
type Via string

// The three ways.
const (
	ByPush   Via = "push"
	ByImport Via = "import"
	ByForm   Via = "form"
)

// Event is one thing that came about an order. Events are appended and never
// changed.
type Event struct {
	ID        int64
	OrderID   int64
	Mail      Mail
	Outcome   Outcome
	Via       Via
	Order     Order  // as it came
	Raw       []byte // the bytes it came in, when they were not the text
	Changes   []Change
	By        tickets.Actor
	ArrivedAt time.Time // when it came; before At when it had to wait
	At        time.Time
	Decision  Decision // of a Conflict
}

// Decision is what a person made of an order that came again with other content.
type Decision struct {
	Made  bool
	Taken bool // the new content was taken
	By    string
	At    time.Time
}

// Waiting is mail that came before its order.
type Waiting struct {
	ID        int64
	Mail      Mail
	Via       Via
	Order     Order
	Raw       []byte
	By        tickets.Actor
	ArrivedAt time.Time
	ToldAt    time.Time // a person was told that the order has not come
}

var (
	// ErrNotFound is returned when there is no such order.
	ErrNotFound = errors.New("hotline12345: no such order")
	// ErrDecided is returned when somebody has decided about it before.
	ErrDecided = errors.New("hotline12345: decided before")
	// ErrStale is returned when somebody saved the order since it was read.
	ErrStale = errors.New("hotline12345: order changed since it was read")
)

// RefusedError says in words for people why an order is not taken.
type RefusedError struct {
	Field string // as in the JSON of the push; empty when it is about the whole
	Words string
}

func (e *RefusedError) Error() string { return "hotline12345: refused: " + e.Field }

// Wellformed reports whether a number has the shape of Jinan's platform:
// yyMMddHHmmss and six digits. Other numbers are taken and flagged.
func Wellformed(no string) bool {
	if len(no) != 18 || !digits(no) {
		return false
	}
	_, err := time.Parse("060102150405", no[:12])
	return err == nil
}

func digits(s string) bool {
	return s != "" && !slices.ContainsFunc([]rune(s), func(r rune) bool { return r < '0' || r > '9' })
}
