package bot_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"quandesk/tickets"
)

func TestACounterQuestionWithTheAnswerBesideItIsAnAnswer(t *testing.T) {
	d, _ := told(t, "投诉水压太小", "你问我住哪？燕翅山路5号楼", "电话要吗？13605319982")
	require.Len(t, d.Tickets, 1)
	require.Contains(t, d.Tickets[0].Address.Text, "5号楼")
	require.Equal(t, "13605319982", d.Tickets[0].ContactPhone)
}

func TestWhatPressesOnLeansOnTheQuestionBefore(t *testing.T) {
	d, said := told(t, "装一块新水表要多少钱", "那就说贵不贵", "给个大概的数，一千够不够")
	require.Empty(t, d.Tickets)
	require.Zero(t, d.HandedOff, "a person is offered, not forced on anybody")
	require.Contains(t, said, "人工")
	require.Contains(t, said, "换表", "the same question, whatever the words")
}

func TestOthersComplaintsAreNobodysBusiness(t *testing.T) {
	d, said := told(t, "楼下老头是不是上你们那儿投诉我家了？", "把他留的手机号给我", "那他啥时候投诉的，总能说吧")
	require.Empty(t, d.Tickets)
	require.Contains(t, said, "个人信息")
}

func TestThereIsSomethingToTellIsNoComplaintYet(t *testing.T) {
	d, _ := told(t, "我手机13791170528，有两件事，一件件说")
	require.Empty(t, d.Tickets)
	_, err := d.Say(t.Context(), "头一件，天成路68号院2号楼后头的自来水管在漏")
	require.NoError(t, err)
	require.Len(t, d.Tickets, 1)
	require.Equal(t, "13791170528", d.Tickets[0].ContactPhone)
}

func TestWhoWaitsForAPersonIsStillListenedTo(t *testing.T) {
	d, _ := told(t, "主水管爆了，水灌进我店里，配电箱冒火星", "板桥西街62号烟酒店", "13581190473 给我转人工")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, "13581190473", d.Tickets[0].ContactPhone)
}

func TestEnglishIsWelcome(t *testing.T) {
	d, said := told(t, "Hi, do you speak English?")
	require.Zero(t, d.HandedOff)
	require.Contains(t, said, "English")
	_, err := d.Say(t.Context(), "There is no water in my apartment since this morning")
	require.NoError(t, err)
	_, err = d.Say(t.Context(), "Building 6, Yanshan Garden, Jingshi Road")
	require.NoError(t, err)
	_, err = d.Say(t.Context(), "My number is 18560032217")
	require.NoError(t, err)
	require.Len(t, d.Tickets, 1)
	require.Equal(t, tickets.Repair, d.Tickets[0].Kind)
	require.Equal(t, tickets.Outage, d.Tickets[0].Category)
}

func TestAQuestionBesideAReportOrACallIsAnsweredToo(t *testing.T) {
	d, said := told(t, "花园路和洪楼南路口水柱两层楼高，路都淹了！抢修完的渣土你们负责拉走吗？")
	require.Len(t, d.Tickets, 1)
	require.Contains(t, said, "渣土")
	require.Less(t, strings.Index(said, d.Tickets[0].No), strings.Index(said, "渣土"), "a danger is dealt with first")
	d, said = told(t, "买二手房水跟电能一块儿改名吗？明天上午十点给我打电话，13605319982")
	require.Contains(t, said, "同步过户")
	require.Contains(t, said, "明天上午十点（11月21日 10:00）")
	require.Len(t, d.Called, 1)
	_, said = told(t, "明天上午十点给我打个电话", "投诉不满意你们后头咋弄")
	require.Contains(t, said, "升级督办")
	require.Contains(t, said, "打哪个电话")
}

