package eval

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"quandesk/bot"
)

// Scores are the figures of a run; rates are between 0 and 1.
type Scores struct {
	Messages  MessageScores  `json:"messages"`
	Dialogues DialogueScores `json:"dialogues"`
	Failures  []Failure      `json:"failures"` // the worst, worst first
}

// MessageScores are the figures over messages; nil (null) is one that the set
// does not measure.
type MessageScores struct {
	N               int      `json:"n"`
	Intent          *float64 `json:"intent"`
	Category        *float64 `json:"category"`
	Application     *float64 `json:"application"`
	UrgentRecall    *float64 `json:"urgent_recall"`
	UrgentPrecision *float64 `json:"urgent_precision"`
	Phone           *float64 `json:"phone"`
	Community       *float64 `json:"community"`
	Road            *float64 `json:"road"`
	District        *float64 `json:"district"`
	Time            *float64 `json:"time"`
	Name            *float64 `json:"name"`
	Ticket          *float64 `json:"ticket"`
	AddressF1       *float64 `json:"address_f1"`
	Refusal         *float64 `json:"refusal"`
	OverRefusal     *float64 `json:"over_refusal"`
	ClauseAt1       *float64 `json:"clause_at_1"`
	ClauseAt3       *float64 `json:"clause_at_3"`
	MRR             *float64 `json:"mrr"`
	P95             *float64 `json:"p95_ms"`
}

// DialogueScores are the figures over dialogues.
type DialogueScores struct {
	N      int `json:"n"`
	Passed int `json:"passed"`
}

// Failure is one message or dialogue that went wrong.
type Failure struct {
	ID       string `json:"id"`
	Expected string `json:"expected"`
	Got      string `json:"got"`

	weight int
}

// worst is how many failures are listed.
const worst = 20

func scores(r Report, failed []Failure, outcomes []Outcome) Scores {
	out := Scores{Messages: r.scores(), Dialogues: DialogueScores{N: len(outcomes)}, Failures: []Failure{}}
	for _, o := range outcomes {
		if len(o.Faults) == 0 {
			out.Dialogues.Passed++
			continue
		}
		failed = append(failed, Failure{ID: o.ID, Expected: "to come to its end", Got: strings.Join(o.Faults, "; "), weight: 5})
	}
	slices.SortStableFunc(failed, func(a, b Failure) int { return cmp.Compare(b.weight, a.weight) })
	out.Failures = append(out.Failures, failed[:min(worst, len(failed))]...)
	return out
}

func (r Report) scores() MessageScores {
	out := MessageScores{
		N: r.N, Intent: r.Intent.Value(), Category: r.Category.Value(), Application: r.Application.Value(),
		UrgentRecall: r.UrgentRecall.Value(), UrgentPrecision: r.UrgentPrecision.Value(),
		Phone: r.Phone.Value(), Community: r.Community.Value(), Road: r.Road.Value(), District: r.District.Value(),
		Time: r.Time.Value(), Name: r.Name.Value(), Ticket: r.Ticket.Value(), AddressF1: ratio(r.AddressF1, r.addresses),
		Refusal: r.Refusal.Value(), OverRefusal: r.OverRefusal.Value(),
		ClauseAt1: r.ClauseFirst.Value(), ClauseAt3: r.ClauseTop.Value(), MRR: ratio(r.Ranks, r.OverRefusal.All),
	}
	if took := slices.Sorted(slices.Values(r.Took)); len(took) > 0 {
		out.P95 = new(float64(took[len(took)*95/100]) / float64(time.Millisecond))
	}
	return out
}

// misunderstood lists what a message was taken for wrongly.
func misunderstood(m Message, got bot.Understanding) Failure {
	f := Failure{ID: m.ID}
	given := ""
	if len(got.Intents) > 0 {
		given = string(got.Intents[0])
	}
	f.labels(2, "intent", m.Intent, given)
	f.labels(1, "category", m.Category, string(got.Category))
	f.labels(1, "application", m.Application, got.Application)
	if m.Urgent != got.Urgent {
		f.differ(4, "urgent", strconv.FormatBool(m.Urgent), strconv.FormatBool(got.Urgent))
	}
	if plain(m.Slots.Phone) != plain(got.Slots.Phone) {
		f.differ(2, "phone", m.Slots.Phone, got.Slots.Phone)
	}
	if m.Slots.Address != "" && overlap(m.Slots.Address, got.Slots.Address) < 0.8 {
		f.differ(1, "address", m.Slots.Address, got.Slots.Address)
	}
	return f
}

func (f *Failure) labels(weight int, what string, want labels, got string) {
	if len(want) > 0 && !slices.Contains(want, got) {
		f.differ(weight, what, strings.Join(want, "|"), got)
	}
}

// knows adds what was wrong with the answer to a question.
func (f *Failure) knows(m Message, r bot.Reply, rank int) {
	cited := "nothing"
	if len(r.Citations) > 0 {
		cited = r.Citations[0].Clause
	}
	switch {
	case len(m.Clauses) == 0 && !refuses(r):
		f.differ(3, "answer", "does not know", "cites "+cited)
	case len(m.Clauses) > 0 && len(r.Citations) == 0:
		f.differ(2, "answer", "cites "+strings.Join(m.Clauses, "|"), "cites nothing")
	case len(m.Clauses) > 0 && rank != 1:
		f.differ(2, "clause", strings.Join(m.Clauses, "|"), cited)
	}
}

