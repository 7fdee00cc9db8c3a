package rules

import (
	"slices"
	"unicode/utf8"
)

// Signs that are never left to the classifier alone.
var (
	complaining = newPattern(`(?:我要|要|想|必须|我来|再次|继续|强烈|已经|我)(?:你们)?(?:投诉|举报|曝光)|投诉(?:你们|她|他|她们|他们|这个?人|那个?人)(?:[，,。！! 了]|$)|投诉你们|曝光你们|(?:[了，,。！! ])投诉(?:[，,。！! ]|$)|^(?:投诉|举报)[^吗么?多几怎哪什谁后完了]{2,}$|气死|忍无可忍|受不了|受够了|太差劲|不像话|踢皮球|推诿|敷衍|没人管|不作为|讨个?说法|给个说法|乱收费|态度(?:恶劣|很差|太差|极差|真差|差)|骂人|凭什么|坑人`)
	asking      = newPattern(`(?:投诉|举报)[^，。,！!]{0,6}(?:哪些|哪几[个种]|几种|什么)(?:渠道|途径|方式|办法|地方)|(?:投诉|举报)(?:电话|热线|渠道|流程|时限|期限|处理|受理|回访|办理|之后|以后|了|后)?(?:是|有|要|需要|得|能|会|一般)?.{0,6}(?:多少|多久|哪些|哪里|怎么|如何|几天|什么|吗|几个|多长)`)
	grievance   = newPattern(`没人(?:管|理|来|修|接|问|回|联系|处理|负责)|(?:到现在|至今|一直|始终|迟迟)(?:都|也|还)?(?:没|不|未)|还没(?:人|修|来|处理|解决|恢复)|不(?:作为|负责任|理人|给(?:解决|处理|修|换|退|铺|填|恢复|收拾|清理|接|装|开|通|送|查|个?说法))|(?:三番五次|多次|好几次|反复|好几遍|[两三四五六七八]次)(?:反映|投诉|报|打电话|打|催|找)|(?:太|真|也太|忒|实在)(?:差|慢|贵|吵|脏|气人|不像|不负|离谱|过分|欺负|坑|黑)|(?:对|冲|朝)(?:着)?(?:我|咱|老人|人)[^，。,]{0,4}(?:大喊|大叫|喊叫|吼|嚷|吆|甩)|受不了|忍不了|没法(?:用|喝|住|睡|活|做|过|洗)|影响(?:休息|生活|睡|生意|出行|正常)|凭啥|什么态度|(?:要求|必须|强烈)(?:赔|退|解决|处理|道歉|整改)|给个?(?:说法|交代|解释)|管不管|(?:我|很|非常|十分|极|太)(?:不满|失望|气愤|生气)|说好的|说话不算|骗人|忽悠|推来推去|推卸|推脱|服务.{0,4}差|乱(?:收|扣|挖|停)|白(?:跑|等)|折腾|差评|恶劣|无故|莫名其妙|又(?:停水|漏了|黄了|没水)`)
	inquiring   = newPattern(`(?:规定|标准|多久|多长时间|几天|流程|手续|材料|怎么办|咋办|合规|正常|应该|能不能|是不是|有没有|可以|需要|要不要|哪里|哪儿|谁|什么|啥|几|多少|[吗不没呢么])[^，。！!]{0,8}[?？。]?$`)
	courtesy    = newPattern(`^(?:你好|您好|hello|hi|嗨|哈喽|哈罗|在吗|在不在|早上好|上午好|中午好|下午好|晚上好|早安|晚安|早|喂|谢谢|谢了|多谢|感谢|太感谢|非常感谢|十分感谢|辛苦|麻烦|再见|拜拜|拜|回见|好的|好嘞|好滴|好|是的|是|对的|对|没错|嗯|哦|噢|知道了|明白了|明白|收到|了解|ok|行|可以|有人在线吗|有人在吗|有人吗|在线吗|没事了|没事|测试|试一下|试试|test|你们|你|您|大家|了|啦|哈|呀|啊|哦|亲|客服|小姐姐|师傅|老师|的|耐心|解答|帮忙|帮助|回复|服务|祝|节日快乐|新年快乐|新年好|工作顺利|先这样|那就|没有了|没问题了|不客气|哈哈|嘿嘿|[0-9\s]|\pP|\pS)*$`)
	bareRepair  = newPattern(`^(?:你好|您好)?[，, ]*(?:我|我要|我想|想|要|需要)?(?:报修|报个修)(?:一下)?[。！!～~ ]*$`)
	bareLeak    = newPattern(`^(?:你好|您好)?[，, ]*(?:我|我要|我想|我来|想|要|需要)?(?:报个?漏水?|报个?爆管)(?:一下|的)?[。！!～~ ]*$`)
	bareTrouble = newPattern(`^(?:你好|您好)?[，, ]*(?:我|我要|我想|我来|想|要|需要)?(?:(?:投诉|举报)(?:你们|一下)?|反映(?:一下|一?个|点)?(?:事儿?|事情|情况|问题))[。！!～~ ]*$`)
	proposing   = newPattern(`提(?:个|点|一个|几点)?建议|(?:我|想)建议(?:你们|贵公司)?(?:能|可以|多|把|在|给|加|设|改|开)|^建议(?:你们|贵公司)?(?:能|可以|多|把|在|给|加|设|改|开)`)
	amending    = newPattern(`(?:写|打|说|发|输|填|记|弄|报)错|错了|更正|改成|改为|上一条`)
	gushing     = newPattern(`漏水|冒水|喷水|跑水|漾水|往外漾|滋水|呲水|淌水|涌水|爆管|(?:水管|管道|管子|主管|干管|立管).{0,6}(?:爆|漏|破|裂)|(?:主管|干管|立管).{0,10}(?:崩|脱开|断开)|往外(?:冒|喷|流|淌|涌|漫)|水[^，。,]{0,8}漫出`)
	outageWhen  = newPattern(`几点|何时|什么时候|多会|多久|[吗嘛不没][?？～~ ]*$|怎么回事|怎么了|什么原因|什么情况|为什么|停到|恢复|来水|是不是|是停水|有通知`)
	ruling      = newPattern(`规定|规范|标准|期限|时限|合规|违规|依据|政策|条件|手续|材料|按理|应该|应当|必须|提前多|多久一次|归谁|谁负责|谁来管|是免费|收费(?:吗|不)|几天(?:内|之内)|多长时间|多少(?:小时|天|分钟)|(?:哪天|几时|啥时候|什么时候)(?:开始|起)算|该[^，。,]{1,6}(?:掏|出|付|担)|谁(?:来)?(?:掏|出钱|付)|超时|合理吗|正常吗|义务`)
	offTopic    = newPattern(`(?:手机|电脑|平板)[^，。,]{0,8}(?:中毒|病毒|广告|死机|黑屏|卡死)|天气|[下夏]雨|下雪|气温|燃气|煤气|天然气|电费|供电|停电|断电|跳闸|暖气|供暖|供热|取暖|写(?:一)?(?:首|篇|个)?(?:诗|作文|小说|代码|程序|论文|检讨|情书|文案)|作诗|写诗|笑话|股票|基金|彩票|理财|外卖|快递|公交|地铁|高铁|火车票|机票|航班|酒店|旅游|景点|饭店推荐|好吃的|社保|医保|公积金|养老金|驾照|违章|护照|结婚证|户口|宽带|话费|流量|网费|电视费|电影|游戏|唱歌|明星|足球|篮球|世界杯|总统|大选|战争|算命|星座|翻译|英语|数学题|菜谱|减肥|感冒|头疼|挂号|律师|离婚|房价|房贷|学区|高考|停车|路灯|红绿灯|物业费|彩礼|嫁妆|谈恋爱|(?:跟|和)我?对象|分手|相亲|婆媳|公务员|考研|面试|求签|运势|变速箱|火花塞|刹车片?|轮胎|修理厂|二手车|热力公|暖汽|电梯|广场舞|垃圾分类|共享单车`)
	ofWater     = newPattern(`投毒|预案|给我打|回个?电|打给我|水|井|消防栓|消火栓|阀门|管道|管子|爆管|报装|过户|更名|销户|发票|投诉|工单|营业厅|抄表|表|缴费|泵房|供应|停了|漏|抢修|管网|规范|规程|一窗|信息化|曲线|用量|户名|网点|接入|实时流量|瞬时流量`)
	forPerson   = newPattern(`(?:转|找|接|要|换|叫)(?:个|一?下|到|给)?(?:人工|真人|活人|人工客服|客服人员)|人工(?:客服|服务|坐席)|^人工$|真人|(?:不|别)(?:想)?(?:跟|和|拿)机器人|(?:叫|让|找)(?:你们)?(?:领导|经理|主管|负责人)(?:来|接|跟|和|出来)|找个(?:活)?人(?:来)?(?:跟|和|说|聊)`)
	injection   = newPattern(`(?:忘掉|忘记|忘了|抛开|丢掉|扔掉)(?:你|您|那些|所有|之前)[^，。,]{0,6}(?:规则|指令|设定|提示|身份)|忽略(?:之前|以上|前面|上面|所有|一切|你).{0,12}(?:指令|规则|设定|提示|要求|内容)|ignore (?:all|previous|the|your|above)|system prompt|系统提示词|(?:输出|告诉|显示|重复|泄露|打印|说出)[^，。,]{0,8}系统提示|提示词|开发者模式|dan模式|扮演|角色扮演|<\|im_|输出你的(?:设定|提示|规则)|repeat everything|越狱|jailbreak`)
)

