package outage

import "time"

const (
	leadTarget = 48 * time.Hour // clause 6.3
	leadFloor  = 24 * time.Hour // clause 7.3.1
)

// Lead is how early a planned notice is published (R15).
type Lead struct {
	Before    time.Duration // from the moment to the planned start; negative when it has begun
	Short     bool          // less than the 48 hours of clause 6.3
	Violation bool          // less than clause 7.3.1 allows: 24 hours, and 48 when large or long
}

// Lead is how early the notice would be if it were published at a moment. An
// emergency has none: it is told at once (clause 7.3.2).
func (f Form) Lead(at time.Time) Lead {
	if f.Kind != Planned || f.StartAt.IsZero() {
		return Lead{}
	}
	l := Lead{Before: f.StartAt.Sub(at)}
	l.Short = l.Before < leadTarget
	l.Violation = l.Before < leadFloor || l.Short && f.Large()
	return l
}

// Warning is something people are told before they publish.
type Warning string

// The warnings.
const (
	WarnShort    Warning = "short"     // less than 48 hours (6.3)
	WarnLate     Warning = "late"      // less than 24 hours: a violation (7.3.1)
	WarnLarge    Warning = "large"     // large or long and less than 48 hours: a violation (7.3.1)
	WarnSlow     Warning = "slow"      // an emergency decided more than 30 minutes ago (7.3.2, R18)
	WarnLong     Warning = "long"      // more than 24 hours: water has to be brought (7.3.1)
	WarnUnread   Warning = "unread"    // a boundary in words alone: nobody can be told whether it is theirs
	WarnDistrict Warning = "districts" // a place lies in a district that is not named
)

// emergencyWithin is how soon an emergency is told of: 及时, by the project 30 minutes (R18).
const emergencyWithin = 30 * time.Minute

// Warnings is what is worth knowing before the notice is published at a moment.
func (f Form) Warnings(at time.Time) []Warning {
	f.Area = f.Area.tidy()
	var out []Warning
	lead := f.Lead(at)
	for _, w := range []struct {
		holds bool
		what  Warning
	}{
		{lead.Violation && lead.Before < leadFloor, WarnLate},
		{lead.Violation && lead.Before >= leadFloor, WarnLarge},
		{lead.Short && !lead.Violation, WarnShort},
		{f.Kind == Emergency && at.Sub(f.DecidedAt) > emergencyWithin, WarnSlow},
		{f.EndAt.Sub(f.StartAt) > 24*time.Hour && !f.StartAt.IsZero(), WarnLong},
		{f.Area.stated() && !f.Area.Listed(), WarnUnread},
		{f.Area.astray(), WarnDistrict},
	} {
		if w.holds {
			out = append(out, w.what)
		}
	}
	return out
}
