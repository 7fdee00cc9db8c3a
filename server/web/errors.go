package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"syscall"

	"github.com/gofiber/fiber/v2"

	"quandesk/channels"
	"quandesk/channels/hotline12345"
	"quandesk/channels/phone"
	"quandesk/channels/webchat"
	"quandesk/channels/wechat"
	"quandesk/kb"
	"quandesk/server/auth"
	"quandesk/tickets"
	"quandesk/tickets/customer"
	"quandesk/tickets/outage"
)

var (
	// errRight is returned when a role may not do what was asked.
	errRight = errors.New("web: not this role's business")
	// errForged is returned for a form without its token or from another site.
	errForged = errors.New("web: not from our page")
	// errHidden is returned for a thing that is not there or not to be seen.
	errHidden = errors.New("web: no such thing")
	// errOften is returned when a person has done something too often.
	errOften = errors.New("web: too often")
	// errNoSecret is returned while no secret for pushes of 12345 is set.
	errNoSecret = errors.New("web: no secret for 12345")
	// errAddress is returned for a push of 12345 from elsewhere.
	errAddress = errors.New("web: not an address of 12345")
	// errJSON is returned for a body that is not one clean JSON value.
	errJSON = errors.New("web: bad JSON")
	// errUnclean is returned for an address or a key of broken bytes.
	errUnclean = errors.New("web: bytes that are no text")
	// errEncoded is returned for a compressed body.
	errEncoded = errors.New("web: compressed body")
	// errToken is returned for a token in an address, where it gets logged.
	errToken = errors.New("web: token in the address")
	// errVisit is returned for a way back from WeChat that is none of ours, or
	// was taken before.
	errVisit = errors.New("web: not a way back from WeChat")
	// errBusy is returned while the same request is still being worked on.
	errBusy = errors.New("web: the same request is running")
	// errInDoubt is returned when nobody knows whether the request was done.
	errInDoubt = errors.New("web: the same request was begun and never finished")
	// errReused is returned for an Idempotency-Key of another request.
	errReused = errors.New("web: key of another request")
	// errCallOver is returned for a promised call that has been made or taken back.
	errCallOver = errors.New("web: the call is over")
)

