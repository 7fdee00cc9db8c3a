package eval

import (
	"context"
	"fmt"
	"regexp"
	"strings"

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
		Tickets []struct {
			Type     string    `json:"type"`
			Category string    `json:"category"`
			Slots    bot.Slots `json:"slots"`
		} `json:"tickets"`
		Handoff  bool     `json:"human_handoff"`
		NoTicket bool     `json:"no_ticket"`
		Say      []string `json:"must_say"`
		NotSay   []string `json:"must_not_say"`
	} `json:"expect"`
}

// Outcome is what was wrong at the end of a dialogue; nothing is a success.
type Outcome struct {
	ID     string
	Faults []string
}

// judged are words about a result: it must have been given before.
var judged = regexp.MustCompile(`满意|回访|办结`)

func play(ctx context.Context, desk *Desk, d Dialogue) ([]string, error) {
	var said strings.Builder
	for _, turn := range d.Turns {
		if judged.MatchString(turn.User) && len(desk.Tickets) > 0 {
			desk.finish(desk.Tickets[0])
		}
		answer, err := desk.take(ctx, turn.User, turn.Event)
		if err != nil {
			return nil, err
		}
		said.WriteString(answer + "\n")
	}
	return desk.faults(d, said.String()), nil
}

func (d *Desk) take(ctx context.Context, text, event string) (string, error) {
	switch event {
	case "":
		return d.Say(ctx, text)
	case "image":
		return d.Show(ctx, channels.Image, nil)
	case "location":
		return d.Show(ctx, channels.Location, &channels.Place{Lat: 36.65, Lng: 117.05, Label: "济南市历下区泉城路180号"})
	case "voice":
		return d.Show(ctx, channels.Voice, nil)
	}
	return d.Say(ctx, strings.TrimPrefix(event, "menu:"))
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

// facts makes two wordings of one fact equal: 2日 and 两天.
func facts(s string) string { return strings.ReplaceAll(plain(s), "天", "日") }

func (d *Desk) faults(want Dialogue, said string) []string {
	var out []string
	e := want.Expect
	if e.NoTicket && len(d.Tickets) > 0 {
		out = append(out, "a ticket was opened")
	}
	if len(e.Tickets) > 0 && len(d.Tickets) != len(e.Tickets) {
		out = append(out, fmt.Sprintf("%d tickets, want %d", len(d.Tickets), len(e.Tickets)))
	}
	if e.Handoff != (d.HandedOff > 0) {
		out = append(out, fmt.Sprintf("a person was called %d times", d.HandedOff))
	}
	for i, w := range e.Tickets {
		if i >= len(d.Tickets) {
			break
		}
		t := d.Tickets[i]
		if w.Type != "callback" && w.Type != string(t.Kind) {
			out = append(out, "type "+string(t.Kind)+", want "+w.Type)
		}
		if w.Type == "callback" && d.Called[t.No].IsZero() {
			out = append(out, "no call is booked")
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
	}
	for _, fact := range e.Say {
		if !strings.Contains(facts(said), facts(fact)) {
			out = append(out, "not said: "+fact)
		}
	}
	for _, fact := range e.NotSay {
		if strings.Contains(facts(said), facts(fact)) {
			out = append(out, "said: "+fact)
		}
	}
	return out
}
