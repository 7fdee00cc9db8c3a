package bot_test

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"quandesk/bot/claims"
	"quandesk/bot/eval"
	"quandesk/channels"
	"quandesk/tickets"
)

// told says several turns and returns the desk and the last answer.
func told(t *testing.T, turns ...string) (*eval.Desk, string) {
	t.Helper()
	l, err := shipped()
	require.NoError(t, err)
	d := newDesk(t, &claims.Guard{Next: newBot(t), Articles: l, Log: slog.New(slog.DiscardHandler), Hit: func(r claims.Rule) {
		t.Errorf("%v: the guard lets an answer not through: %s", turns, r)
	}})
	answer := ""
	for _, turn := range turns {
		answer, err = d.Say(t.Context(), turn)
		require.NoError(t, err)
	}
	return d, answer
}

func TestADangerToldBitByBitIsOneTicket(t *testing.T) {
	d, _ := told(t, "我们车库的总管爆了，水往下灌", "已经没过轮子了", "里头还有个人没出来", "花园路洪楼南街9号院", "15688112093")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, tickets.Leak, d.Tickets[0].Category)
	require.Contains(t, d.Tickets[0].Address.Text, "9号院")
	require.Equal(t, "15688112093", d.Tickets[0].ContactPhone)
}

func TestACounterQuestionWithTheAnswerBesideItIsAnAnswer(t *testing.T) {
	d, _ := told(t, "投诉水压太小", "你问我住哪？燕翅山路5号楼", "电话要吗？13605319982")
	require.Len(t, d.Tickets, 1)
	require.Contains(t, d.Tickets[0].Address.Text, "5号楼")
	require.Equal(t, "13605319982", d.Tickets[0].ContactPhone)
}

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

func TestEachOfTwoMattersKeepsItsOwnPlace(t *testing.T) {
	d, _ := told(t, "两件事，一是我家水表玻璃裂了，二是小区井盖松了晃荡", "水表在玉函小区6号楼2单元301，井盖在玉函小区东门", "13605319982")
	require.Len(t, d.Tickets, 2)
	require.Equal(t, "玉函小区6号楼2单元301", d.Tickets[0].Address.Text)
	require.Equal(t, "玉函小区东门", d.Tickets[1].Address.Text)
}

func TestBusinessThatWasExplainedIsRegisteredOnceANumberIsGiven(t *testing.T) {
	d, _ := told(t, "帮我开张电子发票", "抬头是济南泉灵食品店", "13605319982")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, "invoice", d.Tickets[0].Application)
	require.Equal(t, "13605319982", d.Tickets[0].ContactPhone)
}

func TestADistrictIsNoPlaceAndStaysWithTheOneToldLater(t *testing.T) {
	d, answer := told(t, "报修，门口管子往外淌水", "天桥区")
	require.Empty(t, d.Tickets, answer)
	_, err := d.Say(t.Context(), "制锦市街41号")
	require.NoError(t, err)
	require.Len(t, d.Tickets, 1)
	require.Equal(t, "天桥区制锦市街41号", d.Tickets[0].Address.Text)
}

func TestWhatIsBrokenIsNotGuessedFromHowManyComeAlong(t *testing.T) {
	d, _ := told(t, "想预约供水开放日", "我们去五个大人三个孩子", "13605319982")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, "open_day", d.Tickets[0].Application)
}

func TestATicketSaysBackWhomItIsFor(t *testing.T) {
	_, answer := told(t, "投诉水发黄，玉函小区6号楼，我叫陈立明，13605319982")
	require.Contains(t, answer, "联系人：陈立明")
}

func TestACallIsSaidBackInTheWordsOfWhoWantsIt(t *testing.T) {
	_, answer := told(t, "我现在开会，晚点让人给我回个电话", "今天下午四点半", "13605319982")
	require.Contains(t, answer, "下午四点半")
	require.Contains(t, answer, "16:30")
}

