package eval

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"quandesk/tickets"
)

// when is what words say of a moment: its day, its time of day, or both. It
// reads them by itself, lest the judge share a mistake of the bot.
type when struct {
	days  []string // any of them, as 2006-01-02; none: not said
	spans [][2]int // any of them, in minutes of the day, both ends included; none: not said
}

var (
	onWeekday = regexp.MustCompile(`(下*)(?:一?个)?(这|本)?个?(?:周|星期|礼拜)([一二三四五六日天])`)
	onDate    = regexp.MustCompile(`(?:([0-9]{1,2})月)?([0-9]{1,2})[号日]`)
	inAWhile  = regexp.MustCompile(`^(半|[0-9]+)(分钟|小时)(?:以|之|过)?后$`)
	onTheHour = regexp.MustCompile(`([0-9]{1,2})(?:点(?:(半)|([13])刻|([0-9]{1,2})分?)?|:([0-9]{2})|(?:到|至|~))`)
	// counted days are no dates: 同一天, 三天后.
	counted  = regexp.MustCompile(`([0-9一二两三四五六七八九十])天`)
	inDays   = regexp.MustCompile(`([0-9]+)昼(?:以|之|过)?后`)
	noMoment = regexp.MustCompile(`昨|前天|前日|上个?(?:周|星期|礼拜)|每|晚[点些]|早[点些]|尽早|下个?月`)
	fromTo   = regexp.MustCompile(`([点半刻分0-9])[-—–～~]+([0-9一二两三四五六七八九十])`)
	between  = regexp.MustCompile(`[到至~]`)
	after    = regexp.MustCompile(`[点半刻分0-9](?:以|之|过)?后`)
	before   = regexp.MustCompile(`[点半刻分0-9](?:以|之)?前(?:[^后]|$)`)

	relative = []struct {
		words *regexp.Regexp
		days  int
	}{
		{regexp.MustCompile(`大后[日儿]`), 3}, {regexp.MustCompile(`后[日儿]`), 2},
		{regexp.MustCompile(`明[日儿早晚晨]`), 1}, {regexp.MustCompile(`今[日儿早晚晨]`), 0},
	}
	parts = []part{
		{regexp.MustCompile(`凌晨`), 0, 6, false}, {regexp.MustCompile(`中午|晌午`), 11, 14, false},
		{regexp.MustCompile(`下午`), 12, 19, true}, {regexp.MustCompile(`傍晚`), 16, 20, true},
		{regexp.MustCompile(`晚|夜`), 17, 24, true}, {regexp.MustCompile(`上午|早|晨`), 5, 12, false},
	}
)

// part is one of the day, in hours.
type part struct {
	words    *regexp.Regexp
	from, to int
	pm       bool // three is at fifteen
}

func (p part) noon() bool { return p.from <= 12 && p.to > 12 && p.to <= 19 }

// readWhen reads words said at now. What names neither a day nor a time of
// day names no moment; it holds at any.
func readWhen(words string, now time.Time) when {
	now = now.In(tickets.Beijing)
	var w when
	if noMoment.MatchString(words) {
		return w
	}
	if m := onWeekday.FindStringSubmatch(words); m != nil {
		w.days = weekdays(now, strings.Count(m[1], "下"), m[2] != "", m[3])
		words = strings.Replace(words, m[0], "，", 1)
	}
	words = facts(fromTo.ReplaceAllString(counted.ReplaceAllString(words, "${1}昼"), "${1}到${2}"))
	if m := inAWhile.FindStringSubmatch(words); m != nil {
		return soon(now, m[1], m[2])
	}
	if len(w.days) == 0 {
		w.days = dates(words, now)
	}
	w.spans = spans(words)
	return w
}

func (w when) holds(at time.Time) bool {
	at = at.In(tickets.Beijing)
	minute := at.Hour()*60 + at.Minute()
	day, hour := len(w.days) == 0, len(w.spans) == 0
	for _, d := range w.days {
		day = day || d == at.Format(time.DateOnly)
	}
	for _, s := range w.spans {
		hour = hour || s[0] <= minute && minute <= s[1]
	}
	return day && hour
}