// answers is the one table of what people are told: the first row whose
// error matches decides.
var answers = []struct {
	is            error
	status        int
	code, message string
}{
	{tickets.ErrStale, 409, "stale", "工单已被其他人更新，您的内容尚未保存，请刷新后再办理。"},
	{tickets.ErrOwnCallback, 409, "own_callback", "回访须由办理人以外的人员进行。"},
	{tickets.ErrNoPersonContact, 409, "no_contact", "该消息不能作为联系凭证：须由工作人员发送，且用户已回复。"},
	{tickets.ErrState, 409, "state", "工单当前状态不能办理此操作。"},
	{tickets.ErrNotFound, 404, "not_found", "您查看的内容不存在，或不在您的权限范围内。"},
	{tickets.ErrForbidden, 403, "forbidden", "您没有办理此操作的权限。"},
	{outage.ErrStale, 409, "stale", "这份停水通知已被其他人更新，您的内容尚未保存，请核对后再提交。"},
	{outage.ErrState, 409, "state", "这份停水通知当前状态不能办理此操作。"},
	{outage.ErrNotFound, 404, "not_found", "您查看的内容不存在，或不在您的权限范围内。"},
	{kb.ErrStale, 409, "stale", "这条知识刚刚有更新，您的内容尚未保存，请核对后再次提交。"},
	{kb.ErrOwn, 409, "own_article", "发布须由编写人以外的人员进行。"},
	{kb.ErrOwnGolden, 403, "own_golden", "标准问题由不编写知识的主管删除，您可以请主管办理。"},
	{kb.ErrState, 409, "state", "这条知识当前状态不能办理此操作。"},
	{kb.ErrForbidden, 403, "forbidden", "您没有办理此操作的权限。"},
	{kb.ErrNotFound, 404, "not_found", "您查看的内容不存在，或不在您的权限范围内。"},
	{kb.ErrTaken, 409, "taken", "已经有相同的内容，请核对后再提交。"},
	{channels.ErrNotFound, 404, "not_found", "您查看的内容不存在，或不在您的权限范围内。"},
	{channels.ErrAttachment, 404, "not_found", "您查看的内容不存在，或不在您的权限范围内。"},
	{channels.ErrStale, 409, "stale", "会话已更新，请刷新后再试。"},
	{channels.ErrTaken, 409, "taken", "该会话已由其他同事接待。"},
	{channels.ErrEmpty, 422, "empty", "请输入内容后再发送。"},
	{channels.ErrTooLong, 422, "too_long", "内容太长，请精简到一万字以内再发送。"},
	{channels.ErrTooBig, 413, "too_large", "图片太大，请压缩到10MB以内再上传。"},
	{channels.ErrNotImage, 415, "not_image", "该文件不是可用的图片，请上传JPG、PNG、WebP或GIF格式的图片。"},
	{customer.ErrOtherPerson, 409, "other_person", "该会话已属于另一位用户，请核对电话。"},
	{webchat.ErrClientID, 422, "invalid", "「消息编号」填写有误，请核对后再提交。"},
	{webchat.ErrPlace, 422, "invalid", "「位置」填写有误，请核对后再提交。"},
	{webchat.ErrVisitor, 401, "no_session", "会话已失效，请重新打开咨询窗口。"},
	{errNoSecret, 401, "not_configured", "12345工单推送接口尚未启用：系统没有设置密钥，请联系管理员。"},
	{errAddress, 403, "address", "您的网络地址不在12345推送的允许名单内。"},
	{hotline12345.ErrNoOutward, 404, "not_found", "您查看的内容不存在，或不在您的权限范围内。"},
	{errReported, 409, "reported", "这一事项已经报送或正在发送，不需要再次处理。"},
	{hotline12345.ErrUnsigned, 401, "unsigned", "缺少签名：请求头须有 X-Hotline-Timestamp、X-Hotline-Nonce 和 X-Hotline-Signature。"},
	{hotline12345.ErrNonce, 401, "nonce", "随机串有误：应为8至64个字母、数字、短横线或下划线，每次推送不同。"},
	{hotline12345.ErrTimestamp, 401, "timestamp", "时间戳有误：应为当前时间的秒数，前后相差不超过300秒。"},
	{hotline12345.ErrSignature, 401, "signature", "签名不正确。"},
	{hotline12345.ErrNonceReused, 409, "nonce_reused", "该随机串已用于其他内容，请更换后重新签名。"},
	{hotline12345.ErrJSON, 400, "bad_json", "提交的数据格式有误，请检查后再提交。"},
	{hotline12345.ErrNotFound, 404, "not_found", "您查看的内容不存在，或不在您的权限范围内。"},
	{hotline12345.ErrImporting, 409, "busy", "另一份12345工单文件正在导入，请稍后再确认。"},
	{hotline12345.ErrTaken, 409, "taken", "这份文件已经导入或放弃，不能再次办理。"},
	{hotline12345.ErrWrong, 422, "wrong_rows", "文件里有不能导入的行，请修改后重新上传，或勾选“跳过有误的行”。"},
	{hotline12345.ErrDecided, 409, "decided", "这处不同已有人核对过，请刷新后查看。"},
	{hotline12345.ErrStale, 409, "stale", "12345工单已有更新，您的内容尚未保存，请刷新后再办理。"},
	{phone.ErrNotFound, 404, "not_found", "您查看的内容不存在，或不在您的权限范围内。"},
	{tickets.ErrCalledOften, 409, "called_often", "这个号码当天已约满三次回电。确有需要的，请由坐席注明后再约。"},
	{tickets.ErrSlot, 409, "slot_taken", "这个时间的回电已约满，请换一个时间。"},
	{errCallOver, 409, "over", "这次回电已经打过、改约或取消，列表已更新。"},
	{auth.ErrTaken, 409, "taken", "这个分机已由其他人使用。"},
	{auth.ErrUser, 422, "invalid", "账号或分机填写有误：分机为1至10位数字。"},
	{auth.ErrKey, 422, "invalid", "密钥的名称或用途填写有误，请核对后再提交。"},
	{auth.ErrLogin, 401, "login", "用户名或密码不正确。"},
	{auth.ErrLocked, 423, "locked", "密码多次输入有误，账号已暂时锁定，请十五分钟后再试。"},
	{auth.ErrThrottled, 429, "too_many", "登录尝试过于频繁，请十五分钟后再试。"},
	{auth.ErrSession, 401, "sign_in", "请先登录。"},
	{errRight, 403, "forbidden", "您没有办理此操作的权限。"},
	{errForged, 403, "forged", "页面已过期或来源不正确，请刷新页面后再试。"},
	{errHidden, 404, "not_found", "您查看的内容不存在，或不在您的权限范围内。"},
	{errOften, 429, "too_many", "操作过于频繁，请稍后再试。"},
	{errJSON, 400, "bad_json", "提交的数据格式有误，请检查后再提交。"},
	{errUnclean, 400, "unclean", "提交的内容含有无法识别的字符，请检查后再试。"},
	{errEncoded, 415, "encoding", "不支持压缩后的提交内容。"},
	{errToken, 400, "token_in_address", "请不要把会话凭证放在网址中。"},
	{errVisit, 403, "visit", "页面已过期，请回到公众号，从菜单重新打开。"},
	{wechat.ErrSnapshot, 403, "snapshot", "当前是预览，微信没有告诉我们您是谁。请点页面下方的“使用完整服务”，再重新打开。"},
	{errBusy, 409, "busy", "相同的提交正在处理，请稍候。"},
	{errInDoubt, 409, "in_doubt", "上一次提交是否成功未能确认，请先在工单列表中核对，需要时重新填写后提交。"},
	{errReused, 422, "key_reused", "该提交编号已用于其他内容，请更换后再提交。"},
}

