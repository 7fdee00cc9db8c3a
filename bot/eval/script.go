package eval

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"quandesk/bot"
	"quandesk/tickets"
)

// Script is a dialogue with what must hold after each of its turns and at its
// end.
type Script struct {
	Name    string
	Steps   []Step
	Tickets *[]Opened // all that are there at the end; nil: whatever
	Handed  int       // how often a person was called
}

// Step is one turn of a script.
type Step struct {
	Do        string   // happens at the desk before: fail, process, settle, wait 26h
	Say       string   // a burst is parted by " / "
	Act       *string  // what the bot asked the desk for, "" is nothing
	Has, Not  []string // facts of the answer
	Clause    string   // cited first
	Urgent    bool     // somebody is told at once
	NotFigure bool     `yaml:"notfigure"`
}

// Opened is a ticket at the end of a script; what is empty is not compared.
type Opened struct {
	Kind, Category, Application, Phone, Address string
	Urgent, Anonymous                           bool
}

// longestAnswer is how many characters a resident is sent at most.
const longestAnswer = 400

var (
	claim   = regexp.MustCompile(`已(?:为您)?(?:登记|转接|催办|预约|取消|放入|更新|补充)|已约在`)
	foreign = regexp.MustCompile(`[A-Za-z]{4,}`)
)

// Scripts plays every script on a fresh desk.
func (j Judge) Scripts(ctx context.Context, list []Script) ([]Outcome, error) {
	out := make([]Outcome, 0, len(list))
	for _, s := range list {
		desk := NewDesk(j.Answerer, j.Rules, j.Now)
		faults, err := desk.perform(ctx, s)
		if err != nil {
			return nil, fmt.Errorf("play %s: %w", s.Name, err)
		}
		out = append(out, Outcome{s.Name, faults})
	}
	return out, nil
}

func (d *Desk) perform(ctx context.Context, s Script) ([]string, error) {
	var faults []string
	for _, step := range s.Steps {
		if err := d.happen(step.Do); err != nil {
			return nil, err
		}
		answer, err := d.Say(ctx, strings.Split(step.Say, " / ")...)
		if err != nil {
			return nil, err
		}
		for _, f := range step.faults(d.Last, answer) {
			faults = append(faults, step.Say+": "+f)
		}
	}
	if d.HandedOff != s.Handed {
		faults = append(faults, fmt.Sprintf("a person was called %d times, want %d", d.HandedOff, s.Handed))
	}
	if s.Tickets != nil {
		faults = append(faults, compare(d.Tickets, *s.Tickets)...)
	}
	return faults, nil
}

// happen lets the desk do what a script says between two turns.
func (d *Desk) happen(do string) error {
	wait, waits := strings.CutPrefix(do, "wait ")
	switch {
	case do == "":
	case do == "fail":
		d.Fail = true
	case waits:
		t, err := time.ParseDuration(wait)
		if err != nil {
			return err
		}
		d.Now = d.Now.Add(t)
	case (do == "process" || do == "settle") && len(d.Tickets) > 0:
		return d.work(d.Tickets[0], do == "settle")
	default:
		return fmt.Errorf("%q cannot happen here", do)
	}
	return nil
}

// work takes a ticket as far as its processing, or its result.
func (d *Desk) work(t *tickets.Ticket, settle bool) error {
	by := tickets.Actor{Kind: tickets.ByStaff, ID: 7, Name: "小李"}
	moves := []func() ([]tickets.Event, error){
		func() ([]tickets.Event, error) { return t.Accept(by, tickets.Classification{}, d.Now) },
		func() ([]tickets.Event, error) {
			return t.Contact(by, tickets.Contact{Via: "phone", Result: tickets.Reached}, d.Now)
		},
		func() ([]tickets.Event, error) { return t.Dispatch(by, "水质管理中心", "", d.Now) },
		func() ([]tickets.Event, error) { return t.Sign(by, d.Now) },
		func() ([]tickets.Event, error) { return t.Start(by, d.Now) },
	}
	if t.State == tickets.Processing {
		moves = nil
	}
	if settle {
		moves = append(moves, func() ([]tickets.Event, error) {
			return t.Settle(by, tickets.Settlement{Outcome: tickets.Solved, Measures: "冲洗管道", Reply: "已冲洗管道，水质检测合格", Channel: "phone"}, d.Now)
		})
	}
	for _, move := range moves {
		if err := d.Move(move, t); err != nil {
			return err
		}
	}
	return nil
}

// faults is what is wrong with one answer.
func (s Step) faults(r bot.Reply, answer string) []string {
	var out []string
	wrong := func(bad bool, format string, args ...any) {
		if bad {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	act := ""
	if r.Action != nil {
		act = string(r.Action.Type)
	}
	if s.Act != nil {
		wrong(act != *s.Act, "action %q, want %q: %s", act, *s.Act, answer)
	}
	for _, fact := range s.Has {
		wrong(!strings.Contains(answer, fact), "%q is missing in: %s", fact, answer)
	}
	for _, fact := range s.Not {
		wrong(strings.Contains(answer, fact), "%q is not wanted in: %s", fact, answer)
	}
	cited := ""
	if len(r.Citations) > 0 {
		cited = r.Citations[0].Clause
	}
	wrong(s.Clause != "" && cited != s.Clause, "cited %q, want clause %s: %s", cited, s.Clause, answer)
	wrong(s.Urgent && (r.Action == nil || !r.Action.Urgent), "nobody is told at once")
	wrong(s.NotFigure && figured(answer), "states a figure: %s", answer)
	n := utf8.RuneCountInString(answer)
	wrong(n == 0 || n > longestAnswer, "answered in %d characters: %s", n, answer)
	wrong(claim.MatchString(r.Text) && !strings.Contains(r.Text, "登记过") && !strings.Contains(r.Text, "已登记，"),
		"claims before the row exists: %s", r.Text)
	wrong(foreign.MatchString(strings.ReplaceAll(answer, "TS-", "")), "speaks English: %s", answer)
	return out
}

// compare is what is wrong with the tickets at the end.
func compare(got []*tickets.Ticket, want []Opened) []string {
	if len(got) != len(want) {
		return []string{fmt.Sprintf("%d tickets, want %d", len(got), len(want))}
	}
	var out []string
	for i, w := range want {
		g := got[i]
		for _, p := range [][3]string{
			{"kind", w.Kind, string(g.Kind)}, {"category", w.Category, string(g.Category)},
			{"application", w.Application, g.Application}, {"phone", w.Phone, g.ContactPhone},
			{"address", w.Address, g.Address.Text},
		} {
			if p[1] != "" && p[1] != p[2] {
				out = append(out, fmt.Sprintf("%s of %s is %q, want %q", p[0], g.No, p[2], p[1]))
			}
		}
		if g.Description == "" || g.ReceivedAt.IsZero() {
			out = append(out, g.No+" has no words or no time")
		}
		if w.Urgent && !g.Urgent || w.Anonymous && !g.Anonymous {
			out = append(out, fmt.Sprintf("%s: urgent %v anonymous %v", g.No, g.Urgent, g.Anonymous))
		}
	}
	return out
}
