package web

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"quandesk/channels"
	"quandesk/channels/webchat"
	"quandesk/server/auth"
	"quandesk/tickets"
	"quandesk/tickets/customer"
)

func TestEveryErrorOfTheDeskHasItsAnswer(t *testing.T) {
	for _, c := range []struct {
		err     error
		status  int
		message string
	}{
		{&tickets.StepError{State: tickets.Processing, Move: tickets.MoveCallback, Missing: tickets.MoveSettle}, 409, "工单当前状态为「办理中」，不能登记回访结果，请先办结并答复。"},
		{&tickets.StepError{State: tickets.Void, Move: tickets.MoveAccept}, 409, "工单当前状态为「已作废」，不能受理。"},
		{&tickets.InputError{Field: "reply", Problem: tickets.TooShort}, 422, "「答复内容」内容太少，请补充完整。"},
		{&tickets.InputError{Field: "until", Problem: tickets.TooEarly}, 422, "「截止时间」的时间过早，请重新选择。"},
		{tickets.ErrStale, 409, "工单已被其他人更新，您的内容尚未保存，请刷新后再办理。"},
		{tickets.ErrNotFound, 404, "您查看的内容不存在，或不在您的权限范围内。"},
		{errHidden, 404, "您查看的内容不存在，或不在您的权限范围内。"},
		{channels.ErrNotFound, 404, "您查看的内容不存在，或不在您的权限范围内。"},
		{tickets.ErrForbidden, 403, "您没有办理此操作的权限。"},
		{tickets.ErrOwnCallback, 409, "回访须由办理人以外的人员进行。"},
		{tickets.ErrNoPersonContact, 409, "该消息不能作为联系凭证：须由工作人员发送，且用户已回复。"},
		{customer.ErrOtherPerson, 409, "该会话已属于另一位用户，请核对电话。"},
		{channels.ErrTaken, 409, "该会话已由其他同事接待。"},
		{webchat.ErrVisitor, 401, "会话已失效，请重新打开咨询窗口。"},
		{auth.ErrLocked, 423, "密码多次输入有误，账号已暂时锁定，请十五分钟后再试。"},
		{auth.ErrThrottled, 429, "登录尝试过于频繁，请十五分钟后再试。"},
		{busy{}, 503, "系统繁忙，您的内容尚未保存，请稍后再试。"},
		{context.DeadlineExceeded, 503, "系统繁忙，您的内容尚未保存，请稍后再试。"},
		{errors.New("anything"), 500, "系统出现问题，请稍后再试。"},
	} {
		f := describe(fmt.Errorf("wrapped: %w", c.err))
		require.Equal(t, c.status, f.status, c.message)
		require.Equal(t, c.message, f.Problem.Message)
	}
}

// Every word of the other packages that people may read has its Chinese.
func TestEveryWordHasItsChinese(t *testing.T) {
	han := regexp.MustCompile(`\p{Han}`)
	named := map[string]string{}
	add := func(kind, word, name string) {
		if han.MatchString(name) {
			named[kind+" "+word] = name
		}
	}
	for w, n := range kindNames {
		add("Kind", string(w), n)
	}
	for w, n := range categoryNames {
		add("Category", string(w), n)
	}
	for w, n := range sourceNames {
		add("Source", string(w), n)
	}
	for w, n := range stateNames {
		add("State", string(w), n)
	}
	for w, n := range moveNames {
		add("Move", string(w), n)
	}
	for w, n := range eventNames {
		add("EventKind", string(w), n)
	}
	for w, n := range outcomeNames {
		add("Outcome", string(w), n)
	}
	for w, n := range answerTypeNames {
		add("AnswerType", string(w), n)
	}
	for w, n := range figureNames {
		add("FigureKey", string(w), n)
	}
	for w, n := range actNames {
		add("Act", string(w), n)
	}
	for w, n := range reportWayNames {
		add("Way", string(w), n)
	}
	for w, n := range ratingNames {
		add("Rating", string(w), n)
	}
	for w, n := range callbackNames {
		add("CallbackVerdict", string(w), n)
	}
	for w, n := range contactNames {
		add("ContactResult", string(w), n)
	}
	for w, n := range verdictNames {
		add("Verdict", string(w), n)
	}
	for w, n := range actorNames {
		add("ActorKind", string(w), n)
	}
	for w, n := range problemSentences {
		add("Problem", string(w), n)
	}
	for w, n := range roleNames {
		add("Role", string(w), n)
	}
	for w, n := range appointmentNames {
		add("AppointmentState", string(w), n)
	}
	for kind, words := range constants(t, "../../tickets", "../auth") {
		for _, word := range words {
			switch kind {
			case "Duty", "Action":
				continue // not shown
			}
			require.Contains(t, named, kind+" "+word)
		}
	}
}

// constants are the typed string constants of packages, by their type.
func constants(t *testing.T, folders ...string) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, folder := range folders {
		files, err := filepath.Glob(folder + "/*.go")
		require.NoError(t, err)
		for _, name := range files {
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			require.NoError(t, err)
			ast.Inspect(file, func(n ast.Node) bool {
				spec, ok := n.(*ast.ValueSpec)
				if !ok {
					return true
				}
				kind, ok := spec.Type.(*ast.Ident)
				if !ok || len(spec.Values) != 1 {
					return true
				}
				if lit, ok := spec.Values[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
					word, err := strconv.Unquote(lit.Value)
					require.NoError(t, err)
					out[kind.Name] = append(out[kind.Name], word)
				}
				return true
			})
		}
	}
	return out
}

func TestARepeatedKeyIsForgottenWhenItFailedForReasonsOfOurs(t *testing.T) {
	n := notebook{}
	ctx := t.Context()
	for i := range notebookPages + 1 {
		_, _, answered, err := n.Begin(ctx, 1, strconv.Itoa(i), []byte("r"))
		require.NoError(t, err)
		require.False(t, answered)
		_, _, _, err = n.Begin(ctx, 1, strconv.Itoa(i), []byte("r"))
		require.Equal(t, 409, describe(err).status, "it is being done")
		require.NoError(t, n.Finish(ctx, 1, strconv.Itoa(i), 200, []byte("done")))
	}
	status, body, answered, err := n.Begin(ctx, 1, "7", []byte("r"))
	require.NoError(t, err)
	require.True(t, answered)
	require.Equal(t, 200, status)
	require.Equal(t, "done", string(body))
	_, _, answered, err = n.Begin(ctx, 1, "0", []byte("r"))
	require.NoError(t, err)
	require.False(t, answered, "the oldest page is torn out")
	require.NoError(t, n.Forget(ctx, 1, "0"))
	_, _, answered, err = n.Begin(ctx, 1, "0", []byte("r"))
	require.NoError(t, err)
	require.False(t, answered, "what was not done may be done")
	_, _, _, err = n.Begin(ctx, 1, "7", []byte("other"))
	require.Equal(t, 422, describe(err).status)
}
