package web

import (
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"quandesk/channels"
	"quandesk/tickets"
)

const modelCallsHome = "/desk/model-calls"

// modelCallsView is the calls of models, newest first, and the alerts of the
// last days. It has nothing that anybody said.
type modelCallsView struct {
	frame
	Alerts    []string
	Incidents []incidentRow
	Rows      []modelCallRow
	More      string
}

type modelCallRow struct {
	At, Purpose, Model, Prompt string
	Data, Masked               string
	Tokens, Took               string
	Outcome, Tone              string
	Message                    string
}

// incidentRow is content that was not let through.
type incidentRow struct{ At, Category, Side, Model, Message string }

const (
	incidentsFor  = 183 * 24 * time.Hour // shown
	incidentRows  = 200
	modelCallRows = 100                // of one page
	alertsFor     = 7 * 24 * time.Hour // alerts are shown
)

func (s *Site) pageModelCalls(c *fiber.Ctx) error {
	before := int64(0)
	if text := c.Query("before"); text != "" {
		if before = idOf(text); before < 1 {
			return &tickets.InputError{Field: "before", Problem: tickets.Invalid}
		}
	}
	list, err := s.ModelCalls.ModelCalls(c.UserContext(), before, modelCallRows)
	if err != nil {
		return err
	}
	v := newModelCalls(list)
	if fragment(c) {
		return s.render(c, "model-call-rows", v)
	}
	alerts, err := s.ModelCalls.ModelAlerts(c.UserContext(), s.Desk.Now().Add(-alertsFor))
	if err != nil {
		return err
	}
	for _, a := range alerts {
		v.Alerts = append(v.Alerts, alertWords(a, s.Desk.Now()))
	}
	incidents, err := s.ModelCalls.Incidents(c.UserContext(), s.Desk.Now().Add(-incidentsFor), incidentRows)
	if err != nil {
		return err
	}
	for _, x := range incidents {
		v.Incidents = append(v.Incidents, newIncidentRow(x))
	}
	if v.frame, err = s.frame(c, "模型调用", modelCallsHome); err != nil {
		return err
	}
	return s.render(c, "page-model-calls", v)
}

func newModelCalls(list []channels.ModelCall) modelCallsView {
	var v modelCallsView
	for _, c := range list {
		v.Rows = append(v.Rows, newModelCallRow(c))
	}
	if n := len(list); n == modelCallRows {
		v.More = modelCallsHome + "?before=" + strconv.FormatInt(list[n-1].ID, 10)
	}
	return v
}

func newModelCallRow(c channels.ModelCall) modelCallRow {
	row := modelCallRow{
		At:      c.At.In(tickets.Beijing).Format("2006-01-02 15:04:05"),
		Purpose: named(purposeNames, c.Purpose), Model: c.Model, Prompt: c.Prompt,
		Data: listWords(c.Data), Masked: "未识别到个人信息", Outcome: callOutcome(c.Outcome),
	}
	if c.Vendor != "" {
		row.Model += "（" + c.Vendor + "）"
	}
	if len(c.Masked) > 0 {
		row.Masked = "已遮盖：" + strings.Join(c.Masked, "、")
	}
	if c.Outcome != "ok" {
		row.Tone = "is-late"
	}
	if c.TokensIn+c.TokensOut > 0 {
		row.Tokens = strconv.Itoa(c.TokensIn) + " / " + strconv.Itoa(c.TokensOut)
	}
	if c.Took > 0 {
		row.Took = strconv.FormatFloat(c.Took.Seconds(), 'f', 2, 64) + "秒"
	}
	if c.MessageID > 0 {
		row.Message = strconv.FormatInt(c.MessageID, 10)
	}
	return row
}

func newIncidentRow(x channels.Incident) incidentRow {
	row := incidentRow{
		At: x.At.In(tickets.Beijing).Format("2006-01-02 15:04:05"), Category: named(incidentNames, x.Category),
		Side: "回答，已拦下", Model: "规则", Message: strconv.FormatInt(x.MessageID, 10),
	}
	if x.Asked {
		row.Side = "来话，已谢绝"
	}
	if x.Model != "" {
		row.Model = x.Model + " " + x.Prompt
	}
	return row
}

func listWords(kinds []string) string {
	words := make([]string, len(kinds))
	for i, k := range kinds {
		words[i] = named(dataNames, k)
	}
	return strings.Join(words, "、")
}

// callOutcome is how a call went, in words.
func callOutcome(outcome string) string {
	if code, ok := strings.CutPrefix(outcome, "status_"); ok {
		return "模型服务返回错误" + code
	}
	return named(callNames, outcome)
}

func alertWords(a channels.ModelAlert, now time.Time) string {
	return when(a.At, now) + " " + a.Model + "（" + a.Vendor + "）不可用：" + callOutcome(a.Reason) + "。期间由规则和知识条目答复。"
}

// originWords is who worded a message of the bot, for those who answer for it.
func originWords(m channels.Message) string {
	if m.Author != channels.FromBot {
		return ""
	}
	words := "由规则和知识条目生成"
	switch model, prompt, ok := strings.Cut(m.Origin, " "); {
	case m.Origin == "unrecorded":
		words = "生成方式未留存"
	case ok:
		words = "由模型 " + model + " 生成，提示词版本 " + prompt
	}
	var articles []string
	for _, c := range m.Citations {
		articles = append(articles, c.ArticleID+" 第"+strconv.Itoa(c.Version)+"版")
	}
	if len(articles) > 0 {
		words += "，依据条目 " + strings.Join(articles, "、")
	}
	return words
}
