package tickets

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

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
