package bot

import (
	"regexp"
	"strings"
)

const oneName = `赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章云苏潘葛奚范彭郎鲁韦昌马苗凤方俞任袁柳鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝臧伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫房裘缪宗丁宣邓郁单杭洪包诸左石崔吉钮龚程邢裴陆荣翁荀惠甄曲封芮储靳段富巫乌焦巴牧山谷车侯班秋仲伊宫宁仇栾甘厉祖武符刘景詹束龙叶司黎薄印宿白怀蒲邰鄂索咸籍赖卓蔺屠蒙池乔阴胥苍闻党翟谭劳逄姬申扶堵冉宰雍桑桂牛寿边扈燕冀浦农温庄晏柴瞿阎慕茹习宦艾鱼容向易慎戈廖庾暨衡耿弘匡文寇禄阙东沃蔚隆聂晁勾敖融冷辛阚简饶曾沙鞠巢关蒯荆游竺权盖桓涂肖付闫岳邸佟苑隋代亓仝初曾战初矫官丛鹿昝隗谌禚璩宓尉储栗逯綦郇迟芦佘亢訾郗郄牟邴仝厉乜仉笪蹇缑麴佴妫苻揭冼幸揣訚逄巩贠邝禤`

// Surnames are those of one character and DoubleSurnames, as alternatives of a
// pattern, those of two: whoever looks for names looks for these.
const (
	Surnames       = oneName
	DoubleSurnames = twoNames
)

const twoNames = `欧阳|上官|司马|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|宇文|长孙|司徒|夏侯|端木|百里|呼延|南宫|闻人|澹台|淳于|单于|申屠|轩辕|鲜于`

var (
	fullName  = regexp.MustCompile(`^(?:我是|就?叫|姓名|名字|联系人|户主|[:：是 ])*((?:` + twoNames + `)\p{Han}{1,2}|[` + oneName + `]\p{Han}{1,2})(?:先生|女士|师傅|老师)?[。. ]?$`)
	namedSo   = regexp.MustCompile(`(?:叫|找|(?:就|给)?[写记登填落]我|名字[写填]|姓名是?|名字是?|户主是?|联系人是?)[:： ]?((?:` + twoNames + `)\p{Han}{1,2}|[` + oneName + `]\p{Han}{1,2})(?:[，,。；;！! ]|$|电话|手机|住|就行|就好)`)
	calledSo  = regexp.MustCompile(`(?:我|俺|他|她|爷爷?|奶奶?|爸爸?|妈妈?|姥姥|姥爷|婆婆|公公|哥哥?|姐姐?|弟弟?|妹妹?|邻居|户主|老板|儿子|女儿|闺女|侄子|对象|爱人|大爷|大娘|阿姨)叫(\p{Han}{2,3})(?:[，,。；;！! ]|$|住)`)
	surnamed  = regexp.MustCompile(`(?:^|[，,。 ]|我|俺|免贵|本人|[她他的]|户主|机主|老师|房东|园长|店长|经理|主任|院长|校长|老板|队长|护士长|会计|联系人|负责人|师傅|闺女|儿子|爱人|老伴)姓(` + twoNames + `|[^\P{Han}什么啥名氏甚没不错哪])(?:$|[，,。 ]|电话|的)`)
	spelt     = regexp.MustCompile(`姓(\p{Han})[，,、 ]?\p{Han}{1,3}的(\p{Han})`)
	mySurname = regexp.MustCompile(`(?:我|俺)(?:自己)?姓(` + twoNames + `|[^\P{Han}什么啥名氏甚没不错哪])(?:$|[，,。 ]|电话)`)
	titled    = regexp.MustCompile(`(?:找|联系人?是?|叫|问|我是|姓|改为|改成|负责人|经办人|店长|班主任)(?:[^，,。；; 保]{0,4}?)[：: ]?([` + oneName + `璩宓禚谌昝厉隗仝](?:先生|女士|师傅|老师|园长|经理|主任|校长|店长|队长|院长|大夫|医生|护士长?|会计|阿姨|大爷|主管|科长|部长|班长|书记|大哥|大姐))`)
	inRole    = regexp.MustCompile(`(?:法人|联系人|经办人|负责人|户主|机主|业主|收件人|班主任|店长|护士长|会计|房东|医生|大夫|园长|经理|主任|校长|队长|保安|前台|店主|老板)(?:代表)?[：: 是叫]{0,2}((?:` + twoNames + `)\p{Han}{1,2}|[` + oneName + `]\p{Han}{0,2})(?:$|[，,。；;！! 0-9]|电话|手机)`)
	inEnglish = regexp.MustCompile(`(?i:my name is|my name's|this is|i am|i'm|name:?) +([A-Z][a-z]+(?: [A-Z][a-z]+)?)\b`)
	renamed   = regexp.MustCompile(`.*(?:(?:不[对队]|错了|打错|写错)[，,。 了]*(?:应该)?(?:是|叫)|(?:改成|改为|换成|过户?给|过到|改到|转给|转到))`)
	both      = regexp.MustCompile(`[他她爹娘爸妈公婆爷奶]+姓(\p{Han})[，, ]*(?:我|俺)(?:当然)?也(?:姓|是)`)
	anyName   = regexp.MustCompile(`^[：: ]?(\p{Han}{2,4})(?:$|[，,。；;！! 、])`)
	nameFirst = regexp.MustCompile(`^[：: ]?((?:` + twoNames + `)\p{Han}{1,2}|[` + oneName + `]\p{Han}{1,2})(?:$|[，,。；;！! 、]|名下|的名|这个|电话)`)
	familiar  = regexp.MustCompile(`(?:找|联系|叫|问|我是)(?:[^，,。；; ]{0,4}?)([老小][` + oneName + `厉隗仝])(?:就行|就好|都行)?(?:$|[，,。；;！! ]|电话|手机)|([老小][` + oneName + `厉隗仝])[，,： ]{0,2}1[3-9][0-9]`)
	noName    = regexp.MustCompile(`[的了吗么呢吧啊呀不没是在管漏这那谢啥您你我他她它们哪谁么个点]|[庄村屯区园路街城苑厦桥]$|^(?:马上|时间|方便|明天|明白|安排|安静|高兴|关门|路口|路边|路上|路南|路北|常常|别急|别催|后天|那边|都行|都有|好的|成了|平时|温水|黄水|白天|广场|公司|公园|连续|通知|马路|文明|终于|经常|别人|和平|东边|东头|东门|全家|全部|空调|查水|查表|水表|水费|水压|水质|水箱|相同|利息|强烈|满意|满分|计划|步行|云里|山上|花园|农村|国庆|单元|居民|容易|应该|连着|能来|能修|向东|向西|向南|向北|尤其|任何|何时|成天|包括|时候|游客|红色|代办|初一|师傅|丰富|相关|解决|阴天|边上|古怪|双方|全是|申请|白沫|白毛|黄泥|红虫|安装|查询|项目|别的|方向|居然|时好|温和|万一|何必|连夜|易燃)`)
)

