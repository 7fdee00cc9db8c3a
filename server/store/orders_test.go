package store_test

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"quandesk/channels/hotline12345"
	"quandesk/server/store"
	"quandesk/server/store/storetest"
	"quandesk/server/watched"
	"quandesk/tickets"
	"quandesk/tickets/calendar"
)

var city = tickets.Actor{Kind: tickets.By12345, Name: "12345热线平台"}

// postbox is a mailbox of 12345 on a database.
type postbox struct {
	*hotline12345.Mailbox
	t    testing.TB
	s    *store.Store
	desk *tickets.Desk
}

func newPostbox(t testing.TB, s *store.Store) *postbox {
	t.Helper()
	days, err := calendar.Default()
	require.NoError(t, err)
	rules, err := tickets.LoadRules("", days)
	require.NoError(t, err)
	desk := tickets.NewDesk(s, rules, s.Now)
	understand := func(_ context.Context, text string) hotline12345.Meaning {
		return hotline12345.Meaning{Kind: tickets.Repair, Category: tickets.WaterQuality, Urgent: strings.Contains(text, "中毒")}
	}
	return &postbox{hotline12345.NewMailbox(s, desk, understand, s.Now), t, s, desk}
}

// order is an order as the platform pushes it, with some fields changed.
func order(t testing.TB, fields map[string]string) hotline12345.Order {
	t.Helper()
	all := map[string]string{
		"HotLineWorkNumber": "260302093015001204", "linkPerson": "李女士", "linkPhone": "13812345678",
		"address": "历下区文化东路88号", "ldlbid": "投诉", "content": "家中自来水发黄两天。",
		"sendTime": "2026-03-02 09:35:00", "endDate": "2026-03-09 18:00:00", "isSecret": "0",
	}
	for name, value := range fields {
		all[name] = value
	}
	var values []hotline12345.Value
	for name, value := range all {
		values = append(values, hotline12345.Value{Name: name, Text: value})
	}
	sort.Slice(values, func(i, j int) bool { return values[i].Name < values[j].Name })
	o, flaws := hotline12345.Read(values)
	for _, f := range flaws {
		require.Falsef(t, f.Fatal, "%+v", f)
	}
	return o
}

func (p *postbox) push(o hotline12345.Order) hotline12345.Receipt {
	p.t.Helper()
	r, err := p.Receive(p.t.Context(), hotline12345.Letter{Order: o, Via: hotline12345.ByPush, By: city})
	require.NoError(p.t, err)
	return r
}

// ticket is the ticket of an order, with its events.
func (p *postbox) ticket(no string) (*tickets.Ticket, []tickets.Event) {
	p.t.Helper()
	t, err := p.s.TicketOf(p.t.Context(), no)
	require.NoError(p.t, err)
	events, err := p.s.Events(p.t.Context(), t.ID)
	require.NoError(p.t, err)
	return t, events
}

// sound verifies every invariant.
func sound(t *testing.T, s *store.Store) {
	t.Helper()
	require.NoError(t, s.Check(t.Context(), func(p store.Problem) { t.Errorf("%s %s: %s", p.Invariant, p.Object, p.What) }))
}

