package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"quandesk/server/auth"
	"quandesk/tickets"
	"quandesk/tickets/customer"
)

// Seen is the version of the ticket the caller looked at.
type Seen struct {
	Version int64 `json:"version,omitempty" minimum:"1" doc:"看到的版本号；已被他人更新时返回 409 和最新工单"`
}

func (s Seen) seen() int64 { return s.Version }

// moveBody is what a move is made with.
type moveBody interface{ seen() int64 }

type moveInput[B moveBody] struct {
	No   string `path:"no" maxLength:"40" doc:"工单编号"`
	Body *B
}

// moveOn registers POST /tickets/{no}/{move}.
func moveOn[B moveBody](s *Site, api huma.API, m tickets.Move, act func(context.Context, tickets.Change, B) (*tickets.Ticket, error)) {
	o := operation{
		method: http.MethodPost, path: "/tickets/{no}/" + string(m), tag: tagMoves,
		summary: named(moveNames, m), statuses: []int{404, 409},
	}
	forStaff(s, api, auth.MoveTickets, o, func(ctx context.Context, in *moveInput[B]) (*ticketOutput, error) {
		var b B
		if in.Body != nil {
			b = *in.Body
		}
		call := callOf(ctx)
		t, err := act(ctx, call.change(in.No, b.seen()), b)
		if err != nil {
			return nil, s.lostTo(ctx, m, in.No, s.freshen(ctx, in.No, t, err))
		}
		shown := showTicket(call.user, t)
		shown.Moves = t.Moves(call.actor())
		return &ticketOutput{Body: shown}, nil
	})
}

// lostTo names the colleague who accepted the ticket first.
func (s *Site) lostTo(ctx context.Context, m tickets.Move, no string, err error) error {
	var step *tickets.StepError
	if m != tickets.MoveAccept || !errors.As(err, &step) && !errors.Is(err, tickets.ErrStale) {
		return err
	}
	u := callOf(ctx).user
	t, again := s.Desk.Ticket(ctx, u.Scope(), no)
	if again != nil || t.State == tickets.New || t.Assignee.ID == 0 || t.Assignee.ID == u.ID {
		return err
	}
	return &acceptedError{by: t.Assignee.Name, cause: err}
}

// freshen adds to ErrStale what the ticket looks like now.
func (s *Site) freshen(ctx context.Context, no string, t *tickets.Ticket, err error) error {
	if !errors.Is(err, tickets.ErrStale) {
		return err
	}
	u := callOf(ctx).user
	if t == nil {
		fresh, again := s.Desk.Ticket(ctx, u.Scope(), no)
		if again != nil {
			return err
		}
		t = fresh
	}
	return &staleError{now: showTicket(u, t)}
}

// pureMove registers a move that is one method of the ticket.
func pureMove[B moveBody](s *Site, api huma.API, m tickets.Move, move func(*tickets.Ticket, tickets.Actor, B, time.Time) ([]tickets.Event, error)) {
	moveOn(s, api, m, func(ctx context.Context, ch tickets.Change, b B) (*tickets.Ticket, error) {
		return s.Desk.Make(ctx, ch, func(t *tickets.Ticket, at time.Time) ([]tickets.Event, error) {
			return move(t, ch.By, b, at)
		})
	})
}

// The short names of what every move is written with.
type (
	ticket = tickets.Ticket
	actor  = tickets.Actor
	events = []tickets.Event
)

// moveAPI is every move of a ticket, in the order of the closed loop.
func (s *Site) moveAPI(api huma.API) {
	pureMove(s, api, tickets.MoveAccept, acceptMove)
	pureMove(s, api, tickets.MoveAnswer, func(t *ticket, by actor, b answerBody, at time.Time) (events, error) {
		return t.Answer(by, clean(b.Reply), at)
	})
	moveOn(s, api, tickets.MoveContact, s.contact)
	pureMove(s, api, tickets.MoveDispatch, func(t *ticket, by actor, b sendBody, at time.Time) (events, error) {
		return t.Dispatch(by, b.Department, clean(b.Opinion), at)
	})
	pureMove(s, api, tickets.MoveTransfer, func(t *ticket, by actor, b sendBody, at time.Time) (events, error) {
		return t.Transfer(by, b.Department, clean(b.Opinion), at)
	})
	pureMove(s, api, tickets.MoveSign, func(t *ticket, by actor, _ emptyBody, at time.Time) (events, error) {
		return t.Sign(by, at)
	})
	pureMove(s, api, tickets.MoveStart, func(t *ticket, by actor, _ emptyBody, at time.Time) (events, error) {
		return t.Start(by, at)
	})
	pureMove(s, api, tickets.MoveArrive, func(t *ticket, by actor, b arriveBody, at time.Time) (events, error) {
		return t.Arrive(by, clean(b.Proof), at)
	})
	pureMove(s, api, tickets.MoveSettle, settleMove)
	pureMove(s, api, tickets.MoveStartCallback, func(t *ticket, by actor, _ emptyBody, at time.Time) (events, error) {
		return t.StartCallback(by, at)
	})
	moveOn(s, api, tickets.MoveCallback, s.callback)
	pureMove(s, api, tickets.MoveClose, func(t *ticket, by actor, _ emptyBody, _ time.Time) (events, error) {
		return nil, t.Close(by)
	})
	s.supervisionAPI(api)
	s.reportsAPI(api)
	s.sideAPI(api)
}

