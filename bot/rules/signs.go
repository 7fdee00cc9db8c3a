package rules

import "regexp"

// Signs that are never left to the classifier alone.
var (
	complaining = regexp.MustCompile(`(?:我要|要|想|必须|我来|再次|继续|强烈|已经|我)(?:你们)?(?:投诉|举报|曝光)|投诉你们|曝光你们|气死|忍无可忍|受不了|受够了|太差劲|不像话|踢皮球|推诿|敷衍|没人管|不作为|讨个?说法|给个说法|乱收费|态度(?:恶劣|很差|太差|极差|真差|差)|骂人|凭什么|坑人`)
	asking      = regexp.MustCompile(`(?:投诉|举报)(?:电话|热线|渠道|流程|时限|期限|处理|受理|回访|办理|之后|以后|了|后)?(?:是|有|要|需要|得|能|会|一般)?.{0,6}(?:多少|多久|哪些|哪里|怎么|如何|几天|什么|吗|几个|多长)`)
	injection   = regexp.MustCompile(`忽略(?:之前|以上|前面|上面|所有|一切|你).{0,12}(?:指令|规则|设定|提示|要求|内容)|ignore (?:all|previous|the|your|above)|system prompt|系统提示词?|提示词|开发者模式|dan模式|扮演|角色扮演|<\|im_|输出你的(?:设定|提示|规则)|repeat everything|越狱|jailbreak`)
	danger      = regexp.MustCompile(`中毒|投毒|食物中毒|触电|漏电|电死|带电|透析|手术.{0,6}(?:没水|停水|断水)|(?:拉肚子|腹泻|呕吐|上吐下泻|闹肚子|住院|送医|急诊|过敏|皮疹|起疹子|头晕|恶心).{0,30}(?:水)|水.{0,40}(?:拉肚子|腹泻|呕吐|上吐下泻|闹肚子|住院|送医|急诊|起疹子|皮疹|吐了)|(?:路|地)(?:面)?.{0,8}(?:塌|陷下去|陷了|下陷)|塌陷|塌方|掉(?:进|到|下).{0,6}井|(?:汽油|柴油|农药|化学|煤油|油漆|机油|刺鼻|油)(?:的)?(?:异)?味|死鱼|污染|(?:车|人).{0,6}(?:陷进|掉进|栽进|陷下|掉下|摔进)|井盖.{0,10}(?:没了|丢了|不见|缺失|没有|被偷|翘|破|塌|碎)|(?:没|缺|少|丢)(?:了)?(?:个)?井盖|(?:淹|倒灌|灌进|泡了|涌进|进水).{0,20}|医院.{0,14}(?:没水|停水|断水|没有水|无水)|(?:没水|停水|断水).{0,14}(?:医院|透析)|喷.{0,8}(?:米|层楼|楼)高|被困|救命|出人命|冲垮|消防.{0,8}没水`)
)

func complains(folded string) bool {
	return complaining.MatchString(folded) && !asking.MatchString(folded)
}
func injected(folded string) bool   { return injection.MatchString(folded) }
func endangered(folded string) bool { return danger.MatchString(folded) }