func TestF02SixLettersInAnyOrderComeToTheSame(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		stride := 1
		if s.Engine() == store.Postgres {
			stride = 12 // the logic is the same; the statements are proved by fewer
		} else if watched.ByRace() {
			stride = 7 // one goroutine at a time; the gate runs all without the detector
		}
		letters := []map[string]string{
			{},
			{"MessageType": "1", "sendTime": "2026-03-03 08:00", "content": "市民再次来电催办"},
			{"MessageType": "1", "sendTime": "2026-03-04 08:00", "content": "市民再次来电催办"},
			{"MessageType": "2", "sendTime": "2026-03-04 09:00", "content": "退单理由不成立", "endDate": "2026-03-12 18:00"},
			{"MessageType": "4", "sendTime": "2026-03-05 09:00", "content": "回访不满意", "endDate": "2026-03-11 18:00"},
			{"MessageType": "来电追问", "sendTime": "2026-03-05 10:00", "content": "补充：三楼也发黄"},
		}
		want := ""
		ways := permutations(len(letters))
		require.Len(t, ways, 720)
		// Many in one transaction: this is about the order of letters, and each
		// commit would wait for the disk.
		err := s.Atomically(t.Context(), func(s *store.Store) error {
			p := newPostbox(t, s)
			for n, way := range ways {
				if n%stride != 0 {
					continue
				}
				no := fmt.Sprintf("2603020930%08d", n)
				for _, i := range way {
					fields := map[string]string{"HotLineWorkNumber": no}
					for k, v := range letters[i] {
						fields[k] = v
					}
					p.push(order(t, fields))
					p.push(order(t, fields)) // once more: nothing happens
				}
				got := p.state(no)
				if want == "" {
					want = got
				}
				require.Equal(t, want, got, "%v", way)
			}
			return nil
		})
		require.NoError(t, err)
		require.Contains(t, want, "urges 2 2, sent back 1, redone 1")
		sound(t, s)
	})
}

// state is all that matters of an order and its ticket, without their times
// of arrival.
func (p *postbox) state(no string) string {
	p.t.Helper()
	ticket, events := p.ticket(no)
	f, err := p.s.Order(p.t.Context(), no)
	require.NoError(p.t, err)
	history, err := p.s.OrderEvents(p.t.Context(), f.ID)
	require.NoError(p.t, err)
	var kinds, mails []string
	for _, e := range events {
		kinds = append(kinds, string(e.Kind))
	}
	for _, e := range history {
		mails = append(mails, string(e.Mail)+"="+string(e.Outcome))
	}
	slices.Sort(kinds)
	slices.Sort(mails)
	return fmt.Sprintf("%s level %d urges %d %d, sent back %d, redone %d, due %s, %s, %v %v", ticket.State, ticket.Level,
		ticket.Urges, f.Urges, f.SentBacks, f.Redos, f.DueAt.In(tickets.Beijing), f.Content, kinds, mails)
}

func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{nil}
	}
	var out [][]int
	for _, rest := range permutations(n - 1) {
		for i := range n {
			out = append(out, slices.Insert(slices.Clone(rest), i, n-1))
		}
	}
	return out
}

func TestMailThatWaitsADayIsTold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		now := noon
		s.SetClock(func() time.Time { return now })
		p := newPostbox(t, s)
		r := p.push(order(t, map[string]string{"MessageType": "1"}))
		require.Equal(t, hotline12345.Parked, r.Outcome)
		require.Equal(t, hotline12345.Known, p.push(order(t, map[string]string{"MessageType": "1"})).Outcome)
		now = noon.Add(24*time.Hour - time.Second)
		n, err := s.TellParked(t.Context())
		require.NoError(t, err)
		require.Zero(t, n)
		now = noon.Add(24 * time.Hour)
		for _, want := range []int{1, 0} {
			n, err = s.TellParked(t.Context())
			require.NoError(t, err)
			require.Equal(t, want, n)
		}
		list, err := s.Notices(t.Context(), []string{"role:lead"}, tickets.NoticeFilter{})
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, "12345催办单（工单编号260302093015001204）已等待24小时，仍未收到原工单，请向平台核实。", list[0].Words)
		require.Equal(t, hotline12345.Opened, p.push(order(t, nil)).Outcome)
		f, err := s.Order(t.Context(), "260302093015001204")
		require.NoError(t, err)
		require.Equal(t, 1, f.Urges, "it still attaches")
		sound(t, s)
	})
}

