package web

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"quandesk/server/auth"
)

func (s *Site) keyAPI(api huma.API) {
	forStaff(s, api, auth.ManagePeople, operation{method: http.MethodGet, path: "/keys", tag: tagKeys,
		summary: "接口密钥"}, s.listKeys)
	forStaff(s, api, auth.ManagePeople, operation{method: http.MethodPost, path: "/keys", tag: tagKeys,
		summary: "发放接口密钥；密钥只在这次的结果中出现", status: http.StatusCreated}, s.makeKey)
	forStaff(s, api, auth.ManagePeople, operation{method: http.MethodPost, path: "/keys/{id}/revoke", tag: tagKeys,
		summary: "停用接口密钥", status: http.StatusNoContent, statuses: []int{404}}, s.revokeKey)
	forStaff(s, api, auth.ManagePeople, operation{method: http.MethodPost, path: "/users/{username}/extension", tag: tagKeys,
		summary: "设置工作人员的分机", statuses: []int{404, 409}}, s.setExtension)
}

type keyBody struct {
	ID        int64       `json:"id"`
	Name      string      `json:"name"`
	Scope     auth.Action `json:"scope" enum:"calls.report"`
	MadeBy    string      `json:"made_by"`
	CreatedAt time.Time   `json:"created_at"`
	UsedAt    *time.Time  `json:"used_at,omitempty" doc:"最近使用，精确到分钟"`
	RevokedAt *time.Time  `json:"revoked_at,omitempty"`
	Key       string      `json:"key,omitempty" doc:"只在发放时出现"`
}

func showKey(k auth.Key) keyBody {
	return keyBody{
		ID: k.ID, Name: k.Name, Scope: k.Scope, MadeBy: k.MadeBy.Name, CreatedAt: beijing(k.CreatedAt),
		UsedAt: moment(k.UsedAt), RevokedAt: moment(k.RevokedAt),
	}
}

type keysOutput struct {
	Body struct {
		Keys []keyBody `json:"keys" nullable:"false"`
	}
}

func (s *Site) listKeys(ctx context.Context, _ *struct{}) (*keysOutput, error) {
	list, err := s.Keys.Keys(ctx)
	if err != nil {
		return nil, err
	}
	out := &keysOutput{}
	out.Body.Keys = make([]keyBody, len(list))
	for i, k := range list {
		out.Body.Keys[i] = showKey(k)
	}
	return out, nil
}

type makeKeyInput struct {
	Body struct {
		Name  string      `json:"name" minLength:"1" maxLength:"32" doc:"哪个程序使用"`
		Scope auth.Action `json:"scope,omitempty" enum:"calls.report" doc:"密钥能做的一件事，默认 calls.report（报送话务事件）"`
	}
}

type keyOutput struct {
	Body keyBody
}

func (s *Site) makeKey(ctx context.Context, in *makeKeyInput) (*keyOutput, error) {
	scope := in.Body.Scope
	if scope == "" {
		scope = auth.ReportCalls
	}
	token, k, err := s.Keys.Make(ctx, callOf(ctx).actor(), in.Body.Name, scope)
	if err != nil {
		return nil, err
	}
	b := showKey(k)
	b.Key = token
	return &keyOutput{Body: b}, nil
}

type keyIDInput struct {
	ID int64 `path:"id" minimum:"1"`
}

func (s *Site) revokeKey(ctx context.Context, in *keyIDInput) (*struct{}, error) {
	return nil, s.Keys.Revoke(ctx, callOf(ctx).actor(), in.ID)
}

type extensionInput struct {
	Username string `path:"username" maxLength:"32"`
	Body     struct {
		Extension string `json:"extension" maxLength:"10" doc:"分机号码；空表示没有"`
	}
}

func (s *Site) setExtension(ctx context.Context, in *extensionInput) (*userOutput, error) {
	u, err := s.Gate.SetExtension(ctx, callOf(ctx).actor(), in.Username, in.Body.Extension)
	if err != nil {
		return nil, err
	}
	return &userOutput{Body: showUser(u)}, nil
}
