package vector_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/kb"
	"quandesk/kb/embedded"
	"quandesk/kb/kbtest"
	"quandesk/kb/vector"
)

// model makes vectors of characters and pairs of them, the same ones always. A
// word of means has the vector of what it means.
type model struct {
	mu      sync.Mutex
	length  int
	means   map[string]string
	asked   int // texts embedded
	fails   error
	hangs   bool
	shorter bool // questions only
}

func (m *model) vector(text string) []float32 {
	for word, meaning := range m.means {
		text = strings.ReplaceAll(text, word, meaning)
	}
	v := make([]float32, m.length)
	r := []rune(strings.ToLower(text))
	for i := range r {
		for _, gram := range []string{string(r[i]), string(r[i:min(i+2, len(r))])} {
			h := fnv.New32a()
			h.Write([]byte(gram))
			sum := h.Sum32()
			v[int(sum%uint32(m.length))] += 1 - 2*float32(sum>>31)
		}
	}
	v[0] += 0.001
	return v
}

func (m *model) Question(ctx context.Context, text string) ([]float32, error) {
	m.mu.Lock()
	hangs, shorter := m.hangs, m.shorter
	m.mu.Unlock()
	if hangs {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	v, err := m.Passages(ctx, []string{text})
	if err != nil {
		return nil, err
	}
	if shorter {
		return v[0][:2], nil
	}
	return v[0], nil
}

func (m *model) Passages(_ context.Context, texts []string) ([][]float32, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fails != nil {
		return nil, m.fails
	}
	out := make([][]float32, len(texts))
	for i, t := range texts {
		m.asked++
		out[i] = m.vector(t)
	}
	return out, nil
}

func (m *model) set(f func(*model)) { m.mu.Lock(); defer m.mu.Unlock(); f(m) }

func (m *model) texts() int { m.mu.Lock(); defer m.mu.Unlock(); return m.asked }

// kept is a store in memory.
type kept struct {
	mu sync.Mutex
	by map[string]map[string][]float32
}

func (k *kept) Vectors(_ context.Context, model string, hashes []string) (map[string][]float32, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	out := map[string][]float32{}
	for _, h := range hashes {
		if v := k.by[model][h]; v != nil {
			out[h] = v
		}
	}
	return out, nil
}

func (k *kept) PutVectors(_ context.Context, model string, vectors map[string][]float32) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.by == nil {
		k.by = map[string]map[string][]float32{}
	}
	if k.by[model] == nil {
		k.by[model] = map[string][]float32{}
	}
	for h, v := range vectors {
		k.by[model][h] = v
	}
	return nil
}

func (k *kept) ForgetVectors(_ context.Context, model string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.by, model)
	return nil
}

func index(t *testing.T, m *model, s vector.Store, name string) *vector.Index {
	t.Helper()
	words, err := kb.ShippedWords()
	require.NoError(t, err)
	return vector.New(vector.Options{Model: name, Embedder: m, Store: s}).Over(embedded.New(words))
}

func TestConformance(t *testing.T) {
	kbtest.Run(t, func(t *testing.T) kb.Index { return index(t, &model{length: 256}, &kept{}, "m") })
}

func TestConformanceWithoutAnEndpoint(t *testing.T) {
	kbtest.Run(t, func(t *testing.T) kb.Index {
		return index(t, &model{length: 256, fails: errors.New("away")}, &kept{}, "m")
	})
}

// shelf is two articles; residents call the one thing by a name nobody wrote down.
var shelf = []kb.Passage{
	{ArticleID: "tap", Part: kb.PartTitle, Text: "水龙头拧不紧怎么办"},
	{ArticleID: "tap", Part: kb.PartQuestion, Text: "厨房水龙头关不严一直滴"},
	{ArticleID: "bill", Part: kb.PartTitle, Text: "水费单据怎么看"},
	{ArticleID: "bill", Part: kb.PartQuestion, Text: "这个月的单据看不懂"},
}

// told asks for what nobody wrote down.
const told = "嘎嗒拧不死"

