package kb

import (
	"regexp"
	"strings"
)

// Tellable reports whether the article may be told at all: an editor has
// checked what it claims, or it is open and claims nothing.
func (a Article) Tellable() bool {
	if a.Open {
		return a.modest() == nil && a.offersPerson()
	}
	return a.Verified
}

// modest reports what keeps the words of an article from being open: that they
// count as checked as well, or state a figure.
func (a Article) modest() error {
	switch {
	case !a.Open:
		return nil
	case a.Verified:
		return &FieldError{"open", Clashing}
	case statesFigure(strings.Join([]string{a.Title, a.Short, a.Details, a.Next}, "\n")):
		return &FieldError{"open", Figure}
	}
	return nil
}

func (a Article) offersPerson() bool { return strings.Contains(a.Short+a.Details+a.Next, "人工") }

const (
	numerals   = `〇零一二三四五六七八九两壹贰叁肆伍陆柒捌玖`
	magnitudes = `十百千万亿拾佰仟廿卅`
	// units are what is counted of prices, deadlines, quantities and addresses.
	units = `(?:元|块|角|毛|分|钱|天|日|月|年|周|星期|礼拜|小时|钟头|刻|秒|点|时|工作日|个|位|名|人|户|家|次|遍|回|趟|份|张|页|条|项|件|种|道|档|级|阶|折|成|倍|趴|吨|方|立方|升|度|斤|米|里|公里|寸|号|栋|幢|座|楼|层|室|单元|路|街|巷|院)`
)

var (
	// idioms hold numerals and count nothing.
	idioms  = regexp.MustCompile(`千万[别不要记注]|万一|十分|第三方|一户一表|千家万户|二次(?:供水|加压)|[一两三]句话`)
	figures = []*regexp.Regexp{
		regexp.MustCompile(`\p{Nd}|\p{No}|[Ⅰ-ↈ]`),
		// A phone said aloud, 「零五三一，八八八」, and other numbers read digit by digit.
		regexp.MustCompile(`[` + numerals + `幺](?:[\s，、,.·\-－—]*[` + numerals + `幺]){2,}`),
		regexp.MustCompile(`[` + numerals + `][` + magnitudes + `]`),
		regexp.MustCompile(`[百千]分之|[` + magnitudes + `][` + numerals + `]|[` + magnitudes + `]+[多来余几]?` + units),
		regexp.MustCompile(`[` + strings.ReplaceAll(numerals, "一", "") + `][多来余]?个?半?` + units),
		// 「一个人」 and 「一条」 count nothing; what is paid, waited for or lived in does.
		regexp.MustCompile(`一个?半?(?:元|角|毛|块[钱一二三四五六七八九]|分钱|分钟|天|日|月|年|周|星期|礼拜|小时|钟头|刻钟|秒|工作日|折|成[的五]|倍|吨|立方|升|公里|号|栋|幢|单元)|每\S{0,4}一(?:块|方|度)`),
		regexp.MustCompile(`半个?(?:小时|钟头|天|日|月|年|周|吨|方|价|里)|点半`),
		regexp.MustCompile(`(?:周|星期|礼拜)[` + numerals + `]`),
	}
)

// statesFigure reports whether a text names a number of anything.
func statesFigure(text string) bool {
	text = idioms.ReplaceAllString(text, "　")
	for _, f := range figures {
		if f.MatchString(text) {
			return true
		}
	}
	return false
}
