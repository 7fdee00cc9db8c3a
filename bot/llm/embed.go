package llm

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"time"

	openai "github.com/sashabaranov/go-openai"

	"quandesk/bot"
	"quandesk/channels"
)

// What may be embedded at once.
const (
	longestEmbedded = 2000     // characters of a text
	embeddedBody    = 32 << 20 // bytes of an answer
	shortestVector  = 2
	batchWithin     = 10 * time.Second
)

// errNonsense is returned for an answer that is not the vectors asked for.
var errNonsense = errors.New("llm: not the vectors that were asked for")

// EmbedOptions are what an Embedder needs.
type EmbedOptions struct {
	BaseURL, APIKey string
	Model           string
	Rules           bot.Understander // finds addresses and names in questions
	Book            Book             // nil: one in memory
	Daily           int              // questions a day; 0: without a bound
	Limits          Limits
	Transport       http.RoundTripper
	Log             *slog.Logger
}

// Embedder turns texts into vectors by an OpenAI-compatible endpoint. Personal
// data is hidden first, and nothing leaves without a record. It is a
// vector.Embedder.
type Embedder struct {
	o       EmbedOptions
	api     *openai.Client
	vendor  string
	breaker breaker
}

// NewEmbedder makes an Embedder. It asks nobody yet.
func NewEmbedder(o EmbedOptions) *Embedder {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Book == nil {
		o.Book = newNotebook()
	}
	l := o.Limits.withDefaults()
	l.FirstToken = batchWithin // many passages take their time; whoever asks has a limit of its own
	return &Embedder{o: o, api: connect(o.BaseURL, o.APIKey, o.Transport, l, embeddedBody), vendor: host(o.BaseURL),
		breaker: breaker{most: l.Failures, rest: l.Rest}}
}

// Question returns the vector of what a resident asks.
func (e *Embedder) Question(ctx context.Context, text string) ([]float32, error) {
	v := newVeil()
	if means, err := e.o.Rules.Understand(ctx, text, nil); err == nil {
		v.private(means.Slots)
	}
	got, err := e.embed(ctx, channels.ToEmbedQuestion, v, []string{text})
	if err != nil {
		return nil, err
	}
	return got[0], nil
}

// Passages returns the vectors of passages of the knowledge. Their wordings
// are residents' at times, so they are veiled as well.
func (e *Embedder) Passages(ctx context.Context, texts []string) ([][]float32, error) {
	return e.embed(ctx, channels.ToEmbedArticles, newVeil(), texts)
}

func (e *Embedder) embed(ctx context.Context, purpose channels.Purpose, v *veil, texts []string) ([][]float32, error) {
	input := make([]string, len(texts))
	for i, t := range texts {
		if input[i] = v.hide(clean(t, longestEmbedded)); input[i] == "" {
			input[i] = "。" // an endpoint refuses a text without anything
		}
	}
	if !e.breaker.allow(time.Now()) {
		return nil, errOpen
	}
	record := channels.ModelCall{At: time.Now(), Purpose: purpose, Vendor: e.vendor, Model: e.o.Model, Masked: v.masked(input...), Data: []string{dataArticles}}
	budget := channels.Budget{}
	if purpose == channels.ToEmbedQuestion {
		record.Data, budget.Daily = []string{dataMessage}, e.o.Daily
	}
	id, why, err := e.o.Book.BeginCall(ctx, record, budget)
	if err != nil || why != "" {
		e.breaker.report(false, false, time.Now())
		if err == nil {
			err = &refusal{why}
		}
		return nil, err
	}
	began := time.Now()
	got, usage, err := e.ask(ctx, input)
	// A time limit is the caller's patience, but an endpoint that never meets
	// it is of no use.
	e.breaker.report(err == nil, err != nil && !errors.Is(err, context.Canceled), time.Now())
	record.ID, record.Outcome, record.Took, record.TokensIn = id, outcome(err), time.Since(began), usage.PromptTokens
	finish(ctx, e.o.Book, e.o.Log, record)
	if err != nil && e.breaker.open() {
		alert(ctx, e.o.Book, e.o.Log, channels.ModelAlert{Vendor: e.vendor, Model: e.o.Model, Reason: record.Outcome})
	}
	return got, err
}

// ask makes one request and believes nothing about its answer.
func (e *Embedder) ask(ctx context.Context, input []string) ([][]float32, openai.Usage, error) {
	resp, err := e.api.CreateEmbeddings(ctx, openai.EmbeddingRequestStrings{Input: input, Model: openai.EmbeddingModel(e.o.Model)})
	if err != nil {
		return nil, resp.Usage, because(ctx, err)
	}
	if len(resp.Data) != len(input) {
		return nil, resp.Usage, errNonsense
	}
	out := make([][]float32, len(input))
	for i, d := range resp.Data {
		if d.Index == 0 && i > 0 && out[0] != nil {
			d.Index = i // an endpoint that does not number them
		}
		if d.Index < 0 || d.Index >= len(out) || out[d.Index] != nil || !sound(d.Embedding, len(resp.Data[0].Embedding)) {
			return nil, resp.Usage, errNonsense
		}
		out[d.Index] = d.Embedding
	}
	return out, resp.Usage, nil
}

// sound reports whether a vector of this length can be compared.
func sound(v []float32, length int) bool {
	if len(v) != length || length < shortestVector {
		return false
	}
	var sum float64
	for _, x := range v {
		if f := float64(x); math.IsNaN(f) || math.IsInf(f, 0) {
			return false
		}
		sum += float64(x) * float64(x)
	}
	return sum > 0 && !math.IsInf(sum, 0)
}
