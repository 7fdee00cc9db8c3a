// Package vector finds what is meant besides what is said. An index of words
// proposes, vectors of passages and questions propose, and their ranks are
// fused. Without vectors – the endpoint is away, slow or wrong, or has not yet
// embedded everything – the words answer alone.
package vector

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"time"
	"unicode"

	"quandesk/kb"
)

// Embedder turns texts into vectors, one for each, all of one length. It
// answers for what it returns: as many as were asked for, every number finite.
type Embedder interface {
	Question(ctx context.Context, text string) ([]float32, error)
	Passages(ctx context.Context, texts []string) ([][]float32, error)
}

// Store keeps vectors by model and hash of the text, so that a restart embeds
// nothing anew.
type Store interface {
	Vectors(ctx context.Context, model string, hashes []string) (map[string][]float32, error)
	PutVectors(ctx context.Context, model string, vectors map[string][]float32) error
	ForgetVectors(ctx context.Context, model string) error
}

// Limits used where Options leave them zero.
const (
	questionWithin = 300 * time.Millisecond // then the words answer alone
	batch          = 32                     // passages in one request
	batchWithin    = 10 * time.Second
	aFew           = 2 * batch       // missing passages that are embedded while an editor waits
	aFewWithin     = 3 * time.Second // for them
)

// Options say where vectors come from and where they are kept.
type Options struct {
	Model          string
	Embedder       Embedder
	Store          Store
	Log            *slog.Logger
	QuestionWithin time.Duration
}

// Meanings holds the vectors of one model for all indexes of a process. It is
// safe for concurrent use.
type Meanings struct {
	o         Options
	questions *recent

	mu    sync.Mutex
	known map[string][]float32 // by hash, of the passages of the live index
	scale scale                // measured on them
}

// New makes Meanings. It asks nobody yet.
func New(o Options) *Meanings {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.QuestionWithin <= 0 {
		o.QuestionWithin = questionWithin
	}
	return &Meanings{o: o, questions: newRecent(1024), scale: unmeasured}
}

var errLength = errors.New("vector: vectors of different lengths")

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// question returns the unit vector of a question, nil when there is none in
// time.
func (m *Meanings) question(ctx context.Context, text string) []float32 {
	text = strings.TrimSpace(text)
	if !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		return nil
	}
	key := hash(text)
	if v, ok := m.questions.get(key); ok {
		return v
	}
	ctx, cancel := context.WithTimeout(ctx, m.o.QuestionWithin)
	defer cancel()
	raw, err := m.o.Embedder.Question(ctx, text)
	if err != nil {
		return nil
	}
	v := unit(raw)
	m.questions.put(key, v)
	return v
}

// Prepare embeds questions that are about to be asked in batches, and keeps
// them like passages: golden questions cost a request once. It only saves
// time: what fails is asked one by one.
func (m *Meanings) Prepare(ctx context.Context, questions []string) {
	ctx, cancel := context.WithTimeout(ctx, batchWithin)
	defer cancel()
	have, missing, err := m.stored(ctx, questions)
	if err == nil && len(missing) > 0 {
		var more map[string][]float32
		more, err = m.embed(ctx, missing)
		maps.Copy(have, more)
	}
	if err != nil {
		m.o.Log.DebugContext(ctx, "questions not embedded ahead", "reason", err)
	}
	for _, q := range questions {
		if v := have[hash(q)]; v != nil {
			m.questions.put(hash(strings.TrimSpace(q)), v)
		}
	}
}

