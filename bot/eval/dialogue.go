package eval

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"quandesk/bot"
	"quandesk/channels"
	"quandesk/tickets"
	"quandesk/tickets/customer"
)

// Dialogue is one line of a set of dialogues. The end state counts.
type Dialogue struct {
	ID    string `json:"id"`
	Turns []struct {
		User  string `json:"user"`
		Event string `json:"user_event"`
	} `json:"turns"`
	Expect struct {
		Tickets  []Expected `json:"tickets"`
		Handoff  bool       `json:"human_handoff"`
		NoTicket bool       `json:"no_ticket"`
		Say      []string   `json:"must_say"`
		NotSay   []string   `json:"must_not_say"`
	} `json:"expect"`
}

// Expected is a ticket there should be at the end.
type Expected struct {
	Type     string    `json:"type"` // complaint, repair, callback or application
	Category string    `json:"category"`
	Slots    bot.Slots `json:"slots"`
}

// Outcome is what was wrong at the end of a dialogue; nothing is a success.
type Outcome struct {
	ID     string
	Faults []string
}

// judged are words about a result: it must have been given before.
var judged = regexp.MustCompile(`满意|回访|办结|评价|评分|打分|问卷`)

func play(ctx context.Context, desk *Desk, d Dialogue) ([]string, error) {
	var answers strings.Builder
	for _, turn := range d.Turns {
		if judged.MatchString(turn.User) && len(desk.Tickets) > 0 {
			desk.finish(desk.Tickets[0])
		}
		answer, err := desk.take(ctx, turn.User, turn.Event)
		if err != nil {
			return nil, err
		}
		answers.WriteString(answer + "\n")
	}
	return desk.faults(d, answers.String()), nil
}

func (d *Desk) take(ctx context.Context, text, event string) (string, error) {
	kind, detail, _ := strings.Cut(event, ":")
	switch kind {
	case "":
		return d.Say(ctx, text)
	case "image":
		return d.Show(ctx, channels.Image, nil)
	case "location":
		return d.Show(ctx, channels.Location, &channels.Place{Lat: 36.65, Lng: 117.05, Label: cmp.Or(detail, "济南市历下区泉城路180号")})
	case "voice":
		return d.Show(ctx, channels.Voice, nil)
	}
	return d.Say(ctx, cmp.Or(menu[detail], detail, "你好"))
}

// menu is what the entries of a channel's menu say for the resident who
// touches them; any other key is its own words.
var menu = map[string]string{
	"complaint": "我要投诉", "repair": "我要报修", "leak": "我要报修", "human": "转人工", "staff": "转人工", "agent": "转人工",
	"progress": "查进度", "ticket": "查进度", "outage": "停水查询", "callback": "预约回电", "apply": "办理业务",
	"new_connection": "我要申请接水", "transfer": "我要办过户", "close_account": "我要销户", "invoice": "开电子发票",
	"payment": "交水费", "open_day": "预约供水开放日", "meter_check": "申请校表", "ask": "你好", "help": "你好", "faq": "你好",
}

// finish takes a ticket to the state in which its result can be judged.
func (d *Desk) finish(t *tickets.Ticket) {
	by := tickets.Actor{Kind: tickets.ByStaff, ID: 7}
	for _, move := range []func() ([]tickets.Event, error){
		func() ([]tickets.Event, error) { return t.Accept(by, tickets.Classification{}, d.Now) },
		func() ([]tickets.Event, error) { return t.Dispatch(by, tickets.Departments[0], "", d.Now) },
		func() ([]tickets.Event, error) { return t.Sign(by, d.Now) },
		func() ([]tickets.Event, error) { return t.Start(by, d.Now) },
		func() ([]tickets.Event, error) {
			return t.Settle(by, tickets.Settlement{Outcome: tickets.Solved, Measures: "现场处理", Reply: "已经现场处理并恢复正常", Channel: "phone"}, d.Now)
		},
	} {
		if events, err := move(); err == nil {
			_ = d.rules.Run(t, events) // a move out of order changes nothing
		}
	}
}

func (d *Desk) faults(want Dialogue, answers string) []string {
	var out []string
	e := want.Expect
	out = append(out, d.ticketFaults(want)...)
	// An alarm calls people too; that it does is no fault where nobody asked.
	if e.Handoff && d.HandedOff+d.Urgent+d.Raised == 0 || !e.Handoff && d.HandedOff > 0 {
		out = append(out, fmt.Sprintf("a person was called %d times", d.HandedOff))
	}
	for _, fact := range e.Say {
		if !said(answers, fact) {
			out = append(out, "not said: "+fact)
		}
	}
	for _, fact := range e.NotSay {
		if said(answers, fact) {
			out = append(out, "said: "+fact)
		}
	}
	return out
}