func TestATicketNobodyHasBegunWithIsWithdrawnByItsResident(t *testing.T) {
	matter := []string{"水压太低，我要投诉", "燕翅山路5号楼2单元", "13605319982"}
	d, said := told(t, append(matter, "刚登记的还能撤吗？")...)
	require.Contains(t, said, "撤回")
	require.Equal(t, tickets.New, d.Tickets[0].State, "asking is not withdrawing")
	d, said = told(t, append(matter, "物业修好了，单子撤了吧")...)
	require.Equal(t, tickets.Void, d.Tickets[0].State)
	require.Contains(t, said, d.Tickets[0].No)
	d, _ = told(t, "花园路和洪楼南路口路面往外冒水", "不用了")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, tickets.New, d.Tickets[0].State, "who leaves no number withdraws nothing")
	d, _ = told(t, append(matter, "别的不用了，谢谢")...)
	require.Equal(t, tickets.New, d.Tickets[0].State, "nor who wants nothing else")
	d, _ = told(t, "你们的围挡堵了我店门，投诉，望岳路77号，13969115207", "快把围挡撤了吧")
	require.Equal(t, tickets.New, d.Tickets[0].State, "nor who wants a fence away")
	d, _ = told(t, append(matter, "水压好了，不用来人修了")...)
	require.Equal(t, tickets.Void, d.Tickets[0].State)
	d, said = told(t, append(matter, "算了，跟你们说也白说")...)
	require.Equal(t, tickets.New, d.Tickets[0].State, "a sigh withdraws nothing")
	require.NotContains(t, said, "已按您说的撤回")
}

func TestATicketThatSomebodyHasBegunWithIsNotWithdrawn(t *testing.T) {
	d, _ := told(t, "水压太低，我要投诉", "燕翅山路5号楼2单元", "13605319982")
	staff := tickets.Actor{Kind: tickets.ByStaff, ID: 7}
	require.NoError(t, d.Move(func() ([]tickets.Event, error) {
		return d.Tickets[0].Accept(staff, tickets.Classification{}, d.Now)
	}, d.Tickets[0]))
	said, err := d.Say(t.Context(), "撤了吧，不投诉了")
	require.NoError(t, err)
	require.Equal(t, tickets.Accepted, d.Tickets[0].State)
	require.Contains(t, said, "仍会继续办理")
}

func TestWhichOfTwoTicketsIsWithdrawnIsAsked(t *testing.T) {
	d, said := told(t, "燕翅山路5号楼水压太低，我投诉，电话13605319982", "另外，二环东路花园小区门口井盖坏了，来修一下", "撤了吧")
	require.Len(t, d.Tickets, 2)
	for _, k := range d.Tickets {
		require.Equal(t, tickets.New, k.State)
		require.Contains(t, said, k.No)
	}
	_, err := d.Say(t.Context(), "井盖那个撤了吧")
	require.NoError(t, err)
	require.Equal(t, tickets.New, d.Tickets[0].State)
	require.Equal(t, tickets.Void, d.Tickets[1].State)
}

func TestWhatPressesOnLeansOnTheQuestionBefore(t *testing.T) {
	d, said := told(t, "装一块新水表要多少钱", "那就说贵不贵", "给个大概的数，一千够不够")
	require.Empty(t, d.Tickets)
	require.Zero(t, d.HandedOff, "a person is offered, not forced on anybody")
	require.Contains(t, said, "人工")
	require.Contains(t, said, "换表", "the same question, whatever the words")
}

func TestOneOfTwoMattersIsTakenBack(t *testing.T) {
	d, _ := told(t, "两件事要投诉，一个是我家水压低，一个是抄表员骂人", "抄表员那事算了，他来道过歉了", "美里花园34号楼3单元501", "13964058817")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, tickets.Pressure, d.Tickets[0].Category)
}

func TestACallIsNotCancelledByWhoMindsIt(t *testing.T) {
	d, said := told(t, "明天上午十点给我回个电话，13964058817", "改明天下午四点半", "改好了吧？可别打两遍")
	require.Len(t, d.Called, 1)
	require.Contains(t, said, "16:30")
}

func TestACallGivenUpForACrewIsARepair(t *testing.T) {
	d, _ := told(t, "下午四点给我打个电话吧", "等等，电话别打了，直接派人来修吧，厨房的水管接口漏水", "棋新南里14号楼1单元101", "18866837104")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, tickets.Repair, d.Tickets[0].Kind)
	require.Empty(t, d.Called)
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

