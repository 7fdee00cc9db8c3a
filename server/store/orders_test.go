package store_test

import (
	"bytes"
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
	"github.com/xuri/excelize/v2"

	"quandesk/channels/hotline12345"
	"quandesk/server/store"
	"quandesk/server/store/storetest"
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

// book makes a spreadsheet of rows; the first names the columns.
func book(t testing.TB, rows [][]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	w, err := f.NewStreamWriter("Sheet1")
	require.NoError(t, err)
	for i, row := range rows {
		require.NoError(t, w.SetRow(fmt.Sprintf("A%d", i+1), row))
	}
	require.NoError(t, w.Flush())
	var out bytes.Buffer
	require.NoError(t, f.Write(&out))
	return out.Bytes()
}

var xlHeader = []any{"序号", "办件编号", "办件来源", "市级编号", "诉求主题", "诉求内容", "办理单位", "办理科室", "诉求人", "诉求人电话",
	"处理结果", "事项大类", "事项小类", "派发时间", "承诺完成时间", "办件状态", "派单员", "预警状态"}

func xlRow(n int) []any {
	return []any{n, fmt.Sprintf("2603020930%08d", n), "电话", "", "自来水问题", fmt.Sprintf("第%d户家中自来水发黄，请尽快处理。", n), "水务集团", "客服中心",
		"王先生", "13812345678", "", "城市供水", "水质", "2026-03-02 09:35", 46090.75, "办理中", "小赵", "正常"}
}

func TestF22FiveThousandRowsWithSevenWrongAndFortyKnown(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := newPostbox(t, s)
		rows := [][]any{xlHeader}
		for n := range 5000 {
			rows = append(rows, xlRow(n))
		}
		first := [][]any{xlHeader}
		for n := range 40 {
			first = append(first, xlRow(100+n))
		}
		for n := range 7 {
			rows[1000+n][1] = "" // no number
		}
		p.take(book(t, first), false)

		data := book(t, rows)
		start := time.Now()
		f, err := hotline12345.ReadFile(bytes.NewReader(data), int64(len(data)))
		require.NoError(t, err)
		require.NoError(t, p.Compare(t.Context(), f.Lines))
		previewed := time.Since(start)
		require.Equal(t, hotline12345.Counts{New: 4953, Known: 40, Wrong: 7}, hotline12345.Count(f.Lines))
		_, err = p.Import(t.Context(), city, f.Lines, false)
		require.ErrorIs(t, err, hotline12345.ErrWrong, "nobody said to leave the wrong ones out")
		start = time.Now()
		done, err := p.Import(t.Context(), city, f.Lines, true)
		require.NoError(t, err)
		t.Logf("previewed in %v, imported in %v", previewed, time.Since(start))
		require.Equal(t, map[hotline12345.Outcome]int{hotline12345.Opened: 4953, hotline12345.Known: 40}, done)
		require.Equal(t, map[hotline12345.Outcome]int{hotline12345.Known: 4993, hotline12345.Opened: 0}, p.take(data, true), "the same file again")
		sound(t, s)
	})
}

// take reads and imports a file.
func (p *postbox) take(data []byte, skip bool) map[hotline12345.Outcome]int {
	p.t.Helper()
	f, err := hotline12345.ReadFile(bytes.NewReader(data), int64(len(data)))
	require.NoError(p.t, err)
	require.NoError(p.t, p.Compare(p.t.Context(), f.Lines))
	done, err := p.Import(p.t.Context(), city, f.Lines, skip)
	require.NoError(p.t, err)
	return done
}

// rowsOf counts the rows of a table.
func rowsOf(t testing.TB, s *store.Store, table string) int {
	t.Helper()
	var n int
	require.NoError(t, s.DB().QueryRowContext(context.WithoutCancel(t.Context()), `SELECT COUNT(*) FROM `+table).Scan(&n))
	return n
}

func TestF22AKillInTheMiddleLeavesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := newPostbox(t, s)
		rows := [][]any{xlHeader}
		for n := range 600 {
			rows = append(rows, xlRow(n))
		}
		u, err := p.Upload(t.Context(), city, "工单.xlsx", book(t, rows))
		require.NoError(t, err)
		// The context is the life of the process: it ends while the tickets are
		// written, at several moments.
		for _, life := range []int{1, 40, 200, 500, 900} {
			ctx, kill := context.WithCancel(t.Context())
			dying := &dyingStore{Store: s, kill: kill, left: life}
			_, err = hotline12345.NewMailbox(dying, p.desk, nil, s.Now).Confirm(ctx, city, u.ID, false)
			require.Error(t, err)
			kill()
			for _, table := range []string{"tickets", "orders", "order_events", "order_numbers", "conversations", "ticket_events", "deadlines", "audit"} {
				require.Zero(t, rowsOf(t, s, table), "%s after %d steps", table, life)
			}
		}
		u, err = p.Confirm(t.Context(), city, u.ID, false)
		require.NoError(t, err)
		require.Equal(t, map[hotline12345.Outcome]int{hotline12345.Opened: 600}, u.Result)
		require.Equal(t, 600, rowsOf(t, s, "tickets"))
		sound(t, s)
	})
}

// dyingStore ends the process after so many steps of an import.
type dyingStore struct {
	*store.Store
	kill func()
	left int
}

