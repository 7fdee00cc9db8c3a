package web

import (
	"encoding/json"
	"slices"
	"time"

	"quandesk/server/auth"
	"quandesk/tickets"
	"quandesk/tickets/customer"
)

// ticketBody is a ticket as the API shows it to one person.
type ticketBody struct {
	No             string              `json:"no"`
	Kind           tickets.Kind        `json:"kind"`
	Category       tickets.Category    `json:"category"`
	Application    string              `json:"application,omitempty"`
	State          tickets.State       `json:"state"`
	StateName      string              `json:"state_name"`
	Source         tickets.Source      `json:"source"`
	Channel        string              `json:"channel"`
	Outlet         string              `json:"outlet,omitempty" doc:"登记的营业网点；空为客服热线"`
	ExternalNo     string              `json:"external_no,omitempty"`
	ContactName    string              `json:"contact_name,omitempty" doc:"默认隐去部分内容"`
	ContactPhone   string              `json:"contact_phone,omitempty" doc:"默认隐去部分内容"`
	Anonymous      bool                `json:"anonymous,omitempty"`
	Address        string              `json:"address,omitempty"`
	Area           string              `json:"area,omitempty" doc:"区县和社区小区"`
	Description    string              `json:"description"`
	Urgent         bool                `json:"urgent"`
	Confidential   bool                `json:"confidential,omitempty"`
	Department     string              `json:"department,omitempty"`
	Assignee       string              `json:"assignee,omitempty"`
	AssigneeID     int64               `json:"assignee_id,omitempty"`
	Handler        string              `json:"handler,omitempty" doc:"办结人，不得回访本单"`
	Level          int                 `json:"level,omitempty" doc:"督办级别"`
	Urges          int                 `json:"urges,omitempty" doc:"催办次数"`
	MasterNo       string              `json:"master_no,omitempty"`
	ConversationID int64               `json:"conversation_id,omitempty"`
	CustomerID     int64               `json:"customer_id,omitempty" doc:"已核实身份的用户"`
	Version        int64               `json:"version"`
	ReceivedAt     time.Time           `json:"received_at"`
	ContactedAt    *time.Time          `json:"contacted_at,omitempty"`
	SettledAt      *time.Time          `json:"settled_at,omitempty"`
	ClosedAt       *time.Time          `json:"closed_at,omitempty"`
	CloseBasis     string              `json:"close_basis,omitempty"`
	SuspendedUntil *time.Time          `json:"suspended_until,omitempty"`
	Settlement     *tickets.Settlement `json:"settlement,omitempty"`
	CreatedAt      time.Time           `json:"created_at"`
	UpdatedAt      time.Time           `json:"updated_at"`
	Deadlines      []deadlineBody      `json:"deadlines" nullable:"false"`
	Events         []eventBody         `json:"events,omitempty" nullable:"false"`
	Moves          []tickets.Move      `json:"moves,omitempty" nullable:"false" doc:"当前人员此刻可以办理的操作"`
}

type deadlineBody struct {
	Rule       string     `json:"rule"`
	Clause     string     `json:"clause"`
	Round      int        `json:"round"`
	StartAt    time.Time  `json:"start_at"`
	DueAt      time.Time  `json:"due_at"`
	ExtendedTo *time.Time `json:"extended_to,omitempty"`
	WarnedAt   *time.Time `json:"warned_at,omitempty"`
	MetAt      *time.Time `json:"met_at,omitempty"`
	BreachedAt *time.Time `json:"breached_at,omitempty"`
	EndedAt    *time.Time `json:"ended_at,omitempty"`
}

type eventBody struct {
	Seq   int64             `json:"seq"`
	At    time.Time         `json:"at"`
	Actor tickets.Actor     `json:"actor"`
	Kind  tickets.EventKind `json:"kind"`
	Name  string            `json:"name"`
	Data  json.RawMessage   `json:"data,omitempty"`
}

