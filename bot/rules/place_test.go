package rules

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAPlaceBeginsAndEndsWherePeopleMeanIt(t *testing.T) {
	x, err := newReader()
	require.NoError(t, err)
	for text, want := range map[string]string{
		"全福街小刘烧饼铺门前的地砖底下冒水":                                               "全福街小刘烧饼铺门前",
		"我在龙洞路老轴承厂传达室这儿，水管冻裂了":                                            "龙洞路老轴承厂传达室",
		"俺家住田庄村大队部往北第二排 水放不出来":                                            "田庄村大队部往北第二排",
		"在浪潮路与新泺大街交叉口西北角，井盖晃":                                             "浪潮路与新泺大街交叉口西北角",
		"说错了，不是5号楼，是6号楼3单元":                                               "6号楼3单元",
		"喂，12号楼2单元还在滴":                                                    "12号楼2单元",
		"请问新装的水表多久检查一次":                                                   "",
		"翡翠外滩今天停水吗":                                                       "",
		"解放路 中午 停水了":                                                      "",
		"明天中午解放路15号等你们来":                                                  "解放路15号",
		"通报一下，我在洪家楼西路巡查时发现路边管子在滴水":                                        "",
		"晨练路过大明湖东门外边，看见地上往外翻水":                                            "大明湖东门外边",
		"燕子山小区门口那个井盖翘起来了":                                                 "燕子山小区门口",
		"燕子山小区南门的井盖翘起来了":                                                  "燕子山小区南门",
		"甸柳五区11号楼高层没水":                                                    "甸柳五区11号楼",
		"你问我地址干嘛":                                                         "",
		"我在营业厅窗口排了一个小时":                                                   "",
		"济南市天桥区北园大街300号院2号楼有一家没有水了":                                       "济南市天桥区北园大街300号院2号楼",
		"平阴县孝直镇孔村西头的井盖丢了":                                                 "平阴县孝直镇孔村西头",
		"在堤口路松鹤敬老院做饭，厨房的水停了":                                              "堤口路松鹤敬老院",
		"快快快龙奥北路立交桥这个口，水往下灌":                                              "龙奥北路立交桥",
		"我是第五实验小学食堂的，水发绿。学校在榆山路21号":                                       "榆山路21号",
		"表在北坦街剪刀巷小区 电话 18764029115":                                       "北坦街剪刀巷小区",
		"仓库里进水了，仓库在济北开发区仁和路8号，快来":                                         "济北开发区仁和路8号",
		"昨天在纬二路营业厅排了一个钟头":                                                 "纬二路营业厅",
		"堤口路建材城着火，消火栓没水":                                                  "堤口路建材城",
		"A pipe is leaking outside 66 Shungeng Road. Please send someone": "66 Shungeng Road",
		"无影山中路隧道口积水了，墙上的管子在喷":                                             "无影山中路隧道口",
	} {
		require.Equal(t, want, x.place(text).address, text)
	}
}

func TestAPlaceIsPartOfTheTextWhateverTheText(t *testing.T) {
	x, err := newReader()
	require.NoError(t, err)
	for _, text := range []string{"", " ", "\xff路\xfe3号", "3号楼\x00", strings.Repeat("经十路", 300), strings.Repeat("3", 500) + "号楼", "🚰🚰路🚰3号楼🚰", "【经十路】3号"} {
		p := x.place(text)
		require.Contains(t, text, p.address)
		require.Contains(t, text, p.community)
	}
}

func TestTheWorksAreAPlaceByTheirName(t *testing.T) {
	u := newRules(t)
	for text, want := range map[string]string{
		"有人把党家泵站的总阀门割断了，水正往变电所里灌": "党家泵站",
		"你们水厂放的水有股味，投诉":           "",
	} {
		got, _ := u.Understand(t.Context(), text, nil)
		require.Equal(t, want, got.Slots.Address, text)
	}
}
