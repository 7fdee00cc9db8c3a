package web

import (
	"context"
	"fmt"
	"strings"

	"quandesk/channels"
	"quandesk/kb"
)

type hitBody struct {
	ArticleID string  `json:"article_id"`
	Title     string  `json:"title"`
	Clause    string  `json:"clause,omitempty"`
	Version   int     `json:"version"`
	Passage   string  `json:"passage"`
	Score     float64 `json:"score"`
	Words     float64 `json:"words,omitempty" doc:"字面得分；只在启用向量时有"`
	Meaning   float64 `json:"meaning,omitempty" doc:"语义得分；只在启用向量时有"`
	Enough    bool    `json:"enough" doc:"达到引用的门槛"`
	InForce   bool    `json:"in_force"`
	Tellable  bool    `json:"tellable" doc:"可以对外：内容已核实，或者是暂无答复"`
	Told      bool    `json:"told" doc:"用它答复"`
}

type testInput struct {
	Query string `query:"q" required:"true" minLength:"1" maxLength:"500" doc:"用户的问题"`
	With  string `query:"with" maxLength:"60" doc:"假定这一条正在编写的一版已经发布"`
}

type testOutput struct {
	Body struct {
		Threshold float64             `json:"threshold" doc:"引用的门槛"`
		Hits      []hitBody           `json:"hits" nullable:"false"`
		Answer    string              `json:"answer" doc:"机器人会发出的答复"`
		Citations []channels.Citation `json:"citations" nullable:"false"`
		Action    string              `json:"action,omitempty" doc:"机器人会先办理的事"`
		Unknown   bool                `json:"unknown" doc:"答复说没有查到"`
	}
}

func (s *Site) testArticles(ctx context.Context, in *testInput) (*testOutput, error) {
	question := strings.TrimSpace(clean(in.Query))
	if question == "" {
		return nil, &kb.FieldError{Field: "q", Problem: kb.Missing}
	}
	t, err := s.test(ctx, question, in.With)
	if err != nil {
		return nil, err
	}
	out := &testOutput{}
	b := &out.Body
	b.Threshold, b.Answer, b.Unknown = kb.Answerable, t.reply.Text, t.reply.Unknown
	b.Hits, b.Citations = make([]hitBody, len(t.found)), append([]channels.Citation{}, t.reply.Citations...)
	if t.reply.Action != nil {
		b.Action = string(t.reply.Action.Type)
	}
	for i, p := range t.found {
		b.Hits[i] = hitBody{
			ArticleID: p.Article.ID, Title: p.Article.Title, Clause: p.Article.Clause, Version: p.Article.Version, Passage: p.Passage,
			Score: p.Score, Words: p.Words, Meaning: p.Meaning, Enough: p.Enough, InForce: p.InForce, Tellable: p.Article.Tellable(), Told: t.tells(p.Article.ID),
		}
	}
	return out, nil
}

type verdictBody struct {
	ID        int64   `json:"id"`
	Question  string  `json:"question"`
	ArticleID string  `json:"article_id,omitempty" doc:"应由哪一条答复；空为应答复没有查到"`
	Shipped   bool    `json:"shipped,omitempty"`
	Got       string  `json:"got,omitempty" doc:"实际由哪一条答复"`
	Score     float64 `json:"score,omitempty"`
	Passed    *bool   `json:"passed,omitempty"`
}

func showVerdicts(list []kb.Verdict) []verdictBody {
	out := make([]verdictBody, len(list))
	for i, v := range list {
		passed := v.Passed()
		out[i] = verdictBody{ID: v.ID, Question: v.Question, ArticleID: v.ArticleID, Shipped: v.Shipped, Got: v.Got, Score: v.Score, Passed: &passed}
	}
	return out
}

// mostNamed are the questions a sentence names; the rest is a number.
const mostNamed = 3

// gateSentence says which golden questions stand in the way, and from when.
func gateSentence(e *kb.GateError) string {
	var names []string
	for _, v := range e.Broken[:min(len(e.Broken), mostNamed)] {
		names = append(names, "「"+v.Question+"」")
	}
	like := fmt.Sprintf("有%d个标准问题会答错，如%s。", len(e.Broken), strings.Join(names, ""))
	switch from := dayOf(e.From); {
	case e.Move == kb.MoveRetire && e.From.IsZero():
		return "暂不能停用：停用后" + like + "请先发布能替代它的内容。"
	case e.Move == kb.MoveRetire:
		return "暂不能停用：停用后，从" + from + "起" + like + "请先发布能替代它的内容。"
	case !e.From.IsZero():
		return "暂不能发布：从" + from + "起" + like + "请改生效、失效日期，或先备好这一天之后的内容。"
	}
	return "暂不能发布：" + like + "请调整后再发布。"
}

type goldenInput struct {
	Run bool `query:"run" doc:"逐个测试"`
}

type goldenOutput struct {
	Body struct {
		Questions []verdictBody `json:"questions" nullable:"false"`
		Failed    int           `json:"failed"`
	}
}

func (s *Site) listGolden(ctx context.Context, in *goldenInput) (*goldenOutput, error) {
	out := &goldenOutput{}
	if in.Run {
		all, err := s.Knowledge.JudgeAll(ctx)
		if err != nil {
			return nil, err
		}
		out.Body.Questions, out.Body.Failed = showVerdicts(all), len(kb.Failed(all))
		return out, nil
	}
	all, err := s.Knowledge.Goldens(ctx)
	if err != nil {
		return nil, err
	}
	out.Body.Questions = make([]verdictBody, len(all))
	for i, g := range all {
		out.Body.Questions[i] = verdictBody{ID: g.ID, Question: g.Question, ArticleID: g.ArticleID, Shipped: g.Shipped}
	}
	return out, nil
}

type addGoldenInput struct {
	Body struct {
		Question  string `json:"question" minLength:"1" maxLength:"200"`
		ArticleID string `json:"article_id,omitempty" maxLength:"60" doc:"不填为应答复没有查到"`
	}
}

type oneGoldenOutput struct{ Body verdictBody }

func (s *Site) addGolden(ctx context.Context, in *addGoldenInput) (*oneGoldenOutput, error) {
	g, err := s.Knowledge.AddGolden(ctx, callOf(ctx).editor(), clean(in.Body.Question), in.Body.ArticleID)
	if err != nil {
		return nil, err
	}
	return &oneGoldenOutput{verdictBody{ID: g.ID, Question: g.Question, ArticleID: g.ArticleID}}, nil
}

type numberInput struct {
	ID int64 `path:"id" minimum:"0"`
}

type doneOutput struct {
	Body struct {
		Done bool `json:"done"`
	}
}

func done() *doneOutput {
	out := &doneOutput{}
	out.Body.Done = true
	return out
}

func (s *Site) removeGolden(ctx context.Context, in *numberInput) (*doneOutput, error) {
	return done(), s.Knowledge.RemoveGolden(ctx, callOf(ctx).editor(), in.ID)
}
