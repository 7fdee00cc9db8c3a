package bot

import (
	"regexp"
	"strings"
)

// What a message does in a conversation, whoever understood it. A model may
// add labels but cannot take these away.
var (
	bare       = regexp.MustCompile(`^(?:你好|您好)?[，,。！! ]*(?:我|我要|我想|我来|想|要|需要)?(?:进行)?(?:投诉|举报|报修|报个修|登记|申请|办业务|业务办理|办理业务|反映(?:个|一个)?(?:问题|情况)?|有(?:个)?问题)?(?:你们|一下|一件事|个事|个问题)*[。！!～~ ]*$`)
	wantPerson = regexp.MustCompile(`转人工|人工客服|人工服务|找人工|要人工|接人工|真人|^人工$|找个(?:活)?人(?:来|说|跟)|不(?:想)?(?:跟|和)机器人`)
	givesUp    = regexp.MustCompile(`算了|不报了|不投诉了|不用了|不办了|取消(?:吧|投诉|报修|登记|申请)|不登记了|撤(?:销|回)(?:投诉|报修|登记)?|当我没说|先不(?:报|投诉|办|登记)了?`)
	keepsOn    = regexp.MustCompile(`不能(?:就这么)?算了|算了(?:算)?一下|不用了吗`)
	noPhone    = regexp.MustCompile(`(?:不想|不愿|不方便|不便|不会|不|别|没法|没|无|懒得)(?:留|给|提供|说|透露|问)?(?:我的|我)?(?:电话|手机|号码|联系方式)|(?:电话|手机|号码?)(?:我)?(?:就|先)?(?:不|别)(?:留|说|给|写|提供)|不(?:想|愿意?|方便|便)?(?:留|给|说|提供|透露)(?:了|吧)*$|匿名|不留|没有?电话|没手机|保密`)
	noPlace    = regexp.MustCompile(`不(?:想|愿意?|方便)(?:说|留|透露|给|提供)(?:地址|住址)?|不知道(?:叫|是)?(?:什么|啥|哪)|说不(?:清|上来|准)`)
	unchanged  = regexp.MustCompile(`(?:地址|地方|地点|位置|住址|信息)(?:和电话|电话)?(?:都|也|还是|跟刚才|和刚才|跟上面|和上面|跟前面)*(?:一样|不变|没变|没换|同上|是?(?:那个|那里|刚才|原来|前面))|^(?:同上|都一样|跟(?:刚才|前面|上面)一样)`)
	yes        = regexp.MustCompile(`^(?:好|好的|好吧|好啊|行|行吧|可以|要|需要|嗯|嗯嗯|是|是的|对|对的|没错|中|同意|登记吧|帮我登记|登记|登记一下|麻烦了|麻烦登记一下|报吧|办吧|转吧|继续|ok|就是|就这|还是那里|还是那儿)[的吧呢啊呀了哈，,。！!～~ ]*(?:登记吧|谢谢|登记|麻烦了|帮我登记)?[。！! ]*$`)
	no         = regexp.MustCompile(`^(?:不方便|不太方便|不想|不愿意|不行|不|不用|不用了|不需要|不要|没有|没|没了|不必|算了|先不用|别)[的吧呢啊呀了谢您你，,。！!～~ ]*$`)
	corrects   = regexp.MustCompile(`打错|写错|说错|发错|输错|填错|错了|更正|更改|改成|改为|改一下|换成|应该是|不是.{1,20}(?:是|，)|纠正|记错|弄错|不对，`)
	mistaken   = regexp.MustCompile(`(?:打|写|说|发|输|填|记|弄|留)错|错了|不对|(?:改|换|更新)(?:一下|个|下)?(?:我的|联系)?(?:电话|手机|号码|地址|联系方式)`)
	urges      = regexp.MustCompile(`催|快点|快一点|赶紧|抓紧|到现在|还没(?:人|有人|来|动静|修|处理|联系|回|消息|信)|怎么还|没人(?:联系|来|管|理)|等了|尽快|多久了|听见没|听到没|到底`)
	adds       = regexp.MustCompile(`补充|另外(?:说|补)|还有一点|再说一(?:下|点)|忘了说|对了`)
	displeased = regexp.MustCompile(`不满意|不认可|没(?:有)?解决|没修好|还是(?:老样子|没)|根本没|敷衍|糊弄|不接受|又(?:坏|漏|黄|堵)了|[12１２]星|差评`)
	pleased    = regexp.MustCompile(`(?:挺|很|非常|比较|还算|都|十分|我选|选|表示)?满意|好评|修好了|解决了|[45４５]星|五星`)
	separate   = regexp.MustCompile(`[。；;！!\n]?(?:另外|还有(?:个|一个|一件)?(?:事|问题)?|第二(?:个|件|，|、)?|再一个|其次|顺便(?:再)?(?:报|说|反映))[，,：: ]*`)
	unsure     = regexp.MustCompile(`[?？吗么呢]$|多久|多少|几天|怎么|咋|什么|啥|为什么|能不能|可不可以|哪里|谁|几点|几个|问问|问一下|想问|请问|有没有|是不是`)
	cancelCall = regexp.MustCompile(`(?:取消|不用|别|不要|不需要|先不).{0,8}(?:回电|打电话|回电话|打了|联系|来电|电话)|(?:回电|电话|预约).{0,6}(?:取消|不用了|不要了|算了)`)
	outageAsk  = regexp.MustCompile(`[?？吗么]|[停来有]水?[不没](?:停|来|有)?水?[啊呀呢哈。！!～~ ]*$|多久|几点|什么时候|啥时候|为什么|为啥|怎么回事|咋回事|是不是|停到|通知|恢复|查`)
	noWater    = regexp.MustCompile(`(?:没|木有|没有|断|停)了?水|不(?:出|来)水|无水`)
	blames     = regexp.MustCompile(`投诉|举报|不满|说法|曝光|赔|态度|没人管|管不管|不像话|气死|受不了`)
	raises     = regexp.MustCompile(`曝光|拉横幅|上访|电视台|找(?:记者|媒体)|媒体|发(?:抖音|微博|网上)|住院|起诉你们|法院见`)
	despairs   = regexp.MustCompile(`自杀|自残|轻生|寻死|跳楼(?:$|[^价])|跳河|跳井|割腕|上吊(?:$|[^车装顶机篮])|喝农药|绝食|不想活|活不下去|活着没意思|死了算了|想死|死给你|一睡不醒|(?:怎么|咋|如何)死(?:最|得|舒服|不疼)|(?:不疼|舒服)的死法|一了百了`)
	wantsOfUs  = regexp.MustCompile(`^(?:请|你|您|能不能|可不可以|可以)?(?:帮我|给我|帮忙|教教?我|写|编|怎么|如何|怎样|咋)|(?:写|讲|来|编|说|做)(?:一|几|两)(?:个|篇|首|份|条|段|句)$`)
	errand     = regexp.MustCompile(`(?:写|编|拟|造|起草|讲|来|整|画|填)(?:上?)(?:一|两|几|十|二十|一百)?(?:个|篇|首|段|条|份|封|句|则|道|幅|点)[^，。？！]{0,16}(?:段子|顺口溜|笑话|文章|诗|小说|帖子|标语|口号|评论|剧本|广告|故事|演讲|宣言|传单|倡议书|大字报|代码|程序|外号|绰号|狠话|话术|黑料|檄文|新闻|谣|差评|对联)`)
	venting    = regexp.MustCompile(`到底|有没有人|管不管|再不|听见|12345|没人(?:管|理)|投诉(?:你们)?$|气死|说法`)
	ofStaff    = regexp.MustCompile(`师傅|师父|客服|窗口|热线|态度|工作人员|抄表员|维修工|接线|大厅|营业厅|机器人`)
	wantsCrew  = regexp.MustCompile(`就我家|只有我|登记|报修|来人|派人|来修|来看看`)
	filler     = regexp.MustCompile(`^(?:嗯+|哦+|啊+|呃+|额+|好+的?|知道了?|不知道|不清楚|等一下|稍等|等等|我看看|我想想|什么意思|啥意思|\p{P}+|\s+)[。，,！!？? ]*$`)
)

