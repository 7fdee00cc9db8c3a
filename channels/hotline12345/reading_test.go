package hotline12345

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/tickets"
)

// with reads an order that has what is required and these fields besides.
func with(pairs ...string) (Order, []Flaw) {
	values := []Value{{Name: "content", Text: "水发黄"}}
	named := map[string]bool{}
	for i := 0; i < len(pairs); i += 2 {
		values = append(values, Value{Name: pairs[i], Text: pairs[i+1]})
		if f := fieldOf(pairs[i]); f != nil {
			named[f.key] = true
		}
	}
	if !named["external_no"] {
		values = append(values, Value{Name: "工单编号", Text: "260302093015001204"})
	}
	return Read(values)
}

func fatal(flaws []Flaw) string {
	for _, f := range flaws {
		if f.Fatal {
			return f.Field + " " + f.Words
		}
	}
	return ""
}

func TestAColumnHasManyNames(t *testing.T) {
	for key, names := range map[string][]string{
		"external_no":       {"HotLineWorkNumber", "工单编号", "12345工单编号", "办件编号", " 工单编号：", "*工单编号", "工单编号（必填）", "１２３４５工单编号", "external_no", "order_no"},
		"event_type":        {"MessageType", "办理单类型", "event_type"},
		"content":           {"content", "问题描述", "12345内容描述", "内容描述", "诉求内容", "诉求\n内容"},
		"contact_name":      {"linkPerson", "联系人", "诉求人"},
		"contact_phone":     {"linkPhone", "联系电话", "诉求人电话"},
		"address_raw":       {"address", "12345诉求地址", "诉求地址", "问题发生地"},
		"origin_channel":    {"xxlyId", "12345工单来源", "办件来源"},
		"accepted_at":       {"writeTime", "12345受理时间", "受理时间"},
		"dispatched_at":     {"sendTime", "派发时间"},
		"external_due":      {"endDate", "承诺完成时间", "办理时限"},
		"confidential":      {"isSecret", "是否保密"},
		"demand_type":       {"ldlbid", "12345工单类型", "来电类别"},
		"is_business_env":   {"yshj", "营商环境"},
		"supervision_level": {"txlx", "督办类型"},
	} {
		for _, name := range names {
			f := fieldOf(name)
			require.NotNil(t, f, name)
			require.Equal(t, key, f.key, name)
		}
	}
	for _, name := range []string{"", "12345", "满意度", "工单", "constructor"} {
		require.Nil(t, fieldOf(name), name)
	}
}

func TestATimeIsReadAsPeopleAndSpreadsheetsWriteIt(t *testing.T) {
	noon := time.Date(2026, 3, 2, 9, 30, 0, 0, tickets.Beijing)
	for _, text := range []string{"2026-03-02 09:30:00", "2026-03-02 09:30", "2026/3/2 9:30", "2026年3月2日 9时30分", "2026年3月2日9点30分",
		"2026.3.2 9:30", "2026-03-02T09:30:00+08:00", "2026-03-02T09:30", "20260302093000", "3/2/2026 9:30", " ２０２６-03-02　09:30 ",
		"2026年3月2日 上午9:30", "2026-03-02 9:30 AM", "2026/3/2 上午 9:30:00", "46083.3958333333", "1772415000", "1772415000000"} {
		w, ok := readTime(Value{Text: text})
		require.True(t, ok, text)
		require.True(t, w.at.Equal(noon), "%s is %v", text, w.at)
	}
	for _, text := range []string{"2026-03-02", "2026/3/2", "20260302", "2026年3月2日", "46083"} {
		w, ok := readTime(Value{Text: text})
		require.True(t, ok, text)
		require.Equal(t, "2026-03-03 00:00", w.end().In(tickets.Beijing).Format("2006-01-02 15:04"), "%s as a term includes its day", text)
	}
	w, ok := readTime(Value{Text: "44621.3958333333", Number: true, Epoch: Since1904})
	require.True(t, ok)
	require.True(t, w.at.Equal(noon), "days since 1904: %v", w.at)
	for text, want := range map[string]string{"2026年3月2日下午3:05": "15:05", "2026-03-02 12:05 PM": "12:05", "2026-3-2 上午12:05": "00:05"} {
		w, ok := readTime(Value{Text: text})
		require.True(t, ok, text)
		require.Equal(t, want, w.at.In(tickets.Beijing).Format("15:04"), text)
	}
	for _, text := range []string{"2026-03-02 下午15:05", "下午3:05", "2026-03-02下午", "昨天", "2026-13-02", "2026-02-30", "0", "-5", "12", "99999999", "NaN", "Inf", "1e309", "2026-03-02 25:00", "0001-01-01", "3026-01-01", "三月二日"} {
		_, ok := readTime(Value{Text: text})
		require.False(t, ok, text)
	}
}