// settle takes a ticket through the loop up to its end.
func (p *postbox) settle(no string) {
	p.t.Helper()
	staff := tickets.Actor{Kind: tickets.ByStaff, ID: 1, Name: "王芳", Supervises: true}
	other := tickets.Actor{Kind: tickets.ByStaff, ID: 2, Name: "赵磊", Supervises: true}
	for _, move := range []func(*tickets.Ticket, time.Time) ([]tickets.Event, error){
		func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
			return t.Accept(staff, tickets.Classification{}, at)
		},
		func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
			return t.Dispatch(staff, tickets.Departments[0], "", at)
		},
		func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) { return t.Sign(staff, at) },
		func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) { return t.Start(staff, at) },
		func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
			return t.Settle(staff, tickets.Settlement{Outcome: tickets.Solved, Measures: "冲洗管道", Reply: "已冲洗管道，水质恢复正常。", Channel: "phone"}, at)
		},
		func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) { return t.StartCallback(other, at) },
		func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
			return t.RecordCallback(other, tickets.CallbackResult{Verdict: tickets.CallbackSatisfied, Process: tickets.Good, Outcome: tickets.Good}, at)
		},
	} {
		_, err := p.desk.Make(p.t.Context(), tickets.Change{Scope: tickets.Everything, No: no}, move)
		require.NoError(p.t, err)
	}
}

func TestAnOrderThatComesBackAfterItsEndIsTakenUpAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := newPostbox(t, s)
		for i, box := range []string{"2", "4"} {
			no := fmt.Sprintf("26030209301500120%d", i)
			r := p.push(order(t, map[string]string{"HotLineWorkNumber": no}))
			p.settle(r.TicketNo)
			chased := p.push(order(t, map[string]string{"HotLineWorkNumber": no, "MessageType": "1", "content": "催"}))
			require.Equal(t, hotline12345.Urged, chased.Outcome)
			ticket, _ := p.ticket(no)
			require.Equal(t, tickets.Closed, ticket.State, "F03: a chaser opens nothing silently")
			back := p.push(order(t, map[string]string{"HotLineWorkNumber": no, "MessageType": box, "content": "市民不满意", "endDate": "2027-03-09 18:00"}))
			require.Equal(t, hotline12345.Reopened, back.Outcome)
			require.Equal(t, hotline12345.Known, p.push(order(t, map[string]string{"HotLineWorkNumber": no, "MessageType": box, "content": "市民不满意", "endDate": "2027-03-09 18:00"})).Outcome)
			ticket, events := p.ticket(no)
			require.True(t, ticket.State.Open())
			require.NotNil(t, ticket.Running("R08"), "a redo has its clock")
			require.Equal(t, tickets.EventReopened, events[len(events)-1].Kind)
			require.Contains(t, string(events[len(events)-1].Data), "市民不满意")
		}
		sound(t, s)
	})
}

func TestAnOrderThatComesWithOtherContentIsDecidedByAPerson(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := newPostbox(t, s)
		r := p.push(order(t, nil))
		other := order(t, map[string]string{"content": "家中自来水发黄三天。", "linkPhone": "13812345679", "isSecret": "1", "gdzt": "5"})
		c := p.push(other)
		require.Equal(t, hotline12345.Conflict, c.Outcome)
		require.ElementsMatch(t, []string{"content", "contact_phone", "confidential", "external_status"}, c.Changed)
		require.Equal(t, hotline12345.Conflict, p.push(other).Outcome, "again, and nobody is told twice")
		f, err := s.Order(t.Context(), r.OrderNo)
		require.NoError(t, err)
		require.Equal(t, []any{"家中自来水发黄两天。", "13812345678", true}, []any{f.Content, f.ContactPhone, f.Confidential}, "only the secret is kept at once")
		ticket, _ := p.ticket(r.OrderNo)
		require.True(t, ticket.Confidential)
		events, err := s.OrderEvents(t.Context(), f.ID)
		require.NoError(t, err)
		require.Len(t, events, 2)

		change := tickets.Change{By: tickets.Actor{Kind: tickets.ByStaff, ID: 3, Name: "李强", Supervises: true}, Scope: tickets.Everything, No: r.TicketNo}
		agent := change
		agent.By.Supervises = false
		require.ErrorIs(t, p.Decide(t.Context(), agent, events[1].ID, true), tickets.ErrForbidden)
		require.ErrorIs(t, p.Decide(t.Context(), change, events[0].ID, true), hotline12345.ErrNotFound)
		require.NoError(t, p.Decide(t.Context(), change, events[1].ID, true))
		require.ErrorIs(t, p.Decide(t.Context(), change, events[1].ID, false), hotline12345.ErrDecided)
		f, err = s.Order(t.Context(), r.OrderNo)
		require.NoError(t, err)
		require.Equal(t, []string{"家中自来水发黄三天。", "13812345679", "5"}, []string{f.Content, f.ContactPhone, f.Status})
		ticket, _ = p.ticket(r.OrderNo)
		require.Equal(t, "13812345679", ticket.ContactPhone)
		require.Equal(t, hotline12345.Known, p.push(other).Outcome, "it is what we have now")
		sound(t, s)
	})
}

