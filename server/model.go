package main

import (
	"cmp"
	"context"
	"log/slog"
	"net/url"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"quandesk/bot"
	"quandesk/bot/claims"
	"quandesk/bot/llm"
	"quandesk/bot/rules"
	"quandesk/kb"
	"quandesk/kb/vector"
	"quandesk/server/config"
	"quandesk/server/hub"
	"quandesk/server/web"
)

// answerer is what answers residents: the rules, or a model with the rules
// behind it, and before both the check of what an answer may state.
func (p *program) answerer(cfg config.Config, u *rules.Rules) (bot.Answerer, error) {
	hits := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "answer_claims_refused_total", Help: "Claims without proof that were not sent, by rule.",
	}, []string{"rule"})
	p.metrics.MustRegister(hits)
	observe := modelMeter(p.metrics)
	whole := func(l *kb.Library) (bot.Answerer, error) {
		next, err := backend(cfg, u, l, p.store, p.log, observe)
		return &claims.Guard{
			Next: next, Articles: l, Hosts: ownHosts(cfg), Secrets: []string{llm.Canary}, Log: p.log,
			Hit: func(r claims.Rule) { hits.WithLabelValues(string(r)).Inc() },
		}, err
	}
	p.trial = func(l *kb.Library) bot.Answerer {
		a, err := whole(l)
		if err != nil { // what was refused at the start already
			return bot.New(u, l)
		}
		return a
	}
	return whole(p.library)
}

// backend is the model where one is configured, else the rules.
func backend(cfg config.Config, u *rules.Rules, k bot.Knowledge, book llm.Book, log *slog.Logger, observe func(llm.Event)) (bot.Answerer, error) {
	if cfg.LLMModel == "" {
		return bot.New(u, k), nil
	}
	o := modelOptions(cfg, u, k)
	o.Book, o.Log, o.Observe = book, log, observe
	return llm.New(o)
}

func modelOptions(cfg config.Config, u *rules.Rules, k bot.Knowledge) llm.Options {
	return llm.Options{
		BaseURL: cfg.LLMBaseURL, APIKey: cfg.LLMAPIKey, Model: cfg.LLMModel, Rules: u, Knowledge: k, Hosts: ownHosts(cfg),
		Limits: llm.Limits{Hourly: cfg.LLMHourly, Daily: cfg.LLMDaily, Parallel: cfg.LLMParallel},
	}
}

// ownHosts are the hosts that an answer may name.
func ownHosts(cfg config.Config) []string {
	if u, err := url.Parse(cfg.PublicURL); err == nil && u.Host != "" {
		return []string{u.Hostname()}
	}
	return nil
}

func modelMeter(r *prometheus.Registry) func(llm.Event) {
	events := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "llm_events_total", Help: "Calls to the model and what became of them.",
	}, []string{"kind", "purpose", "outcome"})
	first := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "llm_first_token_seconds", Help: "Time to the first token.", Buckets: []float64{.2, .5, 1, 2, 3, 5},
	})
	r.MustRegister(events, first)
	return func(e llm.Event) {
		events.WithLabelValues(e.Kind, string(e.Purpose), e.Outcome).Inc()
		if e.FirstToken > 0 {
			first.Observe(e.FirstToken.Seconds())
		}
	}
}

// waiting is how many answers may wait for a model at the same time.
func waiting(cfg config.Config) int {
	if cfg.LLMModel == "" {
		return 0
	}
	return cfg.LLMParallel
}

// draft shows a generated text to the resident's page while it grows.
func (p *program) draft(conversationID int64, text string) {
	p.hub.Publish(context.Background(), hub.Event{Topic: web.DraftTopic(conversationID), Draft: text})
}

// filing is how residents are told which model may word an answer: name and
// filing number (T71), or the bare name in development. Empty without a model.
func filing(cfg config.Config) string {
	if cfg.LLMModel == "" {
		return ""
	}
	return cmp.Or(cfg.LLMFiling, cfg.LLMModel)
}

// withMeanings puts vectors of passages and questions beside an index of
// words, where a model for them is configured.
func (p *program) withMeanings(cfg config.Config, words kb.Index, u *rules.Rules) kb.Index {
	if cfg.EmbedModel == "" {
		return words
	}
	p.meanings = vector.New(vector.Options{Model: cfg.EmbedModel, Store: p.store, Log: p.log, Embedder: newEmbedder(cfg, u, p.store, p.log)})
	p.meant = p.meanings.Over(words)
	p.metrics.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "search_without_vectors", Help: "1 while the search goes by words alone although a model for vectors is configured.",
	}, func() float64 {
		if p.meant.Degraded() {
			return 1
		}
		return 0
	}))
	return p.meant
}

func newEmbedder(cfg config.Config, u *rules.Rules, book llm.Book, log *slog.Logger) *llm.Embedder {
	return llm.NewEmbedder(llm.EmbedOptions{BaseURL: cfg.LLMBaseURL, APIKey: cfg.LLMAPIKey, Model: cfg.EmbedModel,
		Rules: u, Book: book, Daily: cfg.LLMDaily, Log: log})
}

// watchMeanings embeds what is missing, at once and now and then.
func (p *program) watchMeanings(ctx context.Context) {
	p.meant.Watch(ctx, time.Minute, func(err error) {
		p.log.WarnContext(ctx, "search goes by words alone", "error", err)
	})
}
