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