// supervisionAPI is what leads and supervisors decide.
func (s *Site) supervisionAPI(api huma.API) {
	pureMove(s, api, tickets.MoveSupervise, func(t *ticket, by actor, b noteBody, at time.Time) (events, error) {
		return t.Supervise(by, clean(b.Note), at)
	})
	pureMove(s, api, tickets.MoveRedo, func(t *ticket, by actor, b redoBody, at time.Time) (events, error) {
		return t.Redo(by, b.Department, clean(b.Opinion), at)
	})
	pureMove(s, api, tickets.MoveApproveReturn, func(t *ticket, by actor, b opinionBody, at time.Time) (events, error) {
		return t.ApproveReturn(by, clean(b.Opinion), at)
	})
	pureMove(s, api, tickets.MoveRefuseReturn, func(t *ticket, by actor, b opinionBody, at time.Time) (events, error) {
		return t.RefuseReturn(by, clean(b.Opinion), at)
	})
	pureMove(s, api, tickets.MoveGrantExtension, func(t *ticket, by actor, b opinionBody, at time.Time) (events, error) {
		return t.GrantExtension(by, clean(b.Opinion), at)
	})
	pureMove(s, api, tickets.MoveRefuseExtension, func(t *ticket, by actor, b opinionBody, at time.Time) (events, error) {
		return t.RefuseExtension(by, clean(b.Opinion), at)
	})
	pureMove(s, api, tickets.MoveVoid, func(t *ticket, by actor, b reasonBody, at time.Time) (events, error) {
		return t.Void(by, clean(b.Reason), at)
	})
	pureMove(s, api, tickets.MoveTerminate, func(t *ticket, by actor, b reasonBody, at time.Time) (events, error) {
		return t.Terminate(by, clean(b.Reason), at)
	})
}

// sideAPI is what may happen on the way.
func (s *Site) sideAPI(api huma.API) {
	pureMove(s, api, tickets.MoveAskReturn, func(t *ticket, by actor, b returnBody, at time.Time) (events, error) {
		return t.AskReturn(by, tickets.Return{Reason: clean(b.Reason), Owner: clean(b.Owner), Phone: clean(b.Phone)}, at)
	})
	pureMove(s, api, tickets.MoveAskExtension, func(t *ticket, by actor, b extendBody, at time.Time) (events, error) {
		return t.AskExtension(by, tickets.Extension{Until: b.Until, Reason: clean(b.Reason), Told: clean(b.Told)}, at)
	})
	pureMove(s, api, tickets.MoveSuspend, func(t *ticket, by actor, b suspendBody, at time.Time) (events, error) {
		return t.Suspend(by, b.Until, clean(b.Reason), at)
	})
	pureMove(s, api, tickets.MoveBookCall, func(t *ticket, by actor, b bookBody, at time.Time) (events, error) {
		return t.BookCall(by, tickets.Call{At: b.At, Phone: b.Phone, Note: clean(b.Note), Booking: tickets.Booking{Override: b.Override}}, at)
	})
	pureMove(s, api, tickets.MoveCancelCall, func(t *ticket, by actor, b noteBody, at time.Time) (events, error) {
		return t.CancelCall(by, clean(b.Note), at)
	})
	pureMove(s, api, tickets.MoveResume, func(t *ticket, by actor, _ emptyBody, at time.Time) (events, error) {
		return t.Resume(by, at)
	})
	pureMove(s, api, tickets.MoveReopen, func(t *ticket, by actor, b reasonBody, at time.Time) (events, error) {
		return t.Reopen(by, clean(b.Reason), at)
	})
	pureMove(s, api, tickets.MoveNote, func(t *ticket, by actor, b noteBody, at time.Time) (events, error) {
		return t.Note(by, clean(b.Note), at)
	})
	pureMove(s, api, tickets.MoveSupplement, func(t *ticket, by actor, b noteBody, at time.Time) (events, error) {
		return t.Supplement(by, clean(b.Note), at)
	})
	pureMove(s, api, tickets.MoveUrge, func(t *ticket, by actor, b noteBody, at time.Time) (events, error) {
		return t.Urge(by, clean(b.Note), at)
	})
	pureMove(s, api, tickets.MoveCorrect, func(t *ticket, by actor, b correctBody, at time.Time) (events, error) {
		return t.Correct(by, b.correction(t), at)
	})
	moveOn(s, api, tickets.MoveMerge, func(ctx context.Context, ch tickets.Change, b mergeBody) (*ticket, error) {
		return s.Desk.Merge(ctx, ch, b.MasterNo)
	})
	moveOn(s, api, tickets.MoveReassign, s.reassign)
	s.jointAPI(api)
}

