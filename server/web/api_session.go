package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"quandesk/server/auth"
)

func (s *Site) sessionAPI(api huma.API) {
	forAnyone(s, api, operation{method: http.MethodPost, path: "/login", tag: tagSession,
		summary: "登录，取得凭证和浏览器会话", statuses: []int{401, 423, 429}}, s.login)
	forStaff(s, api, "", operation{method: http.MethodPost, path: "/logout", tag: tagSession,
		summary: "退出登录", status: http.StatusNoContent}, s.logout)
	forStaff(s, api, "", operation{method: http.MethodGet, path: "/me", tag: tagSession,
		summary: "当前登录的工作人员"}, s.me)
}

// userBody is a member of staff as the API shows them.
type userBody struct {
	ID         int64         `json:"id"`
	Username   string        `json:"username"`
	Name       string        `json:"name"`
	Role       auth.Role     `json:"role" enum:"agent,lead,supervisor,administrator,editor,auditor"`
	RoleName   string        `json:"role_name"`
	Department string        `json:"department,omitempty" doc:"空表示客服热线"`
	May        []auth.Action `json:"may" nullable:"false" doc:"可以做的事"`
}

func showUser(u auth.User) userBody {
	b := userBody{
		ID: u.ID, Username: u.Username, Name: u.Name, Role: u.Role,
		RoleName: named(roleNames, u.Role), Department: u.Department, May: []auth.Action{},
	}
	for _, a := range []auth.Action{
		auth.ReadInbox, auth.WriteInbox, auth.ReadTickets, auth.MoveTickets, auth.Supervise,
		auth.ReadLedger, auth.ExportLedger, auth.RevealPhone, auth.ReadAudit,
		auth.ManagePeople, auth.EditArticles, auth.ReadArticles, auth.PublishArticles, auth.ReadQuestions,
	} {
		if u.Can(a) {
			b.May = append(b.May, a)
		}
	}
	return b
}

type loginInput struct {
	Request
	Body struct {
		Username string `json:"username" minLength:"1" maxLength:"64"`
		Password string `json:"password" clean:"no" minLength:"1" maxLength:"256"`
	}
}

type loginOutput struct {
	Body struct {
		Token string   `json:"token" doc:"放在 Authorization: Bearer 中"`
		CSRF  string   `json:"csrf_token" doc:"用浏览器会话写入时放在请求头 X-CSRF-Token 中"`
		User  userBody `json:"user"`
	}
}

func (s *Site) login(ctx context.Context, in *loginInput) (*loginOutput, error) {
	if err := s.signIn(in.c, in.Body.Username, in.Body.Password); err != nil {
		return nil, err
	}
	call := callOf(ctx)
	out := &loginOutput{}
	out.Body.Token, out.Body.CSRF, out.Body.User = call.token, call.session.CSRF, showUser(call.user)
	return out, nil
}

type requestOnly struct{ Request }

func (s *Site) logout(_ context.Context, in *requestOnly) (*struct{}, error) {
	return nil, s.signOut(in.c)
}

type userOutput struct {
	Body userBody
}

func (s *Site) me(ctx context.Context, _ *struct{}) (*userOutput, error) {
	return &userOutput{Body: showUser(callOf(ctx).user)}, nil
}
