// Package channels holds the words of what people say to the utility and
// hear from it: conversations, messages, contacts and attachments. Adapters
// turn what a channel delivers into an Inbound and a Message into what the
// channel sends.
package channels

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"time"
	"unicode/utf8"
)

// State is who talks in a conversation.
type State string

// The states of a conversation.
const (
	WithBot  State = "bot"      // the bot answers
	Waiting  State = "waiting"  // a person is needed and nobody has taken it; the bot still answers questions
	WithUser State = "human"    // a member of staff has taken it; the bot is silent
	Resolved State = "resolved" // nothing is open; the next message starts with the bot again
)

// Author is who wrote a message.
type Author string

// The authors of messages. Only Staff are people of the utility.
const (
	FromCustomer Author = "customer"
	FromBot      Author = "bot"
	FromStaff    Author = "staff"
	FromSystem   Author = "system"
)

// Kind is what a message carries.
type Kind string

// The kinds of messages.
const (
	Text     Kind = "text"
	Image    Kind = "image"
	Voice    Kind = "voice"
	Video    Kind = "video"
	Location Kind = "location"
	Note     Kind = "note" // for colleagues; residents never see it
)

// Delivery is how far an outgoing message has come. Unknown is shown to a
// person and never sent again on its own.
type Delivery string

// The states of delivery.
const (
	Pending Delivery = "pending"
	Sending Delivery = "sending"
	Sent    Delivery = "sent"
	Failed  Delivery = "failed"
	Unknown Delivery = "unknown"
	Held    Delivery = "held" // goes out when the resident next writes
)

// Place is a position a resident shared.
type Place struct {
	Lat   float64 `json:"lat"`
	Lng   float64 `json:"lng"`
	Label string  `json:"label"`
}

const maxLabel = 200 // characters of a place

// valid also refuses NaN, which is not within any bounds.
func (p Place) valid() bool {
	return math.Abs(p.Lat) <= 90 && math.Abs(p.Lng) <= 180 &&
		utf8.RuneCountInString(p.Label) <= maxLabel
}

// Inbound is one push of a channel, authenticated and parsed.
// Channel, Account, From and ExternalID together are unique: a repeat
// changes nothing.
type Inbound struct {
	Channel        string // webchat, wechat, phone…
	Account        string // which of our accounts on the channel
	From           string // the sender's id on the channel
	ExternalID     string // the channel's id of the message, the client_id of the web
	ConversationID int64  // when the adapter knows it; otherwise found by sender
	Name           string
	Kind           Kind
	Text           string
	Raw            []byte // what came in, when Text had to be sanitised
	Place          *Place
	Attachments    []string // attachment ids
	Remote         *Remote  // a file that is still at the channel
	Line           *Line    // whoever holds it takes the answer along
	SentAt         time.Time
}

// Line is the open request that brought a message. Until it closes the answer
// is left to whoever holds it.
type Line struct {
	Kind  string    // of what came, for the trail
	Until time.Time // zero: nobody waits
	// Trigger is what the channel lets us write for after this; empty: nothing.
	Trigger string
}

// Remote is a file that the channel keeps for a while; a job copies it.
type Remote struct {
	ID     string // the channel's id of the file
	URL    string // where it may be found too; a hint
	Format string // of a recording
	Hear   bool   // a recording that is put into words before it is answered
}

// Message is one message as it is kept.
type Message struct {
	ID             int64
	ConversationID int64
	Author         Author
	AuthorID       int64 // staff user
	AuthorName     string
	ExternalID     string
	Kind           Kind
	Text           string
	Place          *Place
	Attachments    []Attachment
	AI             bool // generated: carries the AI mark
	Citations      []Citation
	Action         *Done  // what was really done with this message
	Origin         string // who worded it: ByRules, or a model and the version of its prompt; of people nothing
	Delivery       Delivery
	Why            string // a word of the channel: why it is held, put off or failed
	Parts          int    // parts of a split text that have gone out
	Tries          int    // how often it has been put off
	CreatedAt      time.Time
}