func TestALongNumberIsWholeOrRefused(t *testing.T) {
	for _, x := range []struct {
		name   string
		cell   Value
		no     string // empty: refused
		flawed bool
	}{
		{"eighteen digits as text", Value{Text: "260302093015001204"}, "260302093015001204", false},
		{"with an apostrophe", Value{Text: "'260302093015001204"}, "260302093015001204", false},
		{"with tabs, blanks and a line break", Value{Text: "\t2603020930 15001204\n"}, "260302093015001204", false},
		{"full width", Value{Text: "２６０３０２０９３０１５００１２０４"}, "260302093015001204", false},
		{"another office's number", Value{Text: "JN-2026-0007"}, "JN-2026-0007", true},
		{"a number cell that kept every digit", Value{Text: "260302093015001234", Number: true}, "260302093015001234", false},
		{"a number cell written from a binary number, shortest", Value{Text: "260302093015001200", Number: true}, "", false},
		{"a number cell written from a binary number, all digits", Value{Text: "260302093015001216", Number: true}, "", false},
		{"a number cell that lost three", Value{Text: "260302093015001000", Number: true}, "", false},
		{"scientific in a number cell", Value{Text: "2.60302093015001E+17", Number: true}, "", false},
		{"scientific in a CSV", Value{Text: "2.60302E+17"}, "", false},
		{"a short number in a number cell", Value{Text: "12345", Number: true}, "12345", true},
		{"too long", Value{Text: strings.Repeat("1", 51)}, "", false},
		{"not a number of anything", Value{Text: "<script>"}, "", false},
	} {
		t.Run(x.name, func(t *testing.T) {
			x.cell.Name = "工单编号"
			o, flaws := Read([]Value{x.cell, {Name: "content", Text: "水发黄"}, {Name: "address", Text: "历下区"}, {Name: "linkPhone", Text: "13812345678"}, {Name: "ldlbid", Text: "投诉"}})
			if x.no == "" {
				require.Contains(t, fatal(flaws), "external_no ")
				return
			}
			require.Empty(t, fatal(flaws))
			require.Equal(t, x.no, o.No)
			require.Equal(t, x.flawed, len(flaws) > 0, "%v", flaws)
		})
	}
}

func TestTheBoxTellsWhatTheMailIs(t *testing.T) {
	for text, want := range map[string]Mail{"0": Handle, "办理单": Handle, "1": Urge, "催办单": Urge, "2": SentBack, "退回办理单": SentBack,
		"4": Redo, "重新办理单": Redo, "011": Handle, "11": Handle, "12": Handle, "202": Done, "已回复": Done, "来电追问": Supplement} {
		o, flaws := with("MessageType", text)
		require.Empty(t, fatal(flaws), text)
		require.Equal(t, want, o.Mail, text)
	}
	for _, text := range []string{"7", "-1", "全部工单", "撤单"} {
		_, flaws := with("MessageType", text)
		require.Contains(t, fatal(flaws), "event_type 办理单类型", text)
	}
	o, _ := with("approach", "1")
	require.Equal(t, Supervise, o.Mail, "a street hub's 1 is no 催办")
}

