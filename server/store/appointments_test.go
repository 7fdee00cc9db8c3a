package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/server/store"
	"quandesk/server/store/storetest"
	"quandesk/tickets"
)

var lin = tickets.Actor{Kind: tickets.ByStaff, ID: 1, Name: "林晓雨"}

// matter is an open request of somebody with this number.
func (d *desk) matter(t *testing.T, phone string) string {
	t.Helper()
	ticket, err := d.Open(t.Context(), lin, tickets.Opening{
		Kind: tickets.Request, Category: tickets.Other, Source: tickets.FromHotline, ContactPhone: phone, Description: "请回电",
	})
	require.NoError(t, err)
	return ticket.No
}

func number(i int) string { return fmt.Sprintf("138%08d", i) }

func (d *desk) book(no string, c tickets.Call) error {
	_, err := d.Make(context.Background(), tickets.Change{By: lin, Scope: tickets.Everything, No: no},
		func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) { return t.BookCall(lin, c, at) })
	return err
}

func (d *desk) called(t *testing.T, no string, result tickets.ContactResult) *tickets.Ticket {
	t.Helper()
	ticket, err := d.Contact(t.Context(), tickets.Change{By: lin, Scope: tickets.Everything, No: no}, tickets.Contact{Via: "phone", Result: result})
	require.NoError(t, err)
	return ticket
}

func (d *desk) states(t *testing.T) []tickets.AppointmentState {
	t.Helper()
	list, err := d.store.Appointments(t.Context(), tickets.Everything, tickets.AppointmentFilter{})
	require.NoError(t, err)
	var out []tickets.AppointmentState
	for _, a := range list {
		out = append(out, a.State)
	}
	return out
}

func (d *desk) whole(t *testing.T) {
	t.Helper()
	require.NoError(t, d.store.Check(t.Context(), func(p store.Problem) { t.Errorf("%+v", p) }))
}

func TestTheLastPlaceOfASlotIsTakenOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		at := noon.Add(3 * time.Hour)
		var nos []string
		for i := range 16 {
			nos = append(nos, d.matter(t, number(i)))
		}
		var won, lost atomic.Int64
		var group sync.WaitGroup
		for _, no := range nos {
			group.Go(func() {
				err := d.book(no, tickets.Call{At: at})
				var slot *tickets.SlotError
				switch {
				case err == nil:
					won.Add(1)
				case errors.As(err, &slot) && len(slot.Free) == 3 && !slot.Closed:
					lost.Add(1)
					for _, free := range slot.Free {
						if free.Equal(at) {
							t.Error("the full slot is offered again")
						}
					}
				default:
					t.Errorf("booking: %v", err)
				}
			})
		}
		group.Wait()
		require.EqualValues(t, 4, won.Load())
		require.EqualValues(t, 12, lost.Load())
		free, err := s.FreeCalls(t.Context(), "", at, 2)
		require.NoError(t, err)
		require.Len(t, free, 2)
		require.NoError(t, d.book(nos[15], tickets.Call{At: free[0]}), "what is offered can be booked")
		d.whole(t)
	})
}

func TestACallIsBookedOnlyWhenSomebodyOfTheTeamCalls(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		no := d.matter(t, number(1))
		night := time.Date(2026, 3, 2, 22, 0, 0, 0, tickets.Beijing)
		if noon.Year() == 2026 && noon.Month() != 3 {
			night = noon.Add(10 * time.Hour)
		}
		err := d.book(no, tickets.Call{At: night})
		var slot *tickets.SlotError
		require.ErrorAs(t, err, &slot)
		require.True(t, slot.Closed)
		require.NotEmpty(t, slot.Free)
		boss := tickets.Actor{Kind: tickets.ByStaff, ID: 4, Name: "孙建国", Supervises: true}
		require.NoError(t, s.PutCallHours(t.Context(), boss, tickets.CallHours{Opens: 0, Closes: 24 * 60, Slot: 60, Capacity: 1}))
		require.NoError(t, d.book(no, tickets.Call{At: night}))
		require.ErrorAs(t, d.book(d.matter(t, number(2)), tickets.Call{At: night.Add(30 * time.Minute)}), &slot, "the same hour")
		require.False(t, slot.Closed)
		require.NoError(t, d.book(no, tickets.Call{At: night.Add(10 * time.Minute)}), "one's own place is free to oneself")
		var input *tickets.InputError
		require.ErrorAs(t, s.PutCallHours(t.Context(), boss, tickets.CallHours{Opens: 600, Closes: 500, Slot: 30, Capacity: 1}), &input)
		d.whole(t)
	})
}

