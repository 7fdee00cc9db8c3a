package tickets

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"quandesk/tickets/calendar"
)

// told lists who was told at which time after noon, in order.
func told(s *scene, rule string) []string {
	var out []string
	for _, n := range s.notices {
		if n.Rule == rule {
			out = append(out, fmt.Sprintf("%s %s %s", n.After, n.Kind, n.Audience))
		}
	}
	return out
}

var (
	ladderR01 = []string{
		"10m0s warned role:agent", "15m0s warned role:lead",
		"20m0s breached role:supervisor", "30m0s pressed duty:manager",
	}
	ladderR02 = []string{
		"24h0m0s warned role:agent", "36h0m0s warned role:agent", "36h0m0s warned role:lead",
		"44h0m0s warned role:agent", "44h0m0s warned role:lead", "44h0m0s warned role:supervisor",
		"48h0m0s breached role:supervisor", "48h0m0s breached duty:manager",
	}
)

func TestR01AndR02FireOnceEach(t *testing.T) {
	for _, x := range []struct {
		name string
		tick time.Duration
		end  time.Duration
	}{
		{"minute by minute", time.Minute, 50 * time.Hour},
		{"every three seconds around the first half hour", 3 * time.Second, 31 * time.Minute},
		{"late in one go", 50 * time.Hour, 50 * time.Hour},
		{"the process was down an hour", time.Hour, 50 * time.Hour},
	} {
		t.Run(x.name, func(t *testing.T) {
			s := complaint(t)
			for now := x.tick; now <= x.end; now += x.tick {
				s.sweep(now)
			}
			s.sweep(x.end)
			if got := told(s, "R01"); !slices.Equal(got, ladderR01) {
				t.Errorf("R01 told %q, want %q", got, ladderR01)
			}
			if x.end > 48*time.Hour {
				if got := told(s, "R02"); !slices.Equal(got, ladderR02) {
					t.Errorf("R02 told %q, want %q", got, ladderR02)
				}
			}
			keys := map[string]bool{}
			for _, n := range s.notices {
				if keys[n.Key] {
					t.Errorf("key %s twice", n.Key)
				}
				keys[n.Key] = true
				if n.TicketNo != s.ticket.No || n.Clause != "11.2" {
					t.Errorf("notice = %+v", n)
				}
			}
			if d := s.deadline("R01", 1); !d.BreachedAt.Equal(d.DueAt) || !d.WarnedAt.Equal(noon.Add(10*time.Minute)) || !d.NextAt.IsZero() {
				t.Errorf("R01 = %+v", d)
			}
		})
	}
}

func TestR01NothingFiresAMomentTooEarly(t *testing.T) {
	s := complaint(t)
	for _, x := range []struct {
		at   time.Duration
		want int
	}{
		{10*time.Minute - 1, 0}, {10 * time.Minute, 1}, {15*time.Minute - 1, 0}, {15 * time.Minute, 1},
		{20*time.Minute - 1, 0}, {20 * time.Minute, 1}, {30*time.Minute - 1, 0}, {30 * time.Minute, 1}, {40 * time.Hour, 2},
	} {
		if got := len(s.sweep(x.at)); got != x.want {
			t.Errorf("%d events at %v, want %d", got, x.at, x.want)
		}
	}
}

func TestR01TheHandlerIsTheAgentWhoHoldsTheTicket(t *testing.T) {
	s := complaint(t)
	s.make(time.Minute, MoveAccept, agent)
	s.sweep(10 * time.Minute)
	if got := told(s, "R01"); !slices.Equal(got, []string{"10m0s warned user:1"}) {
		t.Errorf("told %q", got)
	}
}