func (f *Failure) differ(weight int, what, want, got string) {
	if f.weight > 0 {
		f.Expected, f.Got = f.Expected+", ", f.Got+", "
	}
	f.weight += weight
	f.Expected, f.Got = f.Expected+what+" "+want, f.Got+what+" "+got
}

// figures are the rates by their names, nil where nothing was measured; all
// but over_refusal and p95_ms are better when higher.
func (s Scores) figures() map[string]*float64 {
	m := s.Messages
	return map[string]*float64{
		"intent": m.Intent, "category": m.Category, "application": m.Application,
		"urgent_recall": m.UrgentRecall, "urgent_precision": m.UrgentPrecision, "phone": m.Phone,
		"community": m.Community, "road": m.Road, "district": m.District, "time": m.Time, "name": m.Name, "ticket": m.Ticket,
		"address_f1": m.AddressF1, "refusal": m.Refusal, "clause_at_1": m.ClauseAt1,
		"clause_at_3": m.ClauseAt3, "mrr": m.MRR, "over_refusal": m.OverRefusal, "p95_ms": m.P95,
		"dialogues": ratio(float64(s.Dialogues.Passed), s.Dialogues.N),
	}
}

// ceilings are the figures that are better when lower.
var ceilings = []string{"over_refusal", "p95_ms"}

// Floors are the least (or, of over_refusal and p95_ms, the most) that a
// figure may be, by name.
type Floors map[string]float64

// ParseFloors reads 「intent=0.9,clause_at_1=0.8」.
func ParseFloors(text string) (Floors, error) {
	out := Floors{}
	if strings.TrimSpace(text) == "" {
		return out, nil
	}
	known := Scores{}.figures()
	for part := range strings.SplitSeq(text, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		v, err := strconv.ParseFloat(value, 64)
		if _, exists := known[name]; !ok || err != nil || !exists {
			return nil, fmt.Errorf("%q is not a figure and its bound; the figures are %s",
				part, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
		if !(v >= 0 && (v <= 1 || name == "p95_ms" && v <= math.MaxFloat64)) { // NaN is in no range
			return nil, fmt.Errorf("%q can bound nothing: rates are from 0 to 1, p95_ms is a number of milliseconds", part)
		}
		out[name] = v
	}
	return out, nil
}

// Raise is these floors with those that are exceeded put higher; none is put
// lower. What was not measured stays; latency has no floor here, it belongs to
// the machine.
func (f Floors) Raise(s Scores) Floors {
	out := maps.Clone(f)
	if out == nil {
		out = Floors{}
	}
	for name, got := range s.figures() {
		if name == "p95_ms" || got == nil {
			continue
		}
		reached := math.Round(*got*1000) / 1000
		floor, known := out[name]
		lower := slices.Contains(ceilings, name)
		if !known || lower && reached < floor || !lower && reached > floor {
			out[name] = reached
		}
	}
	return out
}

// rounding is what a figure may lack: floors are written with three digits.
const rounding = 0.0005

// Measured are those of the floors that the scores say something about.
func (f Floors) Measured(s Scores) Floors {
	out, figures := maps.Clone(f), s.figures()
	maps.DeleteFunc(out, func(name string, _ float64) bool { return figures[name] == nil })
	return out
}

// Below lists the floors that the scores do not reach, in order of their
// names: a figure that was not measured reaches none.
func (s Scores) Below(floors Floors) []string {
	var out []string
	figures := s.figures()
	for _, name := range slices.Sorted(maps.Keys(floors)) {
		figure, bound := figures[name], floors[name]
		if figure == nil {
			out = append(out, fmt.Sprintf("%s is not measured by these sets, so it cannot be held against %.3f", name, bound))
			continue
		}
		got, want := *figure, bound
		if slices.Contains(ceilings, name) {
			got, want = -got, -want
		}
		if got < want-rounding {
			out = append(out, fmt.Sprintf("%s is %.3f, the bound is %.3f", name, *figure, bound))
		}
	}
	return out
}

// Table prints the scores for people.
func (s Scores) Table(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "messages\t%d\n", s.Messages.N)
	if s.Messages.N > 0 {
		figures := s.figures()
		delete(figures, "dialogues")
		for _, name := range slices.Sorted(maps.Keys(figures)) {
			fmt.Fprintf(t, "  %s\t%s\n", name, shown(figures[name]))
		}
	}
	fmt.Fprintf(t, "dialogues\t%d of %d\n", s.Dialogues.Passed, s.Dialogues.N)
	if err := t.Flush(); err != nil {
		return err
	}
	for _, f := range s.Failures {
		if _, err := fmt.Fprintf(w, "%s\n  expected  %s\n  got       %s\n", f.ID, f.Expected, f.Got); err != nil {
			return err
		}
	}
	return nil
}

// shown is a figure for people; what was not measured is a dash.
func shown(figure *float64) string {
	if figure == nil {
		return "-"
	}
	return fmt.Sprintf("%.3f", *figure)
}
