package tickets

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/goccy/go-yaml"

	"quandesk/tickets/calendar"
)

//go:embed rules.yaml
var shippedRules []byte

// Rules is the one table of the duties the desk enforces. Adding a duty that
// starts and stops with events is a matter of data.
type Rules struct {
	rules    []Rule
	byID     map[string]Rule
	outlets  []string
	calendar *calendar.Calendar
}

// Rule is one duty of the standard: what starts its clock, what stops it, how
// long it runs and who is told on the way.
type Rule struct {
	ID         string      `yaml:"id"`
	Clause     string      `yaml:"clause"`
	Origin     string      `yaml:"origin"` // which rules it comes from; empty: the service standard
	Title      string      `yaml:"title"`
	Kinds      []Kind      `yaml:"kinds"`      // empty: every kind
	Always     []Source    `yaml:"always"`     // tickets of these sources, whatever their kind
	Sources    []Source    `yaml:"sources"`    // empty: every source
	Categories []Category  `yaml:"categories"` // empty: every category
	Start      []EventKind `yaml:"start"`
	Again      bool        `yaml:"again"` // starts a new round each time; otherwise once per ticket
	Lead       Length      `yaml:"lead"`  // starts this long before the time that was promised
	Stop       []EventKind `yaml:"stop"`
	End        []EventKind `yaml:"end"`      // ends it without evidence: it is no longer owed
	Outlives   []EventKind `yaml:"outlives"` // ends of the ticket that do not end it
	Yields     string      `yaml:"yields"`   // does not start while that rule runs
	Order      bool        `yaml:"order"`    // of an order of 12345: from when it came
	Due        string      `yaml:"due"`      // order: due when the order says, and after the length when it does not
	Length     Length      `yaml:"length"`
	Most       Length      `yaml:"most"`       // the longest extension
	LegalDays  int         `yaml:"legal_days"` // civil-law days for LegalDueAt
	Steps      []Step      `yaml:"steps"`
	Warns      []string    `yaml:"warns"`   // rules that take their steps from this one
	Moves      []Move      `yaml:"moves"`   // duties without a clock name the moves that enforce them
	Hides      []string    `yaml:"hides"`   // or the fields of a ticket that they hide
	Outages    []string    `yaml:"outages"` // of these notices of outages, and of no ticket: planned, large, emergency
	Anchor     string      `yaml:"anchor"`  // of a notice: start, end or decided, the time it is counted from

	lent bool // the steps are those of the rule that warns for it
}

// Step is one warning, the breach, or a further call for help after it.
type Step struct {
	At   Length    `yaml:"at"`   // after the start; of a breach: empty means the length
	Left Length    `yaml:"left"` // instead of at: this long before the due time, in working days
	Kind EventKind `yaml:"kind"`
	Tell []string  `yaml:"tell"` // handler, team, desk, lead, supervisor, manager, department_head, leadership
	// Unless skips the step when the event has already come (「10 min not dispatched」).
	Unless EventKind `yaml:"unless"`
}

// Length is a span of a clock: continuous time, or working days counted from
// the day after the start and ending at 24:00.
type Length struct {
	Time     time.Duration
	Workdays int
}

// UnmarshalYAML reads 20m, 48h or 2wd.
func (l *Length) UnmarshalYAML(b []byte) error {
	var s string
	if err := yaml.Unmarshal(b, &s); err != nil {
		return err
	}
	if n, ok := cutSuffix(s, "wd"); ok {
		days, err := strconv.Atoi(n)
		if err != nil || days < 1 {
			return fmt.Errorf("length %q: want a number of working days such as 2wd", s)
		}
		l.Workdays = days
		return nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return fmt.Errorf("length %q: want a duration such as 20m or 48h", s)
	}
	l.Time = d
	return nil
}

func cutSuffix(s, suffix string) (string, bool) {
	if len(s) > len(suffix) && s[len(s)-len(suffix):] == suffix {
		return s[:len(s)-len(suffix)], true
	}
	return s, false
}

// ErrRules is returned for a rules table that cannot be used.
var ErrRules = errors.New("tickets: bad rules")

// LoadRules reads the table from a file, or the shipped one when path is
// empty. A rule in the file replaces the shipped rule of the same id, a list of
// outlets the shipped list.
func LoadRules(path string, cal *calendar.Calendar) (*Rules, error) {
	r := &Rules{byID: map[string]Rule{}, calendar: cal}
	if err := r.add(shippedRules); err != nil {
		return nil, fmt.Errorf("shipped rules: %w", err)
	}
	if path == "" {
		return r, nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("rules file: %w", err)
	}
	if err := r.add(b); err != nil {
		return nil, fmt.Errorf("rules file %s: %w", path, err)
	}
	return r, nil
}

func (r *Rules) add(b []byte) error {
	var table struct {
		Rules   []Rule   `yaml:"rules"`
		Outlets []string `yaml:"outlets"`
	}
	if err := yaml.UnmarshalWithOptions(b, &table, yaml.Strict()); err != nil {
		return fmt.Errorf("%w: %w", ErrRules, err)
	}
	if err := r.setOutlets(table.Outlets); err != nil {
		return err
	}
	for _, rule := range table.Rules {
		i := slices.IndexFunc(r.rules, func(x Rule) bool { return x.ID == rule.ID })
		if i < 0 {
			r.rules = append(r.rules, rule)
		} else {
			r.rules[i] = rule
		}
	}
	r.lendSteps()
	for _, rule := range r.rules {
		if err := rule.check(); err != nil {
			return fmt.Errorf("%w: %s: %w", ErrRules, rule.ID, err)
		}
		r.byID[rule.ID] = rule
	}
	return nil
}