// weekdays are the days that a day of the week may be: 下周五 is one, and
// 周五 on a Friday is today or in a week.
func weekdays(now time.Time, weeks int, this bool, name string) []string {
	want := strings.Index("一二三四五六日", strings.ReplaceAll(name, "天", "日")) / len("一")
	have := (int(now.Weekday()) + 6) % 7
	days := want - have + 7*weeks
	if weeks == 0 && !this && days < 0 {
		days += 7
	}
	out := []string{now.AddDate(0, 0, days).Format(time.DateOnly)}
	if weeks == 0 && !this && days == 0 {
		out = append(out, now.AddDate(0, 0, 7).Format(time.DateOnly))
	}
	return out
}

// soon is some minutes or hours from now, to five minutes.
func soon(now time.Time, n, unit string) when {
	each := time.Minute
	if unit == "小时" {
		each = time.Hour
	}
	wait := each / 2
	if n != "半" {
		count, _ := strconv.Atoi(n)
		wait = time.Duration(count) * each
	}
	const about = 5
	at := now.Add(wait)
	minute := at.Hour()*60 + at.Minute()
	return when{days: []string{at.Format(time.DateOnly)}, spans: [][2]int{{minute - about, minute + about}}}
}

// dates are the days that words name other than by the week.
func dates(words string, now time.Time) []string {
	for _, r := range relative {
		if r.words.MatchString(words) {
			return []string{now.AddDate(0, 0, r.days).Format(time.DateOnly)}
		}
	}
	if m := inDays.FindStringSubmatch(words); m != nil {
		days, _ := strconv.Atoi(m[1])
		return []string{now.AddDate(0, 0, days).Format(time.DateOnly)}
	}
	m := onDate.FindStringSubmatch(words)
	if m == nil {
		return nil
	}
	month := int(now.Month())
	if m[1] != "" {
		month, _ = strconv.Atoi(m[1])
	}
	day, _ := strconv.Atoi(m[2])
	at := time.Date(now.Year(), time.Month(month), day, 23, 59, 0, 0, tickets.Beijing)
	switch {
	case at.After(now):
	case m[1] == "":
		at = at.AddDate(0, 1, 0)
	default:
		at = at.AddDate(1, 0, 0)
	}
	return []string{at.Format(time.DateOnly)}
}

// spans are the minutes of a day that words allow.
func spans(words string) [][2]int {
	at := -1
	for i, p := range parts {
		if p.words.MatchString(words) {
			at = i
			break
		}
	}
	hours := onTheHour.FindAllStringSubmatch(words, -1)
	switch {
	case len(hours) == 0 && at < 0, len(hours) > 2, len(hours) == 2 && !between.MatchString(words):
		return nil
	case len(hours) == 0:
		return [][2]int{{parts[at].from * 60, parts[at].to * 60}}
	}
	var out [][2]int
	for _, from := range minutes(hours[0], at) {
		to, last := from, 24*60
		if at >= 0 {
			last = max(from, parts[at].to*60)
		}
		const about = 30
		switch {
		case len(hours) == 2:
			for _, to = range minutes(hours[1], at) {
				if to >= from {
					break
				}
			}
		case after.MatchString(words):
			to = last
		case before.MatchString(words):
			from = 0
		case strings.Contains(words, "左右"), strings.Contains(words, "前后"):
			from, to = from-about, to+about
		}
		out = append(out, [2]int{from, to})
	}
	return out
}

// minutes are those of the day that an hour may mean, of a part of it; without
// one (-1) 三点 is at three or at fifteen.
func minutes(m []string, of int) []int {
	hour, _ := strconv.Atoi(m[1])
	minute, _ := strconv.Atoi(m[4] + m[5])
	switch {
	case m[2] != "":
		minute = 30
	case m[3] != "":
		quarters, _ := strconv.Atoi(m[3])
		minute = 15 * quarters
	}
	if of >= 0 && hour < 12 && (parts[of].pm || parts[of].noon() && hour < 6) {
		hour += 12
	}
	if hour > 23 || minute > 59 || hour == 12 && of >= 0 && !parts[of].noon() {
		return nil // 晚上十二点 is of another day
	}
	at := hour*60 + minute
	if of < 0 && hour < 12 && m[5] == "" {
		return []int{at, at + 12*60}
	}
	return []int{at}
}
