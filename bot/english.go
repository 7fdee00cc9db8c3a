package bot

import (
	"regexp"
	"strings"
)

// english are the words for days and hours, and what they are in Chinese, in the
// order in which they are looked for.
var english = []struct {
	words *regexp.Regexp
	says  string
}{
	{regexp.MustCompile(`(?i)\bthe day after tomorrow\b`), "后天"},
	{regexp.MustCompile(`(?i)\btomorrow\b`), "明天"},
	{regexp.MustCompile(`(?i)\btoday\b`), "今天"},
	{regexp.MustCompile(`(?i)\btonight\b`), "今晚"},
	{regexp.MustCompile(`(?i)\bthis (morning|afternoon|evening)\b`), "今天${1}"},
	{regexp.MustCompile(`(?i)\b(?:at )?noon\b`), "中午12点"},
	{regexp.MustCompile(`(?i)\b([0-9]{1,2}):([0-9]{2}) ?a\.?m\b\.?`), "上午${1}点${2}分"},
	{regexp.MustCompile(`(?i)\b([0-9]{1,2}):([0-9]{2}) ?p\.?m\b\.?`), "下午${1}点${2}分"},
	{regexp.MustCompile(`(?i)\b12 ?p\.?m\b\.?`), "中午12点"},
	{regexp.MustCompile(`(?i)\b([0-9]{1,2}) ?a\.?m\b\.?`), "上午${1}点"},
	{regexp.MustCompile(`(?i)\b([0-9]{1,2}) ?p\.?m\b\.?`), "下午${1}点"},
	{regexp.MustCompile(`(?i)\b([0-9]{1,2}) ?o'?clock\b`), "${1}点"},
	{regexp.MustCompile(`(?i)\bat ([0-9]{1,2})(?:[,.!]|$| (?:in|on|tomorrow|today))`), "${1}点"},
	{regexp.MustCompile(`(?i)\bhalf past ([0-9]{1,2})\b`), "${1}点半"},
	{regexp.MustCompile(`(?i)\bmorning\b`), "上午"},
	{regexp.MustCompile(`(?i)\bafternoon\b`), "下午"},
	{regexp.MustCompile(`(?i)\bevening\b`), "晚上"},
	{regexp.MustCompile(`(?i)\bnext (mon|tues|wednes|thurs|fri|satur|sun)day\b`), "下周${1}"},
	{regexp.MustCompile(`(?i)\b(?:this |on )?(mon|tues|wednes|thurs|fri|satur|sun)day\b`), "周${1}"},
	{regexp.MustCompile(`周(?i:mon)`), "周一"}, {regexp.MustCompile(`周(?i:tues)`), "周二"}, {regexp.MustCompile(`周(?i:wednes)`), "周三"},
	{regexp.MustCompile(`周(?i:thurs)`), "周四"}, {regexp.MustCompile(`周(?i:fri)`), "周五"}, {regexp.MustCompile(`周(?i:satur)`), "周六"},
	{regexp.MustCompile(`周(?i:sun)`), "周日"},
	{regexp.MustCompile(`(?i)\b(?:right now|asap|immediately)\b`), "现在"},
}

// hoursInChinese says days and hours that are told in English in Chinese, and leaves
// the rest as it is.
func hoursInChinese(text string) string {
	if !strings.ContainsAny(text, "abcdnmpABCDNMP") { // one of them is in every one of those words
		return text
	}
	for _, e := range english {
		text = e.words.ReplaceAllString(text, e.says)
	}
	return text
}
