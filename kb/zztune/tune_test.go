package embedded

import (
	"os"
	"slices"
	"strings"
	"testing"

	"quandesk/kb"
)

func eval(t *testing.T, verbose bool) (float64, float64, float64) {
	articles, _ := kb.Seed()
	words, _ := kb.ShippedWords()
	by := map[string]kb.Article{}
	for _, a := range articles {
		by[a.ID] = a
	}
	off, _ := os.ReadFile("/tmp/tune/off.txt")
	offs := strings.Split(strings.TrimSpace(string(off)), "\n")
	lex := newLexicon(words)
	const folds = 5
	var good, bad []float64
	n, first, top := 0, 0, 0
	var miss []string
	for f := range folds {
		var ps []kb.Passage
		type probe struct{ q, id string }
		var probes []probe
		i := 0
		for _, a := range articles {
			for _, p := range a.Passages() {
				if p.Part == kb.PartQuestion {
					i++
					if i%folds == f {
						probes = append(probes, probe{p.Text, a.ID})
						continue
					}
				}
				ps = append(ps, p)
			}
		}
		s := build(lex, ps)
		for _, p := range probes {
			n++
			hits := s.search(p.q, 3)
			r := slices.IndexFunc(hits, func(h kb.Hit) bool { return by[h.ArticleID].Clause == by[p.id].Clause })
			if r == 0 {
				first++
				good = append(good, hits[0].Score)
			} else if len(hits) > 0 {
				miss = append(miss, p.id+"|"+p.q+"->"+hits[0].ArticleID)
			}
			if r >= 0 {
				top++
			} else {
				good = append(good, 0)
			}
		}
		if f == 0 {
			for _, q := range offs {
				h := s.search(q, 1)
				sc := 0.0
				if len(h) > 0 && by[h[0].ArticleID].Verified {
					sc = h[0].Score
				}
				bad = append(bad, sc)
			}
		}
	}
	auc := auc(good, bad)
	if !verbose {
		return float64(first) / float64(n), float64(top) / float64(n), auc
	}
	slices.Sort(good)
	slices.Sort(bad)
	t.Logf("n %d first %.3f top %.3f", n, float64(first)/float64(n), float64(top)/float64(n))
	for _, th := range []float64{.25, .3, .35, .4, .45, .5} {
		g, _ := slices.BinarySearch(good, th)
		b, _ := slices.BinarySearch(bad, th)
		t.Logf("th %.2f: below good %.3f, refused bad %.3f", th, float64(g)/float64(len(good)), float64(b)/float64(len(bad)))
	}
	if os.Getenv("MISS") != "" {
		t.Log(strings.Join(miss, "\n"))
	}
	return float64(first) / float64(n), float64(top) / float64(n), auc
}

func auc(g, b []float64) float64 {
	w := 0.0
	for _, x := range g {
		for _, y := range b {
			if x > y {
				w++
			} else if x == y {
				w += .5
			}
		}
	}
	return w / float64(len(g)*len(b))
}
func TestClimb(t *testing.T) {
	val := func() float64 { f, tp, a := eval(t, false); return f + tp + 2.0*a }
	best := val()
	f, tp, a := eval(t, false)
	t.Logf("start %.4f %.4f %.4f", f, tp, a)
	f32 := map[string]*float32{"unknown": &P.unknown, "single": &P.single, "concept": &P.concept, "half": &P.half, "b": &P.b, "part": &P.part, "share": &P.share, "tk": &P.tk, "ts": &P.ts, "td": &P.td, "ct": &P.ct, "ck": &P.ck, "cs": &P.cs, "cd": &P.cd, "cq": &P.cq}
	f64 := map[string]*float64{"about": &P.about, "second": &P.second, "qpow": &P.qpow, "idf": &P.idf}
	names := []string{"single", "half", "about", "second", "qpow", "idf", "unknown", "concept", "b", "part", "share", "tk", "ts", "td", "ct", "ck", "cs", "cd", "cq"}
	for round := range 2 {
		for _, n := range names {
			for _, m := range []float64{0.8, 1.25} {
				for {
					var old float64
					set := func(v float64) {
						if p := f32[n]; p != nil {
							*p = float32(v)
						} else {
							*f64[n] = v
						}
					}
					if p := f32[n]; p != nil {
						old = float64(*p)
					} else {
						old = *f64[n]
					}
					x := old * m
					if old == 0 {
						x = 0.15 * m
					}
					if (n == "tk" || n == "ts" || n == "td" || n == "part" || n == "b" || n == "qpow") && x > 1 {
						break
					}
					set(x)
					if v := val(); v > best+0.0005 {
						best = v
						t.Logf("%d %s=%.3f -> %.4f", round, n, x, v)
					} else {
						set(old)
						break
					}
				}
			}
		}
	}
	f, tp, a = eval(t, true)
	t.Logf("end %.4f %.4f %.4f %+v", f, tp, a, P)
}