// lendSteps gives the rules that another one warns for its steps, unless they
// have their own: the breach comes at the length of each.
func (r *Rules) lendSteps() {
	for _, from := range r.rules {
		for i := range r.rules {
			to := &r.rules[i]
			if !slices.Contains(from.Warns, to.ID) || len(to.Steps) > 0 && !to.lent {
				continue
			}
			to.Steps, to.lent = slices.Clone(from.Steps), true
			for j := range to.Steps {
				if s := &to.Steps[j]; s.Kind == EventBreached {
					s.At = to.Length
				}
			}
		}
	}
}

// dueOrder says that a clock runs to the time that the order of 12345 names.
const dueOrder = "order"

// audiences are the people a step can tell.
var audiences = []string{"handler", "team", "desk", "lead", "supervisor", "manager", "department_head", "leadership"}

func (r Rule) check() error {
	switch {
	case r.ID == "" || r.Clause == "" || r.Title == "":
		return errors.New("id, clause and title are required")
	case len(r.Start) == 0 && len(r.Moves) == 0 && len(r.Hides) == 0 && len(r.Warns) == 0:
		return errors.New("either start events or moves are required")
	case len(r.Start) > 0 && r.Length == (Length{}):
		return errors.New("length is required")
	case len(r.Start) > 0 && len(r.Stop) == 0:
		return errors.New("stop events are required")
	}
	for _, k := range r.Kinds {
		if !k.Valid() {
			return fmt.Errorf("unknown kind %q", k)
		}
	}
	for _, c := range r.Categories {
		if !c.Valid() {
			return fmt.Errorf("unknown category %q", c)
		}
	}
	for _, s := range slices.Concat(r.Sources, r.Always) {
		if !s.Valid() {
			return fmt.Errorf("unknown source %q", s)
		}
	}
	if len(r.Outages) > 0 {
		return r.checkOutages()
	}
	for _, e := range slices.Concat(r.Start, r.Stop, r.End, r.Outlives) {
		if !slices.Contains(EventKinds, e) {
			return fmt.Errorf("unknown event %q", e)
		}
	}
	for _, m := range r.Moves {
		if _, ok := from[m]; !ok {
			return fmt.Errorf("unknown move %q", m)
		}
	}
	if len(r.Warns) > 0 {
		return nil // its steps are checked with those who take them
	}
	if r.Due != "" && (r.Due != dueOrder || !r.Order) {
		return fmt.Errorf("due is %q: only order, and for the clock of an order", r.Due)
	}
	return r.checkSteps()
}

// checkSteps wants the steps in order and one breach, at the length: without
// it a missed deadline would leave no record.
func (r Rule) checkSteps() error {
	breaches := 0
	for i, s := range r.Steps {
		switch {
		case !slices.Contains([]EventKind{EventWarned, EventBreached, EventPressed}, s.Kind):
			return fmt.Errorf("step %d: unknown kind %q", i+1, s.Kind)
		case s.Left.Time != 0 || s.Left.Workdays > 0 && s.Kind != EventWarned:
			return fmt.Errorf("step %d: left is a number of working days before a warning", i+1)
		case s.At == (Length{}) && s.Left == (Length{}):
			return fmt.Errorf("step %d: at is required", i+1)
		case i > 0 && s.Left == (Length{}) && r.Steps[i-1].Left == (Length{}) && !r.Steps[i-1].At.before(s.At):
			return fmt.Errorf("step %d: comes before the step above it", i+1)
		case s.Unless != "" && s.Unless != EventAccepted && s.Unless != EventDispatched:
			return fmt.Errorf("step %d: unless can be accepted or dispatched, not %q", i+1, s.Unless)
		case s.Kind == EventBreached && s.At != r.Length:
			return fmt.Errorf("step %d: the breach has to come at the length", i+1)
		case s.Kind == EventBreached:
			breaches++
		}
		for _, a := range s.Tell {
			if !slices.Contains(audiences, a) {
				return fmt.Errorf("step %d: unknown audience %q", i+1, a)
			}
		}
	}
	if len(r.Start) > 0 && breaches != 1 {
		return errors.New("one step of the kind breached is required")
	}
	return nil
}

// before reports whether a step at l may stand above one at m. Continuous time
// and working days are not compared: which is longer depends on the calendar.
func (l Length) before(m Length) bool {
	if l.Workdays > 0 && m.Workdays > 0 {
		return l.Workdays < m.Workdays
	}
	return l.Workdays > 0 || m.Workdays > 0 || l.Time < m.Time
}

// Calendar is the calendar of working days the rules go by.
func (r *Rules) Calendar() *calendar.Calendar { return r.calendar }

// All lists the rules in order.
func (r *Rules) All() []Rule { return slices.Clone(r.rules) }

// Rule returns the rule with this id.
func (r *Rules) Rule(id string) (Rule, bool) { rule, ok := r.byID[id]; return rule, ok }
