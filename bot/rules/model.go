package rules

import (
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

//go:embed weights.bin.gz
var weightsFile string // not []byte: that would be copied into memory that can be written to

// model is a linear classifier: per feature one small weight for every label.
// TestTheWeightsAreTheOnesTrained makes weights.bin.gz anew.
type model struct {
	features []uint32  // hashes the training saw often enough, sorted
	scale    []float32 // per label
	bias     []float32 // per label
	weights  []byte    // feature by feature, one signed byte for each label
}

func readModel(labels []string) (*model, error) {
	z, err := gzip.NewReader(strings.NewReader(weightsFile))
	if err != nil {
		return nil, fmt.Errorf("rules: weights: %w", err)
	}
	size := binary.LittleEndian.Uint32([]byte(weightsFile[len(weightsFile)-4:])) // the last word of a gzip file
	return parseModel(z, int(size), len(labels))
}

// parseModel reads scale and bias of every label, then the features, then
// their weights, size bytes in all.
func parseModel(from io.Reader, size, labels int) (*model, error) {
	head := labels * 8
	if size < head || (size-head)%(4+labels) != 0 {
		return nil, fmt.Errorf("rules: weights: %d bytes for %d labels", size, labels)
	}
	n := (size - head) / (4 + labels)
	ranges := make([]float32, 2*labels)
	m := &model{features: make([]uint32, n), weights: make([]byte, n*labels)}
	for _, part := range []any{ranges, m.features} {
		if err := binary.Read(from, binary.LittleEndian, part); err != nil {
			return nil, fmt.Errorf("rules: weights: %w", err)
		}
	}
	if _, err := io.ReadFull(from, m.weights); err != nil { // binary.Read would hold them twice
		return nil, fmt.Errorf("rules: weights: %w", err)
	}
	for i := range labels {
		m.scale, m.bias = append(m.scale, ranges[2*i]), append(m.bias, ranges[2*i+1])
	}
	return m, nil
}

// known turns hashes into positions of features the training saw.
func (m *model) known(of features) features {
	positions := func(hashes []uint32) []uint32 {
		var out []uint32
		for _, h := range hashes {
			if i, ok := slices.BinarySearch(m.features, h); ok {
				out = append(out, uint32(i))
			}
		}
		return out
	}
	return features{positions(of.general), positions(of.paired)}
}

// score returns the probabilities of the labels of a head, given known features.
func (m *model) score(of features, head int) []float64 {
	known, from, to := of.of(head), heads()[head][0], heads()[head][1]
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
