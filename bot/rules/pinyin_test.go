package rules

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/mozillazg/go-pinyin"
	"golang.org/x/text/encoding/simplifiedchinese"
)

var update = flag.Bool("update", false, "write the generated files anew")

// syllable is the sound of a character as most ears in Jinan keep it apart:
// without tone, without zh/z, ing/in and eng/en.
func syllable(r rune) string {
	a := pinyin.NewArgs()
	p := pinyin.SinglePinyin(r, a)
	if len(p) == 0 {
		return ""
	}
	s := p[0]
	for _, x := range [][2]string{{"zh", "z"}, {"ch", "c"}, {"sh", "s"}} {
		s = strings.Replace(s, x[0], x[1], 1)
	}
	for _, x := range [][2]string{{"ing", "in"}, {"eng", "en"}} {
		s = strings.Replace(s, x[0], x[1], 1)
	}
	return s
}

func TestThePinyinTableIsTheOneGenerated(t *testing.T) {
	bySound := map[string][]rune{}
	for r := rune(0x4e00); r <= 0x9fa5; r++ {
		if s := syllable(r); s != "" && common(r) {
			bySound[s] = append(bySound[s], r)
		}
	}
	var keys []string
	for k := range bySound {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	var b strings.Builder
	for _, k := range keys {
		b.WriteString(string(bySound[k]) + "\n")
	}
	if *update {
		if err := os.WriteFile("pinyin.txt", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("pinyin.txt")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != b.String() {
		t.Error("pinyin.txt is stale: go test ./bot/rules -run Pinyin -update")
	}
}

// common reports whether a character is one of the 6,763 of GB 2312.
func common(r rune) bool {
	b, err := simplifiedchinese.HZGB2312.NewEncoder().String(string(r))
	return err == nil && strings.HasPrefix(b, "~{")
}
