// Package eval scores a bot on evaluation sets: files of messages with what a
// perfect service bot would make of them.
package eval

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"quandesk/bot"
	"quandesk/tickets"
)

// Message is one line of a set of messages.
type Message struct {
	ID          string            `json:"id"`
	Text        string            `json:"text"`
	Style       string            `json:"style"`
	Intent      labels            `json:"intent"`
	Category    labels            `json:"category"`
	Application labels            `json:"application"`
	Slots       bot.Slots         `json:"slots"`
	Urgent      bool              `json:"urgent"`
	Got         bot.Understanding `json:"-"`
}

// labels is one label or a list of acceptable ones.
type labels []string

// UnmarshalJSON reads a string, a list or null.
func (l *labels) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*l = nil
		if one != "" {
			*l = labels{one}
		}
		return nil
	}
	return json.Unmarshal(raw, (*[]string)(l))
}

// Rate counts how many of how many were right.
type Rate struct{ Right, All int }

// Value is the rate itself; an empty one counts as perfect.
func (r Rate) Value() float64 {
	if r.All == 0 {
		return 1
	}
	return float64(r.Right) / float64(r.All)
}

func (r *Rate) count(ok bool) {
	r.All++
	if ok {
		r.Right++
	}
}

func (r Rate) String() string { return fmt.Sprintf("%.3f (%d/%d)", r.Value(), r.Right, r.All) }

// Report is how well an Understander did.
type Report struct {
	Intent, Category, Application    Rate
	UrgentRecall, UrgentPrecision    Rate
	Phone, Community, Road, District Rate
	Ticket, Time, Name               Rate
	AddressF1                        float64 // mean over the messages where either names one
	AddressFound                     Rate    // of those that name one, any overlap
	ComplaintAsInquiry               int     // complaints that would have become inquiries
	ByStyle                          map[string]*Rate
	ByIntent                         map[string]*Rate
	Confused                         map[string]int // "right > given"
}

// Messages scores the understanding of every message of a set.
func Messages(ctx context.Context, u bot.Understander, r io.Reader) (Report, error) {
	out := Report{ByStyle: map[string]*Rate{}, ByIntent: map[string]*Rate{}, Confused: map[string]int{}}
	sum, n := 0.0, 0
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var m Message
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			return Report{}, fmt.Errorf("read evaluation set: %w", err)
		}
		got, err := u.Understand(ctx, m.Text, nil)
		if err != nil {
			return Report{}, fmt.Errorf("understand %s: %w", m.ID, err)
		}
		m.Got = got
		out.labels(m)
		out.slots(m)
		if m.Slots.Address+m.Got.Slots.Address != "" {
			n++
			sum += overlap(m.Slots.Address, m.Got.Slots.Address)
			if m.Slots.Address != "" {
				out.AddressFound.count(overlap(m.Slots.Address, m.Got.Slots.Address) > 0)
			}
		}
	}
	if n > 0 {
		out.AddressF1 = sum / float64(n)
	}
	return out, lines.Err()
}

func (r *Report) labels(m Message) {
	given := "none"
	if len(m.Got.Intents) > 0 {
		given = string(m.Got.Intents[0])
	}
	ok := slices.Contains(m.Intent, given)
	r.Intent.count(ok)
	rate(r.ByStyle, m.Style).count(ok)
	if len(m.Intent) > 0 {
		rate(r.ByIntent, m.Intent[0]).count(ok)
		if !ok {
			r.Confused[m.Intent[0]+" > "+given]++
		}
		if m.Intent[0] == string(bot.Complain) && m.Got.Kind == tickets.Inquiry {
			r.ComplaintAsInquiry++
		}
	}
	if len(m.Category) > 0 {
		ok := slices.Contains(m.Category, string(m.Got.Category))
		r.Category.count(ok)
		if !ok {
			r.Confused[m.Category[0]+" > "+string(m.Got.Category)]++
		}
	}
	if len(m.Application) > 0 {
		ok := slices.Contains(m.Application, m.Got.Application)
		r.Application.count(ok)
		if !ok {
			r.Confused[m.Application[0]+" > "+m.Got.Application]++
		}
	}
	if m.Urgent {
		r.UrgentRecall.count(m.Got.Urgent)
	}
	if m.Got.Urgent {
		r.UrgentPrecision.count(m.Urgent)
	}
}

func rate(m map[string]*Rate, key string) *Rate {
	if m[key] == nil {
		m[key] = &Rate{}
	}
	return m[key]
}

func (r *Report) slots(m Message) {
	exact := func(rate *Rate, want, got string) {
		if want+got != "" {
			rate.count(plain(want) == plain(got))
		}
	}
	want, got := m.Slots, m.Got.Slots
	exact(&r.Phone, want.Phone, got.Phone)
	exact(&r.Community, want.Community, got.Community)
	exact(&r.Road, want.Road, got.Road)
	exact(&r.District, want.District, got.District)
	exact(&r.Ticket, want.Ticket, got.Ticket)
	exact(&r.Time, want.Time, got.Time)
	exact(&r.Name, want.Name, got.Name)
}

var spoken = strings.NewReplacer("零", "0", "〇", "0", "一", "1", "幺", "1", "二", "2", "两", "2", "三", "3",
	"四", "4", "五", "5", "六", "6", "七", "7", "八", "8", "九", "9",
	" ", "", "-", "", "－", "", "—", "", "，", "", ",", "", "。", "", ".", "", "、", "", "·", "")

// plain takes spaces, punctuation and the way numerals are written out of a slot.
func plain(s string) string { return spoken.Replace(s) }

// overlap is the F1 of the characters two addresses share.
func overlap(want, got string) float64 {
	left := map[rune]int{}
	w, g := []rune(plain(want)), []rune(plain(got))
	for _, r := range w {
		left[r]++
	}
	both := 0
	for _, r := range g {
		if left[r] > 0 {
			left[r]--
			both++
		}
	}
	if both == 0 {
		return 0
	}
	p, q := float64(both)/float64(len(g)), float64(both)/float64(len(w))
	return 2 * p * q / (p + q)
}
