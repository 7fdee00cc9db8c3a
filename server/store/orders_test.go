package store_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

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
