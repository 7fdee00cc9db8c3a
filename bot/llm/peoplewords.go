package llm

import (
	_ "embed"
	"strings"

	"quandesk/bot"
)

// ordinary are the words of two characters that begin like a surname: on each
// line the first character and all that may follow it. From the counts of the
// dictionary of gse and jieba, with words of the trade.
//
//go:embed ordinary.txt
var ordinaryWords string

var (
	ordinary = firstOf(strings.Fields(ordinaryWords))
	doubled  = strings.Split(bot.DoubleSurnames, "|")
	// single are the surnames of one character but those that are small words
	// far more often.
	single = runes(bot.Surnames + "覃兰尚解阳古连麦全应苟师商明查楚展丰")
	// small are surnames that are small words far more often.
	small = runes("和向应连全从时管查都并能权强可常曾易单包成解党明班车代")
	// common are surnames of many that end no word of everyday use; after any
	// character 王师傅 is somebody.
	common = runes("王李刘陈杨赵吴徐孙朱胡郭罗郑梁宋唐邓冯韩曹彭肖蔡潘董袁杜魏吕沈姚卢姜崔谭廖范汪戴贾韦邱侯邹熊孟秦薛尹贺郝龚邵孔欧")
	// usual are surnames of many; some of them end ordinary words: 工程师傅.
	usual = runes("张黄周马何高林谢许曾程余叶蒋苏丁任傅钟田陆金石夏方江白段史陶顾毛万钱严武莫汤常温康牛樊葛邢安齐于")
)

func runes(s string) map[rune]bool {
	out := map[rune]bool{}
	for _, r := range s {
		out[r] = true
	}
	return out
}

func without(s, not string) map[rune]bool {
	out := runes(s)
	for _, r := range not {
		delete(out, r)
	}
	return out
}

func firstOf(lines []string) map[rune]string {
	out := map[rune]string{}
	for _, l := range lines {
		r := []rune(l)
		out[r[0]] = string(r[1:])
	}
	return out
}

// isOrdinary reports whether two characters are an ordinary word.
func isOrdinary(a, b rune) bool { return strings.ContainsRune(ordinary[a], b) }

const (
	// never are characters that no given name holds, nor ends in those of last.
	never = "的了吗呢吧啊呀哦嘛是我您你他她它们这那哪谁么就都还很太问说想让请找把被没不要会再又到对跟叫给个些什怎吃拉催收修坏漏堵查换打住处费表管压停报" +
		"水位地号路街区村庄院楼层室吨块米分秒点钟次件份帮替着过得也已从向或及与在"
	last = "有家人时候能应该先女电话手边上下去元日月来和交缴办"
	// given are characters that names are made of.
	// sure ends a name also behind what begins like an ordinary word.
	sure       = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞刚桂芬玲红国华斌辉鹏燕梅莉婷雪琳慧洁欣佳琪琦轩航博旭峰松荣祥瑞健志忠聪俊豪雄鸿毅辰珍珠玉鑫淑惠庆远阳龙生"
	givenNames = "当菱侨啸佐伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂芬玲红建国华文斌波辉云龙飞凤鹏燕梅莉婷雪琳倩萍慧颖洁晶欣怡佳嘉琪琦悦雨轩宇航浩博睿泽晨曦阳旭东春夏秋冬晓小大海江河山峰岩松柏林森树生荣昌盛兴旺福禄寿喜庆祥瑞吉安康健宁志忠孝仁义礼智信诚德善良贤才学思聪俊豪雄威武彪虎振宏鸿弘毅坚恒永久长远光亮辰星月日天宝珍珠玉金银铁钢石磊鑫锋锐利胜凯成功立新民主友爱和谐顺达通道正直清白素雅淑惠芝兰莲荷菊花香芹莎丹彤彩虹紫青碧翠绿蓝薇蕾萌蓉芸茜茹菲萱梓涵子梦诗韵音琴书画墨语言心如意可依若然宜静婉柔媛婧妍娇娅姗婵妮嫣丫妹姐弟仔儿根柱栓锁拴牛狗石头财有来运发富贵余广义厚纯朴守业继承先祖宗延绍传家兆启克景尚世万千百一二三四五六七八九十元亨利贞卫加劲力奋进跃腾飞升晋冠卓越群众伦理章法宪政治平川原野田园林泉溪泓淼洪润泽湘沛渝滨洲港岛岐峻岚崇嵩峥巍坤乾坦均培基增城垒艺蔚苗苹茂英莹荔莺菁美羽翔翰翼耀昊昆昕映晏晖晗景晴暄朋望朗朝木本权李杏杨柯栋标桐桦楠榕模殿毓汉沁泰洛浦淳渊源溢滔漫潇澄灿炎炜炳焕煜熙熠爽献玥珊珂珑珏珺琛琨琬琰瑜瑾瑶璇璐璟甜益睦瞳知硕磐祎祖祯禹秉科程稷穆立竞笑策筠米纪纬纲绍维绮缘网罗翠聚肖育能腾臣自舒航良艾芃芊芙芮芷苇若范茵荃莘萧葆葳蓓蔓薰虹蝶衍裕西观言誉训诗诺谦谨谷贝贞贤赫超路转轲辅辉达迅迎近远迪追途逸遥道郁郎重野鉴钊钦钧铎铭锦镇长门闯闻阔际陶隆雁雅雯霄霆露霖青韬顺颂颢风飒馨骁骏骥魁鲁鸣鸽鹤麒麟默齐招弟岚娥凤珠爱巧香菊桃萃存仕喜双全保士洲满仓丰年社会创奇岳帅宾宽富寅尧尔尚峰崴川州巍巧已帆师常干平年幼庄应康廉弛张彦彬彭影征律微必志怀恩恺情惠愉慈戈成扬承抒挺捷授政敬敏文斐新方施旋日旦旭易星春昭是显普晓智暖曙曼服杉杭果枫柳株格桑梁梓棋棠森椿楚榆"
)