func meaningful() *model {
	return &model{length: 256, means: map[string]string{told: "水龙头拧不紧怎么办"}}
}

func TestWhatIsMeantIsFoundThoughNobodySaidIt(t *testing.T) {
	x := index(t, meaningful(), &kept{}, "m")
	require.NoError(t, x.Replace(t.Context(), shelf))
	require.False(t, x.Degraded())
	hits, err := x.Search(t.Context(), told, 3)
	require.NoError(t, err)
	require.NotEmpty(t, hits)
	require.Equal(t, "tap", hits[0].ArticleID)
	require.GreaterOrEqual(t, hits[0].Score, kb.Answerable)
	require.Less(t, hits[0].Words, kb.Answerable, "the words alone do not answer")
	require.Greater(t, hits[0].Meaning, 0.9)
	require.Equal(t, "水龙头拧不紧怎么办", hits[0].Passage)
}

func TestARestartEmbedsNothingAnew(t *testing.T) {
	m, s := meaningful(), &kept{}
	require.NoError(t, index(t, m, s, "m").Replace(t.Context(), shelf))
	before := m.texts()
	require.Equal(t, len(shelf), before)
	again := index(t, m, s, "m")
	require.NoError(t, again.Replace(t.Context(), shelf))
	require.False(t, again.Degraded())
	require.Equal(t, before, m.texts())
	more := append(shelf[:len(shelf):len(shelf)], kb.Passage{ArticleID: "bill", Part: kb.PartKeyword, Text: "单据"})
	require.NoError(t, again.Replace(t.Context(), more))
	require.Equal(t, before+1, m.texts(), "only what is new")
	require.NoError(t, index(t, m, s, "another").Replace(t.Context(), shelf))
	require.Equal(t, 2*before+1, m.texts(), "another model has vectors of its own")
}

func TestTheSameQuestionIsEmbeddedOnce(t *testing.T) {
	m := meaningful()
	x := index(t, m, &kept{}, "m")
	require.NoError(t, x.Replace(t.Context(), shelf))
	before := m.texts()
	for range 5 {
		_, err := x.Search(t.Context(), told, 3)
		require.NoError(t, err)
	}
	require.Equal(t, before+1, m.texts())
}

func TestQuestionsPreparedAheadCostARequestOnceEver(t *testing.T) {
	words, err := kb.ShippedWords()
	require.NoError(t, err)
	m, s := meaningful(), &kept{}
	for i := range 2 {
		meanings := vector.New(vector.Options{Model: "m", Embedder: m, Store: s})
		x := meanings.Trial(embedded.New(words))
		require.NoError(t, x.Replace(t.Context(), shelf))
		meanings.Prepare(t.Context(), []string{told, "单据"})
		if i == 0 {
			require.Equal(t, len(shelf)+2, m.texts())
		}
		_, err := x.Search(t.Context(), told, 3)
		require.NoError(t, err)
	}
	require.Equal(t, len(shelf)+2, m.texts())
}

func TestWithoutAVectorInTimeTheWordsAnswer(t *testing.T) {
	for name, spoil := range map[string]func(*model){
		"an endpoint that hangs": func(m *model) { m.hangs = true },
		"an endpoint that fails": func(m *model) { m.fails = errors.New("html") },
		"another length":         func(m *model) { m.shorter = true },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := meaningful()
				x := index(t, m, &kept{}, "m")
				require.NoError(t, x.Replace(t.Context(), shelf))
				m.set(spoil)
				began := time.Now()
				hits, err := x.Search(t.Context(), "水费单据怎么看", 3)
				require.NoError(t, err)
				require.LessOrEqual(t, time.Since(began), 300*time.Millisecond)
				require.Equal(t, "bill", hits[0].ArticleID)
				require.Zero(t, hits[0].Meaning)
				hits, err = x.Search(t.Context(), told, 3)
				require.NoError(t, err)
				for _, h := range hits {
					require.Less(t, h.Score, kb.Answerable)
				}
			})
		})
	}
}

