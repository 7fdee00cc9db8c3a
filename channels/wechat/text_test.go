package wechat

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Requirement 19: bytes, not characters; sentences, addresses and people's
// characters stay whole.
func TestRequirement19SplitsByBytesAtSentences(t *testing.T) {
	sentence := "本市实行阶梯水价，第一阶梯每户每年二百二十立方米以内。" // 84 bytes
	link := "https://fuwu.example.cn/progress?no=GD20260101&from=wechat"
	for _, c := range []struct {
		name  string
		text  string
		limit int
		want  []string
	}{
		{"a short text stays one part", "您好。", 2000, []string{"您好。"}},
		{"nothing is no part", " \n ", 2000, nil},
		{"bytes are counted, not characters", "一二三四", 6, []string{"一二", "三四"}},
		{"a sentence is not cut when its end is near", sentence + sentence, 100, []string{sentence, sentence}},
		{"a paragraph ends a part before a sentence does", "第一段说的是水价。\n第二段说的是水质，请看。", 48,
			[]string{"第一段说的是水价。", "第二段说的是水质，请看。"}},
		{"a closing quotation mark stays with its sentence", "他说：“水停了。”请派人。", 24, []string{"他说：", "“水停了。”", "请派人。"}},
		{"an address stays whole", "请点" + link + "查看", 66, []string{"请点" + link, "查看"}},
		{"a link of WeChat's kind stays whole", `评价<a href="weixin://bizmsgmenu?msgmenucontent=满意&msgmenuid=101">满意</a>谢谢`, 78,
			[]string{"评价", `<a href="weixin://bizmsgmenu?msgmenucontent=满意&msgmenuid=101">满意</a>`, "谢谢"}},
		{"a family stays together", "ab👨‍👩‍👧‍👦", 26, []string{"ab", "👨‍👩‍👧‍👦"}},
		{"a flag stays together", "🇨🇳🇨🇳", 12, []string{"🇨🇳", "🇨🇳"}},
		{"broken bytes are cut somewhere", "\xff\xfe\xfd\xff\xfe\xfd", 4, []string{"\xff\xfe\xfd\xff", "\xfe\xfd"}},
	} {
		t.Run(c.name, func(t *testing.T) { require.Equal(t, c.want, Split(c.text, c.limit)) })
	}
}

func TestRequirement19NumbersThePartsWithinTheLimit(t *testing.T) {
	text := strings.Repeat("本市实行阶梯水价。", 3000)
	parts := Parts(text, partBytes)
	require.Greater(t, len(parts), 9)
	var joined strings.Builder
	for i, p := range parts {
		require.LessOrEqual(t, len(p), partBytes)
		head, rest, ok := strings.Cut(p, "）")
		require.True(t, ok)
		require.Equal(t, fmt.Sprintf("（%d/%d", i+1, len(parts)), head)
		joined.WriteString(rest)
	}
	require.Equal(t, text, joined.String())
	require.Equal(t, []string{"您好"}, Parts("您好", partBytes), "one part has no number")
}

func TestSplitLosesNothingOfAnyText(t *testing.T) {
	squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("水价，。！\n ab<a>/:😀👨‍👩é🇨🇳”")), 0, 400, -1).Draw(t, "text")
		limit := rapid.IntRange(4, 300).Draw(t, "limit")
		parts := Split(text, limit)
		for _, p := range parts {
			if len(p) > limit || !utf8.ValidString(p) || p == "" {
				t.Fatalf("part %q of %d bytes", p, len(p))
			}
		}
		if squeeze(strings.Join(parts, "")) != squeeze(text) {
			t.Fatalf("parts %q are not %q", parts, text)
		}
	})
}

func FuzzSplit(f *testing.F) {
	f.Add("您好。https://a.example/", 20)
	f.Add("\xff\xfe", 1)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		for _, p := range Split(text, limit) {
			if len(p) > max(limit, utf8.UTFMax) {
				t.Fatalf("%d bytes of %d", len(p), limit)
			}
		}
	})
}

// Requirement 20: no sign of Markdown, no character XML cannot hold; links stay.
func TestRequirement20TurnsMarkdownIntoPlainText(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"a heading", "## 办理流程\n先申请", "办理流程\n先申请"},
		{"bold and struck out", "**两日内**办结，~~三日~~，__注意__", "两日内办结，三日，注意"},
		{"italics between Chinese", "这是*重点*内容，_请看_。", "这是重点内容，请看。"},
		{"a sum and a file name keep their signs", "3*4*5=60，见 file_name_1.txt", "3*4*5=60，见 file_name_1.txt"},
		{"bullets and boxes", "- 身份证\n* 产权证\n+ [x] 申请表", "· 身份证\n· 产权证\n· 申请表"},
		{"numbers stay", "1. 申请\n2. 勘查", "1. 申请\n2. 勘查"},
		{"a quotation", "> 第11.2条\n> 二十分钟", "第11.2条\n二十分钟"},
		{"code", "回复`继续`\n```text\n水价 2.94\n```\n完", "回复继续\n水价 2.94\n完"},
		{"a rule between", "上\n\n---\n\n下", "上\n\n下"},
		{"a table", "| 阶梯 | 单价 |\n|---|:---:|\n| 一 | 4.2元 |", "阶梯  单价\n一  4.2元"},
		{"a link becomes words and address", "请看[办事指南](https://a.example/x_y_z)。", "请看办事指南 https://a.example/x_y_z 。"},
		{"a link of WeChat's kind stays", `点<a href="https://a.example/a*b*c">这里</a>查`, `点<a href="https://a.example/a*b*c">这里</a>查`},
		{"signs in an address stay", "https://a.example/_a_/*b*", "https://a.example/_a_/*b*"},
		{"escapes", `\*不是强调\*`, "*不是强调*"},
		{"illegal characters go", "您\x02好\x00\x1b\ufffe\uffff", "您好"},
		{"broken bytes go", "水\xff价\xed\xa0\x80", "水价"},
		{"other angle brackets stay", "水压<b>低于&amp;]]>", "水压<b>低于&amp;]]>"},
		{"many blank lines become one", "一\n\n\n\n\n二", "一\n\n二"},
	} {
		t.Run(c.name, func(t *testing.T) { require.Equal(t, c.want, PlainText(c.in)) })
	}
	require.Equal(t, "3*4 **不动**", Clean("3*4 **不动**\x07"), "what a person wrote keeps its signs")
}

func FuzzPlain(f *testing.F) {
	f.Add("**a** [b](c) | - # >")
	f.Add("\xff\x02<a href=x>y</a>")
	f.Fuzz(func(t *testing.T, text string) {
		if !legal(PlainText(text)) {
			t.Fatal("what XML cannot hold came out")
		}
	})
}