func TestT52ANumberIsPromisedThreeCallsADayUnlessAnAgentSaysOtherwise(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		victim := number(7)
		for i := range 3 {
			require.NoError(t, d.book(d.matter(t, victim), tickets.Call{At: noon.Add(time.Duration(i+1) * time.Hour)}))
		}
		fourth := d.matter(t, victim)
		call := tickets.Call{At: noon.Add(4 * time.Hour)}
		require.ErrorIs(t, d.book(fourth, call), tickets.ErrCalledOften)
		require.ErrorIs(t, s.CanCall(t.Context(), fourth, "", victim, call.At), tickets.ErrCalledOften)
		require.NoError(t, d.book(fourth, tickets.Call{At: noon.AddDate(0, 0, 1)}), "another day")
		call.Override = true
		require.NoError(t, d.book(fourth, call), "the agent says it is right")
		_, err := d.Make(t.Context(), tickets.Change{By: tickets.Bot, Scope: tickets.Everything, No: fourth},
			func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
				return t.BookCall(tickets.Bot, call, at)
			})
		require.ErrorIs(t, err, tickets.ErrForbidden, "the bot does not")
		d.whole(t)
	})
}

func TestACallNobodyAnswersIsTriedThreeTimesFiveMinutesApartAndThenASupervisors(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		no := d.matter(t, number(1))
		at := noon.Add(time.Hour)
		require.NoError(t, d.book(no, tickets.Call{At: at}))

		d.now = at.Add(-9 * time.Minute)
		_, err := d.Sweep(t.Context())
		require.NoError(t, err)
		notices, err := s.Notices(t.Context(), []string{"role:agent"}, tickets.NoticeFilter{})
		require.NoError(t, err)
		require.Len(t, notices, 1, "the team is reminded before")
		require.Equal(t, "H01", notices[0].Rule)

		d.now = at
		ticket := d.called(t, no, tickets.NoAnswer)
		require.True(t, ticket.CallAt.Equal(at.Add(5*time.Minute)), "it is queued again")
		d.now = at.Add(2 * time.Minute)
		ticket = d.called(t, no, tickets.NoAnswer)
		require.Equal(t, 1, ticket.CallTries, "two tries in two minutes are one")
		d.now = at.Add(5 * time.Minute)
		ticket = d.called(t, no, tickets.Refused)
		require.Equal(t, 2, ticket.CallTries)
		list, err := s.Appointments(t.Context(), tickets.Everything, tickets.AppointmentFilter{Waiting: true})
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, 2, list[0].Tries)
		require.True(t, list[0].At.Equal(at) && list[0].NextAt.Equal(at.Add(10*time.Minute)))
		d.now = at.Add(11 * time.Minute)
		ticket = d.called(t, no, tickets.NoAnswer)
		require.True(t, ticket.CallAt.IsZero())
		require.True(t, ticket.ContactedAt.IsZero(), "已联系未接通 is no contact")
		require.Equal(t, []tickets.AppointmentState{tickets.CallFailed}, d.states(t))
		require.NotNil(t, ticket.Running("H03"))
		require.Nil(t, ticket.Running("H01"))
		require.Nil(t, ticket.Running("H02"))

		d.now = d.now.Add(10 * time.Second)
		_, err = d.Sweep(t.Context())
		require.NoError(t, err)
		boss, err := s.Notices(t.Context(), []string{"role:supervisor"}, tickets.NoticeFilter{})
		require.NoError(t, err)
		require.Len(t, boss, 1)
		require.Equal(t, "H03", boss[0].Rule)
		d.whole(t)
	})
}

