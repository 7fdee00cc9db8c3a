package bot

import (
	"encoding/json"
	"strings"
	"time"

	"quandesk/tickets"
	"quandesk/tickets/customer"
)

// slot is one thing a ticket needs to know.
type slot string

const (
	what  slot = "what"
	where slot = "where"
	phone slot = "phone"
	hour  slot = "hour" // when to call back
)

// memory is what the bot keeps of a conversation between turns.
type memory struct {
	Draft     *draft  `json:"draft,omitempty"`   // what is being asked about now
	Later     []draft `json:"later,omitempty"`   // matters of the same message, one after the other
	Filed     *draft  `json:"filed,omitempty"`   // what the last turn asked the desk to open
	Also      *draft  `json:"also,omitempty"`    // the second matter that it asked for
	Dropped   *draft  `json:"dropped,omitempty"` // what was taken back, and may be wanted after all
	Wanted    slot    `json:"wanted,omitempty"`
	Call      *call   `json:"call,omitempty"` // a callback being arranged
	Phone     string  `json:"phone,omitempty"`
	Name      string  `json:"name,omitempty"`
	Anonymous bool    `json:"anonymous,omitempty"`
	Offered   bool    `json:"offered,omitempty"`  // a person was offered last
	Place     string  `json:"place,omitempty"`    // for which a notice of an outage was told
	Question  string  `json:"question,omitempty"` // what was asked last
	Sought    bool    `json:"sought,omitempty"`   // a ticket was looked for, and not found
	Told      string  `json:"told,omitempty"`     // business that was explained last, and not registered
	Pinned    string  `json:"pinned,omitempty"`   // place of a ticket that is but a shared position
	Blamed    string  `json:"blamed,omitempty"`   // ticket whose result did not satisfy
}

// draft is a ticket that is not complete yet.
type draft struct {
	Kind        tickets.Kind     `json:"kind"`
	Category    tickets.Category `json:"category"`
	Application string           `json:"application,omitempty"`
	Words       []string         `json:"words"`
	Place       customer.Address `json:"place"`
	District    string           `json:"district,omitempty"`  // told before the place
	Guessed     bool             `json:"guessed,omitempty"`   // the place is words that nobody knows
	Suggested   string           `json:"suggested,omitempty"` // a place known from before
	Phone       string           `json:"phone,omitempty"`
	Name        string           `json:"name,omitempty"`
	Anonymous   bool             `json:"anonymous,omitempty"`
	Urgent      bool             `json:"urgent,omitempty"`
	Raised      bool             `json:"raised,omitempty"` // more than a ticket: a person is called to it
	Soft        bool             `json:"soft,omitempty"`   // a question about an outage: opened only when wanted
	Doubt       bool             `json:"doubt,omitempty"`  // begun by what may only be a question
	Notice      string           `json:"notice,omitempty"` // the notice that was told to explain it
	Exact       bool             `json:"exact,omitempty"`  // asked for the place more exactly
	Insists     bool             `json:"insists,omitempty"`
	Call        *call            `json:"call,omitempty"` // promised with the ticket
	At          time.Time        `json:"at"`             // the first message that made it a matter
	Asked       map[slot]int     `json:"asked,omitempty"`
	Last        slot             `json:"last,omitempty"` // what was asked last
}

// call is a callback that is not arranged yet.
type call struct {
	At    time.Time `json:"at"`
	Phone string    `json:"phone,omitempty"`
	Words string    `json:"words"`
	Said  string    `json:"said,omitempty"` // the words that named the time
	Asked int       `json:"asked,omitempty"`
	Offer time.Time `json:"offer,omitzero"` // a free time that was offered instead of the wanted one
}

func recall(raw json.RawMessage) memory {
	var m memory
	if len(raw) > 0 && json.Unmarshal(raw, &m) != nil {
		return memory{} // what cannot be read is forgotten; the conversation goes on
	}
	return m
}

func (m memory) keep() json.RawMessage {
	raw, _ := json.Marshal(m) // strings, numbers and times only: cannot fail
	return raw
}

// opening is what the desk is asked to open.
func (d draft) opening() tickets.Opening {
	return tickets.Opening{
		Kind: d.Kind, Category: d.Category, Application: d.Application,
		ContactName: d.Name, ContactPhone: d.Phone, Anonymous: d.Anonymous && d.Phone == "",
		Address: d.Place, Description: d.description(), Urgent: d.Urgent, ReceivedAt: d.At,
	}
}

// How many characters the desk takes (tickets.Open, Ticket.Supplement).
const (
	longestDescription = 10000
	longestNote        = 4000
)

// description is the resident's own words.
func (d draft) description() string {
	return cut(strings.Join(d.Words, "\n"), longestDescription-1)
}

// public reports whether the matter lies in the street: it is opened as soon
// as the place is known, a passer-by need not leave a number (R12).
func (d draft) public() bool {
	return d.Kind == tickets.Repair && (d.Category == tickets.Leak || d.Category == tickets.Facility ||
		d.Category == tickets.Construction)
}

// missing is the next thing to ask for; empty when the ticket can be opened.
func (d draft) missing() slot {
	switch {
	case d.Urgent:
		return "" // opened at once; what is missing is asked for afterwards (R04)
	case d.vague() && d.Asked[what] < 2:
		return what
	case d.Place.Text == "" && d.Asked[where] < d.patience() && d.placed():
		return where
	case d.Phone == "" && !d.public() && (!d.Anonymous || d.Asked[phone] == 0) && d.Asked[phone] < d.patience():
		return phone
	}
	return ""
}

// patience is how often one thing is asked for. Business cannot be done without
// a place or a number, and is not urgent: questions in between count as well.
func (d draft) patience() int {
	if d.Kind == tickets.Application {
		return 4
	}
	return 2
}

// placed reports whether the matter needs a place at all: complaints about
// the service, and business that is done by phone, do not.
func (d draft) placed() bool {
	if d.Kind == tickets.Application {
		return d.Application != "open_day" && d.Application != "invoice" && d.Application != "payment"
	}
	return d.Category != tickets.Service && d.Kind != tickets.Suggestion
}

// vague reports whether nothing was said but that there is a complaint.
func (d draft) vague() bool {
	if d.Application != "" && d.Application != "other" {
		return false
	}
	words := strings.Join(d.Words, "")
	_, entered := entryOf(words)
	return bare.MatchString(words) || entered
}
