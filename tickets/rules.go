package tickets

import (
	_ "embed"
	"encoding/json"
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

// ended are the events after which no clock of the ticket runs on.
var ended = []EventKind{EventClosed, EventTerminated, EventVoided, EventReturned, EventAnswered}

// Run starts and stops the clocks of a ticket after events happened to it.
// Errors: calendar.ErrNoYear when working days of a year are not known, and an
// *InputError for an extension that is longer than the rules allow.
func (r *Rules) Run(t *Ticket, events []Event) error {
	for _, e := range events {
		if err := r.checkExtension(t, e); err != nil {
			return err
		}
		r.stop(t, e)
		if e.Kind == EventExtended {
			r.extend(t)
		}
		if slices.Contains(ended, e.Kind) {
			r.end(t, e)
			continue
		}
		r.recast(t, e)
		for _, rule := range r.rules {
			if err := r.start(t, rule, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// stop meets the clocks that the event is the evidence for, and ends those it
// makes pointless.
func (r *Rules) stop(t *Ticket, e Event) {
	for _, rule := range r.rules {
		d := t.Running(rule.ID)
		switch {
		case d == nil:
		case slices.Contains(rule.Stop, e.Kind) && e.counts(rule):
			d.meet(e.At)
		case slices.Contains(rule.End, e.Kind):
			d.EndedAt = e.At
			d.settle()
		}
	}
}

// counts reports whether an event stops the clock of the rule: of what the
// platform was told only the reply does.
func (e Event) counts(rule Rule) bool {
	if e.Kind != EventReported {
		return true
	}
	var said struct {
		Act Act `json:"act"`
	}
	return json.Unmarshal(e.Data, &said) == nil && said.Act == ActReply
}

// end stops every clock of a ticket that came to an end, but for what is
// owed beyond it: the platform waits for its reply.
func (r *Rules) end(t *Ticket, e Event) {
	for i := range t.Deadlines {
		d := &t.Deadlines[i]
		if d.Running() && !slices.Contains(r.byID[d.Rule].Outlives, e.Kind) {
			d.EndedAt = e.At
			d.settle()
		}
	}
}

// checkExtension refuses an extension of an order that goes further beyond the
// first due time than the rules allow (D03); several count together.
func (r *Rules) checkExtension(t *Ticket, e Event) error {
	if e.Kind != EventExtensionAsked {
		return nil
	}
	for _, rule := range r.rules {
		if rule.Most == (Length{}) || !rule.concerns(t) {
			continue
		}
		for _, d := range t.Deadlines {
			if !slices.Contains(handling, d.Rule) || !d.Running() || !r.byID[d.Rule].Order {
				continue
			}
			latest, err := r.after(d.DueAt.Add(-time.Nanosecond), rule.Most) // 24:00 belongs to the day it ends
			if err != nil {
				latest = d.DueAt.AddDate(0, 0, rule.Most.Workdays) // never later than the true one
			}
			if t.Extension.Until.After(latest) {
				return &InputError{"until", TooLate}
			}
		}
	}
	return nil
}

// extend moves the due times of the handling that were not over when the
// extension was asked for.
func (r *Rules) extend(t *Ticket) {
	x := t.Extension
	for i := range t.Deadlines {
		d := &t.Deadlines[i]
		if !slices.Contains(handling, d.Rule) || !d.Running() || !x.Asked.Before(d.Due()) || !x.Until.After(d.Due()) {
			continue
		}
		r.move(d, x.Until)
	}
}

// recast ends the clock of a promise that was moved and those of duties that no longer concern a ticket which was
// made something else of, and lets those that began with the receipt of a
// ticket that comes back run on as if it had never gone: a wrong return buys
// no time.
func (r *Rules) recast(t *Ticket, e Event) {
	for i := range t.Deadlines {
		d := &t.Deadlines[i]
		rule, known := r.byID[d.Rule]
		switch {
		case !known:
		case e.Kind == EventAppointmentBooked && d.Running() && rule.promises():
			d.EndedAt = e.At // the promise was moved
			d.settle()
		case (e.Kind == EventAccepted || e.Kind == EventCorrected) && d.Running() && !rule.concerns(t):
			d.EndedAt = e.At
			d.settle()
		case e.Kind == EventReopened && !d.EndedAt.IsZero() && d.MetAt.IsZero() &&
			slices.Contains(rule.Start, EventOpened) && rule.concerns(t):
			d.EndedAt = time.Time{}
			d.NextAt = r.stepAt(*d, rule)
		}
	}
}

func (r *Rules) start(t *Ticket, rule Rule, e Event) error {
	if !slices.Contains(rule.Start, e.Kind) || !rule.concerns(t) || t.Running(rule.ID) != nil ||
		rule.Yields != "" && t.Running(rule.Yields) != nil {
		return nil
	}
	round := 1
	for _, d := range t.Deadlines {
		if d.Rule == rule.ID {
			round = d.Round + 1
		}
	}
	if round > 1 && !rule.Again {
		return nil
	}
	start := e.At
	if e.Kind == EventOpened || round == 1 && slices.Contains(rule.Start, EventOpened) {
		start = t.ReceivedAt // a late classification buys no time
	}
	switch {
	case rule.promises():
		start = t.CallAt.Add(-rule.Lead.Time)
	case rule.Order && e.Kind == EventReturnAsked:
		start = t.orderCame()
	}
	evidence := t.evidence(rule)
	if !evidence.IsZero() && evidence.Before(start) {
		return nil // it was there before the clock
	}
	d := Deadline{Rule: rule.ID, Clause: rule.Clause, Round: round, StartAt: start}
	var err error
	if d.DueAt, err = r.due(t, rule, start); err != nil {
		return fmt.Errorf("start %s: %w", rule.ID, err)
	}
	if rule.LegalDays > 0 {
		y, m, day := start.In(Beijing).Date()
		d.LegalDueAt = time.Date(y, m, day+rule.LegalDays+1, 0, 0, 0, 0, Beijing)
	}
	d.NextAt = r.stepAt(d, rule)
	if !evidence.IsZero() {
		d.meet(evidence)
	}
	t.Deadlines = append(t.Deadlines, d)
	return nil
}

// due is when a clock that starts now ends. A year whose holidays are not
// known yet must not turn an order of 12345 away: its days are all counted,
// which is never later than the true due time.
func (r *Rules) due(t *Ticket, rule Rule, start time.Time) (time.Time, error) {
	if rule.Due == dueOrder && t.OrderDue.After(start) {
		return t.OrderDue, nil
	}
	due, err := r.after(start, rule.Length)
	if rule.Order && errors.Is(err, calendar.ErrNoYear) {
		y, m, d := start.In(Beijing).Date()
		return time.Date(y, m, d+rule.Length.Workdays+1, 0, 0, 0, 0, Beijing), nil
	}
	return due, err
}

// orderCame is when the order came, or came back to be done again.
func (t *Ticket) orderCame() time.Time {
	came := t.ReceivedAt
	for _, d := range t.Deadlines {
		if d.Rule == "D05" && d.StartAt.After(came) {
			came = d.StartAt
		}
	}
	return came
}

// evidence is when a contact or an arrival came that stops the clock of a rule,
// before the rule began to apply; zero when none did.
func (t *Ticket) evidence(rule Rule) time.Time {
	switch {
	case slices.Contains(rule.Stop, EventContacted) && !t.ContactedAt.IsZero():
		return t.ContactedAt
	case slices.Contains(rule.Stop, EventArrived):
		return t.ArrivedAt
	}
	return time.Time{}
}

// promises reports whether the clock runs to a call that was promised or is
// to be tried again.
func (r Rule) promises() bool {
	return slices.Contains(r.Start, EventAppointmentBooked) || slices.Contains(r.Start, EventAppointmentTried)
}

func (r Rule) concerns(t *Ticket) bool {
	return len(r.Outages) == 0 && (len(r.Kinds) == 0 || slices.Contains(r.Kinds, t.Kind) || slices.Contains(r.Always, t.Source)) &&
		(len(r.Sources) == 0 || slices.Contains(r.Sources, t.Source)) &&
		(len(r.Categories) == 0 || slices.Contains(r.Categories, t.Category))
}

func (r *Rules) after(start time.Time, l Length) (time.Time, error) {
	if l.Workdays > 0 {
		return r.calendar.Add(start, l.Workdays)
	}
	return start.Add(l.Time), nil
}

func (d *Deadline) meet(at time.Time) {
	d.MetAt = at
	d.settle()
}

// settle leaves nothing to fire on a stopped clock but a breach that came
// before the stop and has not been recorded: late evidence does not undo it.
func (d *Deadline) settle() {
	if !d.Late() || !d.BreachedAt.IsZero() {
		d.NextAt = time.Time{}
	}
}

// move gives a clock a later end. Warnings that count from the start and have
// not come yet are replaced by the breach; those that count back from the end
// come again. A breach that came while the request waited stays on record and
// is not repeated.
func (r *Rules) move(d *Deadline, until time.Time) {
	d.ExtendedTo = until
	if !d.BreachedAt.IsZero() {
		return
	}
	rule := r.byID[d.Rule]
	for i, s := range rule.Steps {
		if s.Kind == EventBreached || s.Left.Workdays > 0 {
			d.Step = i
			d.NextAt = r.stepAt(*d, rule)
			return
		}
	}
}

// Fire takes a deadline past every step that has come by now and returns the
// events and notices of each, once. now is the time of the database clock.
func (r *Rules) Fire(o Overdue, now time.Time) Fired {
	rule := r.byID[o.Rule]
	out := Fired{Deadline: o.Deadline}
	d := &out.Deadline
	for !d.NextAt.IsZero() && !d.NextAt.After(now) {
		if d.Step >= len(rule.Steps) {
			d.NextAt = time.Time{}
			break
		}
		s := rule.Steps[d.Step]
		if !s.skip(o) && (d.Running() || s.Kind == EventBreached && d.Late()) {
			r.fireStep(&out, o, rule, s, now)
		}
		d.Step++
		d.NextAt = r.stepAt(*d, rule)
	}
	return out
}

// stepAt is when the step that is next comes; zero when none is left.
func (r *Rules) stepAt(d Deadline, rule Rule) time.Time {
	if d.Step >= len(rule.Steps) {
		return time.Time{}
	}
	s := rule.Steps[d.Step]
	switch {
	case s.Kind == EventBreached:
		return d.Due()
	case s.Left.Workdays > 0:
		return r.calendar.Back(d.Due(), s.Left.Workdays)
	}
	at, err := r.after(d.StartAt, s.At)
	if err != nil {
		return time.Time{} // the year was known when the clock started
	}
	return at.Add(d.Due().Sub(d.DueAt)) // an extension moves what comes after it
}

func (s Step) skip(o Overdue) bool {
	switch s.Unless {
	case EventDispatched:
		return o.State != New && o.State != Accepted
	case EventAccepted:
		return o.State != New
	}
	return false
}

func (r *Rules) fireStep(out *Fired, o Overdue, rule Rule, s Step, now time.Time) {
	d := &out.Deadline
	due := d.NextAt
	switch s.Kind {
	case EventWarned:
		if d.WarnedAt.IsZero() {
			d.WarnedAt = due
		}
	case EventBreached:
		d.BreachedAt = d.Due()
	}
	after := due.Sub(d.StartAt)
	out.Events = append(out.Events, event(s.Kind, Clock, now, map[string]any{
		"rule": rule.ID, "clause": rule.Clause, "round": d.Round,
		"step_at": due, "after": after.String(), "due_at": d.Due(), "told": s.Tell,
	}))
	var told []string // two words of the table can mean the same people
	for _, who := range s.Tell {
		audience := o.audience(who)
		if slices.Contains(told, audience) {
			continue
		}
		told = append(told, audience)
		out.Notices = append(out.Notices, Notice{
			Audience: audience, TicketID: d.TicketID, TicketNo: o.No, Rule: rule.ID,
			Clause: rule.Clause, Kind: s.Kind, After: after, DueAt: d.Due(), At: now,
			Key: d.key(audience),
		})
	}
}

// key names a notice of the step that fires: it is sent once, and once more
// when an extension brings the step back.
func (d Deadline) key(audience string) string {
	key := fmt.Sprintf("%d/%s/%d/%d/%s", d.TicketID, d.Rule, d.Round, d.Step, audience)
	if d.OutageID != 0 {
		key = fmt.Sprintf("outage %d/%s/%d/%d/%s", d.OutageID, d.Rule, d.Round, d.Step, audience)
	}
	if !d.ExtendedTo.IsZero() {
		key += "/" + strconv.FormatInt(d.ExtendedTo.Unix(), 10)
	}
	return key
}

// Nearing reports whether a clock has come to the warning that counts back
// from its end (D04): yellow. After the end it is red.
func (r *Rules) Nearing(rule string, due, now time.Time) bool {
	for _, s := range r.byID[rule].Steps {
		if s.Left.Workdays > 0 {
			return !now.Before(r.calendar.Back(due, s.Left.Workdays))
		}
	}
	return false
}

// audience turns a word of the rules table into the people meant now.
func (o Overdue) audience(who string) string {
	switch who {
	case "handler":
		if o.AssigneeID != 0 {
			return "user:" + strconv.FormatInt(o.AssigneeID, 10)
		}
		return "role:agent"
	case "desk":
		return "role:agent"
	case "team":
		if o.CallTeam != "" {
			return "team:" + o.CallTeam
		}
		return "role:agent"
	case "department_head":
		if o.Department != "" {
			return "department:" + o.Department
		}
		return "role:supervisor"
	case "manager", "leadership":
		return "duty:" + who
	}
	return "role:" + who
}
