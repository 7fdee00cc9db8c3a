package bot

import (
	"testing"
	"time"

	"quandesk/tickets"
)

func TestAMomentIsReadTheWayPeopleSayIt(t *testing.T) {
	now := time.Date(2026, 11, 20, 10, 0, 0, 0, tickets.Beijing) // a Friday
	for text, want := range map[string]string{
		"明天上午10点":   "2026-11-21 10:00",
		"明天上午":      "2026-11-21 09:00",
		"下午三点半":     "2026-11-20 15:30",
		"今天下午4点":    "2026-11-20 16:00",
		"晚上8点以后":    "2026-11-20 20:00",
		"三点":        "2026-11-20 15:00",
		"半小时后":      "2026-11-20 10:30",
		"两个小时以后":    "2026-11-20 12:00",
		"一个半小时后":    "2026-11-20 11:30",
		"20分钟后":     "2026-11-20 10:20",
		"后天中午12点一刻": "2026-11-22 12:15",
		"下周一上午九点":   "2026-11-23 09:00",
		"周六下午两点":    "2026-11-21 14:00",
		"周五下午五点":    "2026-11-20 17:00",
		"15:45":     "2026-11-20 15:45",
		"25号上午十点":   "2026-11-25 10:00",
		"12月1日下午2点": "2026-12-01 14:00",
		"明早八点":      "2026-11-21 08:00",
		"明晚七点":      "2026-11-21 19:00",
		"上午9点":      "2026-11-21 09:00", // nine is over today
		"今天早上8点":    "2026-11-20 08:00", // said so: past, and asked about
		"十一点二十":     "2026-11-20 11:20",
		"现在就给我打":    "2026-11-20 10:00",
		"现在在接孩子，明天上午九点吧":                                   "2026-11-21 09:00",
		"马上给我回电话，我明天十点的飞机":                                 "2026-11-20 10:00",
		"现在给我打电话，快一点":                                      "2026-11-20 10:00",
		"tomorrow at 3 pm":                                 "2026-11-21 15:00",
		"Please call me at 9:30 am the day after tomorrow": "2026-11-22 09:30",
		"next Tuesday at 10 a.m.":                          "2026-11-24 10:00",
		"Monday 4pm would be fine":                         "2026-11-23 16:00",
		"tonight at 7":                                     "2026-11-20 19:00",
		"5 o'clock":                                        "2026-11-20 17:00",
		"call me at noon tomorrow":                         "2026-11-21 12:00",
		"I am at 3rd floor":                                "",
		"给我打电话":                                            "",
		"随便什么时候":                                           "",
		"改天吧":                                              "",
	} {
		at, ok := moment(text, now)
		got := ""
		if ok {
			got = at.In(tickets.Beijing).Format("2006-01-02 15:04")
		}
		if got != want {
			t.Errorf("%s is %q, want %q", text, got, want)
		}
	}
}

func FuzzMoment(f *testing.F) {
	now := time.Date(2026, 11, 20, 10, 0, 0, 0, tickets.Beijing)
	for _, s := range []string{"明天上午10点", "99点99分", "十十十点", "2月31日", "周八"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if at, ok := moment(text, now); ok && (at.Before(now.AddDate(-1, 0, 0)) || at.After(now.AddDate(2, 0, 0))) {
			t.Errorf("%q is %v", text, at)
		}
	})
}