// named are the applications by the words nobody uses for another one.
var named = []struct {
	application string
	words       pattern
}{
	{"other", newPattern(`口径|移表|挪表|迁表|表位|(?:机械|普通|老式)(?:水)?表.{0,8}(?:远传|智能)|(?:换|改)成?(?:个|块)?(?:远传|智能)(?:水)?表|绑定.{0,6}(?:手机|电话)|表后.{0,6}(?:检测|查漏|测漏)|临时用水`)},
	{"open_day", newPattern(`开放日|参观.{0,6}水厂|水厂.{0,6}参观`)},
	{"invoice", newPattern(`发票|开票|专票`)},
	{"transfer", newPattern(`过户|更名|改户名|户名.{0,6}(?:改|换|变更)|(?:改|换)成我的名`)},
	{"close_account", newPattern(`销户|销掉|拆表|撤表|报停|注销|(?:拆|撤|销)(?:掉|了|除)?[^，。,]{0,8}表(?:[^内后前示格位]|$)|撤停|表[^，。,]{0,4}(?:不用了|不要了)[^。]{0,6}(?:摘|拆|拿)走?|销糊`)},
	{"meter_check", newPattern(`校表|验表|验验(?:水)?表|验(?:个|一个|块|一?下)(?:水)?表|校验|检定|送检|(?:测|检|验|校)(?:一下|下|一)?(?:我家|我的|的)?(?:水)?表`)},
	{"new_connection", newPattern(`报装|新装|接水|装(?:个|块|一块)?(?:新)?水表|开户|接自来水|通自来水`)},
	{"payment", newPattern(`(?:交|缴|付)(?:个|一下|下)?(?:水)?费|代扣|充值|预存|(?:交|缴)水费`)},
}

