package eval

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"quandesk/tickets"
)

func TestWordsMeanAMoment(t *testing.T) {
	friday := time.Date(2026, 11, 20, 10, 0, 0, 0, tickets.Beijing)
	for _, c := range []struct {
		words, at string // of November
		holds     bool
	}{
		{"后天下午四点", "22 16:00", true}, {"后天下午四点", "21 09:00", false}, {"后天下午四点", "22 09:00", false}, {"后天下午四点", "21 16:00", false},
		{"大后天下午两点", "23 14:00", true}, {"大后天下午两点", "22 14:00", false},
		{"今晚八点半", "20 20:30", true}, {"今晚八点半", "20 08:30", false}, {"明早8点一刻", "21 08:15", true},
		{"周五下午两点半", "20 14:30", true}, {"周五下午两点半", "27 14:30", true}, {"周五下午两点半", "21 14:30", false},
		{"周五九点", "27 09:00", true}, {"周日上午", "22 09:00", true}, {"星期天上午", "22 09:00", true}, {"下周日上午", "29 09:00", true}, {"下周日上午", "22 09:00", false},
		{"下周一上午", "23 08:30", true}, {"下周一上午", "23 14:00", false}, {"礼拜三", "25 15:00", true},
		{"十一月三十号上午", "30 09:00", true}, {"30号上午", "30 09:00", true}, {"11月30日16:00", "30 16:00", true}, {"11月30日16：00", "29 16:00", false},
		{"明天上午九点半以后", "21 09:30", true}, {"明天上午九点半以后", "21 11:00", true}, {"明天上午九点半以后", "21 09:00", false}, {"明天上午九点半以后", "21 15:00", false},
		{"晚上七点以后", "20 21:00", true}, {"晚上七点以后", "20 18:00", false}, {"明天下午五点前", "21 16:00", true}, {"明天下午五点前", "21 18:00", false},
		{"明天上午十点左右", "21 10:20", true}, {"明天上午十点左右", "21 11:00", false},
		{"后天下午三点到四点之间", "22 15:30", true}, {"后天下午三点到四点之间", "22 16:30", false}, {"明天9点-10点", "21 09:30", true}, {"明天9点-10点", "21 11:00", false},
		{"中午十二点半", "20 12:30", true}, {"中午一点", "20 13:00", true}, {"中午一点", "20 01:00", false},
		{"三点", "20 15:00", true}, {"三点", "20 03:00", true}, {"三点", "20 16:00", false},
		{"两个小时以后", "20 12:00", true}, {"两个小时以后", "20 13:00", false}, {"半小时后", "20 10:30", true}, {"三天后下午三点", "23 15:00", true}, {"三天后下午三点", "22 15:00", false},
		// No day, or no moment, is not compared.
		{"同一天下午四点", "23 16:00", true}, {"同一天下午四点", "23 15:00", false}, {"有空的时候", "22 03:00", true}, {"晚点", "20 10:30", true}, {"昨天夜里", "20 10:30", true}, {"", "20 10:30", true},
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", "2026-11-"+c.at, tickets.Beijing)
		require.NoError(t, err)
		require.Equal(t, c.holds, readWhen(c.words, friday).holds(at), "%s at %s: %v", c.words, c.at, readWhen(c.words, friday))
	}
}
