package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"sync"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"quandesk/server/auth"
)

const apiPrefix = "/api/v1"

// api registers the JSON API and its description, which is made of the same
// types that read the requests.
func (s *Site) api(app *fiber.App) {
	group := app.Group(apiPrefix)
	api := humafiber.NewWithGroup(app, group, s.apiConfig())
	s.webchatAPI(api)
	s.sessionAPI(api)
	s.ticketAPI(api)
	s.moveAPI(api)
	s.conversationAPI(api)
	s.outageAPI(api)
	s.callAPI(api)
	s.callbackAPI(api)
	s.keyAPI(api)
	s.ledgerAPI(api)
	s.auditAPI(api)
	s.modelCallsAPI(api)
	s.knowledgeAPI(api)
	s.describeOrders(api)
	s.describeAPI(group, api)
}

func (s *Site) apiConfig() huma.Config {
	prefix := "#/components/schemas/"
	format := huma.Format{Marshal: writeJSON, Unmarshal: readJSON}
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "泉城水务客服台接口", Version: s.Options.Version, Description: apiDescription,
			},
			Servers: []*huma.Server{{URL: apiPrefix}},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry(prefix, huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"staff":  {Type: "http", Scheme: "bearer", Description: "工作人员登录后取得的凭证，或由系统管理员发给程序的密钥（qdk_ 开头，只能做密钥用途内的一件事）"},
					"cookie": {Type: "apiKey", In: "cookie", Name: s.cookieName(staffCookie), Description: "浏览器会话；写操作另须在请求头 X-CSRF-Token 中提交页面令牌"},
					"guest":  {Type: "http", Scheme: "bearer", Description: "用户开始咨询时取得的凭证"},
				},
			},
			Tags: []*huma.Tag{
				{Name: tagChat, Description: "用户在网页上的咨询"},
				{Name: tagSession, Description: "工作人员的登录"},
				{Name: tagTickets, Description: "工单的查询与登记"},
				{Name: tagMoves, Description: "工单的办理"},
				{Name: tagInbox, Description: "会话的接待"},
				{Name: tagOutages, Description: "停水通知的起草、发布、延长和恢复"},
				{Name: tagPhone, Description: "电话：话务事件、回电预约"},
				{Name: tagKeys, Description: "接口密钥和分机，由系统管理员管理"},
				{Name: tagLedger, Description: "投诉台账"},
				{Name: tagAudit, Description: "审计记录"},
				{Name: tagHotline, Description: "12345热线工单的接收"},
				{Name: tagKnowledge, Description: "知识条目的编写、发布和测试"},
			},
		},
		Formats:       map[string]huma.Format{fiber.MIMEApplicationJSON: format, "json": format},
		DefaultFormat: fiber.MIMEApplicationJSON, RejectUnknownQueryParameters: true,
		Transformers: []huma.Transformer{s.translate},
	}
}

const apiDescription = "时间一律为带时区的 RFC 3339 格式。出错时返回 " +
	"`{\"error\":{\"code\",\"message\",\"request_id\"}}`。列表用 `cursor` 翻页：把上一页的 " +
	"`next_cursor` 原样带回。工单的写操作可带 `version`（看到的版本号，已被他人更新时返回 409 和最新工单）" +
	"和请求头 `Idempotency-Key`（一天之内同一编号只办理一次）。个人信息默认隐去部分内容。"

const (
	tagChat      = "网页咨询"
	tagSession   = "登录"
	tagTickets   = "工单"
	tagMoves     = "工单办理"
	tagInbox     = "会话"
	tagOutages   = "停水通知"
	tagPhone     = "电话"
	tagKeys      = "密钥与分机"
	tagLedger    = "台账"
	tagAudit     = "审计"
	tagKnowledge = "知识"
	tagHotline   = "12345热线"
)

// describeAPI writes the description once, for whoever is the first to ask: it
// does not change any more.
func (s *Site) describeAPI(group fiber.Router, api huma.API) {
	written := sync.OnceValues(func() ([]byte, error) { return json.Marshal(api.OpenAPI()) })
	group.Get("/openapi.json", func(c *fiber.Ctx) error {
		document, err := written()
		if err != nil {
			return fmt.Errorf("describe the API: %w", err)
		}
		c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSONCharsetUTF8)
		return c.Send(document)
	})
}

// operation is what one row of the API says about itself.
type operation struct {
	method, path, tag, summary string
	status                     int // of success; 0 means 200
	statuses                   []int
}

func (o operation) described(id string) huma.Operation {
	op := huma.Operation{
		OperationID: id, Method: o.method, Path: o.path, Summary: o.summary,
		Tags: []string{o.tag}, DefaultStatus: o.status, Responses: map[string]*huma.Response{},
	}
	for _, status := range append(o.statuses, 400, 413, 415, 422, 500, 503) {
		op.Responses[fmt.Sprint(status)] = &huma.Response{
			Description: plain(status).Problem.Message,
			Content:     map[string]*huma.MediaType{fiber.MIMEApplicationJSON: {Schema: problemSchema()}},
		}
	}
	return op
}

