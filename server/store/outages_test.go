package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/server/store"
	"quandesk/server/store/storetest"
	"quandesk/tickets"
	"quandesk/tickets/outage"
)

var lead = tickets.Actor{Kind: tickets.ByStaff, ID: 3, Name: "值班长", Supervises: true}

// works is planned to begin so long after noon and to take ten hours.
func works(begins time.Duration) outage.Form {
	return outage.Form{
		Kind: outage.Planned, StartAt: noon.Add(begins), EndAt: noon.Add(begins + 10*time.Hour), Reason: "供水管道改造",
		Contact: "客服热线0531-55501234", Households: 300,
		Area: outage.Area{Districts: []string{"历下区"}, Streets: []string{"文化东路"}},
	}
}

// room is a desk with the use cases of notices.
type room struct {
	*desk
	*tickets.Outages
}

func newRoom(t *testing.T, s *store.Store) *room {
	d := newDesk(t, s)
	return &room{d, tickets.NewOutages(s, d.Rules(), s.Now)}
}

func (r *room) make(t *testing.T, no string, move func(*outage.Notice, time.Time) ([]outage.Event, error)) *tickets.Announced {
	t.Helper()
	n, err := r.Make(t.Context(), tickets.OutageChange{By: lead, No: no}, move)
	require.NoError(t, err)
	return n
}

func (r *room) happened(t *testing.T, no string) []string {
	t.Helper()
	events, err := r.store.OutageEvents(t.Context(), no)
	require.NoError(t, err)
	var out []string
	for i, e := range events {
		require.EqualValues(t, i+1, e.Seq)
		line := string(e.Kind)
		if e.Actor.Kind == tickets.ByClock {
			line += clockWords(t, e)
		}
		out = append(out, line)
	}
	return out
}

func (r *room) sweepAt(t *testing.T, at time.Time) {
	t.Helper()
	r.now = at.Add(tickets.Grace)
	for range 2 { // and not again
		_, err := r.Sweep(t.Context())
		require.NoError(t, err)
	}
}

func eachRoom(t *testing.T, f func(t *testing.T, r *room)) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		r := newRoom(t, s)
		f(t, r)
		require.NoError(t, s.Check(t.Context(), func(p store.Problem) { t.Errorf("%+v", p) }))
	})
}

func TestANoticeGoesFromDraftToTheSecondNotice(t *testing.T) { // R14, R15, R16
	eachRoom(t, func(t *testing.T, r *room) {
		n, err := r.Draft(t.Context(), lead, works(60*time.Hour), false, "")
		require.NoError(t, err)
		require.Equal(t, "TZ-20261120-001", n.No)
		told, err := r.store.ToldOutages(t.Context())
		require.NoError(t, err)
		require.NotNil(t, told)
		require.Empty(t, told, "a draft is nobody's news")
		r.make(t, n.No, func(n *outage.Notice, at time.Time) ([]outage.Event, error) { return n.Publish("", at) })
		told, err = r.store.ToldOutages(t.Context())
		require.NoError(t, err)
		require.Len(t, told, 1)
		end := noon.Add(70 * time.Hour)
		require.True(t, told[0].EndAt.Equal(end))
		r.sweepAt(t, end.Add(-10*time.Minute))
		r.make(t, n.No, func(n *outage.Notice, at time.Time) ([]outage.Event, error) {
			return n.Restore(outage.Back{RestoredAt: end.Add(-20 * time.Minute)}, at)
		})
		r.sweepAt(t, end.Add(time.Hour))
		require.Equal(t, []string{"drafted", "published", "warned R16 1s", "restored"}, r.happened(t, n.No))
		told, err = r.store.ToldOutages(t.Context())
		require.NoError(t, err)
		require.Len(t, told, 1, "whoever asks hears that the water is back")
		r.now = end.Add(25 * time.Hour)
		told, err = r.store.ToldOutages(t.Context())
		require.NoError(t, err)
		require.Empty(t, told)
	})
}