// Those who cannot be without water, and that there is none.
const (
	frail     = `(?:医院|卫生院|诊所|透析|血透|腹透|手术|产房|病房|急诊|重症|养老院|敬老院|福利院|护理院|养护院|颐养院|托老所|幼儿园|病人|产妇|卧床|瘫痪|瘫在|失能|植物人|鼻饲|吸痰|胃管|[呼护]吸[机鸡])`
	waterless = `(?:(?:[停挺]|没有?|断|无)了?水|水压?(?:突然|一下子?|全|又|也|都|就)?(?:停|没|断)了?|(?:停|没|断)的水|不来水|没(?:有)?一滴水|一滴水(?:也|都)没)`
)

// dangers are what endangers life, health or much property. Each is said in
// many words, so they are kept apart.
var dangers = []pattern{
	// 水 that made people ill
	newPattern(`中毒|投毒|下毒|有毒|毒水`),
	newPattern(`(?:水|喝|洗|用).{0,40}(?:拉肚子|拉稀|腹泻|呕吐|上吐下泻|闹肚子|肚子疼|肚子痛|住院|送医|急诊|打吊|输液|起疹|红疹|皮疹|疙瘩|过敏|吐了|都吐|一直吐|头晕|恶心(?:[^死人透]|$)|发烧|难受|不舒服|看医生|去医院|进医院)`),
	newPattern(`(?:拉肚子|拉稀|腹泻|呕吐|上吐下泻|闹肚子|住院|急诊|起疹|红疹|皮疹|过敏).{0,30}水`),
	// foul things in the water
	newPattern(`(?:汽油|柴油|农药|化学|煤油|油漆|机油|杀虫剂|刺鼻|化工|药水|敌敌畏)(?:品|剂)?(?:的)?(?:异|怪|气)?味|(?:汽油|柴油|煤油|农药|杀虫剂|油漆|化工).{0,20}(?:水|味)|水.{0,20}(?:汽油|柴油|煤油|农药|杀虫剂|化工)|粪|油花|油膜|死鱼|死老鼠|死猫|死鸟|尸体|污染|排污|倒(?:化工|废料|垃圾|东西).{0,8}水|水源.{0,12}(?:倒|扔|毒|异常|脏|油)|污水.{0,10}(?:混|进|灌|倒|串).{0,6}(?:自来水|水管|水箱|水源)|水.{0,6}(?:变|发|成).{0,3}(?:蓝|绿|黑|红)`),
	newPattern(`(?:水源|水库|机井|水井|井(?:边|旁|口|里)|取水口|水渠|水池|水塘|蓄水池).{0,12}(?:倒|扔|撒|投|排|泼|丢|埋).{0,8}(?:药|毒|化学|废油|机油|废水|废料|油漆|酸)`),
	// the ground gives way
	newPattern(`塌陷|塌方|坍塌|塌了|塌下|要塌|陷下去|下陷|沉陷|陷进|掏空|(?:路面?|地面|地砖|沥青|柏油)[^，。,]{0,6}(?:下面?|底下)[^，。,]{0,4}空|地陷|路陷|冲垮|冲塌|(?:砖|路|人行道|底下).{0,10}(?:悬空|掏得)|挡土墙.{0,12}(?:裂|歪|鼓|塌|倒)|(?:路|地面|地).{0,6}(?:塌|鼓起|鼓包|下沉|裂开)|(?:路面?|地面|地砖|沥青)[^，。,]{0,10}(?:低|沉|陷|矮|凹)(?:下去|了一[截块大])|(?:路面?|地面|地砖|砖|人行道|便道)[^，。,]{0,10}(?:软(?:乎乎|绵绵|塌塌|得|了)|踩棉花|发虚|忽闪)`),
	// flooding
	newPattern(`(?:水|管).{0,30}(?:淹|灌进|灌到|倒灌|漫进|漫到|涌进|没过|泡在|齐腰|齐膝|到膝盖|半米深|成河|跟河一样|像河|汪洋|(?:超市|商场|车库|地下室|店|楼)[^，。,]{0,4}(?:全|都)?进水)|(?:淹|泡)(?:了|到|水).{0,16}(?:车|店|家|屋|楼|库|室|铺|街|路)|(?:喷|冲|窜|滋|呲).{0,8}(?:米|层楼|楼|老|好|丈).{0,3}高|水柱`),
	newPattern(`(?:爆|炸)(?:了|管).{0,24}(?:淹|喷|冲|成河|泡|交通|堵|车过不|止不住|砸|涌)`),
	// electricity and fire
	newPattern(`触电|漏电|带电(?:[^话]|$)|电着|电倒|电死|电人|电手|电(?:了|得)(?:我|俺|他|她|人|手|一下)|麻手|手(?:都)?(?:发)?麻|(?:碰|摸|挨)(?:一下|着|上|到)?.{0,6}麻|火花|火星|(?:漏|淋|泡|滴|喷|溅|渗|浸|冲|呲|滋).{0,14}(?:电线|电箱|配电|电表|插座|插排|变压器|电缆|电闸|高压线|控制柜|配电柜|电柜)|(?:电线|电箱|配电|电表箱|插座|变压器|电缆).{0,14}(?:水|漏|泡|湿)|火灾|起火|失火|(?:楼|房|店|屋|厂|车|库).{0,6}着火|(?:^|[^不没])着火了|消防(?:车|栓|队)?.{0,10}(?:没水|接不上水|没有水)|(?:失火|着火|火).{0,16}(?:栓|消防).{0,12}(?:没|坏|一滴)|(?:煤气|燃气|天然气)(?:管)?.{0,4}(?:也)?(?:漏|破|断)`),
	// what the works keep, and who means them harm
	newPattern(`氯气?.{0,8}(?:泄漏|漏|味|熏|呛|中毒)|加氯间|冒黄烟|(?:炸|爆破|放火烧|纵火).{0,4}水(?:厂|塔|库)|(?:翻|爬|钻|闯)进.{0,6}(?:水厂|水库|清水池|泵站|泵房)|水塔.{0,6}(?:歪|倒|斜)`),
	// people hurt by works, by ice, in shafts
	newPattern(`(?:砸|撞|压|碰|炸|烫|崩|埋)(?:伤|着|倒|死)?(?:了)?(?:人|我|俺|老人|孩子|路人|行人|工人)|(?:把|将)(?:人|老人|孩子|行人).{0,4}(?:撞|砸|压|崩|埋)|(?:下井|下了?[^，。,]{0,6}井).{0,14}(?:没动静|没声|没上来|晕|不答应|喊不应)|(?:井|池)(?:里|下|底).{0,10}(?:沼气|有毒|晕|没(?:有)?动静|没上来|没声|不应声)`),
	// people in distress, whatever of
	newPattern(`捞人|(?:喊|叫)(?:他|她|人|也|都|了)?[^，。,]{0,6}不(?:答应|应)|被(?:困|埋|水堵|堵|压|冲走)|困在|门(?:都|也)?(?:推|打|拉)不开|出不来|(?:腿|胳膊|腰|骨头)(?:好像|都|也)?(?:折|断)了|抢救|惊厥|抽搐|抽抽|抽(?:过去|起来)|吐(?:了)?白沫|倒了(?:俩|两|仨|三|好几|几|一片)|昏迷|昏倒|昏过去|晕(?:倒|过去)|休克|不省人事|没(?:有)?(?:气|呼吸)了|叫不醒|洗胃|(?:^|[^恶气烦吓吵累急笑热冷愁饿渴困疼痒丑香臭烫])死人了|嘴唇?(?:都|发|变)*[紫麻木]|120|救护车|站不住|电(?:得|到)手|(?:鱼|虾)(?:全|都|也)*(?:翻|死)|接生|保温箱|呼吸机|妇幼`),
	// open shafts
	newPattern(`(?:井盖|井盖子|盖子|盖板).{0,12}(?:没了|没有|丢|不见|被偷|偷了|翻|掀|敞|缺|塌|碎|断了)|(?:没|没有|缺|少|丢|掉)(?:了)?(?:个|一个)?(?:水)?井盖|井[^，。,]{0,8}(?:没有?|缺|少)(?:了)?盖|井(?:口)?.{0,6}(?:敞|没盖|裸露|黑窟窿|大窟窿)|井盖.{0,30}(?:摔|绊|掉|危险|孩子|老人|扎|翻车)|(?:掉|摔|跌|栽|踩空).{0,8}(?:井|坑|沟)|(?:坑|沟).{0,16}(?:掉|摔|跌|栽)`),
	// those who cannot be without water
	newPattern(frail + `.{0,60}` + waterless), newPattern(waterless + `.{0,30}(?:医院(?:[^门旁对附隔边]|$)|透析|手术|病人|产妇|急诊|卧床|瘫痪|失能|养老院|敬老院|护理院|养护院)`),
	// in English
	newPattern(`(?:open|missing|no cover|without).{0,30}(?:manhole|cover)|manhole.{0,40}(?:open|missing|no cover|gone|stolen)|fell in|sinkhole|collaps|flood|under water|burst.{0,20}(?:pipe|main)|(?:pipe|main).{0,20}(?:burst|explod)|vomit|diarrh|poison|smells? (?:like|of) (?:gas|petrol|gasoline|diesel|chemical|pesticide|paint)|electr(?:ic shock|ocut|ical box)|sparks|dialysis|(?:still|stuck) inside|trapped|(?:meter|metre|waist|knee|chest)s?(?: deep)?(?: of)? water|in (?:the )?hospital|sick (?:after|from)`),
	newPattern(`(?:油罐车|槽罐车|罐车|农药车|化学品).{0,12}(?:翻|侧翻|漏|泄)|(?:水源|水库|取水口|河道).{0,16}(?:翻了|泄漏|油(?:污|往|流))|楼(?:房|体|都)?(?:歪|斜|要倒)|被困|救命|出人命|人命关天|生命危险|要命了`),
}

