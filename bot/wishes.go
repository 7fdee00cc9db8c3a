package bot

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"quandesk/tickets"
)

var (
	supposes       = regexp.MustCompile(`^(?:(?:你好|您好|请问|问一?下|想问一?下|我想问|打听一?下|那|师傅|老师儿?|同志|客服|美女|大姐)[，,。 ]*)*(?:要是|如果|万一|假如|假设|倘若|比如说?|打个比方)`)
	happened       = regexp.MustCompile(`现在|刚才|刚刚|正在|已经|今天|今早|昨天|昨晚|从.{1,6}(?:开始|起)|快来|赶快|快点|再不|还不|派人|一地|到处|止不住`)
	unharmed       = regexp.MustCompile(`(?:^|[，,。！!； ])(?:现在)?(?:还|都)?(?:没|没有)(?:真的?)?(?:爆|漏|坏|塌|停|丢|裂|出事|着火|事)(?:水|啊|呢|的)?(?:[，,。！!； ]|没|$)|^没有没有|虚惊一场|(?:就|只)是?(?:随便)?(?:问问|打听打听)(?:而已|罢了)?[。，,！!～~ ]*$|(?:随便|提前|先)(?:问问|打听)[。，,！!～~ ]*$`)
	notSo          = regexp.MustCompile(`(?:没|没有|不)(?:有|在)?(?:真的?)?(?:爆|漏|坏|塌|停|丢|裂|破|冒|出事|着火|事)`)
	blameless      = regexp.MustCompile(`(?:不|没)(?:赖|怪|怨|怨着|关)你们|不是你们的(?:事|错|问题)|虚惊一场|没毛病|(?:是|怪)我(?:自己)?(?:[看弄记搞数](?:串|岔|混|反)|弄错|搞错|看错|误会|记错|没看|忘)|误会(?:了|你们|一场)|错怪|是(?:我|我家)?自己的(?:问题|事)`)
	refuses        = regexp.MustCompile(`没说(?:要|是)?(?:投诉|报修)|不是(?:要|来|想)?(?:投诉|报修|举报)|(?:不|没)(?:想|要|打算)?(?:投诉|举报)(?:[，,。了！! ]|$|谁|你们|的意思)|不(?:用|要|需要)(?:登记|开单|记录)`)
	dropsIt        = regexp.MustCompile(`拉倒吧|不登(?:投诉|报修|记)?了|(?:别|甭)(?:给我)?登(?:投诉|报修|了|[，,。！! ]|$)|(?:别|甭|不用|不要|不必|不需要)(?:再|给我|帮我)?(?:登记|记录?|投诉|报修?|申请|办理?|弄)(?:了|啊|吧|呀|[，,。！! ]|$)|(?:投诉|报修|登记|申请|单子?|业务)(?:我)?(?:就|也|先)?(?:不要了|不用了|不办了|算了|撤(?:了|吧|掉|[，,。！! ]|$)|免了|取消了?)|不(?:投诉|报修?|举报|办理?|登记|申请|反映|追究|计较)了|先不(?:销|过户|办|报|投诉)|(?:不|别|甭)(?:销户?|过户|装|拆|换|改|校|验|更名|注销)(?:表)?了`)
	clause         = regexp.MustCompile(`[^，,。；;！!？?\n]+[，,。；;！!？?\n]*`)
	fetches        = regexp.MustCompile(`(?:帮|给|替)(?:我|俺|咱)(?:直接|先|就)?(?:把|登记|办|申请|弄|报)|(?:直接|改|就|还是|想|要)(?:去)?(?:给我)?(?:办|申请|登记|销户|过户|报装|销表|更名|校表)|改(?:成|为)`)
	sayHere        = regexp.MustCompile(`(?:就|在|用|上|走|发)(?:微信|这里|这儿|这|网上|线上|公众号|聊天|短信)(?:上|里)?(?:就)?(?:跟|给|和|联系|告诉|说|回|通知|聊|发|行|可以|等)|(?:微信|这里|这儿|网上|公众号)(?:上|里)?(?:跟我|给我|联系我?|告诉我?|回我?|通知我?|说)(?:就|一样|也)?(?:行|好|可以|成|中)?|发(?:微信|消息)(?:就|给我)`)
	person         = regexp.MustCompile(`(?i)人|工|聊|换|领导|经理|主管|师傅|负责|管事|拍板|懂行|坐席|客服|值班|机器|自动|转|person|human|someone|somebody|agent|staff|operator|speak|talk`)
	outrightPerson = regexp.MustCompile(`人工|真人|活人|(?:叫|找|换|来|派|转)(?:个|一?位)?人|领导|经理|主管`)
	someone        = regexp.MustCompile(`(?i)\b(?:speak|talk|chat|transfer|connect|put me through|pass me)\b.{0,12}\b(?:to|with)?\b.{0,12}\b(?:some ?one|some ?body|person|human|agent|operator|staff|representative|people|manager|supervisor|customer service)\b|\b(?:real|live|human|actual) (?:person|agent|human|being|people|one)\b|\b(?:want|need|get me|give me) (?:a |an |some |the )?(?:person|human|agent|operator|representative|manager|someone)\b`)
)