var (
	givenRunes = without(givenNames, never)
	neverRunes = runes(never)
	lastRunes  = runes(last)
	sureRunes  = runes(sure)
)

// roles are what a name stands behind.
var roles = byLast(strings.Fields(`前台 导购 舅 叔 姑 姨 三叔 二姨 三姨 二舅 奶奶家 收银员 合伙人 装修工 瓦工 木工 锅炉工 清洁工 环卫工 教练 教授 店主 摊主 楼管 宿管 班主任 辅导员 家长 队员 乘客 租房的 业主 房东 房主 租客 租户 租住户 住户 户主 机主 车主 店主 业主代表 同事 同学 同乡 老乡 战友 队友 室友 舍友 闺蜜 朋友 邻居 街坊 对门 楼上 楼下 隔壁 亲戚 亲家 熟人
 爸 妈 爹 娘 爸爸 妈妈 父亲 母亲 老爸 老妈 爷爷 奶奶 姥爷 姥姥 外公 外婆 公公 婆婆 岳父 岳母 丈人 丈母娘 老公 老婆 丈夫 妻子 太太 先生 爱人 老伴 对象 媳妇 男友 女友 男朋友 女朋友 未婚妻 未婚夫
 儿子 女儿 闺女 姑娘 儿媳 儿媳妇 女婿 孙子 孙女 外孙 外孙女 侄子 侄女 侄儿 外甥 外甥女 哥 哥哥 大哥 二哥 姐 姐姐 大姐 二姐 弟 弟弟 妹 妹妹 表哥 表弟 表姐 表妹 堂哥 堂弟 堂姐 堂妹 嫂子 弟媳 姐夫 妹夫 叔叔 大叔 二叔 婶婶 姑姑 姑父 大姑 舅舅 大舅 舅妈 大姨 小姨 姨妈 姨夫 伯伯 大伯 伯父 伯母 干妈 干爹 保姆 月嫂 护工
 师傅 师父 徒弟 经理 老师 医生 大夫 主任 司机 院长 校长 园长 店长 队长 班长 组长 科长 处长 局长 所长 站长 部长 厂长 村长 书记 社长 会长 馆长 行长 护士长 护士 会计 出纳 保安 保洁 门卫 物业 管家 抄表员 收费员 维修工 维修员 抢修员 检修员 施工员 安装工 水管工 水电工 电工 工人 员工 职工 客服 客服人员 接线员 话务员 坐席 工作人员 维修人员 抢修人员 施工人员 抄表人员 负责人 经办人 经手人 代办人 受托人 联系人 联络人 委托人 代理人 申请人 产权人 所有人 使用人 投诉人 举报人 报修人 收件人 收货人 当事人 被投诉人 签字人 缴费人 监护人 继承人 法人 法人代表 法定代表人 老板 老板娘 总经理 中介 律师 民警 警官 警察 网格员 楼长 楼栋长 单元长 秘书 助理 主管 领导 干部 专员 技术员 工程师 监理 设计师 开发商 包工头 工头 快递员 骑手 外卖员 学生 孩子 小孩 老人 老大爷 老太太 大爷 大妈 大娘 阿姨 客户 用户 居民 顾客 病人 患者 当时的师傅 女士 同志 小伙子 志愿者 户名 姓名 名字 名叫 我叫 俺叫 他叫 她叫 叫做 本人 我是 我就是 这里是 这边是 他是 她是 就是 原户主 现户主 新户主 原业主 新业主 前业主 卖家 买家 房客 承租人 出租人 改成 改为 变更为 更名为 记者 村民 店员 营业员 柜员 值班员 调度员 化验员 巡线员`))