// dire are dangers in words that leave no doubt, whatever the classifier thinks.
var dire = []pattern{
	// what is in the water, and who put it there
	newPattern(`(?:水[箱香相厢]|水池|蓄水池)[^。！!?？]{0,20}(?:死|腐烂)的?死?(?:狗|猫|老鼠|耗子|鸟|鸽子)|危险试剂|投毒|下毒`),
	newPattern(`喝了[^。！!?？]{0,12}(?:抽(?:过去|搐|风|了)|晕(?:过去|倒)|昏|倒下)|口[吐土]白沫|(?:^|[，,。！! 出要])死人了`),
	// gas where it gathers
	newPattern(`(?:井|坑|沟|泵房|地下室|管沟)[^，。！!?？]{0,8}(?:煤气|燃气|天然气|瓦斯)`),
	// what the works keep
	newPattern(`氯气[^，。,]{0,4}漏|炸(?:了|掉)?水(?:厂|塔|库)`),
	// fire and nothing to put it out with
	newPattern(`(?:着火|失火|起火)[^？?]{0,16}(?:消防|消火)栓?[^，。,]{0,10}(?:没|一滴|不出|放不出)|(?:消防|消火)栓[^，。,]{0,12}(?:没|一滴)[^？?]{0,14}(?:着火|失火|救火)`),
	// electricity
	newPattern(`被电[得了倒晕着]|电得|电手|电死|电倒|(?:沾|碰|摸|挨|拧)[^，。,]{0,6}(?:水龙头|龙头|花洒|喷头|水管|水)[^，。,]{0,6}(?:麻(?:得|手|了|酥|[，。,]|$)|过电)|跟?过电(?:一样|似的|了)`),
	// people hurt, in shafts, in water, out of reach
	newPattern(`把(?:人|老人|孩子|行人|骑车的)[^，。,]{0,3}[撞砸压轧]|掉(?:进|到|在)?[^，。,]{0,6}井(?:里|下)|捞人|摔了好几个|联系不上人`),
	// gas that people breathe, whosever it is
	newPattern(`(?:煤气|燃气|天然气|液化气)味?[^。！!?？]{0,24}(?:晕|叫不太?醒|站不(?:起来|住|稳)|昏)`),
	// ground that gives way
	newPattern(`(?:路面?|地面|地砖|砖|人行道|便道)[^，。,]{0,10}(?:软(?:乎乎|绵绵|塌塌)|踩(?:着)?棉花|发虚)[^。！!?？]{0,16}(?:水|空)|(?:墙根|墙脚|墙角|墙体|地基|楼体|房子|楼房)[^，。,]{0,8}(?:往?下沉|沉降|下陷|悬空|掏空)`),
	newPattern(`(?:电梯|地下室|地库|车|屋|井|坑|配电室)[里头内]?[^，。,]{0,5}(?:关|困|堵|卡)(?:着|住)了?[^，。,]{0,3}(?:人|孩子|老人|娃|老头|老太太)`),
	// mains that burst
	newPattern(`水柱[^，。,]{0,3}[蹿窜冲喷]|^爆管了?[!！。]*$|(?:马路|路上|街上|门口)[^，。,]{0,4}成河|地铁口?[^，。,]{0,4}灌水`),
	// those who cannot be without water
	newPattern(`(?:娘|爹|妈|爸|奶奶|爷爷|姥姥|姥爷|老人|大爷|大娘|老太太?|老头|母亲|父亲)[^，。,]{0,3}(?:[89][0-9]|[八九]十)[多来几零一二三四五六七八九]{0,2}[岁了][^。！!?？]{0,24}(?:自己|一个人|独自|没人|瘫|卧床|下不了)[^。！!?？]{0,30}(?:没水喝|没有?水|断水|断了水)|(?:在家(?:里|自己)*(?:做)?(?:透析|腹透|血透)|腹膜?透析?机?|制氧机)[^！!?？]{0,90}` + waterless),
	newPattern(waterless + `[^。！!?？]{0,12}(?:手术室|手术台|产房|急诊室|透析室)|(?:手术室|手术台|产房|急诊室)[^。！!?？]{0,30}` + waterless),
	newPattern(`(?:血[站库]|透析|腹透|血透|[呼护]吸[机鸡]|制氧机|鼻饲|吸痰|胃管|雾化|保温箱|重症监护|抢救室|icu)[^。！!?？]{0,60}` + waterless + `|(?:停水|没水|断水)[^，。,]{0,12}(?:透析|腹透|血透)`),
}