// heed reads the turn in the light of what was said before: whoever
// understood it saw the words alone.
func (s *scene) heed(ctx context.Context) {
	if road := s.means.Slots.Road; road != "" && strings.Contains(s.text, road+"面") {
		s.means.Slots.Road = "" // 挖开路面 is no road
	}
	s.affirm(ctx)
	s.exactly()
	if before, after, ok := strings.Cut(s.text, s.means.Slots.Phone); ok && s.means.Slots.Phone != "" {
		if n, err := mended(s.means.Slots.Phone, before+"，"+after); err == nil {
			s.means.Slots.Phone = n // 「…1234，说错了，尾号是1235」
		}
	}
	s.foreign()
	s.landmark()
	if n := s.name(); n != "" {
		s.means.Slots.Name, s.memory.Name = n, n
	} else if noName.MatchString(s.means.Slots.Name) {
		s.means.Slots.Name = ""
	}
	if d := s.memory.Draft; d != nil && d.Category == tickets.Service && s.means.Slots.Address == "" {
		if m := outletNamed.FindStringSubmatch(s.text); m != nil {
			s.means.Slots.Address = m[1]
		}
	}
	s.bare = s.factual()
	if at := denies.FindStringIndex(s.text); at != nil && utf8.RuneCountInString(s.text[at[1]:]) >= 4 {
		if means, err := s.understander.Understand(ctx, s.text[at[1]:], nil); err == nil {
			slots := s.means.Slots
			s.means, s.means.Slots = means, slots
		}
	}
	if s.means.Slots.Name != "" && !person.MatchString(s.text) {
		s.means.Intents = slices.DeleteFunc(s.means.Intents, func(i Intent) bool { return i == WantPerson && len(s.means.Intents) > 1 })
	}
	if s.means.Category == tickets.Leak && dry.MatchString(s.text) && !leaks.MatchString(s.text) {
		s.means.Category = tickets.Outage // 不淌水 is no leak
	}
	switch {
	case s.imagined():
		s.means.Intents, s.means.Kind, s.means.Urgent, s.means.Asks = []Intent{Ask}, tickets.Inquiry, false, 1
	case s.reassures():
		s.means.Intents, s.means.Kind, s.means.Urgent = []Intent{SmallTalk}, tickets.Inquiry, false
	case shrugs.MatchString(s.text) && !s.means.Urgent && s.means.Slots == (Slots{}):
		s.means.Intents, s.means.Kind = []Intent{SmallTalk}, tickets.Inquiry // 「你也说不准是吧」 blames nobody
	case s.praises() && !s.means.Urgent && s.memory.Draft == nil:
		s.means.Intents, s.means.Kind = []Intent{SmallTalk}, tickets.Inquiry
	case s.means.first() == Ask && begsCall.MatchString(s.text):
		s.means.Intents, s.means.Kind = []Intent{Callback}, tickets.Request
	case s.means.first() == Ask && wishesCall.MatchString(s.text) && !unsure.MatchString(s.text):
		s.means.Intents = []Intent{Callback}
	case s.means.first() == Callback && !callish.MatchString(s.text) && s.memory.Call == nil && s.booked() == nil && s.openMatter() == nil && disturbs.MatchString(s.text):
		s.means.Intents = []Intent{SmallTalk} // 「您好，打扰一下」
	case s.means.first() == Callback && !callish.MatchString(s.text) && s.memory.Call == nil && s.booked() == nil && s.openMatter() != nil:
		s.means.Intents, s.means.Kind, s.means.Confidence = []Intent{Complain}, tickets.Complaint, 0.3 // 「明早七点校车就来」, 「明天中午经十路3号等你们来」
		s.means.Category = s.openMatter().Category
	case s.means.first() == Callback && called.MatchString(s.text) && s.memory.Call == nil:
		s.means.Intents = []Intent{SmallTalk} // 「刚才她们主任给我打电话道歉了」
	case s.means.first() == Apply && s.memory.Draft == nil && wantedBusiness(s.text) == "" && s.openMatter() != nil && s.openMatter().Urgent:
		s.means.Intents, s.means.Kind, s.means.Confidence = []Intent{Complain}, tickets.Complaint, 0.3 // 「现在就得有水」
	case s.means.first() == WantPerson && s.means.Slots.Name != "" && namesSelf.MatchString(s.text) && !wantPerson.MatchString(s.text):
		s.means.Intents = []Intent{SmallTalk} // 「王舍人，不是，我叫王淑仁」
	case someone.MatchString(s.text):
		s.means.Intents = append([]Intent{WantPerson}, s.means.Intents...)
	case s.means.first() == WantPerson && s.openMatter() != nil && hurries.MatchString(s.text) && !outrightPerson.MatchString(s.text):
		s.means.Intents = []Intent{Progress}
	case s.means.first() == WantPerson && (noCrew.MatchString(s.text) && !wantPerson.MatchString(s.text) || (s.means.Slots.Phone != "" || vocative.MatchString(s.text)) && !outrightPerson.MatchString(s.text)):
		s.means.Intents = []Intent{SmallTalk}
		s.bare = s.bare || s.means.Slots.Phone != ""
	case s.means.first() == WantPerson && (sayHere.MatchString(s.text) && !outrightPerson.MatchString(s.text) || (s.means.Confidence < 0.65 || s.means.Slots.Name != "") && !person.MatchString(s.text)):
		s.means.Intents = []Intent{SmallTalk}
	}
	if s.openMatter() != nil && writeIt.MatchString(s.text) && !s.means.Urgent {
		s.means.Intents, s.means.Kind, s.means.Slots.Address, s.means.Slots.Road = []Intent{SmallTalk}, tickets.Inquiry, "", ""
	}
	if s.contented() {
		s.means.Urgent = false
	}
	s.outright(ctx)
}