// weak are words behind which much else stands as well.
var weak = byLast(strings.Fields(`找 替 帮 托 给 跟 让 请 对 被 问 联系 委托 我 俺`))

// follows are what stands behind a name: words that only a person takes.
var follows = byFirst(strings.Fields(`水表 水费 户口 当 想 让 问 的 说 在 叫 要 来 去 打 给 是 和 跟 与 及 把 被 已 也 都 有 没 不 很 太 就 又 还 从 到 对 向 住 报 反映 投诉 申请 托 请 找 催 收 修 骂 吵 答应 态度 服务 上门 上午 上周 上个月 下午 下周 昨天 昨晚 今天 今早 明天 前天 刚 刚刚 刚才 正 正在 电话 手机 号码 身份证 户号 名下 先生 女士 小姐 同志 师傅 阿姨 老师 经理 主任 大夫 医生 大爷 大妈 大叔 大哥 大姐 表示 觉得 认为 打算 准备 来电 来访 过来 家 家里 那户 那家 这户 本人 夫妇 夫妻 一家 他 她 你 我 这 那 会 能 可以 需要 该 应该 去世 过世 生病 住院 出差 搬走 搬家 年纪 今年 腿脚 一直 一个人 总是 老是 经常 每次 每天 每月 连 之前 以前 以后 曾 曾经 于 将 将于 签 签字 签名 办 办理 代办 过户 缴费 交费 交 缴 留 写 接 回 告诉 拒绝 负责 带 帮 替 用 等 吃 喝 看 拿 做 开 换 装 拆 走 丢 忘 乱 凶 吗 呢 吧 啊 呀 了 么 啦`))

// strict are what only stands behind a name also where no role stands before.
var strict = byFirst(strings.Fields(`说要 说你 说没 说是 说不 说今 说明天 说水 要装 要换 要办 要开 要报 签 替他 替我 替她 想问 想咨询 想办 想查 想申请 想反映 想投诉 让我 托我 叫我 请我 要我 的电话 的手机 的号码 的身份证 的户 的房 的水表 的水费 的名 的单 的工单 的投诉 的报修 的家 的卡 家的 家里 家没水 家停水 家水 家漏 家在 说他 说她 说我 说家 跟我说 打电话 来电话 来电 反映 投诉 申请 报修 报的修 委托 名下 本人 先生 女士 小姐 同志 师傅 阿姨 老师 经理 主任 大夫 医生 大爷 大妈 大叔 大哥 大姐 队长 科长 院长 夫妇 夫妻 住在 住院 身份证 签的字 签字 弄坏 修的 接的电话 给我打 没给我 态度 上门 昨天 电话 手机`))

// titles are what stands behind a surname alone; the short ones only where
// they end no other word.
var (
	titles  = byFirst(strings.Fields(`师傅 师父 先生 女士 小姐 同志 阿姨 大爷 大妈 大叔 大娘 大姐 大哥 大嫂 叔叔 婶子 婶婶 嫂子 姐姐 哥哥 奶奶 爷爷 老师 经理 总经理 主任 医生 大夫 院长 校长 园长 店长 队长 班长 组长 科长 处长 局长 所长 站长 部长 厂长 村长 书记 会计 律师 护士 警官 教授 老板 老太 老爷子 老太太 老头 主席 秘书 医师 工程师 伯伯 同学  某某`))
	clipped = byFirst(strings.Fields(`姐 哥 叔 婶 嫂 姨 伯 总 工`))
)

// tails are ordinary words that end like a surname.
var tails = strings.Fields(`主任 责任 前任 现任 对方 地方 双方 官方 工程 流程 过程 全程 上周 下周 这周 每周 紧张 开张 经常 正常 异常 水平 治安 公安 合金 押金 现金 明白 开关 有关 无关 相关 机关 闸关 司马 罗马 老师 老房 教师 律师 厨师 技师`)

// aside are words that begin like 小王 or 王总 and are nobody.
var aside = byFirst(strings.Fields(`总是 总结 总共 总算 总体 总阀 总表 总管 总要 工程 工作 工地 工人 工资 工业 工具 工期 工单 工序 工会 工厂 工时 小范围`))

// naming is what any name may stand behind, and nobody what stands there
// instead of one.
var (
	naming   = byLast(strings.Fields(`我叫 俺叫 名字是 名字叫 姓名是 姓名为 联系人是 户主是 户主叫 户名是 户名为`))
	labelled = byLast(strings.Fields(`名字 姓名 联系人 户主 户名 业主 申请人 收件人`))
	nobody   = strings.Fields(`维修 物业 师傅 保安 开锁 救护 警察 修理 过户 信息 电话 变更 更正 错误 写错 可以 需要 本人 自己 不详 保密 匿名 姓名 一样 不同 一致 前任 现任 原来 之前`)
)
