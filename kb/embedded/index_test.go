package embedded_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"quandesk/kb"
	"quandesk/kb/embedded"
	"quandesk/kb/kbtest"
)

func newIndex(t testing.TB) *embedded.Index {
	t.Helper()
	words, err := kb.ShippedWords()
	if err != nil {
		t.Fatal(err)
	}
	return embedded.New(words)
}

func TestIndex(t *testing.T) {
	kbtest.Run(t, func(t *testing.T) kb.Index { return newIndex(t) })
}

func seed(t testing.TB) []kb.Passage {
	t.Helper()
	articles, err := kb.Seed()
	if err != nil {
		t.Fatal(err)
	}
	var all []kb.Passage
	for _, a := range articles {
		all = append(all, a.Passages()...)
	}
	return all
}

// many returns n passages of the kind and size the seed has, all different.
func many(t testing.TB, n int) []kb.Passage {
	t.Helper()
	source := seed(t)
	chance := rand.New(rand.NewPCG(1, 2))
	all := make([]kb.Passage, n)
	for i := range all {
		p := source[i%len(source)]
		a, b := []rune(p.Text), []rune(source[chance.IntN(len(source))].Text)
		p.Text = string(a[:len(a)/2+1]) + string(b[len(b)/2:])
		p.ArticleID = fmt.Sprintf("%s-%d", p.ArticleID, i/len(source))
		all[i] = p
	}
	return all
}

var queries = []string{
	"停水", "过户要啥条件", "停谁了咋没人说", "水箱多久清洗", "装水要几天",
	"我妈住老小区六楼，这几天水一直很小，昨天来了两个人看了一下也没说啥就走了，我想知道水压到底有没有标准，能不能给个准话？",
	"我司拟于下月投产，需了解供水接入工程的费用承担、办理时限及所需材料。",
}

func TestTenThousandPassagesAreBuiltAndSearchedInTime(t *testing.T) {
	if testing.Short() {
		t.Skip("measures time")
	}
	content := many(t, 10_000)
	index := newIndex(t)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	began := time.Now()
	if err := index.Replace(t.Context(), content); err != nil {
		t.Fatal(err)
	}
	built := time.Since(began)
	runtime.GC()
	runtime.ReadMemStats(&after)
	took := make([]time.Duration, 0, 700)
	for range 100 {
		for _, q := range queries {
			began := time.Now()
			if _, err := index.Search(t.Context(), q, 3); err != nil {
				t.Fatal(err)
			}
			took = append(took, time.Since(began))
		}
	}
	slices.Sort(took)
	p50, p99 := took[len(took)/2], took[len(took)*99/100]
	t.Logf("build %v, %.1f MB; search p50 %v, p99 %v", built,
		float64(after.HeapAlloc-before.HeapAlloc)/1e6, p50, p99)
	// Room for a busy machine and the race detector.
	if built > 10*time.Second || p99 > 100*time.Millisecond {
		t.Error("far too slow")
	}
	runtime.KeepAlive(index)
}

func benchmarkSearch(b *testing.B, content []kb.Passage) {
	index := newIndex(b)
	if err := index.Replace(b.Context(), content); err != nil {
		b.Fatal(err)
	}
	for i := 0; b.Loop(); i++ {
		if _, err := index.Search(context.Background(), queries[i%len(queries)], 3); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSearchSeed(b *testing.B)   { benchmarkSearch(b, seed(b)) }
func BenchmarkSearch10000(b *testing.B)  { benchmarkSearch(b, many(b, 10_000)) }
func BenchmarkReplaceSeed(b *testing.B)  { benchmarkReplace(b, seed(b)) }
func BenchmarkReplace10000(b *testing.B) { benchmarkReplace(b, many(b, 10_000)) }

func benchmarkReplace(b *testing.B, content []kb.Passage) {
	index := newIndex(b)
	for b.Loop() {
		if err := index.Replace(b.Context(), content); err != nil {
			b.Fatal(err)
		}
	}
}