// byStatus is what people are told when only the status is known.
var byStatus = map[int]struct{ code, message string }{
	400: {"bad_request", "提交的内容无法识别，请检查后再试。"},
	401: {"sign_in", "请先登录。"},
	403: {"forbidden", "您没有办理此操作的权限。"},
	404: {"not_found", "您查看的内容不存在，或不在您的权限范围内。"},
	405: {"method", "不支持这种访问方式。"},
	406: {"not_acceptable", "无法按要求的格式返回内容。"},
	408: {"timeout", "网络较慢，提交的内容未能接收完整，请重试。"},
	413: {"too_large", "提交的内容太大，请精简后再试。"},
	415: {"media_type", "不支持这种内容格式。"},
	422: {"invalid", "提交的内容有误，请核对后再试。"},
	431: {"header_too_large", "请求信息过长，请清理浏览器缓存后再试。"},
	500: {"internal", "系统出现问题，请稍后再试。"},
	503: {"unavailable", "系统繁忙，您的内容尚未保存，请稍后再试。"},
}

// failure is an error as the outside sees it.
type failure struct {
	status  int
	Problem problem       `json:"error"`
	Ticket  *ticketBody   `json:"ticket,omitempty"`  // the fresh state, when somebody was faster
	Article *articleBody  `json:"article,omitempty"` // likewise
	Golden  []verdictBody `json:"golden,omitempty"`  // the golden questions that stand in the way
	Free    []string      `json:"free,omitempty"`    // other times for a call, the nearest first
	cause   error
}

type problem struct {
	Code      string `json:"code" doc:"供程序判断的错误代码"`
	Message   string `json:"message" doc:"供人阅读的说明"`
	Field     string `json:"field,omitempty" doc:"有误的字段"`
	RequestID string `json:"request_id" doc:"请求编号，报障时请提供"`
}

func (f *failure) Error() string { return f.Problem.Code }

// Unwrap returns what went wrong inside.
func (f *failure) Unwrap() error { return f.cause }