func TestBusinessIsAskedForWithPatience(t *testing.T) {
	d, _ := told(t, "买了个二手房，水表户名想改成我的", "户主我叫柴玉珂，13188946250", "原来那家要是还欠着水费能改不？", "能跟房产证一块办不", "中，那先给我登上", "市中区土屋路9号院2号楼702")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, "transfer", d.Tickets[0].Application)
	require.Contains(t, d.Tickets[0].Address.Text, "土屋路9号院")
}

func TestAComplaintMayBecomeBusiness(t *testing.T) {
	d, _ := told(t, "水表跑得飞快，我投诉你们的表", "先别登投诉，我想想", "直接给我申请校表吧", "幸福柳社区14号楼2单元401，13789806641")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, tickets.Application, d.Tickets[0].Kind)
}

func TestANumberAloneOpensNothingAfterALookupThatFoundNothing(t *testing.T) {
	d, _ := told(t, "上个月办的过户不知道成没成", "手机号13964517228", "查不着也没事，不着急")
	require.Empty(t, d.Tickets)
}

func TestWhoWaitsForAPersonIsStillListenedTo(t *testing.T) {
	d, _ := told(t, "主水管爆了，水灌进我店里，配电箱冒火星", "板桥西街62号烟酒店", "13581190473 给我转人工")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, "13581190473", d.Tickets[0].ContactPhone)
}

func TestTheEndOfANumberIsPutRight(t *testing.T) {
	d, _ := told(t, "北园大街288号旁边夜里打路吵人，投诉，15098726613", "6613错了，6631")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, "15098726631", d.Tickets[0].ContactPhone)
	require.NotContains(t, d.Tickets[0].Address.Text, "6631")
}

// settle takes the first ticket to its result, of which reply is told.
func settle(t *testing.T, d *eval.Desk, reply string) {
	t.Helper()
	staff := tickets.Actor{Kind: tickets.ByStaff, ID: 7}
	k := d.Tickets[0]
	for _, move := range []func() ([]tickets.Event, error){
		func() ([]tickets.Event, error) { return k.Accept(staff, tickets.Classification{}, d.Now) },
		func() ([]tickets.Event, error) { return k.Dispatch(staff, tickets.Departments[0], "", d.Now) },
		func() ([]tickets.Event, error) { return k.Sign(staff, d.Now) },
		func() ([]tickets.Event, error) { return k.Start(staff, d.Now) },
		func() ([]tickets.Event, error) {
			return k.Settle(staff, tickets.Settlement{Outcome: tickets.Solved, Measures: "现场处理", Reply: reply, Channel: "phone"}, d.Now)
		},
	} {
		require.NoError(t, d.Move(move, k))
	}
}

