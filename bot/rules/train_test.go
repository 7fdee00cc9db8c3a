package rules

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

// sample is an example as the trainer sees it: features and, per head, the
// label or -1.
type sample struct {
	features features
	label    [5]int
	later    bool // see example
}

// seldom is how many examples must hold a feature for it to be kept.
const seldom = 60

// vocabulary lists the features worth a weight, and puts their positions into
// the samples.
func vocabulary(samples []sample) []uint32 {
	seen := map[uint32]int{}
	for _, s := range samples {
		if s.later {
			continue
		}
		for _, f := range s.features.of(dangerHead) {
			seen[f]++
		}
	}
	var out []uint32
	for f, n := range seen {
		if n >= seldom {
			out = append(out, f)
		}
	}
	slices.Sort(out)
	m := model{features: out}
	for i := range samples {
		samples[i].features = m.known(samples[i].features)
	}
	return out
}

// train fits the weights by AdaGrad on the cross entropy of every head, the
// heads beside each other: none knows of another. It is deterministic: the
// same examples give the same weights.
func train(samples []sample, rounds int) []byte {
	n := len(labels())
	features := vocabulary(samples)
	weights := make([]float32, n*len(features))
	bias := make([]float32, n)
	var all sync.WaitGroup
	for h, head := range heads() {
		all.Go(func() {
			for order := range orders {
				w, b := trainHead(samples, len(features), h, head[1]-head[0], rounds, uint64(order))
				for k, v := range b {
					bias[head[0]+k] += v / orders
				}
				for i, v := range w {
					weights[i/len(b)*n+head[0]+i%len(b)] += v / orders
				}
			}
		})
	}
	all.Wait()
	return pack(features, weights, bias)
}

// trainHead fits the weights of one head over the samples that have a label
// in it. What it returns is the mean of what the later rounds end with: the
// order of the samples moves single weights to and fro.
func trainHead(samples []sample, features, h, labels, rounds int, seed uint64) (weights, bias []float32) {
	const rate, decay = 0.3, 2e-7
	weights, bias = make([]float32, labels*features), make([]float32, labels)
	squares, sum := make([]float32, labels*features), make([]float32, labels*features)
	var order []int
	for i, s := range samples {
		if s.label[h] >= 0 {
			order = append(order, i)
		}
	}
	rnd := rand.New(rand.NewPCG(7, 11+seed))
	share := shares(samples)
	gradient := make([]float64, labels)
	for round := range rounds {
		rnd.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			s := samples[i]
			looked := s.features.of(h)
			norm := float32(1 / math.Sqrt(float64(max(1, len(looked)))))
			clear(gradient)
			for _, f := range looked {
				for k, w := range weights[int(f)*labels : int(f)*labels+labels] {
					gradient[k] += float64(w)
				}
			}
			for k := range gradient {
				gradient[k] = gradient[k]*float64(norm) + float64(bias[k])
			}
			softmax(gradient)
			gradient[s.label[h]]--
			for k := range gradient {
				g := float32(gradient[k])
				if h == 0 {
					g *= share[s.label[0]]
				}
				if g > -0.004 && g < 0.004 {
					continue
				}
				bias[k] -= 0.01 * g
				g *= norm
				for _, f := range looked {
					at := int(f)*labels + k
					d := g + decay*weights[at]
					squares[at] += d * d
					weights[at] -= rate * d / (1e-3 + float32(math.Sqrt(float64(squares[at]))))
				}
			}
		}
		if round >= rounds-averaged {
			for i, w := range weights {
				sum[i] += w / averaged
			}
		}
	}
	return sum, bias
}

// wanted is how often the intents should be seen: closer to each other than
// the grammar makes them, or the rare ones drown.
var wanted = []float32{0.37, 0.27, 0.11, 0.07, 0.06, 0.04, 0.07, 0.03, 0.03, 0.05}

// shares weighs every intent so that it is seen as often as wanted.
func shares(samples []sample) []float32 {
	out, all := make([]float32, len(intents)), float32(0)
	for _, s := range samples {
		if s.later {
			continue
		}
		all++
		if s.label[0] >= 0 {
			out[s.label[0]]++
		}
	}
	for i := range out {
		out[i] = wanted[i] * all / max(1, out[i])
	}
	return out
}

