package web

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"quandesk/channels"
	"quandesk/server/auth"
	"quandesk/tickets"
)

// How often a person may look at numbers (T13): of calls that are theirs to
// make as often as anybody can dial, of all others as often as work needs it.
const (
	reveals      = 30
	dials        = 120
	revealsEvery = time.Hour
)

type revealInput struct {
	No   string `path:"no" maxLength:"40"`
	Body struct {
		Reason string `json:"reason" minLength:"2" maxLength:"100" doc:"为什么需要查看"`
	}
}

type identityBody struct {
	ContactName  string `json:"contact_name"`
	ContactPhone string `json:"contact_phone"`
	CallPhone    string `json:"call_phone,omitempty" doc:"预约回电的号码"`
	Address      string `json:"address"`
	Description  string `json:"description"`
}

type identityOutput struct {
	Body identityBody
}

// reveal shows who is behind a ticket. It is on record before it is seen.
func (s *Site) reveal(ctx context.Context, in *revealInput) (*identityOutput, error) {
	t, err := s.identify(ctx, in.No, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return &identityOutput{Body: identityBody{t.ContactName, t.ContactPhone, t.CallPhone, t.Address.Text, t.Description}}, nil
}

// identify returns a ticket with everything that names its person. Whether
// it was shown or refused is in the audit trail first.
func (s *Site) identify(ctx context.Context, no, reason string) (*tickets.Ticket, error) {
	call := callOf(ctx)
	t, err := s.Desk.Ticket(ctx, call.user.Scope(), no)
	if err != nil {
		return nil, err
	}
	reason = maskText(strings.TrimSpace(clean(reason)))
	if utf8.RuneCountInString(reason) < 2 {
		return nil, &tickets.InputError{Field: "reason", Problem: tickets.Missing}
	}
	how, refusal := s.mayReveal(ctx, call.user, t)
	if refusal != nil {
		return nil, errors.Join(refusal, s.record(ctx, "reveal", t.No, "refused: "+reason))
	}
	return t, s.record(ctx, "reveal", t.No, "ok: "+how+reason)
}

// byDialling marks in the audit trail the numbers that were looked at to make
// a call: they do not count as browsing.
const byDialling = "拨打任务："

// mayReveal reports whether the person may look at a number now, and in the
// course of what.
func (s *Site) mayReveal(ctx context.Context, u auth.User, t *tickets.Ticket) (how string, err error) {
	if !mayIdentify(u, t) {
		return "", errRight
	}
	calls, err := s.dialling(ctx, u, t)
	if err != nil {
		return "", err
	}
	if calls {
		within, err := s.Quota.Within(ctx, "dial:"+strconv.FormatInt(u.ID, 10), dials, revealsEvery)
		if within || err != nil {
			return byDialling, err
		}
	}
	within, err := s.Quota.Within(ctx, "reveal:"+strconv.FormatInt(u.ID, 10), reveals, revealsEvery)
	if err == nil && !within {
		err = errOften
	}
	return "", err
}

// dialling reports whether it is this person's task to call the resident
// today: the callback they have begun (R06), or a call that was promised, is
// due today or before, and is their own or that of their team.
func (s *Site) dialling(ctx context.Context, u auth.User, t *tickets.Ticket) (bool, error) {
	if u.ID != 0 && t.State == tickets.Calling && t.CallbackBy.ID == u.ID {
		return true, nil
	}
	if t.CallAt.IsZero() || dayOf(t.CallAt) > dayOf(s.Desk.Now()) {
		return false, nil
	}
	list, err := s.Phone.Appointments(ctx, u.Scope(), tickets.AppointmentFilter{TicketID: t.ID, Waiting: true})
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(list, func(a tickets.Appointment) bool {
		return a.Team == u.Department || u.ID != 0 && t.Assignee.ID == u.ID
	}), nil
}

// record puts what the person did into the audit trail.
func (s *Site) record(ctx context.Context, action, object, result string) error {
	call := callOf(ctx)
	return s.Trail.Record(ctx, auth.Entry{
		At: s.Desk.Now(), Actor: call.actor(), Action: action, Object: object,
		Result: result, RequestID: call.id,
	})
}

// clean makes what a person typed storable and showable.
func clean(text string) string { return channels.Sanitize(text) }
