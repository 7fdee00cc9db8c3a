package bot

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"quandesk/tickets"
)

var (
	clockTime = regexp.MustCompile(`([0-9]{1,2}|[一二两三四五六七八九十]{1,3})点(半|一刻|三刻|([0-9]{1,2}|[一二三四五六七八九十]{1,3})分?)?|([0-9]{1,2})[:：]([0-9]{2})`)
	afterTime = regexp.MustCompile(`([0-9]{1,3}|[一二两三四五六七八九十半]{1,3})个?(半)?(分钟|小时|钟头)(?:以后|之后|后)`)
	weekDay   = regexp.MustCompile(`(下)?个?(?:周|星期|礼拜)([一二三四五六日天末])`)
	monthDay  = regexp.MustCompile(`(?:([0-9]{1,2})月)?([0-9]{1,2})[号日]`)
	dayParts  = []struct {
		words string
		hour  int
	}{
		{"凌晨", 6}, {"早上|早晨|清晨|明早|今早", 8}, {"上午", 9}, {"中午|晌午", 12}, {"下午", 15},
		{"傍晚", 18}, {"晚上|今晚|明晚|晚|夜里|下班", 19},
	}
)

// numbers are phones and the like.
var numbers = regexp.MustCompile(`[0-9][0-9 -]{6,}[0-9]`)

// houseNumber is a number of a house, a building or an account, and no day: 「泉城路1号」.
var houseNumber = regexp.MustCompile(`(?:[路街巷道弄院区园村庄坊苑城][ ]?)[0-9]{1,5}号|[0-9]{1,5}号(?:楼|院|门|线|店|井|泵|站|表|单元|房|宿舍|厂|地块|库|桥)|户号[^0-9]{0,3}[0-9]+`)

// moment reads when a resident wants to be called, as seen at now. A part of
// the day without an hour is the beginning of it. False when no time is said.
func moment(text string, now time.Time) (time.Time, bool) {
	now = now.In(tickets.Beijing)
	text = hoursInChinese(text)
	text = numbers.ReplaceAllString(text, "，") // 「九点139…」 is nine o'clock
	text = strings.NewReplacer("：", ":", "０", "0", "明儿", "明天", "今儿", "今天").Replace(text)
	if m := afterTime.FindStringSubmatch(text); m != nil {
		return now.Add(length(m)).Truncate(time.Minute), true
	}
	text = free(busyNow.ReplaceAllString(text, ""))
	if atOnce.MatchString(text) && (callsNow.MatchString(text) || !clockTime.MatchString(text) && !onDay.MatchString(text)) { // not 「现在抱着孩子，明天十点」
		return now.Truncate(time.Minute), true
	}
	if at := putOff.FindStringIndex(text); at != nil && clockTime.MatchString(text[at[1]:]) {
		day, dated := dayOf(text[at[1]:], now)
		if !dated {
			day, dated = dayOf(text, now)
		}
		return timeOn(text[at[1]:], day, dated, now)
	}
	day, dated := dayOf(text, now)
	return timeOn(text, day, dated, now)
}

var (
	atOnce = regexp.MustCompile(`现在|马上|立刻`)
	// callsNow says of the call that it should be now, whatever comes later.
	callsNow = regexp.MustCompile(`(?:现在|马上|立刻)(?:就|能)?(?:给|打|回|拨|来|联系)`)
	// onDay is a day after today.
	onDay = regexp.MustCompile(`明天|明早|明晚|明日|后天|(?:周|星期|礼拜)[一二三四五六日天末]`)
)

// busyNow says why it cannot be now.
var busyNow = regexp.MustCompile(`(?:我|俺)?(?:现在|这会儿?|马上)(?:正|得|要)?(?:在)?(?:开会|开车|上课|上班|忙|有事|没空|没时间|走不开|腾不出|接不了|不方便|不在|睡|吃饭|出门)`)