func TestAGuessIsNotBeggedOutOfTheBot(t *testing.T) {
	d, said := told(t, "工地临时水表押金多少？", "两寸表的，估个数总行吧")
	require.Empty(t, d.Tickets)
	require.Contains(t, said, "人工")
	require.NotContains(t, said, "请问是哪里")
	d, _ = told(t, "工地临时水表押金多少？", "那你转个人给我，我问他")
	require.Equal(t, 1, d.HandedOff)
}

func TestWhatIsSaidLaterIsNoMatterYet(t *testing.T) {
	d, _ := told(t, "两件事，第一件，山师东街18号门口水管漏了，第二件一会儿再说", "13605319982")
	require.Len(t, d.Tickets, 1)
}

func TestALeakToldBesideAQuestionIsTakenUp(t *testing.T) {
	d, said := told(t, "巷子口的水管裂了，你们抢修几个小时能修好？")
	require.Contains(t, said, "24小时")
	require.Contains(t, said, "在什么地方")
	_, err := d.Say(t.Context(), "燕翅山路5号楼门前")
	require.NoError(t, err)
	require.Len(t, d.Tickets, 1)
	require.Equal(t, tickets.Leak, d.Tickets[0].Category)

	d, _ = told(t, "水管要是裂了，你们几个小时能修好？", "燕翅山路5号楼门前")
	require.Empty(t, d.Tickets, "what may be is no leak")
}

func TestWhoHasSomethingToSayIsAskedWhat(t *testing.T) {
	d, said := told(t, "我想反映个问题")
	require.Empty(t, d.Tickets)
	require.Contains(t, said, "请")
	require.NotContains(t, said, "销户")
	d, _ = told(t, "我想反映个问题", "你们窗口的人骂我", "解放桥营业厅", "13605319982")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, tickets.Service, d.Tickets[0].Category)
}

func TestYesAndMoreIsYes(t *testing.T) {
	d, _ := told(t, "水压太低，我要投诉", "燕翅山路5号楼", "13605319982", "还有个事，楼前头井盖裂了，也给报上", "对，就是楼前头那个，电话还是这个")
	require.Len(t, d.Tickets, 2)
}

func TestOnlyWhoAsksForAPersonIsHandedOver(t *testing.T) {
	for _, words := range []string{"不是眼下，以前的事", "别啰嗦，照办"} {
		d, _ := told(t, "水箱多久清洗一次", words)
		require.Zero(t, d.HandedOff, words)
	}
	d, _ := told(t, "水箱多久清洗一次", "给我找个能做主的来说")
	require.Equal(t, 1, d.HandedOff)
}

func TestYesThatIsNoneRegistersNothing(t *testing.T) {
	for _, words := range []string{"嗯，不是这个地址", "嗯，等我问问"} {
		d, _ := told(t, "燕翅山路5号楼水压太低，我要投诉，13605319982", "另外水也特别黄，投诉", words)
		require.Len(t, d.Tickets, 1, words)
	}
}

func TestHoweverAPersonIsAskedForHeIsCalled(t *testing.T) {
	for _, words := range []string{"叫值班的来", "叫你们老板来", "找个懂的来跟我说", "我要找你们上级", "换个会说话的来"} {
		d, _ := told(t, words)
		require.Equal(t, 1, d.HandedOff, words)
	}
}

func TestALeakThatIsOverIsNotTakenUp(t *testing.T) {
	for _, words := range []string{"上个月水管爆了，路面恢复归谁管？", "楼道之前漏水了，今天修完了，渣土谁清？"} {
		_, said := told(t, words)
		require.NotContains(t, said, "在什么地方", words)
	}
}

func TestWhoAsksWhetherBadWaterCanBeDrunkIsAnswered(t *testing.T) {
	for _, turns := range [][]string{{"水黄的跟尿一样能喝吗"}, {"水黄的跟尿一样", "泉城路5号", "到底能不能喝你没回答我"}} {
		_, said := told(t, turns...)
		require.Contains(t, said, "停止饮用", turns)
	}
}

