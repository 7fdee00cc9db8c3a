package tickets

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/tickets/calendar"
)

// A scene is one ticket whose moves run the clocks, as the desk does.
type scene struct {
	t       *testing.T
	rules   *Rules
	ticket  *Ticket
	now     time.Time
	history []Event
	notices []Notice
}

func rulesOf(t testing.TB, path string) *Rules {
	t.Helper()
	cal, err := calendar.Default()
	if err != nil {
		t.Fatal(err)
	}
	r, err := LoadRules(path, cal)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// complaint opens a complaint at noon.
func complaint(t *testing.T) *scene {
	return opened(t, rulesOf(t, ""), Opening{
		Kind: Complaint, Category: WaterQuality, Source: FromNetwork, Channel: "web",
		Description: "水发黄", ContactPhone: "13812345678",
	})
}

func opened(t *testing.T, r *Rules, o Opening) *scene {
	t.Helper()
	s := &scene{t: t, rules: r, now: noon}
	ticket, events, err := Open(Bot, o, s.now)
	if err != nil {
		t.Fatal(err)
	}
	s.ticket = ticket
	ticket.ID, ticket.No = 1, "TS-20260302-0001"
	s.run(events)
	return s
}

func (s *scene) run(events []Event) {
	s.t.Helper()
	if err := s.rules.Run(s.ticket, events); err != nil {
		s.t.Fatal(err)
	}
	s.history = append(s.history, events...)
}

// after lets time pass and makes a move.
func (s *scene) after(d time.Duration, move func(*Ticket, time.Time) ([]Event, error)) {
	s.t.Helper()
	s.now = s.now.Add(d)
	events, err := move(s.ticket, s.now)
	if err != nil {
		s.t.Fatalf("in state %s: %v", s.ticket.State, err)
	}
	s.run(events)
}

// make makes a move with input that is all in order.
func (s *scene) make(d time.Duration, m Move, by Actor) {
	s.t.Helper()
	s.after(d, func(t *Ticket, at time.Time) ([]Event, error) { return make1(t, m, by, at) })
}

// sweep fires what has come by the time after noon.
func (s *scene) sweep(after time.Duration) []Event {
	var out []Event
	for i, d := range s.ticket.Deadlines {
		if d.NextAt.IsZero() || d.NextAt.After(noon.Add(after)) {
			continue
		}
		d.TicketID = s.ticket.ID
		f := s.rules.Fire(Overdue{
			Deadline: d, No: s.ticket.No, Kind: s.ticket.Kind, State: s.ticket.State,
			Department: s.ticket.Department, AssigneeID: s.ticket.Assignee.ID,
		}, noon.Add(after))
		s.ticket.Deadlines[i] = f.Deadline
		s.notices = append(s.notices, f.Notices...)
		out = append(out, f.Events...)
	}
	s.history = append(s.history, out...)
	return out
}

func (s *scene) deadline(rule string, round int) Deadline {
	s.t.Helper()
	for _, d := range s.ticket.Deadlines {
		if d.Rule == rule && d.Round == round {
			return d
		}
	}
	s.t.Fatalf("no %s in round %d among %+v", rule, round, s.ticket.Deadlines)
	return Deadline{}
}

func (s *scene) wantEvents(want ...EventKind) {
	s.t.Helper()
	var got []EventKind
	for _, e := range s.history {
		got = append(got, e.Kind)
	}
	if !slices.Equal(got, want) {
		s.t.Errorf("events = %v, want %v", got, want)
	}
}

// settled takes a complaint to result and reply within its times.
func settled(t *testing.T) *scene {
	s := complaint(t)
	s.make(time.Minute, MoveAccept, agent)
	s.make(time.Minute, MoveContact, agent)
	s.make(time.Minute, MoveDispatch, agent)
	s.make(time.Minute, MoveSign, handler)
	s.make(time.Minute, MoveStart, handler)
	s.make(time.Hour, MoveSettle, handler)
	return s
}

func dissatisfied(t *Ticket, at time.Time) ([]Event, error) {
	return t.RecordCallback(caller, CallbackResult{
		Verdict: CallbackDissatisfied, Process: Good, Outcome: Poor, Reason: "水仍发黄",
	}, at)
}

func TestClause11TheClosedLoopOfAComplaint(t *testing.T) {
	s := settled(t)
	s.make(time.Hour, MoveStartCallback, caller)
	s.make(time.Minute, MoveCallback, caller)
	s.wantEvents(EventOpened, EventAccepted, EventContacted, EventDispatched, EventSigned, EventStarted,
		EventSettled, EventCallbackStarted, EventSatisfied, EventClosed)
	k := s.ticket
	if k.State != Closed || k.ClosedAt != s.now || k.CallbackBy.ID != caller.ID || k.Handler.ID != handler.ID {
		t.Errorf("closed as %+v", k)
	}
	if !k.ContactedAt.Equal(noon.Add(2*time.Minute)) || !k.SettledAt.Equal(noon.Add(65*time.Minute)) {
		t.Errorf("contacted %v, settled %v", k.ContactedAt, k.SettledAt)
	}
	for _, rule := range []string{"R01", "R02", "R06"} {
		if d := s.deadline(rule, 1); d.MetAt.IsZero() || !d.BreachedAt.IsZero() || !d.NextAt.IsZero() {
			t.Errorf("%s = %+v, want met", rule, d)
		}
	}
	if k.NextDue() != nil {
		t.Errorf("a clock runs on a closed ticket: %+v", k.NextDue())
	}
	row := NewLedgerRow(k, s.history, s.now)
	if row.ContactMet != VerdictMet || row.FinishMet != VerdictMet || row.Response != 2*time.Minute {
		t.Errorf("ledger row = %+v", row)
	}
}

func TestR08ADissatisfiedCallbackEscalatesAndIsCalledBackAgain(t *testing.T) {
	s := settled(t)
	for round := 1; round <= 2; round++ {
		s.make(time.Hour, MoveStartCallback, caller)
		s.after(time.Minute, dissatisfied)
		if s.ticket.State != Escalated || s.ticket.Level != round {
			t.Fatalf("state %s level %d, want escalated level %d", s.ticket.State, s.ticket.Level, round)
		}
		if err := s.ticket.Close(supervisor); !errors.Is(err, ErrState) {
			t.Errorf("closed after a dissatisfied callback: %v", err)
		}
		d := s.deadline("R08", round)
		if !d.StartAt.Equal(s.now) || !d.DueAt.Equal(s.now.Add(48*time.Hour)) || !d.Running() {
			t.Errorf("R08 = %+v, want 48 h from now", d)
		}
		if d := s.deadline("R06", round); d.MetAt.IsZero() {
			t.Errorf("R06 in round %d is not met by a callback that reached the resident", round)
		}
		s.make(time.Minute, MoveRedo, supervisor)
		s.make(time.Hour, MoveSettle, handler)
		if d := s.deadline("R08", round); d.MetAt.IsZero() {
			t.Errorf("R08 in round %d is not met by the new reply", round)
		}
		if _, err := s.ticket.StartCallback(handler, s.now); !errors.Is(err, ErrOwnCallback) {
			t.Errorf("the handler calls back: %v", err)
		}
	}
	if d := s.deadline("R02", 1); !d.MetAt.Equal(s.ticket.SettledAt) || !s.ticket.SettledAt.Equal(noon.Add(65*time.Minute)) {
		t.Errorf("the first 办结 moved: R02 %+v, settled %v", d, s.ticket.SettledAt)
	}
	s.make(time.Hour, MoveStartCallback, caller)
	s.make(time.Minute, MoveCallback, caller)
	if s.ticket.State != Closed || s.ticket.Level != 2 {
		t.Errorf("state %s level %d", s.ticket.State, s.ticket.Level)
	}
}

func TestR08AfterAnEscalationOnlyASupervisorEnds(t *testing.T) {
	s := settled(t)
	s.make(time.Hour, MoveStartCallback, caller)
	s.after(time.Minute, dissatisfied)
	if _, err := s.ticket.Terminate(agent, "居民无理要求", s.now); !errors.Is(err, ErrForbidden) {
		t.Errorf("an agent terminates: %v", err)
	}
	s.make(time.Minute, MoveTerminate, supervisor)
	if d := s.deadline("R08", 1); d.EndedAt.IsZero() || !d.MetAt.IsZero() {
		t.Errorf("R08 = %+v, want ended without evidence", d)
	}
	if s.ticket.State != Closed || !strings.HasPrefix(s.ticket.CloseBasis, "终结：") {
		t.Errorf("state %s, basis %q", s.ticket.State, s.ticket.CloseBasis)
	}
}

func TestR06AnUnreachedCallbackIsTriedAgain(t *testing.T) {
	s := settled(t)
	for try := 1; try <= 2; try++ {
		s.make(time.Hour, MoveStartCallback, caller)
		s.after(time.Minute, func(t *Ticket, at time.Time) ([]Event, error) {
			return t.RecordCallback(caller, CallbackResult{Verdict: CallbackNotReached, Reason: "无人接听"}, at)
		})
		if s.ticket.State != Settled || s.ticket.CallbackTries != try {
			t.Errorf("state %s after %d tries", s.ticket.State, s.ticket.CallbackTries)
		}
	}
	if d := s.deadline("R06", 1); !d.Running() {
		t.Error("a try that reached nobody stopped the clock")
	}
}

func TestD03AnExtensionKeepsTheOriginalDue(t *testing.T) {
	s := complaint(t)
	s.make(time.Minute, MoveAccept, agent)
	s.make(time.Minute, MoveDispatch, agent)
	s.make(time.Minute, MoveSign, handler)
	s.make(time.Minute, MoveStart, handler)
	s.sweep(37 * time.Hour)
	s.now = noon.Add(37 * time.Hour)
	original := s.deadline("R02", 1).DueAt
	ask := func(until time.Time) error {
		_, err := s.ticket.AskExtension(handler, Extension{Until: until, Reason: "需要开挖", Told: "已电话告知"}, s.now)
		return err
	}
	wantInput(t, ask(original), "until", TooEarly)
	until := noon.Add(96 * time.Hour)
	s.make(0, MoveAskExtension, handler)
	s.ticket.Extension.Until = until
	if _, err := s.ticket.GrantExtension(handler, "", s.now); !errors.Is(err, ErrForbidden) {
		t.Errorf("the handler grants his own extension: %v", err)
	}
	s.make(time.Hour, MoveGrantExtension, supervisor)
	d := s.deadline("R02", 1)
	if !d.DueAt.Equal(original) || !d.ExtendedTo.Equal(until) || !d.Due().Equal(until) {
		t.Errorf("R02 = %+v, want due %v kept and %v allowed", d, original, until)
	}
	if fired := s.sweep(95 * time.Hour); slices.ContainsFunc(fired, func(e Event) bool { return strings.Contains(string(e.Data), `"R02"`) }) {
		t.Errorf("R02 fired before its new due time: %v", fired)
	}
	s.now = noon.Add(97 * time.Hour)
	s.sweep(97 * time.Hour)
	if d := s.deadline("R02", 1); !d.BreachedAt.Equal(until) {
		t.Errorf("breached at %v, want the extended time", d.BreachedAt)
	}
	wantInput(t, ask(noon.Add(200*time.Hour)), "until", TooLate)
}

func TestABreachWhileAnExtensionIsConsideredStands(t *testing.T) {
	s := complaint(t)
	s.make(time.Minute, MoveAccept, agent)
	s.make(time.Minute, MoveDispatch, agent)
	s.make(time.Minute, MoveSign, handler)
	s.make(time.Minute, MoveStart, handler)
	s.make(40*time.Hour, MoveAskExtension, handler)
	s.sweep(49 * time.Hour)
	s.make(10*time.Hour, MoveGrantExtension, supervisor)
	if d := s.deadline("R02", 1); !d.BreachedAt.Equal(noon.Add(48 * time.Hour)) {
		t.Errorf("the breach moved to %v", d.BreachedAt)
	}
	breaches := 0
	for range 3 {
		s.sweep(300 * time.Hour)
	}
	for _, e := range s.history {
		if e.Kind == EventBreached && strings.Contains(string(e.Data), `"R02"`) {
			breaches++
		}
	}
	if breaches != 1 {
		t.Errorf("%d breaches of R02, want one", breaches)
	}
}

func TestASuspensionOnlyLabels(t *testing.T) {
	s := complaint(t)
	s.make(time.Minute, MoveAccept, agent)
	s.make(time.Minute, MoveDispatch, agent)
	s.make(time.Minute, MoveSign, handler)
	s.make(time.Minute, MoveStart, handler)
	due := s.deadline("R02", 1).Due()
	s.make(time.Minute, MoveSuspend, handler)
	if d := s.deadline("R02", 1); !d.Due().Equal(due) || !d.Running() {
		t.Error("a suspension stopped the clock")
	}
	s.make(time.Minute, MoveResume, handler)
	s.make(time.Minute, MoveSettle, handler)
	if !s.ticket.SuspendedUntil.IsZero() {
		t.Error("the label stays on a settled ticket")
	}
}

func TestAReturnEndsTheClocksWithoutEvidence(t *testing.T) {
	s := complaint(t)
	s.make(time.Minute, MoveAccept, agent)
	s.make(time.Minute, MoveAskReturn, agent)
	if s.ticket.NextDue() == nil {
		t.Error("the clocks stand still while a return is considered")
	}
	s.make(time.Minute, MoveApproveReturn, supervisor)
	for _, d := range s.ticket.Deadlines {
		if d.Running() || !d.MetAt.IsZero() || d.EndedAt.IsZero() || !d.NextAt.IsZero() {
			t.Errorf("%s = %+v, want ended without evidence", d.Rule, d)
		}
	}
	if row := NewLedgerRow(s.ticket, s.history, s.now); row.ContactMet != VerdictEnded {
		t.Errorf("ledger says %s", row.ContactMet)
	}
}

func TestAnEndThatCameTooLateStillLeavesItsBreach(t *testing.T) {
	s := complaint(t)
	s.make(21*time.Minute, MoveVoid, supervisor)
	s.sweep(time.Hour)
	d := s.deadline("R01", 1)
	if !d.BreachedAt.Equal(noon.Add(20*time.Minute)) || !d.MetAt.IsZero() || !d.NextAt.IsZero() {
		t.Errorf("R01 = %+v, want the breach of the twentieth minute", d)
	}
	if d := s.deadline("R02", 1); !d.BreachedAt.IsZero() || !d.NextAt.IsZero() {
		t.Errorf("R02 = %+v, want ended in time", d)
	}
	s.wantEvents(EventOpened, EventVoided, EventBreached)
}

func TestOnlyASupervisorMakesAnInquiryOfAComplaint(t *testing.T) {
	for _, c := range []struct {
		by   Actor
		want error
	}{{Actor{Kind: ByStaff, ID: 1}, ErrForbidden}, {Actor{Kind: ByStaff, ID: 2, Supervises: true}, nil}} {
		ticket, _, err := Open(Bot, Opening{Kind: Complaint, Category: Pressure, Source: FromNetwork, Description: "水压低"}, time.Now())
		require.NoError(t, err)
		_, err = ticket.Accept(c.by, Classification{Kind: Inquiry}, time.Now())
		require.ErrorIs(t, err, c.want)
	}
}

func TestATextMessageThatWasSentHasReachedNobody(t *testing.T) {
	ticket, _, err := Open(Bot, Opening{Kind: Complaint, Category: Pressure, Source: FromNetwork, Description: "水压低"}, time.Now())
	require.NoError(t, err)
	_, err = ticket.Contact(Actor{Kind: ByStaff, ID: 1}, Contact{Via: "sms", Result: Reached}, time.Now())
	var input *InputError
	require.ErrorAs(t, err, &input)
	require.Equal(t, "result", input.Field)
	require.Zero(t, ticket.ContactedAt)
}

func TestAReopenedTicketGetsANewLimit(t *testing.T) {
	cal, err := calendar.Default()
	require.NoError(t, err)
	rules, err := LoadRules("", cal)
	require.NoError(t, err)
	at := time.Date(2026, 11, 20, 12, 0, 0, 0, Beijing)
	ticket := &Ticket{No: "TS-20261120-0001", Kind: Complaint, Category: Pressure, State: Closed}
	events, err := ticket.Reopen(Actor{Kind: ByStaff, ID: 1}, "居民反映又发黄", at)
	require.NoError(t, err)
	require.NoError(t, rules.Run(ticket, events))
	require.Equal(t, at.Add(48*time.Hour), ticket.Running("R08").Due())
}

func TestAReturnThatWasWrongBuysNoTime(t *testing.T) {
	s := complaint(t)
	s.make(time.Minute, MoveAccept, agent)
	s.make(time.Minute, MoveAskReturn, agent)
	s.make(time.Minute, MoveApproveReturn, supervisor)
	s.make(time.Minute, MoveReopen, agent)
	if d := s.deadline("R01", 1); !d.Running() || !d.Due().Equal(noon.Add(20*time.Minute)) {
		t.Errorf("R01 = %+v, want running to the twentieth minute", d)
	}
	s.sweep(30 * time.Minute)
	if d := s.deadline("R01", 1); !d.BreachedAt.Equal(noon.Add(20 * time.Minute)) {
		t.Errorf("R01 = %+v, want the breach of the twentieth minute", d)
	}
}

func TestAComplaintMadeAnInquiryByASupervisorHasNoClocksLeft(t *testing.T) {
	s := complaint(t)
	events, err := s.ticket.Accept(supervisor, Classification{Kind: Inquiry}, noon.Add(time.Minute))
	require.NoError(t, err)
	s.run(events)
	for _, d := range s.ticket.Deadlines {
		require.Falsef(t, d.Running(), "%+v", d)
		require.Truef(t, d.MetAt.IsZero(), "%s was met by a change of words", d.Rule)
	}
	require.Equal(t, Complaint, kindFrom(t, events[0]), "what it was is on record")
}

func TestAReceiptOfLongAgoIsAMistypedYear(t *testing.T) {
	_, _, err := Open(agent, Opening{Kind: Complaint, Category: Pressure, Source: FromHotline, Description: "水压低",
		ReceivedAt: noon.AddDate(-60, 0, 0)}, noon)
	require.Equal(t, &InputError{"received_at", TooEarly}, err)
}

func kindFrom(t *testing.T, e Event) Kind {
	t.Helper()
	var data struct {
		KindFrom Kind `json:"kind_from"`
	}
	require.NoError(t, json.Unmarshal(e.Data, &data))
	return data.KindFrom
}

func TestAPromisedCallHasAClockUntilSomebodyCalls(t *testing.T) {
	s := complaint(t)
	s.make(time.Minute, MoveAccept, agent)
	s.make(time.Minute, MoveContact, agent)
	s.book(noon.Add(3 * time.Hour))
	if d := s.deadline("H01", 1); !d.NextAt.Equal(noon.Add(170*time.Minute+time.Second)) || !d.Due().Equal(noon.Add(195*time.Minute)) {
		t.Errorf("H01 = %+v, want a word ten minutes before and the breach fifteen after", d)
	}
	s.book(noon.Add(4 * time.Hour))
	if d := s.deadline("H01", 1); d.Running() || !d.NextAt.IsZero() {
		t.Errorf("H01 = %+v, want ended: the promise was moved", d)
	}
	s.make(time.Minute, MoveContact, agent)
	if d := s.deadline("H01", 2); !d.Running() {
		t.Error("a contact hours before keeps a promise")
	}
	s.make(5*time.Hour, MoveContact, agent)
	if d := s.deadline("H01", 2); d.Running() || !s.ticket.CallAt.IsZero() {
		t.Errorf("H01 = %+v, want met", d)
	}
	s.book(s.now.Add(time.Hour))
	s.make(time.Minute, MoveCancelCall, resident)
	if d := s.deadline("H01", 3); d.Running() || !s.ticket.CallAt.IsZero() {
		t.Errorf("H01 = %+v, want ended by the resident", d)
	}
}

func (s *scene) book(at time.Time) {
	s.t.Helper()
	s.now = s.now.Add(time.Minute)
	events, err := s.ticket.BookCall(resident, Call{At: at}, s.now)
	require.NoError(s.t, err)
	s.run(events)
}

func TestACallIsPromisedOnlyWithANumberAndWithinAMonth(t *testing.T) {
	for _, c := range []struct {
		call Call
		want *InputError
	}{
		{Call{At: noon.Add(-time.Hour)}, &InputError{"at", TooEarly}},
		{Call{At: noon.AddDate(0, 2, 0)}, &InputError{"at", TooLate}},
		{Call{At: noon.Add(time.Hour), Phone: "123"}, &InputError{"phone", Invalid}},
	} {
		_, err := standing(Processing).BookCall(agent, c.call, noon)
		require.Equal(t, c.want, err)
	}
	silent := standing(Processing)
	silent.ContactPhone = ""
	_, err := silent.BookCall(agent, Call{At: noon.Add(time.Hour)}, noon)
	require.Equal(t, &InputError{"phone", Missing}, err)
}
