package kb_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"quandesk/kb"
)

func asked(texts ...string) []kb.Question {
	var out []kb.Question
	for i, text := range texts {
		out = append(out, kb.Question{ID: int64(i + 1), Text: text, Unanswered: i%2 == 0, Down: i%2 == 1, State: kb.Open})
	}
	return out
}

func TestQuestionsThatAreWordedAlikeAreOneGap(t *testing.T) {
	groups := kb.GroupLike(asked(
		"半夜能来修水管吗", "能不能送水上门", "半夜能来修水管不", "你们半夜能来修水管吗", "送水上门能不能", "？？", "水", "！",
	))
	got := map[int64]int{}
	for _, g := range groups {
		got[g.Key()] = len(g.Questions)
	}
	if want := map[int64]int{1: 3, 2: 2, 6: 2, 7: 1}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("groups %v, want %v", got, want)
	}
	first := groups[0]
	if first.Key() != 1 || first.Newest().ID != 4 || first.Unanswered != 2 || first.Down != 1 {
		t.Errorf("%+v", first)
	}
	if w := first.Wordings(2); !slices.Equal(w, []string{"你们半夜能来修水管吗", "半夜能来修水管不"}) {
		t.Errorf("wordings %v", w)
	}
}

func TestTheOrderQuestionsComeInDoesNotMatter(t *testing.T) {
	list := asked("水费怎么交", "水费在哪交", "停水通知在哪看", "哪里看停水通知", "水费怎么交呀")
	want := fmt.Sprint(kb.GroupLike(list))
	slices.Reverse(list)
	if got := fmt.Sprint(kb.GroupLike(list)); got != want {
		t.Errorf("%s\n%s", got, want)
	}
}

func TestAThousandQuestionsAreGroupedAtOnce(t *testing.T) {
	var list []kb.Question
	for i := range 1000 {
		list = append(list, kb.Question{ID: int64(i + 1), Text: fmt.Sprintf("第%d个问题和别的%d没有一点关系%d", i, i*7, i*13)})
	}
	began := time.Now()
	kb.GroupLike(list)
	t.Logf("grouped in %v", time.Since(began))
}
