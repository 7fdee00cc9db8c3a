// Package tickets holds the words and rules of the desk: what a ticket is,
// which moves it allows in which state, which clocks run on it and how it is
// closed. Rules are pure: the time, the actor and the words come in, events
// come out. The order of states stands in for the flow chart that clause
// 11.1.2 of the standard refers to and does not print.
package tickets

import (
	"errors"
	"fmt"
	"time"

	"quandesk/tickets/customer"
)

// State is where a ticket stands between receipt and closing.
type State string

// The states, in the order of the closed loop of clause 11.1.2.
const (
	New        State = "new"        // 待受理
	Accepted   State = "accepted"   // 已受理，待派单
	Dispatched State = "dispatched" // 已派单，待签收
	Signed     State = "signed"     // 已签收，待办理
	Processing State = "processing" // 办理中
	Extending  State = "extending"  // 延期审核
	Settled    State = "settled"    // 已办结，待回访
	Calling    State = "callback"   // 回访中
	Escalated  State = "escalated"  // 升级督办，待派回
	Closed     State = "closed"     // 已结案
	Returning  State = "returning"  // 退单审核
	Returned   State = "returned"   // 已退单
	Merged     State = "merged"     // 已并案
	Void       State = "void"       // 已作废
	Answered   State = "answered"   // 已答复（咨询）
)

// States lists every state in the order screens show them.
var States = []State{
	New, Accepted, Dispatched, Signed, Processing, Extending, Settled, Calling, Escalated,
	Closed, Returning, Returned, Merged, Void, Answered,
}

// Open reports whether somebody still owes the resident something.
func (s State) Open() bool {
	switch s {
	case Closed, Returned, Void, Answered:
		return false
	}
	return true
}

// ContactResult is how an attempt to reach the resident went (R01).
type ContactResult string

// The four results of a contact; only Reached stops the clock of clause 11.2.
const (
	Reached       ContactResult = "reached"        // 接通
	NoAnswer      ContactResult = "no_answer"      // 未接
	InvalidNumber ContactResult = "invalid_number" // 空号
	Refused       ContactResult = "refused"        // 拒接
)

// Outcome is what the handling of a ticket came to.
type Outcome string

// The outcomes a reply can have (回复结果).
const (
	Solved   Outcome = "solved"   // 解决
	Partly   Outcome = "partly"   // 部分解决
	Unsolved Outcome = "unsolved" // 未解决
	Dropped  Outcome = "dropped"  // 不再办理, with its basis
)

