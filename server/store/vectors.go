package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// vectorBatch bounds one statement.
const vectorBatch = 500

// Vectors returns what is stored of a model under these hashes; what is not
// stored is missing.
func (s *Store) Vectors(ctx context.Context, model string, hashes []string) (map[string][]float32, error) {
	out := make(map[string][]float32, len(hashes))
	for len(hashes) > 0 {
		part := hashes[:min(len(hashes), vectorBatch)]
		hashes = hashes[len(part):]
		q := `SELECT hash, vector FROM vectors WHERE model = $1 AND hash IN (` + places(2, len(part)) + `)`
		args := []any{model}
		for _, h := range part {
			args = append(args, h)
		}
		if err := s.vectors(ctx, out, q, args...); err != nil {
			return nil, wrap(fmt.Errorf("read vectors: %w", err))
		}
	}
	return out, nil
}

func (s *Store) vectors(ctx context.Context, out map[string][]float32, q string, args ...any) error {
	rows, err := s.read().QueryContext(ctx, q, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var hash string
		var raw []byte
		if err := rows.Scan(&hash, &raw); err != nil {
			return err
		}
		v := make([]float32, len(raw)/4)
		for i := range v {
			v[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		}
		out[hash] = v
	}
	return rows.Err()
}

// PutVectors stores vectors of a model by hash; what was stored under the same
// hash before is replaced.
func (s *Store) PutVectors(ctx context.Context, model string, vectors map[string][]float32) error {
	const q = `INSERT INTO vectors (model, hash, vector, created_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (model, hash) DO UPDATE SET vector = excluded.vector, created_at = excluded.created_at`
	err := s.Atomically(ctx, func(s *Store) error {
		now := ms(s.Now())
		for hash, v := range vectors {
			raw := make([]byte, 0, 4*len(v))
			for _, x := range v {
				raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(x))
			}
			if _, err := s.tx.ExecContext(ctx, q, model, hash, raw, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("store vectors: %w", err)
	}
	return nil
}

// ForgetVectors removes all vectors of a model.
func (s *Store) ForgetVectors(ctx context.Context, model string) error {
	return s.exec(ctx, "forget vectors", `DELETE FROM vectors WHERE model = $1`, model)
}

// places writes "$2, $3, $4" for n arguments from the one of a number.
func places(from, n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = "$" + strconv.Itoa(from+i)
	}
	return strings.Join(list, ", ")
}
