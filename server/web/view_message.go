package web

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"quandesk/channels"
	"quandesk/channels/wechat"
	"quandesk/tickets"
)

// messageView is one message, as residents or as staff see it.
type messageView struct {
	DOM          string // of residents c-client_id, of staff s-client_id, else m-id
	ID           int64
	From         string
	Who          string
	Time, ISO    string
	Day          string
	DayWords     string
	NewDay       bool
	Text         string
	Place        string
	Images       []imageView
	Files        []fileView // recordings
	Fetching     string     // a file that is still on its way to us
	AI           bool
	Sources      []string
	Origin       string // who worded it, for those who answer for it
	Card         *cardView
	Note         bool
	Delivery     string
	DeliveryTone string
	Resend       string // where a message that failed is sent again
	Unsettled    bool   // its delivery is still open: look again
	Voted        bool   // its resident found it of no use
	CSRF         string // of the resident who may say so
}

type imageView struct {
	Href          string
	Width, Height int
}

// fileView is a recording, to be downloaded.
type fileView struct{ Href, Words string }

// cardView tells the resident what was really done with a message.
type cardView struct {
	Heading, No     string
	Next, By, State string
}

// thread is what the messages of one conversation are rendered with.
type thread struct {
	images   string // where its images are served, with a slash at the end
	now      time.Time
	matters  map[string]*tickets.Ticket // its tickets by number
	customer string                     // what the resident is called
	resident bool                       // what only staff see is left out
	origins  bool                       // who worded what is shown
	voted    map[int64]bool             // messages its resident found of no use
	csrf     string                     // of its forms
	letters  bool                       // how far each has come in WeChat is shown
	notices  map[int64]wechat.NoticeResult
	resend   string // where messages are sent again; empty: not by this viewer
}

func (t thread) views(list []channels.Message) []messageView {
	out := make([]messageView, 0, len(list))
	last := ""
	for _, m := range list {
		if t.resident && m.Kind == channels.Note {
			continue
		}
		v := t.view(m)
		v.NewDay = v.Day != last
		last = v.Day
		out = append(out, v)
	}
	return out
}

func (t thread) view(m channels.Message) messageView {
	v := messageView{
		DOM: domID(m), ID: m.ID, From: string(m.Author), Who: t.who(m), Text: m.Text, AI: m.AI,
		Time: clockTime(m.CreatedAt), ISO: iso(m.CreatedAt), Day: dayOf(m.CreatedAt),
		DayWords: dayWords(m.CreatedAt, t.now), Note: m.Kind == channels.Note, Voted: t.voted[m.ID], CSRF: t.csrf,
	}
	if m.Place != nil {
		v.Place = m.Place.Label
		if v.Place == "" {
			v.Place = fmt.Sprintf("北纬%.5f，东经%.5f", m.Place.Lat, m.Place.Lng)
		}
	}
	t.attach(&v, m)
	for _, c := range m.Citations {
		v.Sources = append(v.Sources, source(c))
	}
	if t.origins {
		v.Origin = originWords(m)
	}
	if m.Action != nil {
		v.Card = t.card(*m.Action)
	}
	if m.Author != channels.FromCustomer && m.Author != channels.FromSystem {
		v.Delivery, v.DeliveryTone, v.Unsettled = deliveryWords(m.Delivery)
	}
	if t.letters && m.Author != channels.FromCustomer && m.Kind != channels.Note {
		v.Delivery, v.DeliveryTone, v.Unsettled = letterWords(m, t.notices[m.ID])
	}
	if t.resend != "" && m.Delivery == channels.Failed {
		v.Resend = t.resend + strconv.FormatInt(m.ID, 10) + "/resend"
	}
	return v
}

// fileWords name what residents send besides images.
var fileWords = map[channels.Kind]string{channels.Image: "图片", channels.Voice: "语音", channels.Video: "视频"}

// fetchedWithin is how long a page looks again for a file that is not there yet.
const fetchedWithin = 10 * time.Minute

