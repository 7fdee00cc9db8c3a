package webchat

import (
	"context"
	"crypto/sha256"
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"quandesk/channels"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// desk is as much of a store as these tests need; the real one is tested
// where it lives.
type desk struct {
	channels.Store

	mu       sync.Mutex
	visitors map[string]channels.Visitor
	asked    int // how often a visitor was looked up
	images   map[int64][]string
	in       []channels.Inbound
	down     error
}

func (d *desk) PutVisitor(_ context.Context, hash []byte, account, contact string, at time.Time) (channels.Visitor, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	v := channels.Visitor{ID: contact, ConversationID: int64(len(d.visitors) + 1), CreatedAt: at}
	d.visitors[string(hash)] = v
	return v, d.down
}

func (d *desk) Visitor(_ context.Context, hash []byte) (channels.Visitor, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked++
	v, ok := d.visitors[string(hash)]
	if !ok {
		return channels.Visitor{}, ErrVisitor
	}
	return v, d.down
}

func (d *desk) PutAttachment(context.Context, int64, channels.Attachment) error {
	return errors.ErrUnsupported
}

func (d *desk) Attachment(_ context.Context, conversation int64, id string) (channels.Attachment, error) {
	if !slices.Contains(d.images[conversation], id) {
		return channels.Attachment{}, channels.ErrAttachment
	}
	return channels.Attachment{ID: id}, nil
}

func (d *desk) Receive(_ context.Context, in channels.Inbound) (channels.Message, bool, error) {
	repeat := slices.ContainsFunc(d.in, func(old channels.Inbound) bool { return old.ExternalID == in.ExternalID })
	d.in = append(d.in, in)
	return channels.Message{ID: 1, Text: in.Text}, repeat, nil
}

type world struct {
	*desk
	chat  *Chat
	clock time.Time
}

func newWorld() *world {
	w := &world{desk: &desk{visitors: map[string]channels.Visitor{}, images: map[int64][]string{}}, clock: noon}
	w.chat = New(w.desk, channels.NewInbox(w.desk), func() time.Time { return w.clock })
	return w
}

func (w *world) start(t *testing.T) (string, channels.Visitor) {
	t.Helper()
	token, v, err := w.chat.Start(t.Context())
	if err != nil {
		t.Fatalf("Start: %v", err)
	}
	return token, v
}

func TestT07AVisitorHasASecretTokenThatIsNotStored(t *testing.T) {
	w := newWorld()
	token, v := w.start(t)
	other, u := w.start(t)
	if len(token) != 43 || token == other || v.ID == u.ID || len(v.ID) != 32 {
		t.Errorf("tokens %q and %q, contacts %q and %q", token, other, v.ID, u.ID)
	}
	if strings.Contains(token, v.ID) {
		t.Error("the contact gives the token away")
	}
	hash := sha256.Sum256([]byte(token))
	if _, ok := w.visitors[string(hash[:])]; !ok {
		t.Error("the token is not stored as its SHA-256")
	}
	for _, c := range []struct {
		token string
		want  channels.Visitor
	}{{token, v}, {other, u}} {
		if got, err := w.chat.Visitor(t.Context(), c.token); err != nil || got != c.want {
			t.Errorf("Visitor: %+v, %v, want %+v", got, err, c.want)
		}
	}
}

func TestTokensThatWereNeverGivenAreNobody(t *testing.T) {
	w := newWorld()
	token, v := w.start(t)
	for _, bad := range []string{"", " ", v.ID, token[:42], token + "A", token[:42] + "!", strings.Repeat("A", 43), strings.Repeat("A", 1<<20)} {
		if _, err := w.chat.Visitor(t.Context(), bad); !errors.Is(err, ErrVisitor) {
			t.Errorf("Visitor(%.50q): %v, want ErrVisitor", bad, err)
		}
	}
}

func TestAVisitorComesBackForThirtyDays(t *testing.T) {
	for _, c := range []struct {
		name  string
		after time.Duration
		want  error
	}{
		{"the next day", 25 * time.Hour, nil},
		{"after thirty days", Life, nil},
		{"a second later", Life + time.Second, ErrVisitor},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld()
			token, _ := w.start(t)
			w.clock = noon.Add(c.after)
			if _, err := w.chat.Visitor(t.Context(), token); !errors.Is(err, c.want) {
				t.Errorf("Visitor: %v, want %v", err, c.want)
			}
		})
	}
}

func TestAVisitorWhoLapsesWhileRememberedIsNobody(t *testing.T) {
	w := newWorld()
	token, _ := w.start(t)
	w.clock = noon.Add(Life - time.Minute)
	if _, err := w.chat.Visitor(t.Context(), token); err != nil {
		t.Fatalf("Visitor: %v", err)
	}
	w.clock = noon.Add(Life + time.Minute)
	if _, err := w.chat.Visitor(t.Context(), token); !errors.Is(err, ErrVisitor) {
		t.Errorf("Visitor: %v, want ErrVisitor", err)
	}
}

func TestTheStoreIsAskedOnceInFiveMinutes(t *testing.T) {
	w := newWorld()
	token, _ := w.start(t)
	for range 900 { // fifteen minutes, a request a second
		w.clock = w.clock.Add(time.Second)
		if _, err := w.chat.Visitor(t.Context(), token); err != nil {
			t.Fatalf("Visitor: %v", err)
		}
	}
	if w.asked != 2 {
		t.Errorf("the store was asked %d times, want 2", w.asked)
	}
}

