package rules

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

//go:embed weights.bin.gz
var weightsFile []byte

// model is a linear classifier: per label one small weight for every
// feature. TestTheWeightsAreTheOnesTrained makes weights.bin.gz anew.
type model struct {
	labels  []string
	scale   []float32 // per label
	bias    []float32 // per label
	weights []int8    // label by label, buckets each
}

func readModel(labels []string) (*model, error) {
	z, err := gzip.NewReader(bytes.NewReader(weightsFile))
	if err != nil {
		return nil, fmt.Errorf("rules: weights: %w", err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		return nil, fmt.Errorf("rules: weights: %w", err)
	}
	return parseModel(raw, labels)
}

func parseModel(raw []byte, labels []string) (*model, error) {
	n := len(labels)
	if len(raw) != n*(8+buckets) {
		return nil, fmt.Errorf("rules: weights: %d bytes for %d labels", len(raw), n)
	}
	m := &model{labels: labels, weights: make([]int8, n*buckets)}
	for i := range n {
		m.scale = append(m.scale, math.Float32frombits(binary.LittleEndian.Uint32(raw[i*8:])))
		m.bias = append(m.bias, math.Float32frombits(binary.LittleEndian.Uint32(raw[i*8+4:])))
	}
	for i, b := range raw[n*8:] {
		m.weights[i] = int8(b)
	}
	return m, nil
}

// score returns the probability of the labels from..to given features.
func (m *model) score(features []uint32, from, to int) []float64 {
	out := make([]float64, to-from)
	norm := 1 / math.Sqrt(float64(max(1, len(features))))
	for i := range out {
		w := m.weights[(from+i)*buckets : (from+i+1)*buckets]
		sum := 0
		for _, f := range features {
			sum += int(w[f])
		}
		out[i] = float64(sum)*float64(m.scale[from+i])*norm + float64(m.bias[from+i])
	}
	softmax(out)
	return out
}

func softmax(z []float64) {
	top := math.Inf(-1)
	for _, v := range z {
		top = max(top, v)
	}
	sum := 0.0
	for i, v := range z {
		z[i] = math.Exp(v - top)
		sum += z[i]
	}
	for i := range z {
		z[i] /= sum
	}
}