// showTicket is a ticket as this person may see it.
func showTicket(u auth.User, t *tickets.Ticket) *ticketBody {
	veil := veilFor(u, t)
	b := &ticketBody{
		No: t.No, Kind: t.Kind, Category: t.Category, Application: t.Application, State: t.State,
		StateName: named(stateNames, t.State), Source: t.Source, Channel: t.Channel, Outlet: t.Outlet, ExternalNo: t.ExternalNo,
		ContactName: maskName(t.ContactName), ContactPhone: customer.MaskPhone(t.ContactPhone),
		Anonymous: t.Anonymous, Address: maskText(t.Address.Text), Area: t.Address.District + t.Address.Community,
		Description: veil(t.Description), Urgent: t.Urgent, Confidential: t.Confidential,
		Department: t.Department, Assignee: t.Assignee.Name, AssigneeID: t.Assignee.ID,
		Handler: t.Handler.Name, Level: t.Level, Urges: t.Urges, MasterNo: t.MasterNo,
		ConversationID: t.ConversationID, CustomerID: t.CustomerID, Version: t.Version, ReceivedAt: beijing(t.ReceivedAt),
		ContactedAt: moment(t.ContactedAt), SettledAt: moment(t.SettledAt), ClosedAt: moment(t.ClosedAt),
		CloseBasis: t.CloseBasis, SuspendedUntil: moment(t.SuspendedUntil),
		CreatedAt: beijing(t.CreatedAt), UpdatedAt: beijing(t.UpdatedAt),
		Deadlines: make([]deadlineBody, len(t.Deadlines)),
	}
	if !mayIdentify(u, t) {
		b.ContactName, b.ContactPhone, b.Address, b.Area = hidden, hidden, hidden, ""
		b.ConversationID, b.CustomerID = 0, 0
	}
	if t.Settlement.Outcome != "" {
		b.Settlement = showSettlement(t.Settlement, veil)
	}
	for i, d := range t.Deadlines {
		b.Deadlines[i] = showDeadline(d)
	}
	return b
}

func showSettlement(s tickets.Settlement, veil func(string) string) *tickets.Settlement {
	s.Measures, s.Reply, s.Basis, s.At = veil(s.Measures), veil(s.Reply), veil(s.Basis), beijing(s.At)
	if s.Order != nil {
		o := *s.Order
		o.Public, o.UnsolvedReason, o.Exempt = veil(o.Public), veil(o.UnsolvedReason), veil(o.Exempt)
		o.Attachments = slices.Clone(o.Attachments)
		for i := range o.Attachments {
			o.Attachments[i] = veil(o.Attachments[i])
		}
		s.Order = &o
	}
	return &s
}

func showDeadline(d tickets.Deadline) deadlineBody {
	return deadlineBody{
		Rule: d.Rule, Clause: d.Clause, Round: d.Round, StartAt: beijing(d.StartAt), DueAt: beijing(d.DueAt),
		ExtendedTo: moment(d.ExtendedTo), WarnedAt: moment(d.WarnedAt), MetAt: moment(d.MetAt),
		BreachedAt: moment(d.BreachedAt), EndedAt: moment(d.EndedAt),
	}
}

func showEvents(u auth.User, t *tickets.Ticket, events []tickets.Event) []eventBody {
	out := make([]eventBody, len(events))
	identify, veil := mayIdentify(u, t), veilFor(u, t)
	for i, e := range events {
		out[i] = eventBody{
			Seq: e.Seq, At: beijing(e.At), Actor: e.Actor, Kind: e.Kind,
			Name: named(eventNames, e.Kind), Data: maskEvent(e.Data, identify, veil),
		}
		if !identify && e.Actor.Kind == tickets.ByCustomer {
			out[i].Actor.Name = ""
		}
	}
	return out
}

// beijing is a time as people here read it.
func beijing(t time.Time) time.Time { return t.In(tickets.Beijing) }

// moment is a time that may not have come.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = beijing(t)
	return &t
}
