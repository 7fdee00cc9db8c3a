package llm

import (
	"context"
	"fmt"
	"slices"
	"strings"

	openai "github.com/sashabaranov/go-openai"
	"github.com/sashabaranov/go-openai/jsonschema"

	"quandesk/bot"
	"quandesk/bot/claims"
	"quandesk/channels"
	"quandesk/kb"
	"quandesk/tickets"
	"quandesk/tickets/customer"
	"quandesk/tickets/outage"
)

// The tools a model has, and no others (T62). None of them changes anything:
// what should be done goes through the rules' flow, where the resident says
// yes. Who is asking is known from the conversation; no argument can name
// somebody else.
const (
	searchKB     = "search_kb"
	getOutage    = "get_outage"
	myTickets    = "my_tickets"
	createTicket = "create_ticket"
	requestHuman = "request_human"
)

// toolNames are the tools with the one argument each may have.
var toolNames = []struct{ name, about, argument, meaning string }{
	{searchKB, "换个说法查知识条目", "query", "要查的问题"},
	{getOutage, "查一个地方现在的停水公告", "place", "居民说的地方"},
	{myTickets, "查说话的居民本人在本会话里的工单", "no", "单号，可以为空"},
	{createTicket, "居民要报修或投诉时，请程序向本人确认后登记", "kind", "complaint 或 repair"},
	{requestHuman, "居民要找人工", "reason", "原因"},
}

func toolForm(argument, meaning string) jsonschema.Definition {
	return jsonschema.Definition{Type: jsonschema.Object, AdditionalProperties: false,
		Properties: map[string]jsonschema.Definition{argument: {Type: jsonschema.String, Description: meaning}}}
}

func tools() []openai.Tool {
	out := make([]openai.Tool, len(toolNames))
	for i, t := range toolNames {
		out[i] = openai.Tool{Type: openai.ToolTypeFunction, Function: &openai.FunctionDefinition{
			Name: t.name, Description: t.about, Parameters: toolForm(t.argument, t.meaning)}}
	}
	return out
}

// argument checks a call against the schema of its tool and returns the one
// argument; anything else in it is refused.
func argument(c openai.ToolCall) (string, error) {
	for _, t := range toolNames {
		if t.name != c.Function.Name {
			continue
		}
		var args map[string]string
		raw := c.Function.Arguments
		if strings.TrimSpace(raw) == "" {
			raw = "{}"
		}
		if err := jsonschema.VerifySchemaAndUnmarshal(toolForm(t.argument, t.meaning), []byte(raw), &args); err != nil {
			return "", wrongf("bad arguments of %s", t.name)
		}
		if _, ok := args[t.argument]; len(args) > 1 || len(args) == 1 && !ok {
			return "", wrongf("more arguments of %s than it has", t.name)
		}
		return args[t.argument], nil
	}
	return "", wrongf("unknown tool")
}

// use runs one tool that only looks something up and returns its result in
// words.
func (w *wording) use(ctx context.Context, name, arg string) (string, error) {
	switch name {
	case searchKB:
		return w.search(ctx, w.veil.show(arg))
	case getOutage:
		return w.outage(w.veil.show(arg)), nil
	case myTickets:
		return w.tickets(w.veil.show(arg)), nil
	}
	return "", wrongf("unknown tool")
}

// plausible is how well an article must fit the resident's own words, whatever
// a model has searched for.
const plausible = kb.Answerable / 2

func (w *wording) search(ctx context.Context, query string) (string, error) {
	found, err := w.o.Knowledge.Search(ctx, cut(query, 200), 3)
	if err != nil {
		return "", fmt.Errorf("search knowledge: %w", err)
	}
	near, err := w.o.Knowledge.Search(ctx, w.words, 12)
	if err != nil {
		return "", fmt.Errorf("search knowledge: %w", err)
	}
	fits := map[string]bool{}
	for _, f := range near {
		fits[f.Article.ID] = f.Score >= plausible
	}
	var b strings.Builder
	for _, f := range found {
		if f.Score >= kb.Answerable && f.Article.Tellable() && fits[f.Article.ID] {
			s := w.offer(f.Article)
			w.sees(dataArticles)
			fmt.Fprintf(&b, "[%d] %s\n", s.Number, s.Text)
		}
	}
	if b.Len() == 0 {
		return "没有查到。", nil
	}
	return b.String(), nil
}

// outage tells of the notices that a place lies in; the answer cites them (R19).
func (w *wording) outage(place string) string {
	var b strings.Builder
	for _, n := range w.turn.Outages {
		if !n.Told(w.turn.Now) || n.Area.Affects(customer.ParseAddress(cut(place, 100))) != outage.Within {
			continue
		}
		words := claims.NoticeWords(n, w.turn.Now)
		w.evidence.Sources = append(w.evidence.Sources, words...)
		if c := bot.CiteNotice(n); !slices.Contains(w.notices, c) {
			w.notices = append(w.notices, c)
		}
		w.sees(dataOutages)
		b.WriteString(strings.Join(words, "；") + "\n")
	}
	if b.Len() == 0 {
		return "没有查到这个地方的停水通知。"
	}
	return b.String()
}

// tickets tells about the tickets of this conversation. A number of somebody
// else's is not found, like one that does not exist (T60).
func (w *wording) tickets(no string) string {
	var b strings.Builder
	for _, m := range w.turn.Tickets {
		if no != "" && !strings.EqualFold(no, m.No) {
			continue
		}
		line := "单号" + m.No + "，" + stateWords(m)
		if !m.FinishBy.IsZero() {
			line += "，办结时限" + m.FinishBy.In(tickets.Beijing).Format("1月2日15:04")
		}
		if m.Reply != "" {
			line += "，答复：" + cut(m.Reply, 200)
		}
		w.evidence.Sources = append(w.evidence.Sources, line)
		w.sees(dataTickets)
		b.WriteString(line + "\n")
	}
	if b.Len() == 0 {
		if no != "" {
			w.see(Event{Kind: "tool_denied", Purpose: channels.ToAnswer, Outcome: myTickets})
			w.o.Log.Warn("tool of the model denied", "llm_tool_denied", myTickets)
		}
		return "没有查到。"
	}
	return b.String()
}

func stateWords(m bot.Matter) string {
	switch {
	case m.State == tickets.Closed:
		return "已结案"
	case !m.SettledAt.IsZero():
		return "已办结"
	case m.State.Open():
		return "正在办理"
	}
	return "不再办理"
}

// propose runs the rules' flow as if the resident had said what the model
// thinks; the flow asks, the resident decides.
func (w *wording) propose(ctx context.Context, name, kind string) bot.Reply {
	means := w.rules.Understanding
	switch {
	case name == requestHuman:
		means.Intents = []bot.Intent{bot.WantPerson}
	case kind == "repair":
		means.Intents, means.Kind = []bot.Intent{bot.AskRepair}, tickets.Repair
	default:
		means.Intents, means.Kind = []bot.Intent{bot.Complain}, tickets.Complaint
	}
	return w.flow(ctx, w.rules, means)
}
