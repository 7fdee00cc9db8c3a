package bot_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/bot"
	"quandesk/bot/claims"
	"quandesk/channels"
	"quandesk/tickets"
)

// talk is a conversation in which calls find no place but at certain times.
type talk struct {
	t      *testing.T
	bot    bot.Answerer
	memory json.RawMessage
	refuse func(phone string, at time.Time) error
}

func (c *talk) says(text string) bot.Reply {
	c.t.Helper()
	turn := bot.Turn{
		Now: friday, Memory: c.memory, Messages: []channels.Message{{Text: text, Kind: channels.Text, CreatedAt: friday}},
		CanCall: func(_ context.Context, _, _, phone string, at time.Time) error { return c.refuse(phone, at) },
	}
	r, err := c.bot.Answer(c.t.Context(), turn)
	require.NoError(c.t, err)
	c.memory = r.Memory
	return r
}

func TestAFullTimeIsAnsweredWithTheNearestFreeOne(t *testing.T) {
	tomorrow := func(hour, minute int) time.Time {
		y, m, d := friday.In(tickets.Beijing).Date()
		return time.Date(y, m, d+1, hour, minute, 0, 0, tickets.Beijing)
	}
	full := func(_ string, at time.Time) error {
		switch {
		case at.Equal(tomorrow(10, 0)):
			return &tickets.SlotError{Free: []time.Time{tomorrow(10, 30), tomorrow(9, 30)}}
		case at.Equal(tomorrow(20, 0)):
			return &tickets.SlotError{Closed: true, Free: []time.Time{tomorrow(17, 0)}}
		case at.Equal(tomorrow(11, 0)):
			return tickets.ErrCalledOften
		}
		return nil
	}
	for name, c := range map[string]struct {
		steps []string
		says  string
		at    time.Time // zero: nothing is booked
	}{
		"it is full":                       {[]string{"明天上午10点给我回电话，13955512345"}, "10:30，可以吗", time.Time{}},
		"yes takes what was offered":       {[]string{"明天上午10点给我回电话，13955512345", "可以"}, "", tomorrow(10, 30)},
		"another time takes that":          {[]string{"明天上午10点给我回电话，13955512345", "那明天下午三点吧"}, "", tomorrow(15, 0)},
		"no asks again":                    {[]string{"明天上午10点给我回电话，13955512345", "不行"}, "什么时间", time.Time{}},
		"no and then a time":               {[]string{"明天上午10点给我回电话，13955512345", "不行", "明天下午四点"}, "", tomorrow(16, 0)},
		"nobody calls at night":            {[]string{"明天晚上8点给我打电话，13955512345"}, "没有人员回电", time.Time{}},
		"T52 the number has had its calls": {[]string{"明天上午11点给我打电话，13955512345"}, "已经约了三次", time.Time{}},
		"given up":                         {[]string{"明天上午10点给我回电话，13955512345", "算了"}, "没有安排回电", time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := shipped()
			require.NoError(t, err)
			// What the guard does not let through is not told.
			c0 := &talk{t: t, bot: &claims.Guard{Next: newBot(t), Articles: l, Log: slog.New(slog.DiscardHandler)}, refuse: full}
			var r bot.Reply
			for _, step := range c.steps {
				r = c0.says(step)
			}
			if c.at.IsZero() {
				require.Nil(t, r.Action)
				require.Contains(t, r.Text, c.says)
				return
			}
			require.NotNil(t, r.Action, r.Text)
			require.Equal(t, bot.BookCallback, r.Action.Type)
			require.True(t, r.Action.At.Equal(c.at), "%s", r.Action.At)
		})
	}
}

func TestACallIsSaidBackInTheWordsOfWhoWantsIt(t *testing.T) {
	_, answer := told(t, "我现在开会，晚点让人给我回个电话", "今天下午四点半", "13605319982")
	require.Contains(t, answer, "下午四点半")
	require.Contains(t, answer, "16:30")
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

func TestACallMovedTwiceIsAtTheTimeSaidLast(t *testing.T) {
	d, said := told(t, "让人今晚七点给我回电话，13605319982", "今晚要接孩子，改后天晚上七点吧", "算了还是明晚八点，定死了")
	require.Len(t, d.Called, 1)
	require.Contains(t, said, "明天晚上八点（11月21日 20:00）")
}

func TestACallMovedToTodaysWeekdayIsNextWeeks(t *testing.T) {
	d, said := told(t, "下周三上午十点给我回电，13605319982", "周三有课，换到周五上午十一点吧") // it is Friday
	require.Len(t, d.Called, 1)
	require.Contains(t, said, "11月27日周五上午十一点（11:00）")
}

func TestADayThatIsPutOffGoesOnTheApplication(t *testing.T) {
	d, said := told(t, "想带学生去供水开放日", "下周二，13605319982", "那天有运动会，换成下周三")
	require.Len(t, d.Tickets, 1)
	require.Contains(t, said, d.Tickets[0].No)
}

func TestACallMovedToTodayIsToday(t *testing.T) {
	for _, words := range []string{"改到今天晚上七点吧，周六没空", "改到今天下午五点，周六我出差"} {
		d, said := told(t, "明天上午十点给我回电话，13605319982", words)
		require.Len(t, d.Called, 1, words)
		require.Contains(t, said, "今天", words)
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

func TestTheSameTimeStands(t *testing.T) {
	d, answer := told(t, "约个回电，后天早上九点半，13405316007", "换个号，打17661204538", "时间不变")
	require.Contains(t, answer, "09:30")
	require.Len(t, d.Tickets, 1)
}

func TestADangerToldInPlaceOfTheCallCancelsIt(t *testing.T) {
	d, answer := told(t, "明天上午十点给我回个电话，13812345678", "电话别打了，家里水管爆了，水都淹到插座了，快来人")
	require.Len(t, d.Tickets, 2)
	require.True(t, d.Tickets[1].Urgent)
	require.Empty(t, d.Called)
	require.Contains(t, answer, "原来约的回电已取消")
	d, _ = told(t, "明天上午十点给我回个电话，13812345678", "家里水管爆了，水都淹到插座了，快来人")
	require.Len(t, d.Called, 1, "who does not mind the call keeps it")
}

func TestACallInPlaceOfTheComplaintIsBooked(t *testing.T) {
	d, _ := told(t, "我要投诉你们装水太慢", "等等，先别登记，明天上午九点给我打个电话吧", "13853167042，姓郑")
	require.Len(t, d.Called, 1)
	require.Len(t, d.Tickets, 1)
	require.Equal(t, tickets.Request, d.Tickets[0].Kind)
}

func TestADayOnWhichSomebodyIsBusyIsNotTheDayOfTheCall(t *testing.T) {
	for _, said := range []string{"改成后天上午九点吧，明天下午有事", "明天下午有事，改成后天上午九点吧"} {
		_, answer := told(t, "明天下午三点给我回个电话，18615178042", said)
		require.Contains(t, answer, "11月22日 09:00", said)
	}
}

func TestACallIsBookedInEnglish(t *testing.T) {
	d, said := told(t, "Please have someone call me back", "tomorrow at 3 pm", "18560023341")
	require.Len(t, d.Tickets, 1, said)
	at := d.Called[d.Tickets[0].No].In(tickets.Beijing)
	require.Equal(t, friday.In(tickets.Beijing).AddDate(0, 0, 1).Format(time.DateOnly)+" 15:00", at.Format("2006-01-02 15:04"))
	require.Equal(t, "18560023341", d.Tickets[0].ContactPhone)
}
