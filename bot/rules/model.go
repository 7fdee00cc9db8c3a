package rules

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
)

//go:embed weights.bin.gz
var weightsFile []byte

// model is a linear classifier: per feature one small weight for every label.
// TestTheWeightsAreTheOnesTrained makes weights.bin.gz anew.
type model struct {
	features []uint32  // hashes the training saw often enough, sorted
	scale    []float32 // per label
	bias     []float32 // per label
	weights  []byte    // feature by feature, one signed byte for each label
}

func readModel(labels []string) (*model, error) {
	z, err := gzip.NewReader(bytes.NewReader(weightsFile))
	if err != nil {
		return nil, fmt.Errorf("rules: weights: %w", err)
	}
	size := binary.LittleEndian.Uint32(weightsFile[len(weightsFile)-4:]) // the last word of a gzip file
	raw := make([]byte, size)
	if _, err := io.ReadFull(z, raw); err != nil {
		return nil, fmt.Errorf("rules: weights: %w", err)
	}
	return parseModel(raw, len(labels))
}

// parseModel reads scale and bias of every label, then the features, then
// their weights.
func parseModel(raw []byte, labels int) (*model, error) {
	head := labels * 8
	if len(raw) < head || (len(raw)-head)%(4+labels) != 0 {
		return nil, fmt.Errorf("rules: weights: %d bytes for %d labels", len(raw), labels)
	}
	n := (len(raw) - head) / (4 + labels)
	m := &model{features: make([]uint32, n), weights: raw[head+n*4:]}
	for i := range labels {
		m.scale = append(m.scale, math.Float32frombits(binary.LittleEndian.Uint32(raw[i*8:])))
		m.bias = append(m.bias, math.Float32frombits(binary.LittleEndian.Uint32(raw[i*8+4:])))
	}
	for i := range n {
		m.features[i] = binary.LittleEndian.Uint32(raw[head+i*4:])
	}
	return m, nil
}

// known turns hashes into positions of features the training saw.
func (m *model) known(hashes []uint32) []uint32 {
	var out []uint32
	for _, h := range hashes {
		if i, ok := slices.BinarySearch(m.features, h); ok {
			out = append(out, uint32(i))
		}
	}
	return out
}

// score returns the probabilities of the labels from..to given known features.
func (m *model) score(known []uint32, from, to int) []float64 {
	sums := make([]int, to-from)
	labels := len(m.scale)
	for _, f := range known {
		for k, w := range m.weights[int(f)*labels+from : int(f)*labels+to] {
			sums[k] += int(int8(w))
		}
	}
	out := make([]float64, to-from)
	norm := 1 / math.Sqrt(float64(max(1, len(known))))
	for k := range out {
		out[k] = float64(sums[k])*float64(m.scale[from+k])*norm + float64(m.bias[from+k])
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