func TestWhatIsRequiredAndWhatIsOnlyPointedOut(t *testing.T) {
	for _, x := range []struct {
		name   string
		values []Value
		fatal  string
	}{
		{"no number", []Value{{Name: "content", Text: "水发黄"}}, "external_no 没有工单编号。"},
		{"no content", []Value{{Name: "工单编号", Text: "260302093015001204"}}, "content 没有诉求内容。"},
		{"blank content", []Value{{Name: "工单编号", Text: "260302093015001204"}, {Name: "content", Text: " \u200b\t\n"}}, "content 没有诉求内容。"},
		{"a chaser needs no content", []Value{{Name: "工单编号", Text: "260302093015001204"}, {Name: "MessageType", Text: "1"}}, ""},
		{"the subject stands in", []Value{{Name: "工单编号", Text: "260302093015001204"}, {Name: "诉求主题", Text: "水发黄"}}, ""},
		{"a bad term", []Value{{Name: "工单编号", Text: "1"}, {Name: "content", Text: "水"}, {Name: "endDate", Text: "尽快"}}, "external_due 办理时限“尽快”不是日期，应像 2026-01-31 09:30 这样写。"},
	} {
		t.Run(x.name, func(t *testing.T) {
			_, flaws := Read(x.values)
			require.Equal(t, x.fatal, fatal(flaws))
		})
	}
	o, flaws := with("linkPhone", "12", "ldlbid", "瞎填")
	require.Empty(t, fatal(flaws))
	require.Equal(t, []string{"诉求类型“瞎填”不认识，按内容判断。", "没有联系地址。", "联系电话不是能拨打的号码，请核对。"}, o.Flags)
}

func TestDoubtAboutSecrecyKeepsTheSecret(t *testing.T) {
	for text, want := range map[string]bool{"1": true, "是": true, "保密": true, "也许": true, "0": false, "否": false, "不保密": false, "": false} {
		o, _ := with("isSecret", text)
		require.Equal(t, want, o.Confidential, text)
	}
}

func TestUnknownFieldsAreKept(t *testing.T) {
	o, flaws := with("gdmyd", "5", "新字段", "\x00值\u202e")
	require.Empty(t, fatal(flaws))
	require.Equal(t, map[string]string{"gdmyd": "5", "新字段": "\uFFFD值"}, o.Extra)
}

func TestASecondColumnOfAFieldIsKeptBeside(t *testing.T) {
	o, flaws := with("联系电话", "13812345678", "联系方式", "13987654321", "诉求人电话", "138 1234 5678", "诉求内容", "另一列写的是水压低", "姓名", "李某", "联系人", "王某")
	require.Empty(t, fatal(flaws))
	require.Equal(t, "13812345678", o.ContactPhone)
	require.Equal(t, map[string]string{"联系方式": "13987654321", "诉求内容": "另一列写的是水压低", "联系人": "王某"}, o.Extra)
}

func TestAFileIsNamedAndItsAddressKeptWhole(t *testing.T) {
	for _, x := range []struct {
		name string
		v    Value
		want []Attachment
	}{
		{"a cell with several", Value{Text: "一.jpg；二.png,三.pdf\n四.doc"}, []Attachment{{Name: "一.jpg"}, {Name: "二.png"}, {Name: "三.pdf"}, {Name: "四.doc"}}},
		{"a name and an address", Value{Text: "现场照片：https://a/b.jpg"}, []Attachment{{Name: "现场照片", URL: "https://a/b.jpg"}}},
		{"a list keeps commas", Value{Text: "a,b.jpg\nhttps://a/b,c;d.jpg", List: true}, []Attachment{{Name: "a,b.jpg"}, {URL: "https://a/b,c;d.jpg"}}},
		{"no other scheme is an address", Value{Text: "javascript:alert(1)"}, []Attachment{{Name: "javascript:alert(1)"}}},
		{"half an address is none", Value{Text: "长 https://a/" + strings.Repeat("b", 1000)}, []Attachment{{Name: "长"}}},
	} {
		x.v.Name = "附件"
		o, _ := Read([]Value{x.v, {Name: "工单编号", Text: "260302093015001204"}, {Name: "content", Text: "水发黄"}})
		require.Equal(t, x.want, o.Attachments, x.name)
	}
	o, flaws := with("附件", strings.Repeat("一.jpg,", 51))
	require.Len(t, o.Attachments, 50)
	require.Contains(t, o.Flags, "附件超过50个，只保留前50个的名称。")
	require.Empty(t, fatal(flaws))
	o, _, err := ReadPush([]byte(`{"工单编号":"260302093015001204","content":"水黄","附件":[{"fileName":"甲.pdf","content":"aGVsbG8="},{"url":"http://a/乙,丙.jpg"}]}`))
	require.NoError(t, err)
	require.Equal(t, []Attachment{{Name: "甲.pdf"}, {URL: "http://a/乙,丙.jpg"}}, o.Attachments)
}

