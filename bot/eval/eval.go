// Package eval scores a bot on evaluation sets: files of messages with what a
// perfect service bot would make of them.
package eval

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"quandesk/bot"
	"quandesk/tickets"
	"quandesk/tickets/customer"
)

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

// Value is the rate itself; nil when nothing was measured.
func (r Rate) Value() *float64 { return ratio(float64(r.Right), r.All) }

func ratio(right float64, all int) *float64 {
	if all == 0 {
		return nil
	}
	return new(right / float64(all))
}

func (r *Rate) count(ok bool) {
	r.All++
	if ok {
		r.Right++
	}
}

func (r Rate) String() string { return fmt.Sprintf("%s (%d/%d)", shown(r.Value()), r.Right, r.All) }

// Report is how well a bot did on messages.
type Report struct {
	N                                int
	Intent, Category, Application    Rate
	UrgentRecall, UrgentPrecision    Rate
	Phone, Community, Road, District Rate
	Ticket, Time, Name               Rate
	AddressF1                        float64 // sum over the messages where either names one
	AddressFound                     Rate    // of those that name one, any overlap
	ComplaintAsInquiry               int     // complaints that would have become inquiries
	Refusal                          Rate    // unanswerable questions that were refused, without a figure, with a person offered
	OverRefusal                      Rate    // answerable questions that were not answered
	ClauseFirst, ClauseTop           Rate    // the right clause came first, or among the first three
	Ranks                            float64 // sum of 1/rank of the right clause over the answerable questions
	Took                             []time.Duration

	addresses int
	ByStyle   map[string]*Rate
	ByIntent  map[string]*Rate
	Confused  map[string]int // "right > given"
}

func (r *Report) labels(m Message, got bot.Understanding) {
	given := "none"
	if len(got.Intents) > 0 {
		given = string(got.Intents[0])
	}
	ok := slices.Contains(m.Intent, given)
	r.Intent.count(ok)
	rate(r.ByStyle, m.Style).count(ok)
	if len(m.Intent) > 0 {
		rate(r.ByIntent, m.Intent[0]).count(ok)
		if !ok {
			r.Confused[m.Intent[0]+" > "+given]++
		}
		if m.Intent[0] == string(bot.Complain) && got.Kind == tickets.Inquiry {
			r.ComplaintAsInquiry++
		}
	}
	if len(m.Category) > 0 {
		ok := slices.Contains(m.Category, string(got.Category))
		r.Category.count(ok)
		if !ok {
			r.Confused[m.Category[0]+" > "+string(got.Category)]++
		}
	}
	if len(m.Application) > 0 {
		ok := slices.Contains(m.Application, got.Application)
		r.Application.count(ok)
		if !ok {
			r.Confused[m.Application[0]+" > "+got.Application]++
		}
	}
	if m.Urgent {
		r.UrgentRecall.count(got.Urgent)
	}
	if got.Urgent {
		r.UrgentPrecision.count(m.Urgent)
	}
}

func rate(m map[string]*Rate, key string) *Rate {
	if m[key] == nil {
		m[key] = &Rate{}
	}
	return m[key]
}

func (r *Report) slots(m Message, got bot.Understanding) {
	exact := func(rate *Rate, want, got string) {
		if want+got != "" {
			rate.count(plain(want) == plain(got))
		}
	}
	want, found := m.Slots, got.Slots
	exact(&r.Phone, number(want.Phone), number(found.Phone))
	exact(&r.Community, want.Community, found.Community)
	exact(&r.Road, want.Road, found.Road)
	exact(&r.District, want.District, found.District)
	exact(&r.Ticket, want.Ticket, found.Ticket)
	exact(&r.Time, want.Time, found.Time)
	exact(&r.Name, want.Name, found.Name)
	if want.Address+found.Address == "" {
		return
	}
	r.addresses++
	r.AddressF1 += overlap(want.Address, found.Address)
	if want.Address != "" {
		r.AddressFound.count(overlap(want.Address, found.Address) > 0)
	}
}

var spoken = strings.NewReplacer("零", "0", "〇", "0", "一", "1", "幺", "1", "二", "2", "两", "2", "三", "3",
	"四", "4", "五", "5", "六", "6", "七", "7", "八", "8", "九", "9",
	" ", "", "-", "", "－", "", "—", "", "，", "", ",", "", "。", "", ".", "", "、", "", "·", "")

// plain takes spaces, punctuation and the way numerals are written out of a slot.
func plain(s string) string { return spoken.Replace(s) }

// number is the one that is called: +86 138… and 138… are the same.
func number(s string) string {
	if n, err := customer.ParsePhone(s); err == nil {
		return n
	}
	return s
}

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