func TestAGoodWordForAThingDoneRaisesNoAlarm(t *testing.T) {
	d, _ := told(t, "施工队的沙袋堵了我店门，投诉，望岳路77号，13969115207")
	settle(t, d, "沙袋已经清走，门口恢复原样")
	_, err := d.Say(t.Context(), "让我评价是吧？满意，沙袋都拉走了")
	require.NoError(t, err)
	require.Len(t, d.Tickets, 1)
	require.Zero(t, d.Urgent)
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

func TestAComplaintOfWhatIsBeingRepairedIsEnteredAsOne(t *testing.T) {
	repair := []string{"花园路和洪楼南路口路面往外冒水", "13605319982"}
	d, said := told(t, append(repair, "都漏成这样了，我要投诉")...)
	require.Len(t, d.Tickets, 1, "a second ticket is none")
	require.Equal(t, tickets.Complaint, d.Tickets[0].Kind)
	require.NotNil(t, d.Tickets[0].Running("R01"), "clause 11.2 begins with the words")
	require.NotNil(t, d.Tickets[0].Running("R12"), "and the crew is still on its way")
	require.Contains(t, said, "20分钟")
	d, _ = told(t, append(repair, "我不是要投诉，就想知道几点到")...)
	require.Equal(t, tickets.Repair, d.Tickets[0].Kind)
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

func TestAPlaceToldAfterTheTicketIsNoSecondMatter(t *testing.T) {
	d, _ := told(t, "急诊楼门口主管爆了，水往大厅里灌！", "药山医院急诊楼，济北开发区", "13605319982")
	require.Len(t, d.Tickets, 1)
	require.Contains(t, d.Tickets[0].Address.Text, "药山医院急诊楼")
	require.Equal(t, "13605319982", d.Tickets[0].ContactPhone)
	d, _ = told(t, "她叫陈立明，天桥区制锦市街的")
	require.Empty(t, d.Tickets, "who lives where is no matter at all")
}

func TestWhoIsRudeIsComplainedOfApartFromTheLeak(t *testing.T) {
	d, said := told(t, "花园路和洪楼南路口路面往外冒水", "13605319982", "另外我要投诉你们热线那个男的，报漏水他挂我电话", "就用刚才那个电话联系我")
	require.Len(t, d.Tickets, 2)
	require.Equal(t, tickets.Service, d.Tickets[1].Category)
	require.Contains(t, said, "136****9982")
	d, _ = told(t, "窗口的大姐把我材料弄丢了，投诉她", "就是洪楼营业厅", "13605319982")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, "洪楼营业厅", d.Tickets[0].Address.Text)
}

func TestAGuessIsNotBeggedOutOfTheBot(t *testing.T) {
	d, said := told(t, "工地临时水表押金多少？", "两寸表的，估个数总行吧")
	require.Empty(t, d.Tickets)
	require.Contains(t, said, "人工")
	require.NotContains(t, said, "请问是哪里")
	d, _ = told(t, "工地临时水表押金多少？", "那你转个人给我，我问他")
	require.Equal(t, 1, d.HandedOff)
}

func TestWhoLeavesNoNumberIsTakenAtHisWord(t *testing.T) {
	for _, words := range []string{"电话我不想留，怕骚扰", "就这样登记吧", "号码我背不下来"} {
		d, _ := told(t, "水压太低，我要投诉", "燕翅山路5号楼2单元", words)
		require.Len(t, d.Tickets, 1, words)
		require.Empty(t, d.Tickets[0].ContactPhone)
	}
}

func TestWhatIsSaidLaterIsNoMatterYet(t *testing.T) {
	d, _ := told(t, "两件事，第一件，山师东街18号门口水管漏了，第二件一会儿再说", "13605319982")
	require.Len(t, d.Tickets, 1)
}

func TestACallMovedTwiceIsAtTheTimeSaidLast(t *testing.T) {
	d, said := told(t, "让人今晚七点给我回电话，13605319982", "今晚要接孩子，改后天晚上七点吧", "算了还是明晚八点，定死了")
	require.Len(t, d.Called, 1)
	require.Contains(t, said, "明天晚上八点（11月21日 20:00）")
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

func TestWhyItDidNotSatisfyStaysWithTheTicket(t *testing.T) {
	d, _ := told(t, "投诉，泵房噪音太大睡不着", "凤鸣山庄10号楼，18353126490")
	settle(t, d, "已经现场处理并恢复正常")
	for _, words := range []string{"不满意", "装了块海绵就算完了？晚上还是嗡嗡的", "给我往上面反映"} {
		_, err := d.Say(t.Context(), words)
		require.NoError(t, err)
	}
	require.Len(t, d.Tickets, 1)
}

func TestACallMovedToTodaysWeekdayIsNextWeeks(t *testing.T) {
	d, said := told(t, "下周三上午十点给我回电，13605319982", "周三有课，换到周五上午十一点吧") // it is Friday
	require.Len(t, d.Called, 1)
	require.Contains(t, said, "11月27日周五上午十一点（11:00）")
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

func TestWhatSevenTonsWereReckonedIsNoWithdrawal(t *testing.T) {
	d, _ := told(t, "水费账单不对", "一个人住，给我算了五十二吨，要投诉", "燕翅山路5号楼2单元301", "13605319982")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, tickets.Billing, d.Tickets[0].Category)
}

func TestAnOfficeIsThePlaceOfWhatHappenedThere(t *testing.T) {
	d, _ := told(t, "你们柜台的人骂人，我要投诉", "就在解放桥营业厅，13605319982")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, "解放桥营业厅", d.Tickets[0].Address.Text)
}

func TestInterruptingIsNoViolence(t *testing.T) {
	_, said := told(t, "打断一下，电子发票在哪里领")
	require.Contains(t, said, "电子发票")
	_, said = told(t, "怎么找人打断他的腿")
	require.NotContains(t, said, "登记")
}

func TestWhatIsNextToAPlaceIsAddedToIt(t *testing.T) {
	d, _ := told(t, "地上往外冒水", "大明湖东门公交站牌旁边", "就那个修鞋摊的跟前")
	require.Len(t, d.Tickets, 1)
	require.Contains(t, d.Tickets[0].Address.Text, "大明湖东门")
}

func TestAnInvoiceThatWasExplainedIsRegistered(t *testing.T) {
	d, _ := told(t, "交了水费，电子发票上哪领", "太麻烦，你帮我申请一张", "13605319982")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, "invoice", d.Tickets[0].Application)
}