// busyThen says why it cannot be at an hour: 「七点我看新闻联播，干脆后天晚上八点」.
var busyThen = regexp.MustCompile(`(?:凌晨|早上|上午|中午|下午|傍晚|晚上)?(?:[0-9]{1,2}|[一二两三四五六七八九十]{1,3})点半?(?:钟)?(?:那会儿|那时候|的话)?(?:我|俺)?(?:又|还|正好|正)?(?:要|得)?(?:在)?(?:看|去|接(?:孩子|外孙|孙子|娃|人)|睡|吃饭|上班|上课|开会|有事|出门|做饭|跳舞|送|带孩子|没空|不行|不方便|不合适|太[早晚]|忙)[^，,。；;！! 点]*[，,。；;！! ]`)

// busyDay says why it cannot be on a day: 「改成后天上午九点吧，明天下午有事」.
var busyDay = regexp.MustCompile(`[，,。；; ]*(?:因为)?(?:我|俺)?(?:今天|明天|后天|(?:下?周|下?星期|下?礼拜)[一二三四五六日天])(?:早上|上午|中午|下午|晚上)?(?:我|俺)?(?:又|还|正好|临时)?(?:要|得)?(?:有事|没空|没时间|开会|开庭|上班|上课|出差|出门|不在家?|走不开|不方便|不行|去不了|接不了)[^，,。；;！!]*`)

// free is a text without an hour at which somebody is busy, when it names another.
func free(text string) string {
	if left := busyDay.ReplaceAllString(text, ""); left != text && clockTime.MatchString(left) {
		text = left
	}
	if left := busyThen.ReplaceAllString(text, ""); clockTime.MatchString(left) {
		return left
	}
	return text
}

// putOff comes before the time that takes the place of another.
var putOff = regexp.MustCompile(`^.*(?:改成|改到|改为|改在|换成|换到|挪到|推到|推迟到|提前到|改|换)`)

// timeOn reads the hour of a text on a day.
func timeOn(text string, day time.Time, dated bool, now time.Time) (time.Time, bool) {
	hour, minute, timed := hourOf(text)
	if !dated && !timed {
		return time.Time{}, false
	}
	if !timed {
		return time.Time{}, false
	}
	at := time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, tickets.Beijing)
	if !at.After(now) && weekDay.MatchString(text) {
		return at.AddDate(0, 0, 7), true // 「周五上午」 said on Friday afternoon
	}
	if !at.After(now) && !dated {
		if later := at.Add(12 * time.Hour); hour < 12 && later.After(now) && later.Hour() < 21 {
			return later, true // 「三点」 said at noon
		}
		at = at.AddDate(0, 0, 1)
	}
	return at, true
}

func length(m []string) time.Duration {
	unit := time.Hour
	if m[3] == "分钟" {
		unit = time.Minute
	}
	if m[1] == "半" {
		return unit / 2
	}
	d := time.Duration(figure(m[1])) * unit
	if m[2] == "半" {
		d += unit / 2
	}
	return d
}

func dayOf(text string, now time.Time) (time.Time, bool) {
	text = hoursInChinese(text)
	for word, days := range map[string]int{"大后天": 3, "后天": 2, "明天": 1, "明早": 1, "明晚": 1, "明日": 1, "今天": 0, "今晚": 0, "今早": 0, "今日": 0} {
		if strings.Contains(text, word) && (word != "后天" || !strings.Contains(text, "大后天")) {
			return now.AddDate(0, 0, days), true
		}
	}
	if m := weekDay.FindStringSubmatch(text); m != nil {
		want := strings.Index("一二三四五六日", m[2]) / len("一")
		if m[2] == "天" {
			want = 6
		}
		if m[2] == "末" {
			want = 5
		}
		have := (int(now.Weekday()) + 6) % 7
		days := want - have
		if m[1] != "" {
			days += 7
		} else if days < 0 {
			days += 7
		}
		return now.AddDate(0, 0, days), true
	}
	if m := monthDay.FindStringSubmatch(houseNumber.ReplaceAllString(text, "，")); m != nil {
		month, day := int(now.Month()), figure(m[2])
		if m[1] != "" {
			month = figure(m[1])
		}
		at := time.Date(now.Year(), time.Month(month), day, 0, 0, 0, 0, tickets.Beijing)
		if at.Before(now.AddDate(0, 0, -1)) {
			at = at.AddDate(0, 1, 0)
		}
		return at, true
	}
	return now, false
}

