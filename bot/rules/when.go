package rules

import (
	"strings"
)

const (
	count  = `(?:[0-9０-９]{1,2}|[零一二两三四五六七八九十半几]{1,3})`
	day    = `(?:大前天|大后天|前天|昨天|昨儿|昨晚|今天|今儿|今早|今晚|今夜|明天|明儿|明早|明晚|后天|当天|昨日|今日|明日|前几天|这几天|这两天|最近几天|上上周|上个?周[一二三四五六日天]?|这个?周[一二三四五六日天]|本周[一二三四五六日天]?|下个?周[一二三四五六日天]?|周[一二三四五六日天末]|上个?星期[一二三四五六日天]?|这个?星期[一二三四五六日天]?|下个?星期[一二三四五六日天]?|星期[一二三四五六日天]|礼拜[一二三四五六日天]|上个?礼拜[一二三四五六日天]?|下个?礼拜[一二三四五六日天]?|上个月(?:` + count + `[号日])?|上月(?:` + count + `[号日])?|这个月(?:` + count + `[号日])?|本月(?:` + count + `[号日])?|下个月(?:` + count + `[号日])?|(?:[0-9]{4}年)?` + count + `月(?:` + count + `[号日]?)?|` + count + `[号日](?:早|上午|下午|晚|中午|凌晨|夜))`
	hours  = `(?:凌晨|清晨|一大早|大清早|早上|早晨|早|上午|中午|晌午|下午|傍晚|晚上|夜里|夜间|半夜|深夜|晚|后半夜)`
	clock  = `(?:` + count + `点(?:半|一刻|三刻|整|钟|` + count + `分?)?|[0-9]{1,2}[:：][0-9]{2})`
	before = `(?:左右|以后|之后|以前|之前|前后|前|后|多|来钟|开始)?`
	span   = `(?:` + count + `(?:多|来)?(?:个)?(?:天|小时|钟头|星期|礼拜|周|月|年|分钟)(?:半)?(?:多|以内|之内|内|后|以后|之后|前|以前|之前)?)`
)

var (
	whenPattern = newPattern(`(?:` + day + `的?)?` + `(?:` + hours + `的?)?` + clock + before +
		`(?:[到至~～—-]` + hours + `?` + clock + `)?` + `|` + day + `的?` + hours + `?` + `|` + hours + `|` + span)
	ticketNumber = newPattern(`(?i:TS)[-－ ]?[0-9]{8}[-－ ]?[0-9]{3,5}|[0-9]{16,20}|[A-Za-z]{1,4}[-－]?[0-9]{6,}(?:[-－][0-9]+)*`)
	ticketWords  = newPattern(`(?:` + day + `的?` + hours + `?|上次|上回|之前|刚才|刚刚|前阵子|前段时间)我?(?:在[^，。,.!！?？ ]{1,6})?(?:已经)?(?:报过?|提过?|反映过?|投诉过?|申请过?|登记过?|打过?|交过?|办过?|说过?|提交过?|报装过?|报修过?)的(?:那个|那张|那件|那|一个|这个)?(?:单子|工单|投诉件|投诉|报修|报装|申请|问题|事儿|事情|事|件|水表|过户|漏水|订单|诉求)?`)
	orderNumber  = newPattern(`(?:工单|单号|编号|单子|受理号|工单号)[号是为：: ]{0,3}([A-Za-z]{0,3}[0-9][0-9-]{4,})`)
	title        = newPattern(`([\p{Han}]{1,2})(?:先生|女士|小姐|师傅|阿姨|大爷|大妈|大娘|老师|同志|经理)`)
	calledMe     = newPattern(`(?:[我俺她他]叫|(?:妈|爸|母亲|父亲|老伴|老人|对象|儿子|女儿|业主|机主)叫|名字[叫是]|姓名[是:： ]?|(?:户主|户名|联系人|收件人)[是叫:：]?|户名(?:改|换)[成为][我俺]?[，, ]?|本人叫?|[我俺]是)\s*([` + surnames + `]\p{Han}{1,2})(?:[，。,. 、！!；;]|$|的|电话|手机)`)
	callMe       = newPattern(`(?:^|[，,。 0-9])叫[我俺]([` + surnames + `]\p{Han}{2})[。！!]?$`)
	otherThan    = newPattern(`[啊呀吗呢吧了的嘛主长机民东户人员师工客商生友亲家板队费表水]$`)
	introduced   = newPattern(`(?i:my name is|name's|name is|i am|i'm|this is) ([A-Z][a-z]+(?: [A-Z][a-z]+)?)\b|[我俺]是\p{Han}{1,4}的([` + surnames + `]\p{Han}{2})[，,。]`)
	bareName     = newPattern(`^[我俺]?([` + surnames + `]\p{Han}{2})[，,]|^([` + surnames + `]\p{Han}{1,2})[。.！!]?$|^(欧阳\p{Han}{1,2}|司马\p{Han}{1,2}|上官\p{Han}{1,2}|诸葛\p{Han}{1,2}|夏侯\p{Han}{1,2})[，,。]?`)
	fullName     = newPattern(`[，, ]叫?([` + surnames + `]\p{Han}{1,2})[。.，,]?(?:[0-9]|$)`)
	noName       = newPattern(`[了不的是没来有在水吗呢吧啊天停漏全很太多少好坏修报申请还要说过把被就也都可行对谢找问转办人家工号楼路东西南北区县费表压管井查催急快慢高低大小上下里外前后时分点半年月日早晚今明昨]$|^路过$|[了不的是没有在水吗停漏很太修报还要谢转费]`)
	surname      = newPattern(`(?:我姓|俺姓|他姓|她姓|免贵姓|本人姓|姓)([` + surnames + `])|^([` + surnames + `])[。.]?$`)
)