// lasting is a trouble that goes on and on.
var lasting = newPattern(`(?:都|已经|快|整整|流了|漏了|冒了|淌了|喷了)[^，。,]{0,4}(?:好几|[两三四五六七八九十半几]|[0-9]{1,2})个?(?:多)?(?:天|周|礼拜|星期|月|年)`)

// tellsOf is in every report of a danger, whatever the danger: 「我们去五个大人
// 三个孩子」 tells of none.
var tellsOf = newPattern(`[水喝吐拉泻肚痒疼痛晕昏死伤血毒药味油火电烟管漏冒喷淹塌陷坑洞井盖掉摔栽砸压埋困救急病停没断裂倒歪炸冰滑栓泵鱼虫鼠尸氯撬锁闸阀坏堵溢灌渗响麻颤鼓]|[底地面下]空|空了|漂|透析|手术|医院|煤气|燃气|翻了|拱|[a-z]{3}`)

// sights are places whose names hold a word of danger: 「北边那个加油站」.
var sights = newPattern(`加油站|火车站|药店|药房|药铺|消防[队站]|电影院|电器城|电子城|供电[所局]|烤鱼|鱼市`)

// lesser are matters that sound like a danger and are seldom one: a cover that
// sags or rattles, a hydrant that was run into, water in the pit of a meter, what
// has hurt nobody, and what may come by and by.
var lesser = newPattern(`井盖[^，。,]{0,8}(?:下沉|下陷|沉|松|响|不平|翘|晃|凹)|井盖[^，。,]{0,4}塌[^，。,]{0,3}[角边]|(?:消防|消火)栓[^。！!]{0,12}(?:撞|碰|刮|蹭|剐)|表(?:井|坑)[^，,。！!?？]{0,12}[水泡渗]|(?:没|没有)(?:伤|摔|磕|砸)(?:着|到)?人?(?:[，,。！! ]|$)|[蹭擦]破|早晚(?:得|要|会|把)|怕(?:是)?(?:挖断|结冰)|晚上(?:得|要|会)结冰`)