func TestWhatBecomesOfAPromisedCall(t *testing.T) {
	staff := func(move func(*tickets.Ticket, time.Time) ([]tickets.Event, error)) func(*desk, string) error {
		return func(d *desk, no string) error {
			_, err := d.Make(context.Background(), tickets.Change{By: lin, Scope: tickets.Everything, No: no}, move)
			return err
		}
	}
	boss := lin
	boss.Supervises = true
	for name, c := range map[string]struct {
		do   func(*desk, string) error
		want []tickets.AppointmentState
	}{
		"somebody answers": {staff(func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
			return t.Contact(lin, tickets.Contact{Via: "phone", Result: tickets.Reached}, at)
		}), []tickets.AppointmentState{tickets.CallKept}},
		"it is moved": {staff(func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
			return t.BookCall(lin, tickets.Call{At: at.Add(2 * time.Hour)}, at)
		}), []tickets.AppointmentState{tickets.CallMoved, tickets.CallBooked}},
		"it is cancelled": {staff(func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
			return t.CancelCall(lin, "不用了", at)
		}), []tickets.AppointmentState{tickets.CallCancelled}},
		"the ticket ends": {staff(func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
			return t.Void(boss, "重复登记的", at)
		}), []tickets.AppointmentState{tickets.CallLapsed}},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				d := newDesk(t, s)
				no := d.matter(t, number(1))
				require.NoError(t, d.book(no, tickets.Call{At: noon.Add(time.Hour)}))
				d.now = noon.Add(time.Hour)
				require.NoError(t, c.do(d, no))
				require.Equal(t, c.want, d.states(t))
				d.whole(t)
			})
		})
	}
}

func TestAPromisedCallGoesToTheNumberThatWasPutRight(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		no, right := d.matter(t, number(1)), number(2)
		require.NoError(t, d.book(no, tickets.Call{At: noon.Add(time.Hour)}))
		ticket, err := d.Make(t.Context(), tickets.Change{By: lin, Scope: tickets.Everything, No: no}, func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
			return t.Correct(lin, tickets.Correction{ContactPhone: &right}, at)
		})
		require.NoError(t, err)
		require.Equal(t, right, ticket.CallPhone)
		list, err := s.Appointments(t.Context(), tickets.Everything, tickets.AppointmentFilter{})
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, tickets.CallBooked, list[0].State)
		require.Equal(t, right, list[0].Phone)
		d.whole(t)
	})
}

func TestADepartmentSeesTheCallsOfItsOwnTickets(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		no := d.matter(t, number(1))
		for _, move := range []func(*tickets.Ticket, time.Time) ([]tickets.Event, error){
			func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
				return t.Accept(lin, tickets.Classification{}, at)
			},
			func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
				return t.Dispatch(lin, tickets.Departments[0], "", at)
			},
			func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
				return t.BookCall(lin, tickets.Call{At: noon.Add(time.Hour)}, at)
			},
		} {
			_, err := d.Make(t.Context(), tickets.Change{By: lin, Scope: tickets.Everything, No: no}, move)
			require.NoError(t, err)
		}
		for department, want := range map[string]int{tickets.Departments[0]: 1, tickets.Departments[1]: 0} {
			list, err := s.Appointments(t.Context(), tickets.Scope{Department: department}, tickets.AppointmentFilter{})
			require.NoError(t, err)
			require.Len(t, list, want, department)
		}
		d.now = noon.Add(51 * time.Minute)
		_, err := d.Sweep(t.Context())
		require.NoError(t, err)
		told, err := s.Notices(t.Context(), []string{"team:" + tickets.Departments[0]}, tickets.NoticeFilter{})
		require.NoError(t, err)
		require.Len(t, told, 1, "the department that promised it is reminded")
	})
}

func TestAProvenPersonMovesTheCallFromAnotherChannel(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		first := d.complaint(t)
		_, err := d.Contact(t.Context(), tickets.Change{By: lin, Scope: tickets.Everything, No: first.No},
			tickets.Contact{Via: "phone", Result: tickets.Reached, Confirmed: true})
		require.NoError(t, err)
		second := d.complaint(t)
		scope := tickets.Scope{ConversationID: second.ConversationID}
		_, err = s.Ticket(t.Context(), scope, first.No)
		require.ErrorIs(t, err, tickets.ErrNotFound, "whoever merely gives the number sees nothing")
		_, err = d.Contact(t.Context(), tickets.Change{By: lin, Scope: tickets.Everything, No: second.No},
			tickets.Contact{Via: "phone", Result: tickets.Reached, Confirmed: true})
		require.NoError(t, err)
		require.NoError(t, d.book(first.No, tickets.Call{At: noon.Add(time.Hour)}))
		_, err = d.Make(t.Context(), tickets.Change{By: tickets.Actor{Kind: tickets.ByCustomer}, Scope: scope, No: first.No},
			func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
				return t.CancelCall(tickets.Actor{Kind: tickets.ByCustomer}, "不用打了", at)
			})
		require.NoError(t, err, "the proven person does from either conversation")
	})
}
