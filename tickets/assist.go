package tickets

import (
	"slices"
	"time"
)

// Assist is one department that helps with a ticket (协办). It signs off for
// its own part; the clocks of the ticket go on meanwhile.
type Assist struct {
	Department string    `json:"department"`
	Opinion    string    `json:"opinion,omitempty"`
	AskedBy    string    `json:"asked_by"`
	AskedAt    time.Time `json:"asked_at"`
	Result     string    `json:"result,omitempty"`
	DoneBy     string    `json:"done_by,omitempty"`
	DoneAt     time.Time `json:"done_at,omitzero"`
}

// Open reports whether the department has not signed off yet.
func (a Assist) Open() bool { return a.DoneAt.IsZero() }

// assistants are the moves of somebody whose department only helps: the rest
// is for the department that is responsible.
var assistants = []Move{MoveAssistDone, MoveNote, MoveSupplement}

// onlyAssists reports whether the person sees the ticket because the
// department was asked to help with it.
func (t *Ticket) onlyAssists(by Actor) bool {
	return by.Department != t.Department && !by.Supervises && t.helps(by.Department)
}

// helps reports whether the department was ever asked to help.
func (t *Ticket) helps(department string) bool {
	return slices.ContainsFunc(t.Assists, func(a Assist) bool { return a.Department == department })
}

// assist is the open request to a department, or nil.
func (t *Ticket) assist(department string) *Assist {
	for i := range t.Assists {
		if a := &t.Assists[i]; a.Department == department && a.Open() {
			return a
		}
	}
	return nil
}

// Assist asks another department to help.
func (t *Ticket) Assist(by Actor, to, opinion string, at time.Time) ([]Event, error) {
	if err := t.guard(MoveAssist, by); err != nil {
		return nil, err
	}
	if err := department(to); err != nil {
		return nil, err
	}
	if to == t.Department || t.assist(to) != nil {
		return nil, &InputError{"department", Invalid} // it has the ticket already
	}
	if err := text("opinion", opinion, 2, 2000); err != nil {
		return nil, err
	}
	t.Assists = append(slices.Clone(t.Assists), Assist{Department: to, Opinion: opinion, AskedBy: by.Name, AskedAt: at})
	return t.emit(EventAssistAsked, by, at, map[string]any{"department": to, "opinion": opinion}), nil
}

// AssistDone is the sign-off of a department that helped. An empty department
// is that of the person; only supervisors sign off for another one.
func (t *Ticket) AssistDone(by Actor, of, result string, at time.Time) ([]Event, error) {
	if err := t.guard(MoveAssistDone, by); err != nil {
		return nil, err
	}
	if of == "" {
		of = by.Department
	}
	if of != by.Department && !by.Supervises {
		return nil, ErrForbidden
	}
	if t.assist(of) == nil {
		return nil, &InputError{"department", Invalid}
	}
	if err := text("result", result, 2, 2000); err != nil {
		return nil, err
	}
	t.Assists = slices.Clone(t.Assists)
	a := t.assist(of)
	a.Result, a.DoneBy, a.DoneAt = result, by.Name, at
	return t.emit(EventAssistDone, by, at, map[string]any{"department": of, "result": result}), nil
}

// mayAssistDone reports whether there is something to sign off for this person.
func (t *Ticket) mayAssistDone(by Actor) bool {
	return slices.ContainsFunc(t.Assists, func(a Assist) bool {
		return a.Open() && (by.Supervises || a.Department == by.Department)
	})
}
