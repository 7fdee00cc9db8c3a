package eval

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAFactIsTheSameInWhateverWords(t *testing.T) {
	for _, c := range []struct {
		text, fact string
		said       bool
	}{
		{"20分钟内联系您", "二十分钟", true},
		{"二十分钟内联系您", "20分钟", true},
		{"２０ 分钟内联系您", "20分钟", true},
		{"两天内办结", "2日", true},
		{"48个小时", "四十八个钟头", true},
		{"二十四小时", "24钟头", true},
		{"20个工作日", "二十工作日", true},
		{"一百二十元", "120元", true}, {"三百五", "350", true}, {"一千零五元", "1005元", true},
		{"一万二千元", "12000元", true}, {"一万二", "12000", true}, {"3万元", "三万元", true}, {"3,000元", "三千元", true},
		{"五零二室", "502", true}, {"十二号楼", "12号楼", true}, {"十二月三号", "12月3号", true},
		{"16：00", "16:00", true}, {"见11.2条", "11.2", true},
		// A whole number is meant.
		{"20分钟", "0分钟", false}, {"120分钟", "20分钟", false}, {"二十分钟", "十分钟", false}, {"20分钟", "2", false},
		{"您等了30，20分钟内联系您", "20分钟", true}, {"1、20分钟", "20分钟", true}, {"统一20分钟", "20分钟", true},
		{"1.5日", "5日", false}, {"11.20条", "11.2", false}, {"116:00", "16:00", false},
		{"每方16.9元", "每方6.9元", false}, {"大约三百元", "大约三百", true}, {"大约3000元", "大约三百", false},
		// A long one has a beginning and an end.
		{"电话18663770428", "0428", true}, {"186****0428", "0428", true}, {"电话186 6377 0428", "电话18663770428", true},
		{"电话18663770428", "6377", false}, {"电话18663770428", "28", false}, {"TS-20261120-0001", "20", false},
		{"他的电话是13812345678", "他的电话是1", true}, {"他的电话是120", "他的电话是1", false},
		// Hundreds.
		{"三百元", "百元", true}, {"300元", "百元", true}, {"几百元", "百元", true}, {"3000元", "百元", false}, {"万分之五", "万分之五", true},
		// Paid and free.
		{"可以修，但要收费", "有偿", true}, {"按成本收费", "有偿", true}, {"不要收费", "有偿", false}, {"免费", "有偿", false},
		{"不收费", "免费", true}, {"不用花钱", "免费", true}, {"要收费", "免费", false},
		{"免费指导", "无偿", true}, {"指导不收钱", "无偿", true}, {"要收费", "无偿", false},
		{"紧急信息马上公开", "即时", true}, {"20个工作日内公开", "即时", false},
		{"停水超过24小时", "24 hours", true}, {"停水超过12小时", "24 hours", false}, {"2日内办结", "2 days", true},
		{"没有数字", "20分钟", false}, {"一对一", "一对一", true},
	} {
		require.Equal(t, c.said, said(c.text, c.fact), "%s in %s: %q in %q", c.fact, c.text, facts(c.fact), facts(c.text))
	}
}
