package llm

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	openai "github.com/sashabaranov/go-openai"

	"quandesk/bot"
	"quandesk/bot/unfit"
	"quandesk/channels"
	"quandesk/prompts"
	"quandesk/tickets"
)

// How much of a conversation a model sees (T51).
const (
	longestQuestion = 2000 // characters
	longestMessage  = 300
	longestSource   = 1200
	mostHistory     = 12 // messages
)

// session is one turn with a model.
type session struct {
	*Answerer
	turn  bot.Turn
	veil  *veil
	tag   string
	draft func(string) // shows a growing text; nil: nobody looks
	shown bool         // something is on the screen
	// spoken is whether a part of an answer has been on the screen.
	spoken bool
	data   []string // kinds of data the endpoint has seen
	calls  []int64  // the numbers of the calls on record
}

// The kinds of data an endpoint may see, as the records name them.
const (
	dataMessage  = "message"
	dataHistory  = "history"
	dataArticles = "articles"
	dataOutages  = "outages"
	dataTickets  = "tickets"
)

func (a *Answerer) session(ctx context.Context, t bot.Turn, draft func(string)) *session {
	s := &session{Answerer: a, turn: t, veil: newVeil(), tag: newTag(), draft: draft}
	s.veil.know("姓名", clean(t.Conversation.Name, 40))
	for _, m := range t.Tickets {
		s.veil.know("地址", clean(m.Address, 200))
	}
	for _, m := range t.History[max(0, len(t.History)-mostHistory):] {
		if said, err := a.o.Rules.Understand(ctx, m.Text, nil); err == nil {
			s.veil.private(said.Slots)
		}
		s.veil.learn(clean(m.Text, longestQuestion))
	}
	for _, m := range t.Messages {
		s.veil.learn(clean(m.Text, longestQuestion))
	}
	return s
}

// reply is what a model makes of the rules' reply. An endpoint that has just
// failed is not asked again in this turn: the resident has waited enough.
func (s *session) reply(ctx context.Context, base bot.Reply) bot.Reply {
	r, well := s.understand(ctx, base)
	if well && r.Asked != "" && r.Action == nil {
		r = s.word(ctx, r)
	}
	if s.shown && r.Origin == "" {
		s.draft("") // never left half; the reply takes its place
	}
	if s.spoken && r.Origin == "" && r.Action == nil {
		r.Text = wordsInstead + r.Text
	}
	return r
}

// wordsInstead tells who has read the beginning of an answer that it does not
// hold (F14).
const wordsInstead = "刚才的回答没有说完，请以这条为准。\n"

// wordsLooking is what the resident sees while the endpoint thinks (F13).
const wordsLooking = "正在查询，请稍候…"

// show lets the resident see a growing text.
func (s *session) show(text string) {
	if s.draft != nil {
		s.shown = true
		s.draft(text)
	}
}

// sees notes a kind of data that goes to the endpoint.
func (s *session) sees(kind string) {
	if !slices.Contains(s.data, kind) {
		s.data = append(s.data, kind)
	}
}

// question is the resident's words as a model may see them.
func (s *session) question(text string) string { return s.veil.hide(clean(text, longestQuestion)) }

// history is what was said before, as a model may see it.
func (s *session) history() string {
	var lines []string
	recent := s.turn.History
	for _, m := range recent[max(0, len(recent)-mostHistory):] {
		who := "客服"
		if m.Author == channels.FromCustomer || m.Author == "" {
			who = "居民"
		}
		text := m.Text
		if text == "" && m.Place != nil {
			text = m.Place.Label
		}
		if unfit.Shipped().Asked(text) != "" {
			continue
		}
		if text = strings.ReplaceAll(s.veil.hide(clean(text, longestMessage)), "\n", " "); text != "" && m.Kind != channels.Note {
			lines = append(lines, who+"说“"+text+"”")
		}
	}
	return strings.Join(lines, "\n")
}

// asked renders what a model is told and what it is asked.
func (s *session) asked(system string, articles []source, history, text string) ([]openai.ChatCompletionMessage, string, error) {
	rules, version, err := prompts.Render(system, map[string]any{"Tag": s.tag, "Canary": Canary, "Longest": longestWording})
	if err != nil {
		return nil, "", err
	}
	s.sees(dataMessage)
	if history != "" {
		s.sees(dataHistory)
	}
	if len(articles) > 0 {
		s.sees(dataArticles)
	}
	body, _, err := prompts.Render("question", map[string]any{"Tag": s.tag, "Articles": articles, "History": history, "Text": text})
	if err != nil {
		return nil, "", err
	}
	return []openai.ChatCompletionMessage{
		{Role: openai.ChatMessageRoleSystem, Content: rules},
		{Role: openai.ChatMessageRoleUser, Content: body},
	}, version, nil
}

// ask calls the endpoint and counts how it went.
func (s *session) ask(ctx context.Context, purpose channels.Purpose, version string, q call) (said, error) {
	if !s.shown {
		s.show(wordsLooking)
	}
	q.record = channels.ModelCall{At: s.turn.Now, Purpose: purpose, Prompt: version, Data: s.data, Masked: s.veil.masked(contents(q.messages)...),
		ConversationID: s.turn.Conversation.ID}
	began := time.Now()
	got, err := s.client.ask(ctx, q)
	s.calls = append(s.calls, got.calls...)
	e := Event{Kind: "call", Purpose: purpose, Outcome: outcome(err), Prompt: version, Took: time.Since(began), FirstToken: got.firstToken}
	if unasked(err) {
		e.Kind = "refused"
	}
	s.see(e)
	s.o.Log.InfoContext(ctx, "model asked", "purpose", purpose, "model", s.o.Model, "prompt", version,
		"outcome", e.Outcome, "ms", e.Took.Milliseconds())
	return got, err
}

func contents(messages []openai.ChatCompletionMessage) []string {
	out := make([]string, len(messages))
	for i, m := range messages {
		out[i] = m.Content
	}
	return out
}

// outcome names an error for the record; it holds nothing of what was said.
func outcome(err error) string {
	var input *errInput
	var no *refusal
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &no):
		return no.why
	case errors.As(err, &input):
		return "not_usable"
	case errors.Is(err, errBusy):
		return "busy"
	case errors.Is(err, errOpen):
		return "breaker_open"
	case errors.Is(err, errRecord):
		return "no_record"
	case errors.Is(err, errNonsense):
		return "nonsense"
	case errors.Is(err, errSlow):
		return "slow"
	case errors.Is(err, errLong):
		return "too_long"
	case errors.Is(err, errCut):
		return "cut"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(err, context.Canceled):
		return "canceled"
	}
	if code := status(err); code > 0 {
		return fmt.Sprintf("status_%d", code)
	}
	return "unreachable"
}

var secrecy = regexp.MustCompile(`匿名|保密|举报|不要(?:告诉|透露|公开)|别(?:告诉|透露|说出去)`)

// confidential reports whether a turn is nobody's business but the desk's.
func confidential(t bot.Turn, u bot.Understanding) bool {
	for _, m := range t.Tickets {
		if m.Confidential {
			return true
		}
	}
	for _, m := range slices.Concat(t.History, t.Messages) {
		if (m.Author == channels.FromCustomer || m.Author == "") && secrecy.MatchString(m.Text) {
			return true
		}
	}
	return u.Kind == tickets.Report
}
