package hotline12345

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"quandesk/tickets"
)

// again files mail about an order that is here.
func (f filing) again(ctx context.Context, filed *Filed, l mail) (Receipt, error) {
	if l.Order.Mail == Handle || l.Order.Mail == Done {
		return f.repeated(ctx, filed, l)
	}
	outcome, err := f.outcome(ctx, filed, l)
	if err != nil {
		return Receipt{}, err
	}
	e := eventOf(filed, l, outcome, f.now())
	known, err := f.tx.AddEvent(ctx, &e, l.Order.Digest())
	if err != nil {
		return Receipt{}, err
	}
	r := receipt(l.Letter, e.Outcome, filed.TicketNo)
	if known {
		r.Outcome, r.Urges = Known, filed.Urges
		return r, nil
	}
	t, err := f.desk.Make(ctx, f.change(filed, l.By), movement(l.Order, l.By))
	if err != nil {
		return Receipt{}, err
	}
	filed.count(l.Order)
	r.Urges = filed.Urges
	if err := f.tx.SaveOrder(ctx, filed); err != nil {
		return Receipt{}, err
	}
	n := notes[l.Order.Mail]
	return r, f.tx.Alarm(ctx, f.told(t, e.ID, n.kind, "12345"+MailNames[l.Order.Mail]+"，工单编号"+filed.No, n.lead))
}

// outcome is what mail comes to: an order that is being handled anyway is not
// taken up again.
func (f filing) outcome(ctx context.Context, filed *Filed, l mail) (Outcome, error) {
	switch l.Order.Mail {
	case Urge:
		return Urged, nil
	case Supervise:
		return Supervised, nil
	case Supplement:
		return Supplemented, nil
	}
	t, err := f.tx.Ticket(ctx, tickets.Everything, filed.TicketNo)
	if err != nil {
		return "", err
	}
	if slices.Contains(t.Moves(l.By), tickets.MoveReopen) {
		return Reopened, nil
	}
	return Supplemented, nil
}

var notes = map[Mail]struct {
	kind tickets.EventKind
	lead bool
}{
	Urge: {tickets.EventUrged, false}, SentBack: {tickets.EventReopened, true}, Redo: {tickets.EventReopened, true},
	Supervise: {tickets.EventSupervised, true}, Supplement: {tickets.EventSupplemented, false},
}

func (f filing) change(filed *Filed, by tickets.Actor) tickets.Change {
	return tickets.Change{By: by, Scope: tickets.Everything, No: filed.TicketNo}
}

// count keeps what a letter adds to an order. A longer term holds; which
// letter came first does not matter.
func (o *Filed) count(next Order) {
	switch next.Mail {
	case Urge:
		o.Urges++
	case SentBack:
		o.SentBacks++
	case Redo:
		o.Redos++
	case Supervise:
		if next.Supervision > o.Supervision {
			o.Supervision = next.Supervision
		}
	}
	if next.Mail != Urge && next.Due.After(o.DueAt) {
		o.DueAt = next.Due
	}
}

// movement is what mail does to the ticket. What the state does not allow is
// kept as a supplement: nothing that 12345 says is lost.
func movement(o Order, by tickets.Actor) func(*tickets.Ticket, time.Time) ([]tickets.Event, error) {
	words := o.words()
	return func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
		switch {
		case o.Mail == Urge && t.Allows(tickets.MoveUrge):
			return t.Urge(by, words, at)
		case o.Mail == Supervise && t.Allows(tickets.MoveSupervise):
			return t.Supervise(by, words, at)
		case o.Mail == SentBack || o.Mail == Redo:
			if t.Allows(tickets.MoveReopen) {
				return t.Reorder(by, words, o.Due, at)
			}
		}
		return t.Supplement(by, words, at)
	}
}

// words are what a letter says, as a ticket keeps it.
func (o Order) words() string {
	parts := []string{"【12345" + MailNames[o.Mail] + "】"}
	for _, s := range []string{o.Content, o.Opinion, o.Note} {
		if s != "" && !strings.Contains(parts[len(parts)-1], s) {
			parts = append(parts, s)
		}
	}
	const most = 900 // a reason has at most 1000 characters
	return cut(strings.Join(parts, ""), most)
}

// repeated files an order that is here once more: the same, further on its
// way, or with other content.
func (f filing) repeated(ctx context.Context, filed *Filed, l mail) (Receipt, error) {
	changes := filed.Differs(l.Order)
	r := receipt(l.Letter, Known, filed.TicketNo)
	r.Urges = filed.Urges
	if len(changes) == 0 {
		return r, nil
	}
	r.Outcome = Updated
	for _, c := range changes {
		r.Changed = append(r.Changed, c.Field)
	}
	if len(standing(changes)) > 0 && l.Order.Mail == Handle {
		r.Outcome = Conflict
	}
	e := eventOf(filed, l, r.Outcome, f.now())
	e.Changes = changes
	digest := l.Order.Digest()
	if r.Outcome == Updated { // what has moved on may move back
		digest = append(digest, strconv.FormatInt(filed.Version, 10)...)
	}
	known, err := f.tx.AddEvent(ctx, &e, digest)
	if err != nil {
		return Receipt{}, err
	}
	if known { // decided or waiting to be; what was taken would not differ
		return r, nil
	}
	if r.Outcome == Conflict {
		return r, f.dispute(ctx, filed, l, e)
	}
	filed.take(l.Order, moving(changes))
	return r, f.tx.SaveOrder(ctx, filed)
}

func moving(list []Change) []Change {
	var out []Change
	for _, c := range list {
		if c.Moving {
			out = append(out, c)
		}
	}
	return out
}

// dispute shows people that an order came again with other content. Nothing is
// overwritten; who asks to be kept secret is kept secret from this moment.
func (f filing) dispute(ctx context.Context, filed *Filed, l mail, e Event) error {
	var names []string
	for _, c := range standing(e.Changes) {
		names = append(names, Label(c.Field))
	}
	words := "12345重复派单，内容与已登记的不同（" + strings.Join(names, "、") + "），请核对后决定是否采用。"
	hide := l.Order.Confidential && !filed.Confidential
	t, err := f.desk.Make(ctx, f.change(filed, l.By), func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
		t.Confidential = t.Confidential || hide
		return t.Supplement(l.By, words, at)
	})
	if err != nil {
		return err
	}
	if hide {
		filed.Confidential = true
		if err := f.tx.SaveOrder(ctx, filed); err != nil {
			return err
		}
	}
	return f.tx.Alarm(ctx, f.told(t, e.ID, tickets.EventSupplemented, words, true))
}
