package rules

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"testing"
)

// sample is an example as the trainer sees it: features and, per head, the
// label or -1.
type sample struct {
	features []uint32
	label    [4]int
}

// train fits the weights by AdaGrad on the cross entropy of every head.
// It is deterministic: the same examples give the same weights.
func train(samples []sample, rounds int) []byte {
	const rate, decay = 0.5, 2e-7
	n := len(labels())
	weights := make([]float32, n*buckets)
	squares := make([]float32, n*buckets)
	bias := make([]float32, n)
	order := make([]int, len(samples))
	for i := range order {
		order[i] = i
	}
	rnd := rand.New(rand.NewPCG(7, 11))
	for range rounds {
		rnd.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			s := samples[i]
			norm := float32(1 / math.Sqrt(float64(len(s.features))))
			for h, head := range heads() {
				if s.label[h] < 0 {
					continue
				}
				z := make([]float64, head[1]-head[0])
				for k := range z {
					w := weights[(head[0]+k)*buckets : (head[0]+k+1)*buckets]
					sum := float32(0)
					for _, f := range s.features {
						sum += w[f]
					}
					z[k] = float64(sum*norm + bias[head[0]+k])
				}
				softmax(z)
				for k := range z {
					g := float32(z[k])
					if k == s.label[h] {
						g--
					}
					if g > -0.004 && g < 0.004 {
						continue
					}
					bias[head[0]+k] -= 0.01 * g
					base := (head[0] + k) * buckets
					g *= norm
					for _, f := range s.features {
						at := base + int(f)
						d := g + decay*weights[at]
						squares[at] += d * d
						weights[at] -= rate * d / (1e-3 + float32(math.Sqrt(float64(squares[at]))))
					}
				}
			}
		}
	}
	return pack(weights, bias)
}

// pack stores every weight in one byte; the small ones become nothing.
func pack(weights, bias []float32) []byte {
	n := len(bias)
	out := make([]byte, 0, n*(8+buckets))
	scales := make([]float32, n)
	for i := range n {
		top := float32(0)
		for _, w := range weights[i*buckets : (i+1)*buckets] {
			top = max(top, w, -w)
		}
		scales[i] = max(top, 1e-6) / 127
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(scales[i]))
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(bias[i]))
	}
	for i, w := range weights {
		out = append(out, byte(int8(math.Round(float64(w/scales[i/buckets])))))
	}
	return out
}

const rounds = 4

func TestTheWeightsAreTheOnesTrained(t *testing.T) {
	if testing.Short() {
		t.Skip("training takes some seconds")
	}
	raw := train(samples(t, func(int) bool { return true }), rounds)
	if *update {
		var b bytes.Buffer
		z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
		z.Write(raw)
		z.Close()
		if err := os.WriteFile("weights.bin.gz", b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		t.Logf("%d bytes", b.Len())
		return
	}
	z, err := gzip.NewReader(bytes.NewReader(weightsFile))
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(z)
	if err != nil || len(got) != len(raw) {
		t.Fatalf("stored weights: %d bytes, want %d (%v)", len(got), len(raw), err)
	}
	far := 0
	for i := len(labels()) * 8; i < len(raw); i++ {
		if d := int(int8(got[i])) - int(int8(raw[i])); d < -2 || d > 2 { // rounding differs between processors
			far++
		}
	}
	if far > 0 {
		t.Errorf("%d weights are stale: go test ./bot/rules -run Weights -update", far)
	}
}