// pack stores every weight in one byte.
func pack(features []uint32, weights, bias []float32) []byte {
	n := len(bias)
	scales := make([]float32, n)
	for i, w := range weights {
		scales[i%n] = max(scales[i%n], w, -w, 1e-6)
	}
	var out []byte
	for i := range n {
		scales[i] /= 127
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(scales[i]))
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(bias[i]))
	}
	for _, f := range features {
		out = binary.LittleEndian.AppendUint32(out, f)
	}
	for i, w := range weights {
		out = append(out, byte(int8(math.Round(float64(w/scales[i%n])))))
	}
	return out
}

// rounds over the samples, and how many of the last are averaged.
const rounds, averaged = 5, 4

// orders is in how many orders the samples are learned anew: the mean of what
// comes of each leans less on any of them.
const orders = 3

var again = flag.Bool("train", false, "train anew and compare, or cross-validate (a minute each)")

// inputs is a digest of what the weights are trained on.
func inputs(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob("examples/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.New()
	for _, file := range append(files, "lexicon.txt", "concepts.txt", "pinyin.txt") {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(sum, "%s %d\n%s", file, len(raw), raw)
	}
	return hex.EncodeToString(sum.Sum(nil)) + "\n"
}

func TestTheWeightsBelongToTheExamples(t *testing.T) {
	want := inputs(t)
	if *update {
		if err := os.WriteFile("weights.sum", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("weights.sum")
	if err != nil || string(got) != want {
		t.Errorf("the weights are stale: go test ./bot/rules -run 'Weights|Pinyin' -update (%v)", err)
	}
}

func TestTheWeightsAreTheOnesTrained(t *testing.T) {
	if !*again && !*update {
		t.Skip("training takes half a minute: -train, or -update to store")
	}
	all := samples(t, func(int) bool { return true })
	raw := train(all, rounds)
	if *update {
		var b bytes.Buffer
		z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
		z.Write(raw)
		z.Close()
		if err := os.WriteFile("weights.bin.gz", b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		t.Logf("%d bytes, %d raw", b.Len(), len(raw))
		return
	}
	stored, err := readModel(labels())
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := parseModel(bytes.NewReader(raw), len(raw), len(labels()))
	if err != nil {
		t.Fatal(err)
	}
	// Rounding differs between processors and a new place name moves a mask,
	// so the two must agree in what they say, not in every weight.
	same, n := 0, 0
	for _, s := range samples(t, func(line int) bool { return line%10 == 0 }) {
		n++
		if best(stored.score(stored.known(s.features), 0)) == best(fresh.score(fresh.known(s.features), 0)) {
			same++
		}
	}
	if float64(same) < 0.99*float64(n) {
		t.Errorf("stored and fresh weights agree on %d of %d examples", same, n)
	}
}

// TestUnseenPhrasesAreUnderstood trains on nine tenths of the phrases and
// asks for the others: what was never written down in any form.
func TestUnseenPhrasesAreUnderstood(t *testing.T) {
	if !*again {
		t.Skip("cross-validation takes minutes: -train")
	}
	var right, all [5]int
	for fold := range 3 {
		raw := train(samples(t, func(line int) bool { return line%10 != fold }), rounds)
		m, err := parseModel(bytes.NewReader(raw), len(raw), len(labels()))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range samples(t, func(line int) bool { return line%10 == fold }) {
			known := m.known(s.features)
			for h := range heads() {
				if s.label[h] < 0 {
					continue
				}
				all[h]++
				if best(m.score(known, h)) == s.label[h] {
					right[h]++
				}
			}
		}
	}
	for h, name := range []string{"intent", "category", "application", "danger", "stated"} {
		rate := float64(right[h]) / float64(max(1, all[h]))
		t.Logf("%s %.3f (%d/%d)", name, rate, right[h], all[h])
		if rate < 0.80 {
			t.Errorf("%s of unseen phrases %.3f", name, rate)
		}
	}
}