func TestOnlyTheVisitorsSeenLastAreRemembered(t *testing.T) {
	w := newWorld()
	w.chat.known.size = 2
	first, _ := w.start(t)
	second, _ := w.start(t)
	if _, err := w.chat.Visitor(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	third, _ := w.start(t)
	for _, token := range []string{first, third} {
		if _, err := w.chat.Visitor(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	if w.asked != 0 {
		t.Errorf("the store was asked %d times for those seen last", w.asked)
	}
	if _, err := w.chat.Visitor(t.Context(), second); err != nil || w.asked != 1 {
		t.Errorf("the third: %v, asked %d times", err, w.asked)
	}
	if n := len(w.chat.known.at); n != 2 || w.chat.known.order.Len() != 2 {
		t.Errorf("%d are remembered, want 2", n)
	}
}

func TestAStoreThatIsDownIsNotAnUnknownVisitor(t *testing.T) {
	w := newWorld()
	w.down = errors.New("database down")
	if _, _, err := w.chat.Start(t.Context()); !errors.Is(err, w.down) {
		t.Errorf("Start: %v", err)
	}
	token := strings.Repeat("A", tokenLength)
	hash := hashToken(token)
	w.visitors[string(hash[:])] = channels.Visitor{}
	if _, err := w.chat.Visitor(t.Context(), token); !errors.Is(err, w.down) || errors.Is(err, ErrVisitor) {
		t.Errorf("Visitor: %v", err)
	}
}

func TestSay(t *testing.T) {
	place := channels.Place{Lat: 36.65, Lng: 117.12, Label: "泉城广场"}
	for _, c := range []struct {
		name string
		said Said
		kind channels.Kind
		want error
	}{
		{"a text", Said{ClientID: "c-1", Text: "没水了"}, channels.Text, nil},
		{"a place", Said{ClientID: "c-1", Place: &place}, channels.Location, nil},
		{"own images with a text", Said{ClientID: "c-1", Text: "看图", Attachments: []string{"mine"}}, channels.Image, nil},
		{"a client id of 64 characters", Said{ClientID: strings.Repeat("~", 64), Text: "a"}, channels.Text, nil},
		{"no client id", Said{Text: "没水了"}, "", ErrClientID},
		{"a client id of 65 characters", Said{ClientID: strings.Repeat("a", 65), Text: "a"}, "", ErrClientID},
		{"a client id with a blank", Said{ClientID: "a b", Text: "a"}, "", ErrClientID},
		{"a client id with a line break", Said{ClientID: "a\n", Text: "a"}, "", ErrClientID},
		{"a client id with NUL", Said{ClientID: "a\x00", Text: "a"}, "", ErrClientID},
		{"a Chinese client id", Said{ClientID: "一", Text: "a"}, "", ErrClientID},
		{"somebody else's image", Said{ClientID: "c-1", Attachments: []string{"mine", "theirs"}}, "", channels.ErrAttachment},
		{"ten images", Said{ClientID: "c-1", Attachments: slices.Repeat([]string{"mine"}, 10)}, "", channels.ErrAttachment},
		{"a place beyond the pole", Said{ClientID: "c-1", Place: &channels.Place{Lat: 91}}, "", ErrPlace},
		{"a place that is no number", Said{ClientID: "c-1", Place: &channels.Place{Lng: math.NaN()}}, "", ErrPlace},
		{"a label of 201 characters", Said{ClientID: "c-1", Place: &channels.Place{Label: strings.Repeat("路", 201)}}, "", ErrPlace},
		{"nothing at all", Said{ClientID: "c-1"}, "", channels.ErrEmpty},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld()
			_, v := w.start(t)
			w.images = map[int64][]string{v.ConversationID: {"mine"}, v.ConversationID + 1: {"theirs"}}
			_, _, err := w.chat.Say(t.Context(), v, c.said)
			if !errors.Is(err, c.want) {
				t.Fatalf("Say: %v, want %v", err, c.want)
			}
			if c.want != nil {
				if len(w.in) != 0 {
					t.Errorf("it was stored: %+v", w.in)
				}
				return
			}
			in := w.in[0]
			if in.Channel != Channel || in.Account != Account || in.From != v.ID || in.ExternalID != c.said.ClientID ||
				in.ConversationID != v.ConversationID || in.Kind != c.kind || in.Text != c.said.Text || !in.SentAt.Equal(noon) {
				t.Errorf("inbound %+v", in)
			}
		})
	}
}

func TestTheSameClientIDTwiceIsARepeat(t *testing.T) {
	w := newWorld()
	_, v := w.start(t)
	for i, want := range []bool{false, true} {
		_, repeat, err := w.chat.Say(t.Context(), v, Said{ClientID: "c-1", Text: "没水了"})
		if err != nil || repeat != want {
			t.Errorf("time %d: repeat %t, %v, want %t", i+1, repeat, err, want)
		}
	}
}

func TestManyVisitorsAtOnce(t *testing.T) {
	w := newWorld()
	w.chat.known.size = 8
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			token, v, err := w.chat.Start(t.Context())
			if err != nil {
				t.Errorf("Start: %v", err)
			}
			for range 20 {
				if got, err := w.chat.Visitor(t.Context(), token); err != nil || got != v {
					t.Errorf("Visitor: %+v, %v, want %+v", got, err, v)
				}
			}
		})
	}
	all.Wait()
}
