// Package kbtest proves that an index of the knowledge behaves as kb.Index
// says and finds what residents mean, whatever it is built on.
package kbtest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"quandesk/kb"
)

// shelf returns a small knowledge every index must cope with.
func shelf() []kb.Article {
	return []kb.Article{
		{
			ID: "planned", Title: "计划停水怎么通知", Short: "计划停水前会发通知，大家可以先存水。",
			Questions: []string{"计划停水提前多久通知", "停水之前打电话告诉我们吗"}, Keywords: []string{"停水", "停水通知"},
		},
		{
			ID: "transfer", Title: "水表过户怎么办", Short: "用水的人变了，就可以申请过户。",
			Questions: []string{"买了二手房水表怎么改名字", "过户有什么条件"}, Keywords: []string{"过户", "更名"},
		},
		{
			ID: "close", Title: "水表销户怎么办", Short: "到营业网点申请，审核后上门撤表。",
			Questions: []string{"老房子不住了想把水表拆掉", "销户要几天"}, Keywords: []string{"销户", "撤表"},
		},
		{
			ID: "invoice", Title: "电子发票怎么领", Short: "交费以后在公众号和App上领电子发票。",
			Questions: []string{"水费发票在哪里开", "公司报销要发票"}, Keywords: []string{"发票", "电子发票"},
		},
		{
			ID: "tank", Title: "水箱多久清洗一次", Short: "小区的水箱要定期清洗消毒。",
			Questions: []string{"楼顶的水箱有人洗吗", "蓄水池消毒周期"}, Keywords: []string{"水箱", "清洗", "DN100"},
		},
	}
}

func passages(articles []kb.Article) []kb.Passage {
	var all []kb.Passage
	for _, a := range articles {
		all = append(all, a.Passages()...)
	}
	return all
}

// Run runs the suite. newIndex returns a fresh, empty index that knows
// kb.ShippedWords.
func Run(t *testing.T, newIndex func(t *testing.T) kb.Index) {
	full := func(t *testing.T) kb.Index {
		index := newIndex(t)
		replace(t, index, passages(shelf()))
		return index
	}
	t.Run("an empty index finds nothing", func(t *testing.T) {
		nothing(t, newIndex(t), "停水")
	})
	t.Run("replace swaps everything at once", func(t *testing.T) { swaps(t, full(t)) })
	t.Run("a query finds its article", func(t *testing.T) {
		for _, c := range []struct{ name, query, want string }{
			{"its own wording", "过户有什么条件", "transfer"},
			{"two characters", "销户", "close"},
			{"two characters of a longer word", "发票", "invoice"},
			{"one character", "箱", "tank"},
			{"letters and digits, other case and width", "ｄｎ１００", "tank"},
			{"a synonym", "断水要提前吗", "planned"},
			{"another synonym", "拆表", "close"},
			{"a homophone", "停谁了咋不通知", "planned"},
			{"a homophone in a longer word", "电子发飘咋开", "invoice"},
			{"pinyin", "guohu", "transfer"},
			{"a wrong character", "水表消户怎么办", "close"},
			{"a forgotten character", "电发票怎么领", "invoice"},
			{"no punctuation, much around it", "哎呀师傅您好啊我想问一下就是我家刚买的那个二手房水表还是人家名字呢咋改名字", "transfer"},
			{"the question at the end of a story", "昨天我去看我妈，她那楼老旧得很，邻居也都在说这事，我就想知道，楼顶的水箱有人洗吗？", "tank"},
		} {
			t.Run(c.name, func(t *testing.T) {
				hits := search(t, full(t), c.query, 3)
				if len(hits) == 0 || hits[0].ArticleID != c.want {
					t.Errorf("%q finds %v, want %s first", c.query, hits, c.want)
				}
			})
		}
	})
	t.Run("a known wording scores near one, nonsense below Answerable", func(t *testing.T) { scores(t, full(t)) })
	t.Run("nonsense finds nothing", func(t *testing.T) {
		index := full(t)
		for _, query := range []string{"", "   ", "？！。", "😀😀", "\x00\xff\xfe", "\u200b", "qwrtpsd", "鼗鼖鼙", "____"} {
			nothing(t, index, query)
		}
	})
	t.Run("a huge or hostile query is harmless", func(t *testing.T) {
		index := full(t)
		for _, query := range []string{
			strings.Repeat("停水", 500_000),
			strings.Repeat("，", 1_000_000),
			"停水" + strings.Repeat("\xff", 100_000),
			`' OR 1=1; DROP TABLE articles; --`,
			"过户* AND (NOT \"销户\" OR ~^:\\",
			"../../etc/passwd\n停水\r\n",
		} {
			for _, h := range search(t, index, query, 3) {
				inRange(t, h)
			}
		}
	})
	t.Run("limits are kept", func(t *testing.T) { limits(t, full(t)) })
	t.Run("the same search gives the same answer", func(t *testing.T) {
		index := full(t)
		first := search(t, index, "水表怎么办", 5)
		for range 20 {
			if again := search(t, index, "水表怎么办", 5); !slices.Equal(again, first) {
				t.Fatalf("%v, then %v", first, again)
			}
		}
	})
	t.Run("passages may come in any order", func(t *testing.T) {
		mixed := passages(shelf())
		slices.SortFunc(mixed, func(a, b kb.Passage) int { return strings.Compare(a.Text, b.Text) })
		index := newIndex(t)
		replace(t, index, mixed)
		for _, h := range search(t, index, "过户有什么条件", 5) {
			inRange(t, h)
		}
		if hits := search(t, index, "过户有什么条件", 1); len(hits) != 1 || hits[0].ArticleID != "transfer" {
			t.Errorf("found %v", hits)
		}
	})
	t.Run("a search during replace sees one content", func(t *testing.T) { concurrent(t, full(t)) })
	t.Run("a context that is over is an error", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		index := full(t)
		if _, err := index.Search(ctx, "停水", 1); err == nil {
			t.Error("search went on")
		}
		if err := index.Replace(ctx, nil); err == nil {
			t.Error("replace went on")
		}
		if hits := search(t, index, "停水", 1); len(hits) != 1 {
			t.Errorf("the content is %v", hits)
		}
	})
}