// figures are words of danger that mean none.
var figures = newPattern(`天(?:都|要|也)?塌|(?:饿|渴|恶心|急|烦|累|笑|吓|热|闷|困)死|(?:白|黑|黄)色?的?小?(?:点点?|渣|沫|絮|毛|片)`)

// suspected fears to be taken for a thief.
var suspected = newPattern(`(?:怕|说|以为|当|赖|冤枉)[^，。,]{0,6}我[^，。,]{0,3}偷`)

// priced asks for a figure of money: the standard holds none, but says who must
// make them public and who pays nothing.
var (
	priced = newPattern(`收费(?:是|要|得|大概)?几[百千十块]|多少钱|几块钱?|几毛|百分之几|什么价|价格|单价|水价|报价|费(?:用)?(?:是|要|得|大概)?(?:多少|几[块元百])|多少费|交多少|多钱|how much`)
	free   = newPattern(`统一|一个价|看人下菜|谁家都|价目表|问得?到|公开|公布|公示|(?:哪|什么地方|啥地方)[^，,。！!？?]{0,4}(?:打听|查|看得?到|公[是式告])|养老|公益|托育|免费|零费用`)
)

// coverGone is a hole that somebody falls into (Q03), whoever has seen it.
var coverGone = newPattern(`井盖子?[^，。,！!]{0,3}(?:丢了|没了|没有了|不见了|不知去向|[被让][^，。,]{0,4}偷|偷了)|(?:没|没有|缺|少)(?:了)?(?:个)?井盖|井[^，。,盖]{0,4}(?:没|没有|缺)(?:了)?(?:盖|盖子)(?:$|[，。,！!了的])`)

// digsFirst asks what has to be looked after before somebody digs, others are the
// pipes and cables of others that lie there.
var (
	digsFirst = newPattern(`(?:开?挖[^，。,！!]{0,6}|动土|施工|刨[^，。,！!]{0,3})(?:之前|以前|前)[^。！!]{0,20}(?:要不要|得先|先得|要先|用不用|是不是|[吧吗么不没][呀啊]?[？?。！!～~ ]*$)`)
	others    = newPattern(`煤气|燃气|天然气|电缆|光缆|管线`)
)