// Complaints are never made questions of (定性篡改), whatever the platform
// calls them.
func TestNoWordsOfComplaintBecomeAnInquiry(t *testing.T) {
	complains := func(context.Context, string) Meaning { return Meaning{Kind: tickets.Inquiry} }
	for _, words := range grievances {
		for _, demand := range []string{"咨询", "其他", "", "看不懂"} {
			o, _ := with("ldlbid", demand)
			o.Content = "请问自来水的事，" + words + "，怎么办"
			require.Equal(t, tickets.Complaint, o.kind(complains(t.Context(), o.Content)), "%s %s", demand, words)
		}
	}
	for demand, want := range map[string]tickets.Kind{"咨询": tickets.Inquiry, "求助": tickets.Request, "建议": tickets.Suggestion,
		"投诉": tickets.Complaint, "举报": tickets.Report, "投诉举报类": tickets.Complaint, "其他": tickets.Repair, "": tickets.Repair} {
		o, _ := with("ldlbid", demand)
		o.Content = "家中停水"
		kind := tickets.Repair
		if demand == "咨询" {
			kind = tickets.Inquiry
		}
		require.Equal(t, want, o.kind(Meaning{Kind: kind}), demand)
	}
	o, _ := with("ldlbid", "咨询")
	require.Equal(t, tickets.Complaint, o.kind(Meaning{Kind: tickets.Complaint}), "the bot hears a complaint")
}

func TestTheCategoryIsThatOfThePlatformThenOfTheWords(t *testing.T) {
	for path, want := range map[string]tickets.Category{"城乡建设/供水/水质": tickets.WaterQuality, "二次供水/水压": tickets.Pressure,
		"公用事业-水费": tickets.Billing, "城乡建设/城市建设和市政管理/自来水供应": tickets.Leak, "": tickets.Leak} {
		o, _ := with("quesTypeInfo", path)
		require.Equal(t, want, o.category(Meaning{Category: tickets.Leak}), path)
	}
}

func TestFilesThatCameLaterAreAddedNotLost(t *testing.T) {
	o, _ := with("附件", "一.jpg")
	later, _ := with("附件", "二.jpg")
	changes := o.Differs(later)
	require.Equal(t, []Change{{Field: "attachments", From: "一.jpg", To: "一.jpg、二.jpg", Moving: true, Private: true}}, changes)
	o.take(later, changes)
	require.Equal(t, []Attachment{{Name: "一.jpg"}, {Name: "二.jpg"}}, o.Attachments)
	require.Empty(t, o.Differs(later), "what was there is not new")
}

func TestWhatIsLeftOutHasNotChanged(t *testing.T) {
	o, _ := with("linkPhone", "13812345678", "linkPerson", "李女士", "gdzt", "办理中")
	same, _ := with("content", "水 发 黄\n")
	require.Empty(t, o.Differs(same), "blanks and fewer columns")
	moved, _ := with("gdzt", "已办结")
	require.Equal(t, []Change{{Field: "external_status", From: "办理中", To: "已办结", Moving: true}}, o.Differs(moved))
	other, _ := with("linkPhone", "13812345679")
	require.Equal(t, []Change{{Field: "contact_phone", From: "13812345678", To: "13812345679", Private: true}}, o.Differs(other))
}