func TestALateDraftIsCalledForAndItsBreachStays(t *testing.T) { // R15: 72, 48 and 24 hours before
	eachRoom(t, func(t *testing.T, r *room) {
		start := 80 * time.Hour
		n, err := r.Draft(t.Context(), lead, works(start), false, "")
		require.NoError(t, err)
		r.sweepAt(t, noon.Add(start-24*time.Hour))
		require.Equal(t, []string{"drafted", "warned R15 1s", "warned R15 24h0m0s", "breached R15 48h0m0s"}, r.happened(t, n.No))
		notices, err := r.store.Notices(t.Context(), []string{"role:lead", "role:supervisor", "duty:manager"}, tickets.NoticeFilter{})
		require.NoError(t, err)
		require.Len(t, notices, 5)
		require.Equal(t, n.No, notices[0].TicketNo)
		require.Zero(t, notices[0].TicketID)
		_, err = r.Make(t.Context(), tickets.OutageChange{By: lead, No: n.No}, func(n *outage.Notice, at time.Time) ([]outage.Event, error) { return n.Publish("", at) })
		var faults *outage.FaultError
		require.ErrorAs(t, err, &faults)
		require.Equal(t, []outage.Fault{{Field: "late_reason", Problem: outage.Missing}}, faults.Faults)
		saved := r.make(t, n.No, func(n *outage.Notice, at time.Time) ([]outage.Event, error) {
			return n.Publish("阀门抢修冲突", at)
		})
		require.Equal(t, "阀门抢修冲突", saved.LateReason)
		require.False(t, saved.Deadlines[0].BreachedAt.IsZero())
		require.False(t, saved.Deadlines[0].MetAt.IsZero())
	})
}

func TestPublishedLateInOneStepIsAViolationOnRecord(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		n, err := r.Draft(t.Context(), lead, works(5*time.Hour), true, "阀门突发故障，需提前施工")
		require.NoError(t, err)
		r.sweepAt(t, r.now.Add(time.Minute))
		require.Equal(t, []string{"drafted", "published", "breached R15 48h0m0s"}, r.happened(t, n.No))
	})
}

func TestALargeOutageIsLateAfterFortyEightHours(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		f := works(40 * time.Hour)
		f.Households = 1000
		n, err := r.Draft(t.Context(), lead, f, true, "施工计划临时调整")
		require.NoError(t, err)
		r.sweepAt(t, r.now.Add(time.Minute))
		require.Equal(t, []string{"drafted", "published", "breached R15L 24h0m0s"}, r.happened(t, n.No))
	})
}

func TestAtTheEndSomebodySaysThatTheWaterIsBackOrUntilWhenItIsNot(t *testing.T) { // R16
	eachRoom(t, func(t *testing.T, r *room) {
		n, err := r.Draft(t.Context(), lead, works(50*time.Hour), true, "")
		require.NoError(t, err)
		end := noon.Add(60 * time.Hour)
		r.sweepAt(t, end.Add(15*time.Minute))
		published := []string{"drafted", "published", "warned R16 1s", "breached R16 30m0s", "pressed R16 45m0s"}
		require.Equal(t, published, r.happened(t, n.No))
		r.make(t, n.No, func(n *outage.Notice, at time.Time) ([]outage.Event, error) {
			return n.Extend(end.Add(3*time.Hour), "管道接口渗漏", at)
		})
		r.sweepAt(t, end.Add(2*time.Hour))
		require.Equal(t, append(published, "extended"), r.happened(t, n.No), "the new end has its own clock")
		r.sweepAt(t, end.Add(2*time.Hour+30*time.Minute+time.Second))
		saved := r.make(t, n.No, func(n *outage.Notice, at time.Time) ([]outage.Event, error) {
			return n.Restore(outage.Back{RestoredAt: at.Add(-time.Minute)}, at)
		})
		require.Equal(t, append(published, "extended", "warned R16 1s", "restored"), r.happened(t, n.No))
		require.True(t, saved.FirstEndAt.Equal(end))
		require.False(t, saved.Deadlines[1].BreachedAt.IsZero(), "what was late stays late")
	})
}