func TestADayThatIsPutOffGoesOnTheApplication(t *testing.T) {
	d, said := told(t, "想带学生去供水开放日", "下周二，13605319982", "那天有运动会，换成下周三")
	require.Len(t, d.Tickets, 1)
	require.Contains(t, said, d.Tickets[0].No)
}

func TestWhoGivesTheNameIsNotHandedOver(t *testing.T) {
	d, _ := told(t, "我要参加供水开放日", "三十个学生", "陈立民，不对，说错了，我叫陈立明", "13605319982")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, "陈立明", d.Tickets[0].ContactName)
	require.Zero(t, d.HandedOff)
}

func TestGasIsNoneOfOursButNobodyIsSentAwayFromIt(t *testing.T) {
	_, said := told(t, "燃气灶有股煤气味，你们管吗")
	require.Contains(t, said, "开窗通风")
	require.NotContains(t, said, "登记")
	_, said = told(t, "你们挖沟碰破了燃气管，嘶嘶响，一股煤气味，华能路9号门口")
	require.Contains(t, said, "别用明火")
	require.NotContains(t, said, "积水")
}

func TestANumberWithoutItsAreaCodeIsPutRight(t *testing.T) {
	d, _ := told(t, "水压太低，我要投诉", "燕翅山路5号楼2单元", "0531-82714630", "不是82714630，是82714603")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, "0531-82714603", d.Tickets[0].ContactPhone)
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

func TestACallMovedToTodayIsToday(t *testing.T) {
	for _, words := range []string{"改到今天晚上七点吧，周六没空", "改到今天下午五点，周六我出差"} {
		d, said := told(t, "明天上午十点给我回电话，13605319982", words)
		require.Len(t, d.Called, 1, words)
		require.Contains(t, said, "今天", words)
	}
}

func TestHoweverAPersonIsAskedForHeIsCalled(t *testing.T) {
	for _, words := range []string{"叫值班的来", "叫你们老板来", "找个懂的来跟我说", "我要找你们上级", "换个会说话的来"} {
		d, _ := told(t, words)
		require.Equal(t, 1, d.HandedOff, words)
	}
}

func TestWhoDrankIsToldToStopWhateverItSmellsOf(t *testing.T) {
	_, said := told(t, "自来水有股煤气味，孩子喝了吐了，燕翅山路5号楼")
	require.Contains(t, said, "停止饮用")
}

