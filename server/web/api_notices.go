package web

import (
	"context"
	"time"

	"quandesk/tickets"
)

type noticesInput struct {
	Before int64  `query:"before" minimum:"0" doc:"只要此编号之前的"`
	Since  string `query:"since" doc:"只要此时间之后的"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type noticeBody struct {
	ID       int64             `json:"id"`
	TicketNo string            `json:"ticket_no"`
	Rule     string            `json:"rule"`
	Clause   string            `json:"clause"`
	Kind     tickets.EventKind `json:"kind" enum:"warned,breached,pressed"`
	DueAt    time.Time         `json:"due_at"`
	At       time.Time         `json:"at"`
}

type noticesOutput struct {
	Body struct {
		Notices []noticeBody `json:"notices" nullable:"false"`
	}
}

func (s *Site) listNotices(ctx context.Context, in *noticesInput) (*noticesOutput, error) {
	since, err := readDay("since", in.Since, 0)
	if err != nil {
		return nil, err
	}
	f := tickets.NoticeFilter{Before: in.Before, Since: since, Limit: in.Limit}
	list, err := s.Tickets.Notices(ctx, callOf(ctx).user.Audiences(), f)
	if err != nil {
		return nil, err
	}
	out := &noticesOutput{}
	out.Body.Notices = make([]noticeBody, len(list))
	for i, n := range list {
		out.Body.Notices[i] = noticeBody{n.ID, n.TicketNo, n.Rule, n.Clause, n.Kind, beijing(n.DueAt), beijing(n.At)}
	}
	return out, nil
}