const surnames = `王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳欧阳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝亓鹿逯綦昝展衣隗宓`

// when is the time a message speaks of: the most precise words of it.
func when(text string) string {
	best, most := "", 0
	for _, w := range whenPattern.FindAllString(text, -1) {
		if score := precision(w); score > most {
			best, most = w, score
		}
	}
	return strings.TrimSuffix(best, "的")
}

var hasClock = newPattern(clock)
var hasDay = newPattern(day)

func precision(w string) int {
	score := len(w)
	if hasClock.MatchString(w) {
		score += 100
	}
	if hasDay.MatchString(w) {
		score += 50
	}
	if w == "早" || w == "晚" {
		return 0
	}
	return score
}

// earlier is what points at a ticket of before: its number, or words.
func earlier(text string) string {
	if m := ticketNumber.FindString(text); m != "" && !mobile(onlyDigits(m)) {
		return m
	}
	if m := orderNumber.FindStringSubmatch(text); m != nil && !mobile(onlyDigits(m[1])) {
		return m[1]
	}
	return ticketWords.FindString(text)
}

// person is what the resident is called.
func person(text string) string {
	if m := calledMe.FindStringSubmatch(text); m != nil && !otherThan.MatchString(m[1]) {
		return m[1]
	}
	if m := callMe.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	if m := surname.FindStringSubmatch(strings.TrimSpace(text)); m != nil {
		if full := fullName.FindStringSubmatch(text); full != nil && strings.HasPrefix(full[1], m[1]) && (strings.Contains(full[0], "叫") || !noName.MatchString(full[1])) {
			return full[1] // 姓卢，卢海涛
		}
		return m[1] + m[2]
	}
	for _, m := range title.FindAllStringSubmatch(text, -1) {
		r := []rune(m[1])
		for _, s := range surnames {
			if r[len(r)-1] == s && m[1] != "谢谢" && m[1] != "多谢" && m[1] != "感谢" && m[1] != "值班" {
				return string(s) + m[0][len(m[1]):]
			}
		}
	}
	if m := introduced.FindStringSubmatch(text); m != nil {
		return m[1] + m[2]
	}
	if m := bareName.FindStringSubmatch(strings.TrimSpace(text)); m != nil && !noName.MatchString(m[1]+m[2]) {
		return m[1] + m[2] + m[3]
	}
	return ""
}
