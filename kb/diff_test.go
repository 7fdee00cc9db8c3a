package kb_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"quandesk/kb"
)

func TestADiffShowsCharactersAndLines(t *testing.T) {
	old := kb.Article{Short: "投诉2日内办结。", Questions: []string{"甲", "乙"}}
	fresh := kb.Article{Short: "投诉3日内办结。", Questions: []string{"甲", "丙", "乙"}, Verified: true, ValidTo: noon}
	want := map[string]string{
		"short": "投诉-2+3日内办结。", "questions": "甲\n+丙\n乙\n", "verified": "-false+true", "valid_to": "+2026-11-20",
	}
	got := map[string]string{}
	for _, f := range kb.Compare(old, fresh) {
		got[f.Field] = written(f.Pieces)
	}
	for field, text := range want {
		if got[field] != text {
			t.Errorf("%s: %q, want %q", field, got[field], text)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%v", got)
	}
	if same := kb.Compare(fresh, fresh); len(same) != 0 {
		t.Errorf("the same: %v", same)
	}
}

func written(pieces []kb.Piece) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(map[kb.Op]string{kb.Removed: "-", kb.Added: "+"}[p.Op] + p.Text)
	}
	return b.String()
}

func TestADiffHoldsBothTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.StringOfN(rapid.RuneFrom([]rune("水费ab\n")), 0, 40, -1)
		old, fresh := letters.Draw(t, "old"), letters.Draw(t, "fresh")
		var was, is string
		for _, f := range kb.Compare(kb.Article{Short: old}, kb.Article{Short: fresh}) {
			for _, p := range f.Pieces {
				if p.Op != kb.Added {
					was += p.Text
				}
				if p.Op != kb.Removed {
					is += p.Text
				}
			}
		}
		if old == fresh && was+is == "" {
			return
		}
		if was != old || is != fresh {
			t.Fatalf("%q and %q, want %q and %q", was, is, old, fresh)
		}
	})
}

func TestALongTextIsComparedAtOnce(t *testing.T) {
	old, fresh := strings.Repeat("甲乙", 3000), strings.Repeat("丙丁", 3000)
	if got := kb.Compare(kb.Article{Details: old}, kb.Article{Details: fresh}); len(got) != 1 || len(got[0].Pieces) != 2 {
		t.Errorf("%d fields", len(got))
	}
}
