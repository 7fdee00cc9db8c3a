package customer_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"quandesk/tickets/customer"
)

func TestPhonesAreNormalised(t *testing.T) {
	for _, x := range []struct{ name, text, want string }{
		{"a mobile", "13812345678", "13812345678"},
		{"a mobile in groups", "138 1234 5678", "13812345678"},
		{"a mobile with dashes", "138-1234-5678", "13812345678"},
		{"a mobile dictated in pauses", "一三九，五三一，七四，零八六", "13953174086"},
		{"a landline dictated in pauses", "零五三一，八五九二，六零七三", "0531-85926073"},
		{"a mobile with commas between its groups", "138，1234，5678", "13812345678"},
		{"full-width figures", "１３８１２３４５６７８", "13812345678"},
		{"spoken in Chinese", "幺三八一二三四五六七八", "13812345678"},
		{"spoken in groups", "幺三八 一二三四 五六七八", "13812345678"},
		{"a mobile in other groups", "1381 234 5678", "13812345678"},
		{"a mobile figure by figure", "1 3 8 1 2 3 4 5 6 7 8", "13812345678"},
		{"spoken figure by figure", "幺 三 八 幺 二 三 四 五 六 七 八", "13812345678"},
		{"spoken with 两 and 〇", "一三八〇零两二三四五六", "13800223456"},
		{"the country with a plus", "+86 138 1234 5678", "13812345678"},
		{"the country with zeros", "0086-13812345678", "13812345678"},
		{"the country alone", "8613812345678", "13812345678"},
		{"a mobile behind a trunk zero", "013812345678", "13812345678"},
		{"a new prefix", "19212345678", "19212345678"},
		{"a landline", "0531-88888888", "0531-88888888"},
		{"a landline in one piece", "053188888888", "0531-88888888"},
		{"a landline in brackets", "（0531）8888 8888", "0531-88888888"},
		{"a landline of Jinan", "88888888", "0531-88888888"},
		{"a landline of Jinan that begins like the country", "8653 1888", "0531-86531888"},
		{"a landline of Beijing", "010 66666666", "010-66666666"},
		{"a landline of Shanghai in one piece", "02166666666", "021-66666666"},
		{"seven digits in a small city", "0634-6666666", "0634-6666666"},
		{"a landline from abroad", "+86 531 8888 8888", "0531-88888888"},
		{"a landline of Beijing from abroad", "+86 10 6666 6666", "010-66666666"},
		{"an extension", "0531-88888888-123", "0531-88888888-123"},
		{"an extension in words", "0531 88888888转8001", "0531-88888888-8001"},
		{"an extension of a local number", "88888888-123", "0531-88888888-123"},
		{"an extension of one digit", "0634-6666666-8", "0634-6666666-8"},
		{"400", "4001234567", "400-123-4567"},
		{"400 with dashes and an extension", "400-123-4567转2", "400-123-4567-2"},
		{"white space around", " 13812345678\n", "13812345678"},
	} {
		t.Run(x.name, func(t *testing.T) {
			got, err := customer.ParsePhone(x.text)
			if err != nil || got != x.want {
				t.Fatalf("ParsePhone(%q) = %q, %v; want %q", x.text, got, err, x.want)
			}
			if again, err := customer.ParsePhone(got); err != nil || again != got {
				t.Errorf("a second time: %q, %v", again, err)
			}
		})
	}
}

func TestWhatCannotBeCalledIsRefused(t *testing.T) {
	for _, x := range []struct{ name, text string }{
		{"nothing", ""},
		{"a plus", "+"},
		{"one digit too few", "1381234567"},
		{"one digit too many", "138123456789"},
		{"a prefix of no mobile", "12812345678"},
		{"a prefix of machines", "14112345678"},
		{"a prefix never given out", "15412345678"},
		{"an identity card", "370102199001011234"},
		{"an old identity card", "370102900101123"},
		{"an order number", "241123101500123456"},
		{"an area code without a number", "0531"},
		{"an area code that does not exist", "0131-8888888"},
		{"a local number that begins with a service digit", "0531-12345678"},
		{"a hotline", "12345"},
		{"an emergency call", "110"},
		{"words around", "电话13812345678"},
		{"letters", "1381234567a"},
		{"an extension of a mobile", "13812345678-123"},
		{"an extension that is too long", "0531-88888888-1234567"},
		{"a sum of money", "1,381,234.56"},
	} {
		t.Run(x.name, func(t *testing.T) {
			if got, err := customer.ParsePhone(x.text); !errors.Is(err, customer.ErrPhone) || got != "" {
				t.Errorf("ParsePhone(%q) = %q, %v; want ErrPhone", x.text, got, err)
			}
		})
	}
}

