package channels

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"
)

// Scope is what a member of staff may see of the inbox.
type Scope struct {
	All        bool
	Department string
	UserID     int64
	Secrets    bool // may read what belongs to any confidential ticket
}

// Filter narrows the inbox; zero fields do not.
type Filter struct {
	View       string // open (default), waiting, mine, bot, resolved, all
	UserID     int64  // for mine
	Channel    string
	Department string
	Category   string
	District   string
	Urgent     bool
	DueFirst   bool   // order by the next deadline instead of the latest change
	Query      string // words of a message, a ticket number or a phone
	Cursor     string
	Limit      int // 1 to 200; 0 means 50
}

// Page is one keyset page of the inbox.
type Page struct {
	Conversations []Conversation
	Next          string // empty on the last page
}

// Staff is the member of staff who writes or takes.
type Staff struct {
	ID   int64
	Name string
}

// Store keeps conversations. Every writing method is one transaction, and
// tells the live topics after it.
type Store interface {
	// Receive stores a message under its unique key together with the job to
	// answer it. A repeat returns what was stored and true.
	Receive(ctx context.Context, in Inbound) (Message, bool, error)
	// Post stores a message of staff under (conversation, clientID); a repeat
	// returns what was stored. images are ids of attachments of the conversation
	// (ErrAttachment for others). ErrTaken when somebody else has it.
	Post(ctx context.Context, by Staff, sc Scope, conversationID int64, clientID, text string, kind Kind, images ...string) (Message, error)
	// Take gives the conversation to a member of staff. ErrTaken when a
	// colleague has it.
	Take(ctx context.Context, by Staff, sc Scope, conversationID int64) error
	// Release gives it back to the queue (Waiting) or ends it (Resolved).
	Release(ctx context.Context, by Staff, sc Scope, conversationID int64, to State) error
	// Conversation loads one row of the inbox.
	Conversation(ctx context.Context, sc Scope, id int64) (Conversation, error)
}

// Views are the reading side of the inbox.
type Views interface {
	// Inbox returns one keyset page.
	Inbox(ctx context.Context, sc Scope, f Filter) (Page, error)
	// Counts returns how many conversations each view holds, at most 1,000 each.
	Counts(ctx context.Context, sc Scope, userID int64) (map[string]int, error)
	// Messages returns messages of a conversation with id > after, oldest
	// first; after 0 with limit n returns the newest n. Notes only when notes is set.
	Messages(ctx context.Context, conversationID, after int64, n int, notes bool) ([]Message, error)
}

// Inbox is the one road by which messages come in and go out.
type Inbox struct {
	store Store
}

// NewInbox makes an inbox.
func NewInbox(s Store) *Inbox { return &Inbox{store: s} }

// Receive takes a message in. When it returns, the message is durable.
// Errors: ErrEmpty, ErrTooLong, ErrPlace and those of the store.
func (b *Inbox) Receive(ctx context.Context, in Inbound) (Message, bool, error) {
	clean := Sanitize(in.Text)
	if clean != in.Text && in.Raw == nil {
		in.Raw = []byte(in.Text)
	}
	in.Text = clean
	in.Name = Sanitize(in.Name)
	if in.Place != nil {
		place := *in.Place
		if !place.valid() {
			return Message{}, false, ErrPlace
		}
		place.Label = Sanitize(place.Label)
		in.Place = &place
	}
	if in.Kind == "" {
		in.Kind = Text
	}
	if strings.TrimSpace(in.Text) == "" && in.Place == nil && len(in.Attachments) == 0 && in.Remote == nil {
		return Message{}, false, ErrEmpty
	}
	if utf8.RuneCountInString(in.Text) > MaxText {
		return Message{}, false, ErrTooLong
	}
	return b.store.Receive(ctx, in)
}

// MaxImages is how many images one message of staff may carry.
const MaxImages = 4

// Post sends what a member of staff wrote, with images of the conversation or
// without. Errors: ErrEmpty, ErrTooLong and those of the store.
func (b *Inbox) Post(ctx context.Context, by Staff, sc Scope, conversationID int64, clientID, text string, kind Kind, images ...string) (Message, error) {
	text = strings.TrimSpace(Sanitize(text))
	if text == "" && len(images) == 0 {
		return Message{}, ErrEmpty
	}
	if len(images) > MaxImages {
		return Message{}, ErrTooLong
	}
	if utf8.RuneCountInString(text) > MaxText {
		return Message{}, ErrTooLong
	}
	if text == "" && kind == Text {
		kind = Image
	}
	return b.store.Post(ctx, by, sc, conversationID, clientID, text, kind, images...)
}

// Take gives a conversation to a member of staff.
func (b *Inbox) Take(ctx context.Context, by Staff, sc Scope, id int64) error {
	return b.store.Take(ctx, by, sc, id)
}

// Release gives a conversation back.
func (b *Inbox) Release(ctx context.Context, by Staff, sc Scope, id int64, to State) error {
	return b.store.Release(ctx, by, sc, id, to)
}

// Conversation loads one conversation in scope.
func (b *Inbox) Conversation(ctx context.Context, sc Scope, id int64) (Conversation, error) {
	return b.store.Conversation(ctx, sc, id)
}

// Sanitize makes any bytes storable and showable text: broken UTF-8 and
// control characters other than tab and newline become U+FFFD, and marks
// that turn the direction of writing are removed.
func Sanitize(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n':
			return r
		case r == '\r':
			return -1
		case r < 0x20 || r == 0x7f || r >= 0x80 && r < 0xa0:
			return '\uFFFD'
		case r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, s)
}

// Visitor is a resident's web session.
type Visitor struct {
	ID             string // the contact's id on the webchat channel
	ConversationID int64
	CreatedAt      time.Time
}
