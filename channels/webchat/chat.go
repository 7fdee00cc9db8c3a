package webchat

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"quandesk/channels"
)

// Account is the one account of this channel.
const Account = "web"

// Life is how long a visitor may come back to the conversation. The security
// rules ask for a day; a resident who reported a leak on Friday looks for the
// answer on Monday, a complaint runs two days and its callback later, and
// whoever has no phone number with us has no other way back. The token never
// leaves the browser that was given it, opens this one conversation and
// nothing of the customer's account; thirty days cover the longest extension.
const Life = 30 * 24 * time.Hour

const (
	tokenBytes  = 32 // 256 random bits
	tokenLength = 43 // as base64 without padding
	maxClientID = 64
	maxImages   = 9 // of one message, as in WeChat
)

var (
	// ErrClientID is returned for a client id that is not 1 to 64 visible
	// ASCII characters.
	ErrClientID = errors.New("webchat: bad client id")
	// ErrPlace is channels.ErrPlace.
	ErrPlace = channels.ErrPlace
)

// Chat is what the web page's visitors can do.
type Chat struct {
	store Store
	inbox *channels.Inbox
	now   func() time.Time
	known *cache
}

// New makes a chat. now must follow the database clock.
func New(s Store, inbox *channels.Inbox, now func() time.Time) *Chat {
	return &Chat{store: s, inbox: inbox, now: now, known: newCache(now)}
}

// Start makes a visitor with a conversation. The token is the visitor's only
// key; it is returned this once and stored as its SHA-256 only.
func (c *Chat) Start(ctx context.Context) (token string, v channels.Visitor, err error) {
	token = newToken()
	hash := hashToken(token)
	v, err = c.store.PutVisitor(ctx, hash[:], Account, newContact(), c.now())
	if err != nil {
		return "", channels.Visitor{}, fmt.Errorf("start visit: %w", err)
	}
	c.known.put(hash, v)
	return token, v, nil
}

// Visitor returns who a token belongs to, ErrVisitor for a token that is
// unknown or older than Life. What was found is remembered for five minutes.
func (c *Chat) Visitor(ctx context.Context, token string) (channels.Visitor, error) {
	if len(token) != tokenLength {
		return channels.Visitor{}, ErrVisitor
	}
	hash := hashToken(token)
	v, ok := c.known.get(hash)
	if !ok {
		var err error
		if v, err = c.store.Visitor(ctx, hash[:]); err != nil {
			return channels.Visitor{}, fmt.Errorf("find visitor: %w", err)
		}
		c.known.put(hash, v)
	}
	if c.now().Sub(v.CreatedAt) > Life {
		return channels.Visitor{}, ErrVisitor
	}
	return v, nil
}

// Said is what a visitor says: a text, a place, images, or several of them.
type Said struct {
	ClientID    string // the page's id; the same one twice is one message
	Text        string
	Raw         []byte // the text as it came, when decoding had to change it
	Place       *channels.Place
	Attachments []string // ids of images of this conversation
}

// Say takes what a visitor says into the inbox and returns what is stored,
// and true when it was stored before. ErrClientID, ErrPlace,
// channels.ErrAttachment for an image of somebody else or more than nine,
// and the errors of channels.Inbox.Receive.
func (c *Chat) Say(ctx context.Context, v channels.Visitor, s Said) (channels.Message, bool, error) {
	if !validClientID(s.ClientID) {
		return channels.Message{}, false, ErrClientID
	}
	if err := c.owns(ctx, v, s.Attachments); err != nil {
		return channels.Message{}, false, err
	}
	m, repeat, err := c.inbox.Receive(ctx, channels.Inbound{
		Channel: Channel, Account: Account, From: v.ID, ExternalID: s.ClientID,
		ConversationID: v.ConversationID, Kind: kind(s), Text: s.Text, Raw: s.Raw,
		Place: s.Place, Attachments: s.Attachments, SentAt: c.now(),
	})
	if err != nil {
		return channels.Message{}, false, fmt.Errorf("say: %w", err)
	}
	return m, repeat, nil
}

// owns checks that every image is one of the visitor's conversation.
func (c *Chat) owns(ctx context.Context, v channels.Visitor, ids []string) error {
	if len(ids) > maxImages {
		return fmt.Errorf("%d images: %w", len(ids), channels.ErrAttachment)
	}
	for _, id := range ids {
		if _, err := c.store.Attachment(ctx, v.ConversationID, id); err != nil {
			return fmt.Errorf("find image: %w", err)
		}
	}
	return nil
}

func kind(s Said) channels.Kind {
	switch {
	case len(s.Attachments) > 0:
		return channels.Image
	case s.Place != nil:
		return channels.Location
	}
	return channels.Text
}

func validClientID(id string) bool {
	for i := range len(id) {
		if id[i] <= ' ' || id[i] > '~' {
			return false
		}
	}
	return len(id) >= 1 && len(id) <= maxClientID
}

func newToken() string {
	var b [tokenBytes]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// newContact is the visitor's id on the channel. It is no secret and opens
// nothing.
func newContact() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

func hashToken(token string) [sha256.Size]byte { return sha256.Sum256([]byte(token)) }