func TestAMaskHidesWhatCouldBeCalled(t *testing.T) {
	for _, x := range []struct{ phone, want string }{
		{"", ""},
		{"13812345678", "138****5678"},
		{"0531-88881234", "0531-****1234"},
		{"0531-88881234-802", "0531-****1234"},
		{"010-66661234", "010-****1234"},
		{"0634-6661234", "0634-***1234"},
		{"400-123-4567", "400-***-4567"},
		{"12345", "*****"},
		{"+1 650 253 0000", "***********0000"},
	} {
		if got := customer.MaskPhone(x.phone); got != x.want {
			t.Errorf("MaskPhone(%q) = %q, want %q", x.phone, got, x.want)
		}
	}
}

func TestPhonesAreFoundInMessages(t *testing.T) {
	for _, x := range []struct {
		name, text string
		want       []string // raw=normalised
	}{
		{"after an address", "水发黄，历下区文化东路63号3号楼，电话13812345678", []string{"13812345678=13812345678"}},
		{"spoken in Chinese", "电话幺三八一二三四五六七八，谢谢", []string{"幺三八一二三四五六七八=13812345678"}},
		{"spoken, before a word that begins with a numeral", "幺三八一二三四五六七八一直没人接", []string{"幺三八一二三四五六七八=13812345678"}},
		{"in groups", "打138 1234 5678", []string{"138 1234 5678=13812345678"}},
		{"before a word that begins with a numeral", "13812345678一会儿再打", []string{"13812345678=13812345678"}},
		{"after a room", "3号楼502 13812345678", []string{"13812345678=13812345678"}},
		{"two of them", "13800001111或者13900002222", []string{"13800001111=13800001111", "13900002222=13900002222"}},
		{"a mobile dictated in pauses", "一三九，五三一，七四，零八六", []string{"一三九，五三一，七四，零八六=13953174086"}},
		{"a landline dictated in pauses", "座机，零五三一，八五九二，六零七三", []string{"零五三一，八五九二，六零七三=0531-85926073"}},
		{"figures with commas are no number", "139，531，74，086", nil},
		{"a mobile parted where no other is", "打我15266190-347别忘", []string{"15266190-347=15266190347"}},
		{"a local number with an extension", "电话86266190-347", []string{"86266190-347=0531-86266190-347"}},
		{"a landline with an extension", "座机0531-88888888转802", []string{"0531-88888888转802=0531-88888888-802"}},
		{"a local number after a word for it", "家里电话88888888", []string{"88888888=0531-88888888"}},
		{"the country", "tel:+86 13812345678", []string{"+86 13812345678=13812345678"}},
		{"400", "是400-123-4567打来的", []string{"400-123-4567=400-123-4567"}},
		{"beside an order number", "单号241123101500123456，电话是13812345678", []string{"13812345678=13812345678"}},
		{"in groups nobody agreed on", "1381 234 5678", []string{"1381 234 5678=13812345678"}},
		{"begun again", "电话138 嗯 1381 234 5678", []string{"1381 234 5678=13812345678"}},
		{"figure by figure", "打1 3 8 1 2 3 4 5 6 7 8。", []string{"1 3 8 1 2 3 4 5 6 7 8=13812345678"}},
		{"an area code in brackets", "换了号，(0531) 8729 5518，今天", []string{"(0531) 8729 5518=0531-87295518"}},
		{"a letter for a nought", "电话13O64071185。", []string{"13O64071185=13064071185"}},
		{"an area code in figures, the rest spoken", "打座机 0531 八八五七四零二一 下午", []string{"0531 八八五七四零二一=0531-88574021"}},
		{"the number left with an order", "查查我的工单 留的号是138 1234 5678", []string{"138 1234 5678=13812345678"}},
		{"bytes that are no characters", "1\xff", nil},
		{"a letter at the end", "号1381234567O", nil},
		{"counting", "1 2 3 4 5 6 7 8 9 10 11", nil},
		{"an order number", "241123101500123456", nil},
		{"an identity card", "身份证370102199001011234", nil},
		{"an account", "户号12345678", nil},
		{"an account that looks like a mobile", "户号13812345678", nil},
		{"eight digits of anything", "20261123", nil},
		{"a ticket number", "TS-20261123-0001", nil},
		{"a name on another network", "加我wx13812345678", nil},
		{"eleven digits and a letter", "13812345678X", nil},
		{"figures that only add up", "1 38 1234 5678", nil},
		{"a day and a time", "2026-11-23 10:30", nil},
		{"words", "一二三四五", nil},
	} {
		t.Run(x.name, func(t *testing.T) {
			var got []string
			for _, p := range customer.FindPhones(x.text) {
				if x.text[p.Start:p.End] != p.Raw {
					t.Errorf("span %d:%d is not %q", p.Start, p.End, p.Raw)
				}
				got = append(got, p.Raw+"="+p.Number)
			}
			if strings.Join(got, " ") != strings.Join(x.want, " ") {
				t.Errorf("FindPhones(%q) = %q, want %q", x.text, got, x.want)
			}
		})
	}
}