// jointAPI is what several departments, several orders and the platform of
// 12345 have to do with each other.
func (s *Site) jointAPI(api huma.API) {
	pureMove(s, api, tickets.MoveUnmerge, func(t *ticket, by actor, b reasonBody, at time.Time) (events, error) {
		return t.Unmerge(by, clean(b.Reason), at)
	})
	pureMove(s, api, tickets.MoveAssist, func(t *ticket, by actor, b assistBody, at time.Time) (events, error) {
		return t.Assist(by, b.Department, clean(b.Opinion), at)
	})
	pureMove(s, api, tickets.MoveAssistDone, func(t *ticket, by actor, b assistDoneBody, at time.Time) (events, error) {
		return t.AssistDone(by, b.Department, clean(b.Result), at)
	})
	pureMove(s, api, tickets.MoveReport, func(t *ticket, by actor, b reportBody, at time.Time) (events, error) {
		return t.Report(by, b.Act, 0, b.Way, at)
	})
}

// acceptMove takes a new ticket, or signs for a dispatched one and starts on it.
func acceptMove(t *ticket, by actor, b acceptBody, at time.Time) (events, error) {
	if t.State != tickets.Dispatched {
		return t.Accept(by, tickets.Classification{Kind: b.Kind, Category: b.Category, Urgent: b.Urgent}, at)
	}
	signed, err := t.Sign(by, at)
	if err != nil {
		return nil, err
	}
	started, err := t.Start(by, at)
	return append(signed, started...), err
}

func settleMove(t *ticket, by actor, b replyBody, at time.Time) (events, error) {
	return t.Settle(by, tickets.Settlement{
		Outcome: b.Outcome, Measures: clean(b.Measures), Reply: clean(b.Reply),
		Channel: b.Channel, Basis: clean(b.Basis), Justified: b.Justified, Order: b.Order.reply(),
	}, at)
}

// reply is the block as the ticket keeps it; nil stays nil.
func (b *orderReplyBody) reply() *tickets.OrderReply {
	if b == nil {
		return nil
	}
	o := tickets.OrderReply{
		Type: b.Type, ExpectedAt: b.ExpectedAt, CallerSays: b.CallerSays, AnsweredAt: b.AnsweredAt,
		AnsweredBy: clean(b.AnsweredBy), AnswerPhone: clean(b.AnswerPhone), Unit: clean(b.Unit), SubUnit: clean(b.SubUnit),
		UnsolvedReason: clean(b.UnsolvedReason), BeyondDuty: b.BeyondDuty, Public: clean(b.Public),
		ContactName: clean(b.ContactName), ContactPhone: clean(b.ContactPhone), Exempt: clean(b.Exempt),
	}
	for _, name := range b.Attachments {
		o.Attachments = append(o.Attachments, clean(name))
	}
	return &o
}

func (s *Site) contact(ctx context.Context, ch tickets.Change, b contactBody) (*ticket, error) {
	return s.Desk.Contact(ctx, ch, tickets.Contact{
		Via: b.Via, Result: b.Result, Whom: clean(b.Whom), Note: clean(b.Note),
		MessageID: b.MessageID, Confirmed: b.Confirmed,
	})
}

func (s *Site) callback(ctx context.Context, ch tickets.Change, b callbackBody) (*ticket, error) {
	return s.Desk.Callback(ctx, ch, tickets.CallbackResult{
		Verdict: b.Result, Process: b.Process, Outcome: b.Outcome, Solved: b.Solved,
		Words: clean(b.Words), Reason: clean(b.Reason),
	})
}

func (s *Site) reassign(ctx context.Context, ch tickets.Change, b reassignBody) (*ticket, error) {
	to, err := s.colleague(ctx, b.AssigneeID)
	if err != nil {
		return nil, err
	}
	return s.Desk.Make(ctx, ch, func(t *ticket, at time.Time) (events, error) {
		return t.Reassign(ch.By, to, at)
	})
}

// colleague is a member of staff who can take a ticket.
func (s *Site) colleague(ctx context.Context, id int64) (tickets.Person, error) {
	people, err := s.People.Users(ctx)
	if err != nil {
		return tickets.Person{}, err
	}
	for _, u := range people {
		if u.ID == id && u.Can(auth.MoveTickets) {
			return tickets.Person{ID: u.ID, Name: u.Name}, nil
		}
	}
	return tickets.Person{}, &tickets.InputError{Field: "assignee_id", Problem: tickets.Invalid}
}

// correction keeps the parts of the address that are not mentioned.
func (b correctBody) correction(t *ticket) tickets.Correction {
	c := tickets.Correction{ContactPhone: b.ContactPhone, Category: b.Category, Urgent: b.Urgent}
	if b.ContactName != nil {
		name := clean(*b.ContactName)
		c.ContactName = &name
	}
	if b.Address == nil && b.District == nil && b.Street == nil && b.Community == nil {
		return c
	}
	a := t.Address
	for _, part := range []struct{ said, kept *string }{
		{b.Address, &a.Text}, {b.District, &a.District}, {b.Street, &a.Street}, {b.Community, &a.Community},
	} {
		if part.said != nil {
			*part.kept = clean(*part.said)
		}
	}
	c.Address = (*customer.Address)(&a)
	return c
}