// oneOff reports whether a name is another one but for a character.
func oneOff(name, before string) bool {
	a, b := []rune(name), []rune(before)
	if len(a) != len(b) || name == before {
		return false
	}
	same := 0
	for i := range a {
		if a[i] == b[i] {
			same++
		}
	}
	return same == len(a)-1 && same > 0
}

// fuller is the whole name of somebody who has told the surname by itself:
// 「姓卢，卢海涛」.
func fuller(surname, text string) string {
	for _, c := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("，,。；;、 \n", r) }) {
		if n := fullName.FindStringSubmatch(c); n != nil && strings.HasPrefix(n[1], surname) && !noName.MatchString(n[1]) {
			return n[1]
		}
	}
	return surname
}

// name is what the turn says somebody is called, told outright or as an
// answer that is a name and nothing else.
func (s *scene) name() string {
	if at := renamed.FindStringIndex(s.text); at != nil {
		if n := anyName.FindStringSubmatch(s.text[at[1]:]); n != nil && oneOff(n[1], s.memory.Name) {
			return n[1] // 「…弄错了，是丰立军」, whatever surnames there are
		}
		if n := nameFirst.FindStringSubmatch(s.text[at[1]:]); n != nil && !noName.MatchString(n[1]) {
			return n[1] // 「…打错了，是王秀蓉」, 「…改成赵一鸣」
		}
	}
	if mistaken.MatchString(s.text) {
		clauses := clause.FindAllString(s.text, -1)
		for i := len(clauses) - 1; i > 0; i-- {
			if n := fullName.FindStringSubmatch(strings.Trim(clauses[i], "，,。 ")); n != nil && !noName.MatchString(n[1]) {
				return n[1] // 「打错字了，是成功的成，成亚茹」
			}
		}
	}
	if n := namedSo.FindStringSubmatch(s.text); n != nil && !noName.MatchString(n[1]) {
		return n[1]
	}
	if n := both.FindStringSubmatch(s.text); n != nil {
		return n[1]
	}
	if n := mySurname.FindStringSubmatch(s.text); n != nil {
		return fuller(n[1], s.text)
	}
	if n := inRole.FindStringSubmatch(s.text); n != nil && !noName.MatchString(n[1]) {
		return n[1]
	}
	if n := familiar.FindStringSubmatch(s.text); n != nil {
		return n[1] + n[2]
	}
	if n := titled.FindStringSubmatch(s.text); n != nil && !strings.Contains(n[0], "值班") {
		return n[1]
	}
	if n := calledSo.FindStringSubmatch(s.text); n != nil && !noName.MatchString(n[1]) {
		return n[1]
	}
	if n := spelt.FindStringSubmatch(s.text); n != nil && n[1] == n[2] {
		return n[1] // 「姓展，展览的展」
	}
	if n := surnamed.FindStringSubmatch(s.text); n != nil {
		return fuller(n[1], s.text)
	}
	if n := inEnglish.FindStringSubmatch(s.text); n != nil {
		return n[1]
	}
	d := s.memory.Draft
	if d == nil && s.openMatter() == nil && s.memory.Call == nil && s.means.Slots.Phone == "" || d != nil && d.Last == what {
		return ""
	}
	words := s.text
	for _, fact := range []string{s.means.Slots.Phone, s.means.Slots.Address, s.means.Slots.Community, s.means.Slots.Road} {
		if fact != "" {
			words = strings.Replace(words, fact, "，", 1)
		}
	}
	if d != nil && d.Last == where && words == s.text {
		return "" // a place that nobody knows is likelier
	}
	for _, c := range strings.FieldsFunc(words, func(r rune) bool { return strings.ContainsRune("，,。；;、 \n", r) }) {
		if n := fullName.FindStringSubmatch(c); n != nil && !noName.MatchString(n[1]) {
			return n[1]
		}
	}
	return ""
}