func TestManyMissingPassagesAreEmbeddedWhileTheWordsAnswer(t *testing.T) {
	var many []kb.Passage
	for i := range 500 {
		many = append(many, kb.Passage{ArticleID: fmt.Sprint("a", i%50), Part: kb.PartQuestion, Text: fmt.Sprintf("第%d号阀门在哪里打开", i)})
	}
	m := meaningful()
	x := index(t, m, &kept{}, "m")
	require.NoError(t, x.Replace(t.Context(), append(many, shelf...)))
	require.True(t, x.Degraded())
	require.Zero(t, m.texts(), "nobody waits for so many")
	hits, err := x.Search(t.Context(), "水费单据怎么看", 1)
	require.NoError(t, err)
	require.Equal(t, "bill", hits[0].ArticleID)
	ctx, stop := context.WithCancel(t.Context())
	watched := make(chan struct{})
	go func() { x.Watch(ctx, time.Hour, func(err error) { t.Error(err) }); close(watched) }()
	require.Eventually(t, func() bool { return !x.Degraded() }, time.Minute, time.Millisecond)
	stop()
	<-watched
	hits, err = x.Search(t.Context(), told, 1)
	require.NoError(t, err)
	require.Equal(t, "tap", hits[0].ArticleID)
}

func TestAModelThatMakesVectorsOfAnotherLengthHasEverythingEmbeddedAnew(t *testing.T) {
	m, s := meaningful(), &kept{}
	x := index(t, m, s, "m")
	require.NoError(t, x.Replace(t.Context(), shelf))
	m.set(func(m *model) { m.length = 512 })
	_, err := x.Search(t.Context(), told, 3) // the first question shows it
	require.NoError(t, err)
	require.NoError(t, x.Sync(t.Context()))
	require.False(t, x.Degraded())
	hits, err := x.Search(t.Context(), told, 3)
	require.NoError(t, err)
	require.Equal(t, "tap", hits[0].ArticleID)
	require.Greater(t, hits[0].Meaning, 0.9)

	m.set(func(m *model) { m.length = 128 })
	mixed := append(shelf[:len(shelf):len(shelf)], kb.Passage{ArticleID: "new", Part: kb.PartTitle, Text: "井盖丢了"})
	require.NoError(t, x.Replace(t.Context(), mixed)) // or the first new passage
	require.True(t, x.Degraded(), "vectors of two lengths cannot be compared")
	require.NoError(t, x.Sync(t.Context()))
	require.False(t, x.Degraded())
}

func TestOneWrongAnswerHasNothingEmbeddedAnew(t *testing.T) {
	m := meaningful()
	x := index(t, m, &kept{}, "m")
	require.NoError(t, x.Replace(t.Context(), shelf))
	m.set(func(m *model) { m.shorter = true })
	_, err := x.Search(t.Context(), told, 3)
	require.NoError(t, err)
	before := m.texts()
	require.NoError(t, x.Sync(t.Context()))
	require.False(t, x.Degraded())
	require.Equal(t, before+1, m.texts(), "one passage, to see")
}

func TestATrialLeavesTheLiveIndexAsItIs(t *testing.T) {
	words, err := kb.ShippedWords()
	require.NoError(t, err)
	m := meaningful()
	meanings := vector.New(vector.Options{Model: "m", Embedder: m, Store: &kept{}})
	live := meanings.Over(embedded.New(words))
	require.NoError(t, live.Replace(t.Context(), shelf))
	trial := meanings.Trial(embedded.New(words))
	require.NoError(t, trial.Replace(t.Context(), shelf[2:]))
	hits, err := trial.Search(t.Context(), told, 3)
	require.NoError(t, err)
	for _, h := range hits {
		require.NotEqual(t, "tap", h.ArticleID)
	}
	before := m.texts()
	require.NoError(t, live.Replace(t.Context(), shelf))
	require.Equal(t, before, m.texts(), "the live vectors are still at hand")
}
