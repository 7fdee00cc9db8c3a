package bot

import (
	"context"
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
func (s *scene) arrangeCall(_ context.Context) (Reply, error) {
	c := s.memory.Call
	if c == nil {
		c = &call{Words: s.text}
		if at := s.booked(); at != nil {
			c.Phone = at.Phone
		}
		s.memory.Call = c
	} else if givingUp(s.text) || no.MatchString(s.text) {
		s.memory.Call = nil
		return Reply{Text: wordsCallGivenUp}, nil
	}
	if at, ok := moment(s.text, s.turn.Now); ok {
		c.At = at
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
		return Reply{Text: wordsAskCallPhone(clock(c.At, s.turn.Now))}, nil
	}
	return s.book(*c), nil
}

func (s *scene) book(c call) Reply {
	s.memory.Call = nil
	a := &Action{Type: BookCallback, At: c.At, Note: cut(c.Words, longestNote-1), Opening: tickets.Opening{
		Kind: tickets.Request, Category: tickets.Other, ContactPhone: c.Phone,
		ContactName: s.means.Slots.Name, Description: c.Words, ReceivedAt: s.turn.Now,
	}}
	moved := false
	if m := s.booked(); m != nil {
		a.TicketNo, moved = m.No, true
	} else if m := s.openMatter(); m != nil {
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
	s.memory.Call = nil
	m := s.booked()
	if m == nil {
		return Reply{Text: wordsCallGivenUp}
	}
	at := clock(m.CallbackAt, s.turn.Now)
	return Reply{
		Text:   wordsCallFailed,
		Words:  func(Result) string { return wordsCallCancelled(at) },
		Action: &Action{Type: CancelCallback, TicketNo: m.No, Note: cut(s.text, longestNote-1)},
	}
}
