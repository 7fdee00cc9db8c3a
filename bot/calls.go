package bot

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"

	"quandesk/tickets"
	"quandesk/tickets/customer"
)

// booked is the ticket with a callback still to come.
func (s *scene) booked() *Matter {
	for i, m := range s.turn.Tickets {
		if m.CallbackAt.After(s.turn.Now) {
			return &s.turn.Tickets[i]
		}
	}
	return nil
}

// arrangeCall books a callback, or moves the one there is, once the time and
// the number are known.
func (s *scene) arrangeCall(ctx context.Context) (Reply, error) {
	c := s.memory.Call
	if c == nil {
		c = &call{Words: s.text}
		if at := s.booked(); at != nil {
			c.Phone = at.Phone
		}
		s.memory.Call = c
	} else if reply, done := s.answersOffer(c); done {
		return reply, nil
	}
	if at, ok := s.callTime(c); ok {
		c.At, c.Said = at, s.text
	}
	bad := false
	if n, err := customer.ParsePhone(s.means.Slots.Phone); err == nil {
		c.Phone, s.memory.Phone = n, n
	} else {
		bad = s.means.Slots.Phone != ""
	}
	if c.Phone == "" {
		c.Phone = s.knownPhone()
	}
	if c.Asked++; c.Asked > 4 {
		s.memory.Call, s.memory.Offered = nil, true
		return Reply{Text: wordsUnknown}, nil
	}
	switch {
	case bad:
		return Reply{Text: wordsBadPhone}, nil
	case c.At.IsZero():
		return Reply{Text: wordsAskTime}, nil
	case c.At.Before(s.turn.Now.Add(-time.Minute)):
		c.At = time.Time{}
		return Reply{Text: wordsPastTime}, nil
	case c.Phone == "":
		return Reply{Text: wordsAskCallPhone(spokenTime(c.Said, c.At, s.turn.Now))}, nil
	}
	if reply, full, err := s.noPlace(ctx, c); full || err != nil {
		return reply, err
	}
	return s.book(*c), nil
}

// choosesAgain wants the call at another time: 「算了还是明晚八点，定死了」.
var choosesAgain = regexp.MustCompile(`^(?:算了|不行|那|哎|要不)?[，,. ]*(?:还是|改[成到]?|换[成到]?)[^，,。]{0,4}(?:今|明|后天|下?周|星期|上午|下午|晚)`)

// askedOfCall answers a question in the middle of arranging a call, and comes
// back to the call.
func (s *scene) askedOfCall(ctx context.Context) (Reply, error) {
	a, err := s.look(ctx, s.text)
	if err != nil {
		return Reply{}, err
	}
	s.memory.Call.Asked--
	r, err := s.arrangeCall(ctx)
	if err != nil || r.Action != nil {
		return r, err
	}
	if a == nil {
		r.Text = join(wordsUnknownShort, r.Text)
		return r, nil
	}
	r.Text, r.Citations, r.ArticleID = join(aside(*a), r.Text), answerFrom(*a).Citations, a.ID
	return r, nil
}

func sameDay(a, b time.Time) bool {
	return a.In(tickets.Beijing).Format(time.DateOnly) == b.In(tickets.Beijing).Format(time.DateOnly)
}

// callTime is when the turn wants to be called. The day may have been said
// before the hour.
func (s *scene) callTime(c *call) (time.Time, bool) {
	at, ok := moment(s.text, s.turn.Now)
	if b := s.booked(); ok && b != nil && weekDay.MatchString(s.text) && !strings.Contains(s.text, "今") && sameDay(at, s.turn.Now) && !sameDay(b.CallbackAt, s.turn.Now) && b.CallbackAt.After(at) {
		return at.AddDate(0, 0, 7), true // who moves Thursday's call to Friday means the one after it, not today
	}
	_, dated := dayOf(s.text, s.turn.Now)
	if b := s.booked(); ok && b != nil && !dated && !afterTime.MatchString(s.text) && !atOnce.MatchString(s.text) {
		day := b.CallbackAt.In(tickets.Beijing) // another hour of the same day
		if same := time.Date(day.Year(), day.Month(), day.Day(), at.Hour(), at.Minute(), 0, 0, tickets.Beijing); same.After(s.turn.Now) {
			return same, true
		}
	}
	if !dated && c.Words != s.text {
		if _, said := dayOf(c.Words, s.turn.Now); said && ok {
			return moment(c.Words+"，"+s.text, s.turn.Now)
		}
	}
	return at, ok
}

