package bot_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"quandesk/channels"
	"quandesk/tickets"
)

func TestEachOfTwoMattersKeepsItsOwnPlace(t *testing.T) {
	d, _ := told(t, "两件事，一是我家水表玻璃裂了，二是小区井盖松了晃荡", "水表在玉函小区6号楼2单元301，井盖在玉函小区东门", "13605319982")
	require.Len(t, d.Tickets, 2)
	require.Equal(t, "玉函小区6号楼2单元301", d.Tickets[0].Address.Text)
	require.Equal(t, "玉函小区东门", d.Tickets[1].Address.Text)
}

func TestADistrictIsNoPlaceAndStaysWithTheOneToldLater(t *testing.T) {
	d, answer := told(t, "报修，门口管子往外淌水", "天桥区")
	require.Empty(t, d.Tickets, answer)
	_, err := d.Say(t.Context(), "制锦市街41号")
	require.NoError(t, err)
	require.Len(t, d.Tickets, 1)
	require.Equal(t, "天桥区制锦市街41号", d.Tickets[0].Address.Text)
}

func TestAPlaceToldAfterTheTicketIsNoSecondMatter(t *testing.T) {
	d, _ := told(t, "急诊楼门口主管爆了，水往大厅里灌！", "药山医院急诊楼，济北开发区", "13605319982")
	require.Len(t, d.Tickets, 1)
	require.Contains(t, d.Tickets[0].Address.Text, "药山医院急诊楼")
	require.Equal(t, "13605319982", d.Tickets[0].ContactPhone)
	d, _ = told(t, "她叫陈立明，天桥区制锦市街的")
	require.Empty(t, d.Tickets, "who lives where is no matter at all")
}

func TestAPositionThatIsPutInWordsIsTheSameMatter(t *testing.T) {
	d := newDesk(t, newBot(t))
	_, err := d.Show(t.Context(), channels.Location, &channels.Place{Lat: 36.65, Lng: 117.05, Label: "济南市历下区泉城路180号"})
	require.NoError(t, err)
	for _, words := range []string{"这里路面塌了个大坑，水往里灌", "药山新村南街路口，怕有车掉进去"} {
		_, err = d.Say(t.Context(), words)
		require.NoError(t, err)
	}
	require.Len(t, d.Tickets, 1)
	require.Contains(t, d.Tickets[0].Address.Text, "药山新村")
}

func TestAnOfficeIsThePlaceOfWhatHappenedThere(t *testing.T) {
	d, _ := told(t, "你们柜台的人骂人，我要投诉", "就在解放桥营业厅，13605319982")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, "解放桥营业厅", d.Tickets[0].Address.Text)
}

func TestWhatIsNextToAPlaceIsAddedToIt(t *testing.T) {
	d, _ := told(t, "地上往外冒水", "大明湖东门公交站牌旁边", "就那个修鞋摊的跟前")
	require.Len(t, d.Tickets, 1)
	require.Contains(t, d.Tickets[0].Address.Text, "大明湖东门")
}

func TestOneRoadOfACrossingIsPutRight(t *testing.T) {
	d, _ := told(t, "井盖没了 在解放路和历山路交叉口", "不是解放路 是解放东路")
	require.Equal(t, "解放东路和历山路交叉口", d.Tickets[0].Address.Text)
}

func TestTheOtherWayReplacesTheWayThatWasTold(t *testing.T) {
	for want, turns := range map[string][]string{
		"经十路与舜耕路口往西两百米":   {"井盖坏了", "经十路与舜耕路口往东两百米", "13812345678", "不对 是往西两百米"},
		"工业南路与凤鸣路口往北五十米":  {"井盖坏了", "工业南路与凤鸣路口往南五十米，不对，往北五十米"},
		"二环东路燕山立交往北一百米左右": {"水管漏水", "二环东路燕山立交往南走五十米", "说错了，应该是往北一百米左右"},
	} {
		d, _ := told(t, turns...)
		require.Len(t, d.Tickets, 1, turns)
		require.Equal(t, want, d.Tickets[0].Address.Text, turns)
	}
}

func TestAPlaceWithoutARoadIsOnTheRoadThatWasTold(t *testing.T) {
	d, _ := told(t, "俺们院儿里那个绿化带底下冒水", "药山西路", "柳云小区", "五号楼西头，挨着自行车棚", "17660283914")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, "药山西路柳云小区五号楼西头，挨着自行车棚", d.Tickets[0].Address.Text)
	d, _ = told(t, "泉城路这边路面湿了", "世茂广场北门，地下好像空了，踩上去发颤")
	require.Len(t, d.Tickets, 1, "the same spot, told more exactly")
	require.Equal(t, "泉城路世茂广场北门", d.Tickets[0].Address.Text)
	require.True(t, d.Tickets[0].Urgent)
	d, _ = told(t, "泉城路水管漏水", "另外历山路的井盖也没了")
	require.Len(t, d.Tickets, 2)
}