// GetStatus makes a failure an error of the API library.
func (f *failure) GetStatus() int { return f.status }

// GetHeaders tells the API library when to come back.
func (f *failure) GetHeaders() http.Header {
	h := http.Header{}
	if f.status == http.StatusTooManyRequests || f.status == http.StatusServiceUnavailable {
		h.Set(fiber.HeaderRetryAfter, retryAfter)
	}
	return h
}

// retryAfter is in seconds.
const retryAfter = "60"

// staleError is tickets.ErrStale with what the ticket looks like now.
type staleError struct{ now *ticketBody }

func (e *staleError) Error() string { return tickets.ErrStale.Error() }

func (e *staleError) Unwrap() error { return tickets.ErrStale }

// acceptedError is what came of accepting a ticket that a colleague has.
type acceptedError struct {
	by    string
	cause error
}

func (e *acceptedError) Error() string { return e.cause.Error() }

func (e *acceptedError) Unwrap() error { return e.cause }

// panicError is a panic of a handler, on its way to the log.
type panicError struct {
	value any
	stack string
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// failure turns an error into what the outside sees, and logs what is ours.
func (s *Site) failure(ctx context.Context, err error) *failure {
	var f *failure
	if errors.As(err, &f) {
		return f
	}
	f = describe(err)
	f.cause, f.Problem.RequestID = err, callOf(ctx).id
	if f.status >= 500 {
		attrs := []any{"err", err, "status", f.status, "request", f.Problem.RequestID}
		var p *panicError
		if errors.As(err, &p) {
			attrs = append(attrs, "stack", p.stack)
		}
		s.log.LogAttrs(ctx, slog.LevelError, "request failed", slog.Group("", attrs...))
	}
	return f
}

// describe is the table, after the errors that carry something of their own.
func describe(err error) *failure {
	if f := particular(err); f != nil {
		return f
	}
	if f := outageFailure(err); f != nil {
		return f
	}
	for _, a := range answers {
		if errors.Is(err, a.is) {
			return said(a.status, a.code, a.message, "")
		}
	}
	var refused *fiber.Error
	switch {
	case errors.As(err, &refused):
		return plain(refused.Code)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), diskFails(err):
		return plain(503)
	}
	return plain(500)
}

// diskFails reports whether a disk is full, broken or to be read only: what
// somebody sent is not stored and may be sent again.
func diskFails(err error) bool {
	for _, why := range []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS, syscall.EIO} {
		if errors.Is(err, why) {
			return true
		}
	}
	return false
}

// particular is about the errors that say more than which they are.
func particular(err error) *failure {
	var (
		step        *tickets.StepError
		input       *tickets.InputError
		fresh       *staleError
		taken       *channels.TakenError
		accepted    *acceptedError
		unavailable interface{ Unavailable() bool }
		reused      interface{ KeyReused() bool }
		busy        interface{ Busy() bool }
		inDoubt     interface{ InDoubt() bool }
		article     *kb.FieldError
		gate        *kb.GateError
		file        *kb.FileError
		malformed   *hotline12345.JSONError
		refused     *hotline12345.RefusedError
		orders      *hotline12345.FileError
		freshEntry  *staleArticleError
		slot        *tickets.SlotError
	)
	switch {
	case errors.As(err, &taken) && taken.By != "":
		f := describe(channels.ErrTaken)
		f.Problem.Message = "该会话已由" + taken.By + "接待。"
		return f
	case errors.As(err, &accepted):
		f := describe(accepted.cause)
		f.Problem.Message = "工单已由" + accepted.by + "受理。"
		return f
	case errors.As(err, &step):
		return said(409, "state", stepSentence(step), "")
	case errors.As(err, &slot):
		return slotTaken(slot)
	case errors.As(err, &input):
		return said(422, "invalid", inputSentence(input.Field, input.Problem), input.Field)
	case errors.As(err, &reused) && reused.KeyReused():
		return describe(errReused)
	case errors.As(err, &busy) && busy.Busy():
		return describe(errBusy)
	case errors.As(err, &inDoubt) && inDoubt.InDoubt():
		return describe(errInDoubt)
	case errors.As(err, &unavailable) && unavailable.Unavailable():
		return plain(503)
	case errors.As(err, &article):
		return said(422, "invalid", inputSentence(article.Field, tickets.Problem(article.Problem)), article.Field)
	case errors.As(err, &malformed):
		return said(400, "bad_json", malformed.Words, "")
	case errors.As(err, &orders):
		return said(422, "file", orders.Words, "file")
	case errors.As(err, &refused):
		return said(422, "invalid", refused.Words, refused.Field)
	case errors.As(err, &file):
		return said(422, "file", file.Words, "file")
	case errors.As(err, &gate):
		f := said(409, "golden", gateSentence(gate), "")
		f.Golden = showVerdicts(gate.Broken)
		return f
	case errors.As(err, &freshEntry):
		f := describe(kb.ErrStale)
		f.Article = freshEntry.now
		return f
	case errors.As(err, &fresh):
		f := describe(tickets.ErrStale)
		f.Ticket = fresh.now
		return f
	}
	return nil
}

