package claims

import (
	"context"
	"log/slog"

	"quandesk/bot"
	"quandesk/kb"
)

// Articles gives the version of an article that may be cited now. kb.Library
// is one.
type Articles interface {
	Article(id string) (kb.Article, bool)
}

// Guard checks every answer of another Answerer before it is sent. What does
// not pass is replaced by the cited article in its own words, and when that
// will not do either by the offer of a person.
type Guard struct {
	Next     bot.Answerer
	Articles Articles
	Hosts    []string        // whose links may be given
	Secrets  []string        // what must never be said
	Hit      func(rule Rule) // counts; may be nil
	Log      *slog.Logger
}

const wordsUnsure = "抱歉，这一点我这里无法确认，不能随便告诉您。需要工作人员来答复，请回复“人工”。"

// Answer implements bot.Answerer.
func (g *Guard) Answer(ctx context.Context, t bot.Turn) (bot.Reply, error) {
	r, err := g.Next.Answer(ctx, t)
	if err != nil {
		return r, err
	}
	e := g.evidence(t, r)
	faults := g.faults(ctx, r.Text, e)
	switch unfit := Withheld(faults); {
	case unfit != "":
		r = r.Withheld(unfit)
	case len(faults) > 0:
		r.Text, r.Origin = g.instead(&r, e), ""
	}
	if words := r.Words; words != nil {
		action := *r.Action
		r.Words = func(done bot.Result) string {
			text := words(done)
			if e := e.with(action, done, t.Now); len(g.faults(ctx, text, e)) > 0 {
				return wordsDone(action, done)
			}
			return text
		}
	}
	return r, nil
}

// faults checks a text and counts what it was blocked for.
func (g *Guard) faults(ctx context.Context, text string, e Evidence) []Fault {
	if text == "" {
		return nil
	}
	faults := Check(text, e)
	for _, f := range faults {
		g.Log.WarnContext(ctx, "answer blocked", "validator_hit", f.Rule)
		if g.Hit != nil {
			g.Hit(f.Rule)
		}
	}
	return faults
}

// instead is the cited article in its own words under its title, or the offer
// of a person; then nothing is cited.
func (g *Guard) instead(r *bot.Reply, e Evidence) string {
	for i, a := range e.Articles {
		text := "《" + a.Title + "》：" + a.Short
		if len(Check(text, e)) == 0 {
			r.Citations = r.Citations[i : i+1]
			return text
		}
	}
	r.Citations = nil
	return wordsUnsure
}

// wordsDone says what was done from its row alone.
func wordsDone(a bot.Action, r bot.Result) string {
	const more = "要补充或找工作人员，直接在这里说。"
	no := a.TicketNo
	if r.Ticket != nil {
		no = r.Ticket.No
	}
	if no != "" {
		no = "单号" + no + "。"
	}
	switch a.Type {
	case bot.OpenTicket:
		return "已登记。" + no + more
	case bot.SupplementTicket:
		return "已补充。" + no + more
	case bot.UrgeTicket:
		return "已催办。" + no + more
	case bot.WithdrawTicket:
		return "已撤回。" + no + more
	case bot.HandOff:
		return "已放入人工队列，工作人员接手后会在这里回复您。"
	case bot.BookCallback:
		return "回电已预约。" + no + more
	case bot.CancelCallback:
		return "回电已取消。" + more
	}
	return wordsUnsure
}