func TestTheHallWhereSomebodyWasRudeIsThePlace(t *testing.T) {
	d, _ := told(t, "营业厅的人爱答不理，投诉", "就在大桥路那个厅", "电话13853169417")
	require.Equal(t, "大桥路那个厅", d.Tickets[0].Address.Text)
}

func TestAPlaceAloneOpensNoLeak(t *testing.T) {
	d, answer := told(t, "就这块儿，凤凰路与天辰路路口西南角")
	require.Empty(t, d.Tickets)
	require.NotContains(t, answer, "30分钟")
	d, _ = told(t, "就这块儿，凤凰路与天辰路路口西南角", "自来水井盖缺了个角，骑车子硌一下")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, tickets.Facility, d.Tickets[0].Category)
}

func TestThePlaceOfWhatWasTakenForAQuestionMakesItAReport(t *testing.T) {
	d, _ := told(t, "老师儿，俺家水表那疙瘩淌水来", "吴家堡村东头，卖豆腐那家隔壁")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, tickets.Leak, d.Tickets[0].Category)
	require.Contains(t, d.Tickets[0].Description, "淌水")
	d, _ = told(t, "水费怎么交？", "历下区甸柳新村三区5号楼")
	require.Empty(t, d.Tickets, "a question stays one")
}

func TestAnotherSideReplacesTheEndOfThePlace(t *testing.T) {
	d, _ := told(t, "漏水，七里堡市场东门5号摊位", "说错了，是西门5号摊位")
	require.Equal(t, "七里堡市场西门5号摊位", d.Tickets[0].Address.Text)
	d, _ = told(t, "水压低，投诉", "北园大街石桥村东头2排", "打错了，是西头2排", "13793142086")
	require.Equal(t, "北园大街石桥村西头2排", d.Tickets[0].Address.Text)
	d, _ = told(t, "漏水，七里堡市场东门5号摊位", "说错了，是堤口路88号")
	require.Equal(t, "堤口路88号", d.Tickets[0].Address.Text, "another place is another place")
}

func TestAQuestionForYesOrNoIsNoPlace(t *testing.T) {
	d, answer := told(t, "想给水表更名", "前头那个老板还欠着水费，这能办不")
	require.Contains(t, answer, "欠费")
	require.Contains(t, answer, "请问是哪里")
	require.NotEmpty(t, d.Last.Citations)
}

func TestTheNameOfAHouseToldLaterIsThePlaceOfTheSameMatter(t *testing.T) {
	d, _ := told(t, "写字楼车库墙边有点湿", "水已经漫到配电室门口了，车库里还有人在挪车", "长盛大厦地下车库，外面的供水管爆了")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, "长盛大厦地下车库", d.Tickets[0].Address.Text)
}

func TestWhoseBillItIsRegistersTheInvoiceThatWasExplained(t *testing.T) {
	d, _ := told(t, "我要给公司开上一期水费的电子发票", "户主孔桂兰，住匡山小区7号楼3单元402", "电话是18353106294")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, "invoice", d.Tickets[0].Application)
	d, _ = told(t, "电子发票咋开", "户号是多少怎么查")
	require.Empty(t, d.Tickets, "a question is none")
}

func TestThePlaceOfSomebodyElseIsPutRight(t *testing.T) {
	for _, right := range []string{"哎不对,那是我妈家,出问题的是槐荫区道德北街9号", "不对，那是我妈家，出问题的是槐荫区道德北街9号"} {
		d, said := told(t, "水里有股霉味，我要投诉", "槐荫区营市西街15号", right, "18615577031")
		require.Len(t, d.Tickets, 1, said)
		require.Equal(t, "槐荫区道德北街9号", d.Tickets[0].Address.Text)
	}
}

func TestTheSamePlaceIsNotAskedForAgain(t *testing.T) {
	d, said := told(t, "投诉水费，账单重复扣了两次", "辛祠路24号1号楼202", "13791160845", "另外报修一下，同一个地址，水表表盘碎了")
	require.Len(t, d.Tickets, 2, said)
	require.Equal(t, tickets.Meter, d.Tickets[1].Category)
	require.Equal(t, "辛祠路24号1号楼202", d.Tickets[1].Address.Text)
	require.Equal(t, "13791160845", d.Tickets[1].ContactPhone)
}

func TestWhatIsNotTheHouseStaysOutOfThePlace(t *testing.T) {
	d, _ := told(t, "井盖响得厉害，来修修", "无影山中路73号门口", "电话18754108362", "等等，说岔了，是无影山中路37号门口，73号在街那头")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, "无影山中路37号门口", d.Tickets[0].Address.Text)
}
