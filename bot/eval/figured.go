package eval

import "regexp"

// figure is a number that is stated, in figures or in Chinese numerals: one of
// two places, one with a unit of time, money or size, a count of two or more,
// an hour, a share, a day of the week. 一下, 一个, 一起, 第一, 万一 and 千万别
// state none.
var figure = regexp.MustCompile(`[0-9０-９]` +
	`|[一二两三四五六七八九几数][十百千万亿]|十[一二三四五六七八九几余来多万]|百万` +
	`|[零〇一二三四五六七八九幺]{3}` +
	`|[一二两三四五六七八九十百千万半](?:个?半?(?:工作日|小时|钟头|月|季度|星期|礼拜)|分钟|秒|天|日|周|年|元|块钱|块[一二三四五六七八九]|毛|分钱|吨|立方|方水|升|毫?米|厘米|公里|公斤|兆帕|倍)` +
	`|[二两三四五六七八九十](?:个|次|位|户|座|层|级|档|台|成|折|块)` +
	`|[十百千万]分之|分之[一二三四五六七八九十]` +
	`|[二两三四五六七八九十]点|一点(?:半|钟|整)|(?:上午|下午|早上|晚上|中午)一点` +
	`|(?:周|星期|礼拜)[一二三四五六]`)

// turns of speech have the look of a figure.
var turns = regexp.MustCompile(`二次(?:供水|加压)|第[一二三四五六七八九](?:个|次|位|台|层|级|档)|[两三四]个字|这[两三][个点]|一天到晚|一年四季|一日三餐|三天两头`)

// figured reports whether a text states a figure.
func figured(text string) bool { return figure.MatchString(turns.ReplaceAllString(text, "")) }
