package jobs_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/channels/hotline12345"
	"quandesk/channels/hotline12345/hotlinetest"
	"quandesk/server/jobs"
	"quandesk/server/store"
	"quandesk/server/store/storetest"
	"quandesk/tickets"
	"quandesk/tickets/calendar"
)

const orderNo = "261120091500000001"

var (
	clerk  = tickets.Actor{Kind: tickets.ByStaff, ID: 1, Name: "坐席"}
	worker = tickets.Actor{Kind: tickets.ByStaff, ID: 2, Name: "经办人"}
)

// bureau is an order of 12345 that has been replied to, and who reports it.
type bureau struct {
	*jobs.Reporter
	t        *testing.T
	platform *hotlinetest.Platform
	no       string
	mu       sync.Mutex
	now      time.Time
}

func openBureau(t *testing.T, s *store.Store) *bureau {
	t.Helper()
	cal, err := calendar.Default()
	require.NoError(t, err)
	rules, err := tickets.LoadRules("", cal)
	require.NoError(t, err)
	b := &bureau{t: t, platform: hotlinetest.New(t), now: time.Date(2026, 11, 20, 9, 0, 0, 0, tickets.Beijing)}
	s.SetClock(b.clock)
	client, err := hotline12345.NewClient(b.platform.URL, b.platform.Secret, time.Now)
	require.NoError(t, err)
	t.Cleanup(client.Close)
	b.Reporter = &jobs.Reporter{Store: s, Desk: tickets.NewDesk(s, rules, s.Now), Platform: client, Log: quiet}
	k, err := b.Desk.Open(t.Context(), tickets.Actor{Kind: tickets.By12345}, tickets.Opening{
		Kind: tickets.Complaint, Category: tickets.Leak, Source: tickets.From12345, Channel: "12345", ExternalNo: orderNo,
		Description: "小区门口漏水", ContactPhone: "13812345678"})
	require.NoError(t, err)
	b.no = k.No
	b.make(clerk, func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
		return t.Accept(clerk, tickets.Classification{}, at)
	})
	b.make(clerk, func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
		return t.Dispatch(clerk, tickets.Departments[0], "", at)
	})
	_, err = b.Desk.Sign(t.Context(), tickets.Change{By: worker, Scope: tickets.Everything, No: b.no}, true)
	require.NoError(t, err)
	return b
}

func (b *bureau) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bureau) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

func (b *bureau) make(by tickets.Actor, move func(*tickets.Ticket, time.Time) ([]tickets.Event, error)) {
	b.t.Helper()
	_, err := b.Desk.Make(b.t.Context(), tickets.Change{By: by, Scope: tickets.Everything, No: b.no}, move)
	require.NoError(b.t, err)
}

func (b *bureau) reply() {
	b.t.Helper()
	b.make(worker, func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
		return t.Settle(worker, tickets.Settlement{Outcome: tickets.Solved, Measures: "更换阀门", Reply: "已更换阀门，不再漏水。", Channel: "phone"}, at)
	})
}

// rows are the messages of the order by act.
func (b *bureau) rows() map[tickets.Act]hotline12345.Outward {
	b.t.Helper()
	k, err := b.Desk.Ticket(b.t.Context(), tickets.Everything, b.no)
	require.NoError(b.t, err)
	list, err := b.Store.OutwardOf(b.t.Context(), k.ID)
	require.NoError(b.t, err)
	out := map[tickets.Act]hotline12345.Outward{}
	for _, o := range list {
		out[o.Act] = o
	}
	return out
}

// work does what is due once, oldest first.
func (b *bureau) work() {
	b.t.Helper()
	rows := b.rows()
	for _, act := range tickets.Acts {
		if o, ok := rows[act]; ok {
			require.NoError(b.t, b.Report(b.t.Context(), o.ID))
		}
	}
}

