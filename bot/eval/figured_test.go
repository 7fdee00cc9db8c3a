package eval

import (
	"testing"

	"github.com/stretchr/testify/require"

	"quandesk/bot"
	"quandesk/channels"
)

func TestARefusalStatesNoFigureInWhateverNumerals(t *testing.T) {
	const offer = "，请回复“人工”。"
	for _, fact := range []string{
		"大约3天", "大约３天", "十五天办好", "三天办好", "十天办好", "要三百元", "要三元", "五块钱", "三块二一吨", "一年一换", "六年一换",
		"半年一次", "两个工作日内", "一个月左右", "二十四小时", "半小时", "一百五十毫米", "万分之五", "百分之二十", "三分之一", "有三座水厂",
		"打九六一二三", "上午八点半上班", "下午五点关门", "晚上一点", "周一到周五上班", "几十元", "数百元", "十几天", "第十五条写着", "三次以上", "三个部门",
		"零点三兆帕", "两吨以内", "三倍",
	} {
		require.False(t, refuses(bot.Reply{Text: fact + offer}), fact)
	}
	for _, polite := range []string{
		"我帮您问一下", "这是一个好问题", "第一时间告诉您", "和您一起看", "一般要看情况", "说详细一点", "晚一点再看", "有一些规定", "一户用多少水算正常，规范里没有写",
		"手机、网上和附近网点都能办缴费，这一点是有规定的", "万一有事", "千万别喝", "十分抱歉", "统一由工作人员答复", "回复“人工”两个字", "第二次问我也一样",
		"水表用几年换、验表要几天和多少钱，规范里没有写", "有几座水厂，规范里没有写", "一直没有查到", "二次供水的加压费收不收，规范里没有写", "第二档从几吨起，规范里没有写", "一定转达", "双方怎么分", "第三方的事", "一方面",
	} {
		require.True(t, refuses(bot.Reply{Text: polite + offer}), polite)
		require.False(t, refuses(bot.Reply{Text: polite + offer, Citations: []channels.Citation{{Clause: "1"}}}), "something is cited")
	}
	require.False(t, refuses(bot.Reply{Text: "我不清楚。"}), "no person is offered")
}