func TestR01ContactOnTheMinuteIsInTimeAndASecondLaterIsNot(t *testing.T) {
	for _, x := range []struct {
		name   string
		at     time.Duration
		swept  bool // the sweep came before the contact
		breach bool
		want   Verdict
	}{
		{"11.2 contact at 20m00s: in time", 20 * time.Minute, false, false, VerdictMet},
		{"11.2 contact at 20m01s: late", 20*time.Minute + time.Second, false, true, VerdictMissed},
		{"11.2 contact at 25m after the breach was swept: late", 25 * time.Minute, true, true, VerdictMissed},
	} {
		t.Run(x.name, func(t *testing.T) {
			s := complaint(t)
			if x.swept {
				s.sweep(x.at)
			}
			s.make(x.at, MoveContact, agent)
			s.sweep(time.Hour)
			d := s.deadline("R01", 1)
			if !d.MetAt.Equal(noon.Add(x.at)) {
				t.Errorf("met at %v", d.MetAt)
			}
			if d.BreachedAt.IsZero() == x.breach || x.breach && !d.BreachedAt.Equal(noon.Add(20*time.Minute)) {
				t.Errorf("breached at %v, want a breach at its due time: %v", d.BreachedAt, x.breach)
			}
			breaches := 0
			for _, e := range s.history {
				if e.Kind == EventBreached {
					breaches++
				}
			}
			if (breaches == 1) != x.breach || breaches > 1 {
				t.Errorf("%d breach events", breaches)
			}
			if got := NewLedgerRow(s.ticket, s.history, s.now).ContactMet; got != x.want {
				t.Errorf("ledger says %s, want %s", got, x.want)
			}
			if slices.Contains(told(s, "R01"), ladderR01[3]) {
				t.Error("the manager is called although the resident was reached")
			}
		})
	}
}

func TestR01ThreeTriesAreReportedApart(t *testing.T) {
	s := complaint(t)
	for range 3 {
		s.after(6*time.Minute, func(t *Ticket, at time.Time) ([]Event, error) {
			return t.Contact(agent, Contact{Via: "phone", Result: NoAnswer}, at)
		})
	}
	if d := s.deadline("R01", 1); !d.Running() {
		t.Error("tries stopped the clock")
	}
	if got := NewLedgerRow(s.ticket, s.history, s.now).ContactMet; got != VerdictPending {
		t.Errorf("ledger says %s before the due time", got)
	}
	s.sweep(time.Hour)
	if got := NewLedgerRow(s.ticket, s.history, noon.Add(time.Hour)).ContactMet; got != VerdictTried {
		t.Errorf("ledger says %s, want tried", got)
	}
}

func TestALateClassificationBuysNoTime(t *testing.T) {
	s := opened(t, rulesOf(t, ""), Opening{Kind: Inquiry, Category: Other, Source: FromNetwork, Description: "水有味"})
	if len(s.ticket.Deadlines) != 0 {
		t.Fatalf("an inquiry has clocks: %+v", s.ticket.Deadlines)
	}
	s.after(18*time.Minute, func(t *Ticket, at time.Time) ([]Event, error) {
		return t.Accept(agent, Classification{Kind: Complaint, Category: WaterQuality}, at)
	})
	if d := s.deadline("R01", 1); !d.StartAt.Equal(noon) || !d.DueAt.Equal(noon.Add(20*time.Minute)) {
		t.Errorf("R01 = %+v, want it to run from receipt", d)
	}
	s.sweep(18 * time.Minute)
	if got := told(s, "R01"); len(got) != 2 {
		t.Errorf("told %q, want the two steps already past", got)
	}
}

func TestAnEarlierReceiptStartsTheClockEarlier(t *testing.T) {
	s := opened(t, rulesOf(t, ""), Opening{
		Kind: Complaint, Category: Other, Source: From12345, ExternalNo: "260302110000000001",
		Description: "水压低", ReceivedAt: noon.Add(-time.Hour),
	})
	s.sweep(0)
	if d := s.deadline("R01", 1); !d.BreachedAt.Equal(noon.Add(-40 * time.Minute)) {
		t.Errorf("R01 = %+v, want a breach 40 minutes before noon", d)
	}
}

