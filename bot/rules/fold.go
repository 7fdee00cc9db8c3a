package rules

import (
	_ "embed"
	"strings"
	"unicode"
)

// respell undoes what ears, dialect and keyboards do to the words of this
// trade: Jinan speech (木有, 咋, 啥, 俺) and mis-heard compounds (停谁, 睡表).
// It is used for understanding only; slots stay as they were written.
var respell = strings.NewReplacer(
	"木有", "没有", "么有", "没有", "冇", "没有", "木得", "没得", "咋着", "怎么", "咋整", "怎么办",
	"咋", "怎么", "啥时候", "什么时候", "啥", "什么", "么时候", "什么时候", "俺们", "我们", "俺", "我",
	"恁", "你", "嘛时候", "什么时候", "沒", "没", "木水", "没水", "莫水", "没水", "没睡", "没水",
	"停谁", "停水", "停睡", "停水", "听水", "停水", "亭水", "停水", "听睡", "停水", "婷水", "停水",
	"自来谁", "自来水", "自来睡", "自来水", "谁表", "水表", "睡表", "水表", "水标", "水表",
	"谁压", "水压", "睡压", "水压", "水鸭", "水压", "水呀低", "水压低", "水牙", "水压",
	"谁费", "水费", "睡费", "水费", "水肺", "水费", "谁管", "水管", "睡管", "水管", "水官", "水管",
	"谁质", "水质", "睡质", "水质", "水制", "水质", "谁龙头", "水龙头", "睡龙头", "水龙头",
	"楼水", "漏水", "露水", "漏水", "漏谁", "漏水", "漏睡", "漏水", "冒谁", "冒水", "冒睡", "冒水",
	"爆官", "爆管", "爆关", "爆管", "报管", "爆管", "暴管", "爆管",
	"投素", "投诉", "头诉", "投诉", "投宿", "投诉", "透诉", "投诉", "偷诉", "投诉", "投述", "投诉",
	"抱修", "报修", "保修", "报修", "报休", "报修", "报壮", "报装", "抱装", "报装",
	"发荒", "发黄", "发慌", "发黄", "发皇", "发黄", "混着", "浑浊", "混浊", "浑浊", "异位", "异味",
	"工弹", "工单", "公单", "工单", "崔单", "催单", "发飘", "发票", "过乎", "过户", "过护", "过户",
	"人公", "人工", "任工", "人工", "井改", "井盖", "井该", "井盖", "景盖", "井盖", "警盖", "井盖",
	"骄费", "缴费", "焦费", "缴费", "交肺", "交费", "二次公水", "二次供水", "供谁", "供水", "公水", "供水",
	"管抱", "管爆", "馆爆", "管爆", "医元", "医院", "急珍", "急诊", "极诊", "急诊", "透西", "透析", "下谢", "下泻", "中读", "中毒", "触店", "触电", "漏店", "漏电",
	"塌线", "塌陷", "塌现", "塌陷", "搭陷", "塌陷", "井概", "井盖", "井丐", "井盖", "电花", "电话", "时侯", "时候", "知会", "通知", "支会", "通知",
	"ting shui", "停水", "tingshui", "停水", "lou shui", "漏水", "loushui", "漏水", "mei shui", "没水", "meishui", "没水",
	"shui fa huang", "水发黄", "shui huang", "水黄", "shui ya", "水压", "shuiya", "水压", "shui biao", "水表", "shuibiao", "水表",
	"shui fei", "水费", "shuifei", "水费", "fa piao", "发票", "fapiao", "发票", "guo hu", "过户", "guohu", "过户", "tou su", "投诉",
	"tousu", "投诉", "bao xiu", "报修", "baoxiu", "报修", "ren gong", "人工", "rengong", "人工",
	"刺水", "滋水", "兹水", "滋水", "吱水", "滋水", "血压", "身体", "回仿", "回访", "会访", "回访", "消户", "销户", "校户", "销户", "更明", "更名",
)

// fold brings a text to the form that is compared: narrow, lower case,
// common spelling, without what cannot be seen.
func fold(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= 0xff01 && r <= 0xff5e:
			r -= 0xfee0
		case r == 0x3000:
			r = ' '
		case unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Mn, r):
			return -1
		}
		return unicode.ToLower(r)
	}, s)
	return respell.Replace(s)
}

//go:embed pinyin.txt
var pinyinTable string

// sounds gives every common character the number of its syllable, so that a
// mis-heard word is close to the word that was meant.
type sounds map[rune]uint16

func newSounds() sounds {
	s := make(sounds, 7000)
	for i, line := range strings.Split(strings.TrimSpace(pinyinTable), "\n") {
		for _, r := range line {
			s[r] = uint16(i + 1)
		}
	}
	return s
}
