package hotline12345

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"quandesk/tickets"
)

// Fresh is a ticket that is about to be stored with its first events.
type Fresh struct {
	Ticket *tickets.Ticket
	Events []tickets.Event
}

// BulkTx is a Tx that takes many orders at once: a statement for each of
// thousands would keep everybody else waiting.
type BulkTx interface {
	Tx
	// Orders finds orders by the numbers they go by.
	Orders(ctx context.Context, numbers []string) (map[string]*Filed, error)
	// Registered are those of the numbers that a ticket has but no order.
	Registered(ctx context.Context, numbers []string) (map[string]bool, error)
	// Heard are the digests of what these orders have had, and of what waits
	// under these numbers.
	Heard(ctx context.Context, orders []int64, numbers []string) (map[string]bool, error)
	// Hold makes others who would change these tickets wait. It comes before
	// anything is written.
	Hold(ctx context.Context, orders []int64) error
	// OpenAll stores new tickets as Open does, under one row of the audit trail.
	OpenAll(ctx context.Context, list []Fresh) error
	// FileAll stores new orders with the event that opened each.
	FileAll(ctx context.Context, orders []*Filed, events []*Event) error
	// FinishUpload says what became of an upload and forgets its file.
	// ErrTaken when that has been said before.
	FinishUpload(ctx context.Context, id int64, state UploadState, result map[Outcome]int, at time.Time) error
	// Awaited are those of the numbers for which mail is parked.
	Awaited(ctx context.Context, numbers []string) (map[string]bool, error)
}

var (
	// ErrImporting is returned while another file is being imported.
	ErrImporting = errors.New("hotline12345: another import is running")
	// ErrWrong is returned for a file with wrong lines that nobody said to skip.
	ErrWrong = errors.New("hotline12345: the file has wrong lines")
)

// Compare says of each line what importing it would do.
func (m *Mailbox) Compare(ctx context.Context, lines []Entry) error {
	k, err := know(ctx, m.store.Files(), lines)
	if err != nil {
		return fmt.Errorf("compare orders: %w", err)
	}
	for i := range lines {
		if lines[i].Verdict == "" {
			k.judge(&lines[i])
		}
	}
	return nil
}

// known is what is on file about the lines of a file.
type known struct {
	orders map[string]*Filed
	heard  map[string]bool
	coming map[string]bool // orders that the file itself brings
}

func know(ctx context.Context, tx BulkTx, lines []Entry) (known, error) {
	k := known{coming: map[string]bool{}}
	var numbers []string
	for _, l := range lines {
		if l.Verdict == Wrong {
			continue
		}
		numbers = append(numbers, l.Order.numbers()...)
		if l.Order.Mail == Handle {
			k.coming[l.Order.No] = true
		}
	}
	var err error
	if k.orders, err = tx.Orders(ctx, numbers); err != nil {
		return k, err
	}
	k.heard, err = tx.Heard(ctx, ids(k.orders), numbers)
	return k, err
}

func ids(orders map[string]*Filed) []int64 {
	var out []int64
	seen := map[int64]bool{}
	for _, f := range orders {
		if !seen[f.ID] {
			seen[f.ID] = true
			out = append(out, f.ID)
		}
	}
	return out
}

func (o Order) numbers() []string { return append([]string{o.No}, o.OtherNos...) }

func (k known) order(o Order) *Filed {
	for _, no := range o.numbers() {
		if f := k.orders[no]; f != nil {
			return f
		}
	}
	return nil
}

func (k known) judge(l *Entry) {
	o, name := l.Order, MailNames[l.Order.Mail]
	filed := k.order(o)
	if filed != nil {
		l.TicketNo = filed.TicketNo
	}
	switch {
	case filed != nil && (o.Mail == Handle || o.Mail == Done):
		k.compare(l, filed)
	case o.Mail == Handle:
		l.Verdict = New
	case o.Mail == Done:
		l.problem("“办理单类型”", "这是已经办过的工单，本系统中没有它，不能作为新工单登记。")
	case k.heard[string(o.Mail)+"\x00"+string(o.Digest())]:
		l.Verdict, l.Why = Here, "这张"+name+"已经登记。"
	case filed != nil || k.coming[o.No]:
		l.Verdict, l.Why = New, "记入原工单。"
	default:
		l.Verdict, l.Why = New, "本系统和本文件中都没有原工单，先暂存，原工单到达后自动关联。"
	}
}

func (k known) compare(l *Entry, filed *Filed) {
	l.Changes = filed.Differs(l.Order)
	var names []string
	for _, c := range l.Changes {
		names = append(names, Label(c.Field))
	}
	list := strings.Join(names, "、")
	switch {
	case len(l.Changes) == 0:
		l.Verdict, l.Why = Here, "已经登记，没有变化。"
	case len(standing(l.Changes)) == 0 || l.Order.Mail == Done:
		l.Verdict, l.Why = Changed, "已经登记，导入后更新："+list+"。"
	default:
		l.Verdict, l.Why = Changed, "已经登记，内容不同："+list+"。导入后不覆盖，提请人工核对。"
	}
}