func TestALeakThatIsOverIsNotTakenUp(t *testing.T) {
	for _, words := range []string{"上个月水管爆了，路面恢复归谁管？", "楼道之前漏水了，今天修完了，渣土谁清？"} {
		_, said := told(t, words)
		require.NotContains(t, said, "在什么地方", words)
	}
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

func TestADayForTheCrewIsNoMatterOfItsOwn(t *testing.T) {
	for _, words := range []string{"明天中午燕翅山路5号等你们来", "明天中午我在家等你们来", "后天下午燕翅山路5号有人，你们来吧"} {
		d, _ := told(t, "燕翅山路5号门口水管漏水", "13605319982", words)
		require.Len(t, d.Tickets, 1, words)
	}
}

func TestAHouseNumberIsNoDay(t *testing.T) {
	for _, words := range []string{
		"下午三点给我打电话 13911116001 水费多了 历下区泉城路1号",
		"水费突然多了三百，电话13911116666，地址历下区泉城路182号，下午三点后再打给我",
		"停水了 13911116667 历下区解放路22号 下午三点以后联系我",
	} {
		d, _ := told(t, words)
		require.Len(t, d.Tickets, 1, words)
		require.NotEqual(t, tickets.Other, d.Tickets[0].Category, words)
		require.NotEmpty(t, d.Tickets[0].Address.Text, words)
		require.Equal(t, "2026-11-20 15:00", d.Called[d.Tickets[0].No].Format("2006-01-02 15:04"), words)
	}
}

func TestADayAfterWhereOneIsIsADay(t *testing.T) {
	d, _ := told(t, "我在家里26号下午三点有空，给我回电话13911116001")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, "2026-11-26 15:00", d.Called[d.Tickets[0].No].Format("2006-01-02 15:04"))
}

func TestWhoHasItHardIsNotTrapped(t *testing.T) {
	_, said := told(t, "地下车库进水了，快淹到电箱了，住户老人行动困难")
	require.NotContains(t, said, "被困")
}

func TestWhoDoesNotUrgeIsNotSaidToHaveUrged(t *testing.T) {
	for _, words := range []string{"不催你们 啥时候能来水", "我先不要催，就是想问问几点来水"} {
		_, said := told(t, "小区停水了 历下区千佛山路18号 13911113333", words)
		require.NotContains(t, said, "催办", words)
	}
}

func TestWhoFallsIllLaterIsToldToSeeADoctor(t *testing.T) {
	_, said := told(t, "有人往水箱里倒东西，有股农药味", "高新区万科城小区8号楼", "我孩子喝了开始吐")
	require.Contains(t, said, "就医")
	_, said = told(t, "地下车库进水了 有人困在电梯里")
	require.Contains(t, said, "救援")
}

func TestPoisonInThePipesIsAMatterOfTheWater(t *testing.T) {
	d, said := told(t, "怀疑有人在供水管道里投毒")
	require.Equal(t, tickets.WaterQuality, d.Tickets[0].Category)
	require.Contains(t, said, "停止饮用")
}

func TestWhatOthersKeepGetsNoCrew(t *testing.T) {
	for _, words := range []string{"下水道堵了 粪水都返到厨房了", "下水道堵了，污水往外冒，历山北路北口", "路灯杆倒了 历下区经十路100号 13911118891"} {
		d, said := told(t, words)
		require.Empty(t, d.Tickets, words)
		require.Contains(t, said, "不在供水服务范围", words)
	}
}

func TestOneRoadOfACrossingIsPutRight(t *testing.T) {
	d, _ := told(t, "井盖没了 在解放路和历山路交叉口", "不是解放路 是解放东路")
	require.Equal(t, "解放东路和历山路交叉口", d.Tickets[0].Address.Text)
}

