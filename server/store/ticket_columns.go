package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"quandesk/tickets"
)

// column is one column of the tickets table and where a ticket keeps it.
type column struct {
	name string
	of   func(*tickets.Ticket) any // what to write
	into func(*tickets.Ticket) any // where to scan
}

func plain(name string, p func(*tickets.Ticket) any) column {
	return column{name, p, p}
}

func moment(name string, p func(*tickets.Ticket) *time.Time) column {
	return column{name,
		func(t *tickets.Ticket) any { return ms(*p(t)) },
		func(t *tickets.Ticket) any { return (*moment64)(p(t)) }}
}

// moment64 scans Unix milliseconds into a time.
type moment64 time.Time

// Scan implements sql.Scanner.
func (m *moment64) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("store: a time is stored as %T", v)
	}
	*m = moment64(at(n))
	return nil
}

func object(name string, p func(*tickets.Ticket) any, empty func(*tickets.Ticket) bool) column {
	return column{name,
		func(t *tickets.Ticket) any {
			if empty(t) {
				return ""
			}
			return asJSON(p(t))
		},
		func(t *tickets.Ticket) any { return &jsonText{p(t)} }}
}

// jsonText scans a text column that holds JSON, or nothing.
type jsonText struct{ to any }

// Scan implements sql.Scanner.
func (j *jsonText) Scan(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("store: an object is stored as %T", v)
	}
	if s == "" {
		return nil
	}
	return json.Unmarshal([]byte(s), j.to)
}

// ticketFields are the columns a move can change, in the order of the table.
func ticketFields() []column {
	type T = tickets.Ticket
	return []column{
		plain("kind", func(t *T) any { return &t.Kind }),
		plain("category", func(t *T) any { return &t.Category }),
		plain("application", func(t *T) any { return &t.Application }),
		plain("state", func(t *T) any { return &t.State }),
		plain("source", func(t *T) any { return &t.Source }),
		plain("channel", func(t *T) any { return &t.Channel }),
		plain("outlet", func(t *T) any { return &t.Outlet }),
		plain("external_no", func(t *T) any { return &t.ExternalNo }),
		moment("order_due", func(t *T) *time.Time { return &t.OrderDue }),
		plain("conversation_id", func(t *T) any { return &t.ConversationID }),
		plain("customer_id", func(t *T) any { return &t.CustomerID }),
		plain("contact_name", func(t *T) any { return &t.ContactName }),
		plain("contact_phone", func(t *T) any { return &t.ContactPhone }),
		plain("anonymous", func(t *T) any { return &t.Anonymous }),
		plain("address", func(t *T) any { return &t.Address.Text }),
		plain("district", func(t *T) any { return &t.Address.District }),
		plain("street", func(t *T) any { return &t.Address.Street }),
		plain("community", func(t *T) any { return &t.Address.Community }),
		plain("address_detail", func(t *T) any { return &t.Address.Detail }),
		plain("description", func(t *T) any { return &t.Description }),
		plain("urgent", func(t *T) any { return &t.Urgent }),
		plain("confidential", func(t *T) any { return &t.Confidential }),
		plain("department", func(t *T) any { return &t.Department }),
		plain("assignee_id", func(t *T) any { return &t.Assignee.ID }),
		plain("assignee_name", func(t *T) any { return &t.Assignee.Name }),
		plain("handler_id", func(t *T) any { return &t.Handler.ID }),
		plain("handler_name", func(t *T) any { return &t.Handler.Name }),
		plain("level", func(t *T) any { return &t.Level }),
		plain("urges", func(t *T) any { return &t.Urges }),
		plain("master_no", func(t *T) any { return &t.MasterNo }),
		moment("received_at", func(t *T) *time.Time { return &t.ReceivedAt }),
		plain("received_by", func(t *T) any { return &t.ReceivedBy }),
		moment("contacted_at", func(t *T) *time.Time { return &t.ContactedAt }),
		plain("attempts", func(t *T) any { return &t.Attempts }),
		moment("last_tried_at", func(t *T) *time.Time { return &t.LastTriedAt }),
		plain("last_contact", func(t *T) any { return &t.LastContact }),
		plain("contact_via", func(t *T) any { return &t.ContactVia }),
		moment("dispatched_at", func(t *T) *time.Time { return &t.DispatchedAt }),
		moment("signed_at", func(t *T) *time.Time { return &t.SignedAt }),
		moment("arrived_at", func(t *T) *time.Time { return &t.ArrivedAt }),
		moment("settled_at", func(t *T) *time.Time { return &t.SettledAt }),
		moment("closed_at", func(t *T) *time.Time { return &t.ClosedAt }),
		plain("close_basis", func(t *T) any { return &t.CloseBasis }),
		object("settlement", func(t *T) any { return &t.Settlement }, func(t *T) bool { return t.Settlement.Outcome == "" }),
		object("callback", func(t *T) any { return &t.Callback }, func(t *T) bool { return t.Callback.Verdict == "" }),
		moment("callback_at", func(t *T) *time.Time { return &t.CallbackAt }),
		plain("callback_by", func(t *T) any { return &t.CallbackBy.ID }),
		plain("callback_by_name", func(t *T) any { return &t.CallbackBy.Name }),
		plain("callback_tries", func(t *T) any { return &t.CallbackTries }),
		moment("suspended_until", func(t *T) *time.Time { return &t.SuspendedUntil }),
		moment("call_at", func(t *T) *time.Time { return &t.CallAt }),
		plain("call_phone", func(t *T) any { return &t.CallPhone }),
		object("giveback", func(t *T) any { return &t.Return }, func(t *T) bool { return t.Return.At.IsZero() }),
		object("assists", func(t *T) any { return &t.Assists }, func(t *T) bool { return len(t.Assists) == 0 }),
		moment("reported_at", func(t *T) *time.Time { return &t.ReportedAt }),
		plain("call_team", func(t *T) any { return &t.CallTeam }),
		plain("call_tries", func(t *T) any { return &t.CallTries }),
		moment("call_tried_at", func(t *T) *time.Time { return &t.CallTriedAt }),
		object("extension", func(t *T) any { return &t.Extension }, func(t *T) bool { return t.Extension.Until.IsZero() }),
		moment("created_at", func(t *T) *time.Time { return &t.CreatedAt }),
		moment("updated_at", func(t *T) *time.Time { return &t.UpdatedAt }),
	}
}

var (
	fields     = ticketFields()
	fieldNames = names(fields)
)

func names(cs []column) string {
	out := make([]string, len(cs))
	for i, c := range cs {
		out[i] = c.name
	}
	return strings.Join(out, ", ")
}

func fieldArgs(t *tickets.Ticket) []any {
	out := make([]any, len(fields))
	for i, c := range fields {
		out[i] = deref(c.of(t))
	}
	return out
}

// deref turns the pointers that scanning wants into the values that writing wants.
func deref(v any) any {
	switch p := v.(type) {
	case *string:
		return *p
	case *bool:
		return *p
	case *int:
		return *p
	case *int64:
		return *p
	case *tickets.Kind:
		return string(*p)
	case *tickets.Category:
		return string(*p)
	case *tickets.State:
		return string(*p)
	case *tickets.Source:
		return string(*p)
	case *tickets.ContactResult:
		return string(*p)
	}
	return v
}

func scanTicket(rows *sql.Rows) (*tickets.Ticket, error) {
	t := &tickets.Ticket{}
	to := append(make([]any, 0, len(fields)+3), &t.ID, &t.No, &t.Version)
	for _, c := range fields {
		to = append(to, c.into(t))
	}
	return t, rows.Scan(to...)
}