var (
	// praise is a good word for somebody who works here, spoils is beside one that is
	// not meant, or not all.
	praise = regexp.MustCompile(`(?:表扬|夸夸?|点个?赞|送(?:面|个)?锦旗)(?:一?下|一番)?[^，,。！!？?]{0,14}(?:师[傅父]|小[伙哥]|姑娘|大[姐哥]|同志|工作人员|客服|接线员|维修|抢修|热线)|(?:师[傅父]|小[伙哥]|姑娘|大[姐哥]|同志|工作人员|客服|接线员|维修|抢修)[^。！!？?]{0,24}(?:表扬|点个?赞|送(?:面|个)?锦旗)`)
	spoils = regexp.MustCompile(`投诉|[停没断]水|黄|浑|臭|漏|冒|不管|没人|但|可是|不过|就是|可惜|三天两头|[“”"]|反话|倒是|还没|差[点些劲]|不(?:能|该|行|好)`)
)

// praises reports whether the turn is a good word for somebody, and no more.
func (s *scene) praises() bool {
	return praise.MatchString(s.text) && !spoils.MatchString(s.text) && !unsure.MatchString(s.text)
}

// shrugs says that the bot does not know, either.
var shrugs = regexp.MustCompile(`^(?:那|看来|合着|得|唉|哎)?[，, ]?(?:你|您|恁|这)们?(?:这儿|这边)?也?(?:说不准|不知道|不清楚|没准儿?|不晓得|说不上来|答不上来|不好说|没数)(?:是不?是|对[吧不]|是吧|吧|啊|呀|呗|了|哈)*[?？。！!～~ ]*$`)

