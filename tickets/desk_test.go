package tickets

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"
)

// shelf is a store with room for what one test of the desk needs. Transactions,
// scopes and versions under contention are proven on the real store.
type shelf struct {
	Store
	tickets           map[string]Ticket
	saved             []EventKind
	written, answered bool
	sweeps            []time.Time
	batches           []int
}

func (s *shelf) Ticket(_ context.Context, sc Scope, no string) (*Ticket, error) {
	t, ok := s.tickets[no]
	if !ok || !sc.All {
		return nil, ErrNotFound
	}
	t.Deadlines = slices.Clone(t.Deadlines)
	return &t, nil
}

func (s *shelf) Open(_ context.Context, t *Ticket, events []Event) error {
	t.ID, t.Version = int64(len(s.tickets)+1), 1
	t.No = fmt.Sprintf("TS-20260302-%04d", t.ID)
	return s.keep(t, events)
}

func (s *shelf) Save(_ context.Context, t *Ticket, events []Event, followers ...Changed) error {
	for _, c := range append([]Changed{{t, events}}, followers...) {
		if s.tickets[c.Ticket.No].Version != c.Ticket.Version {
			return ErrStale
		}
		c.Ticket.Version++
		if err := s.keep(c.Ticket, c.Events); err != nil {
			return err
		}
	}
	return nil
}

func (s *shelf) Duplicates(_ context.Context, master string) ([]*Ticket, error) {
	var out []*Ticket
	for _, no := range slices.Sorted(maps.Keys(s.tickets)) {
		if t := s.tickets[no]; t.MasterNo == master && t.State == Merged {
			t.Deadlines = slices.Clone(t.Deadlines)
			out = append(out, &t)
		}
	}
	return out, nil
}

func (s *shelf) keep(t *Ticket, events []Event) error {
	s.tickets[t.No] = *t
	for _, e := range events {
		s.saved = append(s.saved, e.Kind)
	}
	return nil
}

func (s *shelf) StaffMessage(context.Context, int64, int64, time.Time) (written, answered bool, err error) {
	return s.written, s.answered, nil
}

func (s *shelf) Sweep(_ context.Context, now time.Time, _ int, _ func(Overdue) Fired) (int, error) {
	s.sweeps = append(s.sweeps, now)
	n := s.batches[0]
	s.batches = s.batches[1:]
	return n, nil
}

// service is a desk at noon with one complaint on it.
func service(t *testing.T) (*Desk, *shelf, Change) {
	t.Helper()
	s := &shelf{tickets: map[string]Ticket{}}
	d := NewDesk(s, rulesOf(t, ""), func() time.Time { return noon })
	k, err := d.Open(context.Background(), Bot, Opening{
		Kind: Complaint, Category: WaterQuality, Source: FromNetwork, Description: "水发黄", ConversationID: 5})
	if err != nil {
		t.Fatal(err)
	}
	return d, s, Change{By: agent, Scope: Everything, No: k.No}
}

func TestOpeningAComplaintStartsItsClocks(t *testing.T) {
	_, s, c := service(t)
	k := s.tickets[c.No]
	if k.Running("R01") == nil || k.Running("R02") == nil {
		t.Errorf("deadlines = %+v", k.Deadlines)
	}
}

func TestAStaleChangeGetsTheFreshTicket(t *testing.T) {
	d, s, c := service(t)
	c.Version = 7
	k, err := d.Make(context.Background(), c, func(*Ticket, time.Time) ([]Event, error) {
		t.Error("a stale change was made")
		return nil, nil
	})
	if !errors.Is(err, ErrStale) || k == nil || k.Version != 1 {
		t.Errorf("Make = %+v, %v", k, err)
	}
	c.Version = 1
	if _, err := d.Make(context.Background(), c, func(k *Ticket, at time.Time) ([]Event, error) { return k.Note(agent, "注意", at) }); err != nil {
		t.Error(err)
	}
	if s.tickets[c.No].Version != 2 {
		t.Errorf("version %d after one save", s.tickets[c.No].Version)
	}
}

func TestATicketOutOfScopeIsNotFound(t *testing.T) {
	d, _, c := service(t)
	c.Scope = Scope{Department: Departments[0]}
	if _, err := d.Contact(context.Background(), c, Contact{Via: "phone", Result: Reached}); !errors.Is(err, ErrNotFound) {
		t.Errorf("err = %v, want ErrNotFound", err)
	}
}