func (b *bureau) taken(act tickets.Act) int {
	n := 0
	for _, m := range b.platform.Taken() {
		if m.Action == act {
			n++
		}
	}
	return n
}

func eachBureau(t *testing.T, f func(*testing.T, *bureau)) {
	storetest.Each(t, func(t *testing.T, s *store.Store) { f(t, openBureau(t, s)) })
}

func TestASignatureAndAReplyReachThePlatformInTheirOrder(t *testing.T) {
	eachBureau(t, func(t *testing.T, b *bureau) {
		b.reply()
		require.NoError(t, b.Report(t.Context(), b.rows()[tickets.ActReply].ID), "the signature goes first")
		require.Empty(t, b.platform.Requests())
		b.work()
		taken := b.platform.Taken()
		require.Len(t, taken, 2)
		require.Equal(t, tickets.ActSign, taken[0].Action)
		require.Equal(t, tickets.ActReply, taken[1].Action)
		require.Equal(t, "更换阀门", taken[1].Fields["measures"])
		require.Equal(t, "261120091500000001/reply/1", taken[1].Key)
		b.work()
		require.Len(t, b.platform.Requests(), 2, "what is delivered is left alone")

		k, err := b.Desk.Ticket(t.Context(), tickets.Everything, b.no)
		require.NoError(t, err)
		require.Nil(t, k.Running("D02"), "the platform has the reply")
		require.Equal(t, hotline12345.Delivered, b.rows()[tickets.ActReply].State)
	})
}

func TestF04k12KilledAfterThePlatformAcceptedTheReplyIsNotGivenTwice(t *testing.T) {
	eachBureau(t, func(t *testing.T, b *bureau) {
		b.reply()
		b.work()
		require.Equal(t, 1, b.taken(tickets.ActReply))
		// The same, but the process dies between the platform's answer and the mark.
		b.make(tickets.Actor{Kind: tickets.By12345}, func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
			return t.Reorder(tickets.Actor{Kind: tickets.By12345}, "重新办理单", time.Time{}, at)
		})
		b.reply()
		o, ours, err := b.Store.Depart(t.Context(), b.rows()[tickets.ActReply].ID)
		require.NoError(t, err)
		require.True(t, ours)
		require.Equal(t, hotline12345.Taken, b.Platform.Send(t.Context(), o).Result)

		b.work()
		require.Equal(t, hotline12345.Sending, b.rows()[tickets.ActReply].State, "whoever sends it may still be alive")
		b.pass(time.Minute)
		n, err := b.Store.Departures(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, n, "a dead sender's message is taken up again")
		b.work()
		require.Equal(t, hotline12345.Delivered, b.rows()[tickets.ActReply].State)
		require.Equal(t, 2, b.taken(tickets.ActReply), "one for each round")
		last := b.platform.Requests()
		require.Equal(t, "GET", last[len(last)-1].Method, "it was asked about, not sent")
	})
}

func TestWhatIsInDoubtIsAskedAboutBeforeItIsSentAgain(t *testing.T) {
	for _, x := range []struct {
		play hotlinetest.Play
		then []string // what the platform hears of the reply
	}{
		{hotlinetest.BreakAfter, []string{"POST", "GET"}},
		{hotlinetest.Break, []string{"POST", "GET", "POST"}},
		{hotlinetest.Busy, []string{"POST", "POST"}},
		{hotlinetest.Redirect, []string{"POST", "POST"}},
	} {
		t.Run(string(x.play), func(t *testing.T) {
			eachBureau(t, func(t *testing.T, b *bureau) {
				b.work() // the signature
				b.platform.Play(x.play)
				b.reply()
				b.work()
				require.NotEqual(t, hotline12345.Delivered, b.rows()[tickets.ActReply].State)
				before := len(b.platform.Requests())
				b.work()
				require.Len(t, b.platform.Requests(), before, "not before its time")
				b.pass(time.Minute)
				b.work()
				var heard []string
				for _, r := range b.platform.Requests()[1:] {
					heard = append(heard, r.Method)
				}
				require.Equal(t, x.then, heard)
				require.Equal(t, hotline12345.Delivered, b.rows()[tickets.ActReply].State)
				require.Equal(t, 1, b.taken(tickets.ActReply))
			})
		})
	}
}