// stored returns what is known of texts by hash, and the texts that have yet
// to be embedded.
func (m *Meanings) stored(ctx context.Context, texts []string) (have map[string][]float32, missing []string, err error) {
	have = make(map[string][]float32, len(texts))
	var ask []string
	m.mu.Lock()
	for _, t := range texts {
		h := hash(t)
		if v, ok := m.known[h]; ok {
			have[h] = v
		} else {
			ask = append(ask, h)
		}
	}
	m.mu.Unlock()
	if len(ask) > 0 {
		kept, err := m.o.Store.Vectors(ctx, m.o.Model, ask)
		if err != nil {
			return nil, nil, fmt.Errorf("read vectors: %w", err)
		}
		for h, v := range kept {
			have[h] = unit(v)
		}
	}
	seen := map[string]bool{}
	for _, t := range texts {
		if h := hash(t); have[h] == nil && !seen[h] {
			seen[h] = true
			missing = append(missing, t)
		}
	}
	return have, missing, nil
}

var errMany = errors.New("vector: more passages to embed than anybody waits for")

// all returns the vectors of all passages, embedding at most so many.
func (m *Meanings) all(ctx context.Context, passages []kb.Passage, most int) (map[string][]float32, error) {
	known, missing, err := m.stored(ctx, texts(passages))
	if err != nil {
		return nil, err
	}
	if len(missing) > most {
		return nil, errMany
	}
	fresh, err := m.embed(ctx, missing)
	maps.Copy(known, fresh)
	return known, err
}

// embed asks for vectors of texts in batches and keeps each batch at once.
func (m *Meanings) embed(ctx context.Context, texts []string) (map[string][]float32, error) {
	out := make(map[string][]float32, len(texts))
	for len(texts) > 0 {
		part := texts[:min(len(texts), batch)]
		texts = texts[len(part):]
		got, err := m.batch(ctx, part)
		if err != nil {
			return out, err
		}
		if err := m.o.Store.PutVectors(ctx, m.o.Model, got); err != nil {
			return out, err
		}
		for h, v := range got {
			out[h] = unit(v)
		}
	}
	return out, nil
}

func (m *Meanings) batch(ctx context.Context, texts []string) (map[string][]float32, error) {
	ctx, cancel := context.WithTimeout(ctx, batchWithin)
	defer cancel()
	vectors, err := m.o.Embedder.Passages(ctx, texts)
	if err != nil {
		return nil, fmt.Errorf("embed passages: %w", err)
	}
	out := make(map[string][]float32, len(texts))
	for i, v := range vectors {
		out[hash(texts[i])] = v
	}
	return out, nil
}

// forget drops everything of the model: it has other vectors now.
func (m *Meanings) forget(ctx context.Context) error {
	m.mu.Lock()
	m.known = nil
	m.mu.Unlock()
	m.questions.clear()
	return m.o.Store.ForgetVectors(ctx, m.o.Model)
}

// settle makes the vectors of the live index those that are at hand.
func (m *Meanings) settle(known map[string][]float32, s scale) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.known, m.scale = known, s
}

func (m *Meanings) measured() scale {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.scale
}

// texts are what is embedded of passages, each once.
func texts(passages []kb.Passage) []string {
	out := make([]string, 0, len(passages))
	seen := make(map[string]bool, len(passages))
	for _, p := range passages {
		if !seen[p.Text] {
			seen[p.Text] = true
			out = append(out, p.Text)
		}
	}
	return out
}

// recent keeps the vectors of questions asked lately: a turn asks the same one
// several times.
type recent struct {
	mu       sync.Mutex
	most     int
	now, old map[string][]float32
}

func newRecent(most int) *recent {
	return &recent{most: most, now: map[string][]float32{}, old: map[string][]float32{}}
}

func (r *recent) get(key string) ([]float32, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if v, ok := r.now[key]; ok {
		return v, true
	}
	v, ok := r.old[key]
	if ok {
		r.add(key, v)
	}
	return v, ok
}

func (r *recent) put(key string, v []float32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.add(key, v)
}

func (r *recent) add(key string, v []float32) {
	if len(r.now) >= r.most {
		r.now, r.old = map[string][]float32{}, r.now
	}
	r.now[key] = v
}

func (r *recent) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now, r.old = map[string][]float32{}, map[string][]float32{}
}
