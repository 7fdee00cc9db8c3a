package channels

import (
	"context"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestSanitize(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain Chinese", "家里没水了，\t怎么办？\n急！", "家里没水了，\t怎么办？\n急！"},
		{"T22 NUL becomes U+FFFD", "a\x00b", "a\uFFFDb"},
		{"escape, bell, delete and C1", "\x1b[31m\a\x7f\u0085\u009b", "\uFFFD[31m\uFFFD\uFFFD\uFFFD\uFFFD"},
		{"lines end the same way everywhere", "a\r\nb", "a\nb"},
		{"a broken byte", "水\xe6\xb0价", "水\uFFFD价"},
		{"GBK is not UTF-8", "\xbc\xdb", "\uFFFD"},
		{"a lone surrogate in UTF-8", "a\xed\xa0\x80b", "a\uFFFDb"},
		{"an overlong slash", "\xc0\xaf", "\uFFFD"},
		{"marks that turn the direction", "电话\u202e321\u202c\u2066x\u2069", "电话321x"},
		{"an emoji family joined by ZWJ", "👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"},
		{"an emoji with skin and variation", "👍🏽☎\ufe0f", "👍🏽☎\ufe0f"},
		{"Han of four bytes", "𠮷野家 㐂 𰻞", "𠮷野家 㐂 𰻞"},
		{"Han variant", "葛\U000e0100", "葛\U000e0100"},
		{"full width and the replacement character itself", "１２３\uFFFD", "１２３\uFFFD"},
		{"markup is text", "<script>&amp;]]>", "<script>&amp;]]>"},
		{"nothing", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Sanitize(c.in); got != c.want {
				t.Errorf("Sanitize(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

// sane checks what must hold of every sanitised text.
func sane(t interface{ Errorf(string, ...any) }, in string) {
	out := Sanitize(in)
	if again := Sanitize(out); again != out {
		t.Errorf("not the same after a second time: %q, %q", out, again)
	}
	if !utf8.ValidString(out) {
		t.Errorf("%q is not UTF-8", out)
	}
	if strings.ContainsAny(out, "\x00\r\u202e\u2066") {
		t.Errorf("%q has what cannot be stored or shown", out)
	}
	if utf8.RuneCountInString(out) > utf8.RuneCountInString(in) {
		t.Errorf("%q grew to %q", in, out)
	}
}

func TestSanitizeOnceIsEnough(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sane(t, string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")))
		sane(t, rapid.String().Draw(t, "text"))
	})
}

func FuzzSanitize(f *testing.F) {
	f.Add("家里没水了")
	f.Add("a\x00\r\n\xff\u202e")
	f.Fuzz(func(t *testing.T, in string) { sane(t, in) })
}

// desk remembers what came in; it is no store.
type desk struct {
	Store
	in   []Inbound
	post []string
}

func (d *desk) Receive(_ context.Context, in Inbound) (Message, bool, error) {
	d.in = append(d.in, in)
	return Message{ID: 1, Text: in.Text}, false, nil
}

func (d *desk) Post(_ context.Context, _ Staff, _ Scope, _ int64, _, text string, _ Kind, _ ...string) (Message, error) {
	d.post = append(d.post, text)
	return Message{ID: 2, Text: text}, nil
}

func TestWhatComesIn(t *testing.T) {
	long := strings.Repeat("水", MaxText)
	for _, c := range []struct {
		name string
		in   Inbound
		want error
	}{
		{"a text", Inbound{Text: "没水了"}, nil},
		{"10,000 characters of three bytes", Inbound{Text: long}, nil},
		{"10,001 characters", Inbound{Text: long + "水"}, ErrTooLong},
		{"nothing", Inbound{}, ErrEmpty},
		{"blanks, also wide ones", Inbound{Text: " \n\t　"}, ErrEmpty},
		{"only marks of direction", Inbound{Text: "\u202e\u202c"}, ErrEmpty},
		{"a place", Inbound{Place: &Place{Lat: 36.65, Lng: 117.12}}, nil},
		{"an image", Inbound{Attachments: []string{"a"}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := &desk{}
			_, _, err := NewInbox(d).Receive(t.Context(), c.in)
			if !errors.Is(err, c.want) {
				t.Errorf("Receive: %v, want %v", err, c.want)
			}
			if stored := len(d.in) == 1; stored != (c.want == nil) {
				t.Errorf("stored: %t", stored)
			}
		})
	}
}

func TestTheStoreGetsOnlyWhatItCanKeep(t *testing.T) {
	d := &desk{}
	place := &Place{Label: "泉城路\x00\u202e"}
	in := Inbound{Text: "a\x00b", Name: "王\x00五\u202e", Place: place}
	if _, _, err := NewInbox(d).Receive(t.Context(), in); err != nil {
		t.Fatalf("Receive: %v", err)
	}
	got := d.in[0]
	if got.Text != "a\uFFFDb" || string(got.Raw) != "a\x00b" || got.Kind != Text {
		t.Errorf("text %q, raw %q, kind %q", got.Text, got.Raw, got.Kind)
	}
	if got.Name != "王\uFFFD五" || got.Place.Label != "泉城路\uFFFD" {
		t.Errorf("name %q, place %q", got.Name, got.Place.Label)
	}
	if place.Label != "泉城路\x00\u202e" {
		t.Error("the caller's place was changed")
	}
}

func TestAnUnchangedTextIsKeptOnce(t *testing.T) {
	d := &desk{}
	if _, _, err := NewInbox(d).Receive(t.Context(), Inbound{Text: "没水了"}); err != nil {
		t.Fatalf("Receive: %v", err)
	}
	if d.in[0].Raw != nil {
		t.Errorf("raw %q", d.in[0].Raw)
	}
}

func TestWhatStaffWrite(t *testing.T) {
	for _, c := range []struct {
		name, text, stored string
		want               error
	}{
		{"blanks around are dropped", " 师傅已出发\r\n", "师傅已出发", nil},
		{"nothing", " \n", "", ErrEmpty},
		{"10,001 characters", strings.Repeat("水", MaxText+1), "", ErrTooLong},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := &desk{}
			m, err := NewInbox(d).Post(t.Context(), Staff{ID: 1}, Scope{All: true}, 1, "c1", c.text, Text)
			if !errors.Is(err, c.want) || m.Text != c.stored {
				t.Errorf("Post: %q, %v, want %q, %v", m.Text, err, c.stored, c.want)
			}
		})
	}
}
