package customer_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"quandesk/tickets/customer"
)

func TestTheSpanOfAnAddressIsFound(t *testing.T) {
	for _, x := range []struct{ name, text, want string }{
		{"district, road, number and building before a phone", "水发黄，历下区文化东路63号3号楼，电话13812345678", "历下区文化东路63号3号楼"},
		{"everything from the province down", "地址山东省济南市槐荫区经十路22799号，急", "山东省济南市槐荫区经十路22799号"},
		{"the city without its last word", "济南历城区祝舜路18号没水", "济南历城区祝舜路18号"},
		{"a unit and a room", "我住甸柳新村四区7号楼2单元502，水压低", "甸柳新村四区7号楼2单元502"},
		{"a room with its word", "鲁能领秀城12号楼1单元301室漏水", "鲁能领秀城12号楼1单元301室"},
		{"building, unit and room by dashes", "万科城8-2-1503水表不转", "万科城8-2-1503"},
		{"building and room by dashes", "恒大名都6-1801没水了", "恒大名都6-1801"},
		{"numerals spoken in Chinese", "家在洪楼小区三号楼二单元三零一室", "洪楼小区三号楼二单元三零一室"},
		{"full-width figures", "历山路１２８号院里漏水", "历山路１２８号院"},
		{"a community nobody told us of, before a building", "锦屏雅筑9号楼整栋没水", "锦屏雅筑9号楼"},
		{"a community nobody told us of, by its last word", "在槐荫区梧桐花园门口，水管裂了", "槐荫区梧桐花园门口"},
		{"a road nobody told us of", "麻烦看看柏林路56号水表", "柏林路56号"},
		{"a junction of two roads", "经十路与玉函路交叉口地面冒水", "经十路与玉函路交叉口"},
		{"two roads side by side", "纬二路经四路这里塌了", "纬二路经四路"},
		{"a junction with its corner", "历山路和解放路路口东北角井盖没了", "历山路和解放路路口东北角"},
		{"the side of a road", "花园路路北一直往外冒水", "花园路路北"},
		{"a school on a road", "舜玉路小学门口的井盖坏了", "舜玉路小学门口"},
		{"a landmark with a spot", "全福立交桥下面不对，是洪楼广场旁边", "洪楼广场旁边"},
		{"a well-known landmark", "泉城广场没水了", "泉城广场"},
		{"a metres-off spot", "旅游路加油站往西100米路面冒水", "旅游路加油站往西100米"},
		{"a village with its town", "长清区孝里街道广里村停水两天了", "长清区孝里街道广里村"},
		{"a village with its town in short", "章丘区文祖三德范村没水", "章丘区文祖三德范村"},
		{"a building alone", "就是5号楼东头那个井", "5号楼东头"},
		{"the building after a comma", "雅居乐花园，3号楼2单元", "雅居乐花园，3号楼2单元"},
		{"the district after a space", "历下区 文化西路 44号", "历下区 文化西路 44号"},
		{"the most exact of two places", "刚路过泺源大街，家在名士豪庭2号楼", "名士豪庭2号楼"},
		{"a house in a lane", "县西巷23号水表井满了", "县西巷23号"},
		{"dormitories of a plant", "段店北路机床厂宿舍5号楼", "段店北路机床厂宿舍5号楼"},
	} {
		t.Run(x.name, func(t *testing.T) {
			got, ok := customer.FindAddress(x.text)
			if !ok || got.Text != x.want || x.text[got.Start:got.End] != x.want {
				t.Errorf("FindAddress(%s) = %q, %v; want %q", x.text, got.Text, ok, x.want)
			}
		})
	}
}

func TestWhatPinsNoPlaceDownIsNoAddress(t *testing.T) {
	for _, x := range []struct{ name, text string }{
		{"nothing", ""},
		{"a question", "水费怎么交"},
		{"a district alone", "我在历城区"},
		{"a road alone", "经十路停水吗"},
		{"a road and a measure", "工业南路一栋写字楼没水"},
		{"a community alone", "鲁能领秀城停水吗"},
		{"a storey alone", "我住二楼，没水"},
		{"a day of the month", "12号停水吗"},
		{"an amount", "这个月扣了300，用了20吨"},
		{"a phone", "打我13812345678"},
		{"an order number", "单号241123101500123456"},
		{"a horse road", "楼下马路上冒水"},
		{"a sight", "趵突泉的水能喝吗"},
		{"a time", "周三下午3点以后在家"},
	} {
		t.Run(x.name, func(t *testing.T) {
			if got, ok := customer.FindAddress(x.text); ok {
				t.Errorf("FindAddress(%s) = %q, want none", x.text, got.Text)
			}
		})
	}
}