func TestAnEmergencyIsToldOfWithinHalfAnHour(t *testing.T) { // R18
	eachRoom(t, func(t *testing.T, r *room) {
		f := works(0)
		f.Kind, f.DecidedAt, f.StartAt = outage.Emergency, noon.Add(-5*time.Minute), noon
		n, err := r.Draft(t.Context(), lead, f, false, "")
		require.NoError(t, err)
		r.sweepAt(t, noon.Add(25*time.Minute))
		require.Equal(t, []string{"drafted", "warned R18 20m0s", "breached R18 30m0s"}, r.happened(t, n.No))
		other, err := r.Draft(t.Context(), lead, outage.Form{Kind: outage.Emergency, DecidedAt: r.now, Area: f.Area, StartAt: r.now, EndAt: r.now.Add(6 * time.Hour), Reason: "爆管抢修", Contact: "调度中心"}, true, "")
		require.NoError(t, err)
		require.Equal(t, "TZ-20261120-002", other.No)
		r.sweepAt(t, noon.Add(2*time.Hour))
		require.Equal(t, []string{"drafted", "published"}, r.happened(t, other.No))
	})
}

func TestAWithdrawnNoticeHasNoClocks(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		n, err := r.Draft(t.Context(), lead, works(50*time.Hour), true, "")
		require.NoError(t, err)
		r.make(t, n.No, func(n *outage.Notice, at time.Time) ([]outage.Event, error) { return n.Withdraw("改期", at) })
		r.sweepAt(t, noon.Add(80*time.Hour))
		require.Equal(t, []string{"drafted", "published", "withdrawn"}, r.happened(t, n.No))
	})
}

func TestOfTwoWhoChangeANoticeAtOnceOneIsTold(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		n, err := r.Draft(t.Context(), lead, works(50*time.Hour), false, "")
		require.NoError(t, err)
		change := tickets.OutageChange{By: lead, No: n.No, Version: 1}
		move := func(n *outage.Notice, at time.Time) ([]outage.Event, error) { return n.Change(works(60*time.Hour), at) }
		_, err = r.Make(t.Context(), change, move)
		require.NoError(t, err)
		fresh, err := r.Make(t.Context(), change, move)
		require.ErrorIs(t, err, outage.ErrStale)
		require.EqualValues(t, 2, fresh.Version)
		require.Equal(t, []string{"drafted", "changed"}, r.happened(t, n.No))
		loaded, err := r.Notice(t.Context(), n.No)
		require.NoError(t, err)
		require.Len(t, loaded.Deadlines, 2, "the clock follows the new start")
		require.NotNil(t, loaded.Running("R15"))
	})
}

func TestOnlyALeadOrASupervisorAnnounces(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		_, err := r.Draft(t.Context(), tickets.Actor{Kind: tickets.ByStaff, ID: 9}, works(50*time.Hour), true, "")
		require.ErrorIs(t, err, tickets.ErrForbidden)
		n, err := r.Draft(t.Context(), lead, works(50*time.Hour), true, "")
		require.NoError(t, err)
		_, err = r.Make(t.Context(), tickets.OutageChange{By: tickets.Bot, No: n.No}, func(n *outage.Notice, at time.Time) ([]outage.Event, error) { return n.Withdraw("x", at) })
		require.ErrorIs(t, err, tickets.ErrForbidden)
		_, err = r.Notice(t.Context(), "TZ-20261120-009")
		require.ErrorIs(t, err, outage.ErrNotFound)
	})
}

func TestTheEventsOfNoticesCannotBeChangedAndTheCheckerSeesWhoDidAnyway(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		r := newRoom(t, s)
		_, err := r.Draft(t.Context(), lead, works(50*time.Hour), true, "")
		require.NoError(t, err)
		for _, q := range []string{`UPDATE outage_events SET at = 1`, `DELETE FROM outage_events`} {
			_, err := s.DB().ExecContext(t.Context(), q)
			require.ErrorContains(t, err, "append-only")
		}
		disarm := `DROP TRIGGER outage_events_no_update`
		if s.Engine() == store.Postgres {
			disarm += ` ON outage_events`
		}
		for _, q := range []string{disarm, `UPDATE outage_events SET at = at - 600000`} {
			_, err := s.DB().ExecContext(t.Context(), q)
			require.NoError(t, err)
		}
		var found []string
		require.NoError(t, s.Check(t.Context(), func(p store.Problem) { found = append(found, p.Invariant+" "+p.What) }))
		require.Equal(t, []string{"I6 the events it covers have changed"}, found)
	})
}