// shirking leaves it to others or is rude, seeOnline is asked about what can be seen
// oneself, dryTaps is no leak.
var (
	shirking    = newPattern(`推给|踢皮球|推诿|推来推去|互相推|吆五喝六|大喊大叫|甩脸|翻白眼|爱答不理|骂人`)
	seeOnline   = newPattern(`(?:app|手机|公众号|小程序|网上|官网)[^，。,]{0,6}(?:能|可以|可不可以)[^，。,]{0,20}(?:进度|哪一?步|到哪|办到)`)
	toKnow      = newPattern(`就是(?:想)?问(?:一[句声下]|问)|哪个(?:才)?是[^，。,]{0,10}[呀呢啊？?]|推荐(?:个|一个|一下)|谣言|归谁[管修]|该(?:谁|哪)|(?:该|让)[^，。,]{1,4}还是[^，。,]{1,4}(?:掏|出|付|修|管)|该[^，。,]{1,4}掏还是|谁(?:给|来)[^，。,]{0,3}(?:铺|填|恢复|赔)[^，。,]{0,4}[呀呢啊？?]|到底有没有人?(?:定期|专门)|(?:打|从)(?:哪天|什么时候|啥时候)(?:开始|起)?算`)
	inGeneral   = newPattern(`是不是|还是[^，。,]{1,12}[呀呢啊吗～~?？]*$`)
	ofMine      = newPattern(`(?:交|报|办|等|申请|提交|递)了[^，。,]{0,5}(?:天|周|月|星期|礼拜)|我(?:的|那|上次|前天|昨天|报|家|投诉的)|单号|单子|工单|到底`)
	unfilled    = newPattern(`挖(?:个|了|的)?[^，。,]{0,4}(?:坑|沟)[^。！!?？]{0,8}(?:挖到|天天|没完|[半一两俩三几]个?(?:多)?(?:月|年)|到现在)|(?:沟|坑|路面?|土)[^。！!?？]{0,12}(?:没|不|未)(?:给)?(?:填|平|铺|恢复|补|收拾|清|拉走)`)
	fumes       = newPattern(`氯气|[绿录]气|黄绿色?的?(?:烟|雾|气)`)
	drunk       = newPattern(`喝|龙头|水里|自来水`)
	billed      = newPattern(`账单|扣费|扣钱|扣了|收费|欠费|催缴`)
	meterFault  = newPattern(`表[^，。,]{0,6}(?:坏|快|慢|准|转|停|裂|碎|跳|疯)|换[^，。,]{0,4}表|估`)
	hydrant     = newPattern(`消防栓|消火栓|消防井`)
	scheduled   = newPattern(`(?:改造|老旧|轮换|更新|翻新)[^。！!?？]{0,10}(?:排|轮)(?:到|上)(?:我们|咱|俺)`)
	wantsCheck  = newPattern(`(?:想|给[我俺咱]|帮[我俺咱]|替[我俺咱]|要)(?:来|去)?(?:给|人|把|这|那)?[^，。,]{0,4}(?:验验|验一验|校校|校一下|校准?一?下|验(?:个|一下|下)?(?:水)?表|校(?:个|一下|下)?(?:水)?表)|表[帮给]?[我俺]?[验校](?:一下|一验|一校|验)`)
	atHydrant   = newPattern(`(?:消防|消火)栓(?:的)?(?:旁|边|附近|跟前|后|对面|隔壁|上[头面边]|下[头面边])`)
	stuck       = newPattern(`锈死|拧不动|拧不开|关不(?:上|死|严|住)|打不开|卡死`)
	unwashed    = newPattern(`(?:半年|[一两二三四五六七八九十几多]+年|年|[0-9]+个?月|个月|多久|从来|一直|好久)[^，。,]{0,8}(?:没|不)(?:人|有人)?(?:来|给)?(?:清|刷|冲)?洗(?:过|了|水箱)?`)
	whereIs     = newPattern(`(?:窗口|营业厅|大厅|网点|服务点)[^，。,]{0,6}(?:搬|挪|在|改)(?:到|去)?(?:了)?哪`)
	vermin      = newPattern(`水[^，。,]{0,6}(?:里|头)[^，。,]{0,10}(?:虫|蛆|蚂蟥|蠕)`)
	numberOf    = newPattern(`^[^，。,0-9]{1,8}(?:电话|号码)(?:是)?(?:多少|几)?[?？]?$`)
	offNow      = newPattern(`(?:现在|今[天晚早]|明[天早])[^。]{0,8}停水|停水[^。]{0,10}(?:现在|今[天晚早]|明[天早])`)
	notLeaking  = newPattern(`(?:没|不|没有|也没|倒没)(?:怎么)?漏|水倒是没`)
	valve       = newPattern(`阀|门子|把手|把儿|水门`)
	digging     = newPattern(`钻地|钻机|打镐|电镐|破碎(?:锤|机)|打桩|挖掘机`)
	pumpDown    = newPattern(`(?:水|加压|增压)?泵[^，。！!？?]{0,12}(?:停机|停转|停了|坏了|故障|跳闸|不转|不动了|烧了|转一会)|故障代码`)
	ofOthers    = newPattern(`踢皮|推来推去|找物业|摊钱|合理|锁|[的大]门`)
	gasPierced  = newPattern(`(?:燃气|天然气|煤气|天燃[气汽]|煤汽)[^，。！!？?]{0,6}(?:刨|挖|铲|钻|打|碰|铣)(?:断|漏|破|穿|裂)|(?:刨|挖|铲|钻|打|碰|铣)(?:断|漏|破|穿|裂)[^，。！!？?]{0,6}(?:燃气|天然气|煤气|天燃[气汽]|煤汽)`)
	hydrantsOwn = newPattern(`(?:消防|消火)[栓拴](?:井)?(?:老|总|一直|正|还)?(?:是|在)?(?:自己)?(?:往外)?(?:有点|慢慢)?[滴漏渗淌流冒]`)
	liveTap     = newPattern(`(?:龙头|笼头|花洒|喷头|水管|自来水|水)[^，。！!？?]{0,6}(?:带电|漏电|过电|电麻|麻人|麻手|麻得)|被(?:自来水|龙头|水)?(?:电|打)(?:了|着|得|麻|倒)`)
	bursting    = newPattern(`进水|崩|断|裂|泡`)
	ofNursing   = newPattern(`养老院|敬老院|护理院|养护院|福利院|老年公寓|托老所`)
	inEnglish   = newPattern(`want to report|need to report|would like to report|there(?:'s| is) an? (?:\w+ )?(?:leak|burst)|please (?:send|fix|repair|come)`)
	rudeAbroad  = newPattern(`(?:technician|staff|worker|employee|clerk|operator|repairman|plumber)[^.]{0,30}(?:shout|yell|rude|swear|swore|hung up|impolite|cursed)`)
	overcharge  = newPattern(`^(?:你们)?(?:这个?月)?(?:我家)?(?:水费|账单|钱)(?:也|都|又)?(?:收|扣|算|多)(?:多|错|重|了)[了啦]?[^吗么呢?？]{0,6}$`)
	forWater    = newPattern(`(?:我|俺)?(?:要|想|来)(?:给|为|替)?[^，。！!？?]{0,8}(?:申请|办)[^，。！!？?没不]{0,4}(?:接自来水|接水|通水|新装|报装|装表|过户|更名|销户|开户)`)
	applies     = newPattern(`(?:我|俺|咱)(?:要|想|来)?(?:申请|办)|(?:想|要|来)(?:申请|办)|帮我办|把户[名头]`)
	dryTaps     = newPattern(`停(?:了|过)?[^，。,]{0,5}水|没水|断水(?:[^管]|$)`)
	running     = newPattern(`漏|冒|喷|爆|淌|渗|滴|流|涌|灌|淹`)
)