// outletNamed is where somebody was rude, in as many words: 「就是洪楼营业厅」.
var outletNamed = regexp.MustCompile(`^(?:就?是|就?在|地点是?|他们)?[，,：: ]?([\p{Han}]{2,10}(?:营业厅|服务大厅|营业所|网点|营业点|那个(?:大)?厅))(?:那个|的|里)?[。！! ]*$`)

// writeIt minds how a word of the ticket is written: 「记成二路，别记成三路」.
var writeIt = regexp.MustCompile(`别(?:给我)?[记写听弄]成|^(?:就)?[记写]成[^，,。！!？?]{1,8}(?:啊|哈|哦|呀|吧)?[，,]|可?别[记写听弄](?:错|混|串|岔)`)

// contented reports whether the turn is but a good word for what was done.
func (s *scene) contented() bool {
	if len(s.turn.Tickets) == 0 || utf8.RuneCountInString(s.text) > 30 {
		return false
	}
	done := []tickets.State{tickets.Settled, tickets.Calling, tickets.Closed}
	verdict := asWhether.Replace(s.text)
	return slices.Contains(done, s.turn.Tickets[0].State) && pleased.MatchString(verdict) && !displeased.MatchString(verdict)
}

var (
	dry   = regexp.MustCompile(`(?i)\bno (?:running |tap |hot )?water\b|without (?:any )?water|water (?:is|was|has been|got) (?:off|cut|out|shut)|[不没](?:出|来|淌|流|下|见)(?:一滴)?水|没(?:有)?(?:一滴)?水|一滴(?:水)?(?:都|也)(?:没|不)|[断停]水(?:[^管]|$)|水(?:都|就)?(?:不来|没了|没来|断了|停了)`)
	leaks = regexp.MustCompile(`(?i)leak|burst|flood|漏|爆|喷|冒|滋|渗|呲|漾|跑水|滴水|往外|一地|流了|淌了|破|裂|哗|[挖刨铲]断`)
)

var (
	// complains begins a complaint, whatever it is about.
	complains          = regexp.MustCompile(`^(?:你好|您好)?[，, ]*(?:我)?(?:要|想|得|必须|来)?投诉(?:[^电渠流热方处受时期办之以后完了]|$)`)
	inEnglishComplains = regexp.MustCompile(`(?i)\b(?:complain|complaint)\b`)
	billInEnglish      = regexp.MustCompile(`(?i)\b(?:bill|charge|charged|fee|fees)\b`)
	complaint          = regexp.MustCompile(`[，,。！! ]*(?:我)?(?:要|想|得|必须|来|给我)?(?:登记)?投诉(?:你们)?(?:一下)?[，,。！! ]*`)
	// brokenPart names a thing and what is wrong with it, in a few words.
	brokenPart = regexp.MustCompile(`(?:水管|管[子道]|阀门|水表|龙头|井盖|消[防火]栓).{0,4}(?:漏|爆|裂|破|坏|断|丢|冒|喷)(?:水|了|掉|开|出来|着)*[。，,！! ]*$|(?:水表|表).{0,4}(?:停走|不走(?:字|了)?|停转|不转|倒转|自转|空转|不动)(?:了)?[。，,！! ]*$`)
	enters     = regexp.MustCompile(`(?:给|帮)我(?:报|登记|办)(?:一?个|名|上|一下)`)
)

// accuses complains of somebody who works here: 「投诉你们热线那个男的」.
var accuses = regexp.MustCompile(`投诉(?:你们|咱们|那个|这个|一下|个)*(?:的)?[^，,。！!？?]{0,6}(?:热线|客服|接线员?|柜台|窗口|大厅|营业厅|抄表员|抄表的(?:人|师傅|大姐|小伙)|维修工|师傅|工作人员|男的|女的|小伙子|小姑娘)`)

