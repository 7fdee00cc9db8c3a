package tickets

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestNoOrderOfMovesBreaksTheLoop lets anybody try anything at any time, with
// the sweep coming in between, and checks what has to hold after every step.
func TestNoOrderOfMovesBreaksTheLoop(t *testing.T) {
	rules := rulesOf(t, "")
	moves := slices.Sorted(maps.Keys(from))
	actors := []Actor{agent, handler, caller, supervisor, supervisor, resident, Bot, hotline}
	rapid.Check(t, func(rt *rapid.T) {
		s := opened(t, rules, Opening{
			Kind:     rapid.SampledFrom(Kinds).Draw(rt, "kind"),
			Category: rapid.SampledFrom([]Category{Leak, WaterQuality}).Draw(rt, "category"),
			Source:   rapid.SampledFrom([]Source{FromHotline, From12345}).Draw(rt, "source"), ExternalNo: "202603021105000001", Description: "水",
		})
		l := ledger{due: map[string]time.Time{}, breach: map[string]time.Time{}, keys: map[string]bool{}}
		for range rapid.IntRange(1, 60).Draw(rt, "length") {
			s.now = s.now.Add(time.Duration(rapid.IntRange(0, 600).Draw(rt, "minutes")) * time.Minute)
			if rapid.IntRange(0, 3).Draw(rt, "what") == 0 {
				before := len(s.history)
				s.sweep(s.now.Sub(noon))
				l.fired(rt, s, s.history[before:])
			} else {
				m := next(rt, s.ticket, moves)
				l.try(rt, s, m, rapid.SampledFrom(actors).Draw(rt, "by"))
			}
			l.check(rt, s)
		}
	})
}

// next draws a move: mostly one that leads on, or nothing would ever close.
func next(rt *rapid.T, t *Ticket, moves []Move) Move {
	if m := step[t.State]; m != "" && rapid.Bool().Draw(rt, "onward") {
		return m
	}
	return rapid.SampledFrom(moves).Draw(rt, "move")
}

// ledger remembers what may not change any more.
type ledger struct {
	due, breach map[string]time.Time
	keys        map[string]bool
	level       int
	satisfied   bool
	terminated  bool
}

func (l *ledger) try(rt *rapid.T, s *scene, m Move, by Actor) {
	before := *s.ticket
	before.Deadlines = slices.Clone(before.Deadlines)
	var events []Event
	var err error
	if m == MoveCallback && rapid.Bool().Draw(rt, "dissatisfied") {
		events, err = s.ticket.RecordCallback(by, CallbackResult{
			Verdict: CallbackDissatisfied, Process: Fair, Outcome: Poor, Reason: "未解决"}, s.now)
	} else {
		events, err = make1(s.ticket, m, by, s.now)
	}
	if err != nil {
		if !reflect.DeepEqual(before, *s.ticket) || events != nil {
			rt.Fatalf("%s by %s was refused (%v) and changed the ticket", m, by.Kind, err)
		}
		var input *InputError
		if !errors.As(err, &input) && !errors.Is(err, ErrState) && !errors.Is(err, ErrForbidden) && !errors.Is(err, ErrOwnCallback) {
			rt.Fatalf("%s: an error nobody knows: %v", m, err)
		}
		return
	}
	if !before.Allows(m) {
		rt.Fatalf("%s was made in %s", m, before.State)
	}
	withdrawn := m == MoveWithdraw && before.State == New && s.ticket.State == Void && !before.Urgent
	if by.Kind != ByStaff && (s.ticket.State != before.State && m != MoveReopen && !withdrawn || !s.ticket.ContactedAt.Equal(before.ContactedAt)) {
		rt.Fatalf("%s by %s moved the ticket to %s", m, by.Kind, s.ticket.State)
	}
	if err := s.rules.Run(s.ticket, events); err != nil {
		var input *InputError
		if m != MoveAskExtension || !errors.As(err, &input) {
			rt.Fatal(err)
		}
		*s.ticket = before // nothing of it is saved
		return
	}
	s.history = append(s.history, events...)
	l.read(rt, s, events)
}

func (l *ledger) read(rt *rapid.T, s *scene, events []Event) {
	if len(events) == 0 {
		rt.Fatal("a move without an event")
	}
	for _, e := range events {
		if !e.At.Equal(s.now) || !slices.Contains(EventKinds, e.Kind) {
			rt.Fatalf("event %+v", e)
		}
		switch e.Kind {
		case EventEscalated, EventSupervised:
			l.level++
		case EventSatisfied:
			l.satisfied = true
		case EventTerminated:
			l.terminated = true
		case EventReopened:
			l.satisfied, l.terminated = false, false
		}
	}
}

func (l *ledger) fired(rt *rapid.T, s *scene, events []Event) {
	for _, e := range events {
		if !slices.Contains([]EventKind{EventWarned, EventBreached, EventPressed}, e.Kind) || e.Actor != Clock {
			rt.Fatalf("the sweep made %+v", e)
		}
	}
	for _, n := range s.notices {
		if l.keys[n.Key] {
			rt.Fatalf("notice %s twice", n.Key)
		}
		l.keys[n.Key] = true
	}
	s.notices = nil
}

func (l *ledger) check(rt *rapid.T, s *scene) {
	k := s.ticket
	switch {
	case !slices.Contains(States, k.State):
		rt.Fatalf("state %q", k.State)
	case k.State == Closed && (!l.satisfied && !l.terminated || k.SettledAt.IsZero() || k.ClosedAt.IsZero()):
		rt.Fatalf("closed without a satisfied callback or a supervisor: %+v", k)
	case k.Level != l.level:
		rt.Fatalf("level %d after %d escalations", k.Level, l.level)
	case !k.CallbackAt.IsZero() && k.State == Closed && l.satisfied && k.CallbackBy.ID == k.Handler.ID:
		rt.Fatal("the handler called back")
	case !k.State.Open() && k.NextDue() != nil && !slices.Contains([]string{"D02", "D05"}, k.NextDue().Rule):
		rt.Fatalf("a clock runs in %s: %+v", k.State, k.NextDue())
	case k.UpdatedAt.Before(k.ReceivedAt):
		rt.Fatal("updated before it was received")
	}
	rounds, running := map[string]int{}, map[string]int{}
	for _, d := range k.Deadlines {
		rounds[d.Rule]++
		key := d.Rule + string(rune('0'+d.Round))
		if d.Running() {
			running[d.Rule]++
		}
		if due, ok := l.due[key]; ok && !due.Equal(d.DueAt) {
			rt.Fatalf("the original due of %s moved", key)
		}
		if b := l.breach[key]; !b.IsZero() && !b.Equal(d.BreachedAt) {
			rt.Fatalf("the breach of %s moved from %v to %v", key, b, d.BreachedAt)
		}
		l.due[key], l.breach[key] = d.DueAt, d.BreachedAt
		if d.Round != rounds[d.Rule] || running[d.Rule] > 1 || d.StartAt.Before(k.ReceivedAt) {
			rt.Fatalf("deadline %+v", d)
		}
	}
}
