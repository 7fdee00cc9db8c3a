package kb

import (
	"errors"
	"slices"
	"testing"
)

func good() Article {
	return Article{
		ID: "valve", Title: "阀门怎么开", Short: "向左转。", Next: "请留言。",
		Clause: "9.1.2.1", Also: []string{"11.2"}, Source: Standard, Status: Published, Verified: true,
		Questions: []string{"甲", "乙", "丙", "丁", "戊"},
	}
}

func TestAnArticleThatLacksSomethingIsNotShipped(t *testing.T) {
	if err := checkAll([]Article{good()}); err != nil {
		t.Fatalf("a good one: %v", err)
	}
	for name, spoil := range map[string]func(*Article){
		"nobody has checked it":   func(a *Article) { a.Verified = false },
		"no id":                   func(a *Article) { a.ID = "" },
		"no title":                func(a *Article) { a.Title = "" },
		"no short answer":         func(a *Article) { a.Short = "" },
		"nothing to do next":      func(a *Article) { a.Next = "" },
		"no source":               func(a *Article) { a.Source = "" },
		"no status":               func(a *Article) { a.Status = "" },
		"no clause":               func(a *Article) { a.Clause = "" },
		"a clause with a letter":  func(a *Article) { a.Clause = "11.a" },
		"a chapter too many":      func(a *Article) { a.Clause = "15.1" },
		"a level too many":        func(a *Article) { a.Clause = "9.1.2.1.1" },
		"a clause that ends open": func(a *Article) { a.Also = []string{"11."} },
		"four wordings":           func(a *Article) { a.Questions = slices.Clone(a.Questions[:4]) },
	} {
		a := good()
		spoil(&a)
		if err := checkAll([]Article{a}); !errors.Is(err, ErrArticle) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnIDIsTakenOnce(t *testing.T) {
	if err := checkAll([]Article{good(), good()}); !errors.Is(err, ErrArticle) {
		t.Errorf("twice: %v", err)
	}
}
