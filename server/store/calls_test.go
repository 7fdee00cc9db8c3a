package store_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels/phone"
	"quandesk/server/auth"
	"quandesk/server/store"
	"quandesk/server/store/storetest"
	"quandesk/tickets"
)

// exchange is a switchboard with two agents at their telephones.
type exchange struct {
	*desk
	t    *testing.T
	line *phone.Switchboard
	told []store.Topic
}

func newExchange(t *testing.T, s *store.Store) *exchange {
	t.Helper()
	x := &exchange{desk: newDesk(t, s), t: t}
	s.Use(&jobs{}, func(topics []store.Topic) { x.told = append(x.told, topics...) })
	x.line = phone.NewSwitchboard(s, x.Desk)
	for name, extension := range map[string]string{"lin": "801", "zhao": "802"} {
		_, err := s.PutUser(t.Context(), auth.User{Username: name, Name: name, Role: auth.RoleAgent, Extension: extension}, "x")
		require.NoError(t, err)
	}
	return x
}

func (x *exchange) says(callID, kind, extension string, after time.Duration) phone.Call {
	x.t.Helper()
	c, _, err := x.line.Take(x.t.Context(), phone.Report{CallID: callID, Kind: kind, Caller: "13812345678", Callee: "96116", Extension: extension, At: noon.Add(after)})
	require.NoError(x.t, err)
	return c
}

// misses is a call that nobody answers, at this moment.
func (x *exchange) misses(callID string) phone.Call {
	x.t.Helper()
	at := x.now.Sub(noon)
	x.says(callID, "ringing", "801", at-20*time.Second)
	return x.says(callID, "ended", "", at)
}

func (x *exchange) tasks() []*tickets.Ticket {
	x.t.Helper()
	page, err := x.store.List(x.t.Context(), tickets.Everything, tickets.Filter{Phone: "13812345678"})
	require.NoError(x.t, err)
	return page.Tickets
}

func (x *exchange) sound() {
	x.t.Helper()
	require.NoError(x.t, x.store.Check(x.t.Context(), func(p store.Problem) { x.t.Errorf("%+v", p) }))
}

func TestAnEventOfACallToldTwiceIsOneEvent(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		x := newExchange(t, s)
		first := x.says("c-1", "ringing", "801", 0)
		require.Equal(t, "lin", first.Agent.Name)
		_, fresh, err := x.line.Take(t.Context(), phone.Report{CallID: "c-1", Kind: "ringing", Caller: "13900000000", Extension: "801", At: noon.Add(time.Hour / 60)})
		require.NoError(t, err)
		require.False(t, fresh)
		kept, err := s.Call(t.Context(), "c-1")
		require.NoError(t, err)
		require.Equal(t, "13812345678", kept.Number, "a repeat changes nothing")
		require.True(t, kept.RingingAt.Equal(noon))
	})
}

func TestF02EveryOrderOfTheEventsLeavesTheSameCallAndTheSameTasks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		x := newExchange(t, s)
		x.now = noon.Add(time.Hour)
		kinds := []string{"ringing", "answered", "ended"}
		for i, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
			callID := fmt.Sprint("c-", i)
			for _, k := range order {
				extension := "801"
				if kinds[k] == "ended" {
					extension = ""
				}
				x.says(callID, kinds[k], extension, time.Duration(k)*time.Minute)
			}
			c, err := s.Call(t.Context(), callID)
			require.NoError(t, err)
			require.Equal(t, "lin", c.Agent.Name, order)
			require.True(t, c.RingingAt.Equal(noon) && c.AnsweredAt.Equal(noon.Add(time.Minute)) && c.EndedAt.Equal(noon.Add(2*time.Minute)), "%v: %+v", order, c)
			require.Empty(t, c.TaskNo, order)
		}
		for _, task := range x.tasks() {
			require.Equal(t, tickets.Void, task.State, "a task that the late word of the answer took back")
			require.Contains(t, task.CloseBasis, "已由工作人员接听")
		}
		waiting, err := s.Appointments(t.Context(), tickets.Everything, tickets.AppointmentFilter{Waiting: true})
		require.NoError(t, err)
		require.Empty(t, waiting)
		x.sound()
	})
}

func TestAMissedCallIsATaskToCallBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		x := newExchange(t, s)
		c := x.misses("c-1")
		require.NotEmpty(t, c.TaskNo)
		list := x.tasks()
		require.Len(t, list, 1)
		task := list[0]
		require.Equal(t, tickets.Inquiry, task.Kind)
		require.Equal(t, tickets.FromHotline, task.Source)
		require.True(t, task.CallAt.Equal(noon.Add(15*time.Minute)))
		require.NotNil(t, task.Running("H01"), "somebody owes the call")
		events, err := s.Events(t.Context(), task.ID)
		require.NoError(t, err)
		require.Equal(t, tickets.ByProgram, events[0].Actor.Kind, "no person has done anything yet")
		x.sound()
	})
}

// givesUp looks for lost calls so long after noon.
func (x *exchange) givesUp(after time.Duration) int {
	x.t.Helper()
	x.now = noon.Add(after)
	n, err := x.line.Lose(x.t.Context())
	require.NoError(x.t, err)
	return n
}

func TestACallThatRangAndWhoseEndIsNeverToldIsMissed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		x := newExchange(t, s)
		seat := x.says("c-1", "ringing", "801", 0).Agent.ID
		require.Zero(t, x.givesUp(phone.RingsFor-time.Second))
		x.told = nil
		require.Equal(t, 1, x.givesUp(phone.RingsFor+time.Second))
		require.Contains(t, names(x.told), fmt.Sprint("calls:user:", seat), "the telephone on the agent's screen stops ringing")
		c, err := s.Call(t.Context(), "c-1")
		require.NoError(t, err)
		require.True(t, c.Lost && c.Missed())
		require.NotEmpty(t, c.TaskNo)
		require.Contains(t, x.tasks()[0].Description, "没有报来接通或挂断，按未接处理", "nobody claims that it was not answered")
		require.Zero(t, x.givesUp(10*time.Minute), "once")
		x.sound()

		answered := x.says("c-1", "answered", "801", 5*time.Second)
		require.False(t, answered.Lost)
		require.Equal(t, tickets.Void, x.tasks()[0].State, "it was answered after all")
		x.sound()
	})
}

func TestACallThatNobodySaysIsOverEndsAfterTwoHoursWithoutATask(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		x := newExchange(t, s)
		x.says("c-1", "ringing", "801", 0)
		x.says("c-1", "answered", "801", 5*time.Second)
		require.Zero(t, x.givesUp(phone.TalksFor-time.Second), "they may be talking")
		require.Equal(t, 1, x.givesUp(phone.TalksFor+time.Second))
		c, err := s.Call(t.Context(), "c-1")
		require.NoError(t, err)
		require.True(t, c.Lost && !c.Missed())
		require.Empty(t, x.tasks())
		late := x.says("c-1", "ended", "", time.Minute)
		require.False(t, late.Lost)
		require.True(t, late.EndedAt.Equal(noon.Add(time.Minute)), "what is told late is the truth")
		x.sound()
	})
}

func TestTwoProcessesGiveACallUpOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		x := newExchange(t, s)
		for i := range 5 {
			x.says(fmt.Sprint("c-", i), "ringing", "801", 0)
		}
		x.now = noon.Add(phone.RingsFor + time.Second)
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				if _, err := phone.NewSwitchboard(s, x.Desk).Lose(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		require.Len(t, x.tasks(), 1, "one number, one task")
		x.sound()
	})
}