func replace(t *testing.T, index kb.Index, content []kb.Passage) {
	t.Helper()
	if err := index.Replace(t.Context(), content); err != nil {
		t.Fatal(err)
	}
}

func search(t *testing.T, index kb.Index, query string, n int) []kb.Hit {
	t.Helper()
	hits, err := index.Search(t.Context(), query, n)
	if err != nil {
		t.Fatal(err)
	}
	return hits
}

func nothing(t *testing.T, index kb.Index, query string) {
	t.Helper()
	if hits := search(t, index, query, 3); len(hits) != 0 {
		t.Errorf("%q finds %v", query, hits)
	}
}

func inRange(t *testing.T, h kb.Hit) {
	t.Helper()
	if !(h.Score >= 0 && h.Score <= 1) || h.ArticleID == "" || h.Passage == "" {
		t.Errorf("bad hit %+v", h)
	}
}

func swaps(t *testing.T, index kb.Index) {
	replace(t, index, []kb.Passage{{ArticleID: "well", Part: kb.PartTitle, Text: "井盖丢了找谁"}})
	nothing(t, index, "过户")
	if hits := search(t, index, "井盖丢了找谁", 1); len(hits) != 1 || hits[0].ArticleID != "well" {
		t.Errorf("the new content gives %v", hits)
	}
	replace(t, index, nil)
	nothing(t, index, "井盖")
}

func scores(t *testing.T, index kb.Index) {
	for _, a := range shelf() {
		for _, q := range a.Questions {
			hits := search(t, index, q, 1)
			if len(hits) != 1 || hits[0].ArticleID != a.ID || hits[0].Score < 0.95 || hits[0].Passage != q {
				t.Errorf("%q finds %v", q, hits)
			}
		}
	}
	for _, q := range []string{"今天天气不错", "给我写一首关于秋天的诗", "股票明天会涨吗", "地铁末班车几点"} {
		if hits := search(t, index, q, 1); len(hits) > 0 && hits[0].Score >= kb.Answerable {
			t.Errorf("%q finds %v", q, hits)
		}
	}
}

func limits(t *testing.T, index kb.Index) {
	for _, n := range []int{-1, 0} {
		if hits := search(t, index, "水表", n); len(hits) != 0 {
			t.Errorf("asked for %d, got %v", n, hits)
		}
	}
	if hits := search(t, index, "水表", 1); len(hits) != 1 {
		t.Errorf("asked for one, got %v", hits)
	}
	seen := map[string]bool{}
	last := 1.0
	for _, h := range search(t, index, "水表怎么办", 1000) {
		inRange(t, h)
		if seen[h.ArticleID] || h.Score > last {
			t.Errorf("%v comes twice or after a worse one", h)
		}
		seen[h.ArticleID], last = true, h.Score
	}
}

func concurrent(t *testing.T, index kb.Index) {
	// Every content holds one article; a search must find exactly one.
	content := func(i int) []kb.Passage {
		id := fmt.Sprintf("article-%d", i)
		return []kb.Passage{
			{ArticleID: id, Part: kb.PartTitle, Text: "消火栓归谁管"},
			{ArticleID: id, Part: kb.PartQuestion, Text: "消防栓坏了找谁修"},
		}
	}
	replace(t, index, content(0))
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for range 50 {
				hits, err := index.Search(t.Context(), "消火栓归谁管", 5)
				if err != nil || len(hits) != 1 {
					t.Errorf("found %v, %v", hits, err)
					return
				}
			}
		})
	}
	for i := range 50 {
		if err := index.Replace(t.Context(), content(i)); err != nil {
			t.Error(err)
		}
	}
	wait.Wait()
}