// struck is one of our pipes that somebody's digger, drill or lorry went through.
var struck = newPattern(`(?:水管|自来水|供水管)[^，。！!?？暖燃热煤]{0,8}(?:挖|刨|铲|钻|撞|轧|碰|砸|打)(?:断|漏|爆|破|坏|穿|裂)|(?:挖|刨|铲|钻|撞|轧|碰|砸|打)(?:断|漏|爆|破|坏|穿|裂)[^，。！!?？暖燃热煤]{0,10}(?:水管|自来水|供水管)`)

// poisoning is done or said to be done to the water, wherever.
var poisoning = newPattern(`[投下][了的]?毒|倒(?:了|的)?农药`)

// sewer and lamp are what others keep; ours are words of what we keep, or of a
// complaint of us, beside which a sewer is only where it happened.
var (
	sewer = newPattern(`下水道|化粪池|粪水|排污管|污水管`)
	ours  = newPattern(`自来水|供水|水龙头|龙头|停水|没水|断水|来水|水表|水压|总管|主管|爆管|阀|消防栓|消火栓|水箱|上水|投诉|(?:流|淌|排|漏|跑|灌)(?:到|进|入|了)+下水道|喝|发黄|发黑|发浑|水费|井|水管|挖`)
	lamp  = newPattern(`(?:路灯|电线杆|红绿灯|信号灯)杆?[^，。！!?？]{0,6}(?:倒|坏|不亮|歪|灭|塌|折|断)`)
)

// powerCut is another utility's outage, in the same words as ours.
var powerCut = newPattern(`停电|断电|来电[?？吗没。 ]|来电$|暖气|供暖`)

// whatIf is asked about what has not happened.
var whatIf = newPattern(`如果|要是|假如|假设|万一|倘若|会不会`)

// supposing are the words of who speaks of what might be, was or is over.
var supposing = newPattern(`先打听|提前问|提前登记|电视上|瞎寻思|瞎琢磨|如果|要是|假如|假设|万一|倘若|会不会|预案|演练|演习|应急|按理|论文|写稿|去年|前年|年前|上个月|上月|那次|那回|报过|派人没|处理结果|进度|新闻|电影|片子|电视剧|小说|动画|剧本|桌游|游戏|疯传|谣言|视频里|做梦|梦见|谁管|归谁|赔`)

func complains(folded string) bool {
	return complaining.MatchString(folded) && !asking.MatchString(folded)
}

// aggrieved reports whether somebody is unhappy without saying so outright.
func aggrieved(folded string) bool {
	return grievance.MatchString(folded) && !inquiring.MatchString(folded)
}

// aboutRules reports whether a message ends in a question about what holds
// in general.
func aboutRules(folded string) bool {
	r := []rune(folded)
	end := string(r[max(0, len(r)-24):])
	return ruling.MatchString(end) && inquiring.MatchString(end)
}

// courteous reports whether a message is nothing but a greeting or thanks.
func courteous(folded string) bool {
	return utf8.RuneCountInString(folded) <= 20 && courtesy.MatchString(folded)
}

// foreign reports whether a message is about another trade and not water.
func foreign(folded string) bool {
	return offTopic.MatchString(folded) && !ofWater.MatchString(folded)
}

// wantsPerson reports whether somebody asks for a person outright.
func wantsPerson(folded string) bool {
	return forPerson.MatchString(folded) && utf8.RuneCountInString(folded) <= 60
}

func injected(folded string) bool { return injection.MatchString(folded) }

// endangered reports whether life, health or much property may be at stake.
func endangered(folded string) bool {
	return anyOf(dangers, spared.ReplaceAllString(folded, "，"))
}

// spared is what has not happened, or to no water: 「没淹到店里」, 「手机中毒」.
var spared = newPattern(`(?:钥匙|手机|饭卡|戒指|耳[环机]|首饰|快递|玩具|皮?球|拖鞋)[^，。！!？?]{0,8}(?:掉|滑|溜|滚)[^，。,！!？?]{0,10}[井坑沟]里?|(?:手机|电脑|平板|微信)[^，。,]{0,6}(?:中毒|病毒)|(?:没有?|倒没|还没|未)(?:淹|漫|灌|塌|陷|摔|伤|砸|触电|漏电|着火|爆|中毒)`)

// mortal reports whether it is, beyond doubt and now.
func mortal(folded string) bool {
	return (anyOf(dire, spared.ReplaceAllString(folded, "，")) || deadFish.MatchString(folded) && !unaired.MatchString(folded)) && !supposing.MatchString(folded)
}

// deadFish tell of what is in the water, unless it is chlorine that nobody let out.
var (
	deadFish = newPattern(`鱼(?:全|都|也)+(?:翻|死)`)
	unaired  = newPattern(`没[晾晒]|[没不]用?[晾晒]|氯|漂白粉|金鱼`)
)

func anyOf(list []pattern, folded string) bool {
	return slices.ContainsFunc(list, func(p pattern) bool { return p.MatchString(folded) })
}