// outright takes what is said outright for what it is: a complaint called so,
// a thing that is broken, business that is to be done.
func (s *scene) outright(ctx context.Context) {
	first, question := s.means.first(), unsure.MatchString(s.text) || howMany.MatchString(s.text)
	switch {
	case once.MatchString(s.text) && first != Complain:
		s.means.Intents, s.means.Kind = []Intent{Complain}, tickets.Complaint
	case accuses.MatchString(s.text) && !s.means.Urgent:
		s.means.Intents, s.means.Kind, s.means.Category = []Intent{Complain}, tickets.Complaint, tickets.Service
	case complains.MatchString(s.text) && (first == Apply && slices.Contains(s.means.Intents, Complain) || first == Ask && !question):
		s.means.Intents, s.means.Kind = []Intent{Complain}, tickets.Complaint
	case first == Progress && saysComplaint.MatchString(s.text) && s.openMatter() == nil:
		s.means.Intents, s.means.Kind = []Intent{Complain}, tickets.Complaint
	case latin(s.text) && billInEnglish.MatchString(s.text) && s.reports() && !dry.MatchString(s.text) && !leaks.MatchString(s.text):
		s.means.Category = tickets.Billing
	case first == Apply && inEnglishComplains.MatchString(s.text):
		s.means.Intents, s.means.Kind = []Intent{Complain}, tickets.Complaint
		if billInEnglish.MatchString(s.text) {
			s.means.Category = tickets.Billing
		}
	case first == Ask && !question && brokenPart.MatchString(s.text) && utf8.RuneCountInString(s.text) <= 16:
		s.means.Intents, s.means.Kind = []Intent{AskRepair}, tickets.Repair
	case latin(s.text) && dry.MatchString(s.text) && !leaks.MatchString(s.text) && (first == Apply || first == Ask && happens.MatchString(s.text)):
		s.means.Intents, s.means.Kind, s.means.Category = []Intent{AskRepair}, tickets.Repair, tickets.Outage
	case first != Apply && !s.reports() && s.memory.Draft == nil && enters.MatchString(s.text) && !hasCallWords.MatchString(s.text) && (wantedBusiness(s.text) != "" || strings.Contains(s.text, "名") || strings.Contains(s.text, "预约")) &&
		s.means.Application != "" && s.means.Application != "invoice" && s.means.Application != "payment":
		s.means.Intents, s.means.Kind = []Intent{Apply}, tickets.Application
	}
	if s.means.first() != Complain || s.means.Category != tickets.Other || !strings.Contains(s.text, "投诉") {
		return
	}
	if words := complaint.ReplaceAllString(s.text, ""); utf8.RuneCountInString(words) >= 4 {
		if means, err := s.understander.Understand(ctx, words, nil); err == nil && specific(means.Category) {
			s.means.Category = means.Category
		}
	}
}

// howMany asks for what there is of something: 「投诉有几种渠道」.
var howMany = regexp.MustCompile(`几[种条类项步]|哪[几些]`)

// saysComplaint ends in the word.
var saysComplaint = regexp.MustCompile(`[，,。！!；; ](?:我)?(?:要|得|必须)?投诉(?:你们)?[。！!]*$`)

// happens tells, in English, of what is the case here and now.
var happens = regexp.MustCompile(`(?i)\b(?:since|my (?:flat|apartment|home|house|building|room)|our|right now|this morning|today)\b`)

// once more somebody complains, of something else.
var once = regexp.MustCompile(`(?:再|另外|还要|还想|还得|顺便|顺便还)(?:要|想)?(?:投诉|告|反映)(?:一个|个|一下|你们|[：:，,])`)

// disturbs begins politely.
var disturbs = regexp.MustCompile(`^(?:你好|您好)?[，, ]*打扰(?:一?下|了|您了)?[。，,！! ]*$`)

