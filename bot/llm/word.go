package llm

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	openai "github.com/sashabaranov/go-openai"

	"quandesk/bot"
	"quandesk/bot/claims"
	"quandesk/bot/unfit"
	"quandesk/channels"
	"quandesk/kb"
	"quandesk/prompts"
)

const (
	longestWording = 200 // characters a model is asked for
	mostArticles   = 3   // offered before it searches itself
	mostRounds     = 5   // answers of the endpoint in one wording: four tools and the words
)

// source is an article as a model sees it, by its number in this turn.
type source struct {
	Number int
	Text   string
	kb.Article
}

// prove adds an article to what may be said. One that says that we do not know
// is no source to name.
func (s source) prove(e *claims.Evidence) {
	if s.Open {
		e.Articles = append(e.Articles, s.Article)
		return
	}
	e.Cite(s.Article, cite(s.Article))
}

// wording is one question being put into words by a model.
type wording struct {
	*session
	rules    bot.Reply // what the rules answer
	words    string    // the resident's words
	sources  []source
	evidence claims.Evidence     // tool results
	notices  []channels.Citation // of outages among them
	version  string
	left     int // tools that may still be used
}

// word puts the answer to a question into words. Whatever fails, the rules'
// answer stands: it is the knowledge in its own words, or the offer of a
// person.
func (s *session) word(ctx context.Context, flow bot.Reply) bot.Reply {
	w := &wording{session: s, rules: flow, words: flow.Asked, left: mostCalls}
	w.evidence.Secrets, w.evidence.Hosts = []string{Canary, s.tag}, s.o.Hosts
	r, err := w.answer(ctx)
	if unfit := withheld(err); unfit != "" {
		s.see(Event{Kind: "withheld", Purpose: channels.ToAnswer, Outcome: unfit, Prompt: w.version})
		flow.Origin = s.o.Model + " " + w.version
		return flow.Withheld(unfit)
	}
	if err != nil {
		s.see(Event{Kind: "fallback", Purpose: channels.ToAnswer, Outcome: outcome(err), Prompt: w.version})
		return flow
	}
	return r
}

// errDeclined is a model's word that the material has no answer.
var errDeclined = wrongf("declined")

func (w *wording) answer(ctx context.Context) (bot.Reply, error) {
	if err := w.gather(ctx); err != nil {
		return bot.Reply{}, err
	}
	offered := make([]source, len(w.sources))
	copy(offered, w.sources)
	messages, version, err := w.asked("answer", offered, w.history(), w.question(w.words))
	if err != nil {
		return bot.Reply{}, err
	}
	w.version = version
	for again := false; ; again = true {
		r, err := w.rounds(ctx, &messages)
		var wrong *errInput
		if again || !errors.As(err, &wrong) || len(wrong.faults) == 0 || withheld(err) != "" {
			return r, err
		}
		more, _, rerr := prompts.Render("again", map[string]any{"Faults": reasons(wrong.faults)})
		if rerr != nil {
			return bot.Reply{}, rerr
		}
		messages = append(messages, openai.ChatCompletionMessage{Role: openai.ChatMessageRoleUser, Content: more})
	}
}

// withheld is the category of what a model said and nobody may be told; ""
// when it was nothing of the kind. It is not asked to say it in other words.
func withheld(err error) string {
	var wrong *errInput
	if !errors.As(err, &wrong) {
		return ""
	}
	return claims.Withheld(wrong.faults)
}