func (d *dyingStore) InImport(ctx context.Context, f func(hotline12345.BulkTx) error) error {
	return d.Store.InImport(ctx, func(tx hotline12345.BulkTx) error {
		left := d.left
		return f(&dyingTx{tx, func() {
			if left -= 100; left <= 0 {
				d.kill()
			}
		}})
	})
}

type dyingTx struct {
	hotline12345.BulkTx
	step func()
}

func (d *dyingTx) Registered(ctx context.Context, n []string) (map[string]bool, error) {
	d.step()
	return d.BulkTx.Registered(ctx, n)
}

func (d *dyingTx) OpenAll(ctx context.Context, list []hotline12345.Fresh) error {
	err := d.BulkTx.OpenAll(ctx, list)
	d.step()
	d.step()
	return err
}

func (d *dyingTx) FileAll(ctx context.Context, orders []*hotline12345.Filed, events []*hotline12345.Event) error {
	err := d.BulkTx.FileAll(ctx, orders, events)
	d.step()
	d.step()
	return err
}

func (d *dyingTx) FinishUpload(ctx context.Context, id int64, state hotline12345.UploadState, done map[hotline12345.Outcome]int, at time.Time) error {
	err := d.BulkTx.FinishUpload(ctx, id, state, done, at)
	for range 10 {
		d.step() // at the latest just before the commit
	}
	return err
}

func TestF22OfTwoImportsAtOnceOneWins(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := newPostbox(t, s)
		rows := [][]any{xlHeader}
		for n := range 50 {
			rows = append(rows, xlRow(n))
		}
		first, err := p.Upload(t.Context(), city, "工单.xlsx", book(t, rows))
		require.NoError(t, err)
		second, err := p.Upload(t.Context(), city, "工单（1）.xlsx", book(t, rows))
		require.NoError(t, err)

		inside, goOn := make(chan struct{}), make(chan struct{})
		var held sync.WaitGroup
		held.Go(func() {
			assert.NoError(t, s.InImport(t.Context(), func(hotline12345.BulkTx) error {
				close(inside)
				<-goOn
				return nil
			}))
		})
		<-inside
		_, err = p.Confirm(t.Context(), city, first.ID, false)
		require.ErrorIs(t, err, hotline12345.ErrImporting)
		close(goOn)
		held.Wait()

		_, err = p.Confirm(t.Context(), city, first.ID, false)
		require.NoError(t, err)
		_, err = p.Confirm(t.Context(), city, first.ID, false)
		require.ErrorIs(t, err, hotline12345.ErrTaken, "the same upload twice")
		again, err := p.Confirm(t.Context(), city, second.ID, false)
		require.NoError(t, err)
		require.Equal(t, 50, again.Result[hotline12345.Known], "the same file as another upload has nothing new")
		require.Equal(t, 50, rowsOf(t, s, "tickets"))
		require.ErrorIs(t, p.Drop(t.Context(), first.ID), hotline12345.ErrTaken)
		sound(t, s)
	})
}

func TestOneFileOpensChasesAndReopens(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := newPostbox(t, s)
		p.push(order(t, map[string]string{"HotLineWorkNumber": "260302093000000099", "MessageType": "1", "content": "催办", "sendTime": "2026-03-03"}))
		head := []any{"工单编号", "办理单类型", "诉求内容", "发送时间", "工单状态", "联系电话"}
		file := book(t, [][]any{head,
			{"260302093000000001", "1", "催一下", "2026-03-03", "", ""}, // before its order, in the file
			{"260302093000000001", "0", "水发黄", "2026-03-02", "办理中", "13812345678"},
			{"260302093000000001", "催办单", "再催一下", "2026-03-04", "", ""},
			{"260302093000000001", "重新办理单", "不满意", "2026-03-05", "", ""},
			{"260302093000000099", "", "停水", "2026-03-02", "", ""},        // its chaser waits
			{"260302093000000077", "退回办理单", "原单未到", "2026-03-05", "", ""}, // waits
			{"260302093000000066", "已回复", "办过的", "2026-03-05", "", ""},    // never was here
		})
		require.Equal(t, map[hotline12345.Outcome]int{hotline12345.Opened: 2, hotline12345.Urged: 2, hotline12345.Supplemented: 1, hotline12345.Parked: 1}, p.take(file, true))
		f, err := s.Order(t.Context(), "260302093000000001")
		require.NoError(t, err)
		require.Equal(t, []int{2, 1}, []int{f.Urges, f.Redos})
		f, err = s.Order(t.Context(), "260302093000000099")
		require.NoError(t, err)
		require.Equal(t, 1, f.Urges, "what waited was attached")
		require.Equal(t, map[hotline12345.Outcome]int{hotline12345.Opened: 0, hotline12345.Known: 6}, p.take(file, true), "and all of it again")

		later := book(t, [][]any{head,
			{"260302093000000001", "0", "水发黄", "2026-03-02", "已办结", "13812345678"},
			{"260302093000000099", "0", "停水三天", "2026-03-02", "", ""}})
		require.Equal(t, map[hotline12345.Outcome]int{hotline12345.Opened: 0, hotline12345.Updated: 1, hotline12345.Conflict: 1}, p.take(later, false))
		f, err = s.Order(t.Context(), "260302093000000099")
		require.NoError(t, err)
		require.Equal(t, "停水", f.Content, "nothing is overwritten")
		sound(t, s)
	})
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