func TestAPlatformThatCannotBeAskedLeavesTheChoiceToAPerson(t *testing.T) {
	eachBureau(t, func(t *testing.T, b *bureau) {
		b.work()
		b.platform.Play(hotlinetest.BreakAfter)
		b.platform.Forget(true)
		b.reply()
		b.work()
		for range 3 {
			b.pass(time.Hour)
			b.work()
		}
		o := b.rows()[tickets.ActReply]
		require.Equal(t, hotline12345.Unknown, o.State)
		require.True(t, o.Doubt)
		require.NotEmpty(t, o.Reason)
		require.Equal(t, 1, b.taken(tickets.ActReply))

		require.NoError(t, b.Store.Again(t.Context(), o, false))
		b.work()
		require.Equal(t, hotline12345.Unknown, b.rows()[tickets.ActReply].State, "asked again, as unknown as before")
		require.NoError(t, b.Store.Again(t.Context(), b.rows()[tickets.ActReply], true))
		b.work()
		last := b.platform.Requests()
		require.Equal(t, "POST", last[len(last)-1].Method, "a person wanted it sent whatever the platform has")
		require.Equal(t, 1, b.taken(tickets.ActReply), "the key is the same")
		b.make(clerk, func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
			return t.Report(clerk, tickets.ActReply, 0, tickets.ByPaste, at)
		})
		require.Equal(t, hotline12345.Manual, b.rows()[tickets.ActReply].State)
	})
}

func TestARefusalIsShownWithItsReasonAndSentAgainOnlyByAPerson(t *testing.T) {
	eachBureau(t, func(t *testing.T, b *bureau) {
		b.work()
		b.platform.Play(hotlinetest.Refuse)
		b.reply()
		b.work()
		o := b.rows()[tickets.ActReply]
		require.Equal(t, hotline12345.Refused, o.State)
		require.Equal(t, hotlinetest.Reason, o.Reason)
		k, err := b.Desk.Ticket(t.Context(), tickets.Everything, b.no)
		require.NoError(t, err)
		require.NotNil(t, k.Running("D02"), "the platform does not have it")
		before := len(b.platform.Requests())
		b.pass(24 * time.Hour)
		b.work()
		require.Len(t, b.platform.Requests(), before)
		require.NoError(t, b.Store.Again(t.Context(), o, false))
		b.work()
		require.Equal(t, hotline12345.Delivered, b.rows()[tickets.ActReply].State)
	})
}

func TestSeveralSendersSendOnce(t *testing.T) {
	eachBureau(t, func(t *testing.T, b *bureau) {
		id := b.rows()[tickets.ActSign].ID
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if err := b.Report(context.Background(), id); err != nil {
					t.Errorf("report: %v", err)
				}
			})
		}
		wg.Wait()
		require.Len(t, b.platform.Requests(), 1)
	})
}

func TestTheLastWordOvertakesWhatWasNeverSent(t *testing.T) {
	eachBureau(t, func(t *testing.T, b *bureau) {
		b.reply()
		first := b.rows()[tickets.ActReply]
		b.make(tickets.Actor{Kind: tickets.By12345}, func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
			return t.Reorder(tickets.Actor{Kind: tickets.By12345}, "重新办理单", time.Time{}, at)
		})
		b.reply()
		second := b.rows()[tickets.ActReply]
		require.NotEqual(t, first.ID, second.ID)
		require.Equal(t, 2, second.Round)
		b.work()
		require.NoError(t, b.Report(t.Context(), first.ID))
		require.Equal(t, 1, b.taken(tickets.ActReply))
	})
}