// reasons are the faults without the words at fault: those may hold what an
// endpoint must not see.
func reasons(faults []claims.Fault) []string {
	var out []string
	for _, f := range faults {
		f.What = ""
		if s := strings.TrimSuffix(f.String(), "“”"); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// gather offers what the search finds for the resident's own words.
func (w *wording) gather(ctx context.Context) error {
	found, err := w.o.Knowledge.Search(ctx, w.words, mostArticles)
	if err != nil {
		return err
	}
	for _, f := range found {
		if f.Score >= kb.Answerable && f.Article.Tellable() {
			w.offer(f.Article)
		}
	}
	return nil
}

// offer numbers an article for the model.
func (w *wording) offer(a kb.Article) source {
	for _, s := range w.sources {
		if s.ID == a.ID {
			return s
		}
	}
	text := a.Title + "：" + a.Short
	for _, more := range []string{a.Details, a.Next} {
		if more != "" {
			text += "\n" + more
		}
	}
	s := source{Number: len(w.sources) + 1, Text: clean(text, longestSource), Article: a}
	w.sources = append(w.sources, s)
	return s
}

// rounds asks until the model has said its words, or wants something that the
// flow does.
func (w *wording) rounds(ctx context.Context, messages *[]openai.ChatCompletionMessage) (bot.Reply, error) {
	for range mostRounds {
		sp := &speaker{wording: w}
		got, err := w.ask(ctx, channels.ToAnswer, w.version, call{messages: *messages, tools: tools(), tokens: 600, hear: sp.hear})
		if err != nil {
			return bot.Reply{}, err
		}
		if len(got.tools) == 0 {
			return sp.finish()
		}
		*messages = append(*messages, openai.ChatCompletionMessage{Role: openai.ChatMessageRoleAssistant, ToolCalls: got.tools})
		for _, t := range got.tools {
			name := t.Function.Name
			arg, err := argument(t)
			if err == nil && w.left == 0 {
				err = wrongf("more than %d tools in a turn", mostCalls)
			}
			if err != nil {
				w.see(Event{Kind: "tool_denied", Purpose: channels.ToAnswer, Outcome: "refused", Prompt: w.version})
				w.o.Log.WarnContext(ctx, "tool of the model denied", "llm_tool_denied", err)
				return bot.Reply{}, err
			}
			w.left--
			if name == createTicket || name == requestHuman {
				return w.propose(ctx, name, arg), nil
			}
			result, err := w.use(ctx, name, arg)
			if err != nil {
				return bot.Reply{}, err
			}
			*messages = append(*messages, openai.ChatCompletionMessage{
				Role: openai.ChatMessageRoleTool, ToolCallID: t.ID, Name: name,
				Content: "<<<" + w.tag + "\n" + w.veil.hide(clean(result, 2*longestSource)) + "\n" + w.tag + ">>>",
			})
		}
	}
	return bot.Reply{}, wrongf("tools without end")
}

// speaker lets a growing text out sentence by sentence, each one only after
// its claims are proved.
type speaker struct {
	*wording
	rest  string // not checked yet
	out   strings.Builder
	cited []source
}

var (
	marks = regexp.MustCompile(`[ ]*[\[【]([0-9]{1,2})[\]】]`)
	// A part before a semicolon has its mark at the end of the sentence.
	sentence = regexp.MustCompile(`^[^。！？!?\n]*[。！？!?\n]+(?:[ ]*[\[【][0-9]{1,2}[\]】])*[。；]?`)
)

// hear takes the next piece of the text.
func (s *speaker) hear(delta string) error {
	s.rest += delta
	for {
		m := sentence.FindString(s.rest)
		// The marks of a sentence may still come, or be cut in the middle.
		if m == "" || m == s.rest || strings.ContainsAny(s.rest[len(m):][:1], "[ ") || strings.HasPrefix(s.rest[len(m):], "【") {
			return nil
		}
		if err := s.say(m); err != nil {
			return err
		}
		s.rest = s.rest[len(m):]
	}
}

// say checks one sentence and lets it out.
func (s *speaker) say(text string) error {
	if strings.Contains(text, "无法回答") {
		return errDeclined
	}
	if c := unfit.Shipped().Said(text, s.offered()...); c != "" {
		return s.fault(claims.Fault{Rule: claims.Unfit, What: string(c)}) // whatever else is wrong with it
	}
	if strings.ContainsAny(text, "{}<>`\\|") || strings.ContainsFunc(text, unseen) {
		return wrongf("an answer in some notation")
	}
	text = strings.ReplaceAll(text, "**", "") // what many models cannot do without
	for _, m := range marks.FindAllStringSubmatch(text, -1) {
		n, _ := strconv.Atoi(m[1])
		if n < 1 || n > len(s.sources) {
			return s.fault(claims.Fault{Rule: claims.Ungrounded})
		}
		if src := s.sources[n-1]; !slices.ContainsFunc(s.cited, func(c source) bool { return c.ID == src.ID }) {
			s.cited = append(s.cited, src)
		}
	}
	text = marks.ReplaceAllString(text, "")
	e := s.evidence
	for _, c := range s.cited {
		c.prove(&e)
	}
	shown := s.veil.show(text)
	e.Own = []string{s.words}
	if strings.TrimFunc(shown, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsPunct(r) }) == "" {
		return nil
	}
	if faults := claims.CheckWording(shown, e); len(faults) > 0 {
		return s.fault(faults...)
	}
	s.out.WriteString(shown)
	s.show(strings.TrimSpace(s.out.String()))
	s.spoken = s.draft != nil
	return nil
}

// offered are the texts that the model may cite.
func (w *wording) offered() []string {
	out := make([]string, len(w.sources))
	for i, s := range w.sources {
		out[i] = s.Text
	}
	return out
}

// unseen are the characters that no answer needs: they turn the writing round,
// hide in it or are what is left of broken ones.
func unseen(r rune) bool {
	return r != '\n' && r != '\t' && (unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co) || r == unicode.ReplacementChar)
}