// problemSchema is the shape of every error; the operations share one.
var problemSchema = sync.OnceValue(func() *huma.Schema {
	text := func(doc string) *huma.Schema { return &huma.Schema{Type: huma.TypeString, Description: doc} }
	return &huma.Schema{
		Type: huma.TypeObject, Required: []string{"error"},
		Properties: map[string]*huma.Schema{"error": {
			Type: huma.TypeObject, Required: []string{"code", "message", "request_id"},
			Properties: map[string]*huma.Schema{
				"code": text("供程序判断的错误代码"), "message": text("供人阅读的说明"),
				"field": text("有误的字段"), "request_id": text("请求编号，报障时请提供"),
			},
		}},
	}
})

// operationID is the method and the path in one word: post-tickets-no-contact.
func (o operation) operationID() string {
	return strings.ToLower(o.method) + strings.NewReplacer("/", "-", "{", "", "}", "").Replace(o.path)
}

// forStaff registers an operation for those who may do the action. Writes
// are done once per Idempotency-Key.
func forStaff[I, O any](s *Site, api huma.API, action auth.Action, o operation, h func(context.Context, *I) (*O, error)) {
	o.statuses = append(o.statuses, 401, 403)
	op := o.described(o.operationID())
	op.Security = []map[string][]string{{"staff": {}}, {"cookie": {}}}
	op.Middlewares = huma.Middlewares{s.door(func(c *fiber.Ctx) error { return s.admit(c, action) })}
	if o.method != http.MethodGet {
		op.Middlewares = append(op.Middlewares, s.exactlyOnce)
		op.Parameters = append(op.Parameters, &huma.Param{
			Name: keyHeader, In: "header", Description: "由调用方自定的编号；相同编号的重复提交只办理一次",
			Schema: &huma.Schema{Type: huma.TypeString},
		})
	}
	huma.Register(api, op, answering(s, h))
}

// forGuest registers an operation for the resident whose token is sent.
func forGuest[I, O any](s *Site, api huma.API, o operation, h func(context.Context, *I) (*O, error)) {
	o.statuses = append(o.statuses, 401)
	op := o.described(o.operationID())
	op.Security = []map[string][]string{{"guest": {}}}
	op.Middlewares = huma.Middlewares{s.door(func(c *fiber.Ctx) error {
		_, err := s.visitor(c)
		if err == nil {
			err = s.unpacked(c)
		}
		return err
	})}
	huma.Register(api, op, answering(s, h))
}

// unpacked reports that the disk could not take the files of a form: later
// it would look like a bad form.
func (s *Site) unpacked(c *fiber.Ctx) error {
	if !strings.HasPrefix(c.Get(fiber.HeaderContentType), fiber.MIMEMultipartForm) {
		return nil
	}
	if _, err := c.MultipartForm(); diskFails(err) {
		return err
	}
	return nil
}

// forAnyone registers an operation that needs nobody to be known.
func forAnyone[I, O any](s *Site, api huma.API, o operation, h func(context.Context, *I) (*O, error)) {
	huma.Register(api, o.described(o.operationID()), answering(s, h))
}

// door refuses at the door: before the body is looked at.
func (s *Site) door(admit func(*fiber.Ctx) error) func(huma.Context, func(huma.Context)) {
	return func(hc huma.Context, next func(huma.Context)) {
		c := humafiber.Unwrap(hc)
		if err := admit(c); err != nil {
			s.refuse(c, err)
			return
		}
		next(hc)
	}
}

// answering turns the errors of a handler into ours.
func answering[I, O any](s *Site, h func(context.Context, *I) (*O, error)) func(context.Context, *I) (*O, error) {
	return func(ctx context.Context, in *I) (*O, error) {
		out, err := h(ctx, in)
		if err != nil {
			return nil, s.failure(ctx, err)
		}
		return out, nil
	}
}

// readJSON takes one clean JSON value: no duplicate names, nothing after it,
// no unknown fields. Broken UTF-8 and control characters become U+FFFD; what
// a resident wrote is left to the inbox, which takes it in whatever it is.
func readJSON(data []byte, v any) error {
	err := jsonv2.Unmarshal(data, v, jsontext.AllowInvalidUTF8(true), jsonv2.RejectUnknownMembers(true))
	if err != nil {
		return fmt.Errorf("%w: %w", errJSON, err)
	}
	scrub(reflect.ValueOf(v))
	return nil
}

func writeJSON(w io.Writer, v any) error {
	if err := json.NewEncoder(w).Encode(v); err != nil {
		return fmt.Errorf("write answer: %w", err)
	}
	return nil
}

// translate turns what the API library says about a request into our words.
func (s *Site) translate(hc huma.Context, _ string, v any) (any, error) {
	model, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	hc.SetHeader(fiber.HeaderContentType, fiber.MIMEApplicationJSONCharsetUTF8)
	f := complaint(model)
	f.Problem.RequestID = callOf(hc.Context()).id
	if f.status >= 500 {
		s.log.ErrorContext(hc.Context(), "request failed", "err", errors.New(model.Detail), "request", f.Problem.RequestID)
	}
	return f, nil
}

// complaint is the first thing that is wrong with a request.
func complaint(model *huma.ErrorModel) *failure {
	f := plain(model.Status)
	if model.Status == http.StatusBadRequest {
		f = describe(errJSON)
	}
	if model.Status != http.StatusUnprocessableEntity || len(model.Errors) == 0 {
		return f
	}
	detail := model.Errors[0]
	path := strings.Split(detail.Location, ".")
	field := path[len(path)-1]
	if missing, ok := missingProperty(detail.Message); ok {
		field = missing // the location is the object around it
	}
	return said(f.status, f.Problem.Code, detailSentence(field, detail.Message), field)
}