// attach shows the files of a message.
func (t thread) attach(v *messageView, m channels.Message) {
	for _, a := range m.Attachments {
		if strings.HasPrefix(a.Type, "audio/") || strings.HasPrefix(a.Type, "video/") {
			v.Files = append(v.Files, fileView{Href: t.images + a.ID, Words: "下载" + orElse(fileWords[m.Kind], "文件")})
			continue
		}
		v.Images = append(v.Images, imageView{Href: t.images + a.ID, Width: a.Width, Height: a.Height})
	}
	if words := fileWords[m.Kind]; words != "" && len(m.Attachments) == 0 && m.Author == channels.FromCustomer {
		v.Unsettled = t.now.Sub(m.CreatedAt) < fetchedWithin
		v.Fetching = "［" + words + "］"
		if v.Unsettled {
			v.Fetching = "［" + words + "，正在取回］"
		}
	}
}

// domID names the element of a message. The page makes the same one before
// the server has answered; authors cannot take each other's names.
func domID(m channels.Message) string {
	switch {
	case m.ExternalID == "":
	case m.Author == channels.FromCustomer:
		return "c-" + m.ExternalID
	case m.Author == channels.FromStaff:
		return "s-" + m.ExternalID
	}
	return "m-" + strconv.FormatInt(m.ID, 10)
}

func (t thread) who(m channels.Message) string {
	switch m.Author {
	case channels.FromBot:
		return "智能客服"
	case channels.FromStaff:
		if t.resident && m.AuthorName != "" {
			return "客服 " + m.AuthorName
		}
		return m.AuthorName
	case channels.FromCustomer:
		return orElse(m.AuthorName, orElse(t.customer, "用户"))
	}
	return ""
}

// source is the line under an answer: title and clause.
func source(c channels.Citation) string {
	s := c.Source
	if s == "" {
		s = c.Title
	}
	if c.Clause != "" {
		s += " " + c.Clause
	}
	return s
}

// deliveryWords is what staff see of a message on its way.
func deliveryWords(d channels.Delivery) (words, tone string, unsettled bool) {
	switch d {
	case channels.Pending, channels.Sending:
		return "发送中", "", true
	case channels.Failed:
		return "未送达", "failed", false
	case channels.Unknown:
		return "送达未知，请核实用户是否收到", "unknown", true
	}
	return "", "", false
}

func (t thread) card(d channels.Done) *cardView {
	v := &cardView{Heading: "工单已登记", No: d.TicketNo}
	switch d.Type {
	case "supplement_ticket":
		v.Heading = "内容已补充"
	case "urge_ticket":
		v.Heading = "已催办"
	case "withdraw_ticket":
		v.Heading = "工单已撤回"
	case "hand_off":
		v.Heading, v.Next = "已进入人工队列", "工作人员将在本页回复您"
	case "book_callback":
		v.Heading = "已预约回电"
	case "cancel_callback":
		v.Heading = "已取消预约回电"
	}
	if d.CallbackAt != nil {
		v.By = when(*d.CallbackAt, t.now)
	}
	if k := t.matters[d.TicketNo]; k != nil {
		v.State = residentState(k)
		next, by := nextStep(k)
		if v.By == "" && !by.IsZero() {
			v.By = when(by, t.now) + "前"
		}
		if v.Next == "" {
			v.Next = next
		}
	}
	if v.No == "" && d.CallbackAt == nil && v.Next == "" {
		return nil
	}
	return v
}

// nextStep is what the resident can expect next of a ticket, and by when:
// the promise that runs out first.
func nextStep(t *tickets.Ticket) (words string, by time.Time) {
	expected := map[string]string{
		"R01": "工作人员与您联系", "R12": "抢修人员到达现场", "R02": "办结并答复您",
		"R08": "重新办理并答复您", "R06": "专人回访，请您评价",
	}
	for i := range t.Deadlines {
		d := &t.Deadlines[i]
		if w := expected[d.Rule]; d.Running() && w != "" && (by.IsZero() || d.Due().Before(by)) {
			words, by = w, d.Due()
		}
	}
	if words == "" && t.State.Open() {
		words = "工作人员处理后答复您"
	}
	return words, by
}

// residentState is the progress in words a resident understands.
func residentState(t *tickets.Ticket) string {
	switch t.State {
	case tickets.New, tickets.Accepted:
		return "已登记"
	case tickets.Dispatched, tickets.Signed:
		return "已派给" + orElse(t.Department, "责任部门")
	case tickets.Processing, tickets.Extending, tickets.Returning:
		return "正在办理"
	case tickets.Settled, tickets.Calling:
		return "已办结，等待回访"
	case tickets.Void:
		return "已取消，不再办理"
	case tickets.Escalated:
		return "督办中，正在重新办理"
	}
	return named(stateNames, t.State)
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