func hourOf(text string) (hour, minute int, ok bool) {
	m := clockTime.FindStringSubmatch(text)
	if m == nil {
		part := partOf(text)
		return part, 0, part >= 0
	}
	part := partOf(text[:strings.Index(text, m[0])])
	if part < 0 {
		part = partOf(text)
	}
	if m[4] != "" {
		hour, minute = figure(m[4]), figure(m[5])
	} else {
		hour = figure(m[1])
		switch {
		case m[2] == "半":
			minute = 30
		case m[2] == "一刻":
			minute = 15
		case m[2] == "三刻":
			minute = 45
		case m[3] != "":
			minute = figure(m[3])
		}
	}
	if hour < 12 && (part >= 15 || part == 12 && hour < 6) {
		hour += 12
	}
	if hour < 7 && part < 0 {
		hour += 12 // nobody asks to be called at three in the night
	}
	return hour, minute, hour < 24 && minute < 60
}

// partOf is the hour at which the last part of the day that a text names
// begins; -1 when it names none.
func partOf(text string) int {
	part, last := -1, -1
	for _, p := range dayParts {
		for _, w := range strings.Split(p.words, "|") {
			if at := strings.LastIndex(text, w); at > last {
				part, last = p.hour, at
			}
		}
	}
	return part
}

// spokenTime is a time the way the resident said it, with the date and the hour
// of a clock in brackets; as a clock shows it when he said it so.
func spokenTime(said string, at, now time.Time) string {
	said = free(numbers.ReplaceAllString(hoursInChinese(said), "，"))
	m := clockTime.FindStringSubmatch(said)
	if i := putOff.FindStringIndex(said); i != nil && clockTime.MatchString(said[i[1]:]) {
		m = clockTime.FindStringSubmatch(said[i[1]:])
	}
	if m == nil || m[4] != "" {
		return clock(at, now)
	}
	at, now = at.In(tickets.Beijing), now.In(tickets.Beijing)
	part := "晚上"
	switch h := at.Hour(); {
	case h < 6:
		part = "凌晨"
	case h < 12:
		part = "上午"
	case h < 13:
		part = "中午"
	case h < 18:
		part = "下午"
	}
	for days, word := range []string{"今天", "明天", "后天"} {
		if at.Format(time.DateOnly) == now.AddDate(0, 0, days).Format(time.DateOnly) {
			return word + part + m[0] + "（" + at.Format("1月2日 15:04") + "）"
		}
	}
	return at.Format("1月2日") + "周" + strings.Split("日一二三四五六", "")[at.Weekday()] + part + m[0] + "（" + at.Format("15:04") + "）"
}

// figure reads a number below 100 in figures or Chinese numerals.
func figure(s string) int {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	total, last := 0, 0
	for _, r := range s {
		if r == '十' {
			total, last = total+10*max(last, 1), 0
			continue
		}
		if r == '两' {
			r = '二'
		}
		last = strings.Index("零一二三四五六七八九", string(r)) / len("零")
	}
	return total + last
}

// clock writes a time of Beijing the way people say it, as seen at now.
func clock(at, now time.Time) string {
	at, now = at.In(tickets.Beijing), now.In(tickets.Beijing)
	day := at.Format("1月2日 15:04")
	switch {
	case at.Format("20060102") == now.Format("20060102"):
		return "今天" + at.Format("15:04")
	case at.Format("20060102") == now.AddDate(0, 0, 1).Format("20060102"):
		return "明天（" + at.Format("1月2日") + "）" + at.Format("15:04")
	}
	return day
}
