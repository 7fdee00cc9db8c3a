package store

import (
	"context"
	"fmt"

	"quandesk/tickets"
)

func nextDue(t *tickets.Ticket) int64 {
	if d := t.NextDue(); d != nil {
		return ms(d.Due())
	}
	return never
}

// showTicket copies what the inbox shows to the conversation: its open
// ticket that is due first, or this one when none is open.
func (s *Store) showTicket(ctx context.Context, t *tickets.Ticket, events []tickets.Event) error {
	const open = `t.conversation_id = $1 AND t.state NOT IN ('closed', 'returned', 'void', 'answered')
		ORDER BY t.due_at, t.id
		LIMIT 1`
	list, err := s.loadTickets(ctx, open, []any{t.ConversationID})
	if err != nil {
		return err
	}
	if len(list) == 0 {
		list = append(list, t)
	}
	return s.showOn(ctx, list[0], holder(t, events))
}

// holder is who holds the conversation after these events: the agent who
// took the ticket talks to its resident.
func holder(t *tickets.Ticket, events []tickets.Event) tickets.Person {
	for _, e := range events {
		if e.Kind == tickets.EventAccepted || e.Kind == tickets.EventReassigned {
			return t.Assignee
		}
	}
	return tickets.Person{}
}

func (s *Store) showOn(ctx context.Context, shown *tickets.Ticket, holder tickets.Person) error {
	const q = `UPDATE conversations SET
			ticket_no = $1, ticket_state = $2, kind = $3, category = $4, district = $5, urgent = $6,
			department = $7, due_rule = $8, due_at = $9,
			state = CASE
				WHEN CAST($12 AS BIGINT) <> 0 THEN 'human'
				WHEN $10 AND state <> 'human' THEN 'waiting'
				WHEN $11 AND state = 'waiting' THEN 'bot'
				ELSE state END,
			assignee_id = CASE WHEN CAST($12 AS BIGINT) <> 0 THEN CAST($12 AS BIGINT) ELSE assignee_id END,
			assignee_name = CASE WHEN CAST($12 AS BIGINT) <> 0 THEN $13 ELSE assignee_name END,
			preview = CASE WHEN preview = '' THEN $14 ELSE preview END,
			version = version + 1, updated_at = $15
		WHERE id = $16
		RETURNING version`
	due, rule := int64(never), ""
	if d := shown.NextDue(); d != nil {
		due, rule = ms(d.Due()), d.Rule
	}
	open := shown.State.Open()
	district := shown.Address.District
	if shown.Confidential {
		district = ""
	}
	var version int64
	err := s.tx.QueryRowContext(ctx, q, shown.No, shown.State, shown.Kind, shown.Category, district,
		shown.Urgent && open, shown.Department, rule, due, open, !open, holder.ID, holder.Name,
		glimpse(shown), ms(s.Now()), shown.ConversationID).Scan(&version)
	if err != nil {
		return fmt.Errorf("show ticket in the inbox: %w", err)
	}
	s.touch(conversationTopic(shown.ConversationID), version)
	s.touch(deskTopic, 0)
	return nil
}

// glimpse is what the inbox shows of a ticket before anything was said. The
// inbox is for every agent: of a confidential ticket it shows nothing (D06).
func glimpse(t *tickets.Ticket) string {
	if t.Confidential {
		return "保密工单，内容请在工单中查看"
	}
	return cut(t.Description, 60)
}
