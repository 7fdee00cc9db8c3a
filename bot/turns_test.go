package bot_test

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"quandesk/bot/claims"
	"quandesk/bot/eval"
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

func TestWhatIsBrokenIsNotGuessedFromHowManyComeAlong(t *testing.T) {
	d, _ := told(t, "想预约供水开放日", "我们去五个大人三个孩子", "13605319982")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, "open_day", d.Tickets[0].Application)
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

func TestOneOfTwoMattersIsTakenBack(t *testing.T) {
	d, _ := told(t, "两件事要投诉，一个是我家水压低，一个是抄表员骂人", "抄表员那事算了，他来道过歉了", "美里花园34号楼3单元501", "13964058817")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, tickets.Pressure, d.Tickets[0].Category)
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

func TestWhoIsRudeIsComplainedOfApartFromTheLeak(t *testing.T) {
	d, said := told(t, "花园路和洪楼南路口路面往外冒水", "13605319982", "另外我要投诉你们热线那个男的，报漏水他挂我电话", "就用刚才那个电话联系我")
	require.Len(t, d.Tickets, 2)
	require.Equal(t, tickets.Service, d.Tickets[1].Category)
	require.Contains(t, said, "136****9982")
	d, _ = told(t, "窗口的大姐把我材料弄丢了，投诉她", "就是洪楼营业厅", "13605319982")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, "洪楼营业厅", d.Tickets[0].Address.Text)
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

func TestWhatSevenTonsWereReckonedIsNoWithdrawal(t *testing.T) {
	d, _ := told(t, "水费账单不对", "一个人住，给我算了五十二吨，要投诉", "燕翅山路5号楼2单元301", "13605319982")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, tickets.Billing, d.Tickets[0].Category)
}

func TestInterruptingIsNoViolence(t *testing.T) {
	_, said := told(t, "打断一下，电子发票在哪里领")
	require.Contains(t, said, "电子发票")
	_, said = told(t, "怎么找人打断他的腿")
	require.NotContains(t, said, "登记")
}

func TestAnInvoiceThatWasExplainedIsRegistered(t *testing.T) {
	d, _ := told(t, "交了水费，电子发票上哪领", "太麻烦，你帮我申请一张", "13605319982")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, "invoice", d.Tickets[0].Application)
}

func TestGasIsNoneOfOursButNobodyIsSentAwayFromIt(t *testing.T) {
	_, said := told(t, "燃气灶有股煤气味，你们管吗")
	require.Contains(t, said, "开窗通风")
	require.NotContains(t, said, "登记")
	_, said = told(t, "你们挖沟碰破了燃气管，嘶嘶响，一股煤气味，华能路9号门口")
	require.Contains(t, said, "别用明火")
	require.NotContains(t, said, "积水")
}

func TestWhoDrankIsToldToStopWhateverItSmellsOf(t *testing.T) {
	_, said := told(t, "自来水有股煤气味，孩子喝了吐了，燕翅山路5号楼")
	require.Contains(t, said, "停止饮用")
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

func TestAPipeCutByAWorksIsALeakAndNoOutage(t *testing.T) {
	d, answer := told(t, "工地挖断水管 现在哗哗流", "经十路舜耕路口")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, tickets.Leak, d.Tickets[0].Category)
	require.Contains(t, answer, "30分钟内")
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

func TestATankThatRunsOverStaysAMatterOfTheTank(t *testing.T) {
	d, _ := told(t, "俺楼顶上那个供水的水箱冒水了", "就是往外漏呗 哗哗的", "七贤新区四号楼楼顶", "13791063582")
	require.Equal(t, tickets.SecondarySupply, d.Tickets[0].Category)
}

func TestOtherBusinessIsTakenUpInPlaceOfTheOneTakenBack(t *testing.T) {
	d, _ := told(t, "我想销户，不开店了", "唉，对象说接着干，那还是别销了，改成过户到她名下吧", "店在北小辛庄西街20号，她叫滕秀梅，电话13706402158")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, "transfer", d.Tickets[0].Application)
}

func TestWhoWouldRatherHaveItMendedGetsARepair(t *testing.T) {
	d, _ := told(t, "我要投诉，水表井往外冒水", "算了不投诉，给我报个修就中", "西蒋峪小区11号楼东头", "13210557861")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, tickets.Repair, d.Tickets[0].Kind)
	require.Equal(t, tickets.Leak, d.Tickets[0].Category)
}

func TestOtherBusinessTakesThePlaceOfTheOneNamedByMistake(t *testing.T) {
	d, _ := told(t, "水表想过户", "等下，房子要拆，是要销户不是过户", "槐荫区道德南街22号，18769710645")
	require.Len(t, d.Tickets, 1)
	require.Equal(t, "close_account", d.Tickets[0].Application)
}

func TestBusinessBesidesTheComplaintKeepsWhereAndWho(t *testing.T) {
	d, _ := told(t, "多收我水费，我要投诉", "建大花园12号楼2单元401，15275316048", "另外再给我申请验一下水表，地址电话都一样")
	require.Len(t, d.Tickets, 2)
	require.Equal(t, "meter_check", d.Tickets[1].Application)
	require.Equal(t, "建大花园12号楼2单元401", d.Tickets[1].Address.Text)
	require.Equal(t, "15275316048", d.Tickets[1].ContactPhone)
}