func TestATestOfTheMeterHasNoPrice(t *testing.T) {
	_, said := told(t, "水表走得快", "历下区泉城路1号 13911116001", "检定收费吗")
	require.NotContains(t, said, "要收费")
	require.Contains(t, said, "没有写")
}

func TestPraiseIsNoComplaint(t *testing.T) {
	d, answer := told(t, "表扬一下上门修水管的小王师傅 又快又干净")
	require.Empty(t, d.Tickets)
	require.Contains(t, answer, "谢谢您的肯定")
	d, _ = told(t, "给你们抢修师傅点个赞，停水三天了还没来", "历下区甸柳新村三区5号楼", "13812345678")
	require.Len(t, d.Tickets, 1, "praise that is not meant")
}

func TestAnAnswerSaidBackIsNoBusiness(t *testing.T) {
	d, answer := told(t, "水费交了，发票在哪儿弄？", "哦，App里就能弄啊")
	require.Empty(t, d.Tickets)
	require.NotContains(t, answer, "登记")
}

func TestWhoSaysThatTheBotDoesNotKnowComplainsOfNothing(t *testing.T) {
	d, answer := told(t, "章丘区圣井街道寨子村，今天贴条停水，停到几点啊", "你也说不准是吧")
	require.Empty(t, d.Tickets)
	require.Contains(t, answer, "登记", "what can be done is offered again")
	_, err := d.Say(t.Context(), "那你给我回个电话吧，今晚八点，15098801763")
	require.NoError(t, err)
	require.Len(t, d.Called, 1)
}

func TestAPersonToConnectToIsCalledBesidesTheTicket(t *testing.T) {
	d, _ := told(t, "这个月水费比上月多了四百，要投诉", "阳光舜城中十一区3号楼2单元402", "电话15253186612", "行，单子归单子，你再给我接个人，我想当面说")
	require.Equal(t, 1, d.HandedOff)
	require.Len(t, d.Tickets, 1)
}

func TestWhatMayOnlyBeAQuestionIsToldWhatToDoBesides(t *testing.T) {
	d, answer := told(t, "开水瓶底下老结一层白的，到底碍不碍身体呀？")
	require.Contains(t, answer, "人工")
	require.Contains(t, answer, "请问是哪里")
	require.False(t, d.Last.Unknown, "nobody knows yet whether it was one")
	d, answer = told(t, "开水瓶底下老结一层白的，到底碍不碍身体呀？", "历下区文化东路63号3号楼", "13812345678")
	require.Len(t, d.Tickets, 1, "the report goes on")
	require.NotContains(t, answer, "只想问一问")
	_, answer = told(t, "水又黄又浑，投诉，你们到底管不管？")
	require.NotContains(t, answer, "只想问一问", "who complains is not asked whether he does")
}

func TestAQuestionInTheWordsOfAnArticleThatDoesNotAnswerItIsRefused(t *testing.T) {
	for question, answered := range map[string]bool{
		"水压标准是多少":          true,
		"打压标准是多少":          false,
		"停水了有送水车吗":         true,
		"送水车一车能拉几吨":        false,
		"水管里老是咕噜咕噜响，这是为啥呀": false,
	} {
		d, answer := told(t, question)
		require.Equal(t, answered, len(d.Last.Citations) > 0, "%s: %s", question, answer)
		require.Equal(t, !answered, d.Last.Unknown, question)
	}
}

func TestWhoHasSomebodySentForWhatHeAskedAboutGetsACrew(t *testing.T) {
	for _, first := range []string{"水表接头那儿老滴水，咋整呢", "俺想问问 水表那疙瘩滴水 咋整"} {
		d, _ := told(t, first, "俺不会弄，恁叫个人来", "药山北村六号院")
		require.Len(t, d.Tickets, 1, first)
		require.Equal(t, tickets.Leak, d.Tickets[0].Category, first)
		require.Equal(t, tickets.Repair, d.Tickets[0].Kind, first)
		require.Zero(t, d.HandedOff, first)
	}
}

