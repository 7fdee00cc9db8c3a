package web

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"quandesk/channels"
	"quandesk/server/auth"
)

// ModelCalls reads the record of the calls of models.
type ModelCalls interface {
	// ModelCalls returns up to n calls with an id below before, newest first;
	// before 0 starts at the newest.
	ModelCalls(ctx context.Context, before int64, n int) ([]channels.ModelCall, error)
	// ModelAlerts returns the alerts since a time, newest first.
	ModelAlerts(ctx context.Context, since time.Time) ([]channels.ModelAlert, error)
	// Incidents returns up to n incidents since a time, newest first.
	Incidents(ctx context.Context, since time.Time, n int) ([]channels.Incident, error)
}

func (s *Site) modelCallsAPI(api huma.API) {
	forStaff(s, api, auth.ReadModelCalls, operation{method: http.MethodGet, path: "/model-calls", tag: tagAudit,
		summary: "模型调用记录，新的在前；只有时间、用途、模型和数据种类，没有内容"}, s.listModelCalls)
}

type modelCallsInput struct {
	Before int64 `query:"before" minimum:"1" doc:"只要此编号之前的"`
	Limit  int   `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type modelCallBody struct {
	ID             int64            `json:"id"`
	At             time.Time        `json:"at"`
	Purpose        channels.Purpose `json:"purpose" enum:"understand,answer,embed_question,embed_articles"`
	Vendor         string           `json:"vendor" doc:"模型服务的主机名"`
	Model          string           `json:"model"`
	Prompt         string           `json:"prompt,omitempty" doc:"提示词版本"`
	Data           []string         `json:"data" nullable:"false" doc:"涉及的数据种类"`
	Masked         bool             `json:"masked" doc:"识别到个人信息并已全部换成占位符后才发出；false为没有识别到，不表示原文一定没有"`
	MaskedKinds    []string         `json:"masked_kinds" nullable:"false"`
	ConversationID int64            `json:"conversation_id,omitempty"`
	MessageID      int64            `json:"message_id,omitempty" doc:"由此生成的消息"`
	Outcome        string           `json:"outcome" doc:"ok 为成功；空为没有结果，进程中途停止"`
	TokensIn       int              `json:"tokens_in,omitempty"`
	TokensOut      int              `json:"tokens_out,omitempty"`
	FirstTokenMS   int64            `json:"first_token_ms,omitempty"`
	TookMS         int64            `json:"took_ms"`
}

type modelAlertBody struct {
	At     time.Time `json:"at"`
	Vendor string    `json:"vendor"`
	Model  string    `json:"model"`
	Reason string    `json:"reason"`
}

type incidentBody struct {
	ID             int64     `json:"id"`
	At             time.Time `json:"at"`
	Category       string    `json:"category" doc:"内容类别"`
	Asked          bool      `json:"asked" doc:"居民来话要求的；否则为回答里出现、已拦下的"`
	Model          string    `json:"model,omitempty" doc:"空为规则"`
	Prompt         string    `json:"prompt,omitempty" doc:"提示词版本"`
	ConversationID int64     `json:"conversation_id"`
	MessageID      int64     `json:"message_id" doc:"改为发出的消息"`
}

type modelCallsOutput struct {
	Body struct {
		Calls     []modelCallBody  `json:"calls" nullable:"false"`
		Alerts    []modelAlertBody `json:"alerts" nullable:"false" doc:"近七天模型不可用的告警"`
		Incidents []incidentBody   `json:"incidents" nullable:"false" doc:"近六个月被拦下的不当内容，新的在前，至多200条；没有内容"`
	}
}

func (s *Site) listModelCalls(ctx context.Context, in *modelCallsInput) (*modelCallsOutput, error) {
	list, err := s.ModelCalls.ModelCalls(ctx, in.Before, in.Limit)
	if err != nil {
		return nil, err
	}
	alerts, err := s.ModelCalls.ModelAlerts(ctx, s.Desk.Now().Add(-alertsFor))
	if err != nil {
		return nil, err
	}
	incidents, err := s.ModelCalls.Incidents(ctx, s.Desk.Now().Add(-incidentsFor), incidentRows)
	if err != nil {
		return nil, err
	}
	out := &modelCallsOutput{}
	out.Body.Incidents = make([]incidentBody, len(incidents))
	for i, x := range incidents {
		out.Body.Incidents[i] = incidentBody(x)
		out.Body.Incidents[i].At = beijing(x.At)
	}
	out.Body.Calls, out.Body.Alerts = make([]modelCallBody, len(list)), make([]modelAlertBody, len(alerts))
	for i, c := range list {
		out.Body.Calls[i] = modelCallBody{
			ID: c.ID, At: beijing(c.At), Purpose: c.Purpose, Vendor: c.Vendor, Model: c.Model, Prompt: c.Prompt,
			Data: append([]string{}, c.Data...), Masked: len(c.Masked) > 0, MaskedKinds: append([]string{}, c.Masked...),
			ConversationID: c.ConversationID, MessageID: c.MessageID, Outcome: c.Outcome, TokensIn: c.TokensIn,
			TokensOut: c.TokensOut, FirstTokenMS: c.FirstToken.Milliseconds(), TookMS: c.Took.Milliseconds(),
		}
	}
	for i, a := range alerts {
		out.Body.Alerts[i] = modelAlertBody{At: beijing(a.At), Vendor: a.Vendor, Model: a.Model, Reason: a.Reason}
	}
	return out, nil
}