// called tells of a call that has been.
var called = regexp.MustCompile(`(?:刚|刚才|刚刚|已经|昨天|上午|早上|下午)[^，,。]{0,10}(?:打|来)(?:过|了)?(?:个)?电话[^，,。]{0,4}(?:了|过)`)

// callish is in every wish for a call.
var callish = regexp.MustCompile(`(?i)电话|手机|座机|号码|回[电话复]|打(?:过来|给|回|来|我|到|这个|那个|[0-9])|联系|来电|通知|call|phone|ring`)

// wishesCall asks that somebody calls.
var wishesCall = regexp.MustCompile(`(?:让|叫|请|找|派|麻烦|安排).{0,16}(?:联系(?:我|俺)|(?:给|跟)(?:我|俺)(?:联系|回|打|来)|打给(?:我|俺)|回电|打(?:个)?电话).{0,6}$`)

// begsCall asks for a call in the form of a question.
var begsCall = regexp.MustCompile(`(?:给|跟)[我俺](?:们)?(?:来|打|回|拨)一?个?(?:电话|话)(?:过来)?(?:中|行|好|成|可以|能)?(?:不|吗|么|吧|呗)`)

var whatToDo = regexp.MustCompile(`干嘛|干啥|该做|怎么办|咋办|找谁|打给谁`)

// imagined reports whether the turn supposes a danger and asks what to do: it
// is a question while nothing has happened.
func (s *scene) imagined() bool {
	return s.memory.Draft == nil && supposes.MatchString(s.text) && (unsure.MatchString(s.text) || asksMidway.MatchString(s.text) || whatToDo.MatchString(s.text)) && !happened.MatchString(s.text) && !urges.MatchString(s.text) && !blames.MatchString(s.text) &&
		s.means.Slots.Address == "" && s.means.Slots.Phone == "" && utf8.RuneCountInString(s.text) <= 40
}

// asksMidway asks, and goes on: 「恁给送水不？俺家老太太九十了」.
var asksMidway = regexp.MustCompile(`[不么吗呢][?？]`)

// broken is what is wrong although nothing leaks: 「把手锈断了，没漏水」.
var broken = regexp.MustCompile(`锈|断了|坏了|拧不动|裂了|掉了|丢了|碎了|没了|歪了`)

// ofPipes are the categories in which nothing is the matter when nothing leaks.
var ofPipes = []tickets.Category{tickets.Leak, tickets.Outage, tickets.Facility, tickets.Construction, tickets.SecondarySupply, tickets.Other}

// reassures reports whether the turn says that nothing has happened.
func (s *scene) reassures() bool {
	if d := s.memory.Draft; d != nil && intact.MatchString(s.text) && !slices.Contains(ofPipes, d.Category) {
		return false // 「没漏水，表也没坏，就是扣了两次」, of a bill
	}
	return unharmed.MatchString(s.text) && !broken.MatchString(s.text) && s.means.Slots.Address == "" && s.means.Slots.Phone == "" &&
		utf8.RuneCountInString(s.text) <= 30 && !asksOn.MatchString(s.text) &&
		!leaks.MatchString(notSo.ReplaceAllString(s.text, "")) && !dry.MatchString(notSo.ReplaceAllString(s.text, ""))
}

// asksOn wants to know something besides.
var asksOn = regexp.MustCompile(`[?？吗]|有没有|几点|多久|几天|什么时候|啥时候|计划|怎么|咋`)

// hurries wants the ticket to go faster.
var hurries = regexp.MustCompile(`催|快点|抓紧|尽快`)

// denies says what a matter is not, before what it is.
var denies = regexp.MustCompile(`^(?:这|那)?(?:不是|跟|和)[^，,。]{1,12}(?:的事儿?|的问题|没关系|无关)[，,。]`)

var (
	// vocative addresses the service, and asks for nobody.
	vocative = regexp.MustCompile(`^[^，,。]{0,10}(?:客服|师傅|领导|小妹|同志|老师)(?:你好|您好)?[，,：:！! ]+[^转找要接换叫人]*$`)
	// noCrew wants nobody to come.
	noCrew = regexp.MustCompile(`(?:别|不用|不要|不必|甭|先不)(?:再)?(?:派|来|让|叫)`)
)