func TestAQuestionAfterWhatIsGivenUpIsAnswered(t *testing.T) {
	_, answer := told(t, "想不起来算了。修直径五百毫米的管子要几小时恢复供水")
	require.Contains(t, answer, "24小时")
	_, answer = told(t, "算了，当我没问")
	require.NotContains(t, answer, "24小时")
}

func TestWhoOnlyAskedIsNotAskedWhereItIsAgain(t *testing.T) {
	for _, next := range []string{"送水车一车能拉几吨", "就是问问", "谢谢"} {
		d, answer := told(t, "开水瓶底下老结一层白的，到底碍不碍身体呀？", next)
		require.NotContains(t, answer, "请问是哪里", next)
		require.Empty(t, d.Tickets, next)
	}
}

func TestWhatMayOnlyBeAQuestionIsAnsweredBesides(t *testing.T) {
	d, answer := told(t, "俺那水费拖了俩月了，会不会多罚钱呀")
	require.Contains(t, answer, "违约金")
	require.NotEmpty(t, d.Last.Citations)
	d, _ = told(t, "俺那水费拖了俩月了，会不会多罚钱呀", "就是问问")
	require.Empty(t, d.Tickets)
}

func TestWhatStandsBesideARequestForAPersonGoesOnTheTicket(t *testing.T) {
	d, answer := told(t, "路边管子爆了，张庄路与腊山路口东边", "我是值班经理13791052267，快转人工")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, "13791052267", d.Tickets[0].ContactPhone)
	require.Empty(t, d.Tickets[0].ContactName, "a manager on duty is no name")
	require.Equal(t, 1, d.HandedOff)
	require.Contains(t, answer, "人工已排上队")
}

func TestWhoDeclinesAPersonGetsNone(t *testing.T) {
	for _, turns := range [][]string{
		{"家用水表几年强制换一次？", "不用转人工，谢谢"},
		{"水价多少", "不用麻烦人工了"},
		{"水价多少", "别找人工了，我自己去营业厅看看"},
	} {
		d, said := told(t, turns...)
		require.Zero(t, d.HandedOff, turns)
		require.Empty(t, d.Tickets, "%v: %s", turns, said)
	}
	d, said := told(t, "水压低，投诉", "不用人工，你登记就行", "燕翅山路5号楼", "13605319982")
	require.Zero(t, d.HandedOff)
	require.Len(t, d.Tickets, 1, said)
	d, said = told(t, "不用转人工，我家水压低")
	require.Zero(t, d.HandedOff)
	require.Contains(t, said, "哪里", "what is told besides is taken up")
	d, _ = told(t, "不要机器人，要人工")
	require.Equal(t, 1, d.HandedOff, "who declines the machine gets a person")
}

func TestWhoCallsAPersonOffIsToldThatTheQueueKnows(t *testing.T) {
	for _, off := range []string{"不用转人工了，我自己再看看", "算了，不用了"} {
		d, said := told(t, "转人工", off)
		require.Equal(t, 1, d.HandedOff)
		require.Contains(t, said, "已在排队", "nobody has left the queue: %s", off)
		require.NotContains(t, said, "您前面要的", "a ticket may have put him there")
	}
}

func TestWhatIsNotBrokenIsNotTheMatter(t *testing.T) {
	d, said := told(t, "这个账单不对,多收了我一百来块水费,要投诉", "没漏水,表也没坏,就是同一笔账扣了两次", "天桥区明湖西路26号", "15853106638")
	require.Len(t, d.Tickets, 1, said)
	require.Equal(t, tickets.Billing, d.Tickets[0].Category)
	d, _ = told(t, "水压低投诉", "没停水，就是小", "燕翅山路5号楼", "13605319982")
	require.Equal(t, tickets.Pressure, d.Tickets[0].Category)
}