// answersOffer takes what a resident says to a time that was offered: yes
// takes it, no asks for another; without an offer no gives the call up.
func (s *scene) answersOffer(c *call) (Reply, bool) {
	offer := c.Offer
	c.Offer = time.Time{}
	_, timed := moment(s.text, s.turn.Now)
	switch {
	case givingUp(s.text), offer.IsZero() && no.MatchString(s.text):
		s.memory.Call = nil
		return Reply{Text: wordsCallGivenUp}, true
	case offer.IsZero() || timed:
	case no.MatchString(s.text):
		return Reply{Text: wordsAskTime}, true
	case yes.MatchString(s.text):
		c.At, c.Said = offer, ""
	}
	return Reply{}, false
}

// noPlace offers the nearest free time when the wanted one is full, or when
// nobody calls then.
func (s *scene) noPlace(ctx context.Context, c *call) (Reply, bool, error) {
	if s.turn.CanCall == nil {
		return Reply{}, false, nil
	}
	no, team := "", ""
	if m := s.promisedOn(); m != nil {
		no, team = m.No, m.Department
	}
	err := s.turn.CanCall(ctx, no, team, c.Phone, c.At)
	var slot *tickets.SlotError
	switch {
	case err == nil:
		return Reply{}, false, nil
	case errors.Is(err, tickets.ErrCalledOften):
		day := c.At
		c.At = time.Time{}
		return Reply{Text: wordsCalledOften(day), Grounds: []string{wordsCalledOften(day)}}, true, nil
	case !errors.As(err, &slot):
		return Reply{}, false, err
	case len(slot.Free) == 0:
		s.memory.Call, s.memory.Offered = nil, true
		return Reply{Text: wordsNoCallFree}, true, nil
	}
	wanted := c.At
	c.At, c.Offer = time.Time{}, slot.Free[0]
	grounds := []string{clock(wanted, s.turn.Now)}
	for _, at := range slot.Free {
		grounds = append(grounds, clock(at, s.turn.Now))
	}
	return Reply{Text: wordsCallFull(wanted, slot, s.turn.Now), Grounds: grounds}, true, nil
}

// promisedOn is the ticket a call is promised on: the one that has a call
// already, or the one that is open; nil makes a new one.
func (s *scene) promisedOn() *Matter {
	if m := s.booked(); m != nil {
		return m
	}
	return s.openMatter()
}

func (s *scene) book(c call) Reply {
	s.memory.Call = nil
	a := &Action{Type: BookCallback, At: c.At, Note: cut(c.Words, longestNote-1), Opening: tickets.Opening{
		Kind: tickets.Request, Category: tickets.Other, ContactPhone: c.Phone,
		ContactName: s.means.Slots.Name, Description: c.Words, ReceivedAt: s.turn.Now,
	}}
	moved := s.booked() != nil
	if m := s.promisedOn(); m != nil {
		a.TicketNo = m.No
	}
	now := s.turn.Now
	return Reply{
		Text:   wordsCallFailed,
		Words:  func(r Result) string { return wordsCallBooked(r, c, moved, now) },
		Action: a,
	}
}

func (s *scene) cancelCall() Reply {
	s.memory.Call, s.memory.Wanted = nil, ""
	m := s.booked()
	if m == nil {
		return Reply{Text: wordsCallGivenUp}
	}
	at := clock(m.CallbackAt, s.turn.Now)
	a := &Action{Type: CancelCallback, TicketNo: m.No, Note: cut(s.text, longestNote-1)}
	if m.Kind == tickets.Request && m.State == tickets.New {
		a.Also = []Action{{Type: WithdrawTicket, TicketNo: m.No, Note: a.Note}} // there was nothing but the call
	}
	return Reply{
		Text: wordsCallFailed,
		Words: func(r Result) string {
			if len(r.Also) > 0 && r.Also[0].Ticket != nil {
				return wordsCallWithdrawn(at, m.No)
			}
			return wordsCallCancelled(at)
		},
		Action: a,
	}
}