func TestT52TheMissedCallsOfOneNumberAreThreeTasksADayAtMost(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		x := newExchange(t, s)
		first := x.misses("c-1").TaskNo
		x.now = x.now.Add(time.Minute)
		require.Equal(t, first, x.misses("c-2").TaskNo, "one task while it is open")
		answer := func(no string) {
			change := tickets.Change{By: tickets.Actor{Kind: tickets.ByStaff, ID: 1, Name: "lin"}, Scope: tickets.Everything, No: no}
			_, err := x.Make(t.Context(), change, func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
				return t.Answer(change.By, "已回电答复。", at)
			})
			require.NoError(t, err)
		}
		seen := []string{first}
		for i := range 4 {
			answer(seen[len(seen)-1])
			x.now = x.now.Add(10 * time.Minute)
			no := x.misses(fmt.Sprint("d-", i)).TaskNo
			if len(seen) < 3 {
				require.NotContains(t, seen, no)
				seen = append(seen, no)
				continue
			}
			require.Equal(t, seen[2], no, "the fourth is added to the last")
			break
		}
		require.Len(t, x.tasks(), 3)
		x.now = noon.AddDate(0, 0, 1)
		require.NotContains(t, seen, x.misses("e-1").TaskNo, "another day")
		x.sound()
	})
}

func TestACallMissedAtNightIsCalledBackInTheMorning(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		x := newExchange(t, s)
		x.now = noon.Add(11 * time.Hour)
		x.misses("c-1")
		require.True(t, x.tasks()[0].CallAt.Equal(time.Date(2026, 3, 3, 8, 30, 0, 0, tickets.Beijing)) ||
			x.tasks()[0].CallAt.In(tickets.Beijing).Format("15:04") == "08:30")
	})
}

func TestNoTaskIsMadeOfACallThatIsNone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		x := newExchange(t, s)
		for name, r := range map[string]phone.Report{
			"we called them":      {Direction: "outbound", Caller: "96116", Callee: "13812345678"},
			"inside the house":    {Caller: "8001"},
			"the number withheld": {Caller: "anonymous"},
		} {
			r.CallID, r.Kind = name[:3], "ended"
			c, _, err := x.line.Take(t.Context(), r)
			require.NoError(t, err)
			require.Empty(t, c.TaskNo, name)
		}
		require.Empty(t, x.tasks())
	})
}

func TestOnlyThePeopleAtTheTelephonesAreTold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		x := newExchange(t, s)
		seat := x.says("c-1", "ringing", "801", 0).Agent.ID
		own := fmt.Sprint("calls:user:", seat)
		require.Equal(t, []string{own}, names(x.told))
		x.told = nil
		zhao := x.says("c-1", "answered", "802", time.Second).Agent.ID
		require.ElementsMatch(t, []string{own, fmt.Sprint("calls:user:", zhao)}, names(x.told), "the one whose telephone stops ringing, too")
		x.told = nil
		x.says("c-2", "ringing", "899", 0)
		require.Empty(t, x.told, "nobody sits there")
	})
}

func names(topics []store.Topic) []string {
	var out []string
	for _, topic := range topics {
		if !slices.Contains(out, topic.Name) {
			out = append(out, topic.Name)
		}
	}
	return out
}

func TestF23EventsOfOneCallAtTheSameMomentEndInOneState(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		x := newExchange(t, s)
		s.Use(&jobs{}, func([]store.Topic) {})
		var group sync.WaitGroup
		for i := range 24 {
			r := phone.Report{CallID: fmt.Sprint("c-", i%4), Caller: "13812345678", Extension: "801", At: noon.Add(-time.Minute)}
			r.Kind = []string{"ringing", "ended", "ended"}[i/8]
			if r.Kind == "ended" {
				r.Extension = ""
			}
			group.Go(func() {
				_, _, err := x.line.Take(context.WithoutCancel(t.Context()), r)
				require.NoError(t, err)
			})
		}
		group.Wait()
		require.Len(t, x.tasks(), 1, "four missed calls of one number are one task")
		for i := range 4 {
			c, err := s.Call(t.Context(), fmt.Sprint("c-", i))
			require.NoError(t, err)
			require.Equal(t, x.tasks()[0].No, c.TaskNo)
		}
		x.sound()
	})
}
