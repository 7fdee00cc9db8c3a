// Package llm answers with the help of a model behind any OpenAI-compatible
// endpoint. The model proposes labels, tools and words; code decides. The
// rules own what is urgent, who wants a person, and every action; the model
// may only raise. Whatever goes wrong, the resident hears what the rules bot
// answers.
package llm

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"quandesk/bot"
	"quandesk/bot/claims"
	"quandesk/bot/unfit"
	"quandesk/channels"
)

// Options are what an Answerer needs.
type Options struct {
	BaseURL string // …/v1
	APIKey  string
	Model   string

	Rules     bot.Understander // understanding without a model
	Knowledge bot.Knowledge
	Hosts     []string // whose links may be given
	Limits    Limits   // a zero field means the default

	Book      Book              // nil: one in memory
	Transport http.RoundTripper // nil: one with the limits of this package
	Log       *slog.Logger
	Observe   func(Event) // hears of every call and every refusal; may be nil
}

// Limits bound what a model may cost in time, money and patience
// (design/reliability.md section 2, T51, T61).
type Limits struct {
	Connect    time.Duration // 1 s
	FirstToken time.Duration // 3 s, from asking
	Turn       time.Duration // 7 s for all calls of a turn, so that the answer is there within 8
	Understand time.Duration // 3.5 s of them for understanding
	Parallel   int           // 8 calls at a time; one more is refused, not queued
	Hourly     int           // 60 calls of one conversation an hour
	Daily      int           // 20,000 calls of all residents a day
	Failures   int           // 5 failures in a row open the breaker
	Rest       time.Duration // 10 s it stays open
	Sure       float64       // 0.9: from this confidence of the rules no model is asked what is meant
}

func (l Limits) withDefaults() Limits {
	def := Limits{
		Connect: time.Second, FirstToken: 3 * time.Second, Turn: 7 * time.Second,
		Understand: 3500 * time.Millisecond, Parallel: 8, Hourly: 60, Daily: 20000, Failures: 5, Rest: 10 * time.Second, Sure: 0.9,
	}
	for _, d := range []struct{ mine, def *time.Duration }{
		{&l.Connect, &def.Connect}, {&l.FirstToken, &def.FirstToken}, {&l.Turn, &def.Turn},
		{&l.Understand, &def.Understand}, {&l.Rest, &def.Rest},
	} {
		if *d.mine <= 0 {
			*d.mine = *d.def
		}
	}
	for _, d := range []struct{ mine, def *int }{
		{&l.Parallel, &def.Parallel}, {&l.Hourly, &def.Hourly}, {&l.Daily, &def.Daily}, {&l.Failures, &def.Failures},
	} {
		if *d.mine <= 0 {
			*d.mine = *d.def
		}
	}
	if l.Sure <= 0 {
		l.Sure = def.Sure
	}
	return l
}

// Event is one thing worth counting. It holds no text.
type Event struct {
	Kind       string           // call, refused, tool_denied, validator_hit, withheld, worded, fallback
	Purpose    channels.Purpose // what was asked for
	Outcome    string           // ok, or why not; of a tool its name, of validator_hit the rule
	Prompt     string           // its version
	Took       time.Duration    // until the end
	FirstToken time.Duration    // until the first token; 0 when none came
}

// Answerer answers residents with a model where it helps.
type Answerer struct {
	o      Options
	limits Limits
	client *client
}

// New makes an Answerer. It asks nobody yet.
func New(o Options) (*Answerer, error) {
	if o.BaseURL == "" || o.Model == "" || o.Rules == nil || o.Knowledge == nil {
		return nil, errors.New("llm: endpoint, model, rules and knowledge are needed")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	limits := o.Limits.withDefaults()
	return &Answerer{o: o, limits: limits, client: newClient(o, limits)}, nil
}

// Answer implements bot.Answerer.
func (a *Answerer) Answer(ctx context.Context, t bot.Turn) (bot.Reply, error) {
	draft := t.Draft
	t.Draft = nil
	base, err := bot.New(a.o.Rules, a.o.Knowledge).Answer(ctx, t)
	if err != nil || !a.mayAsk(t, base) {
		return base, err
	}
	s := a.session(ctx, t, draft)
	limited, cancel := context.WithTimeout(ctx, a.limits.Turn)
	defer cancel()
	r := s.reply(limited, base)
	r.Calls = s.calls
	return r, nil
}

// mayAsk reports whether a model may see this turn and could add to it. What
// is urgent, who asks for a person and what the desk is to do at once are
// settled; confidential matters are nobody else's business.
func (a *Answerer) mayAsk(t bot.Turn, base bot.Reply) bool {
	u := base.Understanding
	if len(u.Intents) == 0 || u.Urgent || base.Action != nil || confidential(t, u) {
		return false
	}
	for _, i := range u.Intents {
		if i == bot.WantPerson {
			return false
		}
	}
	if unfit.Shipped().Asked(spoken(t.Messages)) != "" {
		return false // not sent anywhere (T54)
	}
	return u.Intents[0] != bot.OutOfScope || u.Confidence < 1
}

func (a *Answerer) see(e Event) {
	if a.o.Observe != nil {
		a.o.Observe(e)
	}
}

// errInput is for answers of a model that are not what was asked for.
type errInput struct {
	why    string
	faults []claims.Fault // when it claims what is not proved
}

func (e *errInput) Error() string { return "llm: " + e.why }

func wrongf(format string, args ...any) error { return &errInput{why: fmt.Sprintf(format, args...)} }