// whenComing asks after the people that an open ticket has called.
var whenComing = regexp.MustCompile(`(?:啥时候|什么时候|什么时间|几点|多会儿?|多久|咋还|怎么还).{0,6}(?:来人|有人来|人来|来修|来看|上门|派人|联系我)|^(?:有人来吗|来人了吗|人呢)`)

func givingUp(s string) bool { return givesUp.MatchString(s) && !keepsOn.MatchString(s) }

// carriesOn is what people say to go on with a matter, and says nothing of it.
var carriesOn = regexp.MustCompile(`^(?:[哦噢喔嗯行好中成那就先吧了啊呗呀的，,。！!、 ]|可以|没问题|接着|继续|登记|报上|办吧|报吧|[俺我]?家?住在?)+$`)

// rest is what remains of a text without the slots it states.
func rest(text string, s Slots) string {
	for _, v := range []string{s.Address, s.Phone, s.Community, s.Road, s.District, s.Name, s.Time} {
		if v != "" {
			text = strings.Replace(text, v, "", 1)
		}
	}
	return strings.Trim(around.ReplaceAllString(text, ""), " ，,。.！!：:、；;\n")
}

var around = regexp.MustCompile(`(?:我的?|俺)?(?:家)?(?:详细)?(?:地址|电话号码|电话|手机号码?|联系方式|手机|号码|位置|姓名|名字|我姓|我叫|家住|住在|我住|我在)(?:就)?(?:是|在)?[:：]?|^(?:是|就|在|就是|那个|打|这个)|(?:先生|女士)`)