// Import takes the lines in one transaction: all of them, or none. Wrong ones
// are left out only when skip says so. It returns what became of each.
// Errors: ErrWrong, ErrImporting.
func (m *Mailbox) Import(ctx context.Context, by tickets.Actor, lines []Entry, skip bool) (map[Outcome]int, error) {
	return m.importing(ctx, by, lines, skip, func(BulkTx, map[Outcome]int) error { return nil })
}

// importing imports and then lets also write in the same transaction.
func (m *Mailbox) importing(ctx context.Context, by tickets.Actor, lines []Entry, skip bool,
	also func(BulkTx, map[Outcome]int) error) (map[Outcome]int, error) {
	if Count(lines).Wrong > 0 && !skip {
		return nil, ErrWrong
	}
	meanings := m.meanings(ctx, lines)
	var done map[Outcome]int
	err := m.store.InImport(ctx, func(tx BulkTx) error {
		done = map[Outcome]int{}
		if err := (batch{m.on(tx), tx, by, lines, meanings, done}).run(ctx); err != nil {
			return err
		}
		return also(tx, done)
	})
	if err != nil {
		return nil, fmt.Errorf("import orders: %w", err)
	}
	return done, nil
}

// meanings understands the words of what may become a ticket, before the
// transaction and on every processor: it takes longer than all the rest.
func (m *Mailbox) meanings(ctx context.Context, lines []Entry) map[string]Meaning {
	var orders []Order
	for _, l := range lines {
		if l.Verdict != Wrong && l.Verdict != Here && l.Order.Mail == Handle {
			orders = append(orders, l.Order)
		}
	}
	found := make([]Meaning, len(orders))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(orders)); i = next.Add(1) - 1 {
				found[i] = m.meaning(ctx, orders[i])
			}
		})
	}
	wg.Wait()
	out := make(map[string]Meaning, len(orders))
	for i, o := range orders {
		out[o.No] = found[i]
	}
	return out
}

// batch is the import of a file at work.
type batch struct {
	filing
	bulk     BulkTx
	by       tickets.Actor
	lines    []Entry
	meanings map[string]Meaning
	done     map[Outcome]int
}

func (b batch) run(ctx context.Context) error {
	k, err := know(ctx, b.bulk, b.lines)
	if err != nil {
		return err
	}
	if err := b.bulk.Hold(ctx, ids(k.orders)); err != nil {
		return err
	}
	fresh, rest, err := b.divide(ctx, k)
	if err != nil {
		return err
	}
	if err := b.openAll(ctx, fresh); err != nil {
		return err
	}
	for _, o := range rest {
		if err := ctx.Err(); err != nil {
			return err
		}
		if f := k.order(o); f != nil && o.Mail == Handle && len(f.Differs(o)) == 0 {
			b.done[Known]++
			continue
		}
		r, err := b.file(ctx, Letter{Order: o, Via: ByImport, By: b.by}, b.meanings[o.No])
		if err != nil {
			return err
		}
		b.done[r.Outcome]++
	}
	return nil
}

// divide tells the orders that are new from what is about orders that are here.
func (b batch) divide(ctx context.Context, k known) (fresh, rest []Order, err error) {
	var numbers []string
	for no := range k.coming {
		numbers = append(numbers, no)
	}
	byHand, err := b.bulk.Registered(ctx, numbers)
	if err != nil {
		return nil, nil, err
	}
	taken := map[string]bool{}
	for _, l := range b.lines {
		o := l.Order
		switch {
		case l.Verdict == Wrong:
		case o.Mail == Handle && k.order(o) == nil && !byHand[o.No] && !taken[o.No]:
			taken[o.No] = true
			fresh = append(fresh, o)
		default:
			rest = append(rest, o)
		}
	}
	return fresh, rest, nil
}

func (b batch) openAll(ctx context.Context, fresh []Order) error {
	now := b.now()
	var opened []Fresh
	for _, o := range fresh {
		t, events, err := b.desk.Prepare(b.by, o.opening(b.meanings[o.No]))
		if err != nil {
			return err
		}
		opened = append(opened, Fresh{t, events})
	}
	if err := b.bulk.OpenAll(ctx, opened); err != nil {
		return err
	}
	var orders []*Filed
	var events []*Event
	var alarms []tickets.Notice
	byNo := map[string]*Filed{}
	var numbers []string
	for i, o := range fresh {
		filed := newFiled(o, opened[i].Ticket)
		e := eventOf(filed, mail{Letter{Order: o, Via: ByImport, By: b.by}, now}, Opened, now)
		orders, events = append(orders, filed), append(events, &e)
		for _, no := range o.numbers() {
			byNo[no], numbers = filed, append(numbers, no)
		}
		if opened[i].Ticket.Urgent {
			alarms = append(alarms, b.desk.Alarm(opened[i].Ticket)...)
		}
	}
	if err := b.bulk.FileAll(ctx, orders, events); err != nil {
		return err
	}
	b.done[Opened] += len(fresh)
	if err := b.bulk.Alarm(ctx, alarms); err != nil {
		return err
	}
	waiting, err := b.bulk.Awaited(ctx, numbers)
	if err != nil {
		return err
	}
	for no := range waiting {
		if err := b.unpark(ctx, byNo[no]); err != nil {
			return err
		}
	}
	return nil
}