func TestR01AMessageIsContactOnlyWhenAPersonWroteItAndTheResidentAnswered(t *testing.T) {
	for _, x := range []struct {
		name              string
		written, answered bool
		anonymous         bool
		result            ContactResult
		want              error
	}{
		{"nobody wrote: only the bot did", false, true, false, Reached, ErrNoPersonContact},
		{"a person wrote, no answer yet", true, false, false, Reached, ErrNoPersonContact},
		{"a person wrote and the resident answered", true, true, false, Reached, nil},
		{"a person wrote to a resident without a phone", true, false, true, Reached, nil},
		{"a person wrote: a try", true, false, false, NoAnswer, nil},
		{"nobody wrote: not even a try", false, false, false, NoAnswer, ErrNoPersonContact},
	} {
		t.Run(x.name, func(t *testing.T) {
			d, s, c := service(t)
			s.written, s.answered = x.written, x.answered
			k := s.tickets[c.No]
			k.Anonymous = x.anonymous
			s.tickets[c.No] = k
			_, err := d.Contact(context.Background(), c, Contact{Via: "message", Result: x.result, MessageID: 3})
			if !errors.Is(err, x.want) {
				t.Fatalf("Contact = %v, want %v", err, x.want)
			}
			k = s.tickets[c.No]
			if reached := err == nil && x.result == Reached; (k.Running("R01") == nil) != reached {
				t.Errorf("R01 stopped: %v, want %v", k.Running("R01") == nil, reached)
			}
		})
	}
}

func TestTheDeskTakesTwoStepsWhereAPersonTakesOne(t *testing.T) {
	d, s, c := service(t)
	ctx := context.Background()
	for _, m := range []Move{MoveAccept, MoveDispatch} {
		if _, err := d.Make(ctx, c, func(k *Ticket, at time.Time) ([]Event, error) { return make1(k, m, agent, at) }); err != nil {
			t.Fatal(err)
		}
	}
	c.By = handler
	if _, err := d.Sign(ctx, c, true); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Make(ctx, c, func(k *Ticket, at time.Time) ([]Event, error) { return make1(k, MoveSettle, handler, at) }); err != nil {
		t.Fatal(err)
	}
	good := CallbackResult{Verdict: CallbackSatisfied, Process: Good, Outcome: Good}
	if _, err := d.Callback(ctx, c, good); !errors.Is(err, ErrOwnCallback) {
		t.Errorf("the handler calls back: %v", err)
	}
	c.By = caller
	k, err := d.Callback(ctx, c, good)
	if err != nil || k.State != Closed {
		t.Fatalf("callback: %v", err)
	}
	want := []EventKind{EventOpened, EventAccepted, EventDispatched, EventSigned, EventStarted, EventSettled,
		EventCallbackStarted, EventSatisfied, EventClosed}
	if !slices.Equal(s.saved, want) {
		t.Errorf("saved %v, want %v", s.saved, want)
	}
}

func TestADuplicateIsMergedIntoAnOpenMasterOnly(t *testing.T) {
	d, s, c := service(t)
	ctx := context.Background()
	master, err := d.Open(ctx, Bot, Opening{Kind: Complaint, Category: WaterQuality, Source: FromNetwork, Description: "水发黄"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Merge(ctx, c, "TS-20260302-9999"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a master nobody knows: %v", err)
	}
	if _, err := d.Merge(ctx, c, master.No); err != nil {
		t.Fatal(err)
	}
	if k := s.tickets[c.No]; k.State != Merged || k.MasterNo != master.No || k.Running("R01") == nil || k.Running("R02") == nil {
		t.Errorf("merged as %+v", k)
	}
	back := Change{By: agent, Scope: Everything, No: master.No}
	_, err = d.Merge(ctx, back, c.No)
	wantInput(t, err, "master_no", Invalid)
}

func TestTheSweepGoesOnUntilNothingIsLeftAndWaitsForTheGrace(t *testing.T) {
	d, s, _ := service(t)
	s.batches = []int{sweepBatch, sweepBatch, 3}
	n, err := d.Sweep(context.Background())
	if err != nil || n != 2*sweepBatch+3 {
		t.Errorf("Sweep = %d, %v", n, err)
	}
	for _, now := range s.sweeps {
		if !now.Equal(noon.Add(-Grace)) {
			t.Errorf("swept at %v, want %v before the clock", now, Grace)
		}
	}
}

func TestAnAdditionIsWordsOrACorrectionOrBoth(t *testing.T) {
	d, s, c := service(t)
	c.By = resident
	urgent := true
	if _, err := d.Add(context.Background(), c, "现在更黄了", &Correction{Urgent: &urgent}); err != nil {
		t.Fatal(err)
	}
	if !s.tickets[c.No].Urgent || !slices.Equal(s.saved, []EventKind{EventOpened, EventSupplemented, EventCorrected}) {
		t.Errorf("saved %v", s.saved)
	}
	if _, err := d.Urge(context.Background(), c, "快点"); err != nil || s.tickets[c.No].Urges != 1 {
		t.Errorf("urged: %v, %d times", err, s.tickets[c.No].Urges)
	}
}

func TestAnAlarmTellsEachAudienceOnce(t *testing.T) {
	d, s, c := service(t)
	k := s.tickets[c.No]
	keys := map[string]bool{}
	for _, n := range d.Alarm(&k) {
		keys[n.Key] = true
	}
	if len(keys) != 3 {
		t.Errorf("keys = %v", keys)
	}
}