func TestAPushIsOneCleanObject(t *testing.T) {
	for _, x := range []struct{ name, body, says string }{
		{"a field twice", `{"工单编号":"1","content":"x","content":"y"}`, "JSON 中的字段“content”重复。"},
		{"twice below", `{"工单编号":"1","content":"x","附件":[{"a":1,"a":2}]}`, "JSON 中的字段“a”重复。"},
		{"something after it", `{"工单编号":"1","content":"x"} {}`, "JSON 对象之后还有多余的内容。"},
		{"a list", `[]`, "内容应为一个 JSON 对象。"},
		{"nothing", ``, "内容应为一个 JSON 对象。"},
		{"cut off", `{"工单编号":"1`, "JSON 格式有误，在第19个字节处。"},
		{"too deep", `{"a":` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + `}`, "JSON 嵌套太深，最多64层。"},
		{"a million deep", strings.Repeat(`{"a":`, 1000000), "JSON 嵌套太深，最多64层。"},
		{"a NUL", "{\"a\x00\":1}", "JSON 格式有误，在第4个字节处。"},
		{"bytes of nothing", "{\"a\":\"\xff\xfe\xff\"}", "内容的编码看不懂，应为 UTF-8 或 GB18030。"},
		{"two contents", `{"工单编号":"1","content":"x","问题描述":"y"}`, "“诉求内容”用两个字段名写了不同的内容。"},
	} {
		t.Run(x.name, func(t *testing.T) {
			_, _, err := ReadPush([]byte(x.body))
			var bad *JSONError
			require.ErrorAs(t, err, &bad)
			require.Equal(t, x.says, bad.Words)
		})
	}
}

func TestAPushKeepsItsDigitsAndItsRawBytes(t *testing.T) {
	o, raw, err := ReadPush([]byte(`{"HotLineWorkNumber":260302093015001204,"content":"水黄𠮷👨‍👩‍👧","isSecret":1,"attachments":[{"name":"图.jpg","url":"https://a/b.jpg"},"二.png"]}`))
	require.NoError(t, err)
	require.Nil(t, raw)
	require.Equal(t, "260302093015001204", o.No, "a JSON number keeps every digit")
	require.Equal(t, "水黄𠮷👨‍👩‍👧", o.Content)
	require.True(t, o.Confidential)
	require.Equal(t, []Attachment{{Name: "图.jpg", URL: "https://a/b.jpg"}, {Name: "二.png"}}, o.Attachments)

	gbk := "{\"HotLineWorkNumber\":\"260302093015001204\",\"content\":\"\xcb\xae\xb7\xa2\xbb\xc6\"}"
	o, raw, err = ReadPush([]byte(gbk))
	require.NoError(t, err)
	require.Equal(t, "水发黄", o.Content)
	require.Equal(t, []byte(gbk), raw)

	dirty := `{"HotLineWorkNumber":"260302093015001204","content":"水\u0000黄\u202e"}`
	o, raw, err = ReadPush([]byte(dirty))
	require.NoError(t, err)
	require.Equal(t, "水\uFFFD黄", o.Content)
	require.Equal(t, []byte(dirty), raw)
}