// latin reports whether a text is written in English.
func latin(text string) bool {
	letters, all := 0, 0
	for _, r := range text {
		switch {
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
			letters++
			all++
		case r > 0x2e80:
			all++
		}
	}
	return letters >= 4 && letters*10 >= all*9
}

var (
	placeInEnglish  = regexp.MustCompile(`(?i)\b(?:road|street|avenue|lane|rd|st|ave|building|bldg|block|garden|gardens|community|district|residence|compound|village|plaza|square|unit|room|apartment|gate|hotel|school|university|campus|mall|park|bridge|station|exit|tower|dorm|dormitory|centre|center|market|estate|no\.? ?[0-9]+)\b`)
	leadsEnglish    = regexp.MustCompile(`(?i)^(?:(?:hi|hello|ok|okay|yes|well|sorry|it'?s|it is|i live|i am|i'm|we are|we live|my address is|the address is|address|located|here is|at|in|on|near)[,: ]+)+`)
	questionEnglish = regexp.MustCompile(`[^.!?]*\?`)
	excuseEnglish   = regexp.MustCompile(`(?i)^(?:sorry,? )?i (?:can'?t|cannot|don'?t|do not)[^,.;]*[,.;] *(?:but )?(?:it'?s (?:right )?|it is (?:right )?|right )?(?:at |in |on )?`)
	tailEnglish     = regexp.MustCompile(`(?i)[,.;]? *(?:my |the )?(?:phone|number|mobile|tel|cell|call)\b.*$`)
)

// foreign takes an address in English as it is written, when one was asked for.
func (s *scene) foreign() {
	if !s.wants(where) || !latin(s.text) {
		return
	}
	if d := s.memory.Draft; d != nil && inEnglishComplains.MatchString(s.text) {
		d.Words, d.Kind = append(d.Words, s.text), tickets.Complaint
	}
	said := strings.TrimSpace(questionEnglish.ReplaceAllString(s.text, ""))
	if !placeInEnglish.MatchString(said) {
		return
	}
	text := leadsEnglish.ReplaceAllString(strings.TrimSpace(excuseEnglish.ReplaceAllString(said, "")), "")
	if s.means.Slots.Phone != "" {
		text = strings.Replace(text, s.means.Slots.Phone, "", 1)
	}
	s.means.Slots.Address = strings.Trim(tailEnglish.ReplaceAllString(text, ""), " ,.;")
}

// otherNumber wants another number on the ticket.
var otherNumber = regexp.MustCompile(`(?:号|电话|手机)[^，,。！!？?]{0,16}(?:别|甭|不用|不)(?:登|记|留|写)了?[，,]?[^，,。]{0,3}(?:登|记|留|写|打)`)

// noComplaint says that business is no complaint.
var noComplaint = regexp.MustCompile(`(?:我)?(?:先|也|并)?(?:不是?|没|没有)(?:要|想|打算)?(?:投诉|举报)(?:你们|谁)?[了啊呢哈]*`)

// takenBack reports whether the turn takes back what is being taken up.
func (s *scene) takenBack() bool {
	d := s.memory.Draft
	if d != nil && !d.Urgent && s.reassures() {
		return true
	}
	if d != nil && d.Kind == tickets.Application {
		if text := noComplaint.ReplaceAllString(s.text, ""); text != s.text {
			return givingUp(text) || dropsIt.MatchString(text) // 「先不投诉啊，验完再说」 takes back no check of a meter
		}
	}
	if s.means.Slots.Phone != "" && otherNumber.MatchString(s.text) {
		return false // 「我的号就别登了，登他的」
	}
	return givingUp(s.text) || dropsIt.MatchString(s.text) || blameless.MatchString(s.text) && s.means.Slots == (Slots{}) ||
		d != nil && d.Kind != tickets.Application && refuses.MatchString(s.text)
}

