package web

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"quandesk/server/auth"
	"quandesk/tickets"
)

func (s *Site) auditAPI(api huma.API) {
	forStaff(s, api, auth.ReadAudit, operation{method: http.MethodGet, path: "/audit", tag: tagAudit,
		summary: "审计记录，新的在前；只增不改，编号连续"}, s.listAudit)
}

type auditInput struct {
	Before int64 `query:"before" minimum:"1" doc:"只要此编号之前的"`
	Limit  int   `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type auditBody struct {
	ID         int64         `json:"id"`
	At         time.Time     `json:"at"`
	Actor      tickets.Actor `json:"actor"`
	IP         string        `json:"ip,omitempty"`
	Action     string        `json:"action"`
	ActionName string        `json:"action_name"`
	Object     string        `json:"object"`
	Result     string        `json:"result" doc:"ok 为成功，其余为未成功的原因"`
	RequestID  string        `json:"request_id,omitempty"`
}

type auditOutput struct {
	Body struct {
		Entries []auditBody `json:"entries" nullable:"false"`
	}
}

func (s *Site) listAudit(ctx context.Context, in *auditInput) (*auditOutput, error) {
	list, err := s.Audit.Audit(ctx, in.Before, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &auditOutput{}
	out.Body.Entries = make([]auditBody, len(list))
	for i, e := range list {
		actor := e.Actor
		if actor.Kind == tickets.ByCustomer {
			actor.Name = "" // may be confidential
		}
		out.Body.Entries[i] = auditBody{
			ID: e.ID, At: beijing(e.At), Actor: actor, IP: e.Actor.IP, Action: e.Action,
			ActionName: deedWords(e.Action), Object: e.Object, Result: e.Result, RequestID: e.RequestID,
		}
	}
	return out, nil
}