func TestAContactBeforeTheRuleAppliesCounts(t *testing.T) {
	s := opened(t, rulesOf(t, ""), Opening{Kind: Inquiry, Category: Other, Source: FromHotline, Description: "水有味"})
	s.make(time.Minute, MoveContact, agent)
	s.after(30*time.Minute, func(t *Ticket, at time.Time) ([]Event, error) {
		return t.Accept(agent, Classification{Kind: Complaint}, at)
	})
	if d := s.ticket.Running("R01"); d != nil {
		t.Errorf("R01 runs after the contact: %+v", d)
	}
}

func TestWhichKindsCarryWhichClocks(t *testing.T) {
	for kind, want := range map[Kind][]string{
		Complaint: {"R01", "R02"}, Report: {"R01", "R02"}, Request: {"R02"}, Suggestion: {"R02"},
		Inquiry: nil, Application: nil, Repair: nil,
	} {
		s := opened(t, rulesOf(t, ""), Opening{Kind: kind, Category: Billing, Source: FromHotline, Description: "水费"})
		var got []string
		for _, d := range s.ticket.Deadlines {
			got = append(got, d.Rule)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s carries %v, want %v", kind, got, want)
		}
	}
}

func TestR12ALeakWantsACrewInThirtyMinutes(t *testing.T) {
	leak := Opening{Kind: Repair, Category: Leak, Source: FromHotline, Description: "路面冒水"}
	s := opened(t, rulesOf(t, ""), leak)
	s.sweep(time.Hour)
	want := []string{
		"10m0s warned role:agent", "10m0s warned role:lead", "20m0s warned role:lead", "20m0s warned role:supervisor",
		"30m0s breached role:supervisor",
	}
	if got := told(s, "R12"); !slices.Equal(got, want) {
		t.Errorf("never dispatched: told %q, want %q", got, want)
	}

	s = opened(t, rulesOf(t, ""), leak)
	s.make(time.Minute, MoveAccept, agent)
	s.make(time.Minute, MoveDispatch, agent)
	s.sweep(11 * time.Minute)
	if got := told(s, "R12"); len(got) != 0 {
		t.Errorf("dispatched in time: told %q, want nobody", got)
	}
	s.make(23*time.Minute, MoveArrive, handler)
	s.sweep(time.Hour)
	if d := s.deadline("R12", 1); d.MetAt.IsZero() || !d.BreachedAt.IsZero() || len(told(s, "R12")) != 0 {
		t.Errorf("R12 = %+v, told %q", d, told(s, "R12"))
	}
}

func TestR02TheLegalDueIs2400OfTheSecondDay(t *testing.T) {
	for _, x := range []struct{ name, received, want string }{
		{"11.2 received at noon", "2026-03-02 12:00", "2026-03-05 00:00"},
		{"11.2 received a minute before midnight", "2026-03-02 23:59", "2026-03-05 00:00"},
		{"11.2 received at midnight", "2026-03-03 00:00", "2026-03-06 00:00"},
		{"11.2 a holiday does not move it", "2026-02-14 12:00", "2026-02-17 00:00"},
		{"11.2 over the end of February", "2026-02-27 12:00", "2026-03-02 00:00"},
	} {
		t.Run(x.name, func(t *testing.T) {
			received, _ := time.ParseInLocation("2006-01-02 15:04", x.received, Beijing)
			want, _ := time.ParseInLocation("2006-01-02 15:04", x.want, Beijing)
			ticket, events, err := Open(Bot, Opening{Kind: Complaint, Category: Other, Source: FromHotline, Description: "水"}, received.UTC())
			if err != nil {
				t.Fatal(err)
			}
			if err := rulesOf(t, "").Run(ticket, events); err != nil {
				t.Fatal(err)
			}
			d := ticket.Running("R02")
			if !d.LegalDueAt.Equal(want) || !d.DueAt.Equal(received.Add(48*time.Hour)) {
				t.Errorf("legal %v, due %v; want %v and 48 h", d.LegalDueAt, d.DueAt, want)
			}
			if d.LegalDueAt.Before(d.DueAt) {
				t.Error("the strict due time is later than the law's")
			}
		})
	}
}

