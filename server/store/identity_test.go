package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/server/store"
	"quandesk/server/store/storetest"
	"quandesk/tickets"
	"quandesk/tickets/customer"
)

func TestIdentitiesOfOnePersonAreJoinedOnlyOnProof(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		web, phone := d.complaint(t), d.complaint(t) // the same number, typed twice
		reach := func(no string, confirmed bool) *tickets.Ticket {
			ticket, err := d.Contact(t.Context(), tickets.Change{By: agent, Scope: tickets.Everything, No: no},
				tickets.Contact{Via: "phone", Result: tickets.Reached, Confirmed: confirmed})
			require.NoError(t, err)
			return ticket
		}
		require.Zero(t, reach(web.No, false).CustomerID, "a number that was typed proves nobody")
		person := reach(web.No, true).CustomerID
		require.NotZero(t, person)
		page, err := s.List(t.Context(), tickets.Everything, tickets.Filter{CustomerID: person})
		require.NoError(t, err)
		require.Len(t, page.Tickets, 1)
		require.Equal(t, person, reach(phone.No, true).CustomerID)
		page, err = s.List(t.Context(), tickets.Everything, tickets.Filter{CustomerID: person})
		require.NoError(t, err)
		require.Len(t, page.Tickets, 2)
	})
}

func TestAProvenIdentityDoesNotBecomeAnotherPerson(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		ticket := d.complaint(t)
		change := tickets.Change{By: agent, Scope: tickets.Everything, No: ticket.No}
		confirmed := tickets.Contact{Via: "phone", Result: tickets.Reached, Confirmed: true}
		_, err := d.Contact(t.Context(), change, confirmed)
		require.NoError(t, err)
		other := "13900000000"
		_, err = d.Make(t.Context(), change, func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
			return t.Correct(agent, tickets.Correction{ContactPhone: &other}, at)
		})
		require.NoError(t, err)
		_, err = d.Contact(t.Context(), change, confirmed)
		require.ErrorIs(t, err, customer.ErrOtherPerson)
		events, err := s.Events(t.Context(), ticket.ID)
		require.NoError(t, err)
		require.Len(t, events, 3, "what was refused left nothing")
	})
}
