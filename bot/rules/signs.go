package rules

import "regexp"

// Signs that are never left to the classifier alone.
var (
	complaining = regexp.MustCompile(`(?:我要|要|想|必须|我来|再次|继续|强烈|已经|我)(?:你们)?(?:投诉|举报|曝光)|投诉你们|曝光你们|气死|忍无可忍|受不了|受够了|太差劲|不像话|踢皮球|推诿|敷衍|没人管|不作为|讨个?说法|给个说法|乱收费|态度(?:恶劣|很差|太差|极差|真差|差)|骂人|凭什么|坑人`)
	asking      = regexp.MustCompile(`(?:投诉|举报)(?:电话|热线|渠道|流程|时限|期限|处理|受理|回访|办理|之后|以后|了|后)?(?:是|有|要|需要|得|能|会|一般)?.{0,6}(?:多少|多久|哪些|哪里|怎么|如何|几天|什么|吗|几个|多长)`)
	grievance   = regexp.MustCompile(`没人(?:管|理|来|修|接|问|回|联系|处理|负责)|(?:到现在|至今|一直|始终|迟迟)(?:都|也|还)?(?:没|不|未)|还没(?:人|修|来|处理|解决|恢复)|不(?:作为|负责任|理人|给(?:解决|处理|修|换|退))|(?:三番五次|多次|好几次|反复|好几遍|[两三四五六七八]次)(?:反映|投诉|报|打电话|打|催|找)|(?:太|真|也太|忒|实在)(?:差|慢|贵|吵|脏|气人|不像|不负|离谱|过分|欺负|坑|黑)|受不了|忍不了|没法(?:用|喝|住|睡|活|做|过|洗)|影响(?:休息|生活|睡|生意|出行|正常)|凭啥|什么态度|(?:要求|必须|强烈)(?:赔|退|解决|处理|道歉|整改)|给个?(?:说法|交代|解释)|管不管|(?:我|很|非常|十分|极|太)(?:不满|失望|气愤|生气)|说好的|说话不算|骗人|忽悠|推来推去|推卸|推脱|服务.{0,4}差|乱(?:收|扣|挖|停)|白(?:跑|等)|折腾|差评|恶劣|又(?:停水|漏了|黄了|没水)`)
	inquiring   = regexp.MustCompile(`(?:规定|标准|多久|多长时间|几天|流程|手续|材料|怎么办|咋办|合规|正常|应该|能不能|是不是|有没有|可以|需要|要不要|哪里|哪儿|谁|什么|啥|几|多少|[吗不没呢么])[^，。！!]{0,8}[?？。]?$`)
	injection   = regexp.MustCompile(`忽略(?:之前|以上|前面|上面|所有|一切|你).{0,12}(?:指令|规则|设定|提示|要求|内容)|ignore (?:all|previous|the|your|above)|system prompt|系统提示词?|提示词|开发者模式|dan模式|扮演|角色扮演|<\|im_|输出你的(?:设定|提示|规则)|repeat everything|越狱|jailbreak`)
	policy      = regexp.MustCompile(`规定|标准|流程|期限|时限|合规|依据|政策|预案|程序|材料|条件|渠道|如果|万一|假如|要是|怎么处理|向谁|谁负责|应该|多久|定义|是什么|措施|职责`)
	happens     = regexp.MustCompile(`我|俺|孩子|老人|邻居|现在|刚才|刚刚|快来|快点|救|送医|住院`)
)

