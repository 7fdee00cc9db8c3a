package store_test

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"quandesk/channels/hotline12345"
	"quandesk/server/store"
	"quandesk/server/store/storetest"
)

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