func (s *speaker) fault(faults ...claims.Fault) error {
	for _, f := range faults {
		s.see(Event{Kind: "validator_hit", Purpose: channels.ToAnswer, Outcome: string(f.Rule), Prompt: s.version})
	}
	return &errInput{why: "claims without proof", faults: faults}
}

const wordsPerson = "需要人工请回复“人工”。"

// finish says the last sentence and makes the reply.
func (s *speaker) finish() (bot.Reply, error) {
	if s.rest != "" {
		if err := s.say(s.rest); err != nil {
			return bot.Reply{}, err
		}
	}
	text := strings.TrimSpace(s.out.String())
	if text == "" || len(s.cited) == 0 && len(s.evidence.Sources) == 0 {
		return bot.Reply{}, wrongf("an answer that rests on nothing")
	}
	if !strings.ContainsAny(lastRune(text), "。！？!?；;…") {
		text += "。"
	}
	if !strings.Contains(text, "人工") {
		text += wordsPerson
	}
	if faults := claims.Check(text, s.whole()); len(faults) > 0 {
		return bot.Reply{}, s.fault(faults...)
	}
	r := s.rules
	r.Text, r.Origin = text, s.o.Model+" "+s.version
	r.Grounds, r.Citations = s.evidence.Sources, slices.Clone(s.notices)
	for _, c := range s.cited {
		if c.Open {
			r.Unknown = true
			continue
		}
		r.Citations = append(r.Citations, cite(c.Article))
	}
	r.Unknown = r.Unknown && len(r.Citations) == 0
	s.show(text)
	s.see(Event{Kind: "worded", Purpose: channels.ToAnswer, Outcome: "ok", Prompt: s.version})
	return r, nil
}

func lastRune(s string) string {
	r := []rune(s)
	return string(r[len(r)-1:])
}

// whole is the evidence of the whole text.
func (s *speaker) whole() claims.Evidence {
	e := s.evidence
	for _, c := range s.cited {
		c.prove(&e)
	}
	return e
}

func cite(a kb.Article) channels.Citation {
	return channels.Citation{ArticleID: a.ID, Title: a.Title, Source: a.Source, Clause: a.Clause, Version: a.Version}
}
