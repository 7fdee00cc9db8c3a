package bot_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"quandesk/bot"
	"quandesk/bot/eval"
	"quandesk/tickets"
)

type dialogue struct {
	Name    string
	Steps   []step
	Tickets *[]expected
	Handed  int
}

type step struct {
	Do, Say   string
	Act       *string
	Has, Not  []string
	Clause    string
	Urgent    bool
	NotFigure bool `yaml:"notfigure"`
}

type expected struct {
	Kind, Category, Application, Phone, Address string
	Urgent, Anonymous                           bool
}

func TestDialoguesComeToTheirEnd(t *testing.T) {
	raw, err := os.ReadFile("testdata/dialogues.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var all []dialogue
	if err := yaml.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	b := newBot(t)
	for _, d := range all {
		t.Run(d.Name, func(t *testing.T) { play(t, newDesk(t, b), d) })
	}
}

func play(t *testing.T, desk *eval.Desk, d dialogue) {
	for _, s := range d.Steps {
		happen(t, desk, s.Do)
		answer, err := desk.Say(t.Context(), strings.Split(s.Say, " / ")...)
		if err != nil {
			t.Fatalf("%s: %v", s.Say, err)
		}
		check(t, desk.Last, s, answer)
	}
	if desk.HandedOff != d.Handed {
		t.Errorf("a person was called %d times, want %d", desk.HandedOff, d.Handed)
	}
	if d.Tickets != nil {
		compare(t, desk.Tickets, *d.Tickets)
	}
}

var (
	figures  = regexp.MustCompile(`[0-9]`)
	claim    = regexp.MustCompile(`已(?:为您)?(?:登记|转接|催办|预约|取消|放入|更新|补充)|已约在`)
	tooPlain = regexp.MustCompile(`[A-Za-z]{4,}`)
)

func check(t *testing.T, r bot.Reply, s step, answer string) {
	t.Helper()
	act := ""
	if r.Action != nil {
		act = string(r.Action.Type)
	}
	if s.Act != nil && act != *s.Act {
		t.Errorf("%s\naction %q, want %q\n%s (%v)", s.Say, act, *s.Act, answer, r.Understanding)
	}
	for _, fact := range s.Has {
		if !strings.Contains(answer, fact) {
			t.Errorf("%s\n%q is missing in: %s", s.Say, fact, answer)
		}
	}
	for _, fact := range s.Not {
		if strings.Contains(answer, fact) {
			t.Errorf("%s\n%q is not wanted in: %s", s.Say, fact, answer)
		}
	}
	if s.Clause != "" && (len(r.Citations) == 0 || r.Citations[0].Clause != s.Clause) {
		t.Errorf("%s\ncited %v, want clause %s: %s", s.Say, r.Citations, s.Clause, answer)
	}
	if s.Urgent && (r.Action == nil || !r.Action.Urgent) {
		t.Errorf("%s\nnobody is told at once", s.Say)
	}
	if s.NotFigure && figures.MatchString(answer) {
		t.Errorf("%s\nstates a figure: %s", s.Say, answer)
	}
	if n := len([]rune(answer)); n == 0 || n > 400 {
		t.Errorf("%s\nanswered in %d characters: %s", s.Say, n, answer)
	}
	if claim.MatchString(r.Text) && !strings.Contains(r.Text, "登记过") && !strings.Contains(r.Text, "已登记，") {
		t.Errorf("%s\nclaims before the row exists: %s", s.Say, r.Text)
	}
	if tooPlain.MatchString(strings.ReplaceAll(answer, "TS-", "")) {
		t.Errorf("%s\nspeaks English: %s", s.Say, answer)
	}
}

// happen lets the desk do what a dialogue says between two turns.
func happen(t *testing.T, desk *eval.Desk, do string) {
	t.Helper()
	wait, waits := strings.CutPrefix(do, "wait ")
	switch {
	case do == "fail":
		desk.Fail = true
	case waits:
		d, err := time.ParseDuration(wait)
		if err != nil {
			t.Fatal(err)
		}
		desk.Now = desk.Now.Add(d)
	case do == "process" || do == "settle":
		work(t, desk, desk.Tickets[0], do == "settle")
	}
}

func work(t *testing.T, desk *eval.Desk, tk *tickets.Ticket, settle bool) {
	t.Helper()
	by := tickets.Actor{Kind: tickets.ByStaff, ID: 7, Name: "小李"}
	moves := []func() ([]tickets.Event, error){
		func() ([]tickets.Event, error) { return tk.Accept(by, tickets.Classification{}, desk.Now) },
		func() ([]tickets.Event, error) {
			return tk.Contact(by, tickets.Contact{Via: "phone", Result: tickets.Reached}, desk.Now)
		},
		func() ([]tickets.Event, error) { return tk.Dispatch(by, "水质管理中心", "", desk.Now) },
		func() ([]tickets.Event, error) { return tk.Sign(by, desk.Now) },
		func() ([]tickets.Event, error) { return tk.Start(by, desk.Now) },
	}
	if tk.State == tickets.Processing {
		moves = nil
	}
	if settle {
		moves = append(moves, func() ([]tickets.Event, error) {
			return tk.Settle(by, tickets.Settlement{Outcome: tickets.Solved, Measures: "冲洗管道", Reply: "已冲洗管道，水质检测合格", Channel: "phone"}, desk.Now)
		})
	}
	for _, move := range moves {
		if err := desk.Move(move, tk); err != nil {
			t.Fatal(err)
		}
	}
}

func compare(t *testing.T, got []*tickets.Ticket, want []expected) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d tickets, want %d", len(got), len(want))
	}
	for i, w := range want {
		g := got[i]
		for _, pair := range [][3]string{
			{"kind", w.Kind, string(g.Kind)}, {"category", w.Category, string(g.Category)},
			{"application", w.Application, g.Application}, {"phone", w.Phone, g.ContactPhone},
			{"address", w.Address, g.Address.Text},
		} {
			if pair[1] != "" && pair[1] != pair[2] {
				t.Errorf("%s of %s is %q, want %q", pair[0], g.No, pair[2], pair[1])
			}
		}
		if g.Description == "" || g.ReceivedAt.IsZero() {
			t.Errorf("%s has no words or no time", g.No)
		}
		if w.Urgent && !g.Urgent || w.Anonymous && !g.Anonymous {
			t.Errorf("%s: urgent %v anonymous %v", g.No, g.Urgent, g.Anonymous)
		}
	}
}