func TestANumberIsPutRightInTheSameBreath(t *testing.T) {
	d, _ := told(t, "水压低，泉城路5号", "电话13256781234 说错了尾号是1235")
	require.Equal(t, "13256781235", d.Tickets[0].ContactPhone)
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

func TestAPipeCutByAWorksIsALeakAndNoOutage(t *testing.T) {
	d, answer := told(t, "工地挖断水管 现在哗哗流", "经十路舜耕路口")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, tickets.Leak, d.Tickets[0].Category)
	require.Contains(t, answer, "30分钟内")
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

func TestWhoseHomeIsFloodedIsToldToShutTheValve(t *testing.T) {
	for words, shut := range map[string]bool{
		"厨房水管爆了淹了一屋":       true,
		"我家卫生间的水管一直漏水":     true,
		"马路上的水管爆了，我家门口都是水": false,
		"楼前水表井漏水":          false,
	} {
		_, answer := told(t, words+"，甸柳新村三区5号楼，13812345678")
		require.Equal(t, shut, strings.Contains(answer, "阀门"), "%s: %s", words, answer)
	}
}

func TestPraiseIsNoComplaint(t *testing.T) {
	d, answer := told(t, "表扬一下上门修水管的小王师傅 又快又干净")
	require.Empty(t, d.Tickets)
	require.Contains(t, answer, "谢谢您的肯定")
	d, _ = told(t, "给你们抢修师傅点个赞，停水三天了还没来", "历下区甸柳新村三区5号楼", "13812345678")
	require.Len(t, d.Tickets, 1, "praise that is not meant")
}

func TestACallThatWasAllThatWasWantedLeavesNoOpenTicketWhenItIsCancelled(t *testing.T) {
	d, answer := told(t, "明天上午十点给我打电话 13812345678", "算了 不用打了")
	require.Contains(t, answer, "已取消")
	require.Contains(t, answer, "一并撤回", "and says so")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, tickets.Void, d.Tickets[0].State)
	d, _ = told(t, "水管漏水，甸柳新村三区5号楼，13812345678", "明天上午十点给我打个电话", "电话不用打了")
	require.Len(t, d.Tickets, 1)
	require.True(t, d.Tickets[0].State.Open(), "the leak is still there")
	d, _ = told(t, "明天上午十点给我打电话 13812345678", "电话别打了，直接派人来修吧，水管漏了，甸柳新村三区5号楼")
	require.Len(t, d.Tickets, 2, "what is wanted instead is a ticket of its own")
	require.Equal(t, tickets.Void, d.Tickets[0].State)
	require.Equal(t, tickets.Leak, d.Tickets[1].Category)
	require.True(t, d.Tickets[1].State.Open())
}

func TestAnHourAtWhichSomebodyIsBusyIsNotTheHourOfTheCall(t *testing.T) {
	for words, want := range map[string]string{
		"七点我看新闻联播，干脆后天晚上八点": "11-22 20:00", "九点我要开会，十点半给我打": "11-21 10:30",
		"下午三点接孩子，改下午五点吧": "11-21 17:00",
	} {
		d, answer := told(t, "明天中午给我打个电话，15098807164", words)
		require.Len(t, d.Called, 1)
		for _, at := range d.Called {
			require.Equal(t, want, at.In(tickets.Beijing).Format("01-02 15:04"), "%s: %s", words, answer)
		}
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

func TestATankThatRunsOverStaysAMatterOfTheTank(t *testing.T) {
	d, _ := told(t, "俺楼顶上那个供水的水箱冒水了", "就是往外漏呗 哗哗的", "七贤新区四号楼楼顶", "13791063582")
	require.Equal(t, tickets.SecondarySupply, d.Tickets[0].Category)
}

func TestOtherBusinessIsTakenUpInPlaceOfTheOneTakenBack(t *testing.T) {
	d, _ := told(t, "我想销户，不开店了", "唉，对象说接着干，那还是别销了，改成过户到她名下吧", "店在北小辛庄西街20号，她叫滕秀梅，电话13706402158")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, "transfer", d.Tickets[0].Application)
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

func TestWhoWouldRatherHaveItMendedGetsARepair(t *testing.T) {
	d, _ := told(t, "我要投诉，水表井往外冒水", "算了不投诉，给我报个修就中", "西蒋峪小区11号楼东头", "13210557861")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, tickets.Repair, d.Tickets[0].Kind)
	require.Equal(t, tickets.Leak, d.Tickets[0].Category)
}

func TestTheSameTelephoneIsNoComplaint(t *testing.T) {
	d, _ := told(t, "公司食堂的水发浑，投诉水质，地址英雄山路129号祥泰广场3号楼，0531-82704163", "另外公司水表户名也要改成新公司名，山东鼎味园食品有限公司", "对，联系电话一样")
	require.Len(t, d.Tickets, 2)
	require.Equal(t, "transfer", d.Tickets[1].Application)
	require.Equal(t, "0531-82704163", d.Tickets[1].ContactPhone)
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
