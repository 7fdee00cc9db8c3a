package bot_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheNameIsTheOneSaidLast(t *testing.T) {
	for _, turns := range [][]string{
		{"我想过户，千佛山路12号院3号楼201，13605319982，我叫程立明", "打错字了，是陈旧的陈，陈立明"},
		{"我想过户，千佛山路12号院3号楼201，13605319982，原来户名王秀兰，改成陈立明"},
		{"我想过户，千佛山路12号院3号楼201，13605319982，姓陈，陈立明"},
	} {
		d, _ := told(t, turns...)
		require.Len(t, d.Tickets, 1, turns)
		require.Equal(t, "陈立明", d.Tickets[0].ContactName, turns)
	}
}

func TestBusinessThatWasExplainedIsRegisteredOnceANumberIsGiven(t *testing.T) {
	d, _ := told(t, "帮我开张电子发票", "抬头是济南泉灵食品店", "13605319982")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, "invoice", d.Tickets[0].Application)
	require.Equal(t, "13605319982", d.Tickets[0].ContactPhone)
}

func TestATicketSaysBackWhomItIsFor(t *testing.T) {
	_, answer := told(t, "投诉水发黄，玉函小区6号楼，我叫陈立明，13605319982")
	require.Contains(t, answer, "联系人：陈立明")
}

func TestANumberAloneOpensNothingAfterALookupThatFoundNothing(t *testing.T) {
	d, _ := told(t, "上个月办的过户不知道成没成", "手机号13964517228", "查不着也没事，不着急")
	require.Empty(t, d.Tickets)
}

func TestTheEndOfANumberIsPutRight(t *testing.T) {
	d, _ := told(t, "北园大街288号旁边夜里打路吵人，投诉，15098726613", "6613错了，6631")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, "15098726631", d.Tickets[0].ContactPhone)
	require.NotContains(t, d.Tickets[0].Address.Text, "6631")
}

func TestWhoLeavesNoNumberIsTakenAtHisWord(t *testing.T) {
	for _, words := range []string{"电话我不想留，怕骚扰", "就这样登记吧", "号码我背不下来"} {
		d, _ := told(t, "水压太低，我要投诉", "燕翅山路5号楼2单元", words)
		require.Len(t, d.Tickets, 1, words)
		require.Empty(t, d.Tickets[0].ContactPhone)
	}
}

func TestWhoGivesTheNameIsNotHandedOver(t *testing.T) {
	d, _ := told(t, "我要参加供水开放日", "三十个学生", "陈立民，不对，说错了，我叫陈立明", "13605319982")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, "陈立明", d.Tickets[0].ContactName)
	require.Zero(t, d.HandedOff)
}

func TestANumberWithoutItsAreaCodeIsPutRight(t *testing.T) {
	d, _ := told(t, "水压太低，我要投诉", "燕翅山路5号楼2单元", "0531-82714630", "不是82714630，是82714603")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, "0531-82714603", d.Tickets[0].ContactPhone)
}

func TestANumberWithDigitsMissingIsAskedForAgain(t *testing.T) {
	for _, before := range [][]string{{"燕翅山路5号楼门前水管裂了往外冒水"}, {"水压太低，我要投诉", "燕翅山路5号楼2单元"}} {
		_, said := told(t, append(before, "电话135123")...)
		require.Contains(t, said, "号码")
		require.NotContains(t, said, "已补充")
		d, _ := told(t, append(before, "电话135123", "13605319982")...)
		require.Len(t, d.Tickets, 1)
		require.Equal(t, "13605319982", d.Tickets[0].ContactPhone)
	}
}

func TestANumberIsPutRightInTheSameBreath(t *testing.T) {
	d, _ := told(t, "水压低，泉城路5号", "电话13256781234 说错了尾号是1235")
	require.Equal(t, "13256781235", d.Tickets[0].ContactPhone)
}

func TestANameAfterThePlaceIsTheName(t *testing.T) {
	d, _ := told(t, "槐荫区经十路22799号 王老板 13312345678 水压低")
	require.Equal(t, "槐荫区经十路22799号", d.Tickets[0].Address.Text)
	require.Equal(t, "王老板", d.Tickets[0].ContactName)
}

func TestANumberThatIsKnownIsNotAskedForAgain(t *testing.T) {
	_, said := told(t, "自来水有农药味，孩子喝了吐了，电话13911116001")
	require.Contains(t, said, "请马上告诉我具体地点，")
	_, said = told(t, "自来水有农药味，孩子喝了吐了")
	require.Contains(t, said, "具体地点和联系电话")
}

func TestANumberWithDigitsMissingIsSaidToBeOneWhateverWasAskedFor(t *testing.T) {
	d, answer := told(t, "水管漏水", "1381234567")
	require.Contains(t, answer, "少了或多了几位")
	require.Contains(t, answer, "什么地方", "and the place is still asked for")
	for _, turn := range []string{"13812345678", "甸柳新村三区5号楼"} {
		_, err := d.Say(t.Context(), turn)
		require.NoError(t, err)
	}
	require.Len(t, d.Tickets, 1)
	require.Equal(t, "13812345678", d.Tickets[0].ContactPhone)
	require.NotContains(t, d.Tickets[0].Description, "1381234567")
}

func TestTheSameTelephoneIsNoComplaint(t *testing.T) {
	d, _ := told(t, "公司食堂的水发浑，投诉水质，地址英雄山路129号祥泰广场3号楼，0531-82704163", "另外公司水表户名也要改成新公司名，山东鼎味园食品有限公司", "对，联系电话一样")
	require.Len(t, d.Tickets, 2)
	require.Equal(t, "transfer", d.Tickets[1].Application)
	require.Equal(t, "0531-82704163", d.Tickets[1].ContactPhone)
}

func TestANumberForBothMattersSaysThatThePlaceIsTheSame(t *testing.T) {
	d, _ := told(t, "我饭馆后门水管漏水，济微路37号", "还有一件，上月水费多收了我一百多，投诉", "电话都写13969058821")
	require.Len(t, d.Tickets, 2)
	require.Equal(t, "济微路37号", d.Tickets[1].Address.Text)
	d, _ = told(t, "我饭馆后门水管漏水，济微路37号，13969058821", "还有一件，上月水费多收了我一百多，投诉", "嗯，是两件，别给我弄成一件")
	require.Len(t, d.Tickets, 2, "yes, and more, is yes")
}

func TestTheNameTheHouseIsToBeInIsTheName(t *testing.T) {
	d, _ := told(t, "我要办水表更名，天桥区凤凰山路5号门头", "户名改成我，单淑兰，13506418873")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, "单淑兰", d.Tickets[0].ContactName)
}

func TestANumberLeftForAllGoesOnEveryTicket(t *testing.T) {
	d, _ := told(t, "报修，花园南路社区医院门口管子漏水", "还有一个地方也漏，在祝舜路市场北门，两回事啊", "都留我电话13589104478")
	require.Len(t, d.Tickets, 2)
	require.Equal(t, "13589104478", d.Tickets[0].ContactPhone)
	require.Equal(t, "13589104478", d.Tickets[1].ContactPhone)
}

func TestANumberWithDigitsMissingIsAskedForAgainAfterAPlaceWasPutRight(t *testing.T) {
	d, answer := told(t, "井盖丢了", "七里堡市场东门5号摊位门口", "说错了，是西门5号摊位门口", "电话1379314208")
	require.Contains(t, answer, "少了或多了几位")
	require.Empty(t, d.Tickets[0].ContactPhone)
}