func TestAnAddressIsTakenApart(t *testing.T) {
	for _, x := range []struct {
		text string
		want customer.Address
	}{
		{"历下区文化东路63号3号楼", customer.Address{District: "历下区", Detail: "文化东路63号3号楼"}},
		{"槐荫区经六路济南印象8号楼4单元", customer.Address{District: "槐荫区", Community: "济南印象", Detail: "经六路8号楼4单元"}},
		{"甸柳新村5区十四号楼", customer.Address{District: "历下区", Community: "甸柳新村五区", Detail: "14号楼"}},
		{"长清区孝里街道广里村", customer.Address{District: "长清区", Street: "孝里街道", Community: "广里村"}},
		{"长清区孝里广里村", customer.Address{District: "长清区", Street: "孝里街道", Community: "广里村"}},
		{"柳埠镇突泉村", customer.Address{District: "南山区", Street: "柳埠街道", Community: "突泉村"}},
		{"山东省济南市南部山区仲宫街道办事处", customer.Address{District: "南山区", Street: "仲宫街道"}},
		{"新旧动能转换起步区崔寨街道", customer.Address{District: "起步区", Street: "崔寨街道"}},
		{"金邻公寓2号楼", customer.Address{Community: "金领公寓", Detail: "2号楼"}},
		{"村东头老槐树下", customer.Address{Detail: "村东头老槐树下"}},
		{"", customer.Address{}},
	} {
		t.Run(x.text, func(t *testing.T) {
			x.want.Text = x.text
			if got := customer.ParseAddress(x.text); got != x.want {
				t.Errorf("ParseAddress = %+v, want %+v", got, x.want)
			}
		})
	}
}

func TestEveryDistrictIsRead(t *testing.T) {
	for _, d := range gazetteer(t, "").Districts() {
		if got := customer.ParseAddress(d + "解放东路1号").District; got != d {
			t.Errorf("district of %s解放东路1号 = %q", d, got)
		}
	}
}

func TestSpansLieInsideAnyMessage(t *testing.T) {
	g := gazetteer(t, "")
	words := []string{"历下区", "文化东路", "63号", "3号楼", "，", "的", "电话", "13812345678", "与", "门口", "在", "停水", "经十路", "花园", "村", " ", "二", "三区", "😱", "\xff", "８"}
	rapid.Check(t, func(t *rapid.T) {
		checkSpans(t, g, strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 12).Draw(t, "words"), ""))
	})
}

func FuzzFindAddress(f *testing.F) {
	for _, s := range []string{
		"水发黄，历下区文化东路63号3号楼，电话13812345678", "经十路与玉函路交叉口", "二十三区五期", "110区", "8-2-1503",
		"旅游路加油站往西100米", "的，与的", "\xff历下区\xfe", "阳光100３号楼",
	} {
		f.Add(s)
	}
	g := gazetteer(f, "")
	f.Fuzz(func(t *testing.T, text string) { checkSpans(t, g, text) })
}

// checkSpans holds for every text: parts and spans lie inside it in order and
// cut no character, and normalising twice changes nothing.
func checkSpans(t interface{ Errorf(string, ...any) }, g *customer.Gazetteer, text string) {
	end := 0
	for _, p := range g.Parts(text) {
		if p.Start < end || p.End > len(text) || p.Text == "" || text[p.Start:p.End] != p.Text {
			t.Errorf("part %+v of %q", p, text)
			return
		}
		end = p.End
	}
	found, ok := g.FindAddress(text)
	if ok && (found.Text == "" || text[found.Start:found.End] != found.Text) {
		t.Errorf("found %+v in %q", found, text)
	}
	if utf8.ValidString(text) && !utf8.ValidString(found.Text) {
		t.Errorf("span of %q cuts a character: %q", text, found.Text)
	}
	for _, a := range []customer.Address{found.Address, g.ParseAddress(text)} {
		if again := g.Normalize(a); again != a {
			t.Errorf("normalising twice: %+v, then %+v", a, again)
		}
	}
}

func gazetteer(t testing.TB, path string) *customer.Gazetteer {
	t.Helper()
	g, err := customer.LoadGazetteer(path)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestPlacesAsPeopleNameThem(t *testing.T) {
	for _, x := range []struct{ text, want string }{
		{"银河大厦负一层进水了", "银河大厦负一层"},
		{"全福物流园二号库没水", "全福物流园二号库"},
		{"凤鸣路齐鲁大道路口冒水", "凤鸣路齐鲁大道路口"},
		{"井盖丢了，北大槐树桥西南角", "北大槐树桥西南角"},
		{"赵家庄村委会门口的井", "赵家庄村委会门口"},
		{"济南市妇幼保健院产科停水", "济南市妇幼保健院产科"},
		{"花山峪公租房4号楼水黄", "花山峪公租房4号楼"},
		{"建国小经五路9号院漏水", "建国小经五路9号院"},
		{"恒大翡翠华庭A7地块的水表", "恒大翡翠华庭A7地块"},
		{"早上七点多大明湖小学北门爆管", "大明湖小学北门"},
		{"丁家庄小区南区3号楼", "丁家庄小区南区3号楼"},
		{"二七新村南路15号院", "二七新村南路15号院"},
		{"章丘双山街道第三实验学校食堂水有味", "章丘双山街道第三实验学校食堂"},
		{"2号楼五层以上没水，翠屏街66号", "翠屏街66号"},
		{"water is leaking at Lishan Road No. 18, by the bus stop", "Lishan Road No. 18, by the bus stop"},
		{"I live in Building 6, Lakeside Gardens", "Building 6, Lakeside Gardens"},
	} {
		if got, _ := customer.FindAddress(x.text); got.Text != x.want {
			t.Errorf("FindAddress(%s) = %q, want %q", x.text, got.Text, x.want)
		}
	}
	for _, text := range []string{"几个营业厅周末开门", "喝了水拉肚子送医院了", "预约参观水厂", "给学校建临时食堂", "两口子带个上小学的孩子", "你们来小区开座谈会吗"} {
		if got, ok := customer.FindAddress(text); ok {
			t.Errorf("FindAddress(%s) = %q, want none", text, got.Text)
		}
	}
}