func TestTheShippedRulesNameTheirClauses(t *testing.T) {
	r := rulesOf(t, "")
	for _, id := range []string{"R01", "R02", "R05", "R06", "R07", "R08", "R12", "D01", "D02", "D03", "D04", "D05", "D06"} {
		rule, ok := r.Rule(id)
		if !ok || rule.Clause == "" || rule.Title == "" {
			t.Errorf("%s = %+v, %v", id, rule, ok)
		}
	}
	if rule, _ := r.Rule("R01"); rule.Length.Time != 20*time.Minute {
		t.Errorf("R01 runs %v", rule.Length)
	}
}

func TestHUB_RULESOverridesAndAdds(t *testing.T) {
	path := file(t, `
rules:
  - id: R01
    clause: "11.2"
    title: 投诉15分钟内联系
    kinds: [complaint]
    start: [opened]
    stop: [contacted]
    length: 15m
    steps:
      - {at: 5m, kind: warned, tell: [desk]}
      - {at: 15m, kind: breached, tell: [leadership]}
  - id: H09
    clause: "H09"
    title: 5个工作日内答复
    kinds: [complaint]
    start: [opened]
    stop: [settled]
    length: 5wd
    steps:
      - {at: 4wd, kind: warned, tell: [handler]}
      - {at: 5wd, kind: breached, tell: [supervisor]}
`)
	shipped, r := rulesOf(t, ""), rulesOf(t, path)
	if len(r.All()) != len(shipped.All())+1 || r.All()[0].ID != "R01" {
		t.Errorf("%d rules, the first is %s", len(r.All()), r.All()[0].ID)
	}
	s := opened(t, r, Opening{Kind: Complaint, Category: Other, Source: FromHotline, Description: "水"})
	s.sweep(time.Hour)
	want := []string{"5m0s warned role:agent", "15m0s breached duty:leadership"}
	if got := told(s, "R01"); !slices.Equal(got, want) {
		t.Errorf("R01 told %q, want %q", got, want)
	}
	d := s.deadline("H09", 1)
	if due := time.Date(2026, 3, 10, 0, 0, 0, 0, Beijing); !d.DueAt.Equal(due) || !d.NextAt.Equal(due.AddDate(0, 0, -3)) {
		t.Errorf("H09 = %+v, want due %v", d, due)
	}
	s.sweep(14 * 24 * time.Hour)
	if got := told(s, "H09"); len(got) != 2 {
		t.Errorf("H09 told %q", got)
	}
	report := opened(t, r, Opening{Kind: Report, Category: Other, Source: FromHotline, Description: "水"})
	if report.ticket.Running("R01") != nil {
		t.Error("the file's R01 concerns a kind it does not name")
	}
}

func TestWorkingDaysOfAnUnknownYearAreRefused(t *testing.T) {
	r := rulesOf(t, file(t, `
rules:
  - {id: H09, clause: H09, title: 5个工作日, start: [opened], stop: [settled], length: 5wd,
     steps: [{at: 5wd, kind: breached, tell: [supervisor]}]}
`))
	ticket := &Ticket{Kind: Complaint, ReceivedAt: time.Date(2026, 12, 30, 9, 0, 0, 0, Beijing)}
	if err := r.Run(ticket, []Event{{Kind: EventOpened, At: ticket.ReceivedAt}}); !errors.Is(err, calendar.ErrNoYear) {
		t.Errorf("Run = %v, want ErrNoYear", err)
	}
}

