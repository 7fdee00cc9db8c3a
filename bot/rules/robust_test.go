package rules

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"quandesk/bot"
	"quandesk/server/watched"
)

func FuzzUnderstand(f *testing.F) {
	u := newRules(f)
	for _, s := range []string{"", "？？", "水发黄，历下区文化东路63号3号楼，电话13812345678", "\xff\xfe水", "明天上午10点", "幺三八", strings.Repeat("水", 3000), strings.Repeat("138", 400) + strings.Repeat("停水了", 300), "TS-20261123-0001", "0531-88888888转12"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := u.Understand(t.Context(), text, nil)
		if err != nil || len(got.Intents) == 0 || !got.Kind.Valid() {
			t.Fatalf("%q: %v %v", text, got, err)
		}
		for _, v := range values(got.Slots) {
			if !strings.Contains(text, v) {
				t.Errorf("%q is no part of %q", v, text)
			}
			if utf8.ValidString(text) && !utf8.ValidString(v) {
				t.Errorf("%q is cut inside a character of %q", v, text)
			}
		}
	})
}

func values(s bot.Slots) []string {
	return []string{s.Address, s.Community, s.Road, s.District, s.Phone, s.Time, s.Name, s.Ticket}
}

func TestTheSameMessageIsAlwaysUnderstoodTheSame(t *testing.T) {
	a, b := readAnew(t), readAnew(t)
	for _, text := range mustCatch {
		x, _ := a.Understand(t.Context(), text, nil)
		y, _ := b.Understand(t.Context(), text, nil)
		if x.Confidence != y.Confidence || x.Category != y.Category || x.Slots != y.Slots {
			t.Errorf("%s: %v and %v", text, x, y)
		}
	}
}

func readAnew(t testing.TB) *Rules {
	t.Helper()
	u, err := read()
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestRulesAreReadyInTime(t *testing.T) {
	least := time.Hour
	for range 5 { // the machine may be busy: the best of some counts
		start := time.Now()
		readAnew(t)
		least = min(least, time.Since(start))
	}
	if limit := watched.Allow(300 * time.Millisecond); least > limit {
		t.Errorf("start-up takes %v", least)
	}
}

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		readAnew(b)
	}
}

func BenchmarkUnderstand(b *testing.B) {
	u := newRules(b)
	for name, text := range map[string]string{
		"short": "水发黄，历下区文化东路63号3号楼，电话13812345678",
		"story": strings.Repeat("我是老住户了在这住了十几年，昨天跟邻居聊天说起来，水压越来越低，", 5) + "燕子山小区3号楼402，13955512345",
		"wall":  strings.Repeat("水压低得没法洗澡打了八遍电话没人管", 500),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				u.Understand(b.Context(), text, nil)
			}
		})
	}
}
