package rules

import (
	"testing"

	"quandesk/bot"
)

func TestSlotsAreFoundInTheWordsOfTheMessage(t *testing.T) {
	u := newRules(t)
	for _, c := range []struct {
		text string
		want bot.Slots
	}{
		{"水发黄，历下区文化东路63号3号楼，电话13812345678", bot.Slots{Address: "历下区文化东路63号3号楼", Road: "文化东路", District: "历下区", Phone: "13812345678"}},
		{"俺家木有水，七里山小区5号楼2单元301", bot.Slots{Address: "七里山小区5号楼2单元301", Community: "七里山小区"}},
		{"经十路与山大路路口井盖没了", bot.Slots{Address: "经十路与山大路路口", Road: "经十路"}},
		{"甸柳新村没水", bot.Slots{Community: "甸柳新村"}},
		{"我的电话是幺三八六四零零幺二三四", bot.Slots{Phone: "幺三八六四零零幺二三四"}},
		{"我手机 138 6400 1234 打我就行", bot.Slots{Phone: "138 6400 1234"}},
		{"桃源人家3号楼1201，13912340000", bot.Slots{Address: "桃源人家3号楼1201", Community: "桃源人家", Phone: "13912340000"}},
		{"我家住在华能路水压低", bot.Slots{Road: "华能路"}},
		{"明天上午10点给我回个电话", bot.Slots{Time: "明天上午10点"}},
		{"我姓王，工单TS-20261123-0007办到哪了", bot.Slots{Name: "王", Ticket: "TS-20261123-0007"}},
		{"户号10023456789水费不对", bot.Slots{}},
		{"我在华能路开小吃店，水表不走了", bot.Slots{Road: "华能路"}},
		{"章丘区相公庄村没水了", bot.Slots{Address: "章丘区相公庄村", District: "章丘区"}},
		{"华能路上的社区医院突然没水", bot.Slots{Address: "华能路上的社区医院", Road: "华能路"}},
		{"学校在华能路9号。三楼的水压低", bot.Slots{Address: "华能路9号", Road: "华能路"}},
		{"不在营业厅，是上门的", bot.Slots{}},
		{"客服叫我安心，三天了没人管", bot.Slots{Time: "三天"}},
		{"二环东路面冒水", bot.Slots{Road: "二环东路"}},
		{"我姓程，叫程立明", bot.Slots{Name: "程立明"}},
		{"老屋跟俺弟打官司法院都判了，水表还给撤停吗", bot.Slots{}},
		{"章丘区明水大街百合家园的3号楼", bot.Slots{Address: "章丘区明水大街百合家园的3号楼", Community: "百合家园", Road: "明水大街", District: "章丘区"}},
	} {
		got, err := u.Understand(t.Context(), c.text, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got.Slots != c.want {
			t.Errorf("%s\n got %+v\nwant %+v", c.text, got.Slots, c.want)
		}
	}
}

func TestTheNumberIsTheOneToCall(t *testing.T) {
	for text, want := range map[string]string{
		"别打前台0531-88801234，直接打我13812345678":      "13812345678",
		"登记的是我爱人的号13812345678，回电请打我的13912345678": "13912345678",
		"不用打我手机，打座机0531-83590000就行":              "0531-83590000",
		"不用打我手机哈打座机0531-83590000":                "0531-83590000",
		"我手机13812345678，别打总机0531-89660000":       "13812345678",
		"别打0531-88801234": "",
	} {
		if got := phoneIn(text); got != want {
			t.Errorf("%s: %q", text, got)
		}
	}
}