// ticketFaults compares the tickets there are with those expected, whatever
// their order. A ticket that only carries a call is a callback; where the
// call has been cancelled it is none.
func (d *Desk) ticketFaults(want Dialogue) []string {
	var matters, calls []*tickets.Ticket
	for _, t := range d.Tickets {
		if t.State == tickets.Void {
			continue // withdrawn
		}
		if t.Kind != tickets.Request {
			matters = append(matters, t)
		} else if !d.Called[t.No].IsZero() {
			calls = append(calls, t)
		}
	}
	if want.Expect.NoTicket && len(matters)+len(calls) > 0 {
		return []string{"a ticket was opened"}
	}
	expected, booked := 0, calls
	var out []string
	left := slices.Clone(matters)
	for _, t := range matters {
		if !d.Called[t.No].IsZero() {
			booked = append(booked, t) // a call promised on a ticket that is there
		}
	}
	for _, w := range want.Expect.Tickets {
		if w.Type == "callback" {
			out = append(out, d.best(w, &booked)...)
			continue
		}
		expected++
		out = append(out, d.best(w, &left)...)
	}
	if len(want.Expect.Tickets) > 0 && len(matters) != expected {
		out = append(out, fmt.Sprintf("%d tickets, want %d", len(matters), expected))
	}
	return out
}

// best takes the ticket that fits best off those left, and tells what is
// wrong with it.
func (d *Desk) best(w Expected, left *[]*tickets.Ticket) []string {
	var fewest []string
	chosen := -1
	for i, t := range *left {
		if faults := d.wrong(w, t); chosen < 0 || len(faults) < len(fewest) {
			chosen, fewest = i, faults
		}
	}
	switch {
	case chosen < 0 && w.Type == "callback":
		return []string{"no call is booked"}
	case chosen < 0:
		return []string{"no ticket for " + w.Type + " " + w.Category}
	}
	*left = slices.Delete(*left, chosen, chosen+1)
	return fewest
}

// wrong is what is wrong with a ticket.
func (d *Desk) wrong(w Expected, t *tickets.Ticket) []string {
	var out []string
	if w.Type != "callback" && w.Type != called(t.Kind) {
		out = append(out, "type "+string(t.Kind)+", want "+w.Type)
	}
	if w.Category != "" && w.Category != string(t.Category) && w.Category != t.Application {
		out = append(out, "category "+string(t.Category)+", want "+w.Category)
	}
	if phone, err := customer.ParsePhone(w.Slots.Phone); err == nil && phone != t.ContactPhone {
		out = append(out, "the phone is another one")
	}
	if w.Slots.Address != "" && overlap(w.Slots.Address, t.Address.Text) < 0.8 {
		out = append(out, "the address is another one")
	}
	if !strings.Contains(t.ContactName, w.Slots.Name) {
		out = append(out, "the name is another one")
	}
	for _, part := range []string{w.Slots.Community, w.Slots.Road, w.Slots.District} {
		if !strings.Contains(plain(t.Address.Text+t.Description), plain(part)) {
			out = append(out, "the place is another one, not "+part)
		}
	}
	switch {
	case w.Type != "callback" && !said(d.told[t.No], w.Slots.Time):
		out = append(out, "the time is not on it: "+w.Slots.Time)
	case w.Type == "callback" && !readWhen(w.Slots.Time, d.heard(w.Slots.Time)).holds(d.Called[t.No]):
		out = append(out, fmt.Sprintf("the call is at %s, not %s", d.Called[t.No].In(tickets.Beijing).Format("01-02 15:04"), w.Slots.Time))
	}
	if !said(t.No+"\n"+d.told[t.No], w.Slots.Ticket) {
		out = append(out, "the earlier ticket is not on it: "+w.Slots.Ticket)
	}
	return out
}

// heard is when the resident said words last; now, where he never did.
func (d *Desk) heard(words string) time.Time {
	for _, m := range slices.Backward(d.history) {
		if m.Author == channels.FromCustomer && said(m.Text, words) {
			return m.CreatedAt
		}
	}
	return d.Now
}

// called is what the sets call a kind: clause 11.2 makes no difference between
// a complaint and a report of somebody's wrong.
func called(k tickets.Kind) string {
	if k == tickets.Report {
		k = tickets.Complaint
	}
	return string(k)
}
