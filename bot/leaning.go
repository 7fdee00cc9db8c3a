package bot

import (
	"context"
	"regexp"
	"unicode/utf8"

	"quandesk/tickets"
)

// longestQuestion is how much of a question is kept for those that lean on it.
const longestQuestion = 120

var (
	// ofOwn names a subject, or wants something else than an answer.
	ofOwn = regexp.MustCompile(`(?i)水(?:[^费平准]|$)|表|管(?:[^饭用]|$)|漏|停|井|阀|栓|泵|过户|更名|销|发票|报装|开户|缴|交费|欠|违约|投诉|举报|回访|营业|电话|热线|工单|户号|人工|真人|燃气|煤气|暖气|天气|路|坑|投诉|报修|登记|办理?|谢|再见|拜|你好|您好|[a-z]{3}`)
	// pressing asks on without a subject of its own: 「一次多少？」, 「给个区间」.
	pressing = regexp.MustCompile(`多少|贵|便宜|几[块百千万毛]|[0-9一二两三四五六七八九十百千][^，,。]{0,3}(?:块|百|千|万|元|毛)|(?:给|说|报|透)个?[^，,。]{0,4}(?:数|区间|范围|价|底)|大概|大约|约莫|差不多|估|随便(?:说|猜)|猜|够不够|值不值|上下|左右|以上|以内`)
	// begging wants a guess, whatever its subject: 「两寸表的，估个数总行吧」.
	begging = regexp.MustCompile(`(?:估|猜|报|透|给)个?(?:大概|大约|大致)?的?(?:数|价|底|范围|区间)|随便(?:说|估|猜|报)(?:一?个|一下)?|(?:说|讲)个大概`)
)

// leans reports whether the turn presses on with the question before it. It is
// then read as one with that: what it asks for is what that one asked for.
func (s *scene) leans(ctx context.Context) bool {
	const short = 30
	before := s.memory.Question
	if before == "" || s.means.Urgent || s.means.Slots != (Slots{}) || utf8.RuneCountInString(s.text) > short ||
		(ofOwn.MatchString(s.text) || !pressing.MatchString(s.text)) && !begging.MatchString(s.text) {
		return false
	}
	both := before + "，" + s.text
	means, err := s.understander.Understand(ctx, both, nil)
	if err != nil {
		return false
	}
	means.Intents, means.Kind, means.Asks = []Intent{Ask}, tickets.Inquiry, 1
	s.means, s.text = means, both
	return true
}