// dangers are what endangers life, health or much property. Each is said in
// many words, so they are kept apart.
var dangers = []*regexp.Regexp{
	// 水 that made people ill
	regexp.MustCompile(`中毒|投毒|下毒|有毒|毒水`),
	regexp.MustCompile(`(?:水|喝|洗|用).{0,40}(?:拉肚子|拉稀|腹泻|呕吐|上吐下泻|闹肚子|肚子疼|肚子痛|住院|送医|急诊|打吊|输液|起疹|红疹|皮疹|疙瘩|过敏|吐了|都吐|一直吐|头晕|恶心|发烧|难受|不舒服|看医生|去医院|进医院)`),
	regexp.MustCompile(`(?:拉肚子|拉稀|腹泻|呕吐|上吐下泻|闹肚子|住院|急诊|起疹|红疹|皮疹|过敏).{0,30}水`),
	// foul things in the water
	regexp.MustCompile(`(?:汽油|柴油|农药|化学|煤油|油漆|机油|杀虫剂|刺鼻|化工|药水|敌敌畏)(?:品|剂)?(?:的)?(?:异|怪|气)?味|(?:汽油|柴油|煤油|农药|杀虫剂|油漆|化工).{0,20}(?:水|味)|水.{0,20}(?:汽油|柴油|煤油|农药|杀虫剂|化工)|粪|油花|油膜|死鱼|死老鼠|死猫|死鸟|尸体|污染|排污|倒(?:化工|废料|垃圾|东西).{0,8}水|水源.{0,12}(?:倒|扔|毒|异常|脏|油)|污水.{0,10}(?:混|进|灌|倒|串).{0,6}(?:自来水|水管|水箱|水源)|水.{0,6}(?:变|发|成).{0,3}(?:蓝|绿|黑|红)`),
	// the ground gives way
	regexp.MustCompile(`塌陷|塌方|坍塌|塌了|塌下|要塌|陷下去|下陷|沉陷|陷进|掏空|地陷|路陷|冲垮|冲塌|(?:路|地面|地).{0,6}(?:塌|鼓起|鼓包|下沉|裂开)`),
	// flooding
	regexp.MustCompile(`(?:水|管).{0,30}(?:淹|灌进|灌到|倒灌|漫进|漫到|涌进|没过|泡在|齐腰|齐膝|到膝盖|半米深|成河|汪洋)|(?:淹|泡)(?:了|到|水).{0,16}(?:车|店|家|屋|楼|库|室|铺|街|路)|(?:喷|冲|窜|滋|呲).{0,8}(?:米|层楼|楼|老|好|丈).{0,3}高|水柱`),
	regexp.MustCompile(`爆管.{0,24}(?:淹|喷|冲|路|车|店|大|交通|堵)|(?:主管|主干管|大管|大口径).{0,6}(?:爆|破|断|裂)`),
	// electricity and fire
	regexp.MustCompile(`触电|漏电|带电|电着|电倒|电死|过电|火花|(?:水|漏|淋|泡|滴).{0,14}(?:电线|电箱|配电|电表|插座|变压器|电缆|电闸)|(?:电线|电箱|配电|电表箱|插座|变压器|电缆).{0,14}(?:水|漏|泡|湿)|(?:^|[^不没])着火|火灾|起火|消防.{0,10}没水`),
	// open shafts
	regexp.MustCompile(`(?:井盖|井盖子|盖子|盖板).{0,12}(?:没了|没有|丢|不见|被偷|偷了|翻|掀|敞|缺|塌|碎|断了)|(?:没|没有|缺|少|丢|掉)(?:了)?(?:个|一个)?(?:水)?井盖|井(?:口)?.{0,6}(?:敞|没盖|裸露|黑窟窿|大窟窿)|井盖.{0,30}(?:摔|绊|掉|危险|孩子|老人|扎|翻车)|(?:掉|摔|跌|栽|踩空).{0,8}(?:井|坑|沟)|(?:坑|沟).{0,16}(?:掉|摔|跌|栽)`),
	// those who cannot be without water
	regexp.MustCompile(`(?:医院|卫生院|诊所|透析|血透|手术|产房|病房|急诊|重症|养老院|敬老院|福利院|幼儿园|病人|产妇|卧床|瘫痪).{0,30}(?:没水|停水|断水|没有水|无水|不来水|没一滴水|水没了|停了水)|(?:没水|停水|断水|没有水|无水).{0,30}(?:医院|透析|手术|病人|产妇|急诊|卧床|瘫痪|养老院|敬老院)`),
	regexp.MustCompile(`被困|救命|出人命|人命关天|生命危险|要命了`),
}

func complains(folded string) bool {
	return complaining.MatchString(folded) && !asking.MatchString(folded)
}

// aggrieved reports whether somebody is unhappy without saying so outright.
func aggrieved(folded string) bool {
	return grievance.MatchString(folded) && !inquiring.MatchString(folded)
}

func injected(folded string) bool { return injection.MatchString(folded) }

// endangered reports whether life, health or much property is at stake. A
// question about the rules of such cases is not such a case.
func endangered(folded string, question bool) bool {
	for _, d := range dangers {
		if d.MatchString(folded) {
			return !question || happens.MatchString(folded) && !policy.MatchString(folded)
		}
	}
	return false
}
