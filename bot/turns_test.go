package bot_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"quandesk/bot/eval"
	"quandesk/tickets"
)

// told says several turns and returns the desk and the last answer.
func told(t *testing.T, turns ...string) (*eval.Desk, string) {
	t.Helper()
	d := newDesk(t, newBot(t))
	answer := ""
	for _, turn := range turns {
		var err error
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
