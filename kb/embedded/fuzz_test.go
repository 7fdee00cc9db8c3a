package embedded_test

import (
	"testing"

	"quandesk/kb"
)

func FuzzSearchIsHarmlessWhateverIsAsked(f *testing.F) {
	index := newIndex(f)
	content := seed(f)
	if err := index.Replace(f.Context(), content); err != nil {
		f.Fatal(err)
	}
	for _, query := range append(queries, "", "tingshui", "，，，", "ＤＮ１００", "\xff停\x00水", "水水水水") {
		f.Add(query, 3)
	}
	f.Fuzz(func(t *testing.T, query string, n int) {
		hits, err := index.Search(t.Context(), query, n)
		if err != nil {
			t.Fatal(err)
		}
		if len(hits) > max(0, n) {
			t.Fatalf("%d hits, asked for %d", len(hits), n)
		}
		last := kb.Hit{Score: 1}
		for _, h := range hits {
			if !(h.Score >= 0 && h.Score <= last.Score) {
				t.Fatalf("%+v after %+v", h, last)
			}
			last = h
		}
	})
}