// Ticket is one matter of one resident from receipt to closing.
// Change it through its moves only.
type Ticket struct {
	ID             int64
	No             string // TS-yyyyMMdd-nnnn, without gaps per day
	Kind           Kind
	Category       Category
	Application    string // what business, when Kind is Application
	State          State
	Source         Source
	Channel        string    // sub-source: web, wechat, phone, letter, counter…
	Outlet         string    // where it was registered (5.1): an outlet's name, empty for the hotline desk
	ExternalNo     string    // the number of the 12345 order
	OrderDue       time.Time // the order's own 办理时限; zero when it has none
	ConversationID int64
	CustomerID     int64          // 0 until the person is proven
	Proof          customer.Proof // what the next save joins the identity with; not stored here

	ContactName  string
	ContactPhone string // normalised, see customer.ParsePhone
	Anonymous    bool   // no phone will be given; contact goes through the channel
	Address      customer.Address
	Description  string
	Urgent       bool
	Confidential bool

	Department string // who is responsible now
	Assignee   Person // the agent who holds the ticket
	Handler    Person // who recorded result and reply; may not call back (R06)
	Level      int    // 督办级别, 0 until a dissatisfied callback (R08)
	Urges      int    // how often the resident or 12345 chased it
	MasterNo   string // when merged

	ReceivedAt   time.Time // when the utility had it; R01 and R02 start here
	ReceivedBy   string
	ContactedAt  time.Time // first time the resident was reached
	Attempts     int       // attempts that reached nobody, each five minutes or more after the one before
	LastTriedAt  time.Time // the latest of these
	LastContact  ContactResult
	ContactVia   string
	DispatchedAt time.Time
	SignedAt     time.Time
	ArrivedAt    time.Time
	SettledAt    time.Time // first 办结; later ones are events
	ClosedAt     time.Time
	CloseBasis   string

	Settlement     Settlement
	Callback       CallbackResult // the latest one that reached the resident
	CallbackAt     time.Time
	CallbackBy     Person
	CallbackTries  int
	SuspendedUntil time.Time
	Extension      Extension
	Return         Return    // the latest request to give it back
	Assists        []Assist  // departments that help, in the order they were asked
	ReportedAt     time.Time // when the 12345 platform had the reply; zero before
	CallAt         time.Time // when a person has promised to call, or calls again; zero without a promise
	CallPhone      string
	CallTeam       string    // the department that promised it; empty: the hotline desk
	CallTries      int       // attempts that reached nobody since it was promised
	CallTriedAt    time.Time // the latest of these
	Booking        Booking   // how the next save books the call; not stored here

	Deadlines []Deadline
	Version   int64 // 1, 2, 3…; one more with every save
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Person is a member of staff as a ticket remembers them.
type Person struct {
	ID   int64
	Name string
}

// Settlement is the result and the reply of a ticket (办结).
type Settlement struct {
	Outcome   Outcome   `json:"outcome"`
	Measures  string    `json:"measures"`            // what was done, ≥ 4 characters
	Reply     string    `json:"reply"`               // what the resident was told, ≥ 10 characters
	Channel   string    `json:"channel"`             // how the resident was told
	Basis     string    `json:"basis,omitempty"`     // required when Dropped
	Justified *bool     `json:"justified,omitempty"` // 是否属实, nil when not said
	At        time.Time `json:"at"`
	// Order is what only the platform of an order asks for.
	Order *OrderReply `json:"order,omitempty"`
}

// Extension is the latest request for more time.
type Extension struct {
	Until  time.Time `json:"until"`
	Reason string    `json:"reason"`
	Told   string    `json:"told"` // how and when the customer was told
	// Asked is when it was asked for: that has to be before the due time, the
	// decision may come after it.
	Asked time.Time `json:"asked,omitzero"`
	By    string    `json:"by,omitempty"`
}

var (
	// ErrState is returned for a move that the state does not allow.
	ErrState = errors.New("tickets: not allowed in this state")
	// ErrNotFound is returned when there is no such ticket in the actor's scope.
	ErrNotFound = errors.New("tickets: no such ticket")
	// ErrStale is returned when somebody saved the ticket since it was read.
	ErrStale = errors.New("tickets: changed since it was read")
	// ErrForbidden is returned for a move that this actor may not make.
	ErrForbidden = errors.New("tickets: not for this person")
	// ErrOwnCallback is returned when the handler would call back on his own ticket (R06).
	ErrOwnCallback = errors.New("tickets: the handler may not call back")
	// ErrNoPersonContact is returned when a message is offered as contact but no
	// person wrote one, or the resident has not answered it (R01, I9).
	ErrNoPersonContact = errors.New("tickets: no answered message of a person")
)

// StepError says which move was refused and which step is due first.
// It matches ErrState.
type StepError struct {
	No      string
	State   State
	Move    Move
	Missing Move // the step that has to come first; empty when there is none
}

func (e *StepError) Error() string {
	return fmt.Sprintf("%s %s in state %s (next is %s): %v", e.Move, e.No, e.State, e.Missing, ErrState)
}

// Unwrap makes a StepError match ErrState.
func (e *StepError) Unwrap() error { return ErrState }

// Problem is what is wrong with one field of what a person typed.
type Problem string

// The problems a field can have.
const (
	Missing  Problem = "missing"
	TooShort Problem = "too_short"
	TooLong  Problem = "too_long"
	Invalid  Problem = "invalid"
	TooEarly Problem = "too_early"
	TooLate  Problem = "too_late"
	Taken    Problem = "taken" // another ticket has it
)

// InputError names the field that has to be filled in or mended.
type InputError struct {
	Field   string // as in the JSON of the API
	Problem Problem
}

func (e *InputError) Error() string { return "tickets: " + e.Field + " is " + string(e.Problem) }