// instead is what a turn wants besides taking something back: its other
// clauses, or nothing.
func instead(text string) string {
	var left []string
	for _, c := range clause.FindAllString(text, -1) {
		if givingUp(c) || dropsIt.MatchString(c) || blameless.MatchString(c) || refuses.MatchString(c) {
			continue
		}
		left = append(left, c)
	}
	return strings.TrimSpace(strings.Join(left, ""))
}

// asksNext reports whether a question follows what is given up: 「背不出来算了。修
// 五百毫米的管子要几个钟头」.
func (s *scene) asksNext() bool {
	words := instead(s.text)
	return words != s.text && s.means.first() == Ask && s.means.Confidence > sureOf && utf8.RuneCountInString(words) > 6 && (unsure.MatchString(words) || countsTime.MatchString(words))
}

// countsTime asks how long something takes.
var countsTime = regexp.MustCompile(`几(?:个)?(?:小时|钟头|分钟|天|月|年)`)

// sureOf is how sure a question must be that stands beside something else.
const sureOf = 0.8

// turnsTo reads what is wanted instead of what was taken back: business, a
// question, another matter. False when nothing is.
func (s *scene) turnsTo(ctx context.Context) bool {
	words := instead(s.text)
	if utf8.RuneCountInString(words) < 4 {
		return false
	}
	means, err := s.understander.Understand(ctx, words, s.turn.History)
	if err != nil {
		return false
	}
	if b := wantedBusiness(words); b != "" && fetches.MatchString(words) {
		means.Intents, means.Application, means.Kind = []Intent{Apply}, b, tickets.Application
	}
	switch means.first() {
	case SmallTalk, OutOfScope, WantPerson:
		return false
	case Complain, AskRepair:
		if !specific(means.Category) || means.Confidence < 0.7 {
			return false
		}
	case Ask, Progress:
		if !unsure.MatchString(words) || means.first() == Progress {
			return false
		}
	case Callback:
		if beforeNow.MatchString(words) && !callMe.MatchString(beforeNow.ReplaceAllString(words, "，")) {
			return false // 「人家刚给我打电话道歉了」
		}
	case Apply:
		if !fetches.MatchString(words) && means.Confidence < 0.8 {
			return false
		}
	}
	slots := s.means.Slots
	s.means = means
	s.means.Slots = slots
	return true
}

// businesses are the words for business that nobody uses for another one.
var businesses = []struct {
	application string
	words       *regexp.Regexp
}{
	{"open_day", regexp.MustCompile(`开放日|参观.{0,6}水厂`)},
	{"close_account", regexp.MustCompile(`销户|销(?:掉|了)|(?:水表|表)(?:给我)?(?:销|拆)|拆表|撤表|报停|注销|停用`)},
	{"transfer", regexp.MustCompile(`过户|更名|户名|(?:改|换|转|写)(?:成|到|给|为)(?:我|他|她|俺|孩子|儿子|闺女|女儿|老婆|老公|爱人|媳妇|弟弟?|哥哥?|姐姐?|妹妹?|爸|妈|租户|房客)?.{0,6}(?:名字?|名下)`)},
	{"meter_check", regexp.MustCompile(`校表|验表|校验|检定|验(?:一下)?水?表`)},
	{"new_connection", regexp.MustCompile(`报装|新装|接水|装(?:个|块)?(?:新)?水表|开户|通水`)},
}

// wantedBusiness is the business that a text names without denying it.
func wantedBusiness(text string) string {
	text = denied.ReplaceAllString(isNot.ReplaceAllString(text, ""), "")
	for _, b := range businesses {
		if b.words.MatchString(text) {
			return b.application
		}
	}
	return ""
}

// isNot is business that was named by mistake.
var isNot = regexp.MustCompile(`不是(?:要)?(?:销户|过户|更名|注销|报停|报装|校表|装表|开票|发票)`)

// denied is business named only to say that it is not wanted.
var denied = regexp.MustCompile(`(?:水表|表|户)?(?:先)?(?:不|别|甭)(?:用|要|想|办)?(?:再)?(?:销户?|过户|拆表?|更名|注销|报停|报装|校表|装表?|办销户|办过户|办报装)(?:了|掉)?`)