// ByRules is the origin of words that are the program's own or the knowledge's.
const ByRules = "rules"

// Citation is the source of a statement.
type Citation struct {
	ArticleID string `json:"article_id"`
	Title     string `json:"title"`
	Source    string `json:"source"`
	Clause    string `json:"clause"`
	Version   int    `json:"version"`
}

// Done is an action that has a row: what a reply may claim.
type Done struct {
	Type       string     `json:"type"`
	TicketNo   string     `json:"ticket_no,omitempty"`
	CallbackAt *time.Time `json:"callback_at,omitempty"`
	Survey     int64      `json:"survey,omitempty"` // the message asks whether the resident is satisfied
}

// Attachment is a file of a message, kept under a random name.
type Attachment struct {
	ID     string // 128 random bits
	Type   string // image/jpeg or image/png, after re-encoding; audio/… and video/… as they came
	Size   int64
	Width  int
	Height int
}

// Conversation is the thread of one contact, and one row of the inbox.
type Conversation struct {
	ID           int64
	Channel      string
	Account      string
	Contact      string // the contact's id on the channel
	Name         string
	State        State
	AssigneeID   int64
	AssigneeName string
	Department   string
	TicketNo     string // the open ticket that is due first
	TicketState  string
	Kind         string
	Category     string
	District     string
	Urgent       bool
	Confidential bool   // one of its tickets is
	DueRule      string // what is due next on its tickets
	DueAt        time.Time
	Preview      string // the last message, cut
	Unread       int    // customer messages since staff last wrote
	AnsweredID   int64  // the last customer message the bot has dealt with
	Memory       json.RawMessage
	Version      int64
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

var (
	// ErrNotFound is returned when there is no such conversation in scope.
	ErrNotFound = errors.New("channels: no such conversation")
	// ErrStale is returned when the conversation changed since it was read.
	ErrStale = errors.New("channels: changed since it was read")
	// ErrTaken is returned when a colleague has the conversation; a
	// TakenError says who.
	ErrTaken = errors.New("channels: taken by a colleague")
	// ErrEmpty is returned for a message without text, place or attachment.
	ErrEmpty = errors.New("channels: empty message")
	// ErrTooLong is returned for a message of more than MaxText characters.
	ErrTooLong = errors.New("channels: message too long")
	// ErrPlace is returned for a position that is not on earth or whose label
	// is longer than 200 characters.
	ErrPlace = errors.New("channels: bad place")
	// ErrAttachment is returned when an attachment id is not the sender's.
	ErrAttachment = errors.New("channels: no such attachment")
)

// MaxText is how many characters a message may have.
const MaxText = 10000

// Adapter sends messages out on one channel. Pull channels (the web page
// fetches) have none.
type Adapter interface {
	// Channel is the name conversations carry.
	Channel() string
	// Deliver sends one message. A nil error means the channel took it;
	// ErrUndelivered that it surely did not; any other error that nobody knows.
	Deliver(ctx context.Context, c Conversation, m Message) error
}

// ErrUndelivered is returned by an Adapter when the message surely was not sent.
var ErrUndelivered = errors.New("channels: not delivered")

// Outcome is how a delivery went, with more than an Adapter's plain errors
// say. As an error it is an ErrUndelivered: what has not gone out yet surely
// was not sent.
type Outcome struct {
	Delivery Delivery      // Failed, Held or Pending (again later)
	Why      string        // a word of the channel for the reason
	Again    time.Duration // with Pending: when it is tried again
}

func (o *Outcome) Error() string { return ErrUndelivered.Error() + ": " + o.Why }

// Unwrap makes it an ErrUndelivered.
func (o *Outcome) Unwrap() error { return ErrUndelivered }

// TakenError is ErrTaken with the name of the colleague.
type TakenError struct{ By string }

func (e *TakenError) Error() string { return ErrTaken.Error() }

// Unwrap makes it an ErrTaken.
func (e *TakenError) Unwrap() error { return ErrTaken }