func TestT06ASealIsForOneBodyOneNonceOneMoment(t *testing.T) {
	const secret = "secret-of-the-city-1"
	now := time.Unix(1772415000, 0)
	body := []byte(`{"a":1}`)
	sealed := func(at int64, nonce string, body []byte) Seal {
		ts := fmt.Sprint(at)
		return Seal{ts, nonce, Sign(secret, ts, nonce, body)}
	}
	for _, x := range []struct {
		name string
		seal Seal
		want error
	}{
		{"right", sealed(now.Unix(), "nonce-0001", body), nil},
		{"300 s old", sealed(now.Unix()-300, "nonce-0001", body), nil},
		{"300 s ahead", sealed(now.Unix()+300, "nonce-0001", body), nil},
		{"301 s old", sealed(now.Unix()-301, "nonce-0001", body), ErrTimestamp},
		{"301 s ahead", sealed(now.Unix()+301, "nonce-0001", body), ErrTimestamp},
		{"no time", Seal{"soon", "nonce-0001", "00"}, ErrTimestamp},
		{"milliseconds", sealed(now.UnixMilli(), "nonce-0001", body), ErrTimestamp},
		{"another body", sealed(now.Unix(), "nonce-0001", []byte(`{"a":2}`)), ErrSignature},
		{"no hexadecimal", Seal{fmt.Sprint(now.Unix()), "nonce-0001", "Bearer"}, ErrSignature},
		{"cut short", Seal{fmt.Sprint(now.Unix()), "nonce-0001", Sign(secret, fmt.Sprint(now.Unix()), "nonce-0001", body)[:32]}, ErrSignature},
		{"a nonce with a dot", sealed(now.Unix(), "nonce.0001", body), ErrNonce},
		{"a short nonce", sealed(now.Unix(), "n", body), ErrNonce},
		{"no nonce", sealed(now.Unix(), "", body), ErrUnsigned},
		{"nothing", Seal{}, ErrUnsigned},
	} {
		require.ErrorIs(t, x.seal.Verify(secret, body, now), x.want, x.name)
	}
	require.ErrorIs(t, sealed(now.Unix(), "nonce-0001", body).Verify("", body, now), ErrUnsigned, "no key opens to nobody")
	require.ErrorIs(t, sealed(now.Unix(), "nonce-0001", body).Verify("another-secret-12", body, now), ErrSignature)
}

func FuzzSeal(f *testing.F) {
	f.Add("1772415000", "nonce-0001", "00", []byte("{}"))
	f.Add("", "", "", []byte(nil))
	f.Add("1772415000", "nonce-0001", Sign("secret", "1772415000", "nonce-0001", []byte("{}")), []byte("{} "))
	f.Fuzz(func(t *testing.T, ts, nonce, signature string, body []byte) {
		now := time.Unix(1772415000, 0)
		if (Seal{ts, nonce, signature}).Verify("secret", body, now) == nil && !strings.EqualFold(signature, Sign("secret", ts, nonce, body)) {
			t.Errorf("%q %q %q opens %q", ts, nonce, signature, body)
		}
	})
}

func FuzzReadPush(f *testing.F) {
	f.Add([]byte(`{"HotLineWorkNumber":"260302093015001204","content":"水发黄","endDate":"2026-03-09"}`))
	f.Add([]byte("{\"content\":\"\xcb\xae\",\"工单编号\":1e9}"))
	f.Add([]byte(`{"a":{"b":[null,true,{"url":"x"}]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		o, _, err := ReadPush(body)
		if err != nil {
			return
		}
		if o.No == "" || strings.ContainsRune(o.Content, 0) || len([]rune(o.Content)) > mostText {
			t.Errorf("%q is read as %+v", body, o)
		}
		if changes := o.Differs(o); len(changes) > 0 {
			t.Errorf("%q differs from itself: %v", body, changes)
		}
	})
}

func FuzzRow(f *testing.F) {
	f.Add("12345工单编号（必填）", "260302093015001204", true, "承诺完成时间", "46083.5")
	f.Add("办件编号", "2.6E+17", true, "内容", "=1+1")
	f.Add("是否保密", "也许", false, "MessageType", "9")
	f.Fuzz(func(t *testing.T, name, text string, number bool, other, value string) {
		o, flaws := Read([]Value{{Name: name, Text: text, Number: number}, {Name: other, Text: value}})
		if fatal(flaws) == "" && (o.No == "" || o.Mail == Handle && o.Content == "") {
			t.Errorf("%q %q %q %q is taken without a number or content", name, text, other, value)
		}
		for _, s := range []string{o.No, o.Content, o.ContactName, o.Address} {
			if strings.ContainsAny(s, "\x00\u202e") {
				t.Errorf("%q is not clean", s)
			}
		}
	})
}
