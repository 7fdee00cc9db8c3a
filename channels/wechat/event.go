package wechat

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
	"time"

	"quandesk/channels"
)

// Push is one thing WeChat told us, authenticated and read.
type Push struct {
	To, From string
	SentAt   time.Time // zero when it says none
	Type     string    // MsgType: text, image, voice, …, event
	Event    string    // of an event, in small letters
	MsgID    string
	Key      string // EventKey without its prefix
	Prefix   string // qrscene_, last_trade_no_ or scanbarcode|
	Text     string // what somebody wrote or said
	MenuID   string // bizmsgmenuid of a tap on a survey
	MediaID  string
	PicURL   string
	Format   string // of a recording: amr, speex
	Place    *channels.Place
	Label    string // of a position, also of one that cannot be read
	Ticket   string // of a QR code
	Status   string // of a template message that was sent
	Lists    []Subscription
	Body     []byte // as it was decrypted
}

// Subscription is one entry of a subscribe_msg event: what somebody accepted,
// refused, changed or was sent.
type Subscription struct {
	TemplateID string
	Status     string // accept, reject
	Scene      string // of a popup
	MsgID      string // of a notice that was sent
	ErrorCode  string
	ErrorWords string
}

// wellFormed is what WeChat calls people by: an openid. It goes into keys and addresses.
var wellFormed = regexp.MustCompile(`^[\x21-\x7e]{1,128}$`)

const maxField = 128 // of anything that is an id or a word of the protocol

// readPush reads a body that is WeChat's. ErrMalformed when it is none.
func readPush(body []byte) (Push, error) {
	root, err := parse(body)
	if err != nil {
		return Push{}, err
	}
	p := Push{
		To: root.field("ToUserName"), From: root.field("FromUserName"), Type: root.field("MsgType"),
		Event: strings.ToLower(root.field("Event")), MsgID: root.field("MsgId"),
		MediaID: root.field("MediaId"), PicURL: root.field("PicUrl"), Format: root.field("Format"),
		MenuID: root.field("bizmsgmenuid"), Ticket: root.field("Ticket"), Status: root.field("Status"),
		SentAt: seconds(root.field("CreateTime")), Body: body,
	}
	if p.MsgID == "" {
		p.MsgID = root.field("MsgID") // of TEMPLATESENDJOBFINISH
	}
	if !wellFormed.MatchString(p.From) || p.Type == "" || !short(p.Type, p.Event, p.MsgID, p.MenuID) {
		return Push{}, ErrMalformed
	}
	p.Prefix, p.Key = eventKey(root.field("EventKey"))
	p.Text = words(root, p.Type)
	p.Place, p.Label = place(root), label(root)
	p.Lists = lists(root)
	return p, nil
}

func short(fields ...string) bool {
	for _, f := range fields {
		if len(f) > maxField {
			return false
		}
	}
	return true
}

func seconds(text string) time.Time {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 || n > 1<<40 {
		return time.Time{}
	}
	return time.Unix(n, 0)
}

// eventKey takes the prefix off that says where a key comes from.
func eventKey(key string) (prefix, rest string) {
	for _, p := range []string{"qrscene_", "last_trade_no_", "scanbarcode|"} {
		if rest, ok := strings.CutPrefix(key, p); ok {
			return p, rest
		}
	}
	return "", key
}

// words are what somebody wrote, said or shared, as text.
func words(root *node, kind string) string {
	switch kind {
	case "text":
		return root.get("Content")
	case "voice":
		return strings.TrimSpace(root.get("Recognition")) // empty since WeChat withdraws it
	case "link":
		var lines []string
		for _, name := range []string{"Title", "Description", "Url"} {
			if text := strings.TrimSpace(root.get(name)); text != "" {
				lines = append(lines, text)
			}
		}
		return strings.Join(lines, "\n")
	}
	return ""
}

// place is a shared position; one that is not on earth is left out.
func place(root *node) *channels.Place {
	lat, err1 := strconv.ParseFloat(root.field("Location_X"), 64)
	lng, err2 := strconv.ParseFloat(root.field("Location_Y"), 64)
	if err1 != nil || err2 != nil || !(lat >= -90 && lat <= 90 && lng >= -180 && lng <= 180) {
		return nil
	}
	return &channels.Place{Lat: lat, Lng: lng, Label: label(root)}
}

const maxLabel = 200 // characters

func label(root *node) string {
	text := []rune(strings.TrimSpace(root.get("Label")))
	return string(text[:min(len(text), maxLabel)])
}

// lists gathers every List of a subscribe_msg event, however deep.
func lists(n *node) []Subscription {
	var out []Subscription
	for _, k := range n.kids {
		if k.name == "List" {
			out = append(out, Subscription{
				TemplateID: k.field("TemplateId"), Status: k.field("SubscribeStatusString"), Scene: k.field("PopupScene"),
				MsgID: k.field("MsgID"), ErrorCode: k.field("ErrorCode"), ErrorWords: k.field("ErrorStatus"),
			})
			continue
		}
		out = append(out, lists(k)...)
	}
	return out
}

// Once is the key under which a push has one effect, beside account and
// sender. MsgId and the second are not enough: fifteen people were given the
// same MsgId at once, and different events of one person share a second.
func (p Push) Once() string {
	at := strconv.FormatInt(p.SentAt.Unix(), 10)
	if p.Type != "event" && p.MsgID != "" && p.MsgID != "0" {
		return "m:" + p.MsgID + ":" + at
	}
	sum := sha256.Sum256(p.Body)
	return "e:" + at + ":" + p.Event + ":" + hex.EncodeToString(sum[:12])
}

// Kind names what a push is, for the counter: one of a list, not what a
// stranger typed.
func (p Push) Kind() string {
	if p.Type != "event" {
		if messages[p.Type] {
			return p.Type
		}
		return "other"
	}
	if events[p.Event] {
		return "event_" + p.Event
	}
	return "event_other"
}

var messages = map[string]bool{"text": true, "image": true, "voice": true, "video": true, "shortvideo": true,
	"location": true, "link": true}

var events = map[string]bool{"subscribe": true, "unsubscribe": true, "scan": true, "location": true, "click": true,
	"view": true, "scancode_push": true, "scancode_waitmsg": true, "pic_sysphoto": true, "pic_photo_or_album": true,
	"pic_weixin": true, "location_select": true, "view_miniprogram": true, "templatesendjobfinish": true,
	"subscribe_msg_popup_event": true, "subscribe_msg_change_event": true, "subscribe_msg_sent_event": true,
	"kf_create_session": true, "kf_close_session": true, "kf_switch_session": true}