func TestANonceIsAnsweredForTenMinutes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		now := noon
		s.SetClock(func() time.Time { return now })
		p := newPostbox(t, s)
		letter := hotline12345.Letter{Order: order(t, nil), Via: hotline12345.ByPush, By: city, Nonce: "nonce-0001", Request: []byte("a")}
		first, err := p.Receive(t.Context(), letter)
		require.NoError(t, err)
		now = noon.Add(10 * time.Minute)
		again, err := p.Receive(t.Context(), letter)
		require.NoError(t, err)
		require.True(t, again.Replayed)
		again.Replayed = false
		require.Equal(t, first, again)
		letter.Request = []byte("b")
		_, err = p.Receive(t.Context(), letter)
		require.ErrorIs(t, err, hotline12345.ErrNonceReused)
		now = noon.Add(10*time.Minute + time.Millisecond)
		require.NoError(t, s.Tidy(t.Context()))
		require.Zero(t, rowsOf(t, s, "nonces"))
	})
}

func TestAPushThatIsRefusedLeavesNoNonce(t *testing.T) {
	s := storetest.SQLite(t)
	p := newPostbox(t, s)
	done := order(t, map[string]string{"MessageType": "已回复"})
	_, err := p.Receive(t.Context(), hotline12345.Letter{Order: done, Via: hotline12345.ByPush, By: city, Nonce: "nonce-0001", Request: []byte("a")})
	var refused *hotline12345.RefusedError
	require.ErrorAs(t, err, &refused)
	require.Zero(t, rowsOf(t, s, "nonces"))
}

func TestManyPushesOfOneOrderAtOnceOpenOneTicket(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := newPostbox(t, s)
		o := order(t, nil)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				_, err := p.Receive(t.Context(), hotline12345.Letter{Order: o, Via: hotline12345.ByPush, By: city})
				assert.NoError(t, err)
			})
		}
		wg.Wait()
		require.Equal(t, 1, rowsOf(t, s, "tickets"))
		require.Equal(t, 1, rowsOf(t, s, "order_events"))
		sound(t, s)
	})
}

func TestATicketRegisteredByHandBecomesTheOrders(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := newPostbox(t, s)
		o := tickets.Opening{Kind: tickets.Complaint, Category: tickets.WaterQuality, Source: tickets.From12345, Channel: "12345",
			ExternalNo: "260302093015001204", Description: "家中自来水发黄两天。", ContactPhone: "13812345678"}
		k, err := p.Register(t.Context(), city, o)
		require.NoError(t, err)
		_, err = p.Register(t.Context(), city, o)
		var input *tickets.InputError
		require.ErrorAs(t, err, &input)
		require.Equal(t, tickets.Taken, input.Problem)
		r := p.push(order(t, nil))
		require.Equal(t, k.No, r.TicketNo, "one number, one ticket")
		require.Equal(t, 1, rowsOf(t, s, "tickets"))
		sound(t, s)
	})
}
