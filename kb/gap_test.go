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

func grouped(t *testing.T, list []kb.Question) []kb.Group {
	t.Helper()
	groups, err := kb.GroupLike(list)
	if err != nil {
		t.Fatal(err)
	}
	return groups
}

func TestQuestionsThatAreWordedAlikeAreOneGap(t *testing.T) {
	groups := grouped(t, asked(
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
	want := fmt.Sprint(grouped(t, list))
	slices.Reverse(list)
	if got := fmt.Sprint(grouped(t, list)); got != want {
		t.Errorf("%s\n%s", got, want)
	}
}

func TestAThousandQuestionsAreGroupedAtOnce(t *testing.T) {
	var list []kb.Question
	for i := range 1000 {
		list = append(list, kb.Question{ID: int64(i + 1), Text: fmt.Sprintf("第%d个问题和别的%d没有一点关系%d", i, i*7, i*13)})
	}
	began := time.Now()
	grouped(t, list)
	t.Logf("grouped in %v", time.Since(began))
}

func TestTheSameQuestionInOtherWordsIsOneGapAndAnotherQuestionIsNot(t *testing.T) {
	for _, same := range [][]string{
		{"支付宝给邻居代缴水费手续费多少", "支付宝代缴邻居水费手续费是多少啊"},
		{"用支付宝能交水费吗", "能用支付宝交水费不", "请问可以用支付宝交水费吗？", "水费支付宝能不能交"},
		{"水费怎么交", "水费咋交啊", "怎么交水费", "水费在哪儿交"},
		{"停水通知在哪看", "在哪里能看到停水通知", "停水通知去哪儿看呢"},
		{"水价多少钱一吨", "一吨水价多少钱", "现在水价是多少钱一吨呀"},
		{"半夜能来修水管吗", "你们半夜能来修水管不", "修水管半夜来吗"},
		{"租房子的能办过户吗", "租的房子能不能办过户"},
	} {
		if got := grouped(t, asked(same...)); len(got) != 1 {
			t.Errorf("%v are %d gaps", same, len(got))
		}
	}
	for _, other := range [][]string{
		{"支付宝能交水费吗", "微信能交水费吗", "现金能交水费吗", "信用卡能交水费吗"},
		{"水费怎么交", "水费怎么退", "水费为什么这么高", "水费怎么查", "水费能分期吗"},
		{"水表怎么过户", "水表怎么销户", "水表怎么校验", "水表多久换一次"},
		{"停水通知在哪看", "停水提前多久通知", "停水了找谁", "停水能赔钱吗"},
		{"水价多少钱一吨", "污水处理费多少钱一吨", "换水表多少钱", "装水表多少钱"},
		{"历下营业厅在哪", "市中营业厅在哪", "历下营业厅几点下班", "营业厅周末开门吗"},
		{"支付宝给邻居代缴水费手续费多少", "支付宝给邻居代缴水费要身份证吗", "微信给邻居代缴水费手续费多少"},
	} {
		if got := grouped(t, asked(other...)); len(got) != len(other) {
			for _, g := range got {
				t.Logf("%v", g.Wordings(9))
			}
			t.Errorf("%v are %d gaps", other, len(got))
		}
	}
}

func TestAGroupIsJoinedByTheQuestionMostLikeAnyOfIts(t *testing.T) {
	got := grouped(t, asked("半夜能来修水管吗", "半夜水管坏了能来修吗", "我家水管半夜坏了"))
	if len(got) != 1 {
		t.Errorf("%d gaps", len(got))
	}
}
