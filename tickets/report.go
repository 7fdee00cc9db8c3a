package tickets

import "time"

// FigureKey names one figure of the supervisor's page.
type FigureKey string

// The figures of the orders of 12345.
const (
	ResponseRate FigureKey = "response"   // 响应率: reached within 20 minutes
	SolvedRate   FigureKey = "solved"     // 解决率: solved, of the callbacks that said so or not
	ContentRate  FigureKey = "satisfied"  // 满意率
	OnTimeRate   FigureKey = "on_time"    // 按时办结率
	ReturnCount  FigureKey = "returns"    // 退单次数
	ExtendedMore FigureKey = "extended"   // 多次延期
	NearDue      FigureKey = "near_due"   // 临期
	PastDue      FigureKey = "past_due"   // 超期
	UrgeCount    FigureKey = "urges"      // 催办
	NoOpinions   FigureKey = "no_opinion" // 未表态, left out of the rates
	RedoneCount  FigureKey = "redone"     // 重新办理次数
)

// Figure is a rate, when something is counted among something, or a count.
type Figure struct {
	Key       FigureKey
	Of, Among int
	Rate      bool
}

// Percent is the rate in percent; false when there is nothing to divide by.
func (f Figure) Percent() (float64, bool) {
	if !f.Rate || f.Among == 0 {
		return 0, false
	}
	return 100 * float64(f.Of) / float64(f.Among), true
}

// measure says what one row of the ledger adds to a figure: to what is counted
// and to what it is counted among.
type measure struct {
	key  FigureKey
	rate bool
	of   func(LedgerRow, *Rules, time.Time) (of, among int)
}

// measures are the formulas; no stored page prints official ones.
var measures = []measure{
	{ResponseRate, true, func(r LedgerRow, _ *Rules, _ time.Time) (int, int) { return kept(r.ContactMet) }},
	{SolvedRate, true, func(r LedgerRow, _ *Rules, _ time.Time) (int, int) {
		switch r.latest().Solved {
		case "yes":
			return 1, 1
		case "no":
			return 0, 1
		}
		return 0, 0
	}},
	{ContentRate, true, func(r LedgerRow, _ *Rules, _ time.Time) (int, int) {
		switch r.latest().Outcome {
		case VeryGood, Good, Fair:
			return 1, 1
		case Poor:
			return 0, 1
		}
		return 0, 0
	}},
	{OnTimeRate, true, func(r LedgerRow, _ *Rules, _ time.Time) (int, int) { return kept(r.FinishMet) }},
	{NoOpinions, false, func(r LedgerRow, _ *Rules, _ time.Time) (int, int) {
		return one(len(r.Callbacks) > 0 && r.latest().Outcome == NoOpinion), 0
	}},
	{ReturnCount, false, func(r LedgerRow, _ *Rules, _ time.Time) (int, int) { return r.Returns, 0 }},
	{ExtendedMore, false, func(r LedgerRow, _ *Rules, _ time.Time) (int, int) { return one(r.Extensions > 1), 0 }},
	{NearDue, false, func(r LedgerRow, rules *Rules, now time.Time) (int, int) {
		d := r.Ticket.orderClock()
		return one(d != nil && !now.After(d.Due()) && rules.Nearing(d.Rule, d.Due(), now)), 0
	}},
	{PastDue, false, func(r LedgerRow, _ *Rules, now time.Time) (int, int) {
		late := false
		for _, d := range r.Ticket.Deadlines {
			order := d.Rule == "D02" || d.Rule == "D05"
			late = late || order && (!d.BreachedAt.IsZero() || d.Late() || d.Running() && now.After(d.Due()))
		}
		return one(late), 0
	}},
	{UrgeCount, false, func(r LedgerRow, _ *Rules, _ time.Time) (int, int) { return r.Ticket.Urges, 0 }},
	{RedoneCount, false, func(r LedgerRow, _ *Rules, _ time.Time) (int, int) { return r.Redone, 0 }},
}

// OrderFigures gathers the figures of the orders of 12345 row by row.
type OrderFigures struct {
	Orders  int
	Figures []Figure
	rules   *Rules
	now     time.Time
}

// NewOrderFigures begins to count at a time of the database clock.
func NewOrderFigures(rules *Rules, now time.Time) *OrderFigures {
	f := &OrderFigures{rules: rules, now: now}
	for _, m := range measures {
		f.Figures = append(f.Figures, Figure{Key: m.key, Rate: m.rate})
	}
	return f
}

// Add counts a row and returns the figures it has a part in as something to
// look at: what was missed of a rate, what is counted of a count.
func (f *OrderFigures) Add(r LedgerRow) []FigureKey {
	f.Orders++
	var worth []FigureKey
	for i, m := range measures {
		of, among := m.of(r, f.rules, f.now)
		f.Figures[i].Of += of
		f.Figures[i].Among += among
		if m.rate && among > of || !m.rate && of > 0 {
			worth = append(worth, m.key)
		}
	}
	return worth
}

// orderClock is the clock of the order that runs; nil when none does.
func (t *Ticket) orderClock() *Deadline {
	if d := t.Running("D05"); d != nil {
		return d
	}
	return t.Running("D02")
}

// latest is the callback that counts.
func (r LedgerRow) latest() CallbackResult {
	if len(r.Callbacks) == 0 {
		return CallbackResult{}
	}
	return r.Callbacks[len(r.Callbacks)-1].Result
}

// kept counts a duty that was due.
func kept(v Verdict) (of, among int) {
	switch v {
	case VerdictMet:
		return 1, 1
	case VerdictMissed, VerdictTried:
		return 0, 1
	}
	return 0, 0
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}
