// Package bot turns what a resident wrote into a Reply: understand, look up,
// decide, word. It has no side effects: a Reply carries at most one Action,
// and the words that claim the action was done are rendered only after its
// row exists (Reply.Words).
package bot

import (
	"context"
	"encoding/json"
	"time"

	"quandesk/channels"
	"quandesk/tickets"
	"quandesk/tickets/outage"
)

// Turn is everything an answer may rest on. A burst of messages is one turn.
type Turn struct {
	Now          time.Time
	Conversation channels.Conversation
	Messages     []channels.Message // unanswered messages of the resident, oldest first
	History      []channels.Message // what was said before, oldest first
	Tickets      []Matter           // the resident's tickets in this conversation, newest first
	Memory       json.RawMessage    // what the bot kept after the last turn
	Outages      []outage.Notice    // notices that residents are told of (R19); nil when nobody knows of any
	// CanCall, when not nil, is what promising a call on a ticket (or a new one)
	// at a time would be refused with now: a *tickets.SlotError names other
	// times, tickets.ErrCalledOften that the number has had its calls that day.
	CanCall func(ctx context.Context, no, team, phone string, at time.Time) error
	// Draft, when not nil, hears a generated text while it grows. Each call
	// holds all of the text so far and takes the place of the one before, ""
	// takes it back; the text of the Reply takes the place of the last.
	Draft func(text string)
}

// Matter is a ticket as the resident may see it.
type Matter struct {
	No          string
	Kind        tickets.Kind
	Category    tickets.Category
	State       tickets.State
	Phone       string // as stored, for corrections and reuse
	Address     string
	Description string
	Department  string
	Urgent      bool
	ReceivedAt  time.Time
	ContactedAt time.Time
	SettledAt   time.Time
	ClosedAt    time.Time
	Application string    // the business, of an application
	ContactBy   time.Time // R01; zero when no clock runs
	ArriveBy    time.Time // R12; zero when nobody is on the way
	FinishBy    time.Time // R02 or R08, extension included; zero when no clock runs
	Reply       string    // what the utility replied, after 办结
	CallbackAt  time.Time // a booked callback
	// Confidential matters are never shown to a model (T76).
	Confidential bool
}

// Intent is what a message wants; labels are those of the evaluation sets.
type Intent string

// The intents.
const (
	Ask        Intent = "ask"
	Complain   Intent = "complaint"
	AskRepair  Intent = "repair"
	AskOutage  Intent = "outage"
	Progress   Intent = "progress"
	Callback   Intent = "callback"
	Apply      Intent = "apply"
	WantPerson Intent = "human"
	SmallTalk  Intent = "smalltalk"
	OutOfScope Intent = "out_of_scope"
)

// Slots are the facts a message states, verbatim substrings of it.
type Slots struct {
	Address   string `json:"address,omitempty"`
	Community string `json:"community,omitempty"`
	Road      string `json:"road,omitempty"`
	District  string `json:"district,omitempty"`
	Phone     string `json:"phone,omitempty"`
	Time      string `json:"time,omitempty"`
	Name      string `json:"name,omitempty"`
	Ticket    string `json:"ticket,omitempty"`
}

// Understanding is what a message means. The first intent is the primary one.
type Understanding struct {
	Intents     []Intent         `json:"intents"`
	Category    tickets.Category `json:"category,omitempty"`
	Kind        tickets.Kind     `json:"kind,omitempty"` // the kind of ticket it would make
	Application string           `json:"application,omitempty"`
	Slots       Slots            `json:"slots"`
	Urgent      bool             `json:"urgent"`
	Confidence  float64          `json:"confidence"` // 0 to 1
	// Asks is how likely the message is a question, 0 when it is unhappy or in
	// danger.
	Asks float64 `json:"-"`
	// Unsorted is how likely the category is another one (0 to 1).
	Unsorted float64 `json:"-"`
	// Unstated is how likely a question asks for what no rule of ours says: a
	// price, a name, advice (0 to 1).
	Unstated float64 `json:"-"`
}

// Understander labels one message. History is what was said before, oldest first.
type Understander interface {
	Understand(ctx context.Context, text string, history []channels.Message) (Understanding, error)
}

// ActionType is what the desk is asked to do.
type ActionType string

// The actions a reply may carry. Code checks every one of them again.
const (
	OpenTicket       ActionType = "open_ticket"
	SupplementTicket ActionType = "supplement_ticket" // add words to, or correct, an open ticket
	UrgeTicket       ActionType = "urge_ticket"
	WithdrawTicket   ActionType = "withdraw_ticket" // the resident does not want it any more
	HandOff          ActionType = "hand_off"
	BookCallback     ActionType = "book_callback"
	CancelCallback   ActionType = "cancel_callback"
)

// Action is one request of the bot to the desk.
type Action struct {
	Type       ActionType
	Opening    tickets.Opening     // for OpenTicket: all but source, channel and conversation
	TicketNo   string              // for the others that concern a ticket
	Note       string              // words to add or to withdraw it by, or why a person is wanted
	Correction *tickets.Correction // for SupplementTicket when something stated is changed
	At         time.Time           // for BookCallback
	Urgent     bool                // tell people at once
	Person     bool                // with OpenTicket: a person was asked for as well
	Also       []Action            // done in the same transaction, each by itself: a second ticket, a phone for the first
	Raised     bool                // a person is called though nobody asked (R04, Q15)
}

// Result is what became of an Action: the row it made.
type Result struct {
	Ticket *tickets.Ticket // for ticket actions
	At     time.Time       // for callbacks
	Also   []Result        // of Action.Also, empty for what could not be done
}

// Reply is what the bot says and asks for.
type Reply struct {
	// Text is what is sent when there is no Action, or instead of Words when
	// the Action could not be done.
	Text string
	// Words renders what is sent after the Action was done, from its row. Nil
	// when there is no Action.
	Words         func(Result) string
	Citations     []channels.Citation
	ArticleID     string // whose words Text is, cited or not; empty for the bot's own
	Action        *Action
	Unknown       bool            // it says that the knowledge has no answer to what was asked
	Memory        json.RawMessage // kept for the next turn
	Understanding Understanding
	// Asked is the question that Text answers, or cannot, and does nothing
	// else; empty when the Reply continues a matter.
	Asked string
	// Origin tells which model, by which version of a prompt, worded Text;
	// empty when the words are the program's own.
	Origin string
	// Calls are the numbers under which calls of a model are on record that
	// went into this Reply.
	Calls []int64
	// Incidents are what was asked for, or was about to be said, and must not
	// be.
	Incidents []channels.Incident
	// Grounds are the rows that Text rests on besides what is cited and the
	// tickets of the Turn, in words.
	Grounds []string
}

// Pending is a reply that does not open its ticket yet: text asks the resident
// first, and a yes in the next turn opens it.
func (r Reply) Pending(text string) Reply {
	m := recall(r.Memory)
	if m.Filed != nil {
		if m.Draft != nil {
			m.Later = append([]draft{*m.Draft}, m.Later...)
		}
		if m.Also != nil {
			m.Later = append([]draft{*m.Also}, m.Later...)
		}
		m.Draft, m.Filed, m.Also, m.Wanted = m.Filed, nil, nil, ""
		m.Draft.Soft = true
	}
	r.Memory, r.Text, r.Words, r.Action, r.Citations = m.keep(), text, nil, nil, nil
	return r
}

// Answerer is what answers a resident.
type Answerer interface {
	Answer(ctx context.Context, t Turn) (Reply, error)
}