func said(status int, code, message, field string) *failure {
	return &failure{status: status, Problem: problem{Code: code, Message: message, Field: field}}
}

func plain(status int) *failure {
	a, ok := byStatus[status]
	switch {
	case !ok && status >= 500:
		return plain(500)
	case !ok:
		a = byStatus[400]
	}
	return said(status, a.code, a.message, "")
}

// slotTaken says which times are free instead.
func slotTaken(e *tickets.SlotError) *failure {
	words, code := "这个时间的回电已约满", "slot_taken"
	if e.Closed {
		words, code = "这个时间没有人员回电", "slot_closed"
	}
	f := said(409, code, words+"，最近一个月没有空闲时间。", "at")
	var names []string
	for _, t := range e.Free {
		f.Free = append(f.Free, iso(t))
		names = append(names, t.In(tickets.Beijing).Format("1月2日 15:04"))
	}
	if len(names) > 0 {
		f.Problem.Message = words + "，最近的空闲时间：" + strings.Join(names, "、") + "。"
	}
	return f
}

// stepSentence names the state, what cannot be done in it and what is due.
func stepSentence(e *tickets.StepError) string {
	s := "工单当前状态为「" + named(stateNames, e.State) + "」，不能" + named(moveNames, e.Move)
	if e.Missing == "" || e.Missing == e.Move {
		return s + "。"
	}
	return s + "，请先" + named(moveNames, e.Missing) + "。"
}

func inputSentence(field string, p tickets.Problem) string {
	sentence, ok := problemSentences[p]
	if !ok {
		sentence = problemSentences[tickets.Invalid]
	}
	return fmt.Sprintf(sentence, named(fieldNames, field))
}

// fail answers with an error: JSON for programs, a page or fragment for people.
func (s *Site) fail(c *fiber.Ctx, err error) error {
	f := s.failure(s.begin(c), err)
	s.protect(c)
	for name, values := range f.GetHeaders() {
		c.Set(name, values[0])
	}
	if !forPeople(c) {
		return c.Status(f.status).JSON(f)
	}
	if f.status == fiber.StatusRequestEntityTooLarge && c.Path() == importUpload {
		f.Problem.Message = articlesTooLarge(c.Request().Header.ContentLength())
	}
	return s.renderFailure(c, f.status, f.Problem.Message)
}

// forPeople reports whether a page is wanted, not JSON.
func forPeople(c *fiber.Ctx) bool {
	if len(c.Request().Header.RawHeaders()) == 0 {
		return false // it could not be read: nobody knows what was asked for
	}
	switch path := c.Path(); {
	case strings.HasPrefix(path, "/api/"), strings.HasPrefix(path, "/hotline12345/"),
		pushed(path), path == "/healthz", path == "/readyz", path == "/metrics":
		return false
	}
	return true
}