func TestABadRulesFileSaysWhatIsWrong(t *testing.T) {
	good := map[string]string{
		"id": "X1", "clause": `"9"`, "title": "试", "start": "[opened]", "stop": "[settled]", "length": "2h",
		"steps": "[{at: 1h, kind: warned, tell: [desk]}, {at: 2h, kind: breached, tell: [lead]}]",
	}
	for _, x := range []struct{ name, key, value, want string }{
		{"all in order", "length", "2h", ""},
		{"no id", "id", `""`, "id, clause and title are required"},
		{"no title", "title", `""`, "id, clause and title are required"},
		{"neither start nor moves", "start", "[]", "either start events or moves"},
		{"no stop", "stop", "[]", "stop events are required"},
		{"no length", "length", "", "length is required"},
		{"a length without a unit", "length", "20", "20m or 48h"},
		{"a negative length", "length", "-2h", "20m or 48h"},
		{"no working days", "length", "0wd", "2wd"},
		{"working days in words", "length", "twowd", "2wd"},
		{"an unknown kind", "kinds", "[anger]", `unknown kind "anger"`},
		{"an unknown category", "categories", "[gas]", `unknown category "gas"`},
		{"a misspelt start", "start", "[opend]", `unknown event "opend"`},
		{"a misspelt stop", "stop", "[setled]", `unknown event "setled"`},
		{"an unknown move", "moves", "[dance]", `unknown move "dance"`},
		{"an unknown field", "lenght", "2h", "lenght"},
		{"no steps", "steps", "[]", "breached is required"},
		{"a step of no kind", "steps", "[{at: 2h, kind: opened, tell: [lead]}]", `step 1: unknown kind "opened"`},
		{"a step without a time", "steps", "[{kind: breached, tell: [lead]}]", "step 1: at is required"},
		{"an unknown audience", "steps", "[{at: 2h, kind: breached, tell: [mayor]}]", `step 1: unknown audience "mayor"`},
		{"steps out of order", "steps", "[{at: 2h, kind: breached}, {at: 1h, kind: pressed}]", "step 2: comes before"},
		{"a breach before the length", "steps", "[{at: 1h, kind: breached}]", "step 1: the breach has to come at the length"},
		{"a condition nobody understands", "steps", "[{at: 2h, kind: breached, unless: rained}]", "unless can be accepted or dispatched"},
	} {
		t.Run(x.name, func(t *testing.T) {
			rule := maps.Clone(good)
			rule[x.key] = x.value
			if x.value == "" {
				delete(rule, x.key)
			}
			var b strings.Builder
			b.WriteString("rules:\n  - \n")
			for _, k := range slices.Sorted(maps.Keys(rule)) {
				fmt.Fprintf(&b, "    %s: %s\n", k, rule[k])
			}
			cal, err := calendar.Default()
			if err != nil {
				t.Fatal(err)
			}
			path := file(t, b.String())
			_, err = LoadRules(path, cal)
			if x.want == "" {
				if err != nil {
					t.Errorf("LoadRules = %v", err)
				}
				return
			}
			if !errors.Is(err, ErrRules) || !strings.Contains(err.Error(), x.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("LoadRules = %v, want ErrRules with %q and the file", err, x.want)
			}
		})
	}
	if _, err := LoadRules(filepath.Join(t.TempDir(), "none.yaml"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

func TestAnEmptyRulesFileChangesNothing(t *testing.T) {
	for _, text := range []string{"", "# nothing yet\n", "rules: []\n"} {
		if got, want := len(rulesOf(t, file(t, text)).All()), len(rulesOf(t, "").All()); got != want {
			t.Errorf("%q: %d rules, want %d", text, got, want)
		}
	}
}

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestALateContactBeforeTheRuleAppliesIsLate(t *testing.T) {
	for _, c := range []struct {
		name    string
		contact time.Duration
		want    Verdict
	}{
		{"in time", 19 * time.Minute, VerdictMet},
		{"late", 25 * time.Minute, VerdictMissed},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := opened(t, rulesOf(t, ""), Opening{Kind: Inquiry, Category: Other, Source: FromHotline, Description: "水有味"})
			s.make(c.contact, MoveContact, agent)
			s.after(30*time.Minute, func(t *Ticket, at time.Time) ([]Event, error) {
				return t.Accept(agent, Classification{Kind: Complaint}, at)
			})
			if got := NewLedgerRow(s.ticket, s.history, s.now).ContactMet; got != c.want {
				t.Errorf("ledger says %q, want %q", got, c.want)
			}
			s.sweep(time.Hour)
			if got := !s.deadline("R01", 1).BreachedAt.IsZero(); got != (c.want == VerdictMissed) {
				t.Errorf("breach recorded: %t", got)
			}
		})
	}
}