func TestEveryMobileIsFoundHoweverItIsWritten(t *testing.T) {
	spoken := []rune("零幺二三四五六七八九")
	rapid.Check(t, func(t *rapid.T) {
		n := fmt.Sprintf("1%d%09d", rapid.SampledFrom([]int{3, 5, 6, 7, 8, 9}).Draw(t, "prefix"),
			rapid.IntRange(0, 999_999_999).Draw(t, "rest"))
		if strings.HasPrefix(n, "154") {
			t.Skip("never given out")
		}
		said := strings.Map(func(r rune) rune { return spoken[r-'0'] }, n)
		for _, written := range []string{n, n[:3] + " " + n[3:7] + " " + n[7:], n[:3] + "-" + n[3:7] + "-" + n[7:], "+86 " + n, said} {
			if got, err := customer.ParsePhone(written); err != nil || got != n {
				t.Errorf("ParsePhone(%q) = %q, %v", written, got, err)
			}
			found := customer.FindPhones("水表坏了，" + written + "，急")
			if len(found) != 1 || found[0].Number != n || found[0].Raw != written {
				t.Errorf("FindPhones(%q) = %+v", written, found)
			}
		}
		if masked := customer.MaskPhone(n); strings.Contains(masked, n[3:7]) && n[3:7] != n[7:] {
			t.Errorf("mask shows the middle: %q", masked)
		}
	})
}

func FuzzParsePhone(f *testing.F) {
	for _, s := range []string{"13812345678", "幺三八一二三四五六七八", "+86 531 8888 8888", "0531-8888888-8", "400-123-4567转2", "8653 1888", "\xff", "（）"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := customer.ParsePhone(s)
		if err != nil {
			return
		}
		if again, err := customer.ParsePhone(n); err != nil || again != n {
			t.Errorf("ParsePhone(%q) = %q, then %q, %v", s, n, again, err)
		}
		if m := customer.MaskPhone(n); !strings.Contains(m, "***") || m == n {
			t.Errorf("mask of %q is %q", n, m)
		}
	})
}

func FuzzFindPhones(f *testing.F) {
	for _, s := range []string{"电话13812345678", "幺三八 一二三四 五六七八一直", "+86 13812345678", "座机88888888转802", "单号241123101500123456", "\xff138\xfe1234 5678"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		end := 0
		for _, p := range customer.FindPhones(text) {
			if p.Start < end || p.End > len(text) || text[p.Start:p.End] != p.Raw {
				t.Fatalf("%+v in %q", p, text)
			}
			end = p.End
			if n, err := customer.ParsePhone(p.Number); err != nil || n != p.Number {
				t.Errorf("%+v is not normalised: %q, %v", p, n, err)
			}
		}
	})
}
